//! Ordinary least squares.

use cleanlab_learning::Intercept;
use faer::Mat;
use ndarray::{Array1, ArrayView1, ArrayView2};

use crate::errors::RegressionError;
use crate::least_squares::least_squares;
use crate::regression_set::{RegressionSet, check_features};
use crate::regressor::{FittedRegressor, Regressor};

/// Linear regression by least squares; scikit-learn's, at its defaults.
///
/// Minimises Σ w(y − x·β − b)². Of several minima, as with more features than rows or with features that are multiples
/// of each other, it takes the one with the smallest ‖β‖: singular values of the centred features below `tolerance`
/// times the largest count as 0.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_regression::{FittedRegressor, LinearRegression, RegressionSet, Regressor};
/// use ndarray::array;
///
/// let (features, labels) = (array![[0.0], [1.0], [2.0]], array![1.0, 3.0, 5.0]);
/// let data = RegressionSet::new(features.view(), labels.view())?;
/// let fitted = LinearRegression::default().fit_linear(&data)?;
/// assert_abs_diff_eq!(fitted.coefficients()[0], 2.0, epsilon = 1e-14);
/// assert_abs_diff_eq!(fitted.intercept(), 1.0, epsilon = 1e-14);
/// assert_abs_diff_eq!(fitted.predict(array![[10.0]].view())?[0], 21.0, epsilon = 1e-13);
/// # Ok::<(), cleanlab_regression::RegressionError>(())
/// ```
///
/// # Source
///
/// `sklearn.linear_model.LinearRegression` 1.9 for dense features, without `positive`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct LinearRegression {
    /// Singular values below this share of the largest count as 0; scikit-learn's `tol`. Default 1e-6.
    pub tolerance: f64,
    /// Whether there is an intercept. Default [`Intercept::Fitted`].
    pub intercept: Intercept,
}

impl Default for LinearRegression {
    fn default() -> Self {
        Self { tolerance: 1e-6, intercept: Intercept::Fitted }
    }
}

/// A trained linear regression.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedLinearRegression {
    coefficients: Array1<f64>,
    intercept: f64,
    rank: usize,
}

impl LinearRegression {
    /// Sets the share of the largest singular value below which others count as 0.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Sets whether there is an intercept.
    #[must_use]
    pub fn with_intercept(mut self, intercept: Intercept) -> Self {
        self.intercept = intercept;
        self
    }

    /// Trains a model whose coefficients can be read.
    ///
    /// # Errors
    ///
    /// [`RegressionError::InvalidOption`] for a tolerance that is not between 0 and 1; [`RegressionError::NotConverged`]
    /// for features so large that their sum overflows.
    pub fn fit_linear(
        &self,
        training: &RegressionSet<'_>,
    ) -> Result<FittedLinearRegression, RegressionError> {
        if !(0.0..=1.0).contains(&self.tolerance) {
            let (option, value) = ("tolerance", self.tolerance);
            return Err(RegressionError::InvalidOption { option, value, bound: "between 0 and 1" });
        }
        let (features, labels) = (training.features(), training.labels());
        let (mut feature_means, mut label_mean) = (Array1::zeros(training.n_features()), 0.0);
        if self.intercept == Intercept::Fitted {
            feature_means = means(features, training.sample_weight());
            label_mean = mean(labels, training.sample_weight());
        }
        let root: Option<Array1<f64>> = training.sample_weight().map(|weights| weights.mapv(f64::sqrt));
        let root = |row: usize| root.as_ref().map_or(1.0, |root| root[row]);
        let centered = Mat::from_fn(training.n_rows(), training.n_features(), |row, column| {
            (features[[row, column]] - feature_means[column]) * root(row)
        });
        let target = Mat::from_fn(training.n_rows(), 1, |row, _| (labels[row] - label_mean) * root(row));
        let (coefficients, rank) = least_squares(&centered, target, self.tolerance)?;
        let intercept = label_mean - feature_means.dot(&coefficients);
        if !intercept.is_finite() || coefficients.iter().any(|coefficient| !coefficient.is_finite()) {
            return Err(RegressionError::NotConverged);
        }
        Ok(FittedLinearRegression { coefficients, intercept, rank })
    }
}

impl FittedLinearRegression {
    /// The coefficient of every feature, β.
    #[must_use]
    pub fn coefficients(&self) -> ArrayView1<'_, f64> {
        self.coefficients.view()
    }

    /// The intercept, b; 0 for a model without.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// How many directions the training features vary in; fewer than features when some are constant or follow from
    /// others.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.rank
    }
}

impl Regressor for LinearRegression {
    fn fit(&self, training: &RegressionSet<'_>) -> Result<Box<dyn FittedRegressor>, RegressionError> {
        Ok(Box::new(self.fit_linear(training)?))
    }

    fn supports_sample_weight(&self) -> bool {
        true
    }
}

impl FittedRegressor for FittedLinearRegression {
    fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Array1<f64>, RegressionError> {
        let (expected, found) = (self.coefficients.len(), features.ncols());
        if found != expected {
            return Err(RegressionError::FeatureCount { expected, found });
        }
        check_features(features)?;
        Ok(features.dot(&self.coefficients) + self.intercept)
    }
}

fn mean(values: ArrayView1<'_, f64>, weights: Option<ArrayView1<'_, f64>>) -> f64 {
    match weights {
        Some(weights) => weights.dot(&values) / weights.sum(),
        None => values.sum() / values.len() as f64,
    }
}

fn means(features: ArrayView2<'_, f64>, weights: Option<ArrayView1<'_, f64>>) -> Array1<f64> {
    let mut sums = Array1::zeros(features.ncols());
    for (row, values) in features.rows().into_iter().enumerate() {
        sums.scaled_add(weights.map_or(1.0, |weights| weights[row]), &values);
    }
    sums / weights.map_or(features.nrows() as f64, |weights| weights.sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use ndarray::{Array2, array};

    fn fit(features: &Array2<f64>, labels: &Array1<f64>) -> FittedLinearRegression {
        let data = RegressionSet::new(features.view(), labels.view()).unwrap();
        LinearRegression::default().fit_linear(&data).unwrap()
    }

    #[test]
    fn fit_more_features_than_rows_takes_the_shortest_solution() {
        let fitted = fit(&array![[1.0, 1.0, 0.0], [2.0, 2.0, 0.0]], &array![1.0, 3.0]);
        assert_abs_diff_eq!(fitted.coefficients(), array![1.0, 1.0, 0.0], epsilon = 1e-14);
        assert_eq!(fitted.rank(), 1);
    }

    #[test]
    fn fit_constant_features_gives_the_mean() {
        let fitted = fit(&Array2::ones((4, 2)), &array![1.0, 2.0, 3.0, 4.0]);
        assert_eq!((fitted.rank(), fitted.intercept()), (0, 2.5));
        assert_eq!(fitted.coefficients(), array![0.0, 0.0]);
    }

    #[test]
    fn fit_repeated_feature_shares_its_coefficient() {
        let features = Array2::from_shape_fn((20, 3), |(row, column)| {
            let x = row as f64;
            [x, (x * 0.7).sin(), x][column]
        });
        let labels = features.dot(&array![2.0, -1.0, 0.0]);
        let fitted = fit(&features, &labels);
        assert_abs_diff_eq!(fitted.coefficients(), array![1.0, -1.0, 1.0], epsilon = 1e-12);
        assert_eq!(fitted.rank(), 2);
    }

    #[test]
    fn fit_weight_of_zero_leaves_a_row_out() {
        let (features, labels) = (array![[0.0], [1.0], [2.0], [3.0]], array![1.0, 3.0, 5.0, 100.0]);
        let weights = array![1.0, 2.0, 0.5, 0.0];
        let data = RegressionSet::new(features.view(), labels.view())
            .unwrap()
            .with_sample_weight(weights.view())
            .unwrap();
        let fitted = LinearRegression::default().fit_linear(&data).unwrap();
        assert_abs_diff_eq!(fitted.coefficients()[0], 2.0, epsilon = 1e-13);
    }

    #[test]
    fn fit_without_intercept_goes_through_the_origin() {
        let (features, labels) = (array![[1.0], [2.0]], array![2.0, 4.0]);
        let data = RegressionSet::new(features.view(), labels.view()).unwrap();
        let fitted = LinearRegression::default().with_intercept(Intercept::Zero).fit_linear(&data).unwrap();
        assert_eq!(fitted.intercept(), 0.0);
        assert_abs_diff_eq!(fitted.coefficients()[0], 2.0, epsilon = 1e-14);
    }

    #[test]
    fn fit_features_whose_sum_overflows_are_refused() {
        let labels = array![1.0, 2.0, 4.0];
        let features = array![[f64::MAX], [f64::MAX], [-f64::MAX]];
        let data = RegressionSet::new(features.view(), labels.view()).unwrap();
        let outcome = LinearRegression::default().fit_linear(&data);
        assert!(matches!(outcome, Err(RegressionError::NotConverged)), "{outcome:?}");
    }

    #[test]
    fn fit_large_and_small_features_give_the_same_predictions() {
        let labels = array![1.0, 2.0, 4.0];
        for unit in [1e-200, 1.0, 1e250] {
            let features = array![[1.0], [-1.0], [0.25]] * unit;
            let fitted = fit(&features, &labels);
            let predicted = fitted.predict(features.view()).unwrap();
            assert_abs_diff_eq!(predicted, array![29.0, 37.0, 32.0] / 14.0, epsilon = 1e-12);
        }
    }

    #[test]
    fn fit_and_predict_bad_input_is_refused() {
        let (features, labels) = (array![[1.0], [2.0]], array![2.0, 4.0]);
        let data = RegressionSet::new(features.view(), labels.view()).unwrap();
        for tolerance in [-1.0, 2.0, f64::NAN] {
            assert!(matches!(
                LinearRegression::default().with_tolerance(tolerance).fit_linear(&data),
                Err(RegressionError::InvalidOption { option: "tolerance", .. })
            ));
        }
        let fitted = LinearRegression::default().fit_linear(&data).unwrap();
        assert!(matches!(
            fitted.predict(array![[1.0, 2.0]].view()),
            Err(RegressionError::FeatureCount { expected: 1, found: 2 })
        ));
        assert!(matches!(
            fitted.predict(array![[f64::NAN]].view()),
            Err(RegressionError::NonFiniteFeature { row: 0, column: 0, .. })
        ));
    }
}
