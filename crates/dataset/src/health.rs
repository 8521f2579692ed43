//! One score for all labels, and everything at once.

use cleanlab_core::{Float, pairwise_sum_by, round_half_even};
use ndarray::Array2;

use crate::class_quality::{ClassLabelQuality, ranked_classes};
use crate::errors::DatasetError;
use crate::health_source::HealthSource;
use crate::overlapping_classes::{OverlappingClasses, Symmetry, overlapping_pairs};

/// The share of labels estimated to be right, in [0, 1].
///
/// From labels and probabilities 1 − [`num_label_issues`](cleanlab_count::num_label_issues) / N; from a joint distribution
/// its trace.
///
/// # Errors
///
/// As [`rank_classes_by_label_quality`](crate::rank_classes_by_label_quality).
///
/// # Example
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_dataset::{HealthSource, overall_label_health_score};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// assert_eq!(overall_label_health_score(&HealthSource::probabilities(&data))?, 0.8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.dataset.overall_label_health_score`.
pub fn overall_label_health_score<F: Float>(source: &HealthSource<'_, F>) -> Result<f64, DatasetError> {
    if let Some(n_issues) = source.issues_of_examples()? {
        return Ok(score_of(n_issues, source.num_examples()));
    }
    Ok(trace(&source.checked_joint()?))
}

pub(crate) fn score_of(n_issues: u64, n_examples: u64) -> f64 {
    1.0 - n_issues as f64 / n_examples as f64
}

fn trace(joint: &Array2<f64>) -> f64 {
    pairwise_sum_by(joint.nrows(), &|class| joint[[class, class]])
}

/// Everything that the functions of this crate tell about a data set.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HealthSummary {
    /// Number of examples N.
    pub num_examples: u64,
    /// Estimated number of wrong labels; what the score is computed from, or the nearest whole number to it.
    pub num_label_issues: u64,
    /// [`overall_label_health_score`].
    pub overall_label_health_score: f64,
    /// The joint distribution of given (axis 0) and true (axis 1) labels, K × K summing to 1.
    pub joint: Array2<f64>,
    /// [`rank_classes_by_label_quality`](crate::rank_classes_by_label_quality).
    pub classes_by_label_quality: Vec<ClassLabelQuality>,
    /// [`find_overlapping_classes`](crate::find_overlapping_classes).
    pub overlapping_classes: Vec<OverlappingClasses>,
    /// Which pairs `overlapping_classes` lists.
    pub symmetry: Symmetry,
}

/// Everything that the functions of this crate tell about a data set, with one estimate of the joint distribution.
///
/// # Errors
///
/// As [`rank_classes_by_label_quality`](crate::rank_classes_by_label_quality).
///
/// # Example
///
/// ```
/// use cleanlab_dataset::{HealthSource, Symmetry, health_summary};
/// use ndarray::array;
///
/// let joint = array![[0.5, 0.0], [0.125, 0.375]];
/// let summary = health_summary(&HealthSource::joint(joint.view(), 80), Symmetry::Symmetric)?;
/// assert_eq!((summary.overall_label_health_score, summary.num_label_issues), (0.875, 10));
/// assert_eq!(summary.overlapping_classes[0].num_overlapping_examples, 10);
/// # Ok::<(), cleanlab_dataset::DatasetError>(())
/// ```
///
/// # Source
///
/// `cleanlab.dataset.health_summary`, which also prints it.
pub fn health_summary<F: Float>(
    source: &HealthSource<'_, F>,
    symmetry: Symmetry,
) -> Result<HealthSummary, DatasetError> {
    let joint = source.checked_joint()?;
    let num_examples = source.num_examples();
    let (num_label_issues, overall_label_health_score) =
        if let Some(n_issues) = source.issues_of_examples()? {
            (n_issues, score_of(n_issues, num_examples))
        } else {
            let score = trace(&joint);
            (round_half_even(num_examples as f64 * (1.0 - score)) as u64, score)
        };
    Ok(HealthSummary {
        num_examples,
        num_label_issues,
        overall_label_health_score,
        classes_by_label_quality: ranked_classes(&joint, num_examples),
        overlapping_classes: overlapping_pairs(&joint, num_examples, symmetry),
        joint,
        symmetry,
    })
}
