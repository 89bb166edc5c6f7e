//! The scorecards that a person's pay was computed by: each indicator with what was measured, its target, points,
//! weight and contribution, and the way from their sum to the announced score.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Context;
use super::trace::value_words;
use crate::money::Exact;
use crate::run::outcome::{Origin, Part, PayLine, Trace, TraceNode};

/// The cards below the lines of a person, each once.
pub(super) fn cards(cx: Context<'_>, lines: &[&PayLine]) -> Vec<Value> {
    let mut cards: Vec<Value> = Vec::new();
    for line in lines {
        for (at, node) in line.trace.nodes.iter().enumerate() {
            if matches!(node.origin, Origin::Score { part: Part::Announced, .. }) {
                let card = card(cx, &line.trace, at);
                if !cards.contains(&card) {
                    cards.push(card);
                }
            }
        }
    }
    cards
}

/// The figures of the scoring that a node announces, in the order in which they are met.
fn figures(trace: &Trace, announced: usize) -> Vec<&TraceNode> {
    let Some(first) = trace.nodes.get(announced) else { return Vec::new() };
    let mut found: Vec<usize> = vec![announced];
    let mut at = 0;
    while let Some(node) = found.get(at).and_then(|index| trace.nodes.get(*index)) {
        for child in &node.children {
            let same = trace.nodes.get(*child).is_some_and(|child| of_one_step(first, child));
            if same && !found.contains(child) {
                found.push(*child);
            }
        }
        at += 1;
    }
    found.iter().filter_map(|index| trace.nodes.get(*index)).collect()
}

fn of_one_step(one: &TraceNode, other: &TraceNode) -> bool {
    match (&one.origin, &other.origin) {
        (Origin::Score { pipeline, step, .. }, Origin::Score { pipeline: other, step: second, .. }) => {
            pipeline == other && step == second
        }
        _ => false,
    }
}

fn card(cx: Context<'_>, trace: &Trace, announced: usize) -> Value {
    let figures = figures(trace, announced);
    let mut indicators: Vec<&str> = Vec::new();
    for node in &figures {
        if let Origin::Score { indicator, part: Part::Part, .. } = &node.origin
            && !indicator.is_empty()
            && !node.value.is_empty()
            && !indicators.contains(&indicator.as_str())
        {
            indicators.push(indicator);
        }
    }
    let find = |of: &str, wanted: Part| {
        let one = figures.iter().find(
            |node| matches!(&node.origin, Origin::Score { indicator, part, .. } if indicator == of && *part == wanted),
        );
        one.copied().filter(|node| !node.value.is_empty())
    };
    let shown = |of: &str, part| find(of, part).map(|node| value_words(cx, node)).unwrap_or_default();
    // Who rated, and what the announced table or the month's facts say, stands beside the indicator.
    let source = |of: &str| {
        let names = find(of, Part::Actual).map(|node| sayers(trace, node)).unwrap_or_default();
        let names = names.join(cx.messages.get("comma"));
        let rated = if names.is_empty() { String::new() } else { cx.messages.fill("rated_by", &[("names", &names)]) };
        let words = [shown(of, Part::Source), rated];
        words.iter().filter(|text| !text.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ")
    };
    let rows: Vec<Value> = indicators
        .iter()
        .map(|of| {
            let points = find(of, Part::Points);
            let how = points.map(|node| node.filled.as_str()).filter(|filled| filled.contains(['×', '÷', '−', '+']));
            json!({
                "label": of,
                "clause": points.map(clause).unwrap_or_default(),
                "source": source(of),
                "actual": shown(of, Part::Actual),
                "target": shown(of, Part::Target),
                "points": points.map(|node| node.shown.clone()).unwrap_or_default(),
                "how": how.unwrap_or_default(),
                "weight": shown(of, Part::Weight),
                "part": find(of, Part::Part).map(|node| node.shown.clone()).unwrap_or_default(),
            })
        })
        .collect();
    let words = cx.messages;
    let sums: Vec<Value> = [(Part::Sum, "weighted_sum"), (Part::Deduct, "deducted")]
        .into_iter()
        .filter_map(|(part, label)| Some((find("", part)?, label)))
        .map(|(node, label)| json!({ "label": words.get(label), "value": node.shown }))
        .collect();
    let (announced, pass) = (find("", Part::Announced), find("", Part::Pass));
    let number = |node: Option<&TraceNode>| node.and_then(|node| Exact::parse_canonical(&node.value));
    let passed = number(announced).zip(number(pass)).map(|(score, pass)| score >= pass);
    let title = announced.map(|node| match &node.origin {
        Origin::Score { card, .. } => card.as_str(),
        _ => "",
    });
    json!({
        "title": title.unwrap_or_default(),
        "clause": announced.map(clause).unwrap_or_default(),
        "rows": rows,
        "sums": sums,
        "announced": announced.map(|node| node.shown.clone()).unwrap_or_default(),
        "pass": pass.map(|node| node.shown.clone()).unwrap_or_default(),
        "passed": passed.map(|passed| words.get(if passed { "passed" } else { "not_passed" })).unwrap_or_default(),
    })
}

/// Who said what a figure goes back to, each once.
fn sayers<'a>(trace: &'a Trace, node: &'a TraceNode) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    let mut below = vec![node];
    let mut seen = BTreeSet::new();
    while let Some(node) = below.pop() {
        if let Origin::Rows { said_by, .. } = &node.origin {
            names.extend(said_by.iter().map(String::as_str));
        }
        let children = node.children.iter().filter(|child| seen.insert(**child));
        below.extend(children.filter_map(|child| trace.nodes.get(*child)));
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// The clause of a figure.
fn clause(node: &TraceNode) -> &str {
    match &node.origin {
        Origin::Score { clause, .. } => clause,
        _ => "",
    }
}
