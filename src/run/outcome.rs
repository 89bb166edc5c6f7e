//! What a run computes, before any of it is written: people, pay lines with their traces, exceptions,
//! row fates and the frames that analytics publish.
//!
//! Reports are pure views of an [`Outcome`]; nothing here reads or writes a file.

use std::collections::BTreeMap;

use jiff::civil::Date;
use polars::frame::DataFrame;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::figures::Figures;
pub use super::files::PayFile;
use super::in_force::InForce;
pub use super::next_row::NextRow;
pub use super::paid_before::{LineBefore, PaidBefore};
pub use crate::diag::data::{Exception, ExceptionSeverity, Fate, InputFile, QuarantinedRow, RowFate, Store};
use crate::diag::text::Language;
use crate::diag::translation::Translation;
use crate::expr::types::{Name, Schema};
pub use crate::spec::LinePart;
pub use crate::step::score::Part;
pub use crate::world::period::Period;

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
    /// Lines of net pay, in the same order; `store_id` is the store that pays the person out. Empty where no pipeline
    /// settles.
    pub net_lines: Vec<PayLine>,
    /// What the next rows of the ladders that pay need, and are worth.
    pub next_rows: Vec<NextRow>,
    /// What people were paid in the month before, as published.
    pub paid_before: PaidBefore,
    /// Files for banks and payroll programs; a draft leaves none of them behind.
    pub files: Vec<PayFile>,
    /// Balances that go over into the next month.
    pub carried: Vec<Carried>,
    /// The clauses of the source plans, in the order of their file; none where the project has no file of them.
    pub clauses: Vec<ClauseWords>,
    /// What was decided where the source leaves something open, by store.
    pub decisions: Vec<DecisionInForce>,
    /// Parameters as they hold in the period.
    pub in_force: InForce,
    /// Exceptions, fatal ones first, then by store and person.
    pub exceptions: Vec<Exception>,
    /// What became of every physical row, by store, dataset, pipeline.
    pub row_fates: Vec<RowFate>,
    /// Rows that broke their contract.
    pub quarantine: Vec<QuarantinedRow>,
    /// Frames that analytics publish for reports, by `pipeline.step`.
    pub published: BTreeMap<String, Published>,
    /// Figures of stores in earlier months, from their published runs.
    pub earlier: Figures,
    /// The language of pages and tables, with the words of what is printed from cells.
    pub words: Translation,
    /// Titles of datasets and pipelines, by name.
    pub titles: BTreeMap<String, String>,
    /// Input files that were read, by path.
    pub inputs: Vec<InputFile>,
}

impl Outcome {
    /// The title of a dataset or pipeline, as people call it; the name where it has none.
    pub fn title_of<'a>(&'a self, name: &'a str) -> &'a str {
        self.titles.get(name).map_or(name, String::as_str)
    }

    /// The words of a clause, where the project has a file of them.
    pub fn clause(&self, id: &str) -> Option<&ClauseWords> {
        self.clauses.iter().find(|words| words.clause == id)
    }

    /// The language of pages and tables.
    pub fn language(&self) -> Language {
        self.words.language()
    }

    /// Whether the results may only be shown as a draft.
    pub fn is_draft(&self) -> bool {
        self.exceptions.iter().any(|exception| exception.severity <= ExceptionSeverity::Blocking)
    }
}

/// What a clause of a source plan says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClauseWords {
    /// Clause id.
    pub clause: String,
    /// The number that the source gives it; empty where it has none.
    pub number: String,
    /// `computed`, `rated`, `declared` or `open`.
    pub state: String,
    /// A sentence in Chinese.
    pub zh: String,
    /// A sentence in English.
    pub en: String,
}

impl ClauseWords {
    /// The sentence in a language.
    pub fn sentence(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

/// A decision that holds in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionInForce {
    /// Store.
    pub store_id: String,
    /// Clause id.
    pub clause: String,
    /// What was decided.
    pub decided: String,
    /// What else it could be.
    pub instead: String,
    /// The choice that the store has made; empty where there is nothing to choose.
    pub chosen: String,
    /// What changes it: a file, with parameters or steps of it.
    pub changed_by: String,
    /// Whether a plan that pays in the store cites the clause itself, and not only what prepares its figures.
    pub pays: bool,
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
    /// The line as the plan writes it: the code, or what stands before the entry's number in it.
    pub kind: Name,
    /// Label of the line as the plan writes it.
    pub kind_label: String,
    /// Clause id.
    pub clause: String,
    /// Label on the slip.
    pub label: String,
    /// Yuan, two decimals, half-up away from zero.
    pub amount: Decimal,
    /// What the amount is.
    pub part: LinePart,
    /// Whether something is missing for it, so that it is not paid out.
    pub estimated: bool,
    /// How it came about.
    pub trace: Trace,
}

/// A balance that goes over into the next month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Store.
    pub store_id: String,
    /// The person whose balance it is; none where it is a group's.
    pub employee_id: Option<String>,
    /// Whose it is: an employee id, or the name of a group.
    pub owner: String,
    /// Pipeline that carries it, and takes it over again.
    pub pipeline: Name,
    /// Entry.
    pub entry: Name,
    /// Clause id.
    pub clause: String,
    /// What people call it.
    pub label: String,
    /// Unit of the value.
    pub unit: String,
    /// The balance; never 0.
    pub value: Decimal,
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
    /// Computed by a scorecard.
    Score {
        /// Pipeline.
        pipeline: String,
        /// Step.
        step: String,
        /// Title of the card.
        card: String,
        /// Clause of the indicator, or of the card.
        clause: String,
        /// Label of the indicator; empty for what is the card's.
        indicator: String,
        /// Which figure of it.
        part: Part,
    },
    /// Read from rows of a dataset, or aggregated over them.
    Rows {
        /// Dataset.
        dataset: String,
        /// How many rows.
        count: usize,
        /// Files with their physical row numbers as ranges: `12-15,18`.
        files: Vec<FileRows>,
        /// Who said what the rows say, each once, where the dataset names them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        said_by: Vec<String>,
    },
    /// A balance of the month before.
    Carried {
        /// Dataset.
        dataset: String,
        /// The month it comes from.
        month: String,
        /// The published run of that month.
        run: String,
        /// Tables with their row numbers.
        files: Vec<FileRows>,
    },
    /// A dated parameter.
    Parameter {
        /// Date from which the value used holds.
        since: String,
        /// The date by which it was chosen.
        dated_by: String,
        /// The store whose own value it is; empty where it holds for all stores.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        store: String,
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
        /// The store whose own ladder it is; empty where it holds for all stores.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        store: String,
        /// The row's printed words.
        words: String,
        /// Clause it cites.
        clause: String,
        /// `stated`, `decided` or `illegible`.
        source: String,
        /// Reason given for what the source leaves open.
        reason: String,
    },
    /// A row of a matrix.
    MatrixRow {
        /// Parameter that holds the matrix.
        table: String,
        /// Date from which the matrix used holds.
        since: String,
        /// The store whose own matrix it is; empty where it holds for all stores.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        store: String,
        /// The row's printed words.
        words: String,
        /// Labels of the axes that kept the next row away that gives more.
        held_by: Vec<String>,
        /// Labels of the axes on which the row is only the nearest one: the value lies outside of what is printed.
        outside: Vec<String>,
        /// Clause it cites.
        clause: String,
        /// `stated`, `decided` or `illegible`.
        source: String,
        /// Reason given for what the source leaves open.
        reason: String,
    },
    /// Lines that another pipeline pays, or a sum of such lines.
    Lines {
        /// The lines with the amounts paid.
        lines: Vec<PaidLine>,
    },
    /// The person's interval in the period.
    Spine,
    /// The period itself.
    Period,
}

/// A line that was paid and that another one was computed from; its own trace has the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidLine {
    /// Pipeline that pays it.
    pub pipeline: String,
    /// Line code.
    pub line: String,
    /// Store.
    pub store_id: String,
    /// Whose line it is.
    pub employee_id: String,
    /// Name of the person; empty where nothing names them.
    pub name: String,
    /// Yuan, two decimals, as paid.
    pub amount: String,
}

/// Physical rows of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRows {
    /// Path relative to the data folder.
    pub file: String,
    /// Row numbers as ranges, counted from 1 as a spreadsheet shows them.
    pub rows: String,
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
