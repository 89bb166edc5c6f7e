//! What a condition shows to be present in the rows for which it holds.
//!
//! After `where: reverses IS NOT NULL` nobody has to say again what holds where `reverses` is absent: the
//! column's type calls it present from there on.

use std::collections::BTreeSet;

use crate::expr::Expr;
use crate::expr::tree::{Form, Node};
use crate::expr::types::{Name, Schema};

/// A schema in which the columns that a condition shows to be present are present.
pub(super) fn narrow(schema: &Schema, condition: &Expr) -> Schema {
    let present = shown(&condition.root, true);
    let mut narrowed = schema.clone();
    for field in &mut narrowed.fields {
        field.ty.nullable &= !present.contains(&field.name);
    }
    narrowed
}

/// Columns that are present where a condition has the given outcome.
fn shown(condition: &Node, outcome: bool) -> BTreeSet<Name> {
    match &condition.form {
        Form::Brackets(inner) => shown(inner, outcome),
        Form::Not(inner) => shown(inner, !outcome),
        Form::And(one, other) | Form::Or(one, other) => {
            let both = matches!(condition.form, Form::And(..)) == outcome;
            let (one, other) = (shown(one, outcome), shown(other, outcome));
            if both { one.union(&other).cloned().collect() } else { one.intersection(&other).cloned().collect() }
        }
        Form::IsNull { value, negated } if *negated == outcome => column(value).into_iter().collect(),
        _ => BTreeSet::new(),
    }
}

fn column(value: &Node) -> Option<Name> {
    match &value.form {
        Form::Brackets(inner) => column(inner),
        Form::Column(name) => Some(name.clone()),
        _ => None,
    }
}
