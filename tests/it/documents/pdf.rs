//! A PDF as programs for people who cannot see it read it: its structure tree, and the text of each element by the
//! fonts' own tables.

use std::collections::BTreeMap;

use lopdf::content::Content;
use lopdf::{Dictionary, Document, Object, ObjectId};

/// An element of the structure tree.
#[derive(Debug, Default)]
pub struct Element {
    /// What it is: `H1`, `Table`, `TH`, `Figure`.
    pub tag: String,
    /// Alternative text, where it has some.
    pub alt: Option<String>,
    /// Scope of a header cell.
    pub scope: Option<String>,
    /// Its own text and that of what is below it, in the order of the tree.
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// This element and all below it, in reading order.
    pub fn all(&self) -> Vec<&Self> {
        let below = self.children.iter().flat_map(Self::all);
        std::iter::once(self).chain(below).collect()
    }
}

/// What an object is behind its references.
pub fn resolved<'a>(pdf: &'a Document, object: &'a Object) -> &'a Object {
    match object {
        Object::Reference(id) => pdf.get_object(*id).map_or(object, |object| resolved(pdf, object)),
        other => other,
    }
}

pub fn dictionary<'a>(pdf: &'a Document, object: &'a Object) -> Option<&'a Dictionary> {
    match resolved(pdf, object) {
        Object::Dictionary(dictionary) => Some(dictionary),
        Object::Stream(stream) => Some(&stream.dict),
        _ => None,
    }
}

/// A value of a dictionary, behind its references.
pub fn at<'a>(pdf: &'a Document, dictionary: &'a Dictionary, key: &str) -> Option<&'a Object> {
    dictionary.get(key.as_bytes()).ok().map(|object| resolved(pdf, object))
}

pub fn name(object: Option<&Object>) -> Option<String> {
    object.and_then(|object| object.as_name().ok()).map(|name| String::from_utf8_lossy(name).into_owned())
}

/// A text string: UTF-16 behind its mark, or plain.
pub fn string(object: Option<&Object>) -> Option<String> {
    let bytes = object.and_then(|object| object.as_str().ok())?;
    Some(match bytes {
        [0xfe, 0xff, rest @ ..] => utf16(rest),
        plain => String::from_utf8_lossy(plain).into_owned(),
    })
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> =
        bytes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)])).collect();
    String::from_utf16_lossy(&units)
}

/// The structure tree; `None` where there is none.
pub fn tree(pdf: &Document) -> Option<Element> {
    let root = dictionary(pdf, pdf.catalog().ok()?.get(b"StructTreeRoot").ok()?)?;
    let pages: Vec<ObjectId> = pdf.get_pages().into_values().collect();
    let texts: BTreeMap<ObjectId, BTreeMap<i64, String>> =
        pages.iter().map(|page| (*page, marked(pdf, *page))).collect();
    let mut element = Element { tag: "Root".to_owned(), ..Element::default() };
    if let Ok(kids) = root.get(b"K") {
        children(pdf, kids, None, &texts, &mut element);
    }
    Some(element)
}

type Texts = BTreeMap<ObjectId, BTreeMap<i64, String>>;

fn children(pdf: &Document, kids: &Object, page: Option<ObjectId>, texts: &Texts, into: &mut Element) {
    match resolved(pdf, kids) {
        Object::Array(kids) => kids.iter().for_each(|kid| children(pdf, kid, page, texts, into)),
        Object::Integer(mcid) => {
            let text = page.and_then(|page| texts.get(&page)?.get(mcid));
            into.text.extend(text.map(String::as_str));
        }
        Object::Dictionary(kid) => {
            let own = kid.get(b"Pg").ok().and_then(|page| page.as_reference().ok()).or(page);
            match name(at(pdf, kid, "Type")).as_deref() {
                Some("MCR") => {
                    if let Some(mcid) = at(pdf, kid, "MCID") {
                        children(pdf, mcid, own, texts, into);
                    }
                }
                Some("OBJR") => {}
                _ => {
                    let mut element = Element {
                        tag: name(at(pdf, kid, "S")).unwrap_or_default(),
                        alt: string(at(pdf, kid, "Alt")),
                        scope: scope(pdf, kid),
                        ..Element::default()
                    };
                    if let Ok(below) = kid.get(b"K") {
                        children(pdf, below, own, texts, &mut element);
                    }
                    into.text.push_str(&element.text);
                    into.children.push(element);
                }
            }
        }
        _ => {}
    }
}

fn scope(pdf: &Document, element: &Dictionary) -> Option<String> {
    let attributes = match at(pdf, element, "A")? {
        Object::Array(all) => all.iter().filter_map(|one| dictionary(pdf, one)).collect(),
        one => dictionary(pdf, one).into_iter().collect::<Vec<_>>(),
    };
    attributes.into_iter().find_map(|one| name(at(pdf, one, "Scope")))
}

/// The text of a page by marked content, in the order of the page.
fn marked(pdf: &Document, page: ObjectId) -> BTreeMap<i64, String> {
    let mut texts = BTreeMap::new();
    let Ok(Object::Dictionary(page_of)) = pdf.get_object(page) else { return texts };
    let resources = inherited(pdf, page_of);
    let fonts = resources.and_then(|resources| dictionary(pdf, resources.get(b"Font").ok()?));
    let tables: BTreeMap<Vec<u8>, BTreeMap<u16, String>> = fonts
        .into_iter()
        .flat_map(Dictionary::iter)
        .filter_map(|(name, font)| Some((name.clone(), to_unicode(pdf, dictionary(pdf, font)?)?)))
        .collect();
    let Ok(content) = Content::decode(&pdf.get_page_content(page)) else { return texts };
    let (mut open, mut font): (Vec<Option<i64>>, Vec<u8>) = (Vec::new(), Vec::new());
    for operation in content.operations {
        match operation.operator.as_str() {
            "BDC" => {
                let properties = operation.operands.get(1).and_then(|properties| dictionary(pdf, properties));
                open.push(properties.and_then(|one| at(pdf, one, "MCID")?.as_i64().ok()));
            }
            "BMC" => open.push(None),
            "EMC" => drop(open.pop()),
            "Tf" => font = operation.operands.first().and_then(|name| name.as_name().ok()).unwrap_or_default().to_vec(),
            "Tj" | "TJ" => {
                let mcid = open.iter().rev().find_map(|mcid| *mcid);
                let (Some(mcid), Some(table)) = (mcid, tables.get(&font)) else { continue };
                let text: &mut String = texts.entry(mcid).or_default();
                for operand in &operation.operands {
                    let parts = match operand {
                        Object::Array(parts) => parts.as_slice(),
                        one => std::slice::from_ref(one),
                    };
                    for part in parts.iter().filter_map(|part| part.as_str().ok()) {
                        for code in part.chunks(2).map(|pair| u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]))
                        {
                            text.push_str(table.get(&code).map_or("\u{fffd}", String::as_str));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    texts
}

fn inherited<'a>(pdf: &'a Document, page: &'a Dictionary) -> Option<&'a Dictionary> {
    let own = page.get(b"Resources").ok().and_then(|resources| dictionary(pdf, resources));
    own.or_else(|| inherited(pdf, dictionary(pdf, page.get(b"Parent").ok()?)?))
}

/// Codes of a font and the text that each stands for; `None` where it has no such table.
pub fn to_unicode(pdf: &Document, font: &Dictionary) -> Option<BTreeMap<u16, String>> {
    let Object::Stream(stream) = at(pdf, font, "ToUnicode")? else { return None };
    let text = String::from_utf8_lossy(&stream.decompressed_content().ok()?).into_owned();
    let mut table = BTreeMap::new();
    let hex = |word: &str| -> Vec<u8> {
        let digits: Vec<u8> = word.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(byte).collect()
    };
    let code = |word: &str| hex(word).iter().fold(0_u16, |code, byte| code << 8 | u16::from(*byte));
    for (section, size) in [("bfchar", 2), ("bfrange", 3)] {
        for block in text.split(&format!("begin{section}")).skip(1) {
            let block = block.split(&format!("end{section}")).next().unwrap_or_default();
            let words: Vec<&str> =
                block.split('<').skip(1).map(|word| word.split('>').next().unwrap_or_default()).collect();
            for entry in words.chunks(size) {
                match entry {
                    [from, to] => drop(table.insert(code(from), utf16(&hex(to)))),
                    [from, last, to] => {
                        let first = utf16(&hex(to)).chars().next().map_or(0, u32::from);
                        for (offset, code) in (code(from)..=code(last)).enumerate() {
                            let character = char::from_u32(first + u32::try_from(offset).unwrap()).unwrap();
                            table.insert(code, character.to_string());
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    Some(table)
}
