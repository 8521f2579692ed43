//! Everything that can go wrong in an account of label health.

use cleanlab_count::CountError;
use thiserror::Error;

/// Why there is no account of the label health.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// The noise estimates failed.
    #[error(transparent)]
    Count(#[from] CountError),
    /// An entry of a joint distribution is not a probability.
    #[error("joint has the value {value} at row {row}, column {column}; every entry lies in [0, 1]")]
    NotAProbability {
        /// Row of the entry: the given label.
        row: usize,
        /// Column of the entry: the true label.
        column: usize,
        /// The value found.
        value: f64,
    },
    /// A joint distribution does not sum to 1.
    #[error("joint sums to {sum}, not to 1; divide it by its sum")]
    JointSum {
        /// Its sum.
        sum: f64,
    },
    /// There are no examples.
    #[error("there are 0 examples; give the number of examples that the joint was estimated from")]
    NoExamples,
    /// The confidence level of an interval is no share between 0 and 1.
    #[error("level is {value}; it must lie between 0 and 1, such as 0.95")]
    Level {
        /// The value given.
        value: f64,
    },
    /// More resamples than can be held.
    #[error("n_resamples is {value}; at most {most} can be held, and 1000 are enough")]
    TooManyResamples {
        /// The value given.
        value: usize,
        /// The most possible.
        most: usize,
    },
    /// Too few resamples to tell quantiles.
    #[error("n_resamples is {value}; at least {least} are needed, and 1000 are better")]
    Resamples {
        /// The value given.
        value: usize,
        /// The fewest possible.
        least: usize,
    },
}
