//! How findings are drawn: for people, with the source line underlined, and as JSON.
//!
//! This module must not decide where the text goes or whether a terminal is there: the caller says so.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::visible::visible;
use super::{Finding, Findings, Severity};

/// Texts of the files that findings speak of, by the path that their places write.
pub type Sources = BTreeMap<Arc<str>, Arc<str>>;

/// Columns beside the source of a line: the rule and the marks of what was cut off.
const AROUND: usize = " |  ... ...".len();

/// How to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether to colour.
    pub colour: bool,
    /// Width of the terminal in columns.
    pub width: usize,
}

impl Default for Look {
    fn default() -> Self {
        Self { colour: false, width: 80 }
    }
}

/// Findings in the order of their places, each with its source line, and how many there are.
pub fn text(findings: &Findings, sources: &Sources, look: Look) -> String {
    let sorted = findings.clone().sorted();
    let mut drawn: Vec<String> = sorted.iter().map(|finding| one(finding, sources, look)).collect();
    drawn.extend(count(&sorted));
    drawn.join("\n\n") + "\n"
}

/// `2 errors, 1 warning`; nothing where there is nothing.
fn count(findings: &[Finding]) -> Option<String> {
    let of = |severity, one: &str| match findings.iter().filter(|finding| finding.severity == severity).count() {
        0 => None,
        1 => Some(format!("1 {one}")),
        number => Some(format!("{number} {one}s")),
    };
    let counts = [of(Severity::Error, "error"), of(Severity::Warning, "warning")];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    (!counts.is_empty()).then(|| counts.join(", "))
}

/// One finding.
pub fn one(finding: &Finding, sources: &Sources, look: Look) -> String {
    let (level, heading) = match finding.severity {
        Severity::Error => (Level::ERROR, "error"),
        Severity::Warning => (Level::WARNING, "warning"),
    };
    let indent = heading.len() + finding.code.id.len() + 4;
    let message = wrapped(&visible(&finding.message), look.width.saturating_sub(indent));
    let title = level.primary_title(message.as_str()).id(finding.code.id);
    let mut group = Group::with_title(title);
    let mut gutter = 1;
    if let Some(place) = &finding.place {
        match sources.get(&place.file) {
            Some(text) => {
                let span = first_line(text, &place.span);
                gutter = (text[..span.start].matches('\n').count() + 1).to_string().len();
                let span = fitting(text, span, look.width.saturating_sub(gutter + AROUND));
                let annotation = AnnotationKind::Primary.span(span);
                group = group.element(Snippet::source(&**text).path(&*place.file).annotation(annotation));
            }
            None => group = group.element(Origin::path(&*place.file)),
        }
    }
    let room = look.width.saturating_sub(gutter + " = hint: ".len());
    let hints: Vec<String> = finding.hints.iter().map(|hint| wrapped(&visible(hint), room)).collect();
    for hint in &hints {
        group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
    }
    let renderer = if look.colour { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(look.width).render(&[group])
}

/// The part of a span in its first line; where the text does not hold the span, its nearest place.
fn first_line(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(span.start);
    let end = text.floor_char_boundary(span.end.max(start));
    let line = text[start..end].find('\n').map_or(end, |line| start + line);
    start..start + text[start..line].trim_end().len()
}

/// The beginning of a span that is wider than the room: longer ones are not cut by the renderer.
fn fitting(text: &str, span: Range<usize>, room: usize) -> Range<usize> {
    let mut width = 0;
    let fits = |(_, character): &(usize, char)| {
        width += character.width().unwrap_or(0);
        width <= room.max(1)
    };
    let last = text[span.clone()].char_indices().take_while(fits).last();
    let end = last.map_or(span.end, |(at, character)| span.start + at + character.len_utf8());
    span.start..end
}

/// Breaks a text at spaces, and wide characters anywhere, so that no line is wider than the room.
fn wrapped(text: &str, room: usize) -> String {
    let room = room.max(20);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last().map_or(0, |line| line.width());
        if line > 0 && line + 1 + word.width() > room {
            lines.push(String::new());
        } else if line > 0 {
            lines.last_mut().into_iter().for_each(|line| line.push(' '));
        }
        for character in word.chars() {
            let width = character.width().unwrap_or(0);
            if lines.last().map_or(0, |line| line.width()) + width > room {
                lines.push(String::new());
            }
            lines.last_mut().into_iter().for_each(|line| line.push(character));
        }
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// A finding as JSON. Lines and columns count from 1, columns in characters; an end is behind the last
/// character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plain {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// The kebab-case id.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hints: Vec<String>,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// First line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// First column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// Last line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_line: Option<usize>,
    /// Column behind the last character.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_column: Option<usize>,
}

/// Findings in the order of their places, for `--format json`.
pub fn plain(findings: &Findings, sources: &Sources) -> Vec<Plain> {
    let of = |finding: Finding| {
        let place = finding.place.as_ref();
        let text = place.and_then(|place| sources.get(&place.file));
        let position = |at: usize| {
            text.map(|text| {
                let before = &text[..text.floor_char_boundary(at)];
                let line = before.rfind('\n').map_or(0, |line| line + 1);
                (before.matches('\n').count() + 1, before[line..].chars().count() + 1)
            })
        };
        let start = place.and_then(|place| position(place.span.start));
        let end = place.and_then(|place| position(place.span.end));
        Plain {
            severity: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            code: finding.code.id,
            file: place.map(|place| place.file.to_string()),
            line: start.map(|(line, _)| line),
            column: start.map(|(_, column)| column),
            end_line: end.map(|(line, _)| line),
            end_column: end.map(|(_, column)| column),
            message: finding.message,
            hints: finding.hints,
        }
    };
    findings.clone().sorted().into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Place};

    const CODE: Code = Code::new("unknown-column", "a column that is not there");

    fn drawn(text: &str, word: &str, message: &str, hint: &str) -> String {
        let at = text.find(word).unwrap();
        let place = Place { file: "plans/产值.yaml".into(), span: at..at + word.len() };
        let mut findings = Findings::new();
        findings.push(Finding::error(CODE, message).at(Some(place)).hint(hint));
        let sources = Sources::from([("plans/产值.yaml".into(), text.into())]);
        super::text(&findings, &sources, Look::default())
    }

    #[test]
    fn the_underline_stands_under_wide_characters() {
        let drawn =
            drawn("a: 1\n产值: 产出 + outptu * 率\n", "outptu", "no column `outptu` here", "did you mean `output`?");
        let expected = "\
error[unknown-column]: no column `outptu` here
 --> plans/产值.yaml:2:10
  |
2 | 产值: 产出 + outptu * 率
  |              ^^^^^^
  |
  = hint: did you mean `output`?

1 error
";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn long_messages_and_lines_stay_in_80_columns() {
        let long = format!("x: {} + outptu\n", "产值 * 系数 + ".repeat(20));
        let message = "很长的一句话".repeat(20);
        let drawn = drawn(&long, "outptu", &message, &"one two three four ".repeat(12));
        for line in drawn.lines() {
            assert!(line.width() <= 80, "{line}");
        }
        let said: String = drawn.chars().filter(|character| !character.is_whitespace()).collect();
        assert!(said.contains(&message), "{drawn}");
        let (source, underline) = drawn.split_once("\n1 | ").unwrap().1.split_once('\n').unwrap();
        let column = source[..source.find("outptu").unwrap()].width();
        assert!(underline.starts_with(&format!("  | {}^^^^^^", " ".repeat(column))), "{drawn}");
    }

    #[test]
    fn a_span_of_several_lines_is_underlined_in_its_first() {
        let drawn = drawn("a:\n  b: 1\n  c: 2\n", "b: 1\n  c: 2", "m", "h");
        assert!(drawn.contains("2 |   b: 1\n  |   ^^^^\n  |\n"), "{drawn}");
    }

    #[test]
    fn a_span_wider_than_the_page_is_cut() {
        let long = format!("# {}\n", "产值 ".repeat(60));
        let drawn = drawn(&long, long.trim_end(), "m", "h");
        for line in drawn.lines() {
            assert!(line.width() <= 80, "{line}");
        }
        assert!(drawn.contains("1 | # 产值"), "{drawn}");
    }

    #[test]
    fn windows_line_ends_and_control_characters_do_not_reach_the_terminal() {
        let drawn = drawn("a: 1\r\nb: \u{1b}[31m\u{202e}x\r\n", "x", "say \u{1b}[2J", "\u{202e}h");
        assert!(!drawn.contains(['\r', '\u{1b}', '\u{202e}']), "{drawn:?}");
    }

    #[test]
    fn a_place_without_a_text_names_the_file() {
        let mut findings = Findings::new();
        let place = Place { file: "x.yaml".into(), span: 3..9 };
        findings.push(Finding::warning(CODE, "m").at(Some(place)));
        findings.push(Finding::error(CODE, "n"));
        let drawn = text(&findings, &Sources::new(), Look::default());
        assert_eq!(drawn, "error[unknown-column]: n\n\nwarning[unknown-column]: m\n--> x.yaml\n\n1 error, 1 warning\n");
        assert_eq!(plain(&findings, &Sources::new())[1].line, None);
    }

    #[test]
    fn json_counts_lines_and_characters_from_one() {
        let place = Place { file: "f".into(), span: 12..15 };
        let mut findings = Findings::new();
        findings.push(Finding::error(CODE, "m").at(Some(place)));
        let sources = Sources::from([("f".into(), "a: 1\n产值: x\n".into())]);
        let json = serde_json::to_string(&plain(&findings, &sources)).unwrap();
        let expected = concat!(
            r#"[{"severity":"error","code":"unknown-column","message":"m","hints":[],"file":"f","#,
            r#""line":2,"column":4,"end_line":3,"end_column":1}]"#
        );
        assert_eq!(json, expected);
    }

    #[test]
    fn colour_only_when_told() {
        let mut findings = Findings::new();
        findings.push(Finding::error(CODE, "m"));
        let look = Look { colour: true, width: 80 };
        assert!(text(&findings, &Sources::new(), look).contains('\u{1b}'));
        assert!(!text(&findings, &Sources::new(), Look::default()).contains('\u{1b}'));
    }
}
