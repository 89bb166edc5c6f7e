//! A few rows that meet many: only those of the many whose keys are among the few are looked at twice.
//!
//! The few make a table; each of the many asks it once, by its hash, and most get no answer. Rows whose like is not in
//! the other frame meet nobody and have no first.

use std::ops::Range;

use rayon::prelude::*;

use super::super::{Keyed, NONE};
use super::{STRETCH, hashes, upper};
use crate::step::frames::index;

/// So many times as many rows are many.
const MANY: usize = 8;

/// The rows of the few by their keys: places of a table lead to the first row of each like.
struct Table {
    /// One more than a number of a like; 0 is free. At least half of the table stays free.
    places: Vec<u32>,
    /// First rows, with the upper half of their hash.
    likes: Vec<(u32, u32)>,
}

/// For each row of two frames the first row of the first frame that has its keys, where both frames have them; `None`
/// where neither frame is small beside the other.
pub(super) fn firsts(keyed: &Keyed<'_>) -> Option<Vec<u32>> {
    let &[first, second] = keyed.parts.as_slice() else { return None };
    let (few, many) = if first <= second { (0..first, first..keyed.len) } else { (first..keyed.len, 0..first) };
    if few.len().saturating_mul(MANY) > many.len() {
        return None;
    }
    let mut firsts = vec![NONE; keyed.len];
    if few.is_empty() {
        return Some(firsts);
    }
    let hashes = hashes(keyed);
    let (table, like_of) = Table::new(keyed, &hashes, few.clone());
    let met = table.met(keyed, &hashes, many);
    // The first row of each like in the first frame, where the other frame has the like too.
    let mut lead = vec![NONE; table.likes.len()];
    for (row, like) in &met {
        if let Some(place) = lead.get_mut(*like as usize).filter(|place| **place == NONE) {
            let of_few = table.likes.get(*like as usize).map_or(NONE, |(_, row)| *row);
            *place = if few.start == 0 { of_few } else { *row };
        }
    }
    for (row, like) in met.into_iter().chain((index(few.start)..).zip(like_of)) {
        if let Some(place) = firsts.get_mut(row as usize) {
            *place = lead.get(like as usize).copied().unwrap_or(NONE);
        }
    }
    Some(firsts)
}

impl Table {
    /// The table of some rows, and the number of each one's like; a row that lacks a key has none.
    fn new(keyed: &Keyed<'_>, hashes: &[u64], few: Range<usize>) -> (Self, Vec<u32>) {
        let mut table =
            Self { places: vec![0; (2 * few.len()).next_power_of_two().max(2)], likes: Vec::with_capacity(few.len()) };
        let mut like_of = Vec::with_capacity(few.len());
        for row in few {
            let hash = hashes.get(row).copied().map_or(0, upper);
            like_of.push(if keyed.lacks(row) { NONE } else { table.put(keyed, hash, index(row)) });
        }
        (table, like_of)
    }

    fn put(&mut self, keyed: &Keyed<'_>, hash: u32, row: u32) -> u32 {
        match self.find(keyed, hash, row) {
            Ok(like) => like,
            Err(slot) => {
                self.likes.push((hash, row));
                let number = index(self.likes.len());
                if let Some(place) = self.places.get_mut(slot) {
                    *place = number;
                }
                number - 1
            }
        }
    }

    /// The like of a row; else the free place where it would stand.
    fn find(&self, keyed: &Keyed<'_>, hash: u32, row: u32) -> Result<u32, usize> {
        let mask = self.places.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let number = self.places.get(slot).and_then(|place| place.checked_sub(1));
            let Some((number, &(known, first))) = number.and_then(|at| Some((at, self.likes.get(at as usize)?))) else {
                return Err(slot);
            };
            if known == hash && keyed.equal(first, row) {
                return Ok(number);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Of the many, the rows that have a like among the few, ascending, with its number.
    fn met(&self, keyed: &Keyed<'_>, hashes: &[u64], many: Range<usize>) -> Vec<(u32, u32)> {
        let rows = hashes.get(many.clone()).unwrap_or_default();
        let stretches = rows.par_chunks(STRETCH).enumerate().map(|(stretch, hashes)| {
            let asked = (index(many.start + stretch * STRETCH)..).zip(hashes);
            let met = asked.filter_map(|(row, hash)| Some((row, self.find(keyed, upper(*hash), row).ok()?)));
            met.filter(|(row, _)| !keyed.lacks(*row as usize)).collect()
        });
        stretches.collect::<Vec<Vec<_>>>().concat()
    }
}
