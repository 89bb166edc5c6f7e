//! A month of many stores, from exports to published pages: what a store costs among 20, 50, 100 and 200.
//!
//! `cargo bench --profile dist --bench stores [-- STORES]`: up to 200 stores by default, of 41 people and 1,500
//! settlements each, beside the three of the demo, so that every plan pays somebody. The bench lets the generator make
//! the exports (`python3 fixtures/generate`, two months, so that reports compare), writes the project with as many
//! stores, and runs the program itself on it; all lies in the target folder while it runs and is removed at its end.
//!
//! A run says on standard error which stage begins: between two such lines wall time, processor time and memory are
//! those of a stage. Processor time over wall time is how many cores it kept busy. What the three stores of the demo
//! cost alone is measured first and taken off, so that a figure is that of a store more. A machine's speed may drift in
//! the minutes that many stores take: the fewest are measured again behind each larger number, and what a store costs
//! is told as a multiple of what it costs among the fewest, before and after. Nothing is asserted about time.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "a bench measures time, touches the disk, prints its figures and stops where it fails"
)]

mod measure;

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use measure::{heading, row, sizes};

/// Settlements of a store in a month.
const SETTLEMENTS: &str = "1500";
/// How many stores are measured, up to the number that is asked for.
const STORES: [usize; 4] = [20, 50, 100, 200];
/// The stages, by the words with which they begin.
const STAGES: [(&str, &str); 7] = [
    ("reading", "reading the exports"),
    ("computing", "computing ("),
    ("pay lines", "rounding and tracing"),
    ("the month before", "computing the month before"),
    ("characters", "looking for characters"),
    ("documents", "making documents"),
    ("tables", "writing tables"),
];

/// A folder of the bench; it goes when this value does.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed lies in the target folder, where `cargo clean` finds it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a run had used when a stage began or it ended.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    seconds: f64,
    processor: f64,
    peak: f64,
}

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let most = sizes(200);
    let folder = Folder(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("stores-{}", std::process::id())));
    let data = folder.0.join("data");
    heading("a month of many stores, from exports to published pages");
    make_exports(&data, most);
    row("stores", &["wall s", "processor s", "peak MiB", "cores"].map(str::to_owned));
    let alone = measured(&folder.0, &data, 0);
    print("the demo's three alone", &alone);
    let few = STORES[0].min(most);
    let mut before = measured(&folder.0, &data, few);
    print(&format!("{few} more"), &before);
    per_store(few, &before, &alone);
    for stores in STORES.into_iter().filter(|stores| *stores > few && *stores <= most) {
        let marks = measured(&folder.0, &data, stores);
        print(&format!("{stores} more"), &marks);
        per_store(stores, &marks, &alone);
        let after = measured(&folder.0, &data, few);
        let [wall, processor, _] = each(stores, &marks, &alone);
        let [few_before, few_after] = [&before, &after].map(|marks| each(few, marks, &alone));
        let times = |own: f64, at: usize| format!("{:.3}", own / f64::midpoint(few_before[at], few_after[at]));
        row(&format!("  times one of {few}, before and after"), &[times(wall, 0), times(processor, 1)]);
        // The memory that a store more needs, without what any number of them needs.
        let more = (peak(&marks) - peak(&before)) / (stores - few) as f64;
        println!("  a store more than {few} takes {more:.1} MiB");
        before = after;
    }
}

/// The peak of a run in MiB.
fn peak(marks: &[Mark]) -> f64 {
    marks.last().map_or(f64::NAN, |mark| mark.peak)
}

/// Wall time and processor time in seconds and memory in MiB of each of the stores that were added to those of the demo.
fn each(stores: usize, marks: &[Mark], alone: &[Mark]) -> [f64; 3] {
    let all = |marks: &[Mark]| {
        let (from, to) = (marks[0], marks[marks.len() - 1]);
        [to.seconds - from.seconds, to.processor - from.processor, to.peak]
    };
    let [own, other] = [all(marks), all(alone)];
    [0, 1, 2].map(|at| (own[at] - other[at]) / stores as f64)
}

/// Stores of any size beside those of the demo.
fn make_exports(data: &Path, stores: usize) {
    let stores = stores.to_string();
    let arguments = ["--prefix", "X", "--stores", &stores, "--months", "2", "--orders", SETTLEMENTS];
    let made = Command::new("python3").arg("fixtures/generate").arg("--out").arg(data).args(arguments).output();
    let made = made.expect("python3 makes the exports");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for name in ["S01", "S02", "S03", "accepted.yaml"] {
        copy(&Path::new("fixtures/demo").join(name), &data.join(name));
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder of the demo").flatten() {
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).expect("a copy");
    }
}

/// The project with so many stores more, paid by the plans of the first two.
fn project(folder: &Path, stores: usize) -> PathBuf {
    let pipelines = folder.join(format!("pipelines-{stores}"));
    copy(Path::new("pipelines"), &pipelines);
    let file = pipelines.join("month-end.yaml");
    let text = fs::read_to_string(&file).expect("the project file");
    let (mut list, mut ids) = (String::new(), String::from("stores: [S01, S02"));
    for number in 1..=stores {
        let _ = writeln!(list, "  - {{ store_id: X{number:02}, name: X{number:02}店 }}");
        let _ = write!(ids, ", X{number:02}");
    }
    ids.push(']');
    let text =
        text.replace("stores: [S01, S02]", &ids).replacen("roster: roster\n", &format!("{list}roster: roster\n"), 1);
    fs::write(&file, text).expect("the project file");
    file
}

/// Runs the program; what it had used when each stage began, and at its end.
fn measured(folder: &Path, data: &Path, stores: usize) -> Vec<Mark> {
    let project = project(folder, stores);
    let out = folder.join("out");
    let _ = fs::remove_dir_all(&out);
    let mut program = Command::new(env!("CARGO_BIN_EXE_jixiao"));
    program.arg("run").arg(&project).args(["--period", "2026-10", "--data"]).arg(data).arg("--out").arg(&out);
    let start = Instant::now();
    let mut child = program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let (pid, ended) = (child.id(), AtomicBool::new(false));
    let said = BufReader::new(child.stderr.take().expect("standard error"));
    let used = || Mark { seconds: start.elapsed().as_secs_f64(), processor: processor_of(pid), peak: peak_of(pid) };
    let marks = thread::scope(|scope| {
        // What a process has used is gone with it: the last look before its end counts.
        let last = scope.spawn(|| {
            let mut last = Mark::default();
            while !ended.load(Ordering::Relaxed) {
                let now = used();
                // One that has ended has no memory any more.
                if now.processor > 0.0 && now.peak > 0.0 {
                    last = now;
                }
                thread::sleep(Duration::from_millis(20));
            }
            last
        });
        let mut marks = Vec::new();
        for line in said.lines().map_while(Result::ok) {
            if STAGES.iter().any(|(_, begins)| line.starts_with(begins)) {
                marks.push(used());
            }
        }
        let status = child.wait().expect("the program ends");
        ended.store(true, Ordering::Relaxed);
        marks.push(Mark { seconds: start.elapsed().as_secs_f64(), ..last.join().expect("a last look") });
        // Among many stores made by chance one may have a file too short to pay by: the draft is the same work.
        assert!(matches!(status.code(), Some(0 | 4)), "the run of {stores} stores ended with {status}");
        marks
    });
    let _ = fs::remove_dir_all(&out);
    marks
}

/// Seconds of processor time of a process, in steps of a hundredth.
fn processor_of(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
    behind.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The peak of a process's memory so far, in MiB.
fn peak_of(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kib = status.lines().find_map(|text| text.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.trim().parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

fn print(name: &str, marks: &[Mark]) {
    println!("{name}");
    let line = |stage: &str, from: &Mark, to: &Mark| {
        let (wall, processor) = (to.seconds - from.seconds, to.processor - from.processor);
        let cores = processor / wall;
        row(
            &format!("  {stage}"),
            &[format!("{wall:.1}"), format!("{processor:.1}"), format!("{:.0}", to.peak), format!("{cores:.2}")],
        );
    };
    for ((stage, _), pair) in STAGES.iter().zip(marks.windows(2)) {
        line(stage, &pair[0], &pair[1]);
    }
    line("all", &marks[0], &marks[marks.len() - 1]);
}

/// What each of the stores costs that were added to those of the demo.
fn per_store(stores: usize, marks: &[Mark], alone: &[Mark]) {
    let [wall, processor, peak] = each(stores, marks, alone);
    row("  all, each", &[format!("{wall:.3}"), format!("{processor:.3}"), format!("{peak:.1}"), String::new()]);
    for (at, (stage, _)) in STAGES.iter().enumerate() {
        if let ([from, to], [before, after]) = (&marks[at..=at + 1], &alone[at..=at + 1]) {
            let each = |all: f64, own: f64| (all - own) / stores as f64;
            let wall = each(to.seconds - from.seconds, after.seconds - before.seconds);
            let processor = each(to.processor - from.processor, after.processor - before.processor);
            let peak = each(to.peak, after.peak);
            let cells = [format!("{wall:.3}"), format!("{processor:.3}"), format!("{peak:.1}"), String::new()];
            row(&format!("  {stage}, each"), &cells);
        }
    }
}
