//! Pay is exact: 100,000 people through one real run of the plans, and people from raw rows, against a
//! reference that is written by hand, clause by clause, and shares nothing with the program's arithmetic.
//!
//! The people are made so that many amounts lie exactly between two fen and many figures stand on a bound or
//! beside it; that is counted, not believed. The negative control shows that they can tell an exact program
//! from one that holds ratios at 18 decimals.

#![allow(
    clippy::inconsistent_digit_grouping,
    clippy::large_digit_groups,
    reason = "fen stand behind their yuan, decimals behind their whole: 220_000_00, 1_0000"
)]

mod cards;
mod clauses;
mod contracts;
mod dice;
mod fraction;
mod given;
mod invent;
mod ladders;
mod net;
mod offices;
mod people;
mod plans;
mod print;
mod raw;
mod sheets;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use jixiao::plan::{self, Plan};
use jixiao::run::accepted::AcceptedSpec;
use jixiao::run::{self, Options};
use jixiao::spec;
use jixiao::world::period::Period;
use jixiao::world::{Disk, Memory, World};

use self::clauses::LINES;
use self::dice::Dice;
use self::fraction::{Fraction, Held};
use self::given::Amounts;
use self::invent::Size;
use self::offices::Staff;
use self::people::{Advisor, DAYS, Part, Role, Store};
use crate::repository;

const PEOPLE: usize = 100_000;
const SEED: u64 = 20_261_031;

/// Everybody, made once.
fn everybody() -> &'static [Store] {
    static STORES: OnceLock<Vec<Store>> = OnceLock::new();
    STORES.get_or_init(|| {
        let size = Size { store: (1, 3), cars: 400, money: 1_000_000_000_000_000 };
        let mut stores = invent::stores(SEED, PEOPLE, size);
        invent::open(&mut stores, SEED + 3);
        stores
    })
}

fn october() -> Period {
    Period::parse("2026-10").unwrap()
}

fn real_plan(world: &dyn World) -> Plan {
    let loaded = spec::load(world, Path::new("pipelines/month-end.yaml")).unwrap();
    let project = loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.findings));
    plan::plan(&project).unwrap_or_else(|findings| panic!("{findings:?}"))
}

/// Amounts in fen by store, person and line, each with whether it is a tie.
type Reference = BTreeMap<(String, String, String), (i128, bool)>;

/// What the reference pays.
fn reference(stores: &[Store], held: Held) -> Reference {
    let mut amounts = BTreeMap::new();
    for store in stores {
        for person in &store.people {
            for (line, amount) in LINES.iter().zip(clauses::lines(store, person, held)) {
                let fen = i128::try_from(amount.fen()).unwrap();
                let place = (store.id.clone(), person.id.clone(), (*line).to_owned());
                amounts.insert(place, (fen, amount.is_tie()));
            }
        }
    }
    amounts
}

/// What the reference pays everybody, computed once.
fn exact() -> &'static Reference {
    static EXACT: OnceLock<Reference> = OnceLock::new();
    EXACT.get_or_init(|| reference(everybody(), Held::Exactly))
}

/// Compares every amount, and shows the first people who differ as rule tests.
fn compare(stores: &[Store], wanted: &Reference, paid: &Amounts) {
    let fen = |place| wanted.get(place).map(|(fen, _)| *fen);
    let places: BTreeSet<_> = wanted.keys().chain(paid.keys()).collect();
    let different: Vec<_> = places.into_iter().filter(|place| fen(place) != paid.get(*place).copied()).collect();
    if different.is_empty() {
        return;
    }
    let mut text = format!("{} of {} amounts differ; as rule tests:\n", different.len(), wanted.len());
    for place @ (store_id, employee_id, line) in different.iter().take(3).copied() {
        let (right, came) = (fen(place), paid.get(place));
        text += &format!("\n{store_id} {employee_id} {line}: {right:?} fen are right, {came:?} fen came out\n");
        let Some(store) = stores.iter().find(|store| store.id == *store_id) else { continue };
        let Some(person) = store.people.iter().find(|person| person.id == *employee_id) else { continue };
        let (file, yaml) = print::rule_test(store, person, line);
        text += &format!("pipelines/plans/{file}.test.yaml:\n{yaml}");
    }
    panic!("{text}");
}

#[test]
fn a_hundred_thousand_people_are_paid_to_the_fen() {
    let stores = everybody();
    let plan = real_plan(&Disk);
    let (paid, said) = given::pay_all(&plan, october(), stores, false);
    assert_eq!(paid.len(), PEOPLE * LINES.len());
    assert_eq!(said.keys().collect::<Vec<_>>(), ["negative-base"], "{said:?}");
    compare(stores, exact(), &paid);
}

#[test]
fn traces_of_thousands_of_people_are_built_side_by_side_and_change_no_amount() {
    let stores = &everybody()[..1_500];
    let plan = real_plan(&Disk);
    let (traced, _) = given::pay_all(&plan, october(), stores, true);
    let (plain, _) = given::pay_all(&plan, october(), stores, false);
    assert!(traced == plain, "traces change amounts");
}

/// At least a tenth of the people have a line that lies exactly between two fen before it is rounded.
fn ties_are_many(stores: &[Store], amounts: &Reference) {
    let ties: BTreeSet<&str> = amounts.iter().filter(|(_, (_, tie))| *tie).map(|((_, id, _), _)| id.as_str()).collect();
    let people: usize = stores.iter().map(|store| store.people.len()).sum();
    assert!(ties.len() * 10 >= people, "{} of {people} people have a tie", ties.len());
}

#[test]
fn a_tenth_of_the_people_have_a_tie() {
    ties_are_many(everybody(), exact());
    for role in [Role::General, Role::Accident] {
        let people: BTreeSet<&str> =
            everybody().iter().flat_map(|store| store.of(role)).map(|person| person.id.as_str()).collect();
        for line in &LINES[..2] {
            let of_role = |(_, id, name): &(String, String, String)| name == line && people.contains(id.as_str());
            let count = exact().iter().filter(|(place, (_, tie))| *tie && of_role(place)).count();
            // An accident advisor's care line is a whole number of fen: bottles by whole yuan.
            let possible = (role, *line) != (Role::Accident, "advisor-care");
            assert_eq!(count > 100, possible, "{count} ties of {role:?} in {line}");
        }
    }
}

/// Where a figure stands with a bound: on it, or one fen or one unit beside it.
fn beside(bound: &Fraction, unit: &Fraction, figure: &Fraction) -> Option<Ordering> {
    let distance = figure.minus(bound);
    let near = |distance: &Fraction| distance.compare(unit) != Ordering::Greater;
    match distance.compare(&Fraction::whole(0)) {
        Ordering::Less if near(&distance.negated()) => Some(Ordering::Less),
        Ordering::Greater if near(&distance) => Some(Ordering::Greater),
        Ordering::Equal => Some(Ordering::Equal),
        _ => None,
    }
}

/// Every bound on which, or beside which, a person stands.
fn stands(store: &Store, person: &Advisor) -> BTreeSet<(String, Ordering)> {
    let mut found = BTreeSet::new();
    let (one, fen) = (Fraction::whole(1), Fraction::yuan(1));
    let mut look = |name: String, bound: Fraction, unit: &Fraction, figure: &Fraction| {
        found.extend(beside(&bound, unit, figure).map(|side| (name, side)));
    };
    let figures: Vec<(Fraction, Fraction)> = match person.role {
        Role::General => {
            let target = clauses::output_target(store, person, Held::Exactly);
            vec![(Fraction::yuan(person.parts[0].output), target)]
        }
        Role::Accident => {
            let groups = person.parts.iter().map(|part| part.group.unwrap());
            groups
                .map(|group| (clauses::group_output(store, group), Fraction::yuan(store.groups[group].target)))
                .collect()
        }
    };
    for (m, a) in &figures {
        for tenths in [6, 8, 10] {
            look(format!("{tenths}/10 of a"), a.times(&Fraction::new(tenths, 10)), &fen, m);
        }
    }
    let bottles = Fraction::new(person.bottles(), 100);
    for bound in [50, 100, 200] {
        look(format!("{bound} bottles"), Fraction::whole(bound), &one, &bottles);
    }
    let cars = Fraction::whole(person.renewed_cars);
    for bound in [2, 3] {
        look(format!("{bound} renewed cars"), Fraction::whole(bound), &one, &cars);
    }
    let prospects = Fraction::whole(person.prospects);
    for bound in [20, 100] {
        look(format!("{bound} prospects"), Fraction::whole(bound), &one, &prospects);
    }
    found
}

/// At least a tenth of the people stand on each bound or beside it, some on it, some below, some above.
fn bounds_are_stood_on(stores: &[Store]) {
    let people: usize = stores.iter().map(|store| store.people.len()).sum();
    let mut sides: BTreeMap<(String, Ordering), usize> = BTreeMap::new();
    let mut at: BTreeMap<String, usize> = BTreeMap::new();
    for store in stores {
        for person in &store.people {
            let found = stands(store, person);
            let names: BTreeSet<&String> = found.iter().map(|(name, _)| name).collect();
            names.into_iter().for_each(|name| *at.entry(name.clone()).or_default() += 1);
            found.into_iter().for_each(|side| *sides.entry(side).or_default() += 1);
        }
    }
    assert_eq!(at.len(), 10, "{at:?}");
    for (name, count) in &at {
        assert!(count * 10 >= people, "{count} of {people} people at {name}");
        for side in [Ordering::Less, Ordering::Equal, Ordering::Greater] {
            let count = sides.get(&(name.clone(), side)).copied().unwrap_or_default();
            assert!(count * 100 >= people, "{count} of {people} people at {name}, {side:?}");
        }
    }
}

#[test]
fn a_tenth_of_the_people_stand_at_each_bound() {
    bounds_are_stood_on(everybody());
}

#[test]
fn people_of_every_sort_are_there() {
    let people: Vec<&Advisor> = everybody().iter().flat_map(|store| &store.people).collect();
    assert_eq!(people.len(), PEOPLE);
    let parts: Vec<&Part> = people.iter().flat_map(|person| &person.parts).collect();
    let some = |sort: &str, count: usize| assert!(count >= 50, "{count} {sort}");
    let of = |sort: fn(&&&Advisor) -> bool| people.iter().filter(sort).count();
    some("trainees", of(|person| !person.regular));
    some("members of two groups", of(|person| person.parts.len() == 2));
    some("scores with decimals", of(|person| person.score % 100 != 0));
    some("scores of zero", of(|person| person.score == 0));
    some("returned bottles", of(|person| person.bottles() < 0));
    some("returned cars", parts.iter().filter(|part| part.cars < 0).count());
    some("negative outputs", parts.iter().filter(|part| part.output < 0).count());
    some("openings of output", of(|person| person.opening.output < 0));
    some(
        "openings of cars, bottles and policies",
        of(|person| {
            let opening = &person.opening;
            opening.cars < 0 && opening.bottles < 0 && opening.policies < 0
        }),
    );
    let groups = everybody().iter().flat_map(|store| &store.groups);
    some("groups with an opening", groups.filter(|group| group.opening < 0).count());
    some("huge outputs", parts.iter().filter(|part| part.output > 1_000_000_000_00).count());
    let nothing =
        |person: &&&Advisor| person.score == 0 && person.parts.iter().all(|part| part.output == 0 && part.cars == 0);
    some("people with nothing", people.iter().filter(nothing).count());
    for days in 1..=DAYS {
        some("joiners and leavers", people.iter().filter(|person| person.days() == days).count());
    }
}

#[test]
fn ratios_held_at_eighteen_decimals_would_pay_some_people_wrongly() {
    let exact = exact();
    for held in [Held::Cut18, Held::Rounded18] {
        let other = reference(everybody(), held);
        let count = exact.iter().filter(|(place, (fen, _))| other[*place].0 != *fen).count();
        assert!(count > 0, "{held:?}: {count} of {} amounts differ", exact.len());
    }
}

/// Where the scores of these stores come from: the announced ones, and no scorecard.
const SCORES: &str = "
pipeline: monthly-scores
title: 月度考核成绩归集
steps:
  people:
    derive: { from: scores, columns: { score_source: { value: \"'考核成绩表'\", label: 考核成绩来源 } } }
publish: [people]
";

/// The project as far as it pays advisors and the office: the exports of these stores are those that its pipelines read.
fn of_rows(stores: &[Store]) -> Memory {
    const KEPT: [&str; 21] = [
        "pipelines/datasets/",
        "pipelines/parameters/",
        "pipelines/facts/settlements",
        "pipelines/facts/care-sales",
        "pipelines/facts/policies",
        "pipelines/facts/accident-groups",
        "pipelines/plans/advisor-output",
        "pipelines/plans/advisor-renewals",
        "pipelines/plans/accident-",
        "pipelines/facts/rework",
        "pipelines/facts/team-labour",
        "pipelines/facts/team-ledger",
        "pipelines/facts/department-profit",
        "pipelines/facts/parts-pool",
        "pipelines/plans/technical-expert",
        "pipelines/plans/supervisors",
        "pipelines/plans/information-clerk",
        "pipelines/plans/inspector",
        "pipelines/plans/parts-department",
        "pipelines/plans/master-wage",
        "pipelines/plans/ledger-items",
    ];
    let world = Memory::new();
    for path in repository::files("pipelines", ".yaml") {
        if KEPT.iter().any(|kept| path.to_string_lossy().starts_with(kept)) {
            // What the demo's stores have chosen, and exports of some of them, concern no store here.
            let text = repository::text(&path);
            let general = text.lines().filter(|line| !line.contains("stores: [S0"));
            world.put(&path, general.flat_map(|line| [line, "\n"]).collect::<String>());
        }
    }
    world.put("pipelines/facts/monthly-scores.yaml", SCORES);
    // The clauses are of all plans.
    let project = repository::text("pipelines/month-end.yaml").replace("\nclauses: clauses.yaml\n", "\n");
    let stores = stores.iter().map(|store| format!("  - {{ store_id: {0}, name: {0} }}\n", store.id));
    let plans = [("advisor-output", "general-advisor"), ("accident-output", "accident-advisor")];
    let advisors = "general-advisor, accident-advisor";
    let plans = plans.into_iter().chain([("advisor-renewals", advisors)]).chain(offices::PLANS);
    let ledger = format!("{advisors}, information-clerk");
    let plans = plans.chain([("ledger-items", ledger.as_str())]);
    let plans = plans.map(|(plan, roles)| format!("  - {{ plan: {plan}, roles: [{roles}], from: 2020-01-01 }}\n"));
    let project = with_list(&project, "stores:\n", &stores.collect::<String>());
    world.put("pipelines/month-end.yaml", with_list(&project, "plans:\n", &plans.collect::<String>()));
    world
}

/// A text of YAML with another list under a key of its first level.
fn with_list(text: &str, key: &str, list: &str) -> String {
    let (before, after) = text.split_once(&format!("\n{key}")).unwrap();
    let old: usize = after.split_inclusive('\n').take_while(|line| line.starts_with(' ')).map(str::len).sum();
    format!("{before}\n{key}{list}{}", &after[old..])
}

/// Everything from files: contracts, identities, G1's reversals, intervals, returned cars and who signed for them. The
/// reference knows the facts that the rows were made from, and no row.
#[test]
fn two_thousand_people_are_paid_to_the_fen_from_raw_rows() {
    let size = Size { store: (60, 100), cars: 40, money: 1_000_000_000 };
    let (stores, mut dice) = (invent::stores(SEED + 1, 2000, size), Dice::new(SEED + 2));
    let world = of_rows(&stores);
    let advisors = reference(&stores, Held::Exactly);
    let mut offices: Vec<Staff> = stores.iter().map(|store| Staff::new(store, &advisors, &mut dice)).collect();
    let written = stores.iter().zip(&mut offices);
    let orphans: usize = written.map(|(store, staff)| raw::write(&world, store, staff, &mut dice)).sum();
    let plan = real_plan(&world);
    let options = Options { traces: false, ..Options::default() };
    let outcome = run::compute(&plan, &world, Path::new("data"), october(), &AcceptedSpec::default(), options).unwrap();
    assert!(run::balance::imbalances(&outcome).unwrap().is_empty());
    let mut said: BTreeMap<&str, usize> = BTreeMap::new();
    outcome.exceptions.iter().for_each(|exception| *said.entry(exception.code.id).or_default() += 1);
    let negative = said.remove("negative-base").unwrap_or_default();
    assert!(orphans > 10 && negative > 10, "{orphans} {negative}");
    let mut expected = BTreeMap::from([("unmatched-row", orphans)]);
    for (code, count) in offices.iter().flat_map(Staff::said) {
        *expected.entry(code).or_default() += count;
    }
    expected.remove("negative-base");
    let unlooked = outcome.exceptions.iter().find(|exception| !expected.contains_key(exception.code.id));
    assert_eq!(said, expected, "{:?}", unlooked.map(|exception| exception.cause.to_string()));
    let mut paid: Amounts = BTreeMap::new();
    for line in &outcome.pay_lines {
        let place = (line.store_id.clone(), line.employee_id.clone(), line.line.to_string());
        assert!(paid.insert(place, given::fen(line.amount)).is_none(), "a line twice");
    }
    let of_advisors = |place: &(String, String, String)| LINES.contains(&place.2.as_str());
    let (paid, of_office): (Amounts, Amounts) = paid.into_iter().partition(|(place, _)| of_advisors(place));
    let wanted: Amounts = offices.iter().flat_map(Staff::reference).collect();
    let different: Vec<_> = wanted.iter().filter(|(place, fen)| of_office.get(*place) != Some(*fen)).collect();
    let first: Vec<_> = different.iter().take(5).map(|(place, fen)| (place, fen, of_office.get(*place))).collect();
    assert!(different.is_empty(), "{} of {} lines of the office differ: {first:?}", different.len(), wanted.len());
    assert_eq!(of_office.len(), wanted.len());
    for line in offices::LINES {
        let amounts = wanted.iter().filter(|((_, _, name), fen)| name == line && **fen != 0).count();
        assert!(amounts > 10, "{amounts} amounts of {line}");
    }
    assert_eq!(
        (stores.iter().map(|store| store.people.len()).sum::<usize>(), advisors.len()),
        (2000, 2000 * LINES.len())
    );
    compare(&stores, &advisors, &paid);
    ties_are_many(&stores, &advisors);
    bounds_are_stood_on(&stores);
}

/// What a failure prints is a rule test that the program reads, and that says what the reference says.
#[test]
fn a_person_is_printed_as_a_rule_test_that_holds() {
    let mut printed: BTreeMap<&str, String> = BTreeMap::new();
    for store in everybody().iter().take(60) {
        for person in &store.people {
            for line in [LINES[0], LINES[2]] {
                let (file, yaml) = print::rule_test(store, person, line);
                *printed.entry(file).or_default() += &yaml;
            }
        }
    }
    assert_eq!(printed.len(), 3);
    let world = Memory::new();
    for path in repository::files("pipelines", ".yaml") {
        let mut text = std::fs::read_to_string(&path).unwrap();
        if let Some((_, cases)) = printed.iter().find(|(file, _)| path.ends_with(format!("{file}.test.yaml"))) {
            text += cases;
        }
        world.put(&path, text);
    }
    let plan = real_plan(&world);
    let results = run::rule_test::run(&plan);
    assert!(results.len() > 150);
    for result in results {
        assert!(result.holds(), "{}: {:?} {:?}", result.case, result.differences, result.findings);
    }
}
