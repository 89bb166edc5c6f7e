//! A reader with a pencil: the formulas on the page, computed as they stand, give the amounts on the page.

use super::{contains, pdf, text};
use crate::money::{Exact, Rounding, show};
use crate::report::sample::{assets, outcome};

#[test]
fn formulas_on_the_page_give_the_amounts_on_the_page() {
    let outcome = outcome();
    let page = text(&pdf(&outcome, &assets(), "stores/S01/payslips/A1.pdf"));
    for line in outcome.pay_lines.iter().filter(|line| line.employee_id == "A1") {
        let filled = &line.trace.nodes[0].filled;
        contains(&page, &format!("＝ {filled}"));
        let computed = compute(filled).round(2, Rounding::HalfUp);
        assert_eq!(computed, Exact::from_decimal(line.amount), "{}", line.label);
        contains(&page, &show::amount(&computed).replace('-', "−"));
    }
}

#[test]
fn the_pencil_computes_what_a_page_writes() {
    for (formula, value) in [
        ("1,200,000.00 - 0.5", "2399999/2"),
        ("(213,345.00 ÷ 220,000.00) × 100", "7758/80"),
        ("取大(3 - 2, 0) × 100", "100"),
        ("0 - 取小(18 × 3, 300)", "-54"),
        ("0.4%", "1/250"),
        ("−2 × (−3)", "6"),
    ] {
        assert_eq!(
            compute(formula),
            Exact::parse_human(value).unwrap_or_else(|_| Exact::parse_canonical(value).unwrap()),
            "{formula}"
        );
    }
}

fn compute(formula: &str) -> Exact {
    let plain = formula.replace('（', "(").replace('）', ")").replace(['−', '－'], "-").replace('，', ",");
    let mut pencil = Pencil { text: plain.chars().filter(|c| *c != ' ').collect(), at: 0 };
    // A separator of thousands has no space behind it, a separator of arguments has one.
    pencil.text = plain.replace(", ", ";").chars().filter(|c| *c != ' ' && *c != ',').collect();
    let value = pencil.sum();
    assert_eq!(pencil.at, pencil.text.len(), "{formula}");
    value
}

struct Pencil {
    text: Vec<char>,
    at: usize,
}

impl Pencil {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn sum(&mut self) -> Exact {
        let mut value = self.product();
        loop {
            if self.take('+') {
                value = value.add(&self.product());
            } else if self.take('-') {
                value = value.sub(&self.product());
            } else {
                return value;
            }
        }
    }

    fn product(&mut self) -> Exact {
        let mut value = self.factor();
        loop {
            if self.take('×') {
                value = value.mul(&self.factor());
            } else if self.take('÷') {
                value = value.div(&self.factor()).unwrap();
            } else {
                return value;
            }
        }
    }

    fn factor(&mut self) -> Exact {
        if self.take('-') {
            return self.factor().neg();
        }
        if self.take('取') {
            let greatest = self.take('大');
            self.at += usize::from(!greatest);
            assert!(self.take('('));
            let mut values = vec![self.sum()];
            while self.take(';') {
                values.push(self.sum());
            }
            assert!(self.take(')'));
            return if greatest { values.into_iter().max() } else { values.into_iter().min() }.unwrap();
        }
        if self.take('(') {
            let value = self.sum();
            assert!(self.take(')'));
            return value;
        }
        let start = self.at;
        while self.peek().is_some_and(|digit| digit.is_ascii_digit() || digit == '.') {
            self.at += 1;
        }
        let number: String = self.text[start..self.at].iter().collect();
        let number = Exact::parse_number(&number).unwrap_or_else(|| panic!("`{number}` at {start}"));
        if self.take('%') { number.div(&Exact::from_i128(100)).unwrap() } else { number }
    }
}
