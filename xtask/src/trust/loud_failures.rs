//! One failure in every check: the terminal, JSON, CSV, JUnit, the page and the exit status all say so.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Effort, TrustCheck};
use crate::browser::program;
use crate::process::{cargo, run, workspace_root};

pub(crate) const CHECK: TrustCheck = TrustCheck {
    name: "loud-failures",
    claim: "a failure in any check is told by terminal, JSON, CSV, JUnit, page, saved audit and exit status",
    run: fail_each,
};

fn fail_each(_: Effort) -> Result<String> {
    let folder = workspace_root().join("target/trust/loud_failures");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("target/trust/loud_failures")?;
    }
    // Of the whole workspace: with the features of one package its dependencies would be built once more.
    run(&mut cargo(["test", "--quiet", "--workspace", "--test", "cli", "--", "loud_failures::"]))?;
    let text = fs::read_to_string(folder.join("failures.json")).context("the test left no failures.json")?;
    let failures: Vec<serde_json::Value> = serde_json::from_str(&text).context("failures.json")?;
    let n = failures.len();
    ensure!(n > 30, "only {n} failures were tried");
    let told = format!("{n} of {n} failures, one in each check of each task, told everywhere");
    let Some((python, chromium)) = program() else {
        return Ok(format!("{told}; pages were not opened, for want of a browser"));
    };
    let script = workspace_root().join("crates/report/tests/browser/check_failures.py");
    run(Command::new(python).arg("-B").arg(script).arg(chromium).arg(folder))?;
    Ok(format!("{told}, and at the top of the page in Chromium"))
}
