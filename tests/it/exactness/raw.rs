//! The facts of people taken apart into the rows of exports: settlements of several payers, reversals of every
//! kind, returns, surrendered policies, and much that counts nothing. The reference never sees these rows.

use super::dice::Dice;
use super::offices::{Order, Staff};
use super::people::{Advisor, DAYS, Part, Role, Store};
use super::sheets::{Sheet, workbook, yuan};
use jixiao::world::Memory;

/// The exports of a store's month, and of the months before as far as reversals look back.
pub struct Exports<'a> {
    store: &'a Store,
    dice: &'a mut Dice,
    orders: Sheet,
    /// Settlements of the two months before, which reversals of this month take back.
    september: Sheet,
    august: Sheet,
    parts: Sheet,
    renewals: Sheet,
    prospects: Sheet,
    /// Fen of parts and of care products sold.
    sold: [i64; 2],
    /// Rework orders of which nobody knows the original.
    unplaced: usize,
    next: u32,
}

const ORDERS: [&str; 20] = [
    "结算单号",
    "收费对象",
    "工单号",
    "工单类型",
    "维修类型",
    "原工单号",
    "服务顾问",
    "服务顾问账号",
    "车牌号",
    "VIN",
    "开单日期",
    "结算日期",
    "工时费",
    "维修材料费",
    "附加项目费",
    "产值",
    "收款金额",
    "是否被负结算",
    "被冲结算单号",
    "无质保",
];

/// A settlement as it is written, before its payers are told apart.
struct Document<'a> {
    number: String,
    person: &'a Advisor,
    /// Day of October; 0 is the last of September, −30 the last of August.
    settled: i64,
    opened: i64,
    fen: i64,
    order_type: &'a str,
    ro_type: &'a str,
    red: bool,
    reverses: String,
}

/// Writes the files of a store into a world, and says how many settlements find no original. What was sold of parts
/// becomes part of the office's facts.
pub fn write(world: &Memory, store: &Store, staff: &mut Staff, dice: &mut Dice) -> usize {
    let orders = || Sheet::new(&ORDERS, &["车型"]);
    let part_header = [
        "配件销售单号",
        "行号",
        "结算单号",
        "工单号",
        "服务顾问",
        "服务顾问账号",
        "配件代码",
        "配件名称",
        "九大类",
        "单位",
        "数量",
        "配件收费金额",
        "成本金额",
        "结算日期",
    ];
    let renewal_header = [
        "投保单号",
        "状态",
        "VIN",
        "续保专员",
        "续保专员账号",
        "交强险保单号",
        "交强险金额",
        "商业险保单号",
        "商业险金额",
        "车船税",
        "金额合计",
        "是否续保",
        "保险销售日期",
    ];
    let prospect_header =
        ["登记编号", "工号", "跟踪日期", "保险卡或保单复印件", "驾驶证复印件", "行驶证复印件", "已登记"];
    let mut exports = Exports {
        store,
        dice,
        orders: orders(),
        september: orders(),
        august: orders(),
        parts: Sheet::new(&part_header, &[]),
        renewals: Sheet::new(&renewal_header, &["投保类型", "车牌号", "保险公司"]),
        prospects: Sheet::new(&prospect_header, &["服务顾问", "客户姓名", "车牌号"]),
        sold: [0; 2],
        unplaced: 0,
        next: 0,
    };
    let mut orphans = 0;
    for person in &store.people {
        for part in &person.parts {
            exports.settle(person, part);
            exports.uncounted(person, part);
            exports.bottles(person, part);
        }
        exports.policies(person);
        exports.tracked(person);
        if exports.dice.percent(2) {
            orphans += 1;
            let number = exports.number("BA");
            exports.reverse(person, DAYS, -12_34, &number);
        }
    }
    [staff.office.parts_sales, staff.office.care_sales] = exports.sold;
    staff.unplaced += exports.unplaced;
    exports.put(world, staff);
    orphans
}

/// The DMS login of a person on a day: every seventh person has another one since the 11th.
fn login(store: &Store, person: &Advisor, day: i64) -> String {
    let at = store.people.iter().position(|each| each.id == person.id).unwrap();
    if at % 7 == 0 && day > 10 { format!("{}-new", person.id) } else { format!("{}-old", person.id) }
}

/// A day of the months before and of this one.
pub fn date(day: i64) -> String {
    match day {
        ..=-61 => format!("2026-07-{:02}", day + 92),
        -60..=-30 => format!("2026-08-{:02}", day + 61),
        -29..=0 => format!("2026-09-{:02}", day + 30),
        _ => format!("2026-10-{day:02}"),
    }
}

impl Exports<'_> {
    fn number(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}{}{:06}", self.store.id, self.next)
    }

    fn document<'a>(&mut self, person: &'a Advisor, settled: i64, fen: i64) -> Document<'a> {
        let opened = settled - self.dice.pick(&[0, 0, 0, 1, 3, 12]);
        Document {
            number: self.number("BA"),
            person,
            settled,
            opened,
            fen,
            order_type: self.dice.pick(&["常规保养", "普通维修", "钣金喷漆", "保修", "其他"]),
            ro_type: self.dice.pick(&["维修", "维修", "索赔"]),
            red: false,
            reverses: String::new(),
        }
    }

    /// A row for each payer; amounts of payers may have any sign, their sum is the document's.
    fn enter(&mut self, document: &Document<'_>) {
        let payers = self.dice.pick(&[1, 1, 2, 3]);
        let mut left = document.fen;
        for (at, payer) in (1..=payers).zip(["客户", "保险公司", "厂家"]) {
            let own = if at == payers { left } else { left / 3 + self.dice.between(-50, 50) };
            left -= own;
            let Document { number, person, red, reverses, .. } = document;
            let order = format!("RO{}", &number[2..]);
            let (amount, none) = (yuan(own), "0.00");
            let login = login(self.store, person, document.opened);
            let red = if *red { "是" } else { "否" };
            let (opened, settled) = (date(document.opened), date(document.settled));
            let vin = format!("VIN{}", &number[2..]);
            let row: [&dyn ToString; 20] = [
                number,
                &payer,
                &order,
                &document.ro_type,
                &document.order_type,
                &"",
                &person.id,
                &login,
                &"",
                &vin,
                &opened,
                &settled,
                &amount,
                &none,
                &none,
                &amount,
                &amount,
                &red,
                reverses,
                &"否",
            ];
            match document.settled {
                1.. => self.orders.push(&row),
                -29..=0 => self.september.push(&row),
                _ => self.august.push(&row),
            }
        }
    }

    /// A new settlement.
    fn forward(&mut self, person: &Advisor, day: i64, fen: i64) -> String {
        let document = self.document(person, day, fen);
        self.enter(&document);
        document.number
    }

    /// A reversal of a settlement that is somewhere.
    fn reverse(&mut self, person: &Advisor, day: i64, fen: i64, of: &str) {
        let document = self.document(person, day, fen);
        self.enter(&Document { reverses: of.to_owned(), ..document });
    }

    /// A reversal of a settlement of the month before or the one before that.
    fn reverse_earlier(&mut self, person: &Advisor, day: i64, fen: i64) {
        let before = -self.dice.between(0, 55);
        let original = self.forward(person, before, -fen);
        self.reverse(person, day, fen, &original);
    }

    fn day(&mut self, part: &Part) -> i64 {
        self.dice.between(part.from, part.to)
    }

    /// Settlements and reversals whose signs and amounts add up to the part's cars and output.
    fn settle(&mut self, person: &Advisor, part: &Part) {
        let (mut cars, mut left) = (part.cars, part.output);
        // A settlement of the month that is taken back in it; the flag on it changes nothing.
        if self.dice.percent(30) {
            let (day, fen) = (self.day(part), self.dice.any_size(6));
            let document = self.document(person, day, fen);
            let red = self.dice.percent(50);
            self.enter(&Document { red, ..document });
            let number = self.orders.rows.last().unwrap()[0].clone();
            let later = self.dice.between(day, part.to);
            self.reverse(person, later, -fen, &number);
        }
        // A settlement of an earlier month, taken back and billed again.
        if self.dice.percent(30) {
            let (day, fen, again) = (self.day(part), self.dice.any_size(6), self.dice.any_size(6));
            self.reverse_earlier(person, day, -fen);
            self.forward(person, day, again);
            left -= again - fen;
        }
        let pair = cars == 0 && left != 0 || cars < 0 && left > cars;
        let (mut forward, mut backward) = (cars.max(0), (-cars).max(0));
        if pair || cars > 0 && self.dice.percent(40) {
            (forward, backward) = (forward + 1, backward + 1);
        }
        cars = 0;
        for at in 0..backward {
            // What goes back leaves at least a fen to each settlement that is still to come.
            let last = at + 1 == backward && forward == 0;
            let fen = if last { left } else { -self.dice.between(1, 500_00) };
            let day = self.day(part);
            self.reverse_earlier(person, day, fen);
            (left, cars) = (left - fen, cars - 1);
        }
        for at in 0..forward {
            let own = if at + 1 == forward { left } else { self.dice.between(0, (left / 2).max(0)) };
            let day = self.day(part);
            self.forward(person, day, own);
            (left, cars) = (left - own, cars + 1);
        }
        assert_eq!((left, cars), (0, part.cars), "{}", person.id);
    }

    /// Documents that count nothing: flagged without a row that takes them back, inside the house, rework, before
    /// or after the person held the role.
    fn uncounted(&mut self, person: &Advisor, part: &Part) {
        let fen = self.dice.any_size(6) + 1;
        let document = self.document(person, part.to, fen);
        let kind = self.dice.between(1, 12);
        self.unplaced += usize::from(matches!(kind, 5 | 6));
        match kind {
            1..=2 => self.enter(&Document { red: true, ..document }),
            3 => self.enter(&Document { order_type: "PDI检查", ..document }),
            4 => self.enter(&Document { order_type: "内部修理", ..document }),
            5 => self.enter(&Document { order_type: "外部返工维修", ..document }),
            6 => self.enter(&Document { ro_type: "返工", ..document }),
            7 => {
                let day = -self.dice.between(0, 20);
                let original = self.forward(person, day, fen);
                let document = self.document(person, part.to, -fen);
                self.enter(&Document { order_type: "内部返工维修", reverses: original, ..document });
            }
            8..=9 if person.parts.last().unwrap().to < DAYS => self.enter(&Document { settled: DAYS, ..document }),
            10 if person.parts[0].from > 1 => self.enter(&Document { settled: 1, opened: 1, ..document }),
            _ => {}
        }
    }

    /// Care products sold and returned, beside parts that are none.
    fn bottles(&mut self, person: &Advisor, part: &Part) {
        let mut left = part.bottles;
        let rows = if left == 0 && self.dice.percent(50) { 0 } else { self.dice.between(1, 4) };
        for at in 1..=rows {
            let own = if at == rows { left } else { self.dice.between(-2, 20) * 100 };
            left -= own;
            let day = self.day(part);
            self.sold(person, "养护用品", own, day);
        }
        let day = self.day(part);
        self.sold(person, "油品", 4_00, day);
        if person.parts.last().unwrap().to < DAYS {
            self.sold(person, "养护用品", 9_00, DAYS);
        }
    }

    fn sold(&mut self, person: &Advisor, category: &str, quantity: i64, day: i64) {
        let (number, login, size) = (self.number("XS"), login(self.store, person, day), self.dice.any_size(5));
        // Parts are returned, too; a returned bottle has its own row.
        let is_care = category == "养护用品";
        let fen = if !is_care && self.dice.percent(20) { -size } else { size };
        self.sold[usize::from(is_care)] += fen;
        let amount = yuan(fen);
        let (quantity, day) = (yuan(quantity), date(day));
        let row: [&dyn ToString; 14] = [
            &number, &1, &"", &"", &person.id, &login, &"P1", &"配件", &category, &"瓶", &quantity, &amount, &amount,
            &day,
        ];
        self.parts.push(&row);
    }

    /// Policies whose cars and commercial policies add up to the person's.
    fn policies(&mut self, person: &Advisor) {
        let (cars, mut commercial) = (person.renewed_cars, person.commercial_policies);
        let mut vins = Vec::new();
        for _ in 0..cars.max(0) {
            let vin = self.number("V");
            let both = commercial > 0 && self.dice.percent(60);
            let proposal = self.number("TB");
            self.policy(person, &proposal, "正常", &vin, true, both, true);
            commercial -= i64::from(both);
            vins.push(vin);
        }
        for _ in cars..0 {
            let (vin, proposal) = (self.number("V"), self.number("TB"));
            self.policy(person, &proposal, "退保", &vin, true, false, true);
        }
        while commercial > 0 {
            let proposal = self.number("TB");
            if let Some(vin) = vins.first() {
                // One more policy of a car that is counted.
                self.policy(person, &proposal, "正常", vin, false, true, true);
            } else {
                // The compulsory policy of the car came back: no car, one commercial policy.
                let (vin, other) = (self.number("V"), self.number("TB"));
                self.policy(person, &proposal, "正常", &vin, false, true, true);
                self.policy(person, &other, "退保", &vin, true, false, true);
            }
            commercial -= 1;
        }
        while commercial < 0 {
            let (vin, proposal, other) = (self.number("V"), self.number("TB"), self.number("TB"));
            self.policy(person, &proposal, "正常", &vin, true, false, true);
            self.policy(person, &other, "退保", &vin, false, true, true);
            commercial += 1;
        }
        let (vin, proposal) = (self.number("V"), self.number("TB"));
        match self.dice.between(1, 3) {
            1 => self.policy(person, &proposal, "正常", &vin, true, true, false),
            2 => {
                self.policy(person, &proposal, "正常", &vin, true, true, true);
                self.policy(person, &proposal, "退保", &vin, true, true, true);
            }
            _ => {}
        }
    }

    #[allow(clippy::too_many_arguments, clippy::fn_params_excessive_bools, reason = "the cells of a row")]
    fn policy(
        &mut self,
        person: &Advisor,
        proposal: &str,
        status: &str,
        vin: &str,
        compulsory: bool,
        commercial: bool,
        renewal: bool,
    ) {
        let day = self.dice.between(person.parts[0].from, person.parts.last().unwrap().to);
        let login = login(self.store, person, day);
        let number = |there: bool, kind: &str| if there { format!("{kind}{proposal}") } else { String::new() };
        let (one, two) = (number(compulsory, "JQ"), number(commercial, "SY"));
        let amount = |there: bool| if there { "950.00" } else { "0.00" };
        let total = yuan(950_00 * (i64::from(compulsory) + i64::from(commercial)));
        let renewal = if renewal { "是" } else { "否" };
        let (first, second, day) = (amount(compulsory), amount(commercial), date(day));
        let row: [&dyn ToString; 13] = [
            &proposal, &status, &vin, &person.id, &login, &one, &first, &two, &second, &"0.00", &total, &renewal, &day,
        ];
        self.renewals.push(&row);
    }

    /// Prospects that count, and some whose documents are not complete.
    fn tracked(&mut self, person: &Advisor) {
        for at in 0..person.prospects + self.dice.between(0, 2) {
            let missing = if at < person.prospects { 0 } else { self.dice.between(1, 4) };
            let has = |kind: i64| if kind == missing { "无" } else { "有" };
            let day = self.dice.between(person.parts[0].from, person.parts.last().unwrap().to);
            let (number, day) = (self.number("QK"), date(day));
            let row: [&dyn ToString; 7] = [&number, &person.id, &day, &has(1), &has(2), &has(3), &has(4)];
            self.prospects.push(&row);
        }
    }

    fn put(mut self, world: &Memory, staff: &Staff) {
        let id = self.store.id.clone();
        let october = format!("data/{id}/2026-10");
        let mut labour = [0; 3].map(|_| Sheet::new(&LABOUR, &["技师"]));
        let first = &self.orders.rows[0];
        labour[0].push(&[
            &first[0], &1, &first[2], &first[9], &"保养", &"机电", &"一组", &"1.00", &"1.00", &"80.00", &first[11],
        ]);
        let called = format!(
            "\u{feff}回访编号,工单号,回访日期,回访员,回访结果,接待满意度,维修满意度,总体满意度,满意度得分\r\nHF1,{},2026-10-31,,成功,满意,满意,满意,99\r\n",
            first[2]
        );
        world.put(format!("{october}/回访.csv"), called);
        for order in &staff.orders {
            self.inside(order, &mut labour);
        }
        for (sheet, month) in [(&mut self.september, "2026-09"), (&mut self.august, "2026-08")] {
            sheet.total("产值");
            world.put(format!("data/{id}/{month}/结算单.csv"), sheet.gb18030("结算单"));
        }
        self.orders.total("产值");
        self.orders.disguise("产值", self.dice);
        world.put(format!("{october}/结算单.csv"), self.orders.gb18030("结算单"));
        for (mut sheet, month) in labour.into_iter().zip(["2026-10", "2026-09", "2026-08"]) {
            sheet.total("工时费");
            world.put(format!("data/{id}/{month}/工时明细.csv"), sheet.gb18030("工时明细"));
        }
        self.parts.total("配件收费金额");
        world.put(format!("{october}/备件销售.xlsx"), workbook(&[("Sheet1", &self.parts)]));
        self.renewals.total("金额合计");
        world.put(format!("{october}/保险台账.xlsx"), workbook(&[("投保明细", &self.renewals)]));
        world.put(format!("{october}/潜客登记.xlsx"), workbook(&[("Sheet1", &self.prospects)]));
        people(world, &october, self.store, staff);
        staff.put(world);
    }

    /// An order inside the house, or a rework, with its labour line: neither output nor car.
    fn inside(&mut self, order: &Order, labour: &mut [Sheet; 3]) {
        let person = &self.store.people[0];
        let login = login(self.store, person, order.opened);
        let (opened, settled) = (date(order.opened), date(order.settled));
        let (fen, none) = (yuan(order.fen), "0.00");
        let red = if order.red { "是" } else { "否" };
        let unguaranteed = if order.guaranteed { "否" } else { "是" };
        let row: [&dyn ToString; 20] = [
            &order.number,
            &"客户",
            &order.ro_no,
            &"维修",
            &order.order_type,
            &order.origin,
            &person.id,
            &login,
            &"",
            &order.vin,
            &opened,
            &settled,
            &fen,
            &none,
            &none,
            &fen,
            &fen,
            &red,
            &order.reverses,
            &unguaranteed,
        ];
        let (sheet, month) = match order.settled {
            1.. => (&mut self.orders, 0),
            -29..=0 => (&mut self.september, 1),
            _ => (&mut self.august, 2),
        };
        sheet.push(&row);
        let (number, ro_no, vin) = (&order.number, &order.ro_no, &order.vin);
        labour[month].push(&[number, &1, ro_no, vin, &"检修", &"机电", &"一组", &"1.00", &"1.00", &fen, &settled]);
    }
}

const LABOUR: [&str; 11] =
    ["结算单号", "行号", "工单号", "VIN", "维修项目", "工种", "班组", "标准工时", "派工工时", "工时费", "结算时间"];

/// The files that say who is who and what each is measured by.
fn people(world: &Memory, folder: &str, store: &Store, staff: &Staff) {
    let mut roster = Sheet::new(
        &["工号", "姓名", "岗位代码", "班组", "小组", "正式", "目标权重", "生效日期", "失效日期"],
        &["岗位"],
    );
    let mut identities = Sheet::new(&["DMS用户", "类别", "工号", "启用日期", "停用日期"], &[]);
    let mut targets = Sheet::new(&["工号", "接车台次目标", "养护瓶数目标", "产值目标"], &["姓名"]);
    let mut scores = Sheet::new(&["工号", "考核成绩", "考核截止日"], &["姓名"]);
    let mut attendance = Sheet::new(&["工号", "应出勤天数", "实出勤天数", "统计截止日"], &["姓名"]);
    for (at, person) in store.people.iter().enumerate() {
        let id = &person.id;
        let role = if person.role == Role::General { "general-advisor" } else { "accident-advisor" };
        let regular = if person.regular { "是" } else { "否" };
        let weight = format!("{}.{:04}", person.weight / 10_000, person.weight % 10_000);
        for part in &person.parts {
            let group = part.group.map_or(String::new(), |group| store.groups[group].name.clone());
            let from = if part.from == 1 { "2024-03-01".to_owned() } else { date(part.from) };
            let to = if part.to == DAYS { String::new() } else { date(part.to) };
            roster.push(&[id, id, &role, &"", &group, &regular, &weight, &from, &to]);
        }
        let end = if at % 7 == 0 { "2026-10-10" } else { "" };
        identities.push(&[&format!("{id}-old"), &"账号", id, &"2020-01-01", &end]);
        if at % 7 == 0 {
            identities.push(&[&format!("{id}-new"), &"账号", id, &"2026-10-11", &""]);
        }
        let own = person.own_output_target.map_or(String::new(), yuan);
        targets.push(&[id, &person.cars_target, &person.care_target, &own]);
        scores.push(&[id, &yuan(person.score), &"2026-10-31"]);
        attendance.push(&[id, &"22.00", &"22.00", &"2026-10-31"]);
    }
    for held in staff.held() {
        let from = if held.from <= 1 { "2023-07-01".to_owned() } else { date(held.from) };
        let to = if held.to == DAYS { String::new() } else { date(held.to) };
        roster.push(&[&held.id, &held.id, &held.role, &"", &"", &"是", &"1.0000", &from, &to]);
        scores.push(&[&held.id, &yuan(held.score), &"2026-10-31"]);
        let (standard, attended) = held.attendance;
        attendance.push(&[&held.id, &yuan(standard), &yuan(attended), &"2026-10-31"]);
    }
    let mut units = Sheet::new(&["范围", "名称", "产值目标", "挑战目标", "养护瓶数目标"], &[]);
    units.push(&[&"门店", &store.id, &yuan(store.task), &"", &""]);
    for group in &store.groups {
        units.push(&[&"事故组", &group.name, &yuan(group.target), &"", &""]);
    }
    world.put(format!("{folder}/花名册.xlsx"), workbook(&[("Sheet1", &roster)]));
    world.put(format!("{folder}/DMS用户对照.csv"), identities.gb18030("DMS用户对照"));
    world.put(format!("{folder}/目标.xlsx"), workbook(&[("个人", &targets), ("门店与小组", &units)]));
    world.put(format!("{folder}/考核成绩.csv"), scores.gb18030("考核成绩"));
    world.put(format!("{folder}/考勤.xlsx"), workbook(&[("Sheet1", &attendance)]));
}
