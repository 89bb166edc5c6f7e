//! The one number type of money: a fraction of two whole numbers of any size, always reduced.
//!
//! Sums, differences, products and quotients are exact; only [`Exact::round`] loses anything, and only
//! where it is called. A division by zero is `None`, never a panic. There is no way in from, and no
//! way out to, floating point.

use std::fmt;

use dashu_int::ops::DivRem;
use dashu_int::{IBig, Sign, UBig};
use dashu_ratio::RBig;
use rust_decimal::Decimal;

use super::rounding::Rounding;

/// An exact rational number. Its text form is canonical: `7803/8`, `-3`, `0`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exact(RBig);

impl Exact {
    /// Nothing.
    pub fn zero() -> Self {
        Self(RBig::ZERO)
    }

    /// The unit of multiplication.
    pub fn one() -> Self {
        Self(RBig::ONE)
    }

    /// A whole number.
    pub fn from_i128(whole: i128) -> Self {
        Self(RBig::from(whole))
    }

    /// `unscaled` ÷ 10^`scale`: how a decimal column holds 12.34 as 1234 and 2.
    pub fn from_decimal_parts(unscaled: i128, scale: u8) -> Self {
        if scale == 0 {
            return Self::from_i128(unscaled);
        }
        Self::from_big_parts(IBig::from(unscaled), power_of_ten(scale))
    }

    /// The number that a decimal holds.
    pub fn from_decimal(decimal: Decimal) -> Self {
        Self::from_big_parts(IBig::from(decimal.mantissa()), UBig::from(10_u8).pow(decimal.scale() as usize))
    }

    /// `num` ÷ `den`; `None` where `den` is 0.
    pub fn ratio(num: i128, den: i128) -> Option<Self> {
        (den != 0).then(|| Self(RBig::from_parts_signed(IBig::from(num), IBig::from(den))))
    }

    /// The caller knows that `den` is not 0.
    pub(super) fn from_big_parts(num: IBig, den: UBig) -> Self {
        Self(RBig::from_parts(num, den))
    }

    /// Reads the canonical text form and nothing else: `7803/8`, not `15606/16`, `+1`, `1/1` or `01`.
    pub fn parse_canonical(text: &str) -> Option<Self> {
        let (num, den) = match text.split_once('/') {
            Some((num, den)) => (num, Some(den)),
            None => (text, None),
        };
        let negative = num.starts_with('-');
        let magnitude = parse_magnitude(if negative { num.get(1..)? } else { num })?;
        if negative && magnitude.is_zero() {
            return None;
        }
        let num = IBig::from_parts(if negative { Sign::Negative } else { Sign::Positive }, magnitude);
        let Some(den) = den else {
            return Some(Self(RBig::from(num)));
        };
        let den = parse_magnitude(den)?;
        if den.is_zero() || den.is_one() {
            return None;
        }
        let reduced = RBig::from_parts(num, den.clone());
        (*reduced.denominator() == den).then_some(Self(reduced))
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
        Self(&self.0 + &other.0)
    }

    /// Difference.
    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        Self(&self.0 - &other.0)
    }

    /// Product.
    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        Self(&self.0 * &other.0)
    }

    /// Quotient; `None` where the divisor is 0.
    #[must_use]
    pub fn div(&self, other: &Self) -> Option<Self> {
        (!other.is_zero()).then(|| Self(&self.0 / &other.0))
    }

    /// The same magnitude with the other sign.
    #[must_use]
    pub fn neg(&self) -> Self {
        Self(-&self.0)
    }

    /// The magnitude.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { self.neg() } else { self.clone() }
    }

    /// Whether this is 0.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether this is below 0.
    pub fn is_negative(&self) -> bool {
        self.0.numerator().sign() == Sign::Negative && !self.is_zero()
    }

    /// Whether this is a whole number.
    pub fn is_whole(&self) -> bool {
        self.0.is_int()
    }

    /// Rounded to so many places behind the point.
    #[must_use]
    pub fn round(&self, places: u8, rounding: Rounding) -> Self {
        if self.is_whole() {
            return self.clone();
        }
        Self::from_big_parts(self.unscaled(places, rounding), power_of_ten(places))
    }

    /// This × 10^`places`, rounded to a whole number: the digits of a decimal.
    pub(super) fn unscaled(&self, places: u8, rounding: Rounding) -> IBig {
        let (sign, magnitude) = self.0.numerator().clone().into_parts();
        let (quotient, rest) = (magnitude * power_of_ten(places)).div_rem(self.0.denominator());
        let grows = !rest.is_zero()
            && rounding.grows(
                self.is_negative(),
                (rest << 1).cmp(self.0.denominator()),
                quotient.trailing_zeros() == Some(0),
            );
        IBig::from_parts(sign, if grows { quotient + UBig::ONE } else { quotient })
    }

    /// The digits as a decimal of so many places, or `None` where they do not end there or do not fit.
    pub fn to_unscaled(&self, places: u8) -> Option<i128> {
        if self.round(places, Rounding::Down) != *self {
            return None;
        }
        i128::try_from(self.unscaled(places, Rounding::Down)).ok()
    }

    /// The canonical text form.
    pub fn to_canonical(&self) -> String {
        self.to_string()
    }

    /// The same number as a decimal without trailing zeros; `None` where it does not end, or needs more
    /// than 28 places or 96 bits.
    pub fn to_decimal(&self) -> Option<Decimal> {
        (0..=28).find_map(|places| self.to_decimal_with(places))
    }

    /// The same number as an amount in yuan, two places always; `None` where it is not whole fen.
    pub fn to_amount(&self) -> Option<Decimal> {
        self.to_decimal_with(2)
    }

    fn to_decimal_with(&self, places: u8) -> Option<Decimal> {
        Decimal::try_from_i128_with_scale(self.to_unscaled(places)?, u32::from(places)).ok()
    }

    /// For people: whole where it ends within `max_places`, otherwise rounded half-up behind a `≈`.
    ///
    /// `975.375`, `220,000`, `≈0.333333` with 6 places.
    pub fn shown(&self, max_places: u8) -> String {
        super::show::number(self, max_places)
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.numerator())?;
        if !self.is_whole() {
            write!(f, "/{}", self.0.denominator())?;
        }
        Ok(())
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

/// 10^`places`.
pub(super) fn power_of_ten(places: u8) -> UBig {
    UBig::from(10_u8).pow(usize::from(places))
}

/// Digits only, no leading zero but of 0 itself.
fn parse_magnitude(digits: &str) -> Option<UBig> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    match digits.parse::<u128>() {
        Ok(small) => Some(UBig::from(small)),
        Err(_) => UBig::from_str_radix(digits, 10).ok(),
    }
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

    #[test]
    fn amounts_keep_two_places() {
        let decimal = |text: &str| Exact::parse_number(text).unwrap();
        assert_eq!(decimal("1086.8").to_amount().unwrap().to_string(), "1086.80");
        assert_eq!(decimal("-100").to_amount().unwrap().to_string(), "-100.00");
        assert_eq!(decimal("0").to_amount().unwrap().to_string(), "0.00");
        assert_eq!(decimal("0.005").to_amount(), None);
        assert_eq!(decimal("0.00500").to_decimal().unwrap().to_string(), "0.005");
        assert_eq!(decimal("220000").to_decimal().unwrap().to_string(), "220000");
        assert_eq!(ratio(1, 3).to_decimal(), None);
        assert_eq!(Exact::from_i128(i128::MAX).to_decimal(), None);
        assert_eq!(decimal("12.34").to_unscaled(2), Some(1234));
        assert_eq!(decimal("12.34").to_unscaled(1), None);
        assert_eq!(decimal("-12.3").to_unscaled(2), Some(-1230));
    }
}
