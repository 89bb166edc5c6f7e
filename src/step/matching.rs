//! Which rows of one frame meet which rows of another, and which rows of one frame belong together.
//!
//! [`Keyed`] finds equal keys; everything here comes out in the order of row numbers.

use polars::prelude::*;

use super::frames::index;
use super::keyed::{Keyed, NONE};
use super::output::StepError;

/// For each row of one frame, the rows of another that it meets, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Matches {
    /// Where each row's partners begin in `rows`; one more entry than rows.
    starts: Vec<usize>,
    rows: Vec<u32>,
}

impl Matches {
    /// Rows by their groups, of which there are so many.
    pub(super) fn of_groups(groups: &[u32], len: usize) -> Self {
        let mut starts = Vec::with_capacity(len + 1);
        starts.resize(len, 0_usize);
        for group in groups {
            if let Some(count) = starts.get_mut(*group as usize) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for end in &mut starts {
            sum += *end;
            *end = sum;
        }
        // From the last row on: what was the end of each group moves down to its start.
        let mut rows = vec![0; sum];
        for (row, group) in groups.iter().enumerate().rev() {
            if let Some(at) = starts.get_mut(*group as usize) {
                *at -= 1;
                if let Some(slot) = rows.get_mut(*at) {
                    *slot = index(row);
                }
            }
        }
        starts.push(sum);
        Self { starts, rows }
    }

    /// For each of so many rows those of its group that it may meet; no group is [`NONE`].
    fn among(&self, group_of: &[u32], may: impl Fn(usize, u32) -> bool) -> Self {
        let mut starts = Vec::with_capacity(group_of.len() + 1);
        let mut rows = Vec::with_capacity(group_of.len());
        starts.push(0);
        for (row, group) in group_of.iter().enumerate() {
            if *group != NONE {
                rows.extend(self.of(*group as usize).iter().copied().filter(|other| may(row, *other)));
            }
            starts.push(rows.len());
        }
        Self { starts, rows }
    }

    fn range(&self, row: usize) -> std::ops::Range<usize> {
        let start = self.starts.get(row).copied().unwrap_or(0);
        let end = self.starts.get(row + 1).copied().unwrap_or(start);
        start..end
    }

    /// The partners of a row.
    pub(super) fn of(&self, row: usize) -> &[u32] {
        self.rows.get(self.range(row)).unwrap_or_default()
    }

    /// Number of rows that look for partners.
    fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// All pairs as two columns of row numbers, sorted.
    pub(super) fn into_pairs(self) -> (Vec<u32>, Vec<u32>) {
        let mut ones = Vec::with_capacity(self.rows.len());
        for row in 0..self.len() {
            ones.resize(ones.len() + self.range(row).len(), index(row));
        }
        (ones, self.rows)
    }
}

/// First and last days of intervals, as days since the epoch; an absent end is open.
pub(super) struct Intervals {
    pub first: Vec<Option<i32>>,
    pub last: Vec<Option<i32>>,
}

/// Which intervals a row meets.
pub(super) enum Days {
    /// All.
    Any,
    /// Those that hold the row's day.
    Of(Vec<Option<i32>>, Intervals),
    /// Those that touch a stretch of days.
    Touching(i32, i32, Intervals),
}

/// Finds the rows with equal keys and fitting days; an absent key meets nobody.
pub(super) fn meet(
    left: Vec<Column>,
    left_len: usize,
    right: Vec<Column>,
    right_len: usize,
    days: &Days,
) -> Result<Matches, StepError> {
    let (left, right) = telling(left, right);
    let keyed = Keyed::new(&[(&right, right_len), (&left, left_len)])?;
    // The first row of its like on the right is the group of a row on either side.
    let mut firsts = keyed.partners();
    drop(keyed);
    let mut asking = firsts.split_off(right_len);
    let partners = Matches::of_groups(&firsts, right_len);
    for first in &mut asking {
        if *first as usize >= right_len {
            *first = NONE;
        }
    }
    Ok(match days {
        Days::Any => partners.among(&asking, |_, _| true),
        Days::Of(asked, intervals) => partners.among(&asking, |row, other| {
            let day = asked.get(row).copied().flatten();
            day.is_some_and(|day| intervals.touch(other as usize, day, day))
        }),
        Days::Touching(first, last, intervals) => {
            partners.among(&asking, |_, other| intervals.touch(other as usize, *first, *last))
        }
    })
}

/// Key columns without those that hold one same text on both sides, such as the only store's id: fewer
/// columns are found faster. One column always stays.
fn telling(left: Vec<Column>, right: Vec<Column>) -> (Vec<Column>, Vec<Column>) {
    let mut pairs: Vec<(Column, Column)> = left.into_iter().zip(right).collect();
    let mut at = 0;
    while pairs.len() > 1 && at < pairs.len() {
        let same = pairs.get(at).and_then(|(one, other)| Some(constant(one)? == constant(other)?));
        if same == Some(true) {
            pairs.remove(at);
        } else {
            at += 1;
        }
    }
    pairs.into_iter().unzip()
}

/// The text that a column holds in every row; `None` where it holds several, none, or no text.
fn constant(column: &Column) -> Option<&str> {
    let texts = column.str().ok()?;
    let first = texts.iter().next().flatten()?;
    texts.iter().all(|text| text == Some(first)).then_some(first)
}

impl Intervals {
    fn touch(&self, row: usize, first: i32, last: i32) -> bool {
        let begins = self.first.get(row).copied().flatten().is_none_or(|begin| begin <= last);
        let ends = self.last.get(row).copied().flatten().is_none_or(|end| end >= first);
        begins && ends
    }
}

/// Days since the epoch of a date column.
pub(super) fn days(column: &Column) -> Result<Vec<Option<i32>>, StepError> {
    Ok(column.date()?.physical().iter().collect())
}

/// A day as days since the epoch.
pub(super) fn day(date: jiff::civil::Date) -> i32 {
    let epoch = jiff::civil::Date::constant(1970, 1, 1);
    date.since(epoch).map_or(0, |span| span.get_days())
}

/// Rows that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Groups {
    /// The group of each row.
    pub of_row: Vec<u32>,
    /// The first row of each group.
    pub firsts: Vec<u32>,
    /// Number of rows in each group.
    pub sizes: Vec<u32>,
    /// Which of the key columns, in their order, tell the groups apart.
    pub by: Vec<usize>,
}

/// Groups rows by equal keys, in the order of first appearance; without keys all rows are one group.
///
/// Documents are folded by their number and by everything that goes with it. So where there are many keys,
/// the first one or two that are not the same everywhere are tried alone: when all others are equal within
/// the groups that these make, they are the groups of all.
pub(super) fn group(keys: &[Column], len: usize) -> Result<Groups, StepError> {
    if len == 0 {
        return Ok(Groups::default());
    }
    let by: Vec<usize> =
        (0..keys.len()).filter(|at| keys.get(*at).is_some_and(|key| constant(key).is_none())).collect();
    if by.is_empty() {
        return Ok(Groups { of_row: vec![0; len], firsts: vec![0], sizes: vec![index(len)], by });
    }
    if by.len() > 3 {
        let head: Vec<Column> = keys.iter().map(|key| key.head(Some(GLANCE))).collect();
        for count in 1..=2 {
            let (first, rest) = by.split_at(count);
            // What does not hold of the first rows does not hold of all.
            let may_lead = len <= GLANCE || leading(&head, first, rest, GLANCE)?.is_some();
            if may_lead && let Some(groups) = leading(keys, first, rest, len)? {
                return Ok(groups);
            }
        }
    }
    group_by(keys, &by, len)
}

/// From how many rows on a glance at the first ones is worth while.
const GLANCE: usize = 1 << 12;

/// The groups that some columns alone make, where all others go with them.
fn leading(keys: &[Column], first: &[usize], rest: &[usize], len: usize) -> Result<Option<Groups>, StepError> {
    let groups = group_by(keys, first, len)?;
    Ok(goes_with(keys, rest, &groups)?.then_some(groups))
}

/// Whether further columns are equal within each group.
fn goes_with(keys: &[Column], columns: &[usize], groups: &Groups) -> Result<bool, StepError> {
    let first_of = |group: u32| groups.firsts.get(group as usize).copied().unwrap_or_default();
    let pairs = (0..).zip(groups.of_row.iter().map(|group| first_of(*group))).filter(|(row, first)| row != first);
    let (rows, firsts): (Vec<u32>, Vec<u32>) = pairs.unzip();
    let (rows, firsts) = (IdxCa::from_vec(PlSmallStr::EMPTY, rows), IdxCa::from_vec(PlSmallStr::EMPTY, firsts));
    for column in columns.iter().filter_map(|at| keys.get(*at)) {
        let (own, others) = (column.take(&rows)?, column.take(&firsts)?);
        if !own.as_materialized_series().equal_missing(others.as_materialized_series())?.all() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn group_by(keys: &[Column], by: &[usize], len: usize) -> Result<Groups, StepError> {
    let columns: Vec<Column> = by.iter().filter_map(|at| keys.get(*at)).cloned().collect();
    let mut groups = Groups { by: by.to_vec(), ..Groups::default() };
    groups.of_row = Keyed::new(&[(&columns, len)])?.firsts(false);
    for row in 0..len {
        let Some(&first) = groups.of_row.get(row) else { break };
        let number = if first as usize == row {
            groups.firsts.push(first);
            groups.sizes.push(0);
            index(groups.firsts.len() - 1)
        } else {
            // The first row of its like has its number already.
            groups.of_row.get(first as usize).copied().unwrap_or_default()
        };
        if let Some(place) = groups.of_row.get_mut(row) {
            *place = number;
        }
        if let Some(size) = groups.sizes.get_mut(number as usize) {
            *size += 1;
        }
    }
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(values: &[Option<&str>]) -> Vec<Column> {
        vec![Column::new("0".into(), values)]
    }

    fn met(left: &[Option<&str>], right: &[Option<&str>], days: &Days) -> Vec<Vec<u32>> {
        let matches = meet(text(left), left.len(), text(right), right.len(), days).unwrap();
        (0..left.len()).map(|row| matches.of(row).to_vec()).collect()
    }

    #[test]
    fn partners_come_in_the_order_of_their_rows() {
        let (left, right) = ([Some("b"), Some("a"), Some("c"), Some("b")], [Some("a"), Some("b"), Some("b")]);
        assert_eq!(met(&left, &right, &Days::Any), [vec![1, 2], vec![0], vec![], vec![1, 2]]);
    }

    #[test]
    fn an_absent_key_meets_nobody() {
        assert_eq!(met(&[None, Some("")], &[None, Some("")], &Days::Any), [vec![], vec![1]]);
        assert_eq!(met(&[], &[Some("a")], &Days::Any), Vec::<Vec<u32>>::new());
        assert_eq!(met(&[Some("a")], &[], &Days::Any), [Vec::<u32>::new()]);
    }

    #[test]
    fn both_ends_of_an_interval_count() {
        let a = [Some("a")];
        let intervals = || Intervals { first: vec![Some(10), None], last: vec![Some(12), Some(3)] };
        let on = |day| met(&a, &[Some("a"), Some("a")], &Days::Of(vec![Some(day)], intervals()));
        assert_eq!(
            [on(3), on(4), on(9), on(10), on(12), on(13)],
            [vec![vec![1]], vec![vec![]], vec![vec![]], vec![vec![0]], vec![vec![0]], vec![vec![]]]
        );
        let touching = |first, last| met(&a, &[Some("a"), Some("a")], &Days::Touching(first, last, intervals()));
        assert_eq!([touching(3, 10), touching(13, 20), touching(4, 9)], [vec![vec![0, 1]], vec![vec![]], vec![vec![]]]);
    }

    #[test]
    fn groups_are_numbered_by_first_appearance() {
        let groups = group(&text(&[Some("b"), Some("a"), Some("b"), None]), 4).unwrap();
        let expected = Groups { of_row: vec![0, 1, 0, 2], firsts: vec![0, 1, 3], sizes: vec![2, 1, 1], by: vec![0] };
        assert_eq!(groups, expected);
        assert_eq!(group(&[], 2).unwrap().of_row, [0, 0]);
        assert_eq!(group(&text(&[Some("a"), Some("a")]), 2).unwrap().of_row, [0, 0]);
        assert_eq!(group(&text(&[None, None]), 2).unwrap().of_row, [0, 0]);
        assert_eq!(group(&[], 0).unwrap(), Groups::default());
    }

    #[test]
    fn keys_that_go_with_the_first_ones_are_not_needed_and_others_are() {
        let keys = |rows: [[Option<&str>; 5]; 4]| -> Vec<Column> {
            (0..5).map(|at| Column::new(at.to_string().into(), rows.map(|row| row[at]))).collect()
        };
        let (store, none) = (Some("S"), None);
        let [a, b, x, y] = [Some("a"), Some("b"), Some("x"), Some("y")];
        let fold = group(
            &keys([[store, a, x, none, x], [store, b, y, x, none], [store, a, x, none, x], [store, a, x, none, x]]),
            4,
        )
        .unwrap();
        assert_eq!((fold.of_row, fold.by), (vec![0, 1, 0, 0], vec![1]));
        let second =
            group(&keys([[a, a, x, none, x], [a, b, y, x, none], [b, a, y, none, x], [a, a, x, none, x]]), 4).unwrap();
        assert_eq!((second.of_row, second.by), (vec![0, 1, 2, 0], vec![0, 1]));
        let differs =
            group(&keys([[a, a, x, none, x], [a, a, x, x, x], [b, a, y, none, x], [a, a, x, none, y]]), 4).unwrap();
        assert_eq!((differs.of_row, differs.by), (vec![0, 1, 2, 3], vec![0, 2, 3, 4]));
    }

    #[test]
    fn a_key_that_is_the_same_everywhere_still_keeps_others_out() {
        let two = |one: &str, who: [&str; 2]| vec![Column::new("0".into(), [one, one]), Column::new("1".into(), who)];
        let met = |left: Vec<Column>, right: Vec<Column>| {
            let matches = meet(left, 2, right, 2, &Days::Any).unwrap();
            [matches.of(0).to_vec(), matches.of(1).to_vec()]
        };
        assert_eq!(met(two("S01", ["a", "b"]), two("S01", ["b", "c"])), [vec![], vec![0]]);
        assert_eq!(met(two("S01", ["a", "b"]), two("S02", ["b", "c"])), [Vec::<u32>::new(), Vec::new()]);
        assert_eq!(met(two("S01", ["a", "a"]), two("S01", ["a", "a"])), [vec![0, 1], vec![0, 1]]);
    }
}
