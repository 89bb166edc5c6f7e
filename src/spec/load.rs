//! The project file and every YAML file in the folders beside it.

use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::{Document, Located, ParameterFileSpec, PipelineSpec, ProjectSpec, TestFileSpec};
use crate::diag::Findings;
use crate::source::DatasetSpec;
use crate::world::{self, World};

/// All specs of a project.
#[derive(Clone, Debug)]
pub struct Project {
    /// The project file.
    pub project: Located<ProjectSpec>,
    /// `datasets/`.
    pub datasets: Vec<Located<DatasetSpec>>,
    /// `parameters/`.
    pub parameters: Vec<Located<ParameterFileSpec>>,
    /// `facts/`, `plans/` and `analytics/`, in this order.
    pub pipelines: Vec<Located<PipelineSpec>>,
    /// `*.test.yaml`.
    pub tests: Vec<Located<TestFileSpec>>,
    /// Every file that was read, sorted by path.
    pub documents: Vec<Arc<Document>>,
}

/// What reading the files gave.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The specs; absent when an error is among the findings.
    pub project: Option<Project>,
    /// What was found, warnings included.
    pub findings: Findings,
    /// Every file that was read, sorted by path: what findings are drawn from.
    pub documents: Vec<Arc<Document>>,
}

/// Reads a project.
pub fn load(_world: &dyn World, _project_file: &Path) -> world::Result<Loaded> {
    Ok(Loaded { project: None, findings: Findings::new(), documents: Vec::new() })
}

/// Reads one YAML file of any kind.
pub fn read_document<T: DeserializeOwned>(
    _world: &dyn World,
    _path: &Path,
) -> world::Result<(Arc<Document>, Option<T>, Findings)> {
    Err(world::WorldError {
        doing: "read".to_owned(),
        path: _path.to_owned(),
        source: std::io::Error::from(std::io::ErrorKind::Unsupported),
    })
}
