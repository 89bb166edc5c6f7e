//! Long columns are computed in blocks of rows, on as many threads as there are.

use polars::prelude::{Column, DataType, PlSmallStr};
use rayon::prelude::*;

use super::RowFault;
use super::values::Values;

/// Rows that are read, computed and written together: enough to be worth a thread, few enough to stay
/// in its cache.
pub(super) const BLOCK: usize = 8192;

/// Reads the inputs block by block and puts the results one behind the other. Blocks may run on several
/// threads; the result is the same.
pub(super) fn in_blocks(
    inputs: &[Column],
    len: usize,
    dtype: &DataType,
    work: impl Fn(&[Values], usize, &mut Vec<RowFault>) -> Column + Sync,
) -> (Column, Vec<RowFault>) {
    if let Some(short) = inputs.iter().find(|column| column.len() != len && column.len() != 1) {
        return failed(len, dtype, &format!("a column of {} rows meets {len} rows", short.len()));
    }
    let run = |start: usize| {
        let rows = BLOCK.min(len - start);
        let offset = i64::try_from(start).unwrap_or(i64::MAX);
        let block: Vec<Values> = inputs
            .iter()
            .map(
                |column| {
                    if column.len() == 1 { Values::read(column) } else { Values::read(&column.slice(offset, rows)) }
                },
            )
            .collect();
        let mut faults = Vec::new();
        let column = work(&block, rows, &mut faults);
        for fault in &mut faults {
            fault.row += start;
        }
        (column, faults)
    };
    if len <= BLOCK {
        return run(0);
    }
    let starts: Vec<usize> = (0..len).step_by(BLOCK).collect();
    let mut blocks = starts.into_par_iter().map(run).collect::<Vec<_>>().into_iter();
    let (mut column, mut faults) = blocks.next().unwrap_or_else(|| run(0));
    for (next, more) in blocks {
        faults.extend(more);
        if let Err(error) = column.append_owned(next) {
            return failed(len, dtype, &error.to_string());
        }
    }
    (column.rechunk(), faults)
}

/// No result at all, a fault for every row: what happened does not belong to one of them.
pub(super) fn failed(rows: usize, dtype: &DataType, cause: &str) -> (Column, Vec<RowFault>) {
    let faults = (0..rows).map(|row| RowFault { row, cause: cause.to_owned() }).collect();
    (Column::full_null(PlSmallStr::EMPTY, rows, dtype), faults)
}
