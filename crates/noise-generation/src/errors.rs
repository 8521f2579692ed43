//! What can be wrong with the inputs of this crate, and what could not be found.

use cleanlab_core::{InputError, RandomError};
use thiserror::Error;

/// Why noise could not be generated: the value, the bound that it broke, and what to do.
///
/// ```
/// use cleanlab_core::RandomState;
/// use cleanlab_noise_generation::{NoiseError, NoiseMatrixOptions, generate_noise_matrix_from_trace};
///
/// let options = NoiseMatrixOptions::default();
/// let error = generate_noise_matrix_from_trace(3, 3.5, &options, &mut RandomState::new(0)).unwrap_err();
/// assert_eq!(error, NoiseError::TraceOutOfRange { trace: 3.5, n_classes: 3 });
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum NoiseError {
    /// There are fewer than two classes, so no label can become another.
    #[error("there are {n_classes} classes; at least 2 are needed")]
    TooFewClasses {
        /// Number of classes asked for.
        n_classes: usize,
    },
    /// No matrix of probabilities has this trace.
    #[error("trace is {trace}; it must be above 0 and at most {n_classes}, the number of classes")]
    TraceOutOfRange {
        /// The trace asked for.
        trace: f64,
        /// Number of classes.
        n_classes: usize,
    },
    /// A learnable matrix was asked for, and none has so small a trace.
    #[error("trace is {trace}; a learnable noise matrix has a trace above 1")]
    UnlearnableTrace {
        /// The trace asked for.
        trace: f64,
    },
    /// A 2 × 2 matrix with a noise rate of 0 was asked for, and none has so small a trace.
    #[error("trace is {trace}; a 2 × 2 noise matrix with a noise rate of 0 has a trace of at least 1")]
    NoZeroNoiseRate {
        /// The trace asked for.
        trace: f64,
    },
    /// Whether a matrix is learnable depends on the prior of the classes, which is not given.
    #[error("py is missing; with {n_classes} classes it decides whether a noise matrix is learnable")]
    MissingPrior {
        /// Number of classes.
        n_classes: usize,
    },
    /// The prior has another number of classes.
    #[error("py has length {len}, but there are {n_classes} classes")]
    PriorLength {
        /// Length of the prior.
        len: usize,
        /// Number of classes.
        n_classes: usize,
    },
    /// An entry of the prior is NaN or no probability, or is 0 where every class must occur.
    #[error("py of class {class} is {value}; it must be in [0, 1], and above 0 for a learnable noise matrix")]
    PriorOutOfRange {
        /// Class of the entry.
        class: usize,
        /// The value found.
        value: f64,
    },
    /// The prior does not sum to 1.
    #[error("py sums to {sum}, which is off 1 by more than {tolerance:e}")]
    PriorSum {
        /// Its sum.
        sum: f64,
        /// How far off 1 is still accepted.
        tolerance: f64,
    },
    /// A noise matrix has not one row and one column per class.
    #[error("noise matrix has shape ({rows}, {columns}); one row and one column per class are needed")]
    NotSquare {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        columns: usize,
    },
    /// An entry of a noise matrix is NaN or lies outside [0, 1].
    #[error("noise matrix row {row}, column {column} is {value}, outside [0, 1] by more than {tolerance:e}")]
    NoiseRateOutOfRange {
        /// Row of the entry: the given label.
        row: usize,
        /// Column of the entry: the true label.
        column: usize,
        /// The value found.
        value: f64,
        /// How far outside [0, 1] is still accepted.
        tolerance: f64,
    },
    /// A column of a noise matrix does not sum to 1.
    #[error("noise matrix column {column} sums to {sum}, which is off 1 by more than {tolerance:e}")]
    ColumnSum {
        /// The column: the true label.
        column: usize,
        /// Its sum.
        sum: f64,
        /// How far off 1 is still accepted.
        tolerance: f64,
    },
    /// An option that is a probability, or a fraction, is not in [0, 1].
    #[error("{name} is {value}; it must be in [0, 1]")]
    OptionOutOfRange {
        /// Name of the option.
        name: &'static str,
        /// The value found.
        value: f64,
    },
    /// A lower bound lies above its upper bound.
    #[error("{name}: the lower bound {low} is above the upper bound {high}")]
    BoundsCrossed {
        /// What is bounded.
        name: &'static str,
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },
    /// Probabilities were asked for with a total that is negative, infinite or NaN.
    #[error("m is {total}; probabilities sum to a finite number that is at least 0")]
    TotalOutOfRange {
        /// The total asked for.
        total: f64,
    },
    /// The upper bound leaves no room for the total.
    #[error("{n} probabilities of at most {max_prob} cannot sum to {total}; max_prob must be at least {}", .total / *.n as f64)]
    MaxProbTooSmall {
        /// Number of probabilities.
        n: usize,
        /// Upper bound of each.
        max_prob: f64,
        /// What they should sum to.
        total: f64,
    },
    /// The lower bound exceeds the total.
    #[error("{n} probabilities of at least {min_prob} cannot sum to {total}; min_prob must be at most {}", .total / *.n as f64)]
    MinProbTooLarge {
        /// Number of probabilities.
        n: usize,
        /// Lower bound of each.
        min_prob: f64,
        /// What they should sum to.
        total: f64,
    },
    /// Values that were moved pair by pair did not come to lie within their bounds.
    #[error("{what} did not come to lie within their bounds in {steps} steps; loosen the bounds")]
    NotConverged {
        /// What was moved.
        what: &'static str,
        /// Number of steps made.
        steps: usize,
    },
    /// There are balls but no bin.
    #[error("{balls} balls cannot be distributed into 0 bins")]
    NoBins {
        /// Number of balls.
        balls: usize,
    },
    /// There are more balls than a float counts exactly.
    #[error("{balls} balls are too many; at most {max} are counted exactly")]
    TooManyBalls {
        /// Number of balls.
        balls: usize,
        /// The largest number accepted.
        max: u64,
    },
    /// No try gave a noise matrix with the properties asked for.
    #[error(
        "no noise matrix found in {max_iter} tries: {not_learnable} were not learnable for py, and {no_room} had a \
         column whose noise cannot be split into rates within their bounds; raise max_iter, raise the trace, or \
         loosen the bounds"
    )]
    TriesExhausted {
        /// Number of tries allowed.
        max_iter: usize,
        /// Number of matrices that were not learnable.
        not_learnable: usize,
        /// Number of tries given up at a column.
        no_room: usize,
    },
    /// A label is no class of the noise matrix.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A draw was refused.
    #[error(transparent)]
    Random(#[from] RandomError),
}
