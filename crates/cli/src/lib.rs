//! The `cleanlab` command: audits tables and arrays for every kind of issue, finds wrong labels, and tells how well data are
//! labelled.
//!
//! # A one-minute example
//!
//! ```sh
//! cargo install cleanlab-cli
//! cleanlab audit pets.csv --label species --report pets.html
//! ```
//!
//! # When not to use it
//!
//! From Rust: everything that the command does is in the crates below it, `cleanlab-datalab` first of all. This library is
//! there for the program and for the fuzzer of its readers, and promises nothing else.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program")]

mod about;
mod arguments;
mod audit;
mod check_choice;
mod class_alignment;
mod classifiers;
mod clean;
mod cleaned;
mod config;
mod fail_on;
mod findings;
mod findings_report;
#[doc(hidden)]
pub mod fuzzed_readers;
mod health;
mod health_report;
mod in_parts;
mod interrupt;
mod junit;
mod knn_graph;
mod labels;
mod manual;
mod matrix_text;
mod nearest;
mod noise;
mod output_width;
mod places;
mod printable;
mod progress;
mod report;
mod save;
mod saved;
mod saved_diff;
mod subject;
mod table_warnings;
mod wording;

use std::io;
use std::process::ExitCode;

use anyhow::Result;

use crate::arguments::{Arguments, Command};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It ran, whatever it found.
    Ran,
    /// A limit of `--fail-on` was passed.
    LimitPassed,
    /// A check has no result though it should, which has been said.
    Failed,
}

impl Outcome {
    /// The graver of two.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Failed, _) | (_, Self::Failed) => Self::Failed,
            (Self::LimitPassed, _) | (_, Self::LimitPassed) => Self::LimitPassed,
            (Self::Ran, Self::Ran) => Self::Ran,
        }
    }
}

/// Does what the arguments of the program ask for.
#[must_use]
pub fn run_program() -> ExitCode {
    match config::arguments().and_then(run) {
        Ok(Outcome::Ran) => ExitCode::SUCCESS,
        Ok(Outcome::LimitPassed) => ExitCode::from(1),
        Ok(Outcome::Failed) => ExitCode::from(2),
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
        Command::Audit(arguments) => audit::audit(&arguments),
        Command::Report(arguments) => saved::report(&arguments),
        Command::Issues(arguments) => saved::issues(&arguments),
        Command::Diff(arguments) => saved_diff::compare(&arguments),
        Command::Labels(arguments) => labels::labels(&arguments),
        Command::Health(arguments) => health::health(&arguments),
        Command::Overlap(arguments) => health::overlap(&arguments),
        Command::Classes(arguments) => health::classes(&arguments),
        Command::Clean(arguments) => clean::clean(&arguments),
        Command::Noise(arguments) => noise::noise(&arguments),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { out } => manual::man_pages(out.as_ref()),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
