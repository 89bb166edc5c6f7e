//! What came out beside what was expected.

use std::collections::BTreeMap;

use super::given::{parse, resolve};
use super::{Asked, BAD_EXPECTATION, Case, CaseOutcome, CaseResult};
use crate::diag::Finding;
use crate::money::Exact;
use crate::plan::places::{Faults, key};
use crate::run::cells::Cell;
use crate::run::outcome::PayLine;
use crate::spec::{RowSpec, Seg};

/// Compares everything that a case expects.
pub(super) fn compare(case: &Case<'_>, outcome: &CaseOutcome<'_>, asked: &Asked, result: &mut CaseResult) {
    let mut faults = Faults::new(case.document, case.path.clone(), &mut result.findings);
    let mut differences = Vec::new();
    if asked.pay {
        pay(case, &outcome.lines, &mut faults, &mut differences);
    }
    exceptions(case, outcome, &mut faults, &mut differences);
    for step in &asked.steps {
        rows(case, outcome, step, &mut faults, &mut differences);
    }
    result.differences = differences;
}

/// The cell of an expected row, or the default.
fn cell<'a>(case: &'a Case<'_>, row: &'a RowSpec, column: &str) -> Option<&'a str> {
    row.get(column).or_else(|| case.file.defaults.get(column))?.as_deref()
}

fn expected<'a>(case: &'a Case<'_>, name: &str) -> &'a [RowSpec] {
    case.spec.expect.get(name).map(Vec::as_slice).unwrap_or_default()
}

fn pay(case: &Case<'_>, lines: &[PayLine], faults: &mut Faults<'_>, differences: &mut Vec<String>) {
    let mut left: Vec<&PayLine> = lines.iter().collect();
    for (index, row) in expected(case, "pay").iter().enumerate() {
        let at = |column: &str| [key("expect"), key("pay"), Seg::Index(index), key(column)];
        let (Some(employee), Some(line), Some(amount)) =
            (cell(case, row, "employee_id"), cell(case, row, "line"), cell(case, row, "amount"))
        else {
            let finding = Finding::error(BAD_EXPECTATION, "an expected pay line has employee_id, line and amount");
            faults.at(&at("line")[..3], finding.hint("{ employee_id: A1, line: advisor-output, amount: 1086.80 }"));
            continue;
        };
        let Some(wanted) = Exact::parse_human(amount).ok().filter(|amount| amount.to_unscaled(2).is_some()) else {
            let finding = Finding::error(BAD_EXPECTATION, format!("`{amount}` is no amount with at most two decimals"));
            faults.at(&at("amount"), finding);
            continue;
        };
        let store = cell(case, row, "store_id");
        let found = left.iter().position(|paid| {
            paid.employee_id == employee && *paid.line == *line && store.is_none_or(|store| paid.store_id == store)
        });
        match found {
            None => differences.push(format!("{employee} {line}: expected {amount}, but there is no such line")),
            Some(at) => {
                let paid = left.swap_remove(at);
                if Exact::from_decimal(paid.amount) != wanted {
                    differences.push(format!("{employee} {line}: expected {amount}, came out {}", paid.amount));
                    if let Some(head) = paid.trace.nodes.first() {
                        differences.push(format!("    {} = {}", head.filled, head.value));
                    }
                }
            }
        }
    }
    left.sort_by(|a, b| (&a.employee_id, &a.line).cmp(&(&b.employee_id, &b.line)));
    for paid in left {
        differences.push(format!("{} {}: not expected, came out {}", paid.employee_id, paid.line, paid.amount));
    }
}

fn exceptions(case: &Case<'_>, outcome: &CaseOutcome<'_>, faults: &mut Faults<'_>, differences: &mut Vec<String>) {
    let mut left: Vec<_> = outcome.exceptions.iter().collect();
    for (index, row) in expected(case, "exceptions").iter().enumerate() {
        let Some(Some(code)) = row.get("code") else {
            let finding = Finding::error(BAD_EXPECTATION, "an expected exception has a code");
            faults.at(&[key("expect"), key("exceptions"), Seg::Index(index)], finding.hint("{ code: negative-base }"));
            continue;
        };
        let fits = |exception: &crate::diag::data::Exception| {
            let stated = |column: &str, value: Option<&str>| match row.get(column) {
                Some(Some(wanted)) => value == Some(wanted.as_str()),
                _ => true,
            };
            exception.code.id == code.as_str()
                && stated("employee_id", exception.employee_id.as_deref())
                && stated("store_id", exception.store_id.as_deref())
                && stated("who", Some(&exception.who))
        };
        match left.iter().position(|exception| fits(exception)) {
            Some(at) => {
                left.remove(at);
            }
            None => differences.push(format!("expected the exception `{code}`, but there is none")),
        }
    }
    for exception in left {
        differences.push(format!("not expected: {} for {}: {}", exception.code, exception.who, exception.cause));
    }
}

fn rows(
    case: &Case<'_>,
    outcome: &CaseOutcome<'_>,
    step: &str,
    faults: &mut Faults<'_>,
    differences: &mut Vec<String>,
) {
    let Some((full, schema)) = resolve(case.plan, case.pipeline, step) else { return };
    let Some(stored) = outcome.evaluation.store.get(&full) else { return };
    let wanted = expected(case, step);
    if wanted.len() != stored.frame.height() {
        differences.push(format!("`{step}`: expected {} rows, came out {}", wanted.len(), stored.frame.height()));
    }
    let actual: Vec<BTreeMap<&str, Cell>> = (0..u32::try_from(stored.frame.height()).unwrap_or(u32::MAX))
        .map(|row| schema.names().map(|name| (name, stored.cell(row, name))).collect())
        .collect();
    for (index, row) in wanted.iter().enumerate() {
        for (name, text) in row.iter() {
            let at = [key("expect"), key(step), Seg::Index(index), key(name)];
            let Some(field) = schema.get(name) else {
                let mut finding = Finding::error(BAD_EXPECTATION, format!("`{step}` has no column `{name}`"));
                let near = crate::diag::nearest(name, schema.names());
                finding.hints.extend(near.map(|near| format!("did you mean `{near}`?")));
                faults.at_key(&at, finding);
                continue;
            };
            let expected = match text {
                None => Cell::Absent,
                Some(text) => match parse(text, &field.ty) {
                    Ok(cell) => cell,
                    Err(fault) => {
                        faults.inside(&at, fault);
                        continue;
                    }
                },
            };
            if let Some(found) = actual.get(index).and_then(|row| row.get(name))
                && *found != expected
            {
                let (wanted, found) = (expected.canonical(), found.canonical());
                differences.push(format!("`{step}` row {}: {name}: expected {wanted}, came out {found}", index + 1));
            }
        }
    }
}
