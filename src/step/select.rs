//! `select`: keeps some columns, under their own or other names.
//!
//! ```yaml
//! originals:
//!   select:
//!     from: orders
//!     columns: { balance_no: balance_no, first_settled_on: settled_on }
//! ```
//!
//! Every row stays. The columns may also be a list of names.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::*;
use serde::Deserialize;

use super::StepKind;
use super::columns::check_new_name;
use super::context::{CheckCx, Frames};
use super::frames::{arrange, column_of, frame, schema_of};
use super::names::NamesSpec;
use super::output::{ColumnOrigin, Step, StepError, StepFault, StepOutput};
use crate::expr::types::{Field, Name, Schema};

/// Keeps and renames columns.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectSpec {
    /// The frame to read: a step, `spine`, a dataset or a published step.
    pub from: String,
    /// The columns to keep: `{ new: old }`, or a list of names that stay as they are.
    pub columns: NamesSpec,
}

/// A checked select.
#[derive(Clone, Debug)]
pub struct Select {
    from: Name,
    /// New and old names.
    columns: Vec<(Name, Name)>,
}

/// Checks a select.
pub(super) fn check(spec: &SelectSpec, cx: &CheckCx<'_>) -> Result<Step, Vec<StepFault>> {
    let schema = schema_of(&["from"], &spec.from, cx).map_err(|one| vec![*one])?;
    let from = Name::from(spec.from.as_str());
    let mut faults = Vec::new();
    let mut made = Schema::default();
    let mut origins = BTreeMap::new();
    let mut columns = Vec::new();
    for (at, (new, old)) in spec.columns.pairs.iter().enumerate() {
        let place = spec.columns.step(at);
        let path = ["columns", place.as_str()];
        let field = match column_of(&path, old, &spec.from, schema) {
            Ok(field) => field,
            Err(one) => {
                faults.push(*one);
                continue;
            }
        };
        if let Some(one) = check_new_name(&path, new, &made) {
            faults.push(StepFault { key: spec.columns.is_map, ..one });
            continue;
        }
        let name = Name::from(new.as_str());
        let label = if field.label == field.name { Arc::clone(&name) } else { Arc::clone(&field.label) };
        made.set(Field { name: name.clone(), ty: field.ty.clone(), label });
        let origin = ColumnOrigin::Carried { frame: from.clone(), column: field.name.clone() };
        origins.insert(name.clone(), origin);
        columns.push((name, field.name.clone()));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let inputs = vec![from.clone()];
    Ok(Step { kind: StepKind::Select(Select { from, columns }), inputs, schema: made, origins })
}

/// Runs a select.
pub(super) fn apply(select: &Select, step: &Step, frames: &dyn Frames) -> Result<StepOutput, StepError> {
    let input = frame(frames, &select.from)?;
    let mut columns = Vec::new();
    for (new, old) in select.columns.iter().filter(|(new, _)| step.schema.get(new).is_some()) {
        columns.push(input.column(old)?.clone().with_name(PlSmallStr::from_str(new)));
    }
    columns.extend(input.columns().iter().filter(|column| column.name().starts_with('@')).cloned());
    let frame = arrange(&DataFrame::new(input.height(), columns)?, &step.schema)?;
    Ok(StepOutput { frame, ..StepOutput::default() })
}
