//! A person as a rule test, ready to be pasted into the test file beside the plan.

use std::fmt::Write;

use super::clauses::{LINES, lines};
use super::fraction::Held;
use super::people::{Advisor, Part, Role, Store};

/// The case that shows a line of a person of a store: the name of the test file, and the YAML.
pub fn rule_test(store: &Store, person: &Advisor, line: &str) -> (&'static str, String) {
    let at = LINES.iter().position(|name| *name == line).unwrap();
    let (file, yaml) = match (at, person.role) {
        (0 | 1, Role::General) => ("advisor-output", general(store)),
        (0 | 1, Role::Accident) => ("accident-output", accident(store)),
        _ => ("advisor-renewals", renewals(store, person)),
    };
    (file, format!("  - case: {} {} {line}\n    period: 2026-10\n    given:\n{yaml}", store.id, person.id))
}

fn general(store: &Store) -> String {
    let people: Vec<&Advisor> = store.of(Role::General).collect();
    let mut text = carried(store, &["advisor-output"], |_| true);
    text += "      taken_back: []\n      attendance: []\n";
    list(&mut text, "facts", &people, |person| {
        let part = &person.parts[0];
        let (output, cars, _) = store.of_month(person, part);
        let (output, weight) = (decimals(output, 2), decimals(person.weight, 4));
        let Advisor { id, regular, .. } = person;
        let interval = interval(part);
        format!("employee_id: {id}, output: {output}, cars: {cars}, regular: {regular}, weight: {weight}, {interval}")
    });
    list(&mut text, "care_sold", &people, |person| {
        let (.., bottles) = store.of_month(person, &person.parts[0]);
        format!("employee_id: {}, bottles: {}", person.id, decimals(bottles, 2))
    });
    list(&mut text, "targets", &people, |person| {
        let Advisor { id, cars_target, care_target, own_output_target, .. } = person;
        let own = own_output_target.map_or("null".to_owned(), |own| decimals(own, 2));
        format!("employee_id: {id}, cars_target: {cars_target}, care_target: {care_target}, output_target: {own}")
    });
    scores(&mut text, &people);
    units(&mut text, store);
    expected(&mut text, store, &people, 0..2);
    let negative = people.iter().filter(|person| person.parts[0].output < 0 || person.parts[0].cars < 0);
    let returned = people.iter().filter(|person| person.bottles() < 0);
    exceptions(&mut text, &negative.chain(returned).copied().collect::<Vec<_>>());
    text
}

fn accident(store: &Store) -> String {
    let people: Vec<&Advisor> = store.of(Role::Accident).collect();
    let parts: Vec<(&Advisor, &Part)> =
        people.iter().flat_map(|person| person.parts.iter().map(|part| (*person, part))).collect();
    let mut text = carried(store, &["accident-output", "accident-groups"], |_| true);
    list(&mut text, "spine", &people, |person| {
        format!("employee_id: {}, weight: {}, days: {}", person.id, decimals(person.weight, 4), person.days())
    });
    let of = |(person, part): &(&Advisor, &Part)| {
        let group = &store.groups[part.group.unwrap()].name;
        let (id, weight, interval) = (&person.id, decimals(person.weight, 4), interval(part));
        format!("employee_id: {id}, group: {group}, weight: {weight}, {interval}")
    };
    list(&mut text, "accident-groups.facts", &parts, |row| {
        let (output, cars, _) = store.of_month(row.0, row.1);
        format!("{}, output: {}, cars: {cars}", of(row), decimals(output, 2))
    });
    list(&mut text, "accident-groups.care_sold", &parts, |row| {
        let (.., bottles) = store.of_month(row.0, row.1);
        format!("{}, bottles: {}", of(row), decimals(bottles, 2))
    });
    scores(&mut text, &people);
    units(&mut text, store);
    expected(&mut text, store, &people, 0..2);
    let negative = |part: &Part| {
        let group: i64 = store.parts(part.group.unwrap()).map(|(_, part)| part.output).sum();
        group < 0
    };
    let groups = parts.iter().filter(|(_, part)| negative(part)).map(|(person, _)| *person);
    let below = |person: &&&Advisor| {
        person.parts.iter().map(|part| part.cars).sum::<i64>() < 0 || person.parts.iter().any(|part| part.bottles < 0)
    };
    exceptions(&mut text, &groups.chain(people.iter().filter(below).copied()).collect::<Vec<_>>());
    text
}

fn renewals(store: &Store, person: &Advisor) -> String {
    let (people, days) = ([person], person.days());
    let mut text = carried(store, &["advisor-renewals"], |owner| owner == person.id);
    list(&mut text, "renewals_of_month", &people, |person| {
        let Advisor { id, renewed_cars, .. } = person;
        let policies = person.commercial_policies - person.opening.policies;
        format!("employee_id: {id}, renewed_cars: {renewed_cars}, commercial_policies: {policies}, days: {days}")
    });
    list(&mut text, "prospects_of_month", &people, |person| {
        format!("employee_id: {}, prospects: {}, days: {days}", person.id, person.prospects)
    });
    expected(&mut text, store, &people, 2..6);
    let negative = person.commercial_policies < 0;
    exceptions(&mut text, if negative { &people } else { &[] });
    text
}

/// What comes over from the month before, of some pipelines and owners.
fn carried(store: &Store, pipelines: &[&str], of: impl Fn(&str) -> bool) -> String {
    let mut own = store.carried();
    own.retain(|(pipeline, _, owner, ..)| pipelines.contains(pipeline) && of(owner));
    if own.is_empty() {
        return "      carried: []\n".to_owned();
    }
    let mut text = String::new();
    list(&mut text, "carried", &own, |(pipeline, entry, owner, value, places)| {
        let value = if *places == 0 { value.to_string() } else { decimals(*value, usize::from(*places)) };
        format!("pipeline: {pipeline}, entry: {entry}, owner: {owner}, value: {value}")
    });
    text
}

fn list<T>(text: &mut String, name: &str, rows: &[T], row: impl Fn(&T) -> String) {
    writeln!(text, "      {name}:").unwrap();
    for each in rows {
        writeln!(text, "        - {{ {} }}", row(each)).unwrap();
    }
}

fn scores(text: &mut String, people: &[&Advisor]) {
    list(text, "monthly-scores.people", people, |person| {
        format!("employee_id: {}, score: {}, score_source: 考核成绩表", person.id, decimals(person.score, 2))
    });
}

fn units(text: &mut String, store: &Store) {
    let groups = store.groups.iter().map(|group| ("事故组", &group.name, group.target));
    let units: Vec<_> = [("门店", &store.id, store.task)].into_iter().chain(groups).collect();
    list(text, "group_targets", &units, |(scope, name, target)| {
        format!("scope: {scope}, unit_name: {name}, output_target: {}", decimals(*target, 2))
    });
}

fn expected(text: &mut String, store: &Store, people: &[&Advisor], of: std::ops::Range<usize>) {
    text.push_str("    expect:\n      pay:\n");
    for person in people {
        let amounts = lines(store, person, Held::Exactly);
        for at in of.clone() {
            let fen = i64::try_from(amounts[at].fen()).unwrap();
            let (id, line) = (&person.id, LINES[at]);
            writeln!(text, "        - {{ employee_id: {id}, line: {line}, amount: {} }}", decimals(fen, 2)).unwrap();
        }
    }
}

fn exceptions(text: &mut String, negative: &[&Advisor]) {
    if negative.is_empty() {
        text.push_str("      exceptions: []\n");
        return;
    }
    text.push_str("      exceptions:\n");
    for person in negative {
        writeln!(text, "        - {{ employee_id: {}, code: negative-base }}", person.id).unwrap();
    }
}

fn interval(part: &Part) -> String {
    format!("valid_from: 2026-10-{:02}, valid_to: 2026-10-{:02}, days: {}", part.from, part.to, part.days())
}

/// A number of so many decimals.
fn decimals(number: i64, places: usize) -> String {
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = places + 1);
    let (whole, rest) = digits.split_at(digits.len() - places);
    format!("{}{whole}.{rest}", if number < 0 { "-" } else { "" })
}
