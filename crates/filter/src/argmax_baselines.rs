//! Baselines that look at the predicted class alone.

use cleanlab_core::{Float, LabeledProbs, fill_rows};
use cleanlab_count::{Calibration, ConfidentJoint, calibrate_confident_joint, predicted_class};
use ndarray::{Array1, Array2, ShapeBuilder};

use crate::errors::FilterError;
use crate::label_issues::{LabelIssues, find_label_issues};
use crate::options::{FilterBy, FindLabelIssuesOptions};

/// Flags every row whose predicted class is not its given label.
///
/// # Shapes
///
/// Returns N flags.
///
/// # Example
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_filter::find_predicted_neq_given;
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[0.4, 0.6], [0.2, 0.8]])?;
/// let data = LabeledProbs::new(Labels::new(&[0, 1])?, pred_probs)?;
/// assert_eq!(find_predicted_neq_given(&data).to_vec(), [true, false]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.filter.find_predicted_neq_given`.
#[must_use]
pub fn find_predicted_neq_given<F: Float>(data: &LabeledProbs<'_, F>) -> Array1<bool> {
    let mut mask = vec![false; data.len()];
    fill_rows(data, &mut mask, |batch, out| {
        for ((_, label, probs), out) in batch.iter().zip(out) {
            *out = predicted_class(probs) != label;
        }
    });
    Array1::from(mask)
}

/// Options of [`find_label_issues_using_argmax_confusion_matrix`]. The defaults are cleanlab's.
///
/// ```
/// use cleanlab_filter::{ArgmaxConfusionOptions, FilterBy};
/// let options = ArgmaxConfusionOptions::default().with_filter_by(FilterBy::PruneByClass);
/// assert_eq!(options.filter_by, FilterBy::PruneByClass);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ArgmaxConfusionOptions {
    /// Whether the confusion matrix is scaled to the label counts.
    pub calibration: Calibration,
    /// The rule that flags labels.
    pub filter_by: FilterBy,
}

impl ArgmaxConfusionOptions {
    /// Chooses whether the confusion matrix is scaled to the label counts.
    #[must_use]
    pub fn with_calibration(mut self, calibration: Calibration) -> Self {
        self.calibration = calibration;
        self
    }

    /// Chooses the rule that flags labels.
    #[must_use]
    pub fn with_filter_by(mut self, filter_by: FilterBy) -> Self {
        self.filter_by = filter_by;
        self
    }
}

/// Flags labels as [`find_label_issues`] does, with the confusion matrix of given labels and predicted classes in the
/// place of the confident joint.
///
/// # Errors
///
/// As [`find_label_issues`].
///
/// # Example
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_filter::{ArgmaxConfusionOptions, find_label_issues_using_argmax_confusion_matrix};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9]];
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// let options = ArgmaxConfusionOptions::default();
/// assert_eq!(find_label_issues_using_argmax_confusion_matrix(&data, options)?.indices(), [1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.filter.find_label_issues_using_argmax_confusion_matrix`.
///
/// # Differences
///
/// cleanlab's matrix lacks the classes that are neither given nor predicted, and it fails or shifts the others; here
/// every class has its row.
pub fn find_label_issues_using_argmax_confusion_matrix<F: Float>(
    data: &LabeledProbs<'_, F>,
    options: ArgmaxConfusionOptions,
) -> Result<LabelIssues, FilterError> {
    let k = data.n_classes();
    ConfidentJoint::check_memory(k)?;
    let mut predicted = vec![0_u32; data.len()];
    fill_rows(data, &mut predicted, |batch, out| {
        for ((_, _, probs), out) in batch.iter().zip(out) {
            *out = predicted_class(probs) as u32;
        }
    });
    // Column-major, as the reference's matrix is: see `ConfidentJoint`.
    let mut counts = Array2::<u64>::zeros((k, k).f());
    for (&label, &class) in data.labels().as_slice().iter().zip(&predicted) {
        counts[[label as usize, class as usize]] += 1;
    }
    let confusion = ConfidentJoint::from_counts(counts)?;
    let confident_joint = match options.calibration {
        Calibration::Uncalibrated => confusion,
        _ => calibrate_confident_joint(&confusion, &data.label_counts())?,
    };
    let options = FindLabelIssuesOptions::default()
        .with_filter_by(options.filter_by)
        .with_confident_joint(confident_joint);
    find_label_issues(data, &options)
}
