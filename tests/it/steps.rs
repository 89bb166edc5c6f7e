//! Every case of `tests/cases/steps/`: one file for each step kind, closed expectations.

use std::collections::BTreeSet;
use std::path::Path;

use jixiao::diag::text::Language;
use jixiao::diag::yaml;
use jixiao::expr::clock;
use jixiao::step::{self, CheckCx, KINDS, RunCx, Step, StepFault, StepOutput};
use polars::prelude::*;

use crate::step_cases::{Bench, Case, CaseFile, cells, period, ty_text};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/steps")
}

fn read(kind: &str) -> CaseFile {
    let text = std::fs::read_to_string(folder().join(format!("{kind}.yaml"))).unwrap();
    yaml::read_text(&format!("{kind}.yaml"), &text).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

#[test]
fn every_kind_has_a_case_file_and_every_file_a_kind() {
    let files: BTreeSet<String> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, KINDS.iter().map(|kind| format!("{kind}.yaml")).collect());
}

#[test]
fn every_case_gives_what_it_says() {
    let mut wrong = Vec::new();
    for kind in KINDS {
        let file = read(kind);
        for case in &file.cases {
            assert_eq!(case.step.kind(), *kind, "{kind}: {}", case.case);
            let bench = Bench::new(&file, case);
            if let Err(what) = run(case, &bench) {
                wrong.push(format!("{kind}: {}\n{what}", case.case));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Every code of a step has a case that brings it about.
#[test]
fn every_code_has_a_case() {
    let mut told = BTreeSet::new();
    for kind in KINDS {
        for case in read(kind).cases {
            told.extend(case.findings.into_iter().map(|one| one.code));
            told.extend(case.exceptions.into_iter().map(|one| one.code));
        }
    }
    let untold: Vec<&str> = step::CODES.iter().map(|code| code.id).filter(|id| !told.contains(*id)).collect();
    assert!(untold.is_empty(), "no case brings about {untold:?}");
}

fn run(case: &Case, bench: &Bench) -> Result<(), String> {
    let cx = CheckCx { frames: bench, params: bench, tables: bench, units: &[], language: Language::Chinese };
    let step = match step::check(&case.step, &cx) {
        Err(faults) => {
            let found: Vec<String> = faults.iter().map(fault_text).collect();
            return same("findings", &found, &findings_text(case));
        }
        Ok(_) if !case.findings.is_empty() => return same("findings", &[], &findings_text(case)),
        Ok(step) => step,
    };
    let period = period();
    let cx = RunCx { params: bench, tables: bench, period: &period };
    let output = step::apply(&step, bench, &cx).map_err(|error| error.to_string())?;
    layout(&step, &output)?;
    fates(&step, &output, bench)?;
    let gives = case.gives.as_ref().ok_or("the case says neither `gives` nor `findings`")?;
    let columns = |(name, ty): (&str, &str)| format!("{name}: {ty}");
    let expected: Vec<String> = gives.columns.iter().map(|(name, ty)| columns((name, ty))).collect();
    let found: Vec<String> =
        step.schema.fields.iter().map(|field| columns((&field.name, &ty_text(&field.ty)))).collect();
    same("columns", &found, &expected)?;
    let show = |rows: &[Vec<Option<String>>]| -> Vec<String> {
        rows.iter()
            .map(|row| row.iter().map(|cell| cell.as_deref().unwrap_or("~")).collect::<Vec<_>>().join(", "))
            .collect()
    };
    same("rows", &show(&cells(&step.schema, &output.frame)), &show(&gives.rows))?;
    same("dropped", &dropped_text(&output), &expected_dropped(case))?;
    same("exceptions", &exceptions_text(&output), &expected_exceptions(case))?;
    match (&case.members, &output.members) {
        (Some(expected), Some(members)) => {
            let from = members.get_column_names().into_iter().find(|name| *name != "@self").unwrap().clone();
            let mut found = vec![Vec::new(); output.frame.height()];
            for (group, row) in numbers(members, "@self").into_iter().zip(numbers(members, &from)) {
                found[group.unwrap() as usize].push(row.unwrap());
            }
            let show = |groups: &[Vec<u32>]| groups.iter().map(|rows| format!("{rows:?}")).collect::<Vec<_>>();
            same("members", &show(&found), &show(expected))
        }
        (Some(_), None) => Err("the step has no members".to_owned()),
        (None, _) => Ok(()),
    }
}

fn same(what: &str, found: &[String], expected: &[String]) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    let list = |lines: &[String]| lines.iter().map(|line| format!("    {line}\n")).collect::<String>();
    Err(format!("  {what}, expected:\n{}  found:\n{}", list(expected), list(found)))
}

fn fault_text(one: &StepFault) -> String {
    let key = if one.key { "~key" } else { "" };
    let hint = one.fault.hint.as_deref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{}{key}: {}: {}{hint}", one.path.join("."), one.fault.code, one.fault.message)
}

fn findings_text(case: &Case) -> Vec<String> {
    let text = |one: &crate::step_cases::FindingSpec| {
        let hint = one.hint.as_deref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{}: {}: {}{hint}", one.at, one.code, one.message)
    };
    case.findings.iter().map(text).collect()
}

fn dropped_text(output: &StepOutput) -> Vec<String> {
    let fate = |one: &step::Dropped| serde_json::to_value(one.fate).unwrap().as_str().unwrap().to_owned();
    output.dropped.iter().map(|one| format!("{} {:?} {}: {}", one.frame, one.rows, fate(one), one.because)).collect()
}

fn expected_dropped(case: &Case) -> Vec<String> {
    let because = |text: &Option<String>| text.clone().unwrap_or_else(|| step_failure().to_owned());
    case.dropped
        .iter()
        .map(|one| format!("{} {:?} {}: {}", one.frame, one.rows, one.fate, because(&one.because)))
        .collect()
}

/// The reason of rows that leave because a formula failed, which cases leave out.
fn step_failure() -> &'static str {
    "a formula has no value in the row; see the exceptions"
}

fn exceptions_text(output: &StepOutput) -> Vec<String> {
    let text = |one: &step::StepException| {
        let severity = serde_json::to_value(one.severity).unwrap().as_str().unwrap().to_owned();
        let row = one.row.map(|row| row.to_string()).unwrap_or_default();
        let who = one.who.as_deref().unwrap_or_default();
        let stake = one.stake.as_ref().map(jixiao::money::Exact::to_canonical).unwrap_or_default();
        assert!(!one.remedy.is_empty());
        format!("{severity} {} [{} {row}] {who} stake {stake}: {}", one.code, one.frame, one.cause)
    };
    output.exceptions.iter().map(text).collect()
}

fn expected_exceptions(case: &Case) -> Vec<String> {
    let from = case.step.reads()[0];
    case.exceptions
        .iter()
        .map(|one| {
            let row = one.row.map(|row| row.to_string()).unwrap_or_default();
            let frame = one.frame.as_deref().unwrap_or(from);
            let who = one.who.as_deref().unwrap_or_default();
            let stake = one.stake.as_deref().unwrap_or_default();
            format!("{} {} [{frame} {row}] {who} stake {stake}: {}", one.severity, one.code, one.cause)
        })
        .collect()
}

fn numbers(frame: &DataFrame, name: &str) -> Vec<Option<u32>> {
    frame.column(name).unwrap().u32().unwrap().iter().collect()
}

/// The output has the schema's columns in order, then row numbers, in the promised physical form.
pub fn layout(step: &Step, output: &StepOutput) -> Result<(), String> {
    use jixiao::expr::types::Kind;
    let names: Vec<&str> = output.frame.get_column_names().into_iter().map(AsRef::as_ref).collect();
    let (columns, numbers) = names.split_at(step.schema.fields.len().min(names.len()));
    if columns != step.schema.names().collect::<Vec<_>>() || numbers.iter().any(|name| !name.starts_with('@')) {
        return Err(format!("  columns of the frame: {names:?}"));
    }
    for field in &step.schema.fields {
        let expected = match field.ty.kind {
            Kind::Bool => DataType::Boolean,
            Kind::Text | Kind::Exact => DataType::String,
            Kind::Date => DataType::Date,
            Kind::DateTime => DataType::Datetime(clock::UNIT, None),
            Kind::Int => DataType::Int64,
            Kind::Decimal { scale, .. } => DataType::Decimal(38, usize::from(scale)),
        };
        let column = output.frame.column(&field.name).unwrap();
        if *column.dtype() != expected {
            return Err(format!("  `{}` lies as {}, not {expected}", field.name, column.dtype()));
        }
        if !field.ty.nullable && column.null_count() > 0 {
            return Err(format!("  `{}` has absent cells", field.name));
        }
        if !step.origins.contains_key(&field.name) {
            return Err(format!("  nobody knows where `{}` comes from", field.name));
        }
    }
    Ok(())
}

/// Every row of every input is in the output, or left, and not both.
pub fn fates(step: &Step, output: &StepOutput, bench: &Bench) -> Result<(), String> {
    use jixiao::step::Frames;
    for input in &step.inputs {
        let height = bench.get(input).unwrap().height();
        let column = format!("@{input}");
        let mut used = BTreeSet::new();
        for frame in output.members.iter().chain([&output.frame]) {
            if frame.column(&column).is_ok() {
                used.extend(numbers(frame, &column).into_iter().flatten());
            }
        }
        let mut left = BTreeSet::new();
        for dropped in output.dropped.iter().filter(|one| one.frame == *input) {
            if !dropped.rows.is_sorted() {
                return Err(format!("  rows of `{input}` left in disorder: {:?}", dropped.rows));
            }
            for row in &dropped.rows {
                if !left.insert(*row) || used.contains(row) {
                    return Err(format!("  row {row} of `{input}` has two fates"));
                }
            }
        }
        let all: BTreeSet<u32> = used.union(&left).copied().collect();
        if all.len() != height || all.last().is_some_and(|last| *last as usize >= height) {
            return Err(format!("  of {height} rows of `{input}`, {} are used and {} left", used.len(), left.len()));
        }
    }
    Ok(())
}
