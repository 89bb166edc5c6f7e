//! The typed tree of an expression.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};

use super::clock::Elapsed;
use super::explain::PeriodPart;
use super::number::{Literal, Size};
use super::types::{Kind, Name, Type};
use crate::money::Rounding;
use crate::money::kernel::Cmp;

/// A checked expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// As written.
    pub text: Arc<str>,
    /// What it yields.
    pub ty: Type,
    pub(crate) root: Node,
}

/// A part of an expression with its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) form: Form,
    pub(crate) ty: Type,
    /// Digit bound of an int or decimal; tighter than the kind for ints.
    pub(crate) size: Option<Size>,
    /// Made of number literals alone: takes the unit of its neighbour.
    pub(crate) adapts: bool,
    /// May be absent in general; a condition around it shows that it is there.
    pub(crate) narrowed: bool,
    /// Bytes of the text.
    pub(crate) span: Range<usize>,
}

/// What a part of an expression is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Number(Literal),
    Text(Arc<str>),
    Date(Date),
    Moment(DateTime),
    Bool(bool),
    /// `NULL`, as an arm of a CASE or an argument of COALESCE.
    Null,
    Column(Name),
    /// `spine.x`.
    Each(Name, Name),
    /// `param.x`, with the columns by which a row chooses its value.
    Param(Name, Vec<Name>),
    Period(PeriodPart),
    /// Brackets, kept for explanations.
    Brackets(Box<Node>),
    Neg(Box<Node>),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    /// Date ± days.
    DateShift {
        date: Box<Node>,
        days: Box<Node>,
        back: bool,
    },
    /// Days from the second date to the first.
    DaysBetween(Box<Node>, Box<Node>),
    /// The day of a moment.
    DayOf(Box<Node>),
    /// Minutes or hours from the first moment to the second.
    Elapsed(Elapsed, Box<Node>, Box<Node>),
    Compare(Cmp, Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Not(Box<Node>),
    IsNull {
        value: Box<Node>,
        negated: bool,
    },
    Between {
        value: Box<Node>,
        low: Box<Node>,
        high: Box<Node>,
        negated: bool,
    },
    In {
        value: Box<Node>,
        list: Vec<Node>,
        negated: bool,
    },
    Case {
        arms: Vec<(Node, Node)>,
        otherwise: Box<Node>,
    },
    Coalesce(Vec<Node>),
    NullIf(Box<Node>, Box<Node>),
    Greatest(Vec<Node>),
    Least(Vec<Node>),
    Abs(Box<Node>),
    Round(Box<Node>, u8, Rounding),
    Extract(DatePart, Box<Node>),
    Aggregate(Box<Aggregate>),
    /// The n-th aggregate of the expression, computed before the rest of it.
    Computed(usize),
}

/// The four operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Sub,
    Mul,
    Div,
}

/// Parts of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatePart {
    Year,
    Month,
    Day,
}

/// A call of an aggregate function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Aggregate {
    pub(crate) function: AggregateFunction,
    /// The rows' value; absent for `COUNT(*)`.
    pub(crate) value: Option<Node>,
    /// `FILTER (WHERE …)`.
    pub(crate) filter: Option<Node>,
}

/// Aggregate functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AggregateFunction {
    Sum,
    /// Rows, or rows where the value is present.
    Count,
    CountDistinct,
    Min,
    Max,
    /// SUM ÷ COUNT, exact.
    Avg,
}

impl Node {
    /// The parts directly below, in the order of the text.
    pub(crate) fn children(&self) -> Vec<&Self> {
        match &self.form {
            Form::Number(_)
            | Form::Text(_)
            | Form::Date(_)
            | Form::Moment(_)
            | Form::Bool(_)
            | Form::Null
            | Form::Column(_)
            | Form::Each(..)
            | Form::Param(..)
            | Form::Period(_)
            | Form::Computed(_) => Vec::new(),
            Form::Brackets(one)
            | Form::Neg(one)
            | Form::Not(one)
            | Form::Abs(one)
            | Form::Round(one, ..)
            | Form::Extract(_, one)
            | Form::DayOf(one)
            | Form::IsNull { value: one, .. } => vec![one],
            Form::Arithmetic(_, left, right)
            | Form::DaysBetween(left, right)
            | Form::Elapsed(_, left, right)
            | Form::Compare(_, left, right)
            | Form::And(left, right)
            | Form::Or(left, right)
            | Form::NullIf(left, right)
            | Form::DateShift { date: left, days: right, .. } => vec![left, right],
            Form::Between { value, low, high, .. } => vec![value, low, high],
            Form::In { value, list, .. } => std::iter::once(&**value).chain(list).collect(),
            Form::Case { arms, otherwise } => {
                arms.iter().flat_map(|(test, value)| [test, value]).chain([&**otherwise]).collect()
            }
            Form::Coalesce(all) | Form::Greatest(all) | Form::Least(all) => all.iter().collect(),
            Form::Aggregate(call) => call.value.iter().chain(&call.filter).collect(),
        }
    }

    /// The same part with each part directly below it replaced, in the order of the text.
    pub(crate) fn map_children(&self, replace: &mut dyn FnMut(&Self) -> Self) -> Self {
        let mut one = |node: &Self| Box::new(replace(node));
        let form = match &self.form {
            Form::Number(_)
            | Form::Text(_)
            | Form::Date(_)
            | Form::Moment(_)
            | Form::Bool(_)
            | Form::Null
            | Form::Column(_)
            | Form::Each(..)
            | Form::Param(..)
            | Form::Period(_)
            | Form::Computed(_) => self.form.clone(),
            Form::Brackets(x) => Form::Brackets(one(x)),
            Form::Neg(x) => Form::Neg(one(x)),
            Form::Not(x) => Form::Not(one(x)),
            Form::Abs(x) => Form::Abs(one(x)),
            Form::Round(x, places, rounding) => Form::Round(one(x), *places, *rounding),
            Form::Extract(part, x) => Form::Extract(*part, one(x)),
            Form::DayOf(x) => Form::DayOf(one(x)),
            Form::IsNull { value, negated } => Form::IsNull { value: one(value), negated: *negated },
            Form::Arithmetic(op, x, y) => Form::Arithmetic(*op, one(x), one(y)),
            Form::DaysBetween(x, y) => Form::DaysBetween(one(x), one(y)),
            Form::Elapsed(span, x, y) => Form::Elapsed(*span, one(x), one(y)),
            Form::Compare(cmp, x, y) => Form::Compare(*cmp, one(x), one(y)),
            Form::And(x, y) => Form::And(one(x), one(y)),
            Form::Or(x, y) => Form::Or(one(x), one(y)),
            Form::NullIf(x, y) => Form::NullIf(one(x), one(y)),
            Form::DateShift { date, days, back } => Form::DateShift { date: one(date), days: one(days), back: *back },
            Form::Between { value, low, high, negated } => {
                Form::Between { value: one(value), low: one(low), high: one(high), negated: *negated }
            }
            Form::In { value, list, negated } => {
                Form::In { value: one(value), list: list.iter().map(replace).collect(), negated: *negated }
            }
            Form::Case { arms, otherwise } => {
                let arms = arms.iter().map(|(test, value)| (replace(test), replace(value))).collect();
                Form::Case { arms, otherwise: Box::new(replace(otherwise)) }
            }
            Form::Coalesce(all) => Form::Coalesce(all.iter().map(replace).collect()),
            Form::Greatest(all) => Form::Greatest(all.iter().map(replace).collect()),
            Form::Least(all) => Form::Least(all.iter().map(replace).collect()),
            Form::Aggregate(call) => Form::Aggregate(Box::new(Aggregate {
                function: call.function,
                value: call.value.as_ref().map(&mut *replace),
                filter: call.filter.as_ref().map(replace),
            })),
        };
        Self { form, ..self.clone() }
    }

    /// Calls `visit` for this part and all below it, in the order of the text.
    pub(crate) fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }

    /// Whether `holds` for this part or one below it.
    pub(crate) fn any(&self, holds: &dyn Fn(&Self) -> bool) -> bool {
        holds(self) || self.children().into_iter().any(|child| child.any(holds))
    }

    /// The part without the brackets around it.
    pub(crate) fn bare(&self) -> &Self {
        match &self.form {
            Form::Brackets(inner) => inner.bare(),
            _ => self,
        }
    }

    /// Whether the value is a fraction.
    pub(crate) fn is_exact(&self) -> bool {
        self.ty.kind == Kind::Exact
    }
}

impl Expr {
    /// Whether it counts rows and looks at nothing in them: `COUNT(*)`.
    pub fn counts_rows(&self) -> bool {
        match &self.root.form {
            Form::Aggregate(call) => {
                call.function == AggregateFunction::Count && call.value.is_none() && call.filter.is_none()
            }
            _ => false,
        }
    }

    /// Columns it reads, those by which rows choose the values of its parameters among them.
    pub fn columns(&self) -> BTreeSet<Name> {
        let mut names = BTreeSet::new();
        self.root.walk(&mut |node| match &node.form {
            Form::Column(name) => drop(names.insert(Arc::clone(name))),
            Form::Param(_, by) => names.extend(by.iter().cloned()),
            _ => {}
        });
        names
    }

    /// The condition of its aggregates, where all of them count the rows of one `FILTER (WHERE …)`.
    pub fn condition(&self) -> Option<Self> {
        let mut filters: Vec<Option<&Node>> = Vec::new();
        self.root.walk(&mut |node| {
            if let Form::Aggregate(call) = &node.form {
                filters.push(call.filter.as_ref());
            }
        });
        let filter = filters.first().copied().flatten()?;
        if filters.iter().any(|other| *other != Some(filter)) {
            return None;
        }
        Some(self.part(filter))
    }

    /// Those of its columns that hold exact fractions.
    pub fn exact_columns(&self) -> BTreeSet<Name> {
        let mut names = BTreeSet::new();
        self.root.walk(&mut |node| match &node.form {
            Form::Column(name) if node.ty.kind == Kind::Exact => drop(names.insert(Arc::clone(name))),
            _ => {}
        });
        names
    }

    /// Columns of the row it is made for (`spine.x` gives `x`).
    pub fn each_columns(&self) -> BTreeSet<Name> {
        let mut names = BTreeSet::new();
        self.root.walk(&mut |node| {
            if let Form::Each(_, name) = &node.form {
                names.insert(Arc::clone(name));
            }
        });
        names
    }

    /// Parameters it reads, without `param.`.
    pub fn params(&self) -> BTreeSet<Name> {
        let mut names = BTreeSet::new();
        self.root.walk(&mut |node| {
            if let Form::Param(name, _) = &node.form {
                names.insert(Arc::clone(name));
            }
        });
        names
    }

    /// Whether it holds an aggregate function.
    pub fn is_aggregate(&self) -> bool {
        self.root.any(&|node| matches!(node.form, Form::Aggregate(_)))
    }

    /// Whether it is made of number literals alone, and so takes whatever unit is asked for.
    pub fn adapts(&self) -> bool {
        self.root.adapts
    }

    /// Each aggregate function call in it, in order of appearance, as an expression of its own.
    pub fn aggregates(&self) -> Vec<Self> {
        let mut calls = Vec::new();
        self.root.walk(&mut |node| {
            if matches!(node.form, Form::Aggregate(_)) {
                calls.push(self.part(node));
            }
        });
        calls
    }

    /// A part of it as an expression of its own.
    pub(crate) fn part(&self, node: &Node) -> Self {
        let text = self.text.get(node.span.clone()).unwrap_or_default();
        Self { text: Arc::from(text), ty: node.ty.clone(), root: node.clone() }
    }

    /// The name of the column that it merely repeats: `output` or `(output)`.
    pub fn plain_column(&self) -> Option<&Name> {
        match &self.root.bare().form {
            Form::Column(name) => Some(name),
            _ => None,
        }
    }
}
