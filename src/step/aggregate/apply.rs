//! Running an aggregate: which rows count for whom, and what they come to.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::{Aggregate, NOTHING_TO_COUNT, STORE};
use crate::diag::data::{ExceptionSeverity, Fate};
use crate::diag::text::{Text, text};
use crate::expr::types::Name;
use crate::expr::{self, Expr};
use crate::step::columns::{Computed, FailedCell, cell_exception, failed_cells};
use crate::step::context::{Frames, RunCx};
use crate::step::derive::{dropped_for_failure, failed_rows};
use crate::step::filter::{Held, hold};
use crate::step::frames::{arrange, frame, index, row_column, take, without};
use crate::step::keyed::Keyed;
use crate::step::keys::{self, Key};
use crate::step::matching::{Days, Matches, group, meet};
use crate::step::output::{Dropped, Step, StepError, StepException, StepOutput};

/// The column that says which row of the output a row counts for.
const GROUP: &str = "@group";

/// Rows that count: the row of the output and the row of `from`, sorted by both.
#[derive(Default)]
struct Counting {
    groups: Vec<u32>,
    rows: Vec<u32>,
}

/// What became of `from` before anything is summed.
pub(in crate::step) struct Sorted {
    counting: Counting,
    /// One row for each row of the output: the columns of `for_each`, or the keys.
    heads: DataFrame,
    dropped: Vec<Dropped>,
    exceptions: Vec<StepException>,
}

/// Runs an aggregate.
pub(in crate::step) fn apply(
    aggregate: &Aggregate,
    step: &Step,
    frames: &dyn Frames,
    cx: &RunCx<'_>,
) -> Result<StepOutput, StepError> {
    let from = frame(frames, &aggregate.from)?;
    let each = aggregate.each.as_ref().map(|(name, prefix)| Ok::<_, StepError>((frame(frames, name)?, prefix)));
    let each = each.transpose()?;
    let sorted = match each {
        Some((each, prefix)) => for_each(aggregate, from, each, prefix, cx)?,
        None => by_keys(aggregate, from, choose(aggregate.condition.as_ref(), aggregate, from, cx)?)?,
    };
    let absent = frames.absent(&aggregate.from);
    finish(aggregate, step, Facts { from, each, absent }, sorted, cx)
}

/// What is aggregated: the rows, those for which they are, and the stores that have no file of them.
#[derive(Clone, Copy)]
pub(in crate::step) struct Facts<'a> {
    pub from: &'a DataFrame,
    pub each: Option<(&'a DataFrame, &'a Name)>,
    pub absent: Option<&'a BTreeSet<String>>,
}

/// Sums and counts the rows that count.
pub(in crate::step) fn finish(
    aggregate: &Aggregate,
    step: &Step,
    facts: Facts<'_>,
    sorted: Sorted,
    cx: &RunCx<'_>,
) -> Result<StepOutput, StepError> {
    let Facts { from, each, absent } = facts;
    let Sorted { counting, heads, mut dropped, mut exceptions } = sorted;
    // How many rows there are cannot fail: where nobody reads it, they are not counted.
    let is_read = |column: &&Computed| step.schema.get(&column.field.name).is_some() || !column.expr.counts_rows();
    let columns: Vec<Computed> = aggregate.columns.iter().filter(is_read).cloned().collect();
    let exprs: Vec<(Name, &Expr)> = columns.iter().map(|column| (column.field.name.clone(), &column.expr)).collect();
    let mut rows = gather(exprs.iter().map(|(_, expr)| *expr), from, each, &counting)?;
    rows.with_column(UInt32Chunked::from_slice(GROUP.into(), &counting.groups).into_series().into())?;
    let evaluated = expr::aggregate(&exprs, &rows, GROUP, heads.height(), cx.params, cx.period)?;
    let lacking = each.map_or(Ok(Vec::new()), |(each, _)| lacking(aggregate, each, absent))?;
    let mut failed = failed_cells(&columns, &evaluated.columns, &evaluated.faults);
    failed.retain(|cell| lacking.binary_search_by_key(&index(cell.row), |(row, _)| *row).is_err());
    exceptions.extend(lacking.iter().map(|(row, store)| nothing_there(aggregate, *row, store)));
    exceptions.extend(failed.iter().map(|cell| tell(aggregate, &columns, cell, &counting, &rows)));
    let all = arrange(&heads.hstack(&evaluated.columns)?, &step.schema)?;
    let mut gone = failed_rows(&failed);
    gone.extend(lacking.iter().map(|(row, _)| *row));
    gone.sort_unstable();
    let frame = without(&all, &gone)?;
    let members = members(&aggregate.from, counting, heads.height(), &gone, &mut dropped)?;
    if let Some((name, _)) = &aggregate.each {
        dropped.extend(dropped_for_failure(name, gone));
    }
    Ok(StepOutput { frame, members: Some(members), dropped, exceptions })
}

/// Rows of `for_each` whose store has no file of what is counted, with that store.
fn lacking(
    aggregate: &Aggregate,
    each: &DataFrame,
    absent: Option<&BTreeSet<String>>,
) -> Result<Vec<(u32, String)>, StepError> {
    let Some(absent) = absent.filter(|absent| aggregate.by_store && !absent.is_empty()) else { return Ok(Vec::new()) };
    let stores = each.column(STORE)?.str()?.iter();
    let lacking = (0..).zip(stores).filter_map(|(row, store)| Some((row, absent.get(store?)?.clone())));
    Ok(lacking.collect())
}

fn nothing_there(aggregate: &Aggregate, row: u32, store: &str) -> StepException {
    let frame = aggregate.each.as_ref().map_or(&aggregate.from, |(each, _)| each).clone();
    let counted = Text::frame(&aggregate.from);
    StepException {
        severity: ExceptionSeverity::Blocking,
        code: NOTHING_TO_COUNT,
        frame,
        row: Some(row),
        who: None,
        cause: text!("store {store} has no {frame}: what is counted of it is absent, not zero", store, frame = counted),
        remedy: text!("put the file there, or count it only for stores that have it"),
        stake: None,
    }
}

/// Rows of `from` for each row of another frame.
fn for_each(
    aggregate: &Aggregate,
    from: &DataFrame,
    each: &DataFrame,
    prefix: &Name,
    cx: &RunCx<'_>,
) -> Result<Sorted, StepError> {
    let alone = aggregate.condition.as_ref().filter(|condition| condition.each_columns().is_empty());
    let Chosen { rows, mut dropped, mut exceptions } = choose(alone, aggregate, from, cx)?;
    let chosen = match &rows {
        Some(rows) => take(from, rows.clone())?,
        None => from.clone(),
    };
    let each_keys = keys::columns(each, aggregate.keys.iter().map(|key| (&key.right, key.scale)))?;
    let from_keys = keys::columns(&chosen, aggregate.keys.iter().map(|key| (&key.left, key.scale)))?;
    let met = meet(each_keys, each.height(), from_keys, chosen.height(), &Days::Any)?;
    let (groups, mut met_rows) = met.into_pairs();
    if let Some(rows) = &rows {
        for row in &mut met_rows {
            *row = rows.get(*row as usize).copied().unwrap_or(u32::MAX);
        }
    }
    let mut counting = Counting { groups, rows: met_rows };
    if let Some(condition) = aggregate.condition.as_ref().filter(|condition| !condition.each_columns().is_empty()) {
        let pairs = gather(std::iter::once(condition), from, Some((each, prefix)), &counting)?;
        let Held { mask, dropped: failed, exceptions: more, .. } =
            hold(condition, "where", &pairs, &aggregate.from, cx)?;
        // Row numbers of the pairs are those of `from` for everybody outside.
        let outside = |row: u32| counting.rows.get(row as usize).copied();
        exceptions.extend(more.into_iter().map(|one| StepException { row: one.row.and_then(outside), ..one }));
        let mut gone: Vec<u32> = failed.iter().flat_map(|one| &one.rows).filter_map(|&row| outside(row)).collect();
        gone.sort_unstable();
        gone.dedup();
        let keeps = |row: u32| gone.binary_search(&row).is_err();
        let kept: Vec<bool> = mask.iter().map(|held| held == Some(true)).collect();
        let pick = |values: &[u32]| -> Vec<u32> {
            let pairs = values.iter().zip(&counting.rows).zip(&kept);
            pairs.filter(|((_, row), kept)| **kept && keeps(**row)).map(|((value, _), _)| *value).collect()
        };
        counting = Counting { groups: pick(&counting.groups), rows: pick(&counting.rows) };
        exceptions.dedup_by(|one, other| (one.row, &one.cause) == (other.row, &other.cause));
        dropped.extend(dropped_for_failure(&aggregate.from, gone));
    }
    dropped.extend(unmatched(aggregate, from.height(), &counting, &dropped));
    let heads = each.clone();
    Ok(Sorted { counting, heads, dropped, exceptions })
}

/// Rows of `from` that count for nobody and have no other fate.
fn unmatched(aggregate: &Aggregate, len: usize, counting: &Counting, dropped: &[Dropped]) -> Option<Dropped> {
    let mut counted = vec![false; len];
    let gone = dropped.iter().flat_map(|one| &one.rows);
    for &row in counting.rows.iter().chain(gone) {
        if let Some(slot) = counted.get_mut(row as usize) {
            *slot = true;
        }
    }
    let rows: Vec<u32> = (0..).zip(&counted).filter(|(_, counted)| !**counted).map(|(row, _)| row).collect();
    let (each, _) = aggregate.each.as_ref()?;
    let because = text!("counts for no row of `{each}`", each = Text::frame(each));
    (!rows.is_empty()).then(|| Dropped { frame: aggregate.from.clone(), rows, fate: Fate::Unmatched, because })
}

/// The chosen rows of `from` by its own columns.
pub(in crate::step) fn by_keys(aggregate: &Aggregate, from: &DataFrame, chosen: Chosen) -> Result<Sorted, StepError> {
    let Chosen { rows, dropped, exceptions } = chosen;
    let chosen = match &rows {
        Some(rows) => take(from, rows.clone())?,
        None => from.clone(),
    };
    let key_columns = keys::columns(&chosen, aggregate.keys.iter().map(|Key { left, scale, .. }| (left, *scale)))?;
    let groups = group(&key_columns, chosen.height())?;
    let names: Vec<PlSmallStr> = aggregate.keys.iter().map(|key| PlSmallStr::from_str(&key.left)).collect();
    let mut heads = take(&chosen.select(names.iter().map(PlSmallStr::as_str))?, groups.firsts.clone())?;
    let mut of_row = groups.of_row;
    if names.is_empty() {
        // Without keys there is one row, whether or not anything is in it.
        heads = DataFrame::new(1, Vec::new())?;
    } else {
        let by: Vec<Column> = groups.by.iter().filter_map(|at| heads.columns().get(*at)).cloned().collect();
        if let Some(order) = Keyed::new(&[(&by, heads.height())])?.order() {
            let mut rank = vec![0; order.len()];
            for (place, number) in (0..).zip(&order) {
                if let Some(slot) = rank.get_mut(*number as usize) {
                    *slot = place;
                }
            }
            for group in &mut of_row {
                *group = rank.get(*group as usize).copied().unwrap_or_default();
            }
            heads = take(&heads, order)?;
        }
    }
    let (groups, mut members) = Matches::of_groups(&of_row, heads.height()).into_pairs();
    if let Some(rows) = &rows {
        for row in &mut members {
            *row = rows.get(*row as usize).copied().unwrap_or(u32::MAX);
        }
    }
    Ok(Sorted { counting: Counting { groups, rows: members }, heads, dropped, exceptions })
}

/// The rows that a condition on `from` alone leaves; `None` for all.
pub(in crate::step) struct Chosen {
    pub rows: Option<Vec<u32>>,
    pub dropped: Vec<Dropped>,
    pub exceptions: Vec<StepException>,
}

/// Asks a condition on `from` alone of its rows.
pub(in crate::step) fn choose(
    condition: Option<&Expr>,
    aggregate: &Aggregate,
    from: &DataFrame,
    cx: &RunCx<'_>,
) -> Result<Chosen, StepError> {
    let Some(condition) = condition else {
        return Ok(Chosen { rows: None, dropped: Vec::new(), exceptions: Vec::new() });
    };
    let Held { mask, false_rows, mut dropped, exceptions } = hold(condition, "where", from, &aggregate.from, cx)?;
    let rows = (0..).zip(mask.iter()).filter(|(_, held)| *held == Some(true)).map(|(row, _)| row).collect();
    if !false_rows.is_empty() {
        let because = text!("not ({condition})", condition = condition.text.trim());
        dropped.push(Dropped { frame: aggregate.from.clone(), rows: false_rows, fate: Fate::Filtered, because });
    }
    Ok(Chosen { rows: Some(rows), dropped, exceptions })
}

/// The columns that expressions read, for the rows that count.
fn gather<'a>(
    exprs: impl Iterator<Item = &'a Expr>,
    from: &DataFrame,
    each: Option<(&DataFrame, &Name)>,
    counting: &Counting,
) -> Result<DataFrame, StepError> {
    let (mut read, mut read_each) = (BTreeSet::new(), BTreeSet::new());
    for expr in exprs {
        read.extend(expr.columns());
        read_each.extend(expr.each_columns());
    }
    let read = from.select(read.iter())?;
    let mut columns = take(&read, counting.rows.clone())?.columns().to_vec();
    if let Some((each, prefix)) = each {
        let read = take(&each.select(read_each.iter())?, counting.groups.clone())?;
        let dotted = |column: &Column| PlSmallStr::from_string(format!("{prefix}.{}", column.name()));
        columns.extend(read.columns().iter().map(|column| column.clone().with_name(dotted(column))));
    }
    Ok(DataFrame::new(counting.rows.len(), columns)?)
}

/// The exception for a cell that failed, at the row that tells the person.
fn tell(
    aggregate: &Aggregate,
    columns: &[Computed],
    cell: &FailedCell,
    counting: &Counting,
    rows: &DataFrame,
) -> StepException {
    let group = index(cell.row);
    let at_fault = cell.input_row.and_then(|at| Some((at, *counting.rows.get(at)?)));
    let read = at_fault.map(|(at, _)| (rows, at));
    if let Some((each, _)) = &aggregate.each {
        return cell_exception(cell, columns, each, Some(group), read);
    }
    let first = counting.groups.partition_point(|&one| one < group);
    let row = at_fault.map(|(_, row)| row).or_else(|| counting.rows.get(first).copied());
    cell_exception(cell, columns, &aggregate.from, row, read)
}

/// Which rows of `from` went into which row of the output; rows of the output that left take theirs along.
fn members(
    from: &Name,
    counting: Counting,
    len: usize,
    gone: &[u32],
    dropped: &mut Vec<Dropped>,
) -> Result<DataFrame, StepError> {
    let Counting { mut groups, mut rows } = counting;
    if !gone.is_empty() {
        let mut place = vec![None; len];
        let mut next = 0;
        for (group, slot) in (0..).zip(&mut place) {
            if gone.binary_search(&group).is_err() {
                *slot = Some(next);
                next += 1;
            }
        }
        let of = |group: u32| place.get(group as usize).copied().flatten();
        let pairs = || groups.iter().zip(&rows).map(|(group, row)| (of(*group), *row));
        let kept: Vec<(u32, u32)> = pairs().filter_map(|(group, row)| Some((group?, row))).collect();
        let mut lost: Vec<u32> = pairs().filter(|(group, _)| group.is_none()).map(|(_, row)| row).collect();
        let mut still: Vec<u32> = kept.iter().map(|(_, row)| *row).collect();
        still.sort_unstable();
        lost.retain(|row| still.binary_search(row).is_err());
        lost.sort_unstable();
        lost.dedup();
        dropped.extend(dropped_for_failure(from, lost));
        (groups, rows) = kept.into_iter().unzip();
    }
    let columns = vec![
        UInt32Chunked::from_vec("@self".into(), groups).into_series().into(),
        UInt32Chunked::from_vec(row_column(from).into(), rows).into_series().into(),
    ];
    Ok(DataFrame::new_infer_height(columns)?)
}
