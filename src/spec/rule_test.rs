//! Rule tests: what an analyst expects of a pipeline, in its own words.

use serde::Deserialize;

use crate::diag::yaml::OrderedMap;

/// A row of a rule test: columns and cells in the order of the file; `null` or `~` is an absent cell.
pub type RowSpec = OrderedMap<Option<String>>;

/// A `*.test.yaml`, beside the pipeline it tests.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestFileSpec {
    /// Pipeline under test: the one in the file of the same name.
    #[serde(skip)]
    pub pipeline: String,
    /// Cells that hold in every row that does not write them.
    #[serde(default)]
    pub defaults: RowSpec,
    /// The cases.
    pub cases: Vec<CaseSpec>,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseSpec {
    /// What it shows, a sentence.
    pub case: String,
    /// The period it is computed in.
    pub period: String,
    /// Rows of datasets, of the spine, of the roster or of steps.
    #[serde(default)]
    pub given: OrderedMap<Vec<RowSpec>>,
    /// Rows of `pay`, of `exceptions` or of steps.
    pub expect: OrderedMap<Vec<RowSpec>>,
}
