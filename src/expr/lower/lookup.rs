//! Parameters and moved dates: what is chosen or checked row by row.

use std::sync::Arc;

use jiff::civil::Date;
use polars::prelude::{
    Column, Expr as Lazy, IntoColumn, NewChunkedArray, PlSmallStr, PolarsResult, Scalar, StringChunked, col, lit,
};

use super::Lowering;
use crate::diag::text::{Text, text};
use crate::expr::clock;
use crate::expr::columns::{data_type, epoch_days, from_unscaled, number_scalar, to_unscaled};
use crate::expr::history::{Dated, DayOf, History};
use crate::expr::scope::{ParamValue, STORE};
use crate::expr::types::Kind;
use crate::money::kernel::exact_column;

/// First and last day that a date may be moved to.
const CALENDAR: (Date, Date) = (Date::constant(1, 1, 1), Date::constant(9999, 12, 31));

impl Lowering<'_> {
    /// A parameter: one value for all rows, or the one that the row's date and store choose.
    pub(super) fn param(&self, name: &str, kind: Kind) -> PolarsResult<Lazy> {
        let Some(dated) = self.params.at(name) else {
            let nothing = History::new(Vec::new());
            return self.chosen(name, &Dated { history: &nothing, day: DayOf::Period(self.period.first) }, kind);
        };
        match dated.for_all_rows() {
            Some(entry) => Ok(lit(scalar(&entry.value, kind)?)),
            None => self.chosen(name, &dated, kind),
        }
    }

    fn chosen(&self, name: &str, dated: &Dated<'_, ParamValue>, kind: Kind) -> PolarsResult<Lazy> {
        // Every value must fit the kind, used or not: a type that lies is an error at once.
        for entry in dated.history.iter() {
            scalar(&entry.value, kind)?;
        }
        let (name, history): (Arc<str>, _) = (Arc::from(name), dated.history.clone());
        let mut inputs = Vec::new();
        let day = dated.day.clone();
        if let DayOf::Column(column) = &day {
            inputs.push(col(&**column));
        }
        let by_store = history.by_store();
        if by_store {
            inputs.push(col(STORE));
        }
        Ok(self.function(inputs, kind, move |inputs, len| {
            let mut inputs = inputs.iter();
            let dates = match day {
                DayOf::Period(day) => vec![Some(i128::from(epoch_days(day))); len],
                DayOf::Column(_) => inputs.next().map(to_unscaled).transpose()?.unwrap_or_default(),
            };
            let stores = if by_store { inputs.next() } else { None };
            let stores = stores.map(|stores| stores.as_materialized_series().str()).transpose()?;
            let mut faults = Vec::new();
            let mut chosen = Vec::with_capacity(len);
            for (row, date) in dates.into_iter().enumerate() {
                let store = stores.and_then(|stores| stores.get(row));
                let days = date.and_then(|date| i32::try_from(date).ok());
                let entry = days.and_then(|days| history.on_day(days, store));
                if entry.is_none() {
                    faults.push((row, without_value(&name, &day, date, store, history.first())));
                }
                chosen.push(entry.map(|entry| &entry.value));
            }
            Ok((column(&chosen, kind)?, faults))
        }))
    }

    /// The day of a moment.
    pub(super) fn day_of(&self, moment: Lazy) -> Lazy {
        self.function(vec![moment], Kind::Date, move |inputs, _| {
            let moments = inputs.first().map(to_unscaled).transpose()?.unwrap_or_default();
            let day = |moment: Option<i128>| moment.map(|moment| moment.div_euclid(i128::from(clock::DAY)));
            Ok((from_unscaled(moments.into_iter().map(day).collect(), Kind::Date)?, Vec::new()))
        })
    }

    /// Microseconds from one moment to another.
    pub(super) fn micros_between(&self, from: Lazy, to: Lazy) -> Lazy {
        self.function(vec![from, to], Kind::Int, move |inputs, _| {
            let columns: Vec<Vec<Option<i128>>> = inputs.iter().map(to_unscaled).collect::<PolarsResult<_>>()?;
            let [from, to] = columns.as_slice() else { return Ok((from_unscaled(Vec::new(), Kind::Int)?, Vec::new())) };
            let micros = from.iter().zip(to).map(|(from, to)| Some((*to)? - (*from)?));
            Ok((from_unscaled(micros.collect(), Kind::Int)?, Vec::new()))
        })
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
                faults.push((row, text!("a date outside of the years 1 to 9999")));
                None
            });
            let moved: Vec<Option<i128>> = moved.collect();
            Ok((from_unscaled(moved, Kind::Date)?, faults))
        })
    }
}

/// A parameter's value for all rows.
fn scalar(value: &ParamValue, kind: Kind) -> PolarsResult<Scalar> {
    match value {
        ParamValue::Number(number) => number_scalar(number, kind),
        ParamValue::Choice(choice) => Ok(Scalar::from(PlSmallStr::from_str(choice))),
        ParamValue::Nothing => Ok(Scalar::null(data_type(kind))),
    }
}

/// The values that rows have chosen, as a column of the parameter's kind.
fn column(chosen: &[Option<&ParamValue>], kind: Kind) -> PolarsResult<Column> {
    let numbers = || chosen.iter().map(|value| value.and_then(ParamValue::number));
    let scale = match kind {
        Kind::Int => 0,
        Kind::Decimal { scale, .. } => scale,
        Kind::Exact => return Ok(exact_column("", numbers())),
        _ => {
            let choice = |value: Option<&ParamValue>| match value {
                Some(ParamValue::Choice(choice)) => Some(choice.to_string()),
                _ => None,
            };
            return Ok(
                StringChunked::from_iter_options(PlSmallStr::EMPTY, chosen.iter().copied().map(choice)).into_column()
            );
        }
    };
    from_unscaled(numbers().map(|number| number.and_then(|number| number.to_unscaled(scale))).collect(), kind)
}

fn without_value(name: &str, by: &DayOf, date: Option<i128>, store: Option<&str>, first: Option<Date>) -> Text {
    let day = |days: i128| {
        let span = i64::try_from(days).ok().map(|days| jiff::Span::new().try_days(days));
        span.and_then(Result::ok).and_then(|span| Date::constant(1970, 1, 1).checked_add(span).ok())
    };
    let store = store.map_or(Text::none(), |store| text!(" in store `{store}`", store));
    match (by, date.and_then(day), first) {
        (_, Some(date), None) => text!("parameter `{name}` has no value on {date}", name, date),
        (DayOf::Column(by), Some(date), Some(first)) => {
            text!(
                "parameter `{name}` has no value on {date} (`{by}`){store}: its first holds from {first}",
                name,
                date,
                by = Text::column(by),
                store,
                first
            )
        }
        (DayOf::Period(_), Some(date), Some(_)) => {
            text!("parameter `{name}` has no value on {date}{store}", name, date, store)
        }
        (DayOf::Column(by), None, _) => {
            text!("parameter `{name}` has no value: `{by}` is absent", name, by = Text::column(by))
        }
        (DayOf::Period(_), None, _) => text!("parameter `{name}` has no value in this period", name),
    }
}
