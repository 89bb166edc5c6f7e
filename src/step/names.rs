//! A list of names, or a map of names to names, in YAML: `[a, b]` or `{ new: old }`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Pairs of names in the order of the file; a plain list stands for pairs of equal names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamesSpec {
    /// The pairs: what stands before the colon, and what stands behind it.
    pub pairs: Vec<(String, String)>,
    /// Whether the file has a map; then a place inside it is a key, otherwise an index.
    pub is_map: bool,
}

impl NamesSpec {
    /// Path step to a pair's place in the file: its key, or its index.
    pub fn step(&self, index: usize) -> String {
        match self.pairs.get(index) {
            Some((key, _)) if self.is_map => key.clone(),
            _ => index.to_string(),
        }
    }
}

impl<'de> Deserialize<'de> for NamesSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = NamesSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of names `[a, b]`, or a map `{ name: name }`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<NamesSpec, A::Error> {
        let mut pairs = Vec::new();
        while let Some(name) = seq.next_element::<String>()? {
            pairs.push((name.clone(), name));
        }
        Ok(NamesSpec { pairs, is_map: false })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NamesSpec, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry::<String, String>()? {
            pairs.push(pair);
        }
        Ok(NamesSpec { pairs, is_map: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> NamesSpec {
        crate::diag::yaml::read_text("names.yaml", text).unwrap()
    }

    #[test]
    fn a_list_stands_for_pairs_of_equal_names() {
        let names = read("[a, 1]");
        assert_eq!(names.pairs, [("a".to_owned(), "a".to_owned()), ("1".to_owned(), "1".to_owned())]);
        assert_eq!(names.step(1), "1");
    }

    #[test]
    fn a_map_keeps_the_order_of_the_file() {
        let names = read("{ z: b, a: y }");
        assert_eq!(names.pairs, [("z".to_owned(), "b".to_owned()), ("a".to_owned(), "y".to_owned())]);
        assert_eq!(names.step(0), "z");
    }
}
