//! Audits a data set on request, for a script that runs it in turns with cleanlab.
//!
//! `time_datalab FEATURES.npy PRED_PROBS.npy LABELS.npy` reads the arrays and prints `ready`. Then it reads a line at a
//! time: `audit exact`, `audit approximate`, or the name of a check to be made alone, with the neighbours of the last exact
//! audit. It answers each with a line of JSON: seconds, CPU seconds, the most memory that the process held meanwhile, its
//! input included, in bytes (0 where the system does not tell), the rows with each issue, the checks that failed, and for
//! an approximate audit the share of the exact neighbours' places that it filled. Arrays are read once before the clock
//! starts; labels, probabilities and features are checked within.

#![allow(clippy::print_stdout, reason = "a command-line program")]

use std::fs;
use std::hint::black_box;
use std::io::{self, BufRead};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use cleanlab_core::{ClassNames, Labels};
use cleanlab_datalab::{Checks, Datalab, FindIssuesOptions, Inputs, Task};
use cleanlab_neighbors::{
    ApproximateOptions, KnnGraph, KnnGraphOptions, NeighborSearch, default_k, find_knn_graph,
};
use cleanlab_table::{AnyArray, ArrayOptions, read_array, read_labels};
use ndarray::{Array2, Ix2};
use serde_json::json;

/// Clock ticks of Linux's `/proc/self/stat`, which are a hundredth of a second on every processor that Rust supports.
const TICKS_PER_SECOND: f64 = 100.0;

struct Data {
    features: Array2<f64>,
    pred_probs: Array2<f64>,
    labels: Vec<u32>,
}

/// What a request came to.
struct Audited {
    lab: Datalab,
    /// The graph that was given, of an approximate search.
    approximate: Option<Arc<KnnGraph>>,
}

fn main() -> Result<()> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [features, pred_probs, labels] = paths.as_slice() else {
        bail!("usage: time_datalab FEATURES.npy PRED_PROBS.npy LABELS.npy");
    };
    let data = Data {
        features: read_matrix(features)?,
        pred_probs: read_matrix(pred_probs)?,
        labels: read_labels(labels, &ArrayOptions::default())?.labels.as_slice().to_vec(),
    };
    // The threads live as long as the process; their stacks are no cost of the first call.
    rayon::broadcast(|_| ());
    println!("ready");
    let mut exact: Option<Arc<KnnGraph>> = None;
    for line in io::stdin().lock().lines() {
        let request = line?;
        black_box(data.features.sum() + data.pred_probs.sum());
        // Lets the kernel start counting the peak anew; without it the peak is that of the whole run.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let cpu = cpu_seconds();
        let start = Instant::now();
        let audited = answer(&data, request.trim(), exact.as_ref())?;
        let seconds = start.elapsed().as_secs_f64();
        let cpu = cpu_seconds() - cpu;
        let peak = resident_bytes("VmHWM:");
        let recall =
            audited.approximate.as_ref().zip(exact.as_ref()).map(|(found, exact)| recall(found, exact));
        let issues: serde_json::Map<String, serde_json::Value> = audited
            .lab
            .issue_summary()
            .into_iter()
            .map(|line| (line.issue_type, json!(line.num_issues)))
            .collect();
        let failed: Vec<String> =
            audited.lab.failed_checks().map(|(name, reason)| format!("{name}: {reason}")).collect();
        let answer = json!({
            "seconds": seconds, "cpu_seconds": cpu, "peak_bytes": peak,
            "issues": issues, "failed": failed, "recall": recall,
        });
        println!("{answer}");
        if request.trim() == "audit exact" {
            exact = audited.lab.kept_graph().map(|kept| Arc::clone(&kept.graph));
        }
    }
    Ok(())
}

fn answer(data: &Data, request: &str, exact: Option<&Arc<KnnGraph>>) -> Result<Audited> {
    let n_classes = data.pred_probs.ncols();
    let mut lab = Datalab::classification(Labels::new(&data.labels)?, ClassNames::indices(n_classes))?;
    let inputs = Inputs::default().with_pred_probs(&data.pred_probs).with_features(&data.features);
    let options = FindIssuesOptions::default();
    let mut approximate = None;
    match request {
        "audit exact" => lab.find_issues(&inputs, &options)?,
        "audit approximate" => {
            let search = NeighborSearch::Approximate(ApproximateOptions::default());
            let wanted = KnnGraphOptions::default().with_k(default_k(data.features.nrows()));
            let graph = Arc::new(find_knn_graph(data.features.view(), &wanted.with_search(search))?.graph);
            lab.find_issues(&inputs.with_knn_graph(&graph), &options)?;
            approximate = Some(graph);
        }
        check => {
            let graph = exact.context("an exact audit comes first, whose neighbours are taken")?;
            let checks = Checks::none().with_name(Task::Classification, check)?;
            lab.find_issues(&Inputs::default().with_knn_graph(graph), &options.with_checks(checks))?;
        }
    }
    Ok(Audited { lab, approximate })
}

/// The share of places in the graph whose row is as near as the exact graph's.
fn recall(found: &KnnGraph, exact: &KnnGraph) -> f64 {
    let k = found.k().min(exact.k());
    let mut n_near = 0;
    for (found, exact) in found.distances().rows().into_iter().zip(exact.distances().rows()) {
        // The same distance, found in another order of additions, may end in other digits.
        let farthest = exact[k - 1] * (1.0 + 1e-9);
        n_near += found.iter().take(k).filter(|&&distance| distance <= farthest).count();
    }
    n_near as f64 / (k * exact.n_rows()) as f64
}

fn read_matrix(path: &str) -> Result<Array2<f64>> {
    match read_array(path, &ArrayOptions::default())? {
        AnyArray::F64(array) => Ok(array.into_dimensionality::<Ix2>()?),
        _ => bail!("{path} does not hold float64"),
    }
}

/// CPU seconds of all threads so far; 0 where there is no such file.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields are counted from behind the name of the program, which may hold spaces; these are the 14th and 15th.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_SECOND
}

/// A line of /proc/self/status, in bytes; 0 where there is no such file.
fn resident_bytes(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or_default() * 1024
}
