//! Which rows of one frame meet which rows of another, and which rows of one frame belong together.
//!
//! The column engine finds equal keys; the order of what it finds is not promised, so that everything
//! here comes out sorted by row numbers.

use polars::prelude::*;

use super::frames::index;
use super::output::StepError;

/// For each row of one frame, the rows of another that it meets, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Matches {
    /// Where each row's partners begin in `rows`; one more entry than rows.
    starts: Vec<usize>,
    rows: Vec<u32>,
}

impl Matches {
    /// Sorts pairs of row numbers by both.
    pub(super) fn new(len: usize, pairs: &[(u32, u32)]) -> Self {
        let mut starts = vec![0_usize; len + 1];
        for (one, _) in pairs {
            if let Some(count) = starts.get_mut(*one as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut rows = vec![0; sum];
        for (one, other) in pairs {
            if let Some(at) = next.get_mut(*one as usize)
                && let Some(slot) = rows.get_mut(*at)
            {
                *slot = *other;
                *at += 1;
            }
        }
        let mut matches = Self { starts, rows };
        for row in 0..len {
            let range = matches.range(row);
            if range.len() > 1
                && let Some(found) = matches.rows.get_mut(range)
            {
                found.sort_unstable();
            }
        }
        matches
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
    let names: Vec<PlSmallStr> = left.iter().map(|column| column.name().clone()).collect();
    let left = numbered(left, left_len, "l")?;
    let right = numbered(right, right_len, "r")?;
    let met = left.inner_join(&right, &names, &names)?;
    let ones = met.column("l")?.u32()?.rechunk();
    let others = met.column("r")?.u32()?.rechunk();
    let pairs = ones.iter().flatten().zip(others.iter().flatten());
    let pairs: Vec<(u32, u32)> = match days {
        Days::Any => pairs.collect(),
        Days::Of(asked, intervals) => pairs
            .filter(|(one, other)| match asked.get(*one as usize).copied().flatten() {
                Some(day) => intervals.touch(*other as usize, day, day),
                None => false,
            })
            .collect(),
        Days::Touching(first, last, intervals) => {
            pairs.filter(|(_, other)| intervals.touch(*other as usize, *first, *last)).collect()
        }
    };
    Ok(Matches::new(left_len, &pairs))
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

fn numbered(mut columns: Vec<Column>, len: usize, name: &'static str) -> PolarsResult<DataFrame> {
    columns.push(row_numbers(name, len));
    DataFrame::new(len, columns)
}

/// A column that numbers rows from 0.
pub(super) fn row_numbers(name: &str, len: usize) -> Column {
    UInt32Chunked::from_vec(PlSmallStr::from_str(name), (0..index(len)).collect()).into_series().into()
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
        for leading in 1..=2 {
            let (first, rest) = by.split_at(leading);
            let groups = group_by(keys, first, len)?;
            if goes_with(keys, rest, &groups)? {
                return Ok(groups);
            }
        }
    }
    group_by(keys, &by, len)
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
    let names: Vec<PlSmallStr> = columns.iter().map(|column| column.name().clone()).collect();
    let frame = DataFrame::new(len, columns)?;
    let positions = frame.group_by_stable(&names)?.into_groups();
    let mut groups = Groups { of_row: vec![0; len], by: by.to_vec(), ..Groups::default() };
    for found in positions.iter() {
        let number = index(groups.firsts.len());
        let (first, size) = match found {
            GroupsIndicator::Idx((first, rows)) => {
                for &row in rows.iter() {
                    if let Some(slot) = groups.of_row.get_mut(row as usize) {
                        *slot = number;
                    }
                }
                (first, rows.len())
            }
            GroupsIndicator::Slice([first, size]) => {
                let range = first as usize..first as usize + size as usize;
                groups.of_row.get_mut(range).unwrap_or_default().fill(number);
                (first, size as usize)
            }
        };
        groups.firsts.push(first);
        groups.sizes.push(index(size));
    }
    Ok(groups)
}

/// Whether the texts of a column ascend from row to row, so that rows need no sorting by it.
pub(super) fn ascends(column: &Column) -> bool {
    column
        .str()
        .is_ok_and(|texts| texts.iter().zip(texts.iter().skip(1)).all(|(one, next)| one.is_some() && one < next))
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
    fn texts_ascend_when_each_is_above_the_one_before() {
        let ascends = |texts: &[Option<&str>]| text(texts).first().is_some_and(ascends);
        assert!(ascends(&[Some("a"), Some("b"), Some("ba")]));
        assert!(ascends(&[]) && ascends(&[Some("a")]));
        assert!(!ascends(&[Some("b"), Some("a")]) && !ascends(&[Some("a"), Some("a")]));
        assert!(!ascends(&[None, Some("a")]) && !ascends(&[Some("a"), None]));
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
