//! Sums over the months of a quarter or year: each month beside its rows.

use polars::prelude::*;

use super::{Builder, Group, Head};
use crate::diag::phrase::phrase_of;
use crate::expr::{self, Expr};
use crate::run::cells::{Cell, of};
use crate::run::frames::Stored;
use crate::run::trace::rows::origin;

impl Builder<'_, '_> {
    /// Writes a plain sum or count over months as that of each month; whether it did.
    pub(super) fn months(&mut self, node: usize, expr: &Expr, frame: &str, group: &Group<'_>, rows: &[u32]) -> bool {
        let evaluation = self.tracer.evaluation;
        let full = group.owner.full_name(frame);
        let Some(input) = evaluation.store.get(&full) else { return false };
        if !adds_up(expr) || rows.is_empty() {
            return false;
        }
        let mut months: Vec<(String, Vec<u32>)> = Vec::new();
        for &row in rows {
            let month = input.cell(row, "period").canonical();
            match months.iter_mut().find(|(known, _)| *known == month) {
                Some((_, rows)) => rows.push(row),
                None => months.push((month, vec![row])),
            }
        }
        months.sort();
        let Ok(values) = self.by_month(expr, input, &months) else { return false };
        let ty = &expr.ty;
        let read: Vec<_> = expr.columns().into_iter().collect();
        let mut children = Vec::new();
        for (at, (month, rows)) in months.iter().enumerate() {
            let head = Head {
                name: format!("{} of {month}", group.column),
                label: phrase_of(
                    "{label}（{month}）",
                    self.language(),
                    &[("label", &self.nodes[node].label), ("month", month)],
                ),
                cell: values.get(at).map_or(Cell::Absent, |value| of(&value, ty.kind)),
                ty: ty.clone(),
                origin: origin(self.tracer, &full, rows, &read),
            };
            children.push(self.push(head));
        }
        let sum =
            |text: &dyn Fn(usize) -> String| children.iter().map(|&child| text(child)).collect::<Vec<_>>().join(" + ");
        let labelled = sum(&|child| self.nodes[child].label.clone());
        let filled = sum(&|child| match self.nodes[child].shown_in_formula() {
            negative if negative.starts_with('-') => format!("({negative})"),
            shown => shown,
        });
        let own = &mut self.nodes[node];
        own.formula = expr.text.to_string();
        own.labelled = labelled;
        own.filled = filled;
        own.children = children;
        true
    }

    /// The values of an aggregate over the rows of each month.
    fn by_month(&self, expr: &Expr, input: &Stored, months: &[(String, Vec<u32>)]) -> PolarsResult<Column> {
        let evaluation = self.tracer.evaluation;
        let (mut rows, mut groups) = (Vec::new(), Vec::new());
        for (group, (_, members)) in (0_u32..).zip(months) {
            rows.extend(members);
            groups.extend(std::iter::repeat_n(group, members.len()));
        }
        let mut taken = input.frame.take(&IdxCa::from_vec(PlSmallStr::EMPTY, rows))?;
        taken.with_column(UInt32Chunked::from_vec("@group".into(), groups).into_series().into())?;
        let parameters = evaluation.plan.parameters.on(evaluation.period.first_day());
        let period = evaluation.period_values();
        let named = [("value".into(), expr)];
        let found = expr::aggregate(&named, &taken, "@group", months.len(), &parameters, &period)?;
        found.columns.into_iter().next().ok_or_else(|| polars_err!(ComputeError: "an aggregate gave no column"))
    }
}

/// Whether the value of the whole is the sum of the values of its parts: one call of SUM, or of COUNT without
/// DISTINCT.
fn adds_up(expr: &Expr) -> bool {
    let calls = expr.aggregates();
    let text = expr.text.trim();
    let whole = calls.len() == 1 && calls.iter().all(|call| call.text.trim() == text);
    let text = text.to_uppercase();
    whole && (text.starts_with("SUM") || text.starts_with("COUNT")) && !text.contains("DISTINCT")
}
