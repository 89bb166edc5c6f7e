//! What became of the rows of a store: one line for each file and each pipeline that reads it.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::cells::NOTHING;
use super::{Context, amount};
use crate::diag::data::{Fate, RowFate};
use crate::money::Exact;
use crate::run::outcome::Store;

const FATES: [(Fate, &str); 7] = [
    (Fate::Used, "fate_used"),
    (Fate::Filtered, "fate_filtered"),
    (Fate::Unmatched, "fate_unmatched"),
    (Fate::Unread, "fate_unread"),
    (Fate::Duplicate, "fate_duplicate"),
    (Fate::Quarantined, "fate_quarantined"),
    (Fate::NotData, "fate_not_data"),
];

/// Fates as a table, only with the fates that occur.
pub(super) fn row_fates(cx: Context<'_>, store: &Store) -> Value {
    let own: &[&RowFate] = &cx.index.store(&store.store_id).row_fates;
    let mut readings: Vec<(&str, &str, &str)> = Vec::new();
    for fate in own {
        let reading = (&*fate.dataset, &*fate.file, fate.pipeline.as_str());
        if !readings.contains(&reading) {
            readings.push(reading);
        }
    }
    let occurring: Vec<(Fate, &str)> =
        FATES.into_iter().filter(|(kind, _)| own.iter().any(|fate| fate.fate == *kind && fate.rows > 0)).collect();
    let controlled = own.iter().any(|fate| fate.control.is_some());
    let repeated = |at: usize| match (at.checked_sub(1).and_then(|above| readings.get(above)), readings.get(at)) {
        (Some(above), Some(here)) => (above.0, above.1) == (here.0, here.1),
        _ => false,
    };
    let rows: Vec<Value> = readings
        .iter()
        .enumerate()
        .map(|(at, (dataset, file, pipeline))| {
            let of = || {
                own.iter()
                    .filter(|fate| (&*fate.dataset, &*fate.file, fate.pipeline.as_str()) == (dataset, file, pipeline))
            };
            let count = |kind: Option<Fate>| -> String {
                of().filter(|fate| kind.is_none_or(|kind| fate.fate == kind))
                    .map(|fate| fate.rows)
                    .sum::<usize>()
                    .to_string()
            };
            let controls: Vec<Decimal> = of().filter_map(|fate| fate.control).collect();
            let control = controls.iter().fold(Exact::zero(), |sum, part| sum.add(&Exact::from_decimal(*part)));
            json!({
                // A file is named once, above the pipelines that read it.
                "dataset": if repeated(at) { "" } else { cx.outcome.title_of(dataset) },
                "file": if repeated(at) { "" } else { file },
                "pipeline": if pipeline.is_empty() { cx.messages.get("read_in") } else { cx.outcome.title_of(pipeline) },
                "counts": occurring.iter().map(|(kind, _)| count(Some(*kind))).collect::<Vec<_>>(),
                "rows": count(None),
                "control": if controls.is_empty() { NOTHING.to_owned() } else { amount(&control) },
            })
        })
        .collect();
    let heads: Vec<&str> = occurring.iter().map(|(_, key)| cx.messages.get(key)).collect();
    json!({ "heads": heads, "controlled": if controlled { "yes" } else { "" }, "rows": rows })
}
