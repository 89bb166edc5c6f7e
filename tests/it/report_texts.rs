//! The words of reports, page by page, as their readers have them: those of a store, of its management and of the
//! group over the demo.

use std::path::Path;

use jixiao::diag::text::Language;
use jixiao::report::{Request, load, render};
use jixiao::run::outcome::Outcome;
use jixiao::world::Disk;

use crate::demo_outcome::computed;

const RUN: &str = "0123456789abcdef0123456789abcdef";

/// The text of a document: its pages, each line without the spaces around it, no empty one.
fn text(outcome: &Outcome, report: &str, path: &str) -> String {
    let reports = [report.to_owned()];
    let request =
        Request { folder: Path::new("report-templates"), reports: &reports, fonts: &[], language: Language::Chinese };
    let assets = load(&Disk, &request).unwrap().unwrap();
    let document = render(outcome, &assets, RUN, &|_| ()).into_iter().find(|document| document.path == path).unwrap();
    let pages = pdf_extract::extract_text_from_mem_by_pages(&document.result.unwrap()).unwrap();
    let mut text = String::new();
    for (at, page) in pages.iter().enumerate() {
        text.push_str(&format!("== {}\n", at + 1));
        for line in page.lines().map(str::trim).filter(|line| !line.is_empty()) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[test]
fn the_reports_read_as_they_were_looked_at() {
    let outcome = computed("2026-10");
    for (report, path) in [
        ("department", "stores/S02/department.pdf"),
        ("management", "stores/S03/management.pdf"),
        ("group", "group/group.pdf"),
    ] {
        insta::assert_snapshot!(report, text(&outcome, report, path));
    }
}
