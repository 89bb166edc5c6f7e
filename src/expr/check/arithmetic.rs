//! Plus, minus, times, divided by; units of their results.
//!
//! Number literals take the unit of what they are added to or compared with; in products they are
//! plain ratios. A unit that holds `points` loses them when it is divided by the literal 100: a score
//! out of 100 becomes a share.

use std::ops::Range;

use sqlparser::ast::{BinaryOperator, Expr as Ast};

use super::presence::Present;
use super::{Checker, kind_words};
use crate::diag::nearest;
use crate::expr::clock;
use crate::expr::codes::{DIVISION_BY_ZERO, TYPE_MISMATCH, UNIT_MISMATCH};
use crate::expr::number::{Literal, Size};
use crate::expr::tree::{Arithmetic, Form, Node};
use crate::expr::types::{Kind, Type};
use crate::expr::unit::Unit;

/// Digits of a number of days between two dates of our calendar.
const DAYS_DIGITS: u8 = 7;

impl Checker<'_> {
    /// `+` and `-`, of numbers and of dates.
    pub(super) fn sum(
        &mut self,
        ast: &Ast,
        left: &Ast,
        op: &BinaryOperator,
        right: &Ast,
        present: &Present,
    ) -> Option<Node> {
        let span = self.places.of(ast);
        let (left, right) = (self.part(left, present), self.part(right, present));
        let (left, right) = (self.operand(left?), self.operand(right?));
        let minus = *op == BinaryOperator::Minus;
        match (left.ty.kind, right.ty.kind) {
            (Kind::Date, Kind::Date) if minus => {
                let form = Form::DaysBetween(Box::new(left), Box::new(right));
                Some(Node::of_size(form, Some(Size::whole(DAYS_DIGITS)), Unit::base("days"), span))
            }
            (Kind::Date, kind) if kind.is_number() => {
                let days = self.days(right)?;
                let form = Form::DateShift { date: Box::new(left), days: Box::new(days), back: minus };
                Some(Node::of(form, Type::date(), span))
            }
            (a, b) if a.is_number() && b.is_number() => {
                let sign = if minus { "-" } else { "+" };
                let (unit, adapts) = self.one_unit(&[&left, &right], &format!("`{sign}`"), &span)?;
                let size = left.size.zip(right.size).and_then(|(a, b)| a.sum(b));
                let op = if minus { Arithmetic::Sub } else { Arithmetic::Add };
                Some(combined(op, left, right, Node { adapts, ..Node::of_size(Form::Null, size, unit, span) }))
            }
            (Kind::DateTime, Kind::DateTime) if minus => {
                let (to, from) = (self.written(&left.span), self.written(&right.span));
                let hint = clock::between_hint(from, to);
                self.fault(TYPE_MISMATCH, span, "`-` of a datetime and a datetime", Some(hint))
            }
            (Kind::DateTime, _) | (_, Kind::DateTime) => {
                let sign = if minus { "-" } else { "+" };
                let message = format!("`{sign}` of {} and {}", kind_words(left.ty.kind), kind_words(right.ty.kind));
                let hint = "a datetime cannot be moved; compare `MINUTES_BETWEEN(from, to)` with a number, or take its day: `CAST(x AS DATE)`";
                self.fault(TYPE_MISMATCH, span, message, Some(hint.to_owned()))
            }
            (a, b) => {
                let sign = if minus { "-" } else { "+" };
                let message = format!("`{sign}` of {} and {}", kind_words(a), kind_words(b));
                let hint = "numbers are added to numbers, days to dates (`date + 7`), dates are subtracted from dates";
                self.fault(TYPE_MISMATCH, span, message, Some(hint.to_owned()))
            }
        }
    }

    fn days(&mut self, node: Node) -> Option<Node> {
        let whole = node.ty.kind == Kind::Int;
        if !whole {
            let message = format!("`{}` is no whole number of days", self.written(&node.span));
            let hint = "add a whole number, a count of days, or the difference of two dates";
            return self.fault(TYPE_MISMATCH, node.span, message, Some(hint.to_owned()));
        }
        if !node.adapts && node.ty.unit != Unit::base("days") {
            let message = format!("`{}` is in {}, not in days", self.written(&node.span), node.ty.unit);
            return self.fault(UNIT_MISMATCH, node.span, message, Some("only days can be added to a date".to_owned()));
        }
        Some(node)
    }

    /// `*`.
    pub(super) fn product(&mut self, left: &Ast, right: &Ast, present: &Present, span: Range<usize>) -> Option<Node> {
        let (left, right) = (self.number(left, present, "`*`"), self.number(right, present, "`*`"));
        let (left, right) = (left?, right?);
        let unit = left.ty.unit.times(&right.ty.unit);
        let size = left.size.zip(right.size).and_then(|(a, b)| a.product(b));
        let adapts = left.adapts && right.adapts;
        Some(combined(Arithmetic::Mul, left, right, Node { adapts, ..Node::of_size(Form::Null, size, unit, span) }))
    }

    /// `/`: exact.
    pub(super) fn quotient(&mut self, left: &Ast, right: &Ast, present: &Present, span: Range<usize>) -> Option<Node> {
        let (left, right) = (self.number(left, present, "`/`"), self.number(right, present, "`/`"));
        let (left, right) = (left?, right?);
        let divisor = literal(&right);
        if divisor.is_some_and(|literal| literal.unscaled == 0) {
            let hint = "divide by a column or a parameter; `NULLIF(x, 0)` where it may be zero".to_owned();
            return self.fault(DIVISION_BY_ZERO, right.span, "division by zero", Some(hint));
        }
        let out_of_100 = divisor.is_some_and(|literal| literal == Literal { unscaled: 100, scale: 0 });
        let unit = if out_of_100 && left.ty.unit.power("points") > 0 {
            left.ty.unit.over(&Unit::base("points"))
        } else {
            left.ty.unit.over(&right.ty.unit)
        };
        let adapts = left.adapts && right.adapts;
        Some(combined(Arithmetic::Div, left, right, Node { adapts, ..Node::of_size(Form::Null, None, unit, span) }))
    }

    /// `-x`.
    pub(super) fn negative(&mut self, inner: &Ast, present: &Present, span: Range<usize>) -> Option<Node> {
        let inner = self.number(inner, present, "`-`")?;
        let node = Node { span, ..inner.clone() };
        Some(Node { form: Form::Neg(Box::new(inner)), ..node })
    }

    /// The unit all parts share; literals take it from the others. A fault at each part of another unit.
    pub(super) fn one_unit(&mut self, parts: &[&Node], what: &str, span: &Range<usize>) -> Option<(Unit, bool)> {
        let Some(first) = parts.iter().find(|part| !part.adapts) else {
            return Some((Unit::ratio(), true));
        };
        let unit = first.ty.unit.clone();
        let mut agree = true;
        for other in parts.iter().filter(|part| !part.adapts && part.ty.unit != unit) {
            agree = false;
            let message = format!(
                "{what} needs one unit: `{}` is in {unit}, `{}` in {}",
                self.written(&first.span),
                self.written(&other.span),
                other.ty.unit
            );
            let at = if parts.len() > 2 { other.span.clone() } else { span.clone() };
            let hint = self.unit_hint(other, &unit);
            self.fault::<()>(UNIT_MISMATCH, at, message, Some(hint));
        }
        agree.then_some((unit, false))
    }

    /// The nearest column of the wanted unit, or the factor that would turn one unit into the other.
    fn unit_hint(&self, part: &Node, wanted: &Unit) -> String {
        if let Form::Column(name) = &part.bare().form {
            let fitting =
                self.scope.columns.fields.iter().filter(|field| {
                    field.ty.kind.is_number() && field.ty.unit == *wanted && !field.name.starts_with('@')
                });
            let fitting: Vec<&str> = fitting.map(|field| &*field.name).collect();
            let near = nearest(name, fitting.iter().copied())
                .or_else(|| fitting.iter().copied().find(|other| other.contains(&**name) || name.contains(other)));
            if let Some(near) = near {
                return format!("did you mean `{near}`, which is in {wanted}?");
            }
        }
        let factor = wanted.over(&part.ty.unit);
        format!("a factor in {factor} would turn {} into {wanted}", part.ty.unit)
    }
}

/// An operation whose result is absent where an operand is.
fn combined(op: Arithmetic, left: Node, right: Node, node: Node) -> Node {
    let mut node = node;
    node.ty.nullable = left.ty.nullable || right.ty.nullable;
    Node { form: Form::Arithmetic(op, Box::new(left), Box::new(right)), ..node }
}

/// The number that a part merely writes down, brackets and sign aside.
fn literal(node: &Node) -> Option<Literal> {
    match &node.bare().form {
        Form::Number(literal) => Some(*literal),
        Form::Neg(inner) => literal(inner).map(|literal| Literal { unscaled: -literal.unscaled, scale: literal.scale }),
        _ => None,
    }
}
