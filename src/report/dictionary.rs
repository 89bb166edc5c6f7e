//! Checks of the dictionary of figures: every figure that a section names has an entry, and every entry a section that
//! names it.

use std::collections::BTreeSet;

use super::assets::{Parts, Report};
use super::check::clause_findings;
use super::spec::{KpisSpec, SectionSpec};
use crate::diag::{Code, Finding, Findings, nearest};
use crate::plan::parameters::{Parameters, Values};
use crate::spec::{Document, Seg};

/// A section names a figure that the dictionary lacks.
pub(super) const UNKNOWN_KPI: Code = Code::new(
    "unknown-kpi",
    "a section names a figure that the dictionary of figures does not define, or whose words do not fit",
);
/// An entry of the dictionary that no section names.
pub(super) const UNUSED_KPI: Code =
    Code::new("unused-kpi", "the dictionary of figures defines one that no section of any report names");

/// File of the dictionary, in the folder of templates.
pub(super) const KPIS: &str = "kpis.yaml";

/// Holds sections and dictionary against each other, and the words of entries against the parameters.
pub(super) fn check(
    parts: &Parts,
    parameters: Option<&Parameters>,
    clauses: Option<&BTreeSet<&str>>,
    findings: &mut Findings,
) {
    let Some((kpis, document)) = &parts.kpis else {
        parts.reports.iter().for_each(|report| undefined(report, &KpisSpec::default(), findings));
        return;
    };
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for report in &parts.reports {
        undefined(report, kpis, findings);
        used.extend(report.spec.sections.iter().flat_map(SectionSpec::kpis));
    }
    // Templates are shared by projects: one whose reports name no figure, such as slips alone, has no use for a dictionary.
    if used.is_empty() {
        return;
    }
    for (id, kpi) in kpis.kpis.iter() {
        let place = |rest: &[&str]| {
            let path: Vec<Seg> = ["kpis", id].iter().chain(rest).map(|part| Seg::from(*part)).collect();
            document.value(&path)
        };
        if !used.contains(id) {
            let finding = Finding::error(UNUSED_KPI, format!("no section of a report names the figure `{id}`"));
            let hint = "name it under `kpi:` of the column or figure that it defines, or take it out";
            findings.push(finding.at(Some(place(&[]))).hint(hint));
        }
        for name in kpi.parameters() {
            if parameters.is_none_or(|all| all.get(name).is_some_and(|one| matches!(one.values, Values::Scalar(_)))) {
                continue;
            }
            let message = format!("`{{{name}}}` in the words of `{id}` is no parameter of one value");
            let known = parameters.into_iter().flat_map(Parameters::iter).map(|(name, _)| &**name);
            let hint = nearest(name, known)
                .map_or_else(|| "write the name of a parameter".to_owned(), |near| format!("did you mean `{near}`?"));
            findings.push(Finding::error(UNKNOWN_KPI, message).at(Some(place(&[]))).hint(hint));
        }
        clause_findings(kpi.clause.as_deref(), clauses, &|| place(&["clause"]), findings);
    }
}

/// Figures that a report names and the dictionary lacks, and a report that names some and prints no dictionary.
fn undefined(report: &Report, kpis: &KpisSpec, findings: &mut Findings) {
    let place = |document: &Document, at: usize| document.value(&["sections".into(), at.into()]);
    let sections = &report.spec.sections;
    let printed = sections.iter().any(|section| matches!(section, SectionSpec::Kpis(_)));
    for (at, section) in sections.iter().enumerate() {
        let named = section.kpis();
        for id in named.iter().filter(|id| kpis.kpis.get(id).is_none()) {
            let hint = nearest(id, kpis.kpis.keys()).map_or_else(
                || format!("define it in `report-templates/{KPIS}`"),
                |near| format!("did you mean `{near}`?"),
            );
            let finding = Finding::error(UNKNOWN_KPI, format!("the dictionary does not define the figure `{id}`"));
            findings.push(finding.at(Some(place(&report.document, at))).hint(hint));
        }
        if !named.is_empty() && !printed {
            let message =
                format!("report `{}` names figures of the dictionary and does not print it", report.spec.report);
            let hint = "add `- kpis: { title: 指标口径 }` as its last section";
            findings.push(Finding::error(UNKNOWN_KPI, message).at(Some(place(&report.document, at))).hint(hint));
            break;
        }
    }
}
