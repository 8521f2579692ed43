//! Runs one kernel once on a fixed input, on one thread, for a program that counts its instructions.
//!
//! `kernel` lists the names, `kernel NAME` runs one and prints a number that its answer makes. Only what happens within
//! [`measured_kernel`] belongs to the kernel: `cargo xtask kernels` lets callgrind collect there and nowhere else. Input is
//! drawn by `bench_data`, the same in every run and on every machine.

#![allow(clippy::print_stdout, reason = "a command-line program")]

use std::hint::black_box;

use anyhow::{Context, Result};
use cleanlab_benches::{BenchData, bench_data};
use cleanlab_core::{LabeledProbs, Labels, PredProbs};
use cleanlab_count::{ConfidentJointOptions, compute_confident_joint, get_confident_thresholds};
use cleanlab_data_valuation::{DataShapleyOptions, data_shapley_knn};
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions, find_label_issues};
use cleanlab_learning::{Classifier, LogisticRegression, TrainingSet};
use cleanlab_multilabel::{FindMultilabelIssuesOptions, MultilabelProbs};
use cleanlab_neighbors::{KnnGraphOptions, Metric, NeighborSearch, find_knn_graph};
use cleanlab_rank::{LabelQualityMethod, get_label_quality_scores};
use cleanlab_table::{ReadOptions, Source, Table};
use ndarray::Array2;
use rayon::ThreadPoolBuilder;

type Kernel = fn() -> Result<f64>;

/// Every kernel by its name; a new one is a line here and `cargo xtask kernels --accept`.
const KERNELS: &[(&str, Kernel)] = &[
    ("check_pred_probs", check_pred_probs),
    ("confident_thresholds", confident_thresholds),
    ("confident_joint_10_classes", || confident_joint(20_000, 10)),
    ("confident_joint_1000_classes", || confident_joint(2_000, 1000)),
    ("prune_by_noise_rate", || label_issues(FilterBy::PruneByNoiseRate)),
    ("low_normalized_margin", || label_issues(FilterBy::LowNormalizedMargin)),
    ("self_confidence", || scores(LabelQualityMethod::SelfConfidence)),
    ("normalized_margin_adjusted", || scores(LabelQualityMethod::AdjustedNormalizedMargin)),
    ("confidence_weighted_entropy", || scores(LabelQualityMethod::ConfidenceWeightedEntropy)),
    ("multilabel_prune_by_noise_rate", multilabel_issues),
    ("exact_neighbors", exact_neighbors),
    ("knn_shapley", knn_shapley),
    ("logistic_regression", logistic_regression),
    ("read_csv", read_csv),
];

fn main() -> Result<()> {
    let Some(name) = std::env::args().nth(1) else {
        for (name, _) in KERNELS {
            println!("{name}");
        }
        return Ok(());
    };
    // The pool's only thread is this one, so that all work happens within `measured_kernel`.
    ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global()?;
    let (_, kernel) = KERNELS.iter().find(|(known, _)| *known == name).context("no such kernel")?;
    println!("{}", kernel()?);
    Ok(())
}

/// What is counted.
#[inline(never)]
fn measured_kernel<T>(work: impl FnOnce() -> T) -> T {
    black_box(work())
}

fn labeled(data: &BenchData<f64>) -> Result<LabeledProbs<'_, f64>> {
    Ok(LabeledProbs::new(Labels::new(&data.labels)?, PredProbs::new(data.pred_probs.view())?)?)
}

fn check_pred_probs() -> Result<f64> {
    let data = bench_data::<f64>(20_000, 10);
    Ok(measured_kernel(|| labeled(&data))?.len() as f64)
}

fn confident_thresholds() -> Result<f64> {
    let data = bench_data::<f64>(20_000, 10);
    let data = labeled(&data)?;
    Ok(measured_kernel(|| get_confident_thresholds(&data))?.sum())
}

fn confident_joint(n: usize, k: usize) -> Result<f64> {
    let data = bench_data::<f64>(n, k);
    let data = labeled(&data)?;
    let options = ConfidentJointOptions::default();
    Ok(measured_kernel(|| compute_confident_joint(&data, &options))?.n_off_diagonal() as f64)
}

fn label_issues(filter_by: FilterBy) -> Result<f64> {
    let data = bench_data::<f64>(20_000, 10);
    let data = labeled(&data)?;
    let options = FindLabelIssuesOptions::default().with_filter_by(filter_by);
    Ok(measured_kernel(|| find_label_issues(&data, &options))?.n_issues() as f64)
}

fn scores(method: LabelQualityMethod) -> Result<f64> {
    let data = bench_data::<f64>(20_000, 10);
    let data = labeled(&data)?;
    Ok(measured_kernel(|| get_label_quality_scores(&data, method))?.sum())
}

fn multilabel_issues() -> Result<f64> {
    let data = bench_data::<f64>(5_000, 20);
    let lists: Vec<[u32; 1]> = data.labels.iter().map(|&label| [label]).collect();
    let options = FindMultilabelIssuesOptions::default();
    let issues = measured_kernel(|| {
        let data = MultilabelProbs::from_lists(&lists, data.pred_probs.view())?;
        cleanlab_multilabel::find_label_issues(&data, &options)
    })?;
    Ok(issues.n_issues() as f64)
}

/// Rows of probabilities serve as features.
fn features(n: usize, p: usize) -> Array2<f32> {
    bench_data::<f32>(n, p).pred_probs
}

fn exact_neighbors() -> Result<f64> {
    let features = features(1_000, 64);
    let options = KnnGraphOptions::default()
        .with_metric(Metric::Euclidean)
        .with_k(10)
        .with_search(NeighborSearch::Exact);
    let found = measured_kernel(|| find_knn_graph(features.view(), &options))?;
    Ok(found.graph.distances().sum())
}

fn knn_shapley() -> Result<f64> {
    let data = bench_data::<f64>(2_000, 8);
    let options = KnnGraphOptions::default().with_metric(Metric::Euclidean).with_k(10);
    let graph = find_knn_graph(data.pred_probs.view(), &options)?.graph;
    let options = DataShapleyOptions::default().with_k(10);
    Ok(measured_kernel(|| data_shapley_knn(&data.labels, &graph, &options))?.sum())
}

fn logistic_regression() -> Result<f64> {
    let data = bench_data::<f64>(2_000, 5);
    let features = bench_data::<f64>(2_000, 20).pred_probs * 20.0;
    let training = TrainingSet::new(features.view(), &data.labels, 5)?;
    let model = LogisticRegression::default();
    let fitted = measured_kernel(|| model.fit(&training))?;
    Ok(fitted.predict_proba(features.view())?[[0, 0]])
}

fn read_csv() -> Result<f64> {
    let features = features(2_000, 10);
    let mut text = "a,b,c,d,e,f,g,h,i,j,label\n".to_owned();
    for (at, row) in features.rows().into_iter().enumerate() {
        for value in row {
            text.push_str(&value.to_string());
            text.push(',');
        }
        text.push_str(["cat", "dog", "bird"][at % 3]);
        text.push('\n');
    }
    let source = Source::from_bytes(text, "made.csv");
    let table = measured_kernel(|| Table::read(source, &ReadOptions::default()))?;
    Ok(table.n_rows() as f64)
}
