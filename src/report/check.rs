//! Checks of reports against what the pipelines publish: frames, columns, clauses, ladders, figures of the dictionary.

use std::collections::{BTreeMap, BTreeSet};

use super::assets::{Assets, Report, UNKNOWN_FRAME, UNKNOWN_REPORT_COLUMN, UNKNOWN_SECTION};
use super::dictionary;
use super::spec::{FigureSpec, SectionSpec, StatementSpec, TableSpec, Total, TrendSpec};
use crate::diag::{Finding, Findings, Place, nearest};
use crate::expr::types::{Kind, Schema};
use crate::plan::Plan;
use crate::plan::clauses::{Clauses, UNKNOWN_CLAUSE};
use crate::plan::parameters::{Parameters, Values};
use crate::spec::Seg;

impl Assets {
    /// Checks the sheets of workbooks; their columns may ask for lines that a plan settles.
    pub fn check_workbooks(&self, plan: &Plan) -> Findings {
        let mut findings = Findings::new();
        let workbooks = self.parts.workbooks.iter();
        workbooks.for_each(|planned| planned.spec.check(&planned.document, plan, &mut findings));
        findings
    }

    /// Checks the sections against the frames that pipelines publish, named `pipeline.step`, the clauses that they cite
    /// against the file of clauses, where there is one, and the figures that they name against their dictionary.
    pub fn check(
        &self,
        published: &BTreeMap<String, Schema>,
        clauses: Option<&Clauses>,
        parameters: Option<&Parameters>,
    ) -> Findings {
        let mut findings = Findings::new();
        let known: Option<BTreeSet<&str>> =
            clauses.map(|clauses| clauses.iter().map(|clause| clause.id.as_str()).collect());
        self.parts.reports.iter().for_each(|report| check_clauses(report, known.as_ref(), &mut findings));
        dictionary::check(&self.parts, parameters, known.as_ref(), &mut findings);
        for report in &self.parts.reports {
            check_titles(report, &mut findings);
            for (at, section) in report.spec.sections.iter().enumerate() {
                let path = |rest: &[&str]| -> Vec<Seg> {
                    let rest = rest.iter().map(|key| Seg::from(*key));
                    ["sections".into(), at.into()].into_iter().chain(rest).collect()
                };
                match section {
                    SectionSpec::Table(table) => {
                        check_table(report, table, &path(&["table"]), published, &mut findings);
                    }
                    SectionSpec::Trend(trend) => {
                        check_trend(report, trend, &path(&["trend"]), published, &mut findings);
                    }
                    SectionSpec::Statement(statement) => {
                        check_statement(report, statement, &path(&["statement"]), published, &mut findings);
                        let members = path(&["statement", "members"]);
                        check_table(report, &statement.members, &members, published, &mut findings);
                    }
                    SectionSpec::Figures(figures) if figures.optional && !published.contains_key(&figures.frame) => {}
                    SectionSpec::Figures(figures) => {
                        let keys = ["store_id", "employee_id"].map(|key| (key, vec!["frame".into()]));
                        let asked = keys.into_iter().chain(asked_by(&figures.figures)).collect();
                        check_columns(report, &figures.frame, &path(&["figures"]), asked, published, &mut findings);
                    }
                    SectionSpec::KeyFigures(spec) | SectionSpec::Movers(spec) | SectionSpec::Heat(spec) => {
                        for (figure, spec) in spec.figures.iter().enumerate() {
                            let here = path(&[section.kind(), "figures"]);
                            let here = [here.as_slice(), &[figure.into()]].concat();
                            let asked =
                                std::iter::once(("column", &spec.column)).chain(spec.by.iter().map(|by| ("by", by)));
                            let asked = asked.map(|(key, name)| (name.as_str(), vec![key.into()])).collect();
                            check_columns(report, &spec.frame, &here, asked, published, &mut findings);
                        }
                    }
                    SectionSpec::Ladder(ladder) => {
                        let here = path(&["ladder"]);
                        let asked = [("label", &ladder.label), ("value", &ladder.value)];
                        let asked = asked.map(|(key, name)| (name.as_str(), vec![key.into()])).to_vec();
                        check_columns(report, &ladder.frame, &here, asked, published, &mut findings);
                        check_ladder(report, &ladder.parameter, &here, parameters, &mut findings);
                    }
                    _ => {}
                }
            }
        }
        findings
    }
}

/// Checks that what is for A4 alone is there.
fn check_titles(report: &Report, findings: &mut Findings) {
    let titles = || report.spec.sections.iter().map(|section| section.heading().0);
    for (at, title) in report.spec.a4_only.iter().enumerate() {
        if titles().all(|known| known != title) {
            let hint = nearest(title, titles()).map_or_else(
                || "write the title of a section of this report".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let finding = Finding::error(UNKNOWN_SECTION, format!("no section has the title `{title}`"));
            findings.push(finding.at(Some(report.document.value(&["a4_only".into(), at.into()]))).hint(hint));
        }
    }
}

/// Checks that a section's ladder is one.
fn check_ladder(report: &Report, name: &str, path: &[Seg], parameters: Option<&Parameters>, findings: &mut Findings) {
    let is_ladder = |all: &Parameters| all.get(name).is_some_and(|one| matches!(one.values, Values::Ladder { .. }));
    if parameters.is_none_or(is_ladder) {
        return;
    }
    let place = report.document.value(&[path, &["parameter".into()]].concat());
    let ladders = parameters.into_iter().flat_map(Parameters::iter);
    let ladders = ladders.filter(|(_, one)| matches!(one.values, Values::Ladder { .. })).map(|(name, _)| &**name);
    let hint = nearest(name, ladders)
        .map_or_else(|| "name a parameter with `ladders:`".to_owned(), |near| format!("did you mean `{near}`?"));
    let finding = Finding::error(UNKNOWN_REPORT_COLUMN, format!("no parameter `{name}` holds a ladder"));
    findings.push(finding.at(Some(place)).hint(hint));
}

/// A finding for each clause of a list that the file of clauses lacks; several stand with a comma of lists between them.
pub(super) fn clause_findings(
    cited: Option<&str>,
    known: Option<&BTreeSet<&str>>,
    place: &dyn Fn() -> Place,
    findings: &mut Findings,
) {
    let Some(known) = known else { return };
    for clause in cited.into_iter().flat_map(|clauses| clauses.split('、')).filter(|clause| !known.contains(clause)) {
        let hint = nearest(clause, known.iter().copied()).map_or_else(
            || "list it in the file of clauses with its number and its sentence".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let finding = Finding::error(UNKNOWN_CLAUSE, format!("there is no clause `{clause}`"));
        findings.push(finding.at(Some(place())).hint(hint));
    }
}

/// Checks the clauses that definitions and figures cite.
fn check_clauses(report: &Report, known: Option<&BTreeSet<&str>>, findings: &mut Findings) {
    for (at, section) in report.spec.sections.iter().enumerate() {
        let (tables, figures): (Vec<(Vec<&str>, &TableSpec)>, Vec<&FigureSpec>) = match section {
            SectionSpec::Table(table) => (vec![(vec!["table"], &**table)], Vec::new()),
            SectionSpec::Statement(statement) => {
                (vec![(vec!["statement", "members"], &statement.members)], statement.figures.iter().collect())
            }
            _ => (Vec::new(), Vec::new()),
        };
        let mut cited: Vec<(Vec<&str>, usize, Option<&str>)> = Vec::new();
        for (path, table) in &tables {
            let path = [path.as_slice(), &["definitions"]].concat();
            cited.extend(table.definitions.iter().enumerate().map(|(at, it)| (path.clone(), at, it.clause.as_deref())));
        }
        let path = vec!["statement", "figures"];
        cited.extend(figures.into_iter().enumerate().map(|(at, it)| (path.clone(), at, it.clause.as_deref())));
        for (path, index, clauses) in cited {
            let place = || {
                let mut here: Vec<Seg> = vec!["sections".into(), at.into()];
                here.extend(path.iter().map(|part| Seg::from(*part)));
                here.extend([index.into(), "clause".into()]);
                report.document.value(&here)
            };
            clause_findings(clauses, known, &place, findings);
        }
    }
}

fn check_table(
    report: &Report,
    table: &TableSpec,
    path: &[Seg],
    published: &BTreeMap<String, Schema>,
    findings: &mut Findings,
) {
    let place = |rest: &[Seg]| Some(report.document.value(&[path, rest].concat()));
    let mut asked: Vec<(&str, Vec<Seg>)> = Vec::new();
    asked.extend(table.key.iter().enumerate().map(|(at, name)| (name.as_str(), vec!["key".into(), at.into()])));
    for (at, column) in table.columns.iter().enumerate() {
        let here = |key: &str| -> Vec<Seg> { vec!["columns".into(), at.into(), key.into()] };
        asked.push((&column.column, here("column")));
        for (part, name) in column.total_of.iter().enumerate() {
            asked.push((name, [here("total_of"), vec![part.into()]].concat()));
        }
        if (column.total == Total::Ratio) != (column.total_of.len() == 2) {
            let message = "`total: ratio` goes with two columns under `total_of`: what is divided, and by what";
            findings.push(Finding::error(UNKNOWN_REPORT_COLUMN, message).at(place(&here("total"))));
        }
    }
    for (at, name) in table.phone.iter().enumerate() {
        if table.columns.iter().all(|column| column.column != *name) {
            let message = format!("the table has no column `{name}` that a phone could show");
            let hint = "name columns of this table";
            findings.push(
                Finding::error(UNKNOWN_REPORT_COLUMN, message).at(place(&["phone".into(), at.into()])).hint(hint),
            );
        }
    }
    asked.extend(table.rank.iter().map(|name| (name.as_str(), vec!["rank".into()])));
    for (at, chart) in table.charts.iter().enumerate() {
        let here = |key: &str| -> Vec<Seg> { vec!["charts".into(), at.into(), key.into()] };
        let names = [("label", chart.label.as_ref()), ("value", Some(&chart.value)), ("target", chart.target.as_ref())];
        asked.extend(names.into_iter().filter_map(|(key, name)| Some((name?.as_str(), here(key)))));
        if chart.kind.labelled() != chart.label.is_some() {
            let message = "every chart but a distribution names its marks by `label`";
            let hint = "name the column of the marks, or take `label` out of a distribution";
            findings.push(Finding::error(UNKNOWN_REPORT_COLUMN, message).at(place(&here("kind"))).hint(hint));
        }
    }
    check_columns(report, &table.frame, path, asked, published, findings);
}

fn check_statement(
    report: &Report,
    statement: &StatementSpec,
    path: &[Seg],
    published: &BTreeMap<String, Schema>,
    findings: &mut Findings,
) {
    let keys = statement.key.iter().enumerate();
    let mut asked: Vec<(&str, Vec<Seg>)> =
        keys.map(|(at, name)| (name.as_str(), vec!["key".into(), at.into()])).collect();
    asked.push((&statement.name, vec!["name".into()]));
    asked.extend(asked_by(&statement.figures));
    check_columns(report, &statement.frame, path, asked, published, findings);
}

/// The columns that figures ask for, and where.
fn asked_by(figures: &[FigureSpec]) -> impl Iterator<Item = (&str, Vec<Seg>)> {
    figures.iter().enumerate().flat_map(|(at, figure)| {
        let here = move |key: &str| -> Vec<Seg> { vec!["figures".into(), at.into(), key.into()] };
        let own = std::iter::once((figure.column.as_str(), here("column")));
        own.chain(figure.read_by_how().map(move |name| (name, here("how"))))
    })
}

fn check_trend(
    report: &Report,
    trend: &TrendSpec,
    path: &[Seg],
    published: &BTreeMap<String, Schema>,
    findings: &mut Findings,
) {
    let columns = [("column", Some(&trend.column)), ("by", trend.by.as_ref())];
    let columns = columns.into_iter().filter_map(|(key, name)| Some((key, name?.as_str())));
    let asked: Vec<(&str, Vec<Seg>)> = columns.clone().map(|(key, name)| (name, vec![key.into()])).collect();
    check_columns(report, &trend.frame, path, asked, published, findings);
    for (key, name) in columns {
        let field = published.get(&trend.frame).and_then(|schema| schema.get(name));
        if field.is_some_and(|field| !matches!(field.ty.kind, Kind::Int | Kind::Decimal { .. })) {
            let message = format!("`{name}` is no whole or decimal number: runs keep no such figure for later months");
            let place = Some(report.document.value(&[path, &[key.into()]].concat()));
            let hint = "name a sum under `column:`, and under `by:` what it is divided by";
            findings.push(Finding::error(UNKNOWN_REPORT_COLUMN, message).at(place).hint(hint));
        }
    }
}

/// Checks that a frame is published, and has the columns that are asked for.
fn check_columns(
    report: &Report,
    frame: &str,
    path: &[Seg],
    asked: Vec<(&str, Vec<Seg>)>,
    published: &BTreeMap<String, Schema>,
    findings: &mut Findings,
) {
    let place = |rest: &[Seg]| Some(report.document.value(&[path, rest].concat()));
    let Some(schema) = published.get(frame) else {
        let message = format!("no pipeline publishes the frame `{frame}`");
        let hint = match nearest(frame, published.keys().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name the step under `publish:` of its pipeline".to_owned(),
        };
        findings.push(Finding::error(UNKNOWN_FRAME, message).at(place(&["frame".into()])).hint(hint));
        return;
    };
    for (name, rest) in asked.into_iter().filter(|(name, _)| schema.get(name).is_none()) {
        let message = format!("frame `{frame}` has no column `{name}`");
        let hint = match nearest(name, schema.names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its columns are {}", schema.names().collect::<Vec<_>>().join(", ")),
        };
        findings.push(Finding::error(UNKNOWN_REPORT_COLUMN, message).at(place(&rest)).hint(hint));
    }
}
