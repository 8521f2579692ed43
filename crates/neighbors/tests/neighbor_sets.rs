//! Sets of near rows and their clusters, for any graph.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use cleanlab_core::RandomState;
use cleanlab_neighbors::{
    KnnGraph, KnnGraphOptions, NeighborsError, create_knn_graph, neighbors_within_radius,
};
use ndarray::{Array2, array};
use proptest::prelude::*;

fn random_graph(seed: u32, n_rows: usize, k: usize) -> KnnGraph {
    let mut random = RandomState::new(seed);
    let features =
        Array2::from_shape_simple_fn((n_rows, 2), || (4.0 * random.standard_normal()).round() / 4.0);
    create_knn_graph(features.view(), &KnnGraphOptions::default().with_k(k.min(n_rows - 1))).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn neighbors_within_radius_sets_are_mutual_and_hold_what_the_graph_lists(
        seed in 0_u32..1000, n_rows in 2_usize..150, k in 1_usize..8, radius in 0.0_f64..1.5,
    ) {
        let graph = random_graph(seed, n_rows, k);
        let sets = neighbors_within_radius(&graph, radius).unwrap();
        let near: BTreeSet<(usize, usize)> = (0..n_rows)
            .flat_map(|row| graph.neighbors(row).map(move |(other, distance)| (row, other, distance)))
            .filter(|&(_, _, distance)| distance < radius)
            .flat_map(|(row, other, _)| [(row, other), (other, row)])
            .collect();
        let listed: Vec<(usize, usize)> = sets
            .iter()
            .enumerate()
            .flat_map(|(row, set)| set.iter().map(move |&other| (row, other as usize)))
            .collect();
        prop_assert_eq!(listed.len(), near.len());
        prop_assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), near);
    }

    #[test]
    fn components_join_what_a_walk_over_the_sets_reaches(
        seed in 0_u32..1000, n_rows in 2_usize..150, k in 1_usize..4, radius in 0.0_f64..1.0,
    ) {
        let sets = neighbors_within_radius(&random_graph(seed, n_rows, k), radius).unwrap();
        let mut seen = BTreeSet::new();
        let mut expected = Vec::new();
        for first in 0..n_rows {
            let (mut open, mut reached) = (vec![first], BTreeSet::new());
            while let Some(row) = open.pop() {
                if seen.insert(row) {
                    reached.insert(row);
                    open.extend(sets.set(row).iter().map(|&other| other as usize));
                }
            }
            if reached.len() > 1 {
                expected.push(reached.into_iter().collect::<Vec<usize>>());
            }
        }
        prop_assert_eq!(sets.components(), expected);
    }
}

#[test]
fn neighbors_within_radius_bounds_of_the_radius() {
    let graph = KnnGraph::new(array![[1], [0], [1]], array![[0.0], [0.0], [0.5]]).unwrap();
    let sets = |radius| neighbors_within_radius(&graph, radius);
    // Below the radius means below: at a radius of 0 not even equal rows are near.
    assert!(sets(0.0).unwrap().components().is_empty());
    assert_eq!(sets(0.5).unwrap().components(), [[0, 1]]);
    assert_eq!(sets(f64::INFINITY).unwrap().components(), [[0, 1, 2]]);
    assert_eq!(sets(-0.1).unwrap_err(), NeighborsError::InvalidRadius { value: -0.1 });
    assert!(matches!(sets(f64::NAN), Err(NeighborsError::InvalidRadius { .. })));
}
