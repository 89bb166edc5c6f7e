//! A figure of each store through twelve months, beside the same months of the year before: those of the period and of
//! the month before as computed, those before as they were published.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::spec::{Format, TrendSpec};
use super::Context;
use super::cells::{self, NOTHING};
use super::group::store_name;
use crate::money::{Exact, show};
use crate::run::figures;
use crate::run::outcome::Period;

/// Months of a trend, the period's own the last.
const MONTHS: usize = 12;

/// One row for each store, one figure for each month; what was not published is absent, and so are the months before
/// the first of which anything is known.
pub(super) fn trend(cx: Context<'_>, spec: &TrendSpec) -> Value {
    let computed = figures::of(cx.outcome);
    let read = |column: &str| -> BTreeMap<(String, Period), Decimal> {
        let place = (spec.frame.clone(), column.to_owned());
        let mut values = computed.get(&place).cloned().unwrap_or_default();
        // What was published stands: it is what people have seen of the month.
        values.extend(cx.outcome.earlier.get(&place).into_iter().flatten().map(|(at, value)| (at.clone(), *value)));
        values
    };
    let (over, under) = (read(&spec.column), spec.by.as_deref().map(read));
    let mut months: Vec<Period> =
        std::iter::successors(Some(cx.outcome.period), |month| Some(month.previous())).take(MONTHS).collect();
    months.reverse();
    let value = |store: &str, month: Period| -> Option<Exact> {
        let at = (store.to_owned(), month);
        let value = Exact::from_decimal(*over.get(&at)?);
        match &under {
            Some(under) => value.div(&Exact::from_decimal(*under.get(&at)?)),
            None => Some(value),
        }
    };
    let format = spec.format.unwrap_or(Format::Decimal);
    let stores: Vec<&str> = cx.outcome.stores.iter().map(|store| store.store_id.as_str()).collect();
    let pair = |store: &str, month: Period| [value(store, month), value(store, a_year_before(month))];
    let known = |month: &Period| stores.iter().any(|store| pair(store, *month).iter().any(Option::is_some));
    let first = months.iter().position(known).unwrap_or(months.len());
    let months = months.split_off(first);
    let rows: Vec<Value> = stores
        .iter()
        .map(|store| {
            let pairs: Vec<[Option<Exact>; 2]> = months.iter().map(|month| pair(store, *month)).collect();
            let greatest = pairs.iter().flatten().flatten().max().cloned().unwrap_or_else(Exact::zero);
            let share = |value: &Option<Exact>| {
                let share = value.as_ref().and_then(|value| value.div(&greatest)).filter(|share| !share.is_negative());
                share.map_or_else(|| "0".to_owned(), |share| show::fixed(&share, 4))
            };
            let text = |value: &Option<Exact>, nothing: &str| {
                value.as_ref().map_or_else(|| nothing.to_owned(), |value| cells::written_number(value, format))
            };
            let cells = pairs.iter().map(|[now, year_before]| {
                json!({
                    "text": text(now, NOTHING),
                    "share": share(now),
                    "second": text(year_before, ""),
                    "second_share": share(year_before),
                })
            });
            json!({ "name": store_name(cx, store), "cells": cells.collect::<Vec<_>>() })
        })
        .collect();
    let heads: Vec<String> =
        months.iter().map(|month| format!("{:02}-{:02}", month.year() % 100, month.month())).collect();
    json!({ "heads": heads, "rows": rows })
}

/// The same month of the year before.
fn a_year_before(month: Period) -> Period {
    (0..MONTHS).fold(month, |month, _| month.previous())
}
