//! The order in which pipelines and steps are computed: each after what it reads.

use std::collections::{BTreeMap, BTreeSet};

use super::places::{Faults, key, path};
use super::scope::RUN_PAY;
use crate::diag::{Code, Finding, Findings, nearest};
use crate::spec::{Located, PipelineSpec, Seg};
use crate::step::StepSpec;
use crate::step::codes::UNKNOWN_FRAME;

/// Steps or pipelines that read each other.
pub(super) const CIRCLE: Code = Code::new("circle", "steps or pipelines read each other in a circle");

/// Indexes in an order in which each comes after those it reads; what is left stands in a circle.
pub(super) fn topological(reads: &[BTreeSet<usize>]) -> (Vec<usize>, Vec<usize>) {
    let mut done = vec![false; reads.len()];
    let mut order = Vec::new();
    loop {
        let ready = (0..reads.len()).find(|&index| !done[index] && reads[index].iter().all(|&other| done[other]));
        let Some(index) = ready else { break };
        done[index] = true;
        order.push(index);
    }
    let left = (0..reads.len()).filter(|&index| !done[index]).collect();
    (order, left)
}

/// Pipelines, each after those it reads; pipelines in a circle are findings and left out.
pub(super) fn pipelines<'a>(
    files: &'a [Located<PipelineSpec>],
    findings: &mut Findings,
) -> Vec<&'a Located<PipelineSpec>> {
    let index: BTreeMap<&str, usize> =
        files.iter().enumerate().map(|(at, file)| (file.value.pipeline.as_str(), at)).collect();
    let reads: Vec<BTreeSet<usize>> = files
        .iter()
        .enumerate()
        .map(|(own, file)| {
            let names = || file.value.steps.iter().flat_map(|(_, step)| step.reads());
            let prefixes = names().filter_map(|name| name.split_once('.'));
            // A step of one's own by its full name is no circle, one's own pay is.
            let others = prefixes.filter_map(|(prefix, frame)| Some((*index.get(prefix)?, frame)));
            let others = others.filter(|&(other, frame)| other != own || frame == "pay").map(|(other, _)| other);
            // What everybody is paid is known when every plan has paid, those of later files too.
            let reads_all = names().any(|name| name == RUN_PAY);
            let paying = files.iter().enumerate().filter(|(_, file)| reads_all && !file.value.pay.is_empty());
            others.chain(paying.map(|(other, _)| other)).collect()
        })
        .collect();
    let (order, left) = topological(&reads);
    for &at in &left {
        let file = &files[at];
        let (message, hint) = if reads[at].contains(&at) {
            ("the pipeline reads what it pays itself".to_owned(), "read the step that the line is paid from")
        } else {
            let others = left.iter().filter(|&&other| !reads[other].contains(&other));
            let circle: Vec<&str> = others.map(|&other| files[other].value.pipeline.as_str()).collect();
            let message = format!("pipelines read each other in a circle: {}", circle.join(", "));
            (message, "move the shared steps to a pipeline of their own")
        };
        let mut faults = Faults::new(&file.document, Vec::new(), findings);
        faults.at(&[key("pipeline")], Finding::error(CIRCLE, message).hint(hint));
    }
    order.into_iter().map(|at| &files[at]).collect()
}

/// Where a step writes the name of a frame it reads.
fn place(step: &StepSpec, input: &str) -> Vec<Seg> {
    let listed = |name: &str, list: &[String]| {
        let at = list.iter().position(|written| written == input);
        at.map_or_else(|| path(["from"]), |at| vec![key(name), Seg::Index(at)])
    };
    match step {
        StepSpec::Join(spec) => listed("with", &spec.with),
        StepSpec::Union(spec) => listed("of", &spec.of),
        StepSpec::Aggregate(spec) if spec.from != input => path(["for_each"]),
        _ => path(["from"]),
    }
}

/// Step indexes of a pipeline, each after those it reads. Unknown frames and circles are findings; the
/// steps concerned, and those that read them, are left out.
pub(super) fn steps(
    file: &Located<PipelineSpec>,
    known: &dyn Fn(&str) -> bool,
    names: &[String],
    findings: &mut Findings,
) -> Vec<usize> {
    let steps: Vec<(&str, _)> = file.value.steps.iter().collect();
    let index: BTreeMap<&str, usize> = steps.iter().enumerate().map(|(at, (name, _))| (*name, at)).collect();
    let mut broken = BTreeSet::new();
    let mut reads = Vec::new();
    for (at, (name, step)) in steps.iter().enumerate() {
        let mut faults = Faults::new(&file.document, path(["steps", name, step.kind()]), findings);
        let mut own = BTreeSet::new();
        for input in step.reads() {
            if let Some(&other) = index.get(input) {
                own.insert(other);
            } else if !known(input) {
                broken.insert(at);
                let below = place(step, input);
                let candidates = steps.iter().map(|(name, _)| *name).chain(names.iter().map(String::as_str));
                let hint = nearest(input, candidates).map_or_else(
                    || "name a step of this pipeline, a dataset, `spine`, `other-pipeline.step` or `other-pipeline.pay`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                faults.at(&below, Finding::error(UNKNOWN_FRAME, format!("there is no `{input}` to read")).hint(hint));
            }
        }
        reads.push(own);
    }
    let (order, left) = topological(&reads);
    let circle: Vec<&str> = left.iter().map(|&at| steps[at].0).collect();
    for name in &circle {
        let message = format!("steps read each other in a circle: {}", circle.join(", "));
        let mut faults = Faults::new(&file.document, path(["steps", name]), findings);
        faults.on_key(Finding::error(CIRCLE, message).hint("a step can only read what is made before it"));
    }
    let mut usable = Vec::new();
    for at in order {
        if reads[at].iter().any(|other| broken.contains(other)) {
            broken.insert(at);
        }
        if !broken.contains(&at) {
            usable.push(at);
        }
    }
    usable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comes_after_what_it_reads() {
        let reads = [BTreeSet::from([1]), BTreeSet::from([2]), BTreeSet::new()];
        assert_eq!(topological(&reads), (vec![2, 1, 0], vec![]));
    }

    #[test]
    fn a_circle_is_left_over() {
        let reads = [BTreeSet::from([1]), BTreeSet::from([0]), BTreeSet::new(), BTreeSet::from([3])];
        assert_eq!(topological(&reads), (vec![2], vec![0, 1, 3]));
    }
}
