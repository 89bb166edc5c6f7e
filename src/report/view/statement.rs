//! Statements: for each row of a published frame its figures in the order of their computation, each with the
//! numbers that it was computed from, and below them who has what of it.

use serde_json::{Value, json};

use super::super::spec::{FigureSpec, FiguresSpec, Format, StatementSpec};
use super::Context;
use super::cells::{self, Cell};
use super::table::{Only, read_at, section_of};
use crate::money::Exact;
use crate::run::outcome::{Person, Published, Store};

/// The statements of a store.
pub(super) fn statements(cx: Context<'_>, store: &Store, spec: &StatementSpec) -> Result<Value, String> {
    let at = |what: String| format!("section `{}`: {what}", spec.title);
    let published = cx.outcome.published.get(&spec.frame);
    let published = published.ok_or_else(|| at(format!("no pipeline publishes `{}`", spec.frame)))?;
    let rows = Only::store(store).rows(cx, &spec.frame, published, false).map_err(at)?;
    let mut statements = Vec::new();
    for row in rows {
        let cell = |column: &str| -> Result<Option<Cell>, String> {
            Ok(read_at(&published.frame, &published.schema, column, &[row])?.pop().flatten())
        };
        let mut keys = Vec::new();
        for key in &spec.key {
            keys.push((key.as_str(), cell(key).map_err(at)?));
        }
        let members = section_of(cx, &Only { keys, ..Only::store(store) }, &spec.members)?;
        let mut figures = Vec::new();
        for figure in &spec.figures {
            figures.extend(figure_of(&spec.figures, published, figure, &cell).map_err(at)?);
        }
        statements.push(json!({
            "name": cells::written(cell(&spec.name).map_err(at)?.as_ref(), Format::Text),
            "figures": figures,
            "members": members.data(),
        }));
    }
    Ok(json!({ "statements": statements }))
}

/// The figures of a person; none where the frame has no row of the person.
pub(super) fn figures(cx: Context<'_>, person: &Person, spec: &FiguresSpec) -> Result<Vec<Value>, String> {
    let at = |what: String| format!("section `{}`: {what}", spec.title);
    let Some(published) = cx.outcome.published.get(&spec.frame) else {
        let missing = at(format!("no pipeline publishes `{}`", spec.frame));
        return if spec.optional { Ok(Vec::new()) } else { Err(missing) };
    };
    let own = ("employee_id", Some(Cell::Text(person.employee_id.clone())));
    let rows = Only { store_id: Some(&person.store_id), keys: vec![own] };
    let rows = rows.rows(cx, &spec.frame, published, false).map_err(at)?;
    let mut figures = Vec::new();
    for row in rows {
        let cell = |column: &str| -> Result<Option<Cell>, String> {
            Ok(read_at(&published.frame, &published.schema, column, &[row])?.pop().flatten())
        };
        for figure in &spec.figures {
            figures.extend(figure_of(&spec.figures, published, figure, &cell).map_err(at)?);
        }
    }
    Ok(figures)
}

/// A figure with its derivation; nothing for a 0 that is left out.
fn figure_of(
    all: &[FigureSpec],
    published: &Published,
    figure: &FigureSpec,
    cell: &dyn Fn(&str) -> Result<Option<Cell>, String>,
) -> Result<Option<Value>, String> {
    let value = cell(&figure.column)?;
    if figure.hide_zero && value.as_ref().and_then(Cell::number).is_none_or(Exact::is_zero) {
        return Ok(None);
    }
    let field = published.schema.get(&figure.column);
    let label = figure.label.clone().or_else(|| field.map(|field| field.label.to_string()));
    let mut how = figure.how.clone().unwrap_or_default();
    for column in figure.read_by_how() {
        // A number in a formula is written as in its own row.
        let own = all.iter().find(|other| other.column == column);
        let written = cells::written(cell(column)?.as_ref(), own.map_or(Format::Text, |own| format(own, published)));
        how = filled(&how, column, &written);
    }
    Ok(Some(json!({
        "label": label.unwrap_or_default(),
        "value": cells::written(value.as_ref(), format(figure, published)),
        "how": how,
        "clause": figure.clause.as_deref().unwrap_or_default(),
        "result": if figure.result { "yes" } else { "" },
    })))
}

/// A formula with the value of a column; one below zero stands in brackets behind an operator.
fn filled(how: &str, column: &str, written: &str) -> String {
    let place = format!("{{{column}}}");
    if !written.starts_with('−') {
        return how.replace(&place, written);
    }
    let bracketed =
        |how: String, operator: &str| how.replace(&format!("{operator} {place}"), &format!("{operator} ({written})"));
    ["+", "−", "×", "÷"].into_iter().fold(how.to_owned(), bracketed).replace(&place, written)
}

fn format(figure: &FigureSpec, published: &Published) -> Format {
    let by_type = || published.schema.get(&figure.column).map(|field| cells::format_of(&field.ty));
    figure.format.or_else(by_type).unwrap_or(Format::Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_below_zero_stands_in_brackets_behind_an_operator() {
        let how = "{a} + {b} − {b} × 取大({b}，0)";
        assert_eq!(filled(how, "b", "−2.00"), "{a} + (−2.00) − (−2.00) × 取大(−2.00，0)");
        assert_eq!(filled(&filled(how, "b", "3"), "a", "−1"), "−1 + 3 − 3 × 取大(3，0)");
    }
}
