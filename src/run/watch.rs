//! Whoever waits for a run is told how far it is, in amounts of work that were known before it began.

use std::fmt;

/// What there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// Reading files: bytes on the disk.
    Bytes,
    /// Computing: steps of pipelines.
    Steps,
    /// Rounding and tracing what pipelines pay: pipelines.
    Lines,
    /// Computing what reports compare with: steps for the month before.
    Earlier,
}

/// Is told by several threads what will be done, and what is.
pub trait Watch: Sync + fmt::Debug {
    /// Now this begins, so much of it in all.
    fn begins(&self, work: Work, amount: u64);
    /// So much more of what has begun is done.
    fn done(&self, amount: u64);
}
