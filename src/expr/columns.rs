//! The physical side of types: which polars column holds which kind, and columns from plain numbers.

use jiff::civil::Date;
use polars::prelude::{
    AnyValue, BooleanChunked, Column, DataType, Int64Chunked, Int128Chunked, IntoColumn, IntoSeries, NewChunkedArray,
    PlSmallStr, PolarsResult, Scalar, polars_err,
};

use super::clock;
use super::types::Kind;
use crate::money::exact::Exact;

/// Digits of every decimal column; its kind knows the tighter bound.
pub(super) const PRECISION: usize = 38;

/// The polars type of a kind.
pub(super) fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Bool => DataType::Boolean,
        Kind::Text | Kind::Exact => DataType::String,
        Kind::Date => DataType::Date,
        Kind::DateTime => clock::data_type(),
        Kind::Int => DataType::Int64,
        Kind::Decimal { scale, .. } => DataType::Decimal(PRECISION, usize::from(scale)),
    }
}

/// Days since 1970-01-01, as date columns count.
pub(super) fn epoch_days(date: Date) -> i32 {
    date.since(Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days())
}

/// One number of a kind, for all rows.
pub(super) fn number_scalar(value: &Exact, kind: Kind) -> PolarsResult<Scalar> {
    let unscaled = |scale| {
        value
            .to_unscaled(scale)
            .ok_or_else(|| polars_err!(ComputeError: "{} does not fit {kind}", value.to_canonical()))
    };
    match kind {
        Kind::Int => {
            let whole =
                i64::try_from(unscaled(0)?).map_err(|_| polars_err!(ComputeError: "a number does not fit int"))?;
            Ok(Scalar::from(whole))
        }
        Kind::Decimal { scale, .. } => Ok(decimal_scalar(unscaled(scale)?, scale)),
        _ => Ok(Scalar::from(PlSmallStr::from(value.to_canonical()))),
    }
}

/// One decimal, for all rows.
pub(super) fn decimal_scalar(unscaled: i128, scale: u8) -> Scalar {
    let scale = usize::from(scale);
    Scalar::new(DataType::Decimal(PRECISION, scale), AnyValue::Decimal(unscaled, PRECISION, scale))
}

/// A column of a kind from unscaled numbers (dates count as days, moments as microseconds), at the kind's own scale.
pub(super) fn from_unscaled(values: Vec<Option<i128>>, kind: Kind) -> PolarsResult<Column> {
    let too_large = || polars_err!(ComputeError: "a number does not fit {kind}");
    match kind {
        Kind::Int => {
            let whole = |value: Option<i128>| value.map(i64::try_from).transpose().map_err(|_| too_large());
            let values: Vec<Option<i64>> = values.into_iter().map(whole).collect::<PolarsResult<_>>()?;
            Ok(Int64Chunked::from_slice_options(PlSmallStr::EMPTY, &values).into_column())
        }
        Kind::Date => {
            let day = |value: Option<i128>| value.map(i32::try_from).transpose().map_err(|_| too_large());
            let values: Vec<Option<i32>> = values.into_iter().map(day).collect::<PolarsResult<_>>()?;
            let days = polars::prelude::Int32Chunked::from_slice_options(PlSmallStr::EMPTY, &values);
            Ok(days.into_date().into_column())
        }
        Kind::DateTime => {
            let moment = |value: Option<i128>| value.map(i64::try_from).transpose().map_err(|_| too_large());
            let values: Vec<Option<i64>> = values.into_iter().map(moment).collect::<PolarsResult<_>>()?;
            let moments = Int64Chunked::from_slice_options(PlSmallStr::EMPTY, &values);
            Ok(moments.into_datetime(clock::UNIT, None).into_column())
        }
        Kind::Decimal { scale, .. } => {
            decimals(Int128Chunked::from_slice_options(PlSmallStr::EMPTY, &values), scale, kind)
        }
        _ => Err(too_large()),
    }
}

/// A column of a kind from unscaled numbers of which none is absent.
pub(super) fn from_present(values: Vec<i128>, kind: Kind) -> PolarsResult<Column> {
    match kind {
        Kind::Decimal { scale, .. } => decimals(Int128Chunked::from_vec(PlSmallStr::EMPTY, values), scale, kind),
        _ => from_unscaled(values.into_iter().map(Some).collect(), kind),
    }
}

/// A column of counts.
pub(super) fn from_counts(counts: Vec<i64>) -> Column {
    Int64Chunked::from_vec(PlSmallStr::EMPTY, counts).into_column()
}

fn decimals(values: Int128Chunked, scale: u8, kind: Kind) -> PolarsResult<Column> {
    let too_large = || polars_err!(ComputeError: "a number does not fit {kind}");
    let limit = 10_i128.checked_pow(38).ok_or_else(too_large)?;
    if values.iter().flatten().any(|value| value.unsigned_abs() >= limit.unsigned_abs()) {
        return Err(too_large());
    }
    Ok(values.into_decimal(PRECISION, usize::from(scale))?.into_series().into())
}

/// Unscaled numbers of a column of ints, decimals, dates or moments, one after the other.
pub(super) fn unscaled(column: &Column) -> PolarsResult<Box<dyn Iterator<Item = Option<i128>> + '_>> {
    let series = column.as_materialized_series();
    Ok(match series.dtype() {
        DataType::Int64 => Box::new(series.i64()?.iter().map(|value| value.map(i128::from))),
        DataType::Date => Box::new(series.date()?.physical().iter().map(|value| value.map(i128::from))),
        DataType::Datetime(..) => Box::new(series.datetime()?.physical().iter().map(|value| value.map(i128::from))),
        DataType::Decimal(..) => Box::new(series.decimal()?.physical().iter()),
        other => return Err(polars_err!(ComputeError: "a column of type {other} holds no plain numbers")),
    })
}

/// Unscaled numbers of a column of ints, decimals, dates or moments.
pub(super) fn to_unscaled(column: &Column) -> PolarsResult<Vec<Option<i128>>> {
    Ok(unscaled(column)?.collect())
}

/// Canonical text of exact numbers to a column of the kind that holds them.
pub(super) fn from_canonical(column: &Column, kind: Kind) -> PolarsResult<Column> {
    let Some(scale) = (match kind {
        Kind::Int => Some(0),
        Kind::Decimal { scale, .. } => Some(scale),
        _ => None,
    }) else {
        return Ok(column.clone());
    };
    let misfit = |text: &str| polars_err!(ComputeError: "{text} does not fit {kind}");
    let number = |text: Option<&str>| {
        let Some(text) = text else { return Ok(None) };
        let exact = Exact::parse_canonical(text).and_then(|exact| exact.to_unscaled(scale));
        exact.map(Some).ok_or_else(|| misfit(text))
    };
    let series = column.as_materialized_series();
    let values: Vec<Option<i128>> = series.str()?.iter().map(number).collect::<PolarsResult<_>>()?;
    from_unscaled(values, kind)
}

/// The column with null in the given rows.
pub(super) fn without(column: &Column, rows: &[usize]) -> PolarsResult<Column> {
    if rows.is_empty() {
        return Ok(column.clone());
    }
    let mut keep = vec![true; column.len()];
    for row in rows {
        if let Some(flag) = keep.get_mut(*row) {
            *flag = false;
        }
    }
    let keep = BooleanChunked::from_slice(PlSmallStr::EMPTY, &keep);
    let nulls = Column::full_null(column.name().clone(), column.len(), column.dtype());
    column.zip_with(&keep, &nulls)
}
