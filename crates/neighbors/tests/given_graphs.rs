//! Graphs that were made elsewhere: garbage is refused, one flaw is found where it is, and nothing panics.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::RandomState;
use cleanlab_neighbors::{
    KnnGraph, KnnGraphOptions, NeighborsError, correct_knn_graph, create_knn_graph, neighbors_within_radius,
};
use ndarray::Array2;
use proptest::prelude::*;

/// The parts of a graph in compressed rows.
#[derive(Debug, Clone)]
struct Csr {
    row_starts: Vec<usize>,
    indices: Vec<u32>,
    distances: Vec<f64>,
}

impl Csr {
    fn read(&self) -> Result<KnnGraph, NeighborsError> {
        KnnGraph::from_csr(&self.row_starts, &self.indices, &self.distances)
    }
}

fn valid_graph(seed: u32, n_rows: usize, k: usize) -> Csr {
    let mut random = RandomState::new(seed);
    let features = Array2::from_shape_simple_fn((n_rows, 2), || random.standard_normal());
    let graph = create_knn_graph(features.view(), &KnnGraphOptions::default().with_k(k)).unwrap();
    Csr {
        row_starts: (0..=n_rows).map(|row| row * k).collect(),
        indices: graph.indices().iter().copied().collect(),
        distances: graph.distances().iter().copied().collect(),
    }
}

/// What a graph that was accepted promises.
fn assert_valid(graph: &KnnGraph) {
    let (n_rows, k) = (graph.n_rows(), graph.k());
    assert!(1 <= k && k < n_rows);
    for row in 0..n_rows {
        let (mut neighbors, distances): (Vec<usize>, Vec<f64>) = graph.neighbors(row).unzip();
        assert!(distances.is_sorted() && distances.iter().all(|d| d.is_finite() && *d >= 0.0));
        neighbors.sort_unstable();
        neighbors.dedup();
        assert!(neighbors.len() == k && neighbors.iter().all(|&other| other < n_rows && other != row));
    }
    // What is made of a graph relies on that.
    let features = Array2::from_shape_fn((n_rows, 1), |(row, _)| (row % 2) as f64);
    assert_eq!(correct_knn_graph(features.view(), graph).unwrap().n_rows(), n_rows);
    assert_eq!(neighbors_within_radius(graph, 0.5).unwrap().n_rows(), n_rows);
}

fn garbage_number() -> impl Strategy<Value = usize> {
    prop_oneof![8 => 0_usize..8, 1 => 0_usize..40, 1 => Just(usize::MAX), 1 => Just(usize::MAX / 2)]
}

fn garbage_index() -> impl Strategy<Value = u32> {
    prop_oneof![20 => 0_u32..6, 1 => Just(u32::MAX)]
}

fn garbage_distance() -> impl Strategy<Value = f64> {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, -0.0, 1e300];
    prop_oneof![20 => 0.0_f64..1.0, 1 => prop::sample::select(odd.to_vec())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn from_csr_garbage_is_refused_without_a_panic(
        row_starts in prop::collection::vec(garbage_number(), 0..7),
        ordered in any::<bool>(),
        indices in prop::collection::vec(garbage_index(), 0..14),
        distances in prop::collection::vec(garbage_distance(), 0..14),
    ) {
        let mut csr = Csr { row_starts, indices, distances };
        if ordered {
            csr.row_starts.sort_unstable();
            csr.distances.sort_unstable_by(f64::total_cmp);
        }
        if let Ok(graph) = csr.read() {
            assert_valid(&graph);
        }
    }

    /// Small graphs with fitting row starts, of which a good part is valid.
    #[test]
    fn from_csr_what_is_accepted_is_valid(
        n_rows in 2_usize..5, k in 1_usize..3,
        indices in prop::collection::vec(0_u32..4, 8), distances in prop::collection::vec(0_u32..3, 8),
    ) {
        let csr = Csr {
            row_starts: (0..=n_rows).map(|row| row * k).collect(),
            indices: indices[..n_rows * k].to_vec(),
            distances: distances[..n_rows * k].iter().map(|&distance| f64::from(distance)).collect(),
        };
        if let Ok(graph) = csr.read() {
            assert_valid(&graph);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn from_csr_one_flaw_in_a_valid_graph_is_named(
        seed in 0_u32..1000, n_rows in 5_usize..30, k in 2_usize..5, row in 0_usize..5, flaw in 0_usize..8,
    ) {
        let mut csr = valid_graph(seed, n_rows, k);
        assert_valid(&csr.read().unwrap());
        let at = row * k + 1;
        let expected = match flaw {
            0 => {
                csr.indices[at] = n_rows as u32;
                NeighborsError::NoSuchRow { row, position: 1, index: n_rows, rows: n_rows }
            }
            1 => {
                csr.indices[at] = row as u32;
                NeighborsError::OwnNeighbor { row, position: 1 }
            }
            2 => {
                csr.indices[at] = csr.indices[at - 1];
                NeighborsError::RepeatedNeighbor { row, index: csr.indices[at] as usize }
            }
            3 => {
                csr.distances[at] = f64::INFINITY;
                NeighborsError::InvalidDistance { row, position: 1, value: f64::INFINITY }
            }
            4 => {
                csr.distances[at] = -1.0;
                NeighborsError::InvalidDistance { row, position: 1, value: -1.0 }
            }
            5 => {
                csr.distances[at] = csr.distances[at - 1] / 2.0;
                NeighborsError::UnsortedDistances { row, position: 1, value: csr.distances[at] }
            }
            6 => {
                let start = csr.row_starts[row];
                csr.row_starts[row + 1] = start + k * n_rows;
                let end = csr.row_starts[row + 2.min(n_rows - row)];
                NeighborsError::DescendingRowStarts { row: row + 1, start: start + k * n_rows, end }
            }
            _ => {
                csr.row_starts[row + 1] += 1;
                // Row 0 says how many neighbours there are, so that a longer one makes the next one short.
                let (row, found, expected) = if row == 0 { (1, k - 1, k + 1) } else { (row, k + 1, k) };
                NeighborsError::UnequalRows { row, found, expected }
            }
        };
        // After the last row there is none that could start below it.
        if row + 1 < n_rows || flaw < 6 {
            prop_assert_eq!(csr.read().unwrap_err(), expected);
        }
    }
}

#[test]
fn check_n_rows_another_number_is_refused() {
    let graph = valid_graph(1, 6, 2).read().unwrap();
    assert_eq!(graph.check_n_rows(6), Ok(()));
    assert_eq!(graph.check_n_rows(7), Err(NeighborsError::GraphRows { graph: 6, rows: 7 }));
}
