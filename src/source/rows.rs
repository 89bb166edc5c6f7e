//! All rows of one file: its batches, one below the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::{PolarsError, PolarsResult, Series};
use rayon::prelude::*;

use super::batch::{BadRow, Batch, Hidden, TotalRow};
use super::codes::ROWS_DO_NOT_ADD_UP;
use super::header::Mapping;
use super::trouble::FileTrouble;
use crate::diag::text::text;

/// A file as its reader leaves it: columns, and everything that is known of its rows.
#[derive(Debug)]
pub(crate) struct Rows {
    /// Name of the sheet; empty where the file has none.
    pub(crate) sheet: String,
    /// Where the columns stand.
    pub(crate) mapping: Arc<Mapping>,
    /// The data rows, bad ones too; a faulty cell is null.
    pub(crate) columns: Vec<Series>,
    /// Physical row of each data row.
    pub(crate) places: Vec<u32>,
    /// Hash of the key of each data row.
    pub(crate) key_hashes: Vec<u64>,
    /// Rows that broke the contract.
    pub(crate) bad: Vec<BadRow>,
    /// Total rows.
    pub(crate) totals: Vec<TotalRow>,
    /// Texts with hidden characters.
    pub(crate) hidden: Vec<Hidden>,
    /// Indexes of data rows whose date lies outside the period.
    pub(crate) outside: Vec<u32>,
    /// Data rows by month of their date.
    pub(crate) months: BTreeMap<i32, usize>,
    /// Sum of the control column over the data rows where it can be read.
    pub(crate) control: i128,
    /// Physical rows of the file.
    pub(crate) physical: usize,
    /// Of these: titles, header, blank rows, repeated headers and total rows.
    pub(crate) not_data: usize,
}

impl Rows {
    /// Puts batches below each other, with physical rows counted through the file.
    ///
    /// # Errors
    /// When columns of two batches do not fit together, which would be a mistake of this program.
    pub(crate) fn new(mapping: Arc<Mapping>, batches: Vec<Batch>) -> Result<Self, FileTrouble> {
        let head = usize::try_from(mapping.row).unwrap_or(usize::MAX);
        let count = batches.iter().map(|batch| batch.rows.len()).sum();
        let mut all = Self {
            sheet: String::new(),
            columns: Vec::new(),
            places: Vec::with_capacity(count),
            key_hashes: Vec::with_capacity(count),
            bad: Vec::new(),
            totals: Vec::new(),
            hidden: Vec::new(),
            outside: Vec::new(),
            months: BTreeMap::new(),
            control: 0,
            physical: head,
            not_data: head,
            mapping,
        };
        let mut columns: Vec<Vec<Series>> = Vec::new();
        for batch in batches {
            let first_row = u32::try_from(all.physical).unwrap_or(u32::MAX);
            let first_index = all.places.len();
            all.places.extend(batch.rows.into_iter().map(|row| row + first_row));
            all.key_hashes.extend(batch.key_hashes);
            all.bad.extend(batch.bad.into_iter().map(|bad| BadRow { index: bad.index + first_index, ..bad }));
            all.totals.extend(batch.totals.into_iter().map(|total| TotalRow { row: total.row + first_row, ..total }));
            all.hidden.extend(batch.hidden.into_iter().map(|hidden| Hidden { row: hidden.row + first_row, ..hidden }));
            let first = u32::try_from(first_index).unwrap_or(u32::MAX);
            all.outside.extend(batch.outside.into_iter().map(|index| index + first));
            for (month, rows) in batch.months {
                *all.months.entry(month).or_insert(0) += rows;
            }
            all.control += batch.control;
            all.physical += usize::try_from(batch.physical).unwrap_or(usize::MAX);
            all.not_data += batch.not_data;
            columns.resize_with(batch.columns.len(), Vec::new);
            for (parts, part) in columns.iter_mut().zip(batch.columns) {
                parts.push(part);
            }
        }
        all.not_data += all.totals.len();
        all.columns = columns
            .into_par_iter()
            .map(below_each_other)
            .collect::<PolarsResult<_>>()
            .map_err(|error| misfit(&error))?;
        Ok(all)
    }
}

/// One series of several, in one piece.
fn below_each_other(parts: Vec<Series>) -> PolarsResult<Series> {
    let mut parts = parts.into_iter();
    let mut whole = parts.next().unwrap_or_default();
    for part in parts {
        whole.append_owned(part)?;
    }
    Ok(whole.rechunk())
}

/// What to say when columns cannot be put together.
pub(crate) fn misfit(error: &PolarsError) -> FileTrouble {
    let cause = text!("the columns that were read do not fit together: {error}", error = error.to_string());
    FileTrouble::new(ROWS_DO_NOT_ADD_UP, cause, text!("this is a mistake of the program: report it with the file"))
}
