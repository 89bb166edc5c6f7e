//! Outcome to workbooks: the registers of each store and of all, for whoever checks, files and sums them up.
//!
//! A workbook is a folder of `report-templates/` with a `workbook.yaml` ([`spec`]); the rows come from
//! [`super::view::sheets`], and [`sheet`] writes them. Its bytes depend on nothing but the outcome: the day of creation is
//! the last of the period, and no name of a user stands in it.

mod sheet;
pub(super) mod spec;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rayon::prelude::*;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use self::sheet::Head;
use self::spec::WorkbookSpec;
use super::assets::Assets;
use super::document::{DOCUMENT_FAILED, Document, DocumentFailure, isolated};
use super::spec::{Per, ReportSpec};
use super::view::sheets::{Table, table};
use super::view::{Context, Index, month_words};
use crate::diag::text::{Text, text};
use crate::diag::visible::visible;
use crate::run::outcome::{Outcome, Store};
use crate::run::tables::{GROUP, store_folder};
use crate::spec::Document as File;

/// How many workbooks are in memory at the same time.
const BATCH: usize = 32;

/// How many slips the workbook of a store weighs.
const STORE_WEIGHT: usize = 4;

/// A workbook with its file.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) spec: WorkbookSpec,
    pub(super) document: Arc<File>,
}

/// A workbook of a store, or of all.
struct Job<'a> {
    spec: &'a WorkbookSpec,
    store: Option<&'a Store>,
}

/// Those of all stores first: they take longest.
fn jobs<'a>(outcome: &'a Outcome, assets: &'a Assets) -> Vec<Job<'a>> {
    let specs = || assets.parts.workbooks.iter().map(|planned| &planned.spec);
    let of_all = specs().filter(|spec| spec.per.contains(&Per::Group)).map(|spec| Job { spec, store: None });
    let of_stores = specs()
        .filter(|spec| spec.per.contains(&Per::Store))
        .flat_map(|spec| outcome.stores.iter().map(move |store| Job { spec, store: Some(store) }));
    of_all.chain(of_stores).collect()
}

/// How many workbooks an outcome has.
pub fn count_workbooks(outcome: &Outcome, assets: &Assets) -> usize {
    jobs(outcome, assets).len()
}

/// What all workbooks of an outcome weigh, in slips.
pub fn weight_of_workbooks(outcome: &Outcome, assets: &Assets) -> usize {
    jobs(outcome, assets).iter().map(|job| job.weight(outcome)).sum()
}

/// Makes every workbook of an outcome and hands them over in a fixed order; `progress` is told how much more of
/// [`weight_of_workbooks`] is done.
///
/// # Errors
/// The first error of `take`; the workbooks after it are not made.
pub fn each_workbook<E>(
    outcome: &Outcome,
    assets: &Assets,
    run_id: &str,
    progress: &(dyn Fn(usize) + Sync),
    mut take: impl FnMut(Document) -> Result<(), E>,
) -> Result<(), E> {
    let jobs = jobs(outcome, assets);
    if jobs.is_empty() {
        return Ok(());
    }
    let index = Index::new(outcome);
    // What a slip prints in sections of their own, a line of a register tells itself.
    let bare = ReportSpec::bare();
    let cx = Context {
        outcome,
        index: &index,
        messages: &assets.parts.messages,
        run_id,
        spec: &bare,
        kpis: assets.parts.kpis(),
    };
    for batch in jobs.chunks(BATCH) {
        let made: Vec<Document> = batch
            .par_iter()
            .with_max_len(1)
            .map(|job| {
                let document = job.make(cx);
                progress(job.weight(outcome));
                document
            })
            .collect();
        made.into_iter().try_for_each(&mut take)?;
    }
    Ok(())
}

impl Job<'_> {
    /// How many slips the workbook weighs.
    fn weight(&self, outcome: &Outcome) -> usize {
        STORE_WEIGHT * if self.store.is_some() { 1 } else { outcome.stores.len().max(1) }
    }

    fn make(&self, cx: Context<'_>) -> Document {
        let folder = self.store.map_or_else(|| GROUP.to_owned(), |store| store_folder(&store.store_id));
        let path = format!("{folder}/{}.xlsx", self.spec.workbook);
        let made = isolated(|| {
            let tables = self.spec.sheets.iter().map(|sheet| table(cx, sheet, self.store));
            let tables = tables.collect::<Result<Vec<Table>, _>>().map_err(|error| error.to_string())?;
            self.written(cx, &tables).map_err(|error| error.to_string())
        });
        let result = match made {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(cause)) => Err(self.failure(cx, Text::from(cause))),
            Err(said) => Err(self.failure(cx, text!("writing the workbook broke off: {said}", said))),
        };
        Document { path, result }
    }

    fn written(&self, cx: Context<'_>, tables: &[Table]) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let head = self.head(cx);
        let day = cx.outcome.period.last_day();
        let [month, day_of_month] = [day.month(), day.day()].map(i8::unsigned_abs);
        let created = ExcelDateTime::from_ymd(day.year().unsigned_abs(), month, day_of_month)?;
        book.set_properties(&DocProperties::new().set_title(&head.title).set_creation_datetime(&created));
        for (spec, table) in self.spec.sheets.iter().zip(tables) {
            sheet::add(&mut book, spec, table, &head)?;
        }
        book.save_to_buffer()
    }

    fn head(&self, cx: Context<'_>) -> Head {
        let words = cx.messages;
        let whose = self.store.map_or(cx.outcome.title.as_str(), |store| &store.name);
        let title = format!("{} {whose} {}", self.spec.title, month_words(cx, cx.outcome.period));
        Head {
            title: visible(&title).into_owned(),
            draft: if cx.outcome.is_draft() { words.get("draft_hint").to_owned() } else { String::new() },
            run: format!("{} {}", words.get("run"), cx.run_id),
            pages: words.fill("page_of", &[("page", "&P"), ("pages", "&N")]),
        }
    }

    fn failure(&self, cx: Context<'_>, cause: Text) -> DocumentFailure {
        DocumentFailure {
            code: DOCUMENT_FAILED,
            store_id: self.store.map(|store| store.store_id.clone()),
            employee_id: None,
            who: self.store.map_or_else(|| cx.outcome.title.clone(), |store| store.name.clone()),
            cause,
            remedy: text!("mend report-templates/{report}", report = &self.spec.workbook),
        }
    }
}
