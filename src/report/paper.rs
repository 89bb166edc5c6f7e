//! What pages are laid out for: a sheet of A4, or the screen of a phone.
//!
//! Templates are the same. They learn the paper from `messages.json`, which documents of one paper share, and the tokens
//! of `shared/tokens.typ` choose sizes and layouts by it.

use std::fmt;
use std::str::FromStr;

/// Folder of the documents for phones, beside those on A4.
pub const PHONE_FOLDER: &str = "phone";

/// What a document is laid out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Paper {
    /// A sheet of A4.
    A4,
    /// Pages 110 mm wide with letters of at least 12 pt.
    Phone,
}

impl Paper {
    /// The word for it in templates.
    pub fn word(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::Phone => "phone",
        }
    }

    /// The folder inside of that of the documents on A4, with its slash; empty for these.
    pub(super) fn folder(self) -> String {
        match self {
            Self::A4 => String::new(),
            Self::Phone => format!("{PHONE_FOLDER}/"),
        }
    }
}

/// The papers on which a run leaves each of its documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pages {
    /// A4 alone.
    #[default]
    A4,
    /// For phones alone.
    Phone,
    /// On A4 and for phones.
    Both,
}

impl Pages {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::A4, Self::Phone, Self::Both];

    /// The papers, in the order in which documents are made.
    pub fn papers(self) -> &'static [Paper] {
        match self {
            Self::A4 => &[Paper::A4],
            Self::Phone => &[Paper::Phone],
            Self::Both => &[Paper::A4, Paper::Phone],
        }
    }
}

impl fmt::Display for Pages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::A4 => "a4",
            Self::Phone => "phone",
            Self::Both => "both",
        })
    }
}

impl FromStr for Pages {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|pages| pages.to_string() == text);
        known.ok_or_else(|| "write `a4`, `phone` or `both`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_written_as_they_are_read() {
        for pages in Pages::ALL {
            assert_eq!(pages.to_string().parse(), Ok(pages));
        }
        assert!("A5".parse::<Pages>().is_err());
        assert_eq!(Pages::default().papers(), [Paper::A4]);
    }
}
