//! A section over a published frame: rows of the month, the month before beside them, a total row, a chart.

use std::collections::{BTreeMap, VecDeque};

use polars::frame::DataFrame;
use serde_json::{Value, json};

use super::super::spec::{ChartKind, ChartSpec, Format, ReportColumnSpec, TableSpec, Total};
use super::cells::{self, Cell, NOTHING};
use super::chart::{self, Drawing, Mark};
use super::{Context, Section, balances};
use crate::expr::types::Schema;
use crate::money::Exact;
use crate::run::outcome::{Published, Store};

/// Cells of the columns a section asks for, row by row.
struct Rows {
    columns: BTreeMap<String, Vec<Option<Cell>>>,
    count: usize,
}

impl Rows {
    /// Rows of a frame; the columns that `table` names.
    fn read(frame: &DataFrame, schema: &Schema, table: &TableSpec, rows: &[usize]) -> Result<Self, String> {
        let names = table
            .key
            .iter()
            .chain(table.columns.iter().flat_map(|column| [&column.column].into_iter().chain(&column.total_of)))
            .chain(&table.rank)
            .chain(table.charts.iter().flat_map(|chart| chart.label.iter().chain([&chart.value]).chain(&chart.target)));
        let mut columns = BTreeMap::new();
        for name in names {
            if !columns.contains_key(name) {
                columns.insert(name.clone(), read_at(frame, schema, name, rows)?);
            }
        }
        Ok(Self { columns, count: rows.len() })
    }

    /// Puts the names of stores in place of their ids, in the columns that are written so.
    fn name_stores(&mut self, cx: Context<'_>, table: &TableSpec) {
        let named = table.columns.iter().filter(|column| column.format == Some(Format::Store));
        for name in named.map(|column| &column.column) {
            for cell in self.columns.get_mut(name).into_iter().flatten().flatten() {
                if let Cell::Text(text) = cell {
                    *text = super::group::store_name(cx, text);
                }
            }
        }
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

/// Which rows of a frame: those of one store or of all, and of one value of further columns.
pub(super) struct Only<'a> {
    /// The store; none for all of them.
    pub(super) store_id: Option<&'a str>,
    /// Columns and what they must hold.
    pub(super) keys: Vec<(&'a str, Option<Cell>)>,
}

impl<'a> Only<'a> {
    /// All rows of one store.
    pub(super) fn store(store: &'a Store) -> Self {
        Self { store_id: Some(&store.store_id), keys: Vec::new() }
    }

    /// All rows of all stores.
    pub(super) fn all() -> Self {
        Self { store_id: None, keys: Vec::new() }
    }

    /// Their numbers, in the month or in the month before.
    pub(super) fn rows(
        &self,
        cx: Context<'_>,
        name: &str,
        published: &Published,
        before: bool,
    ) -> Result<Vec<usize>, String> {
        let Some(frame) = (if before { published.before.as_ref() } else { Some(&published.frame) }) else {
            return Ok(Vec::new());
        };
        let mut kept = match self.store_id {
            None => (0..frame.height()).collect(),
            Some(store_id) => {
                let rows = cx.index.rows(name, before, store_id);
                rows.ok_or("the frame has no column `store_id`")?.to_vec()
            }
        };
        for (column, wanted) in &self.keys {
            let cells = read_at(frame, &published.schema, column, &kept)?;
            let mut same = cells.iter().map(|cell| cell == wanted);
            kept.retain(|_| same.next().unwrap_or(false));
        }
        Ok(kept)
    }
}

/// Cells of a column in some rows.
pub(super) fn read_at(
    frame: &DataFrame,
    schema: &Schema,
    name: &str,
    rows: &[usize],
) -> Result<Vec<Option<Cell>>, String> {
    let field = schema.get(name).ok_or_else(|| format!("the frame has no column `{name}`"))?;
    cells::column(frame, name, &field.ty, rows)
}

/// A row of the table: where it stands in the month, and in the month before.
#[derive(Clone, Copy)]
struct Pair {
    now: Option<usize>,
    before: Option<usize>,
}

/// Whether a table has no row, neither in the month nor in the month before.
pub(super) fn is_empty(cx: Context<'_>, only: &Only<'_>, table: &TableSpec) -> Result<bool, String> {
    let at = |what: String| format!("section `{}`: {what}", table.title);
    let published = published(cx, table)?;
    for before in [false, true] {
        if !only.rows(cx, &table.frame, published, before).map_err(at)?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn published<'a>(cx: Context<'a>, table: &TableSpec) -> Result<&'a Published, String> {
    let missing = || format!("section `{}`: no pipeline publishes `{}`", table.title, table.frame);
    cx.outcome.published.get(&table.frame).ok_or_else(missing)
}

/// A section as its file says it, over some rows of the frame of the outcome.
pub(super) fn section_of(cx: Context<'_>, only: &Only<'_>, table: &TableSpec) -> Result<Section, String> {
    let at = |what: String| format!("section `{}`: {what}", table.title);
    let published = published(cx, table)?;
    let schema = &published.schema;
    let rows = |frame: &DataFrame, before: bool| -> Result<Rows, String> {
        let rows = only.rows(cx, &table.frame, published, before)?;
        let mut rows = Rows::read(frame, schema, table, &rows)?;
        if !before {
            balances::check(cx, only, table, &rows.columns)?;
        }
        rows.name_stores(cx, table);
        Ok(rows)
    };
    let now = rows(&published.frame, false).map_err(at)?;
    let before = published.before.as_ref().map(|frame| rows(frame, true)).transpose().map_err(at)?;
    // Who stands in the month before only is shown where something of that month is.
    let compared =
        table.columns.iter().any(|column| column.before) || table.charts.iter().any(|chart| chart.kind.compares());
    let before = before.filter(|_| compared);
    let mut pairs = pairs(&table.key, &now, before.as_ref());
    let ranks = table.rank.as_ref().map(|column| rank(column, &now, &mut pairs));
    let formats: Vec<Format> = table
        .columns
        .iter()
        .map(|column| column.format.or_else(|| schema.get(&column.column).map(|field| cells::format_of(&field.ty))))
        .map(|format| format.unwrap_or(Format::Text))
        .collect();

    let mut heads: Vec<Value> = table
        .columns
        .iter()
        .zip(&formats)
        .map(|(column, format)| {
            let field = schema.get(&column.column);
            let label = column.label.clone().or_else(|| field.map(|field| field.label.to_string()));
            json!({
                "label": label.unwrap_or_else(|| column.column.clone()),
                "align": if matches!(format, Format::Text | Format::Store) { "left" } else { "right" },
                "before": if column.before { "yes" } else { "" },
            })
        })
        .collect();
    let mut rows: Vec<Vec<String>> =
        pairs.iter().map(|pair| row(table, &formats, &now, before.as_ref(), *pair)).collect();
    let mut total = Vec::new();
    if let Some(ranks) = ranks {
        heads.insert(0, json!({ "label": cx.messages.get("rank"), "align": "left", "before": "" }));
        rows.iter_mut().zip(ranks).for_each(|(row, rank)| row.insert(0, rank));
        total.push(String::new());
    }
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
    let charts = charts(cx, table, &formats, schema, (&now, before.as_ref()), &pairs);
    // A calendar says what its table would say.
    let in_place = table.charts_only || table.charts.iter().any(|chart| chart.kind == ChartKind::Calendar);
    let heading = (table.title.as_str(), table.note.as_deref().unwrap_or_default());
    let content = json!({
        "heads": heads,
        "rows": rows,
        "total": if totalled { total } else { Vec::new() },
        "definitions": definitions,
        "charts": charts,
        "in_place": if in_place { "yes" } else { "" },
    });
    Ok(Section::new("table", heading, content))
}

/// Rows of the month in their order, then those that only the month before has.
fn pairs(key: &[String], now: &Rows, before: Option<&Rows>) -> Vec<Pair> {
    // A row of the month before stands beside one row only: a key that is not unique must not count it twice.
    let mut left: BTreeMap<Vec<Option<&Cell>>, VecDeque<usize>> = BTreeMap::new();
    if let Some(rows) = before {
        for row in 0..rows.count {
            left.entry(rows.key(key, row)).or_default().push_back(row);
        }
    }
    let mut matching = |row: usize| left.get_mut(&now.key(key, row))?.pop_front();
    let mut pairs: Vec<Pair> = (0..now.count).map(|row| Pair { now: Some(row), before: matching(row) }).collect();
    let mut left: Vec<usize> = left.into_values().flatten().collect();
    left.sort_unstable();
    pairs.extend(left.into_iter().map(|old| Pair { now: None, before: Some(old) }));
    pairs
}

/// Sorts rows by a column, the greatest first and those without a value last; their places, equal ones the same.
fn rank(column: &str, now: &Rows, pairs: &mut [Pair]) -> Vec<String> {
    let value = |pair: &Pair| pair.now.and_then(|row| now.number(column, row));
    pairs.sort_by(|one, other| value(other).cmp(&value(one)));
    let mut places: Vec<String> = Vec::new();
    for (at, pair) in pairs.iter().enumerate() {
        let above = at.checked_sub(1).and_then(|above| Some((places.get(above)?, value(pairs.get(above)?)?)));
        let place = match (value(pair), above) {
            (None, _) => NOTHING.to_owned(),
            (Some(own), Some((place, above))) if above == own => place.clone(),
            (Some(_), _) => (at + 1).to_string(),
        };
        places.push(place);
    }
    places
}

fn row(table: &TableSpec, formats: &[Format], now: &Rows, before: Option<&Rows>, pair: Pair) -> Vec<String> {
    let mut cells = Vec::new();
    for (column, format) in table.columns.iter().zip(formats) {
        let this = pair.now.and_then(|row| now.cell(&column.column, row));
        let old = before.zip(pair.before).and_then(|(rows, row)| rows.cell(&column.column, row));
        // Who only stands in the month before still has a name.
        let this = if pair.now.is_none() && matches!(format, Format::Text | Format::Store) { old } else { this };
        cells.push(cells::written(this, *format));
        if column.before {
            cells.push(cells::written(old, *format));
        }
    }
    cells
}

/// The charts of a table, over its rows in their order.
fn charts(
    cx: Context<'_>,
    table: &TableSpec,
    formats: &[Format],
    schema: &Schema,
    (now, before): (&Rows, Option<&Rows>),
    pairs: &[Pair],
) -> Vec<Value> {
    let drawn = table.charts.iter().map(|spec| {
        let shown = table.columns.iter().zip(formats).find(|(column, _)| column.column == spec.value);
        let field = schema.get(&spec.value);
        let format = shown.map(|(_, format)| *format).or_else(|| field.map(|field| cells::format_of(&field.ty)));
        let label = shown.and_then(|(column, _)| column.label.clone());
        let label = spec.axis.clone().or(label).or_else(|| field.map(|field| field.label.to_string()));
        let drawing = Drawing {
            kind: spec.kind,
            axis: label.unwrap_or_else(|| spec.value.clone()),
            format: format.unwrap_or(Format::Decimal),
            compared: before.is_some(),
            marks: marks(table, spec, now, before, pairs),
        };
        chart::chart(cx, &drawing)
    });
    drawn.collect()
}

/// A mark for each row that the chart shows.
fn marks(table: &TableSpec, spec: &ChartSpec, now: &Rows, before: Option<&Rows>, pairs: &[Pair]) -> Vec<Mark> {
    let words = |pair: &Pair, column: &str| {
        let this = pair.now.and_then(|row| now.cell(column, row));
        let old = || before.zip(pair.before).and_then(|(rows, row)| rows.cell(column, row));
        cells::written(this.or_else(old), Format::Text)
    };
    let shown: Vec<&Pair> = pairs.iter().filter(|pair| pair.now.is_some() || spec.kind.compares()).collect();
    let labels: Vec<String> =
        shown.iter().map(|pair| spec.label.as_ref().map_or_else(String::new, |label| words(pair, label))).collect();
    let marks = shown.iter().zip(&labels).map(|(pair, own)| {
        // Two bars of one name are told apart by their keys.
        let mut label = own.clone();
        if !own.is_empty() && labels.iter().filter(|other| *other == own).count() > 1 {
            for column in table.key.iter().filter(|column| Some(*column) != spec.label.as_ref()) {
                label = format!("{label} {}", words(pair, column));
            }
        }
        let number = |column: &str| pair.now.and_then(|row| now.number(column, row).cloned());
        Mark {
            label,
            value: number(&spec.value),
            before: before.zip(pair.before).and_then(|(rows, row)| rows.number(&spec.value, row).cloned()),
            target: spec.target.as_ref().and_then(|target| number(target)),
        }
    });
    marks.collect()
}
