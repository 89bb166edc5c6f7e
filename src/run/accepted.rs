//! Exceptions that somebody has accepted, with a reason and until when: `accepted.yaml` beside the data.

use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;

use crate::diag::data::{Exception, ExceptionSeverity};
use crate::diag::text::text;
use crate::diag::{Code, Finding, Findings};
use crate::source::codes::BAD_ROW;
use crate::spec::{Seg, read_document};
use crate::world::period::Period;
use crate::world::{Result, World};

/// A date that cannot be read.
pub const ACCEPTED_UNTIL: Code =
    Code::new("accepted-until", "an entry of accepted.yaml has an `until` that is no date");
/// An entry that may accept more than was looked at.
pub const ACCEPTED_UNCLEAR: Code =
    Code::new("accepted-unclear", "an entry of accepted.yaml does not say precisely what it accepts");
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
///
/// A bad row is named by dataset, file and row, for a person may have several; everything else by whom it concerns.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntrySpec {
    /// Code of the exception.
    pub code: String,
    /// Whom or what it concerns, as `exceptions.csv` prints it, or the employee id.
    pub who: Option<String>,
    /// Dataset of the row, as `quarantine.csv` prints it.
    pub dataset: Option<String>,
    /// File of the row, relative to the data folder.
    pub file: Option<String>,
    /// Number of the row in the file, from 1.
    pub row: Option<u32>,
    /// Why it is in order.
    pub reason: String,
    /// Last day on which the acceptance holds.
    pub until: String,
}

impl EntrySpec {
    /// What the entry leaves open and must not.
    fn unclear(&self) -> Option<(String, &'static str)> {
        if self.code != BAD_ROW.id {
            let hint = "write whom it concerns, as exceptions.csv prints it, or the employee id";
            return self.who.is_none().then(|| ("the entry does not say `who`".to_owned(), hint));
        }
        let keys = [("dataset", self.dataset.is_some()), ("file", self.file.is_some()), ("row", self.row.is_some())];
        let missing: Vec<String> = keys.iter().filter(|(_, there)| !there).map(|(key, _)| format!("`{key}`")).collect();
        let hint =
            "copy dataset, file and row from quarantine.csv: another bad row of the same person is another matter";
        (!missing.is_empty()).then(|| (format!("an accepted bad row needs {}", missing.join(", ")), hint))
    }

    fn fits(&self, exception: &Exception) -> bool {
        let named = |who: &str| exception.who == who || exception.employee_id.as_deref() == Some(who);
        let place = exception.place.as_ref();
        exception.code.id == self.code
            && self.who.as_deref().is_none_or(named)
            && self.dataset.as_ref().is_none_or(|wanted| place.is_some_and(|place| *place.dataset == **wanted))
            && self.file.as_ref().is_none_or(|wanted| place.is_some_and(|place| *place.file == **wanted))
            && self.row.is_none_or(|wanted| place.is_some_and(|place| place.row == wanted))
    }

    /// What it accepts, in words.
    fn what(&self) -> String {
        let row = self.file.as_ref().zip(self.row).map(|(file, row)| format!("{file}:{row}"));
        row.or_else(|| self.who.clone()).or_else(|| self.file.clone()).unwrap_or_default()
    }
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
        let at = |name: &str| [Seg::Key("accepted".to_owned()), Seg::Index(index), Seg::Key(name.to_owned())];
        if entry.until.parse::<Date>().is_err() {
            let finding = Finding::error(ACCEPTED_UNTIL, format!("`{}` is no date", entry.until));
            findings.push(finding.at(Some(document.value(&at("until")))).hint("write it as 2026-12-31"));
        }
        if let Some((message, hint)) = entry.unclear() {
            let finding = Finding::error(ACCEPTED_UNCLEAR, message).hint(hint);
            findings.push(finding.at(Some(document.value(&at("code")))));
        }
    }
    Ok((spec, findings))
}

/// Marks the exceptions that entries accept; entries that accept nothing are warnings.
pub fn apply(spec: &AcceptedSpec, period: Period, exceptions: &mut Vec<Exception>) {
    let mut unused = Vec::new();
    for entry in &spec.accepted {
        let Ok(until) = entry.until.parse::<Date>() else { continue };
        if until < period.first_day() || entry.unclear().is_some() {
            continue;
        }
        let mut used = false;
        for exception in exceptions.iter_mut() {
            if entry.fits(exception) && exception.severity != ExceptionSeverity::Fatal {
                used = true;
                if exception.severity < ExceptionSeverity::Accepted {
                    exception.severity = ExceptionSeverity::Accepted;
                }
                exception.accepted = Some(text!("{reason} (until {until})", reason = &entry.reason, until));
            }
        }
        // An entry may have been meant for a later month, unless it ends in this one or names a file of it.
        let meant = until <= period.last_day() || entry.what().contains(&period.to_string());
        if !used && meant {
            unused.push(Exception {
                severity: ExceptionSeverity::Warning,
                code: ACCEPTED_UNUSED,
                store_id: None,
                employee_id: None,
                who: entry.what(),
                cause: text!("accepted.yaml accepts `{code}` here, but there is no such exception", code = &entry.code),
                remedy: text!("remove the entry"),
                stake: None,
                accepted: None,
                place: None,
            });
        }
    }
    exceptions.append(&mut unused);
}
