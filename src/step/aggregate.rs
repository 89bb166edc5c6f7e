//! `aggregate`: sums and counts rows, for each row of another frame or for each key.
//!
//! ```yaml
//! facts:
//!   aggregate:
//!     from: orders
//!     for_each: spine
//!     keys: [store_id, employee_id]
//!     where: settled_on BETWEEN spine.valid_from AND spine.valid_to
//!     columns:
//!       output: SUM(output_amount)
//!       cars: { value: SUM(sign), unit: cars, label: 接车台次 }
//! by_team:
//!   aggregate:
//!     from: labour
//!     keys: [store_id, team]
//!     columns: { hours: SUM(hours) }
//! ```
//!
//! With `for_each`, every row of that frame gets one row, its own columns first; who has no rows gets 0
//! from SUM and COUNT, unless its store has no file of what is counted: then nothing is zero and the row leaves as an
//! exception. A row of `from` counts for every row of `for_each` that it meets by the keys and
//! for which `where` holds; rows that count for nobody leave as unmatched. Without `for_each` there is
//! one row for each combination of the keys, in their order; without keys one row in all.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::StepKind;
use super::codes::SETTING_CONFLICT;
use super::columns::{Computed, check_columns, check_condition, fault};
use super::context::CheckCx;
use super::derive::carried;
use super::frames::schema_of;
use super::keys::{Key, Side, check_groups, check_pairs};
use super::names::NamesSpec;
use super::output::{ColumnOrigin, Step, StepFault};
use crate::diag::yaml::ColumnsSpec;
use crate::diag::{Code, Fault};
use crate::expr::types::{Name, Schema, Type};
use crate::expr::{Expr, Scope};

pub(super) mod apply;

pub(super) use apply::apply;

/// A figure of a store that has no file of what is counted.
pub const NOTHING_TO_COUNT: Code =
    Code::exception("nothing-to-count", "a figure is asked for a store that has no file of what is counted");

/// The column that says of which store a row is.
pub(super) const STORE: &str = "store_id";

/// Sums and counts rows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AggregateSpec {
    /// The frame whose rows are summed and counted.
    pub from: String,
    /// The frame that gets one row for each of its own: `spine` or a step. Expressions write its columns
    /// as `spine.x`, or with the step's name before the point.
    pub for_each: Option<String>,
    /// Columns by which rows belong together; with `for_each` also `{ from_column: for_each_column }`.
    pub keys: Option<NamesSpec>,
    /// Which rows count.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// The new columns, from SUM, COUNT, MIN, MAX and AVG.
    pub columns: ColumnsSpec,
}

/// A checked aggregate.
#[derive(Clone, Debug)]
pub struct Aggregate {
    pub(super) from: Name,
    /// The frame of `for_each`, and the name its columns have in expressions.
    pub(super) each: Option<(Name, Name)>,
    /// Whether the rows of `for_each` say of which store they are.
    pub(super) by_store: bool,
    pub(super) keys: Vec<Key>,
    pub(super) condition: Option<Expr>,
    pub(super) columns: Vec<Computed>,
}

impl Aggregate {
    /// Columns it reads beside those it hands on, each with its frame.
    pub(super) fn reads(&self) -> Vec<(Name, Name)> {
        let exprs = self.columns.iter().map(|one| &one.expr).chain(&self.condition);
        let mut reads: Vec<(Name, Name)> = Vec::new();
        for expr in exprs {
            reads.extend(expr.columns().into_iter().map(|column| (self.from.clone(), column)));
            if let Some((each, _)) = &self.each {
                reads.extend(expr.each_columns().into_iter().map(|column| (each.clone(), column)));
            }
        }
        for key in &self.keys {
            reads.push((self.from.clone(), key.left.clone()));
            if let Some((each, _)) = &self.each {
                reads.push((each.clone(), key.right.clone()));
            }
        }
        if let Some((each, _)) = self.each.as_ref().filter(|_| self.by_store) {
            reads.push((each.clone(), Name::from(STORE)));
        }
        reads
    }
}

/// Checks an aggregate.
pub(super) fn check(spec: &AggregateSpec, cx: &CheckCx<'_>) -> Result<Step, Vec<StepFault>> {
    let mut faults = Vec::new();
    let from = schema_of(&["from"], &spec.from, cx).map_err(|one| faults.push(*one)).ok();
    let each = spec.for_each.as_deref().map(|name| {
        let schema = schema_of(&["for_each"], name, cx).map_err(|one| faults.push(*one)).ok();
        (name, name.rsplit('.').next().unwrap_or(name), schema)
    });
    if let Some((name, prefix @ ("param" | "period"), _)) = each {
        let message = format!("`{prefix}.x` means something else in an expression");
        faults.push(fault(&["for_each"], Fault::new(SETTING_CONFLICT, 0..name.len(), message).hint("rename the step")));
    }
    if spec.for_each.as_deref() == Some(spec.from.as_str()) {
        let message = "rows cannot be summed for each of themselves";
        let hint = "give one side a name of its own by a `select`";
        faults.push(fault(&["for_each"], Fault::new(SETTING_CONFLICT, 0..spec.from.len(), message).hint(hint)));
    }
    let Some(from_schema) = from else { return Err(faults) };
    let side = Side { name: &spec.from, schema: from_schema };
    let none = NamesSpec::default();
    let names = spec.keys.as_ref().unwrap_or(&none);
    let (keys, existing) = match each {
        Some((_, _, None)) => return Err(faults),
        Some((name, _, Some(schema))) => (check_pairs(names, &side, &Side { name, schema }), schema.clone()),
        None => {
            if names.is_map {
                let message = "without `for_each` the keys are a plain list of names";
                faults.push(fault(&["keys"], Fault::new(SETTING_CONFLICT, 0..0, message).hint("write `keys: [a, b]`")));
                return Err(faults);
            }
            let plain: Vec<String> = names.pairs.iter().map(|(name, _)| name.clone()).collect();
            let fields = plain.iter().filter_map(|name| from_schema.get(name)).cloned().collect();
            (check_groups(&plain, &side), Schema { fields })
        }
    };
    let keys = keys.unwrap_or_else(|more| {
        faults.extend(more);
        Vec::new()
    });
    let what = format!("`{}`", spec.from);
    let rows = Scope {
        columns: from_schema,
        each: each.and_then(|(_, prefix, schema)| Some((prefix, schema?))),
        params: cx.params,
        aggregates: false,
        what: &what,
    };
    let condition = match spec.condition.as_deref().map(|text| check_condition(&["where"], text, &rows)) {
        Some(Err(more)) => {
            faults.extend(more);
            None
        }
        Some(Ok(condition)) => Some(condition),
        None => None,
    };
    let columns = check_columns(&spec.columns, &Scope { aggregates: true, ..rows }, &existing, cx);
    let columns = columns.unwrap_or_else(|more| {
        faults.extend(more);
        Vec::new()
    });
    if !faults.is_empty() {
        return Err(faults);
    }
    let from = Name::from(spec.from.as_str());
    let each = each.map(|(name, prefix, _)| (Name::from(name), Name::from(prefix)));
    let mut origins: BTreeMap<_, _> = match &each {
        Some((name, _)) => carried(name, &existing),
        None => carried(&from, &existing),
    };
    let by_store = each.is_some() && existing.get(STORE).is_some_and(|field| field.ty == Type::text());
    let mut schema = existing;
    for Computed { field, expr } in &columns {
        schema.set(field.clone());
        origins.insert(field.name.clone(), ColumnOrigin::Aggregated { expr: expr.clone(), frame: from.clone() });
    }
    let inputs = std::iter::once(from.clone()).chain(each.iter().map(|(name, _)| name.clone())).collect();
    let kind = StepKind::Aggregate(Aggregate { from, each, by_store, keys, condition, columns });
    Ok(Step { kind, inputs, schema, origins })
}
