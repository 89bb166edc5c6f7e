//! Citations and states of clauses checked.

use std::collections::{BTreeMap, BTreeSet};

use super::decisions::{self, Decided};
use super::{Citing, Clause, Clauses, Folder, SourcePlan};
use crate::diag::yaml::OrderedMap;
use crate::diag::{Code, Finding, Findings, nearest};
use crate::expr::types::Name;
use crate::plan::places::{Faults, key, path};
use crate::spec::{
    CaseSpec, ClauseFileSpec, ClauseSpec, Located, PipelineSpec, Project, Seg, SourcePlanSpec, StateSpec,
};
use crate::step::StepSpec;

/// A citation of a clause that does not exist.
pub const UNKNOWN_CLAUSE: Code =
    Code::new("unknown-clause", "something cites a clause that the file of clauses does not list");
/// An entry of the clause file that contradicts itself or the others.
pub const BAD_CLAUSE: Code =
    Code::new("bad-clause", "an entry of the file of clauses contradicts another one, or lacks its reason");
/// A computed clause that nothing computes.
pub const CLAUSE_UNCOVERED: Code =
    Code::new("clause-uncovered", "a clause is called computed, and no pipeline cites it");
/// A computed clause without a rule test.
pub const CLAUSE_UNTESTED: Code =
    Code::new("clause-untested", "a clause is computed by pipelines without a rule test beside them");
/// Clauses that nothing computes yet.
pub const CLAUSE_OPEN: Code = Code::new("clause-open", "clauses of a source plan are open: nothing computes them yet");

/// Checks every citation of a clause, and what the clause file says of each; nothing where there is no such file.
pub fn check(project: &Project, findings: &mut Findings) -> Option<Clauses> {
    let file = project.clauses.as_ref()?;
    let folder = Folder::of(&project.project.document.file);
    let known = ids(file, findings);
    citations(project, &known, findings);
    let mut decided = Decided::new(project, &folder);
    let mut plans = Vec::new();
    for (id, spec) in file.value.plans.iter() {
        let clauses: Vec<Clause> = spec
            .clauses
            .iter()
            .map(|(clause, spec)| {
                let base = path(["plans", id, "clauses", clause]);
                let mut faults = Faults::new(&file.document, base, findings);
                let checked = Clause {
                    id: clause.to_owned(),
                    number: spec.number.clone().unwrap_or_default(),
                    zh: spec.zh.clone(),
                    en: spec.en.clone(),
                    state: spec.state,
                    because: spec.because.clone().unwrap_or_default(),
                    pipelines: citing(clause, project, &folder),
                    parameters: parameters(clause, spec, project),
                    decisions: decisions::check(spec, &mut decided, &mut faults),
                };
                state(&checked, &mut faults);
                checked
            })
            .collect();
        let mut faults = Faults::new(&file.document, path(["plans", id]), findings);
        source_plan(id, spec, &file.value, &mut faults);
        open(&clauses, &mut faults);
        plans.push(SourcePlan {
            id: id.to_owned(),
            title: spec.title.clone(),
            english: spec.english.clone(),
            note: spec.note.clone().unwrap_or_default(),
            copy_of: spec.copy_of.clone(),
            differs: spec.differs.iter().map(|(clause, words)| (clause.to_owned(), words.clone())).collect(),
            clauses,
        });
    }
    decided.not_listed(project, findings);
    Some(Clauses { plans })
}

/// Ids of all clauses; each stands below its plan, once.
fn ids<'a>(file: &'a Located<ClauseFileSpec>, findings: &mut Findings) -> BTreeSet<&'a str> {
    let mut known = BTreeSet::new();
    for (plan, spec) in file.value.plans.iter() {
        for clause in spec.clauses.keys() {
            let finding = if !known.insert(clause) {
                Finding::error(BAD_CLAUSE, format!("clause `{clause}` stands here twice")).hint("delete one of them")
            } else if !clause.starts_with(plan) {
                Finding::error(BAD_CLAUSE, format!("clause `{clause}` stands below `{plan}`"))
                    .hint("ids of clauses begin with that of their plan: move it, or rename it")
            } else {
                continue;
            };
            let mut faults = Faults::new(&file.document, path(["plans", plan, "clauses", clause]), findings);
            faults.on_key(finding);
        }
    }
    known
}

fn source_plan(id: &str, spec: &SourcePlanSpec, file: &ClauseFileSpec, faults: &mut Faults<'_>) {
    let Some(copied) = &spec.copy_of else {
        if spec.clauses.is_empty() {
            let finding = Finding::error(BAD_CLAUSE, format!("plan `{id}` has no clauses"));
            faults.on_key(finding.hint("list them under `clauses:`, or name the plan that it copies: `copy_of: D8`"));
        }
        return;
    };
    let Some(original) = file.plans.get(copied).filter(|_| copied != id) else {
        let finding = Finding::error(BAD_CLAUSE, format!("there is no other plan `{copied}`"));
        faults.at(&[key("copy_of")], finding.hint("name a plan of this file"));
        return;
    };
    for clause in spec.differs.keys().filter(|clause| original.clauses.get(clause).is_none()) {
        let mut finding = Finding::error(BAD_CLAUSE, format!("`{copied}` has no clause `{clause}`"));
        let near = nearest(clause, original.clauses.keys());
        finding.hints.push(near.map_or_else(
            || "name the clause that the copy changes".to_owned(),
            |near| format!("did you mean `{near}`?"),
        ));
        faults.at_key(&[key("differs"), key(clause)], finding);
    }
}

/// What a state asks for.
fn state(clause: &Clause, faults: &mut Faults<'_>) {
    match clause.state {
        StateSpec::Rated | StateSpec::Declared if clause.because.is_empty() => {
            let message = format!("clause `{}` is {} without a reason", clause.id, clause.state_word());
            let hint = "add `because:`: who rates it and where, or why it cannot be computed";
            faults.at(&[key("state")], Finding::error(BAD_CLAUSE, message).hint(hint));
        }
        StateSpec::Computed if clause.pipelines.is_empty() => {
            let finding = Finding::warning(CLAUSE_UNCOVERED, format!("no pipeline cites clause `{}`", clause.id));
            let hint = "list it under `clauses:` of the pipeline that computes it, or say `state: open`";
            faults.at(&[key("state")], finding.hint(hint));
        }
        StateSpec::Computed if clause.cases() == 0 => {
            let files: Vec<&str> = clause.pipelines.iter().map(|pipeline| pipeline.file.as_str()).collect();
            let message = format!("clause `{}` is computed in {} without a rule test", clause.id, files.join(", "));
            let hint = "write a case beside one of them, in a file that ends in `.test.yaml`";
            faults.at(&[key("state")], Finding::warning(CLAUSE_UNTESTED, message).hint(hint));
        }
        StateSpec::Open if !clause.pipelines.is_empty() => {
            let finding =
                Finding::warning(CLAUSE_OPEN, format!("clause `{}` is open, and a pipeline cites it", clause.id));
            faults.at(&[key("state")], finding.hint("say `state: computed`"));
        }
        _ => {}
    }
}

/// One finding for all open clauses of a plan.
fn open(clauses: &[Clause], faults: &mut Faults<'_>) {
    let open: Vec<&str> =
        clauses.iter().filter(|clause| clause.state == StateSpec::Open).map(|clause| clause.id.as_str()).collect();
    if !open.is_empty() {
        let count = if open.len() == 1 { "1 clause is".to_owned() } else { format!("{} clauses are", open.len()) };
        let finding = Finding::warning(CLAUSE_OPEN, format!("{count} open: {}", open.join(", ")));
        faults.on_key(finding.hint("compute, rate or declare what is open"));
    }
}

/// Every place that cites a clause.
fn citations(project: &Project, known: &BTreeSet<&str>, findings: &mut Findings) {
    let unknown = |clause: &str| {
        let near = nearest(clause, known.iter().copied());
        let hint = near.map_or_else(
            || "list it in the file of clauses with its number and its sentence".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let finding = Finding::error(UNKNOWN_CLAUSE, format!("there is no clause `{clause}`"));
        (!known.contains(clause)).then(|| finding.hint(hint))
    };
    for file in &project.pipelines {
        let mut faults = Faults::new(&file.document, Vec::new(), findings);
        let head = &file.value.clauses;
        for (at, clause) in head.iter().enumerate() {
            if let Some(finding) = unknown(clause) {
                faults.at(&[key("clauses"), Seg::Index(at)], finding);
            }
        }
        let (at, lines) = file.value.lines();
        let lines = lines.iter().map(|(name, line)| (at, name, &line.clause));
        let carried = file.value.carry.iter().map(|(name, carry)| ("carry", name, &carry.clause));
        for (part, name, clause) in lines.chain(carried).filter(|(_, _, clause)| !head.contains(clause)) {
            if let Some(finding) = unknown(clause) {
                faults.at(&[key(part), key(name), key("clause")], finding);
            }
        }
    }
    for file in &project.parameters {
        let mut faults = Faults::new(&file.document, path(["parameters"]), findings);
        for (name, parameter) in file.value.parameters.iter() {
            if let Some(finding) = unknown(&parameter.clause) {
                faults.at(&[key(name), key("clause")], finding);
            }
            for (indicator, spec) in parameter.indicators.iter().flat_map(OrderedMap::iter) {
                if let Some(finding) = spec.clause.as_deref().and_then(unknown) {
                    faults.at(&[key(name), key("indicators"), key(indicator), key("clause")], finding);
                }
            }
        }
    }
}

/// Indicators of a clause, of the scorecards by which a pipeline scores.
fn indicators(clause: &str, spec: &PipelineSpec, project: &Project) -> Vec<Name> {
    let cards = spec.steps.iter().filter_map(|(_, step)| match &**step {
        StepSpec::Score(score) => score.card.strip_prefix("param."),
        _ => None,
    });
    let parameters =
        cards.flat_map(|card| project.parameters.iter().filter_map(move |file| file.value.parameters.get(card)));
    let indicators = parameters.flat_map(|card| {
        let own = card.indicators.iter().flat_map(OrderedMap::iter);
        own.filter(|(_, spec)| spec.clause.as_ref().unwrap_or(&card.clause) == clause)
    });
    indicators.map(|(name, _)| Name::from(name)).collect()
}

/// Pipelines that cite a clause, or score by an indicator that does, with their lines and rule tests.
fn citing(clause: &str, project: &Project, folder: &Folder) -> Vec<Citing> {
    let pipelines = project.pipelines.iter().filter_map(|file| {
        let spec = &file.value;
        let indicators = indicators(clause, spec, project);
        if indicators.is_empty() && !spec.clauses.iter().any(|cited| cited == clause) {
            return None;
        }
        let tests = project.tests.iter().find(|tests| tests.value.pipeline == spec.pipeline);
        let lines = spec.lines().1.iter().filter(|(_, line)| line.clause == clause);
        let carried = spec.carry.iter().filter(|(_, carry)| carry.clause == clause);
        let lines: Vec<Name> = lines.map(|(name, _)| Name::from(name)).collect();
        let carried: Vec<Name> = carried.map(|(name, _)| Name::from(name)).collect();
        Some(Citing {
            pipeline: Name::from(spec.pipeline.as_str()),
            file: folder.below(&file.document.file).to_owned(),
            cases: tests.map_or(0, |tests| reaching(&tests.value.cases, &lines, &carried)),
            of: tests.map_or(0, |tests| tests.value.cases.len()),
            lines,
            indicators,
            carried,
            tests: tests.map(|tests| folder.below(&tests.document.file).to_owned()).unwrap_or_default(),
        })
    });
    pipelines.collect()
}

/// Cases that expect one of the lines or balances; all where there are none. A line that stands for every row of a
/// ledger is expected by its name and the row's code.
fn reaching(cases: &[CaseSpec], lines: &[Name], carried: &[Name]) -> usize {
    if lines.is_empty() && carried.is_empty() {
        return cases.len();
    }
    let expects = |case: &CaseSpec, frame: &str, column: &str, names: &[Name]| {
        let rows = case.expect.get(frame).into_iter().flatten();
        let mut cells = rows.filter_map(|row| row.get(column).and_then(Option::as_deref));
        cells.any(|cell| {
            names
                .iter()
                .any(|name| cell.strip_prefix(&**name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
        })
    };
    let reaches = |case: &&CaseSpec| {
        expects(case, "pay", "line", lines)
            || expects(case, "settle", "line", lines)
            || expects(case, "carried", "entry", carried)
    };
    cases.iter().filter(reaches).count()
}

/// Parameters that cite a clause, and those of its decisions.
fn parameters(clause: &str, spec: &ClauseSpec, project: &Project) -> Vec<Name> {
    let all = project.parameters.iter().flat_map(|file| file.value.parameters.iter());
    let known: BTreeMap<&str, &str> = all.map(|(name, parameter)| (name, parameter.clause.as_str())).collect();
    let named = |name: &str| spec.decisions.iter().any(|decision| decision.parameters.iter().any(|it| it == name));
    let own = known.iter().filter(|(name, cited)| **cited == clause || named(name));
    own.map(|(name, _)| Name::from(*name)).collect()
}
