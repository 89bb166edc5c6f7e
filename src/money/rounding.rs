//! The ways to round, by name. A rounding is always named by whoever asks for it.

use std::fmt;

/// Which neighbour a number takes that lies between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rounding {
    /// The nearer one; a tie goes away from zero: 2.5 → 3, −2.5 → −3. The way of pay lines.
    HalfUp,
    /// The nearer one; a tie goes to the even digit: 2.5 → 2, 3.5 → 4.
    HalfEven,
    /// Away from zero: 2.1 → 3, −2.1 → −3.
    Up,
    /// Towards zero: 2.9 → 2, −2.9 → −2.
    Down,
    /// Towards minus infinity: −2.1 → −3.
    Floor,
    /// Towards plus infinity: −2.9 → −2.
    Ceiling,
}

impl Rounding {
    /// Every way, in the order in which messages list them.
    pub const ALL: [Self; 6] = [Self::HalfUp, Self::HalfEven, Self::Up, Self::Down, Self::Floor, Self::Ceiling];

    /// Name as formulas write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HalfUp => "half-up",
            Self::HalfEven => "half-even",
            Self::Up => "up",
            Self::Down => "down",
            Self::Floor => "floor",
            Self::Ceiling => "ceiling",
        }
    }

    /// The way of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rounding| rounding.name() == name)
    }

    /// Whether the magnitude grows, for a number that is not on the grid: its sign, how its rest
    /// compares with one half, and whether the digit below it is odd.
    pub(super) fn grows(self, negative: bool, rest_to_half: std::cmp::Ordering, odd: bool) -> bool {
        match self {
            Self::HalfUp => rest_to_half.is_ge(),
            Self::HalfEven => rest_to_half.is_gt() || (rest_to_half.is_eq() && odd),
            Self::Up => true,
            Self::Down => false,
            Self::Floor => negative,
            Self::Ceiling => !negative,
        }
    }
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for rounding in Rounding::ALL {
            assert_eq!(Rounding::parse(rounding.name()), Some(rounding));
        }
        assert_eq!(Rounding::parse("half_up"), None);
        assert_eq!(Rounding::parse(""), None);
    }
}
