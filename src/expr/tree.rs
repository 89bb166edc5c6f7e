//! The typed tree of an expression.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::types::{Name, Type};

/// A checked expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// As written.
    pub text: Arc<str>,
    /// What it yields.
    pub ty: Type,
}

impl Expr {
    /// Columns it reads, those by which its parameters are dated among them.
    pub fn columns(&self) -> BTreeSet<Name> {
        BTreeSet::new()
    }

    /// Columns of the row it is made for (`spine.x` gives `x`).
    pub fn each_columns(&self) -> BTreeSet<Name> {
        BTreeSet::new()
    }

    /// Parameters it reads, without `param.`.
    pub fn params(&self) -> BTreeSet<Name> {
        BTreeSet::new()
    }

    /// Whether it holds an aggregate function.
    pub fn is_aggregate(&self) -> bool {
        false
    }

    /// Whether it is made of number literals alone, and so takes whatever unit is asked for.
    pub fn adapts(&self) -> bool {
        false
    }

    /// Each aggregate function call in it, in order of appearance, as an expression of its own.
    pub fn aggregates(&self) -> Vec<Self> {
        Vec::new()
    }
}
