//! What a run was made of and what it made: the run id and `receipt.json`.
//!
//! The id is a hash of everything that can change a byte of the results: inputs, YAML files, templates,
//! fonts, the engine's version and the arguments. It holds no time, no folder and no machine, so equal inputs
//! have equal ids wherever and whenever they are run.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::outcome::{InputFile, Outcome, Period};
use super::publish::{Artifact, Written};
use super::totals::{Overflow, RowTotals, StoreTotals, Totals, by_store, rows, totals};
use crate::world::hash::{hex, sha256};

/// Version of the program with a fingerprint of its sources: `0.1.0+1f0c…`.
pub const ENGINE: &str = env!("JIXIAO_ENGINE");

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

    /// The same, each list by file name.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.inputs.sort();
        self.pipelines.sort();
        self.templates.sort();
        self.fonts.sort();
        self
    }
}

/// What stands in `receipt.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The run's id.
    pub run_id: RunId,
    /// Title of the project.
    pub title: String,
    /// Period.
    pub period: Period,
    /// Whether these are results to look at, not to pay by.
    pub draft: bool,
    /// Everything the results were made of.
    #[serde(flatten)]
    pub ingredients: Ingredients,
    /// Figures of the whole run.
    pub totals: Totals,
    /// Figures of each store.
    pub stores: Vec<StoreTotals>,
    /// What became of the rows.
    pub rows: Vec<RowTotals>,
    /// Every other file of the run.
    pub outputs: Vec<Written>,
}

impl Receipt {
    /// File name below the run's folder.
    pub const FILE: &'static str = "receipt.json";

    /// The receipt of an outcome and of the files that were written for it.
    ///
    /// # Errors
    /// Where a total leaves the range of a decimal.
    pub fn new(
        outcome: &Outcome,
        ingredients: Ingredients,
        draft: bool,
        outputs: Vec<Written>,
    ) -> Result<Self, Overflow> {
        Ok(Self {
            run_id: ingredients.run_id(),
            title: outcome.title.clone(),
            period: outcome.period,
            draft,
            totals: totals(outcome)?,
            stores: by_store(outcome)?,
            rows: rows(outcome)?,
            ingredients: ingredients.sorted(),
            outputs,
        })
    }

    /// The file of the run.
    ///
    /// # Errors
    /// Where it cannot be put into bytes.
    pub fn artifact(&self) -> serde_json::Result<Artifact> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(Artifact::new(Self::FILE, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::sample::{line, outcome};

    fn ingredients() -> Ingredients {
        let input = |file: &str, sha256: &str| InputFile {
            file: file.to_owned(),
            dataset: String::new(),
            sha256: sha256.to_owned(),
            rows: 3,
        };
        Ingredients {
            engine: "0.1.0".to_owned(),
            arguments: BTreeMap::from([("period".to_owned(), "2026-10".to_owned())]),
            inputs: vec![input("S01/2026-10/b.csv", "bb"), input("S01/2026-10/a.csv", "aa")],
            pipelines: vec![HashedFile::new("plans/a.yaml", b"pipeline: a")],
            templates: vec![HashedFile::new("payslip/template.typ", b"#let")],
            fonts: vec![HashedFile::new("sans.otf", b"OTTO")],
        }
    }

    #[test]
    fn the_id_changes_with_every_ingredient() {
        let original = ingredients();
        let mut ids = vec![original.run_id()];
        let mut changed = |change: fn(&mut Ingredients)| {
            let mut other = ingredients();
            change(&mut other);
            ids.push(other.run_id());
        };
        changed(|it| it.engine.push('x'));
        changed(|it| drop(it.arguments.insert("period".to_owned(), "2026-11".to_owned())));
        changed(|it| it.inputs[0].sha256.push('x'));
        changed(|it| it.inputs[0].file.push('x'));
        changed(|it| drop(it.inputs.pop()));
        changed(|it| it.pipelines[0].sha256.push('x'));
        changed(|it| it.templates[0].sha256.push('x'));
        changed(|it| it.fonts[0].sha256.push('x'));
        changed(|it| std::mem::swap(&mut it.templates, &mut it.fonts));
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn the_id_does_not_change_with_the_order_in_which_files_were_found() {
        let mut other = ingredients();
        other.inputs.reverse();
        assert_eq!(other.run_id(), ingredients().run_id());
        assert_eq!(other.run_id().as_str().len(), 32);
    }

    #[test]
    fn the_receipt_is_the_same_for_the_same_run_and_holds_its_totals() {
        let mut outcome = outcome();
        outcome.pay_lines = vec![line("A1", "张伟", "care", "10.5")];
        let outputs = vec![Written { path: "a.csv".to_owned(), sha256: "00".to_owned(), bytes: 1 }];
        let mut reversed = ingredients();
        reversed.inputs.reverse();
        let receipt = |from: Ingredients| {
            let artifact = Receipt::new(&outcome, from, false, outputs.clone()).unwrap().artifact().unwrap();
            String::from_utf8(artifact.bytes).unwrap()
        };
        let text = receipt(ingredients());
        assert_eq!(text, receipt(reversed));
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["totals"]["pay"], "10.50");
        assert_eq!(json["stores"][0]["totals"]["lines"]["care"], "10.50");
        assert_eq!(json["inputs"][0]["file"], "S01/2026-10/a.csv");
        assert_eq!(json["period"], "2026-10");
    }
}
