//! From a computed outcome to a folder of results: pages, tables, receipt, published or as a draft.
//!
//! A page that cannot be printed is an exception like any other, so it is looked for before the first page is
//! made: then every page knows whether it is a draft. One that fails nevertheless, in the midst of its
//! setting, sends the whole run back to be made again as a draft.

use crate::diag::data::{Exception, ExceptionSeverity};
use crate::report::{self, Assets, Document, DocumentFailure};
use crate::run::outcome::Outcome;
use crate::run::publish::{Artifact, Claim, Published, Written};
use crate::run::receipt::{Ingredients, Receipt};
use crate::run::tables::{batches, in_batches};

use super::progress::Part;
use super::{Context, Failure};

/// How many pages are written to the disk at the same time.
const PAGES_AT_ONCE: usize = 32;

/// Where pages come from.
pub(super) trait Pages {
    /// Pages that cannot be printed, known without making one.
    fn unprintable(&self, outcome: &Outcome, progress: &(dyn Fn(usize) + Sync)) -> Vec<DocumentFailure>;
    /// How many pages there will be.
    fn count(&self, outcome: &Outcome) -> usize;
    /// What those that [`Self::unprintable`] looks at weigh together, and what those weigh that are made.
    fn weights(&self, outcome: &Outcome) -> [usize; 2];
    /// Makes every page; `progress` is told of the weight of each.
    fn each(
        &self,
        outcome: &Outcome,
        run_id: &str,
        progress: &(dyn Fn(usize) + Sync),
        take: &mut dyn FnMut(Document) -> Result<(), Failure>,
    ) -> Result<(), Failure>;
    /// The pages through which the files of a run are found, once those are written.
    fn index(&self, outcome: &Outcome, made_of: &Ingredients, written: &[Written]) -> Vec<Document>;
}

/// What was left behind.
#[derive(Debug)]
pub(super) struct Delivered {
    /// Where, and how.
    pub(super) published: Published,
    /// How many files were written.
    pub(super) files: usize,
    /// Whether a page is missing.
    pub(super) page_failed: bool,
}

/// Makes and publishes everything; adds an exception to the outcome for each page that failed.
pub(super) fn deliver(
    context: &Context<'_>,
    claim: &Claim<'_>,
    outcome: &mut Outcome,
    ingredients: &Ingredients,
    pages: &dyn Pages,
) -> Result<Delivered, Failure> {
    let id = ingredients.run_id();
    // Every view is made here once: a stage of its own, or a bar that stands still at the end of computing.
    let [seen, made] = pages.weights(outcome).map(|weight| weight as u64);
    let progress = |done: usize| context.progress.advance(done as u64);
    context.progress.begin(Part::CHARACTERS, Some(seen));
    let mut page_failed = note(outcome, pages.unprintable(outcome, &progress));
    if !outcome.is_draft()
        && let Some(published) = claim.already(&id)?
    {
        return Ok(Delivered { published, files: 0, page_failed });
    }
    // A page that fails adds an exception, which other pages print; those may fail in turn, but each once.
    for _ in 0..=pages.count(outcome) {
        let draft = outcome.is_draft();
        let mut staging = claim.stage(&id)?;
        let mut failed = Vec::new();
        context.progress.begin(Part::DOCUMENTS, Some(made));
        // Written by several at a time: whoever waits for a disk lets the others go on.
        let mut waiting = Vec::new();
        pages.each(outcome, id.as_str(), &progress, &mut |page| {
            match page.result {
                Ok(bytes) => waiting.push(Artifact::new(page.path, bytes)),
                Err(failure) => failed.push(failure),
            }
            if waiting.len() >= PAGES_AT_ONCE {
                staging.add_all(&waiting)?;
                waiting.clear();
            }
            Ok(())
        })?;
        staging.add_all(&waiting)?;
        page_failed |= !failed.is_empty();
        if note(outcome, std::mem::take(&mut failed)) {
            continue;
        }
        context.progress.begin(Part::TABLES, Some(batches(outcome) as u64));
        for batch in in_batches(outcome) {
            staging.add_all(&batch?)?;
            context.progress.advance(1);
        }
        for page in pages.index(outcome, ingredients, &staging.written()) {
            match page.result {
                Ok(bytes) => staging.add(&Artifact::new(page.path, bytes))?,
                Err(failure) => failed.push(failure),
            }
        }
        page_failed |= !failed.is_empty();
        if note(outcome, failed) {
            continue;
        }
        let receipt = Receipt::new(outcome, ingredients.clone(), draft, staging.written())?;
        staging.add(&receipt.artifact()?)?;
        let files = staging.written().len();
        return Ok(Delivered { published: staging.finish(draft)?, files, page_failed });
    }
    Err(Failure::Internal("documents fail in a different way each time they are made".to_owned()))
}

/// Adds a blocking exception for each failed page; whether one of them is new.
fn note(outcome: &mut Outcome, failures: Vec<DocumentFailure>) -> bool {
    let before = outcome.exceptions.len();
    for failure in failures {
        let exception = Exception {
            severity: ExceptionSeverity::Blocking,
            code: failure.code,
            store_id: failure.store_id,
            employee_id: failure.employee_id,
            who: failure.who,
            cause: failure.cause,
            remedy: failure.remedy,
            stake: None,
            accepted: None,
            place: None,
        };
        if !outcome.exceptions.contains(&exception) {
            outcome.exceptions.push(exception);
        }
    }
    outcome.exceptions.sort_by_key(|exception| exception.severity);
    outcome.exceptions.len() > before
}

impl Pages for Assets {
    fn unprintable(&self, outcome: &Outcome, progress: &(dyn Fn(usize) + Sync)) -> Vec<DocumentFailure> {
        report::check_glyphs(outcome, self, progress)
    }

    fn count(&self, outcome: &Outcome) -> usize {
        report::count(outcome, self) + report::count_workbooks(outcome, self)
    }

    fn weights(&self, outcome: &Outcome) -> [usize; 2] {
        let documents = report::weight(outcome, self);
        [documents, documents + report::weight_of_workbooks(outcome, self)]
    }

    fn each(
        &self,
        outcome: &Outcome,
        run_id: &str,
        progress: &(dyn Fn(usize) + Sync),
        take: &mut dyn FnMut(Document) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        report::render_each(outcome, self, run_id, progress, &mut *take)?;
        report::each_workbook(outcome, self, run_id, progress, take)
    }

    fn index(&self, outcome: &Outcome, made_of: &Ingredients, written: &[Written]) -> Vec<Document> {
        report::pages(outcome, self, made_of, written)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cli::progress::Progress;
    use crate::cli::progress::tests::Shown;
    use crate::report::DOCUMENT_FAILED;
    use crate::run::sample::{exception, line, outcome};
    use crate::world::{Memory, World};

    /// A slip for each person, which says whether it is a draft; some cannot be printed, some fail on the way.
    #[derive(Default)]
    struct Slips {
        unprintable: Vec<&'static str>,
        failing: Vec<&'static str>,
    }

    fn failure(employee_id: &str) -> DocumentFailure {
        DocumentFailure {
            code: DOCUMENT_FAILED,
            store_id: Some("S01".to_owned()),
            employee_id: Some(employee_id.to_owned()),
            who: employee_id.to_owned(),
            cause: "no font has U+10FFFF".into(),
            remedy: "name a font".into(),
        }
    }

    impl Pages for Slips {
        fn unprintable(&self, _outcome: &Outcome, _: &(dyn Fn(usize) + Sync)) -> Vec<DocumentFailure> {
            self.unprintable.iter().map(|id| failure(id)).collect()
        }

        fn count(&self, outcome: &Outcome) -> usize {
            outcome.people.len()
        }

        fn weights(&self, outcome: &Outcome) -> [usize; 2] {
            [outcome.people.len(); 2]
        }

        fn each(
            &self,
            outcome: &Outcome,
            _run_id: &str,
            progress: &(dyn Fn(usize) + Sync),
            take: &mut dyn FnMut(Document) -> Result<(), Failure>,
        ) -> Result<(), Failure> {
            for person in &outcome.people {
                progress(1);
                let id = person.employee_id.as_str();
                let fails = self.unprintable.contains(&id) || self.failing.contains(&id);
                let page = if outcome.is_draft() { "草稿" } else { "final" };
                let result = if fails { Err(failure(id)) } else { Ok(page.as_bytes().to_vec()) };
                take(Document { path: format!("stores/S01/payslips/{id}.pdf"), result })?;
            }
            Ok(())
        }

        fn index(&self, _: &Outcome, _: &Ingredients, written: &[Written]) -> Vec<Document> {
            let paths: Vec<&str> = written.iter().map(|file| file.path.as_str()).collect();
            vec![Document { path: "index.html".to_owned(), result: Ok(paths.join("\n").into_bytes()) }]
        }
    }

    fn two_people() -> Outcome {
        let mut outcome = outcome();
        let mut second = outcome.people[0].clone();
        second.employee_id = "A2".to_owned();
        outcome.people.push(second);
        outcome.pay_lines = vec![line("A1", "张伟", "care", "1"), line("A2", "张伟", "care", "2")];
        outcome
    }

    fn run(world: &Memory, outcome: &mut Outcome, pages: &Slips) -> Delivered {
        let context = Context { world, progress: Progress::silent() };
        let claim = Claim::take(world, Path::new("out"), outcome.period).unwrap();
        deliver(&context, &claim, outcome, &Ingredients::default(), pages).unwrap()
    }

    fn read(world: &Memory, delivered: &Delivered, path: &str) -> String {
        String::from_utf8(world.read(&delivered.published.folder().join(path)).unwrap()).unwrap()
    }

    #[test]
    fn pages_tables_and_a_receipt_that_lists_them_are_published() {
        let world = Memory::new();
        let delivered = run(&world, &mut two_people(), &Slips::default());
        assert!(matches!(delivered.published, Published::New { .. }) && !delivered.page_failed);
        assert_eq!(read(&world, &delivered, "stores/S01/payslips/A2.pdf"), "final");
        let receipt: serde_json::Value = serde_json::from_str(&read(&world, &delivered, "receipt.json")).unwrap();
        assert_eq!(receipt["outputs"].as_array().unwrap().len() + 1, delivered.files);
        assert_eq!(receipt["draft"], false);
        let again = run(&world, &mut two_people(), &Slips::default());
        assert!(matches!(again.published, Published::Already { .. }));
    }

    #[test]
    fn the_page_of_the_run_is_written_when_every_other_file_is_known() {
        let world = Memory::new();
        let delivered = run(&world, &mut two_people(), &Slips::default());
        let index = read(&world, &delivered, "index.html");
        let receipt: serde_json::Value = serde_json::from_str(&read(&world, &delivered, "receipt.json")).unwrap();
        let outputs = receipt["outputs"].as_array().unwrap().iter().map(|output| output["path"].as_str().unwrap());
        assert_eq!(outputs.filter(|path| *path != "index.html").collect::<Vec<_>>(), index.lines().collect::<Vec<_>>());
    }

    #[test]
    fn the_bar_goes_on_where_a_page_fails_on_the_way_and_all_are_made_anew() {
        let shown = Shown::default();
        let world = Memory::new();
        let context = Context { world: &world, progress: Progress::to(shown.clone()) };
        let mut outcome = two_people();
        let claim = Claim::take(&world, Path::new("out"), outcome.period).unwrap();
        let pages = Slips { unprintable: Vec::new(), failing: vec!["A1"] };
        deliver(&context, &claim, &mut outcome, &Ingredients::default(), &pages).unwrap();
        assert_eq!(shown.lines().iter().filter(|line| *line == "making documents (2)").count(), 2);
        assert!(shown.steps().is_sorted() && shown.steps().last().is_some_and(|last| *last < 1000), "{shown:?}");
    }

    #[test]
    fn a_page_that_cannot_be_printed_makes_a_draft_of_the_others() {
        for pages in [
            Slips { unprintable: vec!["A1"], failing: Vec::new() },
            Slips { unprintable: Vec::new(), failing: vec!["A1"] },
        ] {
            let world = Memory::new();
            let mut outcome = two_people();
            let delivered = run(&world, &mut outcome, &pages);
            assert!(matches!(delivered.published, Published::Draft { .. }) && delivered.page_failed);
            assert_eq!(outcome.exceptions.len(), 1);
            assert_eq!(read(&world, &delivered, "stores/S01/payslips/A2.pdf"), "草稿");
            assert!(!world.exists(&delivered.published.folder().join("stores/S01/payslips/A1.pdf")));
            assert!(read(&world, &delivered, "stores/S01/exceptions.csv").contains("document-failed"));
            assert!(!world.exists(Path::new("out/2026-10/current")));
        }
    }

    #[test]
    fn a_blocking_exception_makes_a_draft_and_leaves_the_published_run() {
        let world = Memory::new();
        run(&world, &mut two_people(), &Slips::default());
        let current = world.read_link(Path::new("out/2026-10/current")).unwrap();
        let mut outcome = two_people();
        outcome.exceptions = vec![exception(Some("S01"), "A1")];
        let delivered = run(&world, &mut outcome, &Slips::default());
        assert!(matches!(delivered.published, Published::Draft { .. }) && !delivered.page_failed);
        assert_eq!(world.read_link(Path::new("out/2026-10/current")).unwrap(), current);
    }
}
