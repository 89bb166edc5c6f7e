//! Teams of the workshop: a month's figures as whole numbers, made so that pools lie between two fen and figures
//! stand on bounds or beside them; and the frames that give them to the program.

use jiff::civil::{Date, date};
use jixiao::plan::Plan;
use jixiao::run::cells::Cell;

use super::clauses::{divisor, pool};
use super::frames::{Balance, Frames, carried, day, decimals, given, text, whole};
use crate::exactness::dice::Dice;
use crate::exactness::fraction::Held;

/// The plan by which a team is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Mechanical and electrical: D8-3.1, D8-3.2.
    Mechanical,
    /// Body: D8-3.3.
    Body,
}

/// Somebody with a part in a team's pool.
#[derive(Clone, Debug)]
pub struct Member {
    pub id: String,
    /// Weighted hours, in hundredths; below 0 counts as 0.
    pub weight: i64,
}

/// A team's month.
#[derive(Clone, Debug)]
pub struct Team {
    pub store: &'static str,
    pub name: String,
    pub kind: Kind,
    /// Labour sales in fen, with the day whose VAT divisor counts.
    pub labour: Vec<(Date, i64)>,
    /// Shop materials in fen.
    pub materials: i64,
    /// Goals and task in fen; the task is the base goal unless the targets say otherwise.
    pub base_goal: i64,
    pub challenge_goal: i64,
    pub own_task: Option<i64>,
    /// In hundredths of a point.
    pub score: i64,
    /// Bottles of care products, in hundredths.
    pub bottles: i64,
    /// Other items in fen.
    pub other: i64,
    pub cars: i64,
    pub rework: i64,
    pub members: Vec<Member>,
    /// What the month before left below zero, in fen including VAT.
    pub opening: i64,
    /// The same of bottles, in hundredths; they are among `bottles`.
    pub opening_bottles: i64,
}

/// The store that has chosen the variants, as the parameters of the workshop say.
pub const VARIANTS: &str = "S02";
const PLAIN: &str = "S01";

const OCTOBER: Date = date(2026, 10, 15);
/// Days on both sides of each change of the VAT rate.
const EARLIER: [Date; 4] = [date(2018, 4, 30), date(2018, 5, 1), date(2019, 3, 31), date(2019, 4, 1)];

impl Team {
    /// Labour sales including VAT, in fen.
    pub fn sales(&self) -> i64 {
        self.labour.iter().map(|(_, fen)| fen).sum()
    }

    /// The labour task of D8-3.2, in fen.
    pub fn task(&self) -> i64 {
        self.own_task.unwrap_or(self.base_goal)
    }
}

/// So many teams; every twentieth borrows a member of the team before.
pub fn teams(seed: u64, count: usize) -> Vec<Team> {
    let mut dice = Dice::new(seed);
    let mut teams: Vec<Team> = Vec::new();
    for number in 0..count {
        let mut team = team(&mut dice, number);
        if let Some(before) = teams.last()
            && (before.store, before.kind) == (team.store, team.kind)
            && dice.percent(10)
        {
            let lent = &before.members[0];
            team.members.push(Member { id: lent.id.clone(), weight: dice.between(1, 80_00) });
        }
        teams.push(team);
    }
    open(seed + 1, &mut teams);
    teams
}

/// Lets some teams begin the month below zero, but none whose pool lies between two fen.
fn open(seed: u64, teams: &mut [Team]) {
    let mut dice = Dice::new(seed);
    for team in teams {
        if dice.percent(30) && !pool(team, Held::Exactly).is_tie() {
            team.opening = -dice.any_size(6);
        }
        if team.kind == Kind::Mechanical && dice.percent(20) {
            team.opening_bottles = -dice.between(1, 60_00);
        }
    }
}

fn team(dice: &mut Dice, number: usize) -> Team {
    let store = if dice.percent(40) { VARIANTS } else { PLAIN };
    let kind = if dice.percent(65) { Kind::Mechanical } else { Kind::Body };
    let base_goal = 10 * dice.between(1_000_0, 20_000_000);
    let challenge_goal = base_goal + 10 * dice.between(0, 5_000_000);
    let own_task = (kind == Kind::Mechanical && dice.percent(30)).then(|| 10 * dice.between(1_000_0, 20_000_000));
    let (cars, rework) = rework(dice);
    let mut team = Team {
        store,
        name: format!("T{number:05}"),
        kind,
        labour: Vec::new(),
        materials: if dice.percent(3) { -dice.any_size(6) } else { dice.any_size(7) },
        base_goal,
        challenge_goal,
        own_task,
        score: match dice.between(1, 20) {
            1 => 0,
            2..=4 => 100_00,
            5..=8 => dice.between(60, 100) * 100,
            _ => dice.between(40_00, 110_00),
        },
        bottles: if kind == Kind::Mechanical { bottles(dice) } else { 0 },
        other: match kind {
            Kind::Mechanical if dice.percent(40) => dice.between(-50_000, 200_000),
            Kind::Mechanical if dice.percent(5) => -dice.any_size(9),
            _ => 0,
        },
        cars,
        rework,
        members: Vec::new(),
        opening: 0,
        opening_bottles: 0,
    };
    let sales = sales(dice, &team);
    team.labour = vec![(OCTOBER, sales)];
    if dice.percent(45) {
        tie(dice, &mut team, sales);
    } else if dice.percent(40) {
        // A settlement of another time comes back; what is left was sold in the month.
        let (when, fen) = (dice.pick(&EARLIER), -dice.any_size(7));
        team.labour = vec![(when, fen), (OCTOBER, sales - fen)];
    }
    let count = dice.between(1, 4);
    let same = dice.percent(30).then(|| dice.between(1, 200_00));
    team.members = (0..count)
        .map(|at| {
            let weight = match dice.between(1, 30) {
                1 if at > 0 => 0,
                2 if at > 0 => -dice.between(1, 500),
                _ => same.unwrap_or_else(|| dice.between(1, 250_00)),
            };
            // Ids do not ascend with the rows.
            Member { id: format!("{}-{}", team.name, (at * 2 + 3) % 5), weight }
        })
        .collect();
    team
}

/// Cars and reworked cars, many at 3%, 5% and 10%, or a car beside.
fn rework(dice: &mut Dice) -> (i64, i64) {
    let percent = match dice.between(1, 100) {
        1..=20 => 3,
        21..=36 => 5,
        37..=50 => 10,
        _ => return (dice.between(1, 500), dice.between(0, 6)),
    };
    let (cars, rework) = [(20, 1), (100, percent)][usize::from(percent != 5)];
    let times = dice.between(1, 5);
    (cars * times + dice.pick(&[-1, 0, 0, 1]), rework * times)
}

fn bottles(dice: &mut Dice) -> i64 {
    let bound = match dice.between(1, 100) {
        1..=16 => 50,
        17..=32 => 70,
        33..=48 => 100,
        49..=64 => 150,
        65..=67 => return -dice.between(1, 5_00),
        68..=72 => return 0,
        _ => return dice.between(0, 220) * 100,
    };
    bound * 100 + dice.pick(&[-100, -1, 0, 0, 1, 100])
}

/// Labour sales on a bound, a fen beside one, or anywhere.
fn sales(dice: &mut Dice, team: &Team) -> i64 {
    let near = dice.pick(&[-1, 0, 0, 1]);
    let task = team.task();
    match dice.between(1, 100) {
        1..=19 => team.base_goal + near,
        20..=36 => team.challenge_goal + near,
        37..=49 => task / 10 * 5 + near,
        50..=62 => task / 10 * 8 + near,
        63..=75 => task / 10 * 15 + near,
        76..=88 => task + near,
        89 => -dice.any_size(7),
        90 => 0,
        91 => dice.any_size(13),
        _ => dice.between(0, team.challenge_goal * 2),
    }
}

/// Materials, score, bottles and other items with which the pool lies between two fen, where the coefficient is an
/// odd number of percent.
fn tie(dice: &mut Dice, team: &mut Team, sales: i64) {
    let divisor = divisor(team, OCTOBER);
    team.bottles = team.bottles / 100 * 100;
    let (ten, five) = (10 * team.rework > team.cars / 2, 100 * team.rework > 3 * team.cars);
    let (residue, unit, score) = match (ten, five) {
        // A base that does not end in decimals, and comes to half a fen by the score: ÷ 1.13 × 56.50.
        (false, false) if dice.percent(60) => (100, 200, divisor * 50),
        (false, false) => (divisor, divisor * 2, 50_00),
        (false, true) => (divisor * 10, divisor * 20, 100_00),
        (true, _) => (divisor * 5, divisor * 10, 100_00),
    };
    let most = (sales - residue).div_euclid(unit);
    if most < 0 {
        return;
    }
    team.materials = sales - residue - unit * dice.between(0, most);
    team.score = score;
    team.other = if team.kind == Kind::Mechanical { 20 * dice.between(0, 5_000) } else { 0 };
}

/// A team with one of its members.
type Place<'a> = (&'a Team, &'a Member);

/// The frames that give teams to the program.
pub fn frames(plan: &Plan, teams: &[Team]) -> Frames {
    let of = |kind: Kind| -> Vec<&Team> { teams.iter().filter(|team| team.kind == kind).collect() };
    let all: Vec<&Team> = teams.iter().collect();
    let days: Vec<(&Team, Date, i64)> =
        teams.iter().flat_map(|team| team.labour.iter().map(move |(day, fen)| (team, *day, *fen))).collect();
    let balances: Vec<Balance> = teams.iter().flat_map(balances).collect();
    let mut frames = Frames::from([
        carried(plan, &balances),
        given(plan, "team-labour.rostered", &all, |team, column| {
            let mechanics = i64::from(team.kind == Kind::Mechanical);
            match column {
                "mechanics" => whole(mechanics),
                "body_people" => whole(1 - mechanics),
                _ => team_cell(team, column),
            }
        }),
        given(plan, "team-labour.labour_by_day", &days, |(team, when, fen), column| match column {
            "taxed_on" => day(*when),
            "day_labour" => decimals(*fen, 2),
            _ => team_cell(team, column),
        }),
        given(plan, "team-labour.materials_by_day", &all, |team, column| match column {
            "taxed_on" => day(OCTOBER),
            "day_materials" => decimals(team.materials, 2),
            _ => team_cell(team, column),
        }),
        given(plan, "group_targets", &all, |team, column| match column {
            "scope" => text("班组"),
            "unit_name" => text(&team.name),
            "output_target" => decimals(team.base_goal, 2),
            "challenge_target" => decimals(team.challenge_goal, 2),
            "labour_task" => team.own_task.and_then(|task| decimals(task, 2)),
            _ => team_cell(team, column),
        }),
        given(plan, "monthly-scores.teams", &all, |team, column| match column {
            "score" => decimals(team.score, 2),
            "score_source" => text("考核成绩表"),
            _ => team_cell(team, column),
        }),
        given(plan, "rework.rates", &all, |team, column| match column {
            "external" | "external_rework" => whole(team.rework),
            "internal" | "internal_rework" => whole(0),
            "cars" | "team_cars" => whole(team.cars),
            "lines" => whole(team.cars),
            _ => team_cell(team, column),
        }),
        given(plan, "mechanical-teams.care_by_team", &of(Kind::Mechanical), |team, column| match column {
            "sold_bottles" => decimals(team.bottles - team.opening_bottles, 2),
            _ => team_cell(team, column),
        }),
        given(plan, "mechanical-teams.other_by_team", &of(Kind::Mechanical), |team, column| match column {
            "entries_amount" => decimals(team.other, 2),
            _ => team_cell(team, column),
        }),
    ]);
    for (kind, facts, pays, role) in [
        (Kind::Mechanical, "mechanical-teams", "workshop", "mechanic"),
        (Kind::Body, "body-teams", "body-shop", "painter"),
    ] {
        let own = of(kind);
        let members: Vec<Place<'_>> =
            own.iter().flat_map(|team| team.members.iter().map(move |member| (*team, member))).collect();
        let mut people: Vec<Place<'_>> = members.clone();
        people.sort_by(|(one, this), (other, that)| (one.store, &this.id).cmp(&(other.store, &that.id)));
        people.dedup_by(|(_, this), (_, that)| this.id == that.id);
        frames.extend([
            given(plan, &format!("{facts}.own_teams"), &own, |team, column| match column {
                "intervals" => whole(1),
                _ => team_cell(team, column),
            }),
            given(plan, &format!("{facts}.worked"), &members, |place, column| match column {
                "hours" | "weighted_hours" => decimals(place.1.weight, 2),
                _ => member_cell(*place, column),
            }),
            given(plan, &format!("{facts}.members"), &members, |place, column| member_cell(*place, column)),
            given(plan, &format!("{pays}.spine"), &people, |place, column| match column {
                "role" => text(role),
                "name" => text(&place.1.id),
                "regular" => Some(Cell::Bool(true)),
                "weight" => whole(1),
                "valid_from" => day(date(2026, 10, 1)),
                "valid_to" => day(date(2026, 10, 31)),
                "days" | "period_days" => whole(31),
                _ => member_cell(*place, column),
            }),
        ]);
    }
    frames
}

/// What a team takes over from the month before.
fn balances(team: &Team) -> Vec<Balance> {
    let pipeline = if team.kind == Kind::Mechanical { "mechanical-teams" } else { "body-teams" };
    let balance =
        |entry, value| Balance { store: team.store.to_owned(), pipeline, entry, owner: team.name.clone(), value };
    [balance("base-below-zero", team.opening), balance("bottles-below-zero", team.opening_bottles)]
        .into_iter()
        .filter(|balance| balance.value != 0)
        .collect()
}

fn team_cell(team: &Team, column: &str) -> Option<Cell> {
    match column {
        "store_id" => text(team.store),
        "team" => text(&team.name),
        "period" => text("2026-10"),
        _ => None,
    }
}

fn member_cell((team, member): Place<'_>, column: &str) -> Option<Cell> {
    match column {
        "employee_id" => text(&member.id),
        "mentions" => whole(1),
        _ => team_cell(team, column),
    }
}
