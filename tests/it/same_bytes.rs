//! Equal inputs give equal bytes: another folder, time zone, language, home, umask, number of threads, another order
//! in which the files were copied. And every file of a run is its owner's alone.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

/// What stands below a folder: files by path, links as their target.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = PathBuf::from(path.file_name().unwrap());
        if path.is_symlink() {
            found.insert(name, std::fs::read_link(&path).unwrap().to_str().unwrap().as_bytes().to_vec());
        } else if path.is_dir() {
            found.extend(tree(&path).into_iter().map(|(below, bytes)| (name.join(below), bytes)));
        } else {
            found.insert(name, std::fs::read(&path).unwrap());
        }
    }
    found
}

/// Copies what a run reads, last file first.
fn copy_backwards(to: &Path) {
    for folder in ["report-templates", "pipelines", "fixtures/demo"] {
        for (path, bytes) in tree(Path::new(folder)).into_iter().rev() {
            let path = to.join(folder).join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
}

/// The program under a umask.
fn start(umask: &str, arguments: &[&str], change: impl FnOnce(&mut Command)) -> Output {
    let mut command = Command::new("sh");
    let program = assert_cmd::cargo::cargo_bin("jixiao");
    command.args(["-c", "umask \"$0\" && exec \"$@\"", umask]).arg(program).args(arguments);
    change(&mut command);
    command.output().unwrap()
}

#[test]
fn the_same_month_in_other_surroundings_is_the_same_to_the_byte() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_backwards(there.path());
    let out = here.path().join("out");
    let outputs = thread::scope(|scope| {
        let one = scope.spawn(|| {
            let path = |name: &str| format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
            let (project, data) = (path("pipelines/month-end.yaml"), path("fixtures/demo"));
            let (templates, out) = (path("report-templates"), out.to_str().unwrap());
            let folders = ["--data", &data, "--templates", &templates, "--out", out];
            let arguments = [&["run", project.as_str(), "--period", "2026-10"][..], &folders].concat();
            start("000", &arguments, |command| {
                command.current_dir("/");
                command.env("TZ", "UTC").env("LANG", "C").env("RAYON_NUM_THREADS", "1").env("POLARS_MAX_THREADS", "1");
            })
        });
        let arguments = ["run", "pipelines/month-end.yaml", "--period", "2026-10", "--quiet"];
        let other = start("077", &arguments, |command| {
            command.current_dir(there.path()).env("TZ", "Asia/Shanghai").env("LANG", "zh_CN.UTF-8");
            command.env("LC_ALL", "zh_CN.UTF-8").env("HOME", "/nowhere");
            command.env("RAYON_NUM_THREADS", "4").env("POLARS_MAX_THREADS", "4");
        });
        [one.join().unwrap(), other]
    });
    for output in &outputs {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let [mut one, mut other] = [out.join("2026-10"), there.path().join("out/2026-10")].map(|folder| tree(&folder));
    for runs in [&mut one, &mut other] {
        // When something was published is all that may differ.
        runs.remove(Path::new("runs.log")).unwrap();
    }
    let names = |runs: &BTreeMap<PathBuf, Vec<u8>>| runs.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other));
    assert!(one.len() > 20, "{:?}", names(&one));
    for (path, bytes) in &one {
        assert!(other.get(path) == Some(bytes), "{} differs", path.display());
    }
    crate::results::look(&out.join("2026-10/current"));
    for folder in [out, there.path().join("out")] {
        assert_private(&folder);
    }
}

fn assert_private(path: &Path) {
    let metadata = std::fs::symlink_metadata(path).unwrap();
    if metadata.is_symlink() {
        return;
    }
    let wanted = if metadata.is_dir() { 0o700 } else { 0o600 };
    assert_eq!(metadata.permissions().mode() & 0o777, wanted, "{}", path.display());
    if metadata.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| assert_private(&entry.unwrap().path()));
    }
}
