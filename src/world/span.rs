//! A stretch of days over which something is looked at: a month, a quarter, a year, or any other.

use std::fmt;

use jiff::civil::Date;

use super::period::Period;

/// Days from a first to a last one, both included, in the years that a period can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    from: Date,
    to: Date,
}

impl Span {
    /// The days between two; `None` where the last lies before the first, or one of them in no period.
    pub fn new(from: Date, to: Date) -> Option<Self> {
        (from <= to && Period::of(from).is_some() && Period::of(to).is_some()).then_some(Self { from, to })
    }

    /// The days of a month.
    pub fn of(period: Period) -> Self {
        Self { from: period.first_day(), to: period.last_day() }
    }

    /// A quarter from its first month to the end of one of its months.
    pub fn quarter_to(period: Period) -> Self {
        Self::to(period, (period.month() - 1) % 3)
    }

    /// A year from January to the end of one of its months.
    pub fn year_to(period: Period) -> Self {
        Self::to(period, period.month() - 1)
    }

    fn to(last: Period, earlier: i8) -> Self {
        let first = (0..earlier).fold(last, |month, _| month.previous());
        Self { from: first.first_day(), to: last.last_day() }
    }

    /// First day.
    pub fn first_day(self) -> Date {
        self.from
    }

    /// Last day.
    pub fn last_day(self) -> Date {
        self.to
    }

    /// How many days.
    pub fn days(self) -> i64 {
        self.to.since(self.from).map_or(0, |span| i64::from(span.get_days())) + 1
    }

    /// Whether a day lies in it.
    pub fn contains(self, day: Date) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// Whether all days of a month lie in it.
    pub fn holds(self, month: Period) -> bool {
        self.contains(month.first_day()) && self.contains(month.last_day())
    }

    /// The months that it touches, in their order.
    pub fn months(self) -> Vec<Period> {
        let touched = |month: &Period| month.first_day() <= self.to;
        std::iter::successors(Period::of(self.from), |month| Some(month.next())).take_while(touched).collect()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn period(text: &str) -> Period {
        Period::parse(text).unwrap()
    }

    #[test]
    fn a_span_touches_months_and_holds_those_that_are_whole() {
        let span = Span::new(date(2026, 8, 16), date(2026, 10, 31)).unwrap();
        assert_eq!(span.months(), ["2026-08", "2026-09", "2026-10"].map(period));
        assert_eq!(span.months().into_iter().filter(|month| span.holds(*month)).count(), 2);
        assert_eq!((span.days(), span.to_string().as_str()), (77, "2026-08-16..2026-10-31"));
        assert!(span.contains(date(2026, 8, 16)) && !span.contains(date(2026, 8, 15)));
        assert_eq!(Span::new(date(2026, 8, 1), date(2026, 8, 1)).unwrap().days(), 1);
        assert_eq!(Span::new(date(2026, 8, 2), date(2026, 8, 1)), None);
        assert_eq!(Span::new(date(1899, 12, 31), date(2026, 8, 1)), None);
    }

    #[test]
    fn quarters_and_years_end_with_the_month_asked_for() {
        let shown = |span: Span| span.to_string();
        assert_eq!(shown(Span::quarter_to(period("2026-12"))), "2026-10-01..2026-12-31");
        assert_eq!(shown(Span::quarter_to(period("2026-10"))), "2026-10-01..2026-10-31");
        assert_eq!(shown(Span::quarter_to(period("2026-02"))), "2026-01-01..2026-02-28");
        assert_eq!(shown(Span::year_to(period("2026-12"))), "2026-01-01..2026-12-31");
        assert_eq!(Span::of(period("2026-02")), Span::new(date(2026, 2, 1), date(2026, 2, 28)).unwrap());
    }
}
