//! Step kinds: what a pipeline can do with rows. One file per kind.
//!
//! A kind is a pure function of frames and parameters: [`check`] turns its spec into a [`Step`], the
//! proof that names, types and units are right, and [`apply`] computes a frame, the rows that left it
//! and what a person must know of. The list is closed; the key in YAML, the file, the variant and the
//! case file in `tests/cases/steps/` have one name.
//!
//! Rows keep their descent. A frame read under the name `x` carries the `UInt32` column `@x`, the number
//! of each row in x's frame; a step hands the `@` columns of its inputs on (where two sides of a join
//! carry the same one, the left side's stays). An aggregate starts anew and returns the rows that went
//! into each of its rows as [`StepOutput::members`]. So every value can be followed to rows of files.
//!
//! Every row of an input has one fate: it is in the output, or in [`StepOutput::dropped`]. A row that
//! leaves because its figures cannot be trusted leaves with an exception beside.
//!
//! Nothing here reads files, knows pipelines or decides who is paid.

pub mod codes;
pub mod context;
pub mod names;
pub mod output;

pub mod aggregate;
pub mod allocate;
pub mod derive;
pub mod expect;
pub mod filter;
pub mod join;
pub mod ladder;
pub mod matrix;
pub mod score;
pub mod select;
pub mod to_date;
pub mod union;

mod columns;
mod frames;
mod keyed;
mod keys;
mod matching;
mod presence;
mod show;
mod versions;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

pub use context::{
    Axis, BY_DATA, BY_RATER, CardType, CheckCx, FrameTypes, Frames, Indicator, LadderType, MatrixType, Months, Rule,
    RunCx, TableTypes, TableValues, card_figure,
};
pub use names::NamesSpec;
pub use output::{ColumnOrigin, Dropped, Step, StepError, StepException, StepFault, StepOutput};

use crate::diag::Code;
use crate::expr::Expr;
use crate::expr::types::Name;

/// One step as the file says it: its kind, and the settings of that kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepSpec {
    /// Keeps the rows for which a condition holds.
    Filter(filter::FilterSpec),
    /// Adds computed columns.
    Derive(derive::DeriveSpec),
    /// Keeps and renames columns.
    Select(select::SelectSpec),
    /// Brings columns of other frames to the rows.
    Join(join::JoinSpec),
    /// Puts the rows of several frames below each other.
    Union(union::UnionSpec),
    /// Sums and counts rows.
    Aggregate(aggregate::AggregateSpec),
    /// Looks a value up in a ladder.
    Ladder(ladder::LadderSpec),
    /// Looks a value up in a matrix.
    Matrix(matrix::MatrixSpec),
    /// Scores rows by a scorecard.
    Score(score::ScoreSpec),
    /// Sums the months of a quarter or year up to the period.
    #[serde(rename = "to_date")]
    ToDate(to_date::ToDateSpec),
    /// Splits a pool among the rows of a key.
    Allocate(allocate::AllocateSpec),
    /// States what must hold of every row.
    Expect(expect::ExpectSpec),
}

/// The keys of all kinds, in the order of the manual.
pub const KINDS: &[&str] = &[
    "filter",
    "derive",
    "select",
    "join",
    "union",
    "aggregate",
    "ladder",
    "matrix",
    "score",
    "to_date",
    "allocate",
    "expect",
];

impl StepSpec {
    /// The kind's key in YAML.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Filter(_) => "filter",
            Self::Derive(_) => "derive",
            Self::Select(_) => "select",
            Self::Join(_) => "join",
            Self::Union(_) => "union",
            Self::Aggregate(_) => "aggregate",
            Self::Ladder(_) => "ladder",
            Self::Matrix(_) => "matrix",
            Self::Score(_) => "score",
            Self::ToDate(_) => "to_date",
            Self::Allocate(_) => "allocate",
            Self::Expect(_) => "expect",
        }
    }

    /// Names of the frames it reads, as written, each once, in the order of the file.
    pub fn reads(&self) -> Vec<&str> {
        let names: Vec<&str> = match self {
            Self::Filter(spec) => vec![&spec.from],
            Self::Derive(spec) => vec![&spec.from],
            Self::Select(spec) => vec![&spec.from],
            Self::Join(spec) => std::iter::once(&spec.from).chain(&spec.with).map(String::as_str).collect(),
            Self::Union(spec) => spec.of.iter().map(String::as_str).collect(),
            Self::Aggregate(spec) => std::iter::once(&spec.from).chain(&spec.for_each).map(String::as_str).collect(),
            Self::Ladder(spec) => vec![&spec.from],
            Self::Matrix(spec) => vec![&spec.from],
            Self::Score(spec) => vec![&spec.from],
            Self::ToDate(spec) => vec![&spec.from],
            Self::Allocate(spec) => vec![&spec.from],
            Self::Expect(spec) => vec![&spec.from],
        };
        let mut once: Vec<&str> = Vec::new();
        for name in names {
            if !once.contains(&name) {
                once.push(name);
            }
        }
        once
    }
}

/// What a checked step does.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// Keeps rows.
    Filter(filter::Filter),
    /// Adds columns.
    Derive(derive::Derive),
    /// Keeps and renames columns.
    Select(select::Select),
    /// Brings columns of other frames.
    Join(join::Join),
    /// Puts frames below each other.
    Union(union::Union),
    /// Sums and counts.
    Aggregate(aggregate::Aggregate),
    /// Looks up in a ladder.
    Ladder(ladder::LadderStep),
    /// Looks up in a matrix.
    Matrix(matrix::MatrixStep),
    /// Scores by a card.
    Score(Box<score::Score>),
    /// Sums months.
    ToDate(to_date::ToDate),
    /// Splits a pool.
    Allocate(allocate::Allocate),
    /// States what must hold.
    Expect(expect::Expect),
}

impl Step {
    /// The condition without which its rows leave, over the frame that it reads.
    pub fn drops_unless(&self) -> Option<&Expr> {
        match &self.kind {
            StepKind::Filter(step) => Some(step.condition()),
            StepKind::Expect(step) => step.drops_unless(),
            _ => None,
        }
    }

    /// The frames it reads, with the columns that it needs of each beside those it merely hands on.
    pub fn columns_read(&self) -> BTreeMap<Name, BTreeSet<Name>> {
        let read = match &self.kind {
            StepKind::Filter(step) => step.reads(),
            StepKind::Derive(step) => step.reads(),
            StepKind::Join(step) => step.reads(),
            StepKind::Aggregate(step) => step.reads(),
            StepKind::Ladder(step) => step.reads(),
            StepKind::Matrix(step) => step.reads(),
            StepKind::Score(step) => step.reads(),
            StepKind::ToDate(step) => step.reads(),
            StepKind::Allocate(step) => step.reads(),
            StepKind::Expect(step) => step.reads(),
            StepKind::Select(_) | StepKind::Union(_) => Vec::new(),
        };
        let mut frames: BTreeMap<Name, BTreeSet<Name>> =
            self.inputs.iter().map(|input| (input.clone(), BTreeSet::new())).collect();
        for (frame, column) in read {
            frames.entry(frame).or_default().insert(column);
        }
        frames
    }
}

/// Checks a step against the frames, parameters and tables it names.
///
/// # Errors
/// Everything that is wrong with it, each with its place below the kind's mapping.
pub fn check(spec: &StepSpec, cx: &CheckCx<'_>) -> Result<Step, Vec<StepFault>> {
    match spec {
        StepSpec::Filter(spec) => filter::check(spec, cx),
        StepSpec::Derive(spec) => derive::check(spec, cx),
        StepSpec::Select(spec) => select::check(spec, cx),
        StepSpec::Join(spec) => join::check(spec, cx),
        StepSpec::Union(spec) => union::check(spec, cx),
        StepSpec::Aggregate(spec) => aggregate::check(spec, cx),
        StepSpec::Ladder(spec) => ladder::check(spec, cx),
        StepSpec::Matrix(spec) => matrix::check(spec, cx),
        StepSpec::Score(spec) => score::check(spec, cx),
        StepSpec::ToDate(spec) => to_date::check(spec, cx),
        StepSpec::Allocate(spec) => allocate::check(spec, cx),
        StepSpec::Expect(spec) => expect::check(spec, cx),
    }
}

/// Runs a checked step.
///
/// # Errors
/// Only where frames do not lie as checking was told; trouble with the data is part of the output.
pub fn apply(step: &Step, frames: &dyn Frames, cx: &RunCx<'_>) -> Result<StepOutput, StepError> {
    match &step.kind {
        StepKind::Filter(filter) => filter::apply(filter, step, frames, cx),
        StepKind::Derive(derive) => derive::apply(derive, step, frames, cx),
        StepKind::Select(select) => select::apply(select, step, frames),
        StepKind::Join(join) => join::apply(join, step, frames, cx),
        StepKind::Union(union) => union::apply(union, step, frames),
        StepKind::Aggregate(aggregate) => aggregate::apply(aggregate, step, frames, cx),
        StepKind::Ladder(ladder) => ladder::apply(ladder, step, frames, cx),
        StepKind::Matrix(matrix) => matrix::apply(matrix, step, frames, cx),
        StepKind::Score(score) => score::apply(score, step, frames, cx),
        StepKind::ToDate(to_date) => to_date::apply(to_date, step, frames, cx),
        StepKind::Allocate(allocate) => allocate::apply(allocate, step, frames, cx),
        StepKind::Expect(expect) => expect::apply(expect, step, frames, cx),
    }
}

/// Codes that steps report.
pub const CODES: &[Code] = &[
    codes::UNKNOWN_FRAME,
    codes::UNKNOWN_STEP_COLUMN,
    codes::COLUMN_EXISTS,
    codes::NOT_A_CONDITION,
    codes::BAD_COLUMN_NAME,
    codes::UNIT_ALREADY,
    codes::BAD_KEY,
    codes::SETTING_MISSING,
    codes::SETTING_CONFLICT,
    codes::FAILED_CELL,
    aggregate::NOTHING_TO_COUNT,
    join::NAME_CLASH,
    join::NO_INTERVAL,
    join::UNMATCHED_ROW,
    join::AMBIGUOUS_ROW,
    union::UNION_MISMATCH,
    ladder::UNKNOWN_LADDER,
    ladder::LADDER_UNIT,
    ladder::OFF_LADDER,
    matrix::UNKNOWN_MATRIX,
    matrix::UNKNOWN_AXIS,
    matrix::OFF_MATRIX,
    matrix::BEYOND_PRINT,
    score::UNKNOWN_CARD,
    score::UNKNOWN_INDICATOR,
    score::INDICATOR_UNIT,
    score::INDICATOR_WITHOUT_DATA,
    score::TARGET_NOT_POSITIVE,
    score::BAD_RATING,
    to_date::SHORT_WINDOW,
    to_date::MONTH_MISSING,
    allocate::BAD_POOL,
    allocate::UNSPLIT_POOL,
    expect::BAD_CODE,
];
