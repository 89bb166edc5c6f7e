//! Fractions of the reference: a numerator over a denominator above 0, never reduced, compared by
//! cross-multiplication. Nothing of the program's own numbers is used here.

use std::cmp::Ordering;

use dashu_int::IBig;

/// num ÷ den, den above 0.
#[derive(Clone, Debug)]
pub struct Fraction {
    num: IBig,
    den: IBig,
}

/// How a ratio is held before it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// As it is.
    Exactly,
    /// At 18 decimals, the rest cut off.
    Cut18,
    /// At 18 decimals, rounded half away from zero.
    Rounded18,
}

impl Fraction {
    pub fn new(num: impl Into<IBig>, den: impl Into<IBig>) -> Self {
        let (num, den) = (num.into(), den.into());
        assert!(den > IBig::ZERO, "the denominator {den} is not above 0");
        Self { num, den }
    }

    pub fn whole(number: i64) -> Self {
        Self::new(number, 1)
    }

    /// So many fen as yuan.
    pub fn yuan(fen: i64) -> Self {
        Self::new(fen, 100)
    }

    pub fn plus(&self, other: &Self) -> Self {
        Self::new(&self.num * &other.den + &other.num * &self.den, &self.den * &other.den)
    }

    pub fn minus(&self, other: &Self) -> Self {
        Self::new(&self.num * &other.den - &other.num * &self.den, &self.den * &other.den)
    }

    pub fn times(&self, other: &Self) -> Self {
        Self::new(&self.num * &other.num, &self.den * &other.den)
    }

    /// Divided by a number above 0, and held in some way.
    pub fn over(&self, other: &Self, held: Held) -> Self {
        assert!(other.num > IBig::ZERO, "a target that is not above 0");
        let exact = Self::new(&self.num * &other.den, &self.den * &other.num);
        let grid = IBig::from(10).pow(18);
        match held {
            Held::Exactly => exact,
            Held::Cut18 => Self::new(&exact.num * &grid / &exact.den, grid),
            Held::Rounded18 => Self::new(half_away(&(&exact.num * &grid), &exact.den), grid),
        }
    }

    pub fn not_below_zero(&self) -> Self {
        if self.num < IBig::ZERO { Self::whole(0) } else { self.clone() }
    }

    pub fn negated(&self) -> Self {
        Self::new(-&self.num, self.den.clone())
    }

    pub fn compare(&self, other: &Self) -> Ordering {
        (&self.num * &other.den).cmp(&(&other.num * &self.den))
    }

    /// An amount in yuan, rounded half away from zero to whole fen.
    pub fn fen(&self) -> IBig {
        half_away(&(&self.num * IBig::from(100)), &self.den)
    }

    /// Whether an amount in yuan lies exactly between two fen.
    pub fn is_tie(&self) -> bool {
        let halves = &self.num * IBig::from(200);
        &halves % &self.den == IBig::ZERO && (halves / &self.den) % IBig::from(2) != IBig::ZERO
    }
}

/// num ÷ den as a whole number, halves away from zero.
fn half_away(num: &IBig, den: &IBig) -> IBig {
    let two = IBig::from(2);
    if *num < IBig::ZERO { -((den - &two * num) / (&two * den)) } else { (&two * num + den) / (&two * den) }
}

#[test]
fn halves_go_away_from_zero() {
    for (num, den, fen) in
        [(975_375, 1000, 97_538), (-975_375, 1000, -97_538), (974, 1000, 97), (-1, 300, 0), (1, 200, 1)]
    {
        assert_eq!(Fraction::new(num, den).fen(), IBig::from(fen), "{num}/{den}");
    }
    assert!(Fraction::new(-1, 200).is_tie() && !Fraction::new(1, 100).is_tie() && !Fraction::new(1, 300).is_tie());
}
