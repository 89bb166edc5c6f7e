//! The demo's exports against their contracts: every row gets the fate that its generator meant for it.

use std::collections::BTreeMap;
use std::path::Path;

use jixiao::diag::data::ExceptionSeverity;
use jixiao::diag::text::Language;
use jixiao::source::{self, Contract, Of, PeriodSummary, Read};
use jixiao::spec;
use jixiao::world::Disk;
use jixiao::world::period::Period;

const DATA: &str = "fixtures/demo";
const STORES: [&str; 3] = ["S01", "S02", "S03"];
const MONTHS: [&str; 6] = ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"];

/// Contracts of exports; tables of an earlier run are no exports.
fn contracts() -> Vec<Contract> {
    let loaded = spec::load(&Disk, Path::new("pipelines/month-end.yaml")).unwrap();
    let project = loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.findings));
    let check = |dataset: &spec::Located<source::DatasetSpec>| {
        source::check(&dataset.value, &project.project.value.units, Language::Chinese).unwrap()
    };
    project.datasets.iter().map(check).filter(|contract| contract.of == Of::Exports).collect()
}

fn period(month: &str) -> Period {
    Period::parse(month).unwrap()
}

/// The months of a store, which need not have begun with the first.
fn read_all(contract: &Contract, store: &str) -> BTreeMap<&'static str, Read> {
    let mut earlier: Vec<PeriodSummary> = Vec::new();
    let mut months = BTreeMap::new();
    for month in MONTHS.into_iter().filter(|month| Path::new(DATA).join(store).join(month).is_dir()) {
        let read = source::read(contract, store, period(month), Path::new(DATA), &Disk, &earlier).unwrap();
        earlier.extend(read.summary.clone());
        months.insert(month, read);
    }
    months
}

#[test]
fn rows_and_control_sums_of_every_file_are_those_its_generator_counted() {
    let places = contracts().into_iter().flat_map(|contract| STORES.map(|store| (contract.clone(), store)));
    for (contract, store) in places {
        let months = read_all(&contract, store);
        for month in ["2026-09", "2026-10"] {
            let totals = std::fs::read_to_string(format!("{DATA}/expected/{month}/totals.csv")).unwrap();
            let read = &months[month];
            let name = contract.name.to_string();
            let place = format!("{store},{name},");
            let Some(line) = totals.lines().find(|line| line.starts_with(&place)) else {
                let none = read.inputs.is_empty()
                    && (!contract.required || !contract.is_of(store) || !contract.months.holds(period(month)));
                assert!(none, "{place} {month}: a file that its generator did not count");
                continue;
            };
            let wanted: Vec<&str> = line.split(',').collect();
            let fate = |word: &str| {
                let rows: usize = read.fates.iter().filter(|fate| fate.fate.word() == word).map(|fate| fate.rows).sum();
                rows.to_string()
            };
            let frame = read.frame.height().to_string();
            let found = [&frame, &fate("duplicate"), &fate("quarantined"), &fate("not-data")];
            assert_eq!(found.map(String::as_str), wanted[3..7], "{place} {month}: {:#?}", read.exceptions);
        }
    }
}

#[test]
fn only_the_bad_rows_of_the_last_month_are_more_than_a_warning() {
    let places = contracts().into_iter().flat_map(|contract| STORES.map(|store| (contract.clone(), store)));
    for (contract, store) in places {
        for (month, read) in read_all(&contract, store) {
            assert!(
                read.present || !contract.required || !contract.is_of(store),
                "{store} {} {month}: {:#?}",
                contract.name,
                read.exceptions
            );
            let last = if &*contract.name == "quarter_scores" { "2026-09" } else { "2026-10" };
            let grave = read.exceptions.iter().filter(|said| said.severity != ExceptionSeverity::Warning);
            for said in grave {
                let meant = store != "S02" && month == last && said.code.id == "bad-row";
                assert!(meant, "{store} {} {month}: {said:#?}", contract.name);
            }
        }
    }
}

#[test]
fn a_name_of_four_bytes_and_employee_ids_with_leading_zeros_survive() {
    for contract in contracts().iter().filter(|contract| ["orders", "identities"].contains(&&*contract.name)) {
        let read = &read_all(contract, "S01")["2026-10"];
        let column = if &*contract.name == "orders" { "advisor" } else { "dms_user" };
        let names = read.frame.column(column).unwrap().str().unwrap();
        assert!(names.iter().any(|name| name == Some("王𬘭")), "{}", contract.name);
        if &*contract.name == "identities" {
            let ids = read.frame.column("employee_id").unwrap().str().unwrap();
            assert!(ids.iter().flatten().all(|id| id.len() == 4 && id.starts_with('0')));
        }
    }
}
