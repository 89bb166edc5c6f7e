//! `jixiao completions`: a script that teaches a shell the commands.

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use serde_json::json;

use super::exit::Exit;
use super::{Answer, Cli};

const EXAMPLES: &str = "\
Example:
  jixiao completions bash > ~/.local/share/bash-completion/completions/jixiao";

/// Print the script that completes this program's commands in a shell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Completions {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn execute(&self) -> Answer {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "jixiao", &mut script);
        let script = String::from_utf8_lossy(&script).into_owned();
        let json = json!({ "result": "completions", "shell": self.shell.to_string(), "script": script });
        Answer::new(Exit::Done, script, json)
    }
}
