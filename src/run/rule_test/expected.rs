//! What a case expects, read against the plan: lines, exceptions and rows that can be compared.

use super::given::{parse, resolve};
use super::{Asked, BAD_EXPECTATION, Case};
use crate::diag::{Finding, nearest};
use crate::expr::types::Schema;
use crate::money::Exact;
use crate::plan::places::{Faults, key};
use crate::run::cells::Cell;
use crate::spec::{RowSpec, Seg};

/// Columns by which an expected pay line is compared.
const PAY: [&str; 4] = ["store_id", "employee_id", "line", "amount"];
/// Columns by which an expected balance is compared.
const CARRIED: [&str; 5] = ["store_id", "employee_id", "owner", "entry", "value"];
/// Columns by which an expected exception is compared.
const EXCEPTION: [&str; 4] = ["code", "store_id", "employee_id", "who"];

/// Everything a case expects.
#[derive(Default)]
pub(super) struct Expected<'a> {
    /// Pay lines.
    pub pay: Vec<ExpectedLine<'a>>,
    /// Carried balances.
    pub carried: Vec<ExpectedBalance<'a>>,
    /// Exceptions.
    pub exceptions: Vec<ExpectedException<'a>>,
    /// Rows of steps, as the case writes the steps; of each row the cells that it writes.
    pub frames: Vec<(&'a str, Vec<Vec<(&'a str, Cell)>>)>,
}

/// An expected pay line.
pub(super) struct ExpectedLine<'a> {
    /// Store; any where the case does not say.
    pub store_id: Option<&'a str>,
    /// Employee.
    pub employee_id: &'a str,
    /// Line code.
    pub line: &'a str,
    /// Amount as written, and its value.
    pub amount: (&'a str, Exact),
}

/// An expected balance.
pub(super) struct ExpectedBalance<'a> {
    /// Store; any where the case does not say.
    pub store_id: Option<&'a str>,
    /// Whose it is.
    pub owner: &'a str,
    /// Entry.
    pub entry: &'a str,
    /// The balance as written, and its value.
    pub value: (&'a str, Exact),
}

/// An expected exception; what the case leaves out is not compared.
pub(super) struct ExpectedException<'a> {
    /// Code.
    pub code: &'a str,
    /// Store.
    pub store_id: Option<&'a str>,
    /// Employee.
    pub employee_id: Option<&'a str>,
    /// Whom or what it concerns, as printed.
    pub who: Option<&'a str>,
}

/// Reads everything a case expects.
pub(super) fn read<'a>(case: &Case<'a>, asked: &'a Asked, faults: &mut Faults<'_>) -> Expected<'a> {
    let mut expected = Expected::default();
    for (index, row) in rows(case, case.pipeline.lines_key()).iter().enumerate() {
        expected.pay.extend(line(case, index, row, faults));
    }
    for (index, row) in rows(case, "carried").iter().enumerate() {
        expected.carried.extend(balance(case, index, row, faults));
    }
    for (index, row) in rows(case, "exceptions").iter().enumerate() {
        expected.exceptions.extend(exception(index, row, faults));
    }
    for step in &asked.steps {
        let Some((_, schema)) = resolve(case.plan, case.pipeline, step) else { continue };
        let rows = rows(case, step).iter().enumerate().map(|(index, row)| cells(step, index, row, &schema, faults));
        expected.frames.push((step, rows.collect()));
    }
    expected
}

fn rows<'a>(case: &Case<'a>, name: &str) -> &'a [RowSpec] {
    case.spec.expect.get(name).map(Vec::as_slice).unwrap_or_default()
}

fn line<'a>(case: &Case<'a>, index: usize, row: &'a RowSpec, faults: &mut Faults<'_>) -> Option<ExpectedLine<'a>> {
    let lines = case.pipeline.lines_key();
    let at = |column: &str| [key("expect"), key(lines), Seg::Index(index), key(column)];
    unknown_columns(lines, index, row, &PAY, faults);
    let cell = |column: &str| row.get(column).or_else(|| case.file.defaults.get(column))?.as_deref();
    let (Some(employee_id), Some(code), Some(amount)) = (cell("employee_id"), cell("line"), cell("amount")) else {
        let finding = Finding::error(BAD_EXPECTATION, "an expected pay line has employee_id, line and amount");
        faults.at(&at("line")[..3], finding.hint("{ employee_id: A1, line: advisor-output, amount: 1086.80 }"));
        return None;
    };
    if !case.pipeline.lines().iter().any(|line| line.makes(code)) {
        let finding = Finding::error(BAD_EXPECTATION, format!("`{}` has no line `{code}`", case.pipeline.name));
        let names = case.pipeline.lines().iter().map(|line| &*line.name);
        let hint = nearest(code, names.clone()).map_or_else(
            || format!("it has {}", names.collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        faults.at(&at("line"), finding.hint(hint));
        return None;
    }
    let value = Exact::parse_human(amount).ok().filter(|amount| amount.to_unscaled(2).is_some());
    let Some(value) = value else {
        let finding = Finding::error(BAD_EXPECTATION, format!("`{amount}` is no amount with at most two decimals"));
        faults.at(&at("amount"), finding.hint("an amount is paid to the fen: 1086.80"));
        return None;
    };
    Some(ExpectedLine { store_id: cell("store_id"), employee_id, line: code, amount: (amount, value) })
}

fn balance<'a>(
    case: &Case<'a>,
    index: usize,
    row: &'a RowSpec,
    faults: &mut Faults<'_>,
) -> Option<ExpectedBalance<'a>> {
    let at = |column: &str| [key("expect"), key("carried"), Seg::Index(index), key(column)];
    unknown_columns("carried", index, row, &CARRIED, faults);
    let cell = |column: &str| row.get(column).or_else(|| case.file.defaults.get(column))?.as_deref();
    let owner = cell("owner").or_else(|| cell("employee_id"));
    let (Some(owner), Some(entry), Some(written)) = (owner, cell("entry"), cell("value")) else {
        let finding = Finding::error(BAD_EXPECTATION, "an expected balance has owner, entry and value");
        faults.at(&at("entry")[..3], finding.hint("{ owner: A1, entry: output-below-zero, value: -1000.00 }"));
        return None;
    };
    if !case.pipeline.carry.iter().any(|carry| *carry.name == *entry) {
        let finding = Finding::error(BAD_EXPECTATION, format!("`{}` carries no `{entry}`", case.pipeline.name));
        let names = case.pipeline.carry.iter().map(|carry| &*carry.name);
        let hint = nearest(entry, names.clone()).map_or_else(
            || format!("it carries {}", names.collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        faults.at(&at("entry"), finding.hint(hint));
        return None;
    }
    let value = faults.take(&at("value"), Exact::parse_human(written))?;
    Some(ExpectedBalance { store_id: cell("store_id"), owner, entry, value: (written, value) })
}

fn exception<'a>(index: usize, row: &'a RowSpec, faults: &mut Faults<'_>) -> Option<ExpectedException<'a>> {
    unknown_columns("exceptions", index, row, &EXCEPTION, faults);
    let cell = |column: &str| row.get(column)?.as_deref();
    let Some(code) = cell("code") else {
        let finding = Finding::error(BAD_EXPECTATION, "an expected exception has a code");
        faults.at(&[key("expect"), key("exceptions"), Seg::Index(index)], finding.hint("{ code: negative-base }"));
        return None;
    };
    let (store_id, employee_id, who) = (cell("store_id"), cell("employee_id"), cell("who"));
    Some(ExpectedException { code, store_id, employee_id, who })
}

/// Finds columns by which nothing is compared.
fn unknown_columns(of: &str, index: usize, row: &RowSpec, known: &[&str], faults: &mut Faults<'_>) {
    for name in row.keys().filter(|name| !known.contains(name)) {
        let finding = Finding::error(BAD_EXPECTATION, format!("rows of `{of}` are not compared by `{name}`"));
        let hint = nearest(name, known.iter().copied()).map_or_else(
            || format!("they have {}; expect rows of the step for its other columns", known.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        faults.at_key(&[key("expect"), key(of), Seg::Index(index), key(name)], finding.hint(hint));
    }
}

/// The cells of an expected row of a step.
fn cells<'a>(
    step: &str,
    index: usize,
    row: &'a RowSpec,
    schema: &Schema,
    faults: &mut Faults<'_>,
) -> Vec<(&'a str, Cell)> {
    let mut cells = Vec::new();
    for (name, text) in row.iter() {
        let at = [key("expect"), key(step), Seg::Index(index), key(name)];
        let Some(field) = schema.get(name) else {
            let finding = Finding::error(BAD_EXPECTATION, format!("`{step}` has no column `{name}`"));
            let hint = nearest(name, schema.names()).map_or_else(
                || format!("it has {}", schema.names().collect::<Vec<_>>().join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            faults.at_key(&at, finding.hint(hint));
            continue;
        };
        match text.as_deref().map(|text| parse(text, &field.ty)) {
            None => cells.push((name, Cell::Absent)),
            Some(Ok(cell)) => cells.push((name, cell)),
            Some(Err(fault)) => faults.inside(&at, fault),
        }
    }
    cells
}
