//! Expressions: SQL scalar text to typed trees, to columns, and to their explanation.

pub mod types;
pub mod unit;
