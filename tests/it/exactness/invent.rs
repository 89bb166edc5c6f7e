//! Stores of one to three people, made so that amounts lie exactly between two fen and figures stand on the
//! bounds of ladders and thresholds, or one fen or one unit beside them. How many do is counted by the test.

use super::dice::Dice;
use super::people::{Advisor, DAYS, Group, Opening, Part, Role, Store};

/// The bounds of D8-2.3 in tenths of the task.
const TENTHS: [i64; 3] = [6, 8, 10];

/// How large stores and figures are.
#[derive(Clone, Copy)]
pub struct Size {
    /// People of a store, at least and at most.
    pub store: (i64, i64),
    /// Cars of a person, at most.
    pub cars: i64,
    /// Tasks, targets and outputs in fen, at most.
    pub money: i64,
}

/// Stores with so many people in all.
pub fn stores(seed: u64, people: usize, size: Size) -> Vec<Store> {
    let mut dice = Dice::new(seed);
    let mut stores = Vec::new();
    let mut left = people;
    while left > 0 {
        let count = usize::try_from(dice.between(size.store.0, size.store.1)).unwrap().min(left);
        let mut made = store(&mut dice, stores.len(), count, size);
        let parts = made.people.iter_mut().flat_map(|person| &mut person.parts);
        parts.for_each(|part| part.output = part.output.min(size.money));
        stores.push(made);
        left -= count;
    }
    stores
}

/// Lets some people and groups begin the month below zero; their figures stay what they are, the opening included.
pub fn open(stores: &mut [Store], seed: u64) {
    let mut dice = Dice::new(seed);
    let mut below = |share: i64, most: i64| if dice.percent(share) { -dice.between(1, most) } else { 0 };
    for store in stores {
        for person in &mut store.people {
            let output = if person.role == Role::General { below(20, 900_000_00) } else { 0 };
            person.opening = Opening { output, cars: below(20, 30), bottles: below(20, 60_00), policies: below(20, 3) };
        }
        store.groups.iter_mut().for_each(|group| group.opening = below(30, 900_000_00));
    }
}

fn store(dice: &mut Dice, number: usize, count: usize, size: Size) -> Store {
    let accident = match dice.between(1, 100) {
        ..=55 => 0,
        56..=75 => count,
        _ => count.div_ceil(2),
    };
    let mut store = Store { id: format!("S{number:05}"), task: 0, groups: Vec::new(), people: Vec::new() };
    for at in 0..count {
        let role = if at < accident { Role::Accident } else { Role::General };
        let person = somebody(dice, format!("{}-{at}", store.id), role, size.cars);
        store.people.push(person);
    }
    if accident > 0 {
        accident_groups(dice, &mut store);
    }
    general_task(dice, &mut store, size);
    store
}

/// A person with everything that does not hang on the store.
fn somebody(dice: &mut Dice, id: String, role: Role, most_cars: i64) -> Advisor {
    let regular = role == Role::Accident || dice.percent(85);
    let (from, to) = match dice.between(1, 10) {
        ..=7 => (1, DAYS),
        8..=9 => (dice.between(1, DAYS), DAYS),
        _ => (1, dice.between(1, DAYS)),
    };
    let bottles = bottles(dice);
    let cars = if dice.percent(4) { -dice.between(1, 3) } else { dice.between(0, most_cars) };
    let score = match dice.between(1, 20) {
        1 => 0,
        2 => 100_00,
        3 => dice.between(100_00, 120_00),
        4..=8 => dice.between(60, 100) * 100,
        _ => dice.between(40_00, 100_00),
    };
    let mut person = Advisor {
        id,
        role,
        regular,
        weight: dice.pick(&[1_0000, 1_0000, 1_0000, 2_0000, 5000, 1_5000, 3333, 7_0001]),
        parts: vec![Part { group: None, from, to, output: 0, cars, bottles }],
        own_output_target: (!regular).then(|| dice.any_size(9) + 1),
        cars_target: dice.between(1, 300),
        care_target: dice.between(1, 250),
        score,
        renewed_cars: if dice.percent(5) { -dice.between(1, 2) } else { dice.between(0, 5) },
        commercial_policies: if dice.percent(5) { -1 } else { dice.between(0, 7) },
        prospects: match dice.between(1, 10) {
            ..=3 => dice.between(19, 21),
            4..=6 => dice.between(99, 101),
            _ => dice.between(0, 150),
        },
        opening: Opening::default(),
    };
    if dice.percent(3) {
        (person.score, person.renewed_cars, person.commercial_policies, person.prospects) = (0, 0, 0, 0);
        (person.parts[0].cars, person.parts[0].bottles) = (0, 0);
    }
    person
}

fn bottles(dice: &mut Dice) -> i64 {
    match dice.between(1, 20) {
        1 => 0,
        2 => -dice.between(1, 3_00),
        3..=12 => {
            let bound = dice.pick(&[50_00, 100_00, 200_00]);
            bound + dice.pick(&[-1_00, -1, 0, 0, 1, 1_00])
        }
        13..=14 => dice.between(0, 400_00),
        _ => dice.between(0, 300) * 100,
    }
}

/// The store's task: what makes the personal targets round, so that bounds fall on a fen, or anything.
fn general_task(dice: &mut Dice, store: &mut Store, size: Size) {
    let regular = || store.people.iter().filter(|person| person.role == Role::General && person.regular);
    let parts: Vec<i64> = regular().map(|person| person.weight * person.days()).collect();
    let all: i64 = parts.iter().sum();
    let common = parts.iter().copied().fold(all, gcd).max(1);
    let mut task = match dice.between(1, 20) {
        1 => dice.any_size(11) + 1,
        2..=14 => {
            let unit = (all / common).max(1) * 5;
            unit * dice.between(1, (size.money / 2 / unit).clamp(1, 10_000_000))
        }
        _ => dice.between(1_000_00, 400_000_00),
    };
    // Reached exactly with a score of 93.75, an odd number of times 4 yuan gives half a fen.
    let round = parts.len() == 1 && dice.percent(25);
    if round {
        task = 400 * (dice.between(1, 50_000) * 2 + 1);
    }
    store.task = task + store.groups.iter().map(|group| group.target).sum::<i64>();
    for at in 0..store.people.len() {
        if store.people[at].role == Role::General {
            let person = &store.people[at];
            // The target as numerator and denominator in fen.
            let (num, den) = match person.own_output_target {
                Some(own) => (i128::from(own * person.days()), i128::from(DAYS)),
                None => (i128::from(task) * i128::from(person.weight * person.days()), i128::from(all)),
            };
            general_figures(dice, &mut store.people[at], num, den, round);
            if !(round && store.people[at].regular) && store.people[at].parts[0].output <= 0 && dice.percent(85) {
                cars_tie(dice, &mut store.people[at], size.cars);
            }
        }
    }
}

fn general_figures(dice: &mut Dice, person: &mut Advisor, num: i128, den: i128, round: bool) {
    let fen = |value: i128| i64::try_from(value).unwrap();
    let part = &mut person.parts[0];
    part.output = match dice.between(1, 100) {
        _ if round && person.regular => fen(num / den),
        // On a bound, or a fen beside it.
        ..=56 => {
            let (num, den) = (num * i128::from(dice.pick(&TENTHS)), den * 10);
            if num % den == 0 {
                fen(num / den) + dice.pick(&[-1, 0, 0, 1])
            } else {
                fen(num / den) + dice.between(0, 1)
            }
        }
        57..=72 => 0,
        73..=76 => -dice.any_size(7),
        77..=78 => dice.any_size(15),
        _ => dice.between(0, fen((num / den).clamp(1, 1_000_000_000_000)) * 2),
    };
    if round && person.regular {
        (part.cars, person.score) = (0, 93_75);
    }
    // The square of an odd number of bottles, times a rate, over 200 times the rate ends in half a fen.
    if dice.percent(40) {
        let any = dice.between(0, 120) * 2 + 1;
        let (bottles, full) =
            dice.pick(&[(49, 5), (51, 6), (99, 6), (101, 8), (199, 8), (201, 10), (any, 5), (any, 10)]);
        part.bottles = bottles * 100;
        person.care_target = 200 * dice.pick(&[full, full, 5, 6]);
    }
}

/// Cars c, target t, score S in hundredths and days d of 31 with c² · S · 31 ÷ (25 · t · d) an odd whole number:
/// twice the amount in fen.
fn cars_tie(dice: &mut Dice, person: &mut Advisor, most_cars: i64) {
    let days = person.days();
    let cars =
        if days == DAYS { dice.between(1, most_cars) } else { days * dice.between(1, (most_cars / days).clamp(1, 6)) };
    let quarters = dice.between(160, 400);
    let over = cars * (cars / if days == DAYS { 1 } else { days }) * quarters * if days == DAYS { 1 } else { DAYS };
    let odd = |number: i64| number >> number.trailing_zeros();
    let divisor = dice.pick(&[1, odd(quarters), odd(cars), odd(over / odd(quarters).max(1)), odd(over)]);
    let target = (over / odd(over)) * divisor;
    if divisor > 0 && odd(over) % divisor == 0 && target <= 999_999 {
        (person.cars_target, person.parts[0].cars, person.score) = (target, cars, quarters * 25);
    }
}

/// One or two groups; where there are two, the first member may change from one to the other.
fn accident_groups(dice: &mut Dice, store: &mut Store) {
    let members = store.of(Role::Accident).count();
    let count = if dice.percent(30) { 2 } else { 1 };
    for (at, person) in store.people.iter_mut().filter(|person| person.role == Role::Accident).enumerate() {
        person.parts[0].group = Some(at % count);
    }
    if count == 2 && (members == 1 || dice.percent(50)) {
        change_group(dice, &mut store.people[0]);
    }
    for group in 0..count {
        let parts: Vec<(usize, usize)> = places(store, group);
        let target = 50 * (dice.any_size(6) + 1);
        let mut target = if dice.percent(70) { target } else { dice.between(1_000_00, 900_000_00) };
        let alone = parts.len() == 1 && dice.percent(30);
        if alone {
            // Reached exactly with a score of 93.75 and no car, an odd number of times 0.80 yuan gives half a fen.
            target = 80 * (dice.between(1, 200_000) * 2 + 1);
        }
        let output = match dice.between(1, 100) {
            _ if alone => target,
            ..=60 => {
                let (num, offset) = (target * dice.pick(&TENTHS), dice.pick(&[-1, 0, 0, 1]));
                if num % 10 == 0 { num / 10 + offset } else { num / 10 + dice.between(0, 1) }
            }
            61..=65 => -dice.any_size(7),
            66..=70 => 0,
            71..=72 => dice.any_size(14),
            _ => dice.between(0, target * 2),
        };
        store.groups.push(Group { name: format!("{}-G{group}", store.id), target, opening: 0 });
        let mut left = output;
        for (index, (person, part)) in parts.iter().enumerate() {
            let own = if index + 1 == parts.len() { left } else { left / 2 + dice.between(-5_00, 5_00) };
            left -= own;
            store.people[*person].parts[*part].output = own;
            if alone && store.people[*person].parts.len() == 1 {
                store.people[*person].score = 93_75;
                store.people[*person].parts[0].cars = 0;
            }
        }
    }
}

/// The same month in two parts.
fn change_group(dice: &mut Dice, person: &mut Advisor) {
    let whole = person.parts[0].clone();
    if whole.days() < 2 {
        return;
    }
    let last = dice.between(whole.from, whole.to - 1);
    let (cars, bottles) = (dice.between(0, 20), if whole.bottles > 0 { dice.between(0, whole.bottles) } else { 0 });
    person.parts = vec![
        Part { group: Some(0), to: last, cars, bottles, ..whole.clone() },
        Part { group: Some(1), from: last + 1, cars: whole.cars - cars, bottles: whole.bottles - bottles, ..whole },
    ];
}

/// Parts of a group, as person and part.
fn places(store: &Store, group: usize) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    for (at, person) in store.people.iter().enumerate() {
        let parts = person.parts.iter().enumerate().filter(|(_, part)| part.group == Some(group));
        places.extend(parts.map(|(part, _)| (at, part)));
    }
    places
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
