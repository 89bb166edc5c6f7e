//! Aggregate expressions over groups of rows.
//!
//! Each aggregate call is computed first: its value and its filter as row expressions, then one number
//! per group, summed as whole numbers at the column's scale (the digit bound proves that they fit) or,
//! for fractions, by the kernel. What stands around the calls is then an ordinary row expression over
//! one row per group.

use std::collections::{BTreeMap, BTreeSet};

use polars::frame::DataFrame;
use polars::prelude::{Column, DataType, PlSmallStr, PolarsResult, polars_err};

use super::columns::{from_canonical, from_unscaled, to_unscaled, without};
use super::evaluate::{CellFault, Evaluated, evaluate_nodes};
use super::scope::{ParamValues, PeriodValues};
use super::tree::{Aggregate, AggregateFunction, Expr, Form, Node};
use super::types::{Kind, Name};
use crate::money::kernel::{self, Op, Reduce, reduce_groups};

/// Name of the column that holds the n-th aggregate call.
pub(super) fn computed(index: usize) -> String {
    format!("#aggregate{index}")
}

/// Computes aggregate expressions over groups of rows; the result has `groups` rows.
///
/// `group` names a UInt32 column of the frame: the index of the result row each input row belongs to.
/// Rows where it is null belong to none. A group without rows has SUM and COUNT 0, MIN, MAX and AVG null.
///
/// # Errors
/// Only where frame and types disagree; faults of single groups are part of the result.
pub fn aggregate(
    exprs: &[(Name, &Expr)],
    frame: &DataFrame,
    group: &str,
    groups: usize,
    params: &dyn ParamValues,
    period: &PeriodValues,
) -> PolarsResult<Evaluated> {
    let mut calls: Vec<&Aggregate> = Vec::new();
    let mut call_nodes: Vec<&Node> = Vec::new();
    let mut owners: Vec<usize> = Vec::new();
    let mut roots = Vec::new();
    for (owner, (_, expr)) in exprs.iter().enumerate() {
        let before = calls.len();
        expr.root.walk(&mut |node| {
            if let Form::Aggregate(call) = &node.form {
                calls.push(call);
                call_nodes.push(node);
                owners.push(owner);
            }
        });
        let mut next = before;
        roots.push(replaced(&expr.root, &mut next));
    }
    let members = Members::read(frame, group, groups)?;
    let (values, faults) = row_parts(&calls, frame, &members, params, period)?;
    let mut rows = DataFrame::empty_with_height(groups);
    let mut inner_faults: BTreeSet<CellFault> = BTreeSet::new();
    for (index, (call, node)) in calls.iter().zip(&call_nodes).enumerate() {
        let column = values.get(index).ok_or_else(|| polars_err!(ComputeError: "an aggregate without values"))?;
        let own: Vec<_> = faults.iter().filter(|fault| fault.call == index).collect();
        let at_fault: Vec<usize> = own.iter().map(|fault| fault.group).collect();
        let result = column.reduce(call, node.ty.kind, groups)?;
        rows.with_column(without(&result, &at_fault)?.with_name(PlSmallStr::from_string(computed(index))))?;
        let Some((name, _)) = owners.get(index).and_then(|owner| exprs.get(*owner)) else { continue };
        inner_faults.extend(own.into_iter().map(|fault| CellFault {
            column: name.clone(),
            row: fault.group,
            input_row: Some(fault.row),
            cause: fault.cause.clone(),
        }));
    }
    around(exprs, &roots, &rows, inner_faults, params, period)
}

/// What stands around the aggregate calls, over one row per group.
fn around(
    exprs: &[(Name, &Expr)],
    roots: &[Node],
    rows: &DataFrame,
    inner: BTreeSet<CellFault>,
    params: &dyn ParamValues,
    period: &PeriodValues,
) -> PolarsResult<Evaluated> {
    let roots: Vec<&Node> = roots.iter().collect();
    let (columns, outer) = evaluate_nodes(&roots, rows, params, period)?;
    let mut evaluated = Evaluated { columns: Vec::new(), faults: Vec::new() };
    for (index, (column, (name, _))) in columns.into_iter().zip(exprs).enumerate() {
        let mut faults: Vec<CellFault> = inner.iter().filter(|fault| fault.column == *name).cloned().collect();
        // A group with a row at fault has no aggregate; what follows from that is not told again.
        let failed: BTreeSet<usize> = faults.iter().map(|fault| fault.row).collect();
        let own = outer.iter().filter(|(at, row, _)| *at == index && !failed.contains(row));
        faults.extend(own.map(|(_, row, cause)| CellFault {
            column: name.clone(),
            row: *row,
            input_row: None,
            cause: cause.clone(),
        }));
        let at_fault: Vec<usize> = faults.iter().map(|fault| fault.row).collect();
        evaluated.columns.push(without(&column, &at_fault)?.with_name(PlSmallStr::from_str(name)));
        evaluated.faults.extend(faults);
    }
    Ok(evaluated)
}

/// The tree with each aggregate call replaced by the column that holds its result.
fn replaced(node: &Node, next: &mut usize) -> Node {
    if let Form::Aggregate(_) = node.form {
        let index = *next;
        *next += 1;
        return Node { form: Form::Computed(index), ..node.clone() };
    }
    node.map_children(&mut |child| replaced(child, next))
}

/// Which group each row belongs to.
struct Members {
    group_of: Vec<Option<u32>>,
}

impl Members {
    fn read(frame: &DataFrame, group: &str, groups: usize) -> PolarsResult<Self> {
        let column = frame.column(group)?;
        let group_of: Vec<Option<u32>> = column.as_materialized_series().u32()?.iter().collect();
        if group_of.iter().flatten().any(|group| *group as usize >= groups) {
            return Err(polars_err!(ComputeError: "a row belongs to a group that does not exist"));
        }
        Ok(Self { group_of })
    }
}

/// A row that kept an aggregate from being computed.
struct RowFault {
    call: usize,
    group: usize,
    row: usize,
    cause: String,
}

/// The rows that count for one aggregate call: their group, and their value.
struct Rows {
    rows: Vec<usize>,
    group_of: Vec<u32>,
    value: Option<Column>,
}

/// Values and filters of all calls, in one plan.
fn row_parts(
    calls: &[&Aggregate],
    frame: &DataFrame,
    members: &Members,
    params: &dyn ParamValues,
    period: &PeriodValues,
) -> PolarsResult<(Vec<Rows>, Vec<RowFault>)> {
    let mut parts: Vec<&Node> = Vec::new();
    let mut where_is: Vec<(Option<usize>, Option<usize>)> = Vec::new();
    for call in calls {
        let value = call.value.as_ref().map(|_| parts.len());
        parts.extend(&call.value);
        let filter = call.filter.as_ref().map(|_| parts.len());
        parts.extend(&call.filter);
        where_is.push((value, filter));
    }
    let (columns, faults) = evaluate_nodes(&parts, frame, params, period)?;
    let mut by_part: BTreeMap<usize, Vec<(usize, String)>> = BTreeMap::new();
    for (part, row, cause) in faults {
        by_part.entry(part).or_default().push((row, cause));
    }
    let mut all = Vec::new();
    let mut at_fault = Vec::new();
    for (call, (value, filter)) in where_is.into_iter().enumerate() {
        let mask = match filter.and_then(|filter| columns.get(filter)) {
            Some(filter) => Some(filter.as_materialized_series().bool()?.iter().collect::<Vec<_>>()),
            None => None,
        };
        let counts = |row: usize| mask.as_ref().is_none_or(|mask| mask.get(row) == Some(&Some(true)));
        let mut rows = Rows { rows: Vec::new(), group_of: Vec::new(), value: None };
        for (row, group) in members.group_of.iter().enumerate() {
            if let Some(group) = group.filter(|_| counts(row)) {
                rows.rows.push(row);
                rows.group_of.push(group);
            }
        }
        rows.value = value.and_then(|value| columns.get(value)).cloned();
        let faults_of = |part: Option<usize>| part.and_then(|part| by_part.get(&part)).into_iter().flatten();
        let of_filter = faults_of(filter).map(|fault| (fault, true));
        let of_value = faults_of(value).map(|fault| (fault, counts(fault.0)));
        for ((row, cause), matters) in of_filter.chain(of_value) {
            if let (true, Some(Some(group))) = (matters, members.group_of.get(*row)) {
                at_fault.push(RowFault { call, group: *group as usize, row: *row, cause: cause.clone() });
            }
        }
        all.push(rows);
    }
    Ok((all, at_fault))
}

impl Rows {
    /// One value per group.
    fn reduce(&self, call: &Aggregate, kind: Kind, groups: usize) -> PolarsResult<Column> {
        match call.function {
            AggregateFunction::Count => from_unscaled(self.count(groups), kind),
            AggregateFunction::CountDistinct => from_unscaled(self.count_distinct(groups)?, kind),
            AggregateFunction::Sum | AggregateFunction::Min | AggregateFunction::Max => {
                let value = self.value()?;
                let reduce = match call.function {
                    AggregateFunction::Sum => Reduce::Sum,
                    AggregateFunction::Min => Reduce::Min,
                    _ => Reduce::Max,
                };
                if kind == Kind::Exact {
                    return self.by_kernel(reduce, value, groups);
                }
                from_unscaled(self.fold(reduce, &to_unscaled(value)?, groups)?, kind)
            }
            AggregateFunction::Avg => {
                let sum = self.by_kernel(Reduce::Sum, self.value()?, groups)?;
                let count = from_unscaled(self.count(groups), Kind::Int)?;
                let none = Op::NullIf(Box::new(Op::Input(1)), Box::new(Op::Const(crate::money::Exact::zero())));
                let op = Op::Div(Box::new(Op::Input(0)), Box::new(none));
                let (mean, faults) = kernel::evaluate(&op, &[sum, count], groups);
                match faults.into_iter().next() {
                    Some(fault) => Err(polars_err!(ComputeError: "{}", fault.cause)),
                    None => from_canonical(&mean, kind),
                }
            }
        }
    }

    fn value(&self) -> PolarsResult<&Column> {
        self.value.as_ref().ok_or_else(|| polars_err!(ComputeError: "an aggregate without a value"))
    }

    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.rows.iter().copied().zip(self.group_of.iter().map(|group| *group as usize))
    }

    fn count(&self, groups: usize) -> Vec<Option<i128>> {
        let present = self.value.as_ref().map(Column::is_not_null);
        let mut counts = vec![Some(0_i128); groups];
        for (row, group) in self.pairs() {
            if present.as_ref().is_none_or(|present| present.get(row) == Some(true)) {
                if let Some(Some(count)) = counts.get_mut(group) {
                    *count += 1;
                }
            }
        }
        counts
    }

    fn count_distinct(&self, groups: usize) -> PolarsResult<Vec<Option<i128>>> {
        let value = self.value()?;
        let series = value.as_materialized_series();
        let mut counts = vec![Some(0_i128); groups];
        let mut count = |groups_of_distinct: &mut dyn Iterator<Item = usize>| {
            for group in groups_of_distinct {
                if let Some(Some(count)) = counts.get_mut(group) {
                    *count += 1;
                }
            }
        };
        match series.dtype() {
            DataType::String => {
                let texts = series.str()?;
                let mut pairs: Vec<(usize, &str)> =
                    self.pairs().filter_map(|(row, group)| Some((group, texts.get(row)?))).collect();
                pairs.sort_unstable();
                pairs.dedup();
                count(&mut pairs.into_iter().map(|(group, _)| group));
            }
            DataType::Boolean => {
                let truths = series.bool()?;
                let pairs: BTreeSet<(usize, bool)> =
                    self.pairs().filter_map(|(row, group)| Some((group, truths.get(row)?))).collect();
                count(&mut pairs.into_iter().map(|(group, _)| group));
            }
            _ => {
                let numbers = to_unscaled(value)?;
                let number = |row: usize| numbers.get(row).copied().flatten();
                let mut pairs: Vec<(usize, i128)> =
                    self.pairs().filter_map(|(row, group)| Some((group, number(row)?))).collect();
                pairs.sort_unstable();
                pairs.dedup();
                count(&mut pairs.into_iter().map(|(group, _)| group));
            }
        }
        Ok(counts)
    }

    fn fold(&self, reduce: Reduce, numbers: &[Option<i128>], groups: usize) -> PolarsResult<Vec<Option<i128>>> {
        let start = (reduce == Reduce::Sum).then_some(0_i128);
        let mut results = vec![start; groups];
        for (row, group) in self.pairs() {
            let (Some(result), Some(number)) = (results.get_mut(group), numbers.get(row).copied().flatten()) else {
                continue;
            };
            *result = match (reduce, *result) {
                (_, None) => Some(number),
                (Reduce::Sum, Some(sum)) => Some(
                    sum.checked_add(number)
                        .ok_or_else(|| polars_err!(ComputeError: "a sum outgrew its digit bound"))?,
                ),
                (Reduce::Min, Some(least)) => Some(least.min(number)),
                (Reduce::Max, Some(most)) => Some(most.max(number)),
            };
        }
        Ok(results)
    }

    fn by_kernel(&self, reduce: Reduce, value: &Column, groups: usize) -> PolarsResult<Column> {
        let rows: Vec<u32> = self.rows.iter().filter_map(|row| u32::try_from(*row).ok()).collect();
        let (column, faults) = reduce_groups(reduce, &value.take_slice(&rows)?, &self.group_of, groups);
        match faults.into_iter().next() {
            Some(fault) => Err(polars_err!(ComputeError: "{}", fault.cause)),
            None => Ok(column),
        }
    }
}
