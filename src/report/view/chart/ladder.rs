//! A ladder that pays: its rows, who has reached which, and the curve with its jumps.

use serde_json::{Value, json};

use super::super::super::spec::{Format, LadderSpec};
use super::super::cells::{self, Cell};
use super::super::table::{Only, read_at};
use super::super::{Context, minus_or_plus};
use super::scale::Scale;
use super::{Chart, legend};
use crate::money::ladder::{Bound, Ladder};
use crate::money::{Exact, show};
use crate::run::in_force::{Held, HeldValue, of_store};
use crate::run::outcome::Store;

/// Who stands where: name and number.
type Reached = Vec<(String, Exact)>;

/// The section; `None` where no such ladder holds in the store or the frame has no row of it.
pub(in crate::report::view) fn ladder(
    cx: Context<'_>,
    store: &Store,
    spec: &LadderSpec,
) -> Result<Option<Value>, String> {
    let at = |what: String| format!("section `{}`: {what}", spec.title);
    let Some(held) = of_store(&cx.outcome.in_force, &spec.parameter, &store.store_id) else { return Ok(None) };
    let HeldValue::Ladder { by_label, by_unit, ladder } = &held.value else {
        return Err(at(format!("`{}` is no ladder", spec.parameter)));
    };
    let published = cx.outcome.published.get(&spec.frame);
    let published = published.ok_or_else(|| at(format!("no pipeline publishes `{}`", spec.frame)))?;
    let rows = Only::store(store).rows(cx, &spec.frame, published, false).map_err(at)?;
    let names = read_at(&published.frame, &published.schema, &spec.label, &rows).map_err(at)?;
    let values = read_at(&published.frame, &published.schema, &spec.value, &rows).map_err(at)?;
    let reached: Reached = names
        .iter()
        .zip(&values)
        .filter_map(|(name, value)| {
            Some((cells::written(name.as_ref(), Format::Text), value.as_ref().and_then(Cell::number)?.clone()))
        })
        .collect();
    if reached.is_empty() {
        return Ok(None);
    }
    let format = if held.unit == "ratio" { Format::Percent } else { Format::Fine };
    let mut above: Option<&Exact> = None;
    let listed: Vec<Value> = ladder
        .rows()
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let own: Vec<String> = reached
                .iter()
                .filter(|(_, number)| ladder.lookup(number).is_some_and(|(index, _)| index == at))
                .map(|(name, number)| format!("{name} {}", cells::minus(show::number(number, 2))))
                .collect();
            let jump = above.map(|below| row.value.sub(below));
            above = Some(&row.value);
            json!({
                "words": row.words,
                "value": cells::written_number(&row.value, format),
                "jump": jump.map_or_else(String::new, |jump| minus_or_plus(cells::written_number(&jump, format), &jump)),
                "count": own.len().to_string(),
                "people": own.join("、"),
            })
        })
        .collect();
    let chart = curve(cx, held, by_label, by_unit, ladder, &reached);
    Ok(Some(json!({
        "by": by_label, "what": held.title, "clause": held.clause, "rows": listed, "chart": chart,
    })))
}

/// The rows from left to right, as far as a bound or somebody's number goes, and a little further.
fn curve(cx: Context<'_>, held: &Held, by_label: &str, by_unit: &str, ladder: &Ladder, reached: &Reached) -> Value {
    let finite = |bound: &Bound<Exact>| match bound {
        Bound::Included(number) | Bound::Excluded(number) => Some(number.clone()),
        Bound::Unbounded => None,
    };
    let closed = |bound: &Bound<Exact>| if matches!(bound, Bound::Included(_)) { "yes" } else { "" };
    let bounds = ladder.rows().iter().flat_map(|row| [finite(row.interval.lower()), finite(row.interval.upper())]);
    let numbers: Vec<Exact> = bounds.flatten().chain(reached.iter().map(|(_, number)| number.clone())).collect();
    let across = Scale::beyond(&numbers, 5);
    let values: Vec<&Exact> = ladder.rows().iter().map(|row| &row.value).collect();
    let up = Scale::round(values.into_iter(), 4);
    let format = if held.unit == "ratio" { Format::Percent } else { Format::Fine };
    let rows: Vec<Value> = ladder
        .rows()
        .iter()
        .map(|row| {
            let (from, to) = (finite(row.interval.lower()), finite(row.interval.upper()));
            json!({
                "from": from.as_ref().map_or_else(|| "0".to_owned(), |from| across.share(from)),
                "to": to.as_ref().map_or_else(|| "1".to_owned(), |to| across.share(to)),
                "first": if from.is_none() { "yes" } else { "" },
                "last": if to.is_none() { "yes" } else { "" },
                "from_closed": closed(row.interval.lower()),
                "to_closed": closed(row.interval.upper()),
                "y": up.share(&row.value),
                "value": cells::written_number(&row.value, format),
            })
        })
        .collect();
    let points: Vec<Value> = reached
        .iter()
        .filter_map(|(name, number)| {
            let (_, row) = ladder.lookup(number)?;
            Some(json!({ "x": across.share(number), "y": up.share(&row.value), "label": name }))
        })
        .collect();
    let label =
        if by_unit == "yuan" { format!("{by_label}{}", cx.messages.get("axis_yuan")) } else { by_label.to_owned() };
    let (across_axis, across_ticks) = across.axis(cx, &label, Format::Count);
    let words: Vec<String> =
        ladder.rows().iter().map(|row| format!("{} {}", row.words, show::number(&row.value, 6))).collect();
    Chart {
        kind: "ladder",
        alt: cx.messages.fill("ladder_words", &[("what", &held.title), ("by", by_label), ("rows", &words.join("；"))]),
        axis: held.title.clone(),
        across_axis,
        zero: up.share(&Exact::zero()),
        ticks: up.ticks(format),
        across: across_ticks,
        legend: legend(cx, &[("point", "reached")]),
        rows,
        points,
        ..Chart::default()
    }
    .value()
}
