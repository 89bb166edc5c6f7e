//! `join`: brings columns of other frames to the rows of one.
//!
//! ```yaml
//! with_targets:
//!   join:
//!     from: facts
//!     with: [targets, scores]
//!     keys: [store_id, employee_id]
//!     expect: one-to-one
//!     unmatched: exception
//! assigned:
//!   join:
//!     from: orders
//!     with: [identities]
//!     keys: { store_id: store_id, dms_user: dms_user }
//!     take: [employee_id]
//!     as_of: opened_on
//!     unmatched: exception
//!     who: dms_user
//!     stake: output_amount
//! ```
//!
//! Rows of `from` keep their order. What `expect` promises is checked on the data: keys that break it
//! are named in an exception and their rows leave, so that nobody's money doubles. With `as_of` the
//! other frame must hold intervals, and a row meets the one that holds its date, both ends counted;
//! with `during: period` it meets those that touch the period.
//!
//! Unless `take` says otherwise, every column of the other frames comes along but the keys, the implicit
//! `store_id` and `period`, and the interval of an `as_of` or `during` join.

use serde::Deserialize;

use super::StepKind;
use super::codes::{BAD_KEY, SETTING_CONFLICT, SETTING_MISSING, UNKNOWN_STEP_COLUMN};
use super::columns::{check_new_name, fault, name_hint};
use super::context::CheckCx;
use super::derive::carried;
use super::frames::{IMPLICIT, column_of, schema_of};
use super::keys::{Key, Side, check_pairs};
use super::names::NamesSpec;
use super::output::{ColumnOrigin, Step, StepFault};
use crate::diag::{Code, Fault};
use crate::expr::types::{Field, Kind, Name, Schema, Type};

mod apply;
mod trouble;

pub(super) use apply::apply;

/// Two columns of one name.
pub const NAME_CLASH: Code = Code::new("name-clash", "a join would bring a column whose name the frame has already");
/// Not a frame of intervals.
pub const NO_INTERVAL: Code =
    Code::new("no-interval", "an `as_of` or `during` join with a frame whose rows are no intervals");
/// Nobody for a row.
pub const UNMATCHED_ROW: Code = Code::exception("unmatched-row", "a row finds no partner in a frame that it needs");
/// More than one for a row.
pub const AMBIGUOUS_ROW: Code =
    Code::exception("ambiguous-row", "a row finds several partners where one is expected, or shares one with others");

/// Brings columns of other frames to the rows of one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinSpec {
    /// The frame whose rows look for partners.
    pub from: String,
    /// The frames in which they look, each by the same keys.
    pub with: Vec<String>,
    /// Columns by which rows meet: a list of names both sides have, or `{ left: right }`.
    pub keys: NamesSpec,
    /// Columns to bring: a list of names, or `{ new: old }`; see above for what comes without it.
    pub take: Option<NamesSpec>,
    /// How many rows of each side may meet; checked on the data. May be left out with `as_of`, where a
    /// row meets one interval (`many-to-one`).
    pub expect: Option<Cardinality>,
    /// What becomes of a row without partner.
    pub unmatched: Unmatched,
    /// A date column of `from`: a row meets the interval that holds its date.
    pub as_of: Option<String>,
    /// `period`: a row meets the intervals that touch the period.
    pub during: Option<During>,
    /// An amount of `from`, summed in exceptions as the yuan at stake.
    pub stake: Option<String>,
    /// The column of `from` that says whom a row concerns, for exceptions; `employee_id` where the rows
    /// have it. Rows of one name make one exception.
    pub who: Option<String>,
    /// Why rows without partner leave, as row fates and exceptions print it.
    pub because: Option<String>,
}

/// How many rows may meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cardinality {
    /// Keys are unique on both sides.
    OneToOne,
    /// Keys are unique in the frames joined; each of their rows may serve many.
    ManyToOne,
    /// Keys are unique in `from`; each of its rows may find many and then stands once for each.
    OneToMany,
    /// Nothing is promised.
    ManyToMany,
}

/// What becomes of a row without partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unmatched {
    /// It leaves, and blocks publication.
    Exception,
    /// It leaves, and holds the person's lines.
    Hold,
    /// It stays; the columns brought are absent.
    Keep,
    /// It leaves and is counted.
    Drop,
}

/// Which intervals a row without a date meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum During {
    /// Those that touch the period.
    Period,
}

/// A checked join.
#[derive(Clone, Debug)]
pub struct Join {
    from: Name,
    rights: Vec<Right>,
    expect: Cardinality,
    unmatched: Unmatched,
    when: When,
    stake: Option<Name>,
    /// Column that names whom a row concerns, and whether the file chose it.
    who: Option<(Name, bool)>,
    /// Whether `from` tells stores apart.
    by_store: bool,
    because: Option<String>,
}

impl Join {
    /// Columns it reads beside those it hands on, each with its frame.
    pub(super) fn reads(&self) -> Vec<(Name, Name)> {
        let mut reads: Vec<(Name, Name)> = Vec::new();
        for right in &self.rights {
            for key in &right.keys {
                reads.push((self.from.clone(), key.left.clone()));
                reads.push((right.frame.clone(), key.right.clone()));
            }
            let interval = right.interval.iter().flat_map(|(first, last)| [first.clone(), last.clone()]);
            reads.extend(interval.map(|column| (right.frame.clone(), column)));
        }
        if let When::AsOf(column) = &self.when {
            reads.push((self.from.clone(), column.clone()));
        }
        let chosen = self.who.iter().filter(|(_, chosen)| *chosen).map(|(column, _)| column);
        reads.extend(self.stake.iter().chain(chosen).map(|column| (self.from.clone(), column.clone())));
        reads
    }
}

/// A frame in which rows look for partners.
#[derive(Clone, Debug)]
struct Right {
    frame: Name,
    keys: Vec<Key>,
    /// Columns brought: new and old name.
    take: Vec<(Name, Name)>,
    /// First and last day, where intervals are asked for.
    interval: Option<(Name, Name)>,
}

/// Which of the rows with equal keys meet.
#[derive(Clone, Debug, PartialEq, Eq)]
enum When {
    Always,
    AsOf(Name),
    DuringPeriod,
}

/// Checks a join.
pub(super) fn check(spec: &JoinSpec, cx: &CheckCx<'_>) -> Result<Step, Vec<StepFault>> {
    let mut faults = check_settings(spec);
    let from = match schema_of(&["from"], &spec.from, cx) {
        Ok(schema) => Side { name: &spec.from, schema },
        Err(one) => {
            faults.push(*one);
            return Err(faults);
        }
    };
    for (key, column) in [("as_of", &spec.as_of), ("stake", &spec.stake), ("who", &spec.who)] {
        let Some(column) = column else { continue };
        match column_of(&[key], column, &spec.from, from.schema) {
            Ok(field) => faults.extend(check_role(key, field)),
            Err(one) => faults.push(*one),
        }
    }
    let mut rights = Vec::new();
    for (at, name) in spec.with.iter().enumerate() {
        match check_right(spec, at, name, &from, cx) {
            Ok(right) => rights.push(right),
            Err(more) => faults.extend(more),
        }
    }
    let with_is_right = faults.iter().all(|one| one.path.first().is_none_or(|key| key != "with"));
    if with_is_right && rights.len() == spec.with.len() {
        faults.extend(check_taken(spec, &from, &rights));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(assemble(spec, &from, rights))
}

/// Settings that do not depend on any frame.
fn check_settings(spec: &JoinSpec) -> Vec<StepFault> {
    let mut faults = Vec::new();
    let mut add = |path: &[&str], code: Code, message: &str, hint: &str| {
        faults.push(StepFault { key: true, ..fault(path, Fault::new(code, 0..0, message).hint(hint)) });
    };
    if spec.with.is_empty() {
        add(&["with"], SETTING_MISSING, "a join needs at least one frame to join with", "name it: `with: [targets]`");
    }
    if spec.as_of.is_some() && spec.during.is_some() {
        add(
            &["during"],
            SETTING_CONFLICT,
            "`as_of` and `during` exclude each other",
            "`as_of` asks for one day, `during` for the whole period",
        );
    }
    match spec.expect {
        None if spec.as_of.is_none() => add(
            &[],
            SETTING_MISSING,
            "the join does not say how many rows may meet",
            "add `expect: one-to-one`, `many-to-one`, `one-to-many` or `many-to-many`",
        ),
        Some(Cardinality::OneToMany | Cardinality::ManyToMany) if spec.as_of.is_some() => add(
            &["expect"],
            SETTING_CONFLICT,
            "with `as_of` a row meets one interval",
            "expect `many-to-one` or `one-to-one`, or use `during: period`",
        ),
        Some(Cardinality::OneToMany | Cardinality::ManyToMany) if spec.with.len() > 1 => add(
            &["expect"],
            SETTING_CONFLICT,
            "several frames at once may each bring one row at most",
            "make one join for each frame of which a row may find many",
        ),
        _ => {}
    }
    if spec.because.is_some() && spec.unmatched == Unmatched::Keep {
        let hint = "take it away, or let them leave";
        add(&["because"], SETTING_CONFLICT, "with `unmatched: keep` no row leaves that needed a reason", hint);
    }
    for (at, name) in spec.with.iter().enumerate() {
        let place = at.to_string();
        if *name == spec.from {
            let hint = "give the other side a name of its own: a `select` of the columns needed";
            add(&["with", &place], SETTING_CONFLICT, "a frame cannot join itself", hint);
        } else if spec.with.iter().take(at).any(|earlier| earlier == name) {
            add(&["with", &place], SETTING_CONFLICT, "the frame stands here twice", "name each frame once");
        }
    }
    faults
}

/// Whether a column can play the part that a setting gives it.
fn check_role(key: &str, field: &Field) -> Option<StepFault> {
    let wrong = match key {
        "as_of" if field.ty.kind == Kind::DateTime => {
            Some(("a date", "derive the day of the datetime in a step before: `CAST(x AS DATE)`"))
        }
        "as_of" if field.ty.kind != Kind::Date => Some(("a date", "name the column that holds the day asked for")),
        "as_of" if field.ty.nullable => Some(("always present", "filter out the rows without a date first")),
        "stake" if !field.ty.kind.is_number() => Some(("an amount", "name the column whose yuan are at stake")),
        "who" if field.ty.kind != Kind::Text => Some(("a text", "name the column that says whom a row concerns")),
        _ => None,
    };
    let (needed, hint) = wrong?;
    let message = format!("`{}` is not {needed}", field.name);
    Some(fault(&[key], Fault::new(BAD_KEY, 0..field.name.len(), message).hint(hint)))
}

/// Checks one of the frames joined: its keys, its interval and what it brings without `take`.
fn check_right<'a>(
    spec: &JoinSpec,
    at: usize,
    name: &str,
    from: &Side<'_>,
    cx: &CheckCx<'a>,
) -> Result<(Right, &'a Schema), Vec<StepFault>> {
    let place = at.to_string();
    let path = ["with", place.as_str()];
    let schema = schema_of(&path, name, cx).map_err(|one| vec![*one])?;
    let mut faults = Vec::new();
    let right = Side { name, schema };
    let keys = check_pairs(&spec.keys, from, &right).unwrap_or_else(|more| {
        faults.extend(more);
        Vec::new()
    });
    let both_have = |column: &str| from.schema.get(column).is_some() && schema.get(column).is_some();
    if both_have("store_id") && !spec.keys.pairs.iter().any(|(left, right)| left == "store_id" || right == "store_id") {
        let message = format!("the keys leave out `store_id`: rows would meet those of other stores in `{name}`");
        let hint = "add `store_id` to the keys; where stores shall meet, drop it from one side by a `select`";
        faults.push(StepFault { key: true, ..fault(&["keys"], Fault::new(BAD_KEY, 0..0, message).hint(hint)) });
    }
    let mut interval = None;
    if spec.as_of.is_some() || spec.during.is_some() {
        interval = cx.frames.interval(name);
        if interval.is_none() {
            let message = format!("the rows of `{name}` are no intervals");
            let hint = "declare `interval: [valid_from, valid_to]` in its dataset";
            faults.push(fault(&path, Fault::new(NO_INTERVAL, 0..name.len(), message).hint(hint)));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let take = match &spec.take {
        Some(take) => take
            .pairs
            .iter()
            .filter_map(|(new, old)| Some((Name::from(new.as_str()), schema.get(old)?.name.clone())))
            .collect(),
        None => schema
            .fields
            .iter()
            .map(|field| &field.name)
            .filter(|column| !keys.iter().any(|key| key.right == **column))
            .filter(|column| !IMPLICIT.contains(&&***column))
            .filter(|column| interval.as_ref().is_none_or(|(first, last)| first != *column && last != *column))
            .map(|column| (column.clone(), column.clone()))
            .collect(),
    };
    Ok((Right { frame: Name::from(name), keys, take, interval }, schema))
}

/// Every column taken is in exactly one of the frames, under a name that is free.
fn check_taken(spec: &JoinSpec, from: &Side<'_>, rights: &[(Right, &Schema)]) -> Vec<StepFault> {
    let mut faults = Vec::new();
    let mut names = from.schema.clone();
    if let Some(take) = &spec.take {
        for (at, (new, old)) in take.pairs.iter().enumerate() {
            let place = take.step(at);
            let path = ["take", place.as_str()];
            let owners: Vec<&str> =
                rights.iter().filter(|(_, schema)| schema.get(old).is_some()).map(|(right, _)| &*right.frame).collect();
            match owners.as_slice() {
                [_] => {}
                [] => {
                    let message = format!("no frame joined has a column `{old}`");
                    let hint = name_hint(old, rights.iter().flat_map(|(_, schema)| schema.names()));
                    faults.push(fault(&path, Fault::new(UNKNOWN_STEP_COLUMN, 0..old.len(), message).hint(hint)));
                }
                several => {
                    let message = format!("`{old}` stands in {}", several.join(" and "));
                    let hint = "make one join for each frame";
                    faults.push(fault(&path, Fault::new(NAME_CLASH, 0..old.len(), message).hint(hint)));
                }
            }
            if let Some(one) = check_new_name(&path, new, &names) {
                faults.push(StepFault { key: take.is_map, ..one });
            } else {
                let name = Name::from(new.as_str());
                names.set(Field { name: name.clone(), ty: Type::text(), label: name });
            }
        }
        return faults;
    }
    let mut free: Vec<&str> = Vec::new();
    let mut clashing: Vec<&str> = Vec::new();
    for (right, _) in rights {
        for (column, _) in &right.take {
            if from.schema.get(column).is_some() || free.contains(&&**column) {
                clashing.push(column);
            } else {
                free.push(column);
            }
        }
    }
    if let [first, ..] = clashing.as_slice() {
        let all: Vec<String> = clashing.iter().map(|column| format!("`{column}`")).collect();
        let message = format!("the join would bring {} beside a column of that name", all.join(", "));
        let hint = if free.is_empty() {
            format!("say what to take, under a new name: `take: {{ new_{first}: {first} }}`")
        } else {
            format!("say what to take: `take: [{}]`", free.join(", "))
        };
        faults.push(StepFault { key: true, ..fault(&["with"], Fault::new(NAME_CLASH, 0..0, message).hint(hint)) });
    }
    faults
}

/// Schema, origins and plan of a join without faults.
fn assemble(spec: &JoinSpec, from: &Side<'_>, rights: Vec<(Right, &Schema)>) -> Step {
    let name = Name::from(from.name);
    let mut schema = from.schema.clone();
    let mut origins = carried(&name, from.schema);
    for (right, columns) in &rights {
        for (new, old) in &right.take {
            let Some(field) = columns.get(old) else { continue };
            let mut ty = field.ty.clone();
            ty.nullable |= spec.unmatched == Unmatched::Keep;
            let label = if field.label == field.name { new.clone() } else { field.label.clone() };
            schema.set(Field { name: new.clone(), ty, label });
            let origin = ColumnOrigin::Carried { frame: right.frame.clone(), column: old.clone() };
            origins.insert(new.clone(), origin);
        }
    }
    let inputs = std::iter::once(name.clone()).chain(rights.iter().map(|(right, _)| right.frame.clone())).collect();
    let when = match (&spec.as_of, spec.during) {
        (Some(column), _) => When::AsOf(Name::from(column.as_str())),
        (None, Some(During::Period)) => When::DuringPeriod,
        (None, None) => When::Always,
    };
    let who = match &spec.who {
        Some(column) => Some((Name::from(column.as_str()), true)),
        None => from.schema.get("employee_id").map(|field| (field.name.clone(), false)),
    };
    let join = Join {
        from: name,
        rights: rights.into_iter().map(|(right, _)| right).collect(),
        expect: spec.expect.unwrap_or(Cardinality::ManyToOne),
        unmatched: spec.unmatched,
        when,
        stake: spec.stake.as_deref().map(Name::from),
        who,
        by_store: from.schema.get("store_id").is_some(),
        because: spec.because.clone(),
    };
    Step { kind: StepKind::Join(join), inputs, schema, origins }
}
