//! The list of every code.
