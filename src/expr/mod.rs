//! Expressions: SQL scalar text to typed trees, to columns, and to their explanation.
//!
//! An analyst writes `GREATEST(output, 0) / output_target * param.output_rate`. [`check()`] reads it,
//! gives every part a kind, a unit and an answer to "may it be absent", and reports all faults at
//! once. [`evaluate()`] and [`aggregate()`] compute it on columns: source figures natively in polars, what
//! has been divided by the exact kernel of [`crate::money`], never through a float. [`explain()`] writes
//! it with labels and with the numbers of one row.
//!
//! This module must not know what a step, a plan or a person is.

pub mod clock;
pub mod codes;
pub mod history;
pub mod scope;
pub mod tree;
pub mod types;
pub mod unit;

mod aggregate;
mod check;
mod columns;
mod evaluate;
mod explain;
mod lower;
mod number;
mod parse;
mod place;

pub use aggregate::aggregate;
pub use check::{check, choices_hint};
pub use codes::CODES;
pub use evaluate::{CellFault, Evaluated, evaluate};
pub use explain::{Explanation, Operand, PeriodPart, ROUNDED, Shown, explain, has_case};
pub use history::{Dated, DayOf, Entry, History};
pub use number::kind_of;
pub use parse::is_column_name;
pub use scope::{NoParams, ParamType, ParamTypes, ParamValue, ParamValues, PeriodValues, STORE, Scope};
pub use tree::Expr;

#[cfg(test)]
mod tests;
