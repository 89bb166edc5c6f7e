//! Findings as a command prints them: drawn under their source line, or as JSON with line and column.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::layout::WIDTH;
use crate::diag::render::{Look, Sources, plain, text};
use crate::diag::{Findings, Severity};
use crate::spec::Document;
use crate::world::World;

/// Findings with the texts that they speak of.
#[derive(Clone, Debug, Default)]
pub struct Report {
    findings: Findings,
    sources: Sources,
}

impl Report {
    /// Findings and the files they were found in.
    pub fn new(findings: Findings, documents: &[Arc<Document>]) -> Self {
        let sources = documents.iter().map(|document| (Arc::clone(&document.file), Arc::clone(&document.text)));
        Self { findings, sources: sources.collect() }
    }

    /// Findings in files that are read again to be drawn; one that cannot be read is named only.
    pub fn read(findings: Findings, world: &dyn World) -> Self {
        let mut sources = Sources::new();
        for place in findings.iter().filter_map(|finding| finding.place.as_ref()) {
            if let Ok(bytes) = world.read(Path::new(&*place.file)) {
                let text = String::from_utf8_lossy(&bytes);
                let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
                sources.insert(Arc::clone(&place.file), text.into());
            }
        }
        Self { findings, sources }
    }

    /// The same with further findings, in files that are named but not drawn.
    #[must_use]
    pub fn with(mut self, findings: Findings) -> Self {
        self.findings.extend(findings);
        self
    }

    /// The same with another report's findings behind.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.findings.extend(other.findings);
        self.sources.extend(other.sources);
        self
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Whether one of them stops the command.
    pub fn has_errors(&self) -> bool {
        self.findings.has_errors()
    }

    /// `2 errors, 1 warning`.
    pub fn count(&self) -> String {
        let of = |severity: Severity, word: &str| {
            let count = self.findings.iter().filter(|finding| finding.severity == severity).count();
            (count > 0).then(|| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
        };
        let counts = [of(Severity::Error, "error"), of(Severity::Warning, "warning")];
        counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// For people.
    pub fn text(&self, colour: bool) -> String {
        text(&self.findings, &self.sources, Look { colour, width: WIDTH })
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!(plain(&self.findings, &self.sources))
    }
}
