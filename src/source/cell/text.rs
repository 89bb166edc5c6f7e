//! Text: white space around it goes, everything else stays, leading zeros above all.

use std::borrow::Cow;

use super::super::codes::{CELL_LOST, CELL_VALUE};
use super::super::contract::Column;
use super::{CellFault, Value};
use crate::diag::text::text;

/// Whether nothing but white space stands there.
pub(crate) fn is_blank(text: &str) -> bool {
    !text.as_bytes().first().is_some_and(is_ink) && text.trim_start().is_empty()
}

/// Whether a byte begins a character that is neither white space nor hidden: printed ASCII, or one of U+4000 to
/// U+9FFF.
fn is_ink(byte: &u8) -> bool {
    matches!(byte, 0x21..=0x7e | 0xe4..=0xe9)
}

/// Whether no white space stands at either end, as far as a glance tells.
fn is_trimmed(bytes: &[u8]) -> bool {
    let ends = match bytes {
        [.., last] if last.is_ascii() => is_ink(last),
        // The last three bytes are one character.
        [.., first, _, _] => is_ink(first) && !first.is_ascii(),
        _ => false,
    };
    ends && bytes.first().is_some_and(is_ink)
}

/// The text without white space around it (ideographic spaces too) and without the wrapping `="…"` by
/// which exports keep a spreadsheet from dropping zeros.
pub(super) fn bare(text: &str) -> &str {
    let text = if is_trimmed(text.as_bytes()) { text } else { text.trim() };
    match text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if !inner.contains('"') => inner.trim(),
        _ => text,
    }
}

/// Holds text against the contract: nothing lost on the way, and one of the allowed values.
pub(super) fn check<'a>(column: &Column, text: Cow<'a, str>) -> Result<Value<'a>, CellFault> {
    let hidden = if is_suspect(&text) {
        if text.contains('\u{fffd}') {
            let remedy =
                text!("the character was lost before this file was written: export it again in GB18030 or UTF-8");
            let message = text!("`{value}` has lost a character", value = visible(&text));
            return Err(CellFault::new(CELL_LOST, message, remedy));
        }
        hidden(&text)
    } else {
        None
    };
    if is_shortened(&text) {
        let remedy = text!("a spreadsheet has shortened a long number: export it again with the column as text");
        return Err(CellFault::new(CELL_LOST, text!("`{value}` has lost digits", value = text), remedy));
    }
    if column.values.is_empty() || column.values.contain(&text) {
        return Ok(Value::Text(text, hidden));
    }
    let near = crate::diag::nearest(&text, column.values.iter());
    let remedy = match near {
        Some(near) => text!("did the export mean `{near}`? Else add the value to the contract", near),
        None => {
            let allowed = column.values.listed();
            text!("allowed are {allowed}; add the value to the contract where it is right", allowed)
        }
    };
    Err(CellFault::new(CELL_VALUE, text!("`{value}` is not an allowed value", value = visible(&text)), remedy))
}

/// Whether a spreadsheet has turned a long number into `1.23457E+16`.
fn is_shortened(text: &str) -> bool {
    text.as_bytes().first().is_some_and(u8::is_ascii_digit)
        && text.split_once("E+").is_some_and(|(mantissa, exponent)| {
            mantissa.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
                && !exponent.is_empty()
                && exponent.bytes().all(|byte| byte.is_ascii_digit())
        })
}

/// Whether a byte stands there that begins a hidden or lost character (or a harmless one).
fn is_suspect(text: &str) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    // Printed ASCII, eight bytes at a time: none below a space, none with its highest bit, none that it would get.
    let plain = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        let below = word.wrapping_sub(0x2020_2020_2020_2020);
        let above = word.wrapping_add(0x0101_0101_0101_0101);
        (word | below | above) & HIGH == 0
    };
    let suspect = |byte: &u8| *byte < 0x20 || matches!(byte, 0x7f | 0xc2 | 0xd8 | 0xe1 | 0xe2 | 0xef | 0xf3);
    words.iter().any(|word| !plain(word) && word.iter().any(suspect)) || rest.iter().any(suspect)
}

/// The first character that would be invisible on paper or turn the text around it.
pub(crate) fn hidden(text: &str) -> Option<char> {
    text.chars().find(|c| is_hidden(*c))
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with such characters written out: `⟨U+202E⟩`.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !is_suspect(text) || hidden(text).is_none() {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().map(|c| if is_hidden(c) { format!("⟨U+{:04X}⟩", u32::from(c)) } else { c.to_string() });
    Cow::Owned(shown.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_text_goes_and_zeros_stay() {
        for (written, read) in [
            ("张伟", "张伟"),
            ("张伟\u{3000}\u{3000}", "张伟"),
            (" 00123\t", "00123"),
            ("\u{a0}A 1\u{a0}", "A 1"),
            ("=\"00123\"", "00123"),
            ("=\"\"", ""),
            ("=\"a\"b\"", "=\"a\"b\""),
            ("=1+1", "=1+1"),
            ("\u{3000}", ""),
            ("é ", "é"),
        ] {
            assert_eq!(bare(written), read, "{written:?}");
        }
    }

    #[test]
    fn a_glance_at_the_ends_of_a_text_sees_what_trimming_does() {
        let ends =
            [" ", "\t", "\u{a0}", "\u{3000}", "\u{2003}", "a", "~", "甲", "㐀", "龥", "é", "𠮷", "\u{fffd}", "!"];
        for first in ends {
            for last in ends {
                let text = format!("{first}b{last}");
                assert_eq!(bare(&text), text.trim(), "{text:?}");
            }
            assert_eq!((bare(first), is_blank(first)), (first.trim(), first.trim().is_empty()), "{first:?}");
        }
    }

    #[test]
    fn every_suspect_byte_is_seen_wherever_it_stands() {
        for place in 0..20 {
            for odd in ["\0", "\u{1f}", "\u{7f}", "\u{ad}", "\u{202e}", "\u{feff}", "\u{e0001}", "\u{61c}", "\u{180e}"]
            {
                let text = format!("{}{odd}{}", "x".repeat(place), "y".repeat(20 - place));
                assert!(is_suspect(&text) && hidden(&text).is_some(), "{text:?}");
            }
            let harmless = format!("{}甲~ {}", "x".repeat(place), "y".repeat(20 - place));
            assert!(!is_suspect(&harmless), "{harmless:?}");
        }
    }

    #[test]
    fn characters_that_hide_or_turn_text_are_found_and_written_out() {
        assert_eq!(hidden("张伟\u{202e}"), Some('\u{202e}'));
        assert_eq!(hidden("a\u{0}b"), Some('\u{0}'));
        assert_eq!(hidden("“引号”——￥１２，３"), None);
        assert_eq!(hidden("𠮷野"), None);
        assert_eq!(visible("a\u{202e}b"), "a⟨U+202E⟩b");
        assert_eq!(visible("plain"), "plain");
    }

    #[test]
    fn a_number_shortened_by_a_spreadsheet_is_recognised() {
        for (text, shortened) in
            [("1.23457E+16", true), ("2E+15", true), ("12E", false), ("1E+", false), ("AE+1", false)]
        {
            assert_eq!(is_shortened(text), shortened, "{text}");
        }
    }
}
