//! Sets of classes and predicted probabilities that belong together.

use cleanlab_core::{ClassIndex, Float, InputError, LabeledProbs, Labels, PredProbs};
use ndarray::{Array2, ArrayView1, CowArray, Ix2};

use crate::errors::MultilabelError;
use crate::multi_labels::MultiLabels;

/// Given sets of classes and predicted probabilities of the same examples, checked once.
///
/// Each column of the probabilities stands for itself: it is the probability that a row has the class, and rows need
/// not sum to 1.
///
/// # Shapes
///
/// N rows; K ≥ 1 classes, N × K probabilities in [0, 1] up to 1e-6.
///
/// # Example
///
/// ```
/// use cleanlab_core::PredProbs;
/// use cleanlab_multilabel::{MultiLabels, MultilabelError, MultilabelProbs};
/// use ndarray::array;
///
/// let labels = MultiLabels::from_lists(&[vec![0], vec![0, 1], vec![]], 2)?;
/// let data = MultilabelProbs::new(labels, PredProbs::new(array![[0.9, 0.1], [0.8, 0.7], [0.2, 0.1]])?)?;
/// assert_eq!((data.len(), data.n_classes()), (3, 2));
///
/// let labels = MultiLabels::from_lists(&[vec![0], vec![1]], 3)?;
/// let error = MultilabelProbs::new(labels, PredProbs::new(array![[0.9, 0.1], [0.8, 0.7]])?).unwrap_err();
/// assert_eq!(error, MultilabelError::ClassCount { labels: 3, columns: 2 });
/// # Ok::<(), MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.validation.assert_valid_inputs(multi_label=True)`.
#[derive(Debug, Clone)]
pub struct MultilabelProbs<'a, F: Float> {
    labels: MultiLabels,
    pred_probs: PredProbs<'a, F>,
}

impl<'a, F: Float> MultilabelProbs<'a, F> {
    /// Labels with their predicted probabilities.
    ///
    /// # Errors
    ///
    /// [`InputError::LengthMismatch`] (in [`MultilabelError::Input`]) or [`MultilabelError::ClassCount`].
    pub fn new(labels: MultiLabels, pred_probs: PredProbs<'a, F>) -> Result<Self, MultilabelError> {
        if labels.len() != pred_probs.n_rows() {
            let mismatch = InputError::LengthMismatch { labels: labels.len(), rows: pred_probs.n_rows() };
            return Err(mismatch.into());
        }
        if labels.n_classes() != pred_probs.n_classes() {
            let (labels, columns) = (labels.n_classes(), pred_probs.n_classes());
            return Err(MultilabelError::ClassCount { labels, columns });
        }
        Ok(Self { labels, pred_probs })
    }

    /// Lists of classes with a matrix of probabilities, both checked here; K is its number of columns.
    ///
    /// ```
    /// use cleanlab_multilabel::MultilabelProbs;
    /// use ndarray::array;
    ///
    /// let pred_probs = array![[0.9, 0.1], [0.8, 0.7]];
    /// let data = MultilabelProbs::from_lists(&[vec![0], vec![0, 1]], pred_probs.view())?;
    /// assert_eq!(data.labels().counts(), [2, 1]);
    /// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`MultiLabels::from_lists`], [`PredProbs::new`] and [`MultilabelProbs::new`].
    pub fn from_lists<T: ClassIndex, L: AsRef<[T]>>(
        lists: &[L],
        pred_probs: impl Into<CowArray<'a, F, Ix2>>,
    ) -> Result<Self, MultilabelError> {
        let pred_probs = PredProbs::without_notes(pred_probs)?;
        Self::new(MultiLabels::from_lists(lists, pred_probs.n_classes())?, pred_probs)
    }

    /// The given classes of every row.
    #[must_use]
    pub fn labels(&self) -> &MultiLabels {
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

    /// Number of classes K, at least 1.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.labels.n_classes()
    }

    /// One class against the rest, as data with two classes: label 1 for rows that have the class, else 0; column 1 its
    /// probability p, column 0 its complement 1 − p.
    ///
    /// The functions of this crate give what those of `cleanlab-count`, `-rank` and `-filter` give for this data, but
    /// make no copy.
    ///
    /// # Errors
    ///
    /// [`MultilabelError::NoSuchClass`].
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_multilabel::MultilabelProbs;
    /// use ndarray::array;
    ///
    /// let data = MultilabelProbs::from_lists(&[vec![0], vec![1]], array![[0.75, 0.5], [0.5, 1.0]])?;
    /// let binary = data.one_vs_rest(1)?;
    /// assert_eq!(binary.labels().as_slice(), [0, 1]);
    /// assert_eq!(binary.pred_probs().view(), array![[0.5, 0.5], [0.0, 1.0]]);
    /// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
    /// ```
    ///
    /// # Source
    ///
    /// `labels_list` and `pred_probs_list` of
    /// `cleanlab.multilabel_classification.filter.find_multilabel_issues_per_class`.
    #[doc(alias = "pred_probs_list")]
    pub fn one_vs_rest(&self, class: usize) -> Result<LabeledProbs<'static, f64>, MultilabelError> {
        let n_classes = self.n_classes();
        if class >= n_classes {
            return Err(MultilabelError::NoSuchClass { class, n_classes });
        }
        let labels = (0..self.len()).map(|row| u32::from(self.labels.contains(row, class))).collect();
        let pred_probs = PredProbs::new(stack_complement(self.pred_probs.view().column(class)))?;
        Ok(LabeledProbs::allowing_one_class(Labels::from_vec(labels)?, pred_probs)?)
    }
}

/// The probabilities of one class as two columns: 1 − p, and p.
///
/// # Shapes
///
/// `pred_prob_slice` N values; returns N × 2.
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::stack_complement;
/// use ndarray::array;
///
/// assert_eq!(stack_complement(array![0.25, 1.0].view()), array![[0.75, 0.25], [0.0, 1.0]]);
/// ```
///
/// # Source
///
/// `cleanlab.internal.multilabel_utils.stack_complement`.
#[must_use]
pub fn stack_complement<F: Float>(pred_prob_slice: ArrayView1<'_, F>) -> Array2<f64> {
    Array2::from_shape_fn((pred_prob_slice.len(), 2), |(row, given)| {
        complement_pair(pred_prob_slice[row])[given]
    })
}

/// [1 − p, p], in f64 whatever p is given in.
#[inline(always)]
pub(crate) fn complement_pair<F: Float>(p: F) -> [f64; 2] {
    let p = p.to_f64();
    [1.0 - p, p]
}
