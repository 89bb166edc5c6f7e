//! One evaluation of a plan in one period: frames are made on demand, each once.
//!
//! What is given (by a rule test) replaces what would be read or computed, and what only it needs is
//! never made.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use polars::prelude::*;

use super::due::{self, Due};
use super::frames::{Groups, Source, Store, Stored};
use super::spine::Roster;
use super::watch::{Watch, Work};
use crate::diag::data::Exception;
use crate::expr::PeriodValues;
use crate::expr::types::{Name, Schema};
use crate::plan::{Pipeline, Plan, PlannedStep, RUN_PAY, RUN_PEOPLE};
use crate::source::RowPlaces;
use crate::step::{self, Dropped, Frames, Months, RunCx, Step, StepError, StepException, StepKind, StepOutput};
use crate::world::WorldError;
use crate::world::heap;
use crate::world::period::Period;
use crate::world::span::Span;

/// After so many cells that nobody reads any more, about a hundred megabytes, memory goes back to the system.
const MANY_CELLS: usize = 6 << 20;

/// Where datasets come from.
pub trait Datasets {
    /// A dataset by the name a step writes (`orders`, `orders.history`), all stores below one another.
    ///
    /// # Errors
    /// When the environment fails.
    fn dataset(&mut self, name: &str, period: Period) -> Result<DatasetFrame, WorldError>;
}

/// Rows of a dataset.
#[derive(Clone, Debug, Default)]
pub struct DatasetFrame {
    /// Columns of the contract's schema.
    pub frame: DataFrame,
    /// Places of the rows.
    pub places: Arc<RowPlaces>,
    /// How many rows, from the first, belong to the period itself.
    pub current: usize,
    /// The months of each store that have an accepted file; `None` where only the rows tell.
    pub months: Option<Months>,
    /// Stores that have no file and need none: what is counted for them is not zero.
    pub absent: BTreeSet<String>,
}

/// An evaluation that could not be finished.
#[derive(Debug)]
pub enum RunError {
    /// The environment failed.
    World(WorldError),
    /// A step could not run: a mistake of the program.
    Step {
        /// `pipeline.step`.
        step: String,
        /// What went wrong.
        source: StepError,
    },
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::World(error) => error.fmt(f),
            Self::Step { step, source } => write!(f, "`{step}` could not be computed: {source}"),
        }
    }
}

impl std::error::Error for RunError {}

impl From<WorldError> for RunError {
    fn from(error: WorldError) -> Self {
        Self::World(error)
    }
}

/// What a step said about rows, with the pipeline and step that said it.
#[derive(Clone, Debug)]
pub struct Said<T> {
    /// Pipeline.
    pub pipeline: Name,
    /// Step.
    pub step: Name,
    /// What was said.
    pub what: T,
    /// Store and employee of the row it was said about, where they are known.
    pub whom: Whom,
}

/// Store and employee of a row, as far as it names them.
pub type Whom = (Option<String>, Option<String>);

/// An evaluation in progress.
pub struct Evaluation<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The period; over a span, its last month.
    pub period: Period,
    /// The days looked at: those of the period, or a span's.
    span: Span,
    /// Frames made so far.
    pub store: Store,
    /// Rows that left at steps, in the order of computation.
    pub dropped: Vec<Said<Dropped>>,
    /// Exceptions of steps, in the order of computation.
    pub exceptions: Vec<Said<StepException>>,
    /// Exceptions of the roster.
    pub roster_exceptions: Vec<Exception>,
    /// What pipelines pay, as far as somebody asked.
    due: BTreeMap<Name, Arc<Due>>,
    roster: Option<Roster>,
    /// Whether frames hold every column, or those that somebody reads.
    whole: bool,
    /// How many steps have read a frame so far.
    read_by: BTreeMap<String, usize>,
    /// Cells given up since memory went back to the system.
    given_up: usize,
    /// Who is told of steps, and which work they are.
    pub(super) watch: Option<(&'a dyn Watch, Work)>,
}

/// The frames of one step.
#[derive(Default)]
struct Views {
    frames: BTreeMap<Name, DataFrame>,
    months: BTreeMap<Name, Months>,
    absent: BTreeMap<Name, BTreeSet<String>>,
}

impl Frames for Views {
    fn get(&self, name: &str) -> Option<&DataFrame> {
        self.frames.get(name)
    }

    fn months(&self, name: &str) -> Option<&Months> {
        self.months.get(name)
    }

    fn absent(&self, name: &str) -> Option<&BTreeSet<String>> {
        self.absent.get(name)
    }
}

/// How a frame is made.
pub(super) enum Made<'a> {
    /// By a step of a pipeline.
    Step(&'a Pipeline, &'a PlannedStep),
    /// From the roster, for a pipeline.
    Spine(&'a Pipeline),
    /// It is read.
    Dataset,
    /// From the lines that a pipeline pays.
    Pay(&'a Pipeline),
    /// From the lines that all pipelines pay.
    AllPay,
    /// From everybody whom a plan covers.
    People,
}

/// A step with all that it needs.
pub(super) struct Task {
    step: Step,
    views: Views,
    days: PeriodValues,
}

impl Task {
    /// Computes the step.
    pub(super) fn run(self, plan: &Plan, period: Period) -> Result<StepOutput, StepError> {
        let parameters = plan.parameters.on(period.first_day());
        let cx = RunCx { params: &parameters, tables: &parameters, period: &self.days };
        step::apply(&self.step, &self.views, &cx)
    }
}

/// What a step said about rows.
#[derive(Default)]
pub(super) struct StepSaid {
    pub(super) dropped: Vec<Said<Dropped>>,
    pub(super) exceptions: Vec<Said<StepException>>,
}

fn said<T>(pipeline: &Pipeline, step: &PlannedStep, what: T, whom: Whom) -> Said<T> {
    Said { pipeline: Arc::clone(&pipeline.name), step: Arc::clone(&step.name), what, whom }
}

impl<'a> Evaluation<'a> {
    /// Nothing made yet; frames will hold the columns that somebody reads.
    pub fn new(plan: &'a Plan, period: Period) -> Self {
        Self {
            plan,
            period,
            span: Span::of(period),
            store: Store::default(),
            dropped: Vec::new(),
            exceptions: Vec::new(),
            roster_exceptions: Vec::new(),
            due: BTreeMap::new(),
            roster: None,
            whole: false,
            read_by: BTreeMap::new(),
            given_up: 0,
            watch: None,
        }
    }

    /// Tells of the steps that are computed side by side, as a kind of work.
    #[must_use]
    pub fn watched(mut self, watch: Option<(&'a dyn Watch, Work)>) -> Self {
        self.watch = watch;
        self
    }

    /// Nothing made yet; frames will hold all their columns, to be looked at.
    pub fn whole(plan: &'a Plan, period: Period) -> Self {
        Self { whole: true, ..Self::new(plan, period) }
    }

    /// Nothing made yet, over a span instead of a month: what the period chooses is chosen by the span's last month,
    /// and people are held on all its days. Frames will hold all their columns.
    pub fn over(plan: &'a Plan, span: Span) -> Option<Self> {
        let last = Period::of(span.last_day())?;
        Some(Self { span, ..Self::whole(plan, last) })
    }

    /// First and last day, for expressions.
    pub fn period_values(&self) -> PeriodValues {
        PeriodValues { first: self.span.first_day(), last: self.span.last_day() }
    }

    /// The columns of a frame that are kept.
    fn kept(&self, full: &str, schema: &Schema) -> Schema {
        if self.whole { schema.clone() } else { self.plan.kept.of(full, schema) }
    }

    /// Makes a frame, and whatever it needs, unless it is there already.
    ///
    /// # Errors
    /// When the environment fails, or a step cannot run.
    pub fn demand(
        &mut self,
        pipeline: &'a Pipeline,
        written: &str,
        datasets: &mut dyn Datasets,
    ) -> Result<(), RunError> {
        let full = pipeline.full_name(written);
        if self.store.has(&full) {
            return Ok(());
        }
        match self.made(pipeline, written) {
            Some(Made::Step(pipeline, step)) => self.make(pipeline, step, datasets),
            Some(Made::Spine(pipeline)) => self.make_spine(pipeline, &full, datasets),
            Some(Made::Dataset) => self.read(written, datasets),
            Some(Made::Pay(paying)) => self.make_pay(paying, &full, datasets),
            Some(Made::AllPay) => self.make_all_pay(datasets),
            Some(Made::People) => self.make_people(datasets),
            None => Err(missing(&full, written)),
        }
    }

    /// How a frame is made that a pipeline writes so.
    pub(super) fn made(&self, pipeline: &'a Pipeline, written: &str) -> Option<Made<'a>> {
        if let Some(step) = pipeline.step(written) {
            return Some(Made::Step(pipeline, step));
        }
        if written == "spine" {
            return Some(Made::Spine(pipeline));
        }
        if self.plan.contracts.contains_key(written.strip_suffix(".history").unwrap_or(written)) {
            return Some(Made::Dataset);
        }
        if let Some(paying) = self.plan.paying(written) {
            return Some(Made::Pay(paying));
        }
        match written {
            RUN_PAY => return Some(Made::AllPay),
            RUN_PEOPLE => return Some(Made::People),
            _ => {}
        }
        let (other, step) = written.split_once('.')?;
        self.made(self.plan.pipeline(other)?, step)
    }

    fn make(
        &mut self,
        pipeline: &'a Pipeline,
        step: &'a PlannedStep,
        datasets: &mut dyn Datasets,
    ) -> Result<(), RunError> {
        let task = self.task(pipeline, step, datasets)?;
        let output = task.run(self.plan, self.period);
        let StepSaid { dropped, exceptions } = self.take_in(pipeline, step, output)?;
        self.dropped.extend(dropped);
        self.exceptions.extend(exceptions);
        Ok(())
    }

    /// A step with the frames it reads, which are made where they are not there yet.
    pub(super) fn task(
        &mut self,
        pipeline: &'a Pipeline,
        step: &'a PlannedStep,
        datasets: &mut dyn Datasets,
    ) -> Result<Task, RunError> {
        let full = pipeline.full_name(&step.name);
        let needed = self.plan.kept.needed(pipeline, step);
        let mut views = Views::default();
        for input in &step.step.inputs {
            self.demand(pipeline, input, datasets)?;
            let columns = needed.get(input).filter(|_| !self.whole);
            let view = self.store.view(pipeline, input, columns).map_err(|error| failed(&full, error.into()))?;
            views.frames.insert(Arc::clone(input), view.ok_or_else(|| missing(&full, input))?);
            if matches!(step.step.kind, StepKind::ToDate(_))
                && let Some(months) = self.months(pipeline, input)
            {
                views.months.insert(Arc::clone(input), months);
            }
            if matches!(step.step.kind, StepKind::Aggregate(_)) {
                views.absent.insert(Arc::clone(input), self.absent(pipeline, input));
            }
        }
        let schema = self.kept(&full, &step.step.schema);
        Ok(Task { step: Step { schema, ..step.step.clone() }, views, days: self.period_values() })
    }

    /// Keeps what a step has made, and gives up what nobody reads any more; what the step said of rows.
    pub(super) fn take_in(
        &mut self,
        pipeline: &Pipeline,
        step: &PlannedStep,
        output: Result<StepOutput, StepError>,
    ) -> Result<StepSaid, RunError> {
        let full = pipeline.full_name(&step.name);
        let output = output.map_err(|error| failed(&full, error))?;
        let groups = match (&output.members, step.step.inputs.first()) {
            (Some(members), Some(from)) => {
                let groups = Groups::new(members, from, output.frame.height());
                Some(Arc::new(groups.map_err(|error| failed(&full, error.into()))?))
            }
            _ => None,
        };
        let dropped = output.dropped.into_iter().map(|what| said(pipeline, step, what, Whom::default())).collect();
        let schema = self.kept(&full, &step.step.schema);
        self.store.put(full, Stored { frame: output.frame, schema, source: Source::Step { groups } });
        let whose = |what: StepException| {
            let stored = self.store.get(&pipeline.full_name(&what.frame));
            let whom = stored.zip(what.row).map(|(stored, row)| stored.whom(row)).unwrap_or_default();
            said(pipeline, step, what, whom)
        };
        let exceptions = output.exceptions.into_iter().map(whose).collect();
        for input in &step.step.inputs {
            self.release(&pipeline.full_name(input));
        }
        Ok(StepSaid { dropped, exceptions })
    }

    /// A step has read a frame: behind the last one only what explains paid and published figures stays, and in a
    /// dataset what its rows' fates are counted by.
    fn release(&mut self, full: &str) {
        let read = self.read_by.entry(full.to_owned()).or_default();
        *read += 1;
        if self.whole || *read < self.plan.kept.readers(full) {
            return;
        }
        let Some(stored) = self.store.get(full) else { return };
        if !matches!(stored.source, Source::Step { .. } | Source::Dataset { .. }) {
            return;
        }
        let told = self.plan.kept.told(full, &stored.schema);
        self.given_up += (stored.schema.fields.len() - told.fields.len()) * stored.frame.height();
        self.store.shrink(full, told);
        if self.given_up > MANY_CELLS {
            self.given_up = 0;
            heap::give_back();
        }
    }

    /// The months that every history below a frame has files of; `None` where only its rows tell.
    fn months(&self, pipeline: &Pipeline, written: &str) -> Option<Months> {
        match &self.store.get(&pipeline.full_name(written))?.source {
            Source::Dataset { months, .. } => written.ends_with(".history").then(|| months.as_deref().cloned())?,
            Source::Spine | Source::Given | Source::Paid => None,
            Source::Step { .. } => {
                let (owner, step) = self.plan.step(pipeline, written)?;
                let below = step.step.inputs.iter().filter_map(|input| self.months(owner, input));
                below.reduce(|one, other| one.intersection(&other).cloned().collect())
            }
        }
    }

    /// Stores of which a frame cannot have rows, because what it is made from has no file there and needs none.
    fn absent(&self, pipeline: &Pipeline, written: &str) -> BTreeSet<String> {
        match self.store.get(&pipeline.full_name(written)).map(|stored| &stored.source) {
            Some(Source::Dataset { absent, .. }) => absent.as_ref().clone(),
            Some(Source::Step { .. }) => {
                let Some((owner, step)) = self.plan.step(pipeline, written) else { return BTreeSet::new() };
                let mut below = step.step.inputs.iter().map(|input| self.absent(owner, input));
                match &step.step.kind {
                    StepKind::Union(_) => below.reduce(|one, other| &one & &other).unwrap_or_default(),
                    StepKind::Aggregate(_) => below.flatten().collect(),
                    _ => below.next().unwrap_or_default(),
                }
            }
            _ => BTreeSet::new(),
        }
    }

    fn read(&mut self, name: &str, datasets: &mut dyn Datasets) -> Result<(), RunError> {
        let dataset = name.strip_suffix(".history").unwrap_or(name);
        let Some((known, contract)) = self.plan.contracts.get_key_value(dataset) else {
            return Err(missing(name, dataset));
        };
        let DatasetFrame { frame, places, current, months, absent } = datasets.dataset(name, self.period)?;
        let (name_of, months, absent) = (Arc::clone(known), months.map(Arc::new), Arc::new(absent));
        let source = Source::Dataset { name: name_of, places, current, months, absent };
        let schema = self.kept(name, contract.schema());
        self.store.put(name.to_owned(), Stored { frame, schema, source });
        Ok(())
    }

    fn make_spine(&mut self, pipeline: &'a Pipeline, full: &str, datasets: &mut dyn Datasets) -> Result<(), RunError> {
        let Some(spine) = &pipeline.spine else { return Err(missing(full, "spine")) };
        let name = Arc::clone(&self.plan.roster);
        self.roster(datasets)?;
        let Some(roster) = &self.roster else { return Err(missing(full, &name)) };
        let frame = roster.spine(spine, self.plan.table.as_ref(), &name).map_err(|error| failed(full, error.into()))?;
        let schema = spine.schema.clone();
        self.store.put(full.to_owned(), Stored { frame, schema, source: Source::Spine });
        Ok(())
    }

    fn make_pay(&mut self, pipeline: &'a Pipeline, full: &str, datasets: &mut dyn Datasets) -> Result<(), RunError> {
        let due = self.due(pipeline, datasets)?;
        let frame = due::frame(&due).ok_or_else(|| missing(full, full))?;
        let schema = crate::plan::pay_schema(self.plan.language()).clone();
        self.store.put(full.to_owned(), Stored { frame, schema, source: Source::Paid });
        Ok(())
    }

    /// What a pipeline pays, computed once; the frames it pays from are made where they are not there yet.
    ///
    /// # Errors
    /// When the environment fails, or a step cannot run.
    pub fn due(&mut self, pipeline: &'a Pipeline, datasets: &mut dyn Datasets) -> Result<Arc<Due>, RunError> {
        if let Some(due) = self.due.get(&pipeline.name) {
            return Ok(Arc::clone(due));
        }
        for line in pipeline.lines() {
            self.demand(pipeline, &line.from, datasets)?;
        }
        let due = Arc::new(due::due(self, pipeline)?);
        self.due.insert(Arc::clone(&pipeline.name), Arc::clone(&due));
        Ok(due)
    }

    /// Pipelines of which is known what they pay.
    pub fn paid(&self) -> impl Iterator<Item = (&'a Pipeline, Arc<Due>)> {
        let known = self.due.iter().map(|(name, due)| (self.plan.pipeline(name), Arc::clone(due)));
        known.filter_map(|(pipeline, due)| Some((pipeline?, due)))
    }

    /// The roster of the period.
    ///
    /// # Errors
    /// When the environment fails.
    pub fn roster(&mut self, datasets: &mut dyn Datasets) -> Result<Option<&Roster>, RunError> {
        if self.roster.is_none() {
            let name = self.plan.roster.to_string();
            if !self.store.has(&name) {
                self.read(&name, datasets)?;
            }
            if let (Some(stored), Some(contract)) = (self.store.get(&name), self.plan.contracts.get(&*name)) {
                let schema = crate::plan::spine_schema(contract, self.plan.language()).unwrap_or_default();
                let roster = Roster::new(&stored.frame, &schema, self.span);
                self.roster_exceptions = roster.exceptions(self.plan);
                self.roster = Some(roster);
            }
        }
        Ok(self.roster.as_ref())
    }
}

fn failed(step: &str, source: StepError) -> RunError {
    RunError::Step { step: step.to_owned(), source }
}

fn missing(step: &str, frame: &str) -> RunError {
    failed(step, StepError::MissingFrame(Arc::from(frame)))
}
