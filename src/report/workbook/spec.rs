//! What `workbook.yaml` says: for whom a workbook is made, its sheets and their columns.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::super::spec::Per;
use crate::diag::{Code, Finding, Findings, nearest};
use crate::plan::Plan;
use crate::spec::{Document, Seg};

/// A sheet that cannot be made as its file says.
pub(in crate::report) const WORKBOOK_SHEET: Code =
    Code::new("workbook-sheet", "a sheet of a workbook has a name or a column that it cannot have");

/// Longest name of a sheet, in UTF-16 units, as spreadsheets have it.
const LONGEST_NAME: usize = 31;
/// Characters that spreadsheets refuse in the name of a sheet.
const NOT_IN_NAMES: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];

/// A workbook as its file says it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct WorkbookSpec {
    /// Id: the name of the folder, and of the file.
    pub workbook: String,
    /// Title, in the head of printed pages and in the properties of the file.
    pub title: String,
    /// For whom one is made: `store`, `group`.
    pub per: Vec<Per>,
    /// Sheets, in their order.
    pub sheets: Vec<SheetSpec>,
}

/// A sheet: a row for each of something.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct SheetSpec {
    /// Name on the tab.
    pub sheet: String,
    /// What stands in a row.
    pub rows: SheetRows,
    /// How many columns stand still at the left while one moves to the right.
    #[serde(default)]
    pub frozen: u16,
    /// Columns, from the left.
    pub columns: Vec<ColumnSpec>,
}

/// A column of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct ColumnSpec {
    /// Header.
    pub header: String,
    /// What stands there: one of the values of the sheet's rows.
    pub value: String,
    /// Whether the last row has the sum of the column.
    #[serde(default)]
    pub total: bool,
    /// Widest it may become, in digits; longer text takes several lines.
    #[serde(default)]
    pub width: Option<u16>,
}

/// What stands in the rows of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::report) enum SheetRows {
    /// A pay line of a person.
    PayLines,
    /// A line of net pay, in the store that pays out.
    NetLines,
    /// A person whom a plan covers, or who is paid out.
    People,
    /// An exception.
    Exceptions,
    /// A decision in force.
    Decisions,
}

impl SheetRows {
    /// Values of text that a column can have.
    pub(in crate::report) const fn texts(self) -> &'static [&'static str] {
        match self {
            Self::PayLines => &[
                "store_id",
                "store",
                "employee_id",
                "name",
                "role",
                "pipeline",
                "line",
                "clause",
                "label",
                "explanation",
                "sources",
            ],
            Self::NetLines => &[
                "store_id",
                "store",
                "employee_id",
                "name",
                "line",
                "clause",
                "label",
                "part",
                "state",
                "explanation",
                "sources",
            ],
            Self::People => &["store_id", "store", "employee_id", "name", "roles", "state"],
            Self::Exceptions => {
                &["severity", "code", "store_id", "store", "employee_id", "who", "cause", "remedy", "accepted"]
            }
            Self::Decisions => {
                &["store_id", "store", "clause", "sentence", "decided", "chosen", "instead", "changed_by"]
            }
        }
    }

    /// Values that are amounts or counts, so that a column of them can have a sum.
    pub(in crate::report) const fn figures(self) -> &'static [&'static str] {
        match self {
            Self::PayLines | Self::NetLines => &["amount"],
            Self::People => &["lines", "pay", "paid", "added", "deducted", "net"],
            Self::Exceptions => &["stake"],
            Self::Decisions => &[],
        }
    }

    /// What a column of people writes before the code of a line of net pay.
    pub(in crate::report) const LINE: &'static str = "line.";

    /// The code of the line of net pay that a column of people asks for.
    pub(in crate::report) fn net_line(self, value: &str) -> Option<&str> {
        value.strip_prefix(Self::LINE).filter(|_| self == Self::People)
    }
}

impl WorkbookSpec {
    /// Checks what can be said of the file alone, and of its columns against the lines that a plan settles.
    pub(in crate::report) fn check(&self, document: &Document, plan: &Plan, findings: &mut Findings) {
        let mut fault = |path: &[Seg], message: String, hint: String| {
            let finding = Finding::error(WORKBOOK_SHEET, message).at(Some(document.value(path)));
            findings.push(finding.hint(hint));
        };
        for (at, _) in self.per.iter().enumerate().filter(|(_, per)| **per == Per::Person) {
            let message = "there is no workbook for each person".to_owned();
            fault(&["per".into(), at.into()], message, "write `per: [store, group]`, or one of the two".to_owned());
        }
        let settled: BTreeSet<&str> = plan.pipelines.iter().flat_map(|it| &it.settle).map(|line| &*line.name).collect();
        let mut names = BTreeSet::new();
        for (at, sheet) in self.sheets.iter().enumerate() {
            let path = |rest: &[Seg]| [&["sheets".into(), at.into()], rest].concat();
            let fits = (1..=LONGEST_NAME).contains(&sheet.sheet.encode_utf16().count());
            let plain = !sheet.sheet.contains(NOT_IN_NAMES) && !sheet.sheet.starts_with('\'');
            if !fits || !plain || sheet.sheet.ends_with('\'') || !names.insert(sheet.sheet.to_lowercase()) {
                let message = format!("a sheet cannot be called `{}`", sheet.sheet);
                let hint = "a name has 1 to 31 characters, none of [ ] : * ? / \\ and stands once".to_owned();
                fault(&path(&["sheet".into()]), message, hint);
            }
            for (index, column) in sheet.columns.iter().enumerate() {
                let here = |key: &str| path(&["columns".into(), index.into(), key.into()]);
                let (value, rows) = (column.value.as_str(), sheet.rows);
                let is_figure =
                    rows.figures().contains(&value) || rows.net_line(value).is_some_and(|line| settled.contains(line));
                if !is_figure && !rows.texts().contains(&value) {
                    let lines = settled.iter().filter(|_| rows == SheetRows::People);
                    let lines: Vec<String> = lines.map(|line| format!("{}{line}", SheetRows::LINE)).collect();
                    let known = rows.texts().iter().chain(rows.figures()).copied();
                    let known: Vec<&str> = known.chain(lines.iter().map(String::as_str)).collect();
                    let hint = nearest(value, known.iter().copied()).map_or_else(
                        || format!("its values are {}", known.join(", ")),
                        |near| format!("did you mean `{near}`?"),
                    );
                    fault(&here("value"), format!("there is no `{value}` to write here"), hint);
                } else if column.total && !is_figure {
                    let hint = "only a column of figures has a sum".to_owned();
                    fault(&here("total"), format!("`{value}` is text"), hint);
                }
            }
        }
    }
}
