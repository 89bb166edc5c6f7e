//! What `page.yaml` says: the title of the page, and what a run's files are called on it.

use serde::Deserialize;

/// A page as its file says it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct PageSpec {
    /// Id: the name of the folder, and of the file.
    pub page: String,
    /// Title.
    pub title: String,
    /// What files are called, in the order in which they are listed.
    pub files: Vec<FileNameSpec>,
}

/// What files are called whose paths look alike.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct FileNameSpec {
    /// Path inside the run; `*` stands for a part of a folder's or file's name.
    pub path: String,
    /// What people call it.
    pub name: String,
    /// What stands in it, in a few words.
    #[serde(default)]
    pub what: String,
    /// Whose it is, so that it stands in a list by name: `person`.
    #[serde(default)]
    pub of: Whose,
}

/// Whose a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::report) enum Whose {
    /// The store's, or of all.
    #[default]
    Store,
    /// A person's: its name is the employee id.
    Person,
}

impl PageSpec {
    /// The place of a file among those that the page names, and its entry.
    pub(in crate::report) fn entry(&self, path: &str) -> Option<(usize, &FileNameSpec)> {
        self.files.iter().enumerate().find(|(_, entry)| fits(&entry.path, path))
    }
}

/// Whether a path looks so: part by part, `*` for any characters of one part.
fn fits(pattern: &str, path: &str) -> bool {
    let (patterns, parts) = (pattern.split('/'), path.split('/'));
    patterns.clone().count() == parts.clone().count()
        && patterns.zip(parts).all(|(pattern, part)| match pattern.split_once('*') {
            None => pattern == part,
            Some((head, tail)) => {
                part.len() >= head.len() + tail.len() && part.starts_with(head) && part.ends_with(tail)
            }
        })
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_is_a_part_of_one_name() {
        assert!(fits("stores/*/a.csv", "stores/S01/a.csv"));
        assert!(fits("stores/*/x-*.pdf", "stores/S01/x-1.pdf"));
        assert!(!fits("stores/*/a.csv", "stores/S01/b/a.csv"));
        assert!(!fits("stores/*", "stores/S01/a.csv"));
        assert!(!fits("a*ba", "aba/x"));
        assert!(!fits("ab*ba", "aba"));
    }
}
