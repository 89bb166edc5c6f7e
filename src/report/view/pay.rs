//! Pay of a store, by line and by person: two views of the same lines with the same total.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::spec::{ChartKind, Format};
use super::chart::{self, Drawing, Mark};
use super::{Context, amount, cited};
use crate::diag::phrase::phrase;
use crate::money::Exact;
use crate::run::outcome::{PayLine, Store};

/// Lines of a store.
pub(super) fn lines<'a>(cx: Context<'a>, store: &'a Store) -> impl Iterator<Item = &'a PayLine> {
    cx.index.store(&store.store_id).lines.iter().copied()
}

/// Sum of amounts.
pub(super) fn sum<'a>(lines: impl Iterator<Item = &'a PayLine>) -> Exact {
    lines.fold(Exact::zero(), |sum, line| sum.add(&Exact::from_decimal(line.amount)))
}

/// One row for each line of a plan, in the order of plans and lines; the entries of a ledger are one.
pub(super) fn by_line(cx: Context<'_>, store: &Store) -> Value {
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut kinds: Vec<Vec<&PayLine>> = Vec::new();
    for line in lines(cx, store) {
        let place = *places.entry((&line.pipeline, &line.kind)).or_insert(kinds.len());
        match kinds.get_mut(place) {
            Some(known) => known.push(line),
            None => kinds.push(vec![line]),
        }
    }
    let rows: Vec<Value> = kinds
        .iter()
        .filter_map(|of| {
            let first = of.first()?;
            Some(json!({
                "label": first.kind_label,
                "clause": cited(cx, &first.clause),
                "people": of.iter().map(|line| &line.employee_id).collect::<BTreeSet<_>>().len().to_string(),
                "amount": amount(&sum(of.iter().copied())),
            }))
        })
        .collect();
    let marks = kinds.iter().filter_map(|of| Some((of.first()?.kind_label.clone(), sum(of.iter().copied()))));
    let chart = drawn(cx, ChartKind::Pareto, "pay_by_line_axis", marks.collect());
    json!({ "rows": rows, "total": amount(&sum(lines(cx, store))), "chart": chart })
}

/// A chart over amounts of yuan.
fn drawn(cx: Context<'_>, kind: ChartKind, axis: &'static str, amounts: Vec<(String, Exact)>) -> Value {
    let mark = |(label, value)| Mark { label, value: Some(value), before: None, target: None };
    let marks = amounts.into_iter().map(mark).collect();
    let axis = cx.messages.get(axis).to_owned();
    chart::chart(cx, &Drawing { kind, axis, format: Format::Money, compared: false, marks })
}

/// One row for each person whom a plan covers, with or without lines.
pub(super) fn by_person(cx: Context<'_>, store: &Store) -> Value {
    let own = cx.index.store(&store.store_id);
    let rows: Vec<Value> = own
        .people
        .iter()
        .map(|person| {
            let of = &own.person(&person.employee_id).lines;
            let mut roles: Vec<&str> = Vec::new();
            for interval in &person.intervals {
                if !roles.contains(&interval.role_label.as_str()) {
                    roles.push(&interval.role_label);
                }
            }
            json!({
                "name": person.name,
                "employee_id": person.employee_id,
                "roles": roles.join(phrase("、", cx.outcome.language())),
                "lines": of.len().to_string(),
                "amount": amount(&sum(of.iter().copied())),
            })
        })
        .collect();
    let paid =
        own.people.iter().map(|person| (String::new(), sum(own.person(&person.employee_id).lines.iter().copied())));
    let chart = drawn(cx, ChartKind::Distribution, "pay_by_person_axis", paid.collect());
    json!({ "rows": rows, "total": amount(&sum(lines(cx, store))), "chart": chart })
}
