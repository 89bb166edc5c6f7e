//! The parameters that hold in a period, as reports show them: numbers in definitions, ladders as curves.
//!
//! Nothing is computed from them here; pay lines have theirs from the plan, row by row.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::expr::ParamValue;
use crate::money::Exact;
use crate::money::ladder::Ladder;
use crate::plan::Plan;
use crate::plan::parameters::{Parameter, Values};
use crate::world::period::Period;

/// Parameters in force, by name and store; the store is empty where a value holds for all of them.
pub type InForce = BTreeMap<(String, String), Held>;

/// A parameter as it holds in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Title, as printed.
    pub title: String,
    /// Unit of its values.
    pub unit: String,
    /// Clause it comes from.
    pub clause: String,
    /// What it holds.
    pub value: HeldValue,
}

/// What a parameter holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldValue {
    /// A number.
    Number(Exact),
    /// One of its choices.
    Choice(String),
    /// A ladder.
    Ladder {
        /// What is looked up, as printed.
        by_label: String,
        /// Its unit.
        by_unit: String,
        /// The rows.
        ladder: Arc<Ladder>,
    },
}

/// Every number, choice and ladder that holds in a period. Where rows choose by a day of their own, that of the
/// period's last day stands.
pub fn in_force(plan: &Plan, period: Period) -> InForce {
    let mut held = InForce::new();
    for (name, parameter) in plan.parameters.iter() {
        let stores = plan.stores.iter().map(|store| store.store_id.as_str()).filter(|_| by_store(parameter));
        for store in std::iter::once("").chain(stores) {
            if let Some(value) = value(parameter, period, Some(store).filter(|store| !store.is_empty())) {
                let Parameter { title, unit, clause, .. } = parameter;
                let one = Held { title: title.to_string(), unit: unit.to_string(), clause: clause.clone(), value };
                held.insert((name.to_string(), store.to_owned()), one);
            }
        }
    }
    held
}

/// A parameter in a store.
pub fn of_store<'a>(held: &'a InForce, name: &str, store_id: &str) -> Option<&'a Held> {
    let at = |store: &str| held.get(&(name.to_owned(), store.to_owned()));
    at(store_id).or_else(|| at(""))
}

fn by_store(parameter: &Parameter) -> bool {
    match &parameter.values {
        Values::Scalar(history) => history.by_store(),
        Values::Ladder { versions, .. } => versions.by_store(),
        Values::Matrix { .. } | Values::Card { .. } => false,
    }
}

fn value(parameter: &Parameter, period: Period, store: Option<&str>) -> Option<HeldValue> {
    let day = if parameter.dated_by.is_some() { period.last_day() } else { period.first_day() };
    match &parameter.values {
        Values::Scalar(history) => match &history.on(day, store)?.value {
            ParamValue::Number(number) => Some(HeldValue::Number(number.clone())),
            ParamValue::Choice(choice) => Some(HeldValue::Choice(choice.to_string())),
            ParamValue::Nothing => None,
        },
        Values::Ladder { by_label, by, versions } => Some(HeldValue::Ladder {
            by_label: by_label.clone(),
            by_unit: by.to_string(),
            ladder: Arc::clone(&versions.on(day, store)?.value),
        }),
        Values::Matrix { .. } | Values::Card { .. } => None,
    }
}
