//! Same in, same out: every byte of a run, whatever the folder, clock zone, language, home, umask, number of
//! threads or the order in which the inputs were copied.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Files of a folder by relative path, with their bytes and permissions.
fn tree(folder: &Path) -> BTreeMap<String, (Vec<u8>, u32)> {
    use std::os::unix::fs::PermissionsExt;
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
                files.insert(name, (std::fs::read(&path).unwrap(), mode));
            }
        }
    }
    files
}

/// Copies a folder, the last name first.
fn copy_backwards(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries.into_iter().rev() {
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_backwards(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

fn run(script: &str, cwd: &Path, project: &Path, data: &Path, out: &Path, env: &[(&str, &str)]) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("{script}; exec \"$@\""))
        .arg("sh")
        .arg(env!("CARGO_BIN_EXE_jixiao"))
        .arg("run")
        .arg(project)
        .args(["--period", "2026-10", "--data"])
        .arg(data)
        .arg("--out")
        .arg(out)
        .arg("--templates")
        .arg(root.join("report-templates"))
        .current_dir(cwd)
        .envs(env.iter().copied())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    out.join("2026-10/current")
}

#[test]
fn two_processes_in_different_surroundings_leave_the_same_bytes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let temp = tempfile::tempdir().unwrap();
    let (data, pipelines) = (temp.path().join("exports"), temp.path().join("elsewhere/pipelines"));
    copy_backwards(&root.join("fixtures/demo"), &data);
    copy_backwards(&root.join("pipelines"), &pipelines);
    let home = temp.path().join("home");
    std::fs::create_dir(&home).unwrap();

    let here = run(
        "umask 022",
        root,
        &root.join("pipelines/month-end.yaml"),
        &root.join("fixtures/demo"),
        &temp.path().join("one"),
        &[("TZ", "Asia/Shanghai"), ("LANG", "zh_CN.UTF-8"), ("POLARS_MAX_THREADS", "1"), ("RAYON_NUM_THREADS", "1")],
    );
    let there = run(
        "umask 077",
        temp.path(),
        &pipelines.join("month-end.yaml"),
        &data,
        &temp.path().join("two"),
        &[
            ("TZ", "America/Los_Angeles"),
            ("LANG", "C"),
            ("LC_ALL", "C"),
            ("HOME", home.to_str().unwrap()),
            ("POLARS_MAX_THREADS", "4"),
            ("RAYON_NUM_THREADS", "4"),
        ],
    );
    let (one, two) = (tree(&here), tree(&there));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    assert!(one.len() > 20, "only {} files", one.len());
    for (name, (bytes, mode)) in &one {
        assert!(two[name].0 == *bytes, "{name} differs");
        assert_eq!((*mode, two[name].1), (0o600, 0o600), "{name} may be read by others");
    }
    assert_eq!(std::fs::read_link(&here).unwrap(), std::fs::read_link(&there).unwrap());
}
