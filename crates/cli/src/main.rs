//! The `cleanlab` command.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    cleanlab_cli::run_program()
}
