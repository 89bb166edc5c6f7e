//! What authors of YAML wrote, in another language than the one they wrote in.
//!
//! A project is written in one language, and its message files hold its words in another: texts (titles, labels,
//! reasons) and values (the words among which a parameter chooses, and those that expressions write). Texts are
//! replaced while a file is read, so that whatever is made of them speaks the language; a value stays what it is as
//! long as it is compared and joined, and is replaced where it is printed.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::phrase::{english, phrase};
use super::text::Language;
use super::yaml::OrderedMap;

/// Between several values of a cell.
const AND: &str = "、";

/// A file of words, as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordsSpec {
    /// Titles, labels, notes, messages, reasons: by what the author wrote.
    #[serde(default)]
    pub texts: OrderedMap<String>,
    /// Words that stand in cells: choices of parameters, words of ladders, texts of expressions.
    #[serde(default)]
    pub values: OrderedMap<String>,
}

/// The words of a project in a language; those of its authors where there are no files of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Translation {
    language: Language,
    texts: BTreeMap<String, String>,
    values: BTreeMap<String, String>,
}

impl Translation {
    /// No words but those of the authors.
    pub fn none(language: Language) -> Self {
        Self { language, ..Self::default() }
    }

    /// Adds the words of a file; what another file has said otherwise already: the text, and what that file says.
    pub fn add(&mut self, spec: WordsSpec) -> Vec<(&'static str, String, String)> {
        let mut twice = Vec::new();
        for (key, words, known) in [("texts", spec.texts, &mut self.texts), ("values", spec.values, &mut self.values)] {
            for (text, own) in words.0 {
                match known.get(&text) {
                    Some(other) if *other != own => twice.push((key, text, other.clone())),
                    _ => drop(known.insert(text, own)),
                }
            }
        }
        twice
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether authors' words stand as they are.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.values.is_empty()
    }

    /// An author's text; `None` where it stands as it is.
    pub fn text(&self, authored: &str) -> Option<&str> {
        self.texts.get(authored.trim_end()).map(String::as_str)
    }

    /// A value as it is printed; of several joined by `、`, each.
    pub fn value(&self, value: &str) -> String {
        if let Some(own) = self.known_value(value) {
            return own.to_owned();
        }
        let parts: Option<Vec<&str>> = value.split(AND).map(|part| self.known_value(part)).collect();
        parts.map_or_else(|| value.to_owned(), |parts| parts.join(phrase(AND, self.language)))
    }

    /// A value as it is printed; `None` where it stands as it is.
    pub fn known_value(&self, value: &str) -> Option<&str> {
        match self.language {
            Language::Chinese => self.values.get(value).map(String::as_str),
            Language::English => self.values.get(value).map(String::as_str).or_else(|| english(value)),
        }
    }

    /// A formula in which every quoted value stands as it is printed.
    pub fn quoted(&self, formula: String) -> String {
        if self.language == Language::Chinese && self.values.is_empty() || !formula.contains('“') {
            return formula;
        }
        let mut written = String::with_capacity(formula.len());
        let mut rest = formula.as_str();
        while let Some((before, inside)) = rest.split_once('“') {
            let Some((value, after)) = inside.split_once('”') else { break };
            written.extend([before, "“", &self.value(value), "”"]);
            rest = after;
        }
        written.push_str(rest);
        written
    }
}

/// Whether a text has letters that another language may have to replace: those beyond ASCII.
pub fn is_authored(text: &str) -> bool {
    text.chars().any(|character| !character.is_ascii() && character.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> WordsSpec {
        crate::diag::yaml::read_text("words.yaml", text).unwrap()
    }

    #[test]
    fn texts_and_values_are_kept_apart_and_said_once() {
        let mut words = Translation::none(Language::English);
        assert_eq!(words.add(spec("texts: { 产值: Output }\nvalues: { 全额: whole }\n")), []);
        let twice = words.add(spec("texts: { 产值: Sales, 台次: Cars }\n"));
        assert_eq!(twice, [("texts", "产值".to_owned(), "Output".to_owned())]);
        assert_eq!((words.text("产值"), words.text("全额"), words.text("台次")), (Some("Output"), None, Some("Cars")));
        assert_eq!([words.value("全额"), words.value("产值"), words.value("是")], ["whole", "产值", "yes"]);
        assert_eq!([words.value("全额、否"), words.value("全额、产值")], ["whole, no", "全额、产值"]);
        assert_eq!(words.quoted("若 x = “全额” 则 “张”".to_owned()), "若 x = “whole” 则 “张”");
    }

    #[test]
    fn letters_beyond_ascii_ask_for_words() {
        assert!(is_authored("产值") && is_authored("2 个月"));
        assert!(!is_authored("output") && !is_authored("÷ 100 —") && !is_authored(""));
    }
}
