//! Flagged labels against human verdicts: the test sets of MNIST, CIFAR-10, 20news and IMDB, for which Northcutt, Athalye
//! and Mueller ("Pervasive Label Errors in Test Sets", 2021) published predicted probabilities and had people check
//! suspected labels.
//!
//! `cargo xtask demo label-errors --data DIR`, where DIR holds the files of <https://github.com/cleanlab/label-errors>:
//! `NAME_test_set_pyx.npy`, `NAME_test_set_original_labels.npy`, `NAME_mturk.json` and, for IMDB,
//! `imdb_test_set_index_to_filename.json`.

#![allow(clippy::print_stdout, reason = "an example")]

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use cleanlab_core::{InputError, LabeledProbs, PredProbs};
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions, find_label_issues};
use cleanlab_table::{ArrayOptions, read_labels, read_pred_probs};
use serde_json::Value;

const DATA_SETS: [&str; 4] = ["mnist", "cifar10", "20news", "imdb"];

/// An example is a confirmed error when fewer than this many of five people agree with its given label.
const MAJORITY: u64 = 3;

#[derive(Parser)]
struct Arguments {
    /// Folder with the files.
    #[arg(long)]
    data: PathBuf,
}

/// What people said about suspected labels.
struct Verdicts {
    checked: HashSet<usize>,
    confirmed: HashSet<usize>,
}

fn main() -> Result<()> {
    let folder = Arguments::parse().data;
    for name in DATA_SETS {
        compare(&folder, name).with_context(|| format!("data set {name}"))?;
    }
    Ok(())
}

fn compare(folder: &Path, name: &str) -> Result<()> {
    let file = |ending: &str| folder.join(format!("{name}_{ending}"));
    let labels = read_labels(file("test_set_original_labels.npy"), &ArrayOptions::default())?;
    let given = read_pred_probs(file("test_set_pyx.npy"), &ArrayOptions::default())?;
    let matrix = given.values.into_f64();
    println!("{name}: {} examples, {} classes", matrix.nrows(), matrix.ncols());
    let pred_probs = match PredProbs::new(matrix.view()) {
        Ok(pred_probs) => pred_probs,
        Err(error @ InputError::ProbabilityOutOfRange { .. }) => {
            println!("  error: {error}");
            let clipped = PredProbs::clipped(matrix.view())?;
            println!("  going on with {} probabilities clipped", clipped.n_clipped());
            clipped
        }
        Err(error) => return Err(error.into()),
    };
    let data = LabeledProbs::new(labels.labels, pred_probs)?;
    let verdicts = read_verdicts(folder, name)?;
    println!(
        "  {:<24}{:>8}{:>18}{:>24}",
        "filter_by",
        "flagged",
        "humans checked",
        format!("of {} errors found", verdicts.confirmed.len())
    );
    for filter_by in FilterBy::ALL {
        let options = FindLabelIssuesOptions::default().with_filter_by(filter_by);
        let flagged = find_label_issues(&data, &options)?.indices();
        let among = |rows: &HashSet<usize>| flagged.iter().filter(|row| rows.contains(row)).count();
        println!(
            "  {:<24}{:>8}{:>18}{:>24}",
            filter_by.name(),
            flagged.len(),
            among(&verdicts.checked),
            among(&verdicts.confirmed)
        );
    }
    println!();
    Ok(())
}

fn read_verdicts(folder: &Path, name: &str) -> Result<Verdicts> {
    let entries = read_json(&folder.join(format!("{name}_mturk.json")))?;
    let index_of_file = if name == "imdb" { Some(imdb_rows(folder)?) } else { None };
    let mut verdicts = Verdicts { checked: HashSet::new(), confirmed: HashSet::new() };
    for entry in entries.as_array().context("verdicts are a list")? {
        let row = match (&entry["id"], &index_of_file) {
            (Value::Number(row), _) => row.as_u64().context("row number")? as usize,
            (Value::String(path), Some(rows)) => {
                let file = format!("{}.txt", path.trim_start_matches("test/"));
                *rows.get(&file).with_context(|| format!("no row for {file}"))?
            }
            (id, _) => anyhow::bail!("unknown example {id}"),
        };
        let agree = entry["mturk"]["given"].as_u64().context("votes for the given label")?;
        verdicts.checked.insert(row);
        if agree < MAJORITY {
            verdicts.confirmed.insert(row);
        }
    }
    ensure!(!verdicts.checked.is_empty(), "there are no verdicts");
    Ok(verdicts)
}

fn imdb_rows(folder: &Path) -> Result<HashMap<String, usize>> {
    let names = read_json(&folder.join("imdb_test_set_index_to_filename.json"))?;
    let names = names.as_array().context("file names are a list")?.iter().enumerate();
    names.map(|(row, name)| Ok((name.as_str().context("file name")?.to_owned(), row))).collect()
}

fn read_json(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}
