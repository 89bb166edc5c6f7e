//! `ladder`: looks a value up in a printed table of intervals, or cuts an amount into its slices.
//!
//! ```yaml
//! rated:
//!   ladder: { from: bottles, table: param.care_rate, by: bottles, into: care_rate, mode: whole }
//! fee:
//!   ladder: { from: orders, table: param.order_fee, base: orders, into: fee, mode: marginal }
//! limited:
//!   ladder: { from: fee, table: param.care_rate, base: bottles, at_most: limit, into: care, label: 养护提成, mode: marginal }
//! ```
//!
//! `whole` (全额) finds the value of the step reached. `marginal` (超额累进) multiplies each slice of
//! `base` with the value of its own step and sums: the result is an amount, not a rate. `at_most` limits the value
//! that is found, of each slice in a marginal ladder. A value that no interval holds, or a day before the first
//! ladder, is a blocking exception and the row leaves.

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
    /// What the value of the step, or of each slice, may not exceed.
    pub at_most: Option<String>,
    /// Name of the new column.
    pub into: String,
    /// Its label; the title of the ladder where it has none of its own.
    pub label: Option<String>,
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
    at_most: Option<Expr>,
    mode: Mode,
    into: Name,
    /// Columns by which a row chooses the ladder: a date, its store.
    chosen_by: Vec<Name>,
}

impl LadderStep {
    /// What is looked up, or its limit, as a column that a failed formula is told by.
    fn asks(&self, name: &str, expr: &Expr) -> Computed {
        let field = Field { name: name.into(), ty: expr.ty.clone(), label: self.label.clone() };
        Computed { field, expr: expr.clone() }
    }

    /// Columns it reads beside those it hands on, each with its frame.
    pub(super) fn reads(&self) -> Vec<(Name, Name)> {
        let asked = std::iter::once(&self.by).chain(&self.at_most).flat_map(Expr::columns);
        let columns = asked.chain(self.chosen_by.iter().cloned());
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
    let at_most = spec.at_most.as_deref().map(|text| -> Result<Expr, ()> {
        let expr = check_expr(&["at_most"], text, &scope).map_err(|more| faults.extend(more))?;
        if let Ok((_, ladder)) = &ladder
            && let Some(one) = check_limit(&expr, ladder)
        {
            faults.push(one);
        }
        Ok(expr)
    });
    let (Ok((table, ladder)), Ok(by), Ok(at_most), true) = (ladder, by, at_most.transpose(), faults.is_empty()) else {
        return Err(faults);
    };
    Ok(assemble(spec, schema, (table, &ladder), by, at_most))
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

/// Whether what a ladder gives can be held back by a limit.
fn check_limit(expr: &Expr, ladder: &LadderType) -> Option<StepFault> {
    let fits = expr.ty.kind.is_number() && (expr.ty.unit == ladder.value || expr.adapts());
    if fits && !expr.ty.nullable {
        return None;
    }
    let got = match expr.ty.kind.is_number() {
        true if fits => "may be absent".to_owned(),
        true => format!("is {}", expr.ty.unit),
        false => format!("is {}", expr.ty.kind),
    };
    let message = format!("{} gives {}, its limit {got}", ladder.label, ladder.value);
    let hint = "give a limit in the unit of the ladder that is always there";
    Some(fault(&["at_most"], Fault::new(LADDER_UNIT, 0..expr.text.len(), message).hint(hint)))
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

fn assemble(
    spec: &LadderSpec,
    schema: &Schema,
    (table, ladder): (Name, &LadderType),
    by: Expr,
    at_most: Option<Expr>,
) -> Step {
    let from = Name::from(spec.from.as_str());
    let into = Name::from(spec.into.as_str());
    let unit = match spec.mode {
        Mode::Whole => ladder.value.clone(),
        Mode::Marginal => ladder.value.times(&ladder.by),
    };
    let label = Name::from(&*ladder.label);
    let mut made = schema.clone();
    let own = spec.label.as_deref().map_or_else(|| label.clone(), Name::from);
    made.set(Field { name: into.clone(), ty: Type::new(Kind::Exact, unit), label: own });
    let mut origins = carried(&from, schema);
    let origin = ColumnOrigin::Ladder {
        table: table.clone(),
        by: by.clone(),
        base: (spec.mode == Mode::Marginal).then(|| by.clone()),
        at_most: at_most.clone().map(Box::new),
        mode: spec.mode,
        frame: from.clone(),
    };
    origins.insert(into.clone(), origin);
    let kind = StepKind::Ladder(LadderStep {
        from: from.clone(),
        table,
        label,
        by,
        at_most,
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
    let asked =
        std::iter::once((&*ladder.into, &ladder.by)).chain(ladder.at_most.iter().map(|limit| ("at_most", limit)));
    let columns: Vec<Computed> = asked.map(|(name, expr)| ladder.asks(name, expr)).collect();
    let exprs: Vec<(Name, &Expr)> = columns.iter().map(|one| (one.field.name.clone(), &one.expr)).collect();
    let evaluated = expr::evaluate(&exprs, input, cx.params, cx.period)?;
    let failed = failed_cells(&columns, &evaluated.columns, &evaluated.faults);
    let mut exceptions: Vec<StepException> = failed
        .iter()
        .map(|cell| cell_exception(cell, &columns, &ladder.from, Some(index(cell.row)), Some((input, cell.row))))
        .collect();
    let failed = failed_rows(&failed);
    let asked = evaluated.columns.first().ok_or_else(|| StepError::Layout("a ladder was asked nothing".to_owned()))?;
    let values = Values::read(asked);
    let limits = evaluated.columns.get(1).map(Values::read);
    let mut found = Vec::with_capacity(input.height());
    let mut off = Vec::new();
    for row in 0..input.height() {
        if failed.binary_search(&index(row)).is_ok() {
            found.push(None);
            continue;
        }
        match read(ladder, versions.of_row(row).map(|entry| &*entry.value), (&values, limits.as_ref()), row) {
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
fn read(
    ladder: &LadderStep,
    table: Option<&Ladder>,
    (values, limits): (&Values, Option<&Values>),
    row: usize,
) -> Result<Exact, Text> {
    let Some(table) = table else { return Err(text!("no version of it holds on the day of the row")) };
    let Some(value) = values.number(row).map_err(Text::of)? else { return Err(text!("the value is absent")) };
    let limit = match limits {
        Some(limits) => limits.number(row).map_err(Text::of)?,
        None => None,
    };
    match ladder.mode {
        Mode::Whole => match table.lookup(value) {
            Some((_, step)) => Ok(step.rate(limit)),
            None => Err(text!("no interval of it holds {value}", value = value.shown(6))),
        },
        Mode::Marginal => table
            .marginal_limited(value, limit)
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
