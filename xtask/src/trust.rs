//! Bad files, faults, attacks, and the same bits every time: what is claimed, each with the run that shows it.
//!
//! A claim is a [`TrustCheck`] with a figure for what was tried. The short form of each runs for every change; the long
//! one is for releases, and its last results are docs/TRUST.md.

mod bad_inputs;
mod hostile_text;
mod loud_failures;
mod quiet;

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::process::workspace_root;

#[derive(Args, Default)]
pub(crate) struct TrustArguments {
    /// The checks; all if none is named.
    names: Vec<String>,
    /// As many cases as docs/TRUST.md quotes, which takes hours, and writes what comes out there.
    #[arg(long)]
    long: bool,
    /// Lists the checks and what each shows, without running any.
    #[arg(long)]
    list: bool,
}

/// How much a check tries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// What every change is held to: a few minutes for all checks.
    Short,
    /// What docs/TRUST.md quotes.
    Long,
}

/// One claim, and the run that shows it.
pub(crate) struct TrustCheck {
    pub(crate) name: &'static str,
    /// What is shown, as a sentence without its full stop.
    pub(crate) claim: &'static str,
    /// Tries it, and gives the figure: how many of what were tried. Whatever is not as claimed is an error.
    pub(crate) run: fn(Effort) -> Result<String>,
}

/// In the order in which they run.
#[rustfmt::skip]
const CHECKS: &[TrustCheck] = &[
    bad_inputs::CHECK,
    loud_failures::CHECK,
    hostile_text::CHECK,
    quiet::CHECK,
];

pub(crate) fn trust(arguments: &TrustArguments) -> Result<()> {
    let checks = chosen(&arguments.names)?;
    if arguments.list {
        for check in checks {
            println!("{:<16} {}", check.name, check.claim);
        }
        return Ok(());
    }
    let effort = if arguments.long { Effort::Long } else { Effort::Short };
    let mut failed = Vec::new();
    let mut lines = Vec::new();
    for check in &checks {
        let start = Instant::now();
        let result = (check.run)(effort);
        let seconds = start.elapsed().as_secs_f64();
        match result {
            Ok(figure) => {
                if effort == Effort::Long {
                    record(check, &figure, seconds)?;
                }
                lines.push(format!("ok    {:<16} {figure} ({seconds:.0} s)", check.name));
            }
            Err(error) => {
                lines.push(format!("FAIL  {:<16} {error:#} ({seconds:.0} s)", check.name));
                failed.push(check.name);
            }
        }
        println!("trust: {}", lines[lines.len() - 1]);
    }
    println!("\n{}", lines.join("\n"));
    ensure!(failed.is_empty(), "{} of {} checks failed: {}", failed.len(), checks.len(), failed.join(", "));
    Ok(())
}

fn chosen(names: &[String]) -> Result<Vec<&'static TrustCheck>> {
    if names.is_empty() {
        return Ok(CHECKS.iter().collect());
    }
    let find = |name: &String| {
        CHECKS.iter().find(|check| check.name == name).with_context(|| {
            let known: Vec<_> = CHECKS.iter().map(|check| check.name).collect();
            format!("there is no check `{name}`, only {}", known.join(", "))
        })
    };
    names.iter().map(find).collect()
}

fn document() -> PathBuf {
    workspace_root().join("docs/TRUST.md")
}

/// Puts the result of a long run into its row of docs/TRUST.md.
fn record(check: &TrustCheck, figure: &str, seconds: f64) -> Result<()> {
    let text = fs::read_to_string(document()).context("docs/TRUST.md")?;
    let start = format!("| `{}` |", check.name);
    let row = format!("{start} {} | {figure} | {:.0} min |", check.claim, (seconds / 60.0).max(1.0));
    let mut is_there = false;
    let rows: Vec<&str> = text
        .lines()
        .map(|line| {
            if line.starts_with(&start) {
                is_there = true;
                row.as_str()
            } else {
                line
            }
        })
        .collect();
    if !is_there {
        bail!("docs/TRUST.md has no row that starts with `{start}`");
    }
    fs::write(document(), rows.join("\n") + "\n").context("docs/TRUST.md")
}
