//! Rows that stand in the order of their keys, or of the first ones of them, as exports mostly do.
//!
//! Then equal rows are neighbours, or nearly: one look at each row and the one before it tells, in the order in which
//! they lie in memory. Two frames that meet are both in order, and are gone through side by side.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::super::{Keyed, NONE};
use super::STRETCH;
use crate::step::frames::index;

/// Up to how many neighbours that share their first keys are compared by the others, each with each.
const NEIGHBOURS: usize = 48;

/// For each row the first one with its keys; `None` where the rows are in no useful order.
pub(super) fn firsts(keyed: &Keyed<'_>, meeting: bool) -> Option<Vec<u32>> {
    let [first, rest @ ..] = keyed.parts.as_slice() else { return None };
    let mut firsts = in_part(keyed, 0..*first, meeting, !rest.is_empty())?;
    let mut from = *first;
    for len in rest {
        let own = in_part(keyed, from..from + len, meeting, true)?;
        firsts.extend(meet(keyed, *first, from, &own));
        from += len;
    }
    if meeting {
        firsts.par_iter_mut().enumerate().filter(|(row, _)| keyed.lacks(*row)).for_each(|(_, first)| *first = NONE);
    }
    Some(firsts)
}

/// The firsts of one frame's rows; with `whole`, only where they are in the order of all keys.
fn in_part(keyed: &Keyed<'_>, part: std::ops::Range<usize>, meeting: bool, whole: bool) -> Option<Vec<u32>> {
    let (from, width) = (part.start, keyed.columns.len());
    // A few rows tell whether it is worth while to look at all.
    let some = part.start..part.end.min(part.start + 64);
    prefix(keyed, some, whole)?;
    // For each row the first of the keys in which it differs from the row before.
    let mut differs = vec![0_u8; part.len()];
    let prefixes = differs.par_chunks_mut(STRETCH).enumerate().map(|(stretch, differs)| {
        let begin = from + stretch * STRETCH;
        let mut ordered = width;
        for (row, differs) in (begin..).zip(differs) {
            if row == from {
                continue;
            }
            let (at, ordering) = keyed.step(index(row - 1), index(row));
            *differs = u8::try_from(at).unwrap_or(u8::MAX);
            if ordering.is_gt() {
                ordered = ordered.min(at);
            }
            if ordered == 0 {
                break;
            }
        }
        ordered
    });
    let ordered = prefixes.min().unwrap_or(width);
    if ordered == 0 || (whole && ordered < width) || (meeting && ordered < width) || width >= usize::from(u8::MAX) {
        return None;
    }
    let mut firsts = Vec::with_capacity(part.len());
    // Firsts of the neighbours that share the ordered keys.
    let mut known: Vec<u32> = Vec::new();
    for (row, differs) in (from..).zip(differs) {
        let row = index(row);
        let differs = usize::from(differs);
        if differs < ordered || row as usize == from {
            known.clear();
        } else if differs == width {
            firsts.push(firsts.last().copied().unwrap_or(row));
            continue;
        }
        let like = known.iter().find(|first| keyed.equal(**first, row)).copied();
        if like.is_none() {
            if known.len() == NEIGHBOURS {
                return None;
            }
            known.push(row);
        }
        firsts.push(like.unwrap_or(row));
    }
    Some(firsts)
}

/// How many keys a few rows are ordered by; `None` where it is not enough.
fn prefix(keyed: &Keyed<'_>, rows: std::ops::Range<usize>, whole: bool) -> Option<usize> {
    let mut ordered = keyed.columns.len();
    for row in rows.clone().skip(1) {
        let (at, ordering) = keyed.step(index(row - 1), index(row));
        if ordering.is_gt() {
            ordered = ordered.min(at);
        }
    }
    (ordered > 0 && !(whole && ordered < keyed.columns.len())).then_some(ordered)
}

/// Firsts of rows from `from` on in the first frame of so many rows, where one is like them; else their own.
fn meet(keyed: &Keyed<'_>, len: usize, from: usize, own: &[u32]) -> Vec<u32> {
    let mut met = Vec::with_capacity(own.len());
    let mut other = 0;
    let mut before: Option<(u32, u32)> = None;
    for (row, &first) in (from..).zip(own) {
        if let Some((known, result)) = before
            && known == first
        {
            met.push(result);
            continue;
        }
        let row = index(row);
        let mut result = first;
        while other < len {
            match keyed.step(index(other), row).1 {
                Ordering::Less => other += 1,
                Ordering::Equal => {
                    result = index(other);
                    break;
                }
                Ordering::Greater => break,
            }
        }
        before = Some((first, result));
        met.push(result);
    }
    met
}
