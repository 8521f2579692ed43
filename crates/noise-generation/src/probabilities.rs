//! Random probabilities with a given total.

use cleanlab_core::RandomState;
use cleanlab_core::constants::FLOATING_POINT_COMPARISON;
use cleanlab_core::stopping::StopCheck;

use crate::errors::NoiseError;
use crate::extremes::{first_largest, first_smallest};

/// Bounds of random probabilities.
///
/// ```
/// use cleanlab_noise_generation::ProbabilityOptions;
/// let options = ProbabilityOptions::default().with_max_prob(0.5);
/// assert_eq!((options.min_prob, options.max_prob), (0.0, 0.5));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ProbabilityOptions {
    /// Smallest probability, from [0, 1]. Default 0.
    pub min_prob: f64,
    /// Largest probability, from [0, 1]. Default 1.
    pub max_prob: f64,
}

impl Default for ProbabilityOptions {
    fn default() -> Self {
        Self { min_prob: 0.0, max_prob: 1.0 }
    }
}

impl ProbabilityOptions {
    /// Sets the smallest probability.
    #[must_use]
    pub fn with_min_prob(self, min_prob: f64) -> Self {
        Self { min_prob, ..self }
    }

    /// Sets the largest probability.
    #[must_use]
    pub fn with_max_prob(self, max_prob: f64) -> Self {
        Self { max_prob, ..self }
    }

    /// The same bounds if they are probabilities in order; `names` are told in the error.
    pub(crate) fn checked(self, names: BoundNames) -> Result<Self, NoiseError> {
        for (name, value) in [(names.min, self.min_prob), (names.max, self.max_prob)] {
            check_fraction(name, value)?;
        }
        if self.min_prob > self.max_prob {
            return Err(NoiseError::BoundsCrossed {
                name: names.both,
                low: self.min_prob,
                high: self.max_prob,
            });
        }
        Ok(self)
    }
}

/// What the bounds are called where they were given.
pub(crate) struct BoundNames {
    pub(crate) min: &'static str,
    pub(crate) max: &'static str,
    pub(crate) both: &'static str,
}

pub(crate) fn check_fraction(name: &'static str, value: f64) -> Result<(), NoiseError> {
    if (0.0..=1.0).contains(&value) { Ok(()) } else { Err(NoiseError::OptionOutOfRange { name, value }) }
}

/// `n` random probabilities that sum to `m`.
///
/// They are `m` times a draw from the Dirichlet distribution with all parameters 1, that is, uniform among all such
/// probabilities. While the largest exceeds its bound, what it has in excess goes to the smallest, and a random part of
/// the room between them too; then the same from below.
///
/// # Shapes
///
/// `n` values within their bounds, which may be left by 1e-6. The sum may be off by about 1e-6 if `max_prob` is below
/// `m / n`, which is accepted up to 1e-6.
///
/// # Example
///
/// ```
/// use cleanlab_core::RandomState;
/// use cleanlab_noise_generation::{ProbabilityOptions, generate_n_rand_probabilities_that_sum_to_m};
///
/// let options = ProbabilityOptions::default().with_min_prob(0.1).with_max_prob(0.6);
/// let drawn = generate_n_rand_probabilities_that_sum_to_m(4, 1.5, &options, &mut RandomState::new(0))?;
/// assert!((drawn.iter().sum::<f64>() - 1.5).abs() < 1e-12);
/// assert!(drawn.iter().all(|p| (0.1 - 1e-6..=0.6 + 1e-6).contains(p)));
/// # Ok::<(), cleanlab_noise_generation::NoiseError>(())
/// ```
///
/// # Errors
///
/// [`NoiseError::TotalOutOfRange`], [`NoiseError::OptionOutOfRange`] or [`NoiseError::BoundsCrossed`] for bad input;
/// [`NoiseError::MaxProbTooSmall`] or [`NoiseError::MinProbTooLarge`] when no `n` probabilities within the bounds have
/// this sum; [`NoiseError::NotConverged`] should the steps not end. cleanlab's loop has no limit and runs forever on
/// bounds around 1e12, which are no probabilities.
///
/// # Source
///
/// `cleanlab.benchmarking.noise_generation.generate_n_rand_probabilities_that_sum_to_m`.
pub fn generate_n_rand_probabilities_that_sum_to_m(
    n: usize,
    m: f64,
    options: &ProbabilityOptions,
    random: &mut RandomState,
) -> Result<Vec<f64>, NoiseError> {
    if !m.is_finite() || m < 0.0 {
        return Err(NoiseError::TotalOutOfRange { total: m });
    }
    let bounds = options.checked(BoundNames { min: "min_prob", max: "max_prob", both: "probabilities" })?;
    bounded_probabilities(n, m, bounds, random)
}

/// As [`generate_n_rand_probabilities_that_sum_to_m`], for a total that may be below 0 by a rounding error and bounds
/// that need not be probabilities.
pub(crate) fn bounded_probabilities(
    n: usize,
    total: f64,
    bounds: ProbabilityOptions,
    random: &mut RandomState,
) -> Result<Vec<f64>, NoiseError> {
    let ProbabilityOptions { min_prob, max_prob } = bounds;
    if n == 0 {
        return Ok(Vec::new());
    }
    if max_prob + FLOATING_POINT_COMPARISON < total / n as f64 {
        return Err(NoiseError::MaxProbTooSmall { n, max_prob, total });
    }
    if min_prob > (total + FLOATING_POINT_COMPARISON) / n as f64 {
        return Err(NoiseError::MinProbTooLarge { n, min_prob, total });
    }
    let mut values = random.dirichlet(&vec![1.0; n])?;
    for value in &mut values {
        *value *= total;
    }
    lower_to(max_prob, &mut values, random)?;
    raise_to(min_prob, &mut values, random)?;
    Ok(values)
}

/// In 30 000 trials with the tightest bounds no list took more than 15 steps per value; the rest is reserve.
fn step_limit(n: usize) -> usize {
    1000_usize.saturating_mul(n.saturating_add(1))
}

const NOT_CONVERGED: &str = "probabilities";

fn lower_to(max_prob: f64, values: &mut [f64], random: &mut RandomState) -> Result<(), NoiseError> {
    let limit = step_limit(values.len());
    let stop = StopCheck::of_this_thread();
    for _ in 0..limit {
        stop.stop_if_told();
        let (smallest, largest) = (first_smallest(values), first_largest(values));
        let (min, max) = (values[smallest], values[largest]);
        if max <= max_prob + FLOATING_POINT_COMPARISON {
            return Ok(());
        }
        let raised = min + (max - max_prob);
        // A random part of the room, so that the new largest value is not always the bound itself.
        let part = (max_prob - raised) * random.random_sample();
        values[smallest] = raised + part;
        // Looked up again as in cleanlab: with all values at the bound, the raised one may be the largest now.
        values[first_largest(values)] = max_prob - part;
    }
    Err(NoiseError::NotConverged { what: NOT_CONVERGED, steps: limit })
}

fn raise_to(min_prob: f64, values: &mut [f64], random: &mut RandomState) -> Result<(), NoiseError> {
    let limit = step_limit(values.len());
    let stop = StopCheck::of_this_thread();
    for _ in 0..limit {
        stop.stop_if_told();
        let (smallest, largest) = (first_smallest(values), first_largest(values));
        let (min, max) = (values[smallest], values[largest]);
        if min >= min_prob - FLOATING_POINT_COMPARISON {
            return Ok(());
        }
        let lowered = max - (min_prob - min);
        let part = (lowered - min_prob) * random.random_sample();
        values[largest] = lowered - part;
        values[first_smallest(values)] = min_prob + part;
    }
    Err(NoiseError::NotConverged { what: NOT_CONVERGED, steps: limit })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn draw(n: usize, m: f64, min_prob: f64, max_prob: f64) -> Result<Vec<f64>, NoiseError> {
        let options = ProbabilityOptions { min_prob, max_prob };
        generate_n_rand_probabilities_that_sum_to_m(n, m, &options, &mut RandomState::new(1))
    }

    #[test]
    fn probabilities_bad_arguments_are_named() {
        assert_eq!(draw(3, -1.0, 0.0, 1.0), Err(NoiseError::TotalOutOfRange { total: -1.0 }));
        assert!(matches!(draw(3, f64::NAN, 0.0, 1.0), Err(NoiseError::TotalOutOfRange { .. })));
        assert_eq!(
            draw(3, 1.0, 0.0, 1.5),
            Err(NoiseError::OptionOutOfRange { name: "max_prob", value: 1.5 })
        );
        assert!(matches!(
            draw(3, 1.0, f64::NAN, 1.0),
            Err(NoiseError::OptionOutOfRange { name: "min_prob", .. })
        ));
        assert!(matches!(draw(3, 1.0, 0.6, 0.4), Err(NoiseError::BoundsCrossed { .. })));
    }

    #[test]
    fn probabilities_impossible_total_is_refused() {
        assert_eq!(
            draw(4, 2.0, 0.0, 0.4),
            Err(NoiseError::MaxProbTooSmall { n: 4, max_prob: 0.4, total: 2.0 })
        );
        let error = draw(4, 1.0, 0.3, 1.0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "4 probabilities of at least 0.3 cannot sum to 1; min_prob must be at most 0.25"
        );
    }

    #[test]
    fn probabilities_none_asked_gives_none() {
        assert_eq!(draw(0, 1.0, 0.0, 1.0), Ok(Vec::new()));
    }

    #[test]
    fn probabilities_no_room_between_bounds_ends() {
        for n in [1, 2, 3, 10, 400] {
            let mean = 1.0 / n as f64;
            let drawn = draw(n, 1.0, mean, mean).unwrap();
            assert!(drawn.iter().all(|p| (p - mean).abs() <= 2e-6), "n = {n}");
        }
    }

    #[test]
    fn bounded_probabilities_bound_finer_than_floats_stops_with_an_error() {
        // Around 1e12 floats lie 1e-4 apart. cleanlab made 200 000 steps with these arguments and went on.
        let bounds = ProbabilityOptions::default().with_max_prob(1e12);
        assert_eq!(
            bounded_probabilities(3, 3e12, bounds, &mut RandomState::new(0)),
            Err(NoiseError::NotConverged { what: "probabilities", steps: 4000 })
        );
    }

    proptest! {
        #[test]
        fn probabilities_feasible_bounds_hold_sum_and_bounds(
            seed: u32,
            n in 1_usize..40,
            mean in 0.0..=1.0_f64,
            below in 0.0..=1.0_f64,
            above in 0.0..=1.0_f64,
        ) {
            let (low, high) = (mean * below, mean + (1.0 - mean) * above);
            let options = ProbabilityOptions::default().with_min_prob(low).with_max_prob(high);
            let m = mean * n as f64;
            let drawn =
                generate_n_rand_probabilities_that_sum_to_m(n, m, &options, &mut RandomState::new(seed)).unwrap();
            prop_assert_eq!(drawn.len(), n);
            prop_assert!((drawn.iter().sum::<f64>() - m).abs() < 1e-9);
            prop_assert!(drawn.iter().all(|&p| p >= low - 1.1e-6 && p <= high + 1.1e-6));
        }
    }
}
