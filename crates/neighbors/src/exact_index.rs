//! Exact search among the rows of a matrix.

use std::sync::OnceLock;

use cleanlab_core::{Float, pairwise_sum};
use ndarray::{Array1, ArrayView2, CowArray, Ix2};
use rayon::prelude::*;

use crate::approximate::FoundGraph;
use crate::duplicates::Groups;
use crate::errors::NeighborsError;
use crate::features::{Rows, check_features};
use crate::knn_graph::KnnGraph;
use crate::low_dimension_tree::{LowDimensionTree, low_dimension_tree, nearest_groups_in_tree, pays};
use crate::metric::Metric;
use crate::neighbors::Neighbors;
use crate::probing::Approximation;
use crate::screening::Screen;
use crate::search::{Found, Query, Searched, measures_all, nearest_groups};
use crate::symmetric_search;

/// Rows to search in, for their exact nearest neighbours.
///
/// Every answer is in order of distance, and rows at the same distance are in order of their index; distances are
/// computed in `f64`, for `f32` features too. Searches run on the current rayon pool, and no answer depends on its size.
///
/// # Shapes
///
/// N × p features, N ≥ 1 and p ≥ 1.
///
/// # Example
///
/// ```
/// use cleanlab_neighbors::{ExactIndex, Metric};
/// use ndarray::array;
///
/// let features = array![[0.0], [1.0], [3.0], [3.5]];
/// let index = ExactIndex::new(features.view(), Metric::Euclidean)?;
///
/// // Neighbours of the rows themselves, each without itself.
/// let graph = index.knn_graph(1)?;
/// assert_eq!(graph.indices(), array![[1], [0], [3], [2]]);
///
/// // Neighbours of other rows.
/// let nearest = index.query(array![[2.9]].view(), 2)?;
/// assert_eq!(nearest.indices, array![[2, 3]]);
/// # Ok::<(), cleanlab_neighbors::NeighborsError>(())
/// ```
///
/// # Source
///
/// `sklearn.neighbors.NearestNeighbors` as `cleanlab.internal.neighbor.features_to_knn` makes it.
///
/// # Differences
///
/// scikit-learn computes Euclidean distances of many features as √(‖x‖² − 2x·y + ‖y‖²), where rounding errors of some
/// 1e-8 of the norms remain at small distances, and orders ties as they come. In a graph, the
/// cosine distance of equal rows is 0 here; scikit-learn leaves what rounding makes of it.
#[derive(Debug)]
pub struct ExactIndex<'a, F: Float> {
    features: CowArray<'a, F, Ix2>,
    metric: Metric,
    norms: Vec<f64>,
    groups: Groups,
    /// Made by the first search that needs it.
    screen: OnceLock<Option<Screen>>,
    /// As the screen; for few features.
    tree: OnceLock<Option<Box<dyn LowDimensionTree>>>,
}

impl<'a, F: Float> ExactIndex<'a, F> {
    /// An index of the rows of a matrix of any layout, borrowed (`ArrayView2`) or owned (`Array2`).
    ///
    /// # Errors
    ///
    /// [`NeighborsError::EmptyFeatures`]; [`NeighborsError::NonFiniteFeature`] or [`NeighborsError::HugeFeature`] with
    /// the first row and column at fault; [`NeighborsError::TooManyRows`].
    pub fn new(features: impl Into<CowArray<'a, F, Ix2>>, metric: Metric) -> Result<Self, NeighborsError> {
        let features = check_features(features.into())?;
        let rows = Rows::new(&features);
        let norms = norms_of(metric, rows);
        let groups = Groups::new(rows);
        Ok(Self { features, metric, norms, groups, screen: OnceLock::new(), tree: OnceLock::new() })
    }

    /// Number of rows N.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.features.nrows()
    }

    /// Number of features p.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.features.ncols()
    }

    /// The metric.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// The rows that are searched in, N × p.
    #[must_use]
    pub fn features(&self) -> ArrayView2<'_, F> {
        self.features.view()
    }

    /// The `k` nearest rows of every row, without the row itself.
    ///
    /// # Shapes
    ///
    /// N × k neighbours, in the order of the rows.
    ///
    /// # Errors
    ///
    /// [`NeighborsError::NeighborCount`] unless 1 ≤ k < N.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_neighbors::{ExactIndex, Metric};
    /// use ndarray::array;
    /// let features = array![[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]];
    /// let graph = ExactIndex::new(features.view(), Metric::Cosine)?.knn_graph(2)?;
    /// assert_eq!(graph.distances(), array![[0.0, 1.0], [0.0, 1.0], [1.0, 1.0]]);
    /// # Ok::<(), cleanlab_neighbors::NeighborsError>(())
    /// ```
    ///
    /// # Source
    ///
    /// `NearestNeighbors.kneighbors(X=None)`.
    pub fn knn_graph(&self, k: usize) -> Result<KnnGraph, NeighborsError> {
        self.check_k(k, self.n_rows() - 1)?;
        Ok(self.expanded(k, &self.nearest_of_groups(k, |_, found| found.to_vec())))
    }

    /// The graph that a search finds approximately, or the exact one where it finds none.
    pub(crate) fn knn_graph_by(
        &self,
        k: usize,
        search: impl FnOnce(&Searched<'_, F>, usize) -> Option<Approximation>,
    ) -> Result<FoundGraph, NeighborsError> {
        self.check_k(k, self.n_rows() - 1)?;
        let k_groups = k.min(self.groups.len() - 1);
        match search(&self.searched(), k_groups) {
            None => self.knn_graph(k).map(FoundGraph::exact),
            Some(found) => Ok(FoundGraph {
                graph: self.expanded(k, &found.nearest),
                found_by: found.found_by,
                estimated_recall: found.estimated_recall,
                recall_sample: found.recall_sample,
            }),
        }
    }

    /// The graph of rows, from the nearest groups of every group.
    fn expanded(&self, k: usize, found: &[Vec<Found>]) -> KnnGraph {
        let mut neighbors = Neighbors::zeros(self.n_rows(), k);
        neighbors.par_fill(|row, indices, distances| {
            let group = self.groups.group_of(row);
            let own = self.groups.members(group).iter().copied().filter(|&member| member as usize != row);
            self.expand(own, &found[group], indices, distances);
        });
        KnnGraph::from_checked(neighbors)
    }

    /// The `k` nearest rows of every query.
    ///
    /// # Shapes
    ///
    /// M × p queries give M × k neighbours.
    ///
    /// # Errors
    ///
    /// [`NeighborsError::FeatureCount`], [`NeighborsError::NonFiniteFeature`] or [`NeighborsError::HugeFeature`] for the
    /// queries, [`NeighborsError::NeighborCount`] unless 1 ≤ k ≤ N. No queries give no neighbours.
    ///
    /// # Source
    ///
    /// `NearestNeighbors.kneighbors(X)`.
    pub fn query(&self, queries: ArrayView2<'_, F>, k: usize) -> Result<Neighbors, NeighborsError> {
        let found = self.nearest_of_queries(queries, k, |_, found| found.to_vec())?;
        let mut neighbors = Neighbors::zeros(queries.nrows(), k);
        neighbors.par_fill(|query, indices, distances| {
            self.expand([].into_iter(), &found[query], indices, distances);
        });
        Ok(neighbors)
    }

    /// The mean distance of every row from its `k` nearest, without the row itself.
    ///
    /// It gives the means of the rows of [`ExactIndex::knn_graph`] without holding N × k neighbours.
    ///
    /// # Shapes
    ///
    /// Returns N values.
    ///
    /// # Errors
    ///
    /// As [`ExactIndex::knn_graph`].
    pub fn mean_distances(&self, k: usize) -> Result<Array1<f64>, NeighborsError> {
        self.check_k(k, self.n_rows() - 1)?;
        let means = self.nearest_of_groups(k, |group, found| {
            let n_equal = self.groups.members(group).len() - 1;
            self.mean_distance(n_equal, found, k)
        });
        Ok((0..self.n_rows()).map(|row| means[self.groups.group_of(row)]).collect())
    }

    /// The mean distance of every query from its `k` nearest rows.
    ///
    /// # Shapes
    ///
    /// M × p queries give M values.
    ///
    /// # Errors
    ///
    /// As [`ExactIndex::query`].
    pub fn mean_distances_of(
        &self,
        queries: ArrayView2<'_, F>,
        k: usize,
    ) -> Result<Array1<f64>, NeighborsError> {
        Ok(self.nearest_of_queries(queries, k, |_, found| self.mean_distance(0, found, k))?.into())
    }

    pub(crate) fn groups(&self) -> &Groups {
        &self.groups
    }

    fn check_k(&self, k: usize, largest: usize) -> Result<(), NeighborsError> {
        if largest == 0 {
            return Err(NeighborsError::TooFewRows { rows: self.n_rows() });
        }
        if k == 0 || k > largest {
            return Err(NeighborsError::NeighborCount { k, largest });
        }
        Ok(())
    }

    fn searched(&self) -> Searched<'_, F> {
        Searched {
            metric: self.metric,
            rows: Rows::new(&self.features),
            norms: &self.norms,
            groups: &self.groups,
        }
    }

    fn screen(&self, k: usize) -> Option<&Screen> {
        if measures_all(self.groups.len(), self.n_features(), k) {
            return None;
        }
        let make = || Screen::new(self.metric, Rows::new(&self.features), &self.norms, &self.groups);
        self.screen.get_or_init(make).as_ref()
    }

    fn tree(&self, k: usize) -> Option<&dyn LowDimensionTree> {
        if self.metric != Metric::Euclidean || !pays(self.groups.len(), self.n_features(), k) {
            return None;
        }
        self.tree.get_or_init(|| low_dimension_tree(Rows::new(&self.features), &self.groups)).as_deref()
    }

    /// What `finish` makes of the groups nearest to each group.
    fn nearest_of_groups<T: Send>(&self, k: usize, finish: impl Fn(usize, &[Found]) -> T + Sync) -> Vec<T> {
        let searched = self.searched();
        let k = k.min(self.groups.len() - 1);
        let query = |group: usize| {
            let row = self.groups.first(group);
            Query { row: searched.rows.row(row), norm: self.norms[row], own_group: Some(group) }
        };
        if let Some(tree) = self.tree(k) {
            return nearest_groups_in_tree(tree, tree.order(), query, k, finish);
        }
        if symmetric_search::pays(self.groups.len(), self.n_features(), k)
            && let Some(found) = symmetric_search::nearest_by_codes(&searched, k)
        {
            return found.par_iter().enumerate().map(|(group, found)| finish(group, found)).collect();
        }
        nearest_groups(&searched, self.screen(k), self.groups.len(), query, k, finish)
    }

    /// What `finish` makes of the groups nearest to each query.
    fn nearest_of_queries<T: Send>(
        &self,
        queries: ArrayView2<'_, F>,
        k: usize,
        finish: impl Fn(usize, &[Found]) -> T + Sync,
    ) -> Result<Vec<T>, NeighborsError> {
        if k == 0 || k > self.n_rows() {
            return Err(NeighborsError::NeighborCount { k, largest: self.n_rows() });
        }
        if queries.ncols() != self.n_features() {
            return Err(NeighborsError::FeatureCount { expected: self.n_features(), found: queries.ncols() });
        }
        if queries.nrows() == 0 {
            return Ok(Vec::new());
        }
        let queries = check_features(queries.into())?;
        let rows = Rows::new(&queries);
        let norms = norms_of(self.metric, rows);
        let k = k.min(self.groups.len());
        let query = |index: usize| Query { row: rows.row(index), norm: norms[index], own_group: None };
        if let Some(tree) = self.tree(k) {
            let order = (0..rows.len() as u32).collect();
            return Ok(nearest_groups_in_tree(tree, order, query, k, finish));
        }
        Ok(nearest_groups(&self.searched(), self.screen(k), rows.len(), query, k, finish))
    }

    /// Writes the rows of groups in order, after the rows that are equal to the query.
    fn expand(
        &self,
        equal: impl Iterator<Item = u32>,
        found: &[Found],
        indices: &mut [u32],
        distances: &mut [f64],
    ) {
        let k = indices.len();
        if self.groups.all_distinct() {
            for ((index, distance), found) in indices.iter_mut().zip(distances).zip(found) {
                *index = self.groups.first(found.group as usize) as u32;
                *distance = found.distance;
            }
            return;
        }
        let mut rows: Vec<(f64, u32)> = equal.take(k).map(|row| (0.0, row)).collect();
        for nearest in found {
            // Groups at the same distance mix their rows, so that all of them are needed.
            if rows.len() >= k && rows.last().is_some_and(|&(distance, _)| distance < nearest.distance) {
                break;
            }
            let members = self.groups.members(nearest.group as usize);
            rows.extend(members.iter().take(k).map(|&row| (nearest.distance, row)));
        }
        rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for ((index, distance), row) in indices.iter_mut().zip(distances).zip(rows) {
            (*distance, *index) = row;
        }
    }

    /// The mean of `n_equal` zeros and the distances of the rows of groups, `k` distances in all.
    fn mean_distance(&self, n_equal: usize, found: &[Found], k: usize) -> f64 {
        let equal = std::iter::repeat_n(0.0, n_equal);
        let others = found.iter().flat_map(|found| {
            std::iter::repeat_n(found.distance, self.groups.members(found.group as usize).len())
        });
        let distances: Vec<f64> = equal.chain(others).take(k).collect();
        pairwise_sum(&distances) / k as f64
    }
}

fn norms_of<F: Float>(metric: Metric, rows: Rows<'_, F>) -> Vec<f64> {
    (0..rows.len()).into_par_iter().with_min_len(64).map(|row| metric.norm(rows.row(row))).collect()
}
