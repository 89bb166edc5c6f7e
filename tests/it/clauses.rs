//! `jixiao clauses`: what the shipped project says of its clauses, as table and as JSON.

use jixiao::cli::layout::width;
use jixiao::cli::{Ended, run_in};
use jixiao::world::Memory;
use serde_json::Value;

use crate::{demo_outcome, findings, repository};

fn shipped() -> Memory {
    let world = Memory::new();
    for path in repository::files("pipelines", ".yaml") {
        world.put(&path, repository::read(&path));
    }
    world
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {}", ended.out))
}

fn clauses(json: &Value) -> Vec<&Value> {
    json["plans"].as_array().unwrap().iter().flat_map(|plan| plan["clauses"].as_array().unwrap()).collect()
}

#[test]
fn every_clause_has_its_sentences_and_what_its_state_asks_for() {
    let ended = run_in(&shipped(), &["clauses", "--format", "json"]);
    let json = json(&ended);
    for clause in clauses(&json) {
        let text = |key: &str| clause[key].as_str().unwrap_or_default();
        assert!(text("zh").ends_with('。') && text("en").ends_with('.'), "{clause:#}");
        match text("state") {
            "computed" => {
                assert!(clause["cases"].as_u64().is_some_and(|cases| cases > 0), "no rule test: {clause:#}");
            }
            "rated" | "declared" => assert!(!text("because").is_empty(), "{clause:#}"),
            other => panic!("{other}: {clause:#}"),
        }
    }
    assert_eq!((json["result"].as_str(), json["findings"].as_array().map(Vec::len)), (Some("covered"), Some(0)));
    assert_eq!(ended.exit.code(), 0);
    assert_eq!(run_in(&shipped(), &["clauses", "--open"]).out, "no clause is open\n");
}

#[test]
fn a_clause_is_followed_to_its_line_its_parameters_and_its_rule_tests() {
    let ended = run_in(&shipped(), &["clauses", "--clause", "D8-2.4", "--format", "json"]);
    let json = json(&ended);
    let all = clauses(&json);
    let [clause] = all.as_slice() else { panic!("{json:#}") };
    let pipelines = clause["pipelines"].as_array().unwrap();
    let renewals = pipelines.iter().find(|pipeline| pipeline["pipeline"] == "advisor-renewals").unwrap();
    assert_eq!(renewals["lines"], serde_json::json!(["renewal-reward", "renewal-deduction"]));
    assert_eq!(renewals["tests"]["file"], "plans/advisor-renewals.test.yaml");
    assert!(clause["parameters"].as_array().unwrap().contains(&Value::from("renewal_task")), "{clause:#}");
    assert_eq!(clause["decisions"][0]["files"][0], "parameters/advisors.yaml");
    assert!(clause["decisions"][0]["instead"][0].as_str().is_some_and(|text| text.contains("2 台")), "{clause:#}");
}

#[test]
fn the_table_keeps_to_80_columns_and_to_what_was_asked_for() {
    let world = shipped();
    for arguments in [&["clauses"][..], &["clauses", "--clause", "D8-3.2"], &["clauses", "--plan", "D5"]] {
        let ended = run_in(&world, arguments);
        assert!(ended.out.lines().all(|line| width(line) <= 80), "{}", ended.out);
    }
    let plan = run_in(&world, &["clauses", "--plan", "D8"]).out;
    assert!(plan.contains("  D8-1.5    declared  一.5\n") && !plan.contains("\n  D7-1 "), "{plan}");
    let copy = run_in(&world, &["clauses", "--plan", "D5"]).out;
    assert!(copy.contains("a copy of D8"), "{copy}");
}

#[test]
fn the_decisions_in_force_are_those_of_the_plans_that_pay_in_a_store_with_its_own_choices() {
    let outcome = demo_outcome::computed("2026-10");
    let chosen = |store: &str, parameter: &str| {
        let held = outcome.decisions.iter().filter(|decision| decision.store_id == store);
        let held: Vec<&str> =
            held.filter(|decision| decision.changed_by.ends_with(parameter)).map(|it| it.chosen.as_str()).collect();
        held
    };
    assert_eq!(chosen("S01", "accident_base_rule"), ["本人份额"]);
    assert_eq!(chosen("S02", "accident_base_rule"), ["小组全额"]);
    for decision in &outcome.decisions {
        assert!(outcome.clause(&decision.clause).is_some_and(|words| !words.zh.is_empty()), "{decision:?}");
        assert!(!decision.decided.is_empty() && !decision.instead.is_empty(), "{decision:?}");
    }
}

#[test]
fn what_is_not_there_is_told_with_the_nearest_name() {
    for (arguments, said) in [
        (&["clauses", "--plan", "D88"][..], "did you mean `D8`?"),
        (&["clauses", "--clause", "D8-2,1"], "did you mean `D8-2.1`?"),
    ] {
        let ended = run_in(&shipped(), arguments);
        assert_eq!(ended.exit.code(), 2);
        assert!(ended.err.contains(said), "{}", ended.err);
    }
    let ended = run_in(&findings::base(), &["clauses"]);
    assert_eq!(ended.exit.code(), 2);
    assert!(ended.err.contains("this project has no file of clauses"), "{}", ended.err);
}

#[test]
fn an_open_clause_ends_the_command_with_code_3() {
    let world = shipped();
    let file = "pipelines/clauses.yaml";
    let text = repository::text(file).replacen("state: computed", "state: open", 1);
    world.put(file, text.into_bytes());
    let ended = run_in(&world, &["clauses", "--open"]);
    assert_eq!(ended.exit.code(), 3);
    assert!(ended.out.contains("  G1        open      传祺方案 5\n"), "{}", ended.out);
}
