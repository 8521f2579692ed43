//! Everything that can go wrong with numeric labels and the models that are trained on them.

use std::error::Error as StdError;

use cleanlab_learning::LearningError;
use cleanlab_neighbors::NeighborsError;
use cleanlab_outlier::OutlierError;
use thiserror::Error;

/// Why labels, training data, options or the predictions of a regressor were refused.
///
/// ```
/// use cleanlab_regression::{RegressionError, RegressionSet};
/// use ndarray::array;
/// let error = RegressionSet::new(array![[0.5], [0.7]].view(), array![1.0, f64::NAN].view()).unwrap_err();
/// assert!(matches!(error, RegressionError::InvalidValue { what: "labels", row: 1, .. }));
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RegressionError {
    /// Outlier scores could not be computed.
    #[error(transparent)]
    Outlier(#[from] OutlierError),
    /// Neighbours could not be searched for.
    #[error(transparent)]
    Neighbors(#[from] NeighborsError),
    /// Rows could not be divided into folds.
    #[error(transparent)]
    Learning(#[from] LearningError),
    /// There is no label at all.
    #[error("labels are empty; at least one row is needed")]
    NoLabels,
    /// There is nothing to learn from.
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
    /// A label, prediction, residual or uncertainty is NaN or infinite, or so large that its square is.
    #[error(
        "{what} of row {row} is {value}; values are finite and at most ±{bound:e}: drop the row or rescale"
    )]
    InvalidValue {
        /// What kind of value.
        what: &'static str,
        /// Row of the value.
        row: usize,
        /// The value found.
        value: f64,
        /// The largest absolute value accepted.
        bound: f64,
    },
    /// There is not one entry per example.
    #[error("{what} has {found} entries, but there are {expected} rows; give one per example")]
    WrongLength {
        /// What has the wrong length.
        what: &'static str,
        /// Its length.
        found: usize,
        /// Number of rows.
        expected: usize,
    },
    /// A model was asked about rows with another number of features than it was trained on.
    #[error("rows have {found} features, but the model was trained on {expected}")]
    FeatureCount {
        /// Number of features the model was trained on.
        expected: usize,
        /// Number of features found.
        found: usize,
    },
    /// A sample weight or an uncertainty is negative.
    #[error("{what} of row {row} is {value}; it must be at least 0")]
    NegativeValue {
        /// What kind of value.
        what: &'static str,
        /// Row of the value.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// No row has any weight.
    #[error("all sample weights are 0; at least one row must count")]
    ZeroWeights,
    /// Sample weights were given to a regressor that cannot use them.
    #[error("this regressor has no use for sample weights; train it without, or choose one that takes them")]
    WeightsUnsupported,
    /// An option has a value outside its range.
    #[error("option `{option}` is {value}, but must be {bound}")]
    InvalidOption {
        /// Name of the option.
        option: &'static str,
        /// The value found.
        value: f64,
        /// What values it may have.
        bound: &'static str,
    },
    /// The list of fractions to try is empty.
    #[error("`coarse_search_range` is empty; give at least one fraction of rows to try")]
    NoFractions,
    /// There are fewer rows than folds.
    #[error("{rows} rows cannot be divided into {folds} folds; use fewer folds, or leave out fewer rows")]
    TooFewRows {
        /// Number of rows left to divide.
        rows: usize,
        /// Number of folds.
        folds: usize,
    },
    /// Every row has a label issue, so that nothing is left to train on.
    #[error("all {rows} rows have label issues; at least one must be left to train on")]
    NoCleanRows {
        /// Number of rows.
        rows: usize,
    },
    /// A table of label issues is of other labels.
    #[error(
        "given_label of row {row} is {given}, but the label is {label}; the issues are those of other data"
    )]
    GivenLabelDiffers {
        /// First row where they differ.
        row: usize,
        /// The label in the table.
        given: f64,
        /// The label of the data.
        label: f64,
    },
    /// A label issue names a row that does not exist.
    #[error("label_issues names row {index} of {rows} rows")]
    LabelIssueOutOfRange {
        /// The index.
        index: usize,
        /// Number of rows.
        rows: usize,
    },
    /// A label issue is listed twice.
    #[error("label_issues names row {index} more than once; indices are unique")]
    RepeatedLabelIssue {
        /// The index.
        index: usize,
    },
    /// No finite coefficients were found, because features overflow when they are added.
    #[error("no finite coefficients were found; rescale the features, which are too large")]
    NotConverged,
    /// A regressor returned another number of predictions than it was asked for.
    #[error("the regressor returned {found} predictions for {expected} rows")]
    PredictionCount {
        /// Number of predictions returned.
        found: usize,
        /// Number of rows asked about.
        expected: usize,
    },
    /// Training on a fold, or predicting it, failed.
    #[error("fold {fold}: {source}")]
    Fold {
        /// The fold, counted from 0.
        fold: usize,
        /// What went wrong.
        source: Box<RegressionError>,
    },
    /// Training the final model failed.
    #[error("final model: {source}")]
    FinalFit {
        /// What went wrong.
        source: Box<RegressionError>,
    },
    /// A regressor from outside this crate failed.
    #[error("the regressor failed: {0}")]
    Regressor(#[source] Box<dyn StdError + Send + Sync>),
}

impl RegressionError {
    /// Wraps the error of a regressor from outside this crate.
    ///
    /// ```
    /// use cleanlab_regression::RegressionError;
    /// let error = RegressionError::regressor("the model server does not answer");
    /// assert_eq!(error.to_string(), "the regressor failed: the model server does not answer");
    /// ```
    pub fn regressor(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Regressor(error.into())
    }

    pub(crate) fn in_fold(self, fold: usize) -> Self {
        Self::Fold { fold, source: Box::new(self) }
    }
}
