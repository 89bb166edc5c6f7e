//! Pipelines: named steps, what they publish, and the pay lines made from them.

use serde::Deserialize;

use crate::diag::yaml::{OrderedMap, Titled};
use crate::step::StepSpec;

/// A file of `plans/`, `facts/` or `analytics/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineSpec {
    /// Name, as other pipelines write it before the point.
    pub pipeline: String,
    /// What people call it.
    pub title: String,
    /// Clauses of the plan that it computes.
    #[serde(default)]
    pub clauses: Vec<String>,
    /// People the pipeline starts from.
    pub spine: Option<SpineSpec>,
    /// The steps, in the order of the file. A `title:` beside the kind is what texts call the step's rows, where they
    /// would print its name.
    #[serde(default)]
    pub steps: OrderedMap<Titled<StepSpec>>,
    /// Balances that go over into the next month, by entry.
    #[serde(default)]
    pub carry: OrderedMap<CarrySpec>,
    /// Steps that reports may read.
    #[serde(default)]
    pub publish: Vec<String>,
    /// Pay lines by line code.
    #[serde(default)]
    pub pay: OrderedMap<PayLineSpec>,
    /// Lines of net pay by line code, in place of pay lines: what they read is what all plans pay.
    #[serde(default)]
    pub settle: OrderedMap<PayLineSpec>,
}

impl PipelineSpec {
    /// The lines of the pipeline, of pay or of net pay, under the key where they stand.
    pub fn lines(&self) -> (&'static str, &OrderedMap<PayLineSpec>) {
        if self.settle.is_empty() { ("pay", &self.pay) } else { ("settle", &self.settle) }
    }
}

/// The people of a pipeline: those who hold one of the roles in the period.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpineSpec {
    /// Roles.
    pub roster: Vec<String>,
    /// Whether a row is a person (all intervals in one, the default) or an interval.
    pub per: Option<PerSpec>,
    /// The plan whose people these are, for a pipeline that pays nothing itself.
    pub plan: Option<String>,
}

/// What a row of a spine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PerSpec {
    /// A person, from the first day to the last.
    Person,
    /// An interval of the roster.
    Interval,
}

/// A balance that goes over into the next month where it is not 0.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarrySpec {
    /// The step whose rows have the balance, one for each person or other owner.
    pub from: String,
    /// The column that says whose balance it is; `employee_id` where nothing is said.
    pub of: Option<String>,
    /// Clause by which it is carried.
    pub clause: String,
    /// What people call the opening entry of the next month.
    pub label: String,
    /// Expression of the balance.
    pub value: String,
    /// Whether it ends with its owner: nothing is said of an opening balance whose owner has no row any more. `false`
    /// where nothing is said.
    #[serde(default)]
    pub lapses: bool,
}

/// A pay line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayLineSpec {
    /// The step whose rows are paid.
    pub from: String,
    /// Clause that a slip prints.
    pub clause: String,
    /// What a slip calls the line.
    pub label: String,
    /// Expression of the amount, rounded once.
    pub amount: String,
    /// Condition under which a row is paid; all rows where there is none.
    pub when: Option<String>,
    /// Every row is a line of its own; one line per person where nothing is given.
    pub each: Option<EachSpec>,
    /// What the amount is. Of a pay line `earned` (where nothing is said), `penalty` or `agreed`; of a line of net pay
    /// `paid`, `added` or `deducted`.
    pub part: Option<LinePart>,
}

/// What the amount of a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinePart {
    /// Pay line: it was earned.
    #[default]
    Earned,
    /// Pay line: a fine or compensation, of which the law takes only a share of a month's wages.
    Penalty,
    /// Pay line: the person has agreed to its deduction.
    Agreed,
    /// Line of net pay: what pay lines come to. Those of a person add up to all pay lines of the person.
    Paid,
    /// Line of net pay: what comes on top of the pay lines.
    Added,
    /// Line of net pay: what is taken off, so below zero.
    Deducted,
}

impl LinePart {
    /// The word that YAML and frames write.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Earned => "earned",
            Self::Penalty => "penalty",
            Self::Agreed => "agreed",
            Self::Paid => "paid",
            Self::Added => "added",
            Self::Deducted => "deducted",
        }
    }

    /// Whether it is a part of pay; of net pay otherwise.
    pub const fn is_of_pay(self) -> bool {
        matches!(self, Self::Earned | Self::Penalty | Self::Agreed)
    }
}

/// How lines are told apart of which a person may have many, one for each row.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EachSpec {
    /// Column that makes the line's code: a row `0007` of the line `ledger` is the line `ledger-0007`.
    pub code: String,
    /// Column that says what a slip calls the row's line.
    pub label: String,
}
