//! Given labels as class indices.

use std::borrow::Cow;

use ndarray::ArrayView1;
use rayon::prelude::*;

use crate::errors::InputError;

/// The given label of every example: class indices 0, 1, 2, …, at least one of them.
///
/// Borrowed without a copy from a `u32` slice, converted from any other integer, boolean or whole-valued float type.
///
/// # Shapes
///
/// One entry per example (N ≥ 1), each below `u32::MAX`.
///
/// # Example
///
/// ```
/// use cleanlab_core::Labels;
/// let labels = Labels::new(&[0_i64, 2, 2])?;
/// assert_eq!(labels.as_slice(), &[0, 2, 2]);
/// assert_eq!(labels.max_class(), 2);
/// assert_eq!(labels.n_distinct(), 2);
/// assert_eq!(Labels::new(&[0.0, 1.0])?, Labels::new(&[0_u8, 1])?);
/// assert!(Labels::new(&[0.5]).is_err());
/// # Ok::<(), cleanlab_core::InputError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.validation.assert_valid_class_labels`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels<'a> {
    indices: Cow<'a, [u32]>,
    max_class: u32,
}

/// Labels that are worth a thread to be counted.
const PARALLEL_LABELS: usize = 1 << 16;

/// Tables that labels are counted in by turns: equal labels in a row would wait for each other's count to be stored.
const COUNT_TABLES: usize = 4;

impl<'a> Labels<'a> {
    /// Labels from a slice; borrows a `u32` slice, converts any other type.
    ///
    /// # Errors
    ///
    /// [`InputError::NoLabels`], [`InputError::NegativeLabel`], [`InputError::FractionalLabel`] or
    /// [`InputError::HugeLabel`], with the first row at fault.
    pub fn new<T: ClassIndex>(labels: &'a [T]) -> Result<Self, InputError> {
        Self::from_indices(T::to_indices(labels)?)
    }

    /// Labels from an ndarray view of any stride.
    ///
    /// # Errors
    ///
    /// As [`Labels::new`].
    pub fn from_array<T: ClassIndex>(labels: ArrayView1<'a, T>) -> Result<Self, InputError> {
        match labels.to_slice() {
            Some(slice) => Self::new(slice),
            None => Ok(Labels::new(&labels.to_vec())?.into_owned()),
        }
    }

    /// Labels that own their indices.
    ///
    /// # Errors
    ///
    /// As [`Labels::new`].
    pub fn from_vec(labels: Vec<u32>) -> Result<Self, InputError> {
        Self::from_indices(Cow::Owned(labels))
    }

    fn from_indices(indices: Cow<'a, [u32]>) -> Result<Self, InputError> {
        let max_class = indices.iter().copied().max().ok_or(InputError::NoLabels)?;
        if max_class == u32::MAX {
            let row = indices.iter().position(|&label| label == u32::MAX).unwrap_or_default();
            return Err(InputError::HugeLabel { row, value: max_class.to_string() });
        }
        Ok(Self { indices, max_class })
    }

    /// The class index of every example.
    #[must_use]
    pub fn as_slice(&self) -> &[u32] {
        &self.indices
    }

    /// Number of examples, at least 1.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "labels are never empty")]
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    /// The largest class index that occurs.
    #[must_use]
    pub fn max_class(&self) -> usize {
        self.max_class as usize
    }

    /// How many examples have each of the classes 0..`n_classes`; zero for a class that does not occur.
    ///
    /// Source: `cleanlab.internal.util.value_counts_fill_missing_classes`.
    ///
    /// # Panics
    ///
    /// If a label is not below `n_classes`; [`LabeledProbs`](crate::LabeledProbs) rules that out.
    #[must_use]
    pub fn counts(&self, n_classes: usize) -> Vec<u64> {
        assert!(self.max_class() < n_classes, "label {} with {n_classes} classes", self.max_class);
        let count = |labels: &[u32]| -> Vec<u64> {
            let mut tables = vec![[0; COUNT_TABLES]; n_classes];
            let (groups, rest) = labels.as_chunks::<COUNT_TABLES>();
            for group in groups {
                for turn in 0..COUNT_TABLES {
                    tables[group[turn] as usize][turn] += 1;
                }
            }
            for &label in rest {
                tables[label as usize][0] += 1;
            }
            tables.into_iter().map(|counts| counts.into_iter().sum()).collect()
        };
        let labels = self.as_slice();
        let part = labels.len().div_ceil(rayon::current_num_threads());
        if part < PARALLEL_LABELS.max(n_classes) {
            return count(labels);
        }
        let counts = labels.par_chunks(part).map(count).reduce_with(|mut counts, others| {
            counts.iter_mut().zip(others).for_each(|(count, other)| *count += other);
            counts
        });
        counts.unwrap_or_default()
    }

    /// Number of different classes that occur.
    #[must_use]
    pub fn n_distinct(&self) -> usize {
        if self.max_class() <= 8 * self.len() {
            return self.counts(self.max_class() + 1).iter().filter(|&&count| count > 0).count();
        }
        let mut sorted = self.indices.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        sorted.len()
    }

    /// The same labels, borrowed from these.
    #[must_use]
    pub fn borrowed(&self) -> Labels<'_> {
        Labels { indices: Cow::Borrowed(self.as_slice()), max_class: self.max_class }
    }

    /// The same labels, independent of what they were borrowed from.
    #[must_use]
    pub fn into_owned<'b>(self) -> Labels<'b> {
        Labels { indices: Cow::Owned(self.indices.into_owned()), max_class: self.max_class }
    }
}

/// A type that labels can be given in: any integer, `bool`, or a float that holds whole numbers.
///
/// ```
/// use cleanlab_core::Labels;
/// assert_eq!(Labels::new(&[false, true])?.as_slice(), &[0, 1]);
/// # Ok::<(), cleanlab_core::InputError>(())
/// ```
pub trait ClassIndex: Copy + sealed::Sealed {
    /// The class indices of a slice, borrowed when the type is `u32` already.
    ///
    /// # Errors
    ///
    /// Names the first row whose value is negative, fractional or too large.
    fn to_indices(labels: &[Self]) -> Result<Cow<'_, [u32]>, InputError>;
}

mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for u32 {}
impl ClassIndex for u32 {
    fn to_indices(labels: &[Self]) -> Result<Cow<'_, [u32]>, InputError> {
        Ok(Cow::Borrowed(labels))
    }
}

impl sealed::Sealed for bool {}
impl ClassIndex for bool {
    fn to_indices(labels: &[Self]) -> Result<Cow<'_, [u32]>, InputError> {
        Ok(Cow::Owned(labels.iter().map(|&label| u32::from(label)).collect()))
    }
}

macro_rules! integer_class_index {
    ($($int:ty),*) => {$(
        impl sealed::Sealed for $int {}
        impl ClassIndex for $int {
            fn to_indices(labels: &[Self]) -> Result<Cow<'_, [u32]>, InputError> {
                let convert = |(row, &label): (usize, &$int)| {
                    u32::try_from(label).ok().filter(|&index| index < u32::MAX).ok_or_else(|| {
                        let value = label.to_string();
                        if value.starts_with('-') {
                            InputError::NegativeLabel { row, value }
                        } else {
                            InputError::HugeLabel { row, value }
                        }
                    })
                };
                labels.iter().enumerate().map(convert).collect::<Result<_, _>>().map(Cow::Owned)
            }
        }
    )*};
}
integer_class_index!(u8, u16, u64, usize, i8, i16, i32, i64, isize);

macro_rules! float_class_index {
    ($($float:ty),*) => {$(
        impl sealed::Sealed for $float {}
        impl ClassIndex for $float {
            fn to_indices(labels: &[Self]) -> Result<Cow<'_, [u32]>, InputError> {
                let convert = |(row, &label): (usize, &$float)| {
                    let wide = f64::from(label);
                    let value = || label.to_string();
                    if !wide.is_finite() || wide.fract() != 0.0 {
                        Err(InputError::FractionalLabel { row, value: value() })
                    } else if wide < 0.0 {
                        Err(InputError::NegativeLabel { row, value: value() })
                    } else if wide >= f64::from(u32::MAX) {
                        Err(InputError::HugeLabel { row, value: value() })
                    } else {
                        Ok(wide as u32)
                    }
                };
                labels.iter().enumerate().map(convert).collect::<Result<_, _>>().map(Cow::Owned)
            }
        }
    )*};
}
float_class_index!(f32, f64);

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn new_u32_slice_borrows() {
        let values = [3_u32, 1];
        let labels = Labels::new(&values).unwrap();
        assert!(matches!(labels.indices, Cow::Borrowed(_)));
    }

    #[test]
    fn new_empty_is_refused() {
        assert_eq!(Labels::new::<u32>(&[]), Err(InputError::NoLabels));
    }

    #[test]
    fn new_bad_value_names_row_and_value() {
        assert_eq!(
            Labels::new(&[0_i32, 1, -3]),
            Err(InputError::NegativeLabel { row: 2, value: "-3".into() })
        );
        assert_eq!(
            Labels::new(&[0.0, f64::NAN]),
            Err(InputError::FractionalLabel { row: 1, value: "NaN".into() })
        );
        assert_eq!(
            Labels::new(&[u64::MAX]),
            Err(InputError::HugeLabel { row: 0, value: u64::MAX.to_string() })
        );
        assert_eq!(
            Labels::new(&[u32::MAX]),
            Err(InputError::HugeLabel { row: 0, value: u32::MAX.to_string() })
        );
    }

    #[test]
    fn the_first_label_that_is_too_large_is_named() {
        let huge = |row| Err(InputError::HugeLabel { row, value: u32::MAX.to_string() });
        assert_eq!(Labels::new(&[3, u32::MAX, u32::MAX]), huge(1));
        assert_eq!(Labels::from_vec(vec![0, 1, u32::MAX]), huge(2));
    }

    #[test]
    fn new_truth_values_are_classes_0_and_1() {
        assert_eq!(Labels::new(&[true, false, true]).unwrap().as_slice(), [1, 0, 1]);
    }

    #[test]
    fn counts_are_those_of_every_class_on_any_number_of_threads() {
        assert_eq!(Labels::new(&[2_u32, 0, 2, 2, 2, 0, 3]).unwrap().counts(5), [2, 0, 4, 1, 0]);
        let many: Vec<u32> = (0..300_001).map(|row| row % 7 % 3).collect();
        let labels = Labels::new(&many).unwrap();
        for n_threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            assert_eq!(pool.install(|| labels.counts(3)), [128_572, 85_715, 85_714]);
        }
    }

    #[test]
    fn n_distinct_counts_classes_that_occur() {
        assert_eq!(Labels::new(&[0_u32, 3, 3]).unwrap().n_distinct(), 2);
        assert_eq!(Labels::new(&[5_u32]).unwrap().n_distinct(), 1);
    }

    #[test]
    fn from_array_strided_view_keeps_order() {
        let matrix = array![[0_i64, 9], [1, 9], [2, 9]];
        assert_eq!(Labels::from_array(matrix.column(0)).unwrap().as_slice(), &[0, 1, 2]);
    }

    #[test]
    fn n_distinct_sparse_classes_are_counted_once() {
        assert_eq!(Labels::new(&[4_000_000_000_u32, 7, 7]).unwrap().n_distinct(), 2);
    }
}
