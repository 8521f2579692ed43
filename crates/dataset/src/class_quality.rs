//! Which classes are labelled worst.

use cleanlab_core::{Float, pairwise_sum_by, round_half_even};
use ndarray::{Array2, Axis};

use crate::errors::DatasetError;
use crate::health_source::HealthSource;

/// How well one class is labelled.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ClassLabelQuality {
    /// The class.
    pub class: usize,
    /// Estimated number of examples that are labelled as the class, but are not of it.
    pub label_issues: u64,
    /// Estimated number of examples that are of the class, but are labelled otherwise.
    pub inverse_label_issues: u64,
    /// p(true label ≠ class | given label = class), in [0, 1].
    pub label_noise: f64,
    /// p(given label ≠ class | true label = class), in [0, 1].
    pub inverse_label_noise: f64,
    /// p(true label = class | given label = class): 1 − `label_noise`.
    pub label_quality_score: f64,
}

/// All classes, the worst labelled first; classes of equal quality in ascending order.
///
/// With J the joint distribution of given and true labels: label noise of class k is (Σⱼ J\[k, j\] − J\[k, k\]) /
/// Σⱼ J\[k, j\], inverse label noise is the same over columns; numbers of examples are the numerators times N, rounded
/// half to even. A class that does not occur has no noise.
///
/// # Shapes
///
/// Returns K rows.
///
/// # Errors
///
/// [`DatasetError::NotAProbability`], [`DatasetError::JointSum`], [`DatasetError::NoExamples`] or
/// [`WrongShape`](cleanlab_count::CountError::WrongShape) for a joint of the caller's; what the estimates refuse.
///
/// # Example
///
/// ```
/// use cleanlab_dataset::{HealthSource, rank_classes_by_label_quality};
/// use ndarray::array;
///
/// let joint = array![[0.5, 0.0], [0.125, 0.375]];
/// let classes = rank_classes_by_label_quality(&HealthSource::joint(joint.view(), 80))?;
/// // A quarter of the labels 1 should be 0: ten examples.
/// assert_eq!((classes[0].class, classes[0].label_issues, classes[0].label_noise), (1, 10, 0.25));
/// assert_eq!((classes[1].inverse_label_issues, classes[1].inverse_label_noise), (10, 0.2));
/// # Ok::<(), cleanlab_dataset::DatasetError>(())
/// ```
///
/// # Source
///
/// `cleanlab.dataset.rank_classes_by_label_quality`, with a stable sort.
pub fn rank_classes_by_label_quality<F: Float>(
    source: &HealthSource<'_, F>,
) -> Result<Vec<ClassLabelQuality>, DatasetError> {
    Ok(ranked_classes(&source.checked_joint()?, source.num_examples()))
}

pub(crate) fn ranked_classes(joint: &Array2<f64>, num_examples: u64) -> Vec<ClassLabelQuality> {
    let mut classes = classes_in_order(joint, num_examples);
    classes.sort_by(|a, b| a.label_quality_score.total_cmp(&b.label_quality_score));
    classes
}

/// The smallest share of a class that noise is divided by. Source: `EPSILON`.
const SMALLEST_SHARE: f64 = 1e-6;

/// The rows of the ranking, by class.
pub(crate) fn classes_in_order(joint: &Array2<f64>, num_examples: u64) -> Vec<ClassLabelQuality> {
    let n = num_examples as f64;
    let (of_given, of_true) = (sums_along(joint, Axis(1)), sums_along(joint, Axis(0)));
    let row = |class: usize| {
        let right = joint[[class, class]];
        let (wrong_given, wrong_true) = (of_given[class] - right, of_true[class] - right);
        let label_noise = wrong_given / of_given[class].max(SMALLEST_SHARE);
        ClassLabelQuality {
            class,
            label_issues: round_half_even(wrong_given * n) as u64,
            inverse_label_issues: round_half_even(wrong_true * n) as u64,
            label_noise,
            inverse_label_noise: wrong_true / of_true[class].max(SMALLEST_SHARE),
            label_quality_score: 1.0 - label_noise,
        }
    };
    (0..joint.nrows()).map(row).collect()
}

/// The sums of a square matrix along an axis, in the order in which NumPy adds: pairwise where values lie side by side
/// in memory, one after the other elsewhere. A last bit decides how an exact half of an example is rounded.
fn sums_along(matrix: &Array2<f64>, axis: Axis) -> Vec<f64> {
    let k = matrix.nrows();
    let column_major = k > 1 && matrix.strides()[0] < matrix.strides()[1];
    let side_by_side = column_major == (axis == Axis(0));
    let lane = |at: usize| matrix.index_axis(Axis(1 - axis.index()), at);
    let sum = |at: usize| {
        let lane = lane(at);
        if side_by_side { pairwise_sum_by(k, &|i| lane[i]) } else { lane.iter().fold(0.0, |sum, p| sum + p) }
    };
    (0..k).map(sum).collect()
}
