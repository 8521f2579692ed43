//! Random distributions of balls into bins.

use cleanlab_core::stopping::StopCheck;
use cleanlab_core::{RandomState, round_half_even};

use crate::errors::NoiseError;
use crate::extremes::{first_largest, first_smallest};
use crate::probabilities::{ProbabilityOptions, bounded_probabilities};

/// Largest number of balls: 2⁵³, up to which floats count by ones.
const MAX_BALLS: u64 = 1 << 53;

/// Bounds of the number of balls in each bin.
///
/// ```
/// use cleanlab_noise_generation::BallOptions;
/// let options = BallOptions::default().with_max_balls_per_bin(3);
/// assert_eq!((options.min_balls_per_bin, options.max_balls_per_bin), (0, Some(3)));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BallOptions {
    /// Smallest number of balls in a bin; no more than the average is promised. Default 0.
    pub min_balls_per_bin: usize,
    /// Largest number of balls in a bin. Default none.
    pub max_balls_per_bin: Option<usize>,
}

impl BallOptions {
    /// Sets the smallest number of balls in a bin.
    #[must_use]
    pub fn with_min_balls_per_bin(self, min_balls_per_bin: usize) -> Self {
        Self { min_balls_per_bin, ..self }
    }

    /// Sets the largest number of balls in a bin.
    #[must_use]
    pub fn with_max_balls_per_bin(self, max_balls_per_bin: usize) -> Self {
        Self { max_balls_per_bin: Some(max_balls_per_bin), ..self }
    }
}

/// How many of `n_balls` balls come into each of `n_bins` bins.
///
/// Shares drawn by
/// [`generate_n_rand_probabilities_that_sum_to_m`](crate::generate_n_rand_probabilities_that_sum_to_m) are rounded to
/// whole balls; then balls are taken from the fullest bin or put into the emptiest until the number is right. Balls for
/// which `max_balls_per_bin` leaves no room are left out.
///
/// # Shapes
///
/// One count per bin. They sum to `n_balls`, or to `n_bins` · `max_balls_per_bin` if that is less.
///
/// # Example
///
/// ```
/// use cleanlab_core::RandomState;
/// use cleanlab_noise_generation::{BallOptions, randomly_distribute_n_balls_into_k_bins};
///
/// let options = BallOptions::default().with_max_balls_per_bin(4);
/// let counts = randomly_distribute_n_balls_into_k_bins(10, 5, &options, &mut RandomState::new(0))?;
/// assert_eq!(counts.iter().sum::<usize>(), 10);
/// assert!(counts.iter().all(|&balls| balls <= 4));
/// # Ok::<(), cleanlab_noise_generation::NoiseError>(())
/// ```
///
/// # Errors
///
/// [`NoiseError::NoBins`], [`NoiseError::TooManyBalls`], [`NoiseError::BoundsCrossed`] when `min_balls_per_bin` is
/// above `max_balls_per_bin`, or [`NoiseError::NotConverged`].
///
/// # Differences
///
/// cleanlab may put a ball too many into a bin when there are more than about 500 000 of them, since it accepts shares
/// that are 1e-6 above their bound.
///
/// # Source
///
/// `cleanlab.benchmarking.noise_generation.randomly_distribute_N_balls_into_K_bins`.
#[doc(alias = "randomly_distribute_N_balls_into_K_bins")]
pub fn randomly_distribute_n_balls_into_k_bins(
    n_balls: usize,
    n_bins: usize,
    options: &BallOptions,
    random: &mut RandomState,
) -> Result<Vec<usize>, NoiseError> {
    let min = options.min_balls_per_bin;
    if let Some(max) = options.max_balls_per_bin.filter(|&max| min > max) {
        return Err(NoiseError::BoundsCrossed { name: "balls per bin", low: min as f64, high: max as f64 });
    }
    if n_balls as u64 > MAX_BALLS {
        return Err(NoiseError::TooManyBalls { balls: n_balls, max: MAX_BALLS });
    }
    if n_bins == 0 && n_balls > 0 {
        return Err(NoiseError::NoBins { balls: n_balls });
    }
    let max = options.max_balls_per_bin.unwrap_or(n_balls).min(n_balls);
    if max == 0 {
        return Ok(vec![0; n_bins]);
    }
    let mean = n_balls as f64 / n_bins as f64;
    let n_balls = if mean > max as f64 { max * n_bins } else { n_balls };
    let total = n_balls as f64;
    let bounds =
        ProbabilityOptions { min_prob: (min as f64).min(mean) / total, max_prob: max as f64 / total };
    let lowest = min.min(mean as usize);
    let mut counts: Vec<usize> = bounded_probabilities(n_bins, 1.0, bounds, random)?
        .into_iter()
        .map(|share| (round_half_even(share * total) as usize).clamp(lowest, max))
        .collect();
    repair_total(&mut counts, n_balls)?;
    Ok(counts)
}

/// Adds and removes balls one by one until there are `n_balls`. Rounding leaves a ball per bin at most to repair, but
/// clamping among very many balls may leave more.
fn repair_total(counts: &mut [usize], n_balls: usize) -> Result<(), NoiseError> {
    const STEPS_PER_BIN: usize = 1000;
    let limit = STEPS_PER_BIN.saturating_mul(counts.len());
    let placed: usize = counts.iter().sum();
    if placed.abs_diff(n_balls) > limit {
        return Err(NoiseError::NotConverged { what: "balls", steps: limit });
    }
    let stop = StopCheck::of_this_thread();
    for _ in n_balls..placed {
        stop.stop_if_told();
        counts[first_largest(counts)] -= 1;
    }
    for _ in placed..n_balls {
        stop.stop_if_told();
        counts[first_smallest(counts)] += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn distribute(n_balls: usize, n_bins: usize, options: BallOptions) -> Result<Vec<usize>, NoiseError> {
        randomly_distribute_n_balls_into_k_bins(n_balls, n_bins, &options, &mut RandomState::new(2))
    }

    #[test]
    fn distribute_nothing_gives_empty_bins() {
        assert_eq!(distribute(0, 3, BallOptions::default()), Ok(vec![0; 3]));
        assert_eq!(distribute(0, 0, BallOptions::default()), Ok(Vec::new()));
        let closed = BallOptions::default().with_max_balls_per_bin(0);
        assert_eq!(distribute(9, 3, closed), Ok(vec![0; 3]));
    }

    #[test]
    fn distribute_impossible_arguments_are_refused() {
        let any = BallOptions::default();
        assert_eq!(distribute(4, 0, any), Err(NoiseError::NoBins { balls: 4 }));
        assert!(matches!(distribute(usize::MAX, 2, any), Err(NoiseError::TooManyBalls { .. })));
        let crossed = any.with_min_balls_per_bin(3).with_max_balls_per_bin(2);
        assert_eq!(
            distribute(4, 2, crossed),
            Err(NoiseError::BoundsCrossed { name: "balls per bin", low: 3.0, high: 2.0 })
        );
    }

    #[test]
    fn distribute_too_few_places_leaves_balls_out() {
        let options = BallOptions::default().with_max_balls_per_bin(2);
        assert_eq!(distribute(100, 3, options), Ok(vec![2; 3]));
    }

    #[test]
    fn distribute_very_many_balls_keeps_the_bounds() {
        let options = BallOptions::default().with_max_balls_per_bin(40_001);
        let counts = distribute(4_000_000, 100, options).unwrap();
        assert_eq!(counts.iter().sum::<usize>(), 4_000_000);
        assert!(counts.iter().all(|&balls| balls <= 40_001));
    }

    proptest! {
        #[test]
        fn distribute_any_bounds_hold_total_and_bounds(
            seed: u32,
            n_balls in 0_usize..300,
            n_bins in 1_usize..30,
            min in 0_usize..8,
            room in 0_usize..20,
        ) {
            let max = min + room;
            let options = BallOptions::default().with_min_balls_per_bin(min).with_max_balls_per_bin(max);
            let counts = randomly_distribute_n_balls_into_k_bins(
                n_balls, n_bins, &options, &mut RandomState::new(seed),
            ).unwrap();
            prop_assert_eq!(counts.iter().sum::<usize>(), n_balls.min(max * n_bins));
            let lowest = min.min(n_balls / n_bins);
            prop_assert!(counts.iter().all(|balls| (lowest..=max).contains(balls)));
        }
    }
}
