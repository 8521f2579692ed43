//! KNN-Shapley values by counting.

use std::sync::atomic::{AtomicI64, Ordering};

use cleanlab_core::Float;
use cleanlab_neighbors::{KnnGraph, KnnGraphOptions, create_knn_graph};
use ndarray::parallel::prelude::*;
use ndarray::{Array1, ArrayView2, Axis};

use crate::errors::DataValuationError;

/// cleanlab's number of neighbours.
const DEFAULT_K: usize = 10;

/// Rows that one task counts at least.
const TASK_ROWS: usize = 1024;

/// How [`data_shapley_knn`] values examples. The defaults are cleanlab's.
///
/// ```
/// use cleanlab_data_valuation::DataShapleyOptions;
/// assert_eq!(DataShapleyOptions::default().k, 10);
/// assert_eq!(DataShapleyOptions::default().with_k(5).k, 5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataShapleyOptions {
    /// Number of neighbours that count, at most those of the graph. Default 10.
    pub k: usize,
}

impl Default for DataShapleyOptions {
    fn default() -> Self {
        Self { k: DEFAULT_K }
    }
}

impl DataShapleyOptions {
    /// Sets the number of neighbours.
    #[must_use]
    pub fn with_k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }
}

/// The KNN-Shapley value of every example, from a graph of nearest neighbours.
///
/// With the neighbours α₁, …, αₖ of row i in order, and mⱼ = 1 where αⱼ has the label of row i and 0 elsewhere, row i
/// gives mⱼ − mₖ to αⱼ. (The recursion sⱼ = sⱼ₊₁ + mⱼ − mⱼ₊₁ from sₖ = 0 telescopes to that.) The value of an example is
/// ½(1 + s / (k·N)), where s is the sum of what it is given: a whole number, so that the result is the same on any
/// number of threads. Time is linear in N·k; besides the result there are N numbers in memory.
///
/// Labels are any values that are equal or not: class indices, numbers, names, sets of classes. NaN equals nothing.
///
/// # Shapes
///
/// N labels and a graph of N rows give N values in [0, 1]; below 0.5 an example does harm.
///
/// # Errors
///
/// [`DataValuationError::LabelCount`] unless there is a label per row, [`DataValuationError::NoNeighbors`] for k = 0,
/// [`DataValuationError::TooFewNeighbors`] for a k above that of the graph.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_data_valuation::{DataShapleyOptions, data_shapley_knn};
/// use cleanlab_neighbors::{KnnGraphOptions, create_knn_graph};
/// use ndarray::array;
///
/// let features = array![[0.0], [1.0], [2.1], [3.3], [4.7]];
/// let graph = create_knn_graph(features.view(), &KnnGraphOptions::default().with_k(4))?;
/// let values = data_shapley_knn(&[0, 1, 0, 1, 0], &graph, &DataShapleyOptions::default().with_k(4))?;
/// assert_abs_diff_eq!(values, array![0.5, 0.45, 0.5, 0.45, 0.5], epsilon = 1e-15);
/// # Ok::<(), cleanlab_data_valuation::DataValuationError>(())
/// ```
///
/// # Source
///
/// Jia et al. 2019 (<https://arxiv.org/abs/1908.08619>), equations 18 and 19, without their bound ε on the error;
/// `cleanlab.data_valuation.data_shapley_knn` with `knn_graph`.
///
/// # Differences
///
/// cleanlab sums the same numbers in an N × N matrix, divided by k before, and rounds as it goes: the two differ by some
/// 1e-16. A k above that of the graph is an `IndexError` there.
pub fn data_shapley_knn<L: PartialEq + Sync>(
    labels: &[L],
    graph: &KnnGraph,
    options: &DataShapleyOptions,
) -> Result<Array1<f64>, DataValuationError> {
    let (k, n_rows) = (options.k, graph.n_rows());
    if labels.len() != n_rows {
        return Err(DataValuationError::LabelCount { labels: labels.len(), rows: n_rows });
    }
    if k == 0 {
        return Err(DataValuationError::NoNeighbors);
    }
    if k > graph.k() {
        return Err(DataValuationError::TooFewNeighbors { k, graph: graph.k() });
    }
    let given: Vec<AtomicI64> = (0..n_rows).map(|_| AtomicI64::new(0)).collect();
    let lists = graph.indices();
    let lists = lists.axis_iter(Axis(0)).into_par_iter().zip(labels).with_min_len(TASK_ROWS);
    lists.for_each(|(list, label)| {
        let matches = |neighbor: u32| i64::from(labels[neighbor as usize] == *label);
        let last = matches(list[k - 1]);
        for &neighbor in list.iter().take(k - 1) {
            let share = matches(neighbor) - last;
            // Where most neighbours agree most shares are 0, and the others seldom meet on the same example.
            if share != 0 {
                given[neighbor as usize].fetch_add(share, Ordering::Relaxed);
            }
        }
    });
    let scale = k as f64 * n_rows as f64;
    Ok(given.into_iter().map(|sum| 0.5 * (sum.into_inner() as f64 / scale + 1.0)).collect())
}

/// The KNN-Shapley value of every example, from features: that of the graph of their exact nearest neighbours.
///
/// # Shapes
///
/// N labels and N × p features give N values in [0, 1].
///
/// # Errors
///
/// [`DataValuationError::LabelCount`] unless there is a label per row; [`DataValuationError::Neighbors`] as
/// [`create_knn_graph`] for the features, and unless 1 ≤ k < N.
///
/// # Example
///
/// ```
/// use cleanlab_data_valuation::data_shapley_knn_from_features;
/// use cleanlab_neighbors::KnnGraphOptions;
/// use ndarray::array;
///
/// let features = array![[0.0, 0.1], [0.1, 0.0], [5.0, 5.0], [5.1, 5.0]];
/// // With one neighbour all that counts is the last one, and nobody is worth more than others.
/// let options = KnnGraphOptions::default().with_k(1);
/// let values = data_shapley_knn_from_features(&[1.5, 1.5, 3.0, 2.0], features.view(), &options)?;
/// assert_eq!(values, array![0.5, 0.5, 0.5, 0.5]);
/// # Ok::<(), cleanlab_data_valuation::DataValuationError>(())
/// ```
///
/// # Source
///
/// `cleanlab.data_valuation.data_shapley_knn` with `features`.
///
/// # Differences
///
/// The default k is 10, or N − 1 if that is less; cleanlab raises.
pub fn data_shapley_knn_from_features<L: PartialEq + Sync, F: Float>(
    labels: &[L],
    features: ArrayView2<'_, F>,
    options: &KnnGraphOptions,
) -> Result<Array1<f64>, DataValuationError> {
    if labels.len() != features.nrows() {
        return Err(DataValuationError::LabelCount { labels: labels.len(), rows: features.nrows() });
    }
    let graph = create_knn_graph(features, options)?;
    data_shapley_knn(labels, &graph, &DataShapleyOptions::default().with_k(graph.k()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cleanlab_neighbors::NeighborsError;
    use ndarray::array;

    #[test]
    fn data_shapley_knn_bad_input_is_refused() {
        let graph = KnnGraph::new(array![[1, 2], [0, 2], [1, 0]], array![[0.5, 0.9], [0.5, 0.7], [0.7, 0.9]])
            .unwrap();
        let refused = |labels: &[u32], k| {
            data_shapley_knn(labels, &graph, &DataShapleyOptions::default().with_k(k)).unwrap_err()
        };
        assert_eq!(refused(&[0, 1], 2), DataValuationError::LabelCount { labels: 2, rows: 3 });
        assert_eq!(refused(&[0, 1, 1], 0), DataValuationError::NoNeighbors);
        assert_eq!(refused(&[0, 1, 1], 3), DataValuationError::TooFewNeighbors { k: 3, graph: 2 });
    }

    #[test]
    fn data_shapley_knn_from_features_bad_input_is_refused() {
        let features = array![[0.0], [1.0], [f64::NAN]];
        let refused = |labels: &[u32]| {
            data_shapley_knn_from_features(labels, features.view(), &KnnGraphOptions::default()).unwrap_err()
        };
        assert_eq!(refused(&[0, 1]), DataValuationError::LabelCount { labels: 2, rows: 3 });
        assert!(matches!(
            refused(&[0, 1, 1]),
            DataValuationError::Neighbors(NeighborsError::NonFiniteFeature { row: 2, column: 0, .. })
        ));
    }
}
