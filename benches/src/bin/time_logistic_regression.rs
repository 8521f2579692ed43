//! Cross-validates logistic regression on request, for a script that runs it in turns with scikit-learn.
//!
//! `time_logistic_regression FOLDER` reads `x.npy` and `y.npy` of the folder and prints `ready`. It answers each line with
//! the seconds that probabilities from five folds took, and leaves them in `pred_probs.npy`.

#![allow(clippy::print_stdout, reason = "a command-line program")]

use std::fs::File;
use std::io::{self, BufRead};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use cleanlab_learning::{CrossValidationOptions, LogisticRegression, TrainingSet, cross_val_predict};
use cleanlab_table::{AnyArray, ArrayOptions, Content, read_array, write_to};

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).context("usage: time_logistic_regression FOLDER")?);
    let read = |name: &str| read_array(folder.join(name), &ArrayOptions::default());
    let features = read("x.npy")?.into_pred_probs()?.into_f64();
    let AnyArray::Int(labels) = read("y.npy")? else { bail!("y.npy holds no integers") };
    let labels: Vec<u32> = labels.iter().map(|&label| u32::try_from(label)).collect::<Result<_, _>>()?;
    let n_classes = labels.iter().max().map_or(0, |&largest| largest as usize + 1);
    println!("ready");
    for line in io::stdin().lock().lines() {
        line?;
        let start = Instant::now();
        let training = TrainingSet::new(features.view(), &labels, n_classes)?;
        let options = CrossValidationOptions::default();
        let held_out = cross_val_predict(&LogisticRegression::default(), &training, &options)?;
        let seconds = start.elapsed().as_secs_f64();
        let mut file = File::create(folder.join("pred_probs.npy"))?;
        write_to(&mut file, "pred_probs.npy", &Content::NpyMatrix(held_out.pred_probs.view()))?;
        println!("{seconds}");
    }
    Ok(())
}
