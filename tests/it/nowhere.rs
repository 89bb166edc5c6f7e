//! Rows that no pipeline used because nobody was there for them are told of by file and row.

use jixiao::run::outcome::Outcome;
use jixiao::world::Memory;

use crate::findings::base;
use crate::shop::compute;

const PROJECT: &str = "\
project: base
title: 基础
stores:
  - { store_id: S01, name: 城东店 }
roster: roster
roles: { advisor: 服务顾问, cashier: 收银员 }
plans:
  - { plan: output, roles: [advisor], from: 2020-01-01 }
  - { plan: none, roles: [cashier], from: 2020-01-01, because: 方案未规定提成 }
";
const PLAN: &str = "\
pipeline: output
title: 产值提成
clauses: [D8-2.1]
spine: { roster: [advisor] }
steps:
  counted:
    filter: { from: orders, where: amount <> 0, because: 没有产值 }
  facts:
    aggregate:
      from: counted
      for_each: spine
      keys: [store_id, employee_id]
      columns: { output: { value: SUM(amount), label: 产值 } }
pay:
  output: { from: facts, clause: D8-2.1, label: 产值提成, amount: output * param.rate }
";
const ROSTER: &str = "工号,姓名,岗位,正式,权重,开始,结束\n\
                      A1,张伟,advisor,是,1,2020-01-01,\nC1,李娜,cashier,是,1,2020-01-01,\n";
/// One of a person, two of a mistyped id, one of a person without a plan, one that a filter leaves out.
const ORDERS: &str = "单号,结算日期,工号,产值,工时\n\
                      1,2026-10-05,A1,1000.00,\n2,2026-10-06,A7,200.00,\n3,2026-10-07,C1,30.00,\n\
                      4,2026-10-08,A7,4.00,\n5,2026-10-09,A7,0.00,\n";

fn world(plan: &str, orders: &str) -> Memory {
    base()
        .with("pipelines/month-end.yaml", PROJECT)
        .with("pipelines/plans/output.yaml", plan)
        .with("data/S01/2026-10/roster.csv", ROSTER)
        .with("data/S01/2026-10/orders.csv", orders)
}

fn said(outcome: &Outcome) -> Vec<String> {
    let of_code = outcome.exceptions.iter().filter(|exception| exception.code.id == "row-counts-nowhere");
    of_code.map(|exception| format!("{} {}", exception.who, exception.cause)).collect()
}

#[test]
fn rows_of_nobody_are_named_and_those_left_out_with_a_reason_are_not() {
    let outcome = compute(&world(PLAN, ORDERS), "2026-10");
    let file = "S01/2026-10/orders.csv";
    assert_eq!(
        said(&outcome),
        [format!("{file} {file}: no pipeline counts rows 3, 4, 5: 产值提成, facts: counts for no row of `spine`")]
    );
    assert!(!outcome.is_draft(), "it is a warning");
}

#[test]
fn rows_that_another_pipeline_uses_or_leaves_out_with_a_reason_count_somewhere() {
    // The same orders by store: everybody's count.
    let store = "pipeline: output-of-store\ntitle: 门店产值\nclauses: [D8-2.1]\nsteps:\n  all:\n    aggregate:\n      \
                 from: orders\n      keys: [store_id]\n      columns: { output: { value: SUM(amount), label: 产值 } }\n\
                 publish: [all]\n";
    let used = world(PLAN, ORDERS).with("pipelines/facts/output-of-store.yaml", store);
    assert_eq!(said(&compute(&used, "2026-10")), Vec::<String>::new());
    let filtered = store.replace(
        "    aggregate:\n      from: orders\n      keys: [store_id]\n      columns: { output: { value: SUM(amount), label: 产值 } }\n",
        "    filter: { from: orders, where: employee_id = 'A1', because: 另一方案的 }\n",
    );
    assert_ne!(filtered, store);
    let filtered = world(PLAN, ORDERS).with("pipelines/facts/output-of-store.yaml", filtered);
    assert_eq!(said(&compute(&filtered, "2026-10")), Vec::<String>::new());
}

#[test]
fn a_file_whose_every_row_has_an_owner_says_nothing() {
    let owned: String = ORDERS
        .lines()
        .filter(|line| !line.contains("A7") && !line.contains("C1"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(said(&compute(&world(PLAN, &owned), "2026-10")), Vec::<String>::new());
}
