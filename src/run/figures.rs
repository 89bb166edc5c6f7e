//! Figures of stores, month by month: what published frames say of a store in one row, left behind by every run and read
//! again from the published runs of earlier months. A report shows twelve months beside those of the year before without
//! computing them anew, and shows them as they were published.
//!
//! Only figures that decimals hold are kept, as they are: a quotient is made from its two sums where it is shown, for
//! the months of both alike.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use polars::frame::DataFrame;
use rust_decimal::Decimal;

use super::before::Results;
use super::cells::cell;
use super::outcome::{InputFile, Outcome};
use super::tables::{GROUP, TableError, cell as safe, table};
use crate::diag::Code;
use crate::diag::data::{Exception, ExceptionSeverity};
use crate::diag::text::text;
use crate::expr::types::{Kind, Schema};
use crate::money::Exact;
use crate::world::hash::sha256;
use crate::world::period::Period;
use crate::world::{Result, World};

/// Figures of stores that an earlier run left behind and that cannot be read.
pub const FIGURES_UNREADABLE: Code = Code::exception(
    "figures-unreadable",
    "the figures of stores that a published run of an earlier month left behind cannot be read",
);

/// The table of figures, in the group's folder.
pub const FIGURES: &str = "figures.csv";
/// Months before the period that are looked for: with the period's own they are two years, so that each month of the
/// later one has that of the earlier beside it.
const EARLIER_MONTHS: usize = 23;
const HEADER: [&str; 7] = ["period", "store_id", "frame", "column", "label", "unit", "value"];
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Figures by frame and column, store and month.
pub type Figures = BTreeMap<(String, String), BTreeMap<(String, Period), Decimal>>;

/// What earlier months left behind.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// Their figures.
    pub figures: Figures,
    /// The files they stand in.
    pub inputs: Vec<InputFile>,
    /// What could not be read.
    pub exceptions: Vec<Exception>,
}

/// The figures of an outcome: those of the period, and of the month before as far as it was computed with it.
pub fn of(outcome: &Outcome) -> Figures {
    let mut figures = Figures::new();
    for (name, published) in &outcome.published {
        let months = [(outcome.period, Some(&published.frame)), (outcome.period.previous(), published.before.as_ref())];
        for (month, frame) in months {
            for (store_id, column, value) in frame.into_iter().flat_map(|frame| of_frame(frame, &published.schema)) {
                figures.entry((name.clone(), column)).or_default().insert((store_id, month), value);
            }
        }
    }
    figures
}

/// Store, column and value of a frame of stores: it has one row for each, and no other text tells its rows apart.
fn of_frame(frame: &DataFrame, schema: &Schema) -> Vec<(String, String, Decimal)> {
    let stores = frame.column("store_id").ok().and_then(|column| column.str().ok());
    let texts = schema.fields.iter().filter(|field| field.ty.kind == Kind::Text).count();
    let Some(stores) = stores.filter(|_| texts == 1) else { return Vec::new() };
    let each: BTreeSet<&str> = stores.iter().flatten().collect();
    if each.len() < frame.height() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let numbers = schema.fields.iter().filter(|field| matches!(field.ty.kind, Kind::Int | Kind::Decimal { .. }));
    for field in numbers {
        for (row, store) in (0_u32..).zip(stores.iter()) {
            let value = cell(frame, row, &field.name, field.ty.kind).number().and_then(Exact::to_decimal);
            if let (Some(store), Some(value)) = (store, value) {
                found.push((store.to_owned(), field.name.to_string(), value.normalize()));
            }
        }
    }
    found
}

/// The table of the period's figures.
///
/// # Errors
/// Where it cannot be put into bytes.
pub(super) fn written(outcome: &Outcome) -> std::result::Result<Vec<u8>, TableError> {
    let period = outcome.period;
    let figures = of(outcome);
    let rows = figures.iter().flat_map(|((frame, column), values)| {
        let field = outcome.published.get(frame).and_then(|published| published.schema.get(column));
        let label = field.map(|field| field.label.to_string()).unwrap_or_default();
        let unit = field.map(|field| field.ty.unit.to_string()).unwrap_or_default();
        let own = values.iter().filter(move |((_, month), _)| *month == period);
        own.map(move |((store_id, month), value)| {
            let texts = [store_id, frame, column, &label, &unit].map(|text| safe(text));
            let [store, frame, column, label, unit] = texts;
            [month.to_string(), store, frame, column, label, unit, value.to_string()]
        })
    });
    table(HEADER, rows)
}

/// The figures of earlier months, from their published runs; a month that is not published, or was before there were
/// such figures, has none.
///
/// # Errors
/// When the environment fails.
pub(super) fn earlier(results: &Results<'_>, world: &dyn World, period: Period) -> Result<Earlier> {
    let mut earlier = Earlier::default();
    let Some(out) = results.out else { return Ok(earlier) };
    let mut month = period;
    for _ in 0..EARLIER_MONTHS {
        month = month.previous();
        let Some(run) = results.run_of(month, world)? else { continue };
        let path = run.join(GROUP).join(FIGURES);
        if !world.exists(&out.join(&path)) {
            continue;
        }
        let bytes = world.read(&out.join(&path))?;
        let file = shown(&path);
        match parse(&bytes, month) {
            Ok(rows) => {
                earlier.inputs.push(InputFile {
                    file,
                    dataset: String::new(),
                    sha256: sha256(&bytes),
                    rows: rows.len() + 1,
                });
                for (place, store, value) in rows {
                    earlier.figures.entry(place).or_default().insert((store, month), value);
                }
            }
            Err(row) => earlier.exceptions.push(Exception {
                severity: ExceptionSeverity::Warning,
                code: FIGURES_UNREADABLE,
                store_id: None,
                employee_id: None,
                who: file,
                cause: text!("row {row} is none of figures of stores", row),
                remedy: text!("publish the month again, with this program: until then reports show it as absent"),
                stake: None,
                accepted: None,
                place: None,
            }),
        }
    }
    Ok(earlier)
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// A figure as the table holds it: frame and column, store, value.
type Row = ((String, String), String, Decimal);

/// The rows of a table; the number of the first that is none.
fn parse(bytes: &[u8], month: Period) -> std::result::Result<Vec<Row>, usize> {
    let text = std::str::from_utf8(bytes).map_err(|_| 1_usize)?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for (at, record) in reader.records().enumerate() {
        let record = record.map_err(|_| at + 1)?;
        let cells: Vec<&str> = record.iter().collect();
        let [period, store, frame, column, _, _, value] = cells[..] else { return Err(at + 1) };
        if at == 0 {
            if cells != HEADER {
                return Err(1);
            }
            continue;
        }
        let value = value.parse::<Decimal>().ok().filter(|_| period == month.to_string()).ok_or(at + 1)?;
        // A text that a spreadsheet would execute was written behind a mark.
        let plain = |text: &str| text.strip_prefix('\'').unwrap_or(text).to_owned();
        rows.push(((plain(frame), plain(column)), plain(store), value));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::types::{Field, Type};
    use crate::expr::unit::Unit;
    use crate::run::outcome::Published;
    use crate::run::sample::outcome;
    use crate::world::Memory;
    use polars::df;

    fn month(text: &str) -> Period {
        Period::parse(text).unwrap()
    }

    fn sales(cars: &[i64], stores: &[&str]) -> DataFrame {
        df!("store_id" => stores, "cars" => cars).unwrap()
    }

    fn with(now: DataFrame, before: Option<DataFrame>) -> Outcome {
        let fields = [("store_id", Type::text()), ("cars", Type::new(Kind::Int, Unit::base("cars")))];
        let field = |(name, ty): (&str, Type)| Field { name: name.into(), ty, label: "台次".into() };
        let schema = Schema { fields: fields.into_iter().map(field).collect() };
        let mut outcome = outcome();
        outcome.published.insert("group.sales".to_owned(), Published { schema, frame: now, before });
        outcome
    }

    #[test]
    fn what_a_run_leaves_behind_a_later_one_reads() {
        let outcome = with(sales(&[7, -1], &["S01", "S02"]), Some(sales(&[5], &["S01"])));
        let bytes = written(&outcome).unwrap();
        let rows = parse(&bytes, month("2026-10")).unwrap();
        let place = ("group.sales".to_owned(), "cars".to_owned());
        assert_eq!(rows, [(place.clone(), "S01".to_owned(), 7.into()), (place, "S02".to_owned(), (-1).into())]);
        assert_eq!(of(&outcome).values().map(BTreeMap::len).sum::<usize>(), 3, "the month before counts too");
        assert_eq!(parse(&bytes, month("2026-09")), Err(2), "figures of another month");
    }

    #[test]
    fn a_frame_with_two_rows_of_a_store_has_no_figures_of_stores() {
        assert!(of(&with(sales(&[7, 8], &["S01", "S01"]), None)).is_empty());
    }

    #[test]
    fn months_come_from_their_published_runs_and_a_broken_table_is_said() {
        let outcome = with(sales(&[7], &["S01"]), None);
        let world = Memory::new();
        let out = Path::new("out");
        let run = |month: &str, bytes: &[u8]| {
            let folder = out.join(month);
            world.put(folder.join("runs/r/group/figures.csv"), bytes);
            world.point(&folder.join("current"), Path::new("runs/r")).unwrap();
        };
        run("2026-10", &written(&outcome).unwrap());
        run("2026-08", b"period\r\n");
        let results = Results { out: Some(out), carries_from: None };
        let found = earlier(&results, &world, month("2026-11")).unwrap();
        assert_eq!(
            found.inputs.iter().map(|input| input.file.as_str()).collect::<Vec<_>>(),
            ["2026-10/runs/r/group/figures.csv"]
        );
        assert_eq!(found.figures.len(), 1);
        assert_eq!(found.exceptions.iter().map(|one| one.code).collect::<Vec<_>>(), [FIGURES_UNREADABLE]);
        assert!(earlier(&Results { out: None, ..results }, &world, month("2026-11")).unwrap().figures.is_empty());
    }
}
