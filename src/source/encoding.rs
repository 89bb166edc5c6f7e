//! Bytes to text, without a single character replaced.
//!
//! Both encodings write a line feed and a quote as one byte that no other character contains, so a file
//! may be cut at line feeds before it is decoded; everything else is split after decoding only.

use encoding_rs::{DecoderResult, GB18030, UTF_8};

use super::codes::FILE_ENCODING;
use super::contract::Encoding;
use super::trouble::FileTrouble;
use crate::diag::text::text;

/// The bytes behind a byte order mark.
///
/// # Errors
/// When the mark is that of another encoding.
pub(super) fn without_mark(bytes: &[u8], encoding: Encoding) -> Result<&[u8], FileTrouble> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let remedy = text!("export it again as CSV in UTF-8 or GB18030, not as Unicode text");
        return Err(FileTrouble::new(FILE_ENCODING, text!("the file is in UTF-16"), remedy));
    }
    match (bytes.strip_prefix(b"\xef\xbb\xbf"), encoding) {
        (Some(rest), Encoding::Utf8) => Ok(rest),
        (Some(_), Encoding::Gb18030) => {
            let cause = text!("the file begins with the byte order mark of UTF-8, the contract says gb18030");
            Err(FileTrouble::new(FILE_ENCODING, cause, text!("write `encoding: utf-8` in the contract")))
        }
        (None, _) => Ok(bytes),
    }
}

/// Decodes a stretch of a file that starts and ends between characters.
///
/// # Errors
/// The offset in the stretch of the first byte that is no text.
pub(super) fn decode(bytes: &[u8], encoding: Encoding) -> Result<String, usize> {
    let encoding = match encoding {
        Encoding::Utf8 => UTF_8,
        Encoding::Gb18030 => GB18030,
    };
    let mut decoder = encoding.new_decoder_without_bom_handling();
    // Two bytes of GB18030 become three of UTF-8.
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2 + 64);
    let mut done = 0;
    loop {
        let rest = bytes.get(done..).unwrap_or_default();
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        done += read;
        match result {
            DecoderResult::InputEmpty => return Ok(text),
            DecoderResult::OutputFull => text.reserve(rest.len().max(64)),
            DecoderResult::Malformed(length, after) => {
                return Err(done.saturating_sub(usize::from(length) + usize::from(after)));
            }
        }
    }
}

/// What to say of a byte that is no text.
pub(super) fn trouble(bytes: &[u8], offset: usize, encoding: Encoding) -> FileTrouble {
    let line = bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() + 1;
    let (name, other, reads_as_other) = match encoding {
        Encoding::Utf8 => ("utf-8", "gb18030", decode(bytes, Encoding::Gb18030).is_ok()),
        Encoding::Gb18030 => ("gb18030", "utf-8", decode(bytes, Encoding::Utf8).is_ok()),
    };
    let remedy = if reads_as_other {
        text!("the whole file reads as {other}: write `encoding: {other}` in the contract", other)
    } else {
        text!("the file is damaged: export it again")
    };
    let cause = text!("line {line}, byte {byte} of the file is no {name}", line, byte = offset + 1, name);
    FileTrouble::new(FILE_ENCODING, cause, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_byte_characters_and_second_bytes_that_look_like_separators_are_decoded() {
        let name = "王㐀𠮷";
        let bytes = GB18030.encode(name).0;
        assert_eq!(bytes.len(), 2 + 4 + 4);
        assert_eq!(decode(&bytes, Encoding::Gb18030).unwrap(), name);
        // The second byte of this character is the bar `|`.
        let bytes = [0x81, 0x7c, b'|', b'1'];
        let text = decode(&bytes, Encoding::Gb18030).unwrap();
        assert_eq!(text.split('|').count(), 2, "{text}");
    }

    #[test]
    fn what_was_decoded_encodes_to_the_same_bytes() {
        let text = "结算单号,产值\r\nA|1\u{3000},￥１２．３４\n㐀𠀀€é";
        let (bytes, _, lossy) = GB18030.encode(text);
        assert!(!lossy);
        let decoded = decode(&bytes, Encoding::Gb18030).unwrap();
        assert_eq!(decoded, text);
        assert_eq!(GB18030.encode(&decoded).0, bytes);
    }

    #[test]
    fn a_broken_byte_is_named_by_line_and_place() {
        let mut bytes = GB18030.encode("甲\n乙\n丙").0.into_owned();
        bytes.truncate(bytes.len() - 1);
        let offset = decode(&bytes, Encoding::Gb18030).unwrap_err();
        let trouble = trouble(&bytes, offset, Encoding::Gb18030);
        assert_eq!(trouble.cause.to_string(), "line 3, byte 7 of the file is no gb18030");
        assert_eq!(trouble.remedy.to_string(), "the file is damaged: export it again");
    }

    #[test]
    fn a_file_in_the_other_encoding_is_recognised() {
        let gb = GB18030.encode("结算单号").0.into_owned();
        let offset = decode(&gb, Encoding::Utf8).unwrap_err();
        assert!(trouble(&gb, offset, Encoding::Utf8).remedy.to_string().contains("encoding: gb18030"));
        assert!(without_mark("\u{feff}甲".as_bytes(), Encoding::Gb18030).is_err());
        assert!(without_mark(&[0xff, 0xfe, 0x41, 0], Encoding::Utf8).is_err());
        assert_eq!(without_mark("\u{feff}甲".as_bytes(), Encoding::Utf8), Ok("甲".as_bytes()));
    }
}
