//! `jixiao test`: the rule tests that stand beside the pipelines.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::exit::Exit;
use super::findings::Report;
use super::layout::wrap;
use super::project::Checked;
use super::{Answer, Context, Failure, project};
use crate::run::rule_test::{self, CaseResult};

const EXAMPLES: &str = "\
Examples:
  jixiao test
  jixiao test --only advisor-output";

/// Run the rule tests beside the pipelines
///
/// Every case gives rows to a dataset or a step and states the pay lines and exceptions that must come of
/// them, to the fen. A case that differs is printed with what was expected and what was computed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Test {
    /// The project file
    #[arg(default_value = "pipelines/month-end.yaml", value_name = "PROJECT")]
    project: PathBuf,

    /// Only cases whose pipeline, file or sentence contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

impl Test {
    pub(super) fn execute(&self, context: &Context<'_>) -> Result<Answer, Failure> {
        let checked = project::check(context, &self.project)?;
        let cases = checked.plan.tests.iter().map(|file| file.value.cases.len()).sum();
        context.progress.stage("running rule tests", Some(cases));
        let results = rule_test::run(&checked.plan);
        if results.len() != cases {
            return Err(Failure::Internal(format!("{} of {cases} cases crashed", cases - results.len())));
        }
        let wanted = |result: &CaseResult| {
            self.only.as_ref().is_none_or(|text| {
                [&*result.file, &result.pipeline, &result.case].iter().any(|name| name.contains(text.as_str()))
            })
        };
        let results: Vec<CaseResult> = results.into_iter().filter(wanted).collect();
        if let (Some(text), true) = (&self.only, results.is_empty()) {
            let hint = (cases > 0).then(|| format!("there are {cases} cases; leave --only out to run them all"));
            return Err(Failure::usage(format!("no case contains `{text}`"), hint));
        }
        Ok(answer(&checked, &results))
    }
}

fn answer(checked: &Checked, results: &[CaseResult]) -> Answer {
    let mut files: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
    for result in results {
        files.entry(&result.file).or_default().push(result);
    }
    let mut text = String::new();
    for (file, results) in &files {
        let held = results.iter().filter(|result| result.holds()).count();
        let _ = writeln!(text, "{file}: {held} of {} hold", results.len());
        for result in results.iter().filter(|result| !result.holds()) {
            text.push_str(&failed(checked, result));
        }
    }
    let wrong = results.iter().filter(|result| !result.holds()).count();
    let verdict = if wrong == 0 { "all hold".to_owned() } else { format!("{wrong} do not hold") };
    let _ = writeln!(text, "{} cases in {} files: {verdict}", results.len(), files.len());
    let cases = results.iter().map(|result| {
        json!({
            "file": &*result.file,
            "line": line(checked, result),
            "pipeline": result.pipeline,
            "case": result.case,
            "holds": result.holds(),
            "differences": result.differences,
            "findings": Report::new(result.findings.clone(), &checked.plan.documents).json(),
        })
    });
    let json = json!({
        "result": if wrong == 0 { "passed" } else { "failed" },
        "cases": cases.collect::<Vec<_>>(),
        "failed": wrong,
    });
    Answer::new(if wrong == 0 { Exit::Done } else { Exit::Findings }, text, json)
}

fn failed(checked: &Checked, result: &CaseResult) -> String {
    let mut text = wrap("  ", "    ", &format!("{} (line {})", result.case, line(checked, result)));
    for difference in &result.differences {
        text.push_str(&wrap("    ", "      ", difference));
    }
    if !result.findings.is_empty() {
        text.push_str(&Report::new(result.findings.clone(), &checked.plan.documents).text(false));
    }
    text
}

/// The line on which a case stands, from 1.
fn line(checked: &Checked, result: &CaseResult) -> usize {
    let document = checked.plan.documents.iter().find(|document| document.file == result.place.file);
    let before = document.and_then(|document| document.text.get(..result.place.span.start)).unwrap_or_default();
    before.matches('\n').count() + 1
}
