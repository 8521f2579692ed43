//! A k-d tree over distinct rows of few features, which gives the same answers as the search through all of them.
//!
//! Rows are halved at the median of the widest feature until some [`LEAF_ROWS`] are left, and every node knows the box
//! that its rows lie in. A node is passed over only where its box is farther away than the k-th nearest row so far, by
//! more than all roundings together. So neither the shape of the tree nor the order of the visits shows in an answer.

use std::fmt::Debug;

use cleanlab_core::Float;
use cleanlab_core::stopping::StopCheck;
use rayon::prelude::*;

use crate::duplicates::Groups;
use crate::features::Rows;
use crate::metric::squared_distance;
use crate::search::{Found, Query};

/// The most features for which the tree was found to be faster than screening; see `pays`.
const MOST_FEATURES: usize = 6;

/// Rows in a leaf, at most; found by trial.
const LEAF_ROWS: usize = 12;

/// Rows below which a subtree is built by one task.
const TASK_ROWS: usize = 4096;

/// A square may be off by this share of itself: far more than the few units that sums of a few squares, and the
/// square of a root, are off by.
const ROUNDING: f64 = 1e-12;

/// Squares below this may have lost all digits.
const SMALLEST_SQUARE: f64 = 1e-300;

/// The nodes that are still to be visited: at most one per level.
const MOST_LEVELS: usize = 40;

/// A search among rows of some number of features.
pub(crate) trait LowDimensionTree: Debug + Send + Sync {
    /// Leaves in `found` the `k` nearest groups of a row (all, if there are fewer), in order of distance and then of
    /// their first rows.
    fn nearest(&self, row: &[f64], own_group: Option<usize>, k: usize, found: &mut Vec<Found>);

    /// The groups in an order in which rows close to each other mostly follow each other.
    fn order(&self) -> Vec<u32>;
}

/// Whether a tree is faster than screening.
pub(crate) fn pays(n_groups: usize, n_features: usize, k: usize) -> bool {
    // Found by trial on normal rows, which are the hardest: 25 times as fast at 200,000 x 2, 18 at 200,000 x 3, and twice
    // at 50,000 x 6. The more features, the more leaves are as near as the k-th neighbour.
    let fewest_groups = match n_features {
        0..=3 => 256,
        4 => 1_000,
        5 => 4_000,
        _ => 20_000,
    };
    n_features <= MOST_FEATURES && n_groups >= fewest_groups && k <= n_groups / 64
}

/// A tree over the first rows of all groups, by Euclidean distance.
pub(crate) fn low_dimension_tree<F: Float>(
    rows: Rows<'_, F>,
    groups: &Groups,
) -> Option<Box<dyn LowDimensionTree>> {
    fn boxed<const D: usize, F: Float>(rows: Rows<'_, F>, groups: &Groups) -> Box<dyn LowDimensionTree> {
        Box::new(Tree::<D>::new(rows, groups))
    }
    match rows.columns() {
        1 => Some(boxed::<1, F>(rows, groups)),
        2 => Some(boxed::<2, F>(rows, groups)),
        3 => Some(boxed::<3, F>(rows, groups)),
        4 => Some(boxed::<4, F>(rows, groups)),
        5 => Some(boxed::<5, F>(rows, groups)),
        6 => Some(boxed::<6, F>(rows, groups)),
        _ => None,
    }
}

/// What `finish` makes of the groups nearest to each query, in the order of the queries. They are visited in the order
/// given, which is a matter of speed.
pub(crate) fn nearest_groups_in_tree<'q, F: Float, T: Send>(
    tree: &dyn LowDimensionTree,
    order: Vec<u32>,
    query: impl Fn(usize) -> Query<'q, F> + Sync,
    k: usize,
    finish: impl Fn(usize, &[Found]) -> T + Sync,
) -> Vec<T> {
    let stop = StopCheck::of_this_thread();
    let answer = |(row, found): &mut (Vec<f64>, Vec<Found>), index: u32| {
        stop.stop_if_told();
        let query = query(index as usize);
        row.clear();
        row.extend(query.row.iter().map(|value| value.to_f64()));
        tree.nearest(row, query.own_group, k, found);
        (index, finish(index as usize, found))
    };
    let mut answers: Vec<(u32, T)> =
        order.into_par_iter().with_min_len(64).map_init(Default::default, answer).collect();
    answers.par_sort_unstable_by_key(|&(index, _)| index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// A row and its group.
#[derive(Debug, Clone, Copy)]
struct Point<const D: usize> {
    row: [f64; D],
    group: u32,
}

/// The smallest box around some rows.
#[derive(Debug, Clone, Copy)]
struct Bounds<const D: usize> {
    low: [f64; D],
    high: [f64; D],
}

impl<const D: usize> Bounds<D> {
    fn of(points: &[Point<D>]) -> Self {
        let empty = Self { low: [f64::INFINITY; D], high: [f64::NEG_INFINITY; D] };
        points.iter().fold(empty, |bounds, point| bounds.with(&Self { low: point.row, high: point.row }))
    }

    fn with(&self, other: &Self) -> Self {
        Self {
            low: std::array::from_fn(|at| self.low[at].min(other.low[at])),
            high: std::array::from_fn(|at| self.high[at].max(other.high[at])),
        }
    }

    fn widest(&self) -> usize {
        let width = |at: &usize| self.high[*at] - self.low[*at];
        (0..D).max_by(|a, b| width(a).total_cmp(&width(b))).unwrap_or_default()
    }

    /// The square of the distance of a row from the box; 0 inside.
    #[inline]
    fn squared_distance(&self, row: &[f64; D]) -> f64 {
        let sides = row.iter().zip(&self.low).zip(&self.high);
        sides.fold(0.0, |sum, ((value, low), high)| {
            let beyond = (low - value).max(value - high).max(0.0);
            sum + beyond * beyond
        })
    }
}

/// A tree of `levels` levels above its leaves, node i with the children 2i and 2i + 1; the root is node 1.
#[derive(Debug)]
struct Tree<const D: usize> {
    points: Vec<Point<D>>,
    bounds: Vec<Bounds<D>>,
    /// Where the rows of each leaf start in `points`, and where those of the last one end.
    leaf_starts: Vec<u32>,
}

impl<const D: usize> Tree<D> {
    fn new<F: Float>(rows: Rows<'_, F>, groups: &Groups) -> Self {
        let point = |group: usize| {
            let row = rows.row(groups.first(group));
            Point { row: std::array::from_fn(|at| row[at].to_f64()), group: group as u32 }
        };
        let mut points: Vec<Point<D>> = (0..groups.len()).into_par_iter().map(point).collect();
        let levels = points.len().div_ceil(LEAF_ROWS).next_power_of_two().ilog2();
        halve(&mut points, levels);
        let n_leaves = 1 << levels;
        let mut leaf_starts = vec![0, points.len() as u32];
        for _ in 0..levels {
            let halves = leaf_starts.windows(2).flat_map(|ends| [ends[0], middle(ends[0], ends[1])]);
            leaf_starts = halves.chain([points.len() as u32]).collect();
        }
        let mut bounds = vec![Bounds::of(&[]); 2 * n_leaves];
        for (leaf, ends) in leaf_starts.windows(2).enumerate() {
            bounds[n_leaves + leaf] = Bounds::of(&points[ends[0] as usize..ends[1] as usize]);
        }
        for node in (1..n_leaves).rev() {
            bounds[node] = bounds[2 * node].with(&bounds[2 * node + 1]);
        }
        Self { points, bounds, leaf_starts }
    }

    fn leaf(&self, leaf: usize) -> &[Point<D>] {
        &self.points[self.leaf_starts[leaf] as usize..self.leaf_starts[leaf + 1] as usize]
    }
}

fn middle(start: u32, end: u32) -> u32 {
    start + (end - start) / 2
}

/// Orders points so that each half of them, each half of that, and so on for some levels, lie on one side of a plane.
fn halve<const D: usize>(points: &mut [Point<D>], levels: u32) {
    if levels == 0 || points.len() < 2 {
        return;
    }
    let at = Bounds::of(points).widest();
    let half = middle(0, points.len() as u32) as usize;
    points.select_nth_unstable_by(half, |a, b| a.row[at].total_cmp(&b.row[at]));
    let (below, above) = points.split_at_mut(half);
    if below.len() < TASK_ROWS {
        halve(below, levels - 1);
        halve(above, levels - 1);
    } else {
        rayon::join(|| halve(below, levels - 1), || halve(above, levels - 1));
    }
}

/// The nearest groups so far.
struct Nearest<'f> {
    found: &'f mut Vec<Found>,
    k: usize,
    /// A square above this is that of a distance above the k-th.
    bound: f64,
}

impl Nearest<'_> {
    #[inline]
    fn offer(&mut self, square: f64, group: u32) {
        // The same root as that of `Metric::distance`, so that equal distances are equal here as well.
        let new = Found { distance: square.sqrt(), group };
        let before = |found: &Found| {
            found.distance < new.distance || (found.distance == new.distance && found.group < group)
        };
        let mut at = self.found.len();
        if at == self.k {
            if self.found.last().is_none_or(before) {
                return;
            }
            at -= 1;
        } else {
            self.found.push(new);
        }
        while at > 0 && !before(&self.found[at - 1]) {
            self.found[at] = self.found[at - 1];
            at -= 1;
        }
        self.found[at] = new;
        if self.found.len() == self.k {
            let last = self.found[self.k - 1].distance;
            self.bound = last * last * (1.0 + ROUNDING) + SMALLEST_SQUARE;
        }
    }
}

impl<const D: usize> LowDimensionTree for Tree<D> {
    fn nearest(&self, row: &[f64], own_group: Option<usize>, k: usize, found: &mut Vec<Found>) {
        found.clear();
        let Some(row) = row.first_chunk::<D>().filter(|_| k > 0) else {
            return;
        };
        let own_group = own_group.map_or(u32::MAX, |group| group as u32);
        let mut nearest = Nearest { found, k, bound: f64::INFINITY };
        let n_leaves = self.leaf_starts.len() - 1;
        let mut open = [(0.0, 1_usize); MOST_LEVELS];
        let mut n_open = 1;
        'open: while n_open > 0 {
            n_open -= 1;
            let (square, mut node) = open[n_open];
            if square * (1.0 - ROUNDING) > nearest.bound {
                continue;
            }
            // Down to the leaf on the nearer side, leaving the farther side for later.
            while node < n_leaves {
                let squares = [2 * node, 2 * node + 1].map(|child| self.bounds[child].squared_distance(row));
                let nearer = usize::from(squares[1] < squares[0]);
                if squares[1 - nearer] * (1.0 - ROUNDING) <= nearest.bound {
                    open[n_open] = (squares[1 - nearer], 2 * node + 1 - nearer);
                    n_open += 1;
                } else if squares[nearer] * (1.0 - ROUNDING) > nearest.bound {
                    continue 'open;
                }
                node = 2 * node + nearer;
            }
            for point in self.leaf(node - n_leaves) {
                let square = squared_distance(row, &point.row);
                if square <= nearest.bound && point.group != own_group {
                    nearest.offer(square, point.group);
                }
            }
        }
    }

    fn order(&self) -> Vec<u32> {
        self.points.iter().map(|point| point.group).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Metric;
    use cleanlab_core::RandomState;
    use ndarray::{Array2, CowArray};

    /// Rows that are hard to tell apart, tie, or strain the exponents.
    fn rows_of(kind: usize, n_rows: usize, n_features: usize) -> Array2<f64> {
        let mut random = RandomState::new((100 * kind + n_features) as u32);
        let noise = Array2::from_shape_simple_fn((n_rows, n_features), || random.standard_normal());
        match kind {
            0 => noise,
            // A grid: equal rows, equal coordinates and equal distances.
            1 => noise.mapv(|x| (1.5 * x).round()),
            // Squares of differences lose digits, or all of them.
            2 => noise.mapv(|x| (3.0 * x).round() * 1e-160),
            3 => noise.mapv(|x| x * 1e-154),
            4 => noise.mapv(|x| x * 1e148),
            // Far from the origin, so that differences are multiples of a large unit.
            5 => noise.mapv(|x| 1e15 + (4.0 * x).round() / 8.0),
            // All on a line along one axis.
            6 => Array2::from_shape_fn(
                (n_rows, n_features),
                |(row, column)| {
                    if column == 0 { noise[[row, 0]] } else { 7.0 }
                },
            ),
            // Distances differ by roundings alone: rows around a sphere.
            _ => Array2::from_shape_fn((n_rows, n_features), |(row, column)| {
                noise[[row, column]] / noise.row(row).dot(&noise.row(row)).sqrt()
            }),
        }
    }

    #[test]
    fn nearest_hard_rows_equals_measuring_all() {
        for kind in 0..8 {
            for n_features in 1..=MOST_FEATURES {
                let n_rows = [1, 2, 13, 40, 300][(kind + n_features) % 5];
                let features: CowArray<'_, f64, _> = rows_of(kind, n_rows, n_features).into();
                let rows = Rows::new(&features);
                let groups = Groups::new(rows);
                let tree = low_dimension_tree(rows, &groups).unwrap();
                let mut order = tree.order();
                order.sort_unstable();
                assert!(order.into_iter().eq(0..groups.len() as u32));
                let mut found = Vec::new();
                for (row, k) in (0..n_rows).step_by(7).zip([1, 3, 10, 40].into_iter().cycle()) {
                    // As a row of its own, as a query, and as a query in the middle of it all.
                    let middle = vec![features.mean().unwrap(); n_features];
                    let queries = [
                        (rows.row(row), Some(groups.group_of(row))),
                        (rows.row(row), None),
                        (middle.as_slice(), None),
                    ];
                    for (query, own_group) in queries {
                        let measure = |group: usize| {
                            let other = (rows.row(groups.first(group)), 1.0);
                            (Metric::Euclidean.distance((query, 1.0), other), group as u32)
                        };
                        let mut all: Vec<(f64, u32)> = (0..groups.len())
                            .filter(|&group| Some(group) != own_group)
                            .map(measure)
                            .collect();
                        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                        all.truncate(k);
                        tree.nearest(query, own_group, k, &mut found);
                        let found: Vec<(f64, u32)> = found.iter().map(|f| (f.distance, f.group)).collect();
                        assert_eq!(found, all, "kind {kind}, {n_rows} x {n_features}, k {k}");
                    }
                }
            }
        }
    }
}
