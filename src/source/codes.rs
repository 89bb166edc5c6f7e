//! Every code that contracts and readers report.

use crate::diag::Code;

// Findings in a dataset file.

/// A column or dataset name that expressions could not write.
pub const CONTRACT_NAME: Code =
    Code::new("contract-name", "a dataset or column name that an expression could not write, or that is reserved");
/// A source kind nobody reads.
pub const UNKNOWN_SOURCE_KIND: Code = Code::new("unknown-source-kind", "a source kind that no reader knows");
/// An option of a source that does not fit.
pub const SOURCE_OPTION: Code =
    Code::new("source-option", "an option of a source that is missing, unknown or does not fit its kind");
/// A path pattern that cannot name one file of one store.
pub const PATH_PATTERN: Code =
    Code::new("path-pattern", "a path pattern that leaves the data folder or does not tell the stores apart");
/// A column type nobody reads.
pub const UNKNOWN_COLUMN_TYPE: Code = Code::new("unknown-column-type", "a column type that no cell parser knows");
/// An option of a column that does not fit.
pub const COLUMN_OPTION: Code =
    Code::new("column-option", "an option of a dataset column that is missing or does not fit its type");
/// A role given to a column that the contract does not have.
pub const UNKNOWN_CONTRACT_COLUMN: Code =
    Code::new("unknown-contract-column", "a key, control, date or person column that the contract does not list");
/// A role given to a column that cannot play it.
pub const CONTRACT_ROLE: Code =
    Code::new("contract-role", "a column that cannot be the key, control, date or person column it is named as");
/// Two columns that would read the same header.
pub const HEADER_CLAIMED_TWICE: Code =
    Code::new("header-claimed-twice", "a header that two columns of one contract would read");
/// A share of bad rows that is no share.
pub const BAD_SHARE: Code = Code::new("bad-share", "a share of bad rows that is not a percentage from 0% to 100%");

/// Every code of this module.
pub const CODES: &[Code] = &[
    CONTRACT_NAME,
    UNKNOWN_SOURCE_KIND,
    SOURCE_OPTION,
    PATH_PATTERN,
    UNKNOWN_COLUMN_TYPE,
    COLUMN_OPTION,
    UNKNOWN_CONTRACT_COLUMN,
    CONTRACT_ROLE,
    HEADER_CLAIMED_TWICE,
    BAD_SHARE,
];
