//! Documents of an outcome, made in parallel, each isolated from the failure of the others.
//!
//! Documents are made in batches: within a batch in parallel, handed over in a fixed order when the batch
//! is done. After each batch, and after a failure, typst's cache is cleared here and nowhere else, so the
//! memory of a run does not grow with its people.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::thread;

use rayon::prelude::*;
use typst::syntax::Source;

use super::assets::{Assets, Report};
use super::attach::attached;
use super::paper::{Pages, Paper};
use super::spec::Per;
use super::typeset::{Job, typeset};
use super::view::{Context, Index, MissingGlyph, Subject, View, missing_glyphs, spell_out_missing, subjects, view};
use crate::diag::Code;
use crate::diag::text::{Text, text};
use crate::run::outcome::Outcome;

/// A document that could not be made.
pub const DOCUMENT_FAILED: Code = Code::exception("document-failed", "a document could not be typeset or exported");
/// A character that no font has.
pub const MISSING_GLYPH: Code = Code::exception("missing-glyph", "a character that none of the fonts can print");

/// How much may be in memory at the same time, in slips.
const BATCH: usize = 64;
/// How many slips the report of a store weighs: it has dozens of tables on dozens of pages, and typst keeps them all
/// until its batch is done.
const STORE_WEIGHT: usize = 8;
/// Batches for which an unused result of typst is kept: what all documents share is used in each.
const KEPT_BATCHES: usize = 1;
/// Stack of a thread that sets documents: a thread that waits for one may begin another on top of it.
const STACK: usize = 32 << 20;

/// A document of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Path inside the run, safe: `stores/S01/payslips/A1.pdf`.
    pub path: String,
    /// The PDF, or why there is none.
    pub result: Result<Vec<u8>, DocumentFailure>,
}

/// Why a document was not made; becomes a blocking exception of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFailure {
    /// Kind: [`MISSING_GLYPH`] or [`DOCUMENT_FAILED`].
    pub code: Code,
    /// Store; none for a report of all stores.
    pub store_id: Option<String>,
    /// Employee whose slip it is; none for another report.
    pub employee_id: Option<String>,
    /// Whose document, as printed.
    pub who: String,
    /// What went wrong, with field and code point where a character is at fault.
    pub cause: Text,
    /// What to do.
    pub remedy: Text,
}

/// Makes every document of an outcome: each report of the project for each person, each store or all of them.
///
/// The order of the result is fixed (reports, stores, people) whatever the number of threads; `progress` is
/// told how much more of [`weight`] is done.
pub fn render(outcome: &Outcome, assets: &Assets, run_id: &str, progress: &(dyn Fn(usize) + Sync)) -> Vec<Document> {
    let mut documents = Vec::new();
    let each = |document| {
        documents.push(document);
        Ok::<(), Infallible>(())
    };
    match render_each(outcome, assets, run_id, progress, each) {
        Ok(()) => documents,
        Err(never) => match never {},
    }
}

/// The same, handing documents over one by one as their batch is done.
///
/// # Errors
/// The first error of `each`; the documents after it are not made.
pub fn render_each<E>(
    outcome: &Outcome,
    assets: &Assets,
    run_id: &str,
    progress: &(dyn Fn(usize) + Sync),
    mut each: impl FnMut(Document) -> Result<(), E>,
) -> Result<(), E> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(rayon::current_num_threads())
        .stack_size(STACK)
        .thread_name(|at| format!("document-{at}"))
        .build();
    let blocks = Blocks::default();
    let index = Index::new(outcome);
    let jobs = jobs(outcome, assets);
    for batch in batches(&jobs) {
        let evict = Evict;
        let made = {
            let make = || -> Vec<Document> {
                // One at a time: who has run out of documents takes the next, however long the others' last.
                let made = batch.par_iter().with_max_len(1).map(|job| {
                    let document = make(outcome, &index, assets, run_id, job, &blocks);
                    progress(job.weight());
                    document
                });
                made.collect()
            };
            match &pool {
                Ok(pool) => pool.install(make),
                Err(_) => make(),
            }
        };
        // What is written waits for the disk; the cache is cleared meanwhile.
        thread::scope(|scope| {
            scope.spawn(move || drop(evict));
            made.into_iter().try_for_each(&mut each)
        })?;
    }
    Ok(())
}

/// How many documents an outcome has.
pub fn count(outcome: &Outcome, assets: &Assets) -> usize {
    jobs(outcome, assets).len()
}

/// What all documents of an outcome weigh, in slips.
pub fn weight(outcome: &Outcome, assets: &Assets) -> usize {
    jobs(outcome, assets).iter().map(Work::weight).sum()
}

/// Asks the fonts for every character of every document, without setting one.
///
/// The run does this first: a slip that cannot be printed makes the run a draft before the other slips are
/// marked as final. `progress` is told how much more of [`weight`] was looked at.
pub fn check_glyphs(outcome: &Outcome, assets: &Assets, progress: &(dyn Fn(usize) + Sync)) -> Vec<DocumentFailure> {
    let index = Index::new(outcome);
    // What a document says is the same on every paper.
    let once = assets.clone().on(Pages::A4);
    let failures = jobs(outcome, &once).into_par_iter().with_max_len(1).filter_map(|job| {
        let cx = Context {
            outcome,
            index: &index,
            messages: &assets.parts.messages,
            run_id: "",
            spec: job.report.spec_on(job.paper),
            kpis: assets.parts.kpis(),
        };
        let view = view(cx, job.subject);
        progress(job.weight() * assets.pages.papers().len());
        let view = view.ok()?;
        unprintable(&view, assets).map(|(cause, remedy)| job.failure(MISSING_GLYPH, cause, remedy))
    });
    failures.collect()
}

/// Clears typst's cache when a batch ends, however it ends.
struct Evict;

impl Drop for Evict {
    fn drop(&mut self) {
        comemo::evict(KEPT_BATCHES);
    }
}

/// A document to be made.
pub(super) struct Work<'a> {
    pub(super) report: &'a Report,
    pub(super) subject: Subject<'a>,
    /// What it is laid out for.
    pub(super) paper: Paper,
}

impl Work<'_> {
    /// Path inside the run.
    pub(super) fn path(&self) -> String {
        self.subject.path(&self.report.spec.report, self.paper)
    }

    /// How many slips the document weighs.
    fn weight(&self) -> usize {
        match self.report.spec.per {
            Per::Person => 1,
            Per::Store | Per::Team => STORE_WEIGHT,
            Per::Group => BATCH,
        }
    }

    fn failure(&self, code: Code, cause: Text, remedy: Text) -> DocumentFailure {
        DocumentFailure {
            code,
            store_id: self.subject.store.map(|store| store.store_id.clone()),
            employee_id: self.subject.person.map(|person| person.employee_id.clone()),
            who: self.subject.who(),
            cause,
            remedy,
        }
    }
}

pub(super) fn jobs<'a>(outcome: &'a Outcome, assets: &'a Assets) -> Vec<Work<'a>> {
    let reports = assets.parts.reports.iter();
    let of = |report: &'a Report| {
        let on = move |paper: &'a Paper| {
            // A book is for printing.
            let printed = report.spec.per != Per::Team || *paper == Paper::A4;
            let subjects = subjects(outcome, report.spec.per).into_iter().filter(move |_| printed);
            subjects.map(move |subject| Work { report, subject, paper: *paper })
        };
        assets.pages.papers().iter().flat_map(on)
    };
    reports.flat_map(of).collect()
}

/// Documents in their order, cut where a batch weighs enough.
fn batches<'j, 'a>(jobs: &'j [Work<'a>]) -> Vec<&'j [Work<'a>]> {
    let mut batches = Vec::new();
    let (mut from, mut sum) = (0, 0);
    for (at, job) in jobs.iter().enumerate() {
        sum += job.weight();
        if sum >= BATCH {
            batches.extend(jobs.get(from..=at));
            (from, sum) = (at + 1, 0);
        }
    }
    batches.extend(jobs.get(from..).filter(|rest| !rest.is_empty()));
    batches
}

/// Blocks of documents by report and shape: documents of one shape share their parsed text.
#[derive(Default)]
pub(super) struct Blocks(Mutex<BTreeMap<(String, String), Result<Source, String>>>);

impl Blocks {
    pub(super) fn get(&self, report: &Report, shape: &serde_json::Value) -> Result<Source, String> {
        let key = (report.spec.report.clone(), shape.to_string());
        let parse = || report.template.blocks(shape).map(|text| Source::new(report.main, text));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(key).or_insert_with(parse).clone()
    }
}

/// One document.
fn make(
    outcome: &Outcome,
    index: &Index<'_>,
    assets: &Assets,
    run_id: &str,
    work: &Work<'_>,
    blocks: &Blocks,
) -> Document {
    let path = work.path();
    let result = isolated(|| {
        set(
            Context {
                outcome,
                index,
                messages: &assets.parts.messages,
                run_id,
                spec: work.report.spec_on(work.paper),
                kpis: assets.parts.kpis(),
            },
            assets,
            work,
            blocks,
            &path,
        )
    })
    .unwrap_or_else(|said| {
        let remedy = text!("report this with the receipt of the run");
        Err(work.failure(DOCUMENT_FAILED, text!("typesetting broke off: {said}", said), remedy))
    });
    Document { path, result }
}

/// Runs `work`; a panic becomes what it said, and stays the trouble of this document alone.
pub(super) fn isolated<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        said.unwrap_or("no message").to_owned()
    })
}

fn set(
    cx: Context<'_>,
    assets: &Assets,
    work: &Work<'_>,
    blocks: &Blocks,
    path: &str,
) -> Result<Vec<u8>, DocumentFailure> {
    let template = || text!("mend report-templates/{report}", report = &work.report.spec.report);
    let failed = |cause: String| work.failure(DOCUMENT_FAILED, Text::from(cause), template());
    let Context { outcome, run_id, .. } = cx;
    let mut view = view(cx, work.subject).map_err(failed)?;
    if let Some((cause, remedy)) = unprintable(&view, assets) {
        // One rare name must not take the report of the whole store away; a draft prints its code point.
        if work.subject.person.is_some() || !outcome.is_draft() {
            return Err(work.failure(MISSING_GLYPH, cause, remedy));
        }
        spell_out_missing(&mut view.data, &assets.parts.fonts);
    }
    let main = blocks.get(work.report, &view.shape).map_err(failed)?;
    let attached = attached(cx, work.subject).map_err(failed)?;
    let job = Job {
        parts: &assets.parts,
        paper: work.paper,
        main,
        view: view.data.to_string(),
        attached,
        ident: format!("{run_id}/{path}"),
        date: outcome.period.last_day(),
    };
    typeset(job).map_err(|causes| failed(causes.join("; ")))
}

/// Cause and remedy, where a view holds a character that no font has.
fn unprintable(view: &View, assets: &Assets) -> Option<(Text, Text)> {
    let missing = missing_glyphs(&view.data, &assets.parts.fonts);
    let named: Vec<Text> = missing
        .iter()
        .map(|MissingGlyph { field, text, character }| {
            let point = format!("U+{:04X}", u32::from(*character));
            text!("no font has {point} in {field} “{value}”", point, field, value = text)
        })
        .collect();
    let remedy = text!("name a font that has it under `fonts:` of the project file");
    if named.is_empty() { None } else { Some((Text::List(named), remedy)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_caught_with_what_it_said() {
        assert_eq!(isolated(|| 1), Ok(1));
        assert_eq!(isolated(|| -> i32 { panic!("glyph {}", 7) }), Err("glyph 7".to_owned()));
        assert_eq!(isolated(|| -> i32 { panic!("plain") }), Err("plain".to_owned()));
    }
}
