//! `union`: puts the rows of several frames below each other.
//!
//! ```yaml
//! all_items:
//!   union: { of: [care_items, package_items] }
//! ```
//!
//! The frames have the same columns, in any order, with the same units; the first frame's order and
//! labels stay. Whole numbers, figures and exact numbers of one column meet in the kind that holds all.

use std::collections::BTreeMap;

use polars::prelude::*;
use serde::Deserialize;

use super::StepKind;
use super::codes::{SETTING_CONFLICT, SETTING_MISSING};
use super::columns::{fault, name_hint};
use super::context::{CheckCx, Frames};
use super::frames::{arrange, frame, schema_of};
use super::output::{ColumnOrigin, Step, StepError, StepFault, StepOutput};
use crate::diag::{Code, Fault};
use crate::expr::types::{Field, Kind, Name, Schema};
use crate::money::kernel;

/// Columns that do not fit below each other.
pub const UNION_MISMATCH: Code = Code::new("union-mismatch", "frames of a union differ in their columns");

/// Puts the rows of several frames below each other.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnionSpec {
    /// The frames, in the order of their rows.
    pub of: Vec<String>,
}

/// A checked union.
#[derive(Clone, Debug)]
pub struct Union {
    of: Vec<Name>,
}

/// Checks a union.
pub(super) fn check(spec: &UnionSpec, cx: &CheckCx<'_>) -> Result<Step, Vec<StepFault>> {
    let mut faults = Vec::new();
    let mut schemas = Vec::new();
    for (at, name) in spec.of.iter().enumerate() {
        let place = at.to_string();
        let path = ["of", place.as_str()];
        if spec.of.iter().take(at).any(|earlier| earlier == name) {
            let hint = "its rows would count twice; name each frame once";
            let message = format!("`{name}` stands here twice");
            faults.push(fault(&path, Fault::new(SETTING_CONFLICT, 0..name.len(), message).hint(hint)));
            continue;
        }
        match schema_of(&path, name, cx) {
            Ok(schema) => schemas.push((at, name.as_str(), schema)),
            Err(one) => faults.push(*one),
        }
    }
    let Some(((_, first_name, first), others)) = schemas.split_first() else {
        if faults.is_empty() {
            let message = "a union needs at least one frame";
            faults.push(StepFault {
                key: true,
                ..fault(&["of"], Fault::new(SETTING_MISSING, 0..0, message).hint("name them: `of: [x, y]`"))
            });
        }
        return Err(faults);
    };
    let mut made = (*first).clone();
    for (at, name, schema) in others {
        let place = at.to_string();
        for message in merge(&mut made, first_name, name, schema) {
            let hint = "bring the frames into one shape first, by `select` and `derive`";
            faults.push(fault(&["of", &place], Fault::new(UNION_MISMATCH, 0..name.len(), message).hint(hint)));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let of: Vec<Name> = spec.of.iter().map(|name| Name::from(name.as_str())).collect();
    let origin = |column: &Name| match of.as_slice() {
        [only] => ColumnOrigin::Carried { frame: only.clone(), column: column.clone() },
        frames => ColumnOrigin::United { frames: frames.to_vec(), column: column.clone() },
    };
    let origins: BTreeMap<_, _> = made.fields.iter().map(|field| (field.name.clone(), origin(&field.name))).collect();
    Ok(Step { inputs: of.clone(), kind: StepKind::Union(Union { of }), schema: made, origins })
}

/// Widens the types of `made` so that they hold a further frame's, or says why they cannot.
fn merge(made: &mut Schema, first: &str, name: &str, schema: &Schema) -> Vec<String> {
    let mut wrong = Vec::new();
    for column in schema.names() {
        if made.get(column).is_none() {
            let hint = name_hint(column, made.names());
            wrong.push(format!("`{name}` has a column `{column}` that `{first}` has not ({hint})"));
        }
    }
    for Field { name: column, ty, .. } in &mut made.fields {
        let Some(other) = schema.get(column) else {
            wrong.push(format!("`{name}` lacks the column `{column}` of `{first}`"));
            continue;
        };
        if other.ty.unit != ty.unit {
            wrong.push(format!("`{column}` counts {} in `{first}` and {} in `{name}`", ty.unit, other.ty.unit));
            continue;
        }
        let Some(kind) = wider(ty.kind, other.ty.kind) else {
            wrong.push(format!("`{column}` is {} in `{first}` and {} in `{name}`", ty.kind, other.ty.kind));
            continue;
        };
        ty.kind = kind;
        ty.nullable |= other.ty.nullable;
    }
    wrong
}

/// The kind that holds the values of both.
fn wider(one: Kind, other: Kind) -> Option<Kind> {
    let decimal = |kind| match kind {
        Kind::Int => Some((18_u8, 0_u8)),
        Kind::Decimal { digits, scale } => Some((digits, scale)),
        _ => None,
    };
    if let (Kind::Int, Kind::Int) = (one, other) {
        return Some(Kind::Int);
    }
    if let (Some((digits, scale)), Some((other_digits, other_scale))) = (decimal(one), decimal(other)) {
        let whole = digits.saturating_sub(scale).max(other_digits.saturating_sub(other_scale));
        let scale = scale.max(other_scale);
        let digits = whole.saturating_add(scale);
        return Some(if digits > 38 { Kind::Exact } else { Kind::Decimal { digits, scale } });
    }
    if one.is_number() && other.is_number() {
        return Some(Kind::Exact);
    }
    (one == other).then_some(one)
}

/// Runs a union.
pub(super) fn apply(union: &Union, step: &Step, frames: &dyn Frames) -> Result<StepOutput, StepError> {
    let inputs: Vec<&DataFrame> = union.of.iter().map(|name| frame(frames, name)).collect::<Result<_, _>>()?;
    let mut numbers: Vec<PlSmallStr> = Vec::new();
    for name in inputs.iter().flat_map(|input| input.get_column_names()) {
        if name.starts_with('@') && !numbers.contains(name) {
            numbers.push(name.clone());
        }
    }
    let mut all: Option<DataFrame> = None;
    for input in inputs {
        let mut columns = Vec::new();
        for field in &step.schema.fields {
            columns.push(widen(input.column(&field.name)?, field.ty.kind)?);
        }
        for number in &numbers {
            columns.push(match input.column(number) {
                Ok(column) => column.clone(),
                Err(_) => Column::full_null(number.clone(), input.height(), &DataType::UInt32),
            });
        }
        let part = DataFrame::new(input.height(), columns)?;
        match &mut all {
            Some(all) => {
                all.vstack_mut(&part)?;
            }
            None => all = Some(part),
        }
    }
    let mut all = all.unwrap_or_default();
    all.rechunk_mut_par();
    Ok(StepOutput { frame: arrange(&all, &step.schema)?, ..StepOutput::default() })
}

/// A column in the physical form of a wider kind.
fn widen(column: &Column, kind: Kind) -> Result<Column, StepError> {
    let name = column.name().clone();
    match kind {
        Kind::Decimal { scale, .. } => Ok(column.cast(&DataType::Decimal(38, usize::from(scale)))?),
        Kind::Exact if *column.dtype() != DataType::String => {
            let (exact, _) = kernel::evaluate(&kernel::Op::Input(0), std::slice::from_ref(column), column.len());
            Ok(exact.with_name(name))
        }
        _ => Ok(column.clone()),
    }
}
