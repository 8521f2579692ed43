//! An array of whatever type a file holds, and what it can be used as.

use cleanlab_core::{ClassIndex, ClassNames, Labels};
use ndarray::{Array2, ArrayD, Ix2, IxDyn, ShapeError};

use crate::errors::TableError;
use crate::given_labels::GivenLabels;

/// An array from a file, in the memory layout of the file.
///
/// # Example
///
/// ```
/// use cleanlab_table::{AnyArray, ProbsMatrix};
/// use ndarray::array;
///
/// let labels = AnyArray::Int(array![1_i64, 0, 1].into_dyn()).into_labels("y.npy")?;
/// assert_eq!(labels.labels.as_slice(), [1, 0, 1]);
///
/// let pred_probs = AnyArray::F32(array![[0.75_f32, 0.25]].into_dyn()).into_pred_probs()?;
/// assert!(matches!(pred_probs, ProbsMatrix::F32(matrix) if matrix.dim() == (1, 2)));
/// # Ok::<(), cleanlab_table::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AnyArray {
    /// Booleans.
    Bool(ArrayD<bool>),
    /// Integers of any size, but for unsigned ones of 8 bytes.
    Int(ArrayD<i64>),
    /// Unsigned integers of 8 bytes.
    UInt(ArrayD<u64>),
    /// Floats of 4 bytes, and of 2 bytes widened.
    F32(ArrayD<f32>),
    /// Floats of 8 bytes.
    F64(ArrayD<f64>),
    /// Strings.
    Text(ArrayD<String>),
}

/// A matrix of predicted probabilities as it was stored, unchecked: examples × classes.
///
/// `cleanlab_core::PredProbs::new` checks it.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "the two types of number that the passes know, which callers match"
)]
pub enum ProbsMatrix {
    /// Single precision.
    F32(Array2<f32>),
    /// Double precision.
    F64(Array2<f64>),
}

impl ProbsMatrix {
    /// Number of rows and of columns.
    #[must_use]
    pub fn dim(&self) -> (usize, usize) {
        match self {
            Self::F32(matrix) => matrix.dim(),
            Self::F64(matrix) => matrix.dim(),
        }
    }

    /// The matrix in double precision, for callers that want only one type.
    #[must_use]
    pub fn into_f64(self) -> Array2<f64> {
        match self {
            Self::F32(matrix) => matrix.mapv(f64::from),
            Self::F64(matrix) => matrix,
        }
    }
}

impl AnyArray {
    /// The length along each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::Bool(array) => array.shape(),
            Self::Int(array) => array.shape(),
            Self::UInt(array) => array.shape(),
            Self::F32(array) => array.shape(),
            Self::F64(array) => array.shape(),
            Self::Text(array) => array.shape(),
        }
    }

    /// The array as predicted probabilities; integers and booleans become double precision. Nothing is checked but the
    /// number of dimensions.
    ///
    /// # Shapes
    ///
    /// N × K: examples × classes.
    ///
    /// # Errors
    ///
    /// [`TableError::WrongDimensions`] unless there are two, [`TableError::NotNumeric`] for strings.
    pub fn into_pred_probs(self) -> Result<ProbsMatrix, TableError> {
        match self {
            Self::F32(array) => matrix(array).map(ProbsMatrix::F32),
            Self::F64(array) => matrix(array).map(ProbsMatrix::F64),
            Self::Bool(array) => matrix(array.mapv(f64::from)).map(ProbsMatrix::F64),
            Self::Int(array) => matrix(array.mapv(|value| value as f64)).map(ProbsMatrix::F64),
            Self::UInt(array) => matrix(array.mapv(|value| value as f64)).map(ProbsMatrix::F64),
            Self::Text(_) => Err(TableError::NotNumeric { what: "pred_probs" }),
        }
    }

    /// The array as labels: numbers are class indices, strings are class names; `file` stands in messages.
    ///
    /// # Shapes
    ///
    /// N, or N × 1.
    ///
    /// # Errors
    ///
    /// [`TableError::WrongDimensions`] for any other shape, [`TableError::BadLabels`] for numbers that are no class
    /// indices.
    pub fn into_labels(self, file: &str) -> Result<GivenLabels, TableError> {
        let bad = |error| TableError::BadLabels { file: file.into(), error };
        let labels = match self {
            Self::Bool(array) => {
                let labels = indices(array)?.map_err(bad)?;
                let names = ["False", "True"].map(str::to_owned).to_vec();
                return Ok(GivenLabels { labels, class_names: Some(ClassNames::from_ordered(names)) });
            }
            Self::Text(array) => {
                let encoded = ClassNames::encode_strings(&vector(array)?).map_err(bad)?;
                return Ok(GivenLabels { labels: encoded.labels, class_names: Some(encoded.class_names) });
            }
            Self::Int(array) => indices(array)?,
            Self::UInt(array) => indices(array)?,
            Self::F32(array) => indices(array)?,
            Self::F64(array) => indices(array)?,
        };
        Ok(GivenLabels { labels: labels.map_err(bad)?, class_names: None })
    }
}

fn matrix<T>(array: ArrayD<T>) -> Result<Array2<T>, TableError> {
    let shape = array.shape().to_vec();
    array.into_dimensionality::<Ix2>().map_err(|_: ShapeError| TableError::WrongDimensions {
        what: "pred_probs",
        expected: "a matrix of examples × classes",
        shape,
    })
}

/// The values in order of their index; a matrix of one column passes for a vector.
fn vector<T>(array: ArrayD<T>) -> Result<Vec<T>, TableError> {
    match *array.shape() {
        [_] | [_, 1] => Ok(array.into_iter().collect()),
        _ => Err(TableError::WrongDimensions {
            what: "labels",
            expected: "a vector with one label per example",
            shape: array.shape().to_vec(),
        }),
    }
}

type Indices = Result<Labels<'static>, cleanlab_core::InputError>;

fn indices<T: ClassIndex>(array: ndarray::Array<T, IxDyn>) -> Result<Indices, TableError> {
    let values = vector(array)?;
    Ok(Labels::new(&values).map(Labels::into_owned))
}
