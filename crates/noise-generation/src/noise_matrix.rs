//! Random noise matrices with a given trace.

use cleanlab_core::RandomState;
use cleanlab_core::stopping::StopCheck;
use ndarray::{Array2, ArrayView1, array};

use crate::balls::{BallOptions, randomly_distribute_n_balls_into_k_bins};
use crate::errors::NoiseError;
use crate::learnability::{check_prior_of_learnable, is_learnable};
use crate::options::{MatrixValidity, NoiseMatrixOptions};
use crate::probabilities::{ProbabilityOptions, bounded_probabilities};

/// A random noise matrix whose diagonal sums to `trace`.
///
/// The diagonal is drawn first; what is missing to 1 in each column is split at random among the other rows, some of
/// which are left at 0 if `frac_zero_noise_rates` asks for it. Matrices are drawn until one is learnable, unless
/// [`MatrixValidity::Any`] is asked for.
///
/// # Shapes
///
/// K × K with K = `n_classes`; column j holds p(given label = i | true label = j) and sums to 1. Entries may leave
/// [0, 1] by 1e-6 when the trace leaves almost no room, as in cleanlab.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_core::RandomState;
/// use cleanlab_noise_generation::{NoiseMatrixOptions, generate_noise_matrix_from_trace, noise_matrix_is_valid};
/// use ndarray::{Axis, array};
///
/// let py = array![0.2, 0.3, 0.5];
/// let options = NoiseMatrixOptions::default().with_py(py.clone()).with_max_noise_rate(0.4);
/// let noise_matrix = generate_noise_matrix_from_trace(3, 2.1, &options, &mut RandomState::new(0))?;
/// assert_abs_diff_eq!(noise_matrix.diag().sum(), 2.1, epsilon = 1e-12);
/// assert_abs_diff_eq!(noise_matrix.sum_axis(Axis(0)), array![1.0, 1.0, 1.0], epsilon = 1e-12);
/// assert!(noise_matrix_is_valid(noise_matrix.view(), py.view())?);
/// # Ok::<(), cleanlab_noise_generation::NoiseError>(())
/// ```
///
/// # Errors
///
/// [`NoiseError::TooFewClasses`], [`NoiseError::TraceOutOfRange`], [`NoiseError::UnlearnableTrace`],
/// [`NoiseError::NoZeroNoiseRate`], [`NoiseError::MissingPrior`] and the other errors of `py`,
/// [`NoiseError::OptionOutOfRange`] and [`NoiseError::BoundsCrossed`] for bad input;
/// [`NoiseError::MaxProbTooSmall`] or [`NoiseError::MinProbTooLarge`] when no diagonal within its bounds has this
/// trace; [`NoiseError::NotConverged`] when its bounds leave too little room to find one;
/// [`NoiseError::TriesExhausted`] after `max_iter` tries, where cleanlab returns `None`.
///
/// # Differences
///
/// When the noise of a column cannot be split within `min_noise_rate` and `max_noise_rate`, cleanlab raises an error;
/// here that counts as a try and another matrix is drawn.
///
/// # Source
///
/// `cleanlab.benchmarking.noise_generation.generate_noise_matrix_from_trace`. Pass `RandomState::new(seed)` for the
/// matrix that cleanlab draws with `seed`; the stream that is left is the one that its global generator is left with,
/// so that [`generate_noisy_labels`](crate::generate_noisy_labels) gives the same labels next.
pub fn generate_noise_matrix_from_trace(
    n_classes: usize,
    trace: f64,
    options: &NoiseMatrixOptions,
    random: &mut RandomState,
) -> Result<Array2<f64>, NoiseError> {
    let plan = Plan::checked(n_classes, trace, options)?;
    if options.max_iter == 0 {
        return Err(exhausted(0, 0, 0));
    }
    if n_classes == 2 {
        return two_classes(trace, plan.zero_fraction, random);
    }
    let (mut not_learnable, mut no_room) = (0, 0);
    let stop = StopCheck::of_this_thread();
    for _ in 0..options.max_iter {
        stop.stop_if_told();
        match plan.draw(random) {
            Ok(noise_matrix) => {
                if plan.py.is_none_or(|py| is_learnable(noise_matrix.view(), py)) {
                    return Ok(noise_matrix);
                }
                not_learnable += 1;
            }
            Err(Failure::NoRoom) => no_room += 1,
            Err(Failure::Error(error)) => return Err(error),
        }
    }
    Err(exhausted(options.max_iter, not_learnable, no_room))
}

/// As [`generate_noise_matrix_from_trace`], on a stream of its own that `seed` starts. cleanlab's default seed is 0.
///
/// ```
/// use cleanlab_noise_generation::{NoiseMatrixOptions, generate_noise_matrix_from_trace_seeded};
/// let noise_matrix = generate_noise_matrix_from_trace_seeded(2, 1.5, &NoiseMatrixOptions::default(), 0)?;
/// assert_eq!(noise_matrix.row(0).to_vec(), [0.581_834_825_674_175_2, 0.081_834_825_674_175]);
/// # Ok::<(), cleanlab_noise_generation::NoiseError>(())
/// ```
///
/// # Errors
///
/// As [`generate_noise_matrix_from_trace`].
pub fn generate_noise_matrix_from_trace_seeded(
    n_classes: usize,
    trace: f64,
    options: &NoiseMatrixOptions,
    seed: u32,
) -> Result<Array2<f64>, NoiseError> {
    generate_noise_matrix_from_trace(n_classes, trace, options, &mut RandomState::new(seed))
}

fn exhausted(max_iter: usize, not_learnable: usize, no_room: usize) -> NoiseError {
    NoiseError::TriesExhausted { max_iter, not_learnable, no_room }
}

/// Every 2 × 2 noise matrix with a trace above 1 is learnable, whatever the prior.
fn two_classes(trace: f64, zero_fraction: f64, random: &mut RandomState) -> Result<Array2<f64>, NoiseError> {
    if zero_fraction >= 0.5 {
        if trace < 1.0 {
            return Err(NoiseError::NoZeroNoiseRate { trace });
        }
        let (kept, flipped) = (trace - 1.0, 1.0 - (trace - 1.0));
        return Ok(if random.random_sample() > 0.5 {
            array![[1.0, flipped], [0.0, kept]]
        } else {
            array![[kept, 0.0], [flipped, 1.0]]
        });
    }
    let diagonal = bounded_probabilities(2, trace, ProbabilityOptions::default(), random)?;
    Ok(array![[diagonal[0], 1.0 - diagonal[1]], [1.0 - diagonal[0], diagonal[1]]])
}

/// Why a try gave no matrix.
enum Failure {
    /// The noise of a column does not fit the bounds of noise rates; another try may be luckier.
    NoRoom,
    Error(NoiseError),
}

impl From<NoiseError> for Failure {
    fn from(error: NoiseError) -> Self {
        Self::Error(error)
    }
}

/// What was asked for, checked.
struct Plan<'a> {
    n_classes: usize,
    trace: f64,
    diagonal_bounds: ProbabilityOptions,
    noise_rate_bounds: ProbabilityOptions,
    zero_fraction: f64,
    /// The prior, if only learnable matrices are accepted and there are more than two classes.
    py: Option<ArrayView1<'a, f64>>,
}

impl<'a> Plan<'a> {
    fn checked(n_classes: usize, trace: f64, options: &'a NoiseMatrixOptions) -> Result<Self, NoiseError> {
        if n_classes < 2 {
            return Err(NoiseError::TooFewClasses { n_classes });
        }
        // Written so that NaN is refused too.
        if !(trace > 0.0 && trace <= n_classes as f64) {
            return Err(NoiseError::TraceOutOfRange { trace, n_classes });
        }
        let py = match &options.validity {
            MatrixValidity::Any => None,
            MatrixValidity::Learnable { .. } if trace <= 1.0 => {
                return Err(NoiseError::UnlearnableTrace { trace });
            }
            MatrixValidity::Learnable { .. } if n_classes == 2 => None,
            MatrixValidity::Learnable { py } => {
                let py = py.as_ref().ok_or(NoiseError::MissingPrior { n_classes })?.view();
                check_prior_of_learnable(py, n_classes)?;
                Some(py)
            }
        };
        Ok(Self {
            n_classes,
            trace,
            diagonal_bounds: options.diagonal_bounds()?,
            noise_rate_bounds: options.noise_rate_bounds()?,
            zero_fraction: options.zero_fraction()?,
            py,
        })
    }

    fn draw(&self, random: &mut RandomState) -> Result<Array2<f64>, Failure> {
        let k = self.n_classes;
        let diagonal = bounded_probabilities(k, self.trace, self.diagonal_bounds, random)?;
        let noisy: Vec<usize> = (0..k).filter(|&column| diagonal[column] != 1.0).collect();
        let zeros = self.zeros_per_column(noisy.len(), random)?;
        let mut noise_matrix = Array2::from_diag(&ndarray::aview1(&diagonal));
        for (column, zeros) in noisy.into_iter().zip(zeros) {
            let n_rates = k - 1 - zeros;
            let noise = 1.0 - diagonal[column];
            let rates =
                bounded_probabilities(n_rates, noise, self.noise_rate_bounds, random).map_err(no_room)?;
            let places = random.choice_without_replacement(k - 1, n_rates).map_err(NoiseError::from)?;
            // cleanlab hands the rates out from the last one on.
            for (place, rate) in places.into_iter().zip(rates.into_iter().rev()) {
                let row = if place < column { place } else { place + 1 };
                noise_matrix[[row, column]] = rate;
            }
        }
        Ok(noise_matrix)
    }

    /// How many noise rates of each noisy column are 0. Columns without noise have K − 1 such rates already.
    fn zeros_per_column(&self, n_noisy: usize, random: &mut RandomState) -> Result<Vec<usize>, NoiseError> {
        let k = self.n_classes;
        let wanted = ((k * (k - 1)) as f64 * self.zero_fraction) as usize;
        let zeros = wanted.saturating_sub((k - n_noisy) * (k - 1));
        // One row is the diagonal's, and one must take what is missing to 1.
        let options = BallOptions::default().with_max_balls_per_bin(k - 2);
        randomly_distribute_n_balls_into_k_bins(zeros, n_noisy, &options, random)
    }
}

fn no_room(error: NoiseError) -> Failure {
    match error {
        NoiseError::MaxProbTooSmall { .. }
        | NoiseError::MinProbTooLarge { .. }
        | NoiseError::NotConverged { .. } => Failure::NoRoom,
        other => Failure::Error(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    fn any() -> NoiseMatrixOptions {
        NoiseMatrixOptions::default().with_validity(MatrixValidity::Any)
    }

    fn generate(
        n_classes: usize,
        trace: f64,
        options: &NoiseMatrixOptions,
    ) -> Result<Array2<f64>, NoiseError> {
        generate_noise_matrix_from_trace_seeded(n_classes, trace, options, 0)
    }

    fn with_py(py: &[f64]) -> NoiseMatrixOptions {
        NoiseMatrixOptions::default().with_py(Array1::from_vec(py.to_vec()))
    }

    #[test]
    fn generate_bad_size_or_trace_is_named() {
        for n_classes in [0, 1] {
            assert_eq!(generate(n_classes, 1.0, &any()), Err(NoiseError::TooFewClasses { n_classes }));
        }
        for trace in [0.0, -1.0, 3.0 + 1e-9, f64::INFINITY] {
            assert_eq!(generate(3, trace, &any()), Err(NoiseError::TraceOutOfRange { trace, n_classes: 3 }));
        }
        assert!(matches!(generate(3, f64::NAN, &any()), Err(NoiseError::TraceOutOfRange { .. })));
        assert_eq!(
            generate(2, 1.0, &NoiseMatrixOptions::default()),
            Err(NoiseError::UnlearnableTrace { trace: 1.0 })
        );
        assert_eq!(
            generate(2, 0.5, &any().with_frac_zero_noise_rates(0.5)),
            Err(NoiseError::NoZeroNoiseRate { trace: 0.5 })
        );
    }

    #[test]
    fn generate_bad_prior_is_named() {
        assert_eq!(
            generate(3, 2.0, &NoiseMatrixOptions::default()),
            Err(NoiseError::MissingPrior { n_classes: 3 })
        );
        assert_eq!(
            generate(3, 2.0, &with_py(&[0.5, 0.5])),
            Err(NoiseError::PriorLength { len: 2, n_classes: 3 })
        );
        assert_eq!(
            generate(3, 2.0, &with_py(&[0.5, 0.5, 0.0])),
            Err(NoiseError::PriorOutOfRange { class: 2, value: 0.0 })
        );
        assert!(matches!(
            generate(3, 2.0, &with_py(&[0.5, f64::NAN, 0.5])),
            Err(NoiseError::PriorOutOfRange { class: 1, .. })
        ));
        assert_eq!(
            generate(3, 2.0, &with_py(&[0.5, 0.25, 0.5])),
            Err(NoiseError::PriorSum { sum: 1.25, tolerance: 1e-6 })
        );
    }

    #[test]
    fn generate_bad_option_is_named() {
        let rejected = |options: NoiseMatrixOptions| generate(3, 2.0, &options).unwrap_err();
        let out_of_range = |name, value| NoiseError::OptionOutOfRange { name, value };
        assert_eq!(rejected(any().with_max_noise_rate(1.5)), out_of_range("max_noise_rate", 1.5));
        assert_eq!(rejected(any().with_min_noise_rate(-0.5)), out_of_range("min_noise_rate", -0.5));
        assert_eq!(rejected(any().with_max_trace_prob(2.0)), out_of_range("max_trace_prob", 2.0));
        assert_eq!(rejected(any().with_min_trace_prob(-1.0)), out_of_range("min_trace_prob", -1.0));
        assert_eq!(
            rejected(any().with_frac_zero_noise_rates(1.1)),
            out_of_range("frac_zero_noise_rates", 1.1)
        );
        assert_eq!(
            rejected(any().with_min_trace_prob(0.9).with_max_trace_prob(0.8)),
            NoiseError::BoundsCrossed { name: "diagonal entries", low: 0.9, high: 0.8 }
        );
    }

    #[test]
    fn generate_impossible_diagonal_is_refused() {
        assert!(matches!(
            generate(3, 2.0, &any().with_max_trace_prob(0.5)),
            Err(NoiseError::MaxProbTooSmall { n: 3, .. })
        ));
        assert!(matches!(
            generate(3, 2.0, &any().with_min_trace_prob(0.8)),
            Err(NoiseError::MinProbTooLarge { n: 3, .. })
        ));
    }

    #[test]
    fn generate_impossible_noise_rates_exhaust_the_tries() {
        let options = any().with_min_noise_rate(0.4).with_max_iter(25);
        assert_eq!(
            generate(3, 2.9, &options),
            Err(NoiseError::TriesExhausted { max_iter: 25, not_learnable: 0, no_room: 25 })
        );
        assert!(matches!(
            generate(2, 1.5, &any().with_max_iter(0)),
            Err(NoiseError::TriesExhausted { max_iter: 0, .. })
        ));
    }

    #[test]
    fn generate_all_noise_rates_zero_leaves_one_per_column() {
        let drawn = generate(6, 3.0, &any().with_frac_zero_noise_rates(1.0)).unwrap();
        for (class, column) in drawn.columns().into_iter().enumerate() {
            let rates = column.iter().enumerate().filter(|(row, rate)| *row != class && **rate != 0.0);
            assert_eq!(rates.count(), 1, "column {class}");
        }
    }

    #[test]
    fn generate_full_trace_gives_the_identity() {
        let drawn = generate(4, 4.0, &any()).unwrap();
        for ((row, column), value) in drawn.indexed_iter() {
            let identity = if row == column { 1.0 } else { 0.0 };
            assert!((value - identity).abs() < 1e-5, "row {row}, column {column}: {value}");
        }
    }

    #[test]
    fn generate_many_classes_and_zeros_keeps_columns_whole() {
        // With this seed cleanlab 2.9.0 leaves a column without noise rates, which sums to 0.71.
        let options = any().with_frac_zero_noise_rates(0.9);
        let drawn = generate_noise_matrix_from_trace_seeded(1000, 600.0, &options, 2).unwrap();
        for column in drawn.columns() {
            assert!((column.sum() - 1.0).abs() < 1e-9);
        }
    }
}
