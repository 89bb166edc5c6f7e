//! What a run computes, before any of it is written: people, pay lines with their traces, exceptions,
//! row fates and the frames that analytics publish.
//!
//! Reports are pure views of an [`Outcome`]; nothing here reads or writes a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use polars::frame::DataFrame;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::diag::Code;
use crate::expr::types::{Name, Schema};

/// Everything one run of one period computed for all its stores.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The period, `2026-10`.
    pub period: Period,
    /// Title of the project file.
    pub title: String,
    /// Stores in the order of the project file.
    pub stores: Vec<Store>,
    /// Everybody whom a plan covers in the period, by store and employee id; who has no line too.
    pub people: Vec<Person>,
    /// Pay lines, by store, employee and the order of plans and lines.
    pub pay_lines: Vec<PayLine>,
    /// Exceptions, fatal ones first, then by store and person.
    pub exceptions: Vec<Exception>,
    /// What became of every physical row, by store, dataset, pipeline.
    pub row_fates: Vec<RowFate>,
    /// Rows that broke their contract.
    pub quarantine: Vec<QuarantinedRow>,
    /// Frames that analytics publish for reports, by `pipeline.step`.
    pub published: BTreeMap<String, Published>,
    /// Input files that were read, by path.
    pub inputs: Vec<InputFile>,
}

impl Outcome {
    /// Whether the results may only be shown as a draft.
    pub fn is_draft(&self) -> bool {
        self.exceptions.iter().any(|exception| exception.severity <= ExceptionSeverity::Blocking)
    }
}

/// A calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// Year, four digits.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: i8,
}

/// A store of the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Store {
    /// Id, as folders and frames write it.
    pub store_id: String,
    /// Name on reports.
    pub name: String,
}

/// Somebody whom a plan covers in the period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Store.
    pub store_id: String,
    /// Employee id.
    pub employee_id: String,
    /// Name on the slip.
    pub name: String,
    /// Roles held in the period, by date.
    pub intervals: Vec<RoleInterval>,
}

/// A stretch of days in which a person held one role, clipped to the period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleInterval {
    /// Role id of the roster.
    pub role: String,
    /// Role as printed.
    pub role_label: String,
    /// Team, where the roster names one.
    pub team: Option<String>,
    /// Group, where the roster names one.
    pub group: Option<String>,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// One amount that is paid or deducted, rounded once, with its derivation.
#[derive(Clone, Debug)]
pub struct PayLine {
    /// Store.
    pub store_id: String,
    /// Employee id.
    pub employee_id: String,
    /// Name.
    pub name: String,
    /// Role id under which the plan pays.
    pub role: String,
    /// Pipeline that pays.
    pub pipeline: Name,
    /// Line code, unique per person and period.
    pub line: Name,
    /// Clause id.
    pub clause: String,
    /// Label on the slip.
    pub label: String,
    /// Yuan, two decimals, half-up away from zero.
    pub amount: Decimal,
    /// How it came about.
    pub trace: Trace,
}

/// How an amount came about: a tree of named values, the amount itself first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Nodes; children refer to later indexes.
    pub nodes: Vec<TraceNode>,
}

/// One named value of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceNode {
    /// Name as the expression writes it: `output_attainment`, `param.output_rate`.
    pub name: String,
    /// Label as printed: 产值达成率.
    pub label: String,
    /// Exact value: `num/den`, a whole number, a date, text; empty where it is absent.
    pub value: String,
    /// The value as printed, with a rounded percent beside a ratio.
    pub shown: String,
    /// Unit.
    pub unit: String,
    /// Expression as written; empty for what is read, not computed.
    pub formula: String,
    /// The same with labels in place of names.
    pub labelled: String,
    /// The same with numbers put in, ratios as numerator ÷ denominator.
    pub filled: String,
    /// Where the value comes from.
    pub origin: Origin,
    /// Indexes of the values the expression reads.
    pub children: Vec<usize>,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Origin {
    /// Computed by a step, or the pay line itself.
    Step {
        /// Pipeline.
        pipeline: String,
        /// Step, or `pay.<line>`.
        step: String,
    },
    /// Read from rows of a dataset, or aggregated over them.
    Rows {
        /// Dataset.
        dataset: String,
        /// How many rows.
        count: usize,
        /// Files with their physical row numbers as ranges: `12-15,18`.
        files: Vec<FileRows>,
    },
    /// A dated parameter.
    Parameter {
        /// Date from which the value used holds.
        since: String,
        /// The date by which it was chosen.
        dated_by: String,
        /// Clause it cites.
        clause: String,
        /// `stated`, `decided` or `illegible`.
        source: String,
        /// Reason given for what the source leaves open.
        reason: String,
    },
    /// A row of a ladder.
    LadderRow {
        /// Parameter that holds the ladder.
        table: String,
        /// Date from which the ladder used holds.
        since: String,
        /// The row's printed words.
        words: String,
        /// Clause it cites.
        clause: String,
    },
    /// The person's interval in the period.
    Spine,
    /// The period itself.
    Period,
}

/// Physical rows of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRows {
    /// Path relative to the data folder.
    pub file: String,
    /// Row numbers as ranges, counted from 1 as a spreadsheet shows them.
    pub rows: String,
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
    pub cause: String,
    /// What to do.
    pub remedy: String,
    /// Yuan at stake, where it can be said.
    pub stake: Option<Decimal>,
    /// Reason and expiry from `accepted.yaml`.
    pub accepted: Option<String>,
}

/// What became of the rows of one file in one pipeline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowFate {
    /// Store.
    pub store_id: String,
    /// Dataset.
    pub dataset: Name,
    /// Pipeline that read it; empty for fates decided while reading.
    pub pipeline: String,
    /// File, relative to the data folder.
    pub file: Arc<str>,
    /// Fate.
    pub fate: Fate,
    /// Step at which it was decided; empty while reading.
    pub step: String,
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

/// A fault of one cell, or of a whole row, that kept the row out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantinedRow {
    /// Store.
    pub store_id: String,
    /// Dataset.
    pub dataset: Name,
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
    pub fault: String,
}

/// A frame with its schema, for reports and for the month before.
#[derive(Clone, Debug)]
pub struct Published {
    /// Columns with types, units and labels.
    pub schema: Schema,
    /// Rows of the period, without `@` columns.
    pub frame: DataFrame,
    /// The same for the month before; `None` where it has no inputs.
    pub before: Option<DataFrame>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InputFile {
    /// Path relative to the data folder.
    pub file: String,
    /// SHA-256 of the bytes that were parsed.
    pub sha256: String,
    /// Physical rows.
    pub rows: usize,
}
