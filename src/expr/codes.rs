//! Codes of the findings that expressions give rise to.

use crate::diag::Code;

/// Text that is no expression.
pub const EXPRESSION_SYNTAX: Code = Code::new("expression-syntax", "a text that cannot be read as an expression");
/// A form of SQL that is not supported.
pub const EXPRESSION_UNSUPPORTED: Code =
    Code::new("expression-unsupported", "a form of SQL outside the supported expressions");
/// A column nobody declared.
pub const UNKNOWN_COLUMN: Code = Code::new("unknown-column", "a column that the rows at hand do not have");
/// A parameter nobody declared.
pub const UNKNOWN_PARAMETER: Code = Code::new("unknown-parameter", "a parameter that no parameter file declares");
/// A kind of value where another is needed.
pub const TYPE_MISMATCH: Code = Code::new("type-mismatch", "a kind of value where another kind is needed");
/// Units that do not go together.
pub const UNIT_MISMATCH: Code = Code::new("unit-mismatch", "figures of different units added or compared");
/// A value that may be absent, used as if it were always there.
pub const ABSENT_VALUE: Code = Code::new("absent-value", "a value that may be absent, used as if it were always there");
/// An aggregate where none may stand, or a bare column where one must.
pub const AGGREGATE_MISPLACED: Code =
    Code::new("aggregate-misplaced", "an aggregate function where none may stand, or a bare column where one must");
/// A divisor that is always zero.
pub const DIVISION_BY_ZERO: Code = Code::new("division-by-zero", "a divisor that is zero for every row");
/// A parameter dated by a column that the rows at hand do not have.
pub const PARAMETER_DATE: Code =
    Code::new("parameter-date-column", "a parameter dated by a date column that the rows at hand do not have");
/// A parameter that differs by store, read where the rows name no store.
pub const PARAMETER_STORE: Code =
    Code::new("parameter-store-column", "a parameter that differs by store, read where the rows name no store");
/// A text that is none of a parameter's choices.
pub const UNKNOWN_CHOICE: Code = Code::new("unknown-choice", "a text that is none of the choices of its parameter");

/// Every code of this module.
pub const CODES: &[Code] = &[
    EXPRESSION_SYNTAX,
    EXPRESSION_UNSUPPORTED,
    UNKNOWN_COLUMN,
    UNKNOWN_PARAMETER,
    TYPE_MISMATCH,
    UNIT_MISMATCH,
    ABSENT_VALUE,
    AGGREGATE_MISPLACED,
    DIVISION_BY_ZERO,
    PARAMETER_DATE,
    PARAMETER_STORE,
    UNKNOWN_CHOICE,
    super::unit::UNKNOWN_UNIT,
];
