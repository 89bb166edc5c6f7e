//! What came out beside what was expected.

use std::collections::BTreeMap;

use super::expected::{Expected, ExpectedBalance, ExpectedException, ExpectedLine};
use super::{Asked, Case, CaseOutcome};
use crate::diag::data::Exception;
use crate::money::Exact;
use crate::run::cells::Cell;
use crate::run::outcome::{Carried, PayLine};

/// Everything in which what came out differs from what a case expects, a line each.
pub(super) fn compare(
    case: &Case<'_>,
    outcome: &CaseOutcome<'_>,
    asked: &Asked,
    expected: &Expected<'_>,
) -> Vec<String> {
    let mut differences = Vec::new();
    if asked.pay {
        pay(&expected.pay, &outcome.lines, &mut differences);
    }
    if asked.carried {
        carried(&expected.carried, &outcome.carried, &mut differences);
    }
    exceptions(&expected.exceptions, &outcome.exceptions, &mut differences);
    for (step, wanted) in &expected.frames {
        rows(case, outcome, step, wanted, &mut differences);
    }
    differences
}

fn pay(expected: &[ExpectedLine<'_>], lines: &[PayLine], differences: &mut Vec<String>) {
    let mut left: Vec<&PayLine> = lines.iter().collect();
    for ExpectedLine { store_id, employee_id, line, amount: (written, amount) } in expected {
        let found = left.iter().position(|paid| {
            paid.employee_id == *employee_id
                && *paid.line == **line
                && store_id.is_none_or(|store_id| paid.store_id == store_id)
        });
        let Some(at) = found else {
            differences.push(format!("{employee_id} {line}: expected {written}, but there is no such line"));
            continue;
        };
        let paid = left.swap_remove(at);
        if Exact::from_decimal(paid.amount) != *amount {
            differences.push(format!("{employee_id} {line}: expected {written}, came out {}", paid.amount));
            if let Some(head) = paid.trace.nodes.first() {
                differences.push(format!("    {} = {}", head.filled, head.value));
            }
        }
    }
    left.sort_by(|a, b| (&a.employee_id, &a.line).cmp(&(&b.employee_id, &b.line)));
    for paid in left {
        differences.push(format!("{} {}: not expected, came out {}", paid.employee_id, paid.line, paid.amount));
    }
}

fn carried(expected: &[ExpectedBalance<'_>], balances: &[Carried], differences: &mut Vec<String>) {
    let mut left: Vec<&Carried> = balances.iter().collect();
    for ExpectedBalance { store_id, owner, entry, value: (written, value) } in expected {
        let found = left.iter().position(|balance| {
            balance.owner == *owner
                && *balance.entry == **entry
                && store_id.is_none_or(|store_id| balance.store_id == store_id)
        });
        match found.map(|at| left.swap_remove(at)) {
            None => differences.push(format!("{owner} {entry}: expected {written}, but nothing is carried")),
            Some(balance) if Exact::from_decimal(balance.value) != *value => {
                differences.push(format!("{owner} {entry}: expected {written}, carried {}", balance.value));
            }
            Some(_) => {}
        }
    }
    left.sort_by(|a, b| (&a.owner, &a.entry).cmp(&(&b.owner, &b.entry)));
    for balance in left {
        differences.push(format!("{} {}: not expected, carried {}", balance.owner, balance.entry, balance.value));
    }
}

fn exceptions(expected: &[ExpectedException<'_>], found: &[Exception], differences: &mut Vec<String>) {
    let mut left: Vec<&Exception> = found.iter().collect();
    for ExpectedException { code, store_id, employee_id, who } in expected {
        let stated = |wanted: Option<&str>, value: Option<&str>| wanted.is_none() || wanted == value;
        let fits = |exception: &Exception| {
            exception.code.id == *code
                && stated(*employee_id, exception.employee_id.as_deref())
                && stated(*store_id, exception.store_id.as_deref())
                && stated(*who, Some(&exception.who))
        };
        match left.iter().position(|exception| fits(exception)) {
            Some(at) => drop(left.remove(at)),
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
    wanted: &[Vec<(&str, Cell)>],
    differences: &mut Vec<String>,
) {
    let Some(stored) = outcome.evaluation.store.get(&case.pipeline.full_name(step)) else { return };
    if wanted.len() != stored.frame.height() {
        differences.push(format!("`{step}`: expected {} rows, came out {}", wanted.len(), stored.frame.height()));
    }
    let actual: Vec<BTreeMap<&str, Cell>> = (0..u32::try_from(stored.frame.height()).unwrap_or(u32::MAX))
        .map(|row| stored.schema.names().map(|name| (name, stored.cell(row, name))).collect())
        .collect();
    for (index, (row, actual)) in wanted.iter().zip(&actual).enumerate() {
        for (name, expected) in row {
            if let Some(found) = actual.get(name).filter(|found| *found != expected) {
                let (wanted, found) = (expected.canonical(), found.canonical());
                differences.push(format!("`{step}` row {}: {name}: expected {wanted}, came out {found}", index + 1));
            }
        }
    }
}
