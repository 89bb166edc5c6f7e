//! File layouts: what a bank or a payroll program takes, line by line.

use serde::Deserialize;

/// A file of `files/`: how net pay is written for another program.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// Name of the layout.
    pub file: String,
    /// What people call it.
    pub title: String,
    /// Where it lies in a run: `stores/{store}/bank-transfer.txt`, one for each store that pays somebody out; without
    /// `{store}` one for all.
    pub path: String,
    /// Whose lines it has: `paid` for those who are paid out by it, `all` for everybody with a net pay.
    pub people: FilePeople,
    /// How characters become bytes.
    pub encoding: FileEncoding,
    /// `fixed` for columns of so many bytes, `csv` for delimited text.
    pub layout: FileLayout,
    /// The character between cells of delimited text; a comma where nothing is said.
    pub delimiter: Option<String>,
    /// The cells of a line before everybody's; no such line where nothing is said.
    #[serde(default)]
    pub head: Vec<FileColumnSpec>,
    /// The cells of a person's line.
    pub columns: Vec<FileColumnSpec>,
    /// The cells of a line behind everybody's; no such line where nothing is said.
    #[serde(default)]
    pub tail: Vec<FileColumnSpec>,
}

/// Whose lines a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FilePeople {
    /// Those who are paid out by it: not who is held back, whose figures are estimates, or whose net pay is 0.
    Paid,
    /// Everybody with a net pay.
    All,
}

/// How characters become bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileEncoding {
    /// UTF-8; delimited text begins with a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// GB18030.
    Gb18030,
    /// GBK, which lacks rare characters.
    Gbk,
}

/// How cells stand in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileLayout {
    /// Columns of so many bytes.
    Fixed,
    /// Delimited text with a line of headers.
    Csv,
}

/// A cell of a line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileColumnSpec {
    /// Header of delimited text.
    pub header: Option<String>,
    /// What stands there: `store_id`, `store`, `period`, `count` and `total` anywhere; in a person's line also
    /// `number`, `employee_id`, `name`, `net`, `estimated`, `line.<code>` for a line of net pay, and
    /// `<dataset>.<column>` for a column of the person's row in the store that pays out.
    pub value: Option<String>,
    /// A text that always stands there, in place of `value`.
    pub text: Option<String>,
    /// How it is written; as text where nothing is said.
    #[serde(rename = "as", default)]
    pub form: FileForm,
    /// Bytes of a fixed column. Text stands at its left end before spaces, a number at its right end behind zeros.
    pub width: Option<usize>,
}

/// How a cell is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileForm {
    /// As it stands.
    #[default]
    Text,
    /// An amount with two decimals: `1234.50`.
    Yuan,
    /// An amount in fen: `123450`.
    Fen,
    /// A whole number.
    Count,
    /// Digits only: spaces and hyphens go, other characters are refused.
    Digits,
    /// The ends of a text: `6222…1234`.
    Masked,
}
