//! Parameter files checked: shapes, dates, stores, numbers and choices.

pub mod cards;
pub mod matrices;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::sync::Arc;

use jiff::civil::Date;

use super::{LadderRow, Parameter, Parameters, Values};
use crate::diag::text::Language;
use crate::diag::{Code, Fault, Finding, Findings, nearest};
use crate::expr::codes::UNKNOWN_CHOICE;
use crate::expr::types::Name;
use crate::expr::unit::Unit;
use crate::expr::{Entry, History, ParamValue, choices_hint};
use crate::money::exact::Exact;
use crate::money::ladder::{Interval, Ladder, Row};
use crate::plan::places::{Faults, key, path};
use crate::spec::{LadderSpec, Located, ParameterFileSpec, ParameterSpec, Seg, SourceSpec, ValueSpec};

/// A parameter name that stands in two places.
pub const DUPLICATE_PARAMETER: Code = Code::new("duplicate-parameter", "a parameter is defined twice");
/// A parameter without values of any form, or with several of them.
pub const PARAMETER_SHAPE: Code =
    Code::new("parameter-shape", "a parameter has no values of any form, or parts that do not belong together");
/// A date that is no date, or not after the one before it.
pub const PARAMETER_DATE: Code = Code::new("parameter-date", "a parameter's date cannot be read or is out of order");
/// A value dated by period that changes inside a month.
pub const CHANGE_INSIDE_PERIOD: Code =
    Code::new("change-inside-period", "a value dated by period changes inside a month");
/// A decided or illegible value without its reason and alternative.
pub const UNREASONED_PARAMETER: Code =
    Code::new("unreasoned-parameter", "a value that the plan does not state lacks its reason or its alternative");

/// A store that the project file does not list.
pub const UNKNOWN_STORE: Code = Code::new("unknown-store", "a store that the project file does not list");
/// A store that two entries of one date name.
pub const STORE_TWICE: Code = Code::new("store-twice", "two entries of one date are for the same store");

/// What parameters are checked against.
pub struct Context<'a> {
    /// The project's own base units.
    pub units: &'a [String],
    /// Ids of the project's stores.
    pub stores: &'a [String],
    /// The language of the run.
    pub language: Language,
}

/// Checks every parameter file; what is wrong is added to the findings and left out.
pub fn check(files: &[Located<ParameterFileSpec>], cx: &Context<'_>, findings: &mut Findings) -> Parameters {
    let mut parameters = Parameters::default();
    for file in files {
        for (name, spec) in file.value.parameters.iter() {
            let mut faults = Faults::new(&file.document, path(["parameters", name]), findings);
            if parameters.all.contains_key(name) {
                let message = format!("parameter `{name}` is defined twice");
                faults.on_key(Finding::error(DUPLICATE_PARAMETER, message).hint("rename one of them"));
                continue;
            }
            let Some(parameter) = check_one(spec, cx, &mut faults) else { continue };
            for (figure, value) in cards::figures(name, &parameter, cx.language) {
                match parameters.all.entry(figure) {
                    Slot::Vacant(free) => {
                        free.insert(value);
                    }
                    Slot::Occupied(taken) => {
                        let figure = taken.key();
                        let message =
                            format!("a figure of this scorecard is parameter `{figure}`, which is defined already");
                        faults.on_key(Finding::error(DUPLICATE_PARAMETER, message).hint("rename one of them"));
                    }
                }
            }
            parameters.all.insert(Arc::from(name), parameter);
        }
    }
    parameters
}

fn check_one(spec: &ParameterSpec, cx: &Context<'_>, faults: &mut Faults<'_>) -> Option<Parameter> {
    let unit = unit(spec, cx, faults);
    let choices = choices(spec, faults);
    let dated_by = (spec.dated_by != "period").then(|| Name::from(spec.dated_by.as_str()));
    let rows = spec.ladders.iter().flatten().flat_map(|ladder| &ladder.rows);
    let open = |source: SourceSpec| source != SourceSpec::Stated;
    let opens = open(spec.source) || rows.filter_map(|row| row.source).any(open);
    if opens && (spec.reason.is_none() || spec.alternative.is_none()) {
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
    if spec.bands.is_some() && spec.cards.is_none() {
        let finding = Finding::error(PARAMETER_SHAPE, "only a scorecard has bands");
        faults.at_key(&[key("bands")], finding.hint("take `bands` away, or write it beside `cards:`"));
    }
    let mut dates = Dates { by_period: dated_by.is_none(), stores: cx.stores, last: BTreeMap::new() };
    let mut rows = BTreeMap::new();
    let table = (&spec.by, &spec.ladders, &spec.axes, &spec.matrices);
    let scored = (&spec.indicators, &spec.cards);
    let values = match (&spec.values, table, scored) {
        (Some(values), (None, None, None, None), (None, None)) => {
            Values::Scalar(scalars(values, &choices, &mut dates, faults)?)
        }
        (None, (Some(by), Some(ladders), None, None), (None, None)) if spec.choices.is_none() => {
            let by_unit = faults.take(&[key("by"), key("unit")], Unit::parse(&by.unit, cx.units));
            let versions = versions(ladders, &mut dates, faults);
            rows = sources_of_rows(ladders, versions.as_ref());
            Values::Ladder { by_label: by.label.clone(), by: by_unit?, versions: versions? }
        }
        (None, (None, None, Some(axes), Some(matrices)), (None, None)) if spec.choices.is_none() => {
            let axes = matrices::axes(axes, cx, faults);
            matrices::check(matrices, &axes?, &mut dates, faults)?
        }
        (None, (None, None, None, None), (Some(indicators), Some(cards))) if spec.choices.is_none() => {
            cards::check(spec, indicators, cards, cx, &mut dates, faults)?
        }
        _ => {
            let message = "a parameter has `values`, or `by` and `ladders`, or `axes` and `matrices`, or `indicators` \
                           and `cards`";
            let finding = Finding::error(PARAMETER_SHAPE, message);
            faults.on_key(finding.hint("a number: `values: [{ from: 2026-01-01, value: 0.4% }]`"));
            return None;
        }
    };
    Some(Parameter {
        title: Arc::from(spec.title.as_str()),
        unit: unit?,
        choices,
        clause: spec.clause.clone(),
        source: spec.source,
        reason: spec.reason.clone().unwrap_or_default(),
        alternative: spec.alternative.clone().unwrap_or_default(),
        dated_by,
        values,
        rows,
    })
}

/// The unit of a number; choices are texts and have none.
fn unit(spec: &ParameterSpec, cx: &Context<'_>, faults: &mut Faults<'_>) -> Option<Unit> {
    if spec.cards.is_some() {
        if spec.unit.is_some() {
            let finding = Finding::error(PARAMETER_SHAPE, "a scorecard gives points and has no other unit");
            faults.at_key(&[key("unit")], finding.hint("take `unit` away"));
        }
        return Some(Unit::base("points"));
    }
    match (&spec.unit, &spec.choices) {
        (Some(unit), None) => faults.take(&[key("unit")], Unit::parse(unit, cx.units)),
        (None, Some(_)) => Some(Unit::ratio()),
        (Some(_), Some(_)) => {
            let finding = Finding::error(PARAMETER_SHAPE, "choices are texts and have no unit");
            faults.at_key(&[key("unit")], finding.hint("take `unit` away, or `choices` where the values are numbers"));
            None
        }
        (None, None) => {
            let finding = Finding::error(PARAMETER_SHAPE, "a parameter has a `unit`, or `choices`");
            faults.on_key(finding.hint("a plain share has `unit: ratio`; variants of a rule stand under `choices:`"));
            None
        }
    }
}

fn choices(spec: &ParameterSpec, faults: &mut Faults<'_>) -> Vec<Name> {
    let mut choices: Vec<Name> = Vec::new();
    for (index, choice) in spec.choices.iter().flatten().enumerate() {
        if choices.iter().any(|known| **known == **choice) {
            let finding = Finding::error(PARAMETER_SHAPE, format!("choice `{choice}` stands here twice"));
            faults.at(&[key("choices"), Seg::Index(index)], finding.hint("delete one of them"));
        }
        choices.push(Arc::from(choice.as_str()));
    }
    if spec.choices.as_ref().is_some_and(|choices| choices.len() < 2) {
        let finding = Finding::error(PARAMETER_SHAPE, "fewer than two choices leave nothing to choose");
        faults.at(&[key("choices")], finding.hint("list every variant that expressions know"));
    }
    choices
}

fn scalars(
    specs: &[ValueSpec],
    choices: &[Name],
    dates: &mut Dates<'_>,
    faults: &mut Faults<'_>,
) -> Option<History<ParamValue>> {
    let mut entries = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let here = [key("values"), Seg::Index(index)];
        let at = [here[0].clone(), here[1].clone(), key("value")];
        let held = dates.next(&spec.from, spec.stores.as_deref(), &here, faults);
        let value = if choices.is_empty() {
            faults.take(&at, Exact::parse_human(&spec.value)).map(ParamValue::Number)
        } else {
            faults.take(&at, choice(&spec.value, choices)).map(ParamValue::Choice)
        };
        entries.extend(held.zip(value).map(|((from, stores), value)| Entry::new(from, stores, value)));
    }
    if !specs.is_empty() && entries.len() < specs.len() {
        return None;
    }
    non_empty(entries, "values", faults)
}

/// One of the choices.
fn choice(text: &str, choices: &[Name]) -> Result<Name, Fault> {
    choices.iter().find(|choice| ***choice == *text).cloned().ok_or_else(|| {
        let message = format!("`{text}` is none of the choices");
        Fault::new(UNKNOWN_CHOICE, 0..text.len(), message).hint(choices_hint(text, choices))
    })
}

fn versions(specs: &[LadderSpec], dates: &mut Dates<'_>, faults: &mut Faults<'_>) -> Option<History<Arc<Ladder>>> {
    let mut versions = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let here = [key("ladders"), Seg::Index(index)];
        let held = dates.next(&spec.from, spec.stores.as_deref(), &here, faults);
        let ladder = ladder(spec, &here, faults);
        versions.extend(held.zip(ladder).map(|((from, stores), ladder)| Entry::new(from, stores, Arc::new(ladder))));
    }
    if !specs.is_empty() && versions.len() < specs.len() {
        return None;
    }
    non_empty(versions, "ladders", faults)
}

/// Rows of ladders that say themselves whether the plan states them.
fn sources_of_rows(specs: &[LadderSpec], versions: Option<&History<Arc<Ladder>>>) -> BTreeMap<LadderRow, SourceSpec> {
    let Some(versions) = versions else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    for (spec, entry) in specs.iter().flat_map(|spec| versions.iter().map(move |entry| (spec, entry))) {
        let stores: Vec<&str> = spec.stores.iter().flatten().map(String::as_str).collect();
        if entry.from.to_string() != spec.from || !entry.stores.iter().map(|store| &**store).eq(stores) {
            continue;
        }
        let rows = spec.rows.iter().enumerate().filter_map(|(at, row)| Some((at, row.source?)));
        found.extend(rows.map(|(at, source)| ((entry.from, entry.stores.clone(), at), source)));
    }
    found
}

fn ladder(spec: &LadderSpec, here: &[Seg; 2], faults: &mut Faults<'_>) -> Option<Ladder> {
    let mut rows = Vec::new();
    for (index, row) in spec.rows.iter().enumerate() {
        let at = |name: &str| [here[0].clone(), here[1].clone(), key("rows"), Seg::Index(index), key(name)];
        let interval = faults.take(&at("over"), Interval::parse(&row.over));
        let value = faults.take(&at("value"), Exact::parse_human(&row.value));
        if let (Some(interval), Some(value)) = (interval, value) {
            rows.push(Row { interval, value, words: row.words.clone() });
        }
    }
    if rows.len() != spec.rows.len() {
        return None;
    }
    let wrong = match Ladder::new(rows) {
        Ok(ladder) => return Some(ladder),
        Err(wrong) => wrong,
    };
    for fault in wrong {
        let mut at = vec![here[0].clone(), here[1].clone(), key("rows")];
        at.extend(spec.rows.get(fault.row).map(|_| Seg::Index(fault.row)));
        let mut finding = Finding::error(fault.code, fault.message);
        finding.hints.extend(fault.hint);
        faults.at(&at, finding);
    }
    None
}

fn non_empty<T>(entries: Vec<Entry<T>>, name: &str, faults: &mut Faults<'_>) -> Option<History<T>> {
    if entries.is_empty() {
        faults
            .at(&[key(name)], Finding::error(PARAMETER_SHAPE, format!("`{name}` is empty")).hint("give at least one"));
        return None;
    }
    Some(History::new(entries))
}

/// The dates of one parameter, in the order of the file.
struct Dates<'a> {
    by_period: bool,
    stores: &'a [String],
    /// The last date of the general values, and of each store's own.
    last: BTreeMap<Option<Name>, Date>,
}

impl Dates<'_> {
    /// The day and the stores of the next entry. Its date lies behind those of earlier entries for all stores, or
    /// for the same ones; and on the first of a month where the period chooses.
    fn next(
        &mut self,
        from: &str,
        stores: Option<&[String]>,
        here: &[Seg; 2],
        faults: &mut Faults<'_>,
    ) -> Option<(Date, Vec<Name>)> {
        let names = self.stores(stores, here, faults)?;
        let at = [here[0].clone(), here[1].clone(), key("from")];
        let Ok(date) = from.parse::<Date>() else {
            let fault = Fault::new(PARAMETER_DATE, 0..from.len(), format!("`{from}` is no date"));
            return faults.take(&at, Err(fault.hint("write it as 2026-10-01")));
        };
        let scopes: Vec<Option<Name>> =
            if names.is_empty() { vec![None] } else { names.iter().cloned().map(Some).collect() };
        for scope in scopes {
            let before = self.last.insert(scope.clone(), date);
            let finding = match (before, &scope) {
                (Some(before), Some(store)) if before == date => {
                    let message = format!("another entry of {date} is for store `{store}` too");
                    Finding::error(STORE_TWICE, message).hint("name each store in one entry of a date")
                }
                (Some(before), _) if before >= date => {
                    Finding::error(PARAMETER_DATE, format!("{date} does not come after the date before it"))
                        .hint("write the dates in order, each once")
                }
                _ => continue,
            };
            faults.at(&at, finding);
            return None;
        }
        if self.by_period && date.day() != 1 {
            let message = format!("the value would change inside a month, on {date}");
            let hint = "let it hold from the first of a month, or date it by a column: `dated_by: settled_on`";
            faults.at(&at, Finding::error(CHANGE_INSIDE_PERIOD, message).hint(hint));
            return None;
        }
        Some((date, names))
    }

    fn stores(&self, written: Option<&[String]>, here: &[Seg; 2], faults: &mut Faults<'_>) -> Option<Vec<Name>> {
        let Some(written) = written else { return Some(Vec::new()) };
        stores_listed(written, self.stores, &[here[0].clone(), here[1].clone(), key("stores")], faults)
    }
}

/// The stores of a list at a path, each of which stands in the project file, and here once.
pub fn stores_listed(written: &[String], known: &[String], at: &[Seg], faults: &mut Faults<'_>) -> Option<Vec<Name>> {
    let mut names: Vec<Name> = Vec::new();
    let mut whole = !written.is_empty();
    if written.is_empty() {
        let finding = Finding::error(UNKNOWN_STORE, "an empty list of stores is for nobody");
        faults.at(at, finding.hint("name the stores, or take `stores` away where it is for all"));
    }
    for (index, store) in written.iter().enumerate() {
        let here = [at, &[Seg::Index(index)]].concat();
        if names.iter().any(|known| **known == **store) {
            let finding = Finding::error(STORE_TWICE, format!("store `{store}` stands here twice"));
            faults.at(&here, finding.hint("delete one of them"));
            whole = false;
        } else if let Some(finding) = unknown_store(store, known) {
            faults.at(&here, finding);
            whole = false;
        }
        names.push(Arc::from(store.as_str()));
    }
    whole.then_some(names)
}

/// What is wrong with the id of a store that the project does not list.
pub fn unknown_store(store: &str, stores: &[String]) -> Option<Finding> {
    if stores.iter().any(|known| known == store) {
        return None;
    }
    let hint = nearest(store, stores.iter().map(String::as_str)).map_or_else(
        || "list it under `stores:` of the project file".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Some(Finding::error(UNKNOWN_STORE, format!("the project file lists no store `{store}`")).hint(hint))
}
