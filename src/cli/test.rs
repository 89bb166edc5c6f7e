//! `jixiao test`: the rule tests that stand beside the pipelines.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::exit::Exit;
use super::findings::Report;
use super::layout::wrap;
use super::progress::Part;
use super::project::Checked;
use super::{Answer, Context, Failure, project};
use crate::diag::text::Language;
use crate::run::rule_test::coverage::{AtBound, Place, Row};
use crate::run::rule_test::{self, CaseResult, Coverage};

const EXAMPLES: &str = "\
Examples:
  jixiao test
  jixiao test --only advisor-output
  jixiao test --coverage

Coverage: of every ladder that a step reads, in each version by date and store,
a row is reached by a value that a case looks up inside it, and a finite bound
by three: one equal to it, one a step below it and one a step above. A step is
0.01 where yuan are looked up and 1 where whole things are counted (cars,
bottles, …). A ratio has no step: there any value strictly between the bound
and the next one counts. Only cases that hold count. A row of a matrix is
reached where it is the one taken; its bounds, by values that meet its
conditions on the other axes; and the bounds of what is printed. Of a scorecard,
every indicator is reached where it has points, its target where the actual
equals it and on either side; so are the limits of the score, as far as they can
be passed, and the pass mark.";

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

    /// Also list the rows and bounds of ladders, matrices and scorecards that no case reaches, and end with code 3 where there are any
    #[arg(long, conflicts_with = "only")]
    coverage: bool,
}

impl Test {
    pub(super) fn execute(&self, context: &Context<'_>) -> Result<Answer, Failure> {
        let checked = project::check(context, &self.project, Some(Language::Chinese))?;
        let cases: usize = checked.plan.tests.iter().map(|file| file.value.cases.len()).sum();
        context.progress.begin(Part::TESTS, Some(cases as u64));
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
        let coverage = self.coverage.then(|| rule_test::coverage(&checked.plan, &results));
        Ok(answer(&checked, &results, coverage.as_ref()))
    }
}

fn answer(checked: &Checked, results: &[CaseResult], coverage: Option<&Coverage>) -> Answer {
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
    let covered = coverage.is_none_or(|coverage| coverage.unreached.is_empty());
    let mut json = json!({
        "result": if wrong == 0 && covered { "passed" } else { "failed" },
        "cases": cases.collect::<Vec<_>>(),
        "failed": wrong,
    });
    if let Some(coverage) = coverage {
        text.push_str(&coverage_text(coverage));
        if let Some(object) = json.as_object_mut() {
            object.insert("coverage".to_owned(), coverage_json(coverage));
        }
    }
    Answer::new(if wrong == 0 && covered { Exit::Done } else { Exit::Findings }, text, json)
}

/// What no case reaches, by version of a table.
fn coverage_text(coverage: &Coverage) -> String {
    let mut text = String::new();
    let mut last = String::new();
    for place in &coverage.unreached {
        let stores = match place.stores.as_slice() {
            [] => String::new(),
            stores => format!(", stores {}", stores.join(", ")),
        };
        let (name, title, since) = (&place.parameter, &place.title, place.since);
        let head = format!("{} {name} ({title}) since {since}{stores}, read by {}", place.form, place.steps.join(", "));
        if head != last {
            text.push_str(&wrap("", "  ", &head));
            last = head;
        }
        text.push_str(&wrap("  ", "    ", &place.sentence()));
    }
    let Coverage { ladders, matrices, cards, rows, bounds, unreached } = coverage;
    let verdict = match unreached.len() {
        0 => "all reached".to_owned(),
        1 => "1 place is not reached".to_owned(),
        count => format!("{count} places are not reached"),
    };
    let of = |count: &usize, word: &str| if *count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
    let mut tables = vec![of(ladders, "ladder")];
    tables.extend(
        (*matrices > 0).then(|| if *matrices == 1 { "1 matrix".to_owned() } else { format!("{matrices} matrices") }),
    );
    tables.extend((*cards > 0).then(|| of(cards, "scorecard")));
    let last = tables.pop().unwrap_or_default();
    let tables = if tables.is_empty() { last } else { format!("{} and {last}", tables.join(", ")) };
    let counts = format!("{tables} with {} and {}", of(rows, "row"), of(bounds, "bound"));
    let _ = writeln!(text, "{counts}: {verdict}");
    text
}

fn coverage_json(coverage: &Coverage) -> Value {
    let unreached = coverage.unreached.iter().map(|place| {
        let mut entry = json!({
            "form": place.form,
            "parameter": &*place.parameter,
            "title": &*place.title,
            "since": place.since.to_string(),
            "stores": place.stores.iter().map(|store| &**store).collect::<Vec<_>>(),
            "steps": place.steps,
            "unit": place.unit.to_string(),
            "sentence": place.sentence(),
        });
        let more = match &place.place {
            Place::Row(Row { interval, words }) => json!({ "place": "row", "interval": interval, "words": words }),
            Place::Bound { at: AtBound::On(bound), within } => {
                json!({ "place": "bound", "bound": bound.to_canonical(), "axis": &*place.axis, "within": within })
            }
            Place::Bound { at: AtBound::Beside { bound, below, .. }, within } => {
                let side = if *below { "below" } else { "above" };
                json!({ "place": side, "bound": bound.to_canonical(), "axis": &*place.axis, "within": within })
            }
        };
        if let (Some(entry), Value::Object(more)) = (entry.as_object_mut(), more) {
            entry.extend(more);
        }
        entry
    });
    json!({
        "ladders": coverage.ladders,
        "matrices": coverage.matrices,
        "cards": coverage.cards,
        "rows": coverage.rows,
        "bounds": coverage.bounds,
        "unreached": unreached.collect::<Vec<_>>(),
    })
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
