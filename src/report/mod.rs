//! Outcome to pages: views, templates, typesetting, PDF.
//!
//! A report is a folder of `report-templates/`: `report.yaml` says what it shows ([`spec`]), `template.typ`
//! how it looks. The road of a document: [`view`] turns the outcome into JSON whose leaves are strings,
//! [`template`] lets minijinja choose and repeat the blocks of the template (no value of a person travels
//! through it), [`typeset`] compiles the blocks in a small typst world of their own around shared sources
//! and fonts, and exports PDF/A-2a with PDF/UA-1, or PDF/A-3a where it carries tables ([`attach`]).
//!
//! Charts are drawn by the templates themselves with Typst's shapes (`shared/charts.typ`) from places that the
//! view has computed as exact shares. A trial decided it, with bars, a waterfall and a ladder curve by shapes and by
//! SVG of a plotting crate: equal in time (6.7 against 6.2 ms for two figures) and in what the exporter accepts, a
//! ninth in size, and the only ones that keep the size of their words on a phone page and need no float of an amount.
//! ARCHITECTURE.md has the figures. Labels are text of the page: searched, and checked for missing glyphs like any.
//!
//! Two more kinds of folders make no document: one with a `workbook.yaml` the registers ([`workbook`]), one with a
//! `page.yaml` the page through which a run's files are found ([`index_page`]).
//!
//! Reports are pure views of an outcome: nothing here computes pay, reads data or writes a file.

pub mod assets;
mod attach;
mod check;
mod dictionary;
pub mod document;
mod fonts;
mod index_page;
mod lint;
pub mod messages;
mod paper;
mod parcel;
mod spec;
mod template;
mod typeset;
mod view;
mod words;
mod workbook;

#[cfg(test)]
mod measure;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use assets::{Assets, Request, load};
pub use document::{
    DOCUMENT_FAILED, Document, DocumentFailure, MISSING_GLYPH, check_glyphs, count, render, render_each, weight,
};
pub use index_page::pages;
pub use paper::{PHONE_FOLDER, Pages, Paper};
pub use parcel::{Parcel, parcels};
pub use workbook::{count_workbooks, each_workbook, weight_of_workbooks};

use crate::diag::Code;

/// Every code of this module.
pub const CODES: &[Code] = &[
    assets::MISSING_ASSET,
    assets::UNREADABLE_FONT,
    assets::UNKNOWN_FRAME,
    assets::UNKNOWN_REPORT_COLUMN,
    assets::UNKNOWN_SECTION,
    dictionary::UNKNOWN_KPI,
    dictionary::UNUSED_KPI,
    lint::FORBIDDEN_IN_TEMPLATE,
    template::BROKEN_TEMPLATE,
    workbook::spec::WORKBOOK_SHEET,
    DOCUMENT_FAILED,
    MISSING_GLYPH,
];
