//! Bytes to a marked tree, and what YAML allows but a project file does not.
//!
//! A file is one mapping of plain keys, lists and texts. Whatever makes a value come from elsewhere
//! (anchors, aliases, merge keys), whatever changes its kind (tags) and whatever hides text (several
//! documents, a comma that cuts a formula) is a finding.

use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::cut;
use super::tree::{Content, Entry, Key, Node, Style};
use crate::diag::{Code, Finding, Place};

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

const DEEPEST: usize = 64;

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

/// A list or mapping that is still open.
struct Frame {
    id: usize,
    start: usize,
    /// Written in brackets or braces.
    flow: bool,
    open: Open,
}

enum Open {
    List(Vec<Node>),
    Mapping { entries: Vec<Entry>, key: Option<Key>, merges: bool },
}

struct Builder<'a> {
    file: &'a Arc<str>,
    text: &'a str,
    /// Byte offset of each character, and the length.
    bytes: Vec<usize>,
    findings: Vec<Finding>,
    frames: Vec<Frame>,
    next_id: usize,
    /// Whether an opening bracket has met the closing one of another kind.
    unbalanced: bool,
}

impl<'a> Builder<'a> {
    fn new(file: &'a Arc<str>, text: &'a str) -> Self {
        let bytes = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        Self { file, text, bytes, findings: Vec::new(), frames: Vec::new(), next_id: 0, unbalanced: false }
    }

    fn build(&mut self) -> Option<Node> {
        let mut root = None;
        let mut documents = 0;
        for event in Parser::new_from_str(self.text) {
            let (event, span) = match event {
                Ok(marked) => marked,
                Err(error) => {
                    self.syntax(&error);
                    return None;
                }
            };
            let span = self.span(span);
            let node = match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents == 2 {
                        self.report(
                            SEVERAL_DOCUMENTS,
                            span,
                            "a second document starts here",
                            "keep one document a file",
                        );
                        break;
                    }
                    continue;
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.anchor_and_tag(anchor, tag.is_some(), span.start);
                    Some(self.node(span, Content::Scalar { text: text.into_owned(), style: style_of(style) }))
                }
                Event::Alias(_) => {
                    let hint = "write the value itself, here too";
                    self.report(ALIAS, span.clone(), format!("`{}` is an alias", &self.text[span.clone()]), hint);
                    Some(self.node(span, Content::Unknown))
                }
                Event::SequenceStart(anchor, tag) => {
                    self.anchor_and_tag(anchor, tag.is_some(), span.start);
                    self.open(span.start, Open::List(Vec::new()))?;
                    None
                }
                Event::MappingStart(anchor, tag) => {
                    self.anchor_and_tag(anchor, tag.is_some(), span.start);
                    self.open(span.start, Open::Mapping { entries: Vec::new(), key: None, merges: false })?;
                    None
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(),
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => None,
            };
            if let Some(node) = node {
                root = self.place_node(node).or(root);
            }
        }
        match root {
            _ if self.unbalanced => None,
            Some(root) if !root.is_absent() => Some(root),
            _ => {
                self.report(EMPTY_FILE, 0..0, "the file says nothing", "write it, or delete the file");
                None
            }
        }
    }

    fn span(&self, span: Span) -> Range<usize> {
        let byte = |index: usize| self.bytes.get(index).copied().unwrap_or(self.text.len());
        byte(span.start.index())..byte(span.end.index().max(span.start.index()))
    }

    fn node(&mut self, span: Range<usize>, content: Content) -> Node {
        self.next_id += 1;
        Node { id: self.next_id, span, content }
    }

    fn report(&mut self, code: Code, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        let place = Place { file: self.file.clone(), span };
        self.findings.push(Finding::error(code, message).at(Some(place)).hint(hint));
    }

    fn open(&mut self, start: usize, open: Open) -> Option<()> {
        if self.frames.len() == DEEPEST {
            let message = format!("more than {DEEPEST} levels of nesting");
            self.report(TOO_DEEP, start..start, message, "a project file needs less than ten");
            return None;
        }
        self.next_id += 1;
        let written = self.text[start..].chars().next();
        let flow = matches!(written, Some('{' | '[')) || self.frames.last().is_some_and(|outer| outer.flow);
        self.frames.push(Frame { id: self.next_id, start, flow, open });
        Some(())
    }

    fn close(&mut self) -> Option<Node> {
        let frame = self.frames.pop()?;
        // The parser's end marks lie behind blanks and comments: the last element tells better.
        let last = match &frame.open {
            Open::List(elements) => elements.last().map(|node| node.span.end),
            Open::Mapping { entries, .. } => entries.last().map(|entry| entry.value.span.end.max(entry.key.span.end)),
        };
        let end = match self.text[frame.start..].chars().next() {
            Some(bracket @ ('[' | '{')) if frame.flow => self.closing(&frame, bracket, last.unwrap_or(frame.start + 1)),
            _ => last.unwrap_or(frame.start),
        };
        let Frame { id, start, flow, open } = frame;
        let content = match open {
            Open::List(mut elements) => {
                if flow {
                    cut::find_in_list(self.text, &mut elements, &mut |span, hint| self.cut(span, hint));
                }
                Content::List(elements)
            }
            Open::Mapping { mut entries, merges, .. } => {
                let mut incomplete = merges;
                if flow {
                    incomplete |= cut::find_in_mapping(self.text, &mut entries, &mut |span, hint| self.cut(span, hint));
                }
                Content::Mapping { entries: self.without_duplicates(entries), incomplete }
            }
        };
        Some(Node { id, span: start..end, content })
    }

    /// Where the bracket of a list or mapping closes, given where its last element ends. The parser takes
    /// any closing bracket for any opening one.
    fn closing(&mut self, frame: &Frame, bracket: char, last: usize) -> usize {
        let mut at = last;
        let closing = loop {
            let rest = &self.text[at..];
            match rest.chars().next() {
                Some('#') => at += rest.find('\n').unwrap_or(rest.len()),
                Some(blank) if blank.is_whitespace() || [',', ':'].contains(&blank) => at += blank.len_utf8(),
                closing => break closing,
            }
        };
        let partner = if bracket == '[' { ']' } else { '}' };
        if closing == Some(partner) {
            return at + 1;
        }
        if !self.unbalanced {
            self.unbalanced = true;
            match &frame.open {
                // `[28万, inf)`: the bracket itself belongs to the text.
                Open::List(elements) if elements.iter().any(cut::closes) => {
                    let (span, hint) = cut::whole(self.text, frame.start);
                    self.cut(span, hint);
                }
                _ => self.report_unclosed(frame.start, frame.start),
            }
        }
        at
    }

    /// A bracket that nothing closes; what follows in the file cannot be read.
    fn report_unclosed(&mut self, start: usize, last: usize) {
        let line = self.text[..last].matches('\n').count() + 1;
        let behind = if last > start { format!(" up to line {line}") } else { " by its partner".to_owned() };
        let message = format!("`{}` opens here and is not closed{behind}", &self.text[start..=start]);
        self.report(SYNTAX, start..start + 1, message, "close it; a text that holds brackets needs quotes");
    }

    fn cut(&mut self, span: Range<usize>, hint: String) {
        self.report(cut::CUT_BY_COMMA, span, "a comma inside `{…}` or `[…]` cuts this text in two", hint);
    }

    /// Puts a node into what is open; gives it back where nothing is.
    fn place_node(&mut self, node: Node) -> Option<Node> {
        let Some(frame) = self.frames.last_mut() else { return Some(node) };
        match &mut frame.open {
            Open::List(elements) => elements.push(node),
            Open::Mapping { entries, key: pending @ Some(_), merges } => {
                if let Some(key) = pending.take() {
                    if key.text == "<<" {
                        *merges = true;
                        let hint = "write the keys out";
                        self.report(MERGE_KEY, key.span, "`<<` merges another mapping into this one", hint);
                    } else {
                        entries.push(Entry { key, value: node });
                    }
                }
            }
            Open::Mapping { key, .. } => {
                let Node { id, span, content } = node;
                if let Content::Scalar { text, .. } = content {
                    *key = Some(Key { id, text, span });
                } else {
                    *key = Some(Key { id, text: String::new(), span: span.clone() });
                    self.report(KEY_NOT_TEXT, span, "a key is a text", "put a text before the colon");
                }
            }
        }
        None
    }

    fn without_duplicates(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
        for entry in entries {
            match kept.iter().find(|known| known.key.text == entry.key.text) {
                Some(known) => {
                    let line = self.text[..known.key.span.start].matches('\n').count() + 1;
                    let message = format!("`{}` stands here twice", entry.key.text);
                    self.report(DUPLICATE_KEY, entry.key.span, message, format!("it stands in line {line} already"));
                }
                None => kept.push(entry),
            }
        }
        kept
    }

    fn anchor_and_tag(&mut self, anchor: usize, tag: bool, start: usize) {
        if anchor > 0 {
            let span = self.sigil('&', start);
            let message = format!("`{}` is an anchor", &self.text[span.clone()]);
            self.report(ANCHOR, span, message, "write the value where it holds, without `&`");
        }
        if tag {
            let span = self.sigil('!', start);
            let message = format!("`{}` is a tag", &self.text[span.clone()]);
            self.report(TAG, span, message, "delete the tag, or put the text in quotes if it belongs to it");
        }
    }

    /// The word that starts with a sigil, at a node or before it.
    fn sigil(&self, sigil: char, node: usize) -> Range<usize> {
        let at = if self.text[node..].starts_with(sigil) { Some(node) } else { self.text[..node].rfind(sigil) };
        let start = at.unwrap_or(node);
        let word = self.text[start..].find(|c: char| c.is_whitespace()).unwrap_or(self.text.len() - start);
        start..start + word
    }

    fn syntax(&mut self, error: &ScanError) {
        if self.unbalanced {
            return;
        }
        let torn = self.frames.iter().rev().filter(|frame| frame.flow).find_map(|frame| match &frame.open {
            // `[28万, inf)`: the bracket itself belongs to the text.
            Open::List(elements) => {
                let torn = elements.iter().find(|node| cut::is_torn(node))?;
                Some(if cut::closes(torn) { frame.start } else { torn.span.start })
            }
            Open::Mapping { entries, .. } => {
                let torn = entries.iter().find(|entry| cut::is_torn(&entry.value))?;
                Some(torn.value.span.start)
            }
        });
        if let Some(start) = torn {
            let (span, hint) = cut::whole(self.text, start);
            self.cut(span, hint);
            return;
        }
        let at = self.bytes.get(error.marker().index()).copied().unwrap_or(self.text.len());
        // At the end of the text, the last line that says something is what a reader should look at.
        let at = if self.text[at..].trim().is_empty() { self.text.trim_end().len() } else { at };
        let unclosed = self.frames.iter().rev().find(|frame| frame.flow).map(|frame| frame.start);
        if let Some(start) = unclosed.filter(|start| self.text[*start..at].contains('\n')) {
            self.report_unclosed(start, at);
            return;
        }
        let end = at + self.text[at..].chars().next().map_or(0, char::len_utf8);
        let line = &self.text[self.text[..at].rfind('\n').map_or(0, |line| line + 1)..];
        let line = line.lines().next().unwrap_or_default();
        let hint = if self.frames.iter().any(|frame| frame.flow) {
            "a bracket, brace or quote may be missing here or further up"
        } else if line.matches(": ").count() > 1 {
            "a text that holds `: ` needs quotes"
        } else {
            "check the indentation of this line and the one above, and the colon behind the key"
        };
        self.report(SYNTAX, at..end, format!("this cannot be read as YAML: {}", error.info()), hint);
    }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
    }
}
