//! Which classes are mistaken for each other.

use cleanlab_core::{Float, round_half_even};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::errors::DatasetError;
use crate::health_source::HealthSource;

/// Whether labelling a as b and b as a are the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Symmetry {
    /// A pair of classes is listed once, with mistakes in both directions; cleanlab's `asymmetric=False`.
    #[default]
    Symmetric,
    /// A pair is listed for each direction: examples labelled a that are of class b; `asymmetric=True`.
    Asymmetric,
}

/// Two classes, and how often one is taken for the other.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct OverlappingClasses {
    /// The lower class; with [`Symmetry::Asymmetric`] the given label.
    pub class_a: usize,
    /// The higher class; with [`Symmetry::Asymmetric`] the true label.
    pub class_b: usize,
    /// Estimated number of examples with these two as given and true label.
    pub num_overlapping_examples: u64,
    /// Their share of all examples, in [0, 1].
    pub joint_probability: f64,
}

/// All pairs of classes, the most often mistaken first; equal pairs in ascending order of their classes.
///
/// With J the joint distribution of given and true labels: the probability of (a, b) is J\[a, b\] + J\[b, a\], or
/// J\[a, b\] alone with [`Symmetry::Asymmetric`]; the number of examples is that times N, rounded half to even.
///
/// # Shapes
///
/// Returns K·(K − 1)/2 rows, or K·(K − 1) with [`Symmetry::Asymmetric`].
///
/// # Errors
///
/// As [`rank_classes_by_label_quality`](crate::rank_classes_by_label_quality).
///
/// # Example
///
/// ```
/// use cleanlab_dataset::{HealthSource, Symmetry, find_overlapping_classes};
/// use ndarray::array;
///
/// let joint = array![[0.25, 0.0, 0.0], [0.125, 0.25, 0.125], [0.0, 0.0, 0.25]];
/// let source = HealthSource::joint(joint.view(), 80);
/// let pairs = find_overlapping_classes(&source, Symmetry::Symmetric)?;
/// assert_eq!((pairs[0].class_a, pairs[0].class_b, pairs[0].num_overlapping_examples), (0, 1, 10));
/// let given_and_true = find_overlapping_classes(&source, Symmetry::Asymmetric)?;
/// assert_eq!((given_and_true[0].class_a, given_and_true[0].class_b), (1, 0));
/// # Ok::<(), cleanlab_dataset::DatasetError>(())
/// ```
///
/// # Source
///
/// `cleanlab.dataset.find_overlapping_classes`, with a stable sort.
pub fn find_overlapping_classes<F: Float>(
    source: &HealthSource<'_, F>,
    symmetry: Symmetry,
) -> Result<Vec<OverlappingClasses>, DatasetError> {
    Ok(overlapping_pairs(&source.checked_joint()?, source.num_examples(), symmetry))
}

pub(crate) fn overlapping_pairs(
    joint: &Array2<f64>,
    num_examples: u64,
    symmetry: Symmetry,
) -> Vec<OverlappingClasses> {
    let k = joint.nrows();
    let pair = |class_a: usize, class_b: usize, joint_probability: f64| OverlappingClasses {
        class_a,
        class_b,
        num_overlapping_examples: round_half_even(joint_probability * num_examples as f64) as u64,
        joint_probability,
    };
    let mut pairs = Vec::with_capacity(k * k.saturating_sub(1));
    for a in 0..k {
        match symmetry {
            Symmetry::Symmetric => {
                pairs.extend((a + 1..k).map(|b| pair(a, b, joint[[a, b]] + joint[[b, a]])));
            }
            Symmetry::Asymmetric => {
                pairs.extend((0..k).filter(|&b| b != a).map(|b| pair(a, b, joint[[a, b]])));
            }
        }
    }
    pairs.sort_by(|a, b| b.joint_probability.total_cmp(&a.joint_probability));
    pairs
}
