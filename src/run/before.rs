//! The published run of the month before: what this month takes over from it.
//!
//! Only what was published counts: the link `current` of the month before is followed to its run, so that the
//! run is named in receipts and traces, and a later run of that month is another input.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::names::file_name;
use super::publish::{CURRENT, RUNS};
use crate::diag::Code;
use crate::diag::data::{Exception, ExceptionSeverity};
use crate::diag::text::{Text, text};
use crate::source::{self, Contract, Read};
use crate::world::period::Period;
use crate::world::{Result, World};

/// No published run of the month before.
pub const NO_RUN_BEFORE: Code = Code::exception(
    "no-run-before",
    "the balances of the month before are carried into this one, and that month is not published",
);
/// A published run without the table that is asked for.
pub const RUN_BEFORE_UNREADABLE: Code =
    Code::exception("run-before-unreadable", "the published run of the month before lacks a table that is read");

/// Where published runs are, and since when they are read.
#[derive(Clone, Copy, Debug)]
pub struct Results<'a> {
    /// Folder of results; none where there is no such folder.
    pub out: Option<&'a Path>,
    /// The first month that carries.
    pub carries_from: Option<Period>,
}

impl Results<'_> {
    /// Whether a month takes nothing over: it is the first one that carries, or earlier.
    pub fn begins(&self, period: Period) -> bool {
        self.carries_from.is_none_or(|first| period <= first)
    }

    /// The folder of the published run of a month, below the folder of results.
    ///
    /// # Errors
    /// When the environment fails.
    pub(super) fn run_of(&self, month: Period, world: &dyn World) -> Result<Option<PathBuf>> {
        let Some(out) = self.out else { return Ok(None) };
        let folder = Path::new(&month.to_string()).to_path_buf();
        let target = world.read_link(&out.join(&folder).join(CURRENT))?;
        Ok(target.map(|target| folder.join(target)))
    }

    /// Whether what a period takes over is there.
    ///
    /// # Errors
    /// When the environment fails.
    pub fn complete(&self, period: Period, world: &dyn World) -> Result<bool> {
        Ok(self.begins(period) || self.run_of(period.previous(), world)?.is_some())
    }

    /// Reads a table of the run before, of one store.
    ///
    /// # Errors
    /// When the environment fails.
    pub fn read(&self, contract: &Contract, store_id: &str, period: Period, world: &dyn World) -> Result<Read> {
        if self.begins(period) {
            return Ok(source::nothing(contract));
        }
        let month = period.previous();
        let trouble = |code, cause: Text, remedy: Text| Read {
            present: false,
            exceptions: vec![Exception {
                severity: ExceptionSeverity::Blocking,
                code,
                store_id: Some(store_id.to_owned()),
                employee_id: None,
                who: contract.title.clone(),
                cause,
                remedy,
                stake: None,
                place: None,
                accepted: None,
            }],
            ..source::nothing(contract)
        };
        let Some(run) = self.run_of(month, world)? else {
            let cause = text!(
                "{month} has no published run, and its balances are carried into {period}",
                month = month.to_string(),
                period = period.to_string()
            );
            return Ok(trouble(NO_RUN_BEFORE, cause, text!("publish the month before first")));
        };
        let path = run.join(contract.path.filled(&file_name(store_id), month));
        let shown: Arc<str> = path.to_string_lossy().replace('\\', "/").into();
        let Some(file) = self.out.map(|out| out.join(&path)).filter(|file| world.exists(file)) else {
            let cause = text!("the published run of {month} has no {file}", month = month.to_string(), file = &shown);
            let remedy = text!("publish the month before again, with this program");
            return Ok(trouble(RUN_BEFORE_UNREADABLE, cause, remedy));
        };
        Ok(source::read_file(contract, store_id, period, &shown, world.read(&file)?, &[]))
    }
}

/// Month and run of a file of a run, as places name it: `2026-09/runs/<run-id>/stores/S01/carried.csv`.
pub fn month_and_run(file: &str) -> Option<(&str, &str)> {
    let mut parts = file.split('/');
    let (month, runs, run) = (parts.next()?, parts.next()?, parts.next()?);
    (runs == RUNS && Period::parse(month).is_some()).then_some((month, run))
}
