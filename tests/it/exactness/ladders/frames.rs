//! The frames that give people to the program.

use jiff::civil::date;
use jixiao::plan::Plan;
use jixiao::run::cells::Cell;

use super::people::{Advisor, DAYS, ENTRIES, Holder};
use crate::exactness::plans::frames::{Frames, day, decimals, given, text, whole};

/// The store whose rules are the plans' defaults.
pub const STORE: &str = "S03";

/// What every row of a spine has.
fn person(id: &str, role: &str, days: i64, column: &str) -> Option<Cell> {
    match column {
        "store_id" => text(STORE),
        "period" => text("2027-01"),
        "employee_id" | "name" => text(id),
        "role" => text(role),
        "regular" => Some(Cell::Bool(true)),
        "weight" => whole(1),
        "valid_from" => day(date(2027, 1, i8::try_from(DAYS - days + 1).unwrap())),
        "valid_to" => day(date(2027, 1, 31)),
        "days" => whole(days),
        "period_days" => whole(DAYS),
        _ => None,
    }
}

/// Balances of the month before: owner, pipeline, entry, value in hundredths.
type Opening = (String, &'static str, &'static str, i64);

fn carried(plan: &Plan, openings: &[Opening]) -> (String, jixiao::run::frames::Stored) {
    given(plan, "carried", openings, |(owner, pipeline, entry, value), column| match column {
        "store_id" => text(STORE),
        "period" => text("2027-01"),
        "owner" => text(owner),
        "pipeline" => text(pipeline),
        "entry" => text(entry),
        "carried_from" | "clause" | "label" | "unit" => text("x"),
        "value" => decimals(*value, 2),
        _ => None,
    })
}

pub fn advisors(plan: &Plan, all: &[Advisor]) -> Frames {
    let mut openings = Vec::new();
    for one in all {
        for (at, (entry, value)) in ENTRIES.iter().zip(one.opening).enumerate() {
            let hundredths = if at < 4 { value } else { value * 100 };
            if value != 0 {
                openings.push((one.id.clone(), "advisor-ladders", *entry, hundredths));
            }
        }
    }
    let own = |one: &Advisor, column: &str| person(&one.id, "general-advisor", one.days, column);
    Frames::from([
        carried(plan, &openings),
        given(plan, "advisor-ladders.insured", all, |one, column| match column {
            "output" => decimals(one.output, 2),
            "maintenance" => whole(one.maintenance),
            "package_fees" => whole(one.packages[0] * 30 + one.packages[1] * 30 + one.packages[2] * 40),
            "care_fees" => decimals(one.care, 2),
            "packages" => whole(one.packages.iter().sum()),
            "catalyst" => whole(one.packages[0]),
            "engine" => whole(one.packages[1]),
            "intake" => whole(one.packages[2]),
            "full_covers" => whole(one.covers),
            "full_profit" => decimals(one.profit, 2),
            "compulsory_policies" => whole(one.compulsory),
            _ => own(one, column),
        }),
        given(plan, "advisor-ladders.complaints", all, |one, column| match column {
            "reception_orders" => whole(one.complaints[0]),
            "raised_orders" => whole(one.complaints[1]),
            "overall_orders" => whole(one.complaints[2]),
            _ => own(one, column),
        }),
    ])
}

pub fn managers(plan: &Plan, all: &[Holder]) -> Frames {
    Frames::from([
        scores(plan, all),
        given(plan, "margin-managers.sold", all, |one, column| match column {
            "output" | "output_base" => decimals(one.figures[0], 2),
            "cars" | "cars_base" => whole(one.figures[1]),
            "opening_output" => decimals(0, 2),
            _ => person(&one.id, one.role, one.days, column),
        }),
    ])
}

pub fn supervisors(plan: &Plan, all: &[Holder]) -> Frames {
    let owing = all.iter().filter(|one| one.opening != 0);
    let openings: Vec<Opening> =
        owing.map(|one| (one.id.clone(), "hour-supervisors", "hours-below-zero", one.opening)).collect();
    let rated: Vec<(&Holder, i64)> = all.iter().filter_map(|one| Some((one, one.own_rate?))).collect();
    Frames::from([
        scores(plan, all),
        carried(plan, &openings),
        given(plan, "hour_rates", &rated, |(one, rate), column| match column {
            "hour_rate" => decimals(*rate, 4),
            "valid_from" => day(date(2020, 1, 1)),
            "valid_to" => None,
            _ => person(&one.id, one.role, one.days, column),
        }),
        given(plan, "hour-supervisors.worked", all, |one, column| match column {
            "team_hours" => decimals(one.figures[0], 2),
            _ => person(&one.id, one.role, one.days, column),
        }),
    ])
}

fn scores(plan: &Plan, all: &[Holder]) -> (String, jixiao::run::frames::Stored) {
    given(plan, "monthly-scores.people", all, |one, column| match column {
        "score" => decimals(one.score, 2),
        "score_source" => text("考核成绩表"),
        _ => person(&one.id, one.role, one.days, column),
    })
}
