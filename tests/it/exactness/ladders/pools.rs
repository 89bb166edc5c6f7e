//! The pool's bound (D7-1, D7-2) for store-months, and the scale-down of performance pay to the fen, against a reference
//! of its own.

use std::collections::BTreeMap;

use jiff::civil::date;
use jixiao::money::Exact;
use jixiao::plan::Plan;
use jixiao::run::cells::Cell;
use jixiao::run::evaluate::Evaluation;
use jixiao::world::Disk;
use jixiao::world::period::Period;

use crate::exactness::dice::Dice;
use crate::exactness::fraction::Fraction;
use crate::exactness::given::NoFiles;
use crate::exactness::plans::frames::{Frames, day, decimals, given, text, whole};
use crate::exactness::real_plan;

const STORES: usize = 40_000;
const SEED: u64 = 20_270_131;

/// A store-month; money in fen.
struct Month {
    id: String,
    output: i64,
    revenue: i64,
    /// Gross profit.
    profit: i64,
    wages: [i64; 2],
}

fn months() -> Vec<Month> {
    let mut dice = Dice::new(SEED);
    (0..STORES)
        .map(|at| {
            let output = match dice.between(0, 9) {
                0..=2 => 2_000_000_00 + dice.between(-1, 1),
                3..=5 => 2_500_000_00 + dice.between(-1, 1),
                6 | 7 => 3_000_000_00 + dice.between(-1, 1),
                _ => dice.any_size(9) - dice.any_size(6),
            };
            let revenue = dice.between(1, 90_000) * 100;
            let profit = match dice.between(0, 4) {
                0 | 1 => revenue / 100 * 45 + dice.between(-1, 1),
                2 => revenue / 100 * 40 + dice.between(-1, 1),
                _ => dice.between(-revenue / 4, revenue),
            };
            let mut wages = [dice.any_size(7), dice.any_size(7)];
            if dice.percent(30) {
                // Half of an odd wage: half a fen, where the pool is whole.
                wages = [dice.between(0, 5_000_00), dice.between(0, 2_000_00) * 2 + 1];
            }
            let output = if dice.percent(25) { output / 1000_00 * 1000_00 } else { output };
            Month { id: format!("T{at:05}"), output, revenue, profit, wages }
        })
        .collect()
}

/// D7-1: the coefficient in thousandths, by output and margin.
fn coefficient(month: &Month) -> i64 {
    let margin = (month.profit * 100).cmp(&(month.revenue * 45));
    if month.output >= 2_500_000_00 {
        if margin.is_gt() { 75 } else { 70 }
    } else if month.output > 2_000_000_00 || margin.is_ge() {
        70
    } else {
        68
    }
}

/// D7-2: the pool less the car-washers' wages and half of the customer-relations department's.
fn left(month: &Month) -> Fraction {
    let pool = Fraction::yuan(month.output.max(0)).times(&Fraction::new(coefficient(month), 1000));
    pool.minus(&Fraction::yuan(month.wages[0])).minus(&Fraction::yuan(month.wages[1]).times(&Fraction::new(1, 2)))
}

fn january() -> Period {
    Period::parse("2027-01").unwrap()
}

fn evaluated<'a>(plan: &'a Plan, given: &Frames, pipeline: &str, step: &str) -> Evaluation<'a> {
    let mut evaluation = Evaluation::new(plan, january());
    for (name, stored) in given {
        evaluation.store.put(name.clone(), stored.clone());
    }
    evaluation.demand(plan.pipeline(pipeline).unwrap(), step, &mut NoFiles).unwrap();
    evaluation
}

#[test]
fn the_bound_of_forty_thousand_store_months_is_exact() {
    let (plan, months) = (real_plan(&Disk), months());
    let wages: Vec<(&Month, usize)> = months.iter().flat_map(|month| [(month, 0), (month, 1)]).collect();
    let given = Frames::from([
        given(&plan, "margin-pools.margined", &months, |month, column| match column {
            "store_id" => text(&month.id),
            "people" => whole(20),
            "output" | "output_base" => decimals(month.output, 2),
            "revenue" => decimals(month.revenue, 2),
            "cost" => decimals(month.revenue - month.profit, 2),
            "opening_output" => decimals(0, 2),
            "margin" => {
                let (over, under) = (Exact::from_i128(month.profit.into()), Exact::from_i128(month.revenue.into()));
                Some(Cell::Number(over.div(&under).unwrap()))
            }
            _ => None,
        }),
        given(&plan, "pool_wages", &wages, |(month, at), column| match column {
            "store_id" => text(&month.id),
            "period" => text("2027-01"),
            "employee_id" => text("C1"),
            "department" => text(["洗车", "客户关系"][*at]),
            "wage" => decimals(month.wages[*at], 2),
            "counted_to" => day(date(2027, 1, 31)),
            _ => None,
        }),
    ]);
    let evaluation = evaluated(&plan, &given, "margin-pools", "bounded");
    let bounded = evaluation.store.get("margin-pools.bounded").unwrap();
    assert_eq!(bounded.frame.height(), STORES);
    let (mut ties, mut at): (usize, BTreeMap<(i64, i64), usize>) = (0, BTreeMap::new());
    for row in 0..u32::try_from(STORES).unwrap() {
        let month = &months[usize::try_from(row).unwrap()];
        let left = left(month);
        ties += usize::from(left.is_tie());
        for bound in [2_000_000_00, 2_500_000_00, 3_000_000_00] {
            if (month.output - bound).abs() <= 1 {
                *at.entry((bound, (month.output - bound).signum())).or_default() += 1;
            }
        }
        for percent in [40, 45] {
            let distance = month.profit * 100 - month.revenue * percent;
            if distance.abs() <= 100 {
                *at.entry((percent, distance.signum())).or_default() += 1;
            }
        }
        assert_eq!(bounded.cell(row, "store_id").canonical(), month.id);
        let fen = left.not_below_zero().fen();
        let came = bounded.cell(row, "bound").number().unwrap().mul(&Exact::from(100)).to_canonical();
        assert_eq!(came, fen.to_string(), "{} fen at {} of {}", month.output, month.profit, month.revenue);
    }
    assert!(ties * 10 >= STORES, "{ties} bounds lie between two fen");
    assert_eq!(at.len(), 15, "{at:?}");
    for bound in [2_000_000_00, 2_500_000_00, 3_000_000_00, 40, 45] {
        let sides: Vec<usize> = (-1..=1).map(|side| at[&(bound, side)]).collect();
        assert!(sides.iter().sum::<usize>() * 10 >= STORES, "{bound}: {sides:?}");
    }
}

/// The shares of a bound by what is above zero: cut to the fen, the fen that are left to the largest remainders, then
/// the larger total, then the lower id.
fn scaled(bound: i64, totals: &[(String, i64)]) -> BTreeMap<String, i128> {
    let pool = i128::from(bound) - totals.iter().map(|(_, total)| i128::from(total.min(&0).to_owned())).sum::<i128>();
    let positive: Vec<&(String, i64)> = totals.iter().filter(|(_, total)| *total > 0).collect();
    let all: i128 = positive.iter().map(|(_, total)| i128::from(*total)).sum();
    let mut shares: BTreeMap<String, i128> = BTreeMap::new();
    let mut rest: Vec<(i128, i64, &str)> = Vec::new();
    for (id, total) in positive {
        let product = pool * i128::from(*total);
        shares.insert(id.clone(), product / all);
        rest.push((product % all, *total, id));
    }
    let left = pool - shares.values().sum::<i128>();
    rest.sort_by(|a, b| (b.0, b.1, a.2).cmp(&(a.0, a.1, b.2)));
    for (_, _, id) in rest.iter().take(usize::try_from(left).unwrap()) {
        *shares.get_mut(*id).unwrap() += 1;
    }
    shares
}

#[test]
fn performance_pay_is_scaled_down_to_the_fen() {
    const SHOPS: usize = 6_000;
    let (plan, mut dice) = (real_plan(&Disk), Dice::new(SEED + 1));
    let mut shops: Vec<(String, i64)> = Vec::new();
    let mut people: Vec<(usize, String, i64)> = Vec::new();
    for shop in 0..SHOPS {
        let count = dice.between(1, 30);
        let equal = dice.percent(20).then(|| dice.any_size(6));
        let mut sum = 0;
        for at in 0..count {
            let total = if dice.percent(8) { -dice.any_size(5) } else { equal.unwrap_or_else(|| dice.any_size(7)) };
            sum += total;
            people.push((shop, format!("P{at:03}"), total));
        }
        // On the sum, a fen beside it, or well below.
        let bound = if dice.percent(40) { sum + dice.between(-1, 1) } else { sum * dice.between(10, 99) / 100 };
        shops.push((format!("T{shop:05}"), bound.max(0)));
    }
    let given = Frames::from([
        given(&plan, "margin-pools.bounded", &shops, |(id, bound), column| match column {
            "store_id" => text(id),
            "bound" => decimals(*bound, 2),
            "bound_rule" => text("按比例缩减"),
            "pool_rate_held_by" => None,
            "people" => whole(20),
            _ => whole(0),
        }),
        given(&plan, "margin-pools.people", &people, |(shop, id, total), column| match column {
            "store_id" => text(&shops[*shop].0),
            "employee_id" | "name" => text(id),
            "role" => text("general-advisor"),
            "regular" => Some(Cell::Bool(true)),
            "valid_from" => day(date(2027, 1, 1)),
            "valid_to" => day(date(2027, 1, 31)),
            "total" | "performance" => decimals(*total, 2),
            "role_title" | "team" | "group" | "own_coefficient" => None,
            _ => whole(0),
        }),
    ]);
    let evaluation = evaluated(&plan, &given, "margin-pools", "allocated");
    let allocated = evaluation.store.get("margin-pools.allocated").unwrap();
    let mut came: BTreeMap<(String, String), String> = BTreeMap::new();
    for row in 0..u32::try_from(allocated.frame.height()).unwrap() {
        let place = (allocated.cell(row, "store_id").canonical(), allocated.cell(row, "employee_id").canonical());
        let fen = allocated.cell(row, "scaled").number().unwrap().mul(&Exact::from(100)).to_canonical();
        assert!(came.insert(place, fen).is_none());
    }
    let mut exceeding = 0;
    let mut wanted: BTreeMap<(String, String), String> = BTreeMap::new();
    for (shop, (id, bound)) in shops.iter().enumerate() {
        let own: Vec<(String, i64)> =
            people.iter().filter(|one| one.0 == shop).map(|(_, person, total)| (person.clone(), *total)).collect();
        if own.iter().map(|(_, total)| total).sum::<i64>() <= *bound {
            continue;
        }
        exceeding += 1;
        let shares = scaled(*bound, &own);
        wanted.extend(shares.into_iter().map(|(person, fen)| ((id.clone(), person), fen.to_string())));
    }
    assert!(exceeding * 2 > SHOPS, "{exceeding} of {SHOPS} exceed");
    let said = evaluation.exceptions.iter().filter(|one| one.what.code.id == "pool-scaled-down").count();
    assert_eq!(said, exceeding);
    let different: Vec<_> = wanted.iter().filter(|(place, fen)| came.get(*place) != Some(*fen)).collect();
    assert!(different.is_empty(), "{} of {} differ: {:?}", different.len(), wanted.len(), different.first());
    assert_eq!(came.len(), wanted.len());
}
