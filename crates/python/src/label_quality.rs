//! How good labels of one class each are: `rank`.

use cleanlab_core::{Float, PredProbs};
use cleanlab_count::CountError;
use cleanlab_rank::{EnsembleOptions, EnsembleWeighting, LabelQualityMethod, RankError};
use ndarray::ArrayView2;
use numpy::PyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrays::{
    ClassIndices, Doubles, FloatArray, FloatMatrix, ListOf, Mask, indices, vector, with_floats,
};
use crate::class_labels::{labeled, labeled_classes};
use crate::running::run;

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(py_get_label_quality_scores, module)?)?;
    module.add_function(wrap_pyfunction!(py_get_label_quality_ensemble_scores, module)?)?;
    module.add_function(wrap_pyfunction!(py_order_label_issues, module)?)?;
    module.add_function(wrap_pyfunction!(py_find_top_issues, module)?)
}

/// The score of a name.
///
/// # Errors
///
/// `ValueError` for a name that is none, and for the entropy of adjusted probabilities.
pub(crate) fn quality_method(name: &str, adjust_pred_probs: bool) -> PyResult<LabelQualityMethod> {
    match (name, adjust_pred_probs) {
        ("self_confidence", false) => Ok(LabelQualityMethod::SelfConfidence),
        ("self_confidence", true) => Ok(LabelQualityMethod::AdjustedSelfConfidence),
        ("normalized_margin", false) => Ok(LabelQualityMethod::NormalizedMargin),
        ("normalized_margin", true) => Ok(LabelQualityMethod::AdjustedNormalizedMargin),
        ("confidence_weighted_entropy", false) => Ok(LabelQualityMethod::ConfidenceWeightedEntropy),
        ("confidence_weighted_entropy", true) => {
            Err(PyValueError::new_err("adjust_pred_probs cannot be used with confidence_weighted_entropy"))
        }
        _ => Err(PyValueError::new_err(format!(
            "{name:?} is no label quality score; choose self_confidence, normalized_margin or \
             confidence_weighted_entropy"
        ))),
    }
}

/// A score for every label.
#[pyfunction]
#[pyo3(name = "get_label_quality_scores")]
fn py_get_label_quality_scores<'py>(
    py: Python<'py>,
    labels: ClassIndices,
    pred_probs: FloatMatrix<'py>,
    method: &str,
    adjust_pred_probs: bool,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let method = quality_method(method, adjust_pred_probs)?;
    let scores = with_floats!(pred_probs, |view| run(py, || {
        cleanlab_rank::get_label_quality_scores(&labeled(&labels, view)?, method)
    }))?;
    Ok(vector(py, scores))
}

/// A score for every label from several models, and the weight of each; all matrices of one type of floats.
#[pyfunction]
#[pyo3(name = "get_label_quality_ensemble_scores")]
#[pyo3(signature = (
    labels, pred_probs_list, method, adjust_pred_probs, weighting, custom_weights=None, temperatures=None
))]
#[expect(clippy::too_many_arguments, reason = "cleanlab's function has as many")]
fn py_get_label_quality_ensemble_scores<'py>(
    py: Python<'py>,
    labels: ClassIndices,
    pred_probs_list: ListOf<FloatMatrix<'py>>,
    method: &str,
    adjust_pred_probs: bool,
    weighting: &str,
    custom_weights: Option<Doubles<'py>>,
    temperatures: Option<ListOf<f64>>,
) -> PyResult<(Bound<'py, PyArray1<f64>>, Vec<f64>)> {
    let weighting = match weighting {
        "accuracy" => EnsembleWeighting::Accuracy,
        "uniform" => EnsembleWeighting::Uniform,
        "log_loss_search" => temperatures.map_or_else(EnsembleWeighting::log_loss_search, |temperatures| {
            EnsembleWeighting::LogLossSearch { temperatures: temperatures.0 }
        }),
        "custom" => EnsembleWeighting::Custom(
            custom_weights.map(|weights| weights.view().to_vec()).unwrap_or_default(),
        ),
        _ => {
            return Err(PyValueError::new_err(format!(
                "weight_ensemble_members_by is {weighting:?}; choose accuracy, uniform, log_loss_search or custom"
            )));
        }
    };
    let options = EnsembleOptions::default()
        .with_method(quality_method(method, adjust_pred_probs)?)
        .with_weighting(weighting);
    let (mut doubles, mut singles) = (Vec::new(), Vec::new());
    for pred_probs in &pred_probs_list.0 {
        match pred_probs {
            FloatArray::F64(array) => doubles.push(array.as_array()),
            FloatArray::F32(array) => singles.push(array.as_array()),
        }
    }
    let ensemble = match (doubles.is_empty(), singles.is_empty()) {
        (_, true) => run(py, || ensemble_scores(&labels, doubles, &options)),
        (true, false) => run(py, || ensemble_scores(&labels, singles, &options)),
        (false, false) => Err(PyValueError::new_err("pred_probs_list mixes float32 and float64")),
    }?;
    Ok((vector(py, ensemble.scores), ensemble.weights))
}

fn ensemble_scores<F: Float>(
    labels: &ClassIndices,
    pred_probs_list: Vec<ArrayView2<'_, F>>,
    options: &EnsembleOptions,
) -> Result<cleanlab_rank::EnsembleScores, RankError> {
    let labels = cleanlab_core::Labels::new(&labels.0)?;
    let members = pred_probs_list.into_iter().map(PredProbs::new).collect::<Result<Vec<_>, _>>()?;
    cleanlab_rank::get_label_quality_ensemble_scores(&labels, &members, options)
}

/// Flagged rows in order of a score.
#[pyfunction]
#[pyo3(name = "order_label_issues")]
fn py_order_label_issues<'py>(
    py: Python<'py>,
    label_issues_mask: Mask,
    labels: ClassIndices,
    pred_probs: FloatMatrix<'py>,
    rank_by: &str,
    adjust_pred_probs: bool,
    allow_one_class: bool,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let method = quality_method(rank_by, adjust_pred_probs)?;
    let mask = label_issues_mask.view();
    let rows = with_floats!(pred_probs, |view| run(py, || {
        cleanlab_rank::order_label_issues(mask, &labeled_classes(&labels, view, allow_one_class)?, method)
    }))?;
    Ok(indices(py, rows))
}

/// The positions of the lowest scores, lowest first.
#[pyfunction]
#[pyo3(name = "find_top_issues")]
fn py_find_top_issues<'py>(
    py: Python<'py>,
    quality_scores: Doubles<'py>,
    top: usize,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let scores = quality_scores.view();
    let rows = run(py, || Ok::<_, CountError>(cleanlab_rank::find_top_issues(scores, top)))?;
    Ok(indices(py, rows))
}
