//! Outlier scores from distances in feature space.

use cleanlab_core::Float;
use cleanlab_neighbors::{ExactIndex, Metric, default_k};
use ndarray::{Array1, ArrayView1, ArrayView2, CowArray, Ix2};

use crate::errors::OutlierError;

/// The least that distances are divided by; cleanlab's `EPSILON`.
const SMALLEST_SCALE: f64 = 1e-6;

/// Distances within so many units of rounding are no distance; cleanlab's `C`.
const ROUNDING_UNITS: f64 = 100.0;

/// How [`OutOfDistribution`] scores. The defaults are cleanlab's.
///
/// ```
/// use cleanlab_neighbors::Metric;
/// use cleanlab_outlier::FeatureOutlierOptions;
/// let options = FeatureOutlierOptions::default().with_k(20).with_metric(Metric::Euclidean);
/// assert_eq!((options.k, options.t), (Some(20), 1.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FeatureOutlierOptions {
    /// Number of neighbours. Default: 10, or N − 1 if that is less.
    pub k: Option<usize>,
    /// How fast scores fall with the distance: larger values tell ordinary examples apart more. Default 1.
    pub t: f64,
    /// The metric. Default: [`Metric::default_for`] the number of features, or that of a given index.
    pub metric: Option<Metric>,
    /// What distances are divided by. Default: their median over the examples that are fitted.
    pub scaling_factor: Option<f64>,
}

impl Default for FeatureOutlierOptions {
    fn default() -> Self {
        Self { k: None, t: 1.0, metric: None, scaling_factor: None }
    }
}

impl FeatureOutlierOptions {
    /// Sets the number of neighbours.
    #[must_use]
    pub fn with_k(mut self, k: usize) -> Self {
        self.k = Some(k);
        self
    }

    /// Sets how fast scores fall with the distance.
    #[must_use]
    pub fn with_t(mut self, t: f64) -> Self {
        self.t = t;
        self
    }

    /// Sets the metric.
    #[must_use]
    pub fn with_metric(mut self, metric: Metric) -> Self {
        self.metric = Some(metric);
        self
    }

    /// Sets what distances are divided by, such as the [`OutOfDistribution::scaling_factor`] of other data.
    #[must_use]
    pub fn with_scaling_factor(mut self, scaling_factor: f64) -> Self {
        self.scaling_factor = Some(scaling_factor);
        self
    }

    pub(crate) fn check(&self) -> Result<(), OutlierError> {
        check_t(self.t)?;
        match self.scaling_factor {
            Some(value) if !value.is_finite() || value < 0.0 => Err(OutlierError::InvalidOption {
                option: "scaling_factor",
                value,
                bound: "finite and at least 0",
            }),
            _ => Ok(()),
        }
    }
}

/// Scores examples by their distance from the examples it was fitted on.
///
/// score = exp(−t · d / s), where d is the mean distance of an example from its k nearest neighbours and s the median of
/// that mean over the fitted examples. Fitted examples are no neighbours of themselves, and equal rows are at distance
/// 0. A d that is 0 up to rounding scores 1.
///
/// # Shapes
///
/// N × p features, k < N. Scores lie in [0, 1]; low ones are outliers.
///
/// # Example
///
/// ```
/// use cleanlab_outlier::{FeatureOutlierOptions, OutOfDistribution};
/// use ndarray::array;
///
/// let features = array![[0.0], [1.0], [2.0], [10.0]];
/// let ood = OutOfDistribution::fit(features, &FeatureOutlierOptions::default().with_k(1))?;
/// // Distances from the nearest neighbour are 1, 1, 1 and 8; their median is 1.
/// assert_eq!(ood.scaling_factor(), 1.0);
/// assert_eq!(ood.fitted_scores()[3], (-8.0_f64).exp());
/// assert_eq!(ood.score(array![[0.0], [3.5]].view())?, array![1.0, (-1.5_f64).exp()]);
/// # Ok::<(), cleanlab_outlier::OutlierError>(())
/// ```
///
/// # Source
///
/// Kuan and Mueller 2022; `cleanlab.outlier.OutOfDistribution` with features.
///
/// # Differences
///
/// A fitted model keeps its k: cleanlab warns when a larger one is asked for and takes the fitted one.
#[derive(Debug)]
pub struct OutOfDistribution<'a, F: Float> {
    index: ExactIndex<'a, F>,
    k: usize,
    t: f64,
    scaling_factor: f64,
    fitted_scores: Array1<f64>,
}

impl<'a, F: Float> OutOfDistribution<'a, F> {
    /// Fits to features, borrowed (`ArrayView2`) or owned (`Array2`), and scores them.
    ///
    /// # Errors
    ///
    /// [`OutlierError::InvalidOption`] for a `t` or a scaling factor that is not a finite number of at least 0;
    /// [`OutlierError::Neighbors`] for features with fewer than two rows, without columns, or with values that are not finite, and unless
    /// 1 ≤ k < N.
    #[doc(alias = "fit_score")]
    pub fn fit(
        features: impl Into<CowArray<'a, F, Ix2>>,
        options: &FeatureOutlierOptions,
    ) -> Result<Self, OutlierError> {
        options.check()?;
        let features = features.into();
        let metric = options.metric.unwrap_or_else(|| Metric::default_for(features.ncols()));
        Self::fit_index(ExactIndex::new(features, metric)?, options)
    }

    /// Fits to the rows of an index that was made before, and scores them.
    ///
    /// # Errors
    ///
    /// [`OutlierError::OtherMetric`] for a metric that is not that of the index; otherwise as [`OutOfDistribution::fit`].
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_neighbors::{ExactIndex, Metric};
    /// use cleanlab_outlier::{FeatureOutlierOptions, OutOfDistribution};
    /// use ndarray::array;
    ///
    /// let index = ExactIndex::new(array![[0.0], [1.0], [2.0], [10.0]], Metric::Euclidean)?;
    /// let options = FeatureOutlierOptions::default().with_k(1).with_scaling_factor(4.0);
    /// let ood = OutOfDistribution::fit_index(index, &options)?;
    /// assert_eq!(ood.fitted_scores()[3], (-2.0_f64).exp());
    /// # Ok::<(), cleanlab_outlier::OutlierError>(())
    /// ```
    ///
    /// # Source
    ///
    /// `cleanlab.outlier.OutOfDistribution(params={"knn": knn})`.
    ///
    /// # Differences
    ///
    /// Distances are divided by their median over the rows of the index, without the rows themselves. cleanlab takes the
    /// median over the examples that are scored first, which are neighbours of themselves if they are in the index.
    pub fn fit_index(
        index: ExactIndex<'a, F>,
        options: &FeatureOutlierOptions,
    ) -> Result<Self, OutlierError> {
        options.check()?;
        let metric = index.metric();
        if let Some(asked) = options.metric.filter(|&asked| asked != metric) {
            return Err(OutlierError::OtherMetric { index: metric, asked });
        }
        let k = options.k.unwrap_or_else(|| default_k(index.n_rows()));
        let distances = index.mean_distances(k)?;
        let scaling_factor = options.scaling_factor.unwrap_or_else(|| scaling_factor(distances.view()));
        let fitted_scores = scores(distances, Some(metric), options.t, scaling_factor);
        Ok(Self { index, k, t: options.t, scaling_factor, fitted_scores })
    }

    /// The scores of the examples that it was fitted on, N values.
    #[must_use]
    pub fn fitted_scores(&self) -> ArrayView1<'_, f64> {
        self.fitted_scores.view()
    }

    /// The scores of other examples; one that equals a fitted example has it as a neighbour.
    ///
    /// # Shapes
    ///
    /// M × p features give M scores.
    ///
    /// # Errors
    ///
    /// [`OutlierError::Neighbors`] for another number of features, or values that are not finite.
    pub fn score(&self, features: ArrayView2<'_, F>) -> Result<Array1<f64>, OutlierError> {
        let distances = self.index.mean_distances_of(features, self.k)?;
        Ok(scores(distances, Some(self.index.metric()), self.t, self.scaling_factor))
    }

    /// Number of neighbours.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    /// The metric.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.index.metric()
    }

    /// What distances are divided by: the median distance of the fitted examples from their neighbours, unless it was
    /// given.
    #[must_use]
    pub fn scaling_factor(&self) -> f64 {
        self.scaling_factor
    }

    /// The examples that it was fitted on, to search in.
    #[must_use]
    pub fn index(&self) -> &ExactIndex<'a, F> {
        &self.index
    }
}

/// Outlier scores from mean distances to neighbours that were computed elsewhere, relative to their median.
///
/// As [`OutOfDistribution`] computes them.
///
/// # Shapes
///
/// N distances give N scores in [0, 1].
///
/// # Errors
///
/// [`OutlierError::InvalidOption`] for a `t` that is not a finite number of at least 0, and for the first distance that
/// is negative or not finite.
///
/// # Example
///
/// ```
/// use cleanlab_neighbors::Metric;
/// use cleanlab_outlier::transform_distances_to_scores;
/// use ndarray::array;
/// let scores = transform_distances_to_scores(array![1.0, 2.0, 0.0].view(), Metric::Euclidean, 1.0)?;
/// assert_eq!(scores, array![(-1.0_f64).exp(), (-2.0_f64).exp(), 1.0]);
/// # Ok::<(), cleanlab_outlier::OutlierError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.outlier.transform_distances_to_scores` and `correct_precision_errors`.
pub fn transform_distances_to_scores(
    distances: ArrayView1<'_, f64>,
    metric: Metric,
    t: f64,
) -> Result<Array1<f64>, OutlierError> {
    check_t(t)?;
    if let Some(&value) = distances.iter().find(|&&distance| !distance.is_finite() || distance < 0.0) {
        return Err(OutlierError::InvalidOption {
            option: "distances",
            value,
            bound: "finite and at least 0",
        });
    }
    if distances.is_empty() {
        return Ok(Array1::zeros(0));
    }
    Ok(scores(distances.to_owned(), Some(metric), t, scaling_factor(distances)))
}

fn check_t(t: f64) -> Result<(), OutlierError> {
    if t.is_finite() && t >= 0.0 {
        return Ok(());
    }
    Err(OutlierError::InvalidOption { option: "t", value: t, bound: "finite and at least 0" })
}

/// The median of at least one distance, or what rounding leaves of 0.
#[allow(clippy::manual_midpoint, reason = "the reference's order of operations decides the last bit")]
pub(crate) fn scaling_factor(distances: ArrayView1<'_, f64>) -> f64 {
    let mut sorted = distances.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let half = sorted.len() / 2;
    let median =
        if sorted.len().is_multiple_of(2) { (sorted[half - 1] + sorted[half]) / 2.0 } else { sorted[half] };
    median.max(ROUNDING_UNITS * f64::EPSILON)
}

/// Without a metric even the smallest distance counts.
pub(crate) fn scores(
    distances: Array1<f64>,
    metric: Option<Metric>,
    t: f64,
    scaling_factor: f64,
) -> Array1<f64> {
    let scale = scaling_factor.max(SMALLEST_SCALE);
    // Below this a distance may be the rounding error of 0.
    let smallest = match metric {
        None => 0.0,
        Some(Metric::Cosine) => ROUNDING_UNITS * f64::EPSILON / 2.0,
        Some(_) => (ROUNDING_UNITS * f64::EPSILON).sqrt(),
    };
    distances.mapv_into(|distance| if distance < smallest { 1.0 } else { (-t * distance / scale).exp() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cleanlab_neighbors::NeighborsError;
    use ndarray::array;

    #[test]
    fn fit_bad_options_are_refused() {
        let features = array![[0.0], [1.0], [2.0]];
        let refused = |options: FeatureOutlierOptions| {
            OutOfDistribution::fit(features.view(), &options).map(|ood| ood.k()).unwrap_err()
        };
        for t in [-1.0, f64::NAN, f64::INFINITY] {
            let error = refused(FeatureOutlierOptions::default().with_t(t));
            assert!(matches!(error, OutlierError::InvalidOption { option: "t", .. }));
        }
        for scaling_factor in [-1.0, f64::NAN, f64::INFINITY] {
            let error = refused(FeatureOutlierOptions::default().with_scaling_factor(scaling_factor));
            assert!(matches!(error, OutlierError::InvalidOption { option: "scaling_factor", .. }));
        }
        let index = ExactIndex::new(features.view(), Metric::Euclidean).unwrap();
        let options = FeatureOutlierOptions::default().with_metric(Metric::Cosine);
        assert_eq!(
            OutOfDistribution::fit_index(index, &options).unwrap_err(),
            OutlierError::OtherMetric { index: Metric::Euclidean, asked: Metric::Cosine }
        );
        assert_eq!(
            refused(FeatureOutlierOptions::default().with_k(3)),
            OutlierError::Neighbors(NeighborsError::NeighborCount { k: 3, largest: 2 })
        );
        let distances = array![0.5, -0.5];
        assert!(matches!(
            transform_distances_to_scores(distances.view(), Metric::Cosine, 1.0),
            Err(OutlierError::InvalidOption { option: "distances", value: -0.5, .. })
        ));
    }

    #[test]
    fn fit_equal_rows_all_score_one() {
        let ood =
            OutOfDistribution::fit(ndarray::Array2::<f64>::ones((5, 4)), &FeatureOutlierOptions::default());
        assert_eq!(ood.unwrap().fitted_scores(), Array1::ones(5));
    }

    #[test]
    fn score_rows_with_other_features_are_refused() {
        let ood = OutOfDistribution::fit(array![[0.0], [1.0]], &FeatureOutlierOptions::default()).unwrap();
        let error = ood.score(array![[0.0, 1.0]].view()).unwrap_err();
        assert_eq!(error, OutlierError::Neighbors(NeighborsError::FeatureCount { expected: 1, found: 2 }));
    }
}
