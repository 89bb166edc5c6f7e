//! The reference of net pay: one function for each clause, in whole fen, a person and a month at a time. Rates, bounds
//! and brackets stand here as laws, cities and stores print them.

use super::people::{Month, Person, Stay};

/// What a city and a store settle.
#[derive(Debug)]
pub struct Store {
    pub id: &'static str,
    /// Least and most yuan of the base of social insurance.
    pub insurance: [i64; 2],
    /// Least and most yuan of the base of the housing fund.
    pub fund: [i64; 2],
    /// Percent of the housing fund.
    pub fund_percent: i64,
    /// Whether the housing fund is paid in whole yuan.
    pub fund_in_yuan: bool,
    /// Yuan of the minimum wage.
    pub least_wage: i64,
    /// Whether a wage below the minimum is topped up.
    pub tops_up: bool,
    /// Whether the minimum wage goes by days attended.
    pub by_attendance: bool,
}

/// The stores of 2027: two in one city, one in another.
pub const STORES: [Store; 3] = [
    Store {
        id: "S01",
        insurance: [4_200, 22_000],
        fund: [2_200, 26_000],
        fund_percent: 8,
        fund_in_yuan: false,
        least_wage: 2_200,
        tops_up: false,
        by_attendance: false,
    },
    Store {
        id: "S02",
        insurance: [4_200, 22_000],
        fund: [2_200, 26_000],
        fund_percent: 8,
        fund_in_yuan: false,
        least_wage: 2_200,
        tops_up: true,
        by_attendance: true,
    },
    Store {
        id: "S03",
        insurance: [3_900, 20_500],
        fund: [2_000, 24_000],
        fund_percent: 5,
        fund_in_yuan: true,
        least_wage: 2_010,
        tops_up: false,
        by_attendance: false,
    },
];

/// Upper bound in yuan, percent, quick deduction in yuan (公告2018年第61号).
pub const BRACKETS: [(i64, i64, i64); 7] = [
    (36_000, 3, 0),
    (144_000, 10, 2_520),
    (300_000, 20, 16_920),
    (420_000, 25, 31_920),
    (660_000, 30, 52_920),
    (960_000, 35, 85_920),
    (i64::MAX / 100, 45, 181_920),
];

/// How the reference reckons; all but the first are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Rightly,
    /// The share of days attended is held at 18 decimals.
    RatioAt18,
    /// Brackets and quick deductions are applied to the month alone.
    MonthByMonth,
}

/// The year up to a month, in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Year {
    pub income: i64,
    pub exempt: i64,
    pub insurance: i64,
    pub special: i64,
    pub withheld: i64,
    pub months: i64,
}

/// What the months before leave of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// Fines above the bound, in fen.
    pub fines: i64,
    /// What could not be taken off, in fen.
    pub shortfall: i64,
    /// The year so far, where it is no estimate.
    pub year: Option<Year>,
}

/// A month of a person, settled.
#[derive(Clone, Debug)]
pub struct Slip {
    /// Lines and fen.
    pub lines: Vec<(&'static str, i64)>,
    pub left: Opening,
    /// Codes of what is said.
    pub said: Vec<&'static str>,
    pub gross: i64,
    /// What of the wage the minimum wage compares.
    pub compared: i64,
    pub top_up: i64,
    pub due_fines: i64,
    /// What fines may take, by the share of gross and by the minimum wage.
    pub limits: [i64; 2],
    pub insurance: [i64; 3],
    /// What is taxed of the year so far, before it is held at zero.
    pub taxable: i64,
    pub percent: i64,
    /// The tax of the year so far, in hundredths of a fen.
    pub year_tax: i64,
    pub withheld: i64,
    pub estimated: bool,
}

/// A quotient of whole numbers, not below zero, rounded half up.
fn half_up(num: i64, den: i64) -> i64 {
    (2 * num + den) / (2 * den)
}

/// L2: 8%, 2% and 0.5% of the base within its bounds, each to the fen.
pub fn insurance(store: &Store, base: Option<i64>) -> [i64; 3] {
    let base = base.map_or(0, |base| base.clamp(store.insurance[0] * 100, store.insurance[1] * 100));
    [80, 20, 5].map(|thousandths| half_up(base * thousandths, 1_000))
}

/// L3: the store's percent of the base within its bounds, to the fen or to the yuan.
pub fn housing_fund(store: &Store, base: Option<i64>) -> i64 {
    let base = base.map_or(0, |base| base.clamp(store.fund[0] * 100, store.fund[1] * 100));
    if store.fund_in_yuan {
        half_up(base * store.fund_percent, 100_00) * 100
    } else {
        half_up(base * store.fund_percent, 100)
    }
}

/// L1, L4 and L5: 5,000 for each month worked, for a first job each month of the year, for a low income of the year
/// before the whole year's at once.
pub fn allowance(low_income: bool, first_job: bool, months: i64, month: i64) -> i64 {
    if low_income {
        60_000_00
    } else if first_job {
        5_000_00 * month
    } else {
        5_000_00 * months
    }
}

/// L1: the percent, and the tax in hundredths of a fen.
pub fn tax(taxable: i64) -> (i64, i64) {
    let (_, percent, quick) = BRACKETS.into_iter().find(|(bound, ..)| taxable <= bound * 100).unwrap();
    (percent, taxable * percent - quick * 100_00)
}

/// L6: the minimum wage of the days, in fen, as num ÷ den.
pub fn least_wage(store: &Store, stays: &[Stay], period_days: i64, way: Way) -> (i128, i128) {
    let (mut num, mut den) = (0_i128, 1_i128);
    for stay in stays {
        let (mut top, mut bottom) = (1_i128, 1_i128);
        if let Some((standard, attended)) = stay.counts() {
            (top, bottom) = (i128::from(attended.min(standard)), i128::from(standard));
            if way == Way::RatioAt18 {
                let grid = 10_i128.pow(18);
                (top, bottom) = ((2 * top * grid + bottom) / (2 * bottom), grid);
            }
        }
        (num, den) = (num * bottom + i128::from(stay.days) * top * den, den * bottom);
    }
    let days = i128::from(period_days);
    if num > days * den {
        (num, den) = (days, 1);
    }
    (num * i128::from(store.least_wage) * 100, den * days)
}

/// L6: what brings a wage to the minimum, to the fen above.
pub fn top_up(store: &Store, least: (i128, i128), compared: i64) -> i64 {
    let missing = least.0 - i128::from(compared) * least.1;
    if store.tops_up && missing > 0 { i64::try_from((missing + least.1 - 1) / least.1).unwrap() } else { 0 }
}

/// G6: a fifth of gross, and what is above the minimum wage, whole fen of either, not below zero.
pub fn fine_limits(gross: i64, apart: i64, least: (i128, i128)) -> [i64; 2] {
    let above = i128::from(gross - apart) * least.1 - least.0;
    [gross.div_euclid(5), i64::try_from(above.div_euclid(least.1)).unwrap()].map(|limit| limit.max(0))
}

/// The year up to the month before, and what is said where it is not known: what was declared stands before what was
/// computed, and January begins anew.
pub fn year_before(person: &Person, month: &Month, opening: &Opening) -> (Year, bool) {
    if month.number == 1 {
        return (Year::default(), true);
    }
    match (month.declared, opening.year) {
        (Some(declared), _) => (declared, true),
        (None, Some(run)) => (run, true),
        (None, None) => (Year::default(), month.documented && person.months(month.number) == 1),
    }
}

/// A month of a person.
pub fn settle(person: &Person, month: &Month, opening: &Opening, way: Way) -> Slip {
    let store = month.store(person);
    let payroll = month.documented.then_some(person);
    let of_part =
        |part: &str| -> i64 { month.lines.iter().filter(|line| line.part == part).map(|line| line.fen).sum() };
    let of_kind = |kind: &str| -> i64 {
        let counted = month.lines.iter().filter(|line| line.kind == kind && line.label != "住房补贴");
        counted.map(|line| line.fen).sum()
    };
    let (earned, fines, agreed) = (of_part("earned"), -of_part("penalty"), of_part("agreed"));
    let (apart, corrected) = (of_kind("extra-pay"), of_kind("correction"));
    let wage = payroll.map_or(0, |person| person.wage);
    let own_deduction = payroll.map_or(0, |person| person.own_deduction);
    let mut said = Vec::new();
    let uncountable = |stay: &&Stay| stay.by_attendance() && stay.counts().is_none();
    said.extend(month.stays.iter().filter(uncountable).map(|_| "attendance-missing"));

    let (year, is_known) = year_before(person, month, opening);
    let estimated = payroll.is_none() || !is_known;
    if payroll.is_none() {
        said.push("payroll-missing");
    } else if estimated {
        said.push("year-to-date-missing");
    }

    let least = least_wage(store, &month.stays, month.period_days, way);
    let compared = wage + earned - apart - corrected;
    let top_up = if payroll.is_some() { top_up(store, least, compared) } else { 0 };
    if top_up > 0 {
        said.push("topped-up");
    } else if i128::from(compared) * least.1 < least.0 {
        said.push("below-minimum-wage");
    }
    let gross = wage + earned + top_up;
    let due_fines = fines + opening.fines;
    let limits = fine_limits(gross, apart, least);
    let taken = due_fines.min(limits[0].min(limits[1]));

    let months = payroll.map_or(1, |person| person.months(month.number));
    if !estimated && year.months + 1 != months {
        said.push("months-differ");
    }
    let insurance = insurance(store, payroll.and_then(|person| person.insurance_base));
    let fund = housing_fund(store, payroll.and_then(|person| person.fund_base));
    let contributions = insurance.iter().sum::<i64>() + fund;
    let special = payroll.map_or(0, |person| person.special);
    let allowance = match payroll {
        Some(person) => allowance(person.low_income, person.first_job, months, month.number),
        None => allowance(false, false, months, month.number),
    };
    let now = Year {
        income: year.income + gross - taken,
        insurance: year.insurance + contributions,
        special: year.special + special,
        months,
        ..year
    };
    let taxable = now.income - now.exempt - allowance - now.insurance - now.special;
    let (percent, mut year_tax) = tax(taxable.max(0));
    let mut withheld = year.withheld;
    if way == Way::MonthByMonth {
        let alone = gross - taken - 5_000_00 - contributions - special;
        (year_tax, withheld) = (tax(alone.max(0)).1, 0);
    }
    let income_tax = (half_up(year_tax, 100) - withheld).max(0);
    let remainder = gross - taken + agreed - own_deduction - contributions - income_tax - opening.shortfall;
    let left = Opening {
        fines: due_fines - taken,
        shortfall: (-remainder).max(0),
        year: (!estimated).then_some(Year { withheld: year.withheld + income_tax, ..now }),
    };
    let always = [("earned", earned), ("income-tax", -income_tax)];
    let where_any = [
        ("wage", wage),
        ("top-up", top_up),
        ("fines", -fines),
        ("agreed", agreed),
        ("fines-before", -opening.fines),
        ("fines-left", left.fines),
        ("pension", -insurance[0]),
        ("medical", -insurance[1]),
        ("unemployment", -insurance[2]),
        ("housing-fund", -fund),
        ("own-deduction", -own_deduction),
        ("shortfall-before", -opening.shortfall),
        ("shortfall-left", left.shortfall),
    ];
    let mut lines: Vec<_> = always.into_iter().chain(where_any.into_iter().filter(|(_, fen)| *fen != 0)).collect();
    lines.sort_unstable();
    Slip {
        lines,
        left,
        said,
        gross,
        compared,
        top_up,
        due_fines,
        limits,
        insurance,
        taxable,
        percent,
        year_tax,
        withheld,
        estimated,
    }
}
