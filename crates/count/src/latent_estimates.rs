//! Noise rates and class priors from a confident joint.

use cleanlab_core::constants::{CONVERGED_PRIOR_LOWER_BOUND, TINY_VALUE};
use cleanlab_core::stopping::stop_if_told;
use cleanlab_core::{Float, InputError, LabeledProbs, Labels, clip_noise_rates, clip_values};
use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

use crate::calibration::calibrate_confident_joint;
use crate::confident_joint::{ConfidentJoint, ConfidentJointOptions, compute_confident_joint};
use crate::errors::{CountError, check_length, check_sum};
use crate::latent_algebra::{
    NoiseRates, PyMethod, compute_inv_noise_matrix, compute_noise_matrix_from_inverse, compute_py,
};

/// Whether estimates are made consistent with each other by iteration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Convergence {
    /// One pass; cleanlab's `converge_latent_estimates=False`.
    #[default]
    None,
    /// Three rounds of five updates; cleanlab's `converge_latent_estimates=True`.
    Iterate,
}

/// How [`estimate_latent`] estimates. The defaults are cleanlab's.
///
/// ```
/// use cleanlab_count::{LatentOptions, PyMethod};
/// let options = LatentOptions::default().with_py_method(PyMethod::Marginal);
/// assert_eq!(options.py_method, PyMethod::Marginal);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LatentOptions {
    /// How the priors are computed.
    pub py_method: PyMethod,
    /// Whether estimates are iterated.
    pub convergence: Convergence,
}

impl LatentOptions {
    /// Chooses how the priors are computed.
    #[must_use]
    pub fn with_py_method(mut self, py_method: PyMethod) -> Self {
        self.py_method = py_method;
        self
    }

    /// Chooses whether estimates are iterated.
    #[must_use]
    pub fn with_convergence(mut self, convergence: Convergence) -> Self {
        self.convergence = convergence;
        self
    }
}

/// Priors of the true classes and the noise rates between classes.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LatentEstimates {
    /// p(true label), K values summing to 1.
    pub py: Array1<f64>,
    /// p(given label = i | true label = j), K × K, columns summing to 1.
    pub noise_matrix: Array2<f64>,
    /// p(true label = i | given label = j), K × K, columns summing to 1.
    pub inverse_noise_matrix: Array2<f64>,
}

/// The joint distribution of given and true labels: a confident joint, calibrated to the labels and divided by its sum.
///
/// # Shapes
///
/// Returns K × K summing to 1, axis 0 the given label, axis 1 the true label.
///
/// # Errors
///
/// [`CountError::WrongLength`] when there is not one label count per class.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_count::{ConfidentJoint, estimate_joint};
/// use ndarray::array;
///
/// let confident_joint = ConfidentJoint::from_counts(array![[3, 1], [0, 2]])?;
/// let joint = estimate_joint(&confident_joint, &[40, 10])?;
/// assert_abs_diff_eq!(joint, array![[0.6, 0.2], [0.0, 0.2]], epsilon = 1e-15);
/// # Ok::<(), cleanlab_count::CountError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.estimate_joint`. Without labels cleanlab skips the calibration: see [`uncalibrated_joint`]. Without
/// a confident joint it computes one with its defaults and does not calibrate it twice; see
/// [`estimate_joint_from_probabilities`].
pub fn estimate_joint(
    confident_joint: &ConfidentJoint,
    label_counts: &[u64],
) -> Result<Array2<f64>, CountError> {
    Ok(uncalibrated_joint(&calibrate_confident_joint(confident_joint, label_counts)?))
}

/// A confident joint divided by its sum, as it is.
///
/// ```
/// use cleanlab_count::{ConfidentJoint, uncalibrated_joint};
/// use ndarray::array;
/// let confident_joint = ConfidentJoint::from_counts(array![[2, 1], [0, 1]])?;
/// assert_eq!(uncalibrated_joint(&confident_joint), array![[0.5, 0.25], [0.0, 0.25]]);
/// # Ok::<(), cleanlab_count::CountError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.estimate_joint(labels=None, confident_joint=…)`.
#[must_use]
pub fn uncalibrated_joint(confident_joint: &ConfidentJoint) -> Array2<f64> {
    let counts = confident_joint.counts();
    let total = (counts.sum() as f64).max(TINY_VALUE);
    counts.mapv(|count| count as f64 / total)
}

/// The joint distribution of given and true labels, from labels and predicted probabilities.
///
/// # Shapes
///
/// Returns K × K summing to 1, axis 0 the given label, axis 1 the true label.
///
/// # Errors
///
/// As [`compute_confident_joint`].
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_count::{ConfidentJointOptions, estimate_joint_from_probabilities};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// let joint = estimate_joint_from_probabilities(&data, &ConfidentJointOptions::default())?;
/// assert_abs_diff_eq!(joint, array![[0.4, 0.0], [0.2, 0.4]], epsilon = 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.estimate_joint(labels, pred_probs)`.
pub fn estimate_joint_from_probabilities<F: Float>(
    data: &LabeledProbs<'_, F>,
    options: &ConfidentJointOptions,
) -> Result<Array2<f64>, CountError> {
    Ok(uncalibrated_joint(&compute_confident_joint(data, options)?))
}

/// Priors of the true classes, noise matrix and inverse noise matrix from a confident joint and the given labels.
///
/// # Errors
///
/// [`CountError::NoSuchClass`] for a label without a row in the confident joint, [`CountError::Singular`] for
/// [`PyMethod::Equation`] on a matrix without an inverse.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_core::Labels;
/// use cleanlab_count::{ConfidentJoint, LatentOptions, estimate_latent};
/// use ndarray::array;
///
/// let confident_joint = ConfidentJoint::from_counts(array![[3, 1], [0, 2]])?;
/// let labels = Labels::new(&[0, 0, 0, 0, 1, 1])?;
/// let latent = estimate_latent(&confident_joint, &labels, &LatentOptions::default())?;
/// assert_abs_diff_eq!(latent.noise_matrix, array![[1.0, 1.0 / 3.0], [0.0, 2.0 / 3.0]], epsilon = 1e-15);
/// assert_abs_diff_eq!(latent.py, array![0.5, 0.5], epsilon = 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.estimate_latent`.
pub fn estimate_latent(
    confident_joint: &ConfidentJoint,
    labels: &Labels<'_>,
    options: &LatentOptions,
) -> Result<LatentEstimates, CountError> {
    let n_classes = confident_joint.n_classes();
    if labels.max_class() >= n_classes {
        return Err(CountError::NoSuchClass { class: labels.max_class(), n_classes });
    }
    estimate_latent_from_counts(confident_joint, &labels.counts(n_classes), options)
}

/// As [`estimate_latent`], from the number of labels of each class.
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_count::{ConfidentJoint, LatentOptions, estimate_latent_from_counts};
/// use ndarray::array;
///
/// let confident_joint = ConfidentJoint::from_counts(array![[3, 1], [0, 2]])?;
/// let latent = estimate_latent_from_counts(&confident_joint, &[4, 2], &LatentOptions::default())?;
/// assert_abs_diff_eq!(latent.py, array![0.5, 0.5], epsilon = 1e-15);
/// # Ok::<(), cleanlab_count::CountError>(())
/// ```
///
/// # Errors
///
/// [`CountError::WrongLength`] when there is not one label count per class, [`InputError::NoLabels`] when all counts are
/// 0, [`CountError::TooManyCounts`], [`CountError::Singular`] as [`estimate_latent`].
pub fn estimate_latent_from_counts(
    confident_joint: &ConfidentJoint,
    label_counts: &[u64],
    options: &LatentOptions,
) -> Result<LatentEstimates, CountError> {
    check_length("label_counts", label_counts.len(), confident_joint.n_classes())?;
    check_sum("label_counts", label_counts)?;
    let n_labels = label_counts.iter().sum::<u64>() as f64;
    if n_labels == 0.0 {
        return Err(InputError::NoLabels.into());
    }
    let ps: Array1<f64> = label_counts.iter().map(|&count| count as f64 / n_labels).collect();
    let counts = confident_joint.counts().mapv(|count| count as f64);
    let given_label_counts = counts.sum_axis(Axis(1));
    let true_label_counts = counts.sum_axis(Axis(0));
    let noise_matrix = &counts / &true_label_counts.mapv(|count| count.max(TINY_VALUE));
    let inverse_noise_matrix = &counts.t() / &given_label_counts.mapv(|count| count.max(TINY_VALUE));
    let rates = NoiseRates {
        ps: ps.view(),
        noise_matrix: noise_matrix.view(),
        inverse_noise_matrix: inverse_noise_matrix.view(),
        true_label_counts: true_label_counts.view(),
    };
    let estimates = LatentEstimates {
        py: compute_py(rates, options.py_method)?,
        noise_matrix: clip_noise_rates(noise_matrix.view()),
        inverse_noise_matrix: clip_noise_rates(inverse_noise_matrix.view()),
    };
    match options.convergence {
        Convergence::None => Ok(estimates),
        Convergence::Iterate => converge(&ps, estimates),
    }
}

/// Source: `cleanlab.count._converge_estimates`.
fn converge(ps: &Array1<f64>, estimates: LatentEstimates) -> Result<LatentEstimates, CountError> {
    const NOISE_MATRIX_ROUNDS: usize = 3;
    const INVERSE_UPDATES: usize = 5;
    let LatentEstimates { mut py, mut noise_matrix, mut inverse_noise_matrix } = estimates;
    for _ in 0..NOISE_MATRIX_ROUNDS {
        for _ in 0..INVERSE_UPDATES {
            stop_if_told();
            inverse_noise_matrix = compute_inv_noise_matrix(py.view(), noise_matrix.view(), Some(ps.view()))?;
            let rates = NoiseRates {
                ps: ps.view(),
                noise_matrix: noise_matrix.view(),
                inverse_noise_matrix: inverse_noise_matrix.view(),
                true_label_counts: ps.view(),
            };
            py = compute_py(rates, PyMethod::Counts)?;
        }
        noise_matrix =
            compute_noise_matrix_from_inverse(ps.view(), inverse_noise_matrix.view(), Some(py.view()))?;
    }
    Ok(LatentEstimates {
        py: clip_values(py.view(), CONVERGED_PRIOR_LOWER_BOUND, 1.0, 1.0),
        noise_matrix: clip_noise_rates(noise_matrix.view()),
        inverse_noise_matrix: clip_noise_rates(inverse_noise_matrix.view()),
    })
}

/// [`LatentEstimates`] with the confident joint they were made from.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NoiseEstimates {
    /// Priors and noise rates.
    pub latent: LatentEstimates,
    /// Counts of given and confident true labels.
    pub confident_joint: ConfidentJoint,
}

impl NoiseEstimates {
    /// Estimates, and the joint that they were made from.
    #[must_use]
    pub fn new(latent: LatentEstimates, confident_joint: ConfidentJoint) -> Self {
        Self { latent, confident_joint }
    }
}

/// Everything about the label noise that labels and predicted probabilities tell.
///
/// Unlike [`estimate_latent`], cleanlab iterates here by default: pass
/// `LatentOptions::default().with_convergence(Convergence::Iterate)` for its defaults.
///
/// # Errors
///
/// As [`compute_confident_joint`] and [`estimate_latent`].
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_count::{
///     ConfidentJointOptions, Convergence, LatentOptions, estimate_py_and_noise_matrices_from_probabilities,
/// };
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// let estimates = estimate_py_and_noise_matrices_from_probabilities(
///     &data,
///     &ConfidentJointOptions::default(),
///     &LatentOptions::default().with_convergence(Convergence::Iterate),
/// )?;
/// assert_abs_diff_eq!(estimates.latent.py.sum(), 1.0, epsilon = 1e-12);
/// assert_eq!(estimates.confident_joint.counts(), array![[2, 0], [1, 2]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.estimate_py_and_noise_matrices_from_probabilities`.
pub fn estimate_py_and_noise_matrices_from_probabilities<F: Float>(
    data: &LabeledProbs<'_, F>,
    joint_options: &ConfidentJointOptions,
    latent_options: &LatentOptions,
) -> Result<NoiseEstimates, CountError> {
    let confident_joint = compute_confident_joint(data, joint_options)?;
    let latent = estimate_latent(&confident_joint, data.labels(), latent_options)?;
    Ok(NoiseEstimates { latent, confident_joint })
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use cleanlab_core::PredProbs;
    use ndarray::array;

    /// Counts of given labels down and true ones across.
    fn confident_joint() -> ConfidentJoint {
        ConfidentJoint::from_counts(array![[40, 2, 3], [5, 20, 1], [6, 3, 20]]).unwrap()
    }

    #[test]
    fn estimates_of_a_consistent_joint_are_its_own_shares_by_every_method() {
        let joint = confident_joint().counts().mapv(|count| count as f64 / 100.0);
        let (ps, py) = (array![0.45, 0.26, 0.29], array![0.51, 0.25, 0.24]);
        assert_abs_diff_eq!(uncalibrated_joint(&confident_joint()), joint, epsilon = 1e-15);
        assert_abs_diff_eq!(
            estimate_joint(&confident_joint(), &[45, 26, 29]).unwrap(),
            joint,
            epsilon = 1e-15
        );
        for convergence in [Convergence::None, Convergence::Iterate] {
            for method in [PyMethod::Counts, PyMethod::Equation, PyMethod::Marginal, PyMethod::MarginalPs] {
                let options = LatentOptions::default().with_py_method(method).with_convergence(convergence);
                let found =
                    estimate_latent_from_counts(&confident_joint(), &[450, 260, 290], &options).unwrap();
                assert_abs_diff_eq!(found.py, py, epsilon = 1e-12);
                assert_abs_diff_eq!(found.noise_matrix, &joint / &py, epsilon = 1e-12);
                assert_abs_diff_eq!(found.inverse_noise_matrix, &joint.t() / &ps, epsilon = 1e-12);
            }
        }
    }

    #[test]
    fn estimates_from_other_labels_are_made_to_agree_by_iteration() {
        let options = LatentOptions::default();
        let counts = [20, 30, 50];
        let ps = array![0.2, 0.3, 0.5];
        let first = estimate_latent_from_counts(&confident_joint(), &counts, &options).unwrap();
        let options = options.with_convergence(Convergence::Iterate);
        let found = estimate_latent_from_counts(&confident_joint(), &counts, &options).unwrap();
        let apart = |found: &LatentEstimates| {
            let both = &found.noise_matrix * &found.py - (&found.inverse_noise_matrix * &ps).t();
            both.mapv(f64::abs).sum()
        };
        assert!(apart(&first) > 0.01 && apart(&found) < 1e-6, "{} {}", apart(&first), apart(&found));
    }

    #[test]
    fn estimates_from_probabilities_are_those_of_their_confident_joint() {
        let labels: Vec<u32> = (0..60).map(|row| row % 3).collect();
        let row = |row: u32| {
            let mut probs = [0.1, 0.1, 0.1];
            probs[(row % 3 + u32::from(row.is_multiple_of(7))) as usize % 3] =
                0.5 + f64::from(row % 5) / 20.0;
            probs
        };
        let probs: Vec<f64> = (0..60).flat_map(row).collect();
        let pred_probs = PredProbs::from_slice(&probs, 3).unwrap();
        let data = LabeledProbs::new(Labels::new(&labels).unwrap(), pred_probs).unwrap();
        let (joint_options, options) = (ConfidentJointOptions::default(), LatentOptions::default());
        let confident_joint = compute_confident_joint(&data, &joint_options).unwrap();
        let expected = estimate_latent(&confident_joint, data.labels(), &options).unwrap();
        let found =
            estimate_py_and_noise_matrices_from_probabilities(&data, &joint_options, &options).unwrap();
        assert!(confident_joint.counts().iter().filter(|&&count| count > 0).count() > 3);
        assert_eq!(found, NoiseEstimates::new(expected, confident_joint.clone()));
        let joint = estimate_joint_from_probabilities(&data, &joint_options).unwrap();
        assert_eq!(joint, uncalibrated_joint(&confident_joint));
    }

    #[test]
    fn labels_that_do_not_fit_are_refused() {
        let options = LatentOptions::default();
        let estimate = |counts: &[u64]| estimate_latent_from_counts(&confident_joint(), counts, &options);
        assert!(matches!(estimate(&[1, 2]), Err(CountError::WrongLength { found: 2, expected: 3, .. })));
        assert!(matches!(estimate(&[0, 0, 0]), Err(CountError::Input(InputError::NoLabels))));
        let labels = Labels::new(&[0, 3]).unwrap();
        assert!(matches!(
            estimate_latent(&confident_joint(), &labels, &options),
            Err(CountError::NoSuchClass { class: 3, n_classes: 3 })
        ));
    }

    #[test]
    fn latent_options_keep_what_they_are_given() {
        let options = LatentOptions::default().with_py_method(PyMethod::MarginalPs);
        assert_eq!(options.py_method, PyMethod::MarginalPs);
        assert_ne!(LatentOptions::default(), options);
    }
}
