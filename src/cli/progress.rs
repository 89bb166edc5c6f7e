//! What goes on, on standard error: one moving bar on a terminal, plain lines elsewhere.
//!
//! A command is a row of parts, and each has its share of the bar: what it took of the time of a month end of 200 stores
//! when that was measured (`tests/bench/stores.rs`). Inside its share the bar moves with work that was known before the
//! part began: bytes of files, steps, documents by weight. So the bar never goes back, not where documents are made anew
//! as drafts either, and it is full when the command has ended and not before.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::run::watch::{Watch, Work};

/// The whole bar.
const WHOLE: u64 = 1_000;

/// A part of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// What goes on.
    text: &'static str,
    /// Its share of the bar: from, to, in thousandths.
    share: (u64, u64),
    /// What its work is counted in.
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Pieces,
    Bytes,
}

impl Part {
    /// The YAML files; every command begins with them.
    pub(crate) const CHECK: Self = Self::new("checking the YAML files", (0, 5));
    /// The exports of a month.
    pub(crate) const READ: Self = Self { unit: Unit::Bytes, ..Self::new("reading the exports", (5, 25)) };
    /// The month.
    pub(crate) const COMPUTE: Self = Self::new("computing", (25, 40));
    /// What is paid.
    pub(crate) const LINES: Self = Self::new("rounding and tracing pay lines", (40, 73));
    /// The month before.
    pub(crate) const EARLIER: Self = Self::new("computing the month before", (73, 95));
    /// Views of all documents.
    pub(crate) const CHARACTERS: Self = Self::new("looking for characters that no font has", (95, 107));
    /// Documents and workbooks.
    pub(crate) const DOCUMENTS: Self = Self::new("making documents", (107, 980));
    /// Tables, and the way into the folder of results.
    pub(crate) const TABLES: Self = Self::new("writing tables and publishing", (980, WHOLE));
    /// All that `score` does behind the check.
    pub(crate) const SCORE: Self = Self::new("reading the exports and scoring", (5, WHOLE));
    /// All that `test` does behind the check.
    pub(crate) const TESTS: Self = Self::new("running rule tests", (5, WHOLE));

    const fn new(text: &'static str, share: (u64, u64)) -> Self {
        Self { text, share, unit: Unit::Pieces }
    }

    fn of(work: Work) -> Self {
        match work {
            Work::Bytes => Self::READ,
            Work::Steps => Self::COMPUTE,
            Work::Lines => Self::LINES,
            Work::Earlier => Self::EARLIER,
        }
    }

    /// The part with how much there is to do, in a line.
    fn line(&self, total: Option<u64>) -> String {
        match (total, self.unit) {
            (None, _) => self.text.to_owned(),
            (Some(total), Unit::Pieces) => format!("{} ({total})", self.text),
            (Some(total), Unit::Bytes) => {
                let tenths = total / 100_000;
                format!("{} ({}.{} MB)", self.text, tenths / 10, tenths % 10)
            }
        }
    }
}

/// Where progress is shown.
pub(crate) trait Sink: fmt::Debug + Send + Sync {
    /// A part begins.
    fn begins(&self, line: &str);
    /// So many thousandths are done.
    fn stands_at(&self, thousandths: u64);
    /// The command has ended.
    fn ends(&self);
}

/// How far a command is.
#[derive(Debug)]
pub(crate) struct Progress {
    sink: Box<dyn Sink>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Where the part that goes on has its share; none before the first.
    share: Option<(u64, u64)>,
    total: u64,
    done: u64,
    /// What was shown last; never less.
    shown: u64,
}

impl Progress {
    /// Moves on a terminal, otherwise prints a line for each part.
    pub(crate) fn new(terminal: bool) -> Self {
        if terminal { Self::to(Terminal::default()) } else { Self::to(Lines) }
    }

    /// Says nothing.
    pub(crate) fn silent() -> Self {
        Self::to(Nowhere)
    }

    /// Shows it there.
    pub(crate) fn to(sink: impl Sink + 'static) -> Self {
        Self { sink: Box::new(sink), state: Mutex::default() }
    }

    /// A part begins; with how much there is to do in it, where that is known.
    pub(crate) fn begin(&self, part: Part, total: Option<u64>) {
        self.sink.begins(&part.line(total));
        self.change(|state| {
            state.share = Some(part.share);
            (state.total, state.done) = (total.unwrap_or(0), 0);
        });
    }

    /// More of the part is done.
    pub(crate) fn advance(&self, amount: u64) {
        self.change(|state| state.done = state.done.saturating_add(amount).min(state.total));
    }

    /// The command has ended: nothing of the bar is left.
    pub(crate) fn finish(&self) {
        self.change(|state| {
            if state.share.is_some() {
                state.share = Some((WHOLE, WHOLE + 1));
            }
        });
        self.sink.ends();
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        let Some((from, to)) = state.share else { return };
        let moved = (to - from).saturating_mul(state.done).checked_div(state.total).unwrap_or(0);
        // As long as something goes on the bar is not full.
        let at = (from + moved).min(if from < WHOLE { WHOLE - 1 } else { WHOLE });
        if at > state.shown {
            state.shown = at;
            self.sink.stands_at(at);
        }
    }
}

impl Watch for Progress {
    fn begins(&self, work: Work, amount: u64) {
        self.begin(Part::of(work), Some(amount));
    }

    fn done(&self, amount: u64) {
        self.advance(amount);
    }
}

/// One bar for the whole command.
#[derive(Debug, Default)]
struct Terminal(Mutex<Option<ProgressBar>>);

impl Sink for Terminal {
    fn begins(&self, line: &str) {
        let mut bar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bar.get_or_insert_with(new_bar).set_message(line.to_owned());
    }

    fn stands_at(&self, thousandths: u64) {
        if let Some(bar) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            bar.set_position(thousandths);
        }
    }

    fn ends(&self) {
        if let Some(bar) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
        }
    }
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::new(WHOLE);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {percent:>3}% {bar:24} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// A line for each part.
#[derive(Debug)]
struct Lines;

impl Sink for Lines {
    fn begins(&self, line: &str) {
        let _ = writeln!(io::stderr().lock(), "{line}");
    }

    fn stands_at(&self, _: u64) {}

    fn ends(&self) {}
}

#[derive(Debug)]
struct Nowhere;

impl Sink for Nowhere {
    fn begins(&self, _: &str) {}

    fn stands_at(&self, _: u64) {}

    fn ends(&self) {}
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use super::*;

    /// Everything that was shown.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Shown(pub(crate) Arc<Mutex<(Vec<String>, Vec<u64>)>>);

    impl Sink for Shown {
        fn begins(&self, line: &str) {
            self.0.lock().unwrap().0.push(line.to_owned());
        }

        fn stands_at(&self, thousandths: u64) {
            self.0.lock().unwrap().1.push(thousandths);
        }

        fn ends(&self) {}
    }

    impl Shown {
        pub(crate) fn lines(&self) -> Vec<String> {
            self.0.lock().unwrap().0.clone()
        }

        pub(crate) fn steps(&self) -> Vec<u64> {
            self.0.lock().unwrap().1.clone()
        }
    }

    const RUN: [Part; 8] = [
        Part::CHECK,
        Part::READ,
        Part::COMPUTE,
        Part::LINES,
        Part::EARLIER,
        Part::CHARACTERS,
        Part::DOCUMENTS,
        Part::TABLES,
    ];

    #[test]
    fn the_parts_of_a_run_share_the_bar_without_a_gap() {
        let mut end = 0;
        for part in RUN {
            assert_eq!(part.share.0, end, "{part:?}");
            assert!(part.share.1 > part.share.0, "{part:?}");
            end = part.share.1;
        }
        assert_eq!(end, WHOLE);
    }

    #[test]
    fn the_bar_moves_with_known_work_and_is_full_at_the_end_alone() {
        let shown = Shown::default();
        let progress = Progress::to(shown.clone());
        progress.begin(Part::CHECK, None);
        progress.begins(Work::Bytes, 3_000_000);
        for _ in 0..3 {
            progress.done(1_000_000);
        }
        progress.begin(Part::DOCUMENTS, Some(4));
        progress.advance(2);
        // Made anew as drafts: the bar waits until they have caught up.
        progress.begin(Part::DOCUMENTS, Some(4));
        (0..4).for_each(|_| progress.advance(1));
        progress.begin(Part::TABLES, None);
        assert_eq!(shown.steps(), [5, 11, 18, 25, 107, 543, 761, 980]);
        progress.finish();
        assert_eq!(shown.steps().last(), Some(&WHOLE));
        let lines = shown.lines();
        assert_eq!(lines[..2], ["checking the YAML files", "reading the exports (3.0 MB)"]);
        assert_eq!(lines.last().unwrap(), "writing tables and publishing");
    }

    #[test]
    fn more_work_than_was_told_does_not_fill_the_bar() {
        let shown = Shown::default();
        let progress = Progress::to(shown.clone());
        progress.begin(Part::TABLES, Some(2));
        (0..9).for_each(|_| progress.advance(u64::MAX));
        assert_eq!(shown.steps().last(), Some(&(WHOLE - 1)));
        progress.begin(Part::READ, Some(0));
        progress.advance(1);
        assert_eq!(shown.steps().last(), Some(&(WHOLE - 1)));
    }

    #[test]
    fn a_command_that_shows_nothing_ends_without_a_bar() {
        let shown = Shown::default();
        Progress::to(shown.clone()).finish();
        assert!(shown.steps().is_empty() && shown.lines().is_empty());
    }
}
