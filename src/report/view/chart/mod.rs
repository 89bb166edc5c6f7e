//! Charts as texts and places: what a template draws.
//!
//! Places are shares of the plot, computed here from exact numbers and written with four places; they are the only
//! numbers a template reckons with. Bars begin at zero, negative ones go the other way. A chart that has nothing to
//! show is a sentence.

mod calendar;
mod ladder;
mod scale;

use serde::Serialize;
use serde_json::{Value, json};

use super::super::spec::{ChartKind, Format};
use super::cells::{self, NOTHING};
use super::{Context, minus_or_plus};
use crate::money::{Exact, show};
pub(super) use ladder::ladder;
use scale::Scale;

/// How many changes a waterfall shows one by one, and bars a pareto.
const NAMED: usize = 12;
/// About how many classes a distribution has.
const CLASSES: i128 = 8;

/// A row of a table as a chart sees it.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    /// What it is called.
    pub(super) label: String,
    /// Its value this month.
    pub(super) value: Option<Exact>,
    /// The same in the month before.
    pub(super) before: Option<Exact>,
    /// What it is held against.
    pub(super) target: Option<Exact>,
}

/// What is to be drawn.
#[derive(Clone, Debug)]
pub(super) struct Drawing {
    /// How.
    pub(super) kind: ChartKind,
    /// What the axis measures, with its unit.
    pub(super) axis: String,
    /// How values are written.
    pub(super) format: Format,
    /// Whether there is a month before at all.
    pub(super) compared: bool,
    /// The rows.
    pub(super) marks: Vec<Mark>,
}

/// A chart as the blocks of `shared/charts.typ` read it; what a kind does not have is empty.
#[derive(Clone, Debug, Default, Serialize)]
struct Chart {
    kind: &'static str,
    alt: String,
    axis: String,
    across_axis: String,
    corner: String,
    nothing: String,
    /// Whether every column carries its value.
    direct: &'static str,
    zero: String,
    ticks: Vec<Tick>,
    across: Vec<Tick>,
    legend: Vec<Value>,
    items: Vec<Item>,
    heads: Vec<String>,
    rows: Vec<Value>,
    points: Vec<Value>,
}

/// A bar or a column; places are shares, empty where there is nothing.
#[derive(Clone, Debug, Default, Serialize)]
struct Item {
    label: String,
    value: String,
    from: String,
    to: String,
    tone: &'static str,
    second_from: String,
    second_to: String,
    mark: String,
    /// Where the next step of a change begins.
    end: String,
    cumulative: String,
    cumulative_at: String,
}

/// A line of the grid.
#[derive(Clone, Debug, Serialize)]
struct Tick {
    at: String,
    label: String,
}

impl Chart {
    fn value(self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }

    fn nothing(cx: Context<'_>, kind: ChartKind, key: &'static str) -> Value {
        Self { kind: kind.word(), nothing: cx.messages.get(key).to_owned(), ..Self::default() }.value()
    }
}

impl Item {
    /// A bar from zero to a value.
    fn bar(label: &str, value: Option<&Exact>, scale: &Scale, format: Format) -> Self {
        let (from, to) = scale.extent(value);
        let tone = if value.is_some_and(Exact::is_negative) { "down" } else { "value" };
        let value = value.map_or_else(|| NOTHING.to_owned(), |value| cells::written_number(value, format));
        Self { label: label.to_owned(), value, from, to, tone, ..Self::default() }
    }
}

/// The chart of a table.
pub(super) fn chart(cx: Context<'_>, drawing: &Drawing) -> Value {
    let Drawing { kind, marks, compared, .. } = drawing;
    if marks.iter().all(|mark| mark.value.is_none() && mark.before.is_none()) {
        return Chart::nothing(cx, *kind, "nothing_to_draw");
    }
    match kind {
        ChartKind::Waterfall if !compared => Chart::nothing(cx, *kind, "no_month_before"),
        ChartKind::Waterfall => waterfall(cx, drawing),
        ChartKind::BarTarget | ChartKind::MonthPair => bars(cx, drawing),
        ChartKind::Columns => columns(cx, drawing),
        ChartKind::Pareto => pareto(cx, drawing),
        ChartKind::Distribution => distribution(cx, drawing),
        ChartKind::Calendar => calendar::calendar(cx, drawing),
    }
}

fn legend(cx: Context<'_>, entries: &[(&str, &'static str)]) -> Vec<Value> {
    entries.iter().map(|(mark, key)| json!({ "mark": mark, "label": cx.messages.get(key) })).collect()
}

/// The drawing in words: what it measures, how much of it, the greatest and the least.
fn alt(cx: Context<'_>, drawing: &Drawing) -> String {
    let known: Vec<(&Exact, &str)> =
        drawing.marks.iter().filter_map(|mark| Some((mark.value.as_ref()?, mark.label.as_str()))).collect();
    let shown = |end: Option<&(&Exact, &str)>| {
        end.map_or_else(
            || NOTHING.to_owned(),
            |(value, label)| format!("{label} {}", cells::written_number(value, drawing.format)),
        )
    };
    cx.messages.fill(
        "chart_words",
        &[
            ("kind", cx.messages.get(kind_key(drawing.kind))),
            ("axis", &drawing.axis),
            ("count", &known.len().to_string()),
            ("most", &shown(known.iter().max_by_key(|(value, _)| *value))),
            ("least", &shown(known.iter().min_by_key(|(value, _)| *value))),
        ],
    )
}

fn kind_key(kind: ChartKind) -> &'static str {
    match kind {
        ChartKind::BarTarget | ChartKind::MonthPair => "chart_bars",
        ChartKind::Waterfall => "chart_waterfall",
        ChartKind::Pareto => "chart_pareto",
        ChartKind::Columns => "chart_columns",
        ChartKind::Distribution => "chart_distribution",
        ChartKind::Calendar => "chart_calendar",
    }
}

/// Bars with a mark at their target, or with the month before below them.
fn bars(cx: Context<'_>, drawing: &Drawing) -> Value {
    let paired = drawing.kind == ChartKind::MonthPair;
    let second = |mark: &Mark| if paired { mark.before.clone() } else { mark.target.clone() };
    let seconds: Vec<Option<Exact>> = drawing.marks.iter().map(second).collect();
    let values = drawing.marks.iter().filter_map(|mark| mark.value.as_ref());
    let scale = Scale::tight(values.chain(seconds.iter().flatten()));
    let items = drawing.marks.iter().zip(&seconds).map(|(mark, second)| {
        let bar = Item::bar(&mark.label, mark.value.as_ref(), &scale, drawing.format);
        match second {
            Some(before) if paired => {
                let (second_from, second_to) = scale.extent(Some(before));
                Item { second_from, second_to, ..bar }
            }
            Some(target) => Item { mark: scale.share(target), ..bar },
            None => bar,
        }
    });
    let entries: &[_] = if paired {
        &[("value", "this_month"), ("before", "before")]
    } else {
        &[("value", "this_month"), ("target", "target")]
    };
    Chart {
        kind: drawing.kind.word(),
        alt: alt(cx, drawing),
        axis: drawing.axis.clone(),
        zero: scale.share(&Exact::zero()),
        legend: legend(cx, entries),
        items: items.collect(),
        ..Chart::default()
    }
    .value()
}

/// What each row changed, the greatest rises first and the greatest falls last, between the sums of the two months.
fn waterfall(cx: Context<'_>, drawing: &Drawing) -> Value {
    let zero = Exact::zero();
    let sum = |of: &dyn Fn(&Mark) -> Option<Exact>| {
        drawing.marks.iter().filter_map(of).fold(Exact::zero(), |sum, value| sum.add(&value))
    };
    let (start, end) = (sum(&|mark| mark.before.clone()), sum(&|mark| mark.value.clone()));
    let change = |mark: &Mark| mark.value.as_ref().unwrap_or(&zero).sub(mark.before.as_ref().unwrap_or(&zero));
    let changes = drawing.marks.iter().map(|mark| (mark.label.clone(), change(mark)));
    let mut changes: Vec<(String, Exact)> = changes.filter(|(_, change)| !change.is_zero()).collect();
    changes.sort_by_key(|(_, change)| std::cmp::Reverse(change.abs()));
    let rest = changes.split_off(changes.len().min(NAMED));
    changes.sort_by(|(_, one), (_, other)| other.cmp(one));
    if !rest.is_empty() {
        let label = cx.messages.fill("others", &[("count", &rest.len().to_string())]);
        changes.push((label, rest.iter().fold(Exact::zero(), |sum, (_, change)| sum.add(change))));
    }
    let mut levels = vec![start.clone()];
    for (_, change) in &changes {
        levels.push(levels.last().unwrap_or(&zero).add(change));
    }
    let scale = Scale::tight(levels.iter().chain([&end]));
    let total = |label: &str, value: &Exact, end: bool| {
        let bar = Item::bar(label, Some(value), &scale, drawing.format);
        Item { tone: "total", end: if end { scale.share(value) } else { String::new() }, ..bar }
    };
    let mut items = vec![total(cx.messages.get("before"), &start, true)];
    for ((label, change), level) in changes.iter().zip(&levels) {
        let next = level.add(change);
        items.push(Item {
            label: label.clone(),
            value: minus_or_plus(cells::written_number(change, drawing.format), change),
            from: scale.share(level.min(&next)),
            to: scale.share(level.max(&next)),
            tone: if change.is_negative() { "down" } else { "up" },
            end: scale.share(&next),
            ..Item::default()
        });
    }
    items.push(total(cx.messages.get("this_month"), &end, false));
    Chart {
        kind: drawing.kind.word(),
        alt: alt(cx, drawing),
        axis: drawing.axis.clone(),
        zero: scale.share(&zero),
        legend: legend(cx, &[("up", "rise"), ("down", "fall")]),
        items,
        ..Chart::default()
    }
    .value()
}

/// Columns from left to right, those of the month before behind them.
fn columns(cx: Context<'_>, drawing: &Drawing) -> Value {
    let of = |mark: &Mark| [mark.value.clone(), mark.before.clone(), mark.target.clone()];
    let all: Vec<Exact> = drawing.marks.iter().flat_map(of).flatten().collect();
    let scale = Scale::round(all.iter(), 4);
    let before = drawing.marks.iter().any(|mark| mark.before.is_some());
    let aimed = drawing.marks.iter().any(|mark| mark.target.is_some());
    let items = drawing.marks.iter().map(|mark| {
        let column = Item::bar(&mark.label, mark.value.as_ref(), &scale, drawing.format);
        let (second_from, second_to) = match &mark.before {
            Some(value) => scale.extent(Some(value)),
            // Where there is a month before, a column without one keeps its place beside it.
            None if before => (scale.share(&Exact::zero()), scale.share(&Exact::zero())),
            None => (String::new(), String::new()),
        };
        Item {
            second_from,
            second_to,
            mark: mark.target.as_ref().map_or_else(String::new, |it| scale.share(it)),
            ..column
        }
    });
    let mut entries = vec![("value", "this_month")];
    entries.extend(before.then_some(("before", "before")));
    entries.extend(aimed.then_some(("target", "target")));
    let (axis, ticks) = scale.axis(cx, &drawing.axis, drawing.format);
    Chart {
        kind: drawing.kind.word(),
        alt: alt(cx, drawing),
        axis,
        zero: scale.share(&Exact::zero()),
        ticks,
        legend: legend(cx, &entries),
        items: items.collect(),
        ..Chart::default()
    }
    .value()
}

/// Bars from the greatest on, with the share that they make of the sum of all that is above zero.
fn pareto(cx: Context<'_>, drawing: &Drawing) -> Value {
    let mut ranked: Vec<(&str, &Exact)> =
        drawing.marks.iter().filter_map(|mark| Some((mark.label.as_str(), mark.value.as_ref()?))).collect();
    ranked.retain(|(_, value)| !value.is_negative() && !value.is_zero());
    ranked.sort_by(|(_, one), (_, other)| other.cmp(one));
    let rest = ranked.split_off(ranked.len().min(NAMED));
    let others = cx.messages.fill("others", &[("count", &rest.len().to_string())]);
    let rest_sum = rest.iter().fold(Exact::zero(), |sum, (_, value)| sum.add(value));
    if !rest.is_empty() {
        ranked.push((&others, &rest_sum));
    }
    let all = ranked.iter().fold(Exact::zero(), |sum, (_, value)| sum.add(value));
    let scale = Scale::tight(ranked.iter().map(|(_, value)| *value));
    let mut running = Exact::zero();
    let items: Vec<Item> = ranked
        .iter()
        .map(|(label, value)| {
            running = running.add(value);
            let share = running.div(&all).unwrap_or_else(Exact::zero);
            Item {
                cumulative: show::percent(&share, 1),
                cumulative_at: show::fixed(&share, 4),
                ..Item::bar(label, Some(value), &scale, drawing.format)
            }
        })
        .collect();
    if items.is_empty() {
        return Chart::nothing(cx, drawing.kind, "nothing_to_draw");
    }
    Chart {
        kind: drawing.kind.word(),
        alt: alt(cx, drawing),
        axis: drawing.axis.clone(),
        zero: scale.share(&Exact::zero()),
        legend: legend(cx, &[("value", "this_month"), ("line", "running_share")]),
        items,
        ..Chart::default()
    }
    .value()
}

/// How many rows lie in each class; classes are of one width and hold their lower bound.
fn distribution(cx: Context<'_>, drawing: &Drawing) -> Value {
    let values: Vec<&Exact> = drawing.marks.iter().filter_map(|mark| mark.value.as_ref()).collect();
    let (Some(least), Some(most)) = (values.iter().min(), values.iter().max()) else {
        return Chart::nothing(cx, drawing.kind, "nothing_to_draw");
    };
    let classes = scale::classes(least, most, CLASSES);
    let counted: Vec<(String, Exact)> = classes
        .windows(2)
        .filter_map(|pair| {
            let [from, to] = pair else { return None };
            let within = values.iter().filter(|value| **value >= from && **value < to).count();
            let label = format!("{}–{}", cells::minus(show::number(from, 2)), cells::minus(show::number(to, 2)));
            Some((label, Exact::from_i128(i128::try_from(within).ok()?)))
        })
        .collect();
    let scale = Scale::round(counted.iter().map(|(_, count)| count), 4);
    let items = counted.iter().map(|(label, count)| Item::bar(label, Some(count), &scale, Format::Count));
    Chart {
        kind: drawing.kind.word(),
        alt: alt(cx, drawing),
        axis: drawing.axis.clone(),
        zero: scale.share(&Exact::zero()),
        direct: "yes",
        ticks: scale.ticks(Format::Count),
        items: items.collect(),
        ..Chart::default()
    }
    .value()
}

/// Rises and falls from one line in the middle, each with its signed share.
pub(super) fn changes(cx: Context<'_>, drawing: &Drawing) -> Value {
    let scale = Scale::tight(drawing.marks.iter().filter_map(|mark| mark.value.as_ref()));
    let items = drawing.marks.iter().filter_map(|mark| {
        let change = mark.value.as_ref()?;
        let tone = if change.is_negative() { "down" } else { "up" };
        let value = minus_or_plus(cells::minus(show::percent(change, 1)), change);
        Some(Item { value, tone, ..Item::bar(&mark.label, Some(change), &scale, drawing.format) })
    });
    Chart {
        kind: drawing.kind.word(),
        alt: alt(cx, drawing),
        axis: drawing.axis.clone(),
        zero: scale.share(&Exact::zero()),
        legend: legend(cx, &[("up", "rise"), ("down", "fall")]),
        items: items.collect(),
        ..Chart::default()
    }
    .value()
}

/// A field of figures, made elsewhere: rows with a label and cells of text and level.
pub(super) fn field(cx: Context<'_>, heads: Vec<String>, rows: Vec<Value>) -> Value {
    let nothing = if rows.is_empty() { cx.messages.get("nothing_to_draw").to_owned() } else { String::new() };
    Chart { kind: "heat", axis: cx.messages.get("darker_is_more").to_owned(), nothing, heads, rows, ..Chart::default() }
        .value()
}
