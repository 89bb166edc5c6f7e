//! The report of all stores: pay by store, published figures of all of them side by side, exceptions by store and by
//! code, decisions with the stores in which they hold.
//!
//! Somebody who works in two stores is one person here, by employee id.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::super::spec::SectionSpec;
use super::cells::NOTHING;
use super::{Context, Section, amount, exceptions, kpis, month_words, pay, store_figures, table, trend};
use crate::diag::data::{Exception, ExceptionSeverity};
use crate::diag::phrase::phrase;
use crate::diag::text::title;
use crate::money::{Exact, show};

/// Severities, from the gravest on, with the keys of their words.
const SEVERITIES: [(ExceptionSeverity, &str); 4] = [
    (ExceptionSeverity::Blocking, "blocking"),
    (ExceptionSeverity::Held, "held"),
    (ExceptionSeverity::Accepted, "accepted"),
    (ExceptionSeverity::Warning, "warning"),
];
/// Up to how many stores are named one by one.
const NAMED: usize = 6;

/// Blocks of the group's report; the figures of its head go into `data`.
pub(super) fn sections(cx: Context<'_>, data: &mut Map<String, Value>) -> Result<Vec<Section>, String> {
    let outcome = cx.outcome;
    let count = |severity: ExceptionSeverity| {
        outcome.exceptions.iter().filter(|exception| exception.severity == severity).count().to_string()
    };
    let figures = [
        ("total", amount(&pay::sum(outcome.pay_lines.iter()))),
        ("stores", outcome.stores.len().to_string()),
        ("people", people(cx).to_string()),
        ("lines", outcome.pay_lines.len().to_string()),
        ("blocking", count(ExceptionSeverity::Blocking)),
        ("held", count(ExceptionSeverity::Held)),
        ("warnings", count(ExceptionSeverity::Warning)),
        ("period_before", month_words(cx, outcome.period.previous())),
    ];
    data.extend(figures.into_iter().map(|(key, text)| (key.to_owned(), json!(text))));
    let sections = cx.spec.sections.iter().map(|section| {
        let content = match section {
            SectionSpec::PayByStore(_) => pay_by_store(cx),
            SectionSpec::Table(spec) => {
                let all = table::Only::all();
                return if spec.hide_empty && table::is_empty(cx, &all, spec)? {
                    Ok(None)
                } else {
                    table::section_of(cx, &all, spec).map(Some)
                };
            }
            SectionSpec::Trend(spec) => trend::trend(cx, spec),
            SectionSpec::ExceptionsByStore(_) => exceptions_by_store(cx),
            SectionSpec::ExceptionsByCode(_) => exceptions_by_code(cx),
            // What names a store stands in its own report.
            SectionSpec::Exceptions(_) => {
                let of_none = outcome.exceptions.iter().filter(|exception| exception.store_id.is_none());
                json!({ "rows": exceptions(cx, of_none) })
            }
            SectionSpec::KeyFigures(spec) => store_figures::key_figures(cx, &table::Only::all(), spec)?,
            SectionSpec::Movers(spec) => store_figures::movers(cx, &table::Only::all(), spec)?,
            SectionSpec::Heat(spec) => store_figures::heat(cx, spec)?,
            SectionSpec::Kpis(_) => kpis::kpis(cx, None)?,
            SectionSpec::Decisions(_) => decisions(cx),
            other => return Err(format!("section `{}` does not show all stores", other.kind())),
        };
        Ok(Some(Section::new(section.kind(), section.heading(), content)))
    });
    sections.filter_map(Result::transpose).collect()
}

/// People by employee id: who works in two stores is one.
fn people(cx: Context<'_>) -> usize {
    cx.outcome.people.iter().map(|person| person.employee_id.as_str()).collect::<BTreeSet<_>>().len()
}

/// What a store is called: its name, with the id where two have the same.
pub(super) fn store_name(cx: Context<'_>, store_id: &str) -> String {
    let stores = &cx.outcome.stores;
    let Some(store) = stores.iter().find(|store| store.store_id == store_id) else { return store_id.to_owned() };
    let same = stores.iter().filter(|other| other.name == store.name).count();
    if same > 1 { format!("{} {store_id}", store.name) } else { store.name.clone() }
}

/// Stores in the order of the project, named where they are few, all of them as such.
fn stores_named(cx: Context<'_>, stores: &BTreeSet<&str>) -> String {
    let known: Vec<&str> = cx.outcome.stores.iter().map(|store| store.store_id.as_str()).collect();
    if known.len() > 1 && known.iter().all(|store| stores.contains(store)) {
        return cx.messages.get("all_stores").to_owned();
    }
    let own: Vec<&str> = known.into_iter().filter(|store| stores.contains(store)).collect();
    let named: Vec<String> = own.iter().take(NAMED).map(|store| store_name(cx, store)).collect();
    let named = named.join(phrase("、", cx.outcome.language()));
    if own.len() <= NAMED {
        return named;
    }
    cx.messages.fill("and_other_stores", &[("stores", &named), ("count", &own.len().to_string())])
}

/// One row for each store, who pays most first; the people of all stores are counted once each.
fn pay_by_store(cx: Context<'_>) -> Value {
    let all = pay::sum(cx.outcome.pay_lines.iter());
    let mut stores: Vec<(Exact, &str)> = Vec::new();
    for store in &cx.outcome.stores {
        let own = cx.index.store(&store.store_id);
        stores.push((pay::sum(own.lines.iter().copied()), &store.store_id));
    }
    stores.sort_by(|(one, _), (other, _)| other.cmp(one));
    let rows: Vec<Value> = stores
        .iter()
        .map(|(paid, store_id)| {
            let own = cx.index.store(store_id);
            json!({
                "store": store_name(cx, store_id),
                "store_id": store_id,
                "people": own.people.len().to_string(),
                "lines": own.lines.len().to_string(),
                "amount": amount(paid),
                "share": paid.div(&all).map_or_else(|| NOTHING.to_owned(), |share| show::percent(&share, 2)),
            })
        })
        .collect();
    json!({
        "rows": rows,
        "people": people(cx).to_string(),
        "lines": cx.outcome.pay_lines.len().to_string(),
        "total": amount(&all),
    })
}

/// One row for each store with its exceptions by severity, and one for those that name no store.
fn exceptions_by_store(cx: Context<'_>) -> Value {
    let mut counts: BTreeMap<Option<&str>, BTreeMap<ExceptionSeverity, usize>> = BTreeMap::new();
    for exception in &cx.outcome.exceptions {
        *counts.entry(exception.store_id.as_deref()).or_default().entry(exception.severity).or_default() += 1;
    }
    let row = |store: String, counts: Option<&BTreeMap<ExceptionSeverity, usize>>| {
        let of = |severity| counts.and_then(|counts| counts.get(&severity)).copied().unwrap_or(0);
        let cells = SEVERITIES.map(|(severity, _)| of(severity).to_string());
        json!({ "store": store, "counts": cells, "all": SEVERITIES.map(|(severity, _)| of(severity)).iter().sum::<usize>().to_string() })
    };
    let stores = cx.outcome.stores.iter().map(|store| store.store_id.as_str());
    let mut rows: Vec<Value> =
        stores.map(|store| row(store_name(cx, store), counts.remove(&Some(store)).as_ref())).collect();
    rows.extend(counts.iter().map(|(store, counts)| {
        row(store.map_or_else(|| cx.messages.get("no_store").to_owned(), str::to_owned), Some(counts))
    }));
    let total: Vec<String> = SEVERITIES
        .iter()
        .map(|(severity, _)| cx.outcome.exceptions.iter().filter(|one| one.severity == *severity).count().to_string())
        .collect();
    let heads: Vec<&str> = SEVERITIES.iter().map(|(_, key)| cx.messages.get(key)).collect();
    json!({ "heads": heads, "rows": rows, "total": total, "all": cx.outcome.exceptions.len().to_string() })
}

/// One row for each code and severity: how many, in which stores, and the yuan at stake.
fn exceptions_by_code(cx: Context<'_>) -> Value {
    let mut kinds: BTreeMap<(ExceptionSeverity, &str), Vec<&Exception>> = BTreeMap::new();
    for exception in &cx.outcome.exceptions {
        kinds.entry((exception.severity, exception.code.id)).or_default().push(exception);
    }
    let word = |severity: ExceptionSeverity| {
        let known = SEVERITIES.iter().find(|(known, _)| *known == severity);
        cx.messages.get(known.map_or("fatal", |(_, key)| *key))
    };
    let rows: Vec<Value> = kinds
        .iter()
        .map(|((severity, code), of)| {
            let stores: BTreeSet<&str> = of.iter().filter_map(|one| one.store_id.as_deref()).collect();
            let stakes: Vec<Exact> = of.iter().filter_map(|one| one.stake.map(Exact::from_decimal)).collect();
            let stake = stakes.iter().fold(Exact::zero(), |sum, stake| sum.add(stake));
            json!({
                "severity": word(*severity),
                "what": called(cx, of),
                "code": code,
                "count": of.len().to_string(),
                "stores": stores_named(cx, &stores),
                "stake": if stakes.is_empty() { String::new() } else { amount(&stake) },
            })
        })
        .collect();
    json!({ "rows": rows })
}

/// What exceptions of one code are called; nothing where the project has given the code itself.
fn called(cx: Context<'_>, of: &[&Exception]) -> &'static str {
    let Some(code) = of.first().map(|exception| exception.code) else { return "" };
    let called = title(code, cx.messages.language());
    if called == code.id { "" } else { called }
}

/// Each decision once, with the stores in which it holds; a choice that stores make differently stands once for each.
fn decisions(cx: Context<'_>) -> Value {
    type Decided<'a> = (&'a str, &'a str, &'a str);
    let mut places: BTreeMap<Decided<'_>, usize> = BTreeMap::new();
    let mut kinds: Vec<(&crate::run::outcome::DecisionInForce, BTreeSet<&str>)> = Vec::new();
    for decision in &cx.outcome.decisions {
        let key = (decision.clause.as_str(), decision.decided.as_str(), decision.chosen.as_str());
        let place = *places.entry(key).or_insert(kinds.len());
        match kinds.get_mut(place) {
            Some((_, stores)) => drop(stores.insert(&decision.store_id)),
            None => kinds.push((decision, BTreeSet::from([decision.store_id.as_str()]))),
        }
    }
    let order: BTreeMap<&str, usize> =
        cx.outcome.clauses.iter().enumerate().map(|(at, words)| (words.clause.as_str(), at)).collect();
    kinds.sort_by_key(|(decision, _)| order.get(decision.clause.as_str()).copied());
    let mut last = "";
    let rows: Vec<Value> = kinds
        .iter()
        .map(|(decision, stores)| {
            // A clause is told once, with its first decision.
            let words = cx.outcome.clause(&decision.clause).filter(|_| decision.clause != last);
            last = decision.clause.as_str();
            json!({
                "clause": words.map_or("", |words| &words.clause),
                "number": words.map_or("", |words| &words.number),
                "sentence": words.map_or("", |words| words.sentence(cx.outcome.language())),
                "decided": decision.decided,
                "chosen": decision.chosen,
                "instead": decision.instead,
                "stores": stores_named(cx, stores),
            })
        })
        .collect();
    json!({ "rows": rows })
}
