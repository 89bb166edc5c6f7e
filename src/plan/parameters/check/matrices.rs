//! Matrices of the parameter files: axes, rows and what is printed.

use std::sync::Arc;

use super::{Context, Dates, PARAMETER_SHAPE, non_empty};
use crate::diag::yaml::OrderedMap;
use crate::diag::{Code, Finding, nearest};
use crate::expr::Entry;
use crate::expr::types::Name;
use crate::expr::unit::Unit;
use crate::money::exact::Exact;
use crate::money::ladder::Interval;
use crate::money::matrix::{Matrix, Row};
use crate::plan::parameters::Values;
use crate::plan::places::{Faults, key};
use crate::spec::{AxisSpec, MatrixSpec, Seg};
use crate::step::Axis;

/// A row or stretch that does not fit the axes.
pub const MATRIX_ROW: Code = Code::new(
    "matrix-row",
    "a row of a matrix lacks its value or words, or names an axis that the matrix does not have",
);

/// Keys of a row beside its axes.
const OF_ROW: [&str; 2] = ["value", "words"];

/// The axes: two at least, none of them called as another part of a row.
pub(super) fn axes(specs: &OrderedMap<AxisSpec>, cx: &Context<'_>, faults: &mut Faults<'_>) -> Option<Vec<Axis>> {
    let mut axes = Vec::new();
    for (name, spec) in specs.iter() {
        let unit = faults.take(&[key("axes"), key(name), key("unit")], Unit::parse(&spec.unit, cx.units));
        if OF_ROW.contains(&name) {
            let finding = Finding::error(PARAMETER_SHAPE, format!("an axis cannot be called `{name}`"));
            faults
                .at_key(&[key("axes"), key(name)], finding.hint("rows write their value and words under these names"));
            continue;
        }
        let label = Arc::from(spec.label.as_str());
        axes.extend(unit.map(|unit| Axis { name: Name::from(name), label, unit }));
    }
    if specs.len() < 2 {
        let finding = Finding::error(PARAMETER_SHAPE, "a matrix has two axes at least");
        faults.at_key(&[key("axes")], finding.hint("with one axis it is a ladder: `by` and `ladders`"));
        return None;
    }
    (axes.len() == specs.len()).then_some(axes)
}

/// The matrices of a parameter.
pub(super) fn check(
    specs: &[MatrixSpec],
    axes: &[Axis],
    dates: &mut Dates<'_>,
    faults: &mut Faults<'_>,
) -> Option<Values> {
    let mut versions = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let here = [key("matrices"), Seg::Index(index)];
        let held = dates.next(&spec.from, spec.stores.as_deref(), &here, faults);
        let matrix = matrix(spec, axes, &here, faults);
        versions.extend(held.zip(matrix).map(|((from, stores), matrix)| Entry::new(from, stores, Arc::new(matrix))));
    }
    if !specs.is_empty() && versions.len() < specs.len() {
        return None;
    }
    Some(Values::Matrix { axes: axes.to_vec(), versions: non_empty(versions, "matrices", faults)? })
}

fn matrix(spec: &MatrixSpec, axes: &[Axis], here: &[Seg; 2], faults: &mut Faults<'_>) -> Option<Matrix> {
    let printed_at = [here[0].clone(), here[1].clone(), key("printed")];
    let printed = stretches(&spec.printed, axes, &[], &printed_at, faults);
    let mut rows = Vec::new();
    for (index, row) in spec.rows.iter().enumerate() {
        let at = [here[0].clone(), here[1].clone(), key("rows"), Seg::Index(index)];
        rows.extend(self::row(row, axes, &at, faults));
    }
    if rows.len() != spec.rows.len() {
        return None;
    }
    let labels: Vec<&str> = axes.iter().map(|axis| &*axis.label).collect();
    let wrong = match Matrix::new(&labels, printed?, rows) {
        Ok(matrix) => return Some(matrix),
        Err(wrong) => wrong,
    };
    for fault in wrong {
        let mut at = vec![here[0].clone(), here[1].clone(), key("rows")];
        let finding = Finding::error(fault.code, fault.message).hint(fault.hint);
        match fault.row {
            Some(row) => {
                at.push(Seg::Index(row));
                faults.at(&at, finding);
            }
            None => faults.at_key(&at, finding),
        }
    }
    None
}

fn row(spec: &OrderedMap<String>, axes: &[Axis], at: &[Seg; 4], faults: &mut Faults<'_>) -> Option<Row> {
    let conditions = stretches(spec, axes, &OF_ROW, at, faults);
    let value = written(spec, "value", "say what the row gives: `value: 6.8%`", at, faults);
    let hint = "say how the plan prints its conditions: `words: 产值≤200万且毛利率＜45%`";
    let words = written(spec, "words", hint, at, faults);
    let value = value.and_then(|value| faults.take(&below(at, "value"), Exact::parse_human(value)));
    Some(Row { conditions: conditions?, value: value?, words: words?.to_owned() })
}

/// A key that every row has.
fn written<'a>(
    spec: &'a OrderedMap<String>,
    name: &str,
    hint: &str,
    at: &[Seg],
    faults: &mut Faults<'_>,
) -> Option<&'a str> {
    let text = spec.get(name);
    if text.is_none() {
        faults.at(at, Finding::error(MATRIX_ROW, format!("this row has no `{name}`")).hint(hint));
    }
    text.map(String::as_str)
}

fn below(at: &[Seg], name: &str) -> Vec<Seg> {
    at.iter().cloned().chain([key(name)]).collect()
}

/// An interval for each axis, all numbers where none is written; `others` are keys that are no axes.
fn stretches(
    spec: &OrderedMap<String>,
    axes: &[Axis],
    others: &[&str],
    at: &[Seg],
    faults: &mut Faults<'_>,
) -> Option<Vec<Interval>> {
    let mut whole = true;
    for name in spec.keys().filter(|name| !others.contains(name) && axes.iter().all(|axis| *axis.name != **name)) {
        let names = || axes.iter().map(|axis| &*axis.name);
        let hint = nearest(name, names()).map_or_else(
            || format!("the axes are {}", names().map(|axis| format!("`{axis}`")).collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        let finding = Finding::error(MATRIX_ROW, format!("the matrix has no axis `{name}`")).hint(hint);
        faults.at_key(&below(at, name), finding);
        whole = false;
    }
    let mut stretches = Vec::new();
    for axis in axes {
        let stretch = match spec.get(&axis.name) {
            Some(text) => faults.take(&below(at, &axis.name), Interval::parse(text)),
            None => Some(Interval::all()),
        };
        whole &= stretch.is_some();
        stretches.extend(stretch);
    }
    whole.then_some(stretches)
}
