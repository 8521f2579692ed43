//! Names that would like to be scripts, control codes or formulas, through everything that comes out.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{Effort, TrustCheck};
use crate::browser::program;
use crate::process::{cargo, run, workspace_root};

pub(crate) const CHECK: TrustCheck = TrustCheck {
    name: "hostile-text",
    claim: "no name runs a script, steers a terminal or starts a formula, and pages have a policy against it",
    run: print_all,
};

/// What the test leaves.
#[derive(Deserialize)]
struct Tried {
    names: usize,
    pages: Vec<serde_json::Value>,
}

fn print_all(_: Effort) -> Result<String> {
    let folder = workspace_root().join("target/trust/hostile_text");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("target/trust/hostile_text")?;
    }
    // Of the whole workspace: with the features of one package its dependencies would be built once more.
    run(&mut cargo(["test", "--quiet", "--workspace", "--test", "cli", "--", "hostile_names::"]))?;
    let text = fs::read_to_string(folder.join("pages.json")).context("the test left no pages.json")?;
    let Tried { names, pages } = serde_json::from_str(&text).context("pages.json")?;
    ensure!(names >= 300, "only {names} names were tried");
    let harmless = format!("{names} of {names} names harmless in terminal, CSV, JSON and HTML");
    let Some((python, chromium)) = program() else {
        return Ok(format!("{harmless}; pages were not opened, for want of a browser"));
    };
    let script = workspace_root().join("crates/report/tests/browser/check_names.py");
    run(Command::new(python).arg("-B").arg(script).arg(chromium).arg(folder))?;
    Ok(format!("{harmless}, on {} pages in Chromium", pages.len()))
}
