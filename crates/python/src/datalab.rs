//! What the checks of `cleanlab_rs.datalab` leave to the crates, and the page of a report.
//!
//! Which checks are made, and what becomes of their results, is in Python, where people add checks of their own. A check
//! that is made here is one of `cleanlab-datalab` with a single result.

use std::sync::Arc;

use cleanlab_datalab::{
    Checks, ClusteringOptions, Datalab, DatalabError, FindIssuesOptions, Inputs, IssueFindings, IssueManager,
    NonIidCheck, Task,
};
use cleanlab_neighbors::{NeighborsError, principal_components};
use cleanlab_report::{ReportError, read_json, render_html};
use ndarray::Array1;
use numpy::{PyArray1, PyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrays::{FloatMatrix, matrix, vector, with_floats};
use crate::errors::IntoPyErr;
use crate::neighbors::CompressedRows;
use crate::running::run;

impl IntoPyErr for ReportError {
    fn into_py_err(self) -> PyErr {
        PyValueError::new_err(self.to_string())
    }
}

/// Makes one check, and takes its result.
fn findings_of(
    lab: &mut Datalab,
    inputs: &Inputs<'_>,
    check: impl IssueManager + 'static,
) -> Result<IssueFindings, DatalabError> {
    let name = check.issue_name().to_owned();
    lab.find_issues(inputs, &FindIssuesOptions::default().with_checks(Checks::none().with(check)))?;
    lab.get_findings(&name).cloned()
}

/// Whether neighbours stand closer together in the data than chance allows: the p-value, and a score for every row.
#[pyfunction]
fn non_iid(
    py: Python<'_>,
    graph: CompressedRows,
    num_permutations: usize,
    seed: u32,
) -> PyResult<(f64, Bound<'_, PyArray1<f64>>)> {
    let CompressedRows(graph) = graph;
    let found = run(py, move || {
        let check = NonIidCheck::default()
            .with_k(graph.k())
            .with_num_permutations(num_permutations)
            .with_seed(Some(seed));
        let mut lab = Datalab::unlabeled(graph.n_rows(), Task::Regression)?;
        let graph = Arc::new(graph);
        findings_of(&mut lab, &Inputs::default().with_knn_graph(&graph), check)
    })?;
    Ok((found.score, vector(py, found.scores)))
}

/// The group of every row by density, as DBSCAN finds it in the distances of a graph; −1 for rows in none.
#[pyfunction]
fn density_clusters(
    py: Python<'_>,
    graph: CompressedRows,
    eps: f64,
    min_samples: usize,
) -> PyResult<Bound<'_, PyArray1<i64>>> {
    let CompressedRows(graph) = graph;
    let options = ClusteringOptions::default().with_eps(eps).with_min_samples(min_samples);
    let ids = run(py, move || options.clusters(&graph))?;
    Ok(vector(py, Array1::from(ids)))
}

/// The rows in two dimensions, and the shares of the variance that these stand for.
type Coordinates<'py> = (Bound<'py, PyArray2<f64>>, Vec<f64>);

/// The rows along the first two principal components of their features.
#[pyfunction]
fn map_coordinates<'py>(py: Python<'py>, features: FloatMatrix<'py>) -> PyResult<Coordinates<'py>> {
    let (coordinates, shares) = with_floats!(features, |view| run(py, || {
        let n_components = 2.min(view.nrows()).min(view.ncols());
        let found = principal_components(view, n_components)?;
        Ok::<_, NeighborsError>((found.coordinates, found.explained_variance_ratio.to_vec()))
    }))?;
    Ok((matrix(py, coordinates), shares))
}

/// A report, given as JSON in the format of `cleanlab-report`, as a page.
#[pyfunction]
fn render_report_html(py: Python<'_>, report: String) -> PyResult<String> {
    run(py, move || Ok::<_, ReportError>(render_html(&read_json(&report)?)))
}

/// Adds what is here to the module.
///
/// # Errors
///
/// If Python has no memory left.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(non_iid, module)?)?;
    module.add_function(wrap_pyfunction!(density_clusters, module)?)?;
    module.add_function(wrap_pyfunction!(map_coordinates, module)?)?;
    module.add_function(wrap_pyfunction!(render_report_html, module)?)
}
