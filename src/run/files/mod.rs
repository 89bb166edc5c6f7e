//! Files for banks and payroll programs, written by layouts from the lines of net pay.
//!
//! A transfer has those who can be paid: nobody who is held back, whose figures are estimates, whose net pay is 0, or
//! one of whose cells cannot be written. Who is left out for a cell is an exception by name, so that the sum of what is
//! transferred and of what is not is the net pay of the run.

mod write;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use self::write::{Context, Fault};
use super::evaluate::Evaluation;
use super::frames::Stored;
use super::outcome::{Outcome, PayLine};
use crate::diag::Code;
use crate::diag::data::{Exception, ExceptionSeverity, Store};
use crate::diag::text::text;
use crate::expr::types::{Kind, Name};
use crate::plan::{FileValue, Plan, PlannedFile};
use crate::run::cells::{Cell, cell};
use crate::run::names::file_name;
use crate::spec::FilePeople;
use crate::world::period::Period;

/// A person whom a file cannot have.
pub const FILE_CELL: Code =
    Code::exception("file-cell", "a cell of a file for the bank or the payroll cannot be written for a person");

/// A file that was made, with what it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayFile {
    /// Layout.
    pub layout: Name,
    /// Title.
    pub title: String,
    /// Path inside the run.
    pub path: String,
    /// Whether people are paid by it.
    pub pays: bool,
    /// People in it.
    pub people: usize,
    /// Sum of their net pay.
    pub total: Decimal,
    /// Content.
    pub bytes: Vec<u8>,
}

/// A person with a net pay.
#[derive(Clone, Debug)]
struct Payee<'a> {
    store_id: &'a str,
    employee_id: &'a str,
    name: &'a str,
    lines: BTreeMap<&'a str, Decimal>,
    net: Decimal,
    estimated: bool,
    /// Texts that layouts look up, by dataset and column; absent where the person has none.
    looked_up: BTreeMap<(&'a str, &'a str), String>,
}

/// Everything that layouts look up of people: by dataset, column, store and employee.
#[derive(Debug, Default)]
pub struct LookedUp(BTreeMap<(Name, Name), BTreeMap<(String, String), String>>);

impl LookedUp {
    /// Reads what the layouts of a plan look up in the datasets of an evaluation.
    pub fn read(evaluation: &Evaluation<'_>) -> Self {
        let mut found = Self::default();
        for (dataset, column) in evaluation.plan.files.iter().flat_map(PlannedFile::looked_up) {
            let stored = evaluation.store.get(dataset);
            let of = |stored: &Stored| column_of(stored, column);
            found.0.entry((dataset.clone(), column.clone())).or_insert_with(|| stored.map(of).unwrap_or_default());
        }
        found
    }
}

fn column_of(stored: &Stored, column: &str) -> BTreeMap<(String, String), String> {
    let text = |row, column| match cell(&stored.frame, row, column, Kind::Text) {
        Cell::Text(text) => Some(text),
        _ => None,
    };
    let rows = 0..u32::try_from(stored.frame.height()).unwrap_or(u32::MAX);
    let found = rows.filter_map(|row| {
        let place = (text(row, "store_id")?, text(row, "employee_id")?);
        Some((place, text(row, column).filter(|text| !text.trim().is_empty())?))
    });
    found.collect()
}

/// Everybody with a net pay, by store and employee id.
fn payees<'a>(net_lines: &'a [PayLine], looked_up: &'a LookedUp) -> Vec<Payee<'a>> {
    let mut payees: Vec<Payee<'a>> = Vec::new();
    for line in net_lines {
        let (store_id, employee_id) = (line.store_id.as_str(), line.employee_id.as_str());
        if payees.last().is_none_or(|last| (last.store_id, last.employee_id) != (store_id, employee_id)) {
            let place = (store_id.to_owned(), employee_id.to_owned());
            let own = looked_up
                .0
                .iter()
                .filter_map(|((dataset, column), rows)| Some(((&**dataset, &**column), rows.get(&place)?.clone())));
            let (lines, net) = (BTreeMap::new(), Decimal::ZERO);
            let looked_up = own.collect();
            payees.push(Payee { store_id, employee_id, name: &line.name, lines, net, estimated: false, looked_up });
        }
        if let Some(payee) = payees.last_mut() {
            // A sum that no decimal holds stops the run where totals are made.
            let own = payee.lines.entry(&line.kind).or_default();
            *own = own.saturating_add(line.amount);
            payee.net = payee.net.saturating_add(line.amount);
            payee.estimated |= line.estimated;
        }
    }
    payees
}

impl Payee<'_> {
    /// Whether the person could be paid out, whatever a file can write.
    fn is_payable(&self, held: &BTreeSet<&str>) -> bool {
        self.net > Decimal::ZERO && !self.estimated && !held.contains(self.employee_id)
    }
}

/// People whose cells cannot be written, by name, for each layout that would have them.
pub fn exceptions(plan: &Plan, period: Period, net_lines: &[PayLine], looked_up: &LookedUp) -> Vec<Exception> {
    let payees = payees(net_lines, looked_up);
    let nobody = BTreeSet::new();
    let mut found = Vec::new();
    for file in &plan.files {
        for payee in payees.iter().filter(|payee| file.people == FilePeople::All || payee.is_payable(&nobody)) {
            let cx = Context { stores: &plan.stores, period, store_id: payee.store_id, count: 1, total: payee.net };
            let Err(Fault { header, cause, remedy }) = write::person(file, payee, 1, &cx) else { continue };
            found.push(Exception {
                severity: ExceptionSeverity::Held,
                code: FILE_CELL,
                store_id: Some(payee.store_id.to_owned()),
                employee_id: Some(payee.employee_id.to_owned()),
                who: format!("{} ({})", payee.name, payee.employee_id),
                cause: text!(
                    "{file} is without this person: {column}: {cause}",
                    file = &file.title,
                    column = header,
                    cause
                ),
                remedy,
                stake: Some(payee.net),
                accepted: None,
                place: None,
            });
        }
    }
    found
}

/// The files of an outcome whose exceptions are all known.
pub fn files(plan: &Plan, outcome: &Outcome, looked_up: &LookedUp) -> Vec<PayFile> {
    let payees = payees(&outcome.net_lines, looked_up);
    let is_held = |exception: &&Exception| exception.severity <= ExceptionSeverity::Held && exception.code != FILE_CELL;
    let held = outcome.exceptions.iter().filter(is_held).filter_map(|exception| exception.employee_id.as_deref());
    let held: BTreeSet<&str> = held.collect();
    let mut made = Vec::new();
    for file in &plan.files {
        let by_store = file.path.contains("{store}");
        let stores: Vec<Option<&Store>> = if by_store { plan.stores.iter().map(Some).collect() } else { vec![None] };
        for store in stores {
            let here = |payee: &&Payee<'_>| store.is_none_or(|store| store.store_id == payee.store_id);
            let wanted = |payee: &&Payee<'_>| file.people == FilePeople::All || payee.is_payable(&held);
            let mut cx =
                Context { stores: &plan.stores, period: outcome.period, store_id: "", count: 0, total: Decimal::ZERO };
            cx.store_id = store.map_or("", |store| store.store_id.as_str());
            let fits =
                |payee: &&Payee<'_>| write::person(file, payee, 1, &Context { store_id: payee.store_id, ..cx }).is_ok();
            let people: Vec<&Payee<'_>> = payees.iter().filter(here).filter(wanted).filter(fits).collect();
            if people.is_empty() {
                continue;
            }
            cx.count = people.len();
            cx.total = people.iter().fold(Decimal::ZERO, |sum, payee| sum.saturating_add(payee.net));
            let Ok(bytes) = write::file(file, &people, &cx) else { continue };
            made.push(PayFile {
                layout: file.name.clone(),
                title: file.title.clone(),
                path: file.path.replace("{store}", &file_name(cx.store_id)),
                pays: file.people == FilePeople::Paid,
                people: people.len(),
                total: cx.total,
                bytes,
            });
        }
    }
    made
}

/// Text of a value, where it has one.
fn looked_up<'a>(payee: &'a Payee<'_>, value: &'a FileValue) -> Option<&'a str> {
    let FileValue::Column { dataset, column } = value else { return None };
    payee.looked_up.get(&(&**dataset, &**column)).map(String::as_str)
}
