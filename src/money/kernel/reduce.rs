//! Sums and extremes of the exact numbers of each group.

use std::iter::repeat_n;

use polars::prelude::{Column, DataType, ExplodeOptions};

use super::RowFault;
use super::blocks::failed;
use super::values::{Values, exact_column};
use crate::money::exact::Exact;

/// What becomes of the numbers of a group. Absent numbers are left out, as in SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduce {
    /// Their sum; 0 of none.
    Sum,
    /// The smallest; absent of none.
    Min,
    /// The largest; absent of none.
    Max,
}

impl Reduce {
    fn start(self) -> Option<Exact> {
        (self == Self::Sum).then(Exact::zero)
    }

    fn take_in(self, so_far: &mut Option<Exact>, number: &Exact) {
        let better = match (self, so_far.as_ref()) {
            (_, None) => number.clone(),
            (Self::Sum, Some(sum)) => sum.add(number),
            (Self::Min, Some(least)) if number < least => number.clone(),
            (Self::Max, Some(greatest)) if number > greatest => number.clone(),
            _ => return,
        };
        *so_far = Some(better);
    }
}

/// One number per group from a column of values and the group of each row.
///
/// `group_of` has one index below `groups` for each row of `values`; a group without rows gets what
/// [`Reduce`] says of none. A value that is no exact number leaves its group absent, with a fault whose
/// row is the *group*. Indexes that do not fit the values are a fault of every group: no row is lost.
pub fn reduce_groups(kind: Reduce, values: &Column, group_of: &[u32], groups: usize) -> (Column, Vec<RowFault>) {
    if group_of.len() != values.len() || group_of.iter().any(|group| *group as usize >= groups) {
        return failed(groups, &DataType::String, "the groups do not fit the rows");
    }
    let numbers = Values::read(values);
    let mut results: Vec<Result<Option<Exact>, String>> = vec![Ok(kind.start()); groups];
    for (row, group) in group_of.iter().enumerate() {
        let Some(result) = results.get_mut(*group as usize) else { continue };
        match (numbers.number(row), &mut *result) {
            (Ok(Some(number)), Ok(so_far)) => kind.take_in(so_far, number),
            (Err(cause), Ok(_)) => *result = Err(cause),
            _ => {}
        }
    }
    let faults = results
        .iter()
        .enumerate()
        .filter_map(|(row, result)| result.as_ref().err().map(|cause| RowFault { row, cause: cause.clone() }))
        .collect();
    (exact_column("", results.iter().map(|result| result.as_ref().ok().and_then(Option::as_ref))), faults)
}

/// One number per row from a column of lists; a list that is itself absent counts as empty.
pub fn reduce(kind: Reduce, lists: &Column) -> (Column, Vec<RowFault>) {
    let one_by_one = ExplodeOptions { empty_as_null: false, keep_nulls: false };
    let series = lists.as_materialized_series();
    let flat = series.list().and_then(|lists| {
        let lengths = lists.amortized_iter().map(|list| list.map_or(0, |list| list.as_ref().len()));
        let group_of: Vec<u32> = (0..).zip(lengths).flat_map(|(group, len)| repeat_n(group, len)).collect();
        Ok((series.explode(one_by_one)?, group_of))
    });
    match flat {
        Ok((flat, group_of)) => reduce_groups(kind, &flat.into(), &group_of, lists.len()),
        Err(error) => failed(lists.len(), &DataType::String, &error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{IntoLazy, col, df};

    use super::*;

    fn texts(column: &Column) -> Vec<Option<&str>> {
        column.str().unwrap().iter().collect()
    }

    fn values() -> Column {
        Column::new("x".into(), [Some("1/3"), Some("-2"), None, Some("2/3"), Some("5")])
    }

    #[test]
    fn groups_without_rows_sum_to_zero_and_have_no_extremes() {
        let group_of = [2, 0, 0, 2, 0];
        let of = |kind| reduce_groups(kind, &values(), &group_of, 4);
        let (sums, faults) = of(Reduce::Sum);
        assert_eq!((texts(&sums), faults), (vec![Some("3"), Some("0"), Some("1"), Some("0")], vec![]));
        assert_eq!(texts(&of(Reduce::Min).0), [Some("-2"), None, Some("1/3"), None]);
        assert_eq!(texts(&of(Reduce::Max).0), [Some("5"), None, Some("2/3"), None]);
    }

    #[test]
    fn an_unreadable_value_spoils_its_group_alone() {
        let values = Column::new("x".into(), ["1", "x", "2", "y"]);
        let (sums, faults) = reduce_groups(Reduce::Sum, &values, &[0, 1, 0, 1], 2);
        assert_eq!(texts(&sums), [Some("3"), None]);
        assert_eq!(faults, [RowFault { row: 1, cause: "`x` is not an exact number".to_owned() }]);
    }

    #[test]
    fn groups_that_do_not_fit_lose_no_row() {
        assert_eq!(reduce_groups(Reduce::Sum, &values(), &[0, 0, 0, 0], 1).1.len(), 1);
        assert_eq!(reduce_groups(Reduce::Sum, &values(), &[0, 0, 0, 0, 2], 2).1.len(), 2);
    }

    #[test]
    fn lists_are_reduced_row_by_row() {
        let frame = df!("k" => [1, 2, 1, 2, 3], "x" => [Some("1/3"), Some("-2"), Some("2/3"), None, None]).unwrap();
        let lists = frame.lazy().group_by_stable([col("k")]).agg([col("x")]).collect().unwrap();
        let lists = lists.column("x").unwrap();
        assert_eq!(texts(&reduce(Reduce::Sum, lists).0), [Some("1"), Some("-2"), Some("0")]);
        assert_eq!(texts(&reduce(Reduce::Max, lists).0), [Some("2/3"), Some("-2"), None]);
        let sliced = lists.slice(1, 2);
        assert_eq!(texts(&reduce(Reduce::Sum, &sliced).0), [Some("-2"), Some("0")]);
        assert_eq!(reduce(Reduce::Sum, &values()).1.len(), 5);
    }
}
