//! Sums and extremes of the exact numbers of each group.

use polars::prelude::{Column, DataType};

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

/// What a group has so far: for a sum, sums of 1, 2, 4, … numbers, the largest first, none twice as
/// long; otherwise the best number alone.
///
/// Summing pairs, then pairs of sums, keeps fractions small for as long as possible. One running sum
/// over fractions of many denominators would carry all of them through every addition.
#[derive(Clone, Default)]
struct Group {
    taken: usize,
    parts: Vec<Exact>,
}

impl Group {
    fn take_in(&mut self, kind: Reduce, number: &Exact) {
        let mut part = number.clone();
        let mut pairs = match kind {
            Reduce::Sum => self.taken.trailing_ones(),
            Reduce::Min | Reduce::Max => u32::from(self.taken > 0),
        };
        while let Some(known) = self.parts.pop_if(|_| pairs > 0) {
            part = match kind {
                Reduce::Sum => known.add(&part),
                Reduce::Min => known.min(part),
                Reduce::Max => known.max(part),
            };
            pairs -= 1;
        }
        self.parts.push(part);
        self.taken += 1;
    }

    fn result(self, kind: Reduce) -> Option<Exact> {
        let sum = self.parts.into_iter().rev().reduce(|sum, part| sum.add(&part));
        if kind == Reduce::Sum { sum.or_else(|| Some(Exact::zero())) } else { sum }
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
    let mut members: Vec<Result<Group, String>> = vec![Ok(Group::default()); groups];
    for (row, group) in group_of.iter().enumerate() {
        let Some(so_far) = members.get_mut(*group as usize) else { continue };
        match (numbers.number(row), &mut *so_far) {
            (Ok(Some(number)), Ok(group)) => group.take_in(kind, number),
            (Err(cause), Ok(_)) => *so_far = Err(cause),
            _ => {}
        }
    }
    let mut faults = Vec::new();
    let mut results = Vec::with_capacity(groups);
    for (row, group) in members.into_iter().enumerate() {
        results.push(match group {
            Ok(group) => group.result(kind),
            Err(cause) => {
                faults.push(RowFault { row, cause });
                None
            }
        });
    }
    (exact_column("", results.iter().map(Option::as_ref)), faults)
}

#[cfg(test)]
mod tests {
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
    fn fractions_of_many_denominators_sum_in_any_order() {
        let texts: Vec<String> = (1..=500).map(|den| format!("1/{}", den + 1)).collect();
        let backwards: Vec<String> = texts.iter().rev().cloned().collect();
        let sum = |texts: &[String]| reduce_groups(Reduce::Sum, &Column::new("x".into(), texts), &[0; 500], 1).0;
        let one_by_one: Exact =
            texts.iter().map(|text| Exact::parse_canonical(text).unwrap()).collect::<Vec<_>>().iter().sum();
        assert_eq!(sum(&texts).str().unwrap().get(0), Some(one_by_one.to_canonical().as_str()));
        assert!(sum(&texts).equals(&sum(&backwards)));
    }
}
