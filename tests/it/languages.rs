//! The project in another language: nothing that is printed lacks its words, and no amount hangs on them.

use std::path::Path;

use jixiao::diag::Findings;
use jixiao::diag::render::{self, Look};
use jixiao::diag::text::Language;
use jixiao::plan;
use jixiao::report::{self, Request};
use jixiao::run::accepted::AcceptedSpec;
use jixiao::run::outcome::Outcome;
use jixiao::run::{Options, compute};
use jixiao::spec;
use jixiao::world::Disk;

const PROJECT: &str = "pipelines/month-end.yaml";
const TEMPLATES: &str = "report-templates";

fn none(findings: &Findings) {
    let shown: String =
        render::text(findings, &render::Sources::default(), Look::default()).chars().take(4000).collect();
    assert!(
        findings.is_empty(),
        "write what is missing into pipelines/messages/en or the report's messages.en.yaml, and take out what is left:\n{shown}"
    );
}

/// What is seen in a language, the project and its data as they lie there.
fn outcome(language: Language) -> Outcome {
    let loaded = spec::load_in(&Disk, Path::new(PROJECT), Some(language)).unwrap();
    let plan = plan::plan(&loaded.project.unwrap()).unwrap();
    let period = jixiao::world::period::Period::parse("2026-10").unwrap();
    let options = Options { traces: false, ..Options::default() };
    compute(&plan, &Disk, Path::new("fixtures/demo"), period, &AcceptedSpec::default(), options).unwrap()
}

#[test]
fn every_text_of_the_project_and_of_its_reports_has_its_english() {
    let loaded = spec::load_in(&Disk, Path::new(PROJECT), Some(Language::English)).unwrap();
    none(&loaded.findings);
    none(&loaded.words);
    let plan = plan::plan(&loaded.project.unwrap()).unwrap();
    let request =
        Request { folder: Path::new(TEMPLATES), reports: &plan.reports, fonts: &[], language: Language::English };
    none(report::load(&Disk, &request).unwrap().unwrap().words());
}

#[test]
fn no_amount_hangs_on_the_language() {
    let [chinese, english] = [Language::Chinese, Language::English].map(outcome);
    let amounts = |outcome: &Outcome| {
        let lines = outcome.pay_lines.iter().chain(&outcome.net_lines);
        let told = lines.map(|line| format!("{} {} {} {}", line.store_id, line.employee_id, line.line, line.amount));
        told.collect::<Vec<_>>()
    };
    assert!(chinese.pay_lines.len() > 100);
    assert_eq!(amounts(&chinese), amounts(&english));
    let said = |outcome: &Outcome| {
        let told = outcome.exceptions.iter().map(|one| (one.code.id, one.store_id.clone(), one.employee_id.clone()));
        let mut told: Vec<_> = told.collect();
        told.sort();
        told
    };
    assert_eq!(said(&chinese), said(&english));
    // Labels, titles and roles speak the language.
    let is_chinese = |text: &str| text.chars().any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character));
    let labels = english.pay_lines.iter().map(|line| line.kind_label.as_str());
    let titles = english.titles.values().map(String::as_str);
    let columns = english.published.values().flat_map(|one| &one.schema.fields).map(|field| &*field.label);
    let left: Vec<&str> = labels.chain(titles).chain(columns).filter(|text| is_chinese(text)).collect();
    assert!(left.is_empty(), "{left:?}");
}
