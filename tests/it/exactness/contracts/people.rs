//! Stores with contracts, and the people that these pay: figures on the targets, on twice the targets and on nothing,
//! deductions that take exactly all points, attendance on the standard days, and amounts that lie between two fen.

use jiff::civil::{Date, date};

use super::clauses;
use crate::exactness::dice::Dice;

/// Millionths: how contracts and results are written.
pub const MILLION: i64 = 1_000_000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Control,
    Growth,
}

/// What was achieved in a month, in millionths; a ratio has both of its figures.
#[derive(Clone, Copy)]
pub struct Actual {
    pub amount: i64,
    pub base: Option<i64>,
}

pub struct Indicator {
    pub name: &'static str,
    pub kind: Kind,
    pub additive: bool,
    /// Millionths; whole fen where additive.
    pub annual: i64,
    /// Ten-thousandths.
    pub weight: i64,
    /// Millionths, month by month, where a ratio has such a table.
    pub months: Option<[i64; 12]>,
    pub actuals: [Actual; 12],
}

/// A row of a self-check sheet: hundredths of points.
#[derive(Clone, Copy)]
pub struct Item {
    pub deduction: i64,
    pub should_report: bool,
    pub reported: bool,
}

pub struct Sheet {
    pub month: i8,
    pub items: Vec<Item>,
    pub submitted: Date,
}

pub struct Person {
    pub id: String,
    pub role: &'static str,
    /// Fen.
    pub wage: i64,
    pub assessment: i64,
    pub bonus: i64,
    /// Hundredths of days.
    pub attended: i64,
    /// Stretches of days in roles that contracts pay, the last of them in December.
    pub held: Vec<(Date, Option<Date>)>,
    /// A stretch in another role.
    pub elsewhere: Option<(Date, Date)>,
    pub sheets: Vec<Sheet>,
}

pub struct Department {
    pub name: String,
    pub company: bool,
    pub indicators: Vec<Indicator>,
    /// Ten-thousandths.
    pub execution_weight: i64,
    pub people: Vec<Person>,
}

pub struct Store {
    pub id: String,
    /// Millionths that sum to 1.
    pub months: [i64; 12],
    pub departments: Vec<Department>,
}

/// Indicators that departments choose from: name, kind, whether it is split over the months.
const KNOWN: [(&str, Kind, bool); 6] = [
    ("产值", Kind::Growth, true),
    ("毛利", Kind::Growth, true),
    ("费用", Kind::Control, true),
    ("毛利率", Kind::Growth, false),
    ("返修率", Kind::Control, false),
    ("费用率", Kind::Control, false),
];
/// Additive ones stand first.
const ADDITIVE: usize = 3;
pub const ROLES: [&str; 4] = ["general-manager", "parts-manager", "administration-manager", "warranty-clerk"];
pub const FIRST: Date = date(2026, 12, 1);
pub const LAST: Date = date(2026, 12, 31);

pub fn stores(seed: u64, count: usize, departments: usize) -> Vec<Store> {
    let mut dice = Dice::new(seed);
    (0..count).map(|at| store(&mut dice, &format!("M{at:02}"), departments)).collect()
}

fn store(dice: &mut Dice, id: &str, departments: usize) -> Store {
    let months = if dice.percent(20) { equal_months() } else { parts(dice, MILLION, 10_000) };
    let mut store = Store { id: id.to_owned(), months, departments: Vec::new() };
    for at in 0..departments {
        let one = department(dice, &store, at);
        store.departments.push(one);
    }
    let company = company(dice, &store);
    store.departments.push(company);
    store
}

/// Twelfths as near as six places come.
fn equal_months() -> [i64; 12] {
    let mut months = [83_333; 12];
    months[11] += 4;
    months
}

/// A whole in twelve parts of at least `least`.
fn parts(dice: &mut Dice, whole: i64, least: i64) -> [i64; 12] {
    let mut months = [0; 12];
    let mut left = whole;
    for (at, month) in months.iter_mut().enumerate() {
        let rest = 11 - i64::try_from(at).unwrap();
        let most = left - rest * least;
        *month = if rest == 0 { left } else { dice.between(least, (least * 2).max(most / (rest + 1) * 2).min(most)) };
        left -= *month;
    }
    months
}

fn department(dice: &mut Dice, store: &Store, at: usize) -> Department {
    let tidy = dice.percent(20);
    let mut known: Vec<usize> = (0..KNOWN.len()).filter(|_| dice.percent(55)).collect();
    if known.is_empty() {
        known.push(0);
    }
    let execution_weight = if tidy { 5_000 } else { dice.between(0, 40) * 100 };
    let mut left = 10_000 - execution_weight;
    let mut indicators = Vec::new();
    for (index, which) in known.iter().enumerate() {
        let last = index + 1 == known.len();
        let weight = if last { left } else { dice.between(0, left / 2) };
        left -= weight;
        indicators.push(indicator(dice, store, *which, weight, tidy));
    }
    let (name, company) = (format!("部门{at:03}"), false);
    let mut one = Department { name, company, indicators, execution_weight, people: Vec::new() };
    one.people = (0..5).map(|who| person(dice, format!("{}-{at:03}-{who}", store.id), tidy)).collect();
    one
}

/// The general manager's contract: its additive targets are the departments' sums.
fn company(dice: &mut Dice, store: &Store) -> Department {
    let mut indicators = Vec::new();
    for (which, (name, ..)) in KNOWN.iter().enumerate().take(ADDITIVE) {
        let of_departments = store.departments.iter().flat_map(|one| &one.indicators).filter(|one| one.name == *name);
        let annual: i64 = of_departments.map(|one| one.annual).sum();
        let mut one = indicator(dice, store, which, 3_000, false);
        one.annual = annual;
        one.actuals = actuals(dice, store, &one, false);
        indicators.push(one);
    }
    let people = vec![person(dice, format!("{}-GM", store.id), false)];
    Department { name: "总经理".to_owned(), company: true, indicators, execution_weight: 1_000, people }
}

fn indicator(dice: &mut Dice, store: &Store, which: usize, weight: i64, tidy: bool) -> Indicator {
    let (name, kind, additive) = KNOWN[which];
    let annual = match (additive, kind) {
        (true, Kind::Control) if !tidy && dice.percent(5) => 0,
        (true, _) => (dice.any_size(10) + 10_000) * 10_000,
        (false, _) => dice.between(1, 900_000),
    };
    let table = !additive && !tidy && dice.percent(40);
    let months = table.then(|| std::array::from_fn(|_| dice.between(1, 900_000)));
    let actuals = [Actual { amount: 0, base: None }; 12];
    let mut one = Indicator { name, kind, additive, annual, weight, months, actuals };
    one.actuals = actuals_of(dice, store, &one, tidy);
    one
}

fn actuals_of(dice: &mut Dice, store: &Store, one: &Indicator, tidy: bool) -> [Actual; 12] {
    actuals(dice, store, one, tidy)
}

/// Twelve months; December is held against bounds.
fn actuals(dice: &mut Dice, store: &Store, one: &Indicator, tidy: bool) -> [Actual; 12] {
    let target = clauses::target(store, one);
    let mut months: [Actual; 12] = std::array::from_fn(|_| {
        let base = (!one.additive).then(|| dice.between(1, 100_000) * MILLION);
        Actual { amount: dice.any_size(12), base }
    });
    if one.annual == 0 {
        return [Actual { amount: 0, base: None }; 12];
    }
    // What December's target is of its base.
    let whole = months[11].base.map_or(target, |base| target * (base / MILLION));
    let step = if one.additive { 10_000 } else { 1 };
    months[11].amount = match (dice.between(1, 100), one.kind) {
        _ if tidy => whole,
        (..=25, _) => whole + dice.between(-1, 1) * step,
        (26..=50, Kind::Control) => 2 * whole + dice.between(-1, 1) * step,
        (26..=50, Kind::Growth) => dice.between(-1, 1) * step,
        (51..=54, _) => -dice.any_size(9),
        _ => dice.between(0, whole.max(1) / 10 * 30),
    };
    if tidy && one.additive {
        // The year's sum is the year's target.
        months.iter_mut().for_each(|month| month.amount = 0);
        (months[0].amount, months[11].amount) = (one.annual - whole, whole);
    } else if tidy {
        for month in &mut months {
            let base = month.base.unwrap_or(MILLION);
            month.amount = one.annual * (base / MILLION);
        }
    }
    months
}

fn person(dice: &mut Dice, id: String, tidy: bool) -> Person {
    let mut one = Person {
        id,
        role: dice.pick(&ROLES),
        wage: dice.any_size(7),
        assessment: dice.any_size(7),
        bonus: dice.any_size(8),
        attended: if dice.percent(40) { 21_75 + dice.between(-1, 1) } else { dice.between(0, 31_00) },
        held: vec![(date(2020, 1, 1), None)],
        elsewhere: None,
        sheets: Vec::new(),
    };
    let half = !tidy && dice.percent(20);
    if tidy {
        // 75 points: half a fen of every such base.
        (one.assessment, one.bonus) = (dice.between(0, 500_000) * 4 + 2, dice.between(0, 5_000_000) * 4 + 2);
    } else if half {
        // Half of the days employed, attended in full: half a fen of an odd wage.
        let days = i8::try_from(dice.between(1, 15)).unwrap();
        let middle = date(2026, 12, 1 + days);
        (one.wage, one.attended) = (dice.between(0, 1_000_000) * 2 + 1, 22_00);
        one.held = vec![(middle, Some(date(2026, 12, 2 * days)))];
        one.elsewhere = Some((FIRST, date(2026, 12, days)));
    } else {
        held(dice, &mut one);
    }
    one.sheets = clauses::months_due(&one).into_iter().map(|month| sheet(dice, month, tidy)).collect();
    one
}

/// Joiners, leavers, those who come from another role, and those who came back to one.
fn held(dice: &mut Dice, one: &mut Person) {
    let december = |dice: &mut Dice, from: i64, to: i64| date(2026, 12, i8::try_from(dice.between(from, to)).unwrap());
    let of_year = |dice: &mut Dice, from: i64, to: i64| {
        date(2026, i8::try_from(dice.between(from, to)).unwrap(), i8::try_from(dice.between(1, 28)).unwrap())
    };
    match dice.between(1, 100) {
        ..=10 => one.held = vec![(of_year(dice, 1, 11), None)],
        11..=18 => one.held = vec![(december(dice, 1, 31), None)],
        19..=26 => one.held = vec![(date(2025, 6, 1), Some(december(dice, 1, 30)))],
        27..=34 => {
            let from = december(dice, 2, 31);
            one.held = vec![(from, None)];
            one.elsewhere = Some((date(2024, 1, 1), from.yesterday().unwrap()));
        }
        35..=42 => one.held = vec![(of_year(dice, 1, 4), Some(of_year(dice, 5, 7))), (of_year(dice, 9, 11), None)],
        _ => {}
    }
}

fn sheet(dice: &mut Dice, month: i8, tidy: bool) -> Sheet {
    let items = if tidy { vec![Item { deduction: 25_00, should_report: true, reported: false }] } else { items(dice) };
    let next = if month == 12 { date(2027, 1, 1) } else { date(2026, month + 1, 1) };
    let day = if dice.percent(25) { dice.pick(&[5, 6]) } else { dice.between(1, 9) };
    let submitted = date(next.year(), next.month(), i8::try_from(day).unwrap());
    Sheet { month, items, submitted }
}

/// Rows of a sheet; often they take all points, or a hundredth more or less.
fn items(dice: &mut Dice) -> Vec<Item> {
    let item = |dice: &mut Dice| Item {
        deduction: dice.between(0, 30_00),
        should_report: dice.percent(50),
        reported: dice.percent(50),
    };
    let mut items: Vec<Item> = (0..dice.between(1, 2)).map(|_| item(dice)).collect();
    if dice.percent(30) {
        let left = 100_00 - items.iter().map(clauses::deduction).sum::<i64>() + dice.between(-1, 1);
        items.push(Item { deduction: left.max(0), should_report: false, reported: false });
    }
    items
}
