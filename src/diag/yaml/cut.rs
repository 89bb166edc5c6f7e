//! A text that a comma cut in two: `{ a: GREATEST(x, 0) }` is the mapping of `a` to `GREATEST(x` and of
//! `0)` to nothing.

use std::ops::Range;

use super::tree::{Content, Entry, Node, Style};
use crate::diag::Code;

/// A comma inside braces or brackets cut a text.
pub(super) const CUT_BY_COMMA: Code = Code::new("cut-by-comma", "a comma inside braces or brackets cuts a text in two");

/// Finds the torn texts of a list in brackets, makes them unknown and drops what was torn off.
pub(super) fn find_in_list(text: &str, elements: &mut Vec<Node>, report: &mut dyn FnMut(Range<usize>, String)) {
    let mut end = 0;
    elements.retain_mut(|node| {
        if node.span.start < end {
            return false;
        }
        if opens(node) {
            let (span, hint) = whole(text, node.span.start);
            end = span.end;
            node.content = Content::Unknown;
            report(span, hint);
        }
        true
    });
}

/// Finds the torn texts of a mapping in braces; whether there were any.
pub(super) fn find_in_mapping(
    text: &str,
    entries: &mut Vec<Entry>,
    report: &mut dyn FnMut(Range<usize>, String),
) -> bool {
    let mut torn = false;
    let mut end = 0;
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    for mut entry in entries.drain(..) {
        if entry.key.span.start < end {
            continue;
        }
        let bare = entry.value.is_void() && !text[entry.key.span.end..].trim_start().starts_with(':');
        let start = match kept.last_mut() {
            _ if opens(&entry.value) => entry.value.span.start,
            // A key without a colon is the rest of the text before it.
            Some(before) if bare && is_plain(&before.value) => {
                before.value.content = Content::Unknown;
                before.value.span.start
            }
            _ => {
                kept.push(entry);
                continue;
            }
        };
        torn = true;
        let (span, hint) = whole(text, start);
        end = span.end.max(entry.key.span.end);
        let hint = if end > span.end { quotes(&text[start..end]) } else { hint };
        report(start..end, hint);
        if !bare {
            entry.value.content = Content::Unknown;
            kept.push(entry);
        }
    }
    *entries = kept;
    torn
}

/// Whether a bare text has brackets or quotes without their partners.
pub(super) fn is_torn(node: &Node) -> bool {
    balance(node).is_some_and(|(depth, odd)| depth != 0 || odd)
}

/// The whole text that starts at a byte, up to the comma or bracket that really ends it, and the advice.
pub(super) fn whole(text: &str, start: usize) -> (Range<usize>, String) {
    let line = start + text[start..].find('\n').unwrap_or(text.len() - start);
    let mut depth = 0;
    let mut quoted = false;
    let mut end = None;
    for (at, character) in text[start..].char_indices() {
        match character {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '\n' | ',' | '}' | ']' if depth <= 0 => end = Some(start + at),
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        if end.is_some() {
            break;
        }
    }
    let whole = text[start..end.unwrap_or(line)].trim_end();
    (start..start + whole.len(), quotes(whole))
}

/// The advice to put a text in quotes.
fn quotes(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let quoted = if words.contains('"') { format!("'{}'", words.replace('\'', "''")) } else { format!("\"{words}\"") };
    format!("put the text in quotes: `{quoted}`")
}

fn opens(node: &Node) -> bool {
    balance(node).is_some_and(|(depth, _)| depth > 0)
}

/// Whether a bare text closes more brackets than it opens.
pub(super) fn closes(node: &Node) -> bool {
    balance(node).is_some_and(|(depth, _)| depth < 0)
}

fn is_plain(node: &Node) -> bool {
    matches!(&node.content, Content::Scalar { style: Style::Plain, text } if !text.is_empty())
}

/// Opening less closing brackets of a bare text, and whether a quote has no partner.
fn balance(node: &Node) -> Option<(i64, bool)> {
    let Content::Scalar { text, style: Style::Plain } = &node.content else { return None };
    let mut depth = 0;
    for character in text.chars() {
        depth += match character {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
    }
    Some((depth, text.matches('\'').count() % 2 == 1))
}
