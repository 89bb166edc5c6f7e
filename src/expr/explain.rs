//! Expressions as people read them: with labels, and with the numbers of one row put in.

use super::clock;
use super::tree::{Aggregate, AggregateFunction, Arithmetic, DatePart, Expr, Form, Node};
use super::types::Name;
use crate::diag::phrase::{phrase, phrase_of};
use crate::diag::text::Language;
use crate::money::Rounding;
use crate::money::kernel::Cmp;

/// A value an expression reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operand {
    /// A column.
    Column(Name),
    /// A column of the row the aggregate is made for: `spine.days` is `Each("spine", "days")`.
    Each(Name, Name),
    /// A parameter, without `param.`.
    Param(Name),
    /// The period.
    Period(PeriodPart),
    /// The n-th aggregate of [`Expr::aggregates`].
    Aggregate(usize),
}

/// What `period.` is followed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeriodPart {
    /// `period.first`.
    First,
    /// `period.last`.
    Last,
    /// `period.days`.
    Days,
}

/// How an operand of one row is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Label: 产值达成率.
    pub label: String,
    /// Value with its unit where one helps: `213,345.00`, `0.4%`.
    pub value_text: String,
    /// For a ratio: numerator ÷ denominator, put in brackets in place of the value.
    pub formula: Option<String>,
}

/// An expression explained for one row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The formula with labels.
    pub labelled: String,
    /// The formula with numbers.
    pub filled: String,
    /// What it reads, in order of first appearance.
    pub operands: Vec<Operand>,
}

/// Explains an expression; `operand` says how each value it reads is printed, `holds` whether a condition holds in
/// the row, where that is known.
///
/// Brackets stay as written; a column whose value has a formula of its own (a ratio) shows that in
/// brackets. What is inside an aggregate call is no operand: the call is one, with one value. An empty
/// label stands for the name. With labels a CASE stands whole; with numbers it is the branch that the row takes,
/// and what only other branches read is no operand.
pub fn explain(
    expr: &Expr,
    operand: &dyn Fn(&Operand) -> Shown,
    holds: &dyn Fn(&Expr) -> Option<bool>,
    language: Language,
) -> Explanation {
    let labels = Printer { expr, operand, holds, language, numbers: false };
    let numbers = Printer { expr, operand, holds, language, numbers: true };
    let mut operands = Vec::new();
    numbers.collect(&expr.root, &mut 0, &mut operands);
    Explanation { labelled: labels.text(&expr.root, &mut 0), filled: numbers.text(&expr.root, &mut 0), operands }
}

/// The operand that a part is; aggregate calls are counted in the order of the text.
fn operand_of(node: &Node, calls: &mut usize) -> Option<Operand> {
    Some(match &node.form {
        Form::Column(name) => Operand::Column(name.clone()),
        Form::Each(each, name) => Operand::Each(each.clone(), name.clone()),
        Form::Param(name, _) => Operand::Param(name.clone()),
        Form::Period(part) => Operand::Period(*part),
        Form::Aggregate(_) => {
            *calls += 1;
            Operand::Aggregate(*calls - 1)
        }
        _ => return None,
    })
}

/// How a value that is absent is printed.
const ABSENT: &str = "—";
/// How a CASE begins.
const IF: &str = "若 ";

/// Whether a formula has a CASE in it.
pub fn has_case(formula: &str, language: Language) -> bool {
    let word = phrase(IF, language);
    let behind = |before: &str| formula.contains(&format!("{before}{word}"));
    formula.starts_with(word) || behind("(") || behind(phrase("，", language))
}

/// The branch of a CASE that a row takes.
struct Taken<'n> {
    /// The conditions that decided, in their order.
    tests: Vec<&'n Node>,
    value: &'n Node,
}

struct Printer<'a> {
    expr: &'a Expr,
    holds: &'a dyn Fn(&Expr) -> Option<bool>,
    operand: &'a dyn Fn(&Operand) -> Shown,
    language: Language,
    numbers: bool,
}

/// A rounded value, as formulas print it.
pub const ROUNDED: &str = "{word}({value}，{places} 位小数)";

impl Printer<'_> {
    /// A word of formulas in the language.
    fn word(&self, chinese: &'static str) -> &'static str {
        phrase(chinese, self.language)
    }

    fn phrase(&self, chinese: &'static str, details: &[(&str, &str)]) -> String {
        phrase_of(chinese, self.language, details)
    }

    fn collect(&self, node: &Node, calls: &mut usize, operands: &mut Vec<Operand>) {
        if let Some(own) = operand_of(node, calls) {
            if !operands.contains(&own) {
                operands.push(own);
            }
            return;
        }
        if let Some(Taken { tests, value }) = self.taken(node) {
            for part in tests.into_iter().chain([value]) {
                self.collect(part, calls, operands);
            }
            return;
        }
        for child in node.children() {
            self.collect(child, calls, operands);
        }
    }

    /// The branch of a CASE that the row takes; `None` where that is not known, and for one over aggregates, which
    /// are numbered by their place in the whole text.
    fn taken<'n>(&self, node: &'n Node) -> Option<Taken<'n>> {
        let Form::Case { arms, otherwise } = &node.form else { return None };
        if node.any(&|part| matches!(part.form, Form::Aggregate(_))) {
            return None;
        }
        let mut tests = Vec::new();
        for (test, value) in arms {
            tests.push(test);
            if (self.holds)(&self.expr.part(test))? {
                return Some(Taken { tests, value });
            }
        }
        Some(Taken { tests, value: otherwise })
    }

    fn text(&self, node: &Node, calls: &mut usize) -> String {
        if let Some(operand) = operand_of(node, calls) {
            return self.operand_text(node, &operand);
        }
        match &node.form {
            Form::Number(literal) => literal.text(),
            Form::Text(text) => format!("“{text}”"),
            Form::Date(date) => date.to_string(),
            Form::Moment(moment) => clock::show(*moment),
            Form::Bool(value) => self.word(if *value { "是" } else { "否" }).to_owned(),
            Form::Null => self.word("空").to_owned(),
            Form::Brackets(inner) => format!("({})", self.text(inner, calls)),
            Form::Neg(inner) => format!("−{}", self.inner(inner, calls)),
            Form::Arithmetic(op, left, right) => {
                let sign = match op {
                    Arithmetic::Add => "+",
                    Arithmetic::Sub => "−",
                    Arithmetic::Mul => "×",
                    Arithmetic::Div => "÷",
                };
                self.joined(left, sign, right, calls)
            }
            Form::DateShift { date, days, back } => self.joined(date, if *back { "−" } else { "+" }, days, calls),
            Form::DaysBetween(later, earlier) => self.joined(later, "−", earlier, calls),
            Form::DayOf(moment) => self.phrase("日期({moment})", &[("moment", &self.text(moment, calls))]),
            Form::Elapsed(span, from, to) => {
                let parts = [self.text(from, calls), self.text(to, calls)];
                format!("{}({})", self.word(span.word()), parts.join(self.word("，")))
            }
            Form::Compare(cmp, left, right) => self.joined(left, sign(*cmp), right, calls),
            Form::And(left, right) => self.joined(left, self.word("且"), right, calls),
            Form::Or(left, right) => self.joined(left, self.word("或"), right, calls),
            Form::Not(inner) => self.phrase("非 {value}", &[("value", &self.inner(inner, calls))]),
            Form::IsNull { value, negated } => {
                format!("{} {}", self.inner(value, calls), self.word(if *negated { "有值" } else { "为空" }))
            }
            Form::Between { value, low, high, negated } => {
                let value = self.inner(value, calls);
                let (low, high) = (self.inner(low, calls), self.inner(high, calls));
                let words = if *negated {
                    "{value} 不在 {low} 至 {high} 之间"
                } else {
                    "{value} 在 {low} 至 {high} 之间"
                };
                self.phrase(words, &[("value", &value), ("low", &low), ("high", &high)])
            }
            Form::In { value, list, negated } => {
                let value = self.inner(value, calls);
                let list: Vec<String> = list.iter().map(|item| self.text(item, calls)).collect();
                let words = if *negated { "{value} 不属于 ({list})" } else { "{value} 属于 ({list})" };
                self.phrase(words, &[("value", &value), ("list", &list.join(self.word("、")))])
            }
            Form::Case { arms, otherwise } => {
                if let Some(taken) = self.taken(node).filter(|_| self.numbers) {
                    return self.part_of(taken.value, calls);
                }
                let mut parts = Vec::new();
                for (test, value) in arms {
                    let (test, value) = (self.text(test, calls), self.text(value, calls));
                    parts.push(self.phrase("若 {test} 则 {value}", &[("test", &test), ("value", &value)]));
                }
                parts.push(self.phrase("否则 {value}", &[("value", &self.text(otherwise, calls))]));
                parts.join(self.word("，"))
            }
            Form::Coalesce(all) => match self.first_present(all) {
                Some(used) => self.part_of(used, calls),
                None => self.call(self.word("首个有值"), all, calls),
            },
            Form::NullIf(value, null) => {
                let (value, null) = (self.inner(value, calls), self.text(null, calls));
                if self.numbers && value != null {
                    return value;
                }
                self.phrase("{value}（等于 {null} 时为空）", &[("value", &value), ("null", &null)])
            }
            Form::Greatest(all) => self.call(self.word("取大"), all, calls),
            Form::Least(all) => self.call(self.word("取小"), all, calls),
            Form::Abs(inner) => self.phrase("绝对值({value})", &[("value", &self.text(inner, calls))]),
            Form::Round(inner, places, rounding) => {
                let (word, value) = (self.word(rounding_words(*rounding)), self.text(inner, calls));
                let places = places.to_string();
                self.phrase(ROUNDED, &[("word", word), ("value", &value), ("places", &places)])
            }
            Form::Extract(part, date) => {
                let words = match part {
                    DatePart::Year => "年份({date})",
                    DatePart::Month => "月份({date})",
                    DatePart::Day => "日({date})",
                };
                self.phrase(words, &[("date", &self.text(date, calls))])
            }
            // Operands are printed above; what is computed before has no text of its own.
            Form::Column(_)
            | Form::Each(..)
            | Form::Param(..)
            | Form::Period(_)
            | Form::Aggregate(_)
            | Form::Computed(_) => String::new(),
        }
    }

    fn operand_text(&self, node: &Node, operand: &Operand) -> String {
        let shown = (self.operand)(operand);
        if self.numbers {
            return shown.formula.map_or(shown.value_text, |formula| format!("({formula})"));
        }
        if !shown.label.is_empty() {
            return shown.label;
        }
        match &node.form {
            Form::Column(name) => name.to_string(),
            Form::Each(each, name) => format!("{each}.{name}"),
            Form::Param(name, _) => format!("param.{name}"),
            Form::Period(PeriodPart::First) => self.word("月初").to_owned(),
            Form::Period(PeriodPart::Last) => self.word("月末").to_owned(),
            Form::Period(PeriodPart::Days) => self.word("当月天数").to_owned(),
            Form::Aggregate(call) => self.aggregate(call),
            _ => String::new(),
        }
    }

    fn aggregate(&self, call: &Aggregate) -> String {
        let word = match (call.function, &call.value) {
            (AggregateFunction::Sum, _) => "合计",
            (AggregateFunction::Count, None) => "行数",
            (AggregateFunction::Count, Some(_)) => "计数",
            (AggregateFunction::CountDistinct, _) => "不重复计数",
            (AggregateFunction::Min, _) => "最小",
            (AggregateFunction::Max, _) => "最大",
            (AggregateFunction::Avg, _) => "平均",
        };
        let value = call.value.as_ref().map(|value| self.text(value, &mut 0));
        let filter =
            call.filter.as_ref().map(|filter| self.phrase("仅 {test}", &[("test", &self.text(filter, &mut 0))]));
        let word = self.word(word);
        let inside: Vec<String> = value.into_iter().chain(filter).collect();
        if inside.is_empty() { word.to_owned() } else { format!("{word}({})", inside.join(self.word("；"))) }
    }

    /// The argument of a COALESCE that a row uses; `None` where its values are not known.
    fn first_present<'n>(&self, all: &'n [Node]) -> Option<&'n Node> {
        for part in all {
            // Aggregates are numbered by their place in the whole text; a COALESCE over one stands whole.
            let Some(operand) = operand_of(part.bare(), &mut 0) else { return Some(part) };
            let shown = (self.operand)(&operand);
            if matches!(operand, Operand::Aggregate(_)) || shown.value_text.is_empty() {
                return None;
            }
            if shown.value_text != ABSENT {
                return Some(part);
            }
        }
        all.last()
    }

    /// A part that stands for the whole: a sum or product keeps its place in the formula by brackets.
    fn part_of(&self, part: &Node, calls: &mut usize) -> String {
        let text = self.text(part, calls);
        if matches!(part.form, Form::Arithmetic(..)) { format!("({text})") } else { text }
    }

    fn call(&self, word: &str, parts: &[Node], calls: &mut usize) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.text(part, calls)).collect();
        format!("{word}({})", parts.join(self.word("，")))
    }

    fn joined(&self, left: &Node, sign: &str, right: &Node, calls: &mut usize) -> String {
        let left = self.bracketed(left, calls);
        let right = self.inner(right, calls);
        format!("{left} {sign} {right}")
    }

    /// A part in front of a sign: a CASE needs brackets there.
    fn bracketed(&self, node: &Node, calls: &mut usize) -> String {
        let text = self.text(node, calls);
        if text.starts_with(self.word(IF)) { format!("({text})") } else { text }
    }

    /// A part behind a sign: a CASE or a negative number needs brackets there.
    fn inner(&self, node: &Node, calls: &mut usize) -> String {
        let text = self.bracketed(node, calls);
        if text.starts_with(['-', '−']) { format!("({text})") } else { text }
    }
}

fn sign(cmp: Cmp) -> &'static str {
    match cmp {
        Cmp::Eq => "=",
        Cmp::Ne => "≠",
        Cmp::Lt => "<",
        Cmp::Le => "≤",
        Cmp::Gt => ">",
        Cmp::Ge => "≥",
    }
}

fn rounding_words(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::HalfUp => "四舍五入",
        Rounding::HalfEven => "四舍六入五成双",
        Rounding::Up => "进一",
        Rounding::Down => "截尾",
        Rounding::Floor => "向下取整",
        Rounding::Ceiling => "向上取整",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::expr::scope::{NoParams, ParamType, ParamTypes, Scope};
    use crate::expr::types::{Field, Kind, Schema, Type};
    use crate::expr::unit::Unit;

    struct Rate;

    impl ParamTypes for Rate {
        fn scalar(&self, name: &str) -> Option<ParamType> {
            let ty = Type::new(Kind::Decimal { digits: 3, scale: 3 }, Unit::ratio());
            (name == "rate").then(|| ParamType::number(ty, None, Arc::from("产值提成比例")))
        }

        fn names(&self) -> Vec<String> {
            NoParams.names()
        }
    }

    fn explained(text: &str, aggregates: bool) -> Explanation {
        explained_where(text, aggregates, &|_| None)
    }

    fn explained_where(text: &str, aggregates: bool, holds: &dyn Fn(&Expr) -> Option<bool>) -> Explanation {
        let field = |name: &str, kind, nullable| Field {
            name: Arc::from(name),
            ty: Type { kind, unit: Unit::ratio(), nullable },
            label: Arc::from(name),
        };
        let decimal = Kind::Decimal { digits: 9, scale: 2 };
        let schema = Schema {
            fields: vec![
                field("output", decimal, false),
                field("cars", Kind::Int, false),
                field("attainment", Kind::Exact, false),
                field("score", decimal, false),
                field("bonus", decimal, true),
                field("kind", Kind::Text, false),
                field("unlabelled", decimal, false),
            ],
        };
        let scope = Scope { columns: &schema, each: None, params: &Rate, aggregates, what: "rows" };
        let expr = crate::expr::check(text, &scope).unwrap();
        let operand = |operand: &Operand| {
            let (label, value, formula) = match operand {
                Operand::Column(name) => match &**name {
                    "output" => ("产值", "213,345.00", None),
                    "cars" => ("台次", "-3", None),
                    "attainment" => ("产值达成率", "≈96.98%", Some("213,345.00 ÷ 220,000.00")),
                    "score" => ("考核得分", "99", None),
                    "bonus" => ("奖励", "1.50", None),
                    "kind" => ("类型", "“保养”", None),
                    _ => ("", "7", None),
                },
                Operand::Param(_) => ("产值提成比例", "0.4%", None),
                Operand::Aggregate(0) => ("", "10.00", None),
                _ => ("", "4", None),
            };
            Shown { label: label.to_owned(), value_text: value.to_owned(), formula: formula.map(str::to_owned) }
        };
        explain(&expr, &operand, holds, Language::Chinese)
    }

    #[test]
    fn formulas_are_written_with_labels_and_with_numbers() {
        let table = [
            (
                "(output * param.rate * attainment + cars * 2) * score / 100",
                "(产值 × 产值提成比例 × 产值达成率 + 台次 × 2) × 考核得分 ÷ 100",
                "(213,345.00 × 0.4% × (213,345.00 ÷ 220,000.00) + (-3 × 2)) × 99 ÷ 100",
            ),
            ("output - cars", "产值 − 台次", "213,345.00 − (-3)"),
            ("-cars", "−台次", "−(-3)"),
            ("GREATEST(cars, 0) / 4.50", "取大(台次，0) ÷ 4.50", "取大(-3，0) ÷ 4.50"),
            (
                "CASE WHEN kind IN ('保养', '首保') AND NOT cars >= 1 THEN output ELSE 0 END * 2",
                "(若 类型 属于 (“保养”、“首保”) 且 非 台次 ≥ 1 则 产值，否则 0) × 2",
                "(若 “保养” 属于 (“保养”、“首保”) 且 非 (-3 ≥ 1) 则 213,345.00，否则 0) × 2",
            ),
            ("ROUND(output / 3, 2, 'half-up')", "四舍五入(产值 ÷ 3，2 位小数)", "四舍五入(213,345.00 ÷ 3，2 位小数)"),
            ("COALESCE(bonus, 0) + unlabelled", "奖励 + unlabelled", "1.50 + 7"),
            ("output / NULLIF(cars, 0)", "产值 ÷ 台次（等于 0 时为空）", "213,345.00 ÷ (-3)"),
            (
                "bonus IS NULL OR cars NOT BETWEEN 1 AND 2",
                "奖励 为空 或 台次 不在 1 至 2 之间",
                "1.50 为空 或 (-3) 不在 1 至 2 之间",
            ),
            ("output / period.days", "产值 ÷ 当月天数", "213,345.00 ÷ 4"),
        ];
        for (text, labelled, filled) in table {
            let found = explained(text, false);
            assert_eq!((found.labelled.as_str(), found.filled.as_str()), (labelled, filled), "{text}");
        }
    }

    #[test]
    fn operands_come_once_and_in_the_order_of_the_text() {
        let found = explained("(score + output) * param.rate / (output + score) / period.days", false);
        let column = |name: &str| Operand::Column(Arc::from(name));
        let expected =
            [column("score"), column("output"), Operand::Param(Arc::from("rate")), Operand::Period(PeriodPart::Days)];
        assert_eq!(found.operands, expected);
    }

    #[test]
    fn with_numbers_a_case_is_the_branch_that_the_row_takes() {
        let text = "CASE WHEN kind = 'x' THEN output WHEN cars > 1 THEN output + score ELSE unlabelled END * 2";
        let branch = |first: bool, second: bool| {
            explained_where(text, false, &|test: &Expr| match &*test.text {
                "kind = 'x'" => Some(first),
                "cars > 1" => Some(second),
                other => panic!("{other} is no condition"),
            })
        };
        assert_eq!(branch(true, false).filled, "213,345.00 × 2");
        assert_eq!(branch(false, true).filled, "(213,345.00 + 99) × 2");
        assert_eq!(branch(false, false).filled, "7 × 2");
        let column = |name: &str| Operand::Column(Arc::from(name));
        assert_eq!(branch(true, true).operands, [column("kind"), column("output")]);
        assert_eq!(branch(false, false).operands, [column("kind"), column("cars"), column("unlabelled")]);
        assert!(branch(true, true).labelled.starts_with("(若 类型 = “x” 则 产值，若 台次 > 1 则"));
    }

    #[test]
    fn an_aggregate_call_is_one_operand() {
        let found = explained("SUM(output * 2) FILTER (WHERE kind = '保养') / NULLIF(COUNT(*), 0)", true);
        assert_eq!(found.operands, [Operand::Aggregate(0), Operand::Aggregate(1)]);
        assert_eq!(found.labelled, "合计(产值 × 2；仅 类型 = “保养”) ÷ 行数（等于 0 时为空）");
        assert_eq!(found.filled, "10.00 ÷ 4");
    }
}
