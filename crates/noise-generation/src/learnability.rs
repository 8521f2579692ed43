//! Whether labels can be learned from through the noise of a matrix.

use cleanlab_core::constants::FLOATING_POINT_COMPARISON;
use cleanlab_core::pairwise_sum_by;
use ndarray::{ArrayView1, ArrayView2};

use crate::errors::NoiseError;

/// Whether a noise matrix leaves more signal than noise for a prior, so that learning from the labels beats guessing.
///
/// For every class k, p(given = k, true = k) must exceed p(given = k) · p(true = k), and the joint distribution
/// `noise_matrix[i][j] · py[j]` must sum to 1.
///
/// # Shapes
///
/// `noise_matrix` is K × K, column j holding p(given label = i | true label = j); `py` has length K.
///
/// # Example
///
/// ```
/// use cleanlab_noise_generation::noise_matrix_is_valid;
/// use ndarray::array;
///
/// let py = array![0.5, 0.5];
/// assert!(noise_matrix_is_valid(array![[0.9, 0.2], [0.1, 0.8]].view(), py.view())?);
/// // Labels that are drawn without looking at the true one teach nothing.
/// assert!(!noise_matrix_is_valid(array![[0.4, 0.4], [0.6, 0.6]].view(), py.view())?);
/// # Ok::<(), cleanlab_noise_generation::NoiseError>(())
/// ```
///
/// # Errors
///
/// [`NoiseError::NotSquare`], [`NoiseError::TooFewClasses`], [`NoiseError::PriorLength`],
/// [`NoiseError::NoiseRateOutOfRange`] or [`NoiseError::PriorOutOfRange`]. A joint that does not sum to 1 is no error
/// but not valid.
///
/// # Source
///
/// `cleanlab.benchmarking.noise_generation.noise_matrix_is_valid`; C. Northcutt, T. Wu and I. Chuang, "Learning with
/// Confident Examples", UAI 2017, section 2.
pub fn noise_matrix_is_valid(
    noise_matrix: ArrayView2<'_, f64>,
    py: ArrayView1<'_, f64>,
) -> Result<bool, NoiseError> {
    check_noise_rates(noise_matrix)?;
    let n_classes = noise_matrix.nrows();
    check_prior(py, n_classes)?;
    Ok(is_learnable(noise_matrix, py))
}

/// As [`noise_matrix_is_valid`], for inputs that were checked.
pub(crate) fn is_learnable(noise_matrix: ArrayView2<'_, f64>, py: ArrayView1<'_, f64>) -> bool {
    let n_classes = py.len();
    let joint = |cell: usize| noise_matrix[[cell / n_classes, cell % n_classes]] * py[cell % n_classes];
    let total = pairwise_sum_by(n_classes * n_classes, &joint);
    if (total - 1.0).abs() >= FLOATING_POINT_COMPARISON {
        return false;
    }
    (0..n_classes).all(|class| {
        let given: f64 = (0..n_classes).map(|column| joint(class * n_classes + column)).sum();
        given * py[class] < joint(class * n_classes + class)
    })
}

/// A square matrix of at least two classes whose entries are probabilities up to rounding.
pub(crate) fn check_noise_rates(noise_matrix: ArrayView2<'_, f64>) -> Result<(), NoiseError> {
    let (rows, columns) = noise_matrix.dim();
    if rows != columns {
        return Err(NoiseError::NotSquare { rows, columns });
    }
    if rows < 2 {
        return Err(NoiseError::TooFewClasses { n_classes: rows });
    }
    let tolerance = FLOATING_POINT_COMPARISON;
    for ((row, column), &value) in noise_matrix.indexed_iter() {
        if !(-tolerance..=1.0 + tolerance).contains(&value) {
            return Err(NoiseError::NoiseRateOutOfRange { row, column, value, tolerance });
        }
    }
    Ok(())
}

fn check_prior(py: ArrayView1<'_, f64>, n_classes: usize) -> Result<(), NoiseError> {
    if py.len() != n_classes {
        return Err(NoiseError::PriorLength { len: py.len(), n_classes });
    }
    match py.iter().enumerate().find(|(_, p)| !(0.0..=1.0).contains(*p)) {
        Some((class, &value)) => Err(NoiseError::PriorOutOfRange { class, value }),
        None => Ok(()),
    }
}

/// A prior for which some noise matrix is learnable: every class occurs, and it sums to 1.
pub(crate) fn check_prior_of_learnable(py: ArrayView1<'_, f64>, n_classes: usize) -> Result<(), NoiseError> {
    check_prior(py, n_classes)?;
    if let Some((class, &value)) = py.iter().enumerate().find(|(_, p)| **p == 0.0) {
        return Err(NoiseError::PriorOutOfRange { class, value });
    }
    let sum = pairwise_sum_by(py.len(), &|class| py[class]);
    let tolerance = FLOATING_POINT_COMPARISON;
    if (sum - 1.0).abs() >= tolerance {
        return Err(NoiseError::PriorSum { sum, tolerance });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn noise_matrix_is_valid_prior_off_one_is_not_valid() {
        let identity = Array2::eye(2);
        assert_eq!(noise_matrix_is_valid(identity.view(), array![0.5, 0.4].view()), Ok(false));
        assert_eq!(noise_matrix_is_valid(identity.view(), array![0.5, 0.5].view()), Ok(true));
    }

    #[test]
    fn noise_matrix_is_valid_class_without_examples_is_not_valid() {
        let identity = Array2::eye(3);
        assert_eq!(noise_matrix_is_valid(identity.view(), array![0.5, 0.5, 0.0].view()), Ok(false));
    }

    #[test]
    fn noise_matrix_is_valid_depends_on_the_prior() {
        let matrix = array![[0.6, 0.3, 0.0], [0.2, 0.4, 0.5], [0.2, 0.3, 0.5]];
        assert_eq!(noise_matrix_is_valid(matrix.view(), array![0.4, 0.4, 0.2].view()), Ok(true));
        assert_eq!(noise_matrix_is_valid(matrix.view(), array![0.1, 0.2, 0.7].view()), Ok(false));
    }

    #[test]
    fn noise_matrix_is_valid_malformed_input_is_named() {
        let half = array![0.5, 0.5];
        let valid = |matrix: Array2<f64>| noise_matrix_is_valid(matrix.view(), half.view());
        assert_eq!(valid(array![[1.0, 0.0]]), Err(NoiseError::NotSquare { rows: 1, columns: 2 }));
        assert_eq!(valid(array![[1.0]]), Err(NoiseError::TooFewClasses { n_classes: 1 }));
        assert!(matches!(
            valid(array![[1.0, f64::NAN], [0.0, 1.0]]),
            Err(NoiseError::NoiseRateOutOfRange { row: 0, column: 1, .. })
        ));
        assert!(matches!(
            valid(array![[1.2, 0.0], [-0.2, 1.0]]),
            Err(NoiseError::NoiseRateOutOfRange { row: 0, column: 0, .. })
        ));
        assert_eq!(valid(Array2::eye(3)), Err(NoiseError::PriorLength { len: 2, n_classes: 3 }));
        assert!(matches!(
            noise_matrix_is_valid(Array2::eye(2).view(), array![0.5, f64::NAN].view()),
            Err(NoiseError::PriorOutOfRange { class: 1, .. })
        ));
    }
}
