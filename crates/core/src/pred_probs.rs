//! Predicted class probabilities.

use std::ops::Range;

use ndarray::{ArrayBase, ArrayView2, CowArray, CowRepr, Ix2};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::constants::FLOATING_POINT_COMPARISON;
use crate::errors::InputError;
use crate::float::Float;
use crate::for_short_rows;
use crate::parallel::{in_parallel, row_chunks};
use crate::short_rows::{BLOCK_ROWS, column_of_block};

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

    fn add_row(&mut self, row: usize, sum: f64) {
        if (sum - 1.0).abs() > Self::TOLERANCE {
            if self.n_off_one == 0 {
                (self.first_row, self.first_sum) = (Some(row), sum);
            }
            self.n_off_one += 1;
        }
    }

    fn then(self, later: Self) -> Self {
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
        let row_sums = check_values(values.view())?;
        Ok(Self { values, row_sums, n_clipped: 0 })
    }

    /// Checks row-major values: row after row, `n_classes` values each.
    ///
    /// # Errors
    ///
    /// As [`PredProbs::new`], and [`InputError::RaggedPredProbs`].
    pub fn from_slice(values: &'a [F], n_classes: usize) -> Result<Self, InputError> {
        let ragged = InputError::RaggedPredProbs { len: values.len(), columns: n_classes };
        if n_classes == 0 || !values.len().is_multiple_of(n_classes) {
            return Err(ragged);
        }
        let view =
            ArrayView2::from_shape((values.len() / n_classes, n_classes), values).map_err(|_| ragged)?;
        Self::new(view)
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
        PredProbs { values: CowArray::from(self.values.view()), ..*self }
    }

    /// Row-major values of some rows: borrowed where the rows lie so in memory, else copied into `scratch`.
    pub fn rows<'s>(&'s self, rows: Range<usize>, scratch: &'s mut Vec<F>) -> &'s [F] {
        rows_of(self.values.view(), rows, scratch)
    }
}

fn rows_of<'s, F: Float>(values: ArrayView2<'s, F>, rows: Range<usize>, scratch: &'s mut Vec<F>) -> &'s [F] {
    let block = values.slice_move(ndarray::s![rows, ..]);
    if let Some(slice) = block.to_slice() {
        return slice;
    }
    scratch.clear();
    scratch.extend(block.iter().copied());
    scratch
}

fn check_values<F: Float>(values: ArrayView2<'_, F>) -> Result<RowSums, InputError> {
    let (rows, columns) = values.dim();
    if rows == 0 || columns == 0 {
        return Err(InputError::EmptyPredProbs { rows, columns });
    }
    let check_chunk = |scratch: &mut Vec<F>, range: Range<usize>| {
        let first_row = range.start;
        let rows = rows_of(values, range, scratch);
        // Compiled once for each kind of processor; the additions are in the same order on all.
        let sums = Arch::new().dispatch(CheckRows { rows, columns, first_row });
        sums.ok_or_else(|| first_bad_value(rows, columns, first_row))
    };
    let chunks = row_chunks(rows, columns);
    let results: Vec<Result<RowSums, InputError>> = if in_parallel(rows, columns) {
        chunks.into_par_iter().map_init(Vec::new, check_chunk).collect()
    } else {
        let mut scratch = Vec::new();
        chunks.into_iter().map(|range| check_chunk(&mut scratch, range)).collect()
    };
    results.into_iter().try_fold(RowSums::default(), |sums, chunk| Ok(sums.then(chunk?)))
}

/// The sums of rows; nothing if a value is bad.
struct CheckRows<'a, F> {
    rows: &'a [F],
    columns: usize,
    first_row: usize,
}

impl<F: Float> WithSimd for CheckRows<'_, F> {
    type Output = Option<RowSums>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Option<RowSums> {
        let (rows, columns) = (self.rows, self.columns);
        for_short_rows!(columns, K => self.sums_of_short_rows(rows.as_chunks::<K>().0), else => {
            let mut sums = RowSums::default();
            self.add_rows(&mut sums, rows, 0)?;
            Some(sums)
        })
    }
}

impl<F: Float> CheckRows<'_, F> {
    /// Adds the sums of some of the rows, `before` rows after the first one.
    #[inline(always)]
    fn add_rows(&self, sums: &mut RowSums, rows: &[F], before: usize) -> Option<()> {
        all_in_range(rows).then_some(())?;
        for (offset, row) in rows.chunks_exact(self.columns).enumerate() {
            sums.add_row(self.first_row + before + offset, row_sum(row));
        }
        Some(())
    }

    #[inline(always)]
    fn sums_of_short_rows<const K: usize>(&self, rows: &[[F; K]]) -> Option<RowSums> {
        let mut sums = RowSums::default();
        let (blocks, rest) = rows.as_chunks::<BLOCK_ROWS>();
        for (number, block) in blocks.iter().enumerate() {
            if !is_faultless(block) {
                self.add_rows(&mut sums, block.as_flattened(), number * BLOCK_ROWS)?;
            }
        }
        self.add_rows(&mut sums, rest.as_flattened(), blocks.len() * BLOCK_ROWS)?;
        Some(sums)
    }
}

/// Whether all values of a block are probabilities and all rows sum to 1, so clearly that the order of the additions
/// plays no part. A NaN is lost among the bounds of the values, but not in the sum of its row.
#[inline(always)]
#[allow(clippy::needless_bitwise_bool, reason = "without branches the comparisons vectorise")]
fn is_faultless<F: Float, const K: usize>(block: &[[F; K]; BLOCK_ROWS]) -> bool {
    let mut sums = column_of_block(block, 0);
    let (mut lowest, mut highest) = (sums, sums);
    for column in 1..K {
        let values = column_of_block(block, column);
        for lane in 0..BLOCK_ROWS {
            let p = values[lane];
            sums[lane] = F::from_f64(sums[lane].to_f64() + p.to_f64());
            lowest[lane] = if p < lowest[lane] { p } else { lowest[lane] };
            highest[lane] = if p > highest[lane] { p } else { highest[lane] };
        }
    }
    let mut faultless = true;
    for lane in 0..BLOCK_ROWS {
        faultless &= (sums[lane].to_f64() - 1.0).abs() < RowSums::TOLERANCE / 2.0;
        faultless &= (lowest[lane] >= lowest_allowed()) & (highest[lane] < too_high());
    }
    faultless
}

#[inline(always)]
fn lowest_allowed<F: Float>() -> F {
    F::at_least(-FLOATING_POINT_COMPARISON)
}

#[inline(always)]
fn too_high<F: Float>() -> F {
    F::at_least((1.0 + FLOATING_POINT_COMPARISON).next_up())
}

/// Whether all values are probabilities, up to the tolerance.
#[inline(always)]
fn all_in_range<F: Float>(values: &[F]) -> bool {
    const LANES: usize = 16;
    let (low, too_high) = (lowest_allowed::<F>(), too_high::<F>());
    let (blocks, rest) = values.as_chunks::<LANES>();
    // A NaN is lost among the bounds, but not in the sums. Flags instead of these would have to be packed.
    let mut sums = [F::from_f64(0.0); LANES];
    let (mut lowest, mut highest) = (sums, sums);
    for block in blocks {
        for lane in 0..LANES {
            let p = block[lane];
            sums[lane] = F::from_f64(sums[lane].to_f64() + p.to_f64());
            lowest[lane] = if p < lowest[lane] { p } else { lowest[lane] };
            highest[lane] = if p > highest[lane] { p } else { highest[lane] };
        }
    }
    sums.iter().all(|sum| !sum.to_f64().is_nan())
        && lowest.iter().all(|&p| p >= low)
        && highest.iter().all(|&p| p < too_high)
        && rest.iter().all(|&p| p >= low && p < too_high)
}

/// The sum of a row, to well within the tolerance for sums of 1.
#[inline(always)]
fn row_sum<F: Float>(row: &[F]) -> f64 {
    const WIDE: usize = 64;
    if row.len() >= WIDE && row.len() < 1 << 16 {
        // Sums in the row's own precision are several times faster for `f32`, and tell whether a row sums to 1.
        let rough = sum_in::<F, F, 16>(row);
        if (rough - 1.0).abs() < RowSums::TOLERANCE / 2.0 {
            return rough;
        }
    }
    sum_in::<F, f64, 4>(row)
}

/// The sum in precision `S`, in lanes, so that the additions overlap.
#[inline(always)]
fn sum_in<F: Float, S: Float, const LANES: usize>(row: &[F]) -> f64 {
    let mut sums = [S::from_f64(0.0); LANES];
    let (blocks, rest) = row.as_chunks::<LANES>();
    let added = |sum: S, p: F| S::from_f64(sum.to_f64() + p.to_f64());
    for block in blocks {
        sums.iter_mut().zip(block).for_each(|(sum, &p)| *sum = added(*sum, p));
    }
    sums.iter_mut().zip(rest).for_each(|(sum, &p)| *sum = added(*sum, p));
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for lane in 0..width {
            sums[lane] = S::from_f64(sums[lane].to_f64() + sums[lane + width].to_f64());
        }
    }
    sums[0].to_f64()
}

fn first_bad_value<F: Float>(values: &[F], columns: usize, first_row: usize) -> InputError {
    let tolerance = FLOATING_POINT_COMPARISON;
    for (at, p) in values.iter().enumerate() {
        let (row, column, value) = (first_row + at / columns, at % columns, p.to_f64());
        if value.is_nan() {
            return InputError::NanProbability { row, column };
        }
        if value < -tolerance || value > 1.0 + tolerance {
            return InputError::ProbabilityOutOfRange { row, column, value, tolerance };
        }
    }
    unreachable!("rows without a bad value were refused")
}

#[cfg(test)]
mod tests {
    use super::*;
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
