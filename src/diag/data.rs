//! Trouble with data: exceptions a person must know of, quarantined rows, and the fate of every row.
//!
//! Plain values, shared by the readers, the steps and the run; nothing here decides anything.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Code;
use super::text::Text;

/// A store of the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Store {
    /// Id, as folders and frames write it.
    pub store_id: String,
    /// Name on reports.
    pub name: String,
}

/// How bad an exception is; ordered, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExceptionSeverity {
    /// Nothing is made.
    Fatal,
    /// Only a draft is made.
    Blocking,
    /// The person's lines are held back, the rest is published.
    Held,
    /// Would block or hold, but stands in `accepted.yaml`.
    Accepted,
    /// Published and counted.
    Warning,
}

impl ExceptionSeverity {
    /// The word in tables and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fatal => "fatal",
            Self::Blocking => "blocking",
            Self::Held => "held",
            Self::Accepted => "accepted",
            Self::Warning => "warning",
        }
    }
}

/// Something about the data that a person must know of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// How bad.
    pub severity: ExceptionSeverity,
    /// Kind.
    pub code: Code,
    /// Store, where one is concerned.
    pub store_id: Option<String>,
    /// Employee, where one is concerned.
    pub employee_id: Option<String>,
    /// Whom or what it concerns, as printed: a person, a DMS name, a file.
    pub who: String,
    /// Cause, with file, row, column and value where rows are concerned.
    pub cause: Text,
    /// What to do.
    pub remedy: Text,
    /// Yuan at stake, where it can be said.
    pub stake: Option<Decimal>,
    /// Reason and expiry from `accepted.yaml`.
    pub accepted: Option<Text>,
    /// The row of a file that alone is at fault; an acceptance names it.
    pub place: Option<RowPlace>,
}

/// A physical row of an input file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowPlace {
    /// Dataset that the file was read as: two sheets of one workbook are two datasets.
    pub dataset: Arc<str>,
    /// Path relative to the data folder.
    pub file: Arc<str>,
    /// Row number as a spreadsheet shows it, from 1.
    pub row: u32,
}

/// What became of the rows of one file in one pipeline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowFate {
    /// Store.
    pub store_id: String,
    /// Dataset.
    pub dataset: Arc<str>,
    /// Pipeline that read it; empty for fates decided while reading.
    pub pipeline: String,
    /// File, relative to the data folder.
    pub file: Arc<str>,
    /// Fate.
    pub fate: Fate,
    /// Step at which it was decided, and why; empty while reading.
    pub step: Text,
    /// How many rows.
    pub rows: usize,
    /// Sum of the contract's control column, where it has one.
    pub control: Option<Decimal>,
}

/// What became of a physical row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Reached an aggregate, a pay line or a published frame.
    Used,
    /// A filter dropped it.
    Filtered,
    /// A join found nobody for it.
    Unmatched,
    /// The same row stood there already.
    Duplicate,
    /// Broke its contract.
    Quarantined,
    /// Title, header, blank or total row.
    NotData,
    /// Nothing in the pipeline asked for it.
    Unread,
}

impl Fate {
    /// All of them, in the order in which they are printed.
    pub const ALL: [Self; 7] =
        [Self::Used, Self::Filtered, Self::Unmatched, Self::Duplicate, Self::Quarantined, Self::NotData, Self::Unread];

    /// The word in tables and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Filtered => "filtered",
            Self::Unmatched => "unmatched",
            Self::Duplicate => "duplicate",
            Self::Quarantined => "quarantined",
            Self::NotData => "not-data",
            Self::Unread => "unread",
        }
    }
}

/// A fault of one cell, or of a whole row, that kept the row out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantinedRow {
    /// Store.
    pub store_id: String,
    /// Dataset.
    pub dataset: Arc<str>,
    /// File, relative to the data folder.
    pub file: Arc<str>,
    /// Sheet, where the file has sheets.
    pub sheet: String,
    /// Physical row, from 1.
    pub row: usize,
    /// Header of the column; empty when the row as a whole is at fault.
    pub column: String,
    /// The cell's text as it stood.
    pub value: String,
    /// Kind of fault.
    pub code: Code,
    /// What is wrong and how to mend it.
    pub fault: Text,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InputFile {
    /// Path relative to the data folder.
    pub file: String,
    /// Dataset that it was read as: two sheets of one workbook are two datasets.
    pub dataset: String,
    /// SHA-256 of the bytes that were parsed.
    pub sha256: String,
    /// Physical rows.
    pub rows: usize,
}
