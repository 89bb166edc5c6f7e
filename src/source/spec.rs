//! What a dataset file says, before any of it is checked. The field comments are the user manual.

use serde::Deserialize;

use crate::diag::yaml::OrderedMap;
use crate::world::period::Period;

/// `datasets/<name>.yaml`: the contract of one input.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetSpec {
    /// Name by which pipelines read it.
    pub dataset: String,
    /// Title on reports and in messages.
    pub title: String,
    /// Where the file lies and how it is written.
    pub source: SourceSpec,
    /// Stores that export it, such as `[S03]`; all where nothing is said. Of the others no file is expected and nothing
    /// is read: a figure counted for such a store is an exception, never zero.
    pub stores: Option<Vec<String>>,
    /// Whether a period without the file is refused; `true` where nothing is said.
    #[serde(default = "yes")]
    pub required: bool,
    /// Months in which a file is expected: `every` (where nothing is said), `quarter-end` (March, June, September,
    /// December) or `year-end` (December). In another month nobody asks for the file: it is read where it is there, and
    /// where it is not the dataset has no row and nothing is said.
    #[serde(default)]
    pub months: Expected,
    /// Columns that name a row. Same key and same content: the later row is dropped with a warning. Same
    /// key and other content: both rows are kept out.
    pub key: Vec<String>,
    /// How many earlier periods `<dataset>.history` looks back; none where nothing is said.
    #[serde(default)]
    pub window: usize,
    /// Share of bad rows above which the whole file is refused, such as `0.5%`; `1%` where nothing is said.
    pub bad_rows_at_most: Option<String>,
    /// Number column whose sum must add up over the fates of the rows and equal the export's total row.
    pub control: Option<String>,
    /// Date column that must lie in the period of the file; a row outside is a warning, a file mostly
    /// outside is refused.
    pub in_period: Option<String>,
    /// First and last day of what a row describes: `[valid_from, valid_to]`; an empty last day is open.
    pub interval: Option<Vec<String>>,
    /// Column that names the person whom a bad row concerns.
    pub belongs_to: Option<String>,
    /// Text column that names who says what a row says, such as the rater of a score: told wherever a figure goes back
    /// to the row.
    pub said_by: Option<String>,
    /// Whether pay is computed from it, so that a bad row blocks; `false` where nothing is said.
    #[serde(default)]
    pub pay: bool,
    /// Whether a file without a single row is in order; `false` where nothing is said.
    #[serde(default)]
    pub may_be_empty: bool,
    /// Whether a file may be the same as the month before; `false` where nothing is said.
    #[serde(default)]
    pub may_repeat: bool,
    /// The columns that are read; further columns of the file are left alone.
    pub columns: OrderedMap<DatasetColumnSpec>,
}

/// Where a file lies and how it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSpec {
    /// `csv` or `xlsx`.
    pub kind: String,
    /// Whose files they are: `exports` (the data folder, where nothing is said) or `run-before`, the published
    /// run of the month before.
    pub of: Option<String>,
    /// Path below the data folder: `{store}` and `{period}` (`2026-10`) are put in, `{year}` and `{month}`
    /// too, `*` stands for anything within one name. Exactly one file must match.
    pub path: String,
    /// CSV only: `utf-8` (with or without byte order mark) or `gb18030` (also for GBK and GB2312).
    pub encoding: Option<String>,
    /// CSV only: the character between cells; a comma where nothing is said.
    pub delimiter: Option<String>,
    /// XLSX only: name of the sheet; the first sheet where nothing is said.
    pub sheet: Option<String>,
    /// The header row is the first of this many rows that holds every header; 10 where nothing is said.
    pub header_within: Option<usize>,
    /// First filled cell of the export's own total row, such as `合计`. The file must then have that row,
    /// and its amount under `control` must equal the sum of the rows.
    pub total_row: Option<String>,
}

/// One column of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetColumnSpec {
    /// `text`, `int`, `decimal` (with `scale`), `money` (two decimals, yuan), `date` (also from a timestamp
    /// or an Excel serial), `datetime` (a day with its time by the clock on the wall, written out or as a serial with
    /// a fraction) or `bool` (with `true` and `false`).
    #[serde(rename = "type")]
    pub kind: String,
    /// What reports call it; the first header where nothing is said.
    pub label: Option<String>,
    /// The headers under which exports carry it. Width, case and spaces do not matter.
    pub headers: Vec<String>,
    /// Unit of an `int` or `decimal`; a ratio where nothing is said.
    pub unit: Option<String>,
    /// Decimals of a `decimal`. Further decimals in the file are a fault unless they are zeros.
    pub scale: Option<u8>,
    /// Digits in all of a `decimal` or `money` (12 where nothing is said) or an `int` (18). More are a fault.
    pub digits: Option<u8>,
    /// Texts that are allowed; any other is a fault.
    pub values: Option<Vec<String>>,
    /// Whether the text is nobody's business: an account number. No pipeline can read it, so that no report, table, trace
    /// or log has it; only a file layout writes it. Where it is bad, its middle is left out.
    #[serde(default)]
    pub masked: bool,
    /// Whether a `datetime` may be a day without a time, which is its midnight; `false` where nothing is said: then
    /// such a cell is a fault.
    #[serde(default)]
    pub allow_date: bool,
    /// Whether a cell may be empty; `false` where nothing is said.
    #[serde(default)]
    pub nullable: bool,
    /// Whether the whole column may be missing from the file; it must then be `nullable`.
    #[serde(default)]
    pub optional: bool,
    /// Texts that mean an empty cell, such as `无` or `-`.
    #[serde(default)]
    pub empty: Vec<String>,
    /// Texts that a `bool` reads as true.
    #[serde(rename = "true", default)]
    pub yes: Vec<String>,
    /// Texts that a `bool` reads as false.
    #[serde(rename = "false", default)]
    pub no: Vec<String>,
}

/// Months in which a file is expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// Every month.
    #[default]
    Every,
    /// The last month of each quarter.
    QuarterEnd,
    /// The last month of each year.
    YearEnd,
}

impl Expected {
    /// Whether a month is among them.
    pub fn holds(self, period: Period) -> bool {
        match self {
            Self::Every => true,
            Self::QuarterEnd => period.month() % 3 == 0,
            Self::YearEnd => period.month() == 12,
        }
    }
}

const fn yes() -> bool {
    true
}
