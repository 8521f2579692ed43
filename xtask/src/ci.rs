//! What a change must pass.

use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::binary_size::check_binary_size;
use crate::browser::browser;
use crate::kernels::{KernelsArguments, kernels};
use crate::parity::{ParityArguments, parity};
use crate::process::{build_workspace, cargo, run, workspace_root};
use crate::python::{PythonArguments, python};
use crate::readme::run_readme_commands;
use crate::tidy::tidy;
use crate::trust::trust_of_a_change;

#[derive(Args)]
pub(crate) struct CiArguments {
    /// Leaves out `cargo xtask test`, for a script that runs it as a step of its own.
    #[arg(long)]
    without_tests: bool,
}

#[derive(Args)]
pub(crate) struct TestArguments {
    /// Random data sets for the parity run; 0 leaves it and `python` out, for a machine without network.
    #[arg(long, default_value_t = 40)]
    parity_cases: u64,
    /// Then looks at thousands of neighbour graphs instead of some, which takes many minutes; for a change of the search.
    #[arg(long)]
    long: bool,
}

pub(crate) fn ci(arguments: &CiArguments) -> Result<()> {
    run(&mut cargo(["fmt", "--all", "--check"]))?;
    tidy()?;
    let lint = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"];
    run(&mut cargo(lint))?;
    // The facade must build with nothing and with everything, and what only a feature brings must pass its tests too.
    for features in ["--no-default-features", "--all-features"] {
        run(&mut cargo(["check", "--package", "cleanlab", features, "--quiet"]))?;
    }
    run(&mut cargo([
        "test",
        "--package",
        "cleanlab-learning",
        "--features",
        "smartcore",
        "--test",
        "smartcore",
        "--quiet",
    ]))?;
    run(cargo(["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "--deny warnings"))?;
    run_examples()?;
    run_readme_commands()?;
    check_binary_size()?;
    if arguments.without_tests { Ok(()) } else { test(&TestArguments { parity_cases: 40, long: false }) }
}

/// Runs every example that needs no data of the caller's.
fn run_examples() -> Result<()> {
    let programs = build_workspace()?;
    for example in [
        "count_and_rank",
        "custom_issue_manager",
        "datalab_quickstart",
        "filter_only",
        "multilabel_quickstart",
        "tabular_digits",
        "workflows",
    ] {
        run(Command::new(programs.join(example)).current_dir(workspace_root()))?;
    }
    Ok(())
}

pub(crate) fn test(arguments: &TestArguments) -> Result<()> {
    if arguments.parity_cases > 0 {
        let cases = Some(arguments.parity_cases);
        parity(&ParityArguments { cases, seed: 1, ..ParityArguments::default() })?;
        python(&PythonArguments::default())?;
    }
    run(&mut cargo(["test", "--workspace", "--quiet"]))?;
    if arguments.long {
        let graphs =
            ["test", "--release", "--package", "cleanlab-neighbors", "--test", "exhaustive", "--quiet"];
        run(cargo(graphs).env("CLEANLAB_LONG_TESTS", "1"))?;
    }
    test_lapack()?;
    kernels(&KernelsArguments::default())?;
    browser()?;
    trust_of_a_change()
}

/// Holds LAPACK and faer to the same answers, where the library is installed.
fn test_lapack() -> Result<()> {
    let found = Command::new("pkg-config").args(["--exists", "openblas"]).status();
    if !found.is_ok_and(|status| status.success()) {
        println!("skipped: the tests of the feature `lapack`, as pkg-config finds no openblas");
        return Ok(());
    }
    for package in ["cleanlab-neighbors", "cleanlab-regression"] {
        run(&mut cargo(["test", "--package", package, "--features", "lapack", "--lib", "--quiet"]))?;
    }
    Ok(())
}
