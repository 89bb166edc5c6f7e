//! Traces: how an amount came about, from the pay line down to the rows of files.
//!
//! A trace is built for one row of a paid frame by walking the origins that checking has recorded; it
//! computes nothing that decides an amount.

mod build;
mod rows;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use polars::prelude::Column;

use super::ById;
use super::due::DueRow;
use super::evaluate::Evaluation;
use super::outcome::Trace;
use crate::money::Exact;
use crate::plan::{Pipeline, PlannedLine};

/// Columns of partial aggregates by full frame name and column, and of looked-up expressions by frame and text,
/// computed when first asked for.
type Partials = BTreeMap<(String, String), Arc<Vec<Column>>>;

/// Builds traces of one evaluation; may be shared by threads.
pub struct Tracer<'a> {
    evaluation: &'a Evaluation<'a>,
    people: &'a ById<'a>,
    /// Whether the pipeline reads what another one pays, itself or through others.
    reads_pay: bool,
    partials: Mutex<Partials>,
    pools: build::allocate::KnownPools,
}

impl<'a> Tracer<'a> {
    /// Traces of the lines of a pipeline; people give their names to the lines that others are computed from.
    pub fn new(evaluation: &'a Evaluation<'a>, pipeline: &Pipeline, people: &'a ById<'a>) -> Self {
        let reads_pay = evaluation.plan.reads_pay(pipeline);
        Self { evaluation, people, reads_pay, partials: Mutex::default(), pools: Mutex::default() }
    }

    /// The trace of a pay line in a row of the frame it is paid from.
    pub fn line(&self, pipeline: &'a Pipeline, line: &'a PlannedLine, row: &DueRow, amount: &Exact) -> Trace {
        build::line(self, pipeline, line, row, amount)
    }
}
