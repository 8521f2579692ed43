//! Python's arrays and lists as the inputs of the crates, and results as NumPy arrays.
//!
//! Each type here is an argument of a `#[pyfunction]`: extracting it checks the number of dimensions and the kind of
//! numbers, and copies only what does not lie in memory as it is needed. What the numbers mean is checked by the crates.

use ndarray::{Array1, Array2};
use numpy::{
    Element, PyArray, PyArray1, PyArray2, PyArrayDescrMethods, PyReadonlyArray, PyUntypedArray,
    PyUntypedArrayMethods, dtype,
};
use pyo3::conversion::FromPyObjectOwned;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use cleanlab_core::Labels;

use crate::errors::IntoPyErr;

/// The elements of a sequence, as many as it gives: what it tells of its length is not relied on.
pub(crate) struct ListOf<T>(pub(crate) Vec<T>);

impl<'py, T: FromPyObjectOwned<'py>> FromPyObject<'_, 'py> for ListOf<T> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        // Arrays are sequences too, though not of Python's class; an iterator may have no end.
        if !object.hasattr(intern!(object.py(), "__getitem__"))? {
            let message = format!("a list is needed, not {}", object.get_type().name()?);
            return Err(PyTypeError::new_err(message));
        }
        let mut elements = Vec::new();
        for element in object.try_iter()? {
            elements.push(element?.extract().map_err(Into::into)?);
        }
        Ok(Self(elements))
    }
}

/// Labels as class indices, from integers, booleans or whole-valued floats in a list or an array of any layout.
///
/// Always a copy: nobody can change them while the lock is released, after they were checked.
pub(crate) struct ClassIndices(pub(crate) Vec<u32>);

impl<'py> FromPyObject<'_, 'py> for ClassIndices {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let array = numbers(&as_array(&object)?, "labels")?;
        check_dimensions(&array, "labels", 1)?;
        macro_rules! indices {
            ($number:ty) => {{
                let array = plain::<$number, ndarray::Ix1>(&array)?;
                let labels = Labels::from_array(array.as_array()).map_err(IntoPyErr::into_py_err)?;
                labels.as_slice().to_vec()
            }};
        }
        // The types that labels mostly have, in one pass without a branch per label.
        macro_rules! wide_indices {
            ($number:ty) => {{
                let array = plain::<$number, ndarray::Ix1>(&array)?;
                let mut bits = 0;
                let index = |&label: &$number| {
                    bits |= label;
                    label as u32
                };
                let indices: Vec<u32> = array.as_slice()?.iter().map(index).collect();
                if (0..=<$number>::from(i32::MAX)).contains(&bits) { indices } else { indices!($number) }
            }};
        }
        let dtype = array.dtype();
        let indices = match (dtype.kind(), dtype.itemsize()) {
            _ if array.len() == 0 => Vec::new(),
            (b'b', _) => plain::<u8, ndarray::Ix1>(&bytes_of(&array)?)?
                .as_array()
                .iter()
                .map(|&byte| u32::from(byte != 0))
                .collect(),
            (b'i', 1) => indices!(i8),
            (b'i', 2) => indices!(i16),
            (b'i', 4) => wide_indices!(i32),
            (b'i', _) => wide_indices!(i64),
            (b'u', 1) => indices!(u8),
            (b'u', 2) => indices!(u16),
            (b'u', 4) => indices!(u32),
            (b'u', _) => indices!(u64),
            (b'f', 4) => indices!(f32),
            _ => indices!(f64),
        };
        Ok(Self(indices))
    }
}

/// An array of `f64` or `f32`, borrowed where it is C-ordered, else copied; other numbers become `f64`.
pub(crate) enum FloatArray<'py, D: ndarray::Dimension> {
    /// Doubles.
    F64(PyReadonlyArray<'py, f64, D>),
    /// Singles.
    F32(PyReadonlyArray<'py, f32, D>),
}

/// A matrix of floats, such as predicted probabilities or features.
pub(crate) type FloatMatrix<'py> = FloatArray<'py, ndarray::Ix2>;

impl<'py, D: ndarray::Dimension> FromPyObject<'_, 'py> for FloatArray<'py, D> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let array = numbers(&as_array(&object)?, "the array")?;
        check_dimensions(&array, "the array", D::NDIM.unwrap_or_default())?;
        let dtype = array.dtype();
        if (dtype.kind(), dtype.itemsize()) == (b'f', 4) {
            Ok(Self::F32(plain(&array)?))
        } else {
            Ok(Self::F64(plain(&array)?))
        }
    }
}

/// Evaluates an expression with a view of a [`FloatArray`], whichever of the two types of floats it has.
///
/// `with_floats!(pred_probs, |view| PredProbs::new(view))`
macro_rules! with_floats {
    ($array:expr, |$view:ident| $body:expr) => {
        match &$array {
            $crate::arrays::FloatArray::F64(array) => {
                let $view = array.as_array();
                $body
            }
            $crate::arrays::FloatArray::F32(array) => {
                let $view = array.as_array();
                $body
            }
        }
    };
}
pub(crate) use with_floats;

/// An array of any one type, borrowed where it is C-ordered and has that type, else copied.
pub(crate) struct ArrayOf<'py, T: Element, D: ndarray::Dimension>(PyReadonlyArray<'py, T, D>);

/// A vector of doubles.
pub(crate) type Doubles<'py> = ArrayOf<'py, f64, ndarray::Ix1>;
/// A matrix of doubles: noise matrices, joints, features that are needed in full precision.
pub(crate) type DoubleMatrix<'py> = ArrayOf<'py, f64, ndarray::Ix2>;
/// A vector of integers.
pub(crate) type Integers<'py> = ArrayOf<'py, i64, ndarray::Ix1>;

impl<T: Element, D: ndarray::Dimension> ArrayOf<'_, T, D> {
    /// The array's values.
    pub(crate) fn view(&self) -> ndarray::ArrayView<'_, T, D> {
        self.0.as_array()
    }
}

impl<'py, T: Element, D: ndarray::Dimension> FromPyObject<'_, 'py> for ArrayOf<'py, T, D> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let array = numbers(&as_array(&object)?, "the array")?;
        check_dimensions(&array, "the array", D::NDIM.unwrap_or_default())?;
        if matches!(dtype::<T>(object.py()).kind(), b'i' | b'u') && array.dtype().kind() == b'f' {
            check_whole(plain::<f64, D>(&array)?.as_array())?;
        }
        Ok(Self(plain(&array)?))
    }
}

/// Refuses floats that no integer stands for.
fn check_whole<D: ndarray::Dimension>(values: ndarray::ArrayView<'_, f64, D>) -> PyResult<()> {
    // Beyond that a float does not hold every integer.
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    let is_whole = |value: f64| value.fract() == 0.0 && value.abs() <= LARGEST;
    let mut values = values.iter().copied().enumerate();
    let message = match values.find(|&(_, value)| !is_whole(value)) {
        None => return Ok(()),
        Some((place, value)) if value.fract() == 0.0 => {
            format!(
                "entry {place} is {value:e}, which is too large; whole numbers up to {LARGEST} are possible here"
            )
        }
        Some((place, value)) => format!("entry {place} is {value}; whole numbers are needed here"),
    };
    Err(PyValueError::new_err(message))
}

/// A vector of booleans.
///
/// A copy: NumPy takes any byte but 0 for true, and Rust does not.
pub(crate) struct Mask(Array1<bool>);

impl Mask {
    /// The mask's values.
    pub(crate) fn view(&self) -> ndarray::ArrayView1<'_, bool> {
        self.0.view()
    }
}

impl<'py> FromPyObject<'_, 'py> for Mask {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let array = numbers(&as_array(&object)?, "the mask")?;
        check_dimensions(&array, "the mask", 1)?;
        if array.dtype().kind() == b'b' {
            let bytes = plain::<u8, ndarray::Ix1>(&bytes_of(&array)?)?;
            return Ok(Self(bytes.as_array().mapv(|byte| byte != 0)));
        }
        Ok(Self(plain::<bool, ndarray::Ix1>(&array)?.as_array().to_owned()))
    }
}

/// The bytes of an array of booleans.
fn bytes_of<'py>(booleans: &Bound<'py, PyUntypedArray>) -> PyResult<Bound<'py, PyUntypedArray>> {
    let py = booleans.py();
    let bytes = booleans.call_method1(intern!(py, "view"), (dtype::<u8>(py),))?;
    Ok(bytes.cast_into::<PyUntypedArray>()?)
}

/// What `numpy.asarray` makes of an object; an array is left alone. Values that are masked are refused, as nothing here
/// would leave them out.
fn as_array<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyUntypedArray>> {
    if let Ok(array) = object.cast::<PyUntypedArray>() {
        if object.cast_exact::<PyUntypedArray>().is_err() && masks_values(object)? {
            return Err(PyValueError::new_err("the array masks some values; leave these out, or fill them"));
        }
        return Ok(array.clone());
    }
    let numpy = object.py().import(intern!(object.py(), "numpy"))?;
    Ok(numpy.call_method1(intern!(object.py(), "asarray"), (object,))?.cast_into::<PyUntypedArray>()?)
}

/// Whether this is a masked array of NumPy in which a value is masked.
fn masks_values(array: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = array.py();
    let masked_arrays = py.import(intern!(py, "numpy.ma"))?;
    masked_arrays.call_method1(intern!(py, "is_masked"), (array,))?.is_truthy()
}

/// Refuses what holds no real numbers; objects become doubles if they can.
fn numbers<'py>(array: &Bound<'py, PyUntypedArray>, what: &str) -> PyResult<Bound<'py, PyUntypedArray>> {
    let py = array.py();
    match array.dtype().kind() {
        b'b' | b'i' | b'u' | b'f' => Ok(array.clone()),
        b'O' => {
            let doubles = array.call_method1(intern!(py, "astype"), (dtype::<f64>(py),))?;
            Ok(doubles.cast_into::<PyUntypedArray>()?)
        }
        b'U' | b'S' if what == "labels" => Err(PyValueError::new_err(format!(
            "{what} must be numbers, but are text; encode classes as 0, 1, 2, … first"
        ))),
        _ => {
            let found = array.dtype().str()?;
            Err(PyTypeError::new_err(format!("{what} must hold numbers, but has dtype {found}")))
        }
    }
}

fn check_dimensions(array: &Bound<'_, PyUntypedArray>, what: &str, expected: usize) -> PyResult<()> {
    if array.ndim() == expected {
        return Ok(());
    }
    if array.ndim() == 0 {
        return Err(PyTypeError::new_err(format!("{what} must be an array or a list, not a single value")));
    }
    let shape = array.shape();
    Err(PyValueError::new_err(format!("{what} must have {expected} dimension(s), but has shape {shape:?}")))
}

/// The array with elements of type `T` in C order, aligned and in the processor's order of bytes: itself if it is so
/// already, else a copy.
fn plain<'py, T: Element, D: ndarray::Dimension>(
    array: &Bound<'py, PyUntypedArray>,
) -> PyResult<PyReadonlyArray<'py, T, D>> {
    let py = array.py();
    let wanted = dtype::<T>(py);
    // NumPy calls any empty array aligned, and a slice of Rust is not allowed to be otherwise.
    let is_plain = array.is_c_contiguous()
        && array.is_aligned()
        && array.len() > 0
        && array.dtype().is_equiv_to(&wanted);
    if is_plain {
        return array.extract();
    }
    let options = PyDict::new(py);
    options.set_item(intern!(py, "dtype"), wanted)?;
    options.set_item(intern!(py, "order"), intern!(py, "C"))?;
    py.import(intern!(py, "numpy"))?.call_method(intern!(py, "array"), (array,), Some(&options))?.extract()
}

/// Row or class indices as NumPy's default integers.
pub(crate) fn indices(py: Python<'_>, indices: impl IntoIterator<Item = usize>) -> Bound<'_, PyArray1<i64>> {
    PyArray1::from_iter(py, indices.into_iter().map(|index| index as i64))
}

/// A result of one value per row or class.
pub(crate) fn vector<T: Element>(py: Python<'_>, values: Array1<T>) -> Bound<'_, PyArray1<T>> {
    PyArray::from_owned_array(py, values)
}

/// A result with rows and columns.
pub(crate) fn matrix<T: Element>(py: Python<'_>, values: Array2<T>) -> Bound<'_, PyArray2<T>> {
    PyArray::from_owned_array(py, values)
}
