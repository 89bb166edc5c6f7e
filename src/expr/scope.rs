//! What the names of an expression may refer to, and what stands behind them when it is evaluated.
//!
//! A [`Scope`] holds types and serves [`check`](super::check()); [`ParamValues`] and [`PeriodValues`] hold values
//! and serve [`super::evaluate()`] and [`super::aggregate()`]. Nothing here reads a file.

use std::sync::Arc;

use jiff::civil::Date;

use super::history::Dated;
use super::types::{Name, Schema, Type};
use crate::money::exact::Exact;

/// The column by which a row chooses among values that differ by store.
pub const STORE: &str = "store_id";

/// Names an expression may use, with their types.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Columns, written by their bare names.
    pub columns: &'a Schema,
    /// Columns of the row that an aggregate is made for: `("spine", schema)` allows `spine.valid_from`.
    ///
    /// The frame that is evaluated carries such a column under the dotted name, `spine.valid_from`.
    pub each: Option<(&'a str, &'a Schema)>,
    /// Parameters, written `param.name`.
    pub params: &'a dyn ParamTypes,
    /// Whether this is a column of an aggregate: every column must then stand inside SUM, COUNT, MIN, MAX or AVG.
    pub aggregates: bool,
    /// What the columns belong to, for messages: "step `facts`".
    pub what: &'a str,
}

/// Parameters of a project, by name.
pub trait ParamTypes {
    /// The parameter of a name, where it is one number or one choice (no ladder, no matrix).
    fn scalar(&self, name: &str) -> Option<ParamType>;
    /// Names of all parameters, for "did you mean".
    fn names(&self) -> Vec<String>;
}

/// Type of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamType {
    /// Type; its kind comes from [`kind_of`](super::kind_of) over all values of the parameter.
    pub ty: Type,
    /// The date column by which a row chooses its value; absent where the period chooses.
    pub dated_by: Option<Name>,
    /// Whether a row chooses by its `store_id` too.
    pub by_store: bool,
    /// The texts it may hold; none where it is a number.
    pub choices: Vec<Name>,
    /// What explanations call it.
    pub label: Arc<str>,
}

impl ParamType {
    /// A number, the same in all stores.
    pub fn number(ty: Type, dated_by: Option<Name>, label: Arc<str>) -> Self {
        Self { ty, dated_by, by_store: false, choices: Vec::new(), label }
    }
}

/// What a parameter holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParamValue {
    /// A number.
    Number(Exact),
    /// One of its choices.
    Choice(Name),
    /// Nothing: what a scorecard leaves out from a day on.
    Nothing,
}

impl ParamValue {
    /// The number, where it is one.
    pub fn number(&self) -> Option<&Exact> {
        match self {
            Self::Number(number) => Some(number),
            Self::Choice(_) | Self::Nothing => None,
        }
    }
}

/// No parameters.
#[derive(Clone, Copy, Debug)]
pub struct NoParams;

impl ParamTypes for NoParams {
    fn scalar(&self, _name: &str) -> Option<ParamType> {
        None
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Values of the parameters, for one period.
pub trait ParamValues {
    /// The values of a parameter, and whose day chooses among them.
    fn at(&self, name: &str) -> Option<Dated<'_, ParamValue>>;
}

impl ParamValues for NoParams {
    fn at(&self, _name: &str) -> Option<Dated<'_, ParamValue>> {
        None
    }
}

/// What `period.first`, `period.last` and `period.days` stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodValues {
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
}

impl PeriodValues {
    /// Number of days, both ends counted.
    pub fn days(&self) -> i64 {
        i64::from(self.last.since(self.first).map_or(0, |span| span.get_days())) + 1
    }
}
