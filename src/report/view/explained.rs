//! The way to an amount as plain text: what the slip prints below a line, for a cell of a spreadsheet.

use serde_json::{Map, Value};

use super::Context;
use super::trace::{Notes, Printed, Tabled, derivation};
use crate::run::outcome::PayLine;

/// How an amount came about, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Explained {
    /// The formula in words, the same with numbers, then the steps below it: a line each.
    pub(super) text: String,
    /// Where the numbers come from: a line each.
    pub(super) sources: String,
}

/// Tells a line as the slip does. Other than there, each line stands alone: no step is left out because a line above has
/// it already.
pub(super) fn explained(cx: Context<'_>, line: &PayLine) -> Explained {
    let row = derivation(cx, &line.trace, &mut Printed::new(), &mut Notes::default(), &Tabled::new());
    let mut lines = vec![equation([&line.label, text(&row, "labelled"), text(&row, "filled")])];
    let unrounded = text(&row, "unrounded");
    if !unrounded.is_empty() {
        let (result, rounded) = (result(unrounded), cx.messages.get("rounded"));
        lines.push(format!("{result}{}{rounded}", cx.messages.get("comma")));
    }
    for step in objects(&row, "steps") {
        let told = equation([text(step, "label"), text(step, "labelled"), text(step, "filled")]);
        let value = text(step, "value");
        lines.push(if value.is_empty() { told } else { format!("{told} {}", result(value)) });
    }
    let sources = objects(&row, "details").map(|detail| {
        let (label, value, source) = (text(detail, "label"), text(detail, "value"), text(detail, "source"));
        let [open, close] = ["open", "close"].map(|key| cx.messages.get(key));
        if source.is_empty() { format!("{label} {value}") } else { format!("{label} {value}{open}{source}{close}") }
    });
    Explained { text: lines.join("\n"), sources: sources.collect::<Vec<_>>().join("\n") }
}

/// 产值达成率 ＝ 产值 ÷ 产值目标 ＝ 213,345.00 ÷ 220,000.00
fn equation(parts: [&str; 3]) -> String {
    let there: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    there.join(" ＝ ")
}

/// A rounded value is marked by the sign that leads to it.
fn result(value: &str) -> String {
    value.strip_prefix('≈').map_or_else(|| format!("＝ {value}"), |rounded| format!("≈ {rounded}"))
}

fn text<'a>(row: &'a Map<String, Value>, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn objects<'a>(row: &'a Map<String, Value>, key: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
    row.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}
