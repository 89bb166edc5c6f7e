//! What a step asks of the layers above it: frames, parameters and ladders, once as types while
//! checking and once as values while running.
//!
//! Traits only: a step never learns where a frame comes from.

use std::collections::BTreeSet;
use std::sync::Arc;

use polars::frame::DataFrame;

use crate::expr::types::{Name, Schema};
use crate::expr::unit::Unit;
use crate::expr::{Dated, ParamTypes, ParamValues, PeriodValues};
use crate::money::ladder::Ladder;

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

/// Types of the ladders among the parameters.
pub trait LadderTypes {
    /// Type of a ladder by its name without `param.`.
    fn ladder(&self, name: &str) -> Option<LadderType>;
    /// Names of all ladders, without `param.`.
    fn names(&self) -> Vec<String>;
}

/// Everything checking a step needs.
#[derive(Clone, Copy)]
pub struct CheckCx<'a> {
    /// Frames by name.
    pub frames: &'a dyn FrameTypes,
    /// Parameters by name.
    pub params: &'a dyn ParamTypes,
    /// Ladders by name.
    pub ladders: &'a dyn LadderTypes,
    /// Base units of the project beyond the built-in ones.
    pub units: &'a [String],
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

/// Ladders of a run.
pub trait LadderValues {
    /// A ladder by its name without `param.`, as it changed over time.
    fn at(&self, name: &str) -> Option<Dated<'_, Arc<Ladder>>>;
}

/// Everything running a step needs beside its frames.
#[derive(Clone, Copy)]
pub struct RunCx<'a> {
    /// Parameters.
    pub params: &'a dyn ParamValues,
    /// Ladders.
    pub ladders: &'a dyn LadderValues,
    /// The period of the run.
    pub period: &'a PeriodValues,
}
