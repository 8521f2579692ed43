//! A matrix of bad inputs over every command and every public function.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{Effort, TrustCheck};
use crate::process::{cargo, run, workspace_root};

pub(crate) const CHECK: TrustCheck = TrustCheck {
    name: "bad-inputs",
    claim: "bad inputs of every command and public function get the documented result, or an error with place and remedy",
    run: try_all,
};

/// What the test leaves of its cases.
#[derive(Deserialize)]
struct Tried {
    answered: usize,
    of_commands: usize,
}

/// How many there have to be.
const LEAST: usize = 200;

/// Every case is tried each time: they take seconds.
fn try_all(_: Effort) -> Result<String> {
    let path = workspace_root().join("target/trust/bad_inputs.json");
    // What an earlier run has left would stand for one that did nothing.
    if path.exists() {
        fs::remove_file(&path).context("target/trust/bad_inputs.json")?;
    }
    run(&mut cargo(["test", "--quiet", "--workspace", "--test", "bad_inputs"]))?;
    let text = fs::read_to_string(&path).context("the test left no target/trust/bad_inputs.json")?;
    let Tried { answered, of_commands } =
        serde_json::from_str(&text).context("target/trust/bad_inputs.json")?;
    ensure!(answered >= LEAST, "only {answered} bad inputs were tried");
    let of_functions = answered - of_commands;
    Ok(format!(
        "{answered} of {answered} bad inputs answered as documented, {of_commands} of commands and {of_functions} of functions"
    ))
}
