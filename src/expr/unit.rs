//! Units of measure: part of every numeric type, so that yuan and cars cannot be added.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::diag::{Code, Fault};

/// A unit that the project does not know.
pub const UNKNOWN_UNIT: Code = Code::new("unknown-unit", "a unit that neither the program nor the project file names");

/// Units that every project knows; a project file may name more.
pub const BUILT_IN: &[&str] = &[
    "yuan",
    "cars",
    "orders",
    "bottles",
    "policies",
    "prospects",
    "packages",
    "calls",
    "people",
    "hours",
    "minutes",
    "days",
    "months",
    "points",
    "lines",
];

/// A product of powers of base units: `yuan`, `yuan/cars`, `hours*yuan/hours`; empty for a plain ratio.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit(BTreeMap<Arc<str>, i32>);

impl Unit {
    /// No unit: a ratio, a share, a plain count of nothing in particular.
    pub fn ratio() -> Self {
        Self::default()
    }

    /// A base unit by name, unchecked.
    pub fn base(name: &str) -> Self {
        Self(BTreeMap::from([(Arc::from(name), 1)]))
    }

    /// Whether there is no unit.
    pub fn is_ratio(&self) -> bool {
        self.0.is_empty()
    }

    /// The power in which a base unit occurs.
    pub fn power(&self, base: &str) -> i32 {
        self.0.get(base).copied().unwrap_or(0)
    }

    /// Unit of a product.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        self.combine(other, 1)
    }

    /// Unit of a quotient.
    #[must_use]
    pub fn over(&self, other: &Self) -> Self {
        self.combine(other, -1)
    }

    fn combine(&self, other: &Self, sign: i32) -> Self {
        let mut powers = self.0.clone();
        for (base, power) in &other.0 {
            *powers.entry(Arc::clone(base)).or_insert(0) += sign * power;
        }
        powers.retain(|_, power| *power != 0);
        Self(powers)
    }

    /// Reads `yuan`, `yuan/cars`, `ratio`, `hours*yuan/hours`; `extra` are the project's own base units.
    ///
    /// # Errors
    /// [`UNKNOWN_UNIT`] at the base unit nobody named, with the nearest known one.
    pub fn parse(text: &str, extra: &[String]) -> Result<Self, Fault> {
        let mut unit = Self::ratio();
        let mut sign = 1;
        let mut start = 0;
        let ends = text.match_indices(['*', '/']).map(|(at, op)| (at, Some(op))).chain([(text.len(), None)]);
        for (end, operator) in ends {
            let part = text.get(start..end).unwrap_or_default();
            let name = part.trim();
            if name != "ratio" && name != "1" {
                let known = BUILT_IN.iter().copied().chain(extra.iter().map(String::as_str));
                if !known.clone().any(|base| base == name) {
                    let at = start + (part.len() - part.trim_start().len());
                    let mut fault = Fault::new(UNKNOWN_UNIT, at..at + name.len(), format!("unknown unit `{name}`"));
                    fault.hint = Some(match crate::diag::nearest(name, known) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => {
                            format!("units are {}; add others under `units:` of the project file", BUILT_IN.join(", "))
                        }
                    });
                    return Err(fault);
                }
                unit = unit.combine(&Self::base(name), sign);
            }
            sign = if operator == Some("/") { -1 } else { 1 };
            start = end + 1;
        }
        Ok(unit)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_ratio() {
            return f.write_str("ratio");
        }
        let repeated = self.0.iter().filter_map(|(base, power)| Some((base, usize::try_from(*power).ok()?)));
        let over: Vec<&str> = repeated.flat_map(|(base, power)| std::iter::repeat_n(&**base, power)).collect();
        f.write_str(if over.is_empty() { "1".to_owned() } else { over.join("*") }.as_str())?;
        for (base, power) in &self.0 {
            for _ in *power..0 {
                write!(f, "/{base}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(text: &str) -> Unit {
        Unit::parse(text, &["sets".to_owned()]).unwrap()
    }

    #[test]
    fn what_is_printed_can_be_read_again() {
        for text in ["ratio", "yuan", "yuan/cars", "cars*cars", "points*yuan", "1/days", "yuan/bottles/days", "sets"] {
            assert_eq!(unit(text).to_string(), text);
        }
        assert_eq!(unit("hours*yuan/hours"), unit("yuan"));
    }

    #[test]
    fn powers_cancel_out() {
        assert_eq!(unit("cars").times(&unit("yuan/cars")), unit("yuan"));
        assert_eq!(unit("yuan").over(&unit("yuan")), Unit::ratio());
        assert_eq!(unit("yuan").over(&unit("cars")).power("cars"), -1);
    }

    #[test]
    fn an_unknown_unit_is_found_at_its_place_with_the_nearest_one() {
        let fault = Unit::parse("yuan / car", &[]).unwrap_err();
        assert_eq!((fault.span, fault.hint.as_deref()), (7..10, Some("did you mean `cars`?")));
        assert!(Unit::parse("", &[]).is_err());
        assert!(Unit::parse("yuan//cars", &[]).is_err());
    }
}
