//! Specs to a plan: names, types, units, dates and joins resolved, every finding collected, before a row
//! is read.
//!
//! A [`Plan`] is the proof that the project's files make sense together. This module reads no data and
//! knows no period: what depends on a period is decided in [`crate::run`].

mod carry;
pub mod clauses;
mod files;
mod kept;
mod order;
pub mod parameters;
mod pipelines;
pub mod places;
mod scope;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use carry::PlannedCarry;
pub use clauses::Clauses;
pub use files::{FileCell, FileValue, PlannedFile};
pub use kept::{ESTIMATED, Kept};
pub use parameters::{Parameter, Parameters, ParametersOn};
pub use scope::{PAY_DIGITS, RUN_PAY, RUN_PEOPLE, pay_schema, run_schema, spine_schema};
pub use table::{Days, PlanTable};

use crate::diag::data::Store;
use crate::diag::text::Language;
use crate::diag::translation::Translation;
use crate::diag::{Code, Finding, Findings};
use crate::expr::Expr;
use crate::expr::types::{Name, Schema};
use crate::plan::places::{Faults, key, path};
use crate::source::{self, Contract};
use crate::spec::{Document, LinePart, Located, PerSpec, Project, ProjectSpec, TestFileSpec};
use crate::step::Step;
use crate::world::period::Period;

/// A dataset or pipeline name that stands in two files.
pub const DUPLICATE_NAME: Code = Code::new("duplicate-name", "two files define the same dataset, pipeline or store");
/// The roster is no dataset of intervals with the columns that a roster has.
pub const BAD_ROSTER: Code = Code::new("bad-roster", "the roster is missing or lacks a column that a roster needs");
/// Codes of this module.
pub const CODES: &[Code] = &[
    DUPLICATE_NAME,
    BAD_ROSTER,
    parameters::DUPLICATE_PARAMETER,
    parameters::PARAMETER_SHAPE,
    parameters::PARAMETER_DATE,
    parameters::CHANGE_INSIDE_PERIOD,
    parameters::UNREASONED_PARAMETER,
    parameters::UNKNOWN_STORE,
    parameters::STORE_TWICE,
    parameters::matrices::MATRIX_ROW,
    parameters::cards::BAD_CARD,
    parameters::cards::CARD_WEIGHTS,
    order::CIRCLE,
    pipelines::UNKNOWN_ROLE,
    pipelines::PAY_AMOUNT,
    pipelines::PAY_FRAME,
    pipelines::PAY_EACH,
    pipelines::LINE_PART,
    pipelines::SETTLE_AND_PAY,
    files::FILE_LAYOUT,
    pipelines::CLAUSE_NOT_LISTED,
    pipelines::UNKNOWN_PUBLISHED,
    pipelines::RESERVED_STEP,
    carry::BAD_CARRY,
    carry::CARRIES_FROM,
    table::UNKNOWN_PLAN,
    table::PLAN_ENTRY,
    table::PLAN_OVERLAP,
    table::PLAN_WITHOUT_ENTRY,
    clauses::UNKNOWN_CLAUSE,
    clauses::BAD_CLAUSE,
    clauses::CLAUSE_DECISION,
    clauses::CLAUSE_UNCOVERED,
    clauses::CLAUSE_UNTESTED,
    clauses::CLAUSE_OPEN,
    clauses::DECISION_NOT_LISTED,
];

/// A whole project, checked.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Title as printed.
    pub title: String,
    /// Stores, in the order of the file.
    pub stores: Vec<Store>,
    /// Labels of the roles, by id.
    pub roles: BTreeMap<String, String>,
    /// Which plan pays whom; without a table, every pipeline pays the people of its spine.
    pub table: Option<PlanTable>,
    /// The first month whose balances are carried into the next.
    pub carries_from: Option<Period>,
    /// Dataset that says who works where.
    pub roster: Name,
    /// Reports to make.
    pub reports: Vec<String>,
    /// Further fonts, as the project file writes them.
    pub fonts: Vec<String>,
    /// Base units beyond the built-in ones.
    pub units: Vec<String>,
    /// Datasets by name.
    pub contracts: BTreeMap<Name, Contract>,
    /// Parameters.
    pub parameters: Parameters,
    /// Pipelines, each after those it reads.
    pub pipelines: Vec<Pipeline>,
    /// Files that are written from net pay.
    pub files: Vec<PlannedFile>,
    /// Columns that are read, of every frame.
    pub kept: Kept,
    /// The clauses of the source plans; absent where the project file names no file of them.
    pub clauses: Option<Clauses>,
    /// Rule tests.
    pub tests: Vec<Located<TestFileSpec>>,
    /// The files the plan was made from.
    pub documents: Vec<Arc<Document>>,
    /// The language of pages and tables, with the words of what is printed from cells.
    pub words: Translation,
    /// Findings that do not stop a run.
    pub warnings: Findings,
}

impl Plan {
    /// The language of pages and tables.
    pub fn language(&self) -> Language {
        self.words.language()
    }

    /// A pipeline by name.
    pub fn pipeline(&self, name: &str) -> Option<&Pipeline> {
        self.pipelines.iter().find(|pipeline| &*pipeline.name == name)
    }

    /// The pipeline whose pay a frame holds: `x` for `x.pay`, where `x` pays something.
    pub fn paying(&self, frame: &str) -> Option<&Pipeline> {
        self.pipeline(frame.strip_suffix(".pay")?).filter(|pipeline| !pipeline.pay.is_empty())
    }

    /// Whether a frame holds lines that were paid: those of one pipeline, or of all.
    pub fn holds_pay(&self, frame: &str) -> bool {
        frame == RUN_PAY || self.paying(frame).is_some()
    }

    /// Whether a pipeline reads what another one pays, itself or through others.
    pub fn reads_pay(&self, pipeline: &Pipeline) -> bool {
        pipeline.steps.iter().flat_map(|step| &step.step.inputs).any(|input| {
            let other = input.split_once('.').and_then(|(other, _)| self.pipeline(other));
            let other = other.filter(|other| other.name != pipeline.name);
            self.holds_pay(input) || other.is_some_and(|other| self.reads_pay(other))
        })
    }

    /// All columns of a frame as a pipeline writes its name, kept or not.
    pub fn schema_of<'a>(&'a self, pipeline: &'a Pipeline, written: &str) -> Option<&'a Schema> {
        if let Some(step) = pipeline.step(written) {
            return Some(&step.step.schema);
        }
        if written == "spine" {
            return pipeline.spine.as_ref().map(|spine| &spine.schema);
        }
        let dataset = written.strip_suffix(".history").unwrap_or(written);
        if let Some(contract) = self.contracts.get(dataset) {
            return Some(contract.open_schema());
        }
        if self.paying(written).is_some() {
            return Some(pay_schema(self.language()));
        }
        if let Some(schema) = run_schema(written, self.language()) {
            return Some(schema);
        }
        let (other, step) = written.split_once('.')?;
        self.schema_of(self.pipeline(other)?, step)
    }

    /// The step behind a name as a pipeline writes it, with the pipeline whose step it is.
    pub fn step<'a>(&'a self, pipeline: &'a Pipeline, written: &str) -> Option<(&'a Pipeline, &'a PlannedStep)> {
        if let Some(step) = pipeline.step(written) {
            return Some((pipeline, step));
        }
        let (owner, step) = written.split_once('.')?;
        let owner = self.pipeline(owner)?;
        Some((owner, owner.step(step)?))
    }

    /// The columns of every published frame, by `pipeline.step`.
    pub fn published(&self) -> BTreeMap<String, Schema> {
        let frames = self.pipelines.iter().flat_map(|pipeline| {
            let steps = pipeline.publish.iter().filter_map(|name| pipeline.step(name));
            steps.map(|step| (pipeline.full_name(&step.name), step.step.schema.clone()))
        });
        frames.collect()
    }

    /// The frames that a run makes: of each pipeline its steps, then its people.
    pub fn frames(&self) -> Vec<(&Pipeline, &str)> {
        let frames = self.pipelines.iter().flat_map(|pipeline| {
            let spine = pipeline.spine.as_ref().map(|_| "spine");
            pipeline.steps.iter().map(|step| &*step.name).chain(spine).map(move |name| (pipeline, name))
        });
        frames.collect()
    }

    /// Pipelines whose frames reports compare with those of the month before. What hangs on the pay of every plan, as
    /// net pay does, is not among them: a month that is over is not computed again.
    pub fn comparing(&self) -> Vec<&Pipeline> {
        let all = self.publishing().into_iter();
        all.filter(|pipeline| pipeline.settle.is_empty() && !self.reads_all_pay(pipeline)).collect()
    }

    /// Whether a pipeline reads what all plans pay, itself or through others.
    fn reads_all_pay(&self, pipeline: &Pipeline) -> bool {
        pipeline.steps.iter().flat_map(|step| &step.step.inputs).any(|input| {
            let other = input.split_once('.').and_then(|(other, _)| self.pipeline(other));
            let other = other.filter(|other| other.name != pipeline.name);
            &**input == RUN_PAY || other.is_some_and(|other| self.reads_all_pay(other))
        })
    }

    /// Whether somebody's net pay is computed.
    pub fn settles(&self) -> bool {
        self.pipelines.iter().any(|pipeline| !pipeline.settle.is_empty())
    }

    /// Pipelines whose frames reports read.
    pub fn publishing(&self) -> Vec<&Pipeline> {
        self.pipelines.iter().filter(|pipeline| !pipeline.publish.is_empty()).collect()
    }

    /// Datasets that pipelines read, themselves or through others, under the names that their steps write.
    pub fn datasets_of<'a>(&'a self, pipelines: &[&'a Pipeline]) -> BTreeSet<&'a str> {
        let mut names = BTreeSet::new();
        for pipeline in pipelines {
            if pipeline.spine.is_some() {
                names.insert(&*self.roster);
            }
            for input in pipeline.steps.iter().flat_map(|step| &step.step.inputs) {
                if self.contracts.contains_key(input.strip_suffix(".history").unwrap_or(input)) {
                    names.insert(&**input);
                } else if let Some(other) = input.split_once('.').and_then(|(other, _)| self.pipeline(other)) {
                    names.extend(self.datasets_of(&[other]));
                }
            }
        }
        names
    }
}

/// A checked pipeline.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Name.
    pub name: Name,
    /// Title as printed.
    pub title: String,
    /// Clauses it computes.
    pub clauses: Vec<String>,
    /// The people it starts from.
    pub spine: Option<Spine>,
    /// Steps, each after those it reads.
    pub steps: Vec<PlannedStep>,
    /// Balances that go over into the next month.
    pub carry: Vec<PlannedCarry>,
    /// Steps that reports may read.
    pub publish: Vec<Name>,
    /// Pay lines, in the order of the file.
    pub pay: Vec<PlannedLine>,
    /// Lines of net pay, in the order of the file; a pipeline that has some pays nothing.
    pub settle: Vec<PlannedLine>,
}

impl Pipeline {
    /// Its lines, of pay or of net pay.
    pub fn lines(&self) -> &[PlannedLine] {
        if self.settle.is_empty() { &self.pay } else { &self.settle }
    }

    /// The key under which its lines stand.
    pub fn lines_key(&self) -> &'static str {
        if self.settle.is_empty() { "pay" } else { "settle" }
    }

    /// A step by name.
    pub fn step(&self, name: &str) -> Option<&PlannedStep> {
        self.steps.iter().find(|step| &*step.name == name)
    }

    /// The full name of a frame as this pipeline writes it: its own steps and spine get its name in front.
    pub fn full_name(&self, written: &str) -> String {
        if written == "spine" || self.step(written).is_some() {
            format!("{}.{written}", self.name)
        } else {
            written.to_owned()
        }
    }
}

/// The people of a pipeline.
#[derive(Clone, Debug)]
pub struct Spine {
    /// Roles held.
    pub roles: Vec<String>,
    /// Whether a row is a person or an interval.
    pub per: PerSpec,
    /// The plan by whose entries of the plan table people are held; all days of their roles where there is none.
    pub plan: Option<Name>,
    /// Columns.
    pub schema: Schema,
}

/// A named step.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    /// Name.
    pub name: Name,
    /// What texts call its rows, where it says so.
    pub title: Option<String>,
    /// What it does.
    pub step: Step,
}

/// A pay line.
#[derive(Clone, Debug)]
pub struct PlannedLine {
    /// Line code.
    pub name: Name,
    /// Step whose rows are paid.
    pub from: Name,
    /// Clause.
    pub clause: String,
    /// Label on the slip.
    pub label: String,
    /// Amount in yuan.
    pub amount: Expr,
    /// Condition under which there is a line.
    pub when: Option<Expr>,
    /// Columns that tell the lines of one person apart; absent where each person has one.
    pub each: Option<Each>,
    /// What the amount is.
    pub part: LinePart,
}

/// Columns of a line of which a person has as many as there are rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Each {
    /// Makes the line's code unique.
    pub code: Name,
    /// Label on the slip.
    pub label: Name,
}

impl PlannedLine {
    /// Whether a line code is one of this line.
    pub fn makes(&self, code: &str) -> bool {
        match code.strip_prefix(&*self.name) {
            Some("") => self.each.is_none(),
            Some(entry) => self.each.is_some() && entry.starts_with('-'),
            None => false,
        }
    }

    /// Columns of the paid frame that the line needs.
    pub fn columns_read(&self) -> BTreeSet<Name> {
        let own = ["store_id", "employee_id"].map(Name::from);
        let when = self.when.iter().flat_map(Expr::columns);
        let each = self.each.iter().flat_map(|each| [each.code.clone(), each.label.clone()]);
        self.amount.columns().into_iter().chain(when).chain(each).chain(own).collect()
    }
}

/// Checks a project.
///
/// # Errors
/// Every finding of every file, where one of them is an error.
pub fn plan(project: &Project) -> Result<Plan, Findings> {
    let mut findings = Findings::new();
    let spec = &project.project.value;
    let stores = stores(&project.project, &mut findings);
    let store_ids: Vec<String> = stores.iter().map(|store| store.store_id.clone()).collect();
    let context = parameters::Context { units: &spec.units, stores: &store_ids, language: project.words.language() };
    let parameters = parameters::check(&project.parameters, &context, &mut findings);
    let contracts = contracts(project, &store_ids, &mut findings);
    let roles: BTreeMap<String, String> = spec.roles.iter().map(|(id, label)| (id.to_owned(), label.clone())).collect();
    let roster = roster(project, &contracts, &mut findings);
    let plans = table::Context { pipelines: &project.pipelines, stores: &store_ids };
    let table = table::check(&project.project, &plans, &mut findings);
    let carries_from = carry::carries_from(project, &mut findings);
    let context = pipelines::Context {
        plans: spec.plans.is_some().then_some(&plans),
        contracts: &contracts,
        parameters: &parameters,
        roles: &roles,
        units: &spec.units,
        language: project.words.language(),
        roster: roster.as_ref(),
    };
    let pipelines = pipelines::check(&project.pipelines, &context, &mut findings);
    let files = files::check(&project.files, &pipelines, &contracts, &mut findings);
    let clauses = clauses::check(project, &mut findings);
    if findings.has_errors() {
        return Err(findings);
    }
    let roster = Name::from(spec.roster.as_str());
    Ok(Plan {
        title: spec.title.clone(),
        stores,
        roles,
        table,
        carries_from,
        kept: Kept::new(&pipelines, &contracts, &roster, &files),
        files,
        roster,
        reports: spec.reports.clone(),
        fonts: spec.fonts.clone(),
        units: spec.units.clone(),
        contracts,
        parameters,
        pipelines,
        clauses,
        tests: project.tests.clone(),
        documents: project.documents.clone(),
        words: project.words.clone(),
        warnings: findings,
    })
}

fn contracts(project: &Project, stores: &[String], findings: &mut Findings) -> BTreeMap<Name, Contract> {
    let mut contracts = BTreeMap::new();
    for located in &project.datasets {
        let mut faults = Faults::new(&located.document, Vec::new(), findings);
        if let Some(written) = &located.value.stores {
            parameters::stores_listed(written, stores, &path(["stores"]), &mut faults);
        }
        match source::check(&located.value, &project.project.value.units, project.words.language()) {
            Ok(contract) => {
                let name = Name::from(located.value.dataset.as_str());
                let pipeline = project.pipelines.iter().any(|pipeline| pipeline.value.pipeline == *name);
                if pipeline || contracts.insert(Arc::clone(&name), contract).is_some() {
                    let message = format!("another file defines `{name}` too");
                    faults.at(&[key("dataset")], Finding::error(DUPLICATE_NAME, message).hint("rename one of them"));
                }
            }
            Err(wrong) => {
                for fault in wrong {
                    faults.source(fault);
                }
            }
        }
    }
    contracts
}

fn stores(project: &Located<ProjectSpec>, findings: &mut Findings) -> Vec<Store> {
    let mut stores: Vec<Store> = Vec::new();
    for (index, spec) in project.value.stores.iter().enumerate() {
        if stores.iter().any(|store| store.store_id == spec.store_id) {
            let mut faults = Faults::new(&project.document, path(["stores"]), findings);
            let message = format!("store `{}` stands here twice", spec.store_id);
            faults.at(
                &[crate::spec::Seg::Index(index)],
                Finding::error(DUPLICATE_NAME, message).hint("delete one of them"),
            );
            continue;
        }
        stores.push(Store { store_id: spec.store_id.clone(), name: spec.name.clone() });
    }
    stores
}

fn roster(project: &Project, contracts: &BTreeMap<Name, Contract>, findings: &mut Findings) -> Option<Schema> {
    let (words, project) = (&project.words, &project.project);
    let name = project.value.roster.as_str();
    let mut faults = Faults::new(&project.document, Vec::new(), findings);
    let Some(contract) = contracts.get(name) else {
        let finding = Finding::error(BAD_ROSTER, format!("there is no dataset `{name}`"));
        let near = crate::diag::nearest(name, contracts.keys().map(|known| &**known));
        let hint = near.map_or_else(|| "add it under datasets/".to_owned(), |near| format!("did you mean `{near}`?"));
        faults.at(&[key("roster")], finding.hint(hint));
        return None;
    };
    if contract.stores.is_some() {
        let finding = Finding::error(BAD_ROSTER, format!("dataset `{name}` is not of all stores"));
        faults.at(&[key("roster")], finding.hint("every store has people: take `stores` away from the dataset"));
        return None;
    }
    match spine_schema(contract, words.language()) {
        Ok(schema) => Some(schema),
        Err(missing) => {
            let finding = Finding::error(BAD_ROSTER, format!("dataset `{name}` has no {missing}"));
            let hint = "a roster has text columns employee_id, name and role, and `interval: [valid_from, valid_to]`";
            faults.at(&[key("roster")], finding.hint(hint));
            None
        }
    }
}
