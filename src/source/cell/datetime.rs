//! Moments: a day with a time of the day, written out or as a spreadsheet's serial number.

use super::super::codes::CELL_DATETIME;
use super::super::header::half_width;
use super::CellFault;
use super::date::{self, Epoch};
use super::number::shortest;
use super::text::visible;
use crate::diag::text::text;
use crate::expr::clock;

/// Milliseconds of a day.
const MILLIS: i64 = 24 * 60 * 60 * 1000;
/// Decimals of a serial number that are looked at; no binary fraction of its size has more that mean anything.
const DECIMALS: usize = 17;

/// Reads a moment as microseconds since 1970-01-01 00:00; `bare` allows a day without a time, which is its midnight.
pub(super) fn parse(text: &str, bare: bool, epoch: Epoch) -> Result<i64, CellFault> {
    let half: String = text.chars().map(half_width).collect();
    let half = half.trim();
    if let Some(serial) = date::serial(half) {
        return from_serial(serial, bare, epoch);
    }
    let (day, time) = split(half);
    let day = i64::from(date::parse(day, epoch)?) * clock::DAY;
    if time.is_empty() {
        return if bare { Ok(day) } else { Err(without_time(text)) };
    }
    let time = time.replace(['时', '分'], ":");
    let time = time.trim_end_matches('秒').trim_end_matches(':');
    clock::time_of_day(time).map(|time| day + time).ok_or_else(|| {
        let message = text!("`{value}` has a day but no time that could be read", value = visible(text));
        CellFault::new(CELL_DATETIME, message, text!("write the time as 09:30:00, without time zone"))
    })
}

/// Reads a serial number as microseconds since 1970-01-01 00:00.
pub(super) fn from_serial(value: f64, bare: bool, epoch: Epoch) -> Result<i64, CellFault> {
    let day = i64::from(date::from_serial(value, epoch)?) * clock::DAY;
    let text = shortest(value);
    let (_, part) = text.split_once('.').unwrap_or((&text, ""));
    if part.is_empty() && !bare {
        return Err(without_time(&text));
    }
    Ok(day + millis(part) * 1000)
}

/// Milliseconds of a part of a day, given by its decimals and rounded: a serial number says no more.
fn millis(decimals: &str) -> i64 {
    let held = decimals.get(..DECIMALS).unwrap_or(decimals);
    let whole = u32::try_from(held.len()).ok().and_then(|places| 10_i128.checked_pow(places)).unwrap_or(1);
    let twice = 2 * held.parse::<i128>().unwrap_or(0) * i128::from(MILLIS) + whole;
    i64::try_from(twice.div_euclid(2 * whole)).unwrap_or(0)
}

/// What stands before and behind the day: `20261003091245`, `2026-10-03T09:12`, `2026年10月3日9:12`.
fn split(text: &str) -> (&str, std::borrow::Cow<'_, str>) {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if let (true, 12 | 14, Some((day, time))) = (digits, text.len(), text.split_at_checked(8)) {
        let mut clock = time.get(..2).unwrap_or_default().to_owned();
        for at in [2, 4] {
            if let Some(part) = time.get(at..at + 2) {
                clock.push(':');
                clock.push_str(part);
            }
        }
        return (day, clock.into());
    }
    let after_day = text.find('日').map(|at| at + '日'.len_utf8());
    let end = after_day.or_else(|| text.find(|c: char| c == 'T' || c.is_whitespace())).unwrap_or(text.len());
    let (day, time) = text.split_at_checked(end).unwrap_or((text, ""));
    (day.trim_end(), time.strip_prefix('T').unwrap_or(time).trim().into())
}

fn without_time(text: &str) -> CellFault {
    let message = text!("`{value}` is a day without a time", value = visible(text));
    let remedy = text!("export it with its time, or write `allow_date: true` in the contract");
    CellFault::new(CELL_DATETIME, message, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, &'static str> {
        let read = parse(text, false, Epoch::From1900);
        read.map(|micros| clock::moment(micros).map(clock::show).unwrap_or_default()).map_err(|fault| fault.code.id)
    }

    #[test]
    fn a_moment_is_read_however_it_is_written() {
        for text in [
            "2026-10-03 09:12:45",
            "2026/10/3 9:12:45",
            "2026.10.3 9:12:45",
            "2026-10-03T09:12:45",
            "2026-10-03T09:12:45.000",
            "2026-10-03  9:12:45.0000000",
            "2026年10月3日 9:12:45",
            "2026年10月3日9时12分45秒",
            "2026 年 10 月 3 日 9:12:45",
            "20261003 09:12:45",
            "20261003091245",
            "２０２６－１０－０３　０９：１２：４５",
            "46298.3838541667",
        ] {
            assert_eq!(shown(text).as_deref(), Ok("2026-10-03 09:12:45"), "{text}");
        }
        for text in ["2026-10-03 9:12", "2026/10/3 09:12", "202610030912", "2026年10月3日9时12分"] {
            assert_eq!(shown(text).as_deref(), Ok("2026-10-03 09:12:00"), "{text}");
        }
        assert_eq!(shown("2026-10-03 00:00:00").as_deref(), Ok("2026-10-03 00:00:00"));
        assert_eq!(shown("2026-10-03 09:12:45.250").as_deref(), Ok("2026-10-03 09:12:45.25"));
    }

    #[test]
    fn what_is_no_moment_is_a_fault() {
        for text in [
            "2026-10-03",
            "46298",
            "46298.0",
            "20261003",
            "2026年10月3日",
            "2026-10-03 24:00",
            "2026-10-03 9",
            "2026-10-03 9点",
            "2026-10-03 09:12:45Z",
            "2026-10-03 09:12:45+08:00",
            "2026-10-03 09:12:45.1234567",
            "2026-10-03 上午9:12",
            "202610032460",
        ] {
            assert_eq!(shown(text), Err("cell-datetime"), "{text}");
        }
        for text in ["2026-02-29 09:12", "09:12", "昨天 09:12", "26-10-03 09:12"] {
            assert_eq!(shown(text), Err("cell-date"), "{text}");
        }
    }

    #[test]
    fn a_day_is_its_midnight_where_the_contract_allows_it() {
        let bare = |text| parse(text, true, Epoch::From1900).map(|micros| micros / clock::DAY);
        assert_eq!(bare("2026-10-03"), Ok(20_729));
        assert_eq!(bare("46298"), Ok(20_729));
    }

    #[test]
    fn a_serial_number_says_milliseconds_and_counts_from_its_epoch() {
        let serial = |value, epoch| {
            let micros = from_serial(value, false, epoch).ok();
            micros.and_then(clock::moment).map(clock::show).unwrap_or_default()
        };
        assert_eq!(serial(46_298.5, Epoch::From1900), "2026-10-03 12:00:00");
        assert_eq!(serial(44_836.5, Epoch::From1904), "2026-10-03 12:00:00");
        assert_eq!(serial(46_298.999_999_999_9, Epoch::From1900), "2026-10-04 00:00:00");
        assert!(from_serial(60.5, false, Epoch::From1900).is_err());
    }
}
