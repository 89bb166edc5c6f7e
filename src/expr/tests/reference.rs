//! A slow evaluator that goes row by row over exact numbers, written without the code it judges.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};

use super::{PERIOD, exact};
use crate::expr::clock::Elapsed;
use crate::expr::explain::PeriodPart;
use crate::expr::tree::{Arithmetic, DatePart, Form, Node};
use crate::expr::types::Kind;
use crate::money::Exact;
use crate::money::kernel::Cmp;

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Number(Exact),
    Text(String),
    Date(Date),
    Moment(DateTime),
    Bool(bool),
    Absent,
}

/// What a row computes to, or that it divides by zero.
pub(super) type Computed = Result<Value, String>;

/// Computes a tree for one row.
pub(super) fn value(node: &Node, row: &BTreeMap<String, Value>) -> Computed {
    let number = |node: &Node| -> Result<Option<Exact>, String> {
        match value(node, row)? {
            Value::Number(number) => Ok(Some(number)),
            Value::Absent => Ok(None),
            other => panic!("{other:?} is no number"),
        }
    };
    let truth = |node: &Node| -> Result<bool, String> {
        match value(node, row)? {
            Value::Bool(truth) => Ok(truth),
            other => panic!("{other:?} is no condition"),
        }
    };
    Ok(match &node.form {
        Form::Number(literal) => Value::Number(Exact::from_decimal_parts(literal.unscaled, literal.scale)),
        Form::Text(text) => Value::Text(text.to_string()),
        Form::Date(date) => Value::Date(*date),
        Form::Moment(moment) => Value::Moment(*moment),
        Form::Bool(truth) => Value::Bool(*truth),
        Form::Null => Value::Absent,
        Form::Column(name) => row[&**name].clone(),
        Form::Param(name, _) => row[&format!("param.{name}")].clone(),
        Form::Period(PeriodPart::First) => Value::Date(PERIOD.first),
        Form::Period(PeriodPart::Last) => Value::Date(PERIOD.last),
        Form::Period(PeriodPart::Days) => Value::Number(exact("31")),
        Form::Brackets(inner) => value(inner, row)?,
        Form::Neg(inner) => number(inner)?.map_or(Value::Absent, |x| Value::Number(Exact::zero().sub(&x))),
        Form::Abs(inner) => number(inner)?
            .map_or(Value::Absent, |x| Value::Number(if x < Exact::zero() { Exact::zero().sub(&x) } else { x })),
        Form::Round(inner, places, mode) => {
            number(inner)?.map_or(Value::Absent, |x| Value::Number(x.round(*places, *mode)))
        }
        Form::Arithmetic(op, left, right) => {
            let (left, right) = (number(left)?, number(right)?);
            let Some((left, right)) = left.zip(right) else { return Ok(Value::Absent) };
            Value::Number(match op {
                Arithmetic::Add => left.add(&right),
                Arithmetic::Sub => left.sub(&right),
                Arithmetic::Mul => left.mul(&right),
                Arithmetic::Div => left.div(&right).ok_or("division by zero")?,
            })
        }
        Form::Compare(cmp, left, right) => {
            let order = match (value(left, row)?, value(right, row)?) {
                (Value::Number(a), Value::Number(b)) => a.cmp(&b),
                (Value::Text(a), Value::Text(b)) => a.cmp(&b),
                (Value::Date(a), Value::Date(b)) => a.cmp(&b),
                (Value::Moment(a), Value::Moment(b)) => a.cmp(&b),
                (Value::Bool(a), Value::Bool(b)) => a.cmp(&b),
                other => panic!("{other:?} compared"),
            };
            Value::Bool(match cmp {
                Cmp::Eq => order.is_eq(),
                Cmp::Ne => order.is_ne(),
                Cmp::Lt => order.is_lt(),
                Cmp::Le => order.is_le(),
                Cmp::Gt => order.is_gt(),
                Cmp::Ge => order.is_ge(),
            })
        }
        Form::And(left, right) => Value::Bool(truth(left)? && truth(right)?),
        Form::Or(left, right) => Value::Bool(truth(left)? || truth(right)?),
        Form::Not(inner) => Value::Bool(!truth(inner)?),
        Form::IsNull { value: inner, negated } => Value::Bool((value(inner, row)? == Value::Absent) != *negated),
        Form::Between { value: x, low, high, negated } => {
            let (x, low, high) = (number(x)?.unwrap(), number(low)?.unwrap(), number(high)?.unwrap());
            Value::Bool((low <= x && x <= high) != *negated)
        }
        Form::In { value: x, list, negated } => {
            let x = value(x, row)?;
            let mut found = false;
            for item in list {
                found |= value(item, row)? == x;
            }
            Value::Bool(found != *negated)
        }
        Form::Case { arms, otherwise } => {
            for (test, then) in arms {
                if truth(test)? {
                    return value(then, row);
                }
            }
            value(otherwise, row)?
        }
        Form::Coalesce(all) => {
            for part in all {
                match value(part, row)? {
                    Value::Absent => {}
                    present => return Ok(present),
                }
            }
            Value::Absent
        }
        Form::NullIf(x, y) => {
            let x = value(x, row)?;
            if x != Value::Absent && x == value(y, row)? { Value::Absent } else { x }
        }
        Form::Greatest(all) | Form::Least(all) if node.ty.kind == Kind::DateTime => {
            let moments = all.iter().map(|part| match value(part, row) {
                Ok(Value::Moment(moment)) => moment,
                other => panic!("{other:?} is no moment"),
            });
            let greatest = matches!(node.form, Form::Greatest(_));
            Value::Moment(if greatest { moments.max() } else { moments.min() }.unwrap())
        }
        Form::Greatest(all) | Form::Least(all) => {
            let numbers: Result<Vec<_>, _> = all.iter().map(|part| number(part).map(Option::unwrap)).collect();
            let numbers = numbers?;
            let greatest = matches!(node.form, Form::Greatest(_));
            let best = if greatest { numbers.into_iter().max() } else { numbers.into_iter().min() };
            Value::Number(best.unwrap())
        }
        Form::Extract(part, date) => {
            let Value::Date(date) = value(date, row)? else { panic!("no date") };
            Value::Number(Exact::from(match part {
                DatePart::Year => i64::from(date.year()),
                DatePart::Month => i64::from(date.month()),
                DatePart::Day => i64::from(date.day()),
            }))
        }
        Form::DaysBetween(later, earlier) => {
            let (Value::Date(later), Value::Date(earlier)) = (value(later, row)?, value(earlier, row)?) else {
                panic!("no dates")
            };
            Value::Number(Exact::from(i64::from(later.since(earlier).unwrap().get_days())))
        }
        Form::DayOf(moment) => match value(moment, row)? {
            Value::Moment(moment) => Value::Date(moment.date()),
            Value::Absent => Value::Absent,
            other => panic!("{other:?} is no moment"),
        },
        Form::Elapsed(elapsed, from, to) => {
            let (Value::Moment(from), Value::Moment(to)) = (value(from, row)?, value(to, row)?) else {
                panic!("no moments")
            };
            let days = Exact::from(i64::from((to.date() - from.date()).get_days()));
            let clock = |moment: DateTime| {
                let seconds =
                    (i64::from(moment.hour()) * 60 + i64::from(moment.minute())) * 60 + i64::from(moment.second());
                Exact::from(seconds).add(&Exact::ratio(i128::from(moment.subsec_nanosecond()), 1_000_000_000).unwrap())
            };
            let seconds = days.mul(&Exact::from(86_400)).add(&clock(to)).sub(&clock(from));
            let one = if *elapsed == Elapsed::Minutes { 60 } else { 3600 };
            Value::Number(seconds.div(&Exact::from(one)).unwrap())
        }
        other => panic!("{other:?} is not generated"),
    })
}
