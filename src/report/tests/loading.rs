//! Templates, messages and fonts that may not be used are findings, all at once.

use std::collections::BTreeMap;
use std::path::Path;

use crate::diag::text::Language;
use crate::diag::{Code, Findings};
use crate::expr::types::Schema;
use crate::report::sample::{assets, frames};
use crate::report::{CODES, Request, assets as codes, dictionary, lint, load, template};
use crate::world::{Disk, Memory, World};

pub(super) const REPORTS: [&str; 2] = ["payslip", "department"];

pub(super) fn request(reports: &[String]) -> Request<'_> {
    Request { folder: Path::new("report-templates"), reports, fonts: &[], language: Language::Chinese }
}

/// The project's templates in a world of memory.
pub(super) fn templates() -> Memory {
    let world = Memory::new();
    copy(&world, "report-templates");
    world
}

fn copy(world: &Memory, folder: &str) {
    for name in Disk.list(Path::new(folder)).unwrap() {
        let path = format!("{folder}/{name}");
        match Disk.read(Path::new(&path)) {
            Ok(bytes) => world.put(&path, bytes),
            Err(_) => copy(world, &path),
        }
    }
}

fn findings(world: &Memory) -> Vec<(Code, String)> {
    let reports = REPORTS.map(str::to_owned);
    let found: Findings = load(world, &request(&reports)).unwrap().unwrap_err();
    found.sorted().into_iter().map(|finding| (finding.code, finding.message)).collect()
}

#[test]
fn the_projects_templates_load_in_both_languages_with_hashes() {
    let reports = REPORTS.map(str::to_owned);
    for language in Language::ALL {
        let assets = load(&templates(), &Request { language, ..request(&reports) }).unwrap().unwrap();
        let files: Vec<&str> = assets.templates().iter().map(|file| file.file.as_str()).collect();
        assert!(files.contains(&"report-templates/payslip/template.typ"));
        assert!(files.contains(&"report-templates/shared/page.typ"));
        assert!(files.contains(&format!("report-templates/messages.{}.yaml", language.tag()).as_str()));
        assert!(files.is_sorted());
        assert_eq!(assets.font_files().len(), 4);
    }
}

#[test]
fn what_is_missing_is_named_all_at_once() {
    let world = Memory::new();
    let found = findings(&world);
    let missing: Vec<&str> = found.iter().map(|(_, message)| message.as_str()).collect();
    for file in ["messages.zh-CN.yaml", "payslip/report.yaml", "department/template.typ", "NotoSans-Bold.ttf"] {
        assert!(missing.iter().any(|message| message.contains(file)), "{file} in {missing:?}");
    }
    assert!(found.iter().all(|(code, _)| *code == codes::MISSING_ASSET));
}

#[test]
fn a_forbidden_template_names_its_place() {
    let world = templates();
    world.put("report-templates/shared/page.typ", "#import \"@preview/x:1.0.0\": y\n#eval(\"1\")");
    let reports = REPORTS.map(str::to_owned);
    let found = load(&world, &request(&reports)).unwrap().unwrap_err().sorted();
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|finding| finding.code == lint::FORBIDDEN_IN_TEMPLATE));
    let place = found[1].place.as_ref().unwrap();
    assert_eq!((&*place.file, place.span.clone()), ("report-templates/shared/page.typ", 31..35));
}

#[test]
fn a_broken_block_is_a_finding() {
    let world = templates();
    world.put("report-templates/payslip/template.typ", "{% for %}");
    assert_eq!(findings(&world)[0].0, template::BROKEN_TEMPLATE);
}

#[test]
fn an_unknown_key_of_a_report_is_a_finding_of_its_file() {
    let world = templates();
    world.put(
        "report-templates/payslip/report.yaml",
        "report: slip\ntitle: t\nper: person\nsection: []\nsections: []\n",
    );
    let reports = REPORTS.map(str::to_owned);
    let found = load(&world, &request(&reports)).unwrap().unwrap_err().sorted();
    assert!(
        found
            .iter()
            .all(|finding| finding.place.as_ref().is_some_and(|place| place.file.ends_with("payslip/report.yaml")))
    );
    assert!(found.iter().any(|finding| finding.message.contains("section")));
}

#[test]
fn a_message_file_without_a_key_is_refused() {
    let world = templates();
    let whole = String::from_utf8(world.read(Path::new("report-templates/messages.zh-CN.yaml")).unwrap()).unwrap();
    world.put("report-templates/messages.zh-CN.yaml", whole.replace("capitals: 大写\n", ""));
    let found = findings(&world);
    assert_eq!(found.len(), 1);
    assert!(found[0].1.contains("capitals"));
}

#[test]
fn a_message_that_no_font_prints_is_refused() {
    let world = templates();
    let whole = String::from_utf8(world.read(Path::new("report-templates/messages.zh-CN.yaml")).unwrap()).unwrap();
    world.put("report-templates/messages.zh-CN.yaml", whole.replace("capitals: 大写\n", "capitals: 大写😀\n"));
    assert!(findings(&world)[0].1.contains("U+1F600"));
}

#[test]
fn a_font_that_is_none_is_named() {
    let world = templates();
    world.put("fonts/x.otf", "no font");
    let reports = REPORTS.map(str::to_owned);
    let fonts = ["fonts/x.otf".into(), "fonts/y.otf".into()];
    let found = load(&world, &Request { fonts: &fonts, ..request(&reports) }).unwrap().unwrap_err().sorted();
    assert!(found[0].message.contains("fonts/y.otf"));
    let found = load(&world, &Request { fonts: &fonts[..1], ..request(&reports) }).unwrap().unwrap_err().sorted();
    assert_eq!(found[0].code, codes::UNREADABLE_FONT);
}

#[test]
fn sections_are_checked_against_what_pipelines_publish() {
    let assets = assets();
    let mut known: BTreeMap<String, Schema> =
        frames().into_iter().map(|(name, published)| (name, published.schema)).collect();
    // The dictionary is that of all reports of the project, of which two are here.
    let check = |known: &BTreeMap<String, Schema>| {
        let found = assets.check(known, None, None).sorted();
        found.into_iter().filter(|finding| finding.code != dictionary::UNUSED_KPI).collect::<Vec<_>>()
    };
    assert!(check(&known).is_empty());
    let mut schema = known.remove("department.advisors").unwrap();
    known.insert("department.advisor".to_owned(), schema.clone());
    let found = check(&known);
    assert_eq!(found.len(), 3, "three tables show this frame");
    assert_eq!(found[0].code, codes::UNKNOWN_FRAME);
    assert_eq!(found[0].hints, ["did you mean `department.advisor`?"]);
    schema.fields.retain(|field| &*field.name != "output_target");
    known.insert("department.advisors".to_owned(), schema);
    let found = check(&known);
    assert_eq!(found.len(), 3, "the column, the total that divides by it, the chart");
    assert!(found.iter().all(|finding| finding.code == codes::UNKNOWN_REPORT_COLUMN && finding.place.is_some()));
}

#[test]
fn codes_are_listed_once() {
    let ids: std::collections::BTreeSet<&str> = CODES.iter().map(|code| code.id).collect();
    assert_eq!(ids.len(), CODES.len());
}
