//! Single cells of frames, exactly: for traces, pay lines and messages.

use jiff::civil::{Date, DateTime};
use polars::prelude::*;

use crate::expr::clock;
use crate::expr::types::{Kind, Schema};
use crate::expr::unit::Unit;
use crate::money::{Exact, Rounding, show};

/// One value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// Nothing.
    Absent,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(Exact),
    /// A day.
    Date(Date),
    /// A moment.
    Moment(DateTime),
    /// Text.
    Text(String),
}

impl Cell {
    /// The number, where it is one.
    pub fn number(&self) -> Option<&Exact> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The exact value as text: `7803/8`, `2026-10-01`, `2026-10-01 09:30:00`, empty where absent.
    pub fn canonical(&self) -> String {
        match self {
            Self::Absent => String::new(),
            Self::Bool(value) => value.to_string(),
            Self::Number(number) => number.to_canonical(),
            Self::Date(date) => date.to_string(),
            Self::Moment(moment) => clock::show(*moment),
            Self::Text(text) => text.clone(),
        }
    }

    /// The value as people read it in a unit: yuan with two decimals and thousands separators, a ratio as a
    /// percentage, the rest as it is.
    pub fn shown(&self, unit: &Unit) -> String {
        match self {
            Self::Absent => "—".to_owned(),
            Self::Bool(true) => "是".to_owned(),
            Self::Bool(false) => "否".to_owned(),
            Self::Number(number) => shown(number, unit),
            Self::Date(date) => date.to_string(),
            Self::Moment(moment) => clock::show(*moment),
            Self::Text(text) => text.clone(),
        }
    }
}

/// A number in its unit: exact wherever its decimals end within six places, otherwise rounded behind a `≈`.
fn shown(number: &Exact, unit: &Unit) -> String {
    if *unit == Unit::base("yuan") && number.round(2, Rounding::HalfUp) == *number {
        return show::amount(number);
    }
    if unit.is_ratio() && !number.is_whole() {
        let percent = show::number(&number.mul(&Exact::from_i128(100)), 4);
        return if percent.starts_with('≈') {
            format!("≈{}", show::percent(number, 2))
        } else {
            format!("{percent}%")
        };
    }
    show::number(number, 6)
}

/// The value of a column in a row; absent where frame and kind disagree.
pub fn cell(frame: &DataFrame, row: u32, column: &str, kind: Kind) -> Cell {
    let Ok(column) = frame.column(column) else { return Cell::Absent };
    let Ok(value) = column.get(row as usize) else { return Cell::Absent };
    of(&value, kind)
}

/// A value of the column engine as a cell.
pub fn of(value: &AnyValue<'_>, kind: Kind) -> Cell {
    match value {
        AnyValue::Boolean(value) => Cell::Bool(*value),
        AnyValue::Int64(value) => Cell::Number(Exact::from_i128(i128::from(*value))),
        AnyValue::Decimal(value, _, scale) => {
            u8::try_from(*scale).map_or(Cell::Absent, |scale| Cell::Number(Exact::from_decimal_parts(*value, scale)))
        }
        AnyValue::Date(days) => day(*days).map_or(Cell::Absent, Cell::Date),
        AnyValue::Datetime(micros, ..) | AnyValue::DatetimeOwned(micros, ..) => {
            clock::moment(*micros).map_or(Cell::Absent, Cell::Moment)
        }
        AnyValue::String(text) => text_cell(text, kind),
        AnyValue::StringOwned(text) => text_cell(text, kind),
        _ => Cell::Absent,
    }
}

fn text_cell(text: &str, kind: Kind) -> Cell {
    if kind == Kind::Exact {
        Exact::parse_canonical(text).map_or(Cell::Absent, Cell::Number)
    } else {
        Cell::Text(text.to_owned())
    }
}

/// The civil day of a polars date.
pub fn day(days: i32) -> Option<Date> {
    let span = jiff::Span::new().try_days(days).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(span).ok()
}

/// The polars date of a civil day.
pub fn days(date: Date) -> i32 {
    date.since(jiff::civil::date(1970, 1, 1)).map_or(0, |span| span.get_days())
}

/// A frame of columns of cells, in the order of the schema; `None` where their lengths differ.
pub fn frame(columns: &[Vec<Cell>], schema: &Schema, height: usize) -> Option<DataFrame> {
    let columns = schema.fields.iter().zip(columns).map(|(field, cells)| column(&field.name, field.ty.kind, cells));
    DataFrame::new(height, columns.collect::<Option<Vec<Column>>>()?).ok()
}

/// A column of cells as frames hold its kind; a cell of another kind becomes null.
pub fn column(name: &str, kind: Kind, cells: &[Cell]) -> Option<Column> {
    let name = PlSmallStr::from_str(name);
    let number = |cell: &Cell, scale: u8| cell.number().and_then(|number| number.to_unscaled(scale));
    let series = match kind {
        Kind::Bool => {
            let values = cells.iter().map(|cell| if let Cell::Bool(value) = cell { Some(*value) } else { None });
            BooleanChunked::from_iter_options(name, values).into_series()
        }
        Kind::Text | Kind::Exact => {
            let values = cells.iter().map(|cell| if *cell == Cell::Absent { None } else { Some(cell.canonical()) });
            StringChunked::from_iter_options(name, values).into_series()
        }
        Kind::Date => {
            let values = cells.iter().map(|cell| if let Cell::Date(date) = cell { Some(days(*date)) } else { None });
            Int32Chunked::from_iter_options(name, values).into_date().into_series()
        }
        Kind::DateTime => {
            let micros =
                |cell: &Cell| if let Cell::Moment(moment) = cell { Some(clock::micros(*moment)) } else { None };
            let moments = Int64Chunked::from_iter_options(name, cells.iter().map(micros));
            moments.into_datetime(clock::UNIT, None).into_series()
        }
        Kind::Int => {
            let values = cells.iter().map(|cell| number(cell, 0).and_then(|value| i64::try_from(value).ok()));
            Int64Chunked::from_iter_options(name, values).into_series()
        }
        Kind::Decimal { scale, .. } => {
            let values = cells.iter().map(|cell| number(cell, scale));
            let unscaled = Int128Chunked::from_iter_options(name, values);
            unscaled.into_decimal(38, usize::from(scale)).ok()?.into_series()
        }
    };
    Some(series.into())
}
