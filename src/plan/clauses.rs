//! The clauses of the source plans: which pipeline computes each, what it pays, which parameters and decisions
//! belong to it, and how many rule tests stand beside it.
//!
//! Checking takes the specs, not the checked plan, so that clauses are told of whatever else is wrong.

mod check;
mod decisions;

use std::sync::Arc;

pub use check::{BAD_CLAUSE, CLAUSE_OPEN, CLAUSE_UNCOVERED, CLAUSE_UNTESTED, UNKNOWN_CLAUSE, check};
pub use decisions::{CLAUSE_DECISION, DECISION_NOT_LISTED};

use crate::diag::Code;
use crate::expr::types::Name;
use crate::spec::StateSpec;

/// What is said of clauses: `jixiao clauses` ends with it.
pub const CODES: &[Code] =
    &[UNKNOWN_CLAUSE, BAD_CLAUSE, CLAUSE_DECISION, CLAUSE_UNCOVERED, CLAUSE_UNTESTED, CLAUSE_OPEN, DECISION_NOT_LISTED];

/// All clauses, by source plan.
#[derive(Clone, Debug, Default)]
pub struct Clauses {
    /// The source plans, in the order of the file.
    pub plans: Vec<SourcePlan>,
}

impl Clauses {
    /// A clause by its id.
    pub fn get(&self, id: &str) -> Option<&Clause> {
        self.iter().find(|clause| clause.id == id)
    }

    /// All clauses, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Clause> {
        self.plans.iter().flat_map(|plan| &plan.clauses)
    }
}

/// A source plan.
#[derive(Clone, Debug)]
pub struct SourcePlan {
    /// Id, with which those of its clauses begin.
    pub id: String,
    /// Title of the source.
    pub title: String,
    /// What it is about, in English.
    pub english: String,
    /// What has to be known of the source as a whole; mostly empty.
    pub note: String,
    /// The plan that it copies.
    pub copy_of: Option<String>,
    /// Where the copy says something else: clause and words.
    pub differs: Vec<(String, String)>,
    /// Its clauses.
    pub clauses: Vec<Clause>,
}

/// A clause.
#[derive(Clone, Debug)]
pub struct Clause {
    /// Id, as cited.
    pub id: String,
    /// The source's own number; empty where it has none.
    pub number: String,
    /// What it says, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// What became of it.
    pub state: StateSpec,
    /// Who rates it, or why it is not computed; empty for what needs no reason.
    pub because: String,
    /// Pipelines that cite it, in the order of the files.
    pub pipelines: Vec<Citing>,
    /// Parameters that cite it or change one of its decisions, by name.
    pub parameters: Vec<Name>,
    /// What was decided where the source leaves something open.
    pub decisions: Vec<Decision>,
}

impl Clause {
    /// `computed`, `rated`, `declared` or `open`.
    pub fn state_word(&self) -> &'static str {
        match self.state {
            StateSpec::Computed => "computed",
            StateSpec::Rated => "rated",
            StateSpec::Declared => "declared",
            StateSpec::Open => "open",
        }
    }

    /// Rule tests of the pipelines that cite it: those that expect its lines and balances, where there are any.
    pub fn cases(&self) -> usize {
        self.pipelines.iter().map(|pipeline| pipeline.cases).sum()
    }
}

/// A pipeline that cites a clause, or scores by an indicator that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citing {
    /// Name.
    pub pipeline: Name,
    /// File, from the folder of the project file.
    pub file: String,
    /// Pay lines of the clause.
    pub lines: Vec<Name>,
    /// Indicators of the clause, of the scorecards by which it scores.
    pub indicators: Vec<Name>,
    /// Balances that are carried by the clause.
    pub carried: Vec<Name>,
    /// File of its rule tests, from the folder of the project file; empty where it has none.
    pub tests: String,
    /// Cases in it that expect a line or a balance of the clause; all of them where the pipeline makes neither.
    pub cases: usize,
    /// All cases in it.
    pub of: usize,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What was decided, each reason once.
    pub decided: Vec<String>,
    /// What else it could be.
    pub instead: Vec<String>,
    /// Parameters that change it.
    pub parameters: Vec<Name>,
    /// Files that change it, from the folder of the project file.
    pub files: Vec<String>,
    /// Steps of the file that change it.
    pub steps: Vec<Name>,
    /// Why no parameter changes it; empty where one does.
    pub fixed: String,
}

/// Paths as the clause file writes them: from the folder of the project file.
#[derive(Clone, Debug)]
struct Folder(String);

impl Folder {
    fn of(project_file: &Arc<str>) -> Self {
        Self(project_file.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/")))
    }

    fn below<'a>(&self, file: &'a str) -> &'a str {
        file.strip_prefix(&self.0).unwrap_or(file)
    }
}
