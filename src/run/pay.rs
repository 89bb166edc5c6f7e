//! Pay lines: the rows of a paid frame, each amount rounded once, half-up away from zero, to the fen.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::ById;
use super::cells::{Cell, of};
use super::evaluate::{Evaluation, RunError, period_values};
use super::outcome::{PayLine, Person, Trace};
use super::trace::Tracer;
use crate::diag::Code;
use crate::diag::data::{Exception, ExceptionSeverity};
use crate::expr;
use crate::money::{Exact, Rounding};
use crate::plan::{Pipeline, PlannedLine};
use crate::step::StepError;

/// A line that one person gets twice.
pub const PAY_LINE_TWICE: Code =
    Code::exception("pay-line-twice", "a plan would pay one line twice to the same person");
/// A person on the plan who gets no line and no reason.
pub const PAY_LINE_LOST: Code =
    Code::exception("pay-line-lost", "a person on the plan gets neither a pay line nor an exception that says why");
/// An amount that could not be computed.
pub const AMOUNT_NOT_COMPUTED: Code =
    Code::exception("amount-not-computed", "the amount of a pay line could not be computed");
/// An amount beyond what can be paid.
pub const AMOUNT_TOO_LARGE: Code =
    Code::exception("amount-too-large", "the amount of a pay line has more digits than money has");

/// Pay lines of one pipeline, with what a person must know of.
///
/// # Errors
/// When frame and plan disagree: a mistake of the program.
pub fn lines(
    evaluation: &Evaluation<'_>,
    pipeline: &Pipeline,
    people: &ById<'_>,
    traces: bool,
) -> Result<(Vec<PayLine>, Vec<Exception>), RunError> {
    let tracer = Tracer::new(evaluation);
    let (mut paid, mut exceptions) = (Vec::new(), Vec::new());
    for line in &pipeline.pay {
        let rows = amounts(evaluation, pipeline, line)?;
        let mut seen = BTreeSet::new();
        let mut due = Vec::new();
        for row in rows {
            let person = people.get(&(row.store_id.as_str(), row.employee_id.as_str())).copied();
            let who = who(person, &row.employee_id);
            if !seen.insert((row.store_id.clone(), row.employee_id.clone())) {
                let remedy = "let the step that is paid have one row per person: aggregate over the spine";
                exceptions.push(exception(ExceptionSeverity::Fatal, PAY_LINE_TWICE, &row, &who, &line.label, remedy));
                continue;
            }
            match row.amount {
                Amount::None => {}
                Amount::Fault(ref cause) => {
                    let cause = format!("{}: {cause} in {}", line.label, line.amount.text.trim());
                    let remedy = "look at the values of the row with `explain`, and at the plan";
                    exceptions.push(exception(
                        ExceptionSeverity::Blocking,
                        AMOUNT_NOT_COMPUTED,
                        &row,
                        &who,
                        &cause,
                        remedy,
                    ));
                }
                Amount::Exact(ref amount) => match amount.round(2, Rounding::HalfUp).to_amount() {
                    Some(rounded) => due.push((row.clone(), amount.clone(), rounded, person)),
                    None => {
                        let cause = format!("{}: {}", line.label, amount.to_canonical());
                        let remedy = "look for a figure that is far too large";
                        exceptions.push(exception(
                            ExceptionSeverity::Fatal,
                            AMOUNT_TOO_LARGE,
                            &row,
                            &who,
                            &cause,
                            remedy,
                        ));
                    }
                },
            }
        }
        let trace =
            |row: u32, amount: &Exact| if traces { tracer.line(pipeline, line, row, amount) } else { Trace::default() };
        let made: Vec<PayLine> = on_all_cores(due, |(row, amount, rounded, person)| PayLine {
            trace: trace(row.row, &amount),
            name: person.map(|person| person.name.clone()).unwrap_or_default(),
            role: row.role,
            store_id: row.store_id,
            employee_id: row.employee_id,
            pipeline: pipeline.name.clone(),
            line: line.name.clone(),
            clause: line.clause.clone(),
            label: line.label.clone(),
            amount: rounded,
        });
        paid.extend(made);
    }
    Ok((paid, exceptions))
}

/// Works on all cores, results in the order of the items.
///
/// Own threads and not the pool of the column engine: a trace may ask the engine for a column, and a thread of
/// the pool that waits for the engine would take up the next trace on top of this one, without end.
fn on_all_cores<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let size = items.len().div_ceil(threads).max(16);
    let mut items = items.into_iter();
    let parts =
        std::iter::from_fn(|| Some(items.by_ref().take(size).collect::<Vec<T>>()).filter(|part| !part.is_empty()));
    let parts: Vec<Vec<T>> = parts.collect();
    let work = &work;
    std::thread::scope(|scope| {
        let running: Vec<_> =
            parts.into_iter().map(|part| scope.spawn(move || part.into_iter().map(work).collect::<Vec<R>>())).collect();
        let joined =
            running.into_iter().map(|part| part.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause)));
        joined.flatten().collect()
    })
}

/// People on a spine for whom a pipeline has a line without condition, and who got neither it nor an
/// exception.
pub fn lost(
    evaluation: &Evaluation<'_>,
    pipeline: &Pipeline,
    lines: &[PayLine],
    exceptions: &[Exception],
    people: &ById<'_>,
) -> Vec<Exception> {
    let Some(spine) = evaluation.store.get(&format!("{}.spine", pipeline.name)) else { return Vec::new() };
    let got: BTreeSet<(&str, &str, &str)> =
        lines.iter().map(|line| (&*line.line, line.store_id.as_str(), line.employee_id.as_str())).collect();
    let named: BTreeSet<(&str, &str)> = exceptions
        .iter()
        .filter(|exception| exception.severity <= ExceptionSeverity::Accepted)
        .filter_map(|exception| Some((exception.store_id.as_deref()?, exception.employee_id.as_deref()?)))
        .collect();
    let mut found = Vec::new();
    for row in 0..u32::try_from(spine.frame.height()).unwrap_or(u32::MAX) {
        let (store_id, employee_id) =
            (spine.cell(row, "store_id").canonical(), spine.cell(row, "employee_id").canonical());
        if named.contains(&(store_id.as_str(), employee_id.as_str())) {
            continue;
        }
        let missing: Vec<&str> = pipeline
            .pay
            .iter()
            .filter(|line| line.when.is_none() && !got.contains(&(&*line.name, &store_id, &employee_id)))
            .map(|line| line.label.as_str())
            .collect();
        if missing.is_empty() {
            continue;
        }
        let person = people.get(&(store_id.as_str(), employee_id.as_str())).copied();
        found.push(Exception {
            severity: ExceptionSeverity::Fatal,
            code: PAY_LINE_LOST,
            who: who(person, &employee_id),
            store_id: Some(store_id),
            employee_id: Some(employee_id),
            cause: format!("no line {} from plan {}", missing.join("、"), pipeline.title),
            remedy: "a step of the plan drops the person without saying so: use `unmatched: exception` in its joins"
                .to_owned(),
            stake: None,
            accepted: None,
        });
    }
    found
}

#[derive(Clone, Debug)]
struct DueRow {
    row: u32,
    store_id: String,
    employee_id: String,
    role: String,
    amount: Amount,
}

#[derive(Clone, Debug)]
enum Amount {
    /// The line's condition does not hold.
    None,
    Fault(String),
    Exact(Exact),
}

fn amounts(evaluation: &Evaluation<'_>, pipeline: &Pipeline, line: &PlannedLine) -> Result<Vec<DueRow>, RunError> {
    let full = pipeline.full_name(&line.from);
    let step = format!("{}.pay.{}", pipeline.name, line.name);
    let fail = |source: StepError| RunError::Step { step: step.clone(), source };
    let stored = evaluation.store.get(&full).ok_or_else(|| fail(StepError::MissingFrame(line.from.clone())))?;
    let parameters = evaluation.plan.parameters.on(evaluation.period.first_day());
    let period = period_values(evaluation.period);
    let mut exprs = vec![("amount".into(), &line.amount)];
    exprs.extend(line.when.as_ref().map(|when| ("when".into(), when)));
    let evaluated = expr::evaluate(&exprs, &stored.frame, &parameters, &period).map_err(|error| fail(error.into()))?;
    let mut faults: BTreeMap<usize, String> = BTreeMap::new();
    for fault in evaluated.faults {
        faults.entry(fault.row).or_insert(fault.cause);
    }
    let mut rows = Vec::new();
    for row in 0..stored.frame.height() {
        let at = u32::try_from(row).unwrap_or(u32::MAX);
        let value = |index: usize, kind| {
            let column: Option<&Column> = evaluated.columns.get(index);
            column.and_then(|column| column.get(row).ok().map(|value| of(&value, kind))).unwrap_or(Cell::Absent)
        };
        let due = match &line.when {
            None => true,
            Some(when) => value(1, when.ty.kind) == Cell::Bool(true),
        };
        let amount = match (due, faults.get(&row), value(0, line.amount.ty.kind)) {
            (_, Some(cause), _) => Amount::Fault(cause.clone()),
            (false, ..) => Amount::None,
            (true, None, Cell::Number(amount)) => Amount::Exact(amount),
            (true, None, _) => Amount::Fault("a value is absent".to_owned()),
        };
        rows.push(DueRow {
            row: at,
            store_id: stored.cell(at, "store_id").canonical(),
            employee_id: stored.cell(at, "employee_id").canonical(),
            role: stored.cell(at, "role").canonical(),
            amount,
        });
    }
    Ok(rows)
}

fn who(person: Option<&Person>, employee_id: &str) -> String {
    person.map_or_else(|| employee_id.to_owned(), |person| format!("{} ({employee_id})", person.name))
}

fn exception(severity: ExceptionSeverity, code: Code, row: &DueRow, who: &str, cause: &str, remedy: &str) -> Exception {
    Exception {
        severity,
        code,
        store_id: Some(row.store_id.clone()),
        employee_id: Some(row.employee_id.clone()),
        who: who.to_owned(),
        cause: cause.to_owned(),
        remedy: remedy.to_owned(),
        stake: None,
        accepted: None,
    }
}
