//! A small shop in memory: the base project of the cases, the pages' templates, and a month of it, run or computed.

use std::path::Path;

use jixiao::cli::{Ended, run_in};
use jixiao::run::outcome::Outcome;
use jixiao::run::{self, Options, accepted};
use jixiao::world::period::Period;
use jixiao::world::{Memory, World};
use jixiao::{plan, spec};

use crate::{findings, repository};

/// The base project, with what pages are made from.
pub fn shop() -> Memory {
    with_templates(findings::base())
}

/// A world with the templates of all reports.
pub fn with_templates(world: Memory) -> Memory {
    for path in repository::files("report-templates", "") {
        world.put(&path, repository::read(&path));
    }
    world
}

/// Runs October as its users do.
pub fn run(world: &dyn World) -> Ended {
    run_in(world, &["run", "--period", "2026-10", "--data", "data"])
}

/// A file of October as readers find it.
pub fn published(world: &dyn World, path: &str) -> Vec<u8> {
    world.read(&Path::new("out/2026-10/current").join(path)).unwrap()
}

/// Computes a month without publishing it; balances come from what is published below `out`.
pub fn compute(world: &Memory, month: &str) -> Outcome {
    let loaded = spec::load(world, Path::new("pipelines/month-end.yaml")).unwrap();
    let plan = plan::plan(&loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.findings))).unwrap();
    let data = Path::new("data");
    let (accepted, _) = accepted::read(world, data).unwrap();
    let options = Options { out: Some(Path::new("out")), ..Options::default() };
    run::compute(&plan, world, data, Period::parse(month).unwrap(), &accepted, options).unwrap()
}
