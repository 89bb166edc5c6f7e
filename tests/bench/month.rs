//! A month of many settlements, from exports to the advisors' pay lines, without documents.
//!
//! `cargo bench --profile dist --bench month [-- SETTLEMENTS]`: one million by default, then five times as many
//! (`--once` leaves those out; `--department` adds the figures of the department's report). The bench makes the exports itself, in stores of 100,000 settlements: the
//! orders and labour lines of the demo's ordinary month 2026-09, copied under other numbers and vehicles, as
//! GB18030 CSV with their titles and totals; the other datasets are the demo's. They lie in the target folder
//! while the bench runs and are removed at its end.
//!
//! Two processes for each size: one runs the month as `jixiao run` does, its wall time and peak memory are the
//! result; the other runs the stages one by one for the figures of each. Nothing is asserted about time.
//! (`python3 fixtures/generate --out FOLDER --stores 10 --months 1 --orders 100000` makes stores of the same
//! size with their own people and all datasets as large; `--data FOLDER` measures those, with as many stores.)
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a bench measures time, touches the disk, prints its figures and stops where it fails"
)]

mod exports;
mod measure;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jixiao::plan::{Plan, plan};
use jixiao::run::accepted::AcceptedSpec;
use jixiao::run::balance::imbalances;
use jixiao::run::evaluate::Evaluation;
use jixiao::run::inputs::Files;
use jixiao::run::{Options, by_id, compute, fates, pay};
use jixiao::spec;
use jixiao::world::period::Period;
use jixiao::world::{Disk, heap};

use measure::{figure, heading, in_a_process_of_its_own, kernel, memory, processor, row, sizes, timed};

/// Settlements of a store.
const PER_STORE: usize = 100_000;
/// The stages in their order.
const STAGES: [&str; 4] = ["reading", "steps", "pay", "fates"];

fn main() {
    // As the program does.
    heap::keep_large_pieces();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("whole") => return whole(&Measured::new(&arguments)),
        Some("stages") => return stages(&Measured::new(&arguments)),
        _ => {}
    }
    let settlements = sizes(1_000_000);
    heading("a month of orders and labour lines, from GB18030 CSV to pay lines");
    let given = arguments.iter().position(|argument| argument == "--data").and_then(|at| arguments.get(at + 1));
    let once = given.is_some() || arguments.iter().any(|argument| argument == "--once");
    let scope = if arguments.iter().any(|argument| argument == "--department") { "department" } else { "advisors" };
    let sizes = if once { vec![settlements] } else { vec![settlements, 5 * settlements] };
    let mut marks = Vec::new();
    for size in sizes {
        let made = given.is_none().then(|| exports::Exports::make(size, PER_STORE));
        let data = made.as_ref().map_or_else(|| PathBuf::from(given.expect("a folder")), |made| made.folder.clone());
        let period = if given.is_some() { "2026-10" } else { exports::PERIOD };
        let child = |what: &str| {
            let stores = size.div_ceil(PER_STORE).to_string();
            let data = data.to_string_lossy().into_owned();
            in_a_process_of_its_own(&[what.to_owned(), data, period.to_owned(), stores, scope.to_owned()])
        };
        let (whole, parts) = (child("whole"), child("stages"));
        let megabytes = figure(&whole, "megabytes");
        println!("{size} settlements: orders and labour lines of {megabytes:.0} MB");
        row("stage", &["ms", "processor ms", "MB/s", "peak MiB so far"].map(str::to_owned));
        let line = |name: &str, ms: f64, processor: f64, peak: f64| {
            let speed = megabytes / ms * 1000.0;
            row(name, &[format!("{ms:.0}"), format!("{processor:.0}"), format!("{speed:.0}"), format!("{peak:.0}")]);
        };
        for stage in STAGES {
            let of = |what: &str| figure(&parts, &format!("{stage} {what}"));
            line(stage, figure(&parts, stage), of("processor"), of("peak"));
        }
        let wall = figure(&whole, "wall");
        line("the whole month", wall, figure(&whole, "processor"), figure(&whole, "peak"));
        println!("{:.0} people, {:.0} pay lines", figure(&whole, "people"), figure(&whole, "lines"));
        let (all, kernel) = (figure(&whole, "processor"), figure(&whole, "kernel"));
        println!("of {all:.0} ms of processor time, the kernel took {kernel:.0}\n");
        marks.push([wall, all - kernel, kernel]);
    }
    if let [one, five] = marks[..] {
        let [wall, own, kernel] = [0, 1, 2].map(|at| five[at] / one[at]);
        println!("five times as many settlements take {wall:.2} times as long:");
        println!("{own:.2} times the work of the program, {kernel:.2} times that of the kernel");
    }
}

/// What a child process measures.
struct Measured {
    plan: Plan,
    data: PathBuf,
    period: Period,
}

impl Measured {
    fn new(arguments: &[String]) -> Self {
        let [_, data, period, stores, scope] = arguments else { panic!("data, period, stores and scope") };
        let stores: usize = stores.parse().expect("a number of stores");
        let loaded = spec::load(&Disk, Path::new("pipelines/month-end.yaml")).expect("the project's files");
        let mut project = loaded.project.expect("a project without findings");
        let model = project.project.value.stores[0].clone();
        project.project.value.stores = (1..=stores).map(|number| exports::store(&model, number)).collect();
        advisors_alone(&mut project, (scope == "department").then_some("department"));
        let plan = plan(&project).expect("a plan without findings");
        Self { plan, data: PathBuf::from(data), period: Period::parse(period).expect("a period") }
    }

    /// Size of the files of orders and labour lines.
    fn megabytes(&self) -> f64 {
        let mut bytes = 0;
        for store in &self.plan.stores {
            let folder = self.data.join(&store.store_id).join(self.period.to_string());
            for entry in std::fs::read_dir(folder).expect("a store's files").flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with("结算单") || name.starts_with("工时明细") {
                    bytes += entry.metadata().map_or(0, |file| file.len());
                }
            }
        }
        bytes as f64 / 1e6
    }
}

/// The advisors' plans, with all that they read: what settlements and labour lines are needed for in full. The other
/// plans pay whole teams from few rows of their own.
const PLANS: [&str; 3] = ["accident-output", "advisor-output", "advisor-renewals"];

fn advisors_alone(project: &mut spec::Project, more: Option<&str>) {
    let mut wanted: BTreeSet<String> = PLANS.into_iter().chain(more).map(str::to_owned).collect();
    loop {
        let pipelines = project.pipelines.iter().map(|file| &file.value);
        let steps = pipelines
            .filter(|pipeline| wanted.contains(&pipeline.pipeline))
            .flat_map(|pipeline| pipeline.steps.iter().flat_map(|(_, step)| step.reads()));
        let read: Vec<String> =
            steps.filter_map(|name| name.split_once('.').map(|(prefix, _)| prefix.to_owned())).collect();
        let before = wanted.len();
        wanted.extend(read);
        if wanted.len() == before {
            break;
        }
    }
    project.pipelines.retain(|file| wanted.contains(&file.value.pipeline));
    let plans = project.project.value.plans.iter_mut();
    plans.for_each(|plans| plans.retain(|entry| entry.plan == "none" || wanted.contains(&entry.plan)));
    project.tests.clear();
    // The register of clauses names steps of all plans.
    project.clauses = None;
    // Nobody settles here: there is no net pay to write for a bank.
    project.files.clear();
}

/// The month as a run computes it.
fn whole(measured: &Measured) {
    let Measured { plan, data, period } = measured;
    let options = Options::default();
    let before = (processor(), kernel());
    let (outcome, wall) = timed(|| compute(plan, &Disk, data, *period, &AcceptedSpec::default(), options));
    let (processor, kernel) = (processor() - before.0, kernel() - before.1);
    let outcome = outcome.expect("an outcome");
    assert!(imbalances(&outcome).expect("sums").is_empty(), "the month does not add up");
    let figures = [
        ("wall", wall),
        ("processor", processor),
        ("kernel", kernel),
        ("peak", memory("VmHWM")),
        ("megabytes", measured.megabytes()),
        ("people", outcome.people.len() as f64),
        ("lines", outcome.pay_lines.len() as f64),
    ];
    for (name, value) in figures {
        println!("{name} {value}");
    }
}

/// The same stage by stage.
fn stages(measured: &Measured) {
    let Measured { plan, data, period } = measured;
    let mut files = Files::new(plan, &Disk, data);
    let mut evaluation = Evaluation::new(plan, *period);
    let is_dataset = |name: &str| plan.contracts.contains_key(name.strip_suffix(".history").unwrap_or(name));
    let mut marks = vec![(processor(), 0.0)];
    let ((), reading) = timed(|| {
        files.read_ahead(*period, None);
        files.forget(period.previous());
        for pipeline in &plan.pipelines {
            for name in pipeline
                .steps
                .iter()
                .flat_map(|step| &step.step.inputs)
                .filter(|name| is_dataset(name) && pipeline.step(name).is_none())
            {
                evaluation.demand(pipeline, name, &mut files).expect("a dataset");
            }
        }
    });
    marks.push((processor(), memory("VmHWM")));
    let ((), steps) = timed(|| {
        evaluation.demand_all(&plan.frames(), &mut files).expect("the frames");
    });
    let roster = evaluation.roster(&mut files).expect("a roster").cloned().expect("a roster");
    let people = roster.people(plan);
    marks.push((processor(), memory("VmHWM")));
    let ((), paying) = timed(|| {
        for pipeline in &plan.pipelines {
            let due = evaluation.due(pipeline, &mut files).expect("what is due");
            pay::lines(&evaluation, pipeline, &due, &by_id(&people), true);
        }
    });
    marks.push((processor(), memory("VmHWM")));
    let (_, fates) = timed(|| fates::follow(&evaluation));
    marks.push((processor(), memory("VmHWM")));
    for (at, (name, value)) in STAGES.into_iter().zip([reading, steps, paying, fates]).enumerate() {
        let ((before, _), (after, peak)) = (marks[at], marks[at + 1]);
        println!("{name} {value}\n{name} processor {}\n{name} peak {peak}", after - before);
    }
}
