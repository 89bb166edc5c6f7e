//! A section over a published frame: rows of the month, the month before beside them, a total row, a chart.

use std::collections::BTreeMap;

use polars::frame::DataFrame;
use serde_json::{Value, json};

use super::super::spec::{ChartKind, Format, ReportColumnSpec, TableSpec, Total};
use super::cells::{self, Cell, NOTHING};
use super::{Context, Section};
use crate::expr::types::Schema;
use crate::money::{Exact, show};
use crate::run::outcome::Store;

/// Cells of the columns a section asks for, row by row.
struct Rows {
    columns: BTreeMap<String, Vec<Option<Cell>>>,
    count: usize,
}

impl Rows {
    /// The rows of one store; the columns that `table` names.
    fn read(frame: &DataFrame, schema: &Schema, table: &TableSpec, only: &Only<'_>) -> Result<Self, String> {
        let chart = table.chart.iter();
        let names = table
            .key
            .iter()
            .chain(table.columns.iter().flat_map(|column| [&column.column].into_iter().chain(&column.total_of)))
            .chain(chart.flat_map(|chart| [&chart.label, &chart.value].into_iter().chain(&chart.target)));
        let kept = only.rows(frame, schema)?;
        let mut columns = BTreeMap::new();
        for name in names {
            if !columns.contains_key(name) {
                let mut cells = read(frame, schema, name)?;
                let cells = kept.iter().map(|row| cells.get_mut(*row).and_then(Option::take)).collect();
                columns.insert(name.clone(), cells);
            }
        }
        Ok(Self { columns, count: kept.len() })
    }

    fn cell(&self, column: &str, row: usize) -> Option<&Cell> {
        self.columns.get(column)?.get(row)?.as_ref()
    }

    fn number(&self, column: &str, row: usize) -> Option<&Exact> {
        self.cell(column, row).and_then(Cell::number)
    }

    fn key(&self, key: &[String], row: usize) -> Vec<Option<&Cell>> {
        key.iter().map(|column| self.cell(column, row)).collect()
    }

    /// Sum of the numbers of a column; `None` where no row holds one.
    fn sum(&self, column: &str) -> Option<Exact> {
        let numbers = (0..self.count).filter_map(|row| self.number(column, row));
        numbers.fold(None, |sum, number| Some(sum.map_or_else(|| number.clone(), |sum: Exact| sum.add(number))))
    }

    fn total(&self, column: &ReportColumnSpec) -> Option<Exact> {
        match (column.total, column.total_of.as_slice()) {
            (Total::None, _) => None,
            (Total::Sum, _) => self.sum(&column.column),
            (Total::Ratio, [over, under]) => self.sum(over)?.div(&self.sum(under)?),
            (Total::Ratio, _) => None,
        }
    }
}

/// Rows of one store, and of one value of further columns.
pub(super) struct Only<'a> {
    /// The store.
    pub(super) store_id: &'a str,
    /// Columns and what they must hold.
    pub(super) keys: Vec<(&'a str, Option<Cell>)>,
}

impl Only<'_> {
    /// Their numbers.
    pub(super) fn rows(&self, frame: &DataFrame, schema: &Schema) -> Result<Vec<usize>, String> {
        let stores = read(frame, schema, "store_id")?;
        let store = Some(Cell::Text(self.store_id.to_owned()));
        let mut kept: Vec<usize> = (0..stores.len()).filter(|row| stores.get(*row) == Some(&store)).collect();
        for (column, wanted) in &self.keys {
            let cells = read(frame, schema, column)?;
            kept.retain(|row| cells.get(*row) == Some(wanted));
        }
        Ok(kept)
    }
}

pub(super) fn read(frame: &DataFrame, schema: &Schema, name: &str) -> Result<Vec<Option<Cell>>, String> {
    let field = schema.get(name).ok_or_else(|| format!("the frame has no column `{name}`"))?;
    cells::column(frame, name, &field.ty)
}

/// A row of the table: where it stands in the month, and in the month before.
#[derive(Clone, Copy)]
struct Pair {
    now: Option<usize>,
    before: Option<usize>,
}

/// Whether a store has no row of a table, neither in the month nor in the month before.
pub(super) fn is_empty(cx: Context<'_>, store: &Store, table: &TableSpec) -> Result<bool, String> {
    let at = |what: String| format!("section `{}`: {what}", table.title);
    let published =
        cx.outcome.published.get(&table.frame).ok_or_else(|| at(format!("no pipeline publishes `{}`", table.frame)))?;
    let only = Only { store_id: &store.store_id, keys: Vec::new() };
    for frame in [Some(&published.frame), published.before.as_ref()].into_iter().flatten() {
        if !only.rows(frame, &published.schema).map_err(at)?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A section as its file says it, over the frame of the outcome.
pub(super) fn section(cx: Context<'_>, store: &Store, table: &TableSpec) -> Result<Section, String> {
    section_of(cx, &Only { store_id: &store.store_id, keys: Vec::new() }, table)
}

/// The same over some rows only.
pub(super) fn section_of(cx: Context<'_>, only: &Only<'_>, table: &TableSpec) -> Result<Section, String> {
    let at = |what: String| format!("section `{}`: {what}", table.title);
    let published =
        cx.outcome.published.get(&table.frame).ok_or_else(|| at(format!("no pipeline publishes `{}`", table.frame)))?;
    let schema = &published.schema;
    let now = Rows::read(&published.frame, schema, table, only).map_err(at)?;
    let before = match &published.before {
        Some(frame) => Some(Rows::read(frame, schema, table, only).map_err(at)?),
        None => None,
    };
    // Who stands in the month before only is shown where something of that month is.
    let compared = table.columns.iter().any(|column| column.before)
        || table.chart.as_ref().is_some_and(|chart| chart.kind == ChartKind::MonthPair);
    let before = before.filter(|_| compared);
    let pairs = pairs(&table.key, &now, before.as_ref());
    let formats: Vec<Format> = table
        .columns
        .iter()
        .map(|column| column.format.or_else(|| schema.get(&column.column).map(|field| cells::format_of(&field.ty))))
        .map(|format| format.unwrap_or(Format::Text))
        .collect();

    let heads: Vec<Value> = table
        .columns
        .iter()
        .zip(&formats)
        .map(|(column, format)| {
            let field = schema.get(&column.column);
            let label = column.label.clone().or_else(|| field.map(|field| field.label.to_string()));
            json!({
                "label": label.unwrap_or_else(|| column.column.clone()),
                "align": if *format == Format::Text { "left" } else { "right" },
                "before": if column.before { "yes" } else { "" },
            })
        })
        .collect();
    let rows: Vec<Vec<String>> = pairs.iter().map(|pair| row(table, &formats, &now, before.as_ref(), *pair)).collect();
    let mut total = Vec::new();
    for (column, format) in table.columns.iter().zip(&formats) {
        let written = |rows: Option<&Rows>| match rows.and_then(|rows| rows.total(column)) {
            Some(number) => cells::written_number(&number, *format),
            None if column.total == Total::None => String::new(),
            None => NOTHING.to_owned(),
        };
        total.push(written(Some(&now)));
        if column.before {
            total.push(written(before.as_ref()));
        }
    }
    let totalled = table.columns.iter().any(|column| column.total != Total::None) && !pairs.is_empty();
    let definitions: Vec<Value> = table
        .definitions
        .iter()
        .map(|one| json!({ "term": one.term, "text": one.text, "clause": one.clause.as_deref().unwrap_or_default() }))
        .collect();
    let (kind, chart) = chart(table, &formats, schema, &now, before.as_ref(), &pairs);
    let heading = (table.title.as_str(), table.note.as_deref().unwrap_or_default());
    let content = json!({
        "heads": heads,
        "rows": rows,
        "total": if totalled { total } else { Vec::new() },
        "definitions": definitions,
        "chart": chart,
    });
    Ok(Section { chart: kind, ..Section::new("table", heading, content) })
}

/// Rows of the month in their order, then those that only the month before has.
fn pairs(key: &[String], now: &Rows, before: Option<&Rows>) -> Vec<Pair> {
    let mut left: Vec<usize> = (0..before.map_or(0, |rows| rows.count)).collect();
    // A row of the month before stands beside one row only: a key that is not unique must not count it twice.
    let mut matching = |row: usize| {
        let rows = before?;
        let at = left.iter().position(|old| rows.key(key, *old) == now.key(key, row))?;
        Some(left.remove(at))
    };
    let mut pairs: Vec<Pair> = (0..now.count).map(|row| Pair { now: Some(row), before: matching(row) }).collect();
    pairs.extend(left.into_iter().map(|old| Pair { now: None, before: Some(old) }));
    pairs
}

fn row(table: &TableSpec, formats: &[Format], now: &Rows, before: Option<&Rows>, pair: Pair) -> Vec<String> {
    let mut cells = Vec::new();
    for (column, format) in table.columns.iter().zip(formats) {
        let this = pair.now.and_then(|row| now.cell(&column.column, row));
        let old = before.zip(pair.before).and_then(|(rows, row)| rows.cell(&column.column, row));
        // Who only stands in the month before still has a name.
        let this = if pair.now.is_none() && *format == Format::Text { old } else { this };
        cells.push(cells::written(this, *format));
        if column.before {
            cells.push(cells::written(old, *format));
        }
    }
    cells
}

/// Bars as texts and shares of the longest; shares are the only numbers a template computes with.
fn chart(
    table: &TableSpec,
    formats: &[Format],
    schema: &Schema,
    now: &Rows,
    before: Option<&Rows>,
    pairs: &[Pair],
) -> (&'static str, Value) {
    let Some(chart) = &table.chart else { return ("", Value::Null) };
    let format = table.columns.iter().zip(formats).find(|(column, _)| column.column == chart.value);
    let format =
        format.map(|(_, format)| *format).or_else(|| schema.get(&chart.value).map(|field| cells::format_of(&field.ty)));
    let format = format.unwrap_or(Format::Decimal);
    let (kind, second): (_, Box<dyn Fn(&Pair) -> Option<Exact>>) = match (chart.kind, &chart.target) {
        (ChartKind::BarTarget, Some(target)) => {
            ("bar_target", Box::new(move |pair| now.number(target, pair.now?).cloned()))
        }
        _ => ("month_pair", Box::new(move |pair| before?.number(&chart.value, pair.before?).cloned())),
    };
    let bars: Vec<(&Pair, Option<Exact>, Option<Exact>)> = pairs
        .iter()
        .filter(|pair| pair.now.is_some() || kind == "month_pair")
        .map(|pair| (pair, pair.now.and_then(|row| now.number(&chart.value, row).cloned()), second(pair)))
        .collect();
    let longest =
        bars.iter().flat_map(|(_, value, second)| [value, second]).flatten().max().cloned().unwrap_or_else(Exact::zero);
    let share = |number: Option<&Exact>| match number.and_then(|number| number.div(&longest)) {
        Some(share) if !share.is_negative() => show::fixed(&share, 4),
        _ => "0".to_owned(),
    };
    let words = |pair: &Pair, column: &str| {
        let this = pair.now.and_then(|row| now.cell(column, row));
        let old = || before.zip(pair.before).and_then(|(rows, row)| rows.cell(column, row));
        cells::written(this.or_else(old), Format::Text)
    };
    let labels: Vec<String> = bars.iter().map(|(pair, ..)| words(pair, &chart.label)).collect();
    let text = |number: &Option<Exact>| match number {
        Some(number) => cells::written_number(number, format),
        None => NOTHING.to_owned(),
    };
    let items: Vec<Value> = bars
        .iter()
        .zip(&labels)
        .map(|((pair, value, second), label)| {
            // Two bars of one name are told apart by their keys.
            let mut label = label.clone();
            if labels.iter().filter(|other| **other == label).count() > 1 {
                for column in table.key.iter().filter(|column| **column != chart.label) {
                    label = format!("{label} {}", words(pair, column));
                }
            }
            json!({
                "label": label,
                "value": text(value), "share": share(value.as_ref()),
                "second": text(second), "second_share": share(second.as_ref()),
            })
        })
        .collect();
    (kind, json!({ "items": items }))
}
