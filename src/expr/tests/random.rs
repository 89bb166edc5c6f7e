//! Random expressions over random rows: the columns must equal the slow reference, cell by cell,
//! faults included.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::date;
use polars::prelude::{IntoColumn, NamedFrom, Series};
use proptest::prelude::*;

use super::reference::{Value, value};
use super::{PERIOD, Params, Rows, cell, exact};
use crate::expr::clock;
use crate::expr::types::Kind;
use crate::expr::{Scope, aggregate, check, evaluate};
use crate::money::Exact;

fn params() -> Params {
    Params::default()
        .with("rate", None, &[(date(2020, 1, 1), "1/250")])
        .with("third", None, &[(date(2020, 1, 1), "1/3")])
        .with("vat", Some("day"), &[(date(2018, 1, 1), "117/100"), (date(2019, 4, 1), "113/100")])
}

/// Texts of numbers.
fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => prop::sample::select(vec!["a", "b", "n", "f", "a", "n"]).prop_map(String::from),
        2 => prop::sample::select(vec!["0", "1", "2", "3", "0.5", "0.01", "100", "7.25"]).prop_map(String::from),
        1 => prop::sample::select(vec![
            "param.rate", "param.third", "param.vat", "period.days", "EXTRACT(DAY FROM day)",
            "COALESCE(m, 0)", "(day - DATE '2018-06-01')",
            "MINUTES_BETWEEN(came, went)", "HOURS_BETWEEN(GREATEST(went, came), came)",
            "MINUTES_BETWEEN(TIMESTAMP '2018-06-01 12:00', COALESCE(NULLIF(went, came), came))",
            "EXTRACT(DAY FROM CAST(LEAST(came, went) AS DATE))", "(CAST(came AS DATE) - day)",
        ])
        .prop_map(String::from),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let test = condition(inner.clone());
        prop_oneof![
            3 => (inner.clone(), prop::sample::select(vec!["+", "-", "*"]), inner.clone())
                .prop_map(|(x, op, y)| format!("({x} {op} {y})")),
            2 => (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("({x} / {y})")),
            1 => inner.clone().prop_map(|x| format!("-({x})")),
            1 => inner.clone().prop_map(|x| format!("ABS({x})")),
            1 => (inner.clone(), prop::sample::select(vec!["half-up", "half-even", "up", "down", "floor", "ceiling"]))
                .prop_map(|(x, mode)| format!("ROUND({x}, 1, '{mode}')")),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(x, y, z)| format!("GREATEST({x}, {y}, {z})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("LEAST({x}, {y})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("COALESCE(NULLIF({x}, {y}), m, {x})")),
            2 => (test.clone(), inner.clone(), inner.clone())
                .prop_map(|(t, x, y)| format!("CASE WHEN {t} THEN {x} ELSE {y} END")),
            1 => (test, inner.clone(), inner.clone())
                .prop_map(|(t, x, y)| format!("CASE WHEN m IS NULL THEN {x} WHEN {t} THEN m ELSE {y} END")),
        ]
    })
}

fn condition(number: impl Strategy<Value = String> + Clone + 'static) -> impl Strategy<Value = String> + Clone {
    let cmp = prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        3 => (number.clone(), cmp, number.clone()).prop_map(|(x, op, y)| format!("{x} {op} {y}")),
        1 => (number.clone(), number.clone(), number.clone()).prop_map(|(x, y, z)| format!("{x} BETWEEN {y} AND {z}")),
        1 => number.clone().prop_map(|x| format!("{x} NOT IN (0, 1, -2.5)")),
        1 => number.clone().prop_map(|x| format!("NULLIF({x}, 1) IS NULL")),
        1 => Just("m IS NOT NULL".to_owned()),
        1 => Just("t IN ('x', 'y')".to_owned()),
        1 => Just("flag".to_owned()),
        1 => prop::sample::select(vec![
            "came < went", "came = went", "CAST(went AS DATE) = day", "GREATEST(came, went) <> came", "NULLIF(came, went) IS NULL",
            "TIMESTAMP '2018-01-31 18:30:00' <= CASE WHEN a / 3 > n THEN came ELSE went END",
        ])
        .prop_map(String::from),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("({x} AND {y})")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("({x} OR {y})")),
            inner.prop_map(|x| format!("NOT ({x})")),
        ]
    })
    .boxed()
}

type Cells = (i64, i64, i64, (i64, u8), Option<i64>, bool, bool, u16);

fn cells() -> impl Strategy<Value = Vec<Cells>> {
    let small = || prop_oneof![Just(0_i64), Just(1), Just(-1), -300_i64..300, -9_999_999_i64..9_999_999];
    prop::collection::vec(
        (
            small(),
            small(),
            small(),
            (small(), 1_u8..12),
            prop::option::of(small()),
            any::<bool>(),
            any::<bool>(),
            0_u16..900,
        ),
        0..8,
    )
}

fn decimal(unscaled: i64, scale: u8) -> Exact {
    Exact::from_decimal_parts(i128::from(unscaled), scale)
}

fn frame(cells: &[Cells]) -> (Rows, Vec<BTreeMap<String, Value>>) {
    let mut texts: BTreeMap<&str, Vec<String>> =
        ["a", "b", "n", "f", "m", "flag", "t", "day", "came", "went"].map(|name| (name, Vec::new())).into();
    let mut rows = Vec::new();
    for (a, b, n, (num, den), m, flag, t, days) in cells {
        let plain = |unscaled: i64, scale: u32| {
            let (sign, digits) = (if unscaled < 0 { "-" } else { "" }, unscaled.unsigned_abs());
            let unit = 10_u64.pow(scale);
            format!("{sign}{}.{:0width$}", digits / unit, digits % unit, width = scale as usize)
        };
        let fraction = Exact::ratio(i128::from(*num), i128::from(*den)).unwrap();
        let day = date(2018, 1, 1).checked_add(jiff::Span::new().days(i64::from(*days))).unwrap();
        // Around midnight and before 1970, by microseconds of what the other columns hold.
        let moment = |micros: i64| clock::moment(micros).unwrap();
        let came = moment(clock::micros(day.at(0, 0, 0, 0)) + a * 1_000_003);
        let went = if *flag { came } else { moment(b * clock::SECOND + i64::from(*days)) };
        let text = if *t { "x" } else { "z" };
        for (name, cell) in [
            ("a", plain(*a, 2)),
            ("b", plain(*b, 4)),
            ("n", n.to_string()),
            ("f", fraction.to_canonical()),
            ("m", m.map_or(String::new(), |m| plain(m, 1))),
            ("flag", if *flag { "t" } else { "f" }.to_owned()),
            ("t", text.to_owned()),
            ("day", day.to_string()),
            ("came", clock::show(came)),
            ("went", clock::show(went)),
        ] {
            texts.get_mut(name).unwrap().push(cell);
        }
        let vat = if day < date(2019, 4, 1) { "117/100" } else { "113/100" };
        rows.push(BTreeMap::from(
            [
                ("a", Value::Number(decimal(*a, 2))),
                ("b", Value::Number(decimal(*b, 4))),
                ("n", Value::Number(decimal(*n, 0))),
                ("f", Value::Number(fraction)),
                ("m", m.map_or(Value::Absent, |m| Value::Number(decimal(m, 1)))),
                ("flag", Value::Bool(*flag)),
                ("t", Value::Text(text.to_owned())),
                ("day", Value::Date(day)),
                ("came", Value::Moment(came)),
                ("went", Value::Moment(went)),
                ("param.rate", Value::Number(exact("1/250"))),
                ("param.third", Value::Number(exact("1/3"))),
                ("param.vat", Value::Number(exact(vat))),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        ));
    }
    let mut built = Rows::default();
    for (name, kind) in [
        ("a", Kind::Decimal { digits: 9, scale: 2 }),
        ("b", Kind::Decimal { digits: 9, scale: 4 }),
        ("n", Kind::Int),
        ("f", Kind::Exact),
        ("m", Kind::Decimal { digits: 9, scale: 1 }),
        ("flag", Kind::Bool),
        ("t", Kind::Text),
        ("day", Kind::Date),
        ("came", Kind::DateTime),
        ("went", Kind::DateTime),
    ] {
        let cells: Vec<&str> = texts[name].iter().map(String::as_str).collect();
        built = built.with(name, kind, &cells);
    }
    for field in &mut built.schema.fields {
        field.ty.nullable = &*field.name == "m";
    }
    (built, rows)
}

fn agrees(text: &str, cells: &[Cells]) -> Result<(), TestCaseError> {
    let (rows, values) = frame(cells);
    let params = params();
    let scope = Scope { columns: &rows.schema, each: None, params: &params, aggregates: false, what: "rows" };
    let expr = match check(text, &scope) {
        Ok(expr) => expr,
        Err(faults) => {
            // The only thing the generator writes that is refused: a division by the literal 0, days in a sum.
            let known = ["division-by-zero", "unit-mismatch"];
            prop_assert!(faults.iter().all(|fault| known.contains(&fault.code.id)), "{}: {:?}", text, faults);
            return Ok(());
        }
    };
    let result = evaluate(&[(Arc::from("x"), &expr)], &rows.frame, &params, &PERIOD);
    let result = result.map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
    let at_fault: BTreeSet<usize> = result.faults.iter().map(|fault| fault.row).collect();
    for (row, values) in values.iter().enumerate() {
        let found = cell(&result.columns[0], row);
        let (expected, fault) = match value(&expr.root, values) {
            Ok(Value::Number(number)) => (number.to_canonical(), false),
            Ok(Value::Bool(truth)) => (truth.to_string(), false),
            Ok(Value::Absent) => ("-".to_owned(), false),
            Ok(other) => (format!("{other:?}"), false),
            Err(_) => ("-".to_owned(), true),
        };
        prop_assert_eq!(&found, &expected, "{} in row {}: {:?}", text, row, values);
        prop_assert_eq!(at_fault.contains(&row), fault, "{} in row {}: {:?}", text, row, values);
    }
    Ok(())
}

/// One aggregate over three groups, against the rows of each group taken one by one.
fn sums_up(
    function: &str,
    text: &str,
    filter: &str,
    cells: &[Cells],
    groups: &[Option<u32>],
) -> Result<(), TestCaseError> {
    let (mut rows, values) = frame(cells);
    let params = params();
    let scope = Scope { columns: &rows.schema, each: None, params: &params, aggregates: false, what: "rows" };
    let (Ok(number), Ok(condition)) = (check(text, &scope), check(filter, &scope)) else { return Ok(()) };
    if number.ty.nullable {
        return Ok(());
    }
    let call = format!("{function}({text}) FILTER (WHERE {filter})");
    let expr = rows.check(&call, &params, true);
    let groups: Vec<Option<u32>> = groups.iter().copied().take(cells.len()).collect();
    rows.frame.with_column(Series::new("@group".into(), groups.clone()).into_column()).unwrap();
    let result = aggregate(&[(Arc::from("x"), &expr)], &rows.frame, "@group", 3, &params, &PERIOD);
    let result = result.map_err(|error| TestCaseError::fail(format!("{call}: {error}")))?;
    for group in 0..3 {
        let mut numbers = Ok(Vec::new());
        for (row, _) in values.iter().zip(&groups).filter(|(_, own)| **own == Some(group)) {
            match value(&condition.root, row) {
                Ok(Value::Bool(false)) => {}
                Ok(_) => match (value(&number.root, row), &mut numbers) {
                    (Ok(Value::Number(number)), Ok(numbers)) => numbers.push(number),
                    _ => numbers = Err(()),
                },
                Err(_) => numbers = Err(()),
            }
        }
        let expected = numbers.as_ref().ok().and_then(|numbers| {
            let sum = numbers.iter().fold(Exact::zero(), |sum, number| sum.add(number));
            let count = Exact::from(i64::try_from(numbers.len()).unwrap());
            match function {
                "SUM" => Some(sum),
                "COUNT" => Some(count),
                "AVG" => sum.div(&count),
                "MIN" => numbers.iter().min().cloned(),
                _ => numbers.iter().max().cloned(),
            }
        });
        let at_fault = result.faults.iter().any(|fault| fault.row == group as usize);
        let found = cell(&result.columns[0], group as usize);
        let expected = expected.map_or("-".to_owned(), |expected| expected.to_canonical());
        prop_assert_eq!(found, expected, "{} in group {}: {:?}", call, group, values);
        prop_assert_eq!(at_fault, numbers.is_err(), "{} in group {}: {:?}", call, group, values);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_equal_the_reference(text in number(), cells in cells()) {
        agrees(&text, &cells)?;
    }

    #[test]
    fn aggregates_equal_the_reference(
        text in number(),
        filter in condition(number().boxed()),
        cells in cells(),
        groups in prop::collection::vec(prop::option::of(0_u32..3), 8),
        function in prop::sample::select(vec!["SUM", "MIN", "MAX", "AVG", "COUNT"]),
    ) {
        sums_up(function, &text, &filter, &cells, &groups)?;
    }

    #[test]
    fn conditions_equal_the_reference(text in condition(number().boxed()), cells in cells()) {
        agrees(&text, &cells)?;
    }
}
