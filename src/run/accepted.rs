//! Exceptions that somebody has accepted, with a reason and until when: `accepted.yaml` beside the data.

use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;

use crate::diag::data::{Exception, ExceptionSeverity};
use crate::diag::text::text;
use crate::diag::{Code, Finding, Findings};
use crate::spec::{Seg, read_document};
use crate::world::period::Period;
use crate::world::{Result, World};

/// A date that cannot be read.
pub const ACCEPTED_UNTIL: Code =
    Code::new("accepted-until", "an entry of accepted.yaml has an `until` that is no date");
/// An entry that accepts nothing any more.
pub const ACCEPTED_UNUSED: Code =
    Code::exception("accepted-unused", "an entry of accepted.yaml fits no exception of the period");

/// The file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedSpec {
    /// Entries.
    #[serde(default)]
    pub accepted: Vec<EntrySpec>,
}

/// One accepted exception.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntrySpec {
    /// Code of the exception.
    pub code: String,
    /// Whom or what it concerns, as `exceptions.csv` prints it, or the employee id.
    pub who: String,
    /// Why it is in order.
    pub reason: String,
    /// Last day on which the acceptance holds.
    pub until: String,
}

/// The accepted exceptions of a data folder; none where there is no file.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn read(world: &dyn World, data: &Path) -> Result<(AcceptedSpec, Findings)> {
    let path = data.join("accepted.yaml");
    let mut findings = Findings::new();
    if !world.exists(&path) {
        return Ok((AcceptedSpec::default(), findings));
    }
    let (document, spec, found) = read_document::<AcceptedSpec>(world, &path)?;
    findings.extend(found);
    let Some(spec) = spec else { return Ok((AcceptedSpec::default(), findings)) };
    for (index, entry) in spec.accepted.iter().enumerate() {
        if entry.until.parse::<Date>().is_err() {
            let path = [Seg::Key("accepted".to_owned()), Seg::Index(index), Seg::Key("until".to_owned())];
            let finding = Finding::error(ACCEPTED_UNTIL, format!("`{}` is no date", entry.until));
            findings.push(finding.at(Some(document.value(&path))).hint("write it as 2026-12-31"));
        }
    }
    Ok((spec, findings))
}

/// Marks the exceptions that entries accept; entries that accept nothing are warnings.
pub fn apply(spec: &AcceptedSpec, period: Period, exceptions: &mut Vec<Exception>) {
    let mut unused = Vec::new();
    for entry in &spec.accepted {
        let Ok(until) = entry.until.parse::<Date>() else { continue };
        if until < period.first_day() {
            continue;
        }
        let mut used = false;
        for exception in exceptions.iter_mut() {
            let named = exception.who == entry.who || exception.employee_id.as_deref() == Some(entry.who.as_str());
            if exception.code.id == entry.code && named && exception.severity != ExceptionSeverity::Fatal {
                used = true;
                if exception.severity < ExceptionSeverity::Accepted {
                    exception.severity = ExceptionSeverity::Accepted;
                }
                exception.accepted = Some(text!("{reason} (until {until})", reason = &entry.reason, until));
            }
        }
        if !used && entry.who.contains(&period.to_string()) {
            unused.push(Exception {
                severity: ExceptionSeverity::Warning,
                code: ACCEPTED_UNUSED,
                store_id: None,
                employee_id: None,
                who: entry.who.clone(),
                cause: text!("accepted.yaml accepts `{code}` here, but there is no such exception", code = &entry.code),
                remedy: text!("remove the entry"),
                stake: None,
                accepted: None,
            });
        }
    }
    exceptions.append(&mut unused);
}
