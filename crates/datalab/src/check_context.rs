//! What a check sees: the labels, the inputs, and neighbours that all checks share.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use cleanlab_neighbors::{KnnGraph, KnnGraphOptions, Metric, create_knn_graph};
use ndarray::{ArrayView1, CowArray, Ix2};

use crate::data_columns::DataColumns;
use crate::errors::CheckError;
use crate::inputs::{Inputs, Matrix};
use crate::targets::{Targets, Task};

/// A neighbour graph that is kept for later checks.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct KeptGraph {
    /// The graph.
    pub graph: Arc<KnnGraph>,
    /// The metric of its distances; `None` for a graph that was given.
    pub metric: Option<Metric>,
}

/// What a check sees: the labels, the inputs, and neighbours that all checks share.
pub struct CheckContext<'a> {
    targets: &'a Targets,
    inputs: Inputs<'a>,
    kept: Mutex<Option<KeptGraph>>,
}

impl<'a> CheckContext<'a> {
    pub(crate) fn new(targets: &'a Targets, inputs: Inputs<'a>, kept: Option<KeptGraph>) -> Self {
        Self { targets, inputs, kept: Mutex::new(kept) }
    }

    /// The graph to keep once the checks are made.
    pub(crate) fn into_kept_graph(self) -> Option<KeptGraph> {
        self.kept.into_inner().unwrap_or_else(PoisonError::into_inner)
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
        self.inputs.features.is_some() || self.inputs.knn_graph.is_some() || self.kept_k() >= Some(k)
    }

    fn kept_k(&self) -> Option<usize> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|kept| kept.graph.k())
    }

    /// The nearest neighbours of every row: those given, those that an earlier check made if there are at least `k` of
    /// them by the same metric, or else those found among the features, which are then kept for later checks.
    ///
    /// The graph may have more than `k` neighbours per row, as in cleanlab.
    ///
    /// # Errors
    ///
    /// [`CheckError::MissingInput`] if there is neither a graph nor features; as
    /// [`create_knn_graph`] for the features.
    ///
    /// # Source
    ///
    /// `cleanlab.datalab.internal.issue_manager.knn_graph_helpers.set_knn_graph`.
    pub fn knn_graph(&self, k: usize, metric: Option<Metric>) -> Result<KeptGraph, CheckError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let same_metric = |known: Option<Metric>| metric.is_none() || known.is_none() || metric == known;
        if let Some(graph) = self.inputs.knn_graph {
            let known = kept.as_ref().and_then(|kept| kept.metric);
            if same_metric(known) {
                return Ok(KeptGraph { graph: Arc::new(graph.clone()), metric });
            }
        } else if let Some(existing) = &*kept
            && existing.graph.k() >= k
            && same_metric(existing.metric)
        {
            return Ok(existing.clone());
        }
        let Some(features) = self.inputs.features else {
            return Err(match &*kept {
                Some(kept) => CheckError::GraphTooSmall { found: kept.graph.k(), needed: k },
                None => CheckError::needs("features or a knn_graph"),
            });
        };
        let metric = metric.unwrap_or_else(|| Metric::default_for(features.dim().1));
        let options = KnnGraphOptions::default().with_k(k).with_metric(metric);
        let graph = match features {
            Matrix::F32(view) => create_knn_graph(view, &options)?,
            Matrix::F64(view) => create_knn_graph(view, &options)?,
        };
        let made = KeptGraph { graph: Arc::new(graph), metric: Some(metric) };
        *kept = Some(made.clone());
        Ok(made)
    }

    /// The names of the classes, or an error that says that they are needed.
    pub(crate) fn class_name(&self, class: usize) -> Cow<'a, str> {
        let name = self.targets.class_names().and_then(|names| names.get(class));
        name.map_or_else(|| class.to_string().into(), Cow::from)
    }
}
