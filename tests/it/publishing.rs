//! A process that is killed at any operation of publishing leaves the old run or the new one, whole.
//!
//! The test starts itself again as a child that aborts at operation n, for every n.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use jixiao::run::publish::{Artifact, publish};
use jixiao::run::receipt::Ingredients;
use jixiao::world::period::Period;
use jixiao::world::{Disk, Faulty, Mode, World};

const FOLDER: &str = "JIXIAO_TEST_FOLDER";
const ABORT_AT: &str = "JIXIAO_TEST_ABORT_AT";

fn files(run: &str) -> Vec<Artifact> {
    ["stores/S01/pay-lines.csv", "stores/S01/payslips/A1.pdf", "receipt.json"]
        .map(|path| Artifact::new(path, format!("{path} of {run}").repeat(500)))
        .to_vec()
}

fn run(world: &dyn World, out: &Path, name: &str) {
    let id = Ingredients { engine: name.to_owned(), ..Ingredients::default() }.run_id();
    let period = Period::parse("2026-10").unwrap();
    publish(world, out, period, &id, false, &files(name)).unwrap();
}

fn current(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let folder = out.join("2026-10/current");
    let paths = files("").into_iter().map(|artifact| artifact.path);
    paths.map(|path| (path.clone(), Disk.read(&folder.join(path)).unwrap_or_default())).collect()
}

fn whole(run: &str) -> BTreeMap<String, Vec<u8>> {
    files(run).into_iter().map(|artifact| (artifact.path, artifact.bytes)).collect()
}

/// Does nothing unless it is started as the child.
#[test]
fn child() {
    let (Some(folder), Ok(at)) = (std::env::var_os(FOLDER), std::env::var(ABORT_AT)) else { return };
    run(&Faulty::new(Disk, at.parse().unwrap(), Mode::Abort), &PathBuf::from(folder), "new");
}

#[test]
fn a_process_killed_at_any_operation_leaves_the_old_run_or_the_new_one_whole() {
    let undisturbed = tempfile::tempdir().unwrap();
    run(&Disk, undisturbed.path(), "old");
    let counter = Faulty::new(Disk, 0, Mode::Abort);
    run(&counter, undisturbed.path(), "new");
    for at in 1..=counter.operations() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        run(&Disk, out, "old");
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["publishing::child", "--exact"])
            .env(FOLDER, out)
            .env(ABORT_AT, at.to_string())
            .output()
            .unwrap();
        assert!(!child.status.success(), "operation {at} did not abort");
        let seen = current(out);
        assert!(seen == whole("old") || seen == whole("new"), "after operation {at}: {seen:?}");
        run(&Disk, out, "new");
        assert_eq!(current(out), whole("new"), "the run after operation {at}");
        let left = Disk.list(&out.join("2026-10")).unwrap();
        assert_eq!(left, [".lock", "current", "runs", "runs.log"], "after operation {at}");
    }
}
