//! Given rows as frames.

use std::collections::{BTreeMap, BTreeSet};

use super::{BAD_GIVEN_CELL, Case, UNKNOWN_GIVEN, UNKNOWN_GIVEN_COLUMN};
use crate::diag::{Fault, Finding, nearest};
use crate::expr::clock;
use crate::expr::types::{Kind, Name, Schema, Type};
use crate::money::Exact;
use crate::plan::Plan;
use crate::plan::places::{Faults, key};
use crate::run::cells::{Cell, frame};
use crate::run::frames::{Source, Stored};
use crate::spec::{RowSpec, Seg};

/// The frames of a case by full name.
pub(super) struct Given {
    /// Frames.
    pub frames: BTreeMap<String, GivenFrame>,
}

/// A given frame.
pub(super) struct GivenFrame {
    /// The frame; columns that are not set are null.
    pub stored: Stored,
    /// Columns that some row leaves open.
    pub unset: BTreeSet<Name>,
}

/// Schema of a frame as a case names it, and its full name.
pub(super) fn resolve(plan: &Plan, pipeline: &crate::plan::Pipeline, name: &str) -> Option<(String, Schema)> {
    let full = pipeline.full_name(name);
    if let Some(step) = pipeline.step(name) {
        return Some((full, step.step.schema.clone()));
    }
    if name == "spine" {
        return pipeline.spine.as_ref().map(|spine| (full, spine.schema.clone()));
    }
    if let Some(contract) = plan.contracts.get(name.strip_suffix(".history").unwrap_or(name)) {
        return Some((full, contract.open_schema().clone()));
    }
    if let Some(schema) = crate::plan::run_schema(name, plan.language()) {
        return Some((full, schema.clone()));
    }
    let (other, step) = name.split_once('.')?;
    let other = plan.pipeline(other)?;
    if step == "spine" {
        return other.spine.as_ref().map(|spine| (full, spine.schema.clone()));
    }
    if plan.paying(name).is_some() {
        return Some((full, crate::plan::pay_schema(plan.language()).clone()));
    }
    other.step(step).map(|step| (full, step.step.schema.clone()))
}

/// Reads everything a case gives.
pub(super) fn read(case: &Case<'_>, faults: &mut Faults<'_>) -> Given {
    let mut frames = BTreeMap::new();
    for (name, rows) in case.spec.given.iter() {
        let Some((full, schema)) = resolve(case.plan, case.pipeline, name) else {
            let steps = case.pipeline.steps.iter().map(|step| &*step.name);
            let near = nearest(name, steps.chain(case.plan.contracts.keys().map(|name| &**name)));
            let mut finding = Finding::error(UNKNOWN_GIVEN, format!("there is no dataset and no step `{name}`"));
            finding.hints.extend(near.map(|near| format!("did you mean `{near}`?")));
            faults.at_key(&[key("given"), key(name)], finding);
            continue;
        };
        let at = [key("given"), key(name)];
        let (cells, unset) = table(case, rows, &schema, &at, faults);
        if let Some(frame) = frame(&cells, &schema, rows.len()) {
            let stored = Stored { frame, schema, source: Source::Given };
            frames.insert(full, GivenFrame { stored, unset });
        }
    }
    Given { frames }
}

fn table(
    case: &Case<'_>,
    rows: &[RowSpec],
    schema: &Schema,
    at: &[Seg],
    faults: &mut Faults<'_>,
) -> (Vec<Vec<Cell>>, BTreeSet<Name>) {
    let mut columns: Vec<Vec<Cell>> = vec![Vec::new(); schema.fields.len()];
    let mut unset = BTreeSet::new();
    for (index, row) in rows.iter().enumerate() {
        let mut here = at.to_vec();
        here.push(Seg::Index(index));
        for name in row.keys().filter(|name| schema.get(name).is_none()) {
            let mut finding = Finding::error(UNKNOWN_GIVEN_COLUMN, format!("there is no column `{name}`"));
            let near = nearest(name, schema.names());
            finding.hints.extend(near.map(|near| format!("did you mean `{near}`?")));
            faults.at_key(&[here.as_slice(), &[key(name)]].concat(), finding);
        }
        for (field, cells) in schema.fields.iter().zip(&mut columns) {
            let own = row.get(&field.name);
            let text = own.or_else(|| case.file.defaults.get(&field.name));
            let place = [here.as_slice(), &[key(&field.name)]].concat();
            let cell = match text {
                None if &*field.name == "period" => Cell::Text(case.period.to_string()),
                None => {
                    unset.insert(field.name.clone());
                    Cell::Absent
                }
                Some(None) if field.ty.nullable => Cell::Absent,
                Some(None) => {
                    let message = format!("`{}` is always there and cannot be null", field.name);
                    faults.at(&place, Finding::error(BAD_GIVEN_CELL, message).hint("give it a value"));
                    Cell::Absent
                }
                Some(Some(text)) => match parse(text, &field.ty) {
                    Ok(cell) => cell,
                    Err(fault) if own.is_some() => {
                        faults.inside(&place, fault);
                        Cell::Absent
                    }
                    // A default that fits other frames need not fit this one.
                    Err(_) => {
                        unset.insert(field.name.clone());
                        Cell::Absent
                    }
                },
            };
            cells.push(cell);
        }
    }
    (columns, unset)
}

/// A cell's text by the type of its column.
///
/// # Errors
/// When the text is not of the type.
pub(super) fn parse(text: &str, ty: &Type) -> Result<Cell, Fault> {
    let fault = |wanted: &str| {
        Fault::new(BAD_GIVEN_CELL, 0..text.len(), format!("`{text}` is not {wanted}"))
            .hint("the plan knows the column's type; write a cell of it")
    };
    match ty.kind {
        Kind::Text => Ok(Cell::Text(text.to_owned())),
        Kind::Bool => match text {
            "true" => Ok(Cell::Bool(true)),
            "false" => Ok(Cell::Bool(false)),
            _ => Err(fault("true or false")),
        },
        Kind::Date => text.parse().map(Cell::Date).map_err(|_| fault("a date such as 2026-10-01")),
        Kind::DateTime => {
            clock::read(text).map(Cell::Moment).ok_or_else(|| fault("a datetime such as 2026-10-01 09:30:00"))
        }
        Kind::Int => {
            let whole = Exact::parse_human(text).ok().filter(Exact::is_whole);
            whole.map(Cell::Number).ok_or_else(|| fault("a whole number"))
        }
        Kind::Decimal { scale, .. } => {
            let number = Exact::parse_human(text).map_err(|_| fault("a number"))?;
            if number.to_unscaled(scale).is_none() {
                return Err(fault(&format!("a number with at most {scale} decimals")));
            }
            Ok(Cell::Number(number))
        }
        Kind::Exact => Exact::parse_human(text).map(Cell::Number).map_err(|_| fault("a number")),
    }
}
