//! Rows told apart by key columns: which are equal, and in which order they stand.
//!
//! Every fold, every join and every list of groups comes through here, so this is where a month of a million
//! documents is fast or slow. Exports stand in the order of their numbers, and what is made of them mostly still does:
//! then equal rows are neighbours. Elsewhere keys are hashed, the hashes are split into parts that fit a core's cache, and
//! within a part each row finds the first row of its like. A hash only says where to look: rows are one only where all their
//! keys are equal, cell by cell. What comes out depends on the rows and their order alone, never on the number of
//! threads.

use std::cmp::Ordering;

use polars::prelude::*;
use rayon::prelude::*;

use super::frames::index;

mod first;
mod order;
mod texts;

use texts::Texts;

/// The cells of a key column.
enum Cells<'a> {
    /// Texts.
    Text(Texts<'a>),
    /// Whole numbers, days, moments, yes and no.
    Number(Vec<Option<i64>>),
    /// Decimal figures of one scale.
    Wide(Vec<Option<i128>>),
}

/// Rows of one frame, or of several below each other, by their key columns.
pub(super) struct Keyed<'a> {
    columns: Vec<Cells<'a>>,
    len: usize,
    /// How many rows each frame has.
    parts: Vec<usize>,
}

/// No row.
pub(super) const NONE: u32 = u32::MAX;

impl<'a> Keyed<'a> {
    /// Rows of frames below each other; each frame brings the same columns.
    pub(super) fn new(frames: &[(&'a [Column], usize)]) -> PolarsResult<Self> {
        let len = frames.iter().map(|(_, len)| len).sum();
        let width = frames.first().map_or(0, |(columns, _)| columns.len());
        let columns = (0..width).into_par_iter().map(|at| {
            let parts = frames.iter().filter_map(|(columns, _)| columns.get(at));
            cells(parts, len)
        });
        let columns = columns.collect::<PolarsResult<_>>()?;
        Ok(Self { columns, len, parts: frames.iter().map(|(_, len)| *len).collect() })
    }

    /// The first key in which two rows differ, and how; as many as there are keys where they are equal.
    fn step(&self, one: u32, other: u32) -> (usize, Ordering) {
        for (at, cells) in self.columns.iter().enumerate() {
            let ordering = cells.compare(one, other);
            if ordering.is_ne() {
                return (at, ordering);
            }
        }
        (self.columns.len(), Ordering::Equal)
    }

    fn equal(&self, one: u32, other: u32) -> bool {
        let (one, other) = (one as usize, other as usize);
        self.columns.iter().all(|cells| match cells {
            Cells::Text(texts) => texts.equal(one, other),
            Cells::Number(numbers) => numbers.get(one) == numbers.get(other),
            Cells::Wide(numbers) => numbers.get(one) == numbers.get(other),
        })
    }

    /// Whether a key of the row is absent.
    fn lacks(&self, row: usize) -> bool {
        self.columns.iter().any(|cells| match cells {
            Cells::Text(texts) => texts.get(row).is_none(),
            Cells::Number(numbers) => numbers.get(row).is_none_or(Option::is_none),
            Cells::Wide(numbers) => numbers.get(row).is_none_or(Option::is_none),
        })
    }

    /// Rows in the order of their keys, absent ones first; `None` where they stand in it already.
    pub(super) fn order(&self) -> Option<Vec<u32>> {
        order::order(self)
    }

    /// For each row the first one that has its keys. With `meeting`, rows that lack a key have none: [`NONE`].
    pub(super) fn firsts(&self, meeting: bool) -> Vec<u32> {
        first::firsts(self, meeting)
    }

    /// For each row of two frames the first row of the first frame that has its keys, where both frames have them.
    /// Rows that meet nobody have none, [`NONE`], or one that no row of the other frame has.
    pub(super) fn partners(&self) -> Vec<u32> {
        first::partners(self)
    }
}

impl Cells<'_> {
    fn compare(&self, one: u32, other: u32) -> Ordering {
        let (one, other) = (one as usize, other as usize);
        match self {
            Self::Text(texts) => texts.compare(one, other),
            Self::Number(numbers) => numbers.get(one).cmp(&numbers.get(other)),
            Self::Wide(numbers) => numbers.get(one).cmp(&numbers.get(other)),
        }
    }
}

/// The cells of a column that lies in parts.
fn cells<'a>(parts: impl Iterator<Item = &'a Column>, len: usize) -> PolarsResult<Cells<'a>> {
    let mut all: Option<Cells<'a>> = None;
    for part in parts {
        let series = part.as_materialized_series();
        let misfit = || polars_err!(SchemaMismatch: "key columns of different types: {}", series.dtype());
        match series.dtype() {
            DataType::String => match all.get_or_insert_with(|| Cells::Text(Texts::default())) {
                Cells::Text(texts) => texts.extend(series.str()?),
                _ => return Err(misfit()),
            },
            DataType::Decimal(..) => match all.get_or_insert_with(|| Cells::Wide(Vec::with_capacity(len))) {
                Cells::Wide(numbers) => numbers.extend(series.decimal()?.physical().iter()),
                _ => return Err(misfit()),
            },
            dtype => match all.get_or_insert_with(|| Cells::Number(Vec::with_capacity(len))) {
                Cells::Number(numbers) => match dtype {
                    DataType::Int64 => numbers.extend(series.i64()?.iter()),
                    DataType::Date => numbers.extend(series.date()?.physical().iter().map(|day| day.map(i64::from))),
                    DataType::Datetime(..) => numbers.extend(series.datetime()?.physical().iter()),
                    DataType::Boolean => numbers.extend(series.bool()?.iter().map(|truth| truth.map(i64::from))),
                    other => return Err(polars_err!(SchemaMismatch: "a column of type {other} is no key")),
                },
                _ => return Err(misfit()),
            },
        }
    }
    Ok(all.unwrap_or(Cells::Number(Vec::new())))
}

/// Row numbers, each list in a piece of memory of its own size.
fn rows(len: usize) -> std::ops::Range<u32> {
    0..index(len)
}

#[cfg(test)]
mod tests;
