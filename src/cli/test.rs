//! `jixiao test`: the rule tests that stand beside the pipelines.

use std::path::PathBuf;

use clap::Args;

use super::{Answer, Context, Failure, project};

const EXAMPLES: &str = "\
Examples:
  jixiao test
  jixiao test --only advisor-output";

/// Run the rule tests beside the pipelines
///
/// Every case gives rows to a dataset or a step and states the pay lines and exceptions that must come of
/// them, to the fen. A case that differs is printed with what was expected and what was computed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Test {
    /// The project file
    #[arg(default_value = "pipelines/month-end.yaml", value_name = "PROJECT")]
    project: PathBuf,

    /// Only cases of pipelines or case names that contain this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

impl Test {
    pub(super) fn execute(&self, context: &Context<'_>) -> Result<Answer, Failure> {
        project::check(context, &self.project)?;
        let _ = &self.only;
        Err(Failure::Internal("rule tests cannot be run yet".to_owned()))
    }
}
