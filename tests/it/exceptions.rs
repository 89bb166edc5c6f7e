//! Exceptions of a run: a small project and a month of data with something wrong, and the code it gets.

use jixiao::world::Memory;

use crate::findings::base;
use crate::shop::compute;

const PLAN: &str = "\
pipeline: a
title: 产值提成
clauses: [D8-2.1]
spine: { roster: [advisor] }
steps:
  facts:
    aggregate:
      from: orders
      for_each: spine
      keys: [store_id, employee_id]
      columns: { output: SUM(amount) }
pay:
  line: { from: facts, clause: D8-2.1, label: 产值提成, amount: output * param.rate }
";
const ROSTER: &str = "\
工号,姓名,岗位,正式,权重,开始,结束
A1,张伟,advisor,是,1,2020-01-01,
A2,李娜,advisor,是,1,2020-01-01,
";
const ORDERS: &str = "\
单号,结算日期,工号,产值,工时
1,2026-10-05,A1,1000.00,2
2,2026-10-06,A1,2000.00,
3,2026-10-07,A2,500.00,1
";

/// A month in which nothing is wrong.
fn month() -> Memory {
    base()
        .with("pipelines/plans/a.yaml", PLAN)
        .with("data/S01/2026-10/roster.csv", ROSTER)
        .with("data/S01/2026-10/orders.csv", ORDERS)
}

/// Codes of a run and whom they name.
fn exceptions(world: &Memory) -> Vec<(&'static str, String)> {
    compute(world, "2026-10").exceptions.into_iter().map(|exception| (exception.code.id, exception.who)).collect()
}

/// Exceptions of the month after one text of one file was replaced.
fn after(path: &str, old: &str, new: &str) -> Vec<(&'static str, String)> {
    let original = match path {
        "pipelines/plans/a.yaml" => PLAN,
        "data/S01/2026-10/roster.csv" => ROSTER,
        "data/S01/2026-10/orders.csv" => ORDERS,
        _ => "",
    };
    assert!(original.contains(old), "{old}");
    exceptions(&month().with(path, original.replace(old, new)))
}

fn roster(line: &str) -> Vec<(&'static str, String)> {
    after("data/S01/2026-10/roster.csv", "A2,李娜,advisor,是,1,2020-01-01,\n", line)
}

fn pay(old: &str, new: &str) -> Vec<(&'static str, String)> {
    after("pipelines/plans/a.yaml", old, new)
}

fn rate(value: &str) -> Vec<(&'static str, String)> {
    let parameter = format!(
        "parameters:\n  rate:\n    {{ title: 提成比例, unit: ratio, clause: D8-2.1, dated_by: period, source: stated, values: [{value}] }}\n"
    );
    exceptions(&month().with("pipelines/parameters/rates.yaml", parameter))
}

#[test]
fn a_month_in_which_nothing_is_wrong_has_no_exceptions() {
    assert_eq!(exceptions(&month()), []);
}

#[test]
fn holes_overlaps_and_unknown_roles_of_the_roster_name_the_person() {
    let found = roster("A2,李娜,advisor,是,1,2020-01-01,2026-10-10\nA2,李娜,advisor,是,1,2026-10-15,\n");
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["roster-gap"], "{found:?}");
    assert!(found[0].1.contains("A2"), "{found:?}");
    let found = roster("A2,李娜,advisor,是,1,2020-01-01,2026-10-15\nA2,李娜,advisor,是,1,2026-10-15,\n");
    assert!(found.iter().any(|(code, who)| *code == "roster-overlap" && who.contains("A2")), "{found:?}");
    let found = roster("A2,李娜,cook,是,1,2020-01-01,\n");
    assert!(found.iter().any(|(code, who)| *code == "roster-role" && who.contains("A2")), "{found:?}");
}

#[test]
fn an_acceptance_of_nothing_is_told() {
    let row = "code: bad-row, dataset: orders, file: S01/2026-10/orders.csv, row: 3";
    let entry = format!("accepted: [{{ {row}, reason: 已核对, until: 2026-12-31 }}]\n");
    let found = exceptions(&month().with("data/accepted.yaml", entry));
    assert_eq!(found, [("accepted-unused", "S01/2026-10/orders.csv:3".to_owned())]);
    // Until the end of this month, it is meant for this month; until a later one, it may be meant for that.
    for (until, count) in [("2026-10-31", 1), ("2026-11-30", 0)] {
        let entry = format!("accepted: [{{ code: roster-gap, who: A2, reason: 已核对, until: {until} }}]\n");
        assert_eq!(exceptions(&month().with("data/accepted.yaml", entry)).len(), count, "{until}");
    }
}

#[test]
fn an_accepted_bad_row_says_nothing_of_the_other_bad_rows_of_the_person() {
    let rows = "4,2026-10-08,A2,1.001,\n5,2026-10-09,A2,1.002,\n";
    let bad = ORDERS.to_owned() + rows;
    let world = month().with("data/S01/2026-10/orders.csv", bad);
    world.put("pipelines/datasets/orders.yaml", {
        let text = crate::repository::text("tests/cases/base/pipelines/datasets/orders.yaml");
        text.replace("bad_rows_at_most: 1%", "bad_rows_at_most: 50%")
    });
    let entry = |row: u32| {
        let place = format!("code: bad-row, dataset: orders, file: S01/2026-10/orders.csv, row: {row}");
        format!("  - {{ {place}, reason: 已核对, until: 2026-10-31 }}\n")
    };
    let accepted = |entries: String| {
        let world = world.fork();
        world.put("data/accepted.yaml", format!("accepted:\n{entries}"));
        let found = compute(&world, "2026-10").exceptions;
        let rows = found.iter().map(|exception| (exception.place.as_ref().unwrap().row, exception.severity.word()));
        rows.collect::<Vec<_>>()
    };
    assert_eq!(accepted(entry(5)), [(6, "blocking"), (5, "accepted")]);
    assert_eq!(accepted(entry(5) + &entry(6)), [(5, "accepted"), (6, "accepted")]);
}

#[test]
fn a_rate_that_has_no_value_yet_stops_the_run() {
    let found = rate("{ from: 2026-11-01, value: 0.4% }");
    assert_eq!(found, [("parameter-without-value", "param.rate".to_owned())]);
}

#[test]
fn an_amount_that_cannot_be_computed_or_paid_names_the_person() {
    let found = pay("amount: output * param.rate", "amount: output * (output / (output - output))");
    assert!(found.iter().any(|(code, who)| *code == "amount-not-computed" && who.contains("A1")), "{found:?}");
    let found = rate("{ from: 2020-01-01, value: 999999999999999999999999999999 }");
    assert!(found.iter().any(|(code, who)| *code == "amount-too-large" && who.contains("A1")), "{found:?}");
}

#[test]
fn a_person_paid_twice_or_not_at_all_stops_the_run() {
    let plan = PLAN.replace("from: facts, clause", "from: rows, clause").replace("amount: output", "amount: amount");
    let plan =
        plan.replace("pay:\n", "  rows:\n    derive: { from: orders, columns: { doubled: amount * 2 } }\npay:\n");
    let found = exceptions(&month().with("pipelines/plans/a.yaml", plan));
    assert!(found.iter().any(|(code, who)| *code == "pay-line-twice" && who.contains("A1")), "{found:?}");
    let plan = PLAN.replace("from: facts, clause", "from: large, clause");
    let large = "  large:\n    filter: { from: facts, where: output > 1000, because: 只算大额 }\npay:\n";
    let found = exceptions(&month().with("pipelines/plans/a.yaml", plan.replace("pay:\n", large)));
    assert!(found.iter().any(|(code, who)| *code == "pay-line-lost" && who.contains("A2")), "{found:?}");
}

#[test]
fn what_a_store_has_no_file_of_is_not_zero() {
    let calls = "\
dataset: calls
title: 回访
source: { kind: csv, path: \"{store}/{period}/calls.csv\", encoding: utf-8 }
required: false
key: [no]
columns:
  no: { type: text, label: 号, headers: [号] }
  employee_id: { type: text, label: 工号, headers: [工号] }
";
    let plan = PLAN.replace("amount: output * param.rate", "amount: output * param.rate * called").replace(
        "pay:\n",
        "  answered: { filter: { from: calls, where: no <> 'x', because: 试打 } }\n\
         \x20 with_calls: { aggregate: { from: answered, for_each: facts, keys: [store_id, employee_id], columns: { called: COUNT(*) } } }\n\
         pay:\n",
    );
    let plan = plan.replace("from: facts, clause", "from: with_calls, clause");
    let world = month().with("pipelines/plans/a.yaml", plan).with("pipelines/datasets/calls.yaml", calls);
    let both = [("nothing-to-count", "张伟 (A1)".to_owned()), ("nothing-to-count", "李娜 (A2)".to_owned())];
    // An optional file that is missing.
    let found = exceptions(&world);
    assert_eq!(found[..2], both, "{found:?}");
    assert_eq!(found[2].0, "file-missing", "{found:?}");
    // A dataset of another store: nobody misses the file.
    let project = crate::repository::text("tests/cases/base/pipelines/month-end.yaml");
    let two = project.replace("roster: roster", "  - { store_id: S02, name: 城西店 }\nroster: roster");
    let there = world.fork().with("pipelines/month-end.yaml", two);
    let there = there.with("pipelines/datasets/calls.yaml", calls.replace("required: false", "stores: [S02]"));
    let there = there.with("data/S02/2026-10/roster.csv", ROSTER.replace('A', "B"));
    let there = there.with("data/S02/2026-10/orders.csv", ORDERS.replace('A', "B"));
    assert_eq!(exceptions(&there.with("data/S02/2026-10/calls.csv", "号,工号\n1,B1\n")), both);
    // A file without a row: zero.
    let empty = world.fork().with("data/S01/2026-10/calls.csv", "号,工号\n");
    let empty = empty.with("pipelines/datasets/calls.yaml", calls.replace("required: false", "may_be_empty: true"));
    assert_eq!(exceptions(&empty), []);
}
