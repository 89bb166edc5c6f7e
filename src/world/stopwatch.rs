//! How long something took: for the summary of a run and the log, never for anything that is published.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "durations are shown, never published")]

use std::time::{Duration, Instant};

/// Runs from its making.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
