//! Texts of a project in the language of a run: which texts of a file are words for people, and their replacement
//! while the file is read.
//!
//! The words stand in `messages/<language>/*.yaml` beside the project file ([`WordsSpec`]). Labels of axes, words of
//! ladders and choices of parameters stand in cells, where expressions compare them: they are values, replaced where
//! they are printed ([`Translation`]). Names of stores, headers of exports and layouts of other programs' files are
//! data. Rule tests are run in the language of the authors.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Document, Seg};
use crate::diag::translation::{Translation, WordsSpec, is_authored};
use crate::diag::yaml::tree::{Content, Node};
use crate::diag::{Code, Finding, Findings, Place};

/// A text that the language of a run has no words for.
pub const NO_WORDS: Code = Code::new("text-without-words", "a text that the message files of a language do not have");
/// Words for a text that nobody writes.
pub const WORDS_LEFT: Code = Code::new("words-without-text", "a message file has words for a text that no file writes");
/// Two message files differ.
pub const WORDS_TWICE: Code = Code::new("words-twice", "two message files say a text in different words");

/// Codes of this file.
pub const CODES: &[Code] = &[NO_WORDS, WORDS_LEFT, WORDS_TWICE];

/// Folder of the message files, beside the project file.
pub const MESSAGES: &str = "messages";

/// Keys whose texts people read.
const TEXTS: [&str; 14] = [
    "title",
    "label",
    "because",
    "message",
    "remedy",
    "reason",
    "alternative",
    "note",
    "term",
    "text",
    "how",
    "decided",
    "instead",
    "fixed",
];
/// The same in the files of reports.
const OF_REPORTS: [&str; 12] = [
    "name",
    "sheet",
    "header",
    "what",
    "axis",
    "definition",
    "numerator",
    "denominator",
    "window",
    "date",
    "source",
    "a4_only",
];
/// Keys whose texts stand in cells.
const VALUES: [&str; 2] = ["words", "choices"];
/// Mappings from names of the author's choice to expressions: a column may be called `label`.
const NAMED: [&str; 2] = ["columns", "by"];
/// Mappings from ids to what people call them.
const CALLED: [&str; 1] = ["roles"];
/// What stands in cells as a whole: the axes of a matrix name what held a row back.
const CELLS: [&str; 1] = ["axes"];

/// What kind of file the texts of a tree stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Texts {
    /// The project file, datasets, parameters, pipelines.
    All,
    /// What reports, workbooks and pages show, and the dictionary of figures.
    Report,
    /// The clause file: of a clause its decisions.
    Decisions,
    /// A layout of another program's file, of which people read the title.
    Title,
    /// Rule tests and message files: none.
    None,
}

/// What a reader has met.
#[derive(Clone, Debug, Default)]
pub struct Met {
    /// Texts and values, with words or without.
    pub asked: BTreeSet<String>,
    /// Texts and values without words, each where it was met first.
    pub without: Vec<Finding>,
}

impl Met {
    /// Notes a text; a finding for the first place of one that has no words.
    fn note(&mut self, file: &Arc<str>, node: &Node, text: &str, known: bool) {
        let text = text.trim_end();
        if !self.asked.insert(text.to_owned()) || known {
            return;
        }
        let place = Place { file: Arc::clone(file), span: node.span.clone() };
        let message = format!("no message file has words for `{text}`");
        let hint = format!("add it to a file of `{MESSAGES}/`, or to the report's own message file");
        self.without.push(Finding::warning(NO_WORDS, message).at(Some(place)).hint(hint));
    }
}

/// Adds the words of a message file; a finding for each text that another file has said otherwise.
pub fn add(words: &mut Translation, spec: WordsSpec, document: &Document, findings: &mut Findings) {
    for (key, text, other) in words.add(spec) {
        let message = format!("another message file says `{other}` here");
        let place = document.value(&[Seg::from(key), Seg::Key(text)]);
        findings.push(Finding::error(WORDS_TWICE, message).at(Some(place)).hint("say it once, in one of the files"));
    }
}

/// A finding for each text of a message file that nobody writes.
pub fn left(spec: &WordsSpec, document: &Document, met: &Met) -> Vec<Finding> {
    let keys = [("texts", &spec.texts), ("values", &spec.values)];
    let texts = keys.into_iter().flat_map(|(key, words)| words.keys().map(move |text| (key, text)));
    let unasked = texts.filter(|(_, text)| !met.asked.contains(*text));
    let finding = |(key, text): (&str, &str)| {
        let place = document.key(&[Seg::from(key), Seg::from(text)]);
        let finding = Finding::warning(WORDS_LEFT, format!("no file writes `{text}` any more"));
        finding.at(Some(place)).hint("delete the line")
    };
    unasked.map(finding).collect()
}

/// Replaces the texts of a file by those of a language, and notes what was met.
pub fn translate(file: &Arc<str>, root: &mut Node, texts: Texts, words: &Translation, met: &mut Met) {
    if texts == Texts::None {
        return;
    }
    Walk { file, words, met, texts }.below(root, Here { key: "", named: false, listed: false, cells: false });
}

struct Walk<'a> {
    file: &'a Arc<str>,
    words: &'a Translation,
    met: &'a mut Met,
    texts: Texts,
}

/// Where a node stands.
#[derive(Clone, Copy)]
struct Here<'k> {
    /// The key above it.
    key: &'k str,
    /// Whether that key is a name of the author's choice.
    named: bool,
    /// Whether it is an element of a list: what that lists are no names.
    listed: bool,
    /// Whether what is said here stands in cells.
    cells: bool,
}

impl Walk<'_> {
    fn below(&mut self, node: &mut Node, here: Here<'_>) {
        let span = node.span.clone();
        match &mut node.content {
            Content::Scalar { text, .. } => {
                let read = Node { id: node.id, span, content: Content::Unknown };
                if let Some(own) = self.scalar(&read, text, here) {
                    *text = own;
                }
            }
            Content::List(elements) => {
                elements.iter_mut().for_each(|element| self.below(element, Here { listed: true, ..here }));
            }
            Content::Mapping { entries, .. } => {
                let names = NAMED.contains(&here.key) && !here.named && !here.listed;
                let called = CALLED.contains(&here.key) && !here.named;
                for entry in entries {
                    let key = entry.key.text.as_str();
                    let here = Here {
                        key: if called { "label" } else { key },
                        named: names,
                        listed: false,
                        cells: here.cells || (CELLS.contains(&key) && !names),
                    };
                    self.below(&mut entry.value, here);
                }
            }
            Content::Unknown => {}
        }
    }

    /// A text in the language, where it is one that is replaced here.
    fn scalar(&mut self, node: &Node, text: &str, here: Here<'_>) -> Option<String> {
        let of_report = self.texts == Texts::Report && OF_REPORTS.contains(&here.key);
        let is_text = (TEXTS.contains(&here.key) || of_report) && !here.named;
        let read = match self.texts {
            Texts::All | Texts::Report => true,
            Texts::Decisions => ["decided", "instead", "fixed"].contains(&here.key),
            Texts::Title => here.key == "title",
            Texts::None => false,
        };
        if !read {
            return None;
        }
        if (is_text && here.cells) || (VALUES.contains(&here.key) && !here.named) {
            if is_authored(text) {
                self.met.note(self.file, node, text, self.words.known_value(text).is_some());
            }
            return None;
        }
        if !is_text {
            for value in quoted(text).filter(|value| is_authored(value)) {
                self.met.note(self.file, node, value, self.words.known_value(value).is_some());
            }
            return None;
        }
        if !is_authored(text) {
            return None;
        }
        let own = self.words.text(text).map(str::to_owned);
        self.met.note(self.file, node, text, own.is_some());
        own
    }
}

/// The quoted texts of an expression.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('\'').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::text::Language;
    use crate::diag::yaml::parse::parse;
    use crate::diag::yaml::read_text;

    const WORDS: &str = "texts: { 产值: Output, 服务顾问: Advisor, 决定: Decision }\nvalues: { 全额: whole }\n";

    /// The texts of a file in English by the path of their keys, and what had no words.
    fn translated(text: &str, texts: Texts) -> (Vec<String>, Vec<String>) {
        let file: Arc<str> = "x.yaml".into();
        let mut words = Translation::none(Language::English);
        assert_eq!(words.add(read_text("words.yaml", WORDS).unwrap()), []);
        let mut root = parse(&file, text.as_bytes()).root.unwrap();
        let mut met = Met::default();
        translate(&file, &mut root, texts, &words, &mut met);
        let mut scalars = Vec::new();
        collect(&root, &mut scalars);
        let without = met.without.iter().map(|finding| {
            let place = finding.place.clone().unwrap();
            text[place.span].to_owned()
        });
        (scalars, without.collect())
    }

    fn collect(node: &Node, scalars: &mut Vec<String>) {
        match &node.content {
            Content::Scalar { text, .. } => scalars.push(text.clone()),
            Content::List(elements) => elements.iter().for_each(|element| collect(element, scalars)),
            Content::Mapping { entries, .. } => entries.iter().for_each(|entry| collect(&entry.value, scalars)),
            Content::Unknown => {}
        }
    }

    #[test]
    fn texts_are_replaced_and_names_of_columns_are_none() {
        let (texts, without) = translated(
            "title: 产值\nsteps:\n  a:\n    derive:\n      columns:\n        label: \"CASE WHEN x = '全额' THEN '部分' END\"\n        \
             b: { value: x, label: 台次 }\nroles: { advisor: 服务顾问 }\nheaders: [产值]\ntable: { columns: [{ column: x, label: 产值 }] }\n",
            Texts::All,
        );
        assert_eq!(texts[..2], ["Output", "CASE WHEN x = '全额' THEN '部分' END"]);
        assert_eq!(texts[2..], ["x", "台次", "Advisor", "产值", "x", "Output"]);
        assert_eq!(without.len(), 2, "{without:?}");
        assert_eq!(without[1], "台次");
    }

    #[test]
    fn what_stands_in_cells_is_noted_and_left() {
        let (texts, without) = translated(
            "axes:\n  output: { label: 产值 }\nchoices: [全额, 分段]\nrows:\n  - { words: 全额 }\n",
            Texts::All,
        );
        assert_eq!(texts, ["产值", "全额", "分段", "全额"]);
        assert_eq!(without, ["产值", "分段"]);
    }

    #[test]
    fn of_clauses_the_decisions_and_of_layouts_the_title() {
        let clause =
            "plans:\n  D1:\n    title: 产值\n    clauses:\n      D1-1: { zh: 产值, decisions: [{ decided: 决定 }] }\n";
        assert_eq!(translated(clause, Texts::Decisions).0, ["产值", "产值", "Decision"]);
        assert_eq!(translated("title: 产值\ntail: [{ text: 产值 }]\n", Texts::Title).0, ["Output", "产值"]);
        assert_eq!(translated("title: 产值\n", Texts::None).0, ["产值"]);
    }
}
