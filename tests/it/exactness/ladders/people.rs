//! Advisors, managers and supervisors by chance: many on a bound or beside it, many with an amount between two fen.

use crate::exactness::dice::Dice;

/// Days of the month.
pub const DAYS: i64 = 31;

/// A base of the month before that was left below zero, by the entry's name.
pub const ENTRIES: [&str; 7] = [
    "output-below-zero",
    "packages-below-zero",
    "care-below-zero",
    "profit-below-zero",
    "policies-below-zero",
    "maintenance-below-zero",
    "sets-below-zero",
];

/// A service advisor's month. Amounts in fen.
#[derive(Clone, Debug)]
pub struct Advisor {
    pub id: String,
    /// Days in the role, the last ones of the month.
    pub days: i64,
    pub output: i64,
    /// Maintenance orders.
    pub maintenance: i64,
    /// Packages at 30, 30 and 40 yuan.
    pub packages: [i64; 3],
    /// Commission on other care.
    pub care: i64,
    pub covers: i64,
    /// Profit of the full covers that counts.
    pub profit: i64,
    pub compulsory: i64,
    /// Orders with a customer dissatisfied with reception, raised from dissatisfied overall, dissatisfied overall.
    pub complaints: [i64; 3],
    /// By [`ENTRIES`]: fen, or whole things; 0 or below.
    pub opening: [i64; 7],
}

/// Figures about a bound: on it, one unit beside it, or anywhere.
fn about(dice: &mut Dice, bounds: &[i64], often: i64, anywhere: impl Fn(&mut Dice) -> i64) -> i64 {
    if dice.percent(often) { dice.pick(bounds) + dice.between(-1, 1) } else { anywhere(dice) }
}

/// So many advisors.
pub fn advisors(seed: u64, count: usize) -> Vec<Advisor> {
    let mut dice = Dice::new(seed);
    (0..count).map(|at| advisor(&mut dice, at)).collect()
}

fn advisor(dice: &mut Dice, at: usize) -> Advisor {
    let days = if dice.percent(80) { DAYS } else { dice.between(1, DAYS) };
    let mut one = Advisor {
        id: format!("A{at:06}"),
        days,
        output: about(dice, &[220_000_00, 280_000_00], 60, |dice| dice.any_size(9)),
        maintenance: about(dice, &[50], 30, |dice| dice.between(0, 120)),
        packages: [dice.between(0, 5), dice.between(0, 5), dice.between(0, 4)],
        care: dice.between(0, 60) * 5_00,
        covers: dice.between(0, 6),
        profit: dice.any_size(7),
        compulsory: dice.between(0, 9),
        complaints: [dice.between(0, 2), dice.between(0, 1), dice.between(0, 3)],
        opening: [0; 7],
    };
    if dice.percent(5) {
        one.output = -dice.any_size(7);
    }
    if dice.percent(4) {
        one.packages[1] = -dice.between(1, 12);
    }
    if dice.percent(4) {
        (one.care, one.compulsory) = (-dice.between(1, 9) * 25_00, -dice.between(1, 4));
    }
    if dice.percent(4) {
        (one.profit, one.maintenance) = (-dice.any_size(6), -dice.between(1, 5));
    }
    if dice.percent(10) {
        let own = [dice.any_size(8), dice.between(0, 20) * 10_00, dice.between(0, 20) * 25_00, dice.any_size(6)];
        let counts = [dice.between(0, 5), dice.between(0, 20), dice.between(0, 6)];
        one.opening = [-own[0], -own[1], -own[2], -own[3], -counts[0], -counts[1], -counts[2]];
    }
    if dice.percent(10) {
        // Twelve sets, one less, one more.
        (one.packages, one.opening[6]) = ([4, 4, dice.between(3, 5)], 0);
    }
    if dice.percent(18) {
        // Everything in whole fen but half a fen of profit, and a factor of 1.
        one.days = DAYS;
        one.opening = [0; 7];
        one.output = dice.between(0, 400) * 1000_00;
        one.packages = [dice.between(1, 2), dice.between(1, 2), 1];
        (one.care, one.maintenance, one.compulsory) = (dice.between(0, 60) * 5_00, dice.between(0, 120), 2);
        one.profit = dice.between(0, 50_000) * 20 + 10;
    }
    one
}

/// A holder of a post that the store's output or hours pay.
#[derive(Clone, Debug)]
pub struct Holder {
    pub id: String,
    /// `service-manager`, `reception-supervisor`, `workshop-supervisor` or `technical-supervisor`.
    pub role: &'static str,
    pub days: i64,
    /// Hundredths of a point.
    pub score: i64,
    /// Output in fen and cars for managers, hundredths of hours and nothing for supervisors.
    pub figures: [i64; 2],
    /// Yuan per hour in ten-thousandths, where the person has a rate.
    pub own_rate: Option<i64>,
    /// Hundredths of hours left below zero by the month before; 0 or below.
    pub opening: i64,
}

/// Managers, each with a store's output of their own.
pub fn managers(seed: u64, count: usize) -> Vec<Holder> {
    let mut dice = Dice::new(seed);
    (0..count)
        .map(|at| {
            let mut one = Holder {
                id: format!("M{at:06}"),
                role: dice.pick(&["service-manager", "reception-supervisor"]),
                days: if dice.percent(80) { DAYS } else { dice.between(1, DAYS) },
                score: if dice.percent(60) { dice.between(60_00, 100_00) } else { dice.between(60, 100) * 100 },
                figures: [
                    about(&mut dice, &[1_500_000_00, 2_000_000_00, 3_000_000_00], 50, |dice| dice.any_size(10)),
                    dice.between(0, 3000),
                ],
                own_rate: None,
                opening: 0,
            };
            if dice.percent(3) {
                one.figures = [-dice.any_size(7), -dice.between(0, 9)];
            }
            if dice.percent(18) {
                // The output's part in whole fen, half a fen of the orders'.
                one.days = DAYS;
                one.score = 90_50;
                one.figures = [dice.between(0, 200) * 20_000_00, dice.between(0, 1000) * 2 + 1];
            }
            one
        })
        .collect()
}

/// Supervisors, each with the hours of a store of their own.
pub fn supervisors(seed: u64, count: usize) -> Vec<Holder> {
    let mut dice = Dice::new(seed);
    (0..count)
        .map(|at| {
            let mut one = Holder {
                id: format!("H{at:06}"),
                role: dice.pick(&["workshop-supervisor", "technical-supervisor"]),
                days: if dice.percent(80) { DAYS } else { dice.between(1, DAYS) },
                score: dice.between(0, 100_00),
                figures: [dice.any_size(7), 0],
                own_rate: dice.percent(50).then(|| dice.between(1000, 12_000)),
                opening: if dice.percent(10) { -dice.any_size(5) } else { 0 },
            };
            if dice.percent(12) {
                // On zero, and a hundredth of an hour beside it.
                one.opening = -dice.any_size(4);
                one.figures[0] = -one.opening + dice.between(-1, 1);
            }
            if dice.percent(25) {
                (one.days, one.score, one.own_rate, one.opening) = (DAYS, 100_00, None, 0);
                one.figures[0] = dice.between(0, 400_000) * 2 + 1;
            }
            one
        })
        .collect()
}
