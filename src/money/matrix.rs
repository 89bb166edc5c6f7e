//! Matrices: printed tables that give a value for numbers on several axes.
//!
//! A row has a condition on each axis. Rows stand from the lowest to the highest, and the last one whose
//! conditions all hold is taken: what a higher row asks for decides, not what a lower one excludes.
//!
//! A matrix says on which stretch of each axis it is printed. There it is checked when it is made: every
//! combination of numbers has a row, single points too, and every row is taken somewhere. Numbers outside are
//! brought to the nearest printed ones, and whoever asks must say so.

use std::cmp::Ordering;

use super::exact::Exact;
use super::ladder::{Bound, Interval, Point};
use crate::diag::Code;

/// No rows.
pub const EMPTY_MATRIX: Code = Code::new("empty-matrix", "a matrix without rows");
/// Numbers without a row.
pub const MATRIX_GAP: Code = Code::new("matrix-gap", "a combination inside of what a matrix prints that no row holds");
/// A row that is never taken.
pub const UNREACHED_ROW: Code =
    Code::new("unreached-row", "a row of a matrix that is never taken: later ones hold wherever it does");

/// One row of a matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The numbers on each axis for which it holds, in the order of the axes.
    pub conditions: Vec<Interval>,
    /// What it gives.
    pub value: Exact,
    /// The conditions as the plan prints them.
    pub words: String,
}

/// Rows on axes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// What is printed, on each axis.
    printed: Vec<Interval>,
    rows: Vec<Row>,
}

/// What is wrong with a matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixFault {
    /// Kind of finding it will become.
    pub code: Code,
    /// Index of the row concerned, where it is one.
    pub row: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// The row that numbers have reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// Index of the row.
    pub index: usize,
    /// The row.
    pub row: &'a Row,
    /// The axes that kept the next row away that gives more; none where no later one does.
    pub held_by: Vec<usize>,
    /// The axes on which the number lies outside of what is printed.
    pub outside: Vec<usize>,
}

impl Matrix {
    /// Checks the rows and keeps them; `axes` are the labels of the axes, `printed` and the conditions of each row
    /// are in their order.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn new(axes: &[&str], printed: Vec<Interval>, rows: Vec<Row>) -> Result<Self, Vec<MatrixFault>> {
        let matrix = Self { printed, rows };
        let faults = matrix.faults(axes);
        if faults.is_empty() { Ok(matrix) } else { Err(faults) }
    }

    /// The rows, from the lowest to the highest.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What is printed on each axis.
    pub fn printed(&self) -> &[Interval] {
        &self.printed
    }

    /// The row that numbers reach, one on each axis; outside of what is printed the nearest one.
    pub fn lookup(&self, numbers: &[Exact]) -> Option<Found<'_>> {
        let points: Vec<Point> = self.printed.iter().zip(numbers).map(|(one, number)| one.nearest(number)).collect();
        let index = self.taken(&points)?;
        let row = self.rows.get(index)?;
        let higher = self.rows.get(index + 1..).unwrap_or_default().iter().find(|higher| higher.value > row.value);
        let fails = |row: &Row| {
            let conditions = row.conditions.iter().zip(&points).enumerate();
            conditions.filter(|(_, (condition, point))| !condition.holds(point)).map(|(axis, _)| axis).collect()
        };
        let outside = self.printed.iter().zip(numbers).enumerate().filter(|(_, (one, number))| !one.contains(number));
        Some(Found {
            index,
            row,
            held_by: higher.map(fails).unwrap_or_default(),
            outside: outside.map(|(axis, _)| axis).collect(),
        })
    }

    /// The last row whose conditions all hold.
    fn taken(&self, points: &[Point]) -> Option<usize> {
        self.rows.iter().rposition(|row| row.conditions.iter().zip(points).all(|(one, point)| one.holds(point)))
    }

    /// What is wrong, found by asking for every bound and for what lies between two of them.
    fn faults(&self, axes: &[&str]) -> Vec<MatrixFault> {
        if self.rows.is_empty() {
            let (message, hint) = ("this matrix has no rows".to_owned(), "give at least one row".to_owned());
            return vec![MatrixFault { code: EMPTY_MATRIX, row: None, message, hint }];
        }
        let regions: Vec<Vec<Interval>> = (0..self.printed.len()).map(|axis| self.regions(axis)).collect();
        let mut taken = vec![false; self.rows.len()];
        let mut gaps: Vec<Vec<Interval>> = Vec::new();
        for cell in combinations(&regions) {
            let points: Vec<Point> = cell.iter().map(inside).collect();
            match self.taken(&points).and_then(|index| taken.get_mut(index)) {
                Some(taken) => *taken = true,
                None => match gaps.last_mut().and_then(|last| joined(last, &cell)) {
                    Some(wider) => {
                        gaps.pop();
                        gaps.push(wider);
                    }
                    None => gaps.push(cell),
                },
            }
        }
        let mut faults: Vec<MatrixFault> = gaps.iter().map(|gap| gap_fault(axes, gap)).collect();
        for (index, _) in taken.iter().enumerate().filter(|(_, taken)| !**taken) {
            faults.push(MatrixFault {
                code: UNREACHED_ROW,
                row: Some(index),
                message: "this row is never taken: it lies outside of what is printed, or later rows hold wherever it \
                          does"
                    .to_owned(),
                hint: "order the rows from low to high, or take it away".to_owned(),
            });
        }
        faults
    }

    /// The finite bounds on an axis, of the rows and of what is printed, ascending, each once.
    pub fn bounds(&self, axis: usize) -> Vec<&Exact> {
        let conditions = self.rows.iter().filter_map(|row| row.conditions.get(axis)).chain(self.printed.get(axis));
        let mut bounds: Vec<&Exact> =
            conditions.flat_map(|one| [one.lower(), one.upper()]).filter_map(number_of).collect();
        bounds.sort();
        bounds.dedup();
        bounds
    }

    /// What is printed of an axis, cut at all bounds: these, and what lies between two of them.
    fn regions(&self, axis: usize) -> Vec<Interval> {
        let bounds = self.bounds(axis);
        let mut regions = Vec::new();
        let mut lower = Bound::Unbounded;
        for bound in bounds {
            regions.extend(Interval::new(lower, Bound::Excluded(bound.clone())));
            regions.extend(Interval::new(Bound::Included(bound.clone()), Bound::Included(bound.clone())));
            lower = Bound::Excluded(bound.clone());
        }
        regions.extend(Interval::new(lower, Bound::Unbounded));
        regions.retain(|region| self.printed.get(axis).is_some_and(|printed| printed.holds(&inside(region))));
        regions
    }
}

/// The finite number of a bound.
fn number_of(bound: &Bound<Exact>) -> Option<&Exact> {
    match bound {
        Bound::Included(number) | Bound::Excluded(number) => Some(number),
        Bound::Unbounded => None,
    }
}

/// A point of a region that stands for all of it.
fn inside(region: &Interval) -> Point {
    match (region.lower(), region.upper()) {
        (Bound::Included(number), _) | (_, Bound::Included(number)) => Point::at(number.clone()),
        (Bound::Excluded(number), _) => Point { number: number.clone(), beside: Ordering::Greater },
        (_, Bound::Excluded(number)) => Point { number: number.clone(), beside: Ordering::Less },
        _ => Point::at(Exact::zero()),
    }
}

/// Every combination of a region of each axis, the last axis first.
fn combinations(regions: &[Vec<Interval>]) -> Vec<Vec<Interval>> {
    regions.iter().fold(vec![Vec::new()], |cells, axis| {
        cells
            .iter()
            .flat_map(|cell| axis.iter().map(|region| cell.iter().cloned().chain([region.clone()]).collect()))
            .collect()
    })
}

/// Two cells as one, where they differ on the last axis alone and touch there.
fn joined(one: &[Interval], next: &[Interval]) -> Option<Vec<Interval>> {
    let ((last, before), (after, same)) = (one.split_last()?, next.split_last()?);
    let touch = number_of(last.upper()).is_some_and(|end| number_of(after.lower()) == Some(end));
    let wider = Interval::new(last.lower().clone(), after.upper().clone()).filter(|_| before == same && touch)?;
    Some(before.iter().cloned().chain([wider]).collect())
}

fn gap_fault(axes: &[&str], gap: &[Interval]) -> MatrixFault {
    let part = |(axis, stretch): (&&str, &Interval)| match (stretch.lower(), stretch.upper()) {
        (Bound::Unbounded, Bound::Unbounded) => format!("any {axis}"),
        (Bound::Included(low), Bound::Included(high)) if low == high => format!("{axis} exactly {}", low.shown(6)),
        _ => format!("{axis} in {stretch}"),
    };
    let parts: Vec<String> = axes.iter().zip(gap).map(part).collect();
    MatrixFault {
        code: MATRIX_GAP,
        row: None,
        message: format!("no row holds for {}", parts.join(" and ")),
        hint: "add a row for it, widen the conditions of one, or say in `printed` that the plan does not cover it"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(printed: [&str; 2], rows: &[(&str, &str, &str)]) -> Result<Matrix, Vec<MatrixFault>> {
        let interval = |text: &str| Interval::parse(text).unwrap();
        let row = |(output, margin, value): &(&str, &str, &str)| Row {
            conditions: vec![interval(output), interval(margin)],
            value: number(value),
            words: format!("{output} × {margin}"),
        };
        let printed = printed.map(interval).to_vec();
        Matrix::new(&["output", "margin"], printed, rows.iter().map(row).collect())
    }

    fn number(text: &str) -> Exact {
        Exact::parse_human(text).unwrap()
    }

    /// The pool's coefficient as it is printed.
    fn pool() -> Matrix {
        let rows = [
            ("(-inf, 200万]", "(-inf, 45%)", "6.8%"),
            ("(-inf, 200万]", "[45%, inf)", "7%"),
            ("(200万, 250万)", "(-inf, inf)", "7%"),
            ("[250万, inf)", "(-inf, 45%]", "7%"),
            ("[250万, inf)", "(45%, inf)", "7.5%"),
        ];
        matrix(["(0, 300万]", "[40%, inf)"], &rows).unwrap()
    }

    fn found(output: &str, margin: &str) -> (usize, Vec<usize>, Vec<usize>) {
        let matrix = pool();
        let found = matrix.lookup(&[number(output), number(margin)]).unwrap();
        (found.index, found.held_by, found.outside)
    }

    #[test]
    fn the_last_row_that_holds_is_taken_and_the_axis_that_held_it_back_is_named() {
        assert_eq!(found("200万", "45%"), (1, vec![0, 1], vec![]));
        assert_eq!(found("200万", "45.01%"), (1, vec![0], vec![]));
        assert_eq!(found("200万", "44.99%"), (0, vec![1], vec![]));
        assert_eq!(found("2000000.01", "44.99%"), (2, vec![0, 1], vec![]));
        assert_eq!(found("2499999.99", "46%"), (2, vec![0], vec![]));
        assert_eq!(found("250万", "40%"), (3, vec![1], vec![]));
        assert_eq!(found("250万", "45%"), (3, vec![1], vec![]));
        assert_eq!(found("250万", "47%"), (4, vec![], vec![]));
    }

    #[test]
    fn outside_of_the_print_the_nearest_row_is_taken() {
        assert_eq!(found("300万", "40%"), (3, vec![1], vec![]));
        assert_eq!(found("3000000.01", "40%"), (3, vec![1], vec![0]));
        assert_eq!(found("300万", "39.99%"), (3, vec![1], vec![1]));
        assert_eq!(found("310万", "30%"), (3, vec![1], vec![0, 1]));
        assert_eq!(found("0", "50%"), (1, vec![0], vec![0]));
        assert_eq!(found("-1", "-1"), (0, vec![1], vec![0, 1]));
    }

    /// Rows that say nothing outside of the print are taken there all the same.
    #[test]
    fn rows_need_not_reach_beyond_the_print() {
        let rows = [("(0, 10)", "[0, 1]", "1"), ("[10, 20)", "[0, 1]", "2")];
        let matrix = matrix(["(0, 20)", "[0, 1]"], &rows).unwrap();
        let index = |one: &str, other: &str| matrix.lookup(&[number(one), number(other)]).unwrap().index;
        assert_eq!([index("-5", "2"), index("0", "0"), index("20", "0"), index("99", "-1")], [0, 0, 1, 1]);
    }

    fn wrong(printed: [&str; 2], rows: &[(&str, &str, &str)]) -> Vec<(Option<usize>, String)> {
        matrix(printed, rows).unwrap_err().into_iter().map(|fault| (fault.row, fault.message)).collect()
    }

    #[test]
    fn gaps_are_named_once_with_their_stretch() {
        let all = ["(-inf, inf)", "(-inf, inf)"];
        let gap = |message: &str| vec![(None, message.to_owned())];
        let halves = [("(-inf, 5)", "(-inf, inf)", "1"), ("(5, inf)", "(-inf, inf)", "2")];
        assert_eq!(wrong(all, &halves), gap("no row holds for output exactly 5 and any margin"));
        let corner = [("(-inf, 5)", "(-inf, inf)", "1"), ("[5, inf)", "(-inf, 3]", "2")];
        assert_eq!(
            wrong(all, &corner),
            [
                (None, "no row holds for output exactly 5 and margin in (3, inf)".to_owned()),
                (None, "no row holds for output in (5, inf) and margin in (3, inf)".to_owned()),
            ]
        );
        assert!(matrix(["(-inf, 5)", "(-inf, inf)"], &halves[..1]).is_ok());
        assert_eq!(wrong(all, &[]), gap("this matrix has no rows"));
    }

    #[test]
    fn a_row_that_is_never_taken_is_named() {
        let all = ["(-inf, inf)", "(-inf, inf)"];
        let shadowed = [("(-inf, 5)", "(-inf, 3]", "1"), ("(-inf, inf)", "(-inf, inf)", "2")];
        assert_eq!(wrong(all, &shadowed).first().map(|one| one.0), Some(Some(0)));
        let outside = [("(-inf, inf)", "(-inf, inf)", "1"), ("(10, inf)", "(-inf, inf)", "2")];
        assert_eq!(wrong(["(0, 10]", "(-inf, inf)"], &outside).first().map(|one| one.0), Some(Some(1)));
    }
}
