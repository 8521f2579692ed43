//! Everything that can go wrong with values of examples.

use cleanlab_neighbors::NeighborsError;
use thiserror::Error;

/// Why values of examples were refused.
///
/// ```
/// use cleanlab_data_valuation::{DataShapleyOptions, DataValuationError, data_shapley_knn};
/// use cleanlab_neighbors::KnnGraph;
/// use ndarray::array;
/// let graph = KnnGraph::new(array![[1], [0]], array![[0.5], [0.5]])?;
/// let error = data_shapley_knn(&[0, 1], &graph, &DataShapleyOptions::default()).unwrap_err();
/// assert_eq!(error, DataValuationError::TooFewNeighbors { k: 10, graph: 1 });
/// # Ok::<(), cleanlab_neighbors::NeighborsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DataValuationError {
    /// Features, a number of neighbours or a graph were refused.
    #[error(transparent)]
    Neighbors(#[from] NeighborsError),
    /// Labels are not those of the rows.
    #[error("there are {labels} labels but {rows} rows; give one label per row")]
    LabelCount {
        /// Number of labels.
        labels: usize,
        /// Number of rows.
        rows: usize,
    },
    /// The graph has not that many neighbours.
    #[error("k is {k}, but the graph has {graph} neighbours per row; lower k or make a graph with more")]
    TooFewNeighbors {
        /// Number of neighbours asked for.
        k: usize,
        /// Number of neighbours in the graph.
        graph: usize,
    },
    /// No neighbours were asked for.
    #[error("k is 0, but must be at least 1")]
    NoNeighbors,
}
