//! Balances below zero over two months: the first leaves one, the second opens with it.

use std::path::Path;

use jixiao::run;
use jixiao::run::outcome::{Origin, Outcome};
use jixiao::run::publish::publish;
use jixiao::run::receipt::{Ingredients, RunId};
use jixiao::run::tables::tables;
use jixiao::world::{Memory, World};

use crate::findings::base;
use crate::shop::compute;

const PROJECT: &str = "\
project: base
title: 基础
stores:
  - { store_id: s1, name: 城东店 }
roster: roster
roles: { advisor: 服务顾问 }
carries_from: 2026-09
";
const PLAN: &str = "\
pipeline: output
title: 产值提成
clauses: [D8-2.1, G7]
spine: { roster: [advisor] }
steps:
  facts:
    aggregate:
      from: orders
      for_each: spine
      keys: [store_id, employee_id]
      columns: { output: { value: SUM(amount), label: 产值 } }
  opened:
    aggregate:
      from: carried
      for_each: facts
      keys: { store_id: store_id, owner: employee_id }
      where: pipeline = 'output'
      columns: { opening: { value: SUM(value), unit: yuan, label: 上月结转产值 } }
  based:
    derive: { from: opened, columns: { base: { value: output + opening, label: 计提产值 } } }
carry:
  below-zero: { from: based, clause: G7, label: 负产值结转, value: \"LEAST(base, 0)\" }
pay:
  output: { from: based, clause: D8-2.1, label: 产值提成, amount: \"GREATEST(base, 0) * param.rate\" }
";
const CARRIED: &str = "\
dataset: carried
title: 上月结转
source: { kind: csv, of: run-before, path: \"stores/{store}/carried.csv\", encoding: utf-8 }
key: [pipeline, entry, owner]
belongs_to: employee_id
pay: true
may_be_empty: true
may_repeat: true
columns:
  employee_id: { type: text, nullable: true, headers: [employee_id] }
  owner: { type: text, headers: [owner] }
  pipeline: { type: text, headers: [pipeline] }
  entry: { type: text, headers: [entry] }
  label: { type: text, headers: [label] }
  unit: { type: text, headers: [unit] }
  value: { type: decimal, scale: 2, digits: 18, headers: [value] }
";
const ROSTER: &str = "工号,姓名,岗位,正式,权重,开始,结束\nA1,张伟,advisor,是,1,2020-01-01,\n";
const OUT: &str = "out";

/// September below zero, October above it.
fn world() -> Memory {
    let orders = |month: &str, amount: &str| format!("单号,结算日期,工号,产值,工时\n1,{month}-05,A1,{amount},\n");
    base()
        .with("pipelines/month-end.yaml", PROJECT)
        .with("pipelines/datasets/carried.yaml", CARRIED)
        .with("pipelines/plans/output.yaml", PLAN)
        .with("data/s1/2026-09/roster.csv", ROSTER)
        .with("data/s1/2026-10/roster.csv", ROSTER.replace("2020-01-01", "2020-01-02"))
        .with("data/s1/2026-09/orders.csv", orders("2026-09", "-1000.00"))
        .with("data/s1/2026-10/orders.csv", orders("2026-10", "3500.00"))
}

/// Publishes an outcome; the id is made of what was read.
fn published(world: &Memory, outcome: &Outcome) -> RunId {
    let id = Ingredients { inputs: outcome.inputs.clone(), ..Ingredients::default() }.run_id();
    publish(world, Path::new(OUT), outcome.period, &id, outcome.is_draft(), &tables(outcome).unwrap()).unwrap();
    id
}

fn codes(outcome: &Outcome) -> Vec<&'static str> {
    outcome.exceptions.iter().map(|exception| exception.code.id).collect()
}

fn amounts(outcome: &Outcome) -> Vec<String> {
    outcome.pay_lines.iter().map(|line| line.amount.to_string()).collect()
}

#[test]
fn what_a_month_leaves_below_zero_opens_the_next_one_and_its_trace_says_so() {
    let world = world();
    let september = compute(&world, "2026-09");
    assert_eq!((codes(&september), amounts(&september)), (Vec::new(), vec!["0.00".to_owned()]));
    let id = published(&world, &september);
    let folder = format!("{OUT}/2026-09/current/stores");
    let store = world.list(Path::new(&folder)).unwrap();
    assert!(store.len() == 1 && store[0] != "s1", "a small letter gets a name of its own: {store:?}");
    let table =
        String::from_utf8(world.read(&Path::new(&folder).join(&store[0]).join("carried.csv")).unwrap()).unwrap();
    assert_eq!(
        table,
        "\u{FEFF}period,store_id,employee_id,owner,pipeline,entry,clause,label,unit,value\r\n\
         2026-09,s1,A1,A1,output,below-zero,G7,负产值结转,yuan,-1000\r\n"
    );
    let october = compute(&world, "2026-10");
    // (3,500 − 1,000) × 0.4%.
    assert_eq!((codes(&october), amounts(&october)), (Vec::new(), vec!["10.00".to_owned()]));
    assert_eq!(october.carried, []);
    assert_eq!(run::balance::imbalances(&october), Ok(Vec::new()));
    let opening = october.pay_lines[0].trace.nodes.iter().find(|node| node.label == "上月结转产值").unwrap();
    assert_eq!(opening.value, "-1000");
    let Origin::Carried { month, run, dataset, files } = &opening.origin else { panic!("{:?}", opening.origin) };
    assert_eq!((month.as_str(), run.as_str(), dataset.as_str()), ("2026-09", id.as_str(), "carried"));
    let input = format!("2026-09/runs/{id}/stores/{}/carried.csv", store[0]);
    assert_eq!((files[0].file.as_str(), files[0].rows.as_str()), (input.as_str(), "2"));
    assert!(october.inputs.iter().any(|file| file.file == input && file.rows == 2), "{:?}", october.inputs);
}

#[test]
fn the_run_before_is_an_input_like_any_other() {
    let world = world();
    published(&world, &compute(&world, "2026-09"));
    let first = published(&world, &compute(&world, "2026-10"));
    world.put("data/s1/2026-09/orders.csv", "单号,结算日期,工号,产值,工时\n1,2026-09-05,A1,-1000.01,\n");
    published(&world, &compute(&world, "2026-09"));
    assert_ne!(published(&world, &compute(&world, "2026-10")), first);
}

#[test]
fn the_first_month_that_carries_takes_nothing_over_and_the_next_one_needs_a_published_run() {
    let world = world();
    let september = compute(&world, "2026-09");
    assert_eq!(codes(&september), [""; 0]);
    let october = compute(&world, "2026-10");
    assert_eq!(codes(&october), ["no-run-before"]);
    assert!(october.is_draft());
    assert_eq!(
        october.exceptions[0].cause.to_string(),
        "2026-09 has no published run, and its balances are carried into 2026-10"
    );
}

#[test]
fn a_published_run_without_the_table_is_told() {
    let world = world();
    let september = compute(&world, "2026-09");
    let id = Ingredients::default().run_id();
    publish(&world, Path::new(OUT), september.period, &id, false, &[]).unwrap();
    assert_eq!(codes(&compute(&world, "2026-10")), ["run-before-unreadable"]);
}

#[test]
fn a_table_that_breaks_its_contract_is_refused() {
    let world = world();
    let september = compute(&world, "2026-09");
    let mut artifacts = tables(&september).unwrap();
    for table in artifacts.iter_mut().filter(|table| table.path.ends_with("carried.csv")) {
        table.bytes = b"no,header\r\n".to_vec();
    }
    let id = Ingredients::default().run_id();
    publish(&world, Path::new(OUT), september.period, &id, false, &artifacts).unwrap();
    assert_eq!(codes(&compute(&world, "2026-10")), ["header-missing"]);
}

#[test]
fn a_balance_whose_owner_has_left_is_told() {
    let world = world();
    published(&world, &compute(&world, "2026-09"));
    world.put("data/s1/2026-10/roster.csv", ROSTER.replace("A1,张伟", "A2,李娜"));
    world.put("data/s1/2026-10/orders.csv", "单号,结算日期,工号,产值,工时\n1,2026-10-05,A2,3500.00,\n");
    let october = compute(&world, "2026-10");
    assert_eq!((codes(&october), amounts(&october)), (vec!["opening-without-owner"], vec!["14.00".to_owned()]));
    assert_eq!(
        october.exceptions[0].cause.to_string(),
        "负产值结转 of the month before, -1000 yuan, is not taken over by output"
    );
    assert!(!october.is_draft());
}

/// Codes of September after a text of the plan was replaced.
fn after(old: &str, new: &str) -> Vec<&'static str> {
    assert!(PLAN.contains(old), "{old}");
    let world = world();
    world.put("pipelines/plans/output.yaml", PLAN.replace(old, new));
    codes(&compute(&world, "2026-09"))
}

#[test]
fn a_balance_that_cannot_be_computed_or_stands_there_twice_is_told() {
    assert_eq!(after("value: \"LEAST(base, 0)\"", "value: base / (base - base)"), ["carry-not-computed"]);
    assert_eq!(after("value: \"LEAST(base, 0)\"", "value: base / 3"), ["carry-not-computed"]);
    let doubled = "  twice:\n    union: { of: [based, based_too] }\n  based_too:\n    \
                   filter: { from: based, where: base < 0, because: 只为重复 }\ncarry:\n";
    let plan = PLAN.replace("carry:\n", doubled).replace("below-zero: { from: based", "below-zero: { from: twice");
    let world = world();
    world.put("pipelines/plans/output.yaml", plan);
    assert_eq!(codes(&compute(&world, "2026-09")), ["carry-twice"]);
}
