//! Typed trees to lazy polars expressions.
//!
//! Whatever the digit bounds prove to fit is lowered to polars ([`native`]): operands of decimal
//! arithmetic are brought to the scale of the result first, where polars adds, subtracts and multiplies
//! without rounding; its division, its means and its rounding are never used. Whatever holds a fraction
//! is given whole to the exact kernel ([`fraction`]), which enters the plan as a function of columns.
//!
//! A row that cannot be computed is reported to a shared list. The kernel evaluates CASE, AND, OR and
//! COALESCE from left to right and no further than needed, so `CASE WHEN b = 0 THEN 0 ELSE a / b END`
//! has no fault. A parameter without a value on the row's date is a fault wherever it stands.

mod fraction;
mod lookup;
mod native;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::{Column, DataType, Expr as Lazy, Field, PlSmallStr, PolarsResult, col, map_multiple};

use super::columns::data_type;
use super::scope::{ParamValues, PeriodValues};
use super::tree::{Form, Node};
use super::types::Kind;
use crate::diag::text::Text;

/// Name of the column of row numbers that every evaluated frame carries.
pub(super) const ROW: &str = "#row";

/// A row at fault: which expression, which row, why.
pub(super) type Fault = (usize, usize, Text);

/// Faults of the rows, collected while a plan runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(Arc<Mutex<Vec<Fault>>>);

impl Faults {
    fn push(&self, expression: usize, row: usize, cause: Text) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((expression, row, cause));
    }

    /// Causes by row, as they stand.
    fn by_row(&self) -> BTreeMap<usize, Vec<Text>> {
        let mut rows: BTreeMap<usize, Vec<Text>> = BTreeMap::new();
        for (_, row, cause) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            rows.entry(*row).or_default().push(cause.clone());
        }
        rows
    }

    /// All of them, in order, each once.
    pub(super) fn take(&self) -> Vec<Fault> {
        let mut faults = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        faults.sort();
        faults.dedup();
        faults
    }
}

/// What lowering one expression needs to know.
pub(super) struct Lowering<'a> {
    pub(super) params: &'a dyn ParamValues,
    pub(super) period: PeriodValues,
    pub(super) faults: Faults,
    /// Index of the expression, for its faults.
    pub(super) expression: usize,
}

impl Lowering<'_> {
    /// The lazy expression of a tree, of exactly the polars type of its kind.
    pub(super) fn lower(&self, node: &Node) -> PolarsResult<Lazy> {
        if needs_kernel(node) { self.by_kernel(node) } else { self.native(node) }
    }

    /// A function of columns that may report rows at fault, as a lazy expression.
    fn function<F>(&self, inputs: Vec<Lazy>, kind: Kind, compute: F) -> Lazy
    where
        F: Fn(&[Column], usize) -> PolarsResult<(Column, Vec<(usize, Text)>)> + Send + Sync + 'static,
    {
        let mut arguments = vec![col(ROW)];
        arguments.extend(inputs);
        let (faults, expression) = (self.faults.clone(), self.expression);
        let data_type: DataType = data_type(kind);
        map_multiple(
            move |columns: &mut [Column]| {
                let Some((rows, inputs)) = columns.split_first() else {
                    return Ok(Column::new_empty(PlSmallStr::EMPTY, &DataType::Null));
                };
                let spread = |column: &Column| {
                    if column.len() == rows.len() { column.clone() } else { column.new_from_index(0, rows.len()) }
                };
                let inputs: Vec<Column> = inputs.iter().map(spread).collect();
                let (result, at_fault) = compute(&inputs, rows.len())?;
                let numbers = rows.as_materialized_series().u32()?;
                for (row, cause) in at_fault {
                    let row = numbers.get(row).map_or(row, |number| number as usize);
                    faults.push(expression, row, cause);
                }
                Ok(result)
            },
            arguments,
            move |_, _| Ok(Field::new(PlSmallStr::EMPTY, data_type.clone())),
        )
    }
}

/// Whether a part must be computed by the exact kernel: it makes a fraction, or works on one.
fn needs_kernel(node: &Node) -> bool {
    let kind = node.ty.kind;
    if !kind.is_number() && kind != Kind::Bool {
        return false;
    }
    match &node.form {
        Form::Brackets(inner) => needs_kernel(inner),
        Form::Number(_)
        | Form::Text(_)
        | Form::Date(_)
        | Form::Moment(_)
        | Form::Bool(_)
        | Form::Null
        | Form::Column(_)
        | Form::Each(..)
        | Form::Param(..)
        | Form::Period(_)
        | Form::Computed(_)
        | Form::Aggregate(_)
        | Form::DaysBetween(..)
        | Form::DayOf(_)
        | Form::DateShift { .. }
        | Form::Extract(..) => false,
        Form::IsNull { value, .. } => needs_kernel(value),
        Form::Compare(..) | Form::Between { .. } | Form::In { .. } | Form::NullIf(..) => {
            let parts = node.children();
            parts.iter().any(|part| part.is_exact() || needs_kernel(part)) || !native::align(&parts)
        }
        _ => node.is_exact() || node.children().into_iter().any(needs_kernel),
    }
}
