//! Small operations on frames that several kinds share: names, columns, rows.

use polars::prelude::*;

use super::codes::{UNKNOWN_FRAME, UNKNOWN_STEP_COLUMN};
use super::columns::{fault, name_hint};
use super::context::{CheckCx, Frames};
use super::output::{StepError, StepFault};
use crate::diag::Fault;
use crate::expr::types::{Field, Name, Schema};

/// Columns that every dataset frame has without being declared.
pub(super) const IMPLICIT: [&str; 2] = ["store_id", "period"];

/// The column that numbers the rows of a frame inside the frames made from it.
pub(super) fn row_column(frame: &str) -> String {
    format!("@{frame}")
}

/// Schema of a frame named in the file.
pub(super) fn schema_of<'a>(path: &[&str], name: &str, cx: &CheckCx<'a>) -> Result<&'a Schema, Box<StepFault>> {
    cx.frames.schema(name).ok_or_else(|| {
        let names = cx.frames.names();
        let hint = name_hint(name, names.iter().map(String::as_str));
        let message = format!("no step or dataset `{name}`");
        Box::new(fault(path, Fault::new(UNKNOWN_FRAME, 0..name.len(), message).hint(hint)))
    })
}

/// Column of a frame named in the file.
pub(super) fn column_of<'a>(
    path: &[&str],
    name: &str,
    frame: &str,
    schema: &'a Schema,
) -> Result<&'a Field, Box<StepFault>> {
    schema.get(name).ok_or_else(|| {
        let message = format!("`{frame}` has no column `{name}`");
        let hint = name_hint(name, schema.names());
        Box::new(fault(path, Fault::new(UNKNOWN_STEP_COLUMN, 0..name.len(), message).hint(hint)))
    })
}

/// A frame that checking has seen.
pub(super) fn frame<'a>(frames: &'a dyn Frames, name: &Name) -> Result<&'a DataFrame, StepError> {
    frames.get(name).ok_or_else(|| StepError::MissingFrame(name.clone()))
}

/// The columns of a schema in its order, then the row numbers of the frames it was made from.
pub(super) fn arrange(frame: &DataFrame, schema: &Schema) -> Result<DataFrame, StepError> {
    let numbers = frame.get_column_names().into_iter().filter(|name| name.starts_with('@')).map(PlSmallStr::as_str);
    Ok(frame.select(schema.names().chain(numbers))?)
}

/// Rows of a frame by their numbers; all rows in their order are the frame itself, whose columns are not copied.
pub(super) fn take(frame: &DataFrame, rows: Vec<u32>) -> Result<DataFrame, StepError> {
    if rows.len() == frame.height() && (0..).zip(&rows).all(|(row, wanted)| row == *wanted) {
        return Ok(frame.clone());
    }
    Ok(frame.take(&IdxCa::from_vec(PlSmallStr::EMPTY, rows))?)
}

/// Rows of a frame by their numbers; no number makes a row of nulls.
pub(super) fn take_or_null(frame: &DataFrame, rows: Vec<Option<u32>>) -> Result<DataFrame, StepError> {
    if let Some(rows) = rows.iter().copied().collect() {
        return take(frame, rows);
    }
    Ok(frame.take(&IdxCa::from_iter_options(PlSmallStr::EMPTY, rows.into_iter()))?)
}

/// Rows of a frame without some, which are ascending.
pub(super) fn without(frame: &DataFrame, rows: &[u32]) -> Result<DataFrame, StepError> {
    if rows.is_empty() {
        return Ok(frame.clone());
    }
    let mut keep = vec![true; frame.height()];
    for &row in rows {
        if let Some(slot) = keep.get_mut(row as usize) {
            *slot = false;
        }
    }
    Ok(frame.filter(&BooleanChunked::from_slice(PlSmallStr::EMPTY, &keep))?)
}

/// A number of rows as polars counts them.
pub(super) fn index(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}
