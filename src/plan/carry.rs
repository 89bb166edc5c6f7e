//! Carried balances: what a pipeline hands over to the next month, and from which month on a project carries.

use std::sync::Arc;

use super::pipelines::{Context, checked};
use super::places::{Faults, key, path};
use super::scope::Scope;
use crate::diag::{Code, Finding, Findings, nearest};
use crate::expr::types::{Kind, Name, Type};
use crate::expr::{self, Expr};
use crate::source::Of;
use crate::spec::{CarrySpec, Located, PipelineSpec, Project};
use crate::world::period::Period;

/// A balance that cannot be carried.
pub(super) const BAD_CARRY: Code =
    Code::new("bad-carry", "a carried balance is no number that is always there, or its rows do not say whose it is");
/// A project that carries, and does not say since when.
pub(super) const CARRIES_FROM: Code =
    Code::new("carries-from", "the first month of carried balances is missing, or is no month");

/// Most decimals of a balance, as the table of balances holds them.
const SCALE: u8 = 6;

/// A balance that goes over into the next month, where it is not 0.
#[derive(Clone, Debug)]
pub struct PlannedCarry {
    /// Entry, as the next month reads it.
    pub name: Name,
    /// Step whose rows have the balance.
    pub from: Name,
    /// Column that says whose it is: `employee_id`, or the name of a group.
    pub owner: Name,
    /// Clause.
    pub clause: String,
    /// Label of the opening entry.
    pub label: String,
    /// The balance.
    pub value: Expr,
    /// Whether it ends with its owner.
    pub lapses: bool,
}

/// Checks the carried balances of a pipeline.
pub(super) fn check(
    file: &Located<PipelineSpec>,
    scope: &Scope<'_>,
    cx: &Context<'_>,
    findings: &mut Findings,
) -> Vec<PlannedCarry> {
    let mut carries = Vec::new();
    for (name, spec) in file.value.carry.iter() {
        let mut faults = Faults::new(&file.document, path(["carry", name]), findings);
        if let Some((owner, value)) = check_one(spec, &file.value, scope, cx, &mut faults) {
            carries.push(PlannedCarry {
                name: Arc::from(name),
                from: Arc::from(spec.from.as_str()),
                owner,
                clause: spec.clause.clone(),
                label: spec.label.clone(),
                value,
                lapses: spec.lapses,
            });
        }
    }
    carries
}

fn check_one(
    spec: &CarrySpec,
    pipeline: &PipelineSpec,
    scope: &Scope<'_>,
    cx: &Context<'_>,
    faults: &mut Faults<'_>,
) -> Option<(Name, Expr)> {
    if !pipeline.clauses.contains(&spec.clause) {
        let finding = Finding::error(BAD_CARRY, format!("clause `{}` is not among `clauses`", spec.clause));
        faults.at(&[key("clause")], finding.hint("add it to `clauses:` at the head of the pipeline"));
    }
    let Some(schema) = scope.steps.get(spec.from.as_str()) else {
        // A step that is there and could not be checked has findings of its own.
        if !pipeline.steps.keys().any(|step| step == spec.from) {
            let near = nearest(&spec.from, pipeline.steps.keys()).map(|near| format!("did you mean `{near}`?"));
            let finding = Finding::error(BAD_CARRY, format!("there is no step `{}` in this pipeline", spec.from));
            faults.at(&[key("from")], finding.hint(near.unwrap_or_else(|| "name a step".to_owned())));
        }
        return None;
    };
    let owner = spec.of.as_deref().unwrap_or("employee_id");
    for (setting, column) in [("from", "store_id"), (if spec.of.is_some() { "of" } else { "from" }, owner)] {
        if schema.get(column).is_none_or(|field| field.ty != Type::text()) {
            let message = format!("step `{}` has no text column `{column}` that is always there", spec.from);
            let hint = "the rows say store and person; `of:` names the column where it is another's balance";
            faults.at(&[key(setting)], Finding::error(BAD_CARRY, message).hint(hint));
            return None;
        }
    }
    let what = format!("step `{}`", spec.from);
    let scope = expr::Scope { columns: schema, each: None, params: cx.parameters, aggregates: false, what: &what };
    let value = checked(&spec.value, "value", &scope, faults)?;
    let complaint = match value.ty.kind {
        _ if value.ty.nullable => "the balance may be absent".to_owned(),
        Kind::Decimal { scale, .. } if scale > SCALE => {
            format!("the balance has {scale} decimals; {SCALE} are carried")
        }
        // A figure that outgrew the digits of a decimal is no fraction yet: the run sees its decimals.
        Kind::Int | Kind::Decimal { .. } | Kind::Exact => return Some((Name::from(owner), value)),
        kind => format!("the balance is {kind}, not a number"),
    };
    let hint = "carry a figure of the source or a sum of such: `LEAST(output, 0)`";
    faults.at(&[key("value")], Finding::error(BAD_CARRY, complaint).hint(hint));
    None
}

/// The first month that carries; a finding where the project needs one and has none.
pub(super) fn carries_from(project: &Project, findings: &mut Findings) -> Option<Period> {
    let located = &project.project;
    if let Some(written) = &located.value.carries_from {
        let period = Period::parse(written);
        if period.is_none() {
            let mut faults = Faults::new(&located.document, path(["carries_from"]), findings);
            let finding = Finding::error(CARRIES_FROM, format!("`{written}` is no month"));
            faults.at(&[], finding.hint("write the first month whose balances are carried, as 2026-10"));
        }
        return period;
    }
    let hint = "write `carries_from: 2026-10` in the project file: the first month whose balances are carried";
    for file in project.pipelines.iter().filter(|file| !file.value.carry.is_empty()) {
        let mut faults = Faults::new(&file.document, path(["carry"]), findings);
        let finding =
            Finding::error(CARRIES_FROM, "balances are carried, and the project file does not say since when");
        faults.at_key(&[], finding.hint(hint));
    }
    for file in project.datasets.iter().filter(|file| file.value.source.of.as_deref() == Some(Of::RUN_BEFORE)) {
        let mut faults = Faults::new(&file.document, path(["source", "of"]), findings);
        let finding =
            Finding::error(CARRIES_FROM, "the run before is read, and the project file does not say since when");
        faults.at(&[], finding.hint(hint));
    }
    None
}
