//! Runs the cases of `tests/cases/findings/`: a project with something wrong, and what is said of it.

use std::fmt::Write;
use std::path::Path;

use jixiao::diag::Findings;
use jixiao::diag::render::{self, Look, Sources};
use jixiao::diag::text::Language;
use jixiao::plan::{self, Plan};
use jixiao::report::{self, Request};
use jixiao::run::{accepted, rule_test};
use jixiao::spec;
use jixiao::world::{Memory, World};

use crate::repository;

const CASES: &str = "tests/cases/findings";
const BASE: &str = "tests/cases/base";
const PROJECT: &str = "pipelines/month-end.yaml";
const DATA: &str = "data";
/// Laid below a case that has files of it.
const TEMPLATES: &str = "report-templates";
const EXPECTED: &str = "expected";
/// Set, the cases are rewritten with what the program says; review the difference.
pub const UPDATE: &str = "UPDATE_CASES";

/// A case file in its parts.
struct Case {
    /// The path of the file.
    path: String,
    /// What stands before the first section.
    heading: Vec<u8>,
    /// Path and content of each section.
    sections: Vec<(String, Vec<u8>)>,
}

impl Case {
    fn read(path: String) -> Self {
        let mut case = Self { heading: Vec::new(), sections: Vec::new(), path };
        for line in repository::read(&case.path).split_inclusive(|byte| *byte == b'\n') {
            let section = line.strip_prefix(b"-- ").and_then(|line| line.strip_suffix(b" --\n"));
            match (section, case.sections.last_mut()) {
                (Some(name), _) => case.sections.push((String::from_utf8(name.to_vec()).unwrap(), Vec::new())),
                (None, Some((_, content))) => content.extend(line),
                (None, None) => case.heading.extend(line),
            }
        }
        case
    }

    /// The code that the file name promises: `unknown-key.txt`, `unknown-key--in-a-step.txt`.
    fn code(&self) -> String {
        let name = Path::new(&self.path).file_stem().unwrap().to_string_lossy().into_owned();
        name.split("--").next().unwrap_or_default().to_owned()
    }

    fn expected(&self) -> String {
        let section = self.sections.iter().find(|(name, _)| name == EXPECTED);
        section.map_or(String::new(), |(_, text)| String::from_utf8(text.clone()).unwrap())
    }

    fn world(&self) -> Memory {
        let world = base();
        if self.sections.iter().any(|(name, _)| name.starts_with(TEMPLATES)) {
            // The dictionary of figures belongs to the reports of the project, which a case puts others in place of.
            for path in repository::files(TEMPLATES, "").into_iter().filter(|path| !path.ends_with("kpis.yaml")) {
                world.put(&path, repository::read(&path));
            }
        }
        for (name, content) in self.sections.iter().filter(|(name, _)| name != EXPECTED) {
            world.put(name, content.clone());
        }
        world
    }

    fn write(&self, said: &str) {
        let mut bytes = self.heading.clone();
        for (name, content) in self.sections.iter().filter(|(name, _)| name != EXPECTED) {
            bytes.extend(format!("-- {name} --\n").bytes());
            bytes.extend(content);
        }
        bytes.extend(format!("-- {EXPECTED} --\n{said}").bytes());
        std::fs::write(repository::root().join(&self.path), bytes).unwrap();
    }
}

/// A small project without findings, over which a case lays its files.
pub fn base() -> Memory {
    let world = Memory::new();
    for path in repository::files(BASE, "") {
        world.put(path.strip_prefix(BASE).unwrap(), repository::read(&path));
    }
    world
}

/// What `check` finds, and the texts it is drawn from.
fn check(world: &dyn World) -> (Findings, Sources) {
    let loaded = spec::load(world, Path::new(PROJECT)).unwrap();
    let mut findings = loaded.findings;
    findings.extend(loaded.words);
    if let Some(project) = loaded.project {
        match plan::plan(&project) {
            Ok(plan) => {
                findings.extend(plan.warnings.clone());
                findings.extend(rule_test::check(&plan));
                if world.exists(Path::new(TEMPLATES)) {
                    findings.extend(check_templates(world, &plan));
                }
            }
            Err(found) => findings.extend(found),
        }
    }
    let (_, found) = accepted::read(world, Path::new(DATA)).unwrap();
    findings.extend(found);
    let mut sources = spec::sources(&loaded.documents);
    for place in findings.iter().filter_map(|finding| finding.place.as_ref()) {
        if !sources.contains_key(&place.file) {
            let bytes = world.read(Path::new(&*place.file)).unwrap();
            sources.insert(place.file.clone(), String::from_utf8_lossy(&bytes).into());
        }
    }
    (findings, sources)
}

fn check_templates(world: &dyn World, plan: &Plan) -> Findings {
    let folder = Path::new(PROJECT).parent().unwrap();
    let fonts: Vec<_> = plan.fonts.iter().map(|font| folder.join(font)).collect();
    let request =
        Request { folder: Path::new(TEMPLATES), reports: &plan.reports, fonts: &fonts, language: Language::Chinese };
    match report::load(world, &request).unwrap() {
        Ok(assets) => {
            let mut findings = assets.check(&plan.published(), plan.clauses.as_ref(), Some(&plan.parameters));
            findings.extend(assets.check_workbooks(plan));
            findings
        }
        Err(findings) => findings,
    }
}

fn cases() -> Vec<Case> {
    repository::files(CASES, ".txt").into_iter().map(|path| Case::read(path.to_string_lossy().into_owned())).collect()
}

/// Codes that have a case, by the names of the files.
pub fn case_codes() -> Vec<String> {
    cases().iter().map(Case::code).collect()
}

#[test]
fn the_base_project_has_no_findings() {
    let (findings, sources) = check(&base());
    assert!(findings.is_empty(), "{}", render::text(&findings, &sources, Look::default()));
}

#[test]
fn every_case_says_what_it_should() {
    let mut failures = String::new();
    for case in cases() {
        let (findings, sources) = check(&case.world());
        let said = render::text(&findings, &sources, Look::default());
        if std::env::var_os(UPDATE).is_some() {
            case.write(&said);
        } else if said != case.expected() {
            let _ = writeln!(failures, "== {}\n-- expected\n{}\n-- said\n{said}", case.path, case.expected());
        }
        let code = case.code();
        if !findings.iter().any(|finding| finding.code.id == code) {
            let _ = writeln!(failures, "== {}: no finding has the code `{code}`", case.path);
        }
        for finding in findings.iter().filter(|finding| finding.place.is_some() && finding.hints.is_empty()) {
            let _ = writeln!(failures, "== {}: no hint beside `{}`", case.path, finding.message);
        }
    }
    assert!(failures.is_empty(), "{failures}\nrun the test with {UPDATE}=1 to take over what is said");
}
