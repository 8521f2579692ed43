//! Thresholds, joints, noise rates, numbers of issues and health.

use cleanlab_core::Accumulator;
use cleanlab_count::{
    Calibration, ConfidentJoint, ConfidentJointOptions, CountError, EstimationMethod, JointAccumulator,
    LatentOptions, NoiseEstimates, ThresholdAccumulator, calibrate_confident_joint, estimate_joint,
    estimate_latent_from_counts, off_diagonal_count, uncalibrated_joint,
};
use cleanlab_dataset::{HealthCounts, HealthSource, HealthSummary, Symmetry};
use ndarray::{Array1, Array2};

use crate::errors::StreamError;
use crate::label_steps::{Thresholds, Wanted, check_classes, count, thresholds};
use crate::options::StreamOptions;
use crate::pass::{FirstLook, Passes};
use crate::source::ProbsSource;

/// The confident threshold of every class, in one pass.
///
/// # Errors
///
/// [`StreamError::Input`] for the first row that is not valid, and whatever keeps the source from being read.
///
/// # Source
///
/// [`cleanlab_count::get_confident_thresholds`], bit by bit.
pub fn get_confident_thresholds(
    source: &dyn ProbsSource,
    options: &StreamOptions,
) -> Result<Array1<f64>, StreamError> {
    let mut passes = Passes::new(source, options, 1)?;
    Ok(thresholds(&mut passes)?.thresholds)
}

/// Counts of examples by given label and confident true label, in two passes; in one with thresholds of the caller's.
///
/// # Errors
///
/// As [`get_confident_thresholds`], and those of [`cleanlab_count::compute_confident_joint`].
///
/// # Source
///
/// [`cleanlab_count::compute_confident_joint`], bit by bit.
pub fn compute_confident_joint(
    source: &dyn ProbsSource,
    joint_options: &ConfidentJointOptions,
    options: &StreamOptions,
) -> Result<ConfidentJoint, StreamError> {
    let (raw, label_counts) = raw_joint(source, joint_options, options)?;
    Ok(match joint_options.calibration {
        Calibration::Uncalibrated => raw,
        _ => calibrate_confident_joint(&raw, &label_counts)?,
    })
}

/// The joint as it is counted, and the number of labels of each class.
fn raw_joint(
    source: &dyn ProbsSource,
    joint_options: &ConfidentJointOptions,
    options: &StreamOptions,
) -> Result<(ConfidentJoint, Vec<u64>), StreamError> {
    let k = source.n_classes();
    ConfidentJoint::check_memory(k)?;
    let Some(given) = &joint_options.thresholds else {
        let mut passes = Passes::new(source, options, 2)?;
        let Thresholds { label_counts, thresholds } = thresholds(&mut passes)?;
        let collision = joint_options.collision;
        let raw = passes.accumulate(|| JointAccumulator::new(&thresholds, collision))?.finish();
        return Ok((raw, label_counts));
    };
    if given.len() != k {
        let (found, expected) = (given.len(), k);
        return Err(CountError::WrongLength { what: "thresholds", found, expected }.into());
    }
    if let Some((index, &value)) = given.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        return Err(CountError::NotFinite { what: "thresholds", index, value }.into());
    }
    let mut passes = Passes::new(source, options, 1)?;
    let make = || (ThresholdAccumulator::new(k), JointAccumulator::new(given, joint_options.collision));
    let (labels, raw) = passes.accumulate_two(make)?;
    check_classes(&passes, labels.label_counts())?;
    Ok((raw.finish(), labels.label_counts().to_vec()))
}

/// The joint distribution of given and true labels, in two passes.
///
/// # Errors
///
/// As [`compute_confident_joint`].
///
/// # Source
///
/// [`cleanlab_count::estimate_joint_from_probabilities`], bit by bit.
pub fn estimate_joint_from_probabilities(
    source: &dyn ProbsSource,
    joint_options: &ConfidentJointOptions,
    options: &StreamOptions,
) -> Result<Array2<f64>, StreamError> {
    Ok(uncalibrated_joint(&compute_confident_joint(source, joint_options, options)?))
}

/// Priors of the true classes, noise matrix, inverse noise matrix and confident joint, in two passes.
///
/// # Errors
///
/// As [`compute_confident_joint`], and those of [`cleanlab_count::estimate_latent`].
///
/// # Source
///
/// [`cleanlab_count::estimate_py_and_noise_matrices_from_probabilities`], bit by bit.
pub fn estimate_py_and_noise_matrices_from_probabilities(
    source: &dyn ProbsSource,
    joint_options: &ConfidentJointOptions,
    latent_options: &LatentOptions,
    options: &StreamOptions,
) -> Result<NoiseEstimates, StreamError> {
    let (raw, label_counts) = raw_joint(source, joint_options, options)?;
    let confident_joint = match joint_options.calibration {
        Calibration::Uncalibrated => raw,
        _ => calibrate_confident_joint(&raw, &label_counts)?,
    };
    let latent = estimate_latent_from_counts(&confident_joint, &label_counts, latent_options)?;
    Ok(NoiseEstimates::new(latent, confident_joint))
}

/// Estimates how many examples have a wrong label, in two passes; in one with a confident joint of the caller's.
///
/// # Errors
///
/// As [`get_confident_thresholds`]; [`CountError::WrongShape`] when a confident joint of the caller's does not have one
/// row per class.
///
/// # Source
///
/// [`cleanlab_count::num_label_issues`].
pub fn num_label_issues(
    source: &dyn ProbsSource,
    method: &EstimationMethod,
    options: &StreamOptions,
) -> Result<u64, StreamError> {
    let expected = source.n_classes();
    if let EstimationMethod::OffDiagonalCustom(joint) = method {
        let (rows, columns) = joint.counts().dim();
        if rows != expected {
            return Err(CountError::WrongShape { what: "confident_joint", rows, columns, expected }.into());
        }
    }
    let n_expected = if matches!(method, EstimationMethod::OffDiagonalCustom(_)) { 1 } else { 2 };
    let mut passes = Passes::new(source, options, n_expected)?;
    let Thresholds { label_counts, thresholds } = thresholds(&mut passes)?;
    let n_examples = source.n_rows() as u64;
    let calibrated = |joint: &ConfidentJoint| -> Result<u64, StreamError> {
        Ok(off_diagonal_count(&estimate_joint(joint, &label_counts)?, n_examples))
    };
    let default = ConfidentJointOptions::default();
    match method {
        EstimationMethod::OffDiagonalCustom(joint) => calibrated(joint),
        EstimationMethod::OffDiagonalCalibrated => {
            ConfidentJoint::check_memory(source.n_classes())?;
            let raw = passes.accumulate(|| JointAccumulator::new(&thresholds, default.collision))?.finish();
            calibrated(&calibrate_confident_joint(&raw, &label_counts)?)
        }
        _ => {
            let wanted = Wanted { n_issues: vec![default.collision], ..Wanted::default() };
            let (counted, _) = count(&mut passes, &thresholds, &wanted)?;
            Ok(counted.n_issues(default.collision).unwrap_or_default())
        }
    }
}

/// What an account of label health needs to know, in two passes: to be asked for a summary and for intervals.
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_dataset::{HealthSource, IntervalOptions, Symmetry, health_intervals, health_summary};
/// use cleanlab_stream::{MemorySource, StreamOptions, count_health};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// let counted = count_health(&MemorySource(&data), &StreamOptions::default())?;
/// let source = HealthSource::counted(&counted.counts);
/// let summary = health_summary(&source, Symmetry::Symmetric)?;
/// assert_eq!(summary.overall_label_health_score, 0.8);
/// let intervals = health_intervals(&source, &summary, &IntervalOptions::default())?;
/// assert!(intervals.overall_label_health_score.contains(0.8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`get_confident_thresholds`].
pub fn count_health(source: &dyn ProbsSource, options: &StreamOptions) -> Result<CountedHealth, StreamError> {
    let mut passes = Passes::new(source, options, 2)?;
    let Thresholds { label_counts, thresholds } = thresholds(&mut passes)?;
    let collision = ConfidentJointOptions::default().collision;
    let wanted = Wanted { joint: Some(collision), n_issues: vec![collision], ..Wanted::default() };
    let (counted, _) = count(&mut passes, &thresholds, &wanted)?;
    let num_label_issues = counted.n_issues(collision);
    let (Some(confident_joint), Some(num_label_issues)) = (counted.joint, num_label_issues) else {
        return Err(StreamError::sink("nothing was counted"));
    };
    let counts = HealthCounts { confident_joint, label_counts, num_label_issues };
    Ok(CountedHealth::new(counts, passes.first_look()))
}

/// What [`count_health`] found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CountedHealth {
    /// What health is told from.
    pub counts: HealthCounts,
    /// Rows that do not sum to 1, where there are any.
    pub warnings: Vec<cleanlab_filter::LabelIssuesWarning>,
    /// Number of probabilities that were moved into [0, 1].
    pub n_clipped: usize,
}

impl CountedHealth {
    fn new(counts: HealthCounts, look: FirstLook) -> Self {
        Self { counts, warnings: look.warning().into_iter().collect(), n_clipped: look.n_clipped }
    }
}

/// Everything that the functions of `cleanlab-dataset` tell about a data set, in two passes.
///
/// # Errors
///
/// As [`get_confident_thresholds`].
///
/// # Source
///
/// [`cleanlab_dataset::health_summary`], bit by bit.
pub fn health_summary(
    source: &dyn ProbsSource,
    symmetry: Symmetry,
    options: &StreamOptions,
) -> Result<HealthSummary, StreamError> {
    let counted = count_health(source, options)?;
    Ok(cleanlab_dataset::health_summary(&HealthSource::counted(&counted.counts), symmetry)?)
}

/// The share of labels estimated to be right, in two passes.
///
/// # Errors
///
/// As [`get_confident_thresholds`].
///
/// # Source
///
/// [`cleanlab_dataset::overall_label_health_score`], bit by bit.
pub fn overall_label_health_score(
    source: &dyn ProbsSource,
    options: &StreamOptions,
) -> Result<f64, StreamError> {
    let n_issues = num_label_issues(source, &EstimationMethod::OffDiagonal, options)?;
    Ok(1.0 - n_issues as f64 / source.n_rows() as f64)
}
