//! Arguments → command → exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    jixiao::cli::main(std::env::args_os())
}
