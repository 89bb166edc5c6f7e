//! Names for ids that people chose: safe everywhere, stable, and different for different ids.
//!
//! An id made of upper-case Latin letters, digits, `-`, `_`, `.` and common Chinese characters keeps its
//! name, unless a file system gives it a meaning (`CON`, a leading dot). Every other id gets what can be
//! kept of it, a `~` and the first twenty digits of its SHA-256: `../x` becomes `___x~…`. Lower-case letters
//! are among the others because some file systems hold `a` and `A` for the same name. The name depends on
//! nothing but the id: whoever joins or leaves a store does not rename the others.

use crate::world::hash::sha256;

/// Longest name, in bytes, leaving room for an extension on every file system.
const LONGEST: usize = 120;
/// Longest part of an id that is kept beside its hash, in bytes.
const KEPT: usize = 60;

/// The file or folder name of an id.
pub fn file_name(id: &str) -> String {
    if is_plain(id) { id.to_owned() } else { hashed(id) }
}

/// The code of one of many lines of a kind: the line's name and what can be kept of the entry's number. Other than in
/// a file name, lower-case letters stay.
pub fn line_code(line: &str, entry: &str) -> String {
    let plain = entry.chars().all(|character| is_safe(character) || character.is_ascii_lowercase());
    let plain = plain && !entry.is_empty() && entry.len() <= KEPT;
    let entry = if plain { entry.to_owned() } else { hashed(entry) };
    format!("{line}-{entry}")
}

/// What can be kept of an id, and its hash.
fn hashed(id: &str) -> String {
    let mut kept = String::new();
    for character in id.chars() {
        let safe = (is_safe(character) && character != '.') || character.is_ascii_lowercase();
        let next = if safe { character } else { '_' };
        if kept.len() + next.len_utf8() > KEPT {
            break;
        }
        kept.push(next);
    }
    let kept = match kept.trim_start_matches('-') {
        "" => "_",
        kept => kept,
    };
    let hash = sha256(id.as_bytes());
    format!("{kept}~{}", hash.get(..20).unwrap_or(&hash))
}

/// Characters that mean the same to every file system, in one case and one normal form.
fn is_safe(character: char) -> bool {
    matches!(character, 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')
}

fn is_plain(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= LONGEST
        && id.chars().all(is_safe)
        && !id.starts_with(['.', '-'])
        && !id.ends_with('.')
        && !is_device(id)
}

/// Names that Windows keeps for devices, with any extension.
fn is_device(id: &str) -> bool {
    let stem = id.split_once('.').map_or(id, |(stem, _)| stem);
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    matches!(stem, "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn hostile() -> Vec<String> {
        let mut ids: Vec<String> = [
            "",
            ".",
            "..",
            "../x",
            "..\\x",
            "/etc/passwd",
            "A/1",
            "A_1",
            "A\\1",
            "A:1",
            "a",
            "A",
            "aA",
            "Aa",
            "AA",
            "CON",
            "con",
            "CON.txt",
            "CONS",
            "NUL",
            "COM1",
            "COM10",
            "LPT9",
            "A.",
            "A ",
            " A",
            "A~1",
            "-rf",
            "~",
            "*",
            "张伟",
            "张 伟",
            "𠮷野",
            "é",
            "e\u{301}",
            "A\0",
            "A\n",
            "\u{202E}A",
            "=1+1",
            "#panic()",
            "ＡＢ",
            "豈",
        ]
        .map(str::to_owned)
        .to_vec();
        ids.extend(["X".repeat(119), "X".repeat(120), "X".repeat(121), "X".repeat(200), "工".repeat(200)]);
        ids.extend(["工".repeat(201), "x".repeat(200)]);
        let names: Vec<String> = ids.iter().map(|id| file_name(id)).collect();
        ids.extend(names); // An id that looks like the name of another.
        ids
    }

    #[test]
    fn different_ids_have_different_names_even_where_case_does_not_count() {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for id in hostile() {
            let name = file_name(&id).to_lowercase();
            if let Some(other) = seen.insert(name.clone(), id.clone()) {
                assert_eq!(other, id, "both are called {name}");
            }
        }
    }

    #[test]
    fn every_name_is_one_safe_part_of_a_path() {
        for id in hostile() {
            let name = file_name(&id);
            assert!(!name.is_empty() && name.len() <= LONGEST, "{id:?} → {name}");
            assert!(!name.starts_with(['.', '-', ' ']) && !name.ends_with(['.', ' ']), "{id:?} → {name}");
            assert!(!name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|', '\0', '\n', '\u{202E}']), "{name}");
            assert!(!is_device(&name.to_uppercase()), "{id:?} → {name}");
        }
    }

    #[test]
    fn ordinary_ids_keep_their_name() {
        for id in ["A1", "00123", "S01", "SA-017_B", "张伟", "工号0012", "A.1"] {
            assert_eq!(file_name(id), id);
        }
    }

    #[test]
    fn entries_have_different_codes_and_ordinary_ones_keep_their_number() {
        assert_eq!(line_code("ledger", "0007"), "ledger-0007");
        assert_eq!(line_code("ledger", "jl-2026.7"), "ledger-jl-2026.7");
        let codes: BTreeMap<String, String> = hostile().into_iter().map(|id| (line_code("l", &id), id)).collect();
        assert_eq!(codes.len(), hostile().into_iter().collect::<std::collections::BTreeSet<_>>().len());
        assert!(codes.keys().all(|code| code.chars().all(|c| is_safe(c) || c.is_ascii_lowercase() || c == '~')));
    }

    #[test]
    fn names_do_not_change_between_versions() {
        assert_eq!(file_name("a"), "a~ca978112ca1bbdcafac2");
        assert_eq!(file_name("../x"), "___x~d6b96a97d147daaae49e");
        assert_eq!(file_name(""), "_~e3b0c44298fc1c149afb");
    }
}
