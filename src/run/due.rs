//! What the lines of a pipeline come to, row by row: conditions and amounts evaluated once and rounded once, for
//! the pay lines themselves and for pipelines that read what another one pays.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;
use rust_decimal::Decimal;

use super::cells::{self, Cell, of};
use super::evaluate::{Evaluation, RunError};
use super::names::line_code;
use crate::diag::text::Language;
use crate::diag::text::{Text, text};
use crate::expr;
use crate::expr::types::Name;
use crate::money::{Exact, Rounding};
use crate::plan::{ESTIMATED, Pipeline, PlannedLine, pay_schema};
use crate::step::StepError;

/// What a pipeline owes, by line and row.
#[derive(Clone, Debug, Default)]
pub struct Due {
    /// The rows of each line, in the order of the pipeline's lines.
    pub lines: Vec<Vec<DueRow>>,
}

/// A row of a paid frame for which there is a line.
#[derive(Clone, Debug)]
pub struct DueRow {
    /// Row of the frame.
    pub row: u32,
    /// Store.
    pub store_id: String,
    /// Employee.
    pub employee_id: String,
    /// Role, where the frame names one.
    pub role: String,
    /// Line code.
    pub code: Name,
    /// Label on the slip.
    pub label: String,
    /// Whether the row says that something is missing for it.
    pub estimated: bool,
    /// What it comes to.
    pub amount: Amount,
}

/// What a row comes to.
#[derive(Clone, Debug)]
pub enum Amount {
    /// It could not be computed, for this reason.
    Fault(Text),
    /// The same person has this line already.
    Twice,
    /// More digits than money has.
    TooLarge(Exact),
    /// It is paid.
    Paid {
        /// Before rounding.
        exact: Exact,
        /// Rounded once, half-up away from zero, to the fen.
        rounded: Decimal,
    },
}

/// Evaluates the lines of a pipeline over frames that are made already.
///
/// # Errors
/// When frame and plan disagree: a mistake of the program.
pub fn due(evaluation: &Evaluation<'_>, pipeline: &Pipeline) -> Result<Due, RunError> {
    let mut seen = BTreeSet::new();
    let mut lines = Vec::new();
    for line in pipeline.lines() {
        let mut rows = rows(evaluation, pipeline, line)?;
        for row in &mut rows {
            if !seen.insert((row.store_id.clone(), row.employee_id.clone(), row.code.clone())) {
                row.amount = Amount::Twice;
            }
        }
        lines.push(rows);
    }
    Ok(Due { lines })
}

/// The frame `<pipeline>.pay`: what is paid, in the order of the lines; `None` where frame and schema disagree.
pub fn frame(due: &Due) -> Option<DataFrame> {
    let mut columns: [Vec<Cell>; 4] = Default::default();
    for row in due.lines.iter().flatten() {
        if let Amount::Paid { rounded, .. } = &row.amount {
            let texts = [&*row.store_id, &*row.employee_id, &*row.code].map(|text| Cell::Text(text.to_owned()));
            let amount = Cell::Number(Exact::from_decimal(*rounded));
            for (column, cell) in columns.iter_mut().zip(texts.into_iter().chain([amount])) {
                column.push(cell);
            }
        }
    }
    let height = columns[0].len();
    cells::frame(&columns, pay_schema(Language::Chinese), height)
}

/// The rows of a line whose condition holds, or fails.
fn rows(evaluation: &Evaluation<'_>, pipeline: &Pipeline, line: &PlannedLine) -> Result<Vec<DueRow>, RunError> {
    let full = pipeline.full_name(&line.from);
    let step = format!("{}.{}.{}", pipeline.name, pipeline.lines_key(), line.name);
    let fail = |source: StepError| RunError::Step { step: step.clone(), source };
    let stored = evaluation.store.get(&full).ok_or_else(|| fail(StepError::MissingFrame(line.from.clone())))?;
    let parameters = evaluation.plan.parameters.on(evaluation.period.first_day());
    let period = evaluation.period_values();
    let mut exprs = vec![("amount".into(), &line.amount)];
    exprs.extend(line.when.as_ref().map(|when| ("when".into(), when)));
    let evaluated = expr::evaluate(&exprs, &stored.frame, &parameters, &period).map_err(|error| fail(error.into()))?;
    let mut faults: BTreeMap<usize, Text> = BTreeMap::new();
    for fault in evaluated.faults {
        faults.entry(fault.row).or_insert(fault.cause);
    }
    let mut rows = Vec::new();
    for row in 0..stored.frame.height() {
        let at = u32::try_from(row).unwrap_or(u32::MAX);
        let value = |index: usize, kind| {
            let column: Option<&Column> = evaluated.columns.get(index);
            column.and_then(|column| column.get(row).ok().map(|value| of(&value, kind))).unwrap_or(Cell::Absent)
        };
        let holds = line.when.as_ref().is_none_or(|when| value(1, when.ty.kind) == Cell::Bool(true));
        let amount = match (holds, faults.remove(&row), value(0, line.amount.ty.kind)) {
            (_, Some(cause), _) => Amount::Fault(cause),
            (false, ..) => continue,
            (true, None, Cell::Number(exact)) => rounded(exact),
            (true, None, _) => Amount::Fault(text!("a value is absent")),
        };
        let (code, label) = match &line.each {
            None => (line.name.clone(), line.label.clone()),
            Some(each) => {
                let text = |column: &Name| stored.cell(at, column).canonical();
                let label = Some(text(&each.label)).filter(|label| !label.trim().is_empty());
                (line_code(&line.name, &text(&each.code)).into(), label.unwrap_or_else(|| line.label.clone()))
            }
        };
        rows.push(DueRow {
            row: at,
            store_id: stored.cell(at, "store_id").canonical(),
            employee_id: stored.cell(at, "employee_id").canonical(),
            role: stored.cell(at, "role").canonical(),
            code,
            label,
            estimated: stored.cell(at, ESTIMATED) == Cell::Bool(true),
            amount,
        });
    }
    Ok(rows)
}

/// The one rounding of a pay line. Money has as many digits as the column of amounts that other plans read.
fn rounded(exact: Exact) -> Amount {
    let fen = exact.round(2, Rounding::HalfUp);
    let fits =
        fen.to_unscaled(2).is_some_and(|fen| fen.unsigned_abs() < 10_u128.pow(u32::from(crate::plan::PAY_DIGITS)));
    match fen.to_amount() {
        Some(rounded) if fits => Amount::Paid { exact, rounded },
        _ => Amount::TooLarge(exact),
    }
}
