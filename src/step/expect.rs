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
//! of one name make one. Where such rows drop out, a column that the condition shows to be present counts
//! as present from there on.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;
use serde::Deserialize;

use super::StepKind;
use super::codes::BAD_KEY;
use super::columns::{check_condition, fault};
use super::context::{CheckCx, Frames, RunCx};
use super::derive::carried;
use super::filter::{Held, hold};
use super::frames::{arrange, column_of, frame, schema_of, without};
use super::output::{Dropped, Step, StepError, StepException, StepFault, StepOutput};
use super::presence::narrow;
use super::show;
use crate::diag::data::{ExceptionSeverity, Fate};
use crate::diag::text::{Text, text};
use crate::diag::{Code, Fault};
use crate::expr::types::{Kind, Name};
use crate::expr::{Expr, Scope};
use crate::money::exact::Exact;

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

impl Expect {
    /// The condition without which a row leaves; none where rows stay.
    pub(super) fn drops_unless(&self) -> Option<&Expr> {
        (self.rows == Rows::Drop).then_some(&self.that)
    }

    /// Columns it reads beside those it hands on, each with its frame.
    pub(super) fn reads(&self) -> Vec<(Name, Name)> {
        let columns = self.that.columns().into_iter().chain(self.who.clone()).chain(self.stake.clone());
        columns.map(|column| (self.from.clone(), column)).collect()
    }
}

/// Checks an expectation.
pub(super) fn check(spec: &ExpectSpec, cx: &CheckCx<'_>) -> Result<Step, Vec<StepFault>> {
    let schema = schema_of(&["from"], &spec.from, cx).map_err(|one| vec![*one])?;
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
            Err(one) => faults.push(*one),
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
    let schema = match spec.rows {
        Rows::Drop => narrow(schema, &expect.that),
        Rows::Keep => schema.clone(),
    };
    Ok(Step { kind: StepKind::Expect(expect), inputs: vec![from], schema, origins })
}

/// Runs an expectation.
pub(super) fn apply(
    expect: &Expect,
    step: &Step,
    frames: &dyn Frames,
    cx: &RunCx<'_>,
) -> Result<StepOutput, StepError> {
    let input = frame(frames, &expect.from)?;
    let Held { false_rows, mut dropped, mut exceptions, .. } = hold(&expect.that, "that", input, &expect.from, cx)?;
    exceptions.extend(broken(expect, input, &false_rows)?);
    let mut gone: Vec<u32> = dropped.iter().flat_map(|one| one.rows.iter().copied()).collect();
    if expect.rows == Rows::Drop && !false_rows.is_empty() {
        gone.extend(&false_rows);
        gone.sort_unstable();
        let because = Text::from(&expect.message);
        dropped.push(Dropped { frame: expect.from.clone(), rows: false_rows, fate: Fate::Quarantined, because });
    }
    let frame = arrange(&without(input, &gone)?, &step.schema)?;
    Ok(StepOutput { frame, members: None, dropped, exceptions })
}

/// Rows of one name that break an expectation, or one row of none.
struct Broken {
    rows: Vec<u32>,
    who: Option<String>,
    stake: Option<Exact>,
}

/// How many different values of the rows of one name are told.
const TOLD: usize = 8;

/// What is wrong with the rows of one exception, and with which values.
fn cause(expect: &Expect, input: &DataFrame, rows: &[u32]) -> Text {
    let message = &expect.message;
    let mut seen = BTreeSet::new();
    let mut told: Vec<Text> = rows.iter().map(|&row| show::operands(input, row as usize, &expect.that)).collect();
    told.retain(|values| seen.insert(values.to_string()));
    let more = told.len().saturating_sub(TOLD);
    told.truncate(TOLD);
    let values = Text::List(told);
    match (rows.len(), more) {
        (1, _) => text!("{message} ({values})", message, values),
        (count, 0) => text!("{message} ({count} rows: {values})", message, count, values),
        (count, more) => text!("{message} ({count} rows: {values}; and {more} more)", message, count, values, more),
    }
}

/// One exception for each row that breaks the expectation, or for each name.
fn broken(expect: &Expect, input: &DataFrame, rows: &[u32]) -> Result<Vec<StepException>, StepError> {
    let who = expect.who.as_ref().map(|column| input.column(column)).transpose()?;
    let stake = expect.stake.as_ref().map(|column| input.column(column)).transpose()?;
    let store = input.column("store_id").ok();
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut cases: Vec<Broken> = Vec::new();
    for &row in rows {
        let at = row as usize;
        let name =
            who.filter(|column| !matches!(column.get(at), Ok(AnyValue::Null))).map(|column| show::cell(column, at));
        let case = match &name {
            Some(name) => {
                let store = store.map(|column| show::cell(column, at)).unwrap_or_default();
                *known.entry((store, name.clone())).or_insert(cases.len())
            }
            None => cases.len(),
        };
        if case == cases.len() {
            cases.push(Broken { rows: Vec::new(), who: name, stake: None });
        }
        let Some(case) = cases.get_mut(case) else { continue };
        case.rows.push(row);
        if let Some(stake) = stake.and_then(|column| show::number(column, at)) {
            case.stake = Some(case.stake.as_ref().map_or_else(|| stake.clone(), |sum| sum.add(&stake)));
        }
    }
    let tell = |Broken { rows, who, stake }: Broken| StepException {
        severity: expect.severity,
        code: expect.code,
        frame: expect.from.clone(),
        row: rows.first().copied(),
        who,
        cause: cause(expect, input, &rows),
        remedy: Text::from(&expect.remedy),
        stake,
    };
    Ok(cases.into_iter().map(tell).collect())
}
