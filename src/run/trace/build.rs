//! The tree of a trace, built from the origins of columns.

pub(super) mod allocate;
mod ladder;
mod matrix;
mod terms;
mod to_date;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use polars::prelude::*;

use super::Tracer;
use super::rows::{origin, origin_of_aggregate};
use crate::diag::phrase::phrase;
use crate::diag::text::Language;
use crate::diag::translation::Translation;
use crate::expr::types::{Kind, Name, Type};
use crate::expr::unit::Unit;
use crate::expr::{self, Dated, DayOf, Expr, Operand, ParamValue, ParamValues, PeriodPart, STORE, Shown};
use crate::money::Exact;
use crate::plan::{Pipeline, PlannedLine, PlannedStep};
use crate::run::cells::{Cell, of};
use crate::run::due::DueRow;
use crate::run::frames::{Source, Stored, number};
use crate::run::outcome::{Origin, Part, Trace, TraceNode};
use crate::step::ladder::Mode;
use crate::step::{ColumnOrigin, StepKind};

/// How deep a trace may go; a plan deeper than that is cut there.
const DEPTH: usize = 40;
/// Up to how many characters a formula may have that stands inside another one.
const INLINED: usize = 60;
/// Up to how many values a sum is written out.
const TERMS: usize = 6;

/// The trace of a pay line in a row of its frame.
pub(super) fn line(
    tracer: &Tracer<'_>,
    pipeline: &Pipeline,
    line: &PlannedLine,
    row: &DueRow,
    amount: &Exact,
) -> Trace {
    let mut builder = Builder { tracer, nodes: Vec::new(), known: BTreeMap::new() };
    let step = format!("{}.{}", pipeline.lines_key(), line.name);
    let head = Head {
        name: step.clone(),
        label: tracer.evaluation.plan.words.value(&row.label),
        cell: Cell::Number(amount.clone()),
        ty: line.amount.ty.clone(),
        origin: Origin::Step { pipeline: pipeline.name.to_string(), step },
    };
    builder.expression(&line.amount, &At { pipeline, written: &line.from, row: row.row }, head, 0);
    Trace { nodes: builder.nodes }
}

/// A row of a frame, as a pipeline writes its name.
struct At<'a> {
    pipeline: &'a Pipeline,
    written: &'a str,
    row: u32,
}

/// What is known of a node before its expression is explained.
struct Head {
    name: String,
    label: String,
    cell: Cell,
    ty: Type,
    origin: Origin,
}

impl Head {
    fn node(self, words: &Translation) -> TraceNode {
        let shown = match &self.cell {
            Cell::Text(text) => words.value(text),
            Cell::Bool(held) => phrase(if *held { "是" } else { "否" }, words.language()).to_owned(),
            other => other.shown(&self.ty.unit),
        };
        TraceNode {
            name: self.name,
            label: self.label,
            value: self.cell.canonical(),
            shown,
            unit: self.ty.unit.to_string(),
            formula: String::new(),
            labelled: String::new(),
            filled: String::new(),
            origin: self.origin,
            children: Vec::new(),
        }
    }
}

struct Builder<'a, 'b> {
    tracer: &'b Tracer<'a>,
    nodes: Vec<TraceNode>,
    known: BTreeMap<(String, u32, String), usize>,
}

impl Builder<'_, '_> {
    fn push(&mut self, head: Head) -> usize {
        self.nodes.push(head.node(self.words()));
        self.nodes.len() - 1
    }

    /// The words of the language in which the trace is told.
    fn words(&self) -> &Translation {
        &self.tracer.evaluation.plan.words
    }

    fn language(&self) -> Language {
        self.words().language()
    }

    /// A node for an expression over a row: its operands first become children, then its text is filled.
    fn expression(&mut self, expr: &Expr, at: &At<'_>, head: Head, depth: usize) -> usize {
        let own = self.push(head);
        self.explain(own, expr, Some(at), depth, &mut |builder, operand| builder.operand(operand, at, depth + 1));
        own
    }

    /// Explains the expression of a node; `at` is the row it reads, where it reads one.
    fn explain(
        &mut self,
        own: usize,
        expr: &Expr,
        at: Option<&At<'_>>,
        depth: usize,
        resolve: &mut dyn FnMut(&mut Self, &Operand) -> usize,
    ) {
        self.nodes[own].formula = expr.text.to_string();
        if depth > DEPTH {
            return;
        }
        // A condition is computed as it pays, over the columns.
        let tracer = self.tracer;
        let holds = |test: &Expr| match at.map(|at| value(tracer, test, at)) {
            Some(Cell::Bool(held)) => Some(held),
            _ => None,
        };
        let mut children: BTreeMap<Operand, usize> = BTreeMap::new();
        let mut order = Vec::new();
        for operand in expr::explain(expr, &|_| blank(), &holds, self.language()).operands {
            let child = resolve(self, &operand);
            order.push(child);
            children.insert(operand, child);
        }
        let shown = |operand: &Operand| match children.get(operand).map(|&child| &self.nodes[child]) {
            Some(node) => Shown {
                label: node.label.clone(),
                value_text: node.shown_in_formula(),
                formula: node.inlined(self.language()),
            },
            // What the row does not use has no value here; the formula names it all the same.
            None => Shown { label: at.map(|at| label(tracer, operand, at)).unwrap_or_default(), ..blank() },
        };
        let explanation = expr::explain(expr, &shown, &holds, self.language());
        let plan = tracer.evaluation.plan;
        let told = |formula| plan.words.quoted(with_labels(formula, &plan.roles));
        let node = &mut self.nodes[own];
        node.labelled = told(explanation.labelled);
        node.filled = told(explanation.filled);
        node.children = order;
    }

    fn operand(&mut self, operand: &Operand, at: &At<'_>, depth: usize) -> usize {
        match operand {
            Operand::Column(column) => self.column(at, column, depth),
            Operand::Each(_, column) => self.column(at, column, depth),
            Operand::Param(name) => self.param(name, at),
            Operand::Period(part) => self.period(*part),
            Operand::Aggregate(_) => self.push(unknown("aggregate")),
        }
    }

    fn period(&mut self, part: PeriodPart) -> usize {
        let values = self.tracer.evaluation.period_values();
        let (name, label, cell, ty) = match part {
            PeriodPart::First => ("period.first", "月初", Cell::Date(values.first), Type::date()),
            PeriodPart::Last => ("period.last", "月末", Cell::Date(values.last), Type::date()),
            PeriodPart::Days => {
                let days = Cell::Number(Exact::from_i128(i128::from(values.days())));
                ("period.days", "当月天数", days, Type::new(Kind::Int, Unit::base("days")))
            }
        };
        let label = phrase(label, self.language()).to_owned();
        self.push(Head { name: name.to_owned(), label, cell, ty, origin: Origin::Period })
    }

    fn param(&mut self, name: &str, at: &At<'_>) -> usize {
        let evaluation = self.tracer.evaluation;
        let Some(parameter) = evaluation.plan.parameters.get(name) else { return self.push(unknown(name)) };
        let values = evaluation.plan.parameters.on(evaluation.period.first_day());
        let dated = ParamValues::at(&values, name);
        let chosen = dated.as_ref().and_then(|dated| Some((self.chosen(dated, at)?, self.day_words(&dated.day, at))));
        let (since, store, cell, dated_by) = match chosen {
            Some((Chosen { since, store, value, .. }, dated_by)) => {
                let cell = match value {
                    ParamValue::Number(number) => Cell::Number(number.clone()),
                    ParamValue::Choice(choice) => Cell::Text(choice.to_string()),
                    ParamValue::Nothing => Cell::Absent,
                };
                (since, store, cell, dated_by)
            }
            None => (String::new(), String::new(), Cell::Absent, String::new()),
        };
        let ty =
            if parameter.choices.is_empty() { Type::new(Kind::Exact, parameter.unit.clone()) } else { Type::text() };
        let head = Head {
            name: format!("param.{name}"),
            label: parameter.title.to_string(),
            cell,
            ty,
            origin: Origin::Parameter {
                since,
                dated_by,
                store,
                clause: parameter.clause.clone(),
                source: parameter.source_word().to_owned(),
                reason: parameter.reason.clone(),
            },
        };
        self.push(head)
    }

    /// A node for a column in a row; carried columns are followed to where they were made.
    fn column(&mut self, at: &At<'_>, column: &str, depth: usize) -> usize {
        let full = at.pipeline.full_name(at.written);
        let key = (full.clone(), at.row, column.to_owned());
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let node = self.column_node(&full, at, column, depth);
        self.known.insert(key, node);
        node
    }

    fn column_node(&mut self, full: &str, at: &At<'_>, column: &str, depth: usize) -> usize {
        let evaluation = self.tracer.evaluation;
        let Some(stored) = evaluation.store.get(full) else { return self.push(unknown(column)) };
        let owner = full.split_once('.').and_then(|(owner, _)| evaluation.plan.pipeline(owner));
        let step = owner.and_then(|owner| owner.step(full.get(owner.name.len() + 1..)?));
        // A frame does not keep what its step handed on.
        let planned = || step.and_then(|step| step.step.schema.get(column));
        let Some(field) = stored.schema.get(column).or_else(planned) else { return self.push(unknown(column)) };
        let head = |origin| Head {
            name: column.to_owned(),
            label: field.label.to_string(),
            cell: stored.cell(at.row, column),
            ty: field.ty.clone(),
            origin,
        };
        let (Some(owner), Some(step), Source::Step { groups }) = (owner, step, &stored.source) else {
            let origin = match stored.source {
                Source::Spine => Origin::Spine,
                _ => origin(self.tracer, full, &[at.row], &[]),
            };
            return self.push(head(origin));
        };
        let below = |frame: &str| stored.input_row(at.row, frame);
        let made = made(owner, step, column);
        match step.step.origins.get(column) {
            Some(ColumnOrigin::Carried { frame, column }) => match (below(frame), groups) {
                (Some(row), _) => self.column(&At { pipeline: owner, written: frame, row }, column, depth),
                // A key of an aggregate is the same in all rows of its group.
                (None, Some(_)) => self.push(head(origin(self.tracer, full, &[at.row], std::slice::from_ref(column)))),
                (None, None) => self.push(head(made)),
            },
            Some(ColumnOrigin::United { frames, column }) => {
                match frames.iter().find_map(|frame| below(frame).map(|row| (frame, row))) {
                    Some((frame, row)) => self.column(&At { pipeline: owner, written: frame, row }, column, depth),
                    None => self.push(head(made)),
                }
            }
            Some(ColumnOrigin::Computed { expr, frame }) => match below(frame) {
                Some(row) => self.expression(expr, &At { pipeline: owner, written: frame, row }, head(made), depth),
                None => self.push(head(made)),
            },
            Some(ColumnOrigin::Within { expr }) => {
                let here = At { pipeline: owner, written: &step.name, row: at.row };
                let node = self.expression(expr, &here, head(made), depth);
                if let Some(pass) = pass_mark(step, column) {
                    let pass = self.column(&here, &pass, depth + 1);
                    self.nodes[node].children.push(pass);
                }
                node
            }
            Some(ColumnOrigin::Aggregated { expr, frame }) => {
                let rows = groups.as_ref().map(|groups| groups.of(at.row).collect::<Vec<_>>()).unwrap_or_default();
                let node = self.push(head(origin_of_aggregate(self.tracer, &owner.full_name(frame), &rows, expr)));
                let group = Group { owner, stored, full, column, row: at.row };
                let over_months = matches!(step.step.kind, StepKind::ToDate(_));
                if over_months && self.months(node, expr, frame, &group, &rows) {
                    return node;
                }
                if !self.terms(node, expr, frame, &group, &rows, depth) {
                    self.aggregate(node, expr, frame, &group, depth);
                }
                node
            }
            Some(ColumnOrigin::Ladder { table, by, at_most, mode, frame, .. }) => match below(frame) {
                Some(row) => {
                    let at = At { pipeline: owner, written: frame, row };
                    let asked = ladder::Asked { table, by, at_most: at_most.as_deref() };
                    match mode {
                        Mode::Whole => self.whole(&asked, &at, head(made), depth),
                        Mode::Marginal => self.marginal(&asked, &at, head(made), depth),
                    }
                }
                None => self.push(head(made)),
            },
            Some(ColumnOrigin::LadderWithin { table, by }) => {
                let here = At { pipeline: owner, written: &step.name, row: at.row };
                self.whole(&ladder::Asked { table, by, at_most: None }, &here, head(made), depth)
            }
            Some(ColumnOrigin::Matrix { table, by, frame, .. }) => match below(frame) {
                Some(row) => {
                    let at = At { pipeline: owner, written: frame, row };
                    self.matrix(&matrix::Lookup { table, by }, &at, head(made), depth)
                }
                None => self.push(head(made)),
            },
            Some(ColumnOrigin::Allocated { how, frame }) => match below(frame) {
                Some(read) => {
                    let row = allocate::Row { owner, step: &step.name, full, stored, how, frame, row: at.row, read };
                    self.allocated(&row, head(made), depth)
                }
                None => self.push(head(made)),
            },
            None => self.push(head(made)),
        }
    }

    /// The entry of a history that a row has chosen.
    fn chosen<'h, T>(&self, dated: &Dated<'h, T>, at: &At<'_>) -> Option<Chosen<'h, T>> {
        let store = self.cell(at, STORE).canonical();
        let day = match &dated.day {
            DayOf::Period(_) => None,
            DayOf::Column(column) => match self.cell(at, column) {
                Cell::Date(day) => Some(day),
                _ => return None,
            },
        };
        let entry = dated.for_row(day, Some(&store))?;
        let store = if entry.is_own(&store) { store } else { String::new() };
        let version = (entry.from, entry.stores.as_slice());
        Some(Chosen { since: entry.from.to_string(), store, version, value: &entry.value })
    }

    /// The day that has chosen a value, as a trace names it.
    fn day_words(&self, day: &DayOf, at: &At<'_>) -> String {
        match day {
            DayOf::Period(day) => day.to_string(),
            DayOf::Column(column) => format!("{column} {}", self.cell(at, column).canonical()),
        }
    }

    /// A cell of the row that an expression reads.
    fn cell(&self, at: &At<'_>, column: &str) -> Cell {
        let stored = self.tracer.evaluation.store.get(&at.pipeline.full_name(at.written));
        stored.map_or(Cell::Absent, |stored| stored.cell(at.row, column))
    }

    /// The value of an expression over one row.
    fn value(&self, expr: &Expr, at: &At<'_>) -> Cell {
        value(self.tracer, expr, at)
    }

    /// Whether a column was computed by a step, and is no figure of a file.
    fn is_computed(&self, pipeline: &Pipeline, written: &str, column: &str) -> bool {
        let full = pipeline.full_name(written);
        let Some((owner, step)) = full.split_once('.') else { return false };
        let Some(owner) = self.tracer.evaluation.plan.pipeline(owner) else { return false };
        match owner.step(step).and_then(|step| step.step.origins.get(column)) {
            Some(ColumnOrigin::Carried { frame, column }) => self.is_computed(owner, frame, column),
            Some(
                ColumnOrigin::Computed { .. }
                | ColumnOrigin::Within { .. }
                | ColumnOrigin::Ladder { .. }
                | ColumnOrigin::LadderWithin { .. }
                | ColumnOrigin::Matrix { .. }
                | ColumnOrigin::Allocated { .. },
            ) => true,
            _ => false,
        }
    }

    /// Explains an aggregate; where the expression is more than one aggregate call, each call becomes a child.
    fn aggregate(&mut self, node: usize, expr: &Expr, frame: &str, group: &Group<'_>, depth: usize) {
        let parts = expr.aggregates();
        if parts.len() == 1 && parts[0].text.trim() == expr.text.trim() {
            self.nodes[node].formula = expr.text.to_string();
            return;
        }
        let columns = self.tracer.partials(group, frame, &parts);
        let row = At { pipeline: group.owner, written: frame, row: group.row };
        self.explain(node, expr, None, depth, &mut |builder, operand| match operand {
            Operand::Aggregate(index) => {
                let part = &parts[*index];
                let value = columns
                    .get(*index)
                    .and_then(|column| column.get(group.row as usize).ok().map(|value| of(&value, part.ty.kind)));
                let origin = builder.nodes[node].origin.clone();
                let head = Head {
                    name: part.text.to_string(),
                    label: words(builder.tracer, part, &row),
                    cell: value.unwrap_or(Cell::Absent),
                    ty: part.ty.clone(),
                    origin,
                };
                let child = builder.push(head);
                builder.nodes[child].formula = part.text.to_string();
                child
            }
            other => builder.operand(other, &row, depth + 1),
        });
    }
}

/// A column that a step has made; of a scoring, which part of it.
fn made(owner: &Pipeline, step: &PlannedStep, column: &str) -> Origin {
    let (pipeline, name) = (owner.name.to_string(), step.name.to_string());
    let StepKind::Score(score) = &step.step.kind else { return Origin::Step { pipeline, step: name } };
    let Some((part, indicator)) = score.part(column) else { return Origin::Step { pipeline, step: name } };
    Origin::Score {
        pipeline,
        step: name,
        card: score.label().to_owned(),
        clause: indicator.map_or_else(|| score.clause().to_owned(), |indicator| indicator.clause.clone()),
        indicator: indicator.map(|indicator| indicator.label.to_string()).unwrap_or_default(),
        part,
    }
}

/// The column with the pass mark, beside the announced score of a scorecard.
fn pass_mark(step: &PlannedStep, column: &str) -> Option<String> {
    let StepKind::Score(score) = &step.step.kind else { return None };
    (*column == *score.announced()).then(|| format!("{column}{}", Part::Pass.suffix()))
}

/// An expression in words, with the labels of what it reads.
fn words(tracer: &Tracer<'_>, expr: &Expr, at: &At<'_>) -> String {
    let shown = |operand: &Operand| Shown { label: label(tracer, operand, at), ..blank() };
    let plan = tracer.evaluation.plan;
    plan.words.quoted(expr::explain(expr, &shown, &|_| None, plan.language()).labelled)
}

/// What people call an operand of a row.
fn label(tracer: &Tracer<'_>, operand: &Operand, at: &At<'_>) -> String {
    let evaluation = tracer.evaluation;
    let found = match operand {
        Operand::Column(name) | Operand::Each(_, name) => {
            let stored = evaluation.store.get(&at.pipeline.full_name(at.written));
            stored.and_then(|stored| stored.schema.get(name)).map(|field| field.label.to_string())
        }
        Operand::Param(name) => evaluation.plan.parameters.get(name).map(|parameter| parameter.title.to_string()),
        Operand::Period(_) | Operand::Aggregate(_) => None,
    };
    found.unwrap_or_default()
}

/// The value of an expression over one row.
fn value(tracer: &Tracer<'_>, expr: &Expr, at: &At<'_>) -> Cell {
    let full = at.pipeline.full_name(at.written);
    let Some(stored) = tracer.evaluation.store.get(&full) else { return Cell::Absent };
    let columns = tracer.values(&full, stored, expr);
    let Some(column) = columns.first() else { return Cell::Absent };
    column.get(at.row as usize).map_or(Cell::Absent, |value| of(&value, expr.ty.kind))
}

/// The value of a parameter that a row has chosen.
struct Chosen<'h, T> {
    since: String,
    /// The row's store, where the value is its own.
    store: String,
    /// The first day of the entry, and the stores it is for.
    version: (Date, &'h [Name]),
    value: &'h T,
}

/// A group of an aggregate.
struct Group<'a> {
    owner: &'a Pipeline,
    stored: &'a Stored,
    full: &'a str,
    column: &'a str,
    row: u32,
}

impl Tracer<'_> {
    /// The values of an expression in all rows of a frame.
    pub(super) fn values(&self, full: &str, stored: &Stored, expr: &Expr) -> Arc<Vec<Column>> {
        let key = (full.to_owned(), expr.text.to_string());
        let Ok(mut known) = self.partials.lock() else { return Arc::default() };
        if let Some(columns) = known.get(&key) {
            return Arc::clone(columns);
        }
        let parameters = self.evaluation.plan.parameters.on(self.evaluation.period.first_day());
        let period = self.evaluation.period_values();
        let evaluated = expr::evaluate(&[("value".into(), expr)], &stored.frame, &parameters, &period);
        let columns = Arc::new(evaluated.map(|evaluated| evaluated.columns).unwrap_or_default());
        known.insert(key, Arc::clone(&columns));
        columns
    }

    /// The single aggregate calls of an expression, for all groups of its step.
    fn partials(&self, group: &Group<'_>, frame: &str, parts: &[Expr]) -> Arc<Vec<Column>> {
        let key = (group.full.to_owned(), group.column.to_owned());
        let Ok(mut known) = self.partials.lock() else { return Arc::default() };
        if let Some(columns) = known.get(&key) {
            return Arc::clone(columns);
        }
        let columns = Arc::new(self.compute_partials(group, frame, parts).unwrap_or_default());
        known.insert(key, Arc::clone(&columns));
        columns
    }

    fn compute_partials(&self, group: &Group<'_>, frame: &str, parts: &[Expr]) -> PolarsResult<Vec<Column>> {
        let evaluation = self.evaluation;
        let Source::Step { groups: Some(groups) } = &group.stored.source else { return Ok(Vec::new()) };
        let Some(input) = evaluation.store.get(&group.owner.full_name(frame)) else { return Ok(Vec::new()) };
        let mut index: Vec<Option<u32>> = vec![None; input.frame.height()];
        for (own, rows) in groups.iter() {
            for row in rows {
                if let Some(slot) = index.get_mut(row as usize) {
                    *slot = Some(own);
                }
            }
        }
        let mut numbered = number(&input.frame, "@row")?;
        numbered
            .with_column(UInt32Chunked::from_iter_options("@group".into(), index.into_iter()).into_series().into())?;
        let named: Vec<_> = parts.iter().enumerate().map(|(at, part)| (at.to_string().into(), part)).collect();
        let parameters = evaluation.plan.parameters.on(evaluation.period.first_day());
        let period = evaluation.period_values();
        let height = group.stored.frame.height();
        Ok(expr::aggregate(&named, &numbered, "@group", height, &parameters, &period)?.columns)
    }
}

impl TraceNode {
    /// The value as a formula prints it: decimals that do not end as a fraction, so that a pencil can follow.
    fn shown_in_formula(&self) -> String {
        match self.value.split_once('/') {
            Some((numerator, denominator)) if self.shown.starts_with('≈') => format!("({numerator} ÷ {denominator})"),
            _ => self.shown.clone(),
        }
    }

    /// The formula in brackets that stands for the value where its decimals do not end, or it is a ratio. The formula
    /// of a value from a ladder or matrix is what was looked up, not what was found: such a value stands as itself.
    fn inlined(&self, language: Language) -> Option<String> {
        let looked_up = matches!(self.origin, Origin::LadderRow { .. } | Origin::MatrixRow { .. });
        // An announced score is used as announced, in two decimals; its card shows how it came about.
        let announced = matches!(self.origin, Origin::Score { part: Part::Announced, .. });
        let computed = !self.filled.is_empty() && !looked_up && !announced;
        let fraction = self.value.contains('/') || (self.unit == "ratio" && self.filled.contains('÷'));
        // A long formula has a step of its own; inside another one its value stands for it, as an exact fraction.
        let short = self.filled.chars().count() <= INLINED && !expr::has_case(&self.filled, language);
        (computed && fraction && short).then(|| self.filled.clone())
    }
}

/// A formula in which roles stand by their labels: who reads it does not know the ids of the project file.
fn with_labels(formula: String, roles: &BTreeMap<String, String>) -> String {
    if !formula.contains('“') {
        return formula;
    }
    roles.iter().fold(formula, |text, (id, label)| text.replace(&format!("“{id}”"), &format!("“{label}”")))
}

fn unknown(name: &str) -> Head {
    let (name, label) = (name.to_owned(), name.to_owned());
    Head { name, label, cell: Cell::Absent, ty: Type::new(Kind::Text, Unit::ratio()), origin: Origin::Period }
}

fn blank() -> Shown {
    Shown { label: String::new(), value_text: String::new(), formula: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_stand_by_their_labels_where_a_formula_asks_for_one() {
        let roles = BTreeMap::from([("parts-manager".to_owned(), "配件经理".to_owned())]);
        let asked = with_labels("若 岗位代码 =“parts-manager”则 1，否则 “全额”".to_owned(), &roles);
        assert_eq!(asked, "若 岗位代码 =“配件经理”则 1，否则 “全额”");
    }
}
