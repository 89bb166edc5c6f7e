//! Cells and lines of a file, in the bytes of its encoding.

use rust_decimal::Decimal;

use super::{Payee, looked_up};
use crate::diag::data::Store;
use crate::diag::text::{Text, text};
use crate::diag::visible::{is_hidden, masked};
use crate::plan::{FileCell, FileValue, PlannedFile};
use crate::run::tables::{amount_text, cell};
use crate::spec::{FileEncoding, FileForm};
use crate::world::period::Period;

/// Ends a line, as Windows programs of banks and payrolls want it.
const LINE_END: &[u8] = b"\r\n";

/// What every line of a file knows.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) stores: &'a [Store],
    pub(super) period: Period,
    /// The store that pays out; empty for a file of all stores.
    pub(super) store_id: &'a str,
    pub(super) count: usize,
    pub(super) total: Decimal,
}

/// A cell that cannot be written.
#[derive(Debug)]
pub(super) struct Fault {
    /// Header of the cell.
    pub(super) header: String,
    /// What is wrong.
    pub(super) cause: Text,
    /// What to do about it.
    pub(super) remedy: Text,
}

/// The whole file.
pub(super) fn file(file: &PlannedFile, people: &[&Payee<'_>], cx: &Context<'_>) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    if file.delimiter.is_some() {
        if file.encoding == FileEncoding::Utf8 {
            bytes.extend("\u{FEFF}".bytes());
        }
        let headers = file.columns.iter().map(|cell| encoded(file, cell, cell.header.clone()));
        bytes.extend(joined(file, &headers.collect::<Result<Vec<_>, Fault>>()?));
    }
    if !file.head.is_empty() {
        bytes.extend(line(file, &file.head, None, 0, cx)?);
    }
    for (at, payee) in people.iter().enumerate() {
        bytes.extend(person(file, payee, at + 1, &Context { store_id: payee.store_id, ..*cx })?);
    }
    if !file.tail.is_empty() {
        bytes.extend(line(file, &file.tail, None, 0, cx)?);
    }
    Ok(bytes)
}

/// The line of a person.
pub(super) fn person(file: &PlannedFile, payee: &Payee<'_>, number: usize, cx: &Context<'_>) -> Result<Vec<u8>, Fault> {
    line(file, &file.columns, Some(payee), number, cx)
}

fn line(
    file: &PlannedFile,
    cells: &[FileCell],
    payee: Option<&Payee<'_>>,
    number: usize,
    cx: &Context<'_>,
) -> Result<Vec<u8>, Fault> {
    let parts = cells.iter().map(|cell| encoded(file, cell, written(file, cell, payee, number, cx)?));
    Ok(joined(file, &parts.collect::<Result<Vec<_>, Fault>>()?))
}

/// Cells as a line.
fn joined(file: &PlannedFile, cells: &[Vec<u8>]) -> Vec<u8> {
    let between: &[u8] = file.delimiter.as_slice();
    let mut bytes = cells.join(between);
    bytes.extend(LINE_END);
    bytes
}

/// The text of a cell.
fn written(
    file: &PlannedFile,
    own: &FileCell,
    payee: Option<&Payee<'_>>,
    number: usize,
    cx: &Context<'_>,
) -> Result<String, Fault> {
    let fault = |cause, remedy| Fault { header: own.header.clone(), cause, remedy };
    let of_payee = |text: &dyn Fn(&Payee<'_>) -> String| payee.map(text).unwrap_or_default();
    let amount = match &own.value {
        FileValue::Net => Some(payee.map_or(Decimal::ZERO, |payee| payee.net)),
        FileValue::Total => Some(cx.total),
        FileValue::Line(code) => Some(payee.and_then(|payee| payee.lines.get(&**code)).copied().unwrap_or_default()),
        _ => None,
    };
    if let Some(amount) = amount {
        return Ok(match own.form {
            FileForm::Fen => fen(amount),
            _ => amount_text(amount),
        });
    }
    let text = match &own.value {
        FileValue::Constant(text) => text.clone(),
        FileValue::StoreId => cx.store_id.to_owned(),
        FileValue::Store => {
            let store = cx.stores.iter().find(|store| store.store_id == cx.store_id);
            store.map(|store| store.name.clone()).unwrap_or_default()
        }
        FileValue::Period => cx.period.to_string(),
        FileValue::Count => return Ok(cx.count.to_string()),
        FileValue::Number => return Ok(number.to_string()),
        FileValue::EmployeeId => of_payee(&|payee| payee.employee_id.to_owned()),
        FileValue::Name => of_payee(&|payee| payee.name.to_owned()),
        FileValue::Estimated => of_payee(&|payee| if payee.estimated { "yes" } else { "" }.to_owned()),
        FileValue::Net | FileValue::Total | FileValue::Line(_) => String::new(),
        FileValue::Column { .. } => match payee.and_then(|payee| looked_up(payee, &own.value)) {
            Some(text) => text.to_owned(),
            // A list of people may have a gap; nobody is paid by one.
            None if file.people == crate::spec::FilePeople::All => return Ok(String::new()),
            None => return Err(fault(text!("there is nothing"), text!("put it into the file it is looked up in"))),
        },
    };
    match own.form {
        FileForm::Masked => Ok(masked(&text)),
        FileForm::Digits => {
            let plain = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－')).map(half_width);
            let plain: String = plain.collect();
            if !plain.is_empty() && plain.chars().all(|c| c.is_ascii_digit()) {
                return Ok(plain);
            }
            let cause = text!("`{value}` is no number of digits", value = masked(&text));
            Err(fault(cause, text!("mend it in the file it is looked up in")))
        }
        _ => Ok(text),
    }
}

/// An amount in fen.
fn fen(amount: Decimal) -> String {
    let text = amount_text(amount).replace('.', "");
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}"),
    }
}

/// A digit of double width as a plain one.
fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

/// The bytes of a cell: padded in a fixed column, disarmed and quoted in delimited text.
fn encoded(file: &PlannedFile, own: &FileCell, text: String) -> Result<Vec<u8>, Fault> {
    let fault = |cause, remedy| Fault { header: own.header.clone(), cause, remedy };
    let is_number = matches!(own.form, FileForm::Yuan | FileForm::Fen | FileForm::Count);
    let text = match file.delimiter {
        Some(delimiter) => {
            let text = if is_number || own.form == FileForm::Digits { text } else { cell(&text) };
            let between = char::from(delimiter);
            if text.contains(['"', '\r', '\n', between]) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
        }
        None if text.contains(is_hidden) => {
            let cause = text!("a hidden character would break the line");
            return Err(fault(cause, text!("mend the text where it comes from")));
        }
        None => text,
    };
    let bytes = bytes_of(file.encoding, &text).ok_or_else(|| {
        let cause = text!("`{value}` has a character that the encoding lacks", value = &text);
        fault(cause, text!("choose `gb18030` in the layout, or write the name as the bank has it"))
    })?;
    let Some(width) = own.width else { return Ok(bytes) };
    if bytes.len() > width {
        let (bytes, shown) = (bytes.len(), if own.form == FileForm::Digits { masked(&text) } else { text });
        let cause = text!("`{value}` takes {bytes} bytes, the column has {width}", value = shown, bytes, width);
        return Err(fault(cause, text!("ask the bank for a wider column, or how it writes such a text")));
    }
    let fill = std::iter::repeat_n(if is_number { b'0' } else { b' ' }, width - bytes.len());
    Ok(match text.strip_prefix('-').filter(|_| is_number) {
        // A sign stands before the zeros.
        Some(digits) => std::iter::once(b'-').chain(fill).chain(digits.bytes()).collect(),
        None if is_number => fill.chain(bytes).collect(),
        None => bytes.into_iter().chain(fill).collect(),
    })
}

/// The text in an encoding; `None` where a character has no bytes there.
fn bytes_of(encoding: FileEncoding, text: &str) -> Option<Vec<u8>> {
    let encoding = match encoding {
        FileEncoding::Utf8 => return Some(text.as_bytes().to_vec()),
        FileEncoding::Gb18030 => encoding_rs::GB18030,
        FileEncoding::Gbk => encoding_rs::GBK,
    };
    let (bytes, _, lossy) = encoding.encode(text);
    (!lossy).then(|| bytes.into_owned())
}

#[cfg(test)]
mod tests;
