//! Approximate graphs of nearest neighbours, and what can be said of their recall.

use cleanlab_core::Float;
use ndarray::{CowArray, Ix2};

use crate::errors::NeighborsError;
use crate::exact_index::ExactIndex;
use crate::knn_graph::KnnGraph;
use crate::metric::Metric;
use crate::probing::nearest_about;

/// Rows whose exact neighbours are computed to estimate the recall, unless told otherwise.
const DEFAULT_RECALL_SAMPLE: usize = 300;

/// The recall that a graph has at least, by its estimate, unless told otherwise.
const DEFAULT_TARGET_RECALL: f64 = 0.99;

/// How [`approximate_knn_graph`] searches.
///
/// ```
/// use cleanlab_neighbors::ApproximateOptions;
/// let options = ApproximateOptions::default().with_seed(7).with_target_recall(0.95).with_recall_sample(1000);
/// assert_eq!((options.seed, options.target_recall, options.recall_sample), (7, 0.95, 1000));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ApproximateOptions {
    /// Seed of all random choices: the same seed gives the same graph, on any number of threads. Default 0.
    pub seed: u64,
    /// The share of the exact neighbours that the graph is to have, in (0, 1]. Default 0.99.
    pub target_recall: f64,
    /// How many rows the recall is estimated from, at most all; at least 1. Default 300.
    pub recall_sample: usize,
}

impl Default for ApproximateOptions {
    fn default() -> Self {
        Self { seed: 0, target_recall: DEFAULT_TARGET_RECALL, recall_sample: DEFAULT_RECALL_SAMPLE }
    }
}

impl ApproximateOptions {
    /// Sets the seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the recall that the graph is to have.
    #[must_use]
    pub fn with_target_recall(mut self, target_recall: f64) -> Self {
        self.target_recall = target_recall;
        self
    }

    /// Sets how many rows the recall is estimated from.
    #[must_use]
    pub fn with_recall_sample(mut self, recall_sample: usize) -> Self {
        self.recall_sample = recall_sample;
        self
    }
}

/// How a graph was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FoundBy {
    /// By the exact search: the neighbours are the nearest.
    ExactSearch,
    /// By an approximate search: some of the nearest may be missing, with others in their places.
    ApproximateSearch,
}

/// A graph of nearest neighbours, and how well it was found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FoundGraph {
    /// The graph; its distances are those of the exact search.
    pub graph: KnnGraph,
    /// Which search found it.
    pub found_by: FoundBy,
    /// The share of the exact neighbours that the graph has, as seen in the sampled rows; 1 after an exact search.
    pub estimated_recall: f64,
    /// How many rows' exact neighbours the estimate is made of; 0 after an exact search.
    pub recall_sample: usize,
}

impl FoundGraph {
    pub(crate) fn exact(graph: KnnGraph) -> Self {
        Self { graph, found_by: FoundBy::ExactSearch, estimated_recall: 1.0, recall_sample: 0 }
    }
}

/// The graph of about the nearest neighbours of every row, for many rows.
///
/// Neighbours of neighbours are likely to be neighbours: six trees give every row some others to begin with, and then
/// every row introduces those that list it, or that it lists, to each other, as long as that brings nearer ones. The
/// exact distances of those listed in the end decide. The recall is estimated from the exact neighbours of a random
/// sample of rows: the share of them in the graph, where a neighbour at the same distance as a missing one counts for it,
/// and equal rows count once. If the target is missed, lists twice as long are tried.
///
/// Rows of very many dimensions (more than some 40, by the neighbours of the sample), and below 8,192 rows, are divided
/// into blocks of some hundred that are near each other, and each block is compared with the m whose middles are nearest
/// to its own. How large m is, is read from the exact neighbours of another sample; while the estimate of the recall is
/// below the target m doubles. That serves clusters that are far apart, whatever is inside them.
///
/// Data without any structure, such as normal noise in hundreds of dimensions, have no shortcuts: where most blocks
/// would have to be compared, all are. Then the result is exact, and says so, as it is for few rows (about a thousand)
/// or many neighbours.
///
/// The graph is the same on any processor and any number of threads. Comparing blocks is slow without AVX-512 VNNI.
///
/// # Shapes
///
/// N × p features give N × k neighbours.
///
/// # Errors
///
/// [`NeighborsError::TargetRecall`] unless 0 < `target_recall` ≤ 1, [`NeighborsError::RecallSample`] for a sample of no
/// rows; otherwise as [`ExactIndex::new`] and [`ExactIndex::knn_graph`].
///
/// # Example
///
/// ```
/// use cleanlab_neighbors::{ApproximateOptions, Metric, approximate_knn_graph};
/// use ndarray::Array2;
///
/// let features = Array2::from_shape_fn((500, 8), |(row, column)| ((row * (column + 3)) % 97) as f64);
/// let found = approximate_knn_graph(features.view(), Metric::Euclidean, 5, &ApproximateOptions::default())?;
/// assert_eq!(found.graph.indices().dim(), (500, 5));
/// assert!(found.estimated_recall >= 0.99);
/// # Ok::<(), cleanlab_neighbors::NeighborsError>(())
/// ```
///
/// # Source
///
/// Dong, Moses and Li, "Efficient k-nearest neighbor graph construction for generic similarity measures", WWW 2011; with
/// trees to begin with as in the Python package `pynndescent`. Jégou, Douze and Schmid, "Product quantization for nearest
/// neighbor search", IEEE TPAMI 2011, section IV, for the search in the nearest parts only.
///
/// # Differences
///
/// cleanlab has no approximate search of its own; its users give it a graph made elsewhere.
pub fn approximate_knn_graph<'a, F: Float>(
    features: impl Into<CowArray<'a, F, Ix2>>,
    metric: Metric,
    k: usize,
    options: &ApproximateOptions,
) -> Result<FoundGraph, NeighborsError> {
    search_approximately(&ExactIndex::new(features, metric)?, k, options)
}

pub(crate) fn search_approximately<F: Float>(
    index: &ExactIndex<'_, F>,
    k: usize,
    options: &ApproximateOptions,
) -> Result<FoundGraph, NeighborsError> {
    check_options(options)?;
    index.knn_graph_by(k, |searched, k| nearest_about(searched, k, options))
}

pub(crate) fn check_options(options: &ApproximateOptions) -> Result<(), NeighborsError> {
    let target = options.target_recall;
    if !(target > 0.0 && target <= 1.0) {
        return Err(NeighborsError::TargetRecall { value: target });
    }
    if options.recall_sample == 0 {
        return Err(NeighborsError::RecallSample);
    }
    Ok(())
}
