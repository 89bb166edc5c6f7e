//! The first row of its like, for every row: by the order of the rows where they have one, by hashes elsewhere.

use rayon::prelude::*;

use super::{Cells, Keyed, NONE, rows};

use crate::step::frames::index;
use crate::world::hash::{quick_number, quick_text};

mod few;
mod sorted;

/// Rows that one task hashes.
const STRETCH: usize = 1 << 14;
/// About how many rows a part has: its table and its keys fit into a core's own cache.
const PART: usize = 1 << 12;

/// A row that is not like the row before it, with the upper half of the hash of its keys.
type Leader = (u32, u32);

/// For each row the first one with its keys.
pub(super) fn firsts(keyed: &Keyed<'_>, meeting: bool) -> Vec<u32> {
    sorted::firsts(keyed, meeting).unwrap_or_else(|| by_hash(keyed, meeting))
}

/// For each row of two frames the first of the first frame that has its keys, where both frames have them; for others
/// [`NONE`], or themselves: they meet nobody.
pub(super) fn partners(keyed: &Keyed<'_>) -> Vec<u32> {
    few::firsts(keyed).unwrap_or_else(|| firsts(keyed, true))
}

fn by_hash(keyed: &Keyed<'_>, meeting: bool) -> Vec<u32> {
    let hashes = hashes(keyed);
    let leaders = leaders(keyed, &hashes, meeting);
    let mut firsts = vec![0; keyed.len];
    for &(_, row) in &leaders {
        if let Some(first) = firsts.get_mut(row as usize) {
            *first = row + 1;
        }
    }
    drop(hashes);
    let repeated: Vec<Vec<(u32, u32)>> = {
        let (parted, bounds) = parted(leaders);
        let parts = bounds.par_windows(2);
        parts.map(|bound| repeated(keyed, parted.get(bound[0]..bound[1]).unwrap_or_default())).collect()
    };
    for (row, first) in repeated.into_iter().flatten() {
        if let Some(place) = firsts.get_mut(row as usize) {
            *place = first + 1;
        }
    }
    // Who leads nobody is like the row before; so far places count from 1.
    let mut before = 0;
    for (row, place) in firsts.iter_mut().enumerate() {
        if *place == 0 && !(meeting && keyed.lacks(row)) {
            *place = before;
        }
        before = *place;
        *place = place.checked_sub(1).unwrap_or(NONE);
    }
    firsts
}

/// The hash of every row's keys.
fn hashes(keyed: &Keyed<'_>) -> Vec<u64> {
    let mut hashes = vec![0_u64; keyed.len];
    hashes.par_chunks_mut(STRETCH).enumerate().for_each(|(stretch, hashes)| {
        let from = stretch * STRETCH;
        for cells in &keyed.columns {
            match cells {
                Cells::Text(texts) => {
                    let texts = (from..).map(|row| texts.get(row));
                    hashes.iter_mut().zip(texts).for_each(|(hash, text)| *hash = quick_text(*hash, text));
                }
                Cells::Number(numbers) => {
                    let numbers = numbers.get(from..).unwrap_or_default();
                    for (hash, number) in hashes.iter_mut().zip(numbers) {
                        *hash = quick_number(*hash ^ u64::from(number.is_some()), i128::from(number.unwrap_or(0)));
                    }
                }
                Cells::Wide(numbers) => {
                    let numbers = numbers.get(from..).unwrap_or_default();
                    for (hash, number) in hashes.iter_mut().zip(numbers) {
                        *hash = quick_number(*hash ^ u64::from(number.is_some()), number.unwrap_or(0));
                    }
                }
            }
        }
    });
    hashes
}

fn upper(hash: u64) -> u32 {
    u32::try_from(hash >> u32::BITS).unwrap_or(u32::MAX)
}

/// Rows that are not like the row before them.
fn leaders(keyed: &Keyed<'_>, hashes: &[u64], meeting: bool) -> Vec<Leader> {
    let stretches = hashes.par_chunks(STRETCH).enumerate().map(|(stretch, own)| {
        let from = stretch * STRETCH;
        let mut leaders = Vec::new();
        let mut before = from.checked_sub(1).and_then(|before| hashes.get(before)).copied();
        for (row, &hash) in (index(from)..).zip(own) {
            let like = before == Some(hash) && row > 0 && keyed.equal(row - 1, row);
            let left_out = meeting && keyed.lacks(row as usize);
            if !(like || left_out) {
                leaders.push((upper(hash), row));
            }
            before = Some(hash);
        }
        leaders
    });
    stretches.collect::<Vec<_>>().concat()
}

/// Leaders brought together by their hashes, in the order of their rows within each part; and where parts begin.
fn parted(leaders: Vec<Leader>) -> (Vec<Leader>, Vec<usize>) {
    let bits = (leaders.len() / PART).next_power_of_two().trailing_zeros().min(10);
    if bits == 0 {
        let bounds = vec![0, leaders.len()];
        return (leaders, bounds);
    }
    let part = |hash: u32| (hash >> (u32::BITS - bits)) as usize;
    let mut bounds = vec![0; (1 << bits) + 1];
    for (hash, _) in &leaders {
        if let Some(count) = bounds.get_mut(part(*hash) + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for bound in &mut bounds {
        sum += *bound;
        *bound = sum;
    }
    let mut next = bounds.clone();
    let mut parted = vec![(0, 0); leaders.len()];
    for leader in leaders {
        if let Some(at) = next.get_mut(part(leader.0)) {
            if let Some(place) = parted.get_mut(*at) {
                *place = leader;
            }
            *at += 1;
        }
    }
    (parted, bounds)
}

/// Leaders of a part that are like an earlier one, with the first of these.
fn repeated(keyed: &Keyed<'_>, part: &[Leader]) -> Vec<(u32, u32)> {
    let mut repeated = Vec::new();
    if part.len() < 2 {
        return repeated;
    }
    // One more than a place in the part; 0 is free. At least half of the table stays free.
    let mut table = vec![0_u32; (2 * part.len()).next_power_of_two()];
    let mask = table.len() - 1;
    for (number, &(hash, row)) in rows(part.len()).zip(part) {
        let mut slot = hash as usize & mask;
        while let Some(place) = table.get_mut(slot) {
            let Some(&(known, first)) = place.checked_sub(1).and_then(|at| part.get(at as usize)) else {
                *place = number + 1;
                break;
            };
            if known == hash && keyed.equal(first, row) {
                repeated.push((row, first));
                break;
            }
            slot = (slot + 1) & mask;
        }
    }
    repeated
}
