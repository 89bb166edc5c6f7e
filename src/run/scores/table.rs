//! Scores as a table of CSV, for spreadsheets: one row for each indicator of each score.

use super::{Measured, Score, Scores};
use crate::expr::unit::Unit;
use crate::money::{Exact, show};
use crate::run::cells::Cell;
use crate::run::tables::{TableError, amount_text, cell, table};

const HEADER: [&str; 20] = [
    "from",
    "to",
    "store_id",
    "employee_id",
    "who",
    "card",
    "indicator",
    "label",
    "actual",
    "actual_unit",
    "target",
    "target_unit",
    "points",
    "weight",
    "part",
    "deducted",
    "score",
    "passed",
    "band",
    "step",
];

impl Scores {
    /// The table, in the bytes of a file. Figures that do not end stand rounded behind a `≈`, scores with two places.
    ///
    /// # Errors
    /// Where a table cannot be put into bytes.
    pub fn table(&self) -> Result<Vec<u8>, TableError> {
        let [from, to] = [self.span.first_day(), self.span.last_day()].map(|day| day.to_string());
        let rows = self.scores.iter().flat_map(|score| {
            let days = [from.clone(), to.clone()];
            score.indicators.iter().map(move |indicator| {
                let [from, to] = days.clone();
                let points = |value: &Cell| shown(value, &Unit::base("points"));
                [
                    from,
                    to,
                    cell(&score.store_id),
                    cell(score.employee_id.as_deref().unwrap_or_default()),
                    cell(&score.who),
                    cell(&score.card),
                    cell(&indicator.name),
                    cell(&indicator.label),
                    measured(&indicator.actual),
                    unit(&indicator.actual),
                    measured(&indicator.target),
                    unit(&indicator.target),
                    points(&indicator.points),
                    percent(&indicator.weight),
                    points(&indicator.part),
                    points(&score.deducted),
                    announced(score),
                    passed(score).to_owned(),
                    cell(score.band.as_deref().unwrap_or_default()),
                    cell(&score.step),
                ]
            })
        });
        table(HEADER, rows)
    }
}

fn measured(of: &Measured) -> String {
    shown(&of.value, &of.unit)
}

/// The unit of what is there.
fn unit(of: &Measured) -> String {
    if of.value == Cell::Absent { String::new() } else { of.unit.to_string() }
}

/// A value as people read it; empty where there is none.
fn shown(value: &Cell, unit: &Unit) -> String {
    match value {
        Cell::Absent => String::new(),
        Cell::Text(text) => cell(text),
        other => other.shown(unit).replace(',', ""),
    }
}

/// A weight, as a percentage.
fn percent(weight: &Cell) -> String {
    let hundred = Exact::from(100);
    weight.number().map(|weight| format!("{}%", show::number(&weight.mul(&hundred), 6))).unwrap_or_default()
}

fn announced(score: &Score) -> String {
    let amount = score.score.number().and_then(Exact::to_amount);
    amount.map_or_else(|| score.score.canonical(), amount_text)
}

fn passed(score: &Score) -> &'static str {
    match score.passed {
        Cell::Bool(true) => "yes",
        Cell::Bool(false) => "no",
        _ => "",
    }
}
