//! File layouts checked: every cell has something to write, at a place where it is known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Pipeline;
use super::places::{Faults, key};
use crate::diag::{Code, Finding, Findings, nearest};
use crate::expr::types::{Kind, Name};
use crate::source::Contract;
use crate::spec::{FileColumnSpec, FileEncoding, FileForm, FileLayout, FilePeople, FileSpec, Located, Seg};

/// A layout that cannot be written.
pub(super) const FILE_LAYOUT: Code =
    Code::new("file-layout", "a cell of a file layout has nothing to write, or does not fit its kind");

/// A checked layout.
#[derive(Clone, Debug)]
pub struct PlannedFile {
    /// Name.
    pub name: Name,
    /// Title.
    pub title: String,
    /// Path with `{store}`, or one for all stores.
    pub path: String,
    /// Whose lines it has.
    pub people: FilePeople,
    /// Encoding.
    pub encoding: FileEncoding,
    /// Character between cells; `None` for fixed columns.
    pub delimiter: Option<u8>,
    /// Cells of the line before everybody's.
    pub head: Vec<FileCell>,
    /// Cells of a person's line.
    pub columns: Vec<FileCell>,
    /// Cells of the line behind everybody's.
    pub tail: Vec<FileCell>,
}

/// A checked cell.
#[derive(Clone, Debug)]
pub struct FileCell {
    /// Header of delimited text; the value's name where the layout gives none.
    pub header: String,
    /// What stands there.
    pub value: FileValue,
    /// How it is written.
    pub form: FileForm,
    /// Bytes of a fixed column.
    pub width: Option<usize>,
}

/// What a cell writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileValue {
    /// Always the same.
    Constant(String),
    /// Id of the store that pays out.
    StoreId,
    /// Its name.
    Store,
    /// The month, `2026-10`.
    Period,
    /// How many people the file has.
    Count,
    /// The sum of their net pay.
    Total,
    /// The number of the line, from 1.
    Number,
    /// Employee id.
    EmployeeId,
    /// Name.
    Name,
    /// Net pay.
    Net,
    /// Whether something is missing for it.
    Estimated,
    /// A line of net pay; 0 where the person does not have it.
    Line(Name),
    /// A column of the person's row in a dataset.
    Column {
        /// Dataset.
        dataset: Name,
        /// Column.
        column: Name,
    },
}

impl PlannedFile {
    /// Columns of datasets that the file looks up.
    pub fn looked_up(&self) -> impl Iterator<Item = (&Name, &Name)> {
        self.columns.iter().filter_map(|cell| match &cell.value {
            FileValue::Column { dataset, column } => Some((dataset, column)),
            _ => None,
        })
    }
}

/// Checks the layouts of a project.
pub(super) fn check(
    files: &[Located<FileSpec>],
    pipelines: &[Pipeline],
    contracts: &BTreeMap<Name, Contract>,
    findings: &mut Findings,
) -> Vec<PlannedFile> {
    let settling = pipelines.iter().find(|pipeline| !pipeline.settle.is_empty());
    let mut paths = BTreeSet::new();
    let mut planned = Vec::new();
    for file in files {
        let spec = &file.value;
        let mut faults = Faults::new(&file.document, Vec::new(), findings);
        let Some(settling) = settling else {
            let finding = Finding::error(FILE_LAYOUT, "no pipeline settles, so that nobody has a net pay to write");
            faults.at(&[key("file")], finding.hint("write `settle:` in a pipeline, or take the layout away"));
            continue;
        };
        let plain = !spec.path.starts_with('/') && !spec.path.split('/').any(|part| matches!(part, "" | "." | ".."));
        if !plain || !paths.insert(spec.path.as_str()) {
            let message = format!("`{}` is no path of its own inside the run", spec.path);
            let hint = "write it as `stores/{store}/bank-transfer.txt`";
            faults.at(&[key("path")], Finding::error(FILE_LAYOUT, message).hint(hint));
        }
        let delimiter = match (spec.layout, spec.delimiter.as_deref().map_or(&b","[..], str::as_bytes)) {
            (FileLayout::Fixed, _) => None,
            (FileLayout::Csv, &[byte]) if byte.is_ascii_graphic() || byte == b'\t' => Some(byte),
            (FileLayout::Csv, _) => {
                let finding = Finding::error(FILE_LAYOUT, "this cannot stand between cells");
                faults.at(&[key("delimiter")], finding.hint("write one character, such as `,` or `|`"));
                continue;
            }
        };
        let mut cells = |part: &str, specs: &[FileColumnSpec]| -> Vec<FileCell> {
            let line = Line { spec, settling, contracts, is_person: part == "columns" };
            let of = |(at, cell): (usize, &FileColumnSpec)| {
                line.cell(cell).map_err(|finding| faults.at(&[key(part), Seg::Index(at)], *finding)).ok()
            };
            specs.iter().enumerate().filter_map(of).collect()
        };
        planned.push(PlannedFile {
            name: Arc::from(spec.file.as_str()),
            title: spec.title.clone(),
            path: spec.path.clone(),
            people: spec.people,
            encoding: spec.encoding,
            delimiter,
            head: cells("head", &spec.head),
            columns: cells("columns", &spec.columns),
            tail: cells("tail", &spec.tail),
        });
    }
    planned
}

/// A line of a layout, and what its cells may write.
struct Line<'a> {
    spec: &'a FileSpec,
    settling: &'a Pipeline,
    contracts: &'a BTreeMap<Name, Contract>,
    is_person: bool,
}

impl Line<'_> {
    fn cell(&self, spec: &FileColumnSpec) -> Result<FileCell, Box<Finding>> {
        let fault = |message: String, hint: &str| Box::new(Finding::error(FILE_LAYOUT, message).hint(hint.to_owned()));
        let value = match (&spec.value, &spec.text) {
            (Some(value), None) => self.value(value)?,
            (None, Some(text)) => FileValue::Constant(text.clone()),
            _ => return Err(fault("a cell has either a `value` or a `text`".to_owned(), "leave one of them out")),
        };
        let fixed = self.spec.layout == FileLayout::Fixed;
        if fixed != spec.width.is_some_and(|width| width > 0) {
            let message = if fixed { "a fixed column needs its `width`" } else { "delimited text has no `width`" };
            return Err(fault(message.to_owned(), "bytes in the encoding of the file, from 1"));
        }
        let is_amount = matches!(value, FileValue::Net | FileValue::Total | FileValue::Line(_));
        let is_count = matches!(value, FileValue::Number | FileValue::Count);
        let fits = match spec.form {
            FileForm::Yuan | FileForm::Fen => is_amount,
            FileForm::Count => is_count,
            FileForm::Text | FileForm::Digits | FileForm::Masked => !is_amount && !is_count,
        };
        if !fits {
            let hint = "amounts are written as `yuan` or `fen`, `number` and `count` as `count`, others as text";
            return Err(fault(format!("the cell cannot be written as {:?}", spec.form).to_lowercase(), hint));
        }
        let is_masked = self.masked(&value);
        if is_masked && spec.form != FileForm::Masked && self.spec.people == FilePeople::All {
            let hint = "write it `as: masked`: only a file by which people are paid has it whole";
            return Err(fault("the column is masked".to_owned(), hint));
        }
        let header = spec.header.clone().or_else(|| spec.value.clone()).unwrap_or_default();
        Ok(FileCell { header, value, form: spec.form, width: spec.width })
    }

    fn value(&self, written: &str) -> Result<FileValue, Box<Finding>> {
        let anywhere = [
            ("store_id", FileValue::StoreId),
            ("store", FileValue::Store),
            ("period", FileValue::Period),
            ("count", FileValue::Count),
            ("total", FileValue::Total),
        ];
        let of_person = [
            ("number", FileValue::Number),
            ("employee_id", FileValue::EmployeeId),
            ("name", FileValue::Name),
            ("net", FileValue::Net),
            ("estimated", FileValue::Estimated),
        ];
        let all = anywhere.into_iter().chain(of_person.into_iter().filter(|_| self.is_person));
        let all: Vec<(&str, FileValue)> = all.collect();
        if let Some((_, value)) = all.iter().find(|(name, _)| *name == written) {
            return Ok(value.clone());
        }
        if let Some(code) = written.strip_prefix("line.").filter(|_| self.is_person)
            && let Some(line) = self.settling.settle.iter().find(|line| *line.name == *code && line.each.is_none())
        {
            return Ok(FileValue::Line(line.name.clone()));
        }
        if let Some((dataset, column)) = written.split_once('.').filter(|_| self.is_person)
            && let Some((dataset, contract)) = self.contracts.get_key_value(dataset)
            && contract.schema().get("employee_id").is_some()
            && let Some(field) = contract.schema().get(column)
            && field.ty.kind == Kind::Text
        {
            return Ok(FileValue::Column { dataset: dataset.clone(), column: field.name.clone() });
        }
        let lines = self.settling.settle.iter().map(|line| format!("line.{}", line.name));
        let columns = self.contracts.iter().filter(|(_, contract)| contract.schema().get("employee_id").is_some());
        let columns = columns.flat_map(|(name, contract)| {
            contract.schema().names().map(|column| format!("{name}.{column}")).collect::<Vec<_>>()
        });
        let further: Vec<String> = lines.chain(columns).filter(|_| self.is_person).collect();
        let known = all.iter().map(|(name, _)| *name).chain(further.iter().map(String::as_str));
        let hint = nearest(written, known).map_or_else(
            || "a head or tail has totals, a person's line `line.<code>` and text columns of datasets too".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Err(Box::new(Finding::error(FILE_LAYOUT, format!("there is no `{written}` to write here")).hint(hint)))
    }

    fn masked(&self, value: &FileValue) -> bool {
        let FileValue::Column { dataset, column } = value else { return false };
        let contract = self.contracts.get(dataset);
        contract.is_some_and(|contract| contract.columns.iter().any(|known| known.name == *column && known.masked))
    }
}
