//! Ladders (阶梯): printed tables that give a value for a number.
//!
//! A ladder is checked when it is made: its rows ascend, no number between its two ends is left out
//! and none lies in two rows; single points count. Below its first and above its last row a ladder may
//! say nothing; a number there is not covered, and whoever asks must say so. No row is ever guessed.
//!
//! Whole-base ([`Ladder::lookup`]): the row that the number reaches holds for the whole base.
//! Marginal ([`Ladder::marginal`]): each slice from 0 up to the base at the rate of its own row.

pub mod interval;

use std::cmp::Ordering;
use std::fmt;

use super::exact::Exact;
use crate::diag::Code;
use interval::shown;
pub use interval::{Bound, Interval, Point};

/// No rows.
pub const EMPTY_LADDER: Code = Code::new("empty-ladder", "a ladder without rows");
/// Numbers between two rows.
pub const LADDER_GAP: Code = Code::new("ladder-gap", "numbers between two rows of a ladder that no row covers");
/// Numbers in two rows.
pub const LADDER_OVERLAP: Code = Code::new("ladder-overlap", "numbers that two rows of a ladder cover");
/// Rows that do not ascend.
pub const LADDER_ORDER: Code = Code::new("ladder-order", "rows of a ladder that do not ascend");

/// One row of a ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The numbers for which it holds.
    pub interval: Interval,
    /// What it gives.
    pub value: Exact,
    /// The condition as the plan prints it.
    pub words: String,
}

impl Row {
    /// What it gives where a limit may hold it back.
    pub fn rate(&self, at_most: Option<&Exact>) -> Exact {
        at_most.map_or(&self.value, |limit| limit.min(&self.value)).clone()
    }
}

/// Rows that ascend without gap and overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    rows: Vec<Row>,
}

/// What is wrong with a ladder, at one of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LadderFault {
    /// Kind of finding it will become.
    pub code: Code,
    /// Index of the row, in the order that was given.
    pub row: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A part of a base and the row that pays it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice<'a> {
    /// Index of the row.
    pub index: usize,
    /// The row.
    pub row: &'a Row,
    /// How much of the base lies in it; above 0.
    pub length: Exact,
}

/// Why a base cannot be cut into slices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarginalFault {
    /// The base lies below 0: it has no slices, and paying 0 for it is not for a ladder to decide.
    Negative,
    /// No row covers this part of the base.
    Uncovered {
        /// Where the part begins.
        from: Exact,
        /// Where it ends.
        to: Exact,
    },
}

impl fmt::Display for MarginalFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Negative => f.write_str("the base of a marginal ladder is below 0"),
            Self::Uncovered { from, to } => {
                write!(f, "no row of the ladder covers the base between {} and {}", shown(from), shown(to))
            }
        }
    }
}

impl Ladder {
    /// Checks the rows and keeps them.
    ///
    /// # Errors
    /// Everything that is wrong with them, by row.
    pub fn new(rows: Vec<Row>) -> Result<Self, Vec<LadderFault>> {
        if rows.is_empty() {
            let hint = Some("give at least one row".to_owned());
            return Err(vec![LadderFault {
                code: EMPTY_LADDER,
                row: 0,
                message: "this ladder has no rows".to_owned(),
                hint,
            }]);
        }
        let faults: Vec<LadderFault> =
            rows.windows(2).enumerate().filter_map(|(index, pair)| between(pair, index + 1)).collect();
        if faults.is_empty() { Ok(Self { rows }) } else { Err(faults) }
    }

    /// The rows, ascending.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row in which a number lies, with its index; `None` below the first and above the last row.
    pub fn lookup(&self, number: &Exact) -> Option<(usize, &Row)> {
        let index = self.rows.binary_search_by(|row| row.interval.position_of(number).reverse()).ok()?;
        self.rows.get(index).map(|row| (index, row))
    }

    /// Σ slice × rate of its row, from 0 up to the base; 0 for a base of 0.
    ///
    /// # Errors
    /// A negative base, or a part of it that no row covers.
    pub fn marginal(&self, base: &Exact) -> Result<Exact, MarginalFault> {
        self.marginal_limited(base, None)
    }

    /// The same, with no slice at a rate above the limit, where one is given.
    ///
    /// # Errors
    /// As [`Ladder::marginal`].
    pub fn marginal_limited(&self, base: &Exact, at_most: Option<&Exact>) -> Result<Exact, MarginalFault> {
        let slices = self.slices(base)?;
        Ok(slices.iter().fold(Exact::zero(), |sum, slice| sum.add(&slice.length.mul(&slice.row.rate(at_most)))))
    }

    /// The base from 0 upward, cut at the bounds of the rows. Which side takes a bound in does not
    /// matter here: a single point has no length.
    ///
    /// # Errors
    /// As [`Ladder::marginal`].
    pub fn slices(&self, base: &Exact) -> Result<Vec<Slice<'_>>, MarginalFault> {
        if base.is_negative() {
            return Err(MarginalFault::Negative);
        }
        let mut slices = Vec::new();
        let mut reached = Exact::zero();
        for (index, row) in self.rows.iter().enumerate() {
            if reached == *base {
                break;
            }
            if let Some(low) = number_of(row.interval.lower()).filter(|low| **low > reached) {
                let to = low.min(base).clone();
                return Err(MarginalFault::Uncovered { from: reached, to });
            }
            let end = number_of(row.interval.upper()).map_or(base, |high| high.min(base));
            if *end > reached {
                slices.push(Slice { index, row, length: end.sub(&reached) });
                reached = end.clone();
            }
        }
        if reached == *base { Ok(slices) } else { Err(MarginalFault::Uncovered { from: reached, to: base.clone() }) }
    }
}

fn number_of(bound: &Bound<Exact>) -> Option<&Exact> {
    match bound {
        Bound::Included(number) | Bound::Excluded(number) => Some(number),
        Bound::Unbounded => None,
    }
}

/// What is wrong between two rows that follow each other; `row` is the index of the second.
fn between(pair: &[Row], row: usize) -> Option<LadderFault> {
    let [before, after] = pair else { return None };
    let (before, after) = (&before.interval, &after.interval);
    let fault = |code, message: String, hint: String| Some(LadderFault { code, row, message, hint: Some(hint) });
    let (Some(end), Some(start)) = (number_of(before.upper()), number_of(after.lower())) else {
        return fault(
            if number_of(after.lower()).is_none() && number_of(before.lower()).is_some() {
                LADDER_ORDER
            } else {
                LADDER_OVERLAP
            },
            format!("{after} does not begin where {before}, the row before it, ends"),
            "only the first row may begin with `-inf` and only the last may end with `inf`".to_owned(),
        );
    };
    let taken_twice = matches!((before.upper(), after.lower()), (Bound::Included(_), Bound::Included(_)));
    let left_out = matches!((before.upper(), after.lower()), (Bound::Excluded(_), Bound::Excluded(_)));
    match start.cmp(end) {
        Ordering::Equal if taken_twice => fault(
            LADDER_OVERLAP,
            format!("exactly {} lies in {before} and in {after}", shown(end)),
            "make one of the two brackets round".to_owned(),
        ),
        Ordering::Equal if left_out => fault(
            LADDER_GAP,
            format!("exactly {} lies neither in {before} nor in {after}", shown(end)),
            "make one of the two brackets square".to_owned(),
        ),
        Ordering::Equal => None,
        Ordering::Greater => fault(
            LADDER_GAP,
            format!("no row covers the numbers between {before} and {after}"),
            format!("begin this row at {}", shown(end)),
        ),
        Ordering::Less
            if number_of(after.upper())
                .is_some_and(|upper| number_of(before.lower()).is_some_and(|low| upper <= low)) =>
        {
            fault(LADDER_ORDER, format!("{after} stands behind {before}"), "order the rows from low to high".to_owned())
        }
        Ordering::Less => fault(
            LADDER_OVERLAP,
            format!("{before} and {after} share numbers"),
            format!("begin this row at {}", shown(end)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(interval: &str, value: &str) -> Row {
        Row {
            interval: Interval::parse(interval).unwrap(),
            value: Exact::parse_human(value).unwrap(),
            words: interval.to_owned(),
        }
    }

    fn ladder(rows: &[(&str, &str)]) -> Result<Ladder, Vec<(usize, &'static str)>> {
        Ladder::new(rows.iter().map(|(interval, value)| row(interval, value)).collect())
            .map_err(|faults| faults.into_iter().map(|fault| (fault.row, fault.code.id)).collect())
    }

    fn care() -> Ladder {
        ladder(&[("(-inf, 50]", "5"), ("(50, 100]", "6"), ("(100, 200]", "8"), ("(200, inf)", "10")]).unwrap()
    }

    fn number(text: &str) -> Exact {
        Exact::parse_human(text).unwrap()
    }

    #[test]
    fn gives_the_row_that_holds_at_and_beside_each_bound() {
        for (bottles, rate) in [
            ("-3", "5"),
            ("0", "5"),
            ("50", "5"),
            ("50.01", "6"),
            ("100", "6"),
            ("101", "8"),
            ("200", "8"),
            ("200.0001", "10"),
        ] {
            let ladder = care();
            let (index, row) = ladder.lookup(&number(bottles)).unwrap();
            assert_eq!(row.value, number(rate), "{bottles}");
            assert_eq!(&ladder.rows()[index], row);
        }
    }

    #[test]
    fn says_nothing_beyond_its_ends() {
        let ladder = ladder(&[("[150万, 200万]", "0.26%"), ("(200万, 300万]", "0.27%")]).unwrap();
        assert_eq!(ladder.lookup(&number("1499999.99")), None);
        assert_eq!(ladder.lookup(&number("300万")).map(|(index, _)| index), Some(1));
        assert_eq!(ladder.lookup(&number("3000000.01")), None);
    }

    #[test]
    fn single_points_count() {
        assert!(ladder(&[("(-inf, 3)", "1"), ("[3, 3]", "2"), ("(3, inf)", "3")]).is_ok());
        assert_eq!(ladder(&[("(-inf, 3)", "1"), ("(3, inf)", "3")]), Err(vec![(1, "ladder-gap")]));
        assert_eq!(ladder(&[("(-inf, 3]", "1"), ("[3, inf)", "3")]), Err(vec![(1, "ladder-overlap")]));
        assert_eq!(ladder(&[("[3, 3]", "1"), ("[3, 3]", "3")]), Err(vec![(1, "ladder-overlap")]));
    }

    #[test]
    fn names_every_gap_overlap_and_disorder() {
        assert_eq!(ladder(&[]), Err(vec![(0, "empty-ladder")]));
        assert_eq!(
            ladder(&[("(-inf, 50]", "1"), ("[51, 60]", "2"), ("(55, 70]", "3"), ("[1, 2]", "4")]),
            Err(vec![(1, "ladder-gap"), (2, "ladder-overlap"), (3, "ladder-order")])
        );
        assert_eq!(ladder(&[("[0, inf)", "1"), ("(5, 6]", "1")]), Err(vec![(1, "ladder-overlap")]));
        assert_eq!(ladder(&[("[0, 5]", "1"), ("(-inf, 0)", "1")]), Err(vec![(1, "ladder-order")]));
        assert_eq!(ladder(&[("(-inf, inf)", "1"), ("(-inf, inf)", "1")]), Err(vec![(1, "ladder-overlap")]));
    }

    #[test]
    fn marginal_pays_each_slice_at_its_own_rate() {
        let orders = ladder(&[("[0, 50]", "5"), ("(50, inf)", "10")]).unwrap();
        for (base, paid) in [("0", "0"), ("0.01", "0.05"), ("50", "250"), ("51", "260"), ("120.5", "955")] {
            assert_eq!(orders.marginal(&number(base)), Ok(number(paid)), "{base}");
        }
        assert_eq!(care().marginal(&number("250")), Ok(number("1850")));
        assert_eq!(care().marginal(&Exact::zero()), Ok(Exact::zero()));
        let slices = care()
            .slices(&number("120"))
            .unwrap()
            .iter()
            .map(|s| (s.index, s.length.to_canonical()))
            .collect::<Vec<_>>();
        assert_eq!(slices, [(0, "50".to_owned()), (1, "50".to_owned()), (2, "20".to_owned())]);
    }

    #[test]
    fn a_limit_holds_back_each_slice_that_lies_above_it() {
        for (base, limit, paid) in
            [("120", "5", "600"), ("120", "6", "670"), ("120", "6.5", "680"), ("120", "10", "710"), ("120", "0", "0")]
        {
            let (base, limit) = (number(base), number(limit));
            assert_eq!(care().marginal_limited(&base, Some(&limit)), Ok(number(paid)), "{limit:?}");
        }
        assert_eq!(care().marginal_limited(&number("-1"), Some(&number("5"))), Err(MarginalFault::Negative));
    }

    #[test]
    fn marginal_pays_nothing_it_cannot_account_for() {
        assert_eq!(care().marginal(&number("-0.01")), Err(MarginalFault::Negative));
        let from_ten = ladder(&[("[10, 20]", "1"), ("(20, 30]", "2")]).unwrap();
        assert_eq!(from_ten.marginal(&Exact::zero()), Ok(Exact::zero()));
        let uncovered = |from, to| Err(MarginalFault::Uncovered { from: number(from), to: number(to) });
        assert_eq!(from_ten.marginal(&number("5")), uncovered("0", "5"));
        assert_eq!(from_ten.marginal(&number("25")), uncovered("0", "10"));
        let up_to_thirty = ladder(&[("[-5, 20]", "1"), ("(20, 30]", "2")]).unwrap();
        assert_eq!(up_to_thirty.marginal(&number("30")), Ok(number("40")));
        assert_eq!(up_to_thirty.marginal(&number("31")), uncovered("30", "31"));
    }
}
