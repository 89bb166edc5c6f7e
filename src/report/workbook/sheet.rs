//! A table as a sheet of a workbook.
//!
//! **Amounts become binary floats**, for a spreadsheet has no other numbers: one whose shortest text is the amount, digit
//! for digit, so that whoever reads the file gets back what was paid. Fifteen digits are what a double holds and a
//! spreadsheet shows; an amount of more stays text, as does one that would come back otherwise. Nothing is computed with
//! them: the sums in the last row were made of decimals, and are written as what they are, not as formulas.
//!
//! **Text stays text**: it is written as a string, never read as a formula, and what a spreadsheet would execute once the
//! sheet is saved as CSV is disarmed as it is in the tables of the run.

use rust_decimal::Decimal;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};
use unicode_width::UnicodeWidthStr;

use super::super::view::sheets::{Cell, Table};
use super::spec::SheetSpec;
use crate::run::tables::{amount_text, cell};

/// How amounts are shown.
const AMOUNT: &str = "#,##0.00";
/// How counts are shown.
const COUNT: &str = "#,##0";
/// Digits of a number that a double keeps whatever they are.
const DIGITS: usize = 15;
/// Narrowest column, in digits.
const NARROWEST: usize = 6;
/// Widest column where its file says nothing.
const WIDEST: u16 = 40;
/// What the arrow of a filter takes of a header.
const ARROW: usize = 3;
/// Longest text of a cell, in UTF-16 units; spreadsheets refuse one of 32,768.
const LONGEST: usize = 32_000;
/// Behind a text that is longer.
const CUT: &str = "… (trace.jsonl)";
/// Longest part of a page's head or foot; spreadsheets refuse 256 units in all three parts together.
const LONGEST_PART: usize = 70;
/// A4.
const A4: u8 = 9;

/// What stands above and below each printed page.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    /// Left above.
    pub(super) title: String,
    /// Right above.
    pub(super) draft: String,
    /// Left below.
    pub(super) run: String,
    /// Right below, with `&P` and `&N` for page and pages.
    pub(super) pages: String,
}

/// Adds a sheet.
pub(super) fn add(book: &mut Workbook, spec: &SheetSpec, table: &Table, head: &Head) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name(&spec.sheet)?;
    let top = Format::new().set_align(FormatAlign::Top);
    let wrapped = top.clone().set_text_wrap();
    let [amount, count] = [AMOUNT, COUNT].map(|shown| top.clone().set_num_format(shown));
    let header = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(Color::RGB(0xE8_EC_F1))
        .set_border_bottom(FormatBorder::Thin);
    let sum = |shown: &str| Format::new().set_bold().set_border_top(FormatBorder::Thin).set_num_format(shown);
    let sums = [sum(AMOUNT), sum(COUNT), sum("@")];
    for (column, own) in (0..).zip(&spec.columns) {
        sheet.write_string_with_format(0, column, cell(&own.header), &header)?;
    }
    let mut last = 0;
    for (row, cells) in (1..).zip(&table.rows) {
        last = row;
        for (column, value) in (0..).zip(cells) {
            write(sheet, (row, column), value, [&amount, &count, &wrapped])?;
        }
    }
    let columns = u16::try_from(spec.columns.len()).unwrap_or(u16::MAX);
    if let (true, Some(right)) = (last > 0, columns.checked_sub(1)) {
        // The sums stay below the rows, however those are sorted or chosen.
        sheet.autofilter(0, 0, last, right)?;
    }
    if let Some(totals) = &table.totals {
        for (column, value) in (0..).zip(totals) {
            write(sheet, (last + 1, column), value, [&sums[0], &sums[1], &sums[2]])?;
        }
    }
    for (at, column) in (0..).zip(0..spec.columns.len()) {
        sheet.set_column_width(at, width(spec, table, column))?;
    }
    sheet.set_freeze_panes(1, spec.frozen.min(columns))?;
    page(sheet, head)
}

/// A4 landscape, as wide as the sheet, the headers on each page.
fn page(sheet: &mut Worksheet, head: &Head) -> Result<(), XlsxError> {
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0).set_margins(0.4, 0.4, 0.7, 0.6, 0.3, 0.3);
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_header(format!("&L{}&R{}", printed(&head.title), printed(&head.draft)));
    // The page numbers are codes and stay so.
    sheet.set_footer(format!("&L{}&R{}", printed(&head.run), head.pages));
    Ok(())
}

/// Text of a page's head or foot: `&` begins a code there.
fn printed(text: &str) -> String {
    let mut shown = text.replace('&', "&&");
    if let Some((end, _)) = shown.char_indices().nth(LONGEST_PART) {
        shown.truncate(end);
        // A code cut in two would eat what follows.
        if shown.bytes().rev().take_while(|byte| *byte == b'&').count() % 2 == 1 {
            shown.pop();
        }
        shown.push('…');
    }
    // A number behind a code is a size of letters.
    if shown.starts_with(|first: char| first.is_ascii_digit()) { format!(" {shown}") } else { shown }
}

fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    value: &Cell,
    [amounts, counts, texts]: [&Format; 3],
) -> Result<(), XlsxError> {
    match value {
        Cell::Nothing => sheet.write_blank(row, column, texts)?,
        Cell::Text(text) => sheet.write_string_with_format(row, column, shown(text), texts)?,
        Cell::Count(count) => sheet.write_number_with_format(row, column, *count, counts)?,
        Cell::Amount(amount) => match number(*amount) {
            Some(number) => sheet.write_number_with_format(row, column, number, amounts)?,
            None => sheet.write_string_with_format(row, column, amount_text(*amount), texts)?,
        },
    };
    Ok(())
}

/// The double whose shortest text is the amount; `None` where there is none that a spreadsheet would keep.
#[expect(clippy::disallowed_types, reason = "a spreadsheet has no other numbers; each is held against its decimal")]
pub(super) fn number(amount: Decimal) -> Option<f64> {
    let amount = if amount.is_zero() { Decimal::ZERO } else { amount.normalize() };
    let text = amount.to_string();
    let number: f64 = text.parse().ok()?;
    let digits = amount.mantissa().unsigned_abs().to_string().len();
    (digits <= DIGITS && number.to_string() == text).then_some(number)
}

/// A text as a cell holds it: lines stay lines, each of them disarmed; what is too long says so.
fn shown(text: &str) -> String {
    let text = text.split('\n').map(cell).collect::<Vec<_>>().join("\n");
    let mut units = 0;
    let cut = text.char_indices().find(|(_, character)| {
        units += character.len_utf16();
        units > LONGEST
    });
    match cut {
        Some((end, _)) => format!("{}{CUT}", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// How wide a column is so that its text fits, in digits: a Chinese character takes two.
fn width(spec: &SheetSpec, table: &Table, column: usize) -> u16 {
    let of = |cell: &Cell| match cell {
        Cell::Nothing => 0,
        Cell::Text(text) => text.split('\n').map(UnicodeWidthStr::width).max().unwrap_or(0),
        Cell::Count(count) => count.to_string().len() + 1,
        Cell::Amount(amount) => {
            let text = amount_text(*amount);
            text.len() + text.len() / 3
        }
    };
    let header = spec.columns.get(column).map_or(0, |own| own.header.width() + ARROW);
    let cells = table.rows.iter().chain(&table.totals).filter_map(|row| row.get(column)).map(of);
    let widest = spec.columns.get(column).and_then(|own| own.width).unwrap_or(WIDEST);
    let wanted = cells.chain([header]).max().unwrap_or(0).max(NARROWEST) + 2;
    u16::try_from(wanted).unwrap_or(u16::MAX).min(widest)
}
