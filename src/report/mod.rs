//! Outcome to pages: views, templates, typesetting, PDF.
//!
//! A report is a folder of `report-templates/`: `report.yaml` says what it shows, `template.typ` how it
//! looks. The road of a document is [`view`] (an outcome becomes JSON of strings), [`template`]
//! (minijinja chooses and repeats blocks; no value travels through it), `typeset` (a small typst world
//! per document around shared sources and fonts) and PDF/A-2a.
//!
//! Reports are pure views of an outcome: nothing here computes pay, reads the data or writes a file.

mod assets;
mod document;

pub use assets::{AssetFile, Assets, load};
pub use document::{DOCUMENT_FAILED, Document, DocumentFailure, MISSING_GLYPH, render};

use crate::diag::Code;

/// Every code of this module.
pub const CODES: &[Code] =
    &[assets::MISSING_ASSET, assets::UNREADABLE_FONT, document::DOCUMENT_FAILED, document::MISSING_GLYPH];
