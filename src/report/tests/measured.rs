//! Pages measured as they were laid out, in both widths: nothing out of the margins or over its neighbour, no heading
//! or head of a table alone at the foot of a page, no line of one character, letters large enough.
//!
//! The slips of the stress set are measured: names of twelve characters, amounts of nine digits, sixty lines, no line,
//! negative totals.

use typst::syntax::Source;

use super::RUN;
use crate::report::attach::attached;
use crate::report::document::{Blocks, Work, jobs};
use crate::report::measure::{Defect, defects};
use crate::report::sample::{assets, outcome, strained};
use crate::report::typeset::{Job, laid_out};
use crate::report::view::{Context, Index, view};
use crate::report::{Assets, Pages, Paper};
use crate::run::outcome::Outcome;

/// The defects of an outcome's documents on both papers.
fn measured(outcome: &Outcome, assets: &Assets, takes: &dyn Fn(usize, &Work<'_>) -> bool) -> (usize, Vec<String>) {
    let assets = assets.clone().on(Pages::Both);
    let (blocks, index) = (Blocks::default(), Index::new(outcome));
    let mut found = Vec::new();
    let jobs = jobs(outcome, &assets);
    let taken: Vec<&Work<'_>> =
        jobs.iter().enumerate().filter(|(at, work)| takes(*at, work)).map(|(_, job)| job).collect();
    for work in &taken {
        let spec = &work.report.spec;
        let cx = Context {
            outcome,
            index: &index,
            messages: &assets.parts.messages,
            run_id: RUN,
            spec,
            kpis: assets.parts.kpis(),
        };
        let view = view(cx, work.subject).unwrap();
        let job = Job {
            parts: &assets.parts,
            paper: work.paper,
            main: blocks.get(work.report, &view.shape).unwrap(),
            view: view.data.to_string(),
            attached: attached(cx, work.subject).unwrap(),
            ident: work.path(),
            date: outcome.period.last_day(),
        };
        let (_, of_pages) = laid_out(job, |frames| defects(frames, work.paper)).unwrap_or_else(|cause| {
            panic!("{}: {cause:?}", work.path());
        });
        found.extend(of_pages.into_iter().map(|(defect, page, text)| {
            let text: String = text.chars().take(60).collect();
            format!("{defect:?} on page {page} of {}: {text}", work.path())
        }));
        comemo::evict(4);
    }
    (taken.len(), found)
}

#[track_caller]
fn nothing_wrong((documents, found): (usize, Vec<String>), at_least: usize) {
    assert!(documents >= at_least, "{documents} documents");
    assert!(
        found.is_empty(),
        "{} defects, among them\n{}",
        found.len(),
        found.get(..found.len().min(40)).unwrap().join("\n")
    );
}

#[test]
fn what_strains_a_page_stands_well_too() {
    nothing_wrong(measured(&strained(), &assets(), &|_, work| work.subject.person.is_some()), 10);
}

/// The defects of a page with this Typst text on it.
fn of_text(paper: Paper, text: &str) -> Vec<Defect> {
    let assets = assets();
    let main = assets.parts.reports.first().unwrap().main;
    let text = format!(
        "#import \"../shared/page.typ\": *\n#import \"../shared/tables.typ\": *\n#show: sheet.with(json(\"/data.json\"))\n{text}"
    );
    let view = serde_json::json!({ "title": "页", "store": "店", "period": "月", "run": "批", "heading": "头", "attachments": [] });
    let job = Job {
        parts: &assets.parts,
        paper,
        main: Source::new(main, text),
        view: view.to_string(),
        attached: Vec::new(),
        ident: "planted".to_owned(),
        date: outcome().period.last_day(),
    };
    let (_, found) = laid_out(job, |frames| defects(frames, paper)).unwrap();
    let mut kinds: Vec<Defect> = found.into_iter().map(|(defect, ..)| defect).collect();
    kinds.dedup();
    kinds
}

#[test]
fn each_defect_is_seen_where_it_was_planted() {
    let sound = "#heading(level: 1)[题]\n#heading(level: 2)[节]\n一段文字。\n#table(columns: 2, table.header[甲][乙], [一], [二])";
    for paper in [Paper::A4, Paper::Phone] {
        assert_eq!(of_text(paper, sound), [], "{paper:?}");
        for (planted, defect) in [
            ("#place(dx: 190mm)[外面的字]", Defect::OutOfMargins),
            ("#table(columns: (150mm, 80mm), [甲], [乙])", Defect::OutOfMargins),
            ("#place(top)[重叠的文字]#place(top, dx: 3pt)[重叠的文字]", Defect::Overlapping),
            ("#text(size: 5pt)[小字]", Defect::TooSmall),
            ("#heading(level: 1)[题]\n文\n#heading(level: 2)[末尾]\n#pagebreak()\n文字", Defect::HeadingLast),
            (
                "#set page(height: 120mm)\n#block(height: 50mm)[文]\n#table(columns: 1, [头], block(height: 60mm, breakable: false)[行])",
                Defect::HeadApart,
            ),
            ("#block(width: 4.2em)[#set par(linebreaks: \"simple\")\n五个字的词]", Defect::LoneCharacter),
            ("#figure(kind: \"chart\", supplement: [图], alt: \"空\", block(height: 10pt))", Defect::EmptyFigure),
        ] {
            let found = of_text(paper, planted);
            assert!(found.contains(&defect), "{defect:?} on {paper:?}: {found:?}");
        }
    }
}
