//! The `cleanlab` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    cleanlab_cli::run_program()
}
