//! `derive`: adds columns computed from the columns of the same row.
//!
//! ```yaml
//! attainment:
//!   derive:
//!     from: with_targets
//!     columns:
//!       output_attainment: { value: "GREATEST(output, 0) / output_target", label: 产值达成率 }
//! ```
//!
//! A new column has a new name: nothing is overwritten. Columns of one step do not read each other.
//! A row in which a formula has no value leaves as a blocking exception.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::StepKind;
use super::columns::{Computed, FailedCell, cell_exception, check_columns, failed_cells};
use super::context::{CheckCx, Frames, RunCx};
use super::frames::{arrange, frame, index, schema_of, without};
use super::output::{ColumnOrigin, Dropped, Step, StepError, StepFault, StepOutput};
use crate::diag::data::Fate;
use crate::diag::text::text;
use crate::diag::yaml::ColumnsSpec;
use crate::expr::types::{Name, Schema};
use crate::expr::{self, Scope};

/// Adds computed columns.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeriveSpec {
    /// The frame to read: a step, `spine`, a dataset or a published step.
    pub from: String,
    /// The new columns: `name: EXPRESSION`, or `name: { value: EXPRESSION, unit: …, label: … }`.
    pub columns: ColumnsSpec,
}

/// A checked derive.
#[derive(Clone, Debug)]
pub struct Derive {
    from: Name,
    columns: Vec<Computed>,
}

impl Derive {
    /// Columns it reads beside those it hands on, each with its frame.
    pub(super) fn reads(&self) -> Vec<(Name, Name)> {
        let columns = self.columns.iter().flat_map(|one| one.expr.columns());
        columns.map(|column| (self.from.clone(), column)).collect()
    }
}

/// Checks a derive.
pub(super) fn check(spec: &DeriveSpec, cx: &CheckCx<'_>) -> Result<Step, Vec<StepFault>> {
    let schema = schema_of(&["from"], &spec.from, cx).map_err(|one| vec![*one])?;
    let what = format!("`{}`", spec.from);
    let scope = Scope { columns: schema, each: None, params: cx.params, aggregates: false, what: &what };
    let columns = check_columns(&spec.columns, &scope, schema, cx)?;
    let from = Name::from(spec.from.as_str());
    let mut made = schema.clone();
    let mut origins = carried(&from, schema);
    for Computed { field, expr } in &columns {
        made.set(field.clone());
        origins.insert(field.name.clone(), ColumnOrigin::Computed { expr: expr.clone(), frame: from.clone() });
    }
    let inputs = vec![from.clone()];
    Ok(Step { kind: StepKind::Derive(Derive { from, columns }), inputs, schema: made, origins })
}

/// Runs a derive.
pub(super) fn apply(
    derive: &Derive,
    step: &Step,
    frames: &dyn Frames,
    cx: &RunCx<'_>,
) -> Result<StepOutput, StepError> {
    let input = frame(frames, &derive.from)?;
    let exprs: Vec<_> = derive.columns.iter().map(|one| (one.field.name.clone(), &one.expr)).collect();
    let evaluated = expr::evaluate(&exprs, input, cx.params, cx.period)?;
    let failed = failed_cells(&derive.columns, &evaluated.columns, &evaluated.faults);
    let exceptions = failed
        .iter()
        .map(|cell| {
            let row = Some(index(cell.row));
            cell_exception(cell, &derive.columns, &derive.from, row, Some((input, cell.row)))
        })
        .collect();
    let rows = failed_rows(&failed);
    let all = arrange(&input.hstack(&evaluated.columns)?, &step.schema)?;
    let frame = without(&all, &rows)?;
    Ok(StepOutput { frame, members: None, dropped: dropped_for_failure(&derive.from, rows), exceptions })
}

/// Every column of a frame, handed on unchanged.
pub(super) fn carried(from: &Name, schema: &Schema) -> BTreeMap<Name, ColumnOrigin> {
    let origin = |column: &Name| ColumnOrigin::Carried { frame: from.clone(), column: column.clone() };
    schema.fields.iter().map(|field| (field.name.clone(), origin(&field.name))).collect()
}

/// The rows of failed cells, each once, ascending.
pub(super) fn failed_rows(failed: &[FailedCell]) -> Vec<u32> {
    let rows: BTreeSet<u32> = failed.iter().map(|cell| index(cell.row)).collect();
    rows.into_iter().collect()
}

/// The fate of rows that left because a formula failed in them.
pub(super) fn dropped_for_failure(frame: &Name, rows: Vec<u32>) -> Vec<Dropped> {
    if rows.is_empty() {
        return Vec::new();
    }
    let because = text!("a formula has no value in the row; see the exceptions");
    vec![Dropped { frame: frame.clone(), rows, fate: Fate::Quarantined, because }]
}
