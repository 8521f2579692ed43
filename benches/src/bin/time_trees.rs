//! Trains tree classifiers on request, for a script that runs them in turns with scikit-learn.
//!
//! `time_trees FOLDER` reads the name of a classifier and a seed a line. It answers each with the seconds that training on
//! `x.npy` and `y.npy` of the folder and predicting `x_test.npy` took together, reading apart, and leaves the
//! probabilities in `pred_probs.npy`.

#![allow(clippy::print_stdout, reason = "a command-line program")]

use std::io::{self, BufRead};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use cleanlab_learning::{Classifier, GaussianNaiveBayes, GradientBoosting, RandomForest, TrainingSet};
use cleanlab_table::{AnyArray, ArrayOptions, Content, read_array, write_to};

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).context("usage: time_trees FOLDER")?);
    let read = |name: &str| read_array(folder.join(name), &ArrayOptions::default());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (name, seed) = line.split_once(' ').context("a classifier and a seed")?;
        let seed: u32 = seed.parse()?;
        let classifier: Box<dyn Classifier> = match name {
            "random_forest" => Box::new(RandomForest::default().with_seed(seed)),
            "gradient_boosting" => Box::new(GradientBoosting::default().with_seed(seed)),
            "gaussian_naive_bayes" => Box::new(GaussianNaiveBayes::default()),
            _ => bail!("no classifier is called {name}"),
        };
        let features = read("x.npy")?.into_pred_probs()?.into_f64();
        let test_features = read("x_test.npy")?.into_pred_probs()?.into_f64();
        let AnyArray::Int(labels) = read("y.npy")? else { bail!("y.npy holds no integers") };
        let labels: Vec<u32> = labels.iter().map(|&label| u32::try_from(label)).collect::<Result<_, _>>()?;
        let n_classes = labels.iter().max().map_or(0, |&largest| largest as usize + 1);

        let start = Instant::now();
        let training = TrainingSet::new(features.view(), &labels, n_classes)?;
        let pred_probs = classifier.fit(&training)?.predict_proba(test_features.view())?;
        let seconds = start.elapsed().as_secs_f64();

        let mut file = std::fs::File::create(folder.join("pred_probs.npy"))?;
        write_to(&mut file, "pred_probs.npy", &Content::NpyMatrix(pred_probs.view()))?;
        println!("{seconds}");
    }
    Ok(())
}
