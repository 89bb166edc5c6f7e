//! A plan of a new shape, added to the shipped project in YAML alone: a product of two attainments between a guarantee
//! and a cap. `tests/trial/` holds what an analyst writes for it, and nothing else.

use std::collections::BTreeMap;
use std::path::Path;

use jixiao::cli::run_in;
use jixiao::run::outcome::PayLine;
use jixiao::run::{self, Options, rule_test};
use jixiao::world::Memory;
use jixiao::world::period::Period;
use jixiao::{plan, spec};

use crate::{demo_outcome, repository};

const TRIAL: &str = "tests/trial";
const PROJECT: &str = "pipelines/month-end.yaml";
const CLAUSES: &str = "pipelines/clauses.yaml";
const DATA: &str = "fixtures/demo";
const PLAN: &str = "customer-relations";

/// The shipped project with the trial's files, its entries of the plan table and its clause.
fn world() -> Memory {
    let world = Memory::new();
    for path in repository::files("pipelines", "") {
        world.put(&path, repository::read(&path));
    }
    for path in repository::files(&format!("{TRIAL}/pipelines"), "") {
        world.put(path.strip_prefix(TRIAL).unwrap(), repository::read(&path));
    }
    // Its people are no longer among those whom no plan pays.
    let project = repository::text(PROJECT);
    let entries = format!("plans:\n{}", repository::text(format!("{TRIAL}/plans.yaml")));
    let paid = without_none(&project).replacen("plans:\n", &entries, 1);
    world.put(PROJECT, paid.into_bytes());
    let clauses = repository::text(CLAUSES) + &repository::text(format!("{TRIAL}/clauses.yaml"));
    world.put(CLAUSES, clauses.into_bytes());
    world
}

/// The project file without the trial's role in the entries of `plan: none`.
fn without_none(project: &str) -> String {
    let (mut text, mut none, mut taken) = (String::new(), false, 0);
    for line in project.split_inclusive('\n') {
        if line.trim_start().starts_with("- ") {
            none = line.contains("plan: none");
        }
        let without = if none { line.replace(&format!("{PLAN}, "), "") } else { line.to_owned() };
        taken += usize::from(without != line);
        text.push_str(&without);
    }
    assert!(taken > 0, "no entry of `plan: none` names {PLAN}");
    text
}

#[test]
fn a_plan_of_a_new_shape_is_yaml_alone_and_its_rule_tests_hold() {
    let files = repository::files(TRIAL, "");
    assert!(files.iter().all(|path| path.extension().is_some_and(|ending| ending == "yaml")), "{files:?}");
    let world = world();
    let loaded = spec::load(&world, Path::new(PROJECT)).unwrap();
    let project = loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.findings));
    let mut plan = plan::plan(&project).unwrap_or_else(|findings| panic!("{findings:?}"));
    plan.tests.retain(|tests| tests.value.pipeline == PLAN);
    let results = rule_test::run(&plan);
    let wrong: Vec<_> = results.iter().filter(|result| !result.holds()).collect();
    assert!(results.len() > 10 && wrong.is_empty(), "{wrong:#?}");
    let ended = run_in(&world, &["clauses", "--clause", "C-1"]);
    assert!(ended.out.contains("customer-relations: pays callback-bonus"), "{}", ended.out);
}

#[test]
fn it_pays_its_people_in_the_demo_and_changes_no_other_line() {
    let world = world();
    for path in repository::files(DATA, "") {
        world.put(&path, repository::read(&path));
    }
    let project = spec::load(&world, Path::new(PROJECT)).unwrap().project.unwrap();
    let plan = plan::plan(&project).unwrap();
    let (accepted, _) = run::accepted::read(&world, Path::new(DATA)).unwrap();
    let period = Period::parse("2026-10").unwrap();
    let options = Options { traces: false, ..Options::default() };
    let outcome = run::compute(&plan, &world, Path::new(DATA), period, &accepted, options).unwrap();
    assert!(!outcome.is_draft(), "{:#?}", outcome.exceptions);
    let (own, others): (Vec<&PayLine>, Vec<&PayLine>) =
        outcome.pay_lines.iter().partition(|line| &*line.pipeline == PLAN);
    let bonus: BTreeMap<&str, String> = own
        .iter()
        .filter(|line| ["S01", "S02"].contains(&line.store_id.as_str()))
        .map(|line| (line.employee_id.as_str(), line.amount.to_string()))
        .collect();
    insta::assert_debug_snapshot!(bonus);
    let key = |line: &PayLine| {
        (line.store_id.clone(), line.employee_id.clone(), line.line.to_string(), line.amount.to_string())
    };
    let before = demo_outcome::computed("2026-10");
    assert_eq!(others.into_iter().map(key).collect::<Vec<_>>(), before.pay_lines.iter().map(key).collect::<Vec<_>>());
}
