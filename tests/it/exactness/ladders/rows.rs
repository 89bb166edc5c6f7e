//! Advisors from rows (D6-5): settlements with payers, reversals and orders that count nothing, packages sold and taken
//! back at list price and discounted, policies and surrenders, calls. The reference knows the facts that the rows were
//! made from, and no row.

use jiff::civil::{Date, date};
use jixiao::plan::Plan;
use jixiao::run::cells::Cell;
use jixiao::world::Disk;

use super::frames::STORE;
use super::people::{Advisor, DAYS};
use super::{SEED, january, reference};
use crate::exactness::dice::Dice;
use crate::exactness::plans::frames::{Frames, day, decimals, given, pay_all, text, whole};
use crate::exactness::real_plan;

const PEOPLE: usize = 1_500;

/// A settlement row of one payer.
struct Sheet {
    who: usize,
    number: String,
    order_type: &'static str,
    settled: Date,
    fen: i64,
    payer: &'static str,
    reverses: Option<String>,
}

/// A sale of care: item, quantity, list price and amount in fen.
struct Sale {
    who: usize,
    item: &'static str,
    quantity: i64,
    list: i64,
    amount: i64,
}

/// A proposal: full cover, with a compulsory policy, surrendered, profit in fen.
struct Proposal {
    who: usize,
    full: bool,
    compulsory: bool,
    surrendered: bool,
    profit: i64,
}

/// A call: order, day, dissatisfied with reception, overall, the repair being the reason.
struct Call {
    order: String,
    on: Date,
    reception: bool,
    repair: bool,
}

#[derive(Default)]
struct Rows {
    people: Vec<Advisor>,
    sheets: Vec<Sheet>,
    sales: Vec<Sale>,
    proposals: Vec<Proposal>,
    calls: Vec<Call>,
}

/// Packages with their place in [`Advisor::packages`], then other care with its fee at list price and discounted.
const PACKAGES: [&str; 3] = ["三元催化清洗", "发动机清洗与保护", "进气道油路节气门清洗"];
const OTHERS: [(&str, i64, i64); 5] = [
    ("油泥清洗", 30_00, 30_00),
    ("发动机保护", 30_00, 30_00),
    ("空调清洗", 30_00, 30_00),
    ("原厂踏板", 100_00, 50_00),
    ("原厂下护板", 50_00, 25_00),
];

fn january_day(dice: &mut Dice) -> Date {
    date(2027, 1, i8::try_from(dice.between(1, DAYS)).unwrap())
}

fn rows() -> Rows {
    let mut dice = Dice::new(SEED + 9);
    let mut rows = Rows::default();
    for who in 0..PEOPLE {
        let mut one = super::people::advisors(SEED + 10 + u64::try_from(who).unwrap(), 1).remove(0);
        (one.id, one.days, one.opening) = (format!("R{who:05}"), DAYS, [0; 7]);
        (one.output, one.maintenance, one.packages, one.care) = (0, 0, [0; 3], 0);
        (one.covers, one.profit, one.compulsory, one.complaints) = (0, 0, 0, [0; 3]);
        rows.people.push(one);
        settle(&mut rows, &mut dice, who);
        sell(&mut rows, &mut dice, who);
        insure(&mut rows, &mut dice, who);
        call(&mut rows, &mut dice, who);
    }
    rows
}

fn settle(rows: &mut Rows, dice: &mut Dice, who: usize) {
    for at in 0..dice.between(0, 12) {
        let order_type = dice.pick(&["常规保养", "首次保养", "普通维修", "内部修理", "PDI检查", "外部返工维修"]);
        let counts = ["常规保养", "首次保养", "普通维修"].contains(&order_type);
        let maintained = counts && order_type != "普通维修";
        let number = format!("{who}-{at}");
        let earlier = dice.percent(15);
        let settled = if earlier { date(2026, 12, 20) } else { january_day(dice) };
        let fen = if dice.percent(20) { dice.between(200, 290) * 1000_00 } else { dice.any_size(7) };
        let sheet = |fen, payer, number: &str, settled, reverses| {
            let number = number.to_owned();
            Sheet { who, number, order_type, settled, fen, payer, reverses }
        };
        let split = if dice.percent(30) { dice.between(0, fen) } else { 0 };
        rows.sheets.push(sheet(fen - split, "客户", &number, settled, None));
        if split > 0 {
            rows.sheets.push(sheet(split, "保险公司", &number, settled, None));
        }
        let taken_back = dice.percent(25);
        if taken_back {
            let back = date(2027, 1, 31);
            rows.sheets.push(sheet(-fen, "客户", &format!("{number}-F"), back, Some(number.clone())));
        }
        let times = i64::from(!earlier) - i64::from(taken_back);
        if counts {
            rows.people[who].output += times * fen;
            rows.people[who].maintenance += times * i64::from(maintained);
        }
    }
}

fn sell(rows: &mut Rows, dice: &mut Dice, who: usize) {
    for _ in 0..dice.between(0, 10) {
        let (list, quantity) = (dice.between(1, 90_000), dice.between(1, 3) * if dice.percent(15) { -1 } else { 1 });
        let discounted = dice.percent(50);
        let amount = list * quantity - i64::from(discounted) * quantity.signum();
        let person = &mut rows.people[who];
        let item = if dice.percent(60) {
            let at = dice.between(0, 2);
            let at = usize::try_from(at).unwrap();
            person.packages[at] += quantity;
            PACKAGES[at]
        } else {
            let (item, full, less) = dice.pick(&OTHERS);
            person.care += quantity * if discounted { less } else { full };
            item
        };
        rows.sales.push(Sale { who, item, quantity, list, amount });
    }
}

fn insure(rows: &mut Rows, dice: &mut Dice, who: usize) {
    for _ in 0..dice.between(0, 5) {
        let full = dice.percent(60);
        let (compulsory, surrendered) = (!full || dice.percent(70), dice.percent(20));
        let profit = dice.any_size(6) - if dice.percent(20) { 500_000 } else { 0 };
        let sign = if surrendered { -1 } else { 1 };
        let person = &mut rows.people[who];
        person.covers += sign * i64::from(full);
        person.compulsory += sign * i64::from(compulsory);
        person.profit += sign * i64::from(full) * profit.max(0);
        rows.proposals.push(Proposal { who, full, compulsory, surrendered, profit: sign * profit });
    }
}

fn call(rows: &mut Rows, dice: &mut Dice, who: usize) {
    let mut orders: Vec<String> = rows
        .sheets
        .iter()
        .filter(|one| one.who == who && one.reverses.is_none())
        .map(|one| one.number.clone())
        .collect();
    orders.dedup();
    for order in orders {
        // The heaviest of the months before and of this one: 0 none, 1 overall, 2 reception.
        let mut heaviest = [0, 0];
        for _ in 0..dice.between(0, 3) {
            let (before, reception, repair) = (dice.percent(30), dice.percent(30), dice.percent(30));
            let on = if before { date(2026, 12, 28) } else { january_day(dice) };
            let weight = if reception { 2 } else { i64::from(!repair) };
            let month = &mut heaviest[usize::from(!before)];
            *month = weight.max(*month);
            rows.calls.push(Call { order: order.clone(), on, reception, repair });
        }
        let complaints = &mut rows.people[who].complaints;
        match heaviest {
            [0, 2] => complaints[0] += 1,
            [1, 2] => complaints[1] += 1,
            [0, 1] => complaints[2] += 1,
            _ => {}
        }
    }
}

fn sheet_cell(rows: &Rows, sheet: &Sheet, column: &str) -> Option<Cell> {
    match column {
        "store_id" => text(STORE),
        "period" => text(if sheet.settled.year() == 2027 { "2027-01" } else { "2026-12" }),
        "balance_no" => text(&sheet.number),
        "ro_no" | "vin" => text(sheet.number.trim_end_matches("-F")),
        "payer" => text(sheet.payer),
        "advisor" => text(&rows.people[sheet.who].id),
        "ro_type" => text("维修"),
        "order_type" => text(sheet.order_type),
        "opened_on" => day(date(2026, 12, 15)),
        "settled_on" => day(sheet.settled),
        "is_red" | "no_guarantee" => Some(Cell::Bool(false)),
        "reverses" => sheet.reverses.as_deref().and_then(text),
        "output_amount" | "labour_amount" | "received" => decimals(sheet.fen, 2),
        "parts_amount" | "other_amount" => decimals(0, 2),
        _ => None,
    }
}

fn frames(plan: &Plan, rows: &Rows) -> Frames {
    let all: Vec<&Sheet> = rows.sheets.iter().collect();
    let month: Vec<&Sheet> = all.iter().filter(|one| one.settled.year() == 2027).copied().collect();
    let id = |who: usize| text(&rows.people[who].id);
    let yes = |truth: bool| text(if truth { "不满意" } else { "满意" });
    let numbered =
        |prefix: &str, count: usize| -> Vec<String> { (0..count).map(|at| format!("{prefix}{at}")).collect() };
    let sales: Vec<(String, &Sale)> = numbered("T", rows.sales.len()).into_iter().zip(&rows.sales).collect();
    let proposals: Vec<(String, &Proposal)> =
        numbered("P", rows.proposals.len()).into_iter().zip(&rows.proposals).collect();
    let calls: Vec<(String, &Call)> = numbered("H", rows.calls.len()).into_iter().zip(&rows.calls).collect();
    let spine = |one: &Advisor, column: &str| match column {
        "store_id" => text(STORE),
        "employee_id" | "name" => text(&one.id),
        "role" => text("general-advisor"),
        "regular" => Some(Cell::Bool(true)),
        "weight" => whole(1),
        "valid_from" => day(date(2027, 1, 1)),
        "valid_to" => day(date(2027, 1, 31)),
        "days" | "period_days" => whole(DAYS),
        _ => None,
    };
    Frames::from([
        given::<()>(plan, "carried", &[], |(), _| None),
        given(plan, "advisor-ladders.spine", &rows.people, spine),
        given(plan, "advisor-callbacks.spine", &rows.people, spine),
        given(plan, "orders.history", &all, |sheet, column| sheet_cell(rows, sheet, column)),
        given(plan, "orders", &month, |sheet, column| sheet_cell(rows, sheet, column)),
        given(plan, "identities", &rows.people, |one, column| match column {
            "store_id" => text(STORE),
            "period" => text("2027-01"),
            "dms_user" | "employee_id" => text(&one.id),
            "kind" => text("姓名"),
            "valid_from" => day(date(2020, 1, 1)),
            _ => None,
        }),
        given(plan, "packages", &sales, |(number, sale), column| match column {
            "store_id" => text(STORE),
            "period" => text("2027-01"),
            "sale_no" | "balance_no" | "ro_no" => text(number),
            "line_no" => whole(1),
            "advisor" => id(sale.who),
            "item" => text(sale.item),
            "quantity" => whole(sale.quantity),
            "list_price" => decimals(sale.list, 2),
            "sales_amount" => decimals(sale.amount, 2),
            "settled_on" => day(date(2027, 1, 15)),
            _ => None,
        }),
        given(plan, "insurance_sales", &proposals, |(number, one), column| match column {
            "store_id" => text(STORE),
            "period" => text("2027-01"),
            "proposal_no" | "vin" => text(number),
            "kind" => text(if one.full { "全险" } else { "交强险" }),
            "status" => text(if one.surrendered { "退保" } else { "正常" }),
            "compulsory_no" => one.compulsory.then(|| Cell::Text(number.clone())),
            "commercial_no" => one.full.then(|| Cell::Text(number.clone())),
            "advisor" => id(one.who),
            "premium" => decimals(if one.surrendered { -1 } else { 1 }, 2),
            "profit" => decimals(one.profit, 2),
            "sold_on" => day(date(2027, 1, 16)),
            _ => None,
        }),
        given(plan, "callbacks.history", &calls, |(number, one), column| match column {
            "store_id" => text(STORE),
            "period" => text(if one.on.year() == 2027 { "2027-01" } else { "2026-12" }),
            "callback_no" => text(number),
            "ro_no" => text(&one.order),
            "called_on" => day(one.on),
            "result" => text("成功"),
            "reception_satisfied" => yes(one.reception),
            "repair_satisfied" => yes(one.repair),
            "overall_satisfied" => yes(true),
            _ => None,
        }),
    ])
}

#[test]
fn advisors_are_paid_by_ladders_to_the_fen_from_rows() {
    let rows = rows();
    let plan = real_plan(&Disk);
    let (paid, said) = pay_all(&plan, january(), &frames(&plan, &rows), &["advisor-ladders"]);
    let wanted = reference(&rows.people);
    let different: Vec<_> = wanted.iter().filter(|(place, fen)| paid.get(*place) != Some(*fen)).collect();
    let first: Vec<_> = different.iter().take(3).map(|(place, fen)| (place, fen, paid.get(*place))).collect();
    assert!(different.is_empty(), "{} of {} lines differ: {first:?}", different.len(), wanted.len());
    assert_eq!(paid.len(), wanted.len());
    let losses = rows.proposals.iter().filter(|one| one.full && !one.surrendered && one.profit < 0).count();
    let negative = rows.people.iter().filter(|one| super::clauses::is_negative(one)).count();
    assert!(losses > 50 && negative > 50, "{losses} {negative}");
    assert_eq!(said.get("policy-at-a-loss"), Some(&losses));
    assert_eq!(said.get("negative-base"), Some(&negative));
    assert_eq!(said.len(), 2, "{said:?}");
}
