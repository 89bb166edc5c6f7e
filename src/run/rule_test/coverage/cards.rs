//! What rule tests reach of a scorecard: every indicator, the targets of what is held against one, the limits of the
//! score and the pass mark.
//!
//! Targets may come with the rows, so what counts is the distance of the actual from its target.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bounds::unreached as at_bound;
use super::{Lookup, Place, Row, Version};
use crate::expr::types::Name;
use crate::expr::unit::Unit;
use crate::expr::{DayOf, ParamValues};
use crate::money::Exact;
use crate::plan::PlannedStep;
use crate::plan::parameters::Card;
use crate::run::cells::Cell;
use crate::run::evaluate::Evaluation;
use crate::run::frames::Stored;
use crate::step::score::{Part, Score};
use crate::step::{Indicator, Rule, card_figure};

/// What stands for a place that a case reaches; the parameter is `CARD/PLACE`.
fn place(card: &str, what: &str) -> Name {
    Name::from(format!("{card}/{what}"))
}

/// What stands for the score before the limits.
const BEFORE_LIMITS: &str = "*before";
/// What stands for the announced score.
const ANNOUNCED: &str = "*score";

/// What the rows of a score step have reached of its card.
pub(super) fn reached(evaluation: &Evaluation<'_>, step: &PlannedStep, score: &Score, made: &Stored) -> Vec<Lookup> {
    let parameters = evaluation.plan.parameters.on(evaluation.period.first_day());
    let Some(dated) = ParamValues::at(&parameters, &card_figure(score.card(), None, "pass")) else { return Vec::new() };
    let into = score.announced();
    let mut found = Vec::new();
    for row in 0..u32::try_from(made.frame.height()).unwrap_or(u32::MAX) {
        let number = |column: &str| match step.step.schema.get(column) {
            Some(_) => made.cell(row, column).number().cloned(),
            None => None,
        };
        let day = match &dated.day {
            DayOf::Period(_) => None,
            DayOf::Column(column) => match made.cell(row, column) {
                Cell::Date(day) => Some(day),
                _ => continue,
            },
        };
        let store = made.cell(row, "store_id").canonical();
        let Some(entry) = dated.for_row(day, Some(store.as_str()).filter(|store| !store.is_empty())) else { continue };
        let mut add = |what: &str, value: Exact| {
            let version = (place(score.card(), what), entry.from, entry.stores.clone());
            found.push(Lookup { version, values: vec![value] });
        };
        for indicator in score.indicators() {
            let of = |part: Part| number(&format!("{into}_{}{}", indicator.name, part.suffix()));
            if of(Part::Points).is_none() {
                continue;
            }
            // An indicator that is held against nothing is reached wherever it has points.
            let distance = of(Part::Actual).zip(of(Part::Target)).map(|(actual, target)| actual.sub(&target));
            add(&indicator.name, distance.unwrap_or_else(Exact::zero));
        }
        if let Some(sum) = number(&format!("{into}{}", Part::Sum.suffix())) {
            let deduct = number(&format!("{into}{}", Part::Deduct.suffix())).unwrap_or_else(Exact::zero);
            add(BEFORE_LIMITS, sum.sub(&deduct));
        }
        if let Some(announced) = number(into) {
            add(ANNOUNCED, announced);
        }
    }
    found
}

/// A bound of a card, with the values that count for it.
struct Edge {
    what: Name,
    label: Arc<str>,
    bound: Exact,
    unit: Unit,
    /// Whether values below and above it can be reached at all.
    sides: [bool; 2],
}

fn edges(card: &Card, indicators: &[Indicator], deducts: bool) -> Vec<Edge> {
    let mut edges = Vec::new();
    let mut unlimited = false;
    for (indicator, row) in indicators.iter().zip(&card.rows) {
        let Some(row) = row.as_ref().filter(|row| !row.by_rater) else { continue };
        unlimited |= matches!(indicator.rule, Rule::Growth | Rule::Ladder(_));
        if matches!(indicator.rule, Rule::Control | Rule::Growth) {
            let nothing_below = row.target.as_ref().is_some_and(Exact::is_zero) && indicator.rule == Rule::Control;
            edges.push(Edge {
                what: indicator.name.clone(),
                label: format!("{} actual less target", indicator.label).into(),
                bound: Exact::zero(),
                unit: indicator.unit.clone(),
                // Below a target of 0 there is nothing to measure, and what lies above it has no points.
                sides: [!nothing_below, !nothing_below],
            });
        }
    }
    let hundred = Exact::from_i128(100);
    let [low, high] = &card.between;
    let points = || Unit::base("points");
    let limit = |bound: &Exact, sides| {
        let label = "score before the limits".into();
        Edge { what: Name::from(BEFORE_LIMITS), label, bound: bound.clone(), unit: points(), sides }
    };
    edges.push(limit(low, [deducts || low > &Exact::zero(), true]));
    edges.push(limit(high, [true, unlimited || high < &hundred]));
    let (label, bound) = ("announced score".into(), card.pass.clone());
    edges.push(Edge { what: Name::from(ANNOUNCED), label, bound, unit: points(), sides: [true, true] });
    edges
}

/// How many bounds there are to reach.
pub(super) fn bounds(card: &Card, indicators: &[Indicator], deducts: bool) -> usize {
    edges(card, indicators, deducts).len()
}

/// The places of a card that none of the values reaches, each with its unit and what it is measured along.
pub(super) fn unreached(
    (name, card, indicators): (&Name, &Card, &[Indicator]),
    deducts: bool,
    (since, stores): (jiff::civil::Date, &[Name]),
    values: &BTreeMap<&Version, BTreeSet<&Vec<Exact>>>,
) -> Vec<(Place, Unit, Arc<str>)> {
    let of = |what: &str| -> BTreeSet<&Exact> {
        let found = values.get(&(place(name, what), since, stores.to_vec()));
        found.into_iter().flatten().filter_map(|values| values.first()).collect()
    };
    let counted =
        indicators.iter().zip(&card.rows).filter(|(indicator, row)| row.is_some() && of(&indicator.name).is_empty());
    let mut places: Vec<(Place, Unit, Arc<str>)> = counted
        .map(|(indicator, _)| {
            let row = Row { interval: indicator.label.to_string(), words: "an indicator of the card".to_owned() };
            (Place::Row(row), Unit::ratio(), Arc::from(""))
        })
        .collect();
    for edge in edges(card, indicators, deducts) {
        let all = BTreeSet::from([&edge.bound]);
        for at in at_bound(&edge.bound, &all, &edge.unit, &of(&edge.what)) {
            let reachable = match &at {
                super::AtBound::On(_) => true,
                super::AtBound::Beside { below, .. } => edge.sides[usize::from(!*below)],
            };
            if reachable {
                places.push((Place::Bound { at, within: String::new() }, edge.unit.clone(), edge.label.clone()));
            }
        }
    }
    places
}
