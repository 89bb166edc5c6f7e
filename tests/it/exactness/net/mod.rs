//! Net pay, in the same way: 100,000 people through the twelve months of a year, each month opened by what the program
//! carried out of the one before.

mod clauses;
mod frames;
mod people;

use std::collections::{BTreeMap, BTreeSet};

use jixiao::run::outcome::Carried;
use jixiao::world::Disk;

use self::clauses::{Opening, Slip, Way};
use self::frames::Row;
use self::people::Person;
use super::dice::Dice;
use super::plans::holds_with;
use super::real_plan;

const PEOPLE: usize = 100_000;
const SEED: u64 = 20_270_101;

/// The month of everybody who is there, and what must come of it.
fn lived<'a>(dice: &mut Dice, people: &'a [Person], number: i64, openings: &[Opening]) -> Vec<(Row<'a>, Slip)> {
    let there = people.iter().zip(openings).filter(|(person, _)| person.start <= number);
    there
        .map(|(person, opening)| {
            let month = people::month(dice, person, number, opening);
            let slip = clauses::settle(person, &month, opening, Way::Rightly);
            ((person, month, *opening), slip)
        })
        .collect()
}

/// What December left: a year that January does not count, fines and shortfalls that it does.
fn december(people: &[Person]) -> Vec<Carried> {
    let mut dice = Dice::new(SEED + 2);
    let mut left = Vec::new();
    for person in people.iter().filter(|person| person.start == 1) {
        let mut carry = |entry: &str, value: i64| {
            let (clause, label, unit) = ("L1".to_owned(), "结转".to_owned(), "yuan".to_owned());
            let (store_id, owner) = ("S01".to_owned(), person.id.clone());
            let (pipeline, entry) = ("net-pay".into(), entry.into());
            let value = rust_decimal::Decimal::new(value, 2);
            let employee_id = Some(owner.clone());
            left.push(Carried { store_id, employee_id, owner, pipeline, entry, clause, label, unit, value });
        };
        match dice.between(1, 10) {
            1..=4 => {
                carry("year-income", dice.between(1, 900_000_00));
                carry("year-withheld", dice.between(1, 90_000_00));
                carry("year-months", 12_00);
            }
            5 => carry("fines-left", dice.between(1, 2_000_00)),
            6 => carry("shortfall", dice.between(1, 2_000_00)),
            _ => {}
        }
    }
    left
}

/// What opens January: nothing of the year before.
fn january(carried: &[Carried]) -> Vec<Opening> {
    let openings = frames::openings(carried, PEOPLE).into_iter();
    openings.map(|opening| Opening { year: None, ..opening }).collect()
}

/// How many people stand where.
#[derive(Default)]
struct Counts {
    /// People by what they stand on and on which side, each once.
    people: BTreeMap<(&'static str, i64), BTreeSet<usize>>,
}

impl Counts {
    fn enter(&mut self, rows: &[(Row<'_>, Slip)]) {
        for ((person, month, opening), slip) in rows {
            for place in people::stands(person, month, opening, slip) {
                self.people.entry(place).or_default().insert(frames::number(&person.id));
            }
        }
    }

    /// A tenth of the people stand on each bound or beside it, a fiftieth on each side; of every other sort there are
    /// as many in a hundred as stated.
    fn suffice(&self, people: usize) {
        const BOUNDS: [&str; 14] = [
            "nothing taxable",
            "36,000",
            "144,000",
            "300,000",
            "420,000",
            "660,000",
            "960,000",
            "the least base of insurance",
            "the most base of insurance",
            "the least base of the fund",
            "the most base of the fund",
            "fines of a fifth of gross",
            "fines down to the minimum wage",
            "the minimum wage of a whole month",
        ];
        const SORTS: [(&str, usize); 29] = [
            ("ties of the tax", 50),
            ("ties of insurance", 5),
            ("ties of the fund in yuan", 1),
            ("refunds that wait", 20),
            ("raises across a bracket", 50),
            ("joiners in July", 10),
            ("joiners within a month", 5),
            ("first jobs", 5),
            ("60,000 at once", 2),
            ("other employers", 3),
            ("years handed on", 3),
            ("years that nobody knows", 3),
            ("years declared", 40),
            ("years of the run before", 40),
            ("exempt income", 10),
            ("negative months", 10),
            ("shortfalls", 20),
            ("shortfalls of the month before", 20),
            ("fines carried on", 20),
            ("fines of the month before", 20),
            ("fines taken back", 1),
            ("agreed deductions above the bound of fines", 10),
            ("wages topped up", 10),
            ("wages below the minimum", 10),
            ("minimum wages by attendance", 20),
            ("two stores", 5),
            ("two stores and no payroll", 0),
            ("estimates", 3),
            ("Decembers with tax", 20),
        ];
        let names: BTreeSet<&str> = self.people.keys().map(|(name, _)| *name).collect();
        let told: BTreeSet<&str> = BOUNDS.into_iter().chain(SORTS.map(|(name, _)| name)).collect();
        assert_eq!(names, told);
        for name in BOUNDS {
            let sides = [-1, 0, 1].map(|side| &self.people[&(name, side)]);
            let all: BTreeSet<usize> = sides.into_iter().flatten().copied().collect();
            assert!(all.len() * 10 >= people, "{} of {people} people at {name}", all.len());
            assert!(sides.iter().all(|side| side.len() * 50 >= people), "{name}: {:?}", sides.map(BTreeSet::len));
        }
        for (name, percent) in SORTS {
            let count = self.people[&(name, 0)].len();
            assert!(count * 100 >= people * percent && count >= 50, "{count} of {people} people: {name}");
        }
    }
}

/// The first people whose month came out differently, as rule tests.
fn differences(
    frames: &super::plans::frames::Frames,
    rows: &[(Row<'_>, Slip)],
    came: &[Vec<(String, i64)>],
) -> Option<String> {
    let differs = |(row, slip): &&(Row<'_>, Slip)| {
        let came = came[frames::number(&row.0.id)].iter().map(|(line, fen)| (line.as_str(), *fen));
        !came.eq(slip.lines.iter().copied())
    };
    let different: Vec<_> = rows.iter().filter(differs).collect();
    let mut text = format!("{} of {} people differ; as rule tests:\n", different.len(), rows.len());
    for (row, slip) in different.iter().take(3) {
        let came = &came[frames::number(&row.0.id)];
        text += &format!("\n{came:?} came out\npipelines/plans/net-pay.test.yaml:\n");
        text += &frames::as_rule_test(frames, row, slip);
    }
    (!different.is_empty()).then_some(text)
}

#[test]
fn a_hundred_thousand_years_of_net_pay_are_exact_to_the_fen() {
    let people = people::people(SEED, PEOPLE);
    let plan = real_plan(&Disk);
    let mut dice = Dice::new(SEED + 1);
    let mut carried = december(&people);
    let mut lines = 0;
    for number in 1..=12 {
        let openings = if number == 1 { january(&carried) } else { frames::openings(&carried, PEOPLE) };
        let rows = lived(&mut dice, &people, number, &openings);
        let (given, slips): (Vec<Row<'_>>, Vec<Slip>) = rows.into_iter().unzip();
        let frames = frames::frames(&plan, number, &given, &carried);
        let settled = frames::settle(&plan, number, frames.clone(), PEOPLE);
        let rows: Vec<_> = given.into_iter().zip(slips).collect();
        if let Some(text) = differences(&frames, &rows, &settled.lines) {
            panic!("{}: {text}", frames::period(number));
        }
        lines += settled.lines.iter().map(Vec::len).sum::<usize>();
        let mut said: BTreeMap<String, usize> = BTreeMap::new();
        rows.iter().flat_map(|(_, slip)| &slip.said).for_each(|code| *said.entry((*code).to_owned()).or_default() += 1);
        assert_eq!(settled.said, said, "{number}");
        let left = frames::openings(&settled.carried, PEOPLE);
        for ((person, ..), slip) in &rows {
            assert_eq!(left[frames::number(&person.id)], slip.left, "{} {number}", person.id);
        }
        carried = settled.carried;
    }
    assert!(lines > 8 * 12 * PEOPLE / 2, "{lines} lines");
}

/// The same year by the reference alone: what the program carries on is what the reference does.
#[test]
fn people_of_every_sort_stand_at_every_bound() {
    let people = people::people(SEED, PEOPLE);
    let mut dice = Dice::new(SEED + 1);
    let mut openings = january(&december(&people));
    let mut counts = Counts::default();
    for number in 1..=12 {
        let rows = lived(&mut dice, &people, number, &openings);
        counts.enter(&rows);
        rows.iter().for_each(|((person, ..), slip)| openings[frames::number(&person.id)] = slip.left);
    }
    counts.suffice(PEOPLE);
}

#[test]
fn other_ways_of_reckoning_settle_some_people_wrongly() {
    let people = people::people(SEED, 5_000);
    for way in [Way::RatioAt18, Way::MonthByMonth] {
        let mut dice = Dice::new(SEED + 1);
        let mut openings = vec![Opening::default(); people.len()];
        let mut different = 0;
        for number in 1..=12 {
            for ((person, month, opening), slip) in lived(&mut dice, &people, number, &openings) {
                different += usize::from(clauses::settle(person, &month, &opening, way).lines != slip.lines);
                openings[frames::number(&person.id)] = slip.left;
            }
        }
        assert!(different > 20, "{different} months of {way:?}");
    }
}

/// What a failure prints is a rule test that the program reads, and that says what the reference says.
#[test]
fn a_month_of_a_person_is_printed_as_a_rule_test_that_holds() {
    let people = people::people(SEED + 3, 60);
    let plan = real_plan(&Disk);
    let carried = december(&people);
    let rows = lived(&mut Dice::new(SEED), &people, 1, &january(&carried));
    let (given, slips): (Vec<Row<'_>>, Vec<Slip>) = rows.into_iter().unzip();
    let frames = frames::frames(&plan, 1, &given, &carried);
    let printed: String =
        given.iter().zip(&slips).map(|(row, slip)| frames::as_rule_test(&frames, row, slip)).collect();
    holds_with(&BTreeMap::from([("net-pay", printed)]), given.len());
}
