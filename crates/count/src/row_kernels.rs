//! What is asked of one row of predicted probabilities, in the innermost loops of every method.

use cleanlab_core::Float;
use cleanlab_core::constants::FLOATING_POINT_COMPARISON;

/// The class with the largest probability, the first of equals.
///
/// ```
/// assert_eq!(cleanlab_count::predicted_class(&[0.2, 0.4, 0.4]), 1);
/// ```
///
/// # Source
///
/// `numpy.argmax`.
#[must_use]
#[inline]
pub fn predicted_class<F: Float>(probs: &[F]) -> usize {
    let mut best = 0;
    for (class, p) in probs.iter().enumerate().skip(1) {
        if *p > probs[best] {
            best = class;
        }
    }
    best
}

/// Whether the given label is the predicted class, once 1e-6 has been added to its probability.
///
/// ```
/// assert!(cleanlab_count::given_label_is_predicted(&[0.5000005, 0.5], 1));
/// assert!(!cleanlab_count::given_label_is_predicted(&[0.6, 0.4], 1));
/// ```
///
/// # Source
///
/// `cleanlab.count._reduce_issues`.
#[must_use]
#[inline]
pub fn given_label_is_predicted<F: Float>(probs: &[F], label: usize) -> bool {
    let (before, rest) = probs.split_at(label);
    let Some((own, after)) = rest.split_first() else {
        return false;
    };
    let own = own.to_f64() + FLOATING_POINT_COMPARISON;
    !before.iter().any(|p| p.to_f64() >= own) && !after.iter().any(|p| p.to_f64() > own)
}

/// The largest probability of any class but the given one; −∞ if there is no other.
///
/// ```
/// assert_eq!(cleanlab_count::largest_other(&[0.1, 0.7, 0.2], 1), 0.2);
/// ```
#[must_use]
#[inline]
pub fn largest_other<F: Float>(probs: &[F], label: usize) -> f64 {
    let max = |probs: &[F]| {
        let mut lanes = [F::from_f64(f64::NEG_INFINITY); 4];
        let blocks = probs.chunks_exact(4);
        for (lane, &p) in lanes.iter_mut().zip(blocks.remainder()) {
            *lane = if p > *lane { p } else { *lane };
        }
        for block in blocks {
            for (lane, &p) in lanes.iter_mut().zip(block) {
                *lane = if p > *lane { p } else { *lane };
            }
        }
        lanes.into_iter().map(F::to_f64).fold(f64::NEG_INFINITY, f64::max)
    };
    max(&probs[..label]).max(max(&probs[label + 1..]))
}

/// (p(given) − largest other p + 1) / 2, which lies in [0, 1].
///
/// ```
/// assert_eq!(cleanlab_count::normalized_margin(&[0.25, 0.75], 1), 0.75);
/// ```
///
/// # Source
///
/// `cleanlab.rank.get_normalized_margin_for_each_label`.
#[must_use]
#[inline]
pub fn normalized_margin<F: Float>(probs: &[F], label: usize) -> f64 {
    (probs[label].to_f64() - largest_other(probs, label) + 1.0) / 2.0
}
