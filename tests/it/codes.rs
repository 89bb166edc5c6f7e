//! Codes: ids are unique and well formed, and every code of findings has a reproducer.

use std::collections::BTreeSet;

use jixiao::diag::About;

use crate::{findings, repository};

/// Codes of findings that no case reproduces yet. The list must stay exact.
const WITHOUT_CASE: &str = "tests/cases/codes-without-case.txt";
const HEADING: &str = "# Codes of findings that no case reproduces yet: tests/cases/findings/<code>.txt\n";

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
fn every_code_of_findings_has_a_case() {
    let codes: BTreeSet<String> =
        jixiao::all_codes().iter().filter(|code| code.about == About::Files).map(|code| code.id.to_owned()).collect();
    let cases: BTreeSet<String> = findings::case_codes().into_iter().collect();
    if std::env::var_os(findings::UPDATE).is_some() {
        let without = codes.iter().filter(|code| !cases.contains(*code)).map(|code| format!("{code}\n"));
        std::fs::write(repository::root().join(WITHOUT_CASE), HEADING.to_owned() + &without.collect::<String>())
            .unwrap();
    }
    let list = repository::text(WITHOUT_CASE);
    let listed: BTreeSet<String> =
        list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
    let lacking: Vec<_> = codes.iter().filter(|code| !cases.contains(*code) && !listed.contains(*code)).collect();
    assert!(lacking.is_empty(), "write tests/cases/findings/<code>.txt for: {lacking:?}");
    let needless: Vec<_> = listed.iter().filter(|code| cases.contains(*code) || !codes.contains(*code)).collect();
    assert!(needless.is_empty(), "take out of {WITHOUT_CASE}: {needless:?}");
    let unknown: Vec<_> = cases.iter().filter(|code| !codes.contains(*code)).collect();
    assert!(unknown.is_empty(), "cases of codes that the program does not have: {unknown:?}");
}
