//! Intervals of a share that was counted, and the random draws that all resampled intervals are made from.

use crate::beta_quantile::beta_quantile;
use crate::interval_options::{Interval, IntervalMethod, IntervalOptions};
use cleanlab_core::RandomState;

/// Jeffreys' prior, as a number of examples.
pub(crate) const HALF: f64 = 0.5;

/// What a random stream is for.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    LabelShares = 1,
    Share,
    Pair,
    InverseNoise,
    Issues,
}

impl Stream {
    /// A stream that depends on the seed and the quantity alone.
    pub(crate) fn start(self, options: &IntervalOptions, first_id: usize, second_id: usize) -> RandomState {
        let high_word = |id: usize| (id as u64 >> 32) as u32;
        let words = [options.seed, self as u32, first_id as u32, high_word(first_id), second_id as u32];
        // Only an empty list of words is refused.
        RandomState::from_seed_words(&words).unwrap_or_else(|_| RandomState::new(options.seed))
    }
}

/// The interval of the share that `count` of `total` examples estimate.
pub(crate) fn proportion(options: &IntervalOptions, count: u64, total: u64, id: usize) -> Interval {
    if total == 0 {
        return Interval::UNKNOWN_SHARE;
    }
    if options.method == IntervalMethod::Exact {
        return clopper_pearson(count, total, options.tail());
    }
    let rest = (total - count.min(total)) as f64;
    let mut stream = Stream::Share.start(options, id, 0);
    let draw = |_| share(&mut stream, count as f64 + HALF, rest + HALF);
    let Interval { low, high } = percentiles(options, (0..options.n_resamples).map(draw).collect());
    Interval { low: if count == 0 { 0.0 } else { low }, high: if rest == 0.0 { 1.0 } else { high } }
}

/// Clopper and Pearson's interval of the share that `count` of `total` examples estimate.
///
/// The limits are the shares at which a count as small, or as large, has the probability `tail`: quantiles of the beta
/// distributions (count, total − count + 1) and (count + 1, total − count).
pub(crate) fn clopper_pearson(count: u64, total: u64, tail: f64) -> Interval {
    let (count, total) = (count.min(total) as f64, total as f64);
    let low = if count == 0.0 { 0.0 } else { beta_quantile(count, total - count + 1.0, tail) };
    let high = if count == total { 1.0 } else { beta_quantile(count + 1.0, total - count, 1.0 - tail) };
    Interval { low, high }
}

/// A draw of the share that `ours` has of a whole with `rest`: from the beta distribution with these two shapes.
pub(crate) fn share(stream: &mut RandomState, ours: f64, rest: f64) -> f64 {
    let ours = gamma(stream, ours);
    let rest = gamma(stream, rest);
    if ours + rest > 0.0 { ours / (ours + rest) } else { 0.0 }
}

/// Counts are neither negative nor infinite, so that there is no error to pass on.
pub(crate) fn gamma(stream: &mut RandomState, shape: f64) -> f64 {
    stream.standard_gamma(shape).unwrap_or_default()
}

pub(crate) fn percentiles(options: &IntervalOptions, mut draws: Vec<f64>) -> Interval {
    draws.sort_unstable_by(f64::total_cmp);
    let tail = options.tail();
    Interval { low: quantile(&draws, tail), high: quantile(&draws, 1.0 - tail) }
}

/// NumPy's default, linear between the two nearest values.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let below = sorted[at.floor() as usize];
    let above = sorted[at.ceil() as usize];
    below + (above - below) * at.fract()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[allow(clippy::unreadable_literal, reason = "digits as they were recorded")]
    /// Recorded with `scipy.stats.beta.ppf` of SciPy 1.17.1, tail 0.025.
    const RECORDED: &[(u64, u64, f64, f64)] = &[
        (0, 10, 0.0, 0.3084971078187607),
        (1, 10, 0.0025285785444617848, 0.4450161170281954),
        (9, 10, 0.5549838829718047, 0.9974714214555382),
        (10, 10, 0.6915028921812392, 1.0),
        (3, 50, 0.01254858783533406, 0.16548194660377288),
        (15, 1_000, 0.008419049750034378, 0.024619700097041154),
        (500, 1_000, 0.46854917297179194, 0.531450827028208),
        (0, 5_000, 0.0, 0.000737503801108105),
        (1, 1_000_000, 2.5317807663794178e-08, 5.571630655166939e-06),
        (200_000, 1_000_000, 0.19921638409571749, 0.2007853539549399),
        (999_999, 1_000_000, 0.9999944283693448, 0.9999999746821924),
        (5_000_000, 100_000_000, 0.04995729160103549, 0.05004273445177229),
        (7, 1_000_000_000, 2.8143630560026354e-09, 1.4422675364088619e-08),
    ];

    #[test]
    fn clopper_pearson_equals_the_recorded_limits() {
        for &(count, total, low, high) in RECORDED {
            let interval = clopper_pearson(count, total, 0.025);
            // Logarithms of factorials lose digits with their size.
            let max_relative = 1e-11 + 1e-15 * total as f64;
            assert_relative_eq!(interval.low, low, max_relative = max_relative);
            assert_relative_eq!(interval.high, high, max_relative = max_relative);
        }
    }
}
