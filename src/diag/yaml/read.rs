//! Fills a spec type from the marked tree and collects every mistake on the way.
//!
//! serde stops at the first mistake. So a file is read in rounds: what was reported in one round reads as
//! "whatever is wanted" in the next ([`Wild`](super::wild::Wild)), until a round passes or reports nothing new. A file with
//! findings gives no value; the last round only proves that all of it was looked at.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{self, DeserializeOwned, Expected, Unexpected};

use super::de::De;
use super::parse::{Parsed, parse};
use super::tree::{Content, Key, Node};
use crate::diag::{Code, Finding, Findings, Place, Severity, nearest};

/// A key that the mapping does not have.
pub const UNKNOWN_KEY: Code = Code::new("unknown-key", "a key that this mapping does not know");
/// A key that the mapping needs.
pub const MISSING_KEY: Code = Code::new("missing-key", "a mapping lacks a key that it needs");
/// A text, list or mapping where something else is wanted.
pub const WRONG_KIND: Code = Code::new("wrong-kind", "a text, a list or a mapping where another of them is wanted");
/// A key without a value.
pub const NO_VALUE: Code = Code::new("no-value", "a key without a value");
/// A word that is not one of a closed list.
pub const UNKNOWN_WORD: Code = Code::new("unknown-word", "a word that is none of those possible here");
/// A mapping that names its kind by its one key has none or several.
pub const ONE_KEY: Code = Code::new("one-key", "a mapping whose one key says what it is has none or several");
/// A value that cannot be what is wanted.
pub const BAD_VALUE: Code = Code::new("bad-value", "a value that cannot be read as what is wanted");

/// Codes of this file.
pub const CODES: &[Code] = &[UNKNOWN_KEY, MISSING_KEY, WRONG_KIND, NO_VALUE, UNKNOWN_WORD, ONE_KEY, BAD_VALUE];

/// Parses and fills in one go; the value is there when no error was found.
pub fn read<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> (Option<T>, Parsed) {
    read_changed(file, bytes, &mut |_| {})
}

/// The same after a change of the tree, such as texts in another language.
pub fn read_changed<T: DeserializeOwned>(
    file: &str,
    bytes: &[u8],
    change: &mut dyn FnMut(&mut Node),
) -> (Option<T>, Parsed) {
    let file: Arc<str> = file.into();
    let mut parsed = parse(&file, bytes);
    parsed.root.iter_mut().for_each(change);
    let value = parsed.root.as_ref().and_then(|root| {
        let (value, mut findings) = fill(&file, root);
        parsed.findings.append(&mut findings);
        value
    });
    let broken = parsed.findings.iter().any(|finding| finding.severity == Severity::Error);
    (value.filter(|_| !broken), parsed)
}

/// The same from text, for those who need no tree.
pub fn read_text<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Findings> {
    let (value, parsed) = read(file, text.as_bytes());
    value.ok_or_else(|| {
        let mut findings = Findings::new();
        parsed.findings.into_iter().for_each(|finding| findings.push(finding));
        findings
    })
}

fn fill<T: DeserializeOwned>(file: &Arc<str>, root: &Node) -> (Option<T>, Vec<Finding>) {
    let cx = Cx { file: file.clone(), state: RefCell::default() };
    let mut known = 0;
    let value = loop {
        let value = T::deserialize(De::root(&cx, root));
        let reported = cx.progress();
        match value {
            Ok(value) => break Some(value),
            Err(_) if reported == known => break None,
            Err(_) => known = reported,
        }
    };
    let findings = cx.state.into_inner().findings;
    (value.filter(|_| findings.is_empty()), findings)
}

/// What the rounds of one file share.
pub(super) struct Cx {
    file: Arc<str>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    findings: Vec<Finding>,
    /// Nodes and keys that were reported.
    broken: BTreeSet<usize>,
    /// Keys that a mapping lacks, by its node.
    missing: BTreeSet<(usize, &'static str)>,
}

impl Cx {
    fn progress(&self) -> usize {
        let state = self.state.borrow();
        state.broken.len() + state.missing.len()
    }

    pub(super) fn is_broken(&self, id: usize) -> bool {
        self.state.borrow().broken.contains(&id)
    }

    /// Keys of a mapping that were reported missing.
    pub(super) fn missing(&self, id: usize) -> Vec<&'static str> {
        let state = self.state.borrow();
        state.missing.range((id, "")..).take_while(|(node, _)| *node == id).map(|(_, key)| *key).collect()
    }

    /// Reports a mistake at a node or key, once.
    pub(super) fn report(&self, id: usize, span: &Range<usize>, said: Said) {
        let mut state = self.state.borrow_mut();
        if state.broken.insert(id) {
            let place = Place { file: self.file.clone(), span: span.clone() };
            let mut finding = Finding::error(said.code, said.message).at(Some(place));
            finding.hints.extend(said.hint);
            state.findings.push(finding);
        }
    }

    /// Counts a key as missing without a finding: a mistyped one near it has been reported.
    pub(super) fn excuse(&self, id: usize, field: &'static str) {
        self.state.borrow_mut().missing.insert((id, field));
    }

    /// Reports a missing key once, unless the mapping is known to be incomplete.
    pub(super) fn report_missing(&self, node: &Node, key: Option<&Key>, field: &'static str, incomplete: bool) {
        let mut state = self.state.borrow_mut();
        if state.missing.insert((node.id, field)) && !incomplete {
            let first = match &node.content {
                Content::Mapping { entries, .. } => entries.first().map(|entry| &entry.key),
                _ => None,
            };
            let span = key.or(first).map_or(&node.span, |key| &key.span);
            let place = Place { file: self.file.clone(), span: span.clone() };
            let message = match key {
                Some(key) => format!("`{}` lacks the key `{field}`", key.text),
                None => format!("the key `{field}` is missing here"),
            };
            state.findings.push(Finding::error(MISSING_KEY, message).at(Some(place)).hint(format!("add `{field}: …`")));
        }
    }
}

/// Why a value could not be read.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It is among the findings.
    Reported,
    /// A mapping lacks a key.
    Missing(&'static str),
    /// To be reported by whoever knows the place.
    Said(Said),
}

/// A finding without a place.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Said {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// A word that is none of a list.
    pub(super) fn not_among(code: Code, what: &str, word: &str, known: &[&str]) -> Self {
        let said = Self::new(code, format!("unknown {what} `{word}`"));
        match nearest(word, known.iter().copied()) {
            Some(near) => said.hint(format!("did you mean `{near}`?")),
            None => said.hint(format!("possible here: {}", list(known))),
        }
    }
}

/// Words in backquotes.
pub(super) fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

impl From<Said> for Trouble {
    fn from(said: Said) -> Self {
        Self::Said(said)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reported => f.write_str("reported"),
            Self::Missing(field) => write!(f, "missing key `{field}`"),
            Self::Said(said) => f.write_str(&said.message),
        }
    }
}

impl std::error::Error for Trouble {}

impl de::Error for Trouble {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Said::new(BAD_VALUE, message.to_string()).into()
    }

    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Seq => "a list",
            Unexpected::Map => "a mapping",
            Unexpected::Unit | Unexpected::Option => "nothing",
            _ => "a text",
        };
        Said::new(WRONG_KIND, format!("{wanted} is wanted here, not {found}")).into()
    }

    fn invalid_value(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Said::new(BAD_VALUE, format!("{wanted} is wanted here, not {found}")).into()
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Said::not_among(UNKNOWN_WORD, "word", variant, expected).into()
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Said::not_among(UNKNOWN_KEY, "key", field, expected).into()
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::diag::yaml::{ColumnsSpec, OrderedMap};

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Filter(Filter),
        Derive(Derive),
        Nothing,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        from: String,
        r#where: String,
        because: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Derive {
        from: String,
        columns: ColumnsSpec,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        title: String,
        #[serde(default)]
        regular: bool,
        #[serde(default)]
        window: u32,
        #[serde(default)]
        steps: OrderedMap<Kind>,
        #[serde(default)]
        rows: Vec<OrderedMap<Option<String>>>,
    }

    /// Codes with the text under each.
    fn found(text: &str) -> Vec<String> {
        let (_, parsed) = read::<File>("f.yaml", text.as_bytes());
        parsed
            .findings
            .iter()
            .map(|finding| {
                let span = finding.place.clone().map_or(0..0, |place| place.span);
                format!("{} `{}` {}", finding.code, &parsed.text[span], finding.message)
            })
            .collect()
    }

    #[test]
    fn scalars_arrive_as_written() {
        let written = ["1.10", "0.4%", "220_000", "2026-10-01", "yes", "on", "0x1F", "1e3", "007", ".5", "+1", "12:30"];
        for text in written {
            let file: File = read_text("f.yaml", &format!("title: {text}\n")).unwrap();
            assert_eq!(file.title, text);
        }
        let file: File = read_text("f.yaml", "title: \"null\"\nrows: [{ a: 1.10, b: null, c: ~, d: '' }]").unwrap();
        assert_eq!(file.title, "null");
        let row: Vec<_> = file.rows[0].iter().map(|(key, cell)| (key, cell.as_deref())).collect();
        assert_eq!(row, [("a", Some("1.10")), ("b", None), ("c", None), ("d", Some(""))]);
    }

    #[test]
    fn steps_columns_and_flags_are_read() {
        let text = "\
title: t
regular: true
window: 2
steps:
  b: { filter: { from: x, where: a > 1 } }
  a:
    derive:
      from: b
      columns: { z: a + 1, y: { value: a, unit: yuan } }
  c: nothing
";
        let file: File = read_text("f.yaml", text).unwrap();
        assert!(file.regular);
        assert_eq!(file.window, 2);
        assert_eq!(file.steps.keys().collect::<Vec<_>>(), ["b", "a", "c"]);
        let Some(Kind::Filter(filter)) = file.steps.get("b") else { panic!("a filter") };
        assert_eq!((filter.from.as_str(), filter.r#where.as_str(), &filter.because), ("x", "a > 1", &None));
        let Some(Kind::Derive(derive)) = file.steps.get("a") else { panic!("a derive") };
        assert_eq!(derive.from, "b");
        let columns: Vec<_> = derive.columns.iter().map(|(name, column)| (name, column.long)).collect();
        assert_eq!(columns, [("z", false), ("y", true)]);
        assert!(matches!(file.steps.get("c"), Some(Kind::Nothing)));
    }

    #[test]
    fn all_mistakes_of_a_file_are_found_at_once() {
        let text = "\
titel: t
regular: yes
window: two
steps:
  a: { filtre: { from: x } }
  b: { filter: { from: [x], wher: y } }
  c: { filter: { from: x, where: y }, derive: {} }
  d: { derive: { from:, columns: { z: [1], y: { vale: 1 } } } }
  e: filter
rows: none
";
        let found = found(text);
        let expected = [
            "unknown-key `titel` unknown key `titel`",
            "bad-value `yes` `regular` is `true` or `false`, not `yes`",
            "bad-value `two` `window` must be a whole number, not `two`",
            "unknown-word `filtre` unknown kind `filtre`",
            "unknown-key `wher` unknown key `wher`",
            "wrong-kind `[x]` `from` must be a text, but is a list",
            "one-key `{ filter: { from: x, where: y }, derive: {} }` `c` needs exactly one key, found `filter`, `derive`",
            "no-value `from` `from` has no value",
            "wrong-kind `[1]` an expression, or `{ value: …, unit: …, label: … }` is wanted here, not a list",
            "unknown-key `vale` unknown key `vale`",
            "missing-key `y` `y` lacks the key `value`",
            "wrong-kind `filter` `filter` needs content: `filter: {…}`",
            "wrong-kind `none` `rows` must be a list, but is a text",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn each_missing_key_is_named() {
        assert_eq!(
            found("steps: { a: { filter: { because: x } }, b: { derive: {} } }"),
            [
                "missing-key `filter` `filter` lacks the key `from`",
                "missing-key `filter` `filter` lacks the key `where`",
                "missing-key `derive` `derive` lacks the key `from`",
                "missing-key `derive` `derive` lacks the key `columns`",
                "missing-key `steps` the key `title` is missing here",
            ]
        );
        assert_eq!(found("- title: t"), ["wrong-kind `- title: t` this must be a mapping, but is a list"]);
    }
}
