//! Datasets from disk: each file is read once per run, however many pipelines and periods ask for it.
//!
//! [`Files::read_ahead`] reads what a plan asks for with all threads, a file each: of a store's dataset the
//! months in their order, so that a month which is read itself tells the next what is usual and is not opened
//! again for that. What nobody asks for in the end stays out of the findings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::DataFrame;

use super::evaluate::{DatasetFrame, Datasets};
use crate::diag::data::{Exception, InputFile, QuarantinedRow, RowFate};
use crate::plan::{Pipeline, Plan};
use crate::source::{self, Contract, PeriodSummary, Read};
use crate::step::Months;
use crate::world::period::Period;
use crate::world::{Result, World};

/// Months before the period whose files tell what is usual.
const USUAL_MONTHS: usize = 3;
/// What follows the name of a dataset that is read with its earlier months.
const HISTORY: &str = ".history";

/// The files of a data folder.
pub struct Files<'a> {
    plan: &'a Plan,
    world: &'a dyn World,
    data: &'a Path,
    reads: BTreeMap<Key, Arc<Read>>,
    summaries: BTreeMap<Key, Option<PeriodSummary>>,
    /// Read ahead and not asked for yet.
    ahead: BTreeMap<Key, Read>,
}

/// Dataset, store and month.
type Key = (String, String, Period);

impl<'a> Files<'a> {
    /// Nothing read yet.
    pub fn new(plan: &'a Plan, world: &'a dyn World, data: &'a Path) -> Self {
        Self { plan, world, data, reads: BTreeMap::new(), summaries: BTreeMap::new(), ahead: BTreeMap::new() }
    }

    /// Reads what the pipelines ask for in a period, and reports for the month before.
    ///
    /// Trouble with the environment is left to whoever asks for the file: it is tried again then.
    pub fn read_ahead(&mut self, period: Period) {
        let mut months: BTreeMap<&str, BTreeSet<Period>> = BTreeMap::new();
        let all: Vec<&Pipeline> = self.plan.pipelines.iter().collect();
        for (pipelines, first) in [(all, period), (self.plan.publishing(), period.previous())] {
            for name in self.plan.datasets_of(&pipelines) {
                let dataset = name.strip_suffix(HISTORY).unwrap_or(name);
                let mut month = first;
                for _ in 0..=self.window(name) {
                    months.entry(dataset).or_default().insert(month);
                    month = month.previous();
                }
            }
        }
        let stores = &self.plan.stores;
        let jobs =
            months.iter().flat_map(|(dataset, months)| stores.iter().map(move |store| (*dataset, store, months)));
        let jobs = Mutex::new(jobs);
        let done = Mutex::new(Vec::new());
        let work = || {
            loop {
                let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((dataset, store, months)) = job else { return };
                let Some(contract) = self.plan.contracts.get(dataset) else { continue };
                let read =
                    Ahead { contract, store_id: &store.store_id, world: self.world, data: self.data }.read(months);
                done.lock().unwrap_or_else(PoisonError::into_inner).push((dataset, store, read));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..rayon::current_num_threads() {
                scope.spawn(work);
            }
            work();
        });
        for (dataset, store, (reads, summaries)) in done.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let key = |month: Period| (dataset.to_owned(), store.store_id.clone(), month);
            self.ahead.extend(reads.into_iter().map(|(month, read)| (key(month), read)));
            self.summaries.extend(summaries.into_iter().map(|(month, summary)| (key(month), summary)));
        }
    }

    /// How many earlier months a dataset has under the name that a step writes.
    fn window(&self, name: &str) -> usize {
        let dataset = name.strip_suffix(HISTORY);
        dataset.and_then(|dataset| self.plan.contracts.get(dataset)).map_or(0, |contract| contract.window)
    }

    fn read(&mut self, dataset: &str, store_id: &str, period: Period) -> Result<Option<Arc<Read>>> {
        let Some(contract) = self.plan.contracts.get(dataset) else { return Ok(None) };
        let key = (dataset.to_owned(), store_id.to_owned(), period);
        if let Some(read) = self.reads.get(&key) {
            return Ok(Some(Arc::clone(read)));
        }
        if let Some(read) = self.ahead.remove(&key) {
            let read = Arc::new(read);
            self.reads.insert(key, Arc::clone(&read));
            return Ok(Some(read));
        }
        let mut earlier = Vec::new();
        let mut month = period;
        for _ in 0..USUAL_MONTHS {
            month = month.previous();
            earlier.extend(self.summary(dataset, store_id, month)?);
        }
        let read = Arc::new(source::read(contract, store_id, period, self.data, self.world, &earlier)?);
        self.summaries.insert(key.clone(), read.summary.clone());
        self.reads.insert(key, Arc::clone(&read));
        Ok(Some(read))
    }

    fn summary(&mut self, dataset: &str, store_id: &str, period: Period) -> Result<Option<PeriodSummary>> {
        let key = (dataset.to_owned(), store_id.to_owned(), period);
        if let Some(known) = self.summaries.get(&key) {
            return Ok(known.clone());
        }
        let Some(contract) = self.plan.contracts.get(dataset) else { return Ok(None) };
        let summary = source::summary(contract, store_id, period, self.data, self.world)?;
        self.summaries.insert(key, summary.clone());
        Ok(summary)
    }

    /// Whether every required dataset of a period is there, in every store.
    pub fn complete(&mut self, datasets: &[String], period: Period) -> Result<bool> {
        for dataset in datasets {
            let required = self.plan.contracts.get(dataset.as_str()).is_some_and(|contract| contract.required);
            for store in &self.plan.stores {
                if required && self.summary(dataset, &store.store_id, period)?.is_none() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// What reading the files of a period brought to light.
    pub fn findings(&self, period: Period) -> ReadFindings {
        let mut found = ReadFindings::default();
        for ((dataset, _, month), read) in &self.reads {
            found.inputs.extend(read.inputs.iter().cloned());
            if *month == period {
                found.fates.extend(read.fates.iter().cloned());
                found.quarantine.extend(read.quarantine.iter().cloned());
                let said = read.exceptions.iter().cloned().map(|exception| (dataset.clone(), exception));
                found.exceptions.extend(said);
            }
        }
        found.inputs.sort();
        found.inputs.dedup();
        found
    }
}

/// One store's dataset on its way from disk.
struct Ahead<'a> {
    contract: &'a Contract,
    store_id: &'a str,
    world: &'a dyn World,
    data: &'a Path,
}

impl Ahead<'_> {
    /// Reads months in their order, and of the months before each what is usual.
    fn read(&self, months: &BTreeSet<Period>) -> (Vec<(Period, Read)>, BTreeMap<Period, Option<PeriodSummary>>) {
        let Self { contract, store_id, world, data } = *self;
        let mut reads = Vec::new();
        let mut summaries: BTreeMap<Period, Option<PeriodSummary>> = BTreeMap::new();
        for &period in months {
            let mut earlier = Vec::new();
            let mut month = period;
            let mut whole = true;
            for _ in 0..USUAL_MONTHS {
                month = month.previous();
                let known = match summaries.get(&month) {
                    Some(known) => known.clone(),
                    None => match source::summary(contract, store_id, month, data, world) {
                        Ok(summary) => {
                            summaries.insert(month, summary.clone());
                            summary
                        }
                        Err(_) => {
                            whole = false;
                            None
                        }
                    },
                };
                earlier.extend(known);
            }
            if let (true, Ok(read)) = (whole, source::read(contract, store_id, period, data, world, &earlier)) {
                summaries.insert(period, read.summary.clone());
                reads.push((period, read));
            }
        }
        (reads, summaries)
    }
}

/// What reading brought to light.
#[derive(Clone, Debug, Default)]
pub struct ReadFindings {
    /// Fates decided while reading.
    pub fates: Vec<RowFate>,
    /// Rows that broke their contract.
    pub quarantine: Vec<QuarantinedRow>,
    /// What a person must know of, with the dataset that brought it up.
    pub exceptions: Vec<(String, Exception)>,
    /// Files read, of every period.
    pub inputs: Vec<InputFile>,
}

impl Datasets for Files<'_> {
    fn dataset(&mut self, name: &str, period: Period) -> Result<DatasetFrame> {
        let dataset = name.strip_suffix(HISTORY).unwrap_or(name);
        let window = self.window(name);
        let stores: Vec<String> = self.plan.stores.iter().map(|store| store.store_id.clone()).collect();
        let mut parts = Vec::new();
        let mut current = 0;
        let mut months = Months::new();
        let mut month = period;
        for back in 0..=window {
            for store in &stores {
                let Some(read) = self.read(dataset, store, month)? else { continue };
                if back == 0 {
                    current += read.frame.height();
                }
                if read.present {
                    months.insert((store.clone(), month.to_string()));
                }
                parts.push((*read).clone());
            }
            month = month.previous();
        }
        let stacked = source::stack(parts);
        let frame: DataFrame = stacked.frame;
        Ok(DatasetFrame { frame, places: Arc::new(stacked.places), current, months: Some(months) })
    }
}
