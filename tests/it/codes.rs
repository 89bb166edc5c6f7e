//! Codes: ids are unique and well formed, modules list what they declare, and every code has a reproducer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jixiao::diag::About;

use crate::{findings, repository};

/// Codes that nothing reproduces yet. The list must stay exact.
const WITHOUT_CASE: &str = "tests/cases/codes-without-case.txt";
const HEADING: &str =
    "# Codes that nothing reproduces yet: a finding wants tests/cases/findings/<code>.txt, an exception a test.\n";

#[test]
fn ids_are_unique_kebab_case_words_with_a_meaning() {
    let mut seen = BTreeSet::new();
    for code in jixiao::all_codes() {
        assert!(seen.insert(code.id), "`{}` stands twice", code.id);
        let words = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        assert!(code.id.split('-').all(words), "`{}` is not kebab-case", code.id);
        assert!(!code.meaning.is_empty() && !code.meaning.ends_with('.'), "meaning of `{}`", code.id);
    }
}

#[test]
fn every_code_is_listed_by_its_module() {
    let known: BTreeSet<&str> = jixiao::all_codes().iter().map(|code| code.id).collect();
    for (id, name) in declared() {
        assert!(known.contains(id.as_str()), "`{name}` (`{id}`) is missing in the CODES of its module or in all_codes");
    }
}

#[test]
fn every_code_has_a_reproducer() {
    let ids =
        |about| jixiao::all_codes().into_iter().filter(move |code| code.about == about).map(|code| code.id.to_owned());
    let files: BTreeSet<String> = ids(About::Files).collect();
    let data: BTreeSet<String> = ids(About::Data).collect();
    let cases: BTreeSet<String> = findings::case_codes().into_iter().collect();
    let tests = texts_of_tests();
    let names: BTreeMap<String, String> = declared().collect();
    let expected = |id: &String| {
        tests.iter().any(|text| text.contains(id.as_str()) || names.get(id).is_some_and(|name| text.contains(name)))
    };
    let without: BTreeSet<&String> =
        files.iter().filter(|id| !cases.contains(*id)).chain(data.iter().filter(|id| !expected(id))).collect();
    if std::env::var_os(findings::UPDATE).is_some() {
        let lines = without.iter().map(|code| format!("{code}\n"));
        std::fs::write(repository::root().join(WITHOUT_CASE), HEADING.to_owned() + &lines.collect::<String>()).unwrap();
    }
    let list = repository::text(WITHOUT_CASE);
    let listed: BTreeSet<String> =
        list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
    let lacking: Vec<_> = without.iter().filter(|code| !listed.contains(**code)).collect();
    assert!(lacking.is_empty(), "write a case or a test for: {lacking:?}");
    let needless: Vec<_> = listed.iter().filter(|code| !without.contains(code)).collect();
    assert!(needless.is_empty(), "take out of {WITHOUT_CASE}: {needless:?}");
    let unknown: Vec<_> = cases.iter().filter(|code| !files.contains(*code)).collect();
    assert!(unknown.is_empty(), "cases of codes that the program does not have: {unknown:?}");
}

/// Id and constant of every code that the sources declare outside of tests.
fn declared() -> impl Iterator<Item = (String, String)> {
    repository::files("src", ".rs").into_iter().flat_map(|path| {
        let text = repository::text(path);
        let declarations = text.split("const ").skip(1).filter_map(|rest| {
            let (name, rest) = rest.split_once(": Code =")?;
            let arguments = rest.trim_start().strip_prefix("Code::")?.split_once('(')?.1.trim_start();
            let id = arguments.strip_prefix('"')?.split('"').next()?;
            Some((id.to_owned(), name.to_owned()))
        });
        let test = |id: &str| id.starts_with("sample-") || id.starts_with("test-only-");
        declarations.filter(|(id, name)| !test(id) && name != "CODE").collect::<Vec<_>>()
    })
}

/// Texts of everything that tests expect: test modules, rule tests, cases.
fn texts_of_tests() -> Vec<String> {
    let sources = repository::files("src", ".rs").into_iter().filter_map(|path| {
        let text = repository::text(&path);
        let name = path.to_string_lossy();
        if name.contains("/tests") {
            return Some(text);
        }
        text.find("#[cfg(test)]\nmod ").map(|at| text[at..].to_owned())
    });
    let others = ["tests/it", "tests/cases", "pipelines"].into_iter().flat_map(|folder| repository::files(folder, ""));
    let others = others.filter(|path| *path != Path::new(WITHOUT_CASE));
    sources.chain(others.map(|path| String::from_utf8_lossy(&repository::read(path)).into_owned())).collect()
}
