//! Features, labels and weights that belong together.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use crate::errors::LearningError;

/// What a classifier learns from: features, labels and, if wanted, weights of the same examples, checked once.
///
/// # Shapes
///
/// N × p features, N labels below `n_classes`, N weights; N ≥ 1 and p ≥ 1. Not every class need occur among the
/// labels: a fold of a small data set may lack one.
///
/// # Example
///
/// ```
/// use cleanlab_learning::TrainingSet;
/// use ndarray::array;
///
/// let features = array![[0.1, 1.0], [0.9, 0.0], [0.2, 1.0]];
/// let weights = array![1.0, 1.0, 0.5];
/// let data = TrainingSet::new(features.view(), &[0, 1, 0], 2)?.with_sample_weight(weights.view())?;
/// assert_eq!((data.n_rows(), data.n_features(), data.n_classes()), (3, 2, 2));
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct TrainingSet<'a> {
    features: ArrayView2<'a, f64>,
    labels: &'a [u32],
    n_classes: usize,
    sample_weight: Option<ArrayView1<'a, f64>>,
}

impl<'a> TrainingSet<'a> {
    /// Features and labels of the same examples.
    ///
    /// # Errors
    ///
    /// [`LearningError::EmptyFeatures`], [`LearningError::LabelCount`], [`LearningError::LabelOutOfRange`] or
    /// [`LearningError::NonFiniteFeature`], the last two with the first place at fault.
    pub fn new(
        features: ArrayView2<'a, f64>,
        labels: &'a [u32],
        n_classes: usize,
    ) -> Result<Self, LearningError> {
        let (rows, columns) = features.dim();
        if rows == 0 || columns == 0 {
            return Err(LearningError::EmptyFeatures { rows, columns });
        }
        if labels.len() != rows {
            return Err(LearningError::LabelCount { labels: labels.len(), rows });
        }
        if let Some(row) = labels.iter().position(|&label| label as usize >= n_classes) {
            return Err(LearningError::LabelOutOfRange { row, label: labels[row], n_classes });
        }
        check_finite(features)?;
        Ok(Self { features, labels, n_classes, sample_weight: None })
    }

    /// The same examples, each counting as much as its weight says.
    ///
    /// # Errors
    ///
    /// [`LearningError::WeightCount`], [`LearningError::InvalidWeight`] with the first row at fault, or
    /// [`LearningError::ZeroWeights`].
    pub fn with_sample_weight(mut self, sample_weight: ArrayView1<'a, f64>) -> Result<Self, LearningError> {
        if sample_weight.len() != self.n_rows() {
            return Err(LearningError::WeightCount { weights: sample_weight.len(), rows: self.n_rows() });
        }
        for (row, &value) in sample_weight.iter().enumerate() {
            if !value.is_finite() || value < 0.0 {
                return Err(LearningError::InvalidWeight { row, value });
            }
        }
        if sample_weight.iter().all(|&weight| weight == 0.0) {
            return Err(LearningError::ZeroWeights);
        }
        self.sample_weight = Some(sample_weight);
        Ok(self)
    }

    /// The same examples, each counting as one.
    #[must_use]
    pub fn without_sample_weight(mut self) -> Self {
        self.sample_weight = None;
        self
    }

    /// The features, N × p, all finite.
    #[must_use]
    pub fn features(&self) -> ArrayView2<'a, f64> {
        self.features
    }

    /// The label of every row, each below [`TrainingSet::n_classes`].
    #[must_use]
    pub fn labels(&self) -> &'a [u32] {
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

    /// Number of classes K, whether or not each occurs among the labels.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// How many rows have each class as their label.
    #[must_use]
    pub fn label_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.n_classes];
        for &label in self.labels {
            counts[label as usize] += 1;
        }
        counts
    }

    /// The classes that occur among the labels, in ascending order.
    #[must_use]
    pub fn present_classes(&self) -> Vec<u32> {
        let counts = self.label_counts();
        let present = (0..).zip(counts).filter(|&(_, count)| count > 0);
        present.map(|(class, _)| class).collect()
    }

    /// Copies of some rows, in the order given; a row may be listed more than once.
    pub(crate) fn select(&self, rows: &[usize]) -> SelectedRows {
        SelectedRows {
            features: self.features.select(Axis(0), rows),
            labels: rows.iter().map(|&row| self.labels[row]).collect(),
            n_classes: self.n_classes,
            sample_weight: self.sample_weight.map(|weights| rows.iter().map(|&row| weights[row]).collect()),
        }
    }
}

/// Rows copied from a checked training set.
pub(crate) struct SelectedRows {
    features: Array2<f64>,
    labels: Vec<u32>,
    n_classes: usize,
    sample_weight: Option<Array1<f64>>,
}

impl SelectedRows {
    /// The rows as a training set. Only their weights can be at fault: all of them may be 0.
    pub(crate) fn as_training_set(&self) -> Result<TrainingSet<'_>, LearningError> {
        let set = TrainingSet {
            features: self.features.view(),
            labels: &self.labels,
            n_classes: self.n_classes,
            sample_weight: None,
        };
        match &self.sample_weight {
            Some(weights) => set.with_sample_weight(weights.view()),
            None => Ok(set),
        }
    }
}

/// Whether all features are finite; names the first that is not.
pub(crate) fn check_finite(features: ArrayView2<'_, f64>) -> Result<(), LearningError> {
    // Without a way out of the loop it vectorises, which a search for the first bad value does not.
    let all_finite = |row: ArrayView1<'_, f64>| row.iter().fold(true, |finite, x| finite & x.is_finite());
    for (row, values) in features.rows().into_iter().enumerate() {
        if all_finite(values) {
            continue;
        }
        if let Some((column, &value)) = values.iter().enumerate().find(|(_, x)| !x.is_finite()) {
            return Err(LearningError::NonFiniteFeature { row, column, value });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn new_bad_input_names_its_place() {
        let features = array![[0.0, 1.0], [2.0, f64::INFINITY]];
        let error = TrainingSet::new(features.view(), &[0, 1], 2).unwrap_err();
        assert!(matches!(error, LearningError::NonFiniteFeature { row: 1, column: 1, value: f64::INFINITY }));
        let features = array![[0.0], [2.0]];
        assert!(matches!(
            TrainingSet::new(features.view(), &[0, 2], 2),
            Err(LearningError::LabelOutOfRange { row: 1, label: 2, n_classes: 2 })
        ));
        assert!(matches!(
            TrainingSet::new(features.view(), &[0], 2),
            Err(LearningError::LabelCount { labels: 1, rows: 2 })
        ));
        assert!(matches!(
            TrainingSet::new(features.slice_axis(Axis(0), (..0).into()), &[], 2),
            Err(LearningError::EmptyFeatures { rows: 0, columns: 1 })
        ));
    }

    #[test]
    fn new_non_finite_feature_is_found_in_any_layout() {
        let features = array![[0.0, 1.0], [f64::NAN, 3.0]].reversed_axes();
        assert!(matches!(
            TrainingSet::new(features.view(), &[0, 1], 2),
            Err(LearningError::NonFiniteFeature { row: 0, column: 1, .. })
        ));
    }

    #[test]
    fn with_sample_weight_bad_weights_are_refused() {
        let features = array![[0.0], [2.0]];
        let refused = |weights: Array1<f64>| {
            let data = TrainingSet::new(features.view(), &[0, 1], 2).unwrap();
            data.with_sample_weight(weights.view()).unwrap_err()
        };
        assert!(matches!(refused(array![1.0, -0.5]), LearningError::InvalidWeight { row: 1, value: -0.5 }));
        assert!(matches!(refused(array![f64::NAN, 1.0]), LearningError::InvalidWeight { row: 0, .. }));
        assert!(matches!(refused(array![0.0, 0.0]), LearningError::ZeroWeights));
        assert!(matches!(refused(array![1.0]), LearningError::WeightCount { weights: 1, rows: 2 }));
    }

    #[test]
    fn select_repeats_and_reorders_rows() {
        let features = array![[0.0], [1.0], [2.0]];
        let weights = array![0.5, 1.5, 2.5];
        let data = TrainingSet::new(features.view(), &[0, 1, 2], 3)
            .unwrap()
            .with_sample_weight(weights.view())
            .unwrap();
        let rows = data.select(&[2, 0, 2]);
        let selected = rows.as_training_set().unwrap();
        assert_eq!(selected.features(), array![[2.0], [0.0], [2.0]]);
        assert_eq!(selected.labels(), [2, 0, 2]);
        assert_eq!(selected.sample_weight().unwrap(), array![2.5, 0.5, 2.5]);
        assert_eq!(selected.label_counts(), [1, 0, 2]);
    }
}
