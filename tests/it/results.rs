//! What a run leaves for people: registers whose sums are the receipt's, and a page that links every file.

use std::collections::BTreeSet;
use std::path::Path;

use calamine::{Data, Range, Reader, Xlsx, open_workbook};
use serde_json::Value;

/// Looks at a run of the shipped project.
pub fn look(run: &Path) {
    let receipt: Value = serde_json::from_slice(&std::fs::read(run.join("receipt.json")).unwrap()).unwrap();
    registers(run, &receipt);
    page(run, &receipt);
}

fn registers(run: &Path, receipt: &Value) {
    sums(&run.join("group/register.xlsx"), &receipt["totals"]);
    for store in receipt["stores"].as_array().unwrap() {
        let id = store["store_id"].as_str().unwrap();
        sums(&run.join(format!("stores/{id}/register.xlsx")), &store["totals"]);
    }
}

/// The sum in the last row, and that of the rows above it, are what the receipt says.
fn sums(path: &Path, totals: &Value) {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let net = &totals["net"];
    for (sheet, header, expected) in [
        ("绩效明细", "金额（元）", &totals["pay"]),
        ("人员", "本店绩效（元）", &totals["pay"]),
        ("人员", "实发（元）", &net["pay"]),
        ("人员", "其他应发（元）", &net["added"]),
        ("人员", "扣除合计（元）", &net["deducted"]),
        ("实发明细", "金额（元）", &net["pay"]),
    ] {
        let range = book.worksheet_range(sheet).unwrap();
        let fen = column(&range, header);
        let (last, rows) = fen.split_last().unwrap();
        let expected = expected.as_str().unwrap().replace('.', "").parse::<i128>().unwrap();
        assert_eq!((*last, rows.iter().sum::<i128>()), (expected, expected), "{} {sheet} {header}", path.display());
    }
    let lines = book.worksheet_range("绩效明细").unwrap();
    assert_eq!(lines.height() as u64, totals["pay_lines"].as_u64().unwrap() + 2);
    // Nothing of an account number, not even its ends.
    for sheet in book.sheet_names() {
        let range = book.worksheet_range(&sheet).unwrap();
        assert!(range.rows().flatten().all(|cell| !cell.to_string().contains('…')), "{} {sheet}", path.display());
        assert!(book.worksheet_formula(&sheet).unwrap().is_empty(), "{} {sheet}", path.display());
    }
}

/// A column of amounts below its header, in fen; what is empty is left out.
fn column(range: &Range<Data>, header: &str) -> Vec<i128> {
    let at = range.rows().next().unwrap().iter().position(|cell| *cell == *header).unwrap();
    let cells = range.rows().skip(1).map(|row| &row[at]);
    let fen = cells.filter_map(|cell| match cell {
        Data::Float(yuan) => {
            // The shortest text of the number is the amount.
            let text = yuan.to_string();
            let (whole, parts) = text.split_once('.').unwrap_or((&text, ""));
            assert!(parts.len() <= 2, "{text}");
            Some(format!("{whole}{parts:0<2}").parse().unwrap())
        }
        Data::Empty => None,
        other => panic!("{other:?} in the column {header}"),
    });
    fen.collect()
}

fn page(run: &Path, receipt: &Value) {
    let html = std::fs::read_to_string(run.join("index.html")).unwrap();
    let links: BTreeSet<String> =
        html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    let files: BTreeSet<String> =
        links.iter().filter(|link| !link.starts_with('#')).map(|link| decoded(link)).collect();
    for file in &files {
        assert!(run.join(file).is_file(), "{file} is linked and not there");
    }
    let outputs = receipt["outputs"].as_array().unwrap().iter().map(|output| output["path"].as_str().unwrap());
    let outputs: BTreeSet<String> =
        outputs.filter(|path| *path != "index.html").chain(["receipt.json"]).map(str::to_owned).collect();
    assert_eq!(files, outputs);
    for anchor in links.iter().filter_map(|link| link.strip_prefix('#')) {
        assert!(html.contains(&format!("id=\"{anchor}\"")), "#{anchor}");
    }
    for file in receipt["inputs"].as_array().unwrap() {
        assert!(html.contains(file["sha256"].as_str().unwrap()), "{file}");
    }
}

fn decoded(link: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = link.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).unwrap()
}
