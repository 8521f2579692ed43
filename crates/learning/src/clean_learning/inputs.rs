//! What is known about the data before anything is estimated.

use cleanlab_core::PredProbs;
use ndarray::{Array1, ArrayView1, ArrayView2};

use super::issues::{CleanLearningIssues, LabelIssuesTable};
use super::noise::check_square;
use crate::errors::LearningError;
use crate::training_set::TrainingSet;

/// What is known about the data, and need not be estimated. Nothing by default.
///
/// ```
/// use cleanlab_learning::CleanLearningInputs;
/// use ndarray::array;
/// // One in five of class 1 is labelled 0.
/// let noise_matrix = array![[1.0, 0.2], [0.0, 0.8]];
/// let inputs = CleanLearningInputs::default().with_noise_matrix(noise_matrix.view());
/// assert!(inputs.pred_probs.is_none());
/// ```
///
/// # Source
///
/// The arguments of `cleanlab.classification.CleanLearning.fit`.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CleanLearningInputs<'a> {
    /// Out-of-sample predictions, N × K, in place of cross-validation.
    pub pred_probs: Option<PredProbs<'a, f64>>,
    /// Confident thresholds, K values, in place of those of the data.
    pub thresholds: Option<Array1<f64>>,
    /// p(given label = i | true label = j), K × K, columns summing to 1 and the trace above 1, in place of the estimate.
    pub noise_matrix: Option<ArrayView2<'a, f64>>,
    /// p(true label = i | given label = j), K × K, columns summing to 1 and the trace above 1, in place of the estimate.
    pub inverse_noise_matrix: Option<ArrayView2<'a, f64>>,
}

impl<'a> CleanLearningInputs<'a> {
    /// Uses these out-of-sample predictions instead of cross-validation.
    #[must_use]
    pub fn with_pred_probs(mut self, pred_probs: PredProbs<'a, f64>) -> Self {
        self.pred_probs = Some(pred_probs);
        self
    }

    /// Uses these confident thresholds, one per class. They count for the noise estimates, not for the pruning itself.
    #[must_use]
    pub fn with_thresholds(mut self, thresholds: Array1<f64>) -> Self {
        self.thresholds = Some(thresholds);
        self
    }

    /// Uses this noise matrix instead of the estimate.
    #[must_use]
    pub fn with_noise_matrix(mut self, noise_matrix: ArrayView2<'a, f64>) -> Self {
        self.noise_matrix = Some(noise_matrix);
        self
    }

    /// Uses this inverse noise matrix instead of the estimate.
    #[must_use]
    pub fn with_inverse_noise_matrix(mut self, inverse_noise_matrix: ArrayView2<'a, f64>) -> Self {
        self.inverse_noise_matrix = Some(inverse_noise_matrix);
        self
    }
}

/// Label issues that are known already, for [`CleanLearning::fit_with_label_issues`](crate::CleanLearning::fit_with_label_issues).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum GivenLabelIssues<'a> {
    /// What [`CleanLearning::find_label_issues`](crate::CleanLearning::find_label_issues) found, with its noise
    /// estimates.
    Found(&'a CleanLearningIssues),
    /// A table, with whatever columns it has.
    Table(&'a LabelIssuesTable),
    /// For each row, whether its label is wrong.
    Mask(ArrayView1<'a, bool>),
    /// The rows whose labels are wrong, in any order, each once.
    Indices(&'a [usize]),
}

impl GivenLabelIssues<'_> {
    /// The issues as a table that fits the data.
    ///
    /// Source: `CleanLearning._process_label_issues_arg`.
    pub(super) fn checked(self, data: &TrainingSet<'_>) -> Result<CleanLearningIssues, LearningError> {
        let rows = data.n_rows();
        let bare = |mask| LabelIssuesTable::new(mask, Array1::from(data.labels().to_vec()));
        let (table, noise) = match self {
            Self::Found(issues) => {
                if let Some(noise) = &issues.noise {
                    check_square("noise_matrix", noise.noise_matrix.view(), data.n_classes())?;
                }
                (issues.table.clone(), issues.noise.clone())
            }
            Self::Table(table) => (table.clone(), None),
            Self::Mask(mask) => {
                check_length(mask.len(), rows)?;
                (bare(mask.to_owned()), None)
            }
            Self::Indices(indices) => {
                let mut mask = Array1::from_elem(rows, false);
                for &index in indices {
                    let flag =
                        mask.get_mut(index).ok_or(LearningError::LabelIssueOutOfRange { index, rows })?;
                    if std::mem::replace(flag, true) {
                        return Err(LearningError::RepeatedLabelIssue { index });
                    }
                }
                (bare(mask), None)
            }
        };
        check_table(&table, data)?;
        let warnings = if let Self::Found(issues) = self { issues.warnings.clone() } else { Vec::new() };
        let table = LabelIssuesTable { sample_weight: None, ..table };
        Ok(CleanLearningIssues { table, noise, pred_probs: None, warnings })
    }
}

fn check_table(table: &LabelIssuesTable, data: &TrainingSet<'_>) -> Result<(), LearningError> {
    let rows = data.n_rows();
    check_length(table.is_label_issue.len(), rows)?;
    check_length(table.given_label.len(), rows)?;
    check_length(table.label_quality.as_ref().map_or(rows, Array1::len), rows)?;
    check_length(table.predicted_label.as_ref().map_or(rows, Array1::len), rows)?;
    let differs = |(_, (table, label)): &(usize, (&u32, &u32))| table != label;
    match table.given_label.iter().zip(data.labels()).enumerate().find(differs) {
        Some((row, (&table, &label))) => Err(LearningError::GivenLabelDiffers { row, table, label }),
        None => Ok(()),
    }
}

fn check_length(found: usize, expected: usize) -> Result<(), LearningError> {
    if found == expected { Ok(()) } else { Err(LearningError::LabelIssuesLength { found, expected }) }
}
