//! The `cleanlab` command: finds wrong labels in tables and arrays, and tells how well they are labelled.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program")]

mod about;
mod arguments;
mod audit;
mod class_alignment;
mod classifiers;
mod clean;
mod cleaned;
mod fail_on;
mod findings;
mod findings_report;
mod health;
mod health_report;
mod interrupt;
mod layout;
mod manual;
mod matrix_text;
mod noise;
mod printable;
mod progress;
mod report;
mod save;
mod subject;
mod table_warnings;
mod wording;

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::arguments::{Arguments, Command};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It ran, whatever it found.
    Ran,
    /// A limit of `--fail-on` was passed.
    LimitPassed,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(Outcome::Ran) => ExitCode::SUCCESS,
        Ok(Outcome::LimitPassed) => ExitCode::from(1),
        // Whoever reads our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            wording::tell(&format!("error: {}", wording::error_line(&error)));
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> Result<Outcome> {
    interrupt::watch()?;
    match arguments.command {
        Command::Audit(arguments) => audit::audit_table(&arguments),
        Command::Labels(arguments) => audit::audit_arrays(&arguments),
        Command::Health(arguments) => health::health(&arguments),
        Command::Overlap(arguments) => health::overlap(&arguments),
        Command::Classes(arguments) => health::classes(&arguments),
        Command::Clean(arguments) => clean::clean(&arguments),
        Command::Noise(arguments) => noise::noise(&arguments),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { out } => manual::man_pages(out.as_deref()),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
