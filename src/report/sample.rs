//! Outcomes made by hand, for the tests of this module.

mod days;
mod others;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use jiff::civil::{Date, date};
use polars::prelude::{Column, DataFrame};
use rust_decimal::Decimal;

use super::assets::{Assets, Request, load};
use crate::diag::Code;
use crate::diag::data::{Exception, ExceptionSeverity, Fate, RowFate};
use crate::diag::text::Language;
use crate::diag::translation::Translation;
use crate::expr::types::{Field, Kind, Schema, Type};
use crate::expr::unit::Unit;
use crate::run::outcome::{
    ClauseWords, DecisionInForce, LinePart, Origin, Outcome, PayLine, Person, Published, RoleInterval, Store, Trace,
    TraceNode,
};
use crate::world::period::Period;
use crate::world::{Disk, World};

const SAMPLE: Code = Code::new("sample-exception", "an exception of a sample");

/// The project's own templates and fonts, in Chinese, read once.
pub(super) fn assets() -> Assets {
    static SHARED: LazyLock<Assets> = LazyLock::new(|| assets_in(Language::Chinese));
    SHARED.clone()
}

/// The same for other folders of templates.
pub(super) fn assets_of(reports: &[&str]) -> Assets {
    let reports: Vec<String> = reports.iter().map(|report| (*report).to_owned()).collect();
    let request =
        Request { folder: Path::new("report-templates"), reports: &reports, fonts: &[], language: Language::Chinese };
    load(&Disk, &request).unwrap().unwrap()
}

/// Lines of net pay of a person: what pay comes to, a wage, a tax.
pub(super) fn net_lines(employee: (&str, &str), fen: [i64; 3]) -> Vec<PayLine> {
    let parts = [("earned", LinePart::Paid), ("wage", LinePart::Added), ("income-tax", LinePart::Deducted)];
    let lines = parts
        .into_iter()
        .zip(fen)
        .map(|((code, part), fen)| PayLine { part, ..line(employee, code, code, "L1", fen, Trace::default()) });
    lines.collect()
}

/// The project's own templates and fonts, read anew.
pub(super) fn assets_in(language: Language) -> Assets {
    let reports = ["payslip".to_owned(), "department".to_owned()];
    let request = Request { folder: Path::new("report-templates"), reports: &reports, fonts: &[], language };
    load(&Disk, &request).unwrap().unwrap()
}

pub(super) fn day(day: i8) -> Date {
    date(2026, 10, day)
}

pub(super) fn interval(role: &str, label: &str, from: i8, to: i8) -> RoleInterval {
    RoleInterval { role: role.into(), role_label: label.into(), team: None, group: None, from: day(from), to: day(to) }
}

pub(super) fn person(employee_id: &str, name: &str, intervals: Vec<RoleInterval>) -> Person {
    Person { store_id: "S01".into(), employee_id: employee_id.into(), name: name.into(), intervals }
}

struct Node(TraceNode);

fn node(name: &str, label: &str, value: &str, shown: &str, unit: &str, origin: Origin) -> Node {
    let text = str::to_owned;
    Node(TraceNode {
        name: text(name),
        label: text(label),
        value: text(value),
        shown: text(shown),
        unit: text(unit),
        formula: String::new(),
        labelled: String::new(),
        filled: String::new(),
        origin,
        children: Vec::new(),
    })
}

impl Node {
    fn by(mut self, formula: &str, labelled: &str, filled: &str, children: &[usize]) -> TraceNode {
        self.0.formula = formula.to_owned();
        self.0.labelled = labelled.to_owned();
        self.0.filled = filled.to_owned();
        self.0.children = children.to_vec();
        self.0
    }

    fn read(self) -> TraceNode {
        self.0
    }
}

fn rows(dataset: &str, count: usize) -> Origin {
    Origin::Rows { dataset: dataset.into(), count, files: Vec::new(), said_by: Vec::new() }
}

fn parameter(clause: &str, source: &str, reason: &str) -> Origin {
    Origin::Parameter {
        since: "2020-01-01".into(),
        dated_by: "period".into(),
        store: String::new(),
        clause: clause.into(),
        source: source.into(),
        reason: reason.into(),
    }
}

fn step(name: &str) -> Origin {
    Origin::Step { pipeline: "advisor-output".into(), step: name.into() }
}

pub(super) fn line(employee: (&str, &str), code: &str, label: &str, clause: &str, fen: i64, trace: Trace) -> PayLine {
    PayLine {
        store_id: "S01".into(),
        employee_id: employee.0.into(),
        name: employee.1.into(),
        role: "general-advisor".into(),
        pipeline: "advisor-output".into(),
        line: code.into(),
        kind: code.into(),
        kind_label: label.into(),
        clause: clause.into(),
        label: label.into(),
        amount: Decimal::new(fen, 2),
        part: LinePart::Earned,
        estimated: false,
        trace,
    }
}

/// The six lines of an advisor.
pub(super) fn advisor_lines(id: &str, name: &str) -> Vec<PayLine> {
    let output = Trace {
        nodes: vec![
            node("pay.advisor-output", "产值与接车提成", "35893292049/20000000", "1,794.66", "yuan", step("pay.advisor-output")).by(
                "(output * param.output_rate * output_attainment + cars * param.car_fee * cars_attainment) * score / 100",
                "（产值 × 产值提成比例 × 产值达成率 + 接车台次 × 接车单台 × 接车达成率）× 考核成绩 ÷ 100",
                "(213,345.00 × 0.4% × (213,345.00 ÷ 220,000.00) + 255 × 2 × (255 ÷ 132)) × 99 ÷ 100",
                &[1, 2, 3, 6, 7, 8, 10],
            ),
            node("output", "产值", "213345", "213,345.00", "yuan", rows("结算单", 131)).read(),
            node("param.output_rate", "产值提成比例", "1/250", "0.4%", "ratio", parameter("D8-2.1", "stated", "")).read(),
            node("output_attainment", "产值达成率", "3879/4000", "≈96.98%", "ratio", step("attainment")).by(
                "GREATEST(output, 0) / output_target",
                "取大(产值, 0) ÷ 产值目标",
                "取大(213,345.00, 0) ÷ 220,000.00",
                &[1, 4],
            ),
            node("output_target", "产值目标", "220000", "220,000.00", "yuan", step("shares")).by(
                "(store_task - group_task) * weight / weights",
                "（门店任务 - 事故组任务）× 权重 ÷ 权重合计",
                "(1,200,000.00 - 320,000.00) × 1 ÷ 4",
                &[5],
            ),
            node("store_task", "门店任务", "1200000", "1,200,000.00", "yuan", rows("目标", 1)).read(),
            node("cars", "接车台次", "255", "255", "cars", rows("结算单", 257)).read(),
            node("param.car_fee", "接车单台", "2", "2", "yuan/cars", parameter("D8-2.1", "stated", "")).read(),
            node("cars_attainment", "接车达成率", "85/44", "≈193.18%", "ratio", step("attainment")).by(
                "GREATEST(cars, 0) / cars_target",
                "取大(接车台次, 0) ÷ 接车目标",
                "取大(255, 0) ÷ 132",
                &[6, 9],
            ),
            node("cars_target", "接车目标", "132", "132", "cars", rows("目标", 1)).read(),
            node("score", "考核成绩", "99", "99.00", "points", rows("考核成绩", 1)).read(),
        ],
    };
    let care = Trace {
        nodes: vec![
            node("pay.advisor-care", "养护提成", "43264/55", "786.62", "yuan", step("pay.advisor-care")).by(
                "bottles * care_rate * care_attainment",
                "养护瓶数 × 养护单瓶提成 × 养护达成率",
                "104 × 8 × (104 ÷ 110)",
                &[1, 2, 3],
            ),
            node("bottles", "养护瓶数", "104", "104", "bottles", rows("结算单", 88)).read(),
            node(
                "care_rate",
                "养护单瓶提成",
                "8",
                "8",
                "yuan/bottles",
                Origin::LadderRow {
                    table: "param.care_rate".into(),
                    since: "2020-01-01".into(),
                    store: String::new(),
                    words: "100＜Y≤200".into(),
                    clause: "D8-2.3".into(),
                    source: "stated".into(),
                    reason: String::new(),
                },
            )
            .read(),
            node(
                "param.care_basis",
                "养护达成率口径",
                "1",
                "瓶数 ÷ 瓶数目标",
                "ratio",
                parameter(
                    "D8-2.1",
                    "decided",
                    "方案写“完成系数”而未说明以什么计；按瓶数 ÷ 瓶数目标，另一读法为产值达成率。",
                ),
            )
            .read(),
        ],
    };
    let simple = |code: &str, label: &str, labelled: &str, filled: &str, value: &str| Trace {
        nodes: vec![
            node(code, label, value, value, "yuan", step(code)).by("x", labelled, filled, &[1]),
            node("policies", "商业险保单", "4", "4", "policies", rows("续保", 4)).read(),
        ],
    };
    let of = (id, name);
    vec![
        line(of, "advisor-output", "产值与接车提成", "D8-2.1", 179_466, output),
        line(of, "advisor-care", "养护提成", "D8-2.3", 78_662, care),
        line(
            of,
            "renewal-reward",
            "续保奖励",
            "D8-2.4",
            40_000,
            simple("pay.renewal-reward", "续保奖励", "商业险保单 × 每份奖励", "4 × 100", "400"),
        ),
        line(
            of,
            "renewal-deduction",
            "续保扣款",
            "D8-2.4",
            -10_000,
            simple(
                "pay.renewal-deduction",
                "续保扣款",
                "0 - 取大(续保任务 - 续保台次, 0) × 每台扣款",
                "0 - 取大(3 - 2, 0) × 100",
                "-100",
            ),
        ),
        line(
            of,
            "prospect-reward",
            "潜客奖励",
            "D8-2.5",
            5_400,
            simple("pay.prospect-reward", "潜客奖励", "取小(潜客 × 每条奖励, 奖励上限)", "取小(18 × 3, 300)", "54"),
        ),
        line(
            of,
            "prospect-deduction",
            "潜客扣款",
            "D8-2.5",
            -4_000,
            simple(
                "pay.prospect-deduction",
                "潜客扣款",
                "0 - 取大(潜客任务 - 潜客, 0) × 每条扣款",
                "0 - 取大(20 - 18, 0) × 20",
                "-40",
            ),
        ),
    ]
}

pub(super) fn exception(
    severity: ExceptionSeverity,
    employee_id: Option<&str>,
    who: &str,
    cause: &str,
    remedy: &str,
) -> Exception {
    Exception {
        severity,
        code: SAMPLE,
        store_id: Some("S01".into()),
        employee_id: employee_id.map(str::to_owned),
        who: who.into(),
        cause: cause.into(),
        remedy: remedy.into(),
        stake: None,
        accepted: None,
        place: None,
    }
}

/// A frame from its columns, `name: type` each, and its rows as words; `-` is nothing.
///
/// Types are `text`, `yuan`, `ratio` and `points` (exact), `cars`, `calls` and so on (whole numbers).
fn table(columns: &str, rows: &[&str]) -> (Schema, DataFrame) {
    let mut schema = Schema::default();
    let mut frame = Vec::new();
    for (at, column) in columns.split(", ").enumerate() {
        let (name, ty) = column.split_once(": ").unwrap();
        let cells = rows.iter().map(|row| row.split(' ').nth(at).filter(|cell| *cell != "-"));
        let ty = match ty {
            "fen" => Type::new(Kind::Int, Unit::ratio()),
            "text" => Type::text(),
            "ratio" => Type::new(Kind::Exact, Unit::ratio()),
            "yuan" | "points" => Type::new(Kind::Exact, Unit::base(ty)),
            unit => Type::new(Kind::Int, Unit::base(unit)),
        };
        frame.push(match ty.kind {
            Kind::Int => {
                let whole: Vec<Option<i64>> = cells.map(|cell| cell.map(|cell| cell.parse().unwrap())).collect();
                Column::new(name.into(), whole)
            }
            _ => Column::new(name.into(), cells.collect::<Vec<Option<&str>>>()),
        });
        schema.set(Field { name: Arc::from(name), ty: ty.nullable(), label: Arc::from(name) });
    }
    (schema, DataFrame::new_infer_height(frame).unwrap())
}

fn published(columns: &str, rows: &[&str], before: &[&str]) -> Published {
    let ((schema, frame), (_, before)) = (table(columns, rows), table(columns, before));
    Published { schema, frame, before: Some(before) }
}

/// The frames of the department report: advisors who came and left, a team, a month of calls.
pub(super) fn frames() -> BTreeMap<String, Published> {
    let person = "store_id: text, employee_id: text, name: text";
    let frames = [
        (
            "advisors",
            published(
                &format!(
                    "{person}, output: yuan, output_target: yuan, output_attainment: ratio, cars: cars, \
                     cars_target: cars, cars_attainment: ratio, score: points"
                ),
                &[
                    "S01 A1 张伟 213345 220000 3879/4000 255 132 85/44 99",
                    "S01 A2 李娜 300000 220000 15/11 140 132 35/33 88",
                    "S02 B1 外店 1 1 1 1 1 1 100",
                    "S01 A3 王强 4500001/100 110000 409091/1000000 31 66 31/66 -",
                ],
                &[
                    "S01 A2 李娜 280000 220000 14/11 120 132 10/11 90",
                    "S01 A1 张伟 198000 220000 9/10 130 132 65/66 95",
                    "S01 A9 赵离 50000 220000 5/22 20 132 5/33 95",
                ],
            ),
        ),
        (
            "accident",
            published(
                &format!("{person}, group_name: text, output: yuan, cars: cars, group_attainment: ratio"),
                &["S01 A5 马云 事故一组 65044 11 1", "S01 A5 马云 事故二组 88128 13 3/4"],
                &["S01 A5 马云 事故一组 177145 27 9/8"],
            ),
        ),
        (
            "rework",
            published(
                "store_id: text, team: text, cars: cars, external: cars, internal: cars, rework_rate: ratio",
                &["S01 机电一组 448 4 1 1/112", "S01 钣喷组 0 0 0 -"],
                &["S01 机电一组 522 2 1 1/261", "S01 钣喷组 135 0 0 0"],
            ),
        ),
        (
            "care",
            published(
                &format!("{person}, bottles: bottles, care_target: bottles, care_attainment: ratio"),
                &["S01 A1 张伟 104 110 52/55", "S01 B7 张伟 -3 80 0"],
                &["S01 A1 张伟 50 75 2/3"],
            ),
        ),
        (
            "renewals",
            published(
                &format!("{person}, renewed_cars: cars, commercial_policies: policies"),
                &["S01 A1 张伟 4 4"],
                &["S01 A1 张伟 -1 3"],
            ),
        ),
        ("prospects", published(&format!("{person}, prospects: prospects"), &["S01 A1 张伟 18"], &[])),
        (
            "callbacks_of_month",
            published(
                "store_id: text, calls: calls, reached: calls, reached_share: ratio, overall_satisfied: calls, \
                 satisfied_share: ratio",
                &["S01 234 200 100/117 180 9/10"],
                &[],
            ),
        ),
    ];
    let department = frames.into_iter().map(|(name, frame)| (format!("department.{name}"), frame));
    let days = days::OF_A_STORE.iter();
    let days = days.map(|(name, columns, rows, before)| ((*name).to_owned(), published(columns, rows, before)));
    let others =
        others::KEPT_BY_OTHERS.iter().map(|(name, columns)| ((*name).to_owned(), published(columns, &[], &[])));
    department.chain(days).chain(workshop_and_office()).chain(others).collect()
}

/// The frames of the workshop's teams and of the office: one row each.
fn workshop_and_office() -> impl Iterator<Item = (String, Published)> {
    let person = "store_id: text, employee_id: text, name: text";
    let teams = "store_id: text, team: text, labour: yuan, issued: yuan, net_base: yuan, base_goal: yuan, \
                 challenge_goal: yuan, goal_words: text, coefficient: ratio, score: points, labour_bonus: yuan, \
                 bottles: bottles, care_rate: yuan, care_bonus: yuan, other_bonus: yuan, team_total: yuan, \
                 external: cars, internal: cars, cars: cars, rework_rate: ratio, gate: ratio, team_pay: yuan";
    let members = format!(
        "{person}, team: text, hours: hours, weighted_hours: hours, weight: hours, share_exact: yuan, \
         share_fen: fen, share: yuan"
    );
    let supervisors = format!("{person}, role: text, net_profit: yuan, attainment: ratio, score: points");
    let clerks =
        format!("{person}, output_lines: yuan, care_lines: yuan, other_lines: yuan, clerk_base: yuan, score: points");
    let holders = format!(
        "{person}, role: text, valid_from: text, role_share: ratio, holders: people, own_part: ratio, part: yuan"
    );
    let frames = [
        (
            "team-statement.teams",
            teams.to_owned(),
            "S01 机电一组 113000 11300 90000 80000 100000 挑战目标 17/100 90 13770 10 5 50 - 13820 4 1 448 1/112 19/20 13129",
        ),
        ("team-statement.members", members, "S01 T1 成员 机电一组 10 12 12 13129 0 13129"),
        (
            "office.accounts",
            "store_id: text, department: text, net_profit: yuan, profit_target: yuan, attainment: ratio, \
             office_expense: yuan"
                .to_owned(),
            "S01 配件 57128 64000 7141/8000 1312",
        ),
        ("office.supervisors", supervisors, "S01 T2 主管 workshop-supervisor 408209 15499999/15500000 98"),
        ("office.clerks", clerks, "S01 T3 信息 20000 11000 500 31500 95"),
        (
            "office.parts_pool",
            "store_id: text, parts_sales: yuan, care_sales: yuan, office_expense: yuan, attainment: ratio, pool: yuan"
                .to_owned(),
            "S01 24530 217460 1312 7141/8000 857",
        ),
        ("office.parts_holders", holders, "S01 T4 库管 parts-keeper 2026-10-01 1/5 2 1/2 2144/25"),
        ("office.inspectors", format!("{person}, cars: cars, returned: cars, score: points"), "S01 T5 质检 836 5 95"),
    ];
    frames.into_iter().map(|(name, columns, row)| (name.to_owned(), published(&columns, &[row], &[])))
}

fn fate(dataset: &str, pipeline: &str, fate: Fate, rows: usize, control: Option<i64>) -> RowFate {
    RowFate {
        store_id: "S01".into(),
        dataset: dataset.into(),
        pipeline: pipeline.into(),
        file: format!("S01/2026-10/{dataset}_202610.csv").into(),
        fate,
        step: crate::diag::text::Text::none(),
        rows,
        control: control.map(|fen| Decimal::new(fen, 2)),
    }
}

/// A month as it usually is: three advisors, one without a line, a warning.
pub(super) fn outcome() -> Outcome {
    let advisor = |id: &str, name: &str| person(id, name, vec![interval("general-advisor", "服务顾问", 1, 31)]);
    let mut moved = person(
        "A2",
        "李娜",
        vec![interval("general-advisor", "服务顾问", 1, 15), interval("accident-advisor", "事故保险顾问", 16, 31)],
    );
    if let Some(second) = moved.intervals.get_mut(1) {
        second.group = Some("事故一组".into());
    }
    let mut pay_lines = advisor_lines("A1", "张伟");
    pay_lines.extend(advisor_lines("A2", "李娜").into_iter().take(2));
    Outcome {
        period: Period::new(2026, 10).unwrap(),
        title: "售后月末绩效".into(),
        stores: vec![Store { store_id: "S01".into(), name: "城东店".into() }],
        people: vec![advisor("A1", "张伟"), moved, advisor("A3", "王强")],
        pay_lines,
        net_lines: Vec::new(),
        next_rows: Vec::new(),
        paid_before: crate::run::paid_before::PaidBefore::default(),
        files: Vec::new(),
        carried: Vec::new(),
        clauses: vec![ClauseWords {
            clause: "D8-2.4".into(),
            number: "二.3.A".into(),
            state: "computed".into(),
            zh: "续保任务 3 台；完成 2 台以上按商业险保单每单奖 100 元。".into(),
            en: "Three renewals a month.".into(),
        }],
        decisions: vec![DecisionInForce {
            store_id: "S01".into(),
            clause: "D8-2.4".into(),
            decided: "奖励与扣款两句各自成立".into(),
            instead: "不足 2 台才扣款".into(),
            chosen: "两句都算".into(),
            changed_by: "parameters/advisors.yaml：renewal_deduction".into(),
            pays: true,
        }],
        exceptions: vec![exception(
            ExceptionSeverity::Warning,
            Some("A1"),
            "张伟",
            "结算单 JS2610-0131 与第 88 行重复（S01/2026-10/结算单.csv 第 131 行）",
            "无需处理；如两行都应计，请在 DMS 中改正单号",
        )],
        row_fates: vec![
            fate("结算单", "", Fate::NotData, 4, None),
            fate("结算单", "", Fate::Duplicate, 1, Some(128_050)),
            fate("结算单", "advisor-output", Fate::Used, 921, Some(123_456_789)),
            fate("结算单", "advisor-output", Fate::Filtered, 37, Some(456_700)),
            fate("目标", "advisor-output", Fate::Used, 12, None),
        ],
        quarantine: Vec::new(),
        published: frames(),
        earlier: BTreeMap::new(),
        in_force: BTreeMap::new(),
        words: Translation::none(Language::Chinese),
        titles: BTreeMap::from([("advisor-output".to_owned(), "产值提成".to_owned())]),
        inputs: Vec::new(),
    }
}

/// What strains a page: sixty lines, long names, nine-digit amounts, a negative total, an open trace.
pub(super) fn strained() -> Outcome {
    let mut outcome = outcome();
    let long = ("A4", "欧阳阿卜杜热西提买买提江");
    let mut many = person("A4", long.1, vec![interval("general-advisor", "服务顾问", 1, 31)]);
    many.intervals.push(interval("accident-advisor", "事故保险顾问（机动车辆损失与第三者责任）", 3, 9));
    let six = advisor_lines(long.0, long.1);
    for (at, mut line) in six.iter().cycle().take(60).cloned().enumerate() {
        line.line = format!("{}-{at}", line.line).into();
        line.label = format!("{}（第 {} 项）", line.label, at + 1);
        (line.kind, line.kind_label) = (line.line.clone(), line.label.clone());
        line.amount = Decimal::new([98_765_432_109, -12_345_678_901, 1, 0][at % 4], 2);
        outcome.pay_lines.push(line);
    }
    let mut debtor = advisor_lines("A5", "王负");
    debtor.truncate(4);
    for line in &mut debtor {
        line.amount = Decimal::new(-12_345_678_912, 2);
    }
    outcome.pay_lines.extend(debtor);
    outcome.people.push(many);
    outcome.people.push(person("A5", "王负", vec![interval("general-advisor", "服务顾问", 16, 31)]));
    for at in 1..=12 {
        let cause = format!(
            "第 {at} 个异常：结算单 JS2610-{at:04} 的服务顾问“张伟”对应两名员工（S01/2026-10/结算单_202610.csv 第 {at} 行）"
        );
        let mut exception = exception(
            ExceptionSeverity::Held,
            Some("A4"),
            long.1,
            &cause,
            "在身份对照表中按日期写明这两名员工各自的登录名",
        );
        exception.stake = Some(Decimal::new(12_345_678_900 + at, 2));
        exception.accepted = (at == 2).then(|| "已由售后经理确认，至 2026-12-31".into());
        outcome.exceptions.push(exception);
    }
    outcome
}

/// Pages for eyes: with `JIXIAO_PAGES=<folder>` set while compiling, the sample's documents are written there.
#[test]
fn pages_can_be_looked_at() {
    let Some(folder) = option_env!("JIXIAO_PAGES") else { return };
    let mut draft = outcome();
    draft.exceptions.push(exception(
        ExceptionSeverity::Blocking,
        Some("A3"),
        "王强",
        "没有考核成绩",
        "在 考核成绩.xlsx 中补上",
    ));
    let cases = [
        ("plain", outcome(), Language::Chinese),
        ("draft", draft, Language::Chinese),
        ("strained", strained(), Language::Chinese),
        ("english", outcome(), Language::English),
    ];
    for (name, outcome, lang) in cases {
        let folder = Path::new(folder).join(name);
        Disk.remove_folder(&folder).unwrap();
        Disk.create_folder(&folder).unwrap();
        for document in super::render(&outcome, &assets_in(lang), "0123456789abcdef0123456789abcdef", &|_| ()) {
            let file = folder.join(document.path.replace('/', "_"));
            Disk.write_new(&file, &document.result.unwrap()).unwrap();
        }
    }
}
