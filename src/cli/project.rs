//! The project of a command, checked: the same for `run`, `check` and `test`.

use std::path::Path;
use std::sync::Arc;

use super::findings::Report;
use super::{Context, Failure};
use crate::spec::{self, Document};

/// A project without errors.
pub(super) struct Checked {
    /// The files it was made from.
    pub(super) documents: Vec<Arc<Document>>,
    /// What does not stop a run.
    pub(super) warnings: Report,
}

/// Reads the YAML files and checks that they make sense together.
pub(super) fn check(context: &Context<'_>, file: &Path) -> Result<Checked, Failure> {
    if !context.world.exists(file) {
        let hint = "the project file is the one with `project:` and `stores:`, such as pipelines/month-end.yaml";
        return Err(Failure::usage(format!("there is no file {}", file.display()), Some(hint.to_owned())));
    }
    context.progress.stage("checking the YAML files", None);
    let loaded = spec::load(context.world, file)?;
    let documents = loaded.documents;
    let report = Report::new(loaded.findings, &documents);
    match loaded.project {
        Some(_) => Ok(Checked { documents, warnings: report }),
        None => Err(Failure::Findings(report)),
    }
}
