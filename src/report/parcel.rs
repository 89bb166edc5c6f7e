//! What typst is given for each document, as data: for whoever looks for a fault in a template, and for the
//! bench that sets the same pages with nothing around typst.

use jiff::civil::Date;
use typst::foundations::Bytes;
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst_pdf::{PdfOptions, PdfStandard};

use super::assets::Assets;
use super::document::{Blocks, jobs};
use super::paper::Paper;
use super::typeset::options;
use super::view::{Context, Index, view};
use crate::run::outcome::Outcome;

/// A document before it is set.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// Path inside the run.
    pub path: String,
    /// Its blocks, as Typst text.
    pub main: Source,
    /// Its view, the file `data.json` of the blocks.
    pub view: String,
    /// Its id, and the day it bears.
    stamp: (String, Date),
}

impl Parcel {
    /// How it is exported; as a slip, which carries no tables.
    ///
    /// # Errors
    /// Where the day is none that a PDF can bear.
    pub fn options(&self) -> Result<PdfOptions, String> {
        let (ident, date) = &self.stamp;
        options(ident.clone(), *date, PdfStandard::A_2a)
    }
}

/// What typst is given for each document of an outcome, in the order of [`super::render`].
///
/// # Errors
/// What of the outcome cannot be shown.
pub fn parcels(outcome: &Outcome, assets: &Assets, run_id: &str) -> Result<Vec<Parcel>, String> {
    let blocks = Blocks::default();
    let index = Index::new(outcome);
    let parcel = |work: &super::document::Work<'_>| {
        let path = work.path();
        let cx = Context {
            outcome,
            index: &index,
            messages: &assets.parts.messages,
            run_id,
            spec: work.report.spec_on(work.paper),
            kpis: assets.parts.kpis(),
        };
        let view = view(cx, work.subject)?;
        let main = blocks.get(work.report, &view.shape)?;
        let stamp = (format!("{run_id}/{path}"), outcome.period.last_day());
        Ok(Parcel { path, main, view: view.data.to_string(), stamp })
    };
    jobs(outcome, assets).iter().map(parcel).collect()
}

impl Assets {
    /// The fonts that typst chooses from.
    pub fn book(&self) -> &LazyHash<FontBook> {
        self.parts.fonts.book()
    }

    /// A face by its place in the book.
    pub fn font(&self, index: usize) -> Option<Font> {
        self.parts.fonts.font(index)
    }

    /// Typst text that documents share, by its id.
    pub fn shared_source(&self, id: FileId) -> Option<Source> {
        self.parts.sources.get(id.get().vpath().get_without_slash()).cloned()
    }

    /// A file that documents on A4 share, by its id.
    pub fn shared_file(&self, id: FileId) -> Option<Bytes> {
        match id.get().vpath().get_without_slash() {
            "messages.json" => Some(self.parts.messages_json(Paper::A4)),
            path => self.parts.files.get(path).cloned(),
        }
    }
}
