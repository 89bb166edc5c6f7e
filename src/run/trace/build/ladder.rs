//! Values from a ladder: the step that was reached, or the slices of a base, each at the value of its own step.

use super::{At, Builder, Chosen, Head};
use crate::diag::phrase::{phrase, phrase_of};
use crate::expr::Expr;
use crate::expr::types::{Kind, Type};
use crate::expr::unit::Unit;
use crate::money::Exact;
use crate::money::ladder::{Ladder, Row};
use crate::run::cells::Cell;
use crate::run::outcome::{Origin, TraceNode};
use crate::step::{TableTypes, TableValues};

/// What a ladder was asked.
pub(super) struct Asked<'a> {
    pub table: &'a str,
    /// What is looked up, or cut into slices.
    pub by: &'a Expr,
    /// What the value found may not exceed.
    pub at_most: Option<&'a Expr>,
}

/// What a row of a frame found in a ladder.
struct Found {
    /// Day since which the ladder holds.
    since: String,
    /// The store whose own it is.
    store: String,
    /// Words of the rows that were reached, from low to high.
    words: Vec<String>,
    /// The value of the last of them.
    value: Exact,
    /// Length and value of each slice, the value as far as the limit allows.
    slices: Vec<(Exact, Exact)>,
    /// What the plan says of the rows: `stated`, `decided` or `illegible`, where they differ the last of these.
    source: &'static str,
}

impl Builder<'_, '_> {
    /// A node for the value of the step that was reached; what was looked up, and the limit, are its children.
    pub(super) fn whole(&mut self, asked: &Asked<'_>, at: &At<'_>, head: Head, depth: usize) -> usize {
        let node = self.push(head);
        self.ask(node, asked, at, depth);
        let found = self.found(asked, at, &|ladder, number| {
            let (_, row) = ladder.lookup(number)?;
            Some((vec![row], Vec::new()))
        });
        self.nodes[node].origin = self.row_origin(asked.table, found.as_ref());
        node
    }

    /// A node for the sum over the slices of a base, written out slice by slice; the rows of the ladder are a child.
    pub(super) fn marginal(&mut self, asked: &Asked<'_>, at: &At<'_>, head: Head, depth: usize) -> usize {
        let node = self.push(head);
        self.ask(node, asked, at, depth);
        let limit = asked.at_most.and_then(|limit| self.value(limit, at).number().cloned());
        let found = self.found(asked, at, &|ladder, number| {
            let slices = ladder.slices(number).ok()?;
            let first = || ladder.rows().iter().find(|row| row.interval.contains(number));
            let rows = slices.iter().map(|slice| slice.row).chain(slices.is_empty().then(first).flatten());
            let taken = slices.iter().map(|slice| (slice.length.clone(), slice.row.rate(limit.as_ref())));
            Some((rows.collect(), taken.collect()))
        });
        let Some(ladder) = self.tracer.evaluation.plan.parameters.ladder(asked.table) else { return node };
        let (title, unit, by) = (ladder.label.to_string(), ladder.value, ladder.by);
        let slices = found.as_ref().map(|found| found.slices.as_slice()).unwrap_or_default();
        let written: Vec<String> =
            slices.iter().map(|(length, rate)| format!("{} × {}", plain(length, &by), plain(rate, &unit))).collect();
        let language = self.language();
        let limited = self.nodes[node]
            .labelled
            .split_once(phrase(LIMIT, language))
            .map(|(base, limit)| (base.to_owned(), limit.to_owned()));
        let labelled = match limited {
            Some((base, limit)) => {
                let details = [("base", base.as_str()), ("title", &title), ("limit", &limit)];
                phrase_of("{base} 分段 × 取小({title}，{limit})", language, &details)
            }
            None => {
                let details = [("base", self.nodes[node].labelled.as_str()), ("title", &title)];
                phrase_of("{base} 分段 × {title}", language, &details)
            }
        };
        let rows = Head {
            name: format!("param.{}", asked.table),
            label: title,
            cell: found.as_ref().map_or(Cell::Absent, |found| Cell::Number(found.value.clone())),
            ty: Type::new(Kind::Exact, unit),
            origin: self.row_origin(asked.table, found.as_ref()),
        };
        let rows = self.push(rows);
        let own = &mut self.nodes[node];
        own.labelled = labelled;
        own.filled = if written.is_empty() { "0".to_owned() } else { written.join(" + ") };
        own.children.push(rows);
        node
    }

    /// Explains what was asked: formulas joined, operands as children.
    fn ask(&mut self, node: usize, asked: &Asked<'_>, at: &At<'_>, depth: usize) {
        let operands = |builder: &mut Self, expr: &Expr| {
            builder
                .explain(node, expr, Some(at), depth, &mut |builder, operand| builder.operand(operand, at, depth + 1));
        };
        operands(self, asked.by);
        let Some(limit) = asked.at_most else { return };
        let TraceNode { formula, labelled, filled, children, .. } = self.nodes[node].clone();
        operands(self, limit);
        let at_most = phrase(LIMIT, self.language());
        let own = &mut self.nodes[node];
        own.formula = format!("{formula}, {}", own.formula);
        own.labelled = format!("{labelled}{at_most}{}", own.labelled);
        own.filled = format!("{filled}{at_most}{}", own.filled);
        let more: Vec<usize> = own.children.iter().copied().filter(|child| !children.contains(child)).collect();
        own.children = [children, more].concat();
    }

    /// What the row of a frame found; `rows` says which rows of the ladder, and which slices.
    fn found(
        &self,
        asked: &Asked<'_>,
        at: &At<'_>,
        rows: &dyn for<'l> Fn(&'l Ladder, &Exact) -> Option<(Vec<&'l Row>, Vec<(Exact, Exact)>)>,
    ) -> Option<Found> {
        let evaluation = self.tracer.evaluation;
        let values = evaluation.plan.parameters.on(evaluation.period.first_day());
        let dated = values.ladder(asked.table)?;
        let Chosen { since, store, version: (from, stores), value: ladder } = self.chosen(&dated, at)?;
        let (reached, slices) = rows(ladder, self.value(asked.by, at).number()?)?;
        let value = reached.last()?.value.clone();
        let parameter = evaluation.plan.parameters.get(asked.table)?;
        let place = |row: &&Row| ladder.rows().iter().position(|known| known == *row);
        let sources =
            reached.iter().filter_map(place).map(|row| parameter.source_of_row(&(from, stores.to_vec(), row)));
        let source = sources.max_by_key(|source| SOURCES.iter().position(|known| known == source))?;
        let words = reached.iter().map(|row| self.words().value(&row.words)).collect();
        Some(Found { since, store, words, value, slices, source })
    }

    /// The rows that were found, as a trace tells them.
    fn row_origin(&self, table: &str, found: Option<&Found>) -> Origin {
        let Some(parameter) = self.tracer.evaluation.plan.parameters.get(table) else { return Origin::Period };
        Origin::LadderRow {
            table: table.to_owned(),
            since: found.map(|found| found.since.clone()).unwrap_or_default(),
            store: found.map(|found| found.store.clone()).unwrap_or_default(),
            words: found.map(|found| found.words.join(phrase("、", self.language()))).unwrap_or_default(),
            clause: parameter.clause.clone(),
            source: found.map_or_else(|| parameter.source_word(), |found| found.source).to_owned(),
            reason: parameter.reason.clone(),
        }
    }
}

/// What a plan may say of a row, from the best to the worst.
const SOURCES: [&str; 3] = ["stated", "decided", "illegible"];

/// Between what is looked up and its limit.
const LIMIT: &str = "，至多 ";

/// A number as a formula prints it, decimals that do not end as a fraction.
fn plain(number: &Exact, unit: &Unit) -> String {
    let shown = Cell::Number(number.clone()).shown(unit);
    match number.to_canonical().split_once('/') {
        Some((numerator, denominator)) if shown.starts_with('≈') => format!("({numerator} ÷ {denominator})"),
        _ => shown,
    }
}
