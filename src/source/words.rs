//! Short lists of texts that are looked up for every cell of a column.

/// A few texts, found by their first sixteen bytes: five Chinese characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    texts: Vec<String>,
    heads: Vec<(usize, u128)>,
}

impl Words {
    /// A list in the order in which messages show it.
    pub fn new(texts: Vec<String>) -> Self {
        let heads = texts.iter().map(|text| head(text)).collect();
        Self { texts, heads }
    }

    /// Whether a text is one of them.
    pub fn contain(&self, text: &str) -> bool {
        let head = head(text);
        let mut same = self.heads.iter().zip(&self.texts).filter(|(known, _)| **known == head);
        if text.len() <= 16 { same.next().is_some() } else { same.any(|(_, known)| known == text) }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The texts, in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// All of them, with commas between.
    pub fn listed(&self) -> String {
        self.texts.join(", ")
    }
}

/// Length and first sixteen bytes.
fn head(text: &str) -> (usize, u128) {
    let mut head = [0; 16];
    for (place, byte) in head.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
    (text.len(), u128::from_le_bytes(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_whole_or_not_at_all() {
        let words =
            Words::new(["维修", "内部返工维修", "外部返工维修", "外部返工维护", ""].map(str::to_owned).to_vec());
        for known in ["维修", "内部返工维修", "外部返工维修", "外部返工维护", ""] {
            assert!(words.contain(known), "{known}");
        }
        for unknown in ["维", "维修 ", "外部返工维", "外部返工维休", "外部返工维修厂", "\0"] {
            assert!(!words.contain(unknown), "{unknown}");
        }
    }
}
