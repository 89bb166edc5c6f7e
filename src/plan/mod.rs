//! Specs to plans: names, types, units, dates and joins resolved; every finding collected.
