//! Running a join: who meets whom, what breaks the promise, and the rows put together.

use polars::prelude::*;

use super::trouble::{Problem, Trouble, exceptions};
use super::{Cardinality, Join, Right, Unmatched, When};
use crate::diag::data::Fate;
use crate::diag::text::{Text, text};
use crate::step::context::{Frames, RunCx};
use crate::step::frames::{arrange, frame, index, take, take_or_null};
use crate::step::keys;
use crate::step::matching::{Days, Groups, Intervals, Matches, day, days, group, meet};
use crate::step::output::{Dropped, Step, StepError, StepOutput};

/// Runs a join.
pub(in crate::step) fn apply(
    join: &Join,
    step: &Step,
    frames: &dyn Frames,
    cx: &RunCx<'_>,
) -> Result<StepOutput, StepError> {
    let left = frame(frames, &join.from)?;
    let mut found = Vec::new();
    for right in &join.rights {
        let partner = frame(frames, &right.frame)?;
        found.push((right, partner, partners(join, right, left, partner, cx)?));
    }
    let shared = if join.left_is_unique() { Some(groups_of_left(join, left)?) } else { None };
    let troubles = troubles(join, left.height(), &found, shared.as_ref());
    let mut dropped = leaving(join, left.height(), &troubles);
    let stays = stays(left.height(), &troubles);
    let output = assemble(step, left, &found, &stays)?;
    for (right, partner, matches) in &found {
        dropped.extend(unused(join, right, partner.height(), matches, &stays));
    }
    let exceptions = exceptions(join, left, &found, &troubles)?;
    Ok(StepOutput { frame: output, members: None, dropped, exceptions })
}

/// A frame joined, its rows, and which of them each row of `from` meets.
pub(super) type Found<'a> = (&'a Right, &'a DataFrame, Matches);

impl Join {
    fn left_is_unique(&self) -> bool {
        matches!(self.expect, Cardinality::OneToOne | Cardinality::OneToMany)
    }

    fn right_is_unique(&self) -> bool {
        matches!(self.expect, Cardinality::OneToOne | Cardinality::ManyToOne)
    }
}

fn partners(
    join: &Join,
    right: &Right,
    left: &DataFrame,
    partner: &DataFrame,
    cx: &RunCx<'_>,
) -> Result<Matches, StepError> {
    let left_keys = keys::columns(left, right.keys.iter().map(|key| (&key.left, key.scale)))?;
    let right_keys = keys::columns(partner, right.keys.iter().map(|key| (&key.right, key.scale)))?;
    let asked = match (&right.interval, &join.when) {
        (None, _) | (_, When::Always) => Days::Any,
        (Some((first, last)), when) => {
            let intervals = Intervals { first: days(partner.column(first)?)?, last: days(partner.column(last)?)? };
            match when {
                When::AsOf(column) => Days::Of(days(left.column(column)?)?, intervals),
                _ => Days::Touching(day(cx.period.first), day(cx.period.last), intervals),
            }
        }
    };
    meet(left_keys, left.height(), right_keys, partner.height(), &asked)
}

/// Rows of `from` with equal keys. All frames are joined by the same keys of `from`.
fn groups_of_left(join: &Join, left: &DataFrame) -> Result<Groups, StepError> {
    let Some(right) = join.rights.first() else { return Ok(Groups::default()) };
    let keys = keys::columns(left, right.keys.iter().map(|key| (&key.left, key.scale)))?;
    group(&keys, left.height())
}

/// Every breach of the promises, by frame joined and row; a row's first one in this order decides its fate.
fn troubles(join: &Join, len: usize, found: &[Found<'_>], shared: Option<&Groups>) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    if let Some(groups) = shared {
        for (row, group) in groups.of_row.iter().enumerate() {
            if let Some(&size) = groups.sizes.get(*group as usize)
                && size > 1
            {
                troubles.push(Trouble { right: 0, row: index(row), problem: Problem::Shared, count: size as usize });
            }
        }
    }
    for (right, (_, _, matches)) in found.iter().enumerate() {
        for row in 0..len {
            let count = matches.of(row).len();
            let problem = match count {
                0 if join.unmatched == Unmatched::Keep => continue,
                0 => Problem::Missing,
                1 => continue,
                _ if join.right_is_unique() => Problem::Several,
                _ => continue,
            };
            troubles.push(Trouble { right, row: index(row), problem, count });
        }
    }
    troubles
}

/// Rows of `from` that leave, by reason.
fn leaving(join: &Join, len: usize, troubles: &[Trouble]) -> Vec<Dropped> {
    let mut seen = vec![false; len];
    let mut dropped: Vec<Dropped> = Vec::new();
    let mut reasons: Vec<(usize, Problem)> = Vec::new();
    for trouble in troubles {
        match seen.get_mut(trouble.row as usize) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        let reason = (trouble.right, trouble.problem);
        let at = reasons.iter().position(|known| *known == reason).unwrap_or_else(|| {
            let name = join.rights.get(trouble.right).map(|right| &*right.frame).unwrap_or_default();
            let because = match trouble.problem {
                Problem::Missing => join
                    .because
                    .as_ref()
                    .map_or_else(|| text!("no row in `{name}`", name = Text::frame(name)), Text::from),
                Problem::Several => text!("several rows in `{name}`; see the exceptions", name = Text::frame(name)),
                Problem::Shared => {
                    text!(
                        "several rows of `{from}` with equal keys; see the exceptions",
                        from = Text::frame(&join.from)
                    )
                }
            };
            dropped.push(Dropped { frame: join.from.clone(), rows: Vec::new(), fate: Fate::Unmatched, because });
            reasons.push(reason);
            reasons.len() - 1
        });
        if let Some(group) = dropped.get_mut(at) {
            group.rows.push(trouble.row);
        }
    }
    for group in &mut dropped {
        group.rows.sort_unstable();
    }
    dropped
}

/// Which rows of `from` stay.
fn stays(len: usize, troubles: &[Trouble]) -> Vec<bool> {
    let mut stays = vec![true; len];
    for trouble in troubles {
        if let Some(slot) = stays.get_mut(trouble.row as usize) {
            *slot = false;
        }
    }
    stays
}

/// Rows of a frame joined that met no row that stays.
fn unused(join: &Join, right: &Right, len: usize, matches: &Matches, stays: &[bool]) -> Option<Dropped> {
    let mut used = vec![false; len];
    for (row, _) in stays.iter().enumerate().filter(|(_, stays)| **stays) {
        for &partner in matches.of(row) {
            if let Some(slot) = used.get_mut(partner as usize) {
                *slot = true;
            }
        }
    }
    let rows: Vec<u32> = used.iter().enumerate().filter(|(_, used)| !**used).map(|(row, _)| index(row)).collect();
    if rows.is_empty() {
        return None;
    }
    let because = text!("no row of `{from}` asks for it", from = Text::frame(&join.from));
    Some(Dropped { frame: right.frame.clone(), rows, fate: Fate::Unmatched, because })
}

/// The rows that stay with what their partners bring, in the order of `from`.
fn assemble(step: &Step, left: &DataFrame, found: &[Found<'_>], stays: &[bool]) -> Result<DataFrame, StepError> {
    let copies = |row: usize| match found {
        [(_, _, only)] => only.of(row).len().max(1),
        _ => 1,
    };
    let mut rows = Vec::with_capacity(left.height());
    for (row, _) in stays.iter().enumerate().filter(|(_, stays)| **stays) {
        rows.resize(rows.len() + copies(row), index(row));
    }
    let mut columns = take(left, rows.clone())?.columns().to_vec();
    for (right, partner, matches) in found {
        let mut partners = Vec::with_capacity(rows.len());
        let mut earlier = None;
        let mut copy = 0;
        for &row in &rows {
            copy = if earlier == Some(row) { copy + 1 } else { 0 };
            earlier = Some(row);
            partners.push(matches.of(row as usize).get(copy).copied());
        }
        let mut brought = Vec::new();
        for (new, old) in right.take.iter().filter(|(new, _)| step.schema.get(new).is_some()) {
            brought.push(partner.column(old)?.clone().with_name(PlSmallStr::from_str(new)));
        }
        for column in partner.columns() {
            if column.name().starts_with('@') && !columns.iter().any(|known| known.name() == column.name()) {
                brought.push(column.clone());
            }
        }
        let brought = DataFrame::new(partner.height(), brought)?;
        columns.extend(take_or_null(&brought, partners)?.columns().iter().cloned());
    }
    arrange(&DataFrame::new(rows.len(), columns)?, &step.schema)
}
