//! Bytes to a marked tree, and what YAML allows but a project file does not.
//!
//! A file is one mapping of plain keys, lists and texts. Whatever makes a value come from elsewhere
//! (anchors, aliases, merge keys), whatever changes its kind (tags) and whatever hides text (several
//! documents, a comma that cuts a formula) is a finding.

use std::ops::Range;
use std::sync::Arc;

use super::build::Builder;
use super::second::{self, READERS_DISAGREE};
use super::tree::Node;
use crate::diag::{Code, Finding, Place, Severity};

/// The file is not UTF-8.
pub const NOT_UTF8: Code = Code::new("yaml-not-utf8", "the file is not UTF-8 text");
/// The file starts with a byte order mark.
pub const BYTE_ORDER_MARK: Code = Code::new("yaml-byte-order-mark", "the file starts with a byte order mark");
/// Lines end in CR LF.
pub const CARRIAGE_RETURN: Code = Code::new("yaml-carriage-return", "lines end as Windows writes them");
/// A line is indented by tabs.
pub const TAB: Code = Code::new("yaml-tab", "a line is indented by a tab");
/// The file has no content.
pub const EMPTY_FILE: Code = Code::new("yaml-empty-file", "the file says nothing");
/// The YAML parser cannot read on.
pub const SYNTAX: Code = Code::new("yaml-syntax", "the text is no YAML");
/// A second document starts.
pub const SEVERAL_DOCUMENTS: Code = Code::new("yaml-several-documents", "a file holds one document");
/// `&name`.
pub const ANCHOR: Code = Code::new("yaml-anchor", "values are written where they hold, without anchors");
/// `*name`.
pub const ALIAS: Code = Code::new("yaml-alias", "values are written where they hold, without aliases");
/// `!tag`.
pub const TAG: Code = Code::new("yaml-tag", "the key says what a value is, not a tag");
/// `<<`.
pub const MERGE_KEY: Code = Code::new("yaml-merge-key", "mappings are written whole, without merge keys");
/// A key that is no text.
pub const KEY_NOT_TEXT: Code = Code::new("yaml-key-not-text", "a key is a text");
/// A key stands twice.
pub const DUPLICATE_KEY: Code = Code::new("duplicate-key", "a key stands twice in one mapping");
/// Nesting without end.
pub const TOO_DEEP: Code = Code::new("yaml-too-deep", "the file nests deeper than any project needs");

/// Codes of this file.
pub const CODES: &[Code] = &[
    NOT_UTF8,
    BYTE_ORDER_MARK,
    CARRIAGE_RETURN,
    TAB,
    EMPTY_FILE,
    SYNTAX,
    SEVERAL_DOCUMENTS,
    ANCHOR,
    ALIAS,
    TAG,
    MERGE_KEY,
    KEY_NOT_TEXT,
    DUPLICATE_KEY,
    TOO_DEEP,
];

/// A file that was parsed, as far as it could be.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The text, without a byte order mark; damaged bytes are shown as `�`.
    pub text: Arc<str>,
    /// The tree, unless the parser had to stop.
    pub root: Option<Node>,
    /// What was found on the way.
    pub findings: Vec<Finding>,
}

/// Reads the bytes of a file.
pub fn parse(file: &Arc<str>, bytes: &[u8]) -> Parsed {
    let place = |span: Range<usize>| Some(Place { file: file.clone(), span });
    let mut findings = Vec::new();
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            let hint = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
                "the file is UTF-16; save it as UTF-8"
            } else {
                "save the file as UTF-8; it may be GB18030 now"
            };
            let finding = Finding::error(NOT_UTF8, format!("byte {} is not UTF-8", at + 1));
            let text: Arc<str> = String::from_utf8_lossy(bytes).into();
            let width = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            findings.push(finding.at(place(at..at + width)).hint(hint));
            return Parsed { text, root: None, findings };
        }
    };
    let text = text.strip_prefix('\u{feff}').map_or(text, |rest| {
        let finding = Finding::warning(BYTE_ORDER_MARK, "the file starts with a byte order mark");
        findings.push(finding.at(place(0..0)).hint("save the file as UTF-8 without BOM"));
        rest
    });
    if let Some(at) = text.find('\r') {
        let finding = Finding::warning(CARRIAGE_RETURN, "lines end in CR LF");
        let start = text[..at].rfind('\n').map_or(0, |line| line + 1);
        findings.push(finding.at(place(start..at)).hint("save the file with LF line ends"));
    }
    let tab = tab_indentation(text);
    if let Some((span, lines)) = &tab {
        let message = if *lines == 1 {
            "this line is indented by a tab".to_owned()
        } else {
            format!("this line and {} more are indented by tabs", lines - 1)
        };
        findings.push(Finding::error(TAB, message).at(place(span.clone())).hint("indent by spaces, two a level"));
    }
    let mut builder = Builder::new(file, text);
    let root = builder.build();
    // A tab in the indentation explains whatever the parser says behind it.
    builder.findings.retain(|finding| finding.code != SYNTAX || tab.is_none());
    findings.append(&mut builder.findings);
    let sound = findings.iter().all(|finding| finding.severity == Severity::Warning);
    if let (true, Some(different)) = (sound, root.as_ref().and_then(|root| second::difference(root, text))) {
        let message = format!("two YAML readers understand the file differently: {different}");
        let finding = Finding::error(READERS_DISAGREE, message);
        findings.push(finding.at(place(0..0)).hint("write the text in question in quotes, on one line"));
    }
    Parsed { text: text.into(), root, findings }
}

/// The first line whose indentation holds a tab, and how many such lines there are.
fn tab_indentation(text: &str) -> Option<(Range<usize>, usize)> {
    let mut first = None;
    let mut lines = 0;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let indentation = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        if indentation.contains('\t') && !line.trim().is_empty() {
            first.get_or_insert(start..start + indentation.len());
            lines += 1;
        }
        start += line.len();
    }
    first.map(|span| (span, lines))
}
