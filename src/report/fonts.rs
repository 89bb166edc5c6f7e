//! The fonts of a project and the characters they can print.
//!
//! Only files that were handed in are used, never a font of the system.

use std::fmt;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// Fonts in the order in which they are tried, and what they cover together.
pub(super) struct Fonts {
    fonts: Vec<Font>,
    book: LazyHash<FontBook>,
    families: Vec<String>,
    covered: Vec<u64>,
}

impl fmt::Debug for Fonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fonts").field("families", &self.families).finish_non_exhaustive()
    }
}

impl Fonts {
    /// Faces of all files; a file without a face is named in the error by its place in the list.
    pub(super) fn read(files: Vec<Vec<u8>>) -> Result<Self, Vec<usize>> {
        let mut fonts = Vec::new();
        let mut unreadable = Vec::new();
        for (at, bytes) in files.into_iter().enumerate() {
            let before = fonts.len();
            fonts.extend(Font::iter(Bytes::new(bytes)));
            if fonts.len() == before {
                unreadable.push(at);
            }
        }
        if !unreadable.is_empty() {
            return Err(unreadable);
        }
        let mut families: Vec<String> = Vec::new();
        let mut covered = vec![0_u64; (char::MAX as usize + 1) / 64];
        for font in &fonts {
            let info = font.info();
            if !families.contains(&info.family) {
                families.push(info.family.clone());
            }
            for code in info.coverage.iter() {
                if let Some(word) = covered.get_mut(code as usize / 64) {
                    *word |= 1 << (code % 64);
                }
            }
        }
        let book = LazyHash::new(FontBook::from_fonts(&fonts));
        Ok(Self { fonts, book, families, covered })
    }

    /// Whether some face prints a character.
    pub(super) fn covers(&self, character: char) -> bool {
        let code = character as usize;
        self.covered.get(code / 64).is_some_and(|word| word >> (code % 64) & 1 == 1)
    }

    /// Family names in the order in which they are tried.
    pub(super) fn families(&self) -> &[String] {
        &self.families
    }

    /// What typst chooses from.
    pub(super) fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    /// A face by its place in the book.
    pub(super) fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Disk, World};
    use std::path::Path;

    const FOLDER: &str = "report-templates/fonts";

    fn read(name: &str) -> Vec<u8> {
        Disk.read(&Path::new(FOLDER).join(name)).unwrap()
    }

    #[test]
    fn each_weight_prints_every_listed_character() {
        let list = String::from_utf8(read("characters.txt")).unwrap();
        let characters: Vec<char> = list.lines().filter(|line| !line.starts_with("# ")).flat_map(str::chars).collect();
        assert!(characters.len() > 9_000);
        for (chinese, latin) in
            [("NotoSansCJKsc-Regular.otf", "NotoSans-Regular.ttf"), ("NotoSansCJKsc-Bold.otf", "NotoSans-Bold.ttf")]
        {
            let fonts = Fonts::read(vec![read(chinese), read(latin)]).unwrap();
            let lacking: Vec<char> = characters.iter().copied().filter(|c| !fonts.covers(*c)).collect();
            assert_eq!(lacking, Vec::<char>::new(), "{chinese}");
        }
    }

    #[test]
    fn the_general_standard_list_is_whole() {
        let list = String::from_utf8(read("characters.txt")).unwrap();
        let standard: Vec<char> =
            list.lines().skip(1).take_while(|line| !line.starts_with("# ")).flat_map(str::chars).collect();
        let distinct: std::collections::BTreeSet<char> = standard.iter().copied().collect();
        assert_eq!((standard.len(), distinct.len()), (8105, 8105));
        assert_eq!((standard.first(), standard.last()), (Some(&'一'), Some(&'\u{883C}')));
    }

    #[test]
    fn signs_that_reports_print_are_there() {
        let files = super::super::assets::OWN_FONTS.iter().filter_map(|path| path.strip_prefix("fonts/"));
        let fonts = Fonts::read(files.map(read).collect()).unwrap();
        let latin = ('\u{A0}'..='\u{17F}').filter(|letter| *letter != '\u{AD}');
        for sign in "−×÷≈≤≥＝（）⟨⟩￥¥€→①⑳ẞ".chars().chain(latin) {
            assert!(fonts.covers(sign), "{sign}");
        }
        assert!(!fonts.covers('\u{1F600}') && !fonts.covers('\u{202E}') && !fonts.covers('\u{E000}'));
        assert_eq!(fonts.families(), ["Noto Sans CJK SC", "Noto Sans"]);
    }

    #[test]
    fn a_file_without_a_face_is_named_by_its_place() {
        let fault = Fonts::read(vec![read("NotoSansCJKsc-Regular.otf"), b"no font".to_vec()]).unwrap_err();
        assert_eq!(fault, [1]);
    }
}
