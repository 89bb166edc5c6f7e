//! Exceptions of the readers: how they are worded and whom they name.

use crate::diag::Code;
use crate::diag::data::{Exception, ExceptionSeverity};
use crate::diag::text::{Text, text};

/// Trouble with a file as a whole, from a reader that does not know its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileTrouble {
    /// Kind.
    pub(crate) code: Code,
    /// What is wrong, without the path.
    pub(crate) cause: Text,
    /// What to do about it.
    pub(crate) remedy: Text,
}

impl FileTrouble {
    /// Trouble of a kind.
    pub(crate) fn new(code: Code, cause: Text, remedy: Text) -> Self {
        Self { code, cause, remedy }
    }
}

/// The file that exceptions speak of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    /// Store.
    pub(crate) store_id: &'a str,
    /// Path relative to the data folder.
    pub(crate) file: &'a str,
}

impl About<'_> {
    /// An exception about the whole file.
    pub(crate) fn file(&self, severity: ExceptionSeverity, trouble: FileTrouble) -> Exception {
        Exception {
            severity,
            code: trouble.code,
            store_id: Some(self.store_id.to_owned()),
            employee_id: None,
            who: self.file.to_owned(),
            cause: text!("{file}: {fault}", file = self.file, fault = trouble.cause),
            remedy: trouble.remedy,
            stake: None,
            accepted: None,
            place: None,
        }
    }

    /// An exception about rows of the file that concern somebody.
    pub(crate) fn person(
        &self,
        severity: ExceptionSeverity,
        person: Option<&Person>,
        trouble: FileTrouble,
    ) -> Exception {
        let mut exception = self.file(severity, trouble);
        if let Some(person) = person {
            exception.who.clone_from(&person.name);
            exception.employee_id = person.is_id.then(|| person.name.clone());
        }
        exception
    }
}

/// Whom a row concerns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Person {
    /// What the row says.
    pub(crate) name: String,
    /// Whether that is an employee id, not a name.
    pub(crate) is_id: bool,
}

/// `row 12`, `rows 12, 15 and 3 more`.
pub(crate) fn rows_text(rows: &[u32]) -> Text {
    const SHOWN: usize = 10;
    let shown: Vec<String> = rows.iter().take(SHOWN).map(u32::to_string).collect();
    let more = rows.len().saturating_sub(SHOWN);
    let rows = shown.join(", ");
    match (shown.len(), more) {
        (1, 0) => text!("row {rows}", rows),
        (_, 0) => text!("rows {rows}", rows),
        _ => text!("rows {rows} and {more} more", rows, more),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_are_counted_after_the_first_ten() {
        assert_eq!(rows_text(&[12]).to_string(), "row 12");
        assert_eq!(rows_text(&[1, 2]).to_string(), "rows 1, 2");
        let many: Vec<u32> = (1..=12).collect();
        assert_eq!(rows_text(&many).to_string(), "rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more");
    }
}
