//! The plan table: which plan pays whom, by store, role and date.
//!
//! An entry says that a plan pays people in some roles, in some stores, from a day on and perhaps until one. A role
//! may be paid by several plans at a time (output and renewals), as long as no two of them pay a line of the same
//! code: that line would be paid twice. `plan: none` says with a reason that nobody's plan pays a role. A project
//! without a table pays everybody whom the spine of a paying pipeline names.
//!
//! A plan whose lines all stand once for each row, a ledger, pays whom its entries name and nobody for a role: it
//! does not count as the plan of a role, and stands beside `plan: none`.

use std::sync::Arc;

use jiff::civil::Date;

use super::parameters::unknown_store;
use super::pipelines::unknown_role;
use super::places::{Faults, key, path};
use crate::diag::{Code, Fault, Finding, Findings, nearest};
use crate::expr::types::Name;
use crate::spec::{Located, PipelineSpec, PlanSpec, ProjectSpec, Seg};

/// A plan that is no paying pipeline.
pub(super) const UNKNOWN_PLAN: Code = Code::new("unknown-plan", "a plan is named that no paying pipeline is called");
/// An entry that pays nobody, or cannot be read.
pub(super) const PLAN_ENTRY: Code =
    Code::new("plan-entry", "an entry of the plan table cannot be read, or its plan knows nobody in the role");
/// Two entries that pay one line twice.
pub(super) const PLAN_OVERLAP: Code =
    Code::new("plan-overlap", "two entries of the plan table would pay the same line to the same people");
/// A paying pipeline that pays nobody.
pub(super) const PLAN_WITHOUT_ENTRY: Code =
    Code::new("plan-without-entry", "a pipeline pays lines, and no entry of the plan table names it");

/// The word for roles that no plan pays.
const NONE: &str = "none";

/// Days, both ends included.
pub type Days = (Date, Date);

/// Which plan pays whom.
#[derive(Clone, Debug, Default)]
pub struct PlanTable {
    entries: Vec<PlanEntry>,
}

/// One entry.
#[derive(Clone, Debug)]
struct PlanEntry {
    /// The paying pipeline; none where nobody's plan pays the roles.
    plan: Option<Name>,
    roles: Vec<String>,
    /// All stores where the list is empty.
    stores: Vec<String>,
    from: Date,
    until: Date,
    /// Whether the plan only pays what its rows name one by one.
    by_row: bool,
}

impl PlanEntry {
    fn is_for(&self, store: &str, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
            && (self.stores.is_empty() || self.stores.iter().any(|own| own == store))
    }

    /// A store and a role that both entries are for, on a day that both hold.
    fn meets<'a>(&'a self, other: &'a Self, stores: &'a [String]) -> Option<(&'a str, &'a str)> {
        if self.from > other.until || other.from > self.until {
            return None;
        }
        let pairs = stores.iter().flat_map(|store| self.roles.iter().map(move |role| (store.as_str(), role.as_str())));
        pairs.into_iter().find(|(store, role)| self.is_for(store, role) && other.is_for(store, role))
    }
}

impl PlanTable {
    /// The days on which a plan pays a role in a store, joined and ascending.
    pub fn paid(&self, plan: &str, store: &str, role: &str) -> Vec<Days> {
        self.days(|entry| entry.plan.as_deref() == Some(plan) && entry.is_for(store, role))
    }

    /// The days of a stretch on which no entry says anything of a role in a store.
    pub fn open(&self, store: &str, role: &str, stretch: Days) -> Vec<Days> {
        let (mut from, to) = stretch;
        let mut open = Vec::new();
        for (first, last) in self.days(|entry| !entry.by_row && entry.is_for(store, role)) {
            if first > to || last < from {
                continue;
            }
            if let Some(before) = first.yesterday().ok().filter(|before| *before >= from) {
                open.push((from, before));
            }
            match last.tomorrow() {
                Ok(next) if next <= to => from = next,
                _ => return open,
            }
        }
        open.push((from, to));
        open
    }

    fn days(&self, holds: impl Fn(&PlanEntry) -> bool) -> Vec<Days> {
        let entries = self.entries.iter().filter(|entry| holds(entry));
        let mut days: Vec<Days> = entries.map(|entry| (entry.from, entry.until)).collect();
        days.sort_unstable();
        let mut joined: Vec<Days> = Vec::new();
        for (from, until) in days {
            match joined.last_mut() {
                Some((_, last)) if last.tomorrow().is_ok_and(|next| from <= next) || *last == Date::MAX => {
                    *last = (*last).max(until);
                }
                _ => joined.push((from, until)),
            }
        }
        joined
    }
}

/// What the table is checked against.
pub(super) struct Context<'a> {
    /// The pipelines.
    pub pipelines: &'a [Located<PipelineSpec>],
    /// Ids of the project's stores.
    pub stores: &'a [String],
}

impl<'a> Context<'a> {
    /// Pipelines that pay people of a spine: those that an entry may name.
    fn plans(&self) -> impl Iterator<Item = &'a Located<PipelineSpec>> {
        self.pipelines.iter().filter(|file| !file.value.pay.is_empty() && file.value.spine.is_some())
    }

    fn plan(&self, name: &str) -> Option<&'a PipelineSpec> {
        self.plans().map(|file| &file.value).find(|pipeline| pipeline.pipeline == name)
    }

    /// What is wrong with the name of a plan.
    pub(super) fn unknown_plan(&self, name: &str) -> Option<Finding> {
        if self.plan(name).is_some() {
            return None;
        }
        let finding = Finding::error(UNKNOWN_PLAN, format!("no pipeline `{name}` pays people of a spine"));
        let names = self.plans().map(|file| file.value.pipeline.as_str());
        let near = nearest(name, names).map(|near| format!("did you mean `{near}`?"));
        Some(finding.hint(near.unwrap_or_else(|| {
            "name a pipeline with `spine` and `pay`, or `none` where no plan pays the roles".to_owned()
        })))
    }
}

/// Checks the table of a project that has one.
pub(super) fn check(project: &Located<ProjectSpec>, cx: &Context<'_>, findings: &mut Findings) -> Option<PlanTable> {
    let specs = project.value.plans.as_ref()?;
    let mut table = PlanTable::default();
    let mut indexes = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let at = vec![key("plans"), Seg::Index(index)];
        let mut faults = Faults::new(&project.document, at, findings);
        if let Some(entry) = entry(spec, &project.value, cx, &mut faults) {
            for (known, earlier) in table.entries.iter().zip(&indexes) {
                if let Some(finding) = overlap(&entry, known, *earlier, cx) {
                    faults.at(&[key("plan")], finding);
                }
            }
            table.entries.push(entry);
            indexes.push(index + 1);
        }
    }
    for file in cx.plans() {
        let name = &file.value.pipeline;
        if !specs.iter().any(|spec| spec.plan == *name) {
            let mut faults = Faults::new(&file.document, Vec::new(), findings);
            let finding = Finding::error(PLAN_WITHOUT_ENTRY, format!("no entry of the plan table names `{name}`"));
            let hint = "say under `plans:` of the project file whom it pays: roles, stores, from which day on";
            faults.at(&[key("pipeline")], finding.hint(hint));
        }
    }
    Some(table)
}

fn entry(spec: &PlanSpec, project: &ProjectSpec, cx: &Context<'_>, faults: &mut Faults<'_>) -> Option<PlanEntry> {
    let known = spec.plan == NONE || cx.plan(&spec.plan).is_some();
    if let Some(finding) = cx.unknown_plan(&spec.plan).filter(|_| !known) {
        faults.at(&[key("plan")], finding);
    }
    if spec.plan == NONE && spec.because.is_none() {
        let finding = Finding::error(PLAN_ENTRY, "an entry without a plan says why nobody's plan pays the roles");
        faults.at(&[key("plan")], finding.hint("add `because:`"));
    }
    let roles = roles(spec, project, cx, faults);
    let stores = stores(spec, cx, faults);
    let from = day(&spec.from, "from", faults);
    let until = spec.until.as_ref().map_or(Some(Date::MAX), |until| day(until, "until", faults));
    let (from, until) = from.zip(until)?;
    if from > until {
        let finding = Finding::error(PLAN_ENTRY, format!("the entry ends on {until}, before it begins on {from}"));
        faults.at(&[key("until")], finding.hint("both days belong to the entry"));
        return None;
    }
    let plan = (spec.plan != NONE).then(|| Arc::from(spec.plan.as_str()));
    let by_row = cx.plan(&spec.plan).is_some_and(|plan| plan.pay.iter().all(|(_, line)| line.each.is_some()));
    (known && roles && stores).then(|| PlanEntry {
        plan,
        by_row,
        roles: spec.roles.clone(),
        stores: spec.stores.clone().unwrap_or_default(),
        from,
        until,
    })
}

/// Whether the roles of an entry are known to the project, and held by the spine of its plan.
fn roles(spec: &PlanSpec, project: &ProjectSpec, cx: &Context<'_>, faults: &mut Faults<'_>) -> bool {
    let mut whole = !spec.roles.is_empty();
    if !whole {
        faults.at(&[key("roles")], Finding::error(PLAN_ENTRY, "an entry without a role pays nobody").hint("name one"));
    }
    let spine = cx.plan(&spec.plan).and_then(|pipeline| pipeline.spine.as_ref());
    for (index, role) in spec.roles.iter().enumerate() {
        let held = spine.is_none_or(|spine| spine.roster.contains(role));
        let finding = unknown_role(role, project.roles.keys()).or_else(|| {
            let message = format!("`{}` does not pay the role `{role}`", spec.plan);
            let hint = "take the role away, or add it to `spine: { roster: […] }` of the pipeline";
            (!held).then(|| Finding::error(PLAN_ENTRY, message).hint(hint))
        });
        if let Some(finding) = finding {
            whole = false;
            faults.at(&[key("roles"), Seg::Index(index)], finding);
        }
    }
    whole
}

fn stores(spec: &PlanSpec, cx: &Context<'_>, faults: &mut Faults<'_>) -> bool {
    let mut whole = true;
    if spec.stores.as_ref().is_some_and(Vec::is_empty) {
        whole = false;
        let finding = Finding::error(PLAN_ENTRY, "an empty list of stores pays nobody");
        faults.at(&[key("stores")], finding.hint("name the stores, or take `stores` away where it is for all"));
    }
    for (index, store) in spec.stores.iter().flatten().enumerate() {
        if let Some(finding) = unknown_store(store, cx.stores) {
            whole = false;
            faults.at(&[key("stores"), Seg::Index(index)], finding);
        }
    }
    whole
}

fn day(text: &str, name: &str, faults: &mut Faults<'_>) -> Option<Date> {
    let wrong = || Fault::new(PLAN_ENTRY, 0..text.len(), format!("`{text}` is no date")).hint("write it as 2026-10-01");
    faults.take(&path([name]), text.parse::<Date>().map_err(|_| wrong()))
}

/// Why two entries cannot stand beside each other.
fn overlap(entry: &PlanEntry, known: &PlanEntry, number: usize, cx: &Context<'_>) -> Option<Finding> {
    let (store, role) = entry.meets(known, cx.stores)?;
    let (message, hint) = match (&entry.plan, &known.plan) {
        (Some(own), Some(other)) if own == other => (
            format!("entry {number} says already that `{own}` pays `{role}` in {store} on some of these days"),
            "let one entry end before the next begins, or make one of both",
        ),
        (Some(own), Some(other)) => {
            let codes = |plan: &str| cx.plan(plan).map(|plan| &plan.pay);
            let line = codes(own)?.keys().find(|code| codes(other).is_some_and(|pay| pay.get(code).is_some()))?;
            (
                format!(
                    "`{own}` and `{other}` (entry {number}) would both pay the line `{line}` to `{role}` in {store}"
                ),
                "let one of them end the day before the other begins",
            )
        }
        _ if entry.by_row || known.by_row => return None,
        _ => (
            format!("entry {number} says otherwise of `{role}` in {store}: a plan, and none, on the same days"),
            "let the one end before the other begins",
        ),
    };
    Some(Finding::error(PLAN_OVERLAP, message).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(entries: &[(Option<&str>, &[&str], &str, &str)]) -> PlanTable {
        let entry = |(plan, stores, from, until): &(Option<&str>, &[&str], &str, &str)| PlanEntry {
            plan: plan.map(Arc::from),
            roles: vec!["advisor".to_owned()],
            stores: stores.iter().map(|store| (*store).to_owned()).collect(),
            from: from.parse().unwrap(),
            until: if until.is_empty() { Date::MAX } else { until.parse().unwrap() },
            by_row: *plan == Some("ledger"),
        };
        PlanTable { entries: entries.iter().map(entry).collect() }
    }

    fn shown(days: &[Days]) -> Vec<String> {
        days.iter().map(|(from, to)| format!("{from}..{to}")).collect()
    }

    fn october() -> Days {
        ("2026-10-01".parse().unwrap(), "2026-10-31".parse().unwrap())
    }

    #[test]
    fn entries_that_touch_are_one_stretch() {
        let table = table(&[
            (Some("a"), &["S01"], "2026-10-16", ""),
            (Some("a"), &[], "2020-01-01", "2026-10-15"),
            (Some("b"), &["S02"], "2026-10-16", "2026-10-20"),
        ]);
        assert_eq!(shown(&table.paid("a", "S01", "advisor")), ["2020-01-01..9999-12-31"]);
        assert_eq!(shown(&table.paid("a", "S02", "advisor")), ["2020-01-01..2026-10-15"]);
        assert_eq!(shown(&table.paid("b", "S02", "advisor")), ["2026-10-16..2026-10-20"]);
        assert_eq!(shown(&table.paid("b", "S01", "advisor")), [""; 0]);
        assert_eq!(shown(&table.paid("a", "S01", "cook")), [""; 0]);
    }

    #[test]
    fn days_without_an_entry_are_open() {
        let table =
            table(&[(Some("a"), &["S01"], "2026-10-03", "2026-10-10"), (None, &["S01"], "2026-10-12", "2026-10-30")]);
        let open = table.open("S01", "advisor", october());
        assert_eq!(shown(&open), ["2026-10-01..2026-10-02", "2026-10-11..2026-10-11", "2026-10-31..2026-10-31"]);
        assert_eq!(shown(&table.open("S02", "advisor", october())), ["2026-10-01..2026-10-31"]);
    }

    #[test]
    fn an_entry_without_end_leaves_nothing_open() {
        let table = table(&[(None, &[], "2026-10-01", "")]);
        assert_eq!(shown(&table.open("S01", "advisor", october())), [""; 0]);
    }

    #[test]
    fn a_ledger_is_nobodys_plan() {
        let table =
            table(&[(Some("ledger"), &[], "2020-01-01", ""), (Some("a"), &["S01"], "2020-01-01", "2026-10-10")]);
        assert_eq!(shown(&table.open("S01", "advisor", october())), ["2026-10-11..2026-10-31"]);
        assert_eq!(shown(&table.open("S02", "advisor", october())), ["2026-10-01..2026-10-31"]);
        assert_eq!(shown(&table.paid("ledger", "S02", "advisor")), ["2020-01-01..9999-12-31"]);
    }
}
