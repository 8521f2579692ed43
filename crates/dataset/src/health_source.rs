//! What an account of label health is made from.

use cleanlab_core::{Float, LabeledProbs};
use cleanlab_count::{
    ConfidentJoint, ConfidentJointOptions, CountError, EstimationMethod, estimate_joint,
    estimate_joint_from_probabilities, num_label_issues, uncalibrated_joint,
};
use ndarray::{Array2, ArrayView2};

use crate::errors::DatasetError;

/// What the functions of this crate read.
///
/// ```
/// use cleanlab_count::ConfidentJoint;
/// use cleanlab_dataset::{HealthSource, overall_label_health_score};
/// use ndarray::array;
///
/// let joint = array![[0.4, 0.1], [0.0, 0.5]];
/// assert_eq!(overall_label_health_score(&HealthSource::joint(joint.view(), 200))?, 0.9);
///
/// let confident_joint = ConfidentJoint::from_counts(array![[80, 20], [0, 100]])?;
/// assert_eq!(overall_label_health_score(&HealthSource::confident_joint(&confident_joint))?, 0.9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// The arguments `labels`, `pred_probs`, `joint`, `num_examples` and `confident_joint` of the functions of
/// `cleanlab.dataset`.
///
/// # Differences
///
/// One source and no mixture of them, as cleanlab advises. With a confident joint alone the number of examples is its
/// sum everywhere, where some of cleanlab's functions want `num_examples`; a joint that was calibrated to labels, or
/// any other number of examples, is a [`HealthSource::Joint`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum HealthSource<'a, F: Float = f64> {
    /// Labels and out-of-sample predicted probabilities.
    Probabilities(&'a LabeledProbs<'a, F>),
    /// A joint distribution of given (axis 0) and true (axis 1) labels, K × K summing to 1.
    Joint {
        /// The distribution.
        joint: ArrayView2<'a, f64>,
        /// How many examples it was estimated from, or is about.
        num_examples: u64,
    },
    /// Counts of given and true labels, each of them an example.
    ConfidentJoint(&'a ConfidentJoint),
    /// What has been counted of labels and predicted probabilities, which gives what they give.
    Counted(&'a HealthCounts),
}

/// What an account of label health needs to know of labels and predicted probabilities, for data that come in batches.
///
/// ```
/// use cleanlab_count::ConfidentJoint;
/// use cleanlab_dataset::{HealthCounts, HealthSource, overall_label_health_score};
/// use ndarray::array;
///
/// let counts = HealthCounts {
///     confident_joint: ConfidentJoint::from_counts(array![[8, 1], [0, 9]])?,
///     label_counts: vec![10, 10],
///     num_label_issues: 1,
/// };
/// assert_eq!(overall_label_health_score(&HealthSource::counted(&counts))?, 0.95);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "what is counted of a data set, which callers fill in")]
pub struct HealthCounts {
    /// The confident joint as it was counted, not calibrated.
    pub confident_joint: ConfidentJoint,
    /// Number of examples with each label.
    pub label_counts: Vec<u64>,
    /// [`num_label_issues`](cleanlab_count::num_label_issues) by its default method.
    pub num_label_issues: u64,
}

impl<'a, F: Float> HealthSource<'a, F> {
    /// Labels and out-of-sample predicted probabilities.
    #[must_use]
    pub fn probabilities(data: &'a LabeledProbs<'a, F>) -> Self {
        Self::Probabilities(data)
    }
}

impl<'a> HealthSource<'a> {
    /// A joint distribution, K × K summing to 1, and the number of examples it is about.
    #[must_use]
    pub fn joint(joint: ArrayView2<'a, f64>, num_examples: u64) -> Self {
        Self::Joint { joint, num_examples }
    }

    /// What has been counted of labels and predicted probabilities.
    #[must_use]
    pub fn counted(counts: &'a HealthCounts) -> Self {
        Self::Counted(counts)
    }

    /// Counts of given and true labels, K × K.
    #[must_use]
    pub fn confident_joint(confident_joint: &'a ConfidentJoint) -> Self {
        Self::ConfidentJoint(confident_joint)
    }
}

impl<F: Float> HealthSource<'_, F> {
    /// Number of examples N.
    #[must_use]
    pub fn num_examples(&self) -> u64 {
        match self {
            Self::Probabilities(data) => data.len() as u64,
            Self::Joint { num_examples, .. } => *num_examples,
            Self::ConfidentJoint(confident_joint) => confident_joint.counts().sum(),
            Self::Counted(counts) => counts.label_counts.iter().copied().fold(0, u64::saturating_add),
        }
    }

    /// The number of wrong labels, where examples are known one by one.
    pub(crate) fn issues_of_examples(&self) -> Result<Option<u64>, DatasetError> {
        Ok(match self {
            Self::Probabilities(data) => Some(num_label_issues(data, &EstimationMethod::OffDiagonal)?),
            Self::Counted(counts) => Some(counts.num_label_issues),
            Self::Joint { .. } | Self::ConfidentJoint(_) => None,
        })
    }

    /// The joint distribution of given (axis 0) and true (axis 1) labels, checked or estimated.
    pub(crate) fn checked_joint(&self) -> Result<Array2<f64>, DatasetError> {
        if self.num_examples() == 0 {
            return Err(DatasetError::NoExamples);
        }
        match self {
            Self::Probabilities(data) => {
                Ok(estimate_joint_from_probabilities(data, &ConfidentJointOptions::default())?)
            }
            Self::Joint { joint, .. } => {
                check_joint(*joint)?;
                Ok(joint.to_owned())
            }
            Self::ConfidentJoint(confident_joint) => Ok(uncalibrated_joint(confident_joint)),
            Self::Counted(counts) => Ok(estimate_joint(&counts.confident_joint, &counts.label_counts)?),
        }
    }
}

/// A joint printed with three digits still passes.
const SUM_TOLERANCE: f64 = 1e-3;

fn check_joint(joint: ArrayView2<'_, f64>) -> Result<(), DatasetError> {
    let (rows, columns) = joint.dim();
    let expected = rows.max(1);
    if rows != expected || columns != expected {
        return Err(CountError::WrongShape { what: "joint", rows, columns, expected }.into());
    }
    if let Some(((row, column), &value)) = joint.indexed_iter().find(|(_, p)| !(0.0..=1.0).contains(*p)) {
        return Err(DatasetError::NotAProbability { row, column, value });
    }
    let sum = joint.sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE { Err(DatasetError::JointSum { sum }) } else { Ok(()) }
}
