//! Tables as the bytes of exports.

use encoding_rs::GB18030;
use rust_xlsxwriter::Workbook;

use super::dice::Dice;

/// A table: a header and rows of text.
pub struct Sheet {
    pub header: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
    /// How many of the columns, the last ones, are there and empty.
    blank: usize,
}

impl Sheet {
    pub fn new(header: &[&'static str], blank: &[&'static str]) -> Self {
        Self { header: [header, blank].concat(), rows: Vec::new(), blank: blank.len() }
    }

    pub fn push(&mut self, row: &[&dyn ToString]) {
        assert_eq!(row.len() + self.blank, self.header.len(), "{:?}", self.header);
        let mut row: Vec<String> = row.iter().map(|cell| cell.to_string()).collect();
        row.resize(self.header.len(), String::new());
        self.rows.push(row);
    }

    /// The export's own last row: what a column of plain amounts adds up to.
    pub fn total(&mut self, column: &str) {
        let at = self.header.iter().position(|name| *name == column).unwrap();
        let fen: i64 = self.rows.iter().map(|row| row[at].replace('.', "").parse::<i64>().unwrap()).sum();
        let mut row = vec![String::new(); self.header.len()];
        "合计".clone_into(&mut row[0]);
        row[at] = yuan(fen);
        self.rows.push(row);
    }

    /// Amounts of a column as exports write them.
    pub fn disguise(&mut self, column: &str, dice: &mut Dice) {
        let at = self.header.iter().position(|name| *name == column).unwrap();
        for row in &mut self.rows {
            let plain = row[at].trim_start_matches('-').to_owned();
            let grouped = grouped(&plain);
            row[at] = match (row[at].starts_with('-'), dice.between(1, 4)) {
                (true, 1) => format!("({grouped})"),
                (true, 2) => format!("{grouped}-"),
                (true, _) => format!("-{plain}"),
                (false, 1) => format!("￥{grouped}"),
                (false, 2) => plain,
                (false, _) => grouped,
            };
        }
    }

    /// CSV in GB18030 below a title row.
    pub fn gb18030(&self, title: &str) -> Vec<u8> {
        let mut text = format!("{title}\r\n");
        let header = self.header.iter().map(|name| (*name).to_owned()).collect();
        for row in [&header].into_iter().chain(&self.rows) {
            let cells = row.iter().map(|cell| if cell.contains(',') { format!("\"{cell}\"") } else { cell.clone() });
            text += &cells.collect::<Vec<String>>().join(",");
            text += "\r\n";
        }
        let (bytes, _, failed) = GB18030.encode(&text);
        assert!(!failed);
        bytes.into_owned()
    }
}

/// A workbook of named sheets, a title row above each header.
pub fn workbook(sheets: &[(&str, &Sheet)]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, sheet) in sheets {
        let page = book.add_worksheet().set_name(*name).unwrap();
        page.write_string(0, 0, "标题").unwrap();
        let header = sheet.header.iter().map(|name| (*name).to_owned()).collect();
        for (row, cells) in (1..).zip([&header].into_iter().chain(&sheet.rows)) {
            for (column, cell) in (0..).zip(cells) {
                if !cell.is_empty() {
                    page.write_string(row, column, cell).unwrap();
                }
            }
        }
    }
    book.save_to_buffer().unwrap()
}

/// Fen as an amount with two decimals; hundredths of anything else, too.
pub fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.abs() / 100, fen.abs() % 100)
}

fn grouped(plain: &str) -> String {
    let (whole, rest) = plain.split_once('.').unwrap();
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text}.{rest}")
}
