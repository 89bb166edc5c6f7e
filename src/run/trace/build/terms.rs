//! Sums of few computed values, written as those values.

use std::collections::BTreeSet;

use super::{At, Builder, DEPTH, Group, TERMS};
use crate::diag::phrase::phrase_of;
use crate::expr::Expr;
use crate::expr::types::Kind;
use crate::run::outcome::TraceNode;

impl Builder<'_, '_> {
    /// Writes a sum of few computed values as those values, so that it can be followed; whether it did.
    pub(super) fn terms(
        &mut self,
        node: usize,
        expr: &Expr,
        frame: &str,
        group: &Group<'_>,
        rows: &[u32],
        depth: usize,
    ) -> bool {
        let columns = expr.columns();
        let Some(column) = columns.first().filter(|_| columns.len() == 1) else { return false };
        let plain = expr.text.trim() == format!("SUM({column})");
        let counted = group.stored.schema.get(group.column).is_some_and(|field| field.ty.kind == Kind::Int);
        if !plain
            || counted
            || rows.is_empty()
            || rows.len() > TERMS
            || depth > DEPTH
            || !self.is_computed(group.owner, frame, column)
        {
            return false;
        }
        let children: Vec<usize> = rows
            .iter()
            .map(|&row| self.column(&At { pipeline: group.owner, written: frame, row }, column, depth + 1))
            .collect();
        self.name_terms(&children, frame, group, rows);
        let sum = |text: &dyn Fn(&TraceNode) -> String| {
            children.iter().map(|&child| text(&self.nodes[child])).collect::<Vec<_>>().join(" + ")
        };
        let language = self.language();
        let labelled = sum(&|child| child.label.clone());
        let filled = sum(&|child| match child.inlined(language) {
            Some(filled) if children.len() > 1 => format!("({filled})"),
            Some(filled) => filled,
            None => child.shown_in_formula(),
        });
        let own = &mut self.nodes[node];
        own.formula = expr.text.to_string();
        own.labelled = labelled;
        own.filled = filled;
        own.children = children;
        true
    }

    /// Tells terms of one label apart by the text that differs in their rows: the indicator's name before its points.
    fn name_terms(&mut self, children: &[usize], frame: &str, group: &Group<'_>, rows: &[u32]) {
        let same = |pair: &[usize]| matches!(pair, [a, b] if self.nodes[*a].label == self.nodes[*b].label);
        if children.len() < 2 || !children.windows(2).all(same) {
            return;
        }
        let Some(stored) = self.tracer.evaluation.store.get(&group.owner.full_name(frame)) else { return };
        let texts = stored.schema.fields.iter().filter(|field| {
            field.ty.kind == Kind::Text && group.stored.schema.get(&field.name).is_none() && &*field.name != "period"
        });
        let named = texts.map(|field| rows.iter().map(|&row| stored.cell(row, &field.name).canonical()));
        let apart = |names: &Vec<String>| {
            let different: BTreeSet<&String> = names.iter().filter(|name| !name.is_empty()).collect();
            different.len() == rows.len()
        };
        let Some(names) = named.map(Iterator::collect::<Vec<_>>).find(apart) else { return };
        for (child, name) in children.iter().zip(names) {
            let name = self.words().value(&name);
            let details = [("of", name.as_str()), ("figure", self.nodes[*child].label.as_str())];
            self.nodes[*child].label = phrase_of("{of}{figure}", self.language(), &details);
        }
    }
}
