//! What a case must give: everything that is read on the way to what it asks for.

use std::collections::BTreeSet;

use super::given::{Given, resolve};
use super::{Asked, Case, NOT_GIVEN, UNKNOWN_GIVEN};
use crate::diag::{Finding, Findings, nearest};
use crate::expr::types::Name;
use crate::plan::Pipeline;
use crate::plan::places::{Faults, key};
use crate::step::ColumnOrigin;

/// Names in `expect` that are no steps.
const WORDS: [&str; 4] = ["pay", "settle", "carried", "exceptions"];

/// What a case asks for: pay lines unless it expects rows of steps only.
pub(super) fn asked(case: &Case<'_>, findings: &mut Findings) -> Asked {
    let mut faults = case.faults(findings);
    let mut steps = Vec::new();
    for name in case.spec.expect.keys().filter(|name| !WORDS.contains(name)) {
        if resolve(case.plan, case.pipeline, name).is_some() {
            steps.push(name.to_owned());
        } else {
            let known = case.pipeline.steps.iter().map(|step| &*step.name).chain(WORDS);
            let mut finding = Finding::error(UNKNOWN_GIVEN, format!("there is no step `{name}` to expect rows of"));
            finding.hints.extend(nearest(name, known).map(|near| format!("did you mean `{near}`?")));
            faults.at_key(&[key("expect"), key(name)], finding);
        }
    }
    let carried = case.spec.expect.get("carried").is_some();
    let pay = !case.pipeline.lines().is_empty()
        && ((steps.is_empty() && !carried) || case.spec.expect.get(case.pipeline.lines_key()).is_some());
    Asked { pay, carried, steps }
}

/// Finds datasets and columns that are read and not given.
pub(super) fn check(case: &Case<'_>, given: &Given, asked: &Asked, faults: &mut Faults<'_>) {
    let mut walk = Walk { case, given, seen: BTreeSet::new(), missing: BTreeSet::new() };
    for step in &asked.steps {
        walk.frame(case.pipeline, step);
    }
    if asked.pay {
        walk.pay(case.pipeline);
    }
    for carry in case.pipeline.carry.iter().filter(|_| asked.carried) {
        walk.frame(case.pipeline, &carry.from);
        let own = [Name::from("store_id"), carry.owner.clone()];
        for column in carry.value.columns().into_iter().chain(own) {
            walk.column(case.pipeline, &carry.from, &column);
        }
    }
    for (frame, column) in walk.missing {
        let message = match column {
            Some(column) => format!("column `{column}` of `{frame}` is read, but not every given row has it"),
            None => format!("`{frame}` is read, but not given"),
        };
        let finding = Finding::error(NOT_GIVEN, message);
        faults.at_key(
            &[key("given")],
            finding.hint("give it, put it into `defaults`, or give a later step; empty is `[]`"),
        );
    }
}

struct Walk<'a, 'b> {
    case: &'b Case<'a>,
    given: &'b Given,
    seen: BTreeSet<(String, String)>,
    missing: BTreeSet<(String, Option<String>)>,
}

impl Walk<'_, '_> {
    /// The lines of a pipeline are read.
    fn pay(&mut self, pipeline: &Pipeline) {
        for line in pipeline.lines() {
            self.frame(pipeline, &line.from);
            for column in line.columns_read() {
                self.column(pipeline, &line.from, &column);
            }
        }
    }

    /// A frame is read: whatever its step reads is needed.
    fn frame(&mut self, pipeline: &Pipeline, written: &str) {
        let full = pipeline.full_name(written);
        if self.given.frames.contains_key(&full) || !self.seen.insert((full.clone(), String::new())) {
            return;
        }
        if let Some(step) = pipeline.step(written) {
            for (input, columns) in step.step.columns_read() {
                self.frame(pipeline, &input);
                for column in columns {
                    self.column(pipeline, &input, &column);
                }
            }
            return;
        }
        let dataset = written.strip_suffix(".history").unwrap_or(written);
        if written == "spine" {
            let roster = self.case.plan.roster.to_string();
            if !self.given.frames.contains_key(&roster) {
                self.missing.insert(("spine".to_owned(), None));
            }
            for column in ["store_id", "employee_id", "name", "role", "valid_from", "valid_to"] {
                self.given_column(&roster, column);
            }
        } else if self.case.plan.contracts.contains_key(dataset) {
            if !self.given.frames.contains_key(dataset) {
                self.missing.insert((dataset.to_owned(), None));
            }
        } else if crate::plan::run_schema(written, self.case.plan.language()).is_some() {
            // What all plans pay, and whom, is given: a case of net pay does not compute every plan.
            self.missing.insert((written.to_owned(), None));
        } else if let Some(paying) = self.case.plan.paying(written) {
            self.pay(paying);
        } else if let Some((other, step)) = written.split_once('.')
            && let Some(other) = self.case.plan.pipeline(other)
        {
            self.frame(other, step);
        }
    }

    /// A column of a frame is read: it is followed to where it is given.
    fn column(&mut self, pipeline: &Pipeline, written: &str, column: &str) {
        let full = pipeline.full_name(written);
        if !self.seen.insert((full.clone(), column.to_owned())) {
            return;
        }
        if self.given.frames.contains_key(&full) {
            self.given_column(&full, column);
            return;
        }
        if let Some(step) = pipeline.step(written) {
            match step.step.origins.get(column) {
                Some(ColumnOrigin::Carried { frame, column }) => self.column(pipeline, frame, column),
                Some(ColumnOrigin::United { frames, column }) => {
                    for frame in frames {
                        self.column(pipeline, frame, column);
                    }
                }
                _ => {}
            }
        } else if written == "spine" {
            let roster = self.case.plan.roster.to_string();
            if !["days", "period_days"].contains(&column) {
                self.given_column(&roster, column);
            }
        } else if let Some(dataset) = written.strip_suffix(".history") {
            self.given_column(dataset, column);
        } else if let Some((other, step)) = written.split_once('.')
            && let Some(other) = self.case.plan.pipeline(other)
        {
            self.column(other, step, column);
        }
    }

    fn given_column(&mut self, full: &str, column: &str) {
        if self.given.frames.get(full).is_some_and(|frame| frame.unset.contains(column)) {
            self.missing.insert((full.to_owned(), Some(column.to_owned())));
        }
    }
}
