//! Times graphs of nearest neighbours on request, for a script that runs other libraries in turns.
//!
//! `time_neighbors FEATURES.npy` reads the rows and prints `ready`. Then it reads a line at a time: `exact` or
//! `approximate`, `cosine` or `euclidean`, and the number of neighbours. It answers each with the seconds that the call
//! took, checks of the features included; the bytes that it needed at most besides them; the share of the neighbours of
//! the last exact graph with the same metric that it found; and the recall that the call itself told.

#![allow(clippy::print_stdout, reason = "a command-line program")]

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufRead};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use cleanlab_core::Float;
use cleanlab_neighbors::{
    ApproximateOptions, FoundGraph, KnnGraph, KnnGraphOptions, Metric, NeighborSearch, find_knn_graph,
};
use cleanlab_table::{AnyArray, ArrayOptions, read_array};
use ndarray::{Array2, ArrayView2, Ix2};

enum Features {
    F32(Array2<f32>),
    F64(Array2<f64>),
}

fn main() -> Result<()> {
    let path = std::env::args().nth(1).context("usage: time_neighbors FEATURES.npy")?;
    let features = match read_array(path.as_str(), &ArrayOptions::default())? {
        AnyArray::F32(array) => Features::F32(array.into_dimensionality::<Ix2>()?),
        AnyArray::F64(array) => Features::F64(array.into_dimensionality::<Ix2>()?),
        _ => bail!("{path} has no floats"),
    };
    // Threads are started before the clock is.
    rayon::broadcast(|_| ());
    println!("ready");
    let mut exact_graphs: HashMap<Metric, KnnGraph> = HashMap::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let [search, metric, k] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            bail!("expected a search, a metric and a number, not {line:?}");
        };
        let metric = if metric == "cosine" { Metric::Cosine } else { Metric::Euclidean };
        let search = match search {
            "exact" => NeighborSearch::Exact,
            _ => NeighborSearch::Approximate(ApproximateOptions::default()),
        };
        let options = KnnGraphOptions::default().with_metric(metric).with_k(k.parse()?).with_search(search);
        let before = resident_bytes("VmRSS:");
        // Lets the kernel start counting the peak anew; without it the growth reads as 0.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let start = Instant::now();
        let found = match &features {
            Features::F32(matrix) => find(matrix.view(), &options)?,
            Features::F64(matrix) => find(matrix.view(), &options)?,
        };
        let seconds = start.elapsed().as_secs_f64();
        let growth = resident_bytes("VmHWM:").saturating_sub(before);
        if search == NeighborSearch::Exact {
            exact_graphs.insert(metric, found.graph.clone());
        }
        let recall = exact_graphs.get(&metric).map_or(f64::NAN, |exact| recall(&found.graph, exact));
        println!("{seconds} {growth} {recall} {} {:?}", found.estimated_recall, found.found_by);
    }
    Ok(())
}

fn find<F: Float>(matrix: ArrayView2<'_, F>, options: &KnnGraphOptions) -> Result<FoundGraph> {
    Ok(find_knn_graph(matrix, options)?)
}

/// The share of the rows' exact neighbours that are in the graph.
fn recall(graph: &KnnGraph, exact: &KnnGraph) -> f64 {
    let found = (0..graph.n_rows()).map(|row| {
        let neighbors: Vec<usize> = graph.neighbors(row).map(|(index, _)| index).collect();
        exact.neighbors(row).filter(|(index, _)| neighbors.contains(index)).count()
    });
    found.sum::<usize>() as f64 / exact.indices().len() as f64
}

/// A line of /proc/self/status, in bytes; 0 where there is no such file.
fn resident_bytes(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or_default() * 1024
}
