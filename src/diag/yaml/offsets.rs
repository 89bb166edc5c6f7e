//! From a place inside a decoded scalar to the bytes of the file.
//!
//! Folding, indentation, quotes and escapes change only white space and escaped characters: every other
//! character of the decoded text stands in the file, in the same order. So characters are paired one by
//! one, and runs of white space as a whole.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

use super::tree::Style;

/// Bytes of the file that a byte range of a decoded scalar was written in.
///
/// `source` is the scalar as the file has it, quotes included, and the result counts from its start. A
/// range that is empty or reaches past the end points at the next character, or behind the last.
pub fn locate(source: &str, decoded: &str, style: Style, range: Range<usize>) -> Range<usize> {
    let written = written(source, style);
    let mut pairs: Vec<(usize, Range<usize>)> = Vec::new();
    let mut next = 0;
    for (at, character) in decoded.char_indices() {
        if character.is_whitespace() {
            let gap = written.get(next).filter(|unit| unit.blank);
            let span = gap.map_or_else(|| behind(&pairs), |unit| unit.span.clone());
            next += usize::from(gap.is_some());
            pairs.push((at, span));
            continue;
        }
        while written.get(next).is_some_and(|unit| unit.blank) {
            next += 1;
        }
        let Some(unit) = written.get(next) else { break };
        pairs.push((at, unit.span.clone()));
        next += 1;
    }
    let end = behind(&pairs).start;
    let first = pairs.iter().find(|(at, _)| *at >= range.start).map(|(_, span)| span.clone());
    let last = pairs.iter().rev().find(|(at, _)| *at < range.end).map(|(_, span)| span.end);
    let start = first.map_or(end, |span| span.start);
    match last {
        Some(stop) if range.start < range.end && stop > start => start..stop,
        _ => start..start,
    }
}

/// The empty stretch behind the last pair.
fn behind(pairs: &[(usize, Range<usize>)]) -> Range<usize> {
    let end = pairs.last().map_or(0, |(_, span)| span.end);
    end..end
}

/// A character as the file writes it.
struct Unit {
    span: Range<usize>,
    blank: bool,
}

fn written(source: &str, style: Style) -> Vec<Unit> {
    let mut characters = source.char_indices().peekable();
    let quote = match style {
        Style::SingleQuoted => Some('\''),
        Style::DoubleQuoted => Some('"'),
        Style::Plain | Style::Block => None,
    };
    if quote.is_some() {
        characters.next();
    }
    let mut units = Vec::new();
    while let Some((at, character)) = characters.next() {
        let blank = match (style, character) {
            (Style::DoubleQuoted, '\\') => match escape(&mut characters) {
                Some(blank) => blank,
                None => continue,
            },
            (Style::SingleQuoted, '\'') => {
                if characters.next_if(|(_, next)| *next == '\'').is_none() {
                    break;
                }
                false
            }
            (Style::DoubleQuoted, '"') => break,
            _ => character.is_whitespace(),
        };
        let end = characters.peek().map_or(source.len(), |(next, _)| *next);
        units.push(Unit { span: at..end, blank });
    }
    units
}

/// Reads past an escape; whether it writes white space, or `None` where it writes nothing (a line that
/// is continued).
fn escape(characters: &mut Peekable<CharIndices<'_>>) -> Option<bool> {
    let (_, kind) = characters.next()?;
    let digits = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        '\n' | '\r' => return None,
        _ => return Some(matches!(kind, 't' | '\t' | 'n' | 'v' | 'f' | 'r' | ' ' | 'N' | '_' | 'L' | 'P')),
    };
    let mut code = 0;
    for _ in 0..digits {
        let (_, digit) = characters.next_if(|(_, next)| next.is_ascii_hexdigit())?;
        code = code * 16 + digit.to_digit(16)?;
    }
    Some(char::from_u32(code).is_some_and(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located<'a>(source: &'a str, decoded: &str, style: Style, word: &str) -> &'a str {
        let at = decoded.find(word).unwrap();
        &source[locate(source, decoded, style, at..at + word.len())]
    }

    #[test]
    fn plain_text_maps_to_itself() {
        assert_eq!(located("产值 * 0.4", "产值 * 0.4", Style::Plain, "* 0.4"), "* 0.4");
        assert_eq!(locate("产值", "产值", Style::Plain, 6..6), 6..6);
        assert_eq!(locate("产值", "产值", Style::Plain, 9..12), 6..6);
    }

    #[test]
    fn a_folded_block_maps_over_its_line_ends() {
        let source = "(output * rate\n       + cars * fee)\n       * score";
        let decoded = "(output * rate\n + cars * fee) * score\n";
        for word in ["output", "+ cars", "fee)", "score"] {
            assert_eq!(located(source, decoded, Style::Block, word), word);
        }
        assert_eq!(located(source, decoded, Style::Block, "rate\n + cars"), "rate\n       + cars");
        let end = decoded.len();
        assert_eq!(locate(source, decoded, Style::Block, end..end), source.len()..source.len());
    }

    #[test]
    fn a_block_with_windows_line_ends_maps() {
        let source = "a\r\n    + b\r\n    + 产值";
        assert_eq!(located(source, "a\n+ b\n+ 产值\n", Style::Block, "+ 产值"), "+ 产值");
    }

    #[test]
    fn quotes_and_escapes_map_to_what_is_written() {
        assert_eq!(located("'a = ''x'' + b'", "a = 'x' + b", Style::SingleQuoted, "'x'"), "''x''");
        assert_eq!(located("'a = ''x'' + b'", "a = 'x' + b", Style::SingleQuoted, "b"), "b");
        assert_eq!(located(r#""\u4ea7值 + \"b\"""#, "产值 + \"b\"", Style::DoubleQuoted, "产"), r"\u4ea7");
        assert_eq!(located(r#""\u4ea7值 + \"b\"""#, "产值 + \"b\"", Style::DoubleQuoted, "\"b\""), r#"\"b\""#);
        assert_eq!(located("\"a \\\n   + b\"", "a + b", Style::DoubleQuoted, "+ b"), "+ b");
        assert_eq!(located("\"a\\tb\"", "a\tb", Style::DoubleQuoted, "\tb"), "\\tb");
    }
}
