//! What a report says of a chart.

use serde::Deserialize;

/// A chart over the rows of a table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct ChartSpec {
    /// What is drawn.
    pub kind: ChartKind,
    /// Column that names a bar; a distribution has none. For `calendar` the column of the day.
    #[serde(default)]
    pub label: Option<String>,
    /// Column that a bar measures.
    pub value: String,
    /// Column of the target, for `bar-target` and `columns`.
    #[serde(default)]
    pub target: Option<String>,
    /// What the axis measures, with its unit; the heading of the column of `value` where absent.
    #[serde(default)]
    pub axis: Option<String>,
}

/// What a chart draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::report) enum ChartKind {
    /// A bar for each row and a mark at its target.
    BarTarget,
    /// Two bars for each row: this month, the month before.
    MonthPair,
    /// From the sum of the month before to that of this one, by what each row changed.
    Waterfall,
    /// Bars from the greatest on, with the share that they make together.
    Pareto,
    /// A column for each row, from left to right, the month before behind it: days, months.
    Columns,
    /// How many rows lie in each class of values.
    Distribution,
    /// A field for each day, a line for each week, the darker the greater the value. It stands in place of the table.
    Calendar,
}

impl ChartKind {
    /// As blocks of templates ask for it.
    pub(in crate::report) fn word(self) -> &'static str {
        match self {
            Self::BarTarget => "bar_target",
            Self::MonthPair => "month_pair",
            Self::Waterfall => "waterfall",
            Self::Pareto => "pareto",
            Self::Columns => "columns",
            Self::Distribution => "distribution",
            Self::Calendar => "heat",
        }
    }

    /// Whether it shows the month before.
    pub(in crate::report) fn compares(self) -> bool {
        matches!(self, Self::MonthPair | Self::Waterfall | Self::Columns)
    }

    /// Whether its marks have names.
    pub(in crate::report) fn labelled(self) -> bool {
        self != Self::Distribution
    }
}

/// A ladder as a curve with its jumps, and who has reached which row.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct LadderSpec {
    /// Title, as printed.
    pub title: String,
    /// A sentence below it.
    #[serde(default)]
    pub note: Option<String>,
    /// Parameter that holds the ladder, without `param.`.
    pub parameter: String,
    /// `pipeline.step`: a row for each person.
    pub frame: String,
    /// Column that names the person.
    pub label: String,
    /// Column of what is looked up in the ladder.
    pub value: String,
}

/// A figure of a store, or of all of them: a sum, or the quotient of two.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct StoreFigureSpec {
    /// `pipeline.step`.
    pub frame: String,
    /// Column whose rows are added.
    pub column: String,
    /// Column by whose sum it is divided, for a share or a mean.
    #[serde(default)]
    pub by: Option<String>,
    /// Label; that of the column where absent.
    #[serde(default)]
    pub label: Option<String>,
    /// How the value is written; by type and unit where absent.
    #[serde(default)]
    pub format: Option<super::Format>,
    /// Its entry in the dictionary of figures.
    #[serde(default)]
    pub kpi: Option<String>,
}

/// Figures of a store in one block.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct StoreFiguresSpec {
    /// Title, as printed.
    pub title: String,
    /// A sentence below it.
    #[serde(default)]
    pub note: Option<String>,
    /// The figures, in the order in which they stand; those that moved most are chosen among them.
    pub figures: Vec<StoreFigureSpec>,
    /// How many of them at most, for those that moved most.
    #[serde(default)]
    pub at_most: Option<usize>,
}
