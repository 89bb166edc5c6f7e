//! Rows in the order of their keys.
//!
//! Exports come in the order of their numbers, so most of the work is to see that nothing needs to be done: where
//! the first key ascends already, only the rows that share it are put in order by the next one. What must be sorted
//! is sorted by sixteen bytes at a time, held beside the row's number.

use rayon::prelude::*;

use super::{Cells, Keyed, Texts, rows};
use crate::step::frames::index;

/// From how many rows on all threads sort.
const MANY: usize = 1 << 14;
/// Up to how many rows are sorted where they lie.
const FEW: usize = 32;
/// Bytes that are compared at once.
const WORD: usize = 16;
/// Texts that are equal so far are compared whole.
const LONG: usize = 8 * WORD;

/// Row numbers in the order of the keys; `None` where that is the order of the rows.
pub(super) fn order(keyed: &Keyed<'_>) -> Option<Vec<u32>> {
    // One look at each row and the one before it, all keys at once, for frames that are in order.
    if (1..index(keyed.len)).into_par_iter().all(|row| keyed.step(row - 1, row).1.is_le()) {
        return None;
    }
    let mut order: Vec<u32> = rows(keyed.len).collect();
    let moved = sort(&keyed.columns, &mut order);
    moved.then_some(order)
}

/// Sorts rows by columns; whether any row changed its place.
fn sort(columns: &[Cells<'_>], order: &mut [u32]) -> bool {
    let Some((cells, rest)) = columns.split_first() else { return false };
    let ascends = order.windows(2).all(|pair| cells.compare(pair[0], pair[1]).is_le());
    if !ascends && order.len() <= FEW {
        order.sort_unstable_by(|one, other| cells.compare(*one, *other).then(one.cmp(other)));
    } else if !ascends {
        match cells {
            Cells::Text(texts) => sort_texts(texts, order, 0),
            Cells::Number(numbers) => sort_by(order, |row| numbers.get(row as usize).copied().flatten()),
            Cells::Wide(numbers) => sort_by(order, |row| numbers.get(row as usize).copied().flatten()),
        }
    }
    let mut moved = !ascends;
    if !rest.is_empty() {
        for same in order.chunk_by_mut(|one, other| cells.compare(*one, *other).is_eq()) {
            if same.len() > 1 {
                moved |= sort(rest, same);
            }
        }
    }
    moved
}

/// Sorts rows by a value held beside each; rows with one value keep their order.
fn sort_by<K: Ord + Copy + Send>(order: &mut [u32], key: impl Fn(u32) -> K) {
    let mut held: Vec<(K, u32)> = order.iter().map(|row| (key(*row), *row)).collect();
    if held.len() < MANY {
        held.sort();
    } else {
        held.par_sort();
    }
    for (place, (_, row)) in order.iter_mut().zip(held) {
        *place = row;
    }
}

/// Sorts rows by their texts from a byte on, absent ones first; until there they are equal.
fn sort_texts(texts: &Texts<'_>, order: &mut [u32], from: usize) {
    let text = |row: u32| texts.get(row as usize);
    // A text that goes on stands behind one that ends here, and that behind an absent one.
    let word = |row: u32| {
        let Some(rest) = text(row).map(|text| text.as_bytes().get(from..).unwrap_or_default()) else {
            return (0, 0_u8);
        };
        let mut word = [0; WORD];
        for (place, byte) in word.iter_mut().zip(rest) {
            *place = *byte;
        }
        (u128::from_be_bytes(word), 1 + u8::try_from(rest.len().min(WORD + 1)).unwrap_or(u8::MAX))
    };
    if from >= LONG || order.len() <= FEW {
        order.sort_unstable_by(|one, other| text(*one).cmp(&text(*other)).then(one.cmp(other)));
        return;
    }
    let goes_on = |row: u32| text(row).is_some_and(|text| text.len() > from + WORD);
    sort_by(order, word);
    for same in order.chunk_by_mut(|one, other| word(*one) == word(*other)) {
        if same.len() > 1 && same.first().is_some_and(|row| goes_on(*row)) {
            sort_texts(texts, same, from + WORD);
        }
    }
}
