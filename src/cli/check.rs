//! `jixiao check`: everything that can be found without data.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::exit::Exit;
use super::{Answer, Context, Failure, project};

/// Check the YAML files, without any data
///
/// Names, types, units, dates, joins and ladders of every file are checked; every finding is shown at once
/// with its file, line and a hint.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The project file
    #[arg(default_value = "pipelines/month-end.yaml", value_name = "PROJECT")]
    project: PathBuf,
}

impl Check {
    pub(super) fn execute(&self, context: &Context<'_>) -> Result<Answer, Failure> {
        let checked = project::check(context, &self.project)?;
        let files = checked.documents.len();
        let warnings = &checked.warnings;
        let mut text = warnings.text(false);
        let found = if warnings.is_empty() { "no findings".to_owned() } else { warnings.count() };
        text.push_str(&format!("{}: {files} files, {found}\n", self.project.display()));
        let json = json!({ "result": "checked", "files": files, "findings": warnings.json() });
        Ok(Answer::new(Exit::Done, text, json))
    }
}
