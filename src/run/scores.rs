//! Scores over a span: the scorecards of all pipelines, from the facts of all its days.
//!
//! Every step that scores is evaluated once over the span, with whatever it reads: the facts of all months, people
//! held on all days, and what the period chooses (parameters dated by it) taken at the span's last month. A quarter's
//! mean is therefore a mean of all its rows, never of monthly means. Nothing is paid or published by it.

use std::collections::BTreeMap;
use std::path::Path;

use super::accepted::{self, ACCEPTED_UNUSED, AcceptedSpec};
use super::cells::Cell;
use super::evaluate::{Evaluation, RunError};
use super::frames::Stored;
use super::span_files::SpanFiles;
use crate::diag::data::{Exception, Store};
use crate::expr::types::Schema;
use crate::expr::unit::Unit;
use crate::plan::{Pipeline, Plan, PlannedStep};
use crate::step::StepKind;
use crate::step::score::{Part, Score as ScoreStep};
use crate::world::World;
use crate::world::period::Period;
use crate::world::span::Span;

mod table;

/// Scores over a span, with what a person must know of them.
#[derive(Clone, Debug)]
pub struct Scores {
    /// The days.
    pub span: Span,
    /// Title of the project.
    pub title: String,
    /// Stores of the project.
    pub stores: Vec<Store>,
    /// Scores by store, subject and card.
    pub scores: Vec<Score>,
    /// Everything that stood in the way, or ought to be known.
    pub exceptions: Vec<Exception>,
}

/// A score of a person, or of a team.
#[derive(Clone, Debug)]
pub struct Score {
    /// Store.
    pub store_id: String,
    /// Employee; absent for a team.
    pub employee_id: Option<String>,
    /// Name of the person or the team.
    pub who: String,
    /// `pipeline.step` that made it.
    pub step: String,
    /// Title of the card.
    pub card: String,
    /// The indicators, in the order of the card.
    pub indicators: Vec<Indicator>,
    /// The score as announced.
    pub score: Cell,
    /// The score before rounding.
    pub exact: Cell,
    /// Points taken off the sum, where the card takes any.
    pub deducted: Cell,
    /// Whether it reaches the pass mark.
    pub passed: Cell,
    /// Words of its band, where its card has bands.
    pub band: Option<String>,
}

/// An indicator of a score.
#[derive(Clone, Debug)]
pub struct Indicator {
    /// Name in the card.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What was measured, in its unit; the rating where a person rates.
    pub actual: Measured,
    /// The target.
    pub target: Measured,
    /// Points.
    pub points: Cell,
    /// Weight.
    pub weight: Cell,
    /// Points × weight.
    pub part: Cell,
}

/// A value with its unit.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The value.
    pub value: Cell,
    /// Its unit.
    pub unit: Unit,
}

/// A step that scores.
struct Card<'a> {
    pipeline: &'a Pipeline,
    step: &'a PlannedStep,
    score: &'a ScoreStep,
    /// The column of the announced score; the others begin with it.
    into: &'a str,
}

/// Computes the scores of a span; `None` where no pipeline scores anybody, or the span ends in no period.
///
/// # Errors
/// When the environment fails, or a step cannot run for a mistake of the program. Trouble with data is part of what
/// comes out.
pub fn compute(
    plan: &Plan,
    world: &dyn World,
    data: &Path,
    span: Span,
    accepted: &AcceptedSpec,
) -> Result<Option<Scores>, RunError> {
    let cards = cards(plan);
    let (Some(mut evaluation), Some(last)) = (Evaluation::over(plan, span), Period::of(span.last_day())) else {
        return Ok(None);
    };
    if cards.is_empty() {
        return Ok(None);
    }
    let mut found = Scores {
        span,
        title: plan.title.clone(),
        stores: plan.stores.clone(),
        scores: Vec::new(),
        exceptions: super::parameters_without_value(plan, last),
    };
    if !found.exceptions.is_empty() {
        return Ok(Some(found));
    }
    let mut files = SpanFiles::new(plan, world, data, span);
    for card in &cards {
        evaluation.demand(card.pipeline, &card.step.name, &mut files)?;
    }
    let roster = evaluation.roster(&mut files)?;
    let names = roster.map(super::spine::Roster::names).unwrap_or_default();
    let people = roster.map(|roster| roster.people(plan)).unwrap_or_default();
    let by_id = super::by_id(&people);
    let covered = people.iter().map(|person| person.employee_id.as_str()).collect();
    let said = files.exceptions().into_iter();
    found.exceptions.extend(said.map(|(dataset, said)| super::concerning(said, &dataset, plan, &covered)));
    let of_roster = evaluation.roster_exceptions.iter().filter(|exception| exception.code != super::spine::NO_PLAN);
    found.exceptions.extend(of_roster.cloned());
    found.exceptions.extend(evaluation.exceptions.iter().map(|said| super::exception(plan, said, &by_id)));
    for card in &cards {
        if let Some(stored) = evaluation.store.get(&card.pipeline.full_name(&card.step.name)) {
            found.scores.extend(card.scores(stored, &names));
        }
    }
    found.scores.sort_by(|a, b| {
        (&a.store_id, &a.employee_id, &a.who, &a.step).cmp(&(&b.store_id, &b.employee_id, &b.who, &b.step))
    });
    let first = span.months().first().copied().unwrap_or(last);
    accepted::apply(accepted, first, &mut found.exceptions);
    found.exceptions.retain(|exception| exception.code != ACCEPTED_UNUSED);
    found.exceptions.sort_by(|a, b| super::key(a).cmp(&super::key(b)));
    found.exceptions.dedup();
    Ok(Some(found))
}

/// The steps that score, in the order of computation.
fn cards(plan: &Plan) -> Vec<Card<'_>> {
    let steps = plan.pipelines.iter().flat_map(|pipeline| pipeline.steps.iter().map(move |step| (pipeline, step)));
    let cards = steps.filter_map(|(pipeline, step)| {
        let StepKind::Score(score) = &step.step.kind else { return None };
        let announced = |name: &&str| score.part(name).is_some_and(|(part, _)| part == Part::Announced);
        let into = step.step.schema.names().find(announced)?;
        Some(Card { pipeline, step, score, into })
    });
    cards.collect()
}

/// The words of a band; none where the card has no bands.
fn band(words: Cell) -> Option<String> {
    match words {
        Cell::Text(words) => Some(words),
        _ => None,
    }
}

impl Card<'_> {
    fn scores(&self, stored: &Stored, names: &BTreeMap<(String, String), String>) -> Vec<Score> {
        let schema = &stored.schema;
        let column = |part: &str| format!("{}{part}", self.into);
        let indicators = self.indicators(schema);
        let rows = 0..u32::try_from(stored.frame.height()).unwrap_or(u32::MAX);
        rows.map(|row| {
            let (store_id, employee_id) = stored.whom(row);
            let store_id = store_id.unwrap_or_default();
            let named = |id: &String| {
                let of_roster = names.get(&(store_id.clone(), id.clone())).cloned();
                of_roster.unwrap_or_else(|| stored.cell(row, "name").canonical())
            };
            let who = employee_id.as_ref().map_or_else(|| subject(stored, row), named);
            let score = stored.cell(row, self.into);
            let measured = |indicator: &str, parts: &[&str]| {
                let names = parts.iter().map(|part| column(&format!("_{indicator}_{part}")));
                let fields = names.filter_map(|name| schema.get(&name));
                let cells = fields.map(|field| (stored.cell(row, &field.name), field.ty.unit.clone()));
                let there = cells.into_iter().find(|(value, _)| *value != Cell::Absent);
                let (value, unit) = there.unwrap_or((Cell::Absent, Unit::ratio()));
                Measured { value, unit }
            };
            let cell = |indicator: &str, part: &str| stored.cell(row, &column(&format!("_{indicator}_{part}")));
            let indicators = indicators.iter().map(|(name, label)| Indicator {
                name: name.clone(),
                label: label.clone(),
                actual: measured(name, &["actual", "rating"]),
                target: measured(name, &["target"]),
                points: cell(name, "points"),
                weight: cell(name, "weight"),
                part: cell(name, "part"),
            });
            Score {
                band: band(stored.cell(row, &column(Part::Band.suffix()))),
                employee_id,
                who,
                step: self.pipeline.full_name(&self.step.name),
                card: self.score.label().to_owned(),
                // A card of another store or date may leave an indicator out.
                indicators: indicators.filter(|indicator| indicator.points != Cell::Absent).collect(),
                score,
                exact: stored.cell(row, &column("_exact")),
                deducted: stored.cell(row, &column("_deduct")),
                passed: stored.cell(row, &column("_passed")),
                store_id,
            }
        })
        .collect()
    }

    /// Names and labels of the indicators, in the order of the card.
    fn indicators(&self, schema: &Schema) -> Vec<(String, String)> {
        let points = schema.names().filter_map(|name| match self.score.part(name) {
            Some((Part::Points, Some(indicator))) => Some((indicator.name.to_string(), indicator.label.to_string())),
            _ => None,
        });
        points.collect()
    }
}

/// What a row without a person is about.
fn subject(stored: &Stored, row: u32) -> String {
    let named = ["team", "group", "unit_name", "department"].into_iter();
    let mut texts = named.map(|column| stored.cell(row, column).canonical()).filter(|text| !text.is_empty());
    texts.next().unwrap_or_default()
}
