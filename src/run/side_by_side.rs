//! Steps side by side: those that do not need each other are computed at the same time.
//!
//! One thread leads: it alone reads datasets, hands frames out and puts results away. Steps are computed by threads of
//! their own and not by those of a pool, because a step waits for pools itself. What steps say of rows comes out in the
//! order in which one thread would have computed them, however many there were.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use super::evaluate::{Datasets, Evaluation, Made, RunError, StepSaid};
use crate::plan::{Pipeline, PlannedStep};

/// Steps, each after those it needs.
#[derive(Default)]
struct Jobs<'a> {
    jobs: Vec<Job<'a>>,
    /// The jobs behind each frame, by its full name.
    behind: BTreeMap<String, BTreeSet<usize>>,
}

/// A step to compute.
struct Job<'a> {
    pipeline: &'a Pipeline,
    step: &'a PlannedStep,
    /// Jobs that must be done before.
    needs: BTreeSet<usize>,
}

impl<'a> Jobs<'a> {
    /// Adds what makes a frame, unless it is there already; the jobs that it needs to be done itself.
    fn add(&mut self, evaluation: &Evaluation<'a>, pipeline: &'a Pipeline, written: &str) -> BTreeSet<usize> {
        let full = pipeline.full_name(written);
        if evaluation.store.has(&full) {
            return BTreeSet::new();
        }
        if let Some(known) = self.behind.get(&full) {
            return known.clone();
        }
        let behind = match evaluation.made(pipeline, written) {
            Some(Made::Step(pipeline, step)) => {
                let inputs = step.step.inputs.iter();
                let needs = inputs.flat_map(|input| self.add(evaluation, pipeline, input)).collect();
                self.jobs.push(Job { pipeline, step, needs });
                BTreeSet::from([self.jobs.len() - 1])
            }
            Some(Made::Pay(paying)) => {
                paying.pay.iter().flat_map(|line| self.add(evaluation, paying, &line.from)).collect()
            }
            Some(Made::AllPay) => {
                let lines = evaluation
                    .plan
                    .pipelines
                    .iter()
                    .flat_map(|paying| paying.pay.iter().map(move |line| (paying, line)));
                lines.flat_map(|(paying, line)| self.add(evaluation, paying, &line.from)).collect()
            }
            Some(Made::Spine(_) | Made::Dataset | Made::People) | None => BTreeSet::new(),
        };
        self.behind.insert(full, behind.clone());
        behind
    }
}

/// Tells the leading thread that a job has ended, however it ended.
struct Bell {
    job: usize,
    ended: Sender<usize>,
}

impl Drop for Bell {
    fn drop(&mut self) {
        // Who leads is there until the last job has ended.
        let _ = self.ended.send(self.job);
    }
}

impl<'a> Evaluation<'a> {
    /// Makes frames, and whatever they need, with as many threads as there are. Not to be called by a thread of a pool.
    ///
    /// # Errors
    /// When the environment fails, or a step cannot run.
    pub fn demand_all(
        &mut self,
        wanted: &[(&'a Pipeline, &'a str)],
        datasets: &mut dyn Datasets,
    ) -> Result<(), RunError> {
        let mut jobs = Jobs::default();
        for (pipeline, written) in wanted {
            jobs.add(self, pipeline, written);
        }
        if let Some((watch, work)) = self.watch {
            watch.begins(work, jobs.jobs.len() as u64);
        }
        for StepSaid { dropped, exceptions } in self.compute(&jobs.jobs, datasets)? {
            self.dropped.extend(dropped);
            self.exceptions.extend(exceptions);
        }
        // What no step makes.
        wanted.iter().try_for_each(|(pipeline, written)| self.demand(pipeline, written, datasets))
    }

    /// Does jobs, of those that can begin always the first; what their steps said, in their order.
    fn compute(&mut self, jobs: &[Job<'a>], datasets: &mut dyn Datasets) -> Result<Vec<StepSaid>, RunError> {
        let (plan, period) = (self.plan, self.period);
        let mut said: Vec<Option<StepSaid>> = jobs.iter().map(|_| None).collect();
        let mut waiting: BTreeSet<usize> = (0..jobs.len()).collect();
        let (ended, next_ended) = channel();
        thread::scope(|scope| -> Result<(), RunError> {
            let mut running = BTreeMap::new();
            loop {
                while running.len() < rayon::current_num_threads() {
                    let can_begin = |job: &&usize| jobs[**job].needs.iter().all(|needed| said[*needed].is_some());
                    let Some(&job) = waiting.iter().find(can_begin) else { break };
                    waiting.remove(&job);
                    let Job { pipeline, step, .. } = &jobs[job];
                    let task = self.task(pipeline, step, datasets)?;
                    let bell = Bell { job, ended: ended.clone() };
                    let work = move || {
                        let _bell = bell;
                        task.run(plan, period)
                    };
                    running.insert(job, scope.spawn(work));
                }
                let Some((job, thread)) = running
                    .first_key_value()
                    .and_then(|_| next_ended.recv().ok())
                    .and_then(|job| running.remove_entry(&job))
                else {
                    return Ok(());
                };
                let output = thread.join().unwrap_or_else(|panic| resume_unwind(panic));
                let Job { pipeline, step, .. } = &jobs[job];
                said[job] = Some(self.take_in(pipeline, step, output)?);
                if let Some((watch, _)) = self.watch {
                    watch.done(1);
                }
            }
        })?;
        Ok(said.into_iter().flatten().collect())
    }
}
