//! From rows of a frame down to rows of files.

use std::collections::{BTreeMap, BTreeSet};

use super::Tracer;
use crate::expr::Expr;
use crate::expr::types::Name;
use crate::money::Exact;
use crate::plan::RUN_PAY;
use crate::run::before::month_and_run;
use crate::run::evaluate::Evaluation;
use crate::run::frames::{Source, Stored};
use crate::run::outcome::{FileRows, Origin, PaidLine};
use crate::run::tables::amount_text;
use crate::source::Of;
use crate::step::ColumnOrigin;
use crate::step::allocate::Part;

/// The rows of a dataset, or the lines of other pipelines, that rows of a frame were made from, as far as the
/// columns read come from them.
///
/// Where several datasets met, the first column that is read decides which one is meant; without columns,
/// what each step reads first.
pub(super) fn origin(tracer: &Tracer<'_>, full: &str, rows: &[u32], columns: &[Name]) -> Origin {
    let evaluation = tracer.evaluation;
    if tracer.reads_pay {
        let mut walk = PayWalk { evaluation, found: BTreeSet::new(), seen: BTreeSet::new() };
        for column in columns {
            walk.follow(full, rows, column);
        }
        if !walk.found.is_empty() {
            return paid_lines(tracer, walk.found.iter().map(|(frame, row)| (frame.as_str(), *row)));
        }
    }
    let (dataset, rows) = descend(evaluation, full, ascending(rows.iter().copied()), columns.first());
    if evaluation.plan.holds_pay(&dataset) {
        return paid_lines(tracer, rows.iter().map(|&row| (dataset.as_str(), row)));
    }
    let mut files: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut named: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    if let Some(Source::Dataset { places, .. }) = evaluation.store.get(&dataset).map(|stored| &stored.source) {
        for &row in &rows {
            if let (Some(&file), Some(&physical)) = (places.file.get(row as usize), places.row.get(row as usize)) {
                files.entry(file).or_default().push(physical);
            }
        }
        for (file, rows) in files {
            if let Some(name) = places.files.get(file as usize) {
                named.entry(name).or_default().extend(rows);
            }
        }
    }
    let files: Vec<FileRows> = named
        .into_iter()
        .map(|(file, mut rows)| {
            rows.sort_unstable();
            FileRows { file: file.to_owned(), rows: ranges(&rows) }
        })
        .collect();
    // The files of a history say which months they are of.
    let dataset = dataset.strip_suffix(".history").map_or_else(|| dataset.clone(), str::to_owned);
    let from_run = evaluation.plan.contracts.get(&*dataset).is_some_and(|contract| contract.of == Of::RunBefore);
    let taken_over = files.first().filter(|_| from_run).and_then(|first: &FileRows| month_and_run(&first.file));
    if let Some((month, run)) = taken_over.map(|(month, run)| (month.to_owned(), run.to_owned())) {
        return Origin::Carried { dataset, month, run, files };
    }
    let said_by = said_by(evaluation, &dataset, &rows);
    Origin::Rows { dataset, count: rows.len(), files, said_by }
}

/// As [`origin`], for what is aggregated over rows: of a dataset that names who says what its rows say, only the rows that
/// the aggregate's own condition lets count.
pub(super) fn origin_of_aggregate(tracer: &Tracer<'_>, full: &str, rows: &[u32], expr: &Expr) -> Origin {
    let columns: Vec<Name> = expr.columns().into_iter().collect();
    let all = origin(tracer, full, rows, &columns);
    let condition = expr.condition().filter(|_| matches!(&all, Origin::Rows { said_by, .. } if !said_by.is_empty()));
    let Some((condition, stored)) = condition.zip(tracer.evaluation.store.get(full)) else { return all };
    let truths = tracer.values(full, stored, &condition);
    let Some(truths) = truths.first().and_then(|column| column.bool().ok()) else { return all };
    let counted: Vec<u32> = rows.iter().copied().filter(|row| truths.get(*row as usize) == Some(true)).collect();
    origin(tracer, full, &counted, &columns)
}

/// Who said what rows of a dataset say, each once.
fn said_by(evaluation: &Evaluation<'_>, dataset: &str, rows: &[u32]) -> Vec<String> {
    let contract = evaluation.plan.contracts.get(dataset);
    let column = contract.and_then(|contract| contract.columns.get(contract.said_by?));
    let Some((column, stored)) = column.zip(evaluation.store.get(dataset)) else { return Vec::new() };
    let names: BTreeSet<String> = rows.iter().map(|row| stored.cell(*row, &column.name).canonical()).collect();
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

/// Walks from values to the lines of other pipelines that they were made from, by every column on the way.
struct PayWalk<'a> {
    evaluation: &'a Evaluation<'a>,
    /// Frames `pipeline.pay` and `run.pay` with rows.
    found: BTreeSet<(String, u32)>,
    seen: BTreeSet<(String, Name, Vec<u32>)>,
}

impl PayWalk<'_> {
    fn follow(&mut self, full: &str, rows: &[u32], column: &Name) {
        let plan = self.evaluation.plan;
        if plan.holds_pay(full) {
            self.found.extend(rows.iter().map(|&row| (full.to_owned(), row)));
            return;
        }
        let Some(stored) = self.evaluation.store.get(full) else { return };
        let Some((owner, step)) = full.split_once('.') else { return };
        let Some(owner) = plan.pipeline(owner) else { return };
        let Some(step) = owner.step(step) else { return };
        let Some(origin) = step.step.origins.get(column) else { return };
        if !self.seen.insert((full.to_owned(), column.clone(), rows.to_vec())) {
            return;
        }
        if let Some(expr) = origin.within() {
            expr.columns().iter().for_each(|column| self.follow(full, rows, column));
        }
        let (frames, columns) = origin.reads();
        for frame in frames {
            let numbered = stored.input_rows(&frame).is_some();
            let lower = match &stored.source {
                Source::Step { groups: Some(groups) } if !numbered && step.step.inputs.first() == Some(&frame) => {
                    ascending(rows.iter().flat_map(|&row| groups.of(row)))
                }
                _ => below(stored, rows, &frame),
            };
            for column in &columns {
                self.follow(&owner.full_name(&frame), &lower, column);
            }
        }
    }
}

/// Rows of a frame `pipeline.pay` or `run.pay` as the lines they are.
fn paid_lines<'a>(tracer: &Tracer<'_>, rows: impl Iterator<Item = (&'a str, u32)>) -> Origin {
    let lines = rows.filter_map(|(full, row)| {
        let stored = tracer.evaluation.store.get(full)?;
        let text = |column| stored.cell(row, column).canonical();
        let (store_id, employee_id) = (text("store_id"), text("employee_id"));
        let person = tracer.people.get(&(store_id.as_str(), employee_id.as_str()));
        Some(PaidLine {
            pipeline: if full == RUN_PAY {
                text("pipeline")
            } else {
                full.strip_suffix(".pay").unwrap_or(full).to_owned()
            },
            line: text("line"),
            name: person.map(|person| person.name.clone()).unwrap_or_default(),
            amount: stored.cell(row, "amount").number().and_then(Exact::to_amount).map(amount_text)?,
            store_id,
            employee_id,
        })
    });
    Origin::Lines { lines: lines.collect() }
}

/// Numbers of rows, ascending, each once.
fn ascending(rows: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut rows: Vec<u32> = rows.collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// The rows of an input frame that rows of a frame were made from.
fn below(stored: &Stored, rows: &[u32], input: &str) -> Vec<u32> {
    let Some(numbers) = stored.input_rows(input) else { return Vec::new() };
    ascending(rows.iter().filter_map(|&row| numbers.get(row as usize)))
}

fn descend(evaluation: &Evaluation<'_>, full: &str, rows: Vec<u32>, column: Option<&Name>) -> (String, Vec<u32>) {
    let Some(stored) = evaluation.store.get(full) else { return (full.to_owned(), rows) };
    let Some((owner, step)) = full.split_once('.') else { return (full.to_owned(), rows) };
    let Some(owner) = evaluation.plan.pipeline(owner) else { return (full.to_owned(), rows) };
    if step == "spine" {
        let roster = evaluation.plan.roster.to_string();
        let below = below(stored, &rows, &roster);
        return (roster, below);
    }
    let Some(step) = owner.step(step) else { return (full.to_owned(), rows) };
    let origin = column.and_then(|column| step.step.origins.get(column));
    let numbered = |frame: &str| stored.frame.column(&format!("@{frame}")).is_ok();
    if let Some(ColumnOrigin::Carried { frame, column }) = origin
        && numbered(frame)
    {
        return descend(evaluation, &owner.full_name(frame), below(stored, &rows, frame), Some(column));
    }
    if let Some(ColumnOrigin::Computed { expr, frame } | ColumnOrigin::Ladder { by: expr, frame, .. }) = origin {
        let below = below(stored, &rows, frame);
        return descend(evaluation, &owner.full_name(frame), below, expr.columns().first());
    }
    if let Some(expr) = origin.and_then(ColumnOrigin::within)
        && let Some(first) = expr.columns().first()
    {
        return descend(evaluation, full, rows, Some(first));
    }
    if let Some(ColumnOrigin::Matrix { by, frame, .. }) = origin {
        let below = below(stored, &rows, frame);
        let read = by.iter().find_map(|expr| expr.columns().into_iter().next());
        return descend(evaluation, &owner.full_name(frame), below, read.as_ref());
    }
    if let Some(ColumnOrigin::Allocated { how, frame }) = origin {
        let expr = if how.part == Part::Pool { &how.pool } else { &how.weight };
        let below = below(stored, &rows, frame);
        return descend(evaluation, &owner.full_name(frame), below, expr.columns().first());
    }
    if let (Source::Step { groups: Some(groups) }, Some(from)) = (&stored.source, step.step.inputs.first()) {
        let below = ascending(rows.iter().flat_map(|&row| groups.of(row)));
        let read = match origin {
            Some(ColumnOrigin::Aggregated { expr, .. }) => expr.columns().first().cloned(),
            Some(ColumnOrigin::Carried { column, .. }) => Some(column.clone()),
            _ => None,
        };
        return descend(evaluation, &owner.full_name(from), below, read.as_ref());
    }
    let mut found: Option<(String, Vec<u32>)> = None;
    for input in &step.step.inputs {
        let below = below(stored, &rows, input);
        if below.is_empty() {
            continue;
        }
        let (dataset, below) = descend(evaluation, &owner.full_name(input), below, column);
        found = match found {
            None => Some((dataset, below)),
            Some((known, rows)) if known == dataset => Some((known, ascending(rows.into_iter().chain(below)))),
            other => other,
        };
    }
    found.unwrap_or_else(|| (full.to_owned(), Vec::new()))
}

/// Ascending numbers as ranges: `12-15,18`.
pub(super) fn ranges(rows: &[u32]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for &row in rows {
        match parts.last_mut() {
            Some((_, end)) if *end == row => {}
            Some((_, end)) if *end + 1 == row => *end = row,
            _ => parts.push((row, row)),
        }
    }
    let words =
        parts.into_iter().map(|(start, end)| if start == end { start.to_string() } else { format!("{start}-{end}") });
    words.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn neighbours_join() {
        assert_eq!(ranges(&[]), "");
        assert_eq!(ranges(&[7]), "7");
        assert_eq!(ranges(&[1, 2, 3, 5, 7, 8]), "1-3,5,7-8");
        assert_eq!(ranges(&[4, 4, 5]), "4-5");
    }
}
