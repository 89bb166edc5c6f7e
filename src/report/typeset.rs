//! Typst text and a view to a PDF: a world per document around shared sources and fonts.
//!
//! A world holds the blocks of one document and its view; library, fonts, messages and shared parts are
//! the same for all. It knows no disk, no package and no day, so a document depends on nothing else.

use std::sync::LazyLock;

use jiff::civil::Date;
use typst::diag::{FileError, FileResult, SourceDiagnostic, Warned};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::layout::Frame;
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::assets::Parts;
use super::attach::Attached;
use super::paper::Paper;

/// The functions of typst, the same for every document.
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// One document to be set.
#[derive(Debug)]
pub(super) struct Job<'a> {
    /// What all documents share.
    pub(super) parts: &'a Parts,
    /// What it is laid out for.
    pub(super) paper: Paper,
    /// The blocks, as Typst text.
    pub(super) main: Source,
    /// The view, as JSON.
    pub(super) view: String,
    /// Tables that it carries.
    pub(super) attached: Vec<Attached>,
    /// Stable id of the document.
    pub(super) ident: String,
    /// Date of the document: the last day of the period.
    pub(super) date: Date,
}

/// Sets a document and exports it as PDF/A-2a, or PDF/A-3a where it carries tables, and PDF/UA-1: both checked by the
/// exporter, which refuses a figure without words.
pub(super) fn typeset(job: Job<'_>) -> Result<Vec<u8>, Vec<String>> {
    laid_out(job, |_| ()).map(|(pdf, ())| pdf)
}

/// The same, and what somebody sees who looks at the frames of its pages.
pub(super) fn laid_out<T>(job: Job<'_>, look: impl FnOnce(&[&Frame]) -> T) -> Result<(Vec<u8>, T), Vec<String>> {
    let Job { parts, paper, main, view, attached, ident, date } = job;
    let standard = if attached.is_empty() { PdfStandard::A_2a } else { PdfStandard::A_3a };
    let world = DocumentWorld { parts, paper, main, view: Bytes::from_string(view), attached };
    let Warned { output, warnings } = typst::compile(&world);
    let document = output.map_err(|errors| described(&world, &errors))?;
    // A family that is not there or a layout that does not settle is a fault of the template, not of taste.
    if !warnings.is_empty() {
        return Err(described(&world, &warnings));
    }
    let options = options(ident, date, standard).map_err(|cause| vec![cause])?;
    let pdf = typst_pdf::pdf(&document, &options).map_err(|errors| described(&world, &errors))?;
    let frames: Vec<&Frame> = document.pages().iter().map(|page| &page.frame).collect();
    Ok((pdf, look(&frames)))
}

/// How a document is exported.
pub(super) fn options(ident: String, date: Date, standard: PdfStandard) -> Result<PdfOptions, String> {
    let parts = (u8::try_from(date.month()), u8::try_from(date.day()));
    let (Ok(month), Ok(day)) = parts else { return Err(format!("{date} is no date of a document")) };
    let datetime = Datetime::from_ymd_hms(i32::from(date.year()), month, day, 0, 0, 0);
    let timestamp = datetime.map(Timestamp::new_utc).ok_or_else(|| format!("{date} is no date of a document"))?;
    let standards = PdfStandards::new(&[standard, PdfStandard::Ua_1]).map_err(|error| error.message().to_string())?;
    Ok(PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some(concat!("jixiao ", env!("CARGO_PKG_VERSION")).to_owned())),
        timestamp: Some(timestamp),
        page_ranges: None,
        standards,
        tagged: true,
        pretty: false,
    })
}

struct DocumentWorld<'a> {
    parts: &'a Parts,
    paper: Paper,
    main: Source,
    view: Bytes,
    attached: Vec<Attached>,
}

impl World for DocumentWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.parts.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            return Ok(self.main.clone());
        }
        let path = path(id);
        self.parts.sources.get(path).cloned().ok_or_else(|| FileError::NotFound(path.into()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match path(id) {
            "data.json" => Ok(self.view.clone()),
            "messages.json" => Ok(self.parts.messages_json(self.paper)),
            path => {
                let attached = self.attached.iter().find(|attached| attached.name == path);
                let known = attached.map(|attached| attached.bytes.clone());
                known.or_else(|| self.parts.files.get(path).cloned()).ok_or_else(|| FileError::NotFound(path.into()))
            }
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.parts.fonts.font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn path(id: FileId) -> &'static str {
    id.get().vpath().get_without_slash()
}

/// One line for each diagnostic: file, line, message, hints.
fn described(world: &DocumentWorld<'_>, diagnostics: &[SourceDiagnostic]) -> Vec<String> {
    let lines = diagnostics.iter().map(|diagnostic| {
        let mut line = String::new();
        if let (Some(id), Some(range)) = (diagnostic.span.id(), world.range(diagnostic.span)) {
            line.push_str(path(id));
            if let Ok(source) = world.source(id) {
                let at = source.text().get(..range.start).map_or(0, |before| before.matches('\n').count());
                line.push_str(&format!(":{}", at + 1));
            }
            line.push_str(": ");
        }
        line.push_str(&diagnostic.message);
        for hint in &diagnostic.hints {
            line.push_str(&format!(" ({})", hint.v));
        }
        line
    });
    lines.collect()
}
