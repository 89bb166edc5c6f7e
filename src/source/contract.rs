//! What an input file must look like.

/// A file of `datasets/`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetSpec {
    /// Name, as pipelines write it.
    pub dataset: String,
}
