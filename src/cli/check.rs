//! `jixiao check`: everything that can be found without data.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::exit::Exit;
use super::findings::Report;
use super::lang::LangArgument;
use super::{Answer, Context, Failure, project};
use crate::diag::text::Language;
use crate::run::rule_test;

/// Check the YAML files and templates, without any data
///
/// Names, types, units, dates, joins and ladders of every file are checked, what rule tests give and expect, and what
/// the report templates ask for; every finding is shown at once with its file, line and a hint.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The project file
    #[arg(default_value = "pipelines/month-end.yaml", value_name = "PROJECT")]
    project: PathBuf,

    /// Folder of report templates and fonts
    #[arg(long, default_value = project::TEMPLATES, value_name = "FOLDER")]
    templates: PathBuf,

    /// Also list the texts that have no words in this language: zh-CN or en
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    lang: Option<LangArgument>,
}

impl Check {
    pub(super) fn execute(&self, context: &Context<'_>) -> Result<Answer, Failure> {
        let (exit, report, files) = match project::check(context, &self.project, self.lang.map(Language::from)) {
            Ok(checked) => {
                let templates = match project::assets(context, &self.project, &checked, &self.templates) {
                    Ok(assets) => Report::read(assets.words().clone(), context.world),
                    Err(Failure::Findings(report)) => report,
                    Err(other) => return Err(other),
                };
                let tests = Report::new(rule_test::check(&checked.plan), &checked.plan.documents);
                let report = checked.warnings.and(tests).and(checked.words).and(templates);
                let exit = if report.has_errors() { Exit::Findings } else { Exit::Done };
                (exit, report, (exit == Exit::Done).then_some(checked.plan.documents.len()))
            }
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
