//! Yes and no, by the texts that the contract lists.

use super::super::codes::CELL_BOOL;
use super::super::words::Words;
use super::CellFault;
use super::text::visible;
use crate::diag::text::text;

/// Reads a truth value.
pub(super) fn parse(text: &str, yes: &Words, no: &Words) -> Result<bool, CellFault> {
    if yes.contain(text) {
        return Ok(true);
    }
    if no.contain(text) {
        return Ok(false);
    }
    Err(CellFault::new(
        CELL_BOOL,
        text!("`{value}` is neither yes nor no", value = visible(text)),
        text!("write {yes} or {no}, or add the text to the contract", yes = yes.listed(), no = no.listed()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_listed_texts_are_yes_or_no() {
        let (yes, no) = (Words::new(vec!["是".to_owned(), "1".to_owned()]), Words::new(vec!["否".to_owned()]));
        assert_eq!(parse("是", &yes, &no), Ok(true));
        assert_eq!(parse("1", &yes, &no), Ok(true));
        assert_eq!(parse("否", &yes, &no), Ok(false));
        for bad in ["0", "true", "", "是的"] {
            assert_eq!(parse(bad, &yes, &no).map_err(|fault| fault.code), Err(CELL_BOOL), "{bad}");
        }
    }
}
