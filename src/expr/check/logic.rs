//! Conditions: comparison, AND OR NOT, BETWEEN, IN, IS NULL, CASE.

use std::ops::Range;

use sqlparser::ast::{BinaryOperator, CaseWhen, Expr as Ast, Value};

use super::presence::{Present, shown_by};
use super::{Checker, bool_type, kind_words};
use crate::diag::nearest;
use crate::expr::codes::{EXPRESSION_UNSUPPORTED, TYPE_MISMATCH, UNKNOWN_CHOICE};
use crate::expr::tree::{Form, Node};
use crate::expr::types::{Kind, Name, Type};
use crate::expr::unit::Unit;
use crate::money::kernel::Cmp;

/// The comparison an operator stands for.
pub(super) fn comparison(op: &BinaryOperator) -> Option<Cmp> {
    match op {
        BinaryOperator::Eq => Some(Cmp::Eq),
        BinaryOperator::NotEq => Some(Cmp::Ne),
        BinaryOperator::Lt => Some(Cmp::Lt),
        BinaryOperator::LtEq => Some(Cmp::Le),
        BinaryOperator::Gt => Some(Cmp::Gt),
        BinaryOperator::GtEq => Some(Cmp::Ge),
        _ => None,
    }
}

impl Checker<'_> {
    /// `=`, `<>`, `<`, `<=`, `>`, `>=`.
    pub(super) fn compare(
        &mut self,
        cmp: Cmp,
        left: &Ast,
        right: &Ast,
        present: &Present,
        span: Range<usize>,
    ) -> Option<Node> {
        let (left, right) = (self.part(left, present), self.part(right, present));
        let (left, right) = (self.sure(left?), self.sure(right?));
        self.comparable(&[&left, &right], "a comparison", &span)?;
        self.among_choices(&[&left, &right])?;
        let ordered = !matches!(cmp, Cmp::Eq | Cmp::Ne);
        if ordered && matches!(left.ty.kind, Kind::Text | Kind::Bool) {
            let message = format!("{} has no order", kind_words(left.ty.kind));
            let hint = "compare it with `=`, `<>` or `IN (…)`".to_owned();
            return self.fault(TYPE_MISMATCH, span, message, Some(hint));
        }
        Some(Node::of(Form::Compare(cmp, Box::new(left), Box::new(right)), bool_type(), span))
    }

    /// Parts of one kind (any two numbers are) and one unit.
    fn comparable(&mut self, parts: &[&Node], what: &str, span: &Range<usize>) -> Option<()> {
        let first = parts.first()?;
        let same =
            |other: &Node| other.ty.kind == first.ty.kind || (other.ty.kind.is_number() && first.ty.kind.is_number());
        let mut agree = true;
        for other in parts.iter().filter(|other| !same(other)) {
            agree = false;
            let message = format!(
                "{what} needs one kind of value: `{}` is {}, `{}` is {}",
                self.written(&first.span),
                kind_words(first.ty.kind),
                self.written(&other.span),
                kind_words(other.ty.kind)
            );
            let kinds = [first.ty.kind, other.ty.kind];
            let hint = if kinds.contains(&Kind::DateTime) && kinds.contains(&Kind::Date) {
                "take the day of the datetime: `CAST(x AS DATE)`"
            } else if kinds.contains(&Kind::DateTime) && kinds.contains(&Kind::Text) {
                "a datetime is written `TIMESTAMP '2026-10-01 09:30:00'`"
            } else if kinds.contains(&Kind::Date) && kinds.contains(&Kind::Text) {
                "a date is written `DATE '2026-10-01'`"
            } else if kinds.contains(&Kind::Bool) && kinds.iter().any(|kind| kind.is_number()) {
                "a chain `a < b < c` is written `b > a AND b < c`, or `b BETWEEN a AND c`"
            } else {
                "texts stand in single quotes, numbers without; TRUE and FALSE are neither"
            };
            let at = if parts.len() > 2 { other.span.clone() } else { span.clone() };
            self.fault::<()>(TYPE_MISMATCH, at, message, Some(hint.to_owned()));
        }
        if agree && first.ty.kind.is_number() {
            self.one_unit(parts, what, span)?;
        }
        agree.then_some(())
    }

    /// Texts that a parameter with choices is compared with must be among them: any other is never equal.
    fn among_choices(&mut self, parts: &[&Node]) -> Option<()> {
        let parameters = parts.iter().filter_map(|part| match &part.bare().form {
            Form::Param(name, _) => Some((name, self.scope.params.scalar(name)?.choices)),
            _ => None,
        });
        let mut agree = true;
        for (name, choices) in parameters.filter(|(_, choices)| !choices.is_empty()).collect::<Vec<_>>() {
            for part in parts {
                let Form::Text(text) = &part.bare().form else { continue };
                if !choices.contains(text) {
                    agree = false;
                    let message = format!("`{text}` is none of the choices of parameter `{name}`");
                    self.fault::<()>(
                        UNKNOWN_CHOICE,
                        part.bare().span.clone(),
                        message,
                        Some(choices_hint(text, &choices)),
                    );
                }
            }
        }
        agree.then_some(())
    }

    /// AND and OR; the right side knows what the left side has shown.
    pub(super) fn both(
        &mut self,
        left: &Ast,
        op: &BinaryOperator,
        right: &Ast,
        present: &Present,
        span: Range<usize>,
    ) -> Option<Node> {
        let and = *op == BinaryOperator::And;
        let word = if and { "AND" } else { "OR" };
        let checked = self.condition(left, present, word);
        let right = self.condition(right, &present.and(&shown_by(left, and)), word);
        let (left, right) = (Box::new(checked?), Box::new(right?));
        let form = if and { Form::And(left, right) } else { Form::Or(left, right) };
        Some(Node::of(form, bool_type(), span))
    }

    /// NOT.
    pub(super) fn not(&mut self, inner: &Ast, present: &Present, span: Range<usize>) -> Option<Node> {
        let inner = self.condition(inner, present, "NOT")?;
        Some(Node::of(Form::Not(Box::new(inner)), bool_type(), span))
    }

    /// `x IS NULL`, `x IS NOT NULL`.
    pub(super) fn is_null(
        &mut self,
        value: &Ast,
        negated: bool,
        present: &Present,
        span: Range<usize>,
    ) -> Option<Node> {
        let value = self.part(value, present)?;
        Some(Node::of(Form::IsNull { value: Box::new(value), negated }, bool_type(), span))
    }

    /// `x BETWEEN low AND high`, both ends included.
    pub(super) fn between(
        &mut self,
        value: &Ast,
        negated: bool,
        low: &Ast,
        high: &Ast,
        present: &Present,
        span: Range<usize>,
    ) -> Option<Node> {
        let parts = [value, low, high].map(|part| self.part(part, present));
        let [value, low, high] = parts;
        let (value, low, high) = (self.sure(value?), self.sure(low?), self.sure(high?));
        self.comparable(&[&value, &low, &high], "BETWEEN", &span)?;
        if matches!(value.ty.kind, Kind::Text | Kind::Bool) {
            let message = format!("{} has no order", kind_words(value.ty.kind));
            return self.fault(TYPE_MISMATCH, span, message, Some("compare it with `=` or `IN (…)`".to_owned()));
        }
        let (value, low, high) = (Box::new(value), Box::new(low), Box::new(high));
        Some(Node::of(Form::Between { value, low, high, negated }, bool_type(), span))
    }

    /// `x IN (literals)`.
    pub(super) fn within(
        &mut self,
        value: &Ast,
        list: &[Ast],
        negated: bool,
        present: &Present,
        span: Range<usize>,
    ) -> Option<Node> {
        let value = self.part(value, present);
        let list: Vec<Option<Node>> = list.iter().map(|item| self.part(item, present)).collect();
        let value = self.sure(value?);
        let list: Vec<Node> = list.into_iter().collect::<Option<_>>()?;
        if let Some(item) = list.iter().find(|item| !is_literal(item)) {
            let hint = "compare it with `=` and join the comparisons with OR".to_owned();
            let message = format!("`{}` is no literal", self.written(&item.span));
            return self.fault(EXPRESSION_UNSUPPORTED, item.span.clone(), message, Some(hint));
        }
        let all: Vec<&Node> = std::iter::once(&value).chain(&list).collect();
        self.comparable(&all, "IN", &span)?;
        self.among_choices(&all)?;
        Some(Node::of(Form::In { value: Box::new(value), list, negated }, bool_type(), span))
    }

    /// `CASE WHEN … THEN … ELSE … END`.
    pub(super) fn case(
        &mut self,
        conditions: &[CaseWhen],
        otherwise: Option<&Ast>,
        present: &Present,
        span: Range<usize>,
    ) -> Option<Node> {
        let mut so_far = present.clone();
        let mut tests = Vec::new();
        let mut values = Vec::new();
        for arm in conditions {
            tests.push(self.condition(&arm.condition, &so_far, "WHEN"));
            values.push(self.arm(&arm.result, &so_far.and(&shown_by(&arm.condition, true))));
            so_far = so_far.and(&shown_by(&arm.condition, false));
        }
        match otherwise {
            Some(otherwise) => values.push(self.arm(otherwise, &so_far)),
            None => {
                let hint = "say what holds otherwise: `ELSE 0`, or `ELSE NULL` if nothing does".to_owned();
                self.fault::<()>(EXPRESSION_UNSUPPORTED, span.clone(), "a CASE without ELSE", Some(hint));
            }
        }
        let tests: Vec<Node> = tests.into_iter().collect::<Option<_>>()?;
        let values: Vec<Node> = values.into_iter().collect::<Option<_>>()?;
        otherwise?;
        let nullable = values.iter().any(|value| value.ty.nullable || matches!(value.bare().form, Form::Null));
        let (mut values, mut node) = self.alternatives(values, "CASE", &span)?;
        node.ty.nullable = nullable;
        let otherwise = Box::new(values.pop()?);
        let arms = tests.into_iter().zip(values).collect();
        Some(Node { form: Form::Case { arms, otherwise }, ..node })
    }

    /// A value that may also be the literal NULL.
    pub(super) fn arm(&mut self, ast: &Ast, present: &Present) -> Option<Node> {
        match ast {
            Ast::Value(value) if value.value == Value::Null => {
                let ty = Type::new(Kind::Int, Unit::ratio()).nullable();
                Some(Node { adapts: true, ..Node::of(Form::Null, ty, self.places.of(ast)) })
            }
            other => self.part(other, present),
        }
    }

    /// Values of which one is taken: one kind, one unit, the widest size. NULLs take the kind of the others.
    pub(super) fn alternatives(
        &mut self,
        mut values: Vec<Node>,
        what: &str,
        span: &Range<usize>,
    ) -> Option<(Vec<Node>, Node)> {
        let real: Vec<&Node> = values.iter().filter(|value| !matches!(value.form, Form::Null)).collect();
        let Some(first) = real.first().copied() else {
            return self.fault(
                TYPE_MISMATCH,
                span.clone(),
                format!("{what} yields nothing but NULL"),
                Some("one of its values must be there".to_owned()),
            );
        };
        self.comparable(&real, what, span)?;
        let mut node = if first.ty.kind.is_number() {
            let (unit, adapts) = self.one_unit(&real, what, span)?;
            let sizes = real.iter().map(|value| value.size).reduce(|a, b| a.zip(b).and_then(|(a, b)| a.either(b)));
            Node { adapts, ..Node::of_size(Form::Null, sizes.flatten(), unit, span.clone()) }
        } else {
            Node::of(Form::Null, first.ty.clone(), span.clone())
        };
        node.ty.nullable = false;
        for value in values.iter_mut().filter(|value| matches!(value.form, Form::Null)) {
            value.ty = node.ty.clone().nullable();
            value.size = node.size;
        }
        Some((values, node))
    }
}

/// The nearest of a parameter's choices, or all of them.
pub fn choices_hint(text: &str, choices: &[Name]) -> String {
    nearest(text, choices.iter().map(|choice| &**choice)).map_or_else(
        || {
            format!(
                "its choices are {}",
                choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ")
            )
        },
        |near| format!("did you mean `{near}`?"),
    )
}

fn is_literal(node: &Node) -> bool {
    match &node.bare().form {
        Form::Number(_) | Form::Text(_) | Form::Date(_) | Form::Moment(_) | Form::Bool(_) => true,
        Form::Neg(inner) => is_literal(inner),
        _ => false,
    }
}
