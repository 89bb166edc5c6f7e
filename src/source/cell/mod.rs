//! Cells: what stands in a file, and the value the contract makes of it.
//!
//! A parser returns the value or a fault with its remedy; it never returns a value that the cell does not
//! plainly say.
#![expect(clippy::disallowed_types, reason = "a workbook holds its numbers as floats; they leave here as text")]

mod boolean;
mod date;
mod datetime;
mod number;
mod shown;
mod text;

use std::borrow::Cow;

use crate::diag::Code;
use crate::diag::text::{Text, text};

use super::codes::{CELL_EMPTY, CELL_ERROR, CELL_KIND};
use super::contract::{CellType, Column};

pub(crate) use date::{Epoch, month_of};
pub(crate) use shown::Shown;
pub(crate) use text::{is_blank, visible};

/// A cell as it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Raw<'a> {
    /// Nothing.
    Blank,
    /// Text: every cell of a CSV file.
    Text(Cow<'a, str>),
    /// A number of a sheet, with what its format shows.
    Number(f64, Shown),
    /// A number of a sheet that its format shows as a date.
    Serial(f64),
    /// A truth value of a sheet.
    Bool(bool),
    /// An error of a sheet, such as `#N/A`.
    Error(String),
}

impl Raw<'_> {
    /// Whether nothing but white space stands there.
    pub(crate) fn is_blank(&self) -> bool {
        match self {
            Self::Blank => true,
            Self::Text(text) => is_blank(text),
            _ => false,
        }
    }

    /// The cell as messages and the quarantine show it.
    pub(crate) fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::Blank => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(value, _) | Self::Serial(value) => Cow::Owned(number::shortest(*value)),
            Self::Bool(value) => Cow::Borrowed(if *value { "TRUE" } else { "FALSE" }),
            Self::Error(error) => Cow::Borrowed(error),
        }
    }
}

/// What the contract makes of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// An empty cell of a nullable column.
    Null,
    /// Text without white space around it, and the first character in it that no reader would see.
    Text(Cow<'a, str>, Option<char>),
    /// A whole number.
    Int(i64),
    /// A decimal number, as a whole number of its last place.
    Decimal(i128),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01 00:00, by the clock on the wall.
    DateTime(i64),
    /// Yes or no.
    Bool(bool),
}

/// Why a cell has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CellFault {
    /// Kind of fault.
    pub(crate) code: Code,
    /// What is wrong.
    pub(crate) message: Text,
    /// What to do about it.
    pub(crate) remedy: Text,
}

impl CellFault {
    fn new(code: Code, message: Text, remedy: Text) -> Self {
        Self { code, message, remedy }
    }
}

/// Reads a cell as its column asks.
pub(crate) fn parse<'a>(column: &Column, raw: &'a Raw<'_>, epoch: Epoch) -> Result<Value<'a>, CellFault> {
    if let Raw::Text(text) = raw {
        return parse_text(column, text, epoch);
    }
    match (raw, &column.cell) {
        (Raw::Blank, _) => empty(column),
        (Raw::Error(error), _) => Err(CellFault::new(
            CELL_ERROR,
            text!("the cell holds the error `{error}`", error),
            text!("mend the formula in the sheet or put the value in"),
        )),
        (Raw::Number(value, _) | Raw::Serial(value), CellType::Date) => {
            date::from_serial(*value, epoch).map(Value::Date)
        }
        (Raw::Number(value, _) | Raw::Serial(value), CellType::DateTime { bare }) => {
            datetime::from_serial(*value, *bare, epoch).map(Value::DateTime)
        }
        (Raw::Number(value, shown), CellType::Text) => {
            let text = number::as_id(*value, *shown)?;
            text::check(column, Cow::Owned(text))
        }
        (Raw::Number(value, shown), CellType::Int { digits }) => {
            number::from_float(*value, *shown, 0, *digits).and_then(number::whole).map(Value::Int)
        }
        (Raw::Number(value, shown), CellType::Decimal { digits, scale }) => {
            number::from_float(*value, *shown, *scale, *digits).map(Value::Decimal)
        }
        (Raw::Number(value, _), CellType::Bool { yes, no }) => {
            boolean::parse(&number::shortest(*value), yes, no).map(Value::Bool)
        }
        (Raw::Bool(value), CellType::Bool { .. }) => Ok(Value::Bool(*value)),
        (Raw::Text(_) | Raw::Serial(_) | Raw::Bool(_), _) => {
            let held = if matches!(raw, Raw::Bool(_)) { text!("a truth value") } else { text!("a date") };
            let wanted = match column.cell {
                CellType::Text => text!("text"),
                CellType::Bool { .. } => text!("yes or no"),
                _ => text!("a number"),
            };
            let remedy = text!("give the column its own format in the sheet and enter the value again");
            Err(CellFault::new(CELL_KIND, text!("the cell holds {held} where {wanted} is meant", held, wanted), remedy))
        }
    }
}

/// Reads text as its column asks: every cell of a CSV file comes through here.
pub(crate) fn parse_text<'a>(column: &Column, text: &'a str, epoch: Epoch) -> Result<Value<'a>, CellFault> {
    let text = text::bare(text);
    if text.is_empty() || column.empty.iter().any(|empty| empty == text) {
        return empty(column);
    }
    match &column.cell {
        CellType::Text => text::check(column, Cow::Borrowed(text)),
        CellType::Int { digits } => number::parse(text, 0, *digits).and_then(number::whole).map(Value::Int),
        CellType::Decimal { digits, scale } => number::parse(text, *scale, *digits).map(Value::Decimal),
        CellType::Date => date::parse(text, epoch).map(Value::Date),
        CellType::DateTime { bare } => datetime::parse(text, *bare, epoch).map(Value::DateTime),
        CellType::Bool { yes, no } => boolean::parse(text, yes, no).map(Value::Bool),
    }
}

fn empty<'a>(column: &Column) -> Result<Value<'a>, CellFault> {
    if column.nullable {
        return Ok(Value::Null);
    }
    let remedy = text!("fill it in, or make the column `nullable` in the contract");
    Err(CellFault::new(CELL_EMPTY, text!("the cell is empty"), remedy))
}
