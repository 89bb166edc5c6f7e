//! Net pay on a slip: what is paid out, and the lines from pay to it.

use serde_json::{Value, json};

use super::lines::{Repeated, Writing};
use super::payslip::Before;
use super::{Context, amount, in_words};
use crate::money::Exact;
use crate::run::outcome::{PayLine, Person};

/// Net pay of a person, as the slip of one store prints it.
pub(super) struct Net {
    /// What is paid out; where another store pays out, its name.
    pub(super) total: Value,
    /// The lines; absent where another store pays out.
    pub(super) lines: Option<Value>,
}

/// The net pay of a person; `None` where nobody computes it.
pub(super) fn net<'a>(
    cx: Context<'a>,
    person: &Person,
    before: &Before<'_>,
    writing: &mut Writing<'a>,
) -> Result<Option<Net>, String> {
    let lines: &[&PayLine] = cx.index.net(&person.employee_id);
    let Some(first) = lines.first() else { return Ok(None) };
    if first.store_id != person.store_id {
        let store = cx.outcome.stores.iter().find(|store| store.store_id == first.store_id);
        let name = store.map_or(first.store_id.as_str(), |store| store.name.as_str());
        let elsewhere = cx.messages.fill("net_elsewhere", &[("store", name)]);
        let total = json!({ "total": "", "capitals": "", "hint": elsewhere, "estimated": "", "before": "" });
        return Ok(Some(Net { total, lines: None }));
    }
    let total = lines.iter().fold(Exact::zero(), |sum, line| sum.add(&Exact::from_decimal(line.amount)));
    let in_capitals =
        in_words(cx, &total).ok_or_else(|| format!("the net pay {} has no form in capitals", amount(&total)))?;
    let estimated = if first.estimated { cx.messages.get("net_estimated") } else { "" };
    let shown = writing.lines(cx, person, lines, before.net, Repeated::LeftOut);
    let before = shown.get("before").cloned().unwrap_or_default();
    Ok(Some(Net {
        total: json!({
            "total": amount(&total), "capitals": in_capitals, "hint": "", "estimated": estimated, "before": before,
        }),
        lines: Some(shown),
    }))
}
