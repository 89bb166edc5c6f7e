//! Rule tests: given rows, the pay lines, exceptions and frames that must come out, exactly.
//!
//! A given step replaces its output, and what only it needs does not run. Every column that is read
//! downstream must be given or stand in the defaults; nothing is ever taken to be null, 0 or empty. The
//! expectation is closed: what comes out and is not expected is a difference, too.

mod compare;
pub mod coverage;
mod expected;
mod given;
mod needs;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use self::coverage::{Coverage, Lookup, Unreached, coverage};
use self::expected::Expected;
use self::given::Given;
use super::evaluate::{DatasetFrame, Datasets, Evaluation, RunError};
use super::frames::Stored;
use super::outcome::Person;
use crate::diag::data::Exception;
use crate::diag::{Code, Finding, Findings, Place};
use crate::plan::places::{Faults, key};
use crate::plan::{Pipeline, Plan};
use crate::spec::load::TEST_WITHOUT_PIPELINE;
use crate::spec::{CaseSpec, Document, Located, Seg, TestFileSpec};
use crate::world::WorldError;
use crate::world::period::Period;

/// A period that cannot be read.
pub const BAD_CASE_PERIOD: Code = Code::new("bad-case-period", "the period of a case is not written as 2026-10");
/// A given or expected frame that does not exist.
pub const UNKNOWN_GIVEN: Code =
    Code::new("unknown-given", "a case gives or expects something that is no dataset and no step");
/// A given column that the frame does not have.
pub const UNKNOWN_GIVEN_COLUMN: Code =
    Code::new("unknown-given-column", "a row of a case has a column that the frame does not have");
/// A given cell that is not of its column's type.
pub const BAD_GIVEN_CELL: Code = Code::new("bad-given-cell", "a cell of a case is not of its column's type");
/// Something that is read downstream and not given.
pub const NOT_GIVEN: Code = Code::new(
    "not-given",
    "a case gives neither a dataset or column that is read, nor a step that makes it unnecessary",
);
/// An expectation that says nothing.
pub const BAD_EXPECTATION: Code = Code::new("bad-expectation", "an expected row lacks what it is compared by");

/// Codes of this module.
pub const CODES: &[Code] =
    &[BAD_CASE_PERIOD, UNKNOWN_GIVEN, UNKNOWN_GIVEN_COLUMN, BAD_GIVEN_CELL, NOT_GIVEN, BAD_EXPECTATION];

/// What came of one case.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// Test file.
    pub file: Arc<str>,
    /// Pipeline under test.
    pub pipeline: String,
    /// The case's sentence.
    pub case: String,
    /// Where it stands.
    pub place: Place,
    /// What differs from the expectation, a line each; empty when the case holds.
    pub differences: Vec<String>,
    /// What is wrong with the case itself.
    pub findings: Findings,
    /// What its ladder steps looked up.
    pub lookups: Vec<Lookup>,
}

impl CaseResult {
    /// Whether the case could be run and holds.
    pub fn holds(&self) -> bool {
        self.differences.is_empty() && !self.findings.has_errors()
    }
}

/// Runs every case of every test file, on all cores; results in the order of the files.
pub fn run(plan: &Plan) -> Vec<CaseResult> {
    let cases: Vec<(&Located<TestFileSpec>, usize)> =
        plan.tests.iter().flat_map(|file| (0..file.value.cases.len()).map(move |index| (file, index))).collect();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut done: Vec<(usize, CaseResult)> = std::thread::scope(|scope| {
        let work = || {
            let mut own = Vec::new();
            while let Some((at, (file, index))) = take(&next, &cases) {
                own.push((at, run_case(plan, file, *index)));
            }
            own
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap_or_default()).collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

fn take<'a, T>(next: &AtomicUsize, all: &'a [T]) -> Option<(usize, &'a T)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    all.get(at).map(|one| (at, one))
}

/// A case with what it is read against.
struct Case<'a> {
    plan: &'a Plan,
    pipeline: &'a Pipeline,
    file: &'a TestFileSpec,
    spec: &'a CaseSpec,
    document: &'a Arc<Document>,
    path: Vec<Seg>,
    period: Period,
}

impl<'a> Case<'a> {
    /// Collects findings about the case.
    fn faults<'b>(&self, findings: &'b mut Findings) -> Faults<'b>
    where
        'a: 'b,
    {
        Faults::new(self.document, self.path.clone(), findings)
    }
}

/// What is wrong with the cases themselves, without running them: names, columns, types, and what is read and not
/// given.
pub fn check(plan: &Plan) -> Findings {
    let mut findings = Findings::new();
    for file in &plan.tests {
        for index in 0..file.value.cases.len() {
            let asked = case(plan, file, index, &mut findings).map(|case| (needs::asked(&case, &mut findings), case));
            if let Some((asked, case)) = asked {
                read(&case, &asked, &mut findings);
            }
        }
    }
    findings
}

/// What a case gives and expects, read against the plan.
fn read<'a>(case: &Case<'a>, asked: &'a Asked, findings: &mut Findings) -> (Given, Expected<'a>) {
    let mut faults = case.faults(findings);
    let given = given::read(case, &mut faults);
    needs::check(case, &given, asked, &mut faults);
    let expected = expected::read(case, asked, &mut faults);
    (given, expected)
}

/// A case with its pipeline and period.
fn case<'a>(
    plan: &'a Plan,
    file: &'a Located<TestFileSpec>,
    index: usize,
    findings: &mut Findings,
) -> Option<Case<'a>> {
    let path = vec![key("cases"), Seg::Index(index)];
    let spec = file.value.cases.get(index)?;
    let mut faults = Faults::new(&file.document, path.clone(), findings);
    let Some(pipeline) = plan.pipeline(&file.value.pipeline) else {
        let finding = Finding::error(TEST_WITHOUT_PIPELINE, format!("there is no pipeline `{}`", file.value.pipeline));
        faults.at(&[key("case")], finding.hint("name the test file like the pipeline: `advisor-output.test.yaml`"));
        return None;
    };
    let Some(period) = Period::parse(&spec.period) else {
        let finding = Finding::error(BAD_CASE_PERIOD, format!("`{}` is no period", spec.period));
        faults.at(&[key("period")], finding.hint("write it as 2026-10"));
        return None;
    };
    Some(Case { plan, pipeline, file: &file.value, spec, document: &file.document, path, period })
}

fn run_case(plan: &Plan, file: &Located<TestFileSpec>, index: usize) -> CaseResult {
    let path = vec![key("cases"), Seg::Index(index)];
    let spec = &file.value.cases[index];
    let mut result = CaseResult {
        file: Arc::clone(&file.document.file),
        pipeline: file.value.pipeline.clone(),
        case: spec.case.clone(),
        place: file.document.value(&[path.as_slice(), &[key("case")]].concat()),
        differences: Vec::new(),
        findings: Findings::new(),
        lookups: Vec::new(),
    };
    let Some(case) = case(plan, file, index, &mut result.findings) else { return result };
    let asked = needs::asked(&case, &mut result.findings);
    let (given, expected) = read(&case, &asked, &mut result.findings);
    if result.findings.has_errors() {
        return result;
    }
    match evaluate(&case, given, &asked) {
        Ok(outcome) => {
            result.differences = compare::compare(&case, &outcome, &asked, &expected);
            result.lookups = coverage::lookups(&outcome.evaluation);
        }
        Err(error) => result.differences.push(error.to_string()),
    }
    result
}

/// What a case asks for.
struct Asked {
    /// Whether pay lines are compared.
    pay: bool,
    /// Whether carried balances are compared.
    carried: bool,
    /// Steps whose rows are compared, as the case writes them.
    steps: Vec<String>,
}

/// What a case computed.
struct CaseOutcome<'a> {
    evaluation: Evaluation<'a>,
    lines: Vec<super::outcome::PayLine>,
    carried: Vec<super::outcome::Carried>,
    exceptions: Vec<Exception>,
}

fn evaluate<'a>(case: &Case<'a>, given: Given, asked: &Asked) -> Result<CaseOutcome<'a>, RunError> {
    let mut evaluation = Evaluation::whole(case.plan, case.period);
    let mut datasets = GivenDatasets { frames: BTreeMap::new() };
    for (full, frame) in given.frames {
        datasets.frames.insert(full.clone(), frame.stored.clone());
        evaluation.store.put(full, frame.stored);
    }
    for step in &asked.steps {
        evaluation.demand(case.pipeline, step, &mut datasets)?;
    }
    for carry in case.pipeline.carry.iter().filter(|_| asked.carried) {
        evaluation.demand(case.pipeline, &carry.from, &mut datasets)?;
    }
    let own = if asked.pay { Some(evaluation.due(case.pipeline, &mut datasets)?) } else { None };
    let people = people(&evaluation, case);
    let by_id = super::by_id(&people);
    let mut exceptions: Vec<Exception> = evaluation.roster_exceptions.clone();
    exceptions.extend(evaluation.exceptions.iter().map(|said| super::exception(case.plan, said, &by_id)));
    for (pipeline, due) in evaluation.paid() {
        exceptions.extend(super::pay::troubles(pipeline, &due, &by_id));
    }
    let lines = own.map(|due| super::pay::lines(&evaluation, case.pipeline, &due, &by_id, true)).unwrap_or_default();
    let mut carried = Vec::new();
    if asked.carried {
        let (balances, found) = super::carried::of_pipeline(&evaluation, case.pipeline, &by_id)?;
        exceptions.extend(found);
        carried = balances;
    }
    Ok(CaseOutcome { evaluation, lines, carried, exceptions })
}

/// People of the spine, where the case has one.
fn people(evaluation: &Evaluation<'_>, case: &Case<'_>) -> Vec<Person> {
    let Some(spine) = evaluation.store.get(&case.pipeline.full_name("spine")) else { return Vec::new() };
    let rows = 0..u32::try_from(spine.frame.height()).unwrap_or(u32::MAX);
    let mut people: Vec<Person> = rows
        .map(|row| Person {
            store_id: spine.cell(row, "store_id").canonical(),
            employee_id: spine.cell(row, "employee_id").canonical(),
            name: spine.cell(row, "name").canonical(),
            intervals: Vec::new(),
        })
        .collect();
    people.dedup_by(|a, b| a.employee_id == b.employee_id && a.store_id == b.store_id);
    people
}

/// The datasets of a case; the months before are the given rows themselves.
struct GivenDatasets {
    frames: BTreeMap<String, Stored>,
}

impl Datasets for GivenDatasets {
    fn dataset(&mut self, name: &str, _period: Period) -> Result<DatasetFrame, WorldError> {
        let dataset = name.strip_suffix(".history").unwrap_or(name);
        let frame = self.frames.get(dataset).map(|stored| stored.frame.clone()).unwrap_or_default();
        let current = frame.height();
        Ok(DatasetFrame { frame, places: Arc::default(), current, ..DatasetFrame::default() })
    }
}
