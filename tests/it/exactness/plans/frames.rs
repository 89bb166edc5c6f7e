//! Given frames from cells by column name, one real run of the pipelines that pay, and any person or team of
//! them as a rule test.

#![allow(clippy::unnecessary_wraps, reason = "a cell as the columns of a row give it: some have none")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use jiff::civil::Date;
use jixiao::diag::text::Language;
use jixiao::expr::types::{Kind, Schema};
use jixiao::money::Exact;
use jixiao::plan::{Plan, run_schema};
use jixiao::run::cells::{Cell, frame};
use jixiao::run::evaluate::Evaluation;
use jixiao::run::frames::{Source, Stored};
use jixiao::run::{by_id, outcome, pay};
use jixiao::world::period::Period;

use crate::exactness::given::{Amounts, NoFiles, fen};

/// Frames by full name.
pub type Frames = BTreeMap<String, Stored>;

/// The schema of a frame as pipelines name it: `pipeline.spine`, `pipeline.step`, a dataset or its history, or one of the
/// whole run.
fn schema(plan: &Plan, name: &str) -> Schema {
    if let Some(schema) = run_schema(name, Language::Chinese) {
        return schema.clone();
    }
    if let Some(contract) = plan.contracts.get(name.strip_suffix(".history").unwrap_or(name)) {
        return contract.open_schema().clone();
    }
    let (pipeline, step) = name.split_once('.').unwrap_or_else(|| panic!("no frame `{name}`"));
    let pipeline = plan.pipeline(pipeline).unwrap_or_else(|| panic!("no pipeline `{pipeline}`"));
    match (step, &pipeline.spine) {
        ("spine", Some(spine)) => spine.schema.clone(),
        _ => pipeline.step(step).unwrap_or_else(|| panic!("no step `{name}`")).step.schema.clone(),
    }
}

/// A frame of rows; `cell` gives the value of a row in a column, and nothing where it has none.
pub fn given<R>(plan: &Plan, name: &str, rows: &[R], cell: impl Fn(&R, &str) -> Option<Cell>) -> (String, Stored) {
    let schema = schema(plan, name);
    let columns: Vec<Vec<Cell>> = schema
        .fields
        .iter()
        .map(|field| {
            let own = |row: &R| match cell(row, &field.name) {
                Some(cell) => {
                    assert!(cell.number().is_none() || field.ty.kind.is_number(), "{name}.{}", field.name);
                    cell
                }
                None => {
                    assert!(field.ty.nullable, "the test gives no `{name}.{}`", field.name);
                    Cell::Absent
                }
            };
            rows.iter().map(own).collect()
        })
        .collect();
    let frame = frame(&columns, &schema, rows.len()).unwrap();
    for field in schema.fields.iter().filter(|field| !field.ty.nullable) {
        assert_eq!(frame.column(&field.name).unwrap().null_count(), 0, "{name}.{} does not fit", field.name);
    }
    (name.to_owned(), Stored { frame, schema, source: Source::Given })
}

/// A balance of the month before, in its last decimal of two.
pub struct Balance {
    pub store: String,
    pub pipeline: &'static str,
    pub entry: &'static str,
    pub owner: String,
    pub value: i64,
}

/// Balances of the month before.
pub fn carried(plan: &Plan, balances: &[Balance]) -> (String, Stored) {
    given(plan, "carried", balances, |balance, column| match column {
        "store_id" => text(&balance.store),
        "pipeline" => text(balance.pipeline),
        "entry" => text(balance.entry),
        "owner" => text(&balance.owner),
        "value" => decimals(balance.value, 2),
        "employee_id" => None,
        _ => text("结转"),
    })
}

pub fn text(value: &str) -> Option<Cell> {
    Some(Cell::Text(value.to_owned()))
}

pub fn whole(value: i64) -> Option<Cell> {
    decimals(value, 0)
}

/// A number with so many decimals, as a whole number of the last one.
pub fn decimals(value: i64, places: u8) -> Option<Cell> {
    Some(Cell::Number(Exact::from_decimal_parts(i128::from(value), places)))
}

pub fn day(value: Date) -> Option<Cell> {
    Some(Cell::Date(value))
}

/// What people are called in a run: by their id.
fn people(frames: &Frames) -> Vec<outcome::Person> {
    let mut known = BTreeSet::new();
    let spines = frames.iter().filter(|(name, _)| name.split_once('.').is_some_and(|(_, step)| step == "spine"));
    for (_, stored) in spines {
        for row in 0..u32::try_from(stored.frame.height()).unwrap() {
            known.insert((stored.cell(row, "store_id").canonical(), stored.cell(row, "employee_id").canonical()));
        }
    }
    let person = |(store_id, employee_id): (String, String)| outcome::Person {
        store_id,
        name: employee_id.clone(),
        employee_id,
        intervals: Vec::new(),
    };
    known.into_iter().map(person).collect()
}

/// Pays everybody of some pipelines; the amounts, and how often each code was said.
pub fn pay_all(plan: &Plan, period: Period, frames: &Frames, plans: &[&str]) -> (Amounts, BTreeMap<String, usize>) {
    let mut evaluation = Evaluation::new(plan, period);
    for (name, stored) in frames {
        evaluation.store.put(name.clone(), stored.clone());
    }
    let people = people(frames);
    let by_id = by_id(&people);
    let mut amounts = Amounts::new();
    for name in plans {
        let pipeline = plan.pipeline(name).unwrap_or_else(|| panic!("no pipeline `{name}`"));
        let due = evaluation.due(pipeline, &mut NoFiles).unwrap();
        let lines = pay::lines(&evaluation, pipeline, &due, &by_id, false);
        let troubles = pay::troubles(pipeline, &due, &by_id);
        assert!(troubles.is_empty(), "{name}: {:?}", troubles.first());
        for line in lines {
            let fen = fen(line.amount);
            let before = amounts.insert((line.store_id, line.employee_id, line.line.to_string()), fen);
            assert!(before.is_none(), "{name}: a line twice");
        }
    }
    let mut said = BTreeMap::new();
    for exception in &evaluation.exceptions {
        *said.entry(exception.what.code.id.to_owned()).or_default() += 1;
    }
    (amounts, said)
}

/// A case of a rule test: the rows of given frames that it keeps, and the lines and exceptions that must come.
pub struct Case<'a> {
    pub name: String,
    pub period: &'a str,
    /// Under which key the lines stand: `pay`, or `settle` of net pay.
    pub key: &'a str,
    /// Which rows of which frames.
    pub keeps: &'a dyn Fn(&str, &Stored, u32) -> bool,
    /// Store, person, line, fen.
    pub lines: Vec<(String, String, String, i128)>,
    pub exceptions: Vec<&'static str>,
}

/// The text of a case, ready for the test file beside the plan.
pub fn rule_test(frames: &Frames, wanted: &[&str], case: &Case<'_>) -> String {
    let mut text = format!("  - case: {}\n    period: {}\n    given:\n", case.name, case.period);
    for name in wanted {
        let stored = &frames[*name];
        let rows: Vec<u32> =
            (0..u32::try_from(stored.frame.height()).unwrap()).filter(|row| (case.keeps)(name, stored, *row)).collect();
        if rows.is_empty() {
            writeln!(text, "      {name}: []").unwrap();
            continue;
        }
        writeln!(text, "      {name}:").unwrap();
        for row in rows {
            let cells = stored.schema.fields.iter().map(|field| {
                let cell = match stored.cell(row, &field.name) {
                    Cell::Absent => "null".to_owned(),
                    Cell::Text(text) => format!("\"{text}\""),
                    other => match field.ty.kind {
                        Kind::Decimal { .. } => other.number().and_then(Exact::to_decimal).unwrap().to_string(),
                        _ => other.canonical(),
                    },
                };
                format!("{}: {cell}", field.name)
            });
            writeln!(text, "        - {{ {} }}", cells.collect::<Vec<_>>().join(", ")).unwrap();
        }
    }
    writeln!(text, "    expect:\n      {}:", case.key).unwrap();
    for (store, person, line, fen) in &case.lines {
        let sign = if *fen < 0 { "-" } else { "" };
        let amount = format!("{sign}{}.{:02}", fen.abs() / 100, fen.abs() % 100);
        writeln!(text, "        - {{ store_id: {store}, employee_id: {person}, line: {line}, amount: {amount} }}")
            .unwrap();
    }
    let codes: Vec<String> = case.exceptions.iter().map(|code| format!("{{ code: {code} }}")).collect();
    writeln!(text, "      exceptions: [{}]", codes.join(", ")).unwrap();
    text
}
