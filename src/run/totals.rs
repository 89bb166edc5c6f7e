//! What an outcome comes to: people, pay, exceptions and rows, as the receipt and the summary print them.
//!
//! Sums are exact and checked; a sum that leaves the range of a decimal is an error, never a wrong figure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;

use super::by_store::{ByStore, OfStore};
use super::outcome::{ExceptionSeverity, Fate, LinePart, Outcome, PayFile, PayLine, Store};
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
    /// The part of the sum that pay lines come to.
    pub paid: String,
    /// What comes on top of them.
    pub added: String,
    /// What is taken off, so below zero.
    pub deducted: String,
    /// People of whom something is missing, and who are not paid out.
    pub estimated: usize,
    /// The part of the sum that is theirs.
    pub estimated_pay: String,
    /// People who are not paid out because an exception holds them back; those of whom something is missing not among
    /// them.
    pub held: usize,
    /// The part of the sum that is theirs.
    pub held_pay: String,
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

/// Figures of one store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreTotals {
    /// Which store.
    #[serde(flatten)]
    pub store: Store,
    /// Its figures.
    pub totals: Totals,
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

/// Figures of the whole run.
///
/// # Errors
/// Where a sum leaves the range of a decimal.
pub fn totals(outcome: &Outcome) -> Result<Totals, Overflow> {
    let files = outcome.files.iter().filter(|_| !outcome.is_draft()).map(of_file).collect();
    of(outcome, &OfStore::all(outcome), &held(outcome), files)
}

/// Figures of each store, in the order of the outcome.
///
/// # Errors
/// Where a sum leaves the range of a decimal.
pub fn by_store(outcome: &Outcome) -> Result<Vec<StoreTotals>, Overflow> {
    let (by_store, held) = (ByStore::new(outcome), held(outcome));
    let of_store = |store: &Store| {
        let totals = of(outcome, by_store.of(&store.store_id), &held, Vec::new())?;
        Ok(StoreTotals { store: store.clone(), totals })
    };
    outcome.stores.iter().map(of_store).collect()
}

/// Whom an exception keeps from being paid out.
fn held(outcome: &Outcome) -> BTreeSet<&str> {
    let holds = outcome.exceptions.iter().filter(|exception| exception.severity <= ExceptionSeverity::Held);
    holds.filter_map(|exception| exception.employee_id.as_deref()).collect()
}

fn of(outcome: &Outcome, own: &OfStore<'_>, held: &BTreeSet<&str>, files: Vec<FileTotals>) -> Result<Totals, Overflow> {
    let mut exceptions: BTreeMap<&'static str, usize> = BTreeMap::new();
    for exception in &own.exceptions {
        *exceptions.entry(exception.severity.word()).or_default() += 1;
    }
    let (pay, lines) = sums(&own.pay_lines)?;
    Ok(Totals {
        people: own.people.len(),
        pay_lines: own.pay_lines.len(),
        pay,
        lines,
        net: if outcome.net_lines.is_empty() { None } else { Some(net(&own.net_lines, held, files)?) },
        exceptions,
        quarantined: own.quarantine.len(),
    })
}

/// The sum of lines, and of each line as plans write it.
fn sums(lines: &[&PayLine]) -> Result<(String, BTreeMap<String, String>), Overflow> {
    let mut by_line: BTreeMap<&str, Decimal> = BTreeMap::new();
    for line in lines {
        let total = by_line.entry(&line.kind).or_default();
        *total = sum([*total, line.amount])?;
    }
    let all = sum(by_line.values().copied())?;
    let by_line = by_line.into_iter().map(|(line, total)| (line.to_owned(), amount_text(total)));
    Ok((amount_text(all), by_line.collect()))
}

fn net(lines: &[&PayLine], held: &BTreeSet<&str>, files: Vec<FileTotals>) -> Result<NetTotals, Overflow> {
    let people = |lines: &[&PayLine]| lines.iter().map(|line| line.employee_id.as_str()).collect::<BTreeSet<_>>().len();
    let estimated: Vec<&PayLine> = lines.iter().filter(|line| line.estimated).copied().collect();
    let held = lines.iter().filter(|line| !line.estimated && held.contains(line.employee_id.as_str()));
    let held: Vec<&PayLine> = held.copied().collect();
    let of_part = |part: LinePart| {
        let own = lines.iter().filter(|line| line.part == part);
        Ok(amount_text(sum(own.map(|line| line.amount))?))
    };
    let (pay, by_line) = sums(lines)?;
    Ok(NetTotals {
        people: people(lines),
        pay,
        paid: of_part(LinePart::Paid)?,
        added: of_part(LinePart::Added)?,
        deducted: of_part(LinePart::Deducted)?,
        estimated: people(&estimated),
        estimated_pay: sums(&estimated)?.0,
        held: people(&held),
        held_pay: sums(&held)?.0,
        lines: by_line,
        files,
    })
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
        let stores = by_store(&outcome).unwrap();
        let [StoreTotals { totals: store, .. }] = stores.as_slice() else { panic!("{stores:?}") };
        assert_eq!((store.people, store.pay_lines, store.pay.as_str()), (1, 2, "-0.20"));
        assert_eq!(store.lines, BTreeMap::from([("care".to_owned(), "-0.20".to_owned())]));
        assert_eq!(store.exceptions, BTreeMap::from([("blocking", 1)]));
        assert_eq!(totals(&outcome).unwrap().exceptions, BTreeMap::from([("blocking", 2)]));
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
