//! Where exact numbers meet decimals: columns of source figures, amounts of pay lines.
//!
//! No way out rounds: a number that has more places than were asked for has no such decimal.

use dashu_int::{IBig, UBig};
use rust_decimal::Decimal;

use super::exact::Exact;
use super::rounding::Rounding;
use super::small::Small;

impl Exact {
    /// `unscaled` ÷ 10^`scale`: how a decimal column holds 12.34 as 1234 and 2.
    pub fn from_decimal_parts(unscaled: i128, scale: u8) -> Self {
        small_power_of_ten(scale)
            .and_then(|den| Small::reduced(unscaled, den))
            .map_or_else(|| Self::from_big_parts(IBig::from(unscaled), power_of_ten(scale)), Self::from_small)
    }

    /// The number that a decimal holds.
    pub fn from_decimal(decimal: Decimal) -> Self {
        Self::from_big_parts(IBig::from(decimal.mantissa()), UBig::from(10_u8).pow(decimal.scale() as usize))
    }

    /// The digits as a decimal of so many places, or `None` where they do not end there or do not fit.
    pub fn to_unscaled(&self, places: u8) -> Option<i128> {
        if self.round(places, Rounding::Down) != *self {
            return None;
        }
        i128::try_from(self.unscaled(places, Rounding::Down)).ok()
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
}

/// 10^`places`.
pub(super) fn power_of_ten(places: u8) -> UBig {
    UBig::from(10_u8).pow(usize::from(places))
}

/// 10^`places` where it fits into a word.
pub(super) fn small_power_of_ten(places: u8) -> Option<i128> {
    10_i128.checked_pow(u32::from(places))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_two_places() {
        let decimal = |text: &str| Exact::parse_number(text).unwrap();
        assert_eq!(decimal("1086.8").to_amount().unwrap().to_string(), "1086.80");
        assert_eq!(decimal("-100").to_amount().unwrap().to_string(), "-100.00");
        assert_eq!(decimal("0").to_amount().unwrap().to_string(), "0.00");
        assert_eq!(decimal("0.005").to_amount(), None);
        assert_eq!(decimal("0.00500").to_decimal().unwrap().to_string(), "0.005");
        assert_eq!(decimal("220000").to_decimal().unwrap().to_string(), "220000");
        assert_eq!(Exact::ratio(1, 3).unwrap().to_decimal(), None);
        assert_eq!(Exact::from_i128(i128::MAX).to_decimal(), None);
        assert_eq!(decimal("12.34").to_unscaled(2), Some(1234));
        assert_eq!(decimal("12.34").to_unscaled(1), None);
        assert_eq!(decimal("-12.3").to_unscaled(2), Some(-1230));
    }
}
