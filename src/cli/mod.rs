//! The command line: one file per command, each a function from arguments to an [`Answer`].
//!
//! Commands print nothing themselves. What they answer is printed here, once, on standard output; progress,
//! log and findings that stop a command go to standard error. `--format json` turns every answer, and every
//! failure, into one JSON object on standard output.

pub mod exit;
pub mod layout;

mod answer;
mod check;
mod completions;
mod deliver;
mod explain;
mod findings;
mod period;
mod progress;
mod project;
mod run;
mod summary;
mod test;
mod tree;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use tracing::level_filters::LevelFilter;

use crate::world::{Disk, World};
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
    Completions(completions::Completions),
}

/// What every command works with.
pub(crate) struct Context<'a> {
    pub(crate) world: &'a dyn World,
    pub(crate) progress: Progress,
}

/// Arguments to exit code: parses, runs the command, prints its answer.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; they go to standard output with exit code 0.
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            let _ = error.print();
            return ExitCode::from(code.code());
        }
    };
    start_log(&cli);
    let progress = if cli.quiet { Progress::silent() } else { Progress::new(io::stderr().is_terminal()) };
    let context = Context { world: &Disk, progress };
    let result = match &cli.command {
        Command::Run(command) => command.execute(&context),
        Command::Check(command) => command.execute(&context),
        Command::Test(command) => command.execute(&context),
        Command::Explain(command) => command.execute(&context),
        Command::Completions(command) => Ok(command.execute()),
    };
    context.progress.finish();
    let (exit, printed) = match (result, cli.format) {
        (Ok(answer), Format::Text) => (answer.exit, print(&answer.text)),
        (Ok(answer), Format::Json) => (answer.exit, print(&answer.json_text())),
        (Err(failure), Format::Text) => {
            let _ = write!(io::stderr().lock(), "{}", failure.text(io::stderr().is_terminal()));
            (failure.exit(), Ok(()))
        }
        (Err(failure), Format::Json) => (failure.exit(), print(&failure.json_text())),
    };
    match printed {
        Ok(()) => ExitCode::from(exit.code()),
        Err(error) => {
            let _ = writeln!(io::stderr().lock(), "error: cannot print the result: {error}");
            ExitCode::from(Exit::Environment.code())
        }
    }
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
fn start_log(cli: &Cli) {
    let level = match (cli.quiet, cli.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .without_time()
        .with_target(false);
    // A second start (in tests) changes nothing.
    let _ = log.try_init();
}
