//! An outcome by store, gone through once: a store of two hundred costs what one of three does.

use std::collections::BTreeMap;

use super::outcome::{Carried, DecisionInForce, Exception, Outcome, PayLine, Person, QuarantinedRow, RowFate};

/// What an outcome holds, by store; every list in the order of the outcome.
#[derive(Debug, Default)]
pub struct ByStore<'a> {
    stores: BTreeMap<&'a str, OfStore<'a>>,
    /// Exceptions that name no store, or one that the project does not have.
    pub homeless: Vec<&'a Exception>,
    nothing: OfStore<'a>,
}

/// What is of one store, or of all.
#[derive(Debug, Default)]
pub struct OfStore<'a> {
    /// People whom a plan covers.
    pub people: Vec<&'a Person>,
    /// Pay lines.
    pub pay_lines: Vec<&'a PayLine>,
    /// Lines of net pay of those whom the store pays out.
    pub net_lines: Vec<&'a PayLine>,
    /// Balances that go over.
    pub carried: Vec<&'a Carried>,
    /// Decisions in force.
    pub decisions: Vec<&'a DecisionInForce>,
    /// Exceptions that name the store.
    pub exceptions: Vec<&'a Exception>,
    /// Rows that broke their contract.
    pub quarantine: Vec<&'a QuarantinedRow>,
    /// Row fates.
    pub row_fates: Vec<&'a RowFate>,
}

impl<'a> ByStore<'a> {
    /// Goes through an outcome once.
    pub fn new(outcome: &'a Outcome) -> Self {
        let mut by_store = Self::default();
        for store in &outcome.stores {
            by_store.stores.entry(&store.store_id).or_default();
        }
        let mut add = |store_id: &str, add: &dyn Fn(&mut OfStore<'a>)| match by_store.stores.get_mut(store_id) {
            Some(store) => {
                add(store);
                true
            }
            None => false,
        };
        for person in &outcome.people {
            add(&person.store_id, &|store| store.people.push(person));
        }
        for line in &outcome.pay_lines {
            add(&line.store_id, &|store| store.pay_lines.push(line));
        }
        for line in &outcome.net_lines {
            add(&line.store_id, &|store| store.net_lines.push(line));
        }
        for balance in &outcome.carried {
            add(&balance.store_id, &|store| store.carried.push(balance));
        }
        for decision in &outcome.decisions {
            add(&decision.store_id, &|store| store.decisions.push(decision));
        }
        for row in &outcome.quarantine {
            add(&row.store_id, &|store| store.quarantine.push(row));
        }
        for fate in &outcome.row_fates {
            add(&fate.store_id, &|store| store.row_fates.push(fate));
        }
        let mut homeless = Vec::new();
        for exception in &outcome.exceptions {
            let home = exception.store_id.as_deref();
            if !home.is_some_and(|home| add(home, &|store| store.exceptions.push(exception))) {
                homeless.push(exception);
            }
        }
        by_store.homeless = homeless;
        by_store
    }

    /// What is of a store.
    pub fn of(&self, store_id: &str) -> &OfStore<'a> {
        self.stores.get(store_id).unwrap_or(&self.nothing)
    }
}

impl<'a> OfStore<'a> {
    /// Everything, of whichever store.
    pub fn all(outcome: &'a Outcome) -> Self {
        Self {
            people: outcome.people.iter().collect(),
            pay_lines: outcome.pay_lines.iter().collect(),
            net_lines: outcome.net_lines.iter().collect(),
            carried: outcome.carried.iter().collect(),
            decisions: outcome.decisions.iter().collect(),
            exceptions: outcome.exceptions.iter().collect(),
            quarantine: outcome.quarantine.iter().collect(),
            row_fates: outcome.row_fates.iter().collect(),
        }
    }
}
