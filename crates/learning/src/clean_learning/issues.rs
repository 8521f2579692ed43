//! What was found about the labels.

use cleanlab_count::ConfidentJoint;
use cleanlab_filter::LabelIssuesWarning;
use ndarray::{Array1, Array2};
use thiserror::Error;

use crate::classifier::FitWarning;
use crate::cross_validation::CrossValidationWarning;

/// One row per example, column by column.
///
/// # Shapes
///
/// Every column that is there has N entries.
///
/// # Source
///
/// The data frame of `cleanlab.classification.CleanLearning.get_label_issues`.
///
/// # Example
///
/// ```
/// use cleanlab_learning::LabelIssuesTable;
/// use ndarray::array;
/// // As read from a file.
/// let table = LabelIssuesTable::new(array![false, true, false], array![0, 0, 1])
///     .with_label_quality(array![0.9, 0.1, 0.8]);
/// assert_eq!(table.indices(), [1]);
/// assert_eq!(table.clean_rows(), [0, 2]);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LabelIssuesTable {
    /// Whether the label is probably wrong.
    pub is_label_issue: Array1<bool>,
    /// How likely the label is right, lower for worse; missing where issues were given without predictions.
    pub label_quality: Option<Array1<f64>>,
    /// The label as given.
    pub given_label: Array1<u32>,
    /// The class that is most probable out of sample; missing where issues were given without predictions.
    pub predicted_label: Option<Array1<u32>>,
    /// What the row weighed in the training of the final model, 0 for rows that were left out. Only where weights were
    /// assigned automatically: not before training, and not where the caller gave weights.
    pub sample_weight: Option<Array1<f64>>,
}

impl LabelIssuesTable {
    /// A table with the columns that there must be.
    #[must_use]
    pub fn new(is_label_issue: Array1<bool>, given_label: Array1<u32>) -> Self {
        Self { is_label_issue, label_quality: None, given_label, predicted_label: None, sample_weight: None }
    }

    /// Adds the scores of the labels.
    #[must_use]
    pub fn with_label_quality(mut self, label_quality: Array1<f64>) -> Self {
        self.label_quality = Some(label_quality);
        self
    }

    /// Adds the predicted classes.
    #[must_use]
    pub fn with_predicted_label(mut self, predicted_label: Array1<u32>) -> Self {
        self.predicted_label = Some(predicted_label);
        self
    }

    /// Number of rows N.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.is_label_issue.len()
    }

    /// Number of labels that are probably wrong.
    #[must_use]
    pub fn n_issues(&self) -> usize {
        self.is_label_issue.iter().filter(|&&issue| issue).count()
    }

    /// The rows whose labels are probably wrong, in ascending order.
    #[must_use]
    pub fn indices(&self) -> Vec<usize> {
        self.rows_where(true)
    }

    /// The other rows, in ascending order: those that the final model is trained on.
    #[must_use]
    pub fn clean_rows(&self) -> Vec<usize> {
        self.rows_where(false)
    }

    fn rows_where(&self, wanted: bool) -> Vec<usize> {
        let rows = self.is_label_issue.iter().enumerate();
        rows.filter_map(|(row, &issue)| (issue == wanted).then_some(row)).collect()
    }
}

/// Which labels are wrong, and what is known about the noise.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CleanLearningIssues {
    /// One row per example.
    pub table: LabelIssuesTable,
    /// The noise between classes; none with [`MemoryUse::Low`](crate::MemoryUse::Low), or where issues were given
    /// without.
    pub noise: Option<CleanLearningNoise>,
    /// The predictions that cross-validation made, N × K; none where predictions or issues were given.
    pub pred_probs: Option<Array2<f64>>,
    /// What the caller should know.
    pub warnings: Vec<CleanLearningWarning>,
}

/// How labels are mistaken, estimated or given.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CleanLearningNoise {
    /// p(true label), K values summing to 1.
    pub py: Array1<f64>,
    /// p(given label = i | true label = j), K × K.
    pub noise_matrix: Array2<f64>,
    /// p(true label = i | given label = j), K × K.
    pub inverse_noise_matrix: Array2<f64>,
    /// Counts of given and confident true labels, K × K.
    pub confident_joint: ConfidentJoint,
}

/// Something that a user should know, though the work went on.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum CleanLearningWarning {
    /// From the cross-validation: a class has fewer rows than there are folds, a model did not converge, and so on.
    #[error("cross-validation: {0}")]
    CrossValidation(CrossValidationWarning),
    /// From the filter: classes too small to be pruned, rows of probabilities that do not sum to 1.
    #[error(transparent)]
    Filter(LabelIssuesWarning),
    /// An input or option has no effect.
    #[error("{input} has no effect, because {reason}")]
    InputIgnored {
        /// The input or option.
        input: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// A column of a given matrix of rates does not sum to 1; the matrix may be transposed.
    #[error("column {column} of {what} sums to {sum}, not to 1; is the matrix transposed?")]
    ColumnDoesNotSumToOne {
        /// Which matrix.
        what: &'static str,
        /// The first such column.
        column: usize,
        /// Its sum.
        sum: f64,
    },
    /// The classifier takes weights, but there are no noise estimates to compute them from.
    #[error(
        "the final model is trained without sample weights, because there are no noise estimates; \
         give a noise_matrix, or the issues together with their estimates"
    )]
    NoSampleWeights,
    /// Every row of some classes is flagged, so that the final model does not know them.
    #[error("no row of the classes {classes:?} is left for the final model, which will never predict them")]
    ClassesPrunedAway {
        /// The classes, in ascending order.
        classes: Vec<u32>,
    },
    /// From the training of the final model.
    #[error("final model: {0}")]
    FinalFit(FitWarning),
}
