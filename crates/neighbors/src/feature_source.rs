//! Features that are read in parts, because they need not fit into memory.

use std::io;
use std::ops::Range;

use cleanlab_core::Float;
use ndarray::{ArrayView2, s};

/// Rows of features that are read when they are needed, from a file for example.
///
/// # Shapes
///
/// N × p features.
///
/// # Example
///
/// ```
/// use cleanlab_neighbors::FeatureSource;
/// use ndarray::array;
///
/// let features = array![[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0]];
/// let mut values = [0.0; 4];
/// features.view().read_rows(1..3, &mut values)?;
/// assert_eq!(values, [3.0, 4.0, 5.0, 6.0]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait FeatureSource: Sync {
    /// `f32` or `f64`.
    type Value: Float;

    /// Number of rows N.
    fn n_rows(&self) -> usize;

    /// Number of features p.
    fn n_features(&self) -> usize;

    /// Reads rows one after the other into `values`, which has room for just these.
    ///
    /// Called from several threads at a time. The same rows must have the same values whenever they are read.
    ///
    /// # Errors
    ///
    /// Whatever keeps the rows from being read.
    fn read_rows(&self, rows: Range<usize>, values: &mut [Self::Value]) -> io::Result<()>;
}

impl<F: Float> FeatureSource for ArrayView2<'_, F> {
    type Value = F;

    fn n_rows(&self) -> usize {
        self.nrows()
    }

    fn n_features(&self) -> usize {
        self.ncols()
    }

    fn read_rows(&self, rows: Range<usize>, values: &mut [F]) -> io::Result<()> {
        values.iter_mut().zip(self.slice(s![rows, ..])).for_each(|(to, &from)| *to = from);
        Ok(())
    }
}
