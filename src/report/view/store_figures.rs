//! Figures of a store, or of all stores: those asked for first, those that moved most, stores beside each other.

use serde_json::{Value, json};

use super::super::spec::{ChartKind, Format, StoreFigureSpec, StoreFiguresSpec};
use super::cells::{self, Cell, NOTHING};
use super::chart::{self, Drawing, Mark};
use super::group::store_name;
use super::table::{Only, read_at};
use super::{Context, minus_or_plus};
use crate::expr::types::Schema;
use crate::money::{Exact, show};
use crate::run::outcome::Published;

/// How many figures that moved most are shown where a report does not say.
const MOVERS: usize = 8;

/// A figure in both months.
struct Figure {
    label: String,
    format: Format,
    now: Option<Exact>,
    before: Option<Exact>,
}

impl Figure {
    fn read(cx: Context<'_>, only: &Only<'_>, spec: &StoreFigureSpec) -> Result<Self, String> {
        let at = |what: String| format!("figure `{}` of `{}`: {what}", spec.column, spec.frame);
        let published = cx.outcome.published.get(&spec.frame);
        let published = published.ok_or_else(|| at("no pipeline publishes the frame".to_owned()))?;
        let field = published.schema.get(&spec.column);
        let format = match &spec.by {
            Some(_) => Format::Percent,
            None => field.map_or(Format::Decimal, |field| cells::format_of(&field.ty)),
        };
        Ok(Self {
            label: spec
                .label
                .clone()
                .or_else(|| field.map(|field| field.label.to_string()))
                .unwrap_or_else(|| spec.column.clone()),
            format: spec.format.unwrap_or(format),
            now: value(cx, only, spec, published, false).map_err(at)?,
            before: value(cx, only, spec, published, true).map_err(at)?,
        })
    }

    fn written(&self, value: Option<&Exact>) -> String {
        value.map_or_else(|| NOTHING.to_owned(), |value| cells::written_number(value, self.format))
    }

    /// Difference to the month before; in points where the figure is a share.
    fn change(&self) -> Option<Exact> {
        Some(self.now.as_ref()?.sub(self.before.as_ref()?))
    }

    /// The difference as a share of the month before; nothing where that is 0.
    fn relative(&self) -> Option<Exact> {
        self.change()?.div(&self.before.as_ref()?.abs())
    }

    fn written_change(&self, cx: Context<'_>) -> String {
        let Some(change) = self.change() else { return NOTHING.to_owned() };
        let written = match self.format {
            Format::Percent => {
                let points = show::fixed(&change.mul(&Exact::from_i128(100)), 2);
                cx.messages.fill("percent_points", &[("points", &cells::minus(points))])
            }
            format => cells::written_number(&change, format),
        };
        minus_or_plus(written, &change)
    }

    fn json(&self, cx: Context<'_>) -> Value {
        json!({
            "label": self.label,
            "value": self.written(self.now.as_ref()),
            "before": self.written(self.before.as_ref()),
            "change": self.written_change(cx),
            "relative": self.relative().map_or_else(|| NOTHING.to_owned(), |share| signed_percent(&share)),
        })
    }
}

fn signed_percent(share: &Exact) -> String {
    minus_or_plus(cells::minus(show::percent(share, 1)), share)
}

/// The sum of a column, or of two the quotient; nothing where no row holds a number.
fn value(
    cx: Context<'_>,
    only: &Only<'_>,
    spec: &StoreFigureSpec,
    published: &Published,
    before: bool,
) -> Result<Option<Exact>, String> {
    let Some(frame) = (if before { published.before.as_ref() } else { Some(&published.frame) }) else {
        let over = as_published(cx, only, spec, &spec.column);
        return Ok(match &spec.by {
            None => over,
            Some(by) => over.zip(as_published(cx, only, spec, by)).and_then(|(over, under)| over.div(&under)),
        });
    };
    let rows = only.rows(cx, &spec.frame, published, before)?;
    let schema: &Schema = &published.schema;
    let sum = |column: &str| -> Result<Option<Exact>, String> {
        let cells = read_at(frame, schema, column, &rows)?;
        let numbers = cells.iter().flatten().filter_map(Cell::number);
        Ok(numbers
            .fold(None, |sum: Option<Exact>, number| Some(sum.map_or_else(|| number.clone(), |sum| sum.add(number)))))
    };
    let over = sum(&spec.column)?;
    match &spec.by {
        None => Ok(over),
        Some(by) => Ok(over.zip(sum(by)?).and_then(|(over, under)| over.div(&under))),
    }
}

/// The sum of a column over stores as the month before was published, for frames that are not computed anew for it; a
/// store whose figure was not kept leaves no sum.
fn as_published(cx: Context<'_>, only: &Only<'_>, spec: &StoreFigureSpec, column: &str) -> Option<Exact> {
    let values = cx.outcome.earlier.get(&(spec.frame.clone(), column.to_owned()))?;
    let month = cx.outcome.period.previous();
    let all = cx.outcome.stores.iter().map(|store| store.store_id.as_str());
    let mut sum = Exact::zero();
    for store in all.filter(|store| only.store_id.is_none_or(|only| only == *store)) {
        sum = sum.add(&Exact::from_decimal(*values.get(&(store.to_owned(), month))?));
    }
    Some(sum)
}

/// Figures in their order, those left out that the store does not have in either month.
pub(super) fn key_figures(cx: Context<'_>, only: &Only<'_>, spec: &StoreFiguresSpec) -> Result<Value, String> {
    let mut figures = Vec::new();
    for one in &spec.figures {
        let figure = Figure::read(cx, only, one)?;
        if figure.now.is_some() || figure.before.is_some() {
            figures.push(figure.json(cx));
        }
    }
    Ok(json!({ "figures": figures }))
}

/// Those that moved most for their size, among those that both months hold; what was 0 before moved by no share.
pub(super) fn movers(cx: Context<'_>, only: &Only<'_>, spec: &StoreFiguresSpec) -> Result<Value, String> {
    let mut moved: Vec<(Exact, Figure)> = Vec::new();
    let mut both = 0_usize;
    for one in &spec.figures {
        let figure = Figure::read(cx, only, one)?;
        both += usize::from(figure.now.is_some() && figure.before.is_some());
        if let Some(relative) = figure.relative().filter(|relative| !relative.is_zero()) {
            moved.push((relative, figure));
        }
    }
    moved.sort_by_key(|(relative, _)| std::cmp::Reverse(relative.abs()));
    moved.truncate(spec.at_most.unwrap_or(MOVERS));
    let rows: Vec<Value> = moved.iter().map(|(_, figure)| figure.json(cx)).collect();
    let marks = moved.iter().map(|(relative, figure)| Mark {
        label: figure.label.clone(),
        value: Some(relative.clone()),
        before: None,
        target: None,
    });
    let drawing = Drawing {
        kind: ChartKind::BarTarget,
        axis: cx.messages.get("change_of_before").to_owned(),
        format: Format::Percent,
        compared: true,
        marks: marks.collect(),
    };
    let counted = cx.messages.fill("movers_among", &[("count", &both.to_string())]);
    Ok(json!({
        "rows": rows,
        "among": if rows.is_empty() { cx.messages.get("no_month_before").to_owned() } else { counted },
        "chart": if rows.is_empty() { Value::Null } else { chart::changes(cx, &drawing) },
    }))
}

/// A row for each store and a column for each figure; a field is the darker, the greater its figure is among the stores.
pub(super) fn heat(cx: Context<'_>, spec: &StoreFiguresSpec) -> Result<Value, String> {
    let stores = &cx.outcome.stores;
    let mut columns: Vec<Vec<Figure>> = Vec::new();
    for one in &spec.figures {
        let of = stores.iter().map(|store| Figure::read(cx, &Only::store(store), one));
        columns.push(of.collect::<Result<_, _>>()?);
    }
    let ends: Vec<Option<(Exact, Exact)>> = columns
        .iter()
        .map(|figures| {
            let known = || figures.iter().filter_map(|figure| figure.now.as_ref());
            Some((known().min()?.clone(), known().max()?.clone()))
        })
        .collect();
    let rows: Vec<Value> = stores
        .iter()
        .enumerate()
        .map(|(at, store)| {
            let cells = columns.iter().zip(&ends).filter_map(|(figures, ends)| {
                let figure = figures.get(at)?;
                let level = figure.now.as_ref().zip(ends.as_ref()).map(|(value, (least, most))| {
                    let share = value.sub(least).div(&most.sub(least));
                    show::fixed(&share.unwrap_or_else(Exact::zero), 4)
                });
                let text = figure.written(figure.now.as_ref());
                Some(json!({ "text": text, "level": level.unwrap_or_default() }))
            });
            json!({ "label": store_name(cx, &store.store_id), "cells": cells.collect::<Vec<_>>() })
        })
        .collect();
    let heads: Vec<String> =
        columns.iter().filter_map(|figures| figures.first().map(|figure| figure.label.clone())).collect();
    Ok(json!({ "chart": chart::field(cx, heads, rows) }))
}
