//! Short rows, eight at a time.

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
