//! Which rows and bounds of the ladders, matrices and scorecards that pipelines read no rule test reaches.
//!
//! A row is reached by a looked-up value inside it. A finite bound is reached by three values: one equal to it,
//! one beside it from below and one from above. Beside means one step: 0.01 where yuan are looked up, 1 where
//! whole things are counted (cars, bottles, …); a ratio and whatever else can be divided has no step, there any
//! value strictly between the bound and the next one counts. Every version of a table, by date and by store,
//! is reached by itself; only cases that hold count. A value off the ladder reaches the bound that it passes.
//!
//! A row of a matrix is reached where it is the one taken, inside of what is printed. Each of its bounds is reached by
//! values that meet its conditions on the other axes; the bounds of what is printed, by values on any.
//!
//! Of a scorecard, every indicator of every version is reached where it has points; its target, where the actual equals
//! it and on either side; so are the limits of the score, as far as they can be passed, and the pass mark.

mod bounds;
mod cards;
mod matrices;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use polars::prelude::PolarsResult;

pub use self::bounds::{AtBound, Wanted};
use super::CaseResult;
use crate::expr::types::Name;
use crate::expr::unit::Unit;
use crate::expr::{self, Dated, DayOf, Expr};
use crate::money::Exact;
use crate::money::ladder::Ladder;
use crate::plan::parameters::Values;
use crate::plan::{Pipeline, Plan, PlannedStep};
use crate::run::cells::{Cell, of};
use crate::run::evaluate::Evaluation;
use crate::run::frames::{Source, Stored};
use crate::step::{ColumnOrigin, StepKind, TableValues};

/// A version of a table: its parameter, since when it holds, and for which stores.
type Version = (Name, Date, Vec<Name>);

/// What a case looked up in a version of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    version: Version,
    /// One value for each axis.
    values: Vec<Exact>,
}

/// What rule tests reach of the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Versions of ladders that a pipeline reads.
    pub ladders: usize,
    /// Versions of matrices that a pipeline reads.
    pub matrices: usize,
    /// Versions of scorecards that a pipeline scores by.
    pub cards: usize,
    /// Rows of them.
    pub rows: usize,
    /// Finite bounds of them.
    pub bounds: usize,
    /// What no case reaches.
    pub unreached: Vec<Unreached>,
}

/// A place of a table that no case reaches.
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
    /// Steps that read the table, as `pipeline.step`.
    pub steps: Vec<String>,
    /// `ladder`, `matrix` or `scorecard`.
    pub form: &'static str,
    /// Unit of what is looked up.
    pub unit: Unit,
    /// What a bound of a matrix or scorecard is on; empty for ladders.
    pub axis: Arc<str>,
    /// The place.
    pub place: Place,
}

/// A place of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Inside a row.
    Row(Row),
    /// On or beside a bound.
    Bound {
        /// Where.
        at: AtBound,
        /// The printed words of the row of a matrix whose bound it is; empty for ladders.
        within: String,
    },
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its intervals.
    pub interval: String,
    /// Its printed words.
    pub words: String,
}

/// What the steps of an evaluation looked up in tables.
pub(super) fn lookups(evaluation: &Evaluation<'_>) -> Vec<Lookup> {
    let mut found = Vec::new();
    for (owner, step) in steps(evaluation.plan) {
        let full = owner.full_name(&step.name);
        let made = matches!(evaluation.store.get(&full).map(|stored| &stored.source), Some(Source::Step { .. }));
        if let (StepKind::Score(score), Some(stored), true) = (&step.step.kind, evaluation.store.get(&full), made) {
            found.extend(cards::reached(evaluation, step, score, stored));
        }
        for origin in step.step.origins.values().filter(|_| made) {
            let parameters = evaluation.plan.parameters.on(evaluation.period.first_day());
            // A formula that has no value looks nothing up.
            found.extend(
                match origin {
                    ColumnOrigin::Ladder { table, by, frame, .. } => parameters.ladder(table).and_then(|dated| {
                        asked(evaluation, table, &dated, &[by], evaluation.store.get(&owner.full_name(frame))?).ok()
                    }),
                    ColumnOrigin::LadderWithin { table, by } => parameters
                        .ladder(table)
                        .and_then(|dated| asked(evaluation, table, &dated, &[by], evaluation.store.get(&full)?).ok()),
                    ColumnOrigin::Matrix { table, by, is_value: true, frame } => {
                        let by: Vec<&Expr> = by.iter().collect();
                        parameters.matrix(table).and_then(|dated| {
                            asked(evaluation, table, &dated, &by, evaluation.store.get(&owner.full_name(frame))?).ok()
                        })
                    }
                    _ => None,
                }
                .unwrap_or_default(),
            );
        }
    }
    found
}

fn steps(plan: &Plan) -> impl Iterator<Item = (&Pipeline, &PlannedStep)> {
    plan.pipelines.iter().flat_map(|pipeline| pipeline.steps.iter().map(move |step| (pipeline, step)))
}

fn asked<T>(
    evaluation: &Evaluation<'_>,
    table: &Name,
    dated: &Dated<'_, T>,
    by: &[&Expr],
    input: &Stored,
) -> PolarsResult<Vec<Lookup>> {
    let parameters = evaluation.plan.parameters.on(evaluation.period.first_day());
    let period = evaluation.period_values();
    let named: Vec<_> = by.iter().enumerate().map(|(at, expr)| (Name::from(at.to_string()), *expr)).collect();
    let columns = expr::evaluate(&named, &input.frame, &parameters, &period)?.columns;
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
        let number = |(column, expr): (&polars::prelude::Column, &&Expr)| {
            column.get(row as usize).ok().and_then(|value| of(&value, expr.ty.kind).number().cloned())
        };
        let values: Option<Vec<Exact>> = columns.iter().zip(by).map(number).collect();
        if let (Some(entry), Some(values)) = (entry, values) {
            found.push(Lookup { version: (Arc::clone(table), entry.from, entry.stores.clone()), values });
        }
    }
    Ok(found)
}

/// What the cases that hold reach of the tables that pipelines read.
pub fn coverage(plan: &Plan, results: &[CaseResult]) -> Coverage {
    let mut values: BTreeMap<&Version, BTreeSet<&Vec<Exact>>> = BTreeMap::new();
    for lookup in results.iter().filter(|result| result.holds()).flat_map(|result| &result.lookups) {
        values.entry(&lookup.version).or_default().insert(&lookup.values);
    }
    let nothing = BTreeSet::new();
    let mut coverage = Coverage::default();
    for (table, steps) in readers(plan) {
        let Some(parameter) = plan.parameters.get(&table) else { continue };
        let mut add = |form, (since, stores): (Date, &[Name]), places: Vec<(Place, Unit, Arc<str>)>| {
            places.into_iter().for_each(|(place, unit, axis)| {
                coverage.unreached.push(Unreached {
                    parameter: Arc::clone(&table),
                    title: Arc::clone(&parameter.title),
                    since,
                    stores: stores.to_vec(),
                    steps: steps.clone(),
                    form,
                    unit,
                    axis,
                    place,
                });
            });
        };
        match &parameter.values {
            Values::Ladder { by, versions, .. } => {
                for entry in versions.iter() {
                    let key = (Arc::clone(&table), entry.from, entry.stores.clone());
                    let ladder = &entry.value;
                    let looked_up = values.get(&key).unwrap_or(&nothing);
                    let places = unreached(ladder, by, &looked_up.iter().filter_map(|one| one.first()).collect());
                    let places = places.into_iter().map(|place| (place, by.clone(), Arc::from("")));
                    add("ladder", (entry.from, &entry.stores), places.collect());
                    coverage.ladders += 1;
                    coverage.rows += ladder.rows().len();
                    coverage.bounds += bounds_of(ladder).len();
                }
            }
            Values::Matrix { axes, versions } => {
                for entry in versions.iter() {
                    let key = (Arc::clone(&table), entry.from, entry.stores.clone());
                    let places = matrices::unreached(&entry.value, axes, values.get(&key).unwrap_or(&nothing));
                    let places = places.into_iter().map(|(place, axis)| match axis {
                        Some(axis) => (place, axis.unit, axis.label),
                        None => (place, Unit::ratio(), Arc::from("")),
                    });
                    add("matrix", (entry.from, &entry.stores), places.collect());
                    coverage.matrices += 1;
                    coverage.rows += entry.value.rows().len();
                    coverage.bounds += matrices::bounds(&entry.value);
                }
            }
            Values::Card { indicators, versions, .. } => {
                let deducts = deducts(plan, &table);
                for entry in versions.iter() {
                    let (card, version) = (&*entry.value, (entry.from, entry.stores.as_slice()));
                    add("scorecard", version, cards::unreached((&table, card, indicators), deducts, version, &values));
                    coverage.cards += 1;
                    coverage.rows += card.rows.iter().flatten().count();
                    coverage.bounds += cards::bounds(card, indicators, deducts);
                }
            }
            Values::Scalar(_) => {}
        }
    }
    coverage
}

/// Whether a step that scores by a card deducts points.
fn deducts(plan: &Plan, card: &str) -> bool {
    steps(plan)
        .any(|(_, step)| matches!(&step.step.kind, StepKind::Score(score) if score.card() == card && score.deducts()))
}

/// Tables that steps read, with those steps.
fn readers(plan: &Plan) -> BTreeMap<Name, Vec<String>> {
    let mut readers: BTreeMap<Name, Vec<String>> = BTreeMap::new();
    for (owner, step) in steps(plan) {
        if let StepKind::Score(score) = &step.step.kind {
            readers.entry(Name::from(score.card())).or_default().push(owner.full_name(&step.name));
        }
        for origin in step.step.origins.values() {
            if let ColumnOrigin::Ladder { table, .. }
            | ColumnOrigin::LadderWithin { table, .. }
            | ColumnOrigin::Matrix { table, is_value: true, .. } = origin
            {
                let readers = readers.entry(Arc::clone(table)).or_default();
                let step = owner.full_name(&step.name);
                // Value and words of a band come from one look.
                if readers.last() != Some(&step) {
                    readers.push(step);
                }
            }
        }
    }
    readers
}

/// The finite bounds of a ladder, ascending, each once.
fn bounds_of(ladder: &Ladder) -> BTreeSet<&Exact> {
    bounds::finite(ladder.rows().iter().map(|row| &row.interval))
}

/// The places of a ladder that none of the values reaches.
fn unreached(ladder: &Ladder, by: &Unit, values: &BTreeSet<&Exact>) -> Vec<Place> {
    let rows = ladder.rows().iter().filter(|row| !values.iter().any(|value| row.interval.contains(value)));
    let rows = rows.map(|row| Place::Row(Row { interval: row.interval.to_string(), words: row.words.clone() }));
    let all = bounds_of(ladder);
    let beside = all.iter().flat_map(|bound| bounds::unreached(bound, &all, by, values));
    rows.chain(beside.map(|at| Place::Bound { at, within: String::new() })).collect()
}

impl Unreached {
    /// What is missing, in a sentence.
    pub fn sentence(&self) -> String {
        let unit = if self.unit.is_ratio() { String::new() } else { format!(" {}", self.unit) };
        let axis = if self.axis.is_empty() { String::new() } else { format!("{} ", self.axis) };
        let shown = |number: &Exact| format!("{axis}{}{unit}", number.shown(6));
        match &self.place {
            Place::Row(Row { interval, words }) if self.form == "scorecard" => {
                format!("no case scores {interval}, {words}")
            }
            Place::Row(Row { interval, words }) => format!("no case looks up a value in {interval} ({words})"),
            Place::Bound { at, within } if within.is_empty() => format!("no case looks up {}", at.missing(&shown)),
            Place::Bound { at, within } => format!("{within}: no case looks up {}", at.missing(&shown)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::ladder::{Interval, Row as Rung};

    fn exact(text: &str) -> Exact {
        Exact::parse_human(text).unwrap()
    }

    fn left(intervals: &[&str], unit: &str, values: &[&str]) -> Vec<String> {
        let row = |over: &&str| Rung {
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
                Place::Row(row) => row.interval,
                Place::Bound { at: AtBound::On(bound), .. } => format!("={}", bound.shown(6)),
                Place::Bound { at: AtBound::Beside { bound, below, wanted }, .. } => {
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
        assert!(bounds::COUNTED.iter().all(|unit| expr::unit::BUILT_IN.contains(unit)));
    }
}
