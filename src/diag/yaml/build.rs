//! Events to a tree: nesting, keys and values, and what YAML allows but a project file does not.

use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::cut;
use super::parse::{
    ALIAS, ANCHOR, DUPLICATE_KEY, EMPTY_FILE, KEY_NOT_TEXT, MERGE_KEY, SEVERAL_DOCUMENTS, SYNTAX, TAG, TOO_DEEP,
};
use super::tree::{Content, Entry, Key, Node, Style};
use crate::diag::{Code, Finding, Place};

const DEEPEST: usize = 64;

/// A list or mapping that is still open.
struct Frame {
    id: usize,
    start: usize,
    /// Where the last key or value so far ends.
    last: usize,
    /// Written in brackets or braces.
    flow: bool,
    open: Open,
}

enum Open {
    List(Vec<Node>),
    Mapping { entries: Vec<Entry>, key: Option<Pending>, incomplete: bool },
}

/// A key whose value comes next.
enum Pending {
    Key(Key),
    /// It was reported; its value goes with it.
    Dropped,
}

/// The tree of a text, while its events come in.
pub(super) struct Builder<'a> {
    file: &'a Arc<str>,
    text: &'a str,
    /// Byte offset of each character, and the length.
    bytes: Vec<usize>,
    pub(super) findings: Vec<Finding>,
    frames: Vec<Frame>,
    next_id: usize,
    /// Whether an opening bracket has met the closing one of another kind.
    unbalanced: bool,
}

impl<'a> Builder<'a> {
    pub(super) fn new(file: &'a Arc<str>, text: &'a str) -> Self {
        let bytes = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        Self { file, text, bytes, findings: Vec::new(), frames: Vec::new(), next_id: 0, unbalanced: false }
    }

    /// The tree, unless the parser had to stop or a bracket has lost its partner.
    pub(super) fn build(&mut self) -> Option<Node> {
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
                    self.check_start(&span);
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
                    self.open(span.start, Open::Mapping { entries: Vec::new(), key: None, incomplete: false })?;
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
        self.frames.push(Frame { id: self.next_id, start, last: start, flow, open });
        Some(())
    }

    fn close(&mut self) -> Option<Node> {
        let frame = self.frames.pop()?;
        // The parser's end marks lie behind blanks and comments: the last element tells better.
        let end = match self.text[frame.start..].chars().next() {
            Some(bracket @ ('[' | '{')) if frame.flow => self.closing(&frame, bracket),
            _ => frame.last,
        };
        let Frame { id, start, flow, open, .. } = frame;
        let content = match open {
            Open::List(mut elements) => {
                if flow {
                    cut::find_in_list(self.text, &mut elements, &mut |span, hint| self.cut(span, hint));
                }
                Content::List(elements)
            }
            Open::Mapping { mut entries, mut incomplete, .. } => {
                if flow {
                    incomplete |= cut::find_in_mapping(self.text, &mut entries, &mut |span, hint| self.cut(span, hint));
                }
                Content::Mapping { entries: self.without_duplicates(entries), incomplete }
            }
        };
        Some(Node { id, span: start..end, content })
    }

    /// Where the bracket of a list or mapping closes. The parser takes any closing bracket for any opening
    /// one.
    fn closing(&mut self, frame: &Frame, bracket: char) -> usize {
        let mut at = frame.last.max(frame.start + 1);
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
        let first = self.text[start..].chars().next().unwrap_or_default();
        let behind = if last > start { format!(" up to line {line}") } else { " by its partner".to_owned() };
        let message = format!("`{first}` opens here and is not closed{behind}");
        self.report(SYNTAX, start..start + 1, message, "close it; a text that holds brackets needs quotes");
    }

    fn cut(&mut self, span: Range<usize>, hint: String) {
        self.report(cut::CUT_BY_COMMA, span, "a comma inside `{…}` or `[…]` cuts this text in two", hint);
    }

    /// Puts a node into what is open; gives it back where nothing is.
    fn place_node(&mut self, node: Node) -> Option<Node> {
        let Some(frame) = self.frames.last_mut() else { return Some(node) };
        frame.last = frame.last.max(node.span.end);
        match &mut frame.open {
            Open::List(elements) => elements.push(node),
            Open::Mapping { entries, key, incomplete } => match key.take() {
                Some(Pending::Key(key)) => entries.push(Entry { key, value: node }),
                Some(Pending::Dropped) => *incomplete = true,
                None => {
                    let pending = self.key(node);
                    if let Some(Frame { open: Open::Mapping { key, .. }, .. }) = self.frames.last_mut() {
                        *key = Some(pending);
                    }
                }
            },
        }
        None
    }

    /// A node as a key, if it can be one.
    fn key(&mut self, node: Node) -> Pending {
        let void = node.is_void();
        let Node { id, span, content } = node;
        let (message, hint) = match content {
            Content::Scalar { text, .. } if text == "<<" => {
                self.report(MERGE_KEY, span, "`<<` merges another mapping into this one", "write the keys out");
                return Pending::Dropped;
            }
            Content::Scalar { .. } if self.text[span.clone()].contains('\n') => {
                ("a key stands in one line", "a comma may be missing, or a quote")
            }
            Content::Scalar { text, .. } if !void => return Pending::Key(Key { id, text, span }),
            _ => ("a key is a text", "put a text before the colon"),
        };
        self.report(KEY_NOT_TEXT, span, message, hint);
        Pending::Dropped
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

    /// Texts in brackets that start with a sign of YAML: parsers do not agree on what they are.
    fn check_start(&mut self, span: &Range<usize>) {
        let sign = self.text[span.clone()].chars().next().filter(|sign| ['?', ':', '|', '>'].contains(sign));
        if let Some(sign) = sign.filter(|_| self.frames.last().is_some_and(|frame| frame.flow)) {
            let message = format!("a text in brackets or braces cannot start with `{sign}`");
            self.report(SYNTAX, span.clone(), message, "put the text in quotes");
        }
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
        let bracketed = |frame: &&Frame| frame.flow && self.text[frame.start..].starts_with(['[', '{']);
        let unclosed = self.frames.iter().rev().find(bracketed).map(|frame| frame.start);
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
