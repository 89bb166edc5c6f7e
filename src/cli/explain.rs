//! `jixiao explain`: where an amount comes from, read from the published run alone.
//!
//! Neither the exports nor the YAML files are needed, nor looked at: what a run paid, it explains, even when
//! a rate has changed since.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::exit::Exit;
use super::layout::{grouped, wrap};
use super::period::PeriodArgument;
use super::{Answer, Context, Failure, tree};
use crate::diag::nearest;
use crate::run::outcome::ClauseWords;
use crate::run::publish::{CURRENT, DRAFTS, RUNS};
use crate::run::tables::{CLAUSES, EXCEPTIONS, GROUP, NET_TRACE, PEOPLE, STORES, TRACE, TraceLine, amount_text, cell};
use crate::run::totals;
use crate::world::World;
use crate::world::period::Period;

const EXAMPLES: &str = "\
Examples:
  jixiao explain --period 2026-10 --employee A1
  jixiao explain --period 2026-10 --employee A1 --line advisor-output";

/// Show how a person's pay came about, down to the rows of the exports
///
/// Prints each pay line as a tree: the formula as written, in words and with this person's numbers, the
/// parameters with their date and clause, the rows of the files it was read from, and the one rounding at the
/// end. Only the published run is read.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Explain {
    /// Which month: 2026-10, or last-month
    #[arg(long, value_name = "MONTH")]
    period: PeriodArgument,

    /// Whose pay: the employee id, as on the payslip
    #[arg(long, value_name = "ID")]
    employee: String,

    /// Only this pay line, such as advisor-output
    #[arg(long, value_name = "LINE")]
    line: Option<String>,

    /// Only in this store, where two stores have the same employee id
    #[arg(long, value_name = "ID")]
    store: Option<String>,

    /// A run or draft other than the published one: its folder's name
    #[arg(long, value_name = "RUN")]
    run: Option<String>,

    /// Folder of results
    #[arg(long, default_value = "out", value_name = "FOLDER")]
    out: PathBuf,
}

/// A person as `people.csv` and `exceptions.csv` know them.
#[derive(Debug, Default)]
struct Known {
    /// Name, where they are on a plan.
    people: Vec<(String, String)>,
    /// What was said of them: severity, code, cause, remedy.
    exceptions: Vec<[String; 4]>,
    /// Every id of the run.
    ids: Vec<String>,
}

impl Explain {
    pub(super) fn execute(&self, context: &Context<'_>) -> Result<Answer, Failure> {
        let world = context.world;
        let period = self.period.resolve(world)?;
        let run = self.folder(world, period)?;
        let (mut lines, mut net) = (Vec::new(), Vec::new());
        let mut known = Known::default();
        for store in world.list(&run.join(STORES))? {
            let folder = run.join(STORES).join(store);
            self.read_lines(world, &folder.join(TRACE), &mut lines)?;
            let file = folder.join(NET_TRACE);
            if world.exists(&file) {
                self.read_lines(world, &file, &mut net)?;
            }
            self.read_known(world, &folder, &mut known)?;
        }
        if lines.is_empty() && known.people.is_empty() {
            return Err(self.unknown_employee(&known, period));
        }
        if let Some(wanted) = &self.line {
            let codes: Vec<String> = lines.iter().chain(&net).map(|line: &TraceLine| line.line.clone()).collect();
            lines.retain(|line| line.line == *wanted);
            net.retain(|line| line.line == *wanted);
            if lines.is_empty() && net.is_empty() && !codes.is_empty() {
                return Err(self.unknown_line(wanted, &codes));
            }
        }
        let clauses = clauses(world, &run.join(GROUP).join(CLAUSES))?;
        self.answer(period, &run, [&lines, &net], &known, &clauses)
    }

    /// The run to read: the published one, or the one that was named.
    fn folder(&self, world: &dyn World, period: Period) -> Result<PathBuf, Failure> {
        let folder = self.out.join(period.to_string());
        if let Some(run) = &self.run {
            let candidates = [RUNS, DRAFTS].map(|shelf| folder.join(shelf).join(run));
            let found = candidates.into_iter().find(|candidate| !run.contains(['/', '\\']) && world.exists(candidate));
            return match found {
                Some(found) => Ok(found),
                None => {
                    let mut names = world.list(&folder.join(RUNS))?;
                    names.extend(world.list(&folder.join(DRAFTS))?);
                    let hint = match names.as_slice() {
                        [] => format!("there are no runs under {}", folder.display()),
                        names => format!("there are {}", names.join(", ")),
                    };
                    Err(Failure::usage(format!("there is no run or draft `{run}` of {period}"), Some(hint)))
                }
            };
        }
        let current = folder.join(CURRENT);
        if world.exists(&current) {
            return Ok(current);
        }
        let drafts = world.list(&folder.join(DRAFTS))?;
        let hint = match drafts.last() {
            Some(draft) => format!("there is a draft: add `--run {draft}`"),
            None => format!("publish it first: jixiao run --period {period}"),
        };
        Err(Failure::usage(format!("nothing is published for {period} under {}", self.out.display()), Some(hint)))
    }

    fn read_lines(&self, world: &dyn World, file: &Path, lines: &mut Vec<TraceLine>) -> Result<(), Failure> {
        let text = text(world, file)?;
        // Traces are long: a line that does not hold the id as JSON writes it need not be parsed.
        let id = serde_json::to_string(&self.employee)?;
        for (at, line) in text.lines().enumerate().filter(|(_, line)| line.contains(&id)) {
            let line: TraceLine =
                serde_json::from_str(line).map_err(|error| damaged(file, &format!("line {}: {error}", at + 1)))?;
            if line.employee_id == self.employee && self.store.as_ref().is_none_or(|store| *store == line.store_id) {
                lines.push(line);
            }
        }
        Ok(())
    }

    fn read_known(&self, world: &dyn World, folder: &Path, known: &mut Known) -> Result<(), Failure> {
        // Tables hold ids as a spreadsheet may see them.
        let (employee, wanted) = (cell(&self.employee), self.store.as_deref().map(cell));
        let here = |store: &str| wanted.as_deref().is_none_or(|wanted| wanted == store);
        for row in records(world, &folder.join(PEOPLE))? {
            if let [store, id, name, ..] = row.as_slice() {
                if *id == employee && here(store) && !known.people.iter().any(|(at, _)| at == store) {
                    known.people.push((store.clone(), name.clone()));
                }
                known.ids.push(id.clone());
            }
        }
        for row in records(world, &folder.join(EXCEPTIONS))? {
            if let [severity, code, store, id, _, cause, remedy, ..] = row.as_slice()
                && *id == employee
                && here(store)
            {
                known.exceptions.push([severity, code, cause, remedy].map(String::clone));
            }
        }
        Ok(())
    }

    fn unknown_employee(&self, known: &Known, period: Period) -> Failure {
        let near = nearest(&self.employee, known.ids.iter().map(String::as_str));
        let hint = near.map_or_else(
            || match known.ids.len() {
                0 => "nobody is on a plan in this run".to_owned(),
                count => format!("{count} people are: see {PEOPLE} of the store"),
            },
            |near| format!("did you mean `{near}`?"),
        );
        Failure::usage(format!("`{}` is on no plan in {period}", self.employee), Some(hint))
    }

    fn unknown_line(&self, wanted: &str, codes: &[String]) -> Failure {
        let hint = nearest(wanted, codes.iter().map(String::as_str))
            .map_or_else(|| format!("the lines are {}", codes.join(", ")), |near| format!("did you mean `{near}`?"));
        Failure::usage(format!("`{}` has no pay line `{wanted}`", self.employee), Some(hint))
    }

    fn answer(
        &self,
        period: Period,
        run: &Path,
        [lines, net]: [&[TraceLine]; 2],
        known: &Known,
        clauses: &Clauses,
    ) -> Result<Answer, Failure> {
        let mut text = String::new();
        let name = lines.first().or(net.first()).map(|line| line.name.clone());
        let name = name.or_else(|| known.people.first().map(|(_, name)| name.clone())).unwrap_or_default();
        text.push_str(&wrap("", "  ", &format!("{} {name} · {period}", self.employee)));
        let mut store = "";
        for line in lines {
            if line.store_id != store {
                store = &line.store_id;
                text.push_str(&wrap("", "  ", &format!("store {store}, {}", line.role)));
            }
            text.push('\n');
            text.push_str(&tree::pay_line(line, clauses));
        }
        let amounts = lines.iter().filter_map(|line| line.amount.parse().ok());
        let total = amount_text(totals::sum(amounts)?);
        text.push('\n');
        match lines.len() {
            0 if net.is_empty() => text.push_str("no pay line in this run\n"),
            0 | 1 => {}
            count => drop(writeln!(text, "total of {count} lines: {} 元", grouped(&total))),
        }
        for line in net {
            text.push('\n');
            text.push_str(&tree::pay_line(line, clauses));
        }
        let net_total = amount_text(totals::sum(net.iter().filter_map(|line| line.amount.parse().ok()))?);
        if net.len() > 1 {
            writeln!(text, "\nnet pay, of {} lines: {} 元", net.len(), grouped(&net_total)).ok();
        }
        for [severity, code, cause, remedy] in &known.exceptions {
            text.push_str(&wrap(&format!("{severity} {code}: "), "  ", cause));
            text.push_str(&wrap("  → ", "    ", remedy));
        }
        let wrong = lines.iter().chain(net).find(|line| tree::adds_up(line) == Some(false));
        let exit = if wrong.is_some() { Exit::Unbalanced } else { Exit::Done };
        let exceptions: Vec<Value> = known
            .exceptions
            .iter()
            .map(|[severity, code, cause, remedy]| {
                json!({ "severity": severity, "code": code, "cause": cause, "remedy": remedy })
            })
            .collect();
        let json = json!({
            "result": "explained",
            "period": period,
            "employee_id": self.employee,
            "name": name,
            "run": run.display().to_string(),
            "total": total,
            "lines": lines.iter().map(|line| line_json(line, clauses)).collect::<Result<Vec<_>, _>>()?,
            "net": net_total,
            "net_lines": net.iter().map(|line| line_json(line, clauses)).collect::<Result<Vec<_>, _>>()?,
            "exceptions": exceptions,
        });
        Ok(Answer::new(exit, text, json))
    }
}

/// Words of clauses by id.
pub(super) type Clauses = BTreeMap<String, ClauseWords>;

/// The words of the clauses as the run has them; none where its project had no file of them.
fn clauses(world: &dyn World, file: &Path) -> Result<Clauses, Failure> {
    if !world.exists(file) {
        return Ok(Clauses::new());
    }
    let rows = records(world, file)?.into_iter().filter_map(|row| {
        let [clause, number, state, zh, en] = <[String; 5]>::try_from(row).ok()?;
        Some((clause.clone(), ClauseWords { clause, number, state, zh, en }))
    });
    Ok(rows.collect())
}

/// A line with the number and the sentence of its clause.
fn line_json(line: &TraceLine, clauses: &Clauses) -> Result<Value, serde_json::Error> {
    let mut json = serde_json::to_value(line)?;
    if let (Some(fields), Some(words)) = (json.as_object_mut(), clauses.get(&line.clause)) {
        fields.insert("clause_number".to_owned(), json!(words.number));
        fields.insert("clause_sentence".to_owned(), json!(words.zh));
    }
    Ok(json)
}

fn text(world: &dyn World, file: &Path) -> Result<String, Failure> {
    let bytes = world.read(file)?;
    String::from_utf8(bytes).map_err(|_| damaged(file, "not UTF-8"))
}

/// A file of a run that is not as the run left it.
fn damaged(file: &Path, how: &str) -> Failure {
    Failure::Unbalanced(vec![format!("{} is damaged: {how}", file.display())])
}

/// Rows of a table of the run, as text, without the header.
fn records(world: &dyn World, file: &Path) -> Result<Vec<Vec<String>>, Failure> {
    let text = text(world, file)?;
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    let rows = reader.records().map(|record| {
        let record = record.map_err(|error| damaged(file, &error.to_string()))?;
        Ok(record.iter().map(str::to_owned).collect())
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::progress::Progress;
    use crate::run::outcome::{ExceptionSeverity, Outcome, Trace};
    use crate::run::publish::publish;
    use crate::run::receipt::{Ingredients, RunId};
    use crate::run::sample::{exception, line, outcome};
    use crate::run::tables::tables;
    use crate::world::Memory;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        explain: Explain,
    }

    fn explain(world: &Memory, arguments: &str) -> Result<Answer, Failure> {
        let arguments = ["explain", "--period", "2026-10"].into_iter().chain(arguments.split_whitespace());
        let context = Context { world, progress: Progress::silent() };
        Line::parse_from(arguments).explain.execute(&context)
    }

    fn refused(world: &Memory, arguments: &str) -> String {
        let failure = explain(world, arguments).unwrap_err();
        assert_eq!(failure.exit(), Exit::Usage);
        failure.text(false)
    }

    fn id() -> RunId {
        Ingredients::default().run_id()
    }

    fn published(outcome: &Outcome, draft: bool) -> Memory {
        let world = Memory::new();
        let files = tables(outcome).unwrap();
        publish(&world, Path::new("out"), outcome.period, &id(), draft, &files).unwrap();
        world
    }

    fn advisor() -> Outcome {
        let mut outcome = outcome();
        let mut output = line("A1", "张伟", "advisor-output", "975.38");
        output.trace = Trace { nodes: tree::tests::sample().trace.nodes };
        outcome.pay_lines = vec![output, line("A1", "张伟", "renewal-deduction", "-100")];
        outcome
    }

    #[test]
    fn all_lines_of_a_person_with_their_total() {
        let answer = explain(&published(&advisor(), false), "--employee A1").unwrap();
        assert_eq!(answer.exit, Exit::Done);
        assert!(answer.text.starts_with("A1 张伟 · 2026-10\nstore S01, general-advisor\n\nadvisor-output "));
        assert!(answer.text.ends_with("\ntotal of 2 lines: 875.38 元\n"), "{}", answer.text);
        assert_eq!(answer.json["total"], "875.38");
        assert_eq!(answer.json["lines"][0]["trace"]["nodes"][0]["value"], "7803/8");
    }

    #[test]
    fn a_clause_has_its_own_number_and_sentence_beside_its_id() {
        let mut outcome = advisor();
        outcome.clauses = vec![ClauseWords {
            clause: "D8-2.4".to_owned(),
            number: "二.3.A".to_owned(),
            state: "computed".to_owned(),
            zh: "续保任务 3 台。".to_owned(),
            en: "Three renewals a month.".to_owned(),
        }];
        let answer = explain(&published(&outcome, false), "--employee A1 --line renewal-deduction").unwrap();
        assert!(answer.text.contains("\n│  clause    二.3.A  续保任务 3 台。\n"), "{}", answer.text);
        assert_eq!(answer.json["lines"][0]["clause_number"], "二.3.A");
        assert_eq!(answer.json["lines"][0]["clause_sentence"], "续保任务 3 台。");
    }

    #[test]
    fn one_line_alone_and_the_nearest_to_a_mistyped_one() {
        let world = published(&advisor(), false);
        let answer = explain(&world, "--employee A1 --line renewal-deduction").unwrap();
        assert!(!answer.text.contains("advisor-output") && answer.text.contains("-100.00 元"));
        let refusal = refused(&world, "--employee A1 --line advisor-ouput");
        assert!(refusal.contains("did you mean `advisor-output`?"), "{refusal}");
    }

    #[test]
    fn an_unknown_employee_is_told_the_nearest_id() {
        let mut outcome = advisor();
        outcome.people[0].employee_id = "A1001".to_owned();
        let refusal = refused(&published(&outcome, false), "--employee A1010");
        assert!(refusal.contains("`A1010` is on no plan in 2026-10") && refusal.contains("`A1001`"), "{refusal}");
    }

    #[test]
    fn a_person_without_a_line_is_told_why() {
        let mut outcome = outcome();
        let mut held = exception(Some("S01"), "A1");
        held.severity = ExceptionSeverity::Held;
        outcome.exceptions = vec![held, exception(Some("S01"), "A2")];
        let answer = explain(&published(&outcome, false), "--employee A1").unwrap();
        assert_eq!(
            answer.text,
            "A1 张伟 · 2026-10\n\nno pay line in this run\n\
             held missing-target: no row in targets\n  → add the row\n"
        );
    }

    #[test]
    fn nothing_published_names_the_draft_and_the_draft_can_be_explained() {
        let world = published(&advisor(), true);
        let refusal = refused(&world, "--employee A1");
        assert!(refusal.contains("nothing is published for 2026-10") && refusal.contains(id().as_str()), "{refusal}");
        let answer = explain(&world, &format!("--employee A1 --run {}", id())).unwrap();
        assert!(answer.text.contains("975.38 元"));
        assert!(refused(&world, "--employee A1 --run ../x").contains("no run or draft"));
        assert!(refused(&Memory::new(), "--employee A1").contains("publish it first"));
    }

    #[test]
    fn an_amount_that_its_trace_does_not_give_ends_with_the_code_for_it() {
        let mut outcome = advisor();
        outcome.pay_lines[0].amount = "975.37".parse().unwrap();
        let answer = explain(&published(&outcome, false), "--employee A1").unwrap();
        assert_eq!(answer.exit, Exit::Unbalanced);
    }

    #[test]
    fn an_id_that_a_spreadsheet_would_execute_is_found_as_it_is() {
        let mut outcome = outcome();
        outcome.people[0].employee_id = "-1".to_owned();
        outcome.pay_lines = vec![line("-1", "张伟", "care", "5")];
        let answer = explain(&published(&outcome, false), "--employee=-1").unwrap();
        assert!(answer.text.contains("5.00 元"), "{}", answer.text);
    }
}
