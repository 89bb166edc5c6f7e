//! `score`: the points of a scorecard, from what was measured to the announced score.
//!
//! ```yaml
//! scored:
//!   score:
//!     from: measured
//!     card: param.advisor_card
//!     actuals: { satisfaction: satisfaction_mean, response: response_minutes, value_added: value_added_sales }
//!     targets: { value_added: value_added_target }
//!     ratings: { satisfaction: satisfaction_rating }
//!     deduct: conduct_points
//!     into: score
//! ```
//!
//! The points of an indicator follow its rule (D1-4.3.1, D1-4.3.2):
//!
//! | rule | points |
//! |---|---|
//! | `control` | 100 where actual ≤ target, a target of 0 too; (1 + (1 − actual ÷ target)) × 100 beyond it, 0 at least |
//! | `growth` | actual ÷ target × 100, an actual below 0 as 0; not capped |
//! | `rating` | the value itself, 0 to 100 |
//! | `ladder` | what the ladder gives for the actual |
//!
//! Where the card says `by: rater`, they come from `ratings` instead, 0 to 100. Points × weight, summed, less what is
//! deducted, are brought into the limits of the card once and rounded half-up to two places: the announced score (G2).
//!
//! New columns, here for `into: score` and an indicator `i`; those that no card of the parameter could fill are left
//! out, those that some card leaves out may be absent:
//!
//! | column | what |
//! |---|---|
//! | `score_i_actual`, `score_i_target` | what was measured, and the target |
//! | `score_i_source`, `score_i_rating` | 数据 or 评分人, and the rating, where a card says `by: rater` |
//! | `score_i_step` | what the ladder gives |
//! | `score_i_points`, `score_i_weight`, `score_i_part` | points, weight, points × weight |
//! | `score_sum`, `score_deduct`, `score_exact` | the sum, the deduction, the sum less it within the limits |
//! | `score`, `score_pass`, `score_passed` | the announced score, the pass mark, whether the score reaches it |
//! | `score_band`, `score_band_value` | words and value of the band of the announced score, where the card has `bands:` |
//!
//! An indicator of the card without actual, target or rating, and one whose target cannot be divided by, is a blocking
//! exception that names it; the row leaves, and nothing is re-weighted.

use serde::Deserialize;

use super::StepKind;
use super::codes::{SETTING_CONFLICT, SETTING_MISSING};
use super::columns::{Computed, check_expr, check_new_name, fault, name_hint};
use super::context::{CardType, CheckCx, Indicator, Rule};
use super::derive::carried;
use super::frames::schema_of;
use super::output::{Step, StepFault};
use super::versions::{Choice, named};
use crate::diag::yaml::OrderedMap;
use crate::diag::{Code, Fault};
use crate::expr::types::{Name, Schema};
use crate::expr::unit::Unit;
use crate::expr::{Expr, Scope};

mod apply;
mod bands;
mod formulas;

pub(super) use apply::apply;
use bands::Bands;
pub use formulas::Part;
use formulas::{Formulas, Stages};

/// No such scorecard.
pub const UNKNOWN_CARD: Code = Code::new("unknown-card", "a scorecard that no parameter file defines");
/// No such indicator.
pub const UNKNOWN_INDICATOR: Code = Code::new("unknown-indicator", "an indicator that the scorecard does not have");
/// Measured in another unit.
pub const INDICATOR_UNIT: Code =
    Code::new("indicator-unit", "an actual, a target, a rating or a deduction of another unit than the scorecard's");
/// Nothing to score.
pub const INDICATOR_WITHOUT_DATA: Code =
    Code::exception("indicator-without-data", "an indicator of a scorecard without actual, target or rating");
/// A target that nothing can be divided by.
pub const TARGET_NOT_POSITIVE: Code =
    Code::exception("target-not-positive", "a target of an indicator that is 0 or less");
/// A rating outside of 0 to 100.
pub const BAD_RATING: Code = Code::exception("bad-rating", "a rating that does not lie between 0 and 100");

/// Scores rows by a scorecard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreSpec {
    /// The frame to read: a step, `spine`, a dataset or a published step.
    pub from: String,
    /// The scorecard: `param.` and the name of its parameter.
    pub card: String,
    /// What was measured, by indicator; it may be absent.
    pub actuals: OrderedMap<String>,
    /// Targets that come with the rows, by indicator; they may be absent.
    #[serde(default)]
    pub targets: OrderedMap<String>,
    /// Points given by a rater, by indicator; they may be absent.
    #[serde(default)]
    pub ratings: OrderedMap<String>,
    /// Points taken off the sum.
    pub deduct: Option<String>,
    /// Name of the new column with the announced score; the others begin with it.
    pub into: String,
}

/// A checked score step.
#[derive(Clone, Debug)]
pub struct Score {
    from: Name,
    card: Name,
    label: Name,
    clause: String,
    indicators: Vec<Indicator>,
    into: Name,
    stages: Stages,
    /// The columns by which rows choose the ladder of the bands.
    chosen_by: Vec<Name>,
}

impl Score {
    /// Columns it reads beside those it hands on, each with its frame.
    pub(super) fn reads(&self) -> Vec<(Name, Name)> {
        let columns = self.stages.reads().into_iter().chain(self.chosen_by.iter().cloned());
        columns.map(|column| (self.from.clone(), column)).collect()
    }

    /// The parameter that holds the card, without `param.`.
    pub fn card(&self) -> &str {
        &self.card
    }

    /// Name of the column with the announced score; the others begin with it.
    pub fn announced(&self) -> &str {
        &self.into
    }

    /// What is scored.
    pub fn indicators(&self) -> &[Indicator] {
        &self.indicators
    }

    /// Whether points are deducted.
    pub fn deducts(&self) -> bool {
        let column = format!("{}{}", self.into, Part::Deduct.suffix());
        self.stages.columns().any(|computed| *computed.field.name == *column)
    }

    /// Title of the card.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Clause of the card.
    pub fn clause(&self) -> &str {
        &self.clause
    }

    /// Which part of the scoring a column is, and the indicator where it is one's.
    pub fn part(&self, column: &str) -> Option<(Part, Option<&Indicator>)> {
        let rest = column.strip_prefix(&*self.into)?;
        if let Some(part) = Part::OF_CARD.into_iter().find(|part| part.suffix() == rest) {
            return Some((part, None));
        }
        self.indicators.iter().find_map(|indicator| {
            let part = rest.strip_prefix('_')?.strip_prefix(&*indicator.name)?;
            Part::OF_INDICATOR.into_iter().find(|known| known.suffix() == part).map(|part| (part, Some(indicator)))
        })
    }
}

/// Checks a score step.
pub(super) fn check(spec: &ScoreSpec, cx: &CheckCx<'_>) -> Result<Step, Vec<StepFault>> {
    let mut faults = Vec::new();
    let found = named("card", ("scorecard", UNKNOWN_CARD), &spec.card, &cx.tables.cards(), |name| cx.tables.card(name))
        .map_err(|one| faults.push(*one));
    let schema = match schema_of(&["from"], &spec.from, cx) {
        Ok(schema) => schema,
        Err(one) => {
            faults.push(*one);
            return Err(faults);
        }
    };
    let what = format!("`{}`", spec.from);
    let scope = Scope { columns: schema, each: None, params: cx.params, aggregates: false, what: &what };
    let given = [("actuals", &spec.actuals), ("targets", &spec.targets), ("ratings", &spec.ratings)];
    let [actuals, targets, ratings] = given.map(|(key, texts)| {
        let mut exprs = Vec::new();
        for (indicator, text) in texts.iter() {
            let expr = check_expr(&[key, indicator], text, &scope).map_err(|more| faults.extend(more));
            exprs.extend(expr.map(|expr| (indicator.to_owned(), expr)));
        }
        exprs
    });
    let deduct = spec.deduct.as_ref().and_then(|text| {
        let expr = check_expr(&["deduct"], text, &scope).map_err(|more| faults.extend(more)).ok()?;
        faults.extend(check_unit(&["deduct"], &expr, "the deduction", &Unit::base("points")));
        if expr.ty.nullable {
            let hint = "say what holds then: `COALESCE(x, 0)`";
            let one = Fault::new(INDICATOR_UNIT, 0..expr.text.len(), "a deduction that is absent deducts nothing sure");
            faults.push(fault(&["deduct"], one.hint(hint)));
        }
        Some(expr)
    });
    let Ok((name, card)) = found else { return Err(faults) };
    let choice = Choice { label: &card.label, dated_by: card.dated_by.as_ref(), by_store: card.by_store };
    faults.extend(choice.check("card", UNKNOWN_CARD, schema));
    for (key, texts) in given {
        faults.extend(texts.keys().filter_map(|indicator| unknown(key, indicator, &card)));
    }
    let exprs = Given { actuals: &actuals, targets: &targets, ratings: &ratings };
    for indicator in &card.indicators {
        exprs.check(spec, indicator, &mut faults);
    }
    faults.extend(check_ladders(&card, cx));
    let bands = Bands::find(&card, schema, cx).map_err(|one| faults.push(*one));
    match bands {
        Ok(bands) if faults.is_empty() => {
            assemble(spec, schema, (&name, &card), &exprs, (deduct.as_ref(), bands.as_ref()), cx)
        }
        _ => Err(faults),
    }
}

/// What rows give for the indicators.
struct Given<'a> {
    actuals: &'a [(String, Expr)],
    targets: &'a [(String, Expr)],
    ratings: &'a [(String, Expr)],
}

impl Given<'_> {
    /// What a list gives for an indicator.
    fn of<'e>(list: &'e [(String, Expr)], indicator: &Indicator) -> Option<&'e Expr> {
        list.iter().find(|(name, _)| **name == *indicator.name).map(|(_, expr)| expr)
    }

    /// Whether everything that the cards ask for is there, in its unit.
    fn check(&self, spec: &ScoreSpec, indicator: &Indicator, faults: &mut Vec<StepFault>) {
        let (name, label) = (&*indicator.name, &*indicator.label);
        let points = Unit::base("points");
        let wants = [
            ("actuals", self.actuals, &spec.actuals, indicator.from_data, &indicator.unit, "is computed from data"),
            (
                "targets",
                self.targets,
                &spec.targets,
                indicator.target_in_row,
                &indicator.unit,
                "takes its target from the rows",
            ),
            (
                "ratings",
                self.ratings,
                &spec.ratings,
                indicator.from_rater,
                &points,
                "is rated by a person in some card",
            ),
        ];
        for (key, list, texts, wanted, unit, why) in wants {
            match Self::of(list, indicator) {
                Some(expr) => faults.extend(check_unit(&[key, name], expr, label, unit)),
                None if wanted && texts.get(name).is_none() => {
                    let message = format!("{label} {why}, and `{key}` says nothing of `{name}`");
                    let hint = format!("say where it comes from: `{key}: {{ {name}: … }}`");
                    faults.push(fault(&["card"], Fault::new(SETTING_MISSING, 0..0, message).hint(hint)));
                }
                None => {}
            }
        }
        if spec.targets.get(name).is_some() && !indicator.target_in_row {
            let message = format!("the target of {label} stands in the card, or it has none");
            let hint = "take it away, or write `target: row` at the indicator";
            let one = fault(&["targets", name], Fault::new(SETTING_CONFLICT, 0..0, message).hint(hint));
            faults.push(StepFault { key: true, ..one });
        }
    }
}

fn check_unit(path: &[&str], expr: &Expr, label: &str, unit: &Unit) -> Option<StepFault> {
    if expr.ty.kind.is_number() && (expr.ty.unit == *unit || expr.adapts()) {
        return None;
    }
    let got = if expr.ty.kind.is_number() { expr.ty.unit.to_string() } else { expr.ty.kind.to_string() };
    let message = format!("{label} counts {unit}, this is {got}");
    let hint = format!("give a value in {unit}, or correct the unit of the indicator");
    Some(fault(path, Fault::new(INDICATOR_UNIT, 0..expr.text.len(), message).hint(hint)))
}

fn unknown(key: &str, name: &str, card: &CardType) -> Option<StepFault> {
    if card.indicators.iter().any(|indicator| *indicator.name == *name) {
        return None;
    }
    let hint = name_hint(name, card.indicators.iter().map(|indicator| &*indicator.name));
    let message = format!("{} has no indicator `{name}`", card.label);
    let one = fault(&[key, name], Fault::new(UNKNOWN_INDICATOR, 0..name.len(), message).hint(hint));
    Some(StepFault { key: true, ..one })
}

/// Ladders that give points: there, looked up by the indicator's unit, and of the same rows.
fn check_ladders(card: &CardType, cx: &CheckCx<'_>) -> Vec<StepFault> {
    let mut faults = Vec::new();
    for indicator in &card.indicators {
        let Rule::Ladder(table) = &indicator.rule else { continue };
        let label = &indicator.label;
        let wrong = match cx.tables.ladder(table) {
            None => Some(format!("{label} is scored by `param.{table}`, which is no ladder")),
            Some(ladder) if ladder.by != indicator.unit || ladder.value != Unit::base("points") => Some(format!(
                "{} gives {} for {}, not points for {}",
                ladder.label, ladder.value, ladder.by, indicator.unit
            )),
            Some(ladder) if ladder.dated_by != card.dated_by || (ladder.by_store && !card.by_store) => {
                Some(format!("{} is dated or divided by store in another way than {}", ladder.label, card.label))
            }
            Some(_) => None,
        };
        faults.extend(wrong.map(|message| {
            let hint = "a ladder of a scorecard gives points by the unit of its indicator, dated as the card";
            fault(&["card"], Fault::new(UNKNOWN_INDICATOR, 0..0, message).hint(hint))
        }));
    }
    faults
}

fn assemble(
    spec: &ScoreSpec,
    schema: &Schema,
    (name, card): (&Name, &CardType),
    given: &Given<'_>,
    (deduct, bands): (Option<&Expr>, Option<&Bands>),
    cx: &CheckCx<'_>,
) -> Result<Step, Vec<StepFault>> {
    let from = Name::from(spec.from.as_str());
    let formulas = Formulas { into: &spec.into, name, card, bands, schema, params: cx.params, language: cx.language };
    let stages = formulas.stages(given, deduct)?;
    let mut faults = Vec::new();
    let mut made = schema.clone();
    for Computed { field, .. } in stages.columns() {
        faults.extend(check_new_name(&["into"], &field.name, schema).map(|one| StepFault { key: false, ..one }));
        made.set(field.clone());
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut origins = carried(&from, schema);
    origins.extend(stages.origins(&from));
    let kind = StepKind::Score(Box::new(Score {
        from: from.clone(),
        card: name.clone(),
        label: Name::from(&*card.label),
        clause: card.clause.clone(),
        indicators: card.indicators.clone(),
        into: Name::from(spec.into.as_str()),
        stages,
        chosen_by: bands.map(|bands| bands.choice().columns()).unwrap_or_default(),
    }));
    Ok(Step { kind, inputs: vec![from], schema: made, origins })
}
