//! Views: what a document says, as JSON whose leaves are strings.
//!
//! A view is a pure function of the outcome. It holds no markup, only text and the order of things; hidden
//! and bidirectional characters are made visible in every string at the end, in one place.

mod balances;
mod book;
mod cells;
mod chart;
mod department;
mod explained;
mod group;
mod index;
mod kpis;
mod lines;
mod net;
mod next_rows;
mod pay;
mod payslip;
mod row_fates;
pub(super) mod run_page;
mod scores;
pub(super) mod sheets;
mod sources;
mod statement;
mod store_figures;
mod table;
mod trace;
mod trend;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::{Map, Value, json};

pub(super) use self::index::Index;

use super::attach::listed;
use super::fonts::Fonts;
use super::messages::Messages;
use super::paper::Paper;
use super::spec::{KpisSpec, Per, ReportSpec};
use crate::diag::data::{Exception, ExceptionSeverity};
use crate::diag::text::Language;
use crate::diag::translation::{Translation, is_authored};
use crate::diag::visible::visible;
use crate::money::capitals::{capitals, english};
use crate::money::{Exact, show};
use crate::run::names::file_name;
use crate::run::outcome::{Outcome, Period, Person, Store};
use crate::run::tables::{GROUP, STORES};

/// What one document says.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// What minijinja sees: the kinds of the sections and whether this is a draft.
    pub(super) shape: Value,
    /// What the blocks read: strings.
    pub(super) data: Value,
}

/// What views are made from.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) index: &'a Index<'a>,
    pub(super) messages: &'a Messages,
    pub(super) run_id: &'a str,
    pub(super) spec: &'a ReportSpec,
    pub(super) kpis: &'a KpisSpec,
}

/// For whom a document is made: all stores, one store, or a person of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// None where a document is of all stores.
    pub(super) store: Option<&'a Store>,
    pub(super) person: Option<&'a Person>,
    /// Whose slips a book holds.
    pub(super) team: Option<Team<'a>>,
    /// Title of the project, which stands for all its stores.
    title: &'a str,
}

impl Subject<'_> {
    /// Path of a document inside the run.
    pub(super) fn path(&self, report: &str, paper: Paper) -> String {
        let folder = paper.folder();
        let Some(store) = self.store.map(|store| file_name(&store.store_id)) else {
            return format!("{GROUP}/{folder}{report}.pdf");
        };
        match (self.person, self.team) {
            (Some(person), _) => format!("{STORES}/{store}/{report}s/{folder}{}.pdf", file_name(&person.employee_id)),
            (None, Some(team)) => {
                let team = team.name().map_or_else(|| NO_TEAM.to_owned(), file_name);
                format!("{STORES}/{store}/{report}s/{folder}{team}.pdf")
            }
            (None, None) => format!("{STORES}/{store}/{folder}{report}.pdf"),
        }
    }

    /// Whose document it is, as printed.
    pub(super) fn who(&self) -> String {
        match (self.person, self.store) {
            (Some(person), _) => format!("{} {}", person.name, person.employee_id),
            (None, Some(store)) => store.name.clone(),
            (None, None) => self.title.to_owned(),
        }
    }
}

/// File of the slips of people without a team; no team has it, for names in lower case get a mark.
const NO_TEAM: &str = "without-team";

/// People of a store who are printed in one book. Those without a team are the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Team<'a> {
    Named(&'a str),
    None,
}

impl<'a> Team<'a> {
    /// The team in which a person is at the end of the month.
    fn of(person: &'a Person) -> Self {
        let last = person.intervals.iter().max_by_key(|interval| interval.to);
        let name = last.and_then(|interval| interval.team.as_deref()).filter(|team| !team.is_empty());
        name.map_or(Self::None, Self::Named)
    }

    fn name(self) -> Option<&'a str> {
        match self {
            Self::Named(name) => Some(name),
            Self::None => None,
        }
    }
}

/// Everyone for whom a report is made, in the order of the outcome.
pub(super) fn subjects<'a>(outcome: &'a Outcome, per: Per) -> Vec<Subject<'a>> {
    let title = outcome.title.as_str();
    let of_store = |store| Subject { store: Some(store), person: None, team: None, title };
    match per {
        Per::Group => vec![Subject { store: None, person: None, team: None, title }],
        Per::Store => outcome.stores.iter().map(of_store).collect(),
        Per::Team => {
            let of = |store: &'a Store| {
                let own = outcome.people.iter().filter(|person| person.store_id == store.store_id);
                let teams: BTreeSet<Team<'_>> = own.map(Team::of).collect();
                teams.into_iter().map(move |team| Subject { team: Some(team), ..of_store(store) })
            };
            outcome.stores.iter().flat_map(of).collect()
        }
        Per::Person => {
            let mut people: BTreeMap<&str, Vec<&Person>> = BTreeMap::new();
            for person in &outcome.people {
                people.entry(&person.store_id).or_default().push(person);
            }
            let of = |store: &'a Store| {
                let own = people.remove(store.store_id.as_str()).unwrap_or_default();
                own.into_iter().map(move |person| Subject { person: Some(person), ..of_store(store) })
            };
            outcome.stores.iter().flat_map(of).collect()
        }
    }
}

/// The view of a document; the error says what of the outcome cannot be shown.
pub(super) fn view(cx: Context<'_>, subject: Subject<'_>) -> Result<View, String> {
    let period = period_words(cx);
    let mut data = head(cx, subject.store, &period);
    if let (Some(store), Some(team)) = (subject.store, subject.team) {
        return book::view(cx, store, team, data);
    }
    let (title, sections) = match (subject.store, subject.person) {
        (_, Some(person)) => {
            (format!("{} {period} {}", cx.spec.title, person.name), payslip::sections(cx, person, &mut data)?)
        }
        (Some(store), None) => {
            (format!("{} {period} {}", store.name, cx.spec.title), department::sections(cx, store, &mut data)?)
        }
        (None, None) => (format!("{period} {}", cx.spec.title), group::sections(cx, &mut data)?),
    };
    data.insert("title".into(), json!(title));
    data.insert("attachments".into(), listed(cx));
    let shapes: Vec<Value> = sections.iter().map(Section::shape).collect();
    let shape = json!({ "draft": cx.outcome.is_draft(), "sections": shapes });
    data.insert("elsewhere".into(), json!(cx.spec.elsewhere));
    let shortened = Some(cx.spec.shortened).filter(|tables| *tables > 0);
    data.insert("shortened".into(), json!(shortened.map(|tables| tables.to_string()).unwrap_or_default()));
    data.insert("sections".into(), sections.into_iter().map(Section::data).collect());
    Ok(finished(cx, shape, data))
}

/// A view whose words are those of the language, with every hidden character shown.
fn finished(cx: Context<'_>, shape: Value, data: Map<String, Value>) -> View {
    let mut data = Value::Object(data);
    let words = &cx.outcome.words;
    if words.language() != Language::Chinese || !words.is_empty() {
        say_values(&mut data, words);
    }
    make_visible(&mut data);
    View { shape, data }
}

/// A block of a document: its kind for the template, its content for the block.
struct Section {
    kind: &'static str,
    data: Map<String, Value>,
}

impl Section {
    fn new(kind: &'static str, (title, note): (&str, &str), rest: Value) -> Self {
        let mut data = Map::new();
        data.insert("title".into(), json!(title));
        data.insert("note".into(), json!(note));
        if let Value::Object(rest) = rest {
            data.extend(rest);
        }
        Self { kind, data }
    }

    fn shape(&self) -> Value {
        json!({ "kind": self.kind })
    }

    fn data(self) -> Value {
        Value::Object(self.data)
    }
}

/// A clause id with the source's own number, by which people know the clause.
fn cited(cx: Context<'_>, clause: &str) -> String {
    match cx.outcome.clause(clause).filter(|words| !words.number.is_empty()) {
        Some(words) => format!("{clause} {}", words.number),
        None => clause.to_owned(),
    }
}

/// What stands on every document.
fn head(cx: Context<'_>, store: Option<&Store>, period: &str) -> Map<String, Value> {
    let outcome = cx.outcome;
    let draft = if outcome.is_draft() { cx.messages.get("draft") } else { "" };
    let pairs = [
        ("heading", cx.spec.title.as_str()),
        ("store", store.map_or(outcome.title.as_str(), |store| &store.name)),
        ("store_id", store.map_or("", |store| &store.store_id)),
        ("period", period),
        ("run", cx.run_id),
        ("draft", draft),
    ];
    pairs.into_iter().map(|(key, text)| (key.to_owned(), json!(text))).collect()
}

fn period_words(cx: Context<'_>) -> String {
    month_words(cx, cx.outcome.period)
}

/// A month as it is printed.
pub(super) fn month_words(cx: Context<'_>, period: Period) -> String {
    let (year, month) = (period.year().to_string(), period.month().to_string());
    cx.messages.fill("period", &[("year", &year), ("month", &month)])
}

fn day_words(cx: Context<'_>, day: Date) -> String {
    cx.messages.fill("day", &[("month", &day.month().to_string()), ("day", &day.day().to_string())])
}

/// An amount as it is printed.
fn amount(yuan: &Exact) -> String {
    cells::minus(show::amount(yuan))
}

/// A difference with its sign: a plus before what rose, nothing before what stayed.
fn minus_or_plus(written: String, difference: &Exact) -> String {
    if difference.is_negative() || difference.is_zero() { written } else { format!("+{written}") }
}

/// The key of the word for a severity.
const fn severity(severity: ExceptionSeverity) -> &'static str {
    match severity {
        ExceptionSeverity::Fatal => "fatal",
        ExceptionSeverity::Blocking => "blocking",
        ExceptionSeverity::Held => "held",
        ExceptionSeverity::Accepted => "accepted",
        ExceptionSeverity::Warning => "warning",
    }
}

/// Exceptions as rows, in the order of the outcome.
fn exceptions<'a>(cx: Context<'_>, list: impl Iterator<Item = &'a Exception>) -> Vec<Value> {
    let language = cx.messages.language();
    list.map(|exception| {
        let stake = exception.stake.map(|stake| amount(&Exact::from_decimal(stake))).unwrap_or_default();
        json!({
            "severity": cx.messages.get(severity(exception.severity)),
            "who": exception.who,
            "cause": exception.cause.to(language),
            "remedy": exception.remedy.to(language),
            "stake": stake,
            "accepted": exception.accepted.as_ref().map(|accepted| accepted.to(language)).unwrap_or_default(),
        })
    })
    .collect()
}

/// Replaces words of the project that stand in cells by those of the language.
fn say_values(value: &mut Value, words: &Translation) {
    match value {
        Value::String(text) if is_authored(text) => *text = words.value(text),
        Value::Array(values) => values.iter_mut().for_each(|value| say_values(value, words)),
        Value::Object(fields) => fields.values_mut().for_each(|value| say_values(value, words)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// An amount in words: in capitals in Chinese, as on a cheque in English.
fn in_words(cx: Context<'_>, yuan: &Exact) -> Option<String> {
    match cx.outcome.language() {
        Language::Chinese => capitals(yuan),
        Language::English => english(yuan),
    }
}

fn make_visible(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let std::borrow::Cow::Owned(shown) = visible(text) {
                *text = shown;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(make_visible),
        Value::Object(fields) => fields.values_mut().for_each(make_visible),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A character that no font has, and the field of the view in which it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MissingGlyph {
    /// Where: `name`, `sections.2.rows.0.0`.
    pub(super) field: String,
    /// The text of the field.
    pub(super) text: String,
    /// The character.
    pub(super) character: char,
}

/// Every character of a view that no font has, at the field nearest to the top of the view.
pub(super) fn missing_glyphs(data: &Value, fonts: &Fonts) -> Vec<MissingGlyph> {
    let mut missing = Vec::new();
    search(data, &mut String::new(), fonts, &mut missing);
    missing.sort_by_key(|one| (one.character, one.field.matches('.').count(), one.field.clone()));
    missing.dedup_by_key(|one| one.character);
    missing
}

fn search(value: &Value, field: &mut String, fonts: &Fonts, missing: &mut Vec<MissingGlyph>) {
    let length = field.len();
    let mut below = |key: &str, value: &Value| {
        if length > 0 {
            field.push('.');
        }
        field.push_str(key);
        search(value, field, fonts, missing);
        field.truncate(length);
    };
    match value {
        Value::String(text) => {
            for character in text.chars().filter(|character| !fonts.covers(*character)) {
                missing.push(MissingGlyph { field: field.clone(), text: text.clone(), character });
            }
        }
        Value::Array(values) => values.iter().enumerate().for_each(|(at, value)| below(&at.to_string(), value)),
        Value::Object(fields) => fields.iter().for_each(|(key, value)| below(key, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Writes every character that no font has as its code point: `⟨U+1F600⟩`.
pub(super) fn spell_out_missing(data: &mut Value, fonts: &Fonts) {
    match data {
        Value::String(text) if !text.chars().all(|character| fonts.covers(character)) => {
            let spelt = text.chars().fold(String::new(), |mut spelt, character| {
                if fonts.covers(character) {
                    spelt.push(character);
                } else {
                    spelt.push_str(&format!("⟨U+{:04X}⟩", u32::from(character)));
                }
                spelt
            });
            *text = spelt;
        }
        Value::Array(values) => values.iter_mut().for_each(|value| spell_out_missing(value, fonts)),
        Value::Object(fields) => fields.values_mut().for_each(|value| spell_out_missing(value, fonts)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
