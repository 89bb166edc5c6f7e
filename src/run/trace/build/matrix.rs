//! Values from a matrix: what was looked up along each axis, the row reached, and the axes that held it back.

use super::{At, Builder, Chosen, Head};
use crate::diag::phrase::phrase;
use crate::expr::Expr;
use crate::money::Exact;
use crate::run::outcome::Origin;
use crate::step::TableValues;

/// A looked-up value of a matrix.
pub(super) struct Lookup<'a> {
    pub table: &'a str,
    /// What is looked up along each axis.
    pub by: &'a [Expr],
}

impl Builder<'_, '_> {
    /// A node for a value of a matrix; what is looked up along each axis are its children.
    pub(super) fn matrix(&mut self, lookup: &Lookup<'_>, at: &At<'_>, head: Head, depth: usize) -> usize {
        let own = self.push(head);
        let (mut labelled, mut filled, mut children) = (Vec::new(), Vec::new(), Vec::new());
        for expr in lookup.by {
            self.explain(own, expr, Some(at), depth, &mut |builder, operand| builder.operand(operand, at, depth + 1));
            let node = &mut self.nodes[own];
            labelled.push(std::mem::take(&mut node.labelled));
            filled.push(std::mem::take(&mut node.filled));
            for child in std::mem::take(&mut node.children) {
                if !children.contains(&child) {
                    children.push(child);
                }
            }
        }
        let origin = self.matrix_row(lookup, at);
        let and = phrase("、", self.language());
        let node = &mut self.nodes[own];
        node.formula = lookup.by.iter().map(|expr| expr.text.trim()).collect::<Vec<_>>().join(", ");
        node.labelled = labelled.join(and);
        node.filled = filled.join(and);
        node.children = children;
        node.origin = origin;
        own
    }

    /// The row of a matrix that the looked-up values reach.
    fn matrix_row(&self, lookup: &Lookup<'_>, at: &At<'_>) -> Origin {
        let evaluation = self.tracer.evaluation;
        let Some(parameter) = evaluation.plan.parameters.get(lookup.table) else { return Origin::Period };
        let values = evaluation.plan.parameters.on(evaluation.period.first_day());
        let numbers: Option<Vec<Exact>> = lookup.by.iter().map(|expr| self.value(expr, at).number().cloned()).collect();
        let axes = evaluation.plan.parameters.axes(lookup.table);
        let labels = |indexes: &[usize]| {
            let axes = indexes.iter().filter_map(|index| axes.get(*index));
            axes.map(|axis| self.words().value(&axis.label)).collect::<Vec<_>>()
        };
        let found = values.matrix(lookup.table).and_then(|dated| {
            let Chosen { since, store, value: matrix, .. } = self.chosen(&dated, at)?;
            let found = matrix.lookup(&numbers?)?;
            Some((since, store, self.words().value(&found.row.words), labels(&found.held_by), labels(&found.outside)))
        });
        let (since, store, words, held_by, outside) = found.unwrap_or_default();
        Origin::MatrixRow {
            table: lookup.table.to_owned(),
            since,
            store,
            words,
            held_by,
            outside,
            clause: parameter.clause.clone(),
            source: parameter.source_word().to_owned(),
            reason: parameter.reason.clone(),
        }
    }
}
