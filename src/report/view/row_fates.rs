//! What became of the rows of a store: one line for each file, and what the month's data was like.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::cells::NOTHING;
use super::{Context, amount};
use crate::diag::data::{Fate, RowFate};
use crate::money::Exact;
use crate::run::outcome::Store;
use crate::source::codes::HEADER_DRIFT;

/// What becomes of a row when it is read, before a pipeline sees it.
const READ_IN: [Fate; 3] = [Fate::NotData, Fate::Duplicate, Fate::Quarantined];

/// Files in their order: rows, what fell away when they were read, what pipelines then had and used. The file that
/// a pipeline uses least of is no less used for it, so the pipeline that uses most of a file stands for it.
pub(super) fn row_fates(cx: Context<'_>, store: &Store) -> Value {
    let own = cx.index.store(&store.store_id);
    let mut files: Vec<(&str, &str, Vec<&RowFate>)> = Vec::new();
    for fate in own.row_fates.iter().copied() {
        match files.iter_mut().find(|(dataset, file, _)| (*dataset, *file) == (&*fate.dataset, &*fate.file)) {
            Some((_, _, of)) => of.push(fate),
            None => files.push((&fate.dataset, &fate.file, vec![fate])),
        }
    }
    let controlled = own.row_fates.iter().any(|fate| fate.control.is_some());
    let rows: Vec<Value> = files.iter().map(|(dataset, file, of)| line(cx, dataset, file, of)).collect();
    let fell = |kind: Fate| -> usize {
        own.row_fates.iter().filter(|fate| fate.fate == kind && fate.pipeline.is_empty()).map(|fate| fate.rows).sum()
    };
    let drift = own.exceptions.iter().filter(|exception| exception.code == HEADER_DRIFT).count();
    let summary = cx.messages.fill(
        "quality_of_data",
        &[
            ("files", &files.len().to_string()),
            ("quarantined", &fell(Fate::Quarantined).to_string()),
            ("duplicate", &fell(Fate::Duplicate).to_string()),
            ("drift", &drift.to_string()),
        ],
    );
    json!({ "rows": rows, "summary": summary, "controlled": if controlled { "yes" } else { "" } })
}

fn line(cx: Context<'_>, dataset: &str, file: &str, of: &[&RowFate]) -> Value {
    let mut pipelines: Vec<&str> =
        of.iter().map(|fate| fate.pipeline.as_str()).filter(|name| !name.is_empty()).collect();
    pipelines.dedup();
    let sum =
        |wanted: &dyn Fn(&RowFate) -> bool| of.iter().filter(|fate| wanted(fate)).map(|fate| fate.rows).sum::<usize>();
    let fell = READ_IN.map(|kind| sum(&|fate| fate.pipeline.is_empty() && fate.fate == kind));
    // Every pipeline has the same rows of a file; what none reads stands with the rows that were read.
    let of_pipeline = |name: &str| sum(&|fate| fate.pipeline == name);
    let unread = sum(&|fate| fate.pipeline.is_empty() && !READ_IN.contains(&fate.fate));
    let usable = pipelines.iter().map(|name| of_pipeline(name)).max().unwrap_or(unread);
    let used = pipelines.iter().map(|name| sum(&|fate| fate.pipeline == *name && fate.fate == Fate::Used)).max();
    let last = pipelines.last().copied().unwrap_or_default();
    let controls: Vec<Decimal> =
        of.iter().filter(|fate| fate.pipeline == last).filter_map(|fate| fate.control).collect();
    let control = controls.iter().fold(Exact::zero(), |sum, part| sum.add(&Exact::from_decimal(*part)));
    json!({
        "dataset": cx.outcome.title_of(dataset),
        "file": file,
        "rows": (fell.iter().sum::<usize>() + usable).to_string(),
        "not_data": shown(fell[0]),
        "duplicate": shown(fell[1]),
        "quarantined": shown(fell[2]),
        "usable": usable.to_string(),
        "used": used.unwrap_or(0).to_string(),
        "pipelines": pipelines.len().to_string(),
        "control": if controls.is_empty() { NOTHING.to_owned() } else { amount(&control) },
    })
}

/// A count; nothing for 0, so that what fell away stands out.
fn shown(count: usize) -> String {
    if count == 0 { String::new() } else { count.to_string() }
}
