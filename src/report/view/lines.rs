//! The lines of a slip: beside each amount what it was in the month before and the numbers it was computed from; behind
//! them, once, how each came about.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::super::spec::SectionSpec;
use super::trace::{Notes, Printed, Tabled, derivation};
use super::{Context, amount, cited};
use crate::money::Exact;
use crate::run::outcome::{LineBefore, PayLine, Person, TraceNode};

/// Whether a formula is written that is one figure alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeated {
    /// It is: the amount can be followed from the line itself.
    Written,
    /// It is not: the figure stands in a step or a table of its own.
    LeftOut,
}

/// What the lines of one slip have in common.
pub(super) struct Writing<'a> {
    printed: Printed<'a>,
    notes: Notes,
    /// Figures that the slip writes out in a table of their own.
    tabled: Tabled<'a>,
    /// How lines came about, in the order of the lines.
    basis: Vec<Value>,
}

impl<'a> Writing<'a> {
    pub(super) fn new(cx: Context<'a>) -> Self {
        let tabled = cx.spec.sections.iter().filter_map(|section| match section {
            SectionSpec::Figures(spec) if cx.outcome.published.contains_key(&spec.frame) => {
                let (pipeline, _) = spec.frame.split_once('.')?;
                Some(spec.figures.iter().map(move |figure| (pipeline, figure.column.as_str())))
            }
            _ => None,
        });
        let tabled = tabled.flatten().collect();
        Self { printed: Printed::new(), notes: Notes::default(), tabled, basis: Vec::new() }
    }

    /// Lines as a section shows them, with those of the month before that are no longer there.
    pub(super) fn lines(
        &mut self,
        cx: Context<'_>,
        person: &Person,
        lines: &[&'a PayLine],
        before: Option<&[LineBefore]>,
        repeated: Repeated,
    ) -> Value {
        let mut left: Vec<&LineBefore> = before.unwrap_or_default().iter().collect();
        let mut rows: Vec<Value> = lines.iter().map(|line| self.line(cx, person, line, &mut left, repeated)).collect();
        // What was paid last month alone stands below, or the totals could not be followed.
        rows.extend(left.iter().map(|gone| {
            json!({
                "label": gone.label, "clause": cited(cx, &gone.clause), "role": "", "how": "", "result": "",
                "amount": NOTHING, "before": yuan(gone.amount),
            })
        }));
        let total = sum(lines.iter().map(|line| line.amount));
        let total_before = before.map(|lines| amount(&sum(lines.iter().map(|line| line.amount)))).unwrap_or_default();
        json!({ "rows": rows, "total": amount(&total), "before": total_before })
    }

    fn line(
        &mut self,
        cx: Context<'_>,
        person: &Person,
        line: &'a PayLine,
        left: &mut Vec<&LineBefore>,
        repeated: Repeated,
    ) -> Value {
        let roles: BTreeSet<&str> = person.intervals.iter().map(|interval| interval.role.as_str()).collect();
        let role = person.intervals.iter().find(|interval| interval.role == line.role);
        let role = role.map(|interval| interval.role_label.as_str()).filter(|_| roles.len() > 1).unwrap_or_default();
        let (same, rest): (Vec<&LineBefore>, Vec<&LineBefore>) =
            left.iter().partition(|one| *one.line == *line.line && one.clause == line.clause);
        *left = rest;
        let before = if same.is_empty() { NOTHING.to_owned() } else { amount(&sum(same.iter().map(|one| one.amount))) };
        let mut basis = derivation(cx, &line.trace, &mut self.printed, &mut self.notes, &self.tabled);
        let first = line.trace.nodes.first();
        let how = how(line, first);
        // What stands beside the amount is not written a second time behind it.
        if first.is_some_and(|first| how == first.filled) {
            basis.insert("filled".into(), json!(""));
        }
        // Of a line that merely repeats a figure, the figure's own step says all.
        if repeated == Repeated::LeftOut && first.is_some_and(|first| first.children.len() < 2) {
            basis.insert("labelled".into(), json!(""));
            basis.insert("filled".into(), json!(""));
        }
        let unrounded = basis.remove("unrounded").unwrap_or_default();
        if says_more(&basis, first) {
            basis.insert("label".into(), json!(line.label));
            basis.insert("clause".into(), json!(cited(cx, &line.clause)));
            self.basis.push(Value::Object(basis));
        }
        json!({
            "label": line.label,
            "clause": cited(cx, &line.clause),
            "role": role,
            "how": how,
            "result": unrounded,
            "amount": yuan(line.amount),
            "before": before,
        })
    }

    /// How the lines came about, and the reasons for what the plan leaves open.
    pub(super) fn finished(self) -> (Vec<Value>, Vec<Value>) {
        (self.basis, self.notes.into_values())
    }
}

/// A figure that is not there.
const NOTHING: &str = "—";

/// The numbers that an amount was computed from; of one that merely repeats a figure, those of the figure.
fn how(line: &PayLine, first: Option<&TraceNode>) -> String {
    let Some(first) = first else { return String::new() };
    let only = match first.children.as_slice() {
        [only] => line.trace.nodes.get(*only),
        _ => None,
    };
    let size = |node: &TraceNode| node.value.trim_start_matches('-').to_owned();
    let Some(figure) = only.filter(|figure| size(figure) == size(first)) else {
        return if first.children.is_empty() { String::new() } else { first.filled.clone() };
    };
    if figure.children.len() < 2 || figure.filled.is_empty() || figure.filled.chars().count() > LONGEST {
        return String::new();
    }
    if figure.value == first.value { figure.filled.clone() } else { format!("−({})", figure.filled) }
}

/// The longest formula of a figure below a line that stands beside its amount, in characters.
const LONGEST: usize = 48;

/// Whether a derivation says anything that does not stand beside the amount.
fn says_more(basis: &Map<String, Value>, first: Option<&TraceNode>) -> bool {
    let has = |key: &str| basis.get(key).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let left_over = basis.get("filled").and_then(Value::as_str).is_some_and(|filled| !filled.is_empty());
    has("steps") || has("details") || left_over || first.is_some_and(|first| first.children.len() > 1)
}

fn yuan(decimal: Decimal) -> String {
    amount(&Exact::from_decimal(decimal))
}

fn sum(amounts: impl Iterator<Item = Decimal>) -> Exact {
    amounts.fold(Exact::zero(), |sum, amount| sum.add(&Exact::from_decimal(amount)))
}
