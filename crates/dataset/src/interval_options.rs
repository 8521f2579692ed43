//! How intervals are computed, and what they are.

use crate::errors::DatasetError;

/// Where an estimate is computed from counts, the values that it may as well have had.
///
/// ```
/// use cleanlab_dataset::Interval;
/// let share = Interval { low: 0.02, high: 0.05 };
/// assert!(share.contains(0.03) && !share.contains(0.06));
/// // The same in examples, of which there are 1000.
/// assert_eq!(share.scaled(1000.0), Interval { low: 20.0, high: 50.0 });
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "an interval has two ends")]
pub struct Interval {
    /// The lower limit.
    pub low: f64,
    /// The upper limit.
    pub high: f64,
}

impl Interval {
    /// What is known of a share that nothing was seen of.
    pub(crate) const UNKNOWN_SHARE: Self = Self { low: 0.0, high: 1.0 };

    /// Whether a value lies between the limits, or is one of them.
    #[must_use]
    pub fn contains(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// The distance of the limits.
    #[must_use]
    pub fn width(self) -> f64 {
        self.high - self.low
    }

    /// Both limits times a factor that is not negative, such as a number of examples.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self { low: self.low * factor, high: self.high * factor }
    }

    /// The interval of 1 − value.
    pub(crate) fn complement(self) -> Self {
        Self { low: 1.0 - self.high, high: 1.0 - self.low }
    }

    /// Widened to contain the estimate, which may be rounded to whole examples.
    pub(crate) fn around(self, estimate: f64) -> Self {
        Self { low: self.low.min(estimate), high: self.high.max(estimate) }
    }
}

/// How intervals are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum IntervalMethod {
    /// Clopper and Pearson's exact interval where a quantity is a count out of a number of examples, else the
    /// bootstrap.
    #[default]
    Exact,
    /// The bootstrap for every quantity: percentiles over resamples of the counts, drawn as Dirichlet weights (Rubin
    /// 1981) with Jeffreys' half example added, without which a count of 0 would never vary.
    Bootstrap,
}

/// Which intervals are wanted.
///
/// ```
/// use cleanlab_dataset::IntervalOptions;
/// let options = IntervalOptions::default().with_level(0.9).with_seed(7);
/// assert_eq!((options.level, options.n_resamples, options.seed), (0.9, 1000, 7));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct IntervalOptions {
    /// How often the interval should hold, between 0 and 1. Default 0.95.
    pub level: f64,
    /// How intervals are computed.
    pub method: IntervalMethod,
    /// Number of resamples of the bootstrap, at least 20. Default 1000.
    pub n_resamples: usize,
    /// Seed of the bootstrap. Default 0.
    pub seed: u32,
}

impl Default for IntervalOptions {
    fn default() -> Self {
        Self { level: 0.95, method: IntervalMethod::default(), n_resamples: 1000, seed: 0 }
    }
}

/// With fewer resamples there are no percentiles to speak of.
const LEAST_RESAMPLES: usize = 20;
/// Each is a number for every class.
const MOST_RESAMPLES: usize = 100_000;

impl IntervalOptions {
    /// Sets how often the interval should hold.
    #[must_use]
    pub fn with_level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Sets how intervals are computed.
    #[must_use]
    pub fn with_method(mut self, method: IntervalMethod) -> Self {
        self.method = method;
        self
    }

    /// Sets the number of resamples of the bootstrap.
    #[must_use]
    pub fn with_n_resamples(mut self, n_resamples: usize) -> Self {
        self.n_resamples = n_resamples;
        self
    }

    /// Sets the seed of the bootstrap.
    #[must_use]
    pub fn with_seed(mut self, seed: u32) -> Self {
        self.seed = seed;
        self
    }

    pub(crate) fn checked(&self) -> Result<&Self, DatasetError> {
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(DatasetError::Level { value: self.level });
        }
        if self.n_resamples < LEAST_RESAMPLES {
            return Err(DatasetError::Resamples { value: self.n_resamples, least: LEAST_RESAMPLES });
        }
        if self.n_resamples > MOST_RESAMPLES {
            return Err(DatasetError::TooManyResamples { value: self.n_resamples, most: MOST_RESAMPLES });
        }
        Ok(self)
    }

    /// What lies beyond each limit.
    pub(crate) fn tail(&self) -> f64 {
        (1.0 - self.level) / 2.0
    }
}
