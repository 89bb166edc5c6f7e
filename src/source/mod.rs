//! Inputs: contracts and the readers of each source kind.
