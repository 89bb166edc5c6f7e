//! The value of `--period`.

use std::str::FromStr;

use crate::world::World;
use crate::world::period::Period;

use super::Failure;

/// A month, or the one before today's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PeriodArgument {
    Month(Period),
    LastMonth,
}

impl FromStr for PeriodArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "last-month" {
            return Ok(Self::LastMonth);
        }
        let month = Period::parse(text).map(Self::Month);
        month.ok_or_else(|| "write the month as 2026-10, or `last-month`".to_owned())
    }
}

impl PeriodArgument {
    /// The month that is meant.
    pub(super) fn resolve(self, world: &dyn World) -> Result<Period, Failure> {
        match self {
            Self::Month(period) => Ok(period),
            Self::LastMonth => {
                let today = world.today();
                Period::last_month(today).ok_or_else(|| {
                    Failure::usage(format!("the machine's clock says {today}"), Some("name the month".to_owned()))
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Memory;

    #[test]
    fn a_month_or_last_month() {
        let world = Memory::new();
        let resolve = |text: &str| text.parse::<PeriodArgument>().unwrap().resolve(&world).unwrap().to_string();
        assert_eq!((resolve("2025-02").as_str(), resolve("last-month").as_str()), ("2025-02", "2026-10"));
        for text in ["2026-13", "202610", "last month", ""] {
            assert!(text.parse::<PeriodArgument>().is_err(), "{text}");
        }
    }
}
