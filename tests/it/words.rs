//! What the program says of data is there in Chinese too: every code has a title, every sentence its words, with the
//! same details; and nothing is left that nobody says.

use std::collections::{BTreeMap, BTreeSet};

use jixiao::diag::About;
use jixiao::diag::phrase::phrases;
use jixiao::diag::text::vocabulary;

use crate::repository;

/// What modules that know no languages say in a word; [`jixiao::diag::text::Text::of`] takes it over.
const OF_OTHERS: [&str; 7] = [
    "month",
    "quarter",
    "year",
    "division by zero",
    "the base of a marginal ladder is below 0",
    "the weights of the pool sum to 0",
    "a pool is rounded to the fen before it is split",
];

#[test]
fn every_code_of_exceptions_has_a_title() {
    let (_, titles) = vocabulary();
    let codes: BTreeSet<&str> =
        jixiao::all_codes().into_iter().filter(|code| code.about == About::Data).map(|code| code.id).collect();
    let without: Vec<_> = codes.iter().filter(|code| !titles.contains_key(**code)).collect();
    assert!(without.is_empty(), "write a title in src/diag/words/zh-CN.yaml for {without:?}");
    let left: Vec<_> = titles.keys().filter(|title| !codes.contains(title.as_str())).collect();
    assert!(left.is_empty(), "titles of codes that the program does not have: {left:?}");
}

#[test]
fn every_sentence_has_its_words_with_the_same_details() {
    let (words, _) = vocabulary();
    let said = said();
    assert!(said.len() > 100, "the sources are not read: {said:?}");
    for (sentence, path) in &said {
        let own = words.get(sentence);
        let own = own.unwrap_or_else(|| panic!("src/diag/words/zh-CN.yaml lacks {sentence:?} of {path}"));
        assert_eq!(details(own), details(sentence), "{sentence:?} and {own:?}");
    }
    let left: Vec<_> = words.keys().filter(|sentence| !said.contains_key(*sentence)).collect();
    assert!(left.is_empty(), "nobody says {left:?}");
}

/// Names of the details in braces.
fn details(sentence: &str) -> BTreeSet<&str> {
    sentence.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
}

/// Every sentence that the sources give to `text!`, with a file that says it.
fn said() -> BTreeMap<String, String> {
    let mut said: BTreeMap<String, String> =
        OF_OTHERS.iter().map(|words| ((*words).to_owned(), "another module".to_owned())).collect();
    for path in repository::files("src", ".rs") {
        if path.ends_with("diag/text.rs") {
            continue;
        }
        let text = repository::text(&path);
        for rest in text.split("text!(").skip(1) {
            let Some(rest) = rest.trim_start().strip_prefix('"') else { continue };
            let sentence = rest.split('"').next().unwrap_or_default();
            said.insert(sentence.to_owned(), path.to_string_lossy().into_owned());
        }
    }
    said
}

/// Files whose Chinese texts are words of formulas and labels of columns.
const OF_PAGES: [&str; 16] = [
    "src/expr/clock.rs",
    "src/expr/explain.rs",
    "src/plan/parameters/check/cards.rs",
    "src/plan/scope.rs",
    "src/run/clauses.rs",
    "src/run/trace/build.rs",
    "src/run/trace/build/allocate.rs",
    "src/run/trace/build/ladder.rs",
    "src/run/trace/build/matrix.rs",
    "src/run/trace/build/terms.rs",
    "src/run/trace/build/to_date.rs",
    "src/source/check.rs",
    "src/step/allocate.rs",
    "src/step/context.rs",
    "src/step/matrix.rs",
    "src/step/score/formulas.rs",
];

#[test]
fn every_phrase_of_formulas_and_labels_has_its_english_with_the_same_details() {
    let known = phrases();
    let mut written = BTreeSet::new();
    for path in OF_PAGES {
        let text = repository::text(std::path::Path::new(path));
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
            // Between every second pair of quotes stands a text.
            for phrase in line.split('"').skip(1).step_by(2) {
                // Marks that formulas have in any language, and what hints quote.
                if !known.contains_key(phrase)
                    && (phrase.is_ascii() || phrase.contains('`') || !phrase.chars().any(is_chinese))
                {
                    continue;
                }
                let own = known.get(phrase);
                let own = own.unwrap_or_else(|| panic!("src/diag/words/en.yaml lacks {phrase:?} of {path}"));
                assert_eq!(details(own), details(phrase), "{phrase:?} and {own:?}");
                written.insert(phrase.to_owned());
            }
        }
    }
    let left: Vec<_> = known.keys().filter(|phrase| !written.contains(*phrase)).collect();
    assert!(left.is_empty(), "nobody writes {left:?}");
}

/// Ideographs and their punctuation, not the marks of a formula.
fn is_chinese(character: char) -> bool {
    matches!(character, '\u{3001}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}
