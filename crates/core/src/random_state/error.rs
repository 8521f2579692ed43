//! What can be wrong with the arguments of a draw.

use thiserror::Error;

/// Why a draw was refused: the value and the bound that it broke.
///
/// ```
/// use cleanlab_core::{RandomError, RandomState};
/// let error = RandomState::new(0).standard_gamma(-0.5).unwrap_err();
/// assert_eq!(error, RandomError::InvalidShape { shape: -0.5 });
/// assert_eq!(error.to_string(), "gamma shape is -0.5; it must be finite and at least 0");
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum RandomError {
    /// A seed made of several numbers has none.
    #[error("the seed has no number; at least one is needed")]
    EmptySeed,
    /// A position in a stream is not one of a Mersenne Twister.
    #[error(
        "a stream has 624 words and its next is one of them or their end, found {words} words, the next {next}"
    )]
    InvalidPosition {
        /// Number of words given.
        words: usize,
        /// Position of the next word.
        next: usize,
    },
    /// There is no integer in the range.
    #[error("cannot draw an integer from {low} to below {high}; low must be below high")]
    EmptyRange {
        /// The smallest integer asked for.
        low: i64,
        /// One above the largest integer asked for.
        high: i64,
    },
    /// The bounds of a uniform draw are the wrong way round or not finite.
    #[error("cannot draw from [{low}, {high}); low must not be above high, and high - low must be finite")]
    InvalidBounds {
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// There is nothing to choose from.
    #[error("cannot choose {size} from an empty population")]
    EmptyPopulation {
        /// Number of draws asked for.
        size: usize,
    },
    /// More was asked for, without replacement, than there is.
    #[error("cannot choose {size} from {population} without replacement")]
    SampleTooLarge {
        /// Number of draws asked for.
        size: usize,
        /// Number of elements to choose from.
        population: usize,
    },
    /// More was asked for, without replacement, than has a probability above 0.
    #[error("cannot choose {size} without replacement: only {positive} probabilities are above 0")]
    TooFewPositive {
        /// Number of draws asked for.
        size: usize,
        /// Number of probabilities above 0.
        positive: usize,
    },
    /// A probability is negative, infinite or NaN.
    #[error("probability {index} is {value}; it must be finite and at least 0")]
    InvalidProbability {
        /// Which probability.
        index: usize,
        /// The value found.
        value: f64,
    },
    /// The probabilities do not sum to 1.
    #[error("probabilities sum to {sum}, which is off 1 by more than {tolerance:e}")]
    ProbabilitySum {
        /// Their sum.
        sum: f64,
        /// How far off 1 is still accepted.
        tolerance: f64,
    },
    /// The shape of a gamma distribution is negative, infinite or NaN.
    #[error("gamma shape is {shape}; it must be finite and at least 0")]
    InvalidShape {
        /// The shape found.
        shape: f64,
    },
    /// A parameter of a Dirichlet distribution is not above 0, infinite or NaN.
    #[error("dirichlet parameter {index} is {value}; it must be finite and above 0")]
    InvalidConcentration {
        /// Which parameter.
        index: usize,
        /// The value found.
        value: f64,
    },
    /// The gamma draws of a Dirichlet draw have a total without a finite reciprocal.
    #[error(
        "dirichlet parameters are too extreme: the gamma draws sum to {total}, which cannot be divided by"
    )]
    DirichletTotal {
        /// Sum of the gamma draws.
        total: f64,
    },
    /// The standard deviation of a normal distribution is negative, infinite or NaN.
    #[error("standard deviation is {scale}; it must be finite and at least 0")]
    InvalidScale {
        /// The standard deviation found.
        scale: f64,
    },
    /// A mean is infinite or NaN.
    #[error("mean {index} is {value}; it must be finite")]
    InvalidMean {
        /// Which mean; 0 when there is only one.
        index: usize,
        /// The value found.
        value: f64,
    },
    /// A covariance matrix does not fit the mean.
    #[error(
        "covariance has shape ({rows}, {columns}) but the mean has length {mean_len}; \
         a square matrix of that size is needed"
    )]
    CovarianceShape {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        columns: usize,
        /// Length of the mean.
        mean_len: usize,
    },
    /// A covariance is infinite or NaN.
    #[error("covariance row {row}, column {column} is {value}; it must be finite")]
    NonFiniteCovariance {
        /// Row of the value.
        row: usize,
        /// Column of the value.
        column: usize,
        /// The value found.
        value: f64,
    },
    /// A covariance matrix is not symmetric.
    #[error("covariance row {row}, column {column} is {value}, but its mirror image is {mirrored}")]
    NotSymmetric {
        /// Row of the value.
        row: usize,
        /// Column of the value.
        column: usize,
        /// The value found.
        value: f64,
        /// The value with row and column exchanged.
        mirrored: f64,
    },
    /// A covariance matrix has a negative eigenvalue, so it belongs to no distribution.
    #[error(
        "covariance is not positive semidefinite: its nearest such matrix has {nearest} at row {row}, \
         column {column}, not {value}"
    )]
    NotPositiveSemidefinite {
        /// Row of the first value that differs.
        row: usize,
        /// Column of that value.
        column: usize,
        /// The value found.
        value: f64,
        /// The value of the matrix with its eigenvalues made positive.
        nearest: f64,
    },
    /// The singular values of a covariance matrix were not found, because its entries are of extreme size.
    #[error("the singular values of the covariance did not converge in {sweeps} sweeps; rescale the data")]
    NoConvergence {
        /// Number of sweeps made.
        sweeps: usize,
    },
}
