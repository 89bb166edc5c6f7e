//! The clause file: every clause of the source plans, what became of it, and what was decided where the source
//! is silent.
//!
//! A clause has an id, which pipelines, parameters, pay lines and rule tests cite, and the number that the source
//! itself gives it, by which people know it. Its sentences are written in our own words.

use serde::Deserialize;

use crate::diag::yaml::OrderedMap;

/// The file that the project file names under `clauses`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClauseFileSpec {
    /// The source plans by id, in the order in which they are listed.
    pub plans: OrderedMap<SourcePlanSpec>,
}

/// A source plan with its clauses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourcePlanSpec {
    /// The title that the source gives it.
    pub title: String,
    /// What it is about, in English.
    pub english: String,
    /// What has to be known of the source as a whole: where it breaks off, what is missing.
    pub note: Option<String>,
    /// The plan of which it is a copy, where it has no clauses of its own.
    pub copy_of: Option<String>,
    /// Where the copy says something else, by the clause that it copies.
    #[serde(default)]
    pub differs: OrderedMap<String>,
    /// Clauses by id.
    #[serde(default)]
    pub clauses: OrderedMap<ClauseSpec>,
}

/// A clause.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClauseSpec {
    /// The number or heading that the source gives it; none where it stands without one.
    pub number: Option<String>,
    /// What it says, a sentence in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// What became of it.
    pub state: StateSpec,
    /// Who rates it on which sheet, or why it cannot be computed.
    pub because: Option<String>,
    /// What was decided where the source contradicts itself, is cut off or is silent.
    #[serde(default)]
    pub decisions: Vec<DecisionSpec>,
}

/// What became of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateSpec {
    /// Pipelines compute it.
    Computed,
    /// A person rates it; the rating is an input.
    Rated,
    /// It cannot be computed.
    Declared,
    /// Nothing computes it yet.
    Open,
}

/// A decision, with what changes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionSpec {
    /// What was decided; the reasons of the parameters where nothing is said.
    pub decided: Option<String>,
    /// What else it could be; the alternatives of the parameters where nothing is said.
    pub instead: Option<String>,
    /// Parameters that change it.
    #[serde(default)]
    pub parameters: Vec<String>,
    /// The file that changes it, from the folder of the project file, where no parameter does.
    pub file: Option<String>,
    /// The steps of that file that change it.
    #[serde(default)]
    pub steps: Vec<String>,
    /// Why no parameter changes it, where none does.
    pub fixed: Option<String>,
}
