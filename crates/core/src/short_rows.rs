//! Short rows, eight at a time.

use crate::float::Float;

/// Short rows that are gone through side by side.
pub const BLOCK_ROWS: usize = 8;

/// Runs one expression with the number of columns as a constant where it is small, else the other.
///
/// A short row alone gives a processor too little to do at once. With its length known to the compiler, eight rows are
/// gone through side by side at fixed distances in memory: one lane per row, and loops without counters or checks.
///
/// ```
/// use cleanlab_core::for_short_rows;
///
/// fn row_sums(values: &[f64], n_columns: usize) -> Vec<f64> {
///     for_short_rows!(n_columns, K => {
///         values.as_chunks::<K>().0.iter().map(|row| row.iter().sum()).collect()
///     }, else => {
///         values.chunks_exact(n_columns).map(|row| row.iter().sum()).collect()
///     })
/// }
/// assert_eq!(row_sums(&[1.0, 2.0, 3.0, 4.0], 2), [3.0, 7.0]);
/// ```
#[macro_export]
macro_rules! for_short_rows {
    ($n_columns:expr, $k:ident => $short:expr, else => $long:expr) => {
        $crate::for_short_rows!(@of $n_columns, $k, $short, $long, 2 3 4 5 6 7 8 9 10 11 12)
    };
    (@of $n_columns:expr, $k:ident, $short:expr, $long:expr, $($length:literal)+) => {
        match $n_columns {
            $($length => {
                const $k: usize = $length;
                $short
            })+
            _ => $long,
        }
    };
}

/// The value of each of eight rows in a column.
///
/// ```
/// let mut rows = [[0.0; 2]; cleanlab_core::BLOCK_ROWS];
/// rows[3][1] = 0.5;
/// assert_eq!(cleanlab_core::column_of_block(&rows, 1), [0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0]);
/// ```
///
/// # Panics
///
/// If there is no such column.
#[must_use]
#[inline(always)]
pub fn column_of_block<F: Float, const K: usize>(
    rows: &[[F; K]; BLOCK_ROWS],
    column: usize,
) -> [F; BLOCK_ROWS] {
    let mut values = [F::from_f64(0.0); BLOCK_ROWS];
    for (value, row) in values.iter_mut().zip(rows) {
        *value = row[column];
    }
    values
}
