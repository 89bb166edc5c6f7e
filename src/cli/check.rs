//! `jixiao check`: everything that can be found without data.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::exit::Exit;
use super::{Answer, Context, Failure, project};

/// Check the YAML files and templates, without any data
///
/// Names, types, units, dates, joins and ladders of every file are checked, and what the report templates
/// ask for; every finding is shown at once with its file, line and a hint.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The project file
    #[arg(default_value = "pipelines/month-end.yaml", value_name = "PROJECT")]
    project: PathBuf,

    /// Folder of report templates and fonts
    #[arg(long, default_value = project::TEMPLATES, value_name = "FOLDER")]
    templates: PathBuf,
}

impl Check {
    pub(super) fn execute(&self, context: &Context<'_>) -> Result<Answer, Failure> {
        let checked = project::check(context, &self.project).and_then(|checked| {
            project::assets(context, &self.project, &checked, &self.templates)?;
            Ok(checked)
        });
        let (exit, report, files) = match checked {
            Ok(checked) => (Exit::Done, checked.warnings, Some(checked.plan.documents.len())),
            // Findings are what was asked for, so they are the answer and not the failure to give one.
            Err(Failure::Findings(report)) => (Exit::Findings, report, None),
            Err(other) => return Err(other),
        };
        let mut text = if report.is_empty() { String::new() } else { report.text(false) };
        if let Some(files) = files {
            let found = if report.is_empty() { "no findings" } else { "nothing that stops a run" };
            let _ = writeln!(text, "{}: {files} files, {found}", self.project.display());
        }
        let word = if exit == Exit::Done { "checked" } else { "findings" };
        let json = json!({ "result": word, "files": files, "findings": report.json() });
        Ok(Answer::new(exit, text, json))
    }
}
