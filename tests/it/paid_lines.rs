//! Pay lines that other plans read, and lines that stand once for each row.

use jixiao::cli::exit::Exit;
use jixiao::cli::{Ended, run_in};
use jixiao::world::Memory;

use crate::shop::{published, run, shop};

const PROJECT: &str = "\
project: small
title: 小店
stores:
  - { store_id: S01, name: 城东店 }
roster: roster
roles: { advisor: 服务顾问, clerk: 信息员 }
";
const ADVISORS: &str = "\
pipeline: zz-output
title: 产值提成
clauses: [D8-2.1, D8-2.4]
spine: { roster: [advisor] }
steps:
  facts:
    aggregate:
      from: orders
      for_each: spine
      keys: [store_id, employee_id]
      columns: { output: { value: SUM(amount), label: 产值 } }
pay:
  output: { from: facts, clause: D8-2.1, label: 产值提成, amount: output * param.rate }
  deduction: { from: facts, clause: D8-2.4, label: 扣款, amount: -output / 1000, when: output > 1000 }
";
/// Stands before the plan it reads in the order of the files.
const CLERK: &str = "\
pipeline: clerk
title: 信息员提成
clauses: [D8-1.4]
spine: { roster: [clerk] }
steps:
  bonuses:
    filter: { from: zz-output.pay, where: line = 'output', because: 扣款不计 }
  group:
    aggregate:
      from: bonuses
      for_each: spine
      keys: [store_id]
      columns: { bonuses: { value: SUM(amount), label: 顾问提成合计 } }
pay:
  clerk: { from: group, clause: D8-1.4, label: 信息员提成, amount: bonuses * 0.2 }
";
const ROSTER: &str = "\
工号,姓名,岗位,正式,权重,开始,结束
A1,张伟,advisor,是,1,2020-01-01,
A2,李娜,advisor,是,1,2020-01-01,
C1,王芳,clerk,是,1,2020-01-01,
";
const ORDERS: &str = "单号,结算日期,工号,产值,工时\n1,2026-10-05,A1,12000.25,1\n2,2026-10-06,A2,346.25,\n";

fn month() -> Memory {
    shop()
        .with("pipelines/month-end.yaml", PROJECT)
        .with("pipelines/plans/advisors.yaml", ADVISORS)
        .with("pipelines/plans/clerk.yaml", CLERK)
        .with("data/S01/2026-10/roster.csv", ROSTER)
        .with("data/S01/2026-10/orders.csv", ORDERS)
}

/// Employee, line, label and amount of every pay line.
fn paid(world: &Memory) -> Vec<String> {
    let ended = run(world);
    assert_eq!((ended.exit, ended.err.as_str()), (Exit::Done, ""), "{}", ended.out);
    table(world, "pay-lines.csv", &[2, 5, 7, 8])
}

fn table(world: &Memory, name: &str, columns: &[usize]) -> Vec<String> {
    let text = String::from_utf8(published(world, &format!("stores/S01/{name}"))).unwrap();
    let rows = text.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        columns.iter().map(|&column| cells[column]).collect::<Vec<_>>().join(" ")
    });
    rows.collect()
}

fn tested(world: &Memory, plan: &str, cases: &str) -> Ended {
    let world = world.fork();
    world.put(format!("pipelines/plans/{plan}.test.yaml"), format!("defaults: {{ store_id: S01 }}\ncases:\n{cases}"));
    run_in(&world, &["test"])
}

#[test]
fn a_plan_that_reads_pay_reads_what_is_paid_to_the_fen() {
    // 48.001 and 1.385 are paid as 48.00 and 1.39; of the exact amounts it would be 9.8772.
    let lines = paid(&month());
    assert_eq!(
        lines,
        ["A1 output 产值提成 48.00", "A1 deduction 扣款 -12.00", "A2 output 产值提成 1.39", "C1 clerk 信息员提成 9.88"]
    );
}

#[test]
fn the_trace_of_pay_that_was_read_names_the_lines() {
    let world = month();
    run(&world);
    let ended = run_in(&world, &["explain", "--period", "2026-10", "--employee", "C1"]);
    for part in [
        "in words  顾问提成合计 × 0.2",
        "numbers   49.39 × 0.2",
        "from 2 lines as paid",
        "line output of 张伟 (A1): 48.00",
        "line output of 李娜 (A2): 1.39",
        "9.878 → 9.88",
    ] {
        assert!(ended.out.contains(part), "{part}\n{}", ended.out);
    }
}

#[test]
fn rows_of_files_have_their_fate_in_the_plan_that_read_them_only() {
    let world = month();
    run(&world);
    let fates = table(&world, "row-fates.csv", &[1, 3, 5, 6]);
    assert!(fates.contains(&"orders zz-output used 2".to_owned()), "{fates:?}");
    assert!(!fates.iter().any(|fate| fate.starts_with("orders clerk")), "{fates:?}");
}

#[test]
fn rule_tests_give_the_pay_of_another_plan_or_compute_it() {
    let given = "  \
  - case: 给定
    period: 2026-10
    given:
      roster: [{ employee_id: C1, name: 王芳, role: clerk, valid_from: 2020-01-01, valid_to: ~ }]
      zz-output.pay:
        - { employee_id: A1, line: output, amount: 1086.80 }
        - { employee_id: A1, line: deduction, amount: -10.00 }
    expect: { pay: [{ employee_id: C1, line: clerk, amount: 217.36 }] }
";
    let computed = "  \
  - case: 算出
    period: 2026-10
    given:
      spine: [{ employee_id: C1 }]
      zz-output.facts: [{ employee_id: A1, output: 1000 }]
    expect:
      zz-output.pay: [{ employee_id: A1, line: output, amount: 4.00 }]
      pay: [{ employee_id: C1, line: clerk, amount: 0.80 }]
";
    let ended = tested(&month(), "clerk", &format!("{given}{computed}"));
    assert_eq!(ended.exit, Exit::Done, "{}{}", ended.out, ended.err);
    let wrong = given.replace("1086.80", "1086.805");
    let ended = tested(&month(), "clerk", &wrong);
    assert!(ended.exit == Exit::Findings && ended.out.contains("bad-given-cell"), "{}{}", ended.out, ended.err);
    let ended = tested(&month(), "clerk", &given.replace("217.36", "217.37"));
    assert!(ended.exit == Exit::Findings && ended.out.contains("came out 217.36"), "{}{}", ended.out, ended.err);
    let missing = computed.replace("      zz-output.facts: [{ employee_id: A1, output: 1000 }]\n", "");
    let ended = tested(&month(), "clerk", &missing);
    assert!(ended.exit == Exit::Findings && ended.out.contains("not-given"), "{}{}", ended.out, ended.err);
}

#[test]
fn an_amount_of_another_plan_that_cannot_be_computed_is_told_in_a_rule_test() {
    let world = month();
    world.put(
        "pipelines/plans/advisors.yaml",
        ADVISORS.replace("output * param.rate", "output * (output / (output - output))"),
    );
    let case = "  \
  - case: 算不出
    period: 2026-10
    given:
      spine: [{ employee_id: C1 }]
      zz-output.facts: [{ employee_id: A1, output: 1000 }]
    expect: { pay: [{ employee_id: C1, line: clerk, amount: 0 }] }
";
    let ended = tested(&world, "clerk", case);
    assert!(ended.out.contains("amount-not-computed") && ended.out.contains("A1"), "{}{}", ended.out, ended.err);
}

const LEDGER: &str = "\
dataset: ledger
title: 台账
source: { kind: csv, path: \"{store}/{period}/ledger.csv\", encoding: utf-8 }
required: true
key: [entry_no, employee_id]
bad_rows_at_most: 5%
columns:
  entry_no: { type: text, label: 编号, headers: [编号] }
  employee_id: { type: text, label: 工号, headers: [工号] }
  reason: { type: text, label: 事由, headers: [事由] }
  amount: { type: money, label: 金额, headers: [金额] }
";
const ENTRIES: &str = "\
pipeline: others
title: 其它提成
clauses: [G11]
spine: { roster: [advisor] }
steps:
  entries:
    derive: { from: ledger, columns: { twice: amount * 2 } }
  larger:
    derive: { from: entries, columns: { half: amount / 2 } }
pay:
  ledger:
    from: larger
    each: { code: entry_no, label: reason }
    clause: G11
    label: 其它提成
    amount: half
    when: half <> 0
";

fn ledger(rows: &str) -> Memory {
    let world = month();
    world.put("pipelines/datasets/ledger.yaml", LEDGER);
    world.put("pipelines/plans/others.yaml", ENTRIES);
    world.put("data/S01/2026-10/ledger.csv", format!("编号,工号,事由,金额\n{rows}"));
    world
}

#[test]
fn every_entry_of_a_ledger_is_a_line_of_its_own() {
    let world =
        ledger("0007,A1,客户表扬,100.01\n0008,A1,迟到,-20.00\n0007,A2,客户表扬,50.00\nа/b,A2,补发,1.00\n9,A2,无,0\n");
    let lines = paid(&world);
    let own: Vec<&String> = lines.iter().filter(|line| line.contains("ledger")).collect();
    assert_eq!(
        own[..3],
        ["A1 ledger-0007 客户表扬 50.01", "A1 ledger-0008 迟到 -10.00", "A2 ledger-0007 客户表扬 25.00"]
    );
    assert!(own.len() == 4 && own[3].starts_with("A2 ledger-__b~") && own[3].ends_with(" 补发 0.50"), "{own:?}");
    let ended = run_in(&world, &["explain", "--period", "2026-10", "--employee", "A1", "--line", "ledger-0007"]);
    for part in ["ledger-0007 客户表扬 (G11)", "100.01 ÷ 2", "S01/2026-10/ledger.csv row 2", "50.005", "→ 50.01"]
    {
        assert!(ended.out.contains(part), "{part}\n{}", ended.out);
    }
    let summary = run(&world).out;
    assert!(summary.contains("already published") && !summary.contains("ledger-0007"), "{summary}");
}

#[test]
fn two_entries_of_one_number_stop_the_run() {
    let world = ledger("0007,A1,客户表扬,100.00\n0008,A1,客户表扬,100.00\n");
    let plan = ENTRIES.replace("columns: { half: amount / 2 }", "columns: { half: amount / 2, entry_no: reason }");
    let plan = plan.replace("  larger:\n    derive: { from: entries", "  larger:\n    derive: { from: renamed");
    let renamed =
        "  renamed:\n    select: { from: entries, columns: [store_id, employee_id, reason, amount] }\n  larger:";
    world.put("pipelines/plans/others.yaml", plan.replace("  larger:", renamed));
    let ended = run(&world);
    assert_eq!(ended.exit, Exit::Refused, "{}{}", ended.out, ended.err);
    let text = format!("{}{}", ended.out, ended.err);
    assert!(
        text.contains("pay-line-twice") && text.contains("张伟 (A1)") && text.contains("number of its own"),
        "{text}"
    );
}

#[test]
fn rule_tests_expect_entries_by_their_codes() {
    let case = "  \
  - case: 台账
    period: 2026-10
    given:
      ledger: [{ entry_no: 0007, employee_id: A1, reason: 表扬, amount: 100 }, { entry_no: 0008, employee_id: A1, reason: 无, amount: 0 }]
    expect: { pay: [{ employee_id: A1, line: ledger-0007, amount: 50.00 }] }
";
    let ended = tested(&ledger(""), "others", case);
    assert_eq!(ended.exit, Exit::Done, "{}{}", ended.out, ended.err);
    let ended = tested(&ledger(""), "others", &case.replace("reason: 表扬, ", ""));
    assert!(ended.out.contains("column `reason` of `ledger` is read"), "{}{}", ended.out, ended.err);
}
