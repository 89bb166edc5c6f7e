//! Printed tables among the parameters: found by name, and which version of one a row takes.

use polars::prelude::*;

use super::columns::{fault, name_hint};
use super::matching::{day, days};
use super::output::{StepError, StepFault};
use crate::diag::{Code, Fault};
use crate::expr::codes::PARAMETER_STORE;
use crate::expr::types::{Kind, Name, Schema, Type};
use crate::expr::{Dated, DayOf, Entry, History, STORE};

/// The table that a step names as `param.NAME`.
pub(super) fn named<T>(
    key: &str,
    (what, code): (&str, Code),
    written: &str,
    names: &[String],
    found: impl Fn(&str) -> Option<T>,
) -> Result<(Name, T), Box<StepFault>> {
    let name = written.strip_prefix("param.").unwrap_or(written);
    match found(name) {
        Some(table) if name.len() < written.len() => Ok((Name::from(name), table)),
        table => {
            let hint = match table {
                Some(_) => format!("write `param.{name}`"),
                None => name_hint(name, names.iter().map(String::as_str)),
            };
            let message = format!("no {what} `{written}`");
            Err(Box::new(fault(&[key], Fault::new(code, 0..written.len(), message).hint(hint))))
        }
    }
}

/// How rows choose a version of a table.
#[derive(Clone, Copy)]
pub(super) struct Choice<'a> {
    /// Title of the table.
    pub label: &'a str,
    /// The date column; absent where the period chooses.
    pub dated_by: Option<&'a Name>,
    /// Whether they choose by their store too.
    pub by_store: bool,
}

impl Choice<'_> {
    /// The columns by which they choose.
    pub(super) fn columns(self) -> Vec<Name> {
        self.dated_by.cloned().into_iter().chain(self.by_store.then(|| Name::from(STORE))).collect()
    }

    /// What the rows lack to choose, at the key that names the table.
    pub(super) fn check(self, key: &str, code: Code, schema: &Schema) -> Option<StepFault> {
        let label = self.label;
        if self.by_store && schema.get(STORE).is_none_or(|field| field.ty != Type::text()) {
            let message = format!("{label} differs by store, and the rows have no `{STORE}`");
            let hint = "keep `store_id` among the keys or columns of the step before";
            return Some(fault(&[key], Fault::new(PARAMETER_STORE, 0..0, message).hint(hint)));
        }
        let date = self.dated_by?;
        let message = match schema.get(date) {
            Some(field) if field.ty.kind == Kind::Date && !field.ty.nullable => return None,
            Some(_) => format!("{label} is dated by `{date}`, which is not a date that is always present"),
            None => format!("{label} is dated by `{date}`, which the rows do not have"),
        };
        Some(fault(&[key], Fault::new(code, 0..0, message).hint("bring the date to the rows first")))
    }
}

/// The versions of a table as the rows of a frame take them.
pub(super) struct Versions<'a, T> {
    history: &'a History<T>,
    days: Vec<Option<i32>>,
    stores: Option<StringChunked>,
}

impl<'a, T> Versions<'a, T> {
    /// Reads what the rows choose by.
    pub(super) fn of(dated: &Dated<'a, T>, rows: &DataFrame) -> Result<Self, StepError> {
        let days = match &dated.day {
            DayOf::Period(first) => vec![Some(day(*first)); rows.height()],
            DayOf::Column(column) => days(rows.column(column)?)?,
        };
        let by_store = dated.history.by_store();
        let stores = if by_store { Some(rows.column(STORE)?.as_materialized_series().str()?.clone()) } else { None };
        Ok(Self { history: dated.history, days, stores })
    }

    /// The version of a row; none where nothing holds on its day.
    pub(super) fn of_row(&self, row: usize) -> Option<&'a Entry<T>> {
        let store = self.stores.as_ref().and_then(|stores| stores.get(row));
        self.history.on_day(self.days.get(row).copied().flatten()?, store)
    }
}
