//! Boundary cases of row expressions.

use std::sync::Arc;

use jiff::civil::date;

use super::{PERIOD, Params, Rows, cell};
use crate::expr::types::Kind;
use crate::expr::{PeriodValues, evaluate};

const MONEY: Kind = Kind::Decimal { digits: 14, scale: 2 };

fn params() -> Params {
    Params::default()
        .with("rate", None, &[(date(2020, 1, 1), "1/250"), (date(2027, 1, 1), "1/2")])
        .with("third", None, &[(date(2020, 1, 1), "1/3")])
        .with("later", None, &[(date(2027, 1, 1), "5")])
        .with(
            "vat",
            Some("settled_on"),
            &[(date(2018, 1, 1), "117/100"), (date(2018, 5, 1), "29/25"), (date(2019, 4, 1), "113/100")],
        )
        .with("thirds", Some("settled_on"), &[(date(2018, 1, 1), "1/3"), (date(2019, 4, 1), "2/3")])
        .with_stores("own", None, &[(date(2020, 1, 1), "", "1"), (date(2026, 10, 1), "S02", "1/3")])
        .with_stores("only", None, &[(date(2020, 1, 1), "S02", "5")])
        .with_stores(
            "own_vat",
            Some("settled_on"),
            &[(date(2018, 1, 1), "", "117/100"), (date(2018, 5, 1), "S02", "2"), (date(2019, 3, 1), "", "113/100")],
        )
        .with_choices("way", &["lower", "alone"], &[(date(2020, 1, 1), "", "lower")])
        .with_choices(
            "own_way",
            &["lower", "alone"],
            &[(date(2020, 1, 1), "", "lower"), (date(2020, 1, 1), "S02", "alone")],
        )
}

fn rows() -> Rows {
    Rows::default()
        .with("output", MONEY, &["213345.00", "0", "-12.34", "999999999999.99"])
        .with("target", MONEY, &["220000", "100", "0", "0.01"])
        .with("cars", Kind::Int, &["255", "0", "-3", "999999999999999999"])
        .with("score", Kind::Decimal { digits: 5, scale: 2 }, &["99", "100", "0", "95.5"])
        .with("attainment", Kind::Exact, &["85/44", "0", "-1/3", "7"])
        .with("bonus", MONEY, &["1.5", "", "-2", ""])
        .with("settled_on", Kind::Date, &["2018-04-30", "2018-05-01", "2026-10-31", "2019-03-31"])
        .with("left_on", Kind::Date, &["2026-10-16", "", "", "2026-12-31"])
        .with("kind", Kind::Text, &["保养", "维修", "it's", "#panic()"])
        .with("team", Kind::Text, &["A", "", "B", ""])
        .with("regular", Kind::Bool, &["t", "f", "t", "f"])
        .with("store_id", Kind::Text, &["S01", "S02", "S02", "S03"])
}

#[test]
fn a_row_takes_the_value_of_its_store_and_of_its_day() {
    let table: &[(&str, [&str; 4])] = &[
        ("param.own", ["1", "1/3", "1/3", "1"]),
        ("param.own * cars", ["255", "0", "-1", "999999999999999999"]),
        ("output / param.own", ["213345", "0", "-1851/50", "99999999999999/100"]),
        ("param.own_vat", ["117/100", "2", "2", "113/100"]),
        ("param.way", ["lower"; 4]),
        ("param.own_way", ["lower", "alone", "alone", "lower"]),
        ("param.way = 'lower'", ["true"; 4]),
        ("param.own_way IN ('alone')", ["false", "true", "true", "false"]),
        (
            "CASE WHEN param.own_way = 'alone' THEN cars / 2 ELSE cars / 3 END",
            ["85", "0", "-3/2", "333333333333333333"],
        ),
    ];
    for (text, expected) in table {
        let (values, faults) = rows().values(text, &params());
        assert_eq!((values, faults), (expected.map(str::to_owned).to_vec(), Vec::new()), "{text}");
    }
}

#[test]
fn a_store_without_a_value_is_a_fault_of_its_rows() {
    let (values, faults) = rows().values("param.only * 2", &params());
    assert_eq!(values, ["-", "10", "10", "-"]);
    let fault = |row, store| format!("{row}: parameter `only` has no value on 2026-10-01 in store `{store}`");
    assert_eq!(faults, [fault(0, "S01"), fault(3, "S03")]);
}

#[test]
fn numbers_are_exact() {
    let table: &[(&str, [&str; 4])] = &[
        ("output", ["213345", "0", "-617/50", "99999999999999/100"]),
        ("output + target", ["433345", "100", "-617/50", "1000000000000"]),
        ("output - target", ["-6655", "-100", "-617/50", "49999999999999/50"]),
        ("-output", ["-213345", "0", "617/50", "-99999999999999/100"]),
        ("output * target", ["46935900000", "0", "0", "99999999999999/10000"]),
        ("output * param.rate", ["42669/50", "0", "-617/12500", "99999999999999/25000"]),
        ("output * 0.004 * 0.004", ["42669/12500", "0", "-617/3125000", "99999999999999/6250000"]),
        ("cars + 1", ["256", "1", "-2", "1000000000000000000"]),
        ("cars * cars", ["65025", "0", "9", "999999999999999998000000000000000001"]),
        ("cars * cars * cars", ["16581375", "0", "-27", "999999999999999997000000000000000002999999999999999999"]),
        ("cars * attainment", ["21675/44", "0", "1", "6999999999999999993"]),
        ("cars / 132 * 2 * 255 * score / 100", ["7803/8", "0", "0", ""]),
        ("2 * 3", ["6"; 4]),
        ("1 / 3 + 1 / 6", ["1/2"; 4]),
        ("param.third * 3", ["1"; 4]),
        ("param.rate", ["1/250"; 4]),
        ("period.days / 2", ["31/2"; 4]),
        ("GREATEST(output, 0, 0.5)", ["213345", "1/2", "1/2", "99999999999999/100"]),
        ("LEAST(output, cars)", ["255", "0", "-617/50", "99999999999999/100"]),
        ("GREATEST(attainment, 1)", ["85/44", "1", "1", "7"]),
        ("ABS(output)", ["213345", "0", "617/50", "99999999999999/100"]),
        ("ABS(attainment)", ["85/44", "0", "1/3", "7"]),
        ("ROUND(score * 1.05 / 10, 1, 'half-up')", ["52/5", "21/2", "0", "10"]),
        ("ROUND(cars / 2, 0, 'half-even')", ["128", "0", "-2", "500000000000000000"]),
        ("COALESCE(bonus, 0)", ["3/2", "0", "-2", "0"]),
        ("COALESCE(bonus, cars / 2)", ["3/2", "0", "-2", "999999999999999999/2"]),
        ("NULLIF(output, 0)", ["213345", "-", "-617/50", "99999999999999/100"]),
        ("output / NULLIF(target, 0)", ["3879/4000", "0", "-", "99999999999999"]),
        ("CASE WHEN bonus IS NOT NULL THEN bonus * 2 ELSE -1 END", ["3", "-1", "-4", "-1"]),
        ("CASE WHEN target = 0 THEN 0 ELSE output / target END", ["3879/4000", "0", "0", "99999999999999"]),
        ("CASE WHEN output / 2 > 100 THEN 1 ELSE 2 END + 1", ["2", "3", "3", "2"]),
        ("CASE WHEN regular THEN output ELSE NULL END", ["213345", "-", "-617/50", "-"]),
        ("CASE WHEN kind = '保养' THEN 1 WHEN kind IN ('维修', 'x') THEN 2 ELSE 3 END", ["1", "2", "3", "3"]),
        (
            "EXTRACT(YEAR FROM settled_on) * 100 + EXTRACT(MONTH FROM settled_on)",
            ["201804", "201805", "202610", "201903"],
        ),
        ("EXTRACT(DAY FROM settled_on)", ["30", "1", "31", "31"]),
        ("settled_on - DATE '2018-05-01'", ["-1", "0", "3105", "334"]),
        ("output / param.vat", ["2370500/13", "0", "-1234/113", "99999999999999/116"]),
        ("param.vat", ["117/100", "29/25", "113/100", "29/25"]),
        ("param.thirds", ["1/3", "1/3", "2/3", "1/3"]),
        ("attainment * param.thirds", ["85/132", "0", "-2/9", "7/3"]),
    ];
    for (text, expected) in table {
        let (values, faults) = rows().values(text, &params());
        assert_eq!(faults, Vec::<String>::new(), "{text}");
        for (row, expected) in expected.iter().enumerate().filter(|(_, expected)| !expected.is_empty()) {
            assert_eq!(values.get(row).map(String::as_str), Some(*expected), "{text}, row {row}");
        }
    }
}

#[test]
fn conditions_dates_and_texts() {
    let table: &[(&str, [&str; 4])] = &[
        ("regular", ["true", "false", "true", "false"]),
        ("NOT regular AND output > 0", ["false", "false", "false", "true"]),
        ("output >= target", ["false", "false", "false", "true"]),
        ("output / 3 > target / 4", ["true", "false", "false", "true"]),
        ("attainment = 85 / 44", ["true", "false", "false", "false"]),
        ("attainment BETWEEN 0 AND 7", ["true", "true", "false", "true"]),
        ("attainment NOT BETWEEN 0 AND 6.99", ["false", "false", "true", "true"]),
        ("attainment IN (0, 7, 0.5)", ["false", "true", "false", "true"]),
        ("output NOT IN (0, -12.34)", ["true", "false", "false", "true"]),
        ("score = 99.00", ["true", "false", "false", "false"]),
        ("score * 1.00000000000000000000000000000000000 = 99", ["true", "false", "false", "false"]),
        ("bonus IS NULL OR bonus < 0", ["false", "true", "true", "true"]),
        ("bonus IS NOT NULL AND bonus / 3 = 0.5", ["true", "false", "false", "false"]),
        ("team IS NOT NULL AND team = 'A'", ["true", "false", "false", "false"]),
        ("COALESCE(team, 'none')", ["A", "none", "B", "none"]),
        ("kind = 'it''s'", ["false", "false", "true", "false"]),
        ("kind <> '#panic()'", ["true", "true", "true", "false"]),
        ("target <> 0 AND output / target > 0.5", ["true", "false", "false", "true"]),
        ("target = 0 OR output / target > 0.5", ["true", "false", "true", "true"]),
        (
            "CASE WHEN target = 0 THEN 'none' WHEN output / target >= 1 THEN 'full' ELSE kind END",
            ["保养", "维修", "none", "full"],
        ),
        (
            "CASE WHEN target = 0 THEN 'none' ELSE CASE WHEN output / target >= 1 THEN 'full' ELSE kind END END",
            ["保养", "维修", "none", "full"],
        ),
        (
            "CASE WHEN target <> 0 THEN COALESCE(team, CASE WHEN output / target >= 1 THEN 'full' ELSE kind END) ELSE kind END",
            ["A", "维修", "it's", "full"],
        ),
        (
            "CASE WHEN target <> 0 THEN CASE WHEN output / target >= 1 THEN settled_on ELSE left_on END ELSE NULL END",
            ["2026-10-16", "-", "-", "2019-03-31"],
        ),
        ("CASE WHEN target = 0 THEN regular ELSE output / target >= 1 END", ["false", "false", "true", "true"]),
        ("(output / 2 > 1) = regular", ["true", "true", "false", "false"]),
        ("settled_on + 1", ["2018-05-01", "2018-05-02", "2026-11-01", "2019-04-01"]),
        ("period.first - 1", ["2026-09-30"; 4]),
        ("settled_on BETWEEN period.first AND period.last", ["false", "false", "true", "false"]),
        ("COALESCE(left_on, period.last)", ["2026-10-16", "2026-10-31", "2026-10-31", "2026-12-31"]),
        (
            "LEAST(COALESCE(left_on, period.last), period.last)",
            ["2026-10-16", "2026-10-31", "2026-10-31", "2026-10-31"],
        ),
        ("GREATEST(settled_on, DATE '2019-01-01')", ["2019-01-01", "2019-01-01", "2026-10-31", "2019-03-31"]),
        ("CASE WHEN output / 2 > 1 THEN settled_on ELSE NULL END", ["2018-04-30", "-", "-", "2019-03-31"]),
        ("TRUE", ["true"; 4]),
        ("'same'", ["same"; 4]),
        ("bonus IS NULL", ["false", "true", "false", "true"]),
        ("(output / 2) IS NULL", ["false"; 4]),
    ];
    for (text, expected) in table {
        let (values, faults) = rows().values(text, &params());
        assert_eq!(faults, Vec::<String>::new(), "{text}");
        assert_eq!(values, *expected, "{text}");
    }
}

#[test]
fn a_row_that_cannot_be_computed_is_a_fault_and_has_no_value() {
    let too_early = "parameter `vat` has no value on 2017-12-31 (`settled_on`): its first holds from 2018-01-01";
    let out = "a date outside of the years 1 to 9999";
    let table: &[(&str, &[&str], &[&str])] = &[
        ("1 / n", &["1/2", "-", "1"], &["1: division by zero"]),
        ("CASE WHEN 1 / n > 0 THEN 1 ELSE 0 END", &["1", "-", "1"], &["1: division by zero"]),
        ("COALESCE(1 / n, 0)", &["1/2", "-", "1"], &["1: division by zero"]),
        ("NOT (1 / n > 0)", &["false", "-", "false"], &["1: division by zero"]),
        ("1 / n > 0 OR n = 0", &["true", "-", "true"], &["1: division by zero"]),
        ("n = 0 OR 1 / n > 0", &["true", "true", "true"], &[]),
        (
            "CASE WHEN n > 1 THEN 'many' WHEN 1 / n > 0 THEN 'few' ELSE 'none' END",
            &["many", "-", "few"],
            &["1: division by zero"],
        ),
        (
            "CASE WHEN n < 2 THEN COALESCE(NULL, CASE WHEN 1 / n > 0 THEN 'few' ELSE 'none' END) ELSE 'many' END",
            &["many", "-", "few"],
            &["1: division by zero"],
        ),
        ("param.vat", &["-", "117/100", "29/25"], &[&format!("0: {too_early}")]),
        ("CASE WHEN n = 2 THEN 0 ELSE param.vat END", &["-", "117/100", "29/25"], &[&format!("0: {too_early}")]),
        ("settled_on + n * 9999999", &["-", "2018-01-01", "-"], &["0: x", "2: x"]),
        ("param.later", &["-"; 3], &["0: y", "1: y", "2: y"]),
    ];
    let rows = Rows::default()
        .with("n", Kind::Decimal { digits: 5, scale: 1 }, &["2", "0", "1"])
        .with("days", Kind::Int, &["9999999", "0", "-9999999"])
        .unit("days", "days")
        .with("settled_on", Kind::Date, &["2017-12-31", "2018-01-01", "2019-03-31"]);
    for (text, expected, expected_faults) in table {
        let text = text.replace("n * 9999999", "days");
        let (values, faults) = rows.values(&text, &params());
        assert_eq!(values, *expected, "{text}");
        let faults: Vec<String> = faults
            .iter()
            .map(|fault| fault.replace(out, "x").replace("parameter `later` has no value on 2026-10-01", "y"))
            .collect();
        assert_eq!(faults, *expected_faults, "{text}");
    }
}

#[test]
fn an_empty_frame_gives_empty_columns() {
    let rows = Rows::default().with("output", MONEY, &[]).with("settled_on", Kind::Date, &[]);
    for text in
        ["output", "1", "output / 2", "1 / 3", "param.third", "param.vat", "settled_on + 1", "param.later", "TRUE"]
    {
        let (values, faults) = rows.values(text, &params());
        assert_eq!((values.len(), faults.len()), (0, 0), "{text}");
    }
}

#[test]
fn several_expressions_keep_their_order_names_and_faults_apart() {
    let rows = rows();
    let texts = ["1 / cars", "output", "1 / target", "param.rate"];
    let exprs: Vec<_> = texts.iter().map(|text| rows.check(text, &params(), false)).collect();
    let named: Vec<_> = exprs.iter().zip(["a", "b", "c", "d"]).map(|(expr, name)| (Arc::from(name), expr)).collect();
    let result = evaluate(&named, &rows.frame, &params(), &PERIOD).unwrap();
    let names: Vec<&str> = result.columns.iter().map(|column| column.name().as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
    let faults: Vec<(&str, usize)> = result.faults.iter().map(|fault| (&*fault.column, fault.row)).collect();
    assert_eq!(faults, [("a", 1), ("c", 2)]);
    assert_eq!(cell(&result.columns[0], 2), "-1/3");
}

#[test]
fn a_frame_that_is_not_what_was_planned_is_refused() {
    let planned = rows();
    let expr = planned.check("output + 1", &params(), false);
    let other = Rows::default().with("output", Kind::Decimal { digits: 9, scale: 3 }, &["1"]);
    let missing = Rows::default().with("outputs", MONEY, &["1"]);
    for frame in [other.frame, missing.frame] {
        assert!(evaluate(&[(Arc::from("x"), &expr)], &frame, &params(), &PERIOD).is_err());
    }
}

#[test]
fn a_null_where_the_type_promises_a_value_is_a_fault_and_never_an_else() {
    let planned = rows();
    let holed = Rows::default().with("output", MONEY, &["1", ""]);
    for text in ["output + 1", "CASE WHEN output > 0 THEN 1 ELSE 0 END", "output / 2", "output IS NULL"] {
        let expr = planned.check(text, &params(), false);
        let result = evaluate(&[(Arc::from("x"), &expr)], &holed.frame, &params(), &PERIOD).unwrap();
        let (values, faults) = super::shown(&result);
        assert_eq!(faults, ["1: `output` is absent where it must be present"], "{text}");
        assert_eq!(values[1], "-", "{text}");
    }
}

#[test]
fn the_longest_chain_and_the_longest_case_are_computed() {
    let rows = Rows::default().with("n", Kind::Int, &["1", "2"]);
    let chain = vec!["n"; 121].join(" + ");
    assert_eq!(rows.values(&chain, &params()).0, ["121", "242"]);
    let exact = vec!["n / 2"; 60].join(" + ");
    assert_eq!(rows.values(&exact, &params()).0, ["30", "60"]);
    let arms: Vec<String> = (0..40).map(|arm| format!("WHEN n = {arm} THEN {arm} ")).collect();
    let arms = arms.concat();
    assert_eq!(rows.values(&format!("CASE {arms} ELSE -1 END"), &params()).0, ["1", "2"]);
    let texts: Vec<String> = (0..40).map(|arm| format!("WHEN n / 3 = {arm} THEN 'x' ")).collect();
    let texts = texts.concat();
    assert_eq!(rows.values(&format!("CASE {texts} ELSE 'y' END"), &params()).0, ["y", "y"]);
}

#[test]
fn numbers_at_the_edge_of_38_digits_stay_exact() {
    let most = "9".repeat(36);
    let cell = format!("{most}.99");
    let rows = Rows::default().with("big", Kind::Decimal { digits: 38, scale: 2 }, &[&cell, &format!("-{cell}")]);
    let whole: String = format!("{most}99");
    assert_eq!(rows.values("big", &params()).0[0], format!("{whole}/100"));
    assert_eq!(rows.values("-big", &params()).0[1], format!("{whole}/100"));
    assert_eq!(rows.values("big + 0.01", &params()).0[0], format!("1{}", "0".repeat(36)));
    assert_eq!(rows.values("ABS(big) * 10", &params()).0, [format!("{whole}/10"), format!("{whole}/10")]);
    assert_eq!(rows.values("big > 0.001", &params()).0, ["true", "false"]);
    assert_eq!(rows.values("GREATEST(big, 0.001)", &params()).0[1], "1/1000");
}

#[test]
fn the_days_of_a_period_count_both_ends() {
    let february = PeriodValues { first: date(2028, 2, 1), last: date(2028, 2, 29) };
    assert_eq!((PERIOD.days(), february.days()), (31, 29));
}

#[test]
fn time_between_moments_is_exact_and_days_are_those_of_the_clock() {
    let rows = Rows::default()
        .with("n", Kind::Int, &["1", "2", "3"])
        .with("came_at", Kind::DateTime, &["2026-10-03 09:12:45", "2026-10-03 23:59:59", "1969-12-31 23:59:59.5"])
        .with("ready_at", Kind::DateTime, &["2026-10-03 10:00:00", "2026-10-04 00:00:00", "1969-12-30 00:00:00"])
        .with("left_at", Kind::DateTime, &["2026-10-05 08:00:00", "", "2026-10-05 08:00:00"]);
    let table: &[(&str, [&str; 3])] = &[
        ("came_at", ["2026-10-03 09:12:45", "2026-10-03 23:59:59", "1969-12-31 23:59:59.5"]),
        ("MINUTES_BETWEEN(came_at, ready_at)", ["189/4", "1/60", "-345599/120"]),
        ("HOURS_BETWEEN(came_at, ready_at)", ["63/80", "1/3600", "-345599/7200"]),
        ("MINUTES_BETWEEN(ready_at, came_at) + MINUTES_BETWEEN(came_at, ready_at)", ["0"; 3]),
        ("CAST(came_at AS DATE)", ["2026-10-03", "2026-10-03", "1969-12-31"]),
        ("CAST(left_at AS DATE)", ["2026-10-05", "-", "2026-10-05"]),
        ("CAST(ready_at AS DATE) - CAST(came_at AS DATE)", ["0", "1", "-1"]),
        ("GREATEST(came_at, ready_at)", ["2026-10-03 10:00:00", "2026-10-04 00:00:00", "1969-12-31 23:59:59.5"]),
        ("COALESCE(left_at, ready_at)", ["2026-10-05 08:00:00", "2026-10-04 00:00:00", "2026-10-05 08:00:00"]),
        ("NULLIF(came_at, TIMESTAMP '2026-10-03 23:59:59')", ["2026-10-03 09:12:45", "-", "1969-12-31 23:59:59.5"]),
        ("came_at < ready_at", ["true", "true", "false"]),
        (
            "came_at BETWEEN TIMESTAMP '2026-10-03 09:12:45' AND TIMESTAMP '2026-10-03 12:00'",
            ["true", "false", "false"],
        ),
        ("came_at IN (TIMESTAMP '2026-10-03 09:12:45')", ["true", "false", "false"]),
        ("CASE WHEN left_at IS NULL THEN 0 ELSE MINUTES_BETWEEN(ready_at, left_at) END", ["2760", "0", "29856000"]),
        (
            "CASE WHEN n / 2 > 1 THEN came_at ELSE ready_at END",
            ["2026-10-03 10:00:00", "2026-10-04 00:00:00", "1969-12-31 23:59:59.5"],
        ),
    ];
    for (text, expected) in table {
        let (values, faults) = rows.values(text, &params());
        assert_eq!((values, faults), (expected.map(str::to_owned).to_vec(), Vec::new()), "{text}");
    }
}
