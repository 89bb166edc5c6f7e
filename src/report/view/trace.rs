//! The derivation of a pay line for a reader with a pencil: the formula in words, the same with this
//! person's numbers, the steps below it, and where each number comes from.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Context;
use super::cells::minus;
use crate::money::{Exact, show};
use crate::run::outcome::{Origin, Part, Trace, TraceNode};

/// Digits of a run's id that a page prints: enough to find it by.
const RUN_DIGITS: usize = 8;

/// Marks for the reasons of parameters that the source leaves open, in the order in which they are met.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Note>);

#[derive(Debug, PartialEq, Eq)]
struct Note {
    label: String,
    clause: String,
    kind: String,
    reason: String,
}

impl Notes {
    /// The mark of what the source leaves open; nothing for what it states.
    fn mark(&mut self, cx: Context<'_>, label: &str, clause: &str, source: &str, reason: &str) -> String {
        if source == "stated" {
            return String::new();
        }
        let kind = cx.messages.get(if source == "illegible" { "illegible" } else { "decided" });
        let [label, clause, kind, reason] = [label, clause, kind, reason].map(str::to_owned);
        let note = Note { label, clause, kind, reason };
        let at = self.0.iter().position(|known| *known == note).unwrap_or_else(|| {
            self.0.push(note);
            self.0.len() - 1
        });
        mark(at)
    }

    pub(super) fn into_values(self) -> Vec<Value> {
        let notes = self.0.into_iter().enumerate();
        notes
            .map(|(at, note)| {
                json!({
                    "mark": mark(at), "label": note.label, "clause": note.clause, "kind": note.kind, "reason": note.reason
                })
            })
            .collect()
    }
}

fn mark(at: usize) -> String {
    let circled = u32::try_from(at).ok().filter(|at| *at < 20).and_then(|at| char::from_u32(0x2460 + at));
    circled.map_or_else(|| format!("[{}]", at + 1), String::from)
}

/// Steps that the slip has printed already: name, value, and the numbers they were computed from.
pub(super) type Printed<'a> = BTreeSet<(&'a str, &'a str, &'a str)>;

/// Figures that a slip writes out in a table of their own, by pipeline and column.
pub(super) type Tabled<'a> = BTreeSet<(&'a str, &'a str)>;

/// Formula, steps and operands of a line.
///
/// A step is written out once on a slip, below the first line that needs it. An operand is listed where there
/// is something to say beyond its value, which stands in the formula: the rows it was counted from, the date
/// and clause of a parameter. The rows below an aggregate are left to `explain`; amounts that were computed one by
/// one, such as the parts of two groups, are written out. What a table of the slip writes out is left to it, with all
/// that lies below, but for what the plan leaves open.
pub(super) fn derivation<'a>(
    cx: Context<'_>,
    trace: &'a Trace,
    printed: &mut Printed<'a>,
    notes: &mut Notes,
    tabled: &Tabled<'_>,
) -> Map<String, Value> {
    let mut steps = Vec::new();
    let mut details = Vec::new();
    let mut seen = BTreeSet::new();
    let first = trace.nodes.first();
    let children = |node: &TraceNode, in_table: bool| -> Vec<(usize, bool)> {
        node.children.iter().rev().map(|child| (*child, in_table)).collect()
    };
    let mut below = first.map(|first| children(first, false)).unwrap_or_default();
    while let Some((at, in_table)) = below.pop() {
        let Some(node) = trace.nodes.get(at) else { continue };
        let in_table = in_table || is_tabled(node, tabled);
        let key = (node.name.as_str(), node.value.as_str(), node.filled.as_str());
        if !passes(node) && !seen.insert(key) {
            continue;
        }
        let has_card = is_announced(node) && has_scores(cx);
        if in_table && is_step(node) {
            if !printed.insert(key) {
                continue;
            }
        } else if is_step(node) && !has_card {
            if !printed.insert(key) {
                continue;
            }
            steps.push(json!({
                "label": node.label, "labelled": node.labelled, "filled": node.filled, "value": value_words(cx, node),
            }));
        } else if let Some(detail) = detail(cx, node, notes)
            && (!in_table || detail.get("mark").and_then(Value::as_str).is_some_and(|mark| !mark.is_empty()))
        {
            details.push(detail);
        }
        let below_rows = matches!(node.origin, Origin::Rows { .. })
            && node.children.len() > 1
            && !node.children.iter().all(|&child| trace.nodes.get(child).is_some_and(|child| child.unit == "yuan"));
        if !below_rows && !has_card && !matches!(node.origin, Origin::Carried { .. }) {
            below.extend(children(node, in_table));
        }
    }
    let text = |of: fn(&TraceNode) -> &String| first.map(of).cloned().unwrap_or_default();
    let mut row = Map::new();
    row.insert("labelled".into(), json!(text(|node| &node.labelled)));
    row.insert("filled".into(), json!(text(|node| &node.filled)));
    row.insert("unrounded".into(), json!(first.map(unrounded).unwrap_or_default()));
    row.insert("steps".into(), json!(steps));
    row.insert("details".into(), json!(details));
    row
}

/// Whether a table of the slip writes a node out.
fn is_tabled(node: &TraceNode, tabled: &Tabled<'_>) -> bool {
    matches!(&node.origin, Origin::Step { pipeline, .. } if tabled.contains(&(pipeline.as_str(), node.name.as_str())))
}

/// Whether a node is computed from others of the page; the rows below an aggregate and the words of a ladder
/// row say more than their formula. A sum of several computed values is written out, and the rule of a remainder.
fn is_step(node: &TraceNode) -> bool {
    match node.origin {
        Origin::Step { .. } if node.children.is_empty() => node.filled.is_empty() && !node.labelled.is_empty(),
        Origin::Step { .. } | Origin::Score { .. } => !node.filled.is_empty(),
        Origin::Rows { .. } => !node.filled.is_empty() && node.children.len() > 1,
        _ => false,
    }
}

/// Whether a node is the announced score of a scorecard.
fn is_announced(node: &TraceNode) -> bool {
    matches!(&node.origin, Origin::Score { part: Part::Announced, .. })
}

/// Whether the slip has a section of its own for scorecards.
fn has_scores(cx: Context<'_>) -> bool {
    cx.spec.sections.iter().any(|section| section.kind() == "scores")
}

/// Whether a node is the sum of one computed value, which is told by that value.
fn passes(node: &TraceNode) -> bool {
    matches!(node.origin, Origin::Rows { .. }) && !node.filled.is_empty() && node.children.len() == 1
}

fn detail(cx: Context<'_>, node: &TraceNode, notes: &mut Notes) -> Option<Value> {
    // An own figure that is not there has its stand-in among the operands.
    if node.value.is_empty() {
        return None;
    }
    let words = cx.messages;
    let mut mark = String::new();
    let source = match &node.origin {
        Origin::Rows { dataset, count, said_by, .. } => {
            let (title, count) = (cx.outcome.title_of(dataset), count.to_string());
            let names = said_by.join(words.get("comma"));
            let key = if names.is_empty() { "rows_of" } else { "rows_said_by" };
            words.fill(key, &[("dataset", title), ("count", &count), ("names", &names)])
        }
        Origin::Lines { lines } => {
            let people: BTreeSet<_> = lines.iter().map(|line| (&line.store_id, &line.employee_id)).collect();
            let (count, people) = (lines.len().to_string(), people.len().to_string());
            words.fill("lines_of", &[("count", &count), ("people", &people)])
        }
        Origin::Carried { month, run, .. } => {
            let run = run.get(..RUN_DIGITS).unwrap_or(run);
            words.fill("source_carried", &[("month", month), ("run", run)])
        }
        Origin::Parameter { since, store, clause, source, reason, .. } => {
            mark = notes.mark(cx, &node.label, clause, source, reason);
            words.fill("source_parameter", &[("clause", clause), ("since", &since_words(cx, since, store))])
        }
        Origin::LadderRow { words: row, since, store, clause, source, reason, .. } => {
            mark = notes.mark(cx, &node.label, clause, source, reason);
            let since = since_words(cx, since, store);
            words.fill("source_ladder", &[("words", row), ("clause", clause), ("since", &since)])
        }
        Origin::MatrixRow { words: row, held_by, outside, since, store, clause, source, reason, .. } => {
            mark = notes.mark(cx, &node.label, clause, source, reason);
            let since = since_words(cx, since, store);
            let mut told = words.fill("source_ladder", &[("words", row), ("clause", clause), ("since", &since)]);
            for (key, axes) in [("matrix_held_by", held_by), ("matrix_nearest", outside)] {
                if !axes.is_empty() {
                    told.push_str(&words.fill(key, &[("axes", &axes.join(words.get("comma")))]));
                }
            }
            told
        }
        Origin::Score { card, clause, part: Part::Announced, .. } => {
            words.fill("source_card", &[("card", card), ("clause", clause)])
        }
        Origin::Step { .. } | Origin::Score { .. } | Origin::Spine | Origin::Period => return None,
    };
    Some(json!({ "label": node.label, "value": value_words(cx, node), "source": source, "mark": mark }))
}

/// The day since which a value holds, with the store whose own it is.
fn since_words(cx: Context<'_>, since: &str, store: &str) -> String {
    if store.is_empty() {
        return since.to_owned();
    }
    let known = cx.outcome.stores.iter().find(|known| known.store_id == store);
    let name = known.map_or(store, |known| known.name.as_str());
    cx.messages.fill("since_in_store", &[("since", since), ("store", name)])
}

/// The value with its unit: `213,345.00 元`.
pub(super) fn value_words(cx: Context<'_>, node: &TraceNode) -> String {
    let unit = unit_words(cx, &node.unit);
    let is_number = Exact::parse_canonical(&node.value).is_some();
    let shown = if is_number { minus(node.shown.clone()).replace("≈-", "≈−") } else { node.shown.clone() };
    if unit.is_empty() || shown.is_empty() || shown.ends_with(&unit) { shown } else { format!("{shown} {unit}") }
}

/// `yuan/cars` as 元/台; a base unit that the words do not know stands as it is.
pub(super) fn unit_words(cx: Context<'_>, unit: &str) -> String {
    if unit.is_empty() || unit == "ratio" {
        return String::new();
    }
    let mut words = String::new();
    for part in unit.split_inclusive(['/', '*']) {
        let base = part.trim_end_matches(['/', '*']);
        words.push_str(if base == "1" { base } else { unit_word(cx, base) });
        words.push_str(match part.chars().last() {
            Some('/') => "/",
            Some('*') => "·",
            _ => "",
        });
    }
    words
}

/// The words of a base unit; a project's own unit stands as it is.
fn unit_word<'a>(cx: Context<'a>, base: &'a str) -> &'a str {
    let key = format!("unit_{base}");
    cx.messages.iter().find(|(known, _)| *known == key).map_or(base, |(_, words)| words)
}

/// The value before it was rounded to the fen; empty where it is whole fen already.
fn unrounded(node: &TraceNode) -> String {
    match Exact::parse_canonical(&node.value) {
        Some(value) if value.to_amount().is_none() => minus(show::number(&value, 6)).replace("≈-", "≈−"),
        _ => String::new(),
    }
}
