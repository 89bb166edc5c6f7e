//! What both benches measure with: a stopwatch, the memory of a process, a table; and each size in a process
//! of its own, so that what one leaves behind is not counted for the next.

use std::process::Command;
use std::time::Instant;

/// Runs a piece of work; its result and the milliseconds it took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed().as_secs_f64() * 1000.0)
}

/// Milliseconds of processor time that all threads of this process have used, in steps of 10.
pub fn processor() -> f64 {
    clocks().iter().sum()
}

/// The part of it that the kernel used for this process: mostly for handing out memory, at a speed that differs by the
/// machine and, on a virtual one, by whether its host lent the memory lately.
pub fn kernel() -> f64 {
    clocks()[1]
}

/// Milliseconds in the program and in the kernel.
fn clocks() -> [f64; 2] {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program may hold anything but ends with the last bracket; utime and stime are 12th and
    // 13th behind it, in hundredths of a second.
    let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
    let ticks = |place: usize| behind.split_whitespace().nth(place).and_then(|ticks| ticks.parse::<f64>().ok());
    [11, 12].map(|place| ticks(place).unwrap_or(f64::NAN) * 10.0)
}

/// A line of `/proc/self/status` in MiB: `VmHWM` is the peak, `VmRSS` what is held now.
pub fn memory(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':')?.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.trim().parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

/// Runs this program again with the arguments and reads the figures it prints, one on a line: `name value`.
pub fn in_a_process_of_its_own(arguments: &[String]) -> Vec<(String, f64)> {
    let program = std::env::current_exe().expect("the path of this program");
    let output = Command::new(program).args(arguments).output().expect("this program starts again");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("figures are text");
    text.lines()
        .filter_map(|line| line.rsplit_once(' ').and_then(|(name, value)| Some((name.to_owned(), value.parse().ok()?))))
        .collect()
}

/// A figure by its name.
pub fn figure(figures: &[(String, f64)], name: &str) -> f64 {
    figures.iter().find(|(known, _)| known == name).map_or(f64::NAN, |(_, value)| *value)
}

/// Prints a row of a table: a name, then figures in columns of equal width.
pub fn row(name: &str, cells: &[String]) {
    let cells: String = cells.iter().map(|cell| format!("{cell:>16}")).collect();
    println!("{name:<34}{cells}");
}

/// The numbers of the command line that are no options; `cargo bench` adds options of its own.
pub fn sizes(default: usize) -> usize {
    std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(default)
}

/// How the program was started and on what.
pub fn heading(what: &str) {
    let profile = if cfg!(debug_assertions) { "with debug assertions: figures mean nothing" } else { "optimised" };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{what}\n{threads} threads, {profile}\n");
}
