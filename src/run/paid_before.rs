//! What people were paid in the month before, line by line, as its published run says: a slip shows it beside this
//! month's. What people have seen stands, and nothing is computed anew; a month that was not published is absent.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::before::{RUN_BEFORE_UNREADABLE, Results};
use super::outcome::InputFile;
use super::tables::{NET_PAY, PAY_LINES, store_folder};
use crate::diag::data::{Exception, ExceptionSeverity, Store};
use crate::diag::text::text;
use crate::world::hash::sha256;
use crate::world::period::Period;
use crate::world::{Result, World};

const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Lines of the month before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaidBefore {
    /// Pay lines by store and employee.
    pub pay: Paid,
    /// Lines of net pay by store and employee.
    pub net: Paid,
}

/// Lines by store and employee, in the order of their table.
pub type Paid = BTreeMap<(String, String), Vec<LineBefore>>;

/// A line of the month before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineBefore {
    /// Line code.
    pub line: String,
    /// Clause id.
    pub clause: String,
    /// Label on the slip.
    pub label: String,
    /// Yuan.
    pub amount: Decimal,
}

/// What was found of the month before.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) paid: PaidBefore,
    pub(super) inputs: Vec<InputFile>,
    pub(super) exceptions: Vec<Exception>,
}

/// Reads the lines of the month before.
///
/// # Errors
/// When the environment fails.
pub(super) fn read(results: &Results<'_>, world: &dyn World, stores: &[Store], period: Period) -> Result<Found> {
    let mut found = Found::default();
    let (Some(out), Some(run)) = (results.out, results.run_of(period.previous(), world)?) else { return Ok(found) };
    for store in stores {
        for (table, into) in [(PAY_LINES, &mut found.paid.pay), (NET_PAY, &mut found.paid.net)] {
            let path = run.join(store_folder(&store.store_id)).join(table);
            if !world.exists(&out.join(&path)) {
                continue;
            }
            let bytes = world.read(&out.join(&path))?;
            let file = path.to_string_lossy().replace('\\', "/");
            match parse(&bytes) {
                Ok(lines) => {
                    let sha256 = sha256(&bytes);
                    found.inputs.push(InputFile { file, dataset: String::new(), sha256, rows: lines.len() + 1 });
                    for (whom, line) in lines {
                        into.entry(whom).or_default().push(line);
                    }
                }
                Err(row) => found.exceptions.push(Exception {
                    severity: ExceptionSeverity::Warning,
                    code: RUN_BEFORE_UNREADABLE,
                    store_id: Some(store.store_id.clone()),
                    employee_id: None,
                    who: file,
                    cause: text!("row {row} is no line of pay", row),
                    remedy: text!("publish the month before again, with this program"),
                    stake: None,
                    accepted: None,
                    place: None,
                }),
            }
        }
    }
    Ok(found)
}

/// Whose a line is, and the line.
type Row = ((String, String), LineBefore);

/// The rows of a table; the number of the first that is none.
fn parse(bytes: &[u8]) -> std::result::Result<Vec<Row>, usize> {
    let text = std::str::from_utf8(bytes).map_err(|_| 1_usize)?;
    let mut reader = csv::Reader::from_reader(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).as_bytes());
    let header = reader.headers().map_err(|_| 1_usize)?.clone();
    let place = |name: &str| header.iter().position(|known| known == name).ok_or(1_usize);
    let [store, employee, line] = [place("store_id")?, place("employee_id")?, place("line")?];
    let [clause, label, amount] = [place("clause")?, place("label")?, place("amount")?];
    let mut rows = Vec::new();
    for (at, record) in reader.records().enumerate() {
        let row = at + 2;
        let record = record.map_err(|_| row)?;
        let cell = |place: usize| record.get(place).map(str::to_owned).ok_or(row);
        let amount = record.get(amount).and_then(|amount| amount.parse().ok()).ok_or(row)?;
        let line = LineBefore { line: cell(line)?, clause: cell(clause)?, label: cell(label)?, amount };
        rows.push(((cell(store)?, cell(employee)?), line));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_by_their_heads_and_a_bad_one_is_named() {
        let head = "\u{FEFF}period,store_id,employee_id,name,line,clause,label,part,amount,estimated\r\n";
        let rows =
            parse(format!("{head}2026-09,S01,A1,张伟,wage,D7-3,档案工资,added,2600.00,\r\n").as_bytes()).unwrap();
        assert_eq!(rows[0].0, ("S01".to_owned(), "A1".to_owned()));
        assert_eq!((rows[0].1.line.as_str(), rows[0].1.amount), ("wage", Decimal::new(260_000, 2)));
        assert_eq!(parse(format!("{head}2026-09,S01,A1,张伟,wage,D7-3,档案工资,added,much,\r\n").as_bytes()), Err(2));
        assert_eq!(parse(b"period,store_id\r\n"), Err(1));
    }
}
