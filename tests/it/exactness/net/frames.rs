//! The frames that give a month of people to the program, and what came out of it.

use std::collections::BTreeMap;

use jixiao::plan::Plan;
use jixiao::run::carried;
use jixiao::run::evaluate::Evaluation;
use jixiao::run::outcome::Carried;
use jixiao::run::{by_id, pay};
use jixiao::world::period::Period;

use super::clauses::{Opening, STORES, Slip, Year};
use super::people::{Before, Month, Person, YEAR};
use crate::exactness::given::{NoFiles, fen};
use crate::exactness::plans::frames::{Case, Frames, decimals, given, rule_test, text, whole};

/// A person with a month and what the months before left.
pub type Row<'a> = (&'a Person, Month, Opening);

pub fn period(number: i64) -> String {
    format!("{YEAR}-{number:02}")
}

/// The number behind the letter of an id.
pub fn number(id: &str) -> usize {
    id[1..].parse().unwrap()
}

fn yes(truth: bool) -> Option<jixiao::run::cells::Cell> {
    text(if truth { "是" } else { "否" })
}

/// The frames of a month; `left` is what the month before carries on.
pub fn frames(plan: &Plan, number: i64, rows: &[Row<'_>], left: &[Carried]) -> Frames {
    let of_month = period(number);
    let stays: Vec<_> = rows.iter().flat_map(|row| row.1.stays.iter().map(move |stay| (row, stay))).collect();
    let lines: Vec<_> =
        rows.iter().flat_map(|row| row.1.lines.iter().enumerate().map(move |(at, line)| (row, at, line))).collect();
    let attended: Vec<_> = stays.iter().filter_map(|(row, stay)| Some((row.0, stay.at, stay.attendance?))).collect();
    let payroll: Vec<&Row<'_>> = rows.iter().filter(|row| row.1.documented).collect();
    let declared: Vec<(&Person, Year)> = rows.iter().filter_map(|row| Some((row.0, row.1.declared?))).collect();
    Frames::from([
        given(plan, "run.people", &stays, |((person, month, _), stay), column| match column {
            "store_id" => text(STORES[stay.at].id),
            "days" => whole(stay.days),
            "period_days" => whole(month.period_days),
            "home" => Some(jixiao::run::cells::Cell::Bool(month.home() == stay.at)),
            _ => text(&person.id),
        }),
        given(plan, "run.pay", &lines, |((person, ..), at, line), column| match column {
            "store_id" => text(STORES[line.at].id),
            "employee_id" => text(&person.id),
            "line" => text(&format!("{}-{at}", line.kind)),
            "kind" => text(line.kind),
            "part" => text(line.part),
            "label" => text(line.label),
            "amount" => decimals(line.fen, 2),
            _ => text("方案"),
        }),
        given(plan, "attendance", &attended, |(person, at, (standard, attended)), column| match column {
            "store_id" => text(STORES[*at].id),
            "standard_days" => decimals(*standard, 2),
            "attended_days" => decimals(*attended, 2),
            "counted_to" => Some(jixiao::run::cells::Cell::Date(jiff::civil::date(YEAR, 1, 1))),
            "period" => text(&of_month),
            _ => text(&person.id),
        }),
        given(plan, "payroll", &payroll, |(person, month, _), column| match column {
            "store_id" => text(STORES[person.at].id),
            "period" => text(&of_month),
            "base_wage" => decimals(person.wage, 2),
            "insured" => yes(person.insurance_base.is_some()),
            "insurance_base" => person.insurance_base.and_then(|base| decimals(base, 2)),
            "fund_base" => person.fund_base.and_then(|base| decimals(base, 2)),
            "special_deduction" => decimals(person.special, 2),
            "agreed_deduction" => decimals(person.own_deduction, 2),
            "months_worked" => whole(person.months(month.number)),
            "first_job" => yes(person.first_job),
            "low_income" => yes(person.low_income),
            "other_employer" => yes(matches!(person.before, Before::OtherEmployer | Before::HandedOn)),
            "bank" => None,
            _ => text(&person.id),
        }),
        given(plan, "payroll_ytd", &declared, |(person, year), column| match column {
            "store_id" => text(STORES[person.at].id),
            "period" => text(&of_month),
            "income" => decimals(year.income, 2),
            "exempt" => decimals(year.exempt, 2),
            "insurance" => decimals(year.insurance, 2),
            "special" => decimals(year.special, 2),
            "withheld" => decimals(year.withheld, 2),
            "months" => whole(year.months),
            _ => text(&person.id),
        }),
        given(plan, "carried", left, |one, column| match column {
            "store_id" => text(&one.store_id),
            "period" => text(&of_month),
            "carried_from" => text(&period((number + 10) % 12 + 1)),
            "employee_id" | "owner" => text(&one.owner),
            "pipeline" => text(&one.pipeline),
            "entry" => text(&one.entry),
            "clause" => text(&one.clause),
            "label" => text(&one.label),
            "unit" => text(&one.unit),
            "value" => decimals(i64::try_from(fen(one.value)).unwrap(), 2),
            _ => None,
        }),
    ])
}

/// What the program makes of a month.
pub struct Settled {
    /// Lines and fen, by the number of the person.
    pub lines: Vec<Vec<(String, i64)>>,
    /// What goes over into the next month.
    pub carried: Vec<Carried>,
    /// How often each code was said.
    pub said: BTreeMap<String, usize>,
}

pub fn settle(plan: &Plan, number: i64, frames: Frames, people: usize) -> Settled {
    let mut evaluation = Evaluation::new(plan, Period::parse(&period(number)).unwrap());
    for (name, stored) in frames {
        evaluation.store.put(name, stored);
    }
    let pipeline = plan.pipeline("net-pay").unwrap();
    let due = evaluation.due(pipeline, &mut NoFiles).unwrap();
    let nobody = by_id(&[]);
    let troubles = pay::troubles(pipeline, &due, &nobody);
    assert!(troubles.is_empty(), "{:?}", troubles.first());
    let mut lines = vec![Vec::new(); people];
    for line in pay::lines(&evaluation, pipeline, &due, &nobody, false) {
        let fen = i64::try_from(fen(line.amount)).unwrap();
        lines[self::number(&line.employee_id)].push((line.line.to_string(), fen));
    }
    lines.iter_mut().for_each(|lines| lines.sort_unstable());
    let (carried, exceptions) = carried::of_pipeline(&evaluation, pipeline, &nobody).unwrap();
    assert!(exceptions.is_empty(), "{:?}", exceptions.first());
    let mut said = BTreeMap::new();
    for exception in &evaluation.exceptions {
        *said.entry(exception.what.code.id.to_owned()).or_default() += 1;
    }
    Settled { lines, carried, said }
}

/// What is left of each person, by number.
pub fn openings(carried: &[Carried], people: usize) -> Vec<Opening> {
    let mut openings = vec![Opening::default(); people];
    for one in carried {
        let opening = &mut openings[number(&one.owner)];
        let value = i64::try_from(fen(one.value)).unwrap();
        let mut of_year = |set: fn(&mut Year) -> &mut i64, value| {
            *set(opening.year.get_or_insert_default()) = value;
        };
        match &*one.entry {
            "fines-left" => opening.fines = value,
            "shortfall" => opening.shortfall = value,
            "year-income" => of_year(|year| &mut year.income, value),
            "year-exempt" => of_year(|year| &mut year.exempt, value),
            "year-insurance" => of_year(|year| &mut year.insurance, value),
            "year-special" => of_year(|year| &mut year.special, value),
            "year-withheld" => of_year(|year| &mut year.withheld, value),
            "year-months" => of_year(|year| &mut year.months, value / 100),
            other => panic!("`{other}` is carried, and nobody knows it"),
        }
    }
    openings
}

/// A month of a person as a rule test.
pub fn as_rule_test(frames: &Frames, row: &Row<'_>, slip: &Slip) -> String {
    let (person, month, _) = row;
    let keeps = |_: &str, stored: &jixiao::run::frames::Stored, at: u32| {
        stored.cell(at, "employee_id").canonical() == person.id
    };
    let store = month.store(person).id.to_owned();
    let lines =
        slip.lines.iter().map(|(line, fen)| (store.clone(), person.id.clone(), (*line).to_owned(), i128::from(*fen)));
    let case = Case {
        name: format!("{} {}", person.id, period(month.number)),
        period: &period(month.number),
        key: "settle",
        keeps: &keeps,
        lines: lines.collect(),
        exceptions: slip.said.clone(),
    };
    rule_test(frames, &frames.keys().map(String::as_str).collect::<Vec<_>>(), &case)
}
