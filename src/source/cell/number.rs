//! Numbers: money, decimals and whole numbers, exactly, from text and from the cells of a sheet.
//!
//! Text is read digit by digit; nothing passes through a binary fraction. A sheet stores numbers as binary
//! fractions, so the shortest decimal text that means the same fraction is read instead; where that has too
//! many decimals, the fifteen digits that a spreadsheet itself shows (the rest is noise of a formula).

use super::super::codes::{CELL_DECIMALS, CELL_DIGITS, CELL_GROUPING, CELL_LOST, CELL_NUMBER, CELL_SHOWN};
use super::super::header::half_width;
use super::text::visible;
use super::{CellFault, Shown};
use crate::diag::text::{Text, text};

fn in_digits() -> Text {
    text!("write it in digits, such as 1234.50")
}

/// Reads a number as a whole number of its last place.
pub(super) fn parse(text: &str, scale: u8, digits: u8) -> Result<i128, CellFault> {
    let value = match plain(text.as_bytes(), scale) {
        Some(value) => value,
        None => written(text, scale)?,
    };
    if value.unsigned_abs() < power(digits).unsigned_abs() {
        return Ok(value);
    }
    Err(too_long(text, digits))
}

/// A number without decimals as an `i64`.
pub(super) fn whole(value: i128) -> Result<i64, CellFault> {
    i64::try_from(value).map_err(|_| too_long(&value.to_string(), 18))
}

fn too_long(text: &str, digits: u8) -> CellFault {
    let message = text!("`{value}` has more than {digits} digits", value = visible(text), digits);
    CellFault::new(CELL_DIGITS, message, text!("mend the number, or raise `digits` in the contract"))
}

/// Ten to so many, up to 38.
fn power(exponent: u8) -> i128 {
    const POWERS: [i128; 39] = {
        let mut powers = [1; 39];
        let mut at = 1;
        while at < powers.len() {
            powers[at] = powers[at - 1] * 10;
            at += 1;
        }
        powers
    };
    POWERS.get(usize::from(exponent)).copied().unwrap_or(POWERS[38])
}

/// `-1234.5` and `1,234.5`: ASCII, at most 18 digits, no more decimals than asked for.
fn plain(text: &[u8], scale: u8) -> Option<i128> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if text.is_empty() || text.len() > 19 || !text.first()?.is_ascii_digit() || !text.last()?.is_ascii_digit() {
        return None;
    }
    let mut value: u64 = 0;
    let mut decimals: Option<u8> = None;
    // Digits since the start or the last comma, and whether there was a comma.
    let (mut run, mut grouped) = (0_u8, false);
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                value = value.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
                decimals = decimals.map(|count| count + 1);
                run += u8::from(decimals.is_none());
            }
            b'.' if decimals.is_none() => decimals = Some(0),
            b',' if decimals.is_none() && (if grouped { run == 3 } else { run <= 3 }) => {
                (run, grouped) = (0, true);
            }
            _ => return None,
        }
    }
    if grouped && run != 3 {
        return None;
    }
    let missing = scale.checked_sub(decimals.unwrap_or(0))?;
    let value = i128::from(value).checked_mul(power(missing))?;
    Some(if negative { -value } else { value })
}

/// A number as people and exports write it: full-width forms, thousands separators, currency signs, the
/// sign in front, behind, or as brackets.
fn written(text: &str, scale: u8) -> Result<i128, CellFault> {
    let half: String =
        text.chars().map(|c| if matches!(c, '\u{2212}' | '\u{fe63}') { '-' } else { half_width(c) }).collect();
    let unread = || CellFault::new(CELL_NUMBER, text!("`{value}` is no number", value = visible(text)), in_digits());
    let (negative, body) = sign_and_body(&half).ok_or_else(unread)?;
    let (whole, decimals) = body.split_once('.').unwrap_or((body, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if body.ends_with('.') || !is_digits(decimals) || (whole.is_empty() && decimals.is_empty()) {
        return Err(unread());
    }
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    if !whole.split(',').all(is_digits) {
        return Err(unread());
    }
    let grouped = whole.contains(',');
    if grouped && (!(1..=3).contains(&first.len()) || groups.any(|group| group.len() != 3)) {
        let message = text!("`{value}` does not separate thousands", value = visible(text));
        let remedy = text!("a comma belongs before every three digits; a decimal point is `.`");
        return Err(CellFault::new(CELL_GROUPING, message, remedy));
    }
    let kept = decimals.trim_end_matches('0');
    if kept.len() > usize::from(scale) {
        let (value, decimals) = (visible(text), kept.len());
        let message = text!("`{value}` has {decimals} decimals, {scale} are allowed", value, decimals, scale);
        return Err(CellFault::new(
            CELL_DECIMALS,
            message,
            text!("round it at its origin, where it can be decided how"),
        ));
    }
    let zeros = usize::from(scale) - kept.len();
    let digits = whole.bytes().filter(u8::is_ascii_digit).chain(kept.bytes()).chain(std::iter::repeat_n(b'0', zeros));
    let value = digits
        .map(|byte| i128::from(byte - b'0'))
        .try_fold(0_i128, |value, digit| value.checked_mul(10)?.checked_add(digit));
    let value = value.ok_or_else(|| too_long(text, 38))?;
    Ok(if negative { -value } else { value })
}

/// Takes sign, brackets and currency off; `None` where two of them contradict or repeat.
fn sign_and_body(text: &str) -> Option<(bool, &str)> {
    let mut rest = text.trim();
    let mut sign: Option<bool> = None;
    let mut currency = false;
    if let Some(inner) = rest.strip_prefix('(') {
        rest = inner.strip_suffix(')')?.trim();
        sign = Some(true);
    }
    loop {
        let first = rest.chars().next()?;
        match first {
            '+' | '-' if sign.is_none() => sign = Some(first == '-'),
            '¥' | '\u{ffe5}' if !currency => currency = true,
            _ => break,
        }
        rest = rest.strip_prefix(first)?.trim_start();
    }
    loop {
        let last = rest.chars().next_back()?;
        match last {
            '-' if sign.is_none() => sign = Some(true),
            '元' if !currency => currency = true,
            _ => break,
        }
        rest = rest.strip_suffix(last)?.trim_end();
    }
    Some((sign.unwrap_or(false), rest))
}

/// The shortest decimal text that means the same binary fraction.
pub(super) fn shortest(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { format!("{value}") }
}

/// Reads a number of a sheet as a whole number of its last place, and holds it against what the cell shows.
pub(super) fn from_float(value: f64, shown: Shown, scale: u8, digits: u8) -> Result<i128, CellFault> {
    let text = shortest(value);
    let read = match parse(&text, scale, digits) {
        Err(fault) if fault.code == CELL_DECIMALS => parse(&fifteen_digits(value), scale, digits).map_err(|_| fault)?,
        other => other?,
    };
    let seen = match shown {
        Shown::Freely => return Ok(read),
        Shown::Decimals(decimals) => decimals,
        Shown::Zeros(_) => 0,
    };
    let hidden = 10_i128.pow(u32::from(scale.saturating_sub(seen)));
    if read % hidden == 0 {
        return Ok(read);
    }
    let message = text!("the cell shows {seen} decimals but holds `{value}`", seen, value = text);
    Err(CellFault::new(CELL_SHOWN, message, text!("show all decimals in the sheet and decide which number is meant")))
}

/// The number rounded to fifteen digits, as a spreadsheet shows it at its most precise.
fn fifteen_digits(value: f64) -> String {
    let text = format!("{value:.14e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let Ok(exponent) = exponent.parse::<i32>() else { return text };
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let point = exponent + 1;
    match usize::try_from(point) {
        Ok(point) if point >= digits.len() => format!("{sign}{digits}{}", "0".repeat(point - digits.len())),
        Ok(point) if point > 0 => format!("{sign}{}.{}", &digits[..point], &digits[point..]),
        _ => format!("{sign}0.{}{digits}", "0".repeat(usize::try_from(-point).unwrap_or(0))),
    }
}

/// A number of a sheet as text, such as an order number: no `.0`, and the leading zeros that its format shows.
pub(super) fn as_id(value: f64, shown: Shown) -> Result<String, CellFault> {
    let text = shortest(value);
    if value.abs() >= 1e15 {
        let message = text!("`{value}` is longer than the fifteen digits that a sheet keeps", value = text);
        return Err(CellFault::new(CELL_LOST, message, text!("export it again with the column as text")));
    }
    match shown {
        Shown::Zeros(width) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(format!("{text:0>width$}", width = usize::from(width)))
        }
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_exactly_however_it_is_written() {
        for (text, fen) in [
            ("0", 0),
            ("-0", 0),
            ("12", 1200),
            ("12.3", 1230),
            ("12.34", 1234),
            ("12.340", 1234),
            ("-12.34", -1234),
            (".5", 50),
            ("007.50", 750),
            ("1,234.50", 123_450),
            ("1,234,567.89", 123_456_789),
            ("１，２３４．５０", 123_450),
            ("－１２．００", -1200),
            ("＋12", 1200),
            ("￥1,234.50", 123_450),
            ("¥ 12.00", 1200),
            ("-￥12.00", -1200),
            ("￥-12.00", -1200),
            ("(12.00)", -1200),
            ("（１２．００）", -1200),
            ("(￥1,200.00)", -120_000),
            ("12.00-", -1200),
            ("12.00 －", -1200),
            ("\u{2212}12.00", -1200),
            ("12.00元", 1200),
            ("9999999999.99", 999_999_999_999),
        ] {
            assert_eq!(parse(text, 2, 12), Ok(fen), "{text}");
        }
    }

    #[test]
    fn what_is_not_plainly_a_number_is_a_fault() {
        for (text, code) in [
            ("12.345", CELL_DECIMALS),
            ("12.001", CELL_DECIMALS),
            ("1,234.567", CELL_DECIMALS),
            ("1,23", CELL_GROUPING),
            ("1,2345", CELL_GROUPING),
            ("1234,567", CELL_GROUPING),
            (",123", CELL_GROUPING),
            ("1,,234", CELL_GROUPING),
            ("1,234,", CELL_GROUPING),
            ("1.234,50", CELL_NUMBER),
            ("", CELL_NUMBER),
            ("-", CELL_NUMBER),
            (".", CELL_NUMBER),
            ("12.", CELL_NUMBER),
            ("--12", CELL_NUMBER),
            ("-12-", CELL_NUMBER),
            ("(-12)", CELL_NUMBER),
            ("(12", CELL_NUMBER),
            ("12)", CELL_NUMBER),
            ("￥￥12", CELL_NUMBER),
            ("1 234", CELL_NUMBER),
            ("1.2.3", CELL_NUMBER),
            ("1.2E+05", CELL_NUMBER),
            ("3万", CELL_NUMBER),
            ("12%", CELL_NUMBER),
            ("NaN", CELL_NUMBER),
            ("十二", CELL_NUMBER),
            ("=1+1", CELL_NUMBER),
            ("10000000000.00", CELL_DIGITS),
            ("99999999999999999999999999999999999999999999", CELL_DIGITS),
        ] {
            assert_eq!(parse(text, 2, 12).map_err(|fault| fault.code), Err(code), "{text}");
        }
    }

    #[test]
    fn whole_numbers_take_no_decimals_but_zeros() {
        assert_eq!(parse("12", 0, 6).and_then(whole), Ok(12));
        assert_eq!(parse("12.00", 0, 6).and_then(whole), Ok(12));
        assert_eq!(parse("12.5", 0, 6).map_err(|fault| fault.code), Err(CELL_DECIMALS));
        assert_eq!(parse("1000000", 0, 6).map_err(|fault| fault.code), Err(CELL_DIGITS));
    }

    #[test]
    fn the_short_way_and_the_long_way_read_the_same() {
        let grouped = ["1,234", "12,345.6", "-123,456,789.01", "000,001"];
        for text in ["0", "1", "12.3", "-12.34", "999999999999999.99", "-0.01", "00012.10"].into_iter().chain(grouped) {
            assert_eq!(plain(text.as_bytes(), 2), written(text, 2).ok(), "{text}");
        }
        for text in ["1234,567", "1,23", "1,2345", "1,,234", "1,234,", ",123", "1,234,56", "1.234,567", "12,345.678"] {
            assert_eq!(plain(text.as_bytes(), 2), None, "{text}");
        }
    }

    #[test]
    fn numbers_of_a_sheet_are_read_as_the_decimals_they_mean() {
        for (value, fen) in [
            (0.1 + 0.2, 30),
            (1234.5, 123_450),
            (-0.0, 0),
            (1.1 * 1.1 * 100.0, 12_100),
            (9_999_999_999.99, 999_999_999_999),
        ] {
            assert_eq!(from_float(value, Shown::Freely, 2, 12).unwrap_or(-1), fen, "{value}");
        }
        for value in [12.345, 0.005, 1.0 / 3.0, 1e-20] {
            assert_eq!(
                from_float(value, Shown::Freely, 2, 12).map_err(|fault| fault.code),
                Err(CELL_DECIMALS),
                "{value}"
            );
        }
        assert_eq!(from_float(f64::NAN, Shown::Freely, 2, 12).map_err(|fault| fault.code), Err(CELL_NUMBER));
    }

    #[test]
    fn a_cell_that_shows_fewer_decimals_than_it_holds_is_a_fault() {
        assert_eq!(from_float(12.5, Shown::Decimals(2), 2, 12), Ok(1250));
        assert_eq!(from_float(12.0, Shown::Decimals(0), 2, 12), Ok(1200));
        assert_eq!(from_float(12.5, Shown::Decimals(0), 2, 12).map_err(|fault| fault.code), Err(CELL_SHOWN));
        assert_eq!(from_float(0.05, Shown::Decimals(2), 2, 12), Ok(5));
    }

    #[test]
    fn a_numeric_id_has_no_point_and_keeps_the_zeros_it_shows() {
        assert_eq!(as_id(1024.0, Shown::Freely), Ok("1024".to_owned()));
        assert_eq!(as_id(1024.0, Shown::Decimals(2)), Ok("1024".to_owned()));
        assert_eq!(as_id(1024.0, Shown::Zeros(6)), Ok("001024".to_owned()));
        assert_eq!(as_id(1e15, Shown::Freely).map_err(|fault| fault.code), Err(CELL_LOST));
    }
}
