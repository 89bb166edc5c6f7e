//! The demo's exports against their contracts: every row gets the fate that its generator meant for it.

use std::collections::BTreeMap;
use std::path::Path;

use jixiao::diag::data::ExceptionSeverity;
use jixiao::source::{self, Contract, PeriodSummary, Read};
use jixiao::spec;
use jixiao::world::Disk;
use jixiao::world::period::Period;

const DATA: &str = "fixtures/demo";
const MONTHS: [&str; 6] = ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"];

fn contracts() -> Vec<Contract> {
    let loaded = spec::load(&Disk, Path::new("pipelines/month-end.yaml")).unwrap();
    let project = loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.findings));
    let check = |dataset: &spec::Located<source::DatasetSpec>| {
        source::check(&dataset.value, &project.project.value.units).unwrap()
    };
    project.datasets.iter().map(check).collect()
}

fn read_all(contract: &Contract) -> BTreeMap<&'static str, Read> {
    let mut earlier: Vec<PeriodSummary> = Vec::new();
    let mut months = BTreeMap::new();
    for month in MONTHS {
        let period = Period::parse(month).unwrap();
        let read = source::read(contract, "S01", period, Path::new(DATA), &Disk, &earlier).unwrap();
        earlier.extend(read.summary.clone());
        months.insert(month, read);
    }
    months
}

#[test]
fn rows_and_control_sums_of_every_file_are_those_its_generator_counted() {
    for contract in contracts() {
        let months = read_all(&contract);
        for month in ["2026-09", "2026-10"] {
            let totals = std::fs::read_to_string(format!("{DATA}/expected/{month}/totals.csv")).unwrap();
            let read = &months[month];
            let name = contract.name.to_string();
            let line = totals.lines().find(|line| line.split(',').nth(1) == Some(&*name));
            let Some(line) = line else {
                assert!(!read.present && !contract.required, "{name} {month}: a file that its generator did not count");
                continue;
            };
            let wanted: Vec<&str> = line.split(',').collect();
            let fate = |word: &str| {
                let rows: usize = read.fates.iter().filter(|fate| fate.fate.word() == word).map(|fate| fate.rows).sum();
                rows.to_string()
            };
            let frame = read.frame.height().to_string();
            let found = [&frame, &fate("duplicate"), &fate("quarantined"), &fate("not-data")];
            assert_eq!(found.map(String::as_str), wanted[3..7], "{name} {month}: {:#?}", read.exceptions);
        }
    }
}

#[test]
fn only_the_bad_rows_of_the_last_month_are_more_than_a_warning() {
    for contract in contracts() {
        for (month, read) in read_all(&contract) {
            assert!(read.present || !contract.required, "{} {month}: {:#?}", contract.name, read.exceptions);
            let last = if &*contract.name == "quarter_scores" { "2026-09" } else { "2026-10" };
            let grave = read.exceptions.iter().filter(|said| said.severity != ExceptionSeverity::Warning);
            for said in grave {
                assert!(said.code.id == "bad-row" && month == last, "{} {month}: {said:#?}", contract.name);
            }
        }
    }
}

#[test]
fn a_name_of_four_bytes_and_employee_ids_with_leading_zeros_survive() {
    for contract in contracts().iter().filter(|contract| ["orders", "identities"].contains(&&*contract.name)) {
        let read = &read_all(contract)["2026-10"];
        let column = if &*contract.name == "orders" { "advisor" } else { "dms_user" };
        let names = read.frame.column(column).unwrap().str().unwrap();
        assert!(names.iter().any(|name| name == Some("王𬘭")), "{}", contract.name);
        if &*contract.name == "identities" {
            let ids = read.frame.column("employee_id").unwrap().str().unwrap();
            assert!(ids.iter().flatten().all(|id| id.len() == 4 && id.starts_with('0')));
        }
    }
}
