//! Text in columns for a terminal, where a Chinese character is two cells wide.
//!
//! Everything that comes from files passes through here, so hidden characters are shown here too.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::diag::visible::visible;

/// Width of everything this program prints for people.
pub const WIDTH: usize = 80;

/// How a cell of a table stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// Cells that a text takes in a terminal.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text cut to a width, with `…` where something is missing.
pub fn fit(text: &str, limit: usize) -> String {
    let text = visible(text);
    if width(&text) <= limit {
        return text.into_owned();
    }
    let mut kept = String::new();
    let mut used = 1; // The ellipsis.
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > limit {
            break;
        }
        kept.push(character);
    }
    kept.push('…');
    kept
}

/// The text in exactly `cells` cells, cut where it is longer.
pub fn pad(text: &str, cells: usize, align: Align) -> String {
    let text = fit(text, cells);
    let blank = " ".repeat(cells.saturating_sub(width(&text)));
    match align {
        Align::Left => text + &blank,
        Align::Right => blank + &text,
    }
}

/// A table: the first row is the header. The first column takes what the others leave of [`WIDTH`].
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max();
    let widths: Vec<usize> = (1..columns).map(|column| widest(column).unwrap_or(0)).collect();
    let others: usize = widths.iter().map(|width| width + 2).sum();
    let first = WIDTH.saturating_sub(others).max(12);
    let mut text = String::new();
    for row in rows {
        let mut line = pad(row.first().map_or("", String::as_str), first, Align::Left);
        for (cell, width) in row.iter().skip(1).zip(&widths) {
            line.push_str("  ");
            line.push_str(&pad(cell, *width, Align::Right));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The text in lines of at most [`WIDTH`] cells: the first begins with `first`, the others with `next`.
///
/// A line breaks at a space, or between two wide characters; a word that is too long for a line is cut.
pub fn wrap(first: &str, next: &str, text: &str) -> String {
    let mut lines = vec![first.to_owned()];
    let mut used = width(first);
    let mut empty = true;
    for piece in pieces(&visible(text)) {
        let needed = width(piece.trim_end());
        if !empty && used + needed > WIDTH {
            lines.push(next.to_owned());
            used = width(next);
            empty = true;
        }
        let piece = if empty { piece.trim_start() } else { piece };
        for character in piece.chars() {
            let cells = character.width().unwrap_or(0);
            if used + cells > WIDTH && character != ' ' {
                lines.push(next.to_owned());
                used = width(next);
            }
            used += cells;
            if let Some(line) = lines.last_mut() {
                line.push(character);
            }
            empty = false;
        }
    }
    let mut text = String::new();
    for line in lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// What may not be torn apart: a word with the spaces behind it, or one wide character.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, character) in text.char_indices() {
        let wide = |character: char| character.width() == Some(2);
        let closing = "，。、；：？！）》】」％".contains(character);
        let breaks = before.is_some_and(|before| {
            (before == ' ' && character != ' ') || (!closing && character != ' ' && (wide(before) || wide(character)))
        });
        if breaks {
            pieces.extend(text.get(start..at));
            start = at;
        }
        before = Some(character);
    }
    pieces.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    pieces
}

/// A number with thousands separators: `1,086.80`, `-12`. Text that is no plain number stays as it is.
pub fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    if whole.is_empty() || !whole.bytes().chain(fraction.unwrap_or_default().bytes()).all(|it| it.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut text = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_takes_two_cells() {
        assert_eq!(pad("张伟", 6, Align::Left), "张伟  ");
        assert_eq!(pad("张伟", 6, Align::Right), "  张伟");
        assert_eq!(fit("张伟张伟", 6), "张伟…");
        assert_eq!(fit("张伟a", 5), "张伟a");
        assert_eq!(fit("a\u{202E}b", 10), "a⟨U+202E⟩b");
    }

    #[test]
    fn every_line_of_a_table_ends_at_the_same_cell() {
        let rows = [["门店", "人数", "pay"], ["城东店 S01", "12", "33,214.55"], ["a", "1", "-0.05"]];
        let text = table(&rows.map(|row| row.map(str::to_owned).to_vec()));
        assert!(text.lines().all(|line| width(line) == WIDTH), "{text}");
    }

    #[test]
    fn a_long_name_is_cut_and_the_figures_stay_in_place() {
        let rows = vec![vec!["工".repeat(100), "1,000.00".to_owned()]];
        let text = table(&rows);
        assert_eq!(width(text.trim_end()), WIDTH);
        assert!(text.contains("工…") && text.ends_with("  1,000.00\n"));
    }

    #[test]
    fn lines_break_at_spaces_or_between_wide_characters_and_never_pass_the_width() {
        let formula = "(output * param.output_rate * output_attainment + cars * param.car_fee) * score / 100";
        let text = wrap("formula  ", "         ", formula);
        assert_eq!(text.lines().count(), 2);
        for text in [text, wrap("", "  ", &"产值提成，".repeat(40)), wrap("", "  ", &"x".repeat(300))] {
            assert!(text.lines().all(|line| width(line) <= WIDTH), "{text}");
            assert!(!text.contains("\n  ，"), "{text}");
        }
        assert_eq!(wrap("a ", "  ", ""), "a\n");
    }

    #[test]
    fn wrapping_loses_nothing() {
        let text = "产值 220,000.00 × 产值提成比例 0.4% × (220,000.00 ÷ 220,000.00) ".repeat(5);
        let joined: String = wrap("", "", &text).replace([' ', '\n'], "");
        assert_eq!(joined, text.replace(' ', ""));
    }

    #[test]
    fn thousands_are_separated_from_the_point() {
        let shown = ["0.00", "999", "1000", "-1234567.80", "7803/8", "", "-", "100000"].map(grouped);
        assert_eq!(shown, ["0.00", "999", "1,000", "-1,234,567.80", "7803/8", "", "-", "100,000"]);
    }
}
