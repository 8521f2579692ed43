//! Outlier scores from predicted probabilities: `cleanlab_rs.outlier`. Those from features are in `neighbors`.

use cleanlab_core::PredProbs;
use cleanlab_outlier::{OodMethod, PredictionOutlierOptions, get_ood_predictions_scores};
use numpy::PyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrays::{Doubles, FloatMatrix, vector, with_floats};
use crate::running::run;

/// What makes predicted probabilities look like those of an outlier: `(method, M, gamma)`.
struct Method(OodMethod);

impl<'py> FromPyObject<'_, 'py> for Method {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let (method, top_classes, gamma): (Bound<'_, PyAny>, Bound<'_, PyAny>, Bound<'_, PyAny>) =
            object.extract()?;
        match method.str()?.to_str()? {
            "entropy" => Ok(Self(OodMethod::Entropy)),
            "least_confidence" => Ok(Self(OodMethod::LeastConfidence)),
            "gen" => {
                Ok(Self(OodMethod::Gen { top_classes: top_classes.extract()?, gamma: gamma.extract()? }))
            }
            found => Err(PyValueError::new_err(format!(
                "the method is {found:?}, but must be one of: entropy, least_confidence, gen"
            ))),
        }
    }
}

/// One score per row, after probabilities were adjusted by thresholds where they are given.
#[pyfunction]
#[pyo3(signature = (pred_probs, method, confident_thresholds=None))]
fn ood_prediction_scores<'py>(
    py: Python<'py>,
    pred_probs: FloatMatrix<'py>,
    method: Method,
    confident_thresholds: Option<Doubles<'py>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let mut options = PredictionOutlierOptions::default().with_method(method.0);
    options.confident_thresholds = confident_thresholds.map(|thresholds| thresholds.view().to_owned());
    let scores = with_floats!(pred_probs, |view| run(py, || {
        get_ood_predictions_scores(&PredProbs::without_notes(view)?, &options)
    }))?;
    Ok(vector(py, scores))
}

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(ood_prediction_scores, module)?)
}
