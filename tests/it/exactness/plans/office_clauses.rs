//! The reference of D8-1 and D8-3.4: one function for each clause, in plain fractions, a person at a time. Rates and
//! shares stand here as the plan prints them.

use std::cmp::Ordering;

use super::office::{DAYS, Holder, Office, Post, QUARTER, VARIANTS};
use crate::exactness::fraction::{Fraction, Held};

/// The unrounded amount of a holder's line.
pub fn bonus(office: &Office, holder: &Holder, held: Held) -> Fraction {
    match holder.post {
        Post::Manager => manager(office, holder, held),
        Post::Expert => by_profit(office, holder, 6, held),
        Post::WorkshopSupervisor | Post::ReceptionSupervisor => by_profit(office, holder, 5, held),
        Post::Clerk => clerk(office, holder, held),
        Post::Inspector => inspector(office, holder),
        Post::PartsManager | Post::PartsPlanner | Post::PartsKeeper => parts(office, holder, held),
    }
}

/// G8: no cap, or, where a store has chosen so, 150%.
fn capped(office: &Office, attainment: Fraction) -> Fraction {
    let cap = Fraction::new(3, 2);
    if office.id == VARIANTS && attainment.compare(&cap) == Ordering::Greater { cap } else { attainment }
}

/// Net profit × 1% × the factor, in tenths, × attainment; a loss attains nothing (G7).
fn of_profit(office: &Office, (profit, target): (i64, i64), tenths: i64, held: Held) -> Fraction {
    let profit = Fraction::yuan(profit).not_below_zero();
    let attainment = capped(office, profit.over(&Fraction::yuan(target), held));
    profit.times(&Fraction::new(1, 100)).times(&Fraction::new(tenths, 10)).times(&attainment)
}

/// D8-1.1: the quarter's net profit × 1% × 0.8 × its attainment × (the quarter's score ÷ 100); who came later has it
/// for the days held (G10).
fn manager(office: &Office, holder: &Holder, held: Held) -> Fraction {
    let days = Fraction::whole(holder.quarter_days()).over(&Fraction::whole(QUARTER), held);
    of_profit(office, office.quarter(), 8, held).times(&score(holder)).times(&days)
}

/// D8-1.2 with 0.6, D8-1.3 with 0.5: the same of the month.
fn by_profit(office: &Office, holder: &Holder, tenths: i64, held: Held) -> Fraction {
    of_profit(office, office.month(), tenths, held).times(&score(holder)).times(&days(holder, held))
}

/// D8-1.4: what the advisors are paid × 0.2 × (score ÷ 100): output, care and other lines, or, where a store has chosen
/// so, the output lines alone.
fn clerk(office: &Office, holder: &Holder, held: Held) -> Fraction {
    let fen = if office.id == VARIANTS { holder.lines[0] } else { holder.lines.iter().sum() };
    let paid = Fraction::yuan(fen).not_below_zero();
    paid.times(&Fraction::new(2, 10)).times(&score(holder)).times(&days(holder, held))
}

/// D8-3.4: {cars with a signed sheet × 2 − 100 × cars returned} × (score ÷ 100), not below 0; or, where a store has
/// chosen so, an order is one car however often it came back, and there is no floor.
fn inspector(office: &Office, holder: &Holder) -> Fraction {
    let bonus = Fraction::whole(inspected(office, holder));
    if office.id == VARIANTS { bonus } else { bonus.not_below_zero() }.times(&score(holder))
}

/// Yuan for an inspector's cars less those for the cars that came back.
fn inspected(office: &Office, holder: &Holder) -> i64 {
    let returned = if office.id == VARIANTS { holder.returned_orders() } else { holder.returned };
    2 * holder.cars - 100 * returned
}

/// What D8-1.6 splits, before attainment, in thousandths of a fen: parts × 0.4% + care products × 1% − office expense,
/// and what the month before left; a store may have chosen that care products are among the parts, too.
fn parts_base(office: &Office) -> i64 {
    let sales = office.parts_sales + if office.id == VARIANTS { office.care_sales } else { 0 };
    1000 * office.opening[2] + 4 * sales + 10 * office.care_sales - 1000 * office.expense
}

/// D8-1.6: (parts × 0.4% + care products × 1% − office expense) × attainment; 50%, 30% and 20% to manager, planner and
/// keeper, among the holders by days, × the own score ÷ 100.
fn parts(office: &Office, holder: &Holder, held: Held) -> Fraction {
    let (profit, target) = office.parts;
    let attainment = capped(office, Fraction::yuan(profit).not_below_zero().over(&Fraction::yuan(target), held));
    let pool = Fraction::new(parts_base(office), 100_000).not_below_zero().times(&attainment);
    let percent = match holder.post {
        Post::PartsManager => 50,
        Post::PartsPlanner => 30,
        _ => 20,
    };
    // Holders and the own part of the month are counted in days: together they are at least one whole holder.
    let all: i64 = office.holders.iter().filter(|other| other.post == holder.post).map(Holder::days).sum();
    let own = Fraction::whole(holder.days()).over(&Fraction::whole(all.max(DAYS)), held);
    pool.times(&Fraction::new(percent, 100)).times(&own).times(&score(holder))
}

fn days(holder: &Holder, held: Held) -> Fraction {
    Fraction::whole(holder.days()).over(&Fraction::whole(DAYS), held)
}

fn score(holder: &Holder) -> Fraction {
    Fraction::new(holder.score, 10_000)
}

/// How far the figure by which somebody is paid is from 0: fen of profit or pay, yuan of an inspector's cars.
pub fn from_zero(office: &Office, holder: &Holder) -> i64 {
    match holder.post {
        Post::Manager => office.quarter().0,
        Post::Expert | Post::WorkshopSupervisor | Post::ReceptionSupervisor => office.month().0,
        Post::Clerk if office.id == VARIANTS => holder.lines[0],
        Post::Clerk => holder.lines.iter().sum(),
        Post::Inspector => inspected(office, holder) / 2,
        Post::PartsManager | Post::PartsPlanner | Post::PartsKeeper => parts_base(office) / 1000,
    }
}

/// The codes of what is said about a store and its holders.
pub fn said(office: &Office) -> Vec<&'static str> {
    let mut said = Vec::new();
    for holder in &office.holders {
        let below = match holder.post {
            Post::Clerk => false,
            post if post.is_parts() => false,
            _ => from_zero(office, holder) < 0,
        };
        said.extend(below.then_some("negative-base"));
        said.extend((holder.post == Post::Inspector && holder.cars == 0).then_some("no-inspections"));
    }
    said.extend((parts_base(office) < 0 || office.parts.0 < 0).then_some("negative-base"));
    for post in [Post::PartsManager, Post::PartsPlanner, Post::PartsKeeper] {
        said.extend(office.holders.iter().all(|holder| holder.post != post).then_some("vacant-role"));
    }
    said
}
