//! Payslips against typst and typst-pdf alone, over the same documents with the same options.
//!
//! `cargo bench --profile dist --bench slips [-- SLIPS]`: 500 slips by default, then ten times as many for the
//! memory. The people are the demo's, copied under other ids with their pay lines and traces. The loop to
//! compare with sets the same Typst text and view on the same number of threads, clears typst's cache as
//! often, and does nothing else: no view is made, no glyph looked for, no panic caught. Both are run in turn,
//! three times each in one process, and the fastest of each counts.
//!
//! Memory is that of a process of its own for each size that renders without keeping a document. Nothing is
//! asserted about time.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "a bench measures time, touches the disk, prints its figures and stops where it fails"
)]

mod measure;

use std::convert::Infallible;
use std::path::Path;
use std::sync::LazyLock;

use jixiao::diag::text::Language;
use jixiao::plan::plan;
use jixiao::report::{self, Assets, Parcel, Request};
use jixiao::run::outcome::Outcome;
use jixiao::run::{Options, accepted, compute};
use jixiao::spec;
use jixiao::world::Disk;
use jixiao::world::period::Period;
use rayon::prelude::*;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use measure::{figure, heading, in_a_process_of_its_own, memory, processor, row, sizes, timed};

/// Documents between two clearings of typst's cache, as in a run.
const BATCH: usize = 64;
/// How often each of the two is measured.
const TURNS: usize = 3;
const RUN: &str = "0123456789abcdef0123456789abcdef";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("ratio") => return ratio(sizes(500)),
        Some("memory") => return held(sizes(500)),
        _ => {}
    }
    let slips = sizes(500);
    heading("payslips: the report against a loop of typst and typst-pdf over the same documents");
    let child = |what: &str, size: usize| in_a_process_of_its_own(&[what.to_owned(), size.to_string()]);
    let times = child("ratio", slips);
    row(&format!("{slips} slips"), &["ms", "processor ms", "ms a slip"].map(str::to_owned));
    for (name, key) in [("typst and typst-pdf alone", "bare"), ("the report", "report")] {
        let (ms, processor) = (figure(&times, key), figure(&times, &format!("{key} processor")));
        row(name, &[format!("{ms:.0}"), format!("{processor:.0}"), format!("{:.2}", ms / slips as f64)]);
    }
    let ratio = |kind: &str| figure(&times, &format!("report{kind}")) / figure(&times, &format!("bare{kind}"));
    println!("the report takes {:.3} times as long, {:.3} times the work\n", ratio(""), ratio(" processor"));
    row("memory in MiB", &["before", "peak", "after"].map(str::to_owned));
    for size in [slips, 10 * slips] {
        let figures = child("memory", size);
        let cell = |name: &str| format!("{:.0}", figure(&figures, name));
        row(&format!("{size} slips"), &[cell("before"), cell("peak"), cell("after")]);
    }
}

/// The time of the two ways.
fn ratio(slips: usize) {
    let (outcome, assets) = made(slips);
    let parcels = report::parcels(&outcome, &assets, RUN).expect("views");
    let _warm = (bare(&parcels[..slips.min(BATCH)], &assets), render(&few(&outcome, BATCH), &assets));
    let mut bests = [[f64::INFINITY; 2]; 2];
    for _ in 0..TURNS {
        let ways: [&dyn Fn() -> usize; 2] = [&|| bare(&parcels, &assets), &|| render(&outcome, &assets)];
        let mut sizes = Vec::new();
        for (way, best) in ways.into_iter().zip(&mut bests) {
            let before = processor();
            let (size, ms) = timed(way);
            *best = [best[0].min(ms), best[1].min(processor() - before)];
            comemo::evict(0);
            sizes.push(size);
        }
        assert_eq!(sizes[0], sizes[1], "the two ways make different documents");
    }
    for (name, [ms, processor]) in ["bare", "report"].into_iter().zip(bests) {
        println!("{name} {ms}\n{name} processor {processor}");
    }
}

/// The memory of a run over many slips.
fn held(slips: usize) {
    let (outcome, assets) = made(slips);
    let before = memory("VmRSS");
    render(&outcome, &assets);
    println!("before {before}\npeak {}\nafter {}", memory("VmHWM"), memory("VmRSS"));
}

/// Sets every slip as a run does; bytes in all.
fn render(outcome: &Outcome, assets: &Assets) -> usize {
    let mut bytes = 0;
    let each = |document: report::Document| {
        bytes += document.result.map_err(|failure| failure.cause).expect("a document").len();
        Ok::<(), Infallible>(())
    };
    match report::render_each(outcome, assets, RUN, &|_| (), each) {
        Ok(()) => bytes,
        Err(never) => match never {},
    }
}

/// Sets the same pages with nothing around typst; bytes in all.
fn bare(parcels: &[Parcel], assets: &Assets) -> usize {
    let one = |parcel: &Parcel| {
        let page = Page { assets, main: parcel.main.clone(), view: Bytes::from_string(parcel.view.clone()) };
        let document = typst::compile(&page).output.expect("a page");
        typst_pdf::pdf(&document, &parcel.options().expect("options")).expect("a PDF").len()
    };
    // Layout nests deeply, and a thread that waits may begin another page on top of its own.
    let pool = rayon::ThreadPoolBuilder::new().stack_size(32 << 20).build().expect("threads");
    let mut bytes = 0;
    for batch in parcels.chunks(BATCH) {
        bytes += pool.install(|| batch.par_iter().map(one).sum::<usize>());
        comemo::evict(1);
    }
    bytes
}

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// What typst sees of one page.
struct Page<'a> {
    assets: &'a Assets,
    main: Source,
    view: Bytes,
}

impl World for Page<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.assets.book()
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            return Ok(self.main.clone());
        }
        self.assets.shared_source(id).ok_or_else(|| FileError::NotFound(id.get().vpath().get_without_slash().into()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match id.get().vpath().get_without_slash() {
            "data.json" => Ok(self.view.clone()),
            path => self.assets.shared_file(id).ok_or_else(|| FileError::NotFound(path.into())),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.assets.font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// The demo's month with so many people, and what slips are made with.
fn made(slips: usize) -> (Outcome, Assets) {
    let loaded = spec::load(&Disk, Path::new("pipelines/month-end.yaml")).expect("the project's files");
    let project = loaded.project.expect("a project without findings");
    let plan = plan(&project).expect("a plan without findings");
    let data = Path::new("fixtures/demo");
    let (accepted, _) = accepted::read(&Disk, data).expect("accepted.yaml");
    let period = Period::parse("2026-10").expect("a period");
    let demo = compute(&plan, &Disk, data, period, &accepted, Options::default()).expect("an outcome");
    let request = Request {
        folder: Path::new("report-templates"),
        reports: &["payslip".to_owned()],
        fonts: &[],
        language: Language::Chinese,
    };
    let assets = report::load(&Disk, &request).expect("the templates' files").expect("templates without findings");
    (few(&demo, slips), assets)
}

/// An outcome with so many people, copied from those that are there.
fn few(outcome: &Outcome, people: usize) -> Outcome {
    let mut copied = outcome.clone();
    (copied.people, copied.pay_lines) = (Vec::new(), Vec::new());
    for number in 0..people {
        let Some(person) = outcome.people.get(number % outcome.people.len()) else { continue };
        let employee_id = format!("{}-{number:05}", person.employee_id);
        let lines = outcome.pay_lines.iter().filter(|line| line.employee_id == person.employee_id);
        copied.pay_lines.extend(lines.cloned().map(|mut line| {
            line.employee_id.clone_from(&employee_id);
            line
        }));
        let mut person = person.clone();
        person.employee_id = employee_id;
        copied.people.push(person);
    }
    copied
}
