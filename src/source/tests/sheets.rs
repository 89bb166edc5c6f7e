//! Workbooks against contracts.

use rust_xlsxwriter::Format as CellFormat;

use super::workbook::{book, plain_book};
use super::*;
use crate::expr::clock;

fn targets(sheet: &str) -> String {
    format!(
        "
dataset: targets
title: 目标
source: {{ kind: xlsx, path: \"{{store}}/{{period}}/目标*.xlsx\"{sheet} }}
key: [employee_id]
bad_rows_at_most: 90%
pay: true
columns:
  employee_id: {{ type: text, headers: [工号] }}
  cars: {{ type: int, headers: [台次] }}
  target: {{ type: money, headers: [产值] }}
  valid_from: {{ type: date, headers: [生效] }}
  regular: {{ type: bool, \"true\": [是], \"false\": [否], headers: [正式] }}
"
    )
}

#[test]
fn numbers_and_dates_of_a_sheet_are_read_as_they_are_meant() {
    let date = CellFormat::new().set_num_format("yyyy-mm-dd");
    let zeros = CellFormat::new().set_num_format("0000");
    let bytes = book(|sheet| {
        sheet.write(0, 0, "十月目标").unwrap();
        sheet.write_with_format(3, 0, 7, &zeros).unwrap();
        sheet.write(3, 1, 132).unwrap();
        sheet.write(3, 2, 0.1 + 0.2).unwrap();
        sheet.write_with_format(3, 3, 46_296, &date).unwrap();
        sheet.write(3, 4, true).unwrap();
        sheet.write(5, 0, 1024).unwrap();
        sheet.write(5, 1, "１３２").unwrap();
        sheet.write(5, 2, "￥1,000.50").unwrap();
        sheet.write(5, 3, 61).unwrap();
        sheet.write(5, 4, "否").unwrap();
        sheet.write_blank(9, 9, &date).unwrap();
    });
    let read = read_bytes(&contract(&targets("")), "S01/2026-10/目标.xlsx", bytes, &[]);
    assert_eq!(codes(&read), []);
    assert_eq!(texts(&read, "employee_id"), ["0007", "1024"]);
    assert_eq!(texts(&read, "cars"), ["132", "132"]);
    assert_eq!(texts(&read, "target"), ["0.30", "1000.50"]);
    assert_eq!(texts(&read, "valid_from"), ["2026-10-01", "1900-03-01"]);
    assert_eq!(texts(&read, "regular"), ["true", "false"]);
    assert_eq!(read.places.row, [4, 6]);
    assert_eq!(fates(&read), [(Fate::NotData, 4, None)]);
    assert_eq!(read.inputs[0].rows, 6);
}

#[test]
fn serial_sixty_is_no_day_unless_the_workbook_counts_from_1904() {
    let text = |cell: &str, text: &str| format!(r#"<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let headers = [("A1", "工号"), ("B1", "台次"), ("C1", "产值"), ("D1", "生效"), ("E1", "正式")];
    let rows = format!(
        r#"<row r="1">{}</row><row r="2">{}<c r="B2"><v>1</v></c><c r="C2"><v>1</v></c><c r="D2"><v>60</v></c>{}</row>"#,
        headers.map(|(cell, header)| text(cell, header)).concat(),
        text("A2", "A1"),
        text("E2", "是")
    );
    let contract = contract(&targets(", sheet: 个人"));
    let bytes = plain_book(r#"<workbookPr date1904="1"/>"#, &rows);
    let read = read_bytes(&contract, "S01/2026-10/目标.xlsx", bytes, &[]);
    assert_eq!((codes(&read), texts(&read, "valid_from")), (vec![], vec!["1904-03-01".to_owned()]));
    let read = read_bytes(&contract, "S01/2026-10/目标.xlsx", plain_book("", &rows), &[]);
    let found: Vec<_> = read
        .quarantine
        .iter()
        .map(|row| (row.sheet.as_str(), row.row, row.column.as_str(), row.value.as_str(), row.code.id))
        .collect();
    assert_eq!(found, [("个人", 2, "生效", "60", "cell-serial-60")]);
}

#[test]
fn moments_of_a_sheet_are_whole_milliseconds_of_either_epoch() {
    let contract = contract(&targets("").replace("type: date,", "type: datetime,"));
    let moment = CellFormat::new().set_num_format("yyyy/m/d h:mm:ss");
    let bytes = book(|sheet| {
        // 09:12:45 is 33,165 seconds of 86,400: no binary fraction.
        for (row, serial) in (3..).zip([46_298.383_854_166_67, 46_298.999_999_999_9, 46_298.0]) {
            sheet.write(row, 0, row).unwrap();
            sheet.write(row, 1, 1).unwrap();
            sheet.write(row, 2, 1).unwrap();
            sheet.write_with_format(row, 3, serial, &moment).unwrap();
            sheet.write(row, 4, "是").unwrap();
        }
    });
    let read = read_bytes(&contract, "S01/2026-10/目标.xlsx", bytes, &[]);
    let shown: Vec<String> = read
        .frame
        .column("valid_from")
        .unwrap()
        .as_materialized_series()
        .datetime()
        .unwrap()
        .physical()
        .iter()
        .flatten()
        .map(|micros| clock::show(clock::moment(micros).unwrap()))
        .collect();
    assert_eq!(shown, ["2026-10-03 09:12:45", "2026-10-04 00:00:00"]);
    let found: Vec<_> = read.quarantine.iter().map(|row| (row.row, row.code.id)).collect();
    assert_eq!(found, [(6, "cell-datetime")]);
}

#[test]
fn a_cell_of_another_kind_or_that_shows_another_number_is_a_fault() {
    let whole = CellFormat::new().set_num_format("#,##0");
    let date = CellFormat::new().set_num_format("yyyy/m/d");
    let bytes = book(|sheet| {
        sheet.write_with_format(3, 0, 46_296, &date).unwrap();
        sheet.write(3, 1, true).unwrap();
        sheet.write_with_format(3, 2, 12.5, &whole).unwrap();
        sheet.write(3, 3, "明天").unwrap();
        sheet.write(3, 4, "也许").unwrap();
        sheet.write(4, 0, 1e15).unwrap();
        sheet.write(4, 1, 1.5).unwrap();
        sheet.write(4, 2, 12.345).unwrap();
        sheet.write(4, 3, 0).unwrap();
        sheet.write(5, 0, "A3").unwrap();
        sheet.write(5, 1, 1).unwrap();
        sheet.write(5, 2, 1).unwrap();
        sheet.write(5, 3, "2026-10-01").unwrap();
        sheet.write(5, 4, "是").unwrap();
    });
    let read = read_bytes(&contract(&targets("")), "S01/2026-10/目标.xlsx", bytes, &[]);
    let found: Vec<_> = read.quarantine.iter().map(|row| (row.row, row.code.id)).collect();
    assert_eq!(
        found,
        [
            (4, "cell-kind"),
            (4, "cell-kind"),
            (4, "cell-shown"),
            (4, "cell-date"),
            (4, "cell-bool"),
            (5, "cell-lost"),
            (5, "cell-decimals"),
            (5, "cell-decimals"),
            (5, "cell-date"),
            (5, "cell-empty")
        ]
    );
    assert_eq!(texts(&read, "employee_id"), ["A3"]);
}

#[test]
fn a_file_that_is_no_workbook_or_lacks_the_sheet_is_refused() {
    let wanted = contract(&targets(", sheet: 门店"));
    let none = read_bytes(&wanted, "S01/2026-10/目标.xlsx", book(|_| ()), &[]);
    assert_eq!(codes(&none), [(ExceptionSeverity::Fatal, "sheet-missing")]);
    let text = read_bytes(&wanted, "S01/2026-10/目标.xlsx", b"a,b".to_vec(), &[]);
    assert_eq!(codes(&text), [(ExceptionSeverity::Fatal, "file-unreadable")]);
    let far = book(|sheet| {
        sheet.write(3, 16_000, 1).unwrap();
    });
    let far = read_bytes(&contract(&targets("")), "S01/2026-10/目标.xlsx", far, &[]);
    assert_eq!(codes(&far), [(ExceptionSeverity::Fatal, "sheet-size")]);
}
