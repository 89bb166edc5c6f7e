//! A deliberately slow and simple reference for exact arithmetic: a numerator over a denominator, never
//! reduced, compared by cross-multiplication, rounded by looking at both neighbours.
//!
//! It shares nothing with the program but the whole numbers below it.

use std::cmp::Ordering;

use dashu_int::IBig;
use jixiao::money::Rounding;
use jixiao::money::kernel::{Cmp, Op, Test};

/// num ÷ den, den above 0.
#[derive(Clone, Debug)]
pub struct Slow {
    num: IBig,
    den: IBig,
}

impl Slow {
    pub fn new(num: impl Into<IBig>, den: impl Into<IBig>) -> Self {
        let (num, den) = (num.into(), den.into());
        assert!(den != IBig::ZERO, "a test divides by zero");
        if den < IBig::ZERO { Self { num: -num, den: -den } } else { Self { num, den } }
    }

    pub fn plus(&self, other: &Self) -> Self {
        Self::new(&self.num * &other.den + &other.num * &self.den, &self.den * &other.den)
    }

    pub fn minus(&self, other: &Self) -> Self {
        Self::new(&self.num * &other.den - &other.num * &self.den, &self.den * &other.den)
    }

    pub fn times(&self, other: &Self) -> Self {
        Self::new(&self.num * &other.num, &self.den * &other.den)
    }

    pub fn over(&self, other: &Self) -> Option<Self> {
        (other.num != IBig::ZERO).then(|| Self::new(&self.num * &other.den, &self.den * &other.num))
    }

    pub fn compare(&self, other: &Self) -> Ordering {
        (&self.num * &other.den).cmp(&(&other.num * &self.den))
    }

    pub fn is_negative(&self) -> bool {
        self.num < IBig::ZERO
    }

    /// The two neighbours on the grid, and the one that the rounding names.
    pub fn rounded(&self, places: u8, rounding: Rounding) -> Self {
        let grid = IBig::from(10).pow(usize::from(places));
        let scaled = &self.num * &grid;
        let mut below = &scaled / &self.den;
        if &below * &self.den > scaled {
            below -= IBig::ONE;
        }
        let at = |whole: &IBig| Self::new(whole.clone(), grid.clone());
        if at(&below).compare(self).is_eq() {
            return at(&below);
        }
        let above = &below + IBig::ONE;
        let (outer, inner) = if self.is_negative() { (&below, &above) } else { (&above, &below) };
        let even = if &below % IBig::from(2) == IBig::ZERO { &below } else { &above };
        let nearer = self.minus(&at(&below)).compare(&at(&above).minus(self));
        at(match (rounding, nearer) {
            (Rounding::Floor, _) | (Rounding::HalfUp | Rounding::HalfEven, Ordering::Less) => &below,
            (Rounding::Ceiling, _) | (Rounding::HalfUp | Rounding::HalfEven, Ordering::Greater) => &above,
            (Rounding::Up, _) | (Rounding::HalfUp, Ordering::Equal) => outer,
            (Rounding::Down, _) => inner,
            (Rounding::HalfEven, Ordering::Equal) => even,
        })
    }

    /// The canonical text form, reduced by Euclid's own division.
    pub fn text(&self) -> String {
        let (mut a, mut b) = (self.num.clone(), self.den.clone());
        while b != IBig::ZERO {
            (a, b) = (b.clone(), a % b);
        }
        let divisor = if a < IBig::ZERO { -a } else { a };
        let (num, den) = (&self.num / &divisor, &self.den / &divisor);
        if den == IBig::ONE { num.to_string() } else { format!("{num}/{den}") }
    }

    /// Reads what [`Slow::text`] writes.
    pub fn read(text: &str) -> Self {
        let (num, den) = text.split_once('/').unwrap_or((text, "1"));
        Self::new(num.parse::<IBig>().unwrap(), den.parse::<IBig>().unwrap())
    }
}

/// One row of the inputs, by column.
pub enum Cell {
    Number(Option<Slow>),
    Bool(Option<bool>),
}

const BY_ZERO: &str = "division by zero";

/// What an operation gives for one row, written as the rules of the kernel say it.
pub fn number(op: &Op, row: &[Cell]) -> Result<Option<Slow>, &'static str> {
    let pair = |x: &Op, y: &Op| -> Result<Option<(Slow, Slow)>, &'static str> {
        let (x, y) = (number(x, row)?, number(y, row)?);
        Ok(match (x, y) {
            (Some(x), Some(y)) => Some((x, y)),
            _ => None,
        })
    };
    match op {
        Op::Input(index) => match &row[*index] {
            Cell::Number(number) => Ok(number.clone()),
            Cell::Bool(_) => panic!("a test reads a bool as a number"),
        },
        Op::Const(number) => Ok(Some(Slow::read(&number.to_canonical()))),
        Op::Null => Ok(None),
        Op::Neg(x) => Ok(number(x, row)?.map(|x| Slow::new(0, 1).minus(&x))),
        Op::Abs(x) => Ok(number(x, row)?.map(|x| if x.is_negative() { Slow::new(0, 1).minus(&x) } else { x })),
        Op::Add(x, y) => Ok(pair(x, y)?.map(|(x, y)| x.plus(&y))),
        Op::Sub(x, y) => Ok(pair(x, y)?.map(|(x, y)| x.minus(&y))),
        Op::Mul(x, y) => Ok(pair(x, y)?.map(|(x, y)| x.times(&y))),
        Op::Div(x, y) => pair(x, y)?.map(|(x, y)| x.over(&y).ok_or(BY_ZERO)).transpose(),
        Op::Greatest(ops) => all(ops, row, |best, next| next.compare(best).is_gt()),
        Op::Least(ops) => all(ops, row, |best, next| next.compare(best).is_lt()),
        Op::Round(x, places, rounding) => Ok(number(x, row)?.map(|x| x.rounded(*places, *rounding))),
        Op::Case { arms, otherwise } => {
            for (test, value) in arms {
                if truth(test, row)? == Some(true) {
                    return number(value, row);
                }
            }
            number(otherwise, row)
        }
        Op::Coalesce(ops) => {
            for op in ops {
                let value = number(op, row)?;
                if value.is_some() {
                    return Ok(value);
                }
            }
            Ok(None)
        }
        Op::NullIf(x, y) => match number(x, row)? {
            None => Ok(None),
            Some(x) => match number(y, row)? {
                Some(y) if x.compare(&y).is_eq() => Ok(None),
                _ => Ok(Some(x)),
            },
        },
    }
}

fn all(ops: &[Op], row: &[Cell], better: fn(&Slow, &Slow) -> bool) -> Result<Option<Slow>, &'static str> {
    let numbers: Result<Vec<_>, _> = ops.iter().map(|op| number(op, row)).collect();
    let Some(numbers) = numbers?.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
    Ok(numbers.into_iter().reduce(|best, next| if better(&best, &next) { next } else { best }))
}

/// What a condition says of one row.
pub fn truth(test: &Test, row: &[Cell]) -> Result<Option<bool>, &'static str> {
    let compared = |cmp: Cmp, x: &Option<Slow>, y: &Option<Slow>| match (x, y) {
        (Some(x), Some(y)) => Some(match cmp {
            Cmp::Eq => x.compare(y) == Ordering::Equal,
            Cmp::Ne => x.compare(y) != Ordering::Equal,
            Cmp::Lt => x.compare(y) == Ordering::Less,
            Cmp::Le => x.compare(y) != Ordering::Greater,
            Cmp::Gt => x.compare(y) == Ordering::Greater,
            Cmp::Ge => x.compare(y) != Ordering::Less,
        }),
        _ => None,
    };
    match test {
        Test::Input(index) => match &row[*index] {
            Cell::Bool(truth) => Ok(*truth),
            Cell::Number(_) => panic!("a test reads a number as a bool"),
        },
        Test::Const(truth) => Ok(Some(*truth)),
        Test::Compare(cmp, x, y) => Ok(compared(*cmp, &number(x, row)?, &number(y, row)?)),
        Test::And(tests) => {
            let mut result = Some(true);
            for test in tests {
                match truth(test, row)? {
                    Some(false) => return Ok(Some(false)),
                    None => result = None,
                    Some(true) => {}
                }
            }
            Ok(result)
        }
        Test::Or(tests) => {
            let mut result = Some(false);
            for test in tests {
                match truth(test, row)? {
                    Some(true) => return Ok(Some(true)),
                    None => result = None,
                    Some(false) => {}
                }
            }
            Ok(result)
        }
        Test::Not(test) => Ok(truth(test, row)?.map(|truth| !truth)),
        Test::IsNull(op) => Ok(Some(number(op, row)?.is_none())),
        Test::IsUnknown(test) => Ok(Some(truth(test, row)?.is_none())),
        // BETWEEN and IN are the comparisons that SQL defines them by.
        Test::Between { value, low, high } => {
            let (value, low, high) = (number(value, row)?, number(low, row)?, number(high, row)?);
            Ok(match (compared(Cmp::Ge, &value, &low), compared(Cmp::Le, &value, &high)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (None, _) | (_, None) => None,
                _ => Some(true),
            })
        }
        Test::In(value, list) => {
            let value = number(value, row)?;
            let mut result = Some(false);
            for item in list {
                match compared(Cmp::Eq, &value, &number(item, row)?) {
                    Some(true) => return Ok(Some(true)),
                    None => result = None,
                    Some(false) => {}
                }
            }
            Ok(result)
        }
    }
}
