//! Decisions of clauses: what they say, and that what changes them exists.

use std::collections::{BTreeMap, BTreeSet};

use super::{Decision, Folder};
use crate::diag::{Code, Finding, Findings, nearest};
use crate::expr::types::Name;
use crate::plan::places::{Faults, key, path};
use crate::spec::{ClauseSpec, DecisionSpec, ParameterSpec, PipelineSpec, Project, Seg, SourceSpec};

/// A decision that names nothing that changes it, or something that does not exist.
pub const CLAUSE_DECISION: Code = Code::new(
    "clause-decision",
    "a decision of a clause names a parameter, file or step that does not exist, or does not say what was decided",
);
/// A decided value that no clause lists.
pub const DECISION_NOT_LISTED: Code =
    Code::new("decision-not-listed", "no clause lists the decision of a parameter that the source does not state");

/// What decisions may name, and the parameters that have been named.
pub(super) struct Decided<'a> {
    parameters: BTreeMap<&'a str, (&'a ParameterSpec, &'a str)>,
    files: BTreeMap<&'a str, Option<&'a PipelineSpec>>,
    listed: BTreeSet<String>,
}

impl<'a> Decided<'a> {
    /// Everything that the files of a project define.
    pub(super) fn new(project: &'a Project, folder: &Folder) -> Self {
        let mut files: BTreeMap<&str, Option<&PipelineSpec>> =
            project.documents.iter().map(|document| (folder.below(&document.file), None)).collect();
        for file in &project.pipelines {
            files.insert(folder.below(&file.document.file), Some(&file.value));
        }
        let parameters = project.parameters.iter().flat_map(|file| {
            let name = folder.below(&file.document.file);
            file.value.parameters.iter().map(move |(parameter, spec)| (parameter, (spec, name)))
        });
        Self { parameters: parameters.collect(), files, listed: BTreeSet::new() }
    }

    /// Parameters that the source does not state, and no clause lists.
    pub(super) fn not_listed(&self, project: &Project, findings: &mut Findings) {
        for file in &project.parameters {
            let mut faults = Faults::new(&file.document, path(["parameters"]), findings);
            for (name, spec) in file.value.parameters.iter() {
                if spec.source == SourceSpec::Stated || self.listed.contains(name) {
                    continue;
                }
                let message = format!("no clause lists the decision of `{name}`");
                let finding = Finding::warning(DECISION_NOT_LISTED, message);
                let hint = format!("add `- parameters: [{name}]` under `decisions:` of clause `{}`", spec.clause);
                faults.at_key(&[key(name)], finding.hint(hint));
            }
        }
    }
}

/// Checks the decisions of a clause.
pub(super) fn check(spec: &ClauseSpec, decided: &mut Decided<'_>, faults: &mut Faults<'_>) -> Vec<Decision> {
    let decisions = spec.decisions.iter().enumerate();
    decisions
        .filter_map(|(at, decision)| check_one(decision, &[key("decisions"), at.into()], decided, faults))
        .collect()
}

fn check_one(
    spec: &DecisionSpec,
    here: &[Seg; 2],
    decided: &mut Decided<'_>,
    faults: &mut Faults<'_>,
) -> Option<Decision> {
    let at = |name: &str| vec![here[0].clone(), here[1].clone(), key(name)];
    let mut reasons = Vec::new();
    let mut alternatives = Vec::new();
    let mut files = Vec::new();
    let mut right = true;
    for (index, name) in spec.parameters.iter().enumerate() {
        let Some((parameter, file)) = decided.parameters.get(name.as_str()) else {
            let mut place = at("parameters");
            place.push(Seg::Index(index));
            let near = nearest(name, decided.parameters.keys().copied());
            faults.at(&place, missing("parameter", name, near, "name a parameter of a file of `parameters/`"));
            right = false;
            continue;
        };
        push_once(&mut reasons, parameter.reason.as_deref());
        push_once(&mut alternatives, parameter.alternative.as_deref());
        push_once(&mut files, Some(file));
        decided.listed.insert(name.clone());
    }
    right &= file(spec, decided, &at, faults);
    push_once(&mut files, spec.file.as_deref());
    if spec.parameters.is_empty() && spec.file.is_none() {
        let finding = Finding::error(CLAUSE_DECISION, "nothing is named that changes this decision");
        faults.at(here, finding.hint("name its `parameters:`, or the `file:` and the `steps:` in it"));
        return None;
    }
    for (name, own, taken) in [("decided", &spec.decided, &mut reasons), ("instead", &spec.instead, &mut alternatives)]
    {
        if let Some(own) = own {
            *taken = vec![own.clone()];
        } else if taken.is_empty() && right {
            let finding = Finding::error(CLAUSE_DECISION, format!("this decision has no `{name}:`"));
            faults.at(here, finding.hint("say what was decided and what else it could be; no parameter says it"));
            return None;
        }
    }
    if spec.parameters.is_empty() && spec.fixed.is_none() {
        let finding = Finding::error(CLAUSE_DECISION, "no parameter changes this decision, and nothing says why");
        faults.at(here, finding.hint("add `fixed:` with the reason, or make it a parameter with `choices:`"));
        return None;
    }
    right.then(|| Decision {
        decided: reasons,
        instead: alternatives,
        parameters: spec.parameters.iter().map(|name| Name::from(name.as_str())).collect(),
        files,
        steps: spec.steps.iter().map(|name| Name::from(name.as_str())).collect(),
        fixed: spec.fixed.clone().unwrap_or_default(),
    })
}

/// Whether file and steps exist.
fn file(spec: &DecisionSpec, decided: &Decided<'_>, at: &dyn Fn(&str) -> Vec<Seg>, faults: &mut Faults<'_>) -> bool {
    let pipeline = match &spec.file {
        None => None,
        Some(name) => match decided.files.get(name.as_str()) {
            Some(pipeline) => *pipeline,
            None => {
                let near = nearest(name, decided.files.keys().copied());
                faults.at(&at("file"), missing("file", name, near, "name it from the folder of the project file"));
                return false;
            }
        },
    };
    let mut right = true;
    for (index, step) in spec.steps.iter().enumerate() {
        if pipeline.is_some_and(|pipeline| pipeline.steps.get(step).is_some()) {
            continue;
        }
        let near = pipeline.and_then(|pipeline| nearest(step, pipeline.steps.keys()));
        let mut place = at("steps");
        place.push(Seg::Index(index));
        faults.at(&place, missing("step", step, near, "name a step of the pipeline that `file:` names"));
        right = false;
    }
    right
}

fn missing(what: &str, name: &str, near: Option<&str>, otherwise: &str) -> Finding {
    let hint = near.map_or_else(|| otherwise.to_owned(), |near| format!("did you mean `{near}`?"));
    Finding::error(CLAUSE_DECISION, format!("there is no {what} `{name}`")).hint(hint)
}

fn push_once(texts: &mut Vec<String>, text: Option<&str>) {
    if let Some(text) = text
        && !texts.iter().any(|known| known == text)
    {
        texts.push(text.to_owned());
    }
}
