//! A figure of each store through twelve months: those of the period and of the month before as computed, those before
//! as they were published.

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

/// One row for each store, one figure for each month; what was not published is absent.
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
    let row = |name: String, values: Vec<Option<Exact>>| {
        let greatest = values.iter().flatten().max().cloned().unwrap_or_else(Exact::zero);
        let cells: Vec<Value> = values
            .iter()
            .map(|value| {
                let share = value.as_ref().and_then(|value| value.div(&greatest)).filter(|share| !share.is_negative());
                json!({
                    "text": value.as_ref().map_or_else(|| NOTHING.to_owned(), |value| cells::written_number(value, format)),
                    "share": share.map_or_else(|| "0".to_owned(), |share| show::fixed(&share, 4)),
                })
            })
            .collect();
        json!({ "name": name, "cells": cells })
    };
    let stores = cx.outcome.stores.iter().map(|store| store.store_id.as_str());
    let rows: Vec<Value> = stores
        .map(|store| row(store_name(cx, store), months.iter().map(|month| value(store, *month)).collect()))
        .collect();
    let heads: Vec<String> =
        months.iter().map(|month| format!("{:02}-{:02}", month.year() % 100, month.month())).collect();
    json!({ "heads": heads, "rows": rows })
}
