//! Findings: what is wrong with a file that a person wrote, where, and what to do about it.
//!
//! Two families of trouble exist and only two. A **finding** speaks of a YAML file, a template or a
//! rule test; findings are collected and shown all at once. An **environment failure**
//! ([`crate::world::WorldError`]) speaks of the disk or the machine. Trouble with *data* is neither:
//! it becomes a row fate or an exception of the run.
//!
//! This module must not know what a pipeline is: it holds codes, places, messages and how they are
//! drawn.

pub mod data;
pub mod phrase;
pub mod render;
pub mod text;
pub mod translation;
pub mod visible;
pub mod yaml;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Stable kebab-case name of a kind of finding or exception, such as `unknown-column`.
///
/// Every module that reports declares its codes as constants of this type beside a one-line meaning;
/// [`crate::all_codes`] lists them, and tests hold that ids are unique and each code has a reproducer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// Kebab-case id, unique in the program.
    pub id: &'static str,
    /// What the code means, one English sentence without a full stop.
    pub meaning: &'static str,
    /// What it speaks of.
    pub about: About,
}

/// What a code speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// A file that a person wrote: it is the code of findings.
    Files,
    /// Data: it is the code of exceptions of a run.
    Data,
}

impl Code {
    /// Declares a code of findings.
    pub const fn new(id: &'static str, meaning: &'static str) -> Self {
        Self { id, meaning, about: About::Files }
    }

    /// Declares a code of exceptions.
    pub const fn exception(id: &'static str, meaning: &'static str) -> Self {
        Self { id, meaning, about: About::Data }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Shown, does not stop anything.
    Warning,
    /// The program refuses to go on to the next stage.
    Error,
}

/// A stretch of one source file, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Path as the user would write it, relative to the working folder, `/` as separator.
    pub file: Arc<str>,
    /// Byte range inside the file's text.
    pub span: Range<usize>,
}

/// One thing that is wrong with a file a person wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Kind of finding.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// Where; absent only when a whole file or folder is meant and named in the message.
    pub place: Option<Place>,
    /// What is wrong: lower case, no full stop, names in backquotes.
    pub message: String,
    /// What to do about it; usually one.
    pub hints: Vec<String>,
}

impl Finding {
    /// An error of a kind, without a place yet.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, place: None, message: message.into(), hints: Vec::new() }
    }

    /// A warning of a kind, without a place yet.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// The same finding at a place.
    #[must_use]
    pub fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    /// The same finding with one more hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// Trouble inside a piece of text whose place in a file the reporter does not know.
///
/// Leaf parsers (expressions, numbers, units, intervals) return faults; the layer that knows the file
/// turns each into a [`Finding`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Kind of finding it will become.
    pub code: Code,
    /// Byte range inside the text that was given.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Fault {
    /// A fault at a byte range of the text that was given.
    pub fn new(code: Code, span: Range<usize>, message: impl Into<String>) -> Self {
        Self { code, span, message: message.into(), hint: None }
    }

    /// The same fault with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Everything found so far; a stage succeeds when no error is among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// Adds all of another collection.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether an error is among them.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Whether there are none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of file, place and code.
    #[must_use]
    pub fn sorted(mut self) -> Vec<Finding> {
        self.0.sort_by(|a, b| {
            let key = |finding: &Finding| {
                finding.place.as_ref().map(|place| (place.file.clone(), place.span.start, place.span.end))
            };
            (key(a), a.code, &a.message).cmp(&(key(b), b.code, &b.message))
        });
        self.0.dedup();
        self.0
    }

    /// As they came.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter()
    }
}

/// The candidate nearest to a mistyped name, where one is near enough to be meant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}
