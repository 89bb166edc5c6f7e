//! Figures of a table that must come to what the outcome says: one that does not fails the document, and the run
//! stays a draft.

use std::collections::{BTreeMap, BTreeSet};

use super::super::spec::{Balance, TableSpec};
use super::cells::Cell;
use super::table::Only;
use super::{Context, amount, pay};
use crate::money::Exact;

/// Holds the columns that balance against the pay lines, or the net pay, of each store.
pub(super) fn check(
    cx: Context<'_>,
    only: &Only<'_>,
    table: &TableSpec,
    columns: &BTreeMap<String, Vec<Option<Cell>>>,
) -> Result<(), String> {
    for (column, balance) in table.columns.iter().filter_map(|column| Some((column, column.balances?))) {
        let (Some(values), Some(owners)) = (columns.get(&column.column), columns.get("store_id")) else {
            return Err(format!("`{}` balances by store, and the table has no key `store_id`", column.column));
        };
        let mut sums: BTreeMap<&str, Exact> = BTreeMap::new();
        for (owner, value) in owners.iter().zip(values) {
            let (Some(Cell::Text(store)), Some(Cell::Number(value))) = (owner, value) else { continue };
            let sum = sums.entry(store).or_insert_with(Exact::zero);
            *sum = sum.add(value);
        }
        let all = cx.outcome.stores.iter().map(|store| store.store_id.as_str());
        let wanted = |store: &&str| only.store_id.is_none_or(|only| only == *store);
        let stores: BTreeSet<&str> = all.chain(sums.keys().copied()).filter(wanted).collect();
        for store in stores {
            let said = sums.remove(store).unwrap_or_else(Exact::zero);
            let own = cx.index.store(store);
            let (lines, what) = match balance {
                Balance::Pay => (&own.lines, "the pay lines of the store come"),
                Balance::Net => (&own.net, "the net pay of the store comes"),
            };
            let paid = pay::sum(lines.iter().copied());
            if said != paid {
                let (said, paid) = (amount(&said), amount(&paid));
                let column = &column.column;
                return Err(format!("`{column}` of {store} is {said}, but {what} to {paid}"));
            }
        }
    }
    Ok(())
}
