//! Rows of a file become a frame; what is kept out becomes quarantine, fates and exceptions.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::{BooleanChunked, Column, DataFrame, NewChunkedArray, PlSmallStr, PolarsResult, Scalar};
use rust_decimal::Decimal;

use crate::diag::Code;
use crate::diag::data::ExceptionSeverity::{Blocking, Fatal, Warning};
use crate::diag::data::{Exception, QuarantinedRow, RowPlace};
use crate::diag::text::{Text, text};
use crate::world::period::Period;

use super::cell::visible;
use super::codes::{
    BAD_ROW, HIDDEN_CHARACTER, ROW_CONFLICT, ROW_DUPLICATE, ROW_OUT_OF_PERIOD, TOO_MANY_BAD_ROWS, WRONG_MONTH,
};
use super::completeness;
use super::contract::{CellType, Contract};
use super::fates::{self, Fates, State, Tally, TotalSeverity};
use super::keys::{SameKeys, same_keys};
use super::read::{PeriodSummary, Read, RowPlaces};
use super::rows::Rows;
use super::trouble::{About, FileTrouble, Person, rows_text};

/// A file whose rows are about to be accepted.
pub(super) struct Accepting<'a> {
    /// Its contract.
    pub(super) contract: &'a Contract,
    /// Store and file, for exceptions.
    pub(super) about: About<'a>,
    /// The file again, for places.
    pub(super) file: &'a Arc<str>,
    /// The months before.
    pub(super) earlier: &'a [PeriodSummary],
}

impl Accepting<'_> {
    /// Decides every row; what the file looked like counts rows that are remarks until then.
    pub(super) fn accept(&self, mut rows: Rows, mut summary: PeriodSummary) -> PolarsResult<Read> {
        let contract = self.contract;
        let same = same_keys(contract, &rows)?;
        let fates = Fates::decide(contract, &rows, &same)?;
        summary.rows = fates.data_rows();
        let period = summary.period;
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
        if !exceptions.iter().any(|exception| exception.code == WRONG_MONTH) {
            exceptions.extend(self.outside(&rows, &fates, period));
        }
        exceptions.extend(self.hidden(&rows));
        let quarantine = bad.into_iter().flat_map(|bad| self.quarantined(&rows, bad)).collect();

        let (frame, kept_rows) = self.frame(&mut rows, &fates, period)?;
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
    fn frame(&self, rows: &mut Rows, fates: &Fates, period: Period) -> PolarsResult<(DataFrame, Vec<u32>)> {
        let height = rows.places.len();
        let constant = |name: &str, value: &str| {
            let scalar = Scalar::from(PlSmallStr::from_str(value));
            Column::new_scalar(PlSmallStr::from_str(name), scalar, height)
        };
        let mut columns = vec![constant("store_id", self.about.store_id), constant("period", &period.to_string())];
        columns.extend(std::mem::take(&mut rows.columns).into_iter().map(Column::from));
        let frame = DataFrame::new(height, columns)?;
        let all = std::mem::take(&mut rows.places);
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
        if Decimal::from(bad) <= most.checked_mul(Decimal::from(all))? {
            return None;
        }
        let percent = most.checked_mul(Decimal::ONE_HUNDRED)?.normalize();
        let percent = percent.to_string();
        let cause = text!("{bad} of {all} rows broke the contract, more than {percent}%", bad, all, percent);
        let remedy = text!("see quarantine.csv; mend the rows, or the contract where it is wrong");
        Some(FileTrouble::new(TOO_MANY_BAD_ROWS, cause, remedy))
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
    code: Code,
    message: Text,
    remedy: Text,
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
            let places: Vec<u32> = group.iter().filter_map(|index| rows.places.get(*index).copied()).collect();
            for index in group {
                let fault = BadFault {
                    column: String::new(),
                    value: self.key_text(rows, *index),
                    code: ROW_CONFLICT,
                    message: text!(
                        "{rows} have the same key ({key}) and different content",
                        rows = rows_text(&places),
                        key = &key
                    ),
                    remedy: text!("leave the row that is right, or give each its own key"),
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
        let row = rows.places.get(bad.index).copied().unwrap_or(0);
        let mut causes = Vec::new();
        let mut remedies: Vec<Text> = Vec::new();
        for fault in &bad.faults {
            causes.push(if fault.column.is_empty() {
                fault.message.clone()
            } else {
                text!("{column}: {fault}", column = visible(&fault.column), fault = fault.message.clone())
            });
            if !remedies.contains(&fault.remedy) {
                remedies.push(fault.remedy.clone());
            }
        }
        let cause = text!("row {row}: {faults}", row, faults = Text::List(causes));
        let trouble = FileTrouble::new(BAD_ROW, cause, Text::List(remedies));
        let person = self.person(rows, bad.index);
        let mut exception = self.about.person(severity, person.as_ref(), trouble);
        if person.is_none() {
            exception.who = format!("{}:{row}", self.file);
        }
        let (dataset, file) = (Arc::clone(&self.contract.name), Arc::clone(self.file));
        exception.place = Some(RowPlace { dataset, file, row });
        exception
    }

    fn quarantined(&self, rows: &Rows, bad: Bad) -> Vec<QuarantinedRow> {
        let row = rows.places.get(bad.index).copied().unwrap_or(0);
        let entry = |fault: BadFault| QuarantinedRow {
            store_id: self.about.store_id.to_owned(),
            dataset: Arc::clone(&self.contract.name),
            file: Arc::clone(self.file),
            sheet: rows.sheet.clone(),
            row: usize::try_from(row).unwrap_or(usize::MAX),
            column: fault.column,
            value: fault.value,
            code: fault.code,
            fault: text!("{fault}: {remedy}", fault = fault.message, remedy = fault.remedy),
        };
        bad.faults.into_iter().map(entry).collect()
    }

    fn duplicates(&self, rows: &Rows, same: &SameKeys) -> Vec<Exception> {
        let place = |index: usize| rows.places.get(index).copied().unwrap_or(0);
        let mut by_person: BTreeMap<Option<Person>, Vec<(u32, u32)>> = BTreeMap::new();
        for (index, first) in &same.duplicates {
            by_person.entry(self.person(rows, *index)).or_default().push((place(*index), place(*first)));
        }
        let list = by_person.into_iter().map(|(person, copies)| {
            let shown: Vec<Text> = copies
                .iter()
                .take(10)
                .map(|(row, first)| text!("row {row} is row {first} again", row, first))
                .collect();
            let more = copies.len() - shown.len();
            let more = if more == 0 { Text::none() } else { text!(", and {more} more", more) };
            let cause = text!("a copy of a row counts once: {copies}{more}", copies = Text::List(shown), more);
            let remedy = text!("nothing, where the export doubles rows; else export again");
            let trouble = FileTrouble::new(ROW_DUPLICATE, cause, remedy);
            self.about.person(Warning, person.as_ref(), trouble)
        });
        list.collect()
    }

    fn outside(&self, rows: &Rows, fates: &Fates, period: Period) -> Vec<Exception> {
        let indexes = rows.outside.iter().filter_map(|index| usize::try_from(*index).ok());
        let kept = indexes.filter(|index| fates.states.get(*index) == Some(&State::Kept));
        let date = self.contract.in_period.and_then(|index| self.contract.columns.get(index));
        let label = date.map_or("", |column| &column.label);
        let list = self.by_person(rows, kept).into_iter().map(|(person, places)| {
            let (period, rows) = (period.to_string(), rows_text(&places));
            let cause = text!("{label} lies outside {period}: {rows}", label, period, rows);
            let remedy = text!("check the date; rows count by their own date, not by their file");
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
            let rows = rows_text(&places);
            let cause = text!("{header} holds the invisible character {shown}: {rows}", header, shown, rows);
            let remedy = text!("remove it at its origin; it is printed visibly as it stands");
            self.about.file(Warning, FileTrouble::new(HIDDEN_CHARACTER, cause, remedy))
        });
        list.collect()
    }

    /// Physical rows by the person they concern.
    fn by_person(&self, rows: &Rows, indexes: impl Iterator<Item = usize>) -> BTreeMap<Option<Person>, Vec<u32>> {
        let mut by_person: BTreeMap<Option<Person>, Vec<u32>> = BTreeMap::new();
        for index in indexes {
            let place = rows.places.get(index).copied().unwrap_or(0);
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
