//! Parameter files: dated values, choices, ladders, matrices and scorecards, each with its clause and whether the plan states it.

use serde::Deserialize;

use crate::diag::yaml::OrderedMap;

/// A file of `parameters/`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterFileSpec {
    /// The parameters by name, as `param.NAME` writes them.
    pub parameters: OrderedMap<ParameterSpec>,
}

/// A parameter: a dated scalar (`values`), ladder (`by` and `ladders`), matrix (`axes` and `matrices`) or scorecard
/// (`indicators` and `cards`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterSpec {
    /// What people call it.
    pub title: String,
    /// Unit of the value, where it is a number; a scorecard gives points.
    pub unit: Option<String>,
    /// The texts that may stand as its value, where it is none: variants of a rule.
    pub choices: Option<Vec<String>>,
    /// Clause of the plan it comes from.
    pub clause: String,
    /// `period`, or the date column of the rows that use it.
    pub dated_by: String,
    /// Whether the plan states the value.
    pub source: SourceSpec,
    /// Why the value is what it is, where the plan does not state it.
    pub reason: Option<String>,
    /// What else it might be, where the plan does not state it.
    pub alternative: Option<String>,
    /// What happens when the value changes inside a period.
    pub split: Option<SplitSpec>,
    /// What a ladder is looked up by.
    pub by: Option<AxisSpec>,
    /// Dated values of a scalar.
    pub values: Option<Vec<ValueSpec>>,
    /// Dated ladders.
    pub ladders: Option<Vec<LadderSpec>>,
    /// What a matrix is looked up by, each axis under its name.
    pub axes: Option<OrderedMap<AxisSpec>>,
    /// Dated matrices.
    pub matrices: Option<Vec<MatrixSpec>>,
    /// Indicators of a scorecard, each under its name.
    pub indicators: Option<OrderedMap<IndicatorSpec>>,
    /// Dated scorecards.
    pub cards: Option<Vec<CardSpec>>,
    /// The ladder that names the bands of a scorecard's scores: `param.` and the name of its parameter.
    pub bands: Option<String>,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceSpec {
    /// The plan says so.
    Stated,
    /// The plan is silent or contradicts itself; we decided.
    Decided,
    /// The plan cannot be read there.
    Illegible,
}

/// What happens when a value changes inside a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitSpec {
    /// Each row takes the value of its own date.
    ByRow,
}

/// The axis of a ladder, or one of a matrix.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AxisSpec {
    /// What people call it.
    pub label: String,
    /// Its unit.
    pub unit: String,
}

/// A value from a date on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueSpec {
    /// First day.
    pub from: String,
    /// The stores it is for; all where there is no list.
    pub stores: Option<Vec<String>>,
    /// The value as people write it: `0.4%`, `22万`, `213345/220000`, or one of the choices.
    pub value: String,
}

/// A ladder from a date on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LadderSpec {
    /// First day.
    pub from: String,
    /// The stores it is for; all where there is no list.
    pub stores: Option<Vec<String>>,
    /// The steps of the ladder, from low to high.
    pub rows: Vec<LadderRowSpec>,
}

/// One step of a ladder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LadderRowSpec {
    /// The interval, as mathematicians write it: `(50, 100]`, `[28万, inf)`.
    pub over: String,
    /// The value inside the interval.
    pub value: String,
    /// How the plan prints the interval.
    pub words: String,
    /// Whether the plan states this row, where that is another matter than of the parameter.
    pub source: Option<SourceSpec>,
}

/// A matrix from a date on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixSpec {
    /// First day.
    pub from: String,
    /// The stores it is for; all where there is no list.
    pub stores: Option<Vec<String>>,
    /// The interval that is printed, by axis; an axis without one is printed whole.
    #[serde(default)]
    pub printed: OrderedMap<String>,
    /// The rows, from low to high: an interval for each axis under its name (an axis without one holds always),
    /// `value`, and `words`, how the plan prints the conditions.
    pub rows: Vec<OrderedMap<String>>,
}

/// An indicator of a scorecard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorSpec {
    /// What people call it.
    pub label: String,
    /// Unit of actual and target.
    pub unit: String,
    /// How its points are found.
    pub rule: RuleSpec,
    /// `row`, where the target comes with the rows and not from the card.
    pub target: Option<TargetSpec>,
    /// For `rule: ladder`, the ladder: `param.` and the name of its parameter.
    pub ladder: Option<String>,
    /// Clause it comes from; that of the scorecard where there is none.
    pub clause: Option<String>,
}

/// How the points of an indicator are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleSpec {
    /// 100 within the target, less beyond it.
    Control,
    /// In proportion to the target.
    Growth,
    /// The value itself, 0 to 100.
    Rating,
    /// By a ladder.
    Ladder,
}

/// Where a target comes from, if not from the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetSpec {
    /// With the rows.
    Row,
}

/// A scorecard from a date on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardSpec {
    /// First day.
    pub from: String,
    /// The stores it is for; all where there is no list.
    pub stores: Option<Vec<String>>,
    /// The pass mark.
    pub pass: String,
    /// The limits of the score, lower and upper.
    pub between: Vec<String>,
    /// Its indicators; one that is not among them does not count.
    pub rows: OrderedMap<CardRowSpec>,
}

/// An indicator in a scorecard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardRowSpec {
    /// The target, where the rule has one and the rows do not bring it.
    pub target: Option<String>,
    /// The weight, above 0; those of a card sum to 1.
    pub weight: String,
    /// `rater`, where a person gives the points.
    pub by: Option<BySpec>,
}

/// Who gives the points of an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BySpec {
    /// A person.
    Rater,
}
