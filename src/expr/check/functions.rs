//! Functions of a row (COALESCE, GREATEST, ROUND, …) and of many rows (SUM, COUNT, …).

use std::ops::Range;

use sqlparser::ast::{
    DateTimeField, DuplicateTreatment, Expr as Ast, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Value,
};

use super::presence::{Present, shown_by};
use super::unsupported::{FUNCTIONS, near_function};
use super::{Checker, kind_words};
use crate::expr::clock::Elapsed;
use crate::expr::codes::{AGGREGATE_MISPLACED, EXPRESSION_UNSUPPORTED, TYPE_MISMATCH};
use crate::expr::number::{COUNT_DIGITS, Size};
use crate::expr::tree::{Aggregate, AggregateFunction, DatePart, Form, Node};
use crate::expr::types::{Kind, Type};
use crate::expr::unit::Unit;
use crate::money::Rounding;

/// Most places a ROUND may ask for.
const MOST_PLACES: u8 = 18;

/// Names of the roundings.
const ROUNDINGS: &[(&str, Rounding)] = &[
    ("half-up", Rounding::HalfUp),
    ("half-even", Rounding::HalfEven),
    ("up", Rounding::Up),
    ("down", Rounding::Down),
    ("floor", Rounding::Floor),
    ("ceiling", Rounding::Ceiling),
];

impl Checker<'_> {
    /// A function call.
    pub(super) fn call(&mut self, call: &Function, present: &Present, span: Range<usize>) -> Option<Node> {
        let name = call.name.to_string().to_uppercase();
        if call.over.is_some() {
            let hint = "compute the aggregate in a step of its own and join it".to_owned();
            return self.fault(EXPRESSION_UNSUPPORTED, span, "a window function", Some(hint));
        }
        let plain = !call.uses_odbc_syntax
            && call.null_treatment.is_none()
            && call.within_group.is_empty()
            && matches!(call.parameters, FunctionArguments::None);
        let list = match &call.args {
            FunctionArguments::List(list) if plain && list.clauses.is_empty() => list,
            _ => {
                let message = format!("a form of `{name}` that is not supported");
                return self.fault(EXPRESSION_UNSUPPORTED, span, message, Some(FUNCTIONS.to_owned()));
            }
        };
        if let Some(function) = aggregate_function(&name) {
            return self.aggregate(function, &name, list, call.filter.as_deref(), present, span);
        }
        if call.filter.is_some() || list.duplicate_treatment.is_some() {
            let message = format!("FILTER and DISTINCT do not apply to `{name}`");
            let hint = "they belong to SUM, COUNT, MIN, MAX and AVG".to_owned();
            return self.fault(EXPRESSION_UNSUPPORTED, span, message, Some(hint));
        }
        let mut args = Vec::new();
        for arg in &list.args {
            match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(arg)) => args.push(arg),
                _ => {
                    let message = format!("an argument of `{name}` that is not supported");
                    return self.fault(EXPRESSION_UNSUPPORTED, span, message, Some(FUNCTIONS.to_owned()));
                }
            }
        }
        match name.as_str() {
            "GREATEST" | "LEAST" => self.extreme(&name, &args, present, span),
            "COALESCE" => self.coalesce(&args, present, span),
            "NULLIF" => self.null_if(&args, present, span),
            "MINUTES_BETWEEN" | "HOURS_BETWEEN" => self.elapsed(&name, &args, present, span),
            "ABS" => self.absolute(&args, present, span),
            "ROUND" => self.round(&args, present, span),
            _ => {
                let hint = near_function(&name);
                let at = self.places.token_at(span.start);
                self.fault(EXPRESSION_UNSUPPORTED, at, format!("no function `{name}`"), Some(hint))
            }
        }
    }

    fn arguments<const N: usize, T>(&mut self, args: &[T], form: &str, span: &Range<usize>) -> bool {
        if args.len() == N {
            return true;
        }
        let message = format!("{} arguments where {N} are needed", args.len());
        self.fault::<()>(EXPRESSION_UNSUPPORTED, span.clone(), message, Some(format!("write `{form}`")));
        false
    }

    fn extreme(&mut self, name: &str, args: &[&Ast], present: &Present, span: Range<usize>) -> Option<Node> {
        let parts: Vec<Option<Node>> = args.iter().map(|arg| self.part(arg, present)).collect();
        let parts: Vec<Node> = parts.into_iter().collect::<Option<_>>()?;
        let parts: Vec<Node> = parts.into_iter().map(|part| self.sure(part)).collect();
        if parts.len() < 2 {
            let message = format!("{name} of fewer than two values");
            return self.fault(EXPRESSION_UNSUPPORTED, span, message, Some(format!("write `{name}(a, b)`")));
        }
        let (parts, node) = self.alternatives(parts, name, &span)?;
        if !node.ty.kind.is_number() && !matches!(node.ty.kind, Kind::Date | Kind::DateTime) {
            let message = format!("{name} of {}", kind_words(node.ty.kind));
            return self.fault(
                TYPE_MISMATCH,
                span,
                message,
                Some("it compares numbers, dates or datetimes".to_owned()),
            );
        }
        let form = if name == "GREATEST" { Form::Greatest(parts) } else { Form::Least(parts) };
        Some(Node { form, ..node })
    }

    fn coalesce(&mut self, args: &[&Ast], present: &Present, span: Range<usize>) -> Option<Node> {
        let parts: Vec<Option<Node>> = args.iter().map(|arg| self.arm(arg, present)).collect();
        let parts: Vec<Node> = parts.into_iter().collect::<Option<_>>()?;
        if parts.len() < 2 {
            let hint = "write `COALESCE(x, 0)`".to_owned();
            return self.fault(EXPRESSION_UNSUPPORTED, span, "COALESCE of fewer than two values", Some(hint));
        }
        let nullable = parts.iter().all(|part| part.ty.nullable);
        let (parts, mut node) = self.alternatives(parts, "COALESCE", &span)?;
        node.ty.nullable = nullable;
        Some(Node { form: Form::Coalesce(parts), ..node })
    }

    fn null_if(&mut self, args: &[&Ast], present: &Present, span: Range<usize>) -> Option<Node> {
        if !self.arguments::<2, _>(args, "NULLIF(x, 0)", &span) {
            return None;
        }
        let parts: Vec<Option<Node>> = args.iter().map(|arg| self.part(arg, present)).collect();
        let parts: Vec<Node> = parts.into_iter().collect::<Option<_>>()?;
        let (parts, _) = self.alternatives(parts, "NULLIF", &span)?;
        let [value, null] = <[Node; 2]>::try_from(parts).ok()?;
        let null = self.sure(null);
        let node = Node { span, adapts: false, ..value.clone() };
        let ty = node.ty.clone().nullable();
        Some(Node { form: Form::NullIf(Box::new(value), Box::new(null)), ty, ..node })
    }

    /// `MINUTES_BETWEEN(from, to)`, `HOURS_BETWEEN(from, to)`.
    fn elapsed(&mut self, name: &str, args: &[&Ast], present: &Present, span: Range<usize>) -> Option<Node> {
        let elapsed = Elapsed::ALL.into_iter().find(|elapsed| elapsed.function() == name)?;
        if !self.arguments::<2, _>(args, &format!("{name}(from, to)"), &span) {
            return None;
        }
        let parts: Vec<Option<Node>> = args.iter().map(|arg| self.datetime(arg, present, name)).collect();
        let [from, to] = <[Node; 2]>::try_from(parts.into_iter().collect::<Option<Vec<_>>>()?).ok()?;
        let form = Form::Elapsed(elapsed, Box::new(from), Box::new(to));
        Some(Node::of_size(form, None, Unit::base(elapsed.unit()), span))
    }

    /// `CAST(x AS DATE)`: the day of a datetime, absent where that is.
    pub(super) fn day_of(&mut self, moment: &Ast, present: &Present, span: Range<usize>) -> Option<Node> {
        let moment = self.part(moment, present)?;
        if moment.ty.kind == Kind::Date {
            let message = format!("`{}` is a date already", self.written(&moment.span));
            return self.fault(TYPE_MISMATCH, span, message, Some("use it as it is".to_owned()));
        }
        let moment = self.wants(moment, |kind| kind == Kind::DateTime, "a datetime", "CAST … AS DATE")?;
        let ty = Type { nullable: moment.ty.nullable, ..Type::date() };
        Some(Node::of(Form::DayOf(Box::new(moment)), ty, span))
    }

    fn absolute(&mut self, args: &[&Ast], present: &Present, span: Range<usize>) -> Option<Node> {
        if !self.arguments::<1, _>(args, "ABS(x)", &span) {
            return None;
        }
        let value = self.number(args.first()?, present, "ABS")?;
        let node = Node { span, ..value.clone() };
        Some(Node { form: Form::Abs(Box::new(value)), ..node })
    }

    fn round(&mut self, args: &[&Ast], present: &Present, span: Range<usize>) -> Option<Node> {
        if !self.arguments::<3, _>(args, "ROUND(x, 2, 'half-up')", &span) {
            return None;
        }
        let value = self.number(args.first()?, present, "ROUND");
        let places = match args.get(1) {
            Some(Ast::Value(value)) => match &value.value {
                Value::Number(digits, _) => digits.parse::<u8>().ok().filter(|places| *places <= MOST_PLACES),
                _ => None,
            },
            _ => None,
        };
        let mode = match args.get(2) {
            Some(Ast::Value(value)) => match &value.value {
                Value::SingleQuotedString(name) => ROUNDINGS.iter().find(|(known, _)| known == name),
                _ => None,
            },
            _ => None,
        };
        if places.is_none() {
            let at = args.get(1).map_or(span.clone(), |arg| self.places.of(arg));
            let message = format!("ROUND needs a number of places from 0 to {MOST_PLACES}");
            self.fault::<()>(EXPRESSION_UNSUPPORTED, at, message, Some("write `ROUND(x, 2, 'half-up')`".to_owned()));
        }
        if mode.is_none() {
            let at = args.get(2).map_or(span.clone(), |arg| self.places.of(arg));
            let names: Vec<String> = ROUNDINGS.iter().map(|(name, _)| format!("'{name}'")).collect();
            let hint = format!("write one of {}", names.join(", "));
            self.fault::<()>(EXPRESSION_UNSUPPORTED, at, "ROUND needs the name of a rounding", Some(hint));
        }
        let (value, places, (_, mode)) = (value?, places?, mode?);
        let unit = value.ty.unit.clone();
        let (adapts, nullable) = (value.adapts, value.ty.nullable);
        let mut node = Node::of_size(Form::Round(Box::new(value), places, *mode), None, unit, span);
        node.ty.nullable = nullable;
        Some(Node { adapts, ..node })
    }

    /// `EXTRACT(YEAR FROM d)`.
    pub(super) fn extract(
        &mut self,
        field: &DateTimeField,
        date: &Ast,
        present: &Present,
        span: Range<usize>,
    ) -> Option<Node> {
        let date = self.date(date, present, "EXTRACT");
        let (part, digits) = match field {
            DateTimeField::Year => (DatePart::Year, 4),
            DateTimeField::Month => (DatePart::Month, 2),
            DateTimeField::Day => (DatePart::Day, 2),
            other => {
                let hint = "a date has YEAR, MONTH and DAY".to_owned();
                return self.fault(EXPRESSION_UNSUPPORTED, span, format!("a date has no `{other}`"), Some(hint));
            }
        };
        let form = Form::Extract(part, Box::new(date?));
        Some(Node::of_size(form, Some(Size::whole(digits)), Unit::ratio(), span))
    }

    fn aggregate(
        &mut self,
        function: AggregateFunction,
        name: &str,
        list: &FunctionArgumentList,
        filter: Option<&Ast>,
        present: &Present,
        span: Range<usize>,
    ) -> Option<Node> {
        if !self.scope.aggregates || self.inside_aggregate {
            let (message, hint) = if self.inside_aggregate {
                (format!("{name} inside another aggregate"), "compute the inner one in a step before")
            } else {
                (format!("{name} outside of an aggregate step"), "aggregates are columns of an `aggregate` step")
            };
            return self.fault(AGGREGATE_MISPLACED, span, message, Some(hint.to_owned()));
        }
        let distinct = matches!(list.duplicate_treatment, Some(DuplicateTreatment::Distinct));
        let form = format!("{name}(x)");
        let value = match list.args.as_slice() {
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(value))] => Some(value),
            [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)] if name == "COUNT" && !distinct => None,
            args => {
                let message = format!("{} arguments of `{name}` that are not supported", args.len());
                return self.fault(EXPRESSION_UNSUPPORTED, span, message, Some(format!("write `{form}`")));
            }
        };
        if distinct && function != AggregateFunction::Count {
            let hint = "only COUNT counts distinct values".to_owned();
            return self.fault(EXPRESSION_UNSUPPORTED, span, format!("{name}(DISTINCT …)"), Some(hint));
        }
        self.inside_aggregate = true;
        let filtered: Vec<Option<Node>> =
            filter.into_iter().map(|filter| self.condition(filter, present, "FILTER")).collect();
        let inside = filter.map_or_else(|| present.clone(), |filter| present.and(&shown_by(filter, true)));
        let value: Vec<Option<Node>> = value.into_iter().map(|value| self.part(value, &inside)).collect();
        self.inside_aggregate = false;
        let value = value.into_iter().collect::<Option<Vec<Node>>>()?.pop();
        let filter = filtered.into_iter().collect::<Option<Vec<Node>>>()?.pop();
        let function = if distinct { AggregateFunction::CountDistinct } else { function };
        self.aggregate_type(function, name, value, filter, span)
    }

    fn aggregate_type(
        &mut self,
        function: AggregateFunction,
        name: &str,
        value: Option<Node>,
        filter: Option<Node>,
        span: Range<usize>,
    ) -> Option<Node> {
        if matches!(function, AggregateFunction::Count | AggregateFunction::CountDistinct) {
            let form = Form::Aggregate(Box::new(Aggregate { function, value, filter }));
            return Some(Node::of_size(form, Some(Size::whole(COUNT_DIGITS)), Unit::ratio(), span));
        }
        let value = self.sure(value?);
        let date_fits = matches!(function, AggregateFunction::Min | AggregateFunction::Max);
        let fits = |kind: Kind| kind.is_number() || (date_fits && matches!(kind, Kind::Date | Kind::DateTime));
        let wanted = if date_fits { "a number, a date or a datetime" } else { "a number" };
        let value = self.wants(value, fits, wanted, name)?;
        let size = match function {
            AggregateFunction::Sum => value.size.and_then(Size::column_sum),
            AggregateFunction::Min | AggregateFunction::Max => value.size,
            _ => None,
        };
        let (unit, kind) = (value.ty.unit.clone(), value.ty.kind);
        let form = Form::Aggregate(Box::new(Aggregate { function, value: Some(value), filter }));
        let mut node = match kind {
            Kind::Date | Kind::DateTime => Node::of(form, Type::new(kind, unit), span),
            _ => Node::of_size(form, size, unit, span),
        };
        node.ty.nullable = function != AggregateFunction::Sum;
        Some(node)
    }
}

fn aggregate_function(name: &str) -> Option<AggregateFunction> {
    match name {
        "SUM" => Some(AggregateFunction::Sum),
        "COUNT" => Some(AggregateFunction::Count),
        "MIN" => Some(AggregateFunction::Min),
        "MAX" => Some(AggregateFunction::Max),
        "AVG" => Some(AggregateFunction::Avg),
        _ => None,
    }
}
