//! Computed columns, shared by derive and aggregate: checking their definitions, and taking rows out
//! whose cells failed.
//!
//! A cell fails when its column's type calls it present and it is not: a division by zero, a result
//! that outgrew its bound. Such a row never goes on with a null in it; it leaves its frame as a
//! blocking exception that names the formula and the values it read.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::*;

use super::codes::{BAD_COLUMN_NAME, COLUMN_EXISTS, FAILED_CELL, NOT_A_CONDITION, UNIT_ALREADY};
use super::context::CheckCx;
use super::output::{StepException, StepFault};
use super::show;
use crate::diag::data::ExceptionSeverity;
use crate::diag::text::{Text, text};
use crate::diag::yaml::ColumnsSpec;
use crate::diag::{Fault, nearest};
use crate::expr::types::{Field, Kind, Name, Schema};
use crate::expr::unit::Unit;
use crate::expr::{self, CellFault, Expr, Scope};

/// A computed column: its field, and how it is computed.
#[derive(Clone, Debug)]
pub(super) struct Computed {
    /// Name, type and label.
    pub field: Field,
    /// The expression.
    pub expr: Expr,
}

/// A fault of a whole setting.
pub(super) fn fault(path: &[&str], fault: Fault) -> StepFault {
    StepFault { path: path.iter().map(|&part| part.to_owned()).collect(), key: false, fault }
}

/// Checks an expression that stands under one key of the step.
pub(super) fn check_expr(path: &[&str], text: &str, scope: &Scope<'_>) -> Result<Expr, Vec<StepFault>> {
    expr::check(text, scope).map_err(|faults| faults.into_iter().map(|one| fault(path, one)).collect())
}

/// Checks a condition: true or false in every row.
pub(super) fn check_condition(path: &[&str], text: &str, scope: &Scope<'_>) -> Result<Expr, Vec<StepFault>> {
    let condition = check_expr(path, text, scope)?;
    let whole = 0..text.len();
    if condition.ty.kind != Kind::Bool {
        let message = format!("a condition is true or false, this is {}", condition.ty.kind);
        let hint = "compare it with something: `x > 0`";
        return Err(vec![fault(path, Fault::new(NOT_A_CONDITION, whole, message).hint(hint))]);
    }
    if condition.ty.nullable {
        let message = "the condition is neither true nor false where a value is absent";
        let hint = "say what holds then: `x IS NOT NULL AND …`, or `COALESCE(x, …)`";
        return Err(vec![fault(path, Fault::new(NOT_A_CONDITION, whole, message).hint(hint))]);
    }
    Ok(condition)
}

/// Checks a new column's name against those the frame has.
pub(super) fn check_new_name(path: &[&str], name: &str, taken: &Schema) -> Option<StepFault> {
    let key = |one: Fault| Some(StepFault { key: true, ..fault(path, one) });
    let mut letters = name.chars();
    let starts_well = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    if !starts_well || !letters.all(|letter| letter.is_alphanumeric() || letter == '_') {
        let message = format!("`{name}` cannot be the name of a column");
        let hint = "begin with a letter; then letters, digits and `_`";
        return key(Fault::new(BAD_COLUMN_NAME, 0..name.len(), message).hint(hint));
    }
    if !expr::is_column_name(name) {
        let message = format!("`{name}` is a word of SQL and cannot be the name of a column");
        return key(Fault::new(BAD_COLUMN_NAME, 0..name.len(), message).hint("choose another name"));
    }
    if taken.get(name).is_some() {
        let message = format!("the frame has a column `{name}` already");
        let hint = "choose another name, so that the column read and the column made stay apart";
        return key(Fault::new(COLUMN_EXISTS, 0..name.len(), message).hint(hint));
    }
    None
}

/// Checks a mapping of computed columns; `existing` are the columns that stand beside them.
///
/// A column may not read another one of the same mapping, so that their order means nothing.
pub(super) fn check_columns(
    spec: &ColumnsSpec,
    scope: &Scope<'_>,
    existing: &Schema,
    cx: &CheckCx<'_>,
) -> Result<Vec<Computed>, Vec<StepFault>> {
    let mut faults = Vec::new();
    let mut columns = Vec::new();
    let siblings: Vec<&str> = spec.iter().map(|(name, _)| name).collect();
    for (name, column) in spec.iter() {
        faults.extend(check_new_name(&["columns", name], name, existing));
        let path: &[&str] = if column.long { &["columns", name, "value"] } else { &["columns", name] };
        let unit = match &column.unit {
            Some(text) => match Unit::parse(text, cx.units) {
                Ok(unit) => Some(unit),
                Err(one) => {
                    faults.push(fault(&["columns", name, "unit"], one));
                    None
                }
            },
            None => None,
        };
        let expr = match expr::check(&column.value, scope) {
            Ok(expr) => expr,
            Err(found) => {
                faults.extend(found.into_iter().map(|one| fault(path, explain_sibling(one, &column.value, &siblings))));
                continue;
            }
        };
        let mut ty = expr.ty.clone();
        if let Some(unit) = unit
            && unit != ty.unit
        {
            if ty.kind.is_number() && ty.unit.is_ratio() {
                ty.unit = unit;
            } else {
                let message = format!("the formula gives {}, not {unit}", ty.unit);
                let hint = "a unit may be declared only for a number that has none by itself, such as COUNT(*)";
                let text = column.unit.as_deref().unwrap_or_default();
                let at = fault(&["columns", name, "unit"], Fault::new(UNIT_ALREADY, 0..text.len(), message).hint(hint));
                faults.push(at);
            }
        }
        let label = column.label.as_deref().unwrap_or(name);
        columns.push(Computed { field: Field { name: Name::from(name), ty, label: Arc::from(label) }, expr });
    }
    if faults.is_empty() { Ok(columns) } else { Err(faults) }
}

/// Adds the reason when an unknown name is a column of the same mapping.
fn explain_sibling(fault: Fault, text: &str, siblings: &[&str]) -> Fault {
    let word = text.get(fault.span.clone()).unwrap_or_default();
    if siblings.contains(&word) && fault.hint.as_deref().is_none_or(|hint| !hint.contains(word)) {
        return fault.hint(format!("`{word}` is made by this very step; put what reads it into a later derive"));
    }
    fault
}

/// A cell that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FailedCell {
    /// Row of the frame of results.
    pub row: usize,
    /// Which of the columns.
    pub column: usize,
    /// Why.
    pub cause: Text,
    /// In an aggregate, the row of its input at fault, where one is.
    pub input_row: Option<usize>,
}

fn absent() -> Text {
    text!("the result is absent or too large to hold")
}

/// Cells that have no value though their column's type promises one, by row and column.
pub(super) fn failed_cells(columns: &[Computed], values: &[Column], faults: &[CellFault]) -> Vec<FailedCell> {
    let mut failed: BTreeMap<(usize, usize), FailedCell> = BTreeMap::new();
    for (column, (computed, values)) in columns.iter().zip(values).enumerate() {
        if computed.field.ty.nullable || values.null_count() == 0 {
            continue;
        }
        for (row, present) in values.is_not_null().iter().enumerate() {
            if present != Some(true) {
                failed.insert((row, column), FailedCell { row, column, cause: absent(), input_row: None });
            }
        }
    }
    for CellFault { column: name, row, input_row, cause } in faults {
        if let Some(column) = columns.iter().position(|computed| computed.field.name == *name) {
            let cell = FailedCell { row: *row, column, cause: cause.clone(), input_row: *input_row };
            failed.insert((*row, column), cell);
        }
    }
    failed.into_values().collect()
}

/// The exception for a failed cell; `row` is the row of `frame` that tells the person, `values` the
/// frame the formula read and `at` its row there, where one row says what was read.
pub(super) fn cell_exception(
    cell: &FailedCell,
    columns: &[Computed],
    frame: &Name,
    row: Option<u32>,
    read: Option<(&DataFrame, usize)>,
) -> StepException {
    let (label, name, formula, operands) = match columns.get(cell.column) {
        Some(computed) => {
            let operands = read.map(|(values, at)| show::operands(values, at, &computed.expr));
            (
                &*computed.field.label,
                &*computed.field.name,
                computed.expr.text.trim(),
                operands.filter(|operands| !operands.is_empty()),
            )
        }
        None => ("", "", "", None),
    };
    let column = if label == name { format!("`{name}`") } else { format!("{label} `{name}`") };
    let with = operands.map_or(Text::none(), |operands| text!(" ({operands})", operands));
    StepException {
        severity: ExceptionSeverity::Blocking,
        code: FAILED_CELL,
        frame: frame.clone(),
        row,
        who: None,
        cause: text!(
            "{column} = {formula} has no value: {cause}{with}",
            column,
            formula,
            cause = cell.cause.clone(),
            with
        ),
        remedy: text!("correct the figures, or say in the formula what holds then"),
        stake: None,
    }
}

/// The hint for an unknown name: the nearest one, or all of them.
pub(super) fn name_hint<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there are none".to_owned(),
        None => format!("there are {}", known.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ")),
    }
}
