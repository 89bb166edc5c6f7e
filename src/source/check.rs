//! Dataset files to contracts; every mistake of a file is found in one go.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::diag::phrase::phrase;
use crate::diag::text::Language;
use crate::diag::{Code, Fault, nearest};
use crate::expr::types::{Field, Schema, Type};
use crate::expr::unit::Unit;

use super::codes::{
    BAD_SHARE, COLUMN_OPTION, CONTRACT_NAME, HEADER_CLAIMED_TWICE, SOURCE_OPTION, UNKNOWN_COLUMN_TYPE,
    UNKNOWN_SOURCE_KIND,
};
use super::contract::{CellType, Column, Contract, Encoding, Format, Of, SourceFault};
use super::header::normal;
use super::pattern::PathPattern;
use super::roles::Roles;
use super::spec::{DatasetColumnSpec, DatasetSpec};
use super::words::Words;

/// Digits of a decimal where the contract says nothing: below ten billion yuan with two decimals.
const DIGITS: u8 = 12;
/// Digits of a whole number where the contract says nothing, and at most.
const INT_DIGITS: u8 = 18;
/// Rows among which the header is looked for where the contract says nothing.
const HEADER_WITHIN: usize = 10;
/// Columns that every dataset has without listing them.
const IMPLICIT: [(&str, &str); 2] = [("store_id", "门店"), ("period", "月份")];

/// Mistakes found so far.
pub(super) struct Faults(Vec<SourceFault>);

impl Faults {
    /// Adds one.
    pub(super) fn value(
        &mut self,
        path: &[&str],
        text: &str,
        code: Code,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(path, false, Fault::new(code, 0..text.len(), message).hint(hint));
    }

    /// Adds one.
    pub(super) fn key(&mut self, path: &[&str], code: Code, message: impl Into<String>, hint: impl Into<String>) {
        let length = path.last().map_or(0, |key| key.len());
        self.push(path, true, Fault::new(code, 0..length, message).hint(hint));
    }

    /// Adds one.
    pub(super) fn push(&mut self, path: &[&str], key: bool, fault: Fault) {
        self.0.push(SourceFault { path: path.iter().map(|part| (*part).to_owned()).collect(), key, fault });
    }
}

/// Checks a dataset file; `units` are the project's own base units, `language` that of the run.
///
/// # Errors
/// Every mistake in it.
pub fn check(spec: &DatasetSpec, units: &[String], language: Language) -> Result<Contract, Vec<SourceFault>> {
    let mut faults = Faults(Vec::new());
    check_name(&spec.dataset, &["dataset"], false, &mut faults);
    let path = PathPattern::parse(&spec.source.path)
        .map_err(|found| found.into_iter().for_each(|fault| faults.push(&["source", "path"], false, fault)));
    let of = check_of(spec, &mut faults);
    let format = check_format(spec, &mut faults);
    let mut schema = Schema::default();
    for (name, label) in IMPLICIT {
        schema.set(Field { name: name.into(), ty: Type::text(), label: phrase(label, language).into() });
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
    let mut open = schema.clone();
    for column in columns.iter().filter(|column| column.masked) {
        open.fields.retain(|field| field.name != column.name);
        let named = [&spec.belongs_to, &spec.said_by].map(|name| name.as_deref() == Some(&*column.name));
        if spec.key.iter().any(|name| **name == *column.name) || named.contains(&true) {
            let message = format!("`{}` is masked, and exceptions or pages would print it", column.name);
            faults.key(&["columns", &column.name, "masked"], COLUMN_OPTION, message, "name a row by another column");
        }
    }
    let roles = Roles { spec, columns: &columns };
    let key = roles.key(&mut faults);
    let control = roles.control(&mut faults);
    let in_period = roles.date("in_period", spec.in_period.as_deref(), &mut faults);
    let interval = roles.interval(&mut faults);
    let belongs_to = spec.belongs_to.as_deref().and_then(|name| roles.find(&["belongs_to"], name, &mut faults));
    let said_by = spec.said_by.as_deref().and_then(|name| roles.find(&["said_by"], name, &mut faults));
    let bad_rows_at_most = check_share(spec, &mut faults);
    match (path, format, bad_rows_at_most) {
        (Ok(path), Some(format), Some(bad_rows_at_most)) if faults.0.is_empty() => Ok(Contract {
            name: spec.dataset.as_str().into(),
            title: spec.title.clone(),
            of,
            path,
            format,
            header_within: spec.source.header_within.unwrap_or(HEADER_WITHIN),
            total_row: spec.source.total_row.as_deref().map(normal),
            stores: spec.stores.as_ref().map(|stores| stores.iter().cloned().collect()),
            required: spec.required,
            months: spec.months,
            key,
            window: spec.window,
            bad_rows_at_most,
            control,
            in_period,
            interval,
            belongs_to,
            said_by,
            pay: spec.pay,
            may_be_empty: spec.may_be_empty,
            may_repeat: spec.may_repeat,
            columns,
            schema,
            open,
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
    } else if plain && crate::expr::is_column_name(name) {
        return;
    } else if plain {
        (format!("`{name}` is a word of SQL, which expressions cannot use as a name"), "choose another name")
    } else {
        (format!("`{name}` is no name"), "names are lower-case letters, digits and `_`, a letter first")
    };
    if key {
        faults.key(path, CONTRACT_NAME, message, hint);
    } else {
        faults.value(path, name, CONTRACT_NAME, message, hint);
    }
}

/// Whose files they are. A table of the run before lies in one place of one month.
fn check_of(spec: &DatasetSpec, faults: &mut Faults) -> Of {
    let word = match spec.source.of.as_deref() {
        None | Some("exports") => return Of::Exports,
        Some(Of::RUN_BEFORE) => Of::RUN_BEFORE,
        Some(other) => {
            let hint = match nearest(other, ["exports", Of::RUN_BEFORE]) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write `exports` or `{}`", Of::RUN_BEFORE),
            };
            faults.value(&["source", "of"], other, SOURCE_OPTION, format!("nothing is known as `{other}`"), hint);
            return Of::Exports;
        }
    };
    let path = &spec.source.path;
    if path.contains('*') || ["{period}", "{year}", "{month}"].iter().any(|place| path.contains(place)) {
        let message = format!("a table of `{word}` lies in the same place every month");
        let hint = "write its path below the run's folder: `stores/{store}/carried.csv`";
        faults.value(&["source", "path"], path, SOURCE_OPTION, message, hint);
    }
    if spec.stores.is_some() {
        let message = format!("every store has its tables of `{word}`");
        faults.key(&["stores"], SOURCE_OPTION, message, "leave `stores` out");
    }
    if spec.window > 0 {
        let message = format!("`{word}` is one month: it has no window");
        faults.value(&["window"], &spec.window.to_string(), SOURCE_OPTION, message, "leave `window` out");
    }
    Of::RunBefore
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
        "datetime" => CellType::DateTime { bare: spec.allow_date },
        "money" => CellType::Decimal { digits: spec.digits.unwrap_or(DIGITS), scale: 2 },
        "decimal" => match spec.scale {
            Some(scale) => CellType::Decimal { digits: spec.digits.unwrap_or(DIGITS), scale },
            None => {
                faults.key(&["columns", name], COLUMN_OPTION, "a decimal needs its `scale`", "add `scale: 2`");
                return None;
            }
        },
        "bool" => CellType::Bool { yes: Words::new(spec.yes.clone()), no: Words::new(spec.no.clone()) },
        other => {
            let kinds = ["text", "int", "decimal", "money", "date", "datetime", "bool"];
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
        ("masked", spec.masked && cell != CellType::Text),
        ("allow_date", spec.allow_date && spec.kind != "datetime"),
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
        values: Words::new(spec.values.clone().unwrap_or_default()),
        masked: spec.masked,
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
