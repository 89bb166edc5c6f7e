//! What stands on the pages of slips and reports.

use rayon::ThreadPoolBuilder;
use rust_decimal::Decimal;

use super::{RUN, contains, documents, pages, pdf, text};
use crate::diag::data::ExceptionSeverity;
use crate::diag::text::Language;
use crate::report::sample::{assets, assets_in, exception, interval, outcome, person, strained};
use crate::report::{count, render_each};

const A1: &str = "stores/S01/payslips/A1.pdf";
const DEPARTMENT: &str = "stores/S01/department.pdf";

#[test]
fn documents_come_in_a_fixed_order() {
    let outcome = outcome();
    let paths: Vec<String> = documents(&outcome, &assets()).into_iter().map(|document| document.path).collect();
    let employees = ["A1", "A2", "A3"].map(|id| format!("stores/S01/payslips/{id}.pdf"));
    assert_eq!(paths, [employees.as_slice(), &[DEPARTMENT.to_owned()]].concat());
    assert_eq!(count(&outcome, &assets()), 4);
}

#[test]
fn a_slip_says_who_when_what_and_why() {
    let bytes = pdf(&outcome(), &assets(), A1);
    let pages = pages(&bytes);
    assert_eq!(pages.len(), 1, "six lines stand on one page");
    let text = pages.concat();
    for part in [
        "城东店 工资单 2026 年 10 月",
        "张伟",
        "工号 A1",
        "服务顾问 10 月 1 日 至 10 月 31 日 31 / 31 天",
        "绩效合计 大写 贰仟捌佰玖拾伍元贰角捌分",
        "2,895.28",
        "＝（产值 × 产值提成比例 × 产值达成率 + 接车台次 × 接车单台 × 接车达成率）× 考核成绩 ÷ 100",
        "＝ (213,345.00 × 0.4% × (213,345.00 ÷ 220,000.00) + 255 × 2 × (255 ÷ 132)) × 99 ÷ 100",
        "≈ 1,794.664602，四舍五入到分",
        "产值达成率 ＝ 取大(产值, 0) ÷ 产值目标 ＝ 取大(213,345.00, 0) ÷ 220,000.00 ≈ 96.98%",
        "产值 213,345.00 元（结算单 131 行）",
        "产值提成比例 0.4%（D8-2.1，自 2020-01-01）",
        "养护单瓶提成 8 元/瓶（100＜Y≤200，D8-2.3，自 2020-01-01）",
        "−100.00",
        "合计",
        "与本人有关的异常",
        "① 养护达成率口径（D8-2.1）：方案未明确，按决定执行。方案写“完成系数”而未说明以什么计",
        "批次 0123456789abcdef0123456789abcdef",
        "第 1 页，共 1 页",
    ] {
        contains(&text, part);
    }
    assert!(!text.contains("草稿"));
    // The reason stands where its mark stands, not with the parameter that the plan states.
    assert_eq!(text.matches('①').count(), 2);
}

#[test]
fn the_text_of_a_slip_in_the_order_in_which_it_is_read() {
    let pages = pdf_extract::extract_text_from_mem_by_pages(&pdf(&outcome(), &assets(), A1)).unwrap();
    let lines =
        pages.iter().flat_map(|page| page.lines()).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let text: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    insta::assert_snapshot!("slip", text.join("\n"));
}

#[test]
fn days_held_are_printed_for_each_role_and_in_all() {
    let text = text(&pdf(&outcome(), &assets(), "stores/S01/payslips/A2.pdf"));
    contains(&text, "服务顾问 10 月 1 日 至 10 月 15 日 15 / 31 天");
    contains(&text, "事故保险顾问 事故一组 10 月 16 日 至 10 月 31 日 16 / 31 天");
    contains(&text, "在岗 31 / 31 天");
}

#[test]
fn who_has_no_line_still_gets_a_slip() {
    let text = text(&pdf(&outcome(), &assets(), "stores/S01/payslips/A3.pdf"));
    contains(&text, "王强");
    contains(&text, "零元整");
    contains(&text, "0.00");
    contains(&text, "本月没有绩效项目。");
    assert!(!text.contains("异常"), "an exception of another person stands on the slip");
}

#[test]
fn totals_stand_in_figures_and_in_capitals() {
    for (fen, figures, capitals) in [
        (0, "0.00", "零元整"),
        (1_005, "10.05", "壹拾元零伍分"),
        (10_000_000, "100,000.00", "壹拾万元整"),
        (-12_345_678_912, "−123,456,789.12", "负壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元壹角贰分"),
    ] {
        let mut outcome = outcome();
        outcome.pay_lines.truncate(1);
        outcome.pay_lines[0].amount = Decimal::new(fen, 2);
        let text = text(&pdf(&outcome, &assets(), A1));
        contains(&text, figures);
        contains(&text, capitals);
    }
}

#[test]
fn further_pages_repeat_whose_they_are_and_what_the_columns_hold() {
    let pages = pages(&pdf(&strained(), &assets(), "stores/S01/payslips/A4.pdf"));
    assert!(pages.len() > 3);
    for (at, page) in pages.iter().enumerate() {
        contains(page, &format!("第 {} 页，共 {} 页", at + 1, pages.len()));
        contains(page, "欧阳阿卜杜热西提买买提江");
    }
    for page in &pages[1..2] {
        contains(page, "工资单 2026 年 10 月 欧阳阿卜杜热西提买买提江 A4");
        contains(page, "项目 计算 金额（元）");
    }
    contains(&pages.concat(), "987,654,321.09");
    contains(&pages.concat(), "已接受：已由售后经理确认，至 2026-12-31");
    contains(&pages.concat(), "123,456,789.01");
}

#[test]
fn drafts_are_marked_on_every_page() {
    let mut outcome = strained();
    outcome.exceptions.push(exception(ExceptionSeverity::Blocking, None, "目标表", "没有目标表", "放入目标表"));
    for document in documents(&outcome, &assets()) {
        for page in pages(&document.result.unwrap()) {
            contains(&page, "草稿");
        }
    }
}

#[test]
fn the_department_report_adds_up_to_the_lines() {
    let outcome = outcome();
    let text = text(&pdf(&outcome, &assets(), DEPARTMENT));
    let total: Decimal = outcome.pay_lines.iter().map(|line| line.amount).sum();
    assert_eq!(total, Decimal::new(547_656, 2));
    // By line and by person.
    assert_eq!(text.matches("5,476.56").count(), 2);
    contains(&text, "产值与接车提成 D8-2.1 2 3,589.32");
    contains(&text, "王强 A3 服务顾问 0 0.00");
}

#[test]
fn figures_stand_beside_the_month_before() {
    let text = text(&pdf(&outcome(), &assets(), DEPARTMENT));
    contains(&text, "张伟 A1 213,345.00 198,000.00 220,000.00 96.98% 90.00%");
    contains(&text, "王强 A3 45,000.01 — 110,000.00 40.91% —");
    contains(&text, "赵离 A9 — 50,000.00 — — 22.73%");
    contains(&text, "合计 558,345.01 528,000.00 550,000.00 101.52% 80.00%");
    // Who was in two groups stands twice, beside the row of the same group.
    contains(&text, "马云 A5 事故一组 65,044.00 177,145.00 11 27 100.00% 112.50%");
    contains(&text, "马云 A5 事故二组 88,128.00 — 13 — 75.00% —");
    contains(&text, "钣喷组 0 135 0 0 0 0 — 0.00%");
    contains(&text, "合计 448 657 4 2 1 1 0.89% 0.30%");
    contains(&text, "张伟 A1 4 −1 4 3");
    contains(&text, "234 — 200 — 85.47% — 180 — 90.00% —");
    // In a chart namesakes are told apart by their ids.
    contains(&text, "张伟 B7 −3");
    assert!(!text.contains("外店"), "a row of another store stands on the page");
    contains(&text, "结算单 S01/2026-10/结算单_202610.csv 963 4 1 958 921 1 1,239,134.89");
}

#[test]
fn a_month_without_inputs_prints_dashes() {
    let mut outcome = outcome();
    for published in outcome.published.values_mut() {
        published.before = None;
    }
    let text = text(&pdf(&outcome, &assets(), DEPARTMENT));
    contains(&text, "张伟 A1 213,345.00 — 220,000.00 96.98% —");
    contains(&text, "合计 558,345.01 — 550,000.00 101.52% —");
}

#[test]
fn english_words_print_too() {
    let outcome = outcome();
    let text = text(&pdf(&outcome, &assets_in(Language::English), A1));
    contains(&text, "31 of 31 days");
    contains(&text, "rounded to the fen");
    contains(&text, "page 1 of 1");
}

#[test]
fn bytes_depend_on_nothing_but_the_outcome() {
    let outcome = outcome();
    let assets = assets();
    let with = |threads: usize| {
        ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| documents(&outcome, &assets))
    };
    let first = with(1);
    assert!(first.iter().all(|document| document.result.is_ok()));
    assert_eq!(first, with(4));
    // Templates and fonts read anew, after the cache of typst has seen other documents.
    documents(&strained(), &assets);
    assert_eq!(first, documents(&outcome, &assets_in(Language::Chinese)));
}

#[test]
fn documents_are_archival_and_dated_by_the_period() {
    for document in documents(&outcome(), &assets()) {
        let bytes = document.result.unwrap();
        let file = String::from_utf8_lossy(&bytes);
        assert!(file.starts_with("%PDF-1.7"), "{}", document.path);
        // A store's report carries its tables, which part 2 does not allow.
        let part = if document.path.ends_with("department.pdf") { 3 } else { 2 };
        assert!(file.contains(&format!("<pdfaid:part>{part}</pdfaid:part>")), "{}", document.path);
        assert!(file.contains("<pdfaid:conformance>A</pdfaid:conformance>"), "{}", document.path);
        assert!(file.contains("2026-10-31"), "{}", document.path);
    }
}

#[test]
fn two_persons_of_one_name_have_two_slips_with_their_own_lines() {
    let mut outcome = outcome();
    outcome.people.push(person("a1", "张伟", vec![interval("general-advisor", "服务顾问", 16, 31)]));
    let documents = documents(&outcome, &assets());
    let paths: std::collections::BTreeSet<String> =
        documents.iter().map(|document| document.path.to_lowercase()).collect();
    assert_eq!(paths.len(), 5);
    let other = documents.iter().find(|document| document.path.contains("a1~")).unwrap();
    let text = text(other.result.as_ref().unwrap());
    contains(&text, "本月没有绩效项目。");
    contains(&text, "16 / 31 天");
}

#[test]
fn progress_counts_every_document_and_an_error_of_the_taker_stops() {
    let done = std::sync::atomic::AtomicUsize::new(0);
    let progress = |more: usize| {
        done.fetch_add(more, std::sync::atomic::Ordering::Relaxed);
    };
    let mut taken = 0;
    let result = render_each(&outcome(), &assets(), RUN, &progress, |_| {
        taken += 1;
        if taken == 2 { Err("disk full") } else { Ok(()) }
    });
    // Three slips and the report of a store, which weighs eight.
    assert_eq!((result, taken, done.into_inner()), (Err("disk full"), 2, 11));
}
