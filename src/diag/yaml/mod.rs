//! YAML text to plain Rust values, with the place of everything.
//!
//! One parser reads a file: its events, which carry marks, become a [tree](tree::Node), and serde fills the
//! spec types from that tree ([`read()`]). So what a value is and where it stands cannot disagree, every
//! scalar arrives as the text that was written (`1.10`, `0.4%`, `220_000`, `2026-10-01`, `yes`), and
//! all mistakes of a file are found in one go: unknown keys, missing keys, wrong kinds.
//!
//! Differences from plain serde that a spec type may rely on:
//! - an enum is written as the one key of a mapping (`filter: {…}`), or as a word where it has no content;
//!   a [`Titled`] one may have a `title:` beside that key;
//! - unknown and duplicate keys are findings in every mapping, `deny_unknown_fields` or not;
//! - a key without a value is a finding; an empty list is `[]`; `null` and `~` are absence, for `Option`
//!   only;
//! - `bool` is `true` or `false`; whole numbers are plain digits; there are no floats.
//!
//! This module must not know what any key means.

mod build;
mod cut;
mod de;
pub mod offsets;
pub mod parse;
pub mod read;
pub mod second;
pub mod shapes;
pub mod titled;
pub mod tree;
mod wild;

pub use read::{read, read_changed, read_text};
pub use shapes::{ColumnSpec, ColumnsSpec, OrderedMap};
pub use titled::Titled;

use super::Code;

/// Every code of this module.
pub fn codes() -> impl Iterator<Item = Code> {
    parse::CODES.iter().chain(read::CODES).copied().chain([cut::CUT_BY_COMMA, second::READERS_DISAGREE])
}
