//! Advisors' and teams' scores from raw rows: surveys, stamps of orders, follow-ups, sales, ratings, conduct, settlements
//! with rework, calls. The reference knows the facts that the rows were made from, and no row.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, date};
use jixiao::plan::Plan;
use jixiao::run::cells::Cell;
use jixiao::run::evaluate::Evaluation;
use jixiao::world::Disk;

use super::came;
use super::clauses;
use super::people::{Card, Figure, Subject};
use crate::exactness::dice::Dice;
use crate::exactness::fraction::{Fraction, Held};
use crate::exactness::given::NoFiles;
use crate::exactness::plans::frames::{Frames, day, decimals, given, text, whole};
use crate::exactness::{october, real_plan};

const ADVISORS: usize = 800;
const TEAMS: usize = 300;
const SEED: u64 = 20_261_124;
/// Whose scores come from the cards.
const STORE: &str = "S03";
const BEFORE: Date = date(2026, 9, 30);

/// A rating or a conduct entry: whom it is about, what, hundredths of points, on which day, whether somebody signed it.
struct Points {
    whom: String,
    of_team: bool,
    what: &'static str,
    points: i64,
    on: Date,
    signed: bool,
}

/// An order with its stamps, in seconds from the report.
struct Stamps {
    ro: String,
    advisor: String,
    team: Option<String>,
    class: usize,
    acknowledged: Option<i64>,
    started: i64,
    bay: Option<i64>,
    completed: i64,
}

/// A visit: days from it to the file, the first and the second follow-up.
struct Visit {
    advisor: String,
    file: Option<i64>,
    first: Option<i64>,
    second: Option<i64>,
}

/// A settlement with its one labour line.
struct Sheet {
    number: String,
    vin: String,
    order_type: &'static str,
    origin: Option<String>,
    opened: Date,
    settled: Date,
    reverses: Option<String>,
    team: String,
}

#[derive(Default)]
struct Rows {
    surveys: Vec<(String, Option<i64>, Date)>,
    orders: Vec<Stamps>,
    visits: Vec<Visit>,
    sales: Vec<(String, &'static str, i64)>,
    targets: Vec<(String, i64)>,
    points: Vec<Points>,
    conduct: Vec<Points>,
    sheets: Vec<Sheet>,
    calls: Vec<(String, Option<bool>, bool)>,
    members: Vec<(String, String)>,
}

/// Target hours by class of vehicle, in hundredths.
const CLASSES: [(&str, &str, i64); 3] = [("轿车", "简单", 2_00), ("SUV", "一般", 3_50), ("新能源", "复杂", 7_25)];

fn october_day(dice: &mut Dice) -> Date {
    date(2026, 10, i8::try_from(dice.between(1, 31)).unwrap())
}

/// Advisors with the figures that their rows come to.
fn advisors(rows: &mut Rows, dice: &mut Dice) -> Vec<Subject> {
    let advisor = |at| {
        let id = format!("A{at:04}");
        let figures = vec![
            surveyed(rows, dice, &id),
            responded(rows, dice, &id),
            (0, 1),
            (0, 1),
            sold(rows, dice, &id),
            rated(rows, dice, (&id, false), "培训成绩"),
            rated(rows, dice, (&id, false), "投诉处理与态度"),
        ];
        let target = dice.between(1, 90_000) * 100;
        rows.targets.push((id.clone(), target));
        let deducted = conduct(rows, dice, &id);
        let mut one = Subject { id, card: Card::Advisor, figures, target: (target, 100), deducted };
        (one.figures[2], one.figures[3]) = tracked(rows, dice, &one.id);
        one
    };
    (0..ADVISORS).map(advisor).collect()
}

/// The mean of the answers; what was sent before the month does not count.
fn surveyed(rows: &mut Rows, dice: &mut Dice, id: &str) -> Figure {
    let (mut sum, mut count) = (0, 0);
    for at in 0..dice.between(1, 6) {
        let points = (at == 0 || dice.percent(70)).then(|| dice.between(500, 1000));
        let before = at > 0 && dice.percent(20);
        if let (Some(points), false) = (points, before) {
            (sum, count) = (sum + points, count + 1);
        }
        let on = if before { BEFORE } else { october_day(dice) };
        rows.surveys.push((id.to_owned(), points, on));
    }
    (sum, 10 * count)
}

/// The mean of the orders' response, the later of acknowledgement and start; an order without a stamp is said.
fn responded(rows: &mut Rows, dice: &mut Dice, id: &str) -> Figure {
    let (mut sum, mut count) = (0, 0);
    for at in 0..dice.between(1, 6) {
        let (acknowledged, started) = (dice.between(0, 1500), dice.between(0, 1500));
        let stamped = at == 0 || dice.percent(97);
        if stamped {
            (sum, count) = (sum + acknowledged.max(started), count + 1);
        }
        let completed = started + dice.between(1, 20_000);
        let acknowledged = stamped.then_some(acknowledged);
        let (ro, advisor) = (format!("{id}-{at}"), id.to_owned());
        rows.orders.push(Stamps { ro, advisor, team: None, class: 0, acknowledged, started, bay: None, completed });
    }
    (sum, 60 * count)
}

/// Shares of second follow-ups on day 8 to 14 after the first, and of files within two days.
fn tracked(rows: &mut Rows, dice: &mut Dice, id: &str) -> (Figure, Figure) {
    let (mut seconds, mut files) = (0, 0);
    let count = dice.between(1, 7);
    for _ in 0..count {
        let file = dice.percent(85).then(|| dice.between(0, 4));
        let first = dice.percent(90).then(|| dice.between(0, 3));
        let second = dice.percent(85).then(|| dice.between(7, 15));
        files += i64::from(file.is_some_and(|days| days <= 2));
        seconds += i64::from(first.is_some() && second.is_some_and(|days| (8..=14).contains(&days)));
        rows.visits.push(Visit { advisor: id.to_owned(), file, first, second });
    }
    ((seconds, count), (files, count))
}

/// Care products and accessories, taken back ones too.
fn sold(rows: &mut Rows, dice: &mut Dice, id: &str) -> Figure {
    let mut fen = 0;
    for _ in 0..dice.between(1, 6) {
        let category = dice.pick(&["养护用品", "精品附件", "油品", "易损件"]);
        let amount = dice.any_size(6) * if dice.percent(15) { -1 } else { 1 };
        if ["养护用品", "精品附件"].contains(&category) {
            fen += amount;
        }
        rows.sales.push((id.to_owned(), category, amount));
    }
    (fen, 100)
}

/// The mean of the ratings that a named rater gave in the month.
fn rated(rows: &mut Rows, dice: &mut Dice, (whom, of_team): (&str, bool), what: &'static str) -> Figure {
    let (mut sum, mut count) = (0, 0);
    for at in 0..dice.between(1, 3) {
        let points = dice.between(0, 100_00);
        let (before, signed) = (at > 0 && dice.percent(15), at == 0 || dice.percent(95));
        if !before && signed {
            (sum, count) = (sum + points, count + 1);
        }
        let on = if before { BEFORE } else { october_day(dice) };
        rows.points.push(Points { whom: whom.to_owned(), of_team, what, points, on, signed });
    }
    (sum, 100 * count)
}

/// Hundredths of points taken off.
fn conduct(rows: &mut Rows, dice: &mut Dice, id: &str) -> i64 {
    let mut sum = 0;
    for _ in 0..dice.between(0, 2) {
        let (points, before) = (dice.between(0, 5_00), dice.percent(20));
        sum += if before { 0 } else { points };
        let on = if before { BEFORE } else { october_day(dice) };
        rows.conduct.push(Points { whom: id.to_owned(), of_team: false, what: "着装", points, on, signed: true });
    }
    sum
}

/// Teams and their members with the figures that their rows come to.
fn teams(rows: &mut Rows, dice: &mut Dice) -> Vec<Subject> {
    let names: Vec<String> = (0..TEAMS).map(|at| format!("班组{at:03}")).collect();
    let (mut cars, mut external) = (vec![0_i64; TEAMS], vec![0_i64; TEAMS]);
    for at in 0..TEAMS {
        settled(rows, dice, &names, at, &mut cars, &mut external);
    }
    let mut subjects = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let figures = vec![
            completed(rows, dice, name),
            (external[at], cars[at]),
            called(rows, dice, name),
            rated(rows, dice, (name, true), "流程执行"),
        ];
        let team =
            |id: String, card, deducted| Subject { id, card, figures: figures.clone(), target: (1, 1), deducted };
        subjects.push(team(name.clone(), Card::Team, 0));
        for member in 0..2 {
            let id = format!("M{at:03}{member}");
            rows.members.push((id.clone(), name.clone()));
            let deducted = conduct(rows, dice, &id);
            subjects.push(team(id, Card::Member, deducted));
        }
    }
    subjects
}

/// The mean of hours ÷ target hours, from the bay where there is a stamp.
fn completed(rows: &mut Rows, dice: &mut Dice, team: &str) -> Figure {
    let mut sum = Fraction::whole(0);
    let count = dice.between(1, 5);
    for at in 0..count {
        let class = usize::try_from(dice.between(0, 2)).unwrap();
        let started = dice.between(0, 600);
        let bay = dice.percent(60).then(|| started + dice.between(0, 900));
        let completed = bay.unwrap_or(started) + dice.between(0, 40_000);
        let seconds = completed - bay.unwrap_or(started);
        sum = sum.plus(&Fraction::new(seconds, 36 * CLASSES[class].2));
        let (ro, advisor) = (format!("{team}-{at}"), "A0000X".to_owned());
        let (team, acknowledged) = (Some(team.to_owned()), Some(0));
        rows.orders.push(Stamps { ro, advisor, team, class, acknowledged, started, bay, completed });
    }
    // Seconds over the classes' hours have the common denominator 36 × 200 × 350 × 725.
    let common = 36 * 200 * 350 * 725;
    let whole = sum.times(&Fraction::whole(common)).fen();
    (i64::try_from(whole).unwrap() / 100, common * count)
}

/// Satisfied with the repair among the calls that asked, of orders that the team worked on.
fn called(rows: &mut Rows, dice: &mut Dice, team: &str) -> Figure {
    let (mut satisfied, mut count) = (0, 0);
    let own: Vec<String> = rows.sheets.iter().filter(|one| one.team == team).map(|one| one.number.clone()).collect();
    for at in 0..dice.between(1, 6) {
        let answer = (at == 0 || dice.percent(80)).then(|| dice.percent(70));
        let reached = at == 0 || dice.percent(80);
        if let (Some(answer), true) = (answer, reached) {
            (satisfied, count) = (satisfied + i64::from(answer), count + 1);
        }
        let which = usize::try_from(dice.between(0, i64::try_from(own.len()).unwrap() - 1)).unwrap();
        rows.calls.push((own[which].clone(), answer, reached));
    }
    (satisfied, count)
}

/// Settlements of a team: cars, reversals, and originals of September whose returns other teams take.
fn settled(rows: &mut Rows, dice: &mut Dice, names: &[String], at: usize, cars: &mut [i64], external: &mut [i64]) {
    let sheet = |number: String, vin: &str, order_type, team: usize| {
        let (opened, settled) = (date(2026, 10, 8), date(2026, 10, 9));
        let (vin, team) = (vin.to_owned(), names[team].clone());
        Sheet { number, vin, order_type, origin: None, opened, settled, reverses: None, team }
    };
    for which in 0..dice.between(4, 9) {
        let number = format!("B{at}-{which}");
        let order_type = dice.pick(&["常规保养", "普通维修", "保修", "内部修理", "PDI检查"]);
        let counts = which == 0 || !["内部修理", "PDI检查"].contains(&order_type);
        let order_type = if which == 0 { "普通维修" } else { order_type };
        rows.sheets.push(sheet(number.clone(), &number, order_type, at));
        let back = which > 0 && dice.percent(15);
        if back {
            let settled = date(2026, 10, 20);
            let reverses = Some(number.clone());
            let own = sheet(format!("{number}F"), &number, order_type, at);
            rows.sheets.push(Sheet { settled, reverses, ..own });
        }
        cars[at] += i64::from(counts) - i64::from(counts && back);
    }
    for which in 0..dice.between(0, 2) {
        let (number, settled) = (format!("C{at}-{which}"), date(2026, 9, i8::try_from(dice.between(5, 28)).unwrap()));
        let original = sheet(number.clone(), &number, "普通维修", at);
        rows.sheets.push(Sheet { opened: settled, settled, ..original });
        let other = usize::try_from(dice.between(0, i64::try_from(names.len()).unwrap() - 1)).unwrap();
        let by_pointer = dice.percent(40);
        let days = if dice.percent(40) { dice.between(29, 31) } else { dice.between(27, 40) };
        let opened = settled.checked_add(jiff::Span::new().days(days)).unwrap();
        let order_type =
            if by_pointer { dice.pick(&["外部返工维修", "内部返工维修"]) } else { "普通维修" };
        let origin = by_pointer.then(|| number.clone());
        // Returns that point nowhere are found where the same vehicle comes again within 30 days.
        let counts = if by_pointer { order_type == "外部返工维修" } else { days <= 30 };
        external[at] += i64::from(counts);
        cars[other] += i64::from(!by_pointer);
        let back = sheet(format!("{number}R"), &number, order_type, other);
        rows.sheets.push(Sheet { opened, settled: date(2026, 10, 31), origin, ..back });
    }
}

fn moment(seconds: i64) -> Cell {
    let report: DateTime = date(2026, 10, 12).at(8, 0, 0, 0);
    Cell::Moment(report.checked_add(jiff::Span::new().seconds(seconds)).unwrap())
}

fn of_month(on: Date) -> &'static str {
    if on.month() == 10 { "2026-10" } else { "2026-09" }
}

/// What every row has.
fn any(period: &str, column: &str) -> Option<Cell> {
    match column {
        "store_id" => text(STORE),
        "period" => text(period),
        _ => None,
    }
}

fn sheet_cell(one: &Sheet, column: &str) -> Option<Cell> {
    match column {
        "balance_no" | "ro_no" => text(&one.number),
        "vin" => text(&one.vin),
        "payer" | "item" => text("客户"),
        "advisor" => text("A0000"),
        "ro_type" => text(if one.order_type.ends_with("返工维修") { "返工" } else { "维修" }),
        "order_type" => text(one.order_type),
        "origin_ro_no" => one.origin.as_deref().and_then(text),
        "opened_on" => day(one.opened),
        "settled_on" => day(one.settled),
        "is_red" | "no_guarantee" => Some(Cell::Bool(false)),
        "reverses" => one.reverses.as_deref().and_then(text),
        "job_group" => text("机电"),
        "team" => text(&one.team),
        "line_no" => whole(1),
        "standard_hours" | "assigned_hours" => decimals(1_00, 2),
        "output_amount" | "labour_amount" | "received" | "parts_amount" | "other_amount" => decimals(100, 2),
        _ => any(of_month(one.settled), column),
    }
}

fn points_cell((at, one): &(usize, &Points), column: &str) -> Option<Cell> {
    match column {
        "rating_no" | "entry_no" => text(&format!("P{at}")),
        "employee_id" if !one.of_team => text(&one.whom),
        "team" if one.of_team => text(&one.whom),
        "indicator" | "code" => text(one.what),
        "points" => decimals(one.points, 2),
        "rater" | "witness" if one.signed => text("评分人"),
        "rated_on" | "happened_on" => day(one.on),
        _ => any("2026-10", column),
    }
}

fn holder((id, role, team): &(String, &str, Option<String>), column: &str) -> Option<Cell> {
    match column {
        "employee_id" | "name" => text(id),
        "role" | "role_title" => text(role),
        "team" => team.as_deref().and_then(text),
        "regular" => Some(Cell::Bool(true)),
        "weight" => whole(1),
        "valid_from" => day(date(2026, 10, 1)),
        "valid_to" => day(date(2026, 10, 31)),
        "days" | "period_days" => whole(31),
        _ => any("2026-10", column),
    }
}

fn frames(plan: &Plan, rows: &Rows, advisors: &[Subject]) -> Frames {
    let people: Vec<(String, &str, Option<String>)> = advisors
        .iter()
        .map(|one| (one.id.clone(), "general-advisor", None))
        .chain(rows.members.iter().map(|(id, team)| (id.clone(), "mechanic", Some(team.clone()))))
        .collect();
    let month: Vec<&Sheet> = rows.sheets.iter().filter(|one| one.settled.month() == 10).collect();
    let all: Vec<&Sheet> = rows.sheets.iter().collect();
    let ratings: Vec<(usize, &Points)> = rows.points.iter().enumerate().collect();
    let conduct: Vec<(usize, &Points)> = rows.conduct.iter().enumerate().collect();
    let sales: Vec<(usize, &(String, &str, i64))> = rows.sales.iter().enumerate().collect();
    let calls: Vec<(usize, &(String, Option<bool>, bool))> = rows.calls.iter().enumerate().collect();
    let visits: Vec<(usize, &Visit)> = rows.visits.iter().enumerate().collect();
    let surveys: Vec<(usize, &(String, Option<i64>, Date))> = rows.surveys.iter().enumerate().collect();
    let visited = date(2026, 10, 1);
    let after = move |days: i64| day(visited.checked_add(jiff::Span::new().days(days)).unwrap());
    Frames::from([
        given(plan, "card-holders.spine", &people, holder),
        given(plan, "orders", &month, |one, column| sheet_cell(one, column)),
        given(plan, "orders.history", &all, |one, column| sheet_cell(one, column)),
        given(plan, "labour", &month, |one, column| sheet_cell(one, column)),
        given(plan, "labour.history", &all, |one, column| sheet_cell(one, column)),
        given(plan, "ratings", &ratings, points_cell),
        given(plan, "conduct", &conduct, points_cell),
        given(plan, "surveys", &surveys, |(at, (id, points, on)), column| match column {
            "survey_no" | "ro_no" => text(&format!("D{at}")),
            "employee_id" => text(id),
            "channel" => text("微信"),
            "sent_on" => day(*on),
            "satisfaction" => points.and_then(|points| decimals(points, 1)),
            _ => any("2026-10", column),
        }),
        given(plan, "service_times", &rows.orders, |one, column| match column {
            "ro_no" => text(&one.ro),
            "employee_id" => text(&one.advisor),
            "team" => one.team.as_deref().and_then(text),
            "vehicle_class" => text(CLASSES[one.class].0),
            "complexity" => text(CLASSES[one.class].1),
            "reported_at" => Some(moment(0)),
            "acknowledged_at" => one.acknowledged.map(moment),
            "started_at" => Some(moment(one.started)),
            "bay_in_at" => one.bay.map(moment),
            "completed_at" | "promised_at" | "handed_over_at" => Some(moment(one.completed)),
            "estimate" | "final_amount" => decimals(0, 2),
            "complete" | "signed" => Some(Cell::Bool(true)),
            "added_items" | "added_consented" => whole(0),
            "settled_on" => day(date(2026, 10, 31)),
            _ => any("2026-10", column),
        }),
        given(plan, "completion_targets", &CLASSES, |(class, complexity, hours), column| match column {
            "vehicle_class" => text(class),
            "complexity" => text(complexity),
            "target_hours" => decimals(*hours, 2),
            "valid_from" => day(date(2020, 1, 1)),
            _ => any("2026-10", column),
        }),
        given(plan, "follow_ups", &visits, |(at, one), column| match column {
            "visit_no" | "customer_no" => text(&format!("V{at}")),
            "employee_id" => text(&one.advisor),
            "visited_on" => day(visited),
            "file_completed_on" => one.file.and_then(after),
            "first_on" => one.first.and_then(after),
            "second_on" => one.second.and_then(|days| after(days + one.first.unwrap_or_default())),
            "closed_on" => day(date(2026, 10, 20)),
            _ => any("2026-10", column),
        }),
        given(plan, "parts", &sales, |(at, (id, category, amount)), column| match column {
            "sale_no" | "part_no" | "part_name" | "measure" => text(&format!("S{at}")),
            "line_no" => whole(1),
            "advisor" => text(id),
            "category" => text(category),
            "quantity" => decimals(if *amount < 0 { -100 } else { 100 }, 2),
            "sales_amount" => decimals(*amount, 2),
            "cost_amount" => decimals(0, 2),
            "settled_on" => day(date(2026, 10, 9)),
            _ => any("2026-10", column),
        }),
        given(plan, "identities", advisors, |one, column| match column {
            "dms_user" | "employee_id" => text(&one.id),
            "kind" => text("姓名"),
            "valid_from" => day(date(2020, 1, 1)),
            _ => any("2026-10", column),
        }),
        given(plan, "targets", &rows.targets, |(id, target), column| match column {
            "employee_id" => text(id),
            "cars_target" | "care_target" => whole(1),
            "value_added_target" => decimals(*target, 2),
            _ => any("2026-10", column),
        }),
        given(plan, "callbacks", &calls, |(at, (ro, answer, reached)), column| match column {
            "callback_no" => text(&format!("H{at}")),
            "ro_no" => text(ro),
            "called_on" => day(date(2026, 10, 28)),
            "result" => text(if *reached { "成功" } else { "未接通" }),
            "repair_satisfied" => answer.and_then(|answer| text(if answer { "满意" } else { "一般" })),
            _ => any("2026-10", column),
        }),
    ])
}

/// Compares the scores that a step made; `who` names the column of the subjects.
fn compare(evaluation: &Evaluation<'_>, full: &str, who: &str, subjects: &[&Subject]) {
    let scored = evaluation.store.get(full).unwrap();
    let rows = 0..u32::try_from(scored.frame.height()).unwrap();
    let rows: BTreeMap<String, u32> = rows.map(|row| (scored.cell(row, who).canonical(), row)).collect();
    assert_eq!(rows.len(), subjects.len(), "{full}");
    for one in subjects {
        let row = rows[&one.id];
        for (indicator, points) in clauses::indicators(one.card).iter().zip(clauses::points(one, Held::Exactly)) {
            let came = came(scored, row, &format!("score_{}_points", indicator.name));
            assert!(came.compare(&points) == Ordering::Equal, "{full} {} {}: {came:?}", one.id, indicator.name);
        }
        let wanted = Fraction::new(clauses::exact(one, Held::Exactly).fen(), 100);
        assert!(came(scored, row, "score").compare(&wanted) == Ordering::Equal, "{full} {}", one.id);
    }
}

#[test]
fn advisors_and_teams_are_scored_exactly_from_rows() {
    let (mut rows, mut dice) = (Rows::default(), Dice::new(SEED));
    let advisors = advisors(&mut rows, &mut dice);
    let teams = teams(&mut rows, &mut dice);
    let plan = real_plan(&Disk);
    let mut evaluation = Evaluation::new(&plan, october());
    for (name, stored) in frames(&plan, &rows, &advisors) {
        evaluation.store.put(name, stored);
    }
    for (pipeline, step) in [("advisor-card", "scored"), ("team-card", "scored"), ("team-card", "members_scored")] {
        evaluation.demand(plan.pipeline(pipeline).unwrap(), step, &mut NoFiles).unwrap();
    }
    let of = |card| teams.iter().filter(|one| one.card == card).collect::<Vec<_>>();
    compare(&evaluation, "advisor-card.scored", "employee_id", &advisors.iter().collect::<Vec<_>>());
    compare(&evaluation, "team-card.scored", "team", &of(Card::Team));
    compare(&evaluation, "team-card.members_scored", "employee_id", &of(Card::Member));
    let mut said: BTreeMap<&str, usize> = BTreeMap::new();
    for exception in &evaluation.exceptions {
        *said.entry(exception.what.code.id).or_default() += 1;
    }
    let unstamped = rows.orders.iter().filter(|one| one.acknowledged.is_none()).count();
    let unsigned = rows.points.iter().filter(|one| !one.signed && one.on != BEFORE).count();
    assert!(unstamped > 20 && unsigned > 20, "{unstamped} {unsigned}");
    assert_eq!(said, BTreeMap::from([("rating-without-rater", unsigned), ("stamp-missing", unstamped)]));
    let reworked = of(Card::Team).iter().filter(|one| one.figures[1].0 > 0).count();
    assert!(reworked * 5 > TEAMS, "{reworked}");
}
