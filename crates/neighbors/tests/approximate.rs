//! What holds for approximate graphs: recall, seeds, threads, duplicates, and every reason to refuse one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::RandomState;
use cleanlab_neighbors::{
    ApproximateOptions, ExactIndex, FoundBy, FoundGraph, KnnGraph, KnnGraphOptions, Metric, NeighborSearch,
    NeighborsError, approximate_knn_graph, create_knn_graph, find_knn_graph,
};
use ndarray::{Array2, array};

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

/// Rows around centres on a curved surface of few dimensions; some rows stand several times.
fn rows(seed: u32, n_rows: usize, n_features: usize) -> Array2<f64> {
    let mut random = RandomState::new(seed);
    let mut draw = |_| random.standard_normal();
    let ways = Array2::from_shape_fn((3, n_features), &mut draw);
    let at = Array2::from_shape_fn((n_rows, 3), &mut draw);
    let noise = Array2::from_shape_fn((n_rows, n_features), &mut draw);
    let centers = Array2::from_shape_fn((20, 3), &mut draw);
    let middle = Array2::from_shape_fn((n_rows, 3), |(row, axis)| 3.0 * centers[[row % 20, axis]]);
    let mut rows = (at + middle).dot(&ways).mapv(f64::tanh) + 0.01 * noise;
    for row in (0..n_rows / 40).map(|copy| 40 * copy + 39) {
        let same = rows.row(row / 2).to_owned();
        rows.row_mut(row).assign(&same);
    }
    rows
}

fn found(rows: &Array2<f64>, metric: Metric, k: usize, options: ApproximateOptions) -> FoundGraph {
    approximate_knn_graph(rows.view(), metric, k, &options).unwrap()
}

/// The share of exact neighbours in a graph, where a neighbour at the same distance counts for a missing one.
fn recall(graph: &KnnGraph, exact: &KnnGraph) -> f64 {
    let k = graph.k();
    let (found, exact) = (graph.distances(), exact.distances());
    let right = found
        .rows()
        .into_iter()
        .zip(exact.rows())
        .map(|(found, exact)| found.iter().filter(|&&distance| distance <= exact[k - 1]).count());
    right.sum::<usize>() as f64 / (graph.n_rows() * k) as f64
}

#[test]
fn approximate_knn_graph_reaches_its_recall_and_estimates_it() {
    let rows = rows(1, 12_000, 24);
    for metric in [Metric::Cosine, Metric::Euclidean] {
        let exact = ExactIndex::new(rows.view(), metric).unwrap().knn_graph(10).unwrap();
        let found = found(&rows, metric, 10, ApproximateOptions::default());
        assert_eq!((found.found_by, found.recall_sample), (FoundBy::ApproximateSearch, 300));
        assert!(found.estimated_recall >= 0.99);
        let recall = recall(&found.graph, &exact);
        assert!((recall - found.estimated_recall).abs() < 0.01, "{recall} {}", found.estimated_recall);
        // Neighbours that both have are at the same distance, bit for bit.
        for row in (0..rows.nrows()).step_by(97) {
            let exact: Vec<_> = exact.neighbors(row).collect();
            let both = found.graph.neighbors(row).filter(|a| exact.iter().any(|b| a.0 == b.0));
            assert!(both.into_iter().all(|neighbor| exact.contains(&neighbor)));
        }
        let checked = KnnGraph::new(found.graph.indices().to_owned(), found.graph.distances().to_owned());
        assert_eq!(checked, Ok(found.graph));
    }
}

#[test]
fn approximate_knn_graph_of_noise_is_exact_and_says_so() {
    let mut random = RandomState::new(5);
    let noise = Array2::from_shape_fn((3000, 64), |_| random.standard_normal());
    let found = found(&noise, Metric::Euclidean, 10, ApproximateOptions::default());
    assert_eq!((found.found_by, found.estimated_recall), (FoundBy::ExactSearch, 1.0));
    let exact = ExactIndex::new(noise.view(), Metric::Euclidean).unwrap().knn_graph(10).unwrap();
    assert_eq!(found.graph, exact);
}

#[test]
fn approximate_knn_graph_on_any_number_of_threads_is_the_same_for_a_seed() {
    // By blocks, and by descent.
    for n_rows in [6000, 9000] {
        is_the_same_on_any_number_of_threads(n_rows);
    }
}

fn is_the_same_on_any_number_of_threads(n_rows: usize) {
    let rows = rows(2, n_rows, 12);
    let on = |threads, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let options = ApproximateOptions::default().with_seed(seed).with_target_recall(0.9);
        pool.install(|| found(&rows, Metric::Euclidean, 8, options))
    };
    let alone = on(1, 7);
    assert_eq!(alone.found_by, FoundBy::ApproximateSearch);
    assert!([2, 4].into_iter().all(|threads| on(threads, 7) == alone));
    assert!(on(1, 8).graph != alone.graph);
}

#[test]
fn create_knn_graph_approximate_has_exact_duplicates_first() {
    let rows = rows(3, 5000, 12);
    let options = ApproximateOptions::default().with_target_recall(0.9);
    let options = KnnGraphOptions::default().with_k(6).with_search(NeighborSearch::Approximate(options));
    let graph = create_knn_graph(rows.view(), &options).unwrap();
    let sets = cleanlab_neighbors::find_exact_duplicates(rows.view()).unwrap();
    assert!(sets.len() > 50);
    for set in sets {
        for &row in &set {
            let expected: Vec<_> =
                set.iter().filter(|&&other| other != row).map(|&other| (other, 0.0)).collect();
            let len = expected.len().min(6);
            assert_eq!(graph.neighbors(row).take(len).collect::<Vec<_>>(), expected[..len]);
        }
    }
}

#[test]
fn approximate_knn_graph_equal_distances_go_by_index() {
    // A grid: four neighbours at distance 1.
    let grid = Array2::from_shape_fn((64 * 64, 4), |(row, column)| match column {
        0 => (row / 64) as f64,
        1 => (row % 64) as f64,
        _ => 0.0,
    });
    let options = ApproximateOptions::default();
    let graph = found(&grid, Metric::Euclidean, 4, options).graph;
    let row = 30 * 64 + 30;
    let expected = [row - 64, row - 1, row + 1, row + 64].map(|index| (index, 1.0));
    assert_eq!(graph.neighbors(row).collect::<Vec<_>>(), expected);
}

#[test]
fn approximate_knn_graph_many_equal_distances_count_for_each_other() {
    let grid = Array2::from_shape_fn((100 * 100, 5), |(row, column)| match column {
        0 => (row / 100) as f64,
        1 => (row % 100) as f64,
        _ => 0.0,
    });
    for metric in [Metric::Euclidean, Metric::Cosine] {
        let exact = ExactIndex::new(grid.view(), metric).unwrap().knn_graph(10).unwrap();
        let found = found(&grid, metric, 10, ApproximateOptions::default());
        assert!(found.estimated_recall >= 0.99);
        assert!(recall(&found.graph, &exact) > 0.98);
    }
}

#[test]
fn approximate_knn_graph_of_all_neighbors_is_exact() {
    let rows = rows(4, 1200, 6);
    let exact = ExactIndex::new(rows.view(), Metric::Cosine).unwrap().knn_graph(1199).unwrap();
    let found = found(&rows, Metric::Cosine, 1199, ApproximateOptions::default());
    assert_eq!((found.graph, found.found_by), (exact, FoundBy::ExactSearch));
}
