//! What a condition shows to be present.
//!
//! Inside `CASE WHEN x IS NOT NULL THEN … END`, in the ELSE of `WHEN x IS NULL`, and on the right of
//! `x IS NOT NULL AND …` or `x IS NULL OR …`, x is there. Parts are recognised by their text, so that
//! it holds for `MIN(score)` as well as for a column.

use std::collections::BTreeSet;

use sqlparser::ast::{BinaryOperator, Expr as Ast, UnaryOperator};

/// Parts known to be present, by their text in canonical spelling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Present(BTreeSet<String>);

impl Present {
    /// Whether a part is among them.
    pub(super) fn holds(&self, ast: &Ast) -> bool {
        !self.0.is_empty() && self.0.contains(&key(ast))
    }

    /// These and others.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    fn both(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }
}

/// What is present where a condition has the given outcome.
pub(super) fn shown_by(condition: &Ast, outcome: bool) -> Present {
    match condition {
        Ast::Nested(inner) => shown_by(inner, outcome),
        Ast::UnaryOp { op: UnaryOperator::Not, expr } => shown_by(expr, !outcome),
        Ast::IsNotNull(value) if outcome => Present(BTreeSet::from([key(value)])),
        Ast::IsNull(value) if !outcome => Present(BTreeSet::from([key(value)])),
        Ast::BinaryOp { left, op, right } if matches!(op, BinaryOperator::And | BinaryOperator::Or) => {
            let (left, right) = (shown_by(left, outcome), shown_by(right, outcome));
            if (*op == BinaryOperator::And) == outcome { left.and(&right) } else { left.both(&right) }
        }
        _ => Present::default(),
    }
}

fn key(ast: &Ast) -> String {
    match ast {
        Ast::Nested(inner) => key(inner),
        other => other.to_string(),
    }
}
