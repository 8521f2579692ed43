//! Principal components, for a map of the rows.

mod centered_features;
mod eigenvectors;
mod orthonormal;
mod subspace_iteration;

use cleanlab_core::Float;
use faer::MatRef;
use ndarray::{Array1, Array2, CowArray, Ix2};

use crate::errors::NeighborsError;
use crate::features::{Rows, check_features};
use centered_features::{CenteredFeatures, add_lower_product};
use eigenvectors::symmetric_eigenvectors;
use orthonormal::orthonormalize;
use subspace_iteration::subspace_iteration;

/// The largest matrix whose eigenvectors are all computed: its three copies take 6 MiB, and a second at most.
const LARGEST_MATRIX: usize = 512;

/// Loadings this close to the largest one are as large, for the choice of the sign.
const SIGN_TOLERANCE: f64 = 1e-9;

/// The directions in which rows differ most, and where the rows lie along them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PrincipalComponents {
    /// The rows along the components, N × c.
    pub coordinates: Array2<f64>,
    /// The share of the variance that each component has, c values that do not ascend and sum to at most 1. All 0 where
    /// rows do not differ.
    pub explained_variance_ratio: Array1<f64>,
    /// The components, c × p: rows of length 1, at right angles to each other.
    pub components: Array2<f64>,
    /// The mean of each feature, p values: coordinates are (features − mean) · componentsᵀ.
    pub mean: Array1<f64>,
}

/// The first `n_components` principal components of the rows: the eigenvectors of their covariance with the largest
/// eigenvalues.
///
/// The sign of a component is such that its largest loading is positive; of several as large, to nine digits, the first.
/// Up to 512 features the covariance is decomposed, and of up to 512 rows with more features the matrix of their products.
/// Beyond, where both are above 512, `n_components + 10` directions from a fixed seed are multiplied by the covariance, one
/// pass over the rows each time, until the variances of the components settle to ten digits, or twenty times: components
/// whose variances are nearly equal are then a mixture of each other.
///
/// Features are centred block by block, so that besides the result and matrices of at most 512 × 512 there is one block of
/// rows in memory (and the centred rows, where there are at most 512). The bits do not depend on the number of threads.
///
/// # Shapes
///
/// N × p features, 1 ≤ c ≤ min(N, p).
///
/// # Errors
///
/// [`NeighborsError::ComponentCount`] for another number of components; as [`ExactIndex::new`](crate::ExactIndex::new) for
/// the features; [`NeighborsError::NoEigenvectors`] if their search does not converge.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_neighbors::principal_components;
/// use ndarray::array;
///
/// // Points on a line.
/// let features = array![[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]];
/// let map = principal_components(features.view(), 2)?;
/// assert_abs_diff_eq!(map.components.row(0), array![0.6, 0.8], epsilon = 1e-12);
/// assert_abs_diff_eq!(map.coordinates.column(0), array![-5.0, 0.0, 5.0], epsilon = 1e-12);
/// assert_abs_diff_eq!(map.explained_variance_ratio, array![1.0, 0.0], epsilon = 1e-12);
/// # Ok::<(), cleanlab_neighbors::NeighborsError>(())
/// ```
///
/// # Source
///
/// `sklearn.decomposition.PCA`, which the pictures of cleanlab's tutorials are made with.
///
/// # Differences
///
/// scikit-learn chooses signs so too, but by the largest loading to the last bit, and draws other random directions for
/// large data. Where rows do not differ it gives NaN for the shares.
pub fn principal_components<'a, F: Float>(
    features: impl Into<CowArray<'a, F, Ix2>>,
    n_components: usize,
) -> Result<PrincipalComponents, NeighborsError> {
    let features = check_features(features.into())?;
    let centered = CenteredFeatures::new(Rows::new(&features));
    let (n_rows, n_features) = (centered.n_rows(), centered.n_features());
    let largest = n_rows.min(n_features);
    if n_components == 0 || n_components > largest {
        return Err(NeighborsError::ComponentCount { n_components, largest });
    }
    let Directions { mut components, variances, total } = if largest > LARGEST_MATRIX {
        subspace_iteration(&centered, n_components)?
    } else if n_features <= n_rows {
        from_covariance(&centered, n_components)?
    } else {
        from_products_of_rows(&centered, n_components)?
    };
    for component in &mut components {
        fix_sign(component);
    }
    let share = |variance: &f64| if total > 0.0 { (variance / total).clamp(0.0, 1.0) } else { 0.0 };
    Ok(PrincipalComponents {
        coordinates: centered.coordinates(&components),
        explained_variance_ratio: variances.iter().map(share).collect(),
        components: Array2::from_shape_fn((n_components, n_features), |(at, column)| components[at][column]),
        mean: centered.mean().to_vec().into(),
    })
}

/// Components with their variances, largest first, and the variance of all features together, in the same unit.
struct Directions {
    components: Vec<Vec<f64>>,
    variances: Vec<f64>,
    total: f64,
}

fn from_covariance<F: Float>(
    centered: &CenteredFeatures<'_, F>,
    n_components: usize,
) -> Result<Directions, NeighborsError> {
    let n_features = centered.n_features();
    let mut covariance = vec![0.0; n_features * n_features];
    centered.for_each_block(|block| add_lower_product(&mut covariance, block));
    let total = trace(&covariance, n_features);
    let found = symmetric_eigenvectors(&covariance, n_features)?;
    let (variances, components) = found.largest(n_components).unzip();
    Ok(Directions { components, variances, total })
}

fn from_products_of_rows<F: Float>(
    centered: &CenteredFeatures<'_, F>,
    n_components: usize,
) -> Result<Directions, NeighborsError> {
    let (n_rows, n_features) = (centered.n_rows(), centered.n_features());
    let values = centered.values(0..n_rows);
    let rows = MatRef::from_row_major_slice(&values, n_rows, n_features);
    let mut products = vec![0.0; n_rows * n_rows];
    add_lower_product(&mut products, rows.transpose());
    let total = trace(&products, n_rows);
    let found = symmetric_eigenvectors(&products, n_rows)?;
    let (mut variances, weights): (Vec<f64>, Vec<Vec<f64>>) = found.largest(n_components).unzip();
    // Eigenvalues below this are what rounding leaves of 0, and their weights lead nowhere.
    let smallest = n_features as f64 * f64::EPSILON * total;
    let mut components = Vec::with_capacity(n_components);
    for (variance, weights) in variances.iter_mut().zip(weights) {
        let mut component = vec![0.0; n_features];
        if *variance > smallest {
            for (row, weight) in values.chunks_exact(n_features).zip(weights) {
                component.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
            }
        } else {
            *variance = 0.0;
        }
        components.push(component);
    }
    orthonormalize(&mut components);
    Ok(Directions { components, variances, total })
}

fn trace(matrix: &[f64], size: usize) -> f64 {
    (0..size).map(|at| matrix[at * size + at]).sum()
}

/// Makes the first of the largest loadings positive.
fn fix_sign(component: &mut [f64]) {
    let largest = component.iter().fold(0.0, |largest: f64, loading| largest.max(loading.abs()));
    let first = component.iter().find(|loading| loading.abs() >= largest * (1.0 - SIGN_TOLERANCE));
    if first.is_some_and(|&loading| loading < 0.0) {
        for loading in component.iter_mut() {
            *loading = -*loading;
        }
    }
}
