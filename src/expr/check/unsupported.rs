//! Forms of SQL that are not supported, each with the form that is.

use std::ops::Range;

use sqlparser::ast::{BinaryOperator, Expr as Ast, InTarget, UnaryOperator};

use super::Checker;
use crate::diag::nearest;
use crate::expr::codes::EXPRESSION_UNSUPPORTED;
use crate::expr::parse::FORMS;
use crate::expr::tree::Node;

/// The functions that exist, for hints.
pub(super) const FUNCTIONS: &str = "functions are COALESCE(x, 0), NULLIF(x, 0), GREATEST(a, b), LEAST(a, b), ABS(x), \
     ROUND(x, 2, 'half-up'), EXTRACT(YEAR FROM d), CAST(x AS DATE), MINUTES_BETWEEN(from, to), HOURS_BETWEEN(from, to), \
     and in aggregate steps SUM, COUNT, COUNT(DISTINCT x), MIN, MAX, AVG";

const NAMES: &[&str] = &[
    "COALESCE",
    "NULLIF",
    "GREATEST",
    "LEAST",
    "ABS",
    "ROUND",
    "EXTRACT",
    "CAST",
    "MINUTES_BETWEEN",
    "HOURS_BETWEEN",
    "SUM",
    "COUNT",
    "MIN",
    "MAX",
    "AVG",
];

/// The function that was meant, or the list of all.
pub(super) fn near_function(name: &str) -> String {
    let meant = match name {
        "IFNULL" | "NVL" | "ISNULL" => Some("COALESCE"),
        "IF" | "IIF" | "DECODE" => return "write `CASE WHEN … THEN … ELSE … END`".to_owned(),
        "AVERAGE" | "MEAN" => Some("AVG"),
        "TRUNC" | "TRUNCATE" => return "write `ROUND(x, 2, 'down')`".to_owned(),
        "YEAR" | "MONTH" | "DAY" => return format!("write `EXTRACT({name} FROM d)`"),
        "DATEDIFF" | "TIMESTAMPDIFF" | "DATE_DIFF" => {
            return "subtract dates, `later - earlier` gives days; of datetimes write `MINUTES_BETWEEN(from, to)` or `HOURS_BETWEEN(from, to)`".to_owned();
        }
        "DATE" => return "write `CAST(x AS DATE)` for the day of a datetime".to_owned(),
        "HOUR" | "MINUTE" | "SECOND" => {
            return "a time of the day is compared as part of its datetime; write `MINUTES_BETWEEN(from, to)` for a stretch".to_owned();
        }
        "DATE_ADD" | "DATEADD" => return "add the days: `date + 7`".to_owned(),
        _ => nearest(name, NAMES.iter().copied()),
    };
    meant.map_or_else(|| FUNCTIONS.to_owned(), |meant| format!("did you mean `{meant}`?"))
}

impl Checker<'_> {
    /// The finding for a form that is not supported.
    pub(super) fn unsupported(&mut self, ast: &Ast, span: Range<usize>) -> Option<Node> {
        let (what, hint) = match ast {
            Ast::Like { .. } | Ast::ILike { .. } | Ast::RLike { .. } | Ast::SimilarTo { .. } => {
                ("LIKE", "name the texts: `kind IN ('常规保养', '首保')`")
            }
            Ast::Case { .. } => ("a CASE with an operand", "write `CASE WHEN x = 1 THEN … ELSE … END`"),
            Ast::Cast { .. } | Ast::Convert { .. } => (
                "this cast",
                "columns have their type from the dataset; only the day of a datetime is cast: `CAST(x AS DATE)`",
            ),
            Ast::Ceil { .. } => ("CEIL", "write `ROUND(x, 0, 'ceiling')`"),
            Ast::Floor { .. } => ("FLOOR", "write `ROUND(x, 0, 'floor')`"),
            Ast::IsTrue(_) | Ast::IsNotFalse(_) => ("IS TRUE", "a condition stands by itself: `regular`"),
            Ast::IsFalse(_) | Ast::IsNotTrue(_) => ("IS FALSE", "write `NOT x`"),
            Ast::IsUnknown(_) | Ast::IsNotUnknown(_) => ("IS UNKNOWN", "write `x IS NULL`"),
            Ast::IsDistinctFrom(..) | Ast::IsNotDistinctFrom(..) => ("IS DISTINCT FROM", "write `x IS NULL OR x <> y`"),
            Ast::In { target: InTarget::Subquery(_), .. } | Ast::Subquery(_) | Ast::Exists { .. } => {
                ("a query inside an expression", "join the other step first, then filter")
            }
            Ast::Interval(_) => ("INTERVAL", "add a number of days: `date + 7`"),
            Ast::AnyOp { .. } | Ast::AllOp { .. } | Ast::In { .. } => {
                ("a form of IN", "list the values: `x IN ('a', 'b')`")
            }
            Ast::Substring { .. } | Ast::Trim { .. } | Ast::Position { .. } | Ast::Overlay { .. } => {
                ("work on text", "text is compared whole; clean it where the dataset is read")
            }
            Ast::Tuple(_) => ("a list of values", "a comma separates arguments of a function or values of IN only"),
            Ast::UnaryOp { op: UnaryOperator::BangNot, .. } => ("`!`", "write `NOT x`"),
            Ast::BinaryOp { op: BinaryOperator::Xor, .. } => ("XOR", "write `a <> b`"),
            _ => ("this form of SQL", FORMS),
        };
        self.fault(EXPRESSION_UNSUPPORTED, span, format!("{what} is not supported"), Some(hint.to_owned()))
    }
}
