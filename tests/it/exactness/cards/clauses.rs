//! The reference of the scorecards (D3-3.1) and their rules: one function for each clause, in plain fractions, a row at
//! a time. Targets, weights and limits stand here as the cards print them.

use std::cmp::Ordering;

use super::people::{Card, Figure, Subject};
use crate::exactness::fraction::{Fraction, Held};

/// How an indicator is scored: by which rule and against which target.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// D1-4.3.1.
    Control(Figure),
    /// D1-4.3.2.
    Growth(Figure),
    /// D1-4.3.2, against the person's own target.
    GrowthToOwn,
    /// By a named rater.
    Rating,
    /// By the time of response: up to 5 minutes 100 points, up to 10 minutes 90, up to 20 minutes 60.5, 0 beyond.
    Response,
}

/// An indicator of a card: its name, the column that measures it, its rule, its weight in hundredths.
pub struct Indicator {
    pub name: &'static str,
    pub column: &'static str,
    pub rule: Rule,
    pub weight: i64,
}

const fn indicator(name: &'static str, column: &'static str, rule: Rule, weight: i64) -> Indicator {
    Indicator { name, column, rule, weight }
}

const ADVISOR: [Indicator; 7] = [
    indicator("satisfaction", "satisfaction_mean", Rule::Growth((95, 1)), 25),
    indicator("response", "response_mean", Rule::Control((10, 1)), 15),
    indicator("second", "second_share", Rule::Growth((95, 100)), 20),
    indicator("file", "file_share", Rule::Growth((1, 1)), 10),
    indicator("value_added", "value_added_sales", Rule::GrowthToOwn, 15),
    indicator("training", "training_points", Rule::Rating, 5),
    indicator("attitude", "attitude_points", Rule::Rating, 10),
];
const TEAM: [Indicator; 4] = [
    indicator("completion", "completion_mean", Rule::Control((1, 1)), 30),
    indicator("rework", "rework_rate", Rule::Control((3, 100)), 35),
    indicator("repair", "repair_share", Rule::Growth((95, 100)), 20),
    indicator("process", "process_points", Rule::Rating, 15),
];
const INSPECTOR: [Indicator; 2] = [
    indicator("rework", "rework_rate", Rule::Control((3, 100)), 60),
    indicator("process", "process_points", Rule::Rating, 40),
];
const SUPERVISOR: [Indicator; 5] = [
    indicator("efficiency", "efficiency", Rule::Growth((85, 100)), 30),
    indicator("satisfaction", "satisfaction_mean", Rule::Growth((95, 1)), 20),
    indicator("expertise", "expertise_points", Rule::Rating, 20),
    indicator("channels", "channels_points", Rule::Rating, 15),
    indicator("documents", "documents_points", Rule::Rating, 15),
];
const OFFICE: [Indicator; 3] = [
    indicator("process", "process_points", Rule::Rating, 40),
    indicator("feedback", "feedback_points", Rule::Rating, 40),
    indicator("knowledge", "knowledge_points", Rule::Rating, 20),
];
const LADDER: [Indicator; 2] = [
    indicator("response", "response_mean", Rule::Response, 60),
    indicator("attitude", "attitude_points", Rule::Rating, 40),
];

/// The indicators of a card.
pub fn indicators(card: Card) -> &'static [Indicator] {
    match card {
        Card::Advisor => &ADVISOR,
        Card::Team | Card::Member => &TEAM,
        Card::Inspector => &INSPECTOR,
        Card::Supervisor => &SUPERVISOR,
        Card::Office => &OFFICE,
        Card::Ladder => &LADDER,
    }
}

/// What the sum of a card is limited to.
pub fn limits(card: Card) -> (i64, i64) {
    if matches!(card, Card::Ladder) { (10, 95) } else { (0, 100) }
}

/// D1-4.3.1: 100 up to the target, beyond it [1 + (1 − actual ÷ target)] × 100, not below 0.
pub fn control(actual: &Fraction, target: &Fraction, held: Held) -> Fraction {
    if actual.compare(target) != Ordering::Greater {
        return Fraction::whole(100);
    }
    let two = Fraction::whole(2);
    two.minus(&actual.over(target, held)).times(&Fraction::whole(100)).not_below_zero()
}

/// D1-4.3.2: actual ÷ target × 100, not below 0, and not capped.
pub fn growth(actual: &Fraction, target: &Fraction, held: Held) -> Fraction {
    actual.not_below_zero().over(target, held).times(&Fraction::whole(100))
}

fn response(actual: &Fraction) -> Fraction {
    let steps = [(5, 1000), (10, 900), (20, 605)];
    let step = steps.iter().find(|(bound, _)| actual.compare(&Fraction::whole(*bound)) != Ordering::Greater);
    Fraction::new(step.map_or(0, |(_, tenths)| *tenths), 10)
}

pub fn fraction((num, den): Figure) -> Fraction {
    Fraction::new(num, den)
}

/// The points of each indicator.
pub fn points(one: &Subject, held: Held) -> Vec<Fraction> {
    let figures = indicators(one.card).iter().zip(&one.figures);
    figures
        .map(|(indicator, figure)| {
            let actual = fraction(*figure);
            match indicator.rule {
                Rule::Control(target) => control(&actual, &fraction(target), held),
                Rule::Growth(target) => growth(&actual, &fraction(target), held),
                Rule::GrowthToOwn => growth(&actual, &fraction(one.target), held),
                Rule::Rating => actual,
                Rule::Response => response(&actual),
            }
        })
        .collect()
}

/// Points × weight, summed, less the points taken off (D9-7).
pub fn less(one: &Subject, held: Held) -> Fraction {
    let weights = indicators(one.card).iter().map(|indicator| Fraction::new(indicator.weight, 100));
    let parts = points(one, held).into_iter().zip(weights).map(|(points, weight)| points.times(&weight));
    let sum = parts.reduce(|sum, part| sum.plus(&part)).unwrap();
    sum.minus(&Fraction::yuan(one.deducted))
}

/// The score before it is rounded: limited once, at the end.
pub fn exact(one: &Subject, held: Held) -> Fraction {
    let (floor, cap) = limits(one.card);
    let (floor, cap) = (Fraction::whole(floor), Fraction::whole(cap));
    let less = less(one, held);
    if less.compare(&floor) == Ordering::Less {
        floor
    } else if less.compare(&cap) == Ordering::Greater {
        cap
    } else {
        less
    }
}
