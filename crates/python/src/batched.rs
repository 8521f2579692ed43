//! Passes over labels and probabilities that come in batches: `experimental.label_issues_batched`.

use cleanlab_core::constants::FLOATING_POINT_COMPARISON;
use cleanlab_core::stopping::stop_if_told;
use cleanlab_core::{Accumulator, Batch, CHUNK_ROWS, FixedPointSum, Float};
use cleanlab_count::{ThresholdAccumulator, predicted_class};
use cleanlab_rank::{LabelQualityScorer, RankError};
use ndarray::{Array1, ArrayView2};
use numpy::PyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arrays::{ClassIndices, Doubles, FloatMatrix, vector, with_floats};
use crate::errors::IntoPyErr;
use crate::label_quality::quality_method;
use crate::neighbors::check_room;
use crate::running::run;

/// A value for every class, and another one.
type PerClass<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

/// Adds the class and functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ThresholdPass>()?;
    module.add_function(wrap_pyfunction!(score_batch, module)?)?;
    module.add_function(wrap_pyfunction!(count_confident_predictions, module)?)
}

/// The values of a matrix in C order, which is what extraction gives.
fn rows<'a, F: Float>(
    labels: &'a ClassIndices,
    pred_probs: ArrayView2<'a, F>,
) -> Result<Batch<'a, F>, RankError> {
    let n_classes = pred_probs.ncols();
    let values = pred_probs.to_slice().unwrap_or_default();
    Ok(Batch::new(&labels.0, values, n_classes, 0)?)
}

/// Bytes of a class in a pass: an exact sum and a count, twice while thresholds are made of them.
const CLASS_BYTES: usize = 2 * (size_of::<FixedPointSum>() + size_of::<u64>());

/// Confident thresholds of data that come in batches.
#[pyclass(module = "cleanlab_rs._native")]
struct ThresholdPass {
    pass: ThresholdAccumulator,
}

#[pymethods]
impl ThresholdPass {
    /// A pass that has seen no row yet.
    #[new]
    fn new(n_classes: usize) -> PyResult<Self> {
        if n_classes > u32::MAX as usize {
            return Err(PyValueError::new_err(format!("{n_classes} classes are too many")));
        }
        check_room(n_classes, 1, CLASS_BYTES)?;
        Ok(Self { pass: ThresholdAccumulator::new(n_classes) })
    }

    /// The pass that [`ThresholdPass::to_bytes`] wrote down.
    #[staticmethod]
    fn from_bytes(state: &[u8]) -> PyResult<Self> {
        Ok(Self { pass: ThresholdAccumulator::from_bytes(state).map_err(IntoPyErr::into_py_err)? })
    }

    /// Takes in some rows.
    fn update(&mut self, py: Python<'_>, labels: ClassIndices, pred_probs: FloatMatrix<'_>) -> PyResult<()> {
        let pass = &mut self.pass;
        with_floats!(pred_probs, |view| run(py, || {
            let updated = pass.update(&rows(&labels, view)?);
            updated.map_err(|error| RankError::from(cleanlab_count::CountError::from(error)))
        }))
    }

    /// The thresholds of the rows so far.
    fn thresholds<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        vector(py, self.pass.clone().finish())
    }

    /// Number of rows so far with each label.
    fn label_counts<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        vector(py, self.pass.label_counts().iter().map(|&count| count as f64).collect::<Array1<_>>())
    }

    /// The state, to be stored or sent.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.pass.to_bytes())
    }
}

/// A score for every label of a batch, given the thresholds of all data.
#[pyfunction]
fn score_batch<'py>(
    py: Python<'py>,
    labels: ClassIndices,
    pred_probs: FloatMatrix<'py>,
    method: &str,
    adjust_pred_probs: bool,
    thresholds: Doubles<'py>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let method = quality_method(method, adjust_pred_probs)?;
    let thresholds = thresholds.view().to_owned();
    let scores = with_floats!(pred_probs, |view| run(py, || {
        let scorer = LabelQualityScorer::new(method, Some(&thresholds))?;
        let mut scores = vec![0.0; view.nrows()];
        scorer.score(&rows(&labels, view)?, &mut scores)?;
        Ok::<_, RankError>(scores)
    }))?;
    Ok(vector(py, Array1::from(scores)))
}

/// Of the rows with each label: how many are predicted with a probability that reaches the threshold of the predicted
/// class, and how many of these are predicted otherwise than given.
#[pyfunction]
fn count_confident_predictions<'py>(
    py: Python<'py>,
    labels: ClassIndices,
    pred_probs: FloatMatrix<'py>,
    thresholds: Doubles<'py>,
) -> PyResult<PerClass<'py>> {
    let bounds: Vec<f64> =
        thresholds.view().iter().map(|threshold| threshold - FLOATING_POINT_COMPARISON).collect();
    let (confident, off_label) = with_floats!(pred_probs, |view| run(py, || {
        let batch = rows(&labels, view)?;
        if bounds.len() != batch.n_classes() {
            let (found, expected) = (bounds.len(), batch.n_classes());
            let error = cleanlab_count::CountError::WrongLength { what: "thresholds", found, expected };
            return Err(RankError::from(error));
        }
        let (mut confident, mut off_label) = (Array1::zeros(bounds.len()), Array1::zeros(bounds.len()));
        for (position, (_, label, probs)) in batch.iter().enumerate() {
            if position.is_multiple_of(CHUNK_ROWS) {
                stop_if_told();
            }
            let class = predicted_class(probs);
            if probs[class].to_f64() >= bounds[class] {
                confident[label] += 1.0;
                off_label[label] += f64::from(u8::from(class != label));
            }
        }
        Ok((confident, off_label))
    }))?;
    Ok((vector(py, confident), vector(py, off_label)))
}
