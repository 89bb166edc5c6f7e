//! What an outcome says of the source plans: the words of their clauses, and which decisions hold in a store.

use std::collections::BTreeSet;

use super::outcome::{ClauseWords, DecisionInForce, PayLine};
use crate::diag::phrase::phrase;
use crate::diag::text::Language;
use crate::expr::ParamValue;
use crate::expr::types::Name;
use crate::plan::clauses::{Clauses, Decision};
use crate::plan::parameters::Values;
use crate::plan::{Pipeline, Plan};
use crate::world::period::Period;

/// The words of every clause, in the order of their file.
pub fn words(plan: &Plan) -> Vec<ClauseWords> {
    let clauses = plan.clauses.iter().flat_map(Clauses::iter);
    let words = clauses.map(|clause| ClauseWords {
        clause: clause.id.clone(),
        number: clause.number.clone(),
        state: clause.state_word().to_owned(),
        zh: clause.zh.clone(),
        en: clause.en.clone(),
    });
    words.collect()
}

/// The decisions that hold in each store: those of clauses that a pipeline cites which pays there, or prepares what
/// one pays.
pub fn in_force(plan: &Plan, period: Period, pay_lines: &[PayLine]) -> Vec<DecisionInForce> {
    let language = plan.language();
    let mut held = Vec::new();
    for store in &plan.stores {
        let of_store = pay_lines.iter().filter(|line| line.store_id == store.store_id);
        let paying: BTreeSet<&Name> = of_store.map(|line| &line.pipeline).collect();
        let mut at_work = BTreeSet::new();
        for pipeline in paying.iter().filter_map(|name| plan.pipeline(name)) {
            feeding(plan, pipeline, &mut at_work);
        }
        for clause in plan.clauses.iter().flat_map(Clauses::iter) {
            if !clause.pipelines.iter().any(|citing| at_work.contains(&citing.pipeline)) {
                continue;
            }
            let pays = clause.pipelines.iter().any(|citing| paying.contains(&citing.pipeline));
            held.extend(clause.decisions.iter().map(|decision| DecisionInForce {
                store_id: store.store_id.clone(),
                clause: clause.id.clone(),
                decided: decision.decided.join(phrase("；", language)),
                instead: decision.instead.join(phrase("；", language)),
                chosen: chosen(plan, decision, period, &store.store_id),
                changed_by: changed_by(decision, language),
                pays,
            }));
        }
    }
    held
}

/// A pipeline and every one whose frames it reads, itself or through others.
fn feeding<'a>(plan: &'a Plan, pipeline: &'a Pipeline, found: &mut BTreeSet<&'a Name>) {
    if !found.insert(&pipeline.name) {
        return;
    }
    for input in pipeline.steps.iter().flat_map(|step| &step.step.inputs) {
        if let Some(other) = input.split_once('.').and_then(|(other, _)| plan.pipeline(other)) {
            feeding(plan, other, found);
        }
    }
}

/// Which of its choices a decision's parameters hold in a store; empty where they hold numbers.
fn chosen(plan: &Plan, decision: &Decision, period: Period, store: &str) -> String {
    let choices = decision.parameters.iter().filter_map(|name| {
        let parameter = plan.parameters.get(name)?;
        let Values::Scalar(history) = &parameter.values else { return None };
        let day = if parameter.dated_by.is_some() { period.last_day() } else { period.first_day() };
        match &history.on(day, Some(store))?.value {
            ParamValue::Choice(choice) => Some(plan.words.value(choice)),
            ParamValue::Number(_) | ParamValue::Nothing => None,
        }
    });
    choices.collect::<Vec<_>>().join(phrase("、", plan.language()))
}

/// The parameters or steps that change a decision, and their files.
fn changed_by(decision: &Decision, language: Language) -> String {
    let and = phrase("、", language);
    let names: Vec<&str> = decision.parameters.iter().chain(&decision.steps).map(|name| &**name).collect();
    let files = decision.files.join(and);
    if names.is_empty() { files } else { format!("{files}{}{}", phrase("：", language), names.join(and)) }
}
