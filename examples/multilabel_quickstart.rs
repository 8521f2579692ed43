//! Finds wrong labels where every row has a set of classes: which rows, in which order, and how each row scores.
//!
//! `cargo run --package cleanlab-examples --bin multilabel_quickstart` draws 280 points in the plane, some of them with
//! wrong labels, takes the predicted probabilities of a random forest from `examples/data`, and prints what it finds.
//! Two plots, of the wrong labels and of the flagged ones, are written to `target/examples`.
//!
//! The numbers are those of the quickstart that cleanlab's documentation shows, digit by digit.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example")]

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use cleanlab_core::ClassNames;
use cleanlab_datalab::{Checks, Datalab, FindIssuesOptions, Inputs, Task};
use cleanlab_examples::{MultilabelPoints, ScatterPlot, listed, multilabel_points, plot_file};
use cleanlab_multilabel::{MultiLabels, int2onehot, onehot2int};
use ndarray::Array2;

const N_CLASSES: usize = 3;

/// Recorded, because it comes from scikit-learn; see `examples/data/README.md`.
const PREDICTIONS: &str = include_str!("data/multilabel_quickstart.csv");

fn main() -> Result<()> {
    let dataset = multilabel_points()?;
    let pred_probs = recorded_pred_probs()?;

    // The given labels are lists of classes; the probabilities of a row need not sum to 1.
    let labels = MultiLabels::from_lists(&dataset.given_labels, N_CLASSES)?;
    println!("given labels of the first 3 rows:\n{:?}", &dataset.given_labels[..3]);
    println!("predicted probabilities of the first 3 rows:\n{}\n", pred_probs.slice(ndarray::s![..3, ..]));

    // An audit of the labels alone; with features too, and the default checks, it looks for more.
    let mut lab = Datalab::multilabel(labels.clone(), ClassNames::indices(N_CLASSES))?;
    let checks = Checks::none().with_name(Task::Multilabel, "label")?;
    let options = FindIssuesOptions::default().with_checks(checks);
    lab.find_issues(&Inputs::default().with_pred_probs(&pred_probs), &options)?;
    let findings = lab.get_findings("label")?;
    let issues = findings.ranked_issues();
    println!("{} rows with label issues, worst first:\n{}\n", issues.len(), listed(&issues));

    let first: Vec<String> = findings.scores.iter().take(10).map(|score| short(*score)).collect();
    println!("label quality scores of the first 10 rows:\n{}\n", first.join(" "));

    let wrong = wrong_rows(&dataset)?;
    let n_found = wrong.iter().filter(|row| issues.contains(row)).count();
    println!("{n_found} of the {} rows that really are wrong are among the {}", wrong.len(), issues.len());

    // Labels as a one-hot matrix, and back.
    let onehot = int2onehot(&labels);
    println!("\none-hot labels of the first 3 rows:\n{}", onehot.slice(ndarray::s![..3, ..]));
    println!("and back:\n{:?}", &onehot2int(onehot.view())?[..3]);

    let title = format!("Wrong labels in a data set with {N_CLASSES} classes");
    write_plot(&dataset, title, "really wrong", &wrong, "multilabel_quickstart_wrong_labels.svg")?;
    let title = format!("Labels found to be wrong in a data set with {N_CLASSES} classes");
    write_plot(&dataset, title, "found", &issues, "multilabel_quickstart_label_issues.svg")
}

fn recorded_pred_probs() -> Result<Array2<f64>> {
    let values = PREDICTIONS.lines().skip(1).flat_map(|line| line.split(',').skip(2));
    let values = values.map(str::parse::<f64>).collect::<Result<Vec<f64>, _>>()?;
    Ok(Array2::from_shape_vec((values.len() / N_CLASSES, N_CLASSES), values)?)
}

/// The rows whose given classes are not their true ones.
fn wrong_rows(dataset: &MultilabelPoints) -> Result<Vec<usize>> {
    let truly = MultiLabels::from_lists(&dataset.true_labels, N_CLASSES)?;
    let given = MultiLabels::from_lists(&dataset.given_labels, N_CLASSES)?;
    Ok((0..given.len()).filter(|&row| truly.classes_of(row).ne(given.classes_of(row))).collect())
}

/// Up to four decimals, as many as there are.
fn short(score: f64) -> String {
    let text = format!("{score:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn write_plot(
    dataset: &MultilabelPoints,
    title: String,
    meaning: &str,
    circled: &[usize],
    file: &str,
) -> Result<()> {
    let mut groups: BTreeMap<&[u32], Vec<[f64; 2]>> = BTreeMap::new();
    for (label, &point) in dataset.given_labels.iter().zip(&dataset.points) {
        groups.entry(label).or_default().push(point);
    }
    let mut plot = ScatterPlot::new(title);
    for (label, points) in groups {
        plot = plot.with_points(format!("{label:?}"), points);
    }
    let circled = circled.iter().map(|&row| dataset.points[row]).collect();
    let path = plot_file(file)?;
    plot.with_circles(meaning, circled).write_svg(&path).context("the plot could not be written")?;
    eprintln!("plot: {}", path.display());
    Ok(())
}
