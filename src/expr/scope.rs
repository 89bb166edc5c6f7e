//! What the names of an expression may refer to, and what stands behind them when it is evaluated.
//!
//! A [`Scope`] holds types and serves [`check`](super::check()); [`ParamValues`] and [`PeriodValues`] hold values
//! and serve [`super::evaluate()`] and [`super::aggregate()`]. Nothing here reads a file.

use std::sync::Arc;

use jiff::civil::Date;

use super::types::{Name, Schema, Type};
use crate::money::exact::Exact;

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
    /// The parameter of a name, where it is one number (no ladder, no matrix).
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
    /// What explanations call it.
    pub label: Arc<str>,
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
    /// The value or values of a parameter; absent where none holds in the period.
    fn at(&self, name: &str) -> Option<Dated<'_>>;
}

impl ParamValues for NoParams {
    fn at(&self, _name: &str) -> Option<Dated<'_>> {
        None
    }
}

/// A parameter's values as they apply to the rows of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dated<'a> {
    /// One value for all rows, chosen by the period.
    Period {
        /// Date since which it holds.
        from: Date,
        /// The value.
        value: &'a Exact,
    },
    /// Each row takes the value that holds on its date; a date before the first value is a fault of the row.
    Column {
        /// The date column.
        column: Name,
        /// Values with the dates from which they hold, ascending.
        values: &'a [(Date, Exact)],
    },
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
