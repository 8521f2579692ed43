//! Labels and predicted probabilities that belong together.

use std::ops::Range;

use crate::accumulator::Batch;
use crate::errors::InputError;
use crate::float::Float;
use crate::labels::Labels;
use crate::pred_probs::PredProbs;

/// Given labels and predicted probabilities of the same examples, checked once.
///
/// # Shapes
///
/// N labels and an N × K matrix; K ≥ 2; every label is below K, though not every class need occur.
///
/// # Example
///
/// ```
/// use cleanlab_core::{InputError, LabeledProbs, Labels, PredProbs};
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[0.9, 0.1], [0.2, 0.8]])?;
/// let data = LabeledProbs::new(Labels::new(&[0_u32, 1])?, pred_probs.borrowed())?;
/// assert_eq!((data.len(), data.n_classes()), (2, 2));
///
/// let error = LabeledProbs::new(Labels::new(&[0_u32, 2])?, pred_probs.borrowed()).unwrap_err();
/// assert_eq!(error, InputError::LabelOutOfRange { row: 1, label: 2, n_classes: 2 });
/// # Ok::<(), InputError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.validation.assert_valid_inputs`.
#[derive(Debug, Clone)]
pub struct LabeledProbs<'a, F: Float> {
    labels: Labels<'a>,
    pred_probs: PredProbs<'a, F>,
}

impl<'a, F: Float> LabeledProbs<'a, F> {
    /// Labels of at least two classes, with their predicted probabilities.
    ///
    /// # Errors
    ///
    /// [`InputError::LengthMismatch`], [`InputError::LabelOutOfRange`] with the first row at fault, or
    /// [`InputError::OneClass`] when all labels are the same, [`InputError::TooFewClasses`] for a single column.
    pub fn new(labels: Labels<'a>, pred_probs: PredProbs<'a, F>) -> Result<Self, InputError> {
        let data = Self::allowing_one_class(labels, pred_probs)?;
        let only = data.labels.as_slice()[0];
        if data.labels.as_slice().iter().all(|&label| label == only) {
            return Err(InputError::OneClass { class: only });
        }
        Ok(data)
    }

    /// As [`LabeledProbs::new`], for labels that may all be of one class.
    ///
    /// Scores are meaningful for such labels; estimates of label noise are not.
    ///
    /// # Errors
    ///
    /// As [`LabeledProbs::new`]; [`InputError::TooFewClasses`] only when there is one column.
    ///
    /// # Source
    ///
    /// `allow_one_class=True` in `cleanlab.internal.validation.assert_valid_inputs`.
    pub fn allowing_one_class(labels: Labels<'a>, pred_probs: PredProbs<'a, F>) -> Result<Self, InputError> {
        let (rows, n_classes) = (pred_probs.n_rows(), pred_probs.n_classes());
        if labels.len() != rows {
            return Err(InputError::LengthMismatch { labels: labels.len(), rows });
        }
        if n_classes < 2 {
            return Err(InputError::TooFewClasses { what: "pred_probs has one column".into() });
        }
        if labels.max_class() >= n_classes {
            let (row, label) = labels
                .as_slice()
                .iter()
                .copied()
                .enumerate()
                .find(|&(_, label)| label as usize >= n_classes)
                .unwrap_or_default();
            return Err(InputError::LabelOutOfRange { row, label, n_classes });
        }
        Ok(Self { labels, pred_probs })
    }

    /// The given labels.
    #[must_use]
    pub fn labels(&self) -> &Labels<'a> {
        &self.labels
    }

    /// The predicted probabilities.
    #[must_use]
    pub fn pred_probs(&self) -> &PredProbs<'a, F> {
        &self.pred_probs
    }

    /// Number of examples N, at least 1.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "there is always an example")]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Number of classes K: the columns of `pred_probs`, whether or not each occurs among the labels.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.pred_probs.n_classes()
    }

    /// How many examples have each class as their given label.
    #[must_use]
    pub fn label_counts(&self) -> Vec<u64> {
        self.labels.counts(self.n_classes())
    }

    /// Some of the rows as a batch; values that do not lie row by row in memory are copied into `scratch`.
    ///
    /// ```
    /// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
    /// use ndarray::array;
    ///
    /// let pred_probs = PredProbs::new(array![[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])?;
    /// let data = LabeledProbs::new(Labels::new(&[0, 1, 1])?, pred_probs)?;
    /// let mut scratch = Vec::new();
    /// assert_eq!(data.batch(1..3, &mut scratch).row(1), (1, &[0.7, 0.3][..]));
    /// # Ok::<(), cleanlab_core::InputError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If there are no such rows.
    pub fn batch<'s>(&'s self, rows: Range<usize>, scratch: &'s mut Vec<F>) -> Batch<'s, F> {
        Batch::from_checked(
            &self.labels.as_slice()[rows.clone()],
            self.pred_probs.rows(rows.clone(), scratch),
            self.n_classes(),
            rows.start as u64,
        )
        .with_notes(self.pred_probs.notes(rows))
    }

    /// The same data, borrowed from this; nothing is checked again.
    #[must_use]
    pub fn borrowed(&self) -> LabeledProbs<'_, F> {
        LabeledProbs { labels: self.labels.borrowed(), pred_probs: self.pred_probs.borrowed() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn pred_probs() -> PredProbs<'static, f64> {
        PredProbs::new(array![[0.9, 0.1], [0.2, 0.8]]).unwrap()
    }

    #[test]
    fn new_wrong_length_is_refused() {
        let error = LabeledProbs::new(Labels::new(&[0_u32]).unwrap(), pred_probs()).unwrap_err();
        assert_eq!(error, InputError::LengthMismatch { labels: 1, rows: 2 });
    }

    #[test]
    fn classes_are_the_columns_whether_they_occur_or_not() {
        let pred_probs =
            PredProbs::new(array![[0.5, 0.25, 0.25], [0.0, 1.0, 0.0], [0.25, 0.5, 0.25]]).unwrap();
        let data = LabeledProbs::new(Labels::new(&[0_u32, 1, 1]).unwrap(), pred_probs).unwrap();
        assert_eq!((data.n_classes(), data.len()), (3, 3));
        assert_eq!(data.label_counts(), [1, 2, 0]);
    }

    #[test]
    fn new_one_class_is_refused_and_may_be_allowed() {
        let labels = Labels::new(&[1_u32, 1]).unwrap();
        let error = LabeledProbs::new(labels.borrowed(), pred_probs()).unwrap_err();
        assert_eq!(error, InputError::OneClass { class: 1 });
        assert!(LabeledProbs::allowing_one_class(labels, pred_probs()).is_ok());
    }

    #[test]
    fn new_one_column_is_refused() {
        let error = LabeledProbs::new(Labels::new(&[0_u32]).unwrap(), PredProbs::new(array![[1.0]]).unwrap());
        assert!(matches!(error, Err(InputError::TooFewClasses { .. })));
    }
}
