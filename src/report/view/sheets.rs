//! The rows of a workbook's sheets: what stands in a cell, before anything is a number of a spreadsheet.
//!
//! Sums are those of the amounts that stand in the column, exact and checked.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::super::workbook::spec::{ColumnSpec, SheetRows, SheetSpec};
use super::explained::explained;
use super::{Context, cited};
use crate::diag::data::{Exception, ExceptionSeverity, Store};
use crate::run::outcome::{DecisionInForce, LinePart, PayLine, Person};
use crate::run::totals::{Overflow, sum};

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) enum Cell {
    /// Nothing: there is no such figure.
    Nothing,
    /// Text as it is.
    Text(String),
    /// Yuan.
    Amount(Decimal),
    /// How many.
    Count(u32),
}

/// A sheet before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) struct Table {
    /// Rows, a cell for each column.
    pub(in crate::report) rows: Vec<Vec<Cell>>,
    /// The last row: sums of the columns that have one. None where no column has.
    pub(in crate::report) totals: Option<Vec<Cell>>,
}

impl Cell {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// The rows of a sheet, of one store or of all.
///
/// # Errors
/// Where a sum leaves the range of a decimal.
pub(in crate::report) fn table(cx: Context<'_>, sheet: &SheetSpec, only: Option<&Store>) -> Result<Table, Overflow> {
    let stores = cx.outcome.stores.iter().filter(|store| only.is_none_or(|only| only.store_id == store.store_id));
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let row = |cell: &dyn Fn(&str) -> Cell| sheet.columns.iter().map(|column| cell(&column.value)).collect();
    for store in stores {
        let own = cx.index.store(&store.store_id);
        match sheet.rows {
            SheetRows::PayLines => own.lines.iter().for_each(|line| {
                let person = own.people.iter().find(|person| person.employee_id == line.employee_id);
                rows.push(Line { cx, store, line, person: person.copied() }.row(&row));
            }),
            SheetRows::NetLines => {
                rows.extend(own.net.iter().map(|line| Line { cx, store, line, person: None }.row(&row)));
            }
            SheetRows::People => {
                for person in people(cx, store) {
                    let sums = person.sums()?;
                    let cells = sheet.columns.iter().map(|column| person.cell(&column.value, &sums));
                    rows.push(cells.collect::<Result<Vec<Cell>, Overflow>>()?);
                }
            }
            SheetRows::Exceptions => {
                for exception in own.exceptions.iter().filter(|one| one.store_id.is_some()) {
                    rows.push(row(&|value| told(cx, Some(store), exception, value)));
                }
            }
            SheetRows::Decisions => {
                rows.extend(own.decisions.iter().map(|one| row(&|value| decision(cx, store, one, value))));
            }
        }
    }
    if only.is_none() && sheet.rows == SheetRows::Exceptions {
        let known = |id: &String| cx.outcome.stores.iter().any(|store| store.store_id == *id);
        let homeless = |one: &&Exception| !one.store_id.as_ref().is_some_and(known);
        for exception in cx.outcome.exceptions.iter().filter(homeless) {
            rows.push(row(&|value| told(cx, None, exception, value)));
        }
    }
    let totals = totals(cx, sheet, &rows)?;
    Ok(Table { rows, totals })
}

/// The sums below the columns that have one; the word for them in the first column that has none.
fn totals(cx: Context<'_>, sheet: &SheetSpec, rows: &[Vec<Cell>]) -> Result<Option<Vec<Cell>>, Overflow> {
    if !sheet.columns.iter().any(|column| column.total) {
        return Ok(None);
    }
    let of_column = |(at, column): (usize, &ColumnSpec)| {
        if !column.total {
            return Ok(Cell::Nothing);
        }
        let (mut amounts, mut count, mut counts) = (Vec::new(), 0_u32, false);
        for cell in rows.iter().filter_map(|row| row.get(at)) {
            match cell {
                Cell::Amount(amount) => amounts.push(*amount),
                Cell::Count(more) => (count, counts) = (count.saturating_add(*more), true),
                Cell::Nothing | Cell::Text(_) => {}
            }
        }
        if counts { Ok(Cell::Count(count)) } else { sum(amounts).map(Cell::Amount) }
    };
    let totals: Result<Vec<Cell>, Overflow> = sheet.columns.iter().enumerate().map(of_column).collect();
    let mut totals = totals?;
    if let Some(first) = totals.iter_mut().find(|cell| **cell == Cell::Nothing) {
        *first = Cell::text(cx.messages.get("total"));
    }
    Ok(Some(totals))
}

/// A line of pay or net pay with what stands around it.
struct Line<'a> {
    cx: Context<'a>,
    store: &'a Store,
    line: &'a PayLine,
    person: Option<&'a Person>,
}

impl Line<'_> {
    /// The row; the way to the amount is told once for all columns that ask for it.
    fn row(&self, row: &dyn Fn(&dyn Fn(&str) -> Cell) -> Vec<Cell>) -> Vec<Cell> {
        let told = explained(self.cx, self.line);
        row(&|value| match value {
            "explanation" => Cell::text(&told.text),
            "sources" => Cell::text(&told.sources),
            other => self.cell(other),
        })
    }

    fn cell(&self, value: &str) -> Cell {
        let Self { cx, store, line, person } = self;
        Cell::Text(match value {
            "amount" => return Cell::Amount(line.amount),
            "store_id" => store.store_id.clone(),
            "store" => store.name.clone(),
            "employee_id" => line.employee_id.clone(),
            "name" => line.name.clone(),
            "role" => {
                let intervals = person.iter().flat_map(|person| &person.intervals);
                let held = intervals.into_iter().find(|interval| interval.role == line.role);
                held.map_or_else(|| line.role.clone(), |held| held.role_label.clone())
            }
            "pipeline" => cx.outcome.title_of(&line.pipeline).to_owned(),
            "line" => line.line.to_string(),
            "clause" => cited(*cx, &line.clause),
            "label" => line.label.clone(),
            "part" => cx.messages.get(part(line.part)).to_owned(),
            "state" if line.estimated => cx.messages.get("estimate").to_owned(),
            _ => return Cell::Nothing,
        })
    }
}

fn part(part: LinePart) -> &'static str {
    match part {
        LinePart::Earned => "part_earned",
        LinePart::Penalty => "part_penalty",
        LinePart::Agreed => "part_agreed",
        LinePart::Paid => "part_paid",
        LinePart::Added => "part_added",
        LinePart::Deducted => "part_deducted",
    }
}

/// A person of a store with the lines of pay there, and those of net pay where this store pays out.
struct Row<'a> {
    cx: Context<'a>,
    store: &'a Store,
    employee_id: &'a str,
    name: &'a str,
    person: Option<&'a Person>,
    lines: Vec<&'a PayLine>,
    net: Vec<&'a PayLine>,
}

/// Everybody of a store: whom a plan covers, and who has a line there or is paid out there without that.
fn people<'a>(cx: Context<'a>, store: &'a Store) -> impl Iterator<Item = Row<'a>> {
    let own = cx.index.store(&store.store_id);
    let mut rows: BTreeMap<&str, Row<'_>> = BTreeMap::new();
    let new = |employee_id, name| Row { cx, store, employee_id, name, person: None, lines: vec![], net: vec![] };
    for person in &own.people {
        let row = rows.entry(&person.employee_id).or_insert_with(|| new(&person.employee_id, &person.name));
        row.person = Some(person);
    }
    for line in &own.lines {
        rows.entry(&line.employee_id).or_insert_with(|| new(&line.employee_id, &line.name)).lines.push(line);
    }
    for line in &own.net {
        rows.entry(&line.employee_id).or_insert_with(|| new(&line.employee_id, &line.name)).net.push(line);
    }
    rows.into_values()
}

/// Sums of a person's lines.
struct Sums<'a> {
    pay: Decimal,
    net: Decimal,
    /// Of net pay, by part and by line.
    of_net: BTreeMap<(&'static str, &'a str), Decimal>,
}

impl Sums<'_> {
    fn of_net(&self, wanted: impl Fn(&str, &str) -> bool) -> Result<Decimal, Overflow> {
        sum(self.of_net.iter().filter(|((part, line), _)| wanted(part, line)).map(|(_, amount)| *amount))
    }
}

impl<'a> Row<'a> {
    fn sums(&self) -> Result<Sums<'a>, Overflow> {
        let all = |lines: &[&PayLine]| sum(lines.iter().map(|line| line.amount));
        let mut of_net = BTreeMap::new();
        for line in &self.net {
            let own = of_net.entry((line.part.word(), &*line.kind)).or_insert(Decimal::ZERO);
            *own = sum([*own, line.amount])?;
        }
        Ok(Sums { pay: all(&self.lines)?, net: all(&self.net)?, of_net })
    }

    fn cell(&self, value: &str, sums: &Sums<'_>) -> Result<Cell, Overflow> {
        // Whom another store pays out, or of whom nobody computes it, has no figure of net pay here: not 0.
        let settled = |amount: Decimal| if self.net.is_empty() { Cell::Nothing } else { Cell::Amount(amount) };
        let part = |part: LinePart| Ok(settled(sums.of_net(|own, _| own == part.word())?));
        Ok(match value {
            "store_id" => Cell::text(&self.store.store_id),
            "store" => Cell::text(&self.store.name),
            "employee_id" => Cell::text(self.employee_id),
            "name" => Cell::text(self.name),
            "roles" => Cell::Text(self.roles().join(self.cx.messages.get("comma"))),
            "state" => Cell::Text(self.state().join(self.cx.messages.get("comma"))),
            "lines" => Cell::Count(u32::try_from(self.lines.len()).unwrap_or(u32::MAX)),
            "pay" => Cell::Amount(sums.pay),
            "paid" => return part(LinePart::Paid),
            "added" => return part(LinePart::Added),
            "deducted" => return part(LinePart::Deducted),
            "net" => settled(sums.net),
            other => match SheetRows::People.net_line(other) {
                Some(code) => settled(sums.of_net(|_, line| line == code)?),
                None => Cell::Nothing,
            },
        })
    }

    fn roles(&self) -> Vec<&str> {
        let mut roles = Vec::new();
        for interval in self.person.iter().flat_map(|person| &person.intervals) {
            if !roles.contains(&interval.role_label.as_str()) {
                roles.push(interval.role_label.as_str());
            }
        }
        roles
    }

    /// What somebody who reads the figures must know of them.
    fn state(&self) -> Vec<String> {
        let Self { cx, store, .. } = self;
        let mut state = Vec::new();
        let elsewhere = cx.index.net(self.employee_id).first().filter(|line| line.store_id != store.store_id);
        if let Some(line) = elsewhere {
            let other = cx.outcome.stores.iter().find(|store| store.store_id == line.store_id);
            let other = other.map_or(line.store_id.as_str(), |store| store.name.as_str());
            state.push(cx.messages.fill("paid_out_by", &[("store", other)]));
        }
        if self.net.iter().any(|line| line.estimated) {
            state.push(cx.messages.get("estimate").to_owned());
        }
        let exceptions = &cx.index.store(&store.store_id).person(self.employee_id).exceptions;
        if exceptions.iter().any(|one| one.severity <= ExceptionSeverity::Held) {
            state.push(cx.messages.get("held").to_owned());
        }
        state
    }
}

fn told(cx: Context<'_>, store: Option<&Store>, exception: &Exception, value: &str) -> Cell {
    let language = cx.messages.language();
    Cell::Text(match value {
        "severity" => cx.messages.get(super::severity(exception.severity)).to_owned(),
        "code" => exception.code.id.to_owned(),
        "store_id" => exception.store_id.clone().unwrap_or_default(),
        "store" => store.map_or_else(|| exception.store_id.clone().unwrap_or_default(), |store| store.name.clone()),
        "employee_id" => exception.employee_id.clone().unwrap_or_default(),
        "who" => exception.who.clone(),
        "cause" => exception.cause.to(language),
        "remedy" => exception.remedy.to(language),
        "accepted" => exception.accepted.as_ref().map(|accepted| accepted.to(language)).unwrap_or_default(),
        "stake" => return exception.stake.map_or(Cell::Nothing, Cell::Amount),
        _ => return Cell::Nothing,
    })
}

fn decision(cx: Context<'_>, store: &Store, decision: &DecisionInForce, value: &str) -> Cell {
    let words = cx.outcome.clause(&decision.clause);
    Cell::Text(match value {
        "store_id" => store.store_id.clone(),
        "store" => store.name.clone(),
        "clause" => cited(cx, &decision.clause),
        "sentence" => words.map(|words| words.sentence(cx.outcome.language()).to_owned()).unwrap_or_default(),
        "decided" => decision.decided.clone(),
        "chosen" => decision.chosen.clone(),
        "instead" => decision.instead.clone(),
        "changed_by" => decision.changed_by.clone(),
        _ => return Cell::Nothing,
    })
}
