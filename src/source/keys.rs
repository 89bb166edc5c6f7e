//! Rows with the same key: the same row twice, or two rows that contradict each other.
//!
//! Rows are brought together by sorting the hashes of their keys and then compared cell by cell, so the
//! result depends on the rows and their order alone.

use polars::prelude::{PolarsResult, Series};
use rayon::prelude::*;

use super::contract::Contract;
use super::rows::Rows;

/// What rows with the same key turned out to be; indexes among the data rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SameKeys {
    /// Later rows that are the same as an earlier one, with that one; in the order of the file.
    pub(crate) duplicates: Vec<(usize, usize)>,
    /// Rows with one key and different content, in the order of the file.
    pub(crate) conflicts: Vec<Vec<usize>>,
}

/// Finds rows with the same key.
///
/// A bad row whose key can be read takes part: a good row beside it is no longer certain.
pub(crate) fn same_keys(contract: &Contract, rows: &Rows) -> PolarsResult<SameKeys> {
    let is_bad = |index: usize| rows.bad.binary_search_by_key(&index, |bad| bad.index).ok();
    let mut order: Vec<(u64, u32)> = rows.key_hashes.iter().zip(0_u32..).map(|(hash, index)| (*hash, index)).collect();
    order.par_sort_unstable();
    let mut found = SameKeys::default();
    let mut at = 0;
    while at < order.len() {
        let hash = order[at].0;
        let end = at + order[at..].iter().take_while(|(other, _)| *other == hash).count();
        if end - at > 1 {
            let mut group: Vec<usize> =
                order[at..end].iter().filter_map(|(_, index)| usize::try_from(*index).ok()).collect();
            group.retain(|index| {
                let faults = is_bad(*index).and_then(|at| rows.bad.get(at)).map_or(&[][..], |bad| &bad.faults);
                !faults.iter().any(|fault| fault.column.is_some_and(|column| contract.key.contains(&column)))
            });
            settle(contract, rows, group, &|index| is_bad(index).is_some(), &mut found)?;
        }
        at = end;
    }
    found.duplicates.sort_unstable();
    found.conflicts.sort_unstable();
    Ok(found)
}

/// Settles rows whose keys have one hash.
fn settle(
    contract: &Contract,
    rows: &Rows,
    mut group: Vec<usize>,
    is_bad: &dyn Fn(usize) -> bool,
    found: &mut SameKeys,
) -> PolarsResult<()> {
    let keys: Vec<&Series> = contract.key.iter().filter_map(|index| rows.columns.get(*index)).collect();
    let all: Vec<&Series> = rows.columns.iter().collect();
    while let Some(first) = group.first().copied() {
        let (mut same, mut others) = (Vec::new(), Vec::new());
        for index in group {
            if equal(&keys, first, index)? { same.push(index) } else { others.push(index) }
        }
        group = others;
        let bad = same.iter().filter(|index| is_bad(**index)).count();
        if same.len() < 2 || bad == same.len() {
            continue;
        }
        let mut agree = bad == 0;
        for index in &same {
            agree = agree && equal(&all, first, *index)?;
        }
        if agree {
            found.duplicates.extend(same.iter().skip(1).map(|index| (*index, first)));
        } else {
            found.conflicts.push(same);
        }
    }
    Ok(())
}

fn equal(columns: &[&Series], a: usize, b: usize) -> PolarsResult<bool> {
    if a == b {
        return Ok(true);
    }
    for column in columns {
        if !column.get(a)?.eq_missing(&column.get(b)?, true) {
            return Ok(false);
        }
    }
    Ok(true)
}
