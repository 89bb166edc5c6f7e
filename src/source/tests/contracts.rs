//! Dataset files with mistakes.

use super::*;
use crate::diag::text::Language;

fn faults(yaml: &str) -> Vec<(String, &'static str)> {
    let spec: DatasetSpec = crate::diag::yaml::read_text("labour.yaml", yaml).unwrap();
    let faults = check(&spec, &[], Language::Chinese).map(|_| ()).unwrap_err();
    faults.into_iter().map(|fault| (fault.path.join("."), fault.fault.code.id)).collect()
}

#[test]
fn every_mistake_of_a_contract_is_found_at_once() {
    let bad = r#"
dataset: Orders
title: t
source: { kind: csv, path: "../x", encoding: gbk, delimiter: ab, sheet: s, header_within: 0, total_row: 合计 }
key: [nr, nr, missing]
bad_rows_at_most: "2"
in_period: nr
interval: [nr]
belongs_to: who
columns:
  nr: { type: text, scale: 2, headers: [号] }
  period: { type: text, headers: [月] }
  x: { type: txt, headers: [x] }
  y: { type: decimal, headers: [y] }
  z: { type: bool, headers: [], optional: true }
  w: { type: int, unit: card, headers: [号 ] }
"#;
    let mut found = faults(bad);
    found.sort();
    let mut expected = vec![
        ("bad_rows_at_most", "bad-share"),
        ("belongs_to", "unknown-contract-column"),
        ("columns.nr.scale", "column-option"),
        ("columns.period", "contract-name"),
        ("columns.w.headers.0", "header-claimed-twice"),
        ("columns.w.unit", "unknown-unit"),
        ("columns.x.type", "unknown-column-type"),
        ("columns.y", "column-option"),
        ("columns.z", "column-option"),
        ("columns.z", "column-option"),
        ("columns.z", "column-option"),
        ("dataset", "contract-name"),
        ("in_period", "contract-role"),
        ("interval", "contract-role"),
        ("key.1", "contract-role"),
        ("key.2", "unknown-contract-column"),
        ("source.delimiter", "source-option"),
        ("source.encoding", "source-option"),
        ("source.header_within", "source-option"),
        ("source.path", "path-pattern"),
        ("source.path", "path-pattern"),
        ("source.sheet", "source-option"),
        ("source.total_row", "source-option"),
    ];
    expected.sort_unstable();
    let found: Vec<(&str, &str)> = found.iter().map(|(path, code)| (path.as_str(), *code)).collect();
    assert_eq!(found, expected);
}
