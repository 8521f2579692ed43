//! What each example is worth: `cleanlab_rs.data_valuation`.

use cleanlab_data_valuation::{DataShapleyOptions, data_shapley_knn, data_shapley_knn_from_features};
use cleanlab_neighbors::KnnGraphOptions;
use numpy::PyArray1;
use pyo3::prelude::*;

use crate::arrays::{FloatMatrix, Integers, vector, with_floats};
use crate::neighbors::{CompressedRows, MetricName};
use crate::running::run;

/// Values of examples whose labels are given as codes, from a graph.
#[pyfunction]
fn data_shapley_of_graph<'py>(
    py: Python<'py>,
    codes: Integers<'py>,
    graph: CompressedRows,
    k: usize,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let codes = codes.view().to_vec();
    let options = DataShapleyOptions::default().with_k(k);
    let values = run(py, || data_shapley_knn(&codes, &graph.0, &options))?;
    Ok(vector(py, values))
}

/// Values of examples whose labels are given as codes, from features.
#[pyfunction]
fn data_shapley_of_features<'py>(
    py: Python<'py>,
    codes: Integers<'py>,
    features: FloatMatrix<'py>,
    metric: MetricName,
    k: usize,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let codes = codes.view().to_vec();
    let options = KnnGraphOptions::default().with_k(k).with_metric(metric.0);
    let values = with_floats!(features, |view| run(py, || {
        data_shapley_knn_from_features(&codes, view, &options)
    }))?;
    Ok(vector(py, values))
}

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(data_shapley_of_graph, module)?)?;
    module.add_function(wrap_pyfunction!(data_shapley_of_features, module)?)
}
