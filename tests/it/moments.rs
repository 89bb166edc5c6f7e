//! Moments from an export to a pay line, its trace, a rule test and a published table.

use std::path::Path;

use jixiao::cli::exit::Exit;
use jixiao::cli::run_in;
use jixiao::world::{Memory, World};

use crate::small_run;

const VISITS: &str = "\
dataset: visits
title: 到店
source: { kind: csv, path: \"{store}/{period}/visits.csv\", encoding: utf-8 }
key: [no]
in_period: came_at
belongs_to: employee_id
pay: true
columns:
  no: { type: text, label: 单号, headers: [单号] }
  employee_id: { type: text, label: 工号, headers: [工号] }
  came_at: { type: datetime, label: 报修时间, headers: [报修时间] }
  taken_at: { type: datetime, nullable: true, label: 接待时间, headers: [接待时间] }
";
const FILE: &str = "\
单号,工号,报修时间,接待时间
1,A1,2026-10-03 09:12:45,2026/10/3 9:20
2,A1,2026-10-03T23:58:00,2026-10-04 00:03:30
3,A1,2026-10-05 10:00,
";
const PLAN: &str = "\
pipeline: advisor-output
title: 响应提成
clauses: [D3-2.1]
spine: { roster: [advisor] }
steps:
  answered:
    filter: { from: visits, where: taken_at IS NOT NULL, because: 尚未接待 }
  waits:
    derive:
      from: answered
      columns:
        minutes: { value: 'MINUTES_BETWEEN(came_at, taken_at)', label: 响应分钟 }
        day: { value: CAST(came_at AS DATE), label: 报修日期 }
  by_person:
    aggregate:
      from: waits
      for_each: spine
      keys: [store_id, employee_id]
      where: day BETWEEN spine.valid_from AND spine.valid_to
      columns:
        minutes: { value: SUM(minutes), label: 响应分钟合计 }
        last: { value: MAX(taken_at), label: 最后接待 }
publish: [waits]
pay:
  advisor-output:
    from: by_person
    clause: D3-2.1
    label: 响应提成
    when: last IS NOT NULL AND last > TIMESTAMP '2026-10-01 00:00'
    amount: minutes * param.rate / param.rate * param.per_minute
";
const TEST: &str = "\
defaults: { store_id: S01 }
cases:
  - case: 跨午夜按分钟算
    period: 2026-10
    given:
      roster:
        - { employee_id: A1, name: 张伟, role: advisor, valid_from: 2026-10-01, valid_to: null }
      visits:
        - { employee_id: A1, came_at: 2026-10-03 23:58:00, taken_at: 2026-10-04 00:03:30 }
        - { employee_id: A1, came_at: 2026-10-05 10:00, taken_at: null }
    expect:
      waits:
        - { minutes: 11/2, day: 2026-10-03, taken_at: '2026-10-04 00:03:30' }
      pay:
        - { employee_id: A1, line: advisor-output, amount: 5.50 }
";
const PARAMETER: &str = "\
parameters:
  per_minute:
    { title: 每分钟, unit: yuan/minutes, clause: D3-2.1, dated_by: period, source: stated, values: [{ from: 2020-01-01, value: 1 }] }
";

fn project() -> Memory {
    small_run::memory()
        .with("pipelines/datasets/visits.yaml", VISITS)
        .with("pipelines/plans/advisor-output.yaml", PLAN)
        .with("pipelines/plans/advisor-output.test.yaml", TEST)
        .with("pipelines/parameters/per-minute.yaml", PARAMETER)
        .with("data/S01/2026-10/visits.csv", FILE)
}

#[test]
fn the_time_between_moments_is_paid_told_and_published() {
    let world = project();
    let tested = run_in(&world, &["test"]);
    assert_eq!(tested.exit, Exit::Done, "{}{}", tested.out, tested.err);
    let run = run_in(&world, &["run", "--period", "2026-10", "--data", "data"]);
    assert_eq!(run.exit, Exit::Done, "{}{}", run.out, run.err);
    let folder = Path::new("out/2026-10/current");
    let file = |path: &str| String::from_utf8(world.read(&folder.join(path)).unwrap()).unwrap();
    let lines = file("stores/S01/pay-lines.csv");
    assert!(lines.lines().nth(1).unwrap().ends_with(",12.75"), "{lines}");
    let trace = file("stores/S01/trace.jsonl");
    assert!(trace.contains("相隔分钟(报修时间，接待时间)") || trace.contains("51/4"), "{trace}");
}

#[test]
fn a_wrong_given_moment_names_the_form() {
    let world = project();
    world.put(
        "pipelines/plans/advisor-output.test.yaml",
        TEST.replace("came_at: 2026-10-05 10:00,", "came_at: 2026-10-05,"),
    );
    let tested = run_in(&world, &["test"]);
    assert_eq!(tested.exit, Exit::Findings, "{}{}", tested.out, tested.err);
    let said = tested.out + &tested.err;
    assert!(said.contains("`2026-10-05` is not a datetime"), "{said}");
}
