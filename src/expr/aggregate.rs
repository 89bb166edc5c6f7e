//! Aggregate expressions over groups of rows.
//!
//! Each aggregate call is computed first: its value and its filter as row expressions, then one number
//! per group, summed as whole numbers at the column's scale (the digit bound proves that they fit) or,
//! for fractions, by the kernel. What stands around the calls is then an ordinary row expression over
//! one row per group.

use std::collections::BTreeSet;

use polars::frame::DataFrame;
use polars::prelude::{Column, DataType, PlSmallStr, PolarsResult, UInt32Chunked, polars_err};

use super::columns::{from_canonical, from_counts, from_present, from_unscaled, to_unscaled, unscaled, without};
use super::evaluate::{CellFault, Evaluated, evaluate_nodes};
use super::scope::{ParamValues, PeriodValues};
use super::tree::{Aggregate, AggregateFunction, Expr, Form, Node};
use super::types::{Kind, Name};
use crate::diag::text::Text;
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
    let group_of = groups_of(frame, group, groups)?;
    let parts = row_parts(&calls, frame, params, *period)?;
    let mut rows = DataFrame::empty_with_height(groups);
    let mut inner_faults: BTreeSet<CellFault> = BTreeSet::new();
    for (index, ((call, node), part)) in calls.iter().zip(&call_nodes).zip(&parts).enumerate() {
        let members = Members::new(group_of, part)?;
        let faults = members.faults(part);
        let at_fault: Vec<usize> = faults.iter().map(|(group, ..)| *group).collect();
        let result = members.reduce(call, node.ty.kind, groups)?;
        rows.with_column(without(&result, &at_fault)?.with_name(PlSmallStr::from_string(computed(index))))?;
        let Some((name, _)) = owners.get(index).and_then(|owner| exprs.get(*owner)) else { continue };
        inner_faults.extend(faults.into_iter().map(|(group, row, cause)| CellFault {
            column: name.clone(),
            row: group,
            input_row: Some(row),
            cause,
        }));
    }
    around(exprs, &roots, &rows, &inner_faults, params, *period)
}

/// What stands around the aggregate calls, over one row per group.
fn around(
    exprs: &[(Name, &Expr)],
    roots: &[Node],
    rows: &DataFrame,
    inner: &BTreeSet<CellFault>,
    params: &dyn ParamValues,
    period: PeriodValues,
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

/// The group of each row.
fn groups_of<'a>(frame: &'a DataFrame, group: &str, groups: usize) -> PolarsResult<&'a UInt32Chunked> {
    let group_of = frame.column(group)?.as_materialized_series().u32()?;
    if group_of.iter().flatten().any(|group| group as usize >= groups) {
        return Err(polars_err!(ComputeError: "a row belongs to a group that does not exist"));
    }
    Ok(group_of)
}

/// Value and filter of one call, for every row, with the rows at fault.
#[derive(Default)]
struct Part {
    value: Option<Column>,
    filter: Option<Column>,
    value_faults: Vec<(usize, Text)>,
    filter_faults: Vec<(usize, Text)>,
}

/// Values and filters of all calls, in one plan.
fn row_parts(
    calls: &[&Aggregate],
    frame: &DataFrame,
    params: &dyn ParamValues,
    period: PeriodValues,
) -> PolarsResult<Vec<Part>> {
    let mut nodes: Vec<&Node> = Vec::new();
    // Which call a tree belongs to, and whether it is its filter.
    let mut places: Vec<(usize, bool)> = Vec::new();
    for (call, aggregate) in calls.iter().enumerate() {
        for (node, is_filter) in [(&aggregate.value, false), (&aggregate.filter, true)] {
            if let Some(node) = node {
                nodes.push(node);
                places.push((call, is_filter));
            }
        }
    }
    let (columns, faults) = evaluate_nodes(&nodes, frame, params, period)?;
    let mut parts: Vec<Part> = calls.iter().map(|_| Part::default()).collect();
    for ((call, is_filter), column) in places.iter().zip(columns) {
        if let Some(part) = parts.get_mut(*call) {
            *(if *is_filter { &mut part.filter } else { &mut part.value }) = Some(column);
        }
    }
    for (node, row, cause) in faults {
        let Some((call, is_filter)) = places.get(node) else { continue };
        if let Some(part) = parts.get_mut(*call) {
            (if *is_filter { &mut part.filter_faults } else { &mut part.value_faults }).push((row, cause));
        }
    }
    Ok(parts)
}

/// The rows that count for one aggregate call, their groups, and the value of every row.
struct Members<'a> {
    group_of: &'a UInt32Chunked,
    value: Option<&'a Column>,
    counts: Option<Vec<bool>>,
}

impl<'a> Members<'a> {
    fn new(group_of: &'a UInt32Chunked, part: &'a Part) -> PolarsResult<Self> {
        let counts = match &part.filter {
            Some(filter) => {
                let truths = filter.as_materialized_series().bool()?;
                Some(truths.iter().map(|truth| truth == Some(true)).collect::<Vec<bool>>())
            }
            None => None,
        };
        Ok(Self { group_of, value: part.value.as_ref(), counts })
    }

    /// Whether the filter lets a row count.
    fn counts(&self, row: usize) -> bool {
        self.counts.as_ref().is_none_or(|counts| counts.get(row) == Some(&true))
    }

    /// Faults as (group, row, cause); a value at fault in a row that the filter leaves out is none.
    fn faults(&self, part: &Part) -> Vec<(usize, usize, Text)> {
        let of_value = part.value_faults.iter().filter(|(row, _)| self.counts(*row));
        let all = part.filter_faults.iter().chain(of_value);
        let placed = all.filter_map(|(row, cause)| Some((self.group_of.get(*row)? as usize, *row, cause.clone())));
        placed.collect()
    }

    /// The rows that count, each with its group.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let grouped = self.group_of.iter().enumerate().filter_map(|(row, group)| Some((row, group? as usize)));
        grouped.filter(|(row, _)| self.counts(*row))
    }

    /// One value per group.
    fn reduce(&self, call: &Aggregate, kind: Kind, groups: usize) -> PolarsResult<Column> {
        match call.function {
            AggregateFunction::Count => Ok(from_counts(self.count(groups))),
            AggregateFunction::CountDistinct => Ok(from_counts(self.count_distinct(groups)?)),
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
                match reduce {
                    Reduce::Sum => from_present(self.sum(value, groups)?, kind),
                    _ => from_unscaled(self.extremes(reduce, &to_unscaled(value)?, groups), kind),
                }
            }
            AggregateFunction::Avg => {
                let sum = self.by_kernel(Reduce::Sum, self.value()?, groups)?;
                let count = from_counts(self.count(groups));
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
        self.value.ok_or_else(|| polars_err!(ComputeError: "an aggregate without a value"))
    }

    fn count(&self, groups: usize) -> Vec<i64> {
        let present = self.value.filter(|value| value.null_count() > 0).map(Column::is_not_null);
        let mut counts = vec![0; groups];
        for (row, group) in self.pairs() {
            let counted = present.as_ref().is_none_or(|present| present.get(row) == Some(true));
            if let (true, Some(count)) = (counted, counts.get_mut(group)) {
                *count += 1;
            }
        }
        counts
    }

    fn count_distinct(&self, groups: usize) -> PolarsResult<Vec<i64>> {
        let value = self.value()?;
        let series = value.as_materialized_series();
        let mut counts = vec![0; groups];
        let mut count = |groups_of_distinct: &mut dyn Iterator<Item = usize>| {
            for group in groups_of_distinct {
                if let Some(count) = counts.get_mut(group) {
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

    fn sum(&self, value: &Column, groups: usize) -> PolarsResult<Vec<i128>> {
        let mut sums = vec![0_i128; groups];
        let mut pairs = self.pairs().peekable();
        for (row, number) in unscaled(value)?.enumerate() {
            let Some((_, group)) = pairs.next_if(|(counted, _)| *counted == row) else { continue };
            if let (Some(sum), Some(number)) = (sums.get_mut(group), number) {
                *sum = sum
                    .checked_add(number)
                    .ok_or_else(|| polars_err!(ComputeError: "a sum outgrew its digit bound"))?;
            }
        }
        Ok(sums)
    }

    fn extremes(&self, reduce: Reduce, numbers: &[Option<i128>], groups: usize) -> Vec<Option<i128>> {
        let mut results = vec![None; groups];
        for (row, group) in self.pairs() {
            let (Some(result), Some(number)) = (results.get_mut(group), numbers.get(row).copied().flatten()) else {
                continue;
            };
            *result = match *result {
                None => Some(number),
                Some(so_far) if reduce == Reduce::Min => Some(number.min(so_far)),
                Some(so_far) => Some(number.max(so_far)),
            };
        }
        results
    }

    fn by_kernel(&self, reduce: Reduce, value: &Column, groups: usize) -> PolarsResult<Column> {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let (rows, group_of): (Vec<u32>, Vec<u32>) =
            self.pairs().map(|(row, group)| (number(row), number(group))).unzip();
        let (column, faults) = reduce_groups(reduce, &value.take_slice(&rows)?, &group_of, groups);
        match faults.into_iter().next() {
            Some(fault) => Err(polars_err!(ComputeError: "{}", fault.cause)),
            None => Ok(column),
        }
    }
}
