//! What kind of noise matrix is asked for.

use ndarray::Array1;

use crate::errors::NoiseError;
use crate::probabilities::{BoundNames, ProbabilityOptions, check_fraction};

/// Which noise matrices are accepted.
///
/// ```
/// use cleanlab_noise_generation::MatrixValidity;
/// assert_eq!(MatrixValidity::default(), MatrixValidity::Learnable { py: None });
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum MatrixValidity {
    /// Those for which [`noise_matrix_is_valid`](crate::noise_matrix_is_valid) holds. Their trace is above 1.
    Learnable {
        /// Prior p(true label = k) of every class, K values. Needed for more than two classes; of two classes every
        /// matrix with a trace above 1 is learnable.
        py: Option<Array1<f64>>,
    },
    /// All whose columns sum to 1.
    Any,
}

impl Default for MatrixValidity {
    fn default() -> Self {
        Self::Learnable { py: None }
    }
}

/// Options of [`generate_noise_matrix_from_trace`](crate::generate_noise_matrix_from_trace), by default cleanlab's.
///
/// The bounds of diagonal entries and noise rates are not used for two classes, nor by cleanlab.
///
/// ```
/// use cleanlab_noise_generation::NoiseMatrixOptions;
/// use ndarray::array;
/// let options = NoiseMatrixOptions::default().with_py(array![0.2, 0.3, 0.5]).with_frac_zero_noise_rates(0.5);
/// assert_eq!((options.max_noise_rate, options.max_iter), (1.0 - 1e-5, 10_000));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NoiseMatrixOptions {
    /// Which matrices are accepted. Default: learnable ones.
    pub validity: MatrixValidity,
    /// Smallest diagonal entry, from [0, 1]. Default 1e-5.
    pub min_trace_prob: f64,
    /// Largest diagonal entry, from [0, 1]. Default 1.
    pub max_trace_prob: f64,
    /// Smallest noise rate (entry off the diagonal) that is not 0 by `frac_zero_noise_rates`, from [0, 1]. Default 0.
    pub min_noise_rate: f64,
    /// Largest noise rate, from [0, 1]. Default 1 − 1e-5.
    pub max_noise_rate: f64,
    /// Fraction of the K · (K − 1) noise rates that are 0, from [0, 1]. Default 0.
    ///
    /// Each column keeps at least one noise rate unless its diagonal entry is 1, so the fraction reached may be lower;
    /// columns with a diagonal entry of 1 may make it higher. Of two classes, 0.5 and more give one noise rate of 0.
    pub frac_zero_noise_rates: f64,
    /// Largest number of matrices drawn. Default 10 000.
    pub max_iter: usize,
}

impl Default for NoiseMatrixOptions {
    fn default() -> Self {
        Self {
            validity: MatrixValidity::default(),
            min_trace_prob: 1e-5,
            max_trace_prob: 1.0,
            min_noise_rate: 0.0,
            max_noise_rate: 1.0 - 1e-5,
            frac_zero_noise_rates: 0.0,
            max_iter: 10_000,
        }
    }
}

impl NoiseMatrixOptions {
    /// Sets which matrices are accepted.
    #[must_use]
    pub fn with_validity(self, validity: MatrixValidity) -> Self {
        Self { validity, ..self }
    }

    /// Accepts matrices that are learnable for this prior.
    #[must_use]
    pub fn with_py(self, py: Array1<f64>) -> Self {
        self.with_validity(MatrixValidity::Learnable { py: Some(py) })
    }

    /// Sets the smallest diagonal entry.
    #[must_use]
    pub fn with_min_trace_prob(self, min_trace_prob: f64) -> Self {
        Self { min_trace_prob, ..self }
    }

    /// Sets the largest diagonal entry.
    #[must_use]
    pub fn with_max_trace_prob(self, max_trace_prob: f64) -> Self {
        Self { max_trace_prob, ..self }
    }

    /// Sets the smallest noise rate.
    #[must_use]
    pub fn with_min_noise_rate(self, min_noise_rate: f64) -> Self {
        Self { min_noise_rate, ..self }
    }

    /// Sets the largest noise rate.
    #[must_use]
    pub fn with_max_noise_rate(self, max_noise_rate: f64) -> Self {
        Self { max_noise_rate, ..self }
    }

    /// Sets the fraction of noise rates that are 0.
    #[must_use]
    pub fn with_frac_zero_noise_rates(self, frac_zero_noise_rates: f64) -> Self {
        Self { frac_zero_noise_rates, ..self }
    }

    /// Sets the largest number of matrices drawn.
    #[must_use]
    pub fn with_max_iter(self, max_iter: usize) -> Self {
        Self { max_iter, ..self }
    }

    pub(crate) fn diagonal_bounds(&self) -> Result<ProbabilityOptions, NoiseError> {
        let bounds = ProbabilityOptions { min_prob: self.min_trace_prob, max_prob: self.max_trace_prob };
        bounds.checked(BoundNames { min: "min_trace_prob", max: "max_trace_prob", both: "diagonal entries" })
    }

    pub(crate) fn noise_rate_bounds(&self) -> Result<ProbabilityOptions, NoiseError> {
        let bounds = ProbabilityOptions { min_prob: self.min_noise_rate, max_prob: self.max_noise_rate };
        bounds.checked(BoundNames { min: "min_noise_rate", max: "max_noise_rate", both: "noise rates" })
    }

    pub(crate) fn zero_fraction(&self) -> Result<f64, NoiseError> {
        check_fraction("frac_zero_noise_rates", self.frac_zero_noise_rates)?;
        Ok(self.frac_zero_noise_rates)
    }
}
