//! The second reader: `serde_yaml` reads every file too, and must see the same keys and texts in the same
//! order. What two readers understand differently, people may, too.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::tree::{Content, Node};
use crate::diag::Code;

/// Two YAML readers understand a file differently.
pub const READERS_DISAGREE: Code =
    Code::new("yaml-readers-disagree", "two YAML readers understand the file differently");

/// What the second reader sees differently from the tree, if anything; a tree with a key that has no value is
/// not compared, for it has its own finding.
pub fn difference(root: &Node, text: &str) -> Option<String> {
    if !whole(root) {
        return None;
    }
    Same(root).deserialize(serde_yaml::Deserializer::from_str(text)).err().map(|error| error.to_string())
}

/// Whether every key has a value.
fn whole(node: &Node) -> bool {
    match &node.content {
        Content::Scalar { .. } => !node.is_void(),
        Content::List(elements) => elements.iter().all(whole),
        Content::Mapping { entries, .. } => entries.iter().all(|entry| whole(&entry.value)),
        Content::Unknown => false,
    }
}

/// A node of the tree that a value of the second reader must equal.
struct Same<'a>(&'a Node);

impl<'de> DeserializeSeed<'de> for Same<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match &self.0.content {
            Content::Scalar { .. } => deserializer.deserialize_str(self),
            Content::List(_) => deserializer.deserialize_seq(self),
            Content::Mapping { .. } => deserializer.deserialize_map(self),
            Content::Unknown => Err(D::Error::custom("a file with findings")),
        }
    }
}

impl<'de> Visitor<'de> for Same<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at byte {}", self.0.kind(), self.0.span.start)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        match &self.0.content {
            Content::Scalar { text: ours, .. } if ours == text => Ok(()),
            ours => Err(E::custom(format!("{text:?} against {ours:?}"))),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut theirs: A) -> Result<(), A::Error> {
        let Content::List(elements) = &self.0.content else { return Err(A::Error::custom("a list")) };
        for element in elements {
            theirs.next_element_seed(Same(element))?.ok_or_else(|| A::Error::custom("an element less"))?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut theirs: A) -> Result<(), A::Error> {
        let Content::Mapping { entries, .. } = &self.0.content else { return Err(A::Error::custom("a mapping")) };
        for entry in entries {
            match theirs.next_key::<String>()? {
                Some(key) if key == entry.key.text => theirs.next_value_seed(Same(&entry.value))?,
                key => return Err(A::Error::custom(format!("{key:?} against {:?}", entry.key.text))),
            }
        }
        Ok(())
    }
}
