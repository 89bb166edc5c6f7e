//! Plan and world to outcome: the only place where input is read and results are written.

pub mod balance;
pub mod names;
pub mod outcome;
pub mod publish;
pub mod receipt;
#[cfg(test)]
pub(crate) mod sample;
pub mod tables;
pub mod totals;
