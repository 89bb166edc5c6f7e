//! The frames of one evaluation: datasets, spines and steps by their full names, with what is needed to
//! walk from a row back to the rows of files it was made from.
//!
//! A full name is `pipeline.step`, `pipeline.spine`, `pipeline.pay`, `dataset` or `dataset.history`. Frames of this store
//! keep the `@` columns that their own step made; whoever reads a frame under a name gets it with the
//! column `@name` on top (see [`Store::view`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use polars::prelude::*;

use super::cells::{Cell, cell};
use crate::expr::types::{Name, Schema};
use crate::plan::Pipeline;
use crate::source::RowPlaces;
use crate::step::Months;

/// A frame of an evaluation.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Columns of the schema, then `@` columns.
    pub frame: DataFrame,
    /// Columns with types.
    pub schema: Schema,
    /// Where the frame comes from.
    pub source: Source,
}

/// Where a frame comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Rows of files.
    Dataset {
        /// Dataset.
        name: Name,
        /// Places of the rows.
        places: Arc<RowPlaces>,
        /// How many of the rows, from the first, belong to the period itself; the others are history.
        current: usize,
        /// The months of each store that have an accepted file; `None` where only the rows tell.
        months: Option<Arc<Months>>,
        /// Stores that have no file and need none.
        absent: Arc<BTreeSet<String>>,
    },
    /// People of a pipeline.
    Spine,
    /// Made by a step; an aggregate with the rows of its groups.
    Step {
        /// Rows of the aggregated frame by row of this one.
        groups: Option<Arc<Groups>>,
    },
    /// The lines that a pipeline pays.
    Paid,
    /// Given by a rule test.
    Given,
}

/// Which rows of a frame went into which row of another.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// Where the rows of each group begin in `rows`; one more than groups.
    starts: Numbers,
    /// Rows, by group.
    rows: Numbers,
    groups: u32,
}

/// Row numbers. Exports stand in the order of their documents, so that most lists say nothing but 0, 1, 2, …
#[derive(Clone, Debug, Default)]
enum Numbers {
    /// Each is its own place.
    #[default]
    Counting,
    /// As listed.
    Listed(Vec<u32>),
}

impl Numbers {
    fn new(numbers: Vec<u32>) -> Self {
        if (0..).zip(&numbers).all(|(at, number)| at == *number) { Self::Counting } else { Self::Listed(numbers) }
    }

    fn get(&self, at: u32) -> u32 {
        match self {
            Self::Counting => at,
            Self::Listed(numbers) => numbers.get(at as usize).copied().unwrap_or(u32::MAX),
        }
    }
}

impl Groups {
    /// From the pairs `@self`, `@<from>` of an aggregate with so many rows; they are sorted by `@self`.
    pub fn new(members: &DataFrame, from: &str, len: usize) -> PolarsResult<Self> {
        let own = members.column("@self")?.u32()?;
        let rows = members.column(&format!("@{from}"))?.u32()?;
        if own.has_nulls() || rows.has_nulls() {
            return Err(polars_err!(ComputeError: "a row of a group is absent"));
        }
        let mut starts = vec![0_u32; len + 1];
        let mut before = 0;
        for group in own.downcast_iter().flat_map(|piece| piece.values_iter().copied()) {
            if group < before {
                return Err(polars_err!(ComputeError: "the rows of groups are not sorted"));
            }
            before = group;
            if let Some(count) = starts.get_mut(group as usize + 1) {
                *count += 1;
            }
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut all = Vec::with_capacity(rows.len());
        rows.downcast_iter().for_each(|piece| all.extend_from_slice(piece.values()));
        let groups = u32::try_from(len).map_err(|_| polars_err!(ComputeError: "more than 2^32 groups"))?;
        Ok(Self { starts: Numbers::new(starts), rows: Numbers::new(all), groups })
    }

    /// Rows of one group.
    pub fn of(&self, group: u32) -> impl Iterator<Item = u32> {
        let range = if group < self.groups { self.starts.get(group)..self.starts.get(group + 1) } else { 0..0 };
        range.map(|at| self.rows.get(at))
    }

    /// Each group with its rows.
    pub fn iter(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = u32>)> {
        (0..self.groups).map(|group| (group, self.of(group)))
    }
}

impl Stored {
    /// The value of a column in a row.
    pub fn cell(&self, row: u32, column: &str) -> Cell {
        let Some(field) = self.schema.get(column) else { return Cell::Absent };
        cell(&self.frame, row, column, field.ty.kind)
    }

    /// Store and employee of a row, where it names them.
    pub fn whom(&self, row: u32) -> (Option<String>, Option<String>) {
        let text = |column| Some(self.cell(row, column).canonical()).filter(|text| !text.is_empty());
        (text("store_id"), text("employee_id"))
    }

    /// The row of an input frame, by the name under which the step read it, that a row was made from.
    pub fn input_row(&self, row: u32, input: &str) -> Option<u32> {
        self.input_rows(input)?.get(row as usize)
    }

    /// The rows of an input frame, by the name under which the step read it, that all rows were made from.
    pub fn input_rows(&self, input: &str) -> Option<&UInt32Chunked> {
        self.frame.column(&format!("@{input}")).ok()?.u32().ok()
    }
}

/// All frames of an evaluation.
#[derive(Clone, Debug, Default)]
pub struct Store {
    frames: BTreeMap<String, Stored>,
}

impl Store {
    /// A frame by its full name.
    pub fn get(&self, full: &str) -> Option<&Stored> {
        self.frames.get(full)
    }

    /// Keeps a frame.
    pub fn put(&mut self, full: String, stored: Stored) {
        self.frames.insert(full, stored);
    }

    /// Gives up the columns of a frame that are not listed; `@` columns stay.
    pub fn shrink(&mut self, full: &str, schema: Schema) {
        let Some(stored) = self.frames.get_mut(full).filter(|stored| schema.fields.len() < stored.schema.fields.len())
        else {
            return;
        };
        let numbers = stored.frame.get_column_names().into_iter().filter(|name| name.starts_with('@')).cloned();
        let wanted: Vec<PlSmallStr> = schema.names().map(PlSmallStr::from_str).chain(numbers).collect();
        if let Ok(frame) = stored.frame.select(wanted) {
            stored.frame = frame;
            stored.schema = schema;
        }
    }

    /// Whether a frame is there.
    pub fn has(&self, full: &str) -> bool {
        self.frames.contains_key(full)
    }

    /// Full names and frames.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Stored)> {
        self.frames.iter()
    }

    /// A frame as a step of `pipeline` reads it under the name `written`: some or all of its columns, and `@written`,
    /// which numbers its rows. How its own rows were made is its own affair: who asks walks from frame to frame.
    pub fn view(
        &self,
        pipeline: &Pipeline,
        written: &str,
        columns: Option<&BTreeSet<Name>>,
    ) -> PolarsResult<Option<DataFrame>> {
        let Some(stored) = self.get(&pipeline.full_name(written)) else { return Ok(None) };
        let wanted = stored.schema.names().filter(|name| columns.is_none_or(|columns| columns.contains(*name)));
        let frame = stored.frame.select(wanted.map(PlSmallStr::from_str))?;
        Ok(Some(number(&frame, &format!("@{written}"))?))
    }
}

/// The frame with one more column that numbers its rows from 0.
pub fn number(frame: &DataFrame, name: &str) -> PolarsResult<DataFrame> {
    let height = u32::try_from(frame.height()).map_err(|_| polars_err!(ComputeError: "more than 2^32 rows"))?;
    let numbers = UInt32Chunked::from_vec(name.into(), (0..height).collect());
    let mut frame = frame.clone();
    frame.with_column(numbers.into_series().into())?;
    Ok(frame)
}
