//! Pay lines: what is due, with names and traces, and what stands in its way.

use std::collections::BTreeSet;

use super::ById;
use super::due::{Amount, Due, DueRow};
use super::evaluate::Evaluation;
use super::outcome::{PayLine, Person, Trace};
use super::trace::Tracer;
use crate::diag::Code;
use crate::diag::data::{Exception, ExceptionSeverity};
use crate::diag::text::{Text, text};
use crate::plan::Pipeline;

/// A line that one person gets twice.
pub const PAY_LINE_TWICE: Code =
    Code::exception("pay-line-twice", "a plan would pay one line twice to the same person");
/// A person on the plan who gets no line and no reason.
pub const PAY_LINE_LOST: Code =
    Code::exception("pay-line-lost", "a person on the plan gets neither a pay line nor an exception that says why");
/// A person on a plan whose net pay nobody computes.
pub const NET_PAY_LOST: Code =
    Code::exception("net-pay-lost", "a person on a plan gets neither a net pay nor an exception that says why");
/// An amount that could not be computed.
pub const AMOUNT_NOT_COMPUTED: Code =
    Code::exception("amount-not-computed", "the amount of a pay line could not be computed");
/// An amount beyond what can be paid.
pub const AMOUNT_TOO_LARGE: Code =
    Code::exception("amount-too-large", "the amount of a pay line has more digits than money has");

/// Pay lines of one pipeline, of what it has computed to be due.
pub fn lines(
    evaluation: &Evaluation<'_>,
    pipeline: &Pipeline,
    due: &Due,
    people: &ById<'_>,
    traces: bool,
) -> Vec<PayLine> {
    let tracer = Tracer::new(evaluation, pipeline, people);
    let mut paid = Vec::new();
    for (line, rows) in pipeline.lines().iter().zip(&due.lines) {
        let rows = rows.iter().filter_map(|row| match &row.amount {
            Amount::Paid { exact, rounded } => Some((row, exact, *rounded)),
            _ => None,
        });
        let made: Vec<PayLine> = on_all_cores(rows.collect(), |(row, exact, rounded)| PayLine {
            part: line.part,
            estimated: row.estimated,
            trace: if traces { tracer.line(pipeline, line, row, exact) } else { Trace::default() },
            name: person(people, row).map(|person| person.name.clone()).unwrap_or_default(),
            role: row.role.clone(),
            store_id: row.store_id.clone(),
            employee_id: row.employee_id.clone(),
            pipeline: pipeline.name.clone(),
            line: row.code.clone(),
            kind: line.name.clone(),
            kind_label: line.label.clone(),
            clause: line.clause.clone(),
            label: evaluation.plan.words.value(&row.label),
            amount: rounded,
        });
        paid.extend(made);
    }
    paid
}

/// What stands in the way of lines that are due.
pub fn troubles(pipeline: &Pipeline, due: &Due, people: &ById<'_>) -> Vec<Exception> {
    let mut exceptions = Vec::new();
    for (line, rows) in pipeline.lines().iter().zip(&due.lines) {
        for row in rows {
            let label = match line.each {
                Some(_) => format!("{} {}", row.code, row.label),
                None => row.label.clone(),
            };
            let (severity, code, cause, remedy) = match &row.amount {
                Amount::Paid { .. } => continue,
                Amount::Fault(cause) => (
                    ExceptionSeverity::Blocking,
                    AMOUNT_NOT_COMPUTED,
                    text!("{label}: {cause} in {formula}", label, cause, formula = line.amount.text.trim()),
                    text!("look at the values of the row with `explain`, and at the plan"),
                ),
                Amount::Twice if line.each.is_some() => {
                    let remedy = text!("give every entry a number of its own");
                    (ExceptionSeverity::Fatal, PAY_LINE_TWICE, Text::from(label), remedy)
                }
                Amount::Twice => (
                    ExceptionSeverity::Fatal,
                    PAY_LINE_TWICE,
                    Text::from(label),
                    text!("let the step that is paid have one row per person: aggregate over the spine"),
                ),
                Amount::TooLarge(exact) => (
                    ExceptionSeverity::Fatal,
                    AMOUNT_TOO_LARGE,
                    Text::from(format!("{label}: {}", exact.to_canonical())),
                    text!("look for a figure that is far too large"),
                ),
            };
            exceptions.push(Exception {
                severity,
                code,
                store_id: Some(row.store_id.clone()),
                employee_id: Some(row.employee_id.clone()),
                who: who(person(people, row), &row.employee_id),
                cause,
                remedy,
                stake: None,
                accepted: None,
                place: None,
            });
        }
    }
    exceptions
}

/// The person of a row; who is paid by another store than that of the work is known by the id alone.
fn person<'a>(people: &ById<'a>, row: &DueRow) -> Option<&'a Person> {
    let elsewhere = || people.values().find(|person| person.employee_id == row.employee_id);
    people.get(&(row.store_id.as_str(), row.employee_id.as_str())).or_else(elsewhere).copied()
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
            .lines()
            .iter()
            .filter(|line| {
                line.when.is_none() && line.each.is_none() && !got.contains(&(&*line.name, &store_id, &employee_id))
            })
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
            cause: text!(
                "no line {lines} from plan {plan}",
                lines = Text::Row(missing.into_iter().map(Text::from).collect()),
                plan = &pipeline.title
            ),
            remedy: text!(
                "a step of the plan drops the person without saying so: use `unmatched: exception` in its joins"
            ),
            stake: None,
            accepted: None,
            place: None,
        });
    }
    found
}

/// People whom a plan covers, and for whom nobody computes a net pay, nor says why.
pub fn unsettled(people: &[Person], net_lines: &[PayLine], exceptions: &[Exception]) -> Vec<Exception> {
    let named = exceptions.iter().filter(|exception| exception.severity <= ExceptionSeverity::Accepted);
    let mut known: BTreeSet<&str> = named.filter_map(|exception| exception.employee_id.as_deref()).collect();
    known.extend(net_lines.iter().map(|line| line.employee_id.as_str()));
    let lost = people.iter().filter(|person| known.insert(&person.employee_id));
    lost.map(|person| Exception {
        severity: ExceptionSeverity::Fatal,
        code: NET_PAY_LOST,
        store_id: Some(person.store_id.clone()),
        employee_id: Some(person.employee_id.clone()),
        who: who(Some(person), &person.employee_id),
        cause: text!("no line of net pay"),
        remedy: text!(
            "a step of the net pay drops the person without saying so: use `unmatched: exception` in its joins"
        ),
        stake: None,
        accepted: None,
        place: None,
    })
    .collect()
}

fn who(person: Option<&Person>, employee_id: &str) -> String {
    person.map_or_else(|| employee_id.to_owned(), |person| format!("{} ({employee_id})", person.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::sample::{exception, line, outcome};

    #[test]
    fn who_is_on_a_plan_has_a_net_pay_or_a_reason() {
        let people = outcome().people;
        let lost = unsettled(&people, &[], &[]);
        assert_eq!((lost.len(), lost[0].code, lost[0].severity), (1, NET_PAY_LOST, ExceptionSeverity::Fatal));
        assert_eq!(unsettled(&people, &[], &[exception(Some("S01"), "A1")]), []);
        assert_eq!(unsettled(&people, &[line("A1", "张伟", "earned", "1")], &[]), []);
    }
}
