//! A reader with a pencil: the formulas on every payslip of the demo, computed as they stand on the page, give the
//! amounts on the page.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use jixiao::diag::text::Language;
use jixiao::money::{Exact, Rounding, show};
use jixiao::report::{Assets, Request, load, render};
use jixiao::run::outcome::{Outcome, PayLine};
use jixiao::world::Disk;

use crate::demo_outcome::{MONTHS, computed};

/// Letters of a date.
const DATE: usize = "2026-10-31".len();
const RUN: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn formulas_on_every_slip_of_the_demo_give_the_amounts_on_it() {
    let reports = ["payslip".to_owned()];
    let request =
        Request { folder: Path::new("report-templates"), reports: &reports, fonts: &[], language: Language::Chinese };
    let assets = load(&Disk, &request).unwrap().unwrap();
    for month in MONTHS {
        formulas_give_amounts(&computed(month), &assets);
    }
}

fn formulas_give_amounts(outcome: &Outcome, assets: &Assets) {
    let slips: BTreeMap<String, String> = render(outcome, assets, RUN, &|_| ())
        .into_iter()
        .map(|slip| (slip.path, plain(&pdf_extract::extract_text_from_mem(&slip.result.unwrap()).unwrap())))
        .collect();
    assert_eq!(slips.len(), outcome.people.len());
    // Who was in two groups sees the part of each, and not their sum alone.
    for person in &outcome.people {
        let groups = person.intervals.iter().filter(|held| held.role == "accident-advisor").count();
        let page = &slips[&format!("stores/{}/payslips/{}.pdf", person.store_id, person.employee_id)];
        assert_eq!(page.matches("本人份额产值＝").count(), groups, "{}", person.employee_id);
    }
    let mut computed_lines = 0;
    for line in &outcome.pay_lines {
        let page = &slips[&format!("stores/{}/payslips/{}.pdf", line.store_id, line.employee_id)];
        let filled = &line.trace.nodes[0].filled;
        let place = format!("{} {}: {filled}", line.employee_id, line.label);
        assert!(page.contains(&plain(&format!("＝ {filled}"))), "not on the page: {place}\n{page}");
        let amount = compute(filled, &place).round(2, Rounding::HalfUp);
        assert_eq!(amount, Exact::from_decimal(line.amount), "{place}");
        assert!(page.contains(&show::amount(&amount).replace('-', "−")), "{amount} is not on the page: {place}");
        computed_lines += usize::from(is_computed(line));
    }
    assert!(computed_lines > 100, "{computed_lines}");
}

/// Whether a line has a formula, and is not an amount that stands as it was booked.
fn is_computed(line: &PayLine) -> bool {
    line.trace.nodes[0].filled.contains(['×', '÷', '−'])
}

/// Text without white space: where a line breaks is no part of what a page says.
fn plain(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn the_pencil_computes_what_a_page_writes() {
    for (formula, value) in [
        ("1,200,000.00 − 0.5", "2399999/2"),
        ("(213,345.00 ÷ 220,000.00) × 100", "3879/40"),
        ("取大(3 − 2，0) × 100", "100"),
        ("−取小(18 × 3，1,300)", "-54"),
        ("0.4%", "1/250"),
        ("−2 × (-3)", "6"),
        ("截尾(10 ÷ 3，2 位小数) + 1 ÷ 100", "167/50"),
        ("92 ÷ (2026-09-30 − 2026-07-01 + 1)", "1"),
        ("四舍五入(-2.345，2 位小数)", "-47/20"),
    ] {
        assert_eq!(compute(formula, formula).to_canonical(), value, "{formula}");
    }
}

fn compute(formula: &str, place: &str) -> Exact {
    // Arguments are parted by a full-width comma, thousands by a plain one.
    let plain = formula.replace('，', ";").replace([' ', ','], "");
    let mut pencil = Pencil { text: plain.chars().collect(), at: 0, place };
    let value = pencil.sum();
    assert_eq!(pencil.at, pencil.text.len(), "cannot be read from `{}` on: {place}", pencil.rest());
    value
}

struct Pencil<'a> {
    text: Vec<char>,
    at: usize,
    place: &'a str,
}

impl Pencil<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> String {
        self.text[self.at..].iter().collect()
    }

    fn take(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        self.at += if found { wanted.chars().count() } else { 0 };
        found
    }

    fn expect(&mut self, wanted: &str) {
        assert!(self.take(wanted), "`{wanted}` is missing before `{}`: {}", self.rest(), self.place);
    }

    fn sum(&mut self) -> Exact {
        let mut value = self.product();
        loop {
            if self.take("+") {
                value = value.add(&self.product());
            } else if self.take("−") {
                value = value.sub(&self.product());
            } else {
                return value;
            }
        }
    }

    fn product(&mut self) -> Exact {
        let mut value = self.factor();
        loop {
            if self.take("×") {
                value = value.mul(&self.factor());
            } else if self.take("÷") {
                value = value.div(&self.factor()).unwrap_or_else(|| panic!("division by zero: {}", self.place));
            } else {
                return value;
            }
        }
    }

    fn factor(&mut self) -> Exact {
        if self.take("−") || self.take("-") {
            return self.factor().neg();
        }
        if let Ok(date) = self.rest().chars().take(DATE).collect::<String>().parse::<Date>() {
            self.at += DATE;
            return Exact::from(i64::from(date.since(Date::ZERO).unwrap().get_days()));
        }
        for (word, greatest) in [("取大(", true), ("取小(", false)] {
            if self.take(word) {
                let mut value = self.sum();
                while self.take(";") {
                    let other = self.sum();
                    value = if greatest { value.max(other) } else { value.min(other) };
                }
                self.expect(")");
                return value;
            }
        }
        for (word, rounding) in [("截尾(", Rounding::Down), ("四舍五入(", Rounding::HalfUp)] {
            if self.take(word) {
                let value = self.sum();
                self.expect(";2位小数)");
                return value.round(2, rounding);
            }
        }
        if self.take("(") {
            let value = self.sum();
            self.expect(")");
            return value;
        }
        let start = self.at;
        while self.peek().is_some_and(|digit| digit.is_ascii_digit() || digit == '.') {
            self.at += 1;
        }
        let digits: String = self.text[start..self.at].iter().collect();
        let number = Exact::parse_number(&digits);
        let number = number.unwrap_or_else(|| panic!("no number before `{}`: {}", self.rest(), self.place));
        if self.take("%") { number.div(&Exact::from(100)).unwrap() } else { number }
    }
}
