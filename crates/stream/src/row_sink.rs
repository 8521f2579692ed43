//! Where results of every row go.

use crate::errors::StreamError;

/// Takes the results of all rows, in the order of the rows, some at a time.
///
/// A `Vec` keeps them; a closure `FnMut(usize, &[T]) -> Result<(), StreamError>` gets the first row and the values. Files
/// are [`NpySink`](crate::NpySink) and [`TableSink`](crate::TableSink). A sink may be called on any thread, one call at a
/// time; it must not wait for work of the rayon pool, which may be waiting for the sink.
///
/// ```
/// use cleanlab_stream::{RowSink, StreamError};
///
/// let mut n_flagged = 0;
/// let mut count = |_first_row: usize, flags: &[bool]| -> Result<(), StreamError> {
///     n_flagged += flags.iter().filter(|&&flag| flag).count();
///     Ok(())
/// };
/// count.write(0, &[true, false, true])?;
/// assert_eq!(n_flagged, 2);
///
/// let mut kept = Vec::new();
/// kept.write(0, &[0.5, 0.25])?;
/// assert_eq!(kept, [0.5, 0.25]);
/// # Ok::<(), StreamError>(())
/// ```
pub trait RowSink<T>: Send {
    /// Takes the values of the next rows, the first of which is row `first_row` of the data.
    ///
    /// # Errors
    ///
    /// Whatever keeps them from being stored, which ends the work; see [`StreamError::sink`].
    fn write(&mut self, first_row: usize, values: &[T]) -> Result<(), StreamError>;
}

impl<T: Clone + Send> RowSink<T> for Vec<T> {
    fn write(&mut self, _: usize, values: &[T]) -> Result<(), StreamError> {
        self.extend_from_slice(values);
        Ok(())
    }
}

impl<T, W> RowSink<T> for W
where
    W: FnMut(usize, &[T]) -> Result<(), StreamError> + Send,
{
    fn write(&mut self, first_row: usize, values: &[T]) -> Result<(), StreamError> {
        self(first_row, values)
    }
}
