//! Values from a ladder: what was looked up, and the row reached.

use super::{At, Builder, Chosen, Head};
use crate::expr::Expr;
use crate::run::outcome::Origin;
use crate::step::TableValues;

impl Builder<'_, '_> {
    /// A node for a value of a ladder; what is looked up are its children.
    pub(super) fn looked_up(&mut self, table: &str, by: &Expr, at: &At<'_>, head: Head, depth: usize) -> usize {
        let node = self.push(head);
        self.explain(node, by, Some(at), depth, &mut |builder, operand| builder.operand(operand, at, depth + 1));
        self.nodes[node].origin = self.ladder_row(table, by, at);
        node
    }

    /// The row of a ladder that a looked-up value reaches.
    fn ladder_row(&self, table: &str, by: &Expr, at: &At<'_>) -> Origin {
        let evaluation = self.tracer.evaluation;
        let Some(parameter) = evaluation.plan.parameters.get(table) else { return Origin::Period };
        let values = evaluation.plan.parameters.on(evaluation.period.first_day());
        let looked_up = self.value(by, at);
        let found = values.ladder(table).and_then(|dated| {
            let Chosen { since, store, value: ladder } = self.chosen(&dated, at)?;
            let (_, row) = ladder.lookup(looked_up.number()?)?;
            Some((since, store, row.words.clone()))
        });
        let (since, store, words) = found.unwrap_or_default();
        Origin::LadderRow {
            table: table.to_owned(),
            since,
            store,
            words,
            clause: parameter.clause.clone(),
            source: parameter.source_word().to_owned(),
            reason: parameter.reason.clone(),
        }
    }
}
