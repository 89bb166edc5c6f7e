//! What the next row of a ladder needs and is worth, as a slip says it: computed by the run, written here.

use serde_json::{Value, json};

use super::Context;
use super::amount;
use super::cells::minus;
use super::trace::unit_words;
use crate::money::{Exact, show};
use crate::run::outcome::{NextRow, Person};

/// The next rows of a person, in the order of the lines they pay.
pub(super) fn next_rows(cx: Context<'_>, person: &Person) -> Vec<Value> {
    let own = (person.store_id.as_str(), person.employee_id.as_str());
    // They lie by store and employee.
    let rows = cx.outcome.next_rows.as_slice();
    let from = rows.partition_point(|row| whose(row) < own);
    let rows = rows.get(from..).unwrap_or_default().iter().take_while(|row| whose(row) == own);
    rows.map(|row| {
        let unit = unit_words(cx, &row.unit);
        let more = if row.unit == "yuan" { show::amount(&row.more) } else { show::number(&row.more, 2) };
        json!({
            "figure": row.figure,
            "more": minus(if unit.is_empty() { more } else { format!("{more} {unit}") }),
            "ladder": row.ladder,
            "words": row.words,
            "gain": format!("+{}", amount(&Exact::from_decimal(row.gain))),
            "jump": format!("+{}", amount(&Exact::from_decimal(row.jump))),
        })
    })
    .collect()
}

fn whose(row: &NextRow) -> (&str, &str) {
    (&row.store_id, &row.employee_id)
}
