//! One document fails, the others are made.

use std::path::Path;

use super::{contains, documents, text};
use crate::diag::data::ExceptionSeverity;
use crate::report::sample::{assets, exception, outcome};
use crate::report::tests::loading::{REPORTS, request, templates};
use crate::report::{DOCUMENT_FAILED, MISSING_GLYPH, check_glyphs, load};

#[test]
fn a_character_that_no_font_has_names_person_field_and_code_point() {
    let mut outcome = outcome();
    outcome.people[1].name = "李😀娜".into();
    let failures = check_glyphs(&outcome, &assets(), &|_| ());
    assert_eq!(failures.len(), 2, "the slip, and the report of the store that lists the name");
    let slip = &failures[0];
    assert_eq!((slip.code, slip.employee_id.as_deref(), slip.who.as_str()), (MISSING_GLYPH, Some("A2"), "李😀娜 A2"));
    assert!(slip.cause.to_string().contains("no font has U+1F600 in name “李😀娜”"), "{}", slip.cause);
    assert!(slip.remedy.to_string().contains("fonts:"));

    let documents = documents(&outcome, &assets());
    let failed: Vec<&str> =
        documents.iter().filter(|document| document.result.is_err()).map(|document| document.path.as_str()).collect();
    assert_eq!(failed, ["stores/S01/payslips/A2.pdf", "stores/S01/department.pdf"]);
}

#[test]
fn the_report_of_a_draft_prints_the_code_point_in_place_of_a_rare_name() {
    let mut outcome = outcome();
    outcome.people[1].name = "李😀娜".into();
    outcome.exceptions.push(exception(ExceptionSeverity::Blocking, Some("A2"), "李😀娜 A2", "no font", "name a font"));
    let documents = documents(&outcome, &assets());
    let report = documents.last().unwrap();
    contains(&text(report.result.as_ref().unwrap()), "李⟨U+1F600⟩娜 A2");
    assert_eq!(documents.iter().filter(|document| document.result.is_err()).count(), 1);
}

#[test]
fn private_characters_are_missing_like_any_other() {
    let mut outcome = outcome();
    outcome.pay_lines[0].label = "提成\u{E5E5}".into();
    let failures = check_glyphs(&outcome, &assets(), &|_| ());
    assert!(failures[0].cause.to_string().contains("U+E5E5 in sections.1.rows.0.label"), "{}", failures[0].cause);
}

#[test]
fn a_template_that_fails_for_one_person_fails_for_this_person_alone() {
    let world = templates();
    let path = "report-templates/payslip/template.typ";
    let sound = String::from_utf8(crate::world::World::read(&world, Path::new(path)).unwrap()).unwrap();
    world.put(path, format!("{sound}\n#if data.name == \"李娜\" {{ panic(\"no\") }}\n"));
    let reports = REPORTS.map(str::to_owned);
    let assets = load(&world, &request(&reports)).unwrap().unwrap();
    let documents = documents(&outcome(), &assets);
    let failed: Vec<_> = documents.iter().filter_map(|document| document.result.as_ref().err()).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].code, failed[0].who.as_str()), (DOCUMENT_FAILED, "李娜 A2"));
    assert!(
        failed[0].cause.to_string().contains("payslip/template.typ:")
            && failed[0].cause.to_string().contains("panicked with: no"),
        "{}",
        failed[0].cause
    );
    assert_eq!(documents.len(), 4);
}

#[test]
fn a_frame_that_nobody_published_is_named() {
    let mut outcome = outcome();
    outcome.published.clear();
    let documents = documents(&outcome, &assets());
    let failure = documents.last().unwrap().result.as_ref().unwrap_err();
    assert_eq!(failure.employee_id, None);
    assert!(failure.cause.to_string().contains("group.sales"), "{}", failure.cause);
}
