//! Types of columns and expressions: what a value is, its unit, whether it may be absent.

use std::fmt;
use std::sync::Arc;

use super::unit::Unit;

/// Name of a column, step, dataset or parameter.
pub type Name = Arc<str>;

/// What kind of value a column holds, and how it lies in a polars frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `Boolean`.
    Bool,
    /// `String`.
    Text,
    /// `Date`.
    Date,
    /// `Datetime` of microseconds, without a time zone: a moment by the clock on the wall ([`super::clock`]).
    DateTime,
    /// `Int64`; counts, signs, days. At most 18 digits.
    Int,
    /// `Decimal(38, scale)`: a figure of the source, or a sum, difference or product of such
    /// figures whose digit bound is known to fit.
    Decimal {
        /// Upper bound of the digits in all, at most 38.
        digits: u8,
        /// Digits behind the point.
        scale: u8,
    },
    /// `String` holding a canonical fraction, `975375/1000` reduced to `7803/8`; whole numbers
    /// without a denominator. Whatever has been divided, or outgrew 38 digits.
    Exact,
}

impl Kind {
    /// Whether arithmetic applies.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Decimal { .. } | Self::Exact)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Text => f.write_str("text"),
            Self::Date => f.write_str("date"),
            Self::DateTime => f.write_str("datetime"),
            Self::Int => f.write_str("int"),
            Self::Decimal { digits, scale } => write!(f, "decimal({digits},{scale})"),
            Self::Exact => f.write_str("exact"),
        }
    }
}

/// Type of a column or expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// Kind of value.
    pub kind: Kind,
    /// Unit; [`Unit::ratio`] for what has none, and for everything that is no number.
    pub unit: Unit,
    /// Whether the value may be absent.
    pub nullable: bool,
}

impl Type {
    /// A type that is never absent.
    pub fn new(kind: Kind, unit: Unit) -> Self {
        Self { kind, unit, nullable: false }
    }

    /// Text, never absent.
    pub fn text() -> Self {
        Self::new(Kind::Text, Unit::ratio())
    }

    /// A date, never absent.
    pub fn date() -> Self {
        Self::new(Kind::Date, Unit::ratio())
    }

    /// A moment, never absent.
    pub fn datetime() -> Self {
        Self::new(Kind::DateTime, Unit::ratio())
    }

    /// The same type, possibly absent.
    #[must_use]
    pub fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }
}

/// A column of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name, as expressions write it.
    pub name: Name,
    /// Type.
    pub ty: Type,
    /// What reports and explanations call it; the name where the files give none.
    pub label: Arc<str>,
}

/// Columns of a frame, in order.
///
/// The frame itself may carry further columns whose names start with `@`: row numbers of the frames it
/// was made from (see [`crate::step`]). They are no part of the schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// The columns.
    pub fields: Vec<Field>,
}

impl Schema {
    /// The column of a name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| &*field.name == name)
    }

    /// Names of all columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| &*field.name)
    }

    /// Adds a column, or replaces the one of the same name in its place.
    pub fn set(&mut self, field: Field) {
        match self.fields.iter_mut().find(|known| known.name == field.name) {
            Some(known) => *known = field,
            None => self.fields.push(field),
        }
    }
}
