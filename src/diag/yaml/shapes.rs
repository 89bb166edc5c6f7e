//! Shapes of YAML that several specs share: mappings whose order counts, and columns.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};

/// A mapping in the order of the file; a key that stands twice is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderedMap<T>(pub Vec<(String, T)>);

impl<T> Default for OrderedMap<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> OrderedMap<T> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Keys and values, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The keys, in the order of the file.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OrderedMap<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

struct Entries<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = OrderedMap<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OrderedMap<T>, A::Error> {
        let mut entries = OrderedMap(Vec::new());
        while let Some(key) = map.next_key::<String>()? {
            if entries.get(&key).is_some() {
                return Err(serde::de::Error::custom(format!("`{key}` stands here twice")));
            }
            entries.0.push((key, map.next_value()?));
        }
        Ok(entries)
    }
}

/// A computed column: an expression, or an expression with a unit and a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnSpec {
    /// The expression, as written.
    pub value: String,
    /// Unit of a result that has none by itself.
    pub unit: Option<String>,
    /// What reports call the column.
    pub label: Option<String>,
    /// Whether the file writes the long form, so that the expression's place ends in `value`.
    pub long: bool,
}

/// Computed columns in the order of the file: `c: EXPR` or `c: { value: EXPR, unit: …, label: … }`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnsSpec(pub OrderedMap<ColumnSpec>);

impl ColumnsSpec {
    /// Names and columns, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ColumnSpec)> {
        self.0.iter()
    }
}

impl<'de> Deserialize<'de> for ColumnsSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        OrderedMap::deserialize(deserializer).map(Self)
    }
}

/// The long form of a column.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LongColumn {
    value: String,
    unit: Option<String>,
    label: Option<String>,
}

impl<'de> Deserialize<'de> for ColumnSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrLong)
    }
}

struct TextOrLong;

impl<'de> Visitor<'de> for TextOrLong {
    type Value = ColumnSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an expression, or `{ value: …, unit: …, label: … }`")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ColumnSpec, E> {
        Ok(ColumnSpec { value: text.to_owned(), unit: None, label: None, long: false })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ColumnSpec, A::Error> {
        let LongColumn { value, unit, label } = LongColumn::deserialize(MapAccessDeserializer::new(map))?;
        Ok(ColumnSpec { value, unit, label, long: true })
    }
}
