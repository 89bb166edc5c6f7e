//! Digit bounds: which numbers fit into 18 digits, into a decimal of 38, or need a fraction.
//!
//! A [`Size`] promises that the unscaled number has at most so many digits. Every operation has a rule
//! for the size of its result; where no rule keeps it within 38 digits the result is exact
//! ([`Kind::Exact`]), so that decimal arithmetic can never overflow or round.

use super::types::Kind;
use crate::money::exact::Exact;

/// Digits of an `Int` column, whose own bound is not known.
pub(super) const INT_DIGITS: u8 = 18;
/// Most digits of a decimal.
const DECIMAL_DIGITS: u16 = 38;
/// Digits that a sum may add: no frame has more than 10⁹ rows.
const SUM_DIGITS: u16 = 9;
/// Digits of a count of rows.
pub(super) const COUNT_DIGITS: u8 = 10;

/// How large a number may be: at most `digits` digits in all, `scale` of them behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// Digits in all, never fewer than `scale`.
    pub(crate) digits: u8,
    /// Digits behind the point.
    pub(crate) scale: u8,
}

impl Size {
    /// A whole number of so many digits.
    pub(super) const fn whole(digits: u8) -> Self {
        Self { digits, scale: 0 }
    }

    /// The size of a column of a kind; absent for fractions and for what is no number.
    pub(super) const fn of_kind(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Int => Some(Self::whole(INT_DIGITS)),
            Kind::Decimal { digits, scale } => {
                Some(Self { digits: if digits > scale { digits } else { scale }, scale })
            }
            Kind::Exact | Kind::Bool | Kind::Text | Kind::Date | Kind::DateTime => None,
        }
    }

    /// The kind that holds every number of this size.
    pub(super) const fn kind(self) -> Kind {
        if self.scale == 0 && self.digits <= INT_DIGITS {
            Kind::Int
        } else {
            Kind::Decimal { digits: self.digits, scale: self.scale }
        }
    }

    fn checked(whole: u16, scale: u16) -> Option<Self> {
        let digits = (whole + scale).max(1);
        if digits > DECIMAL_DIGITS {
            return None;
        }
        Some(Self { digits: u8::try_from(digits).ok()?, scale: u8::try_from(scale).ok()? })
    }

    fn whole_digits(self) -> u16 {
        u16::from(self.digits) - u16::from(self.scale.min(self.digits))
    }

    /// Size of a sum or difference of two numbers.
    pub(super) fn sum(self, other: Self) -> Option<Self> {
        let whole = self.whole_digits().max(other.whole_digits()) + 1;
        Self::checked(whole, u16::from(self.scale.max(other.scale)))
    }

    /// Size of a product.
    pub(super) fn product(self, other: Self) -> Option<Self> {
        Self::checked(self.whole_digits() + other.whole_digits(), u16::from(self.scale) + u16::from(other.scale))
    }

    /// Size of one or the other, brought to one scale.
    pub(super) fn either(self, other: Self) -> Option<Self> {
        Self::checked(self.whole_digits().max(other.whole_digits()), u16::from(self.scale.max(other.scale)))
    }

    /// Size of the sum of a column.
    pub(super) fn column_sum(self) -> Option<Self> {
        Self::checked(self.whole_digits() + SUM_DIGITS, u16::from(self.scale))
    }
}

/// A decimal number as an expression writes it: `0.004` is 4 at scale 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    /// The digits without the point.
    pub(crate) unscaled: i128,
    /// Digits behind the point.
    pub(crate) scale: u8,
}

impl Literal {
    /// Reads `220000` or `0.004`; absent past 38 digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (whole, behind) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{behind}");
        let significant = digits.trim_start_matches('0');
        if significant.len() > usize::from(DECIMAL_DIGITS) || behind.len() > usize::from(DECIMAL_DIGITS) {
            return None;
        }
        let unscaled = if significant.is_empty() { 0 } else { significant.parse().ok()? };
        Some(Self { unscaled, scale: u8::try_from(behind.len()).ok()? })
    }

    /// Its size.
    pub(super) fn size(self) -> Size {
        let digits = u8::try_from(self.unscaled.unsigned_abs().checked_ilog10().unwrap_or(0) + 1).unwrap_or(u8::MAX);
        Size { digits: digits.max(self.scale), scale: self.scale }
    }

    /// As people write it, with all its places.
    pub(super) fn text(self) -> String {
        let scale = usize::from(self.scale);
        let digits = format!("{:0>width$}", self.unscaled.unsigned_abs(), width = scale + 1);
        let (whole, behind) = digits.split_at(digits.len() - scale);
        let sign = if self.unscaled < 0 { "-" } else { "" };
        if behind.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{behind}") }
    }

    /// As an exact number.
    pub(super) fn exact(self) -> Exact {
        Exact::from_decimal_parts(self.unscaled, self.scale)
    }
}

/// The kind that holds each of several numbers: int, a decimal, or exact where one is no decimal.
///
/// Parameters get their kind from this, over all the values they ever had.
pub fn kind_of<'a>(values: impl IntoIterator<Item = &'a Exact>) -> Kind {
    let mut size: Option<Size> = None;
    for value in values {
        let Some(own) = size_of(value) else { return Kind::Exact };
        size = match size {
            None => Some(own),
            Some(known) => match known.either(own) {
                Some(both) => Some(both),
                None => return Kind::Exact,
            },
        };
    }
    size.map_or(Kind::Int, Size::kind)
}

fn size_of(value: &Exact) -> Option<Size> {
    let (unscaled, scale) = (0..=u8::try_from(DECIMAL_DIGITS).ok()?)
        .find_map(|scale| value.to_unscaled(scale).map(|unscaled| (unscaled, scale)))?;
    let size = Literal { unscaled, scale }.size();
    (u16::from(size.digits) <= DECIMAL_DIGITS).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(digits: u8, scale: u8) -> Size {
        Size { digits, scale }
    }

    #[test]
    fn a_product_of_exactly_38_digits_is_still_decimal_and_of_39_is_not() {
        assert_eq!(size(20, 2).product(size(18, 4)), Some(size(38, 6)));
        assert_eq!(size(20, 2).product(size(19, 4)), None);
    }

    #[test]
    fn a_sum_needs_one_digit_more_than_the_longer_side() {
        assert_eq!(size(10, 2).sum(size(5, 4)), Some(size(13, 4)));
        assert_eq!(size(38, 2).sum(size(1, 0)), None);
        assert_eq!(Size::whole(17).sum(Size::whole(17)).map(Size::kind), Some(Kind::Int));
        assert_eq!(Size::whole(18).sum(Size::whole(1)).map(Size::kind), Some(Kind::Decimal { digits: 19, scale: 0 }));
    }

    #[test]
    fn a_column_of_29_digits_can_be_summed_and_of_30_cannot() {
        assert_eq!(size(29, 2).column_sum(), Some(size(38, 2)));
        assert_eq!(size(30, 2).column_sum(), None);
    }

    #[test]
    fn leading_zeros_of_a_literal_are_no_digits_but_zeros_behind_the_point_are() {
        assert_eq!(Literal::parse("000.004").map(Literal::size), Some(size(3, 3)));
        assert_eq!(Literal::parse("0").map(Literal::size), Some(size(1, 0)));
        assert_eq!(Literal::parse("1.50").map(Literal::size), Some(size(3, 2)));
        assert_eq!(Literal::parse("123456789012345678901234567890123456789"), None);
    }

    #[test]
    fn a_literal_is_written_as_it_was_read() {
        for text in ["0", "7", "0.004", "4.50", "220000"] {
            assert_eq!(Literal::parse(text).map(Literal::text).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_parameter_takes_the_kind_that_holds_all_its_values() {
        let exact = |text: &str| Exact::parse_canonical(text).unwrap();
        assert_eq!(kind_of(&[exact("1/250"), exact("3")]), Kind::Decimal { digits: 4, scale: 3 });
        assert_eq!(kind_of(&[exact("3"), exact("-20")]), Kind::Int);
        assert_eq!(kind_of(&[exact("1/250"), exact("1/3")]), Kind::Exact);
    }
}
