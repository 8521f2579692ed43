//! Everything that can be wrong with an audit as a whole, and why a single check failed.

use std::error::Error as StdError;

use cleanlab_core::InputError;
use cleanlab_count::CountError;
use cleanlab_data_valuation::DataValuationError;
use cleanlab_dataset::DatasetError;
use cleanlab_filter::FilterError;
use cleanlab_learning::LearningError;
use cleanlab_multilabel::MultilabelError;
use cleanlab_neighbors::NeighborsError;
use cleanlab_outlier::OutlierError;
use cleanlab_rank::RankError;
use cleanlab_regression::RegressionError;
use thiserror::Error;

/// Why an audit was refused, or has no such result.
///
/// ```
/// use cleanlab_datalab::{Datalab, DatalabError, FindIssuesOptions, Inputs, Task};
/// use ndarray::array;
/// let mut lab = Datalab::unlabeled(3, Task::Classification)?;
/// let two_rows = array![[0.5], [0.7]];
/// let inputs = Inputs::default().with_features(&two_rows);
/// let error = lab.find_issues(&inputs, &FindIssuesOptions::default()).unwrap_err();
/// assert!(matches!(error, DatalabError::InputLength { what: "features", found: 2, expected: 3 }));
/// # Ok::<(), DatalabError>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DatalabError {
    /// There is nothing to audit.
    #[error("there are no rows to audit")]
    NoRows,
    /// A part of the input has another length than the labels.
    #[error("{what} have {found} rows but the data set has {expected}; give one per example")]
    InputLength {
        /// Which part.
        what: &'static str,
        /// Its number of rows.
        found: usize,
        /// The number of examples.
        expected: usize,
    },
    /// A label stands for a class that has no name.
    #[error(
        "label of row {row} is class {class}, but only {n_names} class names are given; name every class"
    )]
    ClassWithoutName {
        /// Row of the label.
        row: usize,
        /// The class.
        class: usize,
        /// Number of names.
        n_names: usize,
    },
    /// A numeric label is NaN or infinite.
    #[error("label of row {row} is {value}; fill in or drop labels that are not finite")]
    NonFiniteLabel {
        /// Row of the label.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// A column of results has another length than its table.
    #[error("column {name:?} has {found} values but the table has {expected} rows")]
    ColumnLength {
        /// Name of the column.
        name: String,
        /// Number of values.
        found: usize,
        /// Number of rows of the table.
        expected: usize,
    },
    /// The data have no column of that name.
    #[error("there is no column {name:?}; there are {}", columns.join(", "))]
    NoSuchColumn {
        /// The name asked for.
        name: String,
        /// The names there are.
        columns: Vec<String>,
    },
    /// There is no check of that name for the task.
    #[error("there is no check {name:?} for {task:?}; possible are {}", possible.join(", "))]
    NoSuchCheck {
        /// The name asked for.
        name: String,
        /// The task.
        task: crate::Task,
        /// The names there are.
        possible: Vec<String>,
    },
    /// The options of a check cannot be read.
    #[error("options of {name}: {reason}")]
    CheckOptions {
        /// Name of the check.
        name: String,
        /// What is wrong with them.
        reason: String,
    },
    /// A result was asked for of a check that was not made.
    #[error("{name:?} has not been checked; find_issues has results of {}", checked.join(", "))]
    NotChecked {
        /// The name asked for.
        name: String,
        /// The checks made so far.
        checked: Vec<String>,
    },
    /// A result was asked for of a check that failed or did not run.
    #[error("{name} has no result: {reason}")]
    NoResult {
        /// Name of the check.
        name: String,
        /// Why it has none.
        reason: String,
    },
    /// The work was stopped by its progress callback.
    #[error("stopped after {done} of {total} checks")]
    Cancelled {
        /// Checks that were finished; their results are kept.
        done: usize,
        /// Checks that were to be made.
        total: usize,
    },
}

/// Why a single check failed. The other checks go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CheckError {
    /// Something that the check needs was not given.
    #[error("it needs {needs}")]
    MissingInput {
        /// What is missing, in words.
        needs: String,
    },
    /// An option is out of its range.
    #[error("{option} is {value}, but must be {bound}")]
    OptionOutOfRange {
        /// The option.
        option: &'static str,
        /// Its value.
        value: f64,
        /// The values that it may have, in words.
        bound: &'static str,
    },
    /// A given neighbour graph is too small.
    #[error(
        "the graph has {found} neighbours per row, but {needed} are needed; give a larger graph or features"
    )]
    GraphTooSmall {
        /// Neighbours per row of the graph.
        found: usize,
        /// Neighbours per row that the check needs.
        needed: usize,
    },
    /// A row has a cluster that there cannot be.
    #[error("cluster of row {row} is {id}; clusters are numbered from 0, and -1 is for rows in none")]
    ClusterId {
        /// The row.
        row: usize,
        /// Its cluster.
        id: i64,
    },
    /// No group of rows is large enough to be judged.
    #[error(
        "there is no group of at least {least} similar rows; lower min_cluster_samples or change the clustering"
    )]
    NoGroups {
        /// How many rows a group needs.
        least: usize,
    },
    /// Flags and scores have another length than the data.
    #[error("the check gave {found} {what}, but there are {expected} rows")]
    ResultLength {
        /// What was given.
        what: &'static str,
        /// How many.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A score is outside [0, 1].
    #[error("the check gave row {row} the score {value}; scores are between 0 and 1")]
    ScoreOutOfRange {
        /// The row.
        row: usize,
        /// Its score.
        value: f64,
    },
    /// Labels or predicted probabilities were refused.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Label noise could not be estimated.
    #[error(transparent)]
    Count(#[from] CountError),
    /// Labels could not be flagged.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// Labels could not be scored.
    #[error(transparent)]
    Rank(#[from] RankError),
    /// Health could not be estimated.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A model could not be trained.
    #[error(transparent)]
    Learning(#[from] LearningError),
    /// Sets of classes were refused.
    #[error(transparent)]
    Multilabel(#[from] MultilabelError),
    /// Numeric labels could not be judged.
    #[error(transparent)]
    Regression(#[from] RegressionError),
    /// Features or a neighbour graph were refused.
    #[error(transparent)]
    Neighbors(#[from] NeighborsError),
    /// Examples could not be scored as outliers.
    #[error(transparent)]
    Outlier(#[from] OutlierError),
    /// Examples could not be valued.
    #[error(transparent)]
    DataValuation(#[from] DataValuationError),
    /// A result could not be put together.
    #[error(transparent)]
    Datalab(#[from] DatalabError),
    /// A check of the caller's own failed.
    #[error(transparent)]
    Custom(Box<dyn StdError + Send + Sync>),
}

impl CheckError {
    /// The error of a check that is not one of this crate's.
    pub fn custom(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Custom(error.into())
    }

    /// How many rows there must be more than, if these are too few for as many neighbours as the check needs.
    pub(crate) fn rows_needed(&self, n_rows: usize) -> Option<usize> {
        let (Self::Neighbors(error)
        | Self::Outlier(OutlierError::Neighbors(error))
        | Self::DataValuation(DataValuationError::Neighbors(error))) = self
        else {
            return None;
        };
        match *error {
            NeighborsError::NeighborCount { k, .. } => Some(k).filter(|&k| k >= n_rows),
            NeighborsError::TooFewRows { .. } => Some(1),
            _ => None,
        }
    }

    /// Says what a check needs.
    #[must_use]
    pub fn needs(what: impl Into<String>) -> Self {
        Self::MissingInput { needs: what.into() }
    }
}
