//! Which columns of a frame anybody reads.
//!
//! A month of a million documents fits into memory because no frame holds a column for nobody: what a step reads
//! itself, hands on to a reader further down, pays, publishes or splits a pool by is kept; everything else ends where
//! it was read. The columns by which people are found stay in every frame that has them while steps read it. Behind the
//! last of these steps only that part stays which explains a paid or published figure: the values that such a figure was
//! computed from, where they were read for it and where they were made. Steps between the two only handed them on, and
//! row numbers lead through their frames.
//!
//! Whatever reads a frame from outside the steps is asked here. A step that reads a column which is not kept stops the
//! run with the column's name.

use std::collections::{BTreeMap, BTreeSet};

use super::{Pipeline, PlannedFile, PlannedStep};
use crate::expr::types::{Name, Schema};
use crate::source::{Contract, Of};
use crate::step::{ColumnOrigin, StepKind};

/// Columns that no frame gives up while steps read it: they say whom a row is about.
const WHOSE: [&str; 3] = ["store_id", "employee_id", "role"];

/// Says of a row of net pay that something is missing for it.
pub const ESTIMATED: &str = "estimated";

/// The columns that are read, by the full name of their frame.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    frames: BTreeMap<String, BTreeSet<Name>>,
    /// The columns that are looked at when all steps are done: in pay lines and their traces, carried balances, and
    /// reports.
    told: BTreeMap<String, BTreeSet<Name>>,
    /// The columns through which somebody looks at what a frame below holds.
    followed: BTreeMap<String, BTreeSet<Name>>,
    /// How many steps read a frame.
    readers: BTreeMap<String, usize>,
}

impl Kept {
    /// Follows what pipelines, each after those it reads, ask of each other and of datasets; the roster is read
    /// whole.
    pub(super) fn new(
        pipelines: &[Pipeline],
        contracts: &BTreeMap<Name, Contract>,
        roster: &Name,
        files: &[PlannedFile],
    ) -> Self {
        let mut kept = Self::default();
        for pipeline in pipelines {
            for input in pipeline.steps.iter().flat_map(|step| &step.step.inputs) {
                *kept.readers.entry(pipeline.full_name(input)).or_default() += 1;
            }
        }
        for pipeline in pipelines.iter().rev() {
            for line in pipeline.lines() {
                let whose = WHOSE.into_iter().chain([ESTIMATED]).map(Name::from);
                kept.tell(pipeline.full_name(&line.from), line.columns_read().into_iter().chain(whose));
            }
            for carry in &pipeline.carry {
                let whose = WHOSE.map(Name::from).into_iter().chain([carry.owner.clone()]);
                kept.tell(pipeline.full_name(&carry.from), carry.value.columns().into_iter().chain(whose));
            }
            for step in &pipeline.steps {
                let splits = |origin: &ColumnOrigin| matches!(origin, ColumnOrigin::Allocated { .. });
                // A score is explained by everything that its card says.
                if let StepKind::Score(score) = &step.step.kind {
                    let scored = step.step.schema.names().filter(|name| score.part(name).is_some());
                    kept.tell(pipeline.full_name(&step.name), scored.map(Name::from));
                }
                // What members of a pool got is explained by what the others got.
                if pipeline.publish.contains(&step.name) || step.step.origins.values().any(splits) {
                    kept.tell(pipeline.full_name(&step.name), step.step.schema.names().map(Name::from));
                }
            }
            for step in pipeline.steps.iter().rev() {
                kept.follow(pipeline, step);
            }
        }
        // What is left belongs to frames that no step made.
        for (full, followed) in std::mem::take(&mut kept.followed) {
            kept.tell(full, followed.into_iter());
        }
        for (full, told) in &kept.told {
            kept.frames.entry(full.clone()).or_default().extend(told.iter().cloned());
        }
        for (name, contract) in contracts {
            let controlled = contract.control.and_then(|index| contract.columns.get(index));
            let dated = contract.in_period.and_then(|index| contract.columns.get(index));
            // Who said something is told wherever a figure goes back to it.
            let said_by = contract.said_by.and_then(|index| contract.columns.get(index));
            let always = controlled.into_iter().chain(dated).chain(said_by).map(|column| column.name.clone());
            // Balances of the month before are held against those who take them over when all steps are done.
            let is_handed_over = contract.of == Of::RunBefore;
            if is_handed_over {
                kept.tell(name.to_string(), contract.schema().names().map(Name::from));
            }
            let is_whole = name == roster || is_handed_over;
            let whole = contract.schema().names().filter(|_| is_whole).map(Name::from);
            // Files are written when all steps are done, from columns that no step may read.
            let looked_up = files.iter().flat_map(PlannedFile::looked_up).filter(|(dataset, _)| *dataset == name);
            let looked_up = looked_up.flat_map(|(_, column)| [column.clone(), Name::from("employee_id")]);
            let always = always.chain(looked_up);
            let mut read: BTreeSet<Name> = always.chain(whole).chain([Name::from("store_id")]).collect();
            for written in [name.to_string(), format!("{name}.history")] {
                // The fates of rows are counted, by store and with their control sum, when all is done.
                kept.tell(written.clone(), read.clone().into_iter());
                read.extend(kept.frames.remove(&written).unwrap_or_default());
            }
            kept.keep(name.to_string(), read.into_iter());
        }
        kept
    }

    /// Columns that are looked at in the end.
    fn tell(&mut self, full: String, columns: impl Iterator<Item = Name>) {
        self.told.entry(full).or_default().extend(columns);
    }

    fn keep(&mut self, full: String, columns: impl Iterator<Item = Name>) {
        self.frames.entry(full).or_default().extend(columns);
    }

    /// What a step needs of its inputs for what is read of its own frame.
    fn follow(&mut self, pipeline: &Pipeline, step: &PlannedStep) {
        let full = pipeline.full_name(&step.name);
        // The key of a group is the same in all its rows: nobody looks below for it.
        let folds = matches!(step.step.kind, StepKind::Aggregate(_) | StepKind::ToDate(_));
        let folded = step.step.inputs.first().filter(|_| folds);
        let followed = self.followed.remove(&full).unwrap_or_default();
        let told = self.told.get(&full).cloned().unwrap_or_default();
        let mut looked_at: Vec<Name> = told.union(&followed).cloned().collect();
        let mut at = 0;
        while let Some(column) = looked_at.get(at) {
            if let Some(expr) = step.step.origins.get(column).and_then(ColumnOrigin::within) {
                self.tell(full.clone(), expr.columns().into_iter());
                let more: Vec<Name> = expr.columns().into_iter().filter(|column| !looked_at.contains(column)).collect();
                looked_at.extend(more);
            }
            at += 1;
        }
        for column in &looked_at {
            let origin = step.step.origins.get(column);
            let (frames, columns) = origin.map(ColumnOrigin::reads).unwrap_or_default();
            let handed_on = matches!(origin, None | Some(ColumnOrigin::Carried { .. } | ColumnOrigin::United { .. }));
            if handed_on && !frames.iter().any(|frame| Some(frame) == folded) {
                for frame in frames {
                    let below = self.followed.entry(pipeline.full_name(&frame)).or_default();
                    below.extend(columns.iter().cloned());
                }
                continue;
            }
            self.tell(full.clone(), std::iter::once(column.clone()));
            if handed_on {
                continue;
            }
            for frame in frames {
                self.tell(pipeline.full_name(&frame), columns.iter().cloned());
            }
            // How a figure was made is told with all that the step looked at, the date that chose a rate too.
            for (frame, columns) in step.step.columns_read() {
                self.tell(pipeline.full_name(&frame), columns.into_iter());
            }
        }
        let told: Vec<Name> = self.told.get(&full).into_iter().flatten().cloned().collect();
        self.keep(full, told.into_iter());
        for (input, columns) in self.needed(pipeline, step) {
            self.keep(pipeline.full_name(&input), columns.into_iter());
        }
    }

    /// The columns of its inputs that a step reads or hands on, by the names under which it writes them.
    pub fn needed(&self, pipeline: &Pipeline, step: &PlannedStep) -> BTreeMap<Name, BTreeSet<Name>> {
        let mut needed = step.step.columns_read();
        for field in &self.of(&pipeline.full_name(&step.name), &step.step.schema).fields {
            let (frames, columns) = step.step.origins.get(&field.name).map(ColumnOrigin::reads).unwrap_or_default();
            for frame in frames {
                needed.entry(frame).or_default().extend(columns.iter().cloned());
            }
        }
        needed
    }

    /// The part of a frame's columns that is kept.
    pub fn of(&self, full: &str, schema: &Schema) -> Schema {
        let full = full.strip_suffix(".history").unwrap_or(full);
        let read = self.frames.get(full);
        let keeps = |name: &Name| WHOSE.contains(&&**name) || read.is_some_and(|read| read.contains(name));
        Schema { fields: schema.fields.iter().filter(|field| keeps(&field.name)).cloned().collect() }
    }

    /// How many steps read a frame.
    pub fn readers(&self, full: &str) -> usize {
        self.readers.get(full).copied().unwrap_or(0)
    }

    /// The part of a frame's columns that is looked at when no step reads it any more.
    pub fn told(&self, full: &str, schema: &Schema) -> Schema {
        let told = self.told.get(full);
        let keeps = |name: &Name| told.is_some_and(|told| told.contains(name));
        Schema { fields: schema.fields.iter().filter(|field| keeps(&field.name)).cloned().collect() }
    }
}
