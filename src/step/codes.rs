//! Codes that several step kinds report; a code of one kind stands in the kind's file.

use crate::diag::Code;

/// A frame nobody defines.
pub const UNKNOWN_FRAME: Code =
    Code::new("unknown-frame", "a step reads a frame that is no step, dataset, spine or published step");
/// A column the frame does not have, where a plain name stands.
pub const UNKNOWN_STEP_COLUMN: Code =
    Code::new("unknown-step-column", "a key, a taken or a selected column that its frame does not have");
/// A new column under a name that the frame has already.
pub const COLUMN_EXISTS: Code =
    Code::new("column-exists", "a step would give a new column the name of one that the frame has already");
/// A condition that is no plain yes or no.
pub const NOT_A_CONDITION: Code = Code::new("not-a-condition", "a condition that is not true or false in every row");
/// A name that no column may have.
pub const BAD_COLUMN_NAME: Code = Code::new("bad-column-name", "a column name that an expression could not write");
/// A unit declared for a column that has one by itself.
pub const UNIT_ALREADY: Code =
    Code::new("unit-already", "a unit is declared for a column whose expression has another unit by itself");
/// Keys that cannot meet.
pub const BAD_KEY: Code = Code::new("bad-key", "key columns of a kind or unit that rows cannot be matched by");
/// A setting that a step needs and the file leaves open.
pub const SETTING_MISSING: Code = Code::new("setting-missing", "a step leaves open what it must decide");
/// Two settings that exclude each other, or one that the others make meaningless.
pub const SETTING_CONFLICT: Code = Code::new("setting-conflict", "settings of a step that do not go together");

/// A cell without a value in a column that always has one.
pub const FAILED_CELL: Code =
    Code::exception("failed-cell", "a formula has no value in a row: division by zero, or a value that is absent");
