//! The dictionary of figures: `report-templates/kpis.yaml`.

use serde::Deserialize;

use crate::diag::yaml::OrderedMap;

/// All figures that reports define, in the order in which dictionaries print them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct KpisSpec {
    /// Figures by the id under which sections name them.
    pub kpis: OrderedMap<KpiSpec>,
}

/// What a figure means. A parameter in braces (`{return_window}`) is printed as it holds in the store.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct KpiSpec {
    /// Name, as printed.
    pub name: String,
    /// What it says, in one sentence.
    pub definition: String,
    /// What is counted or added.
    pub numerator: String,
    /// By what it is divided; nothing for a sum.
    #[serde(default)]
    pub denominator: String,
    /// Which span it looks at.
    pub window: String,
    /// Which date decides to what month a row belongs.
    pub date: String,
    /// Columns of the exports it comes from.
    pub source: String,
    /// Clauses; several with `、` between them.
    #[serde(default)]
    pub clause: Option<String>,
}

impl KpiSpec {
    /// The parameters that its words name.
    pub(in crate::report) fn parameters(&self) -> impl Iterator<Item = &str> {
        let words = [&self.definition, &self.numerator, &self.denominator, &self.window, &self.date];
        words.into_iter().flat_map(|text| text.split('{').skip(1).filter_map(|part| part.split('}').next()))
    }
}
