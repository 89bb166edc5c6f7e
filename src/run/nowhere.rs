//! Rows that count nowhere: no pipeline used them, and one at least looked in vain for whom they count for.
//!
//! A row that one plan does not want is another's; so each pipeline leaves most of what it reads to others, and that is
//! no news. A row that all of them leave is: a mistyped employee id, a team that is called otherwise, a person who is on
//! no plan. It has its fate in each pipeline like any other row, but nobody adds those up. Only an `aggregate` with
//! `for_each:` says of a row that nobody is there for it without being told to: what any pipeline left out by a filter
//! or a join is meant so, what was an exception is told already, and a row of a table to look things up in may rest.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use super::evaluate::Evaluation;
use super::fates::{self, UNREAD, USED};
use crate::diag::Code;
use crate::diag::data::{Exception, ExceptionSeverity, Fate};
use crate::diag::text::text;
use crate::expr::types::Name;
use crate::source::{Of, rows_text};
use crate::step::StepKind;

/// Rows of a file that no pipeline used.
pub const ROW_COUNTS_NOWHERE: Code =
    Code::exception("row-counts-nowhere", "rows that no pipeline used, because whom they count for was not found");

/// What is known of the rows of the period of each dataset. Pipelines that are followed at the same time write into it;
/// of two marks the greater one holds, so that their order changes nothing.
#[derive(Debug)]
pub(super) struct Standings {
    /// For each row: unread, the mark of the last drop that found nobody for it, or [`USED`] where a pipeline knows better.
    rows: BTreeMap<Name, Vec<AtomicU32>>,
    /// Of each drop, whether it found nobody for its rows.
    in_vain: Vec<bool>,
}

impl Standings {
    /// Nothing is known of any row yet.
    ///
    /// The roster is left out, for whoever it names is on a plan or told of by name, and so are the balances of the
    /// month before, which are told of with what they come to.
    pub(super) fn new(evaluation: &Evaluation<'_>) -> Self {
        let plan = evaluation.plan;
        let wanted =
            plan.contracts.iter().filter(|(name, contract)| **name != plan.roster && contract.of == Of::Exports);
        let rows = wanted.filter_map(|(name, _)| Some((name, fates::rows_of(evaluation, name)?.2)));
        let rows =
            rows.map(|(name, rows)| (name.clone(), (0..rows).map(|_| AtomicU32::new(UNREAD)).collect())).collect();
        let in_vain = evaluation.dropped.iter().map(|said| {
            let step = plan.pipeline(&said.pipeline).and_then(|pipeline| pipeline.step(&said.step));
            let counts = step.is_some_and(|step| matches!(step.step.kind, StepKind::Aggregate(_)));
            counts && said.what.fate == Fate::Unmatched
        });
        Self { rows, in_vain: in_vain.collect() }
    }

    /// Notes what became in one pipeline of the rows of a dataset, by their marks.
    pub(super) fn note(&self, dataset: &Name, marks: impl Iterator<Item = u32>) {
        let in_vain = |mark: u32| (mark as usize).checked_sub(1).and_then(|drop| self.in_vain.get(drop)) == Some(&true);
        for (row, mark) in self.rows.get(dataset).into_iter().flatten().zip(marks) {
            let mark = if mark == UNREAD || in_vain(mark) { mark } else { USED };
            if row.load(Ordering::Relaxed) < mark {
                row.fetch_max(mark, Ordering::Relaxed);
            }
        }
    }

    /// What people must know of: one exception for each file and step that found nobody.
    pub(super) fn exceptions(self, evaluation: &Evaluation<'_>) -> Vec<Exception> {
        self.rows.into_iter().flat_map(|(dataset, rows)| of_dataset(evaluation, &dataset, rows)).collect()
    }
}

fn of_dataset(evaluation: &Evaluation<'_>, dataset: &Name, standings: Vec<AtomicU32>) -> Vec<Exception> {
    let Some((stored, places, _)) = fates::rows_of(evaluation, dataset) else { return Vec::new() };
    let mut lost: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
    for (row, mark) in standings.into_iter().map(AtomicU32::into_inner).enumerate() {
        if mark != UNREAD && mark != USED {
            lost.entry((places.file.get(row).copied().unwrap_or(u32::MAX), mark)).or_default().push(row);
        }
    }
    let exception = |((file, mark), rows): ((u32, u32), Vec<usize>)| {
        let said = fates::drop_of(evaluation, mark)?;
        let file = places.files.get(file as usize)?;
        let owner = evaluation.plan.pipeline(&said.pipeline)?;
        let label = |kind, id: &str| super::label_of(evaluation.plan, Some(owner), None, kind, id);
        let physical: Vec<u32> = rows.iter().filter_map(|row| places.row.get(*row).copied()).collect();
        Some(Exception {
            severity: ExceptionSeverity::Warning,
            code: ROW_COUNTS_NOWHERE,
            store_id: rows.first().and_then(|row| fates::store_of(stored, *row)),
            employee_id: None,
            who: file.to_string(),
            cause: text!(
                "{file}: no pipeline counts {rows}: {plan}, {step}: {because}",
                file = &**file,
                rows = rows_text(&physical),
                plan = &*owner.title,
                step = &*said.step,
                because = said.what.because.clone().labelled(&label)
            ),
            remedy: text!("correct whom the rows name; rows that are to count for nobody are left out by a filter"),
            stake: None,
            accepted: None,
            place: None,
        })
    };
    lost.into_iter().filter_map(exception).collect()
}
