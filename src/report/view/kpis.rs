//! The dictionary of figures at the end of a report: what each figure of its sections means.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Context;
use super::cells::minus;
use crate::money::show;
use crate::run::in_force::{HeldValue, of_store};
use crate::run::outcome::Store;

/// One entry for each figure that the report names, in the order of the dictionary.
pub(super) fn kpis(cx: Context<'_>, store: Option<&Store>) -> Result<Value, String> {
    let used: BTreeSet<&str> = cx.spec.sections.iter().flat_map(super::super::spec::SectionSpec::kpis).collect();
    let entries = cx.kpis.kpis.iter().filter(|(id, _)| used.contains(id));
    let rows = entries.map(|(id, kpi)| {
        let fill = |words: &str| filled(cx, store, words).map_err(|what| format!("figure `{id}`: {what}"));
        Ok(json!({
            "name": kpi.name,
            "definition": fill(&kpi.definition)?,
            "numerator": fill(&kpi.numerator)?,
            "denominator": fill(&kpi.denominator)?,
            "window": fill(&kpi.window)?,
            "date": fill(&kpi.date)?,
            "source": kpi.source,
            "clause": kpi.clause.as_deref().unwrap_or_default(),
        }))
    });
    Ok(json!({ "rows": rows.collect::<Result<Vec<Value>, String>>()? }))
}

/// Words with the parameters in their braces as they hold in a store; in a report of all stores where they hold for all.
fn filled(cx: Context<'_>, store: Option<&Store>, words: &str) -> Result<String, String> {
    let mut filled = String::with_capacity(words.len());
    let mut rest = words;
    while let Some((before, inside)) = rest.split_once('{') {
        let (name, after) = inside.split_once('}').ok_or("an open brace")?;
        let held = of_store(&cx.outcome.in_force, name, store.map_or("", |store| &store.store_id));
        filled.push_str(before);
        match held.map(|held| &held.value) {
            Some(HeldValue::Number(number)) => filled.push_str(&minus(show::number(number, 6))),
            Some(HeldValue::Choice(choice)) => filled.push_str(choice),
            Some(HeldValue::Ladder { .. }) => return Err(format!("`{name}` is a ladder, no number")),
            // Where no value holds for all of them, each store has its own.
            None => filled.push_str(cx.messages.get("by_store")),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}
