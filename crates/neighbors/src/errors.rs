//! Everything that can be wrong with features, numbers of neighbours and neighbour graphs.

use thiserror::Error;

/// Why features, a number of neighbours or a graph were refused.
///
/// ```
/// use cleanlab_neighbors::{ExactIndex, Metric, NeighborsError};
/// use ndarray::array;
/// let error = ExactIndex::new(array![[0.5, f64::NAN]], Metric::Euclidean).unwrap_err();
/// assert!(matches!(error, NeighborsError::NonFiniteFeature { row: 0, column: 1, .. }));
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum NeighborsError {
    /// There is nothing to search in, or nothing to search by.
    #[error("features have shape ({rows}, {columns}); at least one row and one column are needed")]
    EmptyFeatures {
        /// Number of rows found.
        rows: usize,
        /// Number of columns found.
        columns: usize,
    },
    /// A feature is NaN or infinite.
    #[error("feature at row {row}, column {column} is {value}; fill in or drop values that are not finite")]
    NonFiniteFeature {
        /// Row of the value.
        row: usize,
        /// Column of the value.
        column: usize,
        /// The value found.
        value: f64,
    },
    /// A feature is so large that its square overflows.
    #[error(
        "feature at row {row}, column {column} is {value:e}, beyond ±{bound:e}, so that distances overflow; \
         rescale the features"
    )]
    HugeFeature {
        /// Row of the value.
        row: usize,
        /// Column of the value.
        column: usize,
        /// The value found.
        value: f64,
        /// The largest absolute value accepted.
        bound: f64,
    },
    /// There are more rows than an index can number.
    #[error("{rows} rows are more than the {bound} that an index can number; split the data")]
    TooManyRows {
        /// Number of rows found.
        rows: usize,
        /// The largest number accepted.
        bound: usize,
    },
    /// Queries have another number of features than the index.
    #[error("rows have {found} features, but the index was made of rows with {expected}")]
    FeatureCount {
        /// Number of features of the index.
        expected: usize,
        /// Number of features found.
        found: usize,
    },
    /// There are not that many neighbours.
    #[error("k is {k}, but must be between 1 and {largest}, the number of rows that can be neighbours")]
    NeighborCount {
        /// Number of neighbours asked for.
        k: usize,
        /// How many rows can be neighbours.
        largest: usize,
    },
    /// A single row has no neighbours.
    #[error("there are {rows} rows; at least 2 are needed for one to have a neighbour")]
    TooFewRows {
        /// Number of rows found.
        rows: usize,
    },
    /// The parts of a graph do not fit together.
    #[error("{what} has {found} entries, expected {expected}")]
    GraphLength {
        /// Which part of the graph.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length it should have.
        expected: usize,
    },
    /// A row of a graph has another number of neighbours than the first.
    #[error(
        "row {row} of the graph has {found} neighbours, row 0 has {expected}; every row needs the same number"
    )]
    UnequalRows {
        /// The row.
        row: usize,
        /// How many neighbours it has.
        found: usize,
        /// How many row 0 has.
        expected: usize,
    },
    /// A row of a graph ends before it starts.
    #[error(
        "row {row} of the graph starts at entry {start} but ends at {end}; `row_starts` must ascend from 0 to the \
         number of entries"
    )]
    DescendingRowStarts {
        /// The row.
        row: usize,
        /// Where it starts.
        start: usize,
        /// Where it ends, which is where the next row starts.
        end: usize,
    },
    /// A graph names a row that does not exist.
    #[error("neighbour {position} of row {row} is row {index}, but the graph has {rows} rows")]
    NoSuchRow {
        /// The row whose neighbours are at fault.
        row: usize,
        /// Position among its neighbours.
        position: usize,
        /// The row named.
        index: usize,
        /// Number of rows.
        rows: usize,
    },
    /// A graph has a row as its own neighbour.
    #[error(
        "row {row} of the graph is its own neighbour, at position {position}; leave rows out of their own lists"
    )]
    OwnNeighbor {
        /// The row.
        row: usize,
        /// Position among its neighbours.
        position: usize,
    },
    /// A graph lists a neighbour twice.
    #[error("row {row} of the graph lists row {index} more than once")]
    RepeatedNeighbor {
        /// The row whose neighbours are at fault.
        row: usize,
        /// The row that is listed twice.
        index: usize,
    },
    /// A distance of a graph is negative, NaN or infinite.
    #[error("distance {position} of row {row} is {value}; distances are finite and at least 0")]
    InvalidDistance {
        /// The row.
        row: usize,
        /// Position among its neighbours.
        position: usize,
        /// The distance found.
        value: f64,
    },
    /// Distances of a graph do not ascend.
    #[error(
        "distance {position} of row {row} is {value}, below the one before it; sort each row by distance"
    )]
    UnsortedDistances {
        /// The row.
        row: usize,
        /// Position of the smaller distance.
        position: usize,
        /// The distance found.
        value: f64,
    },
    /// There are not that many principal components.
    #[error(
        "{n_components} components are asked for, but there are between 1 and {largest}, the lesser of rows and features"
    )]
    ComponentCount {
        /// Number of components asked for.
        n_components: usize,
        /// The lesser of the number of rows and the number of features.
        largest: usize,
    },
    /// The search for eigenvectors did not converge, which finite features of any size should not cause.
    #[error("no principal components were found; rescale the features")]
    NoEigenvectors,
    /// A radius is no distance.
    #[error("the radius is {value}, but must be a number of at least 0")]
    InvalidRadius {
        /// The radius found.
        value: f64,
    },
    /// A graph and features are of different data.
    #[error(
        "the graph has {graph} rows but there are {rows} rows of features; both need one entry per example"
    )]
    GraphRows {
        /// Number of rows of the graph.
        graph: usize,
        /// Number of rows of the features.
        rows: usize,
    },
    /// The recall asked of an approximate search is no share.
    #[error("the target recall is {value}, but must be above 0 and at most 1")]
    TargetRecall {
        /// The value found.
        value: f64,
    },
    /// A recall cannot be estimated from no rows.
    #[error("the recall is to be estimated from 0 rows; at least 1 is needed")]
    RecallSample,
    /// The memory that a search may take has no room for what it needs.
    #[error(
        "the search for neighbours may take {found} bytes of memory, but needs {needed}; allow it that many"
    )]
    MemoryTooSmall {
        /// Bytes needed.
        needed: u64,
        /// Bytes allowed.
        found: u64,
    },
    /// Features could not be read.
    #[error("features from row {row} on cannot be read: {reason}")]
    ReadFeatures {
        /// The first row of those that were to be read.
        row: usize,
        /// Why.
        reason: String,
    },
}
