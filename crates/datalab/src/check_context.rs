//! What a check sees: the labels, the inputs, and neighbours that all checks share.

use std::borrow::Cow;
use std::sync::Arc;

use cleanlab_neighbors::{KnnGraph, Metric, NeighborSearch};
use ndarray::{ArrayView1, CowArray, Ix2};

use crate::data_columns::DataColumns;
use crate::errors::CheckError;
use crate::inputs::{Inputs, Matrix};
use crate::shared_graph::SharedGraph;
pub use crate::shared_graph::{KeptGraph, NeighborsFound};
use crate::targets::{Targets, Task};

/// What a check sees: the labels, the inputs, and neighbours that all checks share.
pub struct CheckContext<'a> {
    targets: &'a Targets,
    inputs: Inputs<'a>,
    graphs: SharedGraph<'a>,
}

impl<'a> CheckContext<'a> {
    pub(crate) fn new(
        targets: &'a Targets,
        inputs: Inputs<'a>,
        kept: Option<KeptGraph>,
        search: NeighborSearch,
    ) -> Self {
        let graphs = SharedGraph::new(inputs.features, inputs.knn_graph, kept, search);
        Self { targets, inputs, graphs }
    }

    /// The graph to keep once the checks are made.
    pub(crate) fn into_kept_graph(self) -> Option<KeptGraph> {
        self.graphs.into_kept()
    }

    /// How neighbours are searched for.
    #[must_use]
    pub fn neighbor_search(&self) -> NeighborSearch {
        self.graphs.search()
    }

    /// Number of examples.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.targets.n_rows()
    }

    /// The task.
    #[must_use]
    pub fn task(&self) -> Task {
        self.targets.task()
    }

    /// The given labels.
    #[must_use]
    pub fn targets(&self) -> &'a Targets {
        self.targets
    }

    /// All inputs as they were given.
    #[must_use]
    pub fn inputs(&self) -> &Inputs<'a> {
        &self.inputs
    }

    /// Features, N × p.
    #[must_use]
    pub fn features(&self) -> Option<Matrix<'a>> {
        self.inputs.features
    }

    /// Features as `f64`, copied if they are not.
    #[must_use]
    pub fn features_f64(&self) -> Option<CowArray<'a, f64, Ix2>> {
        Some(match self.inputs.features? {
            Matrix::F32(view) => view.mapv(f64::from).into(),
            Matrix::F64(view) => view.into(),
        })
    }

    /// Predicted probabilities, N × K.
    #[must_use]
    pub fn pred_probs(&self) -> Option<Matrix<'a>> {
        self.inputs.pred_probs
    }

    /// Predictions of numeric labels.
    #[must_use]
    pub fn predictions(&self) -> Option<ArrayView1<'a, f64>> {
        self.inputs.predictions
    }

    /// The data themselves.
    #[must_use]
    pub fn columns(&self) -> Option<&'a dyn DataColumns> {
        self.inputs.columns
    }

    /// Whether [`CheckContext::knn_graph`] would have a graph to give for `k` neighbours.
    #[must_use]
    pub fn has_knn_graph(&self, k: usize) -> bool {
        self.inputs.features.is_some() || self.graphs.exists(k)
    }

    /// The nearest neighbours of every row: those given; or else those that an earlier check left, if there are at least
    /// `k` of them; or else those found among the features. A metric other than that of the kept graph has the features
    /// searched in any case.
    ///
    /// A graph that was given or kept may have another number of neighbours per row than `k`, and its metric is
    /// [`None`] unless one was asked for. All checks of an audit share one search of the features, made for the largest
    /// number of neighbours that any of them needs ([`IssueManager::neighbors_needed`](crate::IssueManager)), and each
    /// gets as many of them as a search of its own would give.
    ///
    /// Once the check has succeeded its graph is kept for later checks and calls if none was kept, if it has more
    /// neighbours, or if it is by another metric.
    ///
    /// # Errors
    ///
    /// [`CheckError::MissingInput`] if there is neither a graph nor features, [`CheckError::GraphTooSmall`] if the kept
    /// graph has fewer neighbours and there are no features; as
    /// [`create_knn_graph`](cleanlab_neighbors::create_knn_graph) for the features.
    ///
    /// # Source
    ///
    /// `cleanlab.datalab.internal.issue_manager.knn_graph_helpers.set_knn_graph`.
    pub fn knn_graph(&self, k: usize, metric: Option<Metric>) -> Result<KeptGraph, CheckError> {
        self.graphs.for_check(k, metric)
    }

    /// The nearest neighbours among the features, whatever was given or kept.
    pub(crate) fn feature_graph(&self, k: usize, metric: Metric) -> Result<Arc<KnnGraph>, CheckError> {
        self.graphs.of_features(k, metric)
    }

    pub(crate) fn graphs(&self) -> &SharedGraph<'a> {
        &self.graphs
    }

    /// The names of the classes, or an error that says that they are needed.
    pub(crate) fn class_name(&self, class: usize) -> Cow<'a, str> {
        let name = self.targets.class_names().and_then(|names| names.get(class));
        name.map_or_else(|| class.to_string().into(), Cow::from)
    }
}
