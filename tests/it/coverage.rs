//! `jixiao test --coverage`: what it says where a rule test is taken away.

use jixiao::cli::exit::Exit;
use jixiao::cli::run_in;
use jixiao::world::Memory;

use crate::repository;

const PROJECT: &str = "\
project: small
title: 小店
stores:
  - { store_id: S01, name: 城东店 }
  - { store_id: S02, name: 城西店 }
roster: roster
roles: { advisor: 服务顾问 }
";
const PARAMETERS: &str = "\
parameters:
  rate:
    title: 提成
    unit: ratio
    clause: C1
    dated_by: period
    source: stated
    by: { label: 产值, unit: yuan }
    ladders:
      - from: 2020-01-01
        rows:
          - { over: \"(-inf, 1000)\", value: 1%, words: 1000 以下 }
          - { over: \"[1000, inf)\", value: 2%, words: 1000 起 }
      - from: 2026-10-01
        stores: [S02]
        rows:
          - { over: \"(-inf, inf)\", value: 3%, words: 全部 }
  unread:
    title: 无人读取
    unit: ratio
    clause: C1
    dated_by: period
    source: stated
    by: { label: 产值, unit: yuan }
    ladders:
      - from: 2020-01-01
        rows:
          - { over: \"(-inf, inf)\", value: 1%, words: 全部 }
";
const PLAN: &str = "\
pipeline: plan
title: 方案
clauses: [C1]
spine: { roster: [advisor] }
steps:
  facts:
    aggregate:
      from: orders
      for_each: spine
      keys: [store_id, employee_id]
      columns: { output: SUM(amount) }
  rated:
    ladder: { from: facts, table: param.rate, by: output, into: rate, mode: whole }
pay:
  output: { from: rated, clause: C1, label: 提成, amount: output * rate }
";
const DEFAULTS: &str = "\
defaults:
  employee_id: A1
  name: 甲
  role: advisor
  regular: true
  weight: 1
  valid_from: 2026-10-01
  valid_to: 2026-10-31
  days: 31
  period_days: 31
cases:
";

fn world(cases: &[(&str, &str, &str)]) -> Memory {
    let cases = cases.iter().map(|(store, output, amount)| {
        format!(
            "  - case: {store} {output}
    period: 2026-10
    given:
      facts: [{{ store_id: {store}, output: {output} }}]
    expect:
      pay: [{{ store_id: {store}, line: output, amount: {amount} }}]
      exceptions: []
"
        )
    });
    let world = Memory::new()
        .with("pipelines/month-end.yaml", PROJECT)
        .with("pipelines/parameters/rates.yaml", PARAMETERS)
        .with("pipelines/plans/plan.yaml", PLAN)
        .with("pipelines/plans/plan.test.yaml", DEFAULTS.to_owned() + &cases.collect::<String>());
    for dataset in ["orders", "roster"] {
        let text = repository::text(format!("tests/cases/base/pipelines/datasets/{dataset}.yaml"));
        world.put(format!("pipelines/datasets/{dataset}.yaml"), text);
    }
    world
}

const ALL: [(&str, &str, &str); 4] =
    [("S01", "999.99", "10.00"), ("S01", "1000", "20.00"), ("S01", "1000.01", "20.00"), ("S02", "5", "0.15")];

#[test]
fn a_project_whose_ladders_are_reached_says_so() {
    let ended = run_in(&world(&ALL), &["test", "--coverage"]);
    assert_eq!(ended.exit, Exit::Done, "{}{}", ended.out, ended.err);
    assert!(ended.out.ends_with("2 ladders with 3 rows and 1 bound: all reached\n"), "{}", ended.out);
}

#[test]
fn what_no_case_reaches_is_named_and_ends_with_code_3() {
    let ended = run_in(&world(&ALL[1..3]), &["test", "--coverage"]);
    assert_eq!(ended.exit, Exit::Findings, "{}{}", ended.out, ended.err);
    insta::assert_snapshot!(ended.out);
    let plain = run_in(&world(&ALL[1..3]), &["test"]);
    assert_eq!(plain.exit, Exit::Done);
}

/// A value that only a case with a wrong expectation looks up reaches nothing.
#[test]
fn cases_that_do_not_hold_do_not_count() {
    let cases = [ALL[0], ALL[1], ("S01", "1000.01", "20.01"), ALL[3]];
    let ended = run_in(&world(&cases), &["test", "--coverage", "--format", "json"]);
    assert_eq!(ended.exit, Exit::Findings);
    let answer: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let unreached = answer["coverage"]["unreached"].as_array().unwrap();
    let places: Vec<(&str, &str)> =
        unreached.iter().map(|one| (one["place"].as_str().unwrap(), one["bound"].as_str().unwrap())).collect();
    assert_eq!(places, [("above", "1000")], "{answer}");
}

const CARD: &str = "\
parameters:
  card:
    title: 评分表
    clause: C1
    dated_by: period
    source: stated
    indicators:
      output: { label: 产值, unit: yuan, rule: growth }
    cards:
      - from: 2020-01-01
        pass: 80
        between: [0, 100]
        rows:
          output: { target: 1000, weight: 100% }
";

/// The world above, paid by a scorecard.
fn scored(cases: &[(&str, &str, &str)]) -> Memory {
    let world = world(cases);
    world.put("pipelines/parameters/rates.yaml", CARD);
    let rated = "  rated:\n    ladder: { from: facts, table: param.rate, by: output, into: rate, mode: whole }\n";
    let scored = "  rated:\n    score: { from: facts, card: param.card, actuals: { output: output }, into: score }\n";
    world
        .put("pipelines/plans/plan.yaml", PLAN.replace(rated, scored).replace("output * rate", "output * score / 100"));
    world
}

const SCORED: [(&str, &str, &str); 5] = [
    ("S01", "0", "0.00"),
    ("S01", "800", "640.00"),
    ("S01", "999.99", "999.99"),
    ("S01", "1000", "1000.00"),
    ("S02", "1000.01", "1000.01"),
];

#[test]
fn a_scorecard_is_reached_at_its_targets_its_limits_and_its_pass_mark() {
    let ended = run_in(&scored(&SCORED), &["test", "--coverage"]);
    assert_eq!(ended.exit, Exit::Done, "{}{}", ended.out, ended.err);
    let counts = "0 ladders and 1 scorecard with 1 row and 4 bounds: all reached\n";
    assert!(ended.out.ends_with(counts), "{}", ended.out);
}

#[test]
fn places_of_a_scorecard_that_no_case_reaches_are_named() {
    for (left_out, missing) in [
        (0, "score before the limits 0 points, exactly on the bound"),
        (1, "announced score 80 points, exactly on the bound"),
        (2, "产值 actual less target -0.01 yuan, one step below the bound"),
        (3, "产值 actual less target 0 yuan, exactly on the bound"),
        (4, "a value above the bound score before the limits 100 points"),
    ] {
        let cases: Vec<_> = (0..SCORED.len()).filter(|at| *at != left_out).map(|at| SCORED[at]).collect();
        let ended = run_in(&scored(&cases), &["test", "--coverage"]);
        assert_eq!(ended.exit, Exit::Findings, "{}{}", ended.out, ended.err);
        let said = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(missing), "{missing} is not in {}", ended.out);
    }
}
