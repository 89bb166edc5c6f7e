//! Which rows and bounds of the ladders that pipelines read no rule test reaches.
//!
//! A row is reached by a looked-up value inside it. A finite bound is reached by three values: one equal to it,
//! one beside it from below and one from above. Beside means one step: 0.01 where yuan are looked up, 1 where
//! whole things are counted (cars, bottles, …); a ratio and whatever else can be divided has no step, there any
//! value strictly between the bound and the next one counts. Every version of a ladder, by date and by store,
//! is reached by itself; only cases that hold count. A value off the ladder reaches the bound that it passes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use polars::prelude::PolarsResult;

use super::CaseResult;
use crate::expr::types::Name;
use crate::expr::unit::Unit;
use crate::expr::{self, DayOf};
use crate::money::Exact;
use crate::money::ladder::{Bound, Ladder};
use crate::plan::parameters::Values;
use crate::plan::{Pipeline, Plan, PlannedStep};
use crate::run::cells::{Cell, of};
use crate::run::evaluate::{Evaluation, period_values};
use crate::run::frames::{Source, Stored};
use crate::step::{ColumnOrigin, LadderValues};

/// Units of things that are counted one by one.
const COUNTED: &[&str] =
    &["cars", "orders", "bottles", "policies", "prospects", "packages", "calls", "people", "days", "months", "lines"];

/// A version of a ladder: its parameter, since when it holds, and for which stores.
type Version = (Name, Date, Vec<Name>);

/// A value that a case looked up in a version of a ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    version: Version,
    value: Exact,
}

/// What rule tests reach of the ladders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Versions of ladders that a pipeline reads.
    pub ladders: usize,
    /// Rows of them.
    pub rows: usize,
    /// Finite bounds of them.
    pub bounds: usize,
    /// What no case reaches.
    pub unreached: Vec<Unreached>,
}

/// A place of a ladder that no case reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    /// Parameter, without `param.`.
    pub parameter: Name,
    /// Its title.
    pub title: Arc<str>,
    /// First day of the version.
    pub since: Date,
    /// Stores that the version is for; all where empty.
    pub stores: Vec<Name>,
    /// Steps that read the ladder, as `pipeline.step`.
    pub steps: Vec<String>,
    /// Unit of what is looked up.
    pub unit: Unit,
    /// The place.
    pub place: Place,
}

/// A place of a ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Inside a row.
    Row {
        /// The row's interval.
        interval: String,
        /// Its printed words.
        words: String,
    },
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

/// What the ladder steps of an evaluation looked up.
pub(super) fn lookups(evaluation: &Evaluation<'_>) -> Vec<Lookup> {
    let mut found = Vec::new();
    for (owner, step) in steps(evaluation.plan) {
        let full = owner.full_name(&step.name);
        let made = matches!(evaluation.store.get(&full).map(|stored| &stored.source), Some(Source::Step { .. }));
        for origin in step.step.origins.values().filter(|_| made) {
            if let ColumnOrigin::Ladder { table, by, frame, .. } = origin
                && let Some(input) = evaluation.store.get(&owner.full_name(frame))
            {
                // A formula that has no value looks nothing up.
                found.extend(asked(evaluation, table, by, input).unwrap_or_default());
            }
        }
    }
    found
}

fn steps(plan: &Plan) -> impl Iterator<Item = (&Pipeline, &PlannedStep)> {
    plan.pipelines.iter().flat_map(|pipeline| pipeline.steps.iter().map(move |step| (pipeline, step)))
}

fn asked(evaluation: &Evaluation<'_>, table: &Name, by: &expr::Expr, input: &Stored) -> PolarsResult<Vec<Lookup>> {
    let parameters = evaluation.plan.parameters.on(evaluation.period.first_day());
    let Some(dated) = LadderValues::at(&parameters, table) else { return Ok(Vec::new()) };
    let period = period_values(evaluation.period);
    let evaluated = expr::evaluate(&[("value".into(), by)], &input.frame, &parameters, &period)?;
    let Some(values) = evaluated.columns.first() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for row in 0..u32::try_from(input.frame.height()).unwrap_or(u32::MAX) {
        let day = match &dated.day {
            DayOf::Period(_) => None,
            DayOf::Column(column) => match input.cell(row, column) {
                Cell::Date(day) => Some(day),
                _ => continue,
            },
        };
        let store = input.cell(row, "store_id").canonical();
        let entry = dated.for_row(day, Some(store.as_str()).filter(|store| !store.is_empty()));
        let value = values.get(row as usize).map(|value| of(&value, by.ty.kind));
        if let (Some(entry), Ok(Cell::Number(value))) = (entry, value) {
            found.push(Lookup { version: (Arc::clone(table), entry.from, entry.stores.clone()), value });
        }
    }
    Ok(found)
}

/// What the cases that hold reach of the ladders that pipelines read.
pub fn coverage(plan: &Plan, results: &[CaseResult]) -> Coverage {
    let mut values: BTreeMap<&Version, BTreeSet<&Exact>> = BTreeMap::new();
    for lookup in results.iter().filter(|result| result.holds()).flat_map(|result| &result.lookups) {
        values.entry(&lookup.version).or_default().insert(&lookup.value);
    }
    let nothing = BTreeSet::new();
    let mut coverage = Coverage::default();
    for (table, steps) in readers(plan) {
        let Some(parameter) = plan.parameters.get(&table) else { continue };
        let Values::Ladder { by, versions, .. } = &parameter.values else { continue };
        for entry in versions.iter() {
            let key = (Arc::clone(&table), entry.from, entry.stores.clone());
            let ladder = &entry.value;
            coverage.ladders += 1;
            coverage.rows += ladder.rows().len();
            coverage.bounds += bounds(ladder).len();
            let places = unreached(ladder, by, values.get(&key).unwrap_or(&nothing));
            coverage.unreached.extend(places.into_iter().map(|place| Unreached {
                parameter: Arc::clone(&table),
                title: Arc::clone(&parameter.title),
                since: entry.from,
                stores: entry.stores.clone(),
                steps: steps.clone(),
                unit: by.clone(),
                place,
            }));
        }
    }
    coverage
}

/// Ladders that steps read, with those steps.
fn readers(plan: &Plan) -> BTreeMap<Name, Vec<String>> {
    let mut readers: BTreeMap<Name, Vec<String>> = BTreeMap::new();
    for (owner, step) in steps(plan) {
        for origin in step.step.origins.values() {
            if let ColumnOrigin::Ladder { table, .. } = origin {
                readers.entry(Arc::clone(table)).or_default().push(owner.full_name(&step.name));
            }
        }
    }
    readers
}

/// The finite bounds of a ladder, ascending, each once.
fn bounds(ladder: &Ladder) -> BTreeSet<&Exact> {
    let ends = ladder.rows().iter().flat_map(|row| [row.interval.lower(), row.interval.upper()]);
    let numbers = ends.filter_map(|end| match end {
        Bound::Included(number) | Bound::Excluded(number) => Some(number),
        Bound::Unbounded => None,
    });
    numbers.collect()
}

/// The places of a ladder that none of the values reaches.
fn unreached(ladder: &Ladder, by: &Unit, values: &BTreeSet<&Exact>) -> Vec<Place> {
    let mut places = Vec::new();
    for row in ladder.rows() {
        if !values.iter().any(|value| row.interval.contains(value)) {
            places.push(Place::Row { interval: row.interval.to_string(), words: row.words.clone() });
        }
    }
    let bounds: Vec<&Exact> = bounds(ladder).into_iter().collect();
    for (at, bound) in bounds.iter().enumerate() {
        if !values.contains(bound) {
            places.push(Place::On((*bound).clone()));
        }
        let before = at.checked_sub(1).and_then(|at| bounds.get(at));
        let after = bounds.get(at + 1);
        for (below, next) in [(true, before), (false, after)] {
            let wanted = match step(by) {
                Some(step) if below => Wanted::Value(bound.sub(&step)),
                Some(step) => Wanted::Value(bound.add(&step)),
                None => Wanted::Until(next.map(|next| (*next).clone())),
            };
            if !values.iter().any(|value| reaches(value, bound, below, &wanted)) {
                places.push(Place::Beside { bound: (*bound).clone(), below, wanted });
            }
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

impl Unreached {
    /// What is missing, in a sentence.
    pub fn sentence(&self) -> String {
        let unit = if self.unit.is_ratio() { String::new() } else { format!(" {}", self.unit) };
        let shown = |number: &Exact| format!("{}{unit}", number.shown(6));
        match &self.place {
            Place::Row { interval, words } => format!("no case looks up a value in {interval} ({words})"),
            Place::On(bound) => format!("no case looks up {}, exactly on the bound", shown(bound)),
            Place::Beside { bound, below, wanted } => {
                let side = if *below { "below" } else { "above" };
                match wanted {
                    Wanted::Value(value) => {
                        format!("no case looks up {}, one step {side} the bound {}", shown(value), shown(bound))
                    }
                    Wanted::Until(Some(next)) => format!(
                        "no case looks up a value {side} the bound {}, between it and {}",
                        shown(bound),
                        shown(next)
                    ),
                    Wanted::Until(None) => format!("no case looks up a value {side} the bound {}", shown(bound)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::ladder::{Interval, Row};

    fn exact(text: &str) -> Exact {
        Exact::parse_human(text).unwrap()
    }

    fn left(intervals: &[&str], unit: &str, values: &[&str]) -> Vec<String> {
        let row = |over: &&str| Row {
            interval: Interval::parse(over).unwrap(),
            value: Exact::one(),
            words: (*over).to_owned(),
        };
        let ladder = Ladder::new(intervals.iter().map(row).collect()).unwrap();
        let values: Vec<Exact> = values.iter().map(|value| exact(value)).collect();
        let unit = Unit::parse(unit, &[]).unwrap();
        unreached(&ladder, &unit, &values.iter().collect())
            .into_iter()
            .map(|place| match place {
                Place::Row { interval, .. } => interval,
                Place::On(bound) => format!("={}", bound.shown(6)),
                Place::Beside { bound, below, wanted } => {
                    let wanted = match wanted {
                        Wanted::Value(value) => value.shown(6),
                        Wanted::Until(next) => next.map_or_else(|| "any".to_owned(), |next| next.shown(6)),
                    };
                    format!("{}{} ({wanted})", if below { '<' } else { '>' }, bound.shown(6))
                }
            })
            .collect()
    }

    const CARE: [&str; 3] = ["(-inf, 50]", "(50, 100]", "(100, inf)"];

    #[test]
    fn nothing_looked_up_reaches_nothing() {
        let all =
            ["(-inf, 50]", "(50, 100]", "(100, inf)", "=50", "<50 (49)", ">50 (51)", "=100", "<100 (99)", ">100 (101)"];
        assert_eq!(left(&CARE, "bottles", &[]), all);
    }

    #[test]
    fn counts_step_by_one_yuan_by_a_fen() {
        assert!(left(&CARE, "bottles", &["49", "50", "51", "99", "100", "101"]).is_empty());
        assert_eq!(left(&CARE, "bottles", &["49", "50", "51", "98", "100", "101"]), ["<100 (99)"]);
        assert_eq!(left(&CARE, "yuan", &["49.99", "50", "50.01", "99.99", "100", "101"]), [">100 (100.01)"]);
    }

    #[test]
    fn a_ratio_stands_beside_a_bound_up_to_the_next_one() {
        assert!(left(&CARE, "ratio", &["-3", "50", "75", "100", "1000"]).is_empty());
        assert_eq!(left(&CARE, "ratio", &["50", "100", "1000"]), ["<50 (any)", ">50 (100)", "<100 (50)"]);
        assert_eq!(left(&CARE, "yuan/cars", &["49", "50", "51", "100"]), ["(100, inf)", ">100 (any)"]);
    }

    #[test]
    fn the_ends_of_a_ladder_are_bounds_and_what_lies_off_it_reaches_them() {
        assert!(left(&["[0, 10]"], "cars", &["-1", "0", "1", "9", "10", "11"]).is_empty());
        assert_eq!(left(&["[0, 10]"], "cars", &["0", "1", "9", "10", "11"]), ["<0 (-1)"]);
        assert_eq!(left(&["(0, 10)"], "cars", &["0", "10"]), ["(0, 10)", "<0 (-1)", ">0 (1)", "<10 (9)", ">10 (11)"]);
    }

    #[test]
    fn every_counted_unit_is_one_that_projects_know() {
        assert!(COUNTED.iter().all(|unit| expr::unit::BUILT_IN.contains(unit)));
    }
}
