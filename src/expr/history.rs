//! What a parameter holds over time: a value from a day on, for all stores or for some of them.

use jiff::civil::Date;

use super::columns::epoch_days;
use super::types::Name;

/// Values with the day from which each holds; some of them for certain stores only.
///
/// A store takes its own newest value that holds on a day, or, where it has none, the newest general one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History<T> {
    entries: Vec<Entry<T>>,
}

/// One value of a [`History`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<T> {
    /// First day on which it holds.
    pub from: Date,
    /// The stores it is for; all of them where the list is empty.
    pub stores: Vec<Name>,
    /// The value.
    pub value: T,
    /// `from` as date columns count.
    days: i32,
}

impl<T> Entry<T> {
    /// A value that holds from a day on.
    pub fn new(from: Date, stores: Vec<Name>, value: T) -> Self {
        Self { from, stores, value, days: epoch_days(from) }
    }

    /// Whether the value is one store's own.
    pub fn is_own(&self, store: &str) -> bool {
        self.stores.iter().any(|own| **own == *store)
    }
}

impl<T> History<T> {
    /// A history of entries in any order.
    pub fn new(mut entries: Vec<Entry<T>>) -> Self {
        entries.sort_by_key(|entry| entry.from);
        Self { entries }
    }

    /// Whether the value depends on the store.
    pub fn by_store(&self) -> bool {
        self.entries.iter().any(|entry| !entry.stores.is_empty())
    }

    /// The entry that holds on a day, in a store where one is known.
    pub fn on(&self, day: Date, store: Option<&str>) -> Option<&Entry<T>> {
        self.on_day(epoch_days(day), store)
    }

    /// The same for a day as date columns count.
    pub fn on_day(&self, days: i32, store: Option<&str>) -> Option<&Entry<T>> {
        let held = || self.entries.iter().rev().filter(|entry| entry.days <= days);
        let own = store.and_then(|store| held().find(|entry| entry.is_own(store)));
        own.or_else(|| held().find(|entry| entry.stores.is_empty()))
    }

    /// All entries, by date.
    pub fn iter(&self) -> impl Iterator<Item = &Entry<T>> {
        self.entries.iter()
    }

    /// The first day on which anything holds.
    pub fn first(&self) -> Option<Date> {
        self.entries.first().map(|entry| entry.from)
    }
}

/// A history as the rows of a frame choose from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<'a, T> {
    /// The values.
    pub history: &'a History<T>,
    /// The day that counts.
    pub day: DayOf,
}

/// Whose day chooses a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DayOf {
    /// The period's: this day, for all rows.
    Period(Date),
    /// Each row's own, in this column.
    Column(Name),
}

impl<'a, T> Dated<'a, T> {
    /// The entry that holds for all rows; absent where the rows choose, or none holds.
    pub fn for_all_rows(&self) -> Option<&'a Entry<T>> {
        match self.day {
            DayOf::Period(day) if !self.history.by_store() => self.history.on(day, None),
            _ => None,
        }
    }

    /// The entry for a row; `own_day` is the row's date where a column chooses.
    pub fn for_row(&self, own_day: Option<Date>, store: Option<&str>) -> Option<&'a Entry<T>> {
        let day = match self.day {
            DayOf::Period(day) => Some(day),
            DayOf::Column(_) => own_day,
        };
        self.history.on(day?, store)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn history(entries: &[(&str, &[&str], i32)]) -> History<i32> {
        let entry = |(from, stores, value): &(&str, &[&str], i32)| {
            let stores = stores.iter().map(|store| Arc::from(*store)).collect();
            Entry::new(from.parse().unwrap(), stores, *value)
        };
        History::new(entries.iter().map(entry).collect())
    }

    fn on(history: &History<i32>, day: &str, store: Option<&str>) -> Option<i32> {
        history.on(day.parse().unwrap(), store).map(|entry| entry.value)
    }

    #[test]
    fn a_value_holds_from_its_day_until_the_next() {
        let history = history(&[("2026-02-01", &[], 2), ("2026-01-01", &[], 1)]);
        assert_eq!(on(&history, "2025-12-31", None), None);
        assert_eq!(on(&history, "2026-01-01", None), Some(1));
        assert_eq!(on(&history, "2026-01-31", Some("S01")), Some(1));
        assert_eq!(on(&history, "2026-02-01", Some("S01")), Some(2));
        assert!(!history.by_store());
    }

    #[test]
    fn a_stores_own_value_goes_before_a_newer_general_one() {
        let history = history(&[("2026-01-01", &[], 1), ("2026-02-01", &["S02", "S03"], 2), ("2026-03-01", &[], 3)]);
        assert!(history.by_store());
        assert_eq!(on(&history, "2026-01-31", Some("S02")), Some(1));
        assert_eq!(on(&history, "2026-02-01", Some("S02")), Some(2));
        assert_eq!(on(&history, "2026-03-01", Some("S02")), Some(2));
        assert_eq!(on(&history, "2026-03-01", Some("S03")), Some(2));
        assert_eq!(on(&history, "2026-03-01", Some("S01")), Some(3));
    }

    #[test]
    fn a_store_without_a_value_has_none() {
        let history = history(&[("2026-01-01", &["S02"], 1)]);
        assert_eq!(on(&history, "2026-01-01", Some("S01")), None);
        assert_eq!(on(&history, "2026-01-01", None), None);
    }
}
