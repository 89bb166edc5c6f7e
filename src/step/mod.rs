//! Step kinds: one file per kind.

/// A step as the file says it: the one key of the mapping names the kind.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepSpec {}
