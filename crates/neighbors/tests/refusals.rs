//! Every reason to refuse an input, once.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_neighbors::{
    ExactIndex, KnnGraph, KnnGraphOptions, Metric, NeighborsError, correct_knn_graph, create_knn_graph,
};
use ndarray::{Array2, array};

fn refused(features: Array2<f64>) -> NeighborsError {
    ExactIndex::new(features, Metric::Euclidean).unwrap_err()
}

#[test]
fn new_bad_features_name_their_place() {
    assert_eq!(refused(Array2::zeros((0, 2))), NeighborsError::EmptyFeatures { rows: 0, columns: 2 });
    assert_eq!(refused(Array2::zeros((2, 0))), NeighborsError::EmptyFeatures { rows: 2, columns: 0 });
    assert!(matches!(
        refused(array![[0.0, 1.0], [f64::NAN, 1e200]]),
        NeighborsError::NonFiniteFeature { row: 1, column: 0, .. }
    ));
    assert_eq!(
        refused(array![[0.0, 1.0], [0.0, f64::INFINITY]]),
        NeighborsError::NonFiniteFeature { row: 1, column: 1, value: f64::INFINITY }
    );
    assert_eq!(
        refused(array![[0.0, 1.0], [0.0, -1e151]]),
        NeighborsError::HugeFeature { row: 1, column: 1, value: -1e151, bound: 1e150 }
    );
}

#[test]
fn new_first_bad_feature_is_found_behind_many_good_ones() {
    let mut features = Array2::from_elem((20_000, 3), 1.0);
    features[[15_000, 2]] = f64::NAN;
    features[[19_999, 0]] = f64::NAN;
    assert!(matches!(refused(features), NeighborsError::NonFiniteFeature { row: 15_000, column: 2, .. }));
}

#[test]
fn search_impossible_numbers_of_neighbors_are_refused() {
    let index = ExactIndex::new(array![[0.0], [1.0], [2.0]], Metric::Euclidean).unwrap();
    for k in [0, 3] {
        let error = NeighborsError::NeighborCount { k, largest: 2 };
        assert_eq!(index.knn_graph(k).unwrap_err(), error);
        assert_eq!(index.mean_distances(k).unwrap_err(), error);
    }
    let queries = array![[0.5]];
    assert_eq!(
        index.query(queries.view(), 4).unwrap_err(),
        NeighborsError::NeighborCount { k: 4, largest: 3 }
    );
    assert_eq!(index.query(queries.view(), 3).unwrap().indices, array![[0, 1, 2]]);
    let one_row = create_knn_graph(array![[1.0]], &KnnGraphOptions::default());
    assert_eq!(one_row.unwrap_err(), NeighborsError::TooFewRows { rows: 1 });
}

#[test]
fn query_bad_queries_are_refused() {
    let index = ExactIndex::new(array![[0.0, 1.0], [1.0, 0.0]], Metric::Cosine).unwrap();
    assert_eq!(
        index.query(array![[0.0]].view(), 1).unwrap_err(),
        NeighborsError::FeatureCount { expected: 2, found: 1 }
    );
    assert!(matches!(
        index.query(array![[0.0, f64::NAN]].view(), 1),
        Err(NeighborsError::NonFiniteFeature { row: 0, column: 1, .. })
    ));
    assert_eq!(index.query(Array2::zeros((0, 2)).view(), 1).unwrap().indices.dim(), (0, 1));
}

#[test]
fn graph_new_every_flaw_is_named() {
    let refused = |indices, distances| KnnGraph::new(indices, distances).unwrap_err();
    let fine = array![[0.1, 0.2], [0.1, 0.2], [0.1, 0.2]];
    assert_eq!(
        refused(array![[1, 2], [0, 2], [0, 1]], array![[0.1], [0.1], [0.1]]),
        NeighborsError::GraphLength { what: "the matrix of distances", found: 3, expected: 6 }
    );
    assert_eq!(refused(array![[0]], array![[0.1]]), NeighborsError::TooFewRows { rows: 1 });
    assert_eq!(
        refused(Array2::zeros((3, 3)), Array2::zeros((3, 3))),
        NeighborsError::NeighborCount { k: 3, largest: 2 }
    );
    assert_eq!(
        refused(array![[1, 2], [0, 3], [0, 1]], fine.clone()),
        NeighborsError::NoSuchRow { row: 1, position: 1, index: 3, rows: 3 }
    );
    assert_eq!(
        refused(array![[1, 2], [0, 1], [0, 1]], fine.clone()),
        NeighborsError::OwnNeighbor { row: 1, position: 1 }
    );
    assert_eq!(
        refused(array![[1, 1], [0, 2], [0, 1]], fine.clone()),
        NeighborsError::RepeatedNeighbor { row: 0, index: 1 }
    );
    let indices = array![[1, 2], [0, 2], [0, 1]];
    assert_eq!(
        refused(indices.clone(), array![[0.1, 0.2], [0.1, -0.2], [0.1, 0.2]]),
        NeighborsError::InvalidDistance { row: 1, position: 1, value: -0.2 }
    );
    assert_eq!(
        refused(indices.clone(), array![[0.1, 0.2], [0.1, 0.2], [0.1, 0.05]]),
        NeighborsError::UnsortedDistances { row: 2, position: 1, value: 0.05 }
    );
    let graph = KnnGraph::new(indices, fine).unwrap();
    assert_eq!(graph.truncated(3).unwrap_err(), NeighborsError::NeighborCount { k: 3, largest: 2 });
    assert_eq!(
        correct_knn_graph(array![[1.0]].view(), &graph).unwrap_err(),
        NeighborsError::GraphRows { graph: 3, rows: 1 }
    );
}

#[test]
fn graph_from_csr_parts_that_do_not_fit_are_refused() {
    let refused = |starts: &[usize], indices: &[u32], distances: &[f64]| {
        KnnGraph::from_csr(starts, indices, distances).unwrap_err()
    };
    assert_eq!(refused(&[], &[], &[]), NeighborsError::TooFewRows { rows: 0 });
    assert!(matches!(refused(&[1, 2, 3], &[1, 0], &[0.1, 0.1]), NeighborsError::GraphLength { .. }));
    assert_eq!(
        refused(&[0, 1, 3], &[1, 0, 1], &[0.1, 0.1, 0.1]),
        NeighborsError::UnequalRows { row: 1, found: 2, expected: 1 }
    );
    assert_eq!(
        refused(&[0, usize::MAX, 2], &[1, 0], &[0.1, 0.1]),
        NeighborsError::DescendingRowStarts { row: 1, start: usize::MAX, end: 2 }
    );
    assert_eq!(
        refused(&[0, 1, 2], &[1], &[0.1, 0.1]),
        NeighborsError::GraphLength { what: "`indices`", found: 1, expected: 2 }
    );
    assert_eq!(
        refused(&[0, 1, 2], &[1, 0], &[0.1]),
        NeighborsError::GraphLength { what: "`distances`", found: 1, expected: 2 }
    );
    assert_eq!(refused(&[0, 0, 0], &[], &[]), NeighborsError::NeighborCount { k: 0, largest: 1 });
}
