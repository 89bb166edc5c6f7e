//! The office of stores whose advisors are paid from rows: profit by department, parts and care products sold, sheets of
//! inspectors and cars that came back, the ledger, masters' attendance; people who join on the 16th, leave on the 15th,
//! a post that nobody holds and one that several hold. Facts first, then the rows that they are taken apart into.

use std::collections::BTreeMap;

use jixiao::world::Memory;

use super::Reference;
use super::dice::Dice;
use super::fraction::{Fraction, Held};
use super::people::{DAYS, Store};
use super::plans::office::{Holder, Office, Post, QUARTER};
use super::plans::office_clauses;
use super::raw::date;
use super::sheets::{Sheet, workbook, yuan};

/// Plans that pay the office, with their roles.
pub const PLANS: [(&str, &str); 6] = [
    ("technical-expert", "technical-expert"),
    ("supervisors", "workshop-supervisor, reception-supervisor"),
    ("information-clerk", "information-clerk"),
    ("inspector", "quality-inspector"),
    ("parts-department", "parts-manager, parts-planner, parts-keeper"),
    ("master-wage", "mechanic-master"),
];
/// The lines that they pay.
pub const LINES: [&str; 6] =
    ["expert-bonus", "supervisor-bonus", "clerk-bonus", "inspection", "parts-bonus", "master-base"];

/// Days before the month in the quarter of [`Holder`].
const BEFORE: i64 = QUARTER - DAYS;

/// The people of a store's office, and the rows of what they are paid by.
pub struct Staff {
    pub office: Office,
    masters: Vec<Master>,
    /// Orders that inspectors signed for, and those that came back.
    pub orders: Vec<Order>,
    sheets: Vec<Inspection>,
    /// Entry, person, kind, fen.
    ledger: Vec<(String, String, &'static str, i64)>,
    /// Returns without an original that counts.
    pub unplaced: usize,
}

/// A master of a mechanical team.
struct Master {
    id: String,
    from: i64,
    /// In halves of a day.
    standard: i64,
    attended: i64,
}

/// Somebody's days of the month, as the roster has them.
pub struct OnRoster {
    pub id: String,
    pub role: &'static str,
    pub from: i64,
    pub to: i64,
    pub score: i64,
    /// Standard and attended days, in hundredths.
    pub attendance: (i64, i64),
}

/// An order that is neither output nor car. Days as [`date`] counts them.
#[derive(Clone, Debug)]
pub struct Order {
    pub number: String,
    pub ro_no: String,
    pub order_type: &'static str,
    pub origin: String,
    pub vin: String,
    pub opened: i64,
    pub settled: i64,
    pub fen: i64,
    pub red: bool,
    pub reverses: String,
    pub guaranteed: bool,
}

struct Inspection {
    ro_no: String,
    who: String,
    signed: Option<i64>,
    returned: bool,
}

impl Staff {
    /// The office of a store whose advisors are paid `paid`.
    pub fn new(store: &Store, paid: &Reference, dice: &mut Dice) -> Self {
        let profit = |dice: &mut Dice| (dice.between(-20_000_00, 300_000_00), dice.between(1, 300_000_00));
        let office = Office {
            id: store.id.clone(),
            after_sales: [(0, 1), (0, 1), profit(dice)],
            parts: profit(dice),
            expense: dice.any_size(6),
            parts_sales: 0,
            care_sales: 0,
            opening: [0; 3],
            holders: Vec::new(),
        };
        let mut staff = Self {
            office,
            masters: Vec::new(),
            orders: Vec::new(),
            sheets: Vec::new(),
            ledger: Vec::new(),
            unplaced: 0,
        };
        for post in Post::ALL.into_iter().filter(|post| *post != Post::Manager) {
            let count = match post {
                Post::PartsPlanner => i64::from(dice.percent(70)),
                Post::PartsKeeper => dice.between(0, 3),
                Post::Inspector => 3,
                _ => 1,
            };
            for at in 0..count {
                staff.hire(post, at, dice);
            }
        }
        for at in 0..3 {
            let half = dice.percent(30);
            let standard = if half { 22 } else { dice.pick(&[44, 43]) };
            let (from, attended) = (if half { 16 } else { 1 }, dice.between(0, standard + 3));
            staff.masters.push(Master { id: format!("{}-M{at}", store.id), from, standard, attended });
        }
        staff.inspect(dice);
        staff.book(store, paid, dice);
        staff
    }

    /// One holder of a post for the whole month, from the 16th, or until the 15th with a successor.
    fn hire(&mut self, post: Post, at: i64, dice: &mut Dice) {
        let id = format!("{}-{}{at}", self.office.id, post.names().1);
        let (joins, leaves) = (dice.percent(25), dice.percent(20));
        let mut holder = |id: String, from: i64, to: i64| Holder {
            id,
            post,
            from: BEFORE + from,
            to: BEFORE + to,
            score: dice.between(0, 11_000),
            lines: [0; 3],
            cars: 0,
            returned: 0,
        };
        let holders = match (joins, leaves) {
            (true, _) => vec![holder(id, 16, DAYS)],
            (false, true) => vec![holder(id.clone(), 1, 15), holder(format!("{id}-next"), 16, DAYS)],
            (false, false) => vec![holder(id, 1, DAYS)],
        };
        self.office.holders.extend(holders);
    }

    /// Orders with sheets, of this month and of the two before, and their returns.
    fn inspect(&mut self, dice: &mut Dice) {
        let inspectors: Vec<usize> =
            (0..self.office.holders.len()).filter(|at| self.office.holders[*at].post == Post::Inspector).collect();
        for at in 0..dice.between(150, 300) {
            let settled = if dice.percent(75) { dice.between(1, DAYS) } else { -dice.between(0, 55) };
            let original = Order {
                number: format!("QB{}{at:04}", self.office.id),
                ro_no: format!("QR{}{at:04}", self.office.id),
                order_type: "内部修理",
                origin: String::new(),
                vin: format!("QV{}{at:04}", self.office.id),
                opened: settled,
                settled,
                fen: dice.any_size(5),
                red: false,
                reverses: String::new(),
                guaranteed: !dice.percent(5),
            };
            let times = if dice.percent(2) { self.came_back(&original, dice) } else { 0 };
            let signers = if dice.percent(10) { 2 } else { 1 };
            let first = dice.between(0, 2);
            for signer in 0..signers {
                let which = usize::try_from(first + signer).unwrap() % inspectors.len();
                self.sign(inspectors[which], &original, times, dice);
            }
            if original.settled >= 1 && dice.percent(10) {
                self.take_back(&original, dice);
            }
            self.orders.push(original);
        }
    }

    /// The returns of an order; how many of them count.
    fn came_back(&mut self, original: &Order, dice: &mut Dice) -> i64 {
        let times = dice.pick(&[1, 1, 2]);
        let mut counted = 0;
        for time in 0..times {
            // Found by its pointer, by the vehicle, or by both; what was found in the house charges nobody. A second
            // return has a vehicle of its own: it would be one of the first return, too.
            let kind = if time == 0 { dice.between(1, 4) } else { 1 };
            let settled = dice.between(original.settled.max(1), DAYS);
            let opened = original.settled.max(settled - 3);
            let by_vehicle = kind != 1;
            let in_window = opened - original.settled <= 30;
            let back = Order {
                number: format!("{}-R{time}", original.number),
                ro_no: format!("{}-R{time}", original.ro_no),
                order_type: if kind == 4 { "内部返工维修" } else { "外部返工维修" },
                origin: if kind == 2 { String::new() } else { original.ro_no.clone() },
                vin: if by_vehicle { original.vin.clone() } else { format!("{}-R{time}", original.vin) },
                opened,
                settled,
                ..original.clone()
            };
            let back = Order { guaranteed: true, fen: 0, ..back };
            let found = original.guaranteed && (kind != 2 || in_window);
            // One that is taken back in the month is no return, unless it is billed again.
            let undone = dice.percent(20);
            let stands = !undone || self.take_back(&back, dice);
            self.unplaced += usize::from(!found && stands);
            counted += i64::from(found && stands && kind != 4);
            self.orders.push(back);
        }
        counted
    }

    /// A sheet: signed in the month or with an earlier order, twice for one order, or not at all.
    fn sign(&mut self, inspector: usize, original: &Order, times: i64, dice: &mut Dice) {
        let holder = &mut self.office.holders[inspector];
        let (from, to) = (holder.from - BEFORE, holder.to - BEFORE);
        // An order of the month is signed while its inspector is in the post.
        let day = if original.settled < 1 { original.settled } else { dice.between(from.max(1), to) };
        if dice.percent(5) {
            self.sheets.push(Inspection {
                ro_no: original.ro_no.clone(),
                who: holder.id.clone(),
                signed: None,
                returned: false,
            });
            return;
        }
        holder.cars += i64::from(day >= 1);
        holder.returned += times;
        let sheets = if dice.percent(5) { 2 } else { 1 };
        for _ in 0..sheets {
            let (ro_no, who) = (original.ro_no.clone(), holder.id.clone());
            self.sheets.push(Inspection { ro_no, who, signed: Some(day), returned: times > 0 && day >= 1 });
        }
    }

    /// A settlement that is taken back in the month; whether it is billed again.
    fn take_back(&mut self, original: &Order, dice: &mut Dice) -> bool {
        let day = dice.between(original.settled, DAYS);
        let back = Order {
            number: format!("{}-F", original.number),
            settled: day,
            fen: -original.fen,
            reverses: original.number.clone(),
            ..original.clone()
        };
        let again = dice.percent(50);
        if again {
            self.orders.push(Order { number: format!("{}-N", original.number), settled: day, ..original.clone() });
        }
        self.orders.push(back);
        again
    }

    /// What advisors are paid beside their lines, and entries that are no part of a clerk's base; the clerks' bases.
    fn book(&mut self, store: &Store, paid: &Reference, dice: &mut Dice) {
        let mut others = 0;
        for (at, person) in store.people.iter().enumerate().filter(|(at, _)| at % 5 == 0) {
            for (kind, fen) in [
                ("其它提成", dice.between(-300_00, 500_00)),
                ("奖励", dice.any_size(5)),
                ("罚款", -dice.any_size(4) - 1),
            ] {
                let entry = format!("T{at}-{}", self.ledger.len());
                self.ledger.push((entry, person.id.clone(), kind, fen));
                // An entry is booked on the last of the month: who has left by then is in nobody's group.
                let stays = person.parts.last().is_some_and(|part| part.to == DAYS);
                others += if kind == "其它提成" && stays { fen } else { 0 };
            }
        }
        let clerk = self.office.holders.iter().find(|holder| holder.post == Post::Clerk).map(|clerk| clerk.id.clone());
        // A clerk is no advisor.
        self.ledger.push(("T-C".to_owned(), clerk.unwrap(), "其它提成", 88_00));
        let line = |name: &str| -> i64 {
            let own = paid.iter().filter(|((id, _, line), _)| *id == store.id && line == name);
            own.map(|(_, (fen, _))| i64::try_from(*fen).unwrap()).sum()
        };
        let lines = [line("advisor-output"), line("advisor-care"), others];
        self.office
            .holders
            .iter_mut()
            .filter(|holder| holder.post == Post::Clerk)
            .for_each(|clerk| clerk.lines = lines);
    }

    /// Everybody of the office as the roster has them.
    pub fn held(&self) -> impl Iterator<Item = OnRoster> {
        let holders = self.office.holders.iter().map(|holder| OnRoster {
            id: holder.id.clone(),
            role: holder.post.names().1,
            from: holder.from - BEFORE,
            to: holder.to - BEFORE,
            score: holder.score,
            attendance: (22_00, 22_00),
        });
        let masters = self.masters.iter().map(|master| OnRoster {
            id: master.id.clone(),
            role: "mechanic-master",
            from: master.from,
            to: DAYS,
            score: 0,
            attendance: (master.standard * 50, master.attended * 50),
        });
        holders.chain(masters)
    }

    /// What the reference pays, in fen, by person and line; the entries of the ledger as they stand.
    pub fn reference(&self) -> BTreeMap<(String, String, String), i128> {
        let mut amounts = BTreeMap::new();
        let place = |id: &str, line: &str| (self.office.id.clone(), id.to_owned(), line.to_owned());
        for holder in &self.office.holders {
            let amount = office_clauses::bonus(&self.office, holder, Held::Exactly);
            amounts.insert(place(&holder.id, holder.post.names().2), i128::try_from(amount.fen()).unwrap());
        }
        for master in &self.masters {
            amounts.insert(place(&master.id, "master-base"), i128::try_from(base_wage(master).fen()).unwrap());
        }
        for (entry, person, kind, fen) in &self.ledger {
            let kind = match *kind {
                "其它提成" => "other",
                "奖励" => "award",
                _ => "deduction",
            };
            amounts.insert(place(person, &format!("{kind}-{entry}")), i128::from(*fen));
        }
        amounts
    }

    /// Codes of what is said about the office, each with how often.
    pub fn said(&self) -> BTreeMap<&'static str, usize> {
        let mut said = BTreeMap::new();
        for code in office_clauses::said(&self.office) {
            *said.entry(code).or_default() += 1;
        }
        said.insert("rework-without-team", self.unplaced);
        // Nobody belongs to the one team that has labour and materials.
        said.insert("team-without-members", 2);
        said
    }

    /// The files that only the office has.
    pub fn put(&self, world: &Memory) {
        let id = &self.office.id;
        for (month, at) in [("2026-10", 2), ("2026-09", 1), ("2026-08", 0)] {
            let mut finance = Sheet::new(&["部门", "净利润", "净利润目标", "办公费用", "结账日期"], &[]);
            let (profit, target) = self.office.after_sales[at];
            let closed = format!("{month}-28");
            finance.push(&[&"售后", &yuan(profit), &yuan(target), &"0.00", &closed]);
            let (profit, target) = self.office.parts;
            finance.push(&[&"配件", &yuan(profit), &yuan(target), &yuan(self.office.expense), &closed]);
            world.put(format!("data/{id}/{month}/部门损益.xlsx"), workbook(&[("损益汇总", &finance)]));
            let mut text = "质检单号,工单号,VIN,质检员工号,质检员,检验日期,签字日期,质量返场\n".to_owned();
            for (at, Inspection { ro_no, who, signed, returned }) in self.sheets.iter().enumerate() {
                let day = signed.unwrap_or(DAYS);
                let day_of = date(day);
                if day_of.starts_with(month) {
                    let signed = if signed.is_some() { day_of.as_str() } else { "" };
                    let returned = if *returned { "是" } else { "否" };
                    text += &format!("ZJ{at},{ro_no},V{at},{who},,{day_of},{signed},{returned}\n");
                }
            }
            world.put(format!("data/{id}/{month}/质检单.csv"), text);
        }
        let mut ledger = Sheet::new(
            &["台账编号", "工号", "班组", "类别", "金额", "事由", "依据单据", "审批人", "记账日期"],
            &["姓名"],
        );
        for (entry, person, kind, fen) in &self.ledger {
            ledger.push(&[entry, person, &"", kind, &yuan(*fen), &"事由", &"单据", &"总经理", &"2026-10-31"]);
        }
        ledger.total("金额");
        world.put(format!("data/{id}/2026-10/绩效台账.xlsx"), workbook(&[("Sheet1", &ledger)]));
        let mut hours = Sheet::new(&["结算单号", "行号", "班组", "工号", "派工工时", "结算时间"], &["姓名"]);
        hours.push(&[&"BA0", &"1", &"一组", &self.masters[0].id, &"1.00", &"2026-10-31"]);
        hours.total("派工工时");
        world.put(format!("data/{id}/2026-10/班组工时.csv"), hours.gb18030("班组工时"));
        let mut materials = Sheet::new(
            &["领料单号", "行号", "领用班组", "辅料名称", "领用数量", "领用金额", "领料日期"],
            &["单位", "领料人"],
        );
        materials.push(&[&"L1", &"1", &"一组", &"砂纸", &"1.00", &"10.00", &"2026-10-31"]);
        materials.total("领用金额");
        world.put(format!("data/{id}/2026-10/辅料领用.xlsx"), workbook(&[("领用明细", &materials)]));
        let mut skills = Sheet::new(&["工号", "技能系数", "生效日期", "失效日期"], &["姓名"]);
        skills.push(&[&self.masters[0].id, &"1.20", &"2026-01-01", &""]);
        world.put(format!("data/{id}/2026-10/技能系数.xlsx"), workbook(&[("Sheet1", &skills)]));
    }
}

/// D8-3.1: the base wage of 1,000 by days attended, at most the standard days, for the days of the post (G10).
fn base_wage(master: &Master) -> Fraction {
    let attended = Fraction::new(master.attended.min(master.standard), master.standard);
    Fraction::whole(1_000).times(&attended).times(&Fraction::new(DAYS - master.from + 1, DAYS))
}
