//! The integration tests, one binary: what holds of the whole program and of its files.
//!
//! Cases are data below `tests/cases/`: a new file is a new test (see `tests/cases/README.md`).
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "tests read files and stop where they fail"
)]

mod carried;
mod clauses;
mod cli;
mod codes;
mod coverage;
mod dated;
mod demo_inputs;
mod demo_outcome;
mod documents;
mod exact_kernel;
mod exactness;
mod exceptions;
mod findings;
mod group;
mod inputs;
mod languages;
mod moments;
mod net_pay;
mod nowhere;
mod one_yaml_view;
mod paid_lines;
mod pencil;
mod plan_table;
mod publishing;
mod report_texts;
mod repository;
mod results;
mod same_bytes;
mod scores;
mod shop;
mod slow_exact;
mod small_run;
mod step_cases;
mod step_properties;
mod steps;
mod tidy;
mod traces;
mod trial;
mod words;
