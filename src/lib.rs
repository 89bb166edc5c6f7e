//! jixiao (绩效): the month-end commission run of a car dealership's after-sales department.
//!
//! The modules in the order of the data: YAML text becomes a [`spec`], a spec becomes a [`plan`], a
//! plan and a world become an outcome of a [`run`], and an outcome becomes pages in [`report`]. What
//! stands below may not import what stands above.

pub mod cli;
pub mod diag;
pub mod expr;
pub mod money;
pub mod plan;
pub mod report;
pub mod run;
pub mod source;
pub mod spec;
pub mod step;
pub mod world;

use diag::Code;

/// Every code that the program reports, module by module.
pub fn all_codes() -> Vec<Code> {
    let lists: [&[Code]; _] = [
        money::CODES,
        expr::CODES,
        step::CODES,
        source::CODES,
        plan::CODES,
        run::CODES,
        run::rule_test::CODES,
        report::CODES,
    ];
    diag::yaml::codes().chain(spec::codes()).chain(lists.concat()).collect()
}
