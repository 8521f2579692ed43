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
