//! What a run was made of and what it made: the run id and `receipt.json`.
//!
//! The id is a hash of everything that can change a byte of the results: inputs, YAML files, templates,
//! fonts, the engine's version and the arguments. It holds no time, no folder and no machine, so equal inputs
//! have equal ids wherever and whenever they are run.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::diag::data::InputFile;
use crate::world::hash::{hex, sha256};

/// Names a run by what it was made of: 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RunId(String);

impl RunId {
    /// The id as folders and pages write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A file that decides about results, by the path that the project writes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HashedFile {
    /// Relative path, `/` as separator.
    pub file: String,
    /// SHA-256 of the bytes that were used.
    pub sha256: String,
}

impl HashedFile {
    /// Hashes what was read.
    pub fn new(file: impl Into<String>, bytes: &[u8]) -> Self {
        Self { file: file.into(), sha256: sha256(bytes) }
    }
}

/// Everything that decides about the bytes of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingredients {
    /// Version of the program.
    pub engine: String,
    /// Arguments that change results, such as the period; never folders.
    pub arguments: BTreeMap<String, String>,
    /// Input files.
    pub inputs: Vec<InputFile>,
    /// YAML files of the project.
    pub pipelines: Vec<HashedFile>,
    /// Templates of reports.
    pub templates: Vec<HashedFile>,
    /// Fonts.
    pub fonts: Vec<HashedFile>,
}

impl Ingredients {
    /// The run's id: independent of the order in which files were found.
    pub fn run_id(&self) -> RunId {
        let mut parts: Vec<[&str; 3]> = vec![["engine", "", &self.engine]];
        parts.extend(self.arguments.iter().map(|(name, value)| ["argument", name, value]));
        parts.extend(self.inputs.iter().map(|input| ["input", &input.file, &input.sha256]));
        for (kind, files) in [("pipeline", &self.pipelines), ("template", &self.templates), ("font", &self.fonts)] {
            parts.extend(files.iter().map(|file| [kind, &file.file, &file.sha256]));
        }
        parts.sort_unstable();
        let mut hasher = Sha256::new();
        for part in parts.into_iter().flatten() {
            // A length before each part: no two lists of parts read the same.
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        let mut id = hex(&hasher.finalize());
        id.truncate(32);
        RunId(id)
    }
}
