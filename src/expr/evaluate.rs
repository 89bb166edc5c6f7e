//! Row expressions on a frame: one lazy plan for all of them.

use std::collections::BTreeSet;

use polars::frame::DataFrame;
use polars::prelude::{Column, IntoColumn, IntoLazy, PlSmallStr, PolarsResult, UInt32Chunked, col, polars_err};

use super::columns::{data_type, without};
use super::lower::{Fault, Faults, Lowering, ROW};
use super::scope::{ParamValues, PeriodValues};
use super::tree::{Expr, Form, Node};
use super::types::Name;
use crate::diag::text::{Text, text};

/// Columns computed from a frame.
#[derive(Clone, Debug, Default)]
pub struct Evaluated {
    /// One column per expression, in their order, under their names.
    pub columns: Vec<Column>,
    /// Cells that could not be computed, by expression and row; their value is null and must not be used.
    pub faults: Vec<CellFault>,
}

/// A cell that could not be computed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellFault {
    /// Name of the computed column.
    pub column: Name,
    /// Row of the result: the row of the frame, or the group of an aggregate.
    pub row: usize,
    /// For aggregates: the row of the frame at fault, where it was one of them.
    pub input_row: Option<usize>,
    /// Why: "division by zero".
    pub cause: Text,
}

/// Computes row expressions over a frame, in one lazy plan.
///
/// Columns of `each` lie in the frame under their dotted names (`spine.valid_from`).
///
/// # Errors
/// Only where frame and types disagree; faults of single rows are part of the result.
pub fn evaluate(
    exprs: &[(Name, &Expr)],
    frame: &DataFrame,
    params: &dyn ParamValues,
    period: &PeriodValues,
) -> PolarsResult<Evaluated> {
    let roots: Vec<&Node> = exprs.iter().map(|(_, expr)| &expr.root).collect();
    let (columns, faults) = evaluate_nodes(&roots, frame, params, *period)?;
    let mut evaluated = Evaluated::default();
    for (index, (column, (name, _))) in columns.into_iter().zip(exprs).enumerate() {
        let own: Vec<_> = faults.iter().filter(|(expression, ..)| *expression == index).collect();
        let rows: Vec<usize> = own.iter().map(|(_, row, _)| *row).collect();
        evaluated.columns.push(without(&column, &rows)?.with_name(PlSmallStr::from_str(name)));
        evaluated.faults.extend(own.into_iter().map(|(_, row, cause)| CellFault {
            column: name.clone(),
            row: *row,
            input_row: None,
            cause: cause.clone(),
        }));
    }
    Ok(evaluated)
}

/// Computes trees over a frame; faults are (tree, row, cause), in that order.
pub(super) fn evaluate_nodes(
    roots: &[&Node],
    frame: &DataFrame,
    params: &dyn ParamValues,
    period: PeriodValues,
) -> PolarsResult<(Vec<Column>, Vec<Fault>)> {
    if roots.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let mut absent = Vec::new();
    for (expression, root) in roots.iter().enumerate() {
        absent.extend(fits(root, frame)?.into_iter().map(|(row, cause)| (expression, row, cause)));
    }
    let height = u32::try_from(frame.height()).map_err(|_| polars_err!(ComputeError: "more than 4 billion rows"))?;
    let mut numbered = frame.clone();
    let rows = UInt32Chunked::from_vec(PlSmallStr::from_static(ROW), (0..height).collect());
    numbered.with_column(rows.into_column())?;
    let faults = Faults::default();
    let mut plan = vec![col(ROW)];
    for (expression, root) in roots.iter().enumerate() {
        let lowering = Lowering { params, period, faults: faults.clone(), expression };
        plan.push(lowering.lower(root)?.alias(format!("#{expression}")));
    }
    let computed = numbered.lazy().select(plan).collect()?;
    let mut faults = faults.take();
    faults.extend(absent);
    let mut columns = Vec::new();
    for (expression, root) in roots.iter().enumerate() {
        let column = computed.column(&format!("#{expression}"))?.clone();
        if *column.dtype() != data_type(root.ty.kind) {
            return Err(polars_err!(
                SchemaMismatch: "computed {} where {} was planned", column.dtype(), root.ty.kind
            ));
        }
        if !root.ty.nullable && column.null_count() > 0 {
            // The types promised a value in every row: what has none is at fault, whatever the reason.
            let known: BTreeSet<usize> =
                faults.iter().filter(|(at, ..)| *at == expression).map(|(_, row, _)| *row).collect();
            for (row, present) in column.is_not_null().iter().enumerate() {
                if present != Some(true) && !known.contains(&row) {
                    faults.push((expression, row, text!("a value is absent that must be present")));
                }
            }
        }
        columns.push(column);
    }
    faults.sort();
    faults.dedup();
    Ok((columns, faults))
}

/// Whether the frame has every column a tree reads, in the polars type of its kind; and the rows where a
/// column has no value although its type promises one.
fn fits(root: &Node, frame: &DataFrame) -> PolarsResult<Vec<(usize, Text)>> {
    let mut result = Ok(Vec::new());
    root.walk(&mut |node| {
        let name = match &node.form {
            Form::Column(name) => name.to_string(),
            Form::Each(each, name) => format!("{each}.{name}"),
            _ => return,
        };
        let Ok(absent) = &mut result else { return };
        let planned = data_type(node.ty.kind);
        match frame.column(&name) {
            Ok(column) if *column.dtype() != planned => {
                let found = column.dtype();
                result = Err(polars_err!(SchemaMismatch: "column `{name}` is {found}, planned was {planned}"));
            }
            Ok(column) if column.null_count() > 0 && !node.ty.nullable && !node.narrowed => {
                let rows = column.is_null();
                let rows = rows.iter().enumerate().filter(|(_, null)| *null == Some(true));
                absent.extend(rows.map(|(row, _)| {
                    (row, text!("`{name}` is absent where it must be present", name = Text::column(&name)))
                }));
            }
            Ok(_) => {}
            Err(error) => result = Err(error),
        }
    });
    result
}
