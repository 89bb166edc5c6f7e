//! Boundary cases of aggregates.

use std::sync::Arc;

use jiff::civil::date;
use polars::prelude::{Column, NamedFrom, Series};

use super::{PERIOD, Params, Rows, shown};
use crate::expr::aggregate;
use crate::expr::types::Kind;

const MONEY: Kind = Kind::Decimal { digits: 14, scale: 2 };

fn params() -> Params {
    Params::default().with("rate", None, &[(date(2020, 1, 1), "1/250")]).with(
        "vat",
        Some("settled_on"),
        &[(date(2018, 1, 1), "117/100"), (date(2019, 4, 1), "113/100")],
    )
}

/// Rows of groups 0, 0, 2, 2, 2 and of none; group 1 has no row.
fn rows() -> Rows {
    let mut rows = Rows::default()
        .with("amount", MONEY, &["1.50", "-2", "0.01", "0.02", "0.03", "1000"])
        .with("sign", Kind::Int, &["1", "-1", "1", "1", "1", "1"])
        .with("share", Kind::Exact, &["1/3", "2/3", "1/7", "-1/7", "0", "5"])
        .with("bonus", MONEY, &["", "7", "", "", "", "1"])
        .with("kind", Kind::Text, &["a", "b", "a", "a", "b", "c"])
        .with("card", Kind::Text, &["x", "", "x", "x", "y", "z"])
        .with("regular", Kind::Bool, &["t", "t", "t", "f", "t", "t"])
        .with(
            "settled_on",
            Kind::Date,
            &["2018-04-30", "2019-04-01", "2026-10-31", "2026-10-01", "2026-10-01", "2026-10-02"],
        )
        .with(
            "came_at",
            Kind::DateTime,
            &[
                "2018-04-30 23:00",
                "2018-04-30 08:00",
                "2026-10-31 09:00",
                "2026-10-01 09:00:00.5",
                "2026-10-01 10:00",
                "2000-01-01 00:00",
            ],
        );
    let group: [Option<u32>; 6] = [Some(0), Some(0), Some(2), Some(2), Some(2), None];
    rows.frame.with_column(Column::from(Series::new("@group".into(), group))).unwrap();
    rows
}

fn values(text: &str) -> (Vec<String>, Vec<String>) {
    let rows = rows();
    let expr = rows.check(text, &params(), true);
    shown(&aggregate(&[(Arc::from("x"), &expr)], &rows.frame, "@group", 3, &params(), &PERIOD).unwrap())
}

#[test]
fn a_group_without_rows_sums_to_zero_and_has_no_extremes() {
    let table: &[(&str, [&str; 3])] = &[
        ("SUM(amount)", ["-1/2", "0", "3/50"]),
        ("SUM(sign)", ["0", "0", "3"]),
        ("SUM(share)", ["1", "0", "0"]),
        ("SUM(amount / 3)", ["-1/6", "0", "1/50"]),
        ("SUM(amount * param.rate)", ["-1/500", "0", "3/12500"]),
        ("SUM(amount / param.vat)", ["-2150/4407", "0", "6/113"]),
        ("MIN(came_at)", ["2018-04-30 08:00:00", "-", "2026-10-01 09:00:00.5"]),
        ("MAX(came_at)", ["2018-04-30 23:00:00", "-", "2026-10-31 09:00:00"]),
        ("COUNT(DISTINCT came_at)", ["2", "0", "3"]),
        ("SUM(HOURS_BETWEEN(TIMESTAMP '2018-04-30 00:00', came_at)) FILTER (WHERE share > 0)", ["31", "0", "74553"]),
        ("COUNT(*)", ["2", "0", "3"]),
        ("COUNT(bonus)", ["1", "0", "0"]),
        ("COUNT(DISTINCT kind)", ["2", "0", "2"]),
        ("COUNT(DISTINCT card)", ["1", "0", "2"]),
        ("COUNT(DISTINCT regular)", ["1", "0", "2"]),
        ("COUNT(DISTINCT settled_on)", ["2", "0", "2"]),
        ("COUNT(DISTINCT share)", ["2", "0", "3"]),
        ("MIN(amount)", ["-2", "-", "1/100"]),
        ("MAX(amount)", ["3/2", "-", "3/100"]),
        ("MIN(share)", ["1/3", "-", "-1/7"]),
        ("MAX(share)", ["2/3", "-", "1/7"]),
        ("MIN(settled_on)", ["2018-04-30", "-", "2026-10-01"]),
        ("AVG(amount)", ["-1/4", "-", "1/50"]),
        ("AVG(share)", ["1/2", "-", "0"]),
        ("SUM(amount) FILTER (WHERE kind = 'a')", ["3/2", "0", "3/100"]),
        ("SUM(bonus) FILTER (WHERE bonus IS NOT NULL)", ["7", "0", "0"]),
        ("COUNT(*) FILTER (WHERE NOT regular)", ["0", "0", "1"]),
        ("MAX(bonus) FILTER (WHERE bonus IS NOT NULL)", ["7", "-", "-"]),
        ("SUM(1 / (sign + 1)) FILTER (WHERE sign > 0)", ["1/2", "0", "3/2"]),
        ("SUM(CASE WHEN kind = 'a' THEN amount ELSE 0 END)", ["3/2", "0", "3/100"]),
        ("SUM(amount) / NULLIF(COUNT(*), 0)", ["-1/4", "-", "1/50"]),
        ("COALESCE(AVG(amount), 0) * 2 + COUNT(*)", ["3/2", "0", "76/25"]),
        ("GREATEST(SUM(amount), 0) * param.rate", ["0", "0", "3/12500"]),
        ("CASE WHEN COUNT(*) = 0 THEN 0 ELSE SUM(sign) / COUNT(*) END", ["0", "0", "1"]),
    ];
    for (text, expected) in table {
        let (values, faults) = values(text);
        assert_eq!(faults, Vec::<String>::new(), "{text}");
        assert_eq!(values, *expected, "{text}");
    }
}

#[test]
fn a_row_at_fault_fails_its_group_and_names_the_row() {
    let rows = rows();
    let expr = rows.check("SUM(1 / (sign + 1)) + SUM(sign)", &params(), true);
    let result = aggregate(&[(Arc::from("x"), &expr)], &rows.frame, "@group", 3, &params(), &PERIOD).unwrap();
    assert_eq!(shown(&result).0, ["-", "0", "9/2"]);
    let faults: Vec<_> =
        result.faults.iter().map(|fault| (fault.row, fault.input_row, fault.cause.to_string())).collect();
    assert_eq!(faults, [(0, Some(1), "division by zero".to_owned())]);
}

#[test]
fn a_group_that_divides_by_nothing_is_at_fault_itself() {
    let (values, faults) = values("SUM(amount) / COUNT(*)");
    assert_eq!(values, ["-1/4", "-", "1/50"]);
    assert_eq!(faults, ["1: division by zero"]);
}

#[test]
fn the_calls_of_an_expression_stand_apart() {
    let rows = rows();
    let expr = rows.check("SUM(amount) / NULLIF(COUNT(*), 0)", &params(), true);
    let calls: Vec<String> = expr.aggregates().iter().map(|call| call.text.to_string()).collect();
    assert_eq!(calls, ["SUM(amount)", "COUNT(*)"]);
    assert!(expr.is_aggregate());
    assert_eq!(expr.columns().iter().map(|name| &**name).collect::<Vec<_>>(), ["amount"]);
    let first = expr.aggregates().remove(0);
    let result = aggregate(&[(Arc::from("x"), &first)], &rows.frame, "@group", 3, &params(), &PERIOD).unwrap();
    assert_eq!(shown(&result).0, ["-1/2", "0", "3/50"]);
}

#[test]
fn a_group_number_past_the_end_is_refused() {
    let rows = rows();
    let expr = rows.check("COUNT(*)", &params(), true);
    assert!(aggregate(&[(Arc::from("x"), &expr)], &rows.frame, "@group", 2, &params(), &PERIOD).is_err());
}
