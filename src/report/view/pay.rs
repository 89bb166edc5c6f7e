//! Pay of a store, by line and by person: two views of the same lines with the same total.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Context, amount, cited};
use crate::money::Exact;
use crate::run::outcome::{PayLine, Store};

/// Lines of a store.
pub(super) fn lines<'a>(cx: Context<'a>, store: &'a Store) -> impl Iterator<Item = &'a PayLine> {
    cx.outcome.pay_lines.iter().filter(|line| line.store_id == store.store_id)
}

/// Sum of amounts.
pub(super) fn sum<'a>(lines: impl Iterator<Item = &'a PayLine>) -> Exact {
    lines.fold(Exact::zero(), |sum, line| sum.add(&Exact::from_decimal(line.amount)))
}

/// One row for each line of a plan, in the order of plans and lines; the entries of a ledger are one.
pub(super) fn by_line(cx: Context<'_>, store: &Store) -> Value {
    let mut codes: Vec<(&str, &str)> = Vec::new();
    for line in lines(cx, store) {
        if !codes.contains(&(&line.pipeline, &line.kind)) {
            codes.push((&line.pipeline, &line.kind));
        }
    }
    let rows: Vec<Value> = codes
        .iter()
        .filter_map(|(pipeline, code)| {
            let of = || lines(cx, store).filter(|line| &*line.pipeline == *pipeline && &*line.kind == *code);
            let first = of().next()?;
            Some(json!({
                "label": first.kind_label,
                "clause": cited(cx, &first.clause),
                "people": of().map(|line| &line.employee_id).collect::<BTreeSet<_>>().len().to_string(),
                "amount": amount(&sum(of())),
            }))
        })
        .collect();
    json!({ "rows": rows, "total": amount(&sum(lines(cx, store))) })
}

/// One row for each person whom a plan covers, with or without lines.
pub(super) fn by_person(cx: Context<'_>, store: &Store) -> Value {
    let people = cx.outcome.people.iter().filter(|person| person.store_id == store.store_id);
    let rows: Vec<Value> = people
        .map(|person| {
            let of = || lines(cx, store).filter(|line| line.employee_id == person.employee_id);
            let mut roles: Vec<&str> = Vec::new();
            for interval in &person.intervals {
                if !roles.contains(&interval.role_label.as_str()) {
                    roles.push(&interval.role_label);
                }
            }
            json!({
                "name": person.name,
                "employee_id": person.employee_id,
                "roles": roles.join("、"),
                "lines": of().count().to_string(),
                "amount": amount(&sum(of())),
            })
        })
        .collect();
    json!({ "rows": rows, "total": amount(&sum(lines(cx, store))) })
}
