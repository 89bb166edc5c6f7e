//! What changes with a date or with the month: rates and ladders given a new date, a target that is missing, a
//! month whose predecessor has no inputs.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use calamine::{Data, Reader, Xlsx, open_workbook};
use jixiao::world::Memory;
use jixiao::{plan, run, spec};
use rust_xlsxwriter::Workbook;

use crate::repository;

const DEMO: &str = "fixtures/demo";

/// The project's files without its rule tests.
fn project() -> Memory {
    let world = Memory::new();
    for path in repository::files("pipelines", ".yaml") {
        if !path.to_string_lossy().ends_with(".test.yaml") {
            world.put(&path, repository::text(&path));
        }
    }
    world
}

/// Runs the rule tests of a project, and wants them to hold.
fn rule_tests_hold(world: &Memory, count: usize) {
    let loaded = spec::load(world, Path::new("pipelines/month-end.yaml")).unwrap();
    let project = loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.findings));
    let plan = plan::plan(&project).unwrap_or_else(|findings| panic!("{findings:?}"));
    let results = run::rule_test::run(&plan);
    assert_eq!(results.len(), count);
    for result in results {
        assert!(result.holds(), "{}: {:?} {:?}", result.case, result.differences, result.findings);
    }
}

/// A text replaced, which must stand there once.
fn replaced(text: &str, old: &str, new: &str) -> String {
    assert_eq!(text.matches(old).count(), 1, "{old}");
    text.replace(old, new)
}

const RATES: &str = "pipelines/parameters/advisors.yaml";

#[test]
fn a_rate_and_a_ladder_given_a_new_date_hold_from_the_month_of_that_date() {
    let world = project();
    let text = repository::text(RATES);
    let rate = "      - { from: 2020-01-01, value: 0.4% }\n";
    let text = replaced(&text, rate, &format!("{rate}      - {{ from: 2026-10-01, value: 0.5% }}\n"));
    let last = "          - { over: \"(200, inf)\", value: 10, words: Y＞200 }\n";
    let ladder =
        "      - from: 2026-10-01\n        rows:\n          - { over: \"(-inf, inf)\", value: 7, words: 每瓶 }\n";
    world.put(RATES, replaced(&text, last, &format!("{last}{ladder}")));
    let case = |month: &str, output: &str, care: &str| {
        format!(
            "  - case: 费率 {month}
    period: {month}
    given:
      carried: []
      taken_back: []
      attendance: []
      facts: [{{ output: 220000.00, cars: 0 }}]
      care_sold: [{{ bottles: 100 }}]
      targets: [{{ cars_target: 132, care_target: 100, output_target: null }}]
      monthly-scores.people: [{{ score: 100, score_source: 考核成绩表 }}]
      group_targets: [{{ output_target: 220000.00 }}]
    expect:
      pay:
        - {{ line: advisor-output, amount: {output} }}
        - {{ line: advisor-care, amount: {care} }}
      exceptions: []
"
        )
    };
    let months = [
        ("2026-08", "880.00", "600.00"),
        ("2026-09", "880.00", "600.00"),
        ("2026-10", "1100.00", "700.00"),
        ("2026-11", "1100.00", "700.00"),
    ];
    let cases: String = months.iter().map(|(month, output, care)| case(month, output, care)).collect();
    let defaults = "defaults:
  store_id: S01
  employee_id: A1
  name: 甲
  role: general-advisor
  regular: true
  weight: 1
  valid_from: 2026-10-01
  valid_to: 2026-10-31
  days: 31
  period_days: 31
  scope: 门店
  unit_name: 城东店
";
    world.put("pipelines/plans/advisor-output.test.yaml", format!("{defaults}cases:\n{cases}"));
    rule_tests_hold(&world, months.len());
}

/// A plan whose rates are chosen by the day of each row, beside the same rates chosen by the month.
const PLAN: &str = "
pipeline: dated
title: 按日期
clauses: [D8-2.1]
spine: { roster: [general-advisor] }
steps:
  fees:
    derive:
      from: settlements.attributed
      columns:
        fee_of_day: sign * param.fee_of_day
        fee_of_month: sign * param.fee_of_month
  rate_of_day:
    ladder: { from: fees, table: param.rate_of_day, by: output_amount, into: day_rate, mode: whole }
  rate_of_month:
    ladder: { from: rate_of_day, table: param.rate_of_month, by: output_amount, into: month_rate, mode: whole }
  priced:
    derive:
      from: rate_of_month
      columns:
        pay_of_day: output_amount * day_rate
        pay_of_month: output_amount * month_rate
  sums:
    aggregate:
      from: priced
      for_each: spine
      keys: [store_id, employee_id]
      columns:
        fees_of_day: SUM(fee_of_day)
        fees_of_month: SUM(fee_of_month)
        pays_of_day: SUM(pay_of_day)
        pays_of_month: SUM(pay_of_month)
pay:
  fee-of-day: { from: sums, clause: D8-2.1, label: 按日, amount: fees_of_day }
  fee-of-month: { from: sums, clause: D8-2.1, label: 按月, amount: fees_of_month }
  pay-of-day: { from: sums, clause: D8-2.1, label: 按日分档, amount: pays_of_day }
  pay-of-month: { from: sums, clause: D8-2.1, label: 按月分档, amount: pays_of_month }
";

/// Parameters of which one changes on the 16th, by the row's day, and one with the month.
fn parameters() -> String {
    let mut text = "parameters:\n".to_owned();
    for (suffix, dated_by, from) in [("day", "settled_on", "2026-10-16"), ("month", "period", "2026-10-01")] {
        let head = |unit: &str| {
            format!(
                "    title: 费\n    unit: {unit}\n    clause: D8-2.1\n    dated_by: {dated_by}\n    source: stated\n"
            )
        };
        let (fee, rate) = (head("yuan/cars"), head("ratio"));
        text += &format!(
            "  fee_of_{suffix}:
{fee}    values:
      - {{ from: 2020-01-01, value: 2 }}
      - {{ from: {from}, value: 3 }}
  rate_of_{suffix}:
{rate}    by: {{ label: 产值, unit: yuan }}
    ladders:
      - from: 2020-01-01
        rows:
          - {{ over: \"(-inf, 5000]\", value: 1%, words: 5000 以下 }}
          - {{ over: \"(5000, inf)\", value: 2%, words: 5000 以上 }}
      - from: {from}
        rows:
          - {{ over: \"(-inf, inf)\", value: 3%, words: 全部 }}
"
        );
    }
    text
}

const CASES: &str = "
defaults:
  store_id: S01
  employee_id: A1
  name: 甲
  role: general-advisor
  regular: true
  weight: 1
  sign: 1
  output_amount: 1000.00
cases:
  - case: 换费率之前
    period: 2026-09
    given:
      spine: [{ valid_from: 2026-09-01, valid_to: 2026-09-30, days: 30, period_days: 30 }]
      settlements.attributed: [{ settled_on: 2026-09-01 }, { settled_on: 2026-09-30 }]
    expect:
      pay:
        - { line: fee-of-day, amount: 4.00 }
        - { line: fee-of-month, amount: 4.00 }
        - { line: pay-of-day, amount: 20.00 }
        - { line: pay-of-month, amount: 20.00 }
      exceptions: []
  - case: 当月 16 日换费率,15 日的仍按旧费率
    period: 2026-10
    given:
      spine: [{ valid_from: 2026-10-01, valid_to: 2026-10-31, days: 31, period_days: 31 }]
      settlements.attributed: [{ settled_on: 2026-10-15, output_amount: 6000.00 }, { settled_on: 2026-10-16 }]
    expect:
      pay:
        - { line: fee-of-day, amount: 5.00 }
        - { line: fee-of-month, amount: 6.00 }
        - { line: pay-of-day, amount: 150.00 }
        - { line: pay-of-month, amount: 210.00 }
      exceptions: []
";

#[test]
fn a_rate_and_a_ladder_dated_by_a_column_change_on_the_day_of_the_row() {
    let world = project();
    let project = repository::text("pipelines/month-end.yaml");
    let entry = "plans:\n  - { plan: dated, roles: [general-advisor], from: 2020-01-01 }\n";
    world.put("pipelines/month-end.yaml", replaced(&project, "\nplans:\n", &format!("\n{entry}")));
    world.put("pipelines/plans/dated.yaml", PLAN.trim_start());
    world.put("pipelines/plans/dated.test.yaml", CASES.trim_start());
    world.put("pipelines/parameters/dated.yaml", parameters());
    rule_tests_hold(&world, 2);
}

/// Runs October on exports in a folder: standard output and error, and the exit code.
fn october(data: &Path, out: &Path) -> (String, i32) {
    let mut command = Command::cargo_bin("jixiao").unwrap();
    command.current_dir(repository::root()).args(["run", "--period", "2026-10", "--data"]).arg(data);
    let output = command.arg("--out").arg(out).output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (text, output.status.code().unwrap())
}

/// Copies a folder, and gives back where to.
fn copied(from: &Path, to: PathBuf) -> PathBuf {
    std::fs::create_dir_all(&to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copied(&entry.path(), target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
    to
}

/// Writes a workbook again without the rows whose first cell is the given one.
fn without_row(file: &Path, first: &str) {
    let mut old: Xlsx<_> = open_workbook(file).unwrap();
    let mut new = Workbook::new();
    let mut left_out = 0;
    for name in old.sheet_names() {
        let range = old.worksheet_range(&name).unwrap();
        let sheet = new.add_worksheet().set_name(&name).unwrap();
        let (mut row, from) = range.start().unwrap();
        for cells in range.rows() {
            if cells.iter().find(|cell| **cell != Data::Empty) == Some(&Data::String(first.to_owned())) {
                left_out += 1;
                continue;
            }
            for (column, cell) in (u16::try_from(from).unwrap()..).zip(cells) {
                match cell {
                    Data::Empty => {}
                    Data::String(text) => {
                        sheet.write_string(row, column, text).unwrap();
                    }
                    Data::Float(number) => {
                        sheet.write_number(row, column, *number).unwrap();
                    }
                    other => panic!("a cell that this test does not copy: {other:?}"),
                }
            }
            row += 1;
        }
    }
    assert_eq!(left_out, 1, "{}", file.display());
    new.save(file).unwrap();
}

fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push((path.to_string_lossy().into_owned(), std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_deleted_target_names_the_advisor_makes_a_draft_and_leaves_current_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = copied(&repository::root().join(DEMO), folder.path().join("data"));
    let out = folder.path().join("out");
    let (said, code) = october(&data, &out);
    assert_eq!(code, 0, "{said}");
    let current = out.join("2026-10/current");
    let (link, before) = (std::fs::read_link(&current).unwrap(), files_below(&current));
    without_row(&data.join("S01/2026-10/目标_202610.xlsx"), "0011");
    let (said, code) = october(&data, &out);
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("李静") && said.contains("targets"), "{said}");
    assert_eq!(std::fs::read_link(&current).unwrap(), link);
    assert!(files_below(&current) == before, "the published files changed");
    let drafts: Vec<_> = std::fs::read_dir(out.join("2026-10/drafts")).unwrap().collect();
    assert_eq!(drafts.len(), 1);
    let draft = drafts[0].as_ref().unwrap().path();
    let lines = std::fs::read_to_string(draft.join("stores/S01/pay-lines.csv")).unwrap();
    assert!(!lines.contains(",0011,李静,general-advisor,advisor-output,"), "{lines}");
    assert!(lines.contains(",0012,张伟,general-advisor,advisor-output,"), "{lines}");
    assert!(std::fs::read_to_string(draft.join("stores/S01/exceptions.csv")).unwrap().contains("李静"));
    assert!(draft.join("stores/S01/payslips/0011.pdf").exists());
}

/// The text of a department report, the first in a folder of runs or drafts.
fn department(runs: &Path) -> String {
    let run = std::fs::read_dir(runs).unwrap().next().unwrap().unwrap().path();
    pdf_extract::extract_text_from_mem(&std::fs::read(run.join("stores/S01/department.pdf")).unwrap()).unwrap()
}

#[test]
fn a_month_whose_predecessor_has_no_inputs_prints_a_dash_beside_its_figures() {
    let folder = tempfile::tempdir().unwrap();
    let demo = repository::root().join(DEMO);
    let data = folder.path().join("data");
    for store in ["S01", "S02", "S03"] {
        copied(&demo.join(store).join("2026-10"), data.join(store).join("2026-10"));
    }
    std::fs::copy(demo.join("accepted.yaml"), data.join("accepted.yaml")).unwrap();
    let (said, code) = october(&data, &folder.path().join("alone"));
    // Reversals of September's settlements find no original.
    assert_eq!(code, 4, "{said}");
    let alone = department(&folder.path().join("alone/2026-10/drafts"));
    let (said, code) = october(&demo, &folder.path().join("beside"));
    assert_eq!(code, 0, "{said}");
    let beside = department(&folder.path().join("beside/2026-10/runs"));
    let text = std::fs::read_to_string(demo.join("expected/2026-09/advisors.csv")).unwrap();
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let of = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let outputs: Vec<String> = rows
        .iter()
        .filter(|row| row[of("store_id")] == "S01" && row[of("role")] == "general-advisor")
        .map(|row| thousands(row[of("output")]))
        .filter(|output| output.len() > "99,999.99".len())
        .collect();
    assert!(outputs.len() >= 5, "{outputs:?}");
    for output in &outputs {
        assert!(beside.contains(output.as_str()), "{output} is missing beside October's:\n{beside}");
        assert!(!alone.contains(output.as_str()), "{output}:\n{alone}");
    }
    let dashes = |text: &str| text.matches('—').count();
    assert!(dashes(&alone) > dashes(&beside) + outputs.len(), "{} and {}", dashes(&alone), dashes(&beside));
}

/// An amount with two decimals, as reports print it.
fn thousands(amount: &str) -> String {
    let (whole, rest) = amount.split_once('.').unwrap_or((amount, "00"));
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text}.{rest:0<2}")
}
