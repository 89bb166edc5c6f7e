//! Everybody who is scored: figures on the targets, on twice the targets and on nothing, ratings at their ends, sums
//! that lie exactly between two hundredths, and deductions that bring sums to the limits and to the pass mark.

use dashu_int::IBig;

use super::clauses::{self, Indicator, Rule};
use crate::exactness::dice::Dice;
use crate::exactness::fraction::{Fraction, Held};

/// A numerator over a denominator above 0.
pub type Figure = (i64, i64);

/// Which card scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Card {
    Advisor,
    /// A team itself: nothing is taken off.
    Team,
    /// A team's member or master: the team's figures, less the own points taken off.
    Member,
    Inspector,
    Supervisor,
    Office,
    /// A card with a ladder, a rater and limits of its own.
    Ladder,
}

/// A row that is scored.
pub struct Subject {
    pub id: String,
    pub card: Card,
    /// One for each indicator, in the order of the card.
    pub figures: Vec<Figure>,
    /// The own target of what is sold.
    pub target: Figure,
    /// Hundredths of points taken off.
    pub deducted: i64,
}

/// The last figure that still counts as beside a bound.
pub const STEP: Figure = (1, 10_000);

pub fn subjects(seed: u64, card: Card, count: usize) -> Vec<Subject> {
    let mut dice = Dice::new(seed + card as u64);
    (0..count).map(|at| subject(&mut dice, card, at)).collect()
}

fn subject(dice: &mut Dice, card: Card, at: usize) -> Subject {
    let id = format!("{card:?}{at:06}");
    let target = (dice.between(1, 9_000) * 1_000 * if dice.percent(50) { 100 } else { 1 }, 100);
    let mut one = Subject { id, card, figures: Vec::new(), target, deducted: 0 };
    let sort = dice.between(1, 100);
    let figures = clauses::indicators(card).iter().map(|indicator| match sort {
        ..=22 => tidy(dice, indicator, target),
        23..=52 => full(indicator, target),
        _ => any(dice, indicator, target),
    });
    one.figures = figures.collect();
    match sort {
        ..=22 => halve(dice, &mut one),
        _ if card == Card::Team => {}
        23..=52 => {
            // From 100 points to a limit or to the pass mark.
            let (floor, cap) = clauses::limits(card);
            let bound = dice.pick(&[cap, cap, 80, 80, floor]);
            one.deducted = ((100 - bound) * 100 + dice.between(-1, 1)).max(0);
        }
        _ => aim(dice, &mut one),
    }
    one
}

/// What earns so many whole points.
fn tidy(dice: &mut Dice, indicator: &Indicator, own: Figure) -> Figure {
    match indicator.rule {
        Rule::Control(target) | Rule::Growth(target) => part(target, dice.between(60, 110)),
        Rule::GrowthToOwn => part(own, dice.between(60, 110)),
        Rule::Rating => (dice.between(60, 99), 1),
        Rule::Response => responded(dice),
    }
}

/// What earns 100 points.
fn full(indicator: &Indicator, own: Figure) -> Figure {
    match indicator.rule {
        Rule::Control(target) | Rule::Growth(target) => target,
        Rule::GrowthToOwn => own,
        Rule::Rating => (100, 1),
        Rule::Response => (5, 1),
    }
}

fn any(dice: &mut Dice, indicator: &Indicator, own: Figure) -> Figure {
    match indicator.rule {
        Rule::Control(target) => controlled(dice, target),
        Rule::Growth(target) => grown(dice, target),
        Rule::GrowthToOwn => sold(dice, own),
        Rule::Rating => rated(dice),
        Rule::Response => responded(dice),
    }
}

/// All parts so far are whole hundredths: half of one comes in, by the last indicator, which a rater rates, or by a
/// ratio that does not end.
fn halve(dice: &mut Dice, one: &mut Subject) {
    let indicators = clauses::indicators(one.card);
    let sold = indicators.iter().position(|indicator| matches!(indicator.rule, Rule::GrowthToOwn));
    if let Some(at) = sold.filter(|_| dice.percent(50)) {
        // sales ÷ target × 15 points = so many points and half a hundredth.
        let (thousandth, points) = (dice.between(1, 30_000), dice.between(9, 15));
        one.target = (thousandth * 3_000, 100);
        one.figures[at] = (thousandth * (200 * points + 1), 100);
    } else {
        let (whole, weight) = (one.figures.last().unwrap().0, indicators.last().unwrap().weight);
        *one.figures.last_mut().unwrap() = (whole * weight * 2 + 1, weight * 2);
    }
}

/// So many hundredths of a target.
fn part((num, den): Figure, hundredths: i64) -> Figure {
    (num * hundredths, den * 100)
}

fn beside((num, den): Figure, steps: i64) -> Figure {
    (num * STEP.1 + steps * den, den * STEP.1)
}

/// On the target or on twice the target, or one step beside them, or anywhere.
fn controlled(dice: &mut Dice, target: Figure) -> Figure {
    let times = match dice.between(1, 100) {
        ..=20 => 1,
        21..=60 => 2,
        _ => {
            let count = dice.between(1, 700);
            return (target.0 * dice.between(0, 3 * count), target.1 * count);
        }
    };
    let steps = dice.between(-1, 1);
    beside((target.0 * times, target.1), steps)
}

/// Nothing, or any mean.
fn grown(dice: &mut Dice, target: Figure) -> Figure {
    match dice.between(1, 100) {
        ..=35 => (dice.between(0, 1), STEP.1),
        36..=40 => target,
        _ => {
            let count = dice.between(1, 700);
            (target.0 * dice.between(0, count * 5 / 4), target.1 * count)
        }
    }
}

/// Sales in fen: nothing, a fen of it, taken back, or several times the target.
fn sold(dice: &mut Dice, target: Figure) -> Figure {
    let fen = match dice.between(1, 100) {
        ..=35 => dice.between(-1, 1),
        36..=40 => -dice.any_size(7),
        41..=70 => target.0 * dice.between(50, 400) / 100,
        _ => dice.any_size(9),
    };
    (fen, 100)
}

/// A mean of ratings, often at an end.
fn rated(dice: &mut Dice) -> Figure {
    match dice.between(1, 100) {
        ..=35 => (dice.between(0, 1), STEP.1),
        36..=50 => (100 * STEP.1 - dice.between(0, 1), STEP.1),
        _ => {
            let count = dice.between(1, 7);
            (dice.between(0, 10_000 * count), 100 * count)
        }
    }
}

/// Minutes, often on a bound of the ladder or beside one.
fn responded(dice: &mut Dice) -> Figure {
    if dice.percent(70) {
        let (bound, steps) = (dice.pick(&[5, 10, 10, 20, 20]), dice.between(-1, 1));
        return beside((bound, 1), steps);
    }
    let orders = dice.between(1, 300);
    (dice.between(0, orders * 40 * 60), orders * 60)
}

/// Takes off what brings the sum to a limit or to the pass mark, or a hundredth beside it.
fn aim(dice: &mut Dice, one: &mut Subject) {
    let (floor, cap) = clauses::limits(one.card);
    let bound = dice.pick(&[floor, 80, cap]);
    let above = |bound| clauses::less(one, Held::Exactly).minus(&Fraction::whole(bound)).fen();
    let hundredths = if above(bound) > IBig::ZERO { above(bound) } else { above(floor) };
    one.deducted = (i64::try_from(hundredths).unwrap() + dice.between(-1, 1)).max(0);
}
