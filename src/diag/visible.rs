//! Text as it is, with the characters that hide or mislead made visible.
//!
//! A right-to-left override in a name can make a page read backwards, a zero-width space makes two different
//! ids look the same, a line break in a cell ends a line of a terminal. In what people read each of them
//! stands as `⟨U+202E⟩`. Nothing is removed and nothing else is changed.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character has no shape of its own or changes how its neighbours are read.
pub const fn is_hidden(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}'      // controls
        | '\u{AD}'                                  // soft hyphen
        | '\u{61C}' | '\u{180E}'                    // Arabic letter mark, Mongolian vowel separator
        | '\u{200B}'..='\u{200F}'                   // zero width, direction marks
        | '\u{2028}'..='\u{202E}'                   // line and paragraph separator, embeddings, overrides
        | '\u{2060}'..='\u{206F}'                   // word joiner, invisible operators, isolates
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'      // byte order mark, annotations
        | '\u{E0000}'..='\u{E007F}'                 // tags
    )
}

/// The text with every hidden character written as its code point between `⟨` and `⟩`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "⟨U+{:04X}⟩", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// A text that nobody need see, recognisable by its ends: `6222…1234`; short ones by the last two characters.
pub fn masked(text: &str) -> String {
    let text: Vec<char> = text.trim().chars().collect();
    let ends = if text.len() >= 12 { (4, 4) } else { (0, text.len().min(4) / 2) };
    let (head, tail) = (text.iter().take(ends.0), text.iter().skip(text.len() - ends.1));
    visible(&head.chain(['…'].iter()).chain(tail).collect::<String>()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_number_shows_its_ends_only() {
        for (text, shown) in [
            ("6222021234567891234", "6222…1234"),
            (" 622202123456 ", "6222…3456"),
            ("12345678901", "…01"),
            ("123", "…3"),
            ("1", "…"),
            ("", "…"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn overrides_controls_and_zero_widths_are_shown() {
        assert_eq!(visible("a\u{202E}b"), "a⟨U+202E⟩b");
        assert_eq!(visible("\t=1\r\n"), "⟨U+0009⟩=1⟨U+000D⟩⟨U+000A⟩");
        assert_eq!(visible("\u{7F}\u{85}\u{200B}\u{FEFF}\u{E0041}"), "⟨U+007F⟩⟨U+0085⟩⟨U+200B⟩⟨U+FEFF⟩⟨U+E0041⟩");
    }

    #[test]
    fn plain_text_is_not_touched() {
        for text in ["", "张伟", "𠮷野", "A-1 (é) ￥1,000.00 ⟨U+202E⟩", "\u{3000}全角"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }
}
