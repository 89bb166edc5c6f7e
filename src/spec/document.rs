//! A YAML file with the place of every key and value.

use std::ops::Range;
use std::sync::Arc;

use crate::diag::Place;
use crate::diag::yaml::offsets::locate;
use crate::diag::yaml::tree::{Content, Key, Node};

/// One step of a path into a YAML file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seg {
    /// Into a mapping. Digits also count into a list, so that a path may be plain words.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

impl From<&str> for Seg {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<String> for Seg {
    fn from(key: String) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for Seg {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A YAML file that was read.
#[derive(Debug)]
pub struct Document {
    /// Path as the user would write it, `/` as separator.
    pub file: Arc<str>,
    /// The text, without a byte order mark.
    pub text: Arc<str>,
    root: Option<Node>,
}

impl Document {
    /// The document of a file that was parsed.
    pub fn new(file: Arc<str>, text: Arc<str>, root: Option<Node>) -> Self {
        Self { file, text, root }
    }

    /// Place of a key; where the path leads nowhere, of the nearest key above.
    pub fn key(&self, path: &[Seg]) -> Place {
        let found = self.find(path);
        self.place(found.key.map_or(found.value, |key| Some(&key.span)))
    }

    /// Place of a value; where the path leads nowhere, of the nearest key above.
    pub fn value(&self, path: &[Seg]) -> Place {
        let found = self.find(path);
        let key = found.key.map(|key| &key.span);
        self.place(if found.whole && !found.void { found.value } else { key.or(found.value) })
    }

    /// Place of a stretch of a scalar, given in bytes of its decoded text, whatever its quoting.
    pub fn within(&self, path: &[Seg], span: Range<usize>) -> Place {
        let found = self.find(path);
        let scalar = found.node.filter(|_| found.whole && !found.void).and_then(|node| match &node.content {
            Content::Scalar { text, style } => Some((node.span.clone(), text, *style)),
            _ => None,
        });
        let Some((written, text, style)) = scalar else { return self.value(path) };
        let source = self.text.get(written.clone()).unwrap_or_default();
        let within = locate(source, text, style, span);
        self.place(Some(&(written.start + within.start..written.start + within.end)))
    }

    fn place(&self, span: Option<&Range<usize>>) -> Place {
        Place { file: self.file.clone(), span: span.cloned().unwrap_or(0..0) }
    }

    fn find(&self, path: &[Seg]) -> Found<'_> {
        let mut found = Found { whole: false, void: false, key: None, node: self.root.as_ref(), value: None };
        for seg in path {
            let (key, node) = match (found.node, seg) {
                (Some(node), Seg::Index(index)) => (None, node.element(*index)),
                (Some(node), Seg::Key(name)) => match node.entry(name) {
                    Some(entry) => (Some(&entry.key), Some(&entry.value)),
                    None => (None, name.parse().ok().and_then(|index| node.element(index))),
                },
                (None, _) => (None, None),
            };
            let Some(node) = node else { return found };
            // An element of a list has no key of its own: it is its own place.
            found = Found { whole: false, void: node.is_void(), key, node: Some(node), value: Some(&node.span) };
        }
        found.whole = true;
        found
    }
}

/// Where a path leads.
struct Found<'a> {
    /// Whether it leads there, and not only to something above.
    whole: bool,
    void: bool,
    key: Option<&'a Key>,
    node: Option<&'a Node>,
    value: Option<&'a Range<usize>>,
}

/// A value of a file, and the file.
#[derive(Clone, Debug)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub document: Arc<Document>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::yaml::parse::parse;

    const TEXT: &str = "\
pipeline: 产值
steps:
  a:
    derive:
      columns:
        output: a + b * 产值
        amount: >
          (output * param.rate
           + cars * fee) * score
        literal: |
          x +
            y
        quoted: 'a = ''x'' + c'
        plain: a
          + b
        void:
list: [x, { y: z }]
";

    fn document() -> Document {
        let file: Arc<str> = "p.yaml".into();
        let parsed = parse(&file, TEXT.as_bytes());
        assert_eq!(parsed.findings, []);
        Document::new(file, parsed.text, parsed.root)
    }

    fn path(column: &str) -> Vec<Seg> {
        ["steps", "a", "derive", "columns", column].map(Seg::from).to_vec()
    }

    #[test]
    fn keys_and_values_have_their_bytes() {
        let document = document();
        let at = |place: Place| &TEXT[place.span];
        assert_eq!(at(document.key(&path("output"))), "output");
        assert_eq!(at(document.value(&path("output"))), "a + b * 产值");
        assert_eq!(at(document.value(&["list".into(), Seg::Index(1), "y".into()])), "z");
        assert_eq!(at(document.value(&["list".into(), "0".into()])), "x");
        assert_eq!(at(document.key(&["list".into(), Seg::Index(1)])), "{ y: z }");
        assert_eq!(at(document.value(&path("void"))), "void");
    }

    #[test]
    fn a_path_that_leads_nowhere_ends_at_the_nearest_key() {
        let document = document();
        let at = |place: Place| &TEXT[place.span];
        assert_eq!(at(document.value(&path("nowhere"))), "columns");
        assert_eq!(at(document.within(&path("nowhere"), 2..3)), "columns");
        assert_eq!(at(document.key(&["steps".into(), "b".into(), "c".into()])), "steps");
        assert_eq!(document.key(&["nowhere".into()]).span, 0..0);
    }

    #[test]
    fn a_stretch_of_a_scalar_has_its_bytes_whatever_the_quoting() {
        let document = document();
        let within = |column: &str, decoded: &str, word: &str| {
            let at = decoded.find(word).unwrap();
            TEXT[document.within(&path(column), at..at + word.len()).span].to_owned()
        };
        assert_eq!(within("output", "a + b * 产值", "产值"), "产值");
        assert_eq!(within("amount", "(output * param.rate\n + cars * fee) * score\n", "param.rate"), "param.rate");
        assert_eq!(within("amount", "(output * param.rate\n + cars * fee) * score\n", "score"), "score");
        assert_eq!(within("literal", "x +\n  y\n", "y"), "y");
        assert_eq!(within("quoted", "a = 'x' + c", "'x' + c"), "''x'' + c");
        assert_eq!(within("plain", "a + b", "+ b"), "+ b");
    }
}
