//! A calendar month, as `--period` and folder names write it.
//!
//! A [`Period`] holds a month that exists; every question about it (its days, its neighbours) has an answer.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A calendar month between 1900-01 and 2999-12.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    first: Date,
}

impl Period {
    /// The month of a year; `None` where there is no such month.
    pub fn new(year: i16, month: i8) -> Option<Self> {
        if !(1900..=2999).contains(&year) {
            return None;
        }
        Date::new(year, month, 1).ok().map(|first| Self { first })
    }

    /// Reads `2026-10`: four digits, a hyphen, two digits, nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?)
    }

    /// The month in which a day lies; `None` outside the years a period can have.
    pub fn of(day: Date) -> Option<Self> {
        Self::new(day.year(), day.month())
    }

    /// The month before the one in which a day lies.
    pub fn last_month(today: Date) -> Option<Self> {
        Self::of(today.first_of_month().saturating_sub(1.day()))
    }

    /// Year, four digits.
    pub fn year(self) -> i16 {
        self.first.year()
    }

    /// Month, 1 to 12.
    pub fn month(self) -> i8 {
        self.first.month()
    }

    /// First day.
    pub fn first_day(self) -> Date {
        self.first
    }

    /// Last day.
    pub fn last_day(self) -> Date {
        self.first.last_of_month()
    }

    /// How many days: 28 to 31.
    pub fn days(self) -> i8 {
        self.first.days_in_month()
    }

    /// Whether a day lies in the month.
    pub fn contains(self, day: Date) -> bool {
        self.first <= day && day <= self.last_day()
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        Self { first: self.first.saturating_sub(1.month()) }
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        Self { first: self.first.saturating_add(1.month()) }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:04}-{:02}", self.year(), self.month());
        f.pad(&text)
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is no month like 2026-10")))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn period(text: &str) -> Period {
        Period::parse(text).unwrap()
    }

    #[test]
    fn only_a_year_and_a_month_that_exist_are_a_period() {
        for text in ["2026-13", "2026-00", "2026-1", "26-10", "2026-010", "2026/10", "2026-10-01", "+026-10", "", "-"] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
        assert_eq!(Period::parse("1899-12"), None);
        assert_eq!(Period::parse("3000-01"), None);
        assert_eq!(period("2026-10").to_string(), "2026-10");
    }

    #[test]
    fn february_of_a_leap_year_has_29_days() {
        assert_eq!((period("2028-02").days(), period("2028-02").last_day()), (29, date(2028, 2, 29)));
        assert_eq!((period("2100-02").days(), period("2026-02").days()), (28, 28));
    }

    #[test]
    fn neighbours_cross_the_year() {
        assert_eq!(period("2026-01").previous(), period("2025-12"));
        assert_eq!(period("2026-12").next(), period("2027-01"));
    }

    #[test]
    fn last_month_of_the_31st_and_of_the_first_of_january() {
        assert_eq!(Period::last_month(date(2026, 10, 31)), Some(period("2026-09")));
        assert_eq!(Period::last_month(date(2026, 1, 1)), Some(period("2025-12")));
        assert_eq!(Period::last_month(date(2028, 3, 31)), Some(period("2028-02")));
    }

    #[test]
    fn first_and_last_day_lie_inside_and_their_neighbours_do_not() {
        let october = period("2026-10");
        assert!(october.contains(date(2026, 10, 1)) && october.contains(date(2026, 10, 31)));
        assert!(!october.contains(date(2026, 9, 30)) && !october.contains(date(2026, 11, 1)));
    }

    #[test]
    fn json_holds_it_as_text() {
        let json = serde_json::to_string(&period("2026-10")).unwrap();
        assert_eq!(json, "\"2026-10\"");
        assert_eq!(serde_json::from_str::<Period>(&json).unwrap(), period("2026-10"));
        assert!(serde_json::from_str::<Period>("\"2026-13\"").is_err());
    }
}
