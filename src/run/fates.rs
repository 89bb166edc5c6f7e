//! What became of every row of a dataset in every pipeline that reads it, directly or through others.
//!
//! A row is used when anything made from it reaches the end of the pipeline: a frame that no other step
//! of the pipeline reads, a paid frame, a published one. Otherwise the last step that dropped it, or
//! something made from it, says why; a row that nobody dropped and nobody used is unread.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rust_decimal::Decimal;

use super::evaluate::{Evaluation, Said};
use super::frames::{Source, Stored};
use super::nowhere::Standings;
use crate::diag::data::{Exception, Fate, RowFate};
use crate::diag::text::{Text, text};
use crate::expr::types::{Kind, Name};
use crate::money::Exact;
use crate::plan::Pipeline;
use crate::source::{Contract, RowPlaces};
use crate::step::Dropped;

/// Marks of the rows of one frame: [`UNREAD`], one more than the index of the drop that took the row, or [`USED`]. Of
/// two marks the greater one tells the row's fate.
type Marks = Vec<u32>;

/// Nobody read the row.
pub(super) const UNREAD: u32 = 0;
/// Something made from the row reached an end.
pub(super) const USED: u32 = u32::MAX;

/// Fates in every pipeline of every dataset it reads, by file, with what people must know of rows that count nowhere.
pub fn follow(evaluation: &Evaluation<'_>) -> (Vec<RowFate>, Vec<Exception>) {
    let standings = Standings::new(evaluation);
    let pipelines = evaluation.plan.pipelines.par_iter().with_max_len(1);
    let fates = pipelines.flat_map_iter(|pipeline| of_pipeline(evaluation, pipeline, &standings)).collect();
    (fates, standings.exceptions(evaluation))
}

/// Fates in one pipeline, of every dataset it reads, by file.
fn of_pipeline(evaluation: &Evaluation<'_>, pipeline: &Pipeline, standings: &Standings) -> Vec<RowFate> {
    let order = reachable(evaluation, pipeline);
    let ends = ends(pipeline);
    let mut leaving: BTreeMap<String, Vec<(u32, &[u32])>> = BTreeMap::new();
    for (number, said) in (1..).zip(&evaluation.dropped) {
        let Some(owner) = evaluation.plan.pipeline(&said.pipeline) else { continue };
        let maker = format!("{}.{}", said.pipeline, said.step);
        if order.iter().any(|(known, _)| *known == maker) {
            leaving.entry(owner.full_name(&said.what.frame)).or_default().push((number, &said.what.rows));
        }
    }
    // A frame has marks from when the first of its readers hands some down until it hands them down itself.
    let mut marks: BTreeMap<String, Marks> = BTreeMap::new();
    for (full, owner) in order.iter().rev() {
        let Some(stored) = evaluation.store.get(full) else { continue };
        let unread = |stored: &Stored| vec![UNREAD; stored.frame.height()];
        let mut own = marks.remove(full).unwrap_or_else(|| unread(stored));
        if ends.contains(full) {
            own.fill(USED);
        }
        for (number, rows) in leaving.get(full).into_iter().flatten() {
            for &row in *rows {
                if let Some(mark) = own.get_mut(row as usize) {
                    *mark = (*mark).max(*number);
                }
            }
        }
        let Some(owner) = owner else {
            marks.insert(full.clone(), own);
            continue;
        };
        for (written, input) in inputs(owner, full) {
            let Some(source) = evaluation.store.get(&input) else { continue };
            hand_down(stored, &own, &written, marks.entry(input).or_insert_with(|| unread(source)));
        }
    }
    let mut fates = Vec::new();
    let datasets: BTreeSet<&Name> = order.iter().filter_map(|(full, _)| dataset(evaluation, full)).collect();
    for name in datasets {
        if let Some(contract) = evaluation.plan.contracts.get(name) {
            fates.extend(of_dataset(evaluation, pipeline, name, contract, &marks, standings));
        }
    }
    fates
}

fn dataset<'a>(evaluation: &'a Evaluation<'_>, full: &str) -> Option<&'a Name> {
    match &evaluation.store.get(full)?.source {
        Source::Dataset { name, .. } => Some(name),
        _ => None,
    }
}

/// Frames that reach the end of a pipeline.
fn ends(pipeline: &Pipeline) -> BTreeSet<String> {
    let read: BTreeSet<&Name> = pipeline.steps.iter().flat_map(|step| &step.step.inputs).collect();
    let last = pipeline.steps.iter().map(|step| &step.name).filter(|name| !read.contains(name));
    let paid = pipeline.lines().iter().map(|line| &line.from);
    last.chain(paid).chain(&pipeline.publish).map(|name| pipeline.full_name(name)).collect()
}

/// Every frame that a pipeline reads, directly or not, each after those it reads; with the pipeline whose
/// step made it.
fn reachable<'a>(evaluation: &Evaluation<'a>, pipeline: &'a Pipeline) -> Vec<(String, Option<&'a Pipeline>)> {
    fn visit<'a>(
        evaluation: &Evaluation<'a>,
        owner: Option<&'a Pipeline>,
        full: String,
        seen: &mut BTreeSet<String>,
        order: &mut Vec<(String, Option<&'a Pipeline>)>,
    ) {
        if !seen.insert(full.clone()) {
            return;
        }
        if let Some(owner) = owner {
            for (_, input) in inputs(owner, &full) {
                let next = input.split_once('.').and_then(|(prefix, _)| evaluation.plan.pipeline(prefix));
                visit(evaluation, next, input, seen, order);
            }
        }
        if evaluation.store.has(&full) {
            order.push((full, owner));
        }
    }
    let (mut seen, mut order) = (BTreeSet::new(), Vec::new());
    for step in &pipeline.steps {
        let full = format!("{}.{}", pipeline.name, step.name);
        visit(evaluation, Some(pipeline), full, &mut seen, &mut order);
    }
    order
}

/// Inputs of a frame, as its step writes them and in full.
fn inputs(owner: &Pipeline, full: &str) -> Vec<(Name, String)> {
    let Some(step) = full.strip_prefix(&*owner.name).and_then(|rest| rest.strip_prefix('.')) else { return Vec::new() };
    let Some(step) = owner.step(step) else { return Vec::new() };
    step.step.inputs.iter().map(|input| (input.clone(), owner.full_name(input))).collect()
}

/// Hands the marks of a frame's rows down to the rows of an input that they were made from.
fn hand_down(stored: &Stored, own: &Marks, written: &str, target: &mut Marks) {
    let mut mark = |mark: u32, input: u32| {
        if let Some(target) = target.get_mut(input as usize) {
            *target = (*target).max(mark);
        }
    };
    if let Some(column) = stored.input_rows(written) {
        let mut own = own.iter();
        for piece in column.downcast_iter() {
            let rows = piece.values().iter().zip(own.by_ref());
            match piece.validity() {
                None => rows.for_each(|(input, own)| mark(*own, *input)),
                Some(there) => {
                    rows.zip(there).filter(|(_, there)| *there).for_each(|((input, own), _)| mark(*own, *input));
                }
            }
        }
    } else if let Source::Step { groups: Some(groups) } = &stored.source {
        for ((_, inputs), own) in groups.iter().zip(own) {
            inputs.for_each(|input| mark(*own, input));
        }
    }
}

/// Rows of one file and fate.
#[derive(Clone, Copy)]
struct Counted {
    rows: usize,
    /// Sum of the control column.
    sum: i128,
    /// The first of the rows.
    first: usize,
}

/// The frame of a dataset, the places of its rows, and how many of them belong to the period, from the first.
pub(super) fn rows_of<'a>(evaluation: &'a Evaluation<'_>, name: &Name) -> Option<(&'a Stored, &'a RowPlaces, usize)> {
    [name.to_string(), history_of(name)].iter().find_map(|full| {
        let stored = evaluation.store.get(full)?;
        match &stored.source {
            Source::Dataset { places, current, .. } => Some((stored, &**places, (*current).min(stored.frame.height()))),
            _ => None,
        }
    })
}

/// The name under which a dataset is read with the months before.
fn history_of(name: &Name) -> String {
    format!("{name}.history")
}

/// The drop that a mark stands for.
pub(super) fn drop_of<'a>(evaluation: &'a Evaluation<'_>, mark: u32) -> Option<&'a Said<Dropped>> {
    evaluation.dropped.get((mark as usize).checked_sub(1)?)
}

/// The store of a row of a dataset.
pub(super) fn store_of(stored: &Stored, row: usize) -> Option<String> {
    Some(stored.frame.column("store_id").ok()?.str().ok()?.get(row)?.to_owned())
}

/// Fates of the rows of one dataset that belong to the period, counted by file.
fn of_dataset(
    evaluation: &Evaluation<'_>,
    pipeline: &Pipeline,
    name: &Name,
    contract: &Contract,
    marks: &BTreeMap<String, Marks>,
    standings: &Standings,
) -> Vec<RowFate> {
    let Some((stored, places, current)) = rows_of(evaluation, name) else { return Vec::new() };
    let control = contract.control.and_then(|index| contract.columns.get(index));
    let control = control.and_then(|column| unscaled(stored, &column.name));
    let mut counted: BTreeMap<(u32, Fate, u32), Counted> = BTreeMap::new();
    // Rows of one file and fate stand in long runs: each run is counted by itself first.
    let mut run: Option<((u32, u32), Counted)> = None;
    let mut settle = |((file, mark), run): ((u32, u32), Counted)| {
        let (fate, dropped) = match mark {
            USED => (Fate::Used, 0),
            UNREAD => (Fate::Unread, 0),
            number => (drop_of(evaluation, number).map_or(Fate::Unread, |said| said.what.fate), number),
        };
        let all = counted.entry((file, fate, dropped)).or_insert(Counted { rows: 0, sum: 0, ..run });
        all.rows += run.rows;
        all.sum += run.sum;
    };
    let marks =
        [name.to_string(), history_of(name)].map(|full| marks.get(&full).map(Vec::as_slice).unwrap_or_default());
    let mark_of = |row: usize| {
        let of = |marks: &[u32]| marks.get(row).copied().unwrap_or(UNREAD);
        marks.iter().fold(UNREAD, |mark, marks| mark.max(of(marks)))
    };
    standings.note(name, (0..current).map(mark_of));
    for row in 0..current {
        let mark = mark_of(row);
        let key = (places.file.get(row).copied().unwrap_or(u32::MAX), mark);
        let control = control.as_ref().and_then(|(values, _)| values.get(row)).copied().unwrap_or(0);
        match &mut run {
            Some((known, run)) if *known == key => {
                run.rows += 1;
                run.sum += control;
            }
            _ => run.replace((key, Counted { rows: 1, sum: control, first: row })).into_iter().for_each(&mut settle),
        }
    }
    run.into_iter().for_each(settle);
    counted
        .into_iter()
        .map(|((file, fate, dropped), Counted { rows, sum, first })| {
            let said = drop_of(evaluation, dropped);
            RowFate {
                store_id: store_of(stored, first).unwrap_or_default(),
                dataset: name.clone(),
                pipeline: pipeline.name.to_string(),
                file: places.files.get(file as usize).cloned().unwrap_or_else(|| "".into()),
                fate,
                step: said.map_or_else(Text::none, |said| {
                    let (plan, owner) = (evaluation.plan, evaluation.plan.pipeline(&said.pipeline));
                    let label = |kind, id: &str| super::label_of(plan, owner, None, kind, id);
                    let because = said.what.because.clone().labelled(&label);
                    step_words(&said.pipeline, &said.step, because, pipeline)
                }),
                rows,
                control: control.as_ref().and_then(|(_, scale)| decimal(sum, *scale)),
            }
        })
        .collect()
}

fn step_words(owner: &str, step: &str, because: Text, pipeline: &Pipeline) -> Text {
    let place = if *owner == *pipeline.name { step.to_owned() } else { format!("{owner}.{step}") };
    if because.is_empty() { Text::from(place) } else { text!("{step}: {because}", step = place, because) }
}

/// Unscaled values of a decimal or whole column, absent cells as 0, with the scale.
fn unscaled<'a>(stored: &'a Stored, column: &str) -> Option<(Cow<'a, [i128]>, u8)> {
    let kind = stored.schema.get(column)?.ty.kind;
    let column = stored.frame.column(column).ok()?;
    match kind {
        Kind::Int => Some((column.i64().ok()?.iter().map(|value| i128::from(value.unwrap_or(0))).collect(), 0)),
        Kind::Decimal { scale, .. } => {
            let figures = column.decimal().ok()?.physical();
            // Where no cell is absent, they are read where they lie.
            let values = match figures.cont_slice() {
                Ok(figures) => Cow::Borrowed(figures),
                Err(_) => figures.iter().map(|value| value.unwrap_or(0)).collect(),
            };
            Some((values, scale))
        }
        _ => None,
    }
}

fn decimal(unscaled: i128, scale: u8) -> Option<Decimal> {
    Exact::from_decimal_parts(unscaled, scale).to_decimal()
}
