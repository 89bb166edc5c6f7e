//! Scores, in the same way: more than 100,000 rows of all scorecards, each with its points, sum and announced score; and advisors and
//! teams from raw rows.

pub mod clauses;
pub mod people;
mod rows;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use jiff::civil::date;
use jixiao::money::Exact;
use jixiao::plan::{self, Plan};
use jixiao::run::cells::Cell;
use jixiao::run::evaluate::Evaluation;
use jixiao::run::frames::Stored;
use jixiao::spec;
use jixiao::world::Memory;

use self::clauses::Rule;
use self::people::{Card, STEP, Subject};
use super::fraction::{Fraction, Held};
use super::given::NoFiles;
use super::october;
use super::plans::frames::{day, given, text, whole};
use crate::repository;

const SEED: u64 = 20_261_123;
/// The card, how many rows, the frame of what was measured, the step that scores.
const CARDS: [(Card, usize, &str, &str, &str); 7] = [
    (Card::Advisor, 40_000, "advisor-card.measured", "advisor-card", "scored"),
    (Card::Team, 5_000, "team-card.measured", "team-card", "scored"),
    (Card::Member, 20_000, "team-card.members_measured", "team-card", "members_scored"),
    (Card::Inspector, 10_000, "inspector-card.measured", "inspector-card", "scored"),
    (Card::Supervisor, 10_000, "supervisor-card.measured", "supervisor-card", "scored"),
    (Card::Office, 10_000, "office-card.measured", "office-card", "scored"),
    (Card::Ladder, 20_000, "advisor-card.measured", "ladder-card", "scored"),
];

/// A card of what no default card has: points by a ladder, a rater's points, limits of its own.
const LADDER_PARAMETERS: &str = "
parameters:
  ladder_card:
    title: 阶梯评分表
    clause: D3-3.1
    dated_by: period
    source: stated
    indicators:
      response: { label: 响应时间, unit: minutes, rule: ladder, ladder: param.response_points }
      attitude: { label: 态度, unit: minutes, rule: control, target: row }
    cards:
      - from: 2015-01-01
        pass: 80
        between: [10, 95]
        rows:
          response: { weight: 60% }
          attitude: { weight: 40%, by: rater }
  response_points:
    title: 响应阶梯
    unit: points
    clause: D3-2.1
    dated_by: period
    source: stated
    by: { label: 响应时间, unit: minutes }
    ladders:
      - from: 2015-01-01
        rows:
          - { over: '[0, 5]', value: 100, words: 5 分钟以内 }
          - { over: '(5, 10]', value: 90, words: 10 分钟以内 }
          - { over: '(10, 20]', value: 60.5, words: 20 分钟以内 }
          - { over: '(20, +∞)', value: 0, words: 20 分钟以上 }
";
const LADDER_PIPELINE: &str = "
pipeline: ladder-card
title: 阶梯评分
clauses: [D3-3.1]
steps:
  scored:
    score:
      from: advisor-card.measured
      card: param.ladder_card
      actuals: { response: response_mean }
      ratings: { attitude: attitude_points }
      deduct: conduct_points
      into: score
publish: [scored]
";

fn everybody() -> &'static [(Card, Vec<Subject>)] {
    static ALL: OnceLock<Vec<(Card, Vec<Subject>)>> = OnceLock::new();
    ALL.get_or_init(|| CARDS.map(|(card, count, ..)| (card, people::subjects(SEED, card, count))).into())
}

/// The shipped project with the card above.
fn real_plan() -> Plan {
    let world = Memory::new();
    for path in repository::files("pipelines", "") {
        world.put(&path, repository::read(&path));
    }
    world.put("pipelines/parameters/ladder-card.yaml", LADDER_PARAMETERS);
    world.put("pipelines/facts/ladder-card.yaml", LADDER_PIPELINE);
    let loaded = spec::load(&world, Path::new("pipelines/month-end.yaml")).unwrap();
    let project = loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.findings));
    plan::plan(&project).unwrap_or_else(|findings| panic!("{findings:?}"))
}

/// What was measured, as the scoring step reads it.
fn measured(plan: &Plan, name: &str, subjects: &[Subject]) -> (String, Stored) {
    given(plan, name, subjects, |one, column| {
        let indicators = clauses::indicators(one.card);
        if let Some(at) = indicators.iter().position(|indicator| indicator.column == column) {
            return number(one.figures[at]);
        }
        match column {
            "conduct_points" => number((one.deducted, 100)),
            "value_added_aim" => number(one.target),
            "valid_from" | "last_from" => day(date(2026, 10, 1)),
            "valid_to" => day(date(2026, 10, 31)),
            "regular" => Some(Cell::Bool(true)),
            "employee_id" | "team" | "group" | "name" => text(&one.id),
            "store_id" | "role" | "role_title" | "score_source" | "role_rule" | "card" => text("S09"),
            "satisfaction_mean" | "response_mean" => None,
            _ => whole(0),
        }
    })
}

/// A figure as a column gives its cells: some have none.
#[allow(clippy::unnecessary_wraps, reason = "a cell as the columns of a row give it")]
fn number((num, den): people::Figure) -> Option<Cell> {
    Some(Cell::Number(Exact::ratio(num.into(), den.into()).unwrap()))
}

/// A figure that came out, as a fraction of the reference.
fn came(stored: &Stored, row: u32, column: &str) -> Fraction {
    let text = stored.cell(row, column).canonical();
    let (num, den) = text.split_once('/').unwrap_or((&text, "1"));
    let whole = |text: &str| text.parse::<dashu_int::IBig>().unwrap_or_else(|_| panic!("`{column}` is `{text}`"));
    Fraction::new(whole(num), whole(den))
}

/// Scores everybody of a card, and compares points, exact and announced score of each.
fn compare(plan: &Plan, (card, subjects): &(Card, Vec<Subject>)) {
    let (_, _, frame, pipeline, step) = CARDS.into_iter().find(|one| one.0 == *card).unwrap();
    let mut evaluation = Evaluation::new(plan, october());
    let (name, stored) = measured(plan, frame, subjects);
    evaluation.store.put(name, stored);
    evaluation.demand(plan.pipeline(pipeline).unwrap(), step, &mut NoFiles).unwrap();
    assert!(evaluation.exceptions.is_empty(), "{card:?}: {:?}", evaluation.exceptions.first());
    let scored = evaluation.store.get(&format!("{pipeline}.{step}")).unwrap();
    assert_eq!(scored.frame.height(), subjects.len());
    let who = if *card == Card::Team { "team" } else { "employee_id" };
    let rows = 0..u32::try_from(scored.frame.height()).unwrap();
    let rows: BTreeMap<String, u32> = rows.map(|row| (scored.cell(row, who).canonical(), row)).collect();
    for one in subjects {
        let row = rows[&one.id];
        let same = |column: &str, wanted: &Fraction| {
            let came = came(scored, row, column);
            assert!(came.compare(wanted) == Ordering::Equal, "{} {column}: {came:?}, {wanted:?} is right", one.id);
        };
        for (indicator, points) in clauses::indicators(*card).iter().zip(clauses::points(one, Held::Exactly)) {
            same(&format!("score_{}_points", indicator.name), &points);
        }
        let exact = clauses::exact(one, Held::Exactly);
        same("score_exact", &exact);
        let announced = Fraction::new(exact.fen(), 100);
        same("score", &announced);
        let passed = announced.compare(&Fraction::whole(80)) != Ordering::Less;
        assert_eq!(scored.cell(row, "score_passed"), Cell::Bool(passed), "{}", one.id);
    }
}

#[test]
fn a_hundred_thousand_scores_are_exact() {
    let plan = real_plan();
    assert!(everybody().iter().map(|(_, subjects)| subjects.len()).sum::<usize>() >= 100_000);
    everybody().iter().for_each(|of_card| compare(&plan, of_card));
}

#[test]
fn a_tenth_of_the_scores_of_every_card_lie_between_two_hundredths() {
    for (card, subjects) in everybody() {
        let ties = subjects.iter().filter(|one| clauses::exact(one, Held::Exactly).is_tie()).count();
        assert!(ties * 10 >= subjects.len(), "{card:?}: {ties} of {}", subjects.len());
    }
}

/// Where a figure stands with a bound: on it, or at most a step beside it.
fn beside(figure: &Fraction, bound: &Fraction, step: &Fraction) -> Option<Ordering> {
    let far = figure.minus(bound);
    let near = |far: &Fraction| far.compare(step) != Ordering::Greater;
    (near(&far) && near(&far.negated())).then(|| figure.compare(bound))
}

/// Every bound that a subject stands on, or beside.
fn stands(one: &Subject) -> BTreeSet<(String, Ordering)> {
    let mut found = BTreeSet::new();
    let step = clauses::fraction(STEP);
    let mut look = |name: String, figure: &Fraction, bound: Fraction, step: &Fraction| {
        found.extend(beside(figure, &bound, step).map(|side| (name, side)));
    };
    for (indicator, figure) in clauses::indicators(one.card).iter().zip(&one.figures) {
        let (name, figure) = (indicator.name, clauses::fraction(*figure));
        match indicator.rule {
            Rule::Control(target) => {
                let target = clauses::fraction(target);
                look(format!("{name} at twice the target"), &figure, target.times(&Fraction::whole(2)), &step);
                look(format!("{name} at the target"), &figure, target, &step);
            }
            Rule::Growth(_) => look(format!("{name} at nothing"), &figure, Fraction::whole(0), &step),
            Rule::GrowthToOwn => look(format!("{name} at nothing"), &figure, Fraction::whole(0), &Fraction::yuan(1)),
            Rule::Rating => {
                look(format!("{name} at 0"), &figure, Fraction::whole(0), &step);
                look(format!("{name} at 100"), &figure, Fraction::whole(100), &step);
            }
            Rule::Response => {
                for bound in [5, 10, 20] {
                    look(format!("{name} at {bound}"), &figure, Fraction::whole(bound), &step);
                }
            }
        }
    }
    let (floor, cap) = clauses::limits(one.card);
    for (name, bound) in [("floor", floor), ("pass mark", 80), ("cap", cap)] {
        look(
            format!("sum at the {name}"),
            &clauses::less(one, Held::Exactly),
            Fraction::whole(bound),
            &Fraction::yuan(1),
        );
    }
    found
}

#[test]
fn a_tenth_of_the_rows_of_every_card_stand_at_each_bound() {
    for (card, subjects) in everybody() {
        let mut at: BTreeMap<String, BTreeMap<Ordering, usize>> = BTreeMap::new();
        for (name, side) in subjects.iter().flat_map(stands) {
            *at.entry(name).or_default().entry(side).or_default() += 1;
        }
        for (name, sides) in &at {
            // Nothing is taken off a team, so that its sum stands where its figures put it.
            if *card == Card::Team && name.starts_with("sum") {
                continue;
            }
            let count: usize = sides.values().sum();
            assert!(count * 10 >= subjects.len(), "{card:?}, {name}: {sides:?} of {}", subjects.len());
            assert!(sides.len() >= 2 && sides.contains_key(&Ordering::Equal), "{card:?}, {name}: {sides:?}");
        }
        let bounds = clauses::indicators(*card).iter().map(|one| match one.rule {
            Rule::Control(_) | Rule::Rating => 2,
            Rule::Growth(_) | Rule::GrowthToOwn => 1,
            Rule::Response => 3,
        });
        assert_eq!(at.len(), bounds.sum::<usize>() + 3, "{card:?}: {at:?}");
    }
}

#[test]
fn ratios_held_at_eighteen_decimals_would_announce_some_scores_wrongly() {
    let differs = |one: &&Subject, held| clauses::exact(one, held).fen() != clauses::exact(one, Held::Exactly).fen();
    for held in [Held::Cut18, Held::Rounded18] {
        let count = everybody().iter().flat_map(|(_, subjects)| subjects).filter(|one| differs(one, held)).count();
        assert!(count > 0, "{held:?}");
    }
}
