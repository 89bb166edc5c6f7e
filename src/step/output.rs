//! What checking and running a step hand back.

use std::collections::BTreeMap;
use std::fmt;

use polars::error::PolarsError;
use polars::frame::DataFrame;

use super::StepKind;
use super::allocate::Allocated;
use super::ladder::Mode;
use crate::diag::data::{ExceptionSeverity, Fate};
use crate::diag::text::Text;
use crate::diag::{Code, Fault};
use crate::expr::Expr;
use crate::expr::types::{Name, Schema};
use crate::money::exact::Exact;

/// Something wrong in a step, with its place below the mapping of the kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFault {
    /// Keys and indexes below the kind's mapping: `["columns", "output"]`, `["with", "0"]`.
    pub path: Vec<String>,
    /// Whether the key at the path is meant and not its value.
    pub key: bool,
    /// The fault; its span counts in the value's text.
    pub fault: Fault,
}

/// A checked step: the proof that every name, type and unit in it is right.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// Frames it reads, each once, in the order of the file.
    pub inputs: Vec<Name>,
    /// Columns of its frame.
    pub schema: Schema,
    /// Where each of its columns comes from.
    pub origins: BTreeMap<Name, ColumnOrigin>,
}

/// Where the values of a column come from.
#[derive(Clone, Debug)]
pub enum ColumnOrigin {
    /// Handed on unchanged from the row of `frame` that `@frame` numbers.
    Carried {
        /// The frame read.
        frame: Name,
        /// Its column.
        column: Name,
    },
    /// Handed on unchanged, in each row from that one of the frames whose `@` number is present.
    United {
        /// The frames read.
        frames: Vec<Name>,
        /// Their column, the same in all.
        column: Name,
    },
    /// Computed from other columns of the same row of the frame read.
    Computed {
        /// The expression.
        expr: Expr,
        /// The frame whose columns it reads, in the row that `@frame` numbers.
        frame: Name,
    },
    /// Computed from other columns of the same row of the step's own frame.
    Within {
        /// The expression.
        expr: Expr,
    },
    /// Aggregated over rows of a frame; which ones, [`StepOutput::members`] says.
    Aggregated {
        /// The expression.
        expr: Expr,
        /// The frame whose rows are aggregated.
        frame: Name,
    },
    /// Found in a ladder.
    Ladder {
        /// Parameter that holds the ladder, without `param.`.
        table: Name,
        /// What is looked up.
        by: Expr,
        /// What is cut into slices, for a marginal ladder.
        base: Option<Expr>,
        /// What the value found may not exceed. Few ladders have it, so it lies apart.
        at_most: Option<Box<Expr>>,
        /// Whole or marginal.
        mode: Mode,
        /// The frame whose columns the expressions read, in the row that `@frame` numbers.
        frame: Name,
    },
    /// Found in a ladder by another column of the same row of the step's own frame: the value of the step reached, or
    /// its words.
    LadderWithin {
        /// Parameter that holds the ladder, without `param.`.
        table: Name,
        /// What is looked up.
        by: Expr,
    },
    /// Found in a matrix, or the axes that kept a higher row away.
    Matrix {
        /// Parameter that holds the matrix, without `param.`.
        table: Name,
        /// What is looked up along each axis, in the order of the matrix.
        by: Vec<Expr>,
        /// Whether it is the value found, and not the axes that kept a higher row away.
        is_value: bool,
        /// The frame whose columns the expressions read, in the row that `@frame` numbers.
        frame: Name,
    },
    /// A share of a pool, or what it was made from.
    Allocated {
        /// Which, and how.
        how: Box<Allocated>,
        /// The frame whose columns the expressions read, in the row that `@frame` numbers; the other
        /// members of the pool are the rows of this step with the same keys.
        frame: Name,
    },
}

impl ColumnOrigin {
    /// The expression over other columns of the step's own frame, where it is made from them.
    pub const fn within(&self) -> Option<&Expr> {
        match self {
            Self::Within { expr } | Self::LadderWithin { by: expr, .. } => Some(expr),
            _ => None,
        }
    }

    /// The frames it reads, and the columns it reads of each; what it reads of the step's own frame is not among them.
    pub fn reads(&self) -> (Vec<Name>, Vec<Name>) {
        match self {
            Self::Carried { frame, column } => (vec![frame.clone()], vec![column.clone()]),
            Self::United { frames, column } => (frames.clone(), vec![column.clone()]),
            Self::Computed { expr, frame } | Self::Aggregated { expr, frame } => {
                (vec![frame.clone()], expr.columns().into_iter().collect())
            }
            Self::Within { .. } | Self::LadderWithin { .. } => (Vec::new(), Vec::new()),
            Self::Ladder { by, base, at_most, frame, .. } => {
                let columns = std::iter::once(by).chain(base).chain(at_most.as_deref()).flat_map(Expr::columns);
                (vec![frame.clone()], columns.collect())
            }
            Self::Matrix { by, frame, .. } => (vec![frame.clone()], by.iter().flat_map(Expr::columns).collect()),
            Self::Allocated { how, frame } => {
                let columns = [&how.pool, &how.weight].into_iter().flat_map(Expr::columns);
                (vec![frame.clone()], columns.collect())
            }
        }
    }
}

/// What a step makes of its frames.
#[derive(Clone, Debug, Default)]
pub struct StepOutput {
    /// The new frame: the columns of the schema, then `@` columns.
    pub frame: DataFrame,
    /// For an aggregate: which rows of `from` went into which row, as `@self` and `@<from>`.
    pub members: Option<DataFrame>,
    /// Rows that left.
    pub dropped: Vec<Dropped>,
    /// What a person must know of.
    pub exceptions: Vec<StepException>,
}

/// Rows of an input frame that did not reach the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// The input frame.
    pub frame: Name,
    /// Their row numbers in it, ascending.
    pub rows: Vec<u32>,
    /// What became of them.
    pub fate: Fate,
    /// Why.
    pub because: Text,
}

/// Something about the rows that a person must know of.
///
/// The run turns it into an exception of the outcome: it finds store and person by the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepException {
    /// How bad.
    pub severity: ExceptionSeverity,
    /// Kind.
    pub code: Code,
    /// The input frame that `row` counts in.
    pub frame: Name,
    /// The row concerned, or the first of several.
    pub row: Option<u32>,
    /// Whom it concerns, where the rows name nobody by employee id.
    pub who: Option<String>,
    /// Cause.
    pub cause: Text,
    /// What to do.
    pub remedy: Text,
    /// Yuan at stake, summed over the rows concerned.
    pub stake: Option<Exact>,
}

/// A step that could not run: a mistake of the program, never of a person's file or data.
#[derive(Debug)]
pub enum StepError {
    /// A frame that checking has seen is not there.
    MissingFrame(Name),
    /// A ladder or matrix that checking has seen is not there.
    MissingTable(Name),
    /// A column does not lie in the frame as its type says.
    Layout(String),
    /// The column engine refused.
    Engine(PolarsError),
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingFrame(name) => write!(f, "frame `{name}` is not there"),
            Self::MissingTable(name) => write!(f, "table `{name}` is not there"),
            Self::Layout(what) => f.write_str(what),
            Self::Engine(error) => write!(f, "column engine: {error}"),
        }
    }
}

impl std::error::Error for StepError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Engine(error) => Some(error),
            Self::MissingFrame(_) | Self::MissingTable(_) | Self::Layout(_) => None,
        }
    }
}

impl From<PolarsError> for StepError {
    fn from(error: PolarsError) -> Self {
        Self::Engine(error)
    }
}
