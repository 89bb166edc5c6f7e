//! Walks a tree of operations for every row of the columns it reads.

use std::borrow::Cow;
use std::cmp::Ordering;

use polars::prelude::{BooleanChunkedBuilder, ChunkedBuilder, Column, DataType, IntoSeries, PlSmallStr};

use super::blocks::in_blocks;
use super::values::{Values, exact_column};
use super::{Op, RowFault, Test};
use crate::money::exact::Exact;

/// Why a cell has no value although nothing it needs is absent.
type Cause = String;
type Number<'a> = Result<Option<Cow<'a, Exact>>, Cause>;
type Pair<'a> = (Cow<'a, Exact>, Cow<'a, Exact>);
type Truth = Result<Option<bool>, Cause>;

/// Computes `len` rows: canonical text, null where absent or faulty, and the faults in row order.
pub fn evaluate(op: &Op, inputs: &[Column], len: usize) -> (Column, Vec<RowFault>) {
    in_blocks(inputs, len, &DataType::String, |block, rows, faults| {
        let mut numbers = Vec::with_capacity(rows);
        for row in 0..rows {
            numbers.push(Row { columns: block, row }.number(op).unwrap_or_else(|cause| {
                faults.push(RowFault { row, cause });
                None
            }));
        }
        exact_column("", numbers.iter().map(Option::as_deref))
    })
}

/// Decides `len` rows: `Boolean`, null where unknown or faulty, and the faults in row order.
pub fn evaluate_test(test: &Test, inputs: &[Column], len: usize) -> (Column, Vec<RowFault>) {
    in_blocks(inputs, len, &DataType::Boolean, |block, rows, faults| {
        let mut truths = BooleanChunkedBuilder::new(PlSmallStr::EMPTY, rows);
        for row in 0..rows {
            truths.append_option(Row { columns: block, row }.truth(test).unwrap_or_else(|cause| {
                faults.push(RowFault { row, cause });
                None
            }));
        }
        truths.finish().into_series().into()
    })
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
    fn both(self, x: &'a Op, y: &'a Op) -> Result<Option<Pair<'a>>, Cause> {
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

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::super::blocks::BLOCK;
    use super::*;
    use crate::money::kernel::Cmp;
    use crate::money::rounding::Rounding;

    fn number(text: &str) -> Op {
        Op::Const(Exact::parse_human(text).unwrap())
    }

    fn texts(column: &Column) -> Vec<Option<String>> {
        column.str().unwrap().iter().map(|text| text.map(str::to_owned)).collect()
    }

    fn exact(texts: &[Option<&str>]) -> Column {
        Column::new("x".into(), texts)
    }

    /// One row, no inputs: the value or the fault.
    fn alone(op: &Op) -> Result<Option<String>, String> {
        let (column, mut faults) = evaluate(op, &[], 1);
        let value = texts(&column).remove(0);
        match faults.pop() {
            Some(fault) => {
                assert_eq!((value, fault.row), (None, 0));
                Err(fault.cause)
            }
            None => Ok(value),
        }
    }

    fn decided(test: &Test) -> Result<Option<bool>, String> {
        let (column, mut faults) = evaluate_test(test, &[], 1);
        faults.pop().map_or_else(|| Ok(column.bool().unwrap().get(0)), |fault| Err(fault.cause))
    }

    fn boxed(text: &str) -> Box<Op> {
        Box::new(number(text))
    }

    fn over_zero() -> Op {
        Op::Div(boxed("1"), boxed("0"))
    }

    #[test]
    fn reads_every_numeric_column_and_writes_canonical_text() {
        let cents = Int128Chunked::from_slice("d".into(), &[97_538, -5, 0]).into_decimal(38, 2).unwrap().into_column();
        let inputs = [
            Column::new("i".into(), [Some(2_i64), None, Some(-3)]),
            cents,
            exact(&[Some("1/3"), Some("7"), Some("-9/2")]),
            Column::new_scalar("s".into(), Scalar::from(4_i64), 3),
            Column::full_null("n".into(), 3, &DataType::Null),
        ];
        let rows = |op: &Op| {
            texts(&evaluate(op, &inputs, 3).0).iter().map(|t| t.clone().unwrap_or("-".into())).collect::<Vec<_>>()
        };
        assert_eq!(rows(&Op::Input(0)), ["2", "-", "-3"]);
        assert_eq!(rows(&Op::Input(1)), ["48769/50", "-1/20", "0"]);
        assert_eq!(rows(&Op::Mul(Box::new(Op::Input(2)), Box::new(Op::Input(3)))), ["4/3", "28", "-18"]);
        assert_eq!(rows(&Op::Coalesce(vec![Op::Input(4), Op::Input(0), Op::Input(3)])), ["2", "4", "-3"]);
        assert_eq!(rows(&Op::Add(Box::new(Op::Input(0)), Box::new(Op::Input(2)))), ["7/3", "-", "-15/2"]);
    }

    #[test]
    fn a_division_by_zero_is_a_fault_of_its_row_alone() {
        let inputs = [Column::new("i".into(), [4_i64, 0, -2]), Column::new("n".into(), [Some(1_i64), Some(1), None])];
        let op = Op::Div(Box::new(Op::Input(1)), Box::new(Op::Input(0)));
        let (column, faults) = evaluate(&op, &inputs, 3);
        assert_eq!(texts(&column), [Some("1/4".to_owned()), None, None]);
        assert_eq!(faults, [RowFault { row: 1, cause: "division by zero".to_owned() }]);
        let absent_over_zero = Op::Div(Box::new(Op::Null), boxed("0"));
        assert_eq!(alone(&absent_over_zero), Ok(None));
    }

    #[test]
    fn what_is_not_needed_is_not_computed() {
        let guarded = |test: Test| Op::Case { arms: vec![(test, over_zero())], otherwise: boxed("7") };
        assert_eq!(alone(&guarded(Test::Const(false))), Ok(Some("7".to_owned())));
        assert_eq!(alone(&guarded(Test::Const(true))), Err("division by zero".to_owned()));
        let unknown = || Test::Compare(Cmp::Eq, Op::Null, number("1"));
        assert_eq!(alone(&guarded(unknown())), Ok(Some("7".to_owned())));
        assert_eq!(alone(&Op::Coalesce(vec![Op::Null, number("1"), over_zero()])), Ok(Some("1".to_owned())));
        let faulty = || Test::Compare(Cmp::Gt, over_zero(), number("1"));
        assert_eq!(decided(&Test::And(vec![Test::Const(false), faulty()])), Ok(Some(false)));
        assert_eq!(decided(&Test::Or(vec![Test::Const(true), faulty()])), Ok(Some(true)));
        assert_eq!(decided(&Test::And(vec![Test::Const(true), faulty()])), Err("division by zero".to_owned()));
        assert_eq!(decided(&Test::IsNull(over_zero())), Err("division by zero".to_owned()));
    }

    #[test]
    fn absent_operands_make_absent_results() {
        for op in [
            Op::Neg(Box::new(Op::Null)),
            Op::Abs(Box::new(Op::Null)),
            Op::Sub(boxed("1"), Box::new(Op::Null)),
            Op::Round(Box::new(Op::Null), 2, Rounding::HalfUp),
            Op::Greatest(vec![number("1"), Op::Null]),
            Op::Least(vec![Op::Null, number("1")]),
            Op::Coalesce(vec![Op::Null, Op::Null]),
            Op::NullIf(boxed("2"), boxed("4/2")),
            Op::NullIf(Box::new(Op::Null), boxed("2")),
        ] {
            assert_eq!(alone(&op), Ok(None), "{op:?}");
        }
        assert_eq!(alone(&Op::NullIf(boxed("2"), Box::new(Op::Null))), Ok(Some("2".to_owned())));
        assert_eq!(
            alone(&Op::Greatest(vec![number("1/3"), number("0.34"), number("-1")])),
            Ok(Some("17/50".to_owned()))
        );
        assert_eq!(alone(&Op::Least(vec![number("1/3"), number("0.34"), number("-1")])), Ok(Some("-1".to_owned())));
    }

    #[test]
    fn logic_has_three_values() {
        let unknown = || Test::Compare(Cmp::Eq, Op::Null, Op::Null);
        let (yes, no) = (|| Test::Const(true), || Test::Const(false));
        for (test, truth) in [
            (unknown(), None),
            (Test::Not(Box::new(unknown())), None),
            (Test::And(vec![unknown(), yes()]), None),
            (Test::And(vec![unknown(), no()]), Some(false)),
            (Test::And(vec![]), Some(true)),
            (Test::Or(vec![unknown(), yes()]), Some(true)),
            (Test::Or(vec![unknown(), no()]), None),
            (Test::Or(vec![]), Some(false)),
            (Test::IsUnknown(Box::new(unknown())), Some(true)),
            (Test::IsUnknown(Box::new(no())), Some(false)),
            (Test::IsNull(Op::Null), Some(true)),
            (Test::IsNull(number("0")), Some(false)),
            (Test::Between { value: number("3"), low: number("3"), high: number("3") }, Some(true)),
            (Test::Between { value: number("3"), low: Op::Null, high: number("2") }, Some(false)),
            (Test::Between { value: number("3"), low: Op::Null, high: number("4") }, None),
            (Test::In(number("0.5"), vec![number("1"), number("1/2")]), Some(true)),
            (Test::In(number("0.5"), vec![number("1"), Op::Null]), None),
            (Test::In(number("0.5"), vec![Op::Null, number("1/2")]), Some(true)),
            (Test::In(Op::Null, vec![number("1")]), None),
            (Test::In(number("1"), vec![]), Some(false)),
        ] {
            assert_eq!(decided(&test), Ok(truth), "{test:?}");
        }
    }

    #[test]
    fn columns_that_hold_no_exact_numbers_are_faults_not_zeros() {
        let inputs = [
            Column::new("f".into(), [1.5_f64, 2.5]),
            exact(&[Some("1/2"), Some("2/4")]),
            Column::new("b".into(), [Some(true), None]),
            Column::new("one".into(), [1_i64]),
        ];
        let causes =
            |op: &Op| evaluate(op, &inputs, 2).1.into_iter().map(|fault| (fault.row, fault.cause)).collect::<Vec<_>>();
        assert_eq!(causes(&Op::Input(0)).len(), 2);
        assert_eq!(causes(&Op::Input(1)), [(1, "`2/4` is not an exact number".to_owned())]);
        assert_eq!(causes(&Op::Input(2)).len(), 2);
        assert_eq!(causes(&Op::Input(3)), []);
        assert_eq!(causes(&Op::Input(9)).len(), 2);
        assert_eq!(causes(&Op::Null), []);
        let (truths, faults) = evaluate_test(&Test::Input(2), &inputs, 2);
        assert_eq!((truths.bool().unwrap().iter().collect::<Vec<_>>(), faults), (vec![Some(true), None], vec![]));
        assert_eq!(evaluate_test(&Test::Input(3), &inputs, 2).1.len(), 2);
    }

    #[test]
    fn rows_beyond_one_block_keep_their_places() {
        let rows = 2 * BLOCK + 3;
        let count = i64::try_from(rows).unwrap();
        let inputs = [
            Column::new("n".into(), (0..count).collect::<Vec<_>>()),
            Column::new_scalar("s".into(), 1_i64.into(), rows),
        ];
        let one_less = Op::Sub(Box::new(Op::Input(0)), Box::new(Op::Const(Exact::from(count - 2))));
        let (column, faults) = evaluate(&Op::Div(Box::new(Op::Input(1)), Box::new(one_less.clone())), &inputs, rows);
        assert_eq!((column.len(), column.n_chunks()), (rows, 1));
        assert_eq!(texts(&column.slice(0, 1)), [Some(format!("-1/{}", count - 2))]);
        assert_eq!(texts(&column.slice(-2, 2)), [None, Some("1".to_owned())]);
        assert_eq!(faults, [RowFault { row: rows - 2, cause: "division by zero".to_owned() }]);
        let (truths, _) = evaluate_test(&Test::Compare(Cmp::Lt, one_less, number("0")), &inputs, rows);
        let truths: Vec<Option<bool>> = truths.bool().unwrap().iter().collect();
        assert_eq!(truths.iter().position(|truth| *truth == Some(false)), Some(rows - 2));
        assert_eq!(truths.len(), rows);
        let (column, faults) = evaluate(&Op::Input(0), &inputs, rows + 2);
        assert_eq!((column.null_count(), faults.len()), (rows + 2, rows + 2));
        assert_eq!(faults[0].cause, "a column of 16387 rows meets 16389 rows");
    }

    #[test]
    fn no_rows_give_an_empty_column() {
        let (column, faults) = evaluate(&Op::Input(0), &[exact(&[])], 0);
        assert_eq!((column.len(), column.dtype(), faults.len()), (0, &DataType::String, 0));
    }
}
