//! Spines: the people of a pipeline in a period, made from the roster.
//!
//! Pay starts here and never from the facts, so that who sold nothing still has a row. Intervals are
//! clipped to the period, and to the days on which the plan table pays their role in their store by the
//! spine's plan; a person whose intervals overlap or leave a hole, or whom no plan pays, is an exception by name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use polars::prelude::*;

use super::cells::{Cell, cell, days};
use super::outcome::{Person, RoleInterval};
use crate::diag::Code;
use crate::diag::data::{Exception, ExceptionSeverity};
use crate::diag::text::{Text, text};
use crate::expr::types::{Kind, Schema};
use crate::plan::{Plan, PlanTable, Spine};
use crate::spec::PerSpec;
use crate::world::span::Span;

/// Two intervals of one person on the same day.
pub const ROSTER_OVERLAP: Code = Code::exception("roster-overlap", "two intervals of one person in the roster overlap");
/// A hole between two intervals of one person.
pub const ROSTER_GAP: Code =
    Code::exception("roster-gap", "the roster leaves a person without a role between two intervals");
/// A role that the project file does not list.
pub const ROSTER_ROLE: Code =
    Code::exception("roster-role", "the roster names a role that the project file does not list");
/// Days on which nobody says which plan pays a person.
pub const NO_PLAN: Code = Code::exception("no-plan", "a person holds a role that the plan table says nothing of");
/// A person who comes back to a role within a month.
pub const ROLE_INTERRUPTED: Code =
    Code::exception("role-interrupted", "a plan pays a person before and after another role in the same month");

/// A row of the roster that touches the span, clipped to it.
#[derive(Clone, Debug)]
struct Interval {
    row: u32,
    store_id: String,
    employee_id: String,
    name: String,
    role: String,
    from: Date,
    to: Date,
}

/// The roster of a month, or of any other span.
#[derive(Clone, Debug)]
pub struct Roster {
    frame: DataFrame,
    schema: Schema,
    span: Span,
    intervals: Vec<Interval>,
}

impl Roster {
    /// Reads the roster's frame: rows that touch the span, by store, person and first day.
    pub fn new(frame: &DataFrame, schema: &Schema, span: Span) -> Self {
        let (first, last) = (span.first_day(), span.last_day());
        let text = |row, column| match cell(frame, row, column, Kind::Text) {
            Cell::Text(text) => text,
            _ => String::new(),
        };
        let day = |row, column, default| match cell(frame, row, column, Kind::Date) {
            Cell::Date(date) => date,
            _ => default,
        };
        let mut intervals = Vec::new();
        for row in 0..u32::try_from(frame.height()).unwrap_or(u32::MAX) {
            let (from, to) = (day(row, "valid_from", Date::MIN), day(row, "valid_to", Date::MAX));
            if from > last || to < first {
                continue;
            }
            intervals.push(Interval {
                row,
                store_id: text(row, "store_id"),
                employee_id: text(row, "employee_id"),
                name: text(row, "name"),
                role: text(row, "role"),
                from: from.max(first),
                to: to.min(last),
            });
        }
        intervals.sort_by(|a, b| {
            (&a.store_id, &a.employee_id, a.from, a.to, a.row).cmp(&(&b.store_id, &b.employee_id, b.from, b.to, b.row))
        });
        Self { frame: frame.clone(), schema: schema.clone(), span, intervals }
    }

    /// Overlaps, holes and unknown roles, each naming the person.
    pub fn exceptions(&self, plan: &Plan) -> Vec<Exception> {
        let mut exceptions = Vec::new();
        for interval in &self.intervals {
            if !plan.roles.contains_key(&interval.role) {
                let role = &interval.role;
                let cause = text!("the roster gives the role `{role}`, which the project file does not list", role);
                exceptions.push(interval.exception(ROSTER_ROLE, cause, text!("correct the roster, or list the role")));
                continue;
            }
            let Some(table) = &plan.table else { continue };
            let open = table.open(&interval.store_id, &interval.role, (interval.from, interval.to));
            if !open.is_empty() {
                let days = open
                    .iter()
                    .map(|(from, to)| text!("from {from} to {to}", from = from.to_string(), to = to.to_string()));
                let cause = text!(
                    "no plan pays the role {role} in store {store} {days}",
                    role = plan.roles.get(&interval.role).unwrap_or(&interval.role),
                    store = &interval.store_id,
                    days = Text::Row(days.collect())
                );
                let remedy = text!(
                    "add an entry under `plans:` of the project file; `plan: none` with its reason where that is right"
                );
                exceptions.push(interval.exception(NO_PLAN, cause, remedy));
            }
        }
        exceptions.extend(self.interrupted(plan));
        for pair in self.intervals.windows(2) {
            let [a, b] = pair else { continue };
            if a.store_id != b.store_id || a.employee_id != b.employee_id {
                continue;
            }
            if b.from <= a.to {
                let label = |interval: &Interval| plan.roles.get(&interval.role).unwrap_or(&interval.role).clone();
                let cause = text!(
                    "{from} to {to} as {role} and {from2} to {to2} as {role2}",
                    from = a.from,
                    to = a.to,
                    role = label(a),
                    from2 = b.from,
                    to2 = b.to,
                    role2 = label(b)
                );
                let remedy = text!("let one interval end before the next begins");
                exceptions.push(b.exception(ROSTER_OVERLAP, cause, remedy));
            } else if a.to.tomorrow().is_ok_and(|next| next < b.from) {
                let cause = text!("no role between {from} and {to}", from = a.to, to = b.from);
                exceptions.push(b.exception(ROSTER_GAP, cause, text!("close the hole, or accept it with a reason")));
            }
        }
        exceptions
    }

    /// People whom a plan pays on days that do not follow each other, with another role in between: facts of those
    /// days would count for a spine that holds a person from the first day to the last.
    fn interrupted(&self, plan: &Plan) -> Vec<Exception> {
        let paying = plan.pipelines.iter().filter(|pipeline| !pipeline.pay.is_empty());
        let spines = paying.filter_map(|pipeline| Some((pipeline, pipeline.spine.as_ref()?)));
        let mut exceptions = Vec::new();
        for (pipeline, spine) in spines.filter(|(_, spine)| spine.per == PerSpec::Person) {
            let held = self.held(spine, plan.table.as_ref());
            for pair in held.windows(2) {
                let [a, b] = pair else { continue };
                let same = a.store_id == b.store_id && a.employee_id == b.employee_id;
                let follows = a.to >= b.from || a.to.tomorrow().is_ok_and(|next| next == b.from);
                let between = |other: &Interval| {
                    other.store_id == a.store_id
                        && other.employee_id == a.employee_id
                        && other.to > a.to
                        && other.from < b.from
                };
                if same && !follows && self.intervals.iter().any(between) {
                    let cause = text!(
                        "{plan} pays until {until} and again from {from}: what happened in between would count too",
                        plan = &pipeline.title,
                        until = a.to,
                        from = b.from
                    );
                    let remedy = text!("take one role for the whole stretch, or give the pipeline `per: interval`");
                    exceptions.push(b.exception(ROLE_INTERRUPTED, cause, remedy));
                }
            }
        }
        exceptions
    }

    /// The stretches of days that a spine holds, by store, person and first day.
    fn held(&self, spine: &Spine, table: Option<&PlanTable>) -> Vec<Interval> {
        let mut held = Vec::new();
        for interval in self.intervals.iter().filter(|interval| spine.roles.contains(&interval.role)) {
            let (Some(plan), Some(table)) = (&spine.plan, table) else {
                held.push(interval.clone());
                continue;
            };
            for (from, until) in table.paid(plan, &interval.store_id, &interval.role) {
                let (from, to) = (from.max(interval.from), until.min(interval.to));
                if from <= to {
                    held.push(Interval { from, to, ..interval.clone() });
                }
            }
        }
        held
    }

    /// Names of everybody with a row, by store and employee id; the one of the last interval.
    pub fn names(&self) -> BTreeMap<(String, String), String> {
        let named = self
            .intervals
            .iter()
            .map(|interval| ((interval.store_id.clone(), interval.employee_id.clone()), interval.name.clone()));
        named.collect()
    }

    /// Everybody whom a plan pays on some day, with all the roles they hold in the period.
    pub fn people(&self, plan: &Plan) -> Vec<Person> {
        let paying = plan.pipelines.iter().filter(|pipeline| !pipeline.pay.is_empty());
        let spines = paying.filter_map(|pipeline| pipeline.spine.as_ref());
        let paid: BTreeSet<u32> =
            spines.flat_map(|spine| self.held(spine, plan.table.as_ref())).map(|interval| interval.row).collect();
        let mut people: BTreeMap<(String, String), (bool, Person)> = BTreeMap::new();
        for interval in &self.intervals {
            let optional = |column| match cell(&self.frame, interval.row, column, Kind::Text) {
                Cell::Text(text) if !text.is_empty() => Some(text),
                _ => None,
            };
            let key = (interval.store_id.clone(), interval.employee_id.clone());
            let (covered, person) = people.entry(key).or_insert_with(|| {
                let (store_id, employee_id) = (interval.store_id.clone(), interval.employee_id.clone());
                (false, Person { store_id, employee_id, name: interval.name.clone(), intervals: Vec::new() })
            });
            *covered |= paid.contains(&interval.row);
            interval.name.clone_into(&mut person.name);
            person.intervals.push(RoleInterval {
                role: interval.role.clone(),
                role_label: plan.roles.get(&interval.role).unwrap_or(&interval.role).clone(),
                team: optional("team"),
                group: optional("group"),
                from: interval.from,
                to: interval.to,
            });
        }
        people.into_values().filter(|(covered, _)| *covered).map(|(_, person)| person).collect()
    }

    /// The frame of a spine, with `@roster`-like lineage under the roster's own name.
    pub fn spine(&self, spine: &Spine, table: Option<&PlanTable>, roster: &str) -> PolarsResult<DataFrame> {
        let mut rows: Vec<Interval> = Vec::new();
        let mut held_days: Vec<i64> = Vec::new();
        for interval in self.held(spine, table) {
            let length = i64::from(days(interval.to) - days(interval.from)) + 1;
            match rows.last_mut() {
                Some(last)
                    if spine.per == PerSpec::Person
                        && last.store_id == interval.store_id
                        && last.employee_id == interval.employee_id =>
                {
                    last.to = last.to.max(interval.to);
                    last.row = interval.row;
                    if let Some(sum) = held_days.last_mut() {
                        *sum += length;
                    }
                }
                _ => {
                    rows.push(interval);
                    held_days.push(length);
                }
            }
        }
        let index = IdxCa::from_vec(PlSmallStr::from_static("row"), rows.iter().map(|row| row.row).collect());
        let taken = self.frame.take(&index)?;
        let mut columns: Vec<Column> = Vec::new();
        for field in &self.schema.fields {
            let name = PlSmallStr::from_str(&field.name);
            let column = match &*field.name {
                "valid_from" => date_column(name, rows.iter().map(|row| row.from)),
                "valid_to" => date_column(name, rows.iter().map(|row| row.to)),
                "days" => Int64Chunked::from_vec(name, held_days.clone()).into_series().into(),
                "period_days" => {
                    let all = vec![self.span.days(); rows.len()];
                    Int64Chunked::from_vec(name, all).into_series().into()
                }
                _ => taken.column(&field.name)?.clone(),
            };
            columns.push(column);
        }
        let lineage = UInt32Chunked::from_vec(format!("@{roster}").into(), rows.iter().map(|row| row.row).collect());
        columns.push(lineage.into_series().into());
        DataFrame::new(rows.len(), columns)
    }
}

impl Interval {
    fn exception(&self, code: Code, cause: Text, remedy: Text) -> Exception {
        Exception {
            severity: ExceptionSeverity::Blocking,
            code,
            store_id: Some(self.store_id.clone()),
            employee_id: Some(self.employee_id.clone()),
            who: format!("{} ({})", self.name, self.employee_id),
            cause,
            remedy,
            stake: None,
            accepted: None,
            place: None,
        }
    }
}

/// A date column.
pub fn date_column(name: PlSmallStr, dates: impl Iterator<Item = Date>) -> Column {
    Int32Chunked::from_vec(name, dates.map(days).collect()).into_date().into_series().into()
}

/// The names of people by store and employee id, for exceptions.
pub fn names(people: &[Person]) -> BTreeMap<(Arc<str>, Arc<str>), Arc<str>> {
    people
        .iter()
        .map(|person| {
            let key = (Arc::from(person.store_id.as_str()), Arc::from(person.employee_id.as_str()));
            (key, Arc::from(person.name.as_str()))
        })
        .collect()
}
