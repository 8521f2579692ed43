//! The compiler of the fuzz targets: rustc, told to watch what values are compared with, but not in every crate.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

/// Set where this program is cargo's `RUSTC_WRAPPER`.
pub(super) const VARIABLE: &str = "CLEANLAB_XTASK_COMPILES";

/// Makes the fuzzer see the values that are compared, and so find its way past comparisons.
pub(super) const WATCH_COMPARISONS: &str = "-Cllvm-args=-sanitizer-coverage-trace-compares";

/// `csv_core` makes a table of its states anew for each file, whatever is in it; watching that took two thirds of the time
/// of the CSV target.
const NOT_WATCHED: [&str; 1] = ["csv_core"];

/// Where cargo runs this program as the compiler, compiles and gives the exit status.
pub(crate) fn compile_if_asked() -> Option<ExitCode> {
    std::env::var_os(VARIABLE)?;
    let status = compile(std::env::args_os().skip(1).collect());
    Some(status.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    }))
}

/// Runs the compiler that is the first argument.
fn compile(mut arguments: Vec<OsString>) -> Result<ExitCode> {
    let name = arguments.iter().position(|argument| argument == "--crate-name");
    let name = name.and_then(|at| arguments.get(at + 1)).and_then(|name| name.to_str());
    if name.is_some_and(|name| NOT_WATCHED.contains(&name)) {
        arguments.retain(|argument| argument != WATCH_COMPARISONS);
    }
    let (compiler, arguments) = arguments.split_first().context("no compiler is named")?;
    let status = Command::new(compiler).args(arguments).status().context("the compiler does not start")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
