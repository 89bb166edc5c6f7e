//! Exact numbers: everything that decides an amount.
//!
//! In reading order: [`rounding`] names the ways to round, [`exact`] is the one number type of money,
//! [`number`] reads numbers as people write them, [`kernel`] computes with whole columns of them,
//! [`ladder`] and [`matrix`] look a value up in a printed table, [`allocate`] splits a pool to the last fen,
//! [`capitals`] and [`show`] write numbers for people.
//!
//! Nothing here rounds unless its caller names the rounding, nothing uses floating point, and nothing
//! knows of files, steps or expressions.

pub mod allocate;
pub mod capitals;
mod decimal;
pub mod exact;
pub mod kernel;
pub mod ladder;
pub mod matrix;
pub mod number;
pub mod rounding;
pub mod show;
mod small;

pub use exact::Exact;
pub use rounding::Rounding;

use crate::diag::Code;

/// Codes of the findings that this module reports.
pub const CODES: &[Code] = &[
    number::BAD_NUMBER,
    ladder::interval::BAD_INTERVAL,
    ladder::EMPTY_LADDER,
    ladder::LADDER_GAP,
    ladder::LADDER_OVERLAP,
    ladder::LADDER_ORDER,
    matrix::EMPTY_MATRIX,
    matrix::MATRIX_GAP,
    matrix::UNREACHED_ROW,
];
