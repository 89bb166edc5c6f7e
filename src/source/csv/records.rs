//! Text to records: where cells begin and end.
//!
//! A cell is a piece of the text itself wherever that can be, so splitting copies nothing. The rules are those of
//! every spreadsheet (and of the `csv` crate, against which a test holds them): a quote counts where a cell begins,
//! two quotes inside a quoted cell are one, what follows a closing quote belongs to the cell, and only a line feed
//! ends a record: a carriage return before it is white space of the last cell.

use std::borrow::Cow;

/// Records of a text, with the blank lines before each.
pub(super) struct Records<'a> {
    text: &'a str,
    marks: Marks<'a>,
    delimiter: u8,
    /// Where the next record begins.
    at: usize,
    /// Line feeds before that place.
    lines: usize,
    /// Cells of the record that was read last.
    cells: Vec<Cow<'a, str>>,
}

/// The text ended inside a quoted cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OpenQuote;

impl<'a> Records<'a> {
    pub(super) fn new(text: &'a str, delimiter: u8) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let marks = Marks::new(text.as_bytes(), [delimiter, b'\n', b'"']);
        Self { text, marks, delimiter, at: 0, lines: 0, cells: Vec::new() }
    }

    /// Cells of the record that was read last.
    pub(super) fn cells(&self) -> &[Cow<'a, str>] {
        &self.cells
    }

    /// Line feeds up to the end of the record that was read last.
    pub(super) fn lines(&self) -> usize {
        self.lines
    }

    /// Goes to the next record; how many blank lines stood before it, or `None` at the end of the text.
    pub(super) fn next(&mut self) -> Result<Option<u32>, OpenQuote> {
        self.cells.clear();
        let bytes = self.text.as_bytes();
        let mut blank = 0;
        while bytes.get(self.at) == Some(&b'\n') {
            self.marks.next();
            self.at += 1;
            blank += 1;
        }
        self.lines += usize::try_from(blank).unwrap_or(usize::MAX);
        if self.at >= bytes.len() {
            return Ok(None);
        }
        let mut start = self.at;
        loop {
            let (cell, end) = if bytes.get(start) == Some(&b'"') { self.quoted(start)? } else { self.plain(start) };
            self.cells.push(cell);
            start = end + 1;
            if bytes.get(end) != Some(&self.delimiter) {
                break;
            }
        }
        self.at = start.min(bytes.len());
        self.lines += usize::from(bytes.get(start - 1) == Some(&b'\n'));
        Ok(Some(blank))
    }

    fn piece(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// A cell without a quote in front, and the place of what ends it.
    fn plain(&mut self, start: usize) -> (Cow<'a, str>, usize) {
        let bytes = self.text.as_bytes();
        let end = loop {
            match self.marks.next() {
                Some(at) if bytes.get(at) == Some(&b'"') => {}
                Some(at) => break at,
                None => break bytes.len(),
            }
        };
        (Cow::Borrowed(self.piece(start, end)), end)
    }

    /// A cell that begins with a quote, and the place of what ends it.
    fn quoted(&mut self, start: usize) -> Result<(Cow<'a, str>, usize), OpenQuote> {
        let bytes = self.text.as_bytes();
        self.marks.next();
        let mut from = start + 1;
        let mut owned = String::new();
        loop {
            let quote = loop {
                let at = self.marks.next().ok_or(OpenQuote)?;
                match bytes.get(at) {
                    Some(b'"') => break at,
                    Some(b'\n') => self.lines += 1,
                    _ => {}
                }
            };
            let piece = self.piece(from, quote);
            match bytes.get(quote + 1) {
                Some(b'"') => {
                    self.marks.next();
                    owned.push_str(piece);
                    owned.push('"');
                    from = quote + 2;
                }
                behind => {
                    let (rest, end) = match behind {
                        None => (Cow::Borrowed(""), bytes.len()),
                        Some(_) => self.plain(quote + 1),
                    };
                    if owned.is_empty() && rest.is_empty() {
                        return Ok((Cow::Borrowed(piece), end));
                    }
                    owned.push_str(piece);
                    owned.push_str(&rest);
                    return Ok((Cow::Owned(owned), end));
                }
            }
        }
    }
}

/// Places of three bytes in a text, found eight bytes at a time.
struct Marks<'a> {
    bytes: &'a [u8],
    wanted: [u64; 3],
    /// Where the eight bytes begin that come next.
    next: usize,
    /// Highest bits of those of the last eight bytes that are wanted and not handed out yet.
    found: u64,
}

const ONES: u64 = 0x0101_0101_0101_0101;
const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;

impl<'a> Marks<'a> {
    fn new(bytes: &'a [u8], wanted: [u8; 3]) -> Self {
        Self { bytes, wanted: wanted.map(|byte| ONES * u64::from(byte)), next: 0, found: 0 }
    }

    /// The next place.
    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            let rest = self.bytes.get(self.next..).filter(|rest| !rest.is_empty())?;
            let (word, length) = match rest.first_chunk::<8>() {
                Some(word) => (u64::from_le_bytes(*word), 8),
                None => {
                    let mut word = [0; 8];
                    word.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
                    (u64::from_le_bytes(word), rest.len())
                }
            };
            // A byte is wanted where it differs from a wanted one in no bit.
            let same = |wanted: u64| {
                let differs = word ^ wanted;
                !(((differs & LOW) + LOW) | differs | LOW)
            };
            let [one, two, three] = self.wanted;
            self.found = same(one) | same(two) | same(three);
            self.next += length;
            if length < 8 {
                // Behind the end stand zeros, which nobody wants.
                self.next = self.bytes.len().next_multiple_of(8);
            }
        }
        let byte = self.found.trailing_zeros() as usize / 8;
        self.found &= self.found - 1;
        Some(self.next - 8 + byte)
    }
}

#[cfg(test)]
mod tests {
    use csv::{ReaderBuilder, Terminator};
    use proptest::prelude::*;

    use super::*;

    /// Records as the `csv` crate reads them, each with the line feeds up to its end.
    fn slow(text: &str) -> Vec<(Vec<String>, u64)> {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        let mut records = Vec::new();
        while reader.read_record(&mut record).unwrap() {
            let cells = record.iter().map(str::to_owned).collect();
            records.push((cells, reader.position().line() - 1));
        }
        records
    }

    fn quick(text: &str) -> Option<Vec<(Vec<String>, u64)>> {
        let mut records = Records::new(text, b',');
        let mut all = Vec::new();
        while records.next().ok()?.is_some() {
            let cells = records.cells().iter().map(|cell| cell.clone().into_owned()).collect();
            all.push((cells, records.lines() as u64));
        }
        Some(all)
    }

    proptest! {
        #[test]
        fn cells_begin_and_end_where_the_csv_crate_says(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    ",", ",", "\n", "\n", "\r\n", "\"", "\"\"", "\",", ",\"", "\"\n", "a", "甲", " ", "12.50", "abcdefghij",
                ]),
                0..60,
            ),
        ) {
            let text = parts.concat() + "\n";
            // A text that ends inside quotes is refused, however it would be read.
            if let Some(quick) = quick(&text) {
                prop_assert_eq!(quick, slow(&text), "{:?}", text);
            }
        }
    }

    #[test]
    fn an_open_quote_is_refused_and_blank_lines_are_counted() {
        let mut records = Records::new("a,b\n\n\n\"c\nd\",e\n", b',');
        assert_eq!((records.next(), records.lines()), (Ok(Some(0)), 1));
        assert_eq!((records.next(), records.lines()), (Ok(Some(2)), 5));
        assert_eq!(records.cells(), ["c\nd", "e"]);
        assert_eq!(records.next(), Ok(None));
        assert_eq!(Records::new("a,\"b\n", b',').next(), Err(OpenQuote));
        assert_eq!(Records::new("", b',').next(), Ok(None));
    }
}
