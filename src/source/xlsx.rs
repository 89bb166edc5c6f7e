//! Sheets of a workbook, cell by cell.
//!
//! Cells are streamed and put together row by row, so a sheet that claims a million columns costs nothing.
//! Numbers keep what their format shows; dates stay serial numbers until the contract asks for a day.
#![expect(clippy::disallowed_types, reason = "a workbook holds its numbers as floats; they leave as cells")]

use std::borrow::Cow;
use std::io::Cursor;
use std::sync::Arc;

use calamine::{Data, DataRef, Reader, Xlsx, XlsxError};

use crate::diag::text::text;

use super::batch::{BatchReader, Row};
use super::cell::{CellFault, Epoch, Raw, Shown, Value, parse};
use super::codes::{FILE_UNREADABLE, SHEET_MISSING, SHEET_SIZE};
use super::contract::{Column, Contract};
use super::header::{Mapping, Search};
use super::rows::Rows;
use super::trouble::FileTrouble;

/// Rows of the largest sheet there is.
const ROWS: u32 = 1 << 20;
/// Columns in which something may stand; no export is wider.
const COLUMNS: u32 = 1 << 10;

impl Row for Vec<Raw<'_>> {
    const SLIPS: bool = false;

    fn width(&self) -> usize {
        self.len()
    }

    fn is_blank(&self, position: usize) -> bool {
        self.get(position).is_none_or(Raw::is_blank)
    }

    fn text(&self, position: usize) -> Cow<'_, str> {
        self.get(position).map_or(Cow::Borrowed(""), Raw::as_text)
    }

    fn parse<'a>(&'a self, position: usize, column: &Column, epoch: Epoch) -> Result<Value<'a>, CellFault> {
        parse(column, self.get(position).unwrap_or(&Raw::Blank), epoch)
    }
}

/// Reads a sheet of a month.
pub(super) fn read(contract: &Contract, bytes: &[u8], sheet: Option<&str>, month: i32) -> Result<Rows, FileTrouble> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let epoch = if book.has_1904_epoch() { Epoch::From1904 } else { Epoch::From1900 };
    let name = sheet_name(&book.sheet_names(), sheet)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|error| unreadable(&error))?;
    let formats: Vec<Shown> = cells
        .styles()
        .iter()
        .map(|style| style.number_format.as_ref().map_or(Shown::Freely, |f| Shown::of(&f.format_code)))
        .collect();
    let mut sheet = Sheet { contract, month, epoch, search: Search::new(contract), table: None, next: 1 };
    let mut row: Vec<Raw<'_>> = Vec::new();
    let mut number = 0;
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(|error| unreadable(&error))? {
        let (at, column) = cell.get_position();
        let shown = formats.get(style).copied().unwrap_or_default();
        let raw = raw(cell.get_value(), shown);
        if raw == Raw::Blank {
            continue;
        }
        if at >= ROWS || column >= COLUMNS {
            let (row, column) = (at + 1, column + 1);
            let cause = text!("sheet `{name}` has something in row {row}, column {column}", name, row, column);
            return Err(FileTrouble::new(SHEET_SIZE, cause, text!("delete what stands far below or beside the table")));
        }
        if at + 1 != number {
            if at < number {
                let cause = text!("sheet `{name}` has row {row} after row {number}", name, row = at + 1, number);
                let remedy = text!("open it in a spreadsheet and save it again");
                return Err(FileTrouble::new(FILE_UNREADABLE, cause, remedy));
            }
            sheet.row(number, &row)?;
            row.clear();
            number = at + 1;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if row.len() <= column {
            row.resize(column + 1, Raw::Blank);
        }
        if let Some(place) = row.get_mut(column) {
            *place = raw;
        }
    }
    sheet.row(number, &row)?;
    Ok(Rows { sheet: name, ..sheet.finish()? })
}

fn sheet_name(names: &[String], wanted: Option<&str>) -> Result<String, FileTrouble> {
    let found = match wanted {
        Some(wanted) => names.iter().find(|name| name.trim() == wanted.trim()),
        None => names.first(),
    };
    found.cloned().ok_or_else(|| {
        let (sheet, sheets) = (wanted.unwrap_or("1"), names.join(", "));
        let cause = text!("the workbook has no sheet `{sheet}`, only {sheets}", sheet, sheets);
        FileTrouble::new(SHEET_MISSING, cause, text!("name the sheet in the contract as the workbook does"))
    })
}

fn unreadable(error: &XlsxError) -> FileTrouble {
    let remedy = text!("open it in a spreadsheet and save it as .xlsx, without a password");
    let cause = text!("the file is no workbook that can be read ({error})", error = error.to_string());
    FileTrouble::new(FILE_UNREADABLE, cause, remedy)
}

fn raw<'a>(value: &DataRef<'_>, shown: Shown) -> Raw<'a> {
    let text = |text: &str| if text.is_empty() { Raw::Blank } else { Raw::Text(Cow::Owned(text.to_owned())) };
    match value {
        DataRef::Empty => Raw::Blank,
        #[expect(clippy::cast_precision_loss, reason = "sheets hold numbers as binary fractions anyway")]
        DataRef::Int(number) => Raw::Number(*number as f64, shown),
        DataRef::Float(number) => Raw::Number(*number, shown),
        DataRef::String(value) => text(value),
        DataRef::SharedString(value) => text(value),
        DataRef::Bool(value) => Raw::Bool(*value),
        DataRef::DateTime(value) => Raw::Serial(value.as_f64()),
        DataRef::DateTimeIso(value) | DataRef::DurationIso(value) => text(value),
        DataRef::Error(error) => Raw::Error(Data::Error(error.clone()).to_string()),
    }
}

/// The table of a sheet, while its rows come by.
struct Sheet<'a> {
    contract: &'a Contract,
    month: i32,
    epoch: Epoch,
    search: Search<'a>,
    /// Header and rows, once the header has come by.
    table: Option<(Arc<Mapping>, BatchReader<'a>)>,
    /// Physical row that comes next.
    next: u32,
}

impl Sheet<'_> {
    fn row(&mut self, number: u32, cells: &Vec<Raw<'_>>) -> Result<(), FileTrouble> {
        if number == 0 {
            return Ok(());
        }
        let skipped = number.saturating_sub(self.next);
        self.next = number + 1;
        if let Some((_, rows)) = &mut self.table {
            rows.blank(skipped);
            rows.push(cells);
            return Ok(());
        }
        if usize::try_from(number).unwrap_or(usize::MAX) > self.contract.header_within {
            return Err(self.search.trouble());
        }
        if let Some(mapping) = self.search.offer(number, cells.iter().map(Raw::as_text))? {
            let mapping = Arc::new(mapping);
            let rows = BatchReader::new(self.contract, Arc::clone(&mapping), self.month, self.epoch, 0);
            self.table = Some((mapping, rows));
        }
        Ok(())
    }

    fn finish(self) -> Result<Rows, FileTrouble> {
        let (mapping, rows) = self.table.ok_or_else(|| self.search.trouble())?;
        Rows::new(mapping, vec![rows.finish()])
    }
}
