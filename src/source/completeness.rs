//! Whether a file is the one that was meant: the right month, not a copy, not cut short.

use crate::diag::data::ExceptionSeverity::{self, Blocking, Fatal, Warning};
use crate::diag::nearest;
use crate::diag::text::{Text, text};
use crate::world::period::Period;

use super::codes::{FEW_ROWS, HEADER_DRIFT, NO_ROWS, SAME_AS_LAST_MONTH, WRONG_MONTH};
use super::contract::Contract;
use super::header::{near_header, normal};
use super::read::PeriodSummary;
use super::rows::Rows;
use super::trouble::FileTrouble;

/// A period as months since the year 0, the way columns count them.
pub(crate) fn month_number(period: Period) -> i32 {
    i32::from(period.year()) * 12 + i32::from(period.month()) - 1
}

/// Everything about the file as a whole that a person must know of; `rows` are its rows of data.
pub(crate) fn check(
    contract: &Contract,
    read: &Rows,
    rows: usize,
    summary: &PeriodSummary,
    earlier: &[PeriodSummary],
) -> Vec<(ExceptionSeverity, FileTrouble)> {
    let before = summary.period.previous();
    let last = earlier.iter().find(|month| month.period == before);
    let mut found = Vec::new();
    let repeated = last.is_some_and(|last| last.sha256 == summary.sha256) && !contract.may_repeat;
    if repeated && contract.path.is_monthly() {
        let severity = if contract.in_period.is_some() {
            Fatal
        } else if contract.pay {
            Blocking
        } else {
            Warning
        };
        let remedy =
            text!("export the month again; a file that is right as it stands needs `may_repeat: true` in the contract");
        let cause = text!("the file is byte for byte that of {before}", before = before.to_string());
        found.push((severity, FileTrouble::new(SAME_AS_LAST_MONTH, cause, remedy)));
    } else if let Some(trouble) = wrong_month(read, summary.period) {
        found.push((Fatal, trouble));
    }
    let severity = if contract.pay { Blocking } else { Warning };
    if rows == 0 {
        if !contract.may_be_empty {
            let remedy =
                text!("export the month again; a month without rows needs `may_be_empty: true` in the contract");
            found.push((severity, FileTrouble::new(NO_ROWS, text!("the file has no row of data"), remedy)));
        }
    } else if let Some(trouble) = few_rows(rows, earlier, summary.period) {
        found.push((severity, trouble));
    }
    found.extend(drift(contract, read, last).map(|trouble| (Warning, trouble)));
    found
}

fn wrong_month(read: &Rows, period: Period) -> Option<FileTrouble> {
    let dated: usize = read.months.values().sum();
    let wanted = month_number(period);
    let (month, most) =
        read.months.iter().filter(|(month, _)| **month != wanted).max_by_key(|(month, rows)| (**rows, **month))?;
    let inside = read.months.get(&wanted).copied().unwrap_or(0);
    if inside > 0 && 2 * most <= dated {
        return None;
    }
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    let (other, period) = (format!("{year:04}-{month:02}"), period.to_string());
    let remedy = text!("put the export of {period} in its place", period = &period);
    let cause = text!(
        "{most} of {dated} dated rows belong to {other}, {inside} to {period}",
        most,
        dated,
        other,
        inside,
        period
    );
    Some(FileTrouble::new(WRONG_MONTH, cause, remedy))
}

fn few_rows(rows: usize, earlier: &[PeriodSummary], period: Period) -> Option<FileTrouble> {
    let mut counts: Vec<usize> = earlier.iter().filter(|month| month.period < period).map(|month| month.rows).collect();
    counts.sort_unstable();
    // Twice the median, so that it is whole.
    let upper = *counts.get(counts.len() / 2)?;
    let lower = *counts.get((counts.len() - 1) / 2)?;
    if 4 * rows >= upper + lower {
        return None;
    }
    let half = if (upper + lower) % 2 == 0 { "" } else { ".5" };
    let median = format!("{}{half}", upper.midpoint(lower));
    let months = counts.len();
    let cause = text!(
        "the file has {rows} rows of data, the median of {months} months before is {median}",
        rows,
        months,
        median
    );
    Some(FileTrouble::new(FEW_ROWS, cause, text!("check that the export was not cut short or filtered")))
}

/// Optional columns under a new name, and headers that came or went since the month before.
fn drift(contract: &Contract, read: &Rows, last: Option<&PeriodSummary>) -> Option<FileTrouble> {
    let mapping = &read.mapping;
    let mut causes = Vec::new();
    let mut remedies = Vec::new();
    for (column, _) in contract.columns.iter().zip(&mapping.positions).filter(|(_, position)| position.is_none()) {
        if let Some(near) = near_header(&column.headers, mapping.unread()) {
            let (label, name) = (&column.label, &column.name);
            causes.push(text!("no header for {label} (`{name}`), nearest is `{near}`", label, name, near));
            remedies.push(text!("if `{near}` means the same, add it to `headers:` of `{name}`", near, name));
        }
    }
    if let Some(last) = last {
        let filled =
            |headers: &[String]| headers.iter().filter(|header| !header.is_empty()).cloned().collect::<Vec<_>>();
        let (before, now) = (filled(&last.headers), filled(&mapping.headers));
        let missing = |from: &[String], other: &[String]| -> Vec<String> {
            let known: Vec<String> = other.iter().map(|header| normal(header)).collect();
            from.iter().filter(|header| !known.contains(&normal(header))).cloned().collect()
        };
        let (gone, new) = (missing(&before, &now), missing(&now, &before));
        for header in &gone {
            let near = nearest(header, new.iter().map(String::as_str));
            let near = near.map_or(Text::none(), |near| text!(", nearest new one is `{near}`", near));
            let month = last.period.to_string();
            causes.push(text!("the header `{header}` of {month} is gone{near}", header, month, near));
        }
        if !new.is_empty() {
            let month = last.period.to_string();
            causes.push(text!("new since {month}: `{headers}`", month, headers = new.join("`, `")));
        }
    }
    if remedies.is_empty() {
        remedies.push(text!("nothing, where the columns that the contract reads still mean the same"));
    }
    (!causes.is_empty()).then(|| FileTrouble::new(HEADER_DRIFT, Text::List(causes), Text::List(remedies)))
}
