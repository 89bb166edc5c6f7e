//! Exact numbers: everything that decides an amount.
