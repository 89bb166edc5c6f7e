//! Expressions as people read them: with labels, and with the numbers of one row put in.

use super::tree::Expr;
use super::types::Name;

/// A value an expression reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operand {
    /// A column.
    Column(Name),
    /// A column of the row the aggregate is made for: `spine.days` is `Each("spine", "days")`.
    Each(Name, Name),
    /// A parameter, without `param.`.
    Param(Name),
    /// The period.
    Period(PeriodPart),
    /// The n-th aggregate of [`Expr::aggregates`].
    Aggregate(usize),
}

/// What `period.` is followed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeriodPart {
    /// `period.first`.
    First,
    /// `period.last`.
    Last,
    /// `period.days`.
    Days,
}

/// How an operand of one row is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Label: 产值达成率.
    pub label: String,
    /// Value with its unit where one helps: `213,345.00`, `0.4%`.
    pub value_text: String,
    /// For a ratio: numerator ÷ denominator, put in brackets in place of the value.
    pub formula: Option<String>,
}

/// An expression explained for one row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The formula with labels.
    pub labelled: String,
    /// The formula with numbers.
    pub filled: String,
    /// What it reads, in order of first appearance.
    pub operands: Vec<Operand>,
}

/// Explains an expression; `operand` says how each value it reads is printed.
pub fn explain(expr: &Expr, operand: &dyn Fn(&Operand) -> Shown) -> Explanation {
    let _ = (expr, operand);
    Explanation::default()
}
