//! One store's file of one period, held against its contract.

use std::path::Path;
use std::sync::Arc;

use polars::prelude::{Column, DataFrame, DataType, PlSmallStr, Series};

use crate::diag::data::ExceptionSeverity::{Blocking, Fatal, Warning};
use crate::diag::data::{Exception, InputFile, QuarantinedRow, RowFate};
use crate::diag::text::text;
use crate::expr::clock;
use crate::expr::types::Kind;
use crate::world::hash::sha256;
use crate::world::period::Period;
use crate::world::{Result, World};

use super::accept::Accepting;
use super::codes::{FILE_AMBIGUOUS, FILE_MISSING, FILE_NOT_EXPECTED};
use super::completeness::month_number;
use super::contract::{Contract, Format};
use super::rows::{Rows, misfit};
use super::trouble::{About, FileTrouble};
use super::{csv, xlsx};

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

impl Read {
    /// Whether there is no file and none was wanted: nothing of the dataset can be counted, nor is it zero.
    pub fn is_absent(&self) -> bool {
        !self.present && !self.exceptions.iter().any(|exception| matches!(exception.severity, Fatal | Blocking))
    }
}

/// How many bytes there are to read of a dataset of a store and period.
pub fn bytes(contract: &Contract, store_id: &str, period: Period, data: &Path, world: &dyn World) -> u64 {
    let files = contract.path.files(store_id, period, data, world).unwrap_or_default();
    files.iter().map(|file| world.size(&data.join(file))).sum()
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
    let files = contract.path.files(store_id, period, data, world)?;
    let wanted = contract.path.filled(store_id, period);
    let mut read = Read { frame: no_rows(contract), ..Read::default() };
    if !contract.is_of(store_id) {
        read.exceptions.extend(files.first().map(|file| unexpected(contract, store_id, file)));
        return Ok(read);
    }
    let file = match files.as_slice() {
        [file] => Arc::<str>::from(file.as_str()),
        [] if !contract.months.holds(period) => return Ok(nothing(contract)),
        [] => {
            let (severity, remedy) = if contract.required {
                (Fatal, text!("export it and put it there"))
            } else {
                (Warning, text!("nothing, where the store has none this month: it is read as absent, not as zero"))
            };
            let cause = text!("no such file ({dataset})", dataset = &contract.title);
            let trouble = FileTrouble::new(FILE_MISSING, cause, remedy);
            read.exceptions.push(About { store_id, file: &wanted }.file(severity, trouble));
            return Ok(read);
        }
        several => {
            let cause = text!("{count} files match: {files}", count = several.len(), files = several.join(", "));
            let trouble = FileTrouble::new(FILE_AMBIGUOUS, cause, text!("leave the one that is meant"));
            read.exceptions.push(About { store_id, file: &wanted }.file(Fatal, trouble));
            return Ok(read);
        }
    };
    let bytes = world.read(&data.join(&*file))?;
    Ok(read_file(contract, store_id, period, &file, bytes, earlier))
}

/// A file of a store that the contract does not list.
fn unexpected(contract: &Contract, store_id: &str, file: &str) -> Exception {
    let cause =
        text!("the contract of {dataset} does not list this store: the file is not read", dataset = &contract.title);
    let remedy = text!("list the store under `stores:` of the contract, or take the file away");
    About { store_id, file }.file(Warning, FileTrouble::new(FILE_NOT_EXPECTED, cause, remedy))
}

/// Reads the bytes of a file that was found already; `file` is what messages and places call it.
pub fn read_file(
    contract: &Contract,
    store_id: &str,
    period: Period,
    file: &Arc<str>,
    bytes: Vec<u8>,
    earlier: &[PeriodSummary],
) -> Read {
    let mut read = Read { frame: no_rows(contract), ..Read::default() };
    let (sha256, rows) = rayon::join(|| sha256(&bytes), || rows(contract, &bytes, period));
    drop(bytes);
    let about = About { store_id, file };
    let mut input = InputFile { file: file.to_string(), dataset: contract.name.to_string(), sha256, rows: 0 };
    let accepted = rows.and_then(|rows| {
        input.rows = rows.physical;
        let summary = summarise(&rows, rows.places.len(), period, input.sha256.clone());
        Accepting { contract, about, file, earlier }.accept(rows, summary).map_err(|error| misfit(&error))
    });
    match accepted {
        Ok(accepted) => read = accepted,
        Err(trouble) => read.exceptions.push(about.file(Fatal, trouble)),
    }
    read.inputs.push(input);
    read
}

/// A dataset that has no file and needs none: its columns without a row, present.
pub fn nothing(contract: &Contract) -> Read {
    Read { frame: no_rows(contract), present: true, ..Read::default() }
}

/// What the file of a month looks like; `None` where there is not exactly one readable file.
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
    if !contract.is_of(store_id) {
        return Ok(None);
    }
    let files = contract.path.files(store_id, period, data, world)?;
    let [file] = files.as_slice() else { return Ok(None) };
    let bytes = world.read(&data.join(file))?;
    let (sha256, rows) = rayon::join(|| sha256(&bytes), || rows(contract, &bytes, period));
    Ok(rows.ok().map(|rows| summarise(&rows, rows.places.len(), period, sha256)))
}

fn summarise(rows: &Rows, count: usize, period: Period, sha256: String) -> PeriodSummary {
    PeriodSummary { period, rows: count, sha256, headers: rows.mapping.headers.clone() }
}

fn rows(contract: &Contract, bytes: &[u8], period: Period) -> std::result::Result<Rows, FileTrouble> {
    let month = month_number(period);
    match &contract.format {
        Format::Csv { encoding, delimiter } => {
            csv::read(contract, bytes, csv::Dialect { encoding: *encoding, delimiter: *delimiter }, month)
        }
        Format::Xlsx { sheet } => xlsx::read(contract, bytes, sheet.as_deref(), month),
    }
}

/// The columns of a contract without a row.
fn no_rows(contract: &Contract) -> DataFrame {
    let columns = contract.schema().fields.iter().map(|field| {
        let dtype = match field.ty.kind {
            Kind::Bool => DataType::Boolean,
            Kind::Date => DataType::Date,
            Kind::DateTime => DataType::Datetime(clock::UNIT, None),
            Kind::Int => DataType::Int64,
            Kind::Decimal { scale, .. } => DataType::Decimal(38, usize::from(scale)),
            Kind::Text | Kind::Exact => DataType::String,
        };
        Column::from(Series::new_empty(PlSmallStr::from_str(&field.name), &dtype))
    });
    DataFrame::new(0, columns.collect()).unwrap_or_default()
}

/// Several stores or periods of one dataset, one below the other; `present` where all of them are.
///
/// Reads of different contracts do not fit together: that is a fatal exception.
pub fn stack(reads: Vec<Read>) -> Read {
    let mut reads = reads.into_iter();
    let Some(mut all) = reads.next() else { return Read::default() };
    for next in reads {
        if let Err(error) = all.frame.vstack_mut_owned(next.frame) {
            let file = next.places.files.first().map_or("", |file| file);
            all.exceptions.push(About { store_id: "", file }.file(Fatal, misfit(&error)));
            all.present = false;
        }
        let offset = u32::try_from(all.places.files.len()).unwrap_or(u32::MAX);
        all.places.files.extend(next.places.files);
        all.places.file.extend(next.places.file.into_iter().map(|file| file + offset));
        all.places.row.extend(next.places.row);
        all.fates.extend(next.fates);
        all.quarantine.extend(next.quarantine);
        all.exceptions.extend(next.exceptions);
        all.inputs.extend(next.inputs);
        all.summary = None;
        all.present &= next.present;
    }
    all
}
