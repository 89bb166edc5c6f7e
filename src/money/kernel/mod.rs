//! Columnar evaluation of exact arithmetic: one tree of operations over whole columns.
//!
//! Columns come in as polars columns (`Int64`, `Decimal`, canonical text, `Boolean`, `Null`), are read
//! once, computed as [`Exact`] numbers through the whole tree, and written once as canonical text. In
//! between there is no text, no rounding and no overflow.
//!
//! Decisions:
//! - Logic is three-valued as in SQL: a comparison with an absent value is unknown, `AND` and `OR`
//!   decide where one side suffices, a `CASE` arm is taken only when its test is true.
//! - Arithmetic, `GREATEST`, `LEAST`, `ROUND` and `ABS` with an absent operand are absent. `GREATEST`
//!   and `LEAST` too: leaving an absent operand out would be a silent default.
//! - `CASE`, `COALESCE`, `AND` and `OR` go from left to right and evaluate no more than they need: a
//!   division by zero in an arm that is not taken is no fault.
//! - A row that cannot be computed is absent in the result *and* has a [`RowFault`]; the other rows
//!   are computed. A column of one row stands for all rows; any other length than that of the frame is
//!   a fault of every row. A column that is no exact number at all (floating point, dates) is a fault of every
//!   row that reads it.

mod blocks;
mod evaluate;
mod reduce;
mod values;

pub use evaluate::{evaluate, evaluate_test};
pub use reduce::{Reduce, reduce_groups};
pub use values::{Values, exact_column};

use super::exact::Exact;
use super::rounding::Rounding;

/// Arithmetic over the columns of one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// A numeric column, by its index among the inputs.
    Input(usize),
    /// A number.
    Const(Exact),
    /// Absent.
    Null,
    /// −x.
    Neg(Box<Op>),
    /// |x|.
    Abs(Box<Op>),
    /// x + y.
    Add(Box<Op>, Box<Op>),
    /// x − y.
    Sub(Box<Op>, Box<Op>),
    /// x × y.
    Mul(Box<Op>, Box<Op>),
    /// x ÷ y; y = 0 is a fault of the row.
    Div(Box<Op>, Box<Op>),
    /// The largest.
    Greatest(Vec<Op>),
    /// The smallest.
    Least(Vec<Op>),
    /// Rounded to so many places.
    Round(Box<Op>, u8, Rounding),
    /// The first arm whose test is true, or `otherwise`.
    Case {
        /// Tests and values, in order.
        arms: Vec<(Test, Op)>,
        /// Value where no test is true.
        otherwise: Box<Op>,
    },
    /// The first that is present.
    Coalesce(Vec<Op>),
    /// The first, or absent where both are equal.
    NullIf(Box<Op>, Box<Op>),
}

/// A condition over the columns of one frame: true, false or unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// A `Boolean` column, by its index among the inputs.
    Input(usize),
    /// Always the same.
    Const(bool),
    /// x compared with y.
    Compare(Cmp, Op, Op),
    /// All of them.
    And(Vec<Test>),
    /// Any of them.
    Or(Vec<Test>),
    /// The opposite.
    Not(Box<Test>),
    /// Whether the number is absent; never unknown itself.
    IsNull(Op),
    /// Whether the condition is unknown; never unknown itself.
    IsUnknown(Box<Test>),
    /// low ≤ x ≤ high.
    Between {
        /// x.
        value: Op,
        /// Lower end, included.
        low: Op,
        /// Upper end, included.
        high: Op,
    },
    /// x equals one of them.
    In(Op, Vec<Op>),
}

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cmp {
    /// =
    Eq,
    /// <>
    Ne,
    /// <
    Lt,
    /// <=
    Le,
    /// >
    Gt,
    /// >=
    Ge,
}

impl Cmp {
    /// Whether the comparison holds for a pair of that order.
    pub const fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
            Self::Lt => order.is_lt(),
            Self::Le => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Ge => order.is_ge(),
        }
    }
}

/// Why one row of a result is absent although its type says present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// Index of the row.
    pub row: usize,
    /// What happened: `division by zero`.
    pub cause: String,
}
