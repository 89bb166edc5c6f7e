//! YAML text to specs: what the files say, with the place of every word.
//!
//! A spec has no meaning yet: names are not resolved, expressions and numbers are text. Whoever finds
//! something wrong with a spec names it by its path in the file, and [`Document`] turns path and span into
//! a place. All findings of all files are collected; one broken file does not hide those of another.
//!
//! This module must not judge: what a unit, an expression or a date means is the plan's affair.

pub mod clauses;
pub mod document;
mod file;
pub mod load;
pub mod parameters;
pub mod pipeline;
pub mod project;
pub mod rule_test;
pub mod words;

pub use clauses::{ClauseFileSpec, ClauseSpec, DecisionSpec, SourcePlanSpec, StateSpec};
pub use document::{Document, Located, Seg};
pub use file::{FileColumnSpec, FileEncoding, FileForm, FileLayout, FilePeople, FileSpec};
pub use load::{Loaded, Project, load, load_in, read_document, sources};
pub use parameters::{
    AxisSpec, BySpec, CardRowSpec, CardSpec, IndicatorSpec, LadderRowSpec, LadderSpec, MatrixSpec, ParameterFileSpec,
    ParameterSpec, RuleSpec, SourceSpec, SplitSpec, TargetSpec, ValueSpec,
};
pub use pipeline::{CarrySpec, EachSpec, LinePart, PayLineSpec, PerSpec, PipelineSpec, SpineSpec};
pub use project::{PlanSpec, ProjectSpec, StoreSpec};
pub use rule_test::{CaseSpec, RowSpec, TestFileSpec};

use crate::diag::Code;

/// Codes of this module.
pub fn codes() -> impl Iterator<Item = Code> {
    load::CODES.iter().chain(words::CODES).copied()
}
