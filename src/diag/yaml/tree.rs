//! The marked tree of a YAML file: every key and value with its bytes in the file.

use std::ops::Range;

/// A node and what stands below it.
#[derive(Clone, Debug)]
pub struct Node {
    /// Number of the node in its file, keys counted too.
    pub id: usize,
    /// Bytes in the file: of a scalar with its quotes, of a block scalar without its `>` or `|`.
    pub span: Range<usize>,
    /// What it is.
    pub content: Content,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Content {
    /// A text.
    Scalar {
        /// The decoded text.
        text: String,
        /// How it is written.
        style: Style,
    },
    /// A list.
    List(Vec<Node>),
    /// A mapping, without the entries that a finding took out.
    Mapping {
        /// Its entries, in the order of the file; no key twice.
        entries: Vec<Entry>,
        /// Whether a finding took entries out, so that a missing key says nothing.
        incomplete: bool,
    },
    /// Something a finding has been made of already; reads as whatever is wanted.
    Unknown,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Bare.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `>` or `|`
    Block,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// The value.
    pub value: Node,
}

/// A key.
#[derive(Clone, Debug)]
pub struct Key {
    /// Number of the node in its file.
    pub id: usize,
    /// The decoded text.
    pub text: String,
    /// Bytes in the file.
    pub span: Range<usize>,
}

impl Node {
    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.content {
            Content::Mapping { entries, .. } => entries.iter().find(|entry| entry.key.text == key),
            _ => None,
        }
    }

    /// The element of a list.
    pub fn element(&self, index: usize) -> Option<&Self> {
        match &self.content {
            Content::List(elements) => elements.get(index),
            _ => None,
        }
    }

    /// Whether it is a bare `null` or `~`, or nothing at all.
    pub fn is_absent(&self) -> bool {
        self.is_void()
            || matches!(&self.content, Content::Scalar { text, style: Style::Plain }
                if matches!(text.as_str(), "~" | "null" | "Null" | "NULL"))
    }

    /// Whether nothing is written at all.
    pub fn is_void(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, style: Style::Plain } if text.is_empty())
    }

    /// What a message calls it.
    pub fn kind(&self) -> &'static str {
        match &self.content {
            _ if self.is_absent() => "nothing",
            Content::Scalar { .. } => "a text",
            Content::List(_) => "a list",
            Content::Mapping { .. } => "a mapping",
            Content::Unknown => "something else",
        }
    }
}
