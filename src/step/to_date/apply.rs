//! Running a sum over months: which rows lie in the span, and which months are missing.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::{Gaps, MONTH_MISSING, Span, ToDate};
use crate::diag::data::{ExceptionSeverity, Fate};
use crate::diag::text::{Text, text};
use crate::expr::types::Name;
use crate::step::aggregate::apply::{Chosen, Facts, by_keys, choose, finish};
use crate::step::context::{Frames, Months, RunCx};
use crate::step::frames::{frame, index, take};
use crate::step::keys;
use crate::step::matching::group;
use crate::step::output::{Dropped, Step, StepError, StepException, StepOutput};
use crate::step::show;
use crate::world::period::Period;

/// Rows of one combination of the keys.
#[derive(Default)]
struct Rows {
    rows: Vec<u32>,
    /// Stores that have a row among them.
    stores: BTreeSet<String>,
    /// Months that have a row among them.
    months: BTreeSet<String>,
}

/// Runs a sum over months.
pub(in crate::step) fn apply(
    to_date: &ToDate,
    step: &Step,
    frames: &dyn Frames,
    cx: &RunCx<'_>,
) -> Result<StepOutput, StepError> {
    let ToDate { aggregate, span, .. } = to_date;
    let input = frame(frames, &aggregate.from)?;
    let period =
        Period::of(cx.period.last).ok_or_else(|| StepError::Layout("no period can hold the day".to_owned()))?;
    let months: Vec<String> = span.months(period).iter().map(ToString::to_string).collect();
    let of_rows = input.column("period")?.str()?;
    let within = |row: u32| of_rows.get(row as usize).is_some_and(|month| months.iter().any(|known| known == month));
    let Chosen { rows, mut dropped, mut exceptions } = choose(aggregate.condition.as_ref(), aggregate, input, cx)?;
    let chosen = rows.unwrap_or_else(|| (0..index(input.height())).collect());
    let (inside, outside): (Vec<u32>, Vec<u32>) = chosen.into_iter().partition(|row| within(*row));
    if !outside.is_empty() {
        let because = text!("outside the {span} up to {period}", span = words(*span), period = period.to_string());
        dropped.push(Dropped { frame: aggregate.from.clone(), rows: outside, fate: Fate::Filtered, because });
    }
    let present = match frames.months(&aggregate.from) {
        Some(present) => present.clone(),
        None => pairs(input, 0..index(input.height()))?,
    };
    let mut lacking = Vec::new();
    for rows in by_key(to_date, input, &inside)? {
        let missing = missing(to_date, &rows, &months, &present);
        if !missing.is_empty() {
            exceptions.extend(rows.rows.first().map(|row| tell(to_date, input, *row, missing.clone())));
            lacking.extend(rows.rows);
        }
    }
    lacking.sort_unstable();
    let complete = inside.into_iter().filter(|row| lacking.binary_search(row).is_err()).collect();
    if !lacking.is_empty() {
        let because = text!("a month of the {span} is missing; see the exceptions", span = words(*span));
        dropped.push(Dropped { frame: aggregate.from.clone(), rows: lacking, fate: Fate::Quarantined, because });
    }
    let sorted = by_keys(aggregate, input, Chosen { rows: Some(complete), dropped, exceptions })?;
    finish(aggregate, step, Facts { from: input, each: None, absent: None }, sorted, cx)
}

/// Stores and months of some rows.
fn pairs(input: &DataFrame, rows: impl Iterator<Item = u32>) -> Result<Months, StepError> {
    let (stores, months) = (input.column("store_id")?.str()?, input.column("period")?.str()?);
    let pair = |row: u32| Some((stores.get(row as usize)?.to_owned(), months.get(row as usize)?.to_owned()));
    Ok(rows.filter_map(pair).collect())
}

/// The rows inside the span, by their keys.
fn by_key(to_date: &ToDate, input: &DataFrame, inside: &[u32]) -> Result<Vec<Rows>, StepError> {
    let frame = take(input, inside.to_vec())?;
    let keys = keys::columns(&frame, to_date.aggregate.keys.iter().map(|key| (&key.left, key.scale)))?;
    let groups = group(&keys, frame.height())?;
    let (stores, months) = (frame.column("store_id")?.str()?, frame.column("period")?.str()?);
    let mut found: Vec<Rows> = groups.firsts.iter().map(|_| Rows::default()).collect();
    for (at, (row, group)) in inside.iter().zip(&groups.of_row).enumerate() {
        let Some(rows) = found.get_mut(*group as usize) else { continue };
        rows.rows.push(*row);
        rows.stores.extend(stores.get(at).map(str::to_owned));
        rows.months.extend(months.get(at).map(str::to_owned));
    }
    Ok(found)
}

/// Why months of the span do not count: no file, or no row of the keys.
fn missing(to_date: &ToDate, rows: &Rows, months: &[String], present: &Months) -> Vec<Text> {
    let has_file = |month: &String| rows.stores.iter().all(|store| present.contains(&(store.clone(), month.clone())));
    let why = |month: &String| {
        if !has_file(month) {
            Some(text!("{month} has no accepted file", month))
        } else if to_date.gaps == Gaps::Exception && !rows.months.contains(month) {
            Some(text!("{month} has no row of it", month))
        } else {
            None
        }
    };
    months.iter().filter_map(why).collect()
}

/// The span in the language of the reader.
fn words(span: Span) -> Text {
    Text::of(span.to_string())
}

fn tell(to_date: &ToDate, input: &DataFrame, row: u32, months: Vec<Text>) -> StepException {
    let names: Vec<Name> = to_date.aggregate.keys.iter().map(|key| key.left.clone()).collect();
    let keys = show::cells(input, row as usize, names.iter());
    let of = if keys.is_empty() { Text::none() } else { text!(" of {keys}", keys) };
    let from = &to_date.aggregate.from;
    StepException {
        severity: ExceptionSeverity::Blocking,
        code: MONTH_MISSING,
        frame: from.clone(),
        row: Some(row),
        who: None,
        cause: text!(
            "the {span}{of} from `{from}` is not complete: {months}",
            span = words(to_date.span),
            of,
            from = Text::frame(from),
            months = Text::Row(months)
        ),
        remedy: text!("put the export of the month into its folder, with every row that belongs to it"),
        stake: None,
    }
}
