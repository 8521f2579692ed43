//! Clusters of rows that lie close together.

use cleanlab_neighbors::KnnGraph;

/// The cluster of a row that is in none.
pub(super) const IN_NO_CLUSTER: i64 = -1;

/// The clusters of a graph, numbered from 0 in the order of their first core rows; −1 for rows in none.
///
/// A row with at least `min_samples` rows within `eps`, itself among them, is a core row. A cluster is what can be
/// reached from a core row by steps of at most `eps` that start at core rows. Steps go the way of the graph: that a row
/// is among the neighbours of another does not make the other one of its own.
///
/// Source: `sklearn.cluster.DBSCAN(metric="precomputed")` of a sparse matrix.
pub(super) fn density_clusters(graph: &KnnGraph, eps: f64, min_samples: usize) -> Vec<i64> {
    let n_rows = graph.n_rows();
    let (indices, distances) = (graph.indices(), graph.distances());
    let within = |row: usize| distances.row(row).iter().take_while(|&&distance| distance <= eps).count();
    let n_within: Vec<usize> = (0..n_rows).map(within).collect();
    let is_core = |row: usize| n_within[row] + 1 >= min_samples;
    let mut clusters = vec![IN_NO_CLUSTER; n_rows];
    let mut reached = Vec::new();
    let mut next = 0;
    for first in 0..n_rows {
        if clusters[first] != IN_NO_CLUSTER || !is_core(first) {
            continue;
        }
        clusters[first] = next;
        reached.push(first);
        while let Some(row) = reached.pop() {
            if !is_core(row) {
                continue;
            }
            for &neighbor in indices.row(row).iter().take(n_within[row]) {
                let neighbor = neighbor as usize;
                if clusters[neighbor] == IN_NO_CLUSTER {
                    clusters[neighbor] = next;
                    reached.push(neighbor);
                }
            }
        }
        next += 1;
    }
    clusters
}

#[cfg(test)]
mod tests {
    use super::*;
    use cleanlab_neighbors::{KnnGraphOptions, create_knn_graph};
    use ndarray::array;

    #[test]
    fn density_clusters_two_groups_and_a_stray_row() {
        let features = array![[5.0], [0.0], [0.1], [99.0], [5.1], [0.2], [5.2]];
        let graph = create_knn_graph(features.view(), &KnnGraphOptions::default().with_k(3)).unwrap();
        assert_eq!(density_clusters(&graph, 0.25, 3), [0, 1, 1, -1, 0, 1, 0]);
        assert_eq!(density_clusters(&graph, 0.25, 4), [-1; 7]);
        assert_eq!(density_clusters(&graph, f64::INFINITY, 1)[3], 0);
    }
}
