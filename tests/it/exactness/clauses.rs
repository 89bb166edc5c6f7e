//! The reference: one function for each clause, written from the plan's text and its decided defaults, in
//! plain fractions, a person at a time. Rates and bounds stand here as the plan prints them.

use std::cmp::Ordering;

use super::fraction::{Fraction, Held};
use super::people::{Advisor, DAYS, Opening, Part, Role, Store};

/// Line codes in the order of [`lines`].
pub const LINES: [&str; 6] =
    ["advisor-output", "advisor-care", "renewal-reward", "renewal-deduction", "prospect-reward", "prospect-deduction"];

/// The unrounded amounts of a person's six lines.
pub fn lines(store: &Store, person: &Advisor, held: Held) -> [Fraction; 6] {
    let (output, care) = match person.role {
        Role::General => (general_output(store, person, held), general_care(store, person, held)),
        Role::Accident => (accident_output(store, person, held), accident_care(store, person)),
    };
    let [renewal_reward, renewal_deduction] = renewals(person, held);
    let [prospect_reward, prospect_deduction] = prospects(person, held);
    [output, care, renewal_reward, renewal_deduction, prospect_reward, prospect_deduction]
}

/// G10: the part of the month in which the role was held, by calendar days.
fn share(days: i64, held: Held) -> Fraction {
    Fraction::whole(days).over(&Fraction::whole(DAYS), held)
}

/// D8-2.0: the store's output task less the accident groups', by weight and days among the regular general
/// advisors. A trainee has a target of the own.
pub fn output_target(store: &Store, person: &Advisor, held: Held) -> Fraction {
    if !person.regular {
        let own = person.own_output_target.expect("a trainee has an own output target");
        return Fraction::yuan(own).times(&share(person.days(), held));
    }
    let task = store.task - store.groups.iter().map(|group| group.target).sum::<i64>();
    let all: i64 = store.of(Role::General).filter(|each| each.regular).map(|each| each.weight * each.days()).sum();
    let own = Fraction::whole(person.weight * person.days()).over(&Fraction::whole(all), held);
    Fraction::yuan(task).times(&own)
}

/// D8-2.1: {output × 0.4% × output attainment + cars × 2 × cars attainment} × (score ÷ 100); a term with a
/// negative base is 0 (G7).
fn general_output(store: &Store, person: &Advisor, held: Held) -> Fraction {
    let output = Fraction::yuan(sum(person, |part| part.output)).not_below_zero();
    let attainment = output.over(&output_target(store, person, held), held);
    let by_output = output.times(&Fraction::new(4, 1000)).times(&attainment);
    let cars = Fraction::whole(sum(person, |part| part.cars)).not_below_zero();
    let cars_target = Fraction::whole(person.cars_target).times(&share(person.days(), held));
    let by_cars = cars.times(&Fraction::whole(2)).times(&cars.over(&cars_target, held));
    by_output.plus(&by_cars).times(&score(person))
}

/// D8-2.2: {own share of the group's output × 2% × group attainment + own cars × 2} × (score ÷ 100), the share
/// by weight and days in the group; who was in two groups has a share of each.
fn accident_output(store: &Store, person: &Advisor, held: Held) -> Fraction {
    let mut bonus = Fraction::whole(0);
    for part in &person.parts {
        let group = part.group.expect("an accident advisor has a group");
        let output = group_output(store, group).not_below_zero();
        let weights: i64 = store.parts(group).map(|(member, part)| member.weight * part.days()).sum();
        let own = Fraction::whole(person.weight * part.days()).over(&Fraction::whole(weights), held);
        let attainment = output.over(&Fraction::yuan(store.groups[group].target), held);
        bonus = bonus.plus(&output.times(&own).times(&Fraction::new(2, 100)).times(&attainment));
    }
    let cars = Fraction::whole(sum(person, |part| part.cars)).not_below_zero();
    bonus.plus(&cars.times(&Fraction::whole(2))).times(&score(person))
}

/// What a group settled, in yuan.
pub fn group_output(store: &Store, group: usize) -> Fraction {
    Fraction::yuan(store.parts(group).map(|(_, part)| part.output).sum())
}

/// D8-2.3: yuan a bottle for Y bottles of the month (in hundredths), with m of the output task a reached.
/// m ≥ a: by Y alone; below, the same rate limited by how far m is.
fn a_bottle(bottles: i64, m: &Fraction, a: &Fraction) -> i64 {
    let full = match bottles {
        i64::MIN..=50_00 => 5,
        50_01..=100_00 => 6,
        100_01..=200_00 => 8,
        200_01.. => 10,
    };
    let against = |tenths: i64| m.compare(&a.times(&Fraction::new(tenths, 10)));
    if against(10) != Ordering::Less {
        full
    } else if against(8) == Ordering::Greater {
        full.min(6)
    } else if against(6) != Ordering::Less {
        full.min(5)
    } else {
        0
    }
}

/// D8-2.3 for a general advisor: bottles × yuan a bottle × (bottles ÷ bottle target).
fn general_care(store: &Store, person: &Advisor, held: Held) -> Fraction {
    let m = Fraction::yuan(sum(person, |part| part.output));
    let rate = a_bottle(person.bottles(), &m, &output_target(store, person, Held::Exactly));
    let bottles = Fraction::new(person.bottles(), 100).not_below_zero();
    let target = Fraction::whole(person.care_target).times(&share(person.days(), held));
    bottles.times(&Fraction::whole(rate)).times(&bottles.over(&target, held))
}

/// D8-2.3 for an accident advisor: own bottles, the rate by the person's month and by m and a of the group in
/// which they were sold; no attainment.
fn accident_care(store: &Store, person: &Advisor) -> Fraction {
    let mut pay = Fraction::whole(0);
    for part in &person.parts {
        let group = part.group.expect("an accident advisor has a group");
        let (m, a) = (group_output(store, group), Fraction::yuan(store.groups[group].target));
        let rate = a_bottle(person.bottles(), &m, &a);
        pay = pay.plus(&Fraction::new(part.bottles, 100).not_below_zero().times(&Fraction::whole(rate)));
    }
    pay
}

/// D8-2.4: task 3 cars. From 2 renewed cars on 100 for each commercial policy; 100 off for each car short of the
/// task. Two lines.
fn renewals(person: &Advisor, held: Held) -> [Fraction; 2] {
    let policies = if person.renewed_cars >= 2 { person.commercial_policies } else { 0 };
    let reward = Fraction::whole(policies).not_below_zero().times(&Fraction::whole(100));
    let task = Fraction::whole(3).times(&share(person.days(), held));
    let short = task.minus(&Fraction::whole(person.renewed_cars)).not_below_zero();
    [reward, short.times(&Fraction::whole(100)).negated()]
}

/// D8-2.5: task 20 prospects. 3 each, at most 300; 20 off for each prospect short of the task. Two lines.
fn prospects(person: &Advisor, held: Held) -> [Fraction; 2] {
    let reward = Fraction::whole((person.prospects * 3).min(300));
    let task = Fraction::whole(20).times(&share(person.days(), held));
    let short = task.minus(&Fraction::whole(person.prospects)).not_below_zero();
    [reward, short.times(&Fraction::whole(20)).negated()]
}

/// Score ÷ 100.
fn score(person: &Advisor) -> Fraction {
    Fraction::new(person.score, 10_000)
}

fn sum(person: &Advisor, figure: fn(&Part) -> i64) -> i64 {
    person.parts.iter().map(figure).sum()
}

/// The examples that the plan's text prints.
#[test]
fn the_examples_of_the_plan_hold() {
    let fen = |person: &Advisor| {
        let store = Store { id: "S".to_owned(), task: 220_000_00, groups: Vec::new(), people: vec![person.clone()] };
        lines(&store, person, Held::Exactly).map(|amount| i64::try_from(amount.fen()).unwrap())
    };
    let part = Part { group: None, from: 1, to: DAYS, output: 220_000_00, cars: 132, bottles: 0 };
    let person = Advisor {
        id: "A1".to_owned(),
        role: Role::General,
        regular: true,
        weight: 1_0000,
        parts: vec![part.clone()],
        own_output_target: None,
        cars_target: 132,
        care_target: 100,
        score: 95_00,
        renewed_cars: 2,
        commercial_policies: 2,
        prospects: 0,
        opening: Opening::default(),
    };
    assert_eq!(fen(&person), [1086_80, 0, 200_00, -100_00, 0, -400_00]);
    let tie = Advisor {
        parts: vec![Part { output: 0, cars: 255, ..part.clone() }],
        score: 99_00,
        renewed_cars: 3,
        commercial_policies: 1,
        prospects: 101,
        ..person.clone()
    };
    assert_eq!(fen(&tie), [975_38, 0, 100_00, 0, 300_00, 0]);
    let joiner = Advisor { parts: vec![Part { from: 16, bottles: 50_00, ..part }], renewed_cars: 1, ..person };
    assert_eq!(fen(&joiner)[1..4], [242_19, 0, -54_84]);
}
