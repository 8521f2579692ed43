//! Quality of numeric labels: `cleanlab_rs.regression.rank`.

use cleanlab_regression::{LabelQualityMethod, get_label_quality_scores};
use numpy::PyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrays::{Doubles, vector};
use crate::running::run;

/// One score per label.
#[pyfunction]
fn regression_quality_scores<'py>(
    py: Python<'py>,
    labels: Doubles<'py>,
    predictions: Doubles<'py>,
    method: &str,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let method = match method {
        "outre" => LabelQualityMethod::Outre,
        "residual" => LabelQualityMethod::Residual,
        found => {
            let message = format!("the method is {found:?}, but must be one of: outre, residual");
            return Err(PyValueError::new_err(message));
        }
    };
    let (labels, predictions) = (labels.view(), predictions.view());
    Ok(vector(py, run(py, || get_label_quality_scores(labels, predictions, method))?))
}

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(regression_quality_scores, module)?)
}
