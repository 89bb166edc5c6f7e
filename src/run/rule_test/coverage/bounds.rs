//! What lies on and beside the bounds along one axis.

use std::collections::BTreeSet;

use crate::expr::unit::Unit;
use crate::money::Exact;
use crate::money::ladder::{Bound, Interval};

/// Units of things that are counted one by one.
pub(super) const COUNTED: &[&str] =
    &["cars", "orders", "bottles", "policies", "prospects", "packages", "calls", "people", "days", "months", "lines"];

/// A place at a bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtBound {
    /// Exactly on a bound.
    On(Exact),
    /// Beside a bound.
    Beside {
        /// The bound.
        bound: Exact,
        /// Whether from below.
        below: bool,
        /// What would reach it.
        wanted: Wanted,
    },
}

/// What reaches the place beside a bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This value: one step away.
    Value(Exact),
    /// Any value strictly between the bound and this one; without it any value beyond the bound.
    Until(Option<Exact>),
}

/// The finite bounds of intervals, ascending, each once.
pub(super) fn finite<'a>(intervals: impl Iterator<Item = &'a Interval>) -> BTreeSet<&'a Exact> {
    let numbers = intervals.flat_map(|one| [one.lower(), one.upper()]).filter_map(|end| match end {
        Bound::Included(number) | Bound::Excluded(number) => Some(number),
        Bound::Unbounded => None,
    });
    numbers.collect()
}

/// The places at one of the bounds of an axis that none of the values reaches.
pub(super) fn unreached(bound: &Exact, all: &BTreeSet<&Exact>, by: &Unit, values: &BTreeSet<&Exact>) -> Vec<AtBound> {
    let mut places = Vec::new();
    if !values.contains(bound) {
        places.push(AtBound::On(bound.clone()));
    }
    let before = all.iter().rfind(|other| **other < bound);
    let after = all.iter().find(|other| **other > bound);
    for (below, next) in [(true, before), (false, after)] {
        let wanted = match step(by) {
            Some(step) if below => Wanted::Value(bound.sub(&step)),
            Some(step) => Wanted::Value(bound.add(&step)),
            None => Wanted::Until(next.map(|next| (*next).clone())),
        };
        if !values.iter().any(|value| reaches(value, bound, below, &wanted)) {
            places.push(AtBound::Beside { bound: bound.clone(), below, wanted });
        }
    }
    places
}

fn reaches(value: &Exact, bound: &Exact, below: bool, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Value(wanted) => value == wanted,
        Wanted::Until(next) if below => value < bound && next.as_ref().is_none_or(|next| value > next),
        Wanted::Until(next) => value > bound && next.as_ref().is_none_or(|next| value < next),
    }
}

/// One step of a unit; `None` for what can be divided further.
fn step(unit: &Unit) -> Option<Exact> {
    if *unit == Unit::base("yuan") {
        Some(Exact::from_decimal_parts(1, 2))
    } else if COUNTED.iter().any(|counted| *unit == Unit::base(counted)) {
        Some(Exact::one())
    } else {
        None
    }
}

impl AtBound {
    /// What no case looks up, in words.
    pub(super) fn missing(&self, shown: &dyn Fn(&Exact) -> String) -> String {
        match self {
            Self::On(bound) => format!("{}, exactly on the bound", shown(bound)),
            Self::Beside { bound, below, wanted } => {
                let side = if *below { "below" } else { "above" };
                match wanted {
                    Wanted::Value(value) => format!("{}, one step {side} the bound {}", shown(value), shown(bound)),
                    Wanted::Until(Some(next)) => {
                        format!("a value {side} the bound {}, between it and {}", shown(bound), shown(next))
                    }
                    Wanted::Until(None) => format!("a value {side} the bound {}", shown(bound)),
                }
            }
        }
    }
}
