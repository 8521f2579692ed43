//! Predicted class probabilities.

use std::ops::Range;
use std::sync::Arc;

use ndarray::{ArrayBase, ArrayView2, Axis, CowArray, CowRepr, Ix2};

use crate::errors::InputError;
use crate::float::Float;
use crate::row_checks::check_values;
use crate::row_notes::{OwnedNotes, RowNotes};

/// Out-of-sample predicted class probabilities, one row per example and one column per class.
///
/// Holds a borrowed view or an owned array, in any memory layout, without a copy. Every value is finite and in [0, 1]
/// up to cleanlab's tolerance of 1e-6 on either side. Rows need not sum to 1 (those of multi-label models do not);
/// [`PredProbs::row_sums`] tells how many do not.
///
/// # Shapes
///
/// N × K, N ≥ 1 rows (examples) and K ≥ 1 columns (classes).
///
/// # Example
///
/// ```
/// use cleanlab_core::PredProbs;
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[0.9_f32, 0.1], [0.4, 0.5]])?;
/// assert_eq!((pred_probs.n_rows(), pred_probs.n_classes()), (2, 2));
/// assert_eq!(pred_probs.row_sums().n_off_one, 1);
///
/// let flat = PredProbs::from_slice(&[0.9, 0.1, 0.2, 0.8], 2)?;
/// assert_eq!(flat.view()[[1, 1]], 0.8);
///
/// // Values that are probabilities up to rounding can be clipped into range.
/// let clipped = PredProbs::clipped(array![[1.00001, 0.0]])?;
/// assert_eq!((clipped.view()[[0, 0]], clipped.n_clipped()), (1.0, 1));
/// # Ok::<(), cleanlab_core::InputError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.validation.assert_valid_inputs`.
///
/// # Differences
///
/// cleanlab lets NaN pass silently; here it is an error that names its place.
#[derive(Debug, Clone)]
pub struct PredProbs<'a, F: Float> {
    // `CowArray<'a, F, Ix2>` with its element type spelled out: the alias would make `'a` invariant.
    values: ArrayBase<CowRepr<'a, F>, Ix2, F>,
    row_sums: RowSums,
    n_clipped: usize,
    notes: Option<Arc<OwnedNotes>>,
}

/// How far the rows of a [`PredProbs`] are from summing to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct RowSums {
    /// Number of rows whose sum differs from 1 by more than [`RowSums::TOLERANCE`].
    pub n_off_one: usize,
    /// The first such row.
    pub first_row: Option<usize>,
    /// The sum of that row, 0 where there is none.
    pub first_sum: f64,
}

impl RowSums {
    /// A row sum this close to 1 is taken for 1: probabilities printed with three digits still pass.
    pub const TOLERANCE: f64 = 1e-3;

    pub(crate) fn add_row(&mut self, row: usize, sum: f64) {
        if (sum - 1.0).abs() > Self::TOLERANCE {
            if self.n_off_one == 0 {
                (self.first_row, self.first_sum) = (Some(row), sum);
            }
            self.n_off_one += 1;
        }
    }

    pub(crate) fn then(self, later: Self) -> Self {
        let first = if self.n_off_one > 0 { self } else { later };
        Self { n_off_one: self.n_off_one + later.n_off_one, ..first }
    }
}

impl<'a, F: Float> PredProbs<'a, F> {
    /// Checks a matrix of any layout, borrowed (`ArrayView2`) or owned (`Array2`).
    ///
    /// # Errors
    ///
    /// [`InputError::EmptyPredProbs`], [`InputError::NanProbability`] or [`InputError::ProbabilityOutOfRange`], with
    /// the first row and column at fault.
    pub fn new(values: impl Into<CowArray<'a, F, Ix2>>) -> Result<Self, InputError> {
        let values = values.into();
        let mut notes = OwnedNotes::for_matrix::<F>(values.nrows(), values.ncols());
        let row_sums = check_values(values.view(), notes.as_mut())?;
        Ok(Self { values, row_sums, n_clipped: 0, notes: notes.map(Arc::new) })
    }

    /// As [`PredProbs::new`], without notes about the rows: for probabilities whose predicted classes interest nobody,
    /// such as those of independent classes.
    ///
    /// ```
    /// use cleanlab_core::PredProbs;
    /// use ndarray::Array2;
    /// let pred_probs = PredProbs::without_notes(Array2::from_elem((3, 100), 0.5))?;
    /// assert!(pred_probs.notes(0..3).is_none());
    /// # Ok::<(), cleanlab_core::InputError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`PredProbs::new`].
    pub fn without_notes(values: impl Into<CowArray<'a, F, Ix2>>) -> Result<Self, InputError> {
        let values = values.into();
        let row_sums = check_values(values.view(), None)?;
        Ok(Self { values, row_sums, n_clipped: 0, notes: None })
    }

    /// Checks row-major values: row after row, `n_classes` values each.
    ///
    /// # Errors
    ///
    /// As [`PredProbs::new`], and [`InputError::RaggedPredProbs`].
    pub fn from_slice(values: &'a [F], n_classes: usize) -> Result<Self, InputError> {
        Self::new(view_of_rows(values, n_classes)?)
    }

    /// As [`PredProbs::new`], but values outside [0, 1] are moved to the nearer bound and counted.
    ///
    /// The matrix is copied only when a borrowed one holds such a value.
    ///
    /// # Errors
    ///
    /// [`InputError::EmptyPredProbs`] or [`InputError::NanProbability`]; infinite values are
    /// [`InputError::ProbabilityOutOfRange`] also here.
    pub fn clipped(values: impl Into<CowArray<'a, F, Ix2>>) -> Result<Self, InputError> {
        let mut values = values.into();
        let (low, high) = (F::from_f64(0.0), F::from_f64(1.0));
        let outside = |p: F| (p < low || p > high) && p.to_f64().is_finite();
        let n_clipped = values.iter().filter(|&&p| outside(p)).count();
        if n_clipped > 0 {
            let bound = |p: F| if p < low { low } else { high };
            values.map_inplace(|p| {
                if outside(*p) {
                    *p = bound(*p);
                }
            });
        }
        Ok(Self { n_clipped, ..Self::new(values)? })
    }

    /// Number of examples N.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.values.nrows()
    }

    /// Number of classes K.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.values.ncols()
    }

    /// The matrix, N × K.
    #[must_use]
    pub fn view(&self) -> ArrayView2<'_, F> {
        self.values.view()
    }

    /// How far the rows are from summing to 1, found while they were checked.
    #[must_use]
    pub fn row_sums(&self) -> RowSums {
        self.row_sums
    }

    /// Number of values that [`PredProbs::clipped`] moved into [0, 1].
    #[must_use]
    pub fn n_clipped(&self) -> usize {
        self.n_clipped
    }

    /// The same probabilities, borrowed from these; nothing is checked again.
    #[must_use]
    pub fn borrowed(&self) -> PredProbs<'_, F> {
        let Self { row_sums, n_clipped, ref notes, .. } = *self;
        PredProbs { values: CowArray::from(self.values.view()), row_sums, n_clipped, notes: notes.clone() }
    }

    /// What was noted about some rows while they were checked; nothing for short rows.
    ///
    /// # Panics
    ///
    /// If there are no such rows.
    #[must_use]
    pub fn notes(&self, rows: Range<usize>) -> Option<RowNotes<'_>> {
        self.notes.as_ref().map(|notes| notes.of_rows(rows))
    }

    /// Row-major values of some rows: borrowed where the rows lie so in memory, else copied into `scratch`.
    pub fn rows<'s>(&'s self, rows: Range<usize>, scratch: &'s mut Vec<F>) -> &'s [F] {
        rows_of(self.values.view(), rows, scratch)
    }
}

/// Row-major values as a matrix.
pub(crate) fn view_of_rows<F>(values: &[F], n_classes: usize) -> Result<ArrayView2<'_, F>, InputError> {
    let ragged = InputError::RaggedPredProbs { len: values.len(), columns: n_classes };
    if n_classes == 0 || !values.len().is_multiple_of(n_classes) {
        return Err(ragged);
    }
    ArrayView2::from_shape((values.len() / n_classes, n_classes), values).map_err(|_| ragged)
}

pub(crate) fn rows_of<'s, F: Float>(
    mut values: ArrayView2<'s, F>,
    rows: Range<usize>,
    scratch: &'s mut Vec<F>,
) -> &'s [F] {
    values.slice_axis_inplace(Axis(0), rows.into());
    if let Some(slice) = values.to_slice() {
        return slice;
    }
    scratch.clear();
    scratch.extend(values.iter().copied());
    scratch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::constants::FLOATING_POINT_COMPARISON;
    use crate::row_checks::row_sum;
    use ndarray::{Array2, ShapeBuilder, array};
    use proptest::prelude::*;

    #[test]
    fn new_value_within_tolerance_is_accepted() {
        assert!(PredProbs::new(array![[1.0 + 9e-7, -9e-7]]).is_ok());
    }

    #[test]
    fn new_bad_value_names_first_place() {
        let error = PredProbs::new(array![[0.5, 0.5], [0.2, 1.1], [f64::NAN, 0.0]]).unwrap_err();
        assert_eq!(
            error,
            InputError::ProbabilityOutOfRange { row: 1, column: 1, value: 1.1, tolerance: 1e-6 }
        );
        let error = PredProbs::new(array![[f32::INFINITY, 0.5]]).unwrap_err();
        assert!(matches!(error, InputError::ProbabilityOutOfRange { row: 0, column: 0, .. }));
        assert_eq!(
            PredProbs::clipped(array![[0.5, f64::NAN]]).unwrap_err(),
            InputError::NanProbability { row: 0, column: 1 }
        );
    }

    #[test]
    fn clipped_moves_values_to_the_nearer_bound_and_counts_them() {
        let pred_probs = PredProbs::clipped(array![[1.5, -0.25], [0.0, 1.0], [-1e-9, 1.0 + 1e-9]]).unwrap();
        assert_eq!(pred_probs.view(), array![[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]);
        assert_eq!(pred_probs.n_clipped(), 4);
        // What needs no change is not copied.
        let values = array![[0.0, 1.0], [0.25, 0.75]];
        let pred_probs = PredProbs::clipped(values.view()).unwrap();
        assert_eq!((pred_probs.n_clipped(), pred_probs.view().as_ptr()), (0, values.as_ptr()));
        let error = PredProbs::clipped(array![[0.5, 2.0], [f64::INFINITY, 0.0]]).unwrap_err();
        assert!(matches!(error, InputError::ProbabilityOutOfRange { row: 1, column: 0, .. }), "{error}");
    }

    #[test]
    fn notes_are_those_of_the_rows_asked_for() {
        let mut values = Array2::from_elem((3, 20), 0.0);
        (0..3).for_each(|row| values[[row, row + 4]] = 1.0);
        let pred_probs = PredProbs::new(values).unwrap();
        let classes: Vec<u16> =
            pred_probs.notes(1..3).unwrap().iter().map(|note| note.predicted_class).collect();
        assert_eq!(classes, [5, 6]);
        assert!(PredProbs::new(array![[0.5, 0.5]]).unwrap().notes(0..1).is_none());
    }

    #[test]
    fn new_rows_of_many_classes_are_checked_although_they_sum_to_1() {
        let row = |values: &[f64]| [values, &vec![0.0; 80 - values.len()]].concat();
        let column_at_fault = |values: &[f64]| match PredProbs::from_slice(&row(values), 80) {
            Err(InputError::ProbabilityOutOfRange { row: 0, column, .. }) => Some(column),
            found => {
                assert!(found.is_ok(), "{found:?}");
                None
            }
        };
        assert_eq!(column_at_fault(&[0.75, 0.75, -0.5]), Some(2));
        assert_eq!(column_at_fault(&[0.0, 1.000_2]), Some(1));
        let highest = 1.0 + FLOATING_POINT_COMPARISON;
        assert_eq!(column_at_fault(&[highest.next_up()]), Some(0));
        assert_eq!(column_at_fault(&[highest]), None);
        // The bounds themselves are allowed, beside a value that is not.
        assert_eq!(column_at_fault(&[-FLOATING_POINT_COMPARISON, highest, 1.5]), Some(2));
        let zeros = row(&[]);
        let sums = PredProbs::from_slice(&zeros, 80).unwrap().row_sums();
        assert_eq!((sums.n_off_one, sums.first_row, sums.first_sum), (1, Some(0), 0.0));
    }

    #[test]
    fn new_first_bad_row_is_found_across_chunks() {
        let mut values = Array2::from_elem((200_000, 2), 0.5);
        values[[150_000, 1]] = -1.0;
        values[[199_999, 0]] = f64::NAN;
        let error = PredProbs::new(values).unwrap_err();
        assert!(matches!(error, InputError::ProbabilityOutOfRange { row: 150_000, column: 1, .. }));
    }

    #[test]
    fn new_empty_matrix_is_refused() {
        assert_eq!(
            PredProbs::new(Array2::<f64>::zeros((0, 3))).unwrap_err(),
            InputError::EmptyPredProbs { rows: 0, columns: 3 }
        );
        assert!(PredProbs::from_slice(&[0.1, 0.2, 0.3], 2).is_err());
        assert!(PredProbs::<f64>::from_slice(&[], 2).is_err());
    }

    #[test]
    fn rows_fortran_layout_gives_row_major_values() {
        let values = Array2::from_shape_vec((2, 2).f(), vec![0.9, 0.2, 0.1, 0.8]).unwrap();
        let pred_probs = PredProbs::new(values.view()).unwrap();
        assert_eq!(pred_probs.rows(0..2, &mut Vec::new()), &[0.9, 0.1, 0.2, 0.8]);
        assert_eq!(pred_probs.rows(1..2, &mut Vec::new()), &[0.2, 0.8]);
    }

    proptest! {
        #[test]
        fn new_any_number_of_columns_equals_a_check_value_by_value(
            (columns, mut values) in (1_usize..=70, 1_usize..40).prop_flat_map(|(columns, rows)| {
                (Just(columns), prop::collection::vec(0.0..1.0_f64, rows * columns))
            }),
            normalized in any::<bool>(),
            odd in prop::option::of((
                any::<prop::sample::Index>(),
                prop::sample::select(vec![f64::NAN, -2e-6, 1.000_002, f64::INFINITY, 1.000_000_9, -9e-7, 0.9]),
            )),
        ) {
            for row in values.chunks_exact_mut(columns).filter(|_| normalized) {
                let sum: f64 = row.iter().sum();
                for p in row {
                    *p /= sum;
                }
            }
            if let Some((place, value)) = odd {
                *place.get_mut(&mut values) = value;
            }
            let is_bad = |p: &f64| p.is_nan() || *p < -1e-6 || *p > 1.0 + 1e-6;
            let found = PredProbs::from_slice(&values, columns);
            prop_assert_eq!(found.is_err(), values.iter().any(is_bad));
            if let Ok(found) = found {
                let sums = values.chunks_exact(columns).map(row_sum).enumerate();
                let mut off = sums.filter(|(_, sum)| (sum - 1.0).abs() > RowSums::TOLERANCE);
                let first = off.next();
                let expected = RowSums {
                    n_off_one: off.count() + usize::from(first.is_some()),
                    first_row: first.map(|(row, _)| row),
                    first_sum: first.map_or(0.0, |(_, sum)| sum),
                };
                prop_assert_eq!(found.row_sums(), expected);
            }
        }
    }

    #[test]
    fn row_sums_first_row_off_one_is_named() {
        let pred_probs = PredProbs::new(array![[0.5, 0.5], [0.5, 0.25], [0.1, 0.1]]).unwrap();
        let sums = pred_probs.row_sums();
        assert_eq!((sums.n_off_one, sums.first_row, sums.first_sum), (2, Some(1), 0.75));
    }
}
