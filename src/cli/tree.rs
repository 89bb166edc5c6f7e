//! A pay line's derivation as a tree that a person reads: what was computed how, from which rows, under
//! which parameters, and where it was rounded.

use std::collections::BTreeSet;

use super::explain::Clauses;
use super::layout::{Align, WIDTH, grouped, pad, width, wrap};
use crate::money::{Exact, Rounding};
use crate::run::outcome::{FileRows, Origin, PaidLine, TraceNode};
use crate::run::tables::TraceLine;

/// Deepest level that is drawn; what lies below is in `trace.jsonl`.
const DEEPEST: usize = 12;
/// Files named per value; there may be one for each month and store.
const MOST_FILES: usize = 6;

/// The derivation of one pay line.
pub(super) fn pay_line(line: &TraceLine, clauses: &Clauses) -> String {
    let title = format!("{} {} ({})", line.line, line.label, line.clause);
    let amount = format!("{} 元", grouped(&line.amount));
    let mut text = pad(&title, WIDTH.saturating_sub(width(&amount) + 2), Align::Left);
    text.push_str("  ");
    text.push_str(&amount);
    text.push('\n');
    if let Some(words) = clauses.get(&line.clause) {
        let first = format!("│  clause    {}{}", words.number, if words.number.is_empty() { "" } else { "  " });
        text.push_str(&wrap(&first, "│            ", &words.zh));
    }
    let Some(root) = line.trace.nodes.first() else {
        text.push_str(&wrap("└─ ", "   ", "this run holds no derivation for this line"));
        return text;
    };
    let mut tree = Tree { nodes: &line.trace.nodes, clauses, drawn: BTreeSet::from([0]), text };
    tree.computation(root, "│  ");
    for child in &root.children {
        tree.node(*child, "├─ ", "│  ", 1);
    }
    tree.text.push_str(&rounding(root, &line.amount));
    tree.text
}

/// Whether the amount is the exact value, rounded once, half-up, to the fen; `None` where it cannot be told.
pub(super) fn adds_up(line: &TraceLine) -> Option<bool> {
    let exact = Exact::parse_canonical(&line.trace.nodes.first()?.value)?;
    let amount = Exact::parse_number(&line.amount)?;
    Some(exact.round(2, Rounding::HalfUp) == amount)
}

fn rounding(root: &TraceNode, amount: &str) -> String {
    let exact = Exact::parse_canonical(&root.value);
    let text = match (exact, Exact::parse_number(amount)) {
        (Some(exact), Some(paid)) if exact == paid => {
            format!("rounding: none needed, {} is exact to the fen", grouped(amount))
        }
        (Some(exact), Some(paid)) if exact.round(2, Rounding::HalfUp) == paid => format!(
            "rounding: {} → {}, once, to the fen, half a fen away from zero",
            exact_text(&root.value),
            grouped(amount)
        ),
        _ => format!("rounding: {} DOES NOT GIVE {}", exact_text(&root.value), grouped(amount)),
    };
    wrap("└─ ", "   ", &text)
}

/// An exact value for people: `7803/8 = 975.375`, `1/3 ≈ 0.333333`.
fn exact_text(canonical: &str) -> String {
    match Exact::parse_canonical(canonical) {
        Some(exact) => {
            let shown = exact.shown(6);
            match shown.strip_prefix('≈') {
                _ if !canonical.contains('/') => shown,
                Some(rounded) => format!("{canonical} ≈ {}", rounded.trim_start()),
                None => format!("{canonical} = {shown}"),
            }
        }
        None => canonical.to_owned(),
    }
}

struct Tree<'a> {
    nodes: &'a [TraceNode],
    clauses: &'a Clauses,
    drawn: BTreeSet<usize>,
    text: String,
}

impl Tree<'_> {
    /// A value that another one reads; `branch` stands before its name, `trunk` before what is said of it.
    fn node(&mut self, index: usize, branch: &str, trunk: &str, depth: usize) {
        let Some(node) = self.nodes.get(index) else { return };
        let name = if node.label.is_empty() || node.label == node.name {
            node.name.clone()
        } else {
            format!("{} {}", node.label, node.name)
        };
        self.line(branch, &format!("{trunk}   "), &format!("{name} = {}", value(node)));
        // Each value is derived once, so that a damaged file is not followed in circles.
        if !self.drawn.insert(index) {
            self.line(trunk, trunk, "(derived above)");
            return;
        }
        self.computation(node, trunk);
        self.origin(&node.origin, trunk);
        if depth == DEEPEST && !node.children.is_empty() {
            self.line(trunk, trunk, "… deeper levels are in trace.jsonl");
            return;
        }
        for (at, child) in node.children.iter().enumerate() {
            let last = at + 1 == node.children.len();
            let branch = format!("{trunk}{}", if last { "└─ " } else { "├─ " });
            let below = format!("{trunk}{}", if last { "   " } else { "│  " });
            self.node(*child, &branch, &below, depth + 1);
        }
    }

    /// Formula as written, in words, in numbers.
    fn computation(&mut self, node: &TraceNode, trunk: &str) {
        for (title, formula) in [("formula ", &node.formula), ("in words", &node.labelled), ("numbers ", &node.filled)]
        {
            let repeats = title == "in words" && *formula == node.formula;
            if !formula.is_empty() && !repeats {
                self.line(&format!("{trunk}{title}  "), &format!("{trunk}          "), &one_line(formula));
            }
        }
        if !node.formula.is_empty() && node.value.contains('/') {
            self.line(&format!("{trunk}exactly   "), &format!("{trunk}          "), &exact_text(&node.value));
        }
    }

    fn origin(&mut self, origin: &Origin, trunk: &str) {
        let next = format!("{trunk}  ");
        match origin {
            Origin::Step { pipeline, step } => self.line(trunk, &next, &format!("computed in {pipeline}, {step}")),
            Origin::Score { pipeline, step, card, clause, .. } => {
                self.line(trunk, &next, &format!("scored in {pipeline}, {step}, by {card} of {clause}"));
            }
            Origin::Rows { dataset, count, files, said_by } => {
                let rows = if *count == 1 { "row" } else { "rows" };
                let by = if said_by.is_empty() { String::new() } else { format!(", by {}", said_by.join(", ")) };
                self.line(trunk, &next, &format!("from {count} {rows} of {dataset}{by}"));
                self.files(files, &next);
            }
            Origin::Carried { dataset, month, run, files } => {
                self.line(trunk, &next, &format!("{dataset}: carried from {month} (run {run})"));
                self.files(files, &next);
            }
            Origin::Parameter { since, dated_by, store, clause, source, reason } => {
                let own = own_value(store);
                let clause = self.cited(clause);
                let text = format!("parameter of {clause}, holds since {since}{own}, chosen by {dated_by}");
                self.line(trunk, &next, &text);
                if source != "stated" {
                    self.line(&next, &format!("{next}  "), &format!("{source}: {reason}"));
                }
            }
            Origin::LadderRow { table, since, store, words, clause, source, reason } => {
                let own = own_value(store);
                let clause = self.cited(clause);
                let text = format!("row `{words}` of ladder {table} of {clause}, holds since {since}{own}");
                self.line(trunk, &next, &text);
                if source != "stated" {
                    self.line(&next, &format!("{next}  "), &format!("{source}: {reason}"));
                }
            }
            Origin::MatrixRow { table, since, store, words, held_by, outside, clause, source, reason } => {
                let own = own_value(store);
                let text = format!("row `{words}` of matrix {table} of {clause}, holds since {since}{own}");
                self.line(trunk, &next, &text);
                if !held_by.is_empty() {
                    self.line(
                        &next,
                        &format!("{next}  "),
                        &format!("kept from a higher row by {}", held_by.join(", ")),
                    );
                }
                if !outside.is_empty() {
                    let text = format!("the nearest row: {} is outside of what is printed", outside.join(", "));
                    self.line(&next, &format!("{next}  "), &text);
                }
                if source != "stated" {
                    self.line(&next, &format!("{next}  "), &format!("{source}: {reason}"));
                }
            }
            Origin::Lines { lines } => self.lines(lines, trunk),
            Origin::Spine => self.line(trunk, &next, "from the person's interval in the roster"),
            Origin::Period => self.line(trunk, &next, "from the period"),
        }
    }

    /// A clause id with the source's own number, where it has one.
    fn cited(&self, clause: &str) -> String {
        match self.clauses.get(clause).filter(|words| !words.number.is_empty()) {
            Some(words) => format!("{clause} ({})", words.number),
            None => clause.to_owned(),
        }
    }

    fn lines(&mut self, lines: &[PaidLine], trunk: &str) {
        let next = format!("{trunk}  ");
        if lines.len() != 1 {
            self.line(trunk, &next, &format!("from {} lines as paid", lines.len()));
        }
        for line in lines {
            let PaidLine { line: code, employee_id, name, amount, .. } = line;
            let who = if name.is_empty() { employee_id.clone() } else { format!("{name} ({employee_id})") };
            self.line(trunk, &next, &format!("line {code} of {who}: {}", grouped(amount)));
        }
    }

    fn files(&mut self, files: &[FileRows], trunk: &str) {
        for file in files.iter().take(MOST_FILES) {
            self.line(trunk, &format!("{trunk}  "), &format!("{} row {}", file.file, file.rows.replace(',', ", ")));
        }
        if files.len() > MOST_FILES {
            self.line(trunk, trunk, &format!("… and {} more files", files.len() - MOST_FILES));
        }
    }

    fn line(&mut self, first: &str, next: &str, text: &str) {
        self.text.push_str(&wrap(first, next, text));
    }
}

/// Whose value it is, where it is one store's own.
fn own_value(store: &str) -> String {
    if store.is_empty() { String::new() } else { format!(" in store {store}") }
}

/// A formula of several lines in one.
fn one_line(formula: &str) -> String {
    formula.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn value(node: &TraceNode) -> String {
    let shown = if node.shown.is_empty() { &node.value } else { &node.shown };
    match (shown.is_empty(), node.unit.as_str()) {
        (true, _) => "(absent)".to_owned(),
        (false, "" | "ratio") => shown.clone(),
        (false, unit) if shown.ends_with(unit) => shown.clone(),
        (false, unit) => format!("{shown} {unit}"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::run::outcome::Trace;

    pub(in crate::cli) fn sample() -> TraceLine {
        let node = |name: &str, label: &str, value: &str, shown: &str, unit: &str, origin: Origin| TraceNode {
            name: name.to_owned(),
            label: label.to_owned(),
            value: value.to_owned(),
            shown: shown.to_owned(),
            unit: unit.to_owned(),
            formula: String::new(),
            labelled: String::new(),
            filled: String::new(),
            origin,
            children: Vec::new(),
        };
        let step = |step: &str| Origin::Step { pipeline: "advisor-output".to_owned(), step: step.to_owned() };
        let rows = |dataset: &str, count: usize, rows: &str| Origin::Rows {
            dataset: dataset.to_owned(),
            count,
            files: vec![FileRows { file: format!("S01/2026-10/{dataset}.csv"), rows: rows.to_owned() }],
            said_by: Vec::new(),
        };
        let rate = Origin::Parameter {
            since: "2020-01-01".to_owned(),
            dated_by: "the first day of the period, 2026-10-01".to_owned(),
            store: String::new(),
            clause: "D8-2.1".to_owned(),
            source: "decided".to_owned(),
            reason: "两处印法不同，取正文".to_owned(),
        };
        let nodes = vec![
            TraceNode {
                formula: "output * param.output_rate\n * output_attainment * score / 100".to_owned(),
                labelled: "产值 × 产值提成比例 × 产值达成率 × 考核成绩 ÷ 100".to_owned(),
                filled: "246,246.25 × 0.4% × (246,246.25 ÷ 250,000.00) × 99 ÷ 100".to_owned(),
                children: vec![1, 2, 3],
                ..node("advisor-output", "产值与接车提成", "7803/8", "975.375", "yuan", step("pay.advisor-output"))
            },
            node("param.output_rate", "产值提成比例", "1/250", "0.4%", "ratio", rate),
            TraceNode {
                formula: "GREATEST(output, 0) / output_target".to_owned(),
                labelled: "不小于 0 的产值 ÷ 产值目标".to_owned(),
                filled: "246,246.25 ÷ 250,000.00".to_owned(),
                children: vec![3, 4],
                ..node(
                    "output_attainment",
                    "产值达成率",
                    "197/200",
                    "246,246.25 ÷ 250,000.00 (98.50%)",
                    "ratio",
                    step("attainment"),
                )
            },
            node("output", "产值", "246246.25", "246,246.25", "yuan", rows("orders", 132, "12-15,18,20-146")),
            node("output_target", "产值目标", "250000", "250,000.00", "yuan", rows("targets", 1, "7")),
        ];
        TraceLine {
            period: crate::world::period::Period::parse("2026-10").unwrap(),
            store_id: "S01".to_owned(),
            employee_id: "A1".to_owned(),
            name: "张伟".to_owned(),
            role: "general-advisor".to_owned(),
            pipeline: "advisor-output".to_owned(),
            line: "advisor-output".to_owned(),
            clause: "D8-2.1".to_owned(),
            label: "产值与接车提成".to_owned(),
            amount: "975.38".to_owned(),
            trace: Trace { nodes },
        }
    }

    fn words() -> Clauses {
        let words = crate::run::outcome::ClauseWords {
            clause: "D8-2.1".to_owned(),
            number: "二.1".to_owned(),
            state: "computed".to_owned(),
            zh: "服务顾问按产值、接车台数与考核成绩计提，另加养护提成与其它提成，各按自己的完成率。".to_owned(),
            en: "General advisors.".to_owned(),
        };
        Clauses::from([(words.clause.clone(), words)])
    }

    #[test]
    fn a_derivation_reads_from_the_amount_down_to_the_rows_and_ends_with_the_rounding() {
        let text = pay_line(&sample(), &words());
        assert!(text.lines().all(|line| width(line) <= WIDTH), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn an_amount_that_is_not_the_rounded_value_is_told() {
        let mut line = sample();
        assert_eq!(adds_up(&line), Some(true));
        line.amount = "975.37".to_owned();
        assert_eq!(adds_up(&line), Some(false));
        assert!(pay_line(&line, &words()).contains("DOES NOT GIVE 975.37"));
    }

    #[test]
    fn a_trace_that_points_back_is_not_followed_in_circles() {
        let mut line = sample();
        line.trace.nodes[3].children = vec![0, 1, 3, 99];
        line.trace.nodes[4].children = vec![2];
        assert!(pay_line(&line, &words()).lines().count() < 60);
    }

    #[test]
    fn text_from_files_cannot_move_the_cursor() {
        let mut line = sample();
        line.label = "\u{1b}[2J\u{202E}产值".to_owned();
        assert!(pay_line(&line, &words()).starts_with("advisor-output ⟨U+001B⟩[2J⟨U+202E⟩产值"));
    }
}
