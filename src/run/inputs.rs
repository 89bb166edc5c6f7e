//! Datasets from disk: each file is read once per run, however many pipelines and periods ask for it.
//!
//! [`Files::read_ahead`] reads what a plan asks for with all threads, a file each: of a store's dataset the
//! months in their order, so that a month which is read itself tells the next what is usual and is not opened
//! again for that. What nobody asks for in the end stays out of the findings.
//!
//! Rows live once: a file's columns that nobody reads go as soon as its rows are accepted, and the rows of all stores
//! and months are put below each other in one piece, of which a dataset without its earlier months is the beginning.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::PlSmallStr;

use super::before::Results;
use super::evaluate::{DatasetFrame, Datasets};
use super::watch::{Watch, Work};
use crate::diag::data::{Exception, InputFile, QuarantinedRow, RowFate};
use crate::plan::{Pipeline, Plan};
use crate::source::{self, Contract, Of, PeriodSummary, Read};
use crate::step::Months;
use crate::world::period::Period;
use crate::world::{Result, World, heap};

/// Months before the period whose files tell what is usual.
const USUAL_MONTHS: usize = 3;
/// Bytes from which on a dataset leaves memory behind that is worth giving back.
const LARGE: usize = 64 << 20;
/// What follows the name of a dataset that is read with its earlier months.
const HISTORY: &str = ".history";

/// The files of a data folder.
pub struct Files<'a> {
    plan: &'a Plan,
    world: &'a dyn World,
    data: &'a Path,
    results: Results<'a>,
    /// What was read; the rows themselves stay only while another period may ask for them.
    reads: BTreeMap<Key, Read>,
    /// Files whose rows were given away: whoever asks again has them read again.
    taken: BTreeSet<Key>,
    /// Names under which datasets are asked for, by the period that asks.
    asked: BTreeMap<Period, BTreeSet<String>>,
    /// Rows put together, by dataset and period.
    stacked: BTreeMap<(String, Period), Stacked>,
    summaries: BTreeMap<Key, Option<PeriodSummary>>,
    /// Read ahead and not asked for yet.
    ahead: BTreeMap<Key, Read>,
    /// Whether columns that nobody reads stay.
    whole: bool,
}

/// Dataset, store and month.
type Key = (String, String, Period);

/// A dataset of all stores, with earlier months where a period asks for them.
struct Stacked {
    all: DatasetFrame,
    /// Whether earlier months are among the rows.
    wide: bool,
    /// Names under which the rows were handed out.
    given: BTreeSet<String>,
}

impl<'a> Files<'a> {
    /// Nothing read yet.
    pub fn new(plan: &'a Plan, world: &'a dyn World, data: &'a Path) -> Self {
        Self {
            plan,
            world,
            data,
            results: Results { out: None, carries_from: plan.carries_from },
            reads: BTreeMap::new(),
            taken: BTreeSet::new(),
            asked: BTreeMap::new(),
            stacked: BTreeMap::new(),
            summaries: BTreeMap::new(),
            ahead: BTreeMap::new(),
            whole: false,
        }
    }

    /// Looks for the runs of earlier months in a folder of results.
    #[must_use]
    pub fn after(mut self, out: Option<&'a Path>) -> Self {
        self.results.out = out;
        self
    }

    /// Keeps all columns of the contracts.
    #[must_use]
    pub(super) fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// What a period asked for is not needed any more.
    pub fn forget(&mut self, period: Period) {
        self.asked.remove(&period);
        self.stacked.retain(|(_, own), _| *own != period);
    }

    /// Reads what the pipelines ask for in a period, and reports for the month before.
    ///
    /// Trouble with the environment is left to whoever asks for the file: it is tried again then.
    pub fn read_ahead(&mut self, period: Period, watch: Option<&dyn Watch>) {
        let mut months: BTreeMap<&str, BTreeSet<Period>> = BTreeMap::new();
        let all: Vec<&Pipeline> = self.plan.pipelines.iter().collect();
        for (pipelines, first) in [(all, period), (self.plan.publishing(), period.previous())] {
            for name in self.plan.datasets_of(&pipelines) {
                self.asked.entry(first).or_default().insert(name.to_owned());
                let dataset = name.strip_suffix(HISTORY).unwrap_or(name);
                let mut month = first;
                for _ in 0..=self.window(name) {
                    months.entry(dataset).or_default().insert(month);
                    month = month.previous();
                }
            }
        }
        let Self { plan, world, data, .. } = *self;
        let stores = &plan.stores;
        let jobs = months.iter().flat_map(|(dataset, months)| {
            let contract = plan.contracts.get(*dataset).filter(|contract| contract.of == Of::Exports);
            contract.into_iter().flat_map(move |contract| {
                stores.iter().map(move |store| {
                    let (store_id, dataset) = (store.store_id.as_str(), *dataset);
                    (Ahead { plan, dataset, contract, store_id, world, data }, months)
                })
            })
        });
        let jobs: Vec<(Ahead<'_>, &BTreeSet<Period>, u64)> = jobs
            .map(|(ahead, months)| {
                let bytes = watch.map_or(0, |_| ahead.bytes(months));
                (ahead, months, bytes)
            })
            .collect();
        if let Some(watch) = watch {
            watch.begins(Work::Bytes, jobs.iter().map(|(.., bytes)| bytes).sum());
        }
        let jobs = Mutex::new(jobs.into_iter());
        let done = Mutex::new(Vec::new());
        let work = || {
            loop {
                let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((ahead, months, bytes)) = job else { return };
                let read = ahead.read(months);
                if let Some(watch) = watch {
                    watch.done(bytes);
                }
                done.lock().unwrap_or_else(PoisonError::into_inner).push((ahead.dataset, ahead.store_id, read));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..rayon::current_num_threads() {
                scope.spawn(work);
            }
            work();
        });
        for (dataset, store_id, (reads, summaries)) in done.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let key = |month: Period| (dataset.to_owned(), store_id.to_owned(), month);
            self.ahead.extend(reads.into_iter().map(|(month, read)| (key(month), read)));
            self.summaries.extend(summaries.into_iter().map(|(month, summary)| (key(month), summary)));
        }
    }

    /// How many earlier months a dataset has under the name that a step writes.
    fn window(&self, name: &str) -> usize {
        let dataset = name.strip_suffix(HISTORY);
        dataset.and_then(|dataset| self.plan.contracts.get(dataset)).map_or(0, |contract| contract.window)
    }

    /// Reads a file unless that has been done; `None` where there is no such dataset.
    pub(super) fn read(&mut self, dataset: &str, store_id: &str, period: Period) -> Result<Option<&mut Read>> {
        let Some(contract) = self.plan.contracts.get(dataset) else { return Ok(None) };
        let key = (dataset.to_owned(), store_id.to_owned(), period);
        if self.reads.contains_key(&key) && !self.taken.remove(&key) {
            return Ok(self.reads.get_mut(&key));
        }
        if let Some(read) = self.ahead.remove(&key) {
            return Ok(Some(self.reads.entry(key).or_insert(read)));
        }
        if contract.of == Of::RunBefore {
            let read = self.results.read(contract, store_id, period, self.world)?;
            let read = if self.whole { read } else { narrow(self.plan, contract, read) };
            return Ok(Some(self.reads.entry(key).or_insert(read)));
        }
        let mut earlier = Vec::new();
        let mut month = period;
        for _ in 0..USUAL_MONTHS {
            month = month.previous();
            earlier.extend(self.summary(dataset, store_id, month)?);
        }
        let read = source::read(contract, store_id, period, self.data, self.world, &earlier)?;
        self.summaries.insert(key.clone(), read.summary.clone());
        let read = if self.whole { read } else { narrow(self.plan, contract, read) };
        Ok(Some(self.reads.entry(key).insert_entry(read).into_mut()))
    }

    /// Whether another period than the one that asks may ask for a month of a dataset.
    fn needed_again(&self, dataset: &str, month: Period, asking: Period) -> bool {
        let others = self.asked.iter().filter(|(period, _)| **period != asking);
        others.into_iter().any(|(period, names)| {
            let wide = names.contains(&format!("{dataset}{HISTORY}"));
            let reach = if wide { self.window(&format!("{dataset}{HISTORY}")) } else { 0 };
            let months = std::iter::successors(Some(*period), |month| Some(month.previous())).take(reach + 1);
            (wide || names.contains(dataset)) && months.into_iter().any(|asked| asked == month)
        })
    }

    /// Puts a dataset's stores and months below each other, the period itself first.
    fn stack(&mut self, dataset: &str, period: Period, wide: bool) -> Result<DatasetFrame> {
        let stores: Vec<String> = self.plan.stores.iter().map(|store| store.store_id.clone()).collect();
        let window = if wide { self.window(&format!("{dataset}{HISTORY}")) } else { 0 };
        let mut parts = Vec::new();
        let mut current = 0;
        let mut months = Months::new();
        let mut absent = BTreeSet::new();
        let mut month = period;
        for back in 0..=window {
            let stays = self.needed_again(dataset, month, period) || !self.asked.contains_key(&period);
            for store in &stores {
                let Some(read) = self.read(dataset, store, month)? else { continue };
                if read.present {
                    months.insert((store.clone(), month.to_string()));
                }
                let is_absent = read.is_absent();
                let (frame, places) = if stays {
                    (read.frame.clone(), read.places.clone())
                } else {
                    (std::mem::take(&mut read.frame), std::mem::take(&mut read.places))
                };
                if !stays {
                    self.taken.insert((dataset.to_owned(), store.clone(), month));
                }
                if back == 0 {
                    current += frame.height();
                    absent.extend(is_absent.then(|| store.clone()));
                }
                parts.push(Read { frame, places, ..Read::default() });
            }
            month = month.previous();
        }
        let Read { mut frame, places, .. } = source::stack(parts);
        frame.rechunk_mut_par();
        if frame.estimated_size() > LARGE {
            heap::give_back();
        }
        Ok(DatasetFrame { frame, places: Arc::new(places), current, months: Some(months), absent })
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
            let Some(contract) = self.plan.contracts.get(dataset.as_str()) else { continue };
            if contract.of == Of::RunBefore {
                if !self.results.complete(period, self.world)? {
                    return Ok(false);
                }
                continue;
            }
            if !contract.required || !contract.months.holds(period) {
                continue;
            }
            for store in self.plan.stores.iter().filter(|store| contract.is_of(&store.store_id)) {
                if self.summary(dataset, &store.store_id, period)?.is_none() {
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
    plan: &'a Plan,
    dataset: &'a str,
    contract: &'a Contract,
    store_id: &'a str,
    world: &'a dyn World,
    data: &'a Path,
}

impl Ahead<'_> {
    /// How much there is to read.
    fn bytes(&self, months: &BTreeSet<Period>) -> u64 {
        let of = |month: &Period| source::bytes(self.contract, self.store_id, *month, self.data, self.world);
        months.iter().map(of).sum()
    }

    /// Reads months in their order, and of the months before each what is usual.
    fn read(&self, months: &BTreeSet<Period>) -> (Vec<(Period, Read)>, BTreeMap<Period, Option<PeriodSummary>>) {
        let Self { plan, contract, store_id, world, data, .. } = *self;
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
                reads.push((period, narrow(plan, contract, read)));
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
        let asks_wide = dataset != name;
        let history = format!("{dataset}{HISTORY}");
        let wide = asks_wide || self.asked.get(&period).is_some_and(|names| names.contains(&history));
        let key = (dataset.to_owned(), period);
        if !self.stacked.get(&key).is_some_and(|stacked| stacked.wide || !asks_wide) {
            let all = self.stack(dataset, period, wide)?;
            self.stacked.insert(key.clone(), Stacked { all, wide, given: BTreeSet::new() });
        }
        let Some(stacked) = self.stacked.get_mut(&key) else { return Ok(DatasetFrame::default()) };
        stacked.given.insert(name.to_owned());
        let all = &stacked.all;
        let own = period.to_string();
        let given = if asks_wide {
            all.clone()
        } else {
            let months = all.months.iter().flatten().filter(|(_, month)| *month == own);
            DatasetFrame {
                frame: all.frame.slice(0, all.current),
                places: Arc::clone(&all.places),
                current: all.current,
                months: Some(months.cloned().collect()),
                absent: all.absent.clone(),
            }
        };
        // Whoever reads a frame keeps it as long as it is needed.
        let names = [dataset, &history];
        let asked = self.asked.get(&period);
        let waits = |name: &&str| asked.is_none_or(|asked| asked.contains(*name)) && !stacked.given.contains(*name);
        if !names.iter().any(waits) {
            self.stacked.remove(&key);
        }
        Ok(given)
    }
}

/// What was read without the columns that nobody asks for.
fn narrow(plan: &Plan, contract: &Contract, mut read: Read) -> Read {
    let kept = plan.kept.of(&contract.name, contract.schema());
    // A frame that lacks a column stays as it is: whoever asks for the column says so.
    if let Ok(frame) = read.frame.select(kept.names().map(PlSmallStr::from_str)) {
        read.frame = frame;
    }
    read
}
