//! Features, numeric labels and weights that belong together.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use crate::errors::RegressionError;

/// The largest absolute value of a label or prediction: the square of a difference still is finite.
pub(crate) const LARGEST_VALUE: f64 = 1e150;

/// What a regressor learns from: features, numeric labels and, if wanted, weights of the same examples, checked once.
///
/// # Shapes
///
/// N × p features, N labels, N weights; N ≥ 1 and p ≥ 1. There may be more features than rows.
///
/// # Example
///
/// ```
/// use cleanlab_regression::RegressionSet;
/// use ndarray::array;
///
/// let features = array![[0.1, 1.0], [0.9, 0.0], [0.2, 1.0]];
/// let (labels, weights) = (array![1.5, 0.0, 1.4], array![1.0, 1.0, 0.5]);
/// let data = RegressionSet::new(features.view(), labels.view())?.with_sample_weight(weights.view())?;
/// assert_eq!((data.n_rows(), data.n_features()), (3, 2));
/// # Ok::<(), cleanlab_regression::RegressionError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RegressionSet<'a> {
    features: ArrayView2<'a, f64>,
    labels: ArrayView1<'a, f64>,
    sample_weight: Option<ArrayView1<'a, f64>>,
}

impl<'a> RegressionSet<'a> {
    /// Features and labels of the same examples.
    ///
    /// # Errors
    ///
    /// [`RegressionError::EmptyFeatures`], [`RegressionError::WrongLength`], [`RegressionError::InvalidValue`] or
    /// [`RegressionError::NonFiniteFeature`], the last two with the first place at fault.
    pub fn new(features: ArrayView2<'a, f64>, labels: ArrayView1<'a, f64>) -> Result<Self, RegressionError> {
        let (rows, columns) = features.dim();
        if rows == 0 || columns == 0 {
            return Err(RegressionError::EmptyFeatures { rows, columns });
        }
        check_length("labels", labels.len(), rows)?;
        check_values("labels", labels)?;
        check_features(features)?;
        Ok(Self { features, labels, sample_weight: None })
    }

    /// The same examples, each counting as much as its weight says.
    ///
    /// # Errors
    ///
    /// [`RegressionError::WrongLength`]; [`RegressionError::InvalidValue`] or [`RegressionError::NegativeValue`] with
    /// the first row at fault; [`RegressionError::ZeroWeights`].
    pub fn with_sample_weight(mut self, sample_weight: ArrayView1<'a, f64>) -> Result<Self, RegressionError> {
        check_length("sample_weight", sample_weight.len(), self.n_rows())?;
        check_values("sample_weight", sample_weight)?;
        check_not_negative("sample_weight", sample_weight)?;
        if sample_weight.iter().all(|&weight| weight == 0.0) {
            return Err(RegressionError::ZeroWeights);
        }
        self.sample_weight = Some(sample_weight);
        Ok(self)
    }

    /// The features, N × p, all finite.
    #[must_use]
    pub fn features(&self) -> ArrayView2<'a, f64> {
        self.features
    }

    /// The label of every row, all finite.
    #[must_use]
    pub fn labels(&self) -> ArrayView1<'a, f64> {
        self.labels
    }

    /// The weight of every row, finite and at least 0, if there are any.
    #[must_use]
    pub fn sample_weight(&self) -> Option<ArrayView1<'a, f64>> {
        self.sample_weight
    }

    /// Number of examples N.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.features.nrows()
    }

    /// Number of features p.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.features.ncols()
    }

    /// Other labels for the same features, without weights.
    pub(crate) fn relabelled<'l>(&self, labels: ArrayView1<'l, f64>) -> RegressionSet<'l>
    where
        'a: 'l,
    {
        RegressionSet { features: self.features, labels, sample_weight: None }
    }

    /// Copies of some rows, in the order given.
    pub(crate) fn select(&self, rows: &[usize]) -> SelectedRows {
        SelectedRows {
            features: self.features.select(Axis(0), rows),
            labels: rows.iter().map(|&row| self.labels[row]).collect(),
            sample_weight: self.sample_weight.map(|weights| rows.iter().map(|&row| weights[row]).collect()),
        }
    }
}

/// Rows copied from a checked set.
pub(crate) struct SelectedRows {
    features: Array2<f64>,
    labels: Array1<f64>,
    sample_weight: Option<Array1<f64>>,
}

impl SelectedRows {
    /// The rows as a set. Only their weights can be at fault: all of them may be 0.
    pub(crate) fn as_set(&self) -> Result<RegressionSet<'_>, RegressionError> {
        let set =
            RegressionSet { features: self.features.view(), labels: self.labels.view(), sample_weight: None };
        match &self.sample_weight {
            Some(weights) => set.with_sample_weight(weights.view()),
            None => Ok(set),
        }
    }
}

/// Whether all features are finite; names the first that is not.
pub(crate) fn check_features(features: ArrayView2<'_, f64>) -> Result<(), RegressionError> {
    // Without a way out of the loop it vectorises, which a search for the first bad value does not.
    let all_finite = |row: ArrayView1<'_, f64>| row.iter().fold(true, |finite, x| finite & x.is_finite());
    for (row, values) in features.rows().into_iter().enumerate() {
        if all_finite(values) {
            continue;
        }
        if let Some((column, &value)) = values.iter().enumerate().find(|(_, x)| !x.is_finite()) {
            return Err(RegressionError::NonFiniteFeature { row, column, value });
        }
    }
    Ok(())
}

pub(crate) fn check_length(what: &'static str, found: usize, expected: usize) -> Result<(), RegressionError> {
    if found == expected { Ok(()) } else { Err(RegressionError::WrongLength { what, found, expected }) }
}

pub(crate) fn check_values(what: &'static str, values: ArrayView1<'_, f64>) -> Result<(), RegressionError> {
    let bound = LARGEST_VALUE;
    match values.iter().enumerate().find(|(_, value)| !(-bound..=bound).contains(*value)) {
        Some((row, &value)) => Err(RegressionError::InvalidValue { what, row, value, bound }),
        None => Ok(()),
    }
}

pub(crate) fn check_not_negative(
    what: &'static str,
    values: ArrayView1<'_, f64>,
) -> Result<(), RegressionError> {
    match values.iter().enumerate().find(|&(_, &value)| value < 0.0) {
        Some((row, &value)) => Err(RegressionError::NegativeValue { what, row, value }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn new_bad_input_names_its_place() {
        let features = array![[0.0, 1.0], [2.0, f64::INFINITY]];
        let labels = array![0.0, 1.0];
        assert!(matches!(
            RegressionSet::new(features.view(), labels.view()),
            Err(RegressionError::NonFiniteFeature { row: 1, column: 1, value: f64::INFINITY })
        ));
        let features = array![[0.0], [2.0]];
        for bad in [f64::NAN, f64::NEG_INFINITY, 1e151] {
            assert!(matches!(
                RegressionSet::new(features.view(), array![0.0, bad].view()),
                Err(RegressionError::InvalidValue { what: "labels", row: 1, .. })
            ));
        }
        assert!(matches!(
            RegressionSet::new(features.view(), array![0.0].view()),
            Err(RegressionError::WrongLength { what: "labels", found: 1, expected: 2 })
        ));
        assert!(matches!(
            RegressionSet::new(features.slice_axis(Axis(0), (..0).into()), array![].view()),
            Err(RegressionError::EmptyFeatures { rows: 0, columns: 1 })
        ));
    }

    #[test]
    fn with_sample_weight_bad_weights_are_refused() {
        let (features, labels) = (array![[0.0], [2.0]], array![0.0, 1.0]);
        let refused = |weights: Array1<f64>| {
            let data = RegressionSet::new(features.view(), labels.view()).unwrap();
            data.with_sample_weight(weights.view()).unwrap_err()
        };
        assert!(matches!(
            refused(array![1.0, -0.5]),
            RegressionError::NegativeValue { what: "sample_weight", row: 1, value: -0.5 }
        ));
        assert!(matches!(refused(array![f64::NAN, 1.0]), RegressionError::InvalidValue { row: 0, .. }));
        assert!(matches!(refused(array![0.0, 0.0]), RegressionError::ZeroWeights));
        assert!(matches!(refused(array![1.0]), RegressionError::WrongLength { found: 1, expected: 2, .. }));
    }
}
