//! The plan table in a run: transfers in mid-month, a store that changes plan, people whom no plan pays.

use std::path::Path;

use jixiao::run::balance::imbalances;
use jixiao::run::outcome::Outcome;
use jixiao::run::{self, Options, accepted};
use jixiao::world::Memory;
use jixiao::world::period::Period;
use jixiao::{plan, spec};

use crate::findings::base;

/// A plan that pays so many yuan for a whole month, by days, and a share of the orders.
fn paying(name: &str, role: &str) -> String {
    format!(
        "\
pipeline: {name}
title: {name}
clauses: [D8-2.1]
spine: {{ roster: [{role}] }}
steps:
  facts:
    aggregate:
      from: orders
      for_each: spine
      keys: [store_id, employee_id]
      where: settled_on BETWEEN spine.valid_from AND spine.valid_to
      columns: {{ output: SUM(amount) }}
pay:
  output: {{ from: facts, clause: D8-2.1, label: 产值, amount: param.{name} * days / period_days + output }}
"
    )
}

/// The yuan of each plan.
fn fixed(plans: &[(&str, u32)]) -> String {
    let parameters = plans.iter().map(|(name, yuan)| {
        format!(
            "  {name}: {{ title: 固定部分, unit: yuan, clause: D8-2.1, dated_by: period, source: stated, \
             values: [{{ from: 2020-01-01, value: {yuan} }}] }}\n"
        )
    });
    format!("parameters:\n{}", parameters.collect::<String>())
}

const ORDERS: &str = "\
单号,结算日期,工号,产值,工时
1,2026-MM-05,A1,1000.00,
2,2026-MM-15,A1,200.00,
3,2026-MM-16,A1,30.00,
4,2026-MM-30,A1,4.00,
";
const HEADER: &str = "工号,姓名,岗位,正式,权重,开始,结束\n";

/// October and November of one person, with a roster and a plan table.
fn outcome(month: &str, roster: &str, plans: &str) -> Outcome {
    let project = format!(
        "project: base\ntitle: 基础\nstores:\n  - {{ store_id: S01, name: 城东店 }}\nroster: roster\n\
         roles: {{ advisor: 服务顾问, accident: 事故顾问, cashier: 收银员 }}\nplans:\n{plans}"
    );
    let world = base()
        .with("pipelines/month-end.yaml", project)
        .with("pipelines/parameters/fixed.yaml", fixed(&[("general", 310), ("accident", 3100), ("ladder", 620)]))
        .with("pipelines/plans/general.yaml", paying("general", "advisor"))
        .with("pipelines/plans/accident.yaml", paying("accident", "accident"))
        .with("pipelines/plans/ladder.yaml", paying("ladder", "advisor"))
        .with(format!("data/S01/{month}/roster.csv"), format!("{HEADER}{roster}"))
        .with(format!("data/S01/{month}/orders.csv"), ORDERS.replace("2026-MM", month));
    compute(&world, month)
}

fn compute(world: &Memory, month: &str) -> Outcome {
    let loaded = spec::load(world, Path::new("pipelines/month-end.yaml")).unwrap();
    let plan = plan::plan(&loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.findings))).unwrap();
    let (accepted, _) = accepted::read(world, Path::new("data")).unwrap();
    let period = Period::parse(month).unwrap();
    let outcome = run::compute(&plan, world, Path::new("data"), period, &accepted, Options::default()).unwrap();
    assert_eq!(imbalances(&outcome), Ok(Vec::new()));
    outcome
}

fn paid(outcome: &Outcome) -> Vec<String> {
    let lines = outcome.pay_lines.iter();
    lines.map(|line| format!("{} {} {} {}", line.employee_id, line.pipeline, line.line, line.amount)).collect()
}

fn said(outcome: &Outcome) -> Vec<String> {
    let exceptions = outcome.exceptions.iter();
    exceptions.map(|exception| format!("{} {}: {}", exception.code.id, exception.who, exception.cause)).collect()
}

const TABLE: &str = "  - { plan: general, roles: [advisor], from: 2020-01-01, until: 2026-10-31 }
  - { plan: accident, roles: [accident], from: 2020-01-01 }
  - { plan: ladder, roles: [advisor], from: 2026-11-01 }
  - { plan: none, roles: [cashier], from: 2020-01-01, because: 方案未规定 }
";

#[test]
fn a_transfer_in_mid_month_is_paid_by_both_plans_each_over_its_days() {
    let roster = "A1,张伟,advisor,是,1,2020-01-01,2026-10-15\nA1,张伟,accident,是,1,2026-10-16,\n";
    let outcome = outcome("2026-10", roster, TABLE);
    assert_eq!(said(&outcome), [""; 0]);
    // 310 × 15/31 + 1,200 and 3,100 × 16/31 + 34.
    assert_eq!(paid(&outcome), ["A1 accident output 1634.00", "A1 general output 1350.00"]);
    let roles: Vec<&str> = outcome.people[0].intervals.iter().map(|interval| interval.role.as_str()).collect();
    assert_eq!(roles, ["advisor", "accident"]);
}

#[test]
fn a_store_changes_plan_from_a_month_on() {
    let roster = "A1,张伟,advisor,是,1,2020-01-01,\n";
    assert_eq!(paid(&outcome("2026-10", roster, TABLE)), ["A1 general output 1544.00"]);
    assert_eq!(paid(&outcome("2026-11", roster, TABLE)), ["A1 ladder output 1854.00"]);
}

#[test]
fn a_plan_that_changes_in_mid_month_holds_each_over_its_days() {
    let table = TABLE.replace("2026-10-31", "2026-10-15").replace("2026-11-01", "2026-10-16");
    let outcome = outcome("2026-10", "A1,张伟,advisor,是,1,2020-01-01,\n", &table);
    assert_eq!(said(&outcome), [""; 0]);
    assert_eq!(paid(&outcome), ["A1 general output 1350.00", "A1 ladder output 354.00"]);
}

#[test]
fn whom_no_plan_pays_is_named_and_who_has_a_reason_is_in_order() {
    let roster = "A1,张伟,advisor,是,1,2020-01-01,2026-10-15\nA1,张伟,accident,是,1,2026-10-16,\n\
                  A2,李娜,cashier,是,1,2020-01-01,\n";
    let table = TABLE.replace("roles: [accident], from: 2020-01-01", "roles: [accident], from: 2026-10-20");
    let outcome = outcome("2026-10", roster, &table);
    assert_eq!(
        said(&outcome),
        [
            "no-plan 张伟 (A1): no plan pays the role 事故顾问 in store S01 from 2026-10-16 to 2026-10-19",
            "row-counts-nowhere S01/2026-10/orders.csv: S01/2026-10/orders.csv: no pipeline counts row 4: ladder, facts: \
             counts for no row of `spine`"
        ]
    );
    assert!(outcome.is_draft());
    assert_eq!(outcome.people.len(), 1);
}

#[test]
fn who_comes_back_to_a_role_within_the_month_is_named() {
    let roster = "A1,张伟,advisor,是,1,2020-01-01,2026-10-10\nA1,张伟,accident,是,1,2026-10-11,2026-10-20\n\
                  A1,张伟,advisor,是,1,2026-10-21,\n";
    let outcome = outcome("2026-10", roster, TABLE);
    assert_eq!(
        said(&outcome),
        ["role-interrupted 张伟 (A1): general pays until 2026-10-10 and again from 2026-10-21: what happened in \
          between would count too"]
    );
}
