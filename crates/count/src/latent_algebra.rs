//! Conversions between the noise matrix, its inverse and the class priors.
//!
//! Throughout, `noise_matrix[[i, j]]` is p(given label = i | true label = j), columns summing to 1;
//! `inverse_noise_matrix[[i, j]]` is p(true label = i | given label = j), columns summing to 1; `ps[i]` is
//! p(given label = i); `py[j]` is p(true label = j).

use cleanlab_core::constants::{CLIPPING_LOWER_BOUND, TINY_VALUE};
use cleanlab_core::{Labels, clip_noise_rates, clip_values, invert};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use crate::errors::{CountError, check_finite, check_length, check_square};

/// How the class priors are computed from noise rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum PyMethod {
    /// `py[k] = inverse_noise_matrix[[k, k]] / noise_matrix[[k, k]] * ps[k]`; cleanlab's default, `cnt`.
    #[default]
    Counts,
    /// Solves `noise_matrix · py = ps`; `eqn`.
    Equation,
    /// Share of each true class in the confident joint; `marginal`.
    Marginal,
    /// `inverse_noise_matrix · ps`; `marginal_ps`.
    MarginalPs,
}

/// The inputs of [`compute_py`], K classes.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::exhaustive_structs, reason = "what a formula takes, which callers write out")]
pub struct NoiseRates<'a> {
    /// p(given label), K values.
    pub ps: ArrayView1<'a, f64>,
    /// p(given | true), K × K.
    pub noise_matrix: ArrayView2<'a, f64>,
    /// p(true | given), K × K.
    pub inverse_noise_matrix: ArrayView2<'a, f64>,
    /// Column sums of the confident joint, K values; read by [`PyMethod::Marginal`] alone.
    pub true_label_counts: ArrayView1<'a, f64>,
}

/// The prior of every true class, clipped to [1e-6, 1] and summing to 1.
///
/// # Errors
///
/// [`CountError::Singular`] for [`PyMethod::Equation`] when the noise matrix has no inverse,
/// [`CountError::WrongLength`] or [`CountError::WrongShape`] when the sizes disagree, [`CountError::NotFinite`] for a
/// value that is not finite.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_count::{NoiseRates, PyMethod, compute_py};
/// use ndarray::array;
///
/// let (noise_matrix, inverse) = (array![[0.8, 0.2], [0.2, 0.8]], array![[0.8, 0.2], [0.2, 0.8]]);
/// let ps = array![0.5, 0.5];
/// let rates = NoiseRates {
///     ps: ps.view(),
///     noise_matrix: noise_matrix.view(),
///     inverse_noise_matrix: inverse.view(),
///     true_label_counts: ps.view(),
/// };
/// assert_abs_diff_eq!(compute_py(rates, PyMethod::Counts)?, array![0.5, 0.5], epsilon = 1e-15);
/// assert_abs_diff_eq!(compute_py(rates, PyMethod::Equation)?, array![0.5, 0.5], epsilon = 1e-15);
/// # Ok::<(), cleanlab_count::CountError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.latent_algebra.compute_py`.
pub fn compute_py(rates: NoiseRates<'_>, method: PyMethod) -> Result<Array1<f64>, CountError> {
    let NoiseRates { ps, noise_matrix, inverse_noise_matrix, true_label_counts } = rates;
    let k = ps.len();
    check_square("noise_matrix", noise_matrix.dim(), k)?;
    check_square("inverse_noise_matrix", inverse_noise_matrix.dim(), k)?;
    check_finite("ps", ps)?;
    check_finite("noise_matrix", noise_matrix)?;
    check_finite("inverse_noise_matrix", inverse_noise_matrix)?;
    let py = match method {
        PyMethod::Counts => Array1::from_shape_fn(k, |class| {
            inverse_noise_matrix[[class, class]] / noise_matrix[[class, class]].max(TINY_VALUE) * ps[class]
        }),
        PyMethod::Equation => solve_py(ps, noise_matrix)?,
        PyMethod::Marginal => {
            check_length("true_label_counts", true_label_counts.len(), k)?;
            check_finite("true_label_counts", true_label_counts)?;
            let total = true_label_counts.sum().max(TINY_VALUE);
            true_label_counts.mapv(|count| count / total)
        }
        PyMethod::MarginalPs => inverse_noise_matrix.dot(&ps),
    };
    Ok(clip_values(py.view(), CLIPPING_LOWER_BOUND, 1.0, 1.0))
}

fn solve_py(ps: ArrayView1<'_, f64>, noise_matrix: ArrayView2<'_, f64>) -> Result<Array1<f64>, CountError> {
    check_finite("noise_matrix", noise_matrix.iter())?;
    Ok(invert(noise_matrix)?.dot(&ps))
}

/// p(true | given) from p(given | true) and the priors.
///
/// Without `ps`, the priors of the given labels follow from `noise_matrix` and `py`.
///
/// # Errors
///
/// [`CountError::WrongLength`] or [`CountError::WrongShape`] when the sizes disagree, [`CountError::NotFinite`] for a
/// value that is not finite.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_count::compute_inv_noise_matrix;
/// use ndarray::array;
///
/// let inverse = compute_inv_noise_matrix(array![0.5, 0.5].view(), array![[0.8, 0.4], [0.2, 0.6]].view(), None)?;
/// assert_abs_diff_eq!(inverse, array![[2.0 / 3.0, 0.25], [1.0 / 3.0, 0.75]], epsilon = 1e-15);
/// # Ok::<(), cleanlab_count::CountError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.latent_algebra.compute_inv_noise_matrix`.
pub fn compute_inv_noise_matrix(
    py: ArrayView1<'_, f64>,
    noise_matrix: ArrayView2<'_, f64>,
    ps: Option<ArrayView1<'_, f64>>,
) -> Result<Array2<f64>, CountError> {
    let k = py.len();
    check_square("noise_matrix", noise_matrix.dim(), k)?;
    check_finite("py", py)?;
    check_finite("noise_matrix", noise_matrix)?;
    let joint = &noise_matrix * &py;
    let ps = match ps {
        Some(ps) => ps.to_owned(),
        None => joint.sum_axis(ndarray::Axis(1)),
    };
    check_length("ps", ps.len(), k)?;
    check_finite("ps", &ps)?;
    let inverse = &joint.t() / &ps.mapv(|p| p.max(TINY_VALUE));
    Ok(clip_noise_rates(inverse.view()))
}

/// p(given | true) from p(true | given) and the priors.
///
/// Without `py`, the priors of the true labels follow from `inverse_noise_matrix` and `ps`.
///
/// # Errors
///
/// [`CountError::WrongLength`] or [`CountError::WrongShape`] when the sizes disagree, [`CountError::NotFinite`] for a
/// value that is not finite.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_count::compute_noise_matrix_from_inverse;
/// use ndarray::array;
///
/// let inverse = array![[2.0 / 3.0, 0.25], [1.0 / 3.0, 0.75]];
/// let noise_matrix = compute_noise_matrix_from_inverse(array![0.6, 0.4].view(), inverse.view(), None)?;
/// assert_abs_diff_eq!(noise_matrix, array![[0.8, 0.4], [0.2, 0.6]], epsilon = 1e-15);
/// # Ok::<(), cleanlab_count::CountError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.latent_algebra.compute_noise_matrix_from_inverse`.
pub fn compute_noise_matrix_from_inverse(
    ps: ArrayView1<'_, f64>,
    inverse_noise_matrix: ArrayView2<'_, f64>,
    py: Option<ArrayView1<'_, f64>>,
) -> Result<Array2<f64>, CountError> {
    let k = ps.len();
    check_square("inverse_noise_matrix", inverse_noise_matrix.dim(), k)?;
    check_finite("ps", ps)?;
    check_finite("inverse_noise_matrix", inverse_noise_matrix)?;
    let joint = (&inverse_noise_matrix * &ps).reversed_axes();
    let py = match py {
        Some(py) => py.to_owned(),
        None => joint.sum_axis(ndarray::Axis(0)),
    };
    check_length("py", py.len(), k)?;
    check_finite("py", &py)?;
    let noise_matrix = &joint / &py.mapv(|p| p.max(TINY_VALUE));
    Ok(clip_noise_rates(noise_matrix.view()))
}

/// The priors of the true classes with the inverse noise matrix that belongs to them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PyAndInverse {
    /// p(given label), K values.
    pub ps: Array1<f64>,
    /// p(true label), K values in [1e-6, 1] summing to 1.
    pub py: Array1<f64>,
    /// p(true | given), K × K.
    pub inverse_noise_matrix: Array2<f64>,
}

/// Solves for the true priors and the inverse noise matrix, given the noise matrix and the given priors.
///
/// # Errors
///
/// [`CountError::Singular`] when the noise matrix has no inverse, [`CountError::NotFinite`] or
/// [`CountError::WrongShape`] when it is not valid.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_count::compute_py_inv_noise_matrix;
/// use ndarray::array;
///
/// let solved = compute_py_inv_noise_matrix(array![0.6, 0.4].view(), array![[0.8, 0.4], [0.2, 0.6]].view())?;
/// assert_abs_diff_eq!(solved.py, array![0.5, 0.5], epsilon = 1e-12);
/// # Ok::<(), cleanlab_count::CountError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.latent_algebra.compute_py_inv_noise_matrix`.
pub fn compute_py_inv_noise_matrix(
    ps: ArrayView1<'_, f64>,
    noise_matrix: ArrayView2<'_, f64>,
) -> Result<PyAndInverse, CountError> {
    check_square("noise_matrix", noise_matrix.dim(), ps.len())?;
    check_finite("ps", ps)?;
    let py = clip_values(solve_py(ps, noise_matrix)?.view(), CLIPPING_LOWER_BOUND, 1.0, 1.0);
    let inverse_noise_matrix = compute_inv_noise_matrix(py.view(), noise_matrix, Some(ps))?;
    Ok(PyAndInverse { ps: ps.to_owned(), py, inverse_noise_matrix })
}

/// As [`compute_py_inv_noise_matrix`], with the given priors counted from the labels.
///
/// # Errors
///
/// As [`compute_py_inv_noise_matrix`], and [`CountError::NoSuchClass`] for a label without a row in the noise matrix.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_core::Labels;
/// use cleanlab_count::compute_ps_py_inv_noise_matrix;
/// use ndarray::array;
///
/// let labels = Labels::new(&[0, 0, 0, 1, 1])?;
/// let solved = compute_ps_py_inv_noise_matrix(&labels, array![[0.8, 0.4], [0.2, 0.6]].view())?;
/// assert_abs_diff_eq!(solved.ps, array![0.6, 0.4], epsilon = 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.latent_algebra.compute_ps_py_inv_noise_matrix`.
///
/// # Differences
///
/// cleanlab fails when a class has no label; here its prior is 0.
pub fn compute_ps_py_inv_noise_matrix(
    labels: &Labels<'_>,
    noise_matrix: ArrayView2<'_, f64>,
) -> Result<PyAndInverse, CountError> {
    let n_classes = noise_matrix.nrows();
    check_square("noise_matrix", noise_matrix.dim(), n_classes)?;
    let ps = label_priors(labels, n_classes)?;
    compute_py_inv_noise_matrix(ps.view(), noise_matrix)
}

pub(crate) fn label_priors(labels: &Labels<'_>, n_classes: usize) -> Result<Array1<f64>, CountError> {
    if labels.max_class() >= n_classes {
        return Err(CountError::NoSuchClass { class: labels.max_class(), n_classes });
    }
    Ok(labels.counts(n_classes).into_iter().map(|count| count as f64 / labels.len() as f64).collect())
}

/// p(true label = k | x) from p(given label = k | x), row by row, each row summing to 1.
///
/// # Shapes
///
/// `pred_probs` N × K, both matrices K × K; returns N × K.
///
/// # Errors
///
/// [`CountError::WrongShape`] when a matrix does not have one row and column per class, [`CountError::NotFinite`] for a
/// value that is not finite.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_count::compute_pyx;
/// use ndarray::array;
///
/// let pyx = compute_pyx(
///     array![[0.5, 0.5]].view(),
///     array![[0.5, 0.0], [0.5, 1.0]].view(),
///     array![[1.0, 0.5], [0.0, 0.5]].view(),
/// )?;
/// assert_abs_diff_eq!(pyx, array![[0.8, 0.2]], epsilon = 1e-15);
/// # Ok::<(), cleanlab_count::CountError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.latent_algebra.compute_pyx`.
pub fn compute_pyx(
    pred_probs: ArrayView2<'_, f64>,
    noise_matrix: ArrayView2<'_, f64>,
    inverse_noise_matrix: ArrayView2<'_, f64>,
) -> Result<Array2<f64>, CountError> {
    let k = pred_probs.ncols();
    check_square("noise_matrix", noise_matrix.dim(), k)?;
    check_square("inverse_noise_matrix", inverse_noise_matrix.dim(), k)?;
    check_finite("pred_probs", pred_probs)?;
    check_finite("noise_matrix", noise_matrix)?;
    check_finite("inverse_noise_matrix", inverse_noise_matrix)?;
    let mut pyx = pred_probs.to_owned();
    for mut row in pyx.rows_mut() {
        for (class, p) in row.iter_mut().enumerate() {
            *p = *p * inverse_noise_matrix[[class, class]] / noise_matrix[[class, class]].max(TINY_VALUE);
        }
        let clipped = clip_values(row.view(), 0.0, 1.0, 1.0);
        row.assign(&clipped);
    }
    Ok(pyx)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::{
        NoiseRates, PyMethod, compute_inv_noise_matrix, compute_noise_matrix_from_inverse, compute_py,
        compute_py_inv_noise_matrix, compute_pyx,
    };
    use crate::errors::CountError;

    #[test]
    fn values_that_are_not_finite_are_refused() {
        let (good, half) = (array![[0.9, 0.2], [0.1, 0.8]], array![0.5, 0.5]);
        let (bad, bad_half) = (array![[0.9, f64::NAN], [0.1, 0.8]], array![0.5, f64::NAN]);
        let of_priors = [
            compute_inv_noise_matrix(bad_half.view(), good.view(), None).map(drop),
            compute_noise_matrix_from_inverse(bad_half.view(), good.view(), None).map(drop),
            compute_py_inv_noise_matrix(bad_half.view(), good.view()).map(drop),
        ];
        let of_rates = [
            compute_inv_noise_matrix(half.view(), bad.view(), None).map(drop),
            compute_noise_matrix_from_inverse(half.view(), bad.view(), None).map(drop),
            compute_py_inv_noise_matrix(half.view(), bad.view()).map(drop),
            compute_pyx(bad.view(), good.view(), good.view()).map(drop),
            compute_pyx(good.view(), good.view(), bad.view()).map(drop),
        ];
        let of_methods = [PyMethod::Counts, PyMethod::Equation, PyMethod::Marginal, PyMethod::MarginalPs];
        let of_methods = of_methods.map(|method| {
            let rates = NoiseRates {
                ps: half.view(),
                noise_matrix: bad.view(),
                inverse_noise_matrix: good.view(),
                true_label_counts: half.view(),
            };
            compute_py(rates, method).map(drop)
        });
        for result in of_priors.into_iter().chain(of_rates).chain(of_methods) {
            assert!(matches!(result, Err(CountError::NotFinite { index: 1, .. })), "{result:?}");
        }
    }

    #[test]
    fn conversions_of_a_joint_distribution_agree_with_its_margins() {
        use super::compute_ps_py_inv_noise_matrix;
        use approx::assert_abs_diff_eq;
        use cleanlab_core::Labels;

        // Given labels down, true ones across.
        let joint = array![[0.4, 0.02, 0.03], [0.05, 0.2, 0.01], [0.06, 0.03, 0.2]];
        let (ps, py) = (array![0.45, 0.26, 0.29], array![0.51, 0.25, 0.24]);
        let noise_matrix = &joint / &py;
        let inverse = &joint.t() / &ps;
        let true_label_counts = &py * 200.0;
        let close = |found: &ndarray::Array2<f64>, expected: &ndarray::Array2<f64>| {
            assert_abs_diff_eq!(*found, *expected, epsilon = 1e-12);
        };
        for method in [PyMethod::Counts, PyMethod::Equation, PyMethod::Marginal, PyMethod::MarginalPs] {
            let rates = NoiseRates {
                ps: ps.view(),
                noise_matrix: noise_matrix.view(),
                inverse_noise_matrix: inverse.view(),
                true_label_counts: true_label_counts.view(),
            };
            assert_abs_diff_eq!(compute_py(rates, method).unwrap(), py, epsilon = 1e-12);
        }
        for given in [None, Some(ps.view())] {
            close(&compute_inv_noise_matrix(py.view(), noise_matrix.view(), given).unwrap(), &inverse);
        }
        for given in [None, Some(py.view())] {
            close(
                &compute_noise_matrix_from_inverse(ps.view(), inverse.view(), given).unwrap(),
                &noise_matrix,
            );
        }
        let solved = compute_py_inv_noise_matrix(ps.view(), noise_matrix.view()).unwrap();
        assert_abs_diff_eq!(solved.py, py, epsilon = 1e-12);
        close(&solved.inverse_noise_matrix, &inverse);
        let labels: Vec<u32> = (0..100).map(|row| u32::from(row >= 45) + u32::from(row >= 71)).collect();
        let labels = Labels::new(&labels).unwrap();
        let solved = compute_ps_py_inv_noise_matrix(&labels, noise_matrix.view()).unwrap();
        assert_abs_diff_eq!(solved.ps, ps, epsilon = 1e-15);
        assert_abs_diff_eq!(solved.py, py, epsilon = 1e-12);
        close(&solved.inverse_noise_matrix, &inverse);
        // p(true | x) is p(given | x) times p(true) / p(given), of classes that are seldom confused.
        let pred_probs = array![[0.2, 0.3, 0.4], [0.1, 0.7, 0.2]];
        let scaled = &pred_probs * &(&py / &ps);
        let expected = &scaled / &scaled.sum_axis(ndarray::Axis(1)).insert_axis(ndarray::Axis(1));
        close(&compute_pyx(pred_probs.view(), noise_matrix.view(), inverse.view()).unwrap(), &expected);
        let none = Labels::new(&[0, 1, 3]).unwrap();
        assert!(matches!(
            compute_ps_py_inv_noise_matrix(&none, noise_matrix.view()),
            Err(CountError::NoSuchClass { class: 3, n_classes: 3 })
        ));
    }

    #[test]
    fn matrices_of_other_shapes_than_the_priors_are_refused() {
        let (square, half) = (array![[0.9, 0.2], [0.1, 0.8]], array![0.5, 0.5]);
        let (wide, tall) =
            (array![[0.9, 0.1, 0.0], [0.1, 0.8, 0.1]], array![[0.9, 0.2], [0.1, 0.8], [0.0, 0.0]]);
        let inverse_of =
            |matrix: &ndarray::Array2<f64>| compute_inv_noise_matrix(half.view(), matrix.view(), None);
        assert!(inverse_of(&square).is_ok());
        for matrix in [&wide, &tall] {
            assert!(matches!(inverse_of(matrix), Err(CountError::WrongShape { expected: 2, .. })));
        }
    }
}
