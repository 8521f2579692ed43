//! Everything that can go wrong when a model is trained, asked for probabilities or cross-validated.

use std::error::Error as StdError;

use cleanlab_core::{InputError, SingularMatrix};
use cleanlab_count::CountError;
use cleanlab_filter::FilterError;
use cleanlab_neighbors::NeighborsError;
use cleanlab_rank::RankError;
use thiserror::Error;

/// Why training data, options, folds or the predictions of a classifier were refused.
///
/// ```
/// use cleanlab_learning::{LearningError, TrainingSet};
/// use ndarray::array;
/// let error = TrainingSet::new(array![[0.5, f64::NAN]].view(), &[0], 2).unwrap_err();
/// assert!(matches!(error, LearningError::NonFiniteFeature { row: 0, column: 1, .. }));
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LearningError {
    /// Labels or predicted probabilities were refused.
    #[error(transparent)]
    Input(#[from] InputError),
    /// An estimate of label noise was refused.
    #[error(transparent)]
    Count(#[from] CountError),
    /// Labels could not be flagged.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// Labels could not be scored.
    #[error(transparent)]
    Rank(#[from] RankError),
    /// Nearest neighbours could not be searched for.
    #[error(transparent)]
    Neighbors(#[from] NeighborsError),
    /// There is nothing to learn from.
    #[error("features have shape ({rows}, {columns}); at least one row and one column are needed")]
    EmptyFeatures {
        /// Number of rows found.
        rows: usize,
        /// Number of columns found.
        columns: usize,
    },
    /// There is not one label per row of features.
    #[error("there are {labels} labels but {rows} rows of features; both need one entry per example")]
    LabelCount {
        /// Number of labels.
        labels: usize,
        /// Number of rows of features.
        rows: usize,
    },
    /// A label names a class that was not announced.
    #[error(
        "label of row {row} is {label}, but there are {n_classes} classes: labels must be from 0 to {}",
        .n_classes.saturating_sub(1)
    )]
    LabelOutOfRange {
        /// Row of the label.
        row: usize,
        /// The label found.
        label: u32,
        /// Number of classes.
        n_classes: usize,
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
    /// A model was asked about rows with another number of features than it was trained on.
    #[error("rows have {found} features, but the model was trained on {expected}")]
    FeatureCount {
        /// Number of features the model was trained on.
        expected: usize,
        /// Number of features found.
        found: usize,
    },
    /// There is not one sample weight per row.
    #[error("there are {weights} sample weights but {rows} rows; both need one entry per example")]
    WeightCount {
        /// Number of weights.
        weights: usize,
        /// Number of rows.
        rows: usize,
    },
    /// A sample weight is negative, NaN or infinite.
    #[error("sample weight of row {row} is {value}; weights are finite and at least 0")]
    InvalidWeight {
        /// Row of the weight.
        row: usize,
        /// The weight found.
        value: f64,
    },
    /// No row has any weight.
    #[error("all sample weights are 0; at least one row must count")]
    ZeroWeights,
    /// Sample weights were given to a classifier that cannot use them.
    #[error("this classifier has no use for sample weights; train it without, or choose one that takes them")]
    WeightsUnsupported,
    /// All labels of the training rows are the same, so there is nothing to tell apart.
    #[error("every label of the training rows is class {class}; this classifier needs at least 2 classes")]
    OneClass {
        /// The only class found.
        class: u32,
    },
    /// There are more rows than the classifier can number.
    #[error("there are {rows} rows, but this classifier takes at most {limit}; train it on a sample")]
    TooManyRows {
        /// Number of rows.
        rows: usize,
        /// The most rows that it takes.
        limit: usize,
    },
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
    /// Fewer than two folds, or more folds than rows.
    #[error("{n_splits} folds of {rows} rows; there must be at least 2 folds and one row in each")]
    FoldCount {
        /// Number of folds asked for.
        n_splits: usize,
        /// Number of rows.
        rows: usize,
    },
    /// No class has a member for every fold, so that no fold could be stratified.
    #[error(
        "{n_splits} folds, but the largest class, {class}, has only {members} members; use at most {members} folds"
    )]
    ClassesSmallerThanFolds {
        /// Number of folds asked for.
        n_splits: usize,
        /// The largest class.
        class: u32,
        /// How many members it has.
        members: usize,
    },
    /// Folds given by the caller leave a fold empty.
    #[error("fold {fold} of {n_splits} has no row; number the folds 0, 1, 2, … without gaps")]
    EmptyFold {
        /// The empty fold.
        fold: usize,
        /// Number of folds.
        n_splits: usize,
    },
    /// Folds were made for another number of rows.
    #[error("folds are for {folds} rows, but there are {rows}")]
    FoldRows {
        /// Number of rows that the folds were made for.
        folds: usize,
        /// Number of rows of the data.
        rows: usize,
    },
    /// The sizes of a train/test split do not work out.
    #[error("{test} test rows of {rows} leave {train} to train on; both parts need at least {least}")]
    TestSize {
        /// Number of test rows.
        test: usize,
        /// Number of training rows.
        train: usize,
        /// Number of rows.
        rows: usize,
        /// The fewest rows that each part needs: 1, or the number of classes when the split is stratified.
        least: usize,
    },
    /// A class has a single member, which cannot be both in the training and in the test part.
    #[error("class {class} has only 1 member; a stratified split needs at least 2 of every class")]
    LonelyClass {
        /// The class.
        class: u32,
    },
    /// A classifier returned a matrix of the wrong shape.
    #[error(
        "the classifier returned probabilities of shape ({rows}, {columns}) for {expected_rows} rows and \
         {expected_columns} classes"
    )]
    PredictedShape {
        /// Number of rows returned.
        rows: usize,
        /// Number of columns returned.
        columns: usize,
        /// Number of rows asked about.
        expected_rows: usize,
        /// Number of classes.
        expected_columns: usize,
    },
    /// A classifier returned something that is not a probability.
    #[error(
        "the classifier predicted {value} for row {row}, class {column}; probabilities are in [0, 1] up to 1e-6"
    )]
    NotAProbability {
        /// Row of the data set.
        row: usize,
        /// Class.
        column: usize,
        /// The value returned.
        value: f64,
    },
    /// Training on a fold, or predicting it, failed.
    #[error("fold {fold}: {source}")]
    Fold {
        /// The fold, counted from 0.
        fold: usize,
        /// What went wrong.
        source: Box<LearningError>,
    },
    /// The progress callback asked to stop.
    #[error("stopped after {done} of {total} folds")]
    Cancelled {
        /// Folds that were finished.
        done: usize,
        /// Folds in all.
        total: usize,
    },
    /// There are too few rows for the folds of [`CleanLearning`](crate::CleanLearning).
    #[error(
        "{rows} rows of {classes} classes are fewer than {n_splits} a class, one for each fold; \
         use fewer folds (2 or 3), or give pred_probs"
    )]
    TooFewRowsForFolds {
        /// Number of rows.
        rows: usize,
        /// Number of classes that occur.
        classes: usize,
        /// Number of folds asked for.
        n_splits: usize,
    },
    /// A noise matrix says that labels tell less than a guess would.
    #[error(
        "the trace of {what} is {trace}, but must exceed 1: with less, labels are no better than guesses; \
         check the matrix, whose columns sum to 1"
    )]
    TraceTooSmall {
        /// Which matrix.
        what: &'static str,
        /// Its trace.
        trace: f64,
    },
    /// An entry of a noise matrix is not a probability.
    #[error("{what} has the value {value} at row {row}, column {column}; rates lie in [0, 1]")]
    NotARate {
        /// Which matrix.
        what: &'static str,
        /// Row of the entry.
        row: usize,
        /// Column of the entry.
        column: usize,
        /// The value found.
        value: f64,
    },
    /// The priors and the inverse cannot be computed from a noise matrix.
    #[error(
        "noise_matrix has no inverse ({0}), so that inverse_noise_matrix cannot be computed from it; \
         give inverse_noise_matrix too"
    )]
    SingularNoiseMatrix(#[source] SingularMatrix),
    /// Positive-unlabelled learning with other than two classes.
    #[error(
        "class {class} of {n_classes} is said to have no errors; \
         learning from positive and unlabelled examples needs 2 classes, 0 and 1"
    )]
    PuLearning {
        /// The class without errors.
        class: u32,
        /// Number of classes.
        n_classes: usize,
    },
    /// Given probabilities are for another number of classes than the data has.
    #[error("pred_probs has {found} columns, but the data has {expected} classes; give one column per class")]
    PredProbsClasses {
        /// Number of columns.
        found: usize,
        /// Number of classes.
        expected: usize,
    },
    /// Given label issues are for another number of rows.
    #[error("label_issues has {found} entries for {expected} rows; give one per example, or indices")]
    LabelIssuesLength {
        /// Number of entries.
        found: usize,
        /// Number of rows.
        expected: usize,
    },
    /// A table of label issues was made for other labels.
    #[error(
        "label_issues has the given label {table} at row {row}, where the label is {label}; \
         find the issues of these labels anew"
    )]
    GivenLabelDiffers {
        /// The first row that differs.
        row: usize,
        /// The label in the table.
        table: u32,
        /// The label in the data.
        label: u32,
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
    /// Every row is flagged, so that nothing is left to train on.
    #[error("all {rows} labels are flagged as issues, so that no row is left to train on")]
    NoCleanRows {
        /// Number of rows.
        rows: usize,
    },
    /// Training the final model failed.
    #[error("final model: {source}")]
    FinalFit {
        /// What went wrong.
        source: Box<LearningError>,
    },
    /// A model did not predict one class for each row.
    #[error("the classifier predicted {found} classes for {expected} rows; it must predict one for each")]
    PredictedRows {
        /// Number of predictions.
        found: usize,
        /// Number of rows.
        expected: usize,
    },
    /// A model predicted a class that does not exist.
    #[error("the classifier predicted class {class} for row {row}; there are {n_classes} classes")]
    UnknownClass {
        /// Row of the data set.
        row: usize,
        /// The class predicted.
        class: u32,
        /// Number of classes.
        n_classes: usize,
    },
    /// A classifier from outside this crate failed.
    #[error("the classifier failed: {0}")]
    Classifier(#[source] Box<dyn StdError + Send + Sync>),
}

impl LearningError {
    /// Wraps the error of a classifier from outside this crate.
    ///
    /// ```
    /// use cleanlab_learning::LearningError;
    /// let error = LearningError::classifier("the model server does not answer");
    /// assert_eq!(error.to_string(), "the classifier failed: the model server does not answer");
    /// ```
    pub fn classifier(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Classifier(error.into())
    }

    pub(crate) fn in_fold(self, fold: usize) -> Self {
        Self::Fold { fold, source: Box::new(self) }
    }
}
