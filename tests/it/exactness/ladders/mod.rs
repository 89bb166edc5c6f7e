//! Advisors by ladders (D6), and managers, supervisors and the pool (D7), in the same way.

mod clauses;
mod frames;
mod people;
mod pools;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jixiao::world::Disk;
use jixiao::world::period::Period;

use self::frames::STORE;
use self::people::{Advisor, DAYS, Holder};
use super::fraction::Fraction;
use super::given::Amounts;
use super::plans::frames::{Frames, pay_all};
use super::real_plan;

const ADVISORS: usize = 100_000;
const HOLDERS: usize = 40_000;
const SEED: u64 = 20_270_101;

fn all_advisors() -> &'static [Advisor] {
    static ADVISORS_OF_MONTH: OnceLock<Vec<Advisor>> = OnceLock::new();
    ADVISORS_OF_MONTH.get_or_init(|| people::advisors(SEED, ADVISORS))
}

fn january() -> Period {
    Period::parse("2027-01").unwrap()
}

fn enter(amounts: &mut Amounts, id: &str, line: &str, amount: &Fraction) {
    let fen = i128::try_from(amount.fen()).unwrap();
    assert!(amounts.insert((STORE.to_owned(), id.to_owned(), line.to_owned()), fen).is_none());
}

/// Fen by store, person and line.
fn reference(advisors: &[Advisor]) -> Amounts {
    let mut amounts = Amounts::new();
    for one in advisors {
        enter(&mut amounts, &one.id, "advisor-ladders", &clauses::commission(one));
        let [reception, overall] = clauses::deductions(one);
        enter(&mut amounts, &one.id, "reception-complaint", &reception);
        enter(&mut amounts, &one.id, "overall-complaint", &overall);
    }
    amounts
}

/// Pays everybody of a plan, and compares every amount.
fn holds(
    plan_name: &str,
    frames: impl FnOnce(&jixiao::plan::Plan) -> Frames,
    wanted: &Amounts,
) -> BTreeMap<String, usize> {
    let plan = real_plan(&Disk);
    let (paid, said) = pay_all(&plan, january(), &frames(&plan), &[plan_name]);
    let different: Vec<_> = wanted.iter().filter(|(place, fen)| paid.get(*place) != Some(*fen)).collect();
    let first: Vec<_> = different.iter().take(3).map(|(place, fen)| (place, fen, paid.get(*place))).collect();
    assert!(different.is_empty(), "{} of {} lines differ: {first:?}", different.len(), wanted.len());
    assert_eq!(paid.len(), wanted.len());
    said
}

#[test]
fn a_hundred_thousand_advisors_are_paid_by_ladders_to_the_fen() {
    let advisors = all_advisors();
    let said = holds("advisor-ladders", |plan| frames::advisors(plan, advisors), &reference(advisors));
    let negative = advisors.iter().filter(|one| clauses::is_negative(one)).count();
    assert!(negative * 20 > advisors.len(), "{negative}");
    assert_eq!(said, BTreeMap::from([("negative-base".to_owned(), negative)]));
}

#[test]
fn a_tenth_of_the_advisors_have_a_tie() {
    let ties = all_advisors().iter().filter(|one| clauses::commission(one).is_tie()).count();
    assert!(ties * 10 >= ADVISORS, "{ties}");
}

/// Where an advisor stands with the bounds of the ladders: on one, or one unit beside it.
fn stands(one: &Advisor) -> Vec<(&'static str, i64)> {
    let mut found = Vec::new();
    let mut look = |name, distance: i64| {
        if distance.abs() <= 1 {
            found.push((name, distance.signum()));
        }
    };
    if one.days == DAYS {
        let output = one.output + one.opening[0];
        look("22万", output - 220_000_00);
        look("28万", output - 280_000_00);
        look("50 orders", one.maintenance + one.opening[5] - 50);
    }
    for (name, bound) in [("3 sets", 3), ("6 sets", 6), ("9 sets", 9), ("12 sets", 12)] {
        look(name, clauses::sets(one) - bound);
    }
    found
}

#[test]
fn a_tenth_of_the_advisors_stand_at_each_bound() {
    let mut at: BTreeMap<&str, BTreeMap<i64, usize>> = BTreeMap::new();
    for (name, side) in all_advisors().iter().flat_map(stands) {
        *at.entry(name).or_default().entry(side).or_default() += 1;
    }
    assert_eq!(at.len(), 7, "{at:?}");
    for (name, sides) in &at {
        assert!(sides.values().sum::<usize>() * 10 >= ADVISORS, "{name}: {sides:?}");
        assert!(sides.len() == 3 && sides.values().all(|count| count * 100 >= ADVISORS), "{name}: {sides:?}");
    }
}

#[test]
fn managers_are_paid_by_their_stores_output_to_the_fen() {
    let managers = people::managers(SEED + 1, HOLDERS);
    let mut wanted = Amounts::new();
    managers.iter().for_each(|one| enter(&mut wanted, &one.id, "manager-output", &clauses::manager(one)));
    let said = holds("margin-managers", |plan| frames::managers(plan, &managers), &wanted);
    let count = |of: &dyn Fn(&&Holder) -> bool| managers.iter().filter(of).count();
    let expected = BTreeMap::from([
        ("negative-base".to_owned(), count(&|one| one.figures.iter().any(|figure| *figure < 0))),
        ("output-under-first-step".to_owned(), count(&|one| one.figures[0] < 1_500_000_00)),
    ]);
    assert_eq!(said, expected);
    let ties = count(&|one| clauses::manager(one).is_tie());
    assert!(ties * 10 >= HOLDERS, "{ties} ties");
    for bound in [1_500_000_00, 2_000_000_00, 3_000_000_00] {
        let sides: BTreeSet<i64> =
            managers.iter().map(|one| one.figures[0] - bound).filter(|far| far.abs() <= 1).collect();
        let near = count(&|one| (one.figures[0] - bound).abs() <= 1);
        assert!(sides.len() == 3 && near * 10 >= HOLDERS, "{near} at {bound}: {sides:?}");
    }
}

#[test]
fn supervisors_are_paid_by_the_hour_to_the_fen() {
    let supervisors = people::supervisors(SEED + 2, HOLDERS);
    let mut wanted = Amounts::new();
    supervisors.iter().for_each(|one| enter(&mut wanted, &one.id, "supervisor-hours", &clauses::supervisor(one)));
    let said = holds("hour-supervisors", |plan| frames::supervisors(plan, &supervisors), &wanted);
    let negative = supervisors.iter().filter(|one| one.figures[0] + one.opening < 0).count();
    assert_eq!(said, BTreeMap::from([("negative-base".to_owned(), negative)]));
    let ties = supervisors.iter().filter(|one| clauses::supervisor(one).is_tie()).count();
    assert!(ties * 10 >= HOLDERS, "{ties} ties");
    let near: Vec<i64> =
        supervisors.iter().map(|one| one.figures[0] + one.opening).filter(|sum| sum.abs() <= 1).collect();
    assert!(near.len() * 10 >= HOLDERS && (-1..=1).all(|side| near.contains(&side)), "{}", near.len());
}
