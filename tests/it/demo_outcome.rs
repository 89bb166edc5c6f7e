//! The demo computed: pay, the figures behind it, rework and calls are those its generator counted in its own way.

use std::collections::BTreeMap;
use std::path::Path;

use jixiao::diag::text::{Language, Text};
use jixiao::money::Exact;
use jixiao::run::outcome::{Outcome, Published};
use jixiao::run::{self, Options};
use jixiao::world::Disk;
use jixiao::world::period::Period;
use jixiao::{plan, spec};
use polars::prelude::AnyValue;

const DATA: &str = "fixtures/demo";
/// Months whose results the generator has counted too.
pub const MONTHS: [&str; 2] = ["2026-09", "2026-10"];

/// A month of the demo, computed from its files.
pub fn computed(month: &str) -> Outcome {
    let loaded = spec::load(&Disk, Path::new("pipelines/month-end.yaml")).unwrap();
    let project = loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.findings));
    let plan = plan::plan(&project).unwrap_or_else(|findings| panic!("{findings:?}"));
    let (accepted, _) = run::accepted::read(&Disk, Path::new(DATA)).unwrap();
    let period = Period::parse(month).unwrap();
    run::compute(&plan, &Disk, Path::new(DATA), period, &accepted, Options::default()).unwrap()
}

/// A table of expected figures: its header, and its rows.
fn expected(month: &str, name: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let text = std::fs::read_to_string(format!("{DATA}/expected/{month}/{name}")).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect());
    (lines.next().unwrap(), lines.collect())
}

/// The cells of some columns of a published frame, row by row and sorted; numbers as fractions.
fn cells(published: &Published, columns: &[&str]) -> Vec<Vec<String>> {
    let cell = |column: &str, row: usize| match published.frame.column(column).unwrap().get(row).unwrap() {
        AnyValue::String(text) => text.to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        value => value.to_string(),
    };
    let rows = 0..published.frame.height();
    let mut rows: Vec<Vec<String>> = rows.map(|row| columns.iter().map(|column| cell(column, row)).collect()).collect();
    rows.sort();
    rows
}

/// A figure in its one exact form, whatever decimals it was written with; other text as it is.
fn exact(text: &str) -> String {
    let number = Exact::parse_number(text).or_else(|| Exact::parse_canonical(text));
    number.map_or_else(|| text.to_owned(), |number| number.to_canonical())
}

#[test]
fn every_pay_line_is_the_expected_one_to_the_fen() {
    for month in MONTHS {
        let outcome = computed(month);
        assert!(!outcome.is_draft(), "{month}: {:#?}", outcome.exceptions);
        let line = |line: &run::outcome::PayLine| {
            ((line.store_id.clone(), line.employee_id.clone(), line.line.to_string()), line.amount.to_string())
        };
        let found: BTreeMap<_, _> = outcome.pay_lines.iter().map(line).collect();
        let wanted = expected(month, "pay-lines.csv").1.into_iter();
        let wanted = wanted.map(|row| ((row[0].clone(), row[1].clone(), row[2].clone()), exact(&row[3])));
        let found: BTreeMap<_, _> = found.into_iter().map(|(place, amount)| (place, exact(&amount))).collect();
        assert_eq!(found, wanted.collect(), "{month}");
    }
}

#[test]
fn the_figures_of_the_department_are_the_expected_ones() {
    for month in MONTHS {
        let outcome = computed(month);
        let (header, people) = expected(month, "advisors.csv");
        let of = |name: &str| header.iter().position(|column| column == name).unwrap();
        for (frame, role, columns) in [
            ("advisors", "general-advisor", &["output", "output_target", "cars", "score"][..]),
            ("care", "general-advisor", &["bottles"]),
            ("renewals", "", &["renewed_cars", "commercial_policies"]),
            ("prospects", "", &["prospects"]),
        ] {
            let published = &outcome.published[&format!("department.{frame}")];
            let columns: Vec<&str> = ["employee_id"].into_iter().chain(columns.iter().copied()).collect();
            let found = cells(published, &columns);
            let found: Vec<Vec<String>> = found.iter().map(|row| figures(row)).collect();
            let people = people.iter().filter(|row| row[of("role")].starts_with(role));
            // Without a target there is no attainment: an exception stands in place of the figures (G4).
            let people = people.filter(|row| role.is_empty() || row[of("cars_target")] != "0");
            let wanted: Vec<Vec<String>> = people
                .map(|row| figures(&columns.iter().map(|column| row[of(column)].clone()).collect::<Vec<_>>()))
                .collect();
            assert_eq!(found, wanted, "{frame} {month}");
        }
        let pool = ["store_id", "output", "margin", "pool_rate", "pool_left", "bound", "performance_total"];
        let found: Vec<_> =
            cells(&outcome.published["margin-pools.stores"], &pool).iter().map(|row| figures(row)).collect();
        let wanted: Vec<_> = expected(month, "pools.csv").1.iter().map(|row| figures(row)).collect();
        assert_eq!(found, wanted, "pools {month}");
        for (frame, file, columns) in [
            ("rework", "rework.csv", &["store_id", "team", "external", "internal", "cars"][..]),
            (
                "callbacks_of_month",
                "callbacks.csv",
                &["store_id", "calls", "reached", "reception_satisfied", "repair_satisfied", "overall_satisfied"],
            ),
        ] {
            let mut wanted = expected(month, file).1;
            wanted.iter_mut().for_each(|row| row.truncate(columns.len()));
            wanted.sort();
            assert_eq!(cells(&outcome.published[&format!("department.{frame}")], columns), wanted, "{frame} {month}");
        }
    }
}

#[test]
fn the_months_of_the_teams_are_the_expected_ones() {
    for month in MONTHS {
        let outcome = computed(month);
        let (header, teams) = expected(month, "teams.csv");
        let of = |row: &[String], name: &str| row[header.iter().position(|column| column == name).unwrap()].clone();
        for (frame, body, columns) in [
            (
                "mechanical-teams.pools",
                false,
                &["labour", "net_base", "coefficient", "bottles", "care_bonus", "gate"][..],
            ),
            ("body-teams.pools", true, &["labour", "net_base", "coefficient", "gate"]),
        ] {
            let wanted = teams.iter().filter(|row| (of(row, "team") == "钣喷组") == body);
            let wanted = wanted.map(|row| {
                let figures = columns.iter().map(|column| exact(&of(row, expected_name(column))));
                [of(row, "store_id"), of(row, "team")].into_iter().chain(figures).collect()
            });
            let mut wanted: Vec<Vec<String>> = wanted.collect();
            wanted.sort();
            let columns: Vec<&str> = ["store_id", "team"].into_iter().chain(columns.iter().copied()).collect();
            let found = cells(&outcome.published[frame], &columns).into_iter().map(|row| {
                row.iter().enumerate().map(|(index, text)| if index < 2 { text.clone() } else { exact(text) }).collect()
            });
            assert_eq!(found.collect::<Vec<Vec<String>>>(), wanted, "{frame} {month}");
        }
    }
}

#[test]
fn each_awkward_case_of_the_second_and_the_third_store_is_said_and_nothing_else() {
    for month in MONTHS {
        let outcome = computed(month);
        let of = |said: &jixiao::diag::data::Exception| said.store_id.clone().unwrap_or_default();
        let said = outcome.exceptions.iter().filter(|said| ["S02", "S03"].contains(&of(said).as_str()));
        // What is said of rows, of headers and of users whom nobody knows stands in the fixtures' page, row by row.
        let of_rows = ["bad-row", "row-duplicate", "header-drift", "unmatched-row"];
        let said = said.filter(|said| !of_rows.contains(&said.code.id));
        let said = said.map(|said| vec![of(said), said.code.id.to_owned(), said.who.clone()]);
        let mut found: Vec<Vec<String>> = said.collect();
        found.sort();
        let mut wanted = expected(month, "exceptions.csv").1;
        wanted.sort();
        assert_eq!(found, wanted, "{month}");
    }
}

#[test]
fn what_is_below_zero_opens_the_next_month_and_nothing_else_does() {
    for month in MONTHS {
        let carried = computed(month).carried;
        let carried = carried.iter().map(|entry| {
            let value = exact(&entry.value.to_string());
            vec![
                entry.store_id.clone(),
                entry.pipeline.to_string(),
                entry.entry.to_string(),
                entry.owner.clone(),
                value,
            ]
        });
        let mut found: Vec<Vec<String>> = carried.collect();
        found.sort();
        let mut wanted = expected(month, "carried.csv").1;
        wanted.iter_mut().for_each(|row| row[4] = exact(&row[4]));
        wanted.sort();
        assert_eq!(found, wanted, "{month}");
    }
}

/// What the expected table of teams calls a column of their frames.
fn expected_name(column: &str) -> &str {
    match column {
        "net_base" => "base",
        "care_bonus" => "care",
        other => other,
    }
}

/// The employee id as it is, the figures behind it in their exact form.
fn figures(row: &[String]) -> Vec<String> {
    row.iter().enumerate().map(|(index, text)| if index == 0 { text.clone() } else { exact(text) }).collect()
}

/// What the program says on Chinese pages and in tables of the demo is Chinese: names of files, columns and settings
/// stand there, and what authors wrote, but no sentence of another language.
#[test]
fn what_is_said_of_the_demo_holds_no_english_sentence() {
    let outcome = computed("2026-10");
    let chinese = |text: &Text| text.to(Language::Chinese);
    let said = outcome.exceptions.iter().flat_map(|one| [Some(&one.cause), Some(&one.remedy), one.accepted.as_ref()]);
    let said = said.flatten().chain(outcome.quarantine.iter().map(|row| &row.fault));
    let said: Vec<String> = said.chain(outcome.row_fates.iter().map(|fate| &fate.step)).map(chinese).collect();
    assert!(said.len() > 100, "{said:?}");
    let english: Vec<_> = said.iter().filter(|text| words_in_a_row(text) > 2).collect();
    assert!(english.is_empty(), "{english:#?}");
    let steps: Vec<_> = said.iter().filter(|text| names_a_step(text)).collect();
    assert!(steps.is_empty(), "give these steps a title: {steps:#?}");
    assert!(names_a_step("“of_quarter”中没有") && !names_a_step("在“目标”中补上“B1”"));
    assert_eq!(words_in_a_row("no row of `targets` for it"), 3);
    assert_eq!(words_in_a_row("“targets”中没有 employee id 的行"), 2);
}

/// Whether a name of the YAML files stands in quotes, where what people call it should.
fn names_a_step(text: &str) -> bool {
    let quoted = text.split('“').skip(1).filter_map(|rest| rest.split('”').next());
    let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || b"_.-".contains(&byte));
    quoted.into_iter().any(|name| !name.is_empty() && plain(name))
}

/// The most Latin words that follow each other with nothing but spaces between; names in backquotes are none.
fn words_in_a_row(text: &str) -> usize {
    let mut longest = 0;
    for plain in text.split('`').step_by(2) {
        let mut run = 0;
        for word in plain.split(' ') {
            let latin = word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
            run = if latin { run + 1 } else { 0 };
            longest = longest.max(run);
        }
    }
    longest
}
