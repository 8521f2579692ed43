//! Everything that can go wrong when data are read in batches.

use cleanlab_core::{AccumulatorError, InputError};
use cleanlab_count::CountError;
use cleanlab_dataset::DatasetError;
use cleanlab_filter::FilterError;
use cleanlab_rank::RankError;
use cleanlab_table::TableError;
use thiserror::Error;

/// Why there is no answer. Rows are counted from 0 in the whole data set, not in a file or a batch of it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StreamError {
    /// A file could not be read or written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A label or a probability is not valid.
    #[error("{file}: {error}")]
    Input {
        /// Where it stands.
        file: String,
        /// What is wrong.
        error: InputError,
    },
    /// There are more or fewer labels than rows of probabilities.
    #[error("{labels_file} has {labels} labels, but {file} has {rows} rows; both need one entry per example")]
    LengthMismatch {
        /// Where the labels stand.
        labels_file: String,
        /// Number of labels.
        labels: usize,
        /// Where the probabilities stand.
        file: String,
        /// Number of rows of probabilities.
        rows: usize,
    },
    /// The columns with labels or probabilities cannot be told.
    #[error("{file}: {reason}")]
    Columns {
        /// The file or folder.
        file: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A source did not give the rows that it had promised.
    #[error("{file} gave {found} rows where {expected} were expected, from row {first_row} on")]
    WrongRows {
        /// The source.
        file: String,
        /// The first row asked for.
        first_row: usize,
        /// Number of rows given.
        found: usize,
        /// Number of rows expected.
        expected: usize,
    },
    /// The noise estimates failed.
    #[error(transparent)]
    Count(#[from] CountError),
    /// The scores failed.
    #[error(transparent)]
    Rank(#[from] RankError),
    /// The options are not valid.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// The account of label health failed.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A pass could not be merged, which would be a defect of this library.
    #[error(transparent)]
    Accumulator(#[from] AccumulatorError),
    /// Results could not be put where they belong.
    #[error("results could not be stored: {0}")]
    Sink(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The progress callback asked to stop.
    #[error("stopped by the caller; no result was kept")]
    Cancelled,
}

impl StreamError {
    /// An error of a sink or source of the caller's.
    ///
    /// ```
    /// use cleanlab_stream::StreamError;
    /// let error = StreamError::sink("the database is away");
    /// assert_eq!(error.to_string(), "results could not be stored: the database is away");
    /// ```
    pub fn sink(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Sink(error.into())
    }
}
