//! What holds for approximate graphs: recall, seeds, threads, duplicates, and every reason to refuse one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_neighbors::{
    ApproximateOptions, FoundBy, KnnGraphOptions, Metric, NeighborSearch, NeighborsError,
    approximate_knn_graph, create_knn_graph, find_knn_graph,
};
use ndarray::array;

#[test]
fn approximate_knn_graph_bad_options_are_refused() {
    let features = array![[0.0], [1.0], [3.0]];
    let refused =
        |k, options| approximate_knn_graph(features.view(), Metric::Euclidean, k, &options).unwrap_err();
    for value in [0.0, -0.5, 1.5] {
        let options = ApproximateOptions::default().with_target_recall(value);
        assert_eq!(refused(1, options), NeighborsError::TargetRecall { value });
    }
    let options = ApproximateOptions::default().with_target_recall(f64::NAN);
    assert!(matches!(refused(1, options), NeighborsError::TargetRecall { value } if value.is_nan()));
    let options = ApproximateOptions::default().with_recall_sample(0);
    assert_eq!(refused(1, options), NeighborsError::RecallSample);
    let options = ApproximateOptions::default();
    assert_eq!(refused(0, options), NeighborsError::NeighborCount { k: 0, largest: 2 });
    assert_eq!(refused(3, options), NeighborsError::NeighborCount { k: 3, largest: 2 });
    let one_row = approximate_knn_graph(array![[1.0]], Metric::Euclidean, 1, &options);
    assert_eq!(one_row.unwrap_err(), NeighborsError::TooFewRows { rows: 1 });
}

#[test]
fn find_knn_graph_few_rows_are_searched_exactly() {
    let features = array![[0.0, 1.0], [1.0, 1.0], [3.0, 2.0], [0.0, 1.0]];
    let exact = create_knn_graph(features.view(), &KnnGraphOptions::default()).unwrap();
    for search in [NeighborSearch::Auto, NeighborSearch::Approximate(ApproximateOptions::default())] {
        let found = find_knn_graph(features.view(), &KnnGraphOptions::default().with_search(search)).unwrap();
        assert_eq!(found.graph, exact);
        assert_eq!((found.found_by, found.estimated_recall), (FoundBy::ExactSearch, 1.0));
    }
}
