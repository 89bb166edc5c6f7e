//! Plan and world to outcome: the only place where input is read and results are written.
//!
//! [`compute`] makes an [`Outcome`]: it reads the datasets, makes the frames that pay and analytics ask
//! for, turns rows into pay lines and gathers exceptions and row fates. [`publish`] writes what reports
//! and tables made of it.

pub mod accepted;
pub mod balance;
pub mod before;
pub mod by_store;
pub mod carried;
pub mod cells;
pub mod clauses;
pub mod due;
pub mod evaluate;
pub mod fates;
pub mod figures;
pub mod files;
pub mod frames;
pub mod in_force;
pub mod inputs;
pub mod names;
pub mod next_row;
pub mod nowhere;
pub mod outcome;
pub mod paid_before;
pub mod pay;
pub mod publish;
pub mod receipt;
pub mod rule_test;
#[cfg(test)]
pub(crate) mod sample;
pub mod scores;
mod side_by_side;
pub mod span_files;
pub mod spine;
pub mod tables;
pub mod totals;
pub mod trace;
pub mod watch;
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use self::accepted::AcceptedSpec;
use self::before::Results;
use self::evaluate::{Evaluation, RunError, Said};
use self::inputs::Files;
use self::outcome::{Outcome, Person, Published};
use self::paid_before::PaidBefore;
use self::watch::{Watch, Work};
use crate::diag::Code;
use crate::diag::data::{Exception, ExceptionSeverity};
use crate::diag::text::{Named, Text, text};
use crate::expr::types::Schema;
use crate::plan::{Pipeline, Plan, RUN_PEOPLE};
use crate::step::StepException;
use crate::world::World;
use crate::world::period::Period;

/// A parameter without a value in the period.
pub const PARAMETER_WITHOUT_VALUE: Code =
    Code::exception("parameter-without-value", "a parameter that the period needs has no value yet on its first day");

/// Codes of this module.
pub const CODES: &[Code] = &[
    PARAMETER_WITHOUT_VALUE,
    accepted::ACCEPTED_UNTIL,
    accepted::ACCEPTED_UNUSED,
    accepted::ACCEPTED_UNCLEAR,
    pay::PAY_LINE_TWICE,
    pay::PAY_LINE_LOST,
    pay::NET_PAY_LOST,
    files::FILE_CELL,
    pay::AMOUNT_NOT_COMPUTED,
    pay::AMOUNT_TOO_LARGE,
    spine::ROSTER_OVERLAP,
    spine::ROSTER_GAP,
    spine::ROSTER_ROLE,
    before::NO_RUN_BEFORE,
    before::RUN_BEFORE_UNREADABLE,
    carried::CARRY_NOT_COMPUTED,
    carried::CARRY_TWICE,
    carried::OPENING_WITHOUT_OWNER,
    nowhere::ROW_COUNTS_NOWHERE,
    spine::NO_PLAN,
    figures::FIGURES_UNREADABLE,
    span_files::SPAN_WITHOUT_MONTH,
    span_files::SPAN_CUTS_MONTH,
    span_files::SPAN_ROW_TWICE,
    spine::ROLE_INTERRUPTED,
];

/// What to compute beside the amounts, and where earlier results are.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Whether each pay line gets its trace.
    pub traces: bool,
    /// Folder of results, where the published run of the month before is looked for; none where there are none.
    pub out: Option<&'a Path>,
    /// Who is told how far it is.
    pub watch: Option<&'a dyn Watch>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { traces: true, out: None, watch: None }
    }
}

/// Computes one period of all stores.
///
/// # Errors
/// When the environment fails, or a step cannot run for a mistake of the program. Trouble with data is
/// part of the outcome.
pub fn compute(
    plan: &Plan,
    world: &dyn World,
    data: &Path,
    period: Period,
    accepted: &AcceptedSpec,
    options: Options<'_>,
) -> Result<Outcome, RunError> {
    let mut files = Files::new(plan, world, data).after(options.out);
    let mut evaluation = Evaluation::new(plan, period).watched(options.watch.map(|watch| (watch, Work::Steps)));
    let missing = parameters_without_value(plan, period);
    if !missing.is_empty() {
        return Ok(refused(plan, period, missing));
    }
    files.read_ahead(period, options.watch);
    let compares = compares(plan, period.previous(), &mut files)?;
    if !compares {
        files.forget(period.previous());
    }
    evaluation.demand_all(&plan.frames(), &mut files)?;
    let people = people(&mut evaluation, plan, &mut files)?;
    let by_id = by_id(&people);
    let covered: BTreeSet<&str> = people.iter().map(|person| person.employee_id.as_str()).collect();
    let mut exceptions: Vec<Exception> = files
        .findings(period)
        .exceptions
        .into_iter()
        .map(|(dataset, said)| concerning(said, &dataset, plan, &covered))
        .collect();
    exceptions.extend(evaluation.roster_exceptions.iter().cloned());
    exceptions.extend(evaluation.exceptions.iter().map(|said| exception(plan, said, &by_id)));
    let (mut pay_lines, mut net_lines, mut next_rows) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(watch) = options.watch {
        watch.begins(Work::Lines, plan.pipelines.len() as u64);
    }
    for pipeline in &plan.pipelines {
        let due = evaluation.due(pipeline, &mut files)?;
        let lines = pay::lines(&evaluation, pipeline, &due, &by_id, options.traces);
        if options.traces && pipeline.settle.is_empty() {
            next_rows.extend(next_row::of_pipeline(&evaluation, pipeline, &due, &lines));
        }
        exceptions.extend(pay::troubles(pipeline, &due, &by_id));
        exceptions.extend(pay::lost(&evaluation, pipeline, &lines, &exceptions, &by_id));
        if pipeline.settle.is_empty() { &mut pay_lines } else { &mut net_lines }.extend(lines);
        if let Some(watch) = options.watch {
            watch.done(1);
        }
    }
    if plan.settles() {
        exceptions.extend(pay::unsettled(&people, &net_lines, &exceptions));
    }
    next_rows.sort_by(|a, b| (&a.store_id, &a.employee_id).cmp(&(&b.store_id, &b.employee_id)));
    for lines in [&mut pay_lines, &mut net_lines] {
        lines.sort_by(|a, b| (&a.store_id, &a.employee_id).cmp(&(&b.store_id, &b.employee_id)));
    }
    let looked_up = files::LookedUp::read(&evaluation);
    exceptions.extend(files::exceptions(plan, period, &net_lines, &looked_up));
    let (carried, found) = carried::balances(&evaluation, &by_id)?;
    exceptions.extend(found);
    exceptions.extend(carried::without_owner(&evaluation));
    let results = Results { out: options.out, carries_from: plan.carries_from };
    let earlier = figures::earlier(&results, world, period)?;
    exceptions.extend(earlier.exceptions);
    let paid_before = paid_before::read(&results, world, &plan.stores, period)?;
    exceptions.extend(paid_before.exceptions);
    let (fates, nowhere) = fates::follow(&evaluation);
    exceptions.extend(nowhere);
    accepted::apply(accepted, period, &mut exceptions);
    exceptions.sort_by(|a, b| key(a).cmp(&key(b)));
    exceptions.dedup();
    let before = if compares { Some(before(plan, period.previous(), &mut files, options)?) } else { None };
    let published = published(&evaluation, plan, before.as_ref());
    let mut found = files.findings(period);
    found.inputs.extend(earlier.inputs);
    found.inputs.extend(paid_before.inputs);
    let mut row_fates = found.fates;
    row_fates.extend(fates);
    row_fates.sort();
    let mut outcome = Outcome {
        period,
        title: plan.title.clone(),
        stores: plan.stores.clone(),
        people,
        clauses: clauses::words(plan),
        decisions: clauses::in_force(plan, period, &pay_lines),
        in_force: in_force::in_force(plan, period),
        pay_lines,
        net_lines,
        next_rows,
        paid_before: paid_before.paid,
        files: Vec::new(),
        carried,
        exceptions,
        row_fates,
        quarantine: found.quarantine,
        published,
        earlier: earlier.figures,
        words: plan.words.clone(),
        titles: titles(plan),
        inputs: found.inputs,
    };
    outcome.files = files::files(plan, &outcome, &looked_up);
    Ok(outcome)
}

/// What reports call datasets and pipelines.
fn titles(plan: &Plan) -> BTreeMap<String, String> {
    let datasets = plan.contracts.iter().map(|(name, contract)| (name.to_string(), contract.title.clone()));
    let pipelines = plan.pipelines.iter().map(|pipeline| (pipeline.name.to_string(), pipeline.title.clone()));
    let roster = plan.contracts.get(&*plan.roster).map(|contract| (RUN_PEOPLE.to_owned(), contract.title.clone()));
    datasets.chain(pipelines).chain(roster).collect()
}

type Key<'a> = (ExceptionSeverity, &'a Option<String>, &'a Option<String>, Code, &'a str, &'a Text);

fn key(exception: &Exception) -> Key<'_> {
    let Exception { severity, store_id, employee_id, code, who, cause, .. } = exception;
    (*severity, store_id, employee_id, *code, who, cause)
}

/// Everybody on the spine of a pipeline that pays.
fn people<'a>(evaluation: &mut Evaluation<'a>, plan: &'a Plan, files: &mut Files<'_>) -> Result<Vec<Person>, RunError> {
    let roster = evaluation.roster(files)?;
    Ok(roster.map(|roster| roster.people(plan)).unwrap_or_default())
}

/// People by store and employee id.
pub type ById<'a> = BTreeMap<(&'a str, &'a str), &'a Person>;

/// People by store and employee id.
pub fn by_id(people: &[Person]) -> ById<'_> {
    people.iter().map(|person| ((person.store_id.as_str(), person.employee_id.as_str()), person)).collect()
}

/// A bad row blocks only where it may cost somebody pay: one that names a person whom no plan covers is a
/// warning. A bad row of the roster always blocks, for it may be what would have put the person on a plan.
fn concerning(mut exception: Exception, dataset: &str, plan: &Plan, covered: &BTreeSet<&str>) -> Exception {
    let nobody = exception.employee_id.as_ref().is_some_and(|employee| !covered.contains(employee.as_str()));
    if nobody && exception.severity == ExceptionSeverity::Blocking && *dataset != *plan.roster {
        exception.severity = ExceptionSeverity::Warning;
    }
    exception
}

/// What a step said, about the person whom its row names.
fn exception(plan: &Plan, said: &Said<StepException>, people: &ById<'_>) -> Exception {
    let pipeline = plan.pipeline(&said.pipeline);
    let schema = pipeline.and_then(|pipeline| plan.schema_of(pipeline, &said.what.frame));
    let label = |kind, id: &str| label_of(plan, pipeline, schema, kind, id);
    let (store_id, employee_id) = said.whom.clone();
    let person = store_id.as_deref().zip(employee_id.as_deref()).and_then(|id| people.get(&id));
    let who = match (&said.what.who, person, &employee_id) {
        (Some(who), ..) => who.clone(),
        (None, Some(person), _) => format!("{} ({})", person.name, person.employee_id),
        (None, None, Some(employee_id)) => employee_id.clone(),
        (None, None, None) => format!("{}.{}", said.pipeline, said.step),
    };
    Exception {
        severity: said.what.severity,
        code: said.what.code,
        store_id,
        employee_id,
        who,
        cause: said.what.cause.clone().labelled(&label),
        remedy: said.what.remedy.clone().labelled(&label),
        stake: said.what.stake.as_ref().and_then(|stake| stake.round(2, crate::money::Rounding::HalfUp).to_amount()),
        accepted: None,
        place: None,
    }
}

/// What people call a column of a frame, a dataset, the people of a plan, or the rows of a step that a pipeline names.
fn label_of(
    plan: &Plan,
    pipeline: Option<&Pipeline>,
    schema: Option<&Schema>,
    kind: Named,
    id: &str,
) -> Option<String> {
    match kind {
        Named::Value => plan.words.known_value(id).map(str::to_owned),
        Named::Column => Some(schema?.get(id)?.label.to_string()),
        Named::Frame if id == "spine" => plan.contracts.get(&*plan.roster).map(|contract| contract.title.clone()),
        Named::Frame => {
            let dataset = id.strip_suffix(".history").unwrap_or(id);
            let of_dataset = || plan.contracts.get(dataset).map(|contract| contract.title.clone());
            let (owner, step) = match id.split_once('.') {
                Some((owner, step)) => (plan.pipeline(owner), step),
                None => (pipeline, id),
            };
            let step = owner.and_then(|owner| owner.step(step));
            step.and_then(|step| step.title.clone()).or_else(of_dataset)
        }
    }
}

/// Whether reports compare with the month before: its required files are all there.
fn compares(plan: &Plan, earlier: Period, files: &mut Files<'_>) -> Result<bool, RunError> {
    let names = plan.datasets_of(&plan.comparing());
    let datasets: BTreeSet<&str> = names.iter().map(|name| name.strip_suffix(".history").unwrap_or(name)).collect();
    let datasets: Vec<String> = datasets.into_iter().map(str::to_owned).collect();
    Ok(!datasets.is_empty()
        && files.complete(&datasets, earlier)?
        && parameters_without_value(plan, earlier).is_empty())
}

/// The month before, as far as reports compare with it.
fn before<'a>(
    plan: &'a Plan,
    earlier: Period,
    files: &mut Files<'_>,
    options: Options<'a>,
) -> Result<Evaluation<'a>, RunError> {
    let mut evaluation = Evaluation::new(plan, earlier).watched(options.watch.map(|watch| (watch, Work::Earlier)));
    evaluation.demand_all(&compared(plan), files)?;
    Ok(evaluation)
}

/// The frames that reports compare with those of the month before.
fn compared(plan: &Plan) -> Vec<(&Pipeline, &str)> {
    let pipelines = plan.comparing().into_iter();
    pipelines.flat_map(|pipeline| pipeline.publish.iter().map(move |step| (pipeline, &**step))).collect()
}

fn published(evaluation: &Evaluation<'_>, plan: &Plan, before: Option<&Evaluation<'_>>) -> BTreeMap<String, Published> {
    let mut published = BTreeMap::new();
    for pipeline in &plan.pipelines {
        for step in &pipeline.publish {
            let full = pipeline.full_name(step);
            let plain = |evaluation: &Evaluation<'_>| {
                let stored = evaluation.store.get(&full)?;
                let names = stored.schema.names().map(polars::prelude::PlSmallStr::from_str);
                Some((stored.schema.clone(), stored.frame.select(names).ok()?))
            };
            if let Some((schema, frame)) = plain(evaluation) {
                let before = before.and_then(|before| plain(before).map(|(_, frame)| frame));
                published.insert(full.clone(), Published { schema, frame, before });
            }
        }
    }
    published
}

fn parameters_without_value(plan: &Plan, period: Period) -> Vec<Exception> {
    let first = period.first_day();
    let without = plan.parameters.iter().filter(|(_, parameter)| {
        let day = if parameter.dated_by.is_some() { period.last_day() } else { first };
        !parameter.holds(day, plan.stores.iter().map(|store| store.store_id.as_str()))
    });
    without
        .map(|(name, parameter)| Exception {
            severity: ExceptionSeverity::Fatal,
            code: PARAMETER_WITHOUT_VALUE,
            store_id: None,
            employee_id: None,
            who: format!("param.{name}"),
            cause: text!(
                "{parameter} ({clause}) has no value on {day}",
                parameter = &parameter.title,
                clause = &parameter.clause,
                day = first
            ),
            remedy: text!("give it a value that holds from the first day of the period or earlier"),
            stake: None,
            accepted: None,
            place: None,
        })
        .collect()
}

fn refused(plan: &Plan, period: Period, exceptions: Vec<Exception>) -> Outcome {
    Outcome {
        period,
        title: plan.title.clone(),
        stores: plan.stores.clone(),
        people: Vec::new(),
        pay_lines: Vec::new(),
        net_lines: Vec::new(),
        next_rows: Vec::new(),
        paid_before: PaidBefore::default(),
        files: Vec::new(),
        carried: Vec::new(),
        clauses: clauses::words(plan),
        decisions: Vec::new(),
        in_force: in_force::in_force(plan, period),
        exceptions,
        row_fates: Vec::new(),
        quarantine: Vec::new(),
        published: BTreeMap::new(),
        earlier: BTreeMap::new(),
        words: plan.words.clone(),
        titles: titles(plan),
        inputs: Vec::new(),
    }
}
