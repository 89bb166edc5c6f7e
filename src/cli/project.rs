//! The project of a command, checked: the same for `run`, `check` and `test`.

use std::path::{Path, PathBuf};

use super::findings::Report;
use super::progress::Part;
use super::{Context, Failure};
use crate::diag::text::Language;
use crate::plan::{self, Plan};
use crate::report::{self, Assets, Request};
use crate::spec;

/// Where templates and fonts lie unless the command line says otherwise.
pub(super) const TEMPLATES: &str = "report-templates";

/// A project without errors.
pub(super) struct Checked {
    /// What a run follows.
    pub(super) plan: Plan,
    /// What does not stop a run.
    pub(super) warnings: Report,
    /// Texts without words in the language, and words without a text.
    pub(super) words: Report,
}

/// Reads the YAML files and checks that they make sense together; their texts in a language, or in the one that the
/// project file names. The terminal speaks English.
pub(super) fn check(context: &Context<'_>, file: &Path, language: Option<Language>) -> Result<Checked, Failure> {
    if !context.world.exists(file) {
        let hint = "the project file is the one with `project:` and `stores:`, such as pipelines/month-end.yaml";
        return Err(Failure::usage(format!("there is no file {}", file.display()), Some(hint.to_owned())));
    }
    context.progress.begin(Part::CHECK, None);
    let loaded = spec::load_in(context.world, file, language)?;
    let documents = loaded.documents;
    let Some(project) = loaded.project else {
        return Err(Failure::Findings(Report::new(loaded.findings, &documents)));
    };
    match plan::plan(&project) {
        Ok(plan) => {
            let warnings = Report::new(loaded.findings, &documents).with(plan.warnings.clone());
            let words = Report::new(loaded.words, &documents);
            Ok(Checked { plan, warnings, words })
        }
        Err(findings) => Err(Failure::Findings(Report::new(loaded.findings, &documents).with(findings))),
    }
}

/// Reads the templates and fonts of the project's reports and checks them against what pipelines publish.
pub(super) fn assets(
    context: &Context<'_>,
    project: &Path,
    checked: &Checked,
    templates: &Path,
) -> Result<Assets, Failure> {
    let folder = project.parent().unwrap_or(Path::new(""));
    let fonts: Vec<PathBuf> = checked.plan.fonts.iter().map(|font| folder.join(font)).collect();
    let request =
        Request { folder: templates, reports: &checked.plan.reports, fonts: &fonts, language: checked.plan.language() };
    let found = |findings| Failure::Findings(Report::read(findings, context.world));
    let assets = report::load(context.world, &request)?.map_err(found)?;
    let mut findings =
        assets.check(&checked.plan.published(), checked.plan.clauses.as_ref(), Some(&checked.plan.parameters));
    findings.extend(assets.check_workbooks(&checked.plan));
    if findings.has_errors() { Err(found(findings)) } else { Ok(assets) }
}
