//! A value with a title beside it.

use std::ops::Deref;

use serde::{Deserialize, Deserializer};

/// The key of the title.
pub(super) const TITLE: &str = "title";
/// The name by which the tree's deserializer knows what to do.
pub(super) const TITLED: &str = "$titled";

/// What a mapping says under its other keys, and what people call it: `title:` stands beside them, so that the one key
/// that says of which kind something is stays the only other one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Titled<T> {
    /// What people call it.
    pub title: Option<String>,
    value: T,
}

impl<T> Deref for Titled<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Titled<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename = "$titled")]
        struct Parts<T> {
            title: Option<String>,
            value: T,
        }
        let Parts { title, value } = Parts::deserialize(deserializer)?;
        Ok(Self { title, value })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{OrderedMap, read_text};
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    enum Kind {
        Cat { lives: u8 },
        Dog(String),
    }

    type File = OrderedMap<Titled<Kind>>;

    #[test]
    fn a_title_stands_before_or_behind_the_kind_or_nowhere() {
        let text = "a: { title: Tom, cat: { lives: 9 } }\nb: { dog: Rex, title: Hund }\nc: { dog: Rex }\n";
        let file: File = read_text("f.yaml", text).unwrap();
        let found: Vec<_> = file.iter().map(|(name, of)| (name, of.title.as_deref(), &**of)).collect();
        let rex = Kind::Dog("Rex".to_owned());
        let cat = Kind::Cat { lives: 9 };
        assert_eq!(found, [("a", Some("Tom"), &cat), ("b", Some("Hund"), &rex), ("c", None, &rex)]);
    }

    #[test]
    fn what_is_wrong_beside_a_title_is_said_of_its_own_place() {
        for (text, said) in [
            ("a: { title: Tom }", "`a` needs exactly one key, found none"),
            ("a: { title: Tom, dog: x, cat: { lives: 1 } }", "`a` needs exactly one key, found `dog`, `cat`"),
            ("a: { title: Tom, dgo: x }", "unknown kind `dgo`"),
            ("a: { title: [Tom], dog: x }", "`title` must be a text, but is a list"),
            ("a: { titel: Tom, dog: x }", "`a` needs exactly one key, found `titel`, `dog`"),
        ] {
            let findings = read_text::<File>("f.yaml", text).unwrap_err();
            let all: Vec<String> = findings.iter().map(|finding| finding.message.clone()).collect();
            assert!(all.iter().any(|message| message.contains(said)), "{text}: {all:?}");
        }
    }
}
