//! The reference of D8-3: one function for each clause, in plain fractions, a team at a time. Rates and bounds stand
//! here as the plan prints them.

use std::cmp::Ordering;

use dashu_int::IBig;
use jiff::civil::{Date, date};

use super::teams::{Kind, Team, VARIANTS};
use crate::exactness::fraction::{Fraction, Held};

/// G5, in hundredths: the VAT divisor of its time, or, for a store that has chosen so from 2026-10-01, 1.17 for ever.
pub fn divisor(team: &Team, day: Date) -> i64 {
    if team.store == VARIANTS && day >= date(2026, 10, 1) || day <= date(2018, 4, 30) {
        117
    } else if day <= date(2019, 3, 31) {
        116
    } else {
        113
    }
}

/// Labour sales less shop materials, both without VAT.
fn base(team: &Team, held: Held) -> Fraction {
    let net = |day: Date, fen: i64| Fraction::yuan(fen).over(&Fraction::new(divisor(team, day), 100), held);
    let labour = team.labour.iter().fold(Fraction::whole(0), |sum, (day, fen)| sum.plus(&net(*day, *fen)));
    // What the month before left below zero is divided as on its last day (G7).
    labour.minus(&net(date(2026, 10, 15), team.materials)).plus(&net(date(2026, 9, 30), team.opening))
}

/// D8-3.1 and D8-3.3, in percent: by the goal that labour sales including VAT reach; D8-3.2v by completion of the task.
fn coefficient(team: &Team) -> i64 {
    let (m, b) = (team.sales(), team.task());
    let body = if team.kind == Kind::Body { 2 } else { 0 };
    if team.kind == Kind::Mechanical && team.store == VARIANTS {
        match () {
            () if 10 * m > 15 * b => 18,
            () if m > b => 15,
            () if 10 * m > 8 * b => 12,
            () if 10 * m >= 5 * b => 10,
            () => 0,
        }
    } else if m >= team.challenge_goal {
        17 + body
    } else if m >= team.base_goal {
        15 + body
    } else {
        13 + body
    }
}

/// D8-3.2: yuan a bottle. m ≥ b: by Y; below, by Y or by m, the lower of the two, or by Y alone.
fn a_bottle(team: &Team) -> i64 {
    let (y, m, b) = (team.bottles, team.sales(), team.task());
    if m >= b {
        return match y {
            i64::MIN..=50_00 => 6,
            50_01..=100_00 => 8,
            100_01..=150_00 => 10,
            150_01.. => 12,
        };
    }
    let by_bottles = match y {
        i64::MIN..=49_99 => 4,
        50_00..=70_00 => 6,
        70_01..=100_00 => 8,
        100_01..=150_00 => 10,
        150_01.. => 12,
    };
    let by_labour = match () {
        () if 10 * m > 8 * b => 8,
        () if 10 * m >= 5 * b => 6,
        () => 4,
    };
    if team.store == VARIANTS { by_bottles } else { by_bottles.min(by_labour) }
}

/// D8-3.5, in percent, by reworked cars ÷ cars.
pub fn gate(team: &Team) -> i64 {
    match () {
        () if 100 * team.rework <= 3 * team.cars => 100,
        () if 100 * team.rework <= 5 * team.cars => 95,
        () => 90,
    }
}

/// The pool of a team before it is rounded: score, then care and other items, then the gate. A base below zero pays
/// 0 (G7).
pub fn pool(team: &Team, held: Held) -> Fraction {
    let rate = Fraction::new(coefficient(team), 100).times(&Fraction::new(team.score, 10_000));
    let labour = base(team, held).not_below_zero().times(&rate);
    let care = Fraction::new(team.bottles, 100).not_below_zero().times(&Fraction::whole(a_bottle(team)));
    labour.plus(&care).plus(&Fraction::yuan(team.other)).times(&Fraction::new(gate(team), 100))
}

/// The members' shares in fen: the pool is rounded first, and its fen go by the largest remainder, equal ones to the
/// larger weight, then to the lower id (G2).
pub fn shares(team: &Team, held: Held) -> Vec<IBig> {
    let pool = pool(team, held).fen();
    let negative = pool < IBig::ZERO;
    let size = if negative { -pool } else { pool };
    let weights: Vec<i64> = team.members.iter().map(|member| member.weight.max(0)).collect();
    let all = IBig::from(weights.iter().sum::<i64>());
    let mut shares: Vec<IBig> = weights.iter().map(|weight| &size * IBig::from(*weight) / &all).collect();
    let rest = |at: &usize| &size * IBig::from(weights[*at]) % &all;
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|one, other| {
        let by_rest = rest(other).cmp(&rest(one));
        let by_weight = weights[*other].cmp(&weights[*one]);
        by_rest.then(by_weight).then_with(|| team.members[*one].id.cmp(&team.members[*other].id))
    });
    let left = usize::try_from(&size - shares.iter().sum::<IBig>()).unwrap();
    for at in order.into_iter().take(left) {
        shares[at] += IBig::ONE;
    }
    if negative { shares.into_iter().map(|share| -share).collect() } else { shares }
}

/// The codes of what is said about a team: negative bases, too much rework, hours below zero.
pub fn said(team: &Team) -> Vec<&'static str> {
    let below = |figure: &Fraction| figure.compare(&Fraction::whole(0)) == Ordering::Less;
    let mut said = Vec::new();
    said.extend(below(&base(team, Held::Exactly)).then_some("negative-base"));
    said.extend((team.bottles < 0).then_some("negative-base"));
    said.extend((100 * team.rework > 10 * team.cars).then_some("rework-needs-decision"));
    said.extend(team.members.iter().filter(|member| member.weight < 0).map(|_| "negative-hours"));
    said
}

/// The ordinary month of the plan's examples, by hand: (1,200.00 − 70.00) ÷ 1.13 × 15% × 92.5% + 60 × 8 + 20.00 at a
/// gate of 95%, over three members.
#[test]
fn a_month_computed_by_hand_holds() {
    use super::teams::Member;
    let member = |id: &str, weight| Member { id: id.to_owned(), weight };
    let team = Team {
        store: "S01",
        name: "T".to_owned(),
        kind: Kind::Mechanical,
        labour: vec![(date(2026, 10, 15), 1_200_00)],
        materials: 70_00,
        base_goal: 1_200_00,
        challenge_goal: 1_200_01,
        own_task: None,
        score: 92_50,
        bottles: 60_00,
        other: 20_00,
        cars: 100,
        rework: 4,
        members: vec![member("B", 1_00), member("A", 1_00), member("C", 1_00)],
        opening: 0,
        opening_bottles: 0,
    };
    // 1,000 × 15% × 92.5% = 138.75; + 480 + 20 = 638.75; × 95% = 606.8125 → 606.81 = 202.27 × 3.
    let fen = |team: &Team| -> Vec<i64> {
        shares(team, Held::Exactly).into_iter().map(|share| i64::try_from(share).unwrap()).collect()
    };
    assert_eq!(fen(&team), [202_27, 202_27, 202_27]);
    // 3% exactly pays in full: 638.75 = 212.91 × 2 + 212.93; two fen are left, to A and B.
    assert_eq!(fen(&Team { rework: 3, ..team.clone() }), [212_92, 212_92, 212_91]);
    // A body team has 17% and no care: 157.25 + 20.00, and with materials above labour the other items alone.
    let loss = Team { materials: 2_000_00, bottles: 0, other: -1_00, rework: 0, ..team };
    assert_eq!(fen(&loss), [-33, -34, -33]);
    assert_eq!(said(&loss), ["negative-base"]);
}
