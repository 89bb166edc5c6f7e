//! The project file: which stores, which roles, which reports.

use serde::Deserialize;

use crate::diag::text::Language;
use crate::diag::yaml::OrderedMap;

/// `month-end.yaml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectSpec {
    /// Name of the project, for the receipt.
    pub project: String,
    /// Title on reports.
    pub title: String,
    /// Language of pages and tables, where the command line names none: `zh-CN`, or `en`.
    pub lang: Option<Language>,
    /// The stores that a run computes, in the order of reports.
    pub stores: Vec<StoreSpec>,
    /// Dataset that says who works where, as what, from when to when.
    pub roster: String,
    /// Role ids and what people call them.
    pub roles: OrderedMap<String>,
    /// Which plan pays whom; where there is no table, every pipeline pays the people of its spine.
    pub plans: Option<Vec<PlanSpec>>,
    /// File of the source plans' clauses, from the folder of the project file; citations are checked where there is one.
    pub clauses: Option<String>,
    /// The first month whose balances are carried into the next; needed where a pipeline carries one.
    pub carries_from: Option<String>,
    /// Base units beyond the built-in ones.
    #[serde(default)]
    pub units: Vec<String>,
    /// Font files beyond those of the report templates, relative to the project file.
    #[serde(default)]
    pub fonts: Vec<String>,
    /// Reports to make, by template folder.
    #[serde(default)]
    pub reports: Vec<String>,
}

/// A store.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreSpec {
    /// Id, as in paths and in data.
    pub store_id: String,
    /// What people call it.
    pub name: String,
}

/// An entry of the plan table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSpec {
    /// The pipeline that pays; `none` for roles that no plan pays.
    pub plan: String,
    /// Roles that it pays.
    pub roles: Vec<String>,
    /// Stores in which it pays; all where there is no list.
    pub stores: Option<Vec<String>>,
    /// First day.
    pub from: String,
    /// Last day; without one, it goes on.
    pub until: Option<String>,
    /// Why no plan pays, for `none`.
    pub because: Option<String>,
}
