//! Tables of expressions with their types, and of faults with their places.

use crate::expr::scope::{ParamType, ParamTypes, Scope};
use crate::expr::types::{Field, Kind, Schema, Type};
use crate::expr::unit::Unit;
use crate::expr::{check, is_column_name};
use std::sync::Arc;

struct Params;

impl ParamTypes for Params {
    fn scalar(&self, name: &str) -> Option<ParamType> {
        let (kind, unit, by) = match name {
            "output_rate" => (Kind::Decimal { digits: 3, scale: 3 }, "ratio", None),
            "car_fee" => (Kind::Int, "yuan/cars", None),
            "third" => (Kind::Exact, "ratio", None),
            "vat" => (Kind::Decimal { digits: 3, scale: 2 }, "ratio", Some("settled_on")),
            "by_elsewhere" => (Kind::Int, "ratio", Some("elsewhere")),
            "by_maybe" => (Kind::Int, "ratio", Some("left_on")),
            "by_store" => (Kind::Int, "ratio", None),
            "way" => (Kind::Text, "ratio", None),
            _ => return None,
        };
        let ty = Type::new(kind, Unit::parse(unit, &[]).unwrap());
        let number = ParamType::number(ty, by.map(Arc::from), Arc::from(name));
        let choices = if name == "way" { vec!["lower-of-two".into(), "bottles-alone".into()] } else { Vec::new() };
        Some(ParamType { by_store: name == "by_store", choices, ..number })
    }

    fn names(&self) -> Vec<String> {
        ["output_rate", "car_fee", "third", "vat", "by_elsewhere", "by_maybe", "care_rate"].map(String::from).to_vec()
    }
}

fn schema(columns: &[(&str, Kind, &str, bool)]) -> Schema {
    let fields = columns
        .iter()
        .map(|(name, kind, unit, nullable)| Field {
            name: Arc::from(*name),
            ty: Type { kind: *kind, unit: Unit::parse(unit, &[]).unwrap(), nullable: *nullable },
            label: Arc::from(match *name {
                "output" => "产值",
                other => other,
            }),
        })
        .collect();
    Schema { fields }
}

fn rows() -> Schema {
    schema(&[
        ("output", Kind::Decimal { digits: 14, scale: 2 }, "yuan", false),
        ("output_target", Kind::Decimal { digits: 14, scale: 2 }, "yuan", false),
        ("cars_fee", Kind::Decimal { digits: 9, scale: 2 }, "yuan", false),
        ("cars", Kind::Int, "cars", false),
        ("cars_target", Kind::Int, "cars", false),
        ("score", Kind::Decimal { digits: 5, scale: 2 }, "points", false),
        ("bonus", Kind::Decimal { digits: 9, scale: 2 }, "yuan", true),
        ("attainment", Kind::Exact, "ratio", false),
        ("settled_on", Kind::Date, "ratio", false),
        ("left_on", Kind::Date, "ratio", true),
        ("came_at", Kind::DateTime, "ratio", false),
        ("left_at", Kind::DateTime, "ratio", true),
        ("kind", Kind::Text, "ratio", false),
        ("group", Kind::Text, "ratio", true),
        ("regular", Kind::Bool, "ratio", false),
        ("days", Kind::Int, "days", false),
        ("产值", Kind::Int, "yuan", false),
    ])
}

fn spine() -> Schema {
    schema(&[("valid_from", Kind::Date, "ratio", false), ("valid_to", Kind::Date, "ratio", false)])
}

fn typed(text: &str, aggregates: bool) -> Result<Type, Vec<crate::diag::Fault>> {
    let (rows, spine) = (rows(), spine());
    let each = Some(("spine", &spine));
    check(text, &Scope { columns: &rows, each, params: &Params, aggregates, what: "step `facts`" }).map(|expr| expr.ty)
}

fn shown(ty: &Type) -> String {
    format!("{} {}{}", ty.kind, ty.unit, if ty.nullable { " nullable" } else { "" })
}

#[test]
fn expressions_have_the_kind_and_unit_of_their_parts() {
    let table = [
        ("output", "decimal(14,2) yuan"),
        ("(output)", "decimal(14,2) yuan"),
        ("产值 + output", "decimal(21,2) yuan"),
        ("output + 1", "decimal(15,2) yuan"),
        ("1 + output", "decimal(15,2) yuan"),
        ("output - -1.5", "decimal(15,2) yuan"),
        ("cars - cars_target", "decimal(19,0) cars"),
        ("output * param.output_rate", "decimal(17,5) yuan"),
        ("cars * param.car_fee", "decimal(36,0) yuan"),
        ("cars * cars_target * 100", "exact cars*cars"),
        ("output / output_target", "exact ratio"),
        ("GREATEST(output, 0) / output_target", "exact ratio"),
        ("GREATEST(output, 0)", "decimal(14,2) yuan"),
        ("output * score / 100", "exact yuan"),
        ("output * score / 100.0", "exact points*yuan"),
        ("output / 100", "exact yuan"),
        ("(output * param.output_rate * attainment + cars * param.car_fee * attainment) * score / 100", "exact yuan"),
        ("output * param.third", "exact yuan"),
        ("output * param.vat", "decimal(17,4) yuan"),
        ("output > 220000", "bool ratio"),
        ("output >= output_target AND NOT regular", "bool ratio"),
        ("settled_on - DATE '2026-10-01'", "int days"),
        ("settled_on + 7", "date ratio"),
        ("settled_on - days", "date ratio"),
        ("settled_on BETWEEN spine.valid_from AND period.last", "bool ratio"),
        ("settled_on <= period.first + 7", "bool ratio"),
        ("days * 2 / period.days", "exact ratio"),
        ("EXTRACT(YEAR FROM settled_on)", "int ratio"),
        ("kind IN ('常规保养', '首保')", "bool ratio"),
        ("cars NOT IN (1, -2)", "bool ratio"),
        ("kind = 'it''s'", "bool ratio"),
        ("CASE WHEN regular THEN output ELSE 0 END", "decimal(14,2) yuan"),
        ("CASE WHEN regular THEN output ELSE NULL END", "decimal(14,2) yuan nullable"),
        ("CASE WHEN regular THEN 0 ELSE 100 END", "int ratio"),
        ("CASE WHEN regular THEN attainment ELSE 1 END", "exact ratio"),
        ("CASE WHEN regular THEN 'a' ELSE kind END", "text ratio"),
        ("output - CASE WHEN regular THEN 0 ELSE 100 END", "decimal(15,2) yuan"),
        ("output / NULLIF(output_target, 0) * 2", "exact ratio nullable"),
        ("COALESCE(output / NULLIF(output_target, 0), 0) * output", "exact yuan"),
        ("COALESCE(bonus, 0) + output", "decimal(15,2) yuan"),
        ("NULLIF(output, 0)", "decimal(14,2) yuan nullable"),
        ("bonus", "decimal(9,2) yuan nullable"),
        ("bonus IS NULL", "bool ratio"),
        ("CASE WHEN bonus IS NOT NULL THEN bonus + 1 ELSE 0 END", "decimal(10,2) yuan"),
        ("CASE WHEN bonus IS NULL THEN 0 ELSE bonus * 2 END", "decimal(10,2) yuan"),
        (
            "CASE WHEN bonus IS NULL OR left_on IS NULL THEN 0 WHEN left_on > settled_on THEN bonus ELSE 1 END",
            "decimal(9,2) yuan",
        ),
        ("bonus IS NOT NULL AND bonus > 5", "bool ratio"),
        ("bonus IS NULL OR bonus > 5", "bool ratio"),
        ("NOT (bonus IS NULL) AND (bonus) > 5", "bool ratio"),
        ("group IS NOT NULL AND group = 'A'", "bool ratio"),
        ("ROUND(output / 3, 2, 'half-up')", "exact yuan"),
        ("ABS(output)", "decimal(14,2) yuan"),
        ("LEAST(settled_on, period.last)", "date ratio"),
        ("MINUTES_BETWEEN(came_at, TIMESTAMP '2026-10-03 09:12')", "exact minutes"),
        ("CASE WHEN left_at IS NULL THEN 0 ELSE HOURS_BETWEEN(came_at, left_at) END", "exact hours"),
        ("CAST(came_at AS DATE)", "date ratio"),
        ("CAST(left_at AS DATE)", "date ratio nullable"),
        ("CAST(came_at AS DATE) BETWEEN period.first AND period.last", "bool ratio"),
        ("COALESCE(left_at, came_at)", "datetime ratio"),
        ("NULLIF(came_at, TIMESTAMP '2026-10-03 09:12:00')", "datetime ratio nullable"),
        ("LEAST(came_at, COALESCE(left_at, came_at))", "datetime ratio"),
        ("TRUE", "bool ratio"),
    ];
    for (text, expected) in table {
        let found = typed(text, false).map(|ty| shown(&ty));
        assert_eq!(found.as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn aggregates_have_bounded_sums_and_may_be_absent_where_a_group_is_empty() {
    let table = [
        ("SUM(output)", "decimal(23,2) yuan"),
        ("SUM(cars)", "decimal(27,0) cars"),
        ("SUM(attainment)", "exact ratio"),
        ("SUM(output * param.vat)", "decimal(26,4) yuan"),
        ("COUNT(*)", "int ratio"),
        ("COUNT(bonus)", "int ratio"),
        ("COUNT(DISTINCT kind)", "int ratio"),
        ("MIN(output)", "decimal(14,2) yuan nullable"),
        ("MAX(settled_on)", "date ratio nullable"),
        ("MIN(came_at)", "datetime ratio nullable"),
        ("AVG(MINUTES_BETWEEN(came_at, came_at))", "exact minutes nullable"),
        ("COALESCE(AVG(score), 0)", "exact points"),
        ("SUM(output) / NULLIF(COUNT(*), 0)", "exact yuan nullable"),
        ("SUM(output) FILTER (WHERE kind = '首保')", "decimal(23,2) yuan"),
        ("SUM(bonus) FILTER (WHERE bonus IS NOT NULL)", "decimal(18,2) yuan"),
        ("CASE WHEN MIN(score) IS NOT NULL THEN MIN(score) + 1 ELSE 0 END", "decimal(6,2) points"),
        ("SUM(CASE WHEN settled_on <= spine.valid_to THEN output ELSE 0 END)", "decimal(23,2) yuan"),
        ("COUNT(*) + period.days * param.output_rate", ""),
    ];
    for (text, expected) in table {
        match typed(text, true) {
            Ok(ty) => assert_eq!(shown(&ty), expected, "{text}"),
            Err(faults) => assert_eq!(expected, "", "{text}: {faults:?}"),
        }
    }
}

/// The faults of a text, each as `code @ underlined text`.
fn faults(text: &str, aggregates: bool) -> Vec<String> {
    match typed(text, aggregates) {
        Ok(ty) => vec![format!("no fault, {}", shown(&ty))],
        Err(faults) => faults
            .iter()
            .map(|fault| format!("{} @ {}", fault.code, text.get(fault.span.clone()).unwrap_or("outside")))
            .collect(),
    }
}

#[test]
fn every_fault_has_its_code_and_its_place() {
    let table: &[(&str, &[&str])] = &[
        ("", &["expression-syntax @ "]),
        ("220_000", &["expression-syntax @ 220_000"]),
        ("output > 22万", &["expression-syntax @ 22万"]),
        ("output * 1e5", &["expression-unsupported @ 1e5"]),
        ("output * 0.4%", &["expression-unsupported @ %"]),
        ("output * .4", &["expression-unsupported @ .4"]),
        ("output cars", &["expression-syntax @ cars"]),
        ("(output + cars_fee", &["expression-syntax @ cars_fee"]),
        ("output +", &["expression-syntax @ +"]),
        ("output -- less\n + 1", &["expression-unsupported @ -- less"]),
        ("（output）", &["expression-unsupported @ （", "expression-unsupported @ ）"]),
        ("\"output\" + 1", &["expression-unsupported @ \"output\""]),
        ("outptu + 1", &["unknown-column @ outptu"]),
        ("outptu + carz * parm.x", &["unknown-column @ outptu", "unknown-column @ carz", "unknown-column @ parm.x"]),
        ("param.outputrate", &["unknown-parameter @ outputrate"]),
        ("param.care_rate", &["unknown-parameter @ care_rate"]),
        ("param.by_elsewhere", &["parameter-date-column @ param.by_elsewhere"]),
        ("param.by_maybe", &["parameter-date-column @ param.by_maybe"]),
        ("cars * param.by_store", &["parameter-store-column @ param.by_store"]),
        ("param.way = 'lower-of-tow'", &["unknown-choice @ 'lower-of-tow'"]),
        ("'x' <> param.way", &["unknown-choice @ 'x'"]),
        ("(param.way) IN ('bottles-alone', 'bottles', ('y'))", &["unknown-choice @ 'bottles'", "unknown-choice @ 'y'"]),
        ("CASE WHEN param.way = 'bottles-alone' THEN carz ELSE 0 END", &["unknown-column @ carz"]),
        ("param.way * 2", &["type-mismatch @ param.way"]),
        ("param.way < 'lower-of-two'", &["type-mismatch @ param.way < 'lower-of-two'"]),
        ("period.end", &["unknown-column @ end"]),
        ("spine.from", &["unknown-column @ from"]),
        ("output + cars", &["unit-mismatch @ output + cars"]),
        ("1 + (output - cars) * 2", &["unit-mismatch @ output - cars"]),
        ("GREATEST(output, cars, 0)", &["unit-mismatch @ cars"]),
        ("output > cars", &["unit-mismatch @ output > cars"]),
        ("output BETWEEN 1 AND cars", &["unit-mismatch @ cars"]),
        (
            "CASE WHEN regular THEN output ELSE cars END",
            &["unit-mismatch @ CASE WHEN regular THEN output ELSE cars END"],
        ),
        ("settled_on + cars", &["unit-mismatch @ cars"]),
        ("settled_on + 1.5", &["type-mismatch @ 1.5"]),
        ("kind + 1", &["type-mismatch @ kind + 1"]),
        ("kind * 2", &["type-mismatch @ kind"]),
        ("kind = 1", &["type-mismatch @ kind = 1"]),
        ("kind < 'a'", &["type-mismatch @ kind < 'a'"]),
        ("settled_on = '2026-10-01'", &["type-mismatch @ settled_on = '2026-10-01'"]),
        ("DATE '2026-13-01'", &["type-mismatch @ DATE '2026-13-01'"]),
        ("DATE '2026-1-1'", &["type-mismatch @ DATE '2026-1-1'"]),
        ("NOT output", &["type-mismatch @ output"]),
        ("regular AND output", &["type-mismatch @ output"]),
        ("bonus + output", &["absent-value @ bonus"]),
        ("bonus > 1 AND bonus IS NOT NULL", &["absent-value @ bonus"]),
        ("CASE WHEN bonus IS NULL THEN bonus + 1 ELSE 0 END", &["absent-value @ bonus"]),
        ("bonus IS NOT NULL OR bonus > 1", &["absent-value @ bonus"]),
        ("NULLIF(output, 0) > output_target", &["absent-value @ NULLIF(output, 0)"]),
        ("output / NULLIF(bonus, 0)", &["absent-value @ NULLIF(bonus, 0)"]),
        ("output / 0", &["division-by-zero @ 0"]),
        ("output / (0.00)", &["division-by-zero @ (0.00)"]),
        ("SUM(output)", &["aggregate-misplaced @ SUM(output)"]),
        ("CASE WHEN regular THEN 1 END", &["expression-unsupported @ CASE WHEN regular THEN 1 END"]),
        ("CASE kind WHEN 'a' THEN 1 ELSE 2 END", &["expression-unsupported @ CASE kind WHEN 'a' THEN 1 ELSE 2 END"]),
        ("kind LIKE 'a%'", &["expression-unsupported @ kind LIKE 'a%'"]),
        ("CAST(output AS INT)", &["expression-unsupported @ output"]),
        ("output::int", &["expression-unsupported @ ::"]),
        ("IFNULL(bonus, 0) + 1", &["expression-unsupported @ IFNULL"]),
        ("ROUND(output, 2)", &["expression-unsupported @ ROUND(output, 2)"]),
        ("ROUND(output, 2, 'nearest')", &["expression-unsupported @ 'nearest'"]),
        ("EXTRACT(WEEK FROM settled_on)", &["expression-unsupported @ EXTRACT(WEEK FROM settled_on)"]),
        ("NULL", &["expression-unsupported @ NULL"]),
        ("cars IN (cars_target)", &["expression-unsupported @ cars_target"]),
        ("(SELECT 1)", &["expression-unsupported @ (SELECT 1)"]),
        ("ROW_NUMBER() OVER (PARTITION BY kind)", &["expression-unsupported @ ROW_NUMBER()"]),
        ("a, b", &["expression-syntax @ ,"]),
        ("output % 2", &["expression-unsupported @ %"]),
        ("kind || 'x'", &["expression-unsupported @ ||"]),
    ];
    for (text, expected) in table {
        assert_eq!(faults(text, false), *expected, "{text}");
    }
}

#[test]
fn every_fault_of_an_aggregate_has_its_code_and_its_place() {
    let table: &[(&str, &[&str])] = &[
        ("output", &["aggregate-misplaced @ output"]),
        ("SUM(output) + cars", &["aggregate-misplaced @ cars"]),
        ("SUM(MAX(output))", &["aggregate-misplaced @ MAX(output)"]),
        ("SUM(bonus)", &["absent-value @ bonus"]),
        ("SUM(kind)", &["type-mismatch @ kind"]),
        ("SUM(*)", &["expression-unsupported @ SUM(*)"]),
        ("SUM(DISTINCT output)", &["expression-unsupported @ SUM(DISTINCT output)"]),
        ("MIN(output) + 1", &["absent-value @ MIN(output)"]),
        ("SUM(output) * param.vat", &["aggregate-misplaced @ param.vat"]),
        ("SUM(output) + spine.valid_from", &["aggregate-misplaced @ spine.valid_from"]),
        ("SUM(output) FILTER (WHERE cars)", &["type-mismatch @ cars"]),
        ("SUM(output) OVER ()", &["expression-unsupported @ SUM(output)"]),
    ];
    for (text, expected) in table {
        assert_eq!(faults(text, true), *expected, "{text}");
    }
}

#[test]
fn hints_name_what_was_meant() {
    let table = [
        ("outptu", "did you mean `output`?"),
        ("Output", "did you mean `output`?"),
        ("output_rate", "write `param.output_rate` for the parameter"),
        ("valid_from", "write `spine.valid_from`"),
        ("param.outputrate", "did you mean `param.output_rate`?"),
        ("param.way = 'lower-of-tow'", "did you mean `lower-of-two`?"),
        ("param.way = 'x'", "its choices are `lower-of-two`, `bottles-alone`"),
        ("output + cars", "did you mean `cars_fee`, which is in yuan?"),
        ("output + score", "a factor in yuan/points would turn points into yuan"),
        ("output > 22万", "write digits only, such as `220000`, or make it a parameter, where `22万` can be read"),
        ("settled_on > '2026-10-01'", "a date is written `DATE '2026-10-01'`"),
        ("IFNULL(bonus, 0)", "did you mean `COALESCE`?"),
        ("（output)", "write `(`"),
        ("1 < output < 5", "a chain `a < b < c` is written `b > a AND b < c`, or `b BETWEEN a AND c`"),
    ];
    for (text, expected) in table {
        let faults = typed(text, false).unwrap_err();
        assert_eq!(faults.first().and_then(|fault| fault.hint.as_deref()), Some(expected), "{text}");
    }
}

#[test]
fn deep_and_long_expressions_are_findings_and_no_stack_overflows() {
    let deep = format!("{}output{}", "(".repeat(500), ")".repeat(500));
    assert_eq!(faults(&deep, false).len(), 1);
    let long = vec!["output"; 2000].join(" + ");
    assert_eq!(faults(&long, false).len(), 2);
    let arms = format!("CASE {} ELSE 0 END", "WHEN cars = 1 THEN 2 ".repeat(41));
    assert_eq!(faults(&arms, false).len(), 1);
    let fits = vec!["cars"; 121].join(" + ");
    assert!(typed(&fits, false).is_ok());
}

#[test]
fn a_name_is_a_column_name_exactly_where_expressions_can_write_it() {
    let names = [
        "date",
        "time",
        "role",
        "group",
        "order",
        "level",
        "rank",
        "name",
        "user",
        "type",
        "status",
        "year",
        "month",
        "day",
        "hours",
        "position",
        "row",
        "count",
        "sum",
        "index",
        "key",
        "value",
        "values",
        "table",
        "from",
        "to",
        "start",
        "left",
        "right",
        "limit",
        "top",
        "first",
        "last",
        "offset",
        "period",
        "param",
        "store",
        "desc",
        "asc",
        "set",
        "union",
        "join",
        "on",
        "with",
        "where",
        "filter",
        "over",
        "team",
        "class",
        "check",
        "default",
        "column",
        "interval",
        "end",
        "any",
        "all",
        "exists",
        "floor",
        "ceil",
        "timestamp",
        "trim",
        "array",
        "map",
        "struct",
        "case",
        "not",
        "null",
        "true",
        "and",
        "in",
        "is",
        "between",
        "when",
        "then",
        "else",
        "select",
        "cast",
        "2nd",
        "产值",
        "a b",
        "a-b",
        "a.b",
        "",
        "_x",
        "x1",
        "x'",
    ];
    let mut refused = Vec::new();
    for name in names {
        let rows = schema(&[(name, Kind::Int, "ratio", true)]);
        let scope = Scope { columns: &rows, each: None, params: &Params, aggregates: false, what: "rows" };
        let texts = [
            format!("({name}) IS NULL"),
            format!("COALESCE({name}, 0) + 1"),
            format!("{name} IS NOT NULL AND {name} > 1"),
            format!("CASE WHEN {name} IS NULL THEN 0 ELSE {name} END"),
        ];
        let written = texts.iter().all(|text| check(text, &scope).is_ok());
        let well = is_column_name(name);
        assert!(written || !well, "`{name}` is allowed and cannot be written");
        if !well {
            refused.push(name);
        }
    }
    let expected = [
        "user", "with", "interval", "end", "any", "all", "exists", "trim", "struct", "case", "not", "null", "true",
        "and", "in", "is", "between", "when", "then", "else", "select", "2nd", "a b", "a-b", "a.b", "", "x'",
    ];
    assert_eq!(refused, expected);
}

#[test]
fn what_datetimes_cannot_do_names_what_they_can() {
    let table = [
        ("left_at - came_at", "`left_at` may be absent"),
        ("came_at - TIMESTAMP '2026-10-03 09:12'", "write `MINUTES_BETWEEN(TIMESTAMP '2026-10-03 09:12', came_at)` or"),
        ("came_at + 1", "take its day: `CAST(x AS DATE)`"),
        ("settled_on - came_at", "take its day: `CAST(x AS DATE)`"),
        ("came_at > settled_on", "take the day of the datetime: `CAST(x AS DATE)`"),
        ("came_at > '2026-10-03 09:12'", "`TIMESTAMP '2026-10-01 09:30:00'`"),
        ("came_at > TIMESTAMP '2026-10-03'", "`TIMESTAMP '2026-10-01 09:30:00'`"),
        ("MINUTES_BETWEEN(settled_on, came_at)", "the days between two dates are `later - earlier`"),
        ("MINUTES_BETWEEN(came_at, left_at)", "`left_at` may be absent"),
        ("HOURS_BETWEEN(came_at)", "write `HOURS_BETWEEN(from, to)`"),
        ("EXTRACT(HOUR FROM came_at)", "write `CAST(x AS DATE)` for the day of a datetime"),
        ("CAST(settled_on AS DATE)", "use it as it is"),
        ("CAST(came_at AS TEXT)", "only the day of a datetime is cast: `CAST(x AS DATE)`"),
        ("CAST(cars AS DATE)", "CAST … AS DATE needs a datetime"),
        ("DATE(came_at)", "write `CAST(x AS DATE)`"),
        ("DATEDIFF(came_at, came_at)", "`MINUTES_BETWEEN(from, to)`"),
        ("GREATEST(came_at, settled_on)", "take the day of the datetime"),
        ("came_at * 2", "needs a number"),
    ];
    for (text, expected) in table {
        let faults = typed(text, false).map(|ty| shown(&ty)).expect_err(text);
        let said: Vec<String> = faults
            .iter()
            .map(|fault| format!("{}\n{}", fault.message, fault.hint.as_deref().unwrap_or_default()))
            .collect();
        assert!(said.iter().any(|said| said.contains(expected)), "{text}: {said:?}");
    }
}
