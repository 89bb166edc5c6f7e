//! Exports of any size, made from the demo's.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use encoding_rs::GB18030;
use jixiao::spec::StoreSpec;

/// The ordinary month of the demo that is copied.
pub const PERIOD: &str = "2026-09";

/// A store by its number, like another.
pub fn store(model: &StoreSpec, number: usize) -> StoreSpec {
    StoreSpec { store_id: format!("S{number:02}"), ..model.clone() }
}

/// A folder of exports; it goes when this value does.
pub struct Exports {
    /// The data folder.
    pub folder: PathBuf,
}

impl Drop for Exports {
    fn drop(&mut self) {
        // What cannot be removed lies in the target folder, where `cargo clean` finds it.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Exports {
    /// Makes stores with so many settlements in all.
    pub fn make(settlements: usize, per_store: usize) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("month-{}", std::process::id()));
        let made = Self { folder };
        let model = Path::new("fixtures/demo/S01").join(PERIOD);
        let mut left = settlements;
        for number in 1..=settlements.div_ceil(per_store) {
            let target = made.folder.join(format!("S{number:02}")).join(PERIOD);
            fs::create_dir_all(&target).expect("a folder for exports");
            let wanted = left.min(per_store);
            left -= wanted;
            let mut copies = 0;
            let mut files: Vec<PathBuf> =
                fs::read_dir(&model).expect("the demo").flatten().map(|entry| entry.path()).collect();
            // 结算单 says how many copies make the settlements that are wanted; 工时明细 gets as many.
            files.sort_by_key(|path| !name(path).starts_with("结算单"));
            for path in files {
                let to = target.join(name(&path));
                let wanted = if name(&path).starts_with("结算单") { Some(Copies::Of(wanted)) } else { None };
                let labour = name(&path).starts_with("工时明细").then_some(Copies::Times(copies));
                match wanted.or(labour) {
                    Some(how) => copies = multiply(&path, &to, how),
                    None => {
                        fs::copy(&path, &to).expect("a copy");
                    }
                }
            }
        }
        made
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[derive(Clone, Copy)]
enum Copies {
    /// As many as make so many settlements.
    Of(usize),
    /// So many.
    Times(usize),
}

/// Columns whose texts number a settlement, an order or a vehicle: each copy has its own.
const NUMBERED: [&str; 6] = ["结算单号", "工单号", "原工单号", "被冲结算单号", "VIN", "车牌号"];
/// Columns whose total stands in the total row.
const TOTALLED: [&str; 2] = ["产值", "工时费"];

/// Writes the rows of an export again and again; how often.
fn multiply(from: &Path, to: &Path, how: Copies) -> usize {
    let bytes = fs::read(from).expect("an export of the demo");
    let (text, _, lossy) = GB18030.decode(&bytes);
    assert!(!lossy, "{} is no GB18030", from.display());
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let records: Vec<Vec<String>> =
        reader.records().map(|record| record.expect("a row").iter().map(str::to_owned).collect()).collect();
    let header = records.iter().position(|row| row.first().is_some_and(|cell| cell == "结算单号")).expect("a header");
    let is_row = |row: &&Vec<String>| row.first().is_some_and(|cell| !cell.is_empty() && cell != "合计");
    let rows: Vec<&Vec<String>> = records[header + 1..].iter().filter(is_row).collect();
    let total = records.iter().find(|row| row.first().is_some_and(|cell| cell == "合计")).expect("a total row");
    let places = |names: &[&str]| -> Vec<usize> {
        let at = |name: &&str| records[header].iter().position(|cell| cell == name);
        names.iter().filter_map(at).collect()
    };
    let (numbered, totalled) = (places(&NUMBERED), places(&TOTALLED));
    let mut documents: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    documents.sort_unstable();
    documents.dedup();
    let copies = match how {
        Copies::Of(settlements) => settlements.div_ceil(documents.len()),
        Copies::Times(copies) => copies,
    };
    let mut out = BufWriter::new(fs::File::create(to).expect("a file of exports"));
    let mut write = |row: &[String]| {
        let cells: Vec<String> =
            row.iter()
                .map(|cell| {
                    if cell.contains([',', '"']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
                })
                .collect();
        out.write_all(&GB18030.encode(&format!("{}\r\n", cells.join(","))).0).expect("room on the disk");
    };
    for title in &records[..=header] {
        write(title);
    }
    // Copies of a settlement stand side by side, so that the export keeps the order of its numbers.
    for document in rows.chunk_by(|one, other| one.first() == other.first()) {
        for copy in 0..copies {
            for row in document {
                let mut row = (*row).clone();
                for &at in &numbered {
                    if row.get(at).is_some_and(|cell| !cell.trim().is_empty()) {
                        row[at] = format!("{}-{copy:03}", row[at].trim());
                    }
                }
                write(&row);
            }
        }
    }
    let mut total = total.clone();
    for &at in &totalled {
        if let Some(cell) = total.get_mut(at).filter(|cell| !cell.is_empty()) {
            *cell = times(cell, copies);
        }
    }
    write(&total);
    copies
}

/// An amount with two decimals so many times.
fn times(amount: &str, copies: usize) -> String {
    let digits: String = amount.chars().filter(char::is_ascii_digit).collect();
    let fen = digits.parse::<u128>().expect("an amount") * copies as u128;
    format!("{}.{:02}", fen / 100, fen % 100)
}
