//! Contracts: dataset files whose names, types, units and roles have been checked.
//!
//! A [`Contract`] can be read against without a further question about its YAML.

use std::collections::BTreeSet;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::diag::Fault;
use crate::expr::types::{Kind, Name, Schema};

use super::pattern::PathPattern;
use super::spec::Expected;
use super::words::Words;

/// A mistake in a dataset file, below its top mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFault {
    /// Keys down to the scalar, an index of a list as digits: `["columns", "hours", "headers", "0"]`.
    pub path: Vec<String>,
    /// Whether the key itself is meant instead of its value.
    pub key: bool,
    /// What is wrong; its span counts inside the scalar's text.
    pub fault: Fault,
}

/// A checked dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct Contract {
    /// Name by which pipelines read it.
    pub name: Name,
    /// Title on reports.
    pub title: String,
    /// Whose file it is.
    pub of: Of,
    /// Where the file lies.
    pub path: PathPattern,
    /// How it is written.
    pub format: Format,
    /// Rows among which the header is looked for.
    pub header_within: usize,
    /// First filled cell of the export's own total row, in normal form.
    pub total_row: Option<String>,
    /// Stores that export it; `None` for all.
    pub stores: Option<BTreeSet<String>>,
    /// Whether a period without the file is refused.
    pub required: bool,
    /// Months in which a file is expected.
    pub months: Expected,
    /// Indexes of the key columns in [`Self::columns`].
    pub key: Vec<usize>,
    /// Earlier periods that `<name>.history` looks back.
    pub window: usize,
    /// Largest share of bad rows that is read all the same.
    pub bad_rows_at_most: Decimal,
    /// Index of the control column.
    pub control: Option<usize>,
    /// Index of the date column that must lie in the period.
    pub in_period: Option<usize>,
    /// Columns of the first and last day of what a row describes.
    pub interval: Option<(Name, Name)>,
    /// Index of the column that names the person concerned.
    pub belongs_to: Option<usize>,
    /// Index of the column that names who says what a row says.
    pub said_by: Option<usize>,
    /// Whether a bad row blocks.
    pub pay: bool,
    /// Whether a file without rows is in order.
    pub may_be_empty: bool,
    /// Whether the file may be the same as the month before.
    pub may_repeat: bool,
    /// The columns that are read, in the order of the file in YAML.
    pub columns: Vec<Column>,
    pub(super) schema: Schema,
    pub(super) open: Schema,
}

impl Contract {
    /// Columns of the frame: `store_id`, `period`, then those of the contract.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The columns that pipelines may read: all but the masked ones.
    pub fn open_schema(&self) -> &Schema {
        &self.open
    }

    /// Whether a store exports it.
    pub fn is_of(&self, store_id: &str) -> bool {
        self.stores.as_ref().is_none_or(|stores| stores.contains(store_id))
    }

    /// Names of the key columns.
    pub fn key_names(&self) -> impl Iterator<Item = &str> {
        self.key.iter().filter_map(|index| self.columns.get(*index)).map(|column| &*column.name)
    }
}

/// Whose files a dataset reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Exports, below the data folder.
    Exports,
    /// Tables of the published run of the month before.
    RunBefore,
}

impl Of {
    /// The word for the tables of the run before.
    pub const RUN_BEFORE: &'static str = "run-before";
}

/// How a file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited text.
    Csv {
        /// Encoding.
        encoding: Encoding,
        /// Byte between cells.
        delimiter: u8,
    },
    /// A sheet of a workbook.
    Xlsx {
        /// Its name; the first one where absent.
        sheet: Option<String>,
    },
}

/// Encodings of delimited text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without byte order mark.
    Utf8,
    /// GB18030, a superset of GBK and GB2312.
    Gb18030,
}

/// A column that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name in expressions.
    pub name: Name,
    /// What reports call it.
    pub label: Arc<str>,
    /// What its cells hold.
    pub cell: CellType,
    /// Headers as written.
    pub headers: Vec<String>,
    /// Whether a cell may be empty.
    pub nullable: bool,
    /// Whether the column may be missing.
    pub optional: bool,
    /// Texts that mean an empty cell.
    pub empty: Vec<String>,
    /// Texts that are allowed; all where there are none.
    pub values: Words,
    /// Whether nobody but a file for the bank or the payroll sees what stands there.
    pub masked: bool,
}

/// What the cells of a column hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellType {
    /// Text.
    Text,
    /// A whole number.
    Int {
        /// Digits in all, at most 18.
        digits: u8,
    },
    /// A decimal number.
    Decimal {
        /// Digits in all.
        digits: u8,
        /// Digits behind the point.
        scale: u8,
    },
    /// A civil day.
    Date,
    /// A day with a time of the day.
    DateTime {
        /// Whether a day without a time is its midnight; a fault where not.
        bare: bool,
    },
    /// Yes or no.
    Bool {
        /// Texts of yes.
        yes: Words,
        /// Texts of no.
        no: Words,
    },
}

impl CellType {
    /// Kind of the column in a frame.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Text => Kind::Text,
            Self::Int { .. } => Kind::Int,
            Self::Decimal { digits, scale } => Kind::Decimal { digits: *digits, scale: *scale },
            Self::Date => Kind::Date,
            Self::DateTime { .. } => Kind::DateTime,
            Self::Bool { .. } => Kind::Bool,
        }
    }
}
