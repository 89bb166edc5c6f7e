//! Scores over spans: from the facts of all days, whatever months' files they stand in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jixiao::cli::exit::Exit;
use jixiao::cli::{Ended, run_in};
use jixiao::money::Exact;
use jixiao::run::accepted;
use jixiao::run::outcome::ExceptionSeverity;
use jixiao::run::scores::{self, Scores};
use jixiao::world::Disk;
use jixiao::world::period::Period;
use jixiao::world::span::Span;
use jixiao::world::{Memory, World};
use serde_json::Value;

use crate::small_run;

const SURVEYS: &str = "\
dataset: surveys
title: 满意度回访
source: { kind: csv, path: \"{store}/{period}/surveys.csv\", encoding: utf-8 }
required: false
key: [no]
bad_rows_at_most: 50%
in_period: answered_on
pay: true
columns:
  no: { type: text, label: 单号, headers: [单号] }
  employee_id: { type: text, label: 工号, headers: [工号] }
  answered_on: { type: date, label: 回访日期, headers: [回访日期] }
  points: { type: decimal, scale: 1, unit: points, label: 满意度, headers: [满意度] }
";
const PIPELINE: &str = "\
pipeline: service-card
title: 服务顾问评分
clauses: [D3-2.4]
spine: { roster: [advisor] }
steps:
  measured:
    aggregate:
      from: surveys
      for_each: spine
      keys: [store_id, employee_id]
      where: answered_on BETWEEN spine.valid_from AND spine.valid_to
      columns:
        satisfaction: { value: AVG(points), label: 客户满意度 }
        days_held: { value: COUNT(*), label: 回访数 }
  scored:
    score:
      from: measured
      card: param.service_card
      actuals: { satisfaction: satisfaction }
      into: score
";
const CARD: &str = "\
parameters:
  service_card:
    title: 服务顾问评分表
    clause: D3-2.4
    dated_by: period
    source: decided
    reason: 方案未列算法
    alternative: 另定
    indicators:
      satisfaction: { label: 客户满意度, unit: points, rule: growth, clause: D3-2.4 }
    bands: param.score_bands
    cards:
      - { from: 2020-01-01, pass: 80, between: [0, 100], rows: { satisfaction: { target: 80, weight: 100% } } }
      - { from: 2026-10-01, pass: 80, between: [0, 100], rows: { satisfaction: { target: 100, weight: 100% } } }
  score_bands:
    title: 成绩档位
    unit: ratio
    clause: D3-2.4
    dated_by: period
    source: decided
    reason: 方案未列档位
    alternative: 另定
    by: { label: 考核得分, unit: points }
    ladders:
      - from: 2020-01-01
        rows:
          - { over: \"(-inf, 60)\", value: 0, words: 待改进 }
          - { over: \"[60, 95)\", value: 1, words: 达标 }
          - { over: \"[95, inf)\", value: 2, words: 荣誉 }
";
const ROSTER: &str = "\
工号,姓名,岗位,正式,权重,开始,结束
A1,张伟,advisor,是,1,2020-01-01,
A2,李娜,advisor,是,1,2026-09-10,
";
const HEADER: &str = "单号,工号,回访日期,满意度\n";
const AUGUST: &str = "1,A1,2026-08-03,100\n2,A1,2026-08-20,90\n";
const SEPTEMBER: &str = "3,A1,2026-09-05,60\n4,A1,2026-09-15,50\n5,A2,2026-09-09,10\n6,A2,2026-09-10,80\n";
const OCTOBER: &str = "7,A1,2026-10-01,60\n8,A1,2026-10-31,60\n9,A2,2026-10-20,90\n";

fn surveys(month: &str) -> String {
    format!("data/S01/{month}/surveys.csv")
}

/// Three months of surveys.
fn world() -> Memory {
    let mut world = small_run::memory()
        .with("pipelines/datasets/surveys.yaml", SURVEYS)
        .with("pipelines/facts/service-card.yaml", PIPELINE)
        .with("pipelines/parameters/service-card.yaml", CARD)
        .with("data/S01/2026-10/roster.csv", ROSTER);
    for (month, rows) in [("2026-08", AUGUST), ("2026-09", SEPTEMBER), ("2026-10", OCTOBER)] {
        world = world.with(surveys(month), format!("{HEADER}{rows}"));
    }
    world
}

fn score(world: &dyn World, arguments: &[&str]) -> Ended {
    run_in(world, &[&["score", "--data", "data"], arguments].concat())
}

/// Employee with actual and announced score.
fn scored(world: &dyn World, arguments: &[&str]) -> (Exit, Vec<String>, Vec<String>) {
    let ended = score(world, &[&["--format", "json"], arguments].concat());
    let json: Value = serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{}{}", ended.out, ended.err));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let scores = json["scores"].as_array().unwrap().iter().map(|score| {
        let actual = text(&score["indicators"][0]["actual"]["value"]);
        format!("{} {actual} {}", text(&score["employee_id"]), text(&score["score"]))
    });
    let exceptions = json["exceptions"].as_array().unwrap().iter();
    let exceptions = exceptions.map(|one| format!("{} {}", text(&one["code"]), text(&one["cause"])));
    (ended.exit, scores.collect(), exceptions.collect())
}

const QUARTER: [&str; 4] = ["--from", "2026-08-01", "--to", "2026-10-31"];

#[test]
fn a_quarters_mean_is_of_all_rows_and_not_of_the_months_means() {
    // A1: 420 ÷ 6; the mean of the monthly means 95, 55 and 60 were 70 too, so A2 tells: 80 and 90, not 10.
    let (exit, scores, exceptions) = scored(&world(), &QUARTER);
    assert_eq!(exceptions, Vec::<String>::new());
    assert_eq!((exit, scores), (Exit::Done, vec!["A1 70 70.00".to_owned(), "A2 85 85.00".to_owned()]));
    let uneven = world().with(surveys("2026-08"), format!("{HEADER}1,A1,2026-08-03,100\n"));
    // 330 ÷ 5 = 66; of the months' means it would be 215 ÷ 3.
    assert_eq!(scored(&uneven, &QUARTER).1[0], "A1 66 66.00");
    // The month alone takes its own facts.
    assert_eq!(scored(&world(), &["--period", "2026-10"]).1, ["A1 60 60.00", "A2 90 90.00"]);
}

#[test]
fn parameters_are_those_of_the_last_month() {
    // Until September the target is 80.
    let (_, scores, _) = scored(&with_roster("2026-09"), &["--from", "2026-08-01", "--to", "2026-09-30"]);
    assert_eq!(scores, ["A1 75 93.75", "A2 80 100.00"]);
}

/// The roster in the file of another month too.
fn with_roster(month: &str) -> Memory {
    world().with(format!("data/S01/{month}/roster.csv"), ROSTER)
}

#[test]
fn a_month_without_a_file_is_named_and_the_others_count() {
    let gone = world();
    gone.remove_folder(Path::new("data/S01/2026-09")).unwrap();
    let (exit, scores, exceptions) = scored(&gone, &QUARTER);
    assert_eq!((exit, scores), (Exit::Blocked, vec!["A1 155/2 77.50".to_owned(), "A2 90 90.00".to_owned()]));
    assert_eq!(exceptions.len(), 1, "{exceptions:?}");
    assert!(exceptions[0].starts_with("span-without-month 2026-09 has no file of 满意度回访"), "{exceptions:?}");
    // No file at all: nobody has a figure, also not zero.
    for month in ["2026-08", "2026-10"] {
        gone.put(surveys(month), "");
    }
    let (exit, scores, exceptions) = scored(&gone, &QUARTER);
    assert_eq!((exit, scores.len()), (Exit::Blocked, 0), "{exceptions:?}");
}

#[test]
fn a_span_cuts_months_by_the_dates_of_their_rows() {
    let (exit, scores, _) = scored(&world(), &["--from", "2026-08-16", "--to", "2026-10-15"]);
    assert_eq!((exit, scores), (Exit::Done, vec!["A1 65 65.00".to_owned(), "A2 80 80.00".to_owned()]));
}

#[test]
fn who_joins_inside_the_span_is_scored_by_what_came_after() {
    let (_, scores, _) = scored(&world(), &[&QUARTER[..], &["--employee", "A2"]].concat());
    assert_eq!(scores, ["A2 85 85.00"]);
    let before = scored(&with_roster("2026-08"), &["--period", "2026-08"]).1;
    assert!(before.iter().all(|score| score.starts_with("A1")), "{before:?}");
}

#[test]
fn a_row_in_the_files_of_two_months_counts_once() {
    let october = format!("{HEADER}6,A2,2026-09-10,80\n{OCTOBER}");
    let (exit, scores, exceptions) = scored(&world().with(surveys("2026-10"), october), &QUARTER);
    assert_eq!((exit, scores[1].as_str()), (Exit::Done, "A2 85 85.00"));
    assert!(exceptions.iter().any(|one| one.starts_with("span-row-twice")), "{exceptions:?}");
}

#[test]
fn what_has_no_date_counts_by_whole_months_and_says_so() {
    let undated = SURVEYS.replace("in_period: answered_on\n", "");
    let world = world().with("pipelines/datasets/surveys.yaml", undated);
    let (exit, _, exceptions) = scored(&world, &["--from", "2026-08-16", "--to", "2026-10-31"]);
    assert_eq!(exit, Exit::Done);
    assert!(exceptions[0].starts_with("span-cuts-month 满意度回访 has no date to cut it by"), "{exceptions:?}");
}

#[test]
fn the_table_fits_a_terminal_and_names_the_band() {
    let ended = score(&world(), &QUARTER);
    assert!(ended.out.lines().all(|line| jixiao::cli::layout::width(line) <= 80), "{}", ended.out);
    for part in ["张伟 (A1) · S01 城东店", "客户满意度", "70", "100%", "score 70.00 · below the pass mark · 达标"]
    {
        assert!(ended.out.contains(part), "{part}\n{}", ended.out);
    }
    let none = score(&small_run::memory(), &QUARTER);
    assert!(
        none.exit == Exit::Usage && none.err.contains("no pipeline of this project scores anybody"),
        "{}",
        none.err
    );
    let wrong = score(&world(), &["--from", "2026-10-31", "--to", "2026-08-01"]);
    assert!(wrong.exit == Exit::Usage && wrong.err.contains("lies before"), "{}", wrong.err);
    let nobody = score(&world(), &[&QUARTER[..], &["--employee", "A9"]].concat());
    assert!(nobody.exit == Exit::Usage && nobody.err.contains("there is no score of employee `A9`"), "{}", nobody.err);
}

#[test]
fn the_table_is_written_once_for_spreadsheets() {
    let world = world();
    let ended = score(&world, &[&QUARTER[..], &["--out", "scores.csv"]].concat());
    assert_eq!(ended.exit, Exit::Done, "{}", ended.err);
    assert!(ended.out.contains("Written to scores.csv"), "{}", ended.out);
    let text = String::from_utf8(world.read(Path::new("scores.csv")).unwrap()).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').split_terminator("\r\n").collect();
    assert!(text.starts_with('\u{feff}') && lines.len() == 3, "{text}");
    let days = "2026-08-01,2026-10-31,S01";
    let rest = "服务顾问评分表,satisfaction,客户满意度";
    assert_eq!(
        lines[1],
        format!("{days},A1,张伟,{rest},70,points,100,points,70,100%,70,,70.00,no,达标,service-card.scored")
    );
    let again = score(&world, &[&QUARTER[..], &["--out", "scores.csv"]].concat());
    assert!(again.exit == Exit::Usage && again.err.contains("scores.csv is there already"), "{}", again.err);
}

/// The shipped project.
fn plan() -> jixiao::plan::Plan {
    let project = jixiao::spec::load(&Disk, Path::new("pipelines/month-end.yaml")).unwrap().project.unwrap();
    jixiao::plan::plan(&project).unwrap()
}

/// Scores of the demo.
fn of_demo(span: Span) -> Scores {
    let data = Path::new("fixtures/demo");
    let (accepted, _) = accepted::read(&Disk, data).unwrap();
    scores::compute(&plan(), &Disk, data, span, &accepted).unwrap().unwrap()
}

/// What advisors are to sell, by employee.
fn value_added_targets(scores: &Scores) -> BTreeMap<String, Exact> {
    let advisors = scores.scores.iter().filter(|score| score.step == "advisor-card.scored");
    let targets = advisors.map(|score| {
        let target = score.indicators.iter().find(|indicator| indicator.name == "value_added").unwrap();
        (score.employee_id.clone().unwrap(), target.target.value.number().unwrap().clone())
    });
    targets.collect()
}

#[test]
fn every_card_of_the_demo_scores_over_a_quarter_and_monthly_targets_are_summed() {
    let month = |month| Period::parse(month).unwrap();
    let quarter = Span::new(month("2026-08").first_day(), month("2026-10").last_day()).unwrap();
    let found = of_demo(quarter);
    let in_the_way: Vec<_> =
        found.exceptions.iter().filter(|one| one.severity < ExceptionSeverity::Held).map(|one| one.code.id).collect();
    assert!(in_the_way.is_empty(), "{in_the_way:?}");
    let steps: BTreeSet<&str> = found.scores.iter().map(|score| score.step.as_str()).collect();
    let cards =
        ["advisor-card", "inspector-card", "office-card", "supervisor-card"].map(|card| format!("{card}.scored"));
    let of_teams = ["team-card.members_scored", "team-card.scored"].map(str::to_owned);
    assert_eq!(steps, cards.iter().chain(&of_teams).map(String::as_str).collect());
    assert!(found.scores.iter().all(|score| score.band.is_some()));
    // The store's scores come from its cards since September.
    let months = ["2026-09", "2026-10"].map(|name| value_added_targets(&of_demo(Span::of(month(name)))));
    let both = Span::new(month("2026-09").first_day(), month("2026-10").last_day()).unwrap();
    let summed = value_added_targets(&of_demo(both));
    // Who has a score in each month alone.
    let shared: Vec<&String> = summed.keys().filter(|id| months.iter().all(|month| month.contains_key(*id))).collect();
    assert!(shared.len() > 5, "{shared:?}");
    for id in shared {
        assert_eq!(months[0][id].add(&months[1][id]), summed[id], "{id}");
    }
}
