//! Times KNN-Shapley values on request, for a script that runs them in turns with cleanlab.
//!
//! `time_data_valuation FOLDER` reads `features.npy`, `labels.npy`, `indices.npy` and `distances.npy` of the folder and
//! prints `ready`. Then it reads a line at a time: `graph` or `features`. It answers each with the seconds that the call
//! took, and leaves the values in `values.npy`.

#![allow(clippy::print_stdout, reason = "a command-line program")]

use std::fs::File;
use std::io::{self, BufRead};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use cleanlab_data_valuation::{DataShapleyOptions, data_shapley_knn, data_shapley_knn_from_features};
use cleanlab_neighbors::{KnnGraph, KnnGraphOptions};
use cleanlab_table::{AnyArray, ArrayOptions, Content, read_array, write_to};
use ndarray::Axis;

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).context("usage: time_data_valuation FOLDER")?);
    let read = |name: &str| read_array(folder.join(name), &ArrayOptions::default());
    let matrix = |name: &str| Ok::<_, anyhow::Error>(read(name)?.into_pred_probs()?.into_f64());
    let features = matrix("features.npy")?;
    let AnyArray::Int(labels) = read("labels.npy")? else { bail!("labels.npy holds no integers") };
    let labels: Vec<i64> = labels.iter().copied().collect();
    // Whole numbers far below 2^53.
    let indices = matrix("indices.npy")?.mapv(|index| index as u32);
    let graph = KnnGraph::new(indices, matrix("distances.npy")?)?;
    let k = graph.k();
    println!("ready");
    for line in io::stdin().lock().lines() {
        let request = line?;
        let start = Instant::now();
        let values = match request.as_str() {
            "graph" => data_shapley_knn(&labels, &graph, &DataShapleyOptions::default().with_k(k))?,
            "features" => {
                let options = KnnGraphOptions::default().with_k(k);
                data_shapley_knn_from_features(&labels, features.view(), &options)?
            }
            other => bail!("no such request: {other}"),
        };
        let seconds = start.elapsed().as_secs_f64();
        let mut file = File::create(folder.join("values.npy"))?;
        write_to(&mut file, "values.npy", &Content::NpyMatrix(values.view().insert_axis(Axis(1))))?;
        println!("{seconds}");
    }
    Ok(())
}
