//! What was found about the labels.

use ndarray::{Array1, ArrayView1};
use thiserror::Error;

use super::check_length;
use crate::errors::RegressionError;
use crate::regression_set::RegressionSet;

/// One row per example, column by column.
///
/// # Shapes
///
/// Every column that is there has N entries.
///
/// # Example
///
/// ```
/// use cleanlab_regression::LabelIssuesTable;
/// use ndarray::array;
/// let table = LabelIssuesTable::new(array![false, true], array![1.5, 90.0]).with_label_quality(array![0.9, 0.1]);
/// assert_eq!((table.indices(), table.clean_rows()), (vec![1], vec![0]));
/// ```
///
/// # Source
///
/// The data frame of `cleanlab.regression.learn.CleanLearning.get_label_issues`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LabelIssuesTable {
    /// Whether the label is probably wrong.
    pub is_label_issue: Array1<bool>,
    /// How likely the label is right, between 0 and 1, lower for worse; missing where issues were given without.
    pub label_quality: Option<Array1<f64>>,
    /// The label as given.
    pub given_label: Array1<f64>,
    /// The label as predicted out of sample; missing where issues were given without.
    pub predicted_label: Option<Array1<f64>>,
}

impl LabelIssuesTable {
    /// A table with the columns that there must be.
    #[must_use]
    pub fn new(is_label_issue: Array1<bool>, given_label: Array1<f64>) -> Self {
        Self { is_label_issue, label_quality: None, given_label, predicted_label: None }
    }

    /// Adds the scores of the labels.
    #[must_use]
    pub fn with_label_quality(mut self, label_quality: Array1<f64>) -> Self {
        self.label_quality = Some(label_quality);
        self
    }

    /// Adds the predicted labels.
    #[must_use]
    pub fn with_predicted_label(mut self, predicted_label: Array1<f64>) -> Self {
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

/// Which labels are wrong, and how many.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CleanLearningIssues {
    /// One row per example.
    pub table: LabelIssuesTable,
    /// The share of wrong labels that was found best, cleanlab's `k`; none where issues were given.
    pub issue_fraction: Option<f64>,
    /// What the caller should know.
    pub warnings: Vec<CleanLearningWarning>,
}

impl CleanLearningIssues {
    /// The rows whose labels are probably wrong, in ascending order.
    #[must_use]
    pub fn indices(&self) -> Vec<usize> {
        self.table.indices()
    }
}

/// Something that a user should know, though the work went on.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum CleanLearningWarning {
    /// All labels are equal, so that none of them looks wrong.
    #[error("every label is {value}; no label can be told from the others")]
    ConstantLabels {
        /// The only label.
        value: f64,
    },
}

/// Label issues that are known already, for
/// [`CleanLearning::fit_with_label_issues`](crate::CleanLearning::fit_with_label_issues).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum GivenLabelIssues<'a> {
    /// What [`CleanLearning::find_label_issues`](crate::CleanLearning::find_label_issues) found.
    Found(&'a CleanLearningIssues),
    /// A table, with whatever columns it has.
    Table(&'a LabelIssuesTable),
    /// For each row, whether its label is wrong.
    Mask(ArrayView1<'a, bool>),
    /// The rows whose labels are wrong, in any order, each once.
    Indices(&'a [usize]),
}

impl GivenLabelIssues<'_> {
    /// The issues, if they are those of these data.
    ///
    /// Source: `CleanLearning._process_label_issues_arg`.
    pub(super) fn checked(self, data: &RegressionSet<'_>) -> Result<CleanLearningIssues, RegressionError> {
        let rows = data.n_rows();
        let bare = |mask| LabelIssuesTable::new(mask, data.labels().to_owned());
        let (table, issue_fraction, warnings) = match self {
            Self::Found(issues) => (issues.table.clone(), issues.issue_fraction, issues.warnings.clone()),
            Self::Table(table) => (table.clone(), None, Vec::new()),
            Self::Mask(mask) => (bare(mask.to_owned()), None, Vec::new()),
            Self::Indices(indices) => {
                let mut mask = Array1::from_elem(rows, false);
                for &index in indices {
                    let out_of_range = RegressionError::LabelIssueOutOfRange { index, rows };
                    if std::mem::replace(mask.get_mut(index).ok_or(out_of_range)?, true) {
                        return Err(RegressionError::RepeatedLabelIssue { index });
                    }
                }
                (bare(mask), None, Vec::new())
            }
        };
        check_table(&table, data)?;
        Ok(CleanLearningIssues { table, issue_fraction, warnings })
    }
}

fn check_table(table: &LabelIssuesTable, data: &RegressionSet<'_>) -> Result<(), RegressionError> {
    let rows = data.n_rows();
    check_length("is_label_issue", table.is_label_issue.len(), rows)?;
    check_length("given_label", table.given_label.len(), rows)?;
    check_length("label_quality", table.label_quality.as_ref().map_or(rows, Array1::len), rows)?;
    check_length("predicted_label", table.predicted_label.as_ref().map_or(rows, Array1::len), rows)?;
    let mut pairs = table.given_label.iter().zip(data.labels()).enumerate();
    match pairs.find(|(_, (given, label))| given != label) {
        Some((row, (&given, &label))) => Err(RegressionError::GivenLabelDiffers { row, given, label }),
        None => Ok(()),
    }
}
