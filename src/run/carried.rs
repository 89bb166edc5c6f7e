//! Balances that go over into the next month, and those of the month before that nobody takes over.

use std::collections::BTreeSet;

use polars::prelude::Column;
use rust_decimal::Decimal;

use super::ById;
use super::cells::{Cell, cell, of};
use super::evaluate::{Evaluation, RunError};
use super::outcome::Carried;
use crate::diag::Code;
use crate::diag::data::{Exception, ExceptionSeverity};
use crate::diag::text::{Text, text};
use crate::expr;
use crate::expr::types::Kind;
use crate::money::Exact;
use crate::plan::{Pipeline, PlannedCarry};
use crate::source::Of;
use crate::step::StepError;

/// A balance that could not be computed.
pub const CARRY_NOT_COMPUTED: Code =
    Code::exception("carry-not-computed", "a balance that goes over into the next month could not be computed");
/// One balance in two rows.
pub const CARRY_TWICE: Code = Code::exception("carry-twice", "a pipeline would carry one balance twice");
/// A balance of the month before that nobody takes over.
pub const OPENING_WITHOUT_OWNER: Code = Code::exception(
    "opening-without-owner",
    "a balance of the month before belongs to nobody whom the plan counts now",
);

/// Decimals that a balance may have.
const SCALE: u8 = 6;

/// The balances of an evaluation, by pipeline, entry, store and owner, with what a person must know of.
///
/// # Errors
/// When frame and plan disagree: a mistake of the program.
pub fn balances(evaluation: &Evaluation<'_>, people: &ById<'_>) -> Result<(Vec<Carried>, Vec<Exception>), RunError> {
    let (mut carried, mut exceptions) = (Vec::new(), Vec::new());
    let plan = evaluation.plan;
    if plan.carries_from.is_none_or(|first| evaluation.period < first) {
        return Ok((carried, exceptions));
    }
    for pipeline in &plan.pipelines {
        let before = carried.len();
        for carry in &pipeline.carry {
            of_entry(evaluation, pipeline, carry, people, &mut carried, &mut exceptions)?;
        }
        carried[before..].sort_by(|a, b| (&a.store_id, &a.owner).cmp(&(&b.store_id, &b.owner)));
    }
    Ok((carried, exceptions))
}

/// The balances of one pipeline, for its rule tests.
///
/// # Errors
/// When frame and plan disagree: a mistake of the program.
pub fn of_pipeline(
    evaluation: &Evaluation<'_>,
    pipeline: &Pipeline,
    people: &ById<'_>,
) -> Result<(Vec<Carried>, Vec<Exception>), RunError> {
    let (mut carried, mut exceptions) = (Vec::new(), Vec::new());
    for carry in &pipeline.carry {
        of_entry(evaluation, pipeline, carry, people, &mut carried, &mut exceptions)?;
    }
    Ok((carried, exceptions))
}

fn of_entry(
    evaluation: &Evaluation<'_>,
    pipeline: &Pipeline,
    carry: &PlannedCarry,
    people: &ById<'_>,
    carried: &mut Vec<Carried>,
    exceptions: &mut Vec<Exception>,
) -> Result<(), RunError> {
    let step = format!("{}.carry.{}", pipeline.name, carry.name);
    let fail = |source: StepError| RunError::Step { step: step.clone(), source };
    let stored = evaluation.store.get(&pipeline.full_name(&carry.from));
    let stored = stored.ok_or_else(|| fail(StepError::MissingFrame(carry.from.clone())))?;
    let parameters = evaluation.plan.parameters.on(evaluation.period.first_day());
    let exprs = [("value".into(), &carry.value)];
    let evaluated = expr::evaluate(&exprs, &stored.frame, &parameters, &evaluation.period_values())
        .map_err(|error| fail(error.into()))?;
    let values: Option<&Column> = evaluated.columns.first();
    let mut seen = BTreeSet::new();
    for row in 0..u32::try_from(stored.frame.height()).unwrap_or(u32::MAX) {
        let owner = stored.cell(row, &carry.owner).canonical();
        let store_id = stored.cell(row, "store_id").canonical();
        let is_person = &*carry.owner == "employee_id";
        let say = |severity, code, cause: Text, remedy: Text| {
            let name = people.get(&(store_id.as_str(), owner.as_str())).map(|person| person.name.as_str());
            Exception {
                severity,
                code,
                store_id: Some(store_id.clone()),
                employee_id: is_person.then(|| owner.clone()),
                who: name.map_or_else(|| owner.clone(), |name| format!("{name} ({owner})")),
                cause,
                remedy,
                stake: None,
                place: None,
                accepted: None,
            }
        };
        if !seen.insert((store_id.clone(), owner.clone())) {
            let cause = text!("{label}: two rows are of {owner}", label = &carry.label, owner = &owner);
            let remedy = text!("carry from a step with one row for each owner");
            exceptions.push(say(ExceptionSeverity::Fatal, CARRY_TWICE, cause, remedy));
            continue;
        }
        let value =
            values.and_then(|column| column.get(row as usize).ok().map(|value| of(&value, carry.value.ty.kind)));
        let fault = evaluated.faults.iter().find(|fault| fault.row == row as usize).map(|fault| fault.cause.clone());
        match (fault, value.as_ref().and_then(Cell::number).and_then(decimal)) {
            (None, Some(value)) if value.is_zero() => {}
            (None, Some(value)) => carried.push(Carried {
                employee_id: is_person.then(|| owner.clone()),
                pipeline: pipeline.name.clone(),
                entry: carry.name.clone(),
                clause: carry.clause.clone(),
                label: carry.label.clone(),
                unit: carry.value.ty.unit.to_string(),
                store_id,
                owner,
                value,
            }),
            (fault, _) => {
                let cause =
                    fault.unwrap_or_else(|| text!("the value is absent, too large, or has more than six decimals"));
                let cause = text!("{label}: {cause}", label = &carry.label, cause = cause);
                let remedy = text!("look at the figures of the row, and at the plan");
                exceptions.push(say(ExceptionSeverity::Blocking, CARRY_NOT_COMPUTED, cause, remedy));
            }
        }
    }
    Ok(())
}

/// A balance as the table holds it.
fn decimal(value: &Exact) -> Option<Decimal> {
    let unscaled = value.to_unscaled(SCALE)?;
    Decimal::try_from_i128_with_scale(unscaled, u32::from(SCALE)).ok().map(|value| value.normalize())
}

/// Balances of the month before whose owner has no row this month: nothing takes them over, and nothing says so
/// unless this does.
pub fn without_owner(evaluation: &Evaluation<'_>) -> Vec<Exception> {
    let openings = evaluation.plan.contracts.iter().filter(|(_, contract)| contract.of == Of::RunBefore);
    let mut exceptions = Vec::new();
    for stored in openings.filter_map(|(name, _)| evaluation.store.get(name)) {
        for row in 0..u32::try_from(stored.frame.height()).unwrap_or(u32::MAX) {
            let cell_text = |column| match cell(&stored.frame, row, column, Kind::Text) {
                Cell::Text(text) => text,
                _ => String::new(),
            };
            let [pipeline, entry, store_id, owner] = ["pipeline", "entry", "store_id", "owner"].map(cell_text);
            if is_taken_over(evaluation, &pipeline, &entry, &store_id, &owner) {
                continue;
            }
            exceptions.push(Exception {
                severity: ExceptionSeverity::Warning,
                code: OPENING_WITHOUT_OWNER,
                store_id: Some(store_id),
                employee_id: Some(cell_text("employee_id")).filter(|employee| !employee.is_empty()),
                who: owner,
                cause: text!(
                    "{label} of the month before, {value} {unit}, is not taken over by {pipeline}",
                    label = cell_text("label"),
                    value = stored.cell(row, "value").canonical(),
                    unit = cell_text("unit"),
                    pipeline = &pipeline
                ),
                remedy: text!("settle it with a line of the ledger, where it is still owed"),
                stake: None,
                place: None,
                accepted: None,
            });
        }
    }
    exceptions
}

/// Whether the owner of an opening balance has a row where the same balance is carried on.
///
/// A balance of net pay is the person's, whichever store pays the person out now.
fn is_taken_over(evaluation: &Evaluation<'_>, pipeline: &str, entry: &str, store_id: &str, owner: &str) -> bool {
    let Some(pipeline) = evaluation.plan.pipeline(pipeline) else { return false };
    let Some(carry) = pipeline.carry.iter().find(|carry| *carry.name == *entry) else { return false };
    if carry.lapses {
        return true;
    }
    let anywhere = !pipeline.settle.is_empty();
    let Some(stored) = evaluation.store.get(&pipeline.full_name(&carry.from)) else { return false };
    let column = |name: &str| stored.frame.column(name).ok().and_then(|column| column.str().ok());
    let (Some(stores), Some(owners)) = (column("store_id"), column(&carry.owner)) else { return false };
    stores.iter().zip(owners.iter()).any(|(store, own)| (anywhere || store == Some(store_id)) && own == Some(owner))
}
