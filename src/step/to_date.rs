//! `to_date`: sums the months of a quarter or year up to the period.
//!
//! ```yaml
//! quarter:
//!   to_date:
//!     from: finance.history
//!     span: quarter
//!     keys: [store_id, department]
//!     columns: { net_profit: SUM(net_profit) }
//! ```
//!
//! `from` is `<dataset>.history`, or a step made from it that kept `store_id` and `period`, the month of each
//! row. In November the quarter is October and November, in December all three months. There is one row for
//! each combination of the keys, in their order.
//!
//! A month of the span without a file, and one in whose file the keys have no row, are a blocking exception
//! that names the month, and the keys' row is not made: a sum over two months is no quarter. Where a month
//! without rows means that nothing happened, `gaps: allow` accepts it; a month without a file it never does.
//! A store that has no file in any month of the span has no rows either.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::StepKind;
use super::aggregate::Aggregate;
use super::codes::{BAD_KEY, SETTING_MISSING};
use super::columns::{Computed, check_columns, check_condition, fault};
use super::context::CheckCx;
use super::derive::carried;
use super::frames::{column_of, schema_of};
use super::keys::{Side, check_groups};
use super::output::{ColumnOrigin, Step, StepFault};
use crate::diag::yaml::ColumnsSpec;
use crate::diag::{Code, Fault};
use crate::expr::Scope;
use crate::expr::types::{Name, Schema, Type};
use crate::world::period::Period;

mod apply;

pub(super) use apply::apply;

/// A dataset that does not reach back to the beginning of a span.
pub const SHORT_WINDOW: Code =
    Code::new("short-window", "a span of months reaches further back than the months that its dataset keeps");
/// A month that is missing.
pub const MONTH_MISSING: Code =
    Code::exception("month-missing", "a month of a quarter or year without a file, or without the rows it must have");

/// Sums the months of a span.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToDateSpec {
    /// `<dataset>.history`, or a step made from it that kept `store_id` and `period`.
    pub from: String,
    /// `month`, `quarter` or `year`: its months up to the period count.
    pub span: Span,
    /// Columns by which rows belong together.
    pub keys: Vec<String>,
    /// Which rows count.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// What a month does in whose file the keys have no row: `exception`, where nothing is said, or `allow`.
    pub gaps: Option<Gaps>,
    /// The new columns, from SUM, COUNT, MIN, MAX and AVG.
    pub columns: ColumnsSpec,
}

/// A stretch of months that ends with the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Span {
    /// The period alone.
    Month,
    /// From the first month of the quarter.
    Quarter,
    /// From January.
    Year,
}

/// What a month without rows of the keys does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gaps {
    /// It is an exception.
    Exception,
    /// Nothing happened in it.
    Allow,
}

impl Span {
    /// How many months before the period it may reach.
    pub const fn reach(self) -> usize {
        match self {
            Self::Month => 0,
            Self::Quarter => 2,
            Self::Year => 11,
        }
    }

    /// Its months up to a period, the first one first.
    pub fn months(self, period: Period) -> Vec<Period> {
        let month = period.month().unsigned_abs();
        let before = match self {
            Self::Month => 0,
            Self::Quarter => (month + 2) % 3,
            Self::Year => month.saturating_sub(1),
        };
        let mut months = vec![period];
        for _ in 0..before {
            let earlier = months.last().map_or(period, |month| month.previous());
            months.push(earlier);
        }
        months.reverse();
        months
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        })
    }
}

/// A checked sum over months.
#[derive(Clone, Debug)]
pub struct ToDate {
    aggregate: Aggregate,
    span: Span,
    gaps: Gaps,
}

impl ToDate {
    /// Columns it reads beside those it hands on, each with its frame.
    pub(super) fn reads(&self) -> Vec<(Name, Name)> {
        let mut reads = self.aggregate.reads();
        reads.extend(["store_id", "period"].map(|column| (self.aggregate.from.clone(), Name::from(column))));
        reads
    }
}

/// Checks a sum over months.
pub(super) fn check(spec: &ToDateSpec, cx: &CheckCx<'_>) -> Result<Step, Vec<StepFault>> {
    let schema = schema_of(&["from"], &spec.from, cx).map_err(|one| vec![*one])?;
    let mut faults: Vec<StepFault> = check_reach(spec, cx).into_iter().collect();
    for column in ["store_id", "period"] {
        match column_of(&["from"], column, &spec.from, schema) {
            Ok(field) if field.ty == Type::text() => {}
            Ok(_) => {
                let message = format!("`{column}` of `{}` does not say the {column} of a row", spec.from);
                let hint = "read `<dataset>.history`, or a step that kept its `store_id` and `period`";
                faults.push(fault(&["from"], Fault::new(BAD_KEY, 0..spec.from.len(), message).hint(hint)));
            }
            Err(one) => faults.push(*one),
        }
    }
    if let Some(at) = spec.keys.iter().position(|key| key == "period") {
        let message = "the months of a span are summed and cannot be kept apart";
        let hint = "take `period` away, or use an `aggregate`";
        let wrong = Fault::new(BAD_KEY, 0.."period".len(), message).hint(hint);
        faults.push(fault(&["keys", &at.to_string()], wrong));
    }
    if spec.keys.is_empty() {
        let message = "a sum over months needs at least one key";
        let hint = "write `keys: [store_id]`, or whatever the sums are for";
        faults.push(fault(&["keys"], Fault::new(SETTING_MISSING, 0..0, message).hint(hint)));
    }
    let keys = check_groups(&spec.keys, &Side { name: &spec.from, schema }).map_err(|more| faults.extend(more));
    let existing = Schema { fields: spec.keys.iter().filter_map(|name| schema.get(name)).cloned().collect() };
    let what = format!("`{}`", spec.from);
    let rows = Scope { columns: schema, each: None, params: cx.params, aggregates: false, what: &what };
    let condition = spec.condition.as_deref().map(|text| check_condition(&["where"], text, &rows)).transpose();
    let condition = condition.map_err(|more| faults.extend(more));
    let columns = check_columns(&spec.columns, &Scope { aggregates: true, ..rows }, &existing, cx);
    let columns = columns.map_err(|more| faults.extend(more));
    let (Ok(keys), Ok(condition), Ok(columns), true) = (keys, condition, columns, faults.is_empty()) else {
        return Err(faults);
    };
    let from = Name::from(spec.from.as_str());
    let mut origins: BTreeMap<_, _> = carried(&from, &existing);
    let mut made = existing;
    for Computed { field, expr } in &columns {
        made.set(field.clone());
        origins.insert(field.name.clone(), ColumnOrigin::Aggregated { expr: expr.clone(), frame: from.clone() });
    }
    let aggregate = Aggregate { from: from.clone(), each: None, by_store: false, keys, condition, columns };
    let gaps = spec.gaps.unwrap_or(Gaps::Exception);
    let kind = StepKind::ToDate(ToDate { aggregate, span: spec.span, gaps });
    Ok(Step { kind, inputs: vec![from], schema: made, origins })
}

/// Whether the months of the span are read at all.
fn check_reach(spec: &ToDateSpec, cx: &CheckCx<'_>) -> Option<StepFault> {
    let reach = spec.span.reach();
    let window = cx.frames.window(&spec.from);
    let short = |message: String, hint: String| {
        Some(fault(&["from"], Fault::new(SHORT_WINDOW, 0..spec.from.len(), message).hint(hint)))
    };
    match window {
        _ if reach == 0 => None,
        Some(window) if window >= reach => None,
        Some(window) => {
            let months = if window == 1 { "1 month".to_owned() } else { format!("{window} months") };
            let message = format!("`{}` reaches back {months}, a {} needs {reach}", spec.from, spec.span);
            short(message, format!("write `window: {reach}` in the file of the dataset"))
        }
        None => {
            let message =
                format!("`{}` holds the period alone, a {} needs {reach} months before it", spec.from, spec.span);
            short(message, "read `<dataset>.history`, or a step made from it".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_begins_with_its_first_month_and_ends_with_the_period() {
        let months = |span: Span, period: &str| -> Vec<String> {
            span.months(Period::parse(period).unwrap()).iter().map(ToString::to_string).collect()
        };
        assert_eq!(months(Span::Month, "2026-11"), ["2026-11"]);
        assert_eq!(months(Span::Quarter, "2026-10"), ["2026-10"]);
        assert_eq!(months(Span::Quarter, "2026-11"), ["2026-10", "2026-11"]);
        assert_eq!(months(Span::Quarter, "2026-03"), ["2026-01", "2026-02", "2026-03"]);
        assert_eq!(months(Span::Year, "2026-01"), ["2026-01"]);
        assert_eq!(months(Span::Year, "2026-12").len(), 12);
        for span in [Span::Month, Span::Quarter, Span::Year] {
            for month in 1..=12 {
                assert!(span.months(Period::new(2026, month).unwrap()).len() <= span.reach() + 1);
            }
        }
    }
}
