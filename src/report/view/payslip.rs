//! The slip of a person: who, when, how much, and the way to each fen.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::super::spec::SectionSpec;
use super::trace::{Notes, Printed, derivation};
use super::{Context, Section, amount, cited, day_words, exceptions, in_words, net, scores, statement};
use crate::money::Exact;
use crate::run::outcome::{PayLine, Person};

/// Blocks of a slip; what stands in its head goes into `data`.
pub(super) fn sections(
    cx: Context<'_>,
    person: &Person,
    data: &mut Map<String, Value>,
) -> Result<Vec<Section>, String> {
    let own = cx.index.store(&person.store_id).person(&person.employee_id);
    let lines: &[&PayLine] = &own.lines;
    let total = lines.iter().fold(Exact::zero(), |sum, line| sum.add(&Exact::from_decimal(line.amount)));
    let in_capitals =
        in_words(cx, &total).ok_or_else(|| format!("the total {} has no form in capitals", amount(&total)))?;
    head(cx, person, data);

    let mut notes = Notes::default();
    let mut printed = Printed::new();
    let rows: Vec<Value> = lines.iter().map(|line| row(cx, person, line, &mut printed, &mut notes)).collect();
    let concerns: Vec<Value> = exceptions(cx, own.exceptions.iter().copied());
    let net = net::net(cx, person, &mut printed, &mut notes)?;
    let notes = notes.into_values();
    let cards = scores::cards(cx, lines);
    let sections = cx.spec.sections.iter().filter_map(|section| {
        let heading = section.heading();
        let content = match section {
            SectionSpec::Total(_) => json!({ "total": amount(&total), "capitals": in_capitals }),
            SectionSpec::Lines(_) => json!({ "rows": rows, "total": amount(&total) }),
            // Nothing to say is not said.
            SectionSpec::Net(_) => net.as_ref()?.total.clone(),
            SectionSpec::NetLines(_) => net.as_ref()?.lines.clone()?,
            SectionSpec::Figures(spec) => match statement::figures(cx, person, spec) {
                Ok(figures) if figures.is_empty() => return None,
                Ok(figures) => json!({ "figures": figures }),
                Err(what) => return Some(Err(what)),
            },
            SectionSpec::Exceptions(_) if concerns.is_empty() => return None,
            SectionSpec::Notes(_) if notes.is_empty() => return None,
            SectionSpec::Scores(_) if cards.is_empty() => return None,
            SectionSpec::Scores(_) => json!({ "cards": cards }),
            SectionSpec::Exceptions(_) => json!({ "rows": concerns }),
            SectionSpec::Notes(_) => json!({ "rows": notes }),
            other => return Some(Err(format!("section `{}` does not show a person", other.kind()))),
        };
        Some(Ok(Section::new(section.kind(), heading, content)))
    });
    sections.collect()
}

fn head(cx: Context<'_>, person: &Person, data: &mut Map<String, Value>) {
    let of = cx.outcome.period.days().to_string();
    let days = |count: usize| cx.messages.fill("days_of", &[("days", &count.to_string()), ("of", &of)]);
    let intervals: Vec<Value> = person
        .intervals
        .iter()
        .map(|interval| {
            let from_to = [("from", day_words(cx, interval.from)), ("to", day_words(cx, interval.to))];
            let from_to: Vec<(&str, &str)> = from_to.iter().map(|(key, text)| (*key, text.as_str())).collect();
            let place: Vec<&str> =
                [&interval.team, &interval.group].into_iter().flatten().map(String::as_str).collect();
            json!({
                "role": interval.role_label,
                "place": place.join(" · "),
                "dates": cx.messages.fill("from_to", &from_to),
                "days": days(held([(interval.from, interval.to)])),
            })
        })
        .collect();
    let all = held(person.intervals.iter().map(|interval| (interval.from, interval.to)));
    data.insert("name".into(), json!(person.name));
    data.insert("employee_id".into(), json!(person.employee_id));
    data.insert("intervals".into(), json!(intervals));
    data.insert("days".into(), json!(days(all)));
}

/// Days of all intervals, each counted once.
fn held(intervals: impl IntoIterator<Item = (Date, Date)>) -> usize {
    let mut days = BTreeSet::new();
    for (from, to) in intervals {
        days.extend(from.series(1.day()).take_while(|day| *day <= to));
    }
    days.len()
}

/// A line with its derivation.
pub(super) fn row<'a>(
    cx: Context<'_>,
    person: &Person,
    line: &'a PayLine,
    printed: &mut Printed<'a>,
    notes: &mut Notes,
) -> Value {
    let roles: BTreeSet<&str> = person.intervals.iter().map(|interval| interval.role.as_str()).collect();
    let role = person.intervals.iter().find(|interval| interval.role == line.role);
    let role = role.map(|interval| interval.role_label.as_str()).filter(|_| roles.len() > 1);
    let mut row = derivation(cx, &line.trace, printed, notes);
    row.insert("label".into(), json!(line.label));
    row.insert("clause".into(), json!(cited(cx, &line.clause)));
    row.insert("role".into(), json!(role.unwrap_or_default()));
    row.insert("amount".into(), json!(amount(&Exact::from_decimal(line.amount))));
    Value::Object(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn overlapping_intervals_count_a_day_once() {
        let october = |from: i8, to: i8| (date(2026, 10, from), date(2026, 10, to));
        assert_eq!(held([]), 0);
        assert_eq!(held([october(1, 31)]), 31);
        assert_eq!(held([october(16, 16)]), 1);
        assert_eq!(held([october(1, 15), october(10, 20)]), 20);
        assert_eq!(held([october(20, 10)]), 0);
    }
}
