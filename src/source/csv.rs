//! Delimited text: decoded first, then split, in stretches that are parsed at the same time.
//!
//! A stretch ends at a line feed outside quotes. That is decided by counting quotes, which a stray quote
//! can mislead; so each stretch carries a closing record of its own, and a stretch that swallows it was cut
//! wrongly: then the rest of the file is parsed in one piece.

use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;

use super::batch::{Batch, BatchReader, Row};
use super::cell::{CellFault, Epoch, Value, is_blank, parse_text};
use super::codes::{FILE_ENCODING, FILE_QUOTE};
use super::contract::{Column, Contract, Encoding};
use super::encoding::{decode, trouble, without_mark};
use super::header::{Mapping, Search};
use super::rows::Rows;
use super::trouble::FileTrouble;
use crate::diag::text::text;

mod records;

use records::{OpenQuote, Records};

/// Bytes of a stretch.
const STRETCH: usize = 4 << 20;
/// Bytes in which the header must end.
const HEAD: usize = 1 << 20;
/// The record that closes a stretch.
const CLOSING: &str = "\u{1}end of stretch\u{1}";

impl Row for [Cow<'_, str>] {
    const SLIPS: bool = true;

    fn width(&self) -> usize {
        self.len()
    }

    fn is_blank(&self, position: usize) -> bool {
        self.get(position).is_none_or(|cell| is_blank(cell))
    }

    fn text(&self, position: usize) -> Cow<'_, str> {
        Cow::Borrowed(self.get(position).map_or("", |cell| cell))
    }

    fn parse<'a>(&'a self, position: usize, column: &Column, epoch: Epoch) -> Result<Value<'a>, CellFault> {
        parse_text(column, self.get(position).map_or("", |cell| cell), epoch)
    }
}

/// How the text is written.
#[derive(Clone, Copy)]
pub(super) struct Dialect {
    /// Encoding.
    pub(super) encoding: Encoding,
    /// Byte between cells.
    pub(super) delimiter: u8,
}

/// Reads a file of a month.
pub(super) fn read(contract: &Contract, bytes: &[u8], dialect: Dialect, month: i32) -> Result<Rows, FileTrouble> {
    read_in_stretches(contract, bytes, dialect, month, STRETCH)
}

fn read_in_stretches(
    contract: &Contract,
    bytes: &[u8],
    dialect: Dialect,
    month: i32,
    stretch: usize,
) -> Result<Rows, FileTrouble> {
    let marked = bytes;
    let bytes = without_mark(bytes, dialect.encoding)?;
    let (mapping, lines) = find_header(contract, bytes, dialect)?;
    let start = end_of_line(bytes, lines);
    let mapping = Arc::new(mapping);
    let parser = Parser { contract, mapping: Arc::clone(&mapping), dialect, month };
    let cuts = cuts(bytes, start, stretch);
    let stretches: Vec<Stretch> = cuts
        .windows(2)
        .map(|cut| (cut[0], cut[1]))
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(from, to)| parser.stretch(bytes, from, to))
        .collect();
    let mut batches = Vec::new();
    for (read, from) in stretches.into_iter().zip(&cuts) {
        let broken = |offset: usize| trouble(marked, offset + marked.len() - bytes.len(), dialect.encoding);
        match read {
            Stretch::Whole(batch) => batches.push(*batch),
            Stretch::Broken(offset) => return Err(broken(offset)),
            Stretch::Open => {
                match parser.stretch(bytes, *from, bytes.len()) {
                    Stretch::Whole(batch) => batches.push(*batch),
                    Stretch::Broken(offset) => return Err(broken(offset)),
                    Stretch::Open => return Err(open_quote(bytes, *from)),
                }
                break;
            }
        }
    }
    Rows::new(mapping, batches)
}

/// What a stretch turned out to be.
enum Stretch {
    /// Whole records.
    Whole(Box<Batch>),
    /// A quote is still open at its end.
    Open,
    /// Not in the encoding of the contract, at this byte of the file.
    Broken(usize),
}

struct Parser<'a> {
    contract: &'a Contract,
    mapping: Arc<Mapping>,
    dialect: Dialect,
    month: i32,
}

impl Parser<'_> {
    fn stretch(&self, bytes: &[u8], from: usize, to: usize) -> Stretch {
        let bytes = bytes.get(from..to).unwrap_or_default();
        let mut text = match decode(bytes, self.dialect.encoding) {
            Ok(text) => text,
            Err(offset) => return Stretch::Broken(from + offset),
        };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(CLOSING);
        text.push('\n');
        let mut rows =
            BatchReader::new(self.contract, Arc::clone(&self.mapping), self.month, Epoch::From1900, bytes.len() / 64);
        let mut records = Records::new(&text, self.dialect.delimiter);
        loop {
            match records.next() {
                Ok(Some(blank)) => {
                    rows.blank(blank);
                    if matches!(records.cells(), [only] if only == CLOSING) {
                        return Stretch::Whole(Box::new(rows.finish()));
                    }
                    rows.push(records.cells());
                }
                Ok(None) | Err(OpenQuote) => return Stretch::Open,
            }
        }
    }
}

/// The header, and the number of line feeds up to its end.
fn find_header(contract: &Contract, bytes: &[u8], dialect: Dialect) -> Result<(Mapping, usize), FileTrouble> {
    let end = match bytes.get(HEAD..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n')) {
        Some(at) => HEAD + at + 1,
        None => bytes.len(),
    };
    let head = bytes.get(..end).unwrap_or_default();
    let mut text = decode(head, dialect.encoding).map_err(|offset| trouble(bytes, offset, dialect.encoding))?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let mut records = Records::new(&text, dialect.delimiter);
    let mut search = Search::new(contract);
    let mut row = 0;
    while let Ok(Some(blank)) = records.next() {
        row += blank + 1;
        if usize::try_from(row).unwrap_or(usize::MAX) > contract.header_within {
            break;
        }
        if let Some(mapping) = search.offer(row, records.cells().iter().cloned())? {
            return Ok((mapping, records.lines()));
        }
    }
    let is_utf8 = !head.is_ascii() && decode(bytes, Encoding::Utf8).is_ok();
    if dialect.encoding == Encoding::Gb18030 && is_utf8 {
        let cause = text!("the file is in UTF-8, the contract says gb18030");
        return Err(FileTrouble::new(FILE_ENCODING, cause, text!("write `encoding: utf-8` in the contract")));
    }
    Err(search.trouble())
}

fn open_quote(bytes: &[u8], from: usize) -> FileTrouble {
    let line = bytes.iter().take(from).filter(|byte| **byte == b'\n').count() + 1;
    let cause = text!(
        "a quote is opened somewhere after line {line} and never closed, so the rest of the file is one cell",
        line
    );
    FileTrouble::new(FILE_QUOTE, cause, text!("close or remove the quote, or export the file again"))
}

/// Offset behind the line feed of that number.
fn end_of_line(bytes: &[u8], lines: usize) -> usize {
    let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    match lines.checked_sub(1) {
        Some(index) => ends.nth(index).unwrap_or(bytes.len()),
        None => 0,
    }
}

/// Offsets at which stretches start and end.
fn cuts(bytes: &[u8], start: usize, stretch: usize) -> Vec<usize> {
    let mut cuts = vec![start];
    let mut from = start;
    while let Some(target) = from.checked_add(stretch).filter(|target| *target < bytes.len()) {
        let before = bytes.get(from..target).unwrap_or_default();
        let mut open = before.iter().fold(false, |open, byte| open ^ (*byte == b'"'));
        let end = bytes.get(target..).unwrap_or_default().iter().position(|byte| {
            open ^= *byte == b'"';
            *byte == b'\n' && !open
        });
        let Some(end) = end else { break };
        from = target + end + 1;
        cuts.push(from);
    }
    if cuts.last() != Some(&bytes.len()) {
        cuts.push(bytes.len());
    }
    if cuts.len() == 1 {
        cuts.push(bytes.len());
    }
    cuts
}
