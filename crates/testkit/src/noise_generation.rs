//! What `cleanlab.benchmarking.noise_generation` drew.

use serde::Deserialize;

use crate::recorded::{Recorded, hexadecimal_words};

/// All recorded cases.
#[derive(Debug, Clone, Deserialize)]
pub struct NoiseGeneration {
    cleanlab: String,
    /// Noise matrices and noisy labels.
    pub matrices: Vec<NoiseMatrixCase>,
    /// Noisy labels from given matrices.
    pub noisy_labels: Vec<NoisyLabelsCase>,
    /// Random probabilities.
    pub probabilities: Vec<ProbabilitiesCase>,
    /// Distributions of balls into bins.
    pub balls: Vec<BallsCase>,
    /// Noise matrices, learnable or not.
    pub validity: Vec<ValidityCase>,
}

/// A noise matrix, and noisy labels drawn from it on the same stream.
#[derive(Debug, Clone, Deserialize)]
pub struct NoiseMatrixCase {
    /// Number of classes K.
    pub n_classes: usize,
    /// Trace asked for.
    pub trace: f64,
    /// Seed of the stream.
    pub seed: u32,
    /// Arguments other than cleanlab's defaults.
    pub options: NoiseMatrixArguments,
    /// Prior of the classes, if given.
    pub py: Option<Vec<f64>>,
    /// The matrix, row by row.
    pub matrix: Option<Recorded>,
    /// The noisy labels of [`NoiseMatrixCase::true_labels`].
    pub labels: Option<Recorded>,
    /// The bits of one float drawn after the labels.
    #[serde(default, deserialize_with = "hexadecimal_words")]
    pub next: Vec<u64>,
    /// Why there is no matrix.
    pub failure: Option<NoiseMatrixFailure>,
}

impl NoiseMatrixCase {
    /// The labels that were made noisy.
    #[must_use]
    pub fn true_labels(&self) -> Vec<u32> {
        true_labels(self.n_classes, self.labels.as_ref().map_or(0, |labels| labels.count))
    }
}

/// Noisy labels drawn from a matrix with short decimals.
#[derive(Debug, Clone, Deserialize)]
pub struct NoisyLabelsCase {
    /// The matrix, row by row.
    pub noise_matrix: Vec<Vec<f64>>,
    /// Seed of the stream.
    pub seed: u32,
    /// The noisy labels of [`NoisyLabelsCase::true_labels`].
    pub labels: Recorded,
    /// The bits of one float drawn after the labels.
    #[serde(deserialize_with = "hexadecimal_words")]
    pub next: Vec<u64>,
}

impl NoisyLabelsCase {
    /// The labels that were made noisy.
    #[must_use]
    pub fn true_labels(&self) -> Vec<u32> {
        true_labels(self.noise_matrix.len(), self.labels.count)
    }
}

/// The labels that the recording makes: the last class occurs three times as often as the others.
fn true_labels(n_classes: usize, len: usize) -> Vec<u32> {
    (0..len).map(|i| (i % (n_classes + 2)).min(n_classes - 1) as u32).collect()
}

/// Arguments of cleanlab's `generate_noise_matrix_from_trace`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the arguments of the same name")]
pub struct NoiseMatrixArguments {
    pub valid_noise_matrix: Option<bool>,
    pub max_trace_prob: Option<f64>,
    pub min_trace_prob: Option<f64>,
    pub max_noise_rate: Option<f64>,
    pub min_noise_rate: Option<f64>,
    pub frac_zero_noise_rates: Option<f64>,
    pub max_iter: Option<usize>,
}

/// How cleanlab failed to give a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoiseMatrixFailure {
    /// It raised an error at a column whose noise cannot be split within the bounds.
    NoRoom,
    /// It returned `None` after `max_iter` tries.
    TriesExhausted,
}

/// Random probabilities with a given sum.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "the fields are the arguments of the same name")]
pub struct ProbabilitiesCase {
    pub n: usize,
    pub m: f64,
    pub min_prob: f64,
    pub max_prob: f64,
    pub seed: u32,
    pub drawn: Recorded,
}

/// A distribution of balls into bins.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "the fields are the arguments of the same name")]
pub struct BallsCase {
    pub n_balls: usize,
    pub n_bins: usize,
    pub max: Option<usize>,
    pub min: usize,
    pub seed: u32,
    pub drawn: Recorded,
}

/// A noise matrix and a prior, and whether learning is possible.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "the fields are the arguments of the same name")]
pub struct ValidityCase {
    pub noise_matrix: Vec<Vec<f64>>,
    pub py: Vec<f64>,
    pub is_valid: bool,
}

/// All recorded cases of noise generation.
///
/// ```
/// let cases = cleanlab_testkit::noise_generation();
/// assert!(cases.matrices.len() > 400);
/// ```
///
/// # Panics
///
/// If the fixture is damaged or was not recorded with cleanlab 2.9.0.
#[must_use]
pub fn noise_generation() -> NoiseGeneration {
    let text = include_str!("../fixtures/noise_generation.json");
    let cases: NoiseGeneration = serde_json::from_str(text).expect("noise generation fixture is readable");
    assert_eq!(cases.cleanlab, "2.9.0");
    cases
}
