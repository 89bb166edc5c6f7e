//! Shares of a pool: the pool, the own weight, the weights of all members, the share before it was cut down
//! to the fen, and the fen of the remainder.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::super::Tracer;
use super::{At, Builder, Head};
use crate::diag::phrase::{phrase, phrase_of};
use crate::diag::text::Language;
use crate::expr::ROUNDED;
use crate::expr::types::Name;
use crate::money::Exact;
use crate::plan::Pipeline;
use crate::run::cells::Cell;
use crate::run::frames::Stored;
use crate::run::outcome::Origin;
use crate::run::trace::rows::origin;
use crate::step::allocate::{Allocated, Part};

/// Up to how many members of a pool are written out, each with its own derivation.
const MEMBERS: usize = 40;

/// Pools of allocated frames by full name and share, found when first asked for.
pub(in crate::run::trace) type KnownPools = Mutex<BTreeMap<(String, Name), Arc<Pools>>>;

/// Which rows of a frame share a pool.
#[derive(Debug, Default)]
pub(in crate::run::trace) struct Pools {
    of_row: Vec<usize>,
    rows: Vec<Vec<u32>>,
}

impl Pools {
    fn new(stored: &Stored, keys: &[Name]) -> Self {
        let mut numbers: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        let mut pools = Self::default();
        for row in 0..u32::try_from(stored.frame.height()).unwrap_or(u32::MAX) {
            let key = keys.iter().map(|key| stored.cell(row, key).canonical()).collect();
            let pool = *numbers.entry(key).or_insert(pools.rows.len());
            if pool == pools.rows.len() {
                pools.rows.push(Vec::new());
            }
            pools.of_row.push(pool);
            if let Some(rows) = pools.rows.get_mut(pool) {
                rows.push(row);
            }
        }
        pools
    }

    /// The rows that share the pool of a row, itself among them.
    fn with(&self, row: u32) -> &[u32] {
        let pool = self.of_row.get(row as usize).and_then(|pool| self.rows.get(*pool));
        pool.map(Vec::as_slice).unwrap_or_default()
    }
}

impl Tracer<'_> {
    fn pools(&self, full: &str, stored: &Stored, how: &Allocated) -> Arc<Pools> {
        let key = (full.to_owned(), how.into.clone());
        let Ok(mut known) = self.pools.lock() else { return Arc::default() };
        Arc::clone(known.entry(key).or_insert_with(|| Arc::new(Pools::new(stored, &how.keys))))
    }
}

/// A row of an allocated frame.
pub(super) struct Row<'a> {
    /// The pipeline that allocates, and its step.
    pub owner: &'a Pipeline,
    pub step: &'a str,
    /// Full name of the step's frame, and the frame.
    pub full: &'a str,
    pub stored: &'a Stored,
    /// How the column came about.
    pub how: &'a Allocated,
    /// The frame that the step read.
    pub frame: &'a str,
    /// Rows: of the step's frame, and of the frame that it read.
    pub row: u32,
    pub read: u32,
}

impl<'a> Row<'a> {
    fn column(&self, part: Part) -> Name {
        part.column(&self.how.into)
    }

    fn read_at(&self, read: u32) -> At<'a> {
        At { pipeline: self.owner, written: self.frame, row: read }
    }
}

impl Builder<'_, '_> {
    /// A node for one of the columns of an allocation.
    pub(super) fn allocated(&mut self, row: &Row<'_>, head: Head, depth: usize) -> usize {
        let node = self.push(head);
        match row.how.part {
            Part::Share => self.share(node, row, depth),
            Part::Exact => self.exact_share(node, row, depth),
            Part::Pool => {
                let at = row.read_at(row.read);
                self.explain(node, &row.how.pool, Some(&at), depth, &mut |builder, operand| {
                    builder.operand(operand, &at, depth + 1)
                });
                let language = self.language();
                let own = &mut self.nodes[node];
                own.formula = format!("ROUND({}, 2, 'half-up')", own.formula.trim());
                own.labelled = rounded("四舍五入", &own.labelled, language);
                own.filled = rounded("四舍五入", &own.filled, language);
            }
            Part::Weights => self.weights(node, row, depth),
            Part::Fen => self.remainder(node, row),
        }
        node
    }

    fn part(&mut self, row: &Row<'_>, part: Part, depth: usize) -> usize {
        let at = At { pipeline: row.owner, written: row.step, row: row.row };
        self.column(&at, &row.column(part), depth + 1)
    }

    fn share(&mut self, node: usize, row: &Row<'_>, depth: usize) {
        let (exact, fen) = (self.part(row, Part::Exact, depth), self.part(row, Part::Fen, depth));
        let language = self.language();
        let text =
            |node: usize| self.nodes[node].inlined(language).unwrap_or_else(|| self.nodes[node].shown_in_formula());
        let labelled =
            format!("{} + {} ÷ 100", rounded("截尾", &self.nodes[exact].label, language), self.nodes[fen].label);
        let filled =
            format!("{} + {} ÷ 100", rounded("截尾", &text(exact), language), self.nodes[fen].shown_in_formula());
        let own = &mut self.nodes[node];
        let (exact_name, fen_name) = (row.column(Part::Exact), row.column(Part::Fen));
        own.formula = format!("ROUND({exact_name}, 2, 'down') + {fen_name} / 100");
        own.labelled = labelled;
        own.filled = filled;
        own.children = vec![exact, fen];
    }

    fn exact_share(&mut self, node: usize, row: &Row<'_>, depth: usize) {
        let pool = self.part(row, Part::Pool, depth);
        let weight = self.weight(row, row.row, row.read, depth + 1);
        let weights = self.part(row, Part::Weights, depth);
        let label = |node: usize| self.nodes[node].label.clone();
        let labelled = format!("{} × {} ÷ {}", label(pool), label(weight), label(weights));
        let own_weight = match self.nodes[weight].inlined(self.language()) {
            Some(inner) => format!("({inner})"),
            None => self.nodes[weight].shown_in_formula(),
        };
        let shown = |node: usize| self.nodes[node].shown_in_formula();
        let filled = format!("{} × {own_weight} ÷ {}", shown(pool), shown(weights));
        let formula =
            format!("{} * ({}) / {}", row.column(Part::Pool), row.how.weight.text.trim(), row.column(Part::Weights));
        let own = &mut self.nodes[node];
        own.formula = formula;
        own.labelled = labelled;
        own.filled = filled;
        own.children = vec![pool, weight, weights];
    }

    /// The sum of the weights: each member with its own derivation, where they are few enough to be read.
    fn weights(&mut self, node: usize, row: &Row<'_>, depth: usize) {
        let pools = self.tracer.pools(row.full, row.stored, row.how);
        let members = pools.with(row.row);
        let read: Vec<(u32, u32)> =
            members.iter().filter_map(|&member| Some((member, row.stored.input_row(member, row.frame)?))).collect();
        let rows: Vec<u32> = read.iter().map(|(_, read)| *read).collect();
        let columns: Vec<Name> = row.how.weight.columns().into_iter().collect();
        let from = row.owner.full_name(row.frame);
        self.nodes[node].origin = origin(self.tracer, &from, &rows, &columns);
        self.nodes[node].formula = format!("SUM({})", row.how.weight.text.trim());
        if read.len() > MEMBERS {
            return;
        }
        let children: Vec<usize> =
            read.into_iter().map(|(member, read)| self.weight(row, member, read, depth + 1)).collect();
        let sum =
            |text: &dyn Fn(usize) -> String| children.iter().map(|&child| text(child)).collect::<Vec<_>>().join(" + ");
        let labelled = sum(&|child| self.nodes[child].label.clone());
        let filled = sum(&|child| self.nodes[child].shown_in_formula());
        let own = &mut self.nodes[node];
        own.labelled = labelled;
        own.filled = filled;
        own.children = children;
    }

    /// What a member of the pool counts for, under the member's name.
    fn weight(&mut self, row: &Row<'_>, member: u32, read: u32, depth: usize) -> usize {
        let key = (row.full.to_owned(), member, format!("@weight of {}", row.how.into));
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let at = row.read_at(read);
        let text = |column: &str| match row.stored.cell(member, column) {
            Cell::Text(text) => text,
            _ => String::new(),
        };
        let (name, employee_id) = (text("name"), text("employee_id"));
        let person = if name.is_empty() { employee_id.clone() } else { format!("{name} {employee_id}") };
        let head = Head {
            name: format!("weight of {employee_id}"),
            label: phrase_of("权数（{person}）", self.language(), &[("person", &person)]),
            cell: self.value(&row.how.weight, &at),
            ty: row.how.weight.ty.clone(),
            origin: Origin::Step { pipeline: row.owner.name.to_string(), step: row.step.to_owned() },
        };
        let node = self.expression(&row.how.weight, &at, head, depth);
        self.known.insert(key, node);
        node
    }

    /// The fen of the remainder, and how many the members received in all.
    fn remainder(&mut self, node: usize, row: &Row<'_>) {
        let pools = self.tracer.pools(row.full, row.stored, row.how);
        let fen = row.column(Part::Fen);
        let received = pools.with(row.row).iter().filter_map(|&member| match row.stored.cell(member, &fen) {
            Cell::Number(fen) => Some(fen),
            _ => None,
        });
        let left = received.fold(Exact::zero(), |sum, fen| sum.add(&fen)).abs();
        let language = self.language();
        let own = &mut self.nodes[node];
        "largest remainder, then larger weight, then lower employee_id".clone_into(&mut own.formula);
        let words = "余下 {left} 分按尾数从大到小各得 1 分；尾数相同先给权数大者，再按工号";
        own.labelled = phrase_of(words, language, &[("left", &left.shown(0))]);
    }
}

/// `四舍五入(…，2 位小数)`, as expressions print it.
fn rounded(word: &'static str, text: &str, language: Language) -> String {
    let details = [("word", phrase(word, language)), ("value", without_brackets(text)), ("places", "2")];
    phrase_of(ROUNDED, language, &details)
}

/// A text without the one pair of brackets around all of it.
fn without_brackets(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) else { return text };
    let mut open = 0_i32;
    for character in inner.chars() {
        open += match character {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if open < 0 {
            return text;
        }
    }
    inner
}
