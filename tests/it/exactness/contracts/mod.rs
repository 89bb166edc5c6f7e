//! Contracts (D1), in the same way: tens of thousands of managers and second-line staff in December, when position pay,
//! assessment pay and the bonus of the year fall due, from the rows of contracts, results, sheets and roster.

mod clauses;
mod frames;
mod people;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use jixiao::run::evaluate::Evaluation;
use jixiao::world::Disk;
use jixiao::world::period::Period;

use self::people::{Department, Person, Store};
use super::fraction::Fraction;
use super::given::{Amounts, NoFiles};
use super::plans::frames::pay_all;
use super::real_plan;

const STORES: usize = 25;
const DEPARTMENTS: usize = 160;
const SEED: u64 = 20_261_201;
const LINES: [&str; 3] = ["position-pay", "assessment-pay", "year-end-bonus"];

fn everybody() -> &'static [Store] {
    static STORES_OF_YEAR: OnceLock<Vec<Store>> = OnceLock::new();
    STORES_OF_YEAR.get_or_init(|| people::stores(SEED, STORES, DEPARTMENTS))
}

fn december() -> Period {
    Period::parse("2026-12").unwrap()
}

fn rows() -> impl Iterator<Item = (&'static Store, &'static Department, &'static Person)> {
    let departments = everybody().iter().flat_map(|store| store.departments.iter().map(move |one| (store, one)));
    departments.flat_map(|(store, of)| of.people.iter().map(move |one| (store, of, one)))
}

fn amounts(store: &Store, department: &Department, one: &Person) -> [Fraction; 3] {
    [
        clauses::position_pay(one),
        clauses::assessment_pay(store, department, one),
        clauses::year_end_bonus(department, one),
    ]
}

#[test]
fn twenty_thousand_people_are_paid_by_contracts_to_the_fen() {
    let plan = real_plan(&Disk);
    let (paid, said) = pay_all(&plan, december(), &frames::all(&plan, everybody()), &["management"]);
    let mut wanted = Amounts::new();
    for (store, department, one) in rows() {
        for (line, amount) in LINES.iter().zip(amounts(store, department, one)) {
            let fen = i128::try_from(amount.fen()).unwrap();
            wanted.insert((store.id.clone(), one.id.clone(), (*line).to_owned()), fen);
        }
    }
    let different: Vec<_> = wanted.iter().filter(|(place, fen)| paid.get(*place) != Some(*fen)).collect();
    let first: Vec<_> = different.iter().take(3).map(|(place, fen)| (place, fen, paid.get(*place))).collect();
    assert!(different.is_empty(), "{} of {} lines differ: {first:?}", different.len(), wanted.len());
    assert_eq!(paid.len(), wanted.len());
    assert!(wanted.len() > 60_000);
    // A sheet of December that comes on the 6th is late, which takes nothing.
    let late = rows().filter(|(.., one)| one.sheets.last().unwrap().submitted.day() > 5).count();
    assert_eq!(said, BTreeMap::from([("late-sheet".to_owned(), late)]));
}

#[test]
fn the_months_of_every_target_are_exact_and_sum_to_the_year() {
    let plan = real_plan(&Disk);
    let mut evaluation = Evaluation::new(&plan, december());
    for (name, stored) in frames::all(&plan, everybody()) {
        evaluation.store.put(name, stored);
    }
    evaluation.demand(plan.pipeline("contract-results").unwrap(), "split", &mut NoFiles).unwrap();
    let split = evaluation.store.get("contract-results.split").unwrap();
    let rows = 0..u32::try_from(split.frame.height()).unwrap();
    let came: BTreeMap<[String; 4], String> = rows
        .map(|row| {
            let place = ["store_id", "department", "indicator", "month"].map(|key| split.cell(row, key).canonical());
            let hundred = jixiao::money::Exact::from_i128(100);
            (place, split.cell(row, "month_target").number().unwrap().mul(&hundred).to_canonical())
        })
        .collect();
    let mut count = 0;
    for store in everybody() {
        for department in &store.departments {
            for one in department.indicators.iter().filter(|one| one.additive) {
                let months = clauses::split(one.annual / 10_000, &store.months);
                assert_eq!(months.iter().sum::<i64>() * 10_000, one.annual);
                for (month, fen) in (1..).zip(months) {
                    let place = [&store.id, &department.name, one.name, &format!("{month}")].map(str::to_owned);
                    assert_eq!(came.get(&place), Some(&fen.to_string()), "{place:?}");
                    count += 1;
                }
            }
        }
    }
    assert!(count > 50_000 && came.len() == count, "{count}");
}

#[test]
fn a_tenth_of_each_line_lies_between_two_fen() {
    let mut ties = [0; 3];
    for (store, department, one) in rows() {
        for (count, amount) in ties.iter_mut().zip(amounts(store, department, one)) {
            *count += usize::from(amount.is_tie());
        }
    }
    let people = rows().count();
    assert!(ties.iter().all(|count| count * 10 >= people), "{ties:?} of {people}");
}

#[test]
fn a_tenth_stands_at_each_bound() {
    let mut at: BTreeMap<&str, BTreeMap<Ordering, usize>> = BTreeMap::new();
    let mut enter = |name, side| *at.entry(name).or_default().entry(side).or_default() += 1;
    let (mut controls, mut growths, mut people) = (0, 0, 0);
    for store in everybody() {
        for one in store.departments.iter().flat_map(|department| &department.indicators) {
            let control = one.kind == people::Kind::Control;
            (controls, growths) = (controls + usize::from(control), growths + usize::from(!control));
            clauses::stands(store, one).into_iter().for_each(|(name, side)| enter(name, side));
        }
    }
    for (.., one) in rows() {
        people += 1;
        let sheet = one.sheets.last().unwrap();
        let taken: i64 = sheet.items.iter().map(clauses::deduction).sum();
        let distances = [
            ("all points taken", taken - 100_00),
            ("the standard days", one.attended - 21_75),
            ("the last day of a sheet", i64::from(sheet.submitted.day()) - 5),
        ];
        for (name, far) in distances.into_iter().filter(|(_, far)| far.abs() <= 1) {
            enter(name, far.cmp(&0));
        }
    }
    let all = [
        ("the target", controls + growths),
        ("twice the target", controls),
        ("nothing", growths),
        ("all points taken", people),
        ("the standard days", people),
        ("the last day of a sheet", people),
    ];
    assert_eq!(at.len(), all.len(), "{at:?}");
    for (name, count) in all {
        let sides = &at[name];
        assert!(sides.len() == 3, "{name}: {sides:?}");
        assert!(sides.values().sum::<usize>() * 10 >= count, "{name}: {sides:?} of {count}");
    }
}
