//! Teams from rows: settlements that stand, are taken back in their month, in a later one or only by a flag, and orders
//! that count nothing; labour, hours and materials on them. The reference knows the facts that the rows were made from,
//! and no row.

use jiff::civil::{Date, date};
use jixiao::plan::Plan;
use jixiao::run::cells::Cell;

use super::frames::{Frames, day, decimals, given, text, whole};
use super::teams::{Kind, Member, Team, teams};
use crate::exactness::dice::Dice;

/// A settlement document of one labour line.
#[derive(Clone, Debug)]
struct Document {
    store: &'static str,
    team: String,
    number: String,
    settled: Date,
    fen: i64,
    order_type: &'static str,
    red: bool,
    reverses: Option<String>,
    /// Who worked on it, with hours in hundredths.
    hours: Vec<(String, i64)>,
}

/// Teams with their documents and issues of materials.
#[derive(Default)]
pub struct Rows {
    pub teams: Vec<Team>,
    documents: Vec<Document>,
    /// Team, day, fen.
    issues: Vec<(usize, Date, i64)>,
    /// Members whose hours count one and a half times.
    skilled: Vec<(&'static str, String)>,
}

/// So many teams, each with the documents that add up to its labour sales and to the hours of its members.
pub fn rows(seed: u64, count: usize) -> Rows {
    let mut dice = Dice::new(seed);
    let mut rows = Rows { teams: teams(seed, count), ..Rows::default() };
    for at in 0..count {
        let team = &mut rows.teams[at];
        // Everybody belongs to one team here, and what comes back is of the two months before.
        let own = |member: &Member| member.id.starts_with(&team.name);
        team.members = team.members.iter().filter(|member| own(member)).cloned().collect();
        // One and a half times an even number of hundredths is a whole number of them.
        team.members.iter_mut().for_each(|member| member.weight *= 2);
        let sales = team.sales();
        let earlier = if dice.percent(40) { -dice.any_size(6) - 1 } else { 0 };
        team.labour = vec![(date(2026, 9, 20), earlier), (date(2026, 10, 15), sales - earlier)];
        let team = rows.teams[at].clone();
        let mut maker = Maker { dice: &mut dice, rows: &mut rows, team: &team, made: 0 };
        maker.month(earlier, sales - earlier);
        let skilled: Vec<_> = team.members.iter().filter(|member| member.id.ends_with('3')).collect();
        rows.skilled.extend(skilled.into_iter().map(|member| (team.store, member.id.clone())));
        // Materials of the month in two issues, and some of the month before, which count then.
        let first = dice.any_size(5);
        let spread = [(date(2026, 10, 3), first), (date(2026, 10, 31), team.materials - first)];
        rows.issues.extend(spread.map(|(day, fen)| (at, day, fen)));
        rows.issues.push((at, date(2026, 9, 30), 12_345));
        for member in rows.teams[at].members.iter_mut().filter(|member| member.id.ends_with('3')) {
            // The hours stand in the rows; 1.5 times them is what counts.
            member.weight = member.weight * 3 / 2;
        }
    }
    rows
}

struct Maker<'a> {
    dice: &'a mut Dice,
    rows: &'a mut Rows,
    team: &'a Team,
    made: usize,
}

impl Maker<'_> {
    fn enter(&mut self, settled: Date, fen: i64, hours: &[(String, i64)]) -> usize {
        self.made += 1;
        self.rows.documents.push(Document {
            store: self.team.store,
            team: self.team.name.clone(),
            number: format!("{}-{}", self.team.name, self.made),
            settled,
            fen,
            order_type: "普通维修",
            red: false,
            reverses: None,
            hours: hours.to_vec(),
        });
        self.rows.documents.len() - 1
    }

    /// Takes a document back.
    fn reverse(&mut self, original: usize, settled: Date) {
        let (number, fen) = (self.rows.documents[original].number.clone(), self.rows.documents[original].fen);
        let back: Vec<(String, i64)> =
            self.rows.documents[original].hours.iter().map(|(id, hours)| (id.clone(), -hours)).collect();
        let at = self.enter(settled, -fen, &back);
        self.rows.documents[at].reverses = Some(number);
        self.rows.documents[original].red = self.dice.percent(50);
    }

    fn month(&mut self, earlier: i64, left: i64) {
        let october = |day| date(2026, 10, day);
        let mut hours: Vec<(String, i64)> =
            self.team.members.iter().map(|member| (member.id.clone(), member.weight)).collect();
        let worker = hours[0].0.clone();
        if earlier != 0 {
            let original = self.enter(date(2026, 9, 20), -earlier, &[(worker.clone(), 2_00)]);
            self.reverse(original, october(8));
            hours[0].1 += 2_00;
        }
        if self.dice.percent(50) {
            let fen = self.dice.any_size(6);
            let original = self.enter(october(9), fen, &[(worker.clone(), 4_00)]);
            let back = self.dice.between(9, 31);
            self.reverse(original, october(i8::try_from(back).unwrap()));
        }
        // Only flagged as taken back, inside the house, PDI, rework: none of them counts.
        for (order_type, red) in [("普通维修", true), ("内部修理", false), ("PDI检查", false), ("外部返工维修", false)]
        {
            if self.dice.percent(30) {
                let fen = self.dice.any_size(6);
                let at = self.enter(october(12), fen, &[(worker.clone(), 1_00)]);
                (self.rows.documents[at].order_type, self.rows.documents[at].red) = (order_type, red);
            }
        }
        let half = left / 2;
        self.enter(october(1), half, &hours[..1]);
        self.enter(october(31), left - half, &hours[1..]);
    }
}

/// The frames that give the rows to the program, in place of those that are made from them.
pub fn frames(plan: &Plan, rows: &Rows) -> Frames {
    let mut frames = super::teams::frames(plan, &rows.teams);
    for made in ["team-labour.labour_by_day", "team-labour.materials_by_day"] {
        frames.remove(made);
    }
    for (kind, facts) in [(Kind::Mechanical, "mechanical-teams"), (Kind::Body, "body-teams")] {
        for made in ["own_teams", "worked", "members"] {
            frames.remove(&format!("{facts}.{made}"));
        }
        let own = rows.teams.iter().filter(|team| team.kind == kind);
        let members: Vec<(&Team, &Member)> =
            own.flat_map(|team| team.members.iter().map(move |member| (team, member))).collect();
        frames.extend([given(plan, &format!("{facts}.spine"), &members, |(team, member), column| match column {
            "store_id" => text(team.store),
            "team" => text(&team.name),
            "employee_id" | "name" => text(&member.id),
            "role" => text(if kind == Kind::Mechanical { "mechanic" } else { "painter" }),
            "regular" => Some(Cell::Bool(true)),
            "weight" => whole(1),
            "valid_from" => day(date(2026, 10, 1)),
            "valid_to" => day(date(2026, 10, 31)),
            "days" | "period_days" => whole(31),
            _ => None,
        })]);
    }
    let all: Vec<&Document> = rows.documents.iter().collect();
    let month: Vec<&Document> = all.iter().filter(|document| document.settled.month() == 10).copied().collect();
    let hours: Vec<(&Document, &(String, i64))> =
        month.iter().flat_map(|document| document.hours.iter().map(move |hours| (*document, hours))).collect();
    frames.extend([
        given(plan, "orders.history", &all, |document, column| cell(document, column)),
        given(plan, "orders", &month, |document, column| cell(document, column)),
        given(plan, "labour", &month, |document, column| cell(document, column)),
        given(plan, "team_hours", &hours, |(document, (person, hours)), column| match column {
            "employee_id" => text(person),
            "assigned_hours" => decimals(*hours, 2),
            _ => cell(document, column),
        }),
        given(plan, "skills", &rows.skilled, |(store, person), column| match column {
            "store_id" => text(store),
            "period" => text("2026-10"),
            "employee_id" => text(person),
            "coefficient" => decimals(150, 2),
            "valid_from" => day(date(2026, 1, 1)),
            _ => None,
        }),
        given(plan, "shop_materials", &rows.issues, |(team, when, fen), column| match column {
            "store_id" => text(rows.teams[*team].store),
            "team" => text(&rows.teams[*team].name),
            "amount" => decimals(*fen, 2),
            "issued_on" => day(*when),
            "period" | "issue_no" | "item" => text("2026-10"),
            "line_no" | "quantity" => whole(1),
            _ => None,
        }),
    ]);
    frames
}

fn cell(document: &Document, column: &str) -> Option<Cell> {
    match column {
        "store_id" => text(document.store),
        "period" => text(if document.settled.month() == 10 { "2026-10" } else { "2026-09" }),
        "balance_no" | "ro_no" | "vin" => text(&document.number),
        "team" => text(&document.team),
        "payer" | "advisor" | "item" => text("客户"),
        "ro_type" => text("维修"),
        "order_type" => text(document.order_type),
        "job_group" => text("机电"),
        "line_no" => whole(1),
        "opened_on" | "settled_on" => day(document.settled),
        "is_red" => Some(Cell::Bool(document.red)),
        "no_guarantee" => Some(Cell::Bool(false)),
        "reverses" => document.reverses.as_deref().and_then(text),
        "labour_amount" | "output_amount" | "received" => decimals(document.fen, 2),
        "parts_amount" | "other_amount" | "standard_hours" | "assigned_hours" => decimals(0, 2),
        _ => None,
    }
}
