//! Codes that pipelines define.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::diag::{Code, Fault};

/// A code that is not in words with hyphens.
pub const BAD_CODE: Code = Code::new("bad-code", "a code of an expectation that is not in small letters with hyphens");

/// Every code that a pipeline has defined in this process. A [`Code`] lives as long as the process;
/// keeping them here makes that one allocation for each different text.
static DEFINED: Mutex<BTreeMap<(String, String), Code>> = Mutex::new(BTreeMap::new());

/// Checks a code and gives it the meaning that the pipeline states.
pub(super) fn check(id: &str, meaning: &str) -> Result<Code, Fault> {
    let word = |part: &str| {
        !part.is_empty() && part.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    if !id.split('-').all(word) {
        let message = format!("`{id}` is not in small letters with hyphens");
        return Err(Fault::new(BAD_CODE, 0..id.len(), message).hint("write it like `reversal-without-original`"));
    }
    let mut defined = DEFINED.lock().unwrap_or_else(PoisonError::into_inner);
    let code = defined.entry((id.to_owned(), meaning.to_owned())).or_insert_with(|| {
        Code::exception(Box::leak(id.to_owned().into_boxed_str()), Box::leak(meaning.to_owned().into_boxed_str()))
    });
    Ok(*code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_make_one_code() {
        let one = check("no-original", "a").unwrap();
        assert_eq!((one.id, one.meaning), ("no-original", "a"));
        assert!(std::ptr::eq(one.id, check("no-original", "a").unwrap().id));
    }

    #[test]
    fn a_code_is_words_with_hyphens() {
        for bad in ["", "-", "a-", "A", "a b", "无", "a_b"] {
            assert_eq!(check(bad, "").unwrap_err().code, BAD_CODE, "{bad}");
        }
    }
}
