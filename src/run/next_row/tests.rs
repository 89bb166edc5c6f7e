//! A small plan with a ladder: what its next row needs and is worth, at every bound.

use std::path::{Path, PathBuf};

use super::NextRow;
use crate::run::accepted::AcceptedSpec;
use crate::run::{Options, compute};
use crate::world::period::Period;
use crate::world::{Disk, Memory, World};
use crate::{plan, spec};

const PROJECT: &str = "\
project: small
title: 小店
stores:
  - { store_id: S01, name: 城东店 }
roster: roster
roles: { advisor: 服务顾问 }
reports: [payslip]
";
const ROSTER: &str = "工号,姓名,岗位,正式,权重,开始,结束\nA1,张伟,advisor,是,1,2020-01-01,\n";

fn ladder(values: [&str; 3]) -> String {
    let [low, middle, high] = values;
    format!(
        "parameters:\n  steps:\n    title: 产值档次\n    unit: ratio\n    clause: D8-2.1\n    dated_by: period\n    source: stated\n    \
         by: {{ label: 产值, unit: yuan }}\n    ladders:\n      - from: 2020-01-01\n        rows:\n          \
         - {{ over: \"(-inf, 10000]\", value: {low}, words: 一万以内 }}\n          \
         - {{ over: \"(10000, 20000)\", value: {middle}, words: 一万以上 }}\n          \
         - {{ over: \"[20000, inf)\", value: {high}, words: 两万起 }}\n"
    )
}

fn pipeline(by: &str, amount: &str) -> String {
    format!(
        "pipeline: advisor-output\ntitle: 产值提成\nclauses: [D8-2.1]\nspine: {{ roster: [advisor] }}\nsteps:\n  \
         facts:\n    aggregate:\n      from: orders\n      for_each: spine\n      keys: [store_id, employee_id]\n      \
         columns:\n        output: {{ value: SUM(amount), label: 产值 }}\n  \
         rated:\n    ladder: {{ from: facts, table: param.steps, by: \"{by}\", into: step_rate, mode: whole }}\n\
         pay:\n  advisor-output:\n    from: rated\n    clause: D8-2.1\n    label: 产值提成\n    amount: \"{amount}\"\n"
    )
}

fn found(output: &str, ladder: &str, pipeline: &str) -> Vec<NextRow> {
    let mut world = Memory::new();
    for folder in ["datasets", "parameters"] {
        let folder = Path::new("pipelines").join(folder);
        for name in Disk.list(&Path::new("tests/cases/base").join(&folder)).unwrap() {
            let bytes = Disk.read(&Path::new("tests/cases/base").join(&folder).join(&name)).unwrap();
            world = world.with(folder.join(&name), bytes);
        }
    }
    let orders = format!("单号,结算日期,工号,产值,工时\n1,2026-10-05,A1,{output},1\n");
    for (path, text) in [
        ("pipelines/month-end.yaml", PROJECT),
        ("pipelines/parameters/steps.yaml", ladder),
        ("pipelines/plans/advisor-output.yaml", pipeline),
        ("data/S01/2026-10/roster.csv", ROSTER),
        ("data/S01/2026-10/orders.csv", &orders),
    ] {
        world = world.with(PathBuf::from(path), text.as_bytes().to_vec());
    }
    let loaded = spec::load(&world, Path::new("pipelines/month-end.yaml")).unwrap();
    let plan = plan::plan(&loaded.project.unwrap()).unwrap_or_else(|findings| panic!("{findings:?}"));
    let (period, none) = (Period::parse("2026-10").unwrap(), AcceptedSpec::default());
    compute(&plan, &world, Path::new("data"), period, &none, Options::default()).unwrap().next_rows
}

/// More, gain and jump; empty where nothing is said.
fn told(rows: &[NextRow]) -> String {
    rows.iter().map(|row| format!("{} {} {} {}", row.words, row.more.to_canonical(), row.gain, row.jump)).collect()
}

const RISING: [&str; 3] = ["1%", "2%", "3%"];
const WHOLE: &str = "GREATEST(output, 0) * step_rate";

#[test]
fn the_next_row_is_reached_by_the_least_that_reaches_it() {
    let (ladder, plan) = (ladder(RISING), pipeline("output", WHOLE));
    for (output, expected) in [
        // The bound belongs to the lower row: a fen above it.
        ("9999.99", "一万以上 1/50 100.00 100.00"),
        ("10000.00", "一万以上 1/100 100.00 100.00"),
        // The bound belongs to the higher row.
        ("10000.01", "两万起 999999/100 400.00 200.00"),
        ("19999.99", "两万起 1/100 200.00 200.00"),
        ("0.00", "一万以上 1000001/100 200.00 100.00"),
        // What is below zero comes up to it first.
        ("-5.00", "一万以上 1000501/100 200.00 100.00"),
        // The last row has no next one.
        ("20000.00", ""),
        ("30000.00", ""),
    ] {
        assert_eq!(told(&found(output, &ladder, &plan)), expected, "{output}");
    }
}

#[test]
fn a_share_of_the_figure_is_reached_exactly() {
    let (ladder, plan) = (ladder(RISING), pipeline("output / 3", WHOLE));
    for (output, expected) in
        [("30000.00", "一万以上 1/100 300.00 300.00"), ("59999.98", "两万起 1/50 600.00 600.00"), ("60000.00", "")]
    {
        assert_eq!(told(&found(output, &ladder, &plan)), expected, "{output}");
    }
}

#[test]
fn nothing_is_said_of_a_row_that_pays_no_more() {
    for values in [["3%", "2%", "1%"], ["2%", "2%", "2%"]] {
        assert_eq!(told(&found("9999.99", &ladder(values), &pipeline("output", WHOLE))), "", "{values:?}");
    }
    // A line that the ladder does not pay.
    let unused = pipeline("output", "CASE WHEN output > 0 THEN output * param.rate ELSE output * step_rate END");
    assert_eq!(told(&found("9999.99", &ladder(RISING), &unused)), "");
}

#[test]
fn nothing_is_said_of_a_row_that_more_of_the_figure_leads_away_from() {
    let (ladder, plan) = (ladder(RISING), pipeline("20000 - output", WHOLE));
    assert_eq!(told(&found("15000.00", &ladder, &plan)), "");
}
