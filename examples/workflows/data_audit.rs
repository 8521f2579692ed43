//! Workflow 1: several kinds of issues at once, from predictions and features.

use std::collections::BTreeSet;

use anyhow::Result;
use cleanlab_core::{LabeledProbs, Labels, PredProbs};
use cleanlab_dataset::{HealthSource, overall_label_health_score};
use cleanlab_examples::{MessyPoints, heading};
use cleanlab_learning::{CleanLearning, CleanLearningInputs, LogisticRegression};
use cleanlab_neighbors::{KnnGraph, KnnGraphOptions, Metric, create_knn_graph};
use cleanlab_outlier::transform_distances_to_scores;
use cleanlab_rank::find_top_issues;
use ndarray::{Array1, Array2, Axis};

/// A row is an outlier when its distance leaves the middle half of all by 1 / this − 1 times the width of that half;
/// cleanlab's default.
const OUTLIER_THRESHOLD: f64 = 0.37037;

/// Rows are near duplicates within this share of the median distance to the nearest row; cleanlab's default.
const DUPLICATE_THRESHOLD: f64 = 0.13;

pub(crate) fn run(data: &MessyPoints, pred_probs: &Array2<f64>) -> Result<()> {
    println!("{}", heading("Workflow 1: several kinds of issues at once"));
    let labeled = LabeledProbs::new(Labels::new(&data.given_labels)?, PredProbs::new(pred_probs.view())?)?;
    let clean = CleanLearning::new(LogisticRegression::default());
    let labels = clean.find_label_issues_from_probabilities(&labeled, &CleanLearningInputs::default())?.table;
    let label_health = overall_label_health_score(&HealthSource::probabilities(&labeled))?;

    let graph = create_knn_graph(data.points.view(), &KnnGraphOptions::default())?;
    let mean_distances = graph.distances().sum_axis(Axis(1)) / graph.k() as f64;
    let outlier_scores = transform_distances_to_scores(mean_distances.view(), Metric::Euclidean, 1.0)?;
    let [low, high] = [0.25, 0.75].map(|share| quantile(&mean_distances, share));
    let limit = high + (1.0 / OUTLIER_THRESHOLD - 1.0) * (high - low);
    let n_outliers = mean_distances.iter().filter(|&&distance| distance > limit).count();

    let nearest = graph.distances().column(0).to_owned();
    let median = quantile(&nearest, 0.5);
    let duplicate_scores = nearest.mapv(|distance| 1.0 - (-distance / median).exp());
    let duplicates = near_duplicates(&graph, DUPLICATE_THRESHOLD * median);
    let n_duplicates = duplicates.iter().filter(|others| !others.is_empty()).count();

    println!("issue           rows   score");
    for (name, n_rows, score) in [
        ("label", labels.n_issues(), label_health),
        ("outlier", n_outliers, mean(&outlier_scores)),
        ("near duplicate", n_duplicates, mean(&duplicate_scores)),
    ] {
        println!("{name:<14}{n_rows:>6}{score:>8.4}");
    }

    println!("\nrow  label score  given  predicted");
    if let (Some(scores), Some(predicted)) = (&labels.label_quality, &labels.predicted_label) {
        for row in find_top_issues(scores.view(), 5) {
            let score = format!("{:.6e}", scores[row]);
            println!("{row:>3}{score:>13}{:>7}{:>11}", labels.given_label[row], predicted[row]);
        }
    }
    println!("\nrow  outlier score");
    for row in find_top_issues(outlier_scores.view(), 5) {
        println!("{row:>3}{:>15.6}", outlier_scores[row]);
    }
    println!("\nrow  near duplicate score  near duplicates  distance to the nearest");
    for row in find_top_issues(duplicate_scores.view(), n_duplicates) {
        let others: Vec<String> = duplicates[row].iter().map(ToString::to_string).collect();
        println!("{row:>3}{:>22.6}{:>17}{:>25.6}", duplicate_scores[row], others.join(" "), nearest[row]);
    }
    Ok(())
}

/// For each row those within the radius, among its neighbours or having it among theirs.
fn near_duplicates(graph: &KnnGraph, radius: f64) -> Vec<BTreeSet<usize>> {
    let mut sets = vec![BTreeSet::new(); graph.n_rows()];
    for row in 0..graph.n_rows() {
        for (other, distance) in graph.neighbors(row) {
            if distance < radius {
                sets[row].insert(other);
                sets[other].insert(row);
            }
        }
    }
    sets
}

/// The value below which this share lies, interpolated between its neighbours in order.
fn quantile(values: &Array1<f64>, share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let position = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[position.floor() as usize], sorted[position.ceil() as usize]);
    below + (above - below) * position.fract()
}

fn mean(values: &Array1<f64>) -> f64 {
    values.sum() / values.len() as f64
}
