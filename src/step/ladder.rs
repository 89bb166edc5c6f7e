//! `ladder`: looks a value up in a printed table of intervals, or cuts an amount into its slices.
//!
//! ```yaml
//! rated:
//!   ladder: { from: bottles, table: param.care_rate, by: bottles, into: care_rate, mode: whole }
//! fee:
//!   ladder: { from: orders, table: param.order_fee, base: orders, into: fee, mode: marginal }
//! ```
//!
//! `whole` (全额) finds the value of the step reached. `marginal` (超额累进) multiplies each slice of
//! `base` with the value of its own step and sums: the result is an amount, not a rate. A value that no
//! interval holds, or a day before the first ladder, is a blocking exception and the row leaves.

use serde::Deserialize;

use super::StepKind;
use super::codes::{SETTING_CONFLICT, SETTING_MISSING};
use super::columns::{Computed, cell_exception, check_expr, check_new_name, failed_cells, fault};
use super::context::{CheckCx, Frames, LadderType, RunCx};
use super::derive::{carried, dropped_for_failure, failed_rows};
use super::frames::{arrange, frame, index, schema_of, without};
use super::output::{ColumnOrigin, Dropped, Step, StepError, StepException, StepFault, StepOutput};
use super::versions::{Choice, Versions, named};
use crate::diag::data::{ExceptionSeverity, Fate};
use crate::diag::text::{Text, text};
use crate::diag::{Code, Fault};
use crate::expr::types::{Field, Kind, Name, Schema, Type};
use crate::expr::unit::Unit;
use crate::expr::{self, Expr, Scope};
use crate::money::exact::Exact;
use crate::money::kernel::{Values, exact_column};
use crate::money::ladder::Ladder;

/// No such ladder.
pub const UNKNOWN_LADDER: Code = Code::new("unknown-ladder", "a ladder that no parameter file defines");
/// Looked up by the wrong thing.
pub const LADDER_UNIT: Code =
    Code::new("ladder-unit", "a ladder or matrix is looked up by a value of another unit than its own");
/// No step for a value.
pub const OFF_LADDER: Code =
    Code::exception("off-ladder", "a value that no interval of a ladder holds, or no ladder on its day");

/// Looks a value up in a ladder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LadderSpec {
    /// The frame to read: a step, `spine`, a dataset or a published step.
    pub from: String,
    /// The ladder: `param.` and the name of its parameter.
    pub table: String,
    /// What is looked up, for `mode: whole`.
    pub by: Option<String>,
    /// What is cut into slices, for `mode: marginal`.
    pub base: Option<String>,
    /// Name of the new column.
    pub into: String,
    /// `whole`: the value of the step reached. `marginal`: the sum over the slices.
    pub mode: Mode,
}

/// How a ladder is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The value of the step reached (全额).
    Whole,
    /// Each slice at the value of its own step, summed (超额累进).
    Marginal,
}

/// A checked ladder step.
#[derive(Clone, Debug)]
pub struct LadderStep {
    from: Name,
    table: Name,
    label: Name,
    /// What is looked up, or cut into slices.
    by: Expr,
    mode: Mode,
    into: Name,
    /// Columns by which a row chooses the ladder: a date, its store.
    chosen_by: Vec<Name>,
}

impl LadderStep {
    /// Columns it reads beside those it hands on, each with its frame.
    pub(super) fn reads(&self) -> Vec<(Name, Name)> {
        let columns = self.by.columns().into_iter().chain(self.chosen_by.iter().cloned());
        columns.map(|column| (self.from.clone(), column)).collect()
    }
}

/// Checks a ladder step.
pub(super) fn check(spec: &LadderSpec, cx: &CheckCx<'_>) -> Result<Step, Vec<StepFault>> {
    let mut faults = Vec::new();
    let ladder = find(&spec.table, cx).map_err(|one| faults.push(*one));
    let by = chosen(spec).map_err(|one| faults.push(*one));
    let schema = match schema_of(&["from"], &spec.from, cx) {
        Ok(schema) => schema,
        Err(one) => {
            faults.push(*one);
            return Err(faults);
        }
    };
    faults.extend(check_new_name(&["into"], &spec.into, schema).map(|one| StepFault { key: false, ..one }));
    let what = format!("`{}`", spec.from);
    let scope = Scope { columns: schema, each: None, params: cx.params, aggregates: false, what: &what };
    let by = by.and_then(|(key, text)| {
        let expr = check_expr(&[key], text, &scope).map_err(|more| faults.extend(more))?;
        if let Ok((_, ladder)) = &ladder
            && let Some(one) = check_value(key, &expr, ladder, schema)
        {
            faults.push(one);
        }
        Ok(expr)
    });
    let (Ok((table, ladder)), Ok(by), true) = (ladder, by, faults.is_empty()) else { return Err(faults) };
    Ok(assemble(spec, schema, table, &ladder, by))
}

/// The ladder that `table` names.
fn find(table: &str, cx: &CheckCx<'_>) -> Result<(Name, LadderType), Box<StepFault>> {
    named("table", ("ladder", UNKNOWN_LADDER), table, &cx.tables.ladders(), |name| cx.tables.ladder(name))
}

/// How rows choose a version of a ladder.
fn choice(ladder: &LadderType) -> Choice<'_> {
    Choice { label: &ladder.label, dated_by: ladder.dated_by.as_ref(), by_store: ladder.by_store }
}

/// The expression that the mode asks for, with its key.
fn chosen(spec: &LadderSpec) -> Result<(&'static str, &str), Box<StepFault>> {
    let whole_key = |code, message: &str, hint: &str| {
        Box::new(StepFault { key: true, ..fault(&["mode"], Fault::new(code, 0..0, message).hint(hint)) })
    };
    match (spec.mode, &spec.by, &spec.base) {
        (Mode::Whole, Some(by), None) => Ok(("by", by)),
        (Mode::Whole, None, _) => {
            Err(whole_key(SETTING_MISSING, "a whole ladder needs to know what is looked up", "add `by: …`"))
        }
        (Mode::Whole, Some(_), Some(_)) => Err(whole_key(
            SETTING_CONFLICT,
            "a whole ladder finds a value and multiplies nothing",
            "take `base` away and multiply in a derive, or choose `mode: marginal`",
        )),
        (Mode::Marginal, None, Some(base)) => Ok(("base", base)),
        (Mode::Marginal, Some(by), Some(base)) if by.trim() == base.trim() => Ok(("base", base)),
        (Mode::Marginal, Some(_), Some(_)) => Err(whole_key(
            SETTING_CONFLICT,
            "a marginal ladder cuts its base at the bounds: `by` cannot be something else",
            "take `by` away",
        )),
        (Mode::Marginal, _, None) => {
            Err(whole_key(SETTING_MISSING, "a marginal ladder needs to know what is cut into slices", "add `base: …`"))
        }
    }
}

/// Whether a ladder can be asked for a value, and has a date to be chosen by.
fn check_value(key: &str, expr: &Expr, ladder: &LadderType, schema: &Schema) -> Option<StepFault> {
    check_asked(&[key], expr, &ladder.label, &ladder.by)
        .or_else(|| choice(ladder).check("table", UNKNOWN_LADDER, schema))
}

/// Whether a value can be looked up where a unit is asked for.
pub(super) fn check_asked(path: &[&str], expr: &Expr, label: &str, by: &Unit) -> Option<StepFault> {
    let whole = 0..expr.text.len();
    if !expr.ty.kind.is_number() || (expr.ty.unit != *by && !expr.adapts()) {
        let got = if expr.ty.kind.is_number() { expr.ty.unit.to_string() } else { expr.ty.kind.to_string() };
        let message = format!("{label} is looked up by {by}, this is {got}");
        let hint = format!("give a value in {by}, or name the table that is meant");
        return Some(fault(path, Fault::new(LADDER_UNIT, whole, message).hint(hint)));
    }
    if expr.ty.nullable {
        let message = "an absent value stands on no step";
        let hint = "say what holds then: `COALESCE(x, …)`, or filter such rows out";
        return Some(fault(path, Fault::new(LADDER_UNIT, whole, message).hint(hint)));
    }
    None
}

fn assemble(spec: &LadderSpec, schema: &Schema, table: Name, ladder: &LadderType, by: Expr) -> Step {
    let from = Name::from(spec.from.as_str());
    let into = Name::from(spec.into.as_str());
    let unit = match spec.mode {
        Mode::Whole => ladder.value.clone(),
        Mode::Marginal => ladder.value.times(&ladder.by),
    };
    let label = Name::from(&*ladder.label);
    let mut made = schema.clone();
    made.set(Field { name: into.clone(), ty: Type::new(Kind::Exact, unit), label: label.clone() });
    let mut origins = carried(&from, schema);
    let origin = ColumnOrigin::Ladder {
        table: table.clone(),
        by: by.clone(),
        base: (spec.mode == Mode::Marginal).then(|| by.clone()),
        mode: spec.mode,
        frame: from.clone(),
    };
    origins.insert(into.clone(), origin);
    let kind = StepKind::Ladder(LadderStep {
        from: from.clone(),
        table,
        label,
        by,
        mode: spec.mode,
        into,
        chosen_by: choice(ladder).columns(),
    });
    Step { kind, inputs: vec![from], schema: made, origins }
}

/// Runs a ladder step.
pub(super) fn apply(
    ladder: &LadderStep,
    step: &Step,
    frames: &dyn Frames,
    cx: &RunCx<'_>,
) -> Result<StepOutput, StepError> {
    let input = frame(frames, &ladder.from)?;
    let dated = cx.tables.ladder(&ladder.table).ok_or_else(|| StepError::MissingTable(ladder.table.clone()))?;
    let versions = Versions::of(&dated, input)?;
    let evaluated = expr::evaluate(&[(ladder.into.clone(), &ladder.by)], input, cx.params, cx.period)?;
    let field = Field { name: ladder.into.clone(), ty: ladder.by.ty.clone(), label: ladder.label.clone() };
    let columns = [Computed { field, expr: ladder.by.clone() }];
    let failed = failed_cells(&columns, &evaluated.columns, &evaluated.faults);
    let mut exceptions: Vec<StepException> = failed
        .iter()
        .map(|cell| cell_exception(cell, &columns, &ladder.from, Some(index(cell.row)), Some((input, cell.row))))
        .collect();
    let failed = failed_rows(&failed);
    let asked = evaluated.columns.first().ok_or_else(|| StepError::Layout("a ladder was asked nothing".to_owned()))?;
    let values = Values::read(asked);
    let mut found = Vec::with_capacity(input.height());
    let mut off = Vec::new();
    for row in 0..input.height() {
        if failed.binary_search(&index(row)).is_ok() {
            found.push(None);
            continue;
        }
        match read(ladder, versions.of_row(row).map(|entry| &*entry.value), &values, row) {
            Ok(value) => found.push(Some(value)),
            Err(cause) => {
                found.push(None);
                off.push(index(row));
                exceptions.push(off_ladder(ladder, row, cause));
            }
        }
    }
    let column = exact_column(&ladder.into, found.iter().map(Option::as_ref));
    let all = arrange(&input.hstack(&[column])?, &step.schema)?;
    let mut gone = [failed.as_slice(), &off].concat();
    gone.sort_unstable();
    let mut dropped = dropped_for_failure(&ladder.from, failed);
    if !off.is_empty() {
        let because = text!("off the ladder {label}", label = &ladder.label);
        dropped.push(Dropped { frame: ladder.from.clone(), rows: off, fate: Fate::Quarantined, because });
    }
    Ok(StepOutput { frame: without(&all, &gone)?, members: None, dropped, exceptions })
}

/// What a ladder says about the value of a row.
fn read(ladder: &LadderStep, table: Option<&Ladder>, values: &Values, row: usize) -> Result<Exact, Text> {
    let Some(table) = table else { return Err(text!("no version of it holds on the day of the row")) };
    let Some(value) = values.number(row).map_err(Text::of)? else { return Err(text!("the value is absent")) };
    match ladder.mode {
        Mode::Whole => match table.lookup(value) {
            Some((_, step)) => Ok(step.value.clone()),
            None => Err(text!("no interval of it holds {value}", value = value.shown(6))),
        },
        Mode::Marginal => table
            .marginal(value)
            .map_err(|fault| text!("{fault} ({value})", fault = Text::of(fault.to_string()), value = value.shown(6))),
    }
}

fn off_ladder(ladder: &LadderStep, row: usize, cause: Text) -> StepException {
    StepException {
        severity: ExceptionSeverity::Blocking,
        code: OFF_LADDER,
        frame: ladder.from.clone(),
        row: Some(index(row)),
        who: None,
        cause: text!(
            "{label} `{table}` by {by}: {cause}",
            label = &ladder.label,
            table = &ladder.table,
            by = ladder.by.text.trim(),
            cause
        ),
        remedy: text!("correct the figure, or add the missing row to the ladder"),
        stake: None,
    }
}
