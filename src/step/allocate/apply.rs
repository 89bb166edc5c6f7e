//! Running an allocation: the pools, their shares, and the pools that cannot be split.

use polars::prelude::*;

use super::{Allocate, DIGITS, Part, UNSPLIT_POOL};
use crate::diag::data::{ExceptionSeverity, Fate};
use crate::diag::text::{Text, text};
use crate::expr;
use crate::expr::types::Name;
use crate::money::allocate::{AllocateFault, Claim, allocate};
use crate::money::exact::Exact;
use crate::money::kernel::{Values, exact_column};
use crate::money::rounding::Rounding;
use crate::step::columns::{cell_exception, failed_cells};
use crate::step::context::{Frames, RunCx};
use crate::step::derive::{dropped_for_failure, failed_rows};
use crate::step::frames::{arrange, frame, index, without};
use crate::step::keys;
use crate::step::matching::group;
use crate::step::output::{Dropped, Step, StepError, StepException, StepOutput};
use crate::step::show;

/// What a row gets.
#[derive(Clone)]
struct Share {
    share: Exact,
    pool: Exact,
    weights: Exact,
    exact: Exact,
    fen: Exact,
}

/// Why a pool was not split.
struct Unsplit {
    cause: Text,
    remedy: Text,
}

/// The figures of all rows.
struct Figures<'a> {
    pools: Values,
    weights: Values,
    people: &'a StringChunked,
}

/// Runs an allocation.
pub(in crate::step) fn apply(
    allocate: &Allocate,
    step: &Step,
    frames: &dyn Frames,
    cx: &RunCx<'_>,
) -> Result<StepOutput, StepError> {
    let input = frame(frames, &allocate.from)?;
    let exprs: Vec<_> = allocate.figures.iter().map(|one| (one.field.name.clone(), &one.expr)).collect();
    let evaluated = expr::evaluate(&exprs, input, cx.params, cx.period)?;
    let failed = failed_cells(&*allocate.figures, &evaluated.columns, &evaluated.faults);
    let mut exceptions: Vec<StepException> = failed
        .iter()
        .map(|cell| {
            let row = Some(index(cell.row));
            cell_exception(cell, &*allocate.figures, &allocate.from, row, Some((input, cell.row)))
        })
        .collect();
    let failed = failed_rows(&failed);
    let [pools, weights] = evaluated.columns.as_slice() else {
        return Err(StepError::Layout("an allocation has a pool and a weight".to_owned()));
    };
    let people = input.column(&allocate.member)?;
    let figures = Figures { pools: Values::read(pools), weights: Values::read(weights), people: people.str()? };
    let mut shares: Vec<Option<Share>> = vec![None; input.height()];
    let mut unsplit = Vec::new();
    for rows in pools_of(allocate, input)? {
        match split(&figures, &rows, &failed) {
            Ok(split) => {
                for (row, share) in rows.iter().zip(split) {
                    if let Some(slot) = shares.get_mut(*row as usize) {
                        *slot = Some(share);
                    }
                }
            }
            Err(why) => {
                let others = rows.into_iter().filter(|row| failed.binary_search(row).is_err());
                for row in others {
                    exceptions.push(tell(allocate, input, row, &why));
                    unsplit.push(row);
                }
            }
        }
    }
    unsplit.sort_unstable();
    exceptions.sort_by_key(|one| one.row);
    let all = arrange(&input.hstack(&columns(&allocate.into, &shares)?)?, &step.schema)?;
    let mut gone = [failed.as_slice(), &unsplit].concat();
    gone.sort_unstable();
    let mut dropped = dropped_for_failure(&allocate.from, failed);
    if !unsplit.is_empty() {
        let because = text!("its pool cannot be split; see the exceptions");
        dropped.push(Dropped { frame: allocate.from.clone(), rows: unsplit, fate: Fate::Quarantined, because });
    }
    Ok(StepOutput { frame: without(&all, &gone)?, members: None, dropped, exceptions })
}

/// The rows of each pool, ascending.
fn pools_of(allocate: &Allocate, input: &DataFrame) -> Result<Vec<Vec<u32>>, StepError> {
    let keys = keys::columns(input, allocate.keys.iter().map(|key| (&key.left, key.scale)))?;
    let groups = group(&keys, input.height())?;
    let mut pools = vec![Vec::new(); groups.firsts.len()];
    for (row, group) in (0..).zip(&groups.of_row) {
        if let Some(rows) = pools.get_mut(*group as usize) {
            rows.push(row);
        }
    }
    Ok(pools)
}

/// What each row of one pool gets.
fn split(figures: &Figures<'_>, rows: &[u32], failed: &[u32]) -> Result<Vec<Share>, Unsplit> {
    let person = |row: u32| figures.people.get(row as usize).unwrap_or_default();
    if let Some(row) = rows.iter().find(|row| failed.binary_search(row).is_ok()) {
        let cause = text!("a figure of {person} has no value", person = person(*row));
        return Err(Unsplit { cause, remedy: text!("correct the figure that the exception of that row names") });
    }
    let mut pools = Vec::with_capacity(rows.len());
    let mut claims = Vec::with_capacity(rows.len());
    for &row in rows {
        pools.push(number(&figures.pools, row)?);
        claims.push(Claim { id: person(row).to_owned(), weight: number(&figures.weights, row)? });
    }
    if let (Some(first), Some(at)) = (pools.first(), pools.iter().position(|pool| Some(pool) != pools.first())) {
        let row = |at: usize| rows.get(at).copied().unwrap_or_default();
        let other = pools.get(at).unwrap_or(first);
        let (one, two) = (first.shown(6), other.shown(6));
        let cause = text!(
            "it is {one} in the row of {person} and {two} in that of {other}",
            one,
            person = person(row(0)),
            two,
            other = person(row(at))
        );
        return Err(Unsplit {
            cause,
            remedy: text!("a pool is one amount: aggregate it by the keys of the split first"),
        });
    }
    let pool = pools.first().map_or_else(Exact::zero, |pool| pool.round(2, Rounding::HalfUp));
    if pool.to_unscaled(2).is_none_or(|fen| fen.unsigned_abs() >= 10_u128.pow(u32::from(DIGITS))) {
        let cause = text!("{amount} yuan is too large to be an amount of money", amount = pool.shown(2));
        return Err(Unsplit { cause, remedy: text!("correct the figures of the pool") });
    }
    let shares = allocate(&pool, &claims).map_err(|fault| {
        let cause = Text::of(fault.to_string());
        match &fault {
            AllocateFault::NoWeight => {
                Unsplit { cause, remedy: text!("give at least one member of the pool a weight") }
            }
            AllocateFault::NegativeWeight { id } => Unsplit {
                cause: text!("the weight of {person} is below 0", person = id),
                remedy: text!("correct the figures of the weight"),
            },
            AllocateFault::SameId { id } => Unsplit {
                cause: text!("{person} has two claims on one pool", person = id),
                remedy: text!("aggregate the rows of a person by the keys of the split first"),
            },
            AllocateFault::PoolNotInFen => Unsplit { cause, remedy: text!("correct the figures of the pool") },
        }
    })?;
    let weights: Exact = claims.iter().map(|claim| &claim.weight).sum();
    let hundred = Exact::from(100);
    let with_weight = claims.iter().zip(shares).map(|(claim, share)| {
        let exact = pool.mul(&claim.weight).div(&weights).unwrap_or_else(Exact::zero);
        let fen = share.sub(&exact.round(2, Rounding::Down)).mul(&hundred);
        Share { share, pool: pool.clone(), weights: weights.clone(), exact, fen }
    });
    Ok(with_weight.collect())
}

fn number(values: &Values, row: u32) -> Result<Exact, Unsplit> {
    let unsplit = |cause| Unsplit { cause, remedy: text!("correct the figures of the row") };
    match values.number(row as usize) {
        Ok(Some(number)) => Ok(number.clone()),
        Ok(None) => Err(unsplit(text!("a figure is absent"))),
        Err(cause) => Err(unsplit(Text::of(cause))),
    }
}

/// The exception of a row whose pool was not split.
fn tell(allocate: &Allocate, input: &DataFrame, row: u32, why: &Unsplit) -> StepException {
    let keys = show::cells(input, row as usize, allocate.keys.iter().map(|key| &key.left));
    let [pool, _] = &*allocate.figures;
    StepException {
        severity: ExceptionSeverity::Blocking,
        code: UNSPLIT_POOL,
        frame: allocate.from.clone(),
        row: Some(row),
        who: None,
        cause: text!(
            "the pool {pool} of {keys} cannot be split: {cause}",
            pool = pool.expr.text.trim(),
            keys,
            cause = &why.cause
        ),
        remedy: why.remedy.clone(),
        stake: None,
    }
}

/// The new columns; rows without share are null.
fn columns(into: &Name, shares: &[Option<Share>]) -> Result<Vec<Column>, StepError> {
    let mut made = Vec::new();
    for part in Part::ALL {
        let name = part.column(into);
        let of = |share: &Option<Share>| -> Option<Exact> {
            let share = share.as_ref()?;
            Some(match part {
                Part::Share => share.share.clone(),
                Part::Pool => share.pool.clone(),
                Part::Weights => share.weights.clone(),
                Part::Exact => share.exact.clone(),
                Part::Fen => share.fen.clone(),
            })
        };
        let values: Vec<Option<Exact>> = shares.iter().map(of).collect();
        let plain = |scale| values.iter().map(move |value| value.as_ref().and_then(|value| value.to_unscaled(scale)));
        let named = PlSmallStr::from_str(&name);
        made.push(match part {
            Part::Share | Part::Pool => {
                Int128Chunked::from_iter_options(named, plain(2)).into_decimal(38, 2)?.into_series().into()
            }
            Part::Weights | Part::Exact => exact_column(&name, values.iter().map(Option::as_ref)),
            Part::Fen => {
                let whole = plain(0).map(|fen| fen.and_then(|fen| i64::try_from(fen).ok()));
                Int64Chunked::from_iter_options(named, whole).into_series().into()
            }
        });
    }
    Ok(made)
}
