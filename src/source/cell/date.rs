//! Days: written out, as the start of a timestamp, or as a spreadsheet's serial number.

use super::super::codes::{CELL_DATE, CELL_SERIAL_60};
use super::super::header::half_width;
use super::CellFault;
use super::number::shortest;
use super::text::visible;
use crate::diag::text::{Text, text};

/// From which day a workbook counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Epoch {
    /// 1900-01-01 is day 1, and a 29 February 1900 that never was is day 60.
    #[default]
    From1900,
    /// 1904-01-01 is day 0.
    From1904,
}

fn as_day() -> Text {
    text!("write the day as 2026-10-01")
}

/// Reads a day as days since 1970-01-01.
pub(super) fn parse(text: &str, epoch: Epoch) -> Result<i32, CellFault> {
    if let Some(day) = plain(text.as_bytes()) {
        return Ok(day);
    }
    let half: String = text.chars().map(half_width).collect();
    let half = half.trim();
    if let Some(serial) = serial(half) {
        return from_serial(serial, epoch);
    }
    let unread = || CellFault::new(CELL_DATE, text!("`{value}` is no day", value = visible(text)), as_day());
    let ((year, month, day), rest) = written(half).ok_or_else(unread)?;
    if !is_time(rest) {
        let message = text!("`{value}` has a day but no time that could be read", value = visible(text));
        return Err(CellFault::new(CELL_DATE, message, text!("write the time as 09:30:00, without time zone")));
    }
    days(year, month, day).ok_or_else(|| {
        let message = text!("`{value}` is no day of the calendar between 1900 and 9999", value = visible(text));
        CellFault::new(CELL_DATE, message, as_day())
    })
}

/// Reads a serial number as days since 1970-01-01.
pub(super) fn from_serial(value: f64, epoch: Epoch) -> Result<i32, CellFault> {
    // The last serial of a spreadsheet is 9999-12-31.
    if !(1.0..2_958_466.0).contains(&value) {
        let message = text!("the serial number {value} is no day", value = shortest(value));
        return Err(CellFault::new(CELL_DATE, message, as_day()));
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was just checked")]
    let serial = value.floor() as i32;
    match (epoch, serial) {
        (Epoch::From1904, _) => Ok(serial - 24_107),
        (Epoch::From1900, 60) => Err(CellFault::new(
            CELL_SERIAL_60,
            text!("the serial number 60 is 29 February 1900, a day that never was"),
            text!("enter the day that is meant"),
        )),
        (Epoch::From1900, ..60) => Ok(serial - 25_568),
        (Epoch::From1900, _) => Ok(serial - 25_569),
    }
}

/// `2026-10-01`, `2026/10/01`, with or without ` 12:34:56`, and `20261001`.
fn plain(text: &[u8]) -> Option<i32> {
    let (date, time) = match text {
        [date @ .., b' ', h1, h2, b':', m1, m2, b':', s1, s2] if date.len() == 10 => {
            (date, Some([h1, h2, m1, m2, s1, s2]))
        }
        _ => (text, None),
    };
    if let Some([h1, h2, m1, m2, s1, s2]) = time {
        let fits = two(*h1, *h2)? < 24 && two(*m1, *m2)? < 60 && two(*s1, *s2)? < 60;
        if !fits {
            return None;
        }
    }
    let (y, m, d) = match date {
        [y1, y2, y3, y4, a, m1, m2, b, d1, d2] if a == b && matches!(a, b'-' | b'/') => {
            ([*y1, *y2, *y3, *y4], [*m1, *m2], [*d1, *d2])
        }
        [y1, y2, y3, y4, m1, m2, d1, d2] => ([*y1, *y2, *y3, *y4], [*m1, *m2], [*d1, *d2]),
        _ => return None,
    };
    days(two(y[0], y[1])? * 100 + two(y[2], y[3])?, two(m[0], m[1])?, two(d[0], d[1])?)
}

fn two(tens: u8, ones: u8) -> Option<i32> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i32::from(tens - b'0') * 10 + i32::from(ones - b'0'))
}

/// At most five digits, perhaps with a fraction of a day.
pub(super) fn serial(text: &str) -> Option<f64> {
    if text.len() > 16 || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let fraction_is_digits = text.split_once('.').is_none_or(|(_, part)| !part.is_empty() && !part.contains('.'));
    (!whole.is_empty() && whole.len() <= 5 && fraction_is_digits).then(|| text.parse().ok()).flatten()
}

/// Year, month and day at the start of a text, and what follows them.
fn written(text: &str) -> Option<((i32, i32, i32), &str)> {
    let (year, rest) = digits(text)?;
    if year.len() == 8 || year.len() == 12 || year.len() == 14 {
        let day = (year.get(..4)?.parse().ok()?, year.get(4..6)?.parse().ok()?, year.get(6..8)?.parse().ok()?);
        let time = year.get(8..)?;
        let fits = time.is_empty()
            || (time.get(..2)? < "24"
                && time.get(2..4)? < "60"
                && time.get(4..).is_none_or(|s| s.is_empty() || s < "60"));
        return fits.then_some((day, rest));
    }
    if year.len() != 4 {
        return None;
    }
    let rest = rest.trim_start();
    let separator = rest.chars().next()?;
    let (second, last) = match separator {
        '-' | '/' | '.' => (separator, None),
        '年' => ('月', Some('日')),
        _ => return None,
    };
    let (month, rest) = digits(rest.strip_prefix(separator)?.trim_start())?;
    let (day, mut rest) = digits(rest.trim_start().strip_prefix(second)?.trim_start())?;
    if let Some(last) = last {
        rest = rest.trim_start().strip_prefix(last)?;
    }
    (month.len() <= 2 && day.len() <= 2)
        .then(|| Some(((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?), rest)))
        .flatten()
}

fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Nothing, or a time of the day.
fn is_time(text: &str) -> bool {
    let text = text.strip_prefix('T').unwrap_or(text).trim();
    if text.is_empty() {
        return true;
    }
    let parts: Vec<&str> = text.split(':').collect();
    let below = |part: &str, limit: u8| {
        (1..=2).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse::<u8>().is_ok_and(|value| value < limit)
    };
    let seconds = |part: &str| {
        let (whole, fraction) = part.split_once('.').unwrap_or((part, "0"));
        below(whole, 60) && !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit())
    };
    match parts.as_slice() {
        [h, m] => below(h, 24) && below(m, 60),
        [h, m, s] => below(h, 24) && below(m, 60) && seconds(s),
        _ => false,
    }
}

/// Days since 1970-01-01 of a day of the Gregorian calendar from 1900 to 9999.
fn days(year: i32, month: i32, day: i32) -> Option<i32> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1900..=9999).contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    // Years that start in March: the leap day is the last of its year.
    let (shifted, from_march) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400;
    Some(before + (153 * from_march + 2) / 5 + day - 1 - 719_468)
}

/// The month of a day, as months since the year 0.
pub(crate) fn month_of(day: i32) -> i32 {
    let shifted = day + 719_468;
    let century = shifted.div_euclid(146_097);
    let in_century = shifted.rem_euclid(146_097);
    let year = (in_century - in_century / 1_460 + in_century / 36_524 - in_century / 146_096) / 365;
    let in_year = in_century - (365 * year + year / 4 - year / 100);
    // Counted from March; January and February belong to the calendar year after.
    (century * 400 + year) * 12 + (5 * in_year + 2) / 153 + 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Date;

    fn day(text: &str) -> i32 {
        let date: Date = text.parse().unwrap();
        let epoch = Date::constant(1970, 1, 1);
        (date - epoch).get_days()
    }

    #[test]
    fn a_day_is_read_however_it_is_written() {
        for text in [
            "2026-10-01",
            "2026/10/1",
            "2026/10/01",
            "2026.10.1",
            "20261001",
            "2026年10月1日",
            "2026 年 10 月 1 日",
            "2026-10-01 23:59:59",
            "2026-10-01 9:05",
            "2026-10-01T00:00:00.000",
            "20261001235959",
            "202610012359",
            "２０２６－１０－０１",
            "2026年10月01日 08:30",
            "46296",
            "46296.99",
        ] {
            assert_eq!(parse(text, Epoch::From1900), Ok(day("2026-10-01")), "{text}");
        }
        assert_eq!(parse("9999-12-31", Epoch::From1900), Ok(day("9999-12-31")));
        assert_eq!(parse("2024-02-29", Epoch::From1900), Ok(day("2024-02-29")));
        assert_eq!(parse("1900-01-01", Epoch::From1900), Ok(day("1900-01-01")));
    }

    #[test]
    fn what_is_no_day_is_a_fault() {
        for text in [
            "",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-10-32",
            "26-10-01",
            "10/1/2026",
            "2026-10/01",
            "2026-10",
            "2026年10月",
            "0202-10-01",
            "1899-12-31",
            "2026-10-01 24:00:00",
            "2026-10-01 12:60",
            "2026-10-01+08:00",
            "2026-10-01 12:00:00Z",
            "今天",
            "123456",
            "1234567",
            "20261301",
            "20261001250000",
            "0",
            "2026-10-01 下午3:00",
            "46296.",
            "4.6.1",
            "-1",
        ] {
            assert_eq!(parse(text, Epoch::From1900).map_err(|fault| fault.code), Err(CELL_DATE), "{text}");
        }
    }

    #[test]
    fn serials_count_from_the_epoch_of_the_workbook_and_sixty_is_no_day() {
        for (serial, epoch, text) in [
            (1.0, Epoch::From1900, "1900-01-01"),
            (59.0, Epoch::From1900, "1900-02-28"),
            (61.0, Epoch::From1900, "1900-03-01"),
            (46_296.75, Epoch::From1900, "2026-10-01"),
            (2_958_465.0, Epoch::From1900, "9999-12-31"),
            (60.0, Epoch::From1904, "1904-03-01"),
            (44_834.0, Epoch::From1904, "2026-10-01"),
        ] {
            assert_eq!(from_serial(serial, epoch), Ok(day(text)), "{serial}");
        }
        assert_eq!(from_serial(60.5, Epoch::From1900).map_err(|fault| fault.code), Err(CELL_SERIAL_60));
        assert_eq!(parse("60", Epoch::From1900).map_err(|fault| fault.code), Err(CELL_SERIAL_60));
        for bad in [0.0, 0.5, -1.0, 2_958_466.0, f64::NAN, f64::INFINITY] {
            assert_eq!(from_serial(bad, Epoch::From1900).map_err(|fault| fault.code), Err(CELL_DATE), "{bad}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_has_its_number() {
        let mut date = Date::constant(1900, 1, 1);
        let mut number = day("1900-01-01");
        while date.year() < 2301 {
            let (y, m, d) = (i32::from(date.year()), i32::from(date.month()), i32::from(date.day()));
            assert_eq!(days(y, m, d), Some(number), "{date}");
            assert_eq!(month_of(number), y * 12 + m - 1, "{date}");
            date = date.tomorrow().unwrap();
            number += 1;
        }
    }
}
