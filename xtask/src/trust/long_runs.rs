//! The same audit over and over in one process.

use anyhow::{Result, ensure};

use super::Effort;
use crate::process::{cargo, output};

pub(super) fn run_check(effort: Effort) -> Result<String> {
    let rows = if effort == Effort::Long { "1000000" } else { "5000" };
    let mut tests = cargo(["test", "--workspace", "--quiet", "--test", "repeated_audits"]);
    if effort == Effort::Long {
        // With the command, so that it is built with what the command is built with.
        tests = cargo([
            "test",
            "--release",
            "--package",
            "cleanlab-cli",
            "--package",
            "cleanlab-datalab",
            "--quiet",
            "--test",
            "repeated_audits",
        ]);
    }
    let text = output(tests.args(["--", "--nocapture"]).env("CLEANLAB_TRUST_ROWS", rows))?;
    let figure = text.lines().find_map(|line| Some(line.split_once("trust: ")?.1.to_owned()));
    ensure!(figure.is_some(), "the test tells no figure:\n{text}");
    Ok(figure.unwrap_or_default())
}
