//! The people as frames given to the program, and one real run of the pipelines that pay.

use std::collections::BTreeMap;

use jiff::civil::date;
use jixiao::expr::types::{Kind, Schema};
use jixiao::money::Exact;
use jixiao::plan::Plan;
use jixiao::run::cells::{Cell, frame};
use jixiao::run::evaluate::{DatasetFrame, Datasets, Evaluation};
use jixiao::run::frames::{Source, Stored};
use jixiao::run::outcome;
use jixiao::run::{by_id, pay};
use jixiao::world::WorldError;
use jixiao::world::period::Period;
use rust_decimal::Decimal;

use super::people::{Advisor, Balance, DAYS, Part, Role, Store};

/// Amounts in fen by store, person and line.
pub type Amounts = BTreeMap<(String, String, String), i128>;

/// A row that a frame is asked for: what there is of store, person and part.
#[derive(Clone, Copy)]
struct Row<'a> {
    store: &'a Store,
    person: Option<&'a Advisor>,
    /// First and last day, and the group.
    part: Option<&'a Part>,
    /// A row of `group_targets`: scope, name, target.
    unit: Option<(&'a str, &'a str, i64)>,
    /// A row of `carried`.
    balance: Option<Balance<'a>>,
}

/// Pays everybody; the amounts, and the codes of what was said about people. With traces, every line has one.
pub fn pay_all(plan: &Plan, period: Period, stores: &[Store], traces: bool) -> (Amounts, BTreeMap<String, usize>) {
    let mut evaluation = Evaluation::new(plan, period);
    put_frames(plan, &mut evaluation, stores);
    let people: Vec<outcome::Person> =
        stores.iter().flat_map(|store| store.people.iter().map(|person| named(store, person))).collect();
    let mut amounts = Amounts::new();
    for name in ["advisor-output", "accident-output", "advisor-renewals"] {
        let pipeline = plan.pipeline(name).unwrap();
        let due = evaluation.due(pipeline, &mut NoFiles).unwrap();
        let lines = pay::lines(&evaluation, pipeline, &due, &by_id(&people), traces);
        let exceptions = pay::troubles(pipeline, &due, &by_id(&people));
        assert!(exceptions.is_empty(), "{exceptions:?}");
        let lost = pay::lost(&evaluation, pipeline, &lines, &exceptions, &by_id(&[]));
        assert!(lost.is_empty(), "{:?}", lost.first());
        for line in lines {
            assert!(line.trace.nodes.first().is_some_and(|root| !root.filled.is_empty()) == traces, "{}", line.line);
            let fen = fen(line.amount);
            let before = amounts.insert((line.store_id, line.employee_id, line.line.to_string()), fen);
            assert!(before.is_none(), "a line twice");
        }
    }
    let mut said = BTreeMap::new();
    for exception in &evaluation.exceptions {
        *said.entry(exception.what.code.id.to_owned()).or_default() += 1;
    }
    (amounts, said)
}

/// An amount in fen.
pub fn fen(amount: Decimal) -> i128 {
    amount.mantissa() * 10_i128.pow(2 - amount.scale())
}

fn named(store: &Store, person: &Advisor) -> outcome::Person {
    let (store_id, employee_id) = (store.id.clone(), person.id.clone());
    outcome::Person { store_id, name: person.id.clone(), employee_id, intervals: Vec::new() }
}

fn put_frames(plan: &Plan, evaluation: &mut Evaluation<'_>, stores: &[Store]) {
    let step = |pipeline: &str, step: &str| plan.pipeline(pipeline).unwrap().step(step).unwrap().step.schema.clone();
    let spine = |pipeline: &str| plan.pipeline(pipeline).unwrap().spine.as_ref().unwrap().schema.clone();
    let dataset = |name: &str| plan.contracts[name].schema().clone();
    let people = |wanted: fn(&Advisor) -> bool| -> Vec<Row<'_>> {
        let all = stores.iter().flat_map(|store| store.people.iter().map(move |person| (store, person)));
        let row = |(store, person)| Row { store, person: Some(person), part: None, unit: None, balance: None };
        all.filter(|(_, person)| wanted(person)).map(row).collect()
    };
    let general = people(|person| person.role == Role::General);
    let accident = people(|person| person.role == Role::Accident);
    let everybody = people(|_| true);
    let parts: Vec<Row<'_>> = accident
        .iter()
        .flat_map(|row| row.person.unwrap().parts.iter().map(|part| Row { part: Some(part), ..*row }))
        .collect();
    let units: Vec<Row<'_>> = stores
        .iter()
        .flat_map(|store| {
            let groups = store.groups.iter().map(|group| ("事故组", group.name.as_str(), group.target));
            let all = [("门店", store.id.as_str(), store.task)].into_iter().chain(groups);
            all.map(move |unit| Row { store, person: None, part: None, unit: Some(unit), balance: None })
        })
        .collect();
    let carried: Vec<Row<'_>> = stores
        .iter()
        .flat_map(|store| {
            let balances = store.carried().into_iter();
            balances.map(move |one| Row { store, person: None, part: None, unit: None, balance: Some(one) })
        })
        .collect();
    // No store of these takes back what it paid, or goes by days attended.
    let nothing = Vec::new();
    for (name, schema, rows) in [
        ("advisor-output.spine", spine("advisor-output"), &general),
        ("advisor-output.facts", step("advisor-output", "facts"), &general),
        ("advisor-output.care_sold", step("advisor-output", "care_sold"), &general),
        ("advisor-output.taken_back", step("advisor-output", "taken_back"), &nothing),
        ("attendance", dataset("attendance"), &nothing),
        ("accident-output.spine", spine("accident-output"), &accident),
        ("accident-groups.facts", step("accident-groups", "facts"), &parts),
        ("accident-groups.care_sold", step("accident-groups", "care_sold"), &parts),
        ("advisor-renewals.spine", spine("advisor-renewals"), &everybody),
        ("advisor-renewals.renewals_of_month", step("advisor-renewals", "renewals_of_month"), &everybody),
        ("advisor-renewals.prospects_of_month", step("advisor-renewals", "prospects_of_month"), &everybody),
        ("targets", dataset("targets"), &general),
        ("monthly-scores.people", step("monthly-scores", "people"), &everybody),
        ("group_targets", dataset("group_targets"), &units),
        ("carried", dataset("carried"), &carried),
    ] {
        evaluation.store.put(name.to_owned(), given(schema, rows));
    }
}

fn given(schema: Schema, rows: &[Row<'_>]) -> Stored {
    let column = |name: &str, kind: Kind| -> Vec<Cell> {
        let cells = rows.iter().map(|row| cell(*row, name, kind));
        cells.collect()
    };
    let columns: Vec<Vec<Cell>> = schema.fields.iter().map(|field| column(&field.name, field.ty.kind)).collect();
    for (field, cells) in schema.fields.iter().zip(&columns) {
        let absent = cells.contains(&Cell::Absent);
        assert!(field.ty.nullable || !absent, "the test gives no `{}`", field.name);
    }
    Stored { frame: frame(&columns, &schema, rows.len()).unwrap(), schema, source: Source::Given }
}

fn cell(row: Row<'_>, name: &str, kind: Kind) -> Cell {
    let Row { store, person, part, unit, balance } = row;
    let whole = |number: i64| Cell::Number(Exact::from_i128(i128::from(number)));
    let decimals = |number: i64, scale: u8| Cell::Number(Exact::from_decimal_parts(i128::from(number), scale));
    let day = |day: i64| Cell::Date(date(2026, 10, i8::try_from(day).unwrap()));
    let parts: Vec<&Part> = match (part, person) {
        (Some(part), _) => vec![part],
        (None, Some(person)) => person.parts.iter().collect(),
        (None, None) => Vec::new(),
    };
    let of_month = |figure: fn((i64, i64, i64)) -> i64| -> i64 {
        parts.iter().map(|part| figure(store.of_month(person.unwrap(), part))).sum()
    };
    if let Some((pipeline, entry, owner, value, places)) = balance {
        return match name {
            "store_id" => Cell::Text(store.id.clone()),
            "pipeline" => Cell::Text(pipeline.to_owned()),
            "entry" => Cell::Text(entry.to_owned()),
            "owner" => Cell::Text(owner.to_owned()),
            "value" => decimals(value, places),
            "employee_id" => Cell::Absent,
            _ => Cell::Text("2026-09".to_owned()),
        };
    }
    let value = match name {
        "store_id" => Cell::Text(store.id.clone()),
        "period" => Cell::Text("2026-10".to_owned()),
        "days" => whole(parts.iter().map(|part| part.days()).sum()),
        "period_days" => whole(DAYS),
        "output" => decimals(of_month(|(output, ..)| output), 2),
        "cars" => whole(of_month(|(_, cars, _)| cars)),
        "bottles" => decimals(of_month(|(.., bottles)| bottles), 2),
        "valid_from" => day(parts[0].from),
        "valid_to" => day(parts[parts.len() - 1].to),
        "scored_on" => day(DAYS),
        "group" => match parts[0].group {
            Some(group) => Cell::Text(store.groups[group].name.clone()),
            None => Cell::Absent,
        },
        _ => match (person, unit) {
            (Some(person), _) => match name {
                "employee_id" | "name" => Cell::Text(person.id.clone()),
                "role" if person.role == Role::General => Cell::Text("general-advisor".to_owned()),
                "role" => Cell::Text("accident-advisor".to_owned()),
                "regular" => Cell::Bool(person.regular),
                "weight" => decimals(person.weight, 4),
                "cars_target" => whole(person.cars_target),
                "care_target" => whole(person.care_target),
                "output_target" => person.own_output_target.map_or(Cell::Absent, |target| decimals(target, 2)),
                "score" => decimals(person.score, 2),
                "score_source" => Cell::Text("考核成绩表".to_owned()),
                "renewed_cars" => whole(person.renewed_cars),
                "commercial_policies" => whole(person.commercial_policies - person.opening.policies),
                "prospects" => whole(person.prospects),
                _ => Cell::Absent,
            },
            (None, Some((scope, unit_name, target))) => match name {
                "scope" => Cell::Text(scope.to_owned()),
                "unit_name" => Cell::Text(unit_name.to_owned()),
                "output_target" => decimals(target, 2),
                _ => Cell::Absent,
            },
            (None, None) => Cell::Absent,
        },
    };
    assert!(value.number().is_none() || kind.is_number(), "`{name}` is no number any more");
    value
}

/// Whoever reads a file has not been given something.
pub struct NoFiles;

impl Datasets for NoFiles {
    fn dataset(&mut self, name: &str, _period: Period) -> Result<DatasetFrame, WorldError> {
        panic!("`{name}` is read and was not given")
    }
}
