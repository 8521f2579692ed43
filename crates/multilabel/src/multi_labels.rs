//! Given labels that are sets of classes.

use std::borrow::Cow;

use cleanlab_core::{ClassIndex, InputError};
use ndarray::{Array2, ArrayView2};

use crate::errors::MultilabelError;

/// The given classes of every row: any number of the classes 0..K, none included.
///
/// Held as one bit per row and class.
///
/// # Shapes
///
/// N ≥ 1 rows, K ≥ 1 classes; a class need not occur.
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::MultiLabels;
/// use ndarray::array;
///
/// let labels = MultiLabels::from_lists(&[vec![0, 2], vec![], vec![1]], 3)?;
/// assert_eq!((labels.len(), labels.n_classes()), (3, 3));
/// assert_eq!(labels.classes_of(0).collect::<Vec<_>>(), [0, 2]);
/// assert_eq!(labels.counts(), [1, 1, 1]);
///
/// let onehot = array![[1, 0, 1], [0, 0, 0], [0, 1, 0]];
/// assert_eq!(MultiLabels::from_onehot(onehot.view())?, labels);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.multilabel_utils.get_onehot_num_classes`, `cleanlab.internal.validation.assert_valid_inputs`.
///
/// # Differences
///
/// cleanlab drops classes without a column with a warning of scikit-learn's, takes a repeated class for one, and fails
/// where no row has any class, or every row has all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultiLabels {
    n_rows: usize,
    n_classes: usize,
    /// Row after row, `n_words` words each; class k is bit k % 64 of word k / 64.
    bits: Vec<u64>,
    /// Rows that have each class.
    counts: Vec<u64>,
}

const WORD: usize = u64::BITS as usize;

impl MultiLabels {
    /// Labels from the list of classes of each row, in any order.
    ///
    /// # Errors
    ///
    /// [`MultilabelError::Empty`], [`MultilabelError::RepeatedClass`], [`MultilabelError::NegativeClass`],
    /// [`MultilabelError::FractionalClass`] or [`MultilabelError::ClassOutOfRange`], with the first row at fault.
    pub fn from_lists<T: ClassIndex, L: AsRef<[T]>>(
        lists: &[L],
        n_classes: usize,
    ) -> Result<Self, MultilabelError> {
        let mut labels = Self::without_classes(lists.len(), n_classes)?;
        for (row, list) in lists.iter().enumerate() {
            for &class in class_indices(list.as_ref(), row, n_classes)?.iter() {
                let class = class as usize;
                if class >= n_classes {
                    return Err(MultilabelError::ClassOutOfRange {
                        row,
                        value: class.to_string(),
                        n_classes,
                    });
                }
                if labels.contains(row, class) {
                    return Err(MultilabelError::RepeatedClass { row, class });
                }
                labels.insert(row, class);
            }
        }
        Ok(labels)
    }

    /// Labels from a matrix with 1 (or `true`) for every class that a row has, and 0 for the others.
    ///
    /// # Shapes
    ///
    /// N × K.
    ///
    /// # Errors
    ///
    /// [`MultilabelError::Empty`] or [`MultilabelError::NotBinary`], with the first entry at fault.
    pub fn from_onehot<T: ClassIndex + ToString>(onehot: ArrayView2<'_, T>) -> Result<Self, MultilabelError> {
        let mut labels = Self::without_classes(onehot.nrows(), onehot.ncols())?;
        for (row, entries) in onehot.rows().into_iter().enumerate() {
            let entries = entries.to_vec();
            let not_binary = |column: usize| {
                let value = entries[column].to_string();
                MultilabelError::NotBinary { row, column, value }
            };
            let indices = T::to_indices(&entries).map_err(|error| not_binary(place_of(&error)))?;
            for (class, &entry) in indices.iter().enumerate() {
                match entry {
                    0 => {}
                    1 => labels.insert(row, class),
                    _ => return Err(not_binary(class)),
                }
            }
        }
        Ok(labels)
    }

    fn without_classes(n_rows: usize, n_classes: usize) -> Result<Self, MultilabelError> {
        if n_rows == 0 || n_classes == 0 {
            return Err(MultilabelError::Empty { rows: n_rows, n_classes });
        }
        let n_words = n_rows.checked_mul(n_classes.div_ceil(WORD));
        let zeros = |n: usize| {
            let is_there = Vec::<u64>::new().try_reserve_exact(n).is_ok();
            is_there.then(|| vec![0; n])
        };
        match (n_words.and_then(zeros), zeros(n_classes)) {
            (Some(bits), Some(counts)) => Ok(Self { n_rows, n_classes, bits, counts }),
            _ => Err(MultilabelError::TooLarge { rows: n_rows, n_classes }),
        }
    }

    #[inline]
    fn insert(&mut self, row: usize, class: usize) {
        let n_words = self.n_words();
        self.bits[row * n_words + class / WORD] |= 1 << (class % WORD);
        self.counts[class] += 1;
    }

    /// Number of rows N, at least 1.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "there is always a row")]
    pub fn len(&self) -> usize {
        self.n_rows
    }

    /// Number of classes K, whether or not each occurs.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Whether a row has a class; `false` for a row or class that does not exist.
    #[must_use]
    #[inline]
    pub fn contains(&self, row: usize, class: usize) -> bool {
        row < self.n_rows && class < self.n_classes && given(self.words_of(row), class) == 1
    }

    /// The classes of a row, in ascending order.
    ///
    /// # Panics
    ///
    /// If `row` is not below [`MultiLabels::len`].
    pub fn classes_of(&self, row: usize) -> impl Iterator<Item = usize> + '_ {
        let words = self.words_of(row);
        (0..self.n_classes).filter(move |&class| given(words, class) == 1)
    }

    /// The classes of every row, as the lists that [`MultiLabels::from_lists`] takes.
    #[must_use]
    pub fn to_lists(&self) -> Vec<Vec<usize>> {
        (0..self.n_rows).map(|row| self.classes_of(row).collect()).collect()
    }

    /// How many rows have each class.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How many rows lack a class, and how many have it.
    pub(crate) fn binary_counts(&self, class: usize) -> [u64; 2] {
        [self.n_rows as u64 - self.counts[class], self.counts[class]]
    }

    #[inline]
    fn n_words(&self) -> usize {
        self.n_classes.div_ceil(WORD)
    }

    #[inline]
    pub(crate) fn words_of(&self, row: usize) -> &[u64] {
        let n_words = self.n_words();
        &self.bits[row * n_words..(row + 1) * n_words]
    }
}

/// 1 if the row with these words has the class, else 0.
#[inline(always)]
pub(crate) fn given(words: &[u64], class: usize) -> usize {
    (words[class / WORD] >> (class % WORD)) as usize & 1
}

/// One bit for each of up to `lanes` classes from `first` on, which is a multiple of `lanes`; `lanes` divides 64.
#[inline(always)]
pub(crate) fn given_bits(words: &[u64], first: usize, lanes: usize) -> usize {
    (words[first / WORD] >> (first % WORD)) as usize & ((1 << lanes) - 1)
}

fn class_indices<T: ClassIndex>(
    list: &[T],
    row: usize,
    n_classes: usize,
) -> Result<Cow<'_, [u32]>, MultilabelError> {
    T::to_indices(list).map_err(|error| match error {
        InputError::NegativeLabel { value, .. } => MultilabelError::NegativeClass { row, value },
        InputError::FractionalLabel { value, .. } => MultilabelError::FractionalClass { row, value },
        InputError::HugeLabel { value, .. } => MultilabelError::ClassOutOfRange { row, value, n_classes },
        other => other.into(),
    })
}

/// Which value of a slice `ClassIndex::to_indices` refused.
fn place_of(error: &InputError) -> usize {
    match error {
        InputError::NegativeLabel { row, .. }
        | InputError::FractionalLabel { row, .. }
        | InputError::HugeLabel { row, .. } => *row,
        _ => 0,
    }
}

/// The one-hot matrix of labels: 1 where a row has a class.
///
/// # Shapes
///
/// Returns N × K.
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{MultiLabels, int2onehot};
/// use ndarray::array;
///
/// let labels = MultiLabels::from_lists(&[vec![0, 1], vec![], vec![2]], 3)?;
/// assert_eq!(int2onehot(&labels), array![[1, 1, 0], [0, 0, 0], [0, 0, 1]]);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.multilabel_utils.int2onehot`.
#[must_use]
pub fn int2onehot(labels: &MultiLabels) -> Array2<u8> {
    Array2::from_shape_fn((labels.len(), labels.n_classes()), |(row, class)| {
        u8::from(labels.contains(row, class))
    })
}

/// The classes of every row of a one-hot matrix, in ascending order.
///
/// # Shapes
///
/// `onehot` N × K; returns N lists of classes in 0..K.
///
/// # Errors
///
/// As [`MultiLabels::from_onehot`].
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::onehot2int;
/// use ndarray::array;
///
/// assert_eq!(onehot2int(array![[1, 1, 0], [0, 0, 0], [0, 0, 1]].view())?, [vec![0, 1], vec![], vec![2]]);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.multilabel_utils.onehot2int`.
///
/// # Differences
///
/// cleanlab takes every value but 0 for 1; here only 0 and 1 are accepted.
pub fn onehot2int<T: ClassIndex + ToString>(
    onehot: ArrayView2<'_, T>,
) -> Result<Vec<Vec<usize>>, MultilabelError> {
    Ok(MultiLabels::from_onehot(onehot)?.to_lists())
}

/// The share of rows that lack each class, and the share that have it.
///
/// # Shapes
///
/// Returns K × 2; column 0 is p(class not given), column 1 p(class given).
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{MultiLabels, multilabel_py};
/// use ndarray::array;
///
/// let labels = MultiLabels::from_lists(&[vec![], vec![1], vec![0], vec![0, 1]], 2)?;
/// assert_eq!(multilabel_py(&labels), array![[0.5, 0.5], [0.5, 0.5]]);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.multilabel_scorer.multilabel_py`.
#[must_use]
pub fn multilabel_py(labels: &MultiLabels) -> Array2<f64> {
    let share_without = |class| labels.binary_counts(class)[0] as f64 / labels.len() as f64;
    Array2::from_shape_fn((labels.n_classes(), 2), |(class, given)| match given {
        0 => share_without(class),
        _ => 1.0 - share_without(class),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn from_lists_bad_class_names_row_and_value() {
        assert_eq!(
            MultiLabels::from_lists(&[vec![0], vec![1, 0, 1]], 2),
            Err(MultilabelError::RepeatedClass { row: 1, class: 1 })
        );
        assert_eq!(
            MultiLabels::from_lists(&[vec![0_i64], vec![1, -3]], 2),
            Err(MultilabelError::NegativeClass { row: 1, value: "-3".into() })
        );
        assert_eq!(
            MultiLabels::from_lists(&[vec![0.5]], 2),
            Err(MultilabelError::FractionalClass { row: 0, value: "0.5".into() })
        );
        for value in [2, u64::MAX] {
            let out_of_range =
                MultilabelError::ClassOutOfRange { row: 2, value: value.to_string(), n_classes: 2 };
            assert_eq!(MultiLabels::from_lists(&[vec![], vec![], vec![value]], 2), Err(out_of_range));
        }
    }

    #[test]
    fn from_lists_nothing_is_refused() {
        assert_eq!(
            MultiLabels::from_lists::<u32, Vec<u32>>(&[], 3),
            Err(MultilabelError::Empty { rows: 0, n_classes: 3 })
        );
        assert_eq!(
            MultiLabels::from_lists::<u32, _>(&[vec![]], 0),
            Err(MultilabelError::Empty { rows: 1, n_classes: 0 })
        );
    }

    #[test]
    fn from_lists_of_more_classes_than_memory_holds_is_refused() {
        for n_classes in [1 << 50, usize::MAX] {
            assert_eq!(
                MultiLabels::from_lists(&vec![[0_u32]; 100], n_classes),
                Err(MultilabelError::TooLarge { rows: 100, n_classes })
            );
        }
    }

    #[test]
    fn from_onehot_other_value_names_its_place() {
        let not_binary =
            |row, column, value: &str| MultilabelError::NotBinary { row, column, value: value.into() };
        assert_eq!(MultiLabels::from_onehot(array![[0, 1], [2, 0]].view()), Err(not_binary(1, 0, "2")));
        assert_eq!(MultiLabels::from_onehot(array![[0.0, f64::NAN]].view()), Err(not_binary(0, 1, "NaN")));
        assert!(MultiLabels::from_onehot(array![[true, false]].view()).is_ok());
    }

    #[test]
    fn classes_of_more_than_a_word_of_classes() {
        let labels = MultiLabels::from_lists(&[vec![0, 63, 64, 129], vec![]], 130).unwrap();
        assert_eq!(labels.classes_of(0).collect::<Vec<_>>(), [0, 63, 64, 129]);
        assert_eq!(labels.classes_of(1).count(), 0);
        assert!(!labels.contains(0, 1) && !labels.contains(2, 0) && !labels.contains(0, 130));
    }
}
