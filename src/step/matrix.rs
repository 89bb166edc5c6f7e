//! `matrix`: looks a value up in a printed table with a condition on each of several axes.
//!
//! ```yaml
//! rated:
//!   matrix:
//!     from: margin
//!     table: param.pool_rate
//!     by: { output: output, margin: margin }
//!     into: rate
//! ```
//!
//! The last row of the table whose conditions all hold is taken. Two columns are new: `rate`, and `rate_held_by`, the
//! labels of the axes that kept the next row away that gives more; it is absent where no later row does.
//!
//! Outside of what the table prints, the nearest row is taken and a warning says so. Where no version of the table
//! holds on the day of a row, a blocking exception says so and the row leaves.

use std::sync::Arc;

use polars::prelude::*;
use serde::Deserialize;

use super::StepKind;
use super::codes::SETTING_MISSING;
use super::columns::{Computed, cell_exception, check_expr, check_new_name, failed_cells, fault, name_hint};
use super::context::{Axis, CheckCx, Frames, MatrixType, RunCx};
use super::derive::{carried, dropped_for_failure, failed_rows};
use super::frames::{arrange, frame, index, schema_of, without};
use super::ladder::check_asked;
use super::output::{ColumnOrigin, Dropped, Step, StepError, StepException, StepFault, StepOutput};
use super::versions::{Choice, Versions, named};
use crate::diag::data::{ExceptionSeverity, Fate};
use crate::diag::phrase::phrase_of;
use crate::diag::text::Language;
use crate::diag::text::{Text, text};
use crate::diag::yaml::OrderedMap;
use crate::diag::{Code, Fault};
use crate::expr::types::{Field, Kind, Name, Schema, Type};
use crate::expr::{self, Expr, Scope};
use crate::money::exact::Exact;
use crate::money::kernel::{Values, exact_column};
use crate::money::matrix::{Found, Matrix};

/// No such matrix.
pub const UNKNOWN_MATRIX: Code = Code::new("unknown-matrix", "a matrix that no parameter file defines");
/// No such axis.
pub const UNKNOWN_AXIS: Code = Code::new("unknown-axis", "an axis that the matrix does not have");
/// No row for a combination.
pub const OFF_MATRIX: Code =
    Code::exception("off-matrix", "a combination that no row of a matrix holds, or no matrix on its day");
/// Outside of what is printed.
pub const BEYOND_PRINT: Code =
    Code::exception("beyond-print", "a value outside of what a matrix prints, for which the nearest row was taken");

/// What stands between the labels of the axes that held a row back.
const AND: &str = "、";

/// Looks a value up in a matrix.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixSpec {
    /// The frame to read: a step, `spine`, a dataset or a published step.
    pub from: String,
    /// The matrix: `param.` and the name of its parameter.
    pub table: String,
    /// What is looked up along each axis.
    pub by: OrderedMap<String>,
    /// Name of the new column with the value; the one with the axes that held it back ends in `_held_by`.
    pub into: String,
}

/// A checked matrix step.
#[derive(Clone, Debug)]
pub struct MatrixStep {
    from: Name,
    table: Name,
    label: Arc<str>,
    /// What is looked up along each axis of the matrix, in its order.
    by: Vec<Computed>,
    into: Name,
    /// Columns by which a row chooses the matrix: a date, its store.
    chosen_by: Vec<Name>,
}

impl MatrixStep {
    /// Columns it reads beside those it hands on, each with its frame.
    pub(super) fn reads(&self) -> Vec<(Name, Name)> {
        let columns = self.by.iter().flat_map(|axis| axis.expr.columns()).chain(self.chosen_by.iter().cloned());
        columns.map(|column| (self.from.clone(), column)).collect()
    }

    /// What is looked up, as a message names it.
    fn asked(&self) -> String {
        self.by.iter().map(|axis| axis.expr.text.trim()).collect::<Vec<_>>().join(", ")
    }
}

/// Name of the column with the axes that kept a higher row away.
fn held_by_column(into: &str) -> String {
    format!("{into}_held_by")
}

/// Checks a matrix step.
pub(super) fn check(spec: &MatrixSpec, cx: &CheckCx<'_>) -> Result<Step, Vec<StepFault>> {
    let mut faults = Vec::new();
    let found =
        named("table", ("matrix", UNKNOWN_MATRIX), &spec.table, &cx.tables.matrices(), |name| cx.tables.matrix(name))
            .map_err(|one| faults.push(*one));
    let schema = match schema_of(&["from"], &spec.from, cx) {
        Ok(schema) => schema,
        Err(one) => {
            faults.push(*one);
            return Err(faults);
        }
    };
    for name in [spec.into.clone(), held_by_column(&spec.into)] {
        faults.extend(check_new_name(&["into"], &name, schema).map(|one| StepFault { key: false, ..one }));
    }
    let what = format!("`{}`", spec.from);
    let scope = Scope { columns: schema, each: None, params: cx.params, aggregates: false, what: &what };
    let mut asked = Vec::new();
    for (axis, text) in spec.by.iter() {
        let expr = check_expr(&["by", axis], text, &scope).map_err(|more| faults.extend(more));
        asked.extend(expr.map(|expr| (axis, expr)));
    }
    let Ok((table, matrix)) = found else { return Err(faults) };
    let choice = Choice { label: &matrix.label, dated_by: matrix.dated_by.as_ref(), by_store: matrix.by_store };
    faults.extend(choice.check("table", UNKNOWN_MATRIX, schema));
    faults.extend(spec.by.keys().filter_map(|name| unknown_axis(name, &matrix)));
    let mut by = Vec::new();
    for axis in &matrix.axes {
        match asked.iter().find(|(name, _)| **name == *axis.name) {
            Some((name, expr)) => {
                faults.extend(check_asked(&["by", name], expr, &axis_label(&matrix, axis), &axis.unit));
                let field = Field { name: axis.name.clone(), ty: expr.ty.clone(), label: axis.label.clone() };
                by.push(Computed { field, expr: expr.clone() });
            }
            None if spec.by.get(&axis.name).is_none() => {
                let message = format!("{} has an axis `{}` ({})", matrix.label, axis.name, axis.label);
                let hint = format!("say what is looked up along it: `{}: …`", axis.name);
                faults.push(fault(&["by"], Fault::new(SETTING_MISSING, 0..0, message).hint(hint)));
            }
            None => {}
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(assemble(spec, schema, (table, &matrix), by, choice, cx.language))
}

/// The matrix and one of its axes, for messages.
fn axis_label(matrix: &MatrixType, axis: &Axis) -> String {
    format!("{} of {}", axis.label, matrix.label)
}

fn unknown_axis(name: &str, matrix: &MatrixType) -> Option<StepFault> {
    if matrix.axes.iter().any(|axis| *axis.name == *name) {
        return None;
    }
    let hint = name_hint(name, matrix.axes.iter().map(|axis| &*axis.name));
    let message = format!("{} has no axis `{name}`", matrix.label);
    let fault = fault(&["by", name], Fault::new(UNKNOWN_AXIS, 0..name.len(), message).hint(hint));
    Some(StepFault { key: true, ..fault })
}

fn assemble(
    spec: &MatrixSpec,
    schema: &Schema,
    (table, matrix): (Name, &MatrixType),
    by: Vec<Computed>,
    choice: Choice<'_>,
    language: Language,
) -> Step {
    let from = Name::from(spec.from.as_str());
    let into = Name::from(spec.into.as_str());
    let held_by = Name::from(held_by_column(&spec.into));
    let mut made = schema.clone();
    let value = Type::new(Kind::Exact, matrix.value.clone());
    made.set(Field { name: into.clone(), ty: value, label: matrix.label.clone() });
    let label = phrase_of("{table}受限于", language, &[("table", &matrix.label)]);
    made.set(Field { name: held_by.clone(), ty: Type::text().nullable(), label: label.into() });
    let mut origins = carried(&from, schema);
    let exprs: Vec<Expr> = by.iter().map(|axis| axis.expr.clone()).collect();
    for (column, is_value) in [(&into, true), (&held_by, false)] {
        let (table, by, frame) = (table.clone(), exprs.clone(), from.clone());
        origins.insert(column.clone(), ColumnOrigin::Matrix { table, by, is_value, frame });
    }
    let kind = StepKind::Matrix(MatrixStep {
        from: from.clone(),
        table,
        label: matrix.label.clone(),
        by,
        into,
        chosen_by: choice.columns(),
    });
    Step { kind, inputs: vec![from], schema: made, origins }
}

/// Runs a matrix step.
pub(super) fn apply(
    matrix: &MatrixStep,
    step: &Step,
    frames: &dyn Frames,
    cx: &RunCx<'_>,
) -> Result<StepOutput, StepError> {
    let input = frame(frames, &matrix.from)?;
    let dated = cx.tables.matrix(&matrix.table).ok_or_else(|| StepError::MissingTable(matrix.table.clone()))?;
    let versions = Versions::of(&dated, input)?;
    let exprs: Vec<_> = matrix.by.iter().map(|axis| (axis.field.name.clone(), &axis.expr)).collect();
    let evaluated = expr::evaluate(&exprs, input, cx.params, cx.period)?;
    let failed = failed_cells(&matrix.by, &evaluated.columns, &evaluated.faults);
    let mut exceptions: Vec<StepException> = failed
        .iter()
        .map(|cell| cell_exception(cell, &matrix.by, &matrix.from, Some(index(cell.row)), Some((input, cell.row))))
        .collect();
    let failed = failed_rows(&failed);
    let asked: Vec<Values> = evaluated.columns.iter().map(Values::read).collect();
    let (mut values, mut held) = (Vec::with_capacity(input.height()), Vec::with_capacity(input.height()));
    let mut off = Vec::new();
    for row in 0..input.height() {
        let mut found = None;
        if failed.binary_search(&index(row)).is_err() {
            let version = versions.of_row(row).map(|entry| &*entry.value);
            match read(version, &asked, row) {
                Ok((numbers, reached)) => {
                    exceptions.extend(beyond(matrix, &numbers, &reached, row));
                    found = Some((reached.row.value.clone(), labels(matrix, &reached.held_by)));
                }
                Err(cause) => {
                    off.push(index(row));
                    exceptions.push(off_matrix(matrix, row, cause));
                }
            }
        }
        let (value, held_by) = found.unzip();
        values.push(value);
        held.push(held_by.filter(|labels| !labels.is_empty()));
    }
    let value = exact_column(&matrix.into, values.iter().map(Option::as_ref));
    let held_by = Column::new(held_by_column(&matrix.into).into(), held);
    let all = arrange(&input.hstack(&[value, held_by])?, &step.schema)?;
    let mut gone = [failed.as_slice(), &off].concat();
    gone.sort_unstable();
    let mut dropped = dropped_for_failure(&matrix.from, failed);
    if !off.is_empty() {
        let because = text!("off the matrix {label}", label = &*matrix.label);
        dropped.push(Dropped { frame: matrix.from.clone(), rows: off, fate: Fate::Quarantined, because });
    }
    Ok(StepOutput { frame: without(&all, &gone)?, members: None, dropped, exceptions })
}

/// The numbers of a row, and the row of the matrix that they reach.
fn read<'m>(matrix: Option<&'m Matrix>, asked: &[Values], row: usize) -> Result<(Vec<Exact>, Found<'m>), Text> {
    let Some(matrix) = matrix else { return Err(text!("no version of it holds on the day of the row")) };
    let mut numbers = Vec::with_capacity(asked.len());
    for values in asked {
        let number = values.number(row).map_err(Text::of)?;
        numbers.push(number.ok_or_else(|| text!("the value is absent"))?.clone());
    }
    let shown = || numbers.iter().map(|number| number.shown(6)).collect::<Vec<_>>().join(", ");
    match matrix.lookup(&numbers) {
        Some(found) => Ok((numbers, found)),
        None => Err(text!("no row of it holds {values}", values = shown())),
    }
}

/// Labels of axes.
fn labels(matrix: &MatrixStep, axes: &[usize]) -> String {
    let labels = axes.iter().filter_map(|axis| matrix.by.get(*axis)).map(|axis| &*axis.field.label);
    labels.collect::<Vec<_>>().join(AND)
}

fn off_matrix(matrix: &MatrixStep, row: usize, cause: Text) -> StepException {
    StepException {
        severity: ExceptionSeverity::Blocking,
        code: OFF_MATRIX,
        frame: matrix.from.clone(),
        row: Some(index(row)),
        who: None,
        cause: text!(
            "{label} `{table}` by {by}: {cause}",
            label = &*matrix.label,
            table = &matrix.table,
            by = matrix.asked(),
            cause
        ),
        remedy: text!("correct the figures, or add the missing row to the matrix"),
        stake: None,
    }
}

/// The warning for a row whose numbers lie outside of what is printed.
fn beyond(matrix: &MatrixStep, numbers: &[Exact], found: &Found<'_>, row: usize) -> Option<StepException> {
    if found.outside.is_empty() {
        return None;
    }
    let part = |axis: &usize| {
        let label = matrix.by.get(*axis).map(|axis| &*axis.field.label).unwrap_or_default();
        let number = numbers.get(*axis).map(|number| number.shown(6)).unwrap_or_default();
        format!("{label} {number}")
    };
    let outside = found.outside.iter().map(part).collect::<Vec<_>>().join(AND);
    Some(StepException {
        severity: ExceptionSeverity::Warning,
        code: BEYOND_PRINT,
        frame: matrix.from.clone(),
        row: Some(index(row)),
        who: None,
        cause: text!(
            "{label} `{table}`: {outside} is outside of what is printed; the nearest row was taken: {words}",
            label = &*matrix.label,
            table = &matrix.table,
            outside,
            words = found.row.words.as_str()
        ),
        remedy: text!("let whoever decides on the plan confirm the row, or write one for such figures"),
        stake: None,
    })
}
