//! What holds for graphs of features that are read in parts: recall, seeds, threads, memory, and every refusal.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io;
use std::ops::Range;

use cleanlab_core::RandomState;
use cleanlab_neighbors::{
    ApproximateOptions, ExactIndex, FeatureSource, FoundGraph, KnnGraph, Metric, NeighborsError,
    OutOfCoreOptions, find_knn_graph_out_of_core,
};
use ndarray::{Array2, array};

/// Rows around centres on a curved surface of few dimensions; some rows stand several times.
fn rows(seed: u32, n_rows: usize, n_features: usize) -> Array2<f32> {
    let mut random = RandomState::new(seed);
    let mut draw = |_| random.standard_normal();
    let ways = Array2::from_shape_fn((4, n_features), &mut draw);
    let at = Array2::from_shape_fn((n_rows, 4), &mut draw);
    let noise = Array2::from_shape_fn((n_rows, n_features), &mut draw);
    let mut rows = (at.dot(&ways).mapv(f64::tanh) + 0.01 * noise).mapv(|value| value as f32);
    for row in (0..n_rows / 40).map(|copy| 40 * copy + 39) {
        let same = rows.row(row / 2).to_owned();
        rows.row_mut(row).assign(&same);
    }
    rows
}

fn search(rows: &Array2<f32>, options: &OutOfCoreOptions) -> FoundGraph {
    find_knn_graph_out_of_core(&rows.view(), options).unwrap()
}

/// Memory for about a third of the rows.
const LITTLE: u64 = 20 << 20;

#[test]
fn find_knn_graph_out_of_core_reaches_its_recall_and_estimates_it() {
    let rows = rows(1, 30_000, 20);
    for metric in [Metric::Euclidean, Metric::Cosine] {
        let exact = ExactIndex::new(rows.view(), metric).unwrap().knn_graph(10).unwrap();
        let found = search(&rows, &OutOfCoreOptions::default().with_memory(LITTLE).with_metric(metric));
        assert!(found.estimated_recall >= 0.99, "{}", found.estimated_recall);
        let near = |(found, exact): (ndarray::ArrayView1<'_, f64>, ndarray::ArrayView1<'_, f64>)| {
            found.iter().filter(|&&distance| distance <= exact[9]).count()
        };
        let (found_rows, exact_rows) = (found.graph.distances(), exact.distances());
        let right: usize = found_rows.rows().into_iter().zip(exact_rows.rows()).map(near).sum();
        let recall = right as f64 / 300_000.0;
        assert!((recall - found.estimated_recall).abs() < 0.01, "{recall} {}", found.estimated_recall);
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
fn find_knn_graph_out_of_core_is_the_same_on_any_number_of_threads() {
    let rows = rows(2, 25_000, 8);
    let on = |threads, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let approximate = ApproximateOptions::default().with_seed(seed).with_target_recall(0.8);
        let options = OutOfCoreOptions::default().with_memory(LITTLE).with_k(6).with_approximate(approximate);
        pool.install(|| search(&rows, &options))
    };
    let alone = on(1, 7);
    assert!([2, 4].into_iter().all(|threads| on(threads, 7) == alone));
    assert!(on(1, 8).graph != alone.graph);
}

#[test]
fn find_knn_graph_out_of_core_rows_that_are_all_alike_are_searched_in_pieces() {
    let rows =
        Array2::from_shape_fn((25_000, 4), |(row, column)| if row % 100 == 0 { column as f32 } else { 1.0 });
    let options = OutOfCoreOptions::default().with_memory(LITTLE).with_metric(Metric::Euclidean);
    let found = search(&rows, &options);
    assert!(found.graph.distances().iter().all(|&distance| distance == 0.0));
    assert_eq!(found.estimated_recall, 1.0);
}

#[test]
fn find_knn_graph_out_of_core_that_fits_is_that_of_memory() {
    let rows = rows(3, 500, 5);
    let exact = ExactIndex::new(rows.view(), Metric::Cosine).unwrap().knn_graph(10).unwrap();
    assert_eq!(search(&rows, &OutOfCoreOptions::default()).graph, exact);
}

/// As many rows and columns as can be, and nothing to read.
struct Claims;

impl FeatureSource for Claims {
    type Value = f32;

    fn n_rows(&self) -> usize {
        u32::MAX as usize - 1
    }

    fn n_features(&self) -> usize {
        usize::MAX
    }

    fn read_rows(&self, _: Range<usize>, _: &mut [f32]) -> io::Result<()> {
        Err(io::Error::other("nothing is read before it is known to fit into memory"))
    }
}

/// Features that cannot be read from a row on.
struct Torn(Array2<f32>, usize);

impl FeatureSource for Torn {
    type Value = f32;

    fn n_rows(&self) -> usize {
        self.0.nrows()
    }

    fn n_features(&self) -> usize {
        self.0.ncols()
    }

    fn read_rows(&self, rows: Range<usize>, values: &mut [f32]) -> io::Result<()> {
        if rows.end > self.1 {
            return Err(io::Error::other("torn"));
        }
        self.0.view().read_rows(rows, values)
    }
}

#[test]
fn find_knn_graph_out_of_core_what_cannot_be_done_is_refused() {
    let options = OutOfCoreOptions::default();
    let refused = |rows: Array2<f32>, options: &OutOfCoreOptions| {
        find_knn_graph_out_of_core(&rows.view(), options).unwrap_err()
    };
    assert_eq!(
        refused(Array2::zeros((0, 3)), &options),
        NeighborsError::EmptyFeatures { rows: 0, columns: 3 }
    );
    assert_eq!(refused(array![[1.0]], &options), NeighborsError::TooFewRows { rows: 1 });
    let few = array![[1.0], [2.0], [4.0]];
    assert_eq!(refused(few.clone(), &options.with_k(3)), NeighborsError::NeighborCount { k: 3, largest: 2 });
    let bad = options.with_approximate(ApproximateOptions::default().with_recall_sample(0));
    assert_eq!(refused(few.clone(), &bad), NeighborsError::RecallSample);
    let too_small = refused(few.clone(), &options.with_memory(1000));
    let NeighborsError::MemoryTooSmall { needed, found: 1000 } = too_small else { panic!("{too_small}") };
    let claims = find_knn_graph_out_of_core(&Claims, &options.with_k(u32::MAX as usize - 2)).unwrap_err();
    assert!(matches!(claims, NeighborsError::MemoryTooSmall { needed: u64::MAX, .. }), "{claims}");
    assert!(find_knn_graph_out_of_core(&few.view(), &options.with_memory(needed)).is_ok());

    let mut many = rows(4, 25_000, 8);
    let little = options.with_memory(LITTLE);
    let torn = find_knn_graph_out_of_core(&Torn(many.clone(), 24_000), &little).unwrap_err();
    assert!(matches!(torn, NeighborsError::ReadFeatures { ref reason, .. } if reason == "torn"), "{torn}");
    many[[20_123, 5]] = 1e300_f64 as f32;
    let value = f64::INFINITY;
    assert_eq!(
        refused(many.clone(), &little),
        NeighborsError::NonFiniteFeature { row: 20_123, column: 5, value }
    );
    let mut huge = many.mapv(f64::from);
    huge[[20_123, 5]] = 1e200;
    let error = find_knn_graph_out_of_core(&huge.view(), &little).unwrap_err();
    assert!(matches!(error, NeighborsError::HugeFeature { row: 20_123, column: 5, .. }), "{error}");
}
