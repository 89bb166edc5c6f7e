//! The program as its users start it: help, exit codes, what goes to standard output and what does not.

use assert_cmd::Command;

fn jixiao(arguments: &[&str]) -> (String, String, i32) {
    let output = Command::cargo_bin("jixiao").unwrap().env_remove("COLUMNS").args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

#[test]
fn help_of_every_command() {
    for command in ["", "run", "check", "test", "explain", "clauses", "score", "completions"] {
        let arguments: Vec<&str> = [command, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
        let (help, errors, code) = jixiao(&arguments);
        assert_eq!((errors.as_str(), code), ("", 0));
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
        let name = if command.is_empty() { "jixiao" } else { command };
        insta::assert_snapshot!(format!("help_{name}"), help);
    }
}

#[test]
fn a_command_line_that_makes_no_sense_is_code_2_with_nothing_on_standard_output() {
    for arguments in [
        &["run"][..],
        &["run", "--period", "2026-13"],
        &["explain", "--period", "2026-10"],
        &["frobnicate"],
        &["check", "no/such/project.yaml"],
    ] {
        let (out, errors, code) = jixiao(arguments);
        assert_eq!((out.as_str(), code), ("", 2), "{arguments:?}");
        assert!(errors.starts_with("error: "), "{errors}");
    }
}

#[test]
fn a_failure_is_one_json_object_where_json_is_asked_for() {
    let (out, _, code) = jixiao(&["check", "no/such/project.yaml", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((json["result"].as_str(), json["exit"].as_i64(), code), (Some("failed"), Some(2), 2));
}

#[test]
fn a_command_line_that_makes_no_sense_is_json_where_json_is_asked_for() {
    for (arguments, message, hint) in [
        (&["run", "--format", "json"][..], "--period <MONTH>", "Usage: jixiao run"),
        (&["--format=json", "explain", "--perod", "2026-10"], "unexpected argument '--perod'", "--period"),
        (&["run", "--period", "2026-13", "--format", "json"], "2026-13", "Usage"),
        (&["frobnicate", "--format=json"], "unrecognized subcommand 'frobnicate'", "Usage: jixiao"),
    ] {
        let (out, errors, code) = jixiao(arguments);
        let json: serde_json::Value =
            serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{errors}"));
        assert_eq!((json["result"].as_str(), json["exit"].as_i64(), code), (Some("failed"), Some(2), 2));
        assert!(json["error"].as_str().is_some_and(|text| text.contains(message)), "{json:#}");
        assert!(json["hint"].is_null() || json["hint"].as_str().is_some_and(|text| text.contains(hint)), "{json:#}");
        assert_eq!(errors, "");
    }
    let (out, errors, _) = jixiao(&["run", "--", "--format=json"]);
    assert!(out.is_empty() && errors.starts_with("error: "), "{out}{errors}");
}

#[test]
fn check_looks_inside_rule_tests() {
    let world = crate::small_run::memory();
    let checked = |world: &jixiao::world::Memory| jixiao::cli::run_in(world, &["check"]);
    assert_eq!(checked(&world).exit.code(), 0, "{}", checked(&world).out);
    let case = "  - { case: c, period: 2026-10, given: { orders: [{ amuont: 1 }] }, expect: { pay: [] } }\n";
    world.put("pipelines/plans/advisor-output.test.yaml", format!("defaults: {{ store_id: S01 }}\ncases:\n{case}"));
    let ended = checked(&world);
    assert_eq!(ended.exit.code(), 3);
    for code in ["unknown-given-column", "not-given"] {
        assert!(ended.out.contains(code), "{}", ended.out);
    }
}

#[test]
fn nothing_published_is_said_with_the_command_that_publishes() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let (_, errors, code) = jixiao(&["explain", "--period", "2026-10", "--employee", "A1", "--out", out]);
    assert_eq!(code, 2);
    assert!(errors.contains("jixiao run --period 2026-10"), "{errors}");
}

#[test]
fn completions_name_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let (script, _, code) = jixiao(&["completions", shell]);
        assert_eq!(code, 0);
        assert!(["run", "check", "test", "explain"].iter().all(|command| script.contains(command)), "{shell}");
    }
}
