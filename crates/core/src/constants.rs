//! The numeric constants of cleanlab 2.9.0 (`cleanlab.internal.constants`).

/// Two probabilities closer than this are treated as equal, and a probability may leave [0, 1] by this much.
///
/// Source: `FLOATING_POINT_COMPARISON`.
pub const FLOATING_POINT_COMPARISON: f64 = 1e-6;

/// The smallest value that an estimated prior `py` or a divisor self-confidence may take.
///
/// Source: `CLIPPING_LOWER_BOUND`.
pub const CLIPPING_LOWER_BOUND: f64 = 1e-6;

/// The smallest confident threshold of a class that occurs among the labels.
///
/// Source: `CONFIDENT_THRESHOLDS_LOWER_BOUND`.
pub const CONFIDENT_THRESHOLDS_LOWER_BOUND: f64 = 2.0 * FLOATING_POINT_COMPARISON;

/// The confident threshold of a class that no label has: out of reach of any probability, so nothing is ever
/// confidently in that class.
///
/// Source: `BIG_VALUE` in `cleanlab.count.get_confident_thresholds`.
pub const MISSING_CLASS_THRESHOLD: f64 = 2.0;

/// What a divisor is raised to where it would be zero.
///
/// Source: `TINY_VALUE`.
pub const TINY_VALUE: f64 = 1e-100;

/// The largest off-diagonal entry of a noise matrix.
///
/// Source: `cleanlab.internal.util.clip_noise_rates`.
pub const MAX_NOISE_RATE: f64 = 0.9999;

/// The smallest class prior after noise estimates have converged.
///
/// Source: `cleanlab.count.estimate_latent`.
pub const CONVERGED_PRIOR_LOWER_BOUND: f64 = 1e-5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confident_thresholds_lower_bound_is_two_comparisons() {
        assert_eq!(CONFIDENT_THRESHOLDS_LOWER_BOUND.to_bits(), 2e-6_f64.to_bits());
    }
}
