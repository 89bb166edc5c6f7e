//! The report of all stores: what it adds up to, whom it counts once, and that a figure which does not balance fails it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jixiao::diag::text::Language;
use jixiao::money::{Exact, show};
use jixiao::report::{Assets, Request, load, render};
use jixiao::run::figures;
use jixiao::run::outcome::Outcome;
use jixiao::world::Disk;
use polars::prelude::AnyValue;
use rust_decimal::Decimal;

use crate::demo_outcome::computed;

const RUN: &str = "0123456789abcdef0123456789abcdef";
const PATH: &str = "group/group.pdf";

fn assets() -> Assets {
    let reports = ["group".to_owned()];
    let request =
        Request { folder: Path::new("report-templates"), reports: &reports, fonts: &[], language: Language::Chinese };
    load(&Disk, &request).unwrap().unwrap()
}

/// The text of the report without white space, or why there is none.
fn printed(outcome: &Outcome) -> Result<String, String> {
    let document = render(outcome, &assets(), RUN, &|_| ()).pop().unwrap();
    assert_eq!(document.path, PATH);
    let bytes = document.result.map_err(|failure| {
        assert_eq!((failure.store_id, failure.who), (None, outcome.title.clone()));
        failure.cause.to(Language::English)
    })?;
    Ok(pdf_extract::extract_text_from_mem(&bytes).unwrap().split_whitespace().collect())
}

fn money(amount: Decimal) -> String {
    show::amount(&Exact::from_decimal(amount)).replace('-', "−")
}

/// Pay lines of each store.
fn paid(outcome: &Outcome) -> BTreeMap<String, Decimal> {
    let mut paid: BTreeMap<String, Decimal> = BTreeMap::new();
    for line in &outcome.pay_lines {
        *paid.entry(line.store_id.clone()).or_default() += line.amount;
    }
    paid
}

#[test]
fn lines_slips_departments_and_the_group_come_to_the_same_fen() {
    let outcome = computed("2026-10");
    let paid = paid(&outcome);
    let published = &outcome.published["group-pay.stores"];
    let column = |name: &str| published.frame.column(name).unwrap();
    let mut said = BTreeMap::new();
    for row in 0..published.frame.height() {
        let AnyValue::Decimal(fen, _, 2) = column("pay").get(row).unwrap() else { panic!("pay is no amount") };
        said.insert(
            column("store_id").str().unwrap().get(row).unwrap().to_owned(),
            Decimal::from_i128_with_scale(fen, 2),
        );
    }
    assert_eq!(said, paid);
    let text = printed(&outcome).unwrap();
    for amount in paid.values().copied().chain([paid.values().sum()]) {
        assert!(text.contains(&money(amount)), "{amount} is not on the page");
    }
    // Each figure is that of the store's own report.
    let calls = |frame: &str| format!("{:?}", outcome.published[frame].frame.column("calls").unwrap());
    assert_eq!(calls("group.callbacks"), calls("department.callbacks_of_month"));
    assert!(published.before.is_none(), "pay of a month that is over is not computed again");
    assert!(outcome.published["group.sales"].before.is_some());
}

#[test]
fn who_works_in_two_stores_is_one_person_of_the_group() {
    let mut outcome = computed("2026-10");
    let people = |outcome: &Outcome| {
        outcome.people.iter().map(|person| person.employee_id.clone()).collect::<BTreeSet<_>>().len()
    };
    let heads = people(&outcome);
    assert!(printed(&outcome).unwrap().contains(&format!("人数{heads}")));
    let mut second = outcome.people[0].clone();
    second.store_id = outcome.stores[1].store_id.clone();
    outcome.people.push(second);
    assert_eq!(people(&outcome), heads);
    assert!(printed(&outcome).unwrap().contains(&format!("人数{heads}")));
}

#[test]
fn a_fen_between_the_report_and_the_pay_lines_fails_the_report() {
    let mut outcome = computed("2026-10");
    let line = &mut outcome.pay_lines[0];
    let (store, before) = (line.store_id.clone(), paid(&computed("2026-10"))[&line.store_id]);
    line.amount += Decimal::new(1, 2);
    let said = printed(&outcome).unwrap_err();
    let (one, other) = (money(before), money(before + Decimal::new(1, 2)));
    let wanted = format!("`pay` of {store} is {one}, but the pay lines of the store come to {other}");
    assert!(said.contains(&wanted), "{said}");
}

#[test]
fn a_trend_shows_what_was_published_and_nothing_where_nothing_was() {
    let mut outcome = computed("2026-10");
    let place = ("group.sales".to_owned(), "output".to_owned());
    let mut month = outcome.period;
    for _ in 0..3 {
        month = month.previous();
    }
    let own = figures::of(&outcome)[&place].len();
    assert_eq!(own, 2 * outcome.stores.len(), "the month and the month before");
    outcome.earlier.entry(place).or_default().insert(("S02".to_owned(), month), Decimal::new(1_234_567_890, 2));
    let text = printed(&outcome).unwrap();
    assert!(text.contains("1,234.6"), "12,345,678.90 yuan in ten thousands");
    assert!(text.contains("26-07"));
}
