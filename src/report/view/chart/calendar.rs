//! A month as a field of days: a line for each week, Monday first.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use serde_json::json;

use super::super::cells::{self, NOTHING};
use super::{Chart, Context, Drawing, alt};
use crate::money::{Exact, show};

/// Keys of the words for the days of a week.
const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "monday"),
    (Weekday::Tuesday, "tuesday"),
    (Weekday::Wednesday, "wednesday"),
    (Weekday::Thursday, "thursday"),
    (Weekday::Friday, "friday"),
    (Weekday::Saturday, "saturday"),
    (Weekday::Sunday, "sunday"),
];

/// Every day of the month, the darker the greater its value is; a day without a row is empty.
pub(super) fn calendar(cx: Context<'_>, drawing: &Drawing) -> serde_json::Value {
    let values: BTreeMap<Date, &Exact> =
        drawing.marks.iter().filter_map(|mark| Some((mark.label.parse().ok()?, mark.value.as_ref()?))).collect();
    let greatest = values.values().copied().max().cloned().unwrap_or_else(Exact::zero);
    let level = |value: &Exact| {
        let share = value.div(&greatest).filter(|share| !share.is_negative());
        share.map_or_else(|| "0".to_owned(), |share| show::fixed(&share, 4))
    };
    let (first, last) = (cx.outcome.period.first_day(), cx.outcome.period.last_day());
    let mut weeks: Vec<(Date, Vec<serde_json::Value>)> = Vec::new();
    let mut day = first;
    while day <= last {
        let column = DAYS.iter().position(|(weekday, _)| *weekday == day.weekday()).unwrap_or_default();
        if weeks.is_empty() || column == 0 {
            weeks.push((day, vec![json!({ "text": "", "level": "" }); DAYS.len()]));
        }
        let cell = match values.get(&day) {
            Some(value) => json!({ "text": cells::written_number(value, drawing.format), "level": level(value) }),
            None => json!({ "text": NOTHING, "level": "" }),
        };
        if let Some(place) = weeks.last_mut().and_then(|(_, cells)| cells.get_mut(column)) {
            *place = cell;
        }
        match day.tomorrow() {
            Ok(next) => day = next,
            Err(_) => break,
        }
    }
    let rows = weeks.into_iter().map(|(from, cells)| {
        let label = cx.messages.fill("week_from", &[("day", &super::super::day_words(cx, from))]);
        json!({ "label": label, "cells": cells })
    });
    Chart {
        kind: drawing.kind.word(),
        alt: alt(cx, drawing),
        axis: drawing.axis.clone(),
        heads: DAYS.iter().map(|(_, key)| cx.messages.get(key).to_owned()).collect(),
        rows: rows.collect(),
        ..Chart::default()
    }
    .value()
}
