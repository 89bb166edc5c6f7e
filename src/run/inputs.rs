//! Datasets from disk: each file is read once per run, however many pipelines and periods ask for it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use polars::prelude::DataFrame;

use super::evaluate::{DatasetFrame, Datasets};
use crate::diag::data::{Exception, InputFile, QuarantinedRow, RowFate};
use crate::plan::Plan;
use crate::source::{self, PeriodSummary, Read};
use crate::world::period::Period;
use crate::world::{Result, World};

/// Months before the period whose files tell what is usual.
const USUAL_MONTHS: usize = 3;

/// The files of a data folder.
pub struct Files<'a> {
    plan: &'a Plan,
    world: &'a dyn World,
    data: &'a Path,
    reads: BTreeMap<(String, String, Period), Arc<Read>>,
    summaries: BTreeMap<(String, String, Period), Option<PeriodSummary>>,
}

impl<'a> Files<'a> {
    /// Nothing read yet.
    pub fn new(plan: &'a Plan, world: &'a dyn World, data: &'a Path) -> Self {
        Self { plan, world, data, reads: BTreeMap::new(), summaries: BTreeMap::new() }
    }

    fn read(&mut self, dataset: &str, store_id: &str, period: Period) -> Result<Option<Arc<Read>>> {
        let Some(contract) = self.plan.contracts.get(dataset) else { return Ok(None) };
        let key = (dataset.to_owned(), store_id.to_owned(), period);
        if let Some(read) = self.reads.get(&key) {
            return Ok(Some(Arc::clone(read)));
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
        let dataset = name.strip_suffix(".history").unwrap_or(name);
        let window = match (dataset == name, self.plan.contracts.get(dataset)) {
            (false, Some(contract)) => contract.window,
            _ => 0,
        };
        let stores: Vec<String> = self.plan.stores.iter().map(|store| store.store_id.clone()).collect();
        let mut parts = Vec::new();
        let mut current = 0;
        let mut month = period;
        for back in 0..=window {
            for store in &stores {
                let Some(read) = self.read(dataset, store, month)? else { continue };
                if back == 0 {
                    current += read.frame.height();
                }
                parts.push((*read).clone());
            }
            month = month.previous();
        }
        let stacked = source::stack(parts);
        let frame: DataFrame = stacked.frame;
        Ok(DatasetFrame { frame, places: Arc::new(stacked.places), current })
    }
}
