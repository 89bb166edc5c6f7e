//! Intervals as mathematicians write them: `(50, 100]`, `[28万, inf)`, `(-inf, 50]`, `[60%, 80%]`.
//!
//! A round bracket leaves its bound out, a square one takes it in; an end without bound is `inf` or `∞`
//! behind a round bracket. Bounds are numbers as [`Exact::parse_human`] reads them, but without
//! thousands separators: the comma separates the bounds. Full-width brackets and commas are read too.

use std::cmp::Ordering;
use std::fmt;
pub use std::ops::Bound;
use std::ops::Range;

use crate::diag::{Code, Fault};
use crate::money::exact::Exact;

/// A text that is no interval.
pub const BAD_INTERVAL: Code = Code::new("bad-interval", "a text that is no interval of numbers, or an empty one");

/// A stretch of numbers, not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    lower: Bound<Exact>,
    upper: Bound<Exact>,
}

/// A number, or what lies just beside it: nearer to it than any other number that is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The number.
    pub number: Exact,
    /// Just below it (`Less`), the number itself (`Equal`), or just above it (`Greater`).
    pub beside: Ordering,
}

impl Point {
    /// The number itself.
    pub fn at(number: Exact) -> Self {
        Self { number, beside: Ordering::Equal }
    }

    /// Where it lies as seen from a number.
    fn seen_from(&self, number: &Exact) -> Ordering {
        self.number.cmp(number).then(self.beside)
    }
}

impl Interval {
    /// All numbers.
    pub const fn all() -> Self {
        Self { lower: Bound::Unbounded, upper: Bound::Unbounded }
    }

    /// Whether a point lies in it.
    pub fn holds(&self, point: &Point) -> bool {
        let above = match &self.lower {
            Bound::Unbounded => true,
            Bound::Included(low) => point.seen_from(low).is_ge(),
            Bound::Excluded(low) => point.seen_from(low).is_gt(),
        };
        let below = match &self.upper {
            Bound::Unbounded => true,
            Bound::Included(high) => point.seen_from(high).is_le(),
            Bound::Excluded(high) => point.seen_from(high).is_lt(),
        };
        above && below
    }

    /// The point of it that lies nearest to a number: the number itself where it lies inside.
    pub fn nearest(&self, number: &Exact) -> Point {
        let (bound, inward) = match self.position_of(number) {
            Ordering::Equal => return Point::at(number.clone()),
            Ordering::Less => (&self.lower, Ordering::Greater),
            Ordering::Greater => (&self.upper, Ordering::Less),
        };
        match bound {
            Bound::Included(end) => Point::at(end.clone()),
            Bound::Excluded(end) => Point { number: end.clone(), beside: inward },
            Bound::Unbounded => Point::at(number.clone()),
        }
    }

    /// An interval between two bounds; `None` where no number lies in it.
    pub fn new(lower: Bound<Exact>, upper: Bound<Exact>) -> Option<Self> {
        let empty = match (&lower, &upper) {
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
            (Bound::Included(low), Bound::Included(high)) => low > high,
            (Bound::Included(low) | Bound::Excluded(low), Bound::Included(high) | Bound::Excluded(high)) => low >= high,
        };
        (!empty).then_some(Self { lower, upper })
    }

    /// Reads the text form; see the module.
    ///
    /// # Errors
    /// [`BAD_INTERVAL`] at the bracket, comma or bound that is wrong; the fault of the number otherwise.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let whole = trimmed(text, 0..text.len());
        let written = text.get(whole.clone()).unwrap_or_default();
        let (first, last) = (written.chars().next(), written.chars().next_back());
        let lower_in = bracket(first, ['(', '['], whole.start, "begins with `(` or `[`")?;
        let closing = last.filter(|_| written.chars().nth(1).is_some());
        let before_last = whole.end - closing.map_or(0, char::len_utf8);
        let upper_in = bracket(closing, [')', ']'], before_last, "ends with `)` or `]`")?;

        let inside = whole.start + first.map_or(0, char::len_utf8)..before_last;
        let commas: Vec<(usize, char)> = text
            .get(inside.clone())
            .unwrap_or_default()
            .char_indices()
            .filter(|(_, c)| plain(*c) == ',')
            .map(|(at, c)| (inside.start + at, c))
            .collect();
        let &[(comma, comma_char)] = commas.as_slice() else {
            let message = match commas.len() {
                0 => "an interval has two bounds with a comma between them",
                _ => "more than one comma in an interval",
            };
            return Err(Fault::new(BAD_INTERVAL, inside, message)
                .hint("write `(50, 100]`; bounds take no thousands separators: `28万` or `280000`"));
        };
        let lower = bound(text, inside.start..comma, lower_in, "-")?;
        let upper = bound(text, comma + comma_char.len_utf8()..inside.end, upper_in, "+")?;
        Self::new(lower, upper).ok_or_else(|| {
            Fault::new(BAD_INTERVAL, whole, "no number lies in this interval")
                .hint("the lower bound stands first; a single number is written `[3, 3]`")
        })
    }

    /// Lower end.
    pub fn lower(&self) -> &Bound<Exact> {
        &self.lower
    }

    /// Upper end.
    pub fn upper(&self) -> &Bound<Exact> {
        &self.upper
    }

    /// Whether a number lies in it.
    pub fn contains(&self, number: &Exact) -> bool {
        self.position_of(number).is_eq()
    }

    /// Where a number lies: below (`Less`), inside (`Equal`) or above (`Greater`).
    pub fn position_of(&self, number: &Exact) -> Ordering {
        let below = match &self.lower {
            Bound::Unbounded => false,
            Bound::Included(low) => number < low,
            Bound::Excluded(low) => number <= low,
        };
        let above = match &self.upper {
            Bound::Unbounded => false,
            Bound::Included(high) => number > high,
            Bound::Excluded(high) => number >= high,
        };
        match (below, above) {
            (true, _) => Ordering::Less,
            (_, true) => Ordering::Greater,
            _ => Ordering::Equal,
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.lower {
            Bound::Unbounded => f.write_str("(-inf")?,
            Bound::Included(low) => write!(f, "[{}", shown(low))?,
            Bound::Excluded(low) => write!(f, "({}", shown(low))?,
        }
        f.write_str(", ")?;
        match &self.upper {
            Bound::Unbounded => f.write_str("inf)"),
            Bound::Included(high) => write!(f, "{}]", shown(high)),
            Bound::Excluded(high) => write!(f, "{})", shown(high)),
        }
    }
}

/// A bound as it may be written again: a decimal where it ends, a fraction otherwise.
pub(super) fn shown(bound: &Exact) -> String {
    bound.to_decimal().map_or_else(|| bound.to_canonical(), |decimal| decimal.to_string())
}

/// Full-width brackets, commas and infinity as their plain counterparts.
const fn plain(c: char) -> char {
    match c {
        '（' => '(',
        '）' => ')',
        '［' | '【' => '[',
        '］' | '】' => ']',
        '，' | '、' => ',',
        _ => c,
    }
}

fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let part = text.get(span.clone()).unwrap_or_default();
    let start = span.start + (part.len() - part.trim_start().len());
    start..start + part.trim().len()
}

/// Whether the bracket takes its bound in.
fn bracket(found: Option<char>, [open, closed]: [char; 2], at: usize, rule: &str) -> Result<bool, Fault> {
    match found.map(plain) {
        Some(c) if c == open => Ok(false),
        Some(c) if c == closed => Ok(true),
        _ => {
            let span = at..at + found.map_or(0, char::len_utf8);
            Err(Fault::new(BAD_INTERVAL, span, format!("an interval {rule}"))
                .hint("write `(50, 100]`: a round bracket leaves its bound out, a square one takes it in"))
        }
    }
}

fn bound(text: &str, span: Range<usize>, included: bool, infinite_sign: &str) -> Result<Bound<Exact>, Fault> {
    let span = trimmed(text, span);
    let written = text.get(span.clone()).unwrap_or_default();
    let unsigned = written.trim_start_matches(['+', '-', '\u{2212}', '－', '＋']);
    if matches!(unsigned, "inf" | "∞") {
        let sign = if unsigned.len() == written.len() || written.starts_with(['+', '＋']) { "+" } else { "-" };
        if sign != infinite_sign {
            let end = if infinite_sign == "-" {
                "lower end without bound is `-inf`"
            } else {
                "upper end without bound is `inf`"
            };
            return Err(Fault::new(BAD_INTERVAL, span, format!("the {end}")));
        }
        if included {
            return Err(Fault::new(BAD_INTERVAL, span, "infinity cannot be taken in")
                .hint("write a round bracket beside `inf`"));
        }
        return Ok(Bound::Unbounded);
    }
    match Exact::parse_human(written) {
        Ok(number) if included => Ok(Bound::Included(number)),
        Ok(number) => Ok(Bound::Excluded(number)),
        Err(fault) => Err(Fault { span: span.start + fault.span.start..span.start + fault.span.end, ..fault }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_intervals_and_writes_them_again() {
        for (text, written) in [
            ("(50, 100]", "(50, 100]"),
            ("[28万, inf)", "[280000, inf)"),
            ("(-inf, 50]", "(-inf, 50]"),
            ("(-∞,+∞)", "(-inf, inf)"),
            ("[0.6, 0.8]", "[0.6, 0.8]"),
            ("[60%,80%)", "[0.6, 0.8)"),
            ("[3,3]", "[3, 3]"),
            ("  ( -5 , -1/3 )  ", "(-5, -1/3)"),
            ("（50，100］", "(50, 100]"),
            ("【０，１】", "[0, 1]"),
        ] {
            let interval = Interval::parse(text).unwrap();
            assert_eq!(interval.to_string(), written);
            assert_eq!(Interval::parse(written), Ok(interval));
        }
    }

    #[test]
    fn refuses_what_is_no_interval() {
        for text in [
            "",
            "(",
            ")",
            "()",
            "(,)",
            "50",
            "50, 100",
            "(50, 100",
            "50, 100]",
            "(50 100]",
            "(50, 100, 150]",
            "(1,000, 2,000]",
            "(5, 3)",
            "(3, 3)",
            "[3, 3)",
            "(3, 3]",
            "[-inf, 3]",
            "[3, inf]",
            "(inf, 3)",
            "(3, -inf)",
            "(a, 3)",
            "(3, 1e5)",
            "((3, 4)",
            "(3, 4))",
            "(3, )",
            "]3, 4[",
        ] {
            assert!(Interval::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn points_at_the_bound() {
        let fault = Interval::parse(" （50, 1_00]").unwrap_err();
        assert_eq!((fault.span, fault.code), (9..10, crate::money::number::BAD_NUMBER));
        let fault = Interval::parse("(50, 100").unwrap_err();
        assert_eq!((fault.span, fault.message.as_str()), (7..8, "an interval ends with `)` or `]`"));
    }

    #[test]
    fn the_nearest_point_lies_inside() {
        let nearest = |text: &str, number: i64| {
            let interval = Interval::parse(text).unwrap();
            let point = interval.nearest(&Exact::from(number));
            assert!(interval.holds(&point), "{text} {number}");
            (point.number.shown(0), point.beside)
        };
        assert_eq!(nearest("(50, 100]", 50), ("50".to_owned(), Ordering::Greater));
        assert_eq!(nearest("(50, 100]", 51), ("51".to_owned(), Ordering::Equal));
        assert_eq!(nearest("(50, 100]", 101), ("100".to_owned(), Ordering::Equal));
        assert_eq!(nearest("[50, 100)", 7), ("50".to_owned(), Ordering::Equal));
        assert_eq!(nearest("[50, 100)", 100), ("100".to_owned(), Ordering::Less));
        assert_eq!(nearest("(-inf, inf)", -7), ("-7".to_owned(), Ordering::Equal));
    }

    #[test]
    fn takes_in_what_its_brackets_say() {
        let position = |text: &str, number: i64| Interval::parse(text).unwrap().position_of(&Exact::from(number));
        assert_eq!(position("(50, 100]", 50), Ordering::Less);
        assert_eq!(position("(50, 100]", 51), Ordering::Equal);
        assert_eq!(position("(50, 100]", 100), Ordering::Equal);
        assert_eq!(position("(50, 100]", 101), Ordering::Greater);
        assert_eq!(position("[50, 100)", 50), Ordering::Equal);
        assert_eq!(position("[50, 100)", 100), Ordering::Greater);
        assert_eq!(position("(-inf, inf)", -7), Ordering::Equal);
        assert_eq!(position("[3, 3]", 3), Ordering::Equal);
    }
}
