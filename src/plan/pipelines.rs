//! Pipelines checked: spines, steps in order, pay lines and what reports may read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::carry;
use super::order;
use super::parameters::Parameters;
use super::places::{Faults, key, path};
use super::scope::Scope;
use super::table;
use super::{DUPLICATE_NAME, Each, Pipeline, PlannedLine, PlannedStep, Spine};
use crate::diag::text::Language;
use crate::diag::yaml::{OrderedMap, Titled};
use crate::diag::{Code, Finding, Findings, nearest};
use crate::expr::types::{Kind, Name, Schema, Type};
use crate::expr::unit::Unit;
use crate::expr::{self, Expr};
use crate::source::Contract;
use crate::spec::{EachSpec, LinePart, Located, PayLineSpec, PerSpec, PipelineSpec, Seg, SpineSpec};
use crate::step::{self, CheckCx, FrameTypes};

/// A role that the project file does not list.
pub(super) const UNKNOWN_ROLE: Code =
    Code::new("unknown-role", "a spine or the plan table names a role that the project file does not list");
/// An amount that is no number in yuan, or may be absent.
pub(super) const PAY_AMOUNT: Code =
    Code::new("pay-amount", "the amount of a pay line is not a number in yuan that is always there");
/// A pay line from something that has no person in its rows.
pub(super) const PAY_FRAME: Code =
    Code::new("pay-frame", "a pay line reads a frame whose rows name no store and person");
/// Lines told apart by a column that does not do that.
pub(super) const PAY_EACH: Code =
    Code::new("pay-each", "`each` of a pay line names a column that is no text which is always there");
/// A part that the line cannot be.
pub(super) const LINE_PART: Code =
    Code::new("line-part", "`part` of a pay line is one of net pay, or the other way about, or is missing in net pay");
/// Both kinds of lines in one pipeline.
pub(super) const SETTLE_AND_PAY: Code =
    Code::new("settle-and-pay", "a pipeline pays and settles, or settles where another one does already");
/// A clause of a line that its pipeline does not list.
pub(super) const CLAUSE_NOT_LISTED: Code =
    Code::new("clause-not-listed", "a pay line cites a clause that its pipeline does not list under `clauses`");
/// A published step that does not exist.
pub(super) const UNKNOWN_PUBLISHED: Code =
    Code::new("unknown-published", "`publish` names a step that the pipeline does not have");
/// A step whose name means something else.
pub(super) const RESERVED_STEP: Code = Code::new(
    "reserved-step",
    "a step or pipeline has a name that means something else, such as `spine`, `pay` or `run`",
);

/// What pipelines are checked against.
pub(super) struct Context<'a> {
    /// Datasets.
    pub contracts: &'a BTreeMap<Name, Contract>,
    /// Parameters and ladders.
    pub parameters: &'a Parameters,
    /// Roles.
    pub roles: &'a BTreeMap<String, String>,
    /// The project's own base units.
    pub units: &'a [String],
    /// The language of the run.
    pub language: Language,
    /// Columns of a spine; absent where the roster itself is broken.
    pub roster: Option<&'a Schema>,
    /// Plans that the project's table may name; absent where it has no table.
    pub plans: Option<&'a table::Context<'a>>,
}

/// Checks all pipelines; the result stands in the order of computation.
pub(super) fn check(files: &[Located<PipelineSpec>], cx: &Context<'_>, findings: &mut Findings) -> Vec<Pipeline> {
    let mut checked: Vec<Pipeline> = Vec::new();
    let mut names = BTreeSet::new();
    let declared = files.iter().flat_map(|file| declared(&file.value)).collect();
    for file in order::pipelines(files, findings) {
        if !names.insert(file.value.pipeline.as_str()) {
            let message = format!("another file defines `{}` too", file.value.pipeline);
            let mut faults = Faults::new(&file.document, Vec::new(), findings);
            faults.at(&[key("pipeline")], Finding::error(DUPLICATE_NAME, message).hint("rename one of them"));
            continue;
        }
        if file.value.pipeline == "run" {
            let mut faults = Faults::new(&file.document, Vec::new(), findings);
            let finding =
                Finding::error(RESERVED_STEP, "`run` is no name for a pipeline: `run.pay` is what all plans pay");
            faults.at(&[key("pipeline")], finding.hint("call it after what it computes"));
        }
        let pipeline = check_one(file, &checked, &declared, cx, findings);
        checked.push(pipeline);
    }
    checked
}

/// Full names of the frames that a pipeline would have if nothing in it were wrong. Who reads one that is missing after
/// all has nothing to mend: what is wrong is told where it stands, once.
fn declared(spec: &PipelineSpec) -> impl Iterator<Item = String> {
    let steps = spec.steps.keys().map(str::to_owned);
    let spine = spec.spine.iter().map(|_| "spine".to_owned());
    let pay = (!spec.pay.is_empty()).then(|| "pay".to_owned());
    steps.chain(spine).chain(pay).map(|frame| format!("{}.{frame}", spec.pipeline))
}

fn check_one(
    file: &Located<PipelineSpec>,
    before: &[Pipeline],
    declared: &BTreeSet<String>,
    cx: &Context<'_>,
    findings: &mut Findings,
) -> Pipeline {
    let spec = &file.value;
    let spine = spine(file, cx, findings);
    let mut scope = Scope {
        contracts: cx.contracts,
        pipelines: before,
        language: cx.language,
        spine: spine.as_ref().map(|spine| &spine.schema),
        steps: BTreeMap::new(),
        windows: BTreeMap::new(),
    };
    let names = scope.names();
    let known = |name: &str| scope.schema(name).is_some() || declared.contains(name);
    let order = order::steps(file, &known, &names, findings);
    let specs: Vec<(&str, &Titled<step::StepSpec>)> = spec.steps.iter().collect();
    let mut steps = Vec::new();
    for at in order {
        let (name, step_spec) = specs[at];
        if matches!(name, "spine" | "pay" | "settle" | "exceptions") {
            let finding =
                Finding::error(RESERVED_STEP, format!("`{name}` is no name for a step: it means something else"));
            let mut faults = Faults::new(&file.document, path(["steps", name]), findings);
            faults.on_key(finding.hint("call the step after what its rows are"));
        }
        if step_spec.reads().iter().any(|input| scope.schema(input).is_none()) {
            continue;
        }
        let check = CheckCx {
            frames: &scope,
            params: cx.parameters,
            tables: cx.parameters,
            units: cx.units,
            language: cx.language,
        };
        match step::check(step_spec, &check) {
            Ok(step) => {
                scope.add(name, &step);
                steps.push(PlannedStep { name: Arc::from(name), title: step_spec.title.clone(), step });
            }
            Err(wrong) => {
                let mut faults = Faults::new(&file.document, path(["steps", name, step_spec.kind()]), findings);
                for fault in wrong {
                    faults.below(&fault.path, fault.key, fault.fault);
                }
            }
        }
    }
    let complete = steps.len() == specs.len();
    let settles_elsewhere = before.iter().any(|pipeline| !pipeline.settle.is_empty());
    if !spec.settle.is_empty() && (!spec.pay.is_empty() || settles_elsewhere) {
        let message = if settles_elsewhere {
            "another pipeline settles already: a person has one net pay"
        } else {
            "a pipeline that settles reads what plans pay, and pays nothing itself"
        };
        let mut faults = Faults::new(&file.document, path(["settle"]), findings);
        faults.at_key(&[], Finding::error(SETTLE_AND_PAY, message).hint("move the lines to one pipeline"));
    }
    let pay = lines(file, ("pay", &spec.pay), &scope, complete, cx, findings);
    let settle = lines(file, ("settle", &spec.settle), &scope, complete, cx, findings);
    let carry = carry::check(file, &scope, cx, findings);
    let publish = publish(file, &specs, findings);
    Pipeline {
        name: Arc::from(spec.pipeline.as_str()),
        title: spec.title.clone(),
        clauses: spec.clauses.clone(),
        spine,
        steps,
        carry,
        publish,
        pay,
        settle,
    }
}

fn spine(file: &Located<PipelineSpec>, cx: &Context<'_>, findings: &mut Findings) -> Option<Spine> {
    let spec = file.value.spine.as_ref()?;
    let mut faults = Faults::new(&file.document, path(["spine", "roster"]), findings);
    for (index, role) in spec.roster.iter().enumerate() {
        if let Some(finding) = unknown_role(role, cx.roles.keys().map(String::as_str)) {
            faults.at(&[Seg::Index(index)], finding);
        }
    }
    let plan = paid_by(file, spec, cx, findings);
    let schema = cx.roster?.clone();
    Some(Spine { roles: spec.roster.clone(), per: spec.per.unwrap_or(PerSpec::Person), plan, schema })
}

/// The plan by whose entries of the plan table a spine is clipped.
fn paid_by(file: &Located<PipelineSpec>, spec: &SpineSpec, cx: &Context<'_>, findings: &mut Findings) -> Option<Name> {
    let own = (!file.value.pay.is_empty()).then(|| Name::from(file.value.pipeline.as_str()));
    let Some(written) = &spec.plan else { return own.filter(|_| cx.plans.is_some()) };
    let finding = match (own, cx.plans) {
        (Some(_), _) => {
            Some(Finding::error(table::UNKNOWN_PLAN, "a pipeline that pays is its own plan").hint("take `plan` away"))
        }
        (None, None) => Some(
            Finding::error(table::UNKNOWN_PLAN, "the project file has no plan table")
                .hint("take `plan` away, or write `plans:` in the project file"),
        ),
        (None, Some(plans)) => plans.unknown_plan(written),
    };
    if let Some(finding) = finding {
        let mut faults = Faults::new(&file.document, path(["spine", "plan"]), findings);
        faults.at(&[], finding);
        return None;
    }
    Some(Name::from(written.as_str()))
}

/// What is wrong with a role that the project file does not list.
pub(super) fn unknown_role<'a>(role: &str, roles: impl Iterator<Item = &'a str>) -> Option<Finding> {
    let roles: Vec<&str> = roles.collect();
    if roles.contains(&role) {
        return None;
    }
    let hint = nearest(role, roles).map_or_else(
        || "list it under `roles:` of the project file with what people call it".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Some(Finding::error(UNKNOWN_ROLE, format!("the project file lists no role `{role}`")).hint(hint))
}

fn publish(
    file: &Located<PipelineSpec>,
    steps: &[(&str, &Titled<step::StepSpec>)],
    findings: &mut Findings,
) -> Vec<Name> {
    let mut faults = Faults::new(&file.document, path(["publish"]), findings);
    for (index, name) in file.value.publish.iter().enumerate() {
        if !steps.iter().any(|(step, _)| step == name) {
            let mut finding = Finding::error(UNKNOWN_PUBLISHED, format!("there is no step `{name}` in this pipeline"));
            let near = nearest(name, steps.iter().map(|(step, _)| *step));
            finding.hints.extend(near.map(|near| format!("did you mean `{near}`?")));
            faults.at(&[Seg::Index(index)], finding);
        }
    }
    file.value.publish.iter().map(|name| Name::from(name.as_str())).collect()
}

fn lines(
    file: &Located<PipelineSpec>,
    (at, specs): (&str, &OrderedMap<PayLineSpec>),
    scope: &Scope<'_>,
    complete: bool,
    cx: &Context<'_>,
    findings: &mut Findings,
) -> Vec<PlannedLine> {
    let mut pay = Vec::new();
    for (name, spec) in specs.iter() {
        let mut faults = Faults::new(&file.document, path([at, name]), findings);
        let part = part(spec, at, &mut faults);
        if !file.value.clauses.contains(&spec.clause) {
            let finding = Finding::error(CLAUSE_NOT_LISTED, format!("clause `{}` is not among `clauses`", spec.clause));
            faults.at(&[key("clause")], finding.hint("add it to `clauses:` at the head of the pipeline"));
        }
        let Some(schema) = scope.steps.get(spec.from.as_str()) else {
            if !file.value.steps.keys().any(|step| step == spec.from) {
                let mut finding =
                    Finding::error(PAY_FRAME, format!("there is no step `{}` in this pipeline", spec.from));
                let near = nearest(&spec.from, file.value.steps.keys());
                finding.hints.extend(near.map(|near| format!("did you mean `{near}`?")));
                faults.at(&[key("from")], finding);
            } else if complete {
                faults.at(&[key("from")], Finding::error(PAY_FRAME, "this step cannot be read"));
            }
            continue;
        };
        for column in ["store_id", "employee_id"] {
            let complaint = match schema.get(column) {
                None => format!("step `{}` has no column `{column}`", spec.from),
                Some(field) if field.ty.nullable => format!("`{column}` of step `{}` may be absent", spec.from),
                Some(_) => continue,
            };
            let hint = "a pay line needs rows that name a store and a person: start from the spine";
            faults.at(&[key("from")], Finding::error(PAY_FRAME, complaint).hint(hint));
        }
        let expr_scope = expr::Scope {
            columns: schema,
            each: None,
            params: cx.parameters,
            aggregates: false,
            what: &format!("step `{}`", spec.from),
        };
        let amount = amount(&spec.amount, &expr_scope, &mut faults);
        let when = spec.when.as_ref().map(|text| checked(text, "when", &expr_scope, &mut faults));
        let each = spec.each.as_ref().and_then(|each| each_row(each, spec, schema, &mut faults));
        if let (Some(amount), None | Some(Some(_)), true) = (amount, &when, each.is_some() == spec.each.is_some()) {
            pay.push(PlannedLine {
                name: Arc::from(name),
                from: Arc::from(spec.from.as_str()),
                clause: spec.clause.clone(),
                label: spec.label.clone(),
                amount,
                when: when.flatten(),
                each,
                part,
            });
        }
    }
    pay
}

/// What the amount of a line is: said of net pay, earned where a pay line says nothing.
fn part(spec: &PayLineSpec, at: &str, faults: &mut Faults<'_>) -> LinePart {
    let of_pay = at == "pay";
    let part = spec.part.unwrap_or_default();
    let words = if of_pay { "`earned`, `penalty` or `agreed`" } else { "`paid`, `added` or `deducted`" };
    if spec.part.is_none() && !of_pay {
        let finding = Finding::error(LINE_PART, "the line does not say what its amount is");
        faults.on_key(finding.hint(format!("write `part:` {words}")));
    } else if part.is_of_pay() != of_pay {
        let message = format!("`{}` is no part of {}", part.word(), if of_pay { "a pay line" } else { "net pay" });
        faults.at(&[key("part")], Finding::error(LINE_PART, message).hint(format!("write {words}")));
    }
    part
}

/// The columns that tell the rows of a line apart.
fn each_row(each: &EachSpec, line: &PayLineSpec, schema: &Schema, faults: &mut Faults<'_>) -> Option<Each> {
    let mut right = true;
    for (setting, column) in [("code", &each.code), ("label", &each.label)] {
        let complaint = match schema.get(column) {
            None => format!("step `{}` has no column `{column}`", line.from),
            Some(field) if field.ty.kind != Kind::Text => format!("`{column}` is {}, not text", field.ty.kind),
            Some(field) if field.ty.nullable => format!("`{column}` may be absent"),
            Some(_) => continue,
        };
        right = false;
        let texts = schema.fields.iter().filter(|field| field.ty == Type::text()).map(|field| &*field.name);
        let hint = nearest(column, texts).map_or_else(
            || "name a text column in which every row has something: the number and the reason of an entry".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        faults.at(&[key("each"), key(setting)], Finding::error(PAY_EACH, complaint).hint(hint));
    }
    right.then(|| Each { code: Name::from(each.code.as_str()), label: Name::from(each.label.as_str()) })
}

/// An expression under a key; its faults become findings.
pub(super) fn checked(text: &str, at: &str, scope: &expr::Scope<'_>, faults: &mut Faults<'_>) -> Option<Expr> {
    match expr::check(text, scope) {
        Ok(expr) => Some(expr),
        Err(wrong) => {
            for fault in wrong {
                faults.inside(&[key(at)], fault);
            }
            None
        }
    }
}

fn amount(text: &str, scope: &expr::Scope<'_>, faults: &mut Faults<'_>) -> Option<Expr> {
    let expr = checked(text, "amount", scope, faults)?;
    let complaint = if !expr.ty.kind.is_number() {
        format!("the amount is {}, not a number", expr.ty.kind)
    } else if expr.ty.unit != Unit::base("yuan") && !expr.adapts() {
        format!("the amount is in {}, not in yuan", expr.ty.unit)
    } else if expr.ty.nullable {
        "the amount may be absent".to_owned()
    } else {
        return Some(expr);
    };
    let hint = "an amount is yuan: yuan per car × cars, yuan × ratio, yuan × score ÷ 100; COALESCE what may be absent";
    faults.at(&[key("amount")], Finding::error(PAY_AMOUNT, complaint).hint(hint));
    None
}
