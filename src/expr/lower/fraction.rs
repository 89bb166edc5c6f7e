//! What the exact kernel computes: trees that hold a fraction, and conditions over them.
//!
//! The parts of such a tree that are themselves native become inputs of one kernel call; everything
//! above them runs inside the kernel, so that no intermediate is written as text.

use std::sync::Arc;

use polars::prelude::{
    BooleanChunked, Column, Expr as Lazy, NewChunkedArray, PlSmallStr, PolarsResult, col, polars_err,
};

use super::native::misplaced;
use super::{Faults, Lowering, ROW, needs_kernel};
use crate::diag::text::Text;
use crate::expr::columns::{data_type, from_canonical, to_unscaled};
use crate::expr::explain::PeriodPart;
use crate::expr::tree::{Arithmetic, Form, Node};
use crate::expr::types::Kind;
use crate::money::exact::Exact;
use crate::money::kernel::{self, Cmp, Op, Test};

/// Native parts that a kernel call reads.
#[derive(Default)]
struct Inputs(Vec<Lazy>);

impl Inputs {
    fn index(&mut self, lazy: Lazy) -> usize {
        let known = self.0.iter().position(|input| *input == lazy);
        known.unwrap_or_else(|| {
            self.0.push(lazy);
            self.0.len() - 1
        })
    }
}

impl Lowering<'_> {
    /// Lowers a part that needs the kernel: a number or a condition.
    pub(super) fn by_kernel(&self, node: &Node) -> PolarsResult<Lazy> {
        let mut inputs = Inputs::default();
        let kind = node.ty.kind;
        if kind == Kind::Bool {
            let test = Arc::new(self.test(node, &mut inputs)?);
            return Ok(self.function(inputs.0, kind, move |columns, len| {
                let (column, faults) = kernel::evaluate_test(&test, columns, len);
                Ok((column, faults.into_iter().map(|fault| (fault.row, Text::of(fault.cause))).collect()))
            }));
        }
        let op = self.op(node, &mut inputs)?;
        Ok(self.call(op, inputs, kind))
    }

    fn call(&self, op: Op, inputs: Inputs, kind: Kind) -> Lazy {
        let op = Arc::new(op);
        self.function(inputs.0, kind, move |columns, len| {
            let (column, faults) = kernel::evaluate(&op, columns, len);
            let column = from_canonical(&column, kind)?;
            Ok((column, faults.into_iter().map(|fault| (fault.row, Text::of(fault.cause))).collect()))
        })
    }

    /// A text or date chosen by conditions that need the kernel: it yields the index of the value.
    pub(super) fn chosen_by_kernel(&self, node: &Node) -> PolarsResult<Lazy> {
        let mut inputs = Inputs::default();
        let mut leaves = Vec::new();
        let op = self.choice(node, &mut inputs, &mut leaves)?;
        let read = inputs.0.len();
        let mut all = inputs.0;
        // A value is computed for all rows; it is at fault only in those that choose it.
        let mut apart = Vec::new();
        for leaf in leaves {
            let faults = Faults::default();
            all.push(Lowering { faults: faults.clone(), ..*self }.lower(leaf)?);
            apart.push(faults);
        }
        all.push(col(ROW));
        let data_type = data_type(node.ty.kind);
        Ok(self.function(all, node.ty.kind, move |columns, len| {
            let (inputs, rest) = columns.split_at(read.min(columns.len()));
            let Some((numbers, leaves)) = rest.split_last() else { return Err(misplaced("a choice")) };
            let numbers = numbers.as_materialized_series().u32()?;
            let (index, faults) = kernel::evaluate(&op, inputs, len);
            let mut faults: Vec<(usize, Text)> =
                faults.into_iter().map(|fault| (fault.row, Text::of(fault.cause))).collect();
            let index = to_unscaled(&from_canonical(&index, Kind::Int)?)?;
            let mut chosen = Column::full_null(PlSmallStr::EMPTY, len, &data_type);
            for ((at, leaf), apart) in (0_i128..).zip(leaves).zip(&apart) {
                let mask: Vec<bool> = index.iter().map(|index| *index == Some(at)).collect();
                let causes = apart.by_row();
                let chosen_rows = mask.iter().enumerate().filter(|(_, chosen)| **chosen && !causes.is_empty());
                faults.extend(chosen_rows.flat_map(|(row, _)| {
                    let number = numbers.get(row).and_then(|number| usize::try_from(number).ok());
                    let causes = number.and_then(|number| causes.get(&number)).into_iter().flatten();
                    causes.map(move |cause| (row, cause.clone()))
                }));
                chosen = leaf.zip_with(&BooleanChunked::from_slice(PlSmallStr::EMPTY, &mask), &chosen)?;
            }
            Ok((chosen, faults))
        }))
    }

    fn choice<'n>(&self, node: &'n Node, inputs: &mut Inputs, leaves: &mut Vec<&'n Node>) -> PolarsResult<Op> {
        match &node.bare().form {
            Form::Null => Ok(Op::Null),
            Form::Case { arms, otherwise } if node.any(&needs_kernel) => {
                let arms = arms
                    .iter()
                    .map(|(test, value)| Ok((self.test(test, inputs)?, self.choice(value, inputs, leaves)?)))
                    .collect::<PolarsResult<_>>()?;
                Ok(Op::Case { arms, otherwise: Box::new(self.choice(otherwise, inputs, leaves)?) })
            }
            _ => {
                let index = i64::try_from(leaves.len()).map_err(|_| polars_err!(ComputeError: "too many arms"))?;
                leaves.push(node);
                Ok(Op::Const(Exact::from(index)))
            }
        }
    }

    /// A number as an operation of the kernel.
    fn op(&self, node: &Node, inputs: &mut Inputs) -> PolarsResult<Op> {
        let boxed = |op: PolarsResult<Op>| op.map(Box::new);
        Ok(match &node.form {
            Form::Brackets(inner) => self.op(inner, inputs)?,
            Form::Number(literal) => Op::Const(literal.exact()),
            Form::Null => Op::Null,
            Form::Period(PeriodPart::Days) => Op::Const(Exact::from_i128(i128::from(self.period.days()))),
            Form::Param(name, _) => {
                let entry = self.params.at(name).and_then(|dated| dated.for_all_rows().cloned());
                match entry.and_then(|entry| entry.value.number().cloned()) {
                    Some(value) => Op::Const(value),
                    None => Op::Input(inputs.index(self.native(node)?)),
                }
            }
            Form::Neg(x) => Op::Neg(boxed(self.op(x, inputs))?),
            Form::Abs(x) => Op::Abs(boxed(self.op(x, inputs))?),
            Form::Round(x, places, rounding) => Op::Round(boxed(self.op(x, inputs))?, *places, *rounding),
            // A product or sum that is no fraction is cheaper in polars, and read once.
            _ if !needs_kernel(node) => Op::Input(inputs.index(self.native(node)?)),
            Form::Arithmetic(op, x, y) => {
                let (x, y) = (boxed(self.op(x, inputs))?, boxed(self.op(y, inputs))?);
                match op {
                    Arithmetic::Add => Op::Add(x, y),
                    Arithmetic::Sub => Op::Sub(x, y),
                    Arithmetic::Mul => Op::Mul(x, y),
                    Arithmetic::Div => Op::Div(x, y),
                }
            }
            Form::Elapsed(span, from, to) => {
                let micros = self.micros_between(self.lower(from)?, self.lower(to)?);
                let one = Op::Const(Exact::from(span.micros()));
                Op::Div(Box::new(Op::Input(inputs.index(micros))), Box::new(one))
            }
            Form::Greatest(all) => Op::Greatest(self.ops(all, inputs)?),
            Form::Least(all) => Op::Least(self.ops(all, inputs)?),
            Form::Coalesce(all) => Op::Coalesce(self.ops(all, inputs)?),
            Form::NullIf(x, y) => Op::NullIf(boxed(self.op(x, inputs))?, boxed(self.op(y, inputs))?),
            Form::Case { arms, otherwise } => {
                let arms = arms
                    .iter()
                    .map(|(test, value)| Ok((self.test(test, inputs)?, self.op(value, inputs)?)))
                    .collect::<PolarsResult<_>>()?;
                Op::Case { arms, otherwise: boxed(self.op(otherwise, inputs))? }
            }
            _ => return Err(polars_err!(ComputeError: "a part the kernel cannot compute")),
        })
    }

    fn ops(&self, nodes: &[Node], inputs: &mut Inputs) -> PolarsResult<Vec<Op>> {
        nodes.iter().map(|node| self.op(node, inputs)).collect()
    }

    /// A condition as a test of the kernel.
    fn test(&self, node: &Node, inputs: &mut Inputs) -> PolarsResult<Test> {
        let not = |negated: bool, test: Test| if negated { Test::Not(Box::new(test)) } else { test };
        Ok(match &node.form {
            Form::Brackets(inner) => self.test(inner, inputs)?,
            Form::Bool(value) => Test::Const(*value),
            _ if !needs_kernel(node) => Test::Input(inputs.index(self.native(node)?)),
            Form::And(x, y) => Test::And(vec![self.test(x, inputs)?, self.test(y, inputs)?]),
            Form::Or(x, y) => Test::Or(vec![self.test(x, inputs)?, self.test(y, inputs)?]),
            Form::Not(x) => Test::Not(Box::new(self.test(x, inputs)?)),
            Form::IsNull { value, negated } if value.ty.kind == Kind::Bool => {
                not(*negated, Test::IsUnknown(Box::new(self.test(value, inputs)?)))
            }
            Form::IsNull { value, negated } => not(*negated, Test::IsNull(self.op(value, inputs)?)),
            Form::Compare(cmp, x, y) => Test::Compare(*cmp, self.any_op(x, inputs)?, self.any_op(y, inputs)?),
            Form::Between { value, low, high, negated } => {
                let (value, low, high) = (self.op(value, inputs)?, self.op(low, inputs)?, self.op(high, inputs)?);
                not(*negated, Test::Between { value, low, high })
            }
            Form::In { value, list, negated } => {
                let list = list.iter().map(|item| self.any_op(item, inputs)).collect::<PolarsResult<_>>()?;
                not(*negated, Test::In(self.any_op(value, inputs)?, list))
            }
            Form::Case { .. } | Form::Coalesce(_) | Form::NullIf(..) => {
                Test::Compare(Cmp::Eq, self.any_op(node, inputs)?, Op::Const(Exact::one()))
            }
            _ => return Err(polars_err!(ComputeError: "a condition the kernel cannot decide")),
        })
    }

    /// A number, or a condition as 1, 0 or absent.
    fn any_op(&self, node: &Node, inputs: &mut Inputs) -> PolarsResult<Op> {
        if node.ty.kind != Kind::Bool {
            return self.op(node, inputs);
        }
        Ok(match &node.bare().form {
            Form::Null => Op::Null,
            Form::Case { arms, otherwise } if needs_kernel(node) => {
                let arms = arms
                    .iter()
                    .map(|(test, value)| Ok((self.test(test, inputs)?, self.any_op(value, inputs)?)))
                    .collect::<PolarsResult<_>>()?;
                Op::Case { arms, otherwise: Box::new(self.any_op(otherwise, inputs)?) }
            }
            Form::Coalesce(all) if needs_kernel(node) => {
                Op::Coalesce(all.iter().map(|part| self.any_op(part, inputs)).collect::<PolarsResult<_>>()?)
            }
            Form::NullIf(x, y) if needs_kernel(node) => {
                Op::NullIf(Box::new(self.any_op(x, inputs)?), Box::new(self.any_op(y, inputs)?))
            }
            _ => {
                let test = self.test(node, inputs)?;
                let arms = vec![
                    (test.clone(), Op::Const(Exact::one())),
                    (Test::Not(Box::new(test)), Op::Const(Exact::zero())),
                ];
                Op::Case { arms, otherwise: Box::new(Op::Null) }
            }
        })
    }
}
