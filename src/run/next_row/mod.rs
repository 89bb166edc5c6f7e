//! What the next row of a ladder needs, and what it is worth: for each person, of each ladder by which a line of theirs
//! was paid, how much more of the one figure reaches the next row, and by how much the lines of the plan would then grow,
//! all else as it is. Both are computed as pay is, by the formulas of the plan, and rounded once a line.
//!
//! Nothing is said where the answer would not be the person's own, or not certain:
//! - the ladder is looked up by several figures that each raise it, or by none that the person's rows count;
//! - what the figure moves goes through an aggregate, a pool or a matrix, so that others would move with it;
//! - a line would come or go with the figure, or the ladder pays less (or no more) in its next row;
//! - the row reached is the last one.

mod what_if;

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use self::what_if::{At, Place, WhatIf, follow, smallest};
use super::cells::Cell;
use super::due::{Amount, Due, DueRow};
use super::evaluate::Evaluation;
use super::outcome::{Origin, PayLine};
use crate::expr::Expr;
use crate::expr::types::{Field, Name};
use crate::expr::unit::Unit;
use crate::money::ladder::Bound;
use crate::money::{Exact, Rounding};
use crate::plan::{Pipeline, PlannedLine};
use crate::step::ladder::Mode;
use crate::step::{ColumnOrigin, TableTypes};

/// What the next row of a ladder needs, and is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextRow {
    /// Store.
    pub store_id: String,
    /// Employee.
    pub employee_id: String,
    /// Pipeline that pays.
    pub pipeline: Name,
    /// Code of the line that the ladder pays.
    pub line: Name,
    /// What people call the ladder.
    pub ladder: String,
    /// Words of the next row.
    pub words: String,
    /// What people call the figure that it takes more of.
    pub figure: String,
    /// How much more.
    pub more: Exact,
    /// Unit of the figure.
    pub unit: String,
    /// By how much the lines of the plan would be more, in yuan.
    pub gain: Decimal,
    /// How much of that comes from the row alone, in yuan.
    pub jump: Decimal,
}

/// The next rows of what a pipeline pays.
pub fn of_pipeline<'a>(
    evaluation: &Evaluation<'a>,
    pipeline: &'a Pipeline,
    due: &Due,
    paid: &[PayLine],
) -> Vec<NextRow> {
    let mut found = Vec::new();
    for (line, rows) in pipeline.lines().iter().zip(&due.lines) {
        if line.each.is_some() || rows.is_empty() {
            continue;
        }
        let rows: Vec<&DueRow> = rows.iter().filter(|row| matches!(row.amount, Amount::Paid { .. })).collect();
        let at = At { pipeline, written: Arc::clone(&line.from), rows: rows.iter().map(|row| row.row).collect() };
        for ladder in ladders(evaluation, &line.amount, &at) {
            // A ladder that the person's formula does not use pays them nothing.
            let whole = |at: &usize| rows.get(*at).is_some_and(|row| has_all(pipeline, due, row));
            let used = (0..rows.len()).filter(|at| uses(paid, rows.get(*at), line, ladder.table)).filter(whole);
            let used: Vec<usize> = used.collect();
            let people: Vec<&DueRow> = used.iter().filter_map(|at| rows.get(*at).copied()).collect();
            if !people.is_empty()
                && let Some(ladder) = ladder.of(&used)
            {
                let asked = Asked { evaluation, pipeline, due, people, ladder };
                found.extend(asked.next_rows().unwrap_or_default());
            }
        }
    }
    found
}

/// Whether a person is paid every line that everybody on the plan has; who is not has an exception to mend first.
fn has_all(pipeline: &Pipeline, due: &Due, person: &DueRow) -> bool {
    let lines = pipeline.lines().iter().zip(&due.lines).filter(|(line, _)| line.when.is_none() && line.each.is_none());
    let own = |row: &DueRow| row.store_id == person.store_id && row.employee_id == person.employee_id;
    lines.into_iter().all(|(_, rows)| rows.iter().any(|row| own(row) && matches!(row.amount, Amount::Paid { .. })))
}

/// Whether the line of a row was computed by a ladder.
fn uses(paid: &[PayLine], row: Option<&&DueRow>, line: &PlannedLine, table: &str) -> bool {
    let of = |row: &&DueRow, one: &PayLine| {
        one.store_id == row.store_id && one.employee_id == row.employee_id && one.kind == line.name
    };
    let own = row.and_then(|row| paid.iter().find(|one| of(row, one)));
    own.is_some_and(|own| {
        own.trace
            .nodes
            .iter()
            .any(|node| matches!(&node.origin, Origin::LadderRow { table: known, .. } if known == table))
    })
}

/// Conditions that rows have passed, each over the frame it tests.
type Passed<'a> = Vec<(At<'a>, &'a Expr)>;

/// A column found in a ladder as a whole, with the rows in which persons have it.
struct LadderColumn<'a> {
    table: &'a str,
    by: &'a Expr,
    /// The column itself.
    place: Place<'a>,
    /// The rows that are looked up.
    below: At<'a>,
}

impl LadderColumn<'_> {
    /// The same for some of the persons alone.
    fn of(self, people: &[usize]) -> Option<Self> {
        let take = |rows: &[u32]| -> Option<Vec<u32>> { people.iter().map(|at| rows.get(*at).copied()).collect() };
        let passed =
            self.place.passed.iter().map(|(at, test)| Some((At { rows: take(&at.rows)?, ..at.clone() }, *test)));
        let place = Place { rows: take(&self.place.rows)?, passed: passed.collect::<Option<_>>()?, ..self.place };
        Some(Self { below: At { rows: take(&self.below.rows)?, ..self.below }, place, ..self })
    }
}

/// The ladders below an expression, each once, as far as rows are handed on one by one.
fn ladders<'a>(evaluation: &Evaluation<'a>, expr: &Expr, at: &At<'a>) -> Vec<LadderColumn<'a>> {
    let mut found: Vec<LadderColumn<'a>> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut open: Vec<(At<'a>, Name, Passed<'a>)> =
        expr.columns().into_iter().map(|column| (at.clone(), column, Vec::new())).collect();
    while let Some((at, column, passed)) = open.pop() {
        let Some(mut place) = follow(evaluation, &at, &column) else { continue };
        place.passed.extend(passed);
        if !seen.insert((place.full.clone(), Arc::clone(&place.column))) {
            continue;
        }
        let (Some((owner, step)), Some(origin)) = (place.step, place.origin()) else { continue };
        let stored = evaluation.store.get(&place.full);
        let below = |frame: &Name| -> Option<At<'a>> {
            let rows: Option<Vec<u32>> = place.rows.iter().map(|row| stored?.input_row(*row, frame)).collect();
            Some(At { pipeline: owner, written: Arc::clone(frame), rows: rows? })
        };
        let (next, exprs): (Option<At<'a>>, Vec<&'a Expr>) = match origin {
            ColumnOrigin::Computed { expr, frame } => (below(frame), vec![expr]),
            ColumnOrigin::Within { expr } => {
                let here = At { pipeline: owner, written: Arc::clone(&step.name), rows: place.rows.clone() };
                (Some(here), vec![expr])
            }
            ColumnOrigin::Ladder { by, base, at_most, frame, .. } => {
                let limit = at_most.as_deref();
                (below(frame), std::iter::once(by).chain(base).chain(limit).collect())
            }
            _ => continue,
        };
        let Some(next) = next else { continue };
        let columns = exprs.iter().flat_map(|expr| expr.columns());
        open.extend(columns.map(|column| (next.clone(), column, place.passed.clone())));
        if let ColumnOrigin::Ladder { table, by, mode: Mode::Whole, .. } = origin {
            found.push(LadderColumn { table, by, below: next, place });
        }
    }
    found
}

/// A ladder that pays persons a line.
struct Asked<'a, 'b> {
    evaluation: &'b Evaluation<'a>,
    pipeline: &'a Pipeline,
    due: &'b Due,
    people: Vec<&'b DueRow>,
    ladder: LadderColumn<'a>,
}

/// A figure that raises what is looked up, and by how much one more of it does.
struct Figure<'a> {
    place: Place<'a>,
    field: Field,
    /// The figure of each person, and what is looked up.
    own: Vec<Exact>,
    keys: Vec<Exact>,
    slopes: Vec<Exact>,
}

impl<'a> Asked<'a, '_> {
    fn next_rows(&self) -> Option<Vec<NextRow>> {
        let ladders = WhatIf::new(self.evaluation).ladders(self.ladder.table, &self.ladder.below)?;
        let figure = self.figure()?;
        let least = smallest(&figure.field.ty);
        // What each person's figure would have to be; as it is where there is no next row.
        let mut wanted = figure.own.clone();
        let mut rows = vec![None; wanted.len()];
        for (at, ladder) in ladders.iter().enumerate() {
            let (own, key, slope) = (figure.own.get(at)?, figure.keys.get(at)?, figure.slopes.get(at)?);
            let Some((row, _)) = ladder.lookup(key) else { continue };
            let Some(next) = ladder.rows().get(row + 1) else { continue };
            let (bound, open) = match next.interval.lower() {
                Bound::Included(bound) => (bound, false),
                Bound::Excluded(bound) => (bound, true),
                Bound::Unbounded => continue,
            };
            // One that is below zero counts as zero, as far as it must come up to it first.
            let counted = if own.is_negative() { Exact::zero() } else { own.clone() };
            let target = counted.add(&bound.sub(key).div(slope)?);
            let steps = target.sub(own).div(&least)?.round(0, Rounding::Ceiling);
            let exact = own.add(&steps.mul(&least));
            let more = if open && exact == target { exact.add(&least) } else { exact };
            *wanted.get_mut(at)? = more;
            *rows.get_mut(at)? = Some(next);
        }
        let given = |values: &[Exact]| values.iter().cloned().map(Cell::Number).collect::<Vec<_>>();
        let there = || WhatIf::new(self.evaluation).given(&figure.place, given(&wanted));
        let short: Vec<Exact> = wanted.iter().map(|wanted| wanted.sub(&least)).collect();
        let before = WhatIf::new(self.evaluation).given(&figure.place, given(&short));
        let reached = there().numbers(self.ladder.by, &self.ladder.below)?;
        let missed = before.numbers(self.ladder.by, &self.ladder.below)?;
        let now = self.paid(&WhatIf::new(self.evaluation), &there())?;
        let then = self.paid(&there(), &there())?;
        let held = WhatIf::new(self.evaluation).column(&self.looking_up()?, &self.ladder.place.column)?;
        let without = self.paid(&there().given(&self.ladder.place, held), &there())?;
        let stays = self.stays(&there(), &figure);
        let mut found = Vec::new();
        for (at, (row, person)) in rows.iter().zip(&self.people).enumerate() {
            let Some(row) = row else { continue };
            // The least that reaches the row, and not one step less.
            let holds = |keys: &[Exact]| keys.get(at).is_some_and(|key| row.interval.contains(key));
            let (now, then, without) = (now.get(at)?, then.get(at)?, without.get(at)?);
            let (Some(gain), Some(jump)) = (then.checked_sub(*now), then.checked_sub(*without)) else { continue };
            if !holds(&reached)
                || holds(&missed)
                || gain <= Decimal::ZERO
                || jump <= Decimal::ZERO
                || stays.get(at) != Some(&true)
            {
                continue;
            }
            found.push(NextRow {
                store_id: person.store_id.clone(),
                employee_id: person.employee_id.clone(),
                pipeline: Arc::clone(&self.pipeline.name),
                line: Arc::clone(&person.code),
                ladder: self.title()?,
                words: row.words.clone(),
                figure: figure.field.label.to_string(),
                more: wanted.get(at)?.sub(figure.own.get(at)?),
                unit: figure.field.ty.unit.to_string(),
                gain,
                jump,
            });
        }
        Some(found)
    }

    fn title(&self) -> Option<String> {
        Some(self.evaluation.plan.parameters.ladder(self.ladder.table)?.label.to_string())
    }

    /// The rows of the step that looks up.
    fn looking_up(&self) -> Option<At<'a>> {
        let (owner, step) = self.ladder.place.step?;
        Some(At { pipeline: owner, written: Arc::clone(&step.name), rows: self.ladder.place.rows.clone() })
    }

    /// The one figure that raises what is looked up.
    fn figure(&self) -> Option<Figure<'a>> {
        let mut open: Vec<(At<'a>, Name)> =
            self.ladder.by.columns().into_iter().map(|column| (self.ladder.below.clone(), column)).collect();
        let mut raising: Option<Figure<'a>> = None;
        while let Some((at, column)) = open.pop() {
            let place = follow(self.evaluation, &at, &column)?;
            let field = place.field(self.evaluation)?;
            // A share of a task is raised by what it is a share of.
            if let (true, Some((owner, _)), Some(ColumnOrigin::Computed { expr, frame })) =
                (field.ty.unit == Unit::ratio(), place.step, place.origin())
            {
                let stored = self.evaluation.store.get(&place.full)?;
                let rows: Option<Vec<u32>> = place.rows.iter().map(|row| stored.input_row(*row, frame)).collect();
                let below = At { pipeline: owner, written: Arc::clone(frame), rows: rows? };
                open.extend(expr.columns().into_iter().map(|column| (below.clone(), column)));
                continue;
            }
            let Some(figure) = self.raises(place, field) else { continue };
            if raising.replace(figure).is_some() {
                return None;
            }
        }
        raising
    }

    /// A figure, where one more of it raises what is looked up for everybody.
    fn raises(&self, place: Place<'a>, field: Field) -> Option<Figure<'a>> {
        let as_is = WhatIf::new(self.evaluation);
        let step = place.step?;
        let here = At { pipeline: step.0, written: Arc::clone(&step.1.name), rows: place.rows.clone() };
        let own: Option<Vec<Exact>> =
            as_is.column(&here, &place.column)?.iter().map(|cell| cell.number().cloned()).collect();
        let own = own?;
        let counted = |more: &Exact| -> Vec<Cell> {
            let at_least = |own: &Exact| if own.is_negative() { Exact::zero() } else { own.clone() };
            own.iter().map(|own| Cell::Number(at_least(own).add(more))).collect()
        };
        let keys = |more: &Exact| {
            let what_if = WhatIf::new(self.evaluation).given(&place, counted(more));
            what_if.numbers(self.ladder.by, &self.ladder.below)
        };
        let keys_now = keys(&Exact::zero())?;
        let slopes: Vec<Exact> = keys(&Exact::one())?.iter().zip(&keys_now).map(|(more, now)| more.sub(now)).collect();
        let rises = slopes.iter().all(|slope| !slope.is_negative() && !slope.is_zero());
        rises.then_some(Figure { place, field, own, keys: keys_now, slopes })
    }

    /// What each person's lines of the plan come to, as far as they move with the figure; `moved` says which do.
    fn paid(&self, what_if: &WhatIf<'a, '_>, moved: &WhatIf<'a, '_>) -> Option<Vec<Decimal>> {
        let mut sums = vec![Decimal::ZERO; self.people.len()];
        for (line, rows) in self.pipeline.lines().iter().zip(&self.due.lines) {
            let moves = |expr: &Expr| moved.moves(expr, self.pipeline, &line.from);
            // A line that would come or go is no sum of what is there.
            if line.when.as_ref().is_some_and(moves) {
                return None;
            }
            if !moves(&line.amount) {
                continue;
            }
            let own: BTreeMap<(&str, &str), u32> =
                rows.iter().map(|row| ((row.store_id.as_str(), row.employee_id.as_str()), row.row)).collect();
            let rows: Option<Vec<u32>> = self
                .people
                .iter()
                .map(|person| own.get(&(person.store_id.as_str(), person.employee_id.as_str())).copied())
                .collect();
            // Everybody has the line, or nobody is told anything.
            let at = At { pipeline: self.pipeline, written: Arc::clone(&line.from), rows: rows? };
            if line.each.is_some() {
                return None;
            }
            for (sum, amount) in sums.iter_mut().zip(what_if.numbers(&line.amount, &at)?) {
                *sum = sum.checked_add(amount.round(2, Rounding::HalfUp).to_amount()?)?;
            }
        }
        Some(sums)
    }

    /// Whether each person's rows pass all conditions as they do now.
    fn stays(&self, what_if: &WhatIf<'a, '_>, figure: &Figure<'a>) -> Vec<bool> {
        let mut stays = vec![true; self.people.len()];
        for (at, condition) in self.ladder.place.passed.iter().chain(&figure.place.passed) {
            if !what_if.moves(condition, at.pipeline, &at.written) {
                continue;
            }
            let held = what_if.expression(condition, at).unwrap_or_default();
            for (place, stays) in stays.iter_mut().enumerate() {
                *stays &= held.get(place) == Some(&Cell::Bool(true));
            }
        }
        stays
    }
}

#[cfg(test)]
mod tests;
