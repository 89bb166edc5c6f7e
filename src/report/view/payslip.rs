//! The slip of a person: who, when, how much, and the way to each fen.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::super::spec::SectionSpec;
use super::lines::{Repeated, Writing};
use super::{Context, Section, amount, day_words, exceptions, in_words, net, next_rows, scores, sources, statement};
use crate::money::Exact;
use crate::run::outcome::{LineBefore, PayLine, Person};
use crate::run::paid_before::Paid;

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

    let before = Before::of(cx, person);
    let mut writing = Writing::new(cx);
    let shown = writing.lines(cx, person, lines, before.pay, Repeated::Written);
    let concerns: Vec<Value> = exceptions(cx, own.exceptions.iter().copied());
    let net = net::net(cx, person, &before, &mut writing)?;
    let (basis, notes) = writing.finished();
    let cards = scores::cards(cx, lines);
    let next_rows = next_rows::next_rows(cx, person);
    let mut behind = lines.to_vec();
    behind.extend(cx.index.net(&person.employee_id).iter().filter(|line| line.store_id == person.store_id));
    let sources = sources::sources(cx, &behind);
    let total_before = shown.get("before").cloned().unwrap_or_default();
    let sections = cx.spec.sections.iter().filter_map(|section| {
        let heading = section.heading();
        let content = match section {
            SectionSpec::Total(_) => {
                json!({ "total": amount(&total), "capitals": in_capitals, "before": total_before })
            }
            SectionSpec::Lines(_) => shown.clone(),
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
            SectionSpec::Basis(_) if basis.is_empty() => return None,
            SectionSpec::Basis(_) => json!({ "rows": basis }),
            SectionSpec::NextRows(_) if next_rows.is_empty() => return None,
            SectionSpec::NextRows(_) => json!({ "rows": next_rows }),
            SectionSpec::Sources(_) => sources.clone()?,
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

/// The lines of a person in the month before; none where the store's month is not published.
pub(super) struct Before<'a> {
    pub(super) pay: Option<&'a [LineBefore]>,
    pub(super) net: Option<&'a [LineBefore]>,
}

impl<'a> Before<'a> {
    fn of(cx: Context<'a>, person: &Person) -> Self {
        let own = |paid: &'a Paid| {
            let first = (person.store_id.clone(), String::new());
            let known = paid.range(first..).next().is_some_and(|((store, _), _)| *store == person.store_id);
            let lines = paid.get(&(person.store_id.clone(), person.employee_id.clone()));
            known.then(|| lines.map(Vec::as_slice).unwrap_or_default())
        };
        Self { pay: own(&cx.outcome.paid_before.pay), net: own(&cx.outcome.paid_before.net) }
    }
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
