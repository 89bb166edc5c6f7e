//! Parameters: dated values, choices, ladders, matrices and scorecards, read exactly, each with the clause it comes from.
//!
//! A parameter that is `dated_by: period` takes the value of the period's first day; its values may
//! therefore only change on the first day of a month. One that is dated by a column takes, in each row,
//! the value that holds on that row's date. Values may be for certain stores: a row of such a store takes
//! the newest of them that holds, every other row the newest general one.

mod check;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

pub use check::{
    CHANGE_INSIDE_PERIOD, Context, DUPLICATE_PARAMETER, PARAMETER_DATE, PARAMETER_SHAPE, STORE_TWICE, UNKNOWN_STORE,
    UNREASONED_PARAMETER, cards, check, matrices, stores_listed, unknown_store,
};

use crate::expr::types::{Name, Type};
use crate::expr::unit::Unit;
use crate::expr::{Dated, DayOf, History, ParamType, ParamTypes, ParamValue, ParamValues, kind_of};
use crate::money::Exact;
use crate::money::ladder::Ladder;
use crate::money::matrix::Matrix;
use crate::spec::SourceSpec;
use crate::step::{Axis, CardType, Indicator, LadderType, MatrixType, TableTypes, TableValues};

/// All parameters of a project.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    all: BTreeMap<Name, Parameter>,
}

/// A checked parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Title as printed.
    pub title: Arc<str>,
    /// Unit of its values; [`Unit::ratio`] for choices.
    pub unit: Unit,
    /// The texts it may hold; none where it holds numbers.
    pub choices: Vec<Name>,
    /// Clause id.
    pub clause: String,
    /// Whether the source states it.
    pub source: SourceSpec,
    /// Why it is so, for what the source leaves open.
    pub reason: String,
    /// What else it could be.
    pub alternative: String,
    /// The date column that chooses; `None` where the period does.
    pub dated_by: Option<Name>,
    /// The values.
    pub values: Values,
    /// Rows of ladders of which the source says something else than of the whole.
    pub rows: BTreeMap<LadderRow, SourceSpec>,
}

/// A row of a dated ladder: since when and for which stores it holds, and its place from below.
pub type LadderRow = (Date, Vec<Name>, usize);

/// What a parameter holds.
#[derive(Clone, Debug)]
pub enum Values {
    /// Numbers or choices.
    Scalar(History<ParamValue>),
    /// Ladders.
    Ladder {
        /// What is looked up, as printed.
        by_label: String,
        /// Its unit.
        by: Unit,
        /// The ladders.
        versions: History<Arc<Ladder>>,
    },
    /// Matrices.
    Matrix {
        /// What is looked up.
        axes: Vec<Axis>,
        /// The matrices.
        versions: History<Arc<Matrix>>,
    },
    /// Scorecards; their figures are parameters of their own beside, see [`crate::step::card_figure`].
    Card {
        /// What is scored.
        indicators: Vec<Indicator>,
        /// The ladder that names the bands of its scores, without `param.`.
        bands: Option<Name>,
        /// The cards.
        versions: History<Arc<Card>>,
    },
}

/// A scorecard from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The pass mark.
    pub pass: Exact,
    /// The limits of the score.
    pub between: [Exact; 2],
    /// What it says of each indicator, in their order; nothing of one that does not count.
    pub rows: Vec<Option<CardRow>>,
}

/// An indicator in a scorecard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardRow {
    /// The target, where it stands in the card.
    pub target: Option<Exact>,
    /// The weight.
    pub weight: Exact,
    /// Whether a rater gives its points.
    pub by_rater: bool,
}

impl Parameter {
    /// Whether a value holds on a day, in one of the stores at least.
    pub fn holds<'s>(&self, day: Date, stores: impl Iterator<Item = &'s str>) -> bool {
        let mut stores = std::iter::once(None).chain(stores.map(Some));
        match &self.values {
            Values::Scalar(history) => stores.any(|store| history.on(day, store).is_some()),
            Values::Ladder { versions, .. } => stores.any(|store| versions.on(day, store).is_some()),
            Values::Matrix { versions, .. } => stores.any(|store| versions.on(day, store).is_some()),
            Values::Card { versions, .. } => stores.any(|store| versions.on(day, store).is_some()),
        }
    }

    /// Whose day chooses, in a period that begins on `first_day`.
    fn day(&self, first_day: Date) -> DayOf {
        self.dated_by.as_ref().map_or(DayOf::Period(first_day), |column| DayOf::Column(Arc::clone(column)))
    }

    /// `stated`, `decided` or `illegible`.
    pub fn source_word(&self) -> &'static str {
        word(self.source)
    }

    /// The same of a row of a ladder.
    pub fn source_of_row(&self, row: &LadderRow) -> &'static str {
        word(self.rows.get(row).copied().unwrap_or(self.source))
    }
}

/// What a source is called where outcomes tell it.
const fn word(source: SourceSpec) -> &'static str {
    match source {
        SourceSpec::Stated => "stated",
        SourceSpec::Decided => "decided",
        SourceSpec::Illegible => "illegible",
    }
}

impl Parameters {
    /// A parameter by its name without `param.`.
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        self.all.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Parameter)> {
        self.all.iter()
    }

    /// The axes of a matrix; none where the parameter is no matrix.
    pub fn axes(&self, name: &str) -> &[Axis] {
        match self.all.get(name).map(|parameter| &parameter.values) {
            Some(Values::Matrix { axes, .. }) => axes,
            _ => &[],
        }
    }

    /// Names of those that hold values of some form.
    fn names_of(&self, form: impl Fn(&Values) -> bool) -> Vec<String> {
        let named = self.all.iter().filter(|(_, parameter)| form(&parameter.values));
        named.map(|(name, _)| name.to_string()).collect()
    }

    /// The parameters as a period sees them.
    pub fn on(&self, first_day: Date) -> ParametersOn<'_> {
        ParametersOn { parameters: self, first_day }
    }
}

impl ParamTypes for Parameters {
    fn scalar(&self, name: &str) -> Option<ParamType> {
        let parameter = self.all.get(name)?;
        let Values::Scalar(history) = &parameter.values else { return None };
        let mut ty = if parameter.choices.is_empty() {
            let kind = kind_of(history.iter().filter_map(|entry| entry.value.number()));
            Type::new(kind, parameter.unit.clone())
        } else {
            Type::text()
        };
        ty.nullable = history.iter().any(|entry| entry.value == ParamValue::Nothing);
        Some(ParamType {
            ty,
            dated_by: parameter.dated_by.clone(),
            by_store: history.by_store(),
            choices: parameter.choices.clone(),
            label: Arc::clone(&parameter.title),
        })
    }

    fn names(&self) -> Vec<String> {
        self.all.keys().map(ToString::to_string).collect()
    }
}

impl TableTypes for Parameters {
    fn ladder(&self, name: &str) -> Option<LadderType> {
        let parameter = self.all.get(name)?;
        let Values::Ladder { by, versions, .. } = &parameter.values else { return None };
        Some(LadderType {
            by: by.clone(),
            value: parameter.unit.clone(),
            label: Arc::clone(&parameter.title),
            dated_by: parameter.dated_by.clone(),
            by_store: versions.by_store(),
        })
    }

    fn ladders(&self) -> Vec<String> {
        self.names_of(|values| matches!(values, Values::Ladder { .. }))
    }

    fn matrix(&self, name: &str) -> Option<MatrixType> {
        let parameter = self.all.get(name)?;
        let Values::Matrix { axes, versions } = &parameter.values else { return None };
        Some(MatrixType {
            axes: axes.clone(),
            value: parameter.unit.clone(),
            label: Arc::clone(&parameter.title),
            dated_by: parameter.dated_by.clone(),
            by_store: versions.by_store(),
        })
    }

    fn matrices(&self) -> Vec<String> {
        self.names_of(|values| matches!(values, Values::Matrix { .. }))
    }

    fn card(&self, name: &str) -> Option<CardType> {
        let parameter = self.all.get(name)?;
        let Values::Card { indicators, bands, versions } = &parameter.values else { return None };
        Some(CardType {
            label: Arc::clone(&parameter.title),
            clause: parameter.clause.clone(),
            indicators: indicators.clone(),
            bands: bands.clone(),
            dated_by: parameter.dated_by.clone(),
            by_store: versions.by_store(),
        })
    }

    fn cards(&self) -> Vec<String> {
        self.names_of(|values| matches!(values, Values::Card { .. }))
    }
}

/// Parameters with the values that hold in one period.
#[derive(Clone, Copy, Debug)]
pub struct ParametersOn<'a> {
    parameters: &'a Parameters,
    first_day: Date,
}

impl<'a> ParametersOn<'a> {
    /// The numbers or choices of a parameter, with the day that chooses among them.
    pub fn scalar(&self, name: &str) -> Option<Dated<'a, ParamValue>> {
        let parameter = self.parameters.all.get(name)?;
        let Values::Scalar(history) = &parameter.values else { return None };
        Some(Dated { history, day: parameter.day(self.first_day) })
    }

    /// The ladders of a parameter.
    pub fn table(&self, name: &str) -> Option<Dated<'a, Arc<Ladder>>> {
        let parameter = self.parameters.all.get(name)?;
        let Values::Ladder { versions, .. } = &parameter.values else { return None };
        Some(Dated { history: versions, day: parameter.day(self.first_day) })
    }
}

impl ParamValues for ParametersOn<'_> {
    fn at(&self, name: &str) -> Option<Dated<'_, ParamValue>> {
        self.scalar(name)
    }
}

impl TableValues for ParametersOn<'_> {
    fn ladder(&self, name: &str) -> Option<Dated<'_, Arc<Ladder>>> {
        self.table(name)
    }

    fn matrix(&self, name: &str) -> Option<Dated<'_, Arc<Matrix>>> {
        let parameter = self.parameters.all.get(name)?;
        let Values::Matrix { versions, .. } = &parameter.values else { return None };
        Some(Dated { history: versions, day: parameter.day(self.first_day) })
    }
}
