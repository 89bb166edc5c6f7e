//! What goes on, on standard error: a moving line on a terminal, plain lines elsewhere.

use std::io::{self, Write};
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Where progress goes.
#[derive(Debug)]
pub(crate) struct Progress {
    mode: Mode,
    bar: Mutex<Option<ProgressBar>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Silent,
    Lines,
    Terminal,
}

impl Progress {
    /// Moves on a terminal, otherwise prints a line for each stage.
    pub(crate) fn new(terminal: bool) -> Self {
        Self { mode: if terminal { Mode::Terminal } else { Mode::Lines }, bar: Mutex::default() }
    }

    /// Says nothing.
    pub(crate) fn silent() -> Self {
        Self { mode: Mode::Silent, bar: Mutex::default() }
    }

    /// A new stage begins; of `total` pieces where that is known.
    pub(crate) fn stage(&self, text: &str, total: Option<usize>) {
        match self.mode {
            Mode::Silent => {}
            Mode::Lines => {
                let count = total.map(|total| format!(" ({total})")).unwrap_or_default();
                let _ = writeln!(io::stderr().lock(), "{text}{count}");
            }
            Mode::Terminal => self.replace(Some(bar(text, total))),
        }
    }

    /// More pieces of the stage are done.
    pub(crate) fn advance(&self, pieces: usize) {
        if let Ok(bar) = self.bar.lock()
            && let Some(bar) = bar.as_ref()
        {
            bar.inc(pieces as u64);
        }
    }

    /// Clears the line.
    pub(crate) fn finish(&self) {
        self.replace(None);
    }

    fn replace(&self, next: Option<ProgressBar>) {
        if let Ok(mut bar) = self.bar.lock() {
            if let Some(old) = bar.take() {
                old.finish_and_clear();
            }
            *bar = next;
        }
    }
}

fn bar(text: &str, total: Option<usize>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total as u64), "{msg} {bar:30} {pos}/{len}"),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(text.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
