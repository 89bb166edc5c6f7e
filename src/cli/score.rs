//! `jixiao score`: scores over any stretch of days.

use std::fmt::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::exit::Exit;
use super::findings::Report;
use super::lang::LangArgument;
use super::layout::{table, wrap};
use super::period::PeriodArgument;
use super::progress::Part;
use super::{Answer, Context, Failure, project};
use crate::diag::nearest;
use crate::diag::text::Language;
use crate::expr::unit::Unit;
use crate::money::{Exact, show};
use crate::run::accepted;
use crate::run::cells::Cell;
use crate::run::evaluate::RunError;
use crate::run::outcome::{Exception, ExceptionSeverity};
use crate::run::scores::{self, Indicator, Measured, Score, Scores};
use crate::world::span::Span;

/// Places of a figure that does not end.
const PLACES: u8 = 2;

const EXAMPLES: &str = "\
Examples:
  jixiao score --span quarter --period 2026-12
  jixiao score --from 2026-08-01 --to 2026-10-31 --employee A1
  jixiao score --span year --period 2026-12 --store S03 --out scores.csv

Every scorecard is computed from the facts of the whole span, never from monthly
scores: rows by their own date, from the files of all its months; people on all
days that they hold a role. What stands whole in every month's file (the roster)
is read from the newest; what has no date counts by whole months. Parameters
dated by period are those of the span's last month. A month without a file is an
exception, and the scores are those of the other months. A quarter or year ends
with the month of --period.";

/// Show scores over a month, a quarter, a year or any days
///
/// Prints person by person what was measured, against which target, the points, the weight and what it adds to the
/// score. Nothing is paid or published by it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ScoreCommand {
    /// The project file
    #[arg(default_value = "pipelines/month-end.yaml", value_name = "PROJECT")]
    project: PathBuf,

    /// First day
    #[arg(long, value_name = "DAY", requires = "to", conflicts_with_all = ["span", "period"])]
    from: Option<Date>,

    /// Last day
    #[arg(long, value_name = "DAY", requires = "from")]
    to: Option<Date>,

    /// A month, quarter or year, up to the end of the month of --period
    #[arg(long, value_enum, default_value_t = Stretch::Month, value_name = "SPAN", requires = "period")]
    span: Stretch,

    /// The last month: 2026-10, or last-month
    #[arg(long, value_name = "MONTH", required_unless_present = "from")]
    period: Option<PeriodArgument>,

    /// Only this person
    #[arg(long, value_name = "ID")]
    employee: Option<String>,

    /// Only this store
    #[arg(long, value_name = "ID")]
    store: Option<String>,

    /// Folder of the exports: <store>/<period>/…
    #[arg(long, default_value = "fixtures/demo", value_name = "FOLDER")]
    data: PathBuf,

    /// Language of labels: zh-CN or en; the project file's where it is not said, else zh-CN
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    lang: Option<LangArgument>,

    /// Also write the scores to a new CSV file, one row for each indicator
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Stretch {
    /// The month
    Month,
    /// The quarter up to the month
    Quarter,
    /// The year up to the month
    Year,
}

impl ScoreCommand {
    pub(super) fn execute(&self, context: &Context<'_>) -> Result<Answer, Failure> {
        let world = context.world;
        let span = self.days(context)?;
        let checked = project::check(context, &self.project, self.lang.map(Language::from))?;
        if !world.exists(&self.data) {
            let hint = "name the folder that holds <store>/<period>/ with --data".to_owned();
            return Err(Failure::usage(format!("there is no folder {}", self.data.display()), Some(hint)));
        }
        if let Some(out) = self.out.as_ref().filter(|out| world.exists(out)) {
            let hint = "name another file, or remove that one first".to_owned();
            return Err(Failure::usage(format!("{} is there already", out.display()), Some(hint)));
        }
        if let Some(store) = &self.store {
            let known: Vec<&str> = checked.plan.stores.iter().map(|store| store.store_id.as_str()).collect();
            if !known.contains(&store.as_str()) {
                return Err(unknown("store", store, &known));
            }
        }
        let (accepted, findings) = accepted::read(world, &self.data)?;
        if findings.has_errors() {
            return Err(Failure::Findings(Report::read(findings, world)));
        }
        context.progress.begin(Part::SCORE, None);
        let scores = scores::compute(&checked.plan, world, &self.data, span, &accepted).map_err(failure)?;
        let Some(mut scores) = scores else {
            let hint = "a pipeline scores with a step of kind `score`".to_owned();
            return Err(Failure::usage("no pipeline of this project scores anybody", Some(hint)));
        };
        self.narrow(&mut scores)?;
        let mut answer = answer(&scores);
        if let Some(out) = &self.out {
            let bytes = scores.table().map_err(|error| Failure::Internal(error.to_string()))?;
            world.write_new(out, &bytes).map_err(Failure::World)?;
            let _ = writeln!(answer.text, "\nWritten to {}", out.display());
        }
        Ok(answer)
    }

    /// The days asked for.
    fn days(&self, context: &Context<'_>) -> Result<Span, Failure> {
        if let (Some(from), Some(to)) = (self.from, self.to) {
            let wrong =
                || Failure::usage(format!("{to} lies before {from}"), Some("name the first day first".to_owned()));
            return Span::new(from, to).ok_or_else(wrong);
        }
        let Some(period) = self.period else {
            return Err(Failure::usage("no days are named", Some("write --from and --to, or --period".to_owned())));
        };
        let period = period.resolve(context.world)?;
        Ok(match self.span {
            Stretch::Month => Span::of(period),
            Stretch::Quarter => Span::quarter_to(period),
            Stretch::Year => Span::year_to(period),
        })
    }

    /// Leaves what was asked for, and what concerns everybody.
    fn narrow(&self, scores: &mut Scores) -> Result<(), Failure> {
        if let Some(store) = &self.store {
            scores.scores.retain(|score| score.store_id == *store);
            scores.exceptions.retain(|one| one.store_id.as_ref().is_none_or(|id| id == store));
        }
        let Some(employee) = &self.employee else { return Ok(()) };
        let of_person = |one: &Exception| one.employee_id.as_ref().is_none_or(|id| id == employee);
        let known: Vec<&str> = scores.scores.iter().filter_map(|score| score.employee_id.as_deref()).collect();
        let named = scores.exceptions.iter().any(|one| one.employee_id.as_ref() == Some(employee));
        if !named && !known.contains(&employee.as_str()) {
            return Err(unknown("score of employee", employee, &known));
        }
        scores.scores.retain(|score| score.employee_id.as_ref() == Some(employee));
        scores.exceptions.retain(of_person);
        Ok(())
    }
}

fn unknown(what: &str, wanted: &str, known: &[&str]) -> Failure {
    let hint = nearest(wanted, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    Failure::usage(format!("there is no {what} `{wanted}`"), hint)
}

fn failure(error: RunError) -> Failure {
    match error {
        RunError::World(error) => Failure::World(error),
        RunError::Step { .. } => Failure::Internal(error.to_string()),
    }
}

fn answer(scores: &Scores) -> Answer {
    let in_the_way = |one: &Exception| one.severity < ExceptionSeverity::Held;
    let exit = if scores.exceptions.iter().any(in_the_way) { Exit::Blocked } else { Exit::Done };
    let mut text = wrap("", "  ", &format!("{} · {}", scores.title, scores.span));
    for score in &scores.scores {
        text.push('\n');
        text.push_str(&one(score, scores));
    }
    if scores.scores.is_empty() {
        text.push_str("\nNo scores\n");
    }
    text.push_str(&exceptions(&scores.exceptions));
    let json = json!({
        "result": if exit == Exit::Done { "scored" } else { "incomplete" },
        "title": scores.title,
        "from": scores.span.first_day().to_string(),
        "to": scores.span.last_day().to_string(),
        "scores": scores.scores.iter().map(score_json).collect::<Vec<_>>(),
        "exceptions": scores.exceptions.iter().map(exception_json).collect::<Vec<_>>(),
    });
    Answer::new(exit, text, json)
}

/// One score, in 80 columns.
fn one(score: &Score, scores: &Scores) -> String {
    let store = scores.stores.iter().find(|store| store.store_id == score.store_id);
    let store = store.map_or(score.store_id.clone(), |store| format!("{} {}", store.store_id, store.name));
    let who = score.employee_id.as_ref().map_or(score.who.clone(), |id| format!("{} ({id})", score.who));
    let mut text = wrap("", "  ", &format!("{who} · {store} · {}", score.card));
    let mut rows = vec![["  indicator", "actual", "target", "points", "weight", "adds"].map(str::to_owned).to_vec()];
    for indicator in &score.indicators {
        let Indicator { label, actual, target, points, weight, part, .. } = indicator;
        let measured = |measured: &Measured| brief(&measured.value, &measured.unit);
        let points_unit = Unit::base("points");
        rows.push(vec![
            format!("  {label}"),
            measured(actual),
            measured(target),
            brief(points, &points_unit),
            brief(weight, &Unit::ratio()),
            brief(part, &points_unit),
        ]);
    }
    if score.deducted.number().is_some_and(|points| !points.is_zero()) {
        let mut row = vec!["  deducted".to_owned()];
        row.extend(std::iter::repeat_n(String::new(), 4));
        row.push(brief(&score.deducted, &Unit::base("points")));
        rows.push(row);
    }
    text.push_str(&table(&rows));
    let mut last = format!("score {}", announced(&score.score));
    match score.passed {
        Cell::Bool(true) => last.push_str(" · passed"),
        Cell::Bool(false) => last.push_str(" · below the pass mark"),
        _ => {}
    }
    if let Some(band) = &score.band {
        let _ = write!(last, " · {band}");
    }
    text.push_str(&wrap("  ", "    ", &last));
    text
}

/// A value in few characters: a figure that does not end stands rounded behind a `≈`.
fn brief(value: &Cell, unit: &Unit) -> String {
    match value {
        Cell::Absent => "—".to_owned(),
        Cell::Number(number) if unit.is_ratio() => {
            let percent = show::number(&number.mul(&Exact::from(100)), PLACES);
            format!("{percent}%")
        }
        Cell::Number(number) => show::number(number, PLACES),
        other => other.canonical(),
    }
}

fn exceptions(all: &[Exception]) -> String {
    if all.is_empty() {
        return "\nExceptions  none\n".to_owned();
    }
    let mut text = format!("\nExceptions  {}\n", all.len());
    for one in all {
        let heading = format!("{} {}: {}", one.severity.word(), one.code, one.who);
        let store = one.store_id.as_ref().map(|id| format!("{id} ")).unwrap_or_default();
        text.push_str(&wrap("  ", "    ", &heading));
        text.push_str(&wrap("    ", "    ", &format!("{store}{}", one.cause)));
        text.push_str(&wrap("    → ", "      ", &one.remedy.to_string()));
    }
    text
}

fn score_json(score: &Score) -> Value {
    let measured = |of: &Measured| json!({ "value": of.value.canonical(), "unit": of.unit.to_string() });
    let indicators = score.indicators.iter().map(|indicator| {
        json!({
            "indicator": indicator.name,
            "label": indicator.label,
            "actual": measured(&indicator.actual),
            "target": measured(&indicator.target),
            "points": indicator.points.canonical(),
            "weight": indicator.weight.canonical(),
            "part": indicator.part.canonical(),
        })
    });
    json!({
        "store_id": score.store_id,
        "employee_id": score.employee_id,
        "who": score.who,
        "step": score.step,
        "card": score.card,
        "indicators": indicators.collect::<Vec<_>>(),
        "score": announced(&score.score),
        "exact": score.exact.canonical(),
        "deducted": score.deducted.canonical(),
        "passed": score.passed == Cell::Bool(true),
        "band": score.band,
    })
}

/// A score as it is announced: with two places.
fn announced(score: &Cell) -> String {
    let amount = score.number().and_then(Exact::to_amount);
    amount.map_or_else(|| score.canonical(), |amount| amount.to_string())
}

fn exception_json(one: &Exception) -> Value {
    json!({
        "severity": one.severity.word(),
        "code": one.code.id,
        "store_id": one.store_id,
        "employee_id": one.employee_id,
        "who": one.who,
        "cause": one.cause.to_string(),
        "remedy": one.remedy.to_string(),
    })
}
