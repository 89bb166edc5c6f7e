//! Rows that break what a join promises, told to people: one exception for all rows of one name.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::apply::Found;
use super::{AMBIGUOUS_ROW, Join, Right, UNMATCHED_ROW, Unmatched, When};
use crate::diag::data::ExceptionSeverity;
use crate::diag::text::{Text, text};
use crate::money::exact::Exact;
use crate::step::output::{StepError, StepException};
use crate::step::show;

/// A row of `from` that breaks a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    /// Which of the frames joined.
    pub right: usize,
    pub row: u32,
    pub problem: Problem,
    /// How many rows are there where one is expected.
    pub count: usize,
}

/// Which promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Problem {
    /// No partner.
    Missing,
    /// More than one partner.
    Several,
    /// More than one row of `from` with the same keys.
    Shared,
}

/// Rows of one name with one problem.
struct Case {
    first: Trouble,
    rows: usize,
    stake: Option<Exact>,
}

/// One exception for each name, problem and frame joined, in the order of their first rows.
pub(super) fn exceptions(
    join: &Join,
    left: &DataFrame,
    found: &[Found<'_>],
    troubles: &[Trouble],
) -> Result<Vec<StepException>, StepError> {
    let told: Vec<&Trouble> = troubles
        .iter()
        .filter(|trouble| trouble.problem != Problem::Missing || join.unmatched != Unmatched::Drop)
        .collect();
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let stakes = join.stake.as_ref().map(|column| left.column(column)).transpose()?;
    let store = if join.by_store { Some(left.column("store_id")?) } else { None };
    let mut known: BTreeMap<(usize, Problem, String, String), usize> = BTreeMap::new();
    let mut cases: Vec<Case> = Vec::new();
    for trouble in told {
        let Some((right, _, _)) = found.get(trouble.right) else { continue };
        let row = trouble.row as usize;
        let store = store.map(|column| show::cell(column, row)).unwrap_or_default();
        let by_key = trouble.problem != Problem::Missing && join.when == When::Always;
        let mut name = who(join, left, row).unwrap_or_default();
        if by_key || name.is_empty() {
            name.push('\n');
            name.push_str(&key_values(right, left, row).to_string());
        }
        let at = *known.entry((trouble.right, trouble.problem, store, name)).or_insert_with(|| {
            cases.push(Case { first: *trouble, rows: 0, stake: None });
            cases.len() - 1
        });
        let Some(case) = cases.get_mut(at) else { continue };
        case.rows += 1;
        if let Some(stake) = stakes.and_then(|column| show::number(column, row)) {
            case.stake = Some(case.stake.as_ref().map_or_else(|| stake.clone(), |sum| sum.add(&stake)));
        }
    }
    Ok(cases
        .into_iter()
        .filter_map(|case| {
            let (right, _, _) = found.get(case.first.right)?;
            Some(exception(join, right, left, case))
        })
        .collect())
}

/// Whom a row concerns; `None` where nothing says so.
fn who(join: &Join, left: &DataFrame, row: usize) -> Option<String> {
    let (column, _) = join.who.as_ref()?;
    let column = left.column(column).ok()?;
    (!column.get(row).ok()?.is_null()).then(|| show::cell(column, row))
}

fn key_values(right: &Right, left: &DataFrame, row: usize) -> Text {
    show::cells(left, row, right.keys.iter().map(|key| &key.left))
}

fn exception(join: &Join, right: &Right, left: &DataFrame, told: Case) -> StepException {
    let Case { first, rows, stake } = told;
    let row = first.row as usize;
    let keys = key_values(right, left, row);
    let day = match &join.when {
        When::AsOf(column) => {
            left.column(column).map_or(Text::none(), |column| text!(" on {day}", day = show::value(column, row)))
        }
        When::DuringPeriod => text!(" in the period"),
        When::Always => Text::none(),
    };
    let (from, frame) = (Text::frame(&join.from), Text::frame(&right.frame));
    let (from, frame) = (&from, &frame);
    let out = match rows {
        1 => text!("; the row of `{from}` is left out", from),
        _ => text!("; {rows} rows of `{from}` are left out", rows, from),
    };
    let because = join.because.as_ref().map_or(Text::none(), |because| text!("{because}: ", because));
    let asked = &keys;
    let (code, cause, remedy) = match first.problem {
        Problem::Missing => (
            UNMATCHED_ROW,
            text!("{because}no row of `{frame}` for {keys}{day}{out}", because, frame, keys = asked, day, out),
            text!("add the row to `{frame}`, or correct the key", frame),
        ),
        Problem::Several => (
            AMBIGUOUS_ROW,
            text!(
                "{count} rows of `{frame}` for {keys}{day}, where one is expected{out}",
                count = first.count,
                frame,
                keys = asked,
                day,
                out
            ),
            text!("leave one row in `{frame}` for it", frame),
        ),
        Problem::Shared => (
            AMBIGUOUS_ROW,
            text!(
                "{count} rows of `{from}` share {keys}, where one is expected{out}",
                count = first.count,
                from,
                keys = asked,
                out
            ),
            text!("leave one row in `{from}` for it, or correct the key", from),
        ),
    };
    let severity = match (first.problem, join.unmatched) {
        (Problem::Missing, Unmatched::Hold) => ExceptionSeverity::Held,
        _ => ExceptionSeverity::Blocking,
    };
    let who = match &join.who {
        Some((_, false)) => None,
        Some((_, true)) => who(join, left, row).or_else(|| Some(keys.to_string())),
        None => Some(keys.to_string()),
    };
    StepException { severity, code, frame: join.from.clone(), row: Some(first.row), who, cause, remedy, stake }
}
