//! Inputs: contracts and the readers of each source kind.

pub mod contract;
