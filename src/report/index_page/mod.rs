//! The page through which people find what a run has left: `index.html`.
//!
//! One file without script, style sheet or picture of its own, so that it can be opened from a disk, a share or a phone.
//! It is made last, when every other file of the run is known, and links each of them. A folder of `report-templates/`
//! with a `page.yaml` ([`spec`]) and a `template.html` ([`html`]) makes one; the content comes from
//! [`super::view::run_page`].

pub(super) mod html;
pub(super) mod spec;
#[cfg(test)]
mod tests;

use self::html::HtmlTemplate;
use self::spec::PageSpec;
use super::assets::Assets;
use super::document::{DOCUMENT_FAILED, Document, DocumentFailure};
use super::spec::ReportSpec;
use super::view::{Context, Index, run_page};
use crate::diag::text::{Text, text};
use crate::run::outcome::Outcome;
use crate::run::publish::Written;
use crate::run::receipt::Ingredients;

/// A page with its template.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) spec: PageSpec,
    pub(super) template: HtmlTemplate,
}

/// The pages of a run that has written these files, its receipt apart, which is written behind them.
pub fn pages(outcome: &Outcome, assets: &Assets, made_of: &Ingredients, written: &[Written]) -> Vec<Document> {
    if assets.parts.pages.is_empty() {
        return Vec::new();
    }
    let index = Index::new(outcome);
    let run_id = made_of.run_id();
    let bare = ReportSpec::bare();
    let messages = &assets.parts.messages;
    let cx =
        Context { outcome, index: &index, messages, run_id: run_id.as_str(), spec: &bare, kpis: assets.parts.kpis() };
    let make = |page: &Planned| {
        let path = format!("{}.html", page.spec.page);
        let view = run_page::view(cx, &page.spec, made_of, written).map_err(|error| error.to_string());
        let result = view.and_then(|view| page.template.render(&view)).map(String::into_bytes);
        let result = result.map_err(|cause| DocumentFailure {
            code: DOCUMENT_FAILED,
            store_id: None,
            employee_id: None,
            who: path.clone(),
            cause: Text::from(cause),
            remedy: text!("mend report-templates/{report}", report = &page.spec.page),
        });
        Document { path, result }
    };
    assets.parts.pages.iter().map(make).collect()
}
