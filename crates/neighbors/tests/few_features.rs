//! Rows of few features, whose neighbours a tree finds: the same graphs as from measuring every distance.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::RandomState;
use cleanlab_neighbors::{ExactIndex, KnnGraphOptions, Metric, create_knn_graph};
use ndarray::{Array2, s};
use proptest::prelude::*;

/// Normal rows, a grid with many equal rows and ties, and clusters at very different scales.
fn rows_of(seed: u32, n_rows: usize, n_features: usize, kind: u32) -> Array2<f64> {
    let mut random = RandomState::new(seed);
    let mut noise = Array2::from_shape_simple_fn((n_rows, n_features), || random.standard_normal());
    match kind {
        0 => {}
        1 => noise.mapv_inplace(|x| (40.0 * x).round() / 8.0),
        _ => {
            for (row, mut values) in noise.rows_mut().into_iter().enumerate() {
                let cluster = row % 5;
                values.mapv_inplace(|x| cluster as f64 + x * [1.0, 1e-3, 1e-9, 10.0, 0.0][cluster]);
            }
        }
    }
    noise
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn knn_graph_of_few_features_is_the_head_of_the_graph_of_all(
        seed in 0_u32..1000, n_rows in 1200_usize..1600, n_features in 1_usize..5, kind in 0_u32..3, k in 1_usize..10,
    ) {
        let rows = rows_of(seed, n_rows, n_features, kind);
        let index = ExactIndex::new(rows.view(), Metric::Euclidean).unwrap();
        let all = index.knn_graph(n_rows - 1).unwrap();
        prop_assert_eq!(index.knn_graph(k).unwrap(), all.truncated(k).unwrap());
        let single = rows.mapv(|value| value as f32);
        let widened = single.mapv(f64::from);
        let index = ExactIndex::new(single.view(), Metric::Euclidean).unwrap();
        let wide_index = ExactIndex::new(widened.view(), Metric::Euclidean).unwrap();
        prop_assert_eq!(index.knn_graph(k).unwrap(), wide_index.knn_graph(k).unwrap());
    }

    #[test]
    fn query_of_few_features_is_the_head_of_the_query_for_all(
        seed in 0_u32..1000, n_rows in 1200_usize..1600, n_features in 1_usize..5, kind in 0_u32..3, k in 1_usize..10,
    ) {
        let rows = rows_of(seed, n_rows, n_features, kind);
        let mut queries = rows_of(seed + 1, 40, n_features, kind);
        queries.slice_mut(s![..5, ..]).assign(&rows.slice(s![..5, ..]));
        queries.slice_mut(s![5..8, ..]).mapv_inplace(|value| value * 1e20);
        let index = ExactIndex::new(rows.view(), Metric::Euclidean).unwrap();
        let (few, all) = (index.query(queries.view(), k).unwrap(), index.query(queries.view(), n_rows).unwrap());
        prop_assert_eq!(few.indices, all.indices.slice(s![.., ..k]));
        prop_assert_eq!(few.distances, all.distances.slice(s![.., ..k]));
    }
}

#[test]
fn knn_graph_of_few_features_on_any_number_of_threads_is_the_same() {
    let rows = rows_of(3, 30_000, 3, 1);
    let graph = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| create_knn_graph(rows.view(), &KnnGraphOptions::default()).unwrap())
    };
    let alone = graph(1);
    assert!([2, 5].into_iter().all(|threads| graph(threads) == alone));
}
