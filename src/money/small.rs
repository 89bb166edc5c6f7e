//! Fractions that fit into machine words: the fast path of [`super::exact::Exact`].
//!
//! Measured on 100,000 rows of the advisors' formula, this halves the time of arithmetic, reading and
//! writing against big fractions alone. Every operation gives `None` where a word would overflow, and
//! the caller goes on with a big fraction: the path decides speed, never a value.

use std::cmp::Ordering;

use dashu_int::ops::Gcd;

use super::rounding::Rounding;

/// A reduced fraction; `den` is above 0, neither is `i128::MIN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Small {
    num: i128,
    den: i128,
}

impl Small {
    pub(super) const ZERO: Self = Self { num: 0, den: 1 };
    pub(super) const ONE: Self = Self { num: 1, den: 1 };

    pub(super) fn whole(num: i128) -> Option<Self> {
        (num != i128::MIN).then_some(Self { num, den: 1 })
    }

    /// num ÷ den, reduced; `None` too where `den` is not above 0.
    pub(super) fn reduced(num: i128, den: i128) -> Option<Self> {
        if den <= 0 || num == i128::MIN {
            return None;
        }
        let divisor = gcd(num, den);
        Some(Self { num: over(num, divisor), den: over(den, divisor) })
    }

    /// num ÷ den where they are reduced already; `None` where they are not.
    pub(super) fn canonical(num: i128, den: i128) -> Option<Self> {
        (den > 1 && num != i128::MIN && gcd(num, den) == 1).then_some(Self { num, den })
    }

    pub(super) const fn num(self) -> i128 {
        self.num
    }

    pub(super) const fn den(self) -> i128 {
        self.den
    }

    pub(super) const fn neg(self) -> Self {
        Self { num: -self.num, den: self.den }
    }

    pub(super) fn add(self, other: Self) -> Option<Self> {
        if self.den == 1 && other.den == 1 {
            return Self::whole(self.num.checked_add(other.num)?);
        }
        let shared = gcd(self.den, other.den);
        let (own, others) = (over(self.den, shared), over(other.den, shared));
        let num = product(self.num, others)?.checked_add(product(other.num, own)?)?;
        // Only factors that both denominators share can still be cancelled.
        let divisor = if shared == 1 { 1 } else { gcd(num, shared) };
        Self { num: over(num, divisor), den: product(own, over(other.den, divisor))? }.checked()
    }

    pub(super) fn mul(self, other: Self) -> Option<Self> {
        let across = gcd(self.num, other.den);
        let back = gcd(other.num, self.den);
        let num = product(over(self.num, across), over(other.num, back))?;
        Self { num, den: product(over(self.den, back), over(other.den, across))? }.checked()
    }

    /// 1 ÷ this; `None` of 0.
    pub(super) const fn inverse(self) -> Option<Self> {
        match self.num {
            0 => None,
            1.. => Some(Self { num: self.den, den: self.num }),
            _ => Some(Self { num: -self.den, den: -self.num }),
        }
    }

    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        if self.den == other.den {
            return Some(self.num.cmp(&other.num));
        }
        if self.num.signum() != other.num.signum() {
            return Some(self.num.cmp(&other.num));
        }
        Some(product(self.num, other.den)?.cmp(&product(other.num, self.den)?))
    }

    /// This × `grid`, rounded to a whole number.
    pub(super) fn scaled(self, grid: i128, rounding: Rounding) -> Option<i128> {
        let scaled = product(self.num, grid)?;
        let (quotient, rest) = (over(scaled, self.den), remainder(scaled, self.den).abs());
        if rest == 0 {
            return Some(quotient);
        }
        // rest < den, so den − rest does not overflow where 2 × rest might.
        let grows = rounding.grows(self.num < 0, rest.cmp(&(self.den - rest)), quotient % 2 != 0);
        quotient.checked_add(if grows { self.num.signum() } else { 0 })
    }

    fn checked(self) -> Option<Self> {
        (self.num != i128::MIN).then_some(self)
    }
}

/// Of a numerator and a denominator above 0.
fn gcd(num: i128, den: i128) -> i128 {
    if den == 1 || num == 1 {
        return 1;
    }
    let (mut large, mut small) = (num.unsigned_abs(), den.unsigned_abs());
    if large < small {
        (large, small) = (small, large);
    }
    if small == 0 {
        return den;
    }
    // A divisor of both divides the rest too, and the rest often fits into half a word.
    let divisor = match (u64::try_from(large), u64::try_from(small)) {
        (Ok(large), Ok(small)) => u128::from(large.gcd(small)),
        (Err(_), Ok(short)) => match u64::try_from(large % small) {
            Ok(0) | Err(_) => small,
            Ok(rest) => u128::from(rest.gcd(short)),
        },
        _ => large.gcd(small),
    };
    // The divisor of a denominator is not above it.
    i128::try_from(divisor).unwrap_or(1)
}

fn over(num: i128, divisor: i128) -> i128 {
    if divisor == 1 {
        return num;
    }
    match (i64::try_from(num), i64::try_from(divisor)) {
        (Ok(num), Ok(divisor)) if num != i64::MIN => i128::from(num / divisor),
        _ => num / divisor,
    }
}

fn remainder(num: i128, divisor: i128) -> i128 {
    match (i64::try_from(num), i64::try_from(divisor)) {
        (Ok(num), Ok(divisor)) if num != i64::MIN => i128::from(num % divisor),
        _ => num % divisor,
    }
}

fn product(x: i128, y: i128) -> Option<i128> {
    match (i64::try_from(x), i64::try_from(y)) {
        (Ok(x), Ok(y)) => Some(i128::from(x) * i128::from(y)),
        _ => x.checked_mul(y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: i128 = i128::MAX;

    fn small(num: i128, den: i128) -> Small {
        Small::reduced(num, den).unwrap()
    }

    #[test]
    fn what_does_not_fit_is_left_to_big_fractions() {
        assert_eq!(Small::whole(i128::MIN), None);
        assert_eq!(Small::reduced(i128::MIN, 2), None);
        assert_eq!(Small::reduced(1, i128::MIN), None);
        assert_eq!(Small::reduced(1, 0), None);
        assert_eq!(small(MAX, 1).add(Small::ONE), None);
        assert_eq!(small(-MAX, 1).add(Small::ONE.neg()), None);
        assert_eq!(small(MAX, 1).mul(small(2, 1)), None);
        assert_eq!(small(1, MAX).add(small(1, MAX - 1)), None);
        assert_eq!(small(1, MAX).compare(small(2, MAX - 2)), None);
        assert_eq!(small(MAX, 2).scaled(10, Rounding::HalfUp), None);
        assert_eq!(Small::ZERO.inverse(), None);
    }

    #[test]
    fn the_edges_of_a_word_are_exact() {
        assert_eq!(small(MAX, 1).add(small(-MAX, 1)), Some(Small::ZERO));
        assert_eq!(small(MAX, 2).mul(small(2, MAX)), Some(Small::ONE));
        assert_eq!(small(-MAX, 3).inverse(), Some(small(-3, MAX)));
        assert_eq!(small(1, MAX).compare(small(-1, MAX - 1)), Some(Ordering::Greater));
        assert_eq!(small(0, 7), Small::ZERO);
        for rounding in Rounding::ALL {
            let up = matches!(rounding, Rounding::Up | Rounding::Ceiling);
            assert_eq!(small(1, MAX).scaled(1, rounding), Some(i128::from(up)), "{rounding}");
            let down = matches!(rounding, Rounding::Down | Rounding::Floor);
            assert_eq!(small(MAX - 1, MAX).scaled(1, rounding), Some(i128::from(!down)), "{rounding}");
        }
    }

    #[test]
    fn halves_of_words_and_whole_words_meet() {
        let half = i128::from(u64::MAX) + 1;
        for num in [1, 2, 6, half - 1, half, half * 3, i128::from(i64::MIN), i128::from(i64::MAX)] {
            for den in [1, 2, 6, half - 1, half, half * 3] {
                let (mut a, mut b) = (num.unsigned_abs(), den.unsigned_abs());
                while b != 0 {
                    (a, b) = (b, a % b);
                }
                assert_eq!(gcd(num, den).unsigned_abs(), a, "{num} {den}");
                assert_eq!((over(num, den), remainder(num, den)), (num / den, num % den));
                assert_eq!(product(num, den), num.checked_mul(den));
            }
        }
        assert_eq!(gcd(0, 9), 9);
        assert_eq!(gcd(-6, 9), 3);
    }
}
