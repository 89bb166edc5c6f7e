//! The reference of D1: one function for each clause, in plain fractions, a person at a time.

use std::cmp::Ordering;

use jiff::civil::{Date, date};

use super::people::{Actual, Department, FIRST, Indicator, Item, Kind, LAST, MILLION, Person, Sheet, Store};
use crate::exactness::cards::clauses::{control, growth};
use crate::exactness::fraction::{Fraction, Held};

fn days(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days()) + 1
}

/// How many days two stretches have in common; an open one goes on.
fn common((from, to): (Date, Option<Date>), first: Date, last: Date) -> i64 {
    days(from.max(first), to.unwrap_or(last).min(last)).max(0)
}

/// Days in December in a role that the contract pays.
pub fn days_held(one: &Person) -> i64 {
    one.held.iter().map(|held| common(*held, FIRST, LAST)).sum()
}

/// Months of the year in which the person held such a role on some day (D1-3.3).
pub fn months_due(one: &Person) -> Vec<i8> {
    let month = |month: i8| {
        let first = date(2026, month, 1);
        one.held.iter().any(|held| common(*held, first, first.last_of_month()) > 0)
    };
    (1..=12).filter(|at| month(*at)).collect()
}

/// D1-3.1: position wage × days attended, at most the standard days, ÷ 21.75; of who changed roles in the month, the
/// days in this one.
pub fn position_pay(one: &Person) -> Fraction {
    let counted = Fraction::new(one.attended.min(21_75), 21_75);
    let held = days_held(one);
    let employed = held + one.elsewhere.map_or(0, |(from, to)| common((from, Some(to)), FIRST, LAST));
    Fraction::yuan(one.wage).times(&counted).times(&Fraction::new(held, employed))
}

/// D1-4.2: what a month gets of a year's fen by its weight; the fen left over go to the largest remainders, of equal
/// ones to the larger weight, then to the earlier month.
pub fn split(fen: i64, weights: &[i64; 12]) -> [i64; 12] {
    let whole = |month: usize| i128::from(fen) * i128::from(weights[month]);
    let million = i128::from(MILLION);
    let mut shares: [i64; 12] = std::array::from_fn(|month| i64::try_from(whole(month) / million).unwrap());
    let mut order: Vec<usize> = (0..12).collect();
    order.sort_by(|a, b| (whole(*b) % million, weights[*b], *a).cmp(&(whole(*a) % million, weights[*a], *b)));
    let left = usize::try_from(fen - shares.iter().sum::<i64>()).unwrap();
    order.into_iter().take(left).for_each(|month| shares[month] += 1);
    shares
}

/// December's target in millionths: its share of the year's, the table's row, or the year's ratio as it is.
pub fn target(store: &Store, one: &Indicator) -> i64 {
    if one.additive {
        return split(one.annual / 10_000, &store.months)[11] * 10_000;
    }
    one.months.map_or(one.annual, |months| months[11])
}

/// A figure, or a ratio of two.
fn achieved(amount: i64, base: Option<i64>) -> Fraction {
    let amount = Fraction::new(amount, MILLION);
    base.map_or(amount.clone(), |base| amount.over(&Fraction::new(base, MILLION), Held::Exactly))
}

/// D1-4.3.1 and D1-4.3.2.
fn points(one: &Indicator, actual: &Fraction, target: i64) -> Fraction {
    let target = Fraction::new(target, MILLION);
    match one.kind {
        Kind::Control => control(actual, &target, Held::Exactly),
        Kind::Growth => growth(actual, &target, Held::Exactly),
    }
}

fn weighed(indicators: &[Indicator], of: impl Fn(&Indicator) -> Fraction) -> Fraction {
    let parts = indicators.iter().map(|one| of(one).times(&Fraction::new(one.weight, 10_000)));
    parts.reduce(|sum, part| sum.plus(&part)).unwrap()
}

/// Σ Pi × Qi of the month, without management execution.
fn month_points(store: &Store, department: &Department) -> Fraction {
    weighed(&department.indicators, |one| {
        let Actual { amount, base } = one.actuals[11];
        points(one, &achieved(amount, base), target(store, one))
    })
}

/// The same of the year: the sums of its months against the year's targets.
fn year_points(department: &Department) -> Fraction {
    weighed(&department.indicators, |one| {
        let amount = one.actuals.iter().map(|month| month.amount).sum();
        let base = one.actuals.iter().map(|month| month.base).sum();
        points(one, &achieved(amount, base), one.annual)
    })
}

/// What a row of a sheet takes: double what should have been reported and was not.
pub fn deduction(item: &Item) -> i64 {
    if item.should_report && !item.reported { 2 * item.deduction } else { item.deduction }
}

/// D1-4.3.3: 100 less what a sheet takes, not below 0.
pub fn execution(sheet: &Sheet) -> Fraction {
    Fraction::new(100_00 - sheet.items.iter().map(deduction).sum::<i64>(), 100).not_below_zero()
}

/// D1-4.3: K × Σ(Pi × Qi) ÷ 100, by the days in the role.
pub fn assessment_pay(store: &Store, department: &Department, one: &Person) -> Fraction {
    let execution = execution(one.sheets.last().unwrap());
    let points = month_points(store, department).plus(&execution.times(&execution_weight(department)));
    paid(one.assessment, &points).times(&Fraction::new(days_held(one), 31))
}

fn execution_weight(department: &Department) -> Fraction {
    Fraction::new(department.execution_weight, 10_000)
}

fn paid(base: i64, points: &Fraction) -> Fraction {
    Fraction::yuan(base).times(points).times(&Fraction::new(1, 100))
}

/// D1-3.3: the bonus base × the year's Σ(Pi × Qi) ÷ 100, execution as the mean of the months' sheets, by the days of the
/// year in the role.
pub fn year_end_bonus(department: &Department, one: &Person) -> Fraction {
    let sum = one.sheets.iter().map(execution).reduce(|sum, points| sum.plus(&points)).unwrap();
    let mean = sum.over(&Fraction::whole(i64::try_from(one.sheets.len()).unwrap()), Held::Exactly);
    let points = year_points(department).plus(&mean.times(&execution_weight(department)));
    let served: i64 = one.held.iter().map(|held| common(*held, date(2026, 1, 1), LAST)).sum();
    paid(one.bonus, &points).times(&Fraction::new(served, 365))
}

/// Where a figure of December stands with its target, with twice a control target, and with nothing.
pub fn stands(store: &Store, one: &Indicator) -> Vec<(&'static str, Ordering)> {
    let (target, Actual { amount, base }) = (target(store, one), one.actuals[11]);
    let whole = base.map_or(target, |base| target * (base / MILLION));
    let step = if one.additive { 10_000 } else { 1 };
    let (far, bound) = match one.kind {
        Kind::Control => ("twice the target", 2 * whole),
        Kind::Growth => ("nothing", 0),
    };
    let near = |bound: i64| (amount - bound).abs() <= step;
    let found = [("the target", whole), (far, bound)].into_iter().filter(|(_, bound)| near(*bound));
    found.map(|(name, bound)| (name, amount.cmp(&bound))).collect()
}
