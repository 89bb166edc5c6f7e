//! Inputs: contracts and the readers of each source kind.
//!
//! A dataset file in YAML ([`spec::DatasetSpec`]) becomes a checked [`Contract`]; [`read()`] holds one
//! store's file of one period against it and returns columns, the fate of every physical row, the rows
//! that broke the contract with all their faults, and what a person must know of. Files come through
//! the [`crate::world::World`] alone, are read once, and are hashed from the very bytes that are parsed.
//!
//! This module must not know pipelines or pay. It never guesses: text that is not plainly what the
//! contract asks for is a fault of its cell, never a zero, a null or a nearest value.

mod accept;
mod batch;
mod cell;
mod check;
pub mod codes;
mod completeness;
mod contract;
mod csv;
mod encoding;
mod fates;
mod header;
mod keys;
mod pattern;
mod read;
mod roles;
mod rows;
mod spec;
mod trouble;
mod words;
mod xlsx;

pub use check::check;
pub use codes::CODES;
pub use contract::{CellType, Column, Contract, Encoding, Format, Of, SourceFault};
pub use pattern::PathPattern;
pub use read::{PeriodSummary, Read, RowPlaces, bytes, nothing, read, read_file, stack, summary};
pub use spec::{DatasetColumnSpec, DatasetSpec, SourceSpec};
pub(crate) use trouble::rows_text;
pub use words::Words;

#[cfg(test)]
mod tests;
