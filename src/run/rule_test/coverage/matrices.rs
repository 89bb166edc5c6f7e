//! What rule tests reach of a matrix: every row, and every bound in the part of the other axes for which it is written.

use std::collections::BTreeSet;

use super::bounds::{finite, unreached as at_bound};
use super::{Place, Row};
use crate::money::Exact;
use crate::money::ladder::Interval;
use crate::money::matrix::Matrix;
use crate::step::Axis;

/// Values that a case looked up, one on each axis.
type Values = Vec<Exact>;

/// A bound on an axis, in the part of the matrix where it separates something.
struct Edge<'a> {
    axis: usize,
    bound: &'a Exact,
    /// The row whose condition it ends; absent for what is printed.
    row: Option<usize>,
}

/// The bounds of the rows that lie in the print, then those of the print.
fn edges(matrix: &Matrix) -> Vec<Edge<'_>> {
    let mut edges = Vec::new();
    let printed = matrix.printed();
    for (row, one) in matrix.rows().iter().enumerate() {
        for (axis, (condition, print)) in one.conditions.iter().zip(printed).enumerate() {
            let ends = finite([condition].into_iter()).into_iter().filter(|bound| print.contains(bound));
            edges.extend(ends.map(|bound| Edge { axis, bound, row: Some(row) }));
        }
    }
    for (axis, print) in printed.iter().enumerate() {
        edges.extend(finite([print].into_iter()).into_iter().map(|bound| Edge { axis, bound, row: None }));
    }
    edges
}

/// How many bounds there are to reach.
pub(super) fn bounds(matrix: &Matrix) -> usize {
    edges(matrix).len()
}

/// The places of a matrix that none of the values reaches, each with its axis where it has one.
pub(super) fn unreached(matrix: &Matrix, axes: &[Axis], values: &BTreeSet<&Values>) -> Vec<(Place, Option<Axis>)> {
    let taken: BTreeSet<usize> = values
        .iter()
        .filter_map(|numbers| matrix.lookup(numbers))
        .filter(|found| found.outside.is_empty())
        .map(|found| found.index)
        .collect();
    let rows = matrix.rows().iter().enumerate().filter(|(index, _)| !taken.contains(index));
    let mut places: Vec<(Place, Option<Axis>)> = rows
        .map(|(_, row)| {
            let part = |(axis, condition): (&Axis, &Interval)| format!("{} {condition}", axis.label);
            let interval = axes.iter().zip(&row.conditions).map(part).collect::<Vec<_>>().join(", ");
            (Place::Row(Row { interval, words: row.words.clone() }), None)
        })
        .collect();
    for edge in edges(matrix) {
        let Some(axis) = axes.get(edge.axis) else { continue };
        let row = edge.row.and_then(|row| matrix.rows().get(row));
        let beside = |numbers: &&&Values| {
            let others = row.into_iter().flat_map(|row| row.conditions.iter().zip(numbers.iter()).enumerate());
            others.filter(|(other, _)| *other != edge.axis).all(|(_, (condition, number))| condition.contains(number))
        };
        let along: BTreeSet<&Exact> =
            values.iter().filter(beside).filter_map(|numbers| numbers.get(edge.axis)).collect();
        let all: BTreeSet<&Exact> = matrix.bounds(edge.axis).into_iter().collect();
        let within = row.map_or_else(|| "the print".to_owned(), |row| row.words.clone());
        let missing = at_bound(edge.bound, &all, &axis.unit, &along);
        places.extend(missing.into_iter().map(|at| (Place::Bound { at, within: within.clone() }, Some(axis.clone()))));
    }
    places
}
