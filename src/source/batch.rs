//! Rows of a file, parsed straight into columns.
//!
//! A batch is a run of neighbouring rows; the batches of a file may be parsed at the same time. Every
//! physical row that is offered is counted once: blank, repeated header, total row, or data. A bad row
//! keeps its place in the columns until the fates are decided, so that its key and amounts still count.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::{
    BooleanChunkedBuilder, ChunkedBuilder, Int32Type, Int64Type, Int128Type, IntoSeries, PlSmallStr,
    PrimitiveChunkedBuilder, Series, StringChunkedBuilder,
};

use crate::diag::text::text;
use crate::diag::visible::masked;
use crate::expr::clock;

use super::cell::{CellFault, Epoch, Value, month_of};
use super::codes::{ROW_INTERVAL, ROW_WIDTH};
use super::contract::{CellType, Column, Contract};
use super::header::{Mapping, half_width, normal};
use crate::world::hash::{quick_number, quick_text};

/// Digits from which on a number may be an account.
const LONG_NUMBER: usize = 12;

/// A row of cells as a reader hands it over.
pub(crate) trait Row {
    /// Whether a cell beyond the header means that the row has slipped.
    const SLIPS: bool;
    /// Number of cells.
    fn width(&self) -> usize;
    /// Whether nothing but white space stands in a cell.
    fn is_blank(&self, position: usize) -> bool;
    /// A cell as messages show it.
    fn text(&self, position: usize) -> Cow<'_, str>;
    /// What the contract makes of a cell.
    fn parse<'a>(&'a self, position: usize, column: &Column, epoch: Epoch) -> Result<Value<'a>, CellFault>;
}

/// A fault of a cell or row, with what stood there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowFault {
    /// Index of the column in the contract; `None` when the row as a whole is at fault.
    pub(crate) column: Option<usize>,
    /// The cell as it stood.
    pub(crate) value: String,
    /// What is wrong.
    pub(crate) fault: CellFault,
}

/// A row that broke its contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadRow {
    /// Index among the data rows.
    pub(crate) index: usize,
    /// All that is wrong with it.
    pub(crate) faults: Vec<RowFault>,
    /// Whether nothing but text stands in it, as in a line of signatures below a total row.
    pub(crate) is_remark: bool,
}

/// The export's own total row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TotalRow {
    /// Physical row.
    pub(crate) row: u32,
    /// The total of the control column; what stood there where it cannot be read.
    pub(crate) total: Result<i128, String>,
}

/// A text with a character that no reader would see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hidden {
    /// Physical row.
    pub(crate) row: u32,
    /// Index of the column in the contract.
    pub(crate) column: usize,
    /// The first such character.
    pub(crate) character: char,
}

/// A run of rows as columns; rows count from 1 at the first row of the file, or of the run.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// One per column of the contract.
    pub(crate) columns: Vec<Series>,
    /// Physical row of each data row.
    pub(crate) rows: Vec<u32>,
    /// Hash of the key of each data row.
    pub(crate) key_hashes: Vec<u64>,
    /// Rows that broke the contract.
    pub(crate) bad: Vec<BadRow>,
    /// Total rows.
    pub(crate) totals: Vec<TotalRow>,
    /// Texts with hidden characters.
    pub(crate) hidden: Vec<Hidden>,
    /// Indexes of data rows whose date lies outside the period.
    pub(crate) outside: Vec<u32>,
    /// Data rows by month of their date.
    pub(crate) months: BTreeMap<i32, usize>,
    /// Sum of the control column over the data rows where it can be read.
    pub(crate) control: i128,
    /// Physical rows seen.
    pub(crate) physical: u32,
    /// Of these: blank rows and repeated headers.
    pub(crate) not_data: usize,
}

impl Batch {
    /// Counts a row by the month of its date; `month` is the one of the file.
    fn dated(&mut self, day: i32, index: usize, month: i32) {
        let own = month_of(day);
        *self.months.entry(own).or_insert(0) += 1;
        if own != month {
            self.outside.push(u32::try_from(index).unwrap_or(u32::MAX));
        }
    }
}

/// What a column is to the contract beside being read.
#[derive(Clone, Copy, Debug, Default)]
struct Role {
    key: bool,
    control: bool,
    in_period: bool,
    first_day: bool,
    last_day: bool,
}

/// Reads rows into a batch.
pub(crate) struct BatchReader<'a> {
    contract: &'a Contract,
    mapping: Arc<Mapping>,
    /// The period, as months since the year 0.
    month: i32,
    epoch: Epoch,
    roles: Vec<Role>,
    builders: Vec<Builder>,
    batch: Batch,
}

impl<'a> BatchReader<'a> {
    /// A reader for about `rows` rows of a period.
    pub(crate) fn new(contract: &'a Contract, mapping: Arc<Mapping>, month: i32, epoch: Epoch, rows: usize) -> Self {
        let (first_day, last_day) = contract.interval.clone().unzip();
        let columns = contract.columns.iter().enumerate();
        let roles = columns.map(|(index, column)| Role {
            key: contract.key.contains(&index),
            control: contract.control == Some(index),
            in_period: contract.in_period == Some(index),
            first_day: first_day.as_ref() == Some(&column.name),
            last_day: last_day.as_ref() == Some(&column.name),
        });
        let builders = contract.columns.iter().map(|column| Builder::new(column, rows)).collect();
        Self { contract, mapping, month, epoch, roles: roles.collect(), builders, batch: Batch::default() }
    }

    /// Counts rows in which nothing stands.
    pub(crate) fn blank(&mut self, count: u32) {
        self.batch.physical += count;
        self.batch.not_data += usize::try_from(count).unwrap_or(usize::MAX);
    }

    /// Reads the next physical row.
    pub(crate) fn push<R: Row + ?Sized>(&mut self, cells: &R) {
        self.batch.physical += 1;
        let row = self.batch.physical;
        let Some(first) = (0..cells.width()).find(|position| !cells.is_blank(*position)) else {
            self.batch.not_data += 1;
            return;
        };
        if self.is_total(cells, first) {
            let total = self.total(cells);
            self.batch.totals.push(TotalRow { row, total });
        } else if self.is_header(cells, first) {
            self.batch.not_data += 1;
        } else {
            self.data(row, cells);
        }
    }

    /// The batch with its columns.
    pub(crate) fn finish(self) -> Batch {
        let mut batch = self.batch;
        batch.columns = self.builders.into_iter().map(Builder::finish).collect();
        batch
    }

    fn is_total<R: Row + ?Sized>(&self, cells: &R, first: usize) -> bool {
        let Some(label) = &self.contract.total_row else { return false };
        let text = cells.text(first);
        let starts = |c: char| label.starts_with(half_width(c).to_ascii_lowercase());
        text.trim_start().starts_with(starts) && normal(&text) == *label
    }

    fn is_header<R: Row + ?Sized>(&self, cells: &R, first: usize) -> bool {
        let headers = &self.mapping.headers;
        let same = |position: usize| headers.get(position).is_some_and(|header| header == cells.text(position).trim());
        same(first) && self.mapping.positions.iter().flatten().all(|position| same(*position))
    }

    fn total<R: Row + ?Sized>(&self, cells: &R) -> Result<i128, String> {
        let control = self.contract.control.and_then(|index| {
            let position = self.mapping.positions.get(index).copied().flatten()?;
            Some((position, self.contract.columns.get(index)?))
        });
        let Some((position, column)) = control else { return Err(String::new()) };
        // A sum may have more digits than a row.
        let mut column = column.clone();
        column.nullable = false;
        match &mut column.cell {
            CellType::Decimal { digits, .. } => *digits = 38,
            CellType::Int { digits } => *digits = 18,
            _ => {}
        }
        match cells.parse(position, &column, self.epoch) {
            Ok(Value::Decimal(total)) => Ok(total),
            Ok(Value::Int(total)) => Ok(i128::from(total)),
            _ => Err(cells.text(position).into_owned()),
        }
    }

    /// A fault as everybody may read it. In a row that has slipped, what is masked stands under another header: of a
    /// dataset that masks something, no long number is printed.
    fn unmasked(&self, fault: RowFault, is_masked: bool) -> RowFault {
        let masks = || self.contract.columns.iter().any(|column| column.masked);
        let long = fault.value.chars().filter(char::is_ascii_digit).count() >= LONG_NUMBER;
        if !(is_masked || long && masks()) {
            return fault;
        }
        let message = text!("what stands there cannot be read");
        RowFault { value: masked(&fault.value), fault: CellFault { message, ..fault.fault }, ..fault }
    }

    fn data<R: Row + ?Sized>(&mut self, row: u32, cells: &R) {
        let index = self.batch.rows.len();
        let mut faults = Vec::new();
        let mut key_hash = 0;
        let (mut first_day, mut last_day) = (None, None);
        let mut only_text = true;
        for (number, (column, role)) in self.contract.columns.iter().zip(&self.roles).enumerate() {
            let position = self.mapping.positions.get(number).copied().flatten();
            let value = position.map_or(Ok(Value::Null), |position| cells.parse(position, column, self.epoch));
            let value = value.unwrap_or_else(|fault| {
                let value = position.map_or(String::new(), |position| cells.text(position).into_owned());
                only_text &= column.cell == CellType::Text || value.trim().is_empty();
                faults.push(self.unmasked(RowFault { column: Some(number), value, fault }, column.masked));
                Value::Null
            });
            if role.key {
                key_hash = hash(&value, key_hash);
            }
            match &value {
                Value::Text(_, Some(character)) => {
                    self.batch.hidden.push(Hidden { row, column: number, character: *character });
                }
                Value::Null => {}
                Value::Decimal(number) if role.control => self.batch.control += number,
                Value::Int(number) if role.control => self.batch.control += i128::from(*number),
                Value::Date(day) => {
                    if role.in_period {
                        self.batch.dated(*day, index, self.month);
                    }
                    if role.first_day {
                        first_day = Some(*day);
                    }
                    if role.last_day {
                        last_day = Some((number, *day));
                    }
                }
                Value::DateTime(moment) if role.in_period => {
                    if let Ok(day) = i32::try_from(moment.div_euclid(clock::DAY)) {
                        self.batch.dated(day, index, self.month);
                    }
                }
                _ => {}
            }
            only_text &= matches!(value, Value::Null | Value::Text(..));
            if let Some(builder) = self.builders.get_mut(number) {
                builder.push(value);
            }
        }
        if let (Some(first), Some((number, last))) = (first_day, last_day)
            && last < first
        {
            let position = self.mapping.positions.get(number).copied().flatten();
            let value = position.map_or(String::new(), |position| cells.text(position).into_owned());
            let fault = CellFault {
                code: ROW_INTERVAL,
                message: text!("the last day lies before the first"),
                remedy: text!("mend one of the two days"),
            };
            faults.push(RowFault { column: Some(number), value, fault });
        }
        if R::SLIPS {
            let fault = slipped(cells, self.mapping.headers.len());
            faults.extend(fault.map(|fault| self.unmasked(fault, false)));
        }
        self.batch.rows.push(row);
        self.batch.key_hashes.push(key_hash);
        if !faults.is_empty() {
            self.batch.bad.push(BadRow { index, faults, is_remark: only_text });
        }
    }
}

/// The fault of a row with filled cells beyond its header.
fn slipped<R: Row + ?Sized>(cells: &R, header: usize) -> Option<RowFault> {
    let beyond = (header..cells.width()).find(|position| !cells.is_blank(*position))?;
    let fault = CellFault {
        code: ROW_WIDTH,
        message: text!(
            "the row has a filled cell in column {column}, the header ends with column {header}",
            column = beyond + 1,
            header
        ),
        remedy: text!("a text with a comma is not in quotes: export the file again, or mend the row"),
    };
    Some(RowFault { column: None, value: cells.text(beyond).into_owned(), fault })
}

fn hash(value: &Value<'_>, so_far: u64) -> u64 {
    match value {
        Value::Null => quick_text(so_far, None),
        Value::Text(text, _) => quick_text(so_far, Some(text)),
        Value::Int(number) => quick_number(so_far, i128::from(*number)),
        Value::Decimal(number) => quick_number(so_far, *number),
        Value::Date(day) => quick_number(so_far, i128::from(*day)),
        Value::DateTime(moment) => quick_number(so_far, i128::from(*moment)),
        Value::Bool(value) => quick_number(so_far, i128::from(*value)),
    }
}

/// Values of one column on their way to a series.
enum Builder {
    Text(StringChunkedBuilder),
    Int(PrimitiveChunkedBuilder<Int64Type>),
    Decimal(PrimitiveChunkedBuilder<Int128Type>, usize),
    Date(PrimitiveChunkedBuilder<Int32Type>),
    DateTime(PrimitiveChunkedBuilder<Int64Type>),
    Bool(BooleanChunkedBuilder),
}

impl Builder {
    fn new(column: &Column, rows: usize) -> Self {
        let name = PlSmallStr::from_str(&column.name);
        match &column.cell {
            CellType::Text => Self::Text(StringChunkedBuilder::new(name, rows)),
            CellType::Int { .. } => Self::Int(PrimitiveChunkedBuilder::new(name, rows)),
            CellType::Decimal { scale, .. } => {
                Self::Decimal(PrimitiveChunkedBuilder::new(name, rows), usize::from(*scale))
            }
            CellType::Date => Self::Date(PrimitiveChunkedBuilder::new(name, rows)),
            CellType::DateTime { .. } => Self::DateTime(PrimitiveChunkedBuilder::new(name, rows)),
            CellType::Bool { .. } => Self::Bool(BooleanChunkedBuilder::new(name, rows)),
        }
    }

    fn push(&mut self, value: Value<'_>) {
        match (self, value) {
            (Self::Text(builder), Value::Text(text, _)) => builder.append_value(text),
            (Self::Text(builder), _) => builder.append_null(),
            (Self::Int(builder), Value::Int(number)) => builder.append_value(number),
            (Self::Int(builder), _) => builder.append_null(),
            (Self::Decimal(builder, _), Value::Decimal(number)) => builder.append_value(number),
            (Self::Decimal(builder, _), _) => builder.append_null(),
            (Self::Date(builder), Value::Date(day)) => builder.append_value(day),
            (Self::Date(builder), _) => builder.append_null(),
            (Self::DateTime(builder), Value::DateTime(moment)) => builder.append_value(moment),
            (Self::DateTime(builder), _) => builder.append_null(),
            (Self::Bool(builder), Value::Bool(value)) => builder.append_value(value),
            (Self::Bool(builder), _) => builder.append_null(),
        }
    }

    fn finish(self) -> Series {
        match self {
            Self::Text(builder) => builder.finish().into_series(),
            Self::Int(builder) => builder.finish().into_series(),
            Self::Decimal(builder, scale) => builder.finish().into_decimal_unchecked(38, scale).into_series(),
            Self::Date(builder) => builder.finish().into_date().into_series(),
            Self::DateTime(builder) => builder.finish().into_datetime(clock::UNIT, None).into_series(),
            Self::Bool(builder) => builder.finish().into_series(),
        }
    }
}
