//! Parameters and moved dates: what is chosen or checked row by row.

use std::sync::Arc;

use jiff::civil::Date;
use polars::prelude::{Expr as Lazy, PolarsResult, Scalar, col, lit};

use super::Lowering;
use crate::expr::columns::{data_type, epoch_days, from_unscaled, number_scalar, to_unscaled};
use crate::expr::scope::Dated;
use crate::expr::types::Kind;
use crate::money::exact::Exact;
use crate::money::kernel::exact_column;

/// First and last day that a date may be moved to.
const CALENDAR: (Date, Date) = (Date::constant(1, 1, 1), Date::constant(9999, 12, 31));

impl Lowering<'_> {
    /// A parameter: one value for all rows, or the one that holds on the row's date.
    pub(super) fn param(&self, name: &str, kind: Kind) -> PolarsResult<Lazy> {
        match self.params.at(name) {
            Some(Dated::Period { value, .. }) => Ok(lit(number_scalar(value, kind)?)),
            Some(Dated::Column { column, values }) => self.param_by_date(name, &column, values, kind),
            None => {
                let cause: Arc<str> = Arc::from(format!("parameter `{name}` has no value in this period"));
                let nothing = lit(Scalar::null(data_type(kind)));
                Ok(self.function(vec![nothing], kind, move |inputs, len| {
                    let result = inputs.first().cloned().unwrap_or_default();
                    Ok((result, (0..len).map(|row| (row, cause.to_string())).collect()))
                }))
            }
        }
    }

    fn param_by_date(&self, name: &str, column: &str, values: &[(Date, Exact)], kind: Kind) -> PolarsResult<Lazy> {
        // Every value must fit the kind, used or not: a type that lies is an error at once.
        for (_, value) in values {
            number_scalar(value, kind)?;
        }
        let mut values: Vec<(i128, Date, Exact)> =
            values.iter().map(|(from, value)| (i128::from(epoch_days(*from)), *from, value.clone())).collect();
        values.sort_by_key(|(days, ..)| *days);
        let (name, by): (Arc<str>, Arc<str>) = (Arc::from(name), Arc::from(column));
        Ok(self.function(vec![col(column)], kind, move |inputs, _| {
            let dates = inputs.first().map(to_unscaled).transpose()?.unwrap_or_default();
            let mut faults = Vec::new();
            let mut chosen = Vec::with_capacity(dates.len());
            for (row, date) in dates.into_iter().enumerate() {
                let behind = date.map_or(0, |date| values.partition_point(|(from, ..)| *from <= date));
                let value = behind.checked_sub(1).and_then(|index| values.get(index)).map(|(.., value)| value);
                if value.is_none() {
                    faults.push((row, without_value(&name, &by, date, values.first().map(|(_, from, _)| *from))));
                }
                chosen.push(value);
            }
            let scale = match kind {
                Kind::Int => 0,
                Kind::Decimal { scale, .. } => scale,
                _ => return Ok((exact_column("", chosen.into_iter()), faults)),
            };
            let unscaled = chosen.into_iter().map(|value| value.and_then(|value| value.to_unscaled(scale))).collect();
            Ok((from_unscaled(unscaled, kind)?, faults))
        }))
    }

    /// A date moved by days; what leaves the calendar is a fault of the row.
    pub(super) fn shifted(&self, date: Lazy, days: Lazy) -> Lazy {
        let calendar = i128::from(epoch_days(CALENDAR.0))..=i128::from(epoch_days(CALENDAR.1));
        self.function(vec![date, days], Kind::Date, move |inputs, _| {
            let columns: Vec<Vec<Option<i128>>> = inputs.iter().map(to_unscaled).collect::<PolarsResult<_>>()?;
            let [dates, days] = columns.as_slice() else {
                return Ok((from_unscaled(Vec::new(), Kind::Date)?, Vec::new()));
            };
            let mut faults = Vec::new();
            let moved = dates.iter().zip(days).enumerate().map(|(row, (date, days))| {
                let moved = (*date)? + (*days)?;
                if calendar.contains(&moved) {
                    return Some(moved);
                }
                faults.push((row, "a date outside of the years 1 to 9999".to_owned()));
                None
            });
            let moved: Vec<Option<i128>> = moved.collect();
            Ok((from_unscaled(moved, Kind::Date)?, faults))
        })
    }
}

fn without_value(name: &str, by: &str, date: Option<i128>, first: Option<Date>) -> String {
    let day = |days: i128| {
        let span = i64::try_from(days).ok().map(|days| jiff::Span::new().try_days(days));
        span.and_then(Result::ok).and_then(|span| Date::constant(1970, 1, 1).checked_add(span).ok())
    };
    match (date.and_then(day), first) {
        (Some(date), Some(first)) => {
            format!("parameter `{name}` has no value on {date} (`{by}`): its first holds from {first}")
        }
        _ => format!("parameter `{name}` has no value: `{by}` is absent"),
    }
}
