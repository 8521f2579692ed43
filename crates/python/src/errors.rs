//! Errors of the crates as Python's exceptions.

use cleanlab_core::stopping::Stopped;
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyType;

/// An error that becomes an exception, of the class that cleanlab raises in the same place.
pub(crate) trait IntoPyErr {
    /// The exception.
    fn into_py_err(self) -> PyErr;
}

impl IntoPyErr for PyErr {
    fn into_py_err(self) -> PyErr {
        self
    }
}

impl IntoPyErr for Stopped {
    fn into_py_err(self) -> PyErr {
        PyKeyboardInterrupt::new_err(self.to_string())
    }
}

impl IntoPyErr for std::convert::Infallible {
    fn into_py_err(self) -> PyErr {
        match self {}
    }
}

impl IntoPyErr for cleanlab_core::SingularMatrix {
    /// `numpy.linalg.LinAlgError`, which is a `ValueError`.
    fn into_py_err(self) -> PyErr {
        let message = self.to_string();
        let raised = Python::attach(|py| {
            let class = py.import("numpy.linalg")?.getattr("LinAlgError")?.cast_into::<PyType>()?;
            Ok::<_, PyErr>(PyErr::from_type(class, message.clone()))
        });
        raised.unwrap_or_else(|_| PyValueError::new_err(message))
    }
}

impl IntoPyErr for cleanlab_count::CountError {
    fn into_py_err(self) -> PyErr {
        match self {
            Self::Singular(singular) => singular.into_py_err(),
            error => PyValueError::new_err(error.to_string()),
        }
    }
}

macro_rules! exceptions {
    ($($error:ty => $exception:ty),* $(,)?) => {$(
        impl IntoPyErr for $error {
            fn into_py_err(self) -> PyErr {
                <$exception>::new_err(self.to_string())
            }
        }
    )*};
}

// Arguments of the wrong type never get this far: they fail while they are extracted.
exceptions! {
    cleanlab_core::AccumulatorError => PyRuntimeError,
    cleanlab_core::InputError => PyValueError,
    cleanlab_core::RandomError => PyValueError,
    cleanlab_data_valuation::DataValuationError => PyValueError,
    cleanlab_datalab::DatalabError => PyValueError,
    cleanlab_datalab::CheckError => PyValueError,
    cleanlab_dataset::DatasetError => PyValueError,
    cleanlab_filter::FilterError => PyValueError,
    cleanlab_learning::LearningError => PyValueError,
    cleanlab_multilabel::MultilabelError => PyValueError,
    cleanlab_neighbors::NeighborsError => PyValueError,
    cleanlab_noise_generation::NoiseError => PyValueError,
    cleanlab_outlier::OutlierError => PyValueError,
    cleanlab_rank::RankError => PyValueError,
    cleanlab_regression::RegressionError => PyValueError,
}
