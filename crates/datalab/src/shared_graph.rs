//! The neighbour graph that all checks share: which one a check gets, and which one is kept.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cleanlab_neighbors::{
    FoundBy, KnnGraph, KnnGraphOptions, Metric, NeighborSearch, NeighborsError, find_knn_graph,
};

use crate::errors::CheckError;
use crate::inputs::Matrix;

/// A neighbour graph that is kept for later checks.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct KeptGraph {
    /// The graph.
    pub graph: Arc<KnnGraph>,
    /// The metric of its distances; `None` for a graph that was given without saying.
    pub metric: Option<Metric>,
}

/// How an audit found the neighbours that its checks look at.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct NeighborsFound {
    /// The metric of their distances.
    pub metric: Metric,
    /// Number of neighbours of each row.
    pub k: usize,
    /// Which search found them.
    pub found_by: FoundBy,
    /// The share of the exact neighbours that were found, as seen in a sample of rows; 1 after an exact search.
    pub estimated_recall: f64,
    /// How many rows' exact neighbours the estimate is made of; 0 after an exact search.
    pub recall_sample: usize,
}

/// Hands out graphs by cleanlab's rules, and searches the features once for all checks.
pub(crate) struct SharedGraph<'a> {
    features: Option<Matrix<'a>>,
    given: Option<&'a Arc<KnnGraph>>,
    search: NeighborSearch,
    state: Mutex<State>,
}

struct State {
    /// The most neighbours that any check is going to ask for, so that the first search serves all of them.
    most_needed: usize,
    kept: Option<KeptGraph>,
    /// What the check that runs would have kept; cleanlab keeps a graph only once the check has succeeded.
    staged: Option<KeptGraph>,
    /// Graphs of the features, the largest of each metric first.
    made: Vec<(Metric, Arc<KnnGraph>)>,
    /// How the first of them was found.
    found: Option<NeighborsFound>,
}

impl<'a> SharedGraph<'a> {
    pub(crate) fn new(
        features: Option<Matrix<'a>>,
        given: Option<&'a Arc<KnnGraph>>,
        kept: Option<KeptGraph>,
        search: NeighborSearch,
    ) -> Self {
        let state = State { most_needed: 0, kept, staged: None, made: Vec::new(), found: None };
        Self { features, given, search, state: Mutex::new(state) }
    }

    /// How the neighbours were searched for.
    pub(crate) fn search(&self) -> NeighborSearch {
        self.search
    }

    /// How the first graph of the features was found, if there is one.
    pub(crate) fn found(&self) -> Option<NeighborsFound> {
        self.state().found
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how many neighbours the checks are going to ask for.
    pub(crate) fn expect(&self, k: usize) {
        let mut state = self.state();
        state.most_needed = state.most_needed.max(k);
    }

    /// Keeps what the check that has ended staged, or not.
    pub(crate) fn settle(&self, succeeded: bool) {
        let mut state = self.state();
        if let Some(staged) = state.staged.take()
            && succeeded
        {
            state.kept = Some(staged);
        }
    }

    pub(crate) fn into_kept(self) -> Option<KeptGraph> {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).kept
    }

    /// Whether a graph that was given, or kept with at least `k` neighbours, can be had without features.
    pub(crate) fn exists(&self, k: usize) -> bool {
        self.given.is_some() || self.state().kept.as_ref().is_some_and(|kept| kept.graph.k() >= k)
    }

    /// The graph for a check, which is staged to be kept if cleanlab would keep it.
    ///
    /// Source: `set_knn_graph`, and `_build_statistics_dictionary` of the issue managers.
    pub(crate) fn for_check(&self, k: usize, metric: Option<Metric>) -> Result<KeptGraph, CheckError> {
        let mut state = self.state();
        let kept_metric = state.kept.as_ref().and_then(|kept| kept.metric);
        let ready = match self.given {
            Some(given) => Some(Arc::clone(given)),
            None => {
                let kept = state.kept.as_ref().filter(|kept| kept.graph.k() >= k);
                kept.map(|kept| Arc::clone(&kept.graph))
            }
        };
        let metric_changes = metric.is_some() && kept_metric.is_some() && metric != kept_metric;
        let found = match (ready, self.features) {
            (Some(graph), _) if !metric_changes => KeptGraph { graph, metric },
            (_, Some(features)) => {
                let metric = metric.unwrap_or_else(|| Metric::default_for(features.dim().1));
                KeptGraph { graph: state.made(features, k, metric, self.search)?, metric: Some(metric) }
            }
            (Some(_), None) => {
                return Err(CheckError::needs("features, because the kept graph is by another metric"));
            }
            (None, None) => {
                return Err(match &state.kept {
                    Some(kept) => CheckError::GraphTooSmall { found: kept.graph.k(), needed: k },
                    None => CheckError::needs("features or a knn_graph"),
                });
            }
        };
        let prefer_new = state.kept.as_ref().is_none_or(|kept| {
            found.graph.indices().len() > kept.graph.indices().len() || found.metric != kept.metric
        });
        if prefer_new {
            // Without a metric of its own a graph leaves the metric that is known.
            let metric = found.metric.or(kept_metric);
            state.staged = Some(KeptGraph { graph: Arc::clone(&found.graph), metric });
        }
        Ok(found)
    }

    /// A graph of the features that is not for other checks to find.
    pub(crate) fn of_features(&self, k: usize, metric: Metric) -> Result<Arc<KnnGraph>, CheckError> {
        let features = self.features.ok_or_else(|| CheckError::needs("features"))?;
        Ok(self.state().made(features, k, metric, self.search)?)
    }
}

impl State {
    /// The graph of the `k` nearest neighbours, cut from a larger one if there is one.
    fn made(
        &mut self,
        features: Matrix<'_>,
        k: usize,
        metric: Metric,
        search: NeighborSearch,
    ) -> Result<Arc<KnnGraph>, NeighborsError> {
        let by_metric = |(of, _): &&(Metric, Arc<KnnGraph>)| *of == metric;
        if let Some((_, graph)) = self.made.iter().filter(by_metric).find(|(_, graph)| graph.k() == k) {
            return Ok(Arc::clone(graph));
        }
        let larger = self.made.iter().find(by_metric).filter(|(_, graph)| graph.k() > k);
        let larger = match larger {
            Some((_, larger)) => Arc::clone(larger),
            None => {
                let others = features.dim().0.saturating_sub(1);
                // A check that asks for too many is to fail alone.
                let wanted = if k == 0 || k > others { k } else { k.max(self.most_needed.min(others)) };
                let options =
                    KnnGraphOptions::default().with_k(wanted).with_metric(metric).with_search(search);
                let found = match features {
                    Matrix::F32(view) => find_knn_graph(view, &options)?,
                    Matrix::F64(view) => find_knn_graph(view, &options)?,
                };
                self.found.get_or_insert(NeighborsFound {
                    metric,
                    k: found.graph.k(),
                    found_by: found.found_by,
                    estimated_recall: found.estimated_recall,
                    recall_sample: found.recall_sample,
                });
                let graph = Arc::new(found.graph);
                self.made.insert(0, (metric, Arc::clone(&graph)));
                graph
            }
        };
        if larger.k() == k {
            return Ok(larger);
        }
        let graph = Arc::new(larger.truncated(k)?);
        self.made.push((metric, Arc::clone(&graph)));
        Ok(graph)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cleanlab_neighbors::create_knn_graph;
    use ndarray::{Array2, array};

    fn features() -> Array2<f64> {
        Array2::from_shape_fn((12, 2), |(row, column)| {
            ((row * 7 + column * 5) % 11) as f64 + row as f64 / 100.0
        })
    }

    fn graph_of(features: &Array2<f64>, k: usize) -> KnnGraph {
        create_knn_graph(features.view(), &KnnGraphOptions::default().with_k(k)).unwrap()
    }

    #[test]
    fn for_check_fewer_neighbors_than_others_need_gets_the_graph_of_a_search_of_its_own() {
        let features = features();
        let shared = SharedGraph::new(Some(Matrix::from(&features)), None, None, NeighborSearch::Exact);
        shared.expect(7);
        for k in [3, 7, 5, 3] {
            // Nothing is kept between, as if each check had failed.
            assert_eq!(*shared.for_check(k, None).unwrap().graph, graph_of(&features, k));
            shared.settle(false);
        }
        assert_eq!(shared.into_kept(), None);
    }

    #[test]
    fn for_check_kept_graph_is_taken_whole_if_it_is_large_enough() {
        let features = features();
        let shared = SharedGraph::new(Some(Matrix::from(&features)), None, None, NeighborSearch::Exact);
        let first = shared.for_check(6, None).unwrap();
        shared.settle(true);
        let smaller = shared.for_check(4, None).unwrap();
        assert!(Arc::ptr_eq(&first.graph, &smaller.graph) && smaller.metric.is_none());
        let other_metric = shared.for_check(4, Some(Metric::Cosine)).unwrap();
        assert_eq!(other_metric.graph.k(), 4);
        shared.settle(true);
        assert_eq!(shared.into_kept(), Some(other_metric));
    }

    #[test]
    fn for_check_given_graph_is_shared_and_not_copied() {
        let features = features();
        let given = Arc::new(graph_of(&features, 2));
        let shared = SharedGraph::new(None, Some(&given), None, NeighborSearch::Exact);
        assert!(Arc::ptr_eq(&shared.for_check(10, None).unwrap().graph, &given));
        shared.settle(true);
        assert!(Arc::ptr_eq(&shared.into_kept().unwrap().graph, &given));
    }

    #[test]
    fn for_check_what_cannot_be_had_is_an_error() {
        let nothing = SharedGraph::new(None, None, None, NeighborSearch::Exact);
        assert!(matches!(nothing.for_check(1, None), Err(CheckError::MissingInput { .. })));
        let features = array![[0.0], [1.0], [3.0]];
        let kept = KeptGraph { graph: Arc::new(graph_of(&features, 1)), metric: Some(Metric::Euclidean) };
        let kept_only = SharedGraph::new(None, None, Some(kept), NeighborSearch::Exact);
        assert!(matches!(
            kept_only.for_check(2, None),
            Err(CheckError::GraphTooSmall { found: 1, needed: 2 })
        ));
        assert!(matches!(kept_only.for_check(1, Some(Metric::Cosine)), Err(CheckError::MissingInput { .. })));
        let too_few = SharedGraph::new(Some(Matrix::from(&features)), None, None, NeighborSearch::Exact);
        too_few.expect(3);
        assert!(matches!(
            too_few.for_check(3, None),
            Err(CheckError::Neighbors(NeighborsError::NeighborCount { k: 3, largest: 2 }))
        ));
        assert_eq!(too_few.for_check(2, None).unwrap().graph.k(), 2);
    }
}
