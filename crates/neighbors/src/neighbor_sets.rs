//! Sets of rows that are near each other, and the clusters that these sets form.

use petgraph::unionfind::UnionFind;

use crate::errors::NeighborsError;
use crate::knn_graph::KnnGraph;

/// For every row the rows near it, so that nearness is mutual: where row i lists row j, row j lists row i.
///
/// ```
/// use cleanlab_neighbors::{KnnGraph, NeighborsError, neighbors_within_radius};
/// use ndarray::array;
/// let graph = KnnGraph::new(array![[1], [2], [1], [0]], array![[0.2], [0.1], [0.1], [0.9]])?;
/// let sets = neighbors_within_radius(&graph, 0.5)?;
/// // Row 0 is not the nearest of row 1, but row 1 is that of row 0.
/// assert_eq!(sets.iter().collect::<Vec<_>>(), [&[1][..], &[2, 0], &[1], &[]]);
/// assert_eq!(sets.components(), [[0, 1, 2]]);
/// # Ok::<(), NeighborsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeighborSets {
    /// The sets one after the other.
    members: Vec<u32>,
    /// Where the set of each row starts in `members`, and where the last one ends.
    starts: Vec<usize>,
}

impl NeighborSets {
    /// Number of rows N, and of sets.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// The rows near a row: first its own neighbours in the order of the graph, then, ascending, other rows that have it
    /// as a neighbour. Empty for a row that none is near.
    ///
    /// # Panics
    ///
    /// If `row` is not below [`NeighborSets::n_rows`].
    #[must_use]
    pub fn set(&self, row: usize) -> &[u32] {
        &self.members[self.starts[row]..self.starts[row + 1]]
    }

    /// The sets of all rows in turn.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        (0..self.n_rows()).map(|row| self.set(row))
    }

    /// The clusters that the sets form: rows that are joined by a chain of rows near each other, two or more in each.
    ///
    /// Rows ascend within a cluster, clusters in their first rows. Together they hold every row whose set is not empty,
    /// once. The ends of a chain need not be near each other.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_neighbors::{KnnGraphOptions, create_knn_graph, neighbors_within_radius};
    /// use ndarray::array;
    /// let features = array![[5.0], [0.0], [9.0], [0.1], [5.1], [0.2]];
    /// let graph = create_knn_graph(features.view(), &KnnGraphOptions::default())?;
    /// let sets = neighbors_within_radius(&graph, 0.15)?;
    /// assert_eq!(sets.components(), [vec![0, 4], vec![1, 3, 5]]);
    /// # Ok::<(), cleanlab_neighbors::NeighborsError>(())
    /// ```
    ///
    /// # Source
    ///
    /// The connected components of `near_duplicate_sets` of cleanlab's Datalab, which does not form them itself.
    #[must_use]
    pub fn components(&self) -> Vec<Vec<usize>> {
        let mut joined = UnionFind::<u32>::new(self.n_rows());
        for (row, set) in self.iter().enumerate() {
            for &other in set {
                joined.union(row as u32, other);
            }
        }
        let representatives = joined.into_labeling();
        // Where the cluster of each representative stands.
        let mut position = vec![None; self.n_rows()];
        let mut components: Vec<Vec<usize>> = Vec::new();
        for (row, representative) in representatives.into_iter().enumerate() {
            if self.set(row).is_empty() {
                continue;
            }
            let at = *position[representative as usize].get_or_insert_with(|| {
                components.push(Vec::new());
                components.len() - 1
            });
            components[at].push(row);
        }
        components
    }
}

/// For every row the rows that are nearer than `radius`, as far as the graph knows them.
///
/// Row j is in the set of row i if the graph lists it there at a distance below the radius, or lists row i so for row j.
/// For the near duplicates of cleanlab the radius is 0.13 times the median distance from the nearest neighbour. Time and
/// memory are linear in the entries of the graph.
///
/// # Shapes
///
/// A graph of N rows gives N sets, empty ones among them.
///
/// # Errors
///
/// [`NeighborsError::InvalidRadius`] for a radius that is negative or NaN.
///
/// # Example
///
/// ```
/// use cleanlab_neighbors::{KnnGraphOptions, create_knn_graph, neighbors_within_radius};
/// use ndarray::array;
///
/// let features = array![[0.0, 0.0], [0.1, 0.0], [5.0, 5.0], [8.0, 1.0], [0.1, 0.1]];
/// let graph = create_knn_graph(features.view(), &KnnGraphOptions::default().with_k(2))?;
/// let sets = neighbors_within_radius(&graph, 0.2)?;
/// assert_eq!(sets.set(0), [1, 4]);
/// assert!(sets.set(2).is_empty() && sets.set(3).is_empty());
/// # Ok::<(), cleanlab_neighbors::NeighborsError>(())
/// ```
///
/// # Source
///
/// `NearDuplicateIssueManager._neighbors_within_radius` of cleanlab's Datalab, with `radius` for `threshold * median`.
pub fn neighbors_within_radius(graph: &KnnGraph, radius: f64) -> Result<NeighborSets, NeighborsError> {
    if radius.is_nan() || radius < 0.0 {
        return Err(NeighborsError::InvalidRadius { value: radius });
    }
    let (indices, distances) = (graph.indices(), graph.distances());
    // Distances ascend, so that those below the radius come first.
    let n_near: Vec<usize> = distances
        .rows()
        .into_iter()
        .map(|row| row.iter().take_while(|&&distance| distance < radius).count())
        .collect();
    let near = |row: usize| indices.row(row).into_iter().copied().take(n_near[row]);
    let n_rows = graph.n_rows();
    let listed_by = ListedBy::new(n_rows, near);
    let mut sets = NeighborSets { members: Vec::new(), starts: Vec::with_capacity(n_rows + 1) };
    sets.starts.push(0);
    // The row whose set a row was last put into.
    let mut member_of = vec![u32::MAX; n_rows];
    for row in 0..n_rows {
        for other in near(row) {
            member_of[other as usize] = row as u32;
            sets.members.push(other);
        }
        let others = listed_by.rows(row).iter().filter(|&&other| member_of[other as usize] != row as u32);
        sets.members.extend(others);
        sets.starts.push(sets.members.len());
    }
    Ok(sets)
}

/// For every row the rows that list it, ascending.
struct ListedBy {
    rows: Vec<u32>,
    starts: Vec<usize>,
}

impl ListedBy {
    fn new<I: Iterator<Item = u32>>(n_rows: usize, list: impl Fn(usize) -> I) -> Self {
        let mut starts = vec![0; n_rows + 1];
        for row in 0..n_rows {
            for other in list(row) {
                starts[other as usize + 1] += 1;
            }
        }
        for row in 0..n_rows {
            starts[row + 1] += starts[row];
        }
        let mut next = starts.clone();
        let mut rows = vec![0; starts[n_rows]];
        for row in 0..n_rows {
            for other in list(row) {
                rows[next[other as usize]] = row as u32;
                next[other as usize] += 1;
            }
        }
        Self { rows, starts }
    }

    fn rows(&self, row: usize) -> &[u32] {
        &self.rows[self.starts[row]..self.starts[row + 1]]
    }
}
