//! Running a score step.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::formulas::{Part, SCORE};
use super::{BAD_RATING, INDICATOR_WITHOUT_DATA, Score, TARGET_NOT_POSITIVE};
use crate::diag::Code;
use crate::diag::data::{ExceptionSeverity, Fate};
use crate::diag::text::{Text, text};
use crate::expr::types::Name;
use crate::expr::{self, CellFault};
use crate::money::exact::Exact;
use crate::money::kernel::{Values, exact_column};
use crate::step::columns::{Computed, cell_exception, failed_cells};
use crate::step::context::{BY_RATER, Frames, Indicator, Rule, RunCx};
use crate::step::derive::{dropped_for_failure, failed_rows};
use crate::step::frames::{arrange, frame, index, without};
use crate::step::ladder::OFF_LADDER;
use crate::step::output::{Dropped, Step, StepError, StepException, StepOutput};
use crate::step::versions::Versions;

/// Runs a score step.
pub(in crate::step) fn apply(
    score: &Score,
    step: &Step,
    frames: &dyn Frames,
    cx: &RunCx<'_>,
) -> Result<StepOutput, StepError> {
    let input = frame(frames, &score.from)?;
    let of_rows = score.stages.of_rows();
    let evaluated = expr::evaluate(&named(&of_rows), input, cx.params, cx.period)?;
    let mut rows = Rows::new(score, input, &of_rows, evaluated.columns)?;
    rows.fail(&of_rows, &evaluated.faults, input);
    rows.blank()?;
    for indicator in &score.indicators {
        rows.check(indicator);
    }
    rows.ladders(input, cx)?;
    for computed in score.stages.within() {
        let one = [computed];
        let evaluated = expr::evaluate(&named(&one), &rows.frame, cx.params, cx.period)?;
        let mut columns = evaluated.columns;
        let known = rows.gone();
        let failed = failed_cells(&one, &columns, &evaluated.faults);
        let failed: Vec<_> = failed.into_iter().filter(|cell| !known.contains(&index(cell.row))).collect();
        rows.exceptions.extend(
            failed.iter().map(|cell| {
                cell_exception(cell, &one, &score.from, Some(index(cell.row)), Some((&rows.frame, cell.row)))
            }),
        );
        rows.failed.extend(failed_rows(&failed));
        let [computed] = &one;
        if computed.field.ty.kind == SCORE && computed.field.ty.kind != computed.expr.ty.kind {
            columns = columns.iter().map(|column| announced(&computed.field.name, column)).collect::<Result<_, _>>()?;
        }
        rows.frame = rows.frame.hstack(&columns)?;
    }
    if let Some((table, columns)) = score.stages.bands() {
        rows.bands(table, columns, input, cx)?;
    }
    let gone: Vec<u32> = rows.gone().into_iter().collect();
    let all = arrange(&rows.frame, &step.schema)?;
    let mut dropped = dropped_for_failure(&score.from, rows.failed.iter().copied().collect());
    let unscored: Vec<u32> = rows.unscored.difference(&rows.failed).copied().collect();
    if !unscored.is_empty() {
        let because = text!("an indicator of {card} cannot be scored; see the exceptions", card = &*score.label);
        dropped.push(Dropped { frame: score.from.clone(), rows: unscored, fate: Fate::Quarantined, because });
    }
    Ok(StepOutput { frame: without(&all, &gone)?, members: None, dropped, exceptions: rows.exceptions })
}

fn named(columns: &[Computed]) -> Vec<(Name, &expr::Expr)> {
    columns.iter().map(|one| (one.field.name.clone(), &one.expr)).collect()
}

/// A score with its two places, as source figures lie.
fn announced(name: &str, column: &Column) -> Result<Column, StepError> {
    let values = Values::read(column);
    let number = |row| values.number(row).ok().flatten().and_then(|number| number.to_unscaled(2));
    let unscaled = (0..column.len()).map(number);
    let column: Int128Chunked = Int128Chunked::from_iter_options(PlSmallStr::from_str(name), unscaled);
    Ok(column.into_decimal(38, 2)?.into_series().into())
}

/// The rows of a scoring, and what becomes of them.
pub(super) struct Rows<'a> {
    pub(super) score: &'a Score,
    pub(super) frame: DataFrame,
    /// Rows in which a formula has no value.
    failed: BTreeSet<u32>,
    /// Rows with an indicator that cannot be scored.
    pub(super) unscored: BTreeSet<u32>,
    pub(super) exceptions: Vec<StepException>,
}

impl<'a> Rows<'a> {
    fn new(
        score: &'a Score,
        input: &DataFrame,
        computed: &[Computed],
        columns: Vec<Column>,
    ) -> Result<Self, StepError> {
        // A value that is the same for all rows comes as one row where the frame has none to spread it over.
        let spread = |(column, one): (Column, &Computed)| {
            let column = if column.len() == input.height() { column } else { column.new_from_index(0, input.height()) };
            column.with_name(PlSmallStr::from_str(&one.field.name))
        };
        let columns: Vec<Column> = columns.into_iter().zip(computed).map(spread).collect();
        let frame = input.hstack(&columns)?;
        let (failed, unscored, exceptions) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        Ok(Self { score, frame, failed, unscored, exceptions })
    }

    pub(super) fn gone(&self) -> BTreeSet<u32> {
        self.failed.union(&self.unscored).copied().collect()
    }

    fn name(&self, indicator: &Indicator, part: Part) -> String {
        format!("{}_{}{}", self.score.into, indicator.name, part.suffix())
    }

    /// The numbers of a column; absent where there is no such column.
    fn numbers(&self, indicator: &Indicator, part: Part) -> Option<Values> {
        self.frame.column(&self.name(indicator, part)).ok().map(Values::read)
    }

    /// For each row, whether the card asks for the indicator, and whether a rater gives its points.
    fn asked(&self, indicator: &Indicator) -> Vec<(bool, bool)> {
        let weights = self.numbers(indicator, Part::Weight);
        let sources = self.frame.column(&self.name(indicator, Part::Source)).ok().cloned();
        let sources = sources.as_ref().and_then(|column| column.as_materialized_series().str().ok());
        let one = |row| {
            let weight = weights.as_ref().and_then(|weights| weights.number(row).ok().flatten());
            (weight.is_some(), sources.and_then(|sources| sources.get(row)) == Some(BY_RATER))
        };
        (0..self.frame.height()).map(one).collect()
    }

    /// Formulas of the rows without value are exceptions, where the card uses what they compute.
    fn fail(&mut self, computed: &[Computed], faults: &[CellFault], input: &DataFrame) {
        let score = self.score;
        let mut unused: BTreeSet<(String, usize)> = BTreeSet::new();
        for indicator in &score.indicators {
            for (row, (asked, rated)) in self.asked(indicator).into_iter().enumerate() {
                for part in [Part::Actual, Part::Target, Part::Rating] {
                    if !asked || rated != (part == Part::Rating) {
                        unused.insert((self.name(indicator, part), row));
                    }
                }
            }
        }
        let used = |fault: &&CellFault| !unused.contains(&(fault.column.to_string(), fault.row));
        let faults: Vec<CellFault> = faults.iter().filter(used).cloned().collect();
        let columns: Vec<Column> =
            computed.iter().filter_map(|one| self.frame.column(&one.field.name).ok().cloned()).collect();
        let failed = failed_cells(computed, &columns, &faults);
        self.exceptions.extend(
            failed.iter().map(|cell| {
                cell_exception(cell, computed, &score.from, Some(index(cell.row)), Some((input, cell.row)))
            }),
        );
        self.failed.extend(failed_rows(&failed));
    }

    /// Takes out what the card does not use: actual and target of what a rater scores, everything of an indicator that
    /// it leaves out.
    fn blank(&mut self) -> Result<(), StepError> {
        for indicator in self.score.indicators.iter().filter(|one| one.optional || one.from_rater) {
            let asked = self.asked(indicator);
            for part in [Part::Actual, Part::Target, Part::Rating] {
                let Ok(column) = self.frame.column(&self.name(indicator, part)) else { continue };
                let keep: Vec<bool> =
                    asked.iter().map(|(asked, rated)| *asked && *rated == (part == Part::Rating)).collect();
                let keep = BooleanChunked::from_slice(PlSmallStr::EMPTY, &keep);
                let nulls = Column::full_null(column.name().clone(), column.len(), column.dtype());
                let blanked = column.zip_with(&keep, &nulls)?;
                self.frame.with_column(blanked)?;
            }
        }
        Ok(())
    }

    /// Whether everything is there that an indicator is scored by.
    fn check(&mut self, indicator: &Indicator) {
        let [actual, target, rating] =
            [Part::Actual, Part::Target, Part::Rating].map(|part| self.numbers(indicator, part));
        let number = |values: &Option<Values>, row| values.as_ref().and_then(|v| v.number(row).ok().flatten().cloned());
        for (row, (asked, rated)) in self.asked(indicator).into_iter().enumerate() {
            if !asked || self.failed.contains(&index(row)) {
                continue;
            }
            let (card, label) = (&*self.score.label, &*indicator.label);
            let trouble = if rated {
                match number(&rating, row) {
                    None => Some((INDICATOR_WITHOUT_DATA, text!("{card}: {label} has no rating", card, label))),
                    Some(points) => out_of_range(card, label, &points),
                }
            } else {
                match (number(&actual, row), &indicator.rule) {
                    (None, _) => {
                        Some((INDICATOR_WITHOUT_DATA, text!("{card}: {label} has no actual value", card, label)))
                    }
                    (Some(points), Rule::Rating) => out_of_range(card, label, &points),
                    (Some(_), Rule::Ladder(_)) => None,
                    (Some(actual), Rule::Control | Rule::Growth) => match number(&target, row) {
                        None => Some((INDICATOR_WITHOUT_DATA, text!("{card}: {label} has no target", card, label))),
                        Some(target) => {
                            let kept = indicator.rule == Rule::Control && actual <= target;
                            let divides = !target.is_zero() && !target.is_negative();
                            let (target, actual) = (target.shown(6), actual.shown(6));
                            let cause = || {
                                text!(
                                    "{card}: {label} has the target {target} (actual {actual})",
                                    card,
                                    label,
                                    target,
                                    actual
                                )
                            };
                            (!kept && !divides).then(|| (TARGET_NOT_POSITIVE, cause()))
                        }
                    },
                }
            };
            if let Some((code, cause)) = trouble {
                self.unscored.insert(index(row));
                self.exceptions.push(exception(&self.score.from, row, code, cause));
            }
        }
    }

    /// Looks points up in ladders.
    fn ladders(&mut self, input: &DataFrame, cx: &RunCx<'_>) -> Result<(), StepError> {
        for (computed, table) in self.score.stages.ladders() {
            let name = &computed.field.name;
            let dated = cx.tables.ladder(table).ok_or_else(|| StepError::MissingTable(table.clone()))?;
            let versions = Versions::of(&dated, input)?;
            let asked = name.strip_suffix(Part::Step.suffix()).map(|stem| format!("{stem}{}", Part::Actual.suffix()));
            let actual = Values::read(self.frame.column(asked.as_deref().unwrap_or_default())?);
            let gone = self.gone();
            let mut found: Vec<Option<Exact>> = Vec::with_capacity(input.height());
            for row in 0..input.height() {
                let number = actual.number(row).ok().flatten().filter(|_| !gone.contains(&index(row)));
                let points = number.map(|number| {
                    versions
                        .of_row(row)
                        .and_then(|ladder| ladder.value.lookup(number))
                        .map(|(_, rung)| rung.value.clone())
                });
                if points == Some(None) {
                    let value = number.map(|number| number.shown(6)).unwrap_or_default();
                    let cause = text!(
                        "{card}: no interval of {label} holds {value} on the day of the row",
                        card = &*self.score.label,
                        label = &*computed.field.label,
                        value
                    );
                    self.unscored.insert(index(row));
                    self.exceptions.push(exception(&self.score.from, row, OFF_LADDER, cause));
                }
                found.push(points.flatten());
            }
            self.frame = self.frame.hstack(&[exact_column(name, found.iter().map(Option::as_ref))])?;
        }
        Ok(())
    }
}

/// A rating that is none: ratings lie between 0 and 100.
fn out_of_range(card: &str, label: &str, points: &Exact) -> Option<(Code, Text)> {
    let range = Exact::zero()..=Exact::from_i128(100);
    let shown = points.shown(6);
    (!range.contains(points))
        .then(|| (BAD_RATING, text!("{card}: {label} is rated {shown}, outside of 0 to 100", card, label, shown)))
}

pub(super) fn exception(frame: &Name, row: usize, code: Code, cause: Text) -> StepException {
    let remedy = if code == INDICATOR_WITHOUT_DATA {
        text!("bring the figure, or let a rater give the points (`by: rater` in the card); nothing is re-weighted")
    } else {
        text!("correct the figure, or the card")
    };
    StepException {
        severity: ExceptionSeverity::Blocking,
        code,
        frame: frame.clone(),
        row: Some(index(row)),
        who: None,
        cause,
        remedy,
        stake: None,
    }
}
