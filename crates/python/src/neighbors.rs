//! Nearest neighbours and their graphs: `cleanlab_rs.internal.neighbor`.

use cleanlab_core::Float;
use cleanlab_neighbors::{
    ExactDuplicates, KnnGraph, KnnGraphOptions, Metric, Neighbors, NeighborsError, correct_knn_graph,
    create_knn_graph, find_exact_duplicates,
};
use ndarray::{Array2, ArrayView2};
use numpy::{PyArray1, PyArray2};
use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::arrays::{ArrayOf, Doubles};
use crate::arrays::{DoubleMatrix, FloatMatrix, Integers, indices, matrix, vector, with_floats};
use crate::errors::IntoPyErr;
use crate::running::run;

/// A metric by its name.
pub(crate) struct MetricName(pub(crate) Metric);

impl<'py> FromPyObject<'_, 'py> for MetricName {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let name: String = object.extract()?;
        match name.as_str() {
            "cosine" => Ok(Self(Metric::Cosine)),
            "euclidean" => Ok(Self(Metric::Euclidean)),
            found => {
                let message = format!("the metric is {found:?}, but must be cosine or euclidean here");
                Err(PyValueError::new_err(message))
            }
        }
    }
}

/// The parts of a sparse matrix in compressed rows, checked: `(indptr, indices, data)`.
pub(crate) struct CompressedRows(pub(crate) KnnGraph);

impl<'py> FromPyObject<'_, 'py> for CompressedRows {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let (row_starts, neighbors, distances): (Integers<'_>, Integers<'_>, Doubles<'_>) =
            object.extract()?;
        let negative =
            |what: &str| PyValueError::new_err(format!("`{what}` of the graph has a negative entry"));
        let row_starts: Vec<usize> = row_starts
            .view()
            .iter()
            .map(|&start| usize::try_from(start).map_err(|_| negative("indptr")))
            .collect::<PyResult<_>>()?;
        let neighbors: Vec<u32> =
            neighbors.view().iter().map(|&index| row_index(index)).collect::<PyResult<_>>()?;
        let distances = distances.view().to_vec();
        KnnGraph::from_csr(&row_starts, &neighbors, &distances).map(Self).map_err(IntoPyErr::into_py_err)
    }
}

/// Refuses what there is no room for: an allocation that fails in the crates would end the interpreter.
pub(crate) fn check_room(rows: usize, columns: usize, bytes: usize) -> PyResult<()> {
    let needed = rows.checked_mul(columns).and_then(|values| values.checked_mul(bytes));
    let fits = needed.is_some_and(|needed| Vec::<u8>::new().try_reserve_exact(needed).is_ok());
    if fits {
        return Ok(());
    }
    let message = format!("a result of {rows} rows and {columns} columns does not fit into memory");
    Err(PyMemoryError::new_err(message))
}

/// Bytes of a neighbour while a graph is made and handed over.
const NEIGHBOR_BYTES: usize = 40;

/// A row's number as graphs hold it; one that is too large is left for the graph to refuse.
fn row_index(index: i64) -> PyResult<u32> {
    if index < 0 {
        return Err(PyValueError::new_err(format!("the graph names row {index}; rows are 0, 1, 2, …")));
    }
    Ok(u32::try_from(index).unwrap_or(u32::MAX))
}

/// A graph as it is handed to Python: which rows are neighbours, and how far away.
type GraphArrays<'py> = (Bound<'py, PyArray2<i32>>, Bound<'py, PyArray2<f64>>);
/// Neighbours of queries, with NumPy's default integers.
type QueryArrays<'py> = (Bound<'py, PyArray2<i64>>, Bound<'py, PyArray2<f64>>);

fn graph_arrays<'py>(py: Python<'py>, graph: &KnnGraph) -> GraphArrays<'py> {
    // There are fewer than 2³¹ rows in any graph.
    (matrix(py, graph.indices().mapv(|index| index as i32)), matrix(py, graph.distances().to_owned()))
}

fn query_arrays(py: Python<'_>, neighbors: Neighbors) -> QueryArrays<'_> {
    (matrix(py, neighbors.indices.mapv(i64::from)), matrix(py, neighbors.distances))
}

/// The `k` nearest rows of every row, without itself; exact duplicates are put first where that is asked for.
#[pyfunction]
fn knn_graph<'py>(
    py: Python<'py>,
    features: FloatMatrix<'py>,
    metric: MetricName,
    k: usize,
    correct_exact_duplicates: bool,
) -> PyResult<GraphArrays<'py>> {
    let duplicates = if correct_exact_duplicates { ExactDuplicates::First } else { ExactDuplicates::AsFound };
    let options =
        KnnGraphOptions::default().with_k(k).with_metric(metric.0).with_exact_duplicates(duplicates);
    let graph = with_floats!(features, |view| {
        if k < view.nrows() {
            check_room(view.nrows(), k, NEIGHBOR_BYTES)?;
        }
        run(py, || create_knn_graph(view, &options))
    })?;
    Ok(graph_arrays(py, &graph))
}

/// The mean distance of every row from its `k` nearest, without itself.
#[pyfunction]
fn mean_distances<'py>(
    py: Python<'py>,
    features: FloatMatrix<'py>,
    metric: MetricName,
    k: usize,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let means = with_floats!(features, |view| run(py, || {
        cleanlab_neighbors::ExactIndex::new(view, metric.0)?.mean_distances(k)
    }))?;
    Ok(vector(py, means))
}

/// The sets of equal rows.
#[pyfunction]
fn exact_duplicates<'py>(py: Python<'py>, features: FloatMatrix<'py>) -> PyResult<Bound<'py, PyList>> {
    let sets = with_floats!(features, |view| run(py, || find_exact_duplicates(view)))?;
    PyList::new(py, sets.into_iter().map(|rows| indices(py, rows)))
}

/// A graph, N × k indices and distances, with exact duplicates first.
#[pyfunction]
fn correct_knn<'py>(
    py: Python<'py>,
    features: FloatMatrix<'py>,
    neighbors: ArrayOf<'py, i64, ndarray::Ix2>,
    distances: DoubleMatrix<'py>,
) -> PyResult<GraphArrays<'py>> {
    let neighbors = neighbors.view();
    let rows: Vec<u32> = neighbors.iter().map(|&index| row_index(index)).collect::<PyResult<_>>()?;
    let rows = Array2::from_shape_vec(neighbors.dim(), rows)
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    let distances = distances.view().to_owned();
    let graph =
        with_floats!(features, |view| run(py, || correct_knn_graph(view, &KnnGraph::new(rows, distances)?)))?;
    Ok(graph_arrays(py, &graph))
}

/// A graph in compressed rows, checked, as N × k indices and distances.
#[pyfunction]
fn checked_knn_graph(py: Python<'_>, graph: CompressedRows) -> GraphArrays<'_> {
    graph_arrays(py, &graph.0)
}

/// The index, of doubles or of singles.
enum Index {
    F64(cleanlab_neighbors::ExactIndex<'static, f64>),
    F32(cleanlab_neighbors::ExactIndex<'static, f32>),
}

fn own_index<F: Float>(
    features: ArrayView2<'_, F>,
    metric: Metric,
) -> Result<cleanlab_neighbors::ExactIndex<'static, F>, NeighborsError> {
    cleanlab_neighbors::ExactIndex::new(features.to_owned(), metric)
}

/// Rows to search in, kept for several searches.
#[pyclass(frozen, module = "cleanlab_rs._native")]
struct ExactIndex(Index);

#[pymethods]
impl ExactIndex {
    #[new]
    fn new(py: Python<'_>, features: FloatMatrix<'_>, metric: MetricName) -> PyResult<Self> {
        match &features {
            FloatMatrix::F64(features) => {
                let view = features.as_array();
                Ok(Self(Index::F64(run(py, || own_index(view, metric.0))?)))
            }
            FloatMatrix::F32(features) => {
                let view = features.as_array();
                Ok(Self(Index::F32(run(py, || own_index(view, metric.0))?)))
            }
        }
    }

    /// The `k` nearest rows of every query.
    fn query<'py>(&self, py: Python<'py>, queries: FloatMatrix<'py>, k: usize) -> PyResult<QueryArrays<'py>> {
        let neighbors = match (&self.0, &queries) {
            (Index::F64(index), FloatMatrix::F64(queries)) => {
                let view = queries.as_array();
                if k <= index.n_rows() {
                    check_room(view.nrows(), k, NEIGHBOR_BYTES)?;
                }
                run(py, || index.query(view, k))?
            }
            (Index::F32(index), FloatMatrix::F32(queries)) => {
                let view = queries.as_array();
                if k <= index.n_rows() {
                    check_room(view.nrows(), k, NEIGHBOR_BYTES)?;
                }
                run(py, || index.query(view, k))?
            }
            _ => return Err(other_type()),
        };
        Ok(query_arrays(py, neighbors))
    }

    /// The mean distance of every query from its `k` nearest rows.
    fn mean_distances<'py>(
        &self,
        py: Python<'py>,
        queries: FloatMatrix<'py>,
        k: usize,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let means = match (&self.0, &queries) {
            (Index::F64(index), FloatMatrix::F64(queries)) => {
                let view = queries.as_array();
                run(py, || index.mean_distances_of(view, k))?
            }
            (Index::F32(index), FloatMatrix::F32(queries)) => {
                let view = queries.as_array();
                run(py, || index.mean_distances_of(view, k))?
            }
            _ => return Err(other_type()),
        };
        Ok(vector(py, means))
    }
}

fn other_type() -> PyErr {
    PyValueError::new_err("queries must have the type of floats that the index was made of")
}

/// Adds the functions and the class of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(knn_graph, module)?)?;
    module.add_function(wrap_pyfunction!(mean_distances, module)?)?;
    module.add_function(wrap_pyfunction!(exact_duplicates, module)?)?;
    module.add_function(wrap_pyfunction!(correct_knn, module)?)?;
    module.add_function(wrap_pyfunction!(checked_knn_graph, module)?)?;
    module.add_class::<ExactIndex>()
}
