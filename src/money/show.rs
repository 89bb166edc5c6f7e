//! Numbers for people to read: thousands separators, fixed places, percents, points below each other.
//!
//! What is written here is never read back. A rounded text is marked with `≈` where the reader might
//! take it for the number itself; [`fixed`] and [`percent`] are for places that say so otherwise.

use dashu_int::{IBig, Sign};

use super::exact::Exact;
use super::rounding::Rounding;

/// Whole where it ends within `max_places`, otherwise rounded half-up behind a `≈`.
pub fn number(number: &Exact, max_places: u8) -> String {
    let text = fixed(number, max_places);
    if number.round(max_places, Rounding::Down) != *number {
        return format!("≈{text}");
    }
    match text.split_once('.') {
        Some((whole, places)) => match places.trim_end_matches('0') {
            "" => whole.to_owned(),
            places => format!("{whole}.{places}"),
        },
        None => text,
    }
}

/// With exactly so many places, rounded half-up: `1,086.80`.
pub fn fixed(number: &Exact, places: u8) -> String {
    decimal_text(&number.unscaled(places, Rounding::HalfUp), places)
}

/// An amount in yuan: two places always.
pub fn amount(number: &Exact) -> String {
    fixed(number, 2)
}

/// As a percentage with exactly so many places, rounded half-up: `96.98%`.
pub fn percent(number: &Exact, places: u8) -> String {
    format!("{}%", fixed(&number.mul(&Exact::from(100)), places))
}

/// Digits with `places` of them behind the point and separators before it.
fn decimal_text(unscaled: &IBig, places: u8) -> String {
    let (sign, magnitude) = unscaled.clone().into_parts();
    let places = usize::from(places);
    let digits = format!("{:0>width$}", magnitude.to_string(), width = places + 1);
    let (whole, behind) = digits.split_at(digits.len() - places);
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 2);
    if sign == Sign::Negative && !magnitude.is_zero() {
        text.push('-');
    }
    text.push_str(&grouped(whole));
    if places > 0 {
        text.push('.');
        text.push_str(behind);
    }
    text
}

/// Plain digits with a separator before every third from the right.
fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What stands before and from the point on: `1,086` and `.80`; for a grid that aligns points.
pub fn split_at_point(text: &str) -> (&str, &str) {
    text.split_at(text.find('.').unwrap_or(text.len()))
}

/// The same texts padded with spaces so that their points stand below each other.
pub fn aligned(texts: &[String]) -> Vec<String> {
    let widths = |text: &str| {
        let (before, behind) = split_at_point(text);
        (before.chars().count(), behind.chars().count())
    };
    let before = texts.iter().map(|text| widths(text).0).max().unwrap_or(0);
    let behind = texts.iter().map(|text| widths(text).1).max().unwrap_or(0);
    texts
        .iter()
        .map(|text| {
            let own = widths(text);
            format!("{}{text}{}", " ".repeat(before - own.0), " ".repeat(behind - own.1))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::parse_human(text).unwrap()
    }

    #[test]
    fn shows_whole_what_ends_and_marks_what_does_not() {
        for (value, places, text) in [
            ("0", 6, "0"),
            ("7803/8", 6, "975.375"),
            ("7803/8", 3, "975.375"),
            ("7803/8", 2, "≈975.38"),
            ("-7803/8", 2, "≈-975.38"),
            ("213345/220000", 6, "0.96975"),
            ("213345/221000", 6, "≈0.965362"),
            ("220000", 6, "220,000"),
            ("1/3", 0, "≈0"),
            ("-1/3", 0, "≈0"),
            ("-1/3", 2, "≈-0.33"),
            ("2/3", 0, "≈1"),
            ("1000000.5", 2, "1,000,000.5"),
            ("10.10", 2, "10.1"),
        ] {
            assert_eq!(exact(value).shown(places), text, "{value}");
        }
    }

    #[test]
    fn amounts_have_two_places_and_separators() {
        for (value, text) in [
            ("0", "0.00"),
            ("0.05", "0.05"),
            ("-0.05", "-0.05"),
            ("999.995", "1,000.00"),
            ("-999.995", "-1,000.00"),
            ("-0.004", "0.00"),
            ("100000", "100,000.00"),
            ("1234567.8", "1,234,567.80"),
            ("7803/8", "975.38"),
        ] {
            assert_eq!(amount(&exact(value)), text, "{value}");
        }
    }

    #[test]
    fn percents_are_rounded_half_up() {
        assert_eq!(percent(&exact("213345/220000"), 2), "96.98%");
        assert_eq!(percent(&exact("1"), 0), "100%");
        assert_eq!(percent(&exact("12.5"), 1), "1,250.0%");
        assert_eq!(percent(&exact("-0.5%"), 0), "-1%");
    }

    #[test]
    fn points_stand_below_each_other() {
        let texts = ["1,086.80", "-5", "0.125", ""].map(str::to_owned);
        assert_eq!(aligned(&texts), ["1,086.80 ", "   -5    ", "    0.125", "         "]);
        assert_eq!(aligned(&[]), Vec::<String>::new());
        assert_eq!(split_at_point("1,086.80"), ("1,086", ".80"));
        assert_eq!(split_at_point("7"), ("7", ""));
    }
}
