//! The language of pages and tables, as the command line names it.

use clap::ValueEnum;

use crate::diag::text::Language;

/// A language that the program speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LangArgument {
    /// Chinese
    #[value(name = "zh-CN", alias = "zh")]
    Chinese,
    /// English
    #[value(name = "en")]
    English,
}

impl From<LangArgument> for Language {
    fn from(argument: LangArgument) -> Self {
        match argument {
            LangArgument::Chinese => Self::Chinese,
            LangArgument::English => Self::English,
        }
    }
}
