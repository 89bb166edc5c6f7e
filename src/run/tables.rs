//! The tables of an outcome: CSV for people and payroll, JSON lines for `explain`.
//!
//! CSV is UTF-8 with a byte order mark (so that a spreadsheet reads Chinese), comma-separated, lines ended by
//! CRLF (RFC 4180). A text cell that a spreadsheet would take for a formula gets a leading `'`; hidden
//! characters are shown as `⟨U+202E⟩`. Amounts are written by this program alone, always with two decimals and
//! without separators, and are never touched. `trace.jsonl` holds text exactly as it is, one line for each
//! pay line.
//!
//! Nothing here adds, rounds or leaves out: rows are those of the outcome, in its order.

use std::fmt;

use rayon::prelude::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::by_store::{ByStore, OfStore};
use super::figures::{self, FIGURES};
use super::names::file_name;
use super::outcome::{ClauseWords, DecisionInForce, Exception, Outcome, PayLine, Period, Store, Trace};
use super::publish::Artifact;
use crate::diag::text::Language;
use crate::diag::visible::visible;

/// Folder of a store, below the run's.
pub const STORES: &str = "stores";
/// Folder of what concerns no single store.
pub const GROUP: &str = "group";
/// Pay lines, in a store's folder.
pub const PAY_LINES: &str = "pay-lines.csv";
/// Pay lines with their traces, in a store's folder.
pub const TRACE: &str = "trace.jsonl";
/// Lines of net pay, in a store's folder and in the group's.
pub const NET_PAY: &str = "net-pay.csv";
/// Lines of net pay with their traces, in a store's folder.
pub const NET_TRACE: &str = "net-trace.jsonl";
/// Who is covered by a plan, in a store's folder.
pub const PEOPLE: &str = "people.csv";
/// Balances that go over into the next month, in a store's folder.
pub const CARRIED: &str = "carried.csv";
/// What was decided where the source plans leave something open, in a store's folder.
pub const DECISIONS: &str = "decisions.csv";
/// The clauses of the source plans, in the group's folder.
pub const CLAUSES: &str = "clauses.csv";
/// Exceptions, in a store's folder and in the group's.
pub const EXCEPTIONS: &str = "exceptions.csv";

/// How many stores have their tables in memory at the same time.
const STORES_AT_ONCE: usize = 16;

const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// A line of `trace.jsonl`: a pay line with its derivation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceLine {
    /// Period.
    pub period: Period,
    /// Store.
    pub store_id: String,
    /// Employee id.
    pub employee_id: String,
    /// Name.
    pub name: String,
    /// Role id under which the plan pays.
    pub role: String,
    /// Pipeline that pays.
    pub pipeline: String,
    /// Line code.
    pub line: String,
    /// Clause id.
    pub clause: String,
    /// Label on the slip.
    pub label: String,
    /// Yuan with two decimals, as text.
    pub amount: String,
    /// How it came about.
    pub trace: Trace,
}

/// A table could not be written: a mistake of this program.
#[derive(Debug)]
pub struct TableError(String);

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write a table: {}", self.0)
    }
}

impl std::error::Error for TableError {}

/// An amount as tables hold it: `1086.80`, `-0.05`, `0.00`; more decimals than two are kept, never rounded away.
pub fn amount_text(amount: Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    // A negative zero is zero.
    if amount.is_zero() { "0.00".to_owned() } else { amount.to_string() }
}

/// The folder of a store inside a run.
pub fn store_folder(store_id: &str) -> String {
    format!("{STORES}/{}", file_name(store_id))
}

/// Every table of every store, and of the group.
///
/// # Errors
/// Where a table cannot be put into bytes.
pub fn tables(outcome: &Outcome) -> Result<Vec<Artifact>, TableError> {
    in_batches(outcome).try_fold(Vec::new(), |mut all, batch| {
        all.extend(batch?);
        Ok(all)
    })
}

/// How many batches [`in_batches`] has.
pub fn batches(outcome: &Outcome) -> usize {
    outcome.stores.len().div_ceil(STORES_AT_ONCE) + 1
}

/// The same, some stores at a time: traces are large, and a run of many stores never holds all of them as text.
pub fn in_batches(outcome: &Outcome) -> impl Iterator<Item = Result<Vec<Artifact>, TableError>> {
    let language = outcome.language();
    let by_store = ByStore::new(outcome);
    let of_group = group(outcome, &by_store.homeless, language);
    let batches = outcome.stores.chunks(STORES_AT_ONCE).map(move |stores| {
        let made = stores
            .par_iter()
            .with_max_len(1)
            .map(|store| of_store(outcome, store, by_store.of(&store.store_id), language));
        let made: Result<Vec<Vec<Artifact>>, TableError> = made.collect();
        Ok(made?.concat())
    });
    batches.chain(std::iter::once(of_group))
}

fn of_store(
    outcome: &Outcome,
    store: &Store,
    own: &OfStore<'_>,
    language: Language,
) -> Result<Vec<Artifact>, TableError> {
    let folder = store_folder(&store.store_id);
    let mut artifacts = Vec::new();
    let mut add = |name: &str, bytes: Vec<u8>| artifacts.push(Artifact::new(format!("{folder}/{name}"), bytes));
    add(PAY_LINES, pay_lines(outcome.period, own.pay_lines.iter().copied())?);
    add(PEOPLE, people(own)?);
    add(CARRIED, carried(outcome, own)?);
    add(EXCEPTIONS, exceptions(&own.exceptions, language)?);
    add("quarantine.csv", quarantine(own, language)?);
    add("row-fates.csv", row_fates(own, language)?);
    add(TRACE, trace(outcome.period, own.pay_lines.iter().copied())?);
    if !outcome.net_lines.is_empty() {
        add(NET_PAY, net_pay(outcome.period, own.net_lines.iter().copied())?);
        add(NET_TRACE, trace(outcome.period, own.net_lines.iter().copied())?);
    }
    if !outcome.clauses.is_empty() {
        add(DECISIONS, decisions(outcome, own)?);
    }
    Ok(artifacts)
}

/// Tables of all stores, and the files by which people are paid.
fn group(outcome: &Outcome, homeless: &[&Exception], language: Language) -> Result<Vec<Artifact>, TableError> {
    let mut artifacts = Vec::new();
    let mut add = |name: &str, bytes: Vec<u8>| artifacts.push(Artifact::new(format!("{GROUP}/{name}"), bytes));
    if !outcome.clauses.is_empty() {
        add(CLAUSES, clauses(outcome)?);
    }
    if !outcome.net_lines.is_empty() {
        add(NET_PAY, net_pay(outcome.period, outcome.net_lines.iter())?);
    }
    add(FIGURES, figures::written(outcome)?);
    add(EXCEPTIONS, exceptions(homeless, language)?);
    // Nobody is paid by a draft.
    let files = outcome.files.iter().filter(|_| !outcome.is_draft());
    artifacts.extend(files.map(|file| Artifact::new(file.path.clone(), file.bytes.clone())));
    Ok(artifacts)
}

/// Pay lines as a table.
///
/// # Errors
/// Where the table cannot be put into bytes.
pub fn pay_lines<'a>(period: Period, lines: impl Iterator<Item = &'a PayLine>) -> Result<Vec<u8>, TableError> {
    let header = ["period", "store_id", "employee_id", "name", "role", "line", "clause", "label", "amount"];
    let rows = lines.map(|line| {
        let text = [&line.store_id, &line.employee_id, &line.name, &line.role, &*line.line, &line.clause, &line.label]
            .map(cell);
        let [store, employee, name, role, code, clause, label] = text;
        [period.to_string(), store, employee, name, role, code, clause, label, amount_text(line.amount)]
    });
    table(header, rows)
}

/// Lines of net pay, of the people whom a store pays out or of all.
fn net_pay<'a>(period: Period, lines: impl Iterator<Item = &'a PayLine>) -> Result<Vec<u8>, TableError> {
    let header =
        ["period", "store_id", "employee_id", "name", "line", "clause", "label", "part", "amount", "estimated"];
    let rows = lines.map(|line| {
        let text = [&line.store_id, &line.employee_id, &line.name, &*line.line, &line.clause, &line.label].map(cell);
        let [store, employee, name, code, clause, label] = text;
        let (part, estimated) = (line.part.word().to_owned(), if line.estimated { "yes" } else { "" }.to_owned());
        [period.to_string(), store, employee, name, code, clause, label, part, amount_text(line.amount), estimated]
    });
    table(header, rows)
}

fn people(own: &OfStore<'_>) -> Result<Vec<u8>, TableError> {
    let header = ["store_id", "employee_id", "name", "role", "role_label", "team", "group", "from", "to"];
    let rows = own.people.iter().flat_map(|person| {
        person.intervals.iter().map(move |interval| {
            [
                cell(&person.store_id),
                cell(&person.employee_id),
                cell(&person.name),
                cell(&interval.role),
                cell(&interval.role_label),
                cell(interval.team.as_deref().unwrap_or_default()),
                cell(interval.group.as_deref().unwrap_or_default()),
                interval.from.to_string(),
                interval.to.to_string(),
            ]
        })
    });
    table(header, rows)
}

/// Exceptions of a store; those of no store, or of one that the project does not name, for the group.
fn exceptions(exceptions: &[&Exception], language: Language) -> Result<Vec<u8>, TableError> {
    let header = ["severity", "code", "store_id", "employee_id", "who", "cause", "remedy", "stake", "accepted"];
    let rows = exceptions.iter().map(|exception| {
        [
            exception.severity.word().to_owned(),
            exception.code.id.to_owned(),
            cell(exception.store_id.as_deref().unwrap_or_default()),
            cell(exception.employee_id.as_deref().unwrap_or_default()),
            cell(&exception.who),
            cell(&exception.cause.to(language)),
            cell(&exception.remedy.to(language)),
            exception.stake.map(amount_text).unwrap_or_default(),
            cell(&exception.accepted.as_ref().map(|accepted| accepted.to(language)).unwrap_or_default()),
        ]
    });
    table(header, rows)
}

fn clauses(outcome: &Outcome) -> Result<Vec<u8>, TableError> {
    let header = ["clause", "number", "state", "sentence", "sentence_en"];
    let rows = outcome.clauses.iter().map(|words| {
        let ClauseWords { clause, number, state, zh, en } = words;
        [clause, number, state, zh, en].map(|text| cell(text))
    });
    table(header, rows)
}

fn decisions(outcome: &Outcome, own: &OfStore<'_>) -> Result<Vec<u8>, TableError> {
    let header = ["store_id", "clause", "number", "sentence", "decided", "chosen", "instead", "changed_by"];
    let rows = own.decisions.iter().map(|decision| {
        let words = outcome.clause(&decision.clause).cloned().unwrap_or_default();
        let DecisionInForce { store_id, clause, decided, instead, chosen, changed_by, .. } = decision;
        [store_id, clause, &words.number, words.sentence(outcome.language()), decided, chosen, instead, changed_by]
            .map(|text: &str| cell(text))
    });
    table(header, rows)
}

fn carried(outcome: &Outcome, own: &OfStore<'_>) -> Result<Vec<u8>, TableError> {
    let header =
        ["period", "store_id", "employee_id", "owner", "pipeline", "entry", "clause", "label", "unit", "value"];
    let rows = own.carried.iter().map(|balance| {
        [
            outcome.period.to_string(),
            cell(&balance.store_id),
            cell(balance.employee_id.as_deref().unwrap_or_default()),
            cell(&balance.owner),
            cell(&balance.pipeline),
            cell(&balance.entry),
            cell(&balance.clause),
            cell(&balance.label),
            cell(&balance.unit),
            balance.value.to_string(),
        ]
    });
    table(header, rows)
}

fn quarantine(own: &OfStore<'_>, language: Language) -> Result<Vec<u8>, TableError> {
    let header = ["store_id", "dataset", "file", "sheet", "row", "column", "value", "code", "fault"];
    let rows = own.quarantine.iter().map(|row| {
        [
            cell(&row.store_id),
            cell(&row.dataset),
            cell(&row.file),
            cell(&row.sheet),
            row.row.to_string(),
            cell(&row.column),
            cell(&row.value),
            row.code.id.to_owned(),
            cell(&row.fault.to(language)),
        ]
    });
    table(header, rows)
}

fn row_fates(own: &OfStore<'_>, language: Language) -> Result<Vec<u8>, TableError> {
    let header = ["store_id", "dataset", "file", "pipeline", "step", "fate", "rows", "control"];
    let rows = own.row_fates.iter().map(|fate| {
        [
            cell(&fate.store_id),
            cell(&fate.dataset),
            cell(&fate.file),
            cell(&fate.pipeline),
            cell(&fate.step.to(language)),
            fate.fate.word().to_owned(),
            fate.rows.to_string(),
            fate.control.map(amount_text).unwrap_or_default(),
        ]
    });
    table(header, rows)
}

/// Pay lines with their derivation, a line of JSON each.
///
/// # Errors
/// Where a line cannot be put into bytes.
pub fn trace<'a>(period: Period, lines: impl Iterator<Item = &'a PayLine>) -> Result<Vec<u8>, TableError> {
    let mut bytes = Vec::new();
    for line in lines {
        let line = trace_line(period, line);
        serde_json::to_writer(&mut bytes, &line).map_err(|error| TableError(error.to_string()))?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn trace_line(period: Period, line: &PayLine) -> TraceLine {
    TraceLine {
        period,
        store_id: line.store_id.clone(),
        employee_id: line.employee_id.clone(),
        name: line.name.clone(),
        role: line.role.clone(),
        pipeline: line.pipeline.to_string(),
        line: line.line.to_string(),
        clause: line.clause.clone(),
        label: line.label.clone(),
        amount: amount_text(line.amount),
        trace: line.trace.clone(),
    }
}

/// A text cell: hidden characters shown, a formula of a spreadsheet disarmed.
pub fn cell(text: &str) -> String {
    // Full-width signs start a formula in Chinese and Japanese editions of spreadsheets; a tab or a line
    // break before the sign is skipped by some.
    let executes = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n']);
    let shown = visible(text);
    if executes { format!("'{shown}") } else { shown.into_owned() }
}

pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<Vec<u8>, TableError> {
    let failed = |error: csv::Error| TableError(error.to_string());
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        writer.write_record(&row).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| TableError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::sample::{exception, line, outcome};

    fn text(artifacts: &[Artifact], path: &str) -> String {
        let artifact = artifacts.iter().find(|artifact| artifact.path == path).unwrap();
        String::from_utf8(artifact.bytes.clone()).unwrap()
    }

    #[test]
    fn amounts_have_two_decimals_and_no_negative_zero() {
        let shown = ["0", "-0", "1086.8", "-0.05", "100000", "7.50", "0.125"].map(|amount| {
            let amount: Decimal = amount.parse().unwrap();
            amount_text(amount)
        });
        assert_eq!(shown, ["0.00", "0.00", "1086.80", "-0.05", "100000.00", "7.50", "0.125"]);
        assert_eq!(amount_text(-Decimal::ZERO), "0.00");
    }

    #[test]
    fn what_a_spreadsheet_would_execute_is_disarmed_and_nothing_else() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("+86", "'+86"),
            ("-1,234.50", "'-1,234.50"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'⟨U+0009⟩=1"),
            (" =1", "' =1"),
            ("＝1", "'＝1"),
            ("\u{202E}=1", "⟨U+202E⟩=1"),
            ("1-1", "1-1"),
            ("张=伟", "张=伟"),
            ("#panic()", "#panic()"),
            ("", ""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn pay_lines_start_with_a_byte_order_mark_and_keep_a_negative_amount() {
        let mut outcome = outcome();
        outcome.pay_lines = vec![line("A1", "=张\"伟", "renewal-deduction", "-100")];
        let artifacts = tables(&outcome).unwrap();
        assert_eq!(
            text(&artifacts, "stores/S01/pay-lines.csv"),
            "\u{FEFF}period,store_id,employee_id,name,role,line,clause,label,amount\r\n\
             2026-10,S01,A1,\"'=张\"\"伟\",general-advisor,renewal-deduction,D8-2.4,续保扣款,-100.00\r\n"
        );
    }

    #[test]
    fn a_trace_is_one_line_of_json_for_each_pay_line_with_text_as_it_is() {
        let mut outcome = outcome();
        outcome.pay_lines = vec![line("A1", "=\u{202E}\n", "x", "1"), line("A2", "b", "y", "2.5")];
        let artifacts = tables(&outcome).unwrap();
        let lines: Vec<TraceLine> = text(&artifacts, "stores/S01/trace.jsonl")
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].name.as_str(), lines[1].amount.as_str()), ("=\u{202E}\n", "2.50"));
    }

    #[test]
    fn an_exception_of_no_store_or_of_an_unknown_one_is_in_the_group() {
        let mut outcome = outcome();
        outcome.exceptions = vec![exception(Some("S01"), "A1"), exception(None, ""), exception(Some("S99"), "")];
        let artifacts = tables(&outcome).unwrap();
        assert_eq!(text(&artifacts, "stores/S01/exceptions.csv").lines().count(), 2);
        assert_eq!(text(&artifacts, "group/exceptions.csv").lines().count(), 3);
    }
}
