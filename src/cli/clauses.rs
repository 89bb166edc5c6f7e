//! `jixiao clauses`: what became of every clause of the source plans.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::exit::Exit;
use super::findings::Report;
use super::layout::{Align, pad, wrap};
use super::{Answer, Context, Failure, project};
use crate::diag::text::Language;
use crate::diag::{Findings, nearest};
use crate::plan::clauses::{self, Citing, Clause, Clauses, Decision, SourcePlan};
use crate::spec::StateSpec;

const EXAMPLES: &str = "\
Examples:
  jixiao clauses
  jixiao clauses --plan D6
  jixiao clauses --clause D8-2.1
  jixiao clauses --open

States: computed, by the pipelines that cite the clause; rated, by a person on
a sheet that is read; declared, which cannot be computed, with the reason; open,
which nothing computes yet. Rule tests are the cases beside a pipeline that
cites the clause. Findings end the command with code 3: a clause that is open,
computed by nothing or untested, and a decided value that no clause lists.";

/// Show what became of every clause of the source plans
///
/// Lists clause by clause which pipeline computes it, which lines it pays, which parameters it reads and how many
/// rule tests stand beside it: those that expect a line or balance of the clause, of all in the file; all of them
/// where the pipeline makes neither, for what prepares figures. With --clause also what it says, and what was decided where the source leaves it open.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ClausesCommand {
    /// The project file
    #[arg(default_value = "pipelines/month-end.yaml", value_name = "PROJECT")]
    project: PathBuf,

    /// Only the clauses of this source plan, such as D6
    #[arg(long, value_name = "ID")]
    plan: Option<String>,

    /// Only this clause, with its sentence and its decisions
    #[arg(long, value_name = "ID", conflicts_with_all = ["plan", "open"])]
    clause: Option<String>,

    /// Only clauses that are open
    #[arg(long)]
    open: bool,
}

impl ClausesCommand {
    pub(super) fn execute(&self, context: &Context<'_>) -> Result<Answer, Failure> {
        let checked = project::check(context, &self.project, Some(Language::Chinese))?;
        let Some(all) = &checked.plan.clauses else {
            let hint = "name the file in the project file: `clauses: clauses.yaml`";
            return Err(Failure::usage("this project has no file of clauses", Some(hint.to_owned())));
        };
        self.known(all)?;
        let mut found = Findings::new();
        for finding in checked.plan.warnings.iter().filter(|finding| clauses::CODES.contains(&finding.code)) {
            found.push(finding.clone());
        }
        let report = Report::new(found, &checked.plan.documents);
        let exit = if report.is_empty() { Exit::Done } else { Exit::Findings };
        let plans: Vec<(&SourcePlan, Vec<&Clause>)> = all
            .plans
            .iter()
            .map(|plan| (plan, plan.clauses.iter().filter(|clause| self.wants(plan, clause)).collect::<Vec<_>>()))
            .filter(|(plan, wanted)| !wanted.is_empty() || self.plan.as_ref() == Some(&plan.id) || self.is_whole())
            .collect();
        let mut text = String::new();
        for (plan, wanted) in &plans {
            text.push_str(&self.plan_text(plan, wanted));
        }
        let wanted: Vec<&Clause> = plans.iter().flat_map(|(_, wanted)| wanted.iter().copied()).collect();
        let verdict = if self.open && wanted.is_empty() { "no clause is open".to_owned() } else { count(&wanted) };
        let _ = writeln!(text, "{verdict}");
        if !report.is_empty() {
            let _ = write!(text, "\n{}", report.text(false));
        }
        let json = json!({
            "result": if exit == Exit::Done { "covered" } else { "findings" },
            "plans": plans.iter().map(|(plan, wanted)| plan_json(plan, wanted)).collect::<Vec<_>>(),
            "findings": report.json(),
        });
        Ok(Answer::new(exit, text, json))
    }

    fn is_whole(&self) -> bool {
        self.plan.is_none() && self.clause.is_none() && !self.open
    }

    fn wants(&self, plan: &SourcePlan, clause: &Clause) -> bool {
        self.plan.as_ref().is_none_or(|wanted| *wanted == plan.id)
            && self.clause.as_ref().is_none_or(|wanted| *wanted == clause.id)
            && (!self.open || clause.state == StateSpec::Open)
    }

    /// Whether plan and clause exist.
    fn known(&self, all: &Clauses) -> Result<(), Failure> {
        let plans: Vec<&str> = all.plans.iter().map(|plan| plan.id.as_str()).collect();
        let clauses: Vec<&str> = all.iter().map(|clause| clause.id.as_str()).collect();
        for (what, wanted, known) in [("source plan", &self.plan, plans), ("clause", &self.clause, clauses)] {
            let Some(wanted) = wanted.as_deref().filter(|wanted| !known.contains(wanted)) else { continue };
            let hint = match nearest(wanted, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if what == "clause" => "`jixiao clauses` lists them".to_owned(),
                None => format!("there are {}", known.join(", ")),
            };
            return Err(Failure::usage(format!("there is no {what} `{wanted}`"), Some(hint)));
        }
        Ok(())
    }

    fn plan_text(&self, plan: &SourcePlan, clauses: &[&Clause]) -> String {
        let mut text = wrap("", "    ", &format!("{} {} ({})", plan.id, plan.title, plan.english));
        if !plan.note.is_empty() {
            text.push_str(&wrap("  ", "  ", &plan.note));
        }
        if let Some(original) = &plan.copy_of {
            text.push_str(&wrap(
                "  ",
                "  ",
                &format!("a copy of {original}: its clauses are cited as those of {original}"),
            ));
            for (clause, words) in &plan.differs {
                text.push_str(&wrap(&format!("  {}", pad(clause, 10, Align::Left)), "            ", words));
            }
        }
        for clause in clauses {
            text.push_str(&if self.clause.is_some() { record(clause) } else { rows(clause) });
        }
        text.push('\n');
        text
    }
}

/// A clause in the table: state and number, then each pipeline with its lines and tests, then the parameters.
fn rows(clause: &Clause) -> String {
    let mut text = wrap(
        &format!("  {}{}", pad(&clause.id, 10, Align::Left), pad(clause.state_word(), 10, Align::Left)),
        NEXT,
        &clause.number,
    );
    for pipeline in &clause.pipelines {
        text.push_str(&wrap(NEXT, DEEPER, &format!("{}{}", pipeline.pipeline, makes(pipeline))));
        text.push_str(&wrap(DEEPER, DEEPER, &tests(pipeline)));
    }
    if clause.pipelines.is_empty() && !clause.because.is_empty() {
        text.push_str(&wrap(NEXT, NEXT, &clause.because));
    }
    if !clause.parameters.is_empty() {
        text.push_str(&wrap(NEXT, DEEPER, &format!("parameters: {}", clause.parameters.join(", "))));
    }
    text
}

const NEXT: &str = "            ";
const DEEPER: &str = "              ";

/// A clause with everything that is known of it.
fn record(clause: &Clause) -> String {
    let mut text = rows(clause);
    text.push_str(&wrap("\n  ", "  ", &clause.zh));
    text.push_str(&wrap("  ", "  ", &clause.en));
    if !clause.because.is_empty() && !clause.pipelines.is_empty() {
        text.push_str(&wrap("  ", "  ", &clause.because));
    }
    for decision in &clause.decisions {
        text.push_str(&wrap("\n  decided   ", NEXT, &decision.decided.join("；")));
        text.push_str(&wrap("  instead   ", NEXT, &decision.instead.join("；")));
        text.push_str(&wrap("  change    ", NEXT, &change(decision)));
        if !decision.fixed.is_empty() {
            text.push_str(&wrap("  fixed     ", NEXT, &decision.fixed));
        }
    }
    text
}

/// What changes a decision: `param.a, param.b in parameters/x.yaml`.
fn change(decision: &Decision) -> String {
    let parameters = decision.parameters.iter().map(|name| format!("param.{name}"));
    let names: Vec<String> = parameters.chain(decision.steps.iter().map(|step| format!("step {step}"))).collect();
    let files = decision.files.join(", ");
    if names.is_empty() { files } else { format!("{} in {files}", names.join(", ")) }
}

/// What a pipeline makes of a clause.
fn makes(pipeline: &Citing) -> String {
    let mut made = String::new();
    let made_of = [("pays", &pipeline.lines), ("scores", &pipeline.indicators), ("carries", &pipeline.carried)];
    for (word, names) in made_of {
        if !names.is_empty() {
            let _ = write!(made, "{} {word} {}", if made.is_empty() { ":" } else { ";" }, names.join(", "));
        }
    }
    made
}

fn tests(pipeline: &Citing) -> String {
    let Citing { cases, of, tests, file, .. } = pipeline;
    match (cases, of) {
        (_, 0) => format!("no rule test beside {file}"),
        (1, 1) => format!("1 case in {tests}"),
        (cases, of) if cases == of => format!("{of} cases in {tests}"),
        (cases, of) => format!("{cases} of {of} cases in {tests}"),
    }
}

/// `74 clauses: 60 computed, 3 rated, 5 declared, 6 open`.
fn count(clauses: &[&Clause]) -> String {
    let states = [StateSpec::Computed, StateSpec::Rated, StateSpec::Declared, StateSpec::Open];
    let counts = states.iter().filter_map(|state| {
        let of: Vec<_> = clauses.iter().filter(|clause| clause.state == *state).collect();
        of.first().map(|first| format!("{} {}", of.len(), first.state_word()))
    });
    match clauses.len() {
        0 => "no clause of its own".to_owned(),
        1 => format!("1 clause: {}", counts.collect::<Vec<_>>().join(", ")),
        all => format!("{all} clauses: {}", counts.collect::<Vec<_>>().join(", ")),
    }
}

fn plan_json(plan: &SourcePlan, clauses: &[&Clause]) -> Value {
    let differs = plan.differs.iter().map(|(clause, words)| json!({ "clause": clause, "words": words }));
    json!({
        "plan": plan.id,
        "title": plan.title,
        "english": plan.english,
        "note": plan.note,
        "copy_of": plan.copy_of,
        "differs": differs.collect::<Vec<_>>(),
        "clauses": clauses.iter().map(|clause| clause_json(clause)).collect::<Vec<_>>(),
    })
}

fn clause_json(clause: &Clause) -> Value {
    let names = |names: &[crate::expr::types::Name]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let pipelines = clause.pipelines.iter().map(|pipeline| {
        json!({
            "pipeline": &*pipeline.pipeline,
            "file": pipeline.file,
            "lines": names(&pipeline.lines),
            "indicators": names(&pipeline.indicators),
            "carried": names(&pipeline.carried),
            "tests": { "file": (!pipeline.tests.is_empty()).then_some(&pipeline.tests), "cases": pipeline.cases, "of": pipeline.of },
        })
    });
    let decisions = clause.decisions.iter().map(|decision| {
        json!({
            "decided": decision.decided,
            "instead": decision.instead,
            "parameters": names(&decision.parameters),
            "files": decision.files,
            "steps": names(&decision.steps),
            "fixed": (!decision.fixed.is_empty()).then_some(&decision.fixed),
        })
    });
    json!({
        "clause": clause.id,
        "number": clause.number,
        "zh": clause.zh,
        "en": clause.en,
        "state": clause.state_word(),
        "because": clause.because,
        "pipelines": pipelines.collect::<Vec<_>>(),
        "parameters": names(&clause.parameters),
        "cases": clause.cases(),
        "decisions": decisions.collect::<Vec<_>>(),
    })
}
