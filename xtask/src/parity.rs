//! Running cleanlab and this workspace side by side on random data sets.

mod smaller_case;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};

use self::smaller_case::{Failing, Search};
use crate::kept_tallies;
use crate::process::{cargo, output, run, target_folder, two_at_a_time};
use crate::python::parity_of_calls;
use crate::python_env::{reference_python, script};

/// What is compared, in areas. A script runs the reference on the data sets of each and fills a folder of its name, which the
/// tests of the area read.
pub(crate) const AREAS: [&str; 11] = [
    "class-labels",
    "clean-learning",
    "data-valuation",
    "datalab",
    "datalab-data",
    "multilabel",
    "neighbor-sets",
    "neighbors-outlier",
    "outlier-given-neighbors",
    "principal-components",
    "regression",
];

/// The script that runs the reference on the data sets of an area.
pub(crate) fn script_of(area: &str) -> String {
    format!("parity_{}.py", area.replace('-', "_"))
}

/// Packages that have tests named `parity` or `parity_…`.
const PACKAGES: [&str; 12] = [
    "cleanlab-count",
    "cleanlab-rank",
    "cleanlab-filter",
    "cleanlab-data-valuation",
    "cleanlab-datalab",
    "cleanlab-dataset",
    "cleanlab-noise-generation",
    "cleanlab-learning",
    "cleanlab-multilabel",
    "cleanlab-neighbors",
    "cleanlab-outlier",
    "cleanlab-regression",
];

/// Data sets of all areas that are written, compared and deleted at a time: some hundred megabytes.
const BATCH: u64 = 100;
/// Those of one area.
const BATCH_OF_AN_AREA: u64 = 500;

#[derive(Args, Default)]
pub(crate) struct ParityArguments {
    /// Random data sets to compare on, 1000 if nothing is said; every function is called at least once on each. With
    /// `--python`, random calls: 2000 if nothing is said.
    #[arg(long)]
    pub(crate) cases: Option<u64>,
    /// Seed of the data sets. The same seed makes the same data sets.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Number of the first data set, to run one again: `--first 17 --cases 1`.
    #[arg(long, default_value_t = 0)]
    pub(crate) first: u64,
    /// Compares these areas only, with commas between them.
    #[arg(long, value_delimiter = ',', value_parser = AREAS)]
    pub(crate) areas: Vec<String>,
    /// Compares the Python package instead: the same calls of both, with all that can be seen of them.
    #[arg(long)]
    pub(crate) python: bool,
}

/// What a parity test wrote about one function; see `cleanlab_testkit::parity::Tally`.
#[derive(Default, Serialize, Deserialize)]
struct Tally {
    calls: u64,
    mismatches: u64,
    max_error: f64,
    examples: Vec<String>,
    #[serde(default, skip_serializing)]
    failing: Vec<Failing>,
}

type Tallies = BTreeMap<String, Tally>;

/// Functions of which a failing case is made smaller; what is wrong is mostly the same in all.
const FUNCTIONS_MADE_SMALLER: usize = 3;

/// What a run came to.
pub(crate) struct Compared {
    pub(crate) calls: u64,
    pub(crate) functions: usize,
}

pub(crate) fn parity(arguments: &ParityArguments) -> Result<()> {
    if arguments.python {
        return parity_of_calls(arguments.cases.unwrap_or(2000), arguments.seed, arguments.first);
    }
    compare(arguments, None).map(|_| ())
}

/// Compares the crates on random data sets. Of what differs a small case is written as a fixture.
///
/// In a folder, if one is given, every batch leaves what it came to, and what an earlier run left there is not compared
/// again.
pub(crate) fn compare(arguments: &ParityArguments, kept: Option<&Path>) -> Result<Compared> {
    let all_cases = arguments.cases.unwrap_or(1000);
    let folder = target_folder().join("parity");
    let tests = test_arguments(all_cases);
    let mut areas = AREAS.to_vec();
    areas.retain(|area| arguments.areas.is_empty() || arguments.areas.iter().any(|name| name == area));
    let batch = if areas.len() == 1 { BATCH_OF_AN_AREA } else { BATCH };
    println!(
        "{all_cases} data sets of {}, seed {}, from number {} on",
        areas.join(", "),
        arguments.seed,
        arguments.first
    );
    run(cargo(tests.iter().copied()).arg("--no-run"))?;
    let mut tallies = Tallies::new();
    let end = arguments.first + all_cases;
    for first in (arguments.first..end).step_by(batch as usize) {
        let cases = batch.min(end - first);
        let file =
            kept.map(|kept| kept.join(format!("seed_{}_{first}_to_{}.json", arguments.seed, first + cases)));
        let earlier: Option<Tallies> = file.as_deref().map(kept_tallies::read).transpose()?.flatten();
        let found = match earlier {
            Some(found) => found,
            None => {
                run_batch(&folder, &tests, &areas, [first, cases, arguments.seed]).with_context(|| {
                    format!("cases {first} to {}, seed {}", first + cases - 1, arguments.seed)
                })?
            }
        };
        // What differs is compared again until it no longer does.
        if let Some(file) = file
            && found.values().all(|tally| tally.mismatches == 0)
        {
            kept_tallies::write(&file, &found)?;
        }
        add(&mut tallies, found);
        println!("{} of {all_cases} data sets compared", first + cases - arguments.first);
    }
    report(all_cases, arguments.seed, &tallies)
}

/// A few cases are compared by what `cargo test` builds anyway, many by what runs fast.
fn test_arguments(cases: u64) -> Vec<&'static str> {
    if cases <= BATCH {
        return vec!["test", "--quiet", "--workspace", "--test", "parity*"];
    }
    let mut arguments = vec!["test", "--release", "--quiet", "--test", "parity*"];
    for package in PACKAGES {
        arguments.extend(["--package", package]);
    }
    arguments
}

fn run_batch(
    folder: &Path,
    tests: &[&str],
    areas: &[&str],
    [first, cases, seed]: [u64; 3],
) -> Result<Tallies> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let cases_folder = folder.join("cases");
    // Made on first use, which one has to be through with before the other starts.
    reference_python()?;
    let failed = Mutex::new(None);
    // Two run at a time, of one area too.
    let parts = if areas.len() == 1 && cases > 1 { 2 } else { 1 };
    let parts: Vec<(&str, u64, u64)> = areas
        .iter()
        .flat_map(|&area| {
            (0..parts).map(move |part| (area, cases * part / parts, cases * (part + 1) / parts))
        })
        .collect();
    two_at_a_time(&parts, |&(area, start, end)| {
        let result = record(area, &cases_folder, [first + start, end - start, seed]);
        if let (Err(error), Ok(mut failed)) = (result, failed.lock()) {
            *failed = Some(error);
        }
    });
    if let Some(error) = failed.into_inner().unwrap_or_default() {
        return Err(error);
    }
    let tally = folder.join("tally.jsonl");
    let mut test = cargo(tests.iter().copied());
    test.env("CLEANLAB_PARITY_CASES", &cases_folder).env("CLEANLAB_PARITY_AREAS", areas.join(","));
    test.env("CLEANLAB_PARITY_TALLY", &tally);
    output(&mut test)?;
    let tallies = read_tallies(&tally)?;
    fs::remove_dir_all(folder)?;
    Ok(tallies)
}

/// Asks the reference for its answers on the data sets of one area.
fn record(area: &str, folder: &Path, [first, cases, seed]: [u64; 3]) -> Result<()> {
    let mut reference = script(&script_of(area))?;
    reference.arg("--out").arg(folder);
    for (option, value) in [("--first", first), ("--cases", cases), ("--seed", seed)] {
        reference.arg(option).arg(value.to_string());
    }
    output(&mut reference).map(|_| ())
}

/// What parity tests wrote into a file.
fn read_tallies(file: &Path) -> Result<Tallies> {
    let mut tallies = Tallies::new();
    for line in fs::read_to_string(file).context("the parity tests wrote no tally")?.lines() {
        add(&mut tallies, serde_json::from_str(line)?);
    }
    Ok(tallies)
}

fn add(tallies: &mut Tallies, more: Tallies) {
    for (function, found) in more {
        let total = tallies.entry(function).or_default();
        total.calls += found.calls;
        total.mismatches += found.mismatches;
        total.max_error = total.max_error.max(found.max_error);
        total.examples.extend(found.examples);
        total.failing.extend(found.failing);
    }
}

fn report(cases: u64, seed: u64, tallies: &Tallies) -> Result<Compared> {
    println!("\n{:<50} {:>9} {:>11} {:>14}", "function", "calls", "mismatches", "largest error");
    for (function, tally) in tallies {
        println!("{function:<50} {:>9} {:>11} {:>14.1e}", tally.calls, tally.mismatches, tally.max_error);
    }
    for example in tallies.values().flat_map(|tally| tally.examples.iter().take(3)) {
        println!("mismatch: {example}");
    }
    let mismatches: u64 = tallies.values().map(|tally| tally.mismatches).sum();
    let calls: u64 = tallies.values().map(|tally| tally.calls).sum();
    println!(
        "\n{cases} data sets, seed {seed}: {calls} calls of {} functions, {mismatches} mismatches",
        tallies.len()
    );
    if mismatches > 0 || tallies.is_empty() {
        write_smaller_cases(seed, tallies);
        bail!("this workspace and cleanlab 2.9.0 differ");
    }
    Ok(Compared { calls, functions: tallies.len() })
}

/// Writes a small case of each of the first functions that differ. That they differ is the news, whatever comes of it.
fn write_smaller_cases(seed: u64, tallies: &Tallies) {
    let failing = tallies.iter().filter_map(|(function, tally)| Some((function, tally.failing.first()?)));
    for (function, failing) in failing.take(FUNCTIONS_MADE_SMALLER) {
        match (Search { function, failing, seed }).write_smallest() {
            Ok(written) => println!("{written}"),
            Err(error) => println!("{function}: no smaller case: {error:#}"),
        }
    }
}
