//! What holds for any graph and any labels.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::RandomState;
use cleanlab_data_valuation::{DataShapleyOptions, data_shapley_knn};
use cleanlab_neighbors::{KnnGraph, KnnGraphOptions, create_knn_graph};
use ndarray::{Array1, Array2};
use proptest::prelude::*;

fn random_data(seed: u32, n_rows: usize, n_classes: u32, k: usize) -> (Vec<u32>, KnnGraph) {
    let mut random = RandomState::new(seed);
    let features = Array2::from_shape_simple_fn((n_rows, 3), || random.standard_normal());
    let labels = features.column(0).iter().map(|x: &f64| (x.abs() * 7.0) as u32 % n_classes).collect();
    (labels, create_knn_graph(features.view(), &KnnGraphOptions::default().with_k(k)).unwrap())
}

/// The recursion of the paper, in an N × N matrix.
fn by_recursion(labels: &[u32], graph: &KnnGraph, k: usize) -> Array1<f64> {
    let n_rows = graph.n_rows();
    let mut scores = Array2::<f64>::zeros((n_rows, n_rows));
    for row in 0..n_rows {
        let list: Vec<usize> = graph.neighbors(row).map(|(neighbor, _)| neighbor).collect();
        let matches = |at: usize| if labels[list[at]] == labels[row] { 1.0 } else { 0.0 };
        for at in (0..k - 1).rev() {
            scores[[row, list[at]]] = scores[[row, list[at + 1]]] + matches(at) - matches(at + 1);
        }
    }
    (scores.sum_axis(ndarray::Axis(0)) / (k * n_rows) as f64 + 1.0) / 2.0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn data_shapley_knn_is_the_recursion_of_the_paper(
        seed in 0_u32..1000, n_rows in 2_usize..120, n_classes in 1_u32..5, k in 1_usize..13, fewer in 0_usize..4,
    ) {
        let k = k.min(n_rows - 1);
        let (labels, graph) = random_data(seed, n_rows, n_classes, k);
        let k = k.saturating_sub(fewer).max(1);
        let values = data_shapley_knn(&labels, &graph, &DataShapleyOptions::default().with_k(k)).unwrap();
        let expected = by_recursion(&labels, &graph, k);
        prop_assert!(values.iter().zip(&expected).all(|(value, expected)| (value - expected).abs() < 1e-14));
        prop_assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));
    }

    #[test]
    fn data_shapley_knn_depends_on_which_labels_are_equal_alone(
        seed in 0_u32..1000, n_rows in 11_usize..120, n_classes in 1_u32..5,
    ) {
        let (labels, graph) = random_data(seed, n_rows, n_classes, 10);
        let names: Vec<String> = labels.iter().map(|label| format!("class {}", 9 - label)).collect();
        let numbers: Vec<f64> = labels.iter().map(|&label| -0.5 * f64::from(label)).collect();
        let options = DataShapleyOptions::default();
        let values = data_shapley_knn(&labels, &graph, &options).unwrap();
        prop_assert_eq!(&data_shapley_knn(&names, &graph, &options).unwrap(), &values);
        prop_assert_eq!(&data_shapley_knn(&numbers, &graph, &options).unwrap(), &values);
    }
}

#[test]
fn data_shapley_knn_on_any_number_of_threads_is_the_same() {
    let (labels, graph) = random_data(1, 20_000, 4, 10);
    let values = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| data_shapley_knn(&labels, &graph, &DataShapleyOptions::default()).unwrap())
    };
    let alone = values(1);
    assert!([2, 7].into_iter().all(|threads| values(threads) == alone));
}
