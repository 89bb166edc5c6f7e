//! Holders of posts that are paid by a department's profit, by what others are paid, by parts sold or by cars
//! inspected: a quarter's last month, 2026-12, as whole numbers; and the frames that give them to the program.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use jixiao::plan::Plan;
use jixiao::run::cells::Cell;

use super::frames::{Balance, Frames, carried, day, decimals, given, text, whole};
use crate::exactness::dice::Dice;

/// A post, and with it the plan that pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Post {
    Manager,
    Expert,
    WorkshopSupervisor,
    ReceptionSupervisor,
    Clerk,
    Inspector,
    PartsManager,
    PartsPlanner,
    PartsKeeper,
}

impl Post {
    pub const ALL: [Self; 9] = [
        Self::Manager,
        Self::Expert,
        Self::WorkshopSupervisor,
        Self::ReceptionSupervisor,
        Self::Clerk,
        Self::Inspector,
        Self::PartsManager,
        Self::PartsPlanner,
        Self::PartsKeeper,
    ];

    /// Plan, role and line.
    pub fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Manager => ("service-manager", "service-manager", "manager-bonus"),
            Self::Expert => ("technical-expert", "technical-expert", "expert-bonus"),
            Self::WorkshopSupervisor => ("supervisors", "workshop-supervisor", "supervisor-bonus"),
            Self::ReceptionSupervisor => ("supervisors", "reception-supervisor", "supervisor-bonus"),
            Self::Clerk => ("information-clerk", "information-clerk", "clerk-bonus"),
            Self::Inspector => ("inspector", "quality-inspector", "inspection"),
            Self::PartsManager => ("parts-department", "parts-manager", "parts-bonus"),
            Self::PartsPlanner => ("parts-department", "parts-planner", "parts-bonus"),
            Self::PartsKeeper => ("parts-department", "parts-keeper", "parts-bonus"),
        }
    }

    pub fn is_parts(self) -> bool {
        self >= Self::PartsManager
    }
}

/// Somebody who holds a post, mostly until the end of the quarter.
#[derive(Clone, Debug)]
pub struct Holder {
    pub id: String,
    pub post: Post,
    /// First and last day in the quarter, from 1.
    pub from: i64,
    pub to: i64,
    /// In hundredths of a point; the manager's is the quarter's.
    pub score: i64,
    /// For a clerk: what the advisors were paid, output, care and other lines, in fen.
    pub lines: [i64; 3],
    /// For an inspector.
    pub cars: i64,
    pub returned: i64,
}

/// Days of October, November and December, and of December.
pub const QUARTER: i64 = 92;
pub const DAYS: i64 = 31;
const FIRST: Date = date(2026, 10, 1);

impl Holder {
    /// Days in the quarter.
    pub fn quarter_days(&self) -> i64 {
        self.to - self.from + 1
    }

    /// Orders that came back to an inspector: some more than once.
    pub fn returned_orders(&self) -> i64 {
        (self.returned + 1) / 2
    }

    /// Days in the quarter's last month.
    pub fn days(&self) -> i64 {
        self.to - self.from.max(QUARTER - DAYS + 1) + 1
    }
}

/// A store's quarter.
#[derive(Clone, Debug)]
pub struct Office {
    pub id: String,
    /// Net profit and its target in fen, by month, of the after-sales department.
    pub after_sales: [(i64, i64); 3],
    /// The same of the parts department in December.
    pub parts: (i64, i64),
    pub expense: i64,
    pub parts_sales: i64,
    pub care_sales: i64,
    /// What the month before left below zero, in fen: of the month's profit, of the quarter's, of the parts pool.
    pub opening: [i64; 3],
    pub holders: Vec<Holder>,
}

impl Office {
    /// Profit and target of the after-sales department in December, what November left included.
    pub fn month(&self) -> (i64, i64) {
        let (profit, target) = self.after_sales[2];
        (profit + self.opening[0], target)
    }

    /// The same of the quarter, with what the quarter before left.
    pub fn quarter(&self) -> (i64, i64) {
        let profit: i64 = self.after_sales.iter().map(|(profit, _)| profit).sum();
        (profit + self.opening[1], self.after_sales.iter().map(|(_, target)| target).sum())
    }
}

/// The store that has chosen the other reading of each clause, as the parameters say.
pub const VARIANTS: &str = "S02";

/// So many stores, and one more with clerks by the variant.
pub fn offices(seed: u64, count: usize) -> Vec<Office> {
    let mut dice = Dice::new(seed);
    let mut offices: Vec<Office> = (0..count).map(|at| office(&mut dice, format!("K{at:05}"))).collect();
    let mut variants = office(&mut dice, VARIANTS.to_owned());
    for at in 0..2_000 {
        let clerk = holder(&mut dice, format!("{VARIANTS}-C{at}"), Post::Clerk);
        variants.holders.push(clerk);
        if at % 4 == 0 {
            let inspector = holder(&mut dice, format!("{VARIANTS}-I{at}"), Post::Inspector);
            variants.holders.push(inspector);
        }
    }
    offices.push(variants);
    open(seed + 1, &mut offices);
    offices
}

/// Lets some stores begin below zero. Month, quarter and pool come to what they were, the openings included.
fn open(seed: u64, offices: &mut [Office]) {
    let mut dice = Dice::new(seed);
    let mut below = || if dice.percent(40) { -dice.any_size(8) } else { 0 };
    for office in offices {
        let [month, quarter, pool] = [below(), below(), below()];
        office.after_sales[2].0 -= month;
        office.after_sales[1].0 += month - quarter;
        office.expense += pool;
        office.opening = [month, quarter, pool];
    }
}

fn office(dice: &mut Dice, id: String) -> Office {
    let december = profit(dice);
    let october = (dice.between(-50_000_00, 400_000_00), dice.between(1, 300_000_00));
    let (wanted, target) = match dice.between(1, 100) {
        1..=15 => (dice.between(-1, 1), dice.between(1, 900_000_00)),
        16..=50 => (30_000 * odd(dice, 100, 999), 9_000_000),
        _ => (dice.between(-100_000_00, 2_000_000_00), dice.between(1, 900_000_00)),
    };
    let november = (wanted - october.0 - december.0, target - october.1 - december.1);
    let mut office = Office {
        id,
        after_sales: [october, november, december],
        parts: (0, 1),
        expense: 0,
        parts_sales: 0,
        care_sales: 0,
        opening: [0; 3],
        holders: Vec::new(),
    };
    let keepers = usize::try_from(dice.pick(&[0, 1, 1, 1, 2, 3])).unwrap();
    for post in Post::ALL {
        let count = match post {
            Post::PartsKeeper => keepers,
            Post::PartsPlanner | Post::Clerk => usize::from(dice.percent(90)),
            _ => 1,
        };
        for at in 0..count {
            let (_, role, _) = post.names();
            let holder = holder(dice, format!("{}-{role}{at}", office.id), post);
            office.holders.push(holder);
        }
    }
    if target == 9_000_000 {
        settle(&mut office, Post::Manager, 62_50);
    }
    match december.1 {
        9_000_000 => {
            settle(&mut office, Post::WorkshopSupervisor, 100_00);
            settle(&mut office, Post::ReceptionSupervisor, 100_00);
        }
        900_000 => settle(&mut office, Post::Expert, 25_00),
        _ => {}
    }
    parts(dice, &mut office);
    office
}

fn odd(dice: &mut Dice, low: i64, high: i64) -> i64 {
    dice.between(low, high) / 2 * 2 + 1
}

/// Net profit and target of a month: near 0, or such that the square of the profit over the target comes to half a
/// fen although their quotient does not end in decimals, or anything.
fn profit(dice: &mut Dice) -> (i64, i64) {
    match dice.between(1, 100) {
        1..=15 => (dice.between(-1, 1), dice.between(1, 300_000_00)),
        16..=35 => (30_000 * odd(dice, 100, 999), 9_000_000),
        36..=55 => (30_000 * odd(dice, 10, 99), 900_000),
        56..=65 => (-dice.any_size(9), dice.between(1, 300_000_00)),
        66 => (dice.any_size(10), dice.between(1_000_00, 300_000_00)),
        _ => (dice.between(0, 400_000_00), dice.between(1, 300_000_00)),
    }
}

/// Everybody in a post, for all of the quarter, with a score.
fn settle(office: &mut Office, post: Post, score: i64) {
    for holder in office.holders.iter_mut().filter(|holder| holder.post == post) {
        (holder.from, holder.score) = (1, score);
    }
}

fn holder(dice: &mut Dice, id: String, post: Post) -> Holder {
    let score = match dice.between(1, 20) {
        1 => 0,
        2..=4 => 100_00,
        5..=8 => dice.between(60, 100) * 100,
        _ => dice.between(40_00, 110_00),
    };
    let from = if dice.percent(80) { 1 } else { dice.between(1, QUARTER) };
    let mut holder = Holder { id, post, from, to: QUARTER, score, lines: [0; 3], cars: 0, returned: 0 };
    match (post, dice.between(1, 100)) {
        (Post::Clerk, 1..=15) => holder.lines = [dice.between(-1, 1), 0, 0],
        (Post::Clerk, 16..=60) => {
            holder.lines = [10 * dice.between(0, 1_000_000) + 5, 10 * dice.any_size(6), -10 * dice.any_size(5)];
            (holder.from, holder.score) = (1, 50_00);
        }
        (Post::Clerk, _) => {
            holder.lines = [dice.any_size(8), dice.between(-1_000, 1_000_000), dice.between(-50_000, 50_000)];
        }
        (Post::Inspector, 1..=25) => {
            holder.returned = dice.between(0, 6);
            holder.cars = (50 * holder.returned + dice.between(-1, 1)).max(0);
        }
        (Post::Inspector, 26..=70) => {
            (holder.cars, holder.returned) = (odd(dice, 200, 900), dice.between(0, 3));
            holder.score = dice.between(40, 100) * 100 + 25;
        }
        (Post::Inspector, _) => (holder.cars, holder.returned) = (dice.between(0, 900), dice.between(0, 12)),
        _ => {}
    }
    holder
}

/// The parts department: a pool near 0, one whose parts lie between two fen, or anything.
fn parts(dice: &mut Dice, office: &mut Office) {
    let (parts, care) = (dice.between(1, 20_000), dice.between(0, 5_000));
    let earned = 100 * (parts + care);
    (office.parts_sales, office.care_sales) = (25_000 * parts, 10_000 * care);
    let whole = dice.between(1, 200_000_00);
    let keepers = office.holders.iter().filter(|holder| holder.post == Post::PartsKeeper).count();
    match dice.between(1, 100) {
        1..=15 => (office.expense, office.parts) = (earned + dice.between(-1, 1), (whole, whole)),
        16..=60 => {
            // A third of the keepers' fifth, by a score of 75, is a twentieth; a half and three tenths end in .5.
            let pool = if keepers == 3 { 20 * dice.between(0, 4) + 10 } else { 10 * dice.between(0, 9) + 5 };
            let pool = pool + 100 * dice.between(0, (earned / 100 - 1).max(0));
            (office.expense, office.parts) = (earned - pool, (whole, whole));
            settle(office, Post::PartsManager, 100_00);
            settle(office, Post::PartsPlanner, 100_00);
            settle(office, Post::PartsKeeper, if keepers == 3 { 75_00 } else { 50_00 });
        }
        _ => {
            office.parts_sales = dice.any_size(10);
            office.care_sales = dice.any_size(8);
            office.expense = dice.any_size(7);
            office.parts = (dice.between(-20_000_00, 200_000_00), dice.between(1, 100_000_00));
        }
    }
}

type Place<'a> = (&'a Office, &'a Holder);

/// The frames that give stores to the program.
pub fn frames(plan: &Plan, offices: &[Office]) -> Frames {
    let holders = |wanted: &dyn Fn(Post) -> bool| -> Vec<Place<'_>> {
        let all = offices.iter().flat_map(|office| office.holders.iter().map(move |holder| (office, holder)));
        all.filter(|(_, holder)| wanted(holder.post)).collect()
    };
    let all: Vec<&Office> = offices.iter().collect();
    let months: Vec<(&Office, bool, usize)> = offices
        .iter()
        .flat_map(|office| (0..3).flat_map(move |month| [(office, true, month), (office, false, month)]))
        .collect();
    let finance = |(office, after_sales, month): &(&Office, bool, usize), column: &str| {
        let (profit, target) = if *after_sales { office.after_sales[*month] } else { office.parts };
        match column {
            "store_id" => text(&office.id),
            "period" => text(["2026-10", "2026-11", "2026-12"][*month]),
            "department" => text(if *after_sales { "售后" } else { "配件" }),
            "net_profit" => decimals(profit, 2),
            "profit_target" => decimals(target, 2),
            "office_expense" => decimals(if *after_sales { 0 } else { office.expense }, 2),
            "closed_on" => day(date(2026, 12, 31)),
            _ => None,
        }
    };
    let december: Vec<_> = months.iter().copied().filter(|(_, _, month)| *month == 2).collect();
    let managers = holders(&|post| post == Post::Manager);
    let others = holders(&|post| post != Post::Manager);
    let balances: Vec<Balance> = offices.iter().flat_map(balances).collect();
    let mut frames = Frames::from([
        carried(plan, &balances),
        given(plan, "finance", &december, finance),
        given(plan, "finance.history", &months, finance),
        given(plan, "roster", &managers, |place, column| match column {
            "valid_from" => day(FIRST.saturating_add((place.1.from - 1).days())),
            "valid_to" => None,
            _ => cell(*place, column),
        }),
        given(plan, "quarter_scores.history", &managers, |place, column| cell(*place, column)),
        given(plan, "monthly-scores.people", &others, |place, column| cell(*place, column)),
        given(plan, "information-clerk.based", &holders(&|post| post == Post::Clerk), |place, column| match column {
            "output_lines" => decimals(place.1.lines[0], 2),
            "care_lines" => decimals(place.1.lines[1], 2),
            "other_lines" => decimals(place.1.lines[2], 2),
            _ => cell(*place, column),
        }),
        given(plan, "inspector.returned_to", &holders(&|post| post == Post::Inspector), |place, column| match column {
            "cars" => whole(place.1.cars),
            "returns" => whole(place.1.returned),
            "returned_orders" => whole(place.1.returned_orders()),
            _ => cell(*place, column),
        }),
        given(plan, "parts-pool.spine", &holders(&Post::is_parts), |place, column| cell(*place, column)),
        given(plan, "parts-pool.sold", &all, |office, column| match column {
            "store_id" => text(&office.id),
            "parts_sales" => decimals(office.parts_sales, 2),
            "care_sales" => decimals(office.care_sales, 2),
            _ => None,
        }),
    ]);
    for post in Post::ALL {
        let (pipeline, ..) = post.names();
        let rows = holders(&|other| other.names().0 == pipeline);
        frames.extend([given(plan, &format!("{pipeline}.spine"), &rows, |place, column| cell(*place, column))]);
    }
    frames
}

/// What a store takes over from the month before.
fn balances(office: &Office) -> Vec<Balance> {
    let entries = [
        ("department-profit", "loss", "售后"),
        ("department-profit", "quarter-loss", "售后"),
        ("parts-pool", "pool-below-zero", "配件"),
    ];
    let entries = entries.into_iter().zip(office.opening).filter(|(_, value)| *value != 0);
    let balance = |((pipeline, entry, owner), value): ((_, _, &str), i64)| Balance {
        store: office.id.clone(),
        pipeline,
        entry,
        owner: owner.to_owned(),
        value,
    };
    entries.map(balance).collect()
}

fn cell((office, holder): Place<'_>, column: &str) -> Option<Cell> {
    match column {
        "store_id" => text(&office.id),
        "period" => text("2026-12"),
        "employee_id" | "name" => text(&holder.id),
        "role" => text(holder.post.names().1),
        "regular" => Some(Cell::Bool(true)),
        "weight" => whole(1),
        "valid_from" => day(date(2026, 12, i8::try_from(DAYS - holder.days() + 1).unwrap())),
        "valid_to" | "scored_on" => day(date(2026, 12, 31)),
        "days" => whole(holder.days()),
        "period_days" => whole(DAYS),
        "score" => decimals(holder.score, 2),
        "score_source" => text("考核成绩表"),
        _ => None,
    }
}
