//! An outcome by store and person: looked up by each page instead of searched through for it, so that a page of one
//! store among two hundred costs what it costs among three.

use std::collections::BTreeMap;

use polars::frame::DataFrame;

use crate::diag::data::Exception;
use crate::run::outcome::{DecisionInForce, Outcome, PayLine, Person, RowFate};

/// What an outcome holds, by store; every list in the order of the outcome.
#[derive(Debug, Default)]
pub(in crate::report) struct Index<'a> {
    stores: BTreeMap<&'a str, OfStore<'a>>,
    /// Rows of published frames by frame and store: of the month, and of the month before.
    rows: BTreeMap<&'a str, [Option<RowsByStore>; 2]>,
    /// Lines of net pay by employee id, whichever store pays them out.
    net: BTreeMap<&'a str, Vec<&'a PayLine>>,
    none: OfStore<'a>,
}

type RowsByStore = BTreeMap<String, Vec<usize>>;

/// What concerns one store.
#[derive(Debug, Default)]
pub(in crate::report) struct OfStore<'a> {
    /// People whom a plan covers.
    pub(super) people: Vec<&'a Person>,
    /// Pay lines.
    pub(super) lines: Vec<&'a PayLine>,
    /// Lines of net pay of those whom the store pays out.
    pub(super) net: Vec<&'a PayLine>,
    /// Exceptions of the store, and those that name none and concern all of them.
    pub(super) exceptions: Vec<&'a Exception>,
    /// Row fates.
    pub(super) row_fates: Vec<&'a RowFate>,
    /// Decisions in force.
    pub(super) decisions: Vec<&'a DecisionInForce>,
    persons: BTreeMap<&'a str, OfPerson<'a>>,
    nobody: OfPerson<'a>,
}

/// What concerns one person of a store.
#[derive(Debug, Default)]
pub(in crate::report) struct OfPerson<'a> {
    /// Pay lines.
    pub(super) lines: Vec<&'a PayLine>,
    /// Exceptions of the person in this store, and those that name the person and no store.
    pub(super) exceptions: Vec<&'a Exception>,
}

impl<'a> Index<'a> {
    /// Goes through an outcome once.
    pub(in crate::report) fn new(outcome: &'a Outcome) -> Self {
        let mut stores: BTreeMap<&'a str, OfStore<'a>> = BTreeMap::new();
        for store in &outcome.stores {
            stores.entry(&store.store_id).or_default();
        }
        for person in &outcome.people {
            stores.entry(&person.store_id).or_default().people.push(person);
        }
        for line in &outcome.pay_lines {
            let store = stores.entry(&line.store_id).or_default();
            store.lines.push(line);
            store.persons.entry(&line.employee_id).or_default().lines.push(line);
        }
        for exception in &outcome.exceptions {
            let concern = |store: &mut OfStore<'a>| {
                store.exceptions.push(exception);
                if let Some(employee) = &exception.employee_id {
                    store.persons.entry(employee).or_default().exceptions.push(exception);
                }
            };
            match &exception.store_id {
                Some(store_id) => concern(stores.entry(store_id).or_default()),
                None => stores.values_mut().for_each(concern),
            }
        }
        for fate in &outcome.row_fates {
            stores.entry(&fate.store_id).or_default().row_fates.push(fate);
        }
        for decision in &outcome.decisions {
            stores.entry(&decision.store_id).or_default().decisions.push(decision);
        }
        let rows = outcome.published.iter().map(|(name, published)| {
            let before = published.before.as_ref().and_then(rows_by_store);
            (name.as_str(), [rows_by_store(&published.frame), before])
        });
        let mut net: BTreeMap<&'a str, Vec<&'a PayLine>> = BTreeMap::new();
        for line in &outcome.net_lines {
            net.entry(&line.employee_id).or_default().push(line);
            stores.entry(&line.store_id).or_default().net.push(line);
        }
        Self { stores, rows: rows.collect(), net, none: OfStore::default() }
    }

    /// What concerns a store.
    pub(super) fn store(&self, store_id: &str) -> &OfStore<'a> {
        self.stores.get(store_id).unwrap_or(&self.none)
    }

    /// The lines of a person's net pay.
    pub(super) fn net(&self, employee_id: &str) -> &[&'a PayLine] {
        self.net.get(employee_id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The rows that a published frame has of a store, in the month or in the month before; `None` where its rows name
    /// no store.
    pub(super) fn rows(&self, frame: &str, before: bool, store_id: &str) -> Option<&[usize]> {
        let [now, earlier] = self.rows.get(frame)?;
        let by_store = if before { earlier } else { now }.as_ref()?;
        Some(by_store.get(store_id).map(Vec::as_slice).unwrap_or_default())
    }
}

impl<'a> OfStore<'a> {
    /// What concerns a person.
    pub(super) fn person(&self, employee_id: &str) -> &OfPerson<'a> {
        self.persons.get(employee_id).unwrap_or(&self.nobody)
    }
}

/// The rows of a frame by the store they name.
fn rows_by_store(frame: &DataFrame) -> Option<RowsByStore> {
    let stores = frame.column("store_id").ok()?.str().ok()?;
    let mut rows = RowsByStore::new();
    for (row, store) in stores.iter().enumerate() {
        match rows.get_mut(store.unwrap_or_default()) {
            Some(known) => known.push(row),
            None => drop(rows.insert(store.unwrap_or_default().to_owned(), vec![row])),
        }
    }
    Some(rows)
}
