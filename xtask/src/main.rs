//! The project's own commands: `cargo xtask --help`.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program")]

mod bench;
mod binary_size;
mod browser;
mod ci;
mod demo;
mod golden;
mod installed_programs;
mod kept_tallies;
mod kernels;
mod parity;
mod process;
mod python;
mod python_env;
mod readme;
mod tidy;
mod trust;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The project's own commands.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything a change must pass: format, clippy, tidy, documentation, examples, README commands and tests.
    Ci(ci::CiArguments),
    /// All tests: unit, documentation and snapshot tests, short parity runs against cleanlab 2.9.0, `python`, `kernels`
    /// and `browser`.
    Test(ci::TestArguments),
    /// Opens the pages of the report in a headless Chromium, installed with apt where there is none, and uses them.
    Browser,
    /// Checks the architecture: who depends on whom, file sizes, crate pages.
    Tidy,
    /// Records the golden fixtures anew from cleanlab, NumPy and scikit-learn, in a virtual environment of its own.
    Golden,
    /// Builds the wheel of the Python package and holds it to its tests, its types, and cleanlab's surface and answers.
    Python(python::PythonArguments),
    /// Compares this workspace with cleanlab 2.9.0 on random data sets and prints a line for each function; with
    /// `--python` the Python package, call by call.
    Parity(parity::ParityArguments),
    /// Measures this workspace beside its peers, in turns in one run, and writes docs/BENCHMARKS.md.
    Bench(bench::BenchArguments),
    /// Counts the instructions of the hottest kernels and holds them to the recorded baseline.
    Kernels(kernels::KernelsArguments),
    /// Lists where the instructions of a kernel go, by function and on request by line.
    Profile(kernels::ProfileArguments),
    /// Bad files, faults, attacks and repeated runs: one line for each claim, with the figure of what was tried.
    Trust(trust::TrustArguments),
    /// Runs the library on real data.
    #[command(subcommand)]
    Demo(demo::Demo),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Ci(arguments) => ci::ci(&arguments),
        Command::Test(arguments) => ci::test(&arguments),
        Command::Browser => browser::browser(),
        Command::Tidy => tidy::tidy(),
        Command::Golden => golden::golden(),
        Command::Python(arguments) => python::python(&arguments),
        Command::Parity(arguments) => parity::parity(&arguments),
        Command::Bench(arguments) => bench::bench(&arguments),
        Command::Kernels(arguments) => kernels::kernels(&arguments),
        Command::Profile(arguments) => kernels::profile(&arguments),
        Command::Trust(arguments) => trust::trust(&arguments),
        Command::Demo(demo) => demo::demo(&demo),
    }
}
