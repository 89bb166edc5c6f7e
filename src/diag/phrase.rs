//! Words that the program itself puts over columns and into formulas: 在岗天数, 取大(…，…).
//!
//! They stand in Chinese in the sources, as the pages of the project do; English stands in `words/en.yaml`, by the
//! Chinese. The file is part of the program, and a test holds that every phrase is there with the same details and
//! nothing is left.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::text::Language;
use super::yaml::{OrderedMap, read_text};

/// The phrases in English.
const ENGLISH: &str = include_str!("words/en.yaml");

static PHRASES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    // A file that cannot be read gives no words, which a test excludes.
    let phrases: OrderedMap<String> = read_text("words/en.yaml", ENGLISH).unwrap_or_default();
    phrases.0.into_iter().collect()
});

/// A phrase in a language, with its details in braces still open; the Chinese where the language has none.
pub fn phrase(chinese: &'static str, language: Language) -> &'static str {
    match language {
        Language::Chinese => chinese,
        Language::English => PHRASES.get(chinese).map_or(chinese, String::as_str),
    }
}

/// A phrase with its details: `phrase_of("若 {test} 则 {value}", language, &[("test", …), ("value", …)])`.
pub fn phrase_of(chinese: &'static str, language: Language, details: &[(&str, &str)]) -> String {
    let mut rest = phrase(chinese, language);
    let mut filled = String::with_capacity(rest.len() + 32);
    while let Some((before, inside)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = inside.split_once('}').unwrap_or((inside, ""));
        filled.extend(details.iter().filter(|(known, _)| *known == name).map(|(_, detail)| *detail));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The English words of a text that is wholly a phrase without details, such as the yes and no of a cell.
pub fn english(chinese: &str) -> Option<&'static str> {
    PHRASES.get(chinese).map(String::as_str)
}

/// Every phrase by its Chinese; for tests.
pub fn phrases() -> &'static BTreeMap<String, String> {
    &PHRASES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_filled_once_and_in_the_order_of_the_language() {
        let details = [("test", "{value}"), ("value", "1")];
        assert_eq!(phrase_of("若 {test} 则 {value}", Language::Chinese, &details), "若 {value} 则 1");
        assert_eq!(phrase_of("若 {test} 则 {value}", Language::English, &details), "if {value} then 1");
        assert_eq!(phrase("取大", Language::English), "max");
        assert_eq!(phrase("没有这句话", Language::English), "没有这句话");
    }
}
