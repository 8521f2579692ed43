//! Times `find_label_issues` on request, for a script that runs it in turns with cleanlab.
//!
//! `time_label_issues LABELS.npy PRED_PROBS.npy` reads the arrays and prints `ready`. Then it reads the name of a
//! `filter_by` method a line, and answers each with the seconds that the call took, checks of the input included, the
//! largest growth of memory meanwhile in bytes besides the result, one byte per row (0 where the system does not tell),
//! and the number of issues found. The array is read once before the clock starts, as cleanlab's is, so that neither side
//! pays for caches that the other one has filled in its turn.

#![allow(clippy::print_stdout, reason = "a command-line program")]

use std::fs;
use std::hint::black_box;
use std::io::{self, BufRead};
use std::time::Instant;

use anyhow::{Context, Result};
use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs};
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions, LabelIssues, find_label_issues};
use cleanlab_table::{ArrayOptions, ProbsMatrix, read_labels, read_pred_probs};
use ndarray::ArrayView2;

fn main() -> Result<()> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [labels, pred_probs] = paths.as_slice() else {
        anyhow::bail!("usage: time_label_issues LABELS.npy PRED_PROBS.npy");
    };
    let labels = read_labels(labels, &ArrayOptions::default())?.labels;
    let pred_probs = read_pred_probs(pred_probs, &ArrayOptions::default())?.values;
    // The threads live as long as the process; their stacks are no cost of the first call.
    rayon::broadcast(|_| ());
    println!("ready");
    for line in io::stdin().lock().lines() {
        let name = line?;
        let filter_by = FilterBy::ALL.into_iter().find(|method| method.name() == name.trim());
        let options =
            FindLabelIssuesOptions::default().with_filter_by(filter_by.context("no such filter_by")?);
        match &pred_probs {
            ProbsMatrix::F32(matrix) => {
                black_box(matrix.sum());
            }
            ProbsMatrix::F64(matrix) => {
                black_box(matrix.sum());
            }
        }
        let before = resident_bytes("VmRSS:");
        // Lets the kernel start counting the peak anew; without it the growth reads as 0.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let start = Instant::now();
        let issues = match &pred_probs {
            ProbsMatrix::F32(matrix) => find(&labels, matrix.view(), &options)?,
            ProbsMatrix::F64(matrix) => find(&labels, matrix.view(), &options)?,
        };
        let seconds = start.elapsed().as_secs_f64();
        let growth = resident_bytes("VmHWM:").saturating_sub(before + issues.mask.len() as u64);
        println!("{seconds} {growth} {}", issues.n_issues());
    }
    Ok(())
}

fn find<F: Float>(
    labels: &Labels<'_>,
    matrix: ArrayView2<'_, F>,
    options: &FindLabelIssuesOptions,
) -> Result<LabelIssues> {
    let data = LabeledProbs::new(labels.borrowed(), PredProbs::new(matrix)?)?;
    Ok(find_label_issues(&data, options)?)
}

/// A line of /proc/self/status, in bytes; 0 where there is no such file.
fn resident_bytes(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or_default() * 1024
}
