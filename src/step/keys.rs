//! Key columns: which rows of two frames meet, and which rows of one frame belong together.
//!
//! Text, dates, counts and yes/no meet as they are. Decimal figures meet as text of one scale, because
//! the column engine cannot join on them. A figure that has been divided is no key: whether 0.333…
//! meets 1/3 is nobody's intention.

use polars::prelude::*;

use super::codes::{BAD_KEY, SETTING_MISSING};
use super::columns::fault;
use super::frames::column_of;
use super::names::NamesSpec;
use super::output::{StepError, StepFault};
use crate::diag::Fault;
use crate::expr::types::{Field, Kind, Name, Schema};

/// A pair of columns by which rows meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// Column of the rows that look.
    pub left: Name,
    /// Column of the rows that are found.
    pub right: Name,
    /// For decimal figures, the scale at which both are written.
    pub scale: Option<u8>,
}

/// One side of a match, for messages and lookups.
pub(super) struct Side<'a> {
    pub name: &'a str,
    pub schema: &'a Schema,
}

/// Checks the keys by which two frames meet.
pub(super) fn check_pairs(keys: &NamesSpec, left: &Side<'_>, right: &Side<'_>) -> Result<Vec<Key>, Vec<StepFault>> {
    if keys.pairs.is_empty() {
        let message = "rows need at least one key to meet by";
        let hint = "write `keys: [store_id, employee_id]`, or whatever both sides have";
        return Err(vec![fault(&["keys"], Fault::new(SETTING_MISSING, 0..0, message).hint(hint))]);
    }
    let mut faults = Vec::new();
    let mut pairs = Vec::new();
    for (at, (left_name, right_name)) in keys.pairs.iter().enumerate() {
        let place = keys.step(at);
        let path = ["keys", place.as_str()];
        let left_field = column_of(&path, left_name, left.name, left.schema)
            .map_err(|one| faults.push(StepFault { key: keys.is_map, ..*one }));
        let right_field = column_of(&path, right_name, right.name, right.schema).map_err(|one| faults.push(*one));
        let (Ok(left_field), Ok(right_field)) = (left_field, right_field) else { continue };
        match pair(left_field, right_field, left.name, right.name) {
            Ok(key) => pairs.push(key),
            Err(message) => {
                let hint = "keys are text, dates, whole numbers, yes/no or undivided figures of one unit";
                faults.push(fault(&path, Fault::new(BAD_KEY, 0..right_name.len(), message).hint(hint)));
            }
        }
    }
    if faults.is_empty() { Ok(pairs) } else { Err(faults) }
}

fn pair(left: &Field, right: &Field, left_frame: &str, right_frame: &str) -> Result<Key, String> {
    for (field, frame) in [(left, left_frame), (right, right_frame)] {
        if field.ty.kind == Kind::Exact {
            return Err(format!("`{}` of `{frame}` is the result of a division and cannot be a key", field.name));
        }
    }
    let scale = match (left.ty.kind, right.ty.kind) {
        (Kind::Decimal { scale: one, .. }, Kind::Decimal { scale: other, .. }) => Some(one.max(other)),
        (one, other) if one == other => None,
        (one, other) => {
            return Err(format!(
                "`{}` of `{left_frame}` is {one}, `{}` of `{right_frame}` is {other}: they never meet",
                left.name, right.name
            ));
        }
    };
    if left.ty.unit != right.ty.unit {
        return Err(format!(
            "`{}` of `{left_frame}` counts {}, `{}` of `{right_frame}` counts {}",
            left.name, left.ty.unit, right.name, right.ty.unit
        ));
    }
    Ok(Key { left: left.name.clone(), right: right.name.clone(), scale })
}

/// Checks the columns by which rows of one frame belong together: never divided. Rows in which a key is
/// absent form a group of their own, whose key is absent.
pub(super) fn check_groups(keys: &[String], from: &Side<'_>) -> Result<Vec<Key>, Vec<StepFault>> {
    let mut faults = Vec::new();
    let mut groups: Vec<Key> = Vec::new();
    for (at, name) in keys.iter().enumerate() {
        let place = at.to_string();
        let path = ["keys", place.as_str()];
        let field = match column_of(&path, name, from.name, from.schema) {
            Ok(field) => field,
            Err(one) => {
                faults.push(*one);
                continue;
            }
        };
        let mut refuse = |message: String, hint: &str| {
            faults.push(fault(&path, Fault::new(BAD_KEY, 0..name.len(), message).hint(hint)));
        };
        if field.ty.kind == Kind::Exact {
            refuse(
                format!("`{name}` is the result of a division and cannot be a key"),
                "group by a text, a date or a count",
            );
        } else if groups.iter().any(|known| known.left == field.name) {
            refuse(format!("`{name}` stands here twice"), "name each key once");
        } else {
            let scale = if let Kind::Decimal { scale, .. } = field.ty.kind { Some(scale) } else { None };
            groups.push(Key { left: field.name.clone(), right: field.name.clone(), scale });
        }
    }
    if faults.is_empty() { Ok(groups) } else { Err(faults) }
}

/// The key columns of a frame, ready to be joined or grouped on, named `0`, `1`, …
pub(super) fn columns<'a>(
    frame: &DataFrame,
    names: impl Iterator<Item = (&'a Name, Option<u8>)>,
) -> Result<Vec<Column>, StepError> {
    let mut columns = Vec::new();
    for (at, (name, scale)) in names.enumerate() {
        let mut column = frame.column(name)?.clone();
        if let Some(scale) = scale {
            column = column.cast(&DataType::Decimal(38, usize::from(scale)))?.cast(&DataType::String)?;
        }
        columns.push(column.with_name(PlSmallStr::from_string(at.to_string())));
    }
    Ok(columns)
}
