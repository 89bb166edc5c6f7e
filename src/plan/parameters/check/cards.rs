//! Scorecards of the parameter files: indicators, and what each card says of them.
//!
//! The figures of a card become parameters of their own, `CARD_pass`, `CARD_floor`, `CARD_cap`, and for each indicator
//! `CARD_INDICATOR_weight`, `CARD_INDICATOR_target`, `CARD_INDICATOR_source`: formulas read them, and dates and stores
//! choose them, as any other.

use std::sync::Arc;

use super::{Context, Dates, non_empty};
use crate::diag::phrase::{phrase, phrase_of};
use crate::diag::text::Language;
use crate::diag::yaml::OrderedMap;
use crate::diag::{Code, Finding, nearest};
use crate::expr::types::Name;
use crate::expr::unit::Unit;
use crate::expr::{Entry, History, ParamValue, is_column_name};
use crate::money::exact::Exact;
use crate::plan::parameters::{Card, CardRow, Parameter, Values};
use crate::plan::places::{Faults, key};
use crate::spec::{BySpec, CardRowSpec, CardSpec, IndicatorSpec, ParameterSpec, RuleSpec, Seg};
use crate::step::score::UNKNOWN_INDICATOR;
use crate::step::{BY_DATA, BY_RATER, Indicator, Rule, card_figure};

/// A scorecard that says too little or too much.
pub const BAD_CARD: Code =
    Code::new("bad-card", "a scorecard whose indicators, targets, weights or limits do not make sense");
/// Weights that do not sum to 1.
pub const CARD_WEIGHTS: Code = Code::new("card-weights", "weights of a scorecard that do not sum to exactly 1");

/// The scorecards of a parameter.
pub(super) fn check(
    parameter: &ParameterSpec,
    indicators: &OrderedMap<IndicatorSpec>,
    specs: &[CardSpec],
    cx: &Context<'_>,
    dates: &mut Dates<'_>,
    faults: &mut Faults<'_>,
) -> Option<Values> {
    let mut known = Vec::new();
    for (name, spec) in indicators.iter() {
        known.extend(indicator(name, spec, &parameter.clause, cx, faults));
    }
    let mut versions = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let here = [key("cards"), Seg::Index(index)];
        let held = dates.next(&spec.from, spec.stores.as_deref(), &here, faults);
        let card = card(spec, indicators, &here, faults);
        versions.extend(held.zip(card).map(|((from, stores), card)| Entry::new(from, stores, Arc::new(card))));
    }
    for name in indicators.keys().filter(|name| specs.iter().all(|spec| spec.rows.get(name).is_none())) {
        let finding = Finding::error(BAD_CARD, format!("no card counts the indicator `{name}`"));
        faults.at_key(&[key("indicators"), key(name)], finding.hint("give it a row in a card, or take it away"));
    }
    if known.len() < indicators.len() || (!specs.is_empty() && versions.len() < specs.len()) {
        return None;
    }
    let versions = non_empty(versions, "cards", faults)?;
    let bands = match &parameter.bands {
        Some(text) => Some(bands(text, faults)?),
        None => None,
    };
    for (at, indicator) in known.iter_mut().enumerate() {
        let rows = || versions.iter().map(|entry| entry.value.rows.get(at).and_then(Option::as_ref));
        indicator.optional = rows().any(|row| row.is_none());
        indicator.from_rater = rows().flatten().any(|row| row.by_rater);
        indicator.from_data = rows().flatten().any(|row| !row.by_rater);
        indicator.target_in_row &= indicator.from_data;
    }
    Some(Values::Card { indicators: known, bands, versions })
}

/// The ladder that names the bands.
fn bands(text: &str, faults: &mut Faults<'_>) -> Option<Name> {
    let Some(table) = text.strip_prefix("param.") else {
        let finding = Finding::error(BAD_CARD, format!("`{text}` names no parameter"));
        faults.at(&[key("bands")], finding.hint("write `bands: param.x`"));
        return None;
    };
    Some(Name::from(table))
}

fn indicator(
    name: &str,
    spec: &IndicatorSpec,
    clause: &str,
    cx: &Context<'_>,
    faults: &mut Faults<'_>,
) -> Option<Indicator> {
    let at = |part: &str| [key("indicators"), key(name), key(part)];
    let mut sound = true;
    let mut wrong = |path: &[Seg], message: String, hint: &str| {
        faults.at_key(path, Finding::error(BAD_CARD, message).hint(hint));
        sound = false;
    };
    if !is_column_name(name) {
        let hint = "begin with a letter; then letters, digits and `_`: columns are named after it";
        wrong(&at("")[..2], format!("`{name}` cannot be the name of an indicator"), hint);
    }
    if spec.target.is_some() && !matches!(spec.rule, RuleSpec::Control | RuleSpec::Growth) {
        wrong(
            &at("target"),
            format!("`{name}` is held against no target"),
            "take `target` away, or choose another rule",
        );
    }
    let ladder = match (spec.rule, &spec.ladder) {
        (RuleSpec::Ladder, None) => {
            wrong(&at("rule"), format!("`{name}` is scored by a ladder, and none is named"), "add `ladder: param.x`");
            None
        }
        (RuleSpec::Ladder, Some(ladder)) => match ladder.strip_prefix("param.") {
            Some(table) => Some(Name::from(table)),
            None => {
                wrong(&at("ladder"), format!("`{ladder}` names no parameter"), "write `ladder: param.x`");
                None
            }
        },
        (_, Some(_)) => {
            wrong(
                &at("ladder"),
                format!("`{name}` is not scored by a ladder"),
                "take it away, or write `rule: ladder`",
            );
            None
        }
        (_, None) => None,
    };
    let unit = faults.take(&at("unit"), Unit::parse(&spec.unit, cx.units))?;
    if spec.rule == RuleSpec::Rating && unit != Unit::base("points") {
        let finding = Finding::error(BAD_CARD, format!("a rating is given in points, not in {unit}"));
        faults.at(&at("unit"), finding.hint("write `unit: points`, or choose another rule"));
        return None;
    }
    let rule = match (spec.rule, ladder) {
        (RuleSpec::Control, _) => Rule::Control,
        (RuleSpec::Growth, _) => Rule::Growth,
        (RuleSpec::Rating, _) => Rule::Rating,
        (RuleSpec::Ladder, table) => Rule::Ladder(table?),
    };
    sound.then(|| Indicator {
        name: Name::from(name),
        label: Arc::from(spec.label.as_str()),
        unit,
        rule,
        target_in_row: spec.target.is_some(),
        clause: spec.clause.clone().unwrap_or_else(|| clause.to_owned()),
        from_data: true,
        from_rater: false,
        optional: false,
    })
}

fn card(
    spec: &CardSpec,
    indicators: &OrderedMap<IndicatorSpec>,
    here: &[Seg; 2],
    faults: &mut Faults<'_>,
) -> Option<Card> {
    let at = |part: &str| [here[0].clone(), here[1].clone(), key(part)];
    let pass = faults.take(&at("pass"), Exact::parse_human(&spec.pass));
    let mut limits = Vec::new();
    for (index, limit) in spec.between.iter().enumerate() {
        let at = [here[0].clone(), here[1].clone(), key("between"), Seg::Index(index)];
        limits.extend(faults.take(&at, Exact::parse_human(limit)));
    }
    let whole = limits.len() == spec.between.len();
    let between = <[Exact; 2]>::try_from(limits).ok().filter(|[low, high]| low < high);
    if between.is_none() && whole {
        let finding = Finding::error(BAD_CARD, "the limits of a score are two numbers, the lower one first");
        faults.at(&at("between"), finding.hint("write `between: [0, 100]`"));
    }
    if let (Some(pass), Some([low, high])) = (&pass, &between)
        && !(low..=high).contains(&pass)
    {
        let finding = Finding::error(BAD_CARD, "the pass mark lies outside of the limits of the score");
        faults.at(&at("pass"), finding.hint("no score could pass, or every one would"));
    }
    for name in spec.rows.keys().filter(|name| indicators.get(name).is_none()) {
        let hint = nearest(name, indicators.keys())
            .map_or_else(|| "define it under `indicators:`".to_owned(), |near| format!("did you mean `{near}`?"));
        let below = [here[0].clone(), here[1].clone(), key("rows"), key(name)];
        let message = format!("the scorecard has no indicator `{name}`");
        faults.at_key(&below, Finding::error(UNKNOWN_INDICATOR, message).hint(hint));
    }
    let mut rows = Vec::new();
    for (name, indicator) in indicators.iter() {
        let below = [here[0].clone(), here[1].clone(), key("rows"), key(name)];
        match spec.rows.get(name) {
            Some(spec) => rows.extend(row(spec, indicator, &below, faults).map(Some)),
            None => rows.push(None),
        }
    }
    let sum = rows.iter().flatten().fold(Exact::zero(), |sum, row| sum.add(&row.weight));
    if rows.len() < indicators.len() || spec.rows.keys().any(|name| indicators.get(name).is_none()) {
        return None;
    }
    if sum != Exact::one() {
        let percent = sum.mul(&Exact::from_i128(100)).shown(6);
        let finding = Finding::error(CARD_WEIGHTS, format!("the weights of this card sum to {percent}%, not to 100%"));
        faults.at_key(&at("rows"), finding.hint("correct a weight; nothing is re-weighted by itself"));
        return None;
    }
    Some(Card { pass: pass?, between: between?, rows })
}

fn row(spec: &CardRowSpec, of: &IndicatorSpec, at: &[Seg; 4], faults: &mut Faults<'_>) -> Option<CardRow> {
    let below = |name: &str| at.iter().cloned().chain([key(name)]).collect::<Vec<_>>();
    let by_rater = spec.by == Some(BySpec::Rater);
    let weight = faults.take(&below("weight"), Exact::parse_human(&spec.weight))?;
    if weight.is_zero() || weight.is_negative() {
        let finding = Finding::error(BAD_CARD, "a weight lies above 0");
        faults.at(&below("weight"), finding.hint("leave an indicator out of the card where it does not count"));
        return None;
    }
    let held_against = matches!(of.rule, RuleSpec::Control | RuleSpec::Growth) && of.target.is_none();
    let target = match &spec.target {
        Some(text) => Some(faults.take(&below("target"), Exact::parse_human(text))?),
        None => None,
    };
    let (message, hint) = match &target {
        None if held_against && !by_rater => {
            ("this indicator needs a target", "add `target: …` here, or `target: row` at the indicator")
        }
        Some(_) if !held_against => ("the target of this indicator does not stand in the card", "take it away"),
        Some(target) if of.rule == RuleSpec::Growth && (target.is_zero() || target.is_negative()) => {
            ("what grows is divided by its target, which lies above 0", "correct the target")
        }
        Some(target) if target.is_negative() => ("a target below 0 cannot be kept to", "correct the target"),
        _ => return Some(CardRow { target, weight, by_rater }),
    };
    faults.at(at, Finding::error(BAD_CARD, message).hint(hint));
    None
}

/// The figures of a scorecard as parameters of their own, by name; none where a parameter is no scorecard.
pub(super) fn figures(name: &str, parameter: &Parameter, language: Language) -> Vec<(Name, Parameter)> {
    let Values::Card { indicators, versions, .. } = &parameter.values else { return Vec::new() };
    let figure = |of: &str,
                  title: String,
                  (unit, choices): (Unit, Vec<Name>),
                  clause: &str,
                  value: &dyn Fn(&Card) -> ParamValue| {
        let entries = versions.iter().map(|entry| Entry::new(entry.from, entry.stores.clone(), value(&entry.value)));
        let values = Values::Scalar(History::new(entries.collect()));
        let title = Arc::from(title.as_str());
        (Name::from(of), Parameter { title, unit, choices, clause: clause.to_owned(), values, ..parameter.clone() })
    };
    let points = || (Unit::base("points"), Vec::new());
    let number = |number: &Exact| ParamValue::Number(number.clone());
    let of_card = |what, title: &'static str, value: &dyn Fn(&Card) -> ParamValue| {
        let title =
            phrase_of("{of}·{figure}", language, &[("of", &parameter.title), ("figure", phrase(title, language))]);
        figure(&card_figure(name, None, what), title, points(), &parameter.clause, value)
    };
    let mut figures = vec![
        of_card("pass", "合格分", &|card| number(&card.pass)),
        of_card("floor", "下限", &|card| number(&card.between[0])),
        of_card("cap", "上限", &|card| number(&card.between[1])),
    ];
    for (at, indicator) in indicators.iter().enumerate() {
        let row = |card: &Card| card.rows.get(at).cloned().flatten();
        let mut add = |what, title: &'static str, unit, value: &dyn Fn(&CardRow) -> ParamValue| {
            let of = card_figure(name, Some(&indicator.name), what);
            let title =
                phrase_of("{of}{figure}", language, &[("of", &indicator.label), ("figure", phrase(title, language))]);
            let value = |card: &Card| row(card).map_or(ParamValue::Nothing, |row| value(&row));
            figures.push(figure(&of, title, unit, &indicator.clause, &value));
        };
        add("weight", "权重", (Unit::ratio(), Vec::new()), &|row| number(&row.weight));
        if matches!(indicator.rule, Rule::Control | Rule::Growth) && !indicator.target_in_row && indicator.from_data {
            add("target", "目标", (indicator.unit.clone(), Vec::new()), &|row| {
                row.target.as_ref().filter(|_| !row.by_rater).map_or(ParamValue::Nothing, number)
            });
        }
        if indicator.from_rater {
            let choices = [BY_DATA, BY_RATER].map(Name::from).to_vec();
            add("source", "得分来源", (Unit::ratio(), choices), &|row| {
                ParamValue::Choice(Name::from(if row.by_rater { BY_RATER } else { BY_DATA }))
            });
        }
    }
    figures
}
