//! `accepted.yaml` beside the data: exceptions that somebody answers for.

use serde::Deserialize;

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedFileSpec {
    /// What is accepted.
    pub accepted: Vec<AcceptedSpec>,
}

/// An exception that does not block.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedSpec {
    /// Code of the exception.
    pub code: String,
    /// Whom or what it concerns, as the exception names it.
    pub who: String,
    /// Why it is accepted.
    pub reason: String,
    /// Last period it is accepted for.
    pub until: String,
}
