//! The command line: one file per command, each a function from arguments to an [`Answer`].
//!
//! Commands print nothing themselves. What they answer is printed here, once, on standard output; progress,
//! log and findings that stop a command go to standard error. `--format json` turns every answer, and every
//! failure, into one JSON object on standard output.

pub mod exit;
mod lang;
pub mod layout;

mod answer;
mod check;
mod clauses;
mod completions;
mod deliver;
mod explain;
mod findings;
mod period;
mod progress;
mod project;
mod run;
mod score;
mod summary;
mod test;
mod tree;

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use tracing::level_filters::LevelFilter;

use crate::world::{Disk, World, heap};
pub use answer::{Answer, Failure};
use exit::Exit;
use progress::Progress;

/// Heading in the help above what every command has.
const OUTPUT: &str = "Output";

/// Month-end commissions of car dealerships' after-sales departments, exact to the fen.
///
/// Reads the month's exports, computes every pay line from the plans written in YAML, and leaves payslips,
/// department reports and tables under `out/<period>/current`. Each amount can be explained down to the rows
/// of the exports it came from.
#[derive(Debug, Parser)]
#[command(name = "jixiao", version, max_term_width = 80, after_help = Exit::table(), disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,

    /// How the result is printed on standard output
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "FORMAT", help_heading = OUTPUT)]
    format: Format,

    /// Say more on standard error; twice for everything
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet", help_heading = OUTPUT)]
    verbose: u8,

    /// Say nothing on standard error but what stops the command
    #[arg(short, long, global = true, help_heading = OUTPUT)]
    quiet: bool,
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, in 80 columns
    Text,
    /// One JSON object, for programs
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Check(check::Check),
    Test(test::Test),
    Explain(explain::Explain),
    Score(score::ScoreCommand),
    Clauses(clauses::ClausesCommand),
    Completions(completions::Completions),
}

/// What every command works with.
pub(crate) struct Context<'a> {
    pub(crate) world: &'a dyn World,
    pub(crate) progress: Progress,
}

/// What a command ended with, before anything is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The exit code.
    pub exit: Exit,
    /// For standard output.
    pub out: String,
    /// For standard error.
    pub err: String,
}

/// Arguments to exit code: parses, runs the command on the real world, prints its answer.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    heap::keep_large_pieces();
    let terminal = io::stderr().is_terminal();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let json = wants_json(arguments.iter().map(OsString::as_os_str));
    let ended = match Cli::try_parse_from(&arguments) {
        Ok(cli) => {
            start_log(&cli, terminal);
            let progress = if cli.quiet { Progress::silent() } else { Progress::new(terminal) };
            perform(&cli, &Context { world: &Disk, progress }, terminal)
        }
        Err(error) if terminal && error.use_stderr() && !json => {
            // The parser colours its own complaint.
            let _ = error.print();
            return ExitCode::from(Exit::Usage.code());
        }
        Err(error) => unparsed(&error, json),
    };
    let _ = io::stderr().lock().write_all(ended.err.as_bytes());
    match print(&ended.out) {
        Ok(()) => ExitCode::from(ended.exit.code()),
        Err(error) => {
            let _ = writeln!(io::stderr().lock(), "error: cannot print the result: {error}");
            ExitCode::from(Exit::Environment.code())
        }
    }
}

/// The same on any world, without progress, colour or log; `arguments` without the program's name.
pub fn run_in(world: &dyn World, arguments: &[&str]) -> Ended {
    match Cli::try_parse_from(std::iter::once(&"jixiao").chain(arguments)) {
        Ok(cli) => perform(&cli, &Context { world, progress: Progress::silent() }, false),
        Err(error) => unparsed(&error, wants_json(arguments.iter().map(OsStr::new))),
    }
}

/// Whether JSON is asked for on a command line that may make no sense otherwise.
fn wants_json<'a>(arguments: impl Iterator<Item = &'a OsStr>) -> bool {
    let mut before = None;
    for argument in arguments.take_while(|argument| *argument != "--") {
        if argument == "--format=json" || (before == Some(OsStr::new("--format")) && argument == "json") {
            return true;
        }
        before = Some(argument);
    }
    false
}

fn perform(cli: &Cli, context: &Context<'_>, colour: bool) -> Ended {
    let result = match &cli.command {
        Command::Run(command) => command.execute(context),
        Command::Check(command) => command.execute(context),
        Command::Test(command) => command.execute(context),
        Command::Explain(command) => command.execute(context),
        Command::Score(command) => command.execute(context),
        Command::Clauses(command) => command.execute(context),
        Command::Completions(command) => Ok(command.execute()),
    };
    context.progress.finish();
    let (exit, out, err) = match (result, cli.format) {
        (Ok(answer), Format::Text) => (answer.exit, answer.text, String::new()),
        (Ok(answer), Format::Json) => (answer.exit, answer.json_text(), String::new()),
        (Err(failure), Format::Text) => (failure.exit(), String::new(), failure.text(colour)),
        (Err(failure), Format::Json) => (failure.exit(), failure.json_text(), String::new()),
    };
    Ended { exit, out, err }
}

/// Help and version are answers, everything else the parser says is a complaint.
fn unparsed(error: &clap::Error, json: bool) -> Ended {
    let text = error.render().to_string();
    match (error.use_stderr(), json) {
        (true, true) => Ended { exit: Exit::Usage, out: complaint(&text).json_text(), err: String::new() },
        (true, false) => Ended { exit: Exit::Usage, out: String::new(), err: text },
        (false, _) => Ended { exit: Exit::Done, out: text, err: String::new() },
    }
}

/// The parser's complaint as a failure: its first paragraph, and its tip or, without one, how to call the command.
fn complaint(text: &str) -> Failure {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut paragraphs = text.split("\n\n").map(one_line);
    let message = paragraphs.next().unwrap_or_default();
    let (tips, usage): (Vec<String>, Vec<String>) =
        paragraphs.filter(|part| !part.starts_with("For more information")).partition(|part| part.starts_with("tip: "));
    let hint = tips.into_iter().map(|tip| tip.trim_start_matches("tip: ").to_owned()).chain(usage).next();
    Failure::usage(message.trim_start_matches("error: "), hint)
}

/// Prints a result; a reader that has seen enough (`| head`) is no error.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// The log on standard error, without times: two logs of the same run are the same text.
fn start_log(cli: &Cli, terminal: bool) {
    let level = match (cli.quiet, cli.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_ansi(terminal)
        .without_time()
        .with_target(false);
    // A second start (in tests) changes nothing.
    let _ = log.try_init();
}
