//! The report of a store: pay, published figures beside the month before, exceptions, row fates.

use serde_json::{Map, Value, json};

use super::super::spec::SectionSpec;
use super::{
    Context, Section, amount, chart, exceptions, kpis, month_words, pay, row_fates, statement, store_figures, table,
};
use crate::diag::data::ExceptionSeverity;
use crate::run::outcome::Store;

/// Blocks of a store's report; the figures of its head go into `data`.
pub(super) fn sections(cx: Context<'_>, store: &Store, data: &mut Map<String, Value>) -> Result<Vec<Section>, String> {
    // What names no store concerns all of them.
    let own = cx.index.store(&store.store_id);
    let concerns = || own.exceptions.iter().copied();
    let count =
        |severity: ExceptionSeverity| concerns().filter(|exception| exception.severity == severity).count().to_string();
    let figures = [
        ("total", amount(&pay::sum(pay::lines(cx, store)))),
        ("people", own.people.len().to_string()),
        ("lines", own.lines.len().to_string()),
        ("blocking", count(ExceptionSeverity::Blocking)),
        ("held", count(ExceptionSeverity::Held)),
        ("warnings", count(ExceptionSeverity::Warning)),
    ];
    data.extend(figures.into_iter().map(|(key, text)| (key.to_owned(), json!(text))));
    data.insert("period_before".into(), json!(month_words(cx, cx.outcome.period.previous())));

    let sections = cx.spec.sections.iter().map(|section| {
        let content = match section {
            SectionSpec::PayByLine(_) => pay::by_line(cx, store),
            SectionSpec::PayByPerson(_) => pay::by_person(cx, store),
            SectionSpec::Table(spec) => {
                let only = table::Only::store(store);
                return if spec.hide_empty && table::is_empty(cx, &only, spec)? {
                    Ok(None)
                } else {
                    table::section_of(cx, &only, spec).map(Some)
                };
            }
            SectionSpec::Statement(spec) => statement::statements(cx, store, spec)?,
            SectionSpec::Decisions(_) => decisions(cx, store),
            SectionSpec::Exceptions(_) => json!({ "rows": exceptions(cx, concerns()) }),
            SectionSpec::KeyFigures(spec) => store_figures::key_figures(cx, &table::Only::store(store), spec)?,
            SectionSpec::Movers(spec) => store_figures::movers(cx, &table::Only::store(store), spec)?,
            SectionSpec::Ladder(spec) => match chart::ladder(cx, store, spec)? {
                Some(content) => content,
                None => return Ok(None),
            },
            SectionSpec::Kpis(_) => kpis::kpis(cx, Some(store))?,
            SectionSpec::RowFates(_) => row_fates::row_fates(cx, store),
            other => return Err(format!("section `{}` does not show a store", other.kind())),
        };
        Ok(Some(Section::new(section.kind(), section.heading(), content)))
    });
    sections.filter_map(Result::transpose).collect()
}

/// The decisions of the clauses by which a store pays: one row each, in the order of the clauses.
fn decisions(cx: Context<'_>, store: &Store) -> Value {
    let of_store = cx.index.store(&store.store_id).decisions.iter().filter(|decision| decision.pays);
    let mut last = "";
    let rows = of_store.map(|decision| {
        // A clause is told once, with its first decision.
        let words = cx.outcome.clause(&decision.clause).filter(|_| decision.clause != last);
        last = decision.clause.as_str();
        json!({
            "clause": words.map_or("", |words| &words.clause),
            "number": words.map_or("", |words| &words.number),
            "decided": decision.decided,
            "chosen": decision.chosen,
        })
    });
    json!({ "rows": rows.collect::<Vec<_>>() })
}
