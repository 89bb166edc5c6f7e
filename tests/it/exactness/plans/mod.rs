//! The workshop and the office, in the same way: D8-3 by teams with their members, D8-1 by holders of posts.

mod clauses;
pub mod frames;
pub mod office;
pub mod office_clauses;
mod rows;
mod teams;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use dashu_int::IBig;
use jixiao::run;
use jixiao::world::period::Period;
use jixiao::world::{Disk, Memory};

use self::frames::{Case, Frames};
use self::office::{Holder, Office, Post};
use self::teams::{Kind, Team, VARIANTS};
use super::fraction::Held;
use super::given::Amounts;
use super::{october, real_plan};
use crate::repository;

/// Teams, of two to three members in the middle.
const TEAMS: usize = 40_000;
const SEED: u64 = 20_261_103;
const LINE: &str = "team-share";
const PLANS: [&str; 2] = ["workshop", "body-shop"];

fn all_teams() -> &'static [Team] {
    static TEAMS_OF_MONTH: OnceLock<Vec<Team>> = OnceLock::new();
    TEAMS_OF_MONTH.get_or_init(|| teams::teams(SEED, TEAMS))
}

/// Fen by store, person and line: what a member gets of all teams.
fn reference(teams: &[Team], held: Held) -> Amounts {
    let mut amounts = Amounts::new();
    for team in teams {
        for (member, share) in team.members.iter().zip(clauses::shares(team, held)) {
            let place = (team.store.to_owned(), member.id.clone(), LINE.to_owned());
            *amounts.entry(place).or_default() += i128::try_from(share).unwrap();
        }
    }
    amounts
}

/// A team, and those that share a member with it, as a rule test.
fn rule_test(frames: &Frames, teams: &[Team], team: &Team) -> String {
    let ids = |team: &Team| -> BTreeSet<String> { team.members.iter().map(|member| member.id.clone()).collect() };
    let near: Vec<&Team> = teams
        .iter()
        .filter(|other| (other.store, other.kind) == (team.store, team.kind) && !ids(other).is_disjoint(&ids(team)))
        .collect();
    let names: BTreeSet<&str> = near.iter().map(|team| team.name.as_str()).collect();
    let people: BTreeSet<String> = near.iter().flat_map(|team| ids(team)).collect();
    let keeps = |name: &str, stored: &run::frames::Stored, row: u32| {
        let text = |column: &str| stored.cell(row, column).canonical();
        match name.rsplit('.').next() {
            Some("spine") => text("store_id") == team.store && people.contains(&text("employee_id")),
            _ => names.contains(
                text(match name {
                    "group_targets" => "unit_name",
                    "carried" => "owner",
                    _ => "team",
                })
                .as_str(),
            ),
        }
    };
    let alone: Vec<Team> = near.iter().map(|team| (*team).clone()).collect();
    let lines = reference(&alone, Held::Exactly).into_iter().map(|((store, id, line), fen)| (store, id, line, fen));
    let case = Case {
        name: format!("{} {}", team.store, team.name),
        period: "2026-10",
        key: "pay",
        keeps: &keeps,
        lines: lines.collect(),
        exceptions: near.iter().flat_map(|team| clauses::said(team)).collect(),
    };
    let (facts, pays) =
        if team.kind == Kind::Mechanical { ("mechanical-teams", "workshop") } else { ("body-teams", "body-shop") };
    let wanted = frames.keys().filter(|name| match name.split_once('.') {
        Some((pipeline, _)) => ["team-labour", "rework", "monthly-scores", facts, pays].contains(&pipeline),
        None => true,
    });
    frames::rule_test(frames, &wanted.map(String::as_str).collect::<Vec<_>>(), &case)
}

#[test]
fn a_hundred_thousand_shares_of_teams_are_paid_to_the_fen() {
    let teams = all_teams();
    let wanted = reference(teams, Held::Exactly);
    assert!(wanted.len() > 95_000, "{}", wanted.len());
    let plan = real_plan(&Disk);
    let frames = teams::frames(&plan, teams);
    let (paid, said) = frames::pay_all(&plan, october(), &frames, &PLANS);
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    teams.iter().flat_map(clauses::said).for_each(|code| *expected.entry(code.to_owned()).or_default() += 1);
    assert_eq!(said, expected);
    let different: Vec<_> = wanted.iter().filter(|(place, fen)| paid.get(*place) != Some(*fen)).collect();
    let mut text = String::new();
    for ((store, person, _), fen) in different.iter().take(3) {
        let team = teams.iter().find(|team| team.store == *store && team.members.iter().any(|one| one.id == *person));
        text += &format!("\n{store} {person}: {fen} fen are right\n{}", rule_test(&frames, teams, team.unwrap()));
    }
    assert!(different.is_empty(), "{} of {} shares differ; as rule tests:\n{text}", different.len(), wanted.len());
    assert_eq!(paid.len(), wanted.len());
}

/// From settlements, labour lines, hours by member and issues of materials, with every case of a reversal.
#[test]
fn teams_are_paid_to_the_fen_from_rows() {
    let rows = rows::rows(SEED + 2, 1_500);
    let wanted = reference(&rows.teams, Held::Exactly);
    let plan = real_plan(&Disk);
    let (paid, said) = frames::pay_all(&plan, october(), &rows::frames(&plan, &rows), &PLANS);
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    rows.teams.iter().flat_map(clauses::said).for_each(|code| *expected.entry(code.to_owned()).or_default() += 1);
    assert_eq!(said, expected);
    let different: Vec<_> = wanted.iter().filter(|(place, fen)| paid.get(*place) != Some(*fen)).collect();
    assert!(different.is_empty(), "{} of {} shares differ: {:?}", different.len(), wanted.len(), different.first());
    assert_eq!(paid.len(), wanted.len());
}

#[test]
fn a_tenth_of_the_pools_lie_between_two_fen() {
    for (kind, store) in
        [(Kind::Mechanical, "S01"), (Kind::Mechanical, VARIANTS), (Kind::Body, "S01"), (Kind::Body, VARIANTS)]
    {
        let own: Vec<&Team> = all_teams().iter().filter(|team| (team.kind, team.store) == (kind, store)).collect();
        let ties = own.iter().filter(|team| clauses::pool(team, Held::Exactly).is_tie()).count();
        assert!(ties * 10 >= own.len(), "{ties} of {} {kind:?} teams of {store}", own.len());
        let gated = own.iter().filter(|team| clauses::gate(team) < 100 && clauses::pool(team, Held::Exactly).is_tie());
        assert!(gated.count() >= 100, "{kind:?} {store}");
    }
}

/// Where a team stands with a bound: on it, or one fen, one bottle (or a hundredth), one car beside it.
fn stands(team: &Team) -> Vec<(&'static str, i64)> {
    let mut found = Vec::new();
    let mut look = |name, figure: i64, bound: i64, steps: &[i64]| {
        let distance = figure - bound;
        if distance == 0 || steps.contains(&distance.abs()) {
            found.push((name, distance.signum()));
        }
    };
    look("base goal", team.sales(), team.base_goal, &[1]);
    look("challenge goal", team.sales(), team.challenge_goal, &[1]);
    if team.kind == Kind::Mechanical {
        for (name, tenths) in [("0.5 b", 5), ("0.8 b", 8), ("b", 10), ("1.5 b", 15)] {
            look(name, team.sales(), team.task() / 10 * tenths, &[1]);
        }
        for (name, bottles) in [("50 bottles", 50), ("70 bottles", 70), ("100 bottles", 100), ("150 bottles", 150)] {
            look(name, team.bottles, bottles * 100, &[1, 100]);
        }
    }
    for (name, percent) in [("3%", 3), ("5%", 5), ("10%", 10)] {
        look(name, 100 * team.rework, percent * team.cars, &[percent]);
    }
    found
}

#[test]
fn a_tenth_of_the_teams_stand_at_each_bound() {
    for kind in [Kind::Mechanical, Kind::Body] {
        let own: Vec<&Team> = all_teams().iter().filter(|team| team.kind == kind).collect();
        let mut at: BTreeMap<&str, BTreeMap<i64, usize>> = BTreeMap::new();
        for (name, side) in own.iter().flat_map(|team| stands(team)) {
            *at.entry(name).or_default().entry(side).or_default() += 1;
        }
        assert_eq!(at.len(), if kind == Kind::Mechanical { 13 } else { 5 }, "{at:?}");
        for (name, sides) in &at {
            assert!(sides.values().sum::<usize>() * 10 >= own.len(), "{name} of {}: {sides:?}", own.len());
            assert!(sides.len() == 3 && sides.values().all(|count| count * 100 >= own.len()), "{name}: {sides:?}");
        }
    }
}

#[test]
fn teams_of_every_sort_are_there() {
    let some = |sort: &str, of: &dyn Fn(&Team) -> bool| {
        let count = all_teams().iter().filter(|team| of(team)).count();
        assert!(count >= 50, "{count} {sort}");
    };
    some("teams of one", &|team| team.members.len() == 1);
    some("members without weight", &|team| team.members.iter().any(|member| member.weight == 0));
    some("members with hours taken back", &|team| team.members.iter().any(|member| member.weight < 0));
    some("equal weights", &|team| {
        team.members.len() > 1 && team.members.iter().all(|one| one.weight == team.members[0].weight)
    });
    some("pools below zero", &|team| clauses::pool(team, Held::Exactly).fen() < IBig::ZERO);
    some("pools of nothing", &|team| clauses::pool(team, Held::Exactly).fen() == IBig::ZERO);
    some("materials above labour", &|team| clauses::said(team).contains(&"negative-base"));
    some("openings", &|team| team.opening < 0);
    some("openings of bottles", &|team| team.opening_bottles < 0);
    some("tasks of their own", &|team| team.own_task.is_some());
    for year in [2018, 2019] {
        some("settlements of another VAT rate", &|team| team.labour.iter().any(|(day, _)| day.year() == year));
    }
}

#[test]
fn divisions_held_at_eighteen_decimals_would_pay_some_members_wrongly() {
    let exact = reference(all_teams(), Held::Exactly);
    for held in [Held::Cut18, Held::Rounded18] {
        let other = reference(all_teams(), held);
        let count = exact.iter().filter(|(place, fen)| other[*place] != **fen).count();
        assert!(count > 0, "{held:?}");
    }
}

/// What a failure prints is a rule test that the program reads, and that says what the reference says.
#[test]
fn a_team_is_printed_as_a_rule_test_that_holds() {
    let plan = real_plan(&Disk);
    let teams = &all_teams()[..60];
    let frames = teams::frames(&plan, teams);
    let mut printed: BTreeMap<&str, String> = BTreeMap::new();
    for team in teams {
        let file = if team.kind == Kind::Mechanical { "workshop" } else { "body-shop" };
        *printed.entry(file).or_default() += &rule_test(&frames, teams, team);
    }
    holds_with(&printed, teams.len());
}

/// Adds cases to the rule tests of the project, and wants all of them to hold.
pub fn holds_with(printed: &BTreeMap<&'static str, String>, count: usize) {
    let world = Memory::new();
    for path in repository::files("pipelines", ".yaml") {
        let mut text = repository::text(&path);
        if let Some((_, cases)) = printed.iter().find(|(file, _)| path.ends_with(format!("{file}.test.yaml"))) {
            text += cases;
        }
        world.put(&path, text);
    }
    let results = run::rule_test::run(&real_plan(&world));
    assert!(results.len() > count);
    for result in results {
        assert!(result.holds(), "{} {}: {:?} {:?}", result.file, result.case, result.differences, result.findings);
    }
}

/// Stores, of about nine holders of posts.
const OFFICES: usize = 4_000;
const OFFICE_PLANS: [&str; 6] =
    ["service-manager", "technical-expert", "supervisors", "information-clerk", "inspector", "parts-department"];

fn all_offices() -> &'static [Office] {
    static OFFICES_OF_QUARTER: OnceLock<Vec<Office>> = OnceLock::new();
    OFFICES_OF_QUARTER.get_or_init(|| office::offices(SEED + 1, OFFICES))
}

/// Everybody with a store.
fn holders() -> impl Iterator<Item = (&'static Office, &'static Holder)> {
    all_offices().iter().flat_map(|office| office.holders.iter().map(move |holder| (office, holder)))
}

fn office_reference(offices: &[Office], held: Held) -> Amounts {
    let mut amounts = Amounts::new();
    for office in offices {
        for holder in &office.holders {
            let (_, _, line) = holder.post.names();
            let fen = i128::try_from(office_clauses::bonus(office, holder, held).fen()).unwrap();
            amounts.insert((office.id.clone(), holder.id.clone(), line.to_owned()), fen);
        }
    }
    amounts
}

fn december() -> Period {
    Period::parse("2026-12").unwrap()
}

/// The lines of a plan in a store as a rule test: of everybody where they share a pool, of one person otherwise.
fn office_test(frames: &Frames, office: &Office, holder: &Holder) -> String {
    let (plan, ..) = holder.post.names();
    let own: Vec<Holder> = office
        .holders
        .iter()
        .filter(|other| if holder.post.is_parts() { other.post.is_parts() } else { other.id == holder.id })
        .cloned()
        .collect();
    let keeps = |_: &str, stored: &run::frames::Stored, row: u32| {
        let text = |column: &str| stored.cell(row, column).canonical();
        let person = text("employee_id");
        text("store_id") == office.id && (person.is_empty() || own.iter().any(|one| one.id == person))
    };
    let mut alone = Office { holders: own.clone(), ..office.clone() };
    let lines = office_reference(std::slice::from_ref(&alone), Held::Exactly);
    let lines = lines.into_iter().map(|((store, id, line), fen)| (store, id, line, fen)).collect();
    if !holder.post.is_parts() {
        // The other departments of a store are not looked at.
        (alone.parts_sales, alone.care_sales, alone.expense, alone.parts) = (0, 0, 0, (0, 1));
        alone.opening[2] = 0;
    }
    let mut exceptions = office_clauses::said(&alone);
    exceptions.retain(|code| holder.post.is_parts() || *code != "vacant-role");
    let name = format!("{} {}", office.id, holder.id);
    let case = Case { name, period: "2026-12", key: "pay", keeps: &keeps, lines, exceptions };
    let pools = if holder.post.is_parts() { "parts-pool" } else { "" };
    let wanted = frames.keys().filter(|name| match name.split_once('.') {
        Some((pipeline, "history")) => ["finance", "quarter_scores"].contains(&pipeline),
        Some((pipeline, _)) => [plan, pools, "monthly-scores"].contains(&pipeline),
        None => holder.post == Post::Manager || *name != "roster",
    });
    frames::rule_test(frames, &wanted.map(String::as_str).collect::<Vec<_>>(), &case)
}

#[test]
fn holders_of_posts_are_paid_to_the_fen() {
    let offices = all_offices();
    let wanted = office_reference(offices, Held::Exactly);
    assert!(wanted.len() > 35_000, "{}", wanted.len());
    let plan = real_plan(&Disk);
    let frames = office::frames(&plan, offices);
    let (paid, said) = frames::pay_all(&plan, december(), &frames, &OFFICE_PLANS);
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    offices.iter().flat_map(office_clauses::said).for_each(|code| *expected.entry(code.to_owned()).or_default() += 1);
    assert_eq!(said, expected);
    let different: Vec<_> = wanted.iter().filter(|(place, fen)| paid.get(*place) != Some(*fen)).collect();
    let mut text = String::new();
    for (place, fen) in different.iter().take(3) {
        let (office, holder) = holders().find(|(office, holder)| office.id == place.0 && holder.id == place.1).unwrap();
        let (plan, ..) = holder.post.names();
        text += &format!("\n{place:?}: {fen} fen are right, {:?} came out\n", paid.get(*place));
        text += &format!("pipelines/plans/{plan}.test.yaml:\n{}", office_test(&frames, office, holder));
    }
    assert!(different.is_empty(), "{} of {} lines differ; as rule tests:\n{text}", different.len(), wanted.len());
    assert_eq!(paid.len(), wanted.len());
}

#[test]
fn a_tenth_of_the_holders_have_a_tie_and_a_tenth_stand_at_nothing() {
    let mut ties: BTreeMap<Post, usize> = BTreeMap::new();
    let mut counts: BTreeMap<Post, (usize, BTreeMap<i64, usize>)> = BTreeMap::new();
    for (office, holder) in holders() {
        let tie = office_clauses::bonus(office, holder, Held::Exactly).is_tie();
        *ties.entry(holder.post).or_default() += usize::from(tie);
        let (all, sides) = counts.entry(holder.post).or_default();
        *all += 1;
        let distance = office_clauses::from_zero(office, holder);
        if distance.abs() <= 1 {
            *sides.entry(distance.signum()).or_default() += 1;
        }
    }
    assert_eq!(counts.len(), Post::ALL.len());
    for (post, (all, sides)) in &counts {
        assert!(sides.values().sum::<usize>() * 10 >= *all, "{post:?}: {sides:?} of {all}");
        assert!(sides.len() == 3, "{post:?}: {sides:?}");
        assert!(ties[post] * 10 >= *all, "{post:?}: {} ties of {all}", ties[post]);
    }
}

#[test]
fn quotients_held_at_eighteen_decimals_would_pay_some_holders_wrongly() {
    let exact = office_reference(all_offices(), Held::Exactly);
    for held in [Held::Cut18, Held::Rounded18] {
        let other = office_reference(all_offices(), held);
        let count = exact.iter().filter(|(place, fen)| other[*place] != **fen).count();
        assert!(count > 0, "{held:?}");
    }
}

#[test]
fn a_holder_is_printed_as_a_rule_test_that_holds() {
    let plan = real_plan(&Disk);
    let offices = &all_offices()[..12];
    let frames = office::frames(&plan, offices);
    let mut printed: BTreeMap<&str, String> = BTreeMap::new();
    for office in offices {
        for holder in &office.holders {
            *printed.entry(holder.post.names().0).or_default() += &office_test(&frames, office, holder);
        }
    }
    assert_eq!(printed.len(), OFFICE_PLANS.len());
    holds_with(&printed, 90);
}
