//! One store's file of one period, held against its contract.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, NewChunkedArray, PlSmallStr, PolarsResult, Scalar, Series,
};

use crate::diag::data::ExceptionSeverity::{Blocking, Fatal, Warning};
use crate::diag::data::{Exception, InputFile, QuarantinedRow, RowFate};
use crate::world::hash::sha256;
use crate::world::period::Period;
use crate::world::{Result, World};

use super::cell::visible;
use super::codes::{
    BAD_ROW, FILE_AMBIGUOUS, FILE_MISSING, HIDDEN_CHARACTER, ROW_CONFLICT, ROW_DUPLICATE, ROW_OUT_OF_PERIOD,
    TOO_MANY_BAD_ROWS,
};
use super::completeness::{self, month_number};
use super::contract::{CellType, Contract, Format};
use super::fates::{self, Fates, State, Tally, TotalSeverity};
use super::keys::{SameKeys, same_keys};
use super::rows::{Rows, misfit};
use super::trouble::{About, FileTrouble, Person, rows_text};
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
    let file = match files.as_slice() {
        [file] => Arc::<str>::from(file.as_str()),
        [] => {
            let (severity, remedy) = if contract.required {
                (Fatal, "export it and put it there")
            } else {
                (Warning, "nothing, where the store has none this month: it is read as absent, not as zero")
            };
            let trouble = FileTrouble::new(FILE_MISSING, format!("no such file ({})", contract.title), remedy);
            read.exceptions.push(About { store_id, file: &wanted }.file(severity, trouble));
            return Ok(read);
        }
        several => {
            let cause = format!("{} files match: {}", several.len(), several.join(", "));
            let trouble = FileTrouble::new(FILE_AMBIGUOUS, cause, "leave the one that is meant");
            read.exceptions.push(About { store_id, file: &wanted }.file(Fatal, trouble));
            return Ok(read);
        }
    };
    let bytes = world.read(&data.join(&*file))?;
    let (sha256, rows) = rayon::join(|| sha256(&bytes), || rows(contract, &bytes, period));
    drop(bytes);
    let about = About { store_id, file: &file };
    let mut input = InputFile { file: file.to_string(), dataset: contract.name.to_string(), sha256, rows: 0 };
    let accepted = rows.and_then(|rows| {
        input.rows = rows.physical;
        let accepting = Accepting { contract, about, file: &file, period, sha256: &input.sha256, earlier };
        accepting.accept(rows).map_err(|error| misfit(&error))
    });
    match accepted {
        Ok(accepted) => read = accepted,
        Err(trouble) => read.exceptions.push(about.file(Fatal, trouble)),
    }
    read.inputs.push(input);
    Ok(read)
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
    let files = contract.path.files(store_id, period, data, world)?;
    let [file] = files.as_slice() else { return Ok(None) };
    let bytes = world.read(&data.join(file))?;
    let (sha256, rows) = rayon::join(|| sha256(&bytes), || rows(contract, &bytes, period));
    Ok(rows.ok().map(|rows| summarise(&rows, rows.rows.len(), period, sha256)))
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

/// A file whose rows are about to be accepted.
struct Accepting<'a> {
    contract: &'a Contract,
    about: About<'a>,
    file: &'a Arc<str>,
    period: Period,
    sha256: &'a str,
    earlier: &'a [PeriodSummary],
}

impl Accepting<'_> {
    fn accept(&self, mut rows: Rows) -> PolarsResult<Read> {
        let contract = self.contract;
        let same = same_keys(contract, &rows)?;
        let fates = Fates::decide(contract, &rows, &same)?;
        let summary = summarise(&rows, fates.data_rows(), self.period, self.sha256.to_owned());
        let mut exceptions: Vec<Exception> = Vec::new();
        for (severity, trouble) in completeness::check(contract, &rows, fates.data_rows(), &summary, self.earlier) {
            exceptions.push(self.about.file(severity, trouble));
        }
        for (severity, trouble) in fates::check_totals(contract, &rows, &fates) {
            let severity = match severity {
                TotalSeverity::Differs => Fatal,
                TotalSeverity::Missing => Blocking,
                TotalSeverity::Unchecked => Warning,
            };
            exceptions.push(self.about.file(severity, trouble));
        }
        let bad = self.bad_rows(&rows, &fates, &same);
        if let Some(trouble) = self.share(&fates) {
            exceptions.push(self.about.file(Fatal, trouble));
        } else {
            exceptions.extend(bad.iter().map(|bad| self.bad_row(&rows, bad)));
        }
        exceptions.extend(self.duplicates(&rows, &same));
        if !exceptions.iter().any(|exception| exception.code == super::codes::WRONG_MONTH) {
            exceptions.extend(self.outside(&rows, &fates));
        }
        exceptions.extend(self.hidden(&rows));
        let quarantine = bad.into_iter().flat_map(|bad| self.quarantined(&rows, bad)).collect();

        let (frame, kept_rows) = self.frame(&mut rows, &fates)?;
        let control = contract.control.and_then(|index| contract.columns.get(index)).map(|column| &*column.name);
        let control = control.map_or(Ok(0), |name| fates::sum(frame.column(name)?.as_materialized_series()))?;
        if let Some(trouble) = fates::add_up(&rows, &fates, Tally { rows: frame.height(), control }) {
            exceptions.push(self.about.file(Fatal, trouble));
        }
        let present = !exceptions.iter().any(|exception| exception.severity == Fatal);
        Ok(Read {
            places: RowPlaces { files: vec![Arc::clone(self.file)], file: vec![0; kept_rows.len()], row: kept_rows },
            frame,
            fates: fates.list(contract, self.about.store_id, self.file),
            quarantine,
            exceptions,
            inputs: Vec::new(),
            summary: Some(summary),
            present,
        })
    }

    /// Accepted rows as a frame, and their physical rows.
    fn frame(&self, rows: &mut Rows, fates: &Fates) -> PolarsResult<(DataFrame, Vec<u32>)> {
        let height = rows.rows.len();
        let constant = |name: &str, value: &str| {
            let scalar = Scalar::from(PlSmallStr::from_str(value));
            Column::new_scalar(PlSmallStr::from_str(name), scalar, height)
        };
        let mut columns = vec![constant("store_id", self.about.store_id), constant("period", &self.period.to_string())];
        columns.extend(std::mem::take(&mut rows.columns).into_iter().map(Column::from));
        let frame = DataFrame::new(height, columns)?;
        let all = std::mem::take(&mut rows.rows);
        if fates.all_kept() {
            return Ok((frame, all));
        }
        let kept = |state: &State| *state == State::Kept;
        let mask = BooleanChunked::from_iter_values(PlSmallStr::EMPTY, fates.states.iter().map(kept));
        let places = all.into_iter().zip(&fates.states).filter(|(_, state)| kept(state)).map(|(row, _)| row).collect();
        Ok((frame.filter(&mask)?, places))
    }

    fn share(&self, fates: &Fates) -> Option<FileTrouble> {
        let (bad, all) = (fates.quarantined.rows, fates.data_rows());
        let most = self.contract.bad_rows_at_most;
        if rust_decimal::Decimal::from(bad) <= most.checked_mul(rust_decimal::Decimal::from(all))? {
            return None;
        }
        let percent = most.checked_mul(rust_decimal::Decimal::ONE_HUNDRED)?.normalize();
        let cause = format!("{bad} of {all} rows broke the contract, more than {percent}%");
        Some(FileTrouble::new(
            TOO_MANY_BAD_ROWS,
            cause,
            "see quarantine.csv; mend the rows, or the contract where it is wrong",
        ))
    }
}

/// A row that is kept out, with all its faults: column, value, what is wrong and what to do.
struct Bad {
    index: usize,
    faults: Vec<BadFault>,
}

struct BadFault {
    column: String,
    value: String,
    code: crate::diag::Code,
    message: String,
    remedy: String,
}

impl Accepting<'_> {
    fn bad_rows(&self, rows: &Rows, fates: &Fates, same: &SameKeys) -> Vec<Bad> {
        let mut all: BTreeMap<usize, Vec<BadFault>> = BTreeMap::new();
        for bad in rows.bad.iter().filter(|bad| fates.states.get(bad.index) == Some(&State::Quarantined)) {
            let faults = bad.faults.iter().map(|fault| BadFault {
                column: fault.column.map_or("", |column| rows.mapping.header(self.contract, column)).to_owned(),
                value: fault.value.clone(),
                code: fault.fault.code,
                message: fault.fault.message.clone(),
                remedy: fault.fault.remedy.clone(),
            });
            all.entry(bad.index).or_default().extend(faults);
        }
        let key = self.contract.key.iter().filter_map(|index| self.contract.columns.get(*index));
        let key = key.map(|column| &*column.label).collect::<Vec<_>>().join(", ");
        for group in &same.conflicts {
            let places: Vec<u32> = group.iter().filter_map(|index| rows.rows.get(*index).copied()).collect();
            for index in group {
                let fault = BadFault {
                    column: String::new(),
                    value: self.key_text(rows, *index),
                    code: ROW_CONFLICT,
                    message: format!("{} have the same key ({key}) and different content", rows_text(&places)),
                    remedy: "leave the row that is right, or give each its own key".to_owned(),
                };
                all.entry(*index).or_default().push(fault);
            }
        }
        all.into_iter().map(|(index, faults)| Bad { index, faults }).collect()
    }

    fn key_text(&self, rows: &Rows, index: usize) -> String {
        let columns = self.contract.key.iter().filter_map(|column| rows.columns.get(*column));
        columns.filter_map(|column| column.str_value(index).ok()).collect::<Vec<_>>().join(", ")
    }

    fn bad_row(&self, rows: &Rows, bad: &Bad) -> Exception {
        let severity = if self.contract.pay { Blocking } else { Warning };
        let row = rows.rows.get(bad.index).copied().unwrap_or(0);
        let mut causes = Vec::new();
        let mut remedies: Vec<&str> = Vec::new();
        for fault in &bad.faults {
            causes.push(if fault.column.is_empty() {
                fault.message.clone()
            } else {
                format!("{}: {}", visible(&fault.column), fault.message)
            });
            if !remedies.contains(&fault.remedy.as_str()) {
                remedies.push(&fault.remedy);
            }
        }
        let trouble = FileTrouble::new(BAD_ROW, format!("row {row}: {}", causes.join("; ")), remedies.join("; "));
        let person = self.person(rows, bad.index);
        let mut exception = self.about.person(severity, person.as_ref(), trouble);
        if person.is_none() {
            exception.who = format!("{} row {row}", self.file);
        }
        exception
    }

    fn quarantined(&self, rows: &Rows, bad: Bad) -> Vec<QuarantinedRow> {
        let row = rows.rows.get(bad.index).copied().unwrap_or(0);
        let entry = |fault: BadFault| QuarantinedRow {
            store_id: self.about.store_id.to_owned(),
            dataset: Arc::clone(&self.contract.name),
            file: Arc::clone(self.file),
            sheet: rows.sheet.clone(),
            row: usize::try_from(row).unwrap_or(usize::MAX),
            column: fault.column,
            value: fault.value,
            code: fault.code,
            fault: format!("{}: {}", fault.message, fault.remedy),
        };
        bad.faults.into_iter().map(entry).collect()
    }

    fn duplicates(&self, rows: &Rows, same: &SameKeys) -> Vec<Exception> {
        let by_person = self.by_person(rows, same.duplicates.iter().map(|(index, _)| *index));
        let list = by_person.into_iter().map(|(person, places)| {
            let cause = format!("{} stand there already and count once", rows_text(&places));
            let trouble =
                FileTrouble::new(ROW_DUPLICATE, cause, "nothing, where the export doubles rows; else export again");
            self.about.person(Warning, person.as_ref(), trouble)
        });
        list.collect()
    }

    fn outside(&self, rows: &Rows, fates: &Fates) -> Vec<Exception> {
        let indexes = rows.outside.iter().filter_map(|index| usize::try_from(*index).ok());
        let kept = indexes.filter(|index| fates.states.get(*index) == Some(&State::Kept));
        let date = self.contract.in_period.and_then(|index| self.contract.columns.get(index));
        let label = date.map_or("", |column| &column.label);
        let list = self.by_person(rows, kept).into_iter().map(|(person, places)| {
            let cause = format!("{} have a {label} outside {}", rows_text(&places), self.period);
            let remedy = "check the date; rows count by their own date, not by their file";
            self.about.person(Warning, person.as_ref(), FileTrouble::new(ROW_OUT_OF_PERIOD, cause, remedy))
        });
        list.collect()
    }

    fn hidden(&self, rows: &Rows) -> Vec<Exception> {
        let mut by_column: BTreeMap<(usize, char), Vec<u32>> = BTreeMap::new();
        for hidden in &rows.hidden {
            by_column.entry((hidden.column, hidden.character)).or_default().push(hidden.row);
        }
        let list = by_column.into_iter().map(|((column, character), places)| {
            let header = visible(rows.mapping.header(self.contract, column)).into_owned();
            let shown = visible(character.encode_utf8(&mut [0; 4])).into_owned();
            let cause = format!("{}: {header} holds the invisible character {shown}", rows_text(&places));
            let remedy = "remove it at its origin; it is printed visibly as it stands";
            self.about.file(Warning, FileTrouble::new(HIDDEN_CHARACTER, cause, remedy))
        });
        list.collect()
    }

    /// Physical rows by the person they concern.
    fn by_person(&self, rows: &Rows, indexes: impl Iterator<Item = usize>) -> BTreeMap<Option<Person>, Vec<u32>> {
        let mut by_person: BTreeMap<Option<Person>, Vec<u32>> = BTreeMap::new();
        for index in indexes {
            let place = rows.rows.get(index).copied().unwrap_or(0);
            by_person.entry(self.person(rows, index)).or_default().push(place);
        }
        by_person
    }

    fn person(&self, rows: &Rows, index: usize) -> Option<Person> {
        let number = self.contract.belongs_to?;
        let column = self.contract.columns.get(number)?;
        if column.cell != CellType::Text {
            return None;
        }
        let name = rows.columns.get(number)?.str().ok()?.get(index)?.to_owned();
        Some(Person { name, is_id: &*column.name == "employee_id" })
    }
}

/// The columns of a contract without a row.
fn no_rows(contract: &Contract) -> DataFrame {
    let columns = contract.schema().fields.iter().map(|field| {
        let dtype = match field.ty.kind {
            crate::expr::types::Kind::Bool => DataType::Boolean,
            crate::expr::types::Kind::Date => DataType::Date,
            crate::expr::types::Kind::Int => DataType::Int64,
            crate::expr::types::Kind::Decimal { scale, .. } => DataType::Decimal(38, usize::from(scale)),
            crate::expr::types::Kind::Text | crate::expr::types::Kind::Exact => DataType::String,
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
