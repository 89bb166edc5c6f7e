//! Frames of the whole run: what all plans pay (`run.pay`), and everybody whom they pay (`run.people`).
//!
//! Who reads them need not list plans, roles or stores: a new plan is in them by being a plan.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::cells::{self, Cell, days};
use super::due::Amount;
use super::evaluate::{Datasets, Evaluation, RunError};
use super::frames::{Source, Stored};
use super::outcome::{LinePart, Person};
use crate::expr::types::Name;
use crate::money::Exact;
use crate::plan::{RUN_PAY, RUN_PEOPLE, run_schema};
use crate::step::StepError;

impl Evaluation<'_> {
    /// Makes the frame of the lines of all plans, amounts as paid, in the order of plans, lines and rows.
    pub(super) fn make_all_pay(&mut self, datasets: &mut dyn Datasets) -> Result<(), RunError> {
        let mut columns: Vec<Vec<Cell>> = vec![Vec::new(); 9];
        for pipeline in self.plan.pipelines.iter().filter(|pipeline| !pipeline.pay.is_empty()) {
            let due = self.due(pipeline, datasets)?;
            for (line, rows) in pipeline.pay.iter().zip(&due.lines) {
                let part: LinePart = line.part;
                for row in rows {
                    let Amount::Paid { rounded, .. } = &row.amount else { continue };
                    let texts = [
                        &*row.store_id,
                        &*row.employee_id,
                        &*pipeline.name,
                        &*row.code,
                        &*line.name,
                        part.word(),
                        &*line.clause,
                        &*row.label,
                    ];
                    let cells = texts.map(|text| Cell::Text(text.to_owned())).into_iter();
                    let amount = Cell::Number(Exact::from_decimal(*rounded));
                    columns.iter_mut().zip(cells.chain([amount])).for_each(|(column, cell)| column.push(cell));
                }
            }
        }
        self.keep(RUN_PAY, &columns, Source::Paid)
    }

    /// Makes the frame of everybody whom a plan covers, a row for each store of theirs.
    pub(super) fn make_people(&mut self, datasets: &mut dyn Datasets) -> Result<(), RunError> {
        let plan = self.plan;
        let people = self.roster(datasets)?.map(|roster| roster.people(plan)).unwrap_or_default();
        let stores: Vec<&str> = plan.stores.iter().map(|store| store.store_id.as_str()).collect();
        let homes = homes(&people, &stores);
        let number = |days: i64| Cell::Number(Exact::from_i128(i128::from(days)));
        let period_days = i64::from(self.period.days());
        let mut columns: Vec<Vec<Cell>> = vec![Vec::new(); 6];
        for person in &people {
            let cells = [
                Cell::Text(person.store_id.clone()),
                Cell::Text(person.employee_id.clone()),
                Cell::Text(person.name.clone()),
                number(held(person)),
                number(period_days),
                Cell::Bool(homes.get(person.employee_id.as_str()) == Some(&person.store_id.as_str())),
            ];
            columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
        }
        self.keep(RUN_PEOPLE, &columns, Source::Spine)
    }

    fn keep(&mut self, name: &str, columns: &[Vec<Cell>], source: Source) -> Result<(), RunError> {
        let height = columns.first().map_or(0, Vec::len);
        let made = run_schema(name, self.plan.language())
            .and_then(|schema| Some((cells::frame(columns, schema, height)?, schema.clone())));
        let Some((frame, schema)) = made else {
            return Err(RunError::Step { step: name.to_owned(), source: StepError::MissingFrame(Name::from(name)) });
        };
        self.store.put(name.to_owned(), Stored { frame, schema, source });
        Ok(())
    }
}

/// Days that a person is held in a store; days of two roles at once count once.
fn held(person: &Person) -> i64 {
    let mut until: Option<Date> = None;
    let mut count = 0;
    for interval in &person.intervals {
        let from = match until.map(Date::tomorrow) {
            Some(Ok(next)) => next.max(interval.from),
            _ => interval.from,
        };
        if from <= interval.to {
            count += i64::from(days(interval.to) - days(from)) + 1;
            until = Some(interval.to);
        }
    }
    count
}

/// The store of each person's longest stay; of equal ones the first in the order of the project.
fn homes<'a>(people: &'a [Person], stores: &[&str]) -> BTreeMap<&'a str, &'a str> {
    let mut homes: BTreeMap<&str, (i64, usize, &str)> = BTreeMap::new();
    for person in people {
        let place = stores.iter().position(|store| *store == person.store_id).unwrap_or(stores.len());
        let stay = (-held(person), place, person.store_id.as_str());
        let home = homes.entry(&person.employee_id).or_insert(stay);
        *home = stay.min(*home);
    }
    homes.into_iter().map(|(employee, (.., store))| (employee, store)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::sample::outcome;
    use jiff::civil::date;

    fn stays(employee_id: &str, store_id: &str, stays: &[(i8, i8)]) -> Person {
        let mut person = outcome().people.remove(0);
        let interval = person.intervals.remove(0);
        person.employee_id = employee_id.to_owned();
        person.store_id = store_id.to_owned();
        let dated = |&(from, to): &(i8, i8)| {
            let mut interval = interval.clone();
            (interval.from, interval.to) = (date(2026, 10, from), date(2026, 10, to));
            interval
        };
        person.intervals = stays.iter().map(dated).collect();
        person
    }

    #[test]
    fn a_day_counts_once() {
        assert_eq!(held(&stays("A1", "S01", &[(1, 31)])), 31);
        assert_eq!(held(&stays("A1", "S01", &[(1, 10), (5, 12), (31, 31)])), 13);
    }

    #[test]
    fn the_longest_stay_is_home_and_of_equal_ones_the_first_store() {
        let people = [
            stays("A1", "S01", &[(1, 10)]),
            stays("A1", "S02", &[(11, 31)]),
            stays("A2", "S02", &[(1, 15)]),
            stays("A2", "S01", &[(16, 30)]),
        ];
        let homes = homes(&people, &["S01", "S02"]);
        assert_eq!((homes["A1"], homes["A2"]), ("S02", "S01"));
    }
}
