//! The book of a team: its slips one behind the other in the order of the roster, found by bookmarks, each from a
//! right-hand page on; and everybody of a store stands in one book.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jixiao::diag::text::Language;
use jixiao::report::{Request, load, render};
use jixiao::run::outcome::Person;
use jixiao::world::Disk;
use lopdf::{Document, Object};

use super::pdf::{at, dictionary, resolved, string};
use crate::demo_outcome::computed;

const STORE: &str = "S02";

/// Bookmarks of the first level with the number of the page, from 1, to which they lead.
fn bookmarks(document: &Document) -> Vec<(String, u32)> {
    let pages: BTreeMap<_, u32> = document.get_pages().into_iter().map(|(number, id)| (id, number)).collect();
    let outlines = at(document, document.catalog().unwrap(), "Outlines").and_then(|one| dictionary(document, one));
    let mut next = outlines.and_then(|outlines| dictionary(document, outlines.get(b"First").ok()?));
    let mut found = Vec::new();
    while let Some(item) = next {
        let action = at(document, item, "A").and_then(|action| dictionary(document, action));
        let to = at(document, item, "Dest").or_else(|| at(document, action?, "D")).unwrap();
        let Object::Array(to) = resolved(document, to) else { panic!("no place: {to:?}") };
        found.push((string(at(document, item, "Title")).unwrap(), pages[&to[0].as_reference().unwrap()]));
        next = item.get(b"Next").ok().and_then(|next| dictionary(document, next));
    }
    found
}

fn team(person: &Person) -> &str {
    let last = person.intervals.iter().max_by_key(|interval| interval.to);
    last.and_then(|interval| interval.team.as_deref()).unwrap_or_default()
}

#[test]
fn a_book_holds_its_team_in_order_and_every_slip_begins_on_a_right_hand_page() {
    let mut outcome = computed("2026-10");
    outcome.stores.retain(|store| store.store_id == STORE);
    outcome.people.retain(|person| person.store_id == STORE);
    let reports = ["payslip", "book"].map(str::to_owned);
    let request =
        Request { folder: Path::new("report-templates"), reports: &reports, fonts: &[], language: Language::Chinese };
    let assets = load(&Disk, &request).unwrap().unwrap();
    let made = render(&outcome, &assets, "0123456789abcdef0123456789abcdef", &|_| ());
    let books: Vec<_> = made.iter().filter(|one| one.path.contains("/books/")).collect();
    let teams: BTreeSet<&str> = outcome.people.iter().map(team).collect();
    assert!(teams.len() > 3 && teams.contains(""), "{teams:?}");
    assert_eq!(books.len(), teams.len());
    for name in teams {
        let file = if name.is_empty() { "without-team" } else { name };
        let path = format!("stores/{STORE}/books/{file}.pdf");
        let book = books.iter().find(|one| one.path == path).unwrap_or_else(|| panic!("no {path}"));
        let bookmarks = bookmarks(&Document::load_mem(book.result.as_ref().unwrap()).unwrap());
        let mut people: Vec<&Person> = outcome.people.iter().filter(|person| team(person) == name).collect();
        people.sort_by_key(|person| &person.employee_id);
        let expected: Vec<String> =
            people.iter().map(|person| format!("工资单 {} {}", person.name, person.employee_id)).collect();
        assert_eq!(bookmarks.iter().map(|(title, _)| title.clone()).collect::<Vec<_>>(), expected, "{path}");
        assert!(bookmarks.iter().all(|(_, page)| page % 2 == 1), "{path}: {bookmarks:?}");
    }
    let slips = made.iter().filter(|one| one.path.contains("/payslips/")).count();
    assert_eq!(slips, outcome.people.len(), "a slip alone is made as before");
}
