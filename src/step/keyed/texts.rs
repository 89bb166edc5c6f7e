//! The texts of a key column where they lie, piece by piece.
//!
//! Nothing is copied: a column of a million texts is read from the memory of its frame. A short text lies in the very
//! place that says where texts are, so that most cells are compared without a look at anything else.

use std::cmp::Ordering;

use polars::prelude::{PolarsDataType, StringChunked, StringType};

/// A piece of a text column.
type Piece = <StringType as PolarsDataType>::Array;

/// Texts by their rows.
#[derive(Default)]
pub(super) struct Texts<'a> {
    pieces: Vec<&'a Piece>,
    /// Whether any text is absent.
    lacking: bool,
}

impl<'a> Texts<'a> {
    /// Puts the texts of a column below those that are there.
    pub(super) fn extend(&mut self, column: &'a StringChunked) {
        self.lacking |= column.has_nulls();
        self.pieces.extend(column.downcast_iter().filter(|piece| piece.len() > 0));
    }

    /// The piece in which a row lies, and its place there.
    fn place(&self, row: usize) -> Option<(&'a Piece, usize)> {
        let mut at = row;
        for piece in &self.pieces {
            if at < piece.len() {
                return Some((piece, at));
            }
            at -= piece.len();
        }
        None
    }

    /// The text of a row; `None` where it is absent.
    pub(super) fn get(&self, row: usize) -> Option<&'a str> {
        let (piece, at) = self.place(row)?;
        piece.get(at)
    }

    /// The order of two rows' texts, absent ones first.
    pub(super) fn compare(&self, one: usize, other: usize) -> Ordering {
        if self.at_a_glance(one, other) == Some(true) {
            return Ordering::Equal;
        }
        self.get(one).cmp(&self.get(other))
    }

    /// Whether two rows have the same text, or none.
    pub(super) fn equal(&self, one: usize, other: usize) -> bool {
        self.at_a_glance(one, other).unwrap_or_else(|| self.get(one) == self.get(other))
    }

    /// Whether two texts are the same, as far as that can be told without reading them: short texts lie in their
    /// views, and one view says one text.
    fn at_a_glance(&self, one: usize, other: usize) -> Option<bool> {
        if self.lacking {
            return None;
        }
        let ((one_piece, one), (other_piece, other)) = (self.place(one)?, self.place(other)?);
        let (one, other) = (one_piece.views().get(one)?, other_piece.views().get(other)?);
        let same = one == other;
        if one.is_inline() || other.is_inline() || (same && std::ptr::eq(one_piece, other_piece)) {
            return Some(same);
        }
        (one.length != other.length).then_some(false)
    }
}
