//! Graphs of nearest neighbours, and the correction for exact duplicates.

use cleanlab_core::Float;
use ndarray::{Array2, ArrayView2, CowArray, Ix2, s};

use crate::approximate::{ApproximateOptions, FoundGraph, search_approximately};
use crate::duplicates::Groups;
use crate::errors::NeighborsError;
use crate::exact_index::ExactIndex;
use crate::features::{LARGEST_ROW_COUNT, Rows, check_features};
use crate::metric::Metric;
use crate::neighbors::Neighbors;

/// cleanlab's number of neighbours, `DEFAULT_K`.
const DEFAULT_K: usize = 10;

/// The k nearest neighbours of each of N rows, and how far they are: a sparse N × N matrix with k entries per row.
///
/// In every row the neighbours are others than the row itself, each is listed once, and distances ascend. A graph that
/// was made elsewhere is taken as it stands: neighbours at the same distance keep their order, and exact duplicates that
/// it misses are put in by [`correct_knn_graph`] alone.
///
/// # Shapes
///
/// N × k indices and N × k distances, with 1 ≤ k < N.
///
/// # Example
///
/// ```
/// use cleanlab_neighbors::{KnnGraph, NeighborsError};
/// use ndarray::array;
///
/// let graph = KnnGraph::new(array![[1, 2], [0, 2], [1, 0]], array![[0.5, 0.9], [0.5, 0.7], [0.7, 0.9]])?;
/// assert_eq!((graph.n_rows(), graph.k()), (3, 2));
/// assert_eq!(graph.neighbors(2).collect::<Vec<_>>(), [(1, 0.7), (0, 0.9)]);
///
/// // The parts of a sparse matrix in compressed rows, such as scipy.sparse.csr_matrix.
/// let same = KnnGraph::from_csr(&[0, 2, 4, 6], &[1, 2, 0, 2, 1, 0], &[0.5, 0.9, 0.5, 0.7, 0.7, 0.9])?;
/// assert_eq!(same, graph);
///
/// let error = KnnGraph::new(array![[1], [1]], array![[0.5], [0.5]]).unwrap_err();
/// assert_eq!(error, NeighborsError::OwnNeighbor { row: 1, position: 0 });
/// # Ok::<(), NeighborsError>(())
/// ```
///
/// # Source
///
/// The `knn_graph` of cleanlab's functions, a `scipy.sparse.csr_matrix`.
#[derive(Debug, Clone, PartialEq)]
pub struct KnnGraph {
    neighbors: Neighbors,
}

impl KnnGraph {
    /// Checks a graph that was made elsewhere.
    ///
    /// # Errors
    ///
    /// [`NeighborsError::GraphLength`] when the two matrices differ in shape, [`NeighborsError::TooFewRows`],
    /// [`NeighborsError::TooManyRows`], [`NeighborsError::NeighborCount`] unless 1 ≤ k < N; with the first row at fault
    /// [`NeighborsError::NoSuchRow`], [`NeighborsError::OwnNeighbor`], [`NeighborsError::RepeatedNeighbor`],
    /// [`NeighborsError::InvalidDistance`] or [`NeighborsError::UnsortedDistances`].
    pub fn new(indices: Array2<u32>, distances: Array2<f64>) -> Result<Self, NeighborsError> {
        let (rows, k) = indices.dim();
        if distances.dim() != (rows, k) {
            let (found, expected) = (distances.len(), indices.len());
            return Err(NeighborsError::GraphLength { what: "the matrix of distances", found, expected });
        }
        if rows < 2 {
            return Err(NeighborsError::TooFewRows { rows });
        }
        if rows > LARGEST_ROW_COUNT {
            return Err(NeighborsError::TooManyRows { rows, bound: LARGEST_ROW_COUNT });
        }
        if k == 0 || k >= rows {
            return Err(NeighborsError::NeighborCount { k, largest: rows - 1 });
        }
        let mut listed_by = vec![usize::MAX; rows];
        for (row, (indices, distances)) in indices.rows().into_iter().zip(distances.rows()).enumerate() {
            let mut before = 0.0;
            for (position, (&index, &value)) in indices.iter().zip(distances).enumerate() {
                let index = index as usize;
                if index >= rows {
                    return Err(NeighborsError::NoSuchRow { row, position, index, rows });
                }
                if index == row {
                    return Err(NeighborsError::OwnNeighbor { row, position });
                }
                if std::mem::replace(&mut listed_by[index], row) == row {
                    return Err(NeighborsError::RepeatedNeighbor { row, index });
                }
                if !value.is_finite() || value < 0.0 {
                    return Err(NeighborsError::InvalidDistance { row, position, value });
                }
                if value < before {
                    return Err(NeighborsError::UnsortedDistances { row, position, value });
                }
                before = value;
            }
        }
        Ok(Self { neighbors: Neighbors { indices, distances } })
    }

    /// Checks a graph in compressed rows: the neighbours of row i are entries `row_starts[i]..row_starts[i + 1]`.
    ///
    /// # Errors
    ///
    /// [`NeighborsError::DescendingRowStarts`] for the first row that ends before it starts,
    /// [`NeighborsError::GraphLength`] when the parts do not fit together, [`NeighborsError::UnequalRows`] when rows
    /// have different numbers of neighbours; otherwise as [`KnnGraph::new`].
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_neighbors::{KnnGraph, NeighborsError};
    /// let error = KnnGraph::from_csr(&[0, 2, 1, 3], &[1, 2, 0], &[0.1, 0.2, 0.1]).unwrap_err();
    /// assert_eq!(error, NeighborsError::DescendingRowStarts { row: 1, start: 2, end: 1 });
    /// ```
    #[doc(alias = "csr_matrix")]
    pub fn from_csr(
        row_starts: &[usize],
        indices: &[u32],
        distances: &[f64],
    ) -> Result<Self, NeighborsError> {
        let wrong = |what, found, expected| Err(NeighborsError::GraphLength { what, found, expected });
        let rows = row_starts.len().saturating_sub(1);
        if rows < 2 {
            return Err(NeighborsError::TooFewRows { rows });
        }
        if row_starts[0] != 0 {
            return wrong("the part of `indices` before the first row", row_starts[0], 0);
        }
        if let Some(row) = row_starts.windows(2).position(|ends| ends[1] < ends[0]) {
            let (start, end) = (row_starts[row], row_starts[row + 1]);
            return Err(NeighborsError::DescendingRowStarts { row, start, end });
        }
        let k = row_starts[1];
        // Starts ascend, so that no difference wraps around, and equal differences make `rows * k` the last start.
        let lengths = row_starts.windows(2).map(|ends| ends[1] - ends[0]);
        if let Some((row, found)) = lengths.enumerate().find(|&(_, found)| found != k) {
            return Err(NeighborsError::UnequalRows { row, found, expected: k });
        }
        if k >= rows {
            return Err(NeighborsError::NeighborCount { k, largest: rows - 1 });
        }
        if indices.len() != rows * k {
            return wrong("`indices`", indices.len(), rows * k);
        }
        if distances.len() != rows * k {
            return wrong("`distances`", distances.len(), rows * k);
        }
        let mut entries = indices.iter().copied();
        let indices = Array2::from_shape_simple_fn((rows, k), || entries.next().unwrap_or_default());
        let mut entries = distances.iter().copied();
        let distances = Array2::from_shape_simple_fn((rows, k), || entries.next().unwrap_or_default());
        Self::new(indices, distances)
    }

    pub(crate) fn from_checked(neighbors: Neighbors) -> Self {
        Self { neighbors }
    }

    /// Number of rows N.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.neighbors.indices.nrows()
    }

    /// Number of neighbours of each row.
    #[must_use]
    pub fn k(&self) -> usize {
        self.neighbors.indices.ncols()
    }

    /// Checks that the graph is one of `rows` rows.
    ///
    /// # Errors
    ///
    /// [`NeighborsError::GraphRows`] if it is not.
    pub fn check_n_rows(&self, rows: usize) -> Result<(), NeighborsError> {
        if rows == self.n_rows() {
            return Ok(());
        }
        Err(NeighborsError::GraphRows { graph: self.n_rows(), rows })
    }

    /// Which rows are neighbours, N × k.
    #[must_use]
    pub fn indices(&self) -> ArrayView2<'_, u32> {
        self.neighbors.indices.view()
    }

    /// How far they are, N × k, ascending within a row.
    #[must_use]
    pub fn distances(&self) -> ArrayView2<'_, f64> {
        self.neighbors.distances.view()
    }

    /// The neighbours of one row with their distances, nearest first.
    ///
    /// # Panics
    ///
    /// If `row` is not below [`KnnGraph::n_rows`].
    #[must_use]
    pub fn neighbors(&self, row: usize) -> impl ExactSizeIterator<Item = (usize, f64)> + '_ {
        let indices = self.neighbors.indices.row(row).into_iter();
        indices.zip(self.neighbors.distances.row(row)).map(|(&index, &distance)| (index as usize, distance))
    }

    /// The graph of the `k` nearest of the neighbours.
    ///
    /// # Errors
    ///
    /// [`NeighborsError::NeighborCount`] unless 1 ≤ k ≤ [`KnnGraph::k`].
    pub fn truncated(&self, k: usize) -> Result<Self, NeighborsError> {
        if k == 0 || k > self.k() {
            return Err(NeighborsError::NeighborCount { k, largest: self.k() });
        }
        Ok(Self::from_checked(Neighbors {
            indices: self.neighbors.indices.slice(s![.., ..k]).to_owned(),
            distances: self.neighbors.distances.slice(s![.., ..k]).to_owned(),
        }))
    }
}

/// Whether a graph is corrected for exact duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ExactDuplicates {
    /// Exact duplicates come first, at distance 0, as [`correct_knn_graph`] puts them.
    #[default]
    First,
    /// Neighbours stand in the order of their distances alone.
    AsFound,
}

/// Whether [`create_knn_graph`] searches exactly.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum NeighborSearch {
    /// The nearest neighbours, whatever it takes.
    #[default]
    Exact,
    /// About the nearest, as [`approximate_knn_graph`](crate::approximate_knn_graph) finds them.
    Approximate(ApproximateOptions),
    /// Exact up to [`NeighborSearch::AUTO_EXACT_ROWS`] rows, approximate with its default options above.
    Auto,
}

impl NeighborSearch {
    /// The number of rows up to which [`NeighborSearch::Auto`] searches exactly.
    pub const AUTO_EXACT_ROWS: usize = 100_000;
}

/// How [`create_knn_graph`] searches. The defaults are cleanlab's.
///
/// ```
/// use cleanlab_neighbors::{KnnGraphOptions, Metric};
/// let options = KnnGraphOptions::default().with_k(5).with_metric(Metric::Cosine);
/// assert_eq!((options.k, options.metric), (Some(5), Some(Metric::Cosine)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct KnnGraphOptions {
    /// Number of neighbours; cleanlab's `n_neighbors`. Default: 10, or N − 1 if that is less.
    pub k: Option<usize>,
    /// The metric. Default: [`Metric::default_for`] the number of features.
    pub metric: Option<Metric>,
    /// Whether exact duplicates come first; cleanlab's `correct_exact_duplicates`. Default [`ExactDuplicates::First`].
    pub exact_duplicates: ExactDuplicates,
    /// Whether the search is exact. Default [`NeighborSearch::Exact`].
    pub search: NeighborSearch,
}

impl KnnGraphOptions {
    /// Sets the number of neighbours.
    #[must_use]
    pub fn with_k(mut self, k: usize) -> Self {
        self.k = Some(k);
        self
    }

    /// Sets the metric.
    #[must_use]
    pub fn with_metric(mut self, metric: Metric) -> Self {
        self.metric = Some(metric);
        self
    }

    /// Sets whether exact duplicates come first.
    #[must_use]
    pub fn with_exact_duplicates(mut self, exact_duplicates: ExactDuplicates) -> Self {
        self.exact_duplicates = exact_duplicates;
        self
    }

    /// Sets whether the search is exact.
    #[must_use]
    pub fn with_search(mut self, search: NeighborSearch) -> Self {
        self.search = search;
        self
    }
}

/// The number of neighbours that cleanlab looks at among `n_rows` rows: 10, or all others if there are fewer.
///
/// ```
/// assert_eq!(cleanlab_neighbors::default_k(1000), 10);
/// assert_eq!(cleanlab_neighbors::default_k(4), 3);
/// ```
///
/// # Source
///
/// `cleanlab.internal.neighbor.knn_graph.DEFAULT_K`.
#[must_use]
pub fn default_k(n_rows: usize) -> usize {
    DEFAULT_K.min(n_rows.saturating_sub(1))
}

/// The graph of the nearest neighbours of every row, exact unless the options say otherwise.
///
/// [`find_knn_graph`] also tells how the graph was found.
///
/// # Shapes
///
/// N × p features give N × k neighbours.
///
/// # Errors
///
/// [`NeighborsError::TooFewRows`] for fewer than two rows, [`NeighborsError::NeighborCount`] unless 1 ≤ k < N; as
/// [`ExactIndex::new`] for the features, and as [`approximate_knn_graph`](crate::approximate_knn_graph) for its options.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_neighbors::{KnnGraphOptions, create_knn_graph};
/// use ndarray::array;
///
/// let features = array![[0.701, 0.701], [0.900, 0.436], [0.000, 1.000]];
/// let graph = create_knn_graph(features.view(), &KnnGraphOptions::default().with_k(1))?;
/// assert_eq!(graph.indices(), array![[1], [0], [0]]);
/// assert_abs_diff_eq!(graph.distances(), array![[0.33140006], [0.33140006], [0.76210367]], epsilon = 1e-8);
/// # Ok::<(), cleanlab_neighbors::NeighborsError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.neighbor.knn_graph.create_knn_graph_and_index`.
#[doc(alias = "create_knn_graph_and_index")]
pub fn create_knn_graph<'a, F: Float>(
    features: impl Into<CowArray<'a, F, Ix2>>,
    options: &KnnGraphOptions,
) -> Result<KnnGraph, NeighborsError> {
    Ok(find_knn_graph(features, options)?.graph)
}

/// The graph of [`create_knn_graph`], with how it was found.
///
/// # Shapes
///
/// N × p features give N × k neighbours.
///
/// # Errors
///
/// As [`create_knn_graph`]; as [`approximate_knn_graph`](crate::approximate_knn_graph) for its options.
///
/// # Example
///
/// ```
/// use cleanlab_neighbors::{FoundBy, KnnGraphOptions, NeighborSearch, find_knn_graph};
/// use ndarray::array;
///
/// let features = array![[0.0, 0.0], [0.1, 0.0], [5.0, 5.0], [5.0, 5.2]];
/// let options = KnnGraphOptions::default().with_k(1).with_search(NeighborSearch::Auto);
/// let found = find_knn_graph(features.view(), &options)?;
/// assert_eq!(found.graph.indices(), array![[1], [0], [3], [2]]);
/// assert_eq!((found.found_by, found.estimated_recall), (FoundBy::ExactSearch, 1.0));
/// # Ok::<(), cleanlab_neighbors::NeighborsError>(())
/// ```
///
/// # Source
///
/// As [`create_knn_graph`].
pub fn find_knn_graph<'a, F: Float>(
    features: impl Into<CowArray<'a, F, Ix2>>,
    options: &KnnGraphOptions,
) -> Result<FoundGraph, NeighborsError> {
    let features = features.into();
    let metric = options.metric.unwrap_or_else(|| Metric::default_for(features.ncols()));
    let index = ExactIndex::new(features, metric)?;
    let k = options.k.unwrap_or_else(|| default_k(index.n_rows()));
    let approximate = match options.search {
        NeighborSearch::Exact => None,
        NeighborSearch::Approximate(approximate) => Some(approximate),
        NeighborSearch::Auto => {
            (index.n_rows() > NeighborSearch::AUTO_EXACT_ROWS).then(ApproximateOptions::default)
        }
    };
    let mut found = match approximate {
        None => FoundGraph::exact(index.knn_graph(k)?),
        Some(approximate) => search_approximately(&index, k, &approximate)?,
    };
    if options.exact_duplicates == ExactDuplicates::First {
        found.graph = corrected(found.graph, index.groups());
    }
    Ok(found)
}

/// Puts exact duplicates first in a graph, at distance 0.
///
/// A row's duplicates lead its list in the order of their indices; the neighbours that are not duplicates follow as
/// they stood, as many as there is room for. Of more than k duplicates every row lists the first k, other than itself.
///
/// # Errors
///
/// [`NeighborsError::GraphRows`] when graph and features differ in length; as [`ExactIndex::new`] for the features.
///
/// # Example
///
/// ```
/// use cleanlab_neighbors::{KnnGraph, correct_knn_graph};
/// use ndarray::array;
///
/// // An approximate search has overlooked that rows 0 and 2 are equal.
/// let features = array![[1.0, 2.0], [1.0, 3.0], [1.0, 2.0]];
/// let graph = KnnGraph::new(array![[1], [0], [1]], array![[1.0], [1.0], [1.0]])?;
/// let graph = correct_knn_graph(features.view(), &graph)?;
/// assert_eq!(graph.indices(), array![[2], [0], [0]]);
/// assert_eq!(graph.distances(), array![[0.0], [1.0], [0.0]]);
/// # Ok::<(), cleanlab_neighbors::NeighborsError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.neighbor.knn_graph.correct_knn_graph`.
pub fn correct_knn_graph<F: Float>(
    features: ArrayView2<'_, F>,
    graph: &KnnGraph,
) -> Result<KnnGraph, NeighborsError> {
    let features = check_features(features.into())?;
    graph.check_n_rows(features.nrows())?;
    Ok(corrected(graph.clone(), &Groups::new(Rows::new(&features))))
}

fn corrected(mut graph: KnnGraph, groups: &Groups) -> KnnGraph {
    if groups.all_distinct() {
        return graph;
    }
    graph.neighbors.par_fill(|row, indices, distances| {
        let group = groups.group_of(row);
        let members = groups.members(group);
        if members.len() == 1 {
            return;
        }
        let k = indices.len();
        let duplicates = members.iter().copied().filter(|&member| member as usize != row);
        let others = indices.iter().copied().zip(distances.iter().copied());
        let others = others.filter(|&(index, _)| groups.group_of(index as usize) != group);
        let list: Vec<(u32, f64)> =
            duplicates.map(|index| (index, 0.0)).take(k).chain(others).take(k).collect();
        for ((index, distance), entry) in indices.iter_mut().zip(distances).zip(list) {
            (*index, *distance) = entry;
        }
    });
    graph
}
