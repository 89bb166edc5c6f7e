//! `jixiao run`: the month end, from exports to published pages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::deliver::{Delivered, deliver};
use super::exit::Exit;
use super::findings::Report;
use super::lang::LangArgument;
use super::period::PeriodArgument;
use super::project::{self, Checked};
use super::summary::{Ending, Summary};
use super::{Answer, Context, Failure};
use crate::diag::text::Language;
use crate::report::{Assets, Pages};
use crate::run::accepted::{self, AcceptedSpec};
use crate::run::balance::imbalances;
use crate::run::evaluate::RunError;
use crate::run::outcome::{Exception, ExceptionSeverity, InputFile, Outcome};
use crate::run::publish::{Claim, Published};
use crate::run::receipt::{ENGINE, HashedFile, Ingredients};
use crate::run::{Options, compute};
use crate::source::codes::{ROWS_DO_NOT_ADD_UP, TOTAL_DIFFERS};
use crate::world::hash::sha256;
use crate::world::period::Period;
use crate::world::stopwatch::Stopwatch;

/// Exceptions that were accepted, beside the exports.
const ACCEPTED: &str = "accepted.yaml";

const EXAMPLES: &str = "\
Examples:
  jixiao run --period 2026-10
  jixiao run --period last-month --data /data/exports --out /data/results
  jixiao run --period 2026-10 --lang en";

/// Compute a month and publish payslips, reports and tables
///
/// Reads the exports of every store, computes every pay line, and leaves the results under
/// `<out>/<period>/current`. Results appear there whole or not at all; a month that is published already is
/// left as it is. What stands in the way of paying somebody (a missing target, an unknown name) makes a
/// draft instead, and names the person, the cause and the remedy.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Run {
    /// The project file
    #[arg(default_value = "pipelines/month-end.yaml", value_name = "PROJECT")]
    project: PathBuf,

    /// Which month: 2026-10, or last-month
    #[arg(long, value_name = "MONTH")]
    period: PeriodArgument,

    /// Folder of the exports: <store>/<period>/…
    #[arg(long, default_value = "fixtures/demo", value_name = "FOLDER")]
    data: PathBuf,

    /// Folder of results
    #[arg(long, default_value = "out", value_name = "FOLDER")]
    out: PathBuf,

    /// Folder of report templates and fonts
    #[arg(long, default_value = project::TEMPLATES, value_name = "FOLDER")]
    templates: PathBuf,

    /// What the documents are laid out for: a4, phone (in folders `phone/`), or both
    #[arg(long, default_value_t, value_name = "PAGES")]
    pages: Pages,

    /// Language of pages and tables: zh-CN or en; the project file's where it is not said, else zh-CN
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    lang: Option<LangArgument>,
}

impl Run {
    pub(super) fn execute(&self, context: &Context<'_>) -> Result<Answer, Failure> {
        let stopwatch = Stopwatch::start();
        let world = context.world;
        let period = self.period.resolve(world)?;
        let checked = project::check(context, &self.project, self.lang.map(Language::from))?;
        if !world.exists(&self.data) {
            let hint = "name the folder that holds <store>/<period>/ with --data".to_owned();
            return Err(Failure::usage(format!("there is no folder {}", self.data.display()), Some(hint)));
        }
        let assets = project::assets(context, &self.project, &checked, &self.templates)?.on(self.pages);
        let accepted = self.accepted(context)?;
        let claim = Claim::take(world, &self.out, period)?;
        tracing::info!(files = checked.plan.documents.len(), pipelines = checked.plan.pipelines.len(), "checked");
        let options = Options { out: Some(&self.out), watch: Some(&context.progress), ..Options::default() };
        let mut outcome =
            compute(&checked.plan, world, &self.data, period, &accepted.spec, options).map_err(failure)?;
        tracing::info!(
            inputs = outcome.inputs.len(),
            people = outcome.people.len(),
            lines = outcome.pay_lines.len(),
            exceptions = outcome.exceptions.len(),
            "computed"
        );
        let wrong = imbalances(&outcome)?;
        if !wrong.is_empty() {
            return Err(Failure::Unbalanced(wrong));
        }
        if outcome.exceptions.iter().any(|exception| exception.severity == ExceptionSeverity::Fatal) {
            return answer(&outcome, None, stopwatch);
        }
        let ingredients = self.ingredients(period, &checked, &outcome, &accepted, &assets);
        tracing::info!(run = %ingredients.run_id(), "named");
        let delivered = deliver(context, &claim, &mut outcome, &ingredients, &assets)?;
        answer(&outcome, Some((&ingredients, &delivered)), stopwatch)
    }

    fn accepted(&self, context: &Context<'_>) -> Result<Accepted, Failure> {
        let file = self.data.join(ACCEPTED);
        let (spec, findings) = accepted::read(context.world, &self.data)?;
        if findings.has_errors() {
            return Err(Failure::Findings(Report::read(findings, context.world)));
        }
        let there = context.world.exists(&file);
        let sha256 = if there { Some(sha256(&context.world.read(&file)?)) } else { None };
        Ok(Accepted { spec, sha256 })
    }

    fn ingredients(
        &self,
        period: Period,
        checked: &Checked,
        outcome: &Outcome,
        accepted: &Accepted,
        assets: &Assets,
    ) -> Ingredients {
        let folder = self.project.parent().unwrap_or(Path::new(""));
        // By the path inside the project: the same project in another folder is the same run.
        let inside = |file: &str| {
            let path = Path::new(file);
            let path = path.strip_prefix(&self.templates).or_else(|_| path.strip_prefix(folder)).unwrap_or(path);
            path.to_string_lossy().into_owned()
        };
        let files = |files: &[HashedFile]| -> Vec<HashedFile> {
            files.iter().map(|file| HashedFile { file: inside(&file.file), ..file.clone() }).collect()
        };
        let documents = checked.plan.documents.iter();
        let pipelines = documents.map(|document| HashedFile::new(inside(&document.file), document.text.as_bytes()));
        let mut inputs = outcome.inputs.clone();
        inputs.extend(accepted.sha256.iter().map(|sha256| InputFile {
            file: ACCEPTED.to_owned(),
            dataset: String::new(),
            sha256: sha256.clone(),
            rows: 0,
        }));
        let language = checked.plan.language().tag();
        let mut arguments =
            BTreeMap::from([("lang".to_owned(), language.to_owned()), ("period".to_owned(), period.to_string())]);
        if self.pages != Pages::default() {
            arguments.insert("pages".to_owned(), self.pages.to_string());
        }
        Ingredients {
            engine: ENGINE.to_owned(),
            arguments,
            inputs,
            pipelines: pipelines.collect(),
            templates: files(assets.templates()),
            fonts: files(assets.font_files()),
        }
    }
}

/// `accepted.yaml`, with the hash of its bytes where it is there.
struct Accepted {
    spec: AcceptedSpec,
    sha256: Option<String>,
}

fn failure(error: RunError) -> Failure {
    match error {
        RunError::World(error) => Failure::World(error),
        RunError::Step { .. } => Failure::Internal(error.to_string()),
    }
}

/// Files whose figures contradict themselves do not add up; all else that is fatal cannot be used.
fn refusal(outcome: &Outcome) -> Exit {
    let fatal = |exception: &&Exception| exception.severity == ExceptionSeverity::Fatal;
    let adds_up = |exception: &Exception| ![TOTAL_DIFFERS, ROWS_DO_NOT_ADD_UP].contains(&exception.code);
    if outcome.exceptions.iter().filter(fatal).any(adds_up) { Exit::Refused } else { Exit::Unbalanced }
}

fn answer(
    outcome: &Outcome,
    delivered: Option<(&Ingredients, &Delivered)>,
    stopwatch: Stopwatch,
) -> Result<Answer, Failure> {
    let (exit, ending) = match delivered.map(|(_, delivered)| (&delivered.published, delivered.page_failed)) {
        None => (refusal(outcome), Ending::Refused),
        Some((Published::New { .. }, _)) => (Exit::Done, Ending::Published),
        Some((Published::Already { .. }, _)) => (Exit::Done, Ending::Already),
        Some((Published::Draft { .. }, true)) => (Exit::Document, Ending::Draft),
        Some((Published::Draft { .. }, false)) => (Exit::Blocked, Ending::Draft),
    };
    let run_id = delivered.map(|(ingredients, _)| ingredients.run_id());
    let summary = Summary {
        outcome,
        ending,
        run_id: run_id.as_ref(),
        folder: delivered.map(|(_, delivered)| delivered.published.folder()),
        files: delivered.map_or(0, |(_, delivered)| delivered.files),
        elapsed: stopwatch.elapsed(),
    };
    Ok(Answer::new(exit, summary.text()?, summary.json()?))
}
