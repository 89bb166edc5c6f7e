//! The marked tree as a serde deserializer.

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
    value::StrDeserializer,
};

use super::read::{BAD_VALUE, Cx, NO_VALUE, ONE_KEY, Said, Trouble, UNKNOWN_KEY, UNKNOWN_WORD, WRONG_KIND, list};
use super::titled::{TITLE, TITLED};
use super::tree::{Content, Entry, Key, Node, Style};
use super::wild::Wild;
use crate::diag::nearest;

/// A node about to be read.
#[derive(Clone, Copy)]
pub(super) struct De<'a> {
    cx: &'a Cx,
    node: &'a Node,
    /// The key it is the value of.
    key: Option<&'a Key>,
    /// Whether a `title` beside the keys of a mapping is none of them.
    titled: bool,
}

impl<'a> De<'a> {
    pub(super) fn root(cx: &'a Cx, node: &'a Node) -> Self {
        Self { cx, node, key: None, titled: false }
    }

    /// The value of an entry.
    const fn of(cx: &'a Cx, entry: &'a Entry) -> Self {
        Self { cx, node: &entry.value, key: Some(&entry.key), titled: false }
    }

    /// Whether a finding has been made of it, so that it reads as whatever is wanted.
    fn is_wild(&self) -> bool {
        matches!(self.node.content, Content::Unknown) || self.cx.is_broken(self.node.id)
    }

    /// What a message calls the value.
    fn name(&self) -> String {
        self.key.map_or_else(|| "this".to_owned(), |key| format!("`{}`", key.text))
    }

    /// Reports trouble that nobody below has reported, here.
    fn here<T>(&self, result: Result<T, Trouble>) -> Result<T, Trouble> {
        result.map_err(|trouble| {
            match trouble {
                Trouble::Reported => {}
                Trouble::Missing(field) => {
                    let incomplete = matches!(self.node.content, Content::Mapping { incomplete: true, .. });
                    self.cx.report_missing(self.node, self.key, field, incomplete);
                }
                Trouble::Said(said) => {
                    let span = if self.node.is_void() { self.key.map(|key| &key.span) } else { None };
                    self.cx.report(self.node.id, span.unwrap_or(&self.node.span), said);
                }
            }
            Trouble::Reported
        })
    }

    fn wanted(&self, wanted: &str) -> Trouble {
        if self.node.is_void() {
            return self.no_value();
        }
        let said = Said::new(WRONG_KIND, format!("{} must be {wanted}, but is {}", self.name(), self.node.kind()));
        match (wanted, &self.node.content) {
            ("a text", Content::List(_) | Content::Mapping { .. }) => {
                said.hint("put the text in quotes if its brackets or braces belong to it").into()
            }
            ("a list", Content::Scalar { .. }) => said.hint("write a list of one as `[…]`").into(),
            ("a list", _) => said.hint("write `- ` before each element").into(),
            ("a mapping", _) => said.hint("write its `key: value` lines below it, indented").into(),
            _ => said.hint("see what the others of its kind write").into(),
        }
    }

    fn no_value(&self) -> Trouble {
        let said = Said::new(NO_VALUE, format!("{} has no value", self.name()));
        said.hint("write one, or delete the key; an empty list is `[]`, an empty text `\"\"`").into()
    }

    fn text(&self) -> Result<&'a str, Trouble> {
        match &self.node.content {
            _ if self.node.is_absent() => Err(self.no_value()),
            Content::Scalar { text, .. } => Ok(text),
            _ => Err(self.wanted("a text")),
        }
    }

    fn integer<T: std::str::FromStr>(&self) -> Result<T, Trouble> {
        let text = self.text()?;
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = matches!(self.node.content, Content::Scalar { style: Style::Plain, .. });
        let written = plain && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = if written { text.parse().ok() } else { None };
        number.ok_or_else(|| {
            let said = Said::new(BAD_VALUE, format!("{} must be a whole number, not `{text}`", self.name()));
            said.hint("write plain digits, such as `2`").into()
        })
    }

    fn elements<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Trouble> {
        match &self.node.content {
            Content::List(elements) => visitor.visit_seq(Elements { cx: self.cx, elements: elements.iter() }),
            _ => Err(self.wanted("a list")),
        }
    }

    fn entries<V: Visitor<'a>>(self, fields: Option<&'static [&'static str]>, visitor: V) -> Result<V::Value, Trouble> {
        let Content::Mapping { entries, .. } = &self.node.content else { return Err(self.wanted("a mapping")) };
        let mut taken: Vec<&Entry> = Vec::with_capacity(entries.len());
        for entry in entries {
            if let Some(fields) = fields.filter(|fields| !fields.contains(&entry.key.text.as_str())) {
                let said = Said::not_among(UNKNOWN_KEY, "key", &entry.key.text, fields);
                self.cx.report(entry.key.id, &entry.key.span, said);
                let near = nearest(&entry.key.text, fields.iter().copied());
                let meant = fields.iter().find(|field| near == Some(**field) && self.node.entry(field).is_none());
                if let Some(field) = meant {
                    self.cx.excuse(self.node.id, field);
                }
            }
            if !self.cx.is_broken(entry.key.id) {
                taken.push(entry);
            }
        }
        let missing = self.cx.missing(self.node.id);
        visitor.visit_map(Entries {
            cx: self.cx,
            present: taken.into_iter(),
            missing: missing.into_iter(),
            value: None,
        })
    }

    fn variant<V: Visitor<'a>>(self, variants: &'static [&'static str], visitor: V) -> Result<V::Value, Trouble> {
        match &self.node.content {
            Content::Scalar { text, .. } if !self.node.is_absent() => {
                if !variants.contains(&text.as_str()) {
                    return Err(Said::not_among(UNKNOWN_WORD, "word", text, variants).into());
                }
                visitor.visit_enum(Variant { name: text, value: None })
            }
            Content::Mapping { entries, .. } => {
                let own = entries.iter().filter(|entry| !(self.titled && entry.key.text == TITLE));
                let own: Vec<&Entry> = own.collect();
                let [entry] = own.as_slice() else {
                    let keys: Vec<&str> = own.iter().map(|entry| entry.key.text.as_str()).collect();
                    let found = if keys.is_empty() { "none".to_owned() } else { list(&keys) };
                    let said = Said::new(ONE_KEY, format!("{} needs exactly one key, found {found}", self.name()));
                    return Err(said.hint(format!("possible here: {}", list(variants))).into());
                };
                if !variants.contains(&entry.key.text.as_str()) {
                    let said = Said::not_among(UNKNOWN_WORD, "kind", &entry.key.text, variants);
                    self.cx.report(self.node.id, &entry.key.span, said);
                    return Err(Trouble::Reported);
                }
                let value = De::of(self.cx, entry);
                visitor.visit_enum(Variant { name: &entry.key.text, value: Some(value) })
            }
            _ => Err(self.wanted("a word or a mapping of one key")),
        }
    }
}

/// Writes methods that read a value, or anything at all where a finding has been made of it.
macro_rules! read {
    ($($method:ident($($name:ident: $kind:ty),*) => |$de:ident, $visitor:ident| $body:expr;)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($name: $kind,)* visitor: V) -> Result<V::Value, Trouble> {
            if self.is_wild() {
                return Wild.$method($($name,)* visitor);
            }
            let ($de, $visitor) = (self, visitor);
            let result = $body;
            self.here(result)
        }
    )*};
}

impl<'de> Deserializer<'de> for De<'de> {
    type Error = Trouble;

    read! {
        deserialize_any() => |de, visitor| match &de.node.content {
            _ if de.node.is_void() => Err(de.no_value()),
            Content::Scalar { .. } if de.node.is_absent() => visitor.visit_unit(),
            Content::Scalar { text, .. } => visitor.visit_str(text),
            Content::List(_) => de.elements(visitor),
            _ => de.entries(None, visitor),
        };
        deserialize_bool() => |de, visitor| match de.text() {
            Ok("true") => visitor.visit_bool(true),
            Ok("false") => visitor.visit_bool(false),
            Ok(text) => {
                let said = Said::new(BAD_VALUE, format!("{} is `true` or `false`, not `{text}`", de.name()));
                Err(said.hint("write one of the two words, without quotes").into())
            }
            Err(trouble) => Err(trouble),
        };
        deserialize_i8() => |de, visitor| de.integer().and_then(|number| visitor.visit_i8(number));
        deserialize_i16() => |de, visitor| de.integer().and_then(|number| visitor.visit_i16(number));
        deserialize_i32() => |de, visitor| de.integer().and_then(|number| visitor.visit_i32(number));
        deserialize_i64() => |de, visitor| de.integer().and_then(|number| visitor.visit_i64(number));
        deserialize_u8() => |de, visitor| de.integer().and_then(|number| visitor.visit_u8(number));
        deserialize_u16() => |de, visitor| de.integer().and_then(|number| visitor.visit_u16(number));
        deserialize_u32() => |de, visitor| de.integer().and_then(|number| visitor.visit_u32(number));
        deserialize_u64() => |de, visitor| de.integer().and_then(|number| visitor.visit_u64(number));
        deserialize_char() => |de, visitor| de.text().and_then(|text| visitor.visit_str(text));
        deserialize_str() => |de, visitor| de.text().and_then(|text| visitor.visit_str(text));
        deserialize_string() => |de, visitor| de.text().and_then(|text| visitor.visit_str(text));
        deserialize_option() => |de, visitor| match () {
            () if de.node.is_void() => Err(de.no_value()),
            () if de.node.is_absent() => visitor.visit_none(),
            () => visitor.visit_some(de),
        };
        deserialize_unit() => |de, visitor| if de.node.is_absent() { visitor.visit_unit() } else { Err(de.wanted("empty")) };
        deserialize_unit_struct(_name: &'static str) => |de, visitor| de.deserialize_unit(visitor);
        deserialize_newtype_struct(_name: &'static str) => |de, visitor| visitor.visit_newtype_struct(de);
        deserialize_seq() => |de, visitor| de.elements(visitor);
        deserialize_tuple(_len: usize) => |de, visitor| de.elements(visitor);
        deserialize_tuple_struct(_name: &'static str, _len: usize) => |de, visitor| de.elements(visitor);
        deserialize_map() => |de, visitor| de.entries(None, visitor);
        deserialize_struct(name: &'static str, fields: &'static [&'static str]) => |de, visitor| match name {
            TITLED => visitor.visit_map(Parts { of: de, title: de.node.entry(TITLE), part: 0 }),
            _ => de.entries(Some(fields), visitor),
        };
        deserialize_enum(_name: &'static str, variants: &'static [&'static str]) =>
            |de, visitor| de.variant(variants, visitor);
        deserialize_identifier() => |de, visitor| de.text().and_then(|text| visitor.visit_str(text));
        deserialize_ignored_any() => |_de, visitor| visitor.visit_unit();
    }

    serde::forward_to_deserialize_any! { bytes byte_buf }

    // Numbers are text: whoever asks for a float is told that a text is here.
    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Trouble> {
        self.deserialize_any(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Trouble> {
        self.deserialize_any(visitor)
    }
}

struct Elements<'a> {
    cx: &'a Cx,
    elements: std::slice::Iter<'a, Node>,
}

impl<'a> SeqAccess<'a> for Elements<'a> {
    type Error = Trouble;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, Trouble> {
        self.elements
            .next()
            .map(|node| seed.deserialize(De { cx: self.cx, node, key: None, titled: false }))
            .transpose()
    }
}

struct Entries<'a> {
    cx: &'a Cx,
    present: std::vec::IntoIter<&'a Entry>,
    missing: std::vec::IntoIter<&'static str>,
    /// The entry whose key was read last; none for a missing one.
    value: Option<&'a Entry>,
}

impl<'a> MapAccess<'a> for Entries<'a> {
    type Error = Trouble;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Trouble> {
        self.value = self.present.next();
        match (self.value, self.missing.as_slice().first()) {
            (Some(entry), _) => {
                let key: StrDeserializer<'_, Trouble> = entry.key.text.as_str().into_deserializer();
                seed.deserialize(key).map(Some).map_err(|trouble| {
                    if let Trouble::Said(said) = trouble {
                        self.cx.report(entry.key.id, &entry.key.span, said);
                    }
                    Trouble::Reported
                })
            }
            (None, Some(_)) => {
                let missing = self.missing.next().unwrap_or_default();
                let key: StrDeserializer<'_, Trouble> = missing.into_deserializer();
                seed.deserialize(key).map(Some)
            }
            (None, None) => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Trouble> {
        match self.value {
            Some(entry) => seed.deserialize(De::of(self.cx, entry)),
            None => seed.deserialize(Wild),
        }
    }
}

/// The two parts of a [`super::Titled`]: the title, and the same mapping without it.
struct Parts<'a> {
    of: De<'a>,
    title: Option<&'a Entry>,
    part: usize,
}

impl<'a> MapAccess<'a> for Parts<'a> {
    type Error = Trouble;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Trouble> {
        if self.part == 0 && self.title.is_none() {
            self.part = 1;
        }
        let Some(name) = [TITLE, "value"].get(self.part) else { return Ok(None) };
        let name: StrDeserializer<'_, Trouble> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Trouble> {
        self.part += 1;
        match self.title {
            Some(title) if self.part == 1 => seed.deserialize(De::of(self.of.cx, title)),
            _ => seed.deserialize(De { titled: true, ..self.of }),
        }
    }
}

/// The word of an enum, with its content where it is the key of a mapping.
struct Variant<'a> {
    name: &'a str,
    value: Option<De<'a>>,
}

impl<'a> EnumAccess<'a> for Variant<'a> {
    type Error = Trouble;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'a>>(self, seed: V) -> Result<(V::Value, Self), Trouble> {
        let name: StrDeserializer<'_, Trouble> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'a> Variant<'a> {
    fn content(self) -> Result<De<'a>, Trouble> {
        let Self { name, value } = self;
        value.ok_or_else(|| Said::new(WRONG_KIND, format!("`{name}` needs content: `{name}: {{…}}`")).into())
    }
}

impl<'a> VariantAccess<'a> for Variant<'a> {
    type Error = Trouble;

    fn unit_variant(self) -> Result<(), Trouble> {
        match self.value {
            None => Ok(()),
            Some(_) => Err(Said::new(WRONG_KIND, format!("write the bare word `{}`", self.name)).into()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value, Trouble> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'a>>(self, len: usize, visitor: V) -> Result<V::Value, Trouble> {
        self.content()?.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'a>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Trouble> {
        self.content()?.deserialize_struct("", fields, visitor)
    }
}
