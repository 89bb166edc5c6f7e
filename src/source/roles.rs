//! What columns are to their contract beside being read: key, control sum, date, interval, person.

use std::sync::Arc;

use crate::diag::nearest;
use crate::expr::types::Name;

use super::check::Faults;
use super::codes::{CONTRACT_ROLE, UNKNOWN_CONTRACT_COLUMN};
use super::contract::{CellType, Column};
use super::spec::DatasetSpec;

/// The columns that a contract gives a role to.
pub(super) struct Roles<'a> {
    /// The dataset file.
    pub(super) spec: &'a DatasetSpec,
    /// Its columns, as far as they could be checked.
    pub(super) columns: &'a [Column],
}

impl Roles<'_> {
    /// Index of a column; a finding where the file lists none of that name.
    pub(super) fn find(&self, path: &[&str], name: &str, faults: &mut Faults) -> Option<usize> {
        if self.spec.columns.get(name).is_none() {
            let hint = match nearest(name, self.spec.columns.keys()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "list it under `columns:`".to_owned(),
            };
            let message = format!("the contract has no column `{name}`");
            faults.value(path, name, UNKNOWN_CONTRACT_COLUMN, message, hint);
        }
        self.columns.iter().position(|column| &*column.name == name)
    }

    /// The key.
    pub(super) fn key(&self, faults: &mut Faults) -> Vec<usize> {
        if self.spec.key.is_empty() {
            faults.key(&["key"], CONTRACT_ROLE, "a dataset needs a key", "name the columns that tell its rows apart");
        }
        let mut key = Vec::new();
        for (position, name) in self.spec.key.iter().enumerate() {
            let path = ["key", &position.to_string()];
            let Some(index) = self.find(&path, name, faults) else { continue };
            if key.contains(&index) {
                faults.value(&path, name, CONTRACT_ROLE, format!("`{name}` stands in the key twice"), "write it once");
            }
            key.push(index);
        }
        key
    }

    /// The control column.
    pub(super) fn control(&self, faults: &mut Faults) -> Option<usize> {
        let name = self.spec.control.as_deref()?;
        let index = self.find(&["control"], name, faults)?;
        let column = self.columns.get(index)?;
        if !matches!(column.cell, CellType::Decimal { .. } | CellType::Int { .. }) {
            let message = format!("`{name}` is no number, so it has no sum");
            faults.value(&["control"], name, CONTRACT_ROLE, message, "name a money, decimal or int column");
        }
        Some(index)
    }

    /// The date that must lie in the period.
    pub(super) fn date(&self, key: &str, name: Option<&str>, faults: &mut Faults) -> Option<usize> {
        let name = name?;
        let index = self.find(&[key], name, faults)?;
        let dated = |column: &Column| matches!(column.cell, CellType::Date | CellType::DateTime { .. });
        if self.columns.get(index).is_some_and(|column| !dated(column)) {
            faults.value(&[key], name, CONTRACT_ROLE, format!("`{name}` is no date"), "name a date column");
        }
        Some(index)
    }

    /// First and last day of what a row describes.
    pub(super) fn interval(&self, faults: &mut Faults) -> Option<(Name, Name)> {
        let names = self.spec.interval.as_ref()?;
        let [first, last] = names.as_slice() else {
            let hint = "write `interval: [valid_from, valid_to]`";
            faults.key(&["interval"], CONTRACT_ROLE, "an interval has a first and a last day", hint);
            return None;
        };
        let mut day = |position: &str, name: &str, may_be_open: bool| {
            let path = ["interval", position];
            let index = self.find(&path, name, faults)?;
            let column = self.columns.get(index)?;
            if column.cell != CellType::Date {
                faults.value(&path, name, CONTRACT_ROLE, format!("`{name}` is no date"), "name a date column");
            } else if column.nullable && !may_be_open {
                let message = format!("`{name}` may be empty, but an interval needs its first day");
                faults.value(&path, name, CONTRACT_ROLE, message, "drop `nullable` from the column");
            }
            Some(Arc::clone(&column.name))
        };
        let first = day("0", first, false);
        let last = day("1", last, true);
        first.zip(last)
    }
}
