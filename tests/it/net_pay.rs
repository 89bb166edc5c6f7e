//! Net pay of a small shop: what goes to the bank, what does not, and who sees the number of an account.

use jixiao::cli::exit::Exit;
use jixiao::cli::run_in;
use jixiao::world::Memory;
use serde_json::Value;

use crate::shop::{published, run, shop};

const PROJECT: &str = "\
project: small
title: 小店
stores:
  - { store_id: S01, name: 城东店 }
roster: roster
roles: { advisor: 服务顾问 }
";
const PLAN: &str = "\
pipeline: output
title: 产值提成
clauses: [D8-2.1]
spine: { roster: [advisor] }
steps:
  facts:
    aggregate:
      from: orders
      for_each: spine
      keys: [store_id, employee_id]
      columns: { output: { value: SUM(amount), label: 产值 } }
pay:
  output: { from: facts, clause: D8-2.1, label: 产值提成, amount: output / 3 }
";
/// Stands before the plan in the order of the files, and names no plan.
const NET: &str = "\
pipeline: net
title: 实发工资
clauses: [D8-2.1]
steps:
  homes:
    filter: { from: run.people, where: home, because: 不在本店 }
  known:
    join:
      from: homes
      with: [payroll]
      keys: [store_id, employee_id]
      take: [tax, stopped]
      expect: one-to-one
      unmatched: keep
  free:
    expect:
      from: known
      that: COALESCE(stopped, '否') = '否'
      severity: hold
      code: stopped
      message: 停发
      remedy: 等候处理
      rows: keep
  summed:
    aggregate:
      from: run.pay
      for_each: free
      keys: [store_id, employee_id]
      columns: { pay: { value: SUM(amount), label: 绩效 } }
  settled:
    derive:
      from: summed
      columns:
        estimated: { value: tax IS NULL, label: 估算 }
        held: { value: \"COALESCE(tax, 0)\", label: 税 }
settle:
  pay: { from: settled, clause: D8-2.1, label: 绩效, amount: pay, part: paid }
  tax: { from: settled, clause: D8-2.1, label: 税, amount: -held, part: deducted, when: held > 0 }
";
const PAYROLL: &str = "\
dataset: payroll
title: 工资档案
source: { kind: csv, path: \"{store}/{period}/payroll.csv\", encoding: utf-8 }
required: false
key: [employee_id]
belongs_to: employee_id
bad_rows_at_most: 50%
pay: true
columns:
  employee_id: { type: text, label: 工号, headers: [工号] }
  tax: { type: money, label: 税, headers: [税] }
  stopped: { type: text, label: 停发, headers: [停发] }
  account: { type: text, nullable: true, masked: true, label: 账号, headers: [账号] }
";
const BANK: &str = "\
file: bank
title: 银行文件
path: stores/{store}/bank.txt
people: paid
encoding: gb18030
layout: fixed
head: [{ text: H, width: 1 }, { value: count, as: count, width: 3 }, { value: total, as: fen, width: 8 }]
columns:
  - { value: number, as: count, width: 3 }
  - { header: 账号, value: payroll.account, as: digits, width: 20 }
  - { value: name, width: 8 }
  - { value: net, as: fen, width: 8 }
tail: [{ text: T, width: 1 }]
";
const LIST: &str = "\
file: list
title: 发放册
path: group/list.csv
people: all
encoding: utf-8
layout: csv
columns:
  - { header: 门店, value: store }
  - { header: 工号, value: employee_id }
  - { header: 姓名, value: name }
  - { header: 税, value: line.tax, as: yuan }
  - { header: 实发, value: net, as: yuan }
  - { header: 估算, value: estimated }
  - { header: 账号, value: payroll.account, as: masked }
";
const ACCOUNT: &str = "6222020000000000001";
const ROSTER: &str = "\
工号,姓名,岗位,正式,权重,开始,结束
A1,张伟,advisor,是,1,2020-01-01,
A2,李娜,advisor,是,1,2020-01-01,
A3,王芳,advisor,是,1,2020-01-01,
A4,=1+1,advisor,是,1,2020-01-01,
A5,赵敏,advisor,是,1,2020-01-01,
A6,无产值,advisor,是,1,2020-01-01,
";
const ORDERS: &str = "单号,结算日期,工号,产值,工时\n\
    1,2026-10-05,A1,1000.00,1\n2,2026-10-06,A2,300.00,\n3,2026-10-06,A3,60.00,\n4,2026-10-06,A4,3.00,\n5,2026-10-06,A5,9.00,\n";
const ROWS: &str = "工号,税,停发,账号\nA1,33.34,否,6222 0200-0000 0000 001\nA3,0,否,\nA4,0,否,6222020000000000004\n\
    A5,0,是,6222020000000000005\nA6,0,否,6222020000000000006\n";

fn month(rows: &str) -> Memory {
    shop()
        .with("pipelines/month-end.yaml", format!("{PROJECT}reports: [payslip]\n"))
        .with("pipelines/analytics/a-net.yaml", NET)
        .with("pipelines/plans/output.yaml", PLAN)
        .with("pipelines/datasets/payroll.yaml", PAYROLL)
        .with("pipelines/files/bank.yaml", BANK)
        .with("pipelines/files/list.yaml", LIST)
        .with("data/S01/2026-10/roster.csv", ROSTER)
        .with("data/S01/2026-10/orders.csv", ORDERS)
        .with("data/S01/2026-10/payroll.csv", rows)
}

fn text(world: &Memory, path: &str) -> String {
    let bytes = published(world, path);
    if path.ends_with("bank.txt") {
        encoding_rs::GB18030.decode(&bytes).0.into_owned()
    } else {
        String::from_utf8(bytes).unwrap()
    }
}

/// Files of the results that hold a text.
fn holding(world: &Memory, wanted: &str) -> Vec<String> {
    let files = world.snapshot("out");
    let found =
        files.into_iter().filter(|(_, bytes)| bytes.windows(wanted.len()).any(|part| part == wanted.as_bytes()));
    found.map(|(path, _)| path.rsplit('/').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_transfer_has_who_is_paid_out_and_its_totals_are_those_of_the_receipt() {
    let world = month(ROWS);
    let ended = run(&world);
    assert_eq!((ended.exit, ended.err.as_str()), (Exit::Done, ""), "{}", ended.out);
    // 333.33 less 33.34; A2 is an estimate, A3 has no account, A5 is held back, A6 has nothing.
    assert_eq!(
        text(&world, "stores/S01/bank.txt"),
        "H00200030099\r\n0016222020000000000001 张伟    00029999\r\n0026222020000000000004 =1+1    00000100\r\nT\r\n"
    );
    assert_eq!(
        text(&world, "group/list.csv"),
        "\u{FEFF}门店,工号,姓名,税,实发,估算,账号\r\n\
         城东店,A1,张伟,-33.34,299.99,,6222… 001\r\n\
         城东店,A2,李娜,0.00,100.00,yes,\r\n\
         城东店,A3,王芳,0.00,20.00,,\r\n\
         城东店,A4,'=1+1,0.00,1.00,,6222…0004\r\n\
         城东店,A5,赵敏,0.00,3.00,,6222…0005\r\n\
         城东店,A6,无产值,0.00,0.00,,6222…0006\r\n"
    );
    let receipt: Value = serde_json::from_str(&text(&world, "receipt.json")).unwrap();
    let net = &receipt["totals"]["net"];
    assert_eq!((net["pay"].as_str(), net["people"].as_u64()), (Some("423.99"), Some(6)));
    assert_eq!((net["estimated"].as_u64(), net["estimated_pay"].as_str()), (Some(1), Some("100.00")));
    let file = |at: usize| (net["files"][at]["people"].as_u64().unwrap(), net["files"][at]["total"].as_str().unwrap());
    assert_eq!((file(0), file(1)), ((2, "300.99"), (6, "423.99")));
    let said = text(&world, "stores/S01/exceptions.csv");
    assert!(said.contains("held,file-cell,S01,A3,王芳 (A3),银行文件未列入此人：账号：没有内容"), "{said}");
    assert_eq!(said.matches("file-cell").count(), 1, "{said}");
}

#[test]
fn a_net_line_explains_itself_and_is_added_up_apart() {
    let world = month(ROWS);
    run(&world);
    let ended = run_in(&world, &["explain", "--period", "2026-10", "--employee", "A1"]);
    for part in ["333.33", "net pay, of 2 lines: 299.99 元", "line output of 张伟 (A1): 333.33"] {
        assert!(ended.out.contains(part), "{part}\n{}", ended.out);
    }
    let one = run_in(&world, &["explain", "--period", "2026-10", "--employee", "A1", "--line", "tax"]);
    assert!(one.out.contains("-33.34") && !one.out.contains("no pay line"), "{}", one.out);
}

#[test]
fn an_account_stands_whole_in_the_transfer_alone() {
    let world = month(&ROWS.replace("6222 0200-0000 0000 001", ACCOUNT));
    let ended = run(&world);
    assert_eq!(holding(&world, ACCOUNT), ["bank.txt"]);
    assert!(!ended.out.contains(ACCOUNT) && !ended.err.contains(ACCOUNT));
    // A row that has slipped: the account stands under another header, and the row is bad.
    let slipped = ROWS.replace("A1,33.34,否,6222 0200-0000 0000 001", &format!("A1,{ACCOUNT},33.34,否"));
    let world = month(&slipped);
    let ended = run(&world);
    assert_eq!(ended.exit, Exit::Blocked, "{}", ended.out);
    assert_eq!(holding(&world, ACCOUNT), [""; 0]);
    assert!(!ended.out.contains(ACCOUNT) && ended.out.contains("bad-row"), "{}", ended.out);
}

#[test]
fn a_draft_leaves_no_file_by_which_somebody_is_paid() {
    let world = month(&ROWS.replace("A6,0", "A6,无"));
    assert_eq!(run(&world).exit, Exit::Blocked);
    let files = world.snapshot("out");
    assert!(files.keys().any(|path| path.ends_with("net-pay.csv")));
    assert!(!files.keys().any(|path| path.ends_with("bank.txt") || path.ends_with("list.csv")));
}
