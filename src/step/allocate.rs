//! `allocate`: splits a pool among the rows of a key by weight, to the last fen.
//!
//! ```yaml
//! shares:
//!   allocate:
//!     from: members
//!     keys: [store_id, team]
//!     pool: team_pay
//!     weight: hours * skill
//!     into: share
//!     label: 班组分配
//! ```
//!
//! The pool, in yuan and the same in all rows of a key, is rounded half-up to the fen first. Each row's exact
//! share is cut down to the fen; the fen that are left go one each to the largest remainders, equal ones to
//! the larger weight, then to the lower `employee_id`. A pool below zero is split by magnitude. So the
//! shares of a key sum to its pool.
//!
//! What is not shared among people names its `member` column instead of `employee_id`: the months of a year, of which
//! each has its part of the year's target. A target without a unit is split as yuan are, to two decimals.
//!
//! Five columns are new: `share` (in the pool's unit, whole fen), `share_pool` (the rounded pool), `share_weights` (the sum
//! of the weights), `share_exact` (rounded pool × weight ÷ sum of the weights) and `share_fen` (the fen of the
//! remainder that the row received: 0 or 1, −1 of a pool below zero). `share` is `share_exact` cut down to the
//! fen plus `share_fen` ÷ 100.
//!
//! Where a pool cannot be split (weights that sum to 0, a weight below 0, a pool that differs between rows, a
//! person with two rows, a formula without value) all rows of the key leave, each with a blocking exception
//! that names the key: no share of it can be known.

use serde::Deserialize;

use super::StepKind;
use super::codes::{BAD_KEY, SETTING_MISSING};
use super::columns::{Computed, check_expr, check_new_name, fault};
use super::context::CheckCx;
use super::derive::carried;
use super::frames::{column_of, schema_of};
use super::keys::{Key, Side, check_groups};
use super::output::{ColumnOrigin, Step, StepFault};
use crate::diag::phrase::phrase;
use crate::diag::text::Language;
use crate::diag::{Code, Fault};
use crate::expr::types::{Field, Kind, Name, Schema, Type};
use crate::expr::unit::Unit;
use crate::expr::{Expr, Scope};

mod apply;

pub(super) use apply::apply;

/// A pool or weight of the wrong type.
pub const BAD_POOL: Code = Code::new(
    "bad-pool",
    "a pool that is neither in yuan nor a plain number, a weight that is no number, or one that may be absent",
);
/// A pool that nobody can split.
pub const UNSPLIT_POOL: Code = Code::exception(
    "unsplit-pool",
    "a pool that cannot be split: no weight, a weight below 0, rows that disagree, a person with two rows",
);

/// Digits of a share and of a rounded pool; a pool beyond them is no amount of money.
const DIGITS: u8 = 18;
/// The column that says whose a row is, and decides among equal remainders and weights.
const PERSON: &str = "employee_id";

/// Splits a pool among the rows of a key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllocateSpec {
    /// The frame with a row for each member of each pool.
    pub from: String,
    /// The text column that says which member a row is; `employee_id` where nothing is given.
    pub member: Option<String>,
    /// Columns that tell the pools apart.
    pub keys: Vec<String>,
    /// The pool in yuan or a plain number, the same in all rows of a key; rounded half-up to the fen before it is split.
    pub pool: String,
    /// What a row counts for, 0 or more, in any unit.
    pub weight: String,
    /// Name of the new column with the share; the other four begin with it.
    pub into: String,
    /// What reports call the share; its name where nothing is given.
    pub label: Option<String>,
}

/// A checked allocation.
#[derive(Clone, Debug)]
pub struct Allocate {
    from: Name,
    member: Name,
    keys: Vec<Key>,
    /// The pool, then the weight.
    figures: Box<[Computed; 2]>,
    into: Name,
}

/// Which of the columns of an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The share in whole fen.
    Share,
    /// The pool, rounded to the fen.
    Pool,
    /// The sum of the weights.
    Weights,
    /// The share before it was cut down to the fen.
    Exact,
    /// The fen of the remainder that the row received.
    Fen,
}

impl Part {
    /// All columns, in the order of the frame.
    pub const ALL: [Self; 5] = [Self::Share, Self::Pool, Self::Weights, Self::Exact, Self::Fen];

    /// The name of the column, by that of the share.
    pub fn column(self, into: &str) -> Name {
        Name::from(match self {
            Self::Share => into.to_owned(),
            Self::Pool => format!("{into}_pool"),
            Self::Weights => format!("{into}_weights"),
            Self::Exact => format!("{into}_exact"),
            Self::Fen => format!("{into}_fen"),
        })
    }

    fn label(self) -> &'static str {
        match self {
            Self::Share => "分配额",
            Self::Pool => "分配总额",
            Self::Weights => "权数合计",
            Self::Exact => "应分份额",
            Self::Fen => "余分",
        }
    }

    fn ty(self, pool: &Unit, weight: &Unit) -> Type {
        let fen = Kind::Decimal { digits: DIGITS, scale: 2 };
        match self {
            Self::Share | Self::Pool => Type::new(fen, pool.clone()),
            Self::Weights => Type::new(Kind::Exact, weight.clone()),
            Self::Exact => Type::new(Kind::Exact, pool.clone()),
            Self::Fen => Type::new(Kind::Int, Unit::ratio()),
        }
    }
}

/// How the columns of an allocation came about.
#[derive(Clone, Debug)]
pub struct Allocated {
    /// Which of them.
    pub part: Part,
    /// The pool, before it was rounded.
    pub pool: Expr,
    /// What a row counts for.
    pub weight: Expr,
    /// Columns whose values the rows of one pool share.
    pub keys: Vec<Name>,
    /// Name of the share.
    pub into: Name,
}

impl Allocate {
    /// Columns it reads beside those it hands on, each with its frame.
    pub(super) fn reads(&self) -> Vec<(Name, Name)> {
        let figures = self.figures.iter().flat_map(|one| one.expr.columns());
        let keys = self.keys.iter().map(|key| key.left.clone());
        let columns = figures.chain(keys).chain([self.member.clone()]);
        columns.map(|column| (self.from.clone(), column)).collect()
    }
}

/// Checks an allocation.
pub(super) fn check(spec: &AllocateSpec, cx: &CheckCx<'_>) -> Result<Step, Vec<StepFault>> {
    let schema = schema_of(&["from"], &spec.from, cx).map_err(|one| vec![*one])?;
    let mut faults = Vec::new();
    let keys = check_keys(spec, schema).map_err(|more| faults.extend(more));
    let member = spec.member.as_deref().unwrap_or(PERSON);
    let (place, word) = match &spec.member {
        Some(named) => ("member", named.as_str()),
        None => ("from", spec.from.as_str()),
    };
    match column_of(&[place], member, &spec.from, schema) {
        Ok(field) if field.ty == Type::text() => {}
        Ok(field) => {
            let kind = if field.ty.nullable { "may be absent".to_owned() } else { format!("is {}", field.ty.kind) };
            let message = format!("`{member}` of `{}` {kind}", spec.from);
            let hint = match &spec.member {
                Some(_) => "a share belongs to somebody: every row needs the text that names its member",
                None => "a share belongs to somebody: every row needs the text of an employee id",
            };
            faults.push(fault(&[place], Fault::new(BAD_KEY, 0..word.len(), message).hint(hint)));
        }
        Err(one) => faults.push(*one),
    }
    let what = format!("`{}`", spec.from);
    let scope = Scope { columns: schema, each: None, params: cx.params, aggregates: false, what: &what };
    let pool = check_figure("pool", &spec.pool, true, &scope).map_err(|more| faults.extend(more));
    let weight = check_figure("weight", &spec.weight, false, &scope).map_err(|more| faults.extend(more));
    for part in Part::ALL {
        let wrong = check_new_name(&["into"], &part.column(&spec.into), schema);
        if let Some(wrong) = wrong {
            let whole = Fault { span: 0..spec.into.len(), ..wrong.fault };
            faults.push(fault(&["into"], whole));
            break;
        }
    }
    let (Ok(keys), Ok(pool), Ok(weight), true) = (keys, pool, weight, faults.is_empty()) else { return Err(faults) };
    Ok(assemble(spec, schema, keys, [pool, weight], cx.language))
}

/// The keys: present in every row, so that nobody shares a pool by a name that is missing.
fn check_keys(spec: &AllocateSpec, schema: &Schema) -> Result<Vec<Key>, Vec<StepFault>> {
    if spec.keys.is_empty() {
        let message = "a pool needs at least one key to be told from others by";
        let hint = "write `keys: [store_id, team]`, or whatever has a pool of its own";
        return Err(vec![fault(&["keys"], Fault::new(SETTING_MISSING, 0..0, message).hint(hint))]);
    }
    let keys = check_groups(&spec.keys, &Side { name: &spec.from, schema })?;
    let absent = spec.keys.iter().enumerate().filter(|(_, name)| schema.get(name).is_some_and(|key| key.ty.nullable));
    let faults: Vec<StepFault> = absent
        .map(|(at, name)| {
            let message = format!("`{name}` may be absent, and would make a pool without a name");
            let hint = format!("filter such rows out before: `where: {name} IS NOT NULL`");
            fault(&["keys", &at.to_string()], Fault::new(BAD_KEY, 0..name.len(), message).hint(hint))
        })
        .collect();
    if faults.is_empty() { Ok(keys) } else { Err(faults) }
}

/// The pool or the weight.
fn check_figure(key: &str, text: &str, yuan: bool, scope: &Scope<'_>) -> Result<Computed, Vec<StepFault>> {
    let expr = check_expr(&[key], text, scope)?;
    let refuse =
        |message: String, hint: &str| Err(vec![fault(&[key], Fault::new(BAD_POOL, 0..text.len(), message).hint(hint))]);
    if !expr.ty.kind.is_number() {
        return refuse(format!("the {key} is {}, not a number", expr.ty.kind), "only numbers can be split or weighed");
    }
    if yuan && ![Unit::base("yuan"), Unit::ratio()].contains(&expr.ty.unit) && !expr.adapts() {
        let hint = "a pool is yuan: yuan × ratio, yuan per car × cars";
        return refuse(format!("the pool is in {}, not in yuan", expr.ty.unit), hint);
    }
    if expr.ty.nullable {
        return refuse(
            format!("the {key} may be absent"),
            "say what holds then: `COALESCE(x, …)`, or filter such rows out",
        );
    }
    let field = Field { name: Name::from(key), ty: expr.ty.clone(), label: Name::from(key) };
    Ok(Computed { field, expr })
}

fn assemble(spec: &AllocateSpec, schema: &Schema, keys: Vec<Key>, figures: [Computed; 2], language: Language) -> Step {
    let from = Name::from(spec.from.as_str());
    let into = Name::from(spec.into.as_str());
    let member = Name::from(spec.member.as_deref().unwrap_or(PERSON));
    let [pool, weight] = &figures;
    let unit = if pool.expr.adapts() { Unit::base("yuan") } else { pool.expr.ty.unit.clone() };
    let mut made = schema.clone();
    let mut origins = carried(&from, schema);
    for part in Part::ALL {
        let name = part.column(&into);
        let label = match (part, &spec.label) {
            (Part::Share, Some(label)) => label.as_str(),
            _ => phrase(part.label(), language),
        };
        made.set(Field { name: name.clone(), ty: part.ty(&unit, &weight.expr.ty.unit), label: Name::from(label) });
        let how = Allocated {
            part,
            pool: pool.expr.clone(),
            weight: weight.expr.clone(),
            keys: keys.iter().map(|key| key.left.clone()).collect(),
            into: into.clone(),
        };
        origins.insert(name, ColumnOrigin::Allocated { how: Box::new(how), frame: from.clone() });
    }
    let inputs = vec![from.clone()];
    Step {
        kind: StepKind::Allocate(Allocate { from, member, keys, figures: Box::new(figures), into }),
        inputs,
        schema: made,
        origins,
    }
}
