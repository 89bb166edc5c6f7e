//! What a step asks of the layers above it: frames, parameters and printed tables, once as types while
//! checking and once as values while running.
//!
//! Traits only: a step never learns where a frame comes from.

use std::collections::BTreeSet;
use std::sync::Arc;

use polars::frame::DataFrame;

use crate::diag::text::Language;
use crate::expr::types::{Name, Schema};
use crate::expr::unit::Unit;
use crate::expr::{Dated, ParamTypes, ParamValues, PeriodValues};
use crate::money::ladder::Ladder;
use crate::money::matrix::Matrix;

/// Schemas of the frames that a step may read.
pub trait FrameTypes {
    /// Schema of a frame by the name a step writes: a step, `spine`, a dataset, `dataset.history`,
    /// `pipeline.step`.
    fn schema(&self, name: &str) -> Option<&Schema>;
    /// Every name that could have been written, for "did you mean".
    fn names(&self) -> Vec<String>;
    /// Columns that hold first and last day, where the rows of the frame are intervals.
    fn interval(&self, name: &str) -> Option<(Name, Name)>;
    /// How many months before the period the rows of a frame reach back; `None` for a frame of the period alone.
    fn window(&self, name: &str) -> Option<usize>;
}

/// Type of a ladder among the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LadderType {
    /// Unit of what is looked up.
    pub by: Unit,
    /// Unit of the value found.
    pub value: Unit,
    /// Title of the parameter.
    pub label: Arc<str>,
    /// Date column of the rows that chooses the ladder; `None` where the period does.
    pub dated_by: Option<Name>,
    /// Whether a row chooses by its `store_id` too.
    pub by_store: bool,
}

/// An axis of a matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Name, as rows and steps write it.
    pub name: Name,
    /// What people call it.
    pub label: Arc<str>,
    /// Unit of what is looked up along it.
    pub unit: Unit,
}

/// Type of a matrix among the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixType {
    /// The axes, in the order of the file.
    pub axes: Vec<Axis>,
    /// Unit of the value found.
    pub value: Unit,
    /// Title of the parameter.
    pub label: Arc<str>,
    /// Date column of the rows that chooses the matrix; `None` where the period does.
    pub dated_by: Option<Name>,
    /// Whether a row chooses by its `store_id` too.
    pub by_store: bool,
}

/// How the points of an indicator are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// 100 within the target, less beyond it (D1-4.3.1).
    Control,
    /// In proportion to the target (D1-4.3.2).
    Growth,
    /// The value itself.
    Rating,
    /// By this ladder, without `param.`.
    Ladder(Name),
}

/// What the source of an indicator's points is called where data give them.
pub const BY_DATA: &str = "数据";
/// What it is called where a rater gives them.
pub const BY_RATER: &str = "评分人";

/// An indicator of a scorecard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indicator {
    /// Name, as cards and steps write it.
    pub name: Name,
    /// What people call it.
    pub label: Arc<str>,
    /// Unit of actual and target.
    pub unit: Unit,
    /// How its points are found.
    pub rule: Rule,
    /// Whether the target comes with the rows, and not from the card.
    pub target_in_row: bool,
    /// Clause it comes from.
    pub clause: String,
    /// Whether some card computes it from data.
    pub from_data: bool,
    /// Whether some card lets a rater give its points.
    pub from_rater: bool,
    /// Whether some card leaves it out.
    pub optional: bool,
}

/// Type of a scorecard among the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardType {
    /// Title of the parameter.
    pub label: Arc<str>,
    /// Clause it cites.
    pub clause: String,
    /// The indicators, in the order of the file.
    pub indicators: Vec<Indicator>,
    /// The ladder that names the bands of its scores, without `param.`.
    pub bands: Option<Name>,
    /// Date column of the rows that chooses the card; `None` where the period does.
    pub dated_by: Option<Name>,
    /// Whether a row chooses by its `store_id` too.
    pub by_store: bool,
}

/// Name of the parameter that holds a figure of a card: `CARD_pass`, `CARD_INDICATOR_weight`.
pub fn card_figure(card: &str, indicator: Option<&str>, what: &str) -> String {
    match indicator {
        Some(indicator) => format!("{card}_{indicator}_{what}"),
        None => format!("{card}_{what}"),
    }
}

/// Types of the printed tables among the parameters.
pub trait TableTypes {
    /// Type of a ladder by its name without `param.`.
    fn ladder(&self, name: &str) -> Option<LadderType>;
    /// Names of all ladders, without `param.`.
    fn ladders(&self) -> Vec<String>;
    /// Type of a matrix by its name without `param.`.
    fn matrix(&self, name: &str) -> Option<MatrixType>;
    /// Names of all matrices, without `param.`.
    fn matrices(&self) -> Vec<String>;
    /// Type of a scorecard by its name without `param.`; its figures are parameters named by [`card_figure`].
    fn card(&self, name: &str) -> Option<CardType>;
    /// Names of all scorecards, without `param.`.
    fn cards(&self) -> Vec<String>;
}

/// Everything checking a step needs.
#[derive(Clone, Copy)]
pub struct CheckCx<'a> {
    /// Frames by name.
    pub frames: &'a dyn FrameTypes,
    /// Parameters by name.
    pub params: &'a dyn ParamTypes,
    /// Ladders, matrices and scorecards by name.
    pub tables: &'a dyn TableTypes,
    /// Base units of the project beyond the built-in ones.
    pub units: &'a [String],
    /// The language in which columns that a step makes by itself are labelled.
    pub language: Language,
}

/// Stores with the months, `2026-10`, of which they have a file.
pub type Months = BTreeSet<(String, String)>;

/// Frames of a run.
pub trait Frames {
    /// A frame, already with the `UInt32` column `@name` that numbers its rows from 0.
    fn get(&self, name: &str) -> Option<&DataFrame>;
    /// The months that a frame made from history has files of, even without rows; `None` where only its rows tell.
    fn months(&self, name: &str) -> Option<&Months>;
    /// Stores of which a frame cannot have rows, because they have no file of what it is made from.
    fn absent(&self, name: &str) -> Option<&BTreeSet<String>>;
}

/// Printed tables of a run.
pub trait TableValues {
    /// A ladder by its name without `param.`, as it changed over time.
    fn ladder(&self, name: &str) -> Option<Dated<'_, Arc<Ladder>>>;
    /// A matrix by its name without `param.`, as it changed over time.
    fn matrix(&self, name: &str) -> Option<Dated<'_, Arc<Matrix>>>;
}

/// Everything running a step needs beside its frames.
#[derive(Clone, Copy)]
pub struct RunCx<'a> {
    /// Parameters.
    pub params: &'a dyn ParamValues,
    /// Ladders and matrices.
    pub tables: &'a dyn TableValues,
    /// The period of the run.
    pub period: &'a PeriodValues,
}
