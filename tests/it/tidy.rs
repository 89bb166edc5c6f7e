//! The shape of the source: imports run downward, files stay short, nothing panics.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::repository;

/// Modules from top to bottom; those of one row may not import each other.
const LAYERS: [&[&str]; 9] = [
    &["cli"],
    &["report"],
    &["run"],
    &["plan"],
    &["spec"],
    &["step", "source"],
    &["expr"],
    &["money"],
    &["diag", "world"],
];

const LONGEST: usize = 600;

/// What may not stand in the program, and where it may all the same.
const BANNED: &[(&str, &[&str])] = &[
    (".unwrap()", &[]),
    (".expect(", &[]),
    ("panic!(", &[]),
    ("todo!(", &[]),
    ("unimplemented!(", &[]),
    ("unreachable!(", &[]),
    ("unsafe ", &["src/world/"]),
    ("HashMap", &[]),
    ("HashSet", &[]),
    ("std::fs", &["src/world/"]),
    ("std::env", &["src/world/", "src/main.rs"]),
    ("SystemTime", &["src/world/"]),
    ("Instant::now", &["src/world/"]),
    ("println!(", &["src/cli/"]),
    ("eprintln!(", &["src/cli/"]),
    ("f32", &["src/report/"]),
    ("f64", &["src/report/", "src/source/cell/", "src/source/xlsx.rs"]),
];

/// A source file without its tests and comments.
struct Source {
    path: String,
    lines: Vec<(usize, String)>,
}

fn sources() -> Vec<Source> {
    let paths: Vec<String> =
        repository::files("src", ".rs").iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let tests = test_modules(&paths);
    paths
        .into_iter()
        .filter(|path| !tests.iter().any(|test| path == &format!("{test}.rs") || path.starts_with(&format!("{test}/"))))
        .map(|path| {
            let text = repository::text(&path);
            let lines = without_tests(&text).into_iter().map(|(number, line)| (number, without_comment(line)));
            Source { lines: lines.filter(|(_, line)| !line.trim().is_empty()).collect(), path }
        })
        .collect()
}

/// Lines with their numbers, without the items that exist for tests alone.
fn without_tests(text: &str) -> Vec<(usize, &str)> {
    let mut kept = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            kept.push((number + 1, line));
            continue;
        }
        let closing = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
        let item = lines.find(|(_, line)| !line.trim_start().starts_with("#["));
        if item.is_some_and(|(_, line)| line.ends_with('{')) {
            lines.find(|(_, line)| *line == closing);
        }
    }
    kept
}

/// Paths, without `.rs`, of modules that exist for tests alone.
fn test_modules(paths: &[String]) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for path in paths {
        let text = repository::text(path);
        let folder = path.strip_suffix("mod.rs").map_or_else(
            || path.replace(".rs", "/").replace("src/lib/", "src/").replace("src/main/", "src/"),
            str::to_owned,
        );
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines.windows(2) {
            let name = pair[1].split_once("mod ").and_then(|(_, rest)| rest.strip_suffix(';'));
            if let ("#[cfg(test)]", Some(name)) = (pair[0].trim(), name) {
                modules.insert(format!("{folder}{name}"));
            }
        }
    }
    modules
}

fn without_comment(line: &str) -> String {
    let comment =
        line.find("//").filter(|at| !line[..*at].ends_with(':') && line[..*at].matches('"').count().is_multiple_of(2));
    comment.map_or(line, |at| &line[..at]).to_owned()
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// Modules that a line names from the root of the crate.
fn named(path: &str, line: &str) -> Vec<String> {
    let top = path.ends_with("/mod.rs") && path.matches('/').count() == 2;
    let roots = ["crate::", if top && line.starts_with("use super::") { "super::" } else { "crate::" }];
    let mut found = Vec::new();
    for root in roots {
        for rest in line.split(root).skip(1) {
            let rest = rest.strip_prefix('{').unwrap_or(rest);
            found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found
}

#[test]
fn every_module_has_its_layer() {
    for path in repository::files("src", ".rs") {
        let path = path.to_string_lossy().into_owned();
        let module = path["src/".len()..].split(['/', '.']).next().unwrap_or_default().to_owned();
        assert!(layer(&module).is_some() || ["lib", "main"].contains(&module.as_str()), "{path}");
    }
}

#[test]
fn imports_run_downward() {
    let mut upward = String::new();
    for Source { path, lines } in sources() {
        let Some(module) = path["src/".len()..].split('/').next().filter(|module| layer(module).is_some()) else {
            continue;
        };
        for (number, line) in lines {
            for other in named(&path, &line) {
                let Some(below) = layer(&other) else { continue };
                if other != module && Some(below) <= layer(module) {
                    let _ = writeln!(upward, "{path}:{number}: `{module}` may not import `{other}`");
                }
            }
        }
    }
    assert!(upward.is_empty(), "{upward}");
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut wrong = String::new();
    for path in repository::files("src", ".rs").into_iter().chain(repository::files("tests/it", ".rs")) {
        let text = repository::text(&path);
        let length = text.lines().count();
        if length > LONGEST {
            let _ = writeln!(wrong, "{}: {length} lines", path.display());
        }
        if !text.starts_with("//! ") {
            let _ = writeln!(wrong, "{}: no `//!` at the top", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn nothing_panics_and_nothing_reaches_around_the_world() {
    let mut wrong = String::new();
    for Source { path, lines } in sources() {
        for (number, line) in lines {
            for (word, allowed) in BANNED {
                if contains_word(&line, word) && !allowed.iter().any(|folder| path.starts_with(folder)) {
                    let _ = writeln!(wrong, "{path}:{number}: `{word}`");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Whether a word stands in a line, not as a part of a longer one.
fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let before = line[..at].chars().next_back().is_some_and(part);
        let after = line[at + word.len()..].chars().next().is_some_and(part);
        let (first, last) = (word.starts_with(part), word.ends_with(part));
        !(before && first || after && last)
    })
}
