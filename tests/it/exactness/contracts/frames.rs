//! The frames that give contracts and people to the program: what its datasets hold.

use jiff::civil::{Date, date};
use jixiao::plan::Plan;
use jixiao::run::cells::Cell;

use super::clauses;
use super::people::{Department, FIRST, Indicator, Kind, LAST, Person, Store};
use crate::exactness::plans::frames::{Frames, day, decimals, given, text, whole};

type Row<'a> = (&'a Store, &'a Department, &'a Person);
/// A month of an indicator: 0 for January.
type MonthRow<'a> = (&'a Store, &'a Department, &'a Indicator, usize);

/// The sixth day of a month before is the last that its sheets may come.
fn last_of(month: i8) -> Date {
    date(2026, month, 1).last_of_month()
}

fn period(month: i8) -> String {
    format!("2026-{month:02}")
}

pub fn all(plan: &Plan, stores: &[Store]) -> Frames {
    let departments: Vec<(&Store, &Department)> =
        stores.iter().flat_map(|store| store.departments.iter().map(move |one| (store, one))).collect();
    let people: Vec<Row<'_>> =
        departments.iter().flat_map(|(store, of)| of.people.iter().map(|one| (*store, *of, one))).collect();
    let indicators: Vec<(&Store, &Department, Option<&Indicator>)> = departments
        .iter()
        .flat_map(|(store, of)| of.indicators.iter().map(Some).chain([None]).map(|one| (*store, *of, one)))
        .collect();
    let months: Vec<MonthRow<'_>> = indicators
        .iter()
        .filter_map(|(store, of, one)| Some((*store, *of, (*one)?)))
        .flat_map(|(store, of, one)| (0..12).map(move |month| (store, of, one, month)))
        .collect();
    let december: Vec<MonthRow<'_>> = months.iter().filter(|row| row.3 == 11).copied().collect();
    let tables: Vec<MonthRow<'_>> = months.iter().filter(|row| row.2.months.is_some()).copied().collect();
    let weights: Vec<(&Store, usize)> =
        stores.iter().flat_map(|store| (0..12).map(move |month| (store, month))).collect();
    let mut frames = Frames::from([
        given(plan, "contracts", &indicators, |(store, of, one), column| contract(store, of, *one, column)),
        given(plan, "contract_months", &weights, |(store, month), column| match column {
            "store_id" => text(&store.id),
            "period" => text("2026-12"),
            "month" => whole(i64::try_from(month + 1).unwrap()),
            "weight" => decimals(store.months[*month], 6),
            _ => None,
        }),
        given(plan, "contract_ratios", &tables, |(store, of, one, month), column| match column {
            "target" => decimals(one.months.unwrap()[*month], 6),
            "month" => whole(i64::try_from(month + 1).unwrap()),
            _ => of_indicator(store, of, one, "2026-12", column),
        }),
        given(plan, "contract_actuals", &december, actual),
        given(plan, "contract_actuals.history", &months, actual),
        given(plan, "contract_people", &people, |(store, of, one), column| match column {
            "department" => text(&of.name),
            "position_wage" => decimals(one.wage, 2),
            "assessment_base" => decimals(one.assessment, 2),
            "bonus_base" => decimals(one.bonus, 2),
            _ => of_person(store, one, column),
        }),
        given(plan, "attendance", &people, |(store, _, one), column| match column {
            "standard_days" => decimals(23_00, 2),
            "attended_days" => decimals(one.attended, 2),
            "counted_to" => day(LAST),
            _ => of_person(store, one, column),
        }),
        given(plan, "management.spine", &people, |(store, _, one), column| match column {
            "valid_from" => day(one.held.last().unwrap().0.max(FIRST)),
            "valid_to" => day(one.held.last().unwrap().1.unwrap_or(LAST)),
            "days" => whole(clauses::days_held(one)),
            "period_days" => whole(31),
            _ => of_person(store, one, column),
        }),
    ]);
    frames.extend([roster(plan, &people)]);
    frames.extend(sheets(plan, &people));
    frames
}

fn of_person(store: &Store, one: &Person, column: &str) -> Option<Cell> {
    match column {
        "store_id" => text(&store.id),
        "period" => text("2026-12"),
        "employee_id" | "name" => text(&one.id),
        "role" | "role_title" => text(one.role),
        "regular" => Some(Cell::Bool(true)),
        "weight" => whole(1),
        _ => None,
    }
}

fn of_indicator(store: &Store, of: &Department, one: &Indicator, period: &str, column: &str) -> Option<Cell> {
    match column {
        "store_id" => text(&store.id),
        "period" => text(period),
        "department" => text(&of.name),
        "indicator" => text(one.name),
        _ => None,
    }
}

fn actual((store, of, one, month): &MonthRow<'_>, column: &str) -> Option<Cell> {
    let at = i8::try_from(month + 1).unwrap();
    match column {
        "amount" => decimals(one.actuals[*month].amount, 6),
        "base" => one.actuals[*month].base.and_then(|base| decimals(base, 6)),
        "closed_on" => day(last_of(at)),
        _ => of_indicator(store, of, one, &period(at), column),
    }
}

/// A row of a contract; management execution has no target.
fn contract(store: &Store, of: &Department, one: Option<&Indicator>, column: &str) -> Option<Cell> {
    match (column, one) {
        ("store_id", _) => text(&store.id),
        ("period", _) => text("2026-12"),
        ("department", _) => text(&of.name),
        ("scope", _) => text(if of.company { "公司" } else { "部门" }),
        ("indicator", _) => text(one.map_or("管理执行力", |one| one.name)),
        ("kind", Some(one)) => text(if one.kind == Kind::Control { "控制" } else { "增长" }),
        ("kind", None) => text("管理执行力"),
        ("additive", _) => Some(Cell::Bool(one.is_some_and(|one| one.additive))),
        ("annual_target", Some(one)) => decimals(one.annual, 6),
        ("weight", _) => decimals(one.map_or(of.execution_weight, |one| one.weight), 4),
        _ => None,
    }
}

fn roster(plan: &Plan, people: &[Row<'_>]) -> (String, jixiao::run::frames::Stored) {
    let rows: Vec<(&Store, &Person, &str, Date, Option<Date>)> = people
        .iter()
        .flat_map(|(store, _, one)| {
            let held = one.held.iter().map(|(from, to)| (*store, *one, one.role, *from, *to));
            held.chain(one.elsewhere.map(|(from, to)| (*store, *one, "mechanic", from, Some(to))))
        })
        .collect();
    given(plan, "roster", &rows, |(store, one, role, from, to), column| match column {
        "role" => text(role),
        "valid_from" => day(*from),
        "valid_to" => to.and_then(day),
        _ => of_person(store, one, column),
    })
}

fn sheets(plan: &Plan, people: &[Row<'_>]) -> [(String, jixiao::run::frames::Stored); 2] {
    let rows: Vec<_> = people
        .iter()
        .flat_map(|(store, _, one)| one.sheets.iter().map(move |sheet| (*store, *one, sheet)))
        .flat_map(|(store, one, sheet)| (0..sheet.items.len()).map(move |line| (store, one, sheet, line)))
        .collect();
    let december: Vec<_> = rows.iter().filter(|row| row.2.month == 12).copied().collect();
    ["execution_sheets", "execution_sheets.history"].map(|name| {
        let rows = if name.ends_with("history") { &rows } else { &december };
        given(plan, name, rows, |(store, one, sheet, line), column| {
            let item = sheet.items[*line];
            match column {
                "period" => text(&period(sheet.month)),
                "sheet_no" => text(&format!("{}-{}", one.id, sheet.month)),
                "line_no" => whole(i64::try_from(*line).unwrap()),
                "item" => text("例会"),
                "deduction" => decimals(item.deduction, 2),
                "self_check" => Some(Cell::Bool(item.should_report)),
                "self_reported" => Some(Cell::Bool(item.reported)),
                "submitted_on" => day(sheet.submitted),
                "checked_to" => day(last_of(sheet.month)),
                _ => of_person(store, one, column),
            }
        })
    })
}
