//! What `explain` says of a share of a pool and of a quarter's sum, from files to text; and what a month that
//! is missing does.

use jixiao::cli::exit::Exit;
use jixiao::cli::run_in;
use jixiao::world::{Memory, World};

use crate::{repository, shop};

const PROJECT: &str = "\
project: quarter
title: 季度
stores:
  - { store_id: S01, name: 城东店 }
roster: roster
roles: { mechanic: 机电技师, manager: 服务经理 }
reports: [payslip]
";
const FINANCE: &str = "\
dataset: finance
title: 部门损益
source: { kind: csv, path: \"{store}/{period}/finance.csv\", encoding: utf-8 }
required: true
key: [department]
window: 2
bad_rows_at_most: 1%
pay: true
columns:
  department: { type: text, label: 部门, headers: [部门] }
  net_profit: { type: money, label: 净利润, headers: [净利润] }
";
/// A manager on the quarter's profit, paid with its last month; a team that shares what it sold.
const MANAGER: &str = "\
pipeline: manager
title: 经理
clauses: [D8-1.1]
spine: { roster: [manager] }
steps:
  quarter:
    to_date:
      from: finance.history
      span: quarter
      keys: [store_id]
      columns: { profit: { value: SUM(net_profit), label: 季度净利润 } }
  facts:
    join: { from: spine, with: [quarter], keys: [store_id], expect: many-to-one, unmatched: exception }
pay:
  manager-profit:
    from: facts
    clause: D8-1.1
    label: 净利提成
    amount: profit / 100
    when: EXTRACT(MONTH FROM period.last) IN (3, 6, 9, 12)
";
const TEAM: &str = "\
pipeline: team
title: 班组
clauses: [D8-3.1]
spine: { roster: [mechanic] }
steps:
  sold:
    aggregate:
      from: orders
      keys: [store_id]
      columns: { pool: { value: SUM(amount) / 7, label: 班组提成 } }
  worked:
    aggregate:
      from: orders
      for_each: spine
      keys: [store_id, employee_id]
      columns: { hours: { value: \"SUM(COALESCE(hours, 0))\", label: 分派工时 } }
  members:
    join: { from: worked, with: [sold], keys: [store_id], expect: many-to-one, unmatched: exception }
  shares:
    allocate: { from: members, keys: [store_id], pool: pool, weight: hours * weight, into: share, label: 个人份额 }
pay:
  team-share: { from: shares, clause: D8-3.1, label: 班组分配, amount: share }
";
const ROSTER: &str = "\
工号,姓名,岗位,正式,权重,开始,结束
A1,张伟,mechanic,是,1,2020-01-01,
A2,李娜,mechanic,是,1.2,2020-01-01,
A3,王芳,mechanic,是,1,2020-01-01,
M1,赵敏,manager,是,1,2020-01-01,
";
const ORDERS: &str = "\
单号,结算日期,工号,产值,工时
1,2026-12-05,A1,1000.25,1.5
2,2026-12-06,A2,345.00,0.5
3,2026-12-07,A3,100.00,
4,2026-12-08,A1,0.01,0.25
";

fn world() -> Memory {
    let world = shop::with_templates(Memory::new())
        .with("pipelines/month-end.yaml", PROJECT)
        .with("pipelines/datasets/finance.yaml", FINANCE)
        .with("pipelines/plans/manager.yaml", MANAGER)
        .with("pipelines/plans/team.yaml", TEAM)
        .with("data/S01/2026-12/roster.csv", ROSTER)
        .with("data/S01/2026-12/orders.csv", ORDERS);
    for dataset in ["orders", "roster"] {
        let text = repository::text(format!("tests/cases/base/pipelines/datasets/{dataset}.yaml"));
        world.put(format!("pipelines/datasets/{dataset}.yaml"), text);
    }
    for (month, profit) in [("2026-10", "1000.10"), ("2026-11", "-200.05"), ("2026-12", "3000.00")] {
        world.put(format!("data/S01/{month}/finance.csv"), format!("部门,净利润\n售后,{profit}\n"));
    }
    world
}

fn explained(world: &dyn World, employee: &str) -> String {
    let run = run_in(world, &["run", "--period", "2026-12", "--data", "data"]);
    assert_eq!(run.exit, Exit::Done, "{}{}", run.out, run.err);
    let ended = run_in(world, &["explain", "--period", "2026-12", "--employee", employee]);
    assert_eq!(ended.exit, Exit::Done, "{}", ended.err);
    ended.out.split_once("\n\n").map_or(ended.out.clone(), |(_, lines)| lines.to_owned())
}

#[test]
fn a_share_of_a_pool_shows_pool_weights_remainder_and_the_other_members() {
    insta::assert_snapshot!(explained(&world(), "A1"));
}

#[test]
fn a_quarter_shows_its_months() {
    insta::assert_snapshot!(explained(&world(), "M1"));
}

/// A month of the quarter without a file stops the manager's pay and names the month, also where the export of
/// the month itself is there.
#[test]
fn a_quarter_without_one_of_its_files_is_no_quarter() {
    let world = world();
    world.remove_folder("data/S01/2026-11".as_ref()).unwrap();
    let run = run_in(&world, &["run", "--period", "2026-12", "--data", "data"]);
    assert_eq!(run.exit, Exit::Blocked, "{}{}", run.out, run.err);
    let drafts = world.snapshot("out/2026-12/drafts");
    let text = |end: &str| -> String {
        let found: Vec<&Vec<u8>> =
            drafts.iter().filter(|(path, _)| path.ends_with(end)).map(|(_, bytes)| bytes).collect();
        assert_eq!(found.len(), 1, "{end}");
        String::from_utf8(found[0].clone()).unwrap()
    };
    let exceptions = text("stores/S01/exceptions.csv");
    assert!(exceptions.contains("month-missing"), "{exceptions}");
    assert!(exceptions.contains("2026-11 没有可用的文件"), "{exceptions}");
    assert!(exceptions.contains("赵敏"), "{exceptions}");
    let lines = text("stores/S01/pay-lines.csv");
    assert!(lines.contains("team-share") && !lines.contains("manager-profit"), "{lines}");
}

/// What a ladder gives is a factor of its own: the formula shows it, and not what was looked up.
#[test]
fn a_factor_from_a_ladder_stands_as_itself() {
    let world = world();
    let rated =
        "  rated:\n    ladder: { from: worked, table: param.gate, by: days / period_days, into: gate, mode: whole }\n";
    let team = TEAM
        .replace("  members:\n    join: { from: worked,", &format!("{rated}  members:\n    join: {{ from: rated,"))
        .replace("pool: pool, weight", "pool: pool * gate, weight");
    world.put("pipelines/plans/team.yaml", team);
    let gate = "parameters:\n  gate:\n    title: 发放比例\n    unit: ratio\n    clause: D8-3.5\n    dated_by: period\n    \
                source: stated\n    by: { label: 在岗比例, unit: ratio }\n    ladders:\n      - from: 2020-01-01\n        \
                rows: [{ over: \"(-inf, inf)\", value: 95%, words: 全部 }]\n";
    world.put("pipelines/parameters/gate.yaml", gate);
    let said = explained(&world, "A1");
    assert!(said.contains("× 95%"), "{said}");
    assert!(!said.contains("× (31 ÷ 31)"), "{said}");
}
