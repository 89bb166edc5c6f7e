//! Documents as their readers get them: the text of the PDFs, their bytes, what happens when one fails.

mod failing;
mod hostile;
mod loading;
mod measured;
mod pages;
mod scores;

use super::document::Document;
use super::{Assets, render};
use crate::run::outcome::Outcome;

const RUN: &str = "0123456789abcdef0123456789abcdef";

fn documents(outcome: &Outcome, assets: &Assets) -> Vec<Document> {
    render(outcome, assets, RUN, &|_| ())
}

fn pdf(outcome: &Outcome, assets: &Assets, path: &str) -> Vec<u8> {
    let found = documents(outcome, assets).into_iter().find(|document| document.path == path);
    found.unwrap_or_else(|| panic!("no {path}")).result.unwrap()
}

/// Text of each page, without white space: where a line breaks is no part of what a page says.
fn pages(pdf: &[u8]) -> Vec<String> {
    let pages = pdf_extract::extract_text_from_mem_by_pages(pdf).unwrap();
    pages.iter().map(|page| page.split_whitespace().collect()).collect()
}

fn text(pdf: &[u8]) -> String {
    pages(pdf).concat()
}

#[track_caller]
fn contains(text: &str, part: &str) {
    let part: String = part.split_whitespace().collect();
    assert!(text.contains(&part), "`{part}` is not on the page:\n{text}");
}
