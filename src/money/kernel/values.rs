//! The borders of the kernel: polars columns to exact numbers and back to canonical text.

use std::collections::BTreeMap;
use std::fmt::Write;

use polars::prelude::{Column, DataType, IntoSeries, PlSmallStr, Series, StringChunked, StringChunkedBuilder};

use crate::money::exact::Exact;

/// One column, read: a value per row, or one value for all rows.
#[derive(Clone, Debug)]
pub struct Values(Held);

#[derive(Clone, Debug)]
enum Held {
    Numbers {
        cells: Vec<Option<Exact>>,
        /// Causes of the rows whose text is no exact number; their cells are absent.
        faults: BTreeMap<usize, String>,
    },
    Bools(Vec<Option<bool>>),
    /// Another column's single row, for all rows.
    Same(Box<Values>),
    Absent,
    Unreadable(String),
}

impl Values {
    /// Reads a column of any type; what is no exact number or bool becomes a cause when it is asked for.
    /// A column of one row stands for as many as are asked for, as everywhere in polars.
    pub fn read(column: &Column) -> Self {
        let same = |series: &Series| Self(Held::Same(Box::new(Self::read_series(series))));
        match column.as_scalar_column() {
            Some(scalar) if !column.is_empty() => same(&scalar.as_single_value_series()),
            _ if column.len() == 1 => same(column.as_materialized_series()),
            _ => Self::read_series(column.as_materialized_series()),
        }
    }

    fn read_series(series: &Series) -> Self {
        let held = match series.dtype() {
            DataType::Int64 => series.i64().map(|ca| numbers(ca.iter().map(|n| n.map(Exact::from)).collect())),
            DataType::UInt32 => {
                series.u32().map(|ca| numbers(ca.iter().map(|n| n.map(|n| Exact::from(i64::from(n)))).collect()))
            }
            DataType::Decimal(_, scale) => match u8::try_from(*scale) {
                Ok(scale) => series.decimal().map(|ca| {
                    let number = |unscaled| Exact::from_decimal_parts(unscaled, scale);
                    numbers(ca.physical().iter().map(|n| n.map(number)).collect())
                }),
                Err(_) => Ok(Held::Unreadable(format!("a decimal with {scale} places"))),
            },
            DataType::String => series.str().map(read_text),
            DataType::Boolean => series.bool().map(|ca| Held::Bools(ca.iter().collect())),
            DataType::Null => Ok(Held::Absent),
            other => Ok(Held::Unreadable(format!("a column of type {other} holds no exact numbers"))),
        };
        Self(held.unwrap_or_else(|error| Held::Unreadable(error.to_string())))
    }

    /// The number of a row; absent is `Ok(None)`.
    ///
    /// # Errors
    /// The cause, where the row holds no exact number or does not exist.
    pub fn number(&self, row: usize) -> Result<Option<&Exact>, String> {
        match &self.0 {
            Held::Numbers { cells, faults } => match cells.get(row) {
                Some(Some(number)) => Ok(Some(number)),
                Some(None) => faults.get(&row).map_or(Ok(None), |cause| Err(cause.clone())),
                None => Err(NO_ROW.to_owned()),
            },
            Held::Bools(_) => Err("a column of type bool holds no exact numbers".to_owned()),
            Held::Same(one) => one.number(0),
            Held::Absent => Ok(None),
            Held::Unreadable(cause) => Err(cause.clone()),
        }
    }

    /// The bool of a row; unknown is `Ok(None)`.
    ///
    /// # Errors
    /// The cause, where the row holds no bool or does not exist.
    pub fn bool(&self, row: usize) -> Result<Option<bool>, String> {
        match &self.0 {
            Held::Bools(bools) => bools.get(row).copied().ok_or_else(|| NO_ROW.to_owned()),
            Held::Numbers { .. } => Err("a column of numbers holds no true and false".to_owned()),
            Held::Same(one) => one.bool(0),
            Held::Absent => Ok(None),
            Held::Unreadable(cause) => Err(cause.clone()),
        }
    }
}

fn numbers(cells: Vec<Option<Exact>>) -> Held {
    Held::Numbers { cells, faults: BTreeMap::new() }
}

fn read_text(texts: &StringChunked) -> Held {
    let mut faults = BTreeMap::new();
    let mut cells = Vec::with_capacity(texts.len());
    for (row, text) in texts.iter().enumerate() {
        let number = text.and_then(Exact::parse_canonical);
        if let (Some(text), None) = (text, &number) {
            faults.insert(row, format!("`{text}` is not an exact number"));
        }
        cells.push(number);
    }
    Held::Numbers { cells, faults }
}

const NO_ROW: &str = "the column ends before this row";

/// A column of canonical text from numbers; absent numbers are null.
pub fn exact_column<'a>(name: &str, numbers: impl ExactSizeIterator<Item = Option<&'a Exact>>) -> Column {
    let mut builder = StringChunkedBuilder::new(PlSmallStr::from_str(name), numbers.len());
    let mut text = String::new();
    for number in numbers {
        text.clear();
        match number.map(|number| write!(text, "{number}")) {
            Some(Ok(())) => builder.append_value(&text),
            // Writing into a `String` does not fail.
            Some(Err(_)) | None => builder.append_null(),
        }
    }
    builder.finish().into_series().into()
}
