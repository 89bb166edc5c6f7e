//! The reference of D6, D7-4 and D7-5: one function for each clause, in plain fractions, a person at a time. Rates,
//! bounds and fees stand here as the plans print them.

use std::cmp::Ordering;

use super::people::{Advisor, DAYS, Holder};
use crate::exactness::fraction::{Fraction, Held};

/// What counts of a base: the month's figure and what the month before left, not below zero (G7).
fn base(figure: i64, opening: i64) -> i64 {
    (figure + opening).max(0)
}

/// Whether a figure over a part of the month, as if of the whole month, is at most a bound (G10).
fn at_most(figure: &Fraction, days: i64, bound: i64) -> bool {
    let whole_month = figure.times(&Fraction::whole(DAYS));
    whole_month.compare(&Fraction::whole(bound * days)) != Ordering::Greater
}

fn below(figure: &Fraction, days: i64, bound: i64) -> bool {
    figure.times(&Fraction::whole(DAYS)).compare(&Fraction::whole(bound * days)) == Ordering::Less
}

/// D6-1: 0.50% up to 220,000, 0.8% above it and below 280,000, 1.50% from there, on the whole output.
pub fn output_item(one: &Advisor) -> Fraction {
    let figure = Fraction::yuan(one.output + one.opening[0]);
    let rate = if at_most(&figure, one.days, 220_000) {
        50
    } else if below(&figure, one.days, 280_000) {
        80
    } else {
        150
    };
    figure.not_below_zero().times(&Fraction::new(rate, 10_000))
}

/// D6-2.2: 30, 30 and 40 a package.
fn package_item(one: &Advisor) -> Fraction {
    let fees = one.packages[0] * 30 + one.packages[1] * 30 + one.packages[2] * 40;
    Fraction::yuan(base(fees * 100, one.opening[1]))
}

/// D6-2.1: the packages sold, whichever they are.
pub fn sets(one: &Advisor) -> i64 {
    one.packages.iter().sum::<i64>() + one.opening[6]
}

fn factor(one: &Advisor) -> Fraction {
    let percent = match sets(one) {
        ..=2 => 80,
        3..=5 => 100,
        6..=8 => 110,
        9..=11 => 120,
        _ => 130,
    };
    Fraction::new(percent, 100)
}

/// D6-3: 35% of the full covers' profit, 20 a compulsory policy.
fn insurance_item(one: &Advisor) -> Fraction {
    let profit = Fraction::yuan(base(one.profit, one.opening[3])).times(&Fraction::new(35, 100));
    profit.plus(&Fraction::whole(base(one.compulsory, one.opening[4]) * 20))
}

/// D6-4: the first 50 at 5 each, what is above at 10; 50 by the days in the role.
fn maintenance_item(one: &Advisor) -> Fraction {
    let orders = Fraction::whole(base(one.maintenance, one.opening[5]));
    let task = Fraction::new(50 * one.days, DAYS);
    let above = orders.minus(&task).not_below_zero();
    let within = orders.minus(&above);
    within.times(&Fraction::whole(5)).plus(&above.times(&Fraction::whole(10)))
}

/// The one line: all items times the factor, rounded once.
pub fn commission(one: &Advisor) -> Fraction {
    let care = Fraction::yuan(base(one.care, one.opening[2]));
    let items = [package_item(one), care, insurance_item(one), maintenance_item(one)];
    items.iter().fold(output_item(one), |sum, item| sum.plus(item)).times(&factor(one))
}

/// D6-6: 100 an order for reception, 90 where 10 were taken before; 10 an order overall.
pub fn deductions(one: &Advisor) -> [Fraction; 2] {
    let [reception, raised, overall] = one.complaints;
    [Fraction::whole(-100 * reception - 90 * raised), Fraction::whole(-10 * overall)]
}

/// Whether some base is below zero, which is said once.
pub fn is_negative(one: &Advisor) -> bool {
    let fees = (one.packages[0] * 30 + one.packages[1] * 30 + one.packages[2] * 40) * 100;
    let bases = [one.output, fees, one.care, one.profit, one.compulsory, one.maintenance];
    bases.iter().zip(one.opening).any(|(figure, opening)| figure + opening < 0) || sets(one) < 0
}

fn days(one: &Holder) -> Fraction {
    Fraction::whole(one.days).over(&Fraction::whole(DAYS), Held::Exactly)
}

/// D7-4: (output × the rate of its step + 1 yuan × cars) × (score ÷ 100), by the days in the post.
pub fn manager(one: &Holder) -> Fraction {
    let [output, cars] = one.figures;
    let rates = if one.role == "service-manager" { [26, 27, 28] } else { [15, 18, 20] };
    let rate = match output {
        ..1_500_000_00 => 0,
        1_500_000_00..=2_000_000_00 => rates[0],
        2_000_000_01..=3_000_000_00 => rates[1],
        _ => rates[2],
    };
    let pay = Fraction::yuan(output).not_below_zero().times(&Fraction::new(rate, 10_000));
    pay.plus(&Fraction::whole(cars).not_below_zero()).times(&Fraction::new(one.score, 10_000)).times(&days(one))
}

/// D7-5: team hours × yuan per hour × (score ÷ 100), by the days in the post; half a yuan without a rate of the own.
pub fn supervisor(one: &Holder) -> Fraction {
    let hours = Fraction::new(one.figures[0] + one.opening, 100).not_below_zero();
    let rate = Fraction::new(one.own_rate.unwrap_or(5000), 10_000);
    hours.times(&rate).times(&Fraction::new(one.score, 10_000)).times(&days(one))
}
