//! Texts of reports in the language of a run: `messages.<language>.yaml` in the folder of a report, and in the shared
//! one for what several reports say.

use super::assets::{Loader, SHARED};
use crate::diag::Findings;
use crate::diag::translation::{Translation, WordsSpec};
use crate::spec::Document;
use crate::spec::words::{Met, add, left};
use crate::world::Result;

/// Message files of reports, and what they were asked for.
pub(super) struct Words {
    shared: Option<(WordsSpec, Document)>,
    /// Those of the reports.
    own: Vec<(WordsSpec, Document)>,
    /// What the files of the reports say.
    pub(super) met: Met,
    /// Whether the pages speak another language than their authors.
    wanted: bool,
}

impl Words {
    /// Reads the shared file.
    pub(super) fn read(loader: &mut Loader<'_>) -> Result<Self> {
        let shared = loader.words(SHARED)?;
        let wanted = loader.language() != crate::diag::text::Language::Chinese;
        Ok(Self { shared, own: Vec::new(), met: Met::default(), wanted })
    }

    /// The words of a folder: its own and the shared ones. A text stands in one file, or in each in the same words.
    pub(super) fn of_folder(&mut self, loader: &mut Loader<'_>, folder: &str) -> Result<Translation> {
        let own = if folder == SHARED { None } else { loader.words(folder)? };
        let mut words = Translation::none(loader.language());
        for (spec, document) in self.shared.iter().chain(&own) {
            add(&mut words, spec.clone(), document, &mut loader.findings);
        }
        self.own.extend(own);
        Ok(words)
    }

    /// Texts without words, and words without a text.
    pub(super) fn findings(self) -> Findings {
        let files = self.shared.iter().chain(&self.own);
        let left: Vec<_> = files.flat_map(|(spec, document)| left(spec, document, &self.met)).collect();
        let mut findings = Findings::new();
        if self.wanted || self.shared.is_some() || !self.own.is_empty() {
            left.into_iter().chain(self.met.without).for_each(|finding| findings.push(finding));
        }
        findings
    }
}
