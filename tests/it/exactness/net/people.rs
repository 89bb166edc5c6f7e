//! People of a year, and what each month brings them: made so that the year's sums stand on bounds and ties.

use super::clauses::{self, BRACKETS, Opening, STORES, Slip, Store, Way, Year};
use crate::exactness::dice::Dice;

/// The year that they live through.
pub const YEAR: i16 = 2027;

/// A row of the payroll as it stands all year, amounts in fen.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    /// Where the person is paid out.
    pub at: usize,
    /// Another store that the person works in.
    pub second: Option<usize>,
    /// First month with the employer.
    pub start: i64,
    /// Days of the first month before the first day.
    pub late: i64,
    pub wage: i64,
    pub insurance_base: Option<i64>,
    pub fund_base: Option<i64>,
    pub special: i64,
    pub own_deduction: i64,
    pub first_job: bool,
    pub low_income: bool,
    pub before: Before,
    /// Whether the employer gives the year so far as declared.
    pub declares: bool,
    /// Whether the year climbs through all brackets.
    pub climbs: bool,
}

/// What a person did earlier in the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    Nothing,
    /// Another employer, whose income is none of this one's.
    OtherEmployer,
    /// Another employer of the group, whose year so far is handed on.
    HandedOn,
    /// Worked here, it is said, and nobody knows what came of it.
    Unknown,
}

/// Days in a store; the hundredths of the standard days and of those attended.
#[derive(Clone, Debug)]
pub struct Stay {
    pub at: usize,
    pub days: i64,
    pub attendance: Option<(i64, i64)>,
}

impl Stay {
    /// Whether the store has chosen that the minimum wage goes by attendance.
    pub fn by_attendance(&self) -> bool {
        STORES[self.at].by_attendance
    }

    /// Standard days and attended days, where they count.
    pub fn counts(&self) -> Option<(i64, i64)> {
        self.attendance.filter(|(standard, attended)| self.by_attendance() && *standard > 0 && *attended >= 0)
    }
}

/// A line that a plan pays.
#[derive(Clone, Debug)]
pub struct Line {
    pub at: usize,
    pub kind: &'static str,
    pub part: &'static str,
    pub label: &'static str,
    pub fen: i64,
}

/// A month of a person.
#[derive(Clone, Debug)]
pub struct Month {
    pub number: i64,
    pub period_days: i64,
    pub stays: Vec<Stay>,
    pub lines: Vec<Line>,
    /// Whether there is a row of the payroll.
    pub documented: bool,
    /// The year so far as the employer declares it.
    pub declared: Option<Year>,
}

impl Person {
    /// Months worked in the year, as the payroll says.
    pub fn months(&self, month: i64) -> i64 {
        match self.before {
            Before::HandedOn | Before::Unknown => month,
            Before::Nothing | Before::OtherEmployer => month - self.start + 1,
        }
    }
}

impl Month {
    /// The store of the longest stay, of equal ones the first.
    pub fn home(&self) -> usize {
        self.stays.iter().max_by_key(|stay| (stay.days, -i64::try_from(stay.at).unwrap())).unwrap().at
    }

    /// The store that pays out.
    pub fn store(&self, person: &Person) -> &'static Store {
        &STORES[if self.documented { person.at } else { self.home() }]
    }
}

/// A bound and what is a fen beside it, and figures that make ties.
fn base(dice: &mut Dice, bounds: [i64; 2]) -> i64 {
    match dice.between(1, 10) {
        1..=3 => bounds[0] * 100 + dice.between(-1, 1),
        4..=6 => bounds[1] * 100 + dice.between(-1, 1),
        7 => dice.between(bounds[0], bounds[1]) * 100 + 25,
        8 => dice.between(bounds[0] / 20, bounds[1] / 20) * 20_00 + 10_00,
        _ => dice.between(1_000_00, 30_000_00),
    }
}

pub fn people(seed: u64, count: usize) -> Vec<Person> {
    let mut dice = Dice::new(seed);
    (0..count).map(|number| person(&mut dice, number)).collect()
}

fn person(dice: &mut Dice, number: usize) -> Person {
    let at = dice.pick(&[0, 0, 1, 1, 2]);
    let climbs = dice.percent(18);
    let (mut start, mut before, mut late) = (1, Before::Nothing, 0);
    if !climbs && dice.percent(25) {
        start = if dice.percent(60) { 7 } else { dice.between(2, 12) };
        before =
            dice.pick(&[Before::Nothing, Before::Nothing, Before::OtherEmployer, Before::HandedOn, Before::Unknown]);
        late = if dice.percent(40) { dice.between(1, 27) } else { 0 };
    }
    let first_job = start > 1 && before == Before::Nothing && dice.percent(70);
    let insured = !dice.percent(8);
    Person {
        id: format!("N{number:06}"),
        at,
        second: dice.percent(6).then(|| (at + 1) % STORES.len()),
        start,
        late,
        wage: if dice.percent(40) { 0 } else { dice.between(1_500_00, 3_000_00) },
        insurance_base: insured.then(|| base(dice, STORES[at].insurance)),
        fund_base: (insured && dice.percent(85)).then(|| base(dice, STORES[at].fund)),
        special: dice.pick(&[0, 0, 1_000_00, 1_500_00, 3_000_00, 333_33]),
        own_deduction: dice.pick(&[0, 0, 0, 35_50, 120_00]),
        first_job,
        low_income: start == 1 && dice.percent(10),
        before,
        declares: before == Before::HandedOn || dice.percent(50),
        climbs,
    }
}

/// What a month is to bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aim {
    /// The year's taxable sum on a bound, or a fen beside it.
    Bracket,
    /// A tax between two fen.
    Tie,
    /// Fines as high as a fifth of gross, or a fen beside it.
    FifthOfGross,
    /// Fines down to the minimum wage, or a fen beside it.
    LeastWage,
    /// A wage on the minimum wage, or a fen beside it.
    OnLeastWage,
    Negative,
    Huge,
    Small,
    Plain,
}

fn aim(dice: &mut Dice, person: &Person, number: i64) -> Aim {
    if person.climbs {
        return if number % 2 == 0 { Aim::Bracket } else { dice.pick(&[Aim::Plain, Aim::Tie, Aim::FifthOfGross]) };
    }
    match dice.between(1, 100) {
        1..=22 => Aim::Bracket,
        23..=40 => Aim::Tie,
        41..=52 => Aim::FifthOfGross,
        53..=63 => Aim::LeastWage,
        64..=71 => Aim::OnLeastWage,
        72..=75 => Aim::Negative,
        76..=79 => Aim::Huge,
        80..=88 => Aim::Small,
        _ => Aim::Plain,
    }
}

/// What a month brings; its lines are aimed by the clauses of the reference.
pub fn month(dice: &mut Dice, person: &Person, number: i64, opening: &Opening) -> Month {
    let period_days = i64::from(jiff::civil::date(YEAR, i8::try_from(number).unwrap(), 1).days_in_month());
    let days = if number == person.start { (period_days - person.late).max(1) } else { period_days };
    let mut stays = vec![Stay { at: person.at, days, attendance: None }];
    if let Some(second) = person.second.filter(|_| days > 1) {
        let here = dice.between(1, days - 1);
        stays[0].days = here;
        stays.push(Stay { at: second, days: days - here, attendance: None });
    }
    for stay in &mut stays {
        let attended = dice.pick(&[22_00, 22_00, 22_00, 11_00, 7_00, 17_50, 23_50, 0]);
        stay.attendance = match dice.between(1, 100) {
            1..=4 => None,
            5 => Some((0, 0)),
            _ => Some((22_00, attended)),
        };
    }
    let documented = dice.between(1, 400) > 1;
    let handed_on = person.before == Before::HandedOn && number == person.start;
    let declared = match opening.year {
        _ if handed_on => Some(Year {
            income: dice.between(3_000_00, 12_000_00) * (number - 1),
            exempt: dice.pick(&[0, 1_200_00]),
            insurance: dice.between(0, 1_000_00) * (number - 1),
            special: person.special * (number - 1),
            withheld: dice.between(0, 500_00),
            months: number - 1 - i64::from(dice.percent(10)),
        }),
        Some(year) if person.declares && number > 1 => {
            Some(Year { exempt: year.exempt + if dice.percent(10) { dice.between(1, 900_00) } else { 0 }, ..year })
        }
        _ => None,
    };
    let mut month = Month { number, period_days, stays, lines: Vec::new(), documented, declared };
    fill(dice, person, &mut month, opening);
    month
}

/// What is not taxed of the year so far: what gross must be above for anything to be.
fn untaxed(person: &Person, month: &Month, opening: &Opening) -> i64 {
    // A month without lines says it: its sum is the wage less everything else.
    let empty = clauses::settle(person, month, &Opening { fines: 0, ..*opening }, Way::Rightly);
    empty.gross - empty.taxable
}

fn fill(dice: &mut Dice, person: &Person, month: &mut Month, opening: &Opening) {
    let aim = aim(dice, person, month.number);
    let store = month.store(person);
    let wage = if month.documented { person.wage } else { 0 };
    let least = clauses::least_wage(store, &month.stays, month.period_days, Way::Rightly);
    let least_fen = i64::try_from((least.0 + least.1 - 1) / least.1).unwrap();
    let exact = matches!(aim, Aim::Bracket | Aim::Tie);
    let apart = if !exact && dice.percent(15) { dice.between(20_00, 400_00) } else { 0 };
    let correction = if aim == Aim::Plain && dice.percent(30) { -dice.between(1, 500_00) } else { 0 };
    let untaxed = untaxed(person, month, opening);
    let side = dice.between(-1, 1);
    let plain = dice.between(3_500_00, 25_000_00);
    let gross = match aim {
        Aim::Bracket => {
            // Who climbs leaves a bound behind for good, though a small month may fall below it again.
            let (least, reach) = if person.climbs { (20_000_00, 420_000_00) } else { (3_500_00, 60_000_00) };
            // Who climbs has no month to lose on nothing.
            let nothing = (!person.climbs).then_some(0).into_iter();
            let bounds = nothing.chain(BRACKETS[..6].iter().map(|(bound, ..)| bound * 100));
            let wanted = bounds.map(|bound| untaxed + bound + side).find(|gross| *gross >= least);
            wanted.filter(|gross| *gross <= reach).unwrap_or(plain)
        }
        Aim::Tie => {
            let taxable = plain - untaxed;
            let percent = clauses::tax(taxable.max(0)).0;
            let more = (0..100).find(|more| taxable > 0 && (taxable + more) * percent % 100 == 50);
            plain + more.unwrap_or(0)
        }
        Aim::LeastWage => least_fen + dice.between(0, least_fen / 5) + apart,
        Aim::OnLeastWage => least_fen + side + apart,
        Aim::Negative => -dice.between(1, 6_000_00),
        Aim::Huge => dice.between(20_000_00, 150_000_00),
        Aim::Small => dice.between(0, 3_000_00),
        Aim::FifthOfGross | Aim::Plain => plain,
    };
    // Fines of the month before are taken first: what they take is earned on top, so that the sum stays on its aim.
    let afford = |gross: i64| clauses::fine_limits(gross, apart, least).into_iter().min() >= Some(opening.fines);
    let gross = if exact && opening.fines > 0 && afford(gross) { gross + opening.fines } else { gross };
    let stores: Vec<usize> = month.stays.iter().map(|stay| stay.at).collect();
    let mut pay = |dice: &mut Dice, kind, part, label, fen| {
        if fen != 0 {
            month.lines.push(Line { at: dice.pick(&stores), kind, part, label, fen });
        }
    };
    let earned = gross - wage - apart - correction;
    let first = if dice.percent(40) { dice.between(0, earned.abs()) * earned.signum() } else { earned };
    let base_kind = if wage == 0 { "base-wage" } else { "advisor-output" };
    pay(dice, "advisor-output", "earned", "产值与接车提成", first);
    pay(dice, base_kind, "earned", "其余", earned - first);
    let label = dice.pick(&["夜班补贴", "加班补贴"]);
    pay(dice, "extra-pay", "earned", label, apart);
    pay(dice, "correction", "earned", "上月多发", correction);
    if !exact && dice.percent(10) {
        // Another subsidy counts as a wage like any: taken off again, so that the sum stays.
        pay(dice, "extra-pay", "earned", "住房补贴", 120_00);
        pay(dice, "advisor-care", "earned", "养护退货", -120_00);
    }
    let limits = clauses::fine_limits(gross, apart, least);
    let limit = limits[0].min(limits[1]);
    match aim {
        Aim::FifthOfGross | Aim::LeastWage if dice.percent(25) => {
            // What somebody has agreed to is under no bound, whatever it comes to.
            pay(dice, "agreed-deduction", "agreed", "水电费", -(limit + side).max(1));
        }
        Aim::FifthOfGross | Aim::LeastWage => {
            pay(dice, "deduction", "penalty", "罚款", -(limit + side - opening.fines));
        }
        Aim::Plain | Aim::Small | Aim::OnLeastWage if dice.percent(20) => {
            let first = dice.between(1, 3_000_00);
            pay(dice, "renewal-deduction", "penalty", "续保扣款", -first);
            let back = if dice.percent(30) { dice.between(1, 2 * first) } else { 0 };
            pay(dice, "deduction", "penalty", "退回", back);
        }
        _ => {}
    }
}

/// On what a person has stood in a month, by name.
pub fn stands(person: &Person, month: &Month, opening: &Opening, slip: &Slip) -> Vec<(&'static str, i64)> {
    let mut found = Vec::new();
    let mut near = |name, distance: i64| {
        if distance.abs() <= 1 {
            found.push((name, distance));
        }
    };
    for (name, bound) in ["nothing taxable", "36,000", "144,000", "300,000", "420,000", "660,000", "960,000"]
        .into_iter()
        .zip([0].into_iter().chain(BRACKETS.iter().map(|(bound, ..)| bound * 100)))
    {
        near(name, slip.taxable - bound);
    }
    let store = month.store(person);
    if let (true, Some(base)) = (month.documented, person.insurance_base) {
        near("the least base of insurance", base - store.insurance[0] * 100);
        near("the most base of insurance", base - store.insurance[1] * 100);
    }
    if let (true, Some(base)) = (month.documented, person.fund_base) {
        near("the least base of the fund", base - store.fund[0] * 100);
        near("the most base of the fund", base - store.fund[1] * 100);
    }
    let [fifth, least] = slip.limits;
    if fifth < least && fifth > 0 {
        near("fines of a fifth of gross", slip.due_fines - fifth);
    } else if least > 0 {
        near("fines down to the minimum wage", slip.due_fines - least);
    }
    let least_wage = clauses::least_wage(store, &month.stays, month.period_days, Way::Rightly);
    if slip.limits[0] > 0 && i128::from(store.least_wage) * 100 * least_wage.1 == least_wage.0 {
        near("the minimum wage of a whole month", slip.compared - store.least_wage * 100);
    }
    let mut some = |name, is_so: bool| {
        if is_so {
            found.push((name, 0));
        }
    };
    let partial = |stay: &Stay| stay.counts().is_some_and(|(standard, attended)| attended < standard);
    let agreed: i64 = month.lines.iter().filter(|line| line.part == "agreed").map(|line| -line.fen).sum();
    let (year, known) = clauses::year_before(person, month, opening);
    let percent_before = clauses::tax((slip.taxable - slip.gross).max(0)).0;
    some("ties of the tax", slip.year_tax % 100 == 50);
    some("ties of insurance", person.insurance_base.is_some_and(|base| base % 50 == 25) && slip.insurance[1] > 0);
    some("ties of the fund in yuan", store.fund_in_yuan && person.fund_base.is_some_and(|base| base % 20_00 == 10_00));
    some("refunds that wait", slip.year_tax < slip.withheld * 100);
    some("raises across a bracket", slip.percent > percent_before && slip.taxable > 0);
    some("joiners in July", person.start == 7 && month.number == 7);
    some("joiners within a month", month.number == person.start && person.late > 0);
    some("first jobs", person.first_job && month.documented);
    some("60,000 at once", person.low_income && month.documented && slip.taxable > 0);
    some("other employers", person.before == Before::OtherEmployer);
    some("years handed on", person.before == Before::HandedOn && month.declared.is_some());
    some("years that nobody knows", person.before == Before::Unknown && !known);
    some("years declared", month.declared.is_some());
    some("years of the run before", month.declared.is_none() && year.months > 0);
    some("exempt income", year.exempt > 0);
    some("negative months", slip.gross < 0);
    some("shortfalls", slip.left.shortfall > 0);
    some("shortfalls of the month before", opening.shortfall > 0);
    some("fines carried on", slip.left.fines > 0);
    some("fines of the month before", opening.fines > 0);
    some("fines taken back", slip.due_fines < 0);
    some("agreed deductions above the bound of fines", agreed > fifth.min(least));
    some("wages topped up", slip.top_up > 0);
    some("wages below the minimum", slip.said.contains(&"below-minimum-wage"));
    some("minimum wages by attendance", month.stays.iter().any(partial));
    some("two stores", month.stays.len() == 2);
    some("two stores and no payroll", month.stays.len() == 2 && !month.documented);
    some("estimates", slip.estimated);
    some(
        "Decembers with tax",
        month.number == 12 && slip.lines.iter().any(|(line, fen)| *line == "income-tax" && *fen < 0),
    );
    found
}
