//! Cells as exceptions print them: enough to find the row in the export. Figures of files stand as they are; an
//! exact fraction, which no file holds, stands with six places behind a `≈`.

use polars::prelude::*;

use crate::diag::text::{Text, text};
use crate::expr::{Expr, clock};
use crate::money::exact::Exact;
use crate::money::show;

/// Places of a fraction.
const PLACES: u8 = 6;

/// One cell.
pub(super) fn cell(column: &Column, row: usize) -> String {
    match column.get(row) {
        Ok(AnyValue::Null) | Err(_) => "absent".to_owned(),
        Ok(AnyValue::Datetime(micros, ..) | AnyValue::DatetimeOwned(micros, ..)) => {
            clock::moment(micros).map_or_else(|| micros.to_string(), clock::show)
        }
        Ok(value) => match value.get_str() {
            Some(text) => text.to_owned(),
            None => value.to_string(),
        },
    }
}

/// One cell, as a detail of what is said.
pub(super) fn value(column: &Column, row: usize) -> Text {
    match column.get(row) {
        Ok(AnyValue::Null) | Err(_) => text!("absent"),
        Ok(AnyValue::Boolean(true)) => text!("true"),
        Ok(AnyValue::Boolean(false)) => text!("false"),
        Ok(_) => Text::from(cell(column, row)),
    }
}

/// Several cells of a row: `output = 12.00, cars = 3`.
pub(super) fn cells<T: AsRef<str>>(frame: &DataFrame, row: usize, names: impl Iterator<Item = T>) -> Text {
    let shown = names.filter_map(|name| {
        let column = frame.column(name.as_ref()).ok()?;
        Some(text!("{name} = {value}", name = Text::column(name.as_ref()), value = value(column, row)))
    });
    Text::Row(shown.collect())
}

/// The columns of a row that an expression reads: `output = 12.00, attainment = ≈0.666667`.
pub(super) fn operands(frame: &DataFrame, row: usize, expr: &Expr) -> Text {
    let exact = expr.exact_columns();
    let shown = expr.columns().into_iter().filter_map(|name| {
        let column = frame.column(&name).ok()?;
        let fraction = number(column, row).filter(|_| exact.contains(&name));
        let value = fraction.map_or_else(|| value(column, row), |number| Text::from(show::number(&number, PLACES)));
        Some(text!("{name} = {value}", name = Text::column(&name), value))
    });
    Text::Row(shown.collect())
}

/// The number in a cell; `None` where it is absent or no number.
pub(super) fn number(column: &Column, row: usize) -> Option<Exact> {
    match column.get(row).ok()? {
        AnyValue::Int64(whole) => Some(Exact::from_i128(i128::from(whole))),
        AnyValue::UInt32(whole) => Some(Exact::from_i128(i128::from(whole))),
        AnyValue::Decimal(unscaled, _, scale) => Some(Exact::from_decimal_parts(unscaled, u8::try_from(scale).ok()?)),
        other => Exact::parse_canonical(other.get_str()?),
    }
}
