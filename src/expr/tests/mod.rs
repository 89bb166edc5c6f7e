//! Expressions evaluated on columns: tables of boundary cases, and random expressions against a slow
//! reference that goes row by row.

mod aggregates;
mod random;
mod reference;
mod rows;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, date};
use polars::prelude::{AnyValue, Column, DataFrame, DataType, IntoColumn, NamedFrom, Series};

use super::clock;
use super::columns::{data_type, from_unscaled};
use super::history::{Dated, DayOf, Entry, History};
use super::scope::{ParamType, ParamTypes, ParamValue, ParamValues, PeriodValues, Scope};
use super::types::{Field, Kind, Schema, Type};
use super::unit::Unit;
use super::{Evaluated, Expr, check, evaluate, kind_of};
use crate::money::Exact;

/// October 2026.
pub(super) const PERIOD: PeriodValues = PeriodValues { first: date(2026, 10, 1), last: date(2026, 10, 31) };

pub(super) fn exact(text: &str) -> Exact {
    Exact::parse_canonical(text).unwrap()
}

/// A date column, the choices, and values with the dates from which they hold.
type Param = (Option<&'static str>, Vec<Arc<str>>, History<ParamValue>);

/// Parameters with their values, types included.
#[derive(Default)]
pub(super) struct Params(BTreeMap<String, Param>);

impl Params {
    /// A number, the same in all stores.
    pub(super) fn with(self, name: &str, by: Option<&'static str>, values: &[(Date, &str)]) -> Self {
        let values: Vec<_> = values.iter().map(|(from, value)| (*from, "", *value)).collect();
        self.with_stores(name, by, &values)
    }

    /// A number, of one store where one is named.
    pub(super) fn with_stores(mut self, name: &str, by: Option<&'static str>, values: &[(Date, &str, &str)]) -> Self {
        let history = history(values, |value| ParamValue::Number(exact(value)));
        self.0.insert(name.to_owned(), (by, Vec::new(), history));
        self
    }

    /// A choice, of one store where one is named.
    pub(super) fn with_choices(mut self, name: &str, choices: &[&str], values: &[(Date, &str, &str)]) -> Self {
        let choices = choices.iter().map(|choice| Arc::from(*choice)).collect();
        let history = history(values, |value| ParamValue::Choice(Arc::from(value)));
        self.0.insert(name.to_owned(), (None, choices, history));
        self
    }
}

fn history(values: &[(Date, &str, &str)], value: impl Fn(&str) -> ParamValue) -> History<ParamValue> {
    let stores = |store: &str| if store.is_empty() { Vec::new() } else { vec![Arc::from(store)] };
    History::new(values.iter().map(|(from, store, text)| Entry::new(*from, stores(store), value(text))).collect())
}

impl ParamTypes for Params {
    fn scalar(&self, name: &str) -> Option<ParamType> {
        let (by, choices, history) = self.0.get(name)?;
        let kind = kind_of(history.iter().filter_map(|entry| entry.value.number()));
        let ty = if choices.is_empty() { Type::new(kind, Unit::ratio()) } else { Type::text() };
        let number = ParamType::number(ty, by.map(Arc::from), Arc::from(name));
        Some(ParamType { by_store: history.by_store(), choices: choices.clone(), ..number })
    }

    fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

impl ParamValues for Params {
    fn at(&self, name: &str) -> Option<Dated<'_, ParamValue>> {
        let (by, _, history) = self.0.get(name)?;
        let day = by.map_or(DayOf::Period(PERIOD.first), |column| DayOf::Column(Arc::from(column)));
        Some(Dated { history, day })
    }
}

/// A frame with its schema.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) schema: Schema,
    pub(super) frame: DataFrame,
}

impl Rows {
    /// Adds a column from texts as people write values; an empty text is an absent value.
    pub(super) fn with(mut self, name: &str, kind: Kind, cells: &[&str]) -> Self {
        let nullable = cells.iter().any(|cell| cell.is_empty());
        let ty = Type { kind, unit: Unit::ratio(), nullable };
        self.schema.set(Field { name: Arc::from(name), ty, label: Arc::from(name) });
        let present = |cell: &&str| Some((*cell).to_owned()).filter(|cell| !cell.is_empty());
        let unscaled = |scale: u8| {
            let number = |cell: &str| Exact::parse_number(cell).unwrap().to_unscaled(scale).unwrap();
            cells.iter().map(|cell| present(cell).map(|cell| number(&cell))).collect::<Vec<_>>()
        };
        let column: Column = match kind {
            Kind::Text | Kind::Exact => {
                let texts: Vec<Option<String>> = cells.iter().map(present).collect();
                Series::new(name.into(), texts).into_column()
            }
            Kind::Bool => {
                let truths: Vec<Option<bool>> =
                    cells.iter().map(|cell| present(cell).map(|cell| cell == "t")).collect();
                Series::new(name.into(), truths).into_column()
            }
            Kind::Date => {
                let day = |cell: String| i128::from(super::columns::epoch_days(cell.parse().unwrap()));
                from_unscaled(cells.iter().map(|cell| present(cell).map(day)).collect(), kind).unwrap()
            }
            Kind::DateTime => {
                let micros = |cell: String| i128::from(clock::micros(clock::read(&cell).unwrap()));
                from_unscaled(cells.iter().map(|cell| present(cell).map(micros)).collect(), kind).unwrap()
            }
            Kind::Int => from_unscaled(unscaled(0), kind).unwrap(),
            Kind::Decimal { scale, .. } => from_unscaled(unscaled(scale), kind).unwrap(),
        };
        assert_eq!(*column.dtype(), data_type(kind));
        let column = column.with_name(name.into());
        if self.frame.width() == 0 {
            self.frame = DataFrame::new(cells.len(), vec![column]).unwrap();
        } else {
            self.frame.with_column(column).unwrap();
        }
        self
    }

    /// Gives a column a unit.
    pub(super) fn unit(mut self, name: &str, unit: &str) -> Self {
        let field = self.schema.fields.iter_mut().find(|field| &*field.name == name).unwrap();
        field.ty.unit = Unit::parse(unit, &[]).unwrap();
        self
    }

    pub(super) fn check(&self, text: &str, params: &Params, aggregates: bool) -> Expr {
        let scope = Scope { columns: &self.schema, each: None, params, aggregates, what: "rows" };
        check(text, &scope).unwrap_or_else(|faults| panic!("{text}: {faults:?}"))
    }

    /// The values of an expression as canonical text, and its faults.
    pub(super) fn values(&self, text: &str, params: &Params) -> (Vec<String>, Vec<String>) {
        let expr = self.check(text, params, false);
        let result = evaluate(&[(Arc::from("x"), &expr)], &self.frame, params, &PERIOD);
        shown(&result.unwrap_or_else(|error| panic!("{text}: {error}")))
    }
}

/// The one column of a result as canonical text, `-` where absent, and its faults as `row: cause`.
pub(super) fn shown(evaluated: &Evaluated) -> (Vec<String>, Vec<String>) {
    let column = evaluated.columns.first().unwrap();
    let values = (0..column.len()).map(|row| cell(column, row)).collect();
    let faults = evaluated.faults.iter().map(|fault| format!("{}: {}", fault.row, fault.cause)).collect();
    (values, faults)
}

/// A cell as canonical text, `-` where absent.
pub(super) fn cell(column: &Column, row: usize) -> String {
    match (column.get(row).unwrap(), column.dtype()) {
        (AnyValue::Null, _) => "-".to_owned(),
        (AnyValue::Decimal(unscaled, _, scale), _) => {
            Exact::from_decimal_parts(unscaled, u8::try_from(scale).unwrap()).to_canonical()
        }
        (AnyValue::Date(days), _) => {
            Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap().to_string()
        }
        (AnyValue::Datetime(micros, ..), _) => clock::show(clock::moment(micros).unwrap()),
        (AnyValue::String(text), DataType::String) => text.to_owned(),
        (AnyValue::StringOwned(text), _) => text.to_string(),
        (AnyValue::Boolean(truth), _) => truth.to_string(),
        (value, _) => value.to_string(),
    }
}
