//! Whole files against whole contracts.

mod contracts;
mod sheets;
mod workbook;

use crate::diag::text::Language;
use std::path::Path;

use encoding_rs::GB18030;
use polars::prelude::AnyValue;

use super::*;
use crate::diag::data::{ExceptionSeverity, Fate};
use crate::world::Memory;
use crate::world::period::Period;

const ORDERS: &str = r#"
dataset: orders
title: 结算单
source: { kind: csv, path: "{store}/{period}/结算单*.csv", encoding: gb18030, total_row: 合计 }
key: [balance_no]
bad_rows_at_most: 50%
control: output
in_period: settled_on
belongs_to: employee_id
pay: true
columns:
  balance_no: { type: text, headers: [结算单号, BALANCE_NO] }
  employee_id: { type: text, headers: [工号] }
  settled_on: { type: date, headers: [结算时间, 结算日期] }
  output: { type: money, headers: [产值] }
  kind: { type: text, values: [维修, 返工], nullable: true, optional: true, headers: [工单类型] }
"#;

fn contract(yaml: &str) -> Contract {
    let spec: DatasetSpec = crate::diag::yaml::read_text("orders.yaml", yaml).unwrap();
    check(&spec, &[], Language::Chinese).unwrap()
}

fn period() -> Period {
    Period::parse("2026-10").unwrap()
}

fn gb(text: &str) -> Vec<u8> {
    let (bytes, _, lossy) = GB18030.encode(text);
    assert!(!lossy);
    bytes.into_owned()
}

fn read_bytes(contract: &Contract, file: &str, bytes: Vec<u8>, earlier: &[PeriodSummary]) -> Read {
    let world = Memory::new().with(Path::new("data").join(file), bytes);
    read(contract, "S01", period(), Path::new("data"), &world, earlier).unwrap()
}

fn orders(text: &str) -> Read {
    read_bytes(&contract(ORDERS), "S01/2026-10/结算单.csv", gb(text), &[])
}

fn codes(read: &Read) -> Vec<(ExceptionSeverity, &'static str)> {
    read.exceptions.iter().map(|exception| (exception.severity, exception.code.id)).collect()
}

fn texts(read: &Read, column: &str) -> Vec<String> {
    let column = read.frame.column(column).unwrap().as_materialized_series().clone();
    column
        .iter()
        .map(|value| match value {
            AnyValue::String(text) => text.to_owned(),
            AnyValue::StringOwned(text) => text.to_string(),
            other => other.to_string(),
        })
        .collect()
}

fn fates(read: &Read) -> Vec<(Fate, usize, Option<String>)> {
    read.fates.iter().map(|fate| (fate.fate, fate.rows, fate.control.map(|control| control.to_string()))).collect()
}

#[test]
fn titles_blank_lines_and_the_total_row_are_no_data() {
    let read = orders(
        "城东店结算单,,,\r\n\r\n结算单号,工号,结算时间,产值\r\nB1,007,2026-10-01 09:00:00,\"1,000.50\"\r\n\r\n,,,\r\nB2,008,2026/10/2,￥１２．００\r\n合计,,,1012.50\r\n制表人：王𠮷,,,\r\n",
    );
    assert_eq!(codes(&read), []);
    assert!(read.present);
    assert_eq!(texts(&read, "balance_no"), ["B1", "B2"]);
    assert_eq!(texts(&read, "employee_id"), ["007", "008"]);
    assert_eq!(texts(&read, "settled_on"), ["2026-10-01", "2026-10-02"]);
    assert_eq!(texts(&read, "output"), ["1000.50", "12.00"]);
    assert_eq!(texts(&read, "store_id"), ["S01", "S01"]);
    assert_eq!(texts(&read, "period"), ["2026-10", "2026-10"]);
    assert_eq!(texts(&read, "kind"), ["null", "null"]);
    assert_eq!(read.places.row, [4, 7]);
    assert_eq!(fates(&read), [(Fate::NotData, 7, None)]);
    assert_eq!(read.inputs[0].rows, 9);
    assert_eq!(read.summary.unwrap().rows, 2);
}

#[test]
fn a_bad_row_goes_to_quarantine_with_all_its_faults_and_blocks() {
    let read = orders(
        "结算单号,工号,结算时间,产值,工单类型\nB1,A1,2026-02-30,\"1,23\",保养\nB2,A2,2026-10-02,5,维修\n合计,,,5,\n",
    );
    assert_eq!(
        codes(&read),
        [(ExceptionSeverity::Warning, "total-unchecked"), (ExceptionSeverity::Blocking, "bad-row")]
            .into_iter()
            .filter(|(_, code)| *code != "total-unchecked")
            .collect::<Vec<_>>()
    );
    let faults: Vec<_> =
        read.quarantine.iter().map(|row| (row.row, row.column.as_str(), row.value.as_str(), row.code.id)).collect();
    assert_eq!(
        faults,
        [
            (2, "结算时间", "2026-02-30", "cell-date"),
            (2, "产值", "1,23", "cell-grouping"),
            (2, "工单类型", "保养", "cell-value")
        ]
    );
    let exception = &read.exceptions[0];
    assert_eq!((exception.who.as_str(), exception.employee_id.as_deref()), ("A1", Some("A1")));
    assert_eq!(texts(&read, "balance_no"), ["B2"]);
    assert_eq!(read.places.row, [3]);
    assert_eq!(fates(&read), [(Fate::Quarantined, 1, Some("0.00".to_owned())), (Fate::NotData, 2, None)]);
}

#[test]
fn the_total_row_must_equal_the_sum_of_the_rows() {
    let rows = "结算单号,工号,结算时间,产值\nB1,A1,2026-10-01,1.10\nB2,A1,2026-10-01,2.20\n";
    assert_eq!(codes(&orders(&format!("{rows}合计,,,3.30\n"))), []);
    assert_eq!(codes(&orders(&format!("{rows}合 计：,,,3.30\n"))), []);
    let differs = orders(&format!("{rows}合计,,,3.31\n"));
    assert_eq!(codes(&differs), [(ExceptionSeverity::Fatal, "total-differs")]);
    assert!(
        differs.exceptions[0]
            .cause
            .to_string()
            .contains("says 3.31 for 产值, its rows add up to 3.30: a difference of 0.01")
    );
    assert!(!differs.present);
    assert_eq!(codes(&orders(&format!("{rows}合计,,,\n"))), [(ExceptionSeverity::Fatal, "total-differs")]);
    assert_eq!(codes(&orders(rows)), [(ExceptionSeverity::Blocking, "total-missing")]);
    let unread = orders(&format!("{rows}B3,A1,2026-10-01,x\n合计,,,4.30\n"));
    assert_eq!(
        codes(&unread),
        [(ExceptionSeverity::Warning, "total-unchecked"), (ExceptionSeverity::Blocking, "bad-row")]
    );
    assert!(unread.exceptions[0].cause.to_string().contains("a difference of 1.00, which must stand in row 4"));
}

#[test]
fn the_same_row_twice_counts_once_and_a_contradiction_counts_never() {
    let read = orders(
        "结算单号,工号,结算时间,产值\nB1,A1,2026-10-01,1\nB2,A1,2026-10-01,2\nB1,A1,2026-10-01,1.00\nB2,A1,2026-10-01,2.01\nB3,A1,2026-10-01,3\n合计,,,8.01\n",
    );
    assert_eq!(
        codes(&read),
        [
            (ExceptionSeverity::Blocking, "bad-row"),
            (ExceptionSeverity::Blocking, "bad-row"),
            (ExceptionSeverity::Warning, "row-duplicate")
        ]
        .into_iter()
        .filter(|_| true)
        .collect::<Vec<_>>()
    );
    assert_eq!(texts(&read, "balance_no"), ["B1", "B3"]);
    assert_eq!(read.places.row, [2, 6]);
    assert_eq!(
        read.quarantine.iter().map(|row| (row.row, row.code.id)).collect::<Vec<_>>(),
        [(3, "row-conflict"), (5, "row-conflict")]
    );
    assert!(
        read.quarantine[0]
            .fault
            .to_string()
            .starts_with("rows 3, 5 have the same key (结算单号) and different content")
    );
    assert_eq!(
        fates(&read),
        [
            (Fate::Duplicate, 1, Some("1.00".to_owned())),
            (Fate::Quarantined, 2, Some("4.01".to_owned())),
            (Fate::NotData, 2, None)
        ]
    );
}

#[test]
fn a_good_row_beside_a_bad_one_of_the_same_key_is_not_certain() {
    let read = orders(
        "结算单号,工号,结算时间,产值\nB1,A1,2026-10-01,1\nB1,A1,2026-10-01,x\nB2,A1,2026-10-01,1\nB3,A1,2026-10-01,1\n合计,,,3\n",
    );
    assert_eq!(texts(&read, "balance_no"), ["B2", "B3"]);
    let found: Vec<_> = read.quarantine.iter().map(|row| (row.row, row.code.id)).collect();
    assert_eq!(found, [(2, "row-conflict"), (3, "cell-number"), (3, "row-conflict")]);
}

#[test]
fn a_share_of_bad_rows_above_the_limit_refuses_the_data() {
    let rows = "结算单号,工号,结算时间,产值\nB1,A1,2026-10-01,x\nB2,A1,2026-10-01,2\n";
    assert_eq!(codes(&orders(&format!("{rows}合计,,,2\n"))), [(ExceptionSeverity::Blocking, "bad-row")]);
    let refused = orders(&format!("{rows}B3,A1,2026-10-01,x\n合计,,,2\n"));
    assert_eq!(codes(&refused), [(ExceptionSeverity::Fatal, "too-many-bad-rows")]);
    assert!(refused.exceptions[0].cause.to_string().contains("2 of 3 rows broke the contract, more than 50%"));
    assert_eq!(refused.quarantine.len(), 2);
}

#[test]
fn a_missing_header_is_named_with_the_nearest_one() {
    let read = orders("标题\n结算单号,工号,结算时间,产值金额\nB1,A1,2026-10-01,1\n");
    assert_eq!(codes(&read), [(ExceptionSeverity::Fatal, "header-missing")]);
    assert_eq!(
        read.exceptions[0].cause.to_string(),
        "S01/2026-10/结算单.csv: row 2 is the header, but has no header for 产值 (`output`: 产值), nearest is `产值金额`"
    );
    assert_eq!(read.frame.height(), 0);
    assert_eq!(read.frame.width(), 7);
    let other = orders("完全,不同\n1,2\n");
    assert_eq!(codes(&other), [(ExceptionSeverity::Fatal, "header-missing")]);
    let twice = orders("结算单号,工号,结算时间,结算日期,产值\nB1,A1,2026-10-01,2026-10-02,1\n");
    assert_eq!(codes(&twice), [(ExceptionSeverity::Fatal, "header-twice")]);
}

#[test]
fn a_renamed_optional_header_and_headers_that_came_or_went_are_drift() {
    let renamed = orders("结算单号,工号,结算时间,产值,工单类别\nB1,A1,2026-10-01,1,维修\n合计,,,1,\n");
    assert_eq!(codes(&renamed), [(ExceptionSeverity::Warning, "header-drift")]);
    assert!(renamed.exceptions[0].cause.to_string().contains("no header for 工单类型 (`kind`), nearest is `工单类别`"));
    let last = PeriodSummary {
        period: Period::parse("2026-09").unwrap(),
        rows: 1,
        sha256: String::new(),
        headers: ["结算单号", "工号", "结算时间", "产值", "备注"].map(str::to_owned).to_vec(),
    };
    let bytes = gb("BALANCE_NO,工号,结算时间,产值,备 注\nB1,A1,2026-10-01,1,\n合计,,,1,\n");
    let read = read_bytes(&contract(ORDERS), "S01/2026-10/结算单.csv", bytes, &[last]);
    assert_eq!(codes(&read), [(ExceptionSeverity::Warning, "header-drift")]);
    assert!(
        read.exceptions[0]
            .cause
            .to_string()
            .contains("the header `结算单号` of 2026-09 is gone; new since 2026-09: `BALANCE_NO`")
    );
}

#[test]
fn the_file_must_be_there_once() {
    let contract = contract(ORDERS);
    let world = Memory::new();
    let missing = read(&contract, "S01", period(), Path::new("data"), &world, &[]).unwrap();
    assert_eq!(codes(&missing), [(ExceptionSeverity::Fatal, "file-missing")]);
    assert_eq!(missing.exceptions[0].cause.to_string(), "S01/2026-10/结算单*.csv: no such file (结算单)");
    let world = world
        .with("data/S01/2026-10/结算单.csv", "")
        .with("data/S01/2026-10/结算单2.csv", "")
        .with("data/S01/2026-10/~$结算单.csv", "");
    let two = read(&contract, "S01", period(), Path::new("data"), &world, &[]).unwrap();
    assert_eq!(codes(&two), [(ExceptionSeverity::Fatal, "file-ambiguous")]);
    assert!(two.exceptions[0].cause.to_string().contains("S01/2026-10/结算单.csv, S01/2026-10/结算单2.csv"));
}

#[test]
fn in_months_without_a_file_nobody_asks_for_one_and_one_that_is_there_is_read() {
    let contract = contract(&ORDERS.replace("title:", "months: quarter-end\ntitle:"));
    let world = Memory::new();
    let of =
        |month: &str| read(&contract, "S01", Period::parse(month).unwrap(), Path::new("data"), &world, &[]).unwrap();
    for (month, expected) in [("2026-09", true), ("2026-10", false), ("2026-11", false), ("2026-12", true)] {
        let said: &[_] = if expected { &[(ExceptionSeverity::Fatal, "file-missing")] } else { &[] };
        assert_eq!((codes(&of(month)).as_slice(), of(month).present), (said, !expected), "{month}");
    }
    let text = gb("结算单号,工号,结算时间,产值\nB1,A1,2026-10-02,1\n合计,,,1\n");
    assert_eq!(read_bytes(&contract, "S01/2026-10/结算单.csv", text, &[]).frame.height(), 1);
    let years: Vec<i8> =
        (1..=12).filter(|month| spec::Expected::YearEnd.holds(Period::new(2026, *month).unwrap())).collect();
    assert_eq!(years, [12]);
}

#[test]
fn a_file_of_another_month_or_of_last_month_is_refused() {
    let september =
        "结算单号,工号,结算时间,产值\nB1,A1,2026-09-01,1\nB2,A1,2026-09-02,1\nB3,A1,2026-10-02,1\n合计,,,3\n";
    assert_eq!(codes(&orders(september)), [(ExceptionSeverity::Fatal, "wrong-month")]);
    assert!(
        orders(september).exceptions[0].cause.to_string().contains("2 of 3 dated rows belong to 2026-09, 1 to 2026-10")
    );
    let half = "结算单号,工号,结算时间,产值\nB1,A1,2026-09-30,1\nB2,A2,2026-10-02,1\n合计,,,2\n";
    let read = orders(half);
    assert_eq!(codes(&read), [(ExceptionSeverity::Warning, "row-out-of-period")]);
    assert_eq!(read.exceptions[0].employee_id.as_deref(), Some("A1"));
    assert_eq!(read.frame.height(), 2);
    let last = PeriodSummary {
        period: Period::parse("2026-09").unwrap(),
        sha256: read.summary.clone().unwrap().sha256,
        ..read.summary.unwrap()
    };
    let again = read_bytes(&contract(ORDERS), "S01/2026-10/结算单.csv", gb(half), &[last]);
    assert_eq!(again.exceptions[0].code.id, "same-as-last-month");
    assert_eq!(again.exceptions[0].severity, ExceptionSeverity::Fatal);
}

#[test]
fn a_file_without_rows_or_with_far_fewer_than_before_is_noticed() {
    assert_eq!(codes(&orders("结算单号,工号,结算时间,产值\n合计,,,0\n")), [(ExceptionSeverity::Blocking, "no-rows")]);
    let month = |period: &str, rows: usize| PeriodSummary {
        period: Period::parse(period).unwrap(),
        rows,
        sha256: String::new(),
        headers: ["结算单号", "工号", "结算时间", "产值"].map(str::to_owned).to_vec(),
    };
    let two = gb("结算单号,工号,结算时间,产值\nB1,A1,2026-10-01,1\nB2,A1,2026-10-01,1\n合计,,,2\n");
    for (rows, few) in [([4, 4], false), ([4, 5], true), ([1, 7], false), ([100, 2], true)] {
        let earlier = [month("2026-08", rows[0]), month("2026-09", rows[1])];
        let read = read_bytes(&contract(ORDERS), "S01/2026-10/结算单.csv", two.clone(), &earlier);
        let expected = if few { vec![(ExceptionSeverity::Blocking, "few-rows")] } else { vec![] };
        assert_eq!(codes(&read), expected, "{rows:?}");
    }
}

#[test]
fn the_encoding_must_be_the_one_of_the_contract() {
    let contract = contract(ORDERS);
    let text = "结算单号,工号,结算时间,产值\nB1,A1,2026-10-01,1\n合计,,,1\n";
    for bytes in [text.as_bytes().to_vec(), format!("\u{feff}{text}").into_bytes(), {
        let mut broken = gb(text);
        broken.insert(40, 0xff);
        broken
    }] {
        let read = read_bytes(&contract, "S01/2026-10/结算单.csv", bytes, &[]);
        assert_eq!(codes(&read), [(ExceptionSeverity::Fatal, "file-encoding")]);
    }
}

#[test]
fn quotes_may_hold_line_breaks_but_must_be_closed() {
    let read = orders(
        "结算单号,工号,\"结算\n时间\",产值\nB1,\"A\"\"1\",2026-10-01,1\n\"B\n2\",A2,2026-10-01,2\nB3,A3,2026-10-01,3\n合计,,,6\n",
    );
    assert_eq!(codes(&read), [(ExceptionSeverity::Warning, "hidden-character")]);
    assert_eq!(texts(&read, "employee_id"), ["A\"1", "A2", "A3"]);
    assert_eq!(read.places.row, [2, 3, 4]);
    let open = orders("结算单号,工号,结算时间,产值\nB1,A1,2026-10-01,1\n\"B2,A2,2026-10-01,2\n合计,,,3\n");
    assert_eq!(codes(&open), [(ExceptionSeverity::Fatal, "file-quote")]);
    let inside = orders("结算单号,工号,结算时间,产值\nB1,12\" 轮,2026-10-01,1\n合计,,,1\n");
    assert_eq!(codes(&inside), []);
}

#[test]
fn a_slipped_row_and_a_hidden_character_are_named() {
    let read = orders("结算单号,工号,结算时间,产值\nB1,A1,2026-10-01,1,000.00\nB2,A2,2026-10-01,2,,\n合计,,,3\n");
    assert_eq!(read.quarantine[0].code.id, "row-width");
    assert_eq!(texts(&read, "balance_no"), ["B2"]);
    let hidden = orders("结算单号,工号,结算时间,产值\nB1\u{202e},A1,2026-10-01,1\n合计,,,1\n");
    assert_eq!(codes(&hidden), [(ExceptionSeverity::Warning, "hidden-character")]);
    assert!(hidden.exceptions[0].cause.to_string().contains("结算单号 holds the invisible character ⟨U+202E⟩: row 2"));
}

#[test]
fn reads_of_several_months_stand_below_each_other() {
    let contract = contract(ORDERS);
    let one = orders("结算单号,工号,结算时间,产值\nB1,A1,2026-10-01,1\n合计,,,1\n");
    let two = orders("结算单号,工号,结算时间,产值\nB2,A1,2026-10-01,1\nB3,A1,2026-10-01,1\n合计,,,2\n");
    let all = stack(vec![one, two]);
    assert_eq!(texts(&all, "balance_no"), ["B1", "B2", "B3"]);
    assert_eq!((all.places.file, all.places.row, all.places.files.len()), (vec![0, 1, 1], vec![2, 2, 3], 2));
    assert!(all.present);
    assert_eq!(contract.schema().names().count(), 7);
}
