//! How sure the numbers of this crate are.

use cleanlab_core::{Float, LabeledProbs};
use cleanlab_count::{
    Calibration, ConfidentJointOptions, CountError, EstimationMethod, compute_confident_joint,
    num_label_issues,
};
use rayon::prelude::*;

use crate::class_quality::{ClassLabelQuality, classes_in_order};
use crate::errors::DatasetError;
use crate::health::{HealthSummary, overall_label_health_score, score_of};
use crate::health_source::HealthSource;
use crate::interval_options::{Interval, IntervalOptions};
use crate::overlapping_classes::{OverlappingClasses, Symmetry};
use crate::proportion_intervals::proportion;
use crate::resampled_counts::ResampledCounts;

/// An interval of [`num_label_issues`], in examples.
///
/// # Errors
///
/// [`DatasetError::Level`] or [`DatasetError::Resamples`] for the options; what [`num_label_issues`] refuses.
///
/// # Example
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_count::EstimationMethod;
/// use cleanlab_dataset::{IntervalOptions, num_label_issues_interval};
/// use ndarray::Array2;
///
/// // Ten of a hundred labels are confidently wrong.
/// let labels: Vec<u32> = (0..100).map(|row| u32::from(row < 50)).collect();
/// let pred_probs = Array2::from_shape_fn((100, 2), |(row, class)| {
///     let is_of_class = (usize::from(row < 50) == class) != (row % 10 == 0);
///     if is_of_class { 0.9 } else { 0.1 }
/// });
/// let data = LabeledProbs::new(Labels::new(&labels)?, PredProbs::new(pred_probs)?)?;
/// let interval =
///     num_label_issues_interval(&data, &EstimationMethod::OffDiagonal, &IntervalOptions::default())?;
/// assert_eq!((interval.low.round(), interval.high.round()), (5.0, 18.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn num_label_issues_interval<F: Float>(
    data: &LabeledProbs<'_, F>,
    method: &EstimationMethod,
    options: &IntervalOptions,
) -> Result<Interval, DatasetError> {
    options.checked()?;
    let n_issues = num_label_issues(data, method)?;
    let confident_joint = match method {
        EstimationMethod::OffDiagonal => {
            let n = data.len() as u64;
            return Ok(proportion(options, n_issues, n, 0).scaled(n as f64).around(n_issues as f64));
        }
        EstimationMethod::OffDiagonalCustom(confident_joint) => confident_joint.clone(),
        _ => {
            let raw = ConfidentJointOptions::default().with_calibration(Calibration::Uncalibrated);
            compute_confident_joint(data, &raw)?
        }
    };
    let counts = ResampledCounts::of_labels(data, &confident_joint, options)?.with_label_shares();
    Ok(counts.issue_share().scaled(data.len() as f64).around(n_issues as f64))
}

/// An interval of [`overall_label_health_score`](crate::overall_label_health_score), in [0, 1].
///
/// # Errors
///
/// [`DatasetError::Level`] or [`DatasetError::Resamples`] for the options; what the source refuses.
///
/// # Example
///
/// ```
/// use cleanlab_dataset::{HealthSource, IntervalOptions, overall_label_health_score_interval};
/// use ndarray::array;
///
/// let joint = array![[0.5, 0.05], [0.0, 0.45]];
/// let of = |n| {
///     overall_label_health_score_interval(&HealthSource::joint(joint.view(), n), &IntervalOptions::default())
/// };
/// assert!(of(100)?.contains(0.95) && of(10_000)?.contains(0.95));
/// assert!(of(100)?.width() > 0.08 && of(10_000)?.width() < 0.01);
/// # Ok::<(), cleanlab_dataset::DatasetError>(())
/// ```
pub fn overall_label_health_score_interval<F: Float>(
    source: &HealthSource<'_, F>,
    options: &IntervalOptions,
) -> Result<Interval, DatasetError> {
    options.checked()?;
    if let Some(n_issues) = source.issues_of_examples()? {
        let n = source.num_examples();
        return Ok(proportion(options, n_issues, n, 0).complement().around(score_of(n_issues, n)));
    }
    let share = ResampledCounts::of_source(source, options)?.with_label_shares().issue_share();
    Ok(share.complement().around(overall_label_health_score(source)?))
}

/// Intervals of the noise rates of one class.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ClassNoiseIntervals {
    /// The class.
    pub class: usize,
    /// Of [`ClassLabelQuality::label_noise`]; 1 minus it is that of the label quality score.
    pub label_noise: Interval,
    /// Of [`ClassLabelQuality::inverse_label_noise`].
    pub inverse_label_noise: Interval,
}

/// Intervals of the noise rates of every class, in the order of the classes.
///
/// A class without labels may have any label noise: [0, 1].
///
/// # Errors
///
/// As [`overall_label_health_score_interval`].
///
/// # Example
///
/// ```
/// use cleanlab_dataset::{HealthSource, IntervalOptions, class_noise_intervals};
/// use ndarray::array;
///
/// let joint = array![[0.5, 0.0], [0.1, 0.4]];
/// let source = HealthSource::joint(joint.view(), 1000);
/// let classes = class_noise_intervals(&source, &IntervalOptions::default())?;
/// // None of 500 labels 0 is wrong, which leaves room for 0.7 %; 100 of 500 labels 1 are.
/// assert_eq!(classes[0].label_noise.low, 0.0);
/// assert!((classes[0].label_noise.high - 0.00735).abs() < 1e-5);
/// assert!(classes[1].label_noise.contains(0.2) && classes[1].label_noise.width() < 0.08);
/// # Ok::<(), cleanlab_dataset::DatasetError>(())
/// ```
pub fn class_noise_intervals<F: Float>(
    source: &HealthSource<'_, F>,
    options: &IntervalOptions,
) -> Result<Vec<ClassNoiseIntervals>, DatasetError> {
    let counts = ResampledCounts::of_source(source, options.checked()?)?.with_label_shares();
    let estimates = classes_in_order(&source.checked_joint()?, source.num_examples());
    Ok(class_intervals(&counts, &estimates))
}

fn class_intervals(
    counts: &ResampledCounts<'_>,
    estimates: &[ClassLabelQuality],
) -> Vec<ClassNoiseIntervals> {
    let of_class = |estimate: &ClassLabelQuality| ClassNoiseIntervals {
        class: estimate.class,
        label_noise: counts.label_noise(estimate.class).around(estimate.label_noise),
        inverse_label_noise: counts.inverse_label_noise(estimate.class).around(estimate.inverse_label_noise),
    };
    estimates.par_iter().map(of_class).collect()
}

/// Intervals of the joint probability of pairs of classes, in the order of the pairs.
///
/// `pairs` are some or all rows of [`find_overlapping_classes`](crate::find_overlapping_classes) with the same
/// symmetry: with many classes only those to be shown. Times N, an interval is that of the number of examples.
///
/// # Errors
///
/// As [`overall_label_health_score_interval`]; [`NoSuchClass`](CountError::NoSuchClass) for a pair of another data set.
///
/// # Example
///
/// ```
/// use cleanlab_dataset::{
///     HealthSource, IntervalOptions, Symmetry, find_overlapping_classes, overlap_intervals,
/// };
/// use ndarray::array;
///
/// let joint = array![[0.25, 0.0, 0.0], [0.125, 0.25, 0.125], [0.0, 0.0, 0.25]];
/// let source = HealthSource::joint(joint.view(), 8000);
/// let pairs = find_overlapping_classes(&source, Symmetry::Symmetric)?;
/// let top = &pairs[..2];
/// let intervals = overlap_intervals(&source, top, Symmetry::Symmetric, &IntervalOptions::default())?;
/// assert!(intervals[0].contains(0.125) && intervals[0].width() < 0.02);
/// # Ok::<(), cleanlab_dataset::DatasetError>(())
/// ```
pub fn overlap_intervals<F: Float>(
    source: &HealthSource<'_, F>,
    pairs: &[OverlappingClasses],
    symmetry: Symmetry,
    options: &IntervalOptions,
) -> Result<Vec<Interval>, DatasetError> {
    let counts = ResampledCounts::of_source(source, options.checked()?)?.with_label_shares();
    pair_intervals(&counts, pairs, symmetry)
}

fn pair_intervals(
    counts: &ResampledCounts<'_>,
    pairs: &[OverlappingClasses],
    symmetry: Symmetry,
) -> Result<Vec<Interval>, DatasetError> {
    let n_classes = counts.n_classes();
    for class in pairs.iter().flat_map(|pair| [pair.class_a, pair.class_b]) {
        if class >= n_classes {
            return Err(CountError::NoSuchClass { class, n_classes }.into());
        }
    }
    let of_pair = |pair: &OverlappingClasses| {
        let cells = [(pair.class_a, pair.class_b), (pair.class_b, pair.class_a)];
        let cells = match symmetry {
            Symmetry::Symmetric => &cells[..],
            Symmetry::Asymmetric => &cells[..1],
        };
        counts.joint_probability(cells).around(pair.joint_probability)
    };
    Ok(pairs.par_iter().map(of_pair).collect())
}

/// Intervals of everything in a [`HealthSummary`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HealthIntervals {
    /// How often they should hold.
    pub level: f64,
    /// Of the number of wrong labels, in examples.
    pub num_label_issues: Interval,
    /// Of the score, in [0, 1].
    pub overall_label_health_score: Interval,
    /// Of the noise rates, in the order of `classes_by_label_quality`.
    pub classes_by_label_quality: Vec<ClassNoiseIntervals>,
    /// Of the joint probabilities, in the order of `overlapping_classes`.
    pub overlapping_classes: Vec<Interval>,
}

/// Intervals of everything in a summary of the same source.
///
/// # Errors
///
/// As [`overlap_intervals`].
///
/// # Example
///
/// ```
/// use cleanlab_dataset::{HealthSource, IntervalOptions, Symmetry, health_intervals, health_summary};
/// use ndarray::array;
///
/// let joint = array![[0.5, 0.0], [0.125, 0.375]];
/// let source = HealthSource::joint(joint.view(), 800);
/// let summary = health_summary(&source, Symmetry::Symmetric)?;
/// let intervals = health_intervals(&source, &summary, &IntervalOptions::default())?;
/// assert!(intervals.num_label_issues.contains(100.0));
/// assert_eq!(intervals.classes_by_label_quality[0].class, summary.classes_by_label_quality[0].class);
/// # Ok::<(), cleanlab_dataset::DatasetError>(())
/// ```
pub fn health_intervals<F: Float>(
    source: &HealthSource<'_, F>,
    summary: &HealthSummary,
    options: &IntervalOptions,
) -> Result<HealthIntervals, DatasetError> {
    let counts = ResampledCounts::of_source(source, options.checked()?)?.with_label_shares();
    let n = counts.n_examples();
    let issue_share = match source {
        HealthSource::Probabilities(_) | HealthSource::Counted(_) => {
            proportion(options, summary.num_label_issues, n, 0)
        }
        _ => counts.issue_share(),
    };
    let classes = &summary.classes_by_label_quality;
    if let Some(row) = classes.iter().find(|row| row.class >= counts.n_classes()) {
        return Err(CountError::NoSuchClass { class: row.class, n_classes: counts.n_classes() }.into());
    }
    Ok(HealthIntervals {
        level: options.level,
        num_label_issues: issue_share.scaled(n as f64).around(summary.num_label_issues as f64),
        overall_label_health_score: issue_share.complement().around(summary.overall_label_health_score),
        classes_by_label_quality: class_intervals(&counts, classes),
        overlapping_classes: pair_intervals(&counts, &summary.overlapping_classes, summary.symmetry)?,
    })
}
