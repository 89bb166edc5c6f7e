//! A small month end, from files to pages: every exit code, and what stays when it is cut short anywhere.

use std::path::{Path, PathBuf};
use std::process::Command;

use jixiao::cli::exit::Exit;
use jixiao::cli::{Ended, run_in};
use jixiao::world::{Disk, Faulty, Memory, Mode, World};

use crate::repository;
use crate::shop::{self, run};

const FOLDER: &str = "JIXIAO_TEST_SMALL_RUN";
const ABORT_AT: &str = "JIXIAO_TEST_SMALL_RUN_ABORT_AT";

const PROJECT: &str = "\
project: small
title: 小店
stores:
  - { store_id: S01, name: 城东店 }
roster: roster
roles: { advisor: 服务顾问 }
reports: [payslip]
";
const PLAN: &str = "\
pipeline: advisor-output
title: 产值提成
clauses: [D8-2.1]
spine: { roster: [advisor] }
steps:
  facts:
    aggregate:
      from: orders
      for_each: spine
      keys: [store_id, employee_id]
      columns:
        output: { value: SUM(amount), label: 产值 }
pay:
  advisor-output:
    from: facts
    clause: D8-2.1
    label: 产值提成
    amount: output * param.rate
";
const ROSTER: &str = "工号,姓名,岗位,正式,权重,开始,结束\nA1,张伟,advisor,是,1,2020-01-01,\n";
const ORDERS: &str = "单号,结算日期,工号,产值,工时\n1,2026-10-05,A1,12000.25,1\n2,2026-10-06,A1,345.00,\n";
const MORE_ORDERS: &str = "单号,结算日期,工号,产值,工时\n1,2026-10-05,A1,12000.25,1\n2,2026-10-06,A1,1345.00,\n";

/// The small project with its exports, as files.
fn project() -> Vec<(PathBuf, Vec<u8>)> {
    let mut project = Vec::new();
    for path in repository::files("tests/cases/base/pipelines", "") {
        let bytes = repository::read(&path);
        project.push((path.strip_prefix("tests/cases/base").unwrap().to_path_buf(), bytes));
    }
    project.retain(|(path, _)| path != Path::new("pipelines/month-end.yaml"));
    for (path, text) in [
        ("pipelines/month-end.yaml", PROJECT),
        ("pipelines/plans/advisor-output.yaml", PLAN),
        ("data/S01/2026-10/roster.csv", ROSTER),
        ("data/S01/2026-10/orders.csv", ORDERS),
    ] {
        project.push((PathBuf::from(path), text.as_bytes().to_vec()));
    }
    project
}

pub fn memory() -> Memory {
    shop::with_templates(project().into_iter().fold(Memory::new(), |world, (path, bytes)| world.with(path, bytes)))
}

/// The one pay line that a reader finds through `current`; `None` where nothing is published.
fn current(world: &dyn World) -> Option<String> {
    current_below(world, Path::new("out"))
}

fn current_below(world: &dyn World, out: &Path) -> Option<String> {
    let folder = out.join("2026-10/current");
    world.exists(&folder).then(|| {
        for part in ["receipt.json", "stores/S01/payslips/A1.pdf", "stores/S01/trace.jsonl", "group/exceptions.csv"] {
            assert!(!world.read(&folder.join(part)).unwrap().is_empty(), "{part}");
        }
        let lines = String::from_utf8(world.read(&folder.join("stores/S01/pay-lines.csv")).unwrap()).unwrap();
        lines.lines().nth(1).unwrap().rsplit(',').next().unwrap().to_owned()
    })
}

#[test]
fn a_month_is_published_once_and_explains_itself() {
    let world = memory();
    let first = run(&world);
    assert_eq!((first.exit, first.err.as_str()), (Exit::Done, ""), "{}", first.out);
    assert_eq!(current(&world).as_deref(), Some("49.38"));
    let before = world.snapshot("out");
    let second = run(&world);
    assert!(second.exit == Exit::Done && second.out.contains("already published"), "{}", second.out);
    assert_eq!(world.snapshot("out"), before);
    let explained = run_in(&world, &["explain", "--period", "2026-10", "--employee", "A1"]);
    assert_eq!(explained.exit, Exit::Done);
    assert!(explained.out.contains("49.381 → 49.38"), "{}", explained.out);
}

#[test]
fn the_period_before_today_is_last_month() {
    let ended = run_in(&memory(), &["run", "--period", "last-month", "--data", "data"]);
    assert!(ended.exit == Exit::Done && ended.out.contains("2026-10"), "{}{}", ended.out, ended.err);
}

#[test]
fn every_way_to_end_has_its_code() {
    let cases: [(Exit, &str, &str); 6] = [
        (Exit::Findings, "pipelines/plans/advisor-output.yaml", "pipeline: advisor-output\n"),
        // A hole between two intervals of the roster blocks.
        (
            Exit::Blocked,
            "data/S01/2026-10/roster.csv",
            "工号,姓名,岗位,正式,权重,开始,结束\n\
             A1,张伟,advisor,是,1,2020-01-01,2026-10-05\nA1,张伟,advisor,是,1,2026-10-09,\n",
        ),
        (
            Exit::Refused,
            "data/S01/2026-10/orders.csv",
            "单号,结算日期,工号,产值,工时\n1,2026-10-05,A1,12000.255,1\n2,2026-10-06,A1,345.00,\n",
        ),
        (Exit::Refused, "data/S01/2026-10/orders.csv", ""),
        // No font has a private character.
        (
            Exit::Document,
            "data/S01/2026-10/roster.csv",
            "工号,姓名,岗位,正式,权重,开始,结束\nA1,张\u{10FFFD},advisor,是,1,2020-01-01,\n",
        ),
        (Exit::Usage, "data/S01/2026-10/orders.csv", MORE_ORDERS),
    ];
    for (exit, path, text) in cases {
        let world = memory();
        run(&world);
        world.put(path, text);
        let period = if exit == Exit::Usage { "2026-10-01" } else { "2026-10" };
        let ended = run_in(&world, &["run", "--period", period, "--data", "data"]);
        assert_eq!(ended.exit, exit, "{path}\n{}{}", ended.out, ended.err);
        assert_eq!(current(&world).as_deref(), Some("49.38"), "{path}");
        let drafts = world.list(Path::new("out/2026-10/drafts")).unwrap().len();
        assert_eq!(drafts, usize::from(matches!(exit, Exit::Blocked | Exit::Document)), "{path}");
    }
}

#[test]
fn a_period_that_another_run_works_on_is_code_9() {
    let world = memory();
    world.create_folder(Path::new("out/2026-10")).unwrap();
    let _held = world.try_lock(Path::new("out/2026-10/.lock")).unwrap().unwrap();
    assert_eq!(run(&world).exit, Exit::Locked);
}

#[test]
fn at_every_operation_that_fails_current_is_the_old_run_or_the_new_one() {
    let old = memory();
    run(&old);
    old.put("data/S01/2026-10/orders.csv", MORE_ORDERS);
    let undisturbed = Faulty::new(old.fork(), 0, Mode::Fail);
    assert_eq!(run(&undisturbed).exit, Exit::Done);
    for at in 1..=undisturbed.operations() {
        let world = old.fork();
        let ended = run(&Faulty::new(world.clone(), at, Mode::FailFromThere));
        assert_eq!(ended.exit, Exit::Environment, "operation {at}: {}", ended.err);
        let seen = current(&world).unwrap();
        assert!(seen == "49.38" || seen == "53.38", "after operation {at}: {seen}");
        assert_eq!(run(&world).exit, Exit::Done, "the run after operation {at}");
        assert_eq!(current(&world).as_deref(), Some("53.38"), "the run after operation {at}");
    }
}

/// The small run with files in a folder on the disk.
fn run_below(world: &dyn World, folder: &Path) -> Ended {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (project, data, out) = (path("pipelines/month-end.yaml"), path("data"), path("out"));
    run_in(world, &["run", &project, "--period", "2026-10", "--data", &data, "--out", &out])
}

/// Does nothing unless it is started as the child of the next test.
#[test]
fn child() {
    let (Some(folder), Ok(at)) = (std::env::var_os(FOLDER), std::env::var(ABORT_AT)) else { return };
    run_below(&Faulty::new(Disk, at.parse().unwrap(), Mode::Abort), Path::new(&folder));
}

#[test]
fn a_run_killed_at_any_operation_leaves_the_old_run_or_the_new_one() {
    let fresh = |orders: &str| {
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in project() {
            let path = folder.path().join(path);
            let orders = path.ends_with("orders.csv").then(|| orders.as_bytes().to_vec());
            Disk.create_folder(path.parent().unwrap()).unwrap();
            Disk.write_new(&path, &orders.unwrap_or(bytes)).unwrap();
        }
        folder
    };
    let counted = fresh(ORDERS);
    let counter = Faulty::new(Disk, 0, Mode::Abort);
    assert_eq!(run_below(&counter, counted.path()).exit, Exit::Done);
    let old = counted.path().join("out");
    // An old run of other orders, taken over by each folder as it is.
    for at in 1..=counter.operations() {
        let folder = fresh(MORE_ORDERS);
        let out = folder.path().join("out");
        copy(&old, &out);
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["small_run::child", "--exact"])
            .env(FOLDER, folder.path())
            .env(ABORT_AT, at.to_string())
            .output()
            .unwrap();
        assert!(!child.status.success(), "operation {at} did not abort");
        let seen = current_below(&Disk, &out).unwrap();
        assert!(seen == "49.38" || seen == "53.38", "after operation {at}: {seen}");
        assert_eq!(run_below(&Disk, folder.path()).exit, Exit::Done, "the run after operation {at}");
        assert_eq!(current_below(&Disk, &out).as_deref(), Some("53.38"), "the run after operation {at}");
    }
}

/// Copies a folder with its links.
fn copy(from: &Path, to: &Path) {
    Disk.create_folder(to).unwrap();
    for name in Disk.list(from).unwrap() {
        let (from, to) = (from.join(&name), to.join(&name));
        if let Some(target) = Disk.read_link(&from).unwrap() {
            Disk.point(&to, &target).unwrap();
        } else if let Ok(bytes) = Disk.read(&from) {
            Disk.write_new(&to, &bytes).unwrap();
        } else {
            copy(&from, &to);
        }
    }
}
