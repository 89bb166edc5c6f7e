//! Columns, `param.x`, `period.x`, `spine.x`, and date literals.

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use sqlparser::ast::{DataType, Ident, TimezoneInfo, TypedString, Value};

use super::{Checker, Node};
use crate::diag::nearest;
use crate::expr::clock;
use crate::expr::codes::{
    AGGREGATE_MISPLACED, EXPRESSION_UNSUPPORTED, PARAMETER_DATE, PARAMETER_STORE, TYPE_MISMATCH, UNKNOWN_COLUMN,
    UNKNOWN_PARAMETER,
};
use crate::expr::explain::PeriodPart;
use crate::expr::number::Size;
use crate::expr::scope::{ParamType, STORE};
use crate::expr::tree::Form;
use crate::expr::types::{Kind, Schema, Type};
use crate::expr::unit::Unit;

/// Digits of the days of a period.
const PERIOD_DIGITS: u8 = 3;

impl Checker<'_> {
    /// A bare name.
    pub(super) fn column(&mut self, name: &str, span: Range<usize>) -> Option<Node> {
        let scope = self.scope;
        let Some(field) = scope.columns.get(name).filter(|_| !name.starts_with('@')) else {
            let hint = self.near_column(name);
            return self.fault(UNKNOWN_COLUMN, span, format!("{} has no column `{name}`", scope.what), Some(hint));
        };
        if scope.aggregates && !self.inside_aggregate {
            let hint = format!("write `SUM({name})`, `MAX({name})` or another aggregate, or make it one of the keys");
            let message = format!("`{name}` stands outside of an aggregate");
            return self.fault(AGGREGATE_MISPLACED, span, message, Some(hint));
        }
        Some(column_node(Form::Column(Arc::clone(&field.name)), &field.ty, span))
    }

    fn near_column(&self, name: &str) -> String {
        if let Some(near) = nearest(name, self.scope.columns.names()) {
            return format!("did you mean `{near}`?");
        }
        let lower = name.to_lowercase();
        if let Some(near) = self.scope.columns.names().find(|known| known.to_lowercase() == lower) {
            return format!("did you mean `{near}`? small and capital letters differ");
        }
        if let Some(field) = self.scope.columns.fields.iter().find(|field| &*field.label == name) {
            return format!("write the column's name `{}`, not its label", field.name);
        }
        if self.scope.params.names().iter().any(|known| known == name) {
            return format!("write `param.{name}` for the parameter");
        }
        if let Some((each, _)) = self.scope.each.filter(|(_, schema)| schema.get(name).is_some()) {
            return format!("write `{each}.{name}`");
        }
        let names: Vec<&str> = self.scope.columns.names().collect();
        format!("its columns are {}", names.join(", "))
    }

    /// `prefix.name`.
    pub(super) fn dotted(&mut self, parts: &[Ident], span: Range<usize>) -> Option<Node> {
        let [prefix, name] = parts else {
            let message = format!("`{}` has too many points", self.written(&span));
            return self.fault(EXPRESSION_UNSUPPORTED, span, message, Some(self.prefixes()));
        };
        let name_span = self.places.range(name.span).unwrap_or_else(|| span.clone());
        match (prefix.value.as_str(), self.scope.each) {
            ("param", _) => self.param(&name.value, span, name_span),
            ("period", _) => self.period(&name.value, span, name_span),
            (prefix, Some((each, schema))) if prefix == each => self.each(each, schema, &name.value, span, name_span),
            (other, _) => {
                let known = ["param", "period"].into_iter().chain(self.scope.each.map(|(each, _)| each));
                let hint = nearest(other, known).map(|near| format!("did you mean `{near}.{}`?", name.value));
                let hint = hint.unwrap_or_else(|| self.prefixes());
                self.fault(UNKNOWN_COLUMN, span, format!("nothing is called `{other}` here"), Some(hint))
            }
        }
    }

    fn prefixes(&self) -> String {
        let each = self.scope.each.map_or(String::new(), |(each, _)| format!(", `{each}.column`"));
        format!("names are columns, `param.name`, `period.first`, `period.last`, `period.days`{each}")
    }

    fn param(&mut self, name: &str, span: Range<usize>, name_span: Range<usize>) -> Option<Node> {
        let Some(param) = self.scope.params.scalar(name) else {
            let names = self.scope.params.names();
            if names.iter().any(|known| known == name) {
                let message = format!("parameter `{name}` is a table, not a number");
                let hint = "look it up with a step such as `ladder`".to_owned();
                return self.fault(UNKNOWN_PARAMETER, name_span, message, Some(hint));
            }
            let hint = match nearest(name, names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `param.{near}`?"),
                None => "declare it in a file below `parameters/`".to_owned(),
            };
            return self.fault(UNKNOWN_PARAMETER, name_span, format!("no parameter `{name}`"), Some(hint));
        };
        let before = self.faults.len();
        self.dated_by(name, &param, &span);
        self.by_store(name, &param, &span);
        if self.faults.len() > before {
            return None;
        }
        let by = param.dated_by.iter().cloned().chain(param.by_store.then(|| Arc::from(STORE)));
        Some(column_node(Form::Param(Arc::from(name), by.collect()), &param.ty, span))
    }

    /// Whether the rows have the date that chooses a parameter's value.
    fn dated_by(&mut self, name: &str, param: &ParamType, span: &Range<usize>) {
        let Some(by) = &param.dated_by else { return };
        let (complaint, hint) = match self.scope.columns.get(by) {
            None => (format!("which {} does not have", self.scope.what), "use it in a step whose rows have that date"),
            Some(field) if field.ty.kind == Kind::DateTime => {
                let hint = "derive its day in a step before, `CAST(x AS DATE)`, and name that under `dated_by`";
                ("which is a datetime".to_owned(), hint)
            }
            Some(field) if field.ty.kind != Kind::Date => {
                ("which is no date".to_owned(), "name a date column under `dated_by` of the parameter")
            }
            Some(field) if field.ty.nullable => {
                ("which may be absent".to_owned(), "keep the rows that have the date in a filter step before")
            }
            Some(_) => return self.chosen_inside(name, by, span),
        };
        let message = format!("parameter `{name}` is dated by `{by}`, {complaint}");
        self.fault::<()>(PARAMETER_DATE, span.clone(), message, Some(hint.to_owned()));
    }

    /// Whether the rows name the store that chooses a parameter's value.
    fn by_store(&mut self, name: &str, param: &ParamType, span: &Range<usize>) {
        if !param.by_store {
            return;
        }
        match self.scope.columns.get(STORE) {
            Some(field) if field.ty == Type::text() => self.chosen_inside(name, STORE, span),
            _ => {
                let message = format!("parameter `{name}` differs by store, and {} has no `{STORE}`", self.scope.what);
                let hint = format!("keep `{STORE}` among the keys or columns of the step before");
                self.fault::<()>(PARAMETER_STORE, span.clone(), message, Some(hint));
            }
        }
    }

    /// A value that rows choose must stand inside an aggregate, where the rows are.
    fn chosen_inside(&mut self, name: &str, by: &str, span: &Range<usize>) {
        if self.scope.aggregates && !self.inside_aggregate {
            let message =
                format!("parameter `{name}` is chosen by `{by}` of each row and stands outside of an aggregate");
            let hint = format!("bring it inside, as in `SUM(amount * param.{name})`, or multiply in a derive behind");
            self.fault::<()>(AGGREGATE_MISPLACED, span.clone(), message, Some(hint));
        }
    }

    fn period(&mut self, name: &str, span: Range<usize>, name_span: Range<usize>) -> Option<Node> {
        match name {
            "first" => Some(Node::of(Form::Period(PeriodPart::First), Type::date(), span)),
            "last" => Some(Node::of(Form::Period(PeriodPart::Last), Type::date(), span)),
            "days" => {
                let form = Form::Period(PeriodPart::Days);
                Some(Node::of_size(form, Some(Size::whole(PERIOD_DIGITS)), Unit::base("days"), span))
            }
            _ => {
                let hint = "the period has `period.first`, `period.last` and `period.days`".to_owned();
                self.fault(UNKNOWN_COLUMN, name_span, format!("the period has no `{name}`"), Some(hint))
            }
        }
    }

    fn each(
        &mut self,
        each: &str,
        schema: &Schema,
        name: &str,
        span: Range<usize>,
        name_span: Range<usize>,
    ) -> Option<Node> {
        let Some(field) = schema.get(name).filter(|_| !name.starts_with('@')) else {
            let hint = match nearest(name, schema.names()) {
                Some(near) => format!("did you mean `{each}.{near}`?"),
                None => format!("its columns are {}", schema.names().collect::<Vec<_>>().join(", ")),
            };
            return self.fault(UNKNOWN_COLUMN, name_span, format!("`{each}` has no column `{name}`"), Some(hint));
        };
        if self.scope.aggregates && !self.inside_aggregate {
            let message = format!("`{each}.{name}` stands outside of an aggregate");
            let hint = "combine it with the aggregate in a derive step after this one".to_owned();
            return self.fault(AGGREGATE_MISPLACED, span, message, Some(hint));
        }
        Some(column_node(Form::Each(Arc::from(each), Arc::clone(&field.name)), &field.ty, span))
    }

    /// `DATE '2026-10-01'`.
    pub(super) fn dated_literal(&mut self, typed: &TypedString, span: Range<usize>) -> Option<Node> {
        match (&typed.data_type, &typed.value.value) {
            (DataType::Timestamp(None, TimezoneInfo::None), Value::SingleQuotedString(text))
                if !typed.uses_odbc_syntax =>
            {
                let Some(moment) = clock::read(text) else {
                    let hint = "datetimes are written as in `TIMESTAMP '2026-10-01 09:30:00'`".to_owned();
                    return self.fault(TYPE_MISMATCH, span, format!("`{text}` is no datetime"), Some(hint));
                };
                Some(Node::of(Form::Moment(moment), Type::datetime(), span))
            }
            _ => self.date_literal(typed, span),
        }
    }

    fn date_literal(&mut self, typed: &TypedString, span: Range<usize>) -> Option<Node> {
        let text = match (&typed.data_type, &typed.value.value) {
            (DataType::Date, Value::SingleQuotedString(text)) if !typed.uses_odbc_syntax => text,
            _ => {
                let hint =
                    "a date is written `DATE '2026-10-01'`, a datetime `TIMESTAMP '2026-10-01 09:30:00'`".to_owned();
                return self.fault(EXPRESSION_UNSUPPORTED, span, "a literal that is not supported", Some(hint));
            }
        };
        let parts: Vec<&str> = text.split('-').collect();
        let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        let date = match parts.as_slice() {
            [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2) => year
                .parse()
                .ok()
                .zip(month.parse().ok())
                .zip(day.parse().ok())
                .and_then(|((year, month), day)| Date::new(year, month, day).ok()),
            _ => None,
        };
        match date {
            Some(date) => Some(Node::of(Form::Date(date), Type::date(), span)),
            None => {
                let hint = "dates are written year-month-day, as in `DATE '2026-10-01'`".to_owned();
                self.fault(TYPE_MISMATCH, span, format!("`{text}` is no date"), Some(hint))
            }
        }
    }
}

fn column_node(form: Form, ty: &Type, span: Range<usize>) -> Node {
    Node { size: Size::of_kind(ty.kind), ..Node::of(form, ty.clone(), span) }
}
