//! Contracts: dataset files whose names, types, units and roles have been checked.
//!
//! Every mistake of a file is found in one go. A [`Contract`] can be read against without a further
//! question about its YAML.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::diag::{Code, Fault, nearest};
use crate::expr::types::{Field, Kind, Name, Schema, Type};
use crate::expr::unit::Unit;

use super::codes::{
    BAD_SHARE, COLUMN_OPTION, CONTRACT_NAME, CONTRACT_ROLE, HEADER_CLAIMED_TWICE, SOURCE_OPTION, UNKNOWN_COLUMN_TYPE,
    UNKNOWN_CONTRACT_COLUMN, UNKNOWN_SOURCE_KIND,
};
use super::header::normal;
use super::pattern::PathPattern;
use super::spec::{DatasetColumnSpec, DatasetSpec};

/// Digits of a decimal where the contract says nothing: below ten billion yuan with two decimals.
const DIGITS: u8 = 12;
/// Digits of a whole number where the contract says nothing, and at most.
const INT_DIGITS: u8 = 18;
/// Rows among which the header is looked for where the contract says nothing.
const HEADER_WITHIN: usize = 10;
/// Columns that every dataset has without listing them.
const IMPLICIT: [(&str, &str); 2] = [("store_id", "门店"), ("period", "月份")];

/// A mistake in a dataset file, below its top mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFault {
    /// Keys down to the scalar, an index of a list as digits: `["columns", "hours", "headers", "0"]`.
    pub path: Vec<String>,
    /// Whether the key itself is meant instead of its value.
    pub key: bool,
    /// What is wrong; its span counts inside the scalar's text.
    pub fault: Fault,
}

/// A checked dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct Contract {
    /// Name by which pipelines read it.
    pub name: Name,
    /// Title on reports.
    pub title: String,
    /// Where the file lies.
    pub path: PathPattern,
    /// How it is written.
    pub format: Format,
    /// Rows among which the header is looked for.
    pub header_within: usize,
    /// First filled cell of the export's own total row, in normal form.
    pub total_row: Option<String>,
    /// Whether a period without the file is refused.
    pub required: bool,
    /// Indexes of the key columns in [`Self::columns`].
    pub key: Vec<usize>,
    /// Earlier periods that `<name>.history` looks back.
    pub window: usize,
    /// Largest share of bad rows that is read all the same.
    pub bad_rows_at_most: Decimal,
    /// Index of the control column.
    pub control: Option<usize>,
    /// Index of the date column that must lie in the period.
    pub in_period: Option<usize>,
    /// Columns of the first and last day of what a row describes.
    pub interval: Option<(Name, Name)>,
    /// Index of the column that names the person concerned.
    pub belongs_to: Option<usize>,
    /// Whether a bad row blocks.
    pub pay: bool,
    /// Whether a file without rows is in order.
    pub may_be_empty: bool,
    /// Whether the file may be the same as the month before.
    pub may_repeat: bool,
    /// The columns that are read, in the order of the file in YAML.
    pub columns: Vec<Column>,
    schema: Schema,
}

impl Contract {
    /// Columns of the frame: `store_id`, `period`, then those of the contract.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Names of the key columns.
    pub fn key_names(&self) -> impl Iterator<Item = &str> {
        self.key.iter().filter_map(|index| self.columns.get(*index)).map(|column| &*column.name)
    }
}

/// How a file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited text.
    Csv {
        /// Encoding.
        encoding: Encoding,
        /// Byte between cells.
        delimiter: u8,
    },
    /// A sheet of a workbook.
    Xlsx {
        /// Its name; the first one where absent.
        sheet: Option<String>,
    },
}

/// Encodings of delimited text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without byte order mark.
    Utf8,
    /// GB18030, a superset of GBK and GB2312.
    Gb18030,
}

/// A column that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name in expressions.
    pub name: Name,
    /// What reports call it.
    pub label: Arc<str>,
    /// What its cells hold.
    pub cell: CellType,
    /// Headers as written.
    pub headers: Vec<String>,
    /// Whether a cell may be empty.
    pub nullable: bool,
    /// Whether the column may be missing.
    pub optional: bool,
    /// Texts that mean an empty cell.
    pub empty: Vec<String>,
    /// Texts that are allowed; all where empty.
    pub values: Vec<String>,
}

/// What the cells of a column hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellType {
    /// Text.
    Text,
    /// A whole number.
    Int {
        /// Digits in all, at most 18.
        digits: u8,
    },
    /// A decimal number.
    Decimal {
        /// Digits in all.
        digits: u8,
        /// Digits behind the point.
        scale: u8,
    },
    /// A civil day.
    Date,
    /// Yes or no.
    Bool {
        /// Texts of yes.
        yes: Vec<String>,
        /// Texts of no.
        no: Vec<String>,
    },
}

impl CellType {
    /// Kind of the column in a frame.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Text => Kind::Text,
            Self::Int { .. } => Kind::Int,
            Self::Decimal { digits, scale } => Kind::Decimal { digits: *digits, scale: *scale },
            Self::Date => Kind::Date,
            Self::Bool { .. } => Kind::Bool,
        }
    }
}

/// Mistakes found so far.
struct Faults(Vec<SourceFault>);

impl Faults {
    fn value(&mut self, path: &[&str], text: &str, code: Code, message: impl Into<String>, hint: impl Into<String>) {
        self.push(path, false, Fault::new(code, 0..text.len(), message).hint(hint));
    }

    fn key(&mut self, path: &[&str], code: Code, message: impl Into<String>, hint: impl Into<String>) {
        let length = path.last().map_or(0, |key| key.len());
        self.push(path, true, Fault::new(code, 0..length, message).hint(hint));
    }

    fn push(&mut self, path: &[&str], key: bool, fault: Fault) {
        self.0.push(SourceFault { path: path.iter().map(|part| (*part).to_owned()).collect(), key, fault });
    }
}

/// Checks a dataset file; `units` are the project's own base units.
///
/// # Errors
/// Every mistake in it.
pub fn check(spec: &DatasetSpec, units: &[String]) -> Result<Contract, Vec<SourceFault>> {
    let mut faults = Faults(Vec::new());
    check_name(&spec.dataset, &["dataset"], false, &mut faults);
    let path = PathPattern::parse(&spec.source.path)
        .map_err(|found| found.into_iter().for_each(|fault| faults.push(&["source", "path"], false, fault)));
    let format = check_format(spec, &mut faults);
    let mut schema = Schema::default();
    for (name, label) in IMPLICIT {
        schema.set(Field { name: name.into(), ty: Type::text(), label: label.into() });
    }
    let mut columns = Vec::new();
    for (name, column) in spec.columns.iter() {
        check_name(name, &["columns", name], true, &mut faults);
        if let Some((column, ty)) = check_column(name, column, units, &mut faults) {
            schema.set(Field { name: Arc::clone(&column.name), ty, label: Arc::clone(&column.label) });
            columns.push(column);
        }
    }
    check_headers(spec, &mut faults);
    let roles = Roles { spec, columns: &columns };
    let key = roles.key(&mut faults);
    let control = roles.control(&mut faults);
    let in_period = roles.date("in_period", spec.in_period.as_deref(), &mut faults);
    let interval = roles.interval(&mut faults);
    let belongs_to = spec.belongs_to.as_deref().and_then(|name| roles.find(&["belongs_to"], name, &mut faults));
    let bad_rows_at_most = check_share(spec, &mut faults);
    match (path, format, bad_rows_at_most) {
        (Ok(path), Some(format), Some(bad_rows_at_most)) if faults.0.is_empty() => Ok(Contract {
            name: spec.dataset.as_str().into(),
            title: spec.title.clone(),
            path,
            format,
            header_within: spec.source.header_within.unwrap_or(HEADER_WITHIN),
            total_row: spec.source.total_row.as_deref().map(normal),
            required: spec.required,
            key,
            window: spec.window,
            bad_rows_at_most,
            control,
            in_period,
            interval,
            belongs_to,
            pay: spec.pay,
            may_be_empty: spec.may_be_empty,
            may_repeat: spec.may_repeat,
            columns,
            schema,
        }),
        _ => Err(faults.0),
    }
}

fn check_name(name: &str, path: &[&str], key: bool, faults: &mut Faults) {
    let plain = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let reserved = IMPLICIT.iter().any(|(known, _)| *known == name);
    let (message, hint) = if reserved {
        (format!("`{name}` is the name of a column that every dataset has"), "choose another name")
    } else if plain {
        return;
    } else {
        (format!("`{name}` is no name"), "names are lower-case letters, digits and `_`, a letter first")
    };
    if key {
        faults.key(path, CONTRACT_NAME, message, hint);
    } else {
        faults.value(path, name, CONTRACT_NAME, message, hint);
    }
}

fn check_format(spec: &DatasetSpec, faults: &mut Faults) -> Option<Format> {
    let source = &spec.source;
    if source.header_within == Some(0) {
        faults.value(&["source", "header_within"], "0", SOURCE_OPTION, "a header is never found in 0 rows", "write 1");
    }
    if let Some(total) = &source.total_row
        && spec.control.is_none()
    {
        let hint = "name the column whose sum it holds under `control:`";
        faults.value(&["source", "total_row"], total, SOURCE_OPTION, "the total row has nothing to check", hint);
    }
    let misfits: &[(&str, bool)] = match source.kind.as_str() {
        "csv" => &[("sheet", source.sheet.is_some())],
        "xlsx" => &[("encoding", source.encoding.is_some()), ("delimiter", source.delimiter.is_some())],
        other => {
            let hint = match nearest(other, ["csv", "xlsx"]) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "kinds are `csv` and `xlsx`".to_owned(),
            };
            let message = format!("nothing reads a source of kind `{other}`");
            faults.value(&["source", "kind"], other, UNKNOWN_SOURCE_KIND, message, hint);
            return None;
        }
    };
    for (option, _) in misfits.iter().filter(|(_, present)| *present) {
        let message = format!("`{option}` means nothing for a source of kind `{}`", source.kind);
        faults.key(&["source", option], SOURCE_OPTION, message, "leave it out");
    }
    if source.kind == "xlsx" {
        return Some(Format::Xlsx { sheet: source.sheet.clone() });
    }
    let encoding = match source.encoding.as_deref() {
        Some("utf-8") => Some(Encoding::Utf8),
        Some("gb18030") => Some(Encoding::Gb18030),
        Some(other) => {
            let message = format!("nothing reads the encoding `{other}`");
            let hint = "encodings are `utf-8` and `gb18030` (also for GBK and GB2312)";
            faults.value(&["source", "encoding"], other, SOURCE_OPTION, message, hint);
            None
        }
        None => {
            let hint = "add `encoding: gb18030` or `encoding: utf-8`";
            faults.key(&["source"], SOURCE_OPTION, "a CSV source needs its encoding", hint);
            None
        }
    };
    let delimiter = match source.delimiter.as_deref().map(str::as_bytes) {
        None => Some(b','),
        Some(&[byte]) if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Some(byte),
        Some(_) => {
            let text = source.delimiter.as_deref().unwrap_or_default();
            let message = format!("`{text}` cannot stand between cells");
            faults.value(&["source", "delimiter"], text, SOURCE_OPTION, message, "write one character, such as `,`");
            None
        }
    };
    Some(Format::Csv { encoding: encoding?, delimiter: delimiter? })
}

fn check_column(name: &str, spec: &DatasetColumnSpec, units: &[String], faults: &mut Faults) -> Option<(Column, Type)> {
    let at = |option: &'static str| ["columns", name, option];
    let cell = match spec.kind.as_str() {
        "text" => CellType::Text,
        "int" => CellType::Int { digits: spec.digits.unwrap_or(INT_DIGITS) },
        "date" => CellType::Date,
        "money" => CellType::Decimal { digits: spec.digits.unwrap_or(DIGITS), scale: 2 },
        "decimal" => match spec.scale {
            Some(scale) => CellType::Decimal { digits: spec.digits.unwrap_or(DIGITS), scale },
            None => {
                faults.key(&["columns", name], COLUMN_OPTION, "a decimal needs its `scale`", "add `scale: 2`");
                return None;
            }
        },
        "bool" => CellType::Bool { yes: spec.yes.clone(), no: spec.no.clone() },
        other => {
            let kinds = ["text", "int", "decimal", "money", "date", "bool"];
            let hint = match nearest(other, kinds) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("types are {}", kinds.join(", ")),
            };
            faults.value(&at("type"), other, UNKNOWN_COLUMN_TYPE, format!("no cell holds a `{other}`"), hint);
            return None;
        }
    };
    let (is_decimal, is_bool) = (spec.kind == "decimal", matches!(cell, CellType::Bool { .. }));
    let misfits = [
        ("scale", spec.scale.is_some() && !is_decimal),
        ("digits", spec.digits.is_some() && !matches!(cell, CellType::Decimal { .. } | CellType::Int { .. })),
        ("unit", spec.unit.is_some() && !is_decimal && spec.kind != "int"),
        ("values", spec.values.is_some() && cell != CellType::Text),
        ("true", !spec.yes.is_empty() && !is_bool),
        ("false", !spec.no.is_empty() && !is_bool),
    ];
    for (option, _) in misfits.into_iter().filter(|(_, misfit)| *misfit) {
        let message = format!("`{option}` means nothing for a column of type `{}`", spec.kind);
        faults.key(&at(option), COLUMN_OPTION, message, "leave it out");
    }
    let mut needs = |lacking: bool, message: &str, hint: &str| {
        if lacking {
            faults.key(&["columns", name], COLUMN_OPTION, message, hint);
        }
    };
    needs(spec.headers.is_empty(), "a column needs a header", "list them under `headers:`");
    needs(spec.optional && !spec.nullable, "a column that may be missing must be nullable", "add `nullable: true`");
    needs(
        is_bool && (spec.yes.is_empty() || spec.no.is_empty()),
        "a bool needs its texts",
        "add `true: [是]` and `false: [否]`",
    );
    needs(!spec.empty.is_empty() && !spec.nullable, "`empty` needs a nullable column", "add `nullable: true`");
    needs(spec.yes.iter().any(|text| spec.no.contains(text)), "one text means yes and no", "keep it in one list");
    match cell {
        CellType::Decimal { digits, scale } => {
            let fits = (1..=30).contains(&digits) && scale <= digits;
            needs(!fits, "digits must be 1 to 30, and at least the scale", "see `digits:` and `scale:`");
        }
        CellType::Int { digits } => {
            needs(!(1..=INT_DIGITS).contains(&digits), "digits must be 1 to 18", "see `digits:`");
        }
        _ => {}
    }
    let unit = match (spec.kind.as_str(), spec.unit.as_deref()) {
        ("money", _) => Unit::base("yuan"),
        (_, Some(text)) => Unit::parse(text, units).unwrap_or_else(|fault| {
            faults.push(&at("unit"), false, fault);
            Unit::ratio()
        }),
        _ => Unit::ratio(),
    };
    let label = spec.label.as_deref().or(spec.headers.first().map(String::as_str)).unwrap_or(name);
    let ty = Type { kind: cell.kind(), unit, nullable: spec.nullable };
    let column = Column {
        name: name.into(),
        label: label.into(),
        cell,
        headers: spec.headers.clone(),
        nullable: spec.nullable,
        optional: spec.optional,
        empty: spec.empty.clone(),
        values: spec.values.clone().unwrap_or_default(),
    };
    Some((column, ty))
}

fn check_headers(spec: &DatasetSpec, faults: &mut Faults) {
    let mut claimed: Vec<(String, &str)> = Vec::new();
    for (name, column) in spec.columns.iter() {
        for (index, header) in column.headers.iter().enumerate() {
            let header_normal = normal(header);
            let path = ["columns", name, "headers", &index.to_string()];
            if header_normal.is_empty() {
                faults.value(&path, header, COLUMN_OPTION, "this header is empty", "write it as the export does");
            } else if let Some((_, owner)) = claimed.iter().find(|(known, _)| *known == header_normal) {
                let message = format!("the header `{header}` is read by `{owner}` already");
                faults.value(&path, header, HEADER_CLAIMED_TWICE, message, "leave it to one column");
            } else {
                claimed.push((header_normal, name));
            }
        }
    }
}

fn check_share(spec: &DatasetSpec, faults: &mut Faults) -> Option<Decimal> {
    let text = spec.bad_rows_at_most.as_deref().unwrap_or("1%");
    let share = text.trim().strip_suffix('%').and_then(|percent| Decimal::from_str_exact(percent.trim()).ok());
    match share {
        Some(percent) if percent >= Decimal::ZERO && percent <= Decimal::ONE_HUNDRED => {
            percent.checked_div(Decimal::ONE_HUNDRED)
        }
        _ => {
            let hint = "write a percentage from `0%` to `100%`";
            faults.value(&["bad_rows_at_most"], text, BAD_SHARE, format!("`{text}` is no share of rows"), hint);
            None
        }
    }
}

/// The columns that a contract gives a role to.
struct Roles<'a> {
    spec: &'a DatasetSpec,
    columns: &'a [Column],
}

impl Roles<'_> {
    fn find(&self, path: &[&str], name: &str, faults: &mut Faults) -> Option<usize> {
        if self.spec.columns.get(name).is_none() {
            let hint = match nearest(name, self.spec.columns.keys()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "list it under `columns:`".to_owned(),
            };
            let message = format!("the contract has no column `{name}`");
            faults.value(path, name, UNKNOWN_CONTRACT_COLUMN, message, hint);
        }
        self.columns.iter().position(|column| &*column.name == name)
    }

    fn key(&self, faults: &mut Faults) -> Vec<usize> {
        if self.spec.key.is_empty() {
            faults.key(&["key"], CONTRACT_ROLE, "a dataset needs a key", "name the columns that tell its rows apart");
        }
        let mut key = Vec::new();
        for (position, name) in self.spec.key.iter().enumerate() {
            let path = ["key", &position.to_string()];
            let Some(index) = self.find(&path, name, faults) else { continue };
            if key.contains(&index) {
                faults.value(&path, name, CONTRACT_ROLE, format!("`{name}` stands in the key twice"), "write it once");
            }
            key.push(index);
        }
        key
    }

    fn control(&self, faults: &mut Faults) -> Option<usize> {
        let name = self.spec.control.as_deref()?;
        let index = self.find(&["control"], name, faults)?;
        let column = self.columns.get(index)?;
        if !matches!(column.cell, CellType::Decimal { .. } | CellType::Int { .. }) {
            let message = format!("`{name}` is no number, so it has no sum");
            faults.value(&["control"], name, CONTRACT_ROLE, message, "name a money, decimal or int column");
        }
        Some(index)
    }

    fn date(&self, key: &str, name: Option<&str>, faults: &mut Faults) -> Option<usize> {
        let name = name?;
        let index = self.find(&[key], name, faults)?;
        if self.columns.get(index).is_some_and(|column| column.cell != CellType::Date) {
            faults.value(&[key], name, CONTRACT_ROLE, format!("`{name}` is no date"), "name a date column");
        }
        Some(index)
    }

    fn interval(&self, faults: &mut Faults) -> Option<(Name, Name)> {
        let names = self.spec.interval.as_ref()?;
        let [first, last] = names.as_slice() else {
            let hint = "write `interval: [valid_from, valid_to]`";
            faults.key(&["interval"], CONTRACT_ROLE, "an interval has a first and a last day", hint);
            return None;
        };
        let mut day = |position: &str, name: &str, may_be_open: bool| {
            let path = ["interval", position];
            let index = self.find(&path, name, faults)?;
            let column = self.columns.get(index)?;
            if column.cell != CellType::Date {
                faults.value(&path, name, CONTRACT_ROLE, format!("`{name}` is no date"), "name a date column");
            } else if column.nullable && !may_be_open {
                let message = format!("`{name}` may be empty, but an interval needs its first day");
                faults.value(&path, name, CONTRACT_ROLE, message, "drop `nullable` from the column");
            }
            Some(Arc::clone(&column.name))
        };
        let first = day("0", first, false);
        let last = day("1", last, true);
        first.zip(last)
    }
}
