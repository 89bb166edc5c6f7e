//! What polars computes itself: ints, decimals within 38 digits, dates, text, conditions.

use polars::lazy::dsl::{max_horizontal, min_horizontal};
use polars::prelude::{AnyValue, DataType, Expr as Lazy, PolarsResult, Scalar, coalesce, col, lit, polars_err, when};

use super::Lowering;
use crate::expr::clock;
use crate::expr::columns::{data_type, decimal_scalar, epoch_days};
use crate::expr::explain::PeriodPart;
use crate::expr::number::Size;
use crate::expr::tree::{Arithmetic, DatePart, Form, Node};
use crate::expr::types::Kind;
use crate::money::kernel::Cmp;

impl Lowering<'_> {
    /// Lowers a part that needs no kernel itself.
    pub(super) fn native(&self, node: &Node) -> PolarsResult<Lazy> {
        let kind = node.ty.kind;
        match &node.form {
            Form::Brackets(inner) => self.lower(inner),
            Form::Number(_) => self.as_kind(node, kind),
            Form::Text(text) => Ok(lit(&**text)),
            Form::Date(date) => Ok(date_literal(epoch_days(*date))),
            Form::Moment(moment) => Ok(moment_literal(clock::micros(*moment))),
            Form::Bool(value) => Ok(lit(*value)),
            Form::Null => Ok(lit(Scalar::null(data_type(kind)))),
            Form::Column(name) => Ok(col(&**name)),
            Form::Each(each, name) => Ok(col(format!("{each}.{name}"))),
            Form::Param(name, _) => self.param(name, kind),
            Form::Period(PeriodPart::First) => Ok(date_literal(epoch_days(self.period.first))),
            Form::Period(PeriodPart::Last) => Ok(date_literal(epoch_days(self.period.last))),
            Form::Period(PeriodPart::Days) => Ok(int(self.period.days())),
            Form::Computed(index) => Ok(col(super::super::aggregate::computed(*index))),
            Form::Neg(inner) => Ok(zero(kind) - self.as_kind(inner, kind)?),
            Form::Abs(inner) => {
                let value = self.as_kind(inner, kind)?;
                Ok(when(value.clone().lt(zero(kind))).then(zero(kind) - value.clone()).otherwise(value))
            }
            Form::Arithmetic(op, left, right) => {
                let (left, right) = (self.as_kind(left, kind)?, self.as_kind(right, kind)?);
                match op {
                    Arithmetic::Add => Ok(left + right),
                    Arithmetic::Sub => Ok(left - right),
                    Arithmetic::Mul => Ok(left * right),
                    Arithmetic::Div => Err(misplaced("a division")),
                }
            }
            Form::DateShift { date, days, back } => {
                let days = if *back { int(0) - self.lower(days)? } else { self.lower(days)? };
                Ok(self.shifted(self.lower(date)?, days))
            }
            Form::DaysBetween(later, earlier) => Ok(day_number(self.lower(later)?) - day_number(self.lower(earlier)?)),
            Form::DayOf(moment) => Ok(self.day_of(self.lower(moment)?)),
            Form::Extract(part, date) => {
                let date = self.lower(date)?.dt();
                let number = match part {
                    DatePart::Year => date.year(),
                    DatePart::Month => date.month(),
                    DatePart::Day => date.day(),
                };
                Ok(number.strict_cast(DataType::Int64))
            }
            Form::Compare(cmp, left, right) => self.compare(*cmp, left, right),
            Form::Between { value, low, high, negated } => {
                let inside = self.compare(Cmp::Ge, value, low)?.and(self.compare(Cmp::Le, value, high)?);
                Ok(if *negated { inside.not() } else { inside })
            }
            Form::In { value, list, negated } => {
                let tests: Vec<Lazy> =
                    list.iter().map(|item| self.compare(Cmp::Eq, value, item)).collect::<PolarsResult<_>>()?;
                let found = any_of(tests);
                Ok(if *negated { found.not() } else { found })
            }
            Form::And(left, right) => Ok(self.lower(left)?.and(self.lower(right)?)),
            Form::Or(left, right) => Ok(self.lower(left)?.or(self.lower(right)?)),
            Form::Not(inner) => Ok(self.lower(inner)?.not()),
            Form::IsNull { value, negated } => {
                let value = self.lower(value)?;
                Ok(if *negated { value.is_not_null() } else { value.is_null() })
            }
            Form::Case { arms, otherwise } => {
                // Polars computes all arms for all rows; what divides is asked only where it is chosen.
                if !kind.is_number() && kind != Kind::Bool && node.any(&super::needs_kernel) {
                    return self.chosen_by_kernel(node);
                }
                let mut value = self.as_kind(otherwise, kind)?;
                for (test, then) in arms.iter().rev() {
                    value = when(self.lower(test)?).then(self.as_kind(then, kind)?).otherwise(value);
                }
                Ok(value)
            }
            Form::Coalesce(parts) => Ok(coalesce(&self.all_as(parts, kind)?)),
            Form::NullIf(value, null) => {
                let equal = self.compare(Cmp::Eq, value, null)?;
                Ok(when(equal).then(lit(Scalar::null(data_type(kind)))).otherwise(self.as_kind(value, kind)?))
            }
            Form::Greatest(parts) => max_horizontal(self.all_as(parts, kind)?),
            Form::Least(parts) => min_horizontal(self.all_as(parts, kind)?),
            Form::Elapsed(..) => Err(misplaced("a time between")),
            Form::Round(..) => Err(misplaced("a rounding")),
            Form::Aggregate(_) => Err(misplaced("an aggregate")),
        }
    }

    fn all_as(&self, parts: &[Node], kind: Kind) -> PolarsResult<Vec<Lazy>> {
        parts.iter().map(|part| self.as_kind(part, kind)).collect()
    }

    /// A part as a column of another numeric kind that is known to hold it; literals are written in that kind.
    fn as_kind(&self, node: &Node, kind: Kind) -> PolarsResult<Lazy> {
        if let (Form::Number(literal), Some(wanted)) = (&node.form, Size::of_kind(kind)) {
            let shift = wanted.scale.checked_sub(literal.scale);
            let unscaled = shift
                .and_then(|shift| 10_i128.checked_pow(u32::from(shift)))
                .and_then(|factor| literal.unscaled.checked_mul(factor))
                .ok_or_else(|| misplaced("a number"))?;
            return match kind {
                Kind::Int => i64::try_from(unscaled).map(int).map_err(|_| misplaced("a number")),
                _ => Ok(lit(decimal_scalar(unscaled, wanted.scale))),
            };
        }
        let value = self.lower(node)?;
        let (own, wanted) = (data_type(node.ty.kind), data_type(kind));
        Ok(if own == wanted { value } else { value.strict_cast(wanted) })
    }

    fn compare(&self, cmp: Cmp, left: &Node, right: &Node) -> PolarsResult<Lazy> {
        let (left, right) = match common(&[left, right]) {
            Some(kind) => (self.as_kind(left, kind)?, self.as_kind(right, kind)?),
            None => (self.lower(left)?, self.lower(right)?),
        };
        Ok(match cmp {
            Cmp::Eq => left.eq(right),
            Cmp::Ne => left.neq(right),
            Cmp::Lt => left.lt(right),
            Cmp::Le => left.lt_eq(right),
            Cmp::Gt => left.gt(right),
            Cmp::Ge => left.gt_eq(right),
        })
    }
}

/// Whether parts can be compared natively: no numbers at all, or numbers that fit one decimal.
pub(super) fn align(parts: &[&Node]) -> bool {
    parts.iter().any(|part| !part.ty.kind.is_number()) || common(parts).is_some()
}

/// The kind that holds every one of several numbers.
fn common(parts: &[&Node]) -> Option<Kind> {
    let sizes: Option<Vec<Size>> = parts.iter().map(|part| Size::of_kind(part.ty.kind)).collect();
    let mut sizes = sizes?.into_iter();
    let first = sizes.next()?;
    sizes.try_fold(first, Size::either).map(Size::kind)
}

fn any_of(mut tests: Vec<Lazy>) -> Lazy {
    // Halved, not chained: a long list must not become a deep plan.
    match tests.len() {
        0 => lit(false),
        1 => tests.remove(0),
        len => {
            let right = tests.split_off(len / 2);
            any_of(tests).or(any_of(right))
        }
    }
}

fn zero(kind: Kind) -> Lazy {
    match kind {
        Kind::Decimal { scale, .. } => lit(decimal_scalar(0, scale)),
        _ => int(0),
    }
}

/// A whole number of type `Int64`: a plain `lit` would take whatever width its neighbours have.
fn int(number: i64) -> Lazy {
    lit(Scalar::from(number))
}

fn date_literal(days: i32) -> Lazy {
    lit(Scalar::new(DataType::Date, AnyValue::Date(days)))
}

fn moment_literal(micros: i64) -> Lazy {
    lit(Scalar::new(clock::data_type(), AnyValue::Datetime(micros, clock::UNIT, None)))
}

fn day_number(date: Lazy) -> Lazy {
    date.strict_cast(DataType::Int32).strict_cast(DataType::Int64)
}

pub(super) fn misplaced(what: &str) -> polars::prelude::PolarsError {
    polars_err!(ComputeError: "{what} where the types allow none")
}
