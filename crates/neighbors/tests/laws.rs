//! What holds for any data: the screen rules out no neighbour, threads change nothing, distances are those of the
//! formulas.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::{Float, RandomState};
use cleanlab_neighbors::{ExactIndex, KnnGraph, KnnGraphOptions, Metric, create_knn_graph};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, concatenate};
use proptest::prelude::*;

const METRICS: [Metric; 2] = [Metric::Cosine, Metric::Euclidean];

/// Rows around a few centres, some of them repeated, scaled or far off: `kind` picks what is hard about them.
fn hard_rows(seed: u32, n_rows: usize, n_features: usize, kind: u32) -> Array2<f64> {
    let mut random = RandomState::new(seed);
    let mut draw = |_| random.standard_normal();
    let centers = Array2::from_shape_fn((7, n_features), &mut draw);
    let noise = Array2::from_shape_fn((n_rows, n_features), &mut draw);
    Array2::from_shape_fn((n_rows, n_features), |(row, column)| {
        let (center, noise) = (centers[[row % 7, column]], noise[[row, column]]);
        match kind % 9 {
            0 => noise,
            1 => 10.0 * center + noise,
            // So close together that single precision cannot tell them apart.
            2 => 1000.0 * (1.0 + center) + 1e-6 * noise,
            // Whole numbers: many rows and many distances are equal.
            3 => noise.round(),
            4 => {
                if row % 3 == 0 {
                    0.0
                } else {
                    (center + noise).round()
                }
            }
            // A few rows far away from all others, far beyond the range of f32.
            5 => {
                if row % 50 == 7 {
                    1e120 * noise
                } else {
                    noise
                }
            }
            6 => 1e-120 * noise,
            // Rows in the same direction at different lengths.
            7 => center * (1.0 + (row / 7) as f64),
            _ => {
                if column == 0 {
                    1.0
                } else {
                    0.0
                }
            }
        }
    })
}

fn full_graph<F: Float>(index: &ExactIndex<'_, F>) -> KnnGraph {
    index.knn_graph(index.n_rows() - 1).unwrap()
}

fn are_means(means: &Array1<f64>, rows: ArrayView2<'_, f64>) -> bool {
    let is_mean = |(mean, row): (&f64, ArrayView1<'_, f64>)| {
        (mean - row.sum() / row.len() as f64).abs() <= 1e-12 * mean.abs()
    };
    means.len() == rows.nrows() && means.iter().zip(rows.rows()).all(is_mean)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// The graph of all neighbours measures every distance; one of few neighbours rules most rows out first.
    #[test]
    fn knn_graph_of_few_neighbors_is_the_head_of_the_graph_of_all(
        seed in 0_u32..1000, n_rows in 70_usize..400, n_features in 1_usize..40, kind in 0_u32..9, k in 1_usize..8,
    ) {
        let rows = hard_rows(seed, n_rows, n_features, kind);
        for metric in METRICS {
            let index = ExactIndex::new(rows.view(), metric).unwrap();
            prop_assert_eq!(index.knn_graph(k).unwrap(), full_graph(&index).truncated(k).unwrap());
            if kind != 5 && kind != 6 {
                let single = rows.mapv(|value| value as f32);
                let index = ExactIndex::new(single.view(), metric).unwrap();
                let widened = single.mapv(f64::from);
                let wide_index = ExactIndex::new(widened.view(), metric).unwrap();
                prop_assert_eq!(index.knn_graph(k).unwrap(), full_graph(&wide_index).truncated(k).unwrap());
            }
        }
    }

    #[test]
    fn query_equals_the_head_of_the_query_for_all(
        seed in 0_u32..1000, n_rows in 70_usize..300, n_features in 1_usize..30, kind in 0_u32..9, k in 1_usize..8,
    ) {
        let rows = hard_rows(seed, n_rows, n_features, kind);
        let queries = hard_rows(seed + 1, 25, n_features, kind);
        let queries = concatenate![Axis(0), queries, rows.slice(ndarray::s![..5, ..]), -1e20 * &queries];
        for metric in METRICS {
            let index = ExactIndex::new(rows.view(), metric).unwrap();
            let (few, all) = (index.query(queries.view(), k).unwrap(), index.query(queries.view(), n_rows).unwrap());
            prop_assert_eq!(few.indices, all.indices.slice(ndarray::s![.., ..k]));
            prop_assert_eq!(&few.distances, &all.distances.slice(ndarray::s![.., ..k]));
            let means = index.mean_distances_of(queries.view(), k).unwrap();
            prop_assert!(are_means(&means, few.distances.view()));
        }
    }

    #[test]
    fn knn_graph_distances_are_those_of_the_formula(
        seed in 0_u32..1000, n_rows in 2_usize..100, n_features in 1_usize..20,
    ) {
        let rows = hard_rows(seed, n_rows, n_features, 0);
        for metric in METRICS {
            let graph = full_graph(&ExactIndex::new(rows.view(), metric).unwrap());
            for row in 0..n_rows {
                for (other, distance) in graph.neighbors(row) {
                    let (x, y) = (rows.row(row), rows.row(other));
                    let expected = match metric {
                        Metric::Cosine => 1.0 - x.dot(&y) / (x.dot(&x) * y.dot(&y)).sqrt(),
                        _ => (&x - &y).mapv(|d| d * d).sum().sqrt(),
                    };
                    prop_assert!((distance - expected).abs() < 1e-12, "{distance} {expected}");
                }
            }
        }
    }

    /// To the last bit, so that two rows that are each other's nearest tie wherever distances are ranked.
    #[test]
    fn distance_is_the_same_either_way_round(
        seed in 0_u32..1000, n_rows in 2_usize..100, n_features in 1_usize..40, kind in 0_u32..9,
    ) {
        let rows = hard_rows(seed, n_rows, n_features, kind);
        for metric in METRICS {
            let graph = full_graph(&ExactIndex::new(rows.view(), metric).unwrap());
            let mut distances = Array2::zeros((n_rows, n_rows));
            for row in 0..n_rows {
                for (other, distance) in graph.neighbors(row) {
                    distances[[row, other]] = distance;
                }
            }
            prop_assert_eq!(&distances, &distances.t());
        }
    }

    /// What is made here would be accepted from elsewhere: ascending, without the row itself, no neighbour twice.
    #[test]
    fn create_knn_graph_gives_valid_graphs(
        seed in 0_u32..1000, n_rows in 2_usize..200, n_features in 1_usize..6, kind in 0_u32..9,
    ) {
        let rows = hard_rows(seed, n_rows, n_features, kind);
        let graph = create_knn_graph(rows.view(), &KnnGraphOptions::default()).unwrap();
        prop_assert_eq!(graph.k(), 10.min(n_rows - 1));
        let checked = KnnGraph::new(graph.indices().to_owned(), graph.distances().to_owned());
        prop_assert_eq!(checked, Ok(graph));
    }

    #[test]
    fn mean_distances_are_the_means_of_the_graph(
        seed in 0_u32..1000, n_rows in 2_usize..200, n_features in 1_usize..6, kind in 0_u32..9, k in 1_usize..12,
    ) {
        let rows = hard_rows(seed, n_rows, n_features, kind);
        let k = k.min(n_rows - 1);
        for metric in METRICS {
            let index = ExactIndex::new(rows.view(), metric).unwrap();
            let graph = index.knn_graph(k).unwrap();
            let means = index.mean_distances(k).unwrap();
            prop_assert!(are_means(&means, graph.distances()));
        }
    }
}

/// So many rows are ruled out by 8-bit codes where the processor allows it.
#[test]
fn knn_graph_of_many_rows_is_the_head_of_the_graph_of_all() {
    for kind in 0..9 {
        for (n_rows, n_features, k) in [(1030, 4, 3), (1700, 33, 10)] {
            let rows = hard_rows(11, n_rows, n_features, kind);
            for metric in METRICS {
                let index = ExactIndex::new(rows.view(), metric).unwrap();
                let expected = full_graph(&index).truncated(k).unwrap();
                assert_eq!(index.knn_graph(k).unwrap(), expected, "{kind} {metric:?}");
            }
        }
    }
}

#[test]
fn knn_graph_on_any_number_of_threads_is_the_same() {
    let rows = hard_rows(3, 1500, 24, 1).mapv(|value| value as f32);
    let graph = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| ExactIndex::new(rows.view(), Metric::Cosine).unwrap().knn_graph(9).unwrap())
    };
    let alone = graph(1);
    assert!([2, 3, 8].into_iter().all(|threads| graph(threads) == alone));
}

#[test]
fn knn_graph_of_any_layout_is_the_same() {
    let rows = hard_rows(4, 100, 5, 0);
    let columns = rows.t().as_standard_layout().into_owned();
    let index = ExactIndex::new(rows.view(), Metric::Euclidean).unwrap();
    let transposed = ExactIndex::new(columns.t(), Metric::Euclidean).unwrap();
    assert_eq!(index.knn_graph(5).unwrap(), transposed.knn_graph(5).unwrap());
}
