//! The rows of the exports that stand behind a person's lines: file and row numbers, so that whoever asks can look them
//! up. A page holds so many of them; how many more there are stands below.

use serde_json::{Value, json};

use super::Context;
use crate::run::outcome::{Origin, PayLine};

/// Up to how many files a slip names.
const FILES: usize = 16;
/// Up to how many ranges of row numbers stand beside a file.
const RANGES: usize = 24;

/// The files behind lines, each with its row numbers; and how many more there are.
pub(super) fn sources(cx: Context<'_>, lines: &[&PayLine]) -> Option<Value> {
    let mut rows: Vec<Value> = Vec::new();
    let mut known: Vec<(&str, &str, &str)> = Vec::new();
    for node in lines.iter().flat_map(|line| &line.trace.nodes) {
        let Origin::Rows { dataset, files, .. } = &node.origin else { continue };
        for file in files {
            let key = (dataset.as_str(), file.file.as_str(), file.rows.as_str());
            if known.contains(&key) {
                continue;
            }
            known.push(key);
            if rows.len() < FILES {
                let ranges: Vec<&str> = file.rows.split(',').collect();
                let mut shown = ranges.get(..RANGES.min(ranges.len())).unwrap_or_default().join("、");
                if ranges.len() > RANGES {
                    let more = (ranges.len() - RANGES).to_string();
                    shown.push_str(&cx.messages.fill("more_ranges", &[("count", &more)]));
                }
                let title = cx.outcome.title_of(dataset);
                rows.push(json!({ "label": node.label, "dataset": title, "file": file.file, "rows": shown }));
            }
        }
    }
    let more = known.len() - rows.len();
    let more =
        if more == 0 { String::new() } else { cx.messages.fill("more_sources", &[("count", &more.to_string())]) };
    (!rows.is_empty()).then(|| json!({ "rows": rows, "more": more }))
}
