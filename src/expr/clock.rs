//! Moments: a day and a time of day as a clock on the wall shows them, without a time zone.
//!
//! A column holds them as microseconds since 1970-01-01 00:00, of `Datetime`; so the time between two of them is a
//! whole number, and minutes and hours of it are exact fractions.

use jiff::civil::{Date, DateTime};
use polars::prelude::{DataType, TimeUnit};

/// Microseconds of a day.
pub const DAY: i64 = 24 * 60 * 60 * 1_000_000;
/// Microseconds of a second.
pub const SECOND: i64 = 1_000_000;
/// Most digits of a fraction of a second.
pub const FRACTION: usize = 6;
/// How a column counts moments.
pub const UNIT: TimeUnit = TimeUnit::Microseconds;
/// The first moment of the count.
const EPOCH: DateTime = Date::constant(1970, 1, 1).at(0, 0, 0, 0);

/// The column type of moments.
pub(super) const fn data_type() -> DataType {
    DataType::Datetime(UNIT, None)
}

/// A moment as columns count it.
pub fn micros(moment: DateTime) -> i64 {
    // Every moment of the calendar lies within 2^59 microseconds of the first.
    i64::try_from(moment.duration_since(EPOCH).as_micros()).unwrap_or(i64::MAX)
}

/// The moment of a count; absent outside of the calendar.
pub fn moment(micros: i64) -> Option<DateTime> {
    EPOCH.checked_add(jiff::SignedDuration::from_micros(micros)).ok()
}

/// A moment as people write it: `2026-10-03 09:12:45`, with a fraction of a second where it has one.
pub fn show(moment: DateTime) -> String {
    moment.to_string().replacen('T', " ", 1)
}

/// Reads `2026-10-03 09:12:45`; the seconds may be missing, and have a fraction.
pub fn read(text: &str) -> Option<DateTime> {
    let (day, time) = text.split_once([' ', 'T'])?;
    let numbers = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = day.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let fits = year.len() == 4 && month.len() == 2 && day.len() == 2 && [year, month, day].iter().all(|x| numbers(x));
    let day = fits.then(|| Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()).flatten()?;
    moment(micros(day.at(0, 0, 0, 0)) + time_of_day(time)?)
}

/// Microseconds from midnight to `9:12`, `09:12:45` or `09:12:45.5`; absent where the text is no time of a day.
pub fn time_of_day(text: &str) -> Option<i64> {
    let below = |part: &str, limit: i64| {
        let plain = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse::<i64>().ok()).flatten().filter(|value| *value < limit)
    };
    let (clock, fraction) = text.split_once('.').map_or((text, ""), |(clock, fraction)| (clock, fraction));
    let parts: Vec<&str> = clock.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] if !text.contains('.') => (hour, minute, "0"),
        [hour, minute, second] => (hour, minute, *second),
        _ => return None,
    };
    let whole = (below(hour, 24)? * 60 + below(minute, 60)?) * 60 + below(second, 60)?;
    Some(whole * SECOND + fraction_of_second(fraction, text.contains('.'))?)
}

/// Microseconds of the digits behind the point; more digits than a column holds must be zeros.
fn fraction_of_second(digits: &str, written: bool) -> Option<i64> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.is_empty() != written;
    let (held, beyond) = digits.split_at(digits.len().min(FRACTION));
    if !plain || beyond.bytes().any(|byte| byte != b'0') {
        return None;
    }
    format!("{held:0<FRACTION$}").parse().ok()
}

/// What the time between two moments is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Elapsed {
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
}

impl Elapsed {
    /// All of them.
    pub(super) const ALL: [Self; 2] = [Self::Minutes, Self::Hours];

    /// The function that counts it.
    pub(super) const fn function(self) -> &'static str {
        match self {
            Self::Minutes => "MINUTES_BETWEEN",
            Self::Hours => "HOURS_BETWEEN",
        }
    }

    /// Its unit.
    pub(super) const fn unit(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Hours => "hours",
        }
    }

    /// What people call it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Minutes => "相隔分钟",
            Self::Hours => "相隔小时",
        }
    }

    /// How many microseconds make one.
    pub(super) const fn micros(self) -> i64 {
        match self {
            Self::Minutes => 60 * SECOND,
            Self::Hours => 3600 * SECOND,
        }
    }
}

/// How the time between two columns is asked for, as a hint says it.
pub(super) fn between_hint(from: &str, to: &str) -> String {
    format!("write `MINUTES_BETWEEN({from}, {to})` or `HOURS_BETWEEN({from}, {to})`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_as_it_is_read() {
        for text in ["2026-10-03 09:12:45", "2026-10-03 00:00:00", "1900-01-01 23:59:59.25", "9999-12-31 23:59:59"] {
            assert_eq!(read(text).map(show).as_deref(), Some(text));
            assert_eq!(read(text).and_then(|read| moment(micros(read))), read(text), "{text}");
        }
        assert_eq!(read("2026-10-03T9:12").map(show).as_deref(), Some("2026-10-03 09:12:00"));
        assert_eq!(read("2026-10-03 09:12:45.1234560").map(micros), read("2026-10-03 09:12:45.123456").map(micros));
    }

    #[test]
    fn what_is_no_moment_is_not_read() {
        for text in [
            "2026-10-03",
            "2026-10-03 ",
            "2026-02-29 09:00",
            "2026-10-03 24:00",
            "2026-10-03 09:60",
            "2026-10-03 09",
            "2026-10-03 09:12:60",
            "2026-10-03 09:12.5",
            "2026-10-03 09:12:45.",
            "2026-10-03 09:12:45.1234567",
            "2026-10-03 09:12:45Z",
            "2026-10-03 +9:12",
            "2026-10-3 09:12",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn days_before_1970_count_backwards() {
        assert_eq!(read("1969-12-31 23:59:59").map(micros), Some(-SECOND));
        assert_eq!(read("1970-01-02 00:00").map(micros), Some(DAY));
    }
}
