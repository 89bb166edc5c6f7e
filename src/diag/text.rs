//! What the program says of data, in the language of whoever reads it.
//!
//! The terminal is English; payslips, reports and the tables beside them speak the language of the run. So
//! trouble with data is told as a [`Text`]: the sentence as [`text!`](macro@text) writes it in English, and
//! its details by name. The other languages stand in `words/<language>.yaml`, by that sentence, under the code it
//! belongs to; a test holds that every sentence is there, with the same details. The files are part of the
//! program: what it can say and the words for it come from one version.
//!
//! What stands in exports is printed as it is in any language; for what authors of YAML wrote see
//! [`super::translation`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use super::Code;
use super::yaml::{OrderedMap, read_text};

/// Words of the program in Chinese: sentences by code, `title` among them.
const CHINESE: &str = include_str!("words/zh-CN.yaml");
/// The key under which a code has its name.
const TITLE: &str = "title";

/// A language in which the program speaks of data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub enum Language {
    /// As written in the sources.
    #[default]
    #[serde(rename = "en")]
    English,
    /// As `words/zh-CN.yaml` says.
    #[serde(rename = "zh-CN")]
    Chinese,
}

impl Language {
    /// The tag by which message files name it: `zh-CN`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// Every language, the one of the sources last.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// The language of a tag; English for one that is not known.
    pub fn of_tag(tag: &str) -> Self {
        if tag.starts_with("zh") { Self::Chinese } else { Self::English }
    }
}

/// Something said of data; [`fmt::Display`] writes it in English, as the terminal shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Text {
    /// Stands as it is in every language: a name, a number, what an author of YAML wrote.
    Plain(String),
    /// A sentence of the program.
    Sentence {
        /// The sentence in English, details in braces: `no row of {frame}`.
        words: Cow<'static, str>,
        /// Details by name.
        details: Vec<(&'static str, Text)>,
    },
    /// A column or a frame: its id on the terminal, for who looks into the YAML; its label on pages and in tables.
    Name {
        /// Which of the two.
        kind: Named,
        /// As YAML files write it.
        id: String,
        /// What people call it; the id until [`Text::labelled`].
        label: String,
    },
    /// Sentences, one after the other.
    List(Vec<Text>),
    /// Values of one row.
    Row(Vec<Text>),
}

/// What a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// A column of a frame.
    Column,
    /// A dataset, or a step.
    Frame,
    /// A text that stands in a cell, and means what it says.
    Value,
}

/// A sentence of the program and its details: `text!("{bad} of {all} rows", bad, all = rows.len())`.
///
/// The compiler holds that sentence and details agree.
#[macro_export]
#[doc(hidden)]
macro_rules! __text {
    ($words:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        // Formats nothing: an unknown or unused detail does not compile.
        let _ = |$($name: &str),*| { let _ = format_args!($words $(, $name = $name)*); };
        $crate::diag::text::Text::Sentence {
            words: std::borrow::Cow::Borrowed($words),
            details: vec![$((stringify!($name), $crate::__text!(@ $name $(= $value)?))),*],
        }
    }};
    (@ $name:ident = $value:expr) => { $crate::diag::text::Text::from($value) };
    (@ $name:ident) => { $crate::diag::text::Text::from($name) };
}

pub use crate::__text as text;

impl Text {
    /// A sentence without details that comes from a module which knows nothing of languages.
    pub fn of(words: impl Into<Cow<'static, str>>) -> Self {
        Self::Sentence { words: words.into(), details: Vec::new() }
    }

    /// A column, by the id that YAML files write.
    pub fn column(id: &str) -> Self {
        Self::Name { kind: Named::Column, id: id.to_owned(), label: id.to_owned() }
    }

    /// A dataset or step, by the name that YAML files write.
    pub fn frame(id: &str) -> Self {
        Self::Name { kind: Named::Frame, id: id.to_owned(), label: id.to_owned() }
    }

    /// The same with labels for the columns and frames that it names, where there are any, and with the words of values
    /// in another language.
    #[must_use]
    pub fn labelled(self, label_of: &dyn Fn(Named, &str) -> Option<String>) -> Self {
        let all = |texts: Vec<Self>| texts.into_iter().map(|text| text.labelled(label_of)).collect();
        match self {
            Self::Plain(text) => Self::Plain(label_of(Named::Value, &text).unwrap_or(text)),
            Self::Name { kind, id, label } => Self::Name { kind, label: label_of(kind, &id).unwrap_or(label), id },
            Self::Sentence { words, details } => {
                let details = details.into_iter().map(|(name, text)| (name, text.labelled(label_of))).collect();
                Self::Sentence { words, details }
            }
            Self::List(texts) => Self::List(all(texts)),
            Self::Row(texts) => Self::Row(all(texts)),
        }
    }

    /// Nothing to say.
    pub fn none() -> Self {
        Self::Plain(String::new())
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Plain(text) => text.is_empty(),
            Self::Sentence { words, .. } => words.is_empty(),
            Self::Name { .. } => false,
            Self::List(texts) | Self::Row(texts) => texts.iter().all(Self::is_empty),
        }
    }

    /// The text in a language, as pages and tables print it; a sentence that the language lacks stands in English.
    pub fn to(&self, language: Language) -> String {
        let mut written = String::new();
        self.write(language, false, &mut written);
        written
    }

    fn write(&self, language: Language, ids: bool, written: &mut String) {
        match self {
            Self::Plain(text) => written.push_str(text),
            Self::Sentence { words, details } => {
                let mut rest = match language {
                    Language::English => words,
                    Language::Chinese => WORDS.sentences.get(&**words).map_or(&**words, String::as_str),
                };
                while let Some((before, inside)) = rest.split_once('{') {
                    written.push_str(before);
                    let (name, after) = inside.split_once('}').unwrap_or((inside, ""));
                    if let Some((_, detail)) = details.iter().find(|(known, _)| *known == name) {
                        detail.write(language, ids, written);
                    }
                    rest = after;
                }
                written.push_str(rest);
            }
            Self::Name { id, label, .. } => written.push_str(if ids { id } else { label }),
            Self::List(texts) | Self::Row(texts) => {
                let between = match (language, matches!(self, Self::Row(_))) {
                    (Language::English, false) => "; ",
                    (Language::English, true) => ", ",
                    (Language::Chinese, false) => "；",
                    (Language::Chinese, true) => "、",
                };
                for (at, text) in texts.iter().enumerate() {
                    if at > 0 {
                        written.push_str(between);
                    }
                    text.write(language, ids, written);
                }
            }
        }
    }
}

/// What a kind of exception is called; its id where the project has given the code itself.
pub fn title(code: Code, language: Language) -> &'static str {
    match language {
        Language::English => code.id,
        Language::Chinese => WORDS.titles.get(code.id).map_or(code.id, String::as_str),
    }
}

/// Every sentence of a language by the English one, and every title by its code; for tests.
pub fn vocabulary() -> (&'static BTreeMap<String, String>, &'static BTreeMap<String, String>) {
    (&WORDS.sentences, &WORDS.titles)
}

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::read(CHINESE));

#[derive(Default)]
struct Words {
    sentences: BTreeMap<String, String>,
    titles: BTreeMap<String, String>,
}

impl Words {
    /// Words of a file; none where it cannot be read, which a test excludes.
    fn read(text: &str) -> Self {
        let mut words = Self::default();
        let codes: OrderedMap<OrderedMap<String>> = read_text("words.yaml", text).unwrap_or_default();
        for (code, OrderedMap(sentences)) in codes.0 {
            for (english, own) in sentences {
                if english == TITLE {
                    words.titles.insert(code.clone(), own);
                } else {
                    words.sentences.insert(english, own);
                }
            }
        }
        words
    }
}

impl serde::Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut written = String::new();
        self.write(Language::English, true, &mut written);
        f.write_str(&written)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        Self::Plain(text.into_owned())
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Self {
        text.clone()
    }
}

/// Further types whose text is the same in every language.
macro_rules! plain {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Text {
            fn from(value: $kind) -> Self {
                Self::Plain(value.to_string())
            }
        }
    )*};
}
plain!(&String, &&str, &Arc<str>, Arc<str>, u8, u32, i32, u64, usize, &u32, &usize, jiff::civil::Date);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_hold_their_details_and_lists_their_order() {
        let rows = text!("rows {rows} and {more} more", rows = "1, 2", more = 3_usize);
        assert_eq!(rows.to_string(), "rows 1, 2 and 3 more");
        assert_eq!(rows.to(Language::Chinese), "第 1, 2 行等，另有 3 行");
        let list = Text::List(vec![rows, Text::from("原文 {x}"), Text::of("no sentence of any language")]);
        assert_eq!(list.to(Language::Chinese), "第 1, 2 行等，另有 3 行；原文 {x}；no sentence of any language");
        let row = text!("{name} = {value}", name = Text::column("store_id"), value = Text::of("absent"));
        let row = Text::Row(vec![row.clone(), row]);
        let label = |kind, id: &str| (kind == Named::Column && id == "store_id").then(|| "门店".to_owned());
        assert_eq!(row.clone().labelled(&label).to_string(), "store_id = absent, store_id = absent");
        assert_eq!(row.labelled(&label).to(Language::Chinese), "门店 = 空、门店 = 空");
        assert!(Text::none().is_empty() && Text::List(Vec::new()).is_empty() && !list.is_empty());
    }
}
