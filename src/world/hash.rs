//! SHA-256 of what was read and written; quick hashes of what is only looked for.
//!
//! A quick hash says where to look and never what was found: whoever uses one compares the values themselves.

use sha2::{Digest, Sha256};

/// SHA-256 of bytes, as 64 hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|half| DIGITS.get(usize::from(half))).collect()
}

/// Both halves of a product: every bit of either number decides about every bit of the result.
fn mixed(hash: u64, word: u64) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let product = u128::from(hash ^ word ^ ODD) * u128::from(ODD.rotate_left(23) ^ word.rotate_left(32));
    let (low, high) = halves(product);
    low ^ high
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
fn halves(number: u128) -> (u64, u64) {
    (number as u64, (number >> 64) as u64)
}

/// The hash of a whole number behind what was hashed so far.
pub fn quick_number(so_far: u64, number: i128) -> u64 {
    let (low, high) = halves(number.cast_unsigned());
    // Few numbers need their upper half, which repeats the sign.
    let hash = mixed(so_far, low);
    if high == 0 || high == u64::MAX { hash ^ high } else { mixed(hash, high) }
}

/// The hash of a text, or of an absent one, behind what was hashed so far.
pub fn quick_text(so_far: u64, text: Option<&str>) -> u64 {
    let Some(text) = text else { return mixed(so_far, 1) };
    let mut hash = so_far ^ ((text.len() as u64) << 1);
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    for word in words {
        hash = mixed(hash, u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    for (place, byte) in last.iter_mut().zip(rest) {
        *place = *byte;
    }
    mixed(hash, u64::from_le_bytes(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_nothing_is_the_known_one() {
        assert_eq!(sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn quick_hashes_tell_short_texts_and_numbers_apart() {
        let mut hashes = std::collections::BTreeSet::new();
        for number in 0..50_000_i128 {
            assert!(hashes.insert(quick_text(0, Some(&format!("BA26{number:08}-000")))), "{number}");
            assert!(hashes.insert(quick_number(7, number)) && hashes.insert(quick_number(7, -1 - number)), "{number}");
        }
        assert!(hashes.insert(quick_text(0, None)) && hashes.insert(quick_text(0, Some(""))));
    }
}
