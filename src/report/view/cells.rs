//! Cells of published frames, and how they are written.

use jiff::Span;
use jiff::civil::{Date, date};
use polars::frame::DataFrame;
use polars::prelude::AnyValue;

use super::super::spec::Format;
use crate::expr::clock;
use crate::expr::types::{Kind, Type};
use crate::expr::unit::Unit;
use crate::money::{Exact, Rounding, show};

/// What a cell prints where there is nothing: no row in that month, or no value.
pub(super) const NOTHING: &str = "—";

/// A value of a frame.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    /// A number, whatever its kind.
    Number(Exact),
    /// Text; dates and yes or no are text by the time they are printed.
    Text(String),
}

impl Cell {
    /// The number, where it is one.
    pub(super) fn number(&self) -> Option<&Exact> {
        match self {
            Self::Number(number) => Some(number),
            Self::Text(_) => None,
        }
    }
}

/// Cells of a column in some rows; a null is `None`. The error names what the frame and its schema disagree on.
pub(super) fn column(frame: &DataFrame, name: &str, ty: &Type, rows: &[usize]) -> Result<Vec<Option<Cell>>, String> {
    let column = frame.column(name).map_err(|error| error.to_string())?;
    rows.iter()
        .map(|&row| match column.get(row) {
            Ok(value) => cell(&value, ty.kind).map_err(|what| format!("column `{name}`, row {}: {what}", row + 1)),
            Err(error) => Err(error.to_string()),
        })
        .collect()
}

fn cell(value: &AnyValue<'_>, kind: Kind) -> Result<Option<Cell>, String> {
    let text = match value {
        AnyValue::Null => return Ok(None),
        AnyValue::String(text) => (*text).to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        AnyValue::Boolean(yes) => if *yes { "是" } else { "否" }.to_owned(),
        AnyValue::Date(days) => civil(*days).map(|day| day.to_string()).ok_or("a date out of range")?,
        AnyValue::Datetime(micros, ..) | AnyValue::DatetimeOwned(micros, ..) => {
            clock::moment(*micros).map(clock::show).ok_or("a moment out of range")?
        }
        AnyValue::Decimal(unscaled, _, scale) => {
            let scale = u8::try_from(*scale).map_err(|_| "a scale out of range")?;
            return Ok(Some(Cell::Number(Exact::from_decimal_parts(*unscaled, scale))));
        }
        AnyValue::Int64(whole) => return Ok(Some(Cell::Number(Exact::from_i128(i128::from(*whole))))),
        AnyValue::Int32(whole) => return Ok(Some(Cell::Number(Exact::from_i128(i128::from(*whole))))),
        AnyValue::UInt32(whole) => return Ok(Some(Cell::Number(Exact::from_i128(i128::from(*whole))))),
        other => return Err(format!("a value of type {} cannot be printed", other.dtype())),
    };
    if kind == Kind::Exact {
        let number = Exact::parse_canonical(&text).ok_or_else(|| format!("`{text}` is no fraction"))?;
        return Ok(Some(Cell::Number(number)));
    }
    Ok(Some(Cell::Text(text)))
}

fn civil(days: i32) -> Option<Date> {
    date(1970, 1, 1).checked_add(Span::new().try_days(days).ok()?).ok()
}

/// How values of a type are written where a report does not say.
pub(super) fn format_of(ty: &Type) -> Format {
    match ty.kind {
        Kind::Int | Kind::Decimal { scale: 0, .. } => Format::Count,
        Kind::Decimal { .. } | Kind::Exact if ty.unit == Unit::base("yuan") => Format::Money,
        Kind::Decimal { .. } | Kind::Exact if ty.unit.is_ratio() => Format::Percent,
        Kind::Decimal { .. } | Kind::Exact => Format::Decimal,
        Kind::Bool | Kind::Text | Kind::Date | Kind::DateTime => Format::Text,
    }
}

/// A cell as it is printed.
pub(super) fn written(cell: Option<&Cell>, format: Format) -> String {
    match cell {
        None => NOTHING.to_owned(),
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Number(number)) => written_number(number, format),
    }
}

/// A number as it is printed, rounded half-up to the places of its format.
pub(super) fn written_number(number: &Exact, format: Format) -> String {
    minus(match format {
        Format::Money => show::amount(number),
        Format::TenThousands => ten_thousands(number),
        Format::Count => show::fixed(number, if number.is_whole() { 0 } else { 2 }),
        Format::Decimal => show::fixed(number, 2),
        Format::Percent => percent(number),
        Format::Text | Format::Store => show::number(number, 6),
        Format::Fine => fine(number),
    })
}

/// A share in percent with two places. Where that would read as a whole percent that the share is not (100.00% of
/// 154,999.99 ÷ 155,000.00), it stands with the places that show the difference, up to six, or behind a `≈`: who
/// misses a bound by a fen must not seem to have reached it.
fn percent(number: &Exact) -> String {
    let written = show::percent(number, 2);
    let bound = number.mul(&Exact::from(100)).round(2, Rounding::HalfUp);
    if !bound.is_whole() || bound == number.mul(&Exact::from(100)) {
        return written;
    }
    let closer = (3..=6).map(|places| show::percent(number, places)).find(|text| !is_whole(text));
    closer.unwrap_or_else(|| format!("≈{written}"))
}

/// Whether a percentage has nothing but zeros behind its point.
fn is_whole(text: &str) -> bool {
    text.trim_end_matches('%').split_once('.').is_none_or(|(_, places)| places.bytes().all(|digit| digit == b'0'))
}

/// In ten thousands, with one place.
fn ten_thousands(number: &Exact) -> String {
    number.div(&Exact::from(10_000)).map_or_else(|| NOTHING.to_owned(), |number| show::fixed(&number, 1))
}

/// At least two places and at most six, behind a `≈` where there are more.
fn fine(number: &Exact) -> String {
    let ends = |places: &u8| number.round(*places, Rounding::Down) == *number;
    (2..=6).find(ends).map_or_else(|| show::number(number, 6), |places| show::fixed(number, places))
}

/// A leading hyphen as a minus sign, which is as wide as a digit.
pub(super) fn minus(text: String) -> String {
    match (text.strip_prefix('-'), text.strip_prefix("≈-")) {
        (Some(rest), _) => format!("−{rest}"),
        (_, Some(rest)) => format!("≈−{rest}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::df;

    #[test]
    fn reads_every_physical_type() {
        let frame = df!("n" => [Some(-3_i64), None], "e" => ["7803/8", "-2"], "t" => ["a", "b"]).unwrap();
        let int = Type::new(Kind::Int, Unit::base("cars"));
        let exact = Type::new(Kind::Exact, Unit::ratio());
        assert_eq!(column(&frame, "n", &int, &[0, 1]).unwrap(), [Some(Cell::Number(Exact::from_i128(-3))), None]);
        let numbers = column(&frame, "e", &exact, &[0, 1]).unwrap();
        assert_eq!(written(numbers[0].as_ref(), Format::Decimal), "975.38");
        assert_eq!(written(numbers[1].as_ref(), Format::Money), "−2.00");
        assert_eq!(column(&frame, "t", &Type::text(), &[1]).unwrap()[0], Some(Cell::Text("b".to_owned())));
        assert!(column(&frame, "t", &exact, &[0]).is_err());
        assert!(column(&frame, "absent", &exact, &[0]).is_err());
    }

    #[test]
    fn nothing_is_a_dash_and_never_a_zero() {
        assert_eq!(written(None, Format::Money), "—");
        assert_eq!(written_number(&Exact::zero(), Format::Money), "0.00");
    }

    #[test]
    fn a_percentage_never_reads_as_a_bound_that_was_missed() {
        let percent = |over: &str, under: &str| {
            let exact = |text: &str| Exact::parse_human(text).unwrap();
            written_number(&exact(over).div(&exact(under)).unwrap(), Format::Percent)
        };
        assert_eq!(percent("154999.99", "155000"), "99.99999%");
        assert_eq!(percent("155000.01", "155000"), "100.00001%");
        assert_eq!(percent("155000", "155000"), "100.00%");
        assert_eq!(percent("1549999999.99", "1550000000"), "≈100.00%");
        assert_eq!(percent("1", "100000"), "0.001%");
        assert_eq!(percent("0", "100000"), "0.00%");
        assert_eq!(percent("-1", "3"), "−33.33%");
        assert_eq!(percent("149.999", "10000"), "1.50%");
        assert_eq!(percent("2999.999", "100000"), "2.999999%");
    }

    #[test]
    fn formats_follow_type_and_unit() {
        let yuan = Unit::base("yuan");
        assert_eq!(format_of(&Type::new(Kind::Decimal { digits: 12, scale: 2 }, yuan.clone())), Format::Money);
        let counts = Kind::Decimal { digits: 27, scale: 0 };
        assert_eq!(format_of(&Type::new(counts, Unit::base("cars"))), Format::Count);
        assert_eq!(format_of(&Type::new(Kind::Exact, yuan.over(&yuan))), Format::Percent);
        assert_eq!(format_of(&Type::new(Kind::Exact, Unit::base("points"))), Format::Decimal);
        assert_eq!(format_of(&Type::new(Kind::Int, yuan)), Format::Count);
        assert_eq!(format_of(&Type::date()), Format::Text);
    }

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(civil(0), Some(date(1970, 1, 1)));
        assert_eq!(civil(20_757), Some(date(2026, 10, 31)));
        assert_eq!(civil(i32::MAX), None);
    }
}
