//! What a command ends with: an answer for standard output, or the reason why there is none.

use std::fmt::Write;

use serde_json::{Value, json};

use super::exit::Exit;
use super::findings::Report;
use super::layout;
use crate::run::publish::PublishError;
use crate::run::tables::TableError;
use crate::run::totals::Overflow;
use crate::world::WorldError;

/// A result, for people and for programs, with its exit code.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// How the command ended.
    pub exit: Exit,
    /// For people, ending with a line break.
    pub text: String,
    /// For programs.
    pub json: Value,
}

impl Answer {
    /// A result.
    pub fn new(exit: Exit, text: impl Into<String>, json: Value) -> Self {
        Self { exit, text: text.into(), json }
    }

    /// The JSON object as printed.
    pub(super) fn json_text(&self) -> String {
        format!("{:#}\n", self.json)
    }
}

/// Why a command has no result.
#[derive(Debug)]
pub enum Failure {
    /// The command line asks for something that is not there.
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Files that people wrote have findings.
    Findings(Report),
    /// The disk or the machine failed.
    World(WorldError),
    /// Another run works on the period.
    Locked(String),
    /// Totals do not add up: everything that does not.
    Unbalanced(Vec<String>),
    /// A mistake of this program.
    Internal(String),
}

impl Failure {
    /// The command line asks for something that is not there.
    pub fn usage(message: impl Into<String>, hint: Option<String>) -> Self {
        Self::Usage { message: message.into(), hint }
    }

    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } => Exit::Usage,
            Self::Findings(_) => Exit::Findings,
            Self::World(_) => Exit::Environment,
            Self::Locked(_) => Exit::Locked,
            Self::Unbalanced(_) => Exit::Unbalanced,
            Self::Internal(_) => Exit::Internal,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Usage { message, .. } | Self::Locked(message) => message.clone(),
            Self::Unbalanced(found) => match found.as_slice() {
                [one] => one.clone(),
                several => format!("{} things do not add up; nothing was published", several.len()),
            },
            Self::Findings(report) => report.count(),
            Self::World(error) => error.to_string(),
            Self::Internal(message) => format!("{message} (this is a mistake of the program, please report it)"),
        }
    }

    /// For people, on standard error.
    pub(super) fn text(&self, colour: bool) -> String {
        if let Self::Findings(report) = self {
            return report.text(colour);
        }
        let mut text = layout::wrap("error: ", "       ", &self.message());
        if let Self::Unbalanced(found) = self
            && found.len() > 1
        {
            for one in found {
                text.push_str(&layout::wrap("       - ", "         ", one));
            }
        }
        if let Self::Usage { hint: Some(hint), .. } = self {
            let _ = write!(text, "{}", layout::wrap("hint:  ", "       ", hint));
        }
        text
    }

    /// For programs, on standard output.
    pub(super) fn json_text(&self) -> String {
        let exit = self.exit();
        let mut json = json!({ "result": "failed", "exit": exit.code(), "error": self.message() });
        match self {
            Self::Findings(report) => json["findings"] = report.json(),
            Self::Unbalanced(found) => json["imbalances"] = json!(found),
            Self::Usage { hint: Some(hint), .. } => json["hint"] = json!(hint),
            _ => {}
        }
        format!("{json:#}\n")
    }
}

impl From<WorldError> for Failure {
    fn from(error: WorldError) -> Self {
        Self::World(error)
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::World(error) => Self::World(error),
            PublishError::Locked { .. } => Self::Locked(error.to_string()),
            PublishError::BadName(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<TableError> for Failure {
    fn from(error: TableError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<Overflow> for Failure {
    fn from(error: Overflow) -> Self {
        Self::Unbalanced(vec![error.to_string()])
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("cannot write JSON: {error}"))
    }
}
