//! Every command and every public function, given what it cannot take: the answer that is documented, or an error that
//! names the place and the remedy.
//!
//! Cases of commands stand in `commands/*.toml`, those of functions in `functions/`. docs/ERRORS.md is made of them and of
//! what came back; it is renewed with `CLEANLAB_RENEW=1 cargo test -p cleanlab-cli --test bad_inputs`. Read the
//! difference before committing it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod commands;
mod coverage;
mod document;
mod files;
mod functions;

use std::fmt::Write as _;
use std::fs;

use crate::answers::Answered;

/// How many bad inputs have to be tried at least.
const LEAST: usize = 200;

#[test]
fn every_bad_input_is_answered_as_documented() {
    let mut answered = commands::answers();
    let n_commands = answered.len();
    answered.extend(functions::answers());
    let complaints: Vec<String> = answered.iter().filter_map(Answered::complaint).collect();
    let n = answered.len();
    assert!(complaints.is_empty(), "{} of {n} cases:\n\n{}", complaints.len(), complaints.join("\n\n"));
    assert!(n >= LEAST, "{n} cases are too few");
    document::check(&answered);
    note(n, n_commands);
}

#[test]
fn every_command_and_function_has_a_bad_input() {
    coverage::check();
}

/// Leaves the numbers where `cargo xtask trust` reads them.
fn note(n: usize, n_commands: usize) {
    let mut text = String::new();
    write!(text, "{{\"answered\": {n}, \"of_commands\": {n_commands}}}").unwrap();
    let folder = document::workspace().join("target/trust");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("bad_inputs.json"), text).unwrap();
}
