//! `filter`: keeps the rows for which a condition holds.
//!
//! ```yaml
//! outward:
//!   filter:
//!     from: orders
//!     where: order_type NOT IN ('PDI检查', '内部修理')
//!     because: 内部单不计产值
//! ```
//!
//! The rows that go are counted under the reason given. The order of the rows stays. A column that the
//! condition shows to be present, `x IS NOT NULL AND …`, counts as present from there on.

use polars::prelude::*;
use serde::Deserialize;

use super::StepKind;
use super::columns::{Computed, cell_exception, check_condition, failed_cells};
use super::context::{CheckCx, Frames, RunCx};
use super::derive::{carried, failed_rows};
use super::frames::{arrange, frame, index, schema_of};
use super::output::{Dropped, Step, StepError, StepFault, StepOutput};
use super::presence::narrow;
use crate::diag::data::Fate;
use crate::diag::text::{Text, text};
use crate::expr::types::{Field, Name};
use crate::expr::{self, Expr, Scope};

/// Keeps the rows for which a condition holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilterSpec {
    /// The frame to read: a step, `spine`, a dataset or a published step.
    pub from: String,
    /// The condition; rows for which it is false go.
    #[serde(rename = "where")]
    pub condition: String,
    /// Why they go, as the table of row fates prints it; the condition itself where nothing is given.
    pub because: Option<String>,
}

/// A checked filter.
#[derive(Clone, Debug)]
pub struct Filter {
    from: Name,
    condition: Expr,
    because: Text,
}

impl Filter {
    /// The condition without which a row leaves.
    pub(super) fn condition(&self) -> &Expr {
        &self.condition
    }

    /// Columns it reads beside those it hands on, each with its frame.
    pub(super) fn reads(&self) -> Vec<(Name, Name)> {
        self.condition.columns().into_iter().map(|column| (self.from.clone(), column)).collect()
    }
}

/// Checks a filter.
pub(super) fn check(spec: &FilterSpec, cx: &CheckCx<'_>) -> Result<Step, Vec<StepFault>> {
    let schema = schema_of(&["from"], &spec.from, cx).map_err(|one| vec![*one])?;
    let what = format!("`{}`", spec.from);
    let scope = Scope { columns: schema, each: None, params: cx.params, aggregates: false, what: &what };
    let condition = check_condition(&["where"], &spec.condition, &scope)?;
    let from = Name::from(spec.from.as_str());
    let because = match &spec.because {
        Some(because) => Text::from(because),
        None => text!("not ({condition})", condition = spec.condition.trim()),
    };
    Ok(Step {
        inputs: vec![from.clone()],
        schema: narrow(schema, &condition),
        origins: carried(&from, schema),
        kind: StepKind::Filter(Filter { from, condition, because }),
    })
}

/// Runs a filter.
pub(super) fn apply(
    filter: &Filter,
    step: &Step,
    frames: &dyn Frames,
    cx: &RunCx<'_>,
) -> Result<StepOutput, StepError> {
    let input = frame(frames, &filter.from)?;
    let held = hold(&filter.condition, "where", input, &filter.from, cx)?;
    let mut dropped = held.dropped;
    if !held.false_rows.is_empty() {
        let because = filter.because.clone();
        dropped.insert(0, Dropped { frame: filter.from.clone(), rows: held.false_rows, fate: Fate::Filtered, because });
    }
    let kept = if dropped.is_empty() { input.clone() } else { input.filter(&held.mask)? };
    let frame = arrange(&kept, &step.schema)?;
    Ok(StepOutput { frame, members: None, dropped, exceptions: held.exceptions })
}

/// A condition's answers over a frame.
pub(super) struct Held {
    /// True where the condition holds, false where not or where it failed.
    pub mask: BooleanChunked,
    /// Rows where it is false.
    pub false_rows: Vec<u32>,
    /// Rows where it failed, as rows that left.
    pub dropped: Vec<Dropped>,
    /// An exception for each of them.
    pub exceptions: Vec<super::output::StepException>,
}

/// Asks a condition of every row of a frame that was read under a name.
pub(super) fn hold(
    condition: &Expr,
    key: &str,
    input: &DataFrame,
    from: &Name,
    cx: &RunCx<'_>,
) -> Result<Held, StepError> {
    let field = Field { name: Name::from(key), ty: condition.ty.clone(), label: Name::from(key) };
    let columns = [Computed { field, expr: condition.clone() }];
    let evaluated = expr::evaluate(&[(Name::from(key), condition)], input, cx.params, cx.period)?;
    let failed = failed_cells(&columns, &evaluated.columns, &evaluated.faults);
    let exceptions = failed
        .iter()
        .map(|cell| cell_exception(cell, &columns, from, Some(index(cell.row)), Some((input, cell.row))))
        .collect();
    let failed_rows = failed_rows(&failed);
    let answers = evaluated.columns.first().ok_or_else(|| StepError::Layout(format!("`{key}` has no answers")))?;
    let answers = answers.bool()?;
    let mut false_rows = Vec::new();
    let mask: BooleanChunked = if answers.null_count() == 0 && failed_rows.is_empty() {
        answers.clone()
    } else {
        let mut failing = failed_rows.iter().copied().peekable();
        answers
            .iter()
            .enumerate()
            .map(|(row, answer)| Some(answer == Some(true) && failing.next_if_eq(&index(row)).is_none()))
            .collect()
    };
    let mut failing = failed_rows.iter().copied().peekable();
    for (row, answer) in mask.iter().enumerate() {
        let row = index(row);
        let failed = failing.next_if_eq(&row).is_some();
        if answer != Some(true) && !failed {
            false_rows.push(row);
        }
    }
    let dropped = super::derive::dropped_for_failure(from, failed_rows);
    Ok(Held { mask, false_rows, dropped, exceptions })
}
