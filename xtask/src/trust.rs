//! Bad files, faults, attacks, and the same bits every time: what is claimed, each with the run that shows it.
//!
//! A claim is a [`TrustCheck`] with a figure for what was tried. The short form of each runs for every change; the long
//! one is for releases, and its last results are docs/TRUST.md.

mod bad_inputs;
mod command_lines;
mod coverage;
mod crash_safety;
mod determinism;
mod faults;
mod fuzzing;
mod hostile_headers;
mod hostile_text;
mod interruptions;
mod licences;
mod long_parity;
mod long_runs;
mod loud_failures;
mod mutants;
mod no_code_in_data;
mod properties;
mod public_api;
mod quiet;
mod rust_source;
mod supply_chain;
mod tools;
mod unsafe_code;
mod workspace_copy;

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
const CHECKS: &[TrustCheck] = &[
    bad_inputs::CHECK,
    loud_failures::CHECK,
    hostile_text::CHECK,
    quiet::CHECK,
    TrustCheck {
        name: "determinism",
        claim: "every command writes the same bytes on any number of threads, in memory or in parts, every time, and from \
                every build",
        run: determinism::run_check,
    },
    TrustCheck {
        name: "crash-safety",
        claim: "saving that is killed or fails at any place leaves the old or the new state whole, and damage of a saved \
                audit is always found",
        run: crash_safety::run_check,
    },
    TrustCheck {
        name: "no-code-in-data",
        claim: "no file that the crates and the command read is run as code, and audits that earlier versions saved still load",
        run: no_code_in_data::run_check,
    },
    TrustCheck {
        name: "interruptions",
        claim: "Ctrl-C, TERM and HUP end every command within a second and tear nothing; a reader that leaves is no error",
        run: interruptions::run_check,
    },
    TrustCheck {
        name: "long-runs",
        claim: "a process that audits a table 20 times takes no more memory for the later audits",
        run: long_runs::run_check,
    },
    TrustCheck {
        name: "fuzz-csv",
        claim: "CSV that a fuzzer makes up: no panic, abort, hang beyond 5 s or allocation beyond 1 GB",
        run: |effort| fuzzing::fuzz("csv", effort),
    },
    TrustCheck {
        name: "fuzz-json",
        claim: "JSON that a fuzzer makes up: no panic, abort, hang beyond 5 s or allocation beyond 1 GB",
        run: |effort| fuzzing::fuzz("json", effort),
    },
    TrustCheck {
        name: "fuzz-npy",
        claim: "NPY that a fuzzer makes up: no panic, abort, hang beyond 5 s or allocation beyond 1 GB",
        run: |effort| fuzzing::fuzz("npy", effort),
    },
    TrustCheck {
        name: "fuzz-npz",
        claim: "NPZ that a fuzzer makes up: no panic, abort, hang beyond 5 s or allocation beyond 1 GB",
        run: |effort| fuzzing::fuzz("npz", effort),
    },
    TrustCheck {
        name: "fuzz-parquet",
        claim: "Parquet that a fuzzer makes up: no panic, abort, hang beyond 5 s or allocation beyond 1 GB",
        run: |effort| fuzzing::fuzz("parquet", effort),
    },
    TrustCheck {
        name: "fuzz-arrow",
        claim: "Arrow that a fuzzer makes up: no panic, abort, hang beyond 5 s or allocation beyond 1 GB",
        run: |effort| fuzzing::fuzz("arrow", effort),
    },
    TrustCheck {
        name: "fuzz-saved-audit",
        claim: "saved audits that a fuzzer makes up: no panic, abort, hang beyond 5 s or allocation beyond 1 GB",
        run: |effort| fuzzing::fuzz("saved_audit", effort),
    },
    TrustCheck {
        name: "fuzz-config",
        claim: "files of options that a fuzzer makes up: no panic, abort, hang beyond 5 s or allocation beyond 1 GB",
        run: |effort| fuzzing::fuzz("config", effort),
    },
    TrustCheck {
        name: "fuzz-knn-graph",
        claim: "neighbour graphs that a fuzzer makes up: no panic, abort, hang beyond 5 s or allocation beyond 1 GB",
        run: |effort| fuzzing::fuzz("knn_graph", effort),
    },
    TrustCheck {
        name: "fuzz-accumulator",
        claim: "states of passes that a fuzzer makes up: no panic, abort, hang beyond 5 s or allocation beyond 1 GB",
        run: |effort| fuzzing::fuzz("accumulator", effort),
    },
    TrustCheck {
        name: "fuzz-label-calls",
        claim: "calls on labels and probabilities that a fuzzer makes up: no panic, abort, hang beyond 5 s or allocation beyond 1 GB",
        run: |effort| fuzzing::fuzz("label_calls", effort),
    },
    TrustCheck {
        name: "fuzz-multilabel-calls",
        claim: "calls on sets of labels that a fuzzer makes up: no panic, abort, hang beyond 5 s or allocation beyond 1 GB",
        run: |effort| fuzzing::fuzz("multilabel_calls", effort),
    },
    TrustCheck {
        name: "fuzz-feature-calls",
        claim: "calls on features and graphs that a fuzzer makes up: no panic, abort, hang beyond 5 s or allocation beyond 1 GB",
        run: |effort| fuzzing::fuzz("feature_calls", effort),
    },
    TrustCheck {
        name: "fuzz-audit-calls",
        claim: "whole audits and their reports that a fuzzer makes up: no panic, abort, hang beyond 5 s or allocation beyond 1 GB",
        run: |effort| fuzzing::fuzz("audit_calls", effort),
    },
    TrustCheck {
        name: "fuzz-canary",
        claim: "faults planted in a target, of every kind that the rows above exclude, are noticed",
        run: fuzzing::canary,
    },
    TrustCheck {
        name: "hostile-headers",
        claim: "small files that claim to be huge are refused with an error, within 100 ms and 256 MB of address space",
        run: hostile_headers::hostile_headers,
    },
    TrustCheck {
        name: "unsafe-code",
        claim: "unsafe code is in the files that ARCHITECTURE.md names, and forbidden elsewhere",
        run: unsafe_code::unsafe_code,
    },
    TrustCheck {
        name: "supply-chain",
        claim: "dependencies are locked, of crates.io, under allowed licences and without known defects",
        run: supply_chain::supply_chain,
    },
    TrustCheck {
        name: "public-api",
        claim: "what is public is documented, and can grow without breaking who uses it",
        run: public_api::public_api,
    },
    TrustCheck {
        name: "parity-labels",
        claim: "count, rank, filter, dataset and noise-generation answer as cleanlab 2.9.0 on random data sets",
        run: |effort| long_parity::long_parity(&["class-labels"], effort),
    },
    TrustCheck {
        name: "parity-multilabel",
        claim: "multilabel answers as cleanlab 2.9.0 on random data sets",
        run: |effort| long_parity::long_parity(&["multilabel"], effort),
    },
    TrustCheck {
        name: "parity-learning",
        claim: "learning and regression answer as cleanlab 2.9.0 on random data sets",
        run: |effort| long_parity::long_parity(&["clean-learning", "regression"], effort),
    },
    TrustCheck {
        name: "parity-datalab",
        claim: "datalab and data-valuation answer as cleanlab 2.9.0 on random data sets",
        run: |effort| long_parity::long_parity(&["datalab", "datalab-data", "data-valuation"], effort),
    },
    TrustCheck {
        name: "parity-neighbors",
        claim: "neighbors and outlier answer as cleanlab 2.9.0 on random data sets",
        run: |effort| {
            long_parity::long_parity(
                &["neighbor-sets", "neighbors-outlier", "outlier-given-neighbors", "principal-components"],
                effort,
            )
        },
    },
    TrustCheck {
        name: "properties",
        claim: "at least 60 laws hold for random inputs, 1,000 each",
        run: properties::properties,
    },
    TrustCheck {
        name: "coverage",
        claim: "tests run at least 95 % of the lines of the libraries",
        run: coverage::coverage,
    },
    TrustCheck {
        name: "mutants-rank",
        claim: "tests notice at least 90 % of small faults in rank",
        run: |effort| mutants::mutants("rank", effort),
    },
    TrustCheck {
        name: "mutants-filter",
        claim: "tests notice at least 90 % of small faults in filter",
        run: |effort| mutants::mutants("filter", effort),
    },
    TrustCheck {
        name: "mutants-count",
        claim: "tests notice at least 90 % of small faults in count, its selection of rows apart",
        run: |effort| mutants::mutants("count", effort),
    },
    TrustCheck {
        name: "mutants-selection",
        claim: "tests notice at least 90 % of small faults in the selection of rows in count",
        run: |effort| mutants::mutants("selection", effort),
    },
    TrustCheck {
        name: "mutants-core",
        claim: "tests notice at least 90 % of small faults in core, its random numbers apart",
        run: |effort| mutants::mutants("core", effort),
    },
    TrustCheck {
        name: "mutants-random-state",
        claim: "tests notice at least 90 % of small faults in the random numbers of core",
        run: |effort| mutants::mutants("random-state", effort),
    },
    TrustCheck {
        name: "mutants-parquet",
        claim: "tests notice at least 90 % of small faults in the Parquet reader of table",
        run: |effort| mutants::mutants("parquet", effort),
    },
    TrustCheck {
        name: "mutants-table",
        claim: "tests notice at least 90 % of small faults in the other readers of table",
        run: |effort| mutants::mutants("table", effort),
    },
    TrustCheck {
        name: "mutants-stream",
        claim: "tests notice at least 90 % of small faults in the readers of stream",
        run: |effort| mutants::mutants("stream", effort),
    },
];

/// What every change is held to: the short forms of all checks.
pub(crate) fn trust_of_a_change() -> Result<()> {
    trust(&TrustArguments::default())
}

pub(crate) fn trust(arguments: &TrustArguments) -> Result<()> {
    let checks = chosen(&arguments.names)?;
    if arguments.list {
        for check in checks {
            println!("{:<22} {}", check.name, check.claim);
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
                lines.push(format!("ok    {:<22} {figure} ({seconds:.0} s)", check.name));
            }
            Err(error) => {
                lines.push(format!("FAIL  {:<22} {error:#} ({seconds:.0} s)", check.name));
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
