//! Datasets of a span: the files of all its months, one below the other, cut to its days.
//!
//! A dataset with an `in_period` date gives the rows whose date lies in the span, whichever month's file they stand in;
//! a row that two months' files hold counts once. What describes stretches of days (`interval`) or may be the same
//! as the month before (`may_repeat`) stands whole in every month's file: there the newest file of the span is read.
//! Any other dataset counts by whole months.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::prelude::{BooleanChunked, DataFrame, DataType, NewChunkedArray, PlSmallStr, PolarsResult};

use super::cells::days;
use super::evaluate::{DatasetFrame, Datasets};
use super::inputs::Files;
use crate::diag::Code;
use crate::diag::data::{Exception, ExceptionSeverity};
use crate::diag::text::{Text, text};
use crate::expr::clock;
use crate::plan::Plan;
use crate::source::codes::FILE_MISSING;
use crate::source::{self, Contract, Of, Read, RowPlaces};
use crate::step::Months;
use crate::world::period::Period;
use crate::world::span::Span;
use crate::world::{Result, World, WorldError};

/// A month of a span of which a store has no file.
pub const SPAN_WITHOUT_MONTH: Code =
    Code::exception("span-without-month", "a month of a span has no file of a dataset that is looked at over the span");
/// A file without dates whose month lies in a span only in part.
pub const SPAN_CUTS_MONTH: Code =
    Code::exception("span-cuts-month", "a dataset without a date counts whole in a month that a span cuts");
/// A row in the files of two months.
pub const SPAN_ROW_TWICE: Code = Code::exception("span-row-twice", "a row that the files of two months of a span hold");

/// The files of a data folder over a span.
pub struct SpanFiles<'a> {
    plan: &'a Plan,
    files: Files<'a>,
    span: Span,
    /// What the files brought to light, with the dataset.
    exceptions: Vec<(String, Exception)>,
}

/// The rows of one file that count.
struct Part {
    month: Period,
    frame: DataFrame,
    places: RowPlaces,
    /// Days of the rows since 1970; none where the dataset has no date.
    days: Option<Vec<Option<i32>>>,
}

impl<'a> SpanFiles<'a> {
    /// Nothing read yet.
    pub fn new(plan: &'a Plan, world: &'a dyn World, data: &'a Path, span: Span) -> Self {
        Self { plan, files: Files::new(plan, world, data).whole(), span, exceptions: Vec::new() }
    }

    /// What the files that were asked for brought to light, each with its dataset.
    pub fn exceptions(self) -> Vec<(String, Exception)> {
        self.exceptions
    }

    /// The rows of one store that count; `present` gets the months with an accepted file.
    fn store(
        &mut self,
        contract: &Contract,
        store_id: &str,
        earlier: usize,
        present: &mut BTreeSet<Period>,
    ) -> Result<Vec<Part>> {
        let months = self.span.months();
        let mut parts = Vec::new();
        if is_standing(contract) {
            for month in months.into_iter().rev() {
                let read = self.file(contract, store_id, month)?;
                if read.present {
                    present.insert(month);
                    parts.push(Part { month, frame: read.frame, places: read.places, days: None });
                    break;
                }
            }
            return Ok(parts);
        }
        let mut before = self.span.first_day();
        if let (Some(first), true) = (months.first(), earlier > 0) {
            let window: Vec<Period> =
                std::iter::successors(Some(first.previous()), |month| Some(month.previous())).take(earlier).collect();
            for month in window {
                before = before.min(month.first_day());
                if let Some(read) = self.files.read(&contract.name, store_id, month)?.filter(|read| read.present) {
                    present.insert(month);
                    let (frame, places) = (read.frame.clone(), read.places.clone());
                    let days = days_of(contract, &frame)?;
                    parts.push(Part { month, frame, places, days });
                }
            }
            parts.reverse();
        }
        for month in months {
            let read = self.file(contract, store_id, month)?;
            if read.present {
                present.insert(month);
                if !self.span.holds(month) && contract.in_period.is_none() {
                    self.say(contract, store_id, ExceptionSeverity::Warning, cut_month(contract, month));
                }
                let days = days_of(contract, &read.frame)?;
                parts.push(Part { month, frame: read.frame, places: read.places, days });
            }
        }
        let inside = days(before)..=days(self.span.last_day());
        for part in &mut parts {
            if let Some(own) = part.days.take() {
                let keeps = |day: &Option<i32>| day.is_none_or(|day| inside.contains(&day));
                let kept: Vec<bool> = own.iter().map(keeps).collect();
                part.keep(&kept).map_err(|error| misfit(&contract.name, &error))?;
                part.days = Some(own.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(day, _)| day).collect());
            }
        }
        self.once(contract, store_id, &mut parts)?;
        Ok(parts)
    }

    /// Reads the file of a month and keeps what it brings to light.
    fn file(&mut self, contract: &Contract, store_id: &str, month: Period) -> Result<Read> {
        let Some(read) = self.files.read(&contract.name, store_id, month)? else { return Ok(Read::default()) };
        let read = read.clone();
        let mut missing = contract.is_of(store_id) && read.is_absent();
        for exception in &read.exceptions {
            if exception.code == FILE_MISSING {
                missing = true;
            } else {
                self.exceptions.push((contract.name.to_string(), exception.clone()));
            }
        }
        if missing {
            self.say(contract, store_id, ExceptionSeverity::Blocking, without_month(contract, store_id, month));
        }
        Ok(read)
    }

    fn say(&mut self, contract: &Contract, store_id: &str, severity: ExceptionSeverity, said: (Code, Text, Text)) {
        let (code, cause, remedy) = said;
        let exception = Exception {
            severity,
            code,
            store_id: Some(store_id.to_owned()),
            employee_id: None,
            who: contract.title.clone(),
            cause,
            remedy,
            stake: None,
            accepted: None,
            place: None,
        };
        self.exceptions.push((contract.name.to_string(), exception));
    }

    /// A row that stands in the file of another month than its date says may stand in both: it counts once.
    fn once(&mut self, contract: &Contract, store_id: &str, parts: &mut [Part]) -> Result<()> {
        let strays: Vec<(usize, usize)> = parts.iter().enumerate().flat_map(|(at, part)| part.strays(at)).collect();
        if strays.is_empty() {
            return Ok(());
        }
        let mut held: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        let mut keys: Vec<Vec<Vec<String>>> = Vec::new();
        for part in parts.iter() {
            let own = part.keys(contract).map_err(|error| misfit(&contract.name, &error))?;
            for key in &own {
                *held.entry(key.clone()).or_default() += 1;
            }
            keys.push(own);
        }
        let mut gone: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, row) in strays {
            let Some(count) = keys.get(at).and_then(|keys| keys.get(row)).and_then(|key| held.get_mut(key)) else {
                continue;
            };
            if *count > 1 {
                *count -= 1;
                gone.entry(at).or_default().push(row);
            }
        }
        for (at, rows) in gone {
            let Some(part) = parts.get_mut(at) else { continue };
            let months = (contract.title.as_str(), part.month, rows.len());
            self.say(contract, store_id, ExceptionSeverity::Warning, twice(months));
            let kept: Vec<bool> = (0..part.frame.height()).map(|row| !rows.contains(&row)).collect();
            part.keep(&kept).map_err(|error| misfit(&contract.name, &error))?;
        }
        Ok(())
    }
}

impl Part {
    /// Keeps some of the rows.
    fn keep(&mut self, kept: &[bool]) -> PolarsResult<()> {
        self.frame = self.frame.filter(&BooleanChunked::from_slice(PlSmallStr::EMPTY, kept))?;
        let pick = |all: &[u32]| all.iter().zip(kept).filter(|(_, kept)| **kept).map(|(value, _)| *value).collect();
        (self.places.file, self.places.row) = (pick(&self.places.file), pick(&self.places.row));
        Ok(())
    }

    /// Rows whose date lies in another month than the file, each with the number of this part.
    fn strays(&self, at: usize) -> Vec<(usize, usize)> {
        let own = days(self.month.first_day())..=days(self.month.last_day());
        let days = self.days.iter().flatten().enumerate();
        days.filter(|(_, day)| day.is_some_and(|day| !own.contains(&day))).map(|(row, _)| (at, row)).collect()
    }

    /// The keys of the rows, as text.
    fn keys(&self, contract: &Contract) -> PolarsResult<Vec<Vec<String>>> {
        let columns = contract.key_names().map(|name| self.frame.column(name)).collect::<PolarsResult<Vec<_>>>()?;
        (0..self.frame.height())
            .map(|row| columns.iter().map(|column| Ok(column.get(row)?.str_value().into_owned())).collect())
            .collect()
    }
}

impl Datasets for SpanFiles<'_> {
    fn dataset(&mut self, name: &str, _: Period) -> Result<DatasetFrame> {
        let plan = self.plan;
        let dataset = name.strip_suffix(".history").unwrap_or(name);
        let Some(contract) = plan.contracts.get(dataset) else { return Ok(DatasetFrame::default()) };
        let earlier = if dataset == name { 0 } else { contract.window };
        let mut parts = Vec::new();
        let (mut months, mut absent) = (Months::new(), BTreeSet::new());
        for store in &plan.stores {
            let mut present = BTreeSet::new();
            let store_id = store.store_id.as_str();
            let own = self.store(contract, store_id, earlier, &mut present)?;
            if present.is_empty() && contract.of == Of::Exports {
                absent.insert(store_id.to_owned());
            }
            let all = if is_standing(contract) { self.span.months() } else { present.into_iter().collect() };
            months.extend(all.into_iter().map(|month| (store_id.to_owned(), month.to_string())));
            parts.extend(own.into_iter().map(|Part { frame, places, .. }| Read { frame, places, ..Read::default() }));
        }
        if parts.is_empty() {
            parts.push(source::nothing(contract));
        }
        let Read { mut frame, places, .. } = source::stack(parts);
        frame.rechunk_mut_par();
        let current = frame.height();
        Ok(DatasetFrame { frame, places: Arc::new(places), current, months: Some(months), absent })
    }
}

/// Whether every month's file holds the whole of a dataset.
fn is_standing(contract: &Contract) -> bool {
    contract.interval.is_some() || contract.may_repeat || contract.of == Of::RunBefore
}

/// The days of the rows by the date of their contract, since 1970.
fn days_of(contract: &Contract, frame: &DataFrame) -> Result<Option<Vec<Option<i32>>>> {
    let Some(date) = contract.in_period.and_then(|index| contract.columns.get(index)) else { return Ok(None) };
    let days = || {
        let column = frame.column(&date.name)?.as_materialized_series();
        Ok(match column.dtype() {
            DataType::Datetime(..) => {
                let day = |moment: i64| i32::try_from(moment.div_euclid(clock::DAY)).ok();
                column.datetime()?.physical().iter().map(|moment| moment.and_then(day)).collect()
            }
            _ => column.date()?.physical().iter().collect(),
        })
    };
    days().map(Some).map_err(|error| misfit(&contract.name, &error))
}

/// A frame that does not lie as its contract says would be a mistake of this program.
fn misfit(dataset: &str, error: &polars::prelude::PolarsError) -> WorldError {
    let (path, source) = (PathBuf::from(dataset), io::Error::other(error.to_string()));
    WorldError { doing: "put together the rows of".to_owned(), path, source }
}

fn without_month(contract: &Contract, store_id: &str, month: Period) -> (Code, Text, Text) {
    let file = contract.path.filled(store_id, month);
    let cause = text!(
        "{month} has no file of {dataset} ({file}): the figures are those of the other months",
        month = month.to_string(),
        dataset = &contract.title,
        file
    );
    (SPAN_WITHOUT_MONTH, cause, text!("put the file there, or ask for days that have it"))
}

fn cut_month(contract: &Contract, month: Period) -> (Code, Text, Text) {
    let cause = text!(
        "{dataset} has no date to cut it by: the whole of {month} counts",
        dataset = &contract.title,
        month = month.to_string()
    );
    (SPAN_CUTS_MONTH, cause, text!("ask for whole months where that matters"))
}

fn twice((dataset, month, rows): (&str, Period, usize)) -> (Code, Text, Text) {
    let cause = text!(
        "{rows} rows of {dataset} in the file of {month} stand in the file of another month too",
        rows,
        dataset,
        month = month.to_string()
    );
    (SPAN_ROW_TWICE, cause, text!("nothing: they count once; check the export where that is news"))
}
