//! Label quality from several models.

use cleanlab_core::constants::CLIPPING_LOWER_BOUND;
use cleanlab_core::{
    Batch, Float, InputError, LabeledProbs, Labels, PredProbs, fill_rows, fold_batches, pairwise_sum,
};
use cleanlab_count::predicted_class;
use ndarray::Array1;

use crate::errors::RankError;
use crate::scores::{LabelQualityMethod, score_rows_into};

/// How much each model of an ensemble counts.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum EnsembleWeighting {
    /// By the share of given labels that the model predicts.
    #[default]
    Accuracy,
    /// All alike.
    Uniform,
    /// By exp(−T · log loss), with the temperature T among these that gives the ensemble the lowest log loss.
    LogLossSearch {
        /// Temperatures to try, in order; the first of equals wins.
        temperatures: Vec<f64>,
    },
    /// Weights of the caller's, one per model, used as they are.
    Custom(Vec<f64>),
}

impl EnsembleWeighting {
    /// [`EnsembleWeighting::LogLossSearch`] over cleanlab's temperatures, 0.0001 to 200.
    ///
    /// ```
    /// use cleanlab_rank::EnsembleWeighting;
    /// let EnsembleWeighting::LogLossSearch { temperatures } = EnsembleWeighting::log_loss_search() else {
    ///     unreachable!()
    /// };
    /// assert_eq!(temperatures.len(), 8);
    /// ```
    #[must_use]
    pub fn log_loss_search() -> Self {
        Self::LogLossSearch { temperatures: vec![1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 200.0] }
    }
}

/// How [`get_label_quality_ensemble_scores`] scores. The defaults are cleanlab's.
///
/// ```
/// use cleanlab_rank::{EnsembleOptions, EnsembleWeighting};
/// let options = EnsembleOptions::default().with_weighting(EnsembleWeighting::Uniform);
/// assert_eq!(options.weighting, EnsembleWeighting::Uniform);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct EnsembleOptions {
    /// The score of each model.
    pub method: LabelQualityMethod,
    /// How much each model counts.
    pub weighting: EnsembleWeighting,
}

impl EnsembleOptions {
    /// Chooses the score.
    #[must_use]
    pub fn with_method(mut self, method: LabelQualityMethod) -> Self {
        self.method = method;
        self
    }

    /// Chooses how much each model counts.
    #[must_use]
    pub fn with_weighting(mut self, weighting: EnsembleWeighting) -> Self {
        self.weighting = weighting;
        self
    }
}

/// Scores of an ensemble and the weights they were made with.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EnsembleScores {
    /// One score per example.
    pub scores: Array1<f64>,
    /// One weight per model.
    pub weights: Vec<f64>,
}

/// The quality of every label, as the weighted sum of the scores that each model gives it.
///
/// # Shapes
///
/// M matrices of N × K probabilities; returns N scores and M weights.
///
/// # Errors
///
/// [`RankError::EmptyEnsemble`], [`InputError::ShapeMismatch`] naming the matrix that differs,
/// [`RankError::WrongNumberOfWeights`], [`RankError::BadWeight`], [`RankError::NoAccurateMember`],
/// [`RankError::BadTemperatures`], and as
/// [`get_label_quality_scores`](crate::get_label_quality_scores).
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_core::{Labels, PredProbs};
/// use cleanlab_rank::{EnsembleOptions, get_label_quality_ensemble_scores};
/// use ndarray::array;
///
/// let labels = Labels::new(&[0, 1])?;
/// // The first model predicts both labels, the second one of them.
/// let members = [
///     PredProbs::new(array![[0.9, 0.1], [0.2, 0.8]])?,
///     PredProbs::new(array![[0.3, 0.7], [0.4, 0.6]])?,
/// ];
/// let ensemble = get_label_quality_ensemble_scores(&labels, &members, &EnsembleOptions::default())?;
/// assert_abs_diff_eq!(ensemble.weights.as_slice(), [2.0 / 3.0, 1.0 / 3.0].as_slice(), epsilon = 1e-15);
/// assert_abs_diff_eq!(ensemble.scores, array![0.7, 2.2 / 3.0], epsilon = 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.rank.get_label_quality_ensemble_scores`.
///
/// # Differences
///
/// The search over temperatures works when a class has no label and when exp(−T · loss) underflows for every model;
/// cleanlab raises in both cases.
pub fn get_label_quality_ensemble_scores<F: Float>(
    labels: &Labels<'_>,
    pred_probs_list: &[PredProbs<'_, F>],
    options: &EnsembleOptions,
) -> Result<EnsembleScores, RankError> {
    let members = checked_members(labels, pred_probs_list)?;
    let weights = match &options.weighting {
        EnsembleWeighting::Uniform => vec![1.0 / members.len() as f64; members.len()],
        EnsembleWeighting::Accuracy => accuracy_weights(&members)?,
        EnsembleWeighting::LogLossSearch { temperatures } => log_loss_weights(&members, temperatures)?,
        EnsembleWeighting::Custom(weights) => checked_weights(weights, members.len())?,
    };
    let mut scores = vec![0.0; labels.len()];
    for (member, &weight) in members.iter().zip(&weights) {
        score_rows_into(member, options.method, &mut scores, |sum, score| *sum += weight * score)?;
    }
    Ok(EnsembleScores { scores: Array1::from(scores), weights })
}

fn checked_members<'a, F: Float>(
    labels: &'a Labels<'_>,
    pred_probs_list: &'a [PredProbs<'_, F>],
) -> Result<Vec<LabeledProbs<'a, F>>, RankError> {
    let first = pred_probs_list.first().ok_or(RankError::EmptyEnsemble)?;
    let (first_rows, first_columns) = first.view().dim();
    for (index, pred_probs) in pred_probs_list.iter().enumerate() {
        let (rows, columns) = pred_probs.view().dim();
        if (rows, columns) != (first_rows, first_columns) {
            let mismatch = InputError::ShapeMismatch { index, rows, columns, first_rows, first_columns };
            return Err(mismatch.into());
        }
    }
    let member =
        |pred_probs: &'a PredProbs<'_, F>| Ok(LabeledProbs::new(labels.borrowed(), pred_probs.borrowed())?);
    pred_probs_list.iter().map(member).collect()
}

fn checked_weights(weights: &[f64], members: usize) -> Result<Vec<f64>, RankError> {
    if weights.len() != members {
        return Err(RankError::WrongNumberOfWeights { weights: weights.len(), members });
    }
    match weights.iter().enumerate().find(|(_, weight)| !weight.is_finite()) {
        Some((index, &value)) => Err(RankError::BadWeight { index, value }),
        None => Ok(weights.to_vec()),
    }
}

fn accuracy_weights<F: Float>(members: &[LabeledProbs<'_, F>]) -> Result<Vec<f64>, RankError> {
    let accuracy = |member: &LabeledProbs<'_, F>| {
        let count_right = |right: &mut usize, batch: &Batch<'_, F>| {
            *right += match batch.notes() {
                Some(notes) => {
                    let predicted = notes.iter().map(|note| u32::from(note.predicted_class));
                    batch.labels().iter().zip(predicted).filter(|&(&label, class)| label == class).count()
                }
                None => batch.iter().filter(|&(_, label, probs)| predicted_class(probs) == label).count(),
            };
        };
        fold_batches(member, || 0, count_right, |right, more| *right += more) as f64 / member.len() as f64
    };
    let accuracies: Vec<f64> = members.iter().map(accuracy).collect();
    let total: f64 = accuracies.iter().sum();
    if total == 0.0 {
        return Err(RankError::NoAccurateMember);
    }
    Ok(accuracies.into_iter().map(|accuracy| accuracy / total).collect())
}

fn log_loss_weights<F: Float>(
    members: &[LabeledProbs<'_, F>],
    temperatures: &[f64],
) -> Result<Vec<f64>, RankError> {
    let losses: Vec<f64> = members.iter().map(clipped_log_loss).collect();
    let mut best: Option<(f64, Vec<f64>)> = None;
    for &temperature in temperatures {
        if !temperature.is_finite() {
            return Err(RankError::BadTemperatures { found: temperatures.to_vec() });
        }
        let weights = softmax_weights(&losses, temperature);
        let loss = mixture_log_loss(members, &weights);
        if best.as_ref().is_none_or(|(best_loss, _)| *best_loss > loss) {
            best = Some((loss, weights));
        }
    }
    best.map(|(_, weights)| weights).ok_or(RankError::BadTemperatures { found: Vec::new() })
}

/// exp(−T · loss), normalised; shifted by the best loss only where plain exponentials all underflow.
fn softmax_weights(losses: &[f64], temperature: f64) -> Vec<f64> {
    let weigh = |shift: f64| {
        let weights: Vec<f64> = losses.iter().map(|loss| (-temperature * (loss - shift)).exp()).collect();
        let total: f64 = weights.iter().sum();
        (weights, total)
    };
    let (weights, total) = match weigh(0.0) {
        plain if plain.1 > 0.0 && plain.1.is_finite() => plain,
        _ => {
            let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
            let worst = losses.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            weigh(if temperature >= 0.0 { best } else { worst })
        }
    };
    weights.into_iter().map(|weight| weight / total).collect()
}

/// Mean of −ln p(given), p kept one machine epsilon away from 0 and 1 as scikit-learn does.
fn mean_log_loss<F: Float>(
    data: &LabeledProbs<'_, F>,
    probability: impl Fn(&[F], usize, u64) -> f64 + Sync,
) -> f64 {
    let mut losses = vec![0.0; data.len()];
    fill_rows(data, &mut losses, |batch, out| {
        for ((row, label, probs), out) in batch.iter().zip(out) {
            *out = -probability(probs, label, row).clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln();
        }
    });
    pairwise_sum(&losses) / losses.len() as f64
}

fn clipped_log_loss<F: Float>(member: &LabeledProbs<'_, F>) -> f64 {
    mean_log_loss(member, |probs, label, _| {
        let clip = |p: &F| p.to_f64().max(CLIPPING_LOWER_BOUND);
        clip(&probs[label]) / probs.iter().map(clip).sum::<f64>()
    })
}

fn mixture_log_loss<F: Float>(members: &[LabeledProbs<'_, F>], weights: &[f64]) -> f64 {
    let views: Vec<_> = members.iter().map(|member| member.pred_probs().view()).collect();
    let mixed = |_: &[F], label: usize, row: u64| {
        views.iter().zip(weights).map(|(view, weight)| weight * view[[row as usize, label]].to_f64()).sum()
    };
    mean_log_loss(&members[0], mixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn two_members() -> [PredProbs<'static, f64>; 2] {
        [
            PredProbs::new(array![[0.9, 0.1], [0.2, 0.8]]).unwrap(),
            PredProbs::new(array![[0.3, 0.7], [0.4, 0.6]]).unwrap(),
        ]
    }

    #[test]
    fn softmax_weights_underflow_keeps_the_best_member() {
        let weights = softmax_weights(&[10.0, 20.0], 200.0);
        assert_eq!(weights, [1.0, 0.0]);
    }

    #[test]
    fn softmax_weights_without_underflow_are_those_of_plain_exponentials() {
        // Shifted by the best loss, the same weights differ in their last places.
        for (losses, temperature) in [([0.3, 0.7], 3.0), ([0.9, 0.2], 0.7), ([1.1, 2.3], 1.9)] {
            let [first, second] = losses.map(|loss: f64| (-temperature * loss).exp());
            let total = first + second;
            assert_eq!(softmax_weights(&losses, temperature), [first / total, second / total]);
        }
    }

    #[test]
    fn log_loss_search_takes_the_first_of_equal_temperatures() {
        let labels = Labels::new(&[0, 3]).unwrap();
        // No mixture gives the label anything, so that every temperature has the same loss.
        let members = [
            PredProbs::new(array![[0.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]).unwrap(),
            PredProbs::new(array![[0.0, 0.5, 0.5, 0.0], [0.0, 0.5, 0.5, 0.0]]).unwrap(),
        ];
        let weights_of = |temperatures: &[f64]| {
            let weighting = EnsembleWeighting::LogLossSearch { temperatures: temperatures.to_vec() };
            let options = EnsembleOptions::default().with_weighting(weighting);
            get_label_quality_ensemble_scores(&labels, &members, &options).unwrap().weights
        };
        let cold = weights_of(&[1e5]);
        assert!(cold[0] < 0.49, "{cold:?}");
        assert_eq!(weights_of(&[1e5, 0.0]), cold);
        assert_eq!(weights_of(&[0.0, 1e5]), [0.5, 0.5]);
    }

    #[test]
    fn mean_log_loss_keeps_one_epsilon_away_from_certainty() {
        let labels = Labels::new(&[0, 1]).unwrap();
        let [first, _] = two_members();
        let data = LabeledProbs::new(labels, first).unwrap();
        assert_eq!(mean_log_loss(&data, |_, _, _| 1.0), -(1.0 - f64::EPSILON).ln());
        assert_eq!(mean_log_loss(&data, |_, _, _| 0.0), -f64::EPSILON.ln());
        assert_eq!(mean_log_loss(&data, |_, label, _| [0.5, 0.25][label]), 1.5 * std::f64::consts::LN_2);
    }

    #[test]
    fn accuracy_weights_of_many_batches_count_every_row() {
        let n = 50_000;
        let labels: Vec<u32> = (0..n).map(|row| u32::from(row % 4 == 0)).collect();
        let labels = Labels::new(&labels).unwrap();
        let constant =
            |class: usize| Array2::from_shape_fn((n, 2), |(_, k)| if k == class { 0.8 } else { 0.2 });
        let members = [PredProbs::new(constant(0)).unwrap(), PredProbs::new(constant(1)).unwrap()];
        let ensemble =
            get_label_quality_ensemble_scores(&labels, &members, &EnsembleOptions::default()).unwrap();
        assert_eq!(ensemble.weights, [0.75, 0.25]);
    }

    #[test]
    fn accuracy_weights_are_rounded_as_shares_of_shares() {
        let labels = Labels::new(&[0, 1, 0]).unwrap();
        let all_right = PredProbs::new(array![[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]).unwrap();
        let two_right = PredProbs::new(array![[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]]).unwrap();
        let options = EnsembleOptions::default();
        let ensemble = get_label_quality_ensemble_scores(&labels, &[all_right, two_right], &options).unwrap();
        // As cleanlab's 1.0 / (1.0 + 2 / 3), which is not the number next to 3 / 5.
        assert_eq!(ensemble.weights[0], 1.0 / (1.0 + 2.0 / 3.0));
        assert_ne!(ensemble.weights[0], 0.6);
    }

    #[test]
    fn ensemble_bad_weights_are_refused() {
        let labels = Labels::new(&[0, 1]).unwrap();
        let scores = |weighting| {
            let options = EnsembleOptions::default().with_weighting(weighting);
            get_label_quality_ensemble_scores(&labels, &two_members(), &options)
        };
        assert_eq!(
            scores(EnsembleWeighting::Custom(vec![1.0])),
            Err(RankError::WrongNumberOfWeights { weights: 1, members: 2 })
        );
        assert!(matches!(
            scores(EnsembleWeighting::Custom(vec![1.0, f64::NAN])),
            Err(RankError::BadWeight { index: 1, .. })
        ));
        assert_eq!(
            scores(EnsembleWeighting::LogLossSearch { temperatures: vec![] }),
            Err(RankError::BadTemperatures { found: vec![] })
        );
        assert!(matches!(
            scores(EnsembleWeighting::LogLossSearch { temperatures: vec![1.0, f64::INFINITY] }),
            Err(RankError::BadTemperatures { .. })
        ));
    }

    #[test]
    fn accuracy_weights_of_noted_rows_are_those_of_the_rows() {
        let k = 100;
        let probs =
            |seed: usize| {
                Array2::from_shape_fn((40, k), |(row, class)| {
                    if class == (row * seed) % k { 0.5 } else { 0.5 / (k - 1) as f64 }
                })
            };
        let labels: Vec<u32> = (0..40).map(|row| (row * 3) % k as u32 + u32::from(row % 4 == 0)).collect();
        let labels = Labels::new(&labels).unwrap();
        let options = EnsembleOptions::default().with_weighting(EnsembleWeighting::Accuracy);
        let weights_of = |members: [PredProbs<'_, f64>; 2]| {
            get_label_quality_ensemble_scores(&labels, &members, &options).unwrap().weights
        };
        let noted = [PredProbs::new(probs(3)).unwrap(), PredProbs::new(probs(1)).unwrap()];
        assert!(noted[0].notes(0..1).is_some());
        let plain =
            [PredProbs::without_notes(probs(3)).unwrap(), PredProbs::without_notes(probs(1)).unwrap()];
        let weights = weights_of(noted);
        assert!(weights[0] > 0.9, "{weights:?}");
        assert_eq!(weights, weights_of(plain));
    }

    #[test]
    fn ensemble_without_or_with_unlike_members_is_refused() {
        let labels = Labels::new(&[0, 1]).unwrap();
        let options = EnsembleOptions::default();
        let none: [PredProbs<'_, f64>; 0] = [];
        assert_eq!(
            get_label_quality_ensemble_scores(&labels, &none, &options),
            Err(RankError::EmptyEnsemble)
        );
        let [first, _] = two_members();
        let third = PredProbs::new(array![[0.3, 0.3, 0.4], [0.4, 0.3, 0.3]]).unwrap();
        assert!(matches!(
            get_label_quality_ensemble_scores(&labels, &[first, third], &options),
            Err(RankError::Input(InputError::ShapeMismatch { index: 1, columns: 3, .. }))
        ));
    }

    #[test]
    fn ensemble_without_accuracy_is_refused() {
        let labels = Labels::new(&[1, 0]).unwrap();
        let [first, _] = two_members();
        assert_eq!(
            get_label_quality_ensemble_scores(&labels, &[first], &EnsembleOptions::default()),
            Err(RankError::NoAccurateMember)
        );
    }
}
