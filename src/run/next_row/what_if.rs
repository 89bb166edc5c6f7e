//! The figures of persons if one of them were another: the same formulas, ladders and parameters over the rows that the
//! run has made, with a given column in place of the one that was counted.
//!
//! Only what is computed row by row can be followed: formulas, ladders, and columns handed on. Where a value depends on
//! the given one by way of an aggregate, a pool or a matrix, there is no answer, for others would move with it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::expr::types::{Field, Kind, Name, Schema, Type};
use crate::expr::unit::Unit;
use crate::expr::{self, DayOf, Expr, STORE};
use crate::money::Exact;
use crate::money::ladder::Ladder;
use crate::plan::{Pipeline, PlannedStep, RUN_PAY};
use crate::run::cells::{self, Cell, of};
use crate::run::evaluate::Evaluation;
use crate::step::ColumnOrigin;
use crate::step::ladder::Mode;

/// Rows of a frame, as a pipeline writes its name: one for each person who is looked at.
#[derive(Clone)]
pub(super) struct At<'a> {
    pub(super) pipeline: &'a Pipeline,
    pub(super) written: Name,
    pub(super) rows: Vec<u32>,
}

/// Where a column was made that frames hand on.
pub(super) struct Place<'a> {
    /// Full name of the frame.
    pub(super) full: String,
    pub(super) column: Name,
    pub(super) rows: Vec<u32>,
    /// The step; none for what is read.
    pub(super) step: Option<(&'a Pipeline, &'a PlannedStep)>,
    /// Conditions that the rows have passed on their way from here, each over the frame it tests.
    pub(super) passed: Vec<(At<'a>, &'a Expr)>,
}

impl<'a> Place<'a> {
    pub(super) fn origin(&self) -> Option<&'a ColumnOrigin> {
        self.step.and_then(|(_, step)| step.step.origins.get(&*self.column))
    }

    /// What people call the column, and its type.
    pub(super) fn field(&self, evaluation: &Evaluation<'a>) -> Option<Field> {
        let planned = self.step.and_then(|(_, step)| step.step.schema.get(&self.column));
        planned.or_else(|| evaluation.store.get(&self.full)?.schema.get(&self.column)).cloned()
    }
}

/// Follows a column to where it was made.
pub(super) fn follow<'a>(evaluation: &Evaluation<'a>, at: &At<'a>, column: &Name) -> Option<Place<'a>> {
    let plan = evaluation.plan;
    let (mut at, mut column, mut passed) = (at.clone(), Arc::clone(column), Vec::new());
    loop {
        let full = at.pipeline.full_name(&at.written);
        let stored = evaluation.store.get(&full)?;
        let step = plan.step(at.pipeline, &at.written);
        let handed_on = step.and_then(|(owner, step)| match step.step.origins.get(&*column) {
            Some(ColumnOrigin::Carried { frame, column }) => {
                let below: Option<Vec<u32>> = at.rows.iter().map(|row| stored.input_row(*row, frame)).collect();
                Some((owner, step, frame, column, below?))
            }
            _ => None,
        });
        let Some((owner, step, frame, handed, rows)) = handed_on else {
            return Some(Place { full, column, rows: at.rows, step, passed });
        };
        at = At { pipeline: owner, written: Arc::clone(frame), rows };
        column = Arc::clone(handed);
        passed.extend(step.step.drops_unless().map(|condition| (at.clone(), condition)));
    }
}

type Known = BTreeMap<(String, Name, Vec<u32>), Option<Vec<Cell>>>;

/// An evaluation of single rows in which some columns are given.
pub(super) struct WhatIf<'a, 'b> {
    evaluation: &'b Evaluation<'a>,
    /// Values by frame and column, one for each person.
    given: BTreeMap<(String, Name), Vec<Cell>>,
    known: RefCell<Known>,
}

impl<'a, 'b> WhatIf<'a, 'b> {
    pub(super) fn new(evaluation: &'b Evaluation<'a>) -> Self {
        Self { evaluation, given: BTreeMap::new(), known: RefCell::default() }
    }

    /// With these values of a column.
    pub(super) fn given(mut self, place: &Place<'_>, values: Vec<Cell>) -> Self {
        self.given.insert((place.full.clone(), Arc::clone(&place.column)), values);
        self
    }

    /// Whether an expression over a frame depends on what is given.
    pub(super) fn moves(&self, expr: &Expr, pipeline: &'a Pipeline, written: &str) -> bool {
        let mut seen = BTreeSet::new();
        expr.columns().iter().any(|column| self.depends(pipeline, written, column, &mut seen))
    }

    fn depends(
        &self,
        pipeline: &'a Pipeline,
        written: &str,
        column: &Name,
        seen: &mut BTreeSet<(String, Name)>,
    ) -> bool {
        let key = (pipeline.full_name(written), Arc::clone(column));
        if self.given.contains_key(&key) {
            return true;
        }
        if !seen.insert(key) {
            return false;
        }
        let plan = self.evaluation.plan;
        // What was paid moves with what it was paid for.
        if plan.paying(written).is_some() || written == RUN_PAY {
            return true;
        }
        let Some((owner, step)) = plan.step(pipeline, written) else { return false };
        let Some(origin) = step.step.origins.get(&**column) else { return false };
        let (frames, columns) = origin.reads();
        let mut below = |frame: &Name, column: &Name| self.depends(owner, frame, column, seen);
        let within = match origin {
            ColumnOrigin::Within { expr } | ColumnOrigin::LadderWithin { by: expr, .. } => expr.columns(),
            _ => BTreeSet::new(),
        };
        frames.iter().any(|frame| columns.iter().any(|column| below(frame, column)))
            || within.iter().any(|column| below(&step.name, column))
    }

    /// The values of an expression over rows of a frame; `None` where one cannot be told.
    pub(super) fn expression(&self, expr: &Expr, at: &At<'a>) -> Option<Vec<Cell>> {
        if !expr.each_columns().is_empty() {
            return None;
        }
        let schema = self.evaluation.plan.schema_of(at.pipeline, &at.written)?;
        let (mut fields, mut columns) = (Vec::new(), Vec::new());
        for name in expr.columns() {
            fields.push(schema.get(&name)?.clone());
            columns.push(self.column(at, &name)?);
        }
        let frame = cells::frame(&columns, &Schema { fields }, at.rows.len())?;
        let parameters = self.evaluation.plan.parameters.on(self.evaluation.period.first_day());
        let period = self.evaluation.period_values();
        let evaluated = expr::evaluate(&[("value".into(), expr)], &frame, &parameters, &period).ok()?;
        let column = evaluated.columns.first().filter(|_| evaluated.faults.is_empty())?;
        (0..at.rows.len()).map(|row| Some(of(&column.get(row).ok()?, expr.ty.kind))).collect()
    }

    /// The same, of numbers.
    pub(super) fn numbers(&self, expr: &Expr, at: &At<'a>) -> Option<Vec<Exact>> {
        self.expression(expr, at)?.iter().map(|cell| cell.number().cloned()).collect()
    }

    /// The values of a column in rows of a frame.
    pub(super) fn column(&self, at: &At<'a>, column: &Name) -> Option<Vec<Cell>> {
        let place = follow(self.evaluation, at, column)?;
        let key = (place.full.clone(), Arc::clone(&place.column));
        if let Some(values) = self.given.get(&key) {
            return Some(values.clone());
        }
        let key = (key.0, key.1, place.rows.clone());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let values = self.made(&place);
        self.known.borrow_mut().insert(key, values.clone());
        values
    }

    fn made(&self, place: &Place<'a>) -> Option<Vec<Cell>> {
        let stored = self.evaluation.store.get(&place.full)?;
        let moved =
            place.step.filter(|(owner, step)| self.depends(owner, &step.name, &place.column, &mut BTreeSet::new()));
        let Some((owner, step)) = moved else {
            let there = stored.schema.get(&place.column).is_some();
            return there.then(|| place.rows.iter().map(|row| stored.cell(*row, &place.column)).collect());
        };
        let below = |frame: &Name| -> Option<At<'a>> {
            let rows: Option<Vec<u32>> = place.rows.iter().map(|row| stored.input_row(*row, frame)).collect();
            Some(At { pipeline: owner, written: Arc::clone(frame), rows: rows? })
        };
        match place.origin()? {
            ColumnOrigin::Computed { expr, frame } => self.expression(expr, &below(frame)?),
            ColumnOrigin::Within { expr } => {
                let here = At { pipeline: owner, written: Arc::clone(&step.name), rows: place.rows.clone() };
                self.expression(expr, &here)
            }
            ColumnOrigin::Ladder { table, by, base, at_most, mode, frame } => {
                let at = below(frame)?;
                let asked = self.numbers(base.as_ref().unwrap_or(by), &at)?;
                let limits = match at_most {
                    Some(limit) => self.numbers(limit, &at)?.into_iter().map(Some).collect(),
                    None => vec![None; asked.len()],
                };
                let found = self.ladders(table, &at)?.into_iter().zip(asked.iter().zip(&limits));
                let values = found.map(|(ladder, (number, limit))| match mode {
                    Mode::Whole => ladder.lookup(number).map(|(_, row)| row.rate(limit.as_ref())),
                    Mode::Marginal => ladder.marginal_limited(number, limit.as_ref()).ok(),
                });
                values.map(|value| value.map(Cell::Number)).collect()
            }
            _ => None,
        }
    }

    /// The ladder that each row has chosen.
    pub(super) fn ladders(&self, table: &str, at: &At<'a>) -> Option<Vec<&'a Ladder>> {
        let plan = self.evaluation.plan;
        let dated = plan.parameters.on(self.evaluation.period.first_day()).table(table)?;
        let texts = |name: &Name| self.column(at, name);
        let stores = texts(&Name::from(STORE));
        let days = match &dated.day {
            DayOf::Period(_) => None,
            DayOf::Column(column) => Some(texts(column)?),
        };
        let chosen = (0..at.rows.len()).map(|row| {
            let store = stores.as_ref().and_then(|stores| stores.get(row)).map(Cell::canonical);
            let day = match days.as_ref().map(|days| days.get(row)) {
                Some(Some(Cell::Date(day))) => Some(*day),
                Some(_) => return None,
                None => None,
            };
            dated.for_row(day, store.as_deref()).map(|entry| &*entry.value)
        });
        chosen.collect()
    }
}

/// The smallest step by which people speak of more of a figure: a fen, a hundredth of an hour, one car.
pub(super) fn smallest(ty: &Type) -> Exact {
    let divisible = ["yuan", "hours"].iter().any(|base| ty.unit == Unit::base(base));
    match ty.kind {
        Kind::Decimal { scale, .. } if scale >= 2 && divisible => Exact::ratio(1, 100).unwrap_or_else(Exact::one),
        Kind::Exact if divisible => Exact::ratio(1, 100).unwrap_or_else(Exact::one),
        _ => Exact::one(),
    }
}
