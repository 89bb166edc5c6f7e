//! The fate of every row of a file, and the proof that fates and amounts add up to it.

use std::sync::Arc;

use polars::prelude::{DataType, PolarsResult, Series};
use rust_decimal::Decimal;

use crate::diag::data::{Fate, RowFate};
use crate::diag::text::{Text, text};
use crate::expr::types::Kind;

use super::codes::{ROWS_DO_NOT_ADD_UP, TOTAL_DIFFERS, TOTAL_MISSING, TOTAL_UNCHECKED};
use super::contract::Contract;
use super::keys::SameKeys;
use super::rows::Rows;
use super::trouble::{FileTrouble, rows_text};

/// What becomes of a data row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is accepted.
    Kept,
    /// The same row stands there already.
    Duplicate,
    /// It broke the contract.
    Quarantined,
    /// A remark below the total row, no data at all.
    Remark,
}

/// Rows and amounts of one state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Rows.
    pub(crate) rows: usize,
    /// Sum of the control column.
    pub(crate) control: i128,
}

/// States of all data rows of a file, counted.
#[derive(Debug)]
pub(crate) struct Fates {
    /// By index among the data rows.
    pub(crate) states: Vec<State>,
    /// Later copies of rows.
    pub(crate) duplicate: Tally,
    /// Rows that broke the contract.
    pub(crate) quarantined: Tally,
    /// Titles, header, blank and total rows, remarks.
    pub(crate) not_data: usize,
    /// Indexes of rows whose control amount cannot be read.
    pub(crate) unread: Vec<usize>,
}

impl Fates {
    /// Decides every row.
    pub(crate) fn decide(contract: &Contract, rows: &Rows, same: &SameKeys) -> PolarsResult<Self> {
        let mut states = vec![State::Kept; rows.places.len()];
        let below = rows.totals.last().map_or(u32::MAX, |total| total.row);
        let mut set = |index: usize, state: State| {
            if let Some(place) = states.get_mut(index) {
                *place = state;
            }
        };
        let mut unread = Vec::new();
        for bad in &rows.bad {
            let is_remark = bad.is_remark && rows.places.get(bad.index).is_some_and(|row| *row > below);
            set(bad.index, if is_remark { State::Remark } else { State::Quarantined });
            if !is_remark && bad.faults.iter().any(|fault| fault.column.is_some() && fault.column == contract.control) {
                unread.push(bad.index);
            }
        }
        for (index, _) in &same.duplicates {
            set(*index, State::Duplicate);
        }
        for index in same.conflicts.iter().flatten() {
            set(*index, State::Quarantined);
        }
        let control = contract.control.and_then(|index| rows.columns.get(index));
        let remarks = states.iter().filter(|state| **state == State::Remark).count();
        Ok(Self {
            duplicate: tally(&states, State::Duplicate, control)?,
            quarantined: tally(&states, State::Quarantined, control)?,
            not_data: rows.not_data + remarks,
            states,
            unread,
        })
    }

    /// Whether every row is kept, so that nothing need be filtered.
    pub(crate) fn all_kept(&self) -> bool {
        self.states.iter().all(|state| *state == State::Kept)
    }

    /// Rows of data, kept or not.
    pub(crate) fn data_rows(&self) -> usize {
        self.states.iter().filter(|state| **state != State::Remark).count()
    }

    /// The fates as the run records them; `kept` is not among them.
    pub(crate) fn list(&self, contract: &Contract, store_id: &str, file: &Arc<str>) -> Vec<RowFate> {
        let fate = |fate: Fate, rows: usize, control: Option<i128>| RowFate {
            store_id: store_id.to_owned(),
            dataset: Arc::clone(&contract.name),
            pipeline: String::new(),
            file: Arc::clone(file),
            fate,
            step: Text::none(),
            rows,
            control: control.and_then(|control| amount(contract, control)),
        };
        let control = |tally: Tally| contract.control.map(|_| tally.control);
        let all = [
            fate(Fate::Duplicate, self.duplicate.rows, control(self.duplicate)),
            fate(Fate::Quarantined, self.quarantined.rows, control(self.quarantined)),
            fate(Fate::NotData, self.not_data, None),
        ];
        all.into_iter().filter(|fate| fate.rows > 0).collect()
    }
}

fn tally(states: &[State], wanted: State, control: Option<&Series>) -> PolarsResult<Tally> {
    let rows = states.iter().filter(|state| **state == wanted).count();
    let Some(control) = control.filter(|_| rows > 0) else { return Ok(Tally { rows, control: 0 }) };
    let amounts = whole_numbers(control)?;
    let amounts = states.iter().zip(amounts.i128()?.iter());
    Ok(Tally { rows, control: amounts.filter(|(state, _)| **state == wanted).filter_map(|(_, amount)| amount).sum() })
}

/// Sum of a number column as a whole number of its last place.
pub(crate) fn sum(column: &Series) -> PolarsResult<i128> {
    Ok(whole_numbers(column)?.i128()?.iter().flatten().sum())
}

fn whole_numbers(column: &Series) -> PolarsResult<Series> {
    let physical = column.to_physical_repr().into_owned();
    if *physical.dtype() == DataType::Int128 { Ok(physical) } else { physical.cast(&DataType::Int128) }
}

/// A sum of the control column as a number with its decimals.
fn amount(contract: &Contract, sum: i128) -> Option<Decimal> {
    let column = contract.columns.get(contract.control?)?;
    let scale = if let Kind::Decimal { scale, .. } = column.cell.kind() { scale } else { 0 };
    Decimal::try_from_i128_with_scale(sum, u32::from(scale)).ok()
}

fn amount_text(contract: &Contract, sum: i128) -> String {
    amount(contract, sum).map_or_else(|| sum.to_string(), |amount| amount.to_string())
}

/// How bad trouble with a total row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TotalSeverity {
    /// The file does not add up.
    Differs,
    /// The file may have been cut short.
    Missing,
    /// Unreadable amounts stand in the way.
    Unchecked,
}

/// Holds the export's own total row against its rows.
///
/// The total may count copies of a row or leave them out: either way it is the sum of rows that are there.
pub(crate) fn check_totals(contract: &Contract, rows: &Rows, fates: &Fates) -> Vec<(TotalSeverity, FileTrouble)> {
    let Some(control) = contract.control.and_then(|index| contract.columns.get(index)) else { return Vec::new() };
    let Some(label) = &contract.total_row else { return Vec::new() };
    if rows.totals.is_empty() {
        let cause = text!("the file has no total row `{label}`, so it may have been cut short", label);
        let remedy = text!("export it again to its end, or drop `total_row` from the contract");
        return vec![(TotalSeverity::Missing, FileTrouble::new(TOTAL_MISSING, cause, remedy))];
    }
    let mut found = Vec::new();
    for total in &rows.totals {
        let stated = match &total.total {
            Ok(stated) => *stated,
            Err(text) => {
                let (row, column) = (total.row, &control.label);
                let cause = text!(
                    "the total row {row} has `{value}` under {column}, which is no sum",
                    row,
                    value = text,
                    column
                );
                let trouble = FileTrouble::new(TOTAL_DIFFERS, cause, text!("export the file again"));
                found.push((TotalSeverity::Differs, trouble));
                continue;
            }
        };
        if stated == rows.control || stated == rows.control - fates.duplicate.control {
            continue;
        }
        let cause = text!(
            "the total row {row} says {stated} for {column}, its rows add up to {sum}: a difference of {difference}",
            row = total.row,
            stated = amount_text(contract, stated),
            column = &control.label,
            sum = amount_text(contract, rows.control),
            difference = amount_text(contract, stated - rows.control)
        );
        if fates.unread.is_empty() {
            let remedy = text!("export the file again: rows are missing, doubled or changed");
            found.push((TotalSeverity::Differs, FileTrouble::new(TOTAL_DIFFERS, cause, remedy)));
        } else {
            let unread: Vec<u32> = fates.unread.iter().filter_map(|index| rows.places.get(*index).copied()).collect();
            let rows = rows_text(&unread);
            let cause = text!("{cause}, which must stand in {rows}, whose amounts cannot be read", cause, rows);
            let remedy = text!("mend these amounts; then the total can be checked");
            found.push((TotalSeverity::Unchecked, FileTrouble::new(TOTAL_UNCHECKED, cause, remedy)));
        }
    }
    found
}

/// The proof: every physical row has one fate, and the amounts of the fates are those of the file.
pub(crate) fn add_up(rows: &Rows, fates: &Fates, kept: Tally) -> Option<FileTrouble> {
    let counted = kept.rows + fates.duplicate.rows + fates.quarantined.rows + fates.not_data;
    let control = kept.control + fates.duplicate.control + fates.quarantined.control;
    if counted == rows.physical && control == rows.control {
        return None;
    }
    let cause = text!(
        "the file has {rows} rows and a control sum of {sum}, the fates account for {counted} and {control} (in its last place)",
        rows = rows.physical,
        sum = rows.control.to_string(),
        counted,
        control = control.to_string()
    );
    let remedy = text!("this is a mistake of the program: report it with the file");
    Some(FileTrouble::new(ROWS_DO_NOT_ADD_UP, cause, remedy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::header::Mapping;

    #[test]
    fn a_row_or_an_amount_that_no_fate_accounts_for_is_noticed() {
        let mapping = Mapping { positions: Vec::new(), headers: Vec::new(), row: 0 };
        let rows = Rows::new(Arc::new(mapping), Vec::new()).unwrap();
        let rows = Rows { physical: 10, control: 1_000, ..rows };
        let fates = Fates {
            states: Vec::new(),
            duplicate: Tally { rows: 1, control: 100 },
            quarantined: Tally { rows: 2, control: 0 },
            not_data: 3,
            unread: Vec::new(),
        };
        assert_eq!(add_up(&rows, &fates, Tally { rows: 4, control: 900 }), None);
        for kept in [Tally { rows: 3, control: 900 }, Tally { rows: 4, control: 899 }, Tally { rows: 5, control: 900 }]
        {
            assert_eq!(add_up(&rows, &fates, kept).map(|trouble| trouble.code), Some(ROWS_DO_NOT_ADD_UP), "{kept:?}");
        }
    }
}
