//! The checks of predicted probabilities, and what is noted about each row on the way.

use ndarray::ArrayView2;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::constants::FLOATING_POINT_COMPARISON;
use crate::errors::InputError;
use crate::float::Float;
use crate::parallel::{chunk_rows, in_parallel};
use crate::pred_probs::{RowSums, rows_of};
use crate::row_notes::{NotesMut, OwnedNotes};
use crate::short_rows::{MOST_SHORT, RowBounds, short_rows_at_once, summary_of_short_rows};
use crate::stopping::StopCheck;

/// Checks a matrix, and notes about its rows what `notes` has room for.
pub(crate) fn check_values<F: Float>(
    values: ArrayView2<'_, F>,
    notes: Option<&mut OwnedNotes>,
) -> Result<RowSums, InputError> {
    let (rows, columns) = values.dim();
    if rows == 0 || columns == 0 {
        return Err(InputError::EmptyPredProbs { rows, columns });
    }
    let run_rows = chunk_rows(columns);
    let starts = (0..rows).step_by(run_rows);
    let mut notes = notes.map(|notes| notes.runs_mut(run_rows).into_iter());
    let runs: Vec<_> = starts.map(|start| (start, notes.as_mut().and_then(Iterator::next))).collect();
    let stop = StopCheck::of_this_thread();
    let check_run = |scratch: &mut Vec<F>, (first_row, notes): (usize, Option<NotesMut<'_>>)| {
        stop.stop_if_told();
        let rows = rows_of(values, first_row..(first_row + run_rows).min(rows), scratch);
        // Compiled once for each kind of processor; the additions are in the same order on all.
        let sums = match notes {
            None => Arch::new().dispatch(CheckRows { rows, columns, first_row }),
            Some(notes) => Arch::new().dispatch(NoteRows { rows, columns, first_row, notes }),
        };
        sums.ok_or_else(|| first_bad_value(rows, columns, first_row))
    };
    let results: Vec<Result<RowSums, InputError>> = if in_parallel(rows, columns) {
        runs.into_par_iter().map_init(Vec::new, check_run).collect()
    } else {
        let mut scratch = Vec::new();
        runs.into_iter().map(|run| check_run(&mut scratch, run)).collect()
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
    fn with_simd<S: Simd>(self, simd: S) -> Option<RowSums> {
        let (rows, columns) = (self.rows, self.columns);
        let mut sums = RowSums::default();
        let mut n_checked = 0;
        if columns <= MOST_SHORT {
            let lanes = short_rows_at_once(simd);
            for block in rows.chunks_exact(lanes * columns) {
                if !summary_of_short_rows(simd, block, columns, &row_bounds::<F>()).faultless {
                    self.add_rows(&mut sums, block, n_checked)?;
                }
                n_checked += lanes;
            }
        }
        self.add_rows(&mut sums, &rows[n_checked * columns..], n_checked)?;
        Some(sums)
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
}

/// What a row keeps to that sums to 1, so clearly that the order of the additions plays no part.
#[inline(always)]
fn row_bounds<F: Float>() -> RowBounds {
    RowBounds {
        lowest: lowest_allowed::<F>().to_f64(),
        too_high: too_high::<F>().to_f64(),
        sum_tolerance: RowSums::TOLERANCE / 2.0,
    }
}

/// As [`CheckRows`], with notes about the rows.
struct NoteRows<'a, F> {
    rows: &'a [F],
    columns: usize,
    first_row: usize,
    notes: NotesMut<'a>,
}

impl<F: Float> WithSimd for NoteRows<'_, F> {
    type Output = Option<RowSums>;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> Option<RowSums> {
        let mut sums = RowSums::default();
        let (rows, columns) = (self.rows, self.columns);
        let n_noted = if columns <= MOST_SHORT { self.note_short_rows(simd, &mut sums)? } else { 0 };
        for (position, row) in rows.chunks_exact(columns).enumerate().skip(n_noted) {
            self.note_row(simd, &mut sums, position, row)?;
        }
        Some(sums)
    }
}

impl<F: Float> NoteRows<'_, F> {
    /// Notes as many of the rows as fill the processor's vectors, and tells how many those are.
    #[inline(always)]
    fn note_short_rows<S: Simd>(&mut self, simd: S, sums: &mut RowSums) -> Option<usize> {
        let lanes = short_rows_at_once(simd);
        let mut n_noted = 0;
        for block in self.rows.chunks_exact(lanes * self.columns) {
            let found = summary_of_short_rows(simd, block, self.columns, &row_bounds::<F>());
            self.notes.set_short_rows(n_noted..n_noted + lanes, &found.class, &found.largest, &found.second);
            if !found.faultless {
                for (offset, row) in block.chunks_exact(self.columns).enumerate() {
                    sums.add_checked_row(self.first_row + n_noted + offset, row)?;
                }
            }
            n_noted += lanes;
        }
        Some(n_noted)
    }

    #[inline(always)]
    fn note_row<S: Simd>(&mut self, simd: S, sums: &mut RowSums, position: usize, row: &[F]) -> Option<()> {
        let found = F::summary_of_row(simd, row);
        let class = F::first_equal(simd, row, found.largest);
        self.notes.set(position, class, found.largest.to_f64(), found.second.to_f64());
        // A NaN is in the sum, if nowhere else.
        let faultless = (found.sum.to_f64() - 1.0).abs() < RowSums::TOLERANCE / 2.0;
        if !(faultless && found.lowest >= lowest_allowed() && found.largest < too_high()) {
            sums.add_checked_row(self.first_row + position, row)?;
        }
        Some(())
    }
}

impl RowSums {
    /// Adds a row whose sum, or whose values, may be bad; nothing if a value is.
    #[cold]
    fn add_checked_row<F: Float>(&mut self, row: usize, values: &[F]) -> Option<()> {
        all_in_range(values).then_some(())?;
        self.add_row(row, row_sum(values));
        Some(())
    }
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
pub(crate) fn row_sum<F: Float>(row: &[F]) -> f64 {
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
    use crate::row_notes::RowNotes;
    use ndarray::Array2;

    const COLUMNS: [usize; 12] = [1, 2, 3, 8, 16, 17, 31, 32, 33, 64, 70, 300];

    /// Rows that sum to 1, with another largest class each.
    fn rows<F: Float>(n_rows: usize, columns: usize) -> Array2<F> {
        Array2::from_shape_fn((n_rows, columns), |(row, column)| {
            let most = if columns == 1 { 1.0 } else { 0.625 };
            let rest = (1.0 - most) / (columns.max(2) - 1) as f64;
            F::from_f64(if column == row * 7 % columns { most } else { rest })
        })
    }

    fn check<F: Float>(
        values: &Array2<F>,
        with_notes: bool,
    ) -> (Result<RowSums, InputError>, Option<OwnedNotes>) {
        let room = OwnedNotes::for_matrix::<F>(values.nrows(), values.ncols());
        let mut notes = if with_notes { room } else { None };
        (check_values(values.view(), notes.as_mut()), notes)
    }

    fn notes_tell_the_largest<F: Float>() {
        for columns in COLUMNS {
            let values = rows::<F>(45, columns);
            let (sums, notes) = check(&values, true);
            assert_eq!(sums, Ok(RowSums::default()), "{columns} columns");
            assert_eq!(notes.is_some(), columns * size_of::<F>() >= 64);
            let Some(notes) = notes else { continue };
            let notes = notes.of_rows(0..45);
            for (row, note) in notes.iter().enumerate() {
                let mut sorted = values.row(row).to_vec();
                sorted.sort_by(|a, b| b.to_f64().total_cmp(&a.to_f64()));
                assert_eq!(usize::from(note.predicted_class), row * 7 % columns, "{columns} columns");
                assert_eq!(note.largest, RowNotes::level(sorted[0].to_f64()));
                let second = RowNotes::level(sorted[1].to_f64());
                // With few classes in steps of seventeen levels.
                let rounded = if columns <= 16 { second.div_ceil(17) * 17 } else { second };
                assert_eq!(note.second, rounded.min(note.largest), "{columns} columns");
            }
        }
    }

    #[test]
    fn notes_tell_the_class_and_the_two_largest() {
        notes_tell_the_largest::<f32>();
        notes_tell_the_largest::<f64>();
    }

    /// One value that is bad, or only just is not, in any place.
    fn one_bad_value<F: Float>() {
        for columns in COLUMNS {
            let n_rows = 19;
            for (row, column) in [(0, 0), (7, columns - 1), (9, columns / 2), (18, 0), (18, columns - 1)] {
                for with_notes in [false, true] {
                    let found = |value: f64| {
                        let mut values = rows::<F>(n_rows, columns);
                        values[[row, column]] = F::from_f64(value);
                        check(&values, with_notes).0
                    };
                    let context =
                        format!("{columns} columns, row {row}, column {column}, notes {with_notes}");
                    assert_eq!(found(f64::NAN), Err(InputError::NanProbability { row, column }), "{context}");
                    for value in [-1.1e-6, 1.0 + 1.1e-6, f64::INFINITY, f64::NEG_INFINITY] {
                        let refused = found(value);
                        assert!(
                            matches!(refused, Err(InputError::ProbabilityOutOfRange { row: r, column: c, .. })
                                if (r, c) == (row, column)),
                            "{value}, {context}: {refused:?}"
                        );
                    }
                    for value in [-0.9e-6, 1.0 + 0.9e-6] {
                        assert!(found(value).is_ok(), "{value}, {context}");
                    }
                    // The sum of the row is then off by that much.
                    let before = rows::<F>(n_rows, columns)[[row, column]].to_f64();
                    let raised = before + if before > 0.5 { -0.25 } else { 0.25 };
                    let sums = found(raised).unwrap();
                    assert_eq!((sums.n_off_one, sums.first_row), (1, Some(row)), "{context}");
                    assert!((sums.first_sum - 1.0 - (raised - before)).abs() < 1e-5, "{context}: {sums:?}");
                    for (by, n_off_one) in [(0.000_9, 0), (0.001_1, 1)] {
                        let by = if before > 0.5 { -by } else { by };
                        assert_eq!(found(before + by).unwrap().n_off_one, n_off_one, "{context}");
                    }
                }
            }
        }
    }

    #[test]
    fn one_bad_value_is_found_wherever_it_is() {
        one_bad_value::<f32>();
        one_bad_value::<f64>();
    }

    #[test]
    fn rows_off_one_are_counted_across_runs_on_any_number_of_threads() {
        let mut values = rows::<f64>(30_000, 4);
        for row in [8_200, 8_300, 29_999] {
            values[[row, 0]] = 0.0;
            values[[row, 1]] = 0.0;
        }
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let sums = pool.install(|| check(&values, false)).0.unwrap();
            assert_eq!((sums.n_off_one, sums.first_row), (3, Some(8_200)));
        }
        values[[20_000, 3]] = 2.0;
        let expected =
            InputError::ProbabilityOutOfRange { row: 20_000, column: 3, value: 2.0, tolerance: 1e-6 };
        assert_eq!(check(&values, false).0, Err(expected));
    }

    #[test]
    fn sums_of_rows_are_those_of_their_values() {
        for len in [1, 3, 4, 7, 16, 63, 64, 65, 100, 1000] {
            let values: Vec<f64> = (0..len).map(|i| f64::from(i % 8) / 8.0).collect();
            let narrow: Vec<f32> = values.iter().map(|&p| p as f32).collect();
            let sum = values.iter().sum::<f64>();
            assert_eq!((row_sum(&values), row_sum(&narrow)), (sum, sum), "{len}");
            // Where it is near 1 it is told in the row's own precision.
            let ones = vec![1.0 / f64::from(len); len as usize];
            assert!((row_sum(&ones) - 1.0).abs() < 1e-12);
            // A long way from it no digit is lost.
            let mut odd: Vec<f32> = vec![0.0; len as usize];
            odd[0] = 1e-9;
            odd[len as usize - 1] += 3.0;
            assert_eq!(
                row_sum(&odd),
                f64::from(odd[0]) * f64::from(u8::from(len > 1)) + f64::from(odd[len as usize - 1])
            );
        }
    }
}
