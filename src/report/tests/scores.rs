//! The scorecard on a slip.

use super::{contains, pdf, text};
use crate::report::sample::{assets, line, outcome};
use crate::run::outcome::{Origin, Part, Trace, TraceNode};

fn node(part: Part, indicator: &str, value: &str, filled: &str, children: &[usize]) -> TraceNode {
    let text = str::to_owned;
    TraceNode {
        name: text("score"),
        label: text("公布得分"),
        value: text(value),
        shown: text(value),
        unit: text("points"),
        formula: text("x"),
        labelled: text("公式"),
        filled: text(filled),
        origin: Origin::Score {
            pipeline: text("scorecards"),
            step: text("scored"),
            card: text("服务顾问评分表"),
            clause: text(if indicator.is_empty() { "D3-3.1" } else { "D3-2.1" }),
            indicator: text(indicator),
            part,
        },
        children: children.to_vec(),
    }
}

fn scored() -> Trace {
    let mut pay = node(Part::Exact, "", "880", "1,000.00 × 88 ÷ 100", &[1]);
    pay.origin = Origin::Step { pipeline: "p".into(), step: "pay.x".into() };
    pay.unit = "yuan".into();
    let weight = |at: &str| TraceNode { unit: "ratio".into(), ..node(Part::Weight, at, "1", "", &[]) };
    let minutes = |part, value| TraceNode { unit: "minutes".into(), ..node(part, "响应时间", value, "", &[]) };
    let said_by = vec!["何主管".to_owned(), "李经理".to_owned()];
    let rated = Origin::Rows { dataset: "ratings".into(), count: 2, files: Vec::new(), said_by };
    Trace {
        nodes: vec![
            pay,
            TraceNode {
                shown: "78.00".into(), ..node(Part::Announced, "", "78", "四舍五入(78, 2 位小数)", &[2, 10])
            },
            node(Part::Exact, "", "78", "取小(取大(80 − 2, 0), 100)", &[3, 9]),
            node(Part::Sum, "", "80", "80", &[4]),
            node(Part::Part, "响应时间", "80", "80 × 100%", &[5, 8]),
            node(Part::Points, "响应时间", "80", "取大((1 + (1 − 12 ÷ 10)) × 100, 0)", &[6, 7]),
            TraceNode { children: vec![11], ..minutes(Part::Actual, "12") },
            minutes(Part::Target, "10"),
            weight("响应时间"),
            node(Part::Deduct, "", "2", "", &[]),
            node(Part::Pass, "", "80", "", &[]),
            TraceNode { origin: rated, ..minutes(Part::Actual, "12") },
        ],
    }
}

#[test]
fn a_slip_prints_the_card_once_and_says_where_its_score_stands() {
    let mut outcome = outcome();
    let who = ("A1", "张伟");
    outcome.pay_lines =
        ["advisor-output", "advisor-care"].map(|code| line(who, code, code, "D8-2.1", 88_000, scored())).to_vec();
    let text = text(&pdf(&outcome, &assets(), "stores/S01/payslips/A1.pdf"));
    for part in [
        "评分 服务顾问评分表 D3-3.1",
        "响应时间 D3-2.1 评分人 何主管，李经理",
        "12 分钟",
        "10 分钟",
        "取大((1 + (1 − 12 ÷ 10)) × 100, 0)",
        "加权合计",
        "扣分",
        "公布得分 合格分 80，不合格",
        "78.00",
        "公布得分 78.00 分（服务顾问评分表，D3-3.1，见“评分”）",
    ] {
        contains(&text, part);
    }
    assert_eq!(text.matches("加权合计").count(), 1, "one card, however many lines it pays");
    // The way to the score stands in the card, not below the lines.
    assert!(!text.contains("四舍五入(78"), "{text}");
}
