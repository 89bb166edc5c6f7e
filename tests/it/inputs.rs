//! Runs the cases of `tests/cases/inputs/`: files with something wrong, and what is said of them.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use encoding_rs::GB18030;
use jixiao::diag::About;
use jixiao::diag::text::Language;
use jixiao::source::{self, CODES, Contract, DatasetSpec, Encoding, Format, Read};
use jixiao::world::Memory;
use jixiao::world::period::Period;
use rust_xlsxwriter::{Formula, Workbook, Worksheet};

use crate::findings::UPDATE;
use crate::repository;

const CASES: &str = "tests/cases/inputs";
/// The contract of a case that has none of its own.
const CONTRACT: &str = "tests/cases/inputs/contract.yaml";
/// Codes that no file can bring about, only a mistake of the program.
const WITHOUT_CASE: &[&str] = &["rows-do-not-add-up"];

/// A case file in its parts.
struct Case {
    path: PathBuf,
    heading: String,
    sections: Vec<(String, String)>,
}

impl Case {
    fn read(path: PathBuf) -> Self {
        let text = repository::text(&path);
        let mut case = Self { path, heading: String::new(), sections: Vec::new() };
        for line in text.split_inclusive('\n') {
            let section = line.strip_prefix("-- ").and_then(|line| line.strip_suffix(" --\n"));
            match (section, case.sections.last_mut()) {
                (Some(name), _) => case.sections.push((name.to_owned(), String::new())),
                (None, Some((_, content))) => content.push_str(line),
                (None, None) => case.heading.push_str(line),
            }
        }
        case
    }

    fn section(&self, name: &str) -> Option<&str> {
        self.sections.iter().find(|(known, _)| known == name).map(|(_, content)| content.as_str())
    }

    /// The code that the file name promises: `few-rows.txt`, `cell-date--no-such-day.txt`.
    fn code(&self) -> String {
        let name = self.path.file_stem().unwrap().to_string_lossy().into_owned();
        name.split("--").next().unwrap_or_default().to_owned()
    }

    fn contract(&self) -> Contract {
        let yaml = self.section("contract").map_or_else(|| repository::text(CONTRACT), str::to_owned);
        let spec: DatasetSpec = serde_yaml::from_str(&yaml).unwrap();
        source::check(&spec, &[], Language::Chinese)
            .unwrap_or_else(|faults| panic!("{}: {faults:?}", self.path.display()))
    }

    /// Reads October after the five months before it, as far as the case has them.
    fn run(&self) -> Read {
        let contract = self.contract();
        let world = Memory::new();
        for (name, content) in self.sections.iter().filter(|(name, _)| name.contains('/')) {
            let bytes = if content.starts_with("sheet: ") { book(content) } else { bytes(content, &contract) };
            world.put(Path::new("data").join(name), bytes);
        }
        let data = Path::new("data");
        let mut period = Period::parse("2026-10").unwrap();
        let mut earlier = Vec::new();
        for _ in 0..5 {
            period = period.previous();
            earlier.extend(source::summary(&contract, "S01", period, data, &world).unwrap());
        }
        source::read(&contract, "S01", Period::parse("2026-10").unwrap(), data, &world, &earlier).unwrap()
    }

    fn write(&self, said: &str) {
        let mut text = self.heading.clone();
        for (name, content) in self.sections.iter().filter(|(name, _)| name != "expected") {
            write!(text, "-- {name} --\n{content}").unwrap();
        }
        write!(text, "-- expected --\n{said}").unwrap();
        std::fs::write(repository::root().join(&self.path), text).unwrap();
    }
}

/// Text in the encoding of the contract; `\xff` is that byte, `\u{202e}` that character.
fn bytes(text: &str, contract: &Contract) -> Vec<u8> {
    let gb18030 = matches!(contract.format, Format::Csv { encoding: Encoding::Gb18030, .. });
    let mut bytes = Vec::new();
    let mut parts = text.split('\\');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    let mut put = |plain: &mut String| {
        if gb18030 {
            bytes.extend(GB18030.encode(plain).0.iter());
        } else {
            bytes.extend(plain.bytes());
        }
        plain.clear();
        bytes.len()
    };
    let mut broken = Vec::new();
    for part in parts {
        if let Some(rest) = part.strip_prefix('x') {
            broken.push((put(&mut plain), u8::from_str_radix(&rest[..2], 16).unwrap()));
            plain.push_str(&rest[2..]);
        } else if let Some((code, rest)) = part.strip_prefix("u{").and_then(|rest| rest.split_once('}')) {
            plain.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
            plain.push_str(rest);
        } else {
            plain.push('\\');
            plain.push_str(part);
        }
    }
    put(&mut plain);
    for (at, byte) in broken.into_iter().rev() {
        bytes.insert(at, byte);
    }
    bytes
}

/// A workbook: `sheet: name`, then rows of cells between bars. `=12.5` is a number, `=12.5 [0.0]` one with
/// a format, `=true` a truth value, `=#N/A` an error; `@2,9 text` puts text into row 2, column 9.
fn book(text: &str) -> Vec<u8> {
    let mut book = Workbook::new();
    let mut lines = text.lines();
    let name = lines.next().and_then(|line| line.strip_prefix("sheet: ")).unwrap();
    let sheet = book.add_worksheet().set_name(name).unwrap();
    for (row, line) in (0..).zip(lines) {
        if let Some((at, value)) = line.strip_prefix('@').and_then(|rest| rest.split_once(' ')) {
            let (row, column) = at.split_once(',').unwrap();
            put(sheet, row.parse::<u32>().unwrap() - 1, column.parse::<u16>().unwrap() - 1, value);
            continue;
        }
        for (column, cell) in (0..).zip(line.split('|').map(str::trim)) {
            put(sheet, row, column, cell);
        }
    }
    book.save_to_buffer().unwrap()
}

fn put(sheet: &mut Worksheet, row: u32, column: u16, cell: &str) {
    let Some(value) = cell.strip_prefix('=') else {
        if !cell.is_empty() {
            sheet.write(row, column, cell).unwrap();
        }
        return;
    };
    if let Ok(value) = value.parse::<bool>() {
        sheet.write(row, column, value).unwrap();
    } else if value.starts_with('#') {
        sheet.write(row, column, Formula::new("=NA()").set_result(value)).unwrap();
    } else if let Some((number, format)) = value.split_once(" [") {
        let format = rust_xlsxwriter::Format::new().set_num_format(format.strip_suffix(']').unwrap());
        put_number(sheet, row, column, number, Some(&format));
    } else {
        put_number(sheet, row, column, value, None);
    }
}

fn put_number(sheet: &mut Worksheet, row: u32, column: u16, number: &str, format: Option<&rust_xlsxwriter::Format>) {
    let number: f64 = number.parse().unwrap();
    match format {
        Some(format) => sheet.write_with_format(row, column, number, format).unwrap(),
        None => sheet.write(row, column, number).unwrap(),
    };
}

/// Everything that is said, and the codes that were used.
fn said(read: &Read) -> (String, BTreeSet<&'static str>) {
    let mut said = String::new();
    let mut codes = BTreeSet::new();
    for exception in &read.exceptions {
        codes.insert(exception.code.id);
        let severity = format!("{:?}", exception.severity).to_lowercase();
        writeln!(said, "{severity}[{}] {}", exception.code, exception.who).unwrap();
        writeln!(said, "  {}\n  remedy: {}", exception.cause, exception.remedy).unwrap();
    }
    for row in &read.quarantine {
        codes.insert(row.code.id);
        let sheet = if row.sheet.is_empty() { String::new() } else { format!("sheet {}, ", row.sheet) };
        writeln!(said, "quarantine[{}] {sheet}row {}, {} `{}`", row.code, row.row, row.column, row.value).unwrap();
        writeln!(said, "  {}", row.fault).unwrap();
    }
    for fate in &read.fates {
        let control = fate.control.map_or(String::new(), |control| format!(", {control}"));
        writeln!(said, "{:?}: {}{control}", fate.fate, fate.rows).unwrap();
    }
    let present = if read.present { "accepted" } else { "refused" };
    writeln!(said, "{present}: {} rows", read.frame.height()).unwrap();
    (said, codes)
}

#[test]
fn each_case_says_what_it_expects() {
    let mut wrong = String::new();
    for path in repository::files(CASES, ".txt") {
        let case = Case::read(path);
        let (said, codes) = said(&case.run());
        assert!(codes.contains(case.code().as_str()), "{} says nothing of its code, but:\n{said}", case.path.display());
        if std::env::var_os(UPDATE).is_some() {
            case.write(&said);
        } else if case.section("expected") != Some(&said) {
            write!(wrong, "{} says:\n{said}\n", case.path.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_code_of_data_that_readers_use_has_a_case() {
    let cases: BTreeSet<String> =
        repository::files(CASES, ".txt").into_iter().map(|path| Case::read(path).code()).collect();
    let lacking: Vec<_> = CODES
        .iter()
        .filter(|code| code.about == About::Data && !cases.contains(code.id) && !WITHOUT_CASE.contains(&code.id))
        .collect();
    assert!(lacking.is_empty(), "write {CASES}/<code>.txt for: {lacking:?}");
}
