//! Walks a tree of operations for every row of the columns it reads.

use std::borrow::Cow;
use std::cmp::Ordering;

use polars::prelude::{BooleanChunkedBuilder, ChunkedBuilder, Column, IntoSeries, PlSmallStr};

use super::values::{Values, exact_column};
use super::{Op, RowFault, Test};
use crate::money::exact::Exact;

/// Why a cell has no value although nothing it needs is absent.
type Cause = String;
type Number<'a> = Result<Option<Cow<'a, Exact>>, Cause>;
type Truth = Result<Option<bool>, Cause>;

/// Computes `len` rows: canonical text, null where absent or faulty, and the faults in row order.
pub fn evaluate(op: &Op, inputs: &[Column], len: usize) -> (Column, Vec<RowFault>) {
    let columns: Vec<Values> = inputs.iter().map(Values::read).collect();
    let mut faults = Vec::new();
    let mut numbers = Vec::with_capacity(len);
    for row in 0..len {
        numbers.push(Row { columns: &columns, row }.number(op).unwrap_or_else(|cause| {
            faults.push(RowFault { row, cause });
            None
        }));
    }
    (exact_column("", numbers.iter().map(Option::as_deref)), faults)
}

/// Decides `len` rows: `Boolean`, null where unknown or faulty, and the faults in row order.
pub fn evaluate_test(test: &Test, inputs: &[Column], len: usize) -> (Column, Vec<RowFault>) {
    let columns: Vec<Values> = inputs.iter().map(Values::read).collect();
    let mut faults = Vec::new();
    let mut truths = BooleanChunkedBuilder::new(PlSmallStr::EMPTY, len);
    for row in 0..len {
        truths.append_option(Row { columns: &columns, row }.truth(test).unwrap_or_else(|cause| {
            faults.push(RowFault { row, cause });
            None
        }));
    }
    (truths.finish().into_series().into(), faults)
}

/// One row of the inputs.
#[derive(Clone, Copy)]
struct Row<'a> {
    columns: &'a [Values],
    row: usize,
}

impl<'a> Row<'a> {
    fn column(self, index: usize) -> Result<&'a Values, Cause> {
        self.columns.get(index).ok_or_else(|| format!("there is no input {index}"))
    }

    fn number(self, op: &'a Op) -> Number<'a> {
        match op {
            Op::Input(index) => Ok(self.column(*index)?.number(self.row)?.map(Cow::Borrowed)),
            Op::Const(number) => Ok(Some(Cow::Borrowed(number))),
            Op::Null => Ok(None),
            Op::Neg(x) => Ok(self.number(x)?.map(|x| Cow::Owned(x.neg()))),
            Op::Abs(x) => Ok(self.number(x)?.map(|x| Cow::Owned(x.abs()))),
            Op::Add(x, y) => Ok(self.both(x, y)?.map(|(x, y)| Cow::Owned(x.add(&y)))),
            Op::Sub(x, y) => Ok(self.both(x, y)?.map(|(x, y)| Cow::Owned(x.sub(&y)))),
            Op::Mul(x, y) => Ok(self.both(x, y)?.map(|(x, y)| Cow::Owned(x.mul(&y)))),
            Op::Div(x, y) => match self.both(x, y)? {
                Some((x, y)) => x.div(&y).map(|z| Some(Cow::Owned(z))).ok_or_else(|| "division by zero".to_owned()),
                None => Ok(None),
            },
            Op::Greatest(ops) => self.best(ops, Ordering::Greater),
            Op::Least(ops) => self.best(ops, Ordering::Less),
            Op::Round(x, places, rounding) => Ok(self.number(x)?.map(|x| Cow::Owned(x.round(*places, *rounding)))),
            Op::Case { arms, otherwise } => {
                for (test, value) in arms {
                    if self.truth(test)? == Some(true) {
                        return self.number(value);
                    }
                }
                self.number(otherwise)
            }
            Op::Coalesce(ops) => {
                for op in ops {
                    if let Some(number) = self.number(op)? {
                        return Ok(Some(number));
                    }
                }
                Ok(None)
            }
            Op::NullIf(x, y) => {
                let Some(x) = self.number(x)? else { return Ok(None) };
                let y = self.number(y)?;
                Ok((y.as_ref() != Some(&x)).then_some(x))
            }
        }
    }

    /// Both operands, or absent where one of them is; a fault of either is a fault.
    fn both(self, x: &'a Op, y: &'a Op) -> Result<Option<(Cow<'a, Exact>, Cow<'a, Exact>)>, Cause> {
        let (x, y) = (self.number(x)?, self.number(y)?);
        Ok(x.zip(y))
    }

    fn best(self, ops: &'a [Op], wanted: Ordering) -> Number<'a> {
        let mut best: Option<Cow<'a, Exact>> = None;
        let mut absent = false;
        for op in ops {
            match (self.number(op)?, &best) {
                (None, _) => absent = true,
                (Some(number), Some(known)) if number.cmp(known) != wanted => {}
                (number, _) => best = number,
            }
        }
        Ok(if absent { None } else { best })
    }

    fn truth(self, test: &'a Test) -> Truth {
        match test {
            Test::Input(index) => self.column(*index)?.bool(self.row),
            Test::Const(truth) => Ok(Some(*truth)),
            Test::Compare(cmp, x, y) => Ok(self.both(x, y)?.map(|(x, y)| cmp.holds(x.cmp(&y)))),
            Test::And(tests) => self.until(tests, false),
            Test::Or(tests) => self.until(tests, true),
            Test::Not(test) => Ok(self.truth(test)?.map(|truth| !truth)),
            Test::IsNull(op) => Ok(Some(self.number(op)?.is_none())),
            Test::IsUnknown(test) => Ok(Some(self.truth(test)?.is_none())),
            Test::Between { value, low, high } => {
                let value = self.number(value)?;
                let (low, high) = (self.number(low)?, self.number(high)?);
                let above = value.as_ref().zip(low).map(|(value, low)| **value >= *low);
                let below = value.zip(high).map(|(value, high)| *value <= *high);
                Ok(match (above, below) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                })
            }
            Test::In(value, list) => {
                let value = self.number(value)?;
                let mut unknown = value.is_none() && !list.is_empty();
                for item in list {
                    match self.number(item)? {
                        Some(item) if Some(&item) == value.as_ref() => return Ok(Some(true)),
                        Some(_) => {}
                        None => unknown = true,
                    }
                }
                Ok((!unknown).then_some(false))
            }
        }
    }

    /// Left to right until one test gives the deciding answer; otherwise unknown if one was unknown.
    fn until(self, tests: &'a [Test], deciding: bool) -> Truth {
        let mut unknown = false;
        for test in tests {
            match self.truth(test)? {
                Some(truth) if truth == deciding => return Ok(Some(deciding)),
                Some(_) => {}
                None => unknown = true,
            }
        }
        Ok((!unknown).then_some(!deciding))
    }
}
