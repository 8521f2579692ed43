//! Everything that can go wrong with multi-label data.

use cleanlab_core::InputError;
use cleanlab_count::CountError;
use cleanlab_filter::FilterError;
use thiserror::Error;

/// Why an input or an option was refused: the place, the value, the bound, and what to do.
///
/// ```
/// use cleanlab_multilabel::{MultiLabels, MultilabelError};
/// let error = MultiLabels::from_lists(&[vec![0, 1], vec![2, 2]], 3).unwrap_err();
/// assert_eq!(error, MultilabelError::RepeatedClass { row: 1, class: 2 });
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum MultilabelError {
    /// The predicted probabilities are not valid, or there is not one row of them per row of labels.
    #[error(transparent)]
    Input(#[from] InputError),
    /// An estimate of label noise failed.
    #[error(transparent)]
    Count(#[from] CountError),
    /// An option of the filters is out of its bounds.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// There is no row, or no class.
    #[error("the labels have {rows} rows and {n_classes} classes; at least one of each is needed")]
    Empty {
        /// Number of rows.
        rows: usize,
        /// Number of classes.
        n_classes: usize,
    },
    /// The sets of labels are larger than memory.
    #[error(
        "{rows} rows with sets of {n_classes} classes do not fit into memory; number the classes from 0 without gaps"
    )]
    TooLarge {
        /// Number of rows.
        rows: usize,
        /// Number of classes.
        n_classes: usize,
    },
    /// A row lists a class twice.
    #[error("row {row} lists class {class} more than once; list every class of a row once")]
    RepeatedClass {
        /// Row of the list.
        row: usize,
        /// The class that is listed again.
        class: usize,
    },
    /// A listed class is negative.
    #[error("row {row} lists class {value}; classes are indices 0, 1, 2, …: encode the classes first")]
    NegativeClass {
        /// Row of the list.
        row: usize,
        /// The value found.
        value: String,
    },
    /// A listed class is not a whole number.
    #[error("row {row} lists class {value}, which is not a whole number; classes are indices 0, 1, 2, …")]
    FractionalClass {
        /// Row of the list.
        row: usize,
        /// The value found.
        value: String,
    },
    /// A listed class has no column.
    #[error(
        "row {row} lists class {value}, but there are {n_classes} classes: classes must be from 0 to {}; \
         add the missing columns or correct the label",
        .n_classes.saturating_sub(1)
    )]
    ClassOutOfRange {
        /// Row of the list.
        row: usize,
        /// The value found.
        value: String,
        /// Number of classes.
        n_classes: usize,
    },
    /// An entry of a one-hot matrix is neither 0 nor 1.
    #[error("one-hot labels have {value} in row {row}, column {column}; every entry must be 0 or 1")]
    NotBinary {
        /// Row of the entry.
        row: usize,
        /// Column of the entry.
        column: usize,
        /// The value found.
        value: String,
    },
    /// Labels and predicted probabilities have different numbers of classes.
    #[error(
        "the labels have {labels} classes, but pred_probs has {columns} columns; give one column per class"
    )]
    ClassCount {
        /// Number of classes of the labels.
        labels: usize,
        /// Number of columns of the predicted probabilities.
        columns: usize,
    },
    /// A class was asked for that does not exist.
    #[error("there is no class {class}; classes are from 0 to {}", .n_classes.saturating_sub(1))]
    NoSuchClass {
        /// The class asked for.
        class: usize,
        /// Number of classes.
        n_classes: usize,
    },
    /// Something with one entry per class has another shape.
    #[error("{what} has shape {found:?}, expected {expected:?}: one entry per class, one-vs-rest")]
    WrongShape {
        /// What was given.
        what: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// The shape that fits the labels.
        expected: Vec<usize>,
    },
    /// A threshold is NaN or infinite.
    #[error("thresholds have {value} for class {class}, entry {entry}; every threshold must be finite")]
    BadThreshold {
        /// The class.
        class: usize,
        /// 0 for rows without the class, 1 for rows with it.
        entry: usize,
        /// The value found.
        value: f64,
    },
    /// The weight of a moving average is not a share.
    #[error("alpha is {value}; it must lie in [0, 1]")]
    Alpha {
        /// The value given.
        value: f64,
    },
    /// The temperature of a softmin is negative or not finite.
    #[error("temperature is {value}; it must be finite and not negative")]
    Temperature {
        /// The value given.
        value: f64,
    },
    /// A score to aggregate is NaN or infinite.
    #[error("scores have {value} in row {row}, column {column}; every score must be finite")]
    BadScore {
        /// Row of the score.
        row: usize,
        /// Column of the score.
        column: usize,
        /// The value found.
        value: f64,
    },
    /// The caller's aggregation gave NaN or an infinite score.
    #[error("the custom aggregation gives {value} for row {row}; it must give a finite score")]
    BadAggregate {
        /// The row.
        row: usize,
        /// The value it gave.
        value: f64,
    },
    /// The flags belong to other data than they are ranked in.
    #[error(
        "the flags have shape {found:?}, but the data has shape {expected:?}; rank in the data they were found in"
    )]
    MaskShape {
        /// Shape of the flags.
        found: Vec<usize>,
        /// Shape of the data.
        expected: Vec<usize>,
    },
}
