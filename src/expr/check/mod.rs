//! Types an expression: every part gets a kind, a unit and an answer to "may it be absent".
//!
//! A part at fault yields nothing, its neighbours are still checked, so that all faults of one
//! expression appear at once. Whatever is not on the list of supported forms is a finding that names
//! the supported form.

mod arithmetic;
mod functions;
mod logic;
mod names;
mod presence;
mod unsupported;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use sqlparser::ast::{BinaryOperator, CastKind, DataType, Expr as Ast, InTarget, UnaryOperator, Value};

use super::codes::{ABSENT_VALUE, EXPRESSION_UNSUPPORTED, TYPE_MISMATCH};
use super::number::{Literal, Size};
use super::place::Places;
use super::scope::Scope;
use super::tree::{Expr, Form, Node};
use super::types::{Kind, Type};
use super::unit::Unit;
use crate::diag::{Code, Fault};
pub use logic::choices_hint;
use presence::Present;

/// Reads and types an expression.
///
/// # Errors
/// Every fault of the text, each with its byte range in `text`, in the order of the text.
pub fn check(text: &str, scope: &Scope<'_>) -> Result<Expr, Vec<Fault>> {
    let (ast, places) = super::parse::parse(text)?;
    let mut checker = Checker { text, scope, places: &places, faults: Vec::new(), inside_aggregate: false };
    let root = checker.part(&ast, &Present::default());
    let mut faults = checker.faults;
    match root {
        Some(root) if faults.is_empty() => Ok(Expr { text: Arc::from(text), ty: root.ty.clone(), root }),
        _ => {
            if faults.is_empty() {
                let message = "an expression that is not supported";
                faults.push(Fault::new(EXPRESSION_UNSUPPORTED, 0..text.len(), message).hint(super::parse::FORMS));
            }
            faults.sort_by_key(|fault| (fault.span.start, fault.span.end));
            faults.dedup();
            Err(faults)
        }
    }
}

struct Checker<'a> {
    text: &'a str,
    scope: &'a Scope<'a>,
    places: &'a Places,
    faults: Vec<Fault>,
    inside_aggregate: bool,
}

impl Checker<'_> {
    /// Types one part; `present` names what a condition around it has shown to be there.
    fn part(&mut self, ast: &Ast, present: &Present) -> Option<Node> {
        let mut node = self.form(ast, present)?;
        if node.ty.nullable && present.holds(ast) {
            node.ty.nullable = false;
            node.narrowed = true;
        }
        Some(node)
    }

    fn form(&mut self, ast: &Ast, present: &Present) -> Option<Node> {
        let span = self.places.of(ast);
        match ast {
            Ast::Nested(inner) => {
                let inner = self.part(inner, present)?;
                let node = Node { span, form: Form::Null, ..inner.clone() };
                Some(Node { form: Form::Brackets(Box::new(inner)), ..node })
            }
            Ast::Identifier(ident) => self.column(&ident.value, span),
            Ast::CompoundIdentifier(parts) => self.dotted(parts, span),
            Ast::Value(value) => self.literal(&value.value, span),
            Ast::TypedString(typed) => self.dated_literal(typed, span),
            Ast::UnaryOp { op: UnaryOperator::Minus, expr } => self.negative(expr, present, span),
            Ast::UnaryOp { op: UnaryOperator::Plus, expr } => self.part(expr, present),
            Ast::UnaryOp { op: UnaryOperator::Not, expr } => self.not(expr, present, span),
            Ast::BinaryOp { left, op, right } => match op {
                BinaryOperator::Plus | BinaryOperator::Minus => self.sum(ast, left, op, right, present),
                BinaryOperator::Multiply => self.product(left, right, present, span),
                BinaryOperator::Divide => self.quotient(left, right, present, span),
                BinaryOperator::And | BinaryOperator::Or => self.both(left, op, right, present, span),
                _ => match logic::comparison(op) {
                    Some(cmp) => self.compare(cmp, left, right, present, span),
                    None => self.unsupported(ast, span),
                },
            },
            Ast::IsNull(value) => self.is_null(value, false, present, span),
            Ast::IsNotNull(value) => self.is_null(value, true, present, span),
            Ast::Between { expr, negated, low, high } => self.between(expr, *negated, low, high, present, span),
            Ast::In { expr, target: InTarget::List(list), negated, global: false } => {
                self.within(expr, list, *negated, present, span)
            }
            Ast::Case { operand: None, conditions, else_result, .. } => {
                self.case(conditions, else_result.as_deref(), present, span)
            }
            Ast::Function(call) => self.call(call, present, span),
            Ast::Cast { expr, data_type: DataType::Date, kind: CastKind::Cast, format: None, .. } => {
                self.day_of(expr, present, span)
            }
            Ast::Extract { field, expr, .. } => self.extract(field, expr, present, span),
            _ => self.unsupported(ast, span),
        }
    }

    fn literal(&mut self, value: &Value, span: Range<usize>) -> Option<Node> {
        match value {
            Value::Number(digits, _) => match Literal::parse(digits) {
                Some(literal) => {
                    let size = literal.size();
                    let ty = Type::new(size.kind(), Unit::ratio());
                    Some(Node { size: Some(size), adapts: true, ..Node::of(Form::Number(literal), ty, span) })
                }
                None => self.fault(EXPRESSION_UNSUPPORTED, span, "a number of more than 38 digits", Some(shorter())),
            },
            Value::SingleQuotedString(text) => {
                let text = text.replace("''", "'");
                Some(Node::of(Form::Text(Arc::from(text)), Type::text(), span))
            }
            Value::Boolean(value) => Some(Node::of(Form::Bool(*value), bool_type(), span)),
            Value::Null => self.fault(
                EXPRESSION_UNSUPPORTED,
                span,
                "`NULL` outside of a CASE",
                Some("write `x IS NULL`, or use NULL as a THEN or ELSE of CASE".to_owned()),
            ),
            _ => self.fault(
                EXPRESSION_UNSUPPORTED,
                span,
                "a literal that is not supported",
                Some("literals are numbers `0.5`, text `'保养'`, dates `DATE '2026-10-01'`, datetimes `TIMESTAMP '2026-10-01 09:30:00'`, TRUE and FALSE".to_owned()),
            ),
        }
    }

    /// Records a fault and yields nothing.
    fn fault<T>(
        &mut self,
        code: Code,
        span: Range<usize>,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> Option<T> {
        let mut fault = Fault::new(code, span, message);
        fault.hint = hint;
        self.faults.push(fault);
        None
    }

    /// What stands at a range of the text.
    fn written(&self, span: &Range<usize>) -> &str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// The part, which must not be absent; a fault where it may be.
    fn sure(&mut self, mut node: Node) -> Node {
        if node.ty.nullable {
            let what = self.written(&node.span).to_owned();
            let hint = match node.ty.kind {
                Kind::Bool => format!("ask `{what} IS NOT NULL AND …`, or write `COALESCE({what}, FALSE)`"),
                kind if kind.is_number() => format!(
                    "write `CASE WHEN {what} IS NOT NULL THEN … ELSE … END`, or `COALESCE({what}, 0)` if 0 is really meant"
                ),
                _ => format!("ask `{what} IS NOT NULL AND …`, or write `COALESCE({what}, …)`"),
            };
            self.fault::<()>(ABSENT_VALUE, node.span.clone(), format!("`{what}` may be absent"), Some(hint));
            node.ty.nullable = false;
        }
        node
    }

    /// A part that must be a number, and present unless its own NULLIF says when it is not.
    fn number(&mut self, ast: &Ast, present: &Present, what: &str) -> Option<Node> {
        let node = self.part(ast, present)?;
        let node = self.wants(node, Kind::is_number, "a number", what)?;
        Some(self.operand(node))
    }

    /// An operand of arithmetic: absent only where a NULLIF in sight makes it so; the result is then absent too.
    fn operand(&mut self, node: Node) -> Node {
        if node.ty.nullable && by_null_if(&node) { node } else { self.sure(node) }
    }

    /// A part that must be true or false and present.
    fn condition(&mut self, ast: &Ast, present: &Present, what: &str) -> Option<Node> {
        let node = self.part(ast, present)?;
        let node = self.wants(node, |kind| kind == Kind::Bool, "a condition", what)?;
        Some(self.sure(node))
    }

    /// A part that must be a date and present.
    fn date(&mut self, ast: &Ast, present: &Present, what: &str) -> Option<Node> {
        let node = self.part(ast, present)?;
        let node = self.wants(node, |kind| kind == Kind::Date, "a date", what)?;
        Some(self.sure(node))
    }

    /// A part that must be a datetime and present.
    fn datetime(&mut self, ast: &Ast, present: &Present, what: &str) -> Option<Node> {
        let node = self.part(ast, present)?;
        let node = self.wants(node, |kind| kind == Kind::DateTime, "a datetime", what)?;
        Some(self.sure(node))
    }

    fn wants(&mut self, node: Node, fits: impl Fn(Kind) -> bool, wanted: &str, what: &str) -> Option<Node> {
        if fits(node.ty.kind) {
            return Some(node);
        }
        let message = format!("{what} needs {wanted}; `{}` is {}", self.written(&node.span), kind_words(node.ty.kind));
        let hint = match (node.ty.kind, wanted) {
            (Kind::Text, "a date") => "a date is written `DATE '2026-10-01'`",
            (Kind::DateTime, "a date") => "write `CAST(x AS DATE)` for the day of a datetime",
            (Kind::Date, "a datetime") => "the days between two dates are `later - earlier`",
            (Kind::Text, "a datetime") => "a datetime is written `TIMESTAMP '2026-10-01 09:30:00'`",
            (kind, "a condition") if kind.is_number() => "compare it with something, as in `x > 0`",
            (Kind::Bool, "a number") => "write `CASE WHEN … THEN 1 ELSE 0 END`",
            (Kind::Text, "a number") => "a column gets its type where its dataset is declared",
            _ => "use a column of that kind, or write the comparison or CASE that is meant",
        };
        self.fault(TYPE_MISMATCH, node.span, message, Some(hint.to_owned()))
    }
}

impl Node {
    /// A part without a digit bound.
    fn of(form: Form, ty: Type, span: Range<usize>) -> Self {
        Self { form, ty, size: None, adapts: false, narrowed: false, span }
    }

    /// A number that fits the size, or is exact where there is none.
    fn of_size(form: Form, size: Option<Size>, unit: Unit, span: Range<usize>) -> Self {
        let kind = size.map_or(Kind::Exact, Size::kind);
        Self { size, ..Self::of(form, Type::new(kind, unit), span) }
    }
}

/// Whether a part can be absent for no other reason than a NULLIF written in it.
fn by_null_if(node: &Node) -> bool {
    match &node.form {
        Form::Brackets(inner) | Form::Neg(inner) | Form::Abs(inner) | Form::Round(inner, ..) => by_null_if(inner),
        Form::NullIf(value, _) => !value.ty.nullable,
        Form::Arithmetic(_, left, right) => [left, right].into_iter().all(|side| !side.ty.nullable || by_null_if(side)),
        _ => false,
    }
}

fn shorter() -> String {
    "no figure of pay needs so many".to_owned()
}

fn bool_type() -> Type {
    Type::new(Kind::Bool, Unit::ratio())
}

/// A kind in words, for messages.
fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "a condition",
        Kind::Text => "text",
        Kind::Date => "a date",
        Kind::DateTime => "a datetime",
        Kind::Int | Kind::Decimal { .. } | Kind::Exact => "a number",
    }
}
