//! Parameters: dated values and ladders, read exactly, each with the clause it comes from.
//!
//! A parameter that is `dated_by: period` takes the value of the period's first day; its values may
//! therefore only change on the first day of a month. One that is dated by a column takes, in each row,
//! the value that holds on that row's date.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::places::{Faults, key, path};
use crate::diag::{Code, Fault, Finding, Findings};
use crate::expr::types::{Name, Type};
use crate::expr::unit::Unit;
use crate::expr::{Dated, ParamType, ParamTypes, ParamValues, kind_of};
use crate::money::exact::Exact;
use crate::money::ladder::{Interval, Ladder, Row};
use crate::spec::{LadderSpec, Located, ParameterFileSpec, ParameterSpec, Seg, SourceSpec, ValueSpec};
use crate::step::{DatedLadder, LadderType, LadderTypes, LadderValues};

/// A parameter name that stands in two places.
pub const DUPLICATE_PARAMETER: Code = Code::new("duplicate-parameter", "a parameter is defined twice");
/// A parameter without values, or with both values and ladders.
pub const PARAMETER_SHAPE: Code =
    Code::new("parameter-shape", "a parameter has neither values nor ladders, or parts that do not belong together");
/// A date that is no date, or not after the one before it.
pub const PARAMETER_DATE: Code = Code::new("parameter-date", "a parameter's date cannot be read or is out of order");
/// A value dated by period that changes inside a month.
pub const CHANGE_INSIDE_PERIOD: Code =
    Code::new("change-inside-period", "a value dated by period changes inside a month");
/// A decided or illegible value without its reason and alternative.
pub const UNREASONED_PARAMETER: Code =
    Code::new("unreasoned-parameter", "a value that the plan does not state lacks its reason or its alternative");

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
    /// Unit of its values.
    pub unit: Unit,
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
}

/// What a parameter holds.
#[derive(Clone, Debug)]
pub enum Values {
    /// Numbers with the day from which each holds, ascending.
    Scalar(Vec<(Date, Exact)>),
    /// Ladders with the day from which each holds, ascending.
    Ladder {
        /// What is looked up, as printed.
        by_label: String,
        /// Its unit.
        by: Unit,
        /// The ladders.
        versions: Vec<(Date, Arc<Ladder>)>,
    },
}

impl Parameter {
    /// The day from which the value holds that a date chooses.
    pub fn since(&self, day: Date) -> Option<Date> {
        match &self.values {
            Values::Scalar(values) => values.iter().rev().find(|(from, _)| *from <= day).map(|(from, _)| *from),
            Values::Ladder { versions, .. } => {
                versions.iter().rev().find(|(from, _)| *from <= day).map(|(from, _)| *from)
            }
        }
    }

    /// `stated`, `decided` or `illegible`.
    pub fn source_word(&self) -> &'static str {
        match self.source {
            SourceSpec::Stated => "stated",
            SourceSpec::Decided => "decided",
            SourceSpec::Illegible => "illegible",
        }
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

    /// The parameters as a period sees them.
    pub fn on(&self, first_day: Date) -> ParametersOn<'_> {
        ParametersOn { parameters: self, first_day }
    }
}

impl ParamTypes for Parameters {
    fn scalar(&self, name: &str) -> Option<ParamType> {
        let parameter = self.all.get(name)?;
        let Values::Scalar(values) = &parameter.values else { return None };
        let kind = kind_of(values.iter().map(|(_, value)| value));
        Some(ParamType {
            ty: Type::new(kind, parameter.unit.clone()),
            dated_by: parameter.dated_by.clone(),
            label: Arc::clone(&parameter.title),
        })
    }

    fn names(&self) -> Vec<String> {
        self.all.keys().map(ToString::to_string).collect()
    }
}

impl LadderTypes for Parameters {
    fn ladder(&self, name: &str) -> Option<LadderType> {
        let parameter = self.all.get(name)?;
        let Values::Ladder { by, .. } = &parameter.values else { return None };
        Some(LadderType {
            by: by.clone(),
            value: parameter.unit.clone(),
            label: Arc::clone(&parameter.title),
            dated_by: parameter.dated_by.clone(),
        })
    }

    fn names(&self) -> Vec<String> {
        let ladders = self.all.iter().filter(|(_, parameter)| matches!(parameter.values, Values::Ladder { .. }));
        ladders.map(|(name, _)| name.to_string()).collect()
    }
}

/// Parameters with the values that hold in one period.
#[derive(Clone, Copy, Debug)]
pub struct ParametersOn<'a> {
    parameters: &'a Parameters,
    first_day: Date,
}

impl ParamValues for ParametersOn<'_> {
    fn at(&self, name: &str) -> Option<Dated<'_>> {
        let parameter = self.parameters.all.get(name)?;
        let Values::Scalar(values) = &parameter.values else { return None };
        match &parameter.dated_by {
            Some(column) => Some(Dated::Column { column: Arc::clone(column), values }),
            None => {
                let (from, value) = values.iter().rev().find(|(from, _)| *from <= self.first_day)?;
                Some(Dated::Period { from: *from, value })
            }
        }
    }
}

impl LadderValues for ParametersOn<'_> {
    fn at(&self, name: &str) -> Option<DatedLadder> {
        let parameter = self.parameters.all.get(name)?;
        let Values::Ladder { versions, .. } = &parameter.values else { return None };
        match &parameter.dated_by {
            Some(column) => Some(DatedLadder { versions: versions.clone(), dated_by: Some(Arc::clone(column)) }),
            None => {
                let version = versions.iter().rev().find(|(from, _)| *from <= self.first_day)?;
                Some(DatedLadder { versions: vec![version.clone()], dated_by: None })
            }
        }
    }
}

/// Checks every parameter file; what is wrong is added to the findings and left out.
pub fn check(files: &[Located<ParameterFileSpec>], units: &[String], findings: &mut Findings) -> Parameters {
    let mut parameters = Parameters::default();
    for file in files {
        for (name, spec) in file.value.parameters.iter() {
            let mut faults = Faults::new(&file.document, path(["parameters", name]), findings);
            if parameters.all.contains_key(name) {
                let message = format!("parameter `{name}` is defined twice");
                faults.on_key(Finding::error(DUPLICATE_PARAMETER, message).hint("rename one of them"));
                continue;
            }
            if let Some(parameter) = check_one(spec, units, &mut faults) {
                parameters.all.insert(Arc::from(name), parameter);
            }
        }
    }
    parameters
}

fn check_one(spec: &ParameterSpec, units: &[String], faults: &mut Faults<'_>) -> Option<Parameter> {
    let unit = faults.take(&[key("unit")], Unit::parse(&spec.unit, units));
    let dated_by = (spec.dated_by != "period").then(|| Name::from(spec.dated_by.as_str()));
    if spec.source != SourceSpec::Stated && (spec.reason.is_none() || spec.alternative.is_none()) {
        let finding =
            Finding::error(UNREASONED_PARAMETER, "a value that the plan does not state says why it was chosen");
        faults.at(&[key("source")], finding.hint("add `reason:` and `alternative:` in words a manager understands"));
    }
    if spec.split.is_some() && dated_by.is_none() {
        let finding = Finding::error(PARAMETER_SHAPE, "`split: by_row` needs the date column that splits the rows");
        faults.at(
            &[key("split")],
            finding.hint("write `dated_by: settled_on`, or another date column, and drop `split`"),
        );
    }
    let values = match (&spec.values, &spec.by, &spec.ladders) {
        (Some(values), None, None) => Values::Scalar(scalars(values, dated_by.is_none(), faults)?),
        (None, Some(by), Some(ladders)) => {
            let by_unit = faults.take(&[key("by"), key("unit")], Unit::parse(&by.unit, units));
            let versions = versions(ladders, dated_by.is_none(), faults);
            Values::Ladder { by_label: by.label.clone(), by: by_unit?, versions: versions? }
        }
        _ => {
            let finding = Finding::error(PARAMETER_SHAPE, "a parameter has `values`, or `by` and `ladders`");
            faults.on_key(finding.hint("a number: `values: [{ from: 2026-01-01, value: 0.4% }]`"));
            return None;
        }
    };
    Some(Parameter {
        title: Arc::from(spec.title.as_str()),
        unit: unit?,
        clause: spec.clause.clone(),
        source: spec.source,
        reason: spec.reason.clone().unwrap_or_default(),
        alternative: spec.alternative.clone().unwrap_or_default(),
        dated_by,
        values,
    })
}

fn scalars(specs: &[ValueSpec], by_period: bool, faults: &mut Faults<'_>) -> Option<Vec<(Date, Exact)>> {
    let mut values = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let here = [key("values"), Seg::Index(index)];
        let from = date(&spec.from, by_period, values.last().map(|(from, _)| *from), &here, faults);
        let value = faults.take(&[here[0].clone(), here[1].clone(), key("value")], Exact::parse_human(&spec.value));
        values.extend(from.zip(value));
    }
    if !specs.is_empty() && values.len() < specs.len() {
        return None;
    }
    non_empty(values, "values", faults)
}

fn versions(specs: &[LadderSpec], by_period: bool, faults: &mut Faults<'_>) -> Option<Vec<(Date, Arc<Ladder>)>> {
    let mut versions = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let here = [key("ladders"), Seg::Index(index)];
        let from = date(&spec.from, by_period, versions.last().map(|(from, _)| *from), &here, faults);
        let mut rows = Vec::new();
        for (row_index, row) in spec.rows.iter().enumerate() {
            let at = |name: &str| [here[0].clone(), here[1].clone(), key("rows"), Seg::Index(row_index), key(name)];
            let interval = faults.take(&at("over"), Interval::parse(&row.over));
            let value = faults.take(&at("value"), Exact::parse_human(&row.value));
            if let (Some(interval), Some(value)) = (interval, value) {
                rows.push(Row { interval, value, words: row.words.clone() });
            }
        }
        if rows.len() != spec.rows.len() {
            return None;
        }
        match Ladder::new(rows) {
            Ok(ladder) => versions.push((from?, Arc::new(ladder))),
            Err(wrong) => {
                for fault in wrong {
                    let mut at = vec![here[0].clone(), here[1].clone(), key("rows")];
                    at.extend(spec.rows.get(fault.row).map(|_| Seg::Index(fault.row)));
                    let mut finding = Finding::error(fault.code, fault.message);
                    finding.hints.extend(fault.hint);
                    faults.at(&at, finding);
                }
                return None;
            }
        }
    }
    non_empty(versions, "ladders", faults)
}

fn non_empty<T>(values: Vec<T>, name: &str, faults: &mut Faults<'_>) -> Option<Vec<T>> {
    if values.is_empty() {
        faults
            .at(&[key(name)], Finding::error(PARAMETER_SHAPE, format!("`{name}` is empty")).hint("give at least one"));
        return None;
    }
    Some(values)
}

/// Reads a `from:` date that must lie behind the one before it, and on the first of a month where the
/// period chooses.
fn date(text: &str, by_period: bool, before: Option<Date>, here: &[Seg], faults: &mut Faults<'_>) -> Option<Date> {
    let mut at = here.to_vec();
    at.push(key("from"));
    let Ok(date) = text.parse::<Date>() else {
        let fault =
            Fault::new(PARAMETER_DATE, 0..text.len(), format!("`{text}` is no date")).hint("write it as 2026-10-01");
        return faults.take(&at, Err(fault));
    };
    if before.is_some_and(|before| before >= date) {
        faults.at(
            &at,
            Finding::error(PARAMETER_DATE, format!("{date} does not come after the date before it"))
                .hint("write the dates in order, each once"),
        );
        return None;
    }
    if by_period && date.day() != 1 {
        let finding = Finding::error(CHANGE_INSIDE_PERIOD, format!("the value would change inside a month, on {date}"));
        faults.at(
            &at,
            finding.hint("let it hold from the first of a month, or date it by a column: `dated_by: settled_on`"),
        );
        return None;
    }
    Some(date)
}
