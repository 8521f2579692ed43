//! Short rows, eight at a time.

use pulp::Simd;

use crate::float::Float;

/// Short rows that are gone through side by side.
pub const BLOCK_ROWS: usize = 8;

/// Rows of so many columns and fewer are short: one alone gives a processor too little to do at once.
pub const MOST_SHORT: usize = 32;

/// Eight rows that are gone through side by side, one lane per row.
///
/// ```
/// use cleanlab_core::RowBlock;
///
/// let values: Vec<f64> = (0..18).map(f64::from).collect();
/// let blocks: Vec<_> = RowBlock::of_rows(&values, 2).collect();
/// // The ninth row does not fill a block.
/// assert_eq!(blocks.len(), 1);
/// assert_eq!(blocks[0].column(1), [1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 15.0]);
/// assert_eq!(blocks[0].row(3), [6.0, 7.0]);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RowBlock<'a, F> {
    rows: [&'a [F]; BLOCK_ROWS],
}

impl<'a, F: Copy> RowBlock<'a, F> {
    /// The blocks of row-major values with so many columns; rows that do not fill a block are left out.
    ///
    /// # Panics
    ///
    /// If there are no columns.
    #[inline(always)]
    pub fn of_rows(values: &'a [F], columns: usize) -> impl Iterator<Item = Self> {
        values.chunks_exact(BLOCK_ROWS * columns).map(move |block| {
            let row = |lane: usize| &block[lane * columns..][..columns];
            // Not `array::from_fn`, which is not compiled for the processor at hand.
            Self { rows: [row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)] }
        })
    }

    /// The value of each row in a column.
    ///
    /// # Panics
    ///
    /// If there is no such column.
    #[must_use]
    #[inline(always)]
    pub fn column(&self, column: usize) -> [F; BLOCK_ROWS] {
        let [a, b, c, d, e, f, g, h] = self.rows;
        [a[column], b[column], c[column], d[column], e[column], f[column], g[column], h[column]]
    }

    /// One of the rows.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[must_use]
    #[inline(always)]
    pub fn row(&self, lane: usize) -> &'a [F] {
        self.rows[lane]
    }
}

/// What a row has to keep to if nothing is to be looked at twice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowBounds {
    pub(crate) lowest: f64,
    pub(crate) too_high: f64,
    /// How far a sum may be from 1.
    pub(crate) sum_tolerance: f64,
}

impl RowBounds {
    /// Bounds whose outcome interests nobody.
    pub(crate) fn anything() -> Self {
        Self { lowest: 0.0, too_high: 0.0, sum_tolerance: 0.0 }
    }
}

/// What is found in some short rows, one lane each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShortRowsSummary {
    pub(crate) largest: [f64; BLOCK_ROWS],
    /// The next one, which equals the largest in a tie.
    pub(crate) second: [f64; BLOCK_ROWS],
    /// The first class with the largest value.
    pub(crate) class: [f64; BLOCK_ROWS],
    /// Whether all values and the sums of all rows are within bounds; a value that is not a number never is.
    pub(crate) faultless: bool,
}

/// How many rows [`summary_of_short_rows`] takes: at most [`BLOCK_ROWS`].
#[inline(always)]
pub(crate) fn short_rows_at_once<S: Simd>(_: S) -> usize {
    S::F64_LANES
}

/// What is in so many short rows, each of so many columns.
///
/// Written with explicit vectors: left to the compiler, some of the comparisons were done one value at a time, which made
/// the loops two to three times as slow as memory. They are of `f64` for rows of `f32` too, as sixteen values are brought
/// together by way of memory, which takes three times as long.
#[inline(always)]
pub(crate) fn summary_of_short_rows<F: Float, S: Simd>(
    simd: S,
    rows: &[F],
    columns: usize,
    bounds: &RowBounds,
) -> ShortRowsSummary {
    let lanes = S::F64_LANES;
    // Not by a function of the standard library, which would not be compiled for this processor.
    let mut starts: [&[F]; BLOCK_ROWS] = [&[]; BLOCK_ROWS];
    for (lane, start) in starts.iter_mut().enumerate().take(lanes) {
        *start = &rows[lane * columns..][..columns];
    }
    let mut largest = column_of(simd, &starts, 0);
    let (mut sum, mut lowest) = (largest, largest);
    let mut second = simd.splat_f64s(f64::NEG_INFINITY);
    let mut best = simd.splat_f64s(0.0);
    for class in 1..columns {
        let p = column_of(simd, &starts, class);
        sum = simd.add_f64s(sum, p);
        lowest = simd.min_f64s(lowest, p);
        second = simd.max_f64s(second, simd.min_f64s(largest, p));
        best = simd.select_f64s(simd.greater_than_f64s(p, largest), simd.splat_f64s(class as f64), best);
        largest = simd.max_f64s(largest, p);
    }
    let off_one = simd.abs_f64s(simd.sub_f64s(sum, simd.splat_f64s(1.0)));
    let sums_to_one = simd.less_than_f64s(off_one, simd.splat_f64s(bounds.sum_tolerance));
    let too_low = simd.less_than_f64s(lowest, simd.splat_f64s(bounds.lowest));
    let below = simd.less_than_f64s(largest, simd.splat_f64s(bounds.too_high));
    let in_range = simd.and_m64s(below, simd.not_m64s(too_low));
    let faulty = simd.not_m64s(simd.and_m64s(sums_to_one, in_range));
    ShortRowsSummary {
        largest: lanes_of(simd, largest),
        second: lanes_of(simd, second),
        class: lanes_of(simd, best),
        faultless: simd.first_true_m64s(faulty) >= lanes,
    }
}

// Functions and not closures, which would not be compiled for this processor.

#[inline(always)]
fn column_of<F: Float, S: Simd>(simd: S, rows: &[&[F]; BLOCK_ROWS], class: usize) -> S::f64s {
    let mut values = simd.splat_f64s(0.0);
    let places: &mut [f64] = pulp::bytemuck::cast_slice_mut(std::slice::from_mut(&mut values));
    for lane in 0..S::F64_LANES {
        places[lane] = rows[lane][class].to_f64();
    }
    values
}

#[inline(always)]
fn lanes_of<S: Simd>(_: S, vector: S::f64s) -> [f64; BLOCK_ROWS] {
    let mut found = [0.0; BLOCK_ROWS];
    let values: &[f64] = pulp::bytemuck::cast_slice(std::slice::from_ref(&vector));
    found[..S::F64_LANES].copy_from_slice(values);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::{Arch, WithSimd};

    /// What is found in as many rows as are taken at once, and how many those are.
    struct Summarize<'a, F> {
        rows: &'a [F],
        columns: usize,
        bounds: RowBounds,
    }

    impl<F: Float> WithSimd for Summarize<'_, F> {
        type Output = (ShortRowsSummary, usize);

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            let found = summary_of_short_rows(simd, self.rows, self.columns, &self.bounds);
            (found, short_rows_at_once(simd))
        }
    }

    const BOUNDS: RowBounds = RowBounds { lowest: -0.25, too_high: 1.25, sum_tolerance: 0.125 };

    fn summary<F: Float>(rows: &[F], columns: usize) -> (ShortRowsSummary, usize) {
        Arch::new().dispatch(Summarize { rows, columns, bounds: BOUNDS })
    }

    #[test]
    fn what_is_found_equals_sorting_each_row() {
        for columns in 1..=MOST_SHORT {
            let values: Vec<f64> = (0..BLOCK_ROWS * columns).map(|i| ((i * 7919 + 13) % 11) as f64).collect();
            let narrow: Vec<f32> = values.iter().map(|&p| p as f32).collect();
            for (found, lanes) in [summary(&values, columns), summary(&narrow, columns)] {
                assert!((1..=BLOCK_ROWS).contains(&lanes));
                for (lane, row) in values.chunks(columns).enumerate().take(lanes) {
                    let mut sorted = row.to_vec();
                    sorted.sort_by(|a, b| b.total_cmp(a));
                    let first = row.iter().position(|&p| p == sorted[0]).unwrap();
                    assert_eq!((found.largest[lane], found.class[lane]), (sorted[0], first as f64));
                    assert_eq!(found.second[lane], sorted.get(1).copied().unwrap_or(f64::NEG_INFINITY));
                }
            }
        }
    }

    #[test]
    fn one_value_or_sum_out_of_bounds_is_a_fault() {
        let faultless = |row: [f64; 3], lane: usize| {
            let mut rows = [0.5, 0.25, 0.25].repeat(BLOCK_ROWS);
            let (_, lanes) = summary(&rows, 3);
            let lane = lane.min(lanes - 1);
            rows[3 * lane..3 * lane + 3].copy_from_slice(&row);
            summary(&rows, 3).0.faultless
        };
        for lane in 0..BLOCK_ROWS {
            assert!(faultless([1.0, 0.0, 0.0], lane));
            assert!(faultless([0.5, 0.25, 0.3125], lane) && faultless([0.5, 0.25, 0.1875], lane));
            assert!(faultless([-0.25, 0.75, 0.5], lane) && !faultless([-0.3125, 0.75, 0.5625], lane));
            assert!(faultless([0.0, 1.1875, -0.1875], lane) && !faultless([0.0, 1.25, -0.25], lane));
            assert!(!faultless([0.5, 0.25, 0.375], lane) && !faultless([0.5, 0.25, 0.125], lane));
            for place in 0..3 {
                let mut row = [0.5, 0.25, 0.25];
                row[place] = f64::NAN;
                assert!(!faultless(row, lane), "{place}");
            }
        }
    }

    #[test]
    fn blocks_are_eight_rows_each() {
        let values: Vec<u32> = (0..60).collect();
        let blocks: Vec<_> = RowBlock::of_rows(&values, 3).collect();
        assert_eq!(blocks.len(), 2);
        for (number, block) in blocks.iter().enumerate() {
            let first = 24 * number as u32;
            for lane in 0..BLOCK_ROWS {
                assert_eq!(block.row(lane), &values[24 * number + 3 * lane..][..3]);
            }
            for column in 0..3 {
                let expected = [0, 3, 6, 9, 12, 15, 18, 21].map(|row| first + row + column as u32);
                assert_eq!(block.column(column), expected);
            }
        }
    }
}
