//! Files are written byte by byte: what fits, what is refused, and what nobody reads.

use std::collections::BTreeMap;

use super::*;
use crate::spec::FilePeople;

fn payee<'a>(name: &'a str, account: &str, net: &str) -> Payee<'a> {
    Payee {
        store_id: "S01",
        employee_id: "0007",
        name,
        lines: BTreeMap::from([("tax", "-0.05".parse().unwrap())]),
        net: net.parse().unwrap(),
        estimated: false,
        looked_up: BTreeMap::from([(("payroll", "account"), account.to_owned())]),
    }
}

fn own(value: FileValue, form: FileForm, width: Option<usize>) -> FileCell {
    FileCell { header: "栏".to_owned(), value, form, width }
}

fn account() -> FileValue {
    FileValue::Column { dataset: "payroll".into(), column: "account".into() }
}

fn layout(encoding: FileEncoding, delimiter: Option<u8>, columns: Vec<FileCell>) -> PlannedFile {
    PlannedFile {
        name: "bank".into(),
        title: "银行".to_owned(),
        path: "bank.txt".to_owned(),
        people: FilePeople::Paid,
        encoding,
        delimiter,
        head: Vec::new(),
        columns,
        tail: Vec::new(),
    }
}

fn context() -> Context<'static> {
    Context {
        stores: &[],
        period: Period::parse("2026-10").unwrap(),
        store_id: "S01",
        count: 2,
        total: "12.30".parse().unwrap(),
    }
}

fn said(fault: &Fault) -> String {
    fault.cause.to(crate::diag::text::Language::English)
}

#[test]
fn fixed_columns_count_bytes_and_pad_texts_behind_and_numbers_before() {
    let columns = vec![
        own(account(), FileForm::Digits, Some(8)),
        own(FileValue::Name, FileForm::Text, Some(6)),
        own(FileValue::Net, FileForm::Fen, Some(7)),
        own(FileValue::Line("tax".into()), FileForm::Yuan, Some(8)),
        own(FileValue::Line("none".into()), FileForm::Fen, Some(3)),
        own(FileValue::Number, FileForm::Count, Some(2)),
    ];
    let layout = layout(FileEncoding::Gb18030, None, columns);
    let bytes = person(&layout, &payee("张伟", "62２2 0-1", "1234.5"), 3, &context()).unwrap();
    assert_eq!(encoding_rs::GB18030.decode(&bytes).0, "622201  张伟  0123450-0000.0500003\r\n");
    assert_eq!(bytes.len(), 8 + 6 + 7 + 8 + 3 + 2 + 2);
}

#[test]
fn what_does_not_fit_is_refused_and_no_account_is_told() {
    let refused = |encoding, name: &str, number: &str, value: FileValue, form, width| {
        let layout = layout(encoding, None, vec![own(value, form, Some(width))]);
        said(&person(&layout, &payee(name, number, "1"), 1, &context()).unwrap_err())
    };
    let gb = FileEncoding::Gb18030;
    assert_eq!(refused(gb, "欧阳", "", FileValue::Name, FileForm::Text, 3), "`欧阳` takes 4 bytes, the column has 3");
    assert_eq!(
        refused(gb, "a\r\nD0001", "", FileValue::Name, FileForm::Text, 30),
        "a hidden character would break the line"
    );
    assert_eq!(
        refused(FileEncoding::Gbk, "王𬘭", "", FileValue::Name, FileForm::Text, 30),
        "`王𬘭` has a character that the encoding lacks"
    );
    assert_eq!(
        refused(gb, "", "62220212345678912x", account(), FileForm::Digits, 30),
        "`6222…912x` is no number of digits"
    );
    assert_eq!(
        refused(gb, "", "6222021234567891", account(), FileForm::Digits, 10),
        "`6222…7891` takes 16 bytes, the column has 10"
    );
}

#[test]
fn an_account_that_is_not_there_is_a_reason_in_a_transfer_and_a_gap_in_a_list() {
    let mut layout = layout(FileEncoding::Utf8, Some(b','), vec![own(account(), FileForm::Masked, None)]);
    let mut nobody = payee("a", "", "1");
    nobody.looked_up.clear();
    assert_eq!(said(&person(&layout, &nobody, 1, &context()).unwrap_err()), "there is nothing");
    layout.people = FilePeople::All;
    assert_eq!(person(&layout, &nobody, 1, &context()).unwrap(), b"\r\n");
}

#[test]
fn delimited_text_disarms_formulas_and_quotes_what_would_end_a_cell() {
    let columns = vec![
        own(FileValue::Name, FileForm::Text, None),
        own(FileValue::Line("tax".into()), FileForm::Yuan, None),
        own(FileValue::Net, FileForm::Fen, None),
    ];
    let mut layout = layout(FileEncoding::Utf8, Some(b'|'), columns);
    layout.tail = vec![
        own(FileValue::Count, FileForm::Count, None),
        own(FileValue::Total, FileForm::Yuan, None),
        own(FileValue::Constant("合计".to_owned()), FileForm::Text, None),
    ];
    let people = [payee("=1+1", "", "0.5"), payee("a|\"b\"\n", "", "0")];
    let bytes = file(&layout, &people.iter().collect::<Vec<_>>(), &context()).unwrap();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "\u{FEFF}栏|栏|栏\r\n'=1+1|-0.05|50\r\n\"a|\"\"b\"\"⟨U+000A⟩\"|-0.05|0\r\n2|12.30|合计\r\n"
    );
}
