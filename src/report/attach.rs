//! Tables that a PDF carries: for each reader the lines that the document is about, and no others.
//!
//! A document with such tables is PDF/A-3a, whose parts may be files of any kind; one without is PDF/A-2a. The template
//! attaches what the view lists (`shared/page.typ`), under the name of the table in the run's folder.

use serde_json::{Value, json};
use typst::foundations::Bytes;

use super::spec::Attachment;
use super::view::{Context, Subject};
use crate::run::outcome::PayLine;
use crate::run::tables::{PAY_LINES, TRACE, pay_lines, trace};

/// A table that a document carries.
#[derive(Clone, Debug)]
pub(super) struct Attached {
    /// Its name, by which the template asks for it.
    pub(super) name: &'static str,
    /// What it holds.
    pub(super) bytes: Bytes,
}

impl Attachment {
    fn name(self) -> &'static str {
        match self {
            Self::PayLines => PAY_LINES,
            Self::Trace => TRACE,
        }
    }

    fn mime(self) -> &'static str {
        match self {
            Self::PayLines => "text/csv",
            Self::Trace => "application/x-ndjson",
        }
    }

    /// Key of the words that say what it is.
    fn words(self) -> &'static str {
        match self {
            Self::PayLines => "attached_pay_lines",
            Self::Trace => "attached_trace",
        }
    }
}

/// The tables of a document; the error says which of them cannot be put into bytes.
pub(super) fn attached(cx: Context<'_>, subject: Subject<'_>) -> Result<Vec<Attached>, String> {
    let concerns = |line: &&PayLine| {
        subject.store.is_none_or(|store| store.store_id == line.store_id)
            && subject.person.is_none_or(|person| person.employee_id == line.employee_id)
    };
    let tables = cx.spec.attach.iter().map(|table| {
        let lines = cx.outcome.pay_lines.iter().filter(concerns);
        let bytes = match table {
            Attachment::PayLines => pay_lines(cx.outcome.period, lines),
            Attachment::Trace => trace(cx.outcome.period, lines),
        };
        let bytes = bytes.map_err(|error| format!("{}: {error}", table.name()))?;
        Ok(Attached { name: table.name(), bytes: Bytes::new(bytes) })
    });
    tables.collect()
}

/// What the template is told of them.
pub(super) fn listed(cx: Context<'_>) -> Value {
    let tables = cx.spec.attach.iter().map(|table| {
        json!({
            "path": format!("/{}", table.name()),
            "mime": table.mime(),
            "description": cx.messages.get(table.words()),
        })
    });
    tables.collect()
}
