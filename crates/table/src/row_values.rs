//! Some rows of a matrix that is read in parts.

/// Values of some rows, row-major, as they are stored; a buffer that is used again.
///
/// ```
/// use cleanlab_table::RowValues;
/// let values = RowValues::F32(vec![0.75, 0.25]);
/// assert_eq!(values.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RowValues {
    /// Floats of 4 bytes, and of 2 bytes widened.
    F32(Vec<f32>),
    /// Floats of 8 bytes; also whole numbers.
    F64(Vec<f64>),
}

impl Default for RowValues {
    fn default() -> Self {
        Self::F64(Vec::new())
    }
}

impl RowValues {
    /// Number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The buffer as one of floats of 4 bytes, with so many values of whatever kind.
    pub(crate) fn as_f32(&mut self, len: usize) -> &mut [f32] {
        if !matches!(self, Self::F32(_)) {
            *self = Self::F32(Vec::new());
        }
        match self {
            Self::F32(values) => {
                values.resize(len, 0.0);
                values
            }
            Self::F64(_) => &mut [],
        }
    }

    /// The buffer as one of floats of 8 bytes, with so many values of whatever kind.
    pub(crate) fn as_f64(&mut self, len: usize) -> &mut [f64] {
        if !matches!(self, Self::F64(_)) {
            *self = Self::F64(Vec::new());
        }
        match self {
            Self::F64(values) => {
                values.resize(len, 0.0);
                values
            }
            Self::F32(_) => &mut [],
        }
    }
}
