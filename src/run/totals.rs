//! What an outcome comes to: people, pay, exceptions and rows, as the receipt and the summary print them.
//!
//! Sums are exact and checked; a sum that leaves the range of a decimal is an error, never a wrong figure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;

use super::outcome::{ExceptionSeverity, Fate, Outcome, PayFile};
use super::tables::amount_text;

/// A sum needs more digits than a decimal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

impl fmt::Display for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a total needs more than 28 digits")
    }
}

impl std::error::Error for Overflow {}

/// Figures of a run, or of one store of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// People whom a plan covers.
    pub people: usize,
    /// Pay lines.
    pub pay_lines: usize,
    /// Sum of all amounts, yuan with two decimals.
    pub pay: String,
    /// Sum of each line as plans write it; the entries of a ledger are one.
    pub lines: BTreeMap<String, String>,
    /// Net pay; absent where nobody computes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<NetTotals>,
    /// Exceptions by severity; those that do not occur are absent.
    pub exceptions: BTreeMap<&'static str, usize>,
    /// Rows that broke their contract.
    pub quarantined: usize,
}

/// Net pay of a run, or of the people whom a store pays out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NetTotals {
    /// People.
    pub people: usize,
    /// Sum of all lines, yuan with two decimals.
    pub pay: String,
    /// People of whom something is missing, and who are not paid out.
    pub estimated: usize,
    /// The part of the sum that is theirs.
    pub estimated_pay: String,
    /// Sum of each line.
    pub lines: BTreeMap<String, String>,
    /// The files of the whole run, with the control totals that stand in them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileTotals>,
}

/// A file for the bank or the payroll.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileTotals {
    /// Path inside the run.
    pub path: String,
    /// Whether people are paid by it.
    pub pays: bool,
    /// People in it.
    pub people: usize,
    /// Sum of their net pay.
    pub total: String,
}

/// Rows of one dataset by fate: those decided while reading, or those of one pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowTotals {
    /// Store.
    pub store_id: String,
    /// Dataset.
    pub dataset: String,
    /// Pipeline that read it; empty for fates decided while reading.
    pub pipeline: String,
    /// Rows by fate; fates without a row are absent.
    pub rows: BTreeMap<&'static str, usize>,
    /// Sum of the contract's control column by fate, where it has one.
    pub control: BTreeMap<&'static str, String>,
}

impl RowTotals {
    /// Rows of one fate.
    pub fn of(&self, fate: Fate) -> usize {
        self.rows.get(fate.word()).copied().unwrap_or(0)
    }

    /// Rows of all fates.
    pub fn all(&self) -> usize {
        self.rows.values().sum()
    }
}

/// The sum of amounts.
///
/// # Errors
/// Where it leaves the range of a decimal.
pub fn sum(amounts: impl IntoIterator<Item = Decimal>) -> Result<Decimal, Overflow> {
    amounts.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add).ok_or(Overflow)
}

/// Figures of the whole run, or of one store.
///
/// # Errors
/// Where a sum leaves the range of a decimal.
pub fn totals(outcome: &Outcome, store_id: Option<&str>) -> Result<Totals, Overflow> {
    let wanted = |id: &str| store_id.is_none_or(|store| store == id);
    let lines: Vec<_> = outcome.pay_lines.iter().filter(|line| wanted(&line.store_id)).collect();
    let mut by_line: BTreeMap<String, Decimal> = BTreeMap::new();
    for line in &lines {
        let total = by_line.entry(line.kind.to_string()).or_default();
        *total = sum([*total, line.amount])?;
    }
    let mut exceptions: BTreeMap<&'static str, usize> = BTreeMap::new();
    for exception in &outcome.exceptions {
        if store_id.is_none() || exception.store_id.as_deref() == store_id {
            *exceptions.entry(exception.severity.word()).or_default() += 1;
        }
    }
    Ok(Totals {
        people: outcome.people.iter().filter(|person| wanted(&person.store_id)).count(),
        pay_lines: lines.len(),
        pay: amount_text(sum(lines.iter().map(|line| line.amount))?),
        lines: by_line.into_iter().map(|(line, total)| (line, amount_text(total))).collect(),
        net: net(outcome, store_id)?,
        exceptions,
        quarantined: outcome.quarantine.iter().filter(|row| wanted(&row.store_id)).count(),
    })
}

fn net(outcome: &Outcome, store_id: Option<&str>) -> Result<Option<NetTotals>, Overflow> {
    if outcome.net_lines.is_empty() {
        return Ok(None);
    }
    let lines = || outcome.net_lines.iter().filter(|line| store_id.is_none_or(|store| line.store_id == store));
    let people = |estimated: bool| {
        let wanted = lines().filter(|line| line.estimated || !estimated);
        wanted.map(|line| line.employee_id.as_str()).collect::<BTreeSet<_>>().len()
    };
    let mut by_line: BTreeMap<String, Decimal> = BTreeMap::new();
    for line in lines() {
        let total = by_line.entry(line.kind.to_string()).or_default();
        *total = sum([*total, line.amount])?;
    }
    Ok(Some(NetTotals {
        people: people(false),
        pay: amount_text(sum(lines().map(|line| line.amount))?),
        estimated: people(true),
        estimated_pay: amount_text(sum(lines().filter(|line| line.estimated).map(|line| line.amount))?),
        lines: by_line.into_iter().map(|(line, total)| (line, amount_text(total))).collect(),
        files: outcome.files.iter().filter(|_| store_id.is_none() && !outcome.is_draft()).map(of_file).collect(),
    }))
}

fn of_file(file: &PayFile) -> FileTotals {
    FileTotals { path: file.path.clone(), pays: file.pays, people: file.people, total: amount_text(file.total) }
}

/// Store, dataset, pipeline, fate.
type Key<'a> = (&'a str, &'a str, &'a str, &'static str);

/// Rows by store, dataset, pipeline and fate, the files of a dataset taken together.
///
/// # Errors
/// Where a sum leaves the range of a decimal.
pub fn rows(outcome: &Outcome) -> Result<Vec<RowTotals>, Overflow> {
    let mut totals: BTreeMap<Key<'_>, (usize, Option<Decimal>)> = BTreeMap::new();
    for fate in &outcome.row_fates {
        let key = (fate.store_id.as_str(), &*fate.dataset, fate.pipeline.as_str(), fate.fate.word());
        let (rows, control) = totals.entry(key).or_default();
        *rows += fate.rows;
        *control = match (*control, fate.control) {
            (None, other) | (other, None) => other,
            (Some(one), Some(other)) => Some(sum([one, other])?),
        };
    }
    let mut list: Vec<RowTotals> = Vec::new();
    for ((store_id, dataset, pipeline, fate), (rows, control)) in totals {
        let same = |last: &RowTotals| last.store_id == store_id && last.dataset == dataset && last.pipeline == pipeline;
        if !list.last().is_some_and(same) {
            list.push(RowTotals {
                store_id: store_id.to_owned(),
                dataset: dataset.to_owned(),
                pipeline: pipeline.to_owned(),
                rows: BTreeMap::new(),
                control: BTreeMap::new(),
            });
        }
        if let Some(last) = list.last_mut() {
            last.rows.insert(fate, rows);
            last.control.extend(control.map(|control| (fate, amount_text(control))));
        }
    }
    Ok(list)
}

/// How many exceptions of a severity an outcome has.
pub fn count(outcome: &Outcome, severity: ExceptionSeverity) -> usize {
    outcome.exceptions.iter().filter(|exception| exception.severity == severity).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::outcome::RowFate;
    use crate::run::sample::{exception, line, outcome};

    #[test]
    fn a_total_that_no_decimal_holds_is_an_error() {
        assert_eq!(sum([Decimal::MAX, Decimal::MAX]), Err(Overflow));
        assert_eq!(sum([]), Ok(Decimal::ZERO));
    }

    #[test]
    fn lines_people_and_exceptions_are_counted_by_store() {
        let mut outcome = outcome();
        outcome.pay_lines = vec![line("A1", "张伟", "care", "0.10"), line("A1", "张伟", "care", "-0.3")];
        outcome.exceptions = vec![exception(Some("S01"), "A1"), exception(None, "")];
        let store = totals(&outcome, Some("S01")).unwrap();
        assert_eq!((store.people, store.pay_lines, store.pay.as_str()), (1, 2, "-0.20"));
        assert_eq!(store.lines, BTreeMap::from([("care".to_owned(), "-0.20".to_owned())]));
        assert_eq!(store.exceptions, BTreeMap::from([("blocking", 1)]));
        assert_eq!(totals(&outcome, None).unwrap().exceptions, BTreeMap::from([("blocking", 2)]));
        assert_eq!(totals(&outcome, Some("S02")).unwrap().pay, "0.00");
    }

    #[test]
    fn rows_of_several_files_add_up_by_fate() {
        let fate = |file: &str, fate: Fate, rows: usize, control: Option<&str>| RowFate {
            store_id: "S01".to_owned(),
            dataset: "orders".into(),
            pipeline: String::new(),
            file: file.into(),
            fate,
            step: crate::diag::text::Text::none(),
            rows,
            control: control.map(|control| control.parse().unwrap()),
        };
        let mut outcome = outcome();
        outcome.row_fates = vec![
            fate("a", Fate::Duplicate, 2, Some("1.50")),
            fate("b", Fate::Duplicate, 1, Some("0.50")),
            fate("b", Fate::NotData, 4, None),
        ];
        let rows = rows(&outcome).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].of(Fate::Duplicate), rows[0].of(Fate::NotData), rows[0].all()), (3, 4, 7));
        assert_eq!(rows[0].control, BTreeMap::from([("duplicate", "2.00".to_owned())]));
    }
}
