//! The one number type of money: a fraction of two whole numbers of any size, always reduced.
//!
//! Sums, differences, products and quotients are exact; only [`Exact::round`] loses anything, and only
//! where it is called. A division by zero is `None`, never a panic. There is no way in from, and no
//! way out to, floating point.

use std::cmp::Ordering;
use std::fmt;

use dashu_int::ops::DivRem;
use dashu_int::{IBig, Sign, UBig};
use dashu_ratio::RBig;

use super::decimal::{power_of_ten, small_power_of_ten};
use super::rounding::Rounding;
use super::small::Small;

/// An exact rational number. Its text form is canonical: `7803/8`, `-3`, `0`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Exact(Repr);

/// What fits is small: one number has one representation, and equal numbers are equal bit by bit.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Small(Small),
    Big(Box<RBig>),
}

impl Exact {
    /// Nothing.
    pub fn zero() -> Self {
        Self::from_small(Small::ZERO)
    }

    /// The unit of multiplication.
    pub fn one() -> Self {
        Self::from_small(Small::ONE)
    }

    /// A whole number.
    pub fn from_i128(whole: i128) -> Self {
        Small::whole(whole).map_or_else(|| Self::from_big(RBig::from(whole)), Self::from_small)
    }

    /// `num` ÷ `den`; `None` where `den` is 0.
    pub fn ratio(num: i128, den: i128) -> Option<Self> {
        (den != 0).then(|| {
            Small::reduced(num, den).map_or_else(
                || Self::from_big(RBig::from_parts_signed(IBig::from(num), IBig::from(den))),
                Self::from_small,
            )
        })
    }

    /// The caller knows that `den` is not 0.
    pub(super) fn from_big_parts(num: IBig, den: UBig) -> Self {
        Self::from_big(RBig::from_parts(num, den))
    }

    pub(super) const fn from_small(small: Small) -> Self {
        Self(Repr::Small(small))
    }

    fn from_big(big: RBig) -> Self {
        let small = match (i128::try_from(big.numerator()), i128::try_from(big.denominator())) {
            (Ok(num), Ok(1)) => Small::whole(num),
            (Ok(num), Ok(den)) => Small::canonical(num, den),
            _ => None,
        };
        small.map_or_else(|| Self(Repr::Big(Box::new(big))), Self::from_small)
    }

    fn to_big(&self) -> RBig {
        match &self.0 {
            Repr::Small(small) => RBig::from_parts_signed(IBig::from(small.num()), IBig::from(small.den())),
            Repr::Big(big) => RBig::clone(big),
        }
    }

    /// The fast path where both are small and the result is, the big one otherwise.
    fn combine(
        &self,
        other: &Self,
        small: impl FnOnce(Small, Small) -> Option<Small>,
        big: impl FnOnce(RBig, RBig) -> RBig,
    ) -> Self {
        if let (Repr::Small(x), Repr::Small(y)) = (&self.0, &other.0)
            && let Some(result) = small(*x, *y)
        {
            return Self::from_small(result);
        }
        Self::from_big(big(self.to_big(), other.to_big()))
    }

    /// Reads the canonical text form and nothing else: `7803/8`, not `15606/16`, `+1`, `1/1` or `01`.
    pub fn parse_canonical(text: &str) -> Option<Self> {
        let (num, den) = match text.split_once('/') {
            Some((num, den)) => (num, Some(den)),
            None => (text, None),
        };
        let negative = num.starts_with('-');
        let magnitude = if negative { num.get(1..)? } else { num };
        if (negative && magnitude == "0") || !is_canonical_magnitude(magnitude) {
            return None;
        }
        let Some(den) = den else {
            return match num.parse() {
                Ok(whole) => Some(Self::from_i128(whole)),
                Err(_) => Some(Self::from_big(RBig::from(num.parse::<IBig>().ok()?))),
            };
        };
        if matches!(den, "0" | "1") || !is_canonical_magnitude(den) {
            return None;
        }
        if let (Ok(num), Ok(den)) = (num.parse::<i128>(), den.parse::<i128>())
            && num != i128::MIN
        {
            return Small::canonical(num, den).map(Self::from_small);
        }
        let den: UBig = den.parse().ok()?;
        let reduced = RBig::from_parts(num.parse().ok()?, den.clone());
        (*reduced.denominator() == den).then(|| Self::from_big(reduced))
    }

    /// Reads a plain decimal literal: `0.004`, `-12.5`, `7`. No exponent, separator or bare point.
    pub fn parse_number(text: &str) -> Option<Self> {
        super::number::parse_plain(text)
    }

    /// Reads a number as people write it: `0.4%`, `22万`, `213345/220000`, `1,000.50`.
    ///
    /// # Errors
    /// [`super::number::BAD_NUMBER`] at the character that does not belong to a number.
    pub fn parse_human(text: &str) -> Result<Self, crate::diag::Fault> {
        super::number::parse_human(text)
    }

    /// Sum.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        self.combine(other, Small::add, |x, y| x + y)
    }

    /// Difference.
    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        self.combine(other, |x, y| x.add(y.neg()), |x, y| x - y)
    }

    /// Product.
    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        self.combine(other, Small::mul, |x, y| x * y)
    }

    /// Quotient; `None` where the divisor is 0.
    #[must_use]
    pub fn div(&self, other: &Self) -> Option<Self> {
        (!other.is_zero()).then(|| self.combine(other, |x, y| x.mul(y.inverse()?), |x, y| x / y))
    }

    /// The same magnitude with the other sign.
    #[must_use]
    pub fn neg(&self) -> Self {
        match &self.0 {
            Repr::Small(small) => Self::from_small(small.neg()),
            Repr::Big(big) => Self::from_big(-RBig::clone(big)),
        }
    }

    /// The magnitude.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { self.neg() } else { self.clone() }
    }

    /// Whether this is 0.
    pub fn is_zero(&self) -> bool {
        self.0 == Repr::Small(Small::ZERO)
    }

    /// Whether this is below 0.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small(small) => small.num() < 0,
            Repr::Big(big) => big.numerator().sign() == Sign::Negative,
        }
    }

    /// Whether this is a whole number.
    pub fn is_whole(&self) -> bool {
        match &self.0 {
            Repr::Small(small) => small.den() == 1,
            Repr::Big(big) => big.is_int(),
        }
    }

    /// Rounded to so many places behind the point.
    #[must_use]
    pub fn round(&self, places: u8, rounding: Rounding) -> Self {
        if self.is_whole() {
            return self.clone();
        }
        if let (Repr::Small(small), Some(grid)) = (&self.0, small_power_of_ten(places))
            && let Some(rounded) = small.scaled(grid, rounding).and_then(|scaled| Small::reduced(scaled, grid))
        {
            return Self::from_small(rounded);
        }
        Self::from_big_parts(self.unscaled(places, rounding), power_of_ten(places))
    }

    /// This × 10^`places`, rounded to a whole number: the digits of a decimal.
    pub(super) fn unscaled(&self, places: u8, rounding: Rounding) -> IBig {
        if let (Repr::Small(small), Some(grid)) = (&self.0, small_power_of_ten(places))
            && let Some(scaled) = small.scaled(grid, rounding)
        {
            return IBig::from(scaled);
        }
        let (num, den) = self.to_big().into_parts();
        let (sign, magnitude) = num.into_parts();
        let (quotient, rest) = (magnitude * power_of_ten(places)).div_rem(&den);
        let grows = !rest.is_zero()
            && rounding.grows(self.is_negative(), (rest << 1).cmp(&den), quotient.trailing_zeros() == Some(0));
        IBig::from_parts(sign, if grows { quotient + UBig::ONE } else { quotient })
    }

    /// The canonical text form.
    pub fn to_canonical(&self) -> String {
        self.to_string()
    }

    /// For people: whole where it ends within `max_places`, otherwise rounded half-up behind a `≈`.
    ///
    /// `975.375`, `220,000`, `≈0.333333` with 6 places.
    pub fn shown(&self, max_places: u8) -> String {
        super::show::number(self, max_places)
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Repr::Small(x), Repr::Small(y)) = (&self.0, &other.0)
            && let Some(order) = x.compare(*y)
        {
            return order;
        }
        self.to_big().cmp(&other.to_big())
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(small) if small.den() == 1 => write!(f, "{}", small.num()),
            Repr::Small(small) => write!(f, "{}/{}", small.num(), small.den()),
            Repr::Big(big) if big.is_int() => write!(f, "{}", big.numerator()),
            Repr::Big(big) => write!(f, "{}/{}", big.numerator(), big.denominator()),
        }
    }
}

impl fmt::Debug for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<i64> for Exact {
    fn from(whole: i64) -> Self {
        Self::from_i128(i128::from(whole))
    }
}

impl<'a> std::iter::Sum<&'a Exact> for Exact {
    fn sum<I: Iterator<Item = &'a Exact>>(numbers: I) -> Self {
        numbers.fold(Self::zero(), |sum, number| sum.add(number))
    }
}

/// Digits only, no leading zero but of 0 itself.
fn is_canonical_magnitude(digits: &str) -> bool {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain && (digits.len() == 1 || !digits.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(num: i128, den: i128) -> Exact {
        Exact::ratio(num, den).unwrap()
    }

    #[test]
    fn text_is_canonical_and_nothing_else_reads() {
        for (number, text) in [
            (Exact::zero(), "0"),
            (ratio(0, -5), "0"),
            (ratio(975_375, 1000), "7803/8"),
            (ratio(-6, 2), "-3"),
            (ratio(6, -4), "-3/2"),
            (Exact::from_i128(i128::MIN), "-170141183460469231731687303715884105728"),
            (ratio(1, i128::MIN), "-1/170141183460469231731687303715884105728"),
            (Exact::from_decimal_parts(1234, 2), "617/50"),
            (Exact::from_decimal_parts(1, 38), "1/100000000000000000000000000000000000000"),
            (Exact::from_decimal("-0.10".parse().unwrap()), "-1/10"),
        ] {
            assert_eq!(number.to_canonical(), text);
            assert_eq!(Exact::parse_canonical(text), Some(number));
        }
        for text in [
            "", "-", "/", "1/", "/1", "-0", "00", "01", "+1", "1/1", "2/4", "0/2", "1/0", "1/-2", "-1/-2", "1 /2",
            " 1", "1.5", "1/02", "--1", "１", "1/2/3",
        ] {
            assert_eq!(Exact::parse_canonical(text), None, "{text}");
        }
    }

    #[test]
    fn big_numbers_read_back() {
        let big = Exact::from_i128(i128::MAX).mul(&Exact::from_i128(i128::MAX)).div(&Exact::from_i128(7)).unwrap();
        assert_eq!(Exact::parse_canonical(&big.to_canonical()), Some(big.clone()));
        assert_eq!(big.mul(&Exact::from(7)).div(&Exact::from_i128(i128::MAX)), Some(Exact::from_i128(i128::MAX)));
    }

    #[test]
    fn zero_divides_nothing() {
        assert_eq!(Exact::one().div(&Exact::zero()), None);
        assert_eq!(Exact::zero().div(&Exact::zero()), None);
        assert_eq!(Exact::ratio(1, 0), None);
        assert_eq!(Exact::zero().div(&ratio(-1, 3)), Some(Exact::zero()));
    }

    #[test]
    fn rounds_each_way_as_named() {
        use Rounding::{Ceiling, Down, Floor, HalfEven, HalfUp, Up};
        for (number, rounding, rounded) in [
            ("2.5", HalfUp, "3"),
            ("-2.5", HalfUp, "-3"),
            ("2.49999999999999999999999999", HalfUp, "2"),
            ("2.5", HalfEven, "2"),
            ("3.5", HalfEven, "4"),
            ("-0.5", HalfEven, "0"),
            ("-1.5", HalfEven, "-2"),
            ("2.1", Up, "3"),
            ("-2.1", Up, "-3"),
            ("2.9", Down, "2"),
            ("-2.9", Down, "-2"),
            ("-2.1", Floor, "-3"),
            ("2.9", Floor, "2"),
            ("-2.9", Ceiling, "-2"),
            ("2.1", Ceiling, "3"),
            ("-0.4", HalfUp, "0"),
            ("7", Up, "7"),
        ] {
            let number = Exact::parse_number(number).unwrap();
            assert_eq!(number.round(0, rounding).to_canonical(), rounded, "{number} {rounding}");
            let shifted = Exact::from_decimal_parts(1, 9);
            assert_eq!(number.mul(&shifted).round(9, rounding).div(&shifted).unwrap().to_canonical(), rounded);
        }
        assert_eq!(ratio(7803, 8).round(2, HalfUp), Exact::from_decimal_parts(97538, 2));
        assert_eq!(ratio(1, 3).round(255, Down).round(255, Up), ratio(1, 3).round(255, Down));
    }

    #[test]
    fn orders_by_value() {
        let mut numbers = ["1/3", "-1/2", "0", "2", "-7", "333333333333/1000000000000", "1/4", "-1/3"]
            .map(|text| Exact::parse_canonical(text).unwrap());
        numbers.sort();
        let texts = numbers.map(|number| number.to_canonical());
        assert_eq!(texts, ["-7", "-1/2", "-1/3", "0", "1/4", "333333333333/1000000000000", "1/3", "2"]);
    }
}
