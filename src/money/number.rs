//! Numbers as people write them, read exactly from their text.
//!
//! `0.4%`, `3‰`, `22万`, `1.2亿`, `213345/220000`, `1,000.50`, `-12.5`, and the same in full-width
//! characters, because an input method writes `０．４％`. What could be read in two ways is refused:
//! `220_000`, `1e5`, `1,00`, `.5`, a percent sign inside a fraction.

use std::ops::Range;

use dashu_int::{IBig, Sign, UBig};

use super::decimal::power_of_ten;
use super::exact::Exact;
use crate::diag::{Code, Fault};

/// A text that is no number.
pub const BAD_NUMBER: Code = Code::new("bad-number", "a text that cannot be read as a number, or in more than one way");

/// Reads `0.004`, `-12.5`, `7`: a sign, digits, and digits on both sides of a point.
pub(super) fn parse_plain(text: &str) -> Option<Exact> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (Sign::Negative, digits),
        None => (Sign::Positive, text),
    };
    let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
    decimal(sign, whole, places)
}

/// Reads a number as people write it; see the module.
pub(super) fn parse_human(text: &str) -> Result<Exact, Fault> {
    let mut reader = Reader::new(text);
    let number = reader.amount()?;
    if !reader.take('/') {
        let number = reader.percent(number);
        return reader.end(number);
    }
    let at = reader.place();
    let divisor = reader.amount()?;
    let Some(quotient) = number.div(&divisor) else {
        return Err(fault(at.start..reader.place().start, "a fraction over 0"));
    };
    if matches!(reader.peek(), Some('%' | '‰')) {
        return Err(fault(reader.place(), "a percent sign inside a fraction")
            .hint("write the fraction alone, or the percentage as a decimal"));
    }
    reader.end(quotient)
}

fn fault(span: Range<usize>, message: impl Into<String>) -> Fault {
    Fault::new(BAD_NUMBER, span, message)
}

/// Digits around a point to a number; `None` unless both are digits and nothing else.
fn decimal(sign: Sign, whole: &str, places: &str) -> Option<Exact> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(places) {
        return None;
    }
    let scale = u8::try_from(places.len()).ok()?;
    let magnitude = UBig::from_str_radix(&format!("{whole}{places}"), 10).ok()?;
    Some(Exact::from_big_parts(IBig::from_parts(sign, magnitude), power_of_ten(scale)))
}

/// The characters of a text, full-width ones as their plain counterparts, with their places.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let mut reader = Self { text, at: 0 };
        reader.skip_spaces();
        reader
    }

    fn raw(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn peek(&self) -> Option<char> {
        self.raw().map(plain)
    }

    fn place(&self) -> Range<usize> {
        self.at..self.at + self.raw().map_or(0, char::len_utf8)
    }

    fn advance(&mut self) {
        self.at = self.place().end;
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.advance();
        }
    }

    /// Takes this character, spaces around it too.
    fn take(&mut self, wanted: char) -> bool {
        let start = self.at;
        self.skip_spaces();
        if self.peek() == Some(wanted) {
            self.advance();
            self.skip_spaces();
            return true;
        }
        self.at = start;
        false
    }

    /// Sign, digits with separators, point, and a myriad word.
    fn amount(&mut self) -> Result<Exact, Fault> {
        let start = self.at;
        let sign = if self.take('-') {
            Sign::Negative
        } else {
            self.take('+');
            Sign::Positive
        };
        let whole = self.whole_digits()?;
        let mut places = String::new();
        if self.peek() == Some('.') {
            self.advance();
            places = self.digits();
            if places.is_empty() {
                return Err(self.unexpected("a digit behind the point"));
            }
        } else {
            places.push('0');
        }
        let number = decimal(sign, &whole, &places)
            .ok_or_else(|| fault(start..self.at, "more than 255 digits behind the point"))?;
        Ok(if self.take('万') {
            number.mul(&Exact::from(10_000))
        } else if self.take('亿') {
            number.mul(&Exact::from(100_000_000))
        } else {
            number
        })
    }

    fn digits(&mut self) -> String {
        let mut digits = String::new();
        while let Some(digit) = self.peek().filter(char::is_ascii_digit) {
            digits.push(digit);
            self.advance();
        }
        digits
    }

    /// `220000` or `220,000`: groups of three behind the first separator.
    fn whole_digits(&mut self) -> Result<String, Fault> {
        let start = self.at;
        let mut whole = self.digits();
        if whole.is_empty() {
            return Err(self.unexpected("a digit"));
        }
        let first_group = whole.len();
        while self.peek() == Some(',') {
            self.advance();
            let group = self.digits();
            if first_group > 3 || group.len() != 3 {
                return Err(fault(
                    start..self.at,
                    "thousands separators that do not stand between groups of three digits",
                )
                .hint("write `220000` or `220,000`"));
            }
            whole.push_str(&group);
        }
        Ok(whole)
    }

    fn percent(&mut self, number: Exact) -> Exact {
        let hundredths = |n: Exact, scale| n.mul(&Exact::from_decimal_parts(1, scale));
        if self.take('%') {
            hundredths(number, 2)
        } else if self.take('‰') {
            hundredths(number, 3)
        } else {
            number
        }
    }

    fn end(&mut self, number: Exact) -> Result<Exact, Fault> {
        self.skip_spaces();
        match self.peek() {
            None => Ok(number),
            Some(_) => Err(self.unexpected("the end of the number")),
        }
    }

    /// A fault at the next character, with the advice that fits it.
    fn unexpected(&self, wanted: &str) -> Fault {
        let Some(found) = self.raw() else {
            return fault(self.place(), format!("expected {wanted}, found the end")).hint(EXAMPLES);
        };
        let hint = match plain(found) {
            '_' => "write `220000` or `220,000`: underscores separate nothing here",
            'e' | 'E' => "write the digits out; an exponent is not read",
            '元' | '¥' | '$' => "write the number alone; its unit stands in `unit:`",
            _ => EXAMPLES,
        };
        fault(self.place(), format!("expected {wanted}, found `{found}`")).hint(hint)
    }
}

const EXAMPLES: &str = "numbers look like `0.4%`, `22万`, `213345/220000` or `1,000.50`";

/// Full-width forms U+FF01 to U+FF5E as ASCII; minus signs and the yuan sign of other blocks too.
fn plain(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{2212}' => '-',
        '\u{3000}' => ' ',
        '￥' => '¥',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match parse_human(text) {
            Ok(number) => number.to_canonical(),
            Err(fault) => format!("{}..{}: {}", fault.span.start, fault.span.end, fault.message),
        }
    }

    #[test]
    fn reads_what_people_write() {
        for (text, value) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.00", "0"),
            ("007", "7"),
            ("0.4%", "1/250"),
            ("0.4 %", "1/250"),
            ("3‰", "3/1000"),
            ("22万", "220000"),
            ("22.5 万", "225000"),
            ("-1.2亿", "-120000000"),
            ("100万%", "10000"),
            ("213345/220000", "3879/4000"),
            ("1 / 3", "1/3"),
            ("-1/-3", "1/3"),
            ("22万/3", "220000/3"),
            ("0/3", "0"),
            ("1,000.50", "2001/2"),
            ("1,234,567", "1234567"),
            ("+5", "5"),
            ("－０．４％", "-1/250"),
            ("１，０００", "1000"),
            ("\u{2212}7", "-7"),
            (" 12 ", "12"),
            ("99999999999999999999999999999999999999999999", "99999999999999999999999999999999999999999999"),
        ] {
            assert_eq!(read(text), value, "{text}");
        }
    }

    #[test]
    fn refuses_what_could_mean_something_else() {
        for text in [
            "", " ", "-", "+", ".", ".5", "5.", "1.2.3", "220_000", "1e5", "1E5", "1,00", "1000,000", "1,0000",
            "1,,000", ",100", "1,000,", "5/0", "1/0.00", "5%/3", "5/3%", "1/2/3", "12元", "￥5", "abc", "--5", "+-5",
            "1 000", "0x10", "inf", "NaN", "万", "5%%", "22万万", "٣", "½", "1.000,5",
        ] {
            assert!(parse_human(text).is_err(), "{text} was read as {}", read(text));
        }
    }

    #[test]
    fn points_at_the_character() {
        assert_eq!(read("220_000"), "3..4: expected the end of the number, found `_`");
        assert_eq!(read("１２元"), "6..9: expected the end of the number, found `元`");
        assert_eq!(read("5/0"), "2..3: a fraction over 0");
        assert_eq!(read(""), "0..0: expected a digit, found the end");
        assert_eq!(read("1,00"), "0..4: thousands separators that do not stand between groups of three digits");
    }

    #[test]
    fn plain_literals_are_strict() {
        for (text, value) in [("0.004", "1/250"), ("-12.5", "-25/2"), ("7", "7"), ("0007", "7"), ("100.00", "100")] {
            assert_eq!(parse_plain(text).map(|n| n.to_canonical()).as_deref(), Some(value));
        }
        for text in ["", "-", ".5", "5.", "1e3", "+1", "--1", "1,000", "0.4%", " 1", "1 ", "１", "-.5", "1.-5"] {
            assert_eq!(parse_plain(text), None, "{text}");
        }
    }
}
