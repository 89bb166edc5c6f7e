//! Registers as a spreadsheet reads them.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx, open_workbook_from_rs};
use rust_decimal::Decimal;

use super::each_workbook;
use super::sheet::number;
use crate::diag::data::{ExceptionSeverity, Store};
use crate::report::sample::{advisor_lines, assets_of, exception, net_lines, outcome, strained};
use crate::run::outcome::Outcome;
use crate::run::tables::amount_text;
use crate::run::totals::{by_store, totals};

/// The workbooks of an outcome, by path.
fn workbooks(outcome: &Outcome) -> Vec<(String, Vec<u8>)> {
    let assets = assets_of(&["register"]);
    let mut made = Vec::new();
    let take = |document: crate::report::Document| {
        made.push((document.path, document.result.unwrap()));
        Ok::<(), std::convert::Infallible>(())
    };
    each_workbook(outcome, &assets, "run", &|_| (), take).unwrap();
    made
}

fn sheet(bytes: &[u8], name: &str) -> Range<Data> {
    let mut book: Xlsx<Cursor<&[u8]>> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    book.worksheet_range(name).unwrap()
}

/// Text of a cell below a header; of a number its shortest text.
fn cell(range: &Range<Data>, row: usize, header: &str) -> String {
    let column = range.rows().next().unwrap().iter().position(|cell| *cell == *header);
    match &range.rows().nth(row).unwrap()[column.unwrap_or_else(|| panic!("no column {header}"))] {
        Data::Float(number) => amount_text(number.to_string().parse().unwrap()),
        other => other.to_string(),
    }
}

#[test]
fn an_amount_comes_back_digit_for_digit() {
    for text in ["0", "0.01", "-0.05", "1086.8", "1086.80", "975.38", "9999999999999.99", "-1234567890123.4", "100000"]
    {
        let amount: Decimal = text.parse().unwrap();
        assert_eq!(number(amount).unwrap().to_string(), amount.normalize().to_string(), "{text}");
    }
    for text in ["99999999999999.99", "10000000000000000", "0.1234567890123456", "79228162514264337593543950335"] {
        assert_eq!(number(text.parse().unwrap()), None, "{text}");
    }
    assert_eq!(number(-Decimal::ZERO).as_ref().map(ToString::to_string).as_deref(), Some("0"));
}

#[test]
fn the_last_row_is_the_sum_of_its_column_and_what_the_receipt_says() {
    for mut outcome in [outcome(), strained()] {
        outcome.stores.push(Store { store_id: "S02".into(), name: "城西店".into() });
        outcome.net_lines = net_lines(("A1", "张伟"), [179_466, 300_000, -12_345]);
        outcome.net_lines.extend(net_lines(("A9", "只领工资"), [0, 250_000, -50]));
        let mut elsewhere = net_lines(("A2", "李娜"), [1, 2, -3]);
        elsewhere.iter_mut().for_each(|line| line.store_id = "S02".into());
        outcome.net_lines.extend(elsewhere);
        let books = workbooks(&outcome);
        let paths: Vec<&str> = books.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["group/register.xlsx", "stores/S01/register.xlsx", "stores/S02/register.xlsx"]);
        let mut expected = vec![totals(&outcome).unwrap()];
        expected.extend(by_store(&outcome).unwrap().into_iter().map(|store| store.totals));
        for ((path, bytes), totals) in books.iter().zip(expected) {
            for (name, header, total) in [
                ("绩效明细", "金额（元）", totals.pay.clone()),
                ("人员", "本店绩效（元）", totals.pay),
                ("人员", "实发（元）", totals.net.clone().unwrap().pay),
                ("人员", "扣除合计（元）", totals.net.clone().unwrap().deducted),
                ("实发明细", "金额（元）", totals.net.unwrap().pay),
            ] {
                let range = sheet(bytes, name);
                let last = range.height() - 1;
                assert_eq!(cell(&range, last, header), total, "{path} {name} {header}");
                let sum: Decimal = (1..last)
                    .map(|row| cell(&range, row, header))
                    .filter(|text| !text.is_empty())
                    .map(|text| text.parse::<Decimal>().unwrap())
                    .sum();
                assert_eq!(amount_text(sum), total, "{path} {name} {header}");
            }
        }
        let people = sheet(&books[1].1, "人员");
        let row = |id: &str| (1..people.height()).find(|row| cell(&people, *row, "工号") == id).unwrap();
        assert_eq!(cell(&people, row("A2"), "实发（元）"), "");
        assert_eq!(cell(&people, row("A2"), "备注"), "由城西店发薪");
        assert_eq!(cell(&people, row("A9"), "实发（元）"), "2499.50");
        let nobody = sheet(&books[2].1, "绩效明细");
        assert_eq!((nobody.height(), cell(&nobody, 1, "金额（元）")), (2, "0.00".to_owned()));
    }
}

#[test]
fn a_line_tells_its_formula_with_the_numbers_that_the_slip_prints() {
    let books = workbooks(&outcome());
    let lines = sheet(&books[1].1, "绩效明细");
    assert_eq!(cell(&lines, 1, "岗位"), "服务顾问");
    assert_eq!(
        cell(&lines, 1, "计算过程").lines().collect::<Vec<_>>(),
        [
            "产值与接车提成 ＝ （产值 × 产值提成比例 × 产值达成率 + 接车台次 × 接车单台 × 接车达成率）× 考核成绩 ÷ 100 ＝ \
             (213,345.00 × 0.4% × (213,345.00 ÷ 220,000.00) + 255 × 2 × (255 ÷ 132)) × 99 ÷ 100",
            "≈ 1,794.664602，四舍五入到分",
            "产值达成率 ＝ 取大(产值, 0) ÷ 产值目标 ＝ 取大(213,345.00, 0) ÷ 220,000.00 ≈ 96.98%",
            "产值目标 ＝ （门店任务 - 事故组任务）× 权重 ÷ 权重合计 ＝ (1,200,000.00 - 320,000.00) × 1 ÷ 4 ＝ 220,000.00 元",
            "接车达成率 ＝ 取大(接车台次, 0) ÷ 接车目标 ＝ 取大(255, 0) ÷ 132 ≈ 193.18%",
        ]
    );
    assert!(cell(&lines, 1, "数据来源").contains("产值 213,345.00 元（结算单 131 行）"));
}

#[test]
fn what_a_spreadsheet_would_execute_is_text() {
    for hostile in ["=1+1", "+86", "-1,234.50", "@SUM(A1)", "＝1", "=cmd|'/c calc'!A1", "_x0041_", "\u{FFFE}"] {
        let mut outcome = outcome();
        outcome.stores[0].name = hostile.into();
        outcome.people[0].name = hostile.into();
        outcome.pay_lines = advisor_lines("A1", hostile);
        for line in &mut outcome.pay_lines {
            line.label = hostile.into();
        }
        let mut told = exception(ExceptionSeverity::Held, Some("A1"), hostile, hostile, "x");
        told.remedy = format!("a\n{hostile}").into();
        outcome.exceptions = vec![told];
        let bytes = &workbooks(&outcome)[1].1;
        let lines = sheet(bytes, "绩效明细");
        let shown = crate::run::tables::cell(hostile);
        assert_eq!(
            [cell(&lines, 1, "门店"), cell(&lines, 1, "姓名"), cell(&lines, 1, "项目")],
            [(); 3].map(|()| shown.clone())
        );
        let told = sheet(bytes, "异常");
        assert_eq!(cell(&told, 1, "处理办法"), format!("a\n{shown}"));
        let mut book: Xlsx<Cursor<&Vec<u8>>> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        for name in book.sheet_names() {
            assert!(book.worksheet_formula(&name).unwrap().is_empty(), "{name}");
        }
    }
}

#[test]
fn the_same_outcome_makes_the_same_bytes_at_another_time() {
    let books = workbooks(&outcome());
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    assert!(books == workbooks(&outcome()));
}

#[test]
fn a_text_longer_than_a_cell_says_that_it_was_cut() {
    let mut outcome = outcome();
    outcome.exceptions = vec![exception(ExceptionSeverity::Held, Some("A1"), "a", &"长".repeat(40_000), "x")];
    let cause = cell(&sheet(&workbooks(&outcome)[1].1, "异常"), 1, "原因");
    assert!(cause.ends_with("… (trace.jsonl)") && cause.chars().count() > 31_000, "{}", cause.chars().count());
}
